//! Every message has the packet and the time that brought its last octet, however the stream is cut into
//! segments and whatever a message waits for before it is believed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use support::capture_file::{Fraction, Order, Record, pcap};
use support::program::{Input, ask};
use support::rpki_messages::{Codes, Field, indexed, indexed_octets, message, plain};
use support::tcp::{Conversation, Random, Segment};
use support::{bgp, bmp};

/// Packets before the first with data: the handshake.
const HANDSHAKE: usize = 3;

fn peer() -> bmp::PeerHeader {
    bmp::PeerHeader::new("192.0.2.7", 64500)
}

/// 192.0.2.0/24 behind AS 64500.
fn update() -> Vec<u8> {
    let attributes = bgp::usual_attributes(&[64500], Ipv4Addr::new(192, 0, 2, 7));
    let prefix = bgp::prefix_ipv4(Ipv4Addr::new(192, 0, 2, 0), 24);
    bgp::update(&[], &attributes, &prefix)
}

/// What is told of a route: its UPDATE and one field.
fn of_route(version: u8, message_type: u8, field: &Field) -> Vec<u8> {
    let mut body = peer().encode();
    body.extend(indexed_octets(4, 0, &update()));
    body.extend(indexed(0, field, &Codes::usual()));
    message(version, message_type, &body)
}

fn config(version: u8, message_type: u8) -> Vec<u8> {
    let source = Field::Source(vec![Field::SourceType(1), Field::SourceStatus(1)]);
    message(version, message_type, &plain(&source, &Codes::usual()))
}

/// Messages of all kinds: usual ones, those of drafts, unknown ones, odd ones.
fn messages() -> Vec<Vec<u8>> {
    let mut odd = peer().route_monitoring(&update());
    let marker = bmp::message(0, &[]).len() + 42;
    odd[marker] = 0;
    vec![
        bmp::initiation(&[(2, "edge1")]),
        peer().route_monitoring(&update()),
        config(3, 251),
        of_route(3, 252, &Field::State(1)),
        peer().statistics(&[(7, vec![0; 8])]),
        of_route(3, 253, &Field::State(2)),
        message(3, 77, &[1, 2, 3]),
        // draft-ietf-grow-bmp-rel has no type yet; 254 is experimental.
        message(3, 254, &peer().encode()),
        config(3, 201),
        peer().peer_down(77, &[1, 2]),
        odd,
        peer().route_monitoring(&update()),
        of_route(3, 252, &Field::State(0)),
    ]
}

/// A conversation of one step a second, its stream cut at these offsets.
fn segments(conversation: &Conversation, stream: &[u8], cuts: &[usize]) -> Vec<Segment> {
    let mut ends = cuts.to_vec();
    ends.push(stream.len());
    ends.sort_unstable();
    ends.dedup();
    let mut segments = conversation.handshake();
    let mut at = 0;
    for end in ends.into_iter().filter(|end| *end > 0) {
        let mut segment = conversation.data(&stream[at..end]).remove(0);
        segment.sequence = segment.sequence.wrapping_add(at as u32);
        segments.push(segment);
        at = end;
    }
    segments.extend(conversation.close(stream.len()));
    segments
}

fn conversation() -> Conversation {
    let mut conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:11019");
    conversation.segment_size = 65_000;
    conversation.step = 1_000_000_000;
    conversation
}

/// The packet (from 1) that holds the octet before each of these offsets of the stream.
fn packets(segments: &[Segment], first: u32) -> BTreeMap<u64, u64> {
    let mut packets = BTreeMap::new();
    for (number, segment) in (1u64..).zip(segments) {
        let begin = u64::from(segment.sequence.wrapping_sub(first));
        for at in 0..segment.payload.len() as u64 {
            packets.insert(begin + at + 1, number);
        }
    }
    packets
}

/// Asks for the messages of a capture; the octets and the packet of each, its time checked.
fn told(records: &[Record], options: &[&str]) -> Vec<(u64, u64)> {
    let input = Input::Pipe(pcap(records, Order::Little, Fraction::Nano));
    let lines = ask("messages", options, &input).answered().lines();
    let row = |line: &serde_json::Value| {
        let packet = line["packet"].as_u64().unwrap();
        let second = 1_700_000_000 + packet - 1;
        // 1,700,000,000 is 2023-11-14T22:13:20Z.
        let at = second - 1_699_999_980;
        let expected = format!("2023-11-14T22:{:02}:{:02}", 13 + at / 60, at % 60);
        let time = line["time"].as_str().unwrap();
        assert!(time.starts_with(&expected), "{line}");
        (line["length"].as_u64().unwrap(), packet)
    };
    let messages = lines.iter().filter(|line| line["type"] != "gap");
    messages.map(row).collect()
}

/// Where each message ends.
fn ends(messages: &[Vec<u8>]) -> Vec<(u64, u64)> {
    let mut at = 0;
    let place = |message: &Vec<u8>| {
        let begin = at;
        at += message.len() as u64;
        (begin, at)
    };
    messages.iter().map(place).collect()
}

/// Every message is told, at the packet that brought its last octet.
#[track_caller]
fn check(messages: &[Vec<u8>], cuts: &[usize], options: &[&str]) {
    let conversation = conversation();
    let segments = segments(&conversation, &messages.concat(), cuts);
    let of = packets(&segments, conversation.client_isn.wrapping_add(1));
    let expected: Vec<_> = ends(messages)
        .iter()
        .map(|(begin, end)| (end - begin, of[end]))
        .collect();
    let told = told(&conversation.records(&segments), options);
    assert_eq!(told, expected, "{cuts:?} {options:?}");
}

#[test]
fn a_message_that_ends_a_segment_is_of_that_segment() {
    let messages = messages();
    let every: Vec<usize> = ends(&messages)
        .iter()
        .map(|(_, end)| *end as usize)
        .collect();
    check(&messages, &every, &[]);
    check(&messages, &every, &["--port", "11019"]);
    check(&messages, &every, &["--code", "rpki-config=201"]);
    for cut in every {
        check(&messages, &[cut], &[]);
    }
}

#[test]
fn the_last_message_is_of_its_segment_not_of_what_ends_the_connection() {
    let of_draft = [
        bmp::initiation(&[(2, "edge1")]),
        of_route(3, 252, &Field::State(1)),
    ];
    check(&of_draft, &[], &[]);
    check(&of_draft[..1], &[], &[]);
}

#[test]
fn however_a_stream_is_cut_each_message_is_of_the_packet_with_its_last_octet() {
    let messages = messages();
    let length = messages.concat().len() as u64;
    let mut random = Random(7);
    for round in 0..40 {
        let count = 1 + random.below(20);
        let cuts: Vec<usize> = (0..count).map(|_| random.below(length) as usize).collect();
        let options: &[&str] = match round % 2 {
            0 => &[],
            _ => &["--code", "rpki-config=201"],
        };
        check(&messages, &cuts, options);
    }
    let odd: Vec<usize> = (1..length as usize).step_by(30).collect();
    check(&messages, &odd, &[]);
}

/// Messages no two of which have as many octets.
fn of_different_lengths() -> Vec<Vec<u8>> {
    let mut messages = vec![bmp::initiation(&[(2, "edge1")])];
    for n in 0..40usize {
        messages.push(match n % 3 {
            0 => of_route(3, 252, &Field::Unknown(0x7001, vec![0; 20 * n])),
            1 => message(3, 77, &vec![1; 20 * n + 1]),
            _ => peer().route_mirroring(&[(0, vec![2; 20 * n + 3])]),
        });
    }
    messages
}

#[test]
fn messages_found_late_behind_a_loss_or_a_corrupt_length_are_of_their_packets() {
    let mut messages = of_different_lengths();
    let lengths: BTreeMap<u64, u64> = ends(&messages)
        .into_iter()
        .map(|(begin, end)| (end - begin, end))
        .collect();
    assert_eq!(lengths.len(), messages.len());
    // A mirrored message that claims 3,001 octets, over others.
    messages[3][1..5].copy_from_slice(&3001u32.to_be_bytes());
    let stream = messages.concat();
    let mut random = Random(11);
    let conversation = conversation();
    for _ in 0..20 {
        let cut = |_| random.below(stream.len() as u64) as usize;
        let cuts: Vec<usize> = (0..25).map(cut).collect();
        let mut segments = segments(&conversation, &stream, &cuts);
        let lost = HANDSHAKE + random.below(segments.len() as u64 - 6) as usize;
        segments.remove(lost);
        let of = packets(&segments, conversation.client_isn.wrapping_add(1));
        let told = told(&conversation.records(&segments), &[]);
        assert!(told.len() > 10, "{told:?}");
        for (length, packet) in &told {
            let end = lengths[length];
            assert_eq!(
                of.get(&end),
                Some(packet),
                "{end}: {cuts:?} {lost} {told:?}"
            );
        }
    }
}
