//! The routers of a run: who they are, what they report, and what their OPENs show. Sessions of one
//! router are one row.

use super::implementation::{self, Documented, Identity, Traits};
use super::parameter::{ByParameter, Parameter};
use super::table::{Confidence, Value, VendorTable, compare_versions};
use crate::analysis::identify::{How, Sure, identify};
use crate::bgp::{CapabilityCode, Open};
use crate::bmp::PeerType;
use crate::bmp::parameters::{DefaultValue, SubTlvHeader};
use crate::session::{Peer, Session};
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Which router: the same wherever one is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct RouterName {
    /// Vendor, where it could be told.
    pub vendor: Option<String>,
    /// Operating system, where it could be told.
    pub os: Option<String>,
    /// Version, where it could be told.
    pub version: Option<String>,
    /// sysName of its Initiation message.
    pub sys_name: Option<String>,
    /// Its address; null for a bare stream.
    pub address: Option<IpAddr>,
}

impl RouterName {
    /// What people call it: its name, else its address.
    pub fn label(&self) -> String {
        let address = || self.address.map(|address| address.to_string());
        let name = self.sys_name.clone().filter(|name| !name.is_empty());
        name.or_else(address).unwrap_or_else(|| "-".to_owned())
    }

    fn identity(&self) -> Identity<'_> {
        Identity {
            vendor: self.vendor.as_deref(),
            os: self.os.as_deref(),
            version: self.version.as_deref(),
        }
    }
}

/// A router with its defaults.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouterDefaults {
    /// Which router.
    pub router: RouterName,
    /// sysDescr of its Initiation message.
    pub sys_descr: Option<String>,
    /// How vendor and system are known; null where they are not.
    pub identified_by: Option<How>,
    /// How sure that is. Of a guess, what is documented counts as from memory.
    pub sure: Option<Sure>,
    /// Its sessions, by number.
    pub sessions: Vec<u32>,
    /// How many octets type and length of its sub-TLVs have; null where it reports none.
    pub header: Option<SubTlvHeader>,
    /// What it reports, as sent; null is not reported, never 0.
    pub defaults: ByParameter<Option<u32>>,
    /// What it reports that is not one of the ten, or has not four octets.
    pub others: Vec<OtherDefault>,
    /// What its OPENs show.
    pub observed: Observed,
    /// Vendor and os of the rows of `baseline`; null where none are asked for or known.
    pub baseline_of: Option<String>,
    /// Documented defaults, of the ten under their keys and of others under the table's names; only
    /// where asked for.
    pub baseline: BTreeMap<String, Baseline>,
}

/// A sub-TLV whose value is no number of one of the ten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OtherDefault {
    /// Its type as sent.
    pub code: u16,
    /// One of the ten, or `unknown-<number>`.
    pub name: String,
    /// Its octets.
    pub raw: String,
}

/// What the OPENs that a router sends show.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Observed {
    /// Peers of which its OPEN was captured.
    pub peers: u64,
    /// Hold times, in order.
    pub hold_times: Vec<HoldTime>,
    /// Capabilities, by code.
    pub capabilities: Vec<ObservedCapability>,
}

/// A hold time that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HoldTime {
    /// Seconds.
    pub value: u16,
    /// To how many peers.
    pub peers: u64,
}

/// A capability that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObservedCapability {
    /// Its number.
    pub code: u8,
    /// Its name, or `unknown-<number>`.
    pub name: String,
    /// To how many peers.
    pub peers: u64,
}

/// A documented default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Baseline {
    /// The value.
    pub value: Value,
    /// How it is known.
    pub confidence: Confidence,
    /// Where it was read.
    pub source: String,
}

/// A router with what the rules need to know of it.
#[derive(Debug, Clone)]
pub(super) struct Router {
    /// Its row.
    pub(super) row: RouterDefaults,
    /// What is known of its implementation.
    pub(super) traits: Traits,
    /// What is documented of its defaults.
    pub(super) documented: Documented,
    /// Its peers with their OPENs: sent, received.
    pub(super) peers: Vec<(RouterName, Arc<(Open, Open)>)>,
}

/// What tells routers apart: address, name, and the session where neither is known.
type Key<'a> = (Option<IpAddr>, Option<&'a str>, u32);

/// The routers of sessions, by vendor, system and version, then by name and address.
pub(super) fn routers(sessions: &[Session], table: &VendorTable) -> Vec<Router> {
    let mut named: BTreeMap<Key<'_>, Vec<&Session>> = BTreeMap::new();
    for session in sessions {
        let name = session.router.sys_name.as_deref();
        // Bare streams that give no name may be anybody's.
        let is_anybody = session.router_address.is_none() && name.is_none();
        let own = if is_anybody { session.id } else { 0 };
        let key = (session.router_address, name, own);
        named.entry(key).or_default().push(session);
    }
    let routers = named.values().map(|sessions| router(sessions, table));
    let mut routers: Vec<Router> = routers.collect();
    routers.sort_by(|one, other| by_group(&one.row.router, &other.row.router));
    routers
}

/// Those that are not identified come last.
fn by_group(one: &RouterName, other: &RouterName) -> Ordering {
    let group = |name: &RouterName| {
        let is_nobody = name.vendor.is_none();
        (is_nobody, name.vendor.clone(), name.os.clone())
    };
    let version = |name: &RouterName| name.version.clone().unwrap_or_default();
    let name = |name: &RouterName| (name.sys_name.clone(), name.address);
    group(one)
        .cmp(&group(other))
        .then_with(|| compare_versions(&version(one), &version(other)))
        .then_with(|| version(one).cmp(&version(other)))
        .then_with(|| name(one).cmp(&name(other)))
}

fn router(sessions: &[&Session], table: &VendorTable) -> Router {
    let mut row = RouterDefaults {
        router: RouterName::default(),
        sys_descr: None,
        identified_by: None,
        sure: None,
        sessions: sessions.iter().map(|session| session.id).collect(),
        header: None,
        defaults: ByParameter::default(),
        others: Vec::new(),
        observed: Observed::default(),
        baseline_of: None,
        baseline: BTreeMap::new(),
    };
    let mut peers = Vec::new();
    for session in sessions {
        row.name(session);
        row.report(session);
        peers.extend(session.peers.iter().filter_map(with_opens));
    }
    row.observed = observed(&peers);
    let hold_times = row.hold_times();
    let identity = row.router.identity();
    let mut documented = implementation::documented(table, &identity, &hold_times);
    if row.sure == Some(Sure::Guess) {
        documented.doubt();
    }
    Router {
        traits: implementation::traits_of(&identity),
        documented,
        row,
        peers,
    }
}

impl RouterDefaults {
    /// Takes over what a session says of the router; a later one counts.
    fn name(&mut self, session: &Session) {
        let name = &mut self.router;
        name.address = session.router_address;
        name.sys_name = session.router.sys_name.clone();
        if let Some(own) = identify(session) {
            name.vendor = Some(own.vendor.to_owned());
            name.os = Some(own.os.to_owned());
            let version = own.version.map(|(version, _)| version);
            name.version = version.or(name.version.take());
            self.identified_by = Some(own.by);
            self.sure = Some(own.sure);
        }
        let sys_descr = session.router.sys_descr.clone();
        self.sys_descr = sys_descr.or(self.sys_descr.take());
    }

    /// Takes over what a session reports; one that reports nothing changes nothing.
    fn report(&mut self, session: &Session) {
        let Some(reported) = &session.router.parameters.defaults else {
            return;
        };
        self.header = reported.header;
        for parameter in Parameter::ALL {
            let value = reported.number(parameter.entry().code_point);
            self.defaults.set(parameter, value);
        }
        let others = reported.parameters.iter().filter_map(|one| {
            let DefaultValue::Raw(octets) = &one.value else {
                return None;
            };
            let known = one.parameter.map(|known| known.name().replace('-', "_"));
            Some(OtherDefault {
                code: one.number,
                name: known.unwrap_or_else(|| format!("unknown-{}", one.number)),
                raw: octets.iter().map(|octet| format!("{octet:02x}")).collect(),
            })
        });
        self.others = others.collect();
    }

    /// The hold times that may tell a profile: that which it reports, and those that it sends with
    /// the capabilities of FRR's datacenter profile; without these they are somebody's choice.
    fn hold_times(&self) -> Vec<u32> {
        let mut sent = self.observed.capabilities.iter();
        let is_profile = sent.any(|one| PROFILE_CAPABILITIES.contains(&one.code));
        let sent = self.observed.hold_times.iter().filter(|_| is_profile);
        let sent = sent.map(|held| u32::from(held.value));
        let reported = *self.defaults.get(Parameter::HoldTime);
        reported.into_iter().chain(sent).collect()
    }
}

/// Dynamic Capability and Software Version: what FRR sends by itself with the datacenter profile.
const PROFILE_CAPABILITIES: [u8; 2] = [67, 75];

/// A Loc-RIB is no session with anybody: its OPENs are made up (RFC 9069 5.2).
fn with_opens(peer: &Peer) -> Option<(RouterName, Arc<(Open, Open)>)> {
    if peer.peer_type == PeerType::LOC_RIB {
        return None;
    }
    let name = RouterName {
        address: peer.address,
        ..RouterName::default()
    };
    Some((name, Arc::clone(peer.opens.as_ref()?)))
}

fn observed(peers: &[(RouterName, Arc<(Open, Open)>)]) -> Observed {
    let mut hold_times: BTreeMap<u16, u64> = BTreeMap::new();
    let mut capabilities: BTreeMap<CapabilityCode, u64> = BTreeMap::new();
    for (_, opens) in peers {
        let sent = &opens.0;
        *hold_times.entry(sent.hold_time).or_default() += 1;
        let mut codes: Vec<_> = sent.capabilities().iter().map(|one| one.code).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            *capabilities.entry(code).or_default() += 1;
        }
    }
    let hold_times = hold_times.into_iter();
    let capabilities = capabilities.into_iter();
    Observed {
        peers: peers.len() as u64,
        hold_times: hold_times
            .map(|(value, peers)| HoldTime { value, peers })
            .collect(),
        capabilities: capabilities
            .map(|(code, peers)| ObservedCapability {
                code: code.0,
                name: code.to_string(),
                peers,
            })
            .collect(),
    }
}
