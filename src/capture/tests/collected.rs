//! OpenBMP raw frames.

use super::super::sample::openbmp_frame;
use super::*;
use proptest::prelude::*;

const WINDOWS: [usize; 4] = [1, 100, 64 * 1024, Options::WINDOW];

/// Frames of two routers, interleaved, of growing length.
fn frames() -> Vec<u8> {
    let frames = (0..30u8).map(|number| {
        let payload = vec![number; usize::from(number) * 11];
        openbmp_frame(
            [192, 0, 2, 1 + number % 2],
            1_000 + u32::from(number),
            &payload,
        )
    });
    frames.collect::<Vec<_>>().concat()
}

/// Frames with garbage between, a broken header, lengths that lie, another object, and a cut end.
fn damaged() -> Vec<u8> {
    let frame = |number: u8| openbmp_frame([192, 0, 2, number], 7, &[number; 40]);
    let mut wrong_version = frame(2);
    wrong_version[4] = 9;
    let mut too_long = frame(3);
    too_long[10] = 1; // Message Length 296
    let mut object = frame(4);
    object[13] = 5;
    [
        frame(1),
        b"garbage, O, OB, OBM and OBMP".to_vec(),
        frame(1),
        wrong_version,
        frame(2),
        too_long,
        frame(3),
        object,
        frame(1)[..110].to_vec(),
    ]
    .concat()
}

#[test]
fn every_window_size_and_a_pipe_give_the_same_frames() {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in [("a.obmp", frames()), ("b.obmp", damaged())] {
        let path = write(&folder, name, &bytes);
        let expected = read(std::slice::from_ref(&path), Options::WINDOW);
        assert!(!expected.items.is_empty());
        for window in WINDOWS {
            let read = read(std::slice::from_ref(&path), window);
            assert_eq!(read, expected, "{name} {window}");
            #[cfg(unix)]
            {
                // Findings name the pipe, so only what they say is compared.
                let piped = read_piped(&folder, &bytes, window, &path);
                assert_eq!(piped.items, expected.items, "{name} piped {window}");
                assert_eq!(piped.inputs, expected.inputs, "{name} piped {window}");
                assert_eq!(
                    piped.messages(),
                    expected.messages(),
                    "{name} piped {window}"
                );
            }
        }
    }
}

#[test]
fn each_router_is_a_stream_of_its_own() {
    let folder = TempDir::new().unwrap();
    let read = read(&[write(&folder, "a", &frames())], 500);
    let mut octets = [0, 0];
    for (index, item) in read.items.iter().enumerate() {
        let (router, address, offset) = item.router.unwrap();
        assert_eq!(
            (item.number, router as usize),
            (index as u64 + 1, index % 2)
        );
        let expected = IpAddr::from([192, 0, 2, 1 + (index % 2) as u8]);
        assert_eq!(address, Some(expected));
        assert_eq!(offset, octets[index % 2]);
        octets[index % 2] += item.data.len() as u64;
    }
    let input = &read.inputs[0];
    assert_eq!((input.format, input.packets), (Format::OpenBmp, 30));
    assert_eq!(input.link_types, []);
    let time = |time: Option<Timestamp>| time.unwrap().to_string();
    assert_eq!(time(input.first_time), "1970-01-01T00:16:40.250000Z");
    assert_eq!(time(input.last_time), "1970-01-01T00:17:09.250000Z");
    assert!(read.findings.is_empty());
}

#[test]
fn frames_behind_what_is_none_are_found_again_and_all_is_told() {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "a.obmp", &damaged());
    let read = read(std::slice::from_ref(&path), 100);
    let first: Vec<_> = read
        .items
        .iter()
        .map(|item| item.data.first().copied())
        .collect();
    assert_eq!(first, [1, 1, 2, 3, 1].map(Some));
    assert_eq!(
        (read.inputs[0].packets, read.inputs[0].truncated_packets),
        (6, 1)
    );
    assert_eq!(
        read.messages(),
        [
            (
                "capture-corrupt-frame",
                "octet 124 of the file: no OpenBMP frame begins here: it does not begin with OBMP; \
                 passed over to the next frame: 28 octets"
            ),
            (
                "capture-cut-short",
                "octet 896 of the file: the file ends inside this record: 26 of its 40 octets are \
                 there"
            ),
            (
                "capture-other-object",
                "octet 772 of the file: Object Type 5 is not BMP_RAW (12); the frame is passed over"
            ),
        ]
    );
    let counts: Vec<_> = read
        .findings
        .groups()
        .map(|(_, group)| group.count)
        .collect();
    assert_eq!(counts, [3, 1, 1]);
    let places = read
        .findings
        .groups()
        .map(|(_, group)| group.places[0].packet);
    assert_eq!(places.collect::<Vec<_>>(), [None, Some(6), Some(5)]);
}

#[test]
fn many_frames_that_claim_more_than_there_is_are_passed_quickly() {
    let folder = TempDir::new().unwrap();
    let mut frame = openbmp_frame([192, 0, 2, 1], 1, b"");
    frame[9] = 0xff; // Message Length 16711680
    let bytes = frame.repeat(50_000);
    let read = read(&[write(&folder, "a", &bytes)], 1000);
    // The last has no other inside it: it is cut short.
    assert_eq!(read.items.len(), 1);
    let counts: Vec<_> = read
        .findings
        .groups()
        .map(|(_, group)| group.count)
        .collect();
    assert_eq!(counts, [49_999, 1]);
}

#[test]
fn frames_and_packets_are_one_capture_in_time_order() {
    use super::super::sample::{Order, PcapFile};
    let folder = TempDir::new().unwrap();
    let mut file = PcapFile::new(Order::Little, false, 1);
    (0..40).for_each(|second| file.packet(995 + second, 0, b"p"));
    let paths = [
        write(&folder, "a", &frames()),
        write(&folder, "b", &file.bytes),
    ];
    for window in WINDOWS {
        let times: Vec<_> = read(&paths, window)
            .items
            .iter()
            .map(|item| item.time)
            .collect();
        assert_eq!(times.len(), 70);
        assert!(times.is_sorted());
    }
}

#[test]
fn published_frames_are_read() {
    let Some(folder) = shared::captures() else {
        return;
    };
    let folder = folder.join("derived/literals/bgpkit-parser");
    let cases = [
        ("src_parser_bmp_mod_L122_vx_t-1.obmp", "128.223.51.105", 51),
        ("src_parser_bmp_mod_L131_vx_t-1.obmp", "195.66.241.146", 176),
    ];
    for (name, router, octets) in cases {
        let read = read(&[folder.join(name)], 1000);
        let [item] = read.items.as_slice() else {
            panic!("{:?}", read.items);
        };
        let expected = Some((0, router.parse().ok(), 0));
        assert_eq!((item.router, item.data.len()), (expected, octets));
        // The literals end with a line feed that belongs to no frame.
        assert!(
            read.messages()[0]
                .1
                .ends_with("to the end of the file: 1 octet")
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_frames_are_read_the_same_in_any_window(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
        window in 1usize..2000,
    ) {
        let folder = TempDir::new().unwrap();
        let mut bytes = [frames(), damaged()].concat();
        for (index, value) in damage {
            let place = 4 + index.index(bytes.len() - 4);
            bytes[place] = value;
        }
        bytes.truncate(4 + cut.index(bytes.len() - 4));
        let path = write(&folder, "a", &bytes);
        let whole = read(std::slice::from_ref(&path), Options::WINDOW);
        prop_assert_eq!(read(&[path], window), whole);
    }
}
