use super::super::sample::openbmp_frame;
use super::*;

/// A frame of the route-views5 collector, 2021-11-05 (published in bgpkit-parser's tests).
const PEER_DOWN: &[u8] = &[
    0x4f, 0x42, 0x4d, 0x50, // Magic: OBMP
    0x01, 0x07, // version 1.7
    0x00, 0x64, // Header Length: 100
    0x00, 0x00, 0x00, 0x33, // Message Length: 51
    0x80, // Flags: of a router, IPv4
    0x0c, // Object Type: BMP_RAW
    0x61, 0x84, 0xb9, 0xc2, // Collector Timestamp: 1636088258
    0x00, 0x0c, 0x60, 0x2c, // microseconds: 811052
    0xbf, 0x4f, 0x07, 0x2f, 0x3a, 0xe1, 0x49, 0xd2, // Collector Hash
    0x34, 0x86, 0x02, 0x4b, 0xc3, 0xda, 0xdf, 0xc4, //
    0x00, 0x0a, // Collector Admin ID Length
    0x69, 0x73, 0x2d, 0x63, 0x63, 0x2d, 0x62, 0x6d, 0x70, 0x31, // is-cc-bmp1
    0xc6, 0x77, 0x06, 0x0b, 0xdd, 0x02, 0x0a, 0x9e, // Router Hash
    0x92, 0xbe, 0x00, 0x02, 0x00, 0xde, 0x2e, 0x31, //
    0x80, 0xdf, 0x33, 0x69, // Router IP: 128.223.51.105
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, //
    0x00, 0x0c, // Router Group Length
    0x72, 0x6f, 0x75, 0x74, 0x65, 0x2d, 0x76, 0x69, 0x65, 0x77, 0x73, 0x35, // route-views5
    0x00, 0x00, 0x00, 0x01, // Row Count
    0x03, 0x00, 0x00, 0x00, 0x33, 0x02, // BMP: version 3, 51 octets, Peer Down
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // per-peer header
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, // peer address
    0x3f, 0xda, 0x06, 0x0e, // 63.218.6.14
    0x00, 0x00, 0x0d, 0xa3, // AS 3491
    0x00, 0x00, 0x00, 0x00, // BGP Identifier
    0x61, 0x52, 0x3c, 0x36, 0x00, 0x0c, 0x0e, 0x1c, // timestamp
    0x02, 0x00, 0x00, // reason 2, FSM event 0
];

/// One step at the beginning of `bytes`, behind which nothing follows.
fn step(bytes: &[u8]) -> (OpenBmp, Step) {
    let mut openbmp = OpenBmp::default();
    let step = openbmp.step(bytes, true);
    (openbmp, step)
}

fn record(bytes: &[u8]) -> (Sender, Record) {
    match step(bytes) {
        (openbmp, Step::Record(record)) => (openbmp.sender().0, record),
        (_, other) => panic!("{other:?}"),
    }
}

/// What is said of octets in no frame, and how many are passed in this step.
fn lost(bytes: &[u8]) -> (usize, String) {
    match step(bytes).1 {
        Step::Lost(length, lost) => (length, lost.to_string()),
        other => panic!("{other:?}"),
    }
}

/// A frame with other octets at `at`.
fn patched(at: usize, octets: &[u8]) -> Vec<u8> {
    let mut frame = openbmp_frame([192, 0, 2, 1], 1_700_000_000, b"abcdef");
    frame[at..at + octets.len()].copy_from_slice(octets);
    frame
}

#[test]
fn a_frame_says_which_router_sent_its_payload_and_when() {
    let (sender, read) = record(PEER_DOWN);
    assert_eq!(sender.number, 0);
    assert_eq!(sender.address, Some("128.223.51.105".parse().unwrap()));
    assert_eq!(
        read.time.unwrap().to_string(),
        "2021-11-05T04:57:38.811052Z"
    );
    assert_eq!((read.data, read.captured, read.length), (100, 51, 151));
    assert_eq!((read.original, read.oddity), (51, None));
}

#[test]
fn the_flags_tell_the_family_of_the_router_and_whether_there_is_one() {
    let mut frame = PEER_DOWN.to_vec();
    frame[12] = 0xc0; // of a router, IPv6
    let (sender, _) = record(&frame);
    assert_eq!(sender.address, Some("80df:3369::".parse().unwrap()));
    frame[12] = 0x00; // of the collector
    assert_eq!(record(&frame).0.address, None);
    let unspecified = patched(60, &[0; 4]);
    assert_eq!(record(&unspecified).0.address, None);
}

#[test]
fn fields_of_later_versions_are_skipped_by_the_header_length() {
    let mut frame = patched(5, &[9, 0, 87]); // minor version 9, Header Length 87
    frame.splice(84..84, *b"new");
    let (_, read) = record(&frame);
    assert_eq!((read.data, read.captured), (87, 6));
}

#[test]
fn a_time_of_zeros_is_none_and_a_million_microseconds_carry_over() {
    assert_eq!(record(&patched(14, &[0; 8])).1.time, None);
    let (_, read) = record(&patched(14, &[0, 0, 0, 1, 0, 0x0f, 0x42, 0x41]));
    assert_eq!(read.time.unwrap().nanoseconds(), 2_000_001_000);
    assert_eq!(read.oddity, Some(Oddity::TimeCarried(1_000_001)));
}

#[test]
fn other_objects_are_passed_over() {
    let (_, found) = step(&patched(13, &[4]));
    let Step::PassOver(90, oddity) = found else {
        panic!("{found:?}");
    };
    assert_eq!(
        oddity.to_string(),
        "Object Type 4 is not BMP_RAW (12); the frame is passed over"
    );
}

#[test]
fn what_is_wrong_with_a_frame_is_told() {
    let cases: [(usize, &[u8], &str); 7] = [
        (0, b"X", "it does not begin with OBMP"),
        (4, &[2, 0], "version 2.0 is not known"),
        (
            6,
            &[0, 13],
            "Header Length is 13, but the fields up to Object Type have 14 octets",
        ),
        (
            8,
            &[0xff; 4],
            "Message Length is 4294967295, more than the 16777216 that are believed",
        ),
        (
            6,
            &[0, 30],
            "Collector Hash at byte 22: needs 16 bytes, 8 left in its container",
        ),
        (
            38,
            &[0xff, 0xff],
            "Collector Admin ID at byte 40: needs 65535 bytes, 44 left in its container",
        ),
        (
            76,
            &[0, 7],
            "Router Group at byte 78: needs 7 bytes, 6 left in its container",
        ),
    ];
    for (at, octets, why) in cases {
        let (length, said) = lost(&patched(at, octets));
        let rest = "passed over to the end of the file: 90 octets";
        assert_eq!(said, format!("no OpenBMP frame begins here: {why}; {rest}"));
        assert_eq!(length, 90);
    }
}

#[test]
fn a_length_that_swallows_the_next_frame_is_not_believed() {
    for (at, octets, claimed) in [(8, [0, 0, 0, 120], 204), (6, [1, 0, 0, 0], 262)] {
        let mut bytes = patched(at, &octets[..if at == 6 { 2 } else { 4 }]);
        bytes.extend(patched(0, b"OBMP"));
        bytes.extend(patched(0, b"OBMP"));
        let (length, said) = lost(&bytes);
        assert_eq!(length, 90);
        assert_eq!(
            said,
            format!(
                "no OpenBMP frame begins here: the next frame begins inside it, 90 octets on, but \
                 its lengths claim {claimed}; passed over to the next frame: 90 octets"
            )
        );
    }
    // Too long by a few octets only: the next frame's first are among the payload.
    let mut bytes = patched(8, &[0, 0, 0, 9]);
    bytes.extend(patched(0, b"OBMP"));
    assert_eq!(lost(&bytes).0, 90);
}

#[test]
fn octets_behind_a_frame_do_not_make_it_wrong() {
    let mut bytes = PEER_DOWN.to_vec();
    bytes.push(b'\n');
    assert_eq!(record(&bytes).1.captured, 51);
    assert_eq!(
        lost(b"\n").1,
        "no OpenBMP frame begins here: it does not begin with OBMP; passed over to the end of the \
         file: 1 octet"
    );
}

#[test]
fn every_prefix_asks_for_more_or_is_cut_short() {
    for length in 1..PEER_DOWN.len() {
        let prefix = &PEER_DOWN[..length];
        let more = OpenBmp::default().step(prefix, false);
        assert!(matches!(more, Step::More(needed) if needed > length));
        match step(prefix).1 {
            Step::CutShort => assert!(length < 100),
            Step::Record(read) => {
                assert_eq!((read.data, read.captured), (100, length - 100));
                let oddity = Oddity::CutShort(length as u64 - 100, 51);
                assert_eq!(read.oddity, Some(oddity));
            }
            other => panic!("{length}: {other:?}"),
        }
    }
}
