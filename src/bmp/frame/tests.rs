//! Framing, told as sentences.

use proptest::prelude::*;

use super::*;

mod drafts;
mod guests;
mod recovery;

/// What a sink was told, in order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told(Vec<Event>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Message(u64, Vec<u8>),
    Skipped(u64, u64, Skipped),
}

impl FrameSink for Told {
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        self.0.push(Event::Message(offset, bytes.to_vec()));
    }

    fn skipped(&mut self, offset: u64, length: u64, cause: Skipped) {
        self.0.push(Event::Skipped(offset, length, cause));
    }
}

impl Told {
    fn messages(&self) -> Vec<Vec<u8>> {
        let whole = self.0.iter().filter_map(|event| match event {
            Event::Message(_, bytes) => Some(bytes.clone()),
            Event::Skipped(..) => None,
        });
        whole.collect()
    }

    /// `(offset, length)` of everything told.
    fn ranges(&self) -> Vec<(u64, u64)> {
        let range = |event: &Event| match event {
            Event::Message(offset, bytes) => (*offset, bytes.len() as u64),
            Event::Skipped(offset, length, _) => (*offset, *length),
        };
        self.0.iter().map(range).collect()
    }

    fn skipped(&self) -> Vec<Event> {
        let is_skipped = |event: &&Event| matches!(event, Event::Skipped(..));
        self.0.iter().filter(is_skipped).cloned().collect()
    }
}

/// Common header (RFC 7854 §4.1) and body.
fn message(version: u8, message_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 6).unwrap().to_be_bytes();
    [&[version][..], &length, &[message_type], body].concat()
}

/// Per-peer header (§4.2) of 192.0.2.3 in AS 100, router identifier 0.0.0.1: its last address octet
/// begins something that looks like a common header (03 | 00 00 00 64 | 00).
fn peer_header(peer_type: u8) -> Vec<u8> {
    let mut header = vec![peer_type, 0]; // Peer Type, Peer Flags
    header.extend([0; 8]); // Peer Distinguisher
    header.extend([0; 12]); // Peer Address: padding
    header.extend(if peer_type == 3 {
        [0; 4]
    } else {
        [192, 0, 2, 3]
    });
    header.extend([0, 0, 0, 100]); // Peer AS
    header.extend([0, 0, 0, 1]); // Peer BGP ID
    header.extend([0x64, 0, 0, 0, 0, 0, 0, 9]); // Timestamp
    header
}

/// A BGP message (RFC 4271 §4.1): marker, length, type.
fn pdu(message_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 19).unwrap().to_be_bytes();
    [&[0xff; 16][..], &length, &[message_type], body].concat()
}

fn update(body: &[u8]) -> Vec<u8> {
    let pdu = pdu(2, &[&[0, 0, 0, 0][..], body].concat());
    message(3, 0, &[peer_header(0), pdu].concat())
}

fn statistics(count: u8) -> Vec<u8> {
    let mut body = [peer_header(3), vec![0, 0, 0, count]].concat(); // Stats Count
    for number in 0..count {
        body.extend([0, number, 0, 4, 0, 0, 3, number]); // Stat Type, Stat Len, Stat Data
    }
    message(3, 1, &body)
}

fn initiation() -> Vec<u8> {
    // 00 01: sysDescr, 00 02: sysName
    message(3, 4, b"\x00\x01\x00\x03abc\x00\x02\x00\x02r1")
}

fn peer_up() -> Vec<u8> {
    let open = pdu(1, &[4, 0xfd, 0xe8, 0, 90, 192, 0, 2, 1, 0]);
    message(
        3,
        3,
        &[peer_header(0), vec![0; 20], open.clone(), open].concat(),
    )
}

fn peer_down() -> Vec<u8> {
    message(3, 2, &[peer_header(0), vec![2, 0, 9]].concat()) // Reason 2, FSM Event Code 9
}

/// Type 77, which nobody has assigned.
fn unknown(length: usize) -> Vec<u8> {
    message(3, 77, &vec![0x55; length])
}

fn frame(parts: &[(u64, &[u8])], is_forced: bool) -> (Verdict, Told) {
    let mut framer = Framer::new(is_forced);
    let mut told = Told::default();
    for (offset, data) in parts {
        framer.push(*offset, data, &mut told);
    }
    framer.finish(&mut told);
    (framer.verdict(), told)
}

/// Frames the octets in pieces.
fn frame_in(pieces: usize, octets: &[u8]) -> (Verdict, Told) {
    let parts: Vec<(u64, &[u8])> = octets
        .chunks(pieces)
        .enumerate()
        .map(|(number, data)| ((number * pieces) as u64, data))
        .collect();
    frame(&parts, false)
}

fn session() -> Vec<Vec<u8>> {
    vec![
        initiation(),
        peer_up(),
        update(&[1; 30]),
        statistics(3),
        peer_down(),
    ]
}

#[test]
fn messages_come_out_whole_however_the_octets_come_in() {
    let octets = session().concat();
    for pieces in 1..octets.len() + 1 {
        let (verdict, told) = frame_in(pieces, &octets);
        assert_eq!(verdict, Verdict::Yes);
        assert_eq!(told.messages(), session(), "in pieces of {pieces}");
        assert_eq!(told.skipped(), []);
    }
}

#[test]
fn nothing_is_told_before_a_second_header_and_everything_with_it() {
    let octets = session().concat();
    let first = initiation().len();
    let (mut framer, mut told) = (Framer::new(false), Told::default());
    framer.push(0, &octets[..first], &mut told);
    assert_eq!((framer.verdict(), told.0.len()), (Verdict::Unsure, 0));
    // The next header is believed when its padding is there: six octets and 22 of the per-peer header.
    framer.push(first as u64, &octets[first..first + 27], &mut told);
    assert_eq!((framer.verdict(), told.0.len()), (Verdict::Unsure, 0));
    framer.push(
        first as u64 + 27,
        &octets[first + 27..first + 28],
        &mut told,
    );
    assert_eq!(
        (framer.verdict(), told.messages()),
        (Verdict::Yes, vec![initiation()])
    );
}

#[test]
fn a_corrupt_octet_is_judged_alike_however_the_octets_come_in() {
    let octets = [session().concat(), peer_down(), peer_down()].concat();
    for at in 0..octets.len() {
        for value in [0, 1, 3, 0x7f, 0xff] {
            let mut corrupt = octets.clone();
            corrupt[at] = value;
            let whole = frame_in(corrupt.len(), &corrupt);
            for pieces in [1, 5, 6, 7, 28, 48, 64] {
                let cut = frame_in(pieces, &corrupt);
                assert_eq!(cut, whole, "octet {at} is {value}, in pieces of {pieces}");
            }
        }
    }
}

#[test]
fn a_peer_header_that_cannot_be_is_judged_alike_however_the_octets_come_in() {
    let mut odd = peer_down();
    odd[20] = 1; // in the padding of the IPv4 address
    let octets = [initiation(), odd.clone(), odd].concat();
    for is_forced in [false, true] {
        let whole = frame(&[(0, &octets)], is_forced);
        for pieces in 1..octets.len() {
            let parts: Vec<(u64, &[u8])> = octets
                .chunks(pieces)
                .enumerate()
                .map(|(number, data)| ((number * pieces) as u64, data))
                .collect();
            assert_eq!(frame(&parts, is_forced), whole, "in pieces of {pieces}");
        }
    }
}

#[test]
fn every_prefix_is_told_completely_or_not_at_all() {
    let octets = session().concat();
    for end in 0..octets.len() {
        let (verdict, told) = frame(&[(0, &octets[..end])], false);
        let covered: u64 = told.ranges().iter().map(|&(_, length)| length).sum();
        let expected = if verdict == Verdict::Yes {
            end as u64
        } else {
            0
        };
        assert_eq!(covered, expected, "prefix of {end}");
    }
}

#[test]
fn a_message_cut_by_the_end_of_the_capture_is_a_skipped_range() {
    let octets = session().concat();
    let whole = octets.len() - peer_down().len();
    let (_, told) = frame(&[(0, &octets[..octets.len() - 1])], false);
    let cut = (octets.len() - 1 - whole) as u64;
    assert_eq!(
        told.skipped(),
        [Event::Skipped(whole as u64, cut, Skipped::CaptureEnd)]
    );
}

#[test]
fn a_stream_that_is_one_message_and_nothing_else_is_bmp() {
    let (verdict, told) = frame(&[(0, &update(&[]))], false);
    assert_eq!(
        (verdict, told.messages()),
        (Verdict::Yes, vec![update(&[])])
    );
}

#[test]
fn a_lone_message_among_other_octets_is_bmp_only_if_the_user_says_so() {
    let octets = [&[1, 2, 3][..], &update(&[])].concat();
    assert_eq!(
        frame(&[(0, &octets)], false),
        (Verdict::No, Told::default())
    );
    let (verdict, told) = frame(&[(0, &octets)], true);
    assert_eq!(
        (verdict, told.messages()),
        (Verdict::Yes, vec![update(&[])])
    );
}

#[test]
fn unknown_types_and_odd_bodies_never_cost_a_message_in_sync() {
    let odd = message(3, 0, &[peer_header(0), vec![1, 2, 3]].concat());
    let short = message(3, 1, &[9]);
    let all = vec![
        initiation(),
        unknown(40),
        odd,
        short,
        unknown(0),
        update(&[]),
        unknown(3),
    ];
    for pieces in [1, 5, 64, 4096] {
        let (_, told) = frame_in(pieces, &all.concat());
        assert_eq!(
            (told.messages(), told.skipped()),
            (all.clone(), vec![]),
            "in {pieces}"
        );
    }
}

#[test]
fn other_protocols_are_not_bmp_and_cost_no_memory() {
    let text = b"GET /03 HTTP/1.1\r\nHost: example.net\r\n\r\n".repeat(20_000);
    let (verdict, told) = frame_in(1448, &text);
    assert_eq!((verdict, told), (Verdict::No, Told::default()));
    let mut framer = Framer::new(false);
    framer.push(0, &text, &mut Told::default());
    assert_eq!(framer.verdict(), Verdict::No, "known long before the end");
}

#[test]
fn a_syn_that_is_not_counted_is_told_from_a_repeated_octet() {
    let octets = [
        initiation(),
        update(&[1; 30]),
        update(&[2; 30]),
        statistics(2),
    ]
    .concat();
    for cut in 1..octets.len() - 110 {
        let mut framer = Framer::new(false);
        framer.push(0, &octets[..cut], &mut Told::default());
        assert_eq!(
            framer.continues_with(&octets[cut..]),
            Some(true),
            "cut at {cut}"
        );
        let repeated = [&octets[cut - 1..cut], &octets[cut..]].concat();
        let answer = framer.continues_with(&repeated);
        assert_eq!(answer, Some(false), "one octet twice, cut at {cut}");
    }
}

#[test]
fn octets_pushed_twice_are_ignored_and_a_jump_is_a_gap() {
    let octets = session().concat();
    let parts = [
        (0, &octets[..90]),
        (40, &octets[40..200]),
        (100, &octets[100..]),
    ];
    let (_, told) = frame(&parts, false);
    assert_eq!((told.messages(), told.skipped()), (session(), vec![]));
}

#[test]
fn a_file_is_known_by_two_chained_headers() {
    let octets = session().concat();
    assert!(looks_like_bmp(&octets));
    assert!(looks_like_bmp(&octets[..initiation().len() + 6]));
    assert!(
        looks_like_bmp(&update(&[0; 3000])[..200]),
        "longer than the prefix"
    );
    assert!(looks_like_bmp(&[unknown_trace(), update(&[])].concat()));
    assert!(!looks_like_bmp(&octets[1..]));
    assert!(!looks_like_bmp(&octets[..initiation().len() - 1]));
    assert!(!looks_like_bmp(b""));
    assert!(!looks_like_bmp(&[0; 4096]));
    assert!(!looks_like_bmp(&[3; 4096]));
}

fn unknown_trace() -> Vec<u8> {
    message(3, 100, &[5; 80])
}

/// A message of any kind that occurs.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let body = || proptest::collection::vec(any::<u8>(), 0..300);
    prop_oneof![
        body().prop_map(|body| update(&body)),
        (1..12u8).prop_map(statistics),
        Just(initiation()),
        Just(peer_up()),
        Just(peer_down()),
        body().prop_map(|body| message(3, 100, &body)),
    ]
}

proptest! {
    #[test]
    fn any_octets_are_told_exactly_once_and_in_order(
        head in proptest::collection::vec(any_message(), 2..5),
        noise in proptest::collection::vec(any::<u8>(), 0..400),
        tail in proptest::collection::vec(any_message(), 0..5),
        cuts in proptest::collection::vec((0..3000usize, 0..50usize), 0..4),
        pieces in 1..500usize,
    ) {
        let octets = [initiation(), head.concat(), noise, tail.concat()].concat();
        let is_lost = |at: usize| cuts.iter().any(|&(from, count)| (from..from + count).contains(&at));
        let (mut framer, mut told) = (Framer::new(true), Told::default());
        let mut captured = Vec::new();
        for (number, piece) in octets.chunks(pieces).enumerate() {
            let at = number * pieces;
            if !is_lost(at) {
                framer.push(at as u64, piece, &mut told);
                captured.extend(at..at + piece.len());
            }
        }
        framer.finish(&mut told);
        let covered: Vec<usize> = told
            .ranges()
            .iter()
            .flat_map(|&(offset, length)| (offset as usize)..(offset + length) as usize)
            .collect();
        let expected = if framer.verdict() == Verdict::Yes { captured } else { Vec::new() };
        prop_assert_eq!(covered, expected);
        for event in &told.0 {
            if let Event::Message(offset, bytes) = event {
                prop_assert_eq!(&octets[*offset as usize..][..bytes.len()], &bytes[..]);
            }
        }
    }

    #[test]
    fn any_session_is_found_whole_in_any_pieces(
        all in proptest::collection::vec(any_message(), 1..12),
        pieces in 1..700usize,
    ) {
        let all = [vec![initiation()], all].concat();
        let (verdict, told) = frame_in(pieces, &all.concat());
        prop_assert_eq!(verdict, Verdict::Yes);
        prop_assert_eq!(told.messages(), all);
    }
}
