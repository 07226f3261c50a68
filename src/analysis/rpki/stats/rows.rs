//! The shapes of `rpki stats` in JSON.

use super::super::super::shape::PeerName;
use super::super::super::stats::{Clock, Point, SeriesRow};
use super::super::rows::{DataRow, ViewRow};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// How many routes there are of each state, over time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RpkiStats {
    /// What states were computed from; null where no VRPs were given.
    pub data: Option<DataRow>,
    /// What is missing for a better answer, and how to get it.
    pub missing: Vec<String>,
    /// By session, peer, view, family, state and source.
    pub series: Vec<StateSeries>,
    /// The last value of each series of statistics, against the routes in the capture.
    pub checks: Vec<CheckRow>,
    /// The states of a view together, against the number of its routes.
    pub sums: Vec<SumRow>,
    /// What inbound policy rejects, as reported last and as the views before and behind it show.
    pub rejections: Vec<RejectionRow>,
    /// Statistics that do not name a state and yet tell of what validation does: routes of views, and
    /// those that policy rejects.
    pub related: Vec<SeriesRow>,
    /// Values of further series, which found no room.
    pub left_out: u64,
    /// Moments before these, at which routes are not counted: there was no room.
    pub moments_left_out: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Routes that a VRP matches.
    Valid,
    /// Routes that VRPs cover, and none matches.
    Invalid,
    /// Routes that no VRP covers.
    NotFound,
    /// Routes that nothing is said of.
    NotValidated,
    /// Routes that policy filtered for their state.
    Filtered,
}

impl Counted {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Counted::Valid => "valid",
            Counted::Invalid => "invalid",
            Counted::NotFound => "not-found",
            Counted::NotValidated => "not-validated",
            Counted::Filtered => "filtered",
        }
    }
}

/// Who counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The router, in its Statistics Reports.
    Statistics,
    /// The routes in the capture, by what the router says of each: at its Statistics Reports, and at the
    /// end.
    Marks,
    /// The same, by the VRPs that were given.
    Computed,
}

impl Source {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Source::Statistics => "statistics",
            Source::Marks => "marks",
            Source::Computed => "computed",
        }
    }
}

/// Routes of one state in one view over time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StateSeries {
    /// Whose.
    #[serde(flatten)]
    pub view: ViewRow,
    /// Of which state.
    pub state: Counted,
    /// Who counted.
    pub source: Source,
    /// Stat Type; null where no statistic tells it.
    #[serde(rename = "type")]
    pub number: Option<u16>,
    /// The Private Enterprise Number whose type it is.
    pub enterprise: Option<u32>,
    /// Which clock gave the times.
    pub clock: Option<Clock>,
    /// How many values there are.
    pub count: u64,
    /// When the first was.
    pub first_time: Option<Timestamp>,
    /// When the last was.
    pub last_time: Option<Timestamp>,
    /// The first value.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// The last less the first.
    pub delta: i128,
    /// The values, in order. Of what is counted here, those that differ from the one before, the first
    /// and the last; of statistics, those that there is room for.
    pub points: Vec<Point>,
}

/// A statistic and the routes that stood when it was reported.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CheckRow {
    /// Whose.
    #[serde(flatten)]
    pub view: ViewRow,
    /// Of which state.
    pub state: Counted,
    /// When it was reported last.
    pub time: Option<Timestamp>,
    /// What was reported.
    pub reported: u64,
    /// Routes that stood in the view; null where the capture does not show it.
    pub routes: Option<u64>,
    /// Those of this state, by what the router says of each; null where it says nothing of any.
    pub marked: Option<u64>,
    /// Those of this state, by the VRPs; null without VRPs.
    pub computed: Option<u64>,
    /// All these numbers are one; null where there is only what was reported.
    pub agrees: Option<bool>,
    /// Why they may differ, or why there is nothing to compare; the likeliest first.
    pub reasons: Vec<Doubt>,
}

/// Why a number that a router reports may not be the one that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Doubt {
    /// The capture has no routes of this view: the router does not send it, or before the capture.
    ViewNotCaptured,
    /// Routes of this family are not counted: the RPKI speaks of unicast.
    FamilyNotCounted,
    /// The router says nothing of its routes, and no VRPs were given.
    NothingToCompare,
    /// Too much changed since: the routes of that moment are not known.
    TooLongAgo,
    /// The capture begins inside the session, or octets are missing.
    CaptureIncomplete,
    /// No End-of-RIB came for this view: it may not be there as a whole.
    NoEndOfRib,
    /// It is the number of a moment between the reports around it: the report is older or newer than the
    /// routes.
    OtherMoment,
    /// It is the number of the same routes before policy.
    OtherPolicyStage,
    /// The router's states together are fewer than its routes: it does not validate all.
    NotAllValidated,
    /// The router has other VRPs, or had at that time.
    OtherData,
    /// The router counts otherwise than it marks its routes.
    OtherThanMarks,
}

impl Doubt {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Doubt::ViewNotCaptured => "view not in the capture",
            Doubt::FamilyNotCounted => "family not counted",
            Doubt::NothingToCompare => "no marks and no VRPs",
            Doubt::TooLongAgo => "too much changed since",
            Doubt::CaptureIncomplete => "session not captured as a whole",
            Doubt::NoEndOfRib => "no End-of-RIB",
            Doubt::OtherMoment => "number of another moment",
            Doubt::OtherPolicyStage => "number before policy",
            Doubt::NotAllValidated => "not all routes validated",
            Doubt::OtherData => "other VRPs",
            Doubt::OtherThanMarks => "not what the router marks",
        }
    }
}

/// The states of a view together.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SumRow {
    /// Whose.
    #[serde(flatten)]
    pub view: ViewRow,
    /// When the last of the states was reported.
    pub time: Option<Timestamp>,
    /// Valid, invalid and not found together, as reported last.
    pub sum: u64,
    /// The routes of the view, as its own statistic says last (types 10, 17, 21).
    pub routes_reported: Option<u64>,
    /// The routes of the view at that moment, as counted in the capture.
    pub routes: Option<u64>,
    /// The sum is the number of routes as reported, or else as counted; null where neither is known.
    pub agrees: Option<bool>,
}

/// What inbound policy rejects of a peer: how much of it for being invalid.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RejectionRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The peer.
    pub peer: PeerName,
    /// The Stat Type: 0, or 22 by family.
    #[serde(rename = "type")]
    pub number: u16,
    /// Its name.
    pub name: String,
    /// Address family, of a statistic by family; else all of unicast are counted.
    pub afi: Option<String>,
    /// Subsequent address family.
    pub safi: Option<String>,
    /// When it was reported last.
    pub time: Option<Timestamp>,
    /// What was reported.
    pub reported: u64,
    /// Routes before policy less those behind it, at that moment.
    pub counted: u64,
    /// Of these, invalid by the VRPs; null without VRPs.
    pub invalid: Option<u64>,
    /// Both are one; null where they differ and that need not mean anything: type 0 counts a route each
    /// time that it is rejected.
    pub agrees: Option<bool>,
}
