//! `auth`: protection, verification and what should not be, on real TCP-AO and TCP-MD5 traffic of a Linux
//! kernel, whose counts were made by another implementation, and on what becomes of it when segments
//! are lost, cut, changed or forged.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::path::{Path, PathBuf};
use support::capture_file::{self, Fraction, Order, Record};
use support::places;
use support::program::{Run, binary, finished};
use support::tcp::{Conversation, Segment};

/// File, station port, protection, algorithm, options covered, and the segments that verify: those of
/// the router, those of the station.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    Option<bool>,
    u64,
    u64,
);

const CAPTURES: &[Row] = &[
    (
        "tcp-ao-sha1.pcap",
        "tcp-ao",
        "hmac-sha-1-96",
        Some(true),
        99,
        71,
    ),
    (
        "tcp-ao/cmac.pcap",
        "tcp-ao",
        "aes-128-cmac-96",
        Some(true),
        89,
        61,
    ),
    (
        "tcp-ao/omitted.pcap",
        "tcp-ao",
        "hmac-sha-1-96",
        Some(false),
        99,
        71,
    ),
    (
        "tcp-ao/roll.pcap",
        "tcp-ao",
        "hmac-sha-1-96",
        Some(true),
        99,
        71,
    ),
    (
        "tcp-ao/v6.pcap",
        "tcp-ao",
        "hmac-sha-1-96",
        Some(true),
        89,
        60,
    ),
    ("tcp-md5.pcap", "tcp-md5", "tcp-md5", None, 89, 61),
];

const DIRECTIONS: [&str; 2] = ["router_to_station", "station_to_router"];

fn auth(options: &[&str], file: &Path) -> Run {
    let mut command = Command::new(binary());
    command.env("BMPSCOPE_TEST_KEY", "bmp-station-key-one");
    command.args(["auth", "--json"]).args(options).arg(file);
    finished(&mut command)
}

fn keys() -> String {
    places::testdata_file("tcp-ao/keys.toml")
        .display()
        .to_string()
}

/// The one session of a capture, verified with the keys of testdata.
fn verified(file: &Path) -> Value {
    let answer = auth(&["--keys", &keys()], file).answered().json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{answer}");
    sessions[0].clone()
}

/// Verified, failed and not verifiable segments of a direction.
fn verdicts(session: &Value, direction: &str) -> [u64; 3] {
    ["verified", "failed", "not_verifiable"].map(|key| session[direction][key].as_u64().unwrap())
}

fn kinds(session: &Value) -> Vec<&str> {
    let violations = session["violations"].as_array().unwrap().iter();
    violations
        .map(|row| row["kind"].as_str().unwrap())
        .collect()
}

fn violation<'a>(session: &'a Value, kind: &str) -> &'a Value {
    let violations = session["violations"].as_array().unwrap();
    let found = violations.iter().find(|row| row["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}: {session:#}"))
}

/// A folder with one file in it.
struct Made {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn made(name: &str, bytes: &[u8]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    Made {
        _folder: folder,
        path,
    }
}

fn capture(records: &[Record]) -> Made {
    let file = capture_file::pcap(records, Order::Little, Fraction::Micro);
    made("made.pcap", &file)
}

fn records(name: &str) -> Vec<Record> {
    let file = std::fs::read(places::testdata_file(name)).unwrap();
    capture_file::read(&file)
}

#[test]
fn every_signed_segment_verifies_with_its_key() {
    for (name, protection, algorithm, options, router, station) in CAPTURES {
        let session = verified(&places::testdata_file(name));
        assert_eq!(session["protection"], *protection, "{name}");
        for (direction, count) in DIRECTIONS.into_iter().zip([router, station]) {
            assert_eq!(verdicts(&session, direction), [*count, 0, 0], "{name}");
            let row = &session[direction];
            assert_eq!(row["signed"], row["segments"], "{name}");
            assert_eq!(row["algorithm"], *algorithm, "{name}");
            assert_eq!(row["options_covered"], Value::from(*options), "{name}");
        }
        assert!(kinds(&session).is_empty(), "{name}: {session}");
    }
}

#[test]
fn with_a_wrong_key_every_segment_fails() {
    let text = std::fs::read_to_string(keys()).unwrap();
    // One octet of each secret.
    let text = text
        .replace("key-one", "key-onf")
        .replace("key-two", "key-twp");
    let text = text
        .replace("6f6e65", "6f6e66")
        .replace("secret_env", "secret");
    let wrong = made("wrong.toml", text.as_bytes());
    for (name, _, _, _, router, station) in CAPTURES {
        let options = ["--keys", wrong.path.to_str().unwrap()];
        let answer = auth(&options, &places::testdata_file(name))
            .answered()
            .json();
        let session = &answer["sessions"][0];
        for (direction, count) in DIRECTIONS.into_iter().zip([router, station]) {
            assert_eq!(verdicts(session, direction), [0, *count, 0], "{name}");
        }
        assert_eq!(kinds(session), ["signatures-failed"; 2], "{name}");
        assert!(answer.to_string().contains("RFC 6978"), "{name}");
    }
}

#[test]
fn without_keys_nothing_is_claimed_and_key_ids_are_told() {
    for (name, protection, _, _, router, station) in CAPTURES {
        let answer = auth(&[], &places::testdata_file(name)).answered().json();
        let session = &answer["sessions"][0];
        assert_eq!(session["protection"], *protection, "{name}");
        for (direction, count) in DIRECTIONS.into_iter().zip([router, station]) {
            assert_eq!(verdicts(session, direction), [0, 0, *count], "{name}");
            assert_eq!(session[direction]["reasons"]["no-key"], *count, "{name}");
        }
    }
}

#[test]
fn a_change_of_key_is_told_with_its_times() {
    let session = verified(&places::testdata_file("tcp-ao/roll.pcap"));
    let changes = session["rollovers"].as_array().unwrap();
    let [change] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(
        (&change["by"], &change["from"], &change["to"]),
        (&"router".into(), &84.into(), &85.into())
    );
    // The first segment with RNextKeyID 85, and the first with KeyID 85.
    assert_eq!(change["asked"]["packet"], 45);
    assert_eq!(change["asked"]["time"], "2026-11-20T13:09:46.815819Z");
    assert_eq!(change["followed"]["packet"], 46);
    assert_eq!(change["followed"]["time"], "2026-11-20T13:09:46.815962Z");
    let router = &session["router_to_station"];
    assert_eq!(router["keys"], serde_json::json!({ "one": 23, "two": 76 }));
    let runs = session["station_to_router"]["key_id_runs"]
        .as_array()
        .unwrap();
    let shown: Vec<_> = runs
        .iter()
        .map(|run| (&run["key_id"], &run["rnext_key_id"], &run["segments"]))
        .collect();
    assert_eq!(
        shown,
        [
            (&61.into(), &84.into(), &21.into()),
            (&61.into(), &85.into(), &50.into())
        ]
    );
}

#[test]
fn a_handshake_with_keys_that_do_not_match_is_explained() {
    let file = places::testdata_file("tcp-ao/unanswered.pcap");
    let session = verified(&file);
    assert_eq!(session["handshake"], "unanswered");
    assert_eq!(verdicts(&session, "router_to_station"), [6, 0, 0]);
    let unanswered = violation(&session, "unanswered-syn");
    assert_eq!(unanswered["count"], 6);
    let message = unanswered["message"].as_str().unwrap();
    assert!(
        message.contains("sent 6 times in 5.1 s and never answered"),
        "{message}"
    );
    assert!(message.contains("key \"one\""), "{message}");
    // No connection came about, so that there is nothing to require.
    assert_eq!(auth(&["--require", "tcp-ao"], &file).code, 0);
}

#[test]
fn the_syn_ack_alone_makes_everything_verifiable() {
    let mut records = records("tcp-ao-sha1.pcap");
    records.remove(0);
    let session = verified(&capture(&records).path);
    assert_eq!(session["handshake"], "syn-ack-only");
    assert_eq!(verdicts(&session, "router_to_station"), [98, 0, 0]);
    assert_eq!(verdicts(&session, "station_to_router"), [71, 0, 0]);
}

#[test]
fn without_the_handshake_nothing_fails() {
    for lost in [2, 10] {
        let records = records("tcp-ao-sha1.pcap").split_off(lost);
        let session = verified(&capture(&records).path);
        assert_eq!(session["handshake"], "not-captured");
        for direction in DIRECTIONS {
            let [verified, failed, unknown] = verdicts(&session, direction);
            assert_eq!((verified, failed), (0, 0), "{lost}");
            assert_eq!(session[direction]["reasons"]["no-handshake"], unknown);
        }
    }
    // The SYN is verifiable by itself; the SYN-ACK is lost.
    let mut records = records("tcp-ao-sha1.pcap");
    records.remove(1);
    let session = verified(&capture(&records).path);
    assert_eq!(session["handshake"], "syn-only");
    assert_eq!(verdicts(&session, "router_to_station"), [1, 0, 98]);
    assert_eq!(verdicts(&session, "station_to_router"), [0, 0, 70]);
}

#[test]
fn initial_sequence_numbers_by_hand_replace_the_handshake() {
    let all = records("tcp-ao-sha1.pcap");
    let number = |record: &Record, at: usize| {
        u32::from_be_bytes(record.bytes[34 + at..38 + at].try_into().unwrap())
    };
    let port = u16::from_be_bytes(all[0].bytes[34..36].try_into().unwrap());
    let (router, station) = (number(&all[0], 4), number(&all[1], 4));
    let known = format!(
        "{}\n[[connection]]\nrouter = \"10.9.0.1:{port}\"\nstation = \"10.9.0.2:1790\"\n\
         isn = {{ router = {router}, station = {station} }}\n",
        std::fs::read_to_string(keys()).unwrap()
    );
    let file = made("keys.toml", known.as_bytes());
    let rest = capture(&all[20..]);
    let answer = auth(&["--keys", file.path.to_str().unwrap()], &rest.path)
        .answered()
        .json();
    let session = &answer["sessions"][0];
    let counts = DIRECTIONS.map(|direction| verdicts(session, direction));
    assert!(
        counts
            .iter()
            .all(|[_, failed, unknown]| failed + unknown == 0),
        "{counts:?}"
    );
    assert_eq!(counts[0][0] + counts[1][0], all.len() as u64 - 20);
}

#[test]
fn segments_cut_by_the_snapshot_length_are_not_verifiable() {
    for name in ["tcp-ao-sha1.pcap", "tcp-md5.pcap"] {
        let mut records = records(name);
        for record in &mut records {
            record.bytes.truncate(200);
        }
        let session = verified(&capture(&records).path);
        let [verified, failed, unknown] = verdicts(&session, "router_to_station");
        assert!(verified > 0 && failed == 0 && unknown > 0, "{name}");
        assert_eq!(session["router_to_station"]["reasons"]["snaplen"], unknown);
        assert_eq!(
            verdicts(&session, "station_to_router")[1..],
            [0, 0],
            "{name}"
        );
    }
}

#[test]
fn one_changed_octet_is_one_failure_with_its_place() {
    let mut records = records("tcp-ao-sha1.pcap");
    let last = records[40].bytes.len() - 1;
    records[40].bytes[last] ^= 1;
    let session = verified(&capture(&records).path);
    let failed = violation(&session, "signatures-failed");
    assert_eq!(
        (&failed["count"], &failed["first"]["packet"]),
        (&1.into(), &41.into())
    );
    let total: u64 = DIRECTIONS
        .iter()
        .map(|direction| verdicts(&session, direction)[1])
        .sum();
    assert_eq!(total, 1);
}

/// The ends and the next sequence numbers of the connection in a capture of the lab, from a segment.
fn forger(record: &Record) -> (Conversation, Segment) {
    let (ip, tcp) = (&record.bytes[14..], &record.bytes[34..]);
    let end = |at: usize, port: usize| {
        let octets = &ip[at..at + 4];
        let port = u16::from_be_bytes(tcp[port..port + 2].try_into().unwrap());
        format!(
            "{}.{}.{}.{}:{port}",
            octets[0], octets[1], octets[2], octets[3]
        )
    };
    let conversation = Conversation::new(&end(12, 0), &end(16, 2));
    let segment = Segment {
        from_client: true,
        sequence: u32::from_be_bytes(tcp[4..8].try_into().unwrap()),
        acknowledgment: u32::from_be_bytes(tcp[8..12].try_into().unwrap()),
        flags: 0x10,
        payload: Vec::new(),
    };
    (conversation, segment)
}

/// A capture of the lab with a forged segment before one of the router's.
fn with_forged(before: usize, change: impl FnOnce(&mut Segment)) -> Made {
    let mut records = records("tcp-ao-sha1.pcap");
    let at = (before..)
        .find(|at| records[*at].bytes[30..34] == [10, 9, 0, 2] && records[*at].bytes.len() > 200);
    let at = at.unwrap();
    let (conversation, mut segment) = forger(&records[at]);
    change(&mut segment);
    let bytes = conversation.frame(&segment);
    let forged = Record {
        original_length: bytes.len() as u32,
        bytes,
        ..records[at].clone()
    };
    records.insert(at, forged);
    capture(&records)
}

#[test]
fn an_unsigned_segment_that_nobody_believed_is_told_and_the_rest_verifies() {
    // Data far ahead of what is ever acknowledged.
    let file = with_forged(30, |segment| {
        segment.sequence = segment.sequence.wrapping_add(400_000);
        segment.payload = vec![7; 100];
    });
    let session = verified(&file.path);
    let unsigned = violation(&session, "unsigned-segments");
    assert_eq!(
        (&unsigned["by"], &unsigned["count"]),
        (&"router".into(), &1.into())
    );
    assert_eq!(
        (&unsigned["accepted"], &unsigned["not_accepted"]),
        (&0.into(), &1.into())
    );
    assert_eq!(session["protection"], "tcp-ao");
    assert_eq!(verdicts(&session, "router_to_station"), [99, 0, 0]);
    assert_eq!(session["router_to_station"]["unsigned"], 1);
}

#[test]
fn an_unsigned_segment_that_was_acknowledged_was_accepted() {
    let mut records = records("tcp-ao-sha1.pcap");
    let at = (30..)
        .find(|at| records[*at].bytes[30..34] == [10, 9, 0, 2] && records[*at].bytes.len() > 200);
    let at = at.unwrap();
    // The real segment with its option made into one that nobody knows.
    let option = 34 + 20;
    assert_eq!(records[at].bytes[option], 29);
    records[at].bytes[option] = 253;
    let session = verified(&capture(&records).path);
    let unsigned = violation(&session, "unsigned-segments");
    let keys = ["count", "accepted", "not_accepted"].map(|key| unsigned[key].as_u64());
    // Signed octets behind it are acknowledged as well, and tell no difference at that time.
    assert_eq!(keys[0], Some(1));
    assert_ne!(keys[2], Some(1), "{unsigned}");
}

#[test]
fn an_unsigned_reset_is_the_one_of_the_draft() {
    let file = with_forged(30, |segment| segment.flags = 0x04);
    let session = verified(&file.path);
    let reset = violation(&session, "unsigned-rst");
    assert_eq!(
        (&reset["count"], &reset["not_accepted"]),
        (&1.into(), &1.into())
    );
    assert!(
        reset["reference"]
            .as_str()
            .unwrap()
            .contains("draft-ietf-grow-bmp-tcp-ao 4")
    );
    assert_eq!(session["protection"], "tcp-ao");
}

#[test]
fn plain_sessions_are_told_what_is_recommended_and_do_not_meet_a_requirement() {
    let file = places::testdata_file("frr-gobgp-small.pcap");
    let answer = auth(&[], &file).answered().json();
    for session in answer["sessions"].as_array().unwrap() {
        assert_eq!(session["protection"], "none");
        let advice = session["advice"][0].as_str().unwrap();
        assert!(
            advice.contains("RECOMMENDED (draft-ietf-grow-bmp-tcp-ao 3.1)"),
            "{advice}"
        );
        assert_eq!(session["liveness"]["close"], "fin");
    }
    for word in ["tcp-ao", "tls", "any"] {
        let run = auth(&["--require", word], &file);
        assert_eq!(run.code, 1, "{run}");
        assert!(
            run.stderr.contains("2 of 2 sessions do not meet --require"),
            "{run}"
        );
        assert_eq!(run.json()["met"], false);
    }
}

#[test]
fn a_requirement_is_met_by_what_it_names() {
    let code =
        |word: &str, name: &str| auth(&["--require", word], &places::testdata_file(name)).code;
    assert_eq!(code("tcp-ao", "tcp-ao-sha1.pcap"), 0);
    assert_eq!(code("any", "tcp-ao-sha1.pcap"), 0);
    assert_eq!(code("tls", "tcp-ao-sha1.pcap"), 1);
    assert_eq!(code("any", "tcp-md5.pcap"), 1);
}

#[test]
fn tls_is_named_and_is_a_session_that_cannot_be_read_on_a_port_asked_for() {
    let Some(file) = places::lab("tls.pcap") else {
        return;
    };
    let answer = auth(&[], &file).answered().json();
    assert_eq!(answer["sessions"].as_array().unwrap().len(), 0);
    assert_eq!(answer["other"].as_array().unwrap().len(), 4);
    let run = auth(&["--port", "11030", "--require", "tls"], &file).answered();
    let answer = run.json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    for session in sessions {
        assert_eq!(
            (&session["id"], &session["protection"]),
            (&Value::Null, &"tls".into())
        );
        assert_eq!(session["tls"]["server_name"], "bmp-station.example");
        assert_eq!(session["station"]["port"], 11030);
    }
    let told: Vec<_> = sessions
        .iter()
        .map(|session| (&session["tls"]["version"], &session["tls"]["server_names"]))
        .collect();
    let (three, two) = (Value::from("TLS 1.3"), Value::from("TLS 1.2"));
    let (none, name) = (
        serde_json::json!([]),
        serde_json::json!(["bmp-station.example"]),
    );
    assert_eq!(told, [(&three, &none), (&three, &none), (&two, &name)]);
}

#[test]
fn md5_over_both_families_verifies_and_refused_connections_are_explained() {
    let Some(file) = places::lab("md5.pcap") else {
        return;
    };
    let keys = made(
        "keys.toml",
        b"[[key]]\nport = 11019\nalgorithm = 'tcp-md5'\nsecret = 'bmp-s3cret'\n\
          [[key]]\nport = 11029\nalgorithm = 'tcp-md5'\nsecret = 'other-Key!'\n",
    );
    let answer = auth(&["--keys", keys.path.to_str().unwrap()], &file)
        .answered()
        .json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 4, "{answer:#}");
    for session in &sessions[..2] {
        for direction in DIRECTIONS {
            let segments = session[direction]["segments"].as_u64().unwrap();
            assert_eq!(verdicts(session, direction), [segments, 0, 0]);
        }
    }
    for session in &sessions[2..] {
        assert_eq!(session["handshake"], "unanswered");
        assert_eq!(violation(session, "unanswered-syn")["count"], 4);
    }
}

/// The 15 vectors of RFC 9235 that somebody made a capture of, through the whole program.
#[test]
fn the_vectors_of_rfc_9235_verify_as_a_capture() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let file = captures.join("public/derived/rfc9235/rfc9235-vectors.pcap");
    if !file.is_file() {
        return;
    }
    let key = |algorithm: &str| {
        format!(
            "[[key]]\nalgorithm = '{algorithm}'\nsecret = 'testvector'\nport = 179\n\
             router_key_id = 61\nstation_key_id = 84\n"
        )
    };
    let text = key("hmac-sha-1-96") + &key("aes-128-cmac-96");
    let keys = made("keys.toml", text.as_bytes());
    let answer = auth(&["--keys", keys.path.to_str().unwrap()], &file)
        .answered()
        .json();
    let rows = ["sessions", "other"]
        .into_iter()
        .flat_map(|list| answer[list].as_array().unwrap());
    let mut verified = 0;
    for row in rows {
        for direction in DIRECTIONS {
            let [good, failed, unknown] = verdicts(row, direction);
            assert_eq!((failed, unknown), (0, 0), "{row:#}");
            verified += good;
        }
    }
    assert_eq!(verified, 15);
}

#[test]
fn a_key_file_that_is_wrong_is_a_usage_error_without_the_secret() {
    let file = places::testdata_file("tcp-ao-sha1.pcap");
    let keys = made(
        "keys.toml",
        b"[[key]]\nalgorithm = 'hmac-sha-1-96'\nsecret_hex = 'hunter2'\n",
    );
    let run = auth(&["--keys", keys.path.to_str().unwrap()], &file);
    assert_eq!(run.code, 2, "{run}");
    assert!(
        run.stderr
            .contains("keys.toml:3: secret_hex: expected pairs of hex digits"),
        "{run}"
    );
    assert!(!run.stderr.contains("hunter2"), "{run}");
    let run = auth(&["--keys", "no-such-file.toml"], &file);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains("no-such-file.toml"), "{run}");
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let text = std::fs::read(keys()).unwrap();
    let keys = made("keys.toml", &text);
    let file = places::testdata_file("tcp-ao-sha1.pcap");
    for (mode, is_told) in [(0o600, false), (0o640, true), (0o604, true)] {
        std::fs::set_permissions(&keys.path, std::fs::Permissions::from_mode(mode)).unwrap();
        let run = auth(&["--keys", keys.path.to_str().unwrap()], &file).answered();
        assert_eq!(
            run.stderr.contains("others can read this file"),
            is_told,
            "{mode:o}: {run}"
        );
    }
}

#[test]
fn a_bare_stream_has_no_connection_to_look_at() {
    let answer = auth(&[], &places::testdata_file("base-gobgp.bmp"))
        .answered()
        .json();
    let session = &answer["sessions"][0];
    for key in ["protection", "router_to_station", "liveness"] {
        assert_eq!(session[key], Value::Null);
    }
}

#[test]
fn summary_shows_the_protection_of_each_session() {
    for (name, protection, ..) in CAPTURES {
        let mut command = Command::new(binary());
        command
            .args(["summary", "--json"])
            .arg(places::testdata_file(name));
        let answer = finished(&mut command).answered().json();
        assert_eq!(answer["sessions"][0]["protection"], *protection, "{name}");
    }
}
