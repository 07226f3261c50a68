//! What BGP speakers support, enable, advertise, receive and negotiate: of each router what its
//! Initiation says, of each peer what both OPENs of its last Peer Up say and come to.
//!
//! | File | Subject |
//! |---|---|
//! | `said` | a list of capabilities taken apart by code and family |
//! | `negotiated` | what two OPENs agree on, RFC by RFC |
//! | `row` | the shapes in JSON |
//! | `ends` | what is known of both ends of a peering |
//! | `opportunities` | what both ends support and do not use |
//! | `inconsistencies` | what does not fit together |

mod ends;
mod inconsistencies;
mod negotiated;
mod opportunities;
mod row;
mod said;
#[cfg(test)]
mod tests;

pub use ends::Evidence;
pub use inconsistencies::{Inconsistency, InconsistencyKind};
pub use negotiated::{Agreed, negotiated};
pub use opportunities::{Opportunity, OpportunityKind};
pub use row::{
    FamilyRow, PeerCapabilities, PeerCapability, PeerValues, RoleRow, RouterCapabilities,
    RouterCapability, RouterValues,
};
pub use said::{Key, Said, SaidSet, said};

use crate::session::Session;
use ends::Ends;
use schemars::JsonSchema;
use serde::Serialize;

/// The capabilities of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Capabilities {
    /// The router of each session.
    pub routers: Vec<RouterCapabilities>,
    /// By session, then in the order of their first message.
    pub peers: Vec<PeerCapabilities>,
    /// What both ends of a peering support and do not use.
    pub opportunities: Vec<Opportunity>,
    /// What does not fit together.
    pub inconsistencies: Vec<Inconsistency>,
}

/// Lists the capabilities of the routers and peers of sessions that have messages.
pub fn capabilities(sessions: &[Session]) -> Capabilities {
    let ends = Ends::of(sessions);
    let asked = || sessions.iter().filter(|one| one.messages.total() > 0);
    let peers = asked().flat_map(|session| {
        let peers = session.peers.iter().filter(|peer| peer.messages > 0);
        peers.map(move |peer| PeerCapabilities::of(session, peer))
    });
    Capabilities {
        routers: asked().map(RouterCapabilities::of).collect(),
        peers: peers.collect(),
        opportunities: opportunities::opportunities(sessions, &ends),
        inconsistencies: inconsistencies::inconsistencies(sessions),
    }
}
