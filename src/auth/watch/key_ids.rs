//! The keys that a direction names over time, and how one follows another (RFC 5925 6.1): an end
//! asks with RNextKeyID for the key that it would like to receive, and the other one follows.

use crate::auth::Authentication;
use crate::stream::Moment;
use std::collections::BTreeMap;

/// KeyID and RNextKeyID of one direction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyIds {
    /// Segments by KeyID and RNextKeyID.
    pub counts: BTreeMap<(u8, u8), u64>,
    /// Segments by octets of their MAC.
    pub mac_lengths: BTreeMap<usize, u64>,
    /// Stretches with the same pair, in order.
    pub runs: Vec<KeyRun>,
    /// Stretches beyond those kept.
    pub more_runs: u64,
    last: Option<(u8, u8)>,
}

/// A stretch of segments with one KeyID and one RNextKeyID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRun {
    /// The key that signed.
    pub key_id: u8,
    /// The key asked for.
    pub rnext_key_id: u8,
    /// Its first segment.
    pub first: Moment,
    /// Its last segment.
    pub last: Moment,
    /// Segments.
    pub segments: u64,
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
    /// When the first segment had it; none: none did.
    pub followed: Option<Moment>,
    /// Segments with the old key after it was asked for.
    pub between: u64,
}

/// Stretches and changes kept of a direction.
pub(super) const KEPT: usize = 256;

impl KeyIds {
    pub(super) fn add(&mut self, ao: &Authentication<'_>, moment: Moment) {
        let pair = (ao.key_id, ao.rnext_key_id);
        *self.counts.entry(pair).or_default() += 1;
        *self.mac_lengths.entry(ao.mac_length()).or_default() += 1;
        let goes_on = self.last.replace(pair) == Some(pair);
        if let Some(run) = self.runs.last_mut()
            && goes_on
        {
            if self.more_runs == 0 {
                run.segments += 1;
                run.last = moment;
            }
        } else if self.runs.len() < KEPT {
            self.runs.push(KeyRun {
                key_id: pair.0,
                rnext_key_id: pair.1,
                first: moment,
                last: moment,
                segments: 1,
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
        let peer = self.current.get(other).copied().flatten();
        if rnext_key_id != ao.rnext_key_id
            && let Some((used, _)) = peer.filter(|(used, _)| *used != ao.rnext_key_id)
        {
            self.push(Rollover {
                side: other,
                from: used,
                to: ao.rnext_key_id,
                asked: Some(moment),
                followed: None,
                between: 0,
            });
        }
    }

    /// A side's next segment after one with the key `from`.
    fn follow(&mut self, side: usize, from: u8, to: u8, moment: Moment) {
        let is_open = |change: &&mut Rollover| change.side == side && change.followed.is_none();
        let open = self.all.iter_mut().rev().find(is_open);
        match open {
            Some(change) if change.to == to => change.followed = Some(moment),
            Some(change) if from == to => change.between += 1,
            _ if from != to => self.push(Rollover {
                side,
                from,
                to,
                asked: None,
                followed: Some(moment),
                between: 0,
            }),
            _ => {}
        }
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
            followed: Some(moment(5)),
            between: 1,
        };
        assert_eq!(rollovers.all, [expected]);
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
    fn stretches_are_bounded_and_counts_are_not_lost() {
        let mut key_ids = KeyIds::default();
        for at in 0..1000u64 {
            key_ids.add(&ao((at % 2) as u8, 0), moment(at));
        }
        assert_eq!(
            (key_ids.runs.len(), key_ids.more_runs),
            (KEPT, 1000 - KEPT as u64)
        );
        assert_eq!(key_ids.counts.values().sum::<u64>(), 1000);
    }
}
