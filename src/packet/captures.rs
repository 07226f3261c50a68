//! Real captures, where they are there: counts that another dissector confirmed.

use super::samples::cut_frame;
use super::{Decoder, Other, Packet, plain, walk};
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

#[test]
#[ignore]
fn dump() {
    let Some(captures) = captures() else { return };
    let mut found = Vec::new();
    pcaps(&captures, &mut found);
    let mut out = String::new();
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        if bytes.len() > 20_000_000 {
            continue;
        }
        let mut decoder = Decoder::default();
        frames(&bytes, |frame| {
            let said = match decoder.decode(frame) {
                Packet::Tcp(s) => format!(
                    "tcp\t{}\t{}\t{}\t{}\t{}\t{:?}\t{}",
                    s.source.port,
                    s.destination.port,
                    s.sequence,
                    s.payload.len(),
                    s.missing,
                    s.checksum_is_wrong(),
                    s.carriage.tunnels
                ),
                Packet::Other(other) => format!("{}\t{other}", other.word()),
            };
            out.push_str(&format!(
                "{}\t{}\t{}\t{said}\n",
                path.display(),
                frame.number,
                frame.link.0
            ));
        });
    }
    std::fs::write(std::env::var("DUMP").unwrap(), out).unwrap();
}
