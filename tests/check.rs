//! `check` and the quality of `summary`: what is odd about a capture, and what scripts make of it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use bmpscope::finding::{self, KINDS};
use serde_json::Value;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use support::capture_file::{self, Fraction, Order};
use support::program::{Input, Run, ask};
use support::tcp::{Conversation, without_segments};
use support::{bgp, bmp, places, sample};

/// A stream of whole messages of which one, a Route Monitoring, has a prefix of 33 bits.
fn stream_with_an_undecodable_message() -> Vec<u8> {
    let peer = bmp::PeerHeader::new("192.0.2.7", 64501);
    let attributes = bgp::usual_attributes(&[64501], Ipv4Addr::new(192, 0, 2, 7));
    let too_long = [33, 198, 51, 100, 0, 0];
    let wrong = peer.route_monitoring(&bgp::update(&[], &attributes, &too_long));
    let mut stream = sample::stream();
    let end = stream.split_off(before_the_end());
    [stream, wrong, end].concat()
}

/// Octets of the sample before its Peer Down and Termination.
fn before_the_end() -> usize {
    let peer = bmp::PeerHeader::new("192.0.2.7", 64501);
    let down = peer.peer_down(3, &bgp::notification(6, 2, &[]));
    sample::stream().len() - down.len() - bmp::termination(0).len()
}

fn undecodable() -> Input {
    Input::Pipe(stream_with_an_undecodable_message())
}

fn testdata(name: &str) -> Input {
    Input::file(&places::testdata_file(name))
}

fn rows(document: &Value) -> &Vec<Value> {
    document["findings"].as_array().unwrap()
}

#[test]
fn a_clean_capture_of_the_lab_has_no_errors() {
    for capture in places::testdata_captures() {
        let run = ask("check", &[], &Input::file(&capture));
        assert_eq!(run.code, 0, "{}: {run}", capture.display());
        assert_eq!(run.stderr, "", "{}", capture.display());
    }
}

#[test]
fn without_a_finding_the_list_is_empty_at_any_severity() {
    let input = Input::Pipe(sample::stream());
    let run = ask("check", &["--fail-on", "note", "--json"], &input).answered();
    assert!(rows(&run.json()).is_empty(), "{run}");
    let table = ask("check", &[], &input).answered();
    assert_eq!(table.stdout, b"Findings\n(none)\n");
}

#[test]
fn an_undecodable_message_is_an_error_with_its_place() {
    let run = ask("check", &["--json"], &undecodable());
    assert_eq!(run.code, 1, "{run}");
    let document = run.json();
    let row = &rows(&document)[0];
    assert_eq!(row["kind"], "undecodable-message");
    assert_eq!(row["severity"], "error");
    assert_eq!(row["reference"], "RFC 7854 4");
    assert_eq!((&row["count"], &row["session"]), (&1.into(), &1.into()));
    let place = &row["places"][0];
    assert_eq!(
        (&place["file"], &place["peer"]),
        (&"-".into(), &"192.0.2.7".into())
    );
    assert_eq!(place["stream_offset"], before_the_end());
    assert!(place["offset"].as_u64() > Some(48), "{place}");
    assert_eq!(place["packet"], Value::Null);
    assert_eq!(document["totals"]["error"], 1);
}

#[test]
fn the_exit_code_follows_the_severity_asked_for() {
    let code = |level: &str, input: &Input| ask("check", &["--fail-on", level], input).code;
    // Warnings and notes, but no errors.
    let warnings = testdata("derived-gaps.pcap");
    let notes = testdata("bird-bmp.pcap");
    for (level, expected) in [
        ("error", [1, 0, 0]),
        ("warning", [1, 1, 0]),
        ("note", [1, 1, 1]),
    ] {
        let codes = [&undecodable(), &warnings, &notes].map(|input| code(level, input));
        assert_eq!(codes, expected, "{level}");
    }
}

#[test]
fn an_input_that_cannot_be_read_wins_over_findings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bmp");
    std::fs::write(&path, stream_with_an_undecodable_message()).unwrap();
    let inputs = Input::Files(vec![path, PathBuf::from("missing.pcap")]);
    let run = ask("check", &["--json"], &inputs);
    assert_eq!(run.code, 2, "{run}");
    assert_eq!(run.json()["totals"]["error"], 1);
}

#[test]
fn a_severity_that_is_none_is_a_usage_error_with_the_list() {
    let run = ask("check", &["--fail-on", "fatal"], &testdata("bird-bmp.pcap"));
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    let expected = "error: invalid value 'fatal' for '--fail-on <SEVERITY>'\n  \
                    [possible values: error, warning, note]\n";
    assert!(run.stderr.starts_with(expected), "{run}");
    let other = ask(
        "summary",
        &["--fail-on", "note"],
        &testdata("bird-bmp.pcap"),
    );
    assert_eq!(other.code, 2, "an option of check alone: {other}");
}

#[test]
fn rows_are_sorted_and_add_up() {
    for capture in places::testdata_captures() {
        let name = capture.display();
        let document = ask("check", &["--json"], &Input::file(&capture)).json();
        let rows = rows(&document);
        let keys: Vec<_> = rows.iter().map(sort_key).collect();
        assert!(keys.is_sorted(), "{name}: {keys:?}");
        for (word, total) in document["totals"].as_object().unwrap() {
            let of_it = rows.iter().filter(|row| row["severity"] == word.as_str());
            let sum: u64 = of_it.map(|row| row["count"].as_u64().unwrap()).sum();
            assert_eq!(Some(sum), total.as_u64(), "{name}: {word}");
        }
        let lines = ask("check", &["-f", "ndjson"], &Input::file(&capture)).lines();
        assert_eq!(&lines, rows, "{name}");
    }
}

fn sort_key(row: &Value) -> (Option<usize>, std::cmp::Reverse<u64>, String, Option<u64>) {
    let severities = ["error", "warning", "note"];
    let severity = severities.iter().position(|word| row["severity"] == *word);
    let count = row["count"].as_u64().unwrap();
    let kind = row["kind"].to_string();
    (
        severity,
        std::cmp::Reverse(count),
        kind,
        row["session"].as_u64(),
    )
}

#[test]
fn every_finding_is_of_a_kind_in_the_table_and_has_a_place() {
    let captures = places::testdata_captures();
    let captures = captures.iter().map(|path| Input::file(path));
    for input in captures.chain([undecodable()]) {
        for row in rows(&ask("check", &["--json"], &input).json()) {
            let kind = finding::kind(row["kind"].as_str().unwrap());
            let kind = kind.unwrap_or_else(|| panic!("not in the table: {row}"));
            assert_eq!(row["severity"], kind.severity.word(), "{row}");
            if !kind.reference.is_empty() {
                assert_eq!(row["reference"], kind.reference, "{row}");
            }
            let places = row["places"].as_array().unwrap();
            assert!((1..=10).contains(&places.len()), "{row}");
        }
    }
}

#[test]
fn the_table_for_people_and_for_spreadsheets_has_the_first_place() {
    let table = ask("check", &[], &undecodable());
    let text = String::from_utf8(table.stdout).unwrap();
    let offset = before_the_end();
    assert!(
        text.contains(&format!("of the message at {offset}")),
        "{text}"
    );
    assert!(text.ends_with("\n1 error\n"), "{text}");
    let csv = ask("check", &["-f", "csv"], &undecodable());
    let text = String::from_utf8(csv.stdout).unwrap();
    let header = "severity,kind,count,session,router,peer,view,first_place,message,reference\r\n";
    assert!(text.starts_with(header), "{text}");
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn another_report_says_in_one_line_that_there_is_something_to_check() {
    let run = ask("summary", &[], &undecodable()).answered();
    let expected = "bmpscope: warning: 1 error; `bmpscope check FILE` tells them all\n";
    assert_eq!(run.stderr, expected);
    let clean = ask("summary", &[], &Input::Pipe(sample::stream())).answered();
    assert_eq!(clean.stderr, "");
}

fn qualities(input: &Input) -> Vec<Value> {
    let run: Run = ask("summary", &["--json"], input).answered();
    let document = run.json();
    let sessions = document["sessions"].as_array().unwrap();
    sessions.iter().map(|row| row["quality"].clone()).collect()
}

#[test]
fn a_session_that_was_captured_whole_is_complete() {
    for name in ["quirk-nano.pcap", "frr107-gobgp.pcap", "quirk-netem.pcap"] {
        for quality in qualities(&testdata(name)) {
            assert_eq!(quality["state"], "complete", "{name}: {quality}");
            assert_eq!(quality["starts_mid_stream"], false, "{name}");
            assert_eq!(quality["missing_bytes"], 0, "{name}");
        }
    }
}

#[test]
fn a_session_whose_start_was_not_captured_says_so() {
    let [quality] = &qualities(&testdata("quirk-midstream.pcap"))[..] else {
        panic!("one session");
    };
    assert_eq!(quality["state"], "incomplete");
    assert_eq!(quality["starts_mid_stream"], true);
    assert_eq!(quality["ends_cut"], false);
    let start = &quality["gaps"]["mid_stream_start"];
    assert_eq!(
        (&start["count"], &start["bytes"]),
        (&1.into(), &quality["missing_bytes"])
    );
}

#[test]
fn a_stream_that_stops_inside_a_message_is_cut() {
    let mut stream = sample::stream();
    let cut = stream.len() - 3;
    stream.truncate(cut);
    let [quality] = &qualities(&Input::Pipe(stream))[..] else {
        panic!("one session");
    };
    assert_eq!(
        (&quality["ends_cut"], &quality["state"]),
        (&true.into(), &"incomplete".into())
    );
    assert_eq!(quality["gaps"]["capture_end"]["count"], 1);
}

#[test]
fn causes_add_up_to_the_gaps_of_the_session() {
    for capture in places::testdata_captures() {
        let document = ask("summary", &["--json"], &Input::file(&capture)).json();
        for session in document["sessions"].as_array().unwrap() {
            let causes = session["quality"]["gaps"].as_object().unwrap();
            for key in ["count", "bytes"] {
                let sum: u64 = causes.values().map(|row| row[key].as_u64().unwrap()).sum();
                assert_eq!(session["gaps"][key].as_u64(), Some(sum), "{session}");
            }
            assert_eq!(
                session["quality"]["missing_bytes"],
                session["gaps"]["bytes"]
            );
            assert_eq!(session["quality"]["undecodable"], session["undecodable"]);
        }
    }
}

#[test]
fn a_lost_segment_is_a_gap_with_its_packet() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lost.pcap");
    write_without_a_segment(&path);
    let input = Input::file(&path);
    let [quality] = &qualities(&input)[..] else {
        panic!("one session");
    };
    let missing = &quality["gaps"]["missing_segment"];
    assert!(missing["count"].as_u64() > Some(0), "{quality}");
    assert!(missing["bytes"].as_u64() >= Some(64), "{quality}");
    let document = ask("check", &["--json", "--fail-on", "warning"], &input);
    assert_eq!(document.code, 1);
    let document = document.json();
    let row = rows(&document)
        .iter()
        .find(|row| row["kind"] == "missing-segment");
    assert!(row.unwrap()["places"][0]["packet"].is_u64(), "{row:?}");
}

/// The sample over TCP in segments of 64 octets, one of them from the middle lost.
fn write_without_a_segment(path: &Path) {
    let mut conversation = Conversation::new("192.0.2.1:40000", "192.0.2.2:1790");
    conversation.segment_size = 64;
    let segments = conversation.whole(&sample::stream());
    let segments = without_segments(&segments, 7..8);
    let records = conversation.records(&segments);
    let file = capture_file::pcap(&records, Order::Little, Fraction::Micro);
    std::fs::write(path, file).unwrap();
}

#[test]
fn the_findings_of_routers_that_are_not_asked_for_are_left_out() {
    let options = ["--json", "--router", "frr107-lab"];
    let document = ask("check", &options, &testdata("derived-gaps.pcap")).json();
    let names = rows(&document).iter().map(|row| &row["router_name"]);
    assert!(names.clone().count() > 2, "{document}");
    assert!(names.clone().all(|name| name == "frr107-lab"), "{document}");
}

/// A word is named where a finding is made: as `kind: "word"`, `kind = "word"`, in a call of
/// `Finding::new`, or in a pair with its severity.
#[test]
fn every_kind_that_the_sources_name_is_in_the_table() {
    let mut found = 0;
    for (name, text) in sources() {
        for (before, word, behind) in literals(&text) {
            let before = before.trim_end();
            let pair = severity_behind(behind);
            let is_kind = ["kind:", "kind =", "Finding::new("]
                .iter()
                .any(|mark| before.ends_with(mark));
            if !is_word(word) || !(is_kind || pair.is_some()) {
                continue;
            }
            found += 1;
            let kind = finding::kind(word).unwrap_or_else(|| panic!("{name}: no kind {word}"));
            let said = pair.unwrap_or(kind.severity.word());
            assert_eq!(said, kind.severity.word(), "{name}: {word}");
        }
    }
    assert!(found >= 15, "only {found} found");
}

#[test]
fn every_kind_in_the_table_is_named_in_the_sources() {
    let sources = sources();
    for kind in KINDS {
        let literal = format!("\"{}\"", kind.word);
        assert!(
            sources.iter().any(|(_, text)| text.contains(&literal)),
            "{literal}"
        );
    }
}

#[test]
fn the_manual_page_tells_every_kind() {
    let page = bmpscope::cli::man_page();
    for kind in KINDS {
        assert!(
            page.contains(&kind.word.replace('-', "\\-")),
            "{}",
            kind.word
        );
    }
}

fn is_word(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c == '-';
    text.chars().all(is_letter) && !text.is_empty()
}

/// `", Severity::Warning` or `", Warning`: the severity's word.
fn severity_behind(text: &str) -> Option<&'static str> {
    let text = text.strip_prefix(',')?.trim_start();
    let text = text.strip_prefix("Severity::").unwrap_or(text);
    let severities = [("Error", "error"), ("Warning", "warning"), ("Note", "note")];
    let is_there = |name: &str| {
        let rest = text.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with([',', ')']))
    };
    severities
        .iter()
        .find(|(name, _)| is_there(name))
        .map(|(_, word)| *word)
}

/// Every string literal of a line, with what stands before it in the file and behind it.
fn literals(text: &str) -> Vec<(&str, &str, &str)> {
    let quotes: Vec<usize> = text.match_indices('"').map(|(at, _)| at).collect();
    let pairs = quotes.windows(2);
    let literal = |pair: &[usize]| {
        (
            &text[..pair[0]],
            &text[pair[0] + 1..pair[1]],
            &text[pair[1] + 1..],
        )
    };
    pairs.map(literal).collect()
}

/// Every source of the program but the table itself, up to its tests.
fn sources() -> Vec<(String, String)> {
    let mut sources = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut sources,
    );
    assert!(sources.len() > 50);
    sources
}

fn collect(folder: &Path, sources: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        let is_test = name.contains("/tests") || name.ends_with("src/finding/kind.rs");
        if path.is_dir() {
            collect(&path, sources);
        } else if name.ends_with(".rs") && !is_test {
            let text = std::fs::read_to_string(&path).unwrap();
            let program = text.split("#[cfg(test)]\nmod tests").next();
            sources.push((name, program.unwrap_or_default().to_owned()));
        }
    }
}
