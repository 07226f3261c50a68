//! The state of each route: what its router reported, and what VRPs and ASPAs say.

use super::disagreement::disagreement;
use super::path_state::{Received, path_state, top_hops};
use super::relation::{Neighbour, Relation, relation_rows};
use super::reported::{self, ReportedRow};
use super::routes::{PathOrigin, Route, RouteKey, RoutePath, Routes, View};
use super::rows::{
    ComputedRow, CountsRow, DataRow, OriginRow, PathTotalRow, PrefixRow, ReportedCountsRow,
    RouteRow, StateWord, TotalRow, Validation, ViewRow,
};
use super::told::Told;
use super::violations;
use super::vrp_rows::vrp_rows;
use crate::analysis::shape::PeerName;
use crate::bmp::Rib;
use crate::bmp::rpki::RouteState;
use crate::net::{Family, Prefix};
use crate::rpki::{AspaTable, Origin, OriginState, Reason, Source, VrpTable};
use crate::session::{Peer, Session};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What routes are validated by.
#[derive(Debug, Clone, Default)]
pub struct Data {
    /// VRPs.
    pub vrps: VrpTable,
    /// ASPAs.
    pub aspas: AspaTable,
    /// Only ASPAs were given, no VRPs at all: the states of origins are not computed.
    pub only_aspas: bool,
    /// What a person says of neighbours.
    pub relations: Vec<Relation>,
    /// Where VRPs come from, by number.
    pub sources: Vec<Source>,
    /// What is told of it.
    pub row: DataRow,
}

impl Data {
    /// The state of an origin by the VRPs; none where no VRPs were given.
    pub fn origin_state(&self, prefix: Prefix, origin: Origin) -> Option<OriginState> {
        (!self.only_aspas).then(|| self.vrps.validate(prefix, origin))
    }
}

/// Origins and prefixes listed.
const TOP: usize = 20;

/// The states of all routes; `told`: what messages say of single ones.
pub fn validation(
    routes: &Routes,
    told: &Told,
    sessions: &[Session],
    data: Option<&Data>,
) -> Validation {
    let mut answer = Validation {
        data: data.map(|data| data_row(data, sessions)),
        missing: Vec::new(),
        totals: Vec::new(),
        invalid_origins: Vec::new(),
        invalid_prefixes: Vec::new(),
        invalid_hops: Vec::new(),
        disagreements: Vec::new(),
        violations: violations::rows(&told.violations, sessions),
        routes: Vec::new(),
        left_out: routes.left_out(),
        reports_left_out: told.left_out(),
        violations_left_out: told.violations.left_out(),
    };
    let relations = data.map_or(&[][..], |data| &data.relations);
    for (view, listed) in routes.views() {
        let session = sessions.iter().find(|session| session.id == view.session);
        let peer = session.and_then(|session| session.peers.get(view.peer as usize));
        if let Some((session, peer)) = session.zip(peer) {
            let looking = Looking {
                view,
                session,
                peer,
                own_as: own_as(view, peer),
                neighbour: Neighbour::of(relations, session, peer),
                data,
                told,
            };
            add_view(&mut answer, &looking, routes, &listed);
        }
    }
    add_tops(&mut answer);
    answer
}

/// What is told of the data.
pub fn data_row(data: &Data, sessions: &[Session]) -> DataRow {
    DataRow {
        relations: relation_rows(&data.relations, sessions),
        ..data.row.clone()
    }
}

/// One view, and what its routes are validated by.
struct Looking<'a> {
    view: View,
    session: &'a Session,
    peer: &'a Peer,
    own_as: u32,
    neighbour: Neighbour,
    data: Option<&'a Data>,
    told: &'a Told,
}

/// The router's AS: as in the OPEN that it sent; of a Loc-RIB the peer's. Without a Peer Up, the peer's
/// too: who sends an empty path is internal.
pub(super) fn own_as(view: View, peer: &Peer) -> u32 {
    match &peer.opens {
        Some(opens) if view.rib != Rib::LocRib => opens.0.asn(),
        _ => peer.asn,
    }
}

fn add_view(
    answer: &mut Validation,
    looking: &Looking<'_>,
    routes: &Routes,
    listed: &[(RouteKey, Route)],
) {
    let first = looking.session.timeline.first;
    let since = first.and_then(|moment| moment.time);
    answer.routes.reserve(listed.len());
    for is_ipv4 in [true, false] {
        let family = match is_ipv4 {
            true => Family::IPV4_UNICAST,
            false => Family::IPV6_UNICAST,
        };
        let view = Arc::new(looking.row(family));
        let mut total = TotalRow {
            view: Arc::clone(&view),
            routes: 0,
            withdrawn: 0,
            computed: looking
                .data
                .filter(|data| !data.only_aspas)
                .map(|_| CountsRow::default()),
            reported: ReportedCountsRow::default(),
            paths: None,
        };
        let of_family = listed
            .iter()
            .filter(|(key, _)| key.prefix.address.is_ipv4() == is_ipv4);
        for (key, route) in of_family {
            let Some(path) = routes.path(route) else {
                continue;
            };
            let row = looking.route(&view, *key, *route, path);
            total.add(&row);
            answer.disagreements.extend(disagreement(&row, since));
            answer.routes.push(row);
        }
        if total.routes + total.withdrawn > 0 {
            answer.totals.push(total);
        }
    }
}

impl TotalRow {
    fn add(&mut self, row: &RouteRow) {
        if !row.stands {
            self.withdrawn += 1;
            return;
        }
        self.routes += 1;
        self.reported.add(row.reported.as_ref());
        if let Some(counts) = &mut self.computed {
            counts.add(row.computed.as_ref().and_then(|one| one.state));
        }
        let computed = row.computed.as_ref();
        if let Some(path) = computed.and_then(|one| one.path_state.as_ref()) {
            PathTotalRow::count(&mut self.paths, path);
        }
    }
}

impl CountsRow {
    fn add(&mut self, state: Option<StateWord>) {
        let count = match state {
            Some(StateWord::Valid) => &mut self.valid,
            Some(StateWord::Invalid) => &mut self.invalid,
            Some(StateWord::NotFound) => &mut self.not_found,
            None => &mut self.not_validated,
        };
        *count += 1;
    }
}

impl ReportedCountsRow {
    fn add(&mut self, reported: Option<&ReportedRow>) {
        let state = reported.map(|one| (one.state.state, one.state.is_path));
        let count = match state {
            None => &mut self.silent,
            Some((RouteState::VALID, _)) => &mut self.valid,
            Some((RouteState::INVALID, _)) => &mut self.invalid,
            Some((RouteState::NOT_FOUND, true)) => &mut self.unknown,
            Some((RouteState::NOT_FOUND, false)) => &mut self.not_found,
            Some((RouteState::NOT_VALIDATED, _)) => &mut self.not_validated,
            Some(_) => &mut self.other,
        };
        *count += 1;
    }
}

impl StateWord {
    pub(super) fn of(state: OriginState) -> StateWord {
        match state {
            OriginState::Valid => StateWord::Valid,
            OriginState::Invalid => StateWord::Invalid,
            OriginState::NotFound => StateWord::NotFound,
        }
    }

    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            StateWord::Valid => "valid",
            StateWord::Invalid => "invalid",
            StateWord::NotFound => "not-found",
        }
    }
}

impl Looking<'_> {
    fn row(&self, family: Family) -> ViewRow {
        ViewRow {
            session: self.session.id,
            router: self.session.router_address,
            router_name: self.session.router.sys_name.clone(),
            peer: PeerName::of(self.peer),
            rib: self.view.rib,
            afi: family.afi_word(),
            safi: family.safi_word(),
        }
    }

    fn route(
        &self,
        view: &Arc<ViewRow>,
        key: RouteKey,
        route: Route,
        path: &RoutePath,
    ) -> RouteRow {
        let origin = match path.origin {
            PathOrigin::As(asn) => Origin::As(asn),
            PathOrigin::Own => Origin::As(self.own_as),
            PathOrigin::Set => Origin::None,
        };
        let (reported, also_reported) =
            reported::reported(self.view, key, path, route.marks, self.told);
        RouteRow {
            view: Arc::clone(view),
            prefix: key.prefix.to_string(),
            path_id: key.path_id,
            origin: match origin {
                Origin::As(asn) => Some(asn),
                Origin::None => None,
            },
            stands: route.stands,
            monitored: route.monitored,
            reported,
            also_reported,
            computed: self
                .data
                .map(|data| self.computed(data, key.prefix, origin, path)),
        }
    }

    fn computed(
        &self,
        data: &Data,
        prefix: Prefix,
        origin: Origin,
        path: &RoutePath,
    ) -> ComputedRow {
        let found = data.vrps.explain(prefix, origin);
        ComputedRow {
            state: (!data.only_aspas).then(|| StateWord::of(found.state)),
            matched: vrp_rows(&found.matched, &data.sources),
            unmatched_as: vrp_rows(&found.unmatched_as, &data.sources),
            unmatched_length: vrp_rows(&found.unmatched_length, &data.sources),
            reasons: found.reasons,
            path_state: path_state(&data.aspas, &self.received(), &path.path).map(Box::new),
        }
    }

    fn received(&self) -> Received {
        Received {
            rib: self.view.rib,
            peer_as: self.peer.asn,
            neighbour: self.neighbour,
            own_as: self.own_as,
        }
    }
}

/// The origins and prefixes that are invalid most.
fn add_tops(answer: &mut Validation) {
    answer.invalid_prefixes = top_prefixes(&answer.routes);
    answer.invalid_origins = top_origins(&answer.routes);
    answer.invalid_hops = top_hops(&answer.routes);
}

/// The routes that stand and are invalid, with the reasons.
fn invalid(routes: &[RouteRow]) -> impl Iterator<Item = (&RouteRow, &[Reason])> {
    let standing = routes.iter().filter(|row| row.stands);
    standing.filter_map(|row| {
        let computed = row.computed.as_ref()?;
        let is_invalid = computed.state == Some(StateWord::Invalid);
        is_invalid.then_some((row, computed.reasons.as_slice()))
    })
}

fn top_prefixes(routes: &[RouteRow]) -> Vec<PrefixRow> {
    let mut found: BTreeMap<(&str, Option<u32>), PrefixRow> = BTreeMap::new();
    for (row, reasons) in invalid(routes) {
        let entry = found.entry((&row.prefix, row.origin));
        let prefix = entry.or_insert_with(|| PrefixRow {
            prefix: row.prefix.clone(),
            origin: row.origin,
            reasons: reasons.to_vec(),
            routes: 0,
        });
        prefix.routes += 1;
    }
    let mut rows: Vec<PrefixRow> = found.into_values().collect();
    // Prefixes sort as addresses do.
    rows.sort_by_cached_key(|row| (Reverse(row.routes), Prefix::order(&row.prefix), row.origin));
    rows.truncate(TOP);
    rows
}

fn top_origins(routes: &[RouteRow]) -> Vec<OriginRow> {
    let mut found: BTreeMap<Option<u32>, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for (row, _) in invalid(routes) {
        let origin = found.entry(row.origin).or_default();
        origin.0 += 1;
        origin.1.insert(&row.prefix);
    }
    let row = |(origin, (routes, prefixes)): (_, (u64, BTreeSet<&str>))| OriginRow {
        origin,
        prefixes: prefixes.len() as u64,
        routes,
    };
    let mut rows: Vec<OriginRow> = found.into_iter().map(row).collect();
    rows.sort_by_key(|row| Reverse((row.prefixes, row.routes)));
    rows.truncate(TOP);
    rows
}
