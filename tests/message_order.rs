//! `messages` prints in the order in which messages became complete in the capture, whatever holds a
//! stream back: a lost segment, or a start in the middle.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::path::{Path, PathBuf};
use support::capture_file::{Fraction, Order, Record, pcap};
use support::program::{Input, ask};
use support::tcp::{Conversation, without_segments};
use support::{bmp, places};

/// Messages of each session of [`three_sessions`].
const MESSAGES: u32 = 60;

fn stream(name: &str) -> Vec<u8> {
    let peer = bmp::PeerHeader::new("192.0.2.7", 64500);
    let mut stream = bmp::initiation(&[(2, name)]);
    for number in 0..MESSAGES {
        stream.extend(peer.statistics(&[(7, u64::from(number).to_be_bytes().to_vec())]));
    }
    stream
}

/// Three sessions in turn, message by message or so; the first one loses a segment, which leaves it
/// waiting until its end, and of the second one the first segments are not captured.
fn three_sessions() -> Vec<Record> {
    let mut records = Vec::new();
    for (number, lost) in [(1u64, 12..13), (2, 0..9), (3, 0..0)] {
        let router = format!("192.0.2.{number}:40000");
        let mut conversation = Conversation::new(&router, "192.0.2.100:11019");
        conversation.segment_size = 61;
        conversation.step = 1_000_000;
        conversation.start += number;
        let mut segments = conversation.whole(&stream("edge"));
        // Open at the end of the capture.
        segments.retain(|segment| segment.flags & 1 == 0);
        records.extend(conversation.records(&without_segments(&segments, lost)));
    }
    records.sort_by_key(|record| record.time);
    records
}

fn written(folder: &Path, name: &str, records: &[Record]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, pcap(records, Order::Little, Fraction::Nano)).unwrap();
    path
}

fn lines(options: &[&str], input: &Input) -> Vec<Value> {
    ask("messages", options, input).answered().lines()
}

fn packets(lines: &[Value]) -> Vec<u64> {
    let packet = |line: &Value| line["packet"].as_u64().unwrap();
    lines.iter().map(packet).collect()
}

#[track_caller]
fn in_order(lines: &[Value]) {
    let packets = packets(lines);
    assert!(packets.is_sorted(), "{packets:?}");
}

#[test]
fn a_stream_that_waits_does_not_come_behind_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let input = Input::file(&written(folder.path(), "all.pcap", &three_sessions()));
    let all = lines(&[], &input);
    in_order(&all);
    let of = |session: u64| all.iter().filter(move |line| line["session"] == session);
    assert!((1..4).all(|session| of(session).count() > 40), "{all:#?}");
    let gap = of(1).position(|line| line["type"] == "gap").unwrap();
    assert!(gap > 0 && gap < 20, "{gap}");
}

#[test]
fn threads_windows_and_limits_take_from_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let input = Input::file(&written(folder.path(), "all.pcap", &three_sessions()));
    let expected = lines(&[], &input);
    for threads in ["1", "2", "8"] {
        for window in ["64KiB", "64MiB"] {
            let got = lines(&["--threads", threads, "--window", window], &input);
            assert_eq!(got, expected);
        }
    }
    for limit in [0, 1, 25, 100] {
        let got = lines(&["--limit", &limit.to_string()], &input);
        assert_eq!(got, expected[..limit]);
    }
}

#[test]
fn over_several_files_it_is_the_order_in_which_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let records = three_sessions();
    let whole = lines(
        &["--fields", "session,time,type"],
        &Input::file(&written(folder.path(), "all.pcap", &records)),
    );
    let turns = |turn: usize| {
        let own = records.iter().enumerate();
        let own = own.filter(|(index, _)| index / 5 % 3 == turn);
        let own: Vec<Record> = own.map(|(_, record)| record.clone()).collect();
        written(folder.path(), &format!("{turn}.pcap"), &own)
    };
    let files = vec![turns(2), turns(0), turns(1)];
    let parts = lines(&["--fields", "session,time,type"], &Input::Files(files));
    assert_eq!(parts, whole);
}

#[test]
fn a_capture_that_begins_in_the_middle_of_two_sessions_is_in_order() {
    let Some(shared) = places::shared_captures() else {
        return;
    };
    let path = shared.join("public/netgauze/bmp/evpn/evpn.pcap");
    let all = lines(&[], &Input::file(&path));
    assert_eq!(all.len(), 156);
    in_order(&all);
}

/// Octets behind a hole are told when the hole is given up; of one stream they stand in its order.
#[test]
fn a_stream_keeps_its_own_order_where_segments_were_swapped() {
    let folder = tempfile::tempdir().unwrap();
    let mut conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:11019");
    conversation.segment_size = 61;
    let mut segments = conversation.whole(&stream("edge"));
    segments.swap(20, 23);
    let records = conversation.records(&segments);
    let all = lines(
        &[],
        &Input::file(&written(folder.path(), "swapped.pcap", &records)),
    );
    let values: Vec<u64> = all
        .iter()
        .filter_map(|line| line["statistics"][0]["value"].as_u64())
        .collect();
    assert_eq!(values, (0..u64::from(MESSAGES)).collect::<Vec<_>>());
}
