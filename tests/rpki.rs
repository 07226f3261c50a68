//! `rpki validation`: against what the lab's routers did with the same VRPs, as an oracle that knows
//! nothing of the program and the routers' own marks tell.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use support::places;
use support::program::run;

/// The moment in which the routers' validators changed from the first set of VRPs to the second.
const SWITCH: &str = "1795180006";

/// The oracle's recording of BIRD's feed ends with this packet, inside the last burst; the capture goes
/// on to 13:06:50.228.
const BIRD_END: &str = "2026-11-20T13:06:50.227633Z";

fn validated(vrps: Option<&str>, options: &[&str]) -> Option<Value> {
    let capture = places::lab("rov.pcap")?;
    let vrps = vrps.map(|name| places::lab(name).unwrap());
    let mut arguments = vec!["rpki", "validation", "--json", capture.to_str().unwrap()];
    arguments.extend(options);
    if let Some(vrps) = &vrps {
        arguments.extend(["--vrps", vrps.to_str().unwrap()]);
    }
    Some(run(&arguments).answered().json())
}

/// `adj-in pre 10.0.0.5`: how the oracle calls a view.
fn view(row: &Value) -> String {
    let name = match row["rib"].as_str().unwrap() {
        "adj-rib-in-pre" => "adj-in pre",
        "adj-rib-in-post" => "adj-in post",
        "loc-rib" => "locrib pre",
        other => other,
    };
    let address = row["peer"]["address"].as_str().unwrap_or("0.0.0.0");
    format!("{name} {address}")
}

/// Routes by state of each view of a router, both families together; what there is none of is left out.
fn totals(answer: &Value, router: &str) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut all: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    let rows = answer["totals"].as_array().unwrap();
    for row in rows.iter().filter(|row| row["router_name"] == router) {
        let counts = all.entry(view(row)).or_default();
        for (state, name) in [
            ("valid", "valid"),
            ("invalid", "invalid"),
            ("not_found", "notfound"),
        ] {
            let count = row["computed"][state].as_u64().unwrap();
            if count > 0 {
                *counts.entry(name.to_owned()).or_default() += count;
            }
        }
        *counts.entry("routes".to_owned()).or_default() += row["routes"].as_u64().unwrap();
    }
    all
}

/// The same of the oracle, by one set of VRPs.
fn expected(oracle: &Value, set: &str) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut all: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for (view, counts) in oracle.as_object().unwrap() {
        for (key, count) in counts.as_object().unwrap() {
            let name = match key.split_once(' ') {
                None => key.as_str(),
                Some((by, state)) if by == set => state,
                Some(_) => continue,
            };
            let counts = all.entry(view.clone()).or_default();
            counts.insert(name.to_owned(), count.as_u64().unwrap());
        }
    }
    all
}

#[test]
fn totals_by_feed_peer_view_state_and_moment_are_those_of_the_oracle() {
    let Some(path) = places::lab("rov-oracle.json") else {
        return;
    };
    let oracle: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut compared = 0;
    for set in ["vrps1", "vrps2"] {
        let file = format!("rov-{set}.json");
        let answer = |options: &[&str]| validated(Some(&file), options).unwrap();
        let before = answer(&["--until", SWITCH]);
        let (end, bird_end) = (answer(&[]), answer(&["--until", BIRD_END]));
        for feed in oracle.as_object().unwrap().values() {
            let initiation = feed["init"].as_str().unwrap();
            let routers = ["frr107-rov", "frr84-rov", "bird219-rov"];
            let router = routers.into_iter().find(|name| initiation.ends_with(name));
            let router = router.unwrap();
            let end = if router == "bird219-rov" {
                &bird_end
            } else {
                &end
            };
            for (moment, answer) in [("before VRP switch", &before), ("end", end)] {
                let expected = expected(&feed[moment], set);
                assert_eq!(totals(answer, router), expected, "{router} {moment} {set}");
                compared += expected.len();
            }
        }
    }
    // Two, five and four views; two moments; two sets.
    assert_eq!(compared, (2 + 5 + 4) * 2 * 2);
}

/// The community by which FRR's policy marks a route, as the state that it stands for (the lab's README).
fn mark(announced: &Value, own: &str) -> Option<&'static str> {
    let communities = announced["communities"].as_array()?;
    communities.iter().find_map(|one| {
        // The routes bring communities of others along.
        match one.as_str()?.strip_prefix(own)? {
            "1001" => Some("valid"),
            "1002" => Some("not-found"),
            "1003" => Some("invalid"),
            _ => None,
        }
    })
}

/// Session, peer, view, prefix.
type Key = (u64, String, String, String);

/// The last mark of each route that stands.
fn marks(capture: &Path, own: &str, options: &[&str]) -> BTreeMap<Key, &'static str> {
    let mut arguments = vec!["messages", capture.to_str().unwrap()];
    arguments.extend(options);
    let mut marks = BTreeMap::new();
    for line in run(&arguments).answered().lines() {
        if line["type"] != "route-monitoring" {
            continue;
        }
        let key = |route: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            (
                line["session"].as_u64().unwrap(),
                text(&line["peer"]["address"]),
                text(&line["rib"]),
                text(&route["prefix"]),
            )
        };
        let update = &line["update"];
        for route in update["withdrawn"].as_array().into_iter().flatten() {
            marks.remove(&key(route));
        }
        for route in update["announced"].as_array().into_iter().flatten() {
            match mark(update, own) {
                Some(mark) => marks.insert(key(route), mark),
                None => marks.remove(&key(route)),
            };
        }
    }
    marks
}

#[test]
fn every_route_that_frr_marked_has_the_state_of_its_mark() {
    let Some(capture) = places::lab("rov.pcap") else {
        return;
    };
    // FRR 10.7 does not validate anew when the VRPs change; 8.4 does.
    for (router, own, options) in [
        ("frr107-rov", "65001:", &[][..]),
        ("frr84-rov", "65011:", &["--until", SWITCH]),
    ] {
        let options = [&["--router", router], options].concat();
        let marks = marks(&capture, own, &options);
        let answer = validated(Some("rov-vrps1.json"), &options).unwrap();
        let mut compared = 0;
        for route in answer["routes"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let key = (
                route["session"].as_u64().unwrap(),
                text(&route["peer"]["address"]),
                text(&route["rib"]),
                text(&route["prefix"]),
            );
            if let Some(mark) = marks.get(&key) {
                assert_eq!(route["computed"]["state"], *mark, "{key:?}");
                compared += 1;
            }
        }
        assert_eq!(compared, marks.len(), "{router}");
        assert!(compared > 3000, "{router}: {compared}");
    }
}

#[test]
fn what_bird_reports_by_community_disagrees_with_old_vrps_and_not_with_its_own() {
    let Some(own) = validated(Some("rov-vrps2.json"), &[]) else {
        return;
    };
    assert_eq!(own["disagreements"], json!([]));
    let reported = |answer: &Value| {
        let routes = answer["routes"].as_array().unwrap().iter();
        let by_community = |route: &&Value| route["reported"]["via"] == "community";
        routes.filter(by_community).count()
    };
    assert!(reported(&own) > 2300);
    let old = validated(Some("rov-vrps1.json"), &[]).unwrap();
    let disagreements = old["disagreements"].as_array().unwrap();
    assert_eq!(disagreements.len(), 79);
    for one in disagreements {
        assert_eq!(one["router_name"], "bird219-rov");
        assert_eq!(one["cause"], "other-data");
        assert_ne!(one["reported"]["state"], one["computed"]);
    }
}

#[test]
fn without_vrps_it_says_what_is_missing_and_answers_all_the_same() {
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let capture = capture.to_str().unwrap();
    let answer = run(&["rpki", "validation", "--json", capture])
        .answered()
        .json();
    assert_eq!(answer["data"], Value::Null);
    let missing: Vec<&str> = answer["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert!(missing[0].contains("--vrps FILE"), "{missing:?}");
    assert!(
        missing[1].starts_with("no router reports a state"),
        "{missing:?}"
    );
    assert!(answer["routes"].as_array().unwrap().len() > 100);
    let table = run(&["rpki", "validation", capture]).answered();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("--vrps FILE"), "{table}");
}

#[test]
fn the_states_of_routes_can_be_told_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let capture = capture.to_str().unwrap();
    let first = run(&["rpki", "validation", "--json", capture])
        .answered()
        .json();
    let route = first["routes"].as_array().unwrap().iter().find(|route| {
        route["stands"] == true && route["origin"].is_u64() && route["afi"] == "ipv4"
    });
    let route = route.unwrap();
    let (prefix, origin) = (&route["prefix"], route["origin"].as_u64().unwrap());
    let vrps = write(
        "vrps.json",
        &json!({"roas": [{"asn": origin + 1, "prefix": prefix, "ta": "ripe"}, {"asn": "x"}]})
            .to_string(),
    );
    let slurm = write(
        "slurm.json",
        &json!({"slurmVersion": 1,
            "validationOutputFilters": {"prefixFilters": [{"asn": origin + 2}], "bgpsecFilters": []},
            "locallyAddedAssertions": {"prefixAssertions": [{"asn": origin, "prefix": prefix}],
                                       "bgpsecAssertions": []}})
        .to_string(),
    );
    let computed = |options: &[&str]| {
        let arguments = [&["rpki", "validation", "--json", capture], options].concat();
        let asked = run(&arguments).answered();
        assert!(
            asked
                .stderr
                .contains("entry 2 of roas: asn: 'x' is no AS number")
        );
        let answer = asked.json();
        let mut routes = answer["routes"].as_array().unwrap().iter();
        let same = |one: &&Value| {
            ["session", "peer", "rib", "prefix", "path_id"]
                .iter()
                .all(|key| one[*key] == route[*key])
        };
        let found = routes.find(same).unwrap()["computed"].clone();
        (found, answer["data"].clone())
    };
    let (alone, data) = computed(&["--vrps", &vrps]);
    assert_eq!(alone["state"], "invalid");
    assert_eq!(alone["reasons"], json!(["as"]));
    assert_eq!(alone["unmatched_as"][0]["sources"], json!(["ripe"]));
    assert_eq!(
        (&data["vrps_ipv4"], &data["unreadable"]),
        (&json!(1), &json!(1))
    );
    let (excepted, data) = computed(&["--vrps", &vrps, "--slurm", &slurm]);
    assert_eq!(excepted["state"], "valid");
    assert_eq!(excepted["matched"][0]["local"], true);
    assert_eq!(data["slurm"][0]["added"], 1);
    assert_eq!(data["slurm"][0]["idle_filters"], json!([1]));
}

/// A frame of one raw block (RFC 8878 3.1.1), of less than 256 octets.
fn zstd(octets: &[u8]) -> Vec<u8> {
    let length = octets.len() as u8;
    // Magic, single segment with one octet of content size, last block.
    let [low, middle, high, _] = (u32::from(length) << 3 | 1).to_le_bytes();
    let head = [0x28, 0xb5, 0x2f, 0xfd, 0x20, length, low, middle, high];
    [&head, octets].concat()
}

fn gzip(octets: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, octets).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn compressed_files_are_known_by_content_and_so_is_their_age() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vrps");
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let answer = |octets: &[u8]| {
        std::fs::write(&path, octets).unwrap();
        let path = path.to_str().unwrap();
        let run = run(&[
            "rpki",
            "validation",
            "--json",
            capture.to_str().unwrap(),
            "--vrps",
            path,
        ]);
        let run = run.answered();
        (run.json(), run.stderr)
    };
    let vrps = |generated: &str| {
        json!({"metadata": {"generatedTime": generated},
               "roas": [{"asn": 64500, "prefix": "10.0.0.0/8", "maxLength": 24, "ta": "a"}]})
        .to_string()
        .into_bytes()
    };
    // The capture is of 2026-11-20, 12:46 to 12:49.
    let own = vrps("2026-11-20T01:00:00Z");
    for octets in [own.clone(), gzip(&own), zstd(&own), gzip(&zstd(&own))] {
        let (answer, _) = answer(&octets);
        assert_eq!(answer["data"]["vrps_ipv4"], 1);
        assert_eq!(answer["data"]["freshness"], "of-its-time");
    }
    for (generated, freshness, said) in [
        (
            "2026-11-17T12:00:00Z",
            "older",
            "the VRPs were made 3 days before the capture begins",
        ),
        (
            "2026-11-20T16:00:00Z",
            "newer",
            "the VRPs were made 3 hours after the end of the capture",
        ),
    ] {
        let (answer, stderr) = answer(&vrps(generated));
        assert_eq!(answer["data"]["freshness"], freshness);
        let missing = answer["missing"].as_array().unwrap();
        let is_told = |line: &Value| line.as_str().unwrap().starts_with(said);
        assert!(missing.iter().any(is_told), "{missing:?}");
        assert!(stderr.contains(said), "{stderr}");
    }
}

#[test]
fn files_that_cannot_be_used_are_usage_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "hello\n").unwrap();
    let path = path.to_str().unwrap();
    let capture = places::testdata_file("frr107-gobgp.pcap");
    for (option, reason) in [
        (
            "--vrps",
            "is neither the JSON nor the CSV of an RPKI validator",
        ),
        ("--slurm", "is not a SLURM file"),
    ] {
        let asked = run(&[
            "rpki",
            "validation",
            capture.to_str().unwrap(),
            option,
            path,
        ]);
        assert_eq!(asked.code, 2);
        assert!(
            asked.stderr.contains(&format!("{path}: {reason}")),
            "{asked}"
        );
    }
}
