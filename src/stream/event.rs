//! What reassembly says to the layer above: octets, gaps, findings, and where they were captured.

use crate::finding::Severity;
use crate::packet::Segment;
use crate::stream::Connection;
use crate::time::Timestamp;
use std::fmt;

/// Where and when a segment was captured. Says a place without naming a path: files are numbers here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The file's index among the inputs.
    pub file: u32,
    /// The packet's number in its file, from 1.
    pub packet: u64,
    /// When, where the file says so.
    pub time: Option<Timestamp>,
    /// Its place in the order in which all inputs are read, modulo 2^32.
    pub turn: u32,
}

impl Moment {
    /// The packet's number; none where there are no packets (a bare stream).
    #[inline]
    pub fn packet_number(self) -> Option<u64> {
        (self.packet > 0).then_some(self.packet)
    }

    /// Captured before `other`: in one file by their numbers, in two by their times, where they have
    /// such.
    pub fn is_before(self, other: Moment) -> bool {
        match self.time.zip(other.time) {
            Some((one, two)) if self.file != other.file && one != two => one < two,
            _ => (self.file, self.packet) < (other.file, other.packet),
        }
    }

    /// The one that was captured first.
    pub fn earlier(self, other: Moment) -> Moment {
        if other.is_before(self) { other } else { self }
    }

    /// The one that was captured last.
    pub fn later(self, other: Moment) -> Moment {
        if self.is_before(other) { other } else { self }
    }
}

/// One direction of one connection: dense numbers, in order of first appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DirectionId(pub u32);

impl DirectionId {
    /// The direction of a connection: `side` 0 is from the initiator, 1 the other.
    #[inline]
    pub fn new(connection: u32, side: usize) -> DirectionId {
        DirectionId(connection.wrapping_mul(2) | u32::from(side != 0))
    }

    /// The connection's number.
    #[inline]
    pub fn connection(self) -> u32 {
        self.0 / 2
    }

    /// 0: from the initiator (or, where no handshake was captured, the first sender); 1: the other.
    #[inline]
    pub fn side(self) -> usize {
        (self.0 & 1) as usize
    }
}

/// Why octets of a stream are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GapCause {
    /// No captured segment carried them.
    MissingSegment,
    /// The capture began after the connection: what came before is not known, so `length` is 0 and
    /// `offset` 0 is the first octet that was captured.
    MidStreamStart,
    /// Their segment was captured, but cut short (snapshot length).
    Snaplen,
    /// The capture ended before them. Reassembly cannot know this (it is said where a message is
    /// left unfinished), so it never gives this cause itself.
    CaptureEnd,
}

/// A range of a stream that was not captured. Gaps and data tile a stream without overlap. Two gaps
/// of different causes may follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Octets from the start of the stream.
    pub offset: u64,
    /// Octets. Modulo 2^32 where the capture paused for longer than that.
    pub length: u64,
    /// Why.
    pub cause: GapCause,
    /// The segment that carried the octets before it; the last one captured, where there are none.
    pub before: Moment,
    /// The segment that carried the octets behind it; the last one captured, where there are none.
    pub after: Moment,
}

/// What takes the octets.
pub trait Consumer {
    /// In-order octets, never none. `data` is (part of) the segment's own payload, wherever that
    /// lies, or a held copy where it had come out of order; `moment` is that of the segment that carried them.
    fn data(&mut self, direction: DirectionId, offset: u64, data: &[u8], moment: Moment);

    /// Octets that are given up.
    fn gap(&mut self, direction: DirectionId, gap: Gap);

    /// A SYN carried data, and what follows begins one octet too early, as if the SYN were not
    /// counted. Is `data` the continuation of what was delivered? True: it is, all of it follows.
    /// False: its first octet is a retransmission. None: more octets are needed to tell.
    fn continues_uncounted(&mut self, direction: DirectionId, data: &[u8]) -> Option<bool>;

    /// A connection appeared. Comes before anything else of its two directions.
    fn opened(&mut self, connection: u32, ends: &Connection);

    /// A connection is over, by FIN in both directions, RST, reuse of its addresses and ports,
    /// eviction, or the end of the capture. No data and no gap of it follow; findings may.
    fn closed(&mut self, connection: u32, ends: &Connection);

    /// A SYN came in an open connection, and only now it is known of which one it is: of `ends`, that
    /// begins with it; or, where `is_ignored`, of the open one, in which it changes nothing. Until now
    /// [`Connections::of`](crate::stream::Connections::of) did not know it.
    fn settled(
        &mut self,
        _ends: &Connection,
        _syn: &Segment<'_>,
        _moment: Moment,
        _is_ignored: bool,
    ) {
    }

    /// Something odd. Nothing is kept here, so that memory stays bounded: the consumer groups.
    fn finding(&mut self, finding: StreamFinding);
}

/// What is odd about a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// Two copies of an octet differ; the first one stands.
    RetransmissionDiffers,
    /// A SYN carried data, and the sequence numbers behind it do not count the SYN.
    SynNotCounted,
    /// Data behind the sender's FIN was ignored.
    DataAfterFin,
    /// Data before the start of the stream was ignored.
    BeforeStreamStart,
    /// Data too far from the rest of the stream to belong to it was ignored.
    OutOfWindow,
    /// A SYN in the open connection that nothing followed up was ignored.
    SynIgnored,
    /// Data without a signature in a direction that signs was ignored.
    UnsignedIgnored,
    /// A hole was given up because too much was held behind it.
    HoleGivenUp,
    /// An open connection was forgotten because there are too many.
    ConnectionEvicted,
    /// A TCP checksum is wrong. Segments are sampled, and none is dropped for it.
    WrongChecksum,
}

/// One oddity, with its place. The layer above makes a finding of it, in its own session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamFinding {
    /// What.
    pub kind: FindingKind,
    /// Where: the direction (the first one where the whole connection is meant).
    pub direction: DirectionId,
    /// Where in the stream, if the place has an offset.
    pub offset: Option<u64>,
    /// How many octets it concerns; 0 where it concerns none.
    pub length: u64,
    /// The segment that showed it.
    pub moment: Moment,
}

impl FindingKind {
    /// The stable word with hyphens.
    pub fn word(self) -> &'static str {
        self.row().0
    }

    /// How much it matters.
    pub fn severity(self) -> Severity {
        self.row().1
    }

    /// The text that says so.
    pub fn reference(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, Severity, &'static str) {
        use Severity::{Note, Warning};
        match self {
            FindingKind::RetransmissionDiffers => {
                ("retransmission-differs", Warning, "RFC 9293 3.10.7.4")
            }
            FindingKind::SynNotCounted => ("syn-not-counted", Note, "RFC 9293 3.4"),
            FindingKind::DataAfterFin => ("data-after-fin", Warning, "RFC 9293 3.6"),
            FindingKind::BeforeStreamStart => ("before-stream-start", Warning, "RFC 9293 3.4"),
            FindingKind::OutOfWindow => ("out-of-window", Warning, "RFC 9293 3.10.7.4"),
            FindingKind::SynIgnored => ("syn-ignored", Warning, "RFC 5961 4"),
            FindingKind::UnsignedIgnored => ("unsigned-ignored", Warning, "RFC 5925 7.5"),
            FindingKind::HoleGivenUp => ("hole-given-up", Warning, ""),
            FindingKind::ConnectionEvicted => ("connection-evicted", Warning, ""),
            FindingKind::WrongChecksum => ("wrong-checksum", Note, "RFC 9293 3.1"),
        }
    }
}

impl fmt::Display for StreamFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.length;
        match self.kind {
            FindingKind::RetransmissionDiffers => {
                write!(
                    f,
                    "two copies of the same octets differ; the first one stands"
                )
            }
            FindingKind::SynNotCounted => write!(
                f,
                "the SYN carried data, and the sequence numbers behind it do not count the SYN"
            ),
            FindingKind::DataAfterFin => write!(f, "{length} octets behind the FIN ignored"),
            FindingKind::BeforeStreamStart => {
                write!(
                    f,
                    "{length} octets from before the start of the stream ignored"
                )
            }
            FindingKind::OutOfWindow => {
                write!(f, "{length} octets far outside the window ignored")
            }
            FindingKind::SynIgnored => write!(
                f,
                "a SYN in the open connection, with another initial sequence number, ignored: nobody followed it up"
            ),
            FindingKind::UnsignedIgnored => write!(
                f,
                "{length} octets without a signature ignored: a signed copy stands, or the other end never acknowledged them"
            ),
            FindingKind::HoleGivenUp => {
                write!(f, "a hole was given up because too much was held behind it")
            }
            FindingKind::ConnectionEvicted => {
                write!(
                    f,
                    "an open connection was forgotten because there are too many"
                )
            }
            FindingKind::WrongChecksum => write!(
                f,
                "the TCP checksum is wrong (segments are sampled; offload looks like this); the segment was used"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_direction_says_its_connection_and_its_side() {
        let direction = DirectionId::new(21, 1);
        assert_eq!(direction, DirectionId(43));
        assert_eq!((direction.connection(), direction.side()), (21, 1));
        assert_eq!(DirectionId::new(21, 0).side(), 0);
    }

    #[test]
    fn numbers_of_packets_tell_nothing_of_two_files() {
        let moment = |file, packet, seconds: Option<i64>| Moment {
            file,
            packet,
            time: seconds.map(|seconds| Timestamp::from_nanoseconds(seconds * 1_000_000_000, 0)),
            turn: 0,
        };
        let (first, second) = (moment(1, 9, Some(10)), moment(0, 1, Some(20)));
        assert!(first.is_before(second) && !second.is_before(first));
        assert_eq!(
            (first.earlier(second), first.later(second)),
            (first, second)
        );
        // A clock that was set back does not reorder a file.
        let (first, second) = (moment(0, 1, Some(20)), moment(0, 2, Some(10)));
        assert!(first.is_before(second) && !second.is_before(first));
        // Nothing but the order of the files is known.
        assert!(moment(0, 9, None).is_before(moment(1, 1, Some(1))));
        assert!(!first.is_before(first));
    }

    #[test]
    fn a_finding_is_a_sentence() {
        let finding = StreamFinding {
            kind: FindingKind::DataAfterFin,
            direction: DirectionId(0),
            offset: Some(10),
            length: 3,
            moment: Moment::default(),
        };
        assert_eq!(finding.to_string(), "3 octets behind the FIN ignored");
        assert_eq!(finding.kind.word(), "data-after-fin");
        assert_eq!(finding.kind.severity(), Severity::Warning);
    }
}
