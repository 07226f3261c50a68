//! How many routes there are of each validation state, over time: as routers report it in statistics,
//! and as the routes in the capture show it.
//!
//! | File | Subject |
//! |---|---|
//! | `rows` | the shape in JSON |
//! | `moments` | how many routes of each state stood when reports came, and at the end |
//! | `check` | reports against these |

mod check;
mod moments;
mod rows;

pub use rows::{CheckRow, Counted, Doubt, RejectionRow, RpkiStats, Source, StateSeries, SumRow};

use super::super::shape::PeerName;
use super::super::stats::{self, Clock, Instant, Point, SeriesKey, Tally, Told};
use super::routes::{Routes, View};
use super::rows::ViewRow;
use super::validation::Data;
use crate::bmp::statistics::StatisticType;
use crate::bmp::{PeerType, Rib};
use crate::session::Session;
use crate::time::Timestamp;
use crate::wire::{CodePoint, CodePoints};
use check::{Checker, Reported};
use moments::{Moment, Moments, Place, peer_of, session_of};
use std::collections::BTreeMap;

/// What a statistic counts, and in which view.
pub fn counted(
    statistic_type: StatisticType,
    enterprise: Option<u32>,
    code_points: &CodePoints,
) -> Option<(Rib, Counted)> {
    // "Routes filtered as a result of validation" (draft-wang-grow-bmp-rpki-mon-reqs-03 5.1).
    if statistic_type.of_draft(enterprise, code_points) == Some(CodePoint::RpkiFiltered) {
        return Some((Rib::AdjRibInPre, Counted::Filtered));
    }
    if enterprise.is_some() {
        return None;
    }
    Some(match statistic_type {
        StatisticType::FAMILY_IN_VALID => (Rib::AdjRibInPost, Counted::Valid),
        StatisticType::FAMILY_IN_INVALID => (Rib::AdjRibInPost, Counted::Invalid),
        StatisticType::FAMILY_IN_NOT_FOUND => (Rib::AdjRibInPost, Counted::NotFound),
        StatisticType::FAMILY_OUT_VALID => (Rib::AdjRibOutPost, Counted::Valid),
        StatisticType::FAMILY_OUT_INVALID => (Rib::AdjRibOutPost, Counted::Invalid),
        StatisticType::FAMILY_OUT_NOT_FOUND => (Rib::AdjRibOutPost, Counted::NotFound),
        _ => return None,
    })
}

/// Statistics that tell of what validation does without naming a state: routes of views, and those that
/// policy rejects (RFC 7854 4.8, RFC 8671 6.2, RFC 9972 3).
pub fn is_related(statistic_type: StatisticType, enterprise: Option<u32>) -> bool {
    enterprise.is_none() && matches!(statistic_type.0, 0 | 7..=10 | 14..=23 | 38)
}

/// The series and checks of a run.
pub fn rpki_stats(
    tally: Tally,
    routes: &Routes,
    sessions: &[Session],
    data: Option<&Data>,
) -> RpkiStats {
    let left_out = tally.left_out();
    let (told, related): (Vec<Told>, Vec<Told>) =
        stats::rows(tally, sessions).partition(|told| place_of(told, sessions).is_some());
    let moments = Moments::of(routes, sessions, data);
    let has_vrps = data.is_some_and(|data| !data.only_aspas);
    let mut all: BTreeMap<(Place, Counted, Source), (Option<Instant>, StateSeries)> =
        BTreeMap::new();
    for told in &told {
        if let Some((place, state)) = place_of(told, sessions) {
            let series = StateSeries::told(told, place.0.rib, state);
            all.insert(
                (place, state, Source::Statistics),
                (Some(told.last), series),
            );
        }
    }
    for (place, moments) in moments.iter() {
        for series in of_moments(*place, moments, sessions, has_vrps) {
            all.insert((*place, series.state, series.source), (None, series));
        }
    }
    let reported: Vec<Reported<'_>> = all
        .iter()
        .filter_map(|((place, ..), (last, series))| {
            let (place, last) = (*place, (*last)?);
            Some(Reported {
                place,
                last,
                series,
            })
        })
        .collect();
    let sums = sums(&reported, &related, &moments);
    let checker = Checker {
        moments: &moments,
        sessions,
        has_data: has_vrps,
    };
    let check = |one: &Reported<'_>| checker.check(one, sums.get(&one.place));
    RpkiStats {
        data: data.map(|data| data.row.clone()),
        missing: Vec::new(),
        checks: reported.iter().map(check).collect(),
        sums: sums.into_values().collect(),
        series: all.into_values().map(|(_, series)| series).collect(),
        rejections: related
            .iter()
            .filter_map(|told| checker.rejection(told))
            .collect(),
        related: related.into_iter().map(|told| told.row).collect(),
        left_out,
        moments_left_out: routes.history().forgotten(),
    }
}

/// The view and the state that a series of statistics is about. What is said of a Loc-RIB is about it,
/// whatever the type.
fn place_of(told: &Told, sessions: &[Session]) -> Option<(Place, Counted)> {
    let SeriesKey { session, peer, .. } = told.key;
    let code_points = &session_of(sessions, session)?.code_points;
    let (rib, state) = counted(told.key.statistic_type, told.key.enterprise, code_points)?;
    let view = View { session, peer, rib };
    let rib = match peer_of(sessions, view)?.peer_type {
        PeerType::LOC_RIB => Rib::LocRib,
        _ => rib,
    };
    Some(((View { rib, ..view }, told.key.family?), state))
}

impl StateSeries {
    fn told(told: &Told, rib: Rib, state: Counted) -> StateSeries {
        let row = told.row.clone();
        StateSeries {
            view: ViewRow {
                session: row.session,
                router: row.router,
                router_name: row.router_name,
                peer: row.peer,
                rib,
                afi: row.afi.unwrap_or_default(),
                safi: row.safi.unwrap_or_default(),
            },
            state,
            source: Source::Statistics,
            number: Some(row.number),
            enterprise: row.enterprise,
            clock: row.clock,
            count: row.count,
            first_time: row.first_time,
            last_time: row.last_time,
            first: row.first,
            last: row.last,
            delta: row.delta,
            points: row.points,
        }
    }

    fn counted(view: ViewRow, state: Counted, source: Source, values: &[Point]) -> StateSeries {
        let [first, last] = [values.first(), values.last()].map(|one| {
            let value = one.map_or(0, |point| point.value);
            (one.and_then(|point| point.time), value)
        });
        StateSeries {
            view,
            state,
            source,
            number: None,
            enterprise: None,
            clock: last.0.map(|_| Clock::Capture),
            count: values.len() as u64,
            first_time: first.0,
            last_time: last.0,
            first: first.1,
            last: last.1,
            delta: i128::from(last.1) - i128::from(first.1),
            points: distinct(values),
        }
    }
}

/// Those that differ from the one before, and the last.
fn distinct(values: &[Point]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for (place, point) in values.iter().enumerate() {
        let is_last = place + 1 == values.len();
        let is_new = points.last().is_none_or(|last| last.value != point.value);
        if is_new || is_last {
            points.push(*point);
        }
    }
    points
}

const MARKED: &[Counted] = &[
    Counted::Valid,
    Counted::Invalid,
    Counted::NotFound,
    Counted::NotValidated,
];

const COMPUTED: &[Counted] = &[Counted::Valid, Counted::Invalid, Counted::NotFound];

/// The series that the routes of a view and family make.
fn of_moments(
    place: Place,
    moments: &[Moment],
    sessions: &[Session],
    has_data: bool,
) -> Vec<StateSeries> {
    let Some(view) = view_row(place, sessions) else {
        return Vec::new();
    };
    let end = session_of(sessions, place.0.session).and_then(|session| session.timeline.last);
    let end = end.and_then(|moment| moment.time);
    let has_marks = moments.iter().any(|moment| moment.counts.has_marks());
    let mut all = Vec::new();
    for (source, states, is_there) in [
        (Source::Marks, MARKED, has_marks),
        (Source::Computed, COMPUTED, has_data),
    ] {
        for state in states.iter().filter(|_| is_there) {
            let points = points(moments, *state, source, end);
            all.push(StateSeries::counted(view.clone(), *state, source, &points));
        }
    }
    all
}

fn points(
    moments: &[Moment],
    state: Counted,
    source: Source,
    end: Option<Timestamp>,
) -> Vec<Point> {
    let point = |moment: &Moment| {
        let value = match source {
            Source::Marks => moment.counts.marked(state),
            _ => moment.counts.computed(state),
        };
        let time = match moment.instant {
            Some(_) => moment.time(),
            None => end,
        };
        Some(Point {
            time,
            value: value?,
        })
    };
    moments.iter().filter_map(point).collect()
}

fn view_row((view, family): Place, sessions: &[Session]) -> Option<ViewRow> {
    let session = session_of(sessions, view.session)?;
    Some(ViewRow {
        session: session.id,
        router: session.router_address,
        router_name: session.router.sys_name.clone(),
        peer: PeerName::of(peer_of(sessions, view)?),
        rib: view.rib,
        afi: family.afi_word(),
        safi: family.safi_word(),
    })
}

/// The three states of each view and family together, where all were reported.
fn sums(reported: &[Reported<'_>], related: &[Told], moments: &Moments) -> BTreeMap<Place, SumRow> {
    let mut by_place: BTreeMap<Place, Vec<&Reported<'_>>> = BTreeMap::new();
    for one in reported {
        if one.series.state != Counted::Filtered {
            by_place.entry(one.place).or_default().push(one);
        }
    }
    let rows = by_place.into_iter().filter_map(|(place, states)| {
        let [.., last] = states.as_slice() else {
            return None;
        };
        (states.len() == COMPUTED.len()).then(|| {
            let sum = states.iter().map(|one| one.series.last);
            let sum = sum.fold(0, u64::saturating_add);
            let moments = moments.of_place(place);
            let moment = Moments::position(moments, last.last);
            let moment = moment.and_then(|position| moments.get(position));
            let routes = moment.map(|moment| moment.counts.routes);
            let routes_reported = routes_reported(place, related);
            let expected = routes_reported.or(routes);
            let row = SumRow {
                view: last.series.view.clone(),
                time: last.series.last_time,
                sum,
                routes_reported,
                routes,
                agrees: expected.map(|expected| expected == sum),
            };
            (place, row)
        })
    });
    rows.collect()
}

/// What the statistic about all routes of the view says last.
fn routes_reported((view, family): Place, related: &[Told]) -> Option<u64> {
    let wanted = match view.rib {
        Rib::AdjRibInPost => StatisticType::FAMILY_ADJ_RIB_IN_POST_ROUTES,
        Rib::AdjRibOutPost => StatisticType::FAMILY_ADJ_RIB_OUT_POST_ROUTES,
        Rib::LocRib => StatisticType::FAMILY_LOC_RIB_ROUTES,
        Rib::AdjRibInPre | Rib::AdjRibOutPre => return None,
    };
    let is_it = |told: &&Told| {
        let key = told.key;
        (key.session, key.peer) == (view.session, view.peer)
            && key.statistic_type == wanted
            && key.family == Some(family)
    };
    related.iter().find(is_it).map(|told| told.row.last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::code_points::Setting;

    #[test]
    fn types_of_rfc_9972_name_a_view_and_a_state() {
        let code_points = CodePoints::default();
        // RFC 9972 3.2 and 3.3: 35 to 37, 41 to 43; 38 is about outbound policy.
        let of = |number| counted(StatisticType(number), None, &code_points);
        let (post, out) = (Rib::AdjRibInPost, Rib::AdjRibOutPost);
        let expected = [
            Some((post, Counted::Invalid)),
            Some((post, Counted::Valid)),
            Some((post, Counted::NotFound)),
            None,
        ];
        assert_eq!([35, 36, 37, 38].map(of), expected);
        let expected = [
            Some((out, Counted::Invalid)),
            Some((out, Counted::Valid)),
            Some((out, Counted::NotFound)),
            None,
        ];
        assert_eq!([41, 42, 43, 44].map(of), expected);
        assert_eq!(counted(StatisticType(36), Some(32473), &code_points), None);
    }

    #[test]
    fn filtered_routes_have_the_number_in_use() {
        // The profile, section 5: 65532, and number 1 of enterprise 32473 in version 4.
        let filtered = Some((Rib::AdjRibInPre, Counted::Filtered));
        let usual = CodePoints::default();
        let of = |number, enterprise, code_points: &CodePoints| {
            counted(StatisticType(number), enterprise, code_points)
        };
        assert_eq!(of(65532, None, &usual), filtered);
        assert_eq!(of(1, Some(32473), &usual), filtered);
        assert_eq!(of(1, Some(9), &usual), None);
        let setting = Setting::parse("rpki-filtered=44", "--code").unwrap();
        let own = CodePoints::with(&[setting]).unwrap();
        assert_eq!(of(44, None, &own), filtered);
        assert_eq!(of(65532, None, &own), None);
    }

    #[test]
    fn points_are_those_that_differ_and_the_last() {
        let points: Vec<Point> = [5, 5, 7, 7, 7]
            .into_iter()
            .map(|value| Point { time: None, value })
            .collect();
        let values: Vec<u64> = distinct(&points).iter().map(|one| one.value).collect();
        assert_eq!(values, [5, 7, 7]);
    }
}
