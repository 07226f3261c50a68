//! Takes the messages of one stream: finds their session and peer, and notes in the batch where they are.

use super::views::{Live, View};
use crate::bmp::frame::{self, FrameSink};
use crate::bmp::initiation::InitiationTlv;
use crate::bmp::v4::NumberingTally;
use crate::bmp::{CommonHeader, Message, PeerHeader};
use crate::net::Endpoint;
use crate::pipeline::Request;
use crate::pipeline::batch::{Batch, Entry, EntryKind, Gap, GapKind};
use crate::pipeline::reading::Deviation;
use crate::session::{Scope, Session, Spot};
use crate::stream::Moment;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

/// Gaps remembered of a stream that is not known to be BMP yet.
const PENDING: usize = 64;

/// Takes the messages of one stream.
pub(super) struct Sink<'a> {
    pub(super) sessions: &'a mut Vec<Live>,
    pub(super) request: &'a Request,
    pub(super) generation: u64,
    pub(super) batch: &'a mut Batch,
    pub(super) window: u32,
    pub(super) bytes: &'a [u8],
    pub(super) moment: Moment,
    /// Index of `moment` in the batch, once a message needs it.
    pub(super) moment_index: Option<u32>,
    /// Octets from this offset on are of the segment of now; those before are of earlier ones.
    pub(super) fresh: u64,
    /// When the segment was captured that is at hand.
    pub(super) now: Moment,
    /// Segments whose octets the framer may still hold, the one at hand last.
    pub(super) trail: &'a mut VecDeque<(u64, Moment)>,
    pub(super) session: &'a mut Option<u32>,
    pub(super) pending: &'a mut Vec<(u64, Gap, Moment)>,
    /// Why messages around the octets that are missing were not captured whole.
    pub(super) cut: GapKind,
    /// Why a message does not end.
    pub(super) end: GapKind,
    pub(super) ends: (Option<Endpoint>, Option<Endpoint>),
    pub(super) router: Option<IpAddr>,
}

impl FrameSink for Sink<'_> {
    #[inline]
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        if self.trail.len() > 1 || self.fresh == u64::MAX {
            self.at_end_of(offset.saturating_add(bytes.len() as u64));
        }
        let number = self.session_number();
        let Some(header) = CommonHeader::peek(bytes) else {
            return;
        };
        self.tell_pending(offset);
        let scope = match self.request.is_filtered() {
            true => self.scope(number, header, bytes),
            false => Scope::Asked,
        };
        let Some(live) = self.sessions.get_mut(number as usize) else {
            return;
        };
        let spot = Spot {
            moment: self.moment,
            stream_offset: offset,
        };
        let observed = live.session.observe(header, bytes, spot, scope);
        if observed.changed {
            live.forget_views(observed.peer);
        }
        if observed.is_renumbered {
            live.forget_views(None);
        }
        if scope != Scope::Asked {
            return;
        }
        let session = live.session_view(self.generation, self.batch);
        let peer = observed.peer.map_or(Batch::NO_PEER, |peer| {
            live.peer_view(peer, self.request, self.generation, self.batch)
        });
        let kind = self.place_of(bytes);
        let moment = self.moment_number();
        self.batch.entries.push(Entry {
            kind,
            moment,
            stream_offset: offset,
            session,
            peer,
            deviation: Deviation::default(),
        });
    }

    fn skipped(&mut self, offset: u64, length: u64, cause: frame::Skipped) {
        let kind = match cause {
            frame::Skipped::Corrupt => GapKind::Corrupt,
            frame::Skipped::MidStreamStart => GapKind::MidStreamStart,
            frame::Skipped::GapTail => self.cut,
            frame::Skipped::CaptureEnd => self.end,
        };
        let until = self.moment_of(offset.saturating_add(length));
        self.at(self.moment_of(offset.saturating_add(1)));
        self.skip(
            offset,
            Gap {
                kind,
                length,
                until,
            },
        );
    }
}

impl Sink<'_> {
    /// The session of this stream, made at its first message.
    #[inline]
    fn session_number(&mut self) -> u32 {
        match *self.session {
            Some(number) => number,
            None => self.begin_session(),
        }
    }

    #[cold]
    fn begin_session(&mut self) -> u32 {
        let number = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        let mut session = Session::new(number.saturating_add(1), self.ends.0, self.ends.1);
        session.router_address = session.router_address.or(self.router);
        session.code_points = Arc::clone(&self.request.code_points);
        session.numbering = NumberingTally::new(self.request.bmp4);
        session.code_points = Arc::clone(&self.request.code_points);
        self.sessions.push(Live {
            session,
            view: View::default(),
            peer_views: Vec::new(),
        });
        *self.session = Some(number);
        number
    }

    /// Tells the gaps before `offset` that were met while the stream was not known to be BMP.
    #[inline]
    pub(super) fn tell_pending(&mut self, offset: u64) {
        if !self.pending.is_empty() && self.session.is_some() {
            self.tell_remembered(offset);
        }
    }

    #[cold]
    fn tell_remembered(&mut self, offset: u64) {
        let now = self.moment;
        let (mut told, kept) = std::mem::take(self.pending)
            .into_iter()
            .partition::<Vec<_>, _>(|(gap, ..)| *gap < offset);
        *self.pending = kept;
        told.sort_by_key(|(gap, ..)| *gap);
        for (offset, gap, moment) in told {
            self.at(moment);
            self.tell(offset, gap);
        }
        self.at(now);
    }

    /// Forgets the segments before the octet that is undecided yet, and gives back the room that a
    /// long search took.
    #[inline]
    pub(super) fn forget_trail(&mut self, undecided: Option<u64>) {
        let Some(undecided) = undecided else {
            self.trail.clear();
            return self.trail.shrink_to(64);
        };
        while self.trail.front().is_some_and(|(end, _)| *end <= undecided) {
            self.trail.pop_front();
        }
    }

    /// Goes to the moment of the segment that brought the octet before `end`.
    #[inline(never)]
    fn at_end_of(&mut self, end: u64) {
        match end > self.fresh {
            true => self.at(self.now),
            false => self.at(self.moment_of(end)),
        }
    }

    /// The moment of the segment that brought the octet before `end`.
    fn moment_of(&self, end: u64) -> Moment {
        let at = self
            .trail
            .partition_point(|(segment_end, _)| *segment_end < end);
        self.trail.get(at).map_or(self.moment, |segment| segment.1)
    }

    pub(super) fn at(&mut self, moment: Moment) {
        // Packet and turn tell moments apart; comparing them whole costs more.
        if moment.packet != self.moment.packet || moment.turn != self.moment.turn {
            self.moment = moment;
            self.moment_index = None;
        }
    }

    #[cold]
    fn scope(&self, number: u32, header: CommonHeader, bytes: &[u8]) -> Scope {
        let session = self.sessions.get(number as usize);
        let message_type = header.message_type;
        let peer = message_type.peer_header(bytes, &self.request.code_points);
        let time = self
            .moment
            .time
            .or_else(|| peer.as_ref().and_then(PeerHeader::timestamp));
        if self.request.is_after(time) {
            return Scope::After;
        }
        let told = Message::decode(bytes).ok().and_then(told_name);
        let is_wanted = session.is_some_and(|live| live.is_wanted(self.request, told.as_deref()))
            && self.request.wants_time(time)
            && self.request.wants_peer(
                peer.as_ref().and_then(PeerHeader::address),
                peer.as_ref().map(|header| header.asn),
            );
        match is_wanted {
            true => Scope::Asked,
            false => Scope::Context,
        }
    }

    /// Octets that are in no message: counted and told in the order of the stream.
    pub(super) fn skip(&mut self, offset: u64, gap: Gap) {
        if gap.length == 0 {
            return;
        }
        if let Some((begin, last, _)) = self.pending.last_mut()
            && *begin + last.length == offset
            && last.kind == gap.kind
        {
            // Where the search gives up on octets is its business: one range is told as one.
            last.length += gap.length;
            last.until = gap.until;
            return;
        }
        self.tell_pending(offset);
        self.remember(offset, gap);
    }

    fn tell(&mut self, offset: u64, gap: Gap) {
        let Some(number) = *self.session else { return };
        let is_wanted = self.request.peers.is_empty() && self.request.wants_time(self.moment.time);
        let Some(live) = self.sessions.get_mut(number as usize) else {
            return;
        };
        // Whatever is missing from here on may have been there.
        live.session.conduct.excuse();
        if !is_wanted || !live.is_wanted(self.request, None) {
            return;
        }
        live.session.gaps.add(gap.kind, gap.length);
        let session = live.session_view(self.generation, self.batch);
        let index = u32::try_from(self.batch.gaps.len()).unwrap_or(u32::MAX);
        self.batch.gaps.push(gap);
        let moment = self.moment_number();
        let kind = EntryKind::Gap { index };
        let peer = Batch::NO_PEER;
        self.batch.entries.push(Entry {
            kind,
            moment,
            stream_offset: offset,
            session,
            peer,
            deviation: Deviation::default(),
        });
    }

    /// Keeps a gap until it is known whether the stream is BMP. With too many, they become one.
    fn remember(&mut self, offset: u64, gap: Gap) {
        if self.pending.len() < PENDING {
            self.pending.push((offset, gap, self.moment));
        } else if let Some((_, last, _)) = self.pending.last_mut() {
            last.length += gap.length;
            last.until = gap.until;
        }
    }

    /// Where the message's octets lie: in the window if they do, else in a copy that the batch keeps.
    #[inline]
    fn place_of(&mut self, message: &[u8]) -> EntryKind {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let start = (message.as_ptr() as usize).wrapping_sub(self.bytes.as_ptr() as usize);
        if start < self.bytes.len() {
            // A window is smaller than 4 GiB: capture bounds it.
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            return EntryKind::InWindow {
                window: self.window,
                start,
                length,
            };
        }
        let start = self.carry(message);
        EntryKind::Carried { start, length }
    }

    /// Copies a message into the batch; gives where it begins there.
    #[inline(never)]
    fn carry(&mut self, message: &[u8]) -> u32 {
        let start = u32::try_from(self.batch.carry.len()).unwrap_or(u32::MAX);
        self.batch.carry.extend_from_slice(message);
        start
    }

    #[inline]
    fn moment_number(&mut self) -> u32 {
        match self.moment_index {
            Some(index) => index,
            None => {
                let index = u32::try_from(self.batch.moments.len()).unwrap_or(u32::MAX);
                self.batch.moments.push(self.moment);
                self.moment_index = Some(index);
                index
            }
        }
    }
}

/// The sysName that an Initiation tells: the router is known by it from this message on.
fn told_name(message: Message<'_>) -> Option<String> {
    let Message::Initiation(initiation) = message else {
        return None;
    };
    let names = initiation
        .tlvs()
        .flatten()
        .filter(|tlv| tlv.tlv_type == InitiationTlv::SYS_NAME.0);
    names.last().map(|tlv| tlv.text().into_owned())
}
