//! The entry points of `fuzz/` on octets of the captures in `testdata`, changed at random by a fixed
//! seed. `BMPSCOPE_FULL=1` goes on a hundred times longer.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no"
)]

#[allow(unreachable_pub, reason = "public in the fuzz crate")]
#[path = "../fuzz/src/entries.rs"]
mod entries;
mod support;

use std::panic;
use support::tcp::Random;
use support::{capture_file, feeds, places, walker};

/// Tries `rounds` changed versions of the seeds, and shows the octets of the first that fails.
#[track_caller]
fn try_all(seeds: &[Vec<u8>], rounds: u64, entry: fn(&[u8])) {
    let rounds = match std::env::var_os("BMPSCOPE_FULL") {
        Some(_) => rounds * 100,
        None => rounds,
    };
    for seed in seeds {
        entry(seed);
    }
    for round in 0..rounds {
        let mut random = Random(round);
        let seed = &seeds[random.below(seeds.len() as u64) as usize];
        let octets = changed(seed, seeds, &mut random);
        if panic::catch_unwind(|| entry(&octets)).is_err() {
            let path = std::env::temp_dir().join("bmpscope-fuzz-smoke");
            std::fs::write(&path, &octets).unwrap();
            let (length, path) = (octets.len(), path.display());
            panic!("round {round} fails on {length} octets, kept in {path}");
        }
    }
}

/// A few of: a bit, an octet, a field of all ones or zeros, octets cut out, doubled or taken from
/// another seed, an end cut off.
fn changed(seed: &[u8], seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut octets = seed.to_vec();
    for _ in 0..=random.below(6) {
        if octets.is_empty() {
            octets.push(0);
        }
        let mut pick = |bound: usize| random.below(bound.max(1) as u64) as usize;
        let at = pick(octets.len());
        let length = pick(octets.len() - at).min(pick(64));
        match pick(9) {
            0 => octets[at] ^= 1 << pick(8),
            1 => octets[at] = pick(256) as u8,
            2 => octets[at..at + length.min(4)].fill(0xff),
            3 => octets[at..at + length.min(4)].fill(0),
            4 => drop(octets.drain(at..at + length)),
            5 => {
                let copy = octets[at..at + length].to_vec();
                octets.splice(at..at, copy);
            }
            6 => octets.truncate(at),
            7 => octets[at] = octets[at].wrapping_add(1),
            _ => {
                let other = &seeds[pick(seeds.len())];
                let from = pick(other.len());
                let part = &other[from..(from + length).min(other.len())];
                octets.splice(at..at, part.to_vec());
            }
        }
    }
    octets
}

/// The first octets of every file of `testdata`.
fn files(most: usize) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(places::testdata()).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut files = Vec::new();
    for path in paths.iter().filter(|path| path.is_file()) {
        let mut octets = std::fs::read(path).unwrap();
        octets.truncate(most);
        files.push(octets);
    }
    files
}

/// The messages of all streams, none twice of one type and length.
fn messages() -> Vec<Vec<u8>> {
    let mut seen = std::collections::HashSet::new();
    let mut messages = Vec::new();
    for feed in feeds::own() {
        for message in walker::messages(&feed.bytes) {
            if seen.insert((message[0], message[5], message.len())) {
                messages.push(message.to_vec());
            }
        }
    }
    messages
}

#[test]
fn files_of_any_octets_are_read() {
    try_all(&files(6000), 3000, entries::capture);
}

#[test]
fn frames_of_any_octets_are_decoded() {
    let mut seeds = Vec::new();
    for capture in places::testdata_captures() {
        if capture
            .extension()
            .is_some_and(|extension| extension == "bmp")
        {
            continue;
        }
        let records = capture_file::read(&std::fs::read(&capture).unwrap());
        for few in records.chunks(3).take(40) {
            let mut seed = few[0].link.to_be_bytes().to_vec();
            for record in few {
                seed.extend((record.bytes.len() as u16).to_be_bytes());
                seed.extend(&record.bytes);
            }
            seeds.push(seed);
        }
    }
    try_all(&seeds, 60_000, entries::packet);
}

#[test]
fn segments_of_any_order_tile_their_streams() {
    let mut random = Random(7);
    let mut seeds = Vec::new();
    for _ in 0..200 {
        let length = 8 * (1 + random.below(60)) as usize;
        seeds.push((0..length).map(|_| random.below(256) as u8).collect());
    }
    try_all(&seeds, 20_000, entries::stream);
}

#[test]
fn streams_of_any_octets_are_framed() {
    let mut seeds = Vec::new();
    for feed in feeds::own() {
        for options in 0..4 {
            let stream = feed.first(2500).bytes;
            seeds.push([&[options, 40, 33, 90][..], &stream].concat());
        }
    }
    try_all(&seeds, 15_000, entries::frame);
}

#[test]
fn messages_of_any_octets_are_decoded() {
    try_all(&messages(), 60_000, entries::bmp_message);
}

#[test]
fn updates_of_any_octets_are_counted_as_they_are_viewed() {
    let mut seeds = Vec::new();
    for message in messages() {
        if message[0] == 3 && message[5] == 0 {
            seeds.push(message[48..].to_vec());
            seeds.push(message[48 + 19..].to_vec());
        }
    }
    try_all(&seeds, 60_000, entries::bgp_update);
}

#[test]
fn captures_of_any_octets_are_answered() {
    try_all(&files(3000), 800, entries::whole);
}

#[test]
fn the_protection_of_captures_of_any_octets_is_answered() {
    let mut seeds = files(4000);
    let capture = std::fs::read(places::testdata_file("tcp-ao/unanswered.pcap")).unwrap();
    seeds.push(capture);
    try_all(&seeds, 1500, entries::protected);
}

#[test]
fn handshakes_of_tls_of_any_octets_are_read() {
    let mut seeds: Vec<Vec<u8>> = vec![vec![255, 22, 3, 1, 0, 4, 1, 0, 0, 0]];
    if let Some(capture) = places::lab("tls.pcap") {
        let records = capture_file::read(&std::fs::read(capture).unwrap());
        let hello = |bytes: &[u8]| {
            bytes
                .windows(3)
                .position(|window| window == [22, 3, 3] || window == [22, 3, 1])
        };
        for record in records.iter().take(200) {
            if let Some(at) = hello(&record.bytes) {
                seeds.push([&[255], &record.bytes[at..]].concat());
            }
        }
    }
    try_all(&seeds, 20_000, entries::tls);
}

#[test]
fn tls_of_any_octets_is_decrypted() {
    let file = std::fs::read(places::testdata_file("tls/openssl.pcap")).unwrap();
    let records = capture_file::read(&file);
    let mut seeds: std::collections::BTreeMap<u16, Vec<u8>> = std::collections::BTreeMap::new();
    for record in &records {
        // Ethernet, IPv4 and TCP without options: the ports, and the payload.
        let port = |at: usize| u16::from_be_bytes([record.bytes[at], record.bytes[at + 1]]);
        let (source, payload) = (port(34), &record.bytes[54..]);
        let is_client = source >= 40_000;
        let seed = seeds
            .entry(port(if is_client { 36 } else { 34 }))
            .or_default();
        seed.push(u8::from(!is_client));
        seed.extend((payload.len() as u16).to_be_bytes());
        seed.extend(payload);
    }
    let seeds: Vec<Vec<u8>> = seeds.into_values().collect();
    try_all(&seeds, 3_000, entries::decrypted);
}
