//! Runs of `auth`, captures made from those of testdata, and what to ask of the answers.
#![allow(
    dead_code,
    reason = "each test crate compiles the whole of it and uses a part"
)]

use super::support::capture_file::{self, Fraction, Order, Record};
use super::support::places;
use super::support::program::{Run, binary, finished};
use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};

pub(crate) const DIRECTIONS: [&str; 2] = ["router_to_station", "station_to_router"];

pub(crate) fn auth(options: &[&str], file: &Path) -> Run {
    let mut command = Command::new(binary());
    command.env("BMPSCOPE_TEST_KEY", "bmp-station-key-one");
    command.args(["auth", "--json"]).args(options).arg(file);
    finished(&mut command)
}

pub(crate) fn keys() -> String {
    places::testdata_file("tcp-ao/keys.toml")
        .display()
        .to_string()
}

/// The one session of a capture, verified with the keys of testdata.
pub(crate) fn verified(file: &Path) -> Value {
    let answer = auth(&["--keys", &keys()], file).answered().json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{answer}");
    sessions[0].clone()
}

/// Verified, failed and not verifiable segments of a direction.
pub(crate) fn verdicts(session: &Value, direction: &str) -> [u64; 3] {
    ["verified", "failed", "not_verifiable"].map(|key| session[direction][key].as_u64().unwrap())
}

pub(crate) fn kinds(session: &Value) -> Vec<&str> {
    let violations = session["violations"].as_array().unwrap().iter();
    violations
        .map(|row| row["kind"].as_str().unwrap())
        .collect()
}

pub(crate) fn violation<'a>(session: &'a Value, kind: &str) -> &'a Value {
    let violations = session["violations"].as_array().unwrap();
    let found = violations.iter().find(|row| row["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {session:#}"))
}

/// A folder with one file in it.
pub(crate) struct Made {
    _folder: tempfile::TempDir,
    /// The file.
    pub(crate) path: PathBuf,
}

pub(crate) fn made(name: &str, bytes: &[u8]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Made {
        _folder: folder,
        path,
    }
}

pub(crate) fn capture(records: &[Record]) -> Made {
    let file = capture_file::pcap(records, Order::Little, Fraction::Micro);
    made("made.pcap", &file)
}

pub(crate) fn records(name: &str) -> Vec<Record> {
    let file = std::fs::read(places::testdata_file(name)).unwrap();
    capture_file::read(&file)
}
