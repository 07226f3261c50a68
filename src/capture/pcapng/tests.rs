//! Blocks, one by one.

use super::super::sample::{Order, PcapngFile};
use super::*;

/// Everything that the walker says about a whole file.
fn walk(bytes: &[u8]) -> Vec<Step> {
    let (mut walker, mut position, mut steps) = (Pcapng::default(), 0, Vec::new());
    loop {
        let step = walker.step(&bytes[position..], true);
        position += match &step {
            Step::Record(record) => record.length,
            Step::Skip(length, _) => *length,
            _ => {
                steps.push(step);
                return steps;
            }
        };
        steps.push(step);
    }
}

/// Link type, nanoseconds, captured and original length of each packet.
fn packets(bytes: &[u8]) -> Vec<(u16, Option<i64>, usize, u32)> {
    let records = walk(bytes).into_iter().filter_map(|step| match step {
        Step::Record(record) => Some(record),
        _ => None,
    });
    records
        .map(|record| {
            let time = record.time.map(|time| time.nanoseconds());
            (record.link.0, time, record.captured, record.original)
        })
        .collect()
}

#[test]
fn each_section_has_its_own_byte_order_and_interfaces() {
    let mut file = PcapngFile::new(Order::Little);
    file.interface(1, 0, &[]);
    file.interface(101, 0, &[(9, &[9])]); // if_tsresol: nanoseconds
    file.packet(1, 5, b"abc");
    file.packet(0, 5, b"abcd");
    file.section(Order::Big);
    file.interface(
        113,
        0,
        &[(9, &[0x80 | 1]), (14, &[0, 0, 0, 0, 0, 0, 0, 10])],
    );
    file.packet(0, 3, b"");
    assert_eq!(
        packets(&file.bytes),
        [
            (101, Some(5), 3, 3),
            (1, Some(5_000), 4, 4),
            (113, Some(11_500_000_000), 0, 0),
        ]
    );
}

#[test]
fn simple_and_obsolete_packet_blocks_are_packets() {
    let mut file = PcapngFile::new(Order::Big);
    file.interface(1, 5, &[]);
    // original length 9, cut to the interface's snap length of 5; 3 octets of padding
    file.block(3, &[0, 0, 0, 9, 1, 2, 3, 4, 5]);
    let mut body = vec![0, 0, 0, 7]; // interface 0, 7 drops
    body.extend([0, 0, 0, 0, 0, 0, 0, 8]); // time
    body.extend([0, 0, 0, 2, 0, 0, 0, 6, 0xaa, 0xbb]); // captured, original, packet
    file.block(2, &body);
    assert_eq!(
        packets(&file.bytes),
        [(1, None, 5, 9), (1, Some(8_000), 2, 6)]
    );
}

#[test]
fn blocks_without_packets_are_passed_over_and_unknown_ones_noted() {
    let mut file = PcapngFile::new(Order::Little);
    file.block(4, &[0; 8]); // name resolution
    file.block(0xbad, b"made by someone"); // custom
    file.block(0x777, b"");
    let steps = walk(&file.bytes);
    assert!(matches!(steps[1], Step::Skip(20, None)), "{steps:?}");
    assert!(matches!(steps[2], Step::Skip(28, None)));
    assert!(matches!(
        steps[3],
        Step::Skip(12, Some(Oddity::UnknownBlock(0x777)))
    ));
    assert!(matches!(steps[4], Step::End));
}

#[test]
fn a_packet_of_an_interface_that_was_not_described_is_still_a_packet() {
    let mut file = PcapngFile::new(Order::Little);
    file.packet(3, 5, b"abc");
    let steps = walk(&file.bytes);
    let Step::Record(record) = &steps[1] else {
        panic!("{steps:?}");
    };
    assert_eq!((record.link, record.time), (LinkType::UNKNOWN, None));
    assert_eq!(
        record.oddity.unwrap().to_string(),
        "no Interface Description Block 3 in its section; link type and time unknown"
    );
}

#[test]
fn lengths_that_contradict_each_other_are_told_and_the_first_one_rules() {
    let mut file = PcapngFile::new(Order::Little);
    file.interface(1, 0, &[]);
    file.packet(0, 5, b"abcd");
    let trailer = file.bytes.len() - 4;
    file.bytes[trailer] = 99;
    let steps = walk(&file.bytes);
    let Step::Record(record) = &steps[2] else {
        panic!("{steps:?}");
    };
    assert_eq!(
        record.oddity.unwrap().to_string(),
        "Block Total Length is 36 before and 99 after the block"
    );
    assert!(matches!(steps[3], Step::End));
}

#[test]
fn a_captured_length_that_leaves_its_block_is_cut_to_it() {
    let mut file = PcapngFile::new(Order::Little);
    file.interface(1, 0, &[]);
    file.packet(0, 5, b"abcd");
    let captured = file.bytes.len() - 36 + 20;
    file.bytes[captured] = 200;
    let steps = walk(&file.bytes);
    let Step::Record(record) = &steps[2] else {
        panic!("{steps:?}");
    };
    assert_eq!((record.captured, record.length), (4, 36));
    assert_eq!(record.oddity, Some(Oddity::PastBlock(200, 4)));
}

#[test]
fn a_length_that_is_not_possible_is_corrupt() {
    for length in [0, 4, 21, 0x8000_0000] {
        let mut file = PcapngFile::new(Order::Little);
        file.block(1, &[0; 8]);
        file.bytes[32..36].copy_from_slice(&Order::Little.u32(length));
        let steps = walk(&file.bytes);
        let Some(Step::Corrupt(why)) = steps.last() else {
            panic!("{steps:?}");
        };
        assert_eq!(
            *why,
            format!("its Block Total Length, {length}, is not possible (type 0x00000001)")
        );
    }
}

#[test]
fn a_block_that_is_not_all_here_asks_for_all_of_it() {
    let mut file = PcapngFile::new(Order::Little);
    file.interface(1, 0, &[]);
    let mut walker = Pcapng::default();
    assert!(matches!(
        walker.step(&file.bytes[..5], false),
        Step::More(12)
    ));
    assert!(matches!(
        walker.step(&file.bytes[..20], false),
        Step::More(28)
    ));
    assert!(matches!(
        walker.step(&file.bytes[..20], true),
        Step::CutShort
    ));
}

#[test]
fn a_packet_block_without_its_end_is_a_packet_cut_short() {
    let mut file = PcapngFile::new(Order::Big);
    file.interface(1, 0, &[]);
    file.packet(0, 5, b"abcdefgh");
    let cut = file.bytes.len() - 4 - 3;
    let steps = walk(&file.bytes[..cut]);
    let Step::Record(record) = &steps[2] else {
        panic!("{steps:?}");
    };
    assert_eq!((record.captured, record.original), (5, 8));
    assert_eq!(record.oddity, Some(Oddity::CutShort(33, 40)));
}
