//! Framing over the shared captures with octets missing: exactly the messages whose octets are there.
//!
//! A seeded sample by default; everything with `BMPSCOPE_FULL=1` (a release build is advised). The
//! captures are looked for in `BMPSCOPE_SHARED`, or beside the project.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::single_range_in_vec_init,
    reason = "a test may fail loudly, and says what it measured"
)]

#[path = "resync/harness.rs"]
mod harness;
#[path = "resync/streams.rs"]
mod streams;

use bmpscope::bmp::frame::{FrameSink, Framer, Skipped, Verdict};
use harness::{Score, play, runs, score};
use streams::{Stream, foreign, load, shared};

const SEGMENTS: [usize; 5] = [7, 64, 536, 777, 1448];

/// xorshift64*: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn is_full() -> bool {
    std::env::var_os("BMPSCOPE_FULL").is_some()
}

/// All numbers below `count`, or a few of them.
fn sample(count: usize, few: usize, random: &mut Random) -> Vec<usize> {
    if is_full() || count <= few {
        return (0..count).collect();
    }
    let mut some: Vec<usize> = (0..few).map(|_| random.below(count)).collect();
    // The first and the last are where mistakes live.
    some.extend([0, 1, count - 2, count - 1]);
    some
}

fn streams_or_note() -> Vec<Stream> {
    let Some(captures) = shared() else {
        eprintln!("skipped: no shared captures (set BMPSCOPE_SHARED)");
        return Vec::new();
    };
    let streams = load(&captures);
    assert!(streams.len() > 10, "{} streams only", streams.len());
    streams
}

/// Scores every stream and prints the figures.
fn measure(name: &str, mut one: impl FnMut(&Stream, &mut Random) -> Score) -> Score {
    let mut total = Score::default();
    for stream in streams_or_note() {
        let own = one(&stream, &mut Random(0x00b3_5c0b_e5ee_d000));
        if is_full() {
            eprintln!(
                "{name}\t{}\t{} messages\t{own:?}",
                stream.name,
                stream.messages.len()
            );
        }
        total += own;
    }
    eprintln!("{name}\ttotal\t{total:?}");
    total
}

#[test]
fn a_whole_stream_gives_every_message_at_any_segment_size() {
    let total = measure("whole", |stream, _| {
        let mut total = Score::default();
        for segment in SEGMENTS.into_iter().chain([1, stream.octets.len()]) {
            let all = 0..stream.octets.len();
            total += score(stream, &[all], segment, stream.messages.len() < 2);
        }
        total
    });
    assert_eq!(
        (total.missed, total.invented, total.unrecognised),
        (0, 0, 0)
    );
}

#[test]
fn one_lost_segment_costs_only_the_messages_it_holds() {
    let total = measure("single-loss", |stream, random| {
        let mut total = Score::default();
        for segment in SEGMENTS {
            let count = stream.octets.len().div_ceil(segment);
            for lost in sample(count, 40, random) {
                let runs = runs(stream.octets.len(), segment, |number| number == lost);
                total += score(stream, &runs, segment, true);
            }
        }
        total
    });
    assert_eq!((total.missed, total.invented), (0, 0));
}

#[test]
fn a_start_at_any_segment_gives_every_message_from_there_on() {
    let total = measure("start", |stream, random| {
        let mut total = Score::default();
        for segment in SEGMENTS {
            let count = stream.octets.len().div_ceil(segment);
            for first in sample(count, 40, random) {
                let runs = runs(stream.octets.len(), segment, |number| number < first);
                total += score(stream, &runs, segment, true);
            }
        }
        total
    });
    assert_eq!((total.missed, total.invented), (0, 0));
}

#[test]
fn random_loss_invents_nothing_and_finds_all_between_gaps() {
    for percent in [1, 5, 20] {
        let total = measure(&format!("random-{percent}%"), |stream, random| {
            let mut total = Score::default();
            let rounds = if is_full() { 200 } else { 8 };
            for segment in SEGMENTS {
                for _ in 0..rounds {
                    let runs = runs(stream.octets.len(), segment, |_| {
                        random.below(100) < percent
                    });
                    total += score(stream, &runs, segment, true);
                }
            }
            total
        });
        assert_eq!((total.missed_pairs, total.invented), (0, 0), "{percent} %");
    }
}

#[test]
fn recognition_without_a_hint_tells_all_or_nothing() {
    measure("recognition", |stream, random| {
        let mut total = Score::default();
        for segment in [64, 1448] {
            let count = stream.octets.len().div_ceil(segment);
            for first in sample(count, 40, random) {
                let runs = runs(stream.octets.len(), segment, |number| number < first);
                let own = score(stream, &runs, segment, false);
                assert_eq!(own.invented, 0, "{}", stream.name);
                if own.unrecognised == 0 {
                    assert_eq!(own.missed, 0, "{}", stream.name);
                } else {
                    assert!(own.messages <= 2, "{} from {first}: {own:?}", stream.name);
                }
                total += own;
            }
        }
        total
    });
}

#[test]
fn a_clean_stream_is_recognised_with_its_second_message() {
    for stream in streams_or_note() {
        let Some(&(at, length)) = stream.messages.get(1) else {
            continue;
        };
        let beginning = [0..at + length];
        let (verdict, sink) = play(&stream, &beginning, 1448, false);
        assert_eq!(verdict, Verdict::Yes, "{}", stream.name);
        assert_eq!(sink.messages, &stream.messages[..2], "{}", stream.name);
    }
}

#[test]
fn a_corrupt_header_costs_no_other_message() {
    let total = measure("corrupt", |stream, random| {
        let mut total = Score::default();
        for number in sample(stream.messages.len(), 20, random) {
            let (at, length) = stream.messages[number];
            for (octet, mask) in [
                (0, 0x40),
                (1, 1),
                (2, 0x10),
                (2, 1),
                (3, 1),
                (4, 1),
                (4, 0x80),
            ] {
                if lands_on_a_header(stream, number, octet, mask) {
                    continue;
                }
                let mut corrupt = stream.clone();
                corrupt.octets[at + octet] ^= mask;
                corrupt.messages.retain(|&message| message != (at, length));
                let all = [0..corrupt.octets.len()];
                total += score(&corrupt, &all, 1448, true);
            }
        }
        total
    });
    // Of 100,590 cases in full, four wrong lengths led to octets that look like a header, all in streams
    // made from others.
    assert!(total.invented * 10_000 <= total.cases, "{total:?}");
    assert!(total.invented > 0 || total.missed == 0, "{total:?}");
}

/// A wrong length that happens to end where a message does is believed: in sync a sound header
/// behind a message is all that is asked for. So is one that ends where nothing can contradict it,
/// less than a header before the end of the stream.
fn lands_on_a_header(stream: &Stream, number: usize, octet: usize, mask: u8) -> bool {
    let (at, _) = stream.messages[number];
    let mut field = [0; 4];
    field.copy_from_slice(&stream.octets[at + 1..at + 5]);
    if octet > 0 {
        field[octet - 1] ^= mask;
    }
    let end = at + u32::from_be_bytes(field) as usize;
    let total = stream.octets.len();
    octet > 0
        && ((end <= total && end + 6 > total)
            || stream.messages.iter().any(|&(start, _)| start == end))
}

#[test]
fn nothing_else_is_taken_for_bmp() {
    let Some(captures) = shared() else {
        eprintln!("skipped: no shared captures (set BMPSCOPE_SHARED)");
        return;
    };
    let foreign = foreign(&captures);
    let octets: usize = foreign.iter().map(|(_, octets)| octets.len()).sum();
    eprintln!("foreign\t{} streams\t{octets} octets", foreign.len());
    for (name, octets) in foreign {
        let stream = Stream {
            name,
            messages: Vec::new(),
            octets,
        };
        for start in [0, 1, stream.octets.len() / 2] {
            let (verdict, _) = play(&stream, &[start..stream.octets.len()], 1448, false);
            assert_eq!(verdict, Verdict::No, "{} from {start}", stream.name);
        }
    }
}

#[test]
fn an_uncounted_syn_is_told_from_a_repeated_octet() {
    let mut judged = 0;
    for stream in streams_or_note() {
        let mut random = Random(7);
        for _ in 0..20 {
            let cut = 1 + random.below(stream.octets.len().min(1448) - 1);
            let end = (cut + 1448).min(stream.octets.len());
            let inside = |&(at, _): &(usize, usize)| at >= cut && at + 48 <= end;
            // Without a header in the data both readings are as good.
            if !stream.messages.iter().any(inside) {
                continue;
            }
            let mut framer = Framer::new(false);
            framer.push(0, &stream.octets[..cut], &mut Counter::default());
            let uncounted = framer.continues_with(&stream.octets[cut..end]);
            let repeated = framer.continues_with(&stream.octets[cut - 1..end]);
            let answers = (uncounted, repeated);
            assert_eq!(
                answers,
                (Some(true), Some(false)),
                "{} cut at {cut}",
                stream.name
            );
            judged += 1;
        }
    }
    eprintln!("continues-with\t{judged} cuts");
}

/// Counts and keeps nothing, so that only framing is measured.
#[derive(Default)]
struct Counter(u64, u64);

impl FrameSink for Counter {
    fn message(&mut self, _: u64, bytes: &[u8]) {
        self.0 += 1;
        self.1 += bytes.len() as u64;
    }

    fn skipped(&mut self, _: u64, _: u64, _: Skipped) {}
}
