//! Octets per second of the whole path over a file: `cargo bench --bench throughput -- FILE [THREADS]`.
//!
//! Without a file, a lab capture of testdata is run over and over: it is small, so the figure says
//! more about a message than about memory. Runs for about two seconds, prints the best and the
//! median run; compare ratios on one machine, not figures of two. Then `messages` writes its lines into
//! memory: octets of output per second, beside those of a plain copy of as many octets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints its figures, and panics where it cannot run"
)]

use bmpscope::pipeline::{self, Count, Request};
use bmpscope::report::messages;
use bmpscope::sheet::LineForm;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let default =
        || concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/frr-gobgp-small.pcap").to_owned();
    let path = PathBuf::from(arguments.next().unwrap_or_else(default));
    let threads = arguments.next().and_then(|threads| threads.parse().ok());
    let octets = std::fs::metadata(&path)
        .expect("the file can be read")
        .len();
    let (mut runs, begin) = (Vec::new(), Instant::now());
    let mut messages = 0;
    while runs.len() < 3 || begin.elapsed() < Duration::from_secs(2) {
        let (seconds, counted) = once(&path, threads);
        runs.push(seconds);
        messages = counted;
    }
    runs.sort_by(f64::total_cmp);
    let rate = |seconds: f64| octets as f64 / 1e6 / seconds;
    let (best, median) = (runs[0], runs[runs.len() / 2]);
    println!(
        "{}: {octets} octets, {messages} messages, {} runs: best {:.0} MB/s, median {:.0} MB/s, {:.0} ns a message",
        path.display(),
        runs.len(),
        rate(best),
        rate(median),
        median * 1e9 / messages.max(1) as f64,
    );
    lines(&path, threads);
}

/// Octets that are kept of the output at once.
const KEPT: usize = 16 << 20;

/// Octets of NDJSON per second, and how a copy of them compares.
fn lines(path: &std::path::Path, threads: Option<NonZeroUsize>) {
    let (octets, seconds) = (0..3)
        .map(|_| written(path, threads))
        .min_by(|one, other| one.1.total_cmp(&other.1))
        .expect("three runs have a best one");
    let copy = copied(octets);
    println!(
        "messages: {octets} octets of NDJSON, {:.0} MB/s; a plain copy of them takes {:.3} of the time",
        octets as f64 / 1e6 / seconds,
        copy / seconds,
    );
}

/// Octets and seconds of one run of `messages`.
fn written(path: &std::path::Path, threads: Option<NonZeroUsize>) -> (u64, f64) {
    let request = Request {
        inputs: vec![path.to_owned()],
        threads,
        ..Request::default()
    };
    let (mut kept, mut octets) = (Vec::with_capacity(2 * KEPT), 0);
    let begin = Instant::now();
    let mut sink = |lines: &[u8]| {
        if kept.len() + lines.len() > KEPT {
            kept.clear();
        }
        kept.extend_from_slice(lines);
        octets += lines.len() as u64;
        Ok(())
    };
    messages::run(&request, LineForm::Json, &mut sink).expect("memory takes every line");
    (octets, begin.elapsed().as_secs_f64())
}

/// Seconds that it takes to copy so many octets, a buffer at a time.
fn copied(octets: u64) -> f64 {
    let source = vec![0x55u8; KEPT];
    let mut kept = Vec::with_capacity(KEPT);
    let begin = Instant::now();
    for _ in 0..octets.div_ceil(KEPT as u64) {
        kept.clear();
        kept.extend_from_slice(std::hint::black_box(&source));
        std::hint::black_box(&kept);
    }
    begin.elapsed().as_secs_f64()
}

/// Seconds and messages of one counting run.
fn once(path: &std::path::Path, threads: Option<NonZeroUsize>) -> (f64, u64) {
    let request = Request {
        inputs: vec![path.to_owned()],
        threads,
        ..Request::default()
    };
    let begin = Instant::now();
    let mut count = Count::default();
    let mut run = pipeline::run(&request, &mut count).expect("counting writes nothing");
    count.add_to(&mut run);
    let messages = run
        .sessions
        .iter()
        .map(|session| session.messages.total())
        .sum();
    (begin.elapsed().as_secs_f64(), messages)
}
