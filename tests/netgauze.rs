//! Every public capture of BMP that comes with NetGauze's JSON, field by field: message types and
//! their order in each session, per-peer headers, TLVs, OPENs, UPDATEs, statistics and reasons.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod differential;
mod library;
mod support;

use differential::{Comparison, Fault, Listed, netgauze, ours};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use support::program::with_shortest_times;
use support::{bmp, capture_file, extract, places};

/// NetGauze's answers, one line a message, and the captures that they are about.
const CAPTURES: &[(&str, &str)] = &[
    (
        "netgauze/bmp/evpn/evpn-bmp.json",
        "netgauze/bmp/evpn/evpn.pcap",
    ),
    (
        "netgauze/bmp/stateless-with-add-path/ipv4_unicast_all-bmp.json",
        "netgauze/bmp/stateless-with-add-path/ipv4_unicast_all.pcap",
    ),
    (
        "netgauze/bmp/unreachable-prefix-announcement/upa-bmp.json",
        "netgauze/bmp/unreachable-prefix-announcement/upa.pcap",
    ),
    (
        "netgauze/pmacct-tests/200-BMP-HUAWEI-locrib_instance/traffic-00-bmp.json",
        "pmacct/200-BMP-HUAWEI-locrib_instance/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/201-BMP-CISCO-rd_instance/traffic-00-bmp.json",
        "pmacct/201-BMP-CISCO-rd_instance/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/204-BMP-CISCO-peer_down/traffic-00-bmp.json",
        "pmacct/204-BMP-CISCO-peer_down/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/208-BMP-mem-leak-test/bmp-multi-sources-init-bmp.json",
        "traffic-reproducer/pcaps/bmp-multi-sources-init.pcap",
    ),
    (
        "netgauze/pmacct-tests/208-BMP-mem-leak-test/bmp-multi-sources-peer-up-bmp.json",
        "traffic-reproducer/pcaps/bmp-multi-sources-peer-up.pcap",
    ),
];

/// The same of captures of BGP itself, each of what one router sends.
const OF_BGP: &[(&str, &str)] = &[
    (
        "netgauze/pmacct-tests/300-BGP-IPv6-CISCO-extNH_enc/traffic-00-bgp.json",
        "pmacct/300-BGP-IPv6-CISCO-extNH_enc/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/301-BGP-CISCO-pretag/traffic-00-bgp.json",
        "pmacct/301-BGP-CISCO-pretag/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/500-IPFIXv10-BGP-CISCO-SRv6/traffic-00-bgp.json",
        "pmacct/500-IPFIXv10-BGP-CISCO-SRv6/traffic-00.pcap",
    ),
];

/// Where the two disagree.
const DISAGREEMENTS: &[Listed] = &[
    Listed {
        files: &["netgauze/bmp/unreachable-prefix-announcement/upa-bmp.json"],
        field: "peer.flags",
        messages: &[26, 28, 30],
        said: |expected, got| *expected == 0 && *got == 0x40,
        fault: Fault::Neither,
        because: "RFC 9069 section 4.2: of the Peer Flags of a Loc-RIB, all but F are reserved, \
                  MUST be 0 and MUST be ignored. The router sets 0x40: NetGauze shows F alone; \
                  this program shows the octet that was sent, and the Loc-RIB all the same.",
    },
    Listed {
        files: &["netgauze/pmacct-tests/208-BMP-mem-leak-test/bmp-multi-sources-peer-up-bmp.json"],
        field: differential::NOT_DECODED,
        messages: &[168, 173],
        said: |expected, got| {
            let expected = expected.as_str().unwrap_or_default();
            expected.contains("InvalidBgpId") && *got == "peer-up"
        },
        fault: Fault::Theirs,
        because: "RFC 7854 section 4.10: Peer Up holds the full OPEN messages, and RFC 4271 \
                  section 6.2 lets only the BGP speaker that receives an OPEN refuse it for its BGP \
                  Identifier (0.0.0.0 here, by FRRouting for its own RIB). NetGauze refuses the \
                  whole Peer Up; this program shows it.",
    },
];

#[test]
fn every_field_agrees_or_is_decided() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let public = captures.join("public");
    let mut comparison = Comparison::default();
    for (answers, capture) in CAPTURES {
        let mut expected: Vec<Value> = differential::lines(&public.join(answers))
            .iter()
            .map(netgauze::message)
            .collect();
        expected.iter_mut().for_each(with_shortest_times);
        let got = library::lines(&std::fs::read(public.join(capture)).unwrap());
        let pairs = differential::paired(&expected, &got, is_same);
        for (index, (expected, got)) in pairs.iter().enumerate() {
            comparison.message(answers, index + 1, expected, &ours::message(got));
        }
    }
    comparison.hold("NetGauze", DISAGREEMENTS);
}

#[test]
fn no_answer_of_netgauzes_is_left_out() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let is_its = |path: &str| {
        let is_answer = path.ends_with("-bmp.json") || path.ends_with("-bgp.json");
        path.starts_with("netgauze/") && is_answer
    };
    let listed = CAPTURES.iter().chain(OF_BGP);
    let listed: BTreeSet<String> = listed.map(|(file, _)| String::from(*file)).collect();
    let known = differential::in_inventory(&captures.join("public"), is_its);
    assert_eq!(listed, known);
}

/// A router that monitored these sessions would send their OPENs in a Peer Up, and each UPDATE in a
/// Route Monitoring message.
#[test]
fn every_field_of_a_bgp_session_agrees_as_well() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let public = captures.join("public");
    let mut comparison = Comparison::default();
    for (answers, capture) in OF_BGP {
        let expected = differential::lines(&public.join(answers));
        let expected = expected.iter().filter_map(netgauze::bgp_message);
        let got = library::lines(&as_bmp(&public.join(capture)));
        let got: Vec<Value> = got.iter().skip(1).map(of_bgp).collect();
        assert_eq!(expected.clone().count(), got.len(), "{answers}");
        for (index, (expected, got)) in expected.zip(&got).enumerate() {
            comparison.message(answers, index + 1, &expected, got);
        }
    }
    comparison.hold("NetGauze about BGP", &[]);
}

/// What the other tests rest on: one octet of an address is seen.
#[test]
#[should_panic(expected = "message 7 next_hop: expected \"192.0.2.1\", got \"192.0.2.2\"")]
fn a_field_that_differs_is_told() {
    let mut comparison = Comparison::default();
    let told = |next_hop: &str| json!({ "next_hop": next_hop, "med": null });
    comparison.message("a.json", 7, &told("192.0.2.1"), &told("192.0.2.2"));
    comparison.hold("a decoder", &[]);
}

/// A row that is met no more has to go.
#[test]
#[should_panic(expected = "listed, but they agree")]
fn a_row_that_is_not_met_is_told() {
    let mut comparison = Comparison::default();
    comparison.message("a.json", 7, &json!({ "med": 1 }), &json!({ "med": 1 }));
    let row = Listed {
        files: &["a.json"],
        field: "med",
        messages: &[7],
        said: |_, _| true,
        fault: Fault::Ours,
        because: "nothing decides it",
    };
    comparison.hold("a decoder", &[row]);
}

/// A row is about what the two say, and about nothing else that may become of it.
#[test]
#[should_panic(expected = "message 7 med: expected 1, got 3")]
fn another_difference_than_the_listed_one_is_told() {
    let mut comparison = Comparison::default();
    comparison.message("a.json", 7, &json!({ "med": 1 }), &json!({ "med": 3 }));
    let row = Listed {
        files: &["a.json"],
        field: "med",
        messages: &[7],
        said: |expected, got| *expected == 1 && *got == 2,
        fault: Fault::Theirs,
        because: "nothing decides it",
    };
    comparison.hold("a decoder", &[row]);
}

#[test]
#[should_panic(expected = "nothing was compared")]
fn nothing_compared_is_no_success() {
    Comparison::default().hold("a decoder", &[]);
}

/// The only BGP stream of a capture as a stream of BMP. Its SYN holds data and does not count, so
/// that the packets are taken in their order.
fn as_bmp(capture: &Path) -> Vec<u8> {
    let records = capture_file::read(&std::fs::read(capture).unwrap());
    let streams = extract::streams(&records);
    let [stream] = streams.as_slice() else {
        panic!("{} streams in {}", streams.len(), capture.display());
    };
    let peer = bmp::PeerHeader::new("192.0.2.1", 64496);
    let stream = extract::in_packet_order(&records, stream.source, stream.destination);
    let mut out = bmp::initiation(&[(2, "router")]);
    let mut rest = stream.as_slice();
    while !rest.is_empty() {
        // RFC 4271 section 4.1: a marker of 16 octets, the length, the type.
        let length = usize::from(u16::from_be_bytes([rest[16], rest[17]]));
        // The last message of one capture is cut short.
        let Some((message, behind)) = rest.split_at_checked(length) else {
            break;
        };
        rest = behind;
        match message[18] {
            1 => out.extend(peer.peer_up(("192.0.2.2", 179), 1024, (message, message), &[])),
            2 => out.extend(peer.route_monitoring(message)),
            _ => {}
        }
    }
    out
}

/// What BGP itself tells of a line.
fn of_bgp(line: &Value) -> Value {
    let line = ours::message(line);
    json!({ "received_open": line["received_open"], "update": line["update"] })
}

/// Whether an expected message is this one, by its type and per-peer header; an Initiation, which
/// has none, by what it says.
fn is_same(expected: &Value, got: &Value) -> bool {
    let got = ours::message(got);
    if expected["type"] == "initiation" {
        return *expected == got;
    }
    let peer = |key: &str| expected["peer"][key] == got["peer"][key];
    expected.get("not_decoded").is_some()
        || expected["type"] == got["type"] && peer("address") && peer("asn") && peer("timestamp")
}
