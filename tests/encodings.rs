//! UPDATEs are read as they are written, not as the Peer Up says: against the BGP sessions that the
//! monitored routers had, captured on the wire between them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; counts go to stderr"
)]

mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use support::program::{self, Input};
use support::{bgp_wire, capture_file, extract, places};

const BMP: &str = "frr-gobgp-small.pcap";
const BGP: &str = "bgp/s1-bgp-179.pcap";

/// The routers by the address that speaks BMP: those of their BGP sessions.
const ROUTERS: [(&str, [&str; 2]); 2] = [
    ("10.0.0.1", ["10.0.0.1", "fd00::1"]),
    ("10.0.0.2", ["10.0.0.2", "fd00::2"]),
];

/// What was sent to a router and its pre-policy view does not show: router, peer, how many prefixes,
/// why. Everything else has to be there.
const NOT_SHOWN: [(&str, &str, usize, &str); 2] = [
    (
        "10.0.0.2",
        "10.0.0.1",
        1,
        "GoBGP leaves out its own route that FRR sends back (AS loop)",
    ),
    (
        "10.0.0.1",
        "10.0.0.5",
        50,
        "FRR 8.4 answers the UPDATE that holds them with a NOTIFICATION (frames 2621, 2623)",
    ),
];

/// Prefixes in Route Monitoring messages by router, peer and view.
type Shown = BTreeMap<(String, String, String), BTreeSet<String>>;

fn lines(path: &std::path::Path) -> Vec<Value> {
    program::ask("messages", &["-q"], &Input::file(path))
        .answered()
        .lines()
}

fn unicast(line: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["announced", "withdrawn"].map(|key| line["update"][key].as_array());
    let routes = lists.into_iter().flatten().flatten();
    routes.filter(|route| route["safi"] == "unicast" && route["prefix"].is_string())
}

fn shown(lines: &[Value]) -> Shown {
    let mut shown = Shown::new();
    for line in lines
        .iter()
        .filter(|line| line["type"] == "route-monitoring")
    {
        let Some(peer) = line["peer"]["address"].as_str() else {
            continue; // a Loc-RIB
        };
        let text = |key: &str| line[key].as_str().unwrap().to_owned();
        let key = (text("router"), peer.to_owned(), text("rib"));
        let prefixes = unicast(line).map(|route| route["prefix"].as_str().unwrap().to_owned());
        shown.entry(key).or_default().extend(prefixes);
    }
    shown
}

#[test]
fn both_feeds_show_the_prefixes_of_the_bgp_sessions_behind_them() {
    let wire = capture_file::read(&std::fs::read(places::testdata_file(BGP)).unwrap());
    let wire = bgp_wire::sent(&extract::streams(&wire));
    let shown = shown(&lines(&places::testdata_file(BMP)));
    let mut compared = 0;
    for ((router, peer, rib), prefixes) in &shown {
        let (_, addresses) = ROUTERS.iter().find(|(name, _)| name == router).unwrap();
        let peer_address: IpAddr = peer.parse().unwrap();
        let own = addresses.iter().map(|one| one.parse::<IpAddr>().unwrap());
        let sent: Vec<_> = own
            .filter_map(|own| wire.get(&(peer_address, own)))
            .collect();
        // FRR 8.4 shows its own routes as those of peer 0.0.0.0.
        if peer == "0.0.0.0" {
            continue;
        }
        let sent: BTreeSet<String> = sent.into_iter().flatten().cloned().collect();
        let invented: Vec<_> = prefixes.difference(&sent).collect();
        assert!(
            invented.is_empty(),
            "{router} {peer} {rib}: nobody sent {invented:?}"
        );
        if rib == "adj-rib-in-pre" {
            let missing = sent.difference(prefixes).count();
            let row = NOT_SHOWN
                .iter()
                .find(|row| (row.0, row.1) == (router, peer));
            assert_eq!(missing, row.map_or(0, |row| row.2), "{router} {peer} {rib}");
        }
        compared += prefixes.len();
    }
    eprintln!("{compared} prefixes of {} views", shown.len());
    assert_eq!(shown.len(), 23);
}

#[test]
fn views_are_read_otherwise_than_declared_where_the_routers_write_otherwise() {
    let lines = lines(&places::testdata_file(BMP));
    let contexts = |router: &str, peer: &str, rib: &str| {
        let routes = lines.iter().filter(|line| {
            let is_there = line["router"] == router && line["peer"]["address"] == peer;
            let announces = line["update"]["announced"][0]["safi"] == "unicast";
            is_there && line["rib"] == rib && announces
        });
        let ipv4 = routes.filter(|line| unicast(line).all(|route| route["afi"] == "ipv4"));
        ipv4.map(|line| line["context"].as_str().unwrap())
            .collect::<BTreeSet<_>>()
    };
    // GoBGP and FRR negotiated ADD-PATH: GoBGP passes on what it received, and path identifiers with it;
    // it writes none after its policy, and FRR none at all.
    assert_eq!(
        contexts("10.0.0.2", "10.0.0.1", "adj-rib-in-pre"),
        ["declared"].into()
    );
    assert_eq!(
        contexts("10.0.0.2", "10.0.0.1", "adj-rib-in-post"),
        ["observed"].into()
    );
    assert_eq!(
        contexts("10.0.0.1", "10.0.0.2", "adj-rib-in-pre"),
        ["observed"].into()
    );
    assert_eq!(
        contexts("10.0.0.1", "10.0.0.2", "adj-rib-in-post"),
        ["observed"].into()
    );
    // FRR 8.4 passes on two-octet AS numbers of this peer and says that they have four.
    assert_eq!(
        contexts("10.0.0.1", "10.0.0.5", "adj-rib-in-pre"),
        ["observed"].into()
    );
}

#[test]
fn no_impossible_prefix_appears_in_any_capture() {
    let mut files = places::testdata_captures();
    if let Some(captures) = places::shared_captures() {
        files.extend(places::captures_below(&captures));
    }
    let mut seen = 0;
    for path in &files {
        let run = program::run(&["messages".as_ref(), "-q".as_ref(), path.as_os_str()]);
        for line in run.lines() {
            for route in unicast(&line) {
                let prefix = route["prefix"].as_str().unwrap();
                assert!(is_possible(prefix), "{}: {line}", path.display());
                seen += 1;
            }
        }
    }
    eprintln!("{seen} prefixes of {} files", files.len());
    assert!(seen > 10_000);
}

/// Something that is routed: not in 0/8, 127/8 or 240/4 (RFC 6890), not shorter than any allocation, but
/// for the default route.
fn is_possible(prefix: &str) -> bool {
    let (address, bits) = prefix.split_once('/').unwrap();
    let bits: u8 = bits.parse().unwrap();
    match address.parse().unwrap() {
        IpAddr::V4(address) if bits == 0 => address.is_unspecified(),
        IpAddr::V6(address) if bits == 0 => address.is_unspecified(),
        IpAddr::V4(address) => bits >= 8 && !matches!(address.octets()[0], 0 | 127 | 224..),
        IpAddr::V6(address) => {
            bits >= 16 && matches!(address.octets()[0], 0x20..=0x3f | 0xfc..=0xff)
        }
    }
}
