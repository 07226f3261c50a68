//! The shapes of `rpki validation` in JSON.

use super::freshness::Freshness;
use super::relation::{RelationRow, RoleSource};
use super::reported::ReportedRow;
use super::told::SaidState;
use super::violations::ViolationRow;
use crate::analysis::shape::PeerName;
use crate::bgp::capability::RoleValue;
use crate::bmp::Rib;
use crate::net::Prefix;
use crate::rpki::{Direction, PathReason, PathState, Reason};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;

/// The validation states of the routes of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Validation {
    /// What the states were computed from; null where no VRPs were given.
    pub data: Option<DataRow>,
    /// What is missing for a better answer, and how to get it.
    pub missing: Vec<String>,
    /// Routes by state, for each view and family.
    pub totals: Vec<TotalRow>,
    /// The origins with the most invalid routes.
    pub invalid_origins: Vec<OriginRow>,
    /// The invalid prefixes that most views show.
    pub invalid_prefixes: Vec<PrefixRow>,
    /// The hops that make most paths invalid, from whichever side they are looked at.
    pub invalid_hops: Vec<HopTotalRow>,
    /// Routes of which the router says one thing and the data another.
    pub disagreements: Vec<DisagreementRow>,
    /// Where messages about the validation of routes contradict themselves or the draft.
    pub violations: Vec<ViolationRow>,
    /// Every route as it was announced last.
    pub routes: Vec<RouteRow>,
    /// Announcements of further routes, which found no room.
    pub left_out: u64,
    /// What messages said of further routes, which found no room.
    pub reports_left_out: u64,
    /// Further violations, which found no room.
    pub violations_left_out: u64,
}

/// What states were computed from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DataRow {
    /// The files, in order as given.
    pub files: Vec<String>,
    /// Different VRPs of IPv4 that were used.
    pub vrps_ipv4: u64,
    /// Of IPv6.
    pub vrps_ipv6: u64,
    /// Customers with ASPAs.
    pub aspas: u64,
    /// Entries that had expired before the capture begins: left out.
    pub expired: u64,
    /// Entries that could not be read: left out.
    pub unreadable: u64,
    /// When the earliest file was made, as it says.
    pub first_generated: Option<Timestamp>,
    /// When the latest was.
    pub last_generated: Option<Timestamp>,
    /// Seconds from the latest file to the end of the capture; negative: the data is newer than it.
    pub age: Option<i64>,
    /// Whether it is of the time of the capture; null where either does not say when it was made.
    pub freshness: Option<Freshness>,
    /// What local exceptions changed.
    pub slurm: Vec<SlurmRow>,
    /// What a person said of neighbours, and what became of it.
    pub relations: Vec<RelationRow>,
}

/// What one SLURM file changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SlurmRow {
    /// The file.
    pub file: String,
    /// VRPs that were left out.
    pub filtered: u64,
    /// VRPs that were added.
    pub added: u64,
    /// ASPAs that were left out.
    pub filtered_aspas: u64,
    /// ASPAs that were added.
    pub added_aspas: u64,
    /// Prefix filters that fitted nothing, by number from 1.
    pub idle_filters: Vec<u64>,
}

/// A state of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StateWord {
    /// A VRP matches it.
    Valid,
    /// VRPs cover it, and none matches.
    Invalid,
    /// No VRP covers it.
    NotFound,
}

/// How a router reported a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// RPKI_VALIDATION, or RPKI_IMPACT, which repeats it.
    Message,
    /// The extended community of RFC 8097.
    Community,
    /// A Path Marking TLV.
    PathStatus,
    /// A Route Event of REL.
    Rel,
}

/// Why what a router reported and what was computed may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The path ends in an AS_SET: implementations treat it differently.
    AsSet,
    /// A local exception decides here.
    LocalException,
    /// The community may be the neighbour's word, not the router's.
    NeighboursWord,
    /// The router did not validate: not at all, or not on this peer.
    NoValidation,
    /// The router goes by a rule that had expired before the capture begins.
    StaleData,
    /// The router has other data, or had at that time.
    OtherData,
}

impl Via {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Via::Message => "message",
            Via::Community => "community",
            Via::PathStatus => "path-status",
            Via::Rel => "rel",
        }
    }
}

impl Cause {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Cause::AsSet => "as-set",
            Cause::LocalException => "local-exception",
            Cause::NeighboursWord => "neighbours-word",
            Cause::NoValidation => "no-validation",
            Cause::StaleData => "stale-data",
            Cause::OtherData => "other-data",
        }
    }
}

/// Whose routes they are.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ViewRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The peer.
    pub peer: PeerName,
    /// The RIB view.
    pub rib: Rib,
    /// Address family.
    pub afi: String,
    /// Subsequent address family.
    pub safi: String,
}

/// Routes of a view and family by state.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TotalRow {
    /// Whose.
    #[serde(flatten)]
    pub view: Arc<ViewRow>,
    /// Routes that stand at the end.
    pub routes: u64,
    /// Routes that were announced and are withdrawn: in no other count.
    pub withdrawn: u64,
    /// Computed here; null without VRPs.
    pub computed: Option<CountsRow>,
    /// As the router reported it: by the evidence that leads.
    pub reported: ReportedCountsRow,
    /// What ASPAs say of the paths; null where they do not apply.
    pub paths: Option<PathTotalRow>,
}

/// Routes by the state that the router reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReportedCountsRow {
    /// Valid.
    pub valid: u64,
    /// Invalid.
    pub invalid: u64,
    /// No VRP covers them.
    pub not_found: u64,
    /// Paths that ASPAs do not decide.
    pub unknown: u64,
    /// The router says that it did not validate them.
    pub not_validated: u64,
    /// States that have no name.
    pub other: u64,
    /// The router says nothing of them.
    pub silent: u64,
}

/// Routes by the state of their paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathTotalRow {
    /// What the neighbour is to the router (RFC 9234); null: nobody says.
    pub neighbour: Option<RoleValue>,
    /// As received from a customer, peer or route server; null: they were not.
    pub upstream: Option<PathCountsRow>,
    /// As received from a provider; null: they were not.
    pub downstream: Option<PathCountsRow>,
}

/// Routes by the state of their paths in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathCountsRow {
    /// Valid.
    pub valid: u64,
    /// Invalid.
    pub invalid: u64,
    /// Neither can be told.
    pub unknown: u64,
}

/// Routes by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountsRow {
    /// Valid.
    pub valid: u64,
    /// Invalid.
    pub invalid: u64,
    /// No VRP covers them.
    pub not_found: u64,
    /// Nothing is said of them.
    pub not_validated: u64,
}

/// An origin and its invalid routes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OriginRow {
    /// The AS; null: paths that end in an AS_SET.
    pub origin: Option<u32>,
    /// Its invalid prefixes.
    pub prefixes: u64,
    /// Its invalid routes, of all views.
    pub routes: u64,
}

/// An invalid prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PrefixRow {
    /// The prefix.
    pub prefix: String,
    /// The AS; null: the path ends in an AS_SET.
    pub origin: Option<u32>,
    /// Why it is invalid.
    pub reasons: Vec<Reason>,
    /// Its routes, of all views.
    pub routes: u64,
}

/// One route.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouteRow {
    /// Whose.
    #[serde(flatten)]
    pub view: Arc<ViewRow>,
    /// The prefix.
    pub prefix: String,
    /// The path identifier.
    pub path_id: Option<u32>,
    /// The AS that originated it; null: the path ends in an AS_SET.
    pub origin: Option<u32>,
    /// It stands at the end of the capture: it was not withdrawn.
    pub stands: bool,
    /// A Route Monitoring message showed it; else only messages about its validation did.
    pub monitored: bool,
    /// What the router says of it.
    pub reported: Option<ReportedRow>,
    /// What it says besides.
    pub also_reported: Vec<ReportedRow>,
    /// What was computed; null without VRPs.
    pub computed: Option<ComputedRow>,
}

/// A state as it was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ComputedRow {
    /// The state (RFC 6811); null where ASPAs were given, but no VRPs.
    pub state: Option<StateWord>,
    /// Why, where it is invalid.
    pub reasons: Vec<Reason>,
    /// VRPs that match it.
    pub matched: Vec<VrpRow>,
    /// VRPs that cover it for another AS.
    pub unmatched_as: Vec<VrpRow>,
    /// VRPs that cover it for its AS, but not at its length.
    pub unmatched_length: Vec<VrpRow>,
    /// What ASPAs say of its path; null without ASPAs, and where they do not apply: only to what an
    /// external peer sent.
    pub path_state: Option<Box<PathStateRow>>,
}

/// A VRP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VrpRow {
    /// Its prefix.
    #[serde(serialize_with = "super::vrp_rows::as_text")]
    #[schemars(with = "String")]
    pub prefix: Prefix,
    /// The longest length that it authorises.
    pub max_length: u8,
    /// Its AS.
    pub asn: u32,
    /// The trust anchors that it comes from, or files where they name none.
    pub sources: Vec<Arc<str>>,
    /// A local exception asserts it.
    pub local: bool,
    /// Until when it is good: the latest of its sources.
    pub expires: Option<Timestamp>,
}

/// The state of a path, from both sides where the neighbour's role is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathStateRow {
    /// What the neighbour is to the router (RFC 9234); null: nobody says.
    pub neighbour: Option<RoleValue>,
    /// Who says so.
    pub neighbour_by: Option<RoleSource>,
    /// As received from a customer, peer or route server; null: it was not.
    pub upstream: Option<PathState>,
    /// As received from a provider; null: it was not.
    pub downstream: Option<PathState>,
    /// Why it is invalid.
    pub reasons: Vec<PathReason>,
    /// The hops that make it invalid.
    pub contradicted: Vec<HopRow>,
}

/// A hop of a path that contradicts an ASPA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HopRow {
    /// The direction in which it makes the path invalid.
    pub direction: Direction,
    /// Who has an ASPA.
    pub customer: u32,
    /// Who is not one of its providers.
    pub provider: u32,
}

/// A hop that contradicts an ASPA, and the routes whose paths have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HopTotalRow {
    /// Who has an ASPA.
    pub customer: u32,
    /// Who is not one of its providers.
    pub provider: u32,
    /// Routes with paths that it makes invalid, of all views.
    pub routes: u64,
}

/// A route of which the router says one thing and the data another.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DisagreementRow {
    /// Whose.
    #[serde(flatten)]
    pub view: Arc<ViewRow>,
    /// The prefix.
    pub prefix: String,
    /// The path identifier.
    pub path_id: Option<u32>,
    /// The AS that originated it.
    pub origin: Option<u32>,
    /// What the router says.
    pub reported: ReportedRow,
    /// What was computed: of the origin, or of the path where only that was validated.
    pub computed: SaidState,
    /// The likely cause.
    pub cause: Cause,
}
