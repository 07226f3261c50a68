//! What routers report, against the routes that stood when they reported it.

use super::super::super::stats::Instant;
use super::super::super::stats::Told;
use super::super::routes::View;
use super::moments::{Counts, Moment, Moments, Place, peer_of, session_of};
use super::{CheckRow, Counted, Doubt, RejectionRow, StateSeries, SumRow};
use crate::bmp::Rib;
use crate::bmp::statistics::{Kind, StatisticType};
use crate::net::Family;
use crate::session::{GapKind, Peer, Session};

/// A series of statistics, and where in the capture its last value stands.
pub(super) struct Reported<'a> {
    pub(super) place: Place,
    pub(super) last: Instant,
    pub(super) series: &'a StateSeries,
}

/// What it is checked against.
pub(super) struct Checker<'a> {
    pub(super) moments: &'a Moments,
    pub(super) sessions: &'a [Session],
    pub(super) has_data: bool,
}

/// What was counted of a state at one moment.
#[derive(Clone, Copy, Default)]
struct Found {
    routes: Option<u64>,
    marked: Option<u64>,
    computed: Option<u64>,
}

impl Found {
    /// The numbers that there are.
    fn numbers(self) -> impl Iterator<Item = u64> {
        self.marked.into_iter().chain(self.computed)
    }

    /// What a reported value is at odds with. VRPs are no other ones where the router's own marks make the
    /// same number.
    fn contradicts(self, value: u64) -> Option<Doubt> {
        let is_other = |number: Option<u64>| number.is_some_and(|number| number != value);
        match is_other(self.computed) && self.marked != self.computed {
            true => Some(Doubt::OtherData),
            false => is_other(self.marked).then_some(Doubt::OtherThanMarks),
        }
    }
}

impl Checker<'_> {
    pub(super) fn check(&self, reported: &Reported<'_>, sum: Option<&SumRow>) -> CheckRow {
        let series = reported.series;
        let found = self.found(reported);
        let value = series.last;
        let is_any = found.numbers().next().is_some();
        let agrees = is_any.then(|| found.numbers().all(|number| number == value));
        CheckRow {
            view: series.view.clone(),
            state: series.state,
            time: series.last_time,
            reported: value,
            routes: found.routes,
            marked: found.marked,
            computed: found.computed,
            agrees,
            reasons: match agrees {
                Some(true) => Vec::new(),
                Some(false) => self.doubts(reported, found, sum),
                None => vec![self.why_nothing(reported)],
            },
        }
    }

    fn found(&self, reported: &Reported<'_>) -> Found {
        let moments = self.moments.of_place(reported.place);
        let position = Moments::position(moments, reported.last);
        let moment = position.and_then(|position| moments.get(position));
        moment.map_or_else(Found::default, |moment| self.found_at(reported, moment))
    }

    fn found_at(&self, reported: &Reported<'_>, moment: &Moment) -> Found {
        let state = reported.series.state;
        let counts = &moment.counts;
        let computed = match state {
            Counted::Filtered => self.filtered(reported, counts),
            state => counts.computed(state),
        };
        Found {
            routes: Some(counts.routes),
            marked: counts.marked(state).filter(|_| counts.has_marks()),
            computed: computed.filter(|_| self.has_data),
        }
    }

    /// Invalid routes before policy that are not there behind it, where the capture shows both.
    fn filtered(&self, reported: &Reported<'_>, before: &Counts) -> Option<u64> {
        let (view, family) = reported.place;
        let rib = behind_policy(view.rib)?;
        let moments = self.moments.of_place((View { rib, ..view }, family));
        let moment = moments.get(Moments::position(moments, reported.last)?)?;
        let [before, behind] = [before, &moment.counts].map(|one| one.computed(Counted::Invalid));
        Some(before?.saturating_sub(behind?))
    }

    /// What a statistic about inbound policy says, where the capture shows the views before and behind it.
    pub(super) fn rejection(&self, told: &Told) -> Option<RejectionRow> {
        let wanted = [
            StatisticType::REJECTED_BY_INBOUND_POLICY,
            StatisticType::FAMILY_REJECTED_BY_INBOUND_POLICY,
        ];
        if !wanted.contains(&told.key.statistic_type) {
            return None;
        }
        let of_family = |family| self.across_policy(told, family);
        let (counted, invalid) = match told.key.family {
            Some(family) => of_family(family)?,
            None => [Family::IPV4_UNICAST, Family::IPV6_UNICAST]
                .into_iter()
                .filter_map(of_family)
                .reduce(|one, other| (one.0 + other.0, one.1 + other.1))?,
        };
        let row = told.row.clone();
        let is_counter = told.key.kind == Kind::Counter;
        Some(RejectionRow {
            session: row.session,
            router: row.router,
            router_name: row.router_name,
            peer: row.peer,
            number: row.number,
            name: row.name,
            afi: row.afi,
            safi: row.safi,
            time: row.last_time,
            reported: row.last,
            counted,
            invalid: self.has_data.then_some(invalid),
            agrees: Some(row.last == counted).filter(|agrees| *agrees || !is_counter),
        })
    }

    /// Routes, and invalid routes, before policy less those behind it.
    fn across_policy(&self, told: &Told, family: Family) -> Option<(u64, u64)> {
        let counts = |rib| {
            let (session, peer) = (told.key.session, told.key.peer);
            let moments = self.moments.of_place((View { session, peer, rib }, family));
            let moment = moments.get(Moments::position(moments, told.last)?)?;
            Some(moment.counts)
        };
        let (before, behind) = (counts(Rib::AdjRibInPre)?, counts(Rib::AdjRibInPost)?);
        let invalid = |counts: &Counts| counts.computed(Counted::Invalid).unwrap_or_default();
        Some((
            before.routes.saturating_sub(behind.routes),
            invalid(&before).saturating_sub(invalid(&behind)),
        ))
    }

    /// Why there is no number beside the reported one.
    fn why_nothing(&self, reported: &Reported<'_>) -> Doubt {
        let moments = self.moments.of_place(reported.place);
        if !matches!(
            reported.place.1,
            Family::IPV4_UNICAST | Family::IPV6_UNICAST
        ) {
            return Doubt::FamilyNotCounted;
        }
        if moments.is_empty() {
            return Doubt::ViewNotCaptured;
        }
        match Moments::position(moments, reported.last) {
            None => Doubt::TooLongAgo,
            Some(_) if self.has_data => Doubt::ViewNotCaptured,
            Some(_) => Doubt::NothingToCompare,
        }
    }

    fn doubts(&self, reported: &Reported<'_>, found: Found, sum: Option<&SumRow>) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let (view, family) = reported.place;
        let value = reported.series.last;
        if self.is_of_another_moment(reported) {
            doubts.push(Doubt::OtherMoment);
        }
        if self.is_before_policy(reported) {
            doubts.push(Doubt::OtherPolicyStage);
        }
        if is_incomplete(self.sessions, view) {
            doubts.push(Doubt::CaptureIncomplete);
        } else if !has_end_of_rib(self.sessions, view, family) {
            doubts.push(Doubt::NoEndOfRib);
        }
        if sum.is_some_and(|sum| Some(sum.sum) < sum.routes_reported.or(sum.routes)) {
            doubts.push(Doubt::NotAllValidated);
        }
        doubts.extend(found.contradicts(value));
        doubts
    }

    /// The reported number lies between those of the moments around.
    fn is_of_another_moment(&self, reported: &Reported<'_>) -> bool {
        let moments = self.moments.of_place(reported.place);
        let Some(position) = Moments::position(moments, reported.last) else {
            return false;
        };
        let around = moments
            .iter()
            .skip(position.saturating_sub(1))
            .take(if position == 0 { 2 } else { 3 });
        let around: Vec<Found> = around.map(|one| self.found_at(reported, one)).collect();
        let lies_between = |number: fn(&Found) -> Option<u64>| {
            let numbers = || around.iter().filter_map(number);
            let (least, most) = (numbers().min(), numbers().max());
            let range = least.zip(most);
            range.is_some_and(|(least, most)| (least..=most).contains(&reported.series.last))
        };
        lies_between(|one| one.marked) || lies_between(|one| one.computed)
    }

    /// It is the number of the routes before policy.
    fn is_before_policy(&self, reported: &Reported<'_>) -> bool {
        let (view, family) = reported.place;
        let Some(rib) = before_policy(view.rib) else {
            return false;
        };
        let moments = self.moments.of_place((View { rib, ..view }, family));
        let position = Moments::position(moments, reported.last);
        let moment = position.and_then(|position| moments.get(position));
        moment.is_some_and(|moment| {
            let mut numbers = self.found_at(reported, moment).numbers();
            numbers.any(|number| number == reported.series.last)
        })
    }
}

fn before_policy(rib: Rib) -> Option<Rib> {
    match rib {
        Rib::AdjRibInPost => Some(Rib::AdjRibInPre),
        Rib::AdjRibOutPost => Some(Rib::AdjRibOutPre),
        _ => None,
    }
}

fn behind_policy(rib: Rib) -> Option<Rib> {
    match rib {
        Rib::AdjRibInPre => Some(Rib::AdjRibInPost),
        Rib::AdjRibOutPre => Some(Rib::AdjRibOutPost),
        _ => None,
    }
}

/// The session's beginning, or octets in it, or the peer's Peer Up, were not captured.
fn is_incomplete(sessions: &[Session], view: View) -> bool {
    let is_cut = |session: &Session| {
        let causes = [GapKind::MissingSegment, GapKind::MidStreamStart];
        let mut gaps = causes.iter().map(|cause| session.gaps.of(*cause).bytes);
        gaps.any(|octets| octets > 0)
    };
    let has_no_up = |peer: &Peer| peer.opens.is_none();
    session_of(sessions, view.session).is_none_or(is_cut)
        || peer_of(sessions, view).is_none_or(has_no_up)
}

fn has_end_of_rib(sessions: &[Session], view: View, family: Family) -> bool {
    let Some(peer) = peer_of(sessions, view) else {
        return false;
    };
    let mut rows = peer.routes.rows();
    rows.any(|(rib, of, counts)| (rib, of) == (view.rib, family) && counts.end_of_rib > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vrps_are_no_other_ones_where_the_routers_marks_agree_with_them() {
        let of = |marked, computed| {
            let found = Found {
                routes: Some(7),
                marked,
                computed,
            };
            found.contradicts(4)
        };
        let (data, marks) = (Some(Doubt::OtherData), Some(Doubt::OtherThanMarks));
        assert_eq!(of(Some(3), Some(3)), marks);
        assert_eq!(of(Some(3), Some(4)), marks);
        assert_eq!(of(Some(3), None), marks);
        assert_eq!(of(Some(4), Some(3)), data);
        assert_eq!(of(Some(2), Some(3)), data);
        assert_eq!(of(None, Some(3)), data);
        assert_eq!(of(Some(4), Some(4)), None);
    }
}
