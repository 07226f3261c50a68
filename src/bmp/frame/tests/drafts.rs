//! Messages of types that drafts leave open, by the numbers in use.

use super::*;
use crate::wire::CodePoints;
use crate::wire::code_points::Setting;
use std::sync::Arc;

/// RPKI_CONFIG is 200, RPKI_VALIDATION 201, RPKI_IMPACT 202.
fn moved() -> KnownTypes {
    let settings = ["rpki-config=200", "rpki-validation=201", "rpki-impact=202"];
    let settings = settings.map(|text| Setting::parse(text, "--code").unwrap());
    KnownTypes::of(&CodePoints::with(&settings).unwrap())
}

/// The profile, sections 2 and 3: a source (40 01) of which the type (40 10) is told, `count` times.
fn config(message_type: u8, count: usize) -> Vec<u8> {
    message(
        4,
        message_type,
        &[0x40, 1, 0, 5, 0x40, 16, 0, 1, 1].repeat(count),
    )
}

/// Section 4: the UPDATE in a BGP Message TLV (type 1, index 0), and a state (40 40) of NLRI 1.
fn route(message_type: u8, body: &[u8]) -> Vec<u8> {
    let update = pdu(2, &[&[0, 0, 0, 0][..], body].concat());
    let length = u16::try_from(update.len()).unwrap().to_be_bytes();
    let tlv = [&[0, 1][..], &length, &[0, 0], &update].concat();
    let state = vec![0x40, 0x40, 0, 1, 0, 1, 2];
    message(4, message_type, &[peer_header(0), tlv, state].concat())
}

fn frame_knowing(known: &KnownTypes, parts: &[(u64, &[u8])]) -> (Verdict, Told) {
    let mut framer = Framer::knowing(Arc::new(known.clone()), false);
    let mut told = Told::default();
    for (offset, data) in parts {
        framer.push(*offset, data, &mut told);
    }
    framer.finish(&mut told);
    (framer.verdict(), told)
}

fn alone() -> Vec<Vec<u8>> {
    vec![
        config(200, 2),
        route(201, &[1; 9]),
        route(202, &[2; 20]),
        config(200, 1),
        config(200, 3),
    ]
}

#[test]
fn a_stream_of_moved_types_alone_is_recognised() {
    let octets = alone().concat();
    assert!(looks_like_known(&octets, &moved()));
    for pieces in [1, 5, 64, octets.len()] {
        let parts: Vec<(u64, &[u8])> = octets
            .chunks(pieces)
            .enumerate()
            .map(|(number, data)| ((number * pieces) as u64, data))
            .collect();
        let (verdict, told) = frame_knowing(&moved(), &parts);
        assert_eq!(verdict, Verdict::Yes, "in pieces of {pieces}");
        assert_eq!((told.messages(), told.skipped()), (alone(), vec![]));
    }
}

#[test]
fn so_is_one_of_the_usual_numbers_and_of_configurations_of_peers() {
    let of_peer = [peer_header(0), config(251, 1)[6..].to_vec()].concat();
    let all = vec![config(251, 1), message(4, 251, &of_peer), route(252, &[])];
    let (verdict, told) = frame(&[(0, &all.concat())], false);
    assert_eq!((verdict, told.messages()), (Verdict::Yes, all));
}

#[test]
fn moved_types_are_found_again_behind_a_gap() {
    let before = alone().concat();
    let behind = [vec![0x55; 33], alone().concat()].concat();
    let at = before.len() as u64 + 500;
    let (_, told) = frame_knowing(&moved(), &[(0, &before), (at, &behind)]);
    assert_eq!(told.messages(), [alone(), alone()].concat());
    assert_eq!(told.skipped(), [Event::Skipped(at, 33, Skipped::GapTail)]);
}

#[test]
fn one_of_them_alone_between_two_gaps_is_found() {
    let before = alone().concat();
    let at = before.len() as u64 + 100;
    for lone in [route(201, &[7; 5]), route(202, &[])] {
        let far = at + lone.len() as u64 + 1000;
        let parts = [(0, &before[..]), (at, &lone[..]), (far, &before[..])];
        let (_, told) = frame_knowing(&moved(), &parts);
        let expected = [alone(), vec![lone], alone()].concat();
        assert_eq!((told.messages(), told.skipped()), (expected, vec![]));
    }
}

#[test]
fn types_that_nobody_named_are_as_unknown_as_ever() {
    let octets = alone().concat();
    assert!(!looks_like_bmp(&octets));
    let (verdict, told) = frame(&[(0, &octets)], false);
    assert_eq!((verdict, told), (Verdict::No, Told::default()));
    // In sync they cost nothing, and behind a gap they lead nowhere.
    let known = [initiation(), update(&[])].concat();
    let in_sync = [initiation(), unknown(40), update(&[])];
    let (_, told) = frame(&[(0, &in_sync.concat())], false);
    assert_eq!(told.messages(), in_sync);
    let (_, told) = frame_knowing(&moved(), &[(0, &known), (5000, &unknown(40))]);
    assert_eq!(told.messages(), [initiation(), update(&[])]);
}

#[test]
fn octets_that_only_look_like_one_are_none() {
    // TLVs that fill the body, but none that the message consists of.
    let others = message(4, 200, &[0x55, 1, 0, 1, 7].repeat(3)).repeat(3);
    assert_eq!(frame_knowing(&moved(), &[(0, &others)]).0, Verdict::No);
    let overrun = message(4, 200, &[0x40, 1, 0, 50, 1]).repeat(3);
    assert_eq!(frame_knowing(&moved(), &[(0, &overrun)]).0, Verdict::No);
}
