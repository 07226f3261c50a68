//! Which segments begin another connection on the same addresses and ports.

use crate::packet::Segment;
use crate::stream::connection::Close;
use crate::stream::direction::Direction;
use crate::stream::entry::{Entry, LATE_START, end_of, other};

impl Entry {
    /// `segment` does not belong to this connection, but to the next one.
    pub(super) fn is_succeeded_by(&self, side: usize, segment: &Segment<'_>) -> bool {
        let flags = segment.flags;
        match (flags.syn(), flags.ack()) {
            (true, false) => self.is_reopened(side, segment),
            (true, true) => self.is_reanswered(side, segment),
            _ => self.is_resumed(side, segment),
        }
    }

    /// A SYN that does not end the connection by itself: it may be forged.
    pub(super) fn doubts(&self, segment: &Segment<'_>) -> bool {
        segment.flags.syn() && !segment.flags.ack() && self.outlives_syn()
    }

    /// A SYN: another one unless it repeats the known one, or is the late one of this connection.
    /// Generators of captures use the same initial sequence number every time: after a close, a SYN
    /// is always a new connection.
    fn is_reopened(&self, side: usize, segment: &Segment<'_>) -> bool {
        if self.is_closed() {
            return true;
        }
        let known = self
            .connection
            .sides
            .get(side)
            .and_then(|side| side.initial_sequence);
        match known {
            Some(sequence) => sequence != segment.sequence,
            None => !self.may_start_at(side, segment.sequence.wrapping_add(1)),
        }
    }

    /// A SYN-ACK: as a SYN, but it may also answer this connection's SYN a second time otherwise.
    fn is_reanswered(&self, side: usize, segment: &Segment<'_>) -> bool {
        let sides = &self.connection.sides;
        let known = sides.get(side).and_then(|side| side.initial_sequence);
        if known == Some(segment.sequence) {
            return false;
        }
        let opposite = sides
            .get(other(side))
            .and_then(|side| side.initial_sequence);
        let is_answer = opposite.map(|sequence| {
            // With TCP Fast Open it acknowledges the SYN's data too (RFC 7413 4.2.2).
            (1..=SYN_DATA).contains(&segment.acknowledgment.wrapping_sub(sequence))
        });
        let has_progress = self
            .directions
            .get(side)
            .is_some_and(Direction::has_progress);
        match (known, is_answer) {
            (Some(_), is_answer) => has_progress || is_answer != Some(true),
            (None, Some(is_answer)) => !is_answer,
            (None, None) => {
                self.is_closed()
                    || !self.may_start_at(side, segment.sequence.wrapping_add(1))
                    || !self.may_start_at(other(side), segment.acknowledgment)
            }
        }
    }

    /// A stream whose SYN has not been captured may have begun at this number.
    fn may_start_at(&self, side: usize, first: u32) -> bool {
        let Some(direction) = self.directions.get(side) else {
            return false;
        };
        if direction.is_blank() {
            let opposite = self.directions.get(other(side));
            let other_known = self.connection.sides.get(other(side));
            // A handshake comes before data: the other end's data without its SYN is older.
            return other_known.is_some_and(|other| other.initial_sequence.is_some())
                || opposite.is_some_and(|opposite| !opposite.has_progress());
        }
        let before = direction.before_lowest(first);
        before.is_none_or(|octets| (0..LATE_START).contains(&octets))
    }

    /// Data behind a close, where the new connection's SYN was not captured.
    fn is_resumed(&self, side: usize, segment: &Segment<'_>) -> bool {
        if !self.is_closed() || segment.payload.is_empty() || segment.flags.rst() {
            return false;
        }
        let Some(direction) = self.directions.get(side) else {
            return false;
        };
        if direction.is_blank() {
            return self.is_done;
        }
        let end = end_of(segment.sequence, segment);
        let (start, end) = (direction.ahead(segment.sequence), direction.ahead(end));
        if end <= -OLD_DATA {
            return true;
        }
        match self.connection.close {
            // No sender goes beyond its own FIN.
            Close::Fin => start > AFTER_FIN,
            // A RST may be a forgery that the other end did not believe.
            _ => start > OLD_DATA || (self.is_done && end > 0),
        }
    }
}

/// Data on a SYN, and the SYN: at most one packet.
pub(super) const SYN_DATA: u32 = 1 << 16;
/// Retransmissions do not reach further back; a window of BMP does not reach further ahead.
pub(super) const OLD_DATA: i64 = 1 << 24;
/// Linux lets the next connection begin 65,537 behind the last one's end.
pub(super) const AFTER_FIN: i64 = 65_535;
