//! How many routes of each state stood in each view at the moments of Statistics Reports, and at the
//! end: counted at the end, and then back over what changed.

use super::super::super::stats::Instant;
use super::super::history::{Change, Step};
use super::super::routes::{Marks, PathOrigin, Route, RouteKey, Routes, View};
use super::super::validation::{Data, own_as};
use super::Counted;
use crate::bmp::Rib;
use crate::net::Family;
use crate::rpki::{Origin, OriginState};
use crate::session::{Peer, Session};
use crate::time::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// A view and one of its families.
pub(super) type Place = (View, Family);

/// Routes by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) routes: u64,
    marked: ByState,
    computed: ByState,
}

/// Valid, invalid, not found.
type ByState = [u64; 3];

impl Counts {
    /// The routes of a state, by what the router says of each.
    pub(super) fn marked(&self, state: Counted) -> Option<u64> {
        match state {
            Counted::NotValidated => Some(self.routes.saturating_sub(self.marked.iter().sum())),
            state => at(&self.marked, state),
        }
    }

    /// The routes of a state, by the VRPs.
    pub(super) fn computed(&self, state: Counted) -> Option<u64> {
        at(&self.computed, state)
    }

    /// The router says something of some.
    pub(super) fn has_marks(&self) -> bool {
        self.marked.iter().any(|count| *count > 0)
    }

    fn change(&mut self, states: States, by: fn(u64) -> u64) {
        self.routes = by(self.routes);
        for (counts, state) in [
            (&mut self.marked, states.marked),
            (&mut self.computed, states.computed),
        ] {
            if let Some(count) = state.and_then(|state| counts.get_mut(index(state))) {
                *count = by(*count);
            }
        }
    }
}

fn index(state: OriginState) -> usize {
    match state {
        OriginState::Valid => 0,
        OriginState::Invalid => 1,
        OriginState::NotFound => 2,
    }
}

fn at(counts: &ByState, state: Counted) -> Option<u64> {
    let state = match state {
        Counted::Valid => OriginState::Valid,
        Counted::Invalid => OriginState::Invalid,
        Counted::NotFound => OriginState::NotFound,
        Counted::NotValidated | Counted::Filtered => return None,
    };
    counts.get(index(state)).copied()
}

/// What is said of a route.
#[derive(Clone, Copy)]
struct States {
    marked: Option<OriginState>,
    computed: Option<OriginState>,
}

/// The counts from one moment on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// When; none: at the end.
    pub(super) instant: Option<Instant>,
    pub(super) counts: Counts,
}

impl Moment {
    /// By the clock of the capture, or else the router's.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.instant.and_then(when)
    }
}

/// When an instant was, by the clock of the capture, or else the router's.
pub(super) fn when(instant: Instant) -> Option<Timestamp> {
    instant.captured.or(instant.reported)
}

/// The moments of each view and family, in order; the last is the end.
#[derive(Debug, Default)]
pub(super) struct Moments {
    places: BTreeMap<Place, Vec<Moment>>,
}

impl Moments {
    pub(super) fn of(routes: &Routes, sessions: &[Session], data: Option<&Data>) -> Moments {
        let judge = Judge {
            routes,
            sessions,
            data,
        };
        let mut counts = judge.at_the_end();
        let mut places: BTreeMap<Place, Vec<Moment>> = BTreeMap::new();
        for (place, counts) in &counts {
            let end = Moment {
                instant: None,
                counts: *counts,
            };
            places.insert(*place, vec![end]);
        }
        for step in routes.history().backwards() {
            match step {
                Step::Change(change) => judge.take_back(&mut counts, change),
                Step::Mark(peer, instant) => mark(&mut places, &counts, *peer, *instant),
            }
        }
        places.values_mut().for_each(|moments| moments.reverse());
        Moments { places }
    }

    /// Every view and family, with its moments.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Place, &Vec<Moment>)> {
        self.places.iter()
    }

    /// The moments of a view and family.
    pub(super) fn of_place(&self, place: Place) -> &[Moment] {
        self.places.get(&place).map_or(&[], Vec::as_slice)
    }

    /// The place among them of the one that an instant is in. Without a clock only the last is known.
    pub(super) fn position(moments: &[Moment], instant: Instant) -> Option<usize> {
        let Some(wanted) = when(instant).map(Timestamp::nanoseconds) else {
            return moments.iter().rposition(|moment| moment.instant.is_some());
        };
        let is_before = |moment: &Moment| {
            let time = moment.time();
            time.is_some_and(|time| time.nanoseconds() <= wanted)
        };
        moments.iter().rposition(is_before)
    }
}

/// Adds the moment of this peer to all its views. Where the next moment has the same counts, it begins
/// here.
fn mark(
    places: &mut BTreeMap<Place, Vec<Moment>>,
    counts: &HashMap<Place, Counts>,
    (session, peer): (u32, u32),
    instant: Instant,
) {
    for rib in Rib::ALL {
        for family in [Family::IPV4_UNICAST, Family::IPV6_UNICAST] {
            let place = (View { session, peer, rib }, family);
            let (Some(moments), Some(counts)) = (places.get_mut(&place), counts.get(&place)) else {
                continue;
            };
            let instant = Some(instant);
            match moments.last_mut() {
                Some(next) if next.instant.is_some() && next.counts == *counts => {
                    next.instant = instant;
                }
                _ => moments.push(Moment {
                    instant,
                    counts: *counts,
                }),
            }
        }
    }
}

/// The route stands in the view; one that only a message about its validation tells does not count.
fn counts_in(route: &Route) -> bool {
    route.stands && route.monitored
}

/// Says what is said of routes.
struct Judge<'a> {
    routes: &'a Routes,
    sessions: &'a [Session],
    data: Option<&'a Data>,
}

impl Judge<'_> {
    fn at_the_end(&self) -> HashMap<Place, Counts> {
        let mut counts: HashMap<Place, Counts> = HashMap::new();
        for (view, routes) in self.routes.views() {
            for (key, route) in routes {
                let counts = counts.entry((view, family(key))).or_default();
                if counts_in(&route) {
                    counts.change(self.states(view, key, &route), |count| count + 1);
                }
            }
        }
        counts
    }

    fn take_back(&self, counts: &mut HashMap<Place, Counts>, change: &Change) {
        let Some(counts) = counts.get_mut(&(change.view, family(change.key))) else {
            return;
        };
        let states = |route: &Route| self.states(change.view, change.key, route);
        if let Some(route) = change.after.filter(counts_in) {
            counts.change(states(&route), |count| count.saturating_sub(1));
        }
        if let Some(route) = change.before.filter(counts_in) {
            counts.change(states(&route), |count| count + 1);
        }
    }

    fn states(&self, view: View, key: RouteKey, route: &Route) -> States {
        States {
            marked: marked(view, route.marks),
            computed: self.computed(view, key, route),
        }
    }

    fn computed(&self, view: View, key: RouteKey, route: &Route) -> Option<OriginState> {
        let origin = match self.routes.path(route)?.origin {
            PathOrigin::As(asn) => Origin::As(asn),
            PathOrigin::Own => Origin::As(own_as(view, peer_of(self.sessions, view)?)),
            PathOrigin::Set => Origin::None,
        };
        self.data?.origin_state(key.prefix, origin)
    }
}

fn family(key: RouteKey) -> Family {
    match key.prefix.address.is_ipv4() {
        true => Family::IPV4_UNICAST,
        false => Family::IPV6_UNICAST,
    }
}

/// What the router itself says: before policy, a community is its neighbour's.
fn marked(view: View, marks: Marks) -> Option<OriginState> {
    let own = marks.community.filter(|_| view.rib != Rib::AdjRibInPre);
    own.or(marks.is_marked_invalid.then_some(OriginState::Invalid))
}

/// The session with this number; they are in the order of their numbers.
pub(super) fn session_of(sessions: &[Session], number: u32) -> Option<&Session> {
    let place = sessions.binary_search_by_key(&number, |session| session.id);
    sessions.get(place.ok()?)
}

pub(super) fn peer_of(sessions: &[Session], view: View) -> Option<&Peer> {
    let session = session_of(sessions, view.session)?;
    session.peers.get(view.peer as usize)
}
