//! What does not fit together: what a router reports against what it sends, one end against the
//! other, one Peer Up against the next.

use super::negotiated::{names_family, negotiated};
use super::row::{Reported, is_real};
use super::said::{Key, Said, SaidSet, said};
use crate::analysis::shape::PeerName;
use crate::bgp::Open;
use crate::bgp::capability::CapabilityCode;
use crate::session::{Peer, Session};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// Something that does not fit together.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Inconsistency {
    /// What.
    pub kind: InconsistencyKind,
    /// The capability's number.
    pub code: u8,
    /// Its name, or `unknown-<number>`.
    pub name: CapabilityCode,
    /// Address family, where it is about one.
    pub afi: Option<String>,
    /// Subsequent address family.
    pub safi: Option<String>,
    /// The session's number.
    pub session: u32,
    /// The peer; null where it is about the router alone.
    pub peer: Option<PeerName>,
    /// What is the case.
    pub why: String,
    /// The same without the capability's name.
    #[serde(skip)]
    pub what: String,
}

/// What does not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InconsistencyKind {
    /// Enabled, but not among what is supported.
    EnabledNotSupported,
    /// Sent, but not among what is enabled.
    SentNotEnabled,
    /// Enabled, but not sent.
    EnabledNotSent,
    /// Two roles that do not fit together (RFC 9234 4.2).
    RoleMismatch,
    /// One end has it, or the two have it in ways that come to nothing.
    OneSided,
    /// Another Peer Up of the same peer said something else.
    Changed,
}

impl InconsistencyKind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            InconsistencyKind::EnabledNotSupported => "enabled-not-supported",
            InconsistencyKind::SentNotEnabled => "sent-not-enabled",
            InconsistencyKind::EnabledNotSent => "enabled-not-sent",
            InconsistencyKind::RoleMismatch => "role-mismatch",
            InconsistencyKind::OneSided => "one-sided",
            InconsistencyKind::Changed => "changed",
        }
    }
}

/// What only informs: FQDN and its older form, software version; and what only limits or asks: paths
/// limit. One end alone may have it.
const ALONE: [u8; 5] = [73, 75, 76, 184, 128];

/// What there is, by session, then peer.
pub(super) fn inconsistencies(sessions: &[Session]) -> Vec<Inconsistency> {
    let mut all = Vec::new();
    for session in sessions.iter().filter(|one| one.messages.total() > 0) {
        let reported = Reported::of(session);
        router(session, &reported, &mut all);
        for peer in session.peers.iter().filter(|peer| is_real(peer)) {
            let mut found = Found {
                session,
                peer: Some(peer),
                all: &mut all,
            };
            if let Some((sent, received)) = peer.opens.as_deref() {
                let sent = said(sent.capabilities());
                found.against_reported(&reported, &sent);
                found.between_ends(&sent, &said(received.capabilities()));
            }
            found.changes();
        }
    }
    all
}

fn router(session: &Session, reported: &Reported, all: &mut Vec<Inconsistency>) {
    let mut found = Found {
        session,
        peer: None,
        all,
    };
    for key in reported.enabled.iter().flat_map(|set| set.keys()) {
        if reported.supports(*key) == Some(false) {
            let what = "enabled, but not among what the router supports";
            found.add(InconsistencyKind::EnabledNotSupported, *key, what);
        }
    }
}

/// Collects what is found of one peer.
struct Found<'a> {
    session: &'a Session,
    peer: Option<&'a Peer>,
    all: &'a mut Vec<Inconsistency>,
}

impl Found<'_> {
    fn add(&mut self, kind: InconsistencyKind, key: Key, what: impl Into<String>) {
        let what = what.into();
        self.all.push(Inconsistency {
            kind,
            code: key.code.0,
            name: key.code,
            afi: key.afi_word(),
            safi: key.safi_word(),
            session: self.session.id,
            peer: self.peer.map(PeerName::of),
            why: match kind {
                InconsistencyKind::OneSided => one_sided_sentence(key, &what),
                _ => format!("{key}: {what}"),
            },
            what,
        });
    }

    fn against_reported(&mut self, reported: &Reported, sent: &SaidSet) {
        let Some(enabled) = &reported.enabled else {
            return;
        };
        for key in sent.keys().filter(|key| !enabled.contains_key(key)) {
            let what = "sent, but not among what the router has enabled";
            self.add(InconsistencyKind::SentNotEnabled, *key, what);
        }
        for key in enabled.keys().filter(|key| !sent.contains_key(key)) {
            let what = "enabled on the router, but not sent to this peer";
            self.add(InconsistencyKind::EnabledNotSent, *key, what);
        }
    }

    fn between_ends(&mut self, sent: &SaidSet, received: &SaidSet) {
        let keys: BTreeSet<Key> = sent.keys().chain(received.keys()).copied().collect();
        for key in keys {
            // Who restarts and who helps need not name the same families.
            let is_free = ALONE.contains(&key.code.0)
                || (key.code == CapabilityCode::GRACEFUL_RESTART && key.afi.is_some());
            if is_free || is_hollow(key, sent, received) || negotiated(key, sent, received).0 {
                continue;
            }
            let (ours, theirs) = (sent.get(&key), received.get(&key));
            match ours
                .and_then(|said| said.role)
                .zip(theirs.and_then(|said| said.role))
            {
                Some((ours, theirs)) => {
                    let what = format!("the router is {ours}, the peer is {theirs}");
                    self.add(InconsistencyKind::RoleMismatch, key, what);
                }
                None => self.add(InconsistencyKind::OneSided, key, one_sided(ours, theirs)),
            }
        }
    }

    /// The last change between two Peer Ups.
    fn changes(&mut self) {
        let Some(peer) = self.peer else { return };
        let (Some(before), Some(after)) = (peer.opens_before.as_deref(), peer.opens.as_deref())
        else {
            return;
        };
        let sides = [
            ("the router", &before.0, &after.0),
            ("the peer", &before.1, &after.1),
        ];
        for (who, before, after) in sides {
            let (earlier, later) = (steady(before), steady(after));
            let keys: BTreeSet<Key> = earlier.keys().chain(later.keys()).copied().collect();
            for key in keys {
                let what = match (earlier.get(&key), later.get(&key)) {
                    (Some(_), None) => "no longer sends it",
                    (None, Some(_)) => "sends it now",
                    (Some(one), Some(other)) if one != other => "says something else of it",
                    _ => continue,
                };
                let what = format!("{who} {what}; an earlier Peer Up differs");
                self.add(InconsistencyKind::Changed, key, what);
            }
        }
    }
}

/// Both ends send it, and that is all there is to agree on: a code without a known meaning, or long-lived
/// graceful restart without families.
fn is_hollow(key: Key, sent: &SaidSet, received: &SaidSet) -> bool {
    let is_long_lived = key == Key::whole(CapabilityCode::LONG_LIVED_GRACEFUL_RESTART);
    let has_family = |set| names_family(key.code, set);
    let is_empty = is_long_lived && !has_family(sent) && !has_family(received);
    let is_both = sent.contains_key(&key) && received.contains_key(&key);
    is_both && (is_empty || key.code.word().is_none())
}

fn one_sided(ours: Option<&Said>, theirs: Option<&Said>) -> &'static str {
    match (ours, theirs) {
        (Some(_), None) => "router only",
        (None, Some(_)) => "peer only",
        _ => "no agreement",
    }
}

fn one_sided_sentence(key: Key, what: &str) -> String {
    match what {
        "router only" => format!("{key}: only the router sends it"),
        "peer only" => format!("{key}: only the peer sends it"),
        _ => format!("{key}: both send it, but not so that they agree"),
    }
}

/// What an OPEN says, without what a restart changes by itself.
fn steady(open: &Open) -> SaidSet {
    let mut set = said(open.capabilities());
    for said in set.values_mut() {
        said.restarting = None;
        said.forwarding_preserved = None;
    }
    set
}
