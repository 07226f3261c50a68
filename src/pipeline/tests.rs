//! What a walk finds in captures whose messages are known.

use super::testing::{Pcap, file, request, walked};
use super::{Count, Request, RouterFilter, run};
use crate::session::Session;
use crate::session::testing::{FOUR_OCTET_AS, PEER, bgp, initiation, open};
use std::num::NonZeroUsize;

/// 15 octets.
fn hello() -> Vec<u8> {
    initiation("edge1")
}

/// 142 octets.
fn up() -> Vec<u8> {
    PEER.up(&open(&FOUR_OCTET_AS), &open(&FOUR_OCTET_AS))
}

/// 73 octets: withdraws 10.0.0.0/8.
fn withdraw() -> Vec<u8> {
    PEER.routes(&bgp(2, &[0, 2, 8, 10, 0, 0]))
}

fn lines(pcap: &Pcap) -> Vec<String> {
    walked(&request(&pcap.file())).0
}

fn counted(request: &Request) -> Vec<Session> {
    let mut count = Count::default();
    let mut run = run(request, &mut count).unwrap();
    count.add_to(&mut run);
    run.sessions
}

#[test]
fn a_message_stands_where_it_begins_and_at_the_packet_that_completed_it() {
    let mut pcap = Pcap::new();
    let octets = [hello(), up(), withdraw(), withdraw()].concat();
    let (first, rest) = octets.split_at(30);
    let (second, third) = rest.split_at(200);
    pcap.send(first).send(second).send(third).close();
    let expected = [
        "initiation@0 #2",
        "peer-up@15 #3",
        "route-monitoring@157 #3",
        "route-monitoring@230 #4",
    ];
    assert_eq!(lines(&pcap), expected);
}

#[test]
fn a_message_that_is_recognised_late_has_its_own_packet() {
    let mut pcap = Pcap::new();
    pcap.send(&hello()).send(&up()).send(&withdraw());
    let expected = [
        "initiation@0 #2",
        "peer-up@15 #3",
        "route-monitoring@157 #4",
    ];
    assert_eq!(lines(&pcap), expected);
}

#[test]
fn a_gap_from_before_the_stream_was_recognised_stands_in_its_place() {
    let mut pcap = Pcap::new();
    // One message alone does not prove that the stream is BMP.
    pcap.send(&hello()).lose(1000).send(&up()).send(&withdraw());
    let expected = [
        "initiation@0 #2",
        "missing-segment:1000@15 #2",
        "peer-up@1015 #3",
        "route-monitoring@1157 #4",
    ];
    assert_eq!(lines(&pcap), expected);
}

#[test]
fn octets_that_are_no_message_between_two_gaps_are_one_range_with_them() {
    let mut pcap = Pcap::new();
    pcap.send(&[hello(), up()].concat()).lose(50);
    pcap.send(&[9; 10]).send(&[9; 10]).lose(60);
    pcap.send(&[up(), withdraw()].concat());
    let expected = [
        "initiation@0 #2",
        "peer-up@15 #2",
        // 50 octets lost, 20 of which nothing can be made, 60 lost.
        "missing-segment:130@157 #2",
        "peer-up@287 #5",
        "route-monitoring@429 #5",
    ];
    assert_eq!(lines(&pcap), expected);
}

#[test]
fn the_beginning_of_a_message_that_does_not_end_is_told_at_the_end() {
    let mut pcap = Pcap::new();
    pcap.send(&[hello(), up()].concat())
        .send(&withdraw()[..50])
        .close();
    let told = lines(&pcap);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[2].starts_with("stream-end:50@157 "), "{told:?}");
}

#[test]
fn a_bare_stream_has_the_same_messages_and_no_packets() {
    let bare = file(&[hello(), up(), withdraw()].concat());
    let expected = [
        "initiation@0 #0",
        "peer-up@15 #0",
        "route-monitoring@157 #0",
    ];
    let (told, run) = walked(&request(&bare));
    assert_eq!(told, expected);
    assert_eq!((run.sessions.len(), run.sessions[0].router_end), (1, None));
}

#[test]
fn windows_and_threads_change_nothing() {
    let mut pcap = Pcap::new();
    pcap.send(&[hello(), up()].concat());
    for _ in 0..3000 {
        pcap.send(&withdraw());
    }
    pcap.close();
    let file = pcap.file();
    let expected = walked(&request(&file)).0;
    assert_eq!(expected.len(), 3002);
    for (window, threads) in [(1, 1), (100, 2), (1000, 1), (64 << 20, 3)] {
        let request = Request {
            window: Some(window),
            threads: NonZeroUsize::new(threads),
            ..request(&file)
        };
        assert_eq!(walked(&request).0, expected, "{window} {threads}");
        let sessions = counted(&request);
        assert_eq!(sessions[0].routes().withdrawn, 3000);
        assert_eq!(sessions[0].peers[0].messages, 3001);
    }
}

#[test]
fn a_router_that_is_asked_for_by_name_is_known_by_the_message_that_tells_it() {
    let mut pcap = Pcap::new();
    pcap.send(&[hello(), up()].concat());
    let file = pcap.file();
    let named = |name: &str| {
        let routers = vec![RouterFilter::Name(name.to_owned())];
        let request = Request {
            routers,
            ..request(&file)
        };
        walked(&request).0
    };
    assert_eq!(named("EDGE1"), ["initiation@0 #2", "peer-up@15 #2"]);
    assert!(named("edge2").is_empty());
}

#[test]
fn ups_and_downs_outside_the_time_asked_for_are_not_counted() {
    let mut pcap = Pcap::new();
    pcap.send(&[hello(), up()].concat())
        .send(&withdraw())
        .send(&PEER.down(4, &[]));
    let file = pcap.file();
    let at = |seconds: i64| {
        Some(crate::time::Timestamp::from_nanoseconds(
            seconds * 1_000_000_000,
            0,
        ))
    };
    let request = Request {
        since: at(3),
        until: at(3),
        ..request(&file)
    };
    let session = counted(&request).remove(0);
    let peer = &session.peers[0];
    assert_eq!((peer.ups, peer.downs, peer.messages), (0, 0, 1));
    assert_eq!(peer.state, crate::session::PeerState::Up);
    assert_eq!(session.routes().withdrawn, 1);
}

#[test]
fn messages_that_cannot_be_read_are_counted_and_told() {
    let mut pcap = Pcap::new();
    // Withdrawn Routes Length 9, and no octet behind it.
    let bad = PEER.routes(&bgp(2, &[0, 9]));
    pcap.send(&[hello(), up(), bad.clone(), withdraw()].concat());
    let session = counted(&request(&pcap.file())).remove(0);
    assert_eq!(
        (session.undecodable.count, session.undecodable.bytes),
        (1, bad.len() as u64)
    );
    assert_eq!(session.routes().withdrawn, 1);
    assert_eq!(session.messages.total(), 4);
}

#[test]
fn what_is_not_bmp_is_told_by_what_it_looks_like_even_behind_a_gap() {
    let mut pcap = Pcap::mid_stream();
    // A TLS record: handshake, version 3.3.
    pcap.send(&[22, 3, 3, 0, 9, 1, 0, 0]);
    let (told, run) = walked(&request(&pcap.file()));
    assert!(told.is_empty() && run.sessions.is_empty());
    assert_eq!(run.seen.describe(), "1 TCP connection to port 1790 (TLS)");
}

#[test]
fn segments_on_other_ports_than_those_asked_for_are_not_called_nothing() {
    let mut pcap = Pcap::new();
    pcap.send(&hello());
    let file = pcap.file();
    let request = Request {
        ports: vec![9],
        ..request(&file)
    };
    let expected = "2 TCP segments, none to or from the ports asked for";
    assert_eq!(walked(&request).1.seen.describe(), expected);
}
