//! Where a session breaks the order that RFC 7854 gives to its messages: how often, and where first. Only
//! what is odd costs more than a comparison. Once octets were lost nothing is odd any longer: what is
//! missing may be what was lost.

use super::facts::Session;
use super::peer::{Peer, PeerState};
use crate::bgp::{self, MessageHeader, Notification, update};
use crate::bmp::mirroring::MirroringTlv;
use crate::bmp::{
    Message, MessageType, PeerDown, PeerDownReason, PeerHeader, Rib, RouteMonitoring, Tlv,
};
use crate::stream::Moment;
use crate::wire::Cursor;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// The packet with its last octet.
    pub moment: Moment,
    /// Octets from the start of its stream.
    pub stream_offset: u64,
}

/// What a peer's messages break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreachKind {
    /// Route Monitoring of a view of a peer of which no Peer Up came.
    RoutesWithoutUp(Rib),
    /// Route Monitoring of a view that announces after the peer's Peer Down.
    RoutesAfterDown(Rib),
    /// Statistics of a peer of which no Peer Up came.
    StatisticsWithoutUp,
    /// Statistics after the peer's Peer Down.
    StatisticsAfterDown,
    /// A mirrored UPDATE of a peer of which no Peer Up came.
    MirroringWithoutUp,
    /// A mirrored UPDATE after the peer's Peer Down.
    MirroringAfterDown,
    /// Peer Up of a peer that is up.
    UpRepeated,
    /// Peer Down of a peer that is not up.
    DownWithoutUp,
    /// Peer Down of reason 1 or 3 without a NOTIFICATION.
    NoNotification,
    /// Peer Down of reason 2 without an FSM event code.
    NoFsmEvent,
}

const RIBS: usize = Rib::ALL.len();
const KINDS: usize = 2 * RIBS + 8;

impl BreachKind {
    fn all() -> impl Iterator<Item = BreachKind> {
        let others = [
            BreachKind::StatisticsWithoutUp,
            BreachKind::StatisticsAfterDown,
            BreachKind::MirroringWithoutUp,
            BreachKind::MirroringAfterDown,
            BreachKind::UpRepeated,
            BreachKind::DownWithoutUp,
            BreachKind::NoNotification,
            BreachKind::NoFsmEvent,
        ];
        let without_up = Rib::ALL.into_iter().map(BreachKind::RoutesWithoutUp);
        let after_down = Rib::ALL.into_iter().map(BreachKind::RoutesAfterDown);
        without_up.chain(after_down).chain(others)
    }

    fn index(self) -> usize {
        match self {
            BreachKind::RoutesWithoutUp(rib) => rib as usize,
            BreachKind::RoutesAfterDown(rib) => RIBS + rib as usize,
            BreachKind::StatisticsWithoutUp => 2 * RIBS,
            BreachKind::StatisticsAfterDown => 2 * RIBS + 1,
            BreachKind::MirroringWithoutUp => 2 * RIBS + 2,
            BreachKind::MirroringAfterDown => 2 * RIBS + 3,
            BreachKind::UpRepeated => 2 * RIBS + 4,
            BreachKind::DownWithoutUp => 2 * RIBS + 5,
            BreachKind::NoNotification => 2 * RIBS + 6,
            BreachKind::NoFsmEvent => 2 * RIBS + 7,
        }
    }
}

/// How often something is broken, and where first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// How often.
    pub count: u64,
    /// Where first.
    pub first: Spot,
}

impl Breach {
    fn add(breach: &mut Option<Breach>, spot: Spot) {
        let new = Breach {
            count: 0,
            first: spot,
        };
        breach.get_or_insert(new).count += 1;
    }
}

/// What the messages of one peer break.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Breaches(Option<Box<[Option<Breach>; KINDS]>>);

impl Breaches {
    fn add(&mut self, kind: BreachKind, spot: Spot) {
        let all = self.0.get_or_insert_with(|| Box::new([None; KINDS]));
        if let Some(breach) = all.get_mut(kind.index()) {
            Breach::add(breach, spot);
        }
    }

    /// What is broken.
    pub fn iter(&self) -> impl Iterator<Item = (BreachKind, Breach)> {
        let all = self.0.as_deref().into_iter();
        all.flat_map(|all| {
            BreachKind::all().filter_map(|kind| Some((kind, (*all.get(kind.index())?)?)))
        })
    }
}

/// The views of a peer for which a Peer Up came that no Peer Down took back: by the L and O flags, since
/// some routers send one for each view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct UpViews(u8);

impl UpViews {
    /// There is none.
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn bit(header: &PeerHeader) -> u8 {
        1 << header.rib() as u8
    }

    fn has(self, header: &PeerHeader) -> bool {
        self.0 & UpViews::bit(header) != 0
    }

    /// A Peer Up came; `is_new`: it begins the session of a peer that was not up.
    pub(super) fn up(&mut self, header: &PeerHeader, is_new: bool) {
        let kept = if is_new { 0 } else { self.0 };
        self.0 = kept | UpViews::bit(header);
    }

    /// A Peer Down came, for its view where that had a Peer Up of its own, else for all.
    pub(super) fn down(&mut self, header: &PeerHeader) {
        self.0 = match self.has(header) {
            true => self.0 & !UpViews::bit(header),
            false => 0,
        };
    }
}

/// What a session as a whole breaks, and what excuses it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conduct {
    /// Where its first message stands.
    pub first: Option<Spot>,
    /// Messages behind a Termination (RFC 7854 4.5).
    pub after_termination: Option<Breach>,
    is_terminated: bool,
    is_excused: bool,
}

impl Conduct {
    /// Octets of the stream are lost from here on.
    pub fn excuse(&mut self) {
        self.is_excused = true;
    }

    /// Octets were lost, or it did not begin with an Initiation.
    pub fn is_excused(&self) -> bool {
        self.is_excused
    }

    /// Its first message. Where that is no Initiation, its start may not have been captured.
    #[cold]
    pub(super) fn begin(&mut self, message_type: MessageType, spot: Spot) {
        self.first = Some(spot);
        self.is_excused |= message_type != MessageType::INITIATION;
    }

    pub(super) fn terminate(&mut self) {
        self.is_terminated = true;
    }

    /// A message that is asked for.
    #[inline]
    pub(super) fn message(&mut self, spot: Spot) {
        if self.is_terminated {
            self.late(spot);
        }
    }

    #[cold]
    fn late(&mut self, spot: Spot) {
        if !self.is_excused {
            Breach::add(&mut self.after_termination, spot);
        }
    }
}

impl Session {
    /// A message of a peer that is not up, or of a type that is rare.
    #[inline(never)]
    pub(super) fn judge(&mut self, peer: u32, message_type: MessageType, bytes: &[u8], spot: Spot) {
        if self.conduct.is_excused {
            return;
        }
        let Some(peer) = self.peers.get_mut(peer as usize) else {
            return;
        };
        let found = match message_type {
            MessageType::ROUTE_MONITORING => peer.judge_routes(bytes),
            MessageType::STATISTICS_REPORT => peer.unless_up(
                BreachKind::StatisticsWithoutUp,
                BreachKind::StatisticsAfterDown,
            ),
            MessageType::ROUTE_MIRRORING => peer.judge_mirrored(bytes),
            MessageType::PEER_UP => match Message::decode(bytes) {
                Ok(Message::PeerUp(up)) => peer
                    .up_views
                    .has(&up.header)
                    .then_some(BreachKind::UpRepeated),
                // Whose Peer Up cannot be read may be up all the same.
                _ => return self.conduct.excuse(),
            },
            MessageType::PEER_DOWN => match Message::decode(bytes) {
                Ok(Message::PeerDown(down)) => peer.judge_down(&down, spot),
                _ => return self.conduct.excuse(),
            },
            _ => None,
        };
        if let Some(kind) = found {
            peer.breaches.add(kind, spot);
        }
    }
}

impl Peer {
    fn unless_up(&self, without_up: BreachKind, after_down: BreachKind) -> Option<BreachKind> {
        self.up_views.is_empty().then_some(match self.state {
            PeerState::Down => after_down,
            PeerState::Up | PeerState::Unknown => without_up,
        })
    }

    /// Mirrored are the messages before a session is up, too, such as the OPEN; but no UPDATE comes then.
    fn judge_mirrored(&self, bytes: &[u8]) -> Option<BreachKind> {
        let found = self.unless_up(
            BreachKind::MirroringWithoutUp,
            BreachKind::MirroringAfterDown,
        )?;
        let Ok(Message::RouteMirroring(message)) = Message::decode(bytes) else {
            return None;
        };
        let is_update = |tlv: Tlv<'_>| {
            let header = MessageHeader::decode(&mut Cursor::new(tlv.value));
            tlv.tlv_type == MirroringTlv::BGP_MESSAGE.0
                && header.is_ok_and(|header| header.message_type == bgp::MessageType::UPDATE)
        };
        let has_update = message.tlvs().flatten().any(is_update);
        has_update.then_some(found)
    }

    /// Withdrawals may come behind a Peer Down: "a BMP implementation MAY omit sending explicit
    /// withdraws" (RFC 7854 4.9).
    fn judge_routes(&self, bytes: &[u8]) -> Option<BreachKind> {
        let rib = PeerHeader::peek(bytes)?.rib();
        let found = self.unless_up(
            BreachKind::RoutesWithoutUp(rib),
            BreachKind::RoutesAfterDown(rib),
        )?;
        match found {
            BreachKind::RoutesAfterDown(_) => self.announces(bytes).then_some(found),
            _ => Some(found),
        }
    }

    fn announces(&self, bytes: &[u8]) -> bool {
        let Some((header, update)) = RouteMonitoring::plain(bytes) else {
            return true;
        };
        let counts = update::count(update, self.contexts.of(&header));
        counts.is_ok_and(|counts| counts.families().iter().any(|one| one.announced > 0))
    }

    /// A Peer Down's data, then whether there was something to bring down.
    fn judge_down(&mut self, down: &PeerDown<'_>, spot: Spot) -> Option<BreachKind> {
        let missing = match down.reason {
            PeerDownReason::LOCAL_NOTIFICATION | PeerDownReason::REMOTE_NOTIFICATION => {
                let pdu = down.notification().unwrap_or_default();
                let is_missing = Notification::decode(&mut Cursor::new(pdu)).is_err();
                is_missing.then_some(BreachKind::NoNotification)
            }
            PeerDownReason::LOCAL_NO_NOTIFICATION => {
                let is_missing = down.fsm_event().is_none();
                is_missing.then_some(BreachKind::NoFsmEvent)
            }
            _ => None,
        };
        if let Some(kind) = missing {
            self.breaches.add(kind, spot);
        }
        let is_up = !self.up_views.is_empty();
        (!is_up).then_some(BreachKind::DownWithoutUp)
    }
}
