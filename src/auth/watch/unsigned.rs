//! Segments without a signature in a connection that has signatures: were they believed?
//!
//! A segment was accepted where the other end acknowledged octets that no signed segment carried. It
//! was not where the other end went on without them. A segment that carries nothing leaves no trace.

use crate::stream::Moment;

/// Unsigned segments of one kind, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsigned {
    /// How many.
    pub segments: u64,
    /// The other end acknowledged what only they carried.
    pub accepted: u64,
    /// The other end went on without them.
    pub not_accepted: u64,
    /// The first ones.
    pub places: Vec<Moment>,
    pending: Vec<Pending>,
}

/// A segment that the other end may still acknowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pending {
    /// The sequence number behind it.
    end: u32,
    /// The other end has acknowledged something since.
    is_passed_over: bool,
}

/// Segments whose fate is followed at once, and places kept.
const FOLLOWED: usize = 64;
const PLACES: usize = 5;

impl Unsigned {
    /// How many of which nobody can tell.
    pub fn unknown(&self) -> u64 {
        let known = self.accepted + self.not_accepted;
        self.segments.saturating_sub(known)
    }

    /// One more. `end` is the sequence number behind it, where it carries something new.
    pub(super) fn add(&mut self, end: Option<u32>, moment: Moment) {
        self.segments += 1;
        if self.places.len() < PLACES {
            self.places.push(moment);
        }
        if let Some(end) = end.filter(|_| self.pending.len() < FOLLOWED) {
            self.pending.push(Pending {
                end,
                is_passed_over: false,
            });
        }
    }

    /// The other end acknowledged everything before `number`; signed segments carried everything
    /// before `signed`.
    pub(super) fn acknowledged(&mut self, number: u32, signed: Option<u32>) {
        let mut accepted = 0;
        self.pending.retain_mut(|pending| {
            if signed.is_some_and(|signed| is_at_or_behind(signed, pending.end)) {
                // A signed copy carried the same: the acknowledgment may be for that.
                return false;
            }
            if is_at_or_behind(number, pending.end) {
                accepted += 1;
                return false;
            }
            pending.is_passed_over = true;
            true
        });
        self.accepted += accepted;
    }

    /// The other end went on as if one had not been there.
    pub(super) fn ignored(&mut self) {
        self.not_accepted = self.segments;
    }

    /// The connection is over.
    pub(super) fn finish(&mut self) {
        let passed_over = |pending: &&Pending| pending.is_passed_over;
        self.not_accepted += self.pending.iter().filter(passed_over).count() as u64;
        self.pending = Vec::new();
    }
}

/// `number` lies at `other` or behind it in the stream, in sequence arithmetic.
pub(super) fn is_at_or_behind(number: u32, other: u32) -> bool {
    number.wrapping_sub(other) as i32 >= 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_an_unsigned_segment_carried_was_accepted_once_acknowledged() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some(100), Moment::default());
        unsigned.acknowledged(50, Some(50));
        assert_eq!(unsigned.unknown(), 1);
        unsigned.acknowledged(100, Some(50));
        unsigned.finish();
        assert_eq!((unsigned.accepted, unsigned.not_accepted), (1, 0));
    }

    #[test]
    fn a_signed_copy_leaves_it_open_who_was_believed() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some(100), Moment::default());
        unsigned.acknowledged(100, Some(120));
        unsigned.finish();
        assert_eq!((unsigned.accepted, unsigned.unknown()), (0, 1));
    }

    #[test]
    fn passed_over_until_the_end_it_was_not_accepted() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some(100), Moment::default());
        unsigned.add(None, Moment::default());
        unsigned.acknowledged(50, Some(50));
        unsigned.finish();
        assert_eq!((unsigned.not_accepted, unsigned.unknown()), (1, 1));
    }
}
