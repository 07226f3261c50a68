//! Lost segments and late starts: exactly the messages that lie wholly in the captured octets are
//! found, no other. `BMPSCOPE_FULL=1` tries every position of every stream, not a sample.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; rates go to stderr"
)]

mod library;
mod support;

use bmpscope::bmp::frame::{FrameSink, Framer, Skipped};
use std::ops::Range;
use support::capture_file::{Fraction, Order, pcap};
use support::feeds::{self, Feed};
use support::tcp::{Conversation, Random, without_segments};
use support::{places, walker};

const SIZES: [usize; 5] = [7, 64, 536, 777, 1448];
const PORT: u16 = 1790;

fn is_full() -> bool {
    std::env::var_os("BMPSCOPE_FULL").is_some()
}

/// Every stream in full; a sample of the small ones otherwise.
fn feeds() -> Vec<Feed> {
    if is_full() {
        return [feeds::own(), feeds::public()].concat();
    }
    let mut feeds = feeds::own();
    if places::shared_captures().is_some() {
        feeds.extend(feeds::public());
    }
    feeds.iter().map(|feed| feed.first(4000)).collect()
}

/// Positions to try: all, or so many of them.
fn positions(count: usize, sample: usize, random: &mut Random) -> Vec<usize> {
    if is_full() || count <= sample {
        return (0..count).collect();
    }
    let pick = |_| random.below(count as u64) as usize;
    (0..sample).map(pick).collect()
}

/// Where each message of a stream lies.
fn places_of(stream: &[u8]) -> Vec<Range<u64>> {
    let mut at = 0;
    let place = |message: &&[u8]| {
        let start = at;
        at += message.len() as u64;
        start..at
    };
    walker::messages(stream).iter().map(place).collect()
}

/// The messages with all their octets in one of `kept`, ranges that do not touch.
fn whole_in(messages: &[Range<u64>], kept: &[Range<u64>]) -> Vec<Range<u64>> {
    let is_whole = |message: &&Range<u64>| {
        let holds = |run: &Range<u64>| run.start <= message.start && message.end <= run.end;
        kept.iter().any(holds)
    };
    messages.iter().filter(is_whole).cloned().collect()
}

/// What a framer finds in a stream of which these ranges were captured.
#[derive(Default)]
struct Found {
    messages: Vec<Range<u64>>,
}

impl FrameSink for Found {
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        self.messages.push(offset..offset + bytes.len() as u64);
    }

    fn skipped(&mut self, _: u64, _: u64, _: Skipped) {}
}

/// Frames the captured ranges of a stream in segments of `size`.
fn frame(stream: &[u8], kept: &[Range<u64>], size: usize, is_forced: bool) -> Vec<Range<u64>> {
    let (mut framer, mut found) = (Framer::new(is_forced), Found::default());
    let mut end = 0;
    for run in kept {
        if run.start > end {
            framer.gap(end, run.start - end, &mut found);
        }
        let bytes = &stream[run.start as usize..run.end as usize];
        for (index, part) in bytes.chunks(size).enumerate() {
            framer.push(run.start + (index * size) as u64, part, &mut found);
        }
        end = run.end;
    }
    if end < stream.len() as u64 {
        framer.gap(end, stream.len() as u64 - end, &mut found);
    }
    framer.finish(&mut found);
    found.messages
}

#[derive(Default)]
struct Tally {
    cases: u64,
    failures: Vec<String>,
    count: u64,
}

impl Tally {
    fn hold(&mut self, expected: &[Range<u64>], got: &[Range<u64>], what: impl Fn() -> String) {
        self.cases += 1;
        if expected == got {
            return;
        }
        self.count += 1;
        if self.failures.len() < 20 {
            let missed: Vec<_> = expected.iter().filter(|m| !got.contains(m)).collect();
            let invented: Vec<_> = got.iter().filter(|m| !expected.contains(m)).collect();
            let shown = format!("{}: missed {missed:?}, invented {invented:?}", what());
            self.failures.push(shown.chars().take(400).collect());
        }
    }

    #[track_caller]
    fn finish(self) {
        let (count, cases) = (self.count, self.cases);
        eprintln!("{cases} cases, {count} differ");
        let shown = self.failures.join("\n");
        assert!(count == 0, "{count} of {cases} cases differ:\n{shown}");
    }
}

/// Two messages that follow each other in one captured run: recognition needs no help then.
fn is_recognisable(messages: &[Range<u64>], kept: &[Range<u64>]) -> bool {
    let holds = |pair: &[Range<u64>]| {
        let both = pair[0].start..pair[1].end;
        kept.iter()
            .any(|run| run.start <= both.start && both.end <= run.end)
    };
    messages.windows(2).any(holds)
}

#[test]
fn one_lost_segment_costs_only_the_messages_that_it_touches() {
    let (mut tally, mut random) = (Tally::default(), Random(1));
    for feed in feeds() {
        let messages = places_of(&feed.bytes);
        let end = feed.bytes.len() as u64;
        for size in SIZES {
            let count = feed.bytes.len().div_ceil(size);
            for lost in positions(count, 40, &mut random) {
                let from = (lost * size) as u64;
                let kept = [0..from, (from + size as u64).min(end)..end];
                let kept: Vec<_> = kept.into_iter().filter(|run| !run.is_empty()).collect();
                let expected = whole_in(&messages, &kept);
                let is_forced = !is_recognisable(&messages, &kept);
                let got = frame(&feed.bytes, &kept, size, is_forced);
                tally.hold(&expected, &got, || {
                    format!("{}: {size} octets, segment {lost} lost", feed.name)
                });
            }
        }
    }
    tally.finish();
}

#[test]
fn a_late_start_costs_only_the_messages_that_began_before_it() {
    let (mut tally, mut random) = (Tally::default(), Random(2));
    for feed in feeds() {
        let messages = places_of(&feed.bytes);
        for size in SIZES {
            let count = feed.bytes.len().div_ceil(size);
            for first in positions(count, 40, &mut random) {
                let from = first * size;
                let kept = from as u64..feed.bytes.len() as u64;
                let expected = whole_in(&messages, std::slice::from_ref(&kept));
                let is_forced = !is_recognisable(&messages, std::slice::from_ref(&kept));
                let rest = &feed.bytes[from..];
                let all = 0..rest.len() as u64;
                let mut got = frame(rest, std::slice::from_ref(&all), size, is_forced);
                for message in &mut got {
                    *message = message.start + from as u64..message.end + from as u64;
                }
                tally.hold(&expected, &got, || {
                    format!("{}: {size} octets, starts at segment {first}", feed.name)
                });
            }
        }
    }
    tally.finish();
}

/// A message is never invented; where two whole messages lie between two gaps none is missed. The
/// rate of those missed elsewhere is told.
#[test]
fn random_loss_invents_nothing_and_misses_only_lonely_messages() {
    let mut failures = Vec::new();
    let rounds = if is_full() { 40 } else { 1 };
    for percent in [1, 5, 20] {
        let (mut there, mut missed) = (0, 0);
        for (number, feed) in feeds().iter().enumerate() {
            for size in SIZES {
                for round in 0..rounds {
                    let seed = percent * 1_000_000 + (number as u64) * 1000 + round;
                    let kept = thinned_runs(feed.bytes.len(), size, percent, seed);
                    let messages = places_of(&feed.bytes);
                    let expected = whole_in(&messages, &kept);
                    let is_forced = !is_recognisable(&messages, &kept);
                    let got = frame(&feed.bytes, &kept, size, is_forced);
                    let what = format!("{} {size} octets {percent} % seed {seed}", feed.name);
                    for message in got.iter().filter(|m| !expected.contains(m)) {
                        failures.push(format!("{what}: invented {message:?}"));
                    }
                    for message in expected.iter().filter(|m| !got.contains(m)) {
                        missed += 1;
                        if has_neighbour(message, &expected, &kept) {
                            failures.push(format!("{what}: missed {message:?}"));
                        }
                    }
                    there += expected.len();
                }
            }
        }
        eprintln!("{percent} % lost: {missed} missed of {there} messages that are whole");
    }
    let count = failures.len();
    failures.truncate(20);
    assert!(count == 0, "{count} wrong:\n{}", failures.join("\n"));
}

/// Another whole message follows or precedes it without a gap between.
fn has_neighbour(message: &Range<u64>, whole: &[Range<u64>], kept: &[Range<u64>]) -> bool {
    let run = kept
        .iter()
        .find(|run| run.start <= message.start && message.end <= run.end)
        .unwrap();
    let touches = |other: &Range<u64>| {
        (other.end == message.start && other.start >= run.start)
            || (other.start == message.end && other.end <= run.end)
    };
    whole.iter().any(touches)
}

/// The captured ranges where about `percent` of the segments are lost.
fn thinned_runs(length: usize, size: usize, percent: u64, seed: u64) -> Vec<Range<u64>> {
    let mut random = Random(seed);
    let mut kept: Vec<Range<u64>> = Vec::new();
    for from in (0..length).step_by(size) {
        if random.below(100) < percent {
            continue;
        }
        let (from, to) = (from as u64, (from + size).min(length) as u64);
        match kept.last_mut() {
            Some(last) if last.end == from => last.end = to,
            _ => kept.push(from..to),
        }
    }
    kept
}

/// The same through files, packets and reassembly: what the framer alone does must hold for the
/// whole program.
#[test]
fn whole_captures_with_one_lost_segment_or_a_late_start_lose_no_other_message() {
    let (mut tally, mut random) = (Tally::default(), Random(3));
    for feed in feeds() {
        let feed = feed.first(if is_full() { 6000 } else { 3000 });
        let messages = places_of(&feed.bytes);
        for segment_size in SIZES {
            let conversation = Conversation {
                segment_size,
                ..Conversation::new("192.0.2.1:40000", "192.0.2.100:1790")
            };
            let (handshake, data) = (conversation.handshake(), conversation.data(&feed.bytes));
            let close = conversation.close(feed.bytes.len());
            let end = feed.bytes.len() as u64;
            for lost in positions(data.len(), 6, &mut random) {
                let from = (lost * segment_size) as u64;
                let to = (from + segment_size as u64).min(end);
                let kept = [0..from, to..end];
                let rest = without_segments(&data, lost..lost + 1);
                let all = [&handshake[..], &rest, &close].concat();
                let what = format!("{}: {segment_size} octets, {lost}", feed.name);
                tally.capture(&conversation, &all, &messages, &kept, 0, &what);
                let late = [&data[lost..], &close].concat();
                let what = format!("{}: {segment_size} octets, from {lost}", feed.name);
                tally.capture(
                    &conversation,
                    &late,
                    &messages,
                    std::slice::from_ref(&(from..end)),
                    from,
                    &what,
                );
            }
        }
    }
    tally.finish();
}

impl Tally {
    fn capture(
        &mut self,
        conversation: &Conversation,
        segments: &[support::tcp::Segment],
        messages: &[Range<u64>],
        kept: &[Range<u64>],
        first: u64,
        what: &str,
    ) {
        let expected = whole_in(messages, kept);
        let ports: &[u16] = match is_recognisable(messages, kept) {
            true => &[],
            false => &[PORT],
        };
        let file = pcap(
            &conversation.records(segments),
            Order::Little,
            Fraction::Micro,
        );
        let answer = library::read(&file, ports);
        let place = |(offset, bytes): &library::Message| {
            let start = offset + first;
            start..start + bytes.len() as u64
        };
        let got: Vec<_> = answer.only().iter().map(place).collect();
        self.hold(&expected, &got, || what.to_string());
    }
}

/// The same input gives the same lines at any window: octets in no message are told as one range,
/// wherever the search has given them up.
#[test]
fn a_long_corrupt_range_is_told_the_same_at_any_window() {
    let message = support::bmp::initiation(&[(2, "router")]);
    let stream = [message.repeat(2), vec![0; 300_000], message.repeat(3)].concat();
    let input = support::program::Input::Pipe(stream);
    let lines = |window| {
        let run = support::program::ask("messages", &["--window", window], &input);
        run.answered().lines()
    };
    let expected = lines("64MiB");
    assert_eq!(expected.len(), 6, "five messages and a gap");
    assert_eq!(expected, lines("100KiB"));
}
