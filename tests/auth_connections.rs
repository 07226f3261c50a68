//! `auth`: what part of a capture is asked for, handshakes that nobody answers, and RSTs that end nothing.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

#[path = "auth/harness.rs"]
mod harness;
mod support;

use harness::{Made, auth, capture, keys, kinds, records, verdicts, violation};
use serde_json::Value;
use std::path::Path;
use support::capture_file::Record;
use support::tcp::{Conversation, Segment};
use support::{places, program, sample};

const ACK: u8 = 0x10;
const RST: u8 = 0x04;
const FIN: u8 = 0x01;

fn router_and_station() -> Conversation {
    Conversation::new("192.0.2.1:40000", "192.0.2.2:1790")
}

/// The answer's sessions.
fn sessions(options: &[&str], file: &Path) -> Vec<Value> {
    let answer = auth(options, file).answered().json();
    answer["sessions"].as_array().unwrap().clone()
}

fn bare(from_client: bool, sequence: u32, acknowledgment: u32, flags: u8) -> Segment {
    Segment {
        from_client,
        sequence,
        acknowledgment,
        flags,
        payload: Vec::new(),
    }
}

// The capture begins at 13:09:37.237 and ends at 13:09:37.704.
#[test]
fn since_and_until_count_the_segments_in_between_and_the_handshake_still_verifies_them() {
    let file = places::testdata_file("tcp-ao-sha1.pcap");
    let whole = &sessions(&["--keys", &keys()], &file)[0];
    let middle = "2026-11-20T13:09:37.300Z";
    let mut sums = [0; 2];
    for option in ["--since", "--until"] {
        let session = &sessions(&["--keys", &keys(), option, middle], &file)[0];
        assert_eq!(session["handshake"], "complete", "{option}");
        for (sum, direction) in sums.iter_mut().zip(harness::DIRECTIONS) {
            let [verified, failed, unknown] = verdicts(session, direction);
            assert_eq!((failed, unknown), (0, 0), "{option}");
            assert_eq!(session[direction]["segments"], verified, "{option}");
            assert!(verified > 0, "{option}");
            *sum += verified;
        }
        let key = if option == "--since" {
            "first_time"
        } else {
            "last_time"
        };
        let is_inside = match option {
            "--since" => session[key].as_str() > Some("2026-11-20T13:09:37.300"),
            _ => session[key].as_str() < Some("2026-11-20T13:09:37.301"),
        };
        assert!(is_inside, "{option}: {}", session[key]);
        let silence = session["liveness"]["silent_at_end"].as_f64().unwrap();
        assert!(silence < 0.01, "{option}: {silence}");
    }
    for (sum, direction) in sums.into_iter().zip(harness::DIRECTIONS) {
        assert_eq!(whole[direction]["segments"], sum);
    }
    assert!(sessions(&["--since", "2030-01-01T00:00:00Z"], &file).is_empty());
}

/// A session in clear, and a connection of its router that nobody answers.
fn session_and_attempt() -> Made {
    let stream = sample::stream();
    let first = router_and_station();
    let mut records = first.records(&first.whole(&stream));
    let second = Conversation {
        start: first.start + 60_000_000_000,
        ..Conversation::new("192.0.2.1:40001", "192.0.2.2:1790")
    };
    records.extend(second.records(&second.handshake()[..1]));
    capture(&records)
}

#[test]
fn filters_hold_for_connections_that_cannot_be_read_too() {
    let made = session_and_attempt();
    let count = |options: &[&str]| sessions(options, &made.path).len();
    assert_eq!(count(&[]), 2);
    let name = sessions(&[], &made.path)[0]["router"]["sys_name"].clone();
    // Their router is the one that has this name in its session.
    assert_eq!(count(&["--router", name.as_str().unwrap()]), 2);
    assert_eq!(count(&["--router", "192.0.2.1"]), 2);
    assert_eq!(count(&["--router", "192.0.2.9"]), 0);
    assert_eq!(count(&["--peer", "203.0.113.99"]), 0);
    assert_eq!(count(&["--until", "2023-11-14T22:13:50Z"]), 1);
    assert_eq!(count(&["--since", "2023-11-14T22:13:50Z"]), 1);
}

#[test]
fn a_session_lingers_too_where_the_station_answers_the_new_syn_with_an_ack_of_the_old_one() {
    let stream = sample::stream();
    let first = router_and_station();
    let mut records = first.records(&[first.handshake(), first.data(&stream)].concat());
    // The router has restarted and takes the same port (RFC 9293 3.10.7.4, RFC 5961 4).
    let syn = bare(true, 5, 0, 0x02);
    let end = first.client_isn.wrapping_add(1 + stream.len() as u32);
    let challenge = bare(false, first.server_isn + 1, end, ACK);
    let again = Conversation {
        start: first.start + 200_000_000_000,
        ..first.clone()
    };
    let attempts = vec![[syn, challenge]; 4].concat();
    records.extend(again.records(&attempts));
    let rows = sessions(&[], &capture(&records).path);
    let lingering = violation(&rows[0], "lingering-session");
    let message = lingering["message"].as_str().unwrap();
    let expected = "a connection of the same router that is not answered began while";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(lingering["reference"], "draft-ietf-grow-bmp-tcp-ao 4");
}

/// A SYN that is sent three times.
fn repeated(syn: &Record) -> Made {
    let again = |second: u64| Record {
        time: syn.time + second * 1_000_000_000,
        ..syn.clone()
    };
    capture(&[again(0), again(1), again(3)])
}

/// The advice on a handshake that is not answered, and the text that its violation names.
fn unanswered(syn: &Record, options: &[&str]) -> (String, String) {
    let rows = sessions(options, &repeated(syn).path);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["handshake"], "unanswered");
    assert_eq!(kinds(&rows[0]), ["unanswered-syn"]);
    let advice = rows[0]["advice"].as_array().unwrap();
    assert_eq!(advice.len(), 1, "{advice:?}");
    let row = violation(&rows[0], "unanswered-syn");
    assert_eq!(row["count"], 3);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&advice[0]), text(&row["reference"]))
}

#[test]
fn what_to_do_about_a_handshake_without_an_answer_depends_on_its_signature() {
    let (advice, reference) = unanswered(&records("tcp-ao-sha1.pcap")[0], &[]);
    assert!(
        advice.starts_with("compare key, KeyIDs, algorithm and addresses"),
        "{advice}"
    );
    assert!(advice.contains("RFC 6978"), "{advice}");
    assert_eq!(reference, "RFC 5925 7.5");

    let (advice, reference) = unanswered(&records("tcp-md5.pcap")[0], &[]);
    assert!(
        advice.starts_with("compare password and addresses"),
        "{advice}"
    );
    assert!(
        advice.contains("RFC 2385 2.0") && !advice.contains("KeyID"),
        "{advice}"
    );
    assert_eq!(reference, "RFC 2385 2.0");

    let conversation = router_and_station();
    let syn = &conversation.records(&conversation.handshake())[0];
    let (advice, reference) = unanswered(syn, &["--port", "1790"]);
    assert!(
        advice.starts_with("not protected, and no IPsec seen"),
        "{advice}"
    );
    assert_eq!(reference, "RFC 9293 3.5");
}

/// How `summary` and `auth` say that the session of a capture ended; they agree.
fn end(made: &Made) -> String {
    let path = made.path.display().to_string();
    let summary = program::run(&["summary", "--json", &path])
        .answered()
        .json();
    let row = &sessions(&[], &made.path)[0];
    let close = &summary["sessions"][0]["close"];
    assert_eq!(close, &row["liveness"]["close"]);
    assert_eq!(summary["sessions"][0]["protection"], row["protection"]);
    close.as_str().unwrap().to_owned()
}

/// A session with segments in its middle; the router's next octet is the second argument.
fn with_middle(middle: impl FnOnce(&Conversation, u32) -> Vec<Segment>, is_closed: bool) -> Made {
    let stream = sample::stream();
    let conversation = Conversation {
        segment_size: 100,
        ..router_and_station()
    };
    let data = conversation.data(&stream);
    let (before, behind) = data.split_at(data.len() / 2);
    let inserted = middle(&conversation, behind[0].sequence);
    let mut segments = [conversation.handshake(), before.to_vec(), inserted].concat();
    segments.extend(behind.to_vec());
    if is_closed {
        segments.extend(conversation.close(stream.len()));
    }
    capture(&conversation.records(&segments))
}

#[test]
fn a_reset_after_which_both_ends_go_on_ends_nothing() {
    let forged = |conversation: &Conversation, next: u32| {
        let station = conversation.server_isn + 1;
        vec![
            bare(false, station, next, RST | ACK),
            bare(true, next, station, ACK),
            bare(false, station, next, ACK),
        ]
    };
    assert_eq!(end(&with_middle(forged, true)), "fin");
    assert_eq!(end(&with_middle(forged, false)), "open");
}

#[test]
fn what_was_on_the_way_when_the_other_end_reset_does_not_open_the_connection_again() {
    let real = |conversation: &Conversation, next: u32| {
        let station = conversation.server_isn + 1;
        vec![bare(false, station, next, RST | ACK)]
    };
    assert_eq!(end(&with_middle(real, false)), "rst");
}

#[test]
fn an_unsigned_reset_of_a_signed_connection_ends_it_for_nobody() {
    let mut records = records("tcp-ao-sha1.pcap");
    // The router's, which has lost its keys: only the station goes on.
    let is_ack = |record: &Record| record.bytes[26..30] == [10, 9, 0, 2];
    let at = (60..).find(|at| is_ack(&records[*at])).unwrap();
    let acknowledged: [u8; 4] = records[at].bytes[42..46].try_into().unwrap();
    let conversation = Conversation::new("10.9.0.1:36635", "10.9.0.2:1790");
    let reset = bare(true, u32::from_be_bytes(acknowledged), 0, RST);
    let bytes = conversation.frame(&reset);
    let reset = Record {
        original_length: bytes.len() as u32,
        bytes,
        ..records[at].clone()
    };
    records.truncate(at + 1);
    records.insert(at, reset);
    let made = capture(&records);
    assert_eq!(end(&made), "open");
    let row = &sessions(&[], &made.path)[0];
    assert_eq!(violation(row, "unsigned-rst")["not_accepted"], 1);
    assert_eq!(row["protection"], "tcp-ao");
}

/// A segment of the session in tcp-ao-sha1.pcap, so many nanoseconds after another one.
fn later(record: &Record, after: u64, nanoseconds: u64) -> Record {
    Record {
        time: after + nanoseconds,
        ..record.clone()
    }
}

/// The station of a signed session has lost its keys: what the router sends again and again it answers with
/// RSTs without a signature. The router opens another session meanwhile.
fn station_without_keys(ends_with_reset: bool) -> Made {
    const SECOND: u64 = 1_000_000_000;
    let whole = records("tcp-ao-sha1.pcap");
    let is_routers = |record: &Record| record.bytes[26..30] == [10, 9, 0, 1];
    let (before, _) = whole.split_at(60);
    let sent = before
        .iter()
        .rfind(|record| is_routers(record) && record.bytes.len() > 200);
    let sent = sent.unwrap();
    let acknowledgment: [u8; 4] = sent.bytes[42..46].try_into().unwrap();
    let conversation = Conversation::new("10.9.0.1:36635", "10.9.0.2:1790");
    let reset = bare(false, u32::from_be_bytes(acknowledgment), 0, RST);
    let reset = conversation.records(&[reset]).remove(0);
    let end = before.last().unwrap().time;
    let again = (1..=6).flat_map(|at| {
        let sent = later(sent, end, at * 2 * SECOND);
        let reset = later(&reset, sent.time, SECOND / 100);
        [sent, reset]
    });
    let second = whole.iter().map(|record| {
        let mut record = later(record, record.time, 7 * SECOND);
        let port = if is_routers(&record) { 34 } else { 36 };
        record.bytes[port..port + 2].copy_from_slice(&40_002u16.to_be_bytes());
        record
    });
    let mut made: Vec<Record> = [before.to_vec(), again.collect(), second.collect()].concat();
    made.sort_by_key(|record| record.time);
    if !ends_with_reset {
        made.pop();
    }
    capture(&made)
}

// draft-ietf-grow-bmp-tcp-ao 4: "TCP-AO may inhibit connectionless resets when session keys have been lost or
// changed. This may cause BMP sessions to linger in some circumstances".
#[test]
fn a_session_lingers_whose_station_resets_it_in_vain() {
    for ends_with_reset in [true, false] {
        let made = station_without_keys(ends_with_reset);
        assert_eq!(end(&made), "open");
        let row = &sessions(&[], &made.path)[0];
        let lingering = violation(row, "lingering-session");
        assert_eq!(lingering["by"], "station");
        let message = lingering["message"].as_str().unwrap();
        assert!(
            message.contains("which the router does not believe"),
            "{message}"
        );
        assert!(row["liveness"]["closed_by"].is_null());
    }
}

#[test]
fn a_signed_syn_that_a_reset_answers_is_a_handshake_that_fails() {
    let syn = records("tcp-ao-sha1.pcap").remove(0);
    let sequence: [u8; 4] = syn.bytes[38..42].try_into().unwrap();
    let next = u32::from_be_bytes(sequence).wrapping_add(1);
    let conversation = Conversation::new("10.9.0.1:36635", "10.9.0.2:1790");
    let reset = conversation
        .records(&[bare(false, 0, next, RST | ACK)])
        .remove(0);
    let reset = later(&reset, syn.time, 1_000_000);
    let rows = sessions(&[], &capture(&[syn, reset]).path);
    assert_eq!(rows[0]["handshake"], "refused");
    let refused = violation(&rows[0], "refused-syn");
    assert_eq!(
        (&refused["by"], &refused["count"]),
        (&"router".into(), &1.into())
    );
    let message = refused["message"].as_str().unwrap();
    let expected =
        "the router's SYN was answered with a RST without a signature: the station has no key";
    assert!(message.starts_with(expected), "{message}");
    let advice = rows[0]["advice"].as_array().unwrap();
    assert_eq!(advice.len(), 1);
    let advice = advice[0].as_str().unwrap();
    assert!(advice.starts_with("compare key, KeyIDs"), "{advice}");
}

#[test]
fn a_reset_that_answers_a_fin_is_the_end_and_its_sender_made_it() {
    let stream = sample::stream();
    let conversation = router_and_station();
    let end = conversation.client_isn + 1 + stream.len() as u32;
    let station = conversation.server_isn + 1;
    let last = vec![
        bare(true, end, station, FIN | ACK),
        bare(false, station, end + 1, RST | ACK),
    ];
    let segments = [conversation.handshake(), conversation.data(&stream), last].concat();
    let made = capture(&conversation.records(&segments));
    let liveness = &sessions(&[], &made.path)[0]["liveness"];
    assert_eq!(liveness["close"], "rst");
    assert_eq!(liveness["closed_by"], "station");
    assert_eq!(
        liveness["closed_time"],
        sessions(&[], &made.path)[0]["last_time"]
    );
}

#[test]
fn until_before_its_end_a_session_is_open() {
    let stream = sample::stream();
    let conversation = router_and_station();
    let mut records = conversation.records(&conversation.whole(&stream));
    let behind = records.len() - 3;
    for record in &mut records[behind..] {
        record.time += 600_000_000_000;
    }
    let made = capture(&records);
    let liveness = |options: &[&str]| sessions(options, &made.path)[0]["liveness"].clone();
    let cut = liveness(&["--until", "2023-11-14T22:14:00Z"]);
    assert_eq!(
        (&cut["close"], &cut["closed_by"]),
        (&"open".into(), &Value::Null)
    );
    let whole = liveness(&[]);
    assert_eq!(
        (&whole["close"], &whole["closed_by"]),
        (&"fin".into(), &"router".into())
    );
    // It had ended before.
    let late = liveness(&["--since", "2023-11-14T22:14:00Z"]);
    assert_eq!(late["close"], "fin");
}

#[test]
fn a_capture_that_begins_with_keepalives_counts_them() {
    let conversation = router_and_station();
    let (router, station) = (conversation.client_isn + 1, conversation.server_isn + 1);
    let probe = bare(false, station - 1, router, ACK);
    let answer = bare(true, router, station, ACK);
    let begin = [&probe, &answer, &probe, &probe, &answer].map(Clone::clone);
    let segments = [begin.to_vec(), conversation.data(&sample::stream())].concat();
    let row = &sessions(&[], &capture(&conversation.records(&segments)).path)[0];
    assert_eq!(row["liveness"]["station"]["probes"], 3);
    // The acknowledgment that comes with data answers the third.
    assert_eq!(row["liveness"]["station"]["answered"], 3);
    assert_eq!(row["liveness"]["router"]["probes"], 0);
}
