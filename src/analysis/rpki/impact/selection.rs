//! Which of several routes to a prefix is the best one, by their attributes (RFC 4271 9.1.2.2, RFC 4456
//! 9), which step says so, and what a capture cannot know of it.

use super::attributes::{Attributes, USUAL_PREFERENCE};
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr};

/// A route that may be the best one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contender<'a> {
    /// Its attributes.
    pub(super) attributes: &'a Attributes,
    /// LOCAL_PREF to compare; none: the router did not tell it.
    pub(super) local_pref: Option<u32>,
    /// What the router prefers by validation state before all else: the least. 0 where it does not.
    pub(super) state_rank: u8,
    /// It came from an external peer; none: not known.
    pub(super) is_external: Option<bool>,
    /// BGP Identifier of the peer.
    pub(super) bgp_id: Ipv4Addr,
    /// Address of the peer.
    pub(super) address: Option<IpAddr>,
    /// Path identifier.
    pub(super) path_id: Option<u32>,
}

/// The step of the selection that left one route over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// There was no other route.
    OnlyRoute,
    /// The validation state: what `--what-if prefer-valid` puts before all else.
    ValidationState,
    /// The highest LOCAL_PREF (RFC 4271 9.1.1).
    LocalPref,
    /// The shortest AS_PATH (RFC 4271 9.1.2.2 a).
    AsPathLength,
    /// The lowest ORIGIN (RFC 4271 9.1.2.2 b).
    Origin,
    /// The lowest MED among routes of one neighbouring AS (RFC 4271 9.1.2.2 c).
    Med,
    /// External before internal (RFC 4271 9.1.2.2 d).
    External,
    /// The lowest BGP Identifier (RFC 4271 9.1.2.2 f, RFC 4456 9).
    BgpId,
    /// The shortest CLUSTER_LIST (RFC 4456 9).
    ClusterList,
    /// The lowest peer address (RFC 4271 9.1.2.2 g).
    PeerAddress,
    /// The lowest path identifier: routes of one peer; nothing else tells them apart.
    PathId,
}

impl Step {
    /// The words of a table.
    pub fn words(self) -> &'static str {
        match self {
            Step::OnlyRoute => "only route",
            Step::ValidationState => "validation state",
            Step::LocalPref => "LOCAL_PREF",
            Step::AsPathLength => "AS_PATH length",
            Step::Origin => "ORIGIN",
            Step::Med => "MED",
            Step::External => "external",
            Step::BgpId => "BGP ID",
            Step::ClusterList => "CLUSTER_LIST",
            Step::PeerAddress => "peer address",
            Step::PathId => "path identifier",
        }
    }
}

/// What may have decided otherwise on the router, and is in no capture of BMP. A weight or preference that
/// is local to the router comes before all else and is never known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// The router does not tell the LOCAL_PREF that it gives to routes of external peers.
    LocalPref,
    /// Without a Peer Up it is not known which peers are external.
    ExternalPeers,
    /// The distance to the next hop (RFC 4271 9.1.2.2 e).
    InteriorCost,
    /// Which route is older: many routers keep it, where RFC 4271 goes on to compare identifiers.
    RouteAge,
}

/// The outcome of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decision {
    /// Place of the best route among the contenders.
    pub(super) best: usize,
    /// The step that left it over.
    pub(super) step: Step,
    /// What may have decided otherwise.
    pub(super) cannot_know: Vec<Unknown>,
}

/// A step: leaves those over that are best in it.
type Narrow = fn(&mut Vec<(usize, &Contender<'_>)>);

/// The steps, in order.
const STEPS: &[(Step, Narrow)] = &[
    (Step::ValidationState, |left| {
        least(left, |one| one.state_rank)
    }),
    (Step::LocalPref, |left| {
        least(left, |one| {
            Reverse(one.local_pref.unwrap_or(USUAL_PREFERENCE))
        });
    }),
    (Step::AsPathLength, |left| {
        least(left, |one| one.attributes.path_length());
    }),
    (Step::Origin, |left| {
        least(left, |one| {
            one.attributes.origin.map_or(u8::MAX, |origin| origin.0)
        });
    }),
    (Step::Med, least_med),
    (Step::External, |left| {
        least(left, |one| one.is_external == Some(false));
    }),
    (Step::BgpId, |left| {
        least(left, |one| {
            one.attributes.originator_id.unwrap_or(one.bgp_id)
        });
    }),
    (Step::ClusterList, |left| {
        least(left, |one| one.attributes.clusters);
    }),
    (Step::PeerAddress, |left| least(left, |one| one.address)),
    (Step::PathId, |left| least(left, |one| one.path_id)),
];

/// The best of these routes; none of none.
pub(super) fn select(contenders: &[Contender<'_>]) -> Option<Decision> {
    let mut left: Vec<(usize, &Contender<'_>)> = contenders.iter().enumerate().collect();
    let mut decided = Step::OnlyRoute;
    for (step, narrow) in STEPS {
        if left.len() < 2 {
            break;
        }
        decided = *step;
        narrow(&mut left);
    }
    let (best, _) = left.first()?;
    Some(Decision {
        best: *best,
        step: decided,
        cannot_know: cannot_know(contenders, decided),
    })
}

fn least<K: Ord>(left: &mut Vec<(usize, &Contender<'_>)>, key: impl Fn(&Contender<'_>) -> K) {
    if let Some(least) = left.iter().map(|one| key(one.1)).min() {
        left.retain(|one| key(one.1) == least);
    }
}

/// Drops each route of which another one from the same AS has a lower MED; none counts as 0 (RFC 4271
/// 9.1.2.2 c).
fn least_med(left: &mut Vec<(usize, &Contender<'_>)>) {
    let compared: Vec<(Option<u32>, u32)> = left.iter().map(|one| med(one.1)).collect();
    left.retain(|one| {
        let (neighbour, own) = med(one.1);
        let better = |other: &&(Option<u32>, u32)| other.0 == neighbour && other.1 < own;
        neighbour.is_none() || !compared.iter().any(|other| better(&other))
    });
}

fn med(contender: &Contender<'_>) -> (Option<u32>, u32) {
    let attributes = contender.attributes;
    (attributes.neighbour_as(), attributes.med.unwrap_or(0))
}

fn cannot_know(contenders: &[Contender<'_>], decided: Step) -> Vec<Unknown> {
    let has_no_preference = |one: &Contender<'_>| one.local_pref.is_none();
    let may_be_external = |one: &Contender<'_>| one.is_external != Some(false);
    let mut unknown = Vec::new();
    let mut add = |step, is_unknown: bool, what| {
        if decided >= step && is_unknown {
            unknown.push(what);
        }
    };
    let any = |test: fn(&Contender<'_>) -> bool| contenders.iter().any(test);
    add(Step::LocalPref, any(has_no_preference), Unknown::LocalPref);
    add(
        Step::External,
        any(|one| one.is_external.is_none()),
        Unknown::ExternalPeers,
    );
    add(Step::BgpId, true, Unknown::InteriorCost);
    add(Step::BgpId, any(may_be_external), Unknown::RouteAge);
    unknown
}
