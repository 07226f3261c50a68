//! The three messages about RPKI: what the program shows of them.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use std::net::Ipv4Addr;
use support::program::{Input, ask, run, run_with_stdin, without};
use support::rpki_messages::{
    Action, Body, Codes, Condition, Field, Rule, indexed, indexed_octets, message, plain, plains,
};
use support::{bgp, bmp};

fn peer() -> bmp::PeerHeader {
    bmp::PeerHeader::new("192.0.2.7", 64500)
}

/// 192.0.2.0/24 behind AS 64500.
fn update() -> Vec<u8> {
    let attributes = bgp::usual_attributes(&[64500], Ipv4Addr::new(192, 0, 2, 7));
    bgp::update(
        &[],
        &attributes,
        &bgp::prefix_ipv4(Ipv4Addr::new(192, 0, 2, 0), 24),
    )
}

/// Two routers' worth of messages: sources, policies, one validation, one impact, one bad TLV.
fn stream(codes: &Codes) -> Vec<u8> {
    let source = Field::Source(vec![
        Field::SourceId(7),
        Field::SourceType(1),
        Field::SourceStatus(1),
        Field::RecordCount(1, 5),
        Field::LastSync(1_700_000_000, 0),
        Field::CcrHash(2, [0xab; 32]),
        Field::RtrPreference(0, 10),
        Field::RtrVersion(2),
        Field::Transport(1),
        Field::Endpoint(Ipv4Addr::new(192, 0, 2, 1).into(), Some(324)),
        Field::Unknown(0x7001, vec![1]),
    ]);
    let slurm = Field::Source(vec![
        Field::SourceType(5),
        Field::SlurmExceptions(1, 2),
        Field::SlurmError(1, 1, "no such file".to_owned()),
    ]);
    let policy = Field::Policy(vec![
        Field::ValidationEnabled(3),
        Field::StateAction(2, Action(2, vec![0, 0, 0, 50])),
        Field::RuleFeature(Condition::SourceIn(vec![1, 5])),
        Field::Assertion((Ipv4Addr::new(192, 0, 2, 0).into(), 24), 64500, None),
        Field::Filter(None, Some(64501)),
    ]);
    let of_peer = Field::Policy(vec![Field::ValidationEnabled(0)]);
    let peer_body = [peer().encode(), plain(&of_peer, codes)].concat();
    let changed = Field::Policy(vec![Field::ValidationEnabled(1)]);
    let rule = Rule(2, 7, 1, 0, Body::Aspa(64500, vec![64501]));
    let mut route = peer().encode();
    route.extend(indexed_octets(4, 0, &update()));
    for field in [
        Field::State(1),
        Field::Types(2),
        Field::ValidationRule(rule),
        Field::Direction(1),
        Field::ActionApplied(Action(4, Vec::new())),
        Field::Alternate(vec![Field::State(0), Field::AlternateUpdate(update())]),
    ] {
        route.extend(indexed(1, &field, codes));
    }
    let mut stream = bmp::initiation(&[(2, "edge1")]);
    for (place, body) in [
        (0, plains(&[source, slurm, policy], codes)),
        (0, peer_body),
        (0, plain(&changed, codes)),
        (1, route.clone()),
        (2, route),
    ] {
        stream.extend(message(3, codes.types[place], &body));
    }
    stream.extend(bmp::termination(0));
    stream
}

#[test]
fn messages_shows_every_tlv_and_keeps_to_its_schema() {
    let input = Input::Pipe(stream(&Codes::usual()));
    let lines = ask("messages", &[], &input).answered().lines();
    let schema = run(&["schema", "messages"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for line in &lines {
        assert!(validator.is_valid(line), "{line}");
    }
    assert_eq!(lines[1]["type"], "rpki-config");
    assert_eq!(lines[1]["scope"], "global");
    let source = &lines[1]["tlvs"][0]["tlvs"];
    assert_eq!(source[1]["source_type"], "rtr");
    assert_eq!(source[9]["port"], 324);
    assert_eq!(source[10]["name"], "unknown-28673");
    assert_eq!(lines[1]["tlvs"][2]["tlvs"][1]["local_pref"], 50);
    assert_eq!(lines[2]["peer"]["address"], "192.0.2.7");
    let impact = &lines[5];
    assert_eq!(impact["type"], "rpki-impact");
    assert_eq!(impact["update"]["announced"][0]["prefix"], "192.0.2.0/24");
    assert_eq!(impact["tlvs"][0]["name"], "bgp-message");
    assert_eq!(impact["tlvs"][1]["state"], "unknown");
    assert_eq!(impact["tlvs"][3]["rule"]["providers"][0], 64501);
    let alternate = &impact["tlvs"][6]["tlvs"];
    assert_eq!(alternate[0]["state"], "valid");
    assert_eq!(
        alternate[1]["update"]["announced"][0]["prefix"],
        "192.0.2.0/24"
    );
}

#[test]
fn messages_tells_them_in_words() {
    let input = Input::Pipe(stream(&Codes::usual()));
    let text = ask("messages", &["-f", "table"], &input).answered();
    let text = String::from_utf8(text.stdout).unwrap();
    for words in [
        "source rtr, id 7, active, roa 5, ",
        "192.0.2.1:324",
        "source slurm, prefix-assertion 2, read errors 1 'no such file'",
        "policy: validates origin as-path, invalid: lower-preference to 50, where rule from {rtr, slurm}, \
         asserts 192.0.2.0/24 AS64500, filters AS64501",
        "#1: unknown; #1: validates as-path; #1: aspa invalid AS64500: 64501; #1: demoted; #1: exclude",
    ] {
        assert!(text.contains(words), "no '{words}' in\n{text}");
    }
}

#[test]
fn rpki_config_tells_sources_policies_and_changes() {
    let mut codes = Codes::usual();
    codes.types[0] = 254;
    codes.set("source-type", 0x5010);
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("stream.bmp");
    std::fs::write(&capture, stream(&codes)).unwrap();
    let capture = capture.to_str().unwrap();
    let numbers = ["--code", "rpki-config=254", "--code", "source-type=0x5010"];
    let arguments = [&["rpki", "config", "--json", capture][..], &numbers].concat();
    let answer = run(&arguments).answered().json();
    let schema = run(&["schema", "rpki-config"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&answer), "{answer:#}");
    let router = &answer["routers"][0];
    assert_eq!(router["router"]["sys_name"], "edge1");
    let source = &router["sources"][0];
    assert_eq!((&source["id"], &source["type"]), (&7.into(), &"rtr".into()));
    assert_eq!(source["rtr"]["transport"], "tls");
    assert_eq!(source["endpoint"]["address"], "192.0.2.1");
    assert_eq!(source["other"][0]["code"], 0x7001);
    assert_eq!(
        router["sources"][1]["slurm"]["errors"][0]["text"],
        "no such file"
    );
    assert_eq!(
        router["policy"]["peers"][0]["validation"],
        serde_json::json!([])
    );
    assert_eq!(
        router["policy"]["global"]["validation"],
        serde_json::json!(["origin"])
    );
    assert_eq!(router["changes"][0]["about"], "policy");
    assert_eq!(answer["differences"][0]["kind"], "rpki-slurm-errors");
    assert_eq!(answer["differences"][1]["kind"], "rpki-slurm-counts-differ");
    assert_eq!(answer["findings"]["warning"], 2);
}

#[test]
fn csv_has_a_row_for_each_route_and_each_alternate() {
    let input = Input::Pipe(stream(&Codes::usual()));
    let text = ask("messages", &["-f", "csv"], &input).answered();
    let text = String::from_utf8(text.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with(",extended_communities,state,validation,rules,actions"));
    let columns = |line: &str| line.split(',').count();
    assert!(
        lines.iter().all(|line| columns(line) == columns(lines[0])),
        "{text}"
    );
    let said = "unknown,as-path,aspa invalid AS64500: 64501,exclude";
    for (line, action, end) in [
        (1, "demoted", said),
        (3, "demoted", said),
        (4, "alternate", "valid,,,"),
    ] {
        let route =
            format!(",adj-rib-in-pre,{action},ipv4,unicast,192.0.2.0/24,,,192.0.2.7,igp,64500,");
        assert!(lines[line].contains(&route), "{}", lines[line]);
        assert!(lines[line].ends_with(end), "{}", lines[line]);
    }
    assert_eq!(lines.len(), 5, "{text}");
}

#[test]
fn csv_tells_of_each_route_what_is_about_it() {
    // Three routes: the second has a state of its own, the third and the first are a group.
    let codes = Codes::usual();
    let nlri: Vec<u8> = [1, 2, 3]
        .into_iter()
        .flat_map(|number| bgp::prefix_ipv4(Ipv4Addr::new(10, number, 0, 0), 16))
        .collect();
    let attributes = bgp::usual_attributes(&[64500], Ipv4Addr::new(192, 0, 2, 7));
    let mut body = peer().encode();
    // BGP Message is 4 and Group 1 (draft-ietf-grow-bmp-tlv-21 5).
    body.extend(indexed_octets(4, 0, &bgp::update(&[], &attributes, &nlri)));
    body.extend(indexed_octets(1, 0x8005, &[0, 3, 0, 1]));
    body.extend(indexed(0, &Field::Types(1), &codes));
    body.extend(indexed(0, &Field::State(1), &codes));
    body.extend(indexed(2, &Field::State(2), &codes));
    body.extend(indexed(0x8005, &Field::State(0), &codes));
    let stream = [
        message(4, 4, &[0, 2, 0, 1, b'a']),
        message(4, 252, &body),
        message(4, 252, &body),
    ];
    let options = ["-f", "csv", "--bmp4", "21"];
    let text = ask("messages", &options, &Input::Pipe(stream.concat())).answered();
    let text = String::from_utf8(text.stdout).unwrap();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        [12, 15, 26, 27].map(|column| fields[column].to_owned())
    };
    let rows: Vec<[String; 4]> = text.lines().skip(1).take(3).map(row).collect();
    let expected = [
        ["validated", "10.1.0.0/16", "valid", "origin"],
        ["validated", "10.2.0.0/16", "invalid", "origin"],
        ["validated", "10.3.0.0/16", "valid", "origin"],
    ];
    assert_eq!(rows, expected, "{text}");
}

#[test]
fn rpki_config_without_any_says_so_and_is_no_error() {
    let input = Input::Pipe([bmp::initiation(&[(2, "edge1")]), bmp::termination(0)].concat());
    let Input::Pipe(octets) = &input else {
        panic!()
    };
    let run = support::program::run_with_stdin(&["rpki", "config", "-"], octets).answered();
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.contains("no RPKI_CONFIG message"), "{text}");
}

/// The stream in one version, and the messages about RPKI in it in another.
fn of_versions(host: u8, guest: u8) -> Vec<u8> {
    let mut stream = stream(&Codes::usual());
    let mut at = 0;
    while at < stream.len() {
        let length = u32::from_be_bytes(stream[at + 1..at + 5].try_into().unwrap());
        let is_guest = (251..=253).contains(&stream[at + 5]);
        stream[at] = if is_guest { guest } else { host };
        at += length as usize;
    }
    stream
}

#[test]
fn their_version_may_be_another_than_that_of_their_session() {
    let asked = |command: &[&str], stream: Vec<u8>| {
        let arguments = [command, &["--json", "-"]].concat();
        run_with_stdin(&arguments, &stream).answered()
    };
    let told = |host, guest| {
        let input = Input::Pipe(of_versions(host, guest));
        let lines = ask("messages", &[], &input).answered().lines();
        let row = |line: &serde_json::Value| (line["version"].clone(), line["type"].clone());
        lines.iter().map(row).collect::<Vec<_>>()
    };
    for (host, guest) in [(3, 4), (4, 3)] {
        let expected: Vec<_> = told(host, host)
            .into_iter()
            .map(
                |(version, kind)| match kind.as_str().unwrap().starts_with("rpki") {
                    true => (guest.into(), kind),
                    false => (version, kind),
                },
            )
            .collect();
        assert_eq!(told(host, guest), expected);
        let summary = asked(&["summary"], of_versions(host, guest)).json();
        let session = &summary["sessions"][0];
        assert_eq!(
            session["gaps"]["bytes"].as_u64().unwrap_or(0),
            0,
            "{session}"
        );
        let both = [guest, host].map(|version| {
            let mut answer = asked(&["rpki", "config"], of_versions(host, version)).json();
            without(&mut answer, &["version", "header"]);
            answer
        });
        assert_eq!(both[0], both[1]);
    }
}
