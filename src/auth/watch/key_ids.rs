//! The keys that a direction names over time, and how one follows another (RFC 5925 6.1): an end
//! asks with RNextKeyID for the key that it would like to receive, and the other one follows.

use crate::auth::Authentication;
use crate::stream::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// KeyID and RNextKeyID of one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyIds {
    /// Segments by KeyID and RNextKeyID.
    pub counts: BTreeMap<(u8, u8), KeyFacts>,
    /// Segments by octets of their MAC.
    pub mac_lengths: BTreeMap<usize, u64>,
    /// Stretches with the same pair, in order.
    pub runs: Vec<KeyRun>,
    /// Stretches beyond those kept.
    pub more_runs: u64,
    last: Option<(u8, u8)>,
}

/// Segments that name the same keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFacts {
    /// How many.
    pub segments: u64,
    /// Octets of their MACs.
    pub mac_lengths: BTreeSet<usize>,
    /// Places in the key file of the keys that verified them.
    pub keys: BTreeSet<usize>,
}

impl KeyFacts {
    fn add(&mut self, ao: &Authentication<'_>, key: Option<usize>) {
        self.segments += 1;
        self.mac_lengths.insert(ao.mac_length());
        self.keys.extend(key);
    }

    /// Octets of the MAC; none if segments differ.
    pub fn mac_length(&self) -> Option<u64> {
        let first = self.mac_lengths.first();
        let only = first.filter(|_| self.mac_lengths.len() == 1);
        only.map(|length| *length as u64)
    }
}

/// A stretch of segments with one KeyID and one RNextKeyID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRun {
    /// The key that signed.
    pub key_id: u8,
    /// The key asked for.
    pub rnext_key_id: u8,
    /// Its first segment.
    pub first: Moment,
    /// Its last segment.
    pub last: Moment,
    /// Its segments.
    pub facts: KeyFacts,
}

/// One direction's change to another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollover {
    /// The side that changes its key: 0 is the initiator.
    pub side: usize,
    /// The key before; none where it was the first.
    pub from: u8,
    /// The key asked for, or taken unasked.
    pub to: u8,
    /// When the other end asked for it; none: nobody did.
    pub asked: Option<Moment>,
    /// When the other end asked for another one before; none: it did not.
    pub withdrawn: Option<Moment>,
    /// When the first segment had it; none: none did.
    pub followed: Option<Moment>,
    /// Segments with the old key while it was asked for.
    pub between: u64,
}

/// Stretches and changes kept of a direction.
pub(super) const KEPT: usize = 256;

impl KeyIds {
    /// A segment; `key`: the one that verified it.
    pub(super) fn add(&mut self, ao: &Authentication<'_>, key: Option<usize>, moment: Moment) {
        let pair = (ao.key_id, ao.rnext_key_id);
        self.counts.entry(pair).or_default().add(ao, key);
        *self.mac_lengths.entry(ao.mac_length()).or_default() += 1;
        let goes_on = self.last.replace(pair) == Some(pair);
        if let Some(run) = self.runs.last_mut()
            && goes_on
        {
            if self.more_runs == 0 {
                run.facts.add(ao, key);
                run.last = moment;
            }
        } else if self.runs.len() < KEPT {
            let mut facts = KeyFacts::default();
            facts.add(ao, key);
            self.runs.push(KeyRun {
                key_id: pair.0,
                rnext_key_id: pair.1,
                first: moment,
                last: moment,
                facts,
            });
        } else {
            self.more_runs += 1;
        }
    }
}

/// The changes of key of one connection, in the order in which they were asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollovers {
    /// The changes.
    pub all: Vec<Rollover>,
    /// The pair last met of each side.
    current: [Option<(u8, u8)>; 2],
}

impl Rollovers {
    /// A segment of a side, newer than those before it.
    pub(super) fn add(&mut self, side: usize, ao: &Authentication<'_>, moment: Moment) {
        let other = usize::from(side == 0);
        let pair = (ao.key_id, ao.rnext_key_id);
        let before = self
            .current
            .get_mut(side)
            .and_then(|known| known.replace(pair));
        let Some((key_id, rnext_key_id)) = before else {
            return;
        };
        self.follow(side, key_id, ao.key_id, moment);
        if rnext_key_id != ao.rnext_key_id {
            self.withdraw(other, moment);
        }
        let peer = self.current.get(other).copied().flatten();
        if rnext_key_id != ao.rnext_key_id
            && let Some((used, _)) = peer.filter(|(used, _)| *used != ao.rnext_key_id)
        {
            self.push(Rollover {
                side: other,
                from: used,
                to: ao.rnext_key_id,
                asked: Some(moment),
                withdrawn: None,
                followed: None,
                between: 0,
            });
        }
    }

    /// A side's next segment after one with the key `from`.
    fn follow(&mut self, side: usize, from: u8, to: u8, moment: Moment) {
        match self.open(side) {
            // One that was withdrawn may have been followed before that was known.
            Some(change) if change.to == to => change.followed = Some(moment),
            Some(change) if from == to => {
                change.between += u64::from(change.withdrawn.is_none());
            }
            _ if from != to => self.push(Rollover {
                side,
                from,
                to,
                asked: None,
                withdrawn: None,
                followed: Some(moment),
                between: 0,
            }),
            _ => {}
        }
    }

    /// The other end asks a side for another key now.
    fn withdraw(&mut self, side: usize, moment: Moment) {
        if let Some(change) = self.open(side) {
            change.withdrawn.get_or_insert(moment);
        }
    }

    /// The last change of a side, if it was not followed. Those before it never will be.
    fn open(&mut self, side: usize) -> Option<&mut Rollover> {
        let mut own = self.all.iter_mut().rev();
        let last = own.find(|change| change.side == side);
        last.filter(|change| change.followed.is_none())
    }

    fn push(&mut self, change: Rollover) {
        if self.all.len() < KEPT {
            self.all.push(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(packet: u64) -> Moment {
        Moment {
            packet,
            ..Moment::default()
        }
    }

    fn ao(key_id: u8, rnext_key_id: u8) -> Authentication<'static> {
        Authentication {
            key_id,
            rnext_key_id,
            mac: &[0; 12],
            missing: 0,
            offset: 20,
        }
    }

    #[test]
    fn a_change_is_asked_for_and_followed() {
        let mut rollovers = Rollovers::default();
        let segments = [
            (0, 84, 61),
            (1, 61, 84),
            (0, 84, 61),
            (1, 61, 85),
            (0, 84, 61),
            (0, 85, 61),
        ];
        for (at, (side, key_id, rnext)) in segments.into_iter().enumerate() {
            rollovers.add(side, &ao(key_id, rnext), moment(at as u64));
        }
        let expected = Rollover {
            side: 0,
            from: 84,
            to: 85,
            asked: Some(moment(3)),
            withdrawn: None,
            followed: Some(moment(5)),
            between: 1,
        };
        assert_eq!(rollovers.all, [expected]);
    }

    #[test]
    fn what_was_withdrawn_is_not_followed_by_what_follows_the_next_request() {
        let mut rollovers = Rollovers::default();
        let segments = [
            (0, 1, 2),
            (1, 2, 1),
            (1, 2, 3),
            (0, 1, 2),
            (1, 2, 1),
            (0, 1, 2),
            (1, 2, 3),
            (0, 1, 2),
            (0, 3, 2),
            (0, 3, 2),
        ];
        for (at, (side, key_id, rnext)) in segments.into_iter().enumerate() {
            rollovers.add(side, &ao(key_id, rnext), moment(at as u64));
        }
        let seen = rollovers.all.iter();
        let seen: Vec<_> = seen
            .map(|change| (change.withdrawn, change.followed, change.between))
            .collect();
        let expected = [(Some(moment(4)), None, 1), (None, Some(moment(8)), 1)];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_segment_that_crosses_a_withdrawal_follows_what_was_asked_for() {
        let mut rollovers = Rollovers::default();
        let segments = [(0, 1, 2), (1, 2, 1), (1, 2, 3), (1, 2, 1), (0, 3, 2)];
        for (at, (side, key_id, rnext)) in segments.into_iter().enumerate() {
            rollovers.add(side, &ao(key_id, rnext), moment(at as u64));
        }
        let [change] = rollovers.all.as_slice() else {
            panic!("{rollovers:?}")
        };
        assert_eq!(
            (change.withdrawn, change.followed),
            (Some(moment(3)), Some(moment(4)))
        );
    }

    #[test]
    fn a_change_that_nobody_asked_for_is_told_too() {
        let mut rollovers = Rollovers::default();
        for (at, key_id) in [84, 84, 85].into_iter().enumerate() {
            rollovers.add(0, &ao(key_id, 61), moment(at as u64));
        }
        let [change] = rollovers.all.as_slice() else {
            panic!("{rollovers:?}")
        };
        assert_eq!((change.asked, change.followed), (None, Some(moment(2))));
    }

    #[test]
    fn each_pair_of_keys_has_its_own_mac_length_and_key() {
        let mut key_ids = KeyIds::default();
        let longer = Authentication {
            mac: &[0; 16],
            ..ao(3, 2)
        };
        key_ids.add(&ao(1, 2), Some(0), moment(0));
        key_ids.add(&longer, Some(1), moment(1));
        let facts = key_ids.counts.values();
        let facts: Vec<_> = facts
            .map(|facts| (facts.mac_length(), facts.keys.first().copied()))
            .collect();
        assert_eq!(facts, [(Some(12), Some(0)), (Some(16), Some(1))]);
        let runs = key_ids.runs.iter().map(|run| run.facts.mac_length());
        assert_eq!(runs.collect::<Vec<_>>(), [Some(12), Some(16)]);
        key_ids.add(&ao(3, 2), None, moment(2));
        assert_eq!(key_ids.counts[&(3, 2)].mac_length(), None);
    }

    #[test]
    fn stretches_are_bounded_and_counts_are_not_lost() {
        let mut key_ids = KeyIds::default();
        for at in 0..1000u64 {
            key_ids.add(&ao((at % 2) as u8, 0), None, moment(at));
        }
        assert_eq!(
            (key_ids.runs.len(), key_ids.more_runs),
            (KEPT, 1000 - KEPT as u64)
        );
        let counts = key_ids.counts.values().map(|facts| facts.segments);
        assert_eq!(counts.sum::<u64>(), 1000);
    }
}
