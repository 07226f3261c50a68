//! The tests' own tools against each other and against what the lab's README counts.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use std::net::Ipv4Addr;
use support::capture_file::{Fraction, Order, Record, pcap, pcapng, read};
use support::tcp::{Conversation, Random, duplicated, reordered, thinned, without_segments};
use support::{bgp, bmp, extract, places, walker};

/// A stream of every message type with routes whose numbers are known.
fn sample_stream() -> Vec<u8> {
    let peer = bmp::PeerHeader::new("192.0.2.7", 64501);
    let open = |asn| bgp::Open::usual(asn, Ipv4Addr::new(192, 0, 2, 1)).encode();
    let nlri = [
        bgp::prefix_ipv4(Ipv4Addr::new(198, 51, 100, 0), 24),
        bgp::prefix_ipv4(Ipv4Addr::UNSPECIFIED, 0),
    ];
    let attributes = bgp::usual_attributes(&[64501], Ipv4Addr::new(192, 0, 2, 7));
    let ipv6 = bgp::prefix_ipv6("2001:db8::".parse().unwrap(), 32);
    let reach = bgp::mp_reach(2, 1, &[0; 16], &ipv6);
    let withdrawn = bgp::mp_unreach(2, 1, &ipv6);
    [
        bmp::initiation(&[(1, "sample"), (2, "router")]),
        peer.peer_up(
            ("192.0.2.1", 179),
            40000,
            (&open(64500), &open(4_200_000_000)),
            &[],
        ),
        peer.route_monitoring(&bgp::update(&[], &attributes, &nlri.concat())),
        peer.route_monitoring(&bgp::update(&nlri[0], &reach, &[])),
        peer.route_monitoring(&bgp::update(&[], &withdrawn, &[])),
        peer.route_monitoring(&bgp::end_of_rib_ipv4()),
        peer.route_monitoring(&bgp::end_of_rib(2, 1)),
        peer.statistics(&[(7, vec![0; 8])]),
        peer.route_mirroring(&[(0, bgp::keepalive())]),
        peer.peer_down(3, &bgp::notification(6, 2, &[])),
        bmp::termination(0),
    ]
    .concat()
}

fn microsecond_sample() -> Vec<Record> {
    let conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:1790");
    conversation.records(&conversation.whole(&sample_stream()))
}

#[test]
fn the_walker_counts_what_the_encoder_wrote() {
    let counts = walker::walk(&sample_stream());
    let expected = [(0, 5), (1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1)];
    assert_eq!(counts.messages.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!((counts.announced, counts.withdrawn), (3, 2));
    assert_eq!((counts.end_of_rib, counts.rest), (2, 0));
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
    let stream = sample_stream();
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
    let segments = conversation.whole(&sample_stream());
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
