//! The shapes of `rpki impact` in JSON.

use super::outcome::{Class, Scenario};
use super::policy::Treatment;
use super::selection::{Step, Unknown};
use crate::analysis::rpki::path::PathSegment;
use crate::analysis::rpki::reported_impact::ReportedImpactRow;
use crate::analysis::rpki::rows::{DataRow, StateWord, ViewRow};
use crate::analysis::shape::PeerName;
use crate::rpki::{PathState, Reason};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What the RPKI changes in routing.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Impact {
    /// What states were computed from; null where no VRPs were given.
    pub data: Option<DataRow>,
    /// What is missing for a better answer, and how to get it.
    pub missing: Vec<String>,
    /// What validation changed, as routers report it (RPKI_IMPACT).
    pub reported: Vec<ReportedImpactRow>,
    /// Reported impacts that found no room.
    pub reported_left_out: u64,
    /// What policies visibly do, and what came of it; null without VRPs.
    pub inferred: Option<Inferred>,
    /// What `--what-if` would change; null where it was not asked.
    pub what_if: Option<Inferred>,
    /// Announcements of further routes, which found no room.
    pub left_out: u64,
}

/// What was inferred from the views of the capture and the states computed here.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Inferred {
    /// What is compared with what.
    pub scenario: Scenario,
    /// What each peer's inbound policy does to routes by state.
    pub policies: Vec<PolicyRow>,
    /// Prefixes by class, for each table.
    pub totals: Vec<TotalRow>,
    /// Every prefix with such a route.
    pub prefixes: Vec<PrefixImpactRow>,
    /// Every invalid route, and others that policy treats alike.
    pub routes: Vec<ImpactRouteRow>,
}

/// A routing table of a router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TableRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The distinguisher of its peers; null for the global table.
    pub distinguisher: Option<String>,
}

/// What the inbound policy of a peer does.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PolicyRow {
    /// The table.
    #[serde(flatten)]
    pub table: TableRow,
    /// The peer.
    pub peer: PeerName,
    /// The router shows what the peer sends, before policy.
    pub shows_pre_policy: bool,
    /// The router shows what is left of it, after policy.
    pub shows_post_policy: bool,
    /// Withdrawals before policy of routes that were never announced there. Some routers show a route
    /// that policy denies so (FRR 8.4): what it was is not in the capture.
    pub unannounced_withdrawals: u64,
    /// What became of most invalid routes; null where there are none or no way leads.
    pub invalid_routes_are: Option<Treatment>,
    /// The LOCAL_PREF of routes without VRPs, if they all have one.
    pub usual_local_pref: Option<u32>,
    /// Routes by state.
    pub states: Vec<PolicyStateRow>,
}

/// What becomes of routes of one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PolicyStateRow {
    /// The state.
    pub state: StateWord,
    /// Routes that the peer sent.
    pub routes: u64,
    /// Left as they are.
    pub accepted: u64,
    /// Marked with communities.
    pub tagged: u64,
    /// With a lower LOCAL_PREF, a longer path or a higher MED; or chosen last for their state.
    pub deprioritised: u64,
    /// After policy, and never chosen: they take no part in selection.
    pub excluded: u64,
    /// Not there after policy.
    pub dropped: u64,
    /// Not there after policy, with the router's own AS in their paths: no policy had a say.
    pub looped: u64,
    /// Not known: the router does not show them after policy.
    pub not_shown: u64,
}

/// Prefixes of a table by class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TotalRow {
    /// The table.
    #[serde(flatten)]
    pub table: TableRow,
    /// The router shows what it chose (Loc-RIB).
    pub shows_loc_rib: bool,
    /// Prefixes with an invalid route.
    pub prefixes: u64,
    /// Of these, where the best route is another one, or none.
    pub changed: u64,
    /// Of these, where the policy treats other routes alike: the RPKI may not be the reason.
    pub changed_by_unselective: u64,
    /// Every class, and how many prefixes it has.
    pub classes: BTreeMap<String, u64>,
    /// Prefixes of which the router tells its best route, and several or one are shown to select from.
    pub compared: u64,
    /// Of these, where selecting as RFC 4271 does names the router's choice.
    pub agreeing: u64,
}

/// What becomes of a prefix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PrefixImpactRow {
    /// The table.
    #[serde(flatten)]
    pub table: TableRow,
    /// The prefix.
    pub prefix: String,
    /// What it comes to.
    pub class: Class,
    /// The best route is another one, or none.
    pub changed: bool,
    /// Whether the policy that took the best route away does so to invalid routes and to hardly any
    /// other; if not, it may have other reasons. Null where no policy did.
    pub selective: Option<bool>,
    /// The best route without RPKI; with `--what-if` the best route now.
    pub before: Option<BestRow>,
    /// The best route as it is; with `--what-if` as it would be.
    pub after: Option<BestRow>,
    /// The route to the longest prefix that covers it, where no route is left.
    pub covering: Option<BestRow>,
    /// Whether the peer from which the covering route came sent an invalid route to the prefix itself:
    /// traffic that goes there follows it. Null where no route covers it, and where what that peer sent
    /// is not shown.
    pub leaks: Option<bool>,
    /// Whether selection among the routes after policy names the router's own choice; null where it
    /// does not tell that.
    pub selection_agrees: Option<bool>,
}

/// A route as it is shown side by side with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RouteSide {
    /// The prefix.
    pub prefix: String,
    /// The path identifier.
    pub path_id: Option<u32>,
    /// The peer that it came from; null: it is in the Loc-RIB only.
    pub peer: Option<PeerName>,
    /// The AS that originated it; null for an AS_SET.
    pub origin: Option<u32>,
    /// AS_PATH.
    pub as_path: Vec<PathSegment>,
    /// NEXT_HOP.
    pub next_hop: Option<IpAddr>,
    /// LOCAL_PREF, where the router tells it.
    pub local_pref: Option<u32>,
    /// Its state: invalid if its origin or its path is.
    pub state: StateWord,
    /// The state of its path, where ASPAs were given, apply, and leave no doubt.
    pub path_state: Option<PathState>,
}

/// The best route, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BestRow {
    /// The route.
    #[serde(flatten)]
    pub route: RouteSide,
    /// The router says so itself (Loc-RIB).
    pub told: bool,
    /// The step of selection that decided; null where the router says it.
    pub decided_by: Option<Step>,
    /// What may have decided otherwise, and is not in the capture.
    pub cannot_know: Vec<Unknown>,
}

/// A route that is invalid or is treated as such.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ImpactRouteRow {
    /// Whose, in the first view that shows it.
    #[serde(flatten)]
    pub view: ViewRow,
    /// The prefix.
    pub prefix: String,
    /// The path identifier.
    pub path_id: Option<u32>,
    /// The AS that originated it; null for an AS_SET.
    pub origin: Option<u32>,
    /// AS_PATH.
    pub as_path: Vec<PathSegment>,
    /// NEXT_HOP.
    pub next_hop: Option<IpAddr>,
    /// Its state: invalid if its origin or its path is.
    pub state: StateWord,
    /// The state of its path, where ASPAs were given, apply, and leave no doubt.
    pub path_state: Option<PathState>,
    /// Why its origin is invalid.
    pub reasons: Vec<Reason>,
    /// What became of it; with `--what-if`, what would.
    pub treatment: Treatment,
    /// LOCAL_PREF before policy.
    pub local_pref_before: Option<u32>,
    /// LOCAL_PREF after policy.
    pub local_pref_after: Option<u32>,
    /// Communities that policy gave to it and hardly to any route that is not invalid.
    pub tags: Vec<String>,
    /// Peers to which the router passes an invalid route to this prefix on.
    pub advertised_to: Vec<IpAddr>,
    /// It is not invalid by our data, and policy treats it as if it were: the router has other data,
    /// or had at that time.
    pub treated_as_invalid: bool,
    /// What becomes of its prefix.
    pub class: Class,
    /// The route that is used instead, to its prefix or to one that covers it.
    pub alternate: Option<RouteSide>,
}
