//! `rpki validation` where routers send messages about the validation of routes: evidence of each kind, and
//! where the messages contradict themselves. Every expected value is written by hand.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr};
use support::capture_file::{Fraction, Order, pcap};
use support::program::{Input, ask, run};
use support::rpki_messages::{Body, Codes, Field, Rule, indexed, indexed_octets, message, plain};
use support::tcp::Conversation;
use support::{bgp, bmp};

/// TLVs of draft-ietf-grow-bmp-tlv-19.
const GROUP: u16 = 2;
const BGP_MESSAGE: u16 = 4;

/// The G bit of an index.
const G: u16 = 0x8000;

/// States (profile, section 5).
const VALID: u8 = 0;
const NOT_FOUND: u8 = 1;
const INVALID: u8 = 2;
const NOT_VALIDATED: u8 = 3;

/// Kinds of validation (profile, 0x4030).
const ORIGIN: u8 = 1;
const AS_PATH: u8 = 2;

const DEMOTED: u8 = 1;
const PROMOTED: u8 = 2;

const NEXT_HOP: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);

fn peer() -> bmp::PeerHeader {
    bmp::PeerHeader::new("192.0.2.7", 64500)
}

fn address(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

/// An UPDATE with these prefixes of 24 bits behind a path.
fn update(as_path: &[u32], prefixes: &[&str]) -> Vec<u8> {
    let nlri: Vec<u8> = prefixes
        .iter()
        .flat_map(|prefix| bgp::prefix_ipv4(address(prefix), 24))
        .collect();
    bgp::update(&[], &bgp::usual_attributes(as_path, NEXT_HOP), &nlri)
}

fn roa(state: u8, source: u16, source_type: u8, expiry: u32, prefix: &str, asn: u32) -> Field {
    let prefix = (IpAddr::V4(address(prefix)), 24);
    Field::ValidationRule(Rule(
        state,
        source,
        source_type,
        expiry,
        Body::Roa(prefix, 24, asn),
    ))
}

/// A message about the validation of the routes of an UPDATE: 1 RPKI_VALIDATION, 2 RPKI_IMPACT.
fn about(which: usize, update: &[u8], fields: &[(u16, Field)]) -> Vec<u8> {
    about_as(3, &Codes::usual(), which, update, fields)
}

fn about_as(
    version: u8,
    codes: &Codes,
    which: usize,
    update: &[u8],
    fields: &[(u16, Field)],
) -> Vec<u8> {
    let mut body = peer().encode();
    body.extend(indexed_octets(BGP_MESSAGE, 0, update));
    for (index, field) in fields {
        body.extend(indexed(*index, field, codes));
    }
    message(version, codes.types[which], &body)
}

/// The answer about a session with these messages behind an Initiation of the version of the first.
fn validated(stream: &[Vec<u8>], options: &[&str]) -> Value {
    let initiation = message(stream[0][0], 4, &bmp::tlv(2, b"edge1"));
    let stream = [&[initiation], stream].concat().concat();
    let input = Input::Pipe(captured(&stream));
    let options = [&["validation", "--json", "--port", "1790"], options].concat();
    let answer = ask("rpki", &options, &input).answered().json();
    let schema = run(&["schema", "rpki-validation"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&answer)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{answer:#}");
    answer
}

/// A capture from 2023-11-14T22:13:20Z of a connection that carries this.
fn captured(stream: &[u8]) -> Vec<u8> {
    let conversation = Conversation::new("192.0.2.1:40000", "198.51.100.9:1790");
    let records = conversation.records(&conversation.whole(stream));
    pcap(&records, Order::Little, Fraction::Micro)
}

fn route<'a>(answer: &'a Value, prefix: &str) -> &'a Value {
    let mut routes = answer["routes"].as_array().unwrap().iter();
    let prefix = format!("{prefix}/24");
    let found = routes.find(|route| route["prefix"] == *prefix);
    found.unwrap_or_else(|| panic!("no {prefix} in {answer:#}"))
}

fn vrps(folder: &tempfile::TempDir, roas: &Value) -> String {
    let path = folder.path().join("vrps.json");
    std::fs::write(&path, json!({ "roas": roas }).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

// ---- evidence

#[test]
fn a_message_speaks_of_all_routes_of_single_ones_and_of_groups() {
    let mut moved = Codes::usual();
    moved.types = [200, 201, 202];
    moved.set("validation-rule", 0x5042);
    let numbers = [
        "--code",
        "rpki-config=200",
        "--code",
        "rpki-validation=201",
        "--code",
        "rpki-impact=202",
        "--code",
        "validation-rule=0x5042",
    ];
    for (version, codes, options) in [
        (3, Codes::usual(), &[][..]),
        (4, Codes::usual(), &[]),
        (3, moved.clone(), &numbers),
        (4, moved, &numbers),
    ] {
        let prefixes = ["192.0.2.0", "198.51.100.0", "203.0.113.0", "10.1.1.0"];
        let update = update(&[64500, 64501], &prefixes);
        let source = Field::Source(vec![Field::SourceId(7), Field::SourceType(1)]);
        let config = message(version, codes.types[0], &plain(&source, &codes));
        let mut body = peer().encode();
        body.extend(indexed_octets(BGP_MESSAGE, 0, &update));
        body.extend(indexed_octets(GROUP, G | 5, &[0, 3, 0, 4]));
        let aspa = Rule(NOT_FOUND, 0, 9, 0, Body::Aspa(64501, vec![64500, 64502]));
        for (index, field) in [
            (0, Field::State(VALID)),
            (0, Field::Types(ORIGIN)),
            (2, Field::State(INVALID)),
            (2, roa(INVALID, 7, 0, 1_600_000_000, "198.51.100.0", 64999)),
            (G | 5, Field::State(NOT_FOUND)),
            (G | 5, Field::Types(AS_PATH)),
            (G | 5, Field::ValidationRule(aspa)),
            (4, Field::State(7)),
            (
                4,
                Field::ValidationRule(Rule(9, 0, 0, 0, Body::Raw(8, vec![0xab]))),
            ),
        ] {
            body.extend(indexed(index, &field, &codes));
        }
        let validation = message(version, codes.types[1], &body);
        let mut stream = vec![config, validation];
        if version == 3 {
            stream.insert(0, peer().route_monitoring(&update));
        }
        let answer = validated(&stream, options);
        let reported = |prefix| {
            let mut reported = route(&answer, prefix)["reported"].clone();
            let time = reported.as_object_mut().unwrap().remove("time").unwrap();
            assert!(time.as_str().unwrap().starts_with("2023-11-14T22:13:20."));
            reported
        };
        let message = |state: &str, types: Value, rules: Value| {
            json!({"state": state, "via": "message", "message": "rpki-validation", "types": types,
                   "rules": rules, "rules_left_out": 0, "reasons": [], "other_path": false})
        };
        assert_eq!(
            reported("192.0.2.0"),
            message("valid", json!(["origin"]), json!([]))
        );
        let roa = json!({"kind": "roa", "state": "invalid", "prefix": "198.51.100.0/24", "max_length": 24,
            "asn": 64999, "customer": null, "providers": [], "asns": [], "hex": null, "source_id": 7,
            "source_type": "rtr", "expires": "2020-09-13T12:26:40Z"});
        assert_eq!(
            reported("198.51.100.0"),
            message("invalid", json!(["origin"]), json!([roa]))
        );
        let aspa = json!({"kind": "aspa", "state": "unknown", "prefix": null, "max_length": null,
            "asn": null, "customer": 64501, "providers": [64500, 64502], "asns": [], "hex": null,
            "source_id": null, "source_type": "unknown-9", "expires": null});
        assert_eq!(
            reported("203.0.113.0"),
            message("unknown", json!(["as-path"]), json!([aspa]))
        );
        let raw = json!({"kind": "unknown-8", "state": "unknown-9", "prefix": null, "max_length": null,
            "asn": null, "customer": null, "providers": [], "asns": [], "hex": "ab",
            "source_id": null, "source_type": null, "expires": null});
        assert_eq!(
            reported("10.1.1.0"),
            message("unknown-7", json!(["as-path"]), json!([raw, aspa]))
        );
        assert_eq!(
            answer["totals"][0]["reported"],
            json!({"valid": 1, "invalid": 1, "not_found": 0, "unknown": 1, "not_validated": 0,
                   "other": 1, "silent": 0})
        );
        assert_eq!(answer["totals"].as_array().unwrap().len(), 1);
        assert_eq!(answer["missing"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_route_that_only_a_message_shows_is_there_until_it_is_withdrawn() {
    let routes = update(&[64500], &["192.0.2.0", "198.51.100.0"]);
    let validation = about(1, &routes, &[(0, Field::State(VALID))]);
    let withdrawn = bgp::prefix_ipv4(address("198.51.100.0"), 24);
    let withdrawal = peer().route_monitoring(&bgp::update(&withdrawn, &[], &[]));
    let answer = validated(&[validation.clone(), withdrawal.clone()], &[]);
    for (prefix, stands) in [("192.0.2.0", true), ("198.51.100.0", false)] {
        let route = route(&answer, prefix);
        assert_eq!(route["stands"], stands, "{prefix}");
        assert_eq!(route["monitored"], false);
        assert_eq!(route["origin"], 64500);
        assert_eq!(route["peer"]["address"], "192.0.2.7");
        assert_eq!(route["rib"], "adj-rib-in-pre");
        assert_eq!(route["reported"]["state"], "valid");
    }
    assert_eq!(answer["totals"][0]["routes"], 1);
    assert_eq!(answer["totals"][0]["withdrawn"], 1);
    // A message does not bring back what Route Monitoring has shown and withdrawn.
    let shown = peer().route_monitoring(&routes);
    let answer = validated(&[shown, withdrawal, validation], &[]);
    let route = route(&answer, "198.51.100.0");
    assert_eq!(
        (&route["stands"], &route["monitored"]),
        (&json!(false), &json!(true))
    );
}

#[test]
fn what_leads_is_the_message_and_what_a_message_said_of_another_path_never_does() {
    // RFC 8097 2: not found.
    let community = bgp::attribute(0xc0, 16, &[0x43, 0, 0, 0, 0, 0, 0, NOT_FOUND]);
    let attributes = [bgp::usual_attributes(&[64500], NEXT_HOP), community].concat();
    let prefix = bgp::prefix_ipv4(address("192.0.2.0"), 24);
    let shown = peer().route_monitoring(&bgp::update(&[], &attributes, &prefix));
    let path = update(&[64500], &["192.0.2.0"]);
    let impact = about(
        2,
        &path,
        &[(1, Field::State(INVALID)), (1, Field::Direction(DEMOTED))],
    );
    let validation = about(1, &path, &[(1, Field::State(VALID))]);
    let via = |answer: &Value| {
        let route = route(answer, "192.0.2.0");
        let others = route["also_reported"].as_array().unwrap().clone();
        let all = [vec![route["reported"].clone()], others].concat();
        all.iter()
            .map(|one| {
                format!("{} {} {}", one["state"], one["via"], one["message"]).replace('"', "")
            })
            .collect::<Vec<_>>()
    };
    let answer = validated(&[shown.clone(), impact.clone(), validation], &[]);
    assert_eq!(
        via(&answer),
        [
            "valid message rpki-validation",
            "invalid message rpki-impact",
            "not-found community null"
        ]
    );
    let other = about(
        1,
        &update(&[64500, 64509], &["192.0.2.0"]),
        &[(1, Field::State(VALID))],
    );
    let answer = validated(&[shown, other, impact], &[]);
    assert_eq!(
        via(&answer),
        [
            "invalid message rpki-impact",
            "not-found community null",
            "valid message rpki-validation"
        ]
    );
    let others = &route(&answer, "192.0.2.0")["also_reported"];
    assert_eq!(others[1]["other_path"], true);
}

#[test]
fn a_route_event_that_tells_of_validation_is_evidence() {
    // draft-ietf-grow-bmp-rel-05: Event Type 1, Per-Peer Header, TLVs: BGP Message (4), Event Reason (5):
    // Validation Fail, Validation Fail (8): RPKI Invalid with covering Valid prefix, Max Length Violation.
    let mut body = vec![1];
    body.extend(peer().encode());
    let routes = update(&[64500], &["192.0.2.0", "198.51.100.0"]);
    body.extend(indexed_octets(BGP_MESSAGE, 0, &routes));
    body.extend(indexed_octets(5, 2, &[0, 0, 0, 4]));
    body.extend(indexed_octets(8, 2, &[2, 2]));
    let event = message(4, 101, &body);
    let config = message(4, 251, &[]);
    let answer = validated(&[config.clone(), config, event], &[]);
    let routes = answer["routes"].as_array().unwrap();
    // Of the first route the event says nothing.
    assert_eq!(routes.len(), 1);
    assert_eq!(routes[0]["prefix"], "198.51.100.0/24");
    assert_eq!(routes[0]["peer"]["address"], "192.0.2.7");
    let reported = &routes[0]["reported"];
    assert_eq!(reported["via"], "rel");
    assert_eq!(reported["state"], "invalid");
    let reasons = json!(["rpki-invalid-covered-by-valid: max-length-violation"]);
    assert_eq!(reported["reasons"], reasons);
}

#[test]
fn disagreements_have_causes_that_messages_tell() {
    let folder = tempfile::tempdir().unwrap();
    let vrps = vrps(
        &folder,
        &json!([{"asn": 64500, "prefix": "192.0.2.0/24", "ta": "ripe"},
                {"asn": 64500, "prefix": "198.51.100.0/24", "ta": "ripe"},
                {"asn": 64500, "prefix": "203.0.113.0/24", "ta": "ripe"}]),
    );
    let prefixes = [
        "192.0.2.0",
        "198.51.100.0",
        "203.0.113.0",
        "10.1.1.0",
        "10.2.2.0",
    ];
    let routes = update(&[64500], &prefixes);
    let slurm = Field::Source(vec![Field::SourceId(3), Field::SourceType(5)]);
    let config = message(3, 251, &plain(&slurm, &Codes::usual()));
    let validation = about(
        1,
        &routes,
        &[
            (1, Field::State(NOT_VALIDATED)),
            (2, Field::State(INVALID)),
            (2, roa(INVALID, 3, 0, 0, "198.51.100.0", 0)),
            (3, Field::State(INVALID)),
            (3, roa(INVALID, 0, 1, 1_000_000_000, "203.0.113.0", 1)),
            // Not validated fits not found.
            (4, Field::State(NOT_VALIDATED)),
            // The path alone was validated: there are no ASPAs to compare with.
            (5, Field::State(INVALID)),
            (5, Field::Types(AS_PATH)),
        ],
    );
    // A bare stream has no times: a capture file has.
    let stream = [bmp::initiation(&[(2, "edge1")]), config, validation].concat();
    let path = folder.path().join("c.pcap");
    std::fs::write(&path, captured(&stream)).unwrap();
    let arguments = [
        "rpki",
        "validation",
        "--json",
        path.to_str().unwrap(),
        "--vrps",
        &vrps,
    ];
    let answer = run(&arguments).answered().json();
    assert_eq!(
        disagreements(&answer),
        [
            "192.0.2.0/24 not-validated valid no-validation",
            "198.51.100.0/24 invalid valid local-exception",
            "203.0.113.0/24 invalid valid stale-data",
        ]
    );
}

/// A pcap of an RPKI_CONFIG for all peers, one for the peer, and what is said of three routes.
fn configured(global: &[Field], own: &[Field], folder: &tempfile::TempDir) -> Vec<String> {
    let vrps = vrps(
        folder,
        &json!([{"asn": 64500, "prefix": "192.0.2.0/24", "ta": "ripe"},
                {"asn": 64500, "prefix": "203.0.113.0/24", "ta": "ripe"}]),
    );
    let prefixes = ["192.0.2.0", "198.51.100.0", "203.0.113.0"];
    let states = [
        (1, Field::State(NOT_FOUND)),
        (2, Field::State(VALID)),
        (3, Field::State(INVALID)),
    ];
    let codes = Codes::usual();
    let plains = |fields: &[Field]| -> Vec<u8> {
        fields
            .iter()
            .flat_map(|field| plain(field, &codes))
            .collect()
    };
    let own = [peer().encode(), plains(own)].concat();
    let stream = [
        bmp::initiation(&[(2, "edge1")]),
        message(3, 251, &plains(global)),
        message(3, 251, &own),
        about(1, &update(&[64500], &prefixes), &states),
    ];
    let path = folder.path().join("configured.pcap");
    std::fs::write(&path, captured(&stream.concat())).unwrap();
    let path = path.to_str().unwrap();
    let arguments = ["rpki", "validation", "--json", path, "--vrps", &vrps];
    disagreements(&run(&arguments).answered().json())
}

#[test]
fn disagreements_have_causes_that_the_configuration_tells() {
    let folder = tempfile::tempdir().unwrap();
    let slash_24 = |text: &str| (IpAddr::V4(address(text)), 24);
    let exceptions = Field::Policy(vec![
        Field::ValidationEnabled(ORIGIN),
        Field::Filter(Some((IpAddr::V4(address("192.0.2.0")), 16)), Some(64500)),
        Field::Assertion(slash_24("198.51.100.0"), 64500, None),
        // An assertion that does not make the route invalid.
        Field::Assertion(slash_24("203.0.113.0"), 64501, None),
    ]);
    let cache = |id: u16, status: u8, sync: u32| {
        let id_and_type = [Field::SourceId(id), Field::SourceType(1)];
        let rest = [Field::SourceStatus(status), Field::LastSync(sync, 0)];
        Field::Source(id_and_type.into_iter().chain(rest).collect())
    };
    let fresh = || cache(1, 1, 1_700_000_000);
    let causes = |global: &[Field], own: &[Field]| configured(global, own, &folder);
    assert_eq!(
        causes(&[exceptions, fresh()], &[]),
        [
            "192.0.2.0/24 not-found valid local-exception",
            "198.51.100.0/24 valid not-found local-exception",
            "203.0.113.0/24 invalid valid other-data",
        ]
    );
    let cause_of = |global: &[Field], own: &[Field]| {
        let rows = causes(global, own);
        rows[2].rsplit(' ').next().unwrap().to_owned()
    };
    let validates = |types: u8| Field::Policy(vec![Field::ValidationEnabled(types)]);
    assert_eq!(cause_of(&[validates(0)], &[]), "no-validation");
    assert_eq!(cause_of(&[validates(AS_PATH)], &[]), "no-validation");
    // That of the peer stands before that for all.
    assert_eq!(
        cause_of(&[validates(ORIGIN)], &[validates(0)]),
        "no-validation"
    );
    assert_eq!(
        cause_of(&[validates(0)], &[validates(ORIGIN)]),
        "other-data"
    );
    // The capture is of 1 700 000 000; 2 is idle.
    assert_eq!(cause_of(&[cache(1, 2, 1_700_000_000)], &[]), "stale-data");
    assert_eq!(cause_of(&[cache(1, 1, 1_699_900_000)], &[]), "stale-data");
    assert_eq!(
        cause_of(&[cache(1, 2, 0), cache(2, 1, 1_700_000_000)], &[]),
        "other-data"
    );
}

#[test]
fn a_state_of_the_path_is_compared_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aspas.json");
    let aspas = json!({"aspas": [{"customer": "AS64501", "providers": ["AS64500"], "ta": "ripe"}]});
    std::fs::write(&path, aspas.to_string()).unwrap();
    let open = |asn| bgp::Open::usual(asn, NEXT_HOP).encode();
    // ASPAs speak of what comes from another AS.
    let up = peer().peer_up(("192.0.2.1", 179), 40001, (&open(64999), &open(64500)), &[]);
    let prefixes = [
        "192.0.2.0",
        "198.51.100.0",
        "203.0.113.0",
        "10.1.1.0",
        "10.2.2.0",
    ];
    let validation = about(
        1,
        &update(&[64500, 64501], &prefixes),
        &[
            (0, Field::Types(AS_PATH)),
            (1, Field::State(INVALID)),
            (2, Field::State(VALID)),
            (3, Field::State(NOT_FOUND)),
            // Of several kinds: it fits the path. The origin is not found.
            (4, Field::Types(ORIGIN | AS_PATH)),
            (4, Field::State(VALID)),
            (5, Field::Types(ORIGIN)),
            (5, Field::State(VALID)),
        ],
    );
    let options = ["--vrps", path.to_str().unwrap()];
    let answer = validated(&[up, validation], &options);
    assert_eq!(
        disagreements(&answer),
        [
            "10.2.2.0/24 valid not-found other-data",
            "192.0.2.0/24 invalid valid other-data",
            "203.0.113.0/24 unknown valid other-data",
        ]
    );
}

fn disagreements(answer: &Value) -> Vec<String> {
    let all = answer["disagreements"].as_array().unwrap().iter();
    all.map(|one| {
        let reported = &one["reported"]["state"];
        format!(
            "{} {reported} {} {}",
            one["prefix"], one["computed"], one["cause"]
        )
        .replace('"', "")
    })
    .collect()
}

// ---- violations

/// The violations of routes, each as `kind prefix`; every session of these captures lacks protection.
fn violated(answer: &Value) -> Vec<String> {
    let all = answer["violations"].as_array().unwrap().iter();
    let all = all.filter(|one| one["kind"] != "transport-not-protected");
    all.map(|one| format!("{} {}", one["kind"], one["prefix"]).replace('"', ""))
        .collect()
}

#[test]
fn the_rules_of_section_5_2_are_violations_that_say_where_they_are_inexact() {
    let prefixes = [
        "192.0.2.0",
        "198.51.100.0",
        "203.0.113.0",
        "10.1.1.0",
        "10.2.2.0",
        "10.3.3.0",
    ];
    let aspa = |state| Field::ValidationRule(Rule(state, 0, 1, 0, Body::Aspa(64500, vec![64501])));
    let stream = about(
        1,
        &update(&[64500], &prefixes),
        &[
            (1, Field::State(VALID)),
            (1, roa(VALID, 0, 1, 0, "192.0.2.0", 64500)),
            (1, roa(INVALID, 0, 1, 0, "192.0.2.0", 64501)),
            (2, Field::State(NOT_FOUND)),
            (2, roa(INVALID, 0, 1, 0, "198.51.100.0", 64501)),
            (3, Field::State(NOT_FOUND)),
            (3, Field::Types(AS_PATH)),
            (3, aspa(VALID)),
            (4, Field::State(INVALID)),
            (4, Field::Types(ORIGIN)),
            (4, roa(NOT_FOUND, 0, 1, 0, "10.1.1.0", 64500)),
            (5, Field::State(INVALID)),
            (5, Field::Types(AS_PATH)),
            // In order: nothing is said of it.
            (6, Field::State(INVALID)),
            (6, roa(INVALID, 0, 1, 0, "10.3.3.0", 64501)),
            (6, roa(VALID, 0, 1, 0, "10.3.3.0", 64500)),
        ],
    );
    let answer = validated(&[stream], &[]);
    assert_eq!(
        violated(&answer),
        [
            "valid-with-invalid-rule 192.0.2.0/24",
            "not-found-with-rule 198.51.100.0/24",
            "not-found-with-rule 203.0.113.0/24",
            "invalid-without-rule 10.1.1.0/24",
            "invalid-without-rule 10.2.2.0/24",
        ]
    );
    let violations = answer["violations"].as_array().unwrap();
    let inexact = |place: usize| violations[place]["inexact"].as_str().unwrap_or("exact");
    assert!(inexact(0).starts_with("RFC 6811 2: one VRP that matches"));
    assert_eq!(inexact(1), "exact");
    assert!(inexact(2).starts_with("ASPA: a path is unknown as soon as"));
    assert_eq!(inexact(3), "exact");
    assert!(inexact(4).starts_with("ASPA: a path is invalid without any ASPA"));
    let first = &violations[0];
    assert_eq!(
        first["message"],
        "RPKI_VALIDATION of 192.0.2.0/24: is valid, and a rule that it hit is invalid: \
         roa 192.0.2.0/24-24 AS64501"
    );
    assert_eq!(first["severity"], "warning");
    assert_eq!(
        first["reference"],
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2"
    );
    assert_eq!(first["peer"]["address"], "192.0.2.7");
    assert!(first["packet"].is_u64() && first["session"] == 1);
}

#[test]
fn states_and_directions_that_are_missing_or_two_are_told() {
    let route = update(&[64500], &["192.0.2.0", "198.51.100.0"]);
    let stream = [
        about(
            1,
            &route,
            &[(1, Field::State(VALID)), (1, Field::State(INVALID))],
        ),
        about(
            2,
            &route,
            &[
                (0, Field::State(VALID)),
                (2, Field::Direction(DEMOTED)),
                (2, Field::Direction(PROMOTED)),
            ],
        ),
    ];
    assert_eq!(
        violated(&validated(&stream, &[])),
        [
            "state-ambiguous 192.0.2.0/24",
            "state-missing 198.51.100.0/24",
            "impact-direction-missing 192.0.2.0/24",
            "impact-both-directions 198.51.100.0/24",
        ]
    );
}

/// An impact on 192.0.2.0/24 behind AS 64500.
fn impact(direction: u8, state: u8, alternate: Option<(u8, Vec<u8>)>) -> Vec<u8> {
    let mut fields = vec![(1, Field::State(state)), (1, Field::Direction(direction))];
    if state == INVALID {
        fields.push((1, roa(INVALID, 0, 1, 0, "192.0.2.0", 64501)));
    }
    if let Some((state, update)) = alternate {
        let inner = vec![Field::State(state), Field::AlternateUpdate(update)];
        fields.push((1, Field::Alternate(inner)));
    }
    about(2, &update(&[64500], &["192.0.2.0"]), &fields)
}

#[test]
fn what_an_alternate_route_cannot_be_is_told() {
    let other = |prefix| update(&[64501, 64502], &[prefix]);
    let of = |direction, state, alternate| {
        violated(&validated(&[impact(direction, state, alternate)], &[]))
    };
    let prefix = "192.0.2.0";
    assert!(of(DEMOTED, INVALID, Some((VALID, other(prefix)))).is_empty());
    assert!(of(DEMOTED, INVALID, None).is_empty());
    assert!(of(PROMOTED, VALID, Some((INVALID, other(prefix)))).is_empty());
    assert_eq!(
        of(DEMOTED, INVALID, Some((INVALID, other(prefix)))),
        ["demoted-for-invalid 192.0.2.0/24"]
    );
    assert_eq!(
        of(DEMOTED, VALID, Some((NOT_FOUND, other(prefix)))),
        ["demoted-for-worse 192.0.2.0/24"]
    );
    assert_eq!(
        of(PROMOTED, NOT_FOUND, Some((VALID, other(prefix)))),
        ["promoted-over-better 192.0.2.0/24"]
    );
    assert_eq!(
        of(DEMOTED, INVALID, Some((VALID, other("198.51.100.0")))),
        ["alternate-other-prefix 192.0.2.0/24"]
    );
    assert_eq!(
        of(DEMOTED, INVALID, Some((VALID, update(&[64500], &[prefix])))),
        ["alternate-is-itself 192.0.2.0/24"]
    );
}

#[test]
fn alternates_that_are_two_or_unreadable_and_messages_without_a_route_are_told() {
    let route = update(&[64500], &["192.0.2.0"]);
    let with = |update: &[u8]| {
        let fields = vec![Field::State(VALID), Field::AlternateUpdate(update.to_vec())];
        (1, Field::Alternate(fields))
    };
    let of = |alternates: &[(u16, Field)]| {
        let told = [(1, Field::State(NOT_FOUND)), (1, Field::Direction(DEMOTED))];
        let fields: Vec<(u16, Field)> = told.into_iter().chain(alternates.to_vec()).collect();
        validated(&[about(2, &route, &fields)], &[])
    };
    let [first, second] = [64501, 64502].map(|asn| update(&[asn], &["192.0.2.0"]));
    assert_eq!(
        violated(&of(&[with(&first), with(&second)])),
        ["alternate-ambiguous 192.0.2.0/24"]
    );
    // The header ends in the middle of its length (RFC 4271 4.1).
    assert_eq!(
        violated(&of(&[with(&first[..17])])),
        ["alternate-unreadable 192.0.2.0/24"]
    );
    let withdrawing = bgp::update(&bgp::prefix_ipv4(address("192.0.2.0"), 24), &[], &[]);
    let answer = of(&[with(&withdrawing)]);
    assert_eq!(violated(&answer), ["alternate-unreadable 192.0.2.0/24"]);
    let message = answer["violations"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("of its alternate route, no route is announced in it"));
}

#[test]
fn an_impact_is_compared_with_what_was_said_before_it() {
    let route = update(&[64500], &["192.0.2.0"]);
    let validation = |state| about(1, &route, &[(1, Field::State(state))]);
    let of = |stream: &[Vec<u8>]| violated(&validated(stream, &[]));
    assert_eq!(
        of(&[validation(VALID), impact(DEMOTED, INVALID, None)]),
        ["impact-state-differs 192.0.2.0/24"]
    );
    // What comes later may be new.
    assert!(of(&[impact(DEMOTED, INVALID, None), validation(VALID)]).is_empty());
    assert_eq!(
        of(&[
            impact(DEMOTED, NOT_FOUND, None),
            impact(PROMOTED, NOT_FOUND, None)
        ]),
        ["impact-direction-turned 192.0.2.0/24"]
    );
    assert!(
        of(&[
            impact(DEMOTED, INVALID, None),
            impact(PROMOTED, VALID, None)
        ])
        .is_empty()
    );
}

#[test]
fn check_finds_the_same_and_only_where_there_are_such_messages() {
    let alternate = Some((VALID, update(&[64501], &["198.51.100.0"])));
    let stream = [
        bmp::initiation(&[(2, "edge1")]),
        impact(DEMOTED, INVALID, alternate),
        about(
            1,
            &update(&[64500], &["10.1.1.0"]),
            &[(1, Field::State(INVALID))],
        ),
    ];
    let checked = |stream: &[Vec<u8>]| {
        let input = Input::Pipe(captured(&stream.concat()));
        let asked = ask("check", &["--json"], &input);
        let answer = asked.json();
        let all = answer["findings"].as_array().unwrap().iter();
        let all = all.filter(|one| one["kind"].as_str().unwrap().starts_with("rpki-"));
        let words: Vec<String> = all
            .map(|one| format!("{} {}", one["severity"], one["kind"]).replace('"', ""))
            .collect();
        (words, asked.code)
    };
    let expected = [
        "error rpki-alternate-other-prefix",
        "warning rpki-invalid-without-rule",
        "warning rpki-transport-not-protected",
    ];
    assert_eq!(checked(&stream), (expected.map(str::to_owned).to_vec(), 1));
    assert_eq!(checked(&stream[..1]), (Vec::new(), 0));
}

#[test]
fn the_table_shows_messages_with_their_rules_and_contradictions() {
    let stream = [
        bmp::initiation(&[(2, "edge1")]),
        impact(DEMOTED, INVALID, None),
        about(
            1,
            &update(&[64500], &["10.1.1.0"]),
            &[(1, Field::State(INVALID))],
        ),
    ];
    let input = Input::Pipe(captured(&stream.concat()));
    let text = ask("rpki", &["validation"], &input).answered().stdout;
    let text = String::from_utf8(text).unwrap();
    for words in [
        "What messages report of routes",
        "roa 192.0.2.0/24-24 AS64501 invalid, source rtr",
        "Contradictions in messages about RPKI",
        "invalid-without-rule",
    ] {
        assert!(text.contains(words), "no '{words}' in\n{text}");
    }
}
