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
use serde_json::Value;
use support::places;
use support::program::with_shortest_times;

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

/// Where the two disagree.
const DISAGREEMENTS: &[Listed] = &[
    Listed {
        file: "netgauze/bmp/unreachable-prefix-announcement/upa-bmp.json",
        field: "peer.flags",
        messages: &[26, 28, 30],
        fault: Fault::Theirs,
        because: "RFC 9069 section 4.2: the Peer Flags of a Loc-RIB are F and seven reserved bits. \
                  The router sets 0x40; NetGauze shows F alone, so that the octet is lost; this \
                  program shows the octet, and the RIB is the Loc-RIB all the same.",
    },
    Listed {
        file: "netgauze/pmacct-tests/208-BMP-mem-leak-test/bmp-multi-sources-peer-up-bmp.json",
        field: differential::NOT_DECODED,
        messages: &[168, 173],
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
