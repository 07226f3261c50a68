//! The tests' own tools against each other and against what the lab's README counts.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use support::capture_file::{Fraction, Order, Record, pcap, pcapng, read};
use support::tcp::{Conversation, Random, duplicated, reordered, thinned, without_segments};
use support::{extract, places, sample, walker};

fn microsecond_sample() -> Vec<Record> {
    let conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:1790");
    conversation.records(&conversation.whole(&sample::stream()))
}

#[test]
fn the_walker_counts_what_the_encoder_wrote() {
    let counts = walker::walk(&sample::stream());
    let expected = [(0, 5), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)];
    assert_eq!(counts.messages.into_iter().collect::<Vec<_>>(), expected);
    let routes = [counts.announced, counts.withdrawn, counts.end_of_rib];
    assert_eq!(routes, sample::ROUTES);
    assert_eq!(counts.rest, 0);
}

#[test]
fn every_capture_format_reads_back_as_it_was_written() {
    let records = microsecond_sample();
    for order in [Order::Little, Order::Big] {
        for fraction in [Fraction::Micro, Fraction::Nano] {
            assert_eq!(read(&pcap(&records, order, fraction)), records);
        }
    }
    assert_eq!(read(&pcapng(&records, &[6])), records);
    assert_eq!(read(&pcapng(&records, &[6, 9, 7])), records);
}

#[test]
fn a_stream_comes_back_from_packets_of_any_size_doubled_and_reordered() {
    let stream = sample::stream();
    for (client, server) in [
        ("192.0.2.1:40000", "192.0.2.100:1790"),
        ("[2001:db8::1]:40000", "[2001:db8::64]:1790"),
    ] {
        for segment_size in [1, 7, 64, 1448] {
            let conversation = Conversation {
                segment_size,
                client_isn: u32::MAX - 20,
                ..Conversation::new(client, server)
            };
            let mut random = Random(segment_size as u64);
            let mut segments = conversation.handshake();
            let data = duplicated(&conversation.data(&stream), 30, &mut random);
            segments.extend(reordered(&data, 5, &mut random));
            segments.extend(conversation.close(stream.len()));
            let streams = extract::streams(&conversation.records(&segments));
            assert_eq!(streams.len(), 1);
            assert!(streams[0].bytes == stream && !streams[0].has_gap);
        }
    }
}

#[test]
fn a_lost_segment_is_a_gap() {
    let conversation = Conversation {
        segment_size: 64,
        ..Conversation::new("192.0.2.1:40000", "192.0.2.100:1790")
    };
    let segments = conversation.whole(&sample::stream());
    let streams = extract::streams(&conversation.records(&without_segments(&segments, 4..5)));
    assert!(streams[0].has_gap && streams[0].bytes.len() == 64);
    let thinner = thinned(&segments, 50, &mut Random(1));
    assert!(thinner.len() < segments.len() && !thinner.is_empty());
}

#[test]
fn the_walker_and_the_extraction_agree_with_the_labs_readme() {
    let cases: [(&str, &[u64]); 5] = [
        ("frr-gobgp-small.pcap", &[1016, 1091]),
        ("frr107-gobgp.pcap", &[840, 1285, 20]),
        ("quirk-netem.pcap", &[1285, 840]),
        ("quirk-multi.pcapng", &[1285, 840, 447]),
        ("quirk-reconnect.pcap", &[259, 163, 438, 350, 291]),
    ];
    for (name, expected) in cases {
        let records = read(&std::fs::read(places::testdata_file(name)).unwrap());
        let streams = extract::streams(&records);
        let totals: Vec<u64> = streams
            .iter()
            .map(|stream| walker::walk(&stream.bytes).total())
            .collect();
        assert_eq!(totals, expected, "{name}");
    }
}
