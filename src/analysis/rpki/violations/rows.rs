//! Violations in JSON.

use super::{Violation, Violations};
use crate::analysis::shape::PeerName;
use crate::bmp::Rib;
use crate::finding::{self, Severity};
use crate::session::Session;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// A rule of draft-wang-grow-bmp-rpki-mon-reqs-03 that messages break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ViolationRow {
    /// Which rule: `valid-with-invalid-rule`; the finding's word has `rpki-` before it.
    pub kind: String,
    /// How much it matters.
    pub severity: Severity,
    /// The session's number.
    pub session: Option<u32>,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The peer; null: it is about the whole session.
    pub peer: Option<PeerName>,
    /// The RIB view.
    pub rib: Option<Rib>,
    /// The route's prefix.
    pub prefix: Option<String>,
    /// The route's path identifier.
    pub path_id: Option<u32>,
    /// What is wrong, in words.
    pub message: String,
    /// Where RFC 6811, ASPA or the draft itself make the rule inexact; null: nowhere.
    pub inexact: Option<String>,
    /// The text that has the rule.
    pub reference: String,
    /// The file's path.
    pub file: Option<String>,
    /// The packet's number in its file.
    pub packet: Option<u64>,
    /// When it was captured.
    pub time: Option<Timestamp>,
}

/// The violations in JSON.
pub(in crate::analysis::rpki) fn rows(
    violations: &Violations,
    sessions: &[Session],
) -> Vec<ViolationRow> {
    let row = |violation: &Violation| {
        let id = violation.place.session;
        // Sessions are in the order of their numbers.
        let place = sessions.binary_search_by_key(&id, |session| Some(session.id));
        let session = place.ok().and_then(|place| sessions.get(place));
        row(violation, session)
    };
    violations.list().iter().map(row).collect()
}

fn row(violation: &Violation, session: Option<&Session>) -> ViolationRow {
    let kind = finding::kind(violation.word);
    let (view, key) = violation.route.unzip();
    let peer = view.and_then(|view| session?.peers.get(view.peer as usize));
    ViolationRow {
        kind: violation.kind().to_owned(),
        severity: kind.map_or(Severity::Warning, |kind| kind.severity),
        session: violation.place.session,
        router: session.and_then(|session| session.router_address),
        router_name: session.and_then(|session| session.router.sys_name.clone()),
        peer: peer.map(PeerName::of),
        rib: view.map(|view| view.rib),
        prefix: key.map(|key| key.prefix.to_string()),
        path_id: key.and_then(|key| key.path_id),
        message: violation.message.clone(),
        inexact: violation.inexact.map(str::to_owned),
        reference: kind.map_or("", |kind| kind.reference).to_owned(),
        file: violation.place.file.clone(),
        packet: violation.place.packet,
        time: violation.place.time,
    }
}
