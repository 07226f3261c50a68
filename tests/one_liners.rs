//! The one-liners that the command line's contract and the README promise, run by a shell as they
//! are written.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a panic is how a test says no; a skipped test says so on stderr"
)]

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;
use support::program::{Run, binary, finished};
use support::{capture_file, extract, places, walker};
use tempfile::TempDir;

const SUMMARY: &str = "bmpscope summary day.pcap";
const SUMMARY_JSON: &str = "bmpscope summary --json day.pcap \
    | jq -r '.sessions[] | [.router.sys_name, .messages.total] | @tsv'";
const PEERS_DOWN: &str = "bmpscope messages day.pcap \
    | jq -c 'select(.type == \"peer-down\") | {time, peer: .peer.address, reason}'";
const PREFIXES: &str = "zstdcat day.pcap.zst | bmpscope messages - \
    | jq -c 'select(.type == \"route-monitoring\") | .update.announced[].prefix'";
const CAPABILITIES: &str = "bmpscope capabilities --diff day.pcap";
const OPPORTUNITIES: &str = "bmpscope capabilities --json day.pcap | jq '.opportunities[]'";
const CHECK: &str = "bmpscope check --fail-on warning day.pcap";
const VALIDATION: &str =
    "bmpscope rpki validation --json day.pcap --vrps vrps.json | jq '.disagreements'";
const IMPACT: &str = "bmpscope rpki impact day.pcap --vrps vrps.json";
const RPKI_STATS: &str = "bmpscope rpki stats day.pcap --vrps vrps.json";
const FILTERED: &str = "tcpdump -r all.pcap -w - 'tcp port 1790' | bmpscope summary -";

#[test]
fn the_readme_shows_the_lines_that_are_run_here() {
    let readme = include_str!("../README.md");
    for line in [
        SUMMARY,
        SUMMARY_JSON,
        PEERS_DOWN,
        CAPABILITIES,
        OPPORTUNITIES,
        VALIDATION,
        IMPACT,
        RPKI_STATS,
        CHECK,
        PREFIXES,
        FILTERED,
    ] {
        assert!(readme.lines().any(|shown| shown == line), "{line}");
    }
}

#[test]
fn the_summary_of_a_day_names_both_routers() {
    let run = shell(SUMMARY).unwrap().answered();
    let text = String::from_utf8(run.stdout).unwrap();
    for part in ["10.0.0.1", "10.0.0.2", "1091", "1016"] {
        // A table may group the digits of a number.
        let plain = text.replace([',', '\'', '\u{202f}'], "");
        assert!(plain.contains(part), "no {part} in:\n{text}");
    }
}

#[test]
fn the_summary_as_json_gives_names_and_totals() {
    let Some(run) = shell(SUMMARY_JSON) else {
        return;
    };
    let text = String::from_utf8(run.answered().stdout).unwrap();
    let mut totals: Vec<&str> = Vec::new();
    for line in text.lines() {
        let (name, total) = line.split_once('\t').unwrap();
        assert!(!name.is_empty(), "{text}");
        totals.push(total);
    }
    totals.sort_unstable();
    assert_eq!(totals, ["1016", "1091"]);
}

#[test]
fn messages_give_the_peers_that_went_down() {
    let Some(run) = shell(PEERS_DOWN) else {
        return;
    };
    let lines = run.answered().lines();
    assert_eq!(lines.len(), 30);
    for line in lines {
        let has_all = ["time", "peer", "reason"]
            .iter()
            .all(|key| !line[key].is_null());
        assert!(has_all, "{line}");
    }
}

#[test]
fn capabilities_that_differ_are_a_matrix() {
    let text = String::from_utf8(shell(CAPABILITIES).unwrap().answered().stdout).unwrap();
    for part in ["gobgp", "frr", "extended-message", "N negotiated"] {
        assert!(text.contains(part), "no {part} in:\n{text}");
    }
    // Both routers send it to some of their peers: no difference.
    let (matrix, _) = text.split_once("N negotiated").unwrap();
    assert!(!matrix.contains("\nroute-refresh  "), "{text}");
}

#[test]
fn opportunities_say_what_they_would_bring() {
    let Some(run) = shell(OPPORTUNITIES) else {
        return;
    };
    let text = String::from_utf8(run.answered().stdout).unwrap();
    assert!(
        text.contains("forwarding goes on while BGP restarts"),
        "{text}"
    );
}

#[test]
fn a_check_of_a_day_fails_at_warnings_but_not_at_errors() {
    let run = shell(CHECK).unwrap();
    assert!(run.code == 1 && run.stderr.is_empty(), "{run}");
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.contains("add-path-not-used"), "{text}");
    shell("bmpscope check day.pcap").unwrap().answered();
}

#[test]
fn routes_are_validated_by_vrps() {
    if let Some(run) = shell(VALIDATION) {
        // No router of that day says what it makes of a route.
        assert_eq!(run.answered().json(), Value::Array(Vec::new()));
    }
    for (line, parts) in [
        (
            IMPACT,
            ["What inbound policies do to invalid routes", "gobgp-lab"],
        ),
        (RPKI_STATS, ["computed", "Rejected by inbound policy"]),
    ] {
        let text = String::from_utf8(shell(line).unwrap().answered().stdout).unwrap();
        for part in parts {
            assert!(text.contains(part), "no {part} in:\n{text}");
        }
    }
}

#[test]
fn a_compressed_day_through_a_pipe_gives_its_prefixes() {
    let Some(run) = shell(PREFIXES) else {
        return;
    };
    let prefixes = run.answered().lines();
    let file = std::fs::read(places::testdata_file("frr-gobgp-small.pcap")).unwrap();
    let streams = extract::streams(&capture_file::read(&file));
    // FRR sends no path identifiers, so that the plain walker reads all of its unicast routes.
    let is_frr = |stream: &&extract::Stream| stream.source.ip().to_string() == "10.0.0.1";
    let frr = streams.iter().find(is_frr).unwrap();
    let announced = walker::walk(&frr.bytes).announced as usize;
    let unicast = prefixes.iter().filter(|prefix| is_prefix(prefix)).count();
    assert!(unicast >= announced, "{unicast} of {announced} and more");
}

#[test]
fn a_filtered_capture_through_a_pipe_is_summarised() {
    let Some(run) = shell(FILTERED) else {
        return;
    };
    let text = String::from_utf8(run.answered().stdout).unwrap();
    assert!(text.contains("10.9.0.1") && text.contains("1091"), "{text}");
}

#[test]
fn a_reader_that_leaves_early_ends_the_program_quietly() {
    let run = shell("bmpscope messages day.pcap | head -n 1").unwrap();
    let lines = run.lines();
    assert_eq!((lines.len(), run.stderr.as_str()), (1, ""));
}

fn is_prefix(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let Some((address, bits)) = text.split_once('/') else {
        return false;
    };
    address.parse::<std::net::IpAddr>().is_ok() && bits.parse::<u8>().is_ok()
}

/// Runs a line by `sh` in a folder with the files that the one-liners name. None, with a note,
/// where jq is not installed; zstdcat and tcpdump give way to `cat`.
fn shell(line: &str) -> Option<Run> {
    if line.contains("jq ") && !is_installed("jq") {
        eprintln!("note: jq is not installed: skipped: {line}");
        return None;
    }
    let folder = folder_of_a_day();
    let line = with_cat_for_what_is_missing(line);
    let programs = binary().parent().unwrap().display();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    let command = command
        .args(["-c", &line])
        .current_dir(folder.path())
        .env("PATH", path);
    Some(finished(command))
}

fn with_cat_for_what_is_missing(line: &str) -> String {
    let mut line = line.to_string();
    if !can_compress() {
        line = line.replace("zstdcat day.pcap.zst", "cat day.pcap");
    }
    if !is_installed("tcpdump") {
        line = line.replace("tcpdump -r all.pcap -w - 'tcp port 1790'", "cat all.pcap");
    }
    line
}

/// `day.pcap`: FRR and GoBGP; `all.pcap`: BMP on port 1790; `vrps.json`: nobody of that day may
/// originate IPv4 routes.
fn folder_of_a_day() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        std::fs::copy(places::testdata_file(from), folder.path().join(to)).unwrap();
    };
    copy("frr-gobgp-small.pcap", "day.pcap");
    copy("tcp-ao-sha1.pcap", "all.pcap");
    let vrps = r#"{"roas": [{"asn": 64496, "prefix": "0.0.0.0/0", "maxLength": 32, "ta": "a"}]}"#;
    std::fs::write(folder.path().join("vrps.json"), vrps).unwrap();
    if can_compress() {
        compress(folder.path());
    }
    folder
}

fn compress(folder: &Path) {
    let mut zstd = Command::new("zstd");
    let arguments = ["-q", "day.pcap", "-o", "day.pcap.zst"];
    finished(zstd.args(arguments).current_dir(folder)).answered();
}

fn can_compress() -> bool {
    is_installed("zstd") && is_installed("zstdcat")
}

fn is_installed(program: &str) -> bool {
    let found = std::process::Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output();
    found.is_ok_and(|output| output.status.success())
}
