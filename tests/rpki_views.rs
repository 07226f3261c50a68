//! `rpki validation` and `rpki stats` where a router has VRFs, families beside unicast and several paths:
//! tables and CSV tell them apart.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::net::Ipv4Addr;
use support::bgp::{Open, attribute, mp_reach, prefix_ipv4, prefix_ipv6, update, usual_attributes};
use support::bmp::{PeerHeader, initiation};
use support::program::{Run, run_with_stdin};

const NEXT_HOP: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

/// 10.0.0.0/8 of AS 64500 down to 16 bits.
const VRPS: &str = r#"{"metadata":{"generated":1700000000},
    "roas":[{"asn":64500,"prefix":"10.0.0.0/8","maxLength":16,"ta":"a","expires":1699990000},
            {"asn":64500,"prefix":"10.0.0.0/8","maxLength":15,"ta":"a"}]}"#;

/// The peer in the global table.
fn global() -> PeerHeader {
    PeerHeader::new("192.0.2.7", 64500)
}

/// The peer of the same address in the VRF of the distinguisher 65000:100 (RFC 4364 4.2, type 0).
fn in_vrf() -> PeerHeader {
    PeerHeader {
        peer_type: 1,
        distinguisher: [0, 0, 0xfd, 0xe8, 0, 0, 0, 100],
        ..global()
    }
}

fn peer_up(peer: &PeerHeader) -> Vec<u8> {
    let open = |asn| Open::usual(asn, NEXT_HOP).encode();
    let (own, other) = (open(64496), open(64500));
    peer.peer_up(("192.0.2.1", 179), 33000, (&own, &other), &[])
}

/// 10.`number`.0.0/16 from AS 64500, with the state "valid" of RFC 8097.
fn route(number: u8) -> Vec<u8> {
    let marked = attribute(0xc0, 16, &[0x43, 0, 0, 0, 0, 0, 0, 0]);
    let path = [usual_attributes(&[64500], NEXT_HOP), marked].concat();
    let nlri = prefix_ipv4(Ipv4Addr::new(10, number, 0, 0), 16);
    update(&[], &path, &nlri)
}

/// AFI 1, this SAFI and the number, as statistic 36: valid routes (RFC 9972 3.2).
fn valid(safi: u8, value: u64) -> (u16, Vec<u8>) {
    (36, [&[0, 1, safi][..], &value.to_be_bytes()].concat())
}

/// A route in either table, and what statistics say of both, the latter of SAFI 128 too.
fn told() -> Vec<u8> {
    [
        initiation(&[(2, "edge1")]),
        peer_up(&global()),
        peer_up(&in_vrf()),
        global().route_monitoring(&route(1)),
        in_vrf().route_monitoring(&route(2)),
        global().statistics(&[valid(1, 5), valid(128, 7)]),
        in_vrf().statistics(&[valid(1, 6)]),
    ]
    .concat()
}

fn ask(report: &str, options: &[&str], bytes: &[u8]) -> Run {
    ask_by(VRPS, report, options, bytes)
}

fn ask_by(vrps: &str, report: &str, options: &[&str], bytes: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vrps.json");
    std::fs::write(&path, vrps).unwrap();
    let given = ["rpki", report, "-", "--vrps", path.to_str().unwrap()];
    run_with_stdin(&[&given[..], options].concat(), bytes)
}

fn text(report: &str, options: &[&str], bytes: &[u8]) -> String {
    let run = ask(report, options, bytes).answered();
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn tables_tell_vrfs_and_families_apart() {
    let table = text("validation", &[], &told());
    let has = |words: &str| {
        let lines = table
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        lines
            .filter(|line| line.join(" ").starts_with(words))
            .count()
    };
    assert_eq!(
        has("1 edge1 192.0.2.7 64500 adj-rib-in-pre ipv4 1 0 1"),
        1,
        "{table}"
    );
    let in_vrf = "1 edge1 192.0.2.7 rd 65000:100 64500 adj-rib-in-pre ipv4 1 0 1";
    assert_eq!(has(in_vrf), 1, "{table}");
    let table = text("stats", &[], &told());
    assert!(table.contains("192.0.2.7 rd 65000:100"), "{table}");
    let of_vpn = table.lines().filter(|line| line.contains("ipv4 vpn"));
    // The series, and its check.
    assert_eq!(of_vpn.count(), 2, "{table}");
}

#[test]
fn csv_has_the_distinguisher_and_the_safi_at_its_end() {
    let csv = text("validation", &["-f", "csv"], &told());
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines[0].ends_with("path_contradicted,distinguisher,safi"),
        "{csv}"
    );
    assert!(lines[1].starts_with("1,edge1,192.0.2.7,64500,adj-rib-in-pre,ipv4,10.1."));
    assert!(lines[1].ends_with(",,unicast"), "{csv}");
    assert!(lines[2].starts_with("1,edge1,192.0.2.7,64500,adj-rib-in-pre,ipv4,10.2."));
    assert!(lines[2].ends_with(",65000:100,unicast"), "{csv}");
    let csv = text("stats", &["-f", "csv"], &told());
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].ends_with("time,value,distinguisher"), "{csv}");
    let is_of = |line: &&str| line.ends_with(",6,65000:100");
    assert_eq!(lines.iter().copied().filter(is_of).count(), 1, "{csv}");
}

fn missing(report: &str, bytes: &[u8]) -> (Value, String) {
    let answer = ask(report, &["--json"], bytes).answered().json();
    let lines = answer["missing"].as_array().unwrap().iter();
    let lines: Vec<&str> = lines.map(|line| line.as_str().unwrap()).collect();
    let missing = lines.join("\n");
    (answer, missing)
}

#[test]
fn without_packets_per_peer_headers_tell_what_had_expired() {
    for report in ["validation", "stats"] {
        let (answer, text) = missing(report, &told());
        // Headers say 1700000000: one VRP ended before, and the file was made then.
        assert_eq!(answer["data"]["expired"], 1, "{report}");
        assert_eq!(answer["data"]["age"], 0, "{report}");
        assert!(text.contains("by the times of per-peer headers"), "{text}");
    }
}

#[test]
fn without_any_time_nothing_is_said_to_have_expired() {
    let peer = PeerHeader {
        time: (0, 0),
        ..global()
    };
    let bytes = [peer_up(&peer), peer.route_monitoring(&route(1))].concat();
    for report in ["validation", "stats"] {
        let (answer, text) = missing(report, &bytes);
        assert_eq!(answer["data"]["expired"], 0, "{report}");
        assert_eq!(answer["data"]["age"], Value::Null, "{report}");
        assert!(text.contains("are not judged"), "{text}");
    }
}

#[test]
fn routes_that_are_left_out_are_counted_by_family() {
    // RFC 4364 4.3.4: label 16 at the bottom of its stack, distinguisher 65000:100, 10.3.0.0/16.
    let nlri = [104, 0, 1, 1, 0, 0, 0xfd, 0xe8, 0, 0, 0, 100, 10, 3];
    let next_hop = [&[0; 8][..], &NEXT_HOP.octets()].concat();
    let path = usual_attributes(&[64500], NEXT_HOP);
    let reach = mp_reach(1, 128, &next_hop, &nlri);
    let of_vpn = update(&[], &[path, reach].concat(), &[]);
    let bytes = [told(), global().route_monitoring(&of_vpn)].concat();
    for report in ["validation", "stats"] {
        let (_, text) = missing(report, &bytes);
        assert!(text.contains("left out: 1 of ipv4 vpn"), "{text}");
        let (_, text) = missing(report, &told());
        assert!(!text.contains("left out"), "{text}");
    }
}

#[test]
fn vrps_lack_a_family_only_where_the_capture_has_routes_of_it() {
    let (_, text) = missing("validation", &told());
    assert!(!text.contains("VRPs have none"), "{text}");
    let path = usual_attributes(&[64500], NEXT_HOP);
    let nlri = prefix_ipv6("2001:db8::".parse().unwrap(), 32);
    let reach = mp_reach(2, 1, &[0; 16], &nlri);
    let of_ipv6 = update(&[], &[path, reach].concat(), &[]);
    let bytes = [told(), global().route_monitoring(&of_ipv6)].concat();
    let (_, text) = missing("validation", &bytes);
    assert!(text.contains("the VRPs have none of IPv6"), "{text}");
}

#[test]
fn vrps_of_which_none_can_be_read_are_a_usage_error() {
    let vrps = "ASN,IP Prefix,Max Length,Expires\nAS1,10.0.0.0/8,8,soon\n";
    let run = ask_by(vrps, "validation", &[], &told());
    let told = run.stderr;
    assert_eq!(run.code, 2, "{told}");
    assert!(
        told.contains("none of its 1 entries can be read: line 2: expires: 'soon' is no time"),
        "{told}"
    );
}
