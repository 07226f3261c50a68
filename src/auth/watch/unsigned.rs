//! Segments without a signature in a connection that has signatures: were they believed?
//!
//! A segment was accepted where the other end acknowledged octets that no signed segment carried. It
//! was not where the other end went on without them, where a signed segment carries other octets in
//! their place, or where the other end had all of them before. What carries nothing leaves no trace,
//! nor does a copy of what signed segments carry.

use crate::stream::Moment;

/// Unsigned segments of one kind, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unsigned {
    /// How many.
    pub segments: u64,
    /// The other end acknowledged what only they carried.
    pub accepted: u64,
    /// The other end went on without them, or a signed segment carries other octets in their place.
    pub not_accepted: u64,
    /// The first ones.
    pub places: Vec<Moment>,
    pending: Vec<Pending>,
}

/// A segment that the other end may still acknowledge.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pending {
    /// The first sequence number that no signed segment carried.
    begin: u32,
    /// The one behind the last.
    end: u32,
    /// The other end has acknowledged something since.
    is_passed_over: bool,
    /// Its first octets, from `start` on.
    start: u32,
    octets: Vec<u8>,
    /// It is a FIN, behind which its sender has nothing more: the FIN's own number.
    fin: Option<u32>,
}

/// Data of a segment: its first octet's sequence number, and the octets.
pub(super) type Data<'a> = (u32, &'a [u8]);

/// Segments whose fate is followed at once, octets kept of each, and places kept.
const FOLLOWED: usize = 64;
const OCTETS: usize = 512;
const PLACES: usize = 5;

impl Unsigned {
    /// How many of which nobody can tell.
    pub fn unknown(&self) -> u64 {
        let known = self.accepted + self.not_accepted;
        self.segments.saturating_sub(known)
    }

    /// One more, with the first sequence number that it carries and the one behind it, where it carries
    /// something new.
    pub(super) fn add(
        &mut self,
        carried: Option<(u32, u32)>,
        (start, octets): Data<'_>,
        fin: Option<u32>,
        moment: Moment,
    ) {
        self.count(moment);
        if let Some((begin, end)) = carried.filter(|_| self.pending.len() < FOLLOWED) {
            self.pending.push(Pending {
                begin,
                end,
                is_passed_over: false,
                start,
                octets: octets.get(..OCTETS).unwrap_or(octets).to_vec(),
                fin,
            });
        }
    }

    fn count(&mut self, moment: Moment) {
        self.segments += 1;
        if self.places.len() < PLACES {
            self.places.push(moment);
        }
    }

    /// One more that the other end did not act on.
    pub(super) fn add_ignored(&mut self, moment: Moment) {
        self.count(moment);
        self.not_accepted += 1;
    }

    /// A signed segment carried what lies from `begin` to before `end`: an acknowledgment of that may be
    /// for this one. Where its octets are others, those of the unsigned one are nobody's.
    pub(super) fn carried(&mut self, begin: u32, end: u32, data: Data<'_>) {
        let not_accepted = &mut self.not_accepted;
        self.pending.retain_mut(|pending| {
            let is_refuted = pending.fin.is_some_and(|fin| reaches_past(data, fin));
            if is_refuted || differ((pending.start, &pending.octets), data) {
                *not_accepted += 1;
                return false;
            }
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
        for pending in std::mem::take(&mut self.pending) {
            self.not_accepted += u64::from(pending.is_passed_over);
        }
    }
}

/// A segment has data at this number, or behind it.
fn reaches_past((start, octets): Data<'_>, number: u32) -> bool {
    // A payload is shorter than 4 GiB: it was in one packet.
    let end = start.wrapping_add(octets.len() as u32);
    !octets.is_empty() && !is_at_or_behind(number, end)
}

/// Whether two segments carry other octets in the same place.
fn differ((start, octets): Data<'_>, (other_start, others): Data<'_>) -> bool {
    let ahead = other_start.wrapping_sub(start);
    let (octets, others) = match is_at_or_behind(other_start, start) {
        true => (octets.get(ahead as usize..), Some(others)),
        false => (Some(octets), others.get(ahead.wrapping_neg() as usize..)),
    };
    let mut pairs = octets
        .into_iter()
        .flatten()
        .zip(others.into_iter().flatten());
    pairs.any(|(one, other)| one != other)
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
        unsigned.add(Some((50, 100)), (50, &[7; 50]), None, Moment::default());
        unsigned.acknowledged(50);
        assert_eq!(unsigned.unknown(), 1);
        // A signed segment behind it is acknowledged with it.
        unsigned.carried(100, 150, (100, &[8; 50]));
        unsigned.acknowledged(150);
        unsigned.finish();
        assert_eq!((unsigned.accepted, unsigned.not_accepted), (1, 0));
    }

    #[test]
    fn a_signed_copy_leaves_it_open_who_was_believed() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some((50, 100)), (50, &[7; 50]), None, Moment::default());
        unsigned.carried(80, 120, (80, &[7; 40]));
        unsigned.carried(50, 80, (50, &[7; 30]));
        unsigned.acknowledged(100);
        unsigned.finish();
        assert_eq!((unsigned.accepted, unsigned.unknown()), (0, 1));
    }

    #[test]
    fn passed_over_until_the_end_it_was_not_accepted() {
        let mut unsigned = Unsigned::default();
        unsigned.add(Some((50, 100)), (50, &[7; 50]), None, Moment::default());
        unsigned.add(None, (50, &[]), None, Moment::default());
        unsigned.acknowledged(50);
        unsigned.finish();
        assert_eq!((unsigned.not_accepted, unsigned.unknown()), (1, 1));
    }

    #[test]
    fn data_behind_a_fin_shows_that_it_was_not_accepted() {
        for (data, expected) in [
            ((100, &[8; 50][..]), 1),
            ((80, &[8; 20]), 0),
            ((100, &[]), 0),
        ] {
            let mut unsigned = Unsigned::default();
            unsigned.add(Some((100, 101)), (100, &[]), Some(100), Moment::default());
            let end = data.0 + data.1.len() as u32;
            unsigned.carried(data.0, end, data);
            assert_eq!(unsigned.not_accepted, expected, "{data:?}");
        }
    }

    #[test]
    fn a_signed_segment_with_other_octets_in_its_place_shows_that_it_was_not_accepted() {
        let signed: [Data<'_>; 3] = [(50, &[8; 50]), (99, &[8; 20]), (20, &[8; 31])];
        for (start, octets) in signed {
            let mut unsigned = Unsigned::default();
            unsigned.add(Some((50, 100)), (50, &[7; 50]), None, Moment::default());
            unsigned.carried(start, start + octets.len() as u32, (start, octets));
            unsigned.acknowledged(150);
            unsigned.finish();
            assert_eq!((unsigned.accepted, unsigned.not_accepted), (0, 1));
        }
        assert!(!differ((50, &[7; 50]), (100, &[8; 50])));
        assert!(!differ((50, &[7; 50]), (20, &[8; 30])));
    }
}
