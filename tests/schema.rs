//! Every answer about every capture of `testdata` against the schema that the program prints.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use jsonschema::Validator;
use serde_json::Value;
use support::places;
use support::program::{Input, ask, run};

#[test]
fn every_line_of_messages_is_as_its_schema_says() {
    let validator = validator("messages");
    let mut lines = 0;
    let mut captures = places::testdata_captures();
    captures.extend(
        places::shared_captures()
            .map(|shared| places::captures_below(&shared))
            .unwrap_or_default(),
    );
    for capture in captures {
        let name = capture.display();
        // A capture that cannot be read has no lines.
        let messages = ask("messages", &["-q"], &Input::file(&capture));
        for (index, line) in messages.lines().iter().enumerate() {
            hold(&validator, line, &format!("{name}, line {}", index + 1));
            has_what_every_line_has(line, &format!("{name}, line {}", index + 1));
            lines += 1;
        }
    }
    assert!(lines > 10_000, "only {lines} lines");
}

#[test]
fn every_report_is_as_its_schema_says() {
    for command in ["summary", "peers", "rpki validation", "stats", "check"] {
        let report = command.replace(' ', "-");
        let report = report.as_str();
        let validator = validator(report);
        for capture in places::testdata_captures() {
            let words: Vec<&str> = command.split(' ').collect();
            let options = [&words[1..], &["--json"]].concat();
            let answer = ask(words[0], &options, &Input::file(&capture)).answered();
            let document = answer.json();
            hold(
                &validator,
                &document,
                &format!("{report} {}", capture.display()),
            );
            let schema = document.get("schema").and_then(Value::as_str);
            assert_eq!(schema, Some(format!("bmpscope/{report}/1").as_str()));
        }
    }
}

#[test]
fn the_schema_refuses_what_is_not_an_answer() {
    for report in [
        "summary",
        "peers",
        "rpki-validation",
        "stats",
        "check",
        "messages",
    ] {
        let validator = validator(report);
        for wrong in [Value::Null, Value::from(1), serde_json::json!({})] {
            assert!(!validator.is_valid(&wrong), "{report} takes {wrong}");
        }
    }
}

/// `type`, `file`, `packet`, `time` and `session` are on every line, gaps included, so that one
/// jq expression works on all of them.
#[track_caller]
fn has_what_every_line_has(line: &Value, place: &str) {
    for key in ["type", "file", "packet", "time", "session"] {
        assert!(line.get(key).is_some(), "{place}: no {key}: {line}");
    }
}

fn validator(report: &str) -> Validator {
    let schema = run(&["schema", report]).answered().json();
    match jsonschema::validator_for(&schema) {
        Ok(validator) => validator,
        Err(error) => panic!("the schema of {report} is none: {error}"),
    }
}

#[track_caller]
fn hold(validator: &Validator, instance: &Value, place: &str) {
    let error = validator.iter_errors(instance).next();
    if let Some(error) = error {
        let at = error.instance_path().to_string();
        panic!("{place}: at {at}: {error}");
    }
}
