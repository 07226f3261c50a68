//! One file at a time.

use super::super::sample::{Order, PcapFile, PcapngFile};
use super::*;
use proptest::prelude::*;

const WINDOWS: [usize; 4] = [1, 100, 64 * 1024, Options::WINDOW];

fn pcap() -> Vec<u8> {
    let mut file = PcapFile::new(Order::Little, false, 1);
    for number in 0..40u8 {
        let length = usize::from(number) * 7;
        file.packet(1_000 + u32::from(number), 5, &vec![number; length]);
    }
    file.bytes
}

fn pcapng() -> Vec<u8> {
    let mut file = PcapngFile::new(Order::Little);
    for order in [Order::Big, Order::Little] {
        file.section(order);
        file.interface(1, 0, &[]);
        file.block(5, &[0; 60]); // interface statistics
        file.interface(113, 0, &[(9, &[9])]);
        for number in 0..9u8 {
            let length = usize::from(number) * 5;
            file.packet(u32::from(number % 2), 77_000_000, &vec![number; length]);
        }
    }
    file.bytes
}

#[test]
fn every_window_size_and_a_pipe_give_the_same_items() {
    let folder = TempDir::new().unwrap();
    let bare: Vec<u8> = [3, 0]
        .into_iter()
        .chain((0..200).map(|n| n as u8))
        .collect();
    for (name, bytes) in [("a.pcap", pcap()), ("a.pcapng", pcapng()), ("a.bmp", bare)] {
        let path = write(&folder, name, &bytes);
        let expected = read(std::slice::from_ref(&path), Options::WINDOW);
        assert!(!expected.items.is_empty());
        for window in WINDOWS {
            assert_eq!(
                read(std::slice::from_ref(&path), window),
                expected,
                "{name} {window}"
            );
            #[cfg(unix)]
            assert_eq!(
                read_piped(&folder, &bytes, window, &path),
                expected,
                "{name} piped {window}"
            );
        }
    }
}

#[test]
fn the_input_says_what_was_read() {
    let folder = TempDir::new().unwrap();
    let path = write(&folder, "a.pcapng", &pcapng());
    let read = read(&[path], 100);
    let input = &read.inputs[0];
    assert_eq!((input.format, input.packets), (Format::Pcapng, 18));
    assert_eq!(input.link_types, [LinkType::ETHERNET, LinkType::LINUX_SLL]);
    let time = |time: Option<Timestamp>| time.unwrap().to_string();
    assert_eq!(time(input.first_time), "1970-01-01T00:00:00.077000000Z");
    assert_eq!(time(input.last_time), "1970-01-01T00:01:17.000000Z");
    assert_eq!(input.truncated_packets, 0);
    assert_eq!(input.bytes, pcapng().len() as u64);
    assert!(read.findings.is_empty());
}

#[test]
fn every_prefix_of_a_file_is_used_up_to_the_cut() {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in [("a.pcap", pcap()), ("a.pcapng", pcapng())] {
        let whole = read(&[write(&folder, name, &bytes)], 1000);
        for length in (1..300).chain((300..bytes.len()).step_by(17)) {
            let path = write(&folder, name, &bytes[..length]);
            let (capture, errors) = Capture::open(&[path], options(64));
            let prefix = read_all(capture);
            if length < if name == "a.pcap" { 24 } else { 4 } {
                assert_eq!(errors.len(), 1);
                continue;
            }
            assert_eq!(errors, []);
            let kept = prefix.items.len().saturating_sub(1);
            assert_eq!(prefix.items[..kept], whole.items[..kept]);
            if let (Some(cut), Some(last)) = (prefix.items.last(), whole.items.get(kept)) {
                assert!(last.data.starts_with(&cut.data));
                assert_eq!(cut.original_length, last.original_length);
            }
        }
    }
}

#[test]
fn a_file_cut_inside_a_packet_hands_on_what_is_there() {
    let folder = TempDir::new().unwrap();
    let mut file = PcapFile::new(Order::Little, false, 1);
    file.packet(1, 0, b"first");
    file.packet(2, 0, b"second");
    file.bytes.truncate(file.bytes.len() - 2);
    let path = write(&folder, "a.pcap", &file.bytes);
    let read = read(std::slice::from_ref(&path), 1000);
    assert_eq!(read.data(), [&b"first"[..], b"seco"]);
    assert_eq!(read.items[1].original_length, 6);
    assert_eq!(read.inputs[0].truncated_packets, 1);
    let message =
        "octet 45 of the file: the file ends inside this record: 4 of its 6 octets are there";
    assert_eq!(read.messages(), [("capture-cut-short", message)]);
    let (_, group) = read.findings.groups().next().unwrap();
    assert_eq!(group.places[0].packet, Some(2));
    assert_eq!(group.places[0].file, Some(path.display().to_string()));
}

#[test]
fn a_file_cut_inside_a_record_header_tells_where() {
    let folder = TempDir::new().unwrap();
    let mut file = PcapFile::new(Order::Little, false, 1);
    file.packet(1, 0, b"first");
    file.bytes.extend([0; 7]);
    let path = write(&folder, "a.pcap", &file.bytes);
    let read = read(std::slice::from_ref(&path), 1);
    assert_eq!(read.items.len(), 1);
    let message = "octet 45 of the file: the file ends here, inside a header or block of which 7 octets are \
                   there";
    assert_eq!(read.messages(), [("capture-cut-short", message)]);
}

#[test]
fn after_a_corrupt_length_the_rest_of_the_file_is_not_read() {
    let folder = TempDir::new().unwrap();
    let mut file = PcapFile::new(Order::Little, false, 1);
    file.packet(1, 0, b"first");
    file.words(&[2, 0, 0x7fff_ffff, 6]);
    file.bytes.extend(b"second");
    let path = write(&folder, "a.pcap", &file.bytes);
    for window in WINDOWS {
        let read = read(std::slice::from_ref(&path), window);
        assert_eq!(read.data(), [b"first"]);
        let message = "octet 45 of the file: the record cannot be right: its captured length, \
                       2147483647 octets, is longer than any packet; the rest of the file, 22 octets, \
                       is not read";
        assert_eq!(read.messages(), [("capture-corrupt", message)]);
    }
}

#[test]
fn a_snap_length_counts_as_truncated() {
    let folder = TempDir::new().unwrap();
    let mut file = PcapFile::new(Order::Big, true, 113);
    file.words(&[1, 0, 3, 100]);
    file.bytes.extend(b"abc");
    let read = read(&[write(&folder, "a.pcap", &file.bytes)], 1000);
    assert_eq!(read.items[0].original_length, 100);
    assert_eq!(read.inputs[0].truncated_packets, 1);
    assert!(read.findings.is_empty());
}

#[test]
fn a_file_that_shrinks_while_it_is_read_ends_with_a_finding() {
    let folder = TempDir::new().unwrap();
    let mut file = PcapFile::new(Order::Little, false, 1);
    (0..100).for_each(|second| file.packet(second, 0, &[7; 10_000]));
    let path = write(&folder, "a.pcap", &file.bytes);
    let (mut capture, _) = Capture::open(std::slice::from_ref(&path), options(20_000));
    assert!(capture.next_batch(&mut Vec::new(), |_, _, _| {}));
    let shorter = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    shorter.set_len(50_000).unwrap();
    let read = read_all(capture);
    assert_eq!(read.inputs[0].packets, 5);
    let kinds: Vec<_> = read.messages().into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["capture-cut-short", "capture-shrank"]);
}

#[test]
fn inputs_that_cannot_be_read_are_told_and_the_others_are_read() {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let paths = [
        folder.path().join("missing.pcap"),
        folder.path().join("empty"),
        write(&folder, "empty.pcap", b""),
        write(&folder, "short.pcap", &pcap()[..10]),
        write(&folder, "text.pcap", b"hello\n"),
        write(&folder, "a.pcap.gz", &[0x1f, 0x8b, 8]),
        write(&folder, "a.pcap.bz2", b"BZh91AY"),
        write(&folder, "good.pcap", &pcap()),
    ];
    let (capture, errors) = Capture::open(&paths, options(1000));
    let messages: Vec<_> = errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "there is no such file",
            "no capture is in this directory",
            "the file is empty",
            "the pcap file ends inside its header: 10 of 24 octets are there",
            "not a capture: it begins with 68 65 6c 6c 6f 0a (hello\\n), which is neither pcap, \
             pcapng nor OpenBMP, and no BMP messages follow each other from its first octet",
            "cannot be read: unexpected end of file",
            "bzip2 is not read; decompress it and give the result, or pipe it to -",
        ]
    );
    assert!(
        errors[2]
            .to_string()
            .ends_with("empty.pcap: the file is empty")
    );
    let read = read_all(capture);
    assert_eq!(read.inputs.len(), 1);
    assert_eq!(read.items.len(), 40);
}

#[test]
fn a_bare_stream_is_one_run_of_octets() {
    let folder = TempDir::new().unwrap();
    let bytes: Vec<u8> = [3, 0, 0, 0, 6, 4, 3, 0, 0, 0, 6, 4].to_vec();
    let read = read(&[write(&folder, "a.bmp", &bytes)], 5);
    assert_eq!(read.data(), [bytes]);
    assert_eq!(read.inputs[0].format, Format::Bmp);
    assert_eq!((read.inputs[0].packets, read.inputs[0].bytes), (0, 12));
}

/// `bytes` as a tool compresses them; none where the tool is not there.
#[cfg(unix)]
fn compress(folder: &TempDir, tool: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let path = write(folder, "plain", bytes);
    let output = std::process::Command::new(tool)
        .arg("-c")
        .arg(path)
        .output();
    let stdout = output.ok().filter(|output| output.status.success())?.stdout;
    Some(stdout)
}

#[test]
#[cfg(unix)]
fn compressed_files_and_pipes_give_the_same_items_as_plain_ones() {
    let folder = TempDir::new().unwrap();
    let plain = read(&[write(&folder, "a.pcap", &pcap())], 1000).items;
    for tool in ["gzip", "zstd", "xz"] {
        let Some(compressed) = compress(&folder, tool, &pcap()) else {
            println!("skipped: no {tool}");
            continue;
        };
        let path = write(&folder, tool, &compressed);
        for window in WINDOWS {
            let from_file = read(std::slice::from_ref(&path), window);
            assert_eq!(from_file.items, plain, "{tool}");
            assert_eq!(from_file.inputs[0].bytes, compressed.len() as u64);
            assert!(from_file.findings.is_empty());
            assert_eq!(read_piped(&folder, &compressed, window, &path), from_file);
        }
    }
}

#[test]
#[cfg(unix)]
fn every_prefix_of_a_compressed_file_is_used_as_far_as_it_goes() {
    let folder = TempDir::new().unwrap();
    let plain = read(&[write(&folder, "a.pcap", &pcap())], 1000).items;
    for tool in ["gzip", "zstd", "xz"] {
        let Some(compressed) = compress(&folder, tool, &pcap()) else {
            continue;
        };
        for length in (0..compressed.len()).step_by(3) {
            let path = write(&folder, tool, &compressed[..length]);
            let (capture, errors) = Capture::open(&[path], options(500));
            let prefix = read_all(capture);
            assert!(
                !errors.is_empty() || !prefix.findings.is_empty(),
                "{tool} {length}"
            );
            let whole = prefix.items.len().saturating_sub(1);
            assert_eq!(prefix.items[..whole], plain[..whole]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_files_are_read_the_same_in_any_window(
        newer in any::<bool>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        window in 1usize..2000,
    ) {
        let folder = TempDir::new().unwrap();
        let mut bytes = if newer { pcapng() } else { pcap() };
        // The first octets stay: what is not recognised is not read.
        for (index, value) in damage {
            let place = 24 + index.index(bytes.len() - 24);
            bytes[place] = value;
        }
        let path = write(&folder, "a", &bytes);
        let whole = read(std::slice::from_ref(&path), Options::WINDOW);
        prop_assert_eq!(read(&[path], window), whole);
    }
}
