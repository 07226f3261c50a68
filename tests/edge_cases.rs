//! The container and packet edge cases that other projects test with: every file is read without
//! panic, and each group gives what was counted without this program: packets and link types by
//! the inventory, TCP segments by tshark 4.0.17 (`-Y "tcp and not icmp and not icmpv6"`, run by
//! hand). Where tshark and bmpscope differ, [`OTHERWISE`] says why.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; skipped tests say so on stderr"
)]

mod library;
mod support;

use bmpscope::capture::{Capture, Item, Options};
use bmpscope::packet::{Decoder, Packet};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::places;

/// What must come out of the captures of one group.
struct Group {
    folder: &'static str,
    /// Files that the inventory knows as pcap or pcapng; all of them open.
    captures: u64,
    packets: u64,
    /// As tshark counts them.
    segments: u64,
    /// Packets by link type.
    links: &'static [(&'static str, u64)],
}

const GROUPS: &[Group] = &[
    Group {
        folder: "tcpdump",
        captures: 312,
        packets: 2633,
        segments: 451,
        links: &[
            ("arcnet-linux", 2),
            ("atm-clip", 1),
            ("c-hdlc", 34),
            ("dbus", 2),
            ("dsa-tag-brcm-prepend", 15),
            ("dsa-tag-edsa", 4),
            ("ethernet", 2055),
            ("frelay", 23),
            ("ieee802-11-radiotap", 4),
            ("ieee802-15-4-withfcs", 3),
            ("ipoib", 30),
            ("ipv4", 3),
            ("ipv6", 10),
            ("juniper-atm1", 3),
            ("juniper-es", 1),
            ("juniper-ether", 1),
            ("juniper-monitor", 1),
            ("linux-sll", 326),
            ("mfr", 1),
            ("null", 73),
            ("pktap", 1),
            ("ppp", 17),
            ("raw", 14),
            ("slip", 5),
            ("sunatm", 3),
            ("user2", 1),
        ],
    },
    Group {
        folder: "zeek",
        captures: 52,
        packets: 3788,
        segments: 1780,
        links: &[
            ("ethernet", 3755),
            ("ipv4", 15),
            ("linux-sll", 12),
            ("linux-sll2", 6),
        ],
    },
    Group {
        folder: "suricata-verify",
        captures: 28,
        packets: 237,
        segments: 161,
        links: &[
            ("ethernet", 169),
            ("ipv4", 7),
            ("ipv6", 3),
            ("linux-sll", 38),
            ("linux-sll2", 5),
            ("null", 15),
        ],
    },
    Group {
        folder: "pcapng-test-generator",
        captures: 23,
        packets: 46,
        segments: 0,
        links: &[("ethernet", 42), ("null", 4)],
    },
    Group {
        folder: "libpcap",
        captures: 36,
        packets: 186,
        segments: 37,
        links: &[
            ("arcnet-linux", 25),
            ("bacnet-ms-tp", 10),
            ("c-hdlc", 14),
            ("ethernet", 104),
            ("ieee802-11-radiotap", 26),
            ("ppi", 5),
            ("slip", 1),
            // A packet before any Interface Description Block.
            ("unknown-65535", 1),
        ],
    },
    Group {
        folder: "pcapplusplus",
        captures: 25,
        packets: 838,
        segments: 770,
        links: &[
            ("ethernet", 203),
            ("linux-sll", 618),
            ("linux-sll2", 3),
            ("netlink", 13),
            ("nflog", 1),
        ],
    },
];

/// Where segments are counted otherwise: file, tshark's count, ours, why.
const OTHERWISE: &[(&str, u64, u64, &str)] = &[
    (
        "libpcap/filter/AH-IPcomp-IPv4.pcap",
        10,
        6,
        "IPComp (RFC 3173): compressed payloads stay unread",
    ),
    ("libpcap/filter/AH-IPcomp-IPv6.pcap", 15, 8, "likewise"),
    (
        "libpcap/filter/arcnet-rfc1201-arp-icmp-http.pcap",
        3,
        0,
        "ARCNET is named and counted, not read",
    ),
    ("libpcap/filter/http_PPI.pcap", 1, 0, "PPI likewise"),
    ("tcpdump/ipoib.pcap", 20, 0, "IP over InfiniBand likewise"),
    (
        "pcapplusplus/Packet++Test/PacketExamples/tcp-malformed.pcap",
        2,
        0,
        "the Data Offset reaches past the segment",
    ),
    (
        "suricata-verify/bug-76/input.pcap",
        46,
        45,
        "the Data Offset of packet 46 is less than 5 words",
    ),
    (
        "tcpdump/rpki-rtr-oobr.pcap",
        1,
        0,
        "a first fragment without the others",
    ),
    (
        "zeek/ipv4/fragmented-4.pcap",
        3,
        2,
        "its fragments overlap (RFC 5722)",
    ),
];

/// What files come to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    captures: u64,
    packets: u64,
    segments: u64,
    links: BTreeMap<String, u64>,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.captures += other.captures;
        self.packets += other.packets;
        self.segments += other.segments;
        for (link, packets) in other.links {
            *self.links.entry(link).or_default() += packets;
        }
    }
}

/// What one file comes to; none if it is no capture.
fn read(path: &Path) -> Option<Sum> {
    let (mut capture, errors) = Capture::open(&[path.to_path_buf()], Options::default());
    if !errors.is_empty() {
        return None;
    }
    let mut sum = Sum {
        captures: 1,
        ..Sum::default()
    };
    let mut decoder = Decoder::default();
    let mut windows = Vec::new();
    let mut more = true;
    while more {
        more = capture.next_batch(&mut windows, |_, _, item| {
            let Item::Frame(frame) = item else {
                panic!("a bare stream, which no probe asked for")
            };
            sum.packets += 1;
            *sum.links.entry(frame.link.to_string()).or_default() += 1;
            let is_tcp = matches!(decoder.decode(&frame), Packet::Tcp(_));
            sum.segments += u64::from(is_tcp);
        });
        capture.recycle(std::mem::take(&mut windows));
    }
    Some(sum)
}

/// A line of the inventory.
struct File {
    name: String,
    path: PathBuf,
    /// Packets, where it is a capture by its own first octets.
    packets: Option<u64>,
}

fn inventory() -> Vec<File> {
    let Some(captures) = places::shared_captures() else {
        return Vec::new();
    };
    let public = captures.join("public");
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap();
    inventory
        .lines()
        .skip(1)
        .map(|line| inventory_line(&public, line))
        .collect()
}

fn inventory_line(public: &Path, line: &str) -> File {
    let columns: Vec<&str> = line.split('\t').collect();
    let content = columns.get(10).copied().unwrap_or_default();
    let packets = content
        .split(" | ")
        .find_map(|part| part.strip_suffix(" pkts"))
        .filter(|_| content.starts_with("pcap"));
    File {
        name: columns[0].to_string(),
        path: public.join(columns[0]),
        packets: packets.map(|count| count.parse().unwrap()),
    }
}

#[test]
fn every_group_of_edge_cases_gives_what_others_count() {
    let files = inventory();
    if files.is_empty() {
        return;
    }
    let mut differences = Vec::new();
    for group in GROUPS {
        let mut sum = Sum::default();
        let prefix = format!("{}/", group.folder);
        for file in files.iter().filter(|file| file.name.starts_with(&prefix)) {
            let Some(expected) = file.packets else {
                continue;
            };
            let got = read(&file.path).unwrap_or_default();
            if got.packets != expected {
                let (name, packets) = (&file.name, got.packets);
                differences.push(format!("{name}: {expected} packets, got {packets}"));
            }
            sum.add(got);
        }
        let expected = expected(group);
        if sum != expected {
            let folder = group.folder;
            differences.push(format!(
                "{folder}:\nexpected {expected:?}\n     got {sum:?}"
            ));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The row of the table, with what we count otherwise.
fn expected(group: &Group) -> Sum {
    let prefix = format!("{}/", group.folder);
    let ours = OTHERWISE.iter().filter(|row| row.0.starts_with(&prefix));
    let fewer: u64 = ours.map(|(_, theirs, ours, _)| theirs - ours).sum();
    let links = group.links.iter();
    Sum {
        captures: group.captures,
        packets: group.packets,
        segments: group.segments - fewer,
        links: links
            .map(|(link, packets)| (link.to_string(), *packets))
            .collect(),
    }
}

#[test]
fn what_is_counted_otherwise_is_counted_so_file_by_file() {
    for file in inventory() {
        let row = OTHERWISE.iter().find(|row| row.0 == file.name);
        if let Some((name, _, ours, why)) = row {
            assert_eq!(read(&file.path).unwrap().segments, *ours, "{name}: {why}");
        }
    }
}

/// Captures, their cut and corrupt variants, and files that are no captures at all.
#[test]
fn the_whole_program_reads_every_file_of_the_inventory_without_panic() {
    for file in inventory() {
        let answer = library::read(&std::fs::read(&file.path).unwrap(), &[]);
        let run = &answer.run;
        let is_told = run.inputs.len() + run.errors.len() == 1;
        assert!(is_told, "{}: neither read nor refused", file.name);
    }
}
