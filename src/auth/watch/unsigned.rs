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
    /// The first sequence number that no signed segment carried.
    begin: u32,
    /// The one behind the last.
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

    /// One more, with the first sequence number that it carries and the one behind it, where it carries
    /// something new.
    pub(super) fn add(&mut self, carried: Option<(u32, u32)>, moment: Moment) {
        self.segments += 1;
        if self.places.len() < PLACES {
            self.places.push(moment);
        }
        if let Some((begin, end)) = carried.filter(|_| self.pending.len() < FOLLOWED) {
            self.pending.push(Pending {
                begin,
                end,
                is_passed_over: false,
            });
        }
    }

    /// One more that the other end did not act on.
    pub(super) fn add_ignored(&mut self, moment: Moment) {
        self.add(None, moment);
        self.not_accepted += 1;
    }

    /// A signed segment carried what lies from `begin` to before `end`: an acknowledgment of that may be
    /// for this one.
    pub(super) fn carried(&mut self, begin: u32, end: u32) {
        self.pending.retain_mut(|pending| {
            if is_at_or_behind(pending.begin, begin) && is_at_or_behind(end, pending.begin) {
                pending.begin = end;
            } else if is_at_or_behind(pending.end, begin) && is_at_or_behind(end, pending.end) {
                pending.end = begin;
            }
            !is_at_or_behind(pending.begin, pending.end)
        });
    }

    /// The other end acknowledged everything before `number`.
    pub(super) fn acknowledged(&mut self, number: u32) {
        let mut accepted = 0;
        self.pending.retain_mut(|pending| {
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

/// The one that lies further in the stream.
pub(super) fn later(one: u32, other: u32) -> u32 {
    match is_at_or_behind(one, other) {
        true => one,
        false => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_an_unsigned_segment_carried_was_accepted_once_acknowledged() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some((50, 100)), Moment::default());
        unsigned.acknowledged(50);
        assert_eq!(unsigned.unknown(), 1);
        // A signed segment behind it is acknowledged with it.
        unsigned.carried(100, 150);
        unsigned.acknowledged(150);
        unsigned.finish();
        assert_eq!((unsigned.accepted, unsigned.not_accepted), (1, 0));
    }

    #[test]
    fn a_signed_copy_leaves_it_open_who_was_believed() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some((50, 100)), Moment::default());
        unsigned.carried(80, 120);
        unsigned.carried(50, 80);
        unsigned.acknowledged(100);
        unsigned.finish();
        assert_eq!((unsigned.accepted, unsigned.unknown()), (0, 1));
    }

    #[test]
    fn passed_over_until_the_end_it_was_not_accepted() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some((50, 100)), Moment::default());
        unsigned.add(None, Moment::default());
        unsigned.acknowledged(50);
        unsigned.finish();
        assert_eq!((unsigned.not_accepted, unsigned.unknown()), (1, 1));
    }
}
