//! Messages of the RPKI draft in streams of the other version.

use super::*;

/// The profile, sections 2 and 3: a source (40 01) of which the type (40 10) is told.
fn config(version: u8) -> Vec<u8> {
    message(version, 251, &[0x40, 1, 0, 5, 0x40, 16, 0, 1, 1])
}

/// Section 4: the UPDATE in a BGP Message TLV (type 1, index 0), and a state (40 40) of NLRI 1.
fn route(version: u8, message_type: u8, body: &[u8]) -> Vec<u8> {
    let update = pdu(2, &[&[0, 0, 0, 0][..], body].concat());
    let length = u16::try_from(update.len()).unwrap().to_be_bytes();
    let tlv = [&[0, 1][..], &length, &[0, 0], &update].concat();
    let state = vec![0x40, 0x40, 0, 1, 0, 1, 2];
    message(
        version,
        message_type,
        &[peer_header(0), tlv, state].concat(),
    )
}

/// The same message in another version.
fn of(version: u8, mut message: Vec<u8>) -> Vec<u8> {
    message[0] = version;
    message
}

/// A session of `host` in which what the RPKI draft adds is of `guest`.
fn mixed(host: u8, guest: u8) -> Vec<Vec<u8>> {
    let of_peer = [peer_header(0), config(guest)[6..].to_vec()].concat();
    vec![
        of(host, initiation()),
        config(guest),
        of(host, peer_up()),
        message(guest, 251, &of_peer),
        of(host, update(&[7; 30])),
        route(guest, 252, &[1; 9]),
        route(guest, 253, &[2; 200]),
        of(host, statistics(2)),
        config(guest),
        route(guest, 252, &[]),
        of(host, update(&[])),
        of(host, peer_down()),
        route(guest, 253, &[5; 5]),
        of(host, peer_down()),
    ]
}

const BOTH: [(u8, u8); 2] = [(3, 4), (4, 3)];

#[test]
fn they_are_read_in_streams_of_either_version() {
    for (host, guest) in BOTH {
        let all = mixed(host, guest);
        let octets = all.concat();
        assert!(looks_like_bmp(&octets));
        for pieces in [1, 3, 50, 64, 1448] {
            let (verdict, told) = frame_in(pieces, &octets);
            assert_eq!(verdict, Verdict::Yes);
            assert_eq!((told.messages(), told.skipped()), (all.clone(), vec![]));
        }
    }
}

#[test]
fn whatever_is_lost_of_the_stream_the_others_are_found() {
    for (host, guest) in BOTH {
        let all = [mixed(host, guest), mixed(host, guest)].concat();
        let octets = all.concat();
        let first = mixed(host, guest).concat().len();
        for lost in (first..octets.len() - 60).step_by(7) {
            let behind = lost + 50;
            let parts = [(0, &octets[..lost]), (behind as u64, &octets[behind..])];
            let (_, told) = frame(&parts, false);
            let mut at = 0;
            let is_whole = |message: &&Vec<u8>| {
                let begin = at;
                at += message.len();
                at <= lost || begin >= behind
            };
            let whole: Vec<Vec<u8>> = all.iter().filter(is_whole).cloned().collect();
            assert_eq!(told.messages(), whole, "{lost} of {host} with {guest}");
        }
    }
}

#[test]
fn a_late_start_finds_them_and_the_version_of_the_others() {
    for (host, guest) in BOTH {
        let all = mixed(host, guest);
        let octets = all.concat();
        let mut begin = 0;
        for number in 1..9 {
            begin += all[number - 1].len();
            let (verdict, told) = frame(&[(5, &octets[begin..])], false);
            assert_eq!(verdict, Verdict::Yes);
            assert_eq!(told.messages(), all[number..], "from {number} on");
        }
    }
}

#[test]
fn other_types_of_the_other_version_are_as_foreign_as_before() {
    let begin = [initiation(), update(&[])].concat();
    // The last is a guest that nothing bears out: no container, and no per-peer header.
    for foreign in [of(4, update(&[])), message(4, 251, &[0x55; 60])] {
        let rest = [foreign, update(&[])].concat();
        let (_, told) = frame(&[(0, &begin), (begin.len() as u64, &rest)], false);
        assert_eq!(told.messages(), [initiation(), update(&[]), update(&[])]);
        assert_eq!(told.skipped().len(), 1);
    }
}

proptest! {
    /// Octets of the other version that are no message are skipped, and nothing else is.
    #[test]
    fn what_begins_as_a_guest_costs_nothing_else(noise in prop::collection::vec(0u8..5, 0..80), kind in 251u8..254) {
        let odd = message(4, kind, &noise);
        let before = [initiation(), update(&[1; 4])];
        let behind = [update(&[2; 4]), statistics(1), update(&[])];
        let octets = [before.concat(), odd, behind.concat()].concat();
        let (_, told) = frame_in(13, &octets);
        let found: Vec<Vec<u8>> = told.messages().into_iter().filter(|one| one[0] == 3).collect();
        prop_assert_eq!(found, [&before[..], &behind[..]].concat());
    }
}
