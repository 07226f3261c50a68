//! What is collected of connections: through the reassembly that numbers them, as captures go.

use crate::auth::testing::segment;
use crate::auth::watch::{Content, Protections, Watch};
use crate::auth::{Keys, Signature};
use crate::stream::{
    Bounds, Close, Connection, Connections, Consumer, DirectionId, Gap, Moment, StreamFinding,
};
use crate::time::Timestamp;
use std::sync::Arc;

/// Takes nothing.
struct Nobody;

impl Consumer for Nobody {
    fn data(&mut self, _: DirectionId, _: u64, _: &[u8], _: Moment) {}
    fn gap(&mut self, _: DirectionId, _: Gap) {}
    fn continues_uncounted(&mut self, _: DirectionId, _: &[u8]) -> Option<bool> {
        None
    }
    fn opened(&mut self, _: u32, _: &Connection) {}
    fn closed(&mut self, _: u32, _: &Connection) {}
    fn finding(&mut self, _: StreamFinding) {}
}

/// One segment: from the router, flags, sequence and acknowledgment numbers, window, options, payload.
#[derive(Clone, Copy)]
struct Sent {
    from_router: bool,
    flags: u8,
    sequence: u32,
    acknowledgment: u32,
    window: u16,
    options: &'static [u8],
    length: usize,
}

const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// TCP-AO with KeyID 1, RNextKeyID 2 and a MAC of 4 octets.
const AO: &[u8] = &[29, 8, 1, 2, 0, 0, 0, 0];
/// TCP-MD5, and two octets of No-Operation.
const MD5: &[u8] = &[19, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1];
/// Both.
const BOTH: &[u8] = &[
    29, 4, 1, 2, 19, 18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
];
/// Two TCP-AO options.
const TWO: &[u8] = &[29, 4, 1, 2, 29, 4, 1, 2];

fn router(flags: u8, sequence: u32, acknowledgment: u32, length: usize) -> Sent {
    Sent {
        from_router: true,
        flags,
        sequence,
        acknowledgment,
        window: 1000,
        options: AO,
        length,
    }
}

fn station(flags: u8, sequence: u32, acknowledgment: u32) -> Sent {
    Sent {
        from_router: false,
        ..router(flags, sequence, acknowledgment, 0)
    }
}

fn packet(sent: &Sent) -> Vec<u8> {
    let (router, station) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let (ports, ends) = match sent.from_router {
        true => ([[0x9c, 0x40], [6, 254]], [router, station]),
        false => ([[6, 254], [0x9c, 0x40]], [station, router]),
    };
    let header = 20 + sent.options.len();
    let mut packet = vec![0x45, 0];
    packet.extend(((20 + header + sent.length) as u16).to_be_bytes());
    packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
    packet.extend(ends.concat());
    packet.extend(ports.concat());
    packet.extend(sent.sequence.to_be_bytes());
    packet.extend(sent.acknowledgment.to_be_bytes());
    packet.extend([(header as u8 / 4) << 4, sent.flags]);
    packet.extend(sent.window.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(sent.options);
    packet.resize(20 + header + sent.length, 9);
    packet
}

/// Watches segments, one a second.
fn watched(all: &[Sent]) -> Protections {
    let mut connections = Connections::new(Bounds::default());
    let mut watch = Watch::new(&Arc::new(Keys::default()));
    for (second, sent) in all.iter().enumerate() {
        let packet = packet(sent);
        let segment = segment(&packet);
        let moment = Moment {
            file: 0,
            packet: second as u64 + 1,
            time: Some(Timestamp::from_nanoseconds(
                second as i64 * 1_000_000_000,
                6,
            )),
            ..Moment::default()
        };
        connections.segment(&segment, moment, &mut Nobody);
        watch.segment(connections.of(&segment).unwrap(), &segment, moment);
    }
    watch.closed(0, Close::Open, [None, None], Content::Unknown, None);
    watch.finish()
}

fn handshake() -> Vec<Sent> {
    vec![
        router(SYN, 99, 0, 0),
        station(SYN | ACK, 199, 100),
        router(ACK, 100, 200, 0),
    ]
}

fn after_handshake(more: &[Sent]) -> Protections {
    watched(&[&handshake(), more].concat())
}

#[test]
fn keepalive_probes_and_their_answers_are_counted() {
    let protections = after_handshake(&[
        router(ACK, 100, 200, 50),
        station(ACK, 200, 150),
        // Two probes, the first answered.
        router(ACK, 149, 200, 0),
        station(ACK, 200, 150),
        router(ACK, 149, 200, 1),
        // The station's own, answered.
        station(ACK, 199, 150),
        router(ACK, 150, 200, 0),
    ]);
    let [router, station] = &protections.connections[0].directions;
    // The station's probe acknowledges what the second one asked about, too.
    assert_eq!((router.liveness.probes, router.liveness.answered), (2, 2));
    assert_eq!((station.liveness.probes, station.liveness.answered), (1, 1));
}

#[test]
fn a_closed_window_is_told_with_how_long_it_was_closed() {
    let closed = Sent {
        window: 0,
        ..station(ACK, 200, 150)
    };
    let protections = after_handshake(&[
        router(ACK, 100, 200, 50),
        closed,
        // A probe of the window, not of the connection.
        router(ACK, 149, 200, 0),
        closed,
        station(ACK, 200, 150),
    ]);
    let connection = &protections.connections[0];
    let [router, station] = &connection.directions;
    assert_eq!(
        (router.liveness.probes, router.liveness.window_probes),
        (0, 1)
    );
    assert_eq!(station.liveness.zero_windows, 1);
    assert_eq!(station.liveness.longest_zero_window, 3_000_000_000);
    assert_eq!(connection.silence.length, 1_000_000_000);
}

#[test]
fn contradicting_options_are_counted_by_what_they_are() {
    let with = |options| Sent {
        options,
        ..router(ACK, 100, 200, 5)
    };
    let protections = after_handshake(&[with(BOTH), with(TWO), with(MD5)]);
    let router = &protections.connections[0].directions[0];
    assert_eq!((router.both_options.count, router.several_ao.count), (1, 1));
    assert_eq!((router.ao, router.md5, router.signed), (4, 2, 5));
    assert_eq!(router.verification.total.not_verifiable, 5);
}

#[test]
fn an_unsigned_segment_that_alone_carried_what_is_acknowledged_was_accepted() {
    let unsigned = Sent {
        options: &[],
        ..router(ACK, 100, 200, 50)
    };
    let protections = after_handshake(&[unsigned, station(ACK, 200, 150)]);
    let router = &protections.connections[0].directions[0];
    assert_eq!((router.unsigned.segments, router.unsigned.accepted), (1, 1));
}

#[test]
fn an_unsigned_syn_that_was_answered_was_accepted() {
    let mut all = handshake();
    all[0].options = &[];
    let protections = watched(&all);
    let router = &protections.connections[0].directions[0];
    assert_eq!(
        (router.unsigned_syn.segments, router.unsigned_syn.accepted),
        (1, 1)
    );
    assert_eq!(router.unsigned.segments, 0);
}

#[test]
fn an_unsigned_reset_after_which_the_other_end_goes_on_was_not_accepted() {
    let reset = Sent {
        options: &[],
        ..router(RST, 100, 0, 0)
    };
    let protections = after_handshake(&[reset, station(ACK, 200, 100)]);
    let router = &protections.connections[0].directions[0];
    assert_eq!((router.rst.count, router.unsigned_rst.not_accepted), (1, 1));
}

#[test]
fn signatures_of_any_options_are_read_without_a_panic() {
    for options in [AO, MD5, BOTH, TWO] {
        for cut in 0..options.len() {
            let mut packet = packet(&Sent {
                options,
                ..router(ACK, 1, 1, 0)
            });
            // A length that leaves the header, or none.
            packet[40 + cut] = 255;
            let _ = Signature::of(&segment(&packet));
            packet[40 + cut] = 0;
            let _ = Signature::of(&segment(&packet));
        }
    }
}
