//! Statistics Reports over time: each counter and gauge of each peer as a series.

mod tally;

pub use tally::{Instant, SeriesKey, Tally, Values};

use super::shape::PeerName;
use crate::bmp::statistics::{Kind, StatisticType};
use crate::bmp::{PeerType, Rib};
use crate::session::{Peer, Session};
use crate::time::Timestamp;
use crate::wire::CodePoints;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;
use tally::{Sample, Series};

/// The statistics of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Stats {
    /// By session, peer, type and family.
    pub series: Vec<SeriesRow>,
    /// Values of further series, which found no room.
    pub left_out: u64,
}

/// One counter or gauge of one peer over time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SeriesRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// Whose it is.
    pub peer: PeerName,
    /// The RIB view that it is about; null where the type names none or several.
    pub rib: Option<Rib>,
    /// Stat Type.
    #[serde(rename = "type")]
    pub number: u16,
    /// The type's name, or `unknown-<number>`.
    pub name: String,
    /// The Private Enterprise Number whose type it is; null for the types of the registry.
    pub enterprise: Option<u32>,
    /// Address family, of a statistic by family.
    pub afi: Option<String>,
    /// Subsequent address family.
    pub safi: Option<String>,
    /// Whether it counts up, or goes up and down.
    pub kind: Kind,
    /// Which clock gave the times.
    pub clock: Option<Clock>,
    /// How many values came.
    pub count: u64,
    /// When the first value came.
    pub first_time: Option<Timestamp>,
    /// When the last one came.
    pub last_time: Option<Timestamp>,
    /// The first value.
    pub first: u64,
    /// The last one.
    pub last: u64,
    /// Gauges: the last value less the first. Counters: by how much it rose, from zero after a
    /// reset.
    pub delta: i128,
    /// `delta` per second; null where no time passed.
    pub rate: Option<f64>,
    /// How often a counter fell: it was reset, or it wrapped. Null for gauges.
    pub resets: Option<u64>,
    /// Too many values came: not all are among the points. The other keys know all of them.
    pub thinned: bool,
    /// The values, in the order of the capture.
    pub points: Vec<Point>,
}

/// A clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Clock {
    /// The router's, in the per-peer headers: all of them are within a minute of the capture's, and
    /// none goes backwards.
    Bmp,
    /// The capture's.
    Capture,
}

impl Clock {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Clock::Bmp => "bmp",
            Clock::Capture => "capture",
        }
    }
}

/// A value at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Point {
    /// When it came, by the clock of the series.
    pub time: Option<Timestamp>,
    /// What it was.
    pub value: u64,
}

/// The series of a run as rows.
pub fn stats(tally: Tally, sessions: &[Session]) -> Stats {
    let left_out = tally.left_out();
    Stats {
        series: rows(tally, sessions).map(|told| told.row).collect(),
        left_out,
    }
}

/// A series as a row, and what a row does not say of it.
#[derive(Debug, Clone)]
pub struct Told {
    /// What tells it from others.
    pub key: SeriesKey,
    /// When its last value was told, by both clocks.
    pub last: Instant,
    /// The row.
    pub row: SeriesRow,
}

/// The series of a run as rows, in the order of their keys.
pub fn rows(tally: Tally, sessions: &[Session]) -> impl Iterator<Item = Told> {
    let mut series = tally.series;
    series.sort_unstable_by_key(|(key, _)| *key);
    series.into_iter().filter_map(|(key, series)| {
        // Sessions are in the order of their numbers.
        let place = sessions.binary_search_by_key(&key.session, |session| session.id);
        let session = sessions.get(place.ok()?)?;
        let peer = session.peers.get(key.peer as usize)?;
        Some(Told {
            key,
            last: series.last.instant,
            row: SeriesRow::of(key, &series, session, peer),
        })
    })
}

impl SeriesRow {
    fn of(key: SeriesKey, series: &Series, session: &Session, peer: &Peer) -> SeriesRow {
        let clock = clock(series);
        let point = |sample: &Sample| Point {
            time: time(sample, clock),
            value: sample.value,
        };
        let (first, last) = (point(&series.first), point(&series.last));
        let delta = delta(key.kind, series);
        SeriesRow {
            session: session.id,
            router: session.router_address,
            router_name: session.router.sys_name.clone(),
            peer: PeerName::of(peer),
            rib: rib(peer, key.statistic_type, key.enterprise),
            number: key.statistic_type.0,
            name: name(key, &session.code_points),
            enterprise: key.enterprise,
            afi: key.family.map(|family| family.afi_word()),
            safi: key.family.map(|family| family.safi_word()),
            kind: key.kind,
            clock,
            count: series.count,
            first_time: first.time,
            last_time: last.time,
            first: first.value,
            last: last.value,
            delta,
            rate: rate(delta, first.time, last.time),
            resets: (key.kind == Kind::Counter).then_some(series.resets),
            thinned: series.stride > 1,
            points: points(series, point),
        }
    }
}

/// The router's clock where it is good, or where there is no other.
fn clock(series: &Series) -> Option<Clock> {
    let has = |time: fn(&Sample) -> Option<Timestamp>| {
        time(&series.first).is_some() || time(&series.last).is_some()
    };
    let is_captured = has(|sample| sample.instant.captured);
    if !is_captured && !has(|sample| sample.instant.reported) {
        return None;
    }
    match series.is_clock_good || !is_captured {
        true => Some(Clock::Bmp),
        false => Some(Clock::Capture),
    }
}

fn time(sample: &Sample, clock: Option<Clock>) -> Option<Timestamp> {
    match clock? {
        Clock::Bmp => sample.instant.reported,
        Clock::Capture => sample.instant.captured,
    }
}

fn delta(kind: Kind, series: &Series) -> i128 {
    match kind {
        Kind::Counter => i128::from(series.climbed),
        Kind::Gauge => i128::from(series.last.value) - i128::from(series.first.value),
    }
}

fn rate(delta: i128, first: Option<Timestamp>, last: Option<Timestamp>) -> Option<f64> {
    let seconds = last?.seconds_since(first?);
    (seconds > 0.0).then(|| delta as f64 / seconds)
}

/// The points that were kept, and the last value if it is none of them.
fn points(series: &Series, point: impl Fn(&Sample) -> Point) -> Vec<Point> {
    let is_last_kept = (series.count.saturating_sub(1)).is_multiple_of(series.stride);
    let last = (!is_last_kept).then_some(&series.last);
    series.points.iter().chain(last).map(point).collect()
}

/// Everything that is said of a Loc-RIB is about it, whatever the type.
fn rib(peer: &Peer, statistic_type: StatisticType, enterprise: Option<u32>) -> Option<Rib> {
    match (peer.peer_type, enterprise) {
        (PeerType::LOC_RIB, _) => Some(Rib::LocRib),
        (_, None) => statistic_type.rib(),
        (_, Some(_)) => None,
    }
}

fn name(key: SeriesKey, code_points: &CodePoints) -> String {
    let (number, enterprise) = (key.statistic_type, key.enterprise);
    if let Some(of_draft) = number.of_draft(enterprise, code_points) {
        return of_draft.name().to_owned();
    }
    match enterprise {
        None => key.statistic_type.to_string(),
        Some(_) => format!("unknown-{}", key.statistic_type.0),
    }
}

#[cfg(test)]
mod tests {
    use super::tally::tests::{KEY, both, tally};
    use super::*;
    use crate::session::Scope;
    use crate::session::testing::{LOC_RIB, PEER};

    fn session(messages: &[Vec<u8>]) -> Session {
        let mut session = Session::new(1, None, None);
        for (packet, bytes) in (1..).zip(messages) {
            session.take(packet, bytes, Scope::Asked);
        }
        session
    }

    fn row(key: SeriesKey, samples: &[(Instant, u64)]) -> SeriesRow {
        let sessions = [session(&[PEER.message(1, &[0; 4])])];
        stats(tally(key, samples), &sessions).series.remove(0)
    }

    const GAUGE: SeriesKey = SeriesKey {
        statistic_type: StatisticType::ADJ_RIB_IN_PRE_ROUTES,
        kind: Kind::Gauge,
        ..KEY
    };

    #[test]
    fn a_counter_has_its_rise_its_rate_and_its_resets() {
        let row = row(KEY, &[(both(100), 10), (both(110), 30), (both(120), 5)]);
        assert_eq!((row.first, row.last, row.delta), (10, 5, 25));
        assert_eq!((row.rate, row.resets), (Some(1.25), Some(1)));
        assert_eq!((row.clock, row.rib), (Some(Clock::Bmp), None));
        assert_eq!((row.points.len(), row.thinned), (3, false));
        assert_eq!(&*row.name, "duplicate-updates");
    }

    #[test]
    fn a_gauge_may_fall_and_is_never_reset() {
        let row = row(GAUGE, &[(both(100), u64::MAX), (both(110), 0)]);
        assert_eq!(row.delta, -i128::from(u64::MAX));
        assert_eq!((row.resets, row.rib), (None, Some(Rib::AdjRibInPre)));
    }

    #[test]
    fn one_value_has_no_rate() {
        let row = row(GAUGE, &[(both(100), 4)]);
        assert_eq!((row.delta, row.rate, row.count), (0, None, 1));
    }

    #[test]
    fn where_the_routers_clock_is_no_good_the_capture_tells_the_time() {
        let zero = Instant {
            reported: None,
            ..both(110)
        };
        let row = row(GAUGE, &[(both(100), 4), (zero, 24)]);
        assert_eq!((row.clock, row.rate), (Some(Clock::Capture), Some(2.0)));
    }

    #[test]
    fn a_bare_stream_has_the_routers_clock_or_none() {
        let bare = |instant: Instant| Instant {
            captured: None,
            ..instant
        };
        let known = row(GAUGE, &[(bare(both(100)), 4), (bare(both(110)), 4)]);
        assert_eq!((known.clock, known.rate), (Some(Clock::Bmp), Some(0.0)));
        let unknown = row(GAUGE, &[(Instant::default(), 4), (Instant::default(), 5)]);
        assert_eq!((unknown.clock, unknown.rate), (None, None));
        assert_eq!(unknown.points[1].time, None);
    }

    #[test]
    fn the_last_value_is_a_point_even_where_points_were_dropped() {
        let samples: Vec<_> = (0..).map(both).zip(0..5000u64).collect();
        let row = row(KEY, &samples);
        assert!(row.thinned);
        assert_eq!((row.count, row.points.len()), (5000, 2501));
        assert_eq!(row.points[2500].value, 4999);
    }

    #[test]
    fn what_is_said_of_a_loc_rib_is_about_it() {
        let sessions = [session(&[LOC_RIB.message(1, &[0; 4])])];
        let series = stats(tally(KEY, &[(both(1), 1)]), &sessions).series;
        assert_eq!(series[0].rib, Some(Rib::LocRib));
        assert_eq!(series[0].peer.address, None);
    }

    #[test]
    fn the_types_of_an_enterprise_are_not_those_of_the_registry() {
        let key = SeriesKey {
            enterprise: Some(32473),
            ..GAUGE
        };
        let row = row(key, &[(both(1), 1)]);
        assert_eq!((&*row.name, row.rib), ("unknown-18", None));
    }
}
