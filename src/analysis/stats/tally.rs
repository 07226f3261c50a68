//! Collects the values of statistics into series, within bounds: a series keeps every value in its
//! sums and as many points as there is room for.

use crate::bmp::statistics::{Kind, StatisticType};
use crate::net::Family;
use crate::time::Timestamp;
use std::collections::HashMap;

/// Points kept of one series; beyond it every second one is dropped.
const POINTS: usize = 4096;

/// Points kept of all series together: beyond it each series may keep half as many as before.
const POINTS_IN_ALL: usize = 1 << 20;

/// Points that a series may keep however many series there are.
const FEWEST_POINTS: usize = 16;

/// Series kept. Values of further ones are counted and left out.
const SERIES: usize = 1 << 16;

/// How far a BMP timestamp may be from the time of capture: a report is sent when it is made.
const TOLERANCE: i64 = 60 * 1_000_000_000;

/// What tells one series from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    /// The session's number.
    pub session: u32,
    /// Index of the peer in its session.
    pub peer: u32,
    /// Stat Type, without the E bit of version 4.
    pub statistic_type: StatisticType,
    /// The Private Enterprise Number whose type it is.
    pub enterprise: Option<u32>,
    /// The family, for statistics by family.
    pub family: Option<Family>,
    /// Counter or gauge.
    pub kind: Kind,
}

/// When a report was made, by both clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Instant {
    /// When its packet was captured.
    pub captured: Option<Timestamp>,
    /// The per-peer header's timestamp.
    pub reported: Option<Timestamp>,
}

impl Instant {
    /// The router's clock says when the report was made, as far as one report can tell.
    fn is_plausible(&self) -> bool {
        let off = |captured: Timestamp, reported: Timestamp| {
            let off = captured.nanoseconds().abs_diff(reported.nanoseconds());
            off <= TOLERANCE.unsigned_abs()
        };
        match (self.captured, self.reported) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(captured), Some(reported)) => off(captured, reported),
        }
    }
}

/// What the reports of one chunk say.
#[derive(Debug, Default)]
pub struct Values {
    instants: Vec<Instant>,
    keys: Vec<SeriesKey>,
    index: HashMap<SeriesKey, u32, foldhash::fast::RandomState>,
    /// Index of the key, index of the instant, value.
    values: Vec<(u32, u32, u64)>,
}

impl Values {
    /// Begins a report: the values that follow are of this instant.
    pub fn report(&mut self, instant: Instant) {
        self.instants.push(instant);
    }

    /// Adds a value of the report begun last.
    pub fn add(&mut self, key: SeriesKey, value: u64) {
        let next = number(self.keys.len());
        let at = *self.index.entry(key).or_insert(next);
        if at == next {
            self.keys.push(key);
        }
        let instant = number(self.instants.len().saturating_sub(1));
        self.values.push((at, instant, value));
    }
}

// A window is smaller than 4 GiB, and so is what it holds.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// One value of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) instant: Instant,
    pub(super) value: u64,
}

/// One statistic of one peer over time.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) first: Sample,
    pub(super) last: Sample,
    /// Values, those included of which no point is kept.
    pub(super) count: u64,
    /// By how much a counter rose; from zero after a reset.
    pub(super) climbed: u64,
    /// How often a counter fell.
    pub(super) resets: u64,
    /// Every value with an index that this divides is a point.
    pub(super) stride: u64,
    pub(super) points: Vec<Sample>,
    /// The router's clock is plausible and never goes backwards.
    pub(super) is_clock_good: bool,
}

impl Series {
    fn new(first: Sample) -> Series {
        Series {
            first,
            last: first,
            count: 0,
            climbed: 0,
            resets: 0,
            stride: 1,
            points: Vec::new(),
            is_clock_good: true,
        }
    }

    fn push(&mut self, sample: Sample) {
        match sample.value.checked_sub(self.last.value) {
            _ if self.count == 0 => {}
            Some(rise) => self.climbed = self.climbed.saturating_add(rise),
            None => {
                self.resets += 1;
                self.climbed = self.climbed.saturating_add(sample.value);
            }
        }
        let goes_on = self.last.instant.reported <= sample.instant.reported;
        self.is_clock_good &= goes_on && sample.instant.is_plausible();
        if self.count.is_multiple_of(self.stride) {
            self.points.push(sample);
        }
        self.count += 1;
        self.last = sample;
    }

    /// Drops every second point while there are more than `room`; says how many.
    fn thin(&mut self, room: usize) -> usize {
        let before = self.points.len();
        while self.points.len() > room {
            let mut keeps = false;
            self.points.retain(|_| {
                keeps = !keeps;
                keeps
            });
            self.stride = self.stride.saturating_mul(2);
        }
        before - self.points.len()
    }
}

/// Every series of a run.
#[derive(Debug)]
pub struct Tally {
    index: HashMap<SeriesKey, usize, foldhash::fast::RandomState>,
    pub(super) series: Vec<(SeriesKey, Series)>,
    /// Points of all series.
    points: usize,
    /// Points that one series may keep at present.
    room: usize,
    pub(super) left_out: u64,
    bounds: Bounds,
}

/// How much is kept.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    series: usize,
    points: usize,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally::bounded(Bounds {
            series: SERIES,
            points: POINTS_IN_ALL,
        })
    }
}

impl Tally {
    fn bounded(bounds: Bounds) -> Tally {
        Tally {
            index: HashMap::default(),
            series: Vec::new(),
            points: 0,
            room: POINTS,
            left_out: 0,
            bounds,
        }
    }

    /// Adds what the next chunk says.
    pub fn merge(&mut self, values: Values) {
        let mut places: Vec<Option<usize>> = vec![None; values.keys.len()];
        for (at, instant, value) in values.values {
            let at = at as usize;
            let (Some(key), Some(instant), Some(place)) = (
                values.keys.get(at),
                values.instants.get(instant as usize),
                places.get_mut(at),
            ) else {
                continue;
            };
            let sample = Sample {
                instant: *instant,
                value,
            };
            *place = place.or_else(|| self.find_or_add(*key, sample));
            match *place {
                Some(place) => self.push(place, sample),
                None => self.left_out += 1,
            }
        }
    }

    /// Values of series that found no room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    fn find_or_add(&mut self, key: SeriesKey, first: Sample) -> Option<usize> {
        if let Some(place) = self.index.get(&key) {
            return Some(*place);
        }
        let place = self.series.len();
        (place < self.bounds.series).then(|| {
            self.index.insert(key, place);
            self.series.push((key, Series::new(first)));
            place
        })
    }

    fn push(&mut self, place: usize, sample: Sample) {
        let Some((_, series)) = self.series.get_mut(place) else {
            return;
        };
        let before = series.points.len();
        series.push(sample);
        self.points += series.points.len() - before;
        self.points -= series.thin(self.room);
        while self.points > self.bounds.points && self.room > FEWEST_POINTS {
            self.make_room();
        }
    }

    #[cold]
    fn make_room(&mut self) {
        self.room = (self.room / 2).max(FEWEST_POINTS);
        for (_, series) in &mut self.series {
            self.points -= series.thin(self.room);
            series.points.shrink_to_fit();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) const KEY: SeriesKey = SeriesKey {
        session: 1,
        peer: 0,
        statistic_type: StatisticType::DUPLICATE_UPDATES,
        enterprise: None,
        family: None,
        kind: Kind::Counter,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanoseconds(seconds * 1_000_000_000, 6)
    }

    /// Captured at that second, and reported then too.
    pub(crate) fn both(seconds: i64) -> Instant {
        Instant {
            captured: Some(at(seconds)),
            reported: Some(at(seconds)),
        }
    }

    pub(crate) fn tally(key: SeriesKey, samples: &[(Instant, u64)]) -> Tally {
        let mut tally = Tally::default();
        let mut values = Values::default();
        for (instant, value) in samples {
            values.report(*instant);
            values.add(key, *value);
        }
        tally.merge(values);
        tally
    }

    fn counted(values: &[u64]) -> Series {
        let samples: Vec<_> = (0..).map(both).zip(values.iter().copied()).collect();
        tally(KEY, &samples).series.remove(0).1
    }

    #[test]
    fn a_counter_that_falls_was_reset_and_counts_from_zero() {
        let series = counted(&[10, 15, 15, 4, 6]);
        assert_eq!((series.climbed, series.resets, series.count), (11, 1, 5));
        assert_eq!((series.first.value, series.last.value), (10, 6));
    }

    #[test]
    fn beyond_the_bound_every_second_point_is_dropped_and_the_sums_stay() {
        let values: Vec<u64> = (0..20_000).collect();
        let series = counted(&values);
        assert_eq!((series.count, series.climbed), (20_000, 19_999));
        assert_eq!((series.stride, series.points.len()), (8, 2500));
        let kept = series.points.iter().map(|point| point.value);
        assert!(kept.eq((0..20_000).step_by(8)));
    }

    #[test]
    fn parts_make_the_same_series_however_they_are_cut() {
        let samples: Vec<_> = (0..).map(both).zip(0..10_000u64).collect();
        let whole = tally(KEY, &samples);
        let mut pieces = Tally::default();
        for piece in samples.chunks(777) {
            let mut values = Values::default();
            for (instant, value) in piece {
                values.report(*instant);
                values.add(KEY, *value);
            }
            pieces.merge(values);
        }
        let points = |tally: &Tally| tally.series[0].1.points.clone();
        assert_eq!(points(&whole), points(&pieces));
        assert_eq!(whole.points, pieces.points);
    }

    #[test]
    fn series_beyond_the_bound_are_counted_and_left_out() {
        let mut tally = Tally::bounded(Bounds {
            series: 2,
            points: 100,
        });
        let mut values = Values::default();
        for peer in [0, 1, 2, 0, 2] {
            values.report(both(1));
            values.add(SeriesKey { peer, ..KEY }, 1);
        }
        tally.merge(values);
        assert_eq!((tally.series.len(), tally.left_out), (2, 2));
        assert_eq!(tally.series[0].1.count, 2);
    }

    #[test]
    fn all_series_together_keep_a_bounded_number_of_points() {
        let mut tally = Tally::bounded(Bounds {
            series: 100,
            points: 1000,
        });
        for round in 0..1000 {
            let mut values = Values::default();
            values.report(both(round));
            (0..50).for_each(|peer| values.add(SeriesKey { peer, ..KEY }, 7));
            tally.merge(values);
        }
        let kept: usize = tally.series.iter().map(|(_, one)| one.points.len()).sum();
        assert_eq!(kept, tally.points);
        assert!(kept <= 1000, "{kept}");
        assert!(tally.series.iter().all(|(_, one)| one.count == 1000));
    }

    #[test]
    fn a_clock_that_is_zero_far_off_or_goes_backwards_is_not_good() {
        let with = |reported| Instant {
            reported,
            ..both(1000)
        };
        let is_good = |second| {
            tally(KEY, &[(both(1000), 1), (second, 2)]).series[0]
                .1
                .is_clock_good
        };
        assert!(is_good(both(1000)));
        assert!(is_good(with(Some(at(1060)))));
        assert!(!is_good(with(Some(at(1061)))));
        assert!(!is_good(with(Some(at(999)))));
        assert!(!is_good(with(None)));
    }
}
