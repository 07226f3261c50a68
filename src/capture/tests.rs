//! Whole captures: files and pipes, merged, cut and corrupt, at many window sizes.

mod collected;
mod merging;
mod reading;
mod shared;

use super::*;
use crate::finding::FindingLog;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// An item without its borrowed data; pieces of a stream are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    stream: bool,
    file: u32,
    number: u64,
    time: Option<Timestamp>,
    link: LinkType,
    data: Vec<u8>,
    original_length: u32,
    /// Of what a collector passed on: the router's number and address, octets of it before.
    router: Option<(u32, Option<IpAddr>, u64)>,
}

/// What a capture gave.
#[derive(Debug, PartialEq, Eq)]
struct Read {
    items: Vec<Seen>,
    inputs: Vec<Input>,
    findings: FindingLog,
}

impl Read {
    /// Each finding's kind and first message.
    fn messages(&self) -> Vec<(&'static str, &str)> {
        let groups = self.findings.groups();
        groups.map(|(kind, group)| (kind, group.first())).collect()
    }

    fn data(&self) -> Vec<&[u8]> {
        self.items.iter().map(|item| &*item.data).collect()
    }
}

/// Bare streams of the tests begin with `03 00`.
fn options(window: usize) -> Options<'static> {
    Options {
        window,
        probe: &|bytes| bytes.starts_with(&[3, 0]),
    }
}

fn read_all(mut capture: Capture) -> Read {
    let (mut items, mut findings) = (Vec::new(), FindingLog::default());
    loop {
        let mut windows = Vec::new();
        let mut visited = Vec::new();
        let more = capture.next_batch(&mut windows, |window, bytes, item| {
            let (seen, data) = match item {
                Item::Frame(frame) => (seen_frame(&frame), frame.data),
                Item::Stream(piece) => (seen_piece(&piece), piece.data),
                Item::Collected(piece) => (seen_collected(&piece), piece.data),
            };
            visited.push((window, bytes.as_ptr_range()));
            assert!(data.is_empty() || bytes.as_ptr_range().contains(&data.as_ptr()));
            join(&mut items, seen);
        });
        for (window, range) in visited {
            assert_eq!(windows[window as usize].as_ptr_range(), range);
        }
        findings.merge(capture.take_findings());
        capture.recycle(windows);
        if !more {
            break;
        }
    }
    let total = capture.total_bytes();
    assert!(total.is_none_or(|total| total == capture.consumed_bytes()));
    Read {
        items,
        inputs: capture.inputs().to_vec(),
        findings,
    }
}

fn seen_frame(frame: &Frame<'_>) -> Seen {
    Seen {
        stream: false,
        file: frame.file,
        number: frame.number,
        time: frame.time,
        link: frame.link,
        data: frame.data.to_vec(),
        original_length: frame.original_length,
        router: None,
    }
}

fn seen_piece(piece: &StreamBytes<'_>) -> Seen {
    Seen {
        stream: true,
        file: piece.file,
        number: piece.offset,
        time: None,
        link: LinkType::UNKNOWN,
        data: piece.data.to_vec(),
        original_length: 0,
        router: None,
    }
}

fn seen_collected(piece: &Collected<'_>) -> Seen {
    Seen {
        stream: false,
        file: piece.file,
        number: piece.number,
        time: piece.time,
        link: LinkType::UNKNOWN,
        data: piece.data.to_vec(),
        original_length: 0,
        router: Some((piece.router_number, piece.router, piece.offset)),
    }
}

fn join(items: &mut Vec<Seen>, seen: Seen) {
    match items.last_mut() {
        Some(last) if last.stream && seen.stream && last.file == seen.file => {
            assert_eq!(last.number + last.data.len() as u64, seen.number);
            last.data.extend(seen.data);
        }
        _ => items.push(seen),
    }
}

/// Reads files from a folder, in this order.
fn read(paths: &[PathBuf], window: usize) -> Read {
    let (capture, errors) = Capture::open(paths, options(window));
    assert_eq!(errors, []);
    read_all(capture)
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Reads `bytes` through a named pipe, and gives the pipe's path as `as_path`.
#[cfg(unix)]
fn read_piped(folder: &TempDir, bytes: &[u8], window: usize, as_path: &Path) -> Read {
    let path = folder.path().join(format!("pipe-{window}"));
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let mut read = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut pipe = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
            // The reader may stop early at a corrupt record.
            let _ = pipe.write_all(bytes);
        });
        read(std::slice::from_ref(&path), window)
    });
    for input in &mut read.inputs {
        input.path = as_path.display().to_string();
    }
    std::fs::remove_file(&path).unwrap();
    read
}
