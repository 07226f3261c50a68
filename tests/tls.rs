//! `--tls-keylog`: sessions inside TLS are read as if they were not encrypted. The lab's captures carry
//! streams that are known octet for octet; OpenSSL spoke the rarer ways of TLS.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::capture_file::{self, Fraction, Order, Record};
use support::program::{self, Run};
use support::{places, walker};

fn file(name: &str) -> PathBuf {
    places::testdata_file(&format!("tls/{name}"))
}

/// Asks with key logs of testdata.
fn ask(command: &[&str], logs: &[&str], capture: &Path) -> Run {
    let mut arguments: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
    for log in logs {
        arguments.push("--tls-keylog".to_owned());
        arguments.push(file(log).display().to_string());
    }
    arguments.push(capture.display().to_string());
    program::run(&arguments)
}

const LAB: [&str; 2] = ["tls13.keylog", "tls12.keylog"];
const OPENSSL: [&str; 1] = ["openssl.keylog"];

/// The octets of every message, by the listening port and the session's number.
fn octets(capture: &Path, logs: &[&str], more: &[&str]) -> BTreeMap<(u64, u64), Vec<u8>> {
    let summary = ask(&["summary", "--json"], logs, capture).answered().json();
    let port = |id: u64| {
        let sessions = summary["sessions"].as_array().unwrap().iter();
        let mut found = sessions.filter(|session| session["id"] == id);
        let session = found.next().unwrap();
        let ports = ["station", "router"].map(|end| session[end]["port"].as_u64().unwrap());
        *ports.iter().min().unwrap()
    };
    let command = [&["messages", "--hex"], more].concat();
    let mut all: BTreeMap<(u64, u64), Vec<u8>> = BTreeMap::new();
    for line in ask(&command, logs, capture).answered().lines() {
        let Some(text) = line["message_hex"].as_str() else {
            continue;
        };
        let id = line["session"].as_u64().unwrap();
        all.entry((port(id), id)).or_default().extend(of_hex(text));
    }
    all
}

fn stream(name: &str) -> Option<Vec<u8>> {
    let copy = places::testdata().join(name);
    match copy.is_file() {
        true => Some(std::fs::read(copy).unwrap()),
        false => {
            let streams = places::shared_captures()?.join("lab/streams");
            Some(std::fs::read(streams.join(name)).unwrap())
        }
    }
}

/// The whole messages of a stream's beginning.
fn whole(stream: &[u8], messages: usize) -> Vec<u8> {
    let all = walker::messages(stream);
    all[..messages].concat()
}

#[test]
fn the_labs_sessions_are_the_streams_that_they_carry_octet_for_octet() {
    let all = octets(&file("tls.pcap"), &LAB, &[]);
    let expected = [
        (11030, 1, "base-frr107.bmp", 1285),
        (11030, 2, "base-bird219.bmp", 1672),
        (11030, 3, "base-gobgp.bmp", 840),
        (11031, 4, "base-gobgp.bmp", 143),
    ];
    assert_eq!(all.len(), expected.len());
    for (port, id, name, messages) in expected {
        if let Some(stream) = stream(name) {
            assert!(all[&(port, id)] == whole(&stream, messages), "{name}");
        }
    }
}

#[test]
fn messages_are_told_with_the_packets_that_complete_them() {
    let lines = ask(&["messages"], &LAB, &file("tls.pcap"))
        .answered()
        .lines();
    let gobgp = places::testdata_file("base-gobgp.bmp");
    let bare = program::run(&["messages", gobgp.to_str().unwrap()])
        .answered()
        .lines();
    let mut last = 0;
    let inside: Vec<&Value> = lines.iter().filter(|line| line["session"] == 3).collect();
    assert_eq!(inside.len(), bare.len());
    for (inside, bare) in inside.into_iter().zip(&bare) {
        for key in ["type", "length", "peer", "update"] {
            assert_eq!(inside[key], bare[key]);
        }
        let packet = inside["packet"].as_u64().unwrap();
        assert!(packet >= last && packet > 0);
        last = packet;
    }
}

#[test]
fn answers_do_not_depend_on_threads_windows_and_the_order_of_key_logs() {
    let one = ask(&["messages", "--threads", "1"], &LAB, &file("tls.pcap")).answered();
    let small = ["messages", "--threads", "2", "--window", "4096"];
    let logs = ["tls12.keylog", "openssl.keylog", "tls13.keylog"];
    let other = ask(&small, &logs, &file("tls.pcap")).answered();
    assert!(one.stdout == other.stdout);
    // Decrypting changes nothing about what is not encrypted.
    let capture = places::testdata_file("frr-gobgp-small.pcap");
    let plain = ask(&["messages"], &[], &capture).answered();
    let with = ask(&["messages"], &LAB, &capture).answered();
    assert!(plain.stdout == with.stdout);
}

#[test]
fn what_openssl_speaks_is_read() {
    let all = octets(&file("openssl.pcap"), &OPENSSL, &[]);
    let stream = stream("base-gobgp.bmp").unwrap();
    let thirty = [
        11101, // a HelloRetryRequest, KeyUpdates of both sides
        11102, // padding, short records
        11103, // the router is the TLS server; it updates its keys
        11105, // a resumed session, with early data that is accepted
        11106, // the same, with early data that is not
        11107, // TLS 1.2 with ChaCha20-Poly1305, renegotiated
        11109, // TLS 1.2 with AES-128-GCM, resumed
        11113, // TLS 1.2 with AES-256-GCM, renegotiated
    ];
    for port in thirty {
        let (_, octets) = all.iter().find(|(key, _)| key.0 == port).unwrap();
        assert!(*octets == whole(&stream, 30), "{port}");
    }
    let answer = ask(&["auth", "--json"], &OPENSSL, &file("openssl.pcap"));
    let other = answer.answered().json()["other"].clone();
    let told: Vec<_> = other
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["station"]["port"].as_u64().unwrap(),
                row["tls"]["decryption"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (11110, "suite-not-read"),
        (11111, "suite-not-read"),
        (11112, "version-not-read"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn early_data_is_told() {
    let check = ask(&["check", "--json"], &OPENSSL, &file("openssl.pcap"));
    let findings = check.json()["findings"].clone();
    let early: Vec<&Value> = findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] == "tls-early-data")
        .collect();
    assert_eq!(early.len(), 1);
    // The one that the server refused: its client sent everything again.
    let message = early[0]["message"].as_str().unwrap();
    assert!(message.contains("did not accept"), "{message}");
    assert_eq!(early[0]["severity"], "note");
}

#[test]
fn early_data_that_the_server_accepts_is_read_though_the_clients_last_flight_is_lost() {
    let bytes = std::fs::read(file("openssl.pcap")).unwrap();
    let port =
        |record: &Record, at: usize| u16::from_be_bytes([record.bytes[at], record.bytes[at + 1]]);
    let is_of = |record: &Record| [34, 36].iter().any(|at| port(record, *at) == 11105);
    let all = capture_file::read(&bytes).into_iter();
    let mut records: Vec<Record> = all.filter(is_of).collect();
    // 100 octets: EndOfEarlyData and Finished.
    let flight = records.remove(6);
    assert_eq!(payload(&flight).len(), 100);
    let made = capture(&records);
    let stream = stream("base-gobgp.bmp").unwrap();
    let read = octets(&made.path, &OPENSSL, &[]);
    let (_, octets) = read.iter().next().unwrap();
    assert!(*octets == whole(&stream, 30));
    let check = ask(&["check", "--json"], &OPENSSL, &made.path).json();
    let mut kinds = check["findings"].as_array().unwrap().iter();
    assert!(!kinds.any(|row| row["kind"] == "tls-early-data"));
}

#[test]
fn auth_lists_what_is_decrypted_and_what_is_not() {
    let run = ask(
        &["auth", "--json", "--require", "tls", "--port", "11030"],
        &["tls13.keylog"],
        &file("tls.pcap"),
    );
    let answer = run.answered().json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    for session in sessions {
        assert_eq!(
            (&session["protection"], &session["meets"]),
            (&"tls".into(), &true.into())
        );
        assert_eq!(session["tls"]["server_name"], "bmp-station.example");
    }
    let told = |index: usize, key: &str| sessions[index]["tls"][key].clone();
    assert_eq!(sessions[0]["carries"], "bmp");
    assert_eq!(told(0, "cipher_suite_name"), "TLS_AES_256_GCM_SHA384");
    assert_eq!(
        (told(0, "decryption"), told(0, "not_decrypted_because")),
        ("decrypted".into(), Value::Null)
    );
    assert_eq!(
        (sessions[2]["id"].clone(), &sessions[2]["carries"]),
        (Value::Null, &"tls".into())
    );
    assert_eq!(told(2, "decryption"), "no-secret");
    assert_eq!(
        told(2, "not_decrypted_because"),
        "no secret for this client random in the key logs, or for one direction alone"
    );
    // Without a key log nothing is said of decrypting.
    let answer = ask(&["auth", "--json"], &[], &file("tls.pcap"))
        .answered()
        .json();
    assert_eq!(answer["other"][0]["tls"]["decryption"], Value::Null);
}

#[test]
fn summary_shows_tls_as_the_protection() {
    let answer = ask(&["summary", "--json"], &LAB, &file("tls.pcap"))
        .answered()
        .json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 4);
    assert!(
        sessions
            .iter()
            .all(|session| session["protection"] == "tls")
    );
    // Three streams are whole; the fourth was cut before it was sent.
    let missing: Vec<_> = sessions
        .iter()
        .map(|session| &session["gaps"]["count"])
        .collect();
    assert_eq!(missing, [0, 0, 0, 1]);
}

#[test]
fn a_key_log_of_other_sessions_is_told_and_nothing_is_read() {
    let run = ask(&["summary", "--json"], &OPENSSL, &file("tls.pcap")).answered();
    assert_eq!(run.json()["sessions"].as_array().unwrap().len(), 0);
    let told =
        "none of 4 TLS connections could be decrypted with the secrets of 15 sessions: 4 no-secret";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    let check = ask(&["check", "--json"], &OPENSSL, &file("tls.pcap")).json();
    let finding = &check["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["count"]),
        (&"tls-not-decrypted".into(), &4.into())
    );
    let run = ask(
        &["summary", "--json"],
        &OPENSSL,
        &places::testdata_file("quirk-vlan.pcap"),
    );
    assert!(
        run.stderr
            .contains("there is no TLS that the key logs could be for"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_file_that_is_no_key_log_is_told_without_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.keylog");
    std::fs::write(&path, "# comment\nCLIENT_RANDOM secretive hunter2\n").unwrap();
    let capture = file("tls.pcap");
    let arguments = [
        "summary",
        "--tls-keylog",
        path.to_str().unwrap(),
        capture.to_str().unwrap(),
    ];
    let run = program::run(&arguments).answered();
    let told = format!("{}:2: this is no line of a key log", path.display());
    assert!(run.stderr.contains(&told), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2") && !run.stderr.contains("secretive"));
    let missing = [
        "summary",
        "--tls-keylog",
        "no-such.keylog",
        capture.to_str().unwrap(),
    ];
    let run = program::run(&missing);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("no-such.keylog: cannot be read: No such file"),
        "{}",
        run.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_key_log_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lab.keylog");
    std::fs::copy(file("tls13.keylog"), &path).unwrap();
    let told = |mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let capture = file("tls.pcap");
        let arguments = [
            "summary",
            "--tls-keylog",
            path.to_str().unwrap(),
            capture.to_str().unwrap(),
        ];
        program::run(&arguments)
            .answered()
            .stderr
            .contains("others can read this file of keys")
    };
    assert_eq!([0o600, 0o640, 0o604].map(told), [false, true, true]);
}

#[test]
fn no_secret_is_in_any_output() {
    let log = std::fs::read_to_string(file("tls13.keylog")).unwrap();
    let secrets: Vec<&str> = log
        .lines()
        .filter_map(|line| line.split(' ').nth(2))
        .collect();
    assert!(secrets.len() > 10);
    for command in [
        &["auth", "--json", "-v"][..],
        &["check", "--json", "-v"],
        &["summary", "-v"],
    ] {
        let run = ask(command, &["tls13.keylog"], &file("tls.pcap"));
        let shown = format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
        assert!(
            secrets
                .iter()
                .all(|secret| secret.len() < 60 || !shown.contains(&secret[..16]))
        );
    }
}

// ---- lost segments

struct Made {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn capture(records: &[Record]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.pcap");
    let octets = capture_file::pcap(records, Order::Little, Fraction::Micro);
    std::fs::write(&path, octets).unwrap();
    Made {
        _folder: folder,
        path,
    }
}

/// Octets of TCP payload behind Ethernet, IPv4 or IPv6 and TCP.
fn payload(record: &Record) -> &[u8] {
    let ip = match record.bytes[12..14] {
        [0x08, 0x00] => 14 + usize::from(record.bytes[14] & 15) * 4,
        _ => 54,
    };
    let end = match record.bytes[12..14] {
        [0x08, 0x00] => 14 + usize::from(u16::from_be_bytes([record.bytes[16], record.bytes[17]])),
        _ => record.bytes.len(),
    };
    &record.bytes[ip + usize::from(record.bytes[ip + 12] >> 4) * 4..end]
}

/// Messages and gaps of a session follow each other in the stream without overlap: each gap is as long
/// as what is missing. How many messages there are, and their octets.
fn check_lossy(capture: &Path, id: u64, stream: &[u8]) -> (usize, usize) {
    let lines = ask(&["messages", "--hex"], &LAB, capture)
        .answered()
        .lines();
    let (mut at, mut found, mut read) = (0, 0, 0);
    for line in lines.iter().filter(|line| line["session"] == id) {
        if line["type"] == "gap" {
            assert_eq!(line["stream_offset"].as_u64().unwrap() as usize, at);
            at += line["length"].as_u64().unwrap() as usize;
            continue;
        }
        let octets = of_hex(line["message_hex"].as_str().unwrap());
        assert!(stream[at..].starts_with(&octets), "message {found} at {at}");
        (at, found, read) = (at + octets.len(), found + 1, read + octets.len());
    }
    assert!(
        at <= stream.len(),
        "{at} of {}: {}",
        stream.len(),
        lines.last().unwrap()
    );
    (found, read)
}

/// Sessions by their ports, and the streams that they carry.
const WHOLE: [(u16, &str); 3] = [
    (35434, "base-frr107.bmp"),
    (40228, "base-bird219.bmp"),
    (35450, "base-gobgp.bmp"),
];

/// The port of the router in a packet, and whether the router sent it.
fn router_port(record: &Record) -> (u16, bool) {
    let tcp = match record.bytes[12..14] {
        [0x08, 0x00] => 34,
        _ => 54,
    };
    let port = |at: usize| u16::from_be_bytes([record.bytes[at], record.bytes[at + 1]]);
    match port(tcp + 2) {
        11030 | 11031 => (port(tcp), true),
        other => (other, false),
    }
}

#[test]
fn after_a_lost_segment_everything_that_can_be_read_is_read() {
    let all = capture_file::read(&std::fs::read(file("tls.pcap")).unwrap());
    let mut lost = 0;
    for (index, record) in all.iter().enumerate() {
        let (port, is_router) = router_port(record);
        let Some((_, name)) = WHOLE.iter().find(|row| row.0 == port) else {
            continue;
        };
        let Some(stream) = stream(name) else { continue };
        // Every sixth segment with data; all of the handshakes.
        let number = all[..index]
            .iter()
            .filter(|other| router_port(other) == (port, is_router))
            .count();
        if payload(record).is_empty() || (number > 4 && number % 6 > 0) {
            continue;
        }
        // The session alone, without it.
        let others = all.iter().enumerate().filter(|(other, _)| *other != index);
        let own = others.filter(|(_, other)| router_port(other).0 == port);
        let records: Vec<Record> = own.map(|(_, record)| record.clone()).collect();
        let made = capture(&records);
        let summary = ask(&["summary", "--json"], &LAB, &made.path)
            .answered()
            .json();
        let sessions = summary["sessions"].as_array().unwrap();
        let session = sessions
            .iter()
            .find(|session| session["router"]["port"] == port);
        // The keys of TLS 1.2 depend on its ServerHello.
        let Some(session) = session else {
            assert!(
                !is_router && number < 3 && port == 35450,
                "{port}, segment {number}"
            );
            continue;
        };
        let (found, read) = check_lossy(&made.path, session["id"].as_u64().unwrap(), &stream);
        assert_eq!(session["messages"]["total"], found as u64);
        // What the station sends holds no BMP; of the router at most the records at both ends of the
        // segment are lost with it, and the messages at their ends.
        let most = match is_router {
            true => payload(record).len() + 2 * 16_384 + 2_000,
            false => 0,
        };
        let missing = stream.len() - read;
        assert!(
            missing <= most,
            "{port}, segment {number}: {missing} > {most}"
        );
        lost += missing;
    }
    assert!(lost > 0);
}

/// The segments of one session of the lab, by its router's port.
fn own(port: u16) -> Vec<Record> {
    let all = capture_file::read(&std::fs::read(file("tls.pcap")).unwrap());
    let is_own = |record: &Record| router_port(record).0 == port;
    all.into_iter().filter(is_own).collect()
}

#[test]
fn a_lost_tcp_handshake_hides_no_hello() {
    let all = own(35450);
    // The SYN-ACK; the SYN; both.
    for lost in [&[1][..], &[0], &[0, 1]] {
        let kept = all.iter().enumerate();
        let kept = kept.filter(|(index, _)| !lost.contains(index));
        let made = capture(&kept.map(|(_, record)| record.clone()).collect::<Vec<_>>());
        let summary = ask(&["summary", "--json"], &LAB, &made.path).answered();
        let session = &summary.json()["sessions"][0];
        assert_eq!(session["messages"]["total"], 840, "without {lost:?}");
        assert_eq!(session["gaps"]["count"], 0);
    }
}

#[test]
fn tls_1_3_without_the_tcp_handshake_and_the_clients_hello_is_read() {
    let all = own(35434);
    // The SYN, the SYN-ACK, its acknowledgment and the ClientHello.
    let made = capture(&all[4..]);
    let run = ask(&["auth", "--json"], &LAB, &made.path).answered();
    let session = &run.json()["sessions"][0];
    assert_eq!(session["tls"]["decryption"], "decrypted");
    assert_eq!(session["router"]["port"], 35434);
    let summary = ask(&["summary", "--json"], &LAB, &made.path).answered();
    assert_eq!(summary.json()["sessions"][0]["messages"]["total"], 1285);
    // Nor the server's first flight: no hello at all.
    let made = capture(&all[6..]);
    let run = ask(&["auth", "--json"], &LAB, &made.path).answered();
    let other = run.json()["other"][0]["tls"].clone();
    assert_eq!(other["decryption"], "no-handshake");
}

#[test]
fn what_the_snaplen_leaves_nothing_of_is_not_called_decrypted() {
    let cut = own(35434).into_iter().map(|record| {
        let captured = record.bytes.len().min(300);
        Record {
            original_length: record.bytes.len() as u32,
            bytes: record.bytes[..captured].to_vec(),
            ..record
        }
    });
    let made = capture(&cut.collect::<Vec<_>>());
    let run = ask(&["auth", "--json"], &LAB, &made.path).answered();
    let tls = run.json()["other"][0]["tls"].clone();
    assert_eq!(tls["decryption"], "snaplen");
    let told = "the capture's snaplen cut its records: no application data could be read";
    assert_eq!(tls["not_decrypted_because"], told);
}

#[test]
fn where_no_application_data_was_captured_nothing_is_called_decrypted() {
    let all = own(35434);
    // Nothing of the router but its handshake, and its FIN, which tells what is missing.
    let is_left = |(index, record): &(usize, &Record)| {
        let (_, is_router) = router_port(record);
        !is_router || *index < 9 || payload(record).is_empty()
    };
    let kept = all.iter().enumerate().filter(is_left);
    let made = capture(&kept.map(|(_, record)| record.clone()).collect::<Vec<_>>());
    let run = ask(&["auth", "--json"], &LAB, &made.path).answered();
    let tls = run.json()["other"][0]["tls"].clone();
    assert_eq!(tls["decryption"], "data-missing");
    let told = "segments were not captured: no application data could be read";
    assert_eq!(tls["not_decrypted_because"], told);
}

#[test]
fn a_capture_that_begins_within_a_hello_retry_is_read() {
    let all = capture_file::read(&std::fs::read(file("openssl.pcap")).unwrap());
    let has_port = |record: &Record| {
        let port = |at: usize| u16::from_be_bytes([record.bytes[at], record.bytes[at + 1]]);
        [port(34), port(36)].contains(&11101)
    };
    let all: Vec<Record> = all.into_iter().filter(has_port).collect();
    // At the HelloRetryRequest, at the second ClientHello, at the ServerHello.
    for first in [4, 5, 6] {
        let made = capture(&all[first..]);
        let summary = ask(&["summary", "--json"], &OPENSSL, &made.path).answered();
        let session = &summary.json()["sessions"][0];
        assert_eq!(session["messages"]["total"], 30, "from {first}");
        assert_eq!(session["gaps"]["count"], 0, "from {first}");
    }
}

#[test]
fn of_what_was_decrypted_and_is_no_bmp_is_told_what_it_is() {
    let log = ["bgp.keylog"];
    let run = ask(&["auth", "--json"], &log, &file("bgp.pcap")).answered();
    let told = "1 TCP connection to port 11030 (TLS, decrypted: BGP in it)";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(run.json()["other"][0]["carries"], "bgp");
    // The handshake, and nothing behind it.
    let made = capture(&own(35434)[..9]);
    let run = ask(&["auth", "--json"], &LAB, &made.path).answered();
    let told = "1 TCP connection to port 11030 (TLS, decrypted: no data in it)";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert_eq!(run.json()["other"][0]["carries"], "tls");
    let run = ask(&["summary"], &[], &made.path).answered();
    let told = "1 TCP connection to port 11030 (TLS)\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

fn of_hex(text: &str) -> Vec<u8> {
    let digits = (0..text.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
