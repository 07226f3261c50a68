//! `auth`: forged segments, requirements, traffic that cannot be read, sessions that linger.
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
use harness::{Made, auth, capture, kinds, records, verdicts, verified, violation};
use serde_json::Value;
use support::capture_file::Record;
use support::program::{binary, finished};
use support::tcp::{Conversation, Segment};
use support::{places, sample};

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

/// What was forged neither adds a message nor costs one.
fn assert_messages_are_those_without_it(file: &std::path::Path) {
    let messages =
        |file: &std::path::Path| told("summary", file)["sessions"][0]["messages"].clone();
    let clean = places::testdata_file("tcp-ao-sha1.pcap");
    assert_eq!(messages(file), messages(&clean));
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
    // Signed octets behind it are acknowledged with it, but none of them is what it carried.
    assert_eq!(keys, [Some(1), Some(1), Some(0)], "{unsigned}");
}

/// What `check` and `summary` say of a capture.
fn told(command: &str, file: &std::path::Path) -> Value {
    let mut run = assert_cmd::Command::new(support::program::binary());
    run.args([command, "--json"]).arg(file);
    support::program::finished(&mut run).answered().json()
}

#[test]
fn one_forged_syn_does_not_tear_a_session_in_two() {
    let file = with_forged(30, |segment| {
        segment.flags = 0x02;
        segment.sequence = segment.sequence.wrapping_add(0x5000_0000);
        segment.acknowledgment = 0;
    });
    let session = verified(&file.path);
    let syn = violation(&session, "unsigned-syn");
    assert_eq!(
        (&syn["count"], &syn["not_accepted"]),
        (&1.into(), &1.into())
    );
    assert!(syn["first"]["packet"].as_u64().unwrap() > 30);
    assert_eq!(
        (&session["protection"], &session["handshake"]),
        (&"tcp-ao".into(), &"complete".into())
    );
    assert_eq!(verdicts(&session, "router_to_station"), [99, 0, 0]);
    assert_eq!(verdicts(&session, "station_to_router"), [71, 0, 0]);
    let options = ["--keys", &harness::keys(), "--require", "tcp-ao"];
    assert_eq!(auth(&options, &file.path).code, 0);
    let summary = told("summary", &file.path);
    assert_eq!(summary["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(summary["sessions"][0]["protection"], "tcp-ao");
    let findings = told("check", &file.path)["findings"]
        .as_array()
        .unwrap()
        .clone();
    let ignored = findings
        .iter()
        .find(|row| row["kind"] == "syn-ignored")
        .unwrap();
    assert_eq!(ignored["count"], 1, "{ignored}");
}

#[test]
fn a_router_that_has_lost_its_keys_is_told_where_the_station_answers_for_the_old_connection() {
    let stream = sample::stream();
    let old = Conversation::new("192.0.2.1:40000", "192.0.2.2:1790");
    let mut records = old.records(&[old.handshake(), old.data(&stream)].concat());
    let again = Conversation {
        client_isn: 0x7000_0000,
        start: old.start + 60_000_000_000,
        ..old.clone()
    };
    let next = old.client_isn.wrapping_add(1 + stream.len() as u32);
    let challenge = Segment {
        from_client: false,
        sequence: old.server_isn.wrapping_add(1),
        acknowledgment: next,
        flags: 0x10,
        payload: Vec::new(),
    };
    let syn = again.handshake().remove(0);
    records.extend(again.records(&[syn.clone(), challenge.clone(), syn, challenge]));
    let answer = auth(&[], &capture(&records).path).answered().json();
    let [old, new] = answer["sessions"].as_array().unwrap().as_slice() else {
        panic!("{answer:#}")
    };
    violation(old, "lingering-session");
    let unanswered = violation(new, "unanswered-syn");
    assert_eq!(
        (&new["id"], &unanswered["count"]),
        (&Value::Null, &2.into())
    );
    let message = unanswered["message"].as_str().unwrap();
    assert!(
        message.contains("still has the connection that these ports had before"),
        "{message}"
    );
}

#[test]
fn a_forged_copy_is_neither_read_nor_does_it_change_the_protection() {
    let file = with_forged(30, |segment| segment.payload = vec![0xa5; 100]);
    let session = verified(&file.path);
    let unsigned = violation(&session, "unsigned-segments");
    let keys = ["count", "accepted", "not_accepted"].map(|key| unsigned[key].as_u64());
    assert_eq!(keys, [Some(1), Some(0), Some(1)], "{unsigned}");
    assert_eq!(session["protection"], "tcp-ao");
    assert!(
        session["advice"][0]
            .as_str()
            .unwrap()
            .starts_with("TCP-AO gives no privacy")
    );
    let options = ["--keys", &harness::keys(), "--require", "tcp-ao"];
    assert_eq!(auth(&options, &file.path).code, 0);
    assert_messages_are_those_without_it(&file.path);
}

#[test]
fn an_unsigned_acknowledgment_leaves_no_trace_and_counts() {
    let file = with_forged(30, |_| {});
    let session = verified(&file.path);
    let unsigned = violation(&session, "unsigned-segments");
    assert_eq!(
        (&unsigned["accepted"], &unsigned["not_accepted"]),
        (&0.into(), &0.into())
    );
    assert_eq!(session["protection"], "mixed");
}

#[test]
fn a_forged_fin_ends_nothing() {
    let file = with_forged(30, |segment| segment.flags = 0x11);
    let session = verified(&file.path);
    let forged = violation(&session, "unsigned-segments");
    assert_eq!(
        (&forged["count"], &forged["not_accepted"]),
        (&1.into(), &1.into())
    );
    assert_eq!(session["protection"], "tcp-ao");
    let real = verified(&places::testdata_file("tcp-ao-sha1.pcap"));
    assert_eq!(
        session["liveness"]["closed_time"],
        real["liveness"]["closed_time"]
    );
    assert_messages_are_those_without_it(&file.path);
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
    // It ended nothing.
    assert_eq!(session["liveness"]["close"], "fin");
}

/// Every packet behind an Authentication Header (RFC 4302 2): next header, length, reserved, Security
/// Parameters Index, Sequence Number, 12 octets of Integrity Check Value.
fn behind_ah(records: Vec<Record>) -> Vec<Record> {
    let header = [&[6, 4, 0, 0][..], &[0, 0, 0x10, 1, 0, 0, 0, 1], &[0; 12]].concat();
    let wrapped = |mut record: Record| {
        let length = u16::from_be_bytes([record.bytes[16], record.bytes[17]]) + 24;
        record.bytes[16..18].copy_from_slice(&length.to_be_bytes());
        record.bytes[23] = 51;
        record.bytes.splice(34..34, header.iter().copied());
        record.original_length += 24;
        record
    };
    records.into_iter().map(wrapped).collect()
}

#[test]
fn tcp_ao_behind_an_authentication_header_is_both_and_fails_no_requirement() {
    let file = capture(&behind_ah(records("tcp-ao-sha1.pcap")));
    for require in ["tcp-ao", "any"] {
        let options = ["--keys", &harness::keys(), "--require", require];
        let session = &auth(&options, &file.path).answered().json()["sessions"][0];
        assert_eq!(
            (&session["protection"], &session["meets"]),
            (&"mixed".into(), &true.into())
        );
        assert_eq!(verdicts(session, "router_to_station"), [99, 0, 0]);
        let advice = session["advice"][0].as_str().unwrap();
        assert!(advice.starts_with("TCP-AO gives no privacy"), "{advice}");
    }
    assert_eq!(auth(&["--require", "tls"], &file.path).code, 1);
}

#[test]
fn a_requirement_without_a_session_and_a_key_file_without_a_key_are_told() {
    let run = auth(&["--require", "any"], &capture(&[]).path);
    assert!(
        run.stderr
            .contains("no session was found that could meet --require"),
        "{run}"
    );
    let empty = harness::made("keys.toml", b"");
    let path = empty.path.display().to_string();
    let run = auth(
        &["--keys", &path],
        &places::testdata_file("tcp-ao-sha1.pcap"),
    )
    .answered();
    assert!(
        run.stderr.contains("no [[key]] in it: nothing is verified"),
        "{run}"
    );
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
fn a_bare_stream_has_no_connection_to_look_at() {
    let answer = auth(&[], &places::testdata_file("base-gobgp.bmp"))
        .answered()
        .json();
    let session = &answer["sessions"][0];
    for key in ["protection", "router_to_station", "liveness"] {
        assert_eq!(session[key], Value::Null);
    }
    // Nothing shows that it is protected.
    let required = auth(
        &["--require", "any"],
        &places::testdata_file("base-gobgp.bmp"),
    );
    assert_eq!(required.code, 1, "{required}");
    assert_eq!(required.json()["sessions"][0]["meets"], false);
}

/// An Ethernet frame with an IPv4 packet of a protocol.
fn packet(protocol: u8, source: [u8; 4], destination: [u8; 4], payload: &[u8]) -> Record {
    let mut bytes = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0];
    bytes.extend((20 + payload.len() as u16).to_be_bytes());
    bytes.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
    bytes.extend([source, destination].concat());
    bytes.extend(payload);
    Record {
        time: 1_700_000_000_000_000_000,
        link: 1,
        original_length: bytes.len() as u32,
        bytes,
    }
}

#[test]
fn esp_to_a_station_is_a_session_that_cannot_be_read() {
    let station = [192, 0, 2, 2];
    let conversation = Conversation::new("192.0.2.1:40000", "192.0.2.2:1790");
    let mut records = conversation.records(&conversation.whole(&sample::stream()));
    // RFC 4303 2: Security Parameters Index, Sequence Number, and what is encrypted.
    let esp = [&[0, 0, 0x10, 1, 0, 0, 0, 1][..], &[7; 40]].concat();
    records.push(packet(50, [192, 0, 2, 9], station, &esp));
    records.push(packet(50, [192, 0, 2, 9], station, &esp));
    // ISAKMP (RFC 7296 3.1) over UDP port 500.
    let ike = [
        &500u16.to_be_bytes()[..],
        &500u16.to_be_bytes(),
        &[0, 16, 0, 0],
        &[1; 8],
    ]
    .concat();
    records.push(packet(17, [192, 0, 2, 9], station, &ike));
    // NAT-keepalive (RFC 3948 2.3), and one that is cut behind the UDP header.
    let keepalive = [0x11, 0x94, 0x11, 0x94, 0, 9, 0, 0, 0xff];
    records.push(packet(17, [192, 0, 2, 9], station, &keepalive));
    let mut cut = packet(17, [192, 0, 2, 9], station, &keepalive);
    cut.bytes.truncate(42);
    records.push(cut);
    records.push(packet(50, [203, 0, 113, 1], [203, 0, 113, 2], &esp));
    let file = capture(&records);
    let answer = auth(&["--require", "any"], &file.path).json();
    let sessions = answer["sessions"].as_array().unwrap();
    let told: Vec<_> = sessions
        .iter()
        .map(|row| (&row["router"]["address"], &row["protection"], &row["meets"]))
        .collect();
    let expected = [
        (&Value::from("192.0.2.1"), &"none".into(), &false.into()),
        (&"192.0.2.9".into(), &"ipsec-esp".into(), &true.into()),
    ];
    assert_eq!(told, expected);
    let ipsec = answer["ipsec"].as_array().unwrap();
    let rows: Vec<_> = ipsec
        .iter()
        .map(|row| (&row["kind"], &row["packets"], &row["is_station"]))
        .collect();
    let expected = [
        (&Value::from("esp"), &2.into(), &true.into()),
        (&"esp".into(), &1.into(), &false.into()),
        (&"ike".into(), &1.into(), &true.into()),
        (&"nat-keepalive".into(), &1.into(), &true.into()),
        (&"ipsec-nat-t".into(), &1.into(), &true.into()),
    ];
    assert_eq!(rows, expected);
    assert_eq!(ipsec[0]["spis"][0], "0x00001001");
}

/// Two connections of one router to one station; the second begins behind the first one's packets.
fn two_sessions(is_closed: bool) -> Made {
    capture(&sessions_of([is_closed, true]).concat())
}

/// The same, each in a file of its own and left open.
fn two_sessions_apart() -> [Made; 2] {
    sessions_of([false, false]).map(|records| capture(&records))
}

fn sessions_of(is_closed: [bool; 2]) -> [Vec<Record>; 2] {
    let stream = sample::stream();
    let first = Conversation::new("192.0.2.1:40000", "192.0.2.2:1790");
    let mut segments = [first.handshake(), first.data(&stream)].concat();
    if is_closed[0] {
        segments.extend(first.close(stream.len()));
    }
    let mut second = Conversation::new("192.0.2.1:40001", "192.0.2.2:1790");
    second.start = first.start + 60_000_000_000;
    let second = match is_closed[1] {
        true => second.records(&second.whole(&stream)),
        false => second.records(&[second.handshake(), second.data(&stream)].concat()),
    };
    [first.records(&segments), second]
}

#[test]
fn a_session_that_a_later_one_replaced_while_it_was_open_lingers() {
    let answer = auth(&[], &two_sessions(false).path).answered().json();
    let lingering = violation(&answer["sessions"][0], "lingering-session");
    let message = lingering["message"].as_str().unwrap();
    assert!(
        message.starts_with("session 2 of the same router began"),
        "{message}"
    );
    assert!(
        answer["sessions"][1]["violations"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let answer = auth(&[], &two_sessions(true).path).answered().json();
    assert!(
        answer["sessions"][0]["violations"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn the_order_of_files_makes_no_session_linger() {
    let [old, new] = two_sessions_apart();
    for files in [[&old.path, &new.path], [&new.path, &old.path]] {
        let mut command = Command::new(binary());
        command.args(["auth", "--json"]).args(files);
        let answer = finished(&mut command).answered().json();
        let mut rows: Vec<&Value> = answer["sessions"].as_array().unwrap().iter().collect();
        rows.sort_by_key(|row| row["first_time"].as_str().unwrap().to_owned());
        assert_eq!(kinds(rows[0]), ["lingering-session"], "{files:?}");
        assert_eq!(kinds(rows[1]), [""; 0], "{files:?}");
    }
}

#[test]
fn a_session_lingers_too_where_its_router_tries_again_and_gets_no_answer() {
    let stream = sample::stream();
    let first = Conversation::new("192.0.2.1:40000", "192.0.2.2:1790");
    let mut records = first.records(&[first.handshake(), first.data(&stream)].concat());
    let mut second = Conversation::new("192.0.2.1:40001", "192.0.2.2:1790");
    second.start = first.start + 60_000_000_000;
    records.extend(second.records(&second.handshake()[..1]));
    let answer = auth(&[], &capture(&records).path).answered().json();
    let lingering = violation(&answer["sessions"][0], "lingering-session");
    let message = lingering["message"].as_str().unwrap();
    let expected = "a connection of the same router that is not answered began while";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn silence_before_the_end_is_told() {
    let answer = auth(&[], &two_sessions(false).path).answered().json();
    let liveness = &answer["sessions"][0]["liveness"];
    assert_eq!(
        (&liveness["close"], &liveness["closed_by"]),
        (&"open".into(), &Value::Null)
    );
    assert!(
        liveness["silent_at_end"].as_f64().unwrap() > 59.0,
        "{liveness}"
    );
    let liveness = &answer["sessions"][1]["liveness"];
    assert_eq!(
        (&liveness["close"], &liveness["closed_by"]),
        (&"fin".into(), &"router".into())
    );
}

/// As `tcp.analysis.keep_alive` and `tcp.analysis.keep_alive_ack` of tshark count them.
#[test]
fn keepalives_and_their_answers_are_those_of_another_implementation() {
    let file = places::testdata_file("frr-gobgp-mirror.pcap");
    let answer = auth(&[], &file).answered().json();
    let sessions = answer["sessions"].as_array().unwrap();
    let is_gobgp = |row: &&Value| row["router"]["address"] == "fd00::2";
    let session = sessions.iter().find(is_gobgp).unwrap();
    let router = &session["liveness"]["router"];
    assert_eq!(
        (&router["probes"], &router["answered"]),
        (&4.into(), &4.into())
    );
    assert_eq!(session["liveness"]["station"]["probes"], 0);
}
