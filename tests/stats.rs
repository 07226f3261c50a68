//! `stats`: the series of Statistics Reports, against a byte walker that knows nothing of the program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use support::bmp::{PeerHeader, initiation};
use support::program::{Input, Run, ask, run_with_stdin};
use support::{bgp, capture_file, extract, places, walker};

/// Router, what its per-peer header says of the peer, Stat Type, family.
type Key = (String, Vec<u8>, u16, Vec<u8>);

/// Every statistic of the streams of a capture, read in the plainest way (RFC 7854 4.8).
fn walked(capture: &Path) -> BTreeMap<Key, Vec<u64>> {
    let mut all: BTreeMap<Key, Vec<u64>> = BTreeMap::new();
    for (router, bytes) in streams(capture) {
        let reports = walker::messages(&bytes);
        for report in reports.iter().filter(|message| message[5] == 1) {
            // Type, distinguisher, address; a Loc-RIB is known by its BGP ID (RFC 9069 6.1.1).
            let id = if report[6] == 3 { 36..40 } else { 36..36 };
            let peer = [&report[6..7], &report[8..32], &report[id]].concat();
            let mut rest = &report[52..];
            while let [a, b, c, d, behind @ ..] = rest {
                let number = u16::from_be_bytes([*a, *b]);
                let (data, next) = behind.split_at(usize::from(u16::from_be_bytes([*c, *d])));
                let (family, value) = data.split_at(if data.len() == 11 { 3 } else { 0 });
                let value = value
                    .iter()
                    .fold(0, |sum, octet| sum << 8 | u64::from(*octet));
                let key = (router.clone(), peer.clone(), number, family.to_vec());
                all.entry(key).or_default().push(value);
                rest = next;
            }
        }
    }
    all
}

/// The streams of BMP in a capture, or the one that the file is, each with the router's address.
fn streams(capture: &Path) -> Vec<(String, Vec<u8>)> {
    let file = std::fs::read(capture).unwrap();
    if capture
        .extension()
        .is_some_and(|extension| extension == "bmp")
    {
        return vec![(String::new(), file)];
    }
    let streams = extract::streams(&capture_file::read(&file)).into_iter();
    streams
        // A station sends no BMP.
        .filter(|stream| stream.bytes.first() == Some(&3))
        .map(|stream| (stream.source.ip().to_string(), stream.bytes))
        .collect()
}

/// How many series there are of each sequence of values of a type of a router.
fn tally<'a>(
    series: impl Iterator<Item = (&'a str, u16, Vec<u64>)>,
) -> BTreeMap<(String, u16, Vec<u64>), u64> {
    let mut tally = BTreeMap::new();
    for (router, number, values) in series {
        *tally
            .entry((router.to_string(), number, values))
            .or_default() += 1;
    }
    tally
}

fn stats(input: &Input) -> Value {
    ask("stats", &["--json"], input).answered().json()
}

fn series(answer: &Value) -> &Vec<Value> {
    answer["series"].as_array().unwrap()
}

fn values(series: &Value) -> Vec<u64> {
    let points = series["points"].as_array().unwrap();
    let value = |point: &Value| point["value"].as_u64().unwrap();
    points.iter().map(value).collect()
}

/// Captures with whole streams and Statistics Reports of FRR, GoBGP, and of routers on the Internet.
fn captures() -> Vec<PathBuf> {
    let mut captures = vec![
        places::testdata_file("frr107-gobgp.pcap"),
        places::testdata_file("frr-gobgp-small.pcap"),
    ];
    if let Some(shared) = places::shared_captures() {
        let public = shared.join("public/derived");
        captures.extend([
            public.join("streams/pmacct_201_BMP_CISCO_rd_instance_traffic_00.bmp"),
            public.join("streams/pmacct_204_BMP_CISCO_peer_down_traffic_00.bmp"),
            public.join("literals/routecore/src_bmp_message_L1861_v3_t1.bmp"),
        ]);
    }
    captures
}

#[test]
fn the_series_are_those_that_a_byte_walker_finds() {
    for capture in captures() {
        let walked = walked(&capture);
        let expected =
            tally(walked.iter().map(|((router, _, number, _), values)| {
                (router.as_str(), *number, values.clone())
            }));
        let answer = stats(&Input::file(&capture));
        let found = tally(series(&answer).iter().map(|series| {
            let router = series["router"].as_str().unwrap_or_default();
            let number = series["type"].as_u64().unwrap() as u16;
            (router, number, values(series))
        }));
        assert!(!expected.is_empty());
        assert_eq!(found, expected, "{}", capture.display());
        sums_fit(&answer);
    }
}

/// What each series says of its points, worked out again from these.
fn sums_fit(answer: &Value) {
    for series in series(answer) {
        let values = values(series);
        let (first, last) = (values[0], values[values.len() - 1]);
        assert_eq!(series["first"], first);
        assert_eq!(series["last"], last);
        assert_eq!(series["count"], values.len());
        let falls = values.windows(2).filter(|pair| pair[1] < pair[0]).count();
        let rise = |pair: &[u64]| pair[1].checked_sub(pair[0]).unwrap_or(pair[1]);
        let is_counter = series["kind"] == "counter";
        if is_counter {
            assert_eq!(series["resets"], falls);
            assert_eq!(series["delta"], values.windows(2).map(rise).sum::<u64>());
        } else {
            assert!(series["resets"].is_null());
            assert_eq!(series["delta"], last as i64 - first as i64);
        }
    }
}

/// The series of a peer of the lab's FRR 10.7.
fn of_frr<'a>(answer: &'a Value, peer: &str, name: &str) -> &'a Value {
    let is_it = |series: &&Value| {
        series["router"] == "10.0.0.1"
            && series["session"] == 2
            && series["peer"]["address"] == peer
            && series["name"] == name
    };
    series(answer).iter().find(is_it).unwrap()
}

/// Worked out from the octets of the recorded stream (base-frr107 of the lab) by a script of its own.
#[test]
fn frr_counts_up_and_its_gauges_go_up_and_down() {
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let answer = stats(&Input::file(&capture));
    let rejected = of_frr(&answer, "10.0.0.2", "prefixes-rejected-by-inbound-policy");
    let expected = [14, 14, 14, 14, 14, 14, 14, 20, 20, 20, 20, 23, 23, 32];
    assert_eq!(values(rejected), expected);
    assert_eq!(
        (&rejected["first"], &rejected["last"]),
        (&14.into(), &32.into())
    );
    assert_eq!(
        (&rejected["delta"], &rejected["resets"]),
        (&18.into(), &0.into())
    );
    let rate = rejected["rate"].as_f64().unwrap();
    // 18 in the 140.00853 seconds from .545724 to .554224.
    assert!((rate - 0.128_563_6).abs() < 1e-6, "{rate}");
    assert_eq!(rejected["clock"], "bmp");
    assert_eq!(rejected["first_time"], "2026-11-20T12:46:28.545724Z");
    let routes = of_frr(&answer, "10.0.0.4", "adj-rib-in-routes");
    let expected = [9, 9, 9, 9, 9, 26, 26, 26, 26, 26, 9, 26, 29, 29, 26];
    assert_eq!(
        (values(routes), &routes["kind"]),
        (expected.to_vec(), &"gauge".into())
    );
    assert_eq!(routes["delta"], 17);
}

#[test]
fn what_is_said_of_a_loc_rib_is_about_it() {
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let answer = stats(&Input::file(&capture));
    let loc_ribs = series(&answer)
        .iter()
        .filter(|series| series["peer"]["type"] == "loc-rib");
    let mut count = 0;
    for series in loc_ribs {
        assert_eq!(series["rib"], "loc-rib");
        assert!(series["peer"]["address"].is_null());
        count += 1;
    }
    // Three Loc-RIBs: before and after the router ID changed, and that of the view "blue".
    assert_eq!(count, 27);
}

/// Stat Type and Stat Data.
type Statistic = (u16, Vec<u8>);

/// A bare stream of reports of one peer: seconds of the timestamp, and the statistics.
fn stream(reports: &[(u32, &[Statistic])]) -> Vec<u8> {
    let mut bytes = initiation(&[(2, "edge1")]);
    let open = bgp::Open::usual(64500, Ipv4Addr::new(192, 0, 2, 7)).encode();
    let ends = ("192.0.2.1", 179);
    bytes.extend(PeerHeader::new("192.0.2.7", 64500).peer_up(ends, 40000, (&open, &open), &[]));
    for (seconds, statistics) in reports {
        let mut peer = PeerHeader::new("192.0.2.7", 64500);
        peer.time = (*seconds, 0);
        bytes.extend(peer.statistics(statistics));
    }
    bytes
}

fn ask_stream(options: &[&str], bytes: &[u8]) -> Run {
    let arguments = [&["stats", "-"], options].concat();
    run_with_stdin(&arguments, bytes).answered()
}

#[test]
fn a_counter_that_falls_was_reset() {
    let count = |value: u32| vec![(13, value.to_be_bytes().to_vec())];
    let reports = [count(100), count(160), count(5), count(25)];
    let timed: Vec<_> = [1000, 1010, 1020, 1030]
        .into_iter()
        .zip(reports.iter().map(Vec::as_slice))
        .collect();
    let answer = ask_stream(&["--json"], &stream(&timed)).json();
    let [series] = &series(&answer)[..] else {
        panic!("{answer}")
    };
    assert_eq!(
        (&series["resets"], &series["delta"]),
        (&1.into(), &85.into())
    );
    // 60 up, 5 from zero, 20 up: 85 in 30 seconds of the router's clock.
    assert_eq!(
        series["rate"].as_f64().map(|rate| (rate * 30.0).round()),
        Some(85.0)
    );
    assert_eq!(series["points"][0]["time"], "1970-01-01T00:16:40.000000Z");
    let table = String::from_utf8(ask_stream(&[], &stream(&timed)).stdout).unwrap();
    assert!(table.contains("▂") || table.contains('█'), "{table}");
}

#[test]
fn a_statistic_of_another_length_is_told_and_costs_only_itself() {
    let statistics = [
        (7, vec![0, 0, 9]),
        (2, vec![0, 0, 0, 1]),
        (65531, vec![0; 8]),
    ];
    let bytes = stream(&[(1000, &statistics), (1010, &statistics)]);
    let answer = ask_stream(&["--json"], &bytes).json();
    let names: Vec<&Value> = series(&answer).iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["duplicate-withdraws", "unknown-65531"]);
    assert_eq!(series(&answer)[1]["kind"], "gauge");
    assert_eq!(answer["findings"]["warning"], 2);
    let check = run_with_stdin(&["check", "--json", "-"], &bytes).answered();
    let finding = &check.json()["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["count"]),
        (&"statistic-length".into(), &2.into())
    );
    let verbose = ask_stream(&["-v"], &bytes).stderr;
    assert!(
        verbose.contains("adj-rib-in-routes: 3 octets of data"),
        "{verbose}"
    );
}

#[test]
fn csv_has_a_row_for_each_value() {
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let answer = stats(&Input::file(&capture));
    let points: usize = series(&answer).iter().map(|one| values(one).len()).sum();
    let csv = ask("stats", &["-f", "csv"], &Input::file(&capture)).answered();
    let text = String::from_utf8(csv.stdout).unwrap();
    let mut lines = text.lines();
    let names = lines.next().unwrap();
    assert!(
        names.starts_with("session,router,peer,asn,statistic,family,kind,"),
        "{names}"
    );
    assert!(names.ends_with(",clock,time,value"), "{names}");
    let last_fields = lines.clone().map(|line| line.rsplit(',').next().unwrap());
    assert!(
        last_fields
            .clone()
            .all(|value| value.parse::<u64>().is_ok())
    );
    assert_eq!(lines.count(), points);
}

#[test]
fn filters_choose_peers_and_times() {
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let options = [
        "--json",
        "--peer",
        "10.0.0.4",
        "--until",
        "2026-11-20T12:47:00Z",
    ];
    let answer = ask("stats", &options, &Input::file(&capture))
        .answered()
        .json();
    assert!(!series(&answer).is_empty());
    for series in series(&answer) {
        assert_eq!(series["peer"]["address"], "10.0.0.4");
        assert!(series["last_time"].as_str().unwrap() < "2026-11-20T12:47");
    }
    let nothing = ask(
        "stats",
        &["--json", "--peer", "192.0.2.99"],
        &Input::file(&capture),
    );
    assert!(series(&nothing.answered().json()).is_empty());
}

#[test]
fn threads_and_windows_change_nothing() {
    let capture = places::testdata_file("frr-gobgp-small.pcap");
    let asked = |options: &[&str]| {
        let options = [&["--json"], options].concat();
        ask("stats", &options, &Input::file(&capture))
            .answered()
            .stdout
    };
    let whole = asked(&["--threads", "1"]);
    assert!(whole == asked(&["--threads", "8"]));
    assert!(whole == asked(&["--threads", "2", "--window", "65536"]));
}
