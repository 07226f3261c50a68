//! RPKI configuration by router: data sources, policy and local exceptions as RPKI_CONFIG messages
//! tell them, what changed, and in what routers differ.
//!
//! | File | Subject |
//! |---|---|
//! | `source` | one data source |
//! | `policy` | one policy, with its local exceptions |
//! | `told` | what messages tell, by session, and what they change |
//! | `compare` | in what routers differ, and what is old |
//! | `causes` | why routers say another thing of a route than the data |

mod causes;
mod compare;
mod policy;
mod source;
#[cfg(test)]
mod tests;
mod told;

pub use causes::explain;
pub use compare::{Difference, RouterValue, findings};
pub use policy::{ActionRow, Assertion, Filter, PolicyRow, PolicySlurm};
pub use source::{
    ErrorsRow, ExceptionsRow, HashRow, OtherTlv, RecordsRow, Rtr, SourceEndpoint, SourceRow,
    SourceSlurm,
};
pub use told::{Change, ConfigPeer, Configured, Told};

use super::super::shape::RouterRow;
use crate::session::Session;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What routers tell of their RPKI data and policy.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RpkiConfig {
    /// Every router that told any.
    pub routers: Vec<RouterConfig>,
    /// In what they differ, or what is old.
    pub differences: Vec<Difference>,
    /// What is missing for a better answer, and how to get it.
    pub missing: Vec<String>,
    /// RPKI_CONFIG messages.
    pub messages: u64,
    /// Changes beyond the bound of what is kept.
    pub changes_left_out: u64,
}

/// The RPKI configuration of one router.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouterConfig {
    /// Whose it is.
    pub router: RouterRow,
    /// The sessions that told it.
    pub sessions: Vec<u32>,
    /// RPKI_CONFIG messages.
    pub messages: u64,
    /// Its data sources.
    pub sources: Vec<SourceRow>,
    /// Its policy.
    pub policy: Policy,
    /// What changed during the capture, in order.
    pub changes: Vec<Change>,
    /// How often a source or a policy was told that found no room.
    pub left_out: u64,
}

/// The policy of a router.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Policy {
    /// The one for every peer; null where none was told.
    pub global: Option<PolicyRow>,
    /// Those for single peers.
    pub peers: Vec<PolicyRow>,
}

/// The configuration that these sessions told; in order of their numbers.
pub fn config(told: Configured, sessions: &[Session]) -> RpkiConfig {
    let (mut changes_left_out, mut room) = (told.changes_left_out(), told.room());
    let mut routers: Vec<RouterConfig> = Vec::new();
    let mut places: BTreeMap<_, usize> = BTreeMap::new();
    for (number, of_session) in told.into_sessions() {
        let Some(session) = sessions.iter().find(|session| session.id == number) else {
            continue;
        };
        // Without an address, a session is all that is known of its router.
        let alone = session.router_address.is_none().then_some(number);
        let key = (
            session.router_address,
            session.router.sys_name.clone(),
            alone,
        );
        let place = *places.entry(key).or_insert(routers.len());
        if place == routers.len() {
            routers.push(RouterConfig::new(session));
        }
        if let Some(router) = routers.get_mut(place) {
            changes_left_out += router.reconnected(&of_session, &mut room);
            router.add(number, of_session, ended(session));
        }
    }
    RpkiConfig {
        differences: compare::differences(&routers),
        missing: Vec::new(),
        messages: routers.iter().map(|router| router.messages).sum(),
        changes_left_out,
        routers,
    }
}

/// Capture time of a session's last message.
fn ended(session: &Session) -> Option<Timestamp> {
    session.timeline.last.and_then(|moment| moment.time)
}

impl RouterConfig {
    fn new(session: &Session) -> RouterConfig {
        RouterConfig {
            router: RouterRow::of(session),
            sessions: Vec::new(),
            messages: 0,
            sources: Vec::new(),
            policy: Policy::default(),
            changes: Vec::new(),
            left_out: 0,
        }
    }

    /// Keeps what changed between earlier sessions and one that begins; gives how many found no room.
    fn reconnected(&mut self, told: &told::OfSession, room: &mut usize) -> u64 {
        let policies: Vec<PolicyRow> = self.policy.all().cloned().collect();
        let mut changes = told::between_sessions(&self.sources, &policies, &told.first);
        let left_out = changes.len().saturating_sub(*room);
        changes.truncate(*room);
        *room -= changes.len();
        self.changes.extend(changes);
        self.sources
            .iter_mut()
            .for_each(|source| source.other_session = true);
        let policies = self.policy.global.iter_mut().chain(&mut self.policy.peers);
        policies.for_each(|policy| policy.other_session = true);
        left_out as u64
    }

    /// Adds what a later session told; it stands before what was told earlier.
    fn add(&mut self, session: u32, told: told::OfSession, until: Option<Timestamp>) {
        self.sessions.push(session);
        self.messages += told.messages;
        self.left_out += told.left_out;
        for mut source in told.sources {
            source.age_until(until);
            match self.sources.iter_mut().find(|own| own.is_same(&source)) {
                Some(own) => *own = source,
                None => self.sources.push(source),
            }
        }
        for policy in told.policies {
            self.policy.put(policy);
        }
        self.changes.extend(told.changes);
    }

    /// The router as people call it.
    pub fn name(&self) -> String {
        match (&self.router.sys_name, self.router.address) {
            (Some(name), _) => name.clone(),
            (None, Some(address)) => address.to_string(),
            (None, None) => format!("session {}", self.sessions.first().unwrap_or(&0)),
        }
    }
}

impl Policy {
    /// The one for every peer, and those for single ones.
    pub fn all(&self) -> impl Iterator<Item = &PolicyRow> {
        self.global.iter().chain(&self.peers)
    }

    fn put(&mut self, policy: PolicyRow) {
        if policy.peer.is_none() {
            self.global = Some(policy);
            return;
        }
        match self.peers.iter_mut().find(|own| own.peer == policy.peer) {
            Some(own) => *own = policy,
            None => self.peers.push(policy),
        }
    }
}
