//! What is in the captures: sessions, messages by type, routes, what is missing.

use super::shape::{MessagesRow, RoutesRow, SessionRow};
use crate::session::Session;
use crate::wire::CodePoints;
use schemars::JsonSchema;
use serde::Serialize;

/// The sessions of a run and their sums.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Summary {
    /// Every BMP session.
    pub sessions: Vec<SessionRow>,
    /// All sessions together.
    pub totals: Totals,
}

/// Sums over sessions.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct Totals {
    /// Sessions.
    pub sessions: u64,
    /// Peers; one that two sessions show counts twice.
    pub peers: u64,
    /// Messages by type.
    pub messages: MessagesRow,
    /// Routes.
    pub routes: RoutesRow,
}

/// Sums up sessions, whose message types have these numbers.
pub fn summary(sessions: &[Session], code_points: &CodePoints) -> Summary {
    let mut totals = Totals {
        sessions: sessions.len() as u64,
        ..Totals::default()
    };
    let row = |session| SessionRow::of(session, code_points);
    let rows: Vec<SessionRow> = sessions.iter().map(row).collect();
    rows.iter().for_each(|row| totals.add(row));
    Summary {
        sessions: rows,
        totals,
    }
}

impl Totals {
    fn add(&mut self, row: &SessionRow) {
        self.peers += row.peers.total;
        self.messages.add(&row.messages);
        self.routes.announced += row.routes.announced;
        self.routes.withdrawn += row.routes.withdrawn;
        self.routes.end_of_rib += row.routes.end_of_rib;
    }
}

impl MessagesRow {
    fn add(&mut self, other: &MessagesRow) {
        self.total += other.total;
        self.initiation += other.initiation;
        self.termination += other.termination;
        self.peer_up += other.peer_up;
        self.peer_down += other.peer_down;
        self.route_monitoring += other.route_monitoring;
        self.statistics_report += other.statistics_report;
        self.route_mirroring += other.route_mirroring;
        self.rpki_config += other.rpki_config;
        self.rpki_validation += other.rpki_validation;
        self.rpki_impact += other.rpki_impact;
        self.unknown += other.unknown;
    }
}
