//! Fragments in every order, overlapping, contradicting, never complete.

use super::super::samples::{Hex, IPV4, TCP, cut_frame, frame};
use super::super::{Decoder, Other, Packet};
use super::*;
use crate::capture::Frame;

/// An IPv4 fragment of datagram `identification` with `bytes` of what `protocol` is.
fn v4(identification: u16, protocol: u8, offset: usize, more: bool, bytes: &[u8]) -> Vec<u8> {
    let place = offset / 8 + usize::from(more) * 0x2000;
    let length = bytes.len() + 20;
    let header = format!(
        "45 00 {length:04x} {identification:04x} {place:04x} 40 {protocol:02x} 0000
        0a000001 0a000064"
    );
    [&Hex::of(&header).bytes(), bytes].concat()
}

/// An IPv6 fragment of datagram 7 with `bytes` of what `next` is.
fn v6(next: u8, offset: usize, more: bool, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len() + 8;
    let place = offset + usize::from(more);
    let header = format!(
        "60000000 {length:04x} 2c 40
        fd000000000000000000000000000001 fd000000000000000000000000000064
        {next:02x} 00 {place:04x} 00000007"
    );
    [&Hex::of(&header).bytes(), bytes].concat()
}

fn told(decoder: &mut Decoder, data: &[u8]) -> String {
    told_of(decoder, &frame(101, data))
}

fn told_of(decoder: &mut Decoder, frame: &Frame<'_>) -> String {
    match decoder.decode(frame) {
        Packet::Tcp(segment) => {
            assert!(segment.carriage.reassembled);
            assert_eq!((segment.payload, segment.header.len()), (&b"BMP!"[..], 32));
            segment.destination.to_string()
        }
        Packet::Other(other) => other.to_string(),
    }
}

const KEPT: &str = "fragment of a datagram that is not complete yet";

fn orders(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![vec![]];
    }
    let shorter = orders(of - 1);
    let with = |order: &Vec<usize>, at| {
        let mut order = order.clone();
        order.insert(at, of - 1);
        order
    };
    shorter
        .iter()
        .flat_map(|order| (0..of).map(move |at| with(order, at)))
        .collect()
}

#[test]
fn fragments_complete_in_every_order() {
    let tcp = Hex::of(TCP).bytes();
    let cuts = [(0, 8), (8, 16), (16, 32), (32, 36)];
    for six in [false, true] {
        let pieces = cuts.map(|(from, to)| match six {
            false => v4(1, 6, from, to < 36, &tcp[from..to]),
            true => v6(6, from, to < 36, &tcp[from..to]),
        });
        let destination = if six {
            "[fd00::64]:11019"
        } else {
            "10.0.0.100:11019"
        };
        for order in orders(4) {
            let mut decoder = Decoder::default();
            let told: Vec<_> = order
                .iter()
                .map(|at| told(&mut decoder, &pieces[*at]))
                .collect();
            assert_eq!(told, [KEPT, KEPT, KEPT, destination], "{order:?}");
            assert_eq!(decoder.fragments().completed, 1);
            assert_eq!(decoder.store.octets, 0);
        }
    }
}

#[test]
fn an_exact_copy_is_nothing_new_and_any_other_overlap_is_refused() {
    let tcp = Hex::of(TCP).bytes();
    let first = v4(1, 6, 0, true, &tcp[..16]);
    let last = v4(1, 6, 16, false, &tcp[16..]);
    let mut decoder = Decoder::default();
    let steps = [&first, &first, &last].map(|data| told(&mut decoder, data));
    assert_eq!(steps, [KEPT, KEPT, "10.0.0.100:11019"]);
    for (from, to) in [(0, 8), (0, 24), (8, 16), (8, 24)] {
        let overlap = v4(1, 6, from, true, &tcp[from..to]);
        let mut decoder = Decoder::default();
        let steps = [&first, &overlap, &last].map(|data| told(&mut decoder, data));
        let refused = "fragment refused: overlap";
        assert_eq!(steps, [KEPT, refused, refused], "{from}..{to}");
        let counts = decoder.fragments();
        assert_eq!((counts.refused, counts.pending), (1, 0));
    }
    let other_octets = v4(1, 6, 0, true, &[0; 16]);
    let mut decoder = Decoder::default();
    told(&mut decoder, &first);
    assert_eq!(
        told(&mut decoder, &other_octets),
        "fragment refused: overlap"
    );
}

#[test]
fn lengths_and_ends_that_cannot_be_are_refused() {
    let refused = |pieces: &[Vec<u8>]| {
        let mut decoder = Decoder::default();
        pieces
            .iter()
            .map(|piece| told(&mut decoder, piece))
            .last()
            .unwrap()
    };
    let (length, end) = ("fragment refused: length", "fragment refused: end");
    assert_eq!(refused(&[v4(1, 6, 0, true, &[0; 12])]), length);
    assert_eq!(refused(&[v4(1, 6, 8, false, &[])]), length);
    assert_eq!(refused(&[v4(1, 6, 65528, false, &[0; 8])]), end);
    assert_eq!(
        refused(&[v4(1, 6, 16, false, &[0; 8]), v4(1, 6, 24, true, &[0; 8])]),
        end
    );
    assert_eq!(
        refused(&[v4(1, 6, 16, false, &[0; 8]), v4(1, 6, 8, false, &[0; 8])]),
        end
    );
    assert_eq!(
        refused(&[v4(1, 6, 16, true, &[0; 8]), v4(1, 6, 8, false, &[0; 8])]),
        end
    );
}

#[test]
fn a_fragment_that_was_cut_is_truncated_and_one_shorter_than_it_says_malformed() {
    let mut data = v4(1, 6, 0, true, &[0; 16]);
    data.truncate(30);
    let mut decoder = Decoder::default();
    let cut = cut_frame(101, &data, 36);
    assert_eq!(
        told_of(&mut decoder, &cut),
        "the capture ends within the fragment"
    );
    assert_eq!(
        told(&mut decoder, &data),
        "malformed: fragment at byte 20: shorter than its IP header says"
    );
    assert_eq!(decoder.fragments(), FragmentCounts::default());
}

#[test]
fn fragments_in_a_tunnel_in_fragments_complete() {
    let tcp = Hex::of(TCP).bytes();
    let inner = [
        v4(1, 6, 0, true, &tcp[..24]),
        v4(1, 6, 24, false, &tcp[24..]),
    ];
    let mut decoder = Decoder::default();
    let mut steps = Vec::new();
    for (identification, datagram) in inner.iter().enumerate() {
        let identification = identification as u16;
        let outer = v4(identification, 4, 0, true, &datagram[..24]);
        steps.push(told(&mut decoder, &outer));
        let outer = v4(identification, 4, 24, false, &datagram[24..]);
        steps.push(told(&mut decoder, &outer));
    }
    assert_eq!(steps, [KEPT, KEPT, KEPT, "10.0.0.100:11019"]);
    assert_eq!(decoder.fragments().completed, 3);
}

#[test]
fn fragments_that_never_complete_stay_within_the_bounds() {
    let bounds = Bounds {
        datagrams: 10,
        octets: 5000,
        seconds: 60,
    };
    for size in [8, 1000] {
        let mut decoder = Decoder::new(bounds);
        for identification in 0..1000 {
            told(
                &mut decoder,
                &v4(identification, 6, 8, true, &vec![0; size]),
            );
            assert!(decoder.store.octets <= bounds.octets);
            assert!(decoder.store.datagrams.len() <= bounds.datagrams);
            assert_eq!(decoder.store.datagrams.len(), decoder.store.ages.len());
        }
        let counts = decoder.fragments();
        assert_eq!(counts.abandoned + counts.pending, 1000);
    }
}

#[test]
fn an_identification_used_again_after_a_minute_begins_a_new_datagram() {
    let tcp = Hex::of(TCP).bytes();
    let at = |seconds: i64| Some(Timestamp::from_nanoseconds(seconds * 1_000_000_000, 6));
    let (old, first) = (v4(1, 6, 0, true, &[0; 16]), v4(1, 6, 0, true, &tcp[..16]));
    let last = v4(1, 6, 16, false, &tcp[16..]);
    let mut decoder = Decoder::default();
    let steps = [(&old, 0), (&first, 61), (&last, 62)].map(|(data, seconds)| {
        let frame = Frame {
            time: at(seconds),
            ..frame(101, data)
        };
        told_of(&mut decoder, &frame)
    });
    assert_eq!(steps, [KEPT, KEPT, "10.0.0.100:11019"]);
    assert_eq!(decoder.fragments().abandoned, 1);
}

#[test]
fn a_whole_datagram_leaves_held_fragments_alone() {
    let tcp = Hex::of(TCP).bytes();
    let mut decoder = Decoder::default();
    told(&mut decoder, &v4(1, 6, 0, true, &tcp[..16]));
    let whole = Hex::of(IPV4).then(TCP).bytes();
    assert!(matches!(
        decoder.decode(&frame(101, &whole)),
        Packet::Tcp(_)
    ));
    assert_eq!(
        decoder.decode(&frame(0, &[])),
        Packet::Other(decoded_nothing())
    );
    assert_eq!(
        told(&mut decoder, &v4(1, 6, 16, false, &tcp[16..])),
        "10.0.0.100:11019"
    );
}

fn decoded_nothing() -> Other {
    Other::Malformed(crate::wire::DecodeError::overrun(0, "address family", 4, 0))
}
