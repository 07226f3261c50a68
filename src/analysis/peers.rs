//! Every BGP peer that the sessions show.

use super::shape::PeerRow;
use crate::session::Session;
use schemars::JsonSchema;
use serde::Serialize;

/// The peers of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Peers {
    /// By session, then in the order of their first message.
    pub peers: Vec<PeerRow>,
}

/// Lists the peers of sessions.
pub fn peers(sessions: &[Session]) -> Peers {
    let rows = |session: &Session| {
        session
            .peers
            .iter()
            .map(|peer| PeerRow::of(session, peer))
            .collect::<Vec<_>>()
    };
    Peers {
        peers: sessions.iter().flat_map(rows).collect(),
    }
}
