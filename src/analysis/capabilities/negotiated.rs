//! What two OPENs agree on, RFC by RFC. Seen from the router: it sent the one and received the other.

use super::said::{Key, Said, SaidSet};
use crate::bgp::capability::{CapabilityCode, Orf, OrfType, RoleValue};
use crate::net::Family;
use schemars::JsonSchema;
use serde::Serialize;

/// What both ends give together. Only what the capability has is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Agreed {
    /// The router may send what the capability is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<bool>,
    /// The peer may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<bool>,
    /// AFIs of next hops that both name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub next_hop_afis: Vec<String>,
    /// Routes of the router outlive its restart at the peer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub router_restarts: Option<bool>,
    /// Routes of the peer outlive its restart at the router.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer_restarts: Option<bool>,
    /// So they do after a NOTIFICATION (RFC 8538 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<bool>,
    /// The two roles fit together (RFC 9234 4.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles_agree: Option<bool>,
}

impl Agreed {
    /// Something is agreed on in either direction.
    fn ways(send: bool, receive: bool) -> (bool, Agreed) {
        let agreed = Agreed {
            send: Some(send),
            receive: Some(receive),
            ..Agreed::default()
        };
        (send || receive, agreed)
    }
}

/// Whether a capability is negotiated, and what that gives.
pub fn negotiated(key: Key, sent: &SaidSet, received: &SaidSet) -> (bool, Agreed) {
    let (ours, theirs) = (sent.get(&key), received.get(&key));
    // Who knows no meaning of a code knows no agreement on it either.
    if key.code.word().is_none() {
        return (false, Agreed::default());
    }
    let is_broken = |said: Option<&Said>| said.is_some_and(|said| said.error.is_some());
    if is_broken(ours) || is_broken(theirs) {
        return (false, Agreed::default());
    }
    match key.code {
        CapabilityCode::GRACEFUL_RESTART | CapabilityCode::LONG_LIVED_GRACEFUL_RESTART => {
            restart(key, sent, received)
        }
        _ => match (ours, theirs) {
            (Some(ours), Some(theirs)) => both(key, ours, theirs, sent, received),
            _ => (false, Agreed::default()),
        },
    }
}

/// BGPsec, RFC 8205.
const BGPSEC: u8 = 7;
/// Outbound Route Filtering, RFC 5291, and its form before that.
const ORF: [u8; 2] = [3, 130];
/// Routing policy distribution has directions as ADD-PATH has.
const WITH_DIRECTIONS: [u8; 2] = [69, 72];
/// Enhanced Route Refresh, RFC 7313.
const ENHANCED_ROUTE_REFRESH: u8 = 70;
/// Route refresh before RFC 2918.
const ROUTE_REFRESH_CISCO: u8 = 128;

/// Both ends sent it.
fn both(
    key: Key,
    ours: &Said,
    theirs: &Said,
    sent: &SaidSet,
    received: &SaidSet,
) -> (bool, Agreed) {
    let everyone = (true, Agreed::default());
    match key.code {
        code if WITH_DIRECTIONS.contains(&code.0) => directions(ours, theirs),
        code if ORF.contains(&code.0) => filters(&ours.filters, &theirs.filters),
        CapabilityCode(BGPSEC) => bgpsec(key, ours, theirs, sent, received),
        CapabilityCode::ROLE => roles(ours, theirs),
        CapabilityCode::EXTENDED_NEXT_HOP => next_hops(ours, theirs),
        // Counts of 0 and 1 say nothing (RFC 8277 2.1).
        CapabilityCode::MULTIPLE_LABELS => {
            let counts = |said: &Said| said.labels.is_some_and(|labels| labels > 1);
            (counts(ours) && counts(theirs), Agreed::default())
        }
        // It marks the ends of what a refresh brings, so there has to be one (RFC 7313 4).
        CapabilityCode(ENHANCED_ROUTE_REFRESH) => {
            let refreshes = |set: &SaidSet| {
                let codes = [
                    CapabilityCode::ROUTE_REFRESH,
                    CapabilityCode(ROUTE_REFRESH_CISCO),
                ];
                codes
                    .iter()
                    .any(|code| set.contains_key(&Key::whole(*code)))
            };
            (refreshes(sent) && refreshes(received), Agreed::default())
        }
        _ => everyone,
    }
}

/// The one is able to send, and the other to receive (RFC 7911 4).
fn directions(ours: &Said, theirs: &Said) -> (bool, Agreed) {
    let (Some(ours), Some(theirs)) = (ours.send_receive, theirs.send_receive) else {
        return (false, Agreed::default());
    };
    let send = ours.sends() && theirs.receives();
    let receive = ours.receives() && theirs.sends();
    Agreed::ways(send, receive)
}

/// The one is able to send filters of a kind that the other receives (RFC 5291 5).
fn filters(ours: &[Orf], theirs: &[Orf]) -> (bool, Agreed) {
    let flows = |from: &[Orf], to: &[Orf]| {
        let takes = |kind: OrfType| {
            to.iter()
                .any(|orf| orf.orf_type == kind && orf.send_receive.receives())
        };
        from.iter()
            .any(|orf| orf.send_receive.sends() && takes(orf.orf_type))
    };
    Agreed::ways(flows(ours, theirs), flows(theirs, ours))
}

/// One direction, one version, and beside it the AFI and 4-octet AS numbers (RFC 8205 2.2).
fn bgpsec(
    key: Key,
    ours: &Said,
    theirs: &Said,
    sent: &SaidSet,
    received: &SaidSet,
) -> (bool, Agreed) {
    let is_ready = |set: &SaidSet| {
        let mut families = set.keys();
        let has_family = families
            .any(|other| other.code == CapabilityCode::MULTIPROTOCOL && other.afi == key.afi);
        has_family && set.contains_key(&Key::whole(CapabilityCode::FOUR_OCTET_AS))
    };
    if ours.version != theirs.version || !is_ready(sent) || !is_ready(received) {
        return Agreed::ways(false, false);
    }
    directions(ours, theirs)
}

/// The pairs of RFC 9234 4.2.
fn roles(ours: &Said, theirs: &Said) -> (bool, Agreed) {
    let agree = ours.role.zip(theirs.role).is_some_and(do_agree);
    let agreed = Agreed {
        roles_agree: Some(agree),
        ..Agreed::default()
    };
    (agree, agreed)
}

fn do_agree(pair: (RoleValue, RoleValue)) -> bool {
    const PAIRS: [(RoleValue, RoleValue); 5] = [
        (RoleValue::PROVIDER, RoleValue::CUSTOMER),
        (RoleValue::CUSTOMER, RoleValue::PROVIDER),
        (RoleValue::ROUTE_SERVER, RoleValue::ROUTE_SERVER_CLIENT),
        (RoleValue::ROUTE_SERVER_CLIENT, RoleValue::ROUTE_SERVER),
        (RoleValue::PEER, RoleValue::PEER),
    ];
    PAIRS.contains(&pair)
}

/// The same family with the same AFI of next hop (RFC 8950 4).
fn next_hops(ours: &Said, theirs: &Said) -> (bool, Agreed) {
    let shared = ours.next_hop_afis.iter();
    let shared = shared.filter(|afi| theirs.next_hop_afis.contains(afi));
    let next_hop_afis: Vec<String> = shared.cloned().collect();
    let agreed = Agreed {
        next_hop_afis,
        ..Agreed::default()
    };
    (!agreed.next_hop_afis.is_empty(), agreed)
}

/// Who restarts names the families, and who helps needs no more than the capability: without families it
/// says that its sender helps (RFC 4724 3). The long-lived form counts only beside the other
/// (RFC 9494 3.1), and only for families, as each has a stale time of its own: without any there is
/// nothing to keep (RFC 9494 4.2).
fn restart(key: Key, sent: &SaidSet, received: &SaidSet) -> (bool, Agreed) {
    let can = |set: &SaidSet| {
        let has = |code| set.keys().any(|other| other.code == code);
        has(key.code) && set.contains_key(&Key::whole(CapabilityCode::GRACEFUL_RESTART))
    };
    if !can(sent) || !can(received) {
        return (false, Agreed::default());
    }
    let names = |set: &SaidSet| match (key.afi, key.safi) {
        (Some(afi), Some(safi)) => set.contains_key(&Key::family(key.code, Family::new(afi, safi))),
        _ => names_family(key.code, set),
    };
    let notifies = |set: &SaidSet| set.get(&key).and_then(|said| said.notification);
    let agreed = Agreed {
        router_restarts: Some(names(sent)),
        peer_restarts: Some(names(received)),
        notification: notifies(sent).zip(notifies(received)).map(|(a, b)| a && b),
        ..Agreed::default()
    };
    let is_whole = key == Key::whole(CapabilityCode::GRACEFUL_RESTART);
    (is_whole || names(sent) || names(received), agreed)
}

/// Some family is named in the capability.
pub(super) fn names_family(code: CapabilityCode, set: &SaidSet) -> bool {
    set.keys().any(|key| key.code == code && key.afi.is_some())
}
