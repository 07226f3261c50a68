//! Captures made to hurt: memory stays bounded, and time linear.

use crate::stream::testing::{Line, Wire};
use crate::stream::{Bounds, FindingKind};

#[test]
fn a_million_half_open_connections_stay_within_the_bound() {
    let mut line = Line::with(Bounds {
        connections: 4096,
        ..Bounds::default()
    });
    line.collector.is_brief = true;
    for n in 0..1_000_000u32 {
        let wire = Wire::a(n, b"").syn().port((n % 60_000) as u16);
        line.send(&wire);
    }
    assert!(line.connections.connection(999_999).is_some());
    let evicted = line.collector.kinds();
    assert!(evicted.iter().all(|kind| *kind == "connection-evicted"));
    line.finish();
    assert_eq!(line.collector.closed.len(), 1_000_000);
}

#[test]
fn first_segments_that_are_always_missing_hold_no_more_than_the_bound() {
    let bounds = Bounds {
        held_octets: 1 << 20,
        ..Bounds::default()
    };
    let mut line = Line::with(bounds);
    line.collector.is_brief = true;
    line.send(&Wire::a(999, b"").syn());
    let payload = [7; 1448];
    for n in 1..20_000u32 {
        // One octet is missing before each.
        line.send(&Wire::a(1000u32.wrapping_add(n * 1449), &payload));
        assert!(line.connections.held_octets() <= (1 << 20) + 4096);
    }
    line.finish();
    let stream = line.collector.streams.values().next().unwrap();
    assert_eq!(stream.at, 20_000 * 1449 - 1);
}

#[test]
fn many_connections_together_hold_no_more_than_the_bound_of_all() {
    let bounds = Bounds {
        held_octets_total: 1 << 20,
        ..Bounds::default()
    };
    let mut line = Line::with(bounds);
    line.collector.is_brief = true;
    for n in 0..40u32 {
        for port in 0..200 {
            if n == 0 {
                line.send(&Wire::a(999, b"").syn().port(port));
            }
            line.send(&Wire::a(2000 + n * 500, &[7; 400]).port(port));
            assert!(line.connections.held_octets() <= 1 << 20);
        }
    }
    let given_up = |kind: FindingKind| kind == FindingKind::HoleGivenUp;
    assert!(
        line.collector
            .findings
            .iter()
            .any(|finding| given_up(finding.kind))
    );
    line.finish();
    let ends = line.collector.streams.values().map(|stream| stream.at);
    assert!(ends.into_iter().all(|at| at == 1000 + 39 * 500 + 400));
}

#[test]
fn strays_and_single_octets_are_bounded_too() {
    let mut line = Line::with(Bounds {
        held_segments: 100,
        ..Bounds::default()
    });
    line.collector.is_brief = true;
    line.send(&Wire::a(999, b"").syn());
    let mut number = 12345u32;
    for _ in 0..50_000 {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        line.send(&Wire::a(number, &number.to_be_bytes()));
        assert!(line.connections.held_octets() < 100_000);
    }
    for n in 0..50_000 {
        line.send(&Wire::a(2000 + n * 2, b"x"));
        assert!(line.connections.held_octets() < 100_000);
    }
    line.finish();
}

#[test]
fn strays_of_many_connections_stay_within_the_bound_of_all() {
    let mut line = Line::with(Bounds {
        held_octets_total: 1 << 20,
        ..Bounds::default()
    });
    line.collector.is_brief = true;
    for port in 0..20_000 {
        line.send(&Wire::a(999, b"").syn().port(port));
        line.send(&Wire::a(1 << 31, &[7; 1000]).port(port));
        assert!(line.connections.held_octets() <= 1 << 20);
    }
    line.finish();
    let strays = line
        .collector
        .kinds()
        .iter()
        .filter(|kind| **kind == "out-of-window")
        .count();
    let believed = line.collector.streams.len();
    assert_eq!(strays + believed, 20_000);
}

#[test]
fn reconnecting_forever_on_one_pair_of_ports_keeps_nothing() {
    let mut line = Line::with(Bounds {
        linger: 2,
        connections: 4,
        ..Bounds::default()
    });
    line.collector.is_brief = true;
    for n in 0..100_000u32 {
        line.send(&Wire::a(n * 1000, b"").syn().port(n as u16 % 2));
        line.send(&Wire::a(n * 1000 + 1, b"abc").fin().port(n as u16 % 2));
    }
    assert!(
        line.connections.queued() <= 16,
        "{}",
        line.connections.queued()
    );
    line.finish();
    assert_eq!(line.collector.closed.len(), 100_000);
}

#[test]
fn any_header_is_taken() {
    let mut line = Line::with(Bounds {
        linger: 5,
        ..Bounds::default()
    });
    let mut number = 1u64;
    let mut next = move || {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        number >> 33
    };
    for _ in 0..30_000 {
        let near = [0u32, 0xffff_fff0, 1 << 31, 1 << 26][next() as usize % 4];
        let sequence = near.wrapping_add(next() as u32 % 40);
        let data = vec![7; next() as usize % 12];
        let mut wire = Wire::a(sequence, &data).port(next() as u16 % 3);
        wire.from_a = next() % 2 == 0;
        wire.flags = [0, 16, 16, 16, 1, 2, 18, 4, 17, 255][next() as usize % 10];
        wire.acknowledgment = near.wrapping_add(next() as u32 % 60);
        wire.missing = [0, 0, 0, 5][next() as usize % 4];
        line.send(&wire);
    }
    line.collector.uncounted = true;
    line.finish();
    assert_eq!(line.collector.closed.len(), line.collector.opened.len());
}
