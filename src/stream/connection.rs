//! What is known about one connection, and which segments are another connection on the same
//! addresses and ports.

use crate::net::Endpoint;
use crate::packet::Segment;
use crate::stream::Moment;

/// How the start of a direction's stream is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Start {
    /// Nothing of this direction says where it starts: it has carried no data yet.
    Unknown,
    /// Its own SYN was captured: offset 0 is the first octet that was sent.
    Handshake,
    /// Only the other end's SYN-ACK was captured: offset 0 is the octet that it asks for.
    SynAck,
    /// No handshake was captured: offset 0 is the lowest octet that was.
    MidStream,
}

/// How a connection was closed, as far as captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Close {
    /// It was not.
    Open,
    /// By FIN in every direction that was captured.
    Fin,
    /// By RST.
    Rst,
}

/// One direction of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    /// How its start is known.
    pub start: Start,
    /// The initial sequence number, from its SYN.
    pub initial_sequence: Option<u32>,
    /// Segments captured, of every kind, copies included.
    pub segments: u64,
    /// Octets delivered.
    pub octets: u64,
    /// Octets of data that had already been delivered or given up.
    pub duplicate_octets: u64,
    /// Segments with the TCP MD5 Signature Option, kind 19 (RFC 2385).
    pub md5_segments: u32,
    /// Segments with the TCP Authentication Option, kind 29 (RFC 5925).
    pub ao_segments: u32,
    /// RSTs with neither.
    pub unsigned_resets: u32,
    /// Segments behind an IP Authentication Header (RFC 4302).
    pub ah_segments: u32,
    /// SYNs that nobody followed up, of [`Side::segments`]: they changed nothing here.
    pub ignored_syns: u32,
    /// Segments whose checksum was looked at: the first few, then one in 64.
    pub checksums_checked: u32,
    /// Those of them whose checksum was wrong.
    pub checksums_wrong: u32,
    /// The last segment captured; the connection's first where there is none.
    pub last: Moment,
}

/// One TCP connection: what is known about it so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Its number, in order of first appearance.
    pub id: u32,
    /// Who opened it: the sender of the SYN, the receiver of the SYN-ACK, or, where neither came
    /// first, the first sender captured. Direction `2 * id` is from here.
    pub initiator: Endpoint,
    /// The other end.
    pub responder: Endpoint,
    /// How many connections had these addresses and ports before.
    pub incarnation: u32,
    /// The first segment captured.
    pub first: Moment,
    /// How it was closed.
    pub close: Close,
    /// From the initiator, from the responder.
    pub sides: [Side; 2],
    /// The side of the last segment captured.
    pub(super) last_side: u8,
}

impl Connection {
    /// A connection that begins with `segment`.
    pub(super) fn new(
        id: u32,
        incarnation: u32,
        segment: &Segment<'_>,
        moment: Moment,
    ) -> Connection {
        let answers = segment.flags.syn() && segment.flags.ack();
        let (initiator, responder) = if answers {
            (segment.destination, segment.source)
        } else {
            (segment.source, segment.destination)
        };
        Connection {
            id,
            initiator,
            responder,
            incarnation,
            first: moment,
            close: Close::Open,
            sides: [Side::new(moment); 2],
            last_side: 0,
        }
    }

    /// The last segment captured.
    pub fn last(&self) -> Moment {
        let [initiator, responder] = &self.sides;
        if self.last_side == 0 {
            initiator.last
        } else {
            responder.last
        }
    }

    /// Which side sent `segment`, if it belongs to these ends.
    #[inline]
    pub(super) fn side(&self, segment: &Segment<'_>) -> Option<usize> {
        if segment.source == self.initiator && segment.destination == self.responder {
            return Some(0);
        }
        let is_reply = segment.source == self.responder && segment.destination == self.initiator;
        is_reply.then_some(1)
    }
}

impl Side {
    fn new(moment: Moment) -> Side {
        Side {
            start: Start::Unknown,
            initial_sequence: None,
            segments: 0,
            octets: 0,
            duplicate_octets: 0,
            md5_segments: 0,
            ao_segments: 0,
            unsigned_resets: 0,
            ah_segments: 0,
            ignored_syns: 0,
            checksums_checked: 0,
            checksums_wrong: 0,
            last: moment,
        }
    }

    /// Counts a segment. True: its checksum is to be looked at.
    #[inline]
    pub(super) fn observe(&mut self, segment: &Segment<'_>, moment: Moment) -> bool {
        let seen = self.segments;
        self.segments = seen.wrapping_add(1);
        self.last = moment;
        self.ah_segments = self
            .ah_segments
            .saturating_add(u32::from(segment.carriage.ah));
        if has_unusual_options(segment.header) {
            self.count_authentication(segment);
        }
        seen < CHECKSUMS_FIRST || seen.is_multiple_of(CHECKSUMS_EVERY)
    }

    /// Counts a SYN that changes nothing here, after others of the connection came. What it says of
    /// its authentication is not the connection's.
    pub(super) fn count_ignored(&mut self, moment: Moment) {
        self.segments = self.segments.wrapping_add(1);
        self.ignored_syns = self.ignored_syns.saturating_add(1);
        self.last = self.last.max(moment);
    }

    /// The segment is not signed, and most of this side are.
    #[inline]
    pub(super) fn lacks_signature(&self, segment: &Segment<'_>) -> bool {
        self.ao_segments | self.md5_segments != 0 && self.is_unlike(segment)
    }

    #[cold]
    fn is_unlike(&self, segment: &Segment<'_>) -> bool {
        self.signs() && !has_signature(segment) && segment.header_missing() == 0
    }

    /// Most segments are signed: one forged segment with an option does not make the others dubious.
    pub(super) fn signs(&self) -> bool {
        u64::from(self.ao_segments.max(self.md5_segments)) > self.segments / 2
    }

    #[cold]
    fn count_authentication(&mut self, segment: &Segment<'_>) {
        let has = |kind| u32::from(has_option(segment, kind));
        self.md5_segments = self.md5_segments.saturating_add(has(MD5_SIGNATURE));
        self.ao_segments = self.ao_segments.saturating_add(has(AUTHENTICATION));
    }
}

/// Whether a segment has the option of TCP-MD5 or TCP-AO.
pub(super) fn has_signature(segment: &Segment<'_>) -> bool {
    has_option(segment, MD5_SIGNATURE) || has_option(segment, AUTHENTICATION)
}

fn has_option(segment: &Segment<'_>, kind: u8) -> bool {
    let mut options = segment.options().flatten();
    options.any(|option| option.kind.0 == kind)
}

/// Options beyond none, and the layout that nearly every segment has (RFC 7323 appendix A).
#[inline]
fn has_unusual_options(header: &[u8]) -> bool {
    header.len() > 20 && (header.len() != 32 || header.get(20..24) != Some(&NOP_NOP_TIMESTAMPS))
}

/// No-Operation, No-Operation, Timestamps of length 10.
const NOP_NOP_TIMESTAMPS: [u8; 4] = [1, 1, 8, 10];
/// TCP MD5 Signature Option, RFC 2385.
const MD5_SIGNATURE: u8 = 19;
/// TCP Authentication Option, RFC 5925.
const AUTHENTICATION: u8 = 29;
/// The checksums of so many first segments of a direction are looked at.
const CHECKSUMS_FIRST: u64 = 8;
/// And then one in so many: a checksum costs more than everything else here together.
const CHECKSUMS_EVERY: u64 = 64;
