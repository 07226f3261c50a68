//! `auth`: protection, verification and what should not be, on real TCP-AO and TCP-MD5 traffic of a Linux
//! kernel, whose counts were made by another implementation, and on what becomes of it when segments
//! are lost, cut, changed or forged.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

#[path = "auth/harness.rs"]
mod harness;
mod support;

use assert_cmd::Command;
use harness::{
    DIRECTIONS, auth, capture, keys, kinds, made, records, verdicts, verified, violation,
};
use serde_json::Value;
use support::capture_file::Record;
use support::places;
use support::program::{binary, finished};

/// File, protection, algorithm, options covered, and the segments that verify: those of
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
        // RFC 6978 is about TCP-AO.
        let nat = if *name == "tcp-md5.pcap" {
            "RFC 2385 2.0)"
        } else {
            "RFC 6978"
        };
        assert!(session["advice"].to_string().contains(nat), "{name}");
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
    for run in session["router_to_station"]["key_id_runs"]
        .as_array()
        .unwrap()
    {
        assert_eq!(run["mac_length"], 12);
        assert_eq!(run["algorithm"], "hmac-sha-1-96");
    }
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

/// Ethernet and IPv4 take 34 octets, the TCP header up to its control bits 14. Linux puts TCP-AO first:
/// its kind is octet 55, its KeyIDs are octets 57 and 58.
#[test]
fn a_snapshot_length_within_the_tcp_header_hides_no_session() {
    let whole = records("tcp-ao-sha1.pcap");
    for snaplen in (48..=102).chain([110, 150]) {
        let mut cut = whole.clone();
        cut.iter_mut()
            .for_each(|record| record.bytes.truncate(snaplen));
        let file = capture(&cut);
        let session = verified(&file.path);
        let is_whole = |record: &&Record| record.bytes.len() <= snaplen;
        let is_known = snaplen >= 55;
        let protection = if is_known { "tcp-ao" } else { "unknown" };
        assert_eq!(session["protection"], protection, "{snaplen}");
        assert_eq!(session["handshake"], "complete", "{snaplen}");
        assert_eq!(kinds(&session), [""; 0], "{snaplen}");
        let verified = whole.iter().filter(is_whole).count() as u64;
        let counts = DIRECTIONS.map(|direction| verdicts(&session, direction));
        let sum = |at: usize| counts.iter().map(|direction| direction[at]).sum::<u64>();
        assert_eq!([sum(0), sum(1), sum(2)], [verified, 0, 170 - verified]);
        for (direction, segments) in DIRECTIONS.into_iter().zip([99, 71]) {
            let row = &session[direction];
            let [signed, unseen] = if is_known {
                [segments, 0]
            } else {
                [0, segments]
            };
            assert_eq!(row["signed"], signed, "{snaplen}");
            assert_eq!(row["options_not_captured"], unseen, "{snaplen}");
            assert_eq!(
                (&row["unsigned"], &row["segments"]),
                (&0.into(), &segments.into())
            );
            let unknown = verdicts(&session, direction)[2];
            assert_eq!(row["reasons"]["snaplen"].as_u64().unwrap_or(0), unknown);
            let mac_length = if snaplen < 58 { Value::Null } else { 12.into() };
            assert_eq!(row["mac_length"], mac_length, "{snaplen}");
        }
        // What was not captured proves nothing.
        let run = auth(&["--port", "1790", "--require", "tcp-ao"], &file.path);
        assert_eq!(run.code, if is_known { 0 } else { 1 }, "{snaplen}");
    }
}

/// Where TCP-AO stands in the segments of Linux: behind Ethernet, IPv4 and the fixed TCP header.
const OPTION: usize = 54;

/// The capture of TCP-AO with its option changed in some segments.
fn changed(is_meant: fn(usize) -> bool, option: &[u8]) -> harness::Made {
    let mut all = records("tcp-ao-sha1.pcap");
    for (at, record) in all.iter_mut().enumerate().filter(|(at, _)| is_meant(*at)) {
        assert_eq!(record.bytes[OPTION], 29, "record {at}");
        record.bytes[OPTION..OPTION + option.len()].copy_from_slice(option);
    }
    capture(&all)
}

#[test]
fn what_no_receiver_can_authenticate_meets_no_requirement() {
    let bare = [29, 4, 84, 61, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    let several = [29, 4, 84, 61, 29, 12];
    let cases: [(&str, &[u8]); 4] = [
        ("tcp-ao-without-mac", &bare),
        ("several-ao-options", &several),
        ("malformed-option", &[29, 2]),
        ("malformed-option", &[29, 1]),
    ];
    for (kind, option) in cases {
        let run = auth(&["--require", "any"], &changed(|_| true, option).path);
        assert_eq!(run.code, 1, "{kind}: {run}");
        let session = &run.json()["sessions"][0];
        assert_eq!(session["meets"], false, "{kind}");
        assert_eq!(violation(session, kind)["count"], 99);
        assert_eq!(session["router_to_station"]["unsigned"], 0, "{kind}");
    }
}

#[test]
fn tcp_md5_among_tcp_ao_is_told_with_its_place() {
    let digest = [[19, 18].as_slice(), &[7; 16]].concat();
    let file = changed(|at| at == 9, &digest);
    let answer = auth(&[], &file.path).answered().json();
    let session = &answer["sessions"][0];
    assert_eq!(session["protection"], "mixed");
    let told = violation(session, "mixed-signatures");
    assert_eq!(
        (&told["count"], &told["first"]["packet"]),
        (&1.into(), &10.into())
    );
    let expected = "1 segment with TCP-MD5 in a connection that has TCP-AO";
    assert_eq!(told["message"], expected);
}

#[test]
fn key_ids_that_are_exchanged_in_the_key_file_are_told() {
    let file = places::testdata_file("tcp-ao-sha1.pcap");
    for (ids, kinds_expected) in [([84, 61], 0), ([61, 84], 2)] {
        let text = format!(
            "[[key]]\nalgorithm = \"hmac-sha-1-96\"\nsecret_env = \"BMPSCOPE_TEST_KEY\"\n\
             router_key_id = {}\nstation_key_id = {}\n",
            ids[0], ids[1]
        );
        let keys = made("keys.toml", text.as_bytes());
        let path = keys.path.display().to_string();
        let answer = auth(&["--keys", &path], &file).answered().json();
        let session = &answer["sessions"][0];
        assert_eq!(kinds(session), vec!["key-ids-exchanged"; kinds_expected]);
        assert_eq!(verdicts(session, "router_to_station"), [99, 0, 0]);
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
