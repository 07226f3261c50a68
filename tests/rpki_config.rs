//! `rpki config`: what routers report of their RPKI data and policy, and in what they differ.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use std::net::IpAddr;
use std::path::PathBuf;
use support::places;
use support::program::{Input, ask, run};
use support::rpki_messages::{Action, Codes, Condition, Field, message, plain, plains};
use tempfile::TempDir;

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// An RTR cache that is in use, with so many ROAs.
fn rtr(roas: u64) -> Field {
    Field::Source(vec![
        Field::SourceId(1),
        Field::SourceType(1),
        Field::SourceStatus(1),
        Field::RecordCount(1, roas),
        Field::LastSync(1_700_000_000, 0),
        Field::ErrorCount(3),
        Field::CcrHash(2, [0x11; 32]),
        Field::RtrPreference(0, 1),
        Field::RtrVersion(2),
        Field::Transport(1),
        Field::Endpoint(address("192.0.2.1"), Some(3323)),
    ])
}

/// One source of each other type.
fn others() -> Vec<Field> {
    let ebgp = vec![
        Field::SourceType(3),
        Field::Endpoint(address("192.0.2.9"), None),
        Field::PeerAs(64511),
        Field::AsRelationship(0),
    ];
    let slurm = vec![
        Field::SourceType(5),
        Field::LastModified(1_700_000_000, 0),
        Field::SlurmExceptions(1, 3),
        Field::SlurmError(1, 2, "line 3".to_owned()),
    ];
    vec![Field::Source(ebgp), Field::Source(slurm)]
}

/// Origin validation, this action for invalid routes, and one local exception.
fn policy(action: u8) -> Field {
    let both = vec![
        Condition::OriginIn(vec![64500]),
        Condition::SourceIn(vec![1]),
    ];
    Field::Policy(vec![
        Field::ValidationEnabled(1),
        Field::StateAction(2, Action(action, Vec::new())),
        Field::RuleFeature(Condition::All(both)),
        Field::Assertion((address("192.0.2.0"), 24), 64500, None),
    ])
}

/// A stream of a router of this name: configurations, one a message.
fn stream(name: &str, message_type: u8, messages: &[Vec<Field>]) -> Vec<u8> {
    let name = [&[0, 2, 0, name.len() as u8][..], name.as_bytes()].concat();
    let mut out = message(4, 4, &name);
    for fields in messages {
        out.extend(message(4, message_type, &plains(fields, &Codes::usual())));
    }
    out
}

/// Two routers that differ, in files of a folder that goes with them.
fn two() -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let first = [vec![rtr(5)], others(), vec![policy(1)]].concat();
    let streams = [
        ("edge1", vec![first, vec![rtr(6)]]),
        ("edge2", vec![vec![rtr(7), policy(0)]]),
    ];
    let files = streams.map(|(name, messages)| {
        let path = folder.path().join(format!("{name}.bmp"));
        std::fs::write(&path, stream(name, 251, &messages)).unwrap();
        path
    });
    (folder, files.to_vec())
}

fn asked(command: &[&str], files: &[PathBuf]) -> support::program::Run {
    let files = files.iter().map(|file| file.to_str().unwrap());
    let arguments: Vec<&str> = command.iter().copied().chain(files).collect();
    run(&arguments).answered()
}

#[test]
fn everything_that_is_told_is_there_and_as_the_schema_says() {
    let (_folder, files) = two();
    let answer = asked(&["rpki", "config", "--json"], &files).json();
    let schema = run(&["schema", "rpki-config"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&answer), "{answer}");
    assert_eq!(
        (&answer["messages"], &answer["missing"]),
        (&json!(3), &json!([]))
    );
    let edge1 = &answer["routers"][0];
    let types: Vec<&Value> = edge1["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| &source["type"])
        .collect();
    assert_eq!(types, ["rtr", "ebgp", "slurm"]);
    let rtr = &edge1["sources"][0];
    let expected = json!({"preference": "primary", "order": 1, "version": 2, "transport": "tls"});
    assert_eq!(rtr["rtr"], expected);
    assert_eq!(rtr["records"], json!([{"kind": "roa", "count": 6}]));
    let slurm = &edge1["sources"][2]["slurm"];
    assert_eq!(
        slurm["errors"],
        json!([{"kind": "read", "count": 2, "text": "line 3"}])
    );
    let policy = &edge1["policy"]["global"];
    let words = json!(["origin AS in {64500} and rule from {rtr}"]);
    assert_eq!(
        (&policy["conditions"], &policy["validation"]),
        (&words, &json!(["origin"]))
    );
    assert_eq!(edge1["changes"][0]["key"], "records");
}

#[test]
fn the_table_tells_it_in_words() {
    let (_folder, files) = two();
    let run = asked(&["rpki", "config"], &files);
    let table = String::from_utf8(run.stdout).unwrap();
    for part in [
        "primary 1, version 2, tls",
        "AS64511, provider",
        "prefix-assertion 3, read errors 2 line 3",
        "invalid: drop",
        "origin AS in {64500} and rule from {rtr}",
        "roa 5 ",
        "edge1 rtr 192.0.2.1:3323 has 6; edge2 rtr 192.0.2.1:3323 has 7",
    ] {
        assert!(table.contains(part), "no {part} in:\n{table}");
    }
}

#[test]
fn check_finds_in_what_routers_differ_and_what_contradicts_itself() {
    let (_folder, files) = two();
    let answer = asked(&["check", "--json"], &files).json();
    let kinds: Vec<&Value> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| &finding["kind"])
        .collect();
    let expected = [
        "rpki-policies-differ",
        "rpki-records-differ",
        "rpki-slurm-counts-differ",
        "rpki-slurm-errors",
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn without_any_it_says_what_is_missing_and_how_to_get_it() {
    let missing = |input: &Input| {
        let answer = ask("rpki", &["config", "--json"], input).answered().json();
        assert_eq!(answer["routers"], json!([]));
        let lines = answer["missing"].as_array().unwrap().clone();
        let texts = lines.iter().map(|line| line.as_str().unwrap().to_owned());
        texts.collect::<Vec<String>>()
    };
    let capture = places::testdata_file("frr107-gobgp.pcap");
    let today = missing(&Input::file(&capture));
    assert!(today[0].contains("--code rpki-config=NUMBER"), "{today:?}");
    assert!(today[1].contains("--vrps FILE"), "{today:?}");
    // A router that uses another number.
    let other = stream("edge1", 200, &[vec![rtr(5)]]);
    let unnamed = missing(&Input::Pipe(other));
    let expected = "there are messages of types without a name: 200";
    assert_eq!(unnamed[1], expected);
}

#[test]
fn a_source_is_known_by_its_own_fields_alone() {
    // An overrun ends its container only: what is behind it is read (profile, section 5).
    let codes = Codes::usual();
    let mut broken = plain(&Field::SourceType(1), &codes);
    broken.extend([0x40, 0x14, 0, 200, 1]);
    let mut body = [0x40, 1, 0, broken.len() as u8].to_vec();
    body.extend(broken);
    body.extend(plain(&policy(1), &codes));
    let name = [0, 2, 0, 1, b'a'];
    let bytes = [message(4, 4, &name), message(4, 251, &body)].concat();
    let answer = ask("rpki", &["config", "--json"], &Input::Pipe(bytes)).answered();
    let answer = answer.json();
    let router = &answer["routers"][0];
    assert_eq!(router["sources"][0]["type"], "rtr");
    assert_eq!(router["policy"]["global"]["validation"], json!(["origin"]));
    assert_eq!(answer["findings"]["warning"], 1);
}
