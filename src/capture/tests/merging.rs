//! Several files as one.

use super::super::sample::{Order, PcapFile, PcapngFile};
use super::*;

fn pcap(times: &[u32]) -> Vec<u8> {
    let mut file = PcapFile::new(Order::Little, false, 1);
    for time in times {
        file.packet(*time, 0, &[0; 50]);
    }
    file.bytes
}

/// File and second of each item.
fn order(read: &Read) -> Vec<(u32, Option<i64>)> {
    let second = |time: Timestamp| time.nanoseconds() / 1_000_000_000;
    let items = read.items.iter();
    items
        .map(|item| (item.file, item.time.map(second)))
        .collect()
}

#[test]
fn overlapping_files_become_one_capture_in_time_order() {
    let folder = TempDir::new().unwrap();
    let paths = [
        write(&folder, "a.pcap", &pcap(&[3, 5, 9])),
        write(&folder, "b.pcap", &pcap(&[1, 5, 6, 20])),
        write(&folder, "c.pcap", &pcap(&[2, 4, 4, 5])),
    ];
    for window in [1, 100, 1000] {
        let read = read(&paths, window);
        assert_eq!(
            order(&read),
            [
                (1, Some(1)),
                (2, Some(2)),
                (0, Some(3)),
                (2, Some(4)),
                (2, Some(4)),
                (0, Some(5)),
                (1, Some(5)),
                (2, Some(5)),
                (1, Some(6)),
                (0, Some(9)),
                (1, Some(20)),
            ]
        );
        let numbers: Vec<_> = read.inputs.iter().map(|input| input.packets).collect();
        assert_eq!(numbers, [3, 4, 4]);
    }
}

#[test]
fn rotated_files_in_any_order_are_read_one_after_the_other() {
    let folder = TempDir::new().unwrap();
    let paths = [
        write(&folder, "b.pcap", &pcap(&[4, 5, 6])),
        write(&folder, "a.pcap", &pcap(&[1, 2, 3])),
    ];
    let seconds: Vec<_> = order(&read(&paths, 64))
        .into_iter()
        .map(|(_, time)| time)
        .collect();
    assert_eq!(seconds, (1..=6).map(Some).collect::<Vec<_>>());
}

#[test]
fn times_that_go_back_inside_a_file_stay_in_file_order() {
    let folder = TempDir::new().unwrap();
    let paths = [
        write(&folder, "a.pcap", &pcap(&[5, 1, 6])),
        write(&folder, "b.pcap", &pcap(&[2, 5])),
    ];
    let expected = [
        (1, Some(2)),
        (0, Some(5)),
        (0, Some(1)),
        (1, Some(5)),
        (0, Some(6)),
    ];
    assert_eq!(order(&read(&paths, 1)), expected);
}

#[test]
fn what_has_no_time_goes_on_right_away_in_file_order() {
    let folder = TempDir::new().unwrap();
    let mut simple = PcapngFile::new(Order::Little);
    simple.interface(1, 0, &[]);
    simple.packet(0, 3_000_000, b"");
    simple.block(3, &[0; 4]); // a Simple Packet Block of no octets
    let paths = [
        write(&folder, "a.pcap", &pcap(&[2, 9])),
        write(&folder, "b.bmp", &[3, 0, 0, 0, 6, 4]),
        write(&folder, "c.pcapng", &simple.bytes),
    ];
    for window in [1, 1000] {
        let read = read(&paths, window);
        assert_eq!(
            order(&read),
            [
                (1, None),
                (0, Some(2)),
                (2, Some(3)),
                (2, None),
                (0, Some(9))
            ]
        );
    }
}

#[test]
fn two_thousand_files_can_be_opened() {
    let folder = TempDir::new().unwrap();
    let paths: Vec<_> = (0..2000u32)
        .map(|number| {
            write(
                &folder,
                &format!("{number}.pcap"),
                &pcap(&[number, number + 1]),
            )
        })
        .collect();
    let read = read(&paths, Options::WINDOW);
    assert_eq!(read.items.len(), 4000);
    assert!(read.items.is_sorted_by_key(|item| item.time));
}

#[test]
fn a_missing_last_octet_in_one_file_leaves_the_others_whole() {
    let folder = TempDir::new().unwrap();
    let cut = pcap(&[1, 2]);
    let paths = [
        write(&folder, "a.pcap", &cut[..cut.len() - 1]),
        write(&folder, "b.pcap", &pcap(&[3])),
    ];
    let read = read(&paths, 1000);
    assert_eq!(order(&read), [(0, Some(1)), (0, Some(2)), (1, Some(3))]);
    assert_eq!(read.inputs[0].truncated_packets, 1);
    assert_eq!(read.inputs[1].truncated_packets, 0);
}

#[test]
fn a_directory_stands_for_the_captures_in_it() {
    let folder = TempDir::new().unwrap();
    write(&folder, "b.pcap", &pcap(&[1]));
    write(&folder, "a.pcap", &pcap(&[1]));
    write(&folder, "README", b"what these are");
    write(&folder, ".hidden.pcap", &pcap(&[1]));
    let directory = folder.path().to_path_buf();
    let read = read(std::slice::from_ref(&directory), 1000);
    let paths: Vec<_> = read.inputs.iter().map(|input| input.path.clone()).collect();
    let names = ["a.pcap", "b.pcap"].map(|name| directory.join(name).display().to_string());
    assert_eq!(paths, names);
    let [(kind, message)] = read.messages()[..] else {
        panic!("{:?}", read.messages());
    };
    assert_eq!(kind, "capture-passed-over");
    assert!(message.contains("not a capture: it begins with 77 68"));
}
