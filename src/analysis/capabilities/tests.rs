//! What two OPENs come to, RFC by RFC, and what is told of it.

use super::*;
use crate::bgp::Open;
use crate::bgp::capability::CapabilityCode;
use crate::net::Family;
use crate::session::Scope;
use crate::session::testing::{LOC_RIB, PEER, message, open};
use crate::wire::Cursor;

/// The set of an OPEN with these capabilities.
fn set(capabilities: &[u8]) -> SaidSet {
    let pdu = open(capabilities);
    let open = Open::decode(&mut Cursor::new(&pdu)).unwrap();
    said(open.capabilities())
}

fn whole(code: u8) -> Key {
    Key::whole(CapabilityCode(code))
}

fn ipv4(code: u8) -> Key {
    Key::family(CapabilityCode(code), Family::IPV4_UNICAST)
}

fn agreed(key: Key, sent: &[u8], received: &[u8]) -> (bool, Agreed) {
    negotiated(key, &set(sent), &set(received))
}

#[test]
fn add_path_is_negotiated_in_the_direction_that_one_sends_and_the_other_receives() {
    for (ours, theirs, send, receive) in [
        (1, 1, false, false),
        (1, 2, false, true),
        (2, 1, true, false),
        (3, 1, true, false),
        (3, 3, true, true),
        (2, 2, false, false),
    ] {
        let of = |way| [69, 4, 0, 1, 1, way];
        let (any, agreed) = agreed(ipv4(69), &of(ours), &of(theirs));
        assert_eq!(
            (agreed.send, agreed.receive),
            (Some(send), Some(receive)),
            "{ours} {theirs}"
        );
        assert_eq!(any, send || receive);
    }
}

#[test]
fn roles_agree_in_the_pairs_of_the_rfc() {
    // RFC 9234 4.2: provider 0, RS 1, RS client 2, customer 3, peer 4.
    let pairs = [(0, 3), (3, 0), (1, 2), (2, 1), (4, 4)];
    for ours in 0..5 {
        for theirs in 0..5 {
            let (agree, said) = agreed(whole(9), &[9, 1, ours], &[9, 1, theirs]);
            assert_eq!(agree, pairs.contains(&(ours, theirs)), "{ours} {theirs}");
            assert_eq!(said.roles_agree, Some(agree));
        }
    }
    assert!(!agreed(whole(9), &[9, 1, 0], &[]).0);
}

#[test]
fn graceful_restart_needs_a_helper_and_the_families_of_who_restarts() {
    let helper = [64, 2, 0x40, 120];
    let restarter = [64, 6, 0, 120, 0, 1, 1, 0x80];
    let (any, family) = agreed(ipv4(64), &restarter, &helper);
    assert!(any);
    assert_eq!(
        (family.router_restarts, family.peer_restarts),
        (Some(true), Some(false))
    );
    let (any, all) = agreed(whole(64), &helper, &helper);
    assert!(any);
    assert_eq!(
        (all.router_restarts, all.notification),
        (Some(false), Some(true))
    );
    assert!(!agreed(ipv4(64), &restarter, &[]).0);
}

#[test]
fn long_lived_graceful_restart_counts_only_beside_graceful_restart() {
    let long = [71, 7, 0, 1, 1, 0, 0, 14, 16];
    let both = [&[64, 2, 0, 120][..], &long].concat();
    assert!(agreed(ipv4(71), &both, &both).0);
    assert!(!agreed(ipv4(71), &both, &long).0);
    // Without families there is nothing to keep; one end may help with those of the other.
    let hollow = [64, 2, 0, 120, 71, 0];
    assert!(!agreed(whole(71), &hollow, &hollow).0);
    assert!(agreed(ipv4(71), &both, &hollow).0);
}

/// 240 is for experiments (RFC 8810 3).
#[test]
fn a_code_without_a_meaning_is_not_negotiated_and_not_odd_either() {
    let own = [64, 2, 0, 120, 71, 0, 240, 2, 0x61, 0x62];
    let answer = answer(&[PEER.up(&open(&own), &open(&own))]);
    let row = |code: u8| {
        let mut rows = answer.peers[0].capabilities.iter();
        rows.find(|row| row.code == code).unwrap()
    };
    let states = |code| {
        (
            row(code).advertised,
            row(code).received,
            row(code).negotiated,
        )
    };
    assert_eq!(states(240), (Some(true), Some(true), None));
    assert_eq!(states(71), (Some(true), Some(true), Some(false)));
    assert_eq!(kinds(&answer), []);
}

#[test]
fn next_hops_are_agreed_on_by_family_and_afi() {
    let ipv6_hop = [5, 6, 0, 1, 0, 1, 0, 2];
    let (any, both) = agreed(ipv4(5), &ipv6_hop, &ipv6_hop);
    assert!(any);
    assert_eq!(both.next_hop_afis, ["ipv6"]);
    assert!(!agreed(ipv4(5), &ipv6_hop, &[5, 6, 0, 1, 0, 1, 0, 1]).0);
}

#[test]
fn what_both_send_is_negotiated_unless_it_is_malformed_or_lacks_another() {
    assert!(agreed(whole(6), &[6, 0], &[6, 0]).0);
    assert!(!agreed(whole(6), &[6, 0], &[]).0);
    assert!(!agreed(whole(6), &[6, 1, 0], &[6, 0]).0);
    assert!(agreed(whole(70), &[2, 0, 70, 0], &[2, 0, 70, 0]).0);
    assert!(!agreed(whole(70), &[2, 0, 70, 0], &[70, 0]).0);
    assert!(agreed(ipv4(8), &[8, 4, 0, 1, 1, 3], &[8, 4, 0, 1, 1, 2]).0);
    assert!(!agreed(ipv4(8), &[8, 4, 0, 1, 1, 1], &[8, 4, 0, 1, 1, 2]).0);
}

/// The capabilities of a session with these messages.
fn answer(messages: &[Vec<u8>]) -> Capabilities {
    let mut session = Session::new(1, None, None);
    for (packet, bytes) in (1..).zip(messages) {
        session.take(packet, bytes, Scope::Asked);
    }
    capabilities(&[session])
}

/// Supported: route refresh and graceful restart. Enabled: route refresh and extended message.
fn initiation() -> Vec<u8> {
    let supported = [0xff, 0xfb, 0, 8, 2, 6, 2, 0, 64, 2, 0, 120];
    let enabled = [0xff, 0xfc, 0, 6, 2, 4, 2, 0, 6, 0];
    message(4, &[&supported[..], &enabled].concat())
}

fn kinds(answer: &Capabilities) -> Vec<(InconsistencyKind, u8)> {
    let all = answer.inconsistencies.iter();
    all.map(|one| (one.kind, one.code)).collect()
}

#[test]
fn what_a_router_reports_is_held_against_what_it_sends() {
    let up = PEER.up(&open(&[70, 0]), &open(&[70, 0]));
    let answer = answer(&[initiation(), up]);
    use InconsistencyKind::*;
    let expected = [
        (EnabledNotSupported, 6),
        (SentNotEnabled, 70),
        (EnabledNotSent, 2),
        (EnabledNotSent, 6),
        (OneSided, 70),
    ];
    assert_eq!(kinds(&answer), expected);
    let rows = answer.routers[0].capabilities.iter();
    let told: Vec<_> = rows
        .map(|one| (one.code, one.supported, one.enabled, one.advertised_to))
        .collect();
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(
        told,
        [
            (2, yes, yes, 0),
            (6, no, yes, 0),
            (64, yes, no, 0),
            (70, no, no, 1)
        ]
    );
}

#[test]
fn without_the_tlvs_nothing_is_reported_and_without_opens_nothing_is_sent() {
    let answer = answer(&[PEER.up(&open(&[2, 0]), &open(&[])), LOC_RIB.down(6, &[])]);
    let router = &answer.routers[0].capabilities[0];
    assert_eq!((router.supported, router.enabled), (None, None));
    let peer = &answer.peers[0];
    let row = &peer.capabilities[0];
    assert_eq!((row.supported, row.enabled), (None, None));
    let open = (row.advertised, row.received, row.negotiated);
    assert_eq!(open, (Some(true), Some(false), Some(false)));
    // Neither names a family: IPv4 unicast is what is left.
    assert!(peer.families[0].implicit);
    assert_eq!(
        (peer.as_octets, peer.message_octets_sent),
        (Some(2), Some(4096))
    );
    assert!(!answer.peers[1].opens);
    assert!(answer.peers[1].capabilities.is_empty());
}

#[test]
fn what_both_ends_support_and_neither_uses_is_an_opportunity() {
    // The peer sends graceful restart, this router reports that it supports it.
    let up = PEER.up(&open(&[2, 0]), &open(&[2, 0, 64, 2, 0, 120]));
    let answer = answer(&[initiation(), up]);
    let found: Vec<_> = answer
        .opportunities
        .iter()
        .map(|one| (one.kind, one.code))
        .collect();
    assert_eq!(found, [(OpportunityKind::NotEnabledOnRouter, 64)]);
    let only = &answer.opportunities[0];
    let evidence = (only.router_support, only.peer_support);
    assert_eq!(evidence, (Evidence::Reported, Evidence::Advertised));
}

#[test]
fn roles_that_do_not_fit_and_changes_between_peer_ups_are_told() {
    let first = PEER.up(&open(&[9, 1, 0, 2, 0]), &open(&[9, 1, 3, 2, 0]));
    let second = PEER.up(&open(&[9, 1, 0, 2, 0]), &open(&[9, 1, 4]));
    let answer = answer(&[first, second]);
    use InconsistencyKind::*;
    let told: Vec<_> = answer
        .inconsistencies
        .iter()
        .map(|one| (one.kind, one.why.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (OneSided, "route-refresh: only the router sends it"),
            (
                RoleMismatch,
                "role: the router is provider, the peer is peer"
            ),
            (
                Changed,
                "route-refresh: the peer no longer sends it; an earlier Peer Up differs"
            ),
            (
                Changed,
                "role: the peer says something else of it; an earlier Peer Up differs"
            ),
        ]
    );
}
