//! The state of a route's path by ASPAs, from the side from which the router received it.

use super::relation::Neighbour;
use super::rows::{HopRow, HopTotalRow, PathCountsRow, PathStateRow, PathTotalRow, RouteRow};
use crate::bmp::Rib;
use crate::rpki::{AspaTable, Direction, Path, PathReason, PathState};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Where routes were received.
#[derive(Debug, Clone, Copy)]
pub struct Received {
    /// In which view they are shown.
    pub rib: Rib,
    /// From which AS.
    pub peer_as: u32,
    /// What that is to the router.
    pub neighbour: Neighbour,
    /// By which AS.
    pub own_as: u32,
}

/// The state of a path; none where ASPAs do not apply: "eBGP ingress only"
/// (draft-ietf-sidrops-aspa-verification-28 5).
pub fn path_state(aspas: &AspaTable, received: &Received, path: &Path) -> Option<PathStateRow> {
    if !received.applies(aspas) {
        return None;
    }
    let path = path.without_own(received.own_as);
    let role = received.neighbour.role;
    let mut row = PathStateRow {
        neighbour: role.map(|(role, _)| role),
        neighbour_by: role.map(|(_, source)| source),
        upstream: None,
        downstream: None,
        reasons: Vec::new(),
        contradicted: Vec::new(),
    };
    let stands_first = received.neighbour.stands_first();
    let first = stands_first.then_some(received.peer_as);
    for direction in received.neighbour.directions() {
        let (state, reason) = aspas.judge(&path, first, direction);
        row.add(direction, state, reason);
        if reason == Some(PathReason::Hop) {
            let hops = aspas.contradicted(&path, direction);
            row.contradicted
                .extend(hops.into_iter().map(|hop| HopRow::of(direction, hop)));
        }
    }
    Some(row)
}

/// The state of a path in one word; none where ASPAs do not apply, and where it depends on the
/// neighbour's role, which nobody tells.
pub fn certain_path_state(
    aspas: &AspaTable,
    received: &Received,
    path: &Path,
) -> Option<PathState> {
    if !received.applies(aspas) {
        return None;
    }
    let path = path.without_own(received.own_as);
    let stands_first = received.neighbour.stands_first();
    let first = stands_first.then_some(received.peer_as);
    let directions = received.neighbour.directions();
    let mut states = directions.map(|direction| aspas.verify(&path, first, direction));
    let state = states.next()?;
    states.all(|other| other == state).then_some(state)
}

impl Received {
    fn applies(&self, aspas: &AspaTable) -> bool {
        let is_in = matches!(self.rib, Rib::AdjRibInPre | Rib::AdjRibInPost);
        !aspas.is_empty() && is_in && self.own_as != self.peer_as
    }
}

impl PathStateRow {
    fn add(&mut self, direction: Direction, state: PathState, reason: Option<PathReason>) {
        match direction {
            Direction::Upstream => self.upstream = Some(state),
            Direction::Downstream => self.downstream = Some(state),
        }
        let is_new = |reason: &PathReason| !self.reasons.contains(reason);
        if let Some(reason) = reason.filter(is_new) {
            self.reasons.push(reason);
        }
    }
}

impl HopRow {
    fn of(direction: Direction, (customer, provider): (u32, u32)) -> HopRow {
        HopRow {
            direction,
            customer,
            provider,
        }
    }
}

impl PathTotalRow {
    /// Counts a route whose path has this state.
    pub fn count(total: &mut Option<PathTotalRow>, path: &PathStateRow) {
        let total = total.get_or_insert(PathTotalRow {
            neighbour: path.neighbour,
            upstream: None,
            downstream: None,
        });
        PathCountsRow::count(&mut total.upstream, path.upstream);
        PathCountsRow::count(&mut total.downstream, path.downstream);
    }
}

impl PathCountsRow {
    fn count(counts: &mut Option<PathCountsRow>, state: Option<PathState>) {
        let Some(state) = state else { return };
        let counts = counts.get_or_insert_default();
        let count = match state {
            PathState::Valid => &mut counts.valid,
            PathState::Invalid => &mut counts.invalid,
            PathState::Unknown => &mut counts.unknown,
        };
        *count += 1;
    }
}

/// Hops listed.
const TOP: usize = 20;

/// The hops that make most paths invalid. A path that is invalid from one side only, where nobody says
/// from which side it came, counts for nothing.
pub fn top_hops(routes: &[RouteRow]) -> Vec<HopTotalRow> {
    let mut found: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for row in routes.iter().filter(|row| row.stands) {
        let path = row
            .computed
            .as_ref()
            .and_then(|one| one.path_state.as_ref());
        let Some(path) = path.filter(|path| path.is_invalid()) else {
            continue;
        };
        let hops = path.contradicted.iter();
        let hops: BTreeSet<_> = hops.map(|hop| (hop.customer, hop.provider)).collect();
        for hop in hops {
            *found.entry(hop).or_default() += 1;
        }
    }
    let row = |((customer, provider), routes)| HopTotalRow {
        customer,
        provider,
        routes,
    };
    let mut rows: Vec<HopTotalRow> = found.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse(row.routes));
    rows.truncate(TOP);
    rows
}

impl PathStateRow {
    fn is_invalid(&self) -> bool {
        let states = [self.upstream, self.downstream];
        let mut states = states.into_iter().flatten();
        states.all(|state| state == PathState::Invalid)
    }
}
