//! The global filters: which sessions, peers and messages a question is about.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

use assert_cmd::Command;
use serde_json::Value;

const TWO_ROUTERS: &str = "testdata/frr-gobgp-small.pcap";

fn ask(arguments: &[&str]) -> Vec<u8> {
    let mut command = Command::cargo_bin("bmpscope").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.args(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn summary(filters: &[&str]) -> Value {
    let arguments = [&["summary", "--json", TWO_ROUTERS], filters].concat();
    serde_json::from_slice(&ask(&arguments)).unwrap()
}

fn messages(filters: &[&str]) -> Vec<Value> {
    let lines = ask(&[&["messages", TWO_ROUTERS], filters].concat());
    let lines = String::from_utf8(lines).unwrap();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Totals of each session, by the router's name.
fn totals(summary: &Value) -> Vec<(&str, u64)> {
    let sessions = summary["sessions"].as_array().unwrap();
    let row = |session: &'_ Value| session["messages"]["total"].as_u64().unwrap();
    sessions
        .iter()
        .map(|s| (s["router"]["sys_name"].as_str().unwrap(), row(s)))
        .collect()
}

#[test]
fn a_router_is_chosen_by_its_address_or_its_name() {
    // The counts are those of the lab's notes: FRR 1091, GoBGP 1016.
    assert_eq!(
        totals(&summary(&["--router", "10.0.0.1"])),
        [("frr84-lab", 1091)]
    );
    assert_eq!(
        totals(&summary(&["--router", "gobgp-lab"]))[0].0,
        "gobgp-lab"
    );
    let both = summary(&["--router", "10.0.0.1", "--router", "10.0.0.2"]);
    assert_eq!(totals(&both), [("gobgp-lab", 1016), ("frr84-lab", 1091)]);
    assert!(totals(&summary(&["--router", "192.0.2.1"])).is_empty());
}

#[test]
fn a_peer_is_chosen_by_its_address_or_its_as_number() {
    let lines = messages(&["--peer", "10.0.0.4"]);
    assert!(!lines.is_empty());
    assert!(
        lines
            .iter()
            .all(|line| line["peer"]["address"] == "10.0.0.4")
    );
    let by_number = messages(&["--peer", "AS65004"]);
    assert!(by_number.iter().all(|line| line["peer"]["asn"] == 65004));
    let all = messages(&[]);
    let expected = all
        .iter()
        .filter(|line| line["peer"]["asn"] == 65004)
        .count();
    assert_eq!(by_number.len(), expected);
}

#[test]
fn peers_that_were_not_asked_for_are_not_listed() {
    let peers = ask(&["peers", "--json", "--peer", "10.0.0.4", TWO_ROUTERS]);
    let peers: Value = serde_json::from_slice(&peers).unwrap();
    let addresses: Vec<_> = peers["peers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|peer| &peer["address"])
        .collect();
    assert_eq!(
        addresses,
        ["10.0.0.4", "10.0.0.4"],
        "one for each of the two routers"
    );
}

#[test]
fn since_and_until_cut_by_capture_time_and_keep_the_context() {
    let (since, until) = ("2026-11-20T12:36:00Z", "2026-11-20T12:37:00Z");
    let cut = messages(&["--since", since, "--until", until]);
    let all = messages(&[]);
    let in_span = |line: &&Value| {
        let time = line["time"].as_str().unwrap();
        since.trim_end_matches('Z') <= time && time < until.trim_end_matches('Z')
    };
    let expected: Vec<&Value> = all.iter().filter(in_span).collect();
    assert!(!expected.is_empty() && expected.len() < all.len());
    // The same lines, decoded alike: the Peer Ups before the span still tell how.
    assert_eq!(cut.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn only_the_ports_asked_for_are_looked_at() {
    assert_eq!(totals(&summary(&["--port", "11019"])).len(), 2);
    assert!(totals(&summary(&["--port", "1790"])).is_empty());
}

/// What is said on stderr.
fn said(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("bmpscope").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn messages_says_that_filters_leave_nothing_as_every_command_does() {
    let warning = "bmpscope: warning: there is BMP, but none that the filters ask for\n";
    for filters in [
        &["--router", "nosuch"][..],
        &["--until", "2001-01-01 00:00:00"],
        &["--type", "termination", "--rib", "loc-rib"],
    ] {
        let text = said(&[&["messages", TWO_ROUTERS], filters].concat());
        assert!(text.starts_with(warning), "{filters:?}: {text}");
    }
    let some = said(&["messages", TWO_ROUTERS, "--type", "peer-up"]);
    let none_asked = said(&["messages", TWO_ROUTERS, "--limit", "0"]);
    assert!(!some.contains(warning) && !none_asked.contains(warning));
}

#[test]
fn a_bare_stream_has_no_capture_times_and_no_connection() {
    const BARE: &str = "testdata/base-gobgp.bmp";
    let warning = "warning: testdata/base-gobgp.bmp: no capture times are in it";
    for command in ["messages", "summary"] {
        let text = said(&[command, BARE, "--since", "2030-01-01T00:00:00Z"]);
        assert!(text.contains(warning), "{command}: {text}");
    }
    assert!(!said(&["messages", BARE]).contains(warning));
    let packets = said(&["messages", TWO_ROUTERS, "--since", "2001-01-01T00:00:00Z"]);
    assert!(!packets.contains("no capture times"));

    let summary: Value = serde_json::from_slice(&ask(&["summary", "--json", BARE])).unwrap();
    let session = summary["sessions"][0].as_object().unwrap();
    assert_eq!(
        (&session["protection"], &session["close"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn the_reports_on_rpki_say_that_since_leaves_out_earlier_routes() {
    let missing = |options: &[&str]| {
        let arguments = [&["rpki", "validation", "--json", TWO_ROUTERS], options].concat();
        let answer: Value = serde_json::from_slice(&ask(&arguments)).unwrap();
        answer["missing"].to_string()
    };
    let told = "--since leaves out the routes that were announced before 2026-01-01T00:00:00Z";
    assert!(missing(&["--since", "2026-01-01 00:00:00"]).contains(told));
    assert!(!missing(&[]).contains("--since"));
}
