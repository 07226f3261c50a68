//! The options of `messages`: which lines they keep, and what they keep of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

#[path = "message_filters/predicate.rs"]
mod predicate;

use predicate::Ask;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use support::places;
use support::program::{self, Input};

/// FRR and GoBGP with VPN and EVPN beside unicast.
const SMALL: &str = "frr-gobgp-small.pcap";

fn text(capture: &str, options: &[&str]) -> String {
    let input = Input::file(&places::testdata_file(capture));
    let run = program::ask("messages", options, &input).answered();
    String::from_utf8(run.stdout).unwrap()
}

fn lines(capture: &str, options: &[&str]) -> Vec<Value> {
    let text = text(capture, options);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Exit code 2, and what stderr says.
#[track_caller]
fn refused(options: &[&str]) -> String {
    let arguments = [&["messages", "no-such-capture.pcap"], options].concat();
    let run = program::run(&arguments);
    assert_eq!((run.code, run.stdout.len()), (2, 0), "{run}");
    run.stderr
}

/// The counts are those of tshark 4.6 over the same capture, message by message.
#[test]
fn filters_keep_as_many_messages_as_another_decoder_finds() {
    let count = |options: &[&str]| text(SMALL, options).lines().count();
    assert_eq!(count(&["--type", "route-monitoring"]), 1913);
    assert_eq!(
        count(&["--type", "peer-down", "--type", "peer-up"]),
        30 + 23
    );
    assert_eq!(count(&["--type", "statistics-report"]), 139);
    assert_eq!(count(&["--rib", "adj-rib-in-post"]), 940);
    assert_eq!(count(&["--prefix", "10.66.2.0/24"]), 29);
    assert_eq!(count(&["--prefix", "10.66.0.0/16", "--more-specific"]), 199);
    assert_eq!(count(&["--origin-asn", "AS174"]), 257);
    assert_eq!(count(&["--community", "blackhole"]), 122);
    assert_eq!(count(&["--community", "65535:666"]), 122);
    assert_eq!(count(&["--community", "rt:*:*"]), 132);
    assert_eq!(count(&["--as-path", "^65001 65002$"]), 176);
    assert_eq!(count(&["--as-path", "_65002_"]), 512);
}

#[test]
fn filters_of_one_kind_are_alternatives_and_kinds_have_to_agree() {
    let both = ["--origin-asn", "174", "--origin-asn", "65002"];
    let either = lines(SMALL, &both).len();
    let one = |asn| lines(SMALL, &["--origin-asn", asn]).len();
    assert_eq!(either, one("174") + one("65002"));
    let post = lines(SMALL, &["--origin-asn", "174", "--rib", "adj-rib-in-post"]);
    assert!(!post.is_empty() && post.len() < one("174"));
    assert!(post.iter().all(|line| line["rib"] == "adj-rib-in-post"));
}

#[test]
fn a_prefix_is_found_in_every_family_that_has_prefixes() {
    let families = |prefix: &str| -> BTreeSet<String> {
        let lines = lines(SMALL, &["--prefix", prefix, "--more-specific"]);
        let routes = lines.iter().flat_map(|line| {
            let update = &line["update"];
            let routes = [&update["announced"], &update["withdrawn"]];
            routes
                .into_iter()
                .flat_map(|routes| routes.as_array().unwrap())
        });
        routes
            .map(|route| format!("{} {}", route["afi"], route["safi"]).replace('"', ""))
            .collect()
    };
    let of = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    assert_eq!(families("2001:db8:100::/40"), of(&["ipv6 vpn"]));
    assert!(families("0.0.0.0/0").is_superset(&of(&["ipv4 unicast", "ipv4 vpn"])));
    let has_evpn = families("0.0.0.0/0").contains("l2vpn evpn");
    let all = lines(SMALL, &[]);
    let is_type_5 = |line: &Value| line.to_string().contains(r#""route_type":"ip-prefix""#);
    assert_eq!(has_evpn, all.iter().any(is_type_5));
}

#[test]
fn a_less_specific_prefix_covers_an_address() {
    let lines = lines(SMALL, &["--prefix", "10.34.1.1", "--less-specific"]);
    let mut found = BTreeSet::new();
    for line in &lines {
        for route in line["update"]["announced"].as_array().unwrap() {
            found.extend(route["prefix"].as_str().map(str::to_owned));
        }
    }
    assert!(found.is_superset(&["0.0.0.0/0", "10.34.1.1/32"].map(str::to_owned).into()));
}

#[test]
fn a_gap_is_kept_only_where_it_is_asked_for() {
    const GAPS: &str = "derived-gaps.pcap";
    let gaps = |options: &[&str]| {
        let lines = lines(GAPS, options);
        lines.iter().filter(|line| line["type"] == "gap").count()
    };
    let all = gaps(&[]);
    assert!(all > 0);
    assert_eq!(gaps(&["--type", "gap"]), all);
    assert_eq!(gaps(&["--type", "gap", "--prefix", "0.0.0.0/0"]), all);
    assert_eq!(gaps(&["--prefix", "0.0.0.0/0"]), 0);
    assert_eq!(gaps(&["--rib", "loc-rib"]), 0);
}

#[test]
fn mirrored_updates_are_found_too() {
    let lines = lines(
        "frr-gobgp-mirror.pcap",
        &["--type", "route-mirroring", "--as-path", "."],
    );
    assert!(!lines.is_empty());
    for line in lines {
        let mirrored = line["mirrored"].as_array().unwrap();
        assert!(
            mirrored.iter().any(|one| one["message_type"] == "update"),
            "{line}"
        );
    }
}

#[test]
fn fields_are_kept_in_every_element_and_in_the_order_of_the_line() {
    let options = [
        "--fields",
        "update.announced.prefix,type",
        "--fields",
        "peer.address",
    ];
    let kept = text(SMALL, &options);
    let all = lines(SMALL, &[]);
    assert_eq!(kept.lines().count(), all.len());
    for (kept, whole) in kept.lines().zip(&all) {
        let mut expected = json!({ "type": whole["type"] });
        if let Some(peer) = whole.get("peer") {
            expected["peer"] = json!({ "address": peer["address"] });
        }
        if let Some(update) = whole.get("update") {
            let announced = update["announced"].as_array().unwrap().iter();
            let prefixes = announced.map(|route| match route.get("prefix") {
                Some(prefix) => json!({ "prefix": prefix }),
                None => json!({}),
            });
            expected["update"] = json!({ "announced": prefixes.collect::<Vec<_>>() });
        }
        assert_eq!(kept, expected.to_string());
    }
}

#[test]
fn hex_is_the_whole_message_and_its_lines_fit_the_schema() {
    let schema = program::run(&["schema", "messages"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let with_hex = lines("derived-gaps.pcap", &["--hex"]);
    for (line, plain) in with_hex.iter().zip(lines("derived-gaps.pcap", &[])) {
        assert!(validator.is_valid(line), "{line}");
        let mut line = line.clone();
        let hex = line.as_object_mut().unwrap().remove("message_hex");
        assert_eq!(line, plain);
        let octets = hex
            .as_ref()
            .and_then(Value::as_str)
            .map(|hex| hex.len() as u64 / 2);
        let is_gap = plain["type"] == "gap";
        assert_eq!(
            octets,
            plain["length"].as_u64().filter(|_| !is_gap),
            "{plain}"
        );
    }
    let one = [
        "--hex",
        "--fields",
        "type",
        "--type",
        "initiation",
        "--limit",
        "1",
    ];
    let line = text(SMALL, &one);
    // The first of the capture: version 3, 39 octets, type 4; TLV 2 with nine octets.
    // Who asks for the key need not ask for the octets too.
    let by_key = ["--fields", "type,message_hex", "--limit", "2"];
    assert_eq!(
        text(SMALL, &by_key),
        text(SMALL, &[&by_key[..], &["--hex"]].concat())
    );
    let begin = r#"{"type":"initiation","message_hex":"03000000270400020009676f6267702d6c6162"#;
    assert!(line.starts_with(begin), "{line}");
    let shown = text(SMALL, &["--hex", "-f", "table", "--limit", "2"]);
    assert_eq!(shown.lines().count(), 4);
    assert!(
        shown
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("    030000002704"),
        "{shown}"
    );
}

#[test]
fn a_limit_gives_the_first_lines_of_the_same_answer() {
    for form in [&["-f", "ndjson"][..], &["-f", "table"], &["-f", "csv"]] {
        let all = text(SMALL, form);
        let head = usize::from(form[1] == "csv");
        for limit in [0, 1, 7, 100_000] {
            let number = limit.to_string();
            let options = [form, &["--limit", &number, "--window", "4KiB"]].concat();
            let expected: String = all.split_inclusive('\n').take(limit + head).collect();
            assert_eq!(text(SMALL, &options), expected, "{form:?} {limit}");
        }
    }
    let array = text(SMALL, &["--json", "--limit", "2"]);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&array).unwrap().len(), 2);
}

#[test]
fn a_limit_ends_the_reading_early() {
    // Input that never ends: only a limit lets the program end.
    let bytes = std::fs::read(places::testdata_file("base-gobgp.bmp")).unwrap();
    let mut child = std::process::Command::new(program::binary())
        .args(["messages", "-q", "--limit", "3", "--window", "4KiB", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let fed = std::thread::spawn(move || {
        use std::io::Write;
        (0..100_000)
            .take_while(|_| stdin.write_all(&bytes).is_ok())
            .count()
    });
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        output
            .stdout
            .iter()
            .filter(|octet| **octet == b'\n')
            .count(),
        3
    );
    assert!(fed.join().unwrap() < 100_000);
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_would_be_good() {
    let says = |options: &[&str], expected: &str| {
        let told = refused(options);
        assert!(told.contains(expected), "{told}");
    };
    says(
        &["--type", "peer-dwon"],
        "a similar value exists: 'peer-down'",
    );
    says(
        &["--type", "peer-dwon"],
        "route-event-logging, gap, undecodable]",
    );
    says(&["--type", "unknown-4"], "type 4 is initiation");
    says(&["--rib", "loc"], "a similar value exists: 'loc-rib'");
    says(
        &["--prefix", "10.0.0.1/8"],
        "10.0.0.0/8, or the address alone?",
    );
    says(
        &["--more-specific"],
        "say how near to --prefix a route has to be",
    );
    says(&["--origin-asn", "x"], "'x' is no AS number");
    says(
        &["--community", "no-exprot"],
        "communities are like 64500:1, no-export",
    );
    says(&["--as-path", "(1"], "unclosed group");
    says(&["--fields", "tpye"], "no line has 'tpye'");
    says(&["--fields", "type", "-f", "csv"], "--fields is about JSON");
    says(
        &["--fields", "type", "-f", "table"],
        "--fields is about JSON",
    );
    says(&["--hex", "-f", "csv"], "--hex is about messages");
    says(&["--limit", "many"], "'many' is no number of lines");
}

/// Every line of the captures that the property is tried on.
static ALL: LazyLock<Vec<(&str, Vec<Value>)>> = LazyLock::new(|| {
    let captures = [
        SMALL,
        "frr-gobgp-mirror.pcap",
        "derived-gaps.pcap",
        "quirk-snap200.pcap",
    ];
    captures
        .into_iter()
        .map(|capture| (capture, lines(capture, &[])))
        .collect()
});

/// A line of a capture, to draw the values of filters from.
fn drawn() -> impl Strategy<Value = (usize, Vec<prop::sample::Index>, [u8; 8])> {
    let places = prop::collection::vec(any::<prop::sample::Index>(), 1..4);
    (0..ALL.len(), places, any::<[u8; 8]>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_what_the_same_filters_keep_of_the_json(
        (capture, places, choices) in drawn()
    ) {
        let (name, all) = &ALL[capture];
        let mut ask = Ask::default();
        for place in places {
            ask.draw(place.get(all), &choices);
        }
        let options = ask.options();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let expected: Vec<&Value> = all.iter().filter(|line| ask.wants(line)).collect();
        let printed = lines(name, &options);
        prop_assert_eq!(printed.iter().collect::<Vec<_>>(), expected, "{:?}", options);
    }
}
