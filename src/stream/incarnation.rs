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

    /// A SYN or SYN-ACK that does not end the connection by itself: it may be forged.
    pub(super) fn doubts(&self, segment: &Segment<'_>) -> bool {
        segment.flags.syn() && self.outlives_syn()
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
        let has_progress = self.directions.iter().any(Direction::has_progress);
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

    /// What comes behind a close, where the new connection's SYN was not captured.
    fn is_resumed(&self, side: usize, segment: &Segment<'_>) -> bool {
        let Some(direction) = self.directions.get(side) else {
            return false;
        };
        let is_over = self.is_closed() || self.is_fin_acknowledged(side);
        if !is_over || segment.flags.rst() {
            return false;
        }
        if segment.payload.is_empty() {
            return self.is_resumed_bare(direction, segment);
        }
        if direction.is_blank() {
            return self.is_done;
        }
        let end = end_of(segment.sequence, segment);
        let (start, end) = (direction.ahead(segment.sequence), direction.ahead(end));
        let is_late = self.connection.close == Close::Rst && self.is_done && end > 0;
        end <= -OLD_DATA || is_late || start > self.reach()
    }

    /// A bare acknowledgment: with two numbers that are not those of this connection.
    fn is_resumed_bare(&self, direction: &Direction, segment: &Segment<'_>) -> bool {
        let is_far = |distance: i64| distance > self.reach() || distance <= -OLD_DATA;
        let known = direction.acknowledgment().filter(|_| segment.flags.ack());
        let acknowledges = known.map(|known| segment.acknowledgment.wrapping_sub(known) as i32);
        segment.missing == 0
            && !direction.is_blank()
            && is_far(direction.ahead(segment.sequence))
            && acknowledges.is_some_and(|distance| is_far(i64::from(distance)))
    }

    /// How far behind a close this connection's own data may lie, after lost segments.
    fn reach(&self) -> i64 {
        match self.connection.close {
            // A RST may be a forgery that the other end did not believe.
            Close::Rst if !self.is_obeyed() => OLD_DATA,
            // No sender goes beyond its own FIN.
            _ => AFTER_FIN,
        }
    }

    /// The other end received all there is, and the FIN.
    fn is_fin_acknowledged(&self, side: usize) -> bool {
        let opposite = self.directions.get(other(side));
        let known = opposite.and_then(Direction::acknowledgment);
        let direction = self.directions.get(side);
        direction
            .zip(known)
            .is_some_and(|(direction, number)| direction.behind_end(number) == Some(1))
    }
}

/// Data on a SYN, and the SYN: at most one packet.
pub(super) const SYN_DATA: u32 = 1 << 16;
/// Retransmissions do not reach further back; a window of BMP does not reach further ahead.
pub(super) const OLD_DATA: i64 = 1 << 24;
/// Linux lets the next connection begin 65,537 behind the last one's end.
pub(super) const AFTER_FIN: i64 = 65_535;
