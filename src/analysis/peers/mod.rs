//! Every BGP peer that the sessions show: its ups and downs, its tables, its clock.

mod clock;
mod dump;
mod row;
mod timestamps;
mod turn;

pub use clock::{ClockClass, ClockTally, Clocks, Stamped, Timestamps};
pub use dump::{DumpWord, Mark, Marks, PeerMarks, RibRow};
pub use row::{CapabilitiesRow, HoldTimeRow, PeerRow, StateWord};
pub use timestamps::{ClassWord, LagRow, SessionTimestampsRow, StampedWord, TimestampsRow};
pub use turn::{DownRow, NotificationPdu, TurnRow, TurnWord, reason_word};

use crate::session::Session;
use schemars::JsonSchema;
use serde::Serialize;
use timestamps::session_timestamps;

/// The peers of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Peers {
    /// By session, then in the order of their first message.
    pub peers: Vec<PeerRow>,
    /// What the timestamps of each session's per-peer headers are, by kind of message.
    pub timestamps: Vec<SessionTimestampsRow>,
}

/// What is known beside the sessions.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Peer Ups and End-of-RIB markers.
    pub marks: &'a Marks,
    /// The timestamps of per-peer headers.
    pub timestamps: &'a Timestamps,
    /// The paths of the inputs.
    pub files: &'a [String],
}

/// Lists the peers of sessions that have messages: those that are asked for.
pub fn peers(sessions: &[Session], facts: &Facts<'_>) -> Peers {
    let rows = |session: &Session| {
        let numbered = (0..).zip(&session.peers);
        numbered
            .filter(|(_, peer)| peer.messages > 0)
            .map(|(number, peer)| PeerRow::of(session, number, peer, facts))
            .collect::<Vec<_>>()
    };
    Peers {
        peers: sessions.iter().flat_map(rows).collect(),
        timestamps: sessions
            .iter()
            .flat_map(|session| session_timestamps(session, facts.timestamps))
            .collect(),
    }
}
