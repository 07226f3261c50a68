//! SYNs in an open connection: forged, or the beginning of the next one.

use crate::stream::testing::{Collector, Line, Wire, run};
use crate::stream::{Bounds, Close};

/// A connection that has carried `abc`; the next numbers are 103 and 500.
fn open() -> Vec<Wire> {
    vec![
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        Wire::a(100, b"abc").ack(500),
        Wire::b(500, b"").ack(103),
    ]
}

fn after_open(more: &[Wire]) -> Collector {
    run(&[open(), more.to_vec()].concat())
}

/// A SYN with numbers far from the old ones.
fn syn() -> Wire {
    Wire::a(7_000_000, b"").syn()
}

/// Where the SYN came in captures that begin with [`open`].
const SYN_AT: u64 = 5;

#[test]
fn a_forged_syn_does_not_tear_a_connection() {
    let got = after_open(&[
        syn(),
        // The challenge ACK of RFC 5961 4 acknowledges the old numbers.
        Wire::b(500, b"").ack(103),
        Wire::a(103, b"def").ack(500),
        Wire::b(500, b"").ack(106),
    ]);
    assert_eq!(
        (got.text(0), got.opened.as_slice()),
        ("abcdef".into(), &[0][..])
    );
    assert_eq!(got.kinds(), ["syn-ignored"]);
    assert_eq!(got.findings[0].moment.packet, SYN_AT);
    let [initiator, responder] = &got.closed[&0].sides;
    assert_eq!((initiator.segments, responder.segments), (4, 4));
    assert_eq!(initiator.initial_sequence, Some(99));
    // The last one captured is not the SYN.
    assert_eq!(
        (initiator.last.packet, got.closed[&0].last().packet),
        (7, 8)
    );
    assert_eq!(got.settled, [(0, SYN_AT, true)]);
}

#[test]
fn a_syn_that_is_answered_begins_the_next_connection_where_it_was_captured() {
    let answers = [
        Wire::b(8_000_000, b"").syn().ack(7_000_001),
        // The SYN-ACK was not captured.
        Wire::b(900_000_000, b"").ack(7_000_001),
        // Nobody listens (RFC 9293 3.10.7.1).
        Wire::b(0, b"").rst().ack(7_000_001),
    ];
    for answer in answers {
        let mut line = Line::new();
        line.send_all(&open());
        line.send_all(&[syn(), answer.clone()]);
        assert_eq!(line.collector.opened, [0, 1], "{answer:?}");
        line.send(&Wire::a(7_000_001, b"new").ack(900_000_000));
        let got = line.finish();
        assert_eq!((got.text(0), got.text(2)), ("abc".into(), "new".into()));
        let second = &got.closed[&1];
        assert_eq!((second.first.packet, second.incarnation), (SYN_AT, 1));
        assert_eq!(second.initiator.port, 50_000);
        let [initiator, responder] = &second.sides;
        assert_eq!((initiator.segments, responder.segments), (2, 1));
        assert_eq!(initiator.initial_sequence, Some(7_000_000));
        assert_eq!(got.closed[&0].sides[0].segments, 2);
        assert_eq!(got.closed[&0].last().packet, SYN_AT - 1);
        assert_eq!(got.settled, [(1, SYN_AT, false)]);
        assert!(got.kinds().is_empty());
    }
}

#[test]
fn where_one_direction_was_captured_what_continues_the_syn_tells() {
    let continued = [
        Wire::a(7_000_001, b"").ack(900_000_000),
        Wire::a(7_000_001, b"new").ack(900_000_000),
        // Something was lost.
        Wire::a(37_000_001 - 15_000_000, b"new").ack(900_000_000),
    ];
    for (segment, expected) in
        continued
            .into_iter()
            .zip(["", "new", "<15000000 MissingSegment>new"])
    {
        let got = run(&[
            Wire::a(99, b"").syn(),
            Wire::a(100, b"abc").ack(500),
            syn(),
            syn(),
            segment,
        ]);
        assert_eq!((got.text(0), got.text(2)), ("abc".into(), expected.into()));
        assert_eq!(got.closed[&1].first.packet, 3);
        assert_eq!(got.settled, [(1, 3, false), (1, 4, false)]);
    }
}

#[test]
fn a_forged_number_near_the_old_ones_is_not_taken_for_continued() {
    let near = 103 + 20_000;
    let got = after_open(&[
        Wire::a(near, b"").syn(),
        // A hole, data that goes on right behind the forged SYN, and its acknowledgment.
        Wire::a(near + 1, b"jkl").ack(500),
        Wire::b(500, b"").ack(near + 1),
        Wire::a(near + 4, b"mno").ack(500),
    ]);
    assert_eq!(got.opened, [0]);
    assert_eq!(got.text(0), "abc<20001 MissingSegment>jklmno");
    assert_eq!(got.kinds(), ["syn-ignored"]);
}

#[test]
fn a_syn_that_is_repeated_and_never_answered_is_a_connection_of_its_own() {
    let challenge = || Wire::b(500, b"").ack(103);
    let got = after_open(&[syn(), challenge(), syn(), challenge(), syn(), challenge()]);
    assert_eq!(got.opened, [0, 1]);
    let (old, new) = (&got.closed[&0], &got.closed[&1]);
    assert_eq!((old.sides[0].segments, old.sides[1].segments), (2, 5));
    assert_eq!((new.sides[0].segments, new.sides[1].segments), (3, 0));
    assert_eq!((new.first.packet, new.last().packet), (SYN_AT, 9));
    assert!(got.kinds().is_empty());
}

#[test]
fn a_syn_behind_a_close_begins_the_next_connection_at_once() {
    let mut line = Line::new();
    line.send_all(&open());
    line.send_all(&[Wire::a(103, b"").rst(), syn()]);
    assert_eq!(line.collector.opened, [0, 1]);
    assert_eq!(line.finish().closed[&0].close, Close::Rst);
}

#[test]
fn a_syn_before_a_close_begins_the_next_connection_when_it_comes_again_or_the_old_one_lapses() {
    let mut line = Line::new();
    line.send_all(&open());
    line.send_all(&[syn(), Wire::b(500, b"").rst(), syn()]);
    assert_eq!(line.collector.opened, [0, 1]);
    assert_eq!(line.finish().closed[&1].sides[0].segments, 2);

    let mut line = Line::with(Bounds {
        linger: 3,
        ..Bounds::default()
    });
    line.send_all(&open());
    line.send_all(&[syn(), Wire::b(500, b"").rst()]);
    (0..5).for_each(|n| line.send(&Wire::a(n, b"").ack(1).port(1)));
    // Connection 1 is that of the others.
    assert_eq!(line.collector.opened, [0, 1, 2]);
    line.send(&Wire::b(8_000_000, b"").syn().ack(7_000_001));
    let got = line.finish();
    assert_eq!((got.opened.len(), got.closed[&2].first.packet), (3, SYN_AT));
}

#[test]
fn data_on_a_syn_is_delivered_once_it_is_believed() {
    let got = after_open(&[
        Wire::a(7_000_000, b"hel").syn(),
        Wire::b(8_000_000, b"").syn().ack(7_000_004),
        Wire::a(7_000_004, b"lo").ack(8_000_001),
    ]);
    assert_eq!((got.text(0), got.text(2)), ("abc".into(), "hello".into()));
}

#[test]
fn of_several_syns_the_one_that_is_answered_begins_the_next_connection() {
    let got = after_open(&[
        syn(),
        Wire::a(103, b"def").ack(500),
        Wire::a(90_000_000, b"").syn(),
        Wire::b(8_000_000, b"").syn().ack(90_000_001),
        Wire::a(90_000_001, b"new").ack(8_000_001),
    ]);
    assert_eq!((got.text(0), got.text(2)), ("abcdef".into(), "new".into()));
    assert_eq!(got.settled, [(0, SYN_AT, true), (1, 7, false)]);
}

#[test]
fn a_connection_that_has_carried_nothing_yet_is_replaced_at_once() {
    let mut line = Line::new();
    line.send_all(&[Wire::a(99, b"").syn(), syn()]);
    assert_eq!(line.collector.opened, [0, 1]);
}

#[test]
fn many_forged_syns_cost_little_and_are_counted_one_by_one() {
    let mut line = Line::new();
    line.send_all(&open());
    (0..1000).for_each(|n| line.send(&Wire::a(7_000_000 + n * 4_000_000, b"x").syn()));
    assert!(line.connections.held_octets() < 4096);
    line.send(&Wire::a(103, b"def").ack(500));
    let got = line.finish();
    assert_eq!((got.text(0), got.opened.len()), ("abcdef".into(), 1));
    assert_eq!(
        (got.kinds().len(), got.closed[&0].sides[0].segments),
        (1000, 1003)
    );
}

#[test]
fn a_forgotten_connection_leaves_no_syn_behind() {
    let mut line = Line::with(Bounds {
        connections: 1,
        ..Bounds::default()
    });
    line.send_all(&open());
    line.send(&syn());
    line.send(&Wire::a(1, b"x").port(1));
    assert_eq!(line.collector.closed.len(), 2);
    assert_eq!(line.finish().closed.len(), 3);
}

#[test]
fn a_forged_syn_ack_does_not_tear_a_connection() {
    let forged = [
        Wire::b(9_000_000, b"").syn().ack(7_000_001),
        Wire::b(9_000_000, b"").syn().ack(103),
        Wire::a(9_000_000, b"").syn().ack(500),
    ];
    for syn_ack in forged {
        let got = after_open(&[
            syn_ack.clone(),
            // The challenge ACK of RFC 5961 4 acknowledges the old numbers.
            Wire::a(103, b"").ack(500),
            Wire::a(103, b"def").ack(500),
            Wire::b(500, b"").ack(106),
        ]);
        assert_eq!((got.text(0), got.opened.len()), ("abcdef".into(), 1));
        assert_eq!(got.kinds(), ["syn-ignored"], "{syn_ack:?}");
        assert_eq!(got.settled, [(0, SYN_AT, true)]);
    }
}

#[test]
fn a_syn_ack_whose_numbers_the_other_end_goes_on_with_begins_the_next_connection() {
    let mut line = Line::new();
    line.send_all(&open());
    line.send_all(&[
        Wire::b(1_250_499, b"").syn().ack(1_250_100),
        Wire::a(1_250_100, b"").ack(1_250_500),
    ]);
    assert_eq!(line.collector.opened, [0, 1]);
    line.send(&Wire::a(1_250_100, b"new").ack(1_250_500));
    let got = line.finish();
    assert_eq!((got.text(0), got.text(2)), ("abc".into(), "new".into()));
    assert_eq!(got.closed[&1].first.packet, SYN_AT);
}
