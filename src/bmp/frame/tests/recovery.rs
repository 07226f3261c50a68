//! Finding the way back: gaps, corrupt headers, starts in the middle, and adversaries.

use super::*;

#[test]
fn a_start_inside_a_message_reports_what_was_before_the_first() {
    let octets = [update(&[7; 40]), update(&[8; 9]), statistics(2)].concat();
    let start = 20;
    let (verdict, told) = frame(&[(start, &octets[start as usize..])], false);
    assert_eq!(verdict, Verdict::Yes);
    let length = update(&[7; 40]).len() as u64 - start;
    assert_eq!(
        told.0[0],
        Event::Skipped(start, length, Skipped::MidStreamStart)
    );
    assert_eq!(told.messages(), [update(&[8; 9]), statistics(2)]);
}

#[test]
fn a_gap_costs_the_message_it_cuts_and_says_which_octets_belong_to_it() {
    let octets = [
        update(&[1; 30]),
        update(&[2; 30]),
        update(&[3; 30]),
        update(&[4; 30]),
    ]
    .concat();
    let size = update(&[1; 30]).len();
    let (gap, behind) = (size + 50, size + 60);
    let (_, told) = frame(
        &[(0, &octets[..gap]), (behind as u64, &octets[behind..])],
        false,
    );
    let tail = Event::Skipped(size as u64, 50, Skipped::GapTail);
    let rest = Event::Skipped(behind as u64, (size - 60) as u64, Skipped::GapTail);
    assert_eq!(told.skipped(), [tail, rest]);
    assert_eq!(
        told.messages(),
        [update(&[1; 30]), update(&[3; 30]), update(&[4; 30])]
    );
}

#[test]
fn a_whole_message_between_two_gaps_is_found_by_its_structure_alone() {
    for lone in [
        initiation(),
        peer_up(),
        update(&[2; 30]),
        statistics(3),
        peer_down(),
    ] {
        let before = session().concat();
        let at = before.len() as u64 + 100;
        let far = at + lone.len() as u64 + 1000;
        let parts = [(0, &before[..]), (at, &lone[..]), (far, &before[..])];
        let (_, told) = frame(&parts, false);
        let expected = [session(), vec![lone], session()].concat();
        assert_eq!((told.messages(), told.skipped()), (expected, vec![]));
    }
}

#[test]
fn odd_bodies_behind_a_gap_are_found_by_the_message_they_lead_to() {
    let odd = message(3, 0, &[peer_header(0), vec![1, 2, 3]].concat());
    let trace = message(3, 100, &[5; 80]);
    let before = session().concat();
    let behind = [odd.clone(), trace.clone(), update(&[])].concat();
    let (_, told) = frame(&[(0, &before), (5000, &behind)], false);
    assert_eq!(
        told.messages(),
        [session(), vec![odd, trace, update(&[])]].concat()
    );
}

#[test]
fn a_per_peer_header_that_looks_like_a_common_header_is_not_one() {
    let octets = update(&[1; 60]).repeat(3);
    let size = update(&[1; 60]).len();
    // 6 + 10 + 15: the last octet of the peer address, 03, begins the look-alike.
    for start in 1..size {
        let (_, told) = frame(&[(start as u64, &octets[start..])], false);
        assert_eq!(told.messages(), vec![update(&[1; 60]); 2], "from {start}");
    }
}

#[test]
fn messages_inside_a_message_are_its_contents() {
    let inner = [statistics(2), update(&[5; 10]), statistics(1)].concat();
    let outer = update(&inner);
    let octets = [initiation(), outer.clone(), outer.clone()].concat();
    let (_, told) = frame_in(50, &octets);
    assert_eq!(
        told.messages(),
        [initiation(), outer.clone(), outer.clone()]
    );
    // Also when the search meets the outer one first and it comes slowly.
    let (_, told) = frame_in(7, &[outer.clone(), outer.clone()].concat());
    assert_eq!(told.messages(), [outer.clone(), outer.clone()]);
    // And when a gap cuts it: nothing inside is looked at, the next header is known.
    let cut = initiation().len() + outer.len() + 80;
    let parts = [(0, &octets[..cut]), (cut as u64 + 1, &octets[cut + 1..])];
    let (_, told) = frame(&parts, false);
    assert_eq!(told.messages(), [initiation(), outer]);
}

#[test]
fn a_corrupt_header_costs_only_its_own_message() {
    let size = update(&[2; 30]).len();
    let corruptions: [(usize, u8); 6] = [(0, 9), (1, 1), (2, 0x0f), (3, 1), (4, 7), (4, 255)];
    for (at, value) in corruptions {
        let mut octets = update(&[2; 30]).repeat(5);
        octets[2 * size + at] = value;
        for pieces in [7, 100, 5000] {
            let (_, told) = frame_in(pieces, &octets);
            assert_eq!(
                told.messages(),
                vec![update(&[2; 30]); 4],
                "octet {at} = {value}"
            );
            let lost = Event::Skipped(2 * size as u64, size as u64, Skipped::Corrupt);
            assert_eq!(told.skipped(), [lost], "octet {at} = {value}");
        }
    }
}

#[test]
fn a_length_past_the_end_does_not_swallow_the_rest() {
    let mut octets = update(&[2; 30]).repeat(6);
    let size = update(&[2; 30]).len();
    octets[2 * size + 2] = 0x0e; // Message Length: 917,504 more
    let (_, told) = frame(&[(0, &octets)], false);
    assert_eq!(told.messages().len(), 5);
    let (_, told) = frame(&[(2 * size as u64, &octets[2 * size..])], false);
    assert_eq!(told.messages().len(), 3, "as a first header, too");
}

#[test]
fn version_4_is_found_by_the_marker_in_one_of_its_tlvs() {
    let pdu = pdu(2, &[0, 0, 0, 0]);
    let name = [0, 2, 0, 3, 0, 0, b'r', b'e', b'd']; // VRF/Table Name, length 3, index 0
    let head = [0, 4, 0, 23, 0, 0]; // BGP Message, length 23, index 0
    let body = [peer_header(0), name.to_vec(), head.to_vec(), pdu].concat();
    let one = message(4, 0, &body);
    let octets = one.repeat(4);
    for start in 1..one.len() {
        let (_, told) = frame(&[(start as u64, &octets[start..])], false);
        assert_eq!(told.messages(), vec![one.clone(); 3]);
    }
    let counted = statistics(2)[48..].to_vec();
    let wrap = [&[0, 1, 0, 20][..], &counted].concat(); // Stats TLV (draft -20), length 20
    let report = message(4, 1, &[peer_header(0), wrap].concat());
    let (_, told) = frame(&[(9, &report.repeat(3)[9..])], false);
    assert_eq!(told.messages(), [report.clone(), report]);
}

#[test]
fn octets_made_to_look_like_headers_take_linear_time() {
    let started = std::time::Instant::now();
    let cut = [3, 0, 0x0f, 0xff, 0xff, 4]; // headers only, each of a long message
    let tlvs = [3, 0, 0, 0, 0x40, 4, 0, 0, 0, 0];
    let patterns: [&[u8]; 5] = [&[3], &[3, 0], &[3, 0, 0, 0], &cut, &tlvs];
    for pattern in patterns {
        let before = session().concat();
        let noise = pattern.repeat(4 * 1024 * 1024 / pattern.len());
        let octets = [before, noise].concat();
        let (verdict, told) = frame_in(1448, &octets);
        assert_eq!(verdict, Verdict::Yes);
        let covered: u64 = told.ranges().iter().map(|&(_, length)| length).sum();
        assert_eq!(covered, octets.len() as u64);
    }
    // A busy machine takes its time; what grows with the square would take hours.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn memory_is_bounded_by_the_longest_message() {
    let mut framer = Framer::new(false);
    let mut told = Told::default();
    framer.push(0, &session().concat(), &mut told);
    let mut offset = session().concat().len() as u64;
    let noise = [3, 0, 0x0f, 0xff, 0xff, 4, 0, 0].repeat(8192);
    for _ in 0..256 {
        framer.push(offset, &noise, &mut told);
        offset += noise.len() as u64;
        assert!(framer.held() < 3 << 20, "{} octets held", framer.held());
    }
}
