//! Real captures, where they are there: counts that another dissector confirmed.

use super::samples::cut_frame;
use super::{Decoder, Other, Packet};
use crate::capture::Frame;
use crate::time::Timestamp;
use std::path::{Path, PathBuf};

/// The folder of captures beside the project, which most machines do not have.
fn captures() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("BMPSCOPE_SHARED").map_or(beside, PathBuf::from);
    let captures = shared.join("captures");
    if captures.is_dir() {
        return Some(captures);
    }
    println!("skipped: no captures in {}", captures.display());
    None
}

/// Calls `visit` with each frame of a pcap file, as far as the file is one.
fn frames(bytes: &[u8], mut visit: impl FnMut(&Frame<'_>)) {
    let (big, digits) = match bytes.first_chunk::<4>() {
        Some([0xa1, 0xb2, 0xc3, 0xd4]) => (true, 6),
        Some([0xd4, 0xc3, 0xb2, 0xa1]) => (false, 6),
        Some([0x4d, 0x3c, 0xb2, 0xa1]) => (false, 9),
        _ => return,
    };
    let number = |at: usize| -> Option<u32> {
        let octets = bytes.get(at..)?.first_chunk::<4>()?;
        Some(if big {
            u32::from_be_bytes(*octets)
        } else {
            u32::from_le_bytes(*octets)
        })
    };
    let link = number(20).unwrap_or_default() as u16;
    let (mut at, mut count) = (24, 0);
    while let (Some(seconds), Some(fraction), Some(length), Some(original)) =
        (number(at), number(at + 4), number(at + 8), number(at + 12))
    {
        let Some(data) = bytes.get(at + 16..at + 16 + length as usize) else {
            return;
        };
        at += 16 + length as usize;
        count += 1;
        let scale = if digits == 9 { 1 } else { 1000 };
        let nanoseconds = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * scale;
        let frame = cut_frame(link, data, original as usize);
        visit(&Frame {
            number: count,
            time: Some(Timestamp::from_nanoseconds(nanoseconds, digits)),
            ..frame
        });
    }
}

fn pcaps(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            pcaps(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "pcap")
        {
            found.push(path);
        }
    }
}

/// What a file holds, counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    frames: u64,
    segments: u64,
    /// Segments whose payload was not captured whole.
    cut: u64,
    wrong_checksums: u64,
    tunnelled: u64,
    fragments: u64,
}

fn count(bytes: &[u8]) -> Counts {
    let mut counts = Counts::default();
    let mut decoder = Decoder::default();
    frames(bytes, |frame| {
        counts.frames += 1;
        match decoder.decode(frame) {
            Packet::Tcp(segment) => {
                counts.segments += 1;
                counts.cut += u64::from(segment.missing > 0);
                counts.wrong_checksums += u64::from(segment.checksum_is_wrong() == Some(true));
                counts.tunnelled += u64::from(segment.carriage.tunnels > 0);
            }
            Packet::Other(Other::Fragment) => counts.fragments += 1,
            Packet::Other(_) => (),
        }
    });
    counts
}

/// File; frames, TCP segments, cut ones, wrong checksums, tunnelled ones, fragments held. Segments
/// (with ports, sequence numbers, payload lengths) and checksums are those that TShark 4 finds.
const COUNTS: &[(&str, [u64; 6])] = &[
    (
        "public/zeek/tunnels/geneve-47101.pcap",
        [24, 24, 0, 4, 24, 0],
    ),
    ("public/zeek/tunnels/geneve-arp.pcap", [1, 0, 0, 0, 0, 0]),
    ("public/zeek/tunnels/geneve.pcap", [6, 0, 0, 0, 0, 0]),
    ("public/zeek/tunnels/gre-sample.pcap", [40, 22, 0, 0, 22, 0]),
    (
        "public/zeek/tunnels/vxlan-inner-tcp-bad-checksum.pcap",
        [1, 1, 0, 1, 1, 0],
    ),
    ("public/zeek/tunnels/vxlan.pcap", [10, 0, 0, 0, 0, 0]),
    (
        "public/zeek/tunnels/6in6-tunnel-change.pcap",
        [2, 0, 0, 0, 0, 0],
    ),
    ("public/zeek/mixed-vlan-mpls.pcap", [47, 47, 0, 22, 0, 0]),
    // Some frames have an IP length that their PPPoE length contradicts.
    ("public/zeek/pppoe-over-qinq.pcap", [86, 86, 0, 6, 0, 0]),
    ("public/zeek/pppoe.pcap", [65, 0, 0, 0, 0, 0]),
    ("public/zeek/http-qinq-0.pcap", [14, 14, 0, 0, 0, 0]),
    ("public/zeek/http-vlan-0.pcap", [14, 14, 0, 0, 0, 0]),
    ("public/zeek/linuxsll-arp.pcap", [12, 0, 0, 0, 0, 0]),
    ("public/zeek/linux_dlt_sll2.pcap", [6, 0, 0, 0, 0, 0]),
    ("public/zeek/raw_packets.pcap", [33, 6, 0, 0, 0, 0]),
    (
        "public/zeek/ipv6-http-atomic-frag.pcap",
        [38, 36, 0, 4, 0, 0],
    ),
    ("public/zeek/ipv4/fragmented-3.pcap", [5, 0, 0, 0, 0, 5]),
    // TShark takes the overlap of packet 5, which is refused here.
    ("public/zeek/ipv4/fragmented-4.pcap", [6, 2, 0, 0, 0, 3]),
    ("public/libpcap/filter/geneve.pcap", [10, 8, 0, 0, 8, 0]),
    (
        "public/gopacket/pcap/test_loopback.pcap",
        [24, 24, 0, 24, 0, 0],
    ),
    (
        "public/tcpdump/gso-ipv6-vxlan-ipv4.pcap",
        [1, 1, 0, 1, 1, 0],
    ),
    ("public/tcpdump/bgp-aigp.pcap", [1, 1, 0, 0, 0, 0]),
    (
        "public/pcapplusplus/Pcap++Test/PcapExamples/sll.pcap",
        [518, 483, 0, 158, 0, 0],
    ),
    (
        "public/pcapplusplus/Pcap++Test/PcapExamples/sll2.pcap",
        [3, 3, 0, 0, 0, 0],
    ),
    ("lab/quirk-gre.pcap", [144, 143, 0, 0, 143, 0]),
    ("lab/quirk-vlan.pcap", [165, 161, 0, 0, 0, 0]),
    ("lab/quirk-ipfrag.pcap", [231, 100, 0, 0, 0, 131]),
    ("lab/quirk-sll2.pcap", [379, 379, 0, 61, 0, 0]),
    ("lab/quirk-snap200.pcap", [318, 318, 170, 0, 0, 0]),
    ("lab/derived-raw101.pcap", [900, 900, 0, 900, 0, 0]),
    ("lab/derived-bigendian.pcap", [900, 900, 0, 900, 0, 0]),
];

#[test]
fn segments_are_those_that_another_dissector_finds() {
    let Some(captures) = captures() else { return };
    for (name, expected) in COUNTS {
        let Ok(bytes) = std::fs::read(captures.join(name)) else {
            println!("skipped: {name}");
            continue;
        };
        let [frames, segments, cut, wrong_checksums, tunnelled, fragments] = *expected;
        let expected = Counts {
            frames,
            segments,
            cut,
            wrong_checksums,
            tunnelled,
            fragments,
        };
        assert_eq!(count(&bytes), expected, "{name}");
    }
}

#[test]
fn every_frame_of_every_capture_decodes_at_every_length() {
    let Some(captures) = captures() else { return };
    let mut found = Vec::new();
    pcaps(&captures.join("public"), &mut found);
    for path in found {
        let bytes = std::fs::read(path).unwrap();
        let mut decoder = Decoder::default();
        frames(bytes.get(..100_000).unwrap_or(&bytes), |frame| {
            for length in (0..frame.data.len().min(200)).chain([frame.data.len()]) {
                let data = &frame.data[..length];
                decoder.decode(&Frame { data, ..*frame });
            }
        });
    }
}
