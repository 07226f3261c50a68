//! Input made to exhaust memory or time: every run ends, in bounded memory, with an answer. Seconds
//! by default; with `BMPSCOPE_FULL=1` at full scale, and `BMPSCOPE_BINARY` names an optimised build
//! for the figures, which go to stderr.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; figures go to stderr"
)]

mod support;

use std::io::{self, Write};
use std::net::Ipv4Addr;
use support::measure::{Measured, Pipe, measure};
use support::{bgp, bmp};

const MIB: u64 = 1 << 20;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

fn is_full() -> bool {
    std::env::var_os("BMPSCOPE_FULL").is_some()
}

/// As many of something as the scale of this run allows.
fn scaled(sample: u64, full: u64) -> u64 {
    if is_full() { full } else { sample }
}

/// Runs `summary --json -` on what `make` writes, tells the figures and holds the bound.
#[track_caller]
fn hold(
    name: &str,
    options: &[&str],
    most: u64,
    make: impl FnOnce(&mut Pipe) -> io::Result<()>,
) -> Measured {
    let arguments = [&["summary", "--json", "-"], options].concat();
    let run = measure(&arguments, make);
    let (peak, input) = (run.peak / MIB, run.input / MIB);
    let seconds = run.time.as_secs_f64();
    eprintln!(
        "{name}: {input} MiB in, {seconds:.1} s, peak {peak} MiB, exit {}",
        run.code
    );
    assert!(
        peak <= most,
        "{name}: peak {peak} MiB, expected {most} at most"
    );
    assert!(
        matches!(run.code, 0..=2),
        "{name}: exit {}\n{}",
        run.code,
        run.stderr
    );
    run
}

fn json(run: &Measured) -> serde_json::Value {
    serde_json::from_slice(&run.stdout).unwrap()
}

fn messages(run: &Measured) -> u64 {
    let answer = json(run);
    let sessions = answer["sessions"].as_array().unwrap();
    let total = |session: &serde_json::Value| session["messages"]["total"].as_u64().unwrap();
    sessions.iter().map(total).sum()
}

// ---- packets

fn pcap_header(out: &mut Pipe) -> io::Result<()> {
    out.write_all(&0xa1b2_c3d4u32.to_le_bytes())?;
    out.write_all(&[2, 0, 4, 0])?;
    for value in [0u32, 0, 262_144, 101] {
        out.write_all(&value.to_le_bytes())?; // raw IP
    }
    Ok(())
}

/// A record with this packet, the `number`th.
fn record(out: &mut Pipe, number: u64, packet: &[u8]) -> io::Result<()> {
    let length = (packet.len() as u32).to_le_bytes();
    let mut header = [0; 16];
    header[..4].copy_from_slice(&(1_700_000_000 + (number / 1_000_000) as u32).to_le_bytes());
    header[4..8].copy_from_slice(&((number % 1_000_000) as u32).to_le_bytes());
    header[8..12].copy_from_slice(&length);
    header[12..].copy_from_slice(&length);
    out.write_all(&header)?;
    out.write_all(packet)
}

/// A TCP segment in IPv4 from router number `router` (its address and port) to the station.
fn segment(router: u64, sequence: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((payload.len() as u16 + 40).to_be_bytes());
    packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
    packet.extend((0x0a00_0000 + (router >> 12) as u32).to_be_bytes());
    packet.extend([192, 0, 2, 100]);
    packet.extend((0x8000 + (router & 0xfff) as u16).to_be_bytes());
    packet.extend(1790u16.to_be_bytes());
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 0, 0, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    packet.extend(payload);
    packet
}

#[test]
fn first_segments_that_never_come_are_given_up_within_bounds() {
    let segments = scaled(24 * MIB, 1024 * MIB) / 1448;
    let name = "r".repeat(171);
    let payload = bmp::initiation(&[(2, &name)]).repeat(8);
    assert_eq!(payload.len(), 1448);
    let run = hold("one hole", &[], 160, |out| {
        pcap_header(out)?;
        record(out, 0, &segment(0, 999, SYN, &[]))?;
        let mut sequence = 1000u32;
        for number in 0..segments {
            sequence = sequence.wrapping_add(1448); // the first one is lost
            record(out, number, &segment(0, sequence, ACK, &payload))?;
        }
        Ok(())
    });
    assert_eq!(messages(&run), 8 * segments);
    assert!(json(&run)["findings"]["warning"].as_u64().unwrap() >= 1);
    let connections = scaled(2000, 100_000);
    let run = hold("a hole in each connection", &[], 1200, |out| {
        pcap_header(out)?;
        for number in 0..connections * 8 {
            let (router, index) = (number % connections, (number / connections) as u32);
            if index == 0 {
                record(out, number, &segment(router, 999, SYN, &[]))?;
            }
            let sequence = 1000 + 1448 * (index + 1);
            record(out, number, &segment(router, sequence, ACK, &payload))?;
        }
        Ok(())
    });
    assert_eq!(messages(&run), 64 * connections);
}

#[test]
fn half_open_connections_are_forgotten() {
    let connections = scaled(30_000, 1_000_000);
    hold("half-open connections", &[], 320, |out| {
        pcap_header(out)?;
        for number in 0..connections {
            record(out, number, &segment(number, 999, SYN, &[]))?;
        }
        Ok(())
    });
    hold("connections with one octet each", &[], 1000, |out| {
        pcap_header(out)?;
        for number in 0..connections {
            record(out, number, &segment(number, 999, ACK, &[3]))?;
        }
        Ok(())
    });
}

/// What is kept of streams that are not decided on yet is bounded in all, not only for each.
#[test]
fn open_connections_that_are_no_bmp_hold_little_in_all() {
    let (connections, octets) = (scaled(1000, 5000), 100_000);
    for (name, unit) in [
        ("connections of something else", &[0x55][..]),
        ("connections of what could be BMP", &[3, 0, 4, 0, 0, 1]),
    ] {
        let payload = unit.repeat(1446 / unit.len());
        hold(name, &[], 250, |out| {
            pcap_header(out)?;
            for round in 0..octets / payload.len() as u32 {
                let sequence = 1000 + round * payload.len() as u32;
                for router in 0..connections {
                    let number = u64::from(round) * connections + router;
                    record(out, number, &segment(router, sequence, ACK, &payload))?;
                }
            }
            Ok(())
        });
    }
}

#[test]
fn fragments_that_are_never_completed_are_forgotten() {
    let fragments = scaled(20_000, 1_000_000);
    for (name, size) in [("large fragments", 1400), ("small fragments", 8)] {
        hold(name, &[], 120, |out| {
            pcap_header(out)?;
            let mut packet = segment(0, 0, ACK, &vec![0; size - 8]);
            packet.truncate(20 + size);
            packet[2..4].copy_from_slice(&(20 + size as u16).to_be_bytes());
            packet[6] = 0x20; // more fragments
            for number in 0..fragments {
                packet[4..6].copy_from_slice(&(number as u16).to_be_bytes());
                packet[14..16].copy_from_slice(&((number >> 16) as u16).to_be_bytes());
                record(out, number, &packet)?;
            }
            Ok(())
        });
    }
}

#[test]
fn datagrams_of_many_flows_leave_nothing_behind() {
    let packets = scaled(50_000, 5_000_000);
    hold("UDP flows", &[], 120, |out| {
        pcap_header(out)?;
        let mut packet = segment(0, 0, 0, &[]);
        packet[9] = 17;
        for number in 0..packets {
            packet[12..16].copy_from_slice(&(number as u32).to_be_bytes());
            record(out, number, &packet)?;
        }
        Ok(())
    });
}

#[test]
fn segments_of_one_octet_are_a_stream_like_any_other() {
    let octets = scaled(100_000, 10_000_000);
    let one = bmp::initiation(&[(2, "router")]);
    let run = hold("segments of one octet", &[], 120, |out| {
        pcap_header(out)?;
        record(out, 0, &segment(0, 999, SYN, &[]))?;
        for number in 0..octets {
            let octet = one[(number % one.len() as u64) as usize];
            record(
                out,
                number,
                &segment(0, 1000 + number as u32, ACK, &[octet]),
            )?;
        }
        Ok(())
    });
    assert_eq!(messages(&run), octets / one.len() as u64);
}

/// A stream that a person says is BMP (`--port`), all of it gaps, keeps nothing for each gap.
#[test]
fn gaps_of_an_undecided_stream_leave_nothing_behind() {
    let octets = scaled(2_000_000, 10_000_000);
    hold("every other octet lost", &["--port", "1790"], 50, |out| {
        pcap_header(out)?;
        record(out, 0, &segment(0, 999, SYN, &[]))?;
        for number in 0..octets {
            let sequence = 1000 + 2 * number as u32;
            record(out, number, &segment(0, sequence, ACK, &[3]))?;
        }
        Ok(())
    });
}

#[test]
fn octets_before_one_another_backwards_are_held_within_bounds() {
    let octets = scaled(50_000, 5_000_000);
    hold(
        "octets from last to first",
        &["--port", "1790"],
        160,
        |out| {
            pcap_header(out)?;
            record(out, 0, &segment(0, 999, SYN, &[]))?;
            for number in 0..octets {
                let sequence = 1000 + (octets - number) as u32;
                record(out, number, &segment(0, sequence, ACK, &[3]))?;
            }
            Ok(())
        },
    );
}

// ---- containers

/// A zstd frame (RFC 8878 3.1.1): `first` as it is, then `blocks` RLE blocks of 128 KiB of `octet`.
fn zstd_bomb(first: &[u8], octet: u8, blocks: u64) -> Vec<u8> {
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd]; // magic
    out.push(0x00); // no content size, no checksum, no dictionary
    out.push(7 << 3); // window of 128 KiB
    let block = |size: u32, kind: u32, is_last: bool| {
        let header = size << 3 | kind << 1 | u32::from(is_last);
        let [a, b, c, _] = header.to_le_bytes();
        [a, b, c]
    };
    out.extend(block(first.len() as u32, 0, false));
    out.extend(first);
    for number in 1..=blocks {
        out.extend(block(1 << 17, 1, number == blocks));
        out.push(octet);
    }
    out
}

#[test]
fn a_compressed_file_unpacks_window_by_window() {
    let blocks = scaled(256, 131_072); // 32 MiB, 16 GiB
    let mut header = Vec::new();
    header.extend(0xa1b2_c3d4u32.to_le_bytes());
    header.extend([2, 0, 4, 0]);
    for value in [0u32, 0, 262_144, 1] {
        header.extend(value.to_le_bytes());
    }
    let mut stream = bmp::initiation(&[(2, "router")]);
    stream.extend(bmp::initiation(&[(2, "router")]));
    let folder = tempfile::tempdir().unwrap();
    for (name, first, octet) in [
        ("zstd of zeros", &[0; 64][..], 0),
        ("zstd of empty records", &header, 0),
        ("zstd of long records", &header, 0x7f),
        ("zstd of a bare stream, then zeros", &stream, 0),
        ("zstd of a bare stream, then 0x03", &stream, 3),
    ] {
        let bomb = zstd_bomb(first, octet, blocks);
        if !is_full() {
            hold(&format!("{name}, piped"), &[], 200, |out| {
                out.write_all(&bomb)
            });
        }
        let file = folder.path().join("bomb.zst");
        std::fs::write(&file, &bomb).unwrap();
        let run = measure(&["summary", "--json", file.to_str().unwrap()], |_| Ok(()));
        let (peak, seconds) = (run.peak / MIB, run.time.as_secs_f64());
        eprintln!(
            "{name}: {} octets, {seconds:.1} s, peak {peak} MiB",
            bomb.len()
        );
        assert!(peak <= 200, "{name}: peak {peak} MiB");
    }
}

#[test]
fn a_record_that_says_four_gibibytes_allocates_nothing_like_it() {
    for length in [0xffff_ffffu32, 0x7fff_ffff, 0x1000_0000] {
        hold("record length", &[], 200, |out| {
            pcap_header(out)?;
            let mut header = [0; 16];
            header[8..12].copy_from_slice(&length.to_le_bytes());
            header[12..].copy_from_slice(&length.to_le_bytes());
            out.write_all(&header)?;
            let zeros = vec![0; MIB as usize];
            for _ in 0..scaled(64, 1024) {
                out.write_all(&zeros)?;
            }
            Ok(())
        });
    }
}

// ---- bare streams

fn bare(out: &mut Pipe, unit: &[u8], octets: u64) -> io::Result<()> {
    let many = unit.repeat((1 << 16) / unit.len() + 1);
    for _ in 0..octets / many.len() as u64 {
        out.write_all(&many)?;
    }
    Ok(())
}

#[test]
fn streams_that_mean_the_most_work_end_in_bounded_memory() {
    let octets = scaled(16 * MIB, 1024 * MIB);
    let first = [bmp::initiation(&[(2, "r")]), bmp::initiation(&[(2, "r")])].concat();
    let units: &[(&str, &[u8])] = &[
        ("messages of 6 octets", &[3, 0, 0, 0, 6, 5]),
        ("unknown messages of 6 octets", &[3, 0, 0, 0, 6, 99]),
        ("nothing but 0x03", &[3]),
        ("lengths of 4 GiB", &[3, 0xff, 0xff, 0xff, 0xff, 0]),
        ("lengths of 1 MiB", &[3, 0, 0x10, 0, 0, 0]),
        ("lengths of 256 KiB, one in another", &[3, 0, 4, 0, 0, 1]),
        ("the same, of a Peer Down", &[3, 0, 4, 0, 0, 2]),
        ("the same, of Route Mirroring", &[3, 0, 4, 0, 0, 6]),
        ("the same, of an Initiation", &[3, 0, 4, 0, 0, 4]),
    ];
    for (name, unit) in units {
        hold(name, &[], 400, |out| {
            out.write_all(&first)?;
            bare(out, unit, octets)
        });
        // Out of sync from the start, so that every unit is a hypothesis.
        hold(&format!("{name}, out of sync"), &[], 400, |out| {
            out.write_all(&first)?;
            out.write_all(&[0xee; 100])?;
            bare(out, unit, octets)
        });
    }
}

// ---- sessions

fn peer(number: u64) -> bmp::PeerHeader {
    let address = Ipv4Addr::from(0x0a00_0000 + number as u32);
    bmp::PeerHeader::new(&address.to_string(), 64_500)
}

fn peer_up(peer: &bmp::PeerHeader, capabilities: usize) -> Vec<u8> {
    let mut open = bgp::Open::usual(64_500, Ipv4Addr::new(192, 0, 2, 1));
    let unknown = (0..capabilities).map(|_| (200u8, vec![7; 8]));
    open.capabilities.extend(unknown);
    let open = open.encode();
    peer.peer_up(("192.0.2.1", 179), 40_000, (&open, &open), &[])
}

#[test]
fn peers_cost_what_they_say_and_no_more() {
    let peers = scaled(5000, 100_000);
    let update = bgp::update(
        &[],
        &bgp::usual_attributes(&[64_501], Ipv4Addr::new(192, 0, 2, 7)),
        &bgp::prefix_ipv4(Ipv4Addr::new(198, 51, 100, 0), 24),
    );
    let run = hold("peers", &[], 700, |out| {
        out.write_all(&bmp::initiation(&[(2, "router")]))?;
        for number in 0..peers {
            let peer = peer(number);
            out.write_all(&peer_up(&peer, 0))?;
            out.write_all(&peer.route_monitoring(&update))?;
        }
        Ok(())
    });
    assert_eq!(messages(&run), 1 + 2 * peers);
}

#[test]
fn peers_that_flap_cost_no_more_than_their_last_opens() {
    let flaps = scaled(2000, 10_000);
    let peers = scaled(10, 100);
    let run = hold("flapping peers", &[], 400, |out| {
        out.write_all(&bmp::initiation(&[(2, "router")]))?;
        for _ in 0..flaps {
            for number in 0..peers {
                let peer = peer(number);
                out.write_all(&peer_up(&peer, 20))?;
                out.write_all(&peer.peer_down(4, &[]))?;
            }
        }
        Ok(())
    });
    assert_eq!(messages(&run), 1 + 2 * peers * flaps);
}

#[test]
fn messages_that_cannot_be_read_are_counted_not_kept() {
    let count = scaled(50_000, 2_000_000);
    let peer = bmp::PeerHeader::new("192.0.2.7", 64_501);
    let mut broken = bgp::update(&[], &[0x40, 1, 200, 0], &[]);
    broken[21] = 9; // lengths that overrun
    let message = peer.route_monitoring(&broken);
    let run = hold("undecodable messages", &[], 160, |out| {
        out.write_all(&bmp::initiation(&[(2, "router")]))?;
        for _ in 0..count {
            out.write_all(&message)?;
        }
        Ok(())
    });
    assert_eq!(messages(&run), 1 + count);
}

/// UPDATEs that read with path identifiers as well as without wait for others of their view, and none
/// ever tells.
#[test]
fn updates_that_read_both_ways_are_held_within_a_bound() {
    let octets = scaled(40 * MIB, 1024 * MIB);
    let peer = bmp::PeerHeader::new("192.0.2.7", 64_501);
    let mut open = bgp::Open::usual(64_501, Ipv4Addr::new(192, 0, 2, 7));
    open.capabilities.push(bgp::add_path(1, 1, 3));
    let open = open.encode();
    // 127.0.N.0/24 and 192.0.N.0/24, or 192.0.N.0/24 under an identifier: as unusual both ways.
    for (name, times) in [("short", 1), ("long", 250)] {
        let alike = (0..times).flat_map(|number| [24, 127, 0, number, 24, 192, 0, number]);
        let update = bgp::update(&[], &[], &alike.collect::<Vec<u8>>());
        let message = peer.route_monitoring(&update);
        let count = octets / message.len() as u64;
        let run = hold(
            &format!("{name} UPDATEs that read both ways"),
            &[],
            200,
            |out| {
                out.write_all(&bmp::initiation(&[(2, "router")]))?;
                out.write_all(&peer.peer_up(("192.0.2.1", 179), 50_000, (&open, &open), &[]))?;
                for _ in 0..count {
                    out.write_all(&message)?;
                }
                Ok(())
            },
        );
        assert_eq!(messages(&run), 2 + count);
    }
}

#[test]
fn sessions_are_the_only_thing_that_grows() {
    let sessions = scaled(3000, 100_000);
    let both = [bmp::initiation(&[(2, "r")]), bmp::termination(0)].concat();
    let run = hold("sessions", &[], 1200, |out| {
        pcap_header(out)?;
        for number in 0..sessions {
            record(out, number, &segment(number, 999, SYN, &[]))?;
            record(out, number, &segment(number, 1000, ACK, &both))?;
        }
        Ok(())
    });
    assert!(run.code == 0);
}
