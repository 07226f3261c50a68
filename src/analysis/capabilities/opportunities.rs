//! What both ends of a peering support and do not use, and what it would bring.

use super::ends::{End, Ends, Evidence};
use super::negotiated::negotiated;
use super::row::is_real;
use super::said::{Key, SaidSet, said};
use crate::analysis::shape::PeerName;
use crate::bgp::Open;
use crate::bgp::capability::CapabilityCode;
use crate::session::{Peer, Session};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A capability that could be used and is not.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Opportunity {
    /// What keeps it from being used.
    pub kind: OpportunityKind,
    /// The capability's number.
    pub code: u8,
    /// Its name.
    pub name: CapabilityCode,
    /// Address family, where it is about one.
    pub afi: Option<String>,
    /// Subsequent address family.
    pub safi: Option<String>,
    /// The session's number.
    pub session: u32,
    /// The peer.
    pub peer: PeerName,
    /// How it is known that the router supports it.
    pub router_support: Evidence,
    /// How it is known that the peer does.
    pub peer_support: Evidence,
    /// What using it would bring.
    pub brings: &'static str,
    /// What is the case, and what using it would bring.
    pub why: String,
    /// How the support of both ends is known, in words.
    #[serde(skip)]
    pub support: (String, String),
}

/// What keeps a capability from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OpportunityKind {
    /// Neither end sent it.
    NotEnabled,
    /// Only the peer sent it.
    NotEnabledOnRouter,
    /// Only the router sent it.
    NotEnabledOnPeer,
    /// Both sent it, in a way that comes to nothing.
    NotNegotiated,
}

impl OpportunityKind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            OpportunityKind::NotEnabled => "not-enabled",
            OpportunityKind::NotEnabledOnRouter => "not-enabled-on-router",
            OpportunityKind::NotEnabledOnPeer => "not-enabled-on-peer",
            OpportunityKind::NotNegotiated => "not-negotiated",
        }
    }

    /// Which end sends it, in a word.
    pub fn senders(self) -> &'static str {
        match self {
            OpportunityKind::NotEnabled => "neither",
            OpportunityKind::NotEnabledOnRouter => "peer",
            OpportunityKind::NotEnabledOnPeer => "router",
            OpportunityKind::NotNegotiated => "both",
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            OpportunityKind::NotEnabled => "neither end sends it",
            OpportunityKind::NotEnabledOnRouter => "only the peer sends it",
            OpportunityKind::NotEnabledOnPeer => "only the router sends it",
            OpportunityKind::NotNegotiated => "both send it, but not so that they agree",
        }
    }
}

/// What a capability brings where both ends have it.
#[rustfmt::skip]
const BENEFITS: &[(CapabilityCode, &str)] = &[
    (CapabilityCode::ROUTE_REFRESH, "policy changes without a reset of the session"),
    (CapabilityCode::EXTENDED_MESSAGE, "UPDATEs of up to 65535 octets"),
    (CapabilityCode::ROLE, "route leaks are prevented and detected by both ends"),
    (CapabilityCode::GRACEFUL_RESTART, "forwarding goes on while BGP restarts"),
    (CapabilityCode::FOUR_OCTET_AS, "AS paths with four-octet AS numbers without AS_TRANS"),
    (CapabilityCode::ADD_PATH, "more than one path of a prefix: faster convergence, more paths to balance over"),
    (CapabilityCode(70), "a route refresh has a beginning and an end, so that stale routes go"),
    (CapabilityCode::LONG_LIVED_GRACEFUL_RESTART, "stale routes serve as a last resort for hours, not minutes"),
];

/// What there is, by session and peer, then capability.
pub(super) fn opportunities(sessions: &[Session], ends: &Ends) -> Vec<Opportunity> {
    let mut all = Vec::new();
    for (index, session) in sessions.iter().enumerate() {
        let Some(router) = ends.router(index) else {
            continue;
        };
        for peer in session.peers.iter().filter(|peer| is_real(peer)) {
            let Some((sent, received)) = peer.opens.as_deref() else {
                continue;
            };
            let alone = End::of_open(received);
            let far = ends.monitored(sent, received).unwrap_or(&alone);
            let peering = Peering {
                session,
                peer,
                router,
                far,
                sent: said(sent.capabilities()),
                received: said(received.capabilities()),
            };
            peering.capabilities(is_external(sent, received), &mut all);
            peering.families(&mut all);
        }
    }
    all
}

fn is_external(sent: &Open, received: &Open) -> bool {
    sent.asn() != received.asn()
}

/// A peering and what is known of its ends.
struct Peering<'a> {
    session: &'a Session,
    peer: &'a Peer,
    router: &'a End,
    far: &'a End,
    sent: SaidSet,
    received: SaidSet,
}

impl Peering<'_> {
    fn capabilities(&self, is_external: bool, into: &mut Vec<Opportunity>) {
        for (code, brings) in BENEFITS {
            // Roles are of EBGP (RFC 9234 4).
            let has_no_use = *code == CapabilityCode::ROLE && !is_external;
            if has_no_use || self.is_used(*code) {
                continue;
            }
            let support = self.router.supports(*code).zip(self.far.supports(*code));
            let Some((router, far)) = support else {
                continue;
            };
            into.push(self.opportunity(Key::whole(*code), router, far, brings));
        }
    }

    fn is_used(&self, code: CapabilityCode) -> bool {
        let both = self.sent.keys().chain(self.received.keys());
        let mut own = both.filter(|key| key.code == code);
        own.any(|key| negotiated(*key, &self.sent, &self.received).0)
    }

    /// Families that both ends report to support, and do not exchange.
    fn families(&self, into: &mut Vec<Opportunity>) {
        let keys: BTreeSet<Key> = self.router.reported_keys().collect();
        let families = keys
            .into_iter()
            .filter(|key| key.code == CapabilityCode::MULTIPROTOCOL);
        for key in families {
            let is_used = negotiated(key, &self.sent, &self.received).0;
            let (reports, sends) = (self.far.reports(key), self.received.contains_key(&key));
            let far = match (reports, sends) {
                (true, _) => Evidence::Reported,
                (false, true) => Evidence::Advertised,
                (false, false) => continue,
            };
            if !is_used {
                let brings = "routes of this family between the two";
                into.push(self.opportunity(key, Evidence::Reported, far, brings));
            }
        }
    }

    fn opportunity(
        &self,
        key: Key,
        router: Evidence,
        far: Evidence,
        brings: &'static str,
    ) -> Opportunity {
        let has = |set: &SaidSet| match key.afi {
            None => set.keys().any(|other| other.code == key.code),
            Some(_) => set.contains_key(&key),
        };
        let kind = match (has(&self.sent), has(&self.received)) {
            (false, false) => OpportunityKind::NotEnabled,
            (false, true) => OpportunityKind::NotEnabledOnRouter,
            (true, false) => OpportunityKind::NotEnabledOnPeer,
            (true, true) => OpportunityKind::NotNegotiated,
        };
        let support = (known(router, self.router), known(far, self.far));
        let why = format!(
            "{key}: the router supports it (known by {}), the peer too (by {}), {}; it would bring: {brings}",
            support.0,
            support.1,
            kind.sentence(),
        );
        Opportunity {
            kind,
            code: key.code.0,
            name: key.code,
            afi: key.afi_word(),
            safi: key.safi_word(),
            session: self.session.id,
            peer: PeerName::of(self.peer),
            router_support: router,
            peer_support: far,
            brings,
            why,
            support,
        }
    }
}

fn known(evidence: Evidence, end: &End) -> String {
    match evidence {
        Evidence::Reported => "report".to_owned(),
        Evidence::Advertised => "OPEN".to_owned(),
        Evidence::Vendor => end.os().unwrap_or_default().to_owned(),
    }
}
