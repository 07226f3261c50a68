//! What the program says to those who ask for help, ask wrongly, or do not listen to the end.

// A helper of tests may say what it expects, as the tests do.
#![allow(clippy::unwrap_used)]

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How a run came out: exit code, stdout, stderr.
type Run = (i32, String, String);

fn bmpscope(arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("bmpscope").unwrap();
    let output = command
        .args(arguments)
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
    let code = output.status.code().unwrap();
    (code, text(output.stdout), text(output.stderr))
}

/// A usage error: code 2, nothing on stdout, and this text on stderr.
#[track_caller]
fn refused(arguments: &[&str], expected: &str) {
    let (code, stdout, stderr) = bmpscope(arguments);
    assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
    assert_eq!(stderr, expected);
}

/// A bare BMP stream of two messages.
const STREAM: &[u8] = &[
    3, 0, 0, 0, 20, 4, // Version, Message Length, Message Type: Initiation
    0, 1, 0, 1, b'x', // Information: sysDescr
    0, 2, 0, 5, b'e', b'd', b'g', b'e', b'1', // Information: sysName
    3, 0, 0, 0, 12, 5, // Version, Message Length, Message Type: Termination
    0, 1, 0, 2, 0, 0, // Information: reason 0, administratively closed
];

fn capture() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stream.bmp");
    fs::write(&path, STREAM).unwrap();
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn help_goes_to_stdout_and_lists_the_commands() {
    let (code, stdout, stderr) = bmpscope(&["--help"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    for command in [
        "summary",
        "peers",
        "capabilities",
        "rpki",
        "stats",
        "check",
        "messages",
        "schema",
        "completions",
    ] {
        assert!(stdout.contains(&format!("\n  {command} ")), "{stdout}");
    }
    assert!(stdout.starts_with("Answers questions about captures"));
    assert!(!stdout.contains("--window") && !stdout.contains("\n  man "));
}

#[test]
fn the_help_of_each_command_has_examples_and_fits_eighty_columns() {
    for command in [
        "summary",
        "peers",
        "capabilities",
        "stats",
        "check",
        "messages",
        "schema",
        "completions",
    ] {
        let (code, long, _) = bmpscope(&[command, "--help"]);
        assert_eq!(code, 0);
        assert_eq!(bmpscope(&[command, "-h"]).1, long);
        assert!(long.contains("Examples:\n  # "), "{long}");
        assert!(
            long.lines().all(|line| line.chars().count() <= 80),
            "{long}"
        );
    }
}

#[test]
fn a_command_of_a_group_takes_its_options_wherever_they_stand() {
    let (code, stdout, _) = bmpscope(&["rpki", "validation", "--help"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("--vrps <FILE>"), "{stdout}");
    let (code, stdout, stderr) = bmpscope(&["rpki"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("Usage: bmpscope rpki <COMMAND>"),
        "{stderr}"
    );
    refused(
        &["rpki", "validaton"],
        "\
error: unrecognized subcommand 'validaton'

  tip: a similar subcommand exists: 'validation'

Usage: bmpscope rpki <COMMAND> [OPTIONS] <FILE>...

For more information, try '--help'.
",
    );
}

#[test]
fn the_version_is_the_crates() {
    let expected = format!("bmpscope {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(bmpscope(&["--version"]).1, expected);
    assert_eq!(bmpscope(&["-V"]).1, expected);
}

#[test]
fn without_a_command_there_is_help_and_a_usage_error() {
    let (code, stdout, stderr) = bmpscope(&[]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("Usage: bmpscope <COMMAND> [OPTIONS] <FILE>..."));
}

#[test]
fn no_file_is_a_usage_error_with_a_tip() {
    refused(
        &["summary"],
        "\
error: the following required arguments were not provided:
  <FILE>...

  tip: name at least one capture, or - for standard input

Usage: bmpscope summary <FILE>...

For more information, try '--help'.
",
    );
}

#[test]
fn a_misspelt_command_gets_the_right_one() {
    refused(
        &["sumary", "a.pcap"],
        "\
error: unrecognized subcommand 'sumary'

  tip: a similar subcommand exists: 'summary'

Usage: bmpscope <COMMAND> [OPTIONS] <FILE>...

For more information, try '--help'.
",
    );
}

#[test]
fn a_file_in_the_place_of_a_command_of_a_group_gets_one_of_it() {
    let (_folder, path) = capture();
    let path = text(&path);
    let (code, _, stderr) = bmpscope(&["rpki", path]);
    let expected = format!("tip: a command comes first: 'bmpscope rpki config {path}'");
    assert!(code == 2 && stderr.contains(&expected), "{stderr}");
}

#[test]
fn a_file_in_the_place_of_a_command_gets_one() {
    let (_folder, path) = capture();
    let path = text(&path);
    let expected = format!(
        "\
error: unrecognized subcommand '{path}'

  tip: a command comes first: 'bmpscope summary {path}'

Usage: bmpscope <COMMAND> [OPTIONS] <FILE>...

For more information, try '--help'.
"
    );
    refused(&[path], &expected);
}

#[test]
fn bad_values_are_named_with_what_would_be_good() {
    let refused = |option: &[&str], expected: &str| {
        let arguments = [&["summary", "a.pcap"], option].concat();
        let expected = format!("error: {expected}\n\nFor more information, try '--help'.\n");
        refused(&arguments, &expected);
    };
    refused(
        &["--port", "0"],
        "invalid value '0' for '--port <PORT>': 0 is not in 1..=65535",
    );
    refused(
        &["--peer", "edge"],
        "invalid value 'edge' for '--peer <ADDR|ASN>': 'edge' is neither an address nor an AS \
         number (64500, AS64500 or 1.10)",
    );
    refused(
        &["--since", "noon"],
        "invalid value 'noon' for '--since <TIME>': 'noon' is neither RFC 3339 \
         (2026-01-31T12:00:00Z) nor seconds since 1970",
    );
    refused(
        &["-f", "xml"],
        "invalid value 'xml' for '--format <FORMAT>'\n  \
         [possible values: table, json, ndjson, csv]",
    );
    refused(
        &["--window", "1.5M"],
        "invalid value '1.5M' for '--window <SIZE>': '1.5M' is not a size \
         (65536, 64K, 64KiB, 64MiB, 1G)",
    );
    refused(
        &["--threads", "0"],
        "invalid value '0' for '--threads <N>': 0 is not in 1..=1024",
    );
}

#[test]
fn options_about_the_table_go_with_no_other_format() {
    for (option, form) in [("--diff", "json"), ("--diff", "csv"), ("--by=peer", "csv")] {
        let name = option.split('=').next().unwrap_or_default();
        let expected =
            format!("error: {name} is about the table: it goes with --format table only\n");
        let (code, _, stderr) = bmpscope(&["capabilities", "a.pcap", option, "-f", form]);
        assert_eq!(code, 2);
        assert!(stderr.starts_with(&expected), "{stderr}");
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let (code, _, stderr) = bmpscope(&["summary", "a.pcap", "-q", "-v"]);
    assert_eq!(code, 2);
    let expected = "error: the argument '--quiet' cannot be used with '--verbose'\n";
    assert!(stderr.starts_with(expected), "{stderr}");
    let (code, _, stderr) = bmpscope(&["summary", "a", "--since", "20", "--until", "10"]);
    assert_eq!(code, 2);
    let expected = "error: --until 1970-01-01T00:00:10Z lies before --since 1970-01-01T00:00:20Z\n";
    assert!(stderr.starts_with(expected), "{stderr}");
}

#[test]
fn colours_of_usage_errors_obey_the_option() {
    let escapes = |arguments: &[&str]| bmpscope(arguments).2.contains('\u{1b}');
    assert!(escapes(&["--color", "always", "sumary"]));
    assert!(!escapes(&["--color=never", "sumary"]));
    assert!(!escapes(&["sumary"]));
}

#[test]
fn every_report_has_a_schema() {
    for name in [
        "summary",
        "peers",
        "capabilities",
        "rpki-validation",
        "rpki-stats",
        "stats",
        "check",
        "messages",
    ] {
        let (code, stdout, stderr) = bmpscope(&["schema", name]);
        assert_eq!((code, stderr.as_str()), (0, ""));
        let schema: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!(schema["title"], format!("bmpscope/{name}/1"));
        assert!(jsonschema::validator_for(&schema).is_ok());
    }
}

#[test]
fn an_unknown_schema_gets_the_names_of_those_there_are() {
    refused(
        &["schema", "colours"],
        "\
error: invalid value 'colours' for '<REPORT>'
  [possible values: summary, peers, capabilities, defaults, rpki-config, rpki-validation, rpki-impact, rpki-stats, auth, stats, check, messages]

For more information, try '--help'.
",
    );
}

#[test]
fn shells_get_their_completions() {
    for (shell, sign) in [
        ("bash", "complete -F _bmpscope"),
        ("zsh", "#compdef bmpscope"),
        ("fish", "complete -c bmpscope"),
    ] {
        let (code, stdout, stderr) = bmpscope(&["completions", shell]);
        assert_eq!((code, stderr.as_str()), (0, ""));
        assert!(stdout.contains(sign), "{shell}");
        assert!(
            stdout.contains("summary") && stdout.contains("until"),
            "{shell}"
        );
    }
}

#[test]
fn an_answer_can_go_to_a_file() {
    let (folder, path) = capture();
    let output = folder.path().join("answer.json");
    let run = bmpscope(&["summary", "--json", "-o", text(&output), text(&path)]);
    assert_eq!((run.0, run.1.as_str()), (0, ""), "{}", run.2);
    let written = fs::read_to_string(&output).unwrap();
    assert_eq!(bmpscope(&["summary", "--json", text(&path)]).1, written);
    let answer: serde_json::Value = serde_json::from_str(&written).unwrap();
    assert_eq!(answer["schema"], "bmpscope/summary/1");
    // Nothing is left of the making.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_anything_is_read() {
    let (folder, path) = capture();
    let missing = folder.path().join("missing").join("answer.json");
    let expected = format!(
        "bmpscope: error: {}: cannot be written: No such file or directory\n",
        text(&missing)
    );
    refused(&["summary", "-o", text(&missing), text(&path)], &expected);
    let (code, _, stderr) = bmpscope(&["summary", "-o", &format!("{}/x", text(&path)), "-"]);
    assert_eq!(code, 2);
    assert!(
        stderr.ends_with("x: cannot be written: Not a directory\n"),
        "{stderr}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let (_folder, path) = capture();
    let (code, _, stderr) = bmpscope(&["summary", "-o", "/dev/full", text(&path)]);
    assert_eq!(code, 2);
    assert_eq!(
        stderr,
        "bmpscope: error: /dev/full: cannot be written: No space left on device\n"
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let (_folder, path) = capture();
    let path = text(&path);
    for arguments in [
        &["completions", "bash"][..],
        &["schema", "summary"],
        &["summary", "--json", path],
        &["summary", path],
        &["messages", path],
        &["messages", "-f", "json", path],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("bmpscope"));
        let output = command.args(arguments).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "",
            "{arguments:?}"
        );
    }
}
