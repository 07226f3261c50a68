//! Closing, reuse of addresses and ports, eviction.

use crate::stream::testing::{Line, Wire, run};
use crate::stream::{Bounds, Close};

fn short_linger() -> Bounds {
    Bounds {
        linger: 3,
        ..Bounds::default()
    }
}

/// Segments of another connection.
fn others(line: &mut Line, count: u32) {
    (0..count).for_each(|n| line.send(&Wire::a(n, b"").ack(1).port(1)));
}

#[test]
fn fin_in_both_directions_closes_after_a_while() {
    let mut line = Line::with(short_linger());
    line.send_all(&[Wire::a(99, b"").syn(), Wire::b(499, b"").syn().ack(100)]);
    line.send_all(&[
        Wire::a(100, b"bye").fin().ack(500),
        Wire::b(500, b"").fin().ack(104),
    ]);
    assert!(line.collector.closed.is_empty());
    others(&mut line, 4);
    assert_eq!(line.collector.closed[&0].close, Close::Fin);
    assert_eq!(line.collector.text(0), "bye");
    // Late copies are still known.
    line.send_all(&[Wire::a(100, b"bye").fin(), Wire::b(501, b"").ack(104)]);
    assert_eq!(line.finish().opened, [0, 1]);
    assert!(line.collector.findings.is_empty());
}

#[test]
fn one_fin_leaves_the_other_direction_open() {
    let mut line = Line::with(short_linger());
    line.send_all(&[Wire::a(99, b"").syn(), Wire::b(499, b"").syn().ack(100)]);
    line.send(&Wire::b(500, b"").fin().ack(100));
    others(&mut line, 10);
    line.send(&Wire::a(100, b"still here").ack(501));
    assert_eq!(line.collector.text(0), "still here");
    assert_eq!(line.finish().closed[&0].close, Close::Open);
}

#[test]
fn a_fin_waits_for_the_hole_before_it() {
    let mut line = Line::with(short_linger());
    line.send_all(&[Wire::a(99, b"").syn(), Wire::a(103, b"def").fin()]);
    line.send(&Wire::a(100, b"abc"));
    assert_eq!(line.finish().text(0), "abcdef");
}

#[test]
fn octets_missing_before_a_fin_are_a_gap() {
    let mut line = Line::with(short_linger());
    line.send_all(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"abc"),
        Wire::a(110, b"").fin(),
    ]);
    others(&mut line, 4);
    assert_eq!(line.collector.text(0), "abc<7 MissingSegment>");
    assert!(line.collector.closed.contains_key(&0));
}

#[test]
fn data_behind_a_fin_is_a_finding() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"abc").fin(),
        Wire::a(102, b"cdef"),
        Wire::a(200, b"xyz"),
    ]);
    assert_eq!(got.text(0), "abc");
    assert_eq!(got.kinds(), ["data-after-fin", "data-after-fin"]);
    assert_eq!(got.findings[0].length, 3);
}

#[test]
fn data_that_a_rst_overtook_is_still_delivered() {
    let mut line = Line::with(short_linger());
    line.send_all(&[
        Wire::a(99, b"").syn(),
        Wire::a(103, b"def"),
        Wire::b(0, b"").rst(),
    ]);
    line.send(&Wire::a(100, b"abc"));
    assert_eq!(line.collector.text(0), "abcdef");
    others(&mut line, 8);
    assert_eq!(line.collector.closed[&0].close, Close::Rst);
}

#[test]
fn a_forged_rst_loses_nothing() {
    let mut line = Line::with(short_linger());
    line.send_all(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"abc"),
        Wire::a(4, b"").rst(),
    ]);
    others(&mut line, 10);
    line.send(&Wire::a(103, b"def"));
    let got = line.finish();
    assert_eq!(got.text(0), "abc");
    // Connection 1 is that of the others.
    assert_eq!(got.text(4), "<0 MidStreamStart>def");
    assert_eq!(got.closed[&2].incarnation, 1);
}

#[test]
fn a_new_syn_is_a_new_connection_and_the_old_one_is_closed_first() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"abc"),
        Wire::a(106, b"ghi"),
        Wire::a(7_000_000, b"").syn(),
        Wire::a(7_000_001, b"new"),
    ]);
    assert_eq!(got.text(0), "abc<3 MissingSegment>ghi");
    assert_eq!(got.text(2), "new");
    assert_eq!(got.closed[&0].close, Close::Open);
    assert_eq!(
        (got.closed[&0].incarnation, got.closed[&1].incarnation),
        (0, 1)
    );
}

#[test]
fn a_syn_that_is_sent_again_is_the_same_connection() {
    let syn = || Wire::a(99, b"").syn();
    let got = run(&[
        syn(),
        syn(),
        Wire::a(100, b"abc"),
        syn(),
        Wire::a(103, b"def"),
    ]);
    assert_eq!(got.text(0), "abcdef");
    assert_eq!(got.opened, [0]);
}

#[test]
fn after_a_close_even_the_same_syn_is_a_new_connection() {
    let got = run(&[
        Wire::a(0, b"").syn(),
        Wire::a(1, b"one").fin(),
        Wire::a(0, b"").syn(),
        Wire::a(1, b"two").fin(),
    ]);
    assert_eq!((got.text(0), got.text(2)), ("one".into(), "two".into()));
}

#[test]
fn without_a_syn_numbers_far_from_a_closed_connection_are_a_new_one() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"one").fin(),
        Wire::a(104 + 65_536, b"two"),
        Wire::a(107 + 65_536, b"!").fin(),
        Wire::a(2_000_000_000, b"three"),
    ]);
    assert_eq!(got.text(0), "one");
    assert_eq!(got.text(2), "<0 MidStreamStart>two!");
    assert_eq!(got.text(4), "<0 MidStreamStart>three");
}

#[test]
fn a_syn_ack_with_other_numbers_is_a_new_connection() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"one"),
        Wire::b(88_499, b"").syn().ack(77_100),
        Wire::a(77_100, b"two"),
    ]);
    assert_eq!((got.text(0), got.text(2)), ("one".into(), "two".into()));
    assert_eq!(got.closed[&1].initiator.port, 50_000);
}

#[test]
fn too_many_connections_push_out_closed_ones_then_the_longest_silent() {
    let bounds = Bounds {
        connections: 16,
        ..Bounds::default()
    };
    let mut line = Line::with(bounds);
    (0..16).for_each(|port| line.send(&Wire::a(99, b"").syn().port(port)));
    line.send(&Wire::a(100, b"abc").port(0));
    line.send(&Wire::b(500, b"").rst().port(9));
    line.send(&Wire::a(99, b"").syn().port(100));
    assert_eq!(line.collector.closed.keys().collect::<Vec<_>>(), [&9]);
    assert!(line.collector.findings.is_empty());
    line.send(&Wire::a(99, b"").syn().port(101));
    assert_eq!(line.collector.closed.keys().collect::<Vec<_>>(), [&1, &9]);
    assert_eq!(line.collector.kinds(), ["connection-evicted"]);
    assert!(line.connections.connection(1).is_none());
    assert_eq!(line.connections.connection(17).unwrap().initiator.port, 101);
    line.finish();
    assert_eq!(line.collector.closed.len(), 18);
}

#[test]
fn a_reset_with_text_carries_no_data() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::a(100, b"abc"),
        Wire::a(103, b"why").rst(),
    ]);
    assert_eq!(got.text(0), "abc");
}

#[test]
fn a_fin_behind_which_the_other_end_acknowledges_data_ends_nothing() {
    let open = [
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"abc").ack(500),
        Wire::b(500, b"").ack(103),
    ];
    // Where it should be, and behind octets that were acknowledged.
    for sequence in [103, 101] {
        let more = [
            Wire::a(sequence, b"").fin().ack(500),
            Wire::a(103, b"def").ack(500),
            Wire::a(106, b"ghi").ack(500),
            Wire::b(500, b"").ack(109),
            Wire::a(109, b"jkl").ack(500),
            Wire::b(500, b"").ack(112),
            Wire::a(112, b"").fin().ack(500),
            Wire::b(500, b"").fin().ack(113),
        ];
        let mut line = Line::new();
        line.send_all(&open);
        line.send_all(&more);
        // Nothing waits for the end.
        assert_eq!(line.collector.text(0), "abcdefghijkl", "{sequence}");
        let got = line.finish();
        assert_eq!(got.closed[&0].close, Close::Fin);
        assert!(got.kinds().is_empty());
    }
}

#[test]
fn many_segments_behind_a_fin_cost_little() {
    let mut line = Line::new();
    line.send_all(&[Wire::a(99, b"").syn(), Wire::a(100, b"").fin()]);
    (0..10_000).for_each(|n| line.send(&Wire::a(102 + n, b"x")));
    assert!(line.connections.held_octets() < 256 * 512);
    assert_eq!(line.finish().text(0), "");
}

#[test]
fn behind_a_reset_that_was_obeyed_numbers_beyond_a_window_are_the_next_connection() {
    let mut line = Line::new();
    line.send_all(&[
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"abc").ack(500),
        Wire::b(500, b"").rst().ack(103),
    ]);
    // RFC 6528 3: the clock of initial sequence numbers, five seconds later.
    line.send_all(&[
        Wire::a(1_250_100, b"").ack(1_250_500),
        Wire::a(1_250_100, b"new").ack(1_250_500),
        Wire::b(1_250_500, b"").ack(1_250_103),
    ]);
    let got = line.finish();
    assert_eq!(got.text(0), "abc");
    assert_eq!(got.text(2), "<0 MidStreamStart>new");
    let [first, second] = &got.closed[&1].sides;
    assert_eq!((first.segments, second.segments), (2, 1));
}

#[test]
fn behind_a_fin_that_was_acknowledged_numbers_beyond_a_window_are_the_next_connection() {
    let got = run(&[
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"abc").fin().ack(500),
        Wire::b(500, b"").ack(104),
        Wire::a(1_250_100, b"new").ack(1_250_500),
    ]);
    assert_eq!(got.text(0), "abc");
    assert_eq!(got.text(2), "<0 MidStreamStart>new");
}
