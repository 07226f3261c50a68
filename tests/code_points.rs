//! Code points that drafts leave open: what the program takes them for, and what the user says.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::path::PathBuf;
use support::bmp;
use support::program::{Input, Run, ask, run};
use tempfile::TempDir;

/// Two messages of type 200, and one each of 251, 252, 253 and 254, in a stream; a per-peer header
/// is what every RPKI message may have.
fn stream() -> Vec<u8> {
    let mut stream = bmp::initiation(&[(2, "edge1")]);
    let peer = bmp::PeerHeader::new("192.0.2.7", 64500);
    for message_type in [200, 251, 252, 200, 253, 254] {
        stream.extend(bmp::message(message_type, &peer.encode()));
    }
    stream.extend(bmp::termination(0));
    stream
}

fn input() -> Input {
    Input::Pipe(stream())
}

/// A file of code points, in a folder that goes with it.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codes.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// Counts of the RPKI messages: config, validation, impact, and of unknown ones.
fn counts(options: &[&str]) -> [u64; 4] {
    let options = [&["--json"], options].concat();
    let answer = ask("summary", &options, &input()).answered().json();
    let session = &answer["sessions"][0]["messages"];
    assert_eq!(session, &answer["totals"]["messages"]);
    assert_eq!(session["total"], 8);
    ["rpki_config", "rpki_validation", "rpki_impact", "unknown"]
        .map(|key| session[key].as_u64().unwrap())
}

fn types(options: &[&str]) -> Vec<String> {
    let lines = ask("messages", options, &input()).answered().lines();
    let word = |line: &Value| line["type"].as_str().unwrap().to_owned();
    lines.iter().map(word).collect()
}

#[test]
fn without_settings_the_experimental_types_are_those_of_the_draft() {
    assert_eq!(counts(&[]), [1, 1, 1, 3]);
    assert_eq!(
        types(&[]),
        [
            "initiation",
            "unknown-200",
            "rpki-config",
            "rpki-validation",
            "unknown-200",
            "rpki-impact",
            "unknown-254",
            "termination",
        ]
    );
}

#[test]
fn a_setting_moves_the_count_and_the_word() {
    assert_eq!(counts(&["--code", "rpki-config=200"]), [2, 1, 1, 2]);
    assert_eq!(
        types(&["--code", "rpki-config=0xc8"])[1..4],
        ["rpki-config", "unknown-251", "rpki-validation"]
    );
    let swapped = ["--code", "rpki-config=252", "--code=rpki-validation=200"];
    assert_eq!(counts(&swapped), [1, 2, 1, 2]);
}

#[test]
fn an_option_is_stronger_than_the_file() {
    let (_folder, path) = file("[message-types]\nrpki-config = 200\nrpki-impact = 254\n");
    let path = path.to_str().unwrap();
    assert_eq!(counts(&["--code-points", path]), [2, 1, 1, 2]);
    let both = ["--code", "rpki-config=251", "--code-points", path];
    assert_eq!(counts(&both), [1, 1, 1, 3]);
}

#[test]
fn options_before_the_command_count_too() {
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("stream.bmp");
    std::fs::write(&capture, stream()).unwrap();
    let codes = |before: &str, after: &str| {
        let capture = capture.to_str().unwrap();
        let arguments = [
            "--code", before, "summary", "--json", "--code", after, capture,
        ];
        let answer = run(&arguments).answered().json();
        answer["totals"]["messages"]["rpki_config"].as_u64()
    };
    assert_eq!(codes("rpki-config=200", "hold-time=106"), Some(2));
    assert_eq!(codes("rpki-config=200", "rpki-config=9"), Some(0));
}

#[test]
fn a_stream_of_moved_types_alone_is_recognised() {
    // One source whose type is told (profile, section 3), three times.
    let source = [0x40, 1, 0, 5, 0x40, 16, 0, 1, 1];
    let stream = Input::Pipe(bmp::message(200, &source).repeat(3));
    let asked = ask("messages", &["--code", "rpki-config=200"], &stream).answered();
    let types: Vec<Value> = asked
        .lines()
        .iter()
        .map(|line| line["type"].clone())
        .collect();
    assert_eq!(types, ["rpki-config"; 3]);
    // Without a name it could be anything.
    let unknown = ask("messages", &[], &stream);
    assert_eq!(unknown.code, 2, "{unknown}");
    assert!(unknown.stderr.contains("not a capture"), "{unknown}");
}

#[test]
fn lines_for_people_have_the_words_and_no_answer_changes_its_schema() {
    let text = ask("messages", &["-f", "table"], &input()).answered();
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains(" rpki config"), "{text}");
    assert!(text.contains(" unknown-200  42 octets\n"), "{text}");
    let schema = run(&["schema", "messages"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for mut line in ask("messages", &[], &input()).answered().lines() {
        assert!(validator.is_valid(&line), "{line}");
        line["type"] = "rpki-other".into();
        assert!(!validator.is_valid(&line), "{line}");
    }
}

/// Refused before anything is read: the capture does not even exist.
#[track_caller]
fn refused(options: &[&str], expected: &str) {
    let arguments = [&["summary", "no-such-capture.pcap"], options].concat();
    let Run {
        code,
        stdout,
        stderr,
    } = run(&arguments);
    assert_eq!((code, stdout.as_slice()), (2, &b""[..]), "{stderr}");
    assert!(
        stderr.starts_with(&format!("error: {expected}\n\n")),
        "{stderr}"
    );
}

#[test]
fn what_is_wrong_with_a_file_is_told_with_its_line() {
    for (text, expected) in [
        (
            "[message-types]\nrpki-config = 300\n",
            "2: rpki-config: 300 is out of range: a message type is a number from 7 to 255",
        ),
        (
            "[message-types]\nrpki-confg = 200\n",
            "2: no code point 'rpki-confg' in [message-types], but: rpki-config, \
             rpki-validation, rpki-impact",
        ),
        (
            "[message-types]\nrpki-impact = 200\n\nrpki-config = 0xC8\n",
            "4: rpki-config and rpki-impact would share the number 200",
        ),
    ] {
        let (_folder, path) = file(text);
        let path = path.to_str().unwrap();
        refused(&["--code-points", path], &format!("{path}:{expected}"));
    }
}

#[test]
fn a_file_that_is_not_there_is_told_so() {
    let (folder, _) = file("");
    let path = folder.path().join("missing.toml");
    let path = path.to_str().unwrap();
    let expected = format!("{path}: cannot be read: No such file or directory");
    refused(&["--code-points", path], &expected);
}

#[test]
fn what_is_wrong_with_an_option_is_told_with_the_option() {
    let value = |text: &str| format!("invalid value '{text}' for '--code <NAME=NUMBER>': ");
    refused(
        &["--code", "rpki-config=256"],
        &format!(
            "{}rpki-config: 256 is out of range: a message type is a number from 7 to 255",
            value("rpki-config=256")
        ),
    );
    refused(
        &["--code", "rpki-config"],
        &format!(
            "{}expected NAME=NUMBER or NAME=ENTERPRISE/NUMBER",
            value("rpki-config")
        ),
    );
    refused(
        &["--code", "rpki-config=252"],
        "--code rpki-config=252: rpki-config and rpki-validation would share the number 252",
    );
    let unknown = run(&["summary", "a", "--code", "rpki-confg=200"]);
    assert_eq!(unknown.code, 2);
    let expected = "no code point 'rpki-confg', but:\n  [initiation] optional-parameters-supported";
    assert!(unknown.stderr.contains(expected), "{}", unknown.stderr);
    assert!(
        unknown.stderr.contains("rpki-filtered\n"),
        "{}",
        unknown.stderr
    );
}
