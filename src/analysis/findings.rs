//! Everything odd that a run met, grouped, the gravest first.

use crate::finding::{FindingGroup, FindingLog, Place, Severity};
use crate::session::Session;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Reverse;
use std::net::IpAddr;

/// Findings of one kind about one thing: a session, a peer, a RIB view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingRow {
    /// How much it matters.
    pub severity: Severity,
    /// A stable word with hyphens.
    pub kind: &'static str,
    /// The text that says so, such as `RFC 7854 4.1`; null where none does.
    pub reference: Option<&'static str>,
    /// How many there were.
    pub count: u64,
    /// What happened: true of all of them.
    pub message: String,
    /// How many octets of a stream they concern together; null where they are not about octets.
    pub octets: Option<u64>,
    /// The session's number; null for what belongs to none, such as a damaged file.
    pub session: Option<u32>,
    /// The address of that session's router; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The sysName of that session's router.
    pub router_name: Option<String>,
    /// The peer's address; null for what is about no single peer.
    pub peer: Option<String>,
    /// The RIB view; null for what is about no single one.
    pub rib: Option<&'static str>,
    /// The first places.
    pub places: Vec<Place>,
}

/// Lists findings by severity, then count, then kind and session.
pub fn findings(log: &FindingLog, sessions: &[Session]) -> Vec<FindingRow> {
    let rows = log.groups().map(|(kind, group)| row(kind, group, sessions));
    let mut rows: Vec<FindingRow> = rows.collect();
    rows.sort_by_key(|row| (row.severity, Reverse(row.count), row.kind, row.session));
    rows
}

fn row(kind: &'static str, group: &FindingGroup, sessions: &[Session]) -> FindingRow {
    let first = group.places.first();
    let number = first.and_then(|place| place.session);
    let session = number.and_then(|number| of_number(sessions, number));
    FindingRow {
        severity: group.severity,
        kind,
        reference: Some(group.reference).filter(|reference| !reference.is_empty()),
        count: group.count,
        message: group.message(),
        octets: group.octets,
        session: number,
        router: session.and_then(|session| session.router_address),
        router_name: session.and_then(|session| session.router.sys_name.clone()),
        peer: first.and_then(|place| place.peer.clone()),
        rib: first.and_then(|place| place.rib),
        places: group.places.clone(),
    }
}

/// Sessions are in the order of their numbers.
fn of_number(sessions: &[Session], number: u32) -> Option<&Session> {
    let index = sessions.binary_search_by_key(&number, |session| session.id);
    sessions.get(index.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Finding;

    fn found(kind: &'static str, session: Option<u32>, count: u64) -> FindingLog {
        let place = Place {
            session,
            ..Place::default()
        };
        let mut log = FindingLog::default();
        log.add_many(Finding::new(kind, String::new(), place), count);
        log
    }

    #[test]
    fn the_gravest_and_most_frequent_come_first() {
        let mut log = FindingLog::default();
        for (kind, session, count) in [
            ("wrong-checksum", Some(1), 900),
            ("missing-segment", Some(2), 3),
            ("snaplen", Some(1), 3),
            ("missing-segment", Some(1), 3),
            ("hole-given-up", Some(1), 40),
            ("undecodable-message", Some(2), 1),
            ("capture-cut-short", None, 1),
        ] {
            log.merge(found(kind, session, count));
        }
        let rows = findings(&log, &[]);
        let order: Vec<_> = rows.iter().map(|row| (row.kind, row.session)).collect();
        let expected = [
            ("undecodable-message", Some(2)),
            ("hole-given-up", Some(1)),
            ("missing-segment", Some(1)),
            ("missing-segment", Some(2)),
            ("snaplen", Some(1)),
            ("capture-cut-short", None),
            ("wrong-checksum", Some(1)),
        ];
        assert_eq!(order, expected);
    }

    #[test]
    fn a_finding_of_a_session_names_its_router() {
        let mut session = Session::new(3, None, None);
        session.router.sys_name = Some("edge1".to_owned());
        let rows = findings(&found("snaplen", Some(3), 1), &[session]);
        let names: Vec<_> = rows.iter().map(|row| row.router_name.as_deref()).collect();
        assert_eq!(names, [Some("edge1")]);
    }

    #[test]
    fn no_reference_is_null() {
        let rows = findings(&found("snaplen", None, 1), &[]);
        assert_eq!(rows.first().and_then(|row| row.reference), None);
    }
}
