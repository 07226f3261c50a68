//! Octets per second of the whole path over a file: `cargo bench --bench throughput -- FILE [THREADS]`.
//!
//! Without a file, a lab capture of testdata is run over and over: it is small, so the figure says
//! more about a message than about memory. Runs for about two seconds, prints the best and the
//! median run; compare ratios on one machine, not figures of two.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints its figures, and panics where it cannot run"
)]

use bmpscope::pipeline::{self, Count, Request};
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
