//! `rpki stats`: routes by state as statistics tell it, against the routes that stood when they came.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use std::net::Ipv4Addr;
use support::bgp::{Open, attribute, end_of_rib_ipv4, prefix_ipv4, update, usual_attributes};
use support::bmp::{PeerHeader, initiation};
use support::places;
use support::program::{Run, run, run_with_stdin};

/// The flag L: after inbound policy (RFC 7854 4.2).
const POST: u8 = 0x40;

/// The peer, at this second, before or after policy.
fn peer(seconds: u32, flags: u8) -> PeerHeader {
    PeerHeader {
        flags,
        time: (seconds, 0),
        ..PeerHeader::new("192.0.2.7", 64500)
    }
}

fn peer_up(seconds: u32) -> Vec<u8> {
    let open = |asn| Open::usual(asn, Ipv4Addr::new(192, 0, 2, 1)).encode();
    let (own, other) = (open(64496), open(64500));
    peer(seconds, 0).peer_up(("192.0.2.1", 179), 33000, (&own, &other), &[])
}

/// 10.`number`.0.0/16 from AS 64511.
fn route(number: u8, extra: &[u8]) -> Vec<u8> {
    let path = usual_attributes(&[64500, 64511], Ipv4Addr::new(192, 0, 2, 7));
    let nlri = prefix_ipv4(Ipv4Addr::new(10, number, 0, 0), 16);
    update(&[], &[&path[..], extra].concat(), &nlri)
}

/// EXTENDED COMMUNITIES with the state of RFC 8097 2: 0 valid, 1 not found, 2 invalid.
fn state(state: u8) -> Vec<u8> {
    attribute(0xc0, 16, &[0x43, 0, 0, 0, 0, 0, 0, state])
}

/// AFI 1, SAFI 1 and the number.
fn ipv4(value: u64) -> Vec<u8> {
    [&[0, 1, 1][..], &value.to_be_bytes()].concat()
}

/// Invalid, valid, not found (RFC 9972 3.2).
fn by_state([invalid, valid, not_found]: [u64; 3]) -> Vec<(u16, Vec<u8>)> {
    vec![
        (35, ipv4(invalid)),
        (36, ipv4(valid)),
        (37, ipv4(not_found)),
    ]
}

/// 10.1.0.0/16 is valid, 10.2.0.0/16 invalid, others are not found.
fn vrps() -> Value {
    json!({"roas": [
        {"asn": 64511, "prefix": "10.1.0.0/16", "maxLength": 16, "ta": "a"},
        {"asn": 64999, "prefix": "10.2.0.0/16", "maxLength": 16, "ta": "a"},
    ]})
}

fn ask(options: &[&str], bytes: &[u8]) -> Run {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vrps.json");
    std::fs::write(&path, vrps().to_string()).unwrap();
    let path = path.to_str().unwrap();
    let options = options
        .iter()
        .map(|one| if *one == "VRPS" { path } else { one });
    let arguments: Vec<&str> = ["rpki", "stats", "-"].into_iter().chain(options).collect();
    run_with_stdin(&arguments, bytes).answered()
}

fn asked(options: &[&str], bytes: &[u8]) -> Value {
    ask(&[&["--json"], options].concat(), bytes).json()
}

/// The series of this state by this source in this view.
fn series<'a>(answer: &'a Value, rib: &str, state: &str, source: &str) -> &'a Value {
    let is_it =
        |one: &&Value| one["rib"] == rib && one["state"] == state && one["source"] == source;
    let all = answer["series"].as_array().unwrap();
    all.iter().find(is_it).unwrap_or(&Value::Null)
}

fn check<'a>(answer: &'a Value, state: &str) -> &'a Value {
    let all = answer["checks"].as_array().unwrap();
    all.iter().find(|one| one["state"] == state).unwrap()
}

fn values(series: &Value) -> Vec<u64> {
    let points = series["points"].as_array().unwrap().iter();
    points
        .map(|point| point["value"].as_u64().unwrap())
        .collect()
}

/// Three routes, marked, then a report; one goes and two come, another report; one goes.
fn told(first: [u64; 3], second: [u64; 3]) -> Vec<u8> {
    let post = |seconds| peer(seconds, POST);
    let withdrawn = |number| prefix_ipv4(Ipv4Addr::new(10, number, 0, 0), 16);
    [
        initiation(&[(2, "edge1")]),
        peer_up(1000),
        post(1001).route_monitoring(&route(1, &state(0))),
        post(1001).route_monitoring(&route(2, &state(2))),
        post(1001).route_monitoring(&route(3, &state(1))),
        post(1002).route_monitoring(&end_of_rib_ipv4()),
        peer(1010, 0).statistics(&by_state(first)),
        post(1011).route_monitoring(&update(&withdrawn(2), &[], &[])),
        post(1011).route_monitoring(&route(4, &state(1))),
        post(1011).route_monitoring(&route(5, &state(1))),
        peer(1020, 0).statistics(&by_state(second)),
        post(1030).route_monitoring(&update(&withdrawn(1), &[], &[])),
    ]
    .concat()
}

#[test]
fn what_is_reported_agrees_with_the_routes_that_stood_then() {
    let answer = asked(&["--vrps", "VRPS"], &told([1, 1, 1], [0, 1, 3]));
    let post = "adj-rib-in-post";
    let invalid = series(&answer, post, "invalid", "statistics");
    assert_eq!(
        [&invalid["first"], &invalid["last"], &invalid["delta"]],
        [1, 0, -1]
    );
    assert_eq!(
        (&invalid["afi"], &invalid["type"]),
        (&json!("ipv4"), &json!(35))
    );
    assert_eq!(invalid["points"][1]["time"], "1970-01-01T00:17:00.000000Z");
    for source in ["marks", "computed"] {
        let of = |state| values(series(&answer, post, state, source));
        assert_eq!(of("invalid"), [1, 0, 0], "{source}");
        assert_eq!(of("not-found"), [1, 3, 3], "{source}");
        // One valid route went behind the last report: the end is a moment, too.
        assert_eq!(of("valid"), [1, 0], "{source}");
    }
    for (state, number) in [("invalid", 0), ("valid", 1), ("not-found", 3)] {
        let check = check(&answer, state);
        let numbers = [&check["reported"], &check["marked"], &check["computed"]];
        assert_eq!(numbers, [number; 3], "{state}");
        assert_eq!(
            (&check["routes"], &check["agrees"]),
            (&json!(4), &json!(true))
        );
        assert_eq!(check["reasons"], json!([]));
    }
    let sum = &answer["sums"][0];
    let numbers = [&sum["sum"], &sum["routes"], &sum["routes_reported"]];
    assert_eq!(numbers, [&json!(4), &json!(4), &Value::Null]);
    assert_eq!(sum["agrees"], true);
}

#[test]
fn without_a_clock_the_last_report_is_checked_all_the_same() {
    let untimed = PeerHeader {
        time: (0, 0),
        ..peer(0, POST)
    };
    let bytes = [
        initiation(&[(2, "edge1")]),
        peer_up(0),
        untimed.route_monitoring(&route(1, &state(0))),
        untimed.statistics(&by_state([0, 1, 0])),
        untimed.route_monitoring(&route(2, &state(0))),
    ]
    .concat();
    let answer = asked(&[], &bytes);
    let valid = check(&answer, "valid");
    assert_eq!(
        (&valid["marked"], &valid["agrees"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(valid["time"], Value::Null);
}

#[test]
fn where_numbers_differ_a_likely_reason_is_named() {
    // The second report still has the numbers of the first.
    let answer = asked(&["--vrps", "VRPS"], &told([1, 1, 1], [1, 1, 1]));
    let invalid = check(&answer, "invalid");
    assert_eq!(
        (&invalid["marked"], &invalid["agrees"]),
        (&json!(0), &json!(false))
    );
    let reasons = json!(["other-moment", "not-all-validated", "other-than-marks"]);
    assert_eq!(invalid["reasons"], reasons);
    assert_eq!(check(&answer, "valid")["agrees"], true);
    assert_eq!(answer["sums"][0]["agrees"], false);
    let schema = run(&["schema", "rpki-stats"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&answer), "{answer}");
    let table = ask(&["--vrps", "VRPS"], &told([1, 1, 1], [1, 1, 1])).stdout;
    let table = String::from_utf8(table).unwrap();
    let reasons = "number of another moment, not all routes validated, not what the router marks";
    assert!(table.contains(reasons), "{table}");
}

#[test]
fn without_vrps_only_marks_are_compared() {
    let answer = asked(&[], &told([1, 1, 1], [0, 1, 3]));
    let check = check(&answer, "not-found");
    assert_eq!(
        (&check["marked"], &check["computed"]),
        (&json!(3), &Value::Null)
    );
    assert_eq!(check["agrees"], true);
    assert!(series(&answer, "adj-rib-in-post", "valid", "computed").is_null());
}

#[test]
fn filtered_routes_are_the_invalid_ones_that_policy_dropped() {
    let bytes = |number: u16| {
        [
            initiation(&[(2, "edge1")]),
            peer_up(1000),
            peer(1001, 0).route_monitoring(&route(1, &[])),
            peer(1001, 0).route_monitoring(&route(2, &[])),
            peer(1001, POST).route_monitoring(&route(1, &[])),
            peer(1010, 0).statistics(&[(number, ipv4(1)), (22, ipv4(1)), (21, ipv4(1))]),
        ]
        .concat()
    };
    for (number, options) in [
        (65532, &["--vrps", "VRPS"][..]),
        (44, &["--vrps", "VRPS", "--code", "rpki-filtered=44"]),
    ] {
        let answer = asked(options, &bytes(number));
        let filtered = check(&answer, "filtered");
        let numbers = [
            &filtered["reported"],
            &filtered["computed"],
            &filtered["routes"],
        ];
        assert_eq!(numbers, [1, 1, 2], "{answer}");
        assert_eq!(
            (&filtered["rib"], &filtered["agrees"]),
            (&json!("adj-rib-in-pre"), &json!(true))
        );
        let rejection = &answer["rejections"][0];
        let numbers = [
            &rejection["reported"],
            &rejection["counted"],
            &rejection["invalid"],
        ];
        assert_eq!(numbers, [1, 1, 1]);
        assert_eq!(answer["related"].as_array().unwrap().len(), 2);
        let code = options.last().filter(|one| one.contains('='));
        let code = ["--code", code.unwrap_or(&"rpki-filtered=65532")];
        for command in ["stats", "messages"] {
            let arguments = [&[command, "--json", "-"][..], &code].concat();
            let run = run_with_stdin(&arguments, &bytes(number)).answered();
            let text = String::from_utf8(run.stdout).unwrap();
            assert!(text.contains("\"rpki-filtered\""), "{command}: {text}");
        }
    }
    // Unless a number is told, 44 is nothing.
    let answer = asked(&["--vrps", "VRPS"], &bytes(44));
    assert_eq!(answer["checks"], json!([]));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let begin = [initiation(&[(2, "edge1")]), peer_up(1000)].concat();
    let reasons = |options: &[&str], statistics: &[(u16, Vec<u8>)], route: &[u8]| {
        let report = peer(1010, 0).statistics(statistics);
        let answer = asked(options, &[&begin[..], route, &report].concat());
        let check = answer["checks"][0].clone();
        assert_eq!(
            (&check["agrees"], &check["computed"]),
            (&Value::Null, &Value::Null)
        );
        check["reasons"].clone()
    };
    let of_vpn = [&[0, 1, 128][..], &5u64.to_be_bytes()].concat();
    let unmarked = peer(1001, POST).route_monitoring(&route(1, &[]));
    assert_eq!(
        reasons(&[], &[(36, ipv4(5))], &[]),
        json!(["view-not-captured"])
    );
    assert_eq!(
        reasons(&[], &[(36, of_vpn)], &[]),
        json!(["family-not-counted"])
    );
    assert_eq!(
        reasons(&[], &[(36, ipv4(5))], &unmarked),
        json!(["nothing-to-compare"])
    );
    // The out-bound views of RFC 9972 3.3 are views of their own.
    let out = [(42, ipv4(5))];
    assert_eq!(
        reasons(&["--vrps", "VRPS"], &out, &unmarked),
        json!(["view-not-captured"])
    );
}

#[test]
fn the_table_has_a_line_for_each_view_and_source() {
    let run = ask(&["--vrps", "VRPS"], &told([1, 1, 1], [0, 1, 3]));
    let table = String::from_utf8(run.stdout).unwrap();
    let line = |source: &str| {
        let mut lines = table
            .lines()
            .filter(|line| line.contains("adj-rib-in-post"));
        let line = lines.find(|line| line.contains(source)).unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let begin = "1 edge1 192.0.2.7 64500 adj-rib-in-post ipv4";
    assert_eq!(
        line("statistics"),
        format!("{begin} statistics 1 1 -> 0 1 -> 3 - - █▁")
    );
    assert_eq!(
        line("computed"),
        format!("{begin} computed 1 -> 0 1 -> 0 1 -> 3 - - █▁▁")
    );
    assert!(
        table.contains("Reported last, and counted at that moment"),
        "{table}"
    );
    let csv = ask(&["-f", "csv"], &told([1, 1, 1], [0, 1, 3]));
    let csv = String::from_utf8(csv.stdout).unwrap();
    let row = "1,edge1,192.0.2.7,64500,adj-rib-in-post,ipv4,unicast,not-found,statistics,37,";
    assert_eq!(
        csv.lines().filter(|line| line.starts_with(row)).count(),
        2,
        "{csv}"
    );
}

#[test]
fn without_evidence_it_says_what_is_missing_and_how_to_get_it() {
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let capture = capture.to_str().unwrap();
    let answer = run(&["rpki", "stats", "--json", capture]).answered().json();
    assert_eq!(
        (&answer["series"], &answer["checks"]),
        (&json!([]), &json!([]))
    );
    let missing: Vec<&str> = answer["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert!(missing[0].contains("RFC 9972"), "{missing:?}");
    assert!(missing[1].contains("--vrps FILE"), "{missing:?}");
    let table = run(&["rpki", "stats", capture]).answered();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("--vrps FILE"), "{table}");
}

#[test]
fn what_frr_rejects_are_the_invalid_routes() {
    let Some(capture) = places::lab("rov.pcap") else {
        return;
    };
    let vrps = places::lab("rov-vrps1.json").unwrap();
    let answer = run(&[
        "rpki",
        "stats",
        "--json",
        "--router",
        "frr107-rov",
        capture.to_str().unwrap(),
        "--vrps",
        vrps.to_str().unwrap(),
    ]);
    let answer = answer.answered().json();
    let rejections = answer["rejections"].as_array().unwrap().iter();
    let row = |one: &Value| {
        let keys = ["reported", "counted", "invalid"];
        keys.map(|key| one[key].as_u64().unwrap())
    };
    // What the oracle says of both peers, before and behind policy.
    assert_eq!(rejections.map(row).collect::<Vec<_>>(), [[145; 3], [0; 3]]);
    let series = answer["series"].as_array().unwrap();
    assert!(series.iter().all(|one| one["source"] == "computed"));
    assert_eq!(series.len(), 5 * 2 * 3);
}
