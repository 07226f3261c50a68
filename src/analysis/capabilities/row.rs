//! The shapes of capabilities in JSON.

use super::negotiated::{Agreed, negotiated};
use super::said::{Key, Said, SaidSet, said};
use crate::analysis::peers::HoldTimeRow;
use crate::analysis::shape::{PeerName, RouterRow};
use crate::bgp::capability::{CapabilityCode, RoleValue};
use crate::bgp::{self, Open};
use crate::bmp::PeerType;
use crate::bmp::parameters::OptionalParameters;
use crate::net::Family;
use crate::session::{Peer, Session};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// The capabilities of the router of a session.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouterCapabilities {
    /// The session's number.
    pub session: u32,
    /// The router.
    pub router: RouterRow,
    /// It reports what it supports.
    pub reports_supported: bool,
    /// It reports what is enabled.
    pub reports_enabled: bool,
    /// Peers whose OPENs were captured, a Loc-RIB not counted.
    pub peers: u64,
    /// What its Initiation says, and what it sent to any peer.
    pub capabilities: Vec<RouterCapability>,
}

/// A capability of a router.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouterCapability {
    /// The capability's number.
    pub code: u8,
    /// Its name, or `unknown-<number>`.
    pub name: CapabilityCode,
    /// Address family, where it is about one.
    pub afi: Option<String>,
    /// Subsequent address family.
    pub safi: Option<String>,
    /// The router supports it; null: it does not report what it supports.
    pub supported: Option<bool>,
    /// It is enabled; null: the router does not report what is.
    pub enabled: Option<bool>,
    /// Peers to which it was sent.
    pub advertised_to: u64,
    /// What the Initiation says of it.
    pub values: RouterValues,
}

/// What an Initiation says of a capability.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct RouterValues {
    /// As supported.
    pub supported: Option<Said>,
    /// As enabled.
    pub enabled: Option<Said>,
}

/// The capabilities of a peer and its router.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PeerCapabilities {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The peer.
    pub peer: PeerName,
    /// OPENs of a Peer Up were captured and can be read.
    pub opens: bool,
    /// How often OPENs of a Peer Up said something else than those of the Peer Up before.
    pub opens_changed: u64,
    /// The router's BGP ID by the OPEN that it sent.
    pub router_bgp_id: Option<Ipv4Addr>,
    /// Hold Times in the OPENs.
    pub hold_time: Option<HoldTimeRow>,
    /// Octets of an AS number in AS_PATH (RFC 6793 4.1).
    pub as_octets: Option<u8>,
    /// The longest message that the router may send (RFC 8654 4).
    pub message_octets_sent: Option<u32>,
    /// The longest one that it may receive.
    pub message_octets_received: Option<u32>,
    /// The roles, where either end tells one (RFC 9234).
    pub roles: Option<RoleRow>,
    /// The families that may be exchanged.
    pub families: Vec<FamilyRow>,
    /// Every capability in either OPEN, or that the router reports.
    pub capabilities: Vec<PeerCapability>,
}

/// The roles of both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleRow {
    /// The router's.
    pub sent: Option<RoleValue>,
    /// The peer's.
    pub received: Option<RoleValue>,
    /// They fit together; null where only one is told.
    pub agree: Option<bool>,
}

/// A family that may be exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FamilyRow {
    /// Address family.
    pub afi: String,
    /// Subsequent address family.
    pub safi: String,
    /// No capability says so: it is IPv4 unicast, towards an end that names no family.
    pub implicit: bool,
}

/// A capability between a router and a peer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PeerCapability {
    /// The capability's number.
    pub code: u8,
    /// Its name, or `unknown-<number>`.
    pub name: CapabilityCode,
    /// Address family, where it is about one.
    pub afi: Option<String>,
    /// Subsequent address family.
    pub safi: Option<String>,
    /// The router supports it; null: it does not report what it supports.
    pub supported: Option<bool>,
    /// It is enabled on the router; null: the router does not report what is.
    pub enabled: Option<bool>,
    /// The router sent it in its OPEN; null: no OPENs were captured.
    pub advertised: Option<bool>,
    /// The router received it in the peer's OPEN.
    pub received: Option<bool>,
    /// Both ends together make use of it; null: no OPENs were captured, or the code has no known meaning.
    pub negotiated: Option<bool>,
    /// What is said of it.
    pub values: PeerValues,
}

/// What both ends say of a capability, and what comes of it.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct PeerValues {
    /// As sent.
    pub advertised: Option<Said>,
    /// As received.
    pub received: Option<Said>,
    /// As agreed.
    pub negotiated: Option<Agreed>,
}

/// What an Initiation says, taken apart; none where it does not.
#[derive(Debug, Default)]
pub(super) struct Reported {
    pub(super) supported: Option<SaidSet>,
    pub(super) enabled: Option<SaidSet>,
}

impl Reported {
    pub(super) fn of(session: &Session) -> Reported {
        let set = |list: &Option<OptionalParameters>| {
            let list = list.as_ref();
            list.map(|parameters| said(&parameters.capabilities))
        };
        let parameters = &session.router.parameters;
        Reported {
            supported: set(&parameters.supported),
            enabled: set(&parameters.enabled),
        }
    }

    pub(super) fn supports(&self, key: Key) -> Option<bool> {
        self.supported.as_ref().map(|set| set.contains_key(&key))
    }

    pub(super) fn enables(&self, key: Key) -> Option<bool> {
        self.enabled.as_ref().map(|set| set.contains_key(&key))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let both = [&self.supported, &self.enabled].into_iter().flatten();
        both.flat_map(|set| set.keys().copied())
    }
}

/// A peer with another BGP speaker, not a Loc-RIB, whose OPENs are made up (RFC 9069 5.2).
pub(super) fn is_real(peer: &Peer) -> bool {
    peer.peer_type != PeerType::LOC_RIB && peer.messages > 0
}

impl RouterCapabilities {
    /// Those of the router of a session.
    pub fn of(session: &Session) -> RouterCapabilities {
        let reported = Reported::of(session);
        let peers = session.peers.iter().filter(|peer| is_real(peer));
        let sent: Vec<SaidSet> = peers
            .filter_map(|peer| peer.opens.as_deref())
            .map(|(sent, _)| said(sent.capabilities()))
            .collect();
        let all = sent.iter().flat_map(|set| set.keys().copied());
        let keys: BTreeSet<Key> = all.chain(reported.keys()).collect();
        let rows = keys.into_iter().map(|key| RouterCapability {
            code: key.code.0,
            name: key.code,
            afi: key.afi_word(),
            safi: key.safi_word(),
            supported: reported.supports(key),
            enabled: reported.enables(key),
            advertised_to: sent.iter().filter(|set| set.contains_key(&key)).count() as u64,
            values: RouterValues {
                supported: value(reported.supported.as_ref(), key),
                enabled: value(reported.enabled.as_ref(), key),
            },
        });
        RouterCapabilities {
            session: session.id,
            router: RouterRow::of(session),
            reports_supported: reported.supported.is_some(),
            reports_enabled: reported.enabled.is_some(),
            peers: sent.len() as u64,
            capabilities: rows.collect(),
        }
    }
}

fn value(set: Option<&SaidSet>, key: Key) -> Option<Said> {
    set?.get(&key).cloned()
}

impl PeerCapabilities {
    /// Those of a peer of a session.
    pub fn of(session: &Session, peer: &Peer) -> PeerCapabilities {
        let opens = peer.opens.as_deref();
        let sets = opens
            .map(|(sent, received)| (said(sent.capabilities()), said(received.capabilities())));
        let extended =
            |set: &SaidSet| set.contains_key(&Key::whole(CapabilityCode::EXTENDED_MESSAGE));
        let longest = |set: &SaidSet| if extended(set) { 65_535 } else { 4096 };
        PeerCapabilities {
            session: session.id,
            router: session.router_address,
            router_name: session.router.sys_name.clone(),
            peer: PeerName::of(peer),
            opens: opens.is_some(),
            opens_changed: peer.opens_changed,
            router_bgp_id: opens.map(|(sent, _)| sent.bgp_id),
            hold_time: opens.map(HoldTimeRow::of),
            as_octets: opens.map(as_octets),
            // To send a long message, its receiver has to have sent the capability.
            message_octets_sent: sets.as_ref().map(|(_, received)| longest(received)),
            message_octets_received: sets.as_ref().map(|(sent, _)| longest(sent)),
            roles: sets
                .as_ref()
                .and_then(|(sent, received)| roles(sent, received)),
            families: sets
                .as_ref()
                .map(|(sent, received)| families(sent, received))
                .unwrap_or_default(),
            capabilities: rows(session, sets.as_ref()),
        }
    }
}

fn as_octets((sent, received): &(Open, Open)) -> u8 {
    match bgp::four_octet_as(sent, received) {
        true => 4,
        false => 2,
    }
}

fn roles(sent: &SaidSet, received: &SaidSet) -> Option<RoleRow> {
    let key = Key::whole(CapabilityCode::ROLE);
    let role = |set: &SaidSet| set.get(&key).and_then(|said| said.role);
    let (ours, theirs) = (role(sent), role(received));
    ours.or(theirs)?;
    Some(RoleRow {
        sent: ours,
        received: theirs,
        agree: negotiated(key, sent, received).1.roles_agree,
    })
}

/// The families that both ends name; an end that names none takes IPv4 unicast.
fn families(sent: &SaidSet, received: &SaidSet) -> Vec<FamilyRow> {
    let named = |set: &SaidSet| {
        let keys = set
            .keys()
            .filter(|key| key.code == CapabilityCode::MULTIPROTOCOL);
        keys.copied().collect::<BTreeSet<Key>>()
    };
    let (ours, theirs) = (named(sent), named(received));
    let shared = ours.intersection(&theirs);
    let mut rows: Vec<FamilyRow> = shared.map(|key| FamilyRow::of(*key, false)).collect();
    let ipv4 = Key::family(CapabilityCode::MULTIPROTOCOL, Family::IPV4_UNICAST);
    let takes = |set: &BTreeSet<Key>| set.is_empty() || set.contains(&ipv4);
    if (ours.is_empty() || theirs.is_empty()) && takes(&ours) && takes(&theirs) {
        rows.push(FamilyRow::of(ipv4, true));
    }
    rows
}

impl FamilyRow {
    fn of(key: Key, implicit: bool) -> FamilyRow {
        FamilyRow {
            afi: key.afi_word().unwrap_or_default(),
            safi: key.safi_word().unwrap_or_default(),
            implicit,
        }
    }
}

fn rows(session: &Session, sets: Option<&(SaidSet, SaidSet)>) -> Vec<PeerCapability> {
    let reported = Reported::of(session);
    let (sent, received) = (sets.map(|sets| &sets.0), sets.map(|sets| &sets.1));
    let opens = [sent, received].into_iter().flatten();
    let said = opens.flat_map(|set| set.keys().copied());
    let keys: BTreeSet<Key> = said.chain(reported.keys()).collect();
    let has = |set: Option<&SaidSet>, key: Key| set.map(|set| set.contains_key(&key));
    let row = |key: Key| {
        let known = sets.filter(|_| key.code.word().is_some());
        let agreed = known.map(|(sent, received)| negotiated(key, sent, received));
        let (is_negotiated, agreed) = agreed.unzip();
        PeerCapability {
            code: key.code.0,
            name: key.code,
            afi: key.afi_word(),
            safi: key.safi_word(),
            supported: reported.supports(key),
            enabled: reported.enables(key),
            advertised: has(sent, key),
            received: has(received, key),
            negotiated: is_negotiated,
            values: PeerValues {
                advertised: value(sent, key),
                received: value(received, key),
                negotiated: agreed,
            },
        }
    };
    keys.into_iter().map(row).collect()
}
