//! What RPKI_CONFIG messages tell, by session: a message replaces what it carries and leaves the
//! rest, and what it replaces by something else is a change.

use super::policy::PolicyRow;
use super::source::SourceRow;
use crate::bmp::PeerHeader;
use crate::bmp::rpki::{self, RpkiValue};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The peer that a configuration is for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConfigPeer {
    /// Its address; null for a Loc-RIB.
    pub address: Option<IpAddr>,
    /// Its AS.
    pub asn: u32,
    /// Peer Distinguisher; null where it is zero.
    pub distinguisher: Option<String>,
}

impl ConfigPeer {
    fn of(header: &PeerHeader) -> ConfigPeer {
        let rd = header.distinguisher;
        ConfigPeer {
            address: header.address(),
            asn: header.asn,
            distinguisher: (!rd.is_zero()).then(|| rd.to_string()),
        }
    }

    /// `192.0.2.7 AS64500`, `192.0.2.7 AS64500 rd 64500:1`
    pub fn text(&self) -> String {
        let mut text = match self.address {
            Some(address) => format!("{address} AS{}", self.asn),
            None => format!("AS{}", self.asn),
        };
        if let Some(distinguisher) = &self.distinguisher {
            text.push_str(&format!(" rd {distinguisher}"));
        }
        text
    }
}

/// What one message tells.
#[derive(Debug, Clone)]
pub struct Told {
    /// The session's number.
    pub session: u32,
    time: Option<Timestamp>,
    peer: Option<ConfigPeer>,
    sources: Vec<SourceRow>,
    policy: Option<PolicyRow>,
}

impl Told {
    /// What a message of a session tells; `time`: when it was captured.
    pub fn of(session: u32, time: Option<Timestamp>, message: &rpki::RpkiConfig<'_>) -> Told {
        let peer = message.header().map(ConfigPeer::of);
        let mut told = Told {
            session,
            time,
            peer,
            sources: Vec::new(),
            policy: None,
        };
        for tlv in message.tlvs.flatten() {
            match tlv.read() {
                Ok(RpkiValue::Source(fields)) => {
                    let mut source = SourceRow::of(fields);
                    (source.peer, source.time) = (told.peer.clone(), time);
                    told.sources.push(source);
                }
                Ok(RpkiValue::Policy(fields)) => {
                    let policy = told.policy.get_or_insert_default();
                    (policy.peer, policy.time) = (told.peer.clone(), time);
                    policy.add(fields);
                }
                _ => {}
            }
        }
        told.mark_shared_ids();
        told
    }

    /// A number is "unique on the router": sources that share one are told apart by what else they say.
    fn mark_shared_ids(&mut self) {
        let ids: Vec<Option<u16>> = self.sources.iter().map(|source| source.id).collect();
        for source in &mut self.sources {
            let alike = ids.iter().filter(|id| **id == source.id).count();
            source.is_id_shared = source.id.is_some() && alike > 1;
        }
    }
}

/// Something that changed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// When the message that tells it was captured.
    pub time: Option<Timestamp>,
    /// The peer whose configuration changed; null: the router's own.
    pub peer: Option<ConfigPeer>,
    /// What changed: `policy`, or a source such as `rtr 192.0.2.1:323`.
    pub about: String,
    /// Which key of it; null: it is new.
    pub key: Option<String>,
    /// The value before.
    pub before: Value,
    /// The value since.
    pub after: Value,
}

/// What one session told.
#[derive(Debug, Clone, Default)]
pub(super) struct OfSession {
    pub(super) messages: u64,
    pub(super) sources: Vec<SourceRow>,
    pub(super) policies: Vec<PolicyRow>,
    /// Sources and policies as the session told of them first.
    pub(super) first: (Vec<SourceRow>, Vec<PolicyRow>),
    pub(super) changes: Vec<Change>,
    /// Sources and policies that found no room.
    pub(super) left_out: u64,
}

/// What all sessions told.
#[derive(Debug, Clone, Default)]
pub struct Configured {
    sessions: BTreeMap<u32, OfSession>,
    changes: usize,
    left_out: u64,
}

/// Sources and policies that are kept, of one session: each is compared with all of them.
const KEPT: usize = 4096;

/// Changes that are kept, of all routers.
const CHANGES: usize = 100_000;

impl Configured {
    /// Takes the next message into account.
    pub fn add(&mut self, told: Told) {
        let session = self.sessions.entry(told.session).or_default();
        let room = CHANGES.saturating_sub(self.changes);
        let mut changes = session.add(told);
        self.left_out += changes.len().saturating_sub(room) as u64;
        changes.truncate(room);
        self.changes += changes.len();
        session.changes.extend(changes);
    }

    /// Room for further changes.
    pub(super) fn room(&self) -> usize {
        CHANGES.saturating_sub(self.changes)
    }

    pub(super) fn changes_left_out(&self) -> u64 {
        self.left_out
    }

    pub(super) fn into_sessions(self) -> impl Iterator<Item = (u32, OfSession)> {
        self.sessions.into_iter()
    }
}

impl OfSession {
    /// Takes a message into account; gives what it changes.
    fn add(&mut self, told: Told) -> Vec<Change> {
        let Told {
            time,
            peer,
            sources,
            policy,
            ..
        } = told;
        let mut changes = Vec::new();
        let is_known = self.sources.iter().any(|source| source.peer == peer);
        self.messages += 1;
        let change = |about: String, key, before, after| Change {
            time,
            peer: peer.clone(),
            about,
            key,
            before,
            after,
        };
        for source in sources {
            let about = source.name();
            let sources_kept = self.sources.len();
            match self.sources.iter_mut().find(|own| own.is_same(&source)) {
                Some(own) => {
                    for (key, before, after) in differing(&*own, &source) {
                        changes.push(change(about.clone(), Some(key), before, after));
                    }
                    *own = source;
                }
                None if sources_kept >= KEPT => self.left_out += 1,
                None => {
                    if is_known {
                        let after = value(&source);
                        changes.push(change(about, None, Value::Null, after));
                    }
                    self.first.0.push(source.clone());
                    self.sources.push(source);
                }
            }
        }
        if let Some(policy) = policy {
            let policies_kept = self.policies.len();
            match self.policies.iter_mut().find(|own| own.peer == policy.peer) {
                Some(own) => {
                    for (key, before, after) in differing(&*own, &policy) {
                        changes.push(change("policy".to_owned(), Some(key), before, after));
                    }
                    *own = policy;
                }
                None if policies_kept >= KEPT => self.left_out += 1,
                None => {
                    self.first.1.push(policy.clone());
                    self.policies.push(policy);
                }
            }
        }
        changes
    }
}

fn value(row: &impl Serialize) -> Value {
    serde_json::to_value(row).unwrap_or_default()
}

/// What a session tells first against what an earlier one of the router told last.
pub(super) fn between_sessions(
    sources: &[SourceRow],
    policies: &[PolicyRow],
    first: &(Vec<SourceRow>, Vec<PolicyRow>),
) -> Vec<Change> {
    let mut changes = Vec::new();
    for source in &first.0 {
        let mut of = |key, before, after| {
            let (time, peer) = (source.time, source.peer.clone());
            changes.push(Change {
                time,
                peer,
                about: source.name(),
                key,
                before,
                after,
            });
        };
        match sources.iter().find(|own| own.is_same(source)) {
            Some(own) if is_later(own.time, source.time) => differing(own, source)
                .into_iter()
                .for_each(|(key, before, after)| of(Some(key), before, after)),
            None if sources.iter().any(|own| own.peer == source.peer) => {
                of(None, Value::Null, value(source));
            }
            _ => {}
        }
    }
    for policy in &first.1 {
        let own = policies.iter().find(|own| own.peer == policy.peer);
        let own = own.filter(|own| is_later(own.time, policy.time));
        for (key, before, after) in own.map_or_else(Vec::new, |own| differing(own, policy)) {
            changes.push(Change {
                time: policy.time,
                peer: policy.peer.clone(),
                about: "policy".to_owned(),
                key: Some(key),
                before,
                after,
            });
        }
    }
    changes
}

/// Sessions of a router may be there side by side: then neither changes what the other said.
fn is_later(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    one.zip(other).is_none_or(|(one, other)| other >= one)
}

/// Keys that say when and where something was told.
const CIRCUMSTANCES: [&str; 3] = ["time", "last_sync_age", "other_session"];

/// The keys whose values differ, but for when they were told.
fn differing(before: &impl Serialize, after: &impl Serialize) -> Vec<(String, Value, Value)> {
    let (Value::Object(before), Value::Object(mut after)) = (value(before), value(after)) else {
        return Vec::new();
    };
    let pairs = before.into_iter().map(|(key, before)| {
        let after = take(&mut after, &key);
        (key, before, after)
    });
    pairs
        .filter(|(key, before, after)| !CIRCUMSTANCES.contains(&key.as_str()) && before != after)
        .collect()
}

fn take(object: &mut Map<String, Value>, key: &str) -> Value {
    object.remove(key).unwrap_or_default()
}
