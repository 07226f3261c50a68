//! Counters of a session and of a peer. Counts of two halves of the work add up to the whole.

use crate::bmp::{MessageType, Rib};
use crate::net::Family;

/// How often something occurred and how many octets it covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Occurrences.
    pub count: u64,
    /// Octets.
    pub bytes: u64,
}

impl Extent {
    /// One more, of this many octets.
    pub fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }

    /// Adds the extent of a later part of the work.
    pub fn merge(&mut self, later: Extent) {
        self.count += later.count;
        self.bytes += later.bytes;
    }
}

/// Messages by type number; every number has its own counter, so nothing is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageCounts {
    by_type: Box<[u64; 256]>,
}

impl Default for MessageCounts {
    fn default() -> MessageCounts {
        MessageCounts {
            by_type: Box::new([0; 256]),
        }
    }
}

impl MessageCounts {
    /// One more message of this type.
    #[inline]
    pub fn add(&mut self, message_type: MessageType) {
        if let Some(count) = self.by_type.get_mut(usize::from(message_type.0)) {
            *count += 1;
        }
    }

    /// Messages of one type.
    pub fn of(&self, message_type: MessageType) -> u64 {
        self.by_type
            .get(usize::from(message_type.0))
            .copied()
            .unwrap_or(0)
    }

    /// Messages of every type.
    pub fn total(&self) -> u64 {
        self.by_type.iter().sum()
    }
}

/// NLRI as they appear in UPDATEs, per message, not unique prefixes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RouteCounts {
    /// NLRI announced.
    pub announced: u64,
    /// NLRI withdrawn.
    pub withdrawn: u64,
    /// End-of-RIB markers (RFC 4724 2).
    pub end_of_rib: u64,
}

impl RouteCounts {
    /// Adds the counts of another part.
    pub fn merge(&mut self, other: RouteCounts) {
        self.announced += other.announced;
        self.withdrawn += other.withdrawn;
        self.end_of_rib += other.end_of_rib;
    }
}

/// Rows that a tally of real routes has at most, or nearly.
const FEW: usize = 16;

/// Routes of one peer by RIB view and family. Few rows, so a sorted list beats a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteTally {
    rows: Vec<((Rib, Family), RouteCounts)>,
}

impl RouteTally {
    /// Changes the counts of one view and family, made if there are none yet.
    #[inline]
    pub fn count(&mut self, rib: Rib, family: Family, change: impl FnOnce(&mut RouteCounts)) {
        let key = (rib, family);
        let near = self.near(key);
        let index = near.unwrap_or_else(|| self.find_or_add(key));
        if let Some(row) = self.rows.get_mut(index) {
            change(&mut row.1);
        }
    }

    /// Where the row of a key is, if it is one of the first few, as nearly always.
    #[inline]
    fn near(&self, key: (Rib, Family)) -> Option<usize> {
        let first = self.rows.get(..4).unwrap_or(&self.rows);
        first.iter().position(|row| row.0 == key)
    }

    #[inline(never)]
    fn find_or_add(&mut self, key: (Rib, Family)) -> usize {
        let place = self.rows.binary_search_by_key(&key, |row| row.0);
        place.unwrap_or_else(|index| {
            self.rows.insert(index, (key, RouteCounts::default()));
            index
        })
    }

    /// Adds the tally of another part.
    pub fn merge(&mut self, other: &RouteTally) {
        if other.rows.len() > FEW {
            return self.merge_many(other);
        }
        for ((rib, family), counts) in &other.rows {
            self.count(*rib, *family, |row| row.merge(*counts));
        }
    }

    /// As `merge`, in time that grows with the rows and not with their square: families are 24 bits
    /// of a sender's choice.
    #[cold]
    fn merge_many(&mut self, other: &RouteTally) {
        self.rows.extend_from_slice(&other.rows);
        // Two sorted runs, which this sort merges.
        self.rows.sort_by_key(|row| row.0);
        self.rows.dedup_by(|later, first| {
            let is_same = later.0 == first.0;
            if is_same {
                first.1.merge(later.1);
            }
            is_same
        });
    }

    /// Every row, by view and then family.
    pub fn rows(&self) -> impl Iterator<Item = (Rib, Family, RouteCounts)> {
        self.rows
            .iter()
            .map(|((rib, family), counts)| (*rib, *family, *counts))
    }

    /// All views and families together.
    pub fn total(&self) -> RouteCounts {
        let mut total = RouteCounts::default();
        self.rows.iter().for_each(|row| total.merge(row.1));
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(rows: &[(u16, u8)]) -> RouteTally {
        let mut tally = RouteTally::default();
        for (afi, rib) in rows {
            let rib = Rib::ALL[usize::from(*rib) % Rib::ALL.len()];
            tally.count(rib, Family::new(*afi, 1), |row| {
                row.announced += 1;
                row.withdrawn += u64::from(*afi);
            });
        }
        tally
    }

    #[test]
    fn messages_are_counted_by_every_type_number() {
        let mut counts = MessageCounts::default();
        for number in [0, 3, 3, 100, 255] {
            counts.add(MessageType(number));
        }
        assert_eq!(counts.of(MessageType::PEER_UP), 2);
        assert_eq!((counts.of(MessageType(255)), counts.total()), (1, 5));
    }

    #[test]
    fn rows_come_by_view_and_then_family_whatever_came_first() {
        let rows: Vec<_> = tally(&[(2, 1), (1, 4), (1, 1), (2, 0)])
            .rows()
            .map(|(rib, family, _)| (rib, family.afi))
            .collect();
        let expected = [
            (Rib::AdjRibInPre, 2),
            (Rib::AdjRibInPost, 1),
            (Rib::AdjRibInPost, 2),
            (Rib::LocRib, 1),
        ];
        assert_eq!(rows, expected);
    }

    proptest! {
        #[test]
        fn tallies_of_two_halves_merge_into_the_whole(
            rows in proptest::collection::vec((0..60u16, 0..5u8), 0..120),
            cut in 0..120usize,
        ) {
            let (first, second) = rows.split_at(cut.min(rows.len()));
            let mut merged = tally(first);
            merged.merge(&tally(second));
            prop_assert_eq!(merged, tally(&rows));
        }
    }
}
