//! The one place where a message changes what is known of a session.

use super::conduct::Spot;
use super::facts::{Renumbered, Session};
use super::history::{Said, Up};
use super::peer::{Contexts, Down, Peer, PeerKey, PeerState};
use crate::bgp::Open;
use crate::bmp::initiation::InitiationTlv;
use crate::bmp::parameters::RouterParameters;
use crate::bmp::v4::Expected;
use crate::bmp::{self, CommonHeader, Message, MessageType, PeerHeader, RouteMonitoring};
use crate::stream::Moment;
use crate::wire::{Cursor, DecodeError};
use std::sync::Arc;

/// What a message counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// It is asked for.
    Asked,
    /// A filter leaves it out: it changes what later messages mean, and no counter.
    Context,
    /// It is from behind the time asked for: as `Context`, and it changes no state either.
    After,
}

/// What applying a message came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    /// Its type.
    pub message_type: MessageType,
    /// Index of its peer among the session's, for messages with a per-peer header.
    pub peer: Option<u32>,
    /// Router or peer facts changed, so what later messages mean may differ.
    pub changed: bool,
    /// What is known of how the session numbers its TLVs changed, so the same.
    pub is_renumbered: bool,
}

impl Session {
    /// Takes a whole message into account, as far as its scope goes.
    // Once per message and from one place: what only some messages need is behind calls.
    #[inline(always)]
    pub fn observe(
        &mut self,
        header: CommonHeader,
        bytes: &[u8],
        spot: Spot,
        scope: Scope,
    ) -> Observed {
        let moment = spot.moment;
        self.bmp_version = header.version;
        if self.first_message.is_none() {
            self.first_message = Some(header.message_type);
            self.conduct.begin(header.message_type, spot);
        }
        if scope == Scope::Asked {
            self.conduct.message(spot);
            self.messages.add(header.message_type);
            self.bytes += bytes.len() as u64;
            self.timeline.extend(moment);
        }
        let peer = self.observe_peer(header.message_type, bytes, spot, scope);
        let changed = self.apply(header.message_type, peer, bytes, moment, scope);
        let is_indexed =
            header.version == 4 && header.message_type == MessageType::ROUTE_MONITORING;
        let is_renumbered = is_indexed && self.observe_numbering(bytes, moment, scope);
        Observed {
            message_type: header.message_type,
            peer,
            changed,
            is_renumbered,
        }
    }

    /// By which revision a Route Monitoring message of version 4 says that its TLVs are numbered.
    #[inline(never)]
    fn observe_numbering(&mut self, bytes: &[u8], moment: Moment, scope: Scope) -> bool {
        let Some(tlvs) = RouteMonitoring::indexed_tlvs(bytes) else {
            return false;
        };
        if scope == Scope::After {
            return false;
        }
        let before = self.numbering.expected();
        let told = self.numbering.add(tlvs);
        if let (Expected::Session(known), Some(told)) = (before, told)
            && scope == Scope::Asked
            && known != told
        {
            self.renumbered.get_or_insert(Renumbered {
                moment,
                known,
                told,
            });
        }
        self.numbering.expected() != before
    }

    /// Finds the peer of a message that has a per-peer header, or makes it.
    #[inline(always)]
    fn observe_peer(
        &mut self,
        message_type: MessageType,
        bytes: &[u8],
        spot: Spot,
        scope: Scope,
    ) -> Option<u32> {
        let moment = spot.moment;
        if !message_type.has_peer_header() {
            return self.observe_peer_of_draft(message_type, bytes, moment, scope);
        }
        let header = PeerHeader::peek(bytes)?;
        let index = match self.last_peer {
            Some((last, index)) if last == PeerKey::of(&header) => index,
            _ => self.find_peer(bytes, moment)?,
        };
        let peer = self.count_message(index, &header, moment, scope)?;
        if message_type == MessageType::ROUTE_MONITORING && scope == Scope::Asked {
            peer.ribs.insert(header.rib());
        }
        let is_usual = message_type == MessageType::ROUTE_MONITORING && !peer.up_views.is_empty();
        if !is_usual && scope == Scope::Asked {
            self.judge(index, message_type, bytes, spot);
        }
        Some(index)
    }

    #[inline(never)]
    fn observe_peer_of_draft(
        &mut self,
        message_type: MessageType,
        bytes: &[u8],
        moment: Moment,
        scope: Scope,
    ) -> Option<u32> {
        let header = message_type.peer_header(bytes, &self.code_points)?;
        let index = self.find_or_add_peer(&header, moment);
        self.count_message(index, &header, moment, scope)?;
        Some(index)
    }

    // Reads the header again: where this is not called, the header then never leaves its registers.
    #[inline(never)]
    fn find_peer(&mut self, message: &[u8], moment: Moment) -> Option<u32> {
        let header = PeerHeader::peek(message)?;
        Some(self.find_or_add_peer(&header, moment))
    }

    fn find_or_add_peer(&mut self, header: &PeerHeader, moment: Moment) -> u32 {
        let key = PeerKey::of(header);
        let next = u32::try_from(self.peers.len()).unwrap_or(u32::MAX);
        let index = *self.peer_index.entry(key).or_insert(next);
        if index == next {
            self.peers.push(Peer::new(header, moment));
        }
        self.last_peer = Some((key, index));
        index
    }

    /// One more message of a peer.
    #[inline(always)]
    fn count_message(
        &mut self,
        peer: u32,
        header: &PeerHeader,
        moment: Moment,
        scope: Scope,
    ) -> Option<&mut Peer> {
        let peer = self.peers.get_mut(peer as usize)?;
        peer.asn = header.asn;
        if scope == Scope::Asked {
            if peer.messages == 0 {
                peer.first = moment;
            }
            peer.messages += 1;
            peer.last = moment;
        }
        Some(peer)
    }

    /// What each type of message changes. A message that does not decode changes nothing: the
    /// decoders of chunks count it.
    #[inline(always)]
    fn apply(
        &mut self,
        message_type: MessageType,
        peer: Option<u32>,
        bytes: &[u8],
        moment: Moment,
        scope: Scope,
    ) -> bool {
        match message_type {
            MessageType::ROUTE_MONITORING
            | MessageType::STATISTICS_REPORT
            | MessageType::ROUTE_MIRRORING => false,
            _ => self.apply_decoded(peer, bytes, moment, scope),
        }
    }

    #[inline(never)]
    fn apply_decoded(
        &mut self,
        peer: Option<u32>,
        bytes: &[u8],
        moment: Moment,
        scope: Scope,
    ) -> bool {
        match Message::decode(bytes) {
            Ok(Message::Initiation(initiation)) => self.initiation(&initiation),
            Ok(Message::Termination(termination)) => self.termination(&termination, scope),
            Ok(Message::PeerUp(up)) => {
                let said = Said::of(true, bytes, up.header.timestamp());
                self.with_peer(peer, |peer| {
                    let repeats = peer.say(said, scope);
                    peer.up(&up, repeats, moment, scope);
                })
            }
            Ok(Message::PeerDown(down)) => {
                let said = Said::of(false, bytes, down.header.timestamp());
                self.with_peer(peer, |peer| {
                    let repeats = peer.say(said, scope);
                    peer.down(&down, repeats, moment, scope);
                })
            }
            _ => false,
        }
    }

    fn with_peer(&mut self, peer: Option<u32>, change: impl FnOnce(&mut Peer)) -> bool {
        let Some(peer) = peer.and_then(|index| self.peers.get_mut(index as usize)) else {
            return false;
        };
        change(peer);
        true
    }

    fn initiation(&mut self, initiation: &bmp::Initiation<'_>) -> bool {
        // A later Initiation replaces what it carries and keeps what it does not.
        let mut strings = Vec::new();
        for tlv in initiation.tlvs().flatten() {
            match InitiationTlv(tlv.tlv_type) {
                InitiationTlv::STRING => strings.push(tlv.text().into_owned()),
                InitiationTlv::SYS_DESCR => self.router.sys_descr = Some(tlv.text().into_owned()),
                InitiationTlv::SYS_NAME => self.router.sys_name = Some(tlv.text().into_owned()),
                _ => {}
            }
        }
        if !strings.is_empty() {
            self.router.strings = strings;
        }
        let parameters = RouterParameters::of(initiation, &self.code_points);
        self.router.parameters.replace(parameters);
        true
    }

    fn termination(&mut self, termination: &bmp::Termination<'_>, scope: Scope) -> bool {
        if scope != Scope::After {
            self.conduct.terminate();
        }
        if scope == Scope::Asked {
            self.termination = termination.reason().map(|reason| reason.0);
        }
        false
    }
}

impl Peer {
    /// Whether that was said before.
    fn say(&mut self, said: Said, scope: Scope) -> bool {
        let repeats = said.repeats(self.said);
        if scope != Scope::After {
            self.said = Some(said);
        }
        repeats
    }

    fn up(&mut self, up: &bmp::PeerUp<'_>, repeats: bool, moment: Moment, scope: Scope) {
        let is_new = self.state != PeerState::Up;
        if scope != Scope::After {
            self.up_views.up(&up.header, is_new);
        }
        self.turn(PeerState::Up, scope);
        self.ups += u64::from(scope == Scope::Asked && !repeats);
        self.bgp_id = up.header.bgp_id.into();
        if let Some(name) = up.table_name() {
            self.table_name = Some(name.into_owned());
        }
        let opens = (open(up.sent_open), open(up.received_open));
        self.opens = match opens {
            (Ok(sent), Ok(received)) => {
                let contexts = Contexts::negotiated(&sent, &received);
                if *self.contexts != contexts {
                    self.negotiation += 1;
                    self.contexts = Arc::new(contexts);
                }
                Some(Arc::new((sent, received)))
            }
            // What an earlier session negotiated is the best guess there is, but no more than that.
            _ => None,
        };
        self.remember_opens();
        if scope == Scope::Asked {
            self.history.up(Up {
                moment,
                reported: up.header.timestamp(),
                hold_times: self.hold_times(),
                rib: up.header.rib(),
                repeats,
            });
        }
    }

    /// Keeps the OPENs before these, if they said something else.
    fn remember_opens(&mut self) {
        let Some(opens) = &self.opens else { return };
        let before = self.opens_read.replace(Arc::clone(opens));
        if before.as_ref().is_some_and(|before| before != opens) {
            self.opens_before = before;
            self.opens_changed += 1;
        }
    }

    fn hold_times(&self) -> Option<(u16, u16)> {
        let (sent, received) = self.opens.as_deref()?;
        Some((sent.hold_time, received.hold_time))
    }

    fn turn(&mut self, state: PeerState, scope: Scope) {
        if scope != Scope::After {
            self.state = state;
        }
    }

    fn down(&mut self, down: &bmp::PeerDown<'_>, repeats: bool, moment: Moment, scope: Scope) {
        if scope != Scope::After {
            self.up_views.down(&down.header);
        }
        self.turn(PeerState::Down, scope);
        if let Some(name) = down.table_name() {
            self.table_name.get_or_insert_with(|| name.into_owned());
        }
        if scope != Scope::Asked {
            return;
        }
        self.downs += u64::from(!repeats);
        let down = Down {
            moment,
            reported: down.header.timestamp(),
            reason: down.reason.0,
            notification: down.notification().map(<[u8]>::to_vec),
            fsm_event: down.fsm_event(),
            rib: down.header.rib(),
            repeats,
        };
        self.history.down(&down);
        self.last_down = Some(down);
    }
}

fn open(pdu: &[u8]) -> Result<Open, DecodeError> {
    Open::decode(&mut Cursor::new(pdu))
}
