//! How streams start.

use crate::stream::testing::{Line, Wire, run, run_with};
use crate::stream::{Bounds, GapCause, Start};

#[test]
fn both_directions_of_a_handshake_start_behind_their_syn() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"hello").ack(500),
        Wire::b(500, b"world").ack(105),
    ]);
    assert_eq!((got.text(0), got.text(1)), ("hello".into(), "world".into()));
    let connection = got.closed[&0];
    assert_eq!(connection.initiator.port, 50_000);
    assert_eq!(
        connection.sides.map(|side| side.start),
        [Start::Handshake; 2]
    );
    assert_eq!(connection.sides[1].initial_sequence, Some(499));
    assert_eq!((connection.first.packet, connection.last().packet), (1, 4));
}

#[test]
fn a_syn_ack_alone_says_where_both_directions_start() {
    let got = run(&[
        Wire::b(499, b"").syn().ack(100),
        Wire::a(103, b"lo"),
        Wire::b(500, b"x"),
    ]);
    assert_eq!(
        (got.text(0), got.text(1)),
        ("<3 MissingSegment>lo".into(), "x".into())
    );
    let connection = got.closed[&0];
    assert_eq!(connection.initiator.port, 50_000);
    assert_eq!(
        connection.sides.map(|side| side.start),
        [Start::SynAck, Start::Handshake]
    );
}

#[test]
fn without_a_handshake_the_stream_starts_at_the_lowest_octet_held() {
    let mut line = Line::new();
    line.send_all(&[
        Wire::a(1003, b"def"),
        Wire::a(1000, b"abc"),
        Wire::a(1006, b"ghi"),
    ]);
    assert_eq!(line.collector.text(0), "");
    let got = line.finish();
    assert_eq!(got.text(0), "<0 MidStreamStart>abcdefghi");
    assert_eq!(got.closed[&0].sides[0].start, Start::MidStream);
    let gap = got.streams.values().next().unwrap().gaps[0];
    assert_eq!((gap.cause, gap.after.packet), (GapCause::MidStreamStart, 2));
}

#[test]
fn enough_segments_or_octets_decide_a_mid_stream_start() {
    let mut line = Line::new();
    (0..64).for_each(|n| line.send(&Wire::a(1000 + n, b"x")));
    assert_eq!(line.collector.text(0).len(), 18 + 64);
    let mut line = Line::new();
    line.send(&Wire::a(1000, &[b'x'; 65_000]));
    assert_eq!(line.collector.text(0), "");
    line.send(&Wire::a(66_000, &[b'x'; 600]));
    assert_eq!(line.collector.text(0).len(), 18 + 65_600);
}

// A TLS server says hello and then nothing for days, and the client's records wait for that.
#[test]
fn a_direction_with_little_data_starts_when_the_other_one_does() {
    let mut line = Line::new();
    line.send(&Wire::b(700, b"hello"));
    (0..63).for_each(|n| line.send(&Wire::a(1000 + n, b"x")));
    // Who is captured first is taken to have opened the connection.
    let (client, server) = (1, 0);
    assert_eq!(line.collector.text(server), "");
    line.send(&Wire::a(1063, b"x"));
    assert_eq!(line.collector.text(client).len(), 18 + 64);
    assert_eq!(line.collector.text(server), "<0 MidStreamStart>hello");
    line.send(&Wire::b(705, b" again"));
    assert_eq!(line.collector.text(server), "<0 MidStreamStart>hello again");
}

#[test]
fn what_comes_from_before_a_chosen_start_is_a_finding() {
    let bounds = Bounds {
        start_segments: 1,
        ..Bounds::default()
    };
    let got = run_with(
        bounds,
        &[Wire::a(1000, b"abc"), Wire::a(990, b"0123456789abcd")],
    );
    assert_eq!(got.text(0), "<0 MidStreamStart>abcd");
    assert_eq!(got.kinds(), ["before-stream-start"]);
    assert_eq!(got.findings[0].length, 10);
}

#[test]
fn a_syn_that_comes_late_decides_the_start() {
    let mut line = Line::new();
    line.send_all(&[Wire::a(1003, b"def"), Wire::a(999, b"").syn()]);
    assert_eq!(line.collector.text(0), "");
    line.send(&Wire::a(1000, b"abc"));
    let got = line.finish();
    assert_eq!(got.text(0), "abcdef");
    assert_eq!(got.opened, [0]);
    assert_eq!(got.closed[&0].sides[0].start, Start::Handshake);
}

#[test]
fn a_direction_that_is_captured_late_starts_mid_stream() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"hello").ack(500),
        Wire::b(700, b"world").ack(105),
    ]);
    assert_eq!(got.text(0), "hello");
    assert_eq!(got.text(1), "<0 MidStreamStart>world");
}

#[test]
fn data_on_a_syn_that_counts_is_followed_one_octet_later() {
    let got = run(&[Wire::a(1, b"hello").syn(), Wire::a(7, b" world")]);
    assert_eq!(got.text(0), "hello world");
    assert!(got.findings.is_empty() && got.asked.is_empty());
}

fn uncounted(wires: &[Wire]) -> crate::stream::testing::Collector {
    let mut line = Line::new();
    line.collector.uncounted = true;
    line.send_all(wires);
    line.finish();
    line.collector
}

#[test]
fn data_on_a_syn_that_does_not_count_is_followed_at_once_if_the_consumer_says_so() {
    let wires = [
        Wire::a(1, b"hello").syn(),
        Wire::a(6, b" world"),
        Wire::a(12, b"!"),
        Wire::a(13, b"").fin(),
    ];
    let got = uncounted(&wires);
    assert_eq!(got.text(0), "hello world!");
    assert_eq!(got.kinds(), ["syn-not-counted"]);
}

#[test]
fn octets_that_overlap_the_syn_data_say_themselves_whether_it_counts() {
    // One octet again that is not the last of the SYN's: nothing to ask.
    let got = run(&[Wire::a(1, b"hello").syn(), Wire::a(6, b" world")]);
    assert_eq!(got.text(0), "hello world");
    assert!(got.asked.is_empty());
    assert_eq!(got.kinds(), ["syn-not-counted"]);
    // More of it again, in either numbering.
    for (sequence, kinds) in [(5, vec![]), (4, vec!["syn-not-counted"])] {
        let got = run(&[Wire::a(1, b"hello").syn(), Wire::a(sequence, b"lo world")]);
        assert_eq!((got.text(0), got.kinds()), ("hello world".into(), kinds));
    }
    // All of it again, where the SYN itself should have been counted.
    let got = run(&[Wire::a(1, b"hello").syn(), Wire::a(1, b"hello world")]);
    assert_eq!(got.text(0), "hello world");
    // Sent again by the book.
    let got = run(&[Wire::a(1, b"hello").syn(), Wire::a(2, b"hello world")]);
    assert_eq!(got.text(0), "hello world");
    assert!(got.findings.is_empty());
}

#[test]
fn the_last_octet_of_the_syn_data_again_waits_until_the_consumer_can_tell() {
    let wires = [
        Wire::a(1, b"hello").syn(),
        Wire::a(6, b"of"),
        Wire::a(8, b"fs"),
        Wire::a(10, b"pring"),
    ];
    for (uncounted, text) in [(true, "hellooffspring"), (false, "helloffspring")] {
        let mut line = Line::new();
        (line.collector.uncounted, line.collector.needs) = (uncounted, 4);
        line.send_all(&wires[..2]);
        assert_eq!(line.collector.text(0), "hello");
        line.send_all(&wires[2..]);
        let got = line.finish();
        assert_eq!(got.text(0), text);
    }
}

#[test]
fn what_nobody_can_tell_follows_the_syn_data() {
    let mut line = Line::new();
    line.collector.needs = 1000;
    line.send_all(&[Wire::a(1, b"hello").syn(), Wire::a(6, b"oh")]);
    let got = line.finish();
    assert_eq!(got.text(0), "hellooh");
    assert_eq!(got.kinds(), ["syn-not-counted"]);
}

#[test]
fn the_uncounted_syn_is_seen_through_reordering() {
    let got = uncounted(&[
        Wire::a(1, b"hello").syn(),
        Wire::a(12, b"!?"),
        Wire::a(6, b" world"),
        Wire::a(14, b"."),
    ]);
    assert_eq!(got.text(0), "hello world!?.");
    let got = uncounted(&[
        Wire::a(6, b" world"),
        Wire::a(12, b"!"),
        Wire::a(1, b"hello").syn(),
    ]);
    assert_eq!(got.text(0), "hello world!");
}

#[test]
fn where_the_segment_behind_the_syn_is_lost_the_syn_counts() {
    let got = uncounted(&[Wire::a(1, b"hello").syn(), Wire::a(12, b"!?")]);
    assert_eq!(got.text(0), "hello<5 MissingSegment>!?");
}

#[test]
fn a_keepalive_behind_a_syn_with_data_decides_nothing() {
    let got = uncounted(&[
        Wire::a(1, b"hello").syn(),
        Wire::a(6, b"\0"),
        Wire::a(6, b""),
        Wire::a(7, b" world"),
    ]);
    assert_eq!(got.text(0), "hello world");
    assert!(got.findings.is_empty());
}

#[test]
fn a_fin_alone_may_show_that_the_syn_does_not_count() {
    let got = run(&[Wire::a(1, b"hello").syn(), Wire::a(6, b"").fin()]);
    assert_eq!(got.text(0), "hello");
    assert_eq!(got.kinds(), ["syn-not-counted"]);
}

#[test]
fn fast_open_data_that_was_not_accepted_is_sent_again() {
    let got = run(&[
        Wire::a(99, b"hello").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"hello world").ack(500),
    ]);
    assert_eq!(got.text(0), "hello world");
    let got = run(&[
        Wire::a(99, b"hello").syn(),
        Wire::b(499, b"hi").syn().ack(105),
        Wire::a(105, b" world").ack(502),
    ]);
    assert_eq!(
        (got.text(0), got.text(1)),
        ("hello world".into(), "hi".into())
    );
    assert_eq!(got.opened, [0]);
}

#[test]
fn a_segment_captured_twice_changes_nothing() {
    let wires = [
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"hello").ack(500),
        Wire::b(500, b"").ack(105),
        Wire::a(105, b"!").fin().ack(500),
        Wire::b(500, b"").fin().ack(107),
    ];
    let twice: Vec<_> = wires
        .iter()
        .flat_map(|wire| [wire.clone(), wire.clone()])
        .collect();
    let got = run(&twice);
    assert_eq!((got.text(0), got.text(1)), ("hello!".into(), String::new()));
    assert_eq!(got.opened, [0]);
    assert!(got.findings.is_empty());
}

#[test]
fn authentication_options_are_counted() {
    let md5 = [&[1, 1, 19, 18][..], &[7; 16]].concat();
    let ao = [&[1, 1, 8, 10][..], &[0; 8], &[29, 16], &[7; 14], &[1, 1]].concat();
    let timestamps = [&[1, 1, 8, 10][..], &[0; 8]].concat();
    let got = run(&[
        Wire::a(99, b"").syn().options(&md5),
        Wire::a(100, b"a").options(&md5),
        Wire::a(101, b"a").options(&ao),
        Wire::a(102, b"a").options(&timestamps),
        Wire::b(500, b"a").options(&ao),
        Wire {
            ah: true,
            ..Wire::b(501, b"a")
        },
    ]);
    let sides = got.closed[&0]
        .sides
        .map(|side| (side.md5_segments, side.ao_segments));
    assert_eq!(sides, [(2, 1), (0, 1)]);
    assert_eq!(got.closed[&0].sides[1].ah_segments, 1);
}
