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
use support::parameters::{
    DEFAULTS, ENABLED, Form, SUPPORTED, Version, initiation, optional, parameter_tlv,
};
use support::places;
use support::program::{Input, ask, run, run_with_stdin};
use support::speaker;

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
    for command in [
        "summary",
        "peers",
        "capabilities",
        "defaults",
        "rpki config",
        "rpki validation",
        "rpki impact",
        "rpki stats",
        "auth",
        "stats",
        "check",
    ] {
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

/// No capture has them yet: draft-zhuang-grow-monitoring-bgp-parameters-02 has no numbers.
#[test]
fn what_a_router_reports_is_as_the_schemas_say() {
    let supported = [(2, vec![]), (64, vec![0, 120, 0, 1, 1, 0]), (200, vec![7])];
    for version in [Version::Three, Version::Four] {
        let tlvs = [
            parameter_tlv(version, SUPPORTED, &optional(&supported, 1, Form::Extended)),
            parameter_tlv(version, ENABLED, &[1, 1, 7, 2, 9]),
            parameter_tlv(version, DEFAULTS, &[9, 4, 0, 0, 0, 180, 99, 1, 5]),
        ];
        let message = initiation(version, "r1", &tlvs);
        let stream = [message.clone(), message].concat();
        let lines = run_with_stdin(&["messages", "-"], &stream)
            .answered()
            .lines();
        assert_eq!(lines.len(), 2);
        for line in &lines {
            hold(&validator("messages"), line, "messages");
        }
        let answer = run_with_stdin(&["capabilities", "--json", "-"], &stream);
        hold(
            &validator("capabilities"),
            &answer.answered().json(),
            "capabilities",
        );
    }
}

#[test]
fn defaults_with_all_that_they_can_have_are_as_their_schema_says() {
    let open = speaker::open(64500, 180, &[(2, &[])]);
    let other = speaker::open(64501, 9, &[]);
    let frr = speaker::Speaker::new("192.0.2.2", "frr1", "FRRouting 10.7.0");
    let nobody = speaker::Speaker::new("192.0.2.1", "a", "").reports(&[(5, 255), (99, 7)]);
    let capture = speaker::capture(&[nobody, frr.peer("198.51.100.1", &open, &other)]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("saved.json");
    std::fs::write(
        &file,
        "{\"schema\":\"bmpscope/defaults/1\",\"routers\":[{\"router\":{\"sys_name\":\"a\"},\"defaults\":{}}]}",
    )
    .unwrap();
    let against = file.to_str().unwrap();
    let options = [
        "--json",
        "--baseline",
        "vendors",
        "--sources",
        "--fail-on-mismatch",
        "--against",
        against,
    ];
    let answer = ask("defaults", &options, &Input::Pipe(capture));
    assert_eq!(answer.code, 1, "{answer}");
    let answer = answer.json();
    for list in [
        "/mismatches",
        "/sources",
        "/against/changes",
        "/against/added",
    ] {
        let list = answer.pointer(list).and_then(Value::as_array);
        assert!(list.is_some_and(|list| !list.is_empty()), "{answer}");
    }
    hold(&validator("defaults"), &answer, "defaults");
}

#[test]
fn the_schema_refuses_what_is_not_an_answer() {
    for report in [
        "summary",
        "peers",
        "capabilities",
        "defaults",
        "rpki-config",
        "rpki-validation",
        "rpki-impact",
        "rpki-stats",
        "auth",
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
