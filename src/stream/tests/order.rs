//! Order, copies, holes.

use crate::stream::testing::{Line, Wire, run, run_with};
use crate::stream::{Bounds, FindingKind};

fn syn() -> Wire {
    Wire::a(999, b"").syn()
}

#[test]
fn in_order_segments_follow_each_other() {
    let got = run(&[syn(), Wire::a(1000, b"abc"), Wire::a(1003, b"def")]);
    assert_eq!(got.text(0), "abcdef");
    assert!(got.findings.is_empty());
    assert_eq!(got.closed[&0].sides[0].octets, 6);
    assert_eq!(got.closed[&0].sides[0].segments, 3);
}

#[test]
fn swapped_segments_come_out_in_order_with_their_own_packets() {
    let mut line = Line::new();
    line.send_all(&[syn(), Wire::a(1003, b"def"), Wire::a(1006, b"ghi")]);
    assert_eq!(line.collector.text(0), "");
    line.send(&Wire::a(1000, b"abc"));
    assert_eq!(line.collector.text(0), "abcdefghi");
    assert!(line.finish().findings.is_empty());
}

#[test]
fn copies_and_overlaps_are_delivered_once() {
    let got = run(&[
        syn(),
        Wire::a(1000, b"abc"),
        Wire::a(1000, b"abc"),
        Wire::a(1001, b"bcde"),
        Wire::a(1000, b"abcdefg"),
        Wire::a(1009, b"jk"),
        Wire::a(1006, b"ghijkl"),
    ]);
    assert_eq!(got.text(0), "abcdefghijkl");
    assert_eq!(got.closed[&0].sides[0].duplicate_octets, 3 + 2 + 5 + 1);
    assert!(got.findings.is_empty());
}

#[test]
fn a_hole_that_is_never_filled_is_a_gap_between_two_packets() {
    let got = run(&[
        syn(),
        Wire::a(1000, b"abc"),
        Wire::a(1010, b"klm"),
        Wire::a(1020, b"uvw"),
    ]);
    assert_eq!(got.text(0), "abc<7 MissingSegment>klm<7 MissingSegment>uvw");
    let gap = got.streams.values().next().unwrap().gaps[0];
    assert_eq!((gap.offset, gap.before.packet, gap.after.packet), (3, 2, 3));
}

#[test]
fn an_acknowledgment_does_not_give_up_a_hole() {
    let mut line = Line::new();
    line.send_all(&[
        syn(),
        Wire::b(5000, b"").ack(1010),
        Wire::a(1003, b"defghij"),
    ]);
    assert_eq!(line.collector.text(0), "");
    line.send(&Wire::a(1000, b"abc"));
    assert_eq!(line.collector.text(0), "abcdefghij");
}

#[test]
fn octets_that_were_acknowledged_and_never_captured_are_a_gap_at_the_end() {
    let got = run(&[syn(), Wire::a(1000, b"abc"), Wire::b(5000, b"").ack(1010)]);
    assert_eq!(got.text(0), "abc<7 MissingSegment>");
    // One octet may be a FIN that was not captured.
    let got = run(&[syn(), Wire::a(1000, b"abc"), Wire::b(5000, b"").ack(1004)]);
    assert_eq!(got.text(0), "abc");
}

#[test]
fn held_copies_that_differ_are_a_finding_and_the_first_stands() {
    let got = run(&[
        syn(),
        Wire::a(1003, b"def"),
        Wire::a(1003, b"dXf"),
        Wire::a(1000, b"abcYZ"),
    ]);
    assert_eq!(got.text(0), "abcdef");
    assert_eq!(
        got.kinds(),
        ["retransmission-differs", "retransmission-differs"]
    );
    let finding = got.findings[0];
    assert_eq!((finding.offset, finding.moment.packet), (Some(4), 3));
    assert_eq!(finding.kind, FindingKind::RetransmissionDiffers);
}

#[test]
fn keepalive_probes_are_not_data() {
    let got = run(&[
        syn(),
        Wire::a(999, b"").ack(1),
        Wire::a(1000, b"abc"),
        Wire::a(1002, b"\0").ack(1),
        Wire::a(1002, b"").ack(1),
        Wire::a(1003, b"def"),
    ]);
    assert_eq!(got.text(0), "abcdef");
    assert!(got.findings.is_empty());
    assert_eq!(got.closed[&0].sides[0].duplicate_octets, 0);
}

#[test]
fn a_zero_window_probe_carries_the_next_octet() {
    let got = run(&[
        syn(),
        Wire::a(1000, b"a"),
        Wire::a(1000, b"a"),
        Wire::a(1000, b"abc"),
    ]);
    assert_eq!(got.text(0), "abc");
}

#[test]
fn what_the_snapshot_length_cut_is_a_gap_of_its_own_cause() {
    let got = run(&[
        syn(),
        Wire::a(1000, b"abc").missing(3),
        Wire::a(1006, b"ghi").missing(3),
        Wire::a(1020, b"uv"),
    ]);
    assert_eq!(
        got.text(0),
        "abc<3 Snaplen>ghi<3 Snaplen><8 MissingSegment>uv"
    );
}

#[test]
fn another_copy_fills_what_the_snapshot_length_cut() {
    let mut line = Line::new();
    line.send_all(&[
        syn(),
        Wire::a(1000, b"ab").missing(4),
        Wire::a(1006, b"gh").missing(1),
    ]);
    assert_eq!(line.collector.text(0), "ab");
    line.send(&Wire::a(1001, b"bcdef"));
    assert_eq!(line.collector.text(0), "abcdefgh");
    assert_eq!(line.finish().text(0), "abcdefgh<1 Snaplen>");
}

#[test]
fn behind_a_cut_only_a_few_segments_are_held() {
    let bounds = Bounds {
        cut_segments: 4,
        ..Bounds::default()
    };
    let mut line = Line::with(bounds);
    line.send(&syn());
    (0..20).for_each(|n| line.send(&Wire::a(1000 + n * 10, b"abc").missing(7)));
    assert!(
        line.collector.text(0).len() > 200,
        "{}",
        line.collector.text(0)
    );
    assert!(line.finish().findings.is_empty());
    let whole = "abc<7 Snaplen>".repeat(20);
    assert_eq!(line.collector.text(0), whole);
}

#[test]
fn headers_alone_are_one_cut_after_the_other() {
    let wires: Vec<_> = (0..600)
        .map(|n| Wire::a(1000 + n * 10, b"").missing(10))
        .collect();
    let got = run(&wires);
    let stream = got.streams.values().next().unwrap();
    assert_eq!(stream.at, 6000);
    assert_eq!(stream.gaps.len(), 601);
}

#[test]
fn past_the_bound_the_first_hole_is_given_up() {
    let bounds = Bounds {
        held_segments: 2,
        ..Bounds::default()
    };
    let mut line = Line::with(bounds);
    line.send_all(&[syn(), Wire::a(1010, b"k"), Wire::a(1020, b"u")]);
    assert_eq!(line.collector.text(0), "");
    line.send(&Wire::a(1030, b"E"));
    assert_eq!(line.collector.text(0), "<10 MissingSegment>k");
    assert_eq!(line.collector.kinds(), ["hole-given-up"]);
    line.send(&Wire::a(1000, b"too late "));
    assert_eq!(
        line.finish().text(0),
        "<10 MissingSegment>k<9 MissingSegment>u<9 MissingSegment>E"
    );
}

#[test]
fn octets_count_for_the_bound_too() {
    let bounds = Bounds {
        held_octets: 4096,
        ..Bounds::default()
    };
    let got = run_with(
        bounds,
        &[syn(), Wire::a(2000, &[b'x'; 5000]), Wire::a(1000, b"late")],
    );
    assert!(got.text(0).starts_with("<1000 MissingSegment>xxx"));
}

#[test]
fn sequence_numbers_wrap() {
    let got = run(&[
        Wire::a(0xffff_fffd, b"").syn(),
        Wire::a(0xffff_fffe, b"abc"),
        Wire::a(4, b"ghi"),
        Wire::a(1, b"def"),
    ]);
    assert_eq!(got.text(0), "abcdefghi");
}

#[test]
fn offsets_go_on_past_four_gibibytes() {
    let bounds = Bounds {
        held_segments: 0,
        ..Bounds::default()
    };
    let mut line = Line::with(bounds);
    line.send_all(&[syn(), Wire::a(1000, b"abc")]);
    let mut sequence = 1003u32;
    // Jumps of just under the distance that is believed at once.
    for _ in 0..100 {
        sequence = sequence.wrapping_add((1 << 26) - 1);
        line.send(&Wire::a(sequence, b"x"));
        sequence = sequence.wrapping_add(1);
    }
    let stream = line.collector.streams.values().next().unwrap();
    assert_eq!(stream.at, 3 + 100 * (1 << 26));
    assert!(stream.at > 1 << 32);
}

#[test]
fn a_capture_that_paused_goes_on_after_three_segments_far_away() {
    let far = 1000 + (3 << 30);
    let mut line = Line::new();
    line.send_all(&[syn(), Wire::a(1000, b"abc")]);
    line.send_all(&[
        Wire::a(far, b"012"),
        Wire::a(far + 3, b"345"),
        Wire::a(far + 6, b"678"),
    ]);
    line.send(&Wire::a(far + 9, b"9"));
    let expected = format!("abc<{} MissingSegment>0123456789", (3u64 << 30) - 3);
    assert_eq!(line.finish().text(0), expected);
    assert!(line.collector.findings.is_empty());
}

#[test]
fn a_segment_far_away_that_nothing_continues_is_a_finding() {
    let far = 1000 + (3 << 30);
    let got = run(&[
        syn(),
        Wire::a(1000, b"abc"),
        Wire::a(far, b"012"),
        Wire::a(1003, b"def"),
    ]);
    assert_eq!(got.text(0), "abcdef");
    assert_eq!(got.kinds(), ["out-of-window"]);
    assert_eq!(got.findings[0].length, 3);
    // With nothing after it, nothing speaks against it.
    let got = run(&[syn(), Wire::a(1000, b"abc"), Wire::a(far, b"012")]);
    assert_eq!(
        got.text(0),
        format!("abc<{} MissingSegment>012", (3u64 << 30) - 3)
    );
}
