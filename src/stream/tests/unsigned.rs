//! Data without a signature in a direction that signs.

use crate::stream::Close;
use crate::stream::testing::{Collector, Line, Wire, run};

/// TCP-AO (RFC 5925 2.2) with KeyID 1, RNextKeyID 2 and no MAC, to be told from a signature not at all.
fn signed(wire: Wire) -> Wire {
    wire.options(&[29, 4, 1, 2])
}

/// A signed connection that has carried `abc`; the next numbers are 103 and 500.
fn after_open(more: &[Wire]) -> Collector {
    let open = [
        signed(Wire::a(99, b"").syn()),
        signed(Wire::b(499, b"").syn().ack(100)),
        signed(Wire::a(100, b"abc").ack(500)),
        signed(Wire::b(500, b"").ack(103)),
    ];
    run(&[open.to_vec(), more.to_vec()].concat())
}

#[test]
fn a_signed_copy_stands_though_the_unsigned_one_came_first() {
    let got = after_open(&[
        Wire::a(103, b"xxxx").ack(500),
        signed(Wire::a(103, b"def").ack(500)),
        signed(Wire::b(500, b"").ack(106)),
        signed(Wire::a(106, b"ghi").ack(500)),
        signed(Wire::b(500, b"").ack(109)),
    ]);
    assert_eq!(got.text(0), "abcdefghi");
    assert_eq!(got.kinds(), ["unsigned-ignored"]);
    assert_eq!(
        (got.findings[0].moment.packet, got.findings[0].length),
        (5, 4)
    );
    assert_eq!(got.closed[&0].sides[0].segments, 5);
}

#[test]
fn what_the_other_end_acknowledged_is_read() {
    let got = after_open(&[
        Wire::a(103, b"def").ack(500),
        signed(Wire::a(106, b"ghi").ack(500)),
        signed(Wire::b(500, b"").ack(109)),
        signed(Wire::a(109, b"jkl").ack(500)),
    ]);
    assert_eq!((got.text(0), got.kinds().len()), ("abcdefghijkl".into(), 0));
}

#[test]
fn a_forged_acknowledgment_proves_nothing() {
    let got = after_open(&[
        Wire::a(103, b"xxx").ack(500),
        Wire::b(500, b"").ack(106),
        signed(Wire::a(103, b"def").ack(500)),
        signed(Wire::b(500, b"").ack(106)),
    ]);
    assert_eq!(got.text(0), "abcdef");
}

#[test]
fn what_was_never_acknowledged_is_not_read() {
    let got = after_open(&[
        Wire::a(400_000, b"xxx").ack(500),
        signed(Wire::a(103, b"def").ack(500)),
        signed(Wire::b(500, b"").ack(106)),
    ]);
    assert_eq!(
        (got.text(0), got.kinds()),
        ("abcdef".into(), vec!["unsigned-ignored"])
    );
}

#[test]
fn where_no_acknowledgment_was_captured_it_fills_what_nothing_else_does() {
    let mut line = Line::new();
    line.send_all(&[
        signed(Wire::a(99, b"").syn()),
        signed(Wire::a(100, b"abc")),
        signed(Wire::a(102, b"")),
        signed(Wire::a(102, b"")),
        Wire::a(103, b"xxx"),
        Wire::a(106, b"ghi"),
        signed(Wire::a(103, b"def")),
        signed(Wire::a(109, b"jkl")),
    ]);
    assert_eq!(line.collector.text(0), "abcdef");
    assert_eq!(line.finish().text(0), "abcdefghijkl");
}

#[test]
fn nothing_waits_of_a_direction_that_does_not_go_on_signing() {
    let mut line = Line::new();
    line.send(&signed(Wire::a(99, b"").syn()));
    (0..10).for_each(|n| line.send(&Wire::a(100 + n, b"x")));
    assert_eq!(line.collector.text(0).len(), 10);
}

#[test]
fn many_unsigned_segments_do_not_wait_for_ever() {
    let mut line = Line::new();
    line.send(&signed(Wire::a(99, b"").syn()));
    (0..1000).for_each(|_| line.send(&signed(Wire::a(100, b""))));
    (0..500).for_each(|n| line.send(&Wire::a(100 + n, b"x")));
    assert_eq!(line.collector.text(0).len(), 500 - 64);
    assert_eq!(line.finish().text(0).len(), 500);
}

#[test]
fn one_segment_with_an_option_in_a_connection_without_changes_nothing() {
    let mut line = Line::new();
    line.send_all(&[
        Wire::a(99, b"").syn(),
        Wire::b(499, b"").syn().ack(100),
        signed(Wire::a(4_000, b"")),
        signed(Wire::b(500, b"").ack(100)),
        Wire::a(100, b"abc").ack(500),
        Wire::b(500, b"").ack(103),
        Wire::a(103, b"def").ack(500),
    ]);
    assert_eq!(line.collector.text(0), "abcdef");
}

#[test]
fn a_forged_fin_does_not_end_a_signed_stream() {
    // With data, behind what was acknowledged, and ahead of it.
    for (sequence, data) in [(103, &b""[..]), (103, b"xxxx"), (101, b""), (110, b"")] {
        let got = after_open(&[
            Wire::a(sequence, data).fin().ack(500),
            signed(Wire::a(103, b"def").ack(500)),
            signed(Wire::b(500, b"").ack(106)),
            signed(Wire::a(106, b"ghi").fin().ack(500)),
            signed(Wire::b(500, b"").fin().ack(110)),
        ]);
        assert_eq!(got.text(0), "abcdefghi", "{sequence}");
        assert_eq!(got.closed[&0].close, Close::Fin);
    }
}

#[test]
fn a_fin_without_a_signature_that_was_acknowledged_ends_the_stream() {
    let got = after_open(&[
        Wire::a(103, b"def").fin().ack(500),
        signed(Wire::b(500, b"").fin().ack(107)),
    ]);
    assert_eq!(
        (got.text(0), got.closed[&0].close),
        ("abcdef".into(), Close::Fin)
    );
}

#[test]
fn a_forged_handshake_without_data_does_not_tear_a_signed_connection() {
    let got = after_open(&[
        Wire::a(7_000_000, b"").syn(),
        Wire::b(9_000_000, b"").syn().ack(7_000_001),
        Wire::a(7_000_001, b"").ack(9_000_001),
        signed(Wire::a(103, b"def").ack(500)),
        signed(Wire::b(500, b"").ack(106)),
    ]);
    assert_eq!((got.text(0), got.opened.len()), ("abcdef".into(), 1));
}

#[test]
fn the_next_connection_may_do_without_signatures() {
    let got = after_open(&[
        Wire::a(7_000_000, b"").syn(),
        Wire::b(9_000_000, b"").syn().ack(7_000_001),
        Wire::a(7_000_001, b"").ack(9_000_001),
        Wire::a(7_000_001, b"new").ack(9_000_001),
        Wire::b(9_000_001, b"").ack(7_000_004),
    ]);
    assert_eq!((got.text(0), got.text(2)), ("abc".into(), "new".into()));
}
