//! What is left of a message around octets that are missing has the cause that they are missing for.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use support::capture_file::{Fraction, Order, Record, pcap};
use support::program::{Input, ask};
use support::tcp::{Conversation, without_segments};
use support::{bmp, places};

/// Octets in gaps, by cause.
fn causes(input: &Input) -> BTreeMap<String, u64> {
    let mut causes = BTreeMap::new();
    for line in ask("messages", &["--type", "gap"], input)
        .answered()
        .lines()
    {
        let cause = line["cause"].as_str().unwrap().to_owned();
        *causes.entry(cause).or_default() += line["length"].as_u64().unwrap();
    }
    causes
}

fn conversation() -> Conversation {
    let mut conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:11019");
    conversation.segment_size = 100;
    conversation
}

fn stream() -> Vec<u8> {
    let peer = bmp::PeerHeader::new("192.0.2.7", 64500);
    let mut stream = bmp::initiation(&[(2, "edge1")]);
    (0..20).for_each(|_| stream.extend(peer.statistics(&[(7, vec![0; 8])])));
    stream
}

fn input(records: &[Record]) -> Input {
    Input::Pipe(pcap(records, Order::Little, Fraction::Nano))
}

/// tshark finds no lost segment in it: every packet was captured, and cut behind 200 octets.
#[test]
fn a_snapshot_length_loses_no_segment() {
    let input = Input::file(&places::testdata_file("quirk-snap200.pcap"));
    let causes = causes(&input);
    assert_eq!(causes.keys().collect::<Vec<_>>(), ["snaplen"]);
    let summary = ask("summary", &["--json"], &input).answered().json();
    let sessions = summary["sessions"].as_array().unwrap();
    let missing = |session: &Value| session["quality"]["missing_bytes"].as_u64().unwrap();
    assert_eq!(causes["snaplen"], sessions.iter().map(missing).sum::<u64>());
}

#[test]
fn a_lost_segment_and_a_cut_one_each_answer_for_their_own() {
    let conversation = conversation();
    let segments = without_segments(&conversation.whole(&stream()), 5..6);
    let mut records = conversation.records(&segments);
    let cut = &mut records[12];
    cut.bytes.truncate(cut.bytes.len() - 40);
    let lines = ask("messages", &["--type", "gap"], &input(&records))
        .answered()
        .lines();
    let told: Vec<_> = lines
        .iter()
        .map(|line| line["cause"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["missing-segment", "snaplen"], "{lines:#?}");
}

#[test]
fn a_connection_that_is_closed_inside_a_message_is_not_the_end_of_the_capture() {
    let conversation = conversation();
    let mut stream = stream();
    stream.truncate(stream.len() - 7);
    let mut segments = conversation.whole(&stream);
    let closed = causes(&input(&conversation.records(&segments)));
    assert_eq!(closed.keys().collect::<Vec<_>>(), ["stream-end"]);
    // Without its FINs.
    segments.retain(|segment| segment.flags & 1 == 0);
    let open = causes(&input(&conversation.records(&segments)));
    assert_eq!(open.keys().collect::<Vec<_>>(), ["capture-end"]);
}
