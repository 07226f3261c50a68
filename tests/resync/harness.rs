//! Plays the captured parts of a stream to the framer and compares what it finds with the truth.

use std::ops::{AddAssign, Range};

use bmpscope::bmp::frame::{FrameSink, Framer, Skipped, Verdict};

use crate::streams::Stream;

/// What came of one case or of many.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) cases: u64,
    /// Messages that lie wholly in captured octets.
    pub(crate) messages: u64,
    pub(crate) missed: u64,
    /// Missed, although two whole messages stand side by side between two gaps.
    pub(crate) missed_pairs: u64,
    pub(crate) invented: u64,
    /// Cases in which the stream was not taken for BMP.
    pub(crate) unrecognised: u64,
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Score) {
        self.cases += other.cases;
        self.messages += other.messages;
        self.missed += other.missed;
        self.missed_pairs += other.missed_pairs;
        self.invented += other.invented;
        self.unrecognised += other.unrecognised;
    }
}

/// Collects messages and holds that every octet is told exactly once, in order.
#[derive(Default)]
pub(crate) struct Sink {
    pub(crate) messages: Vec<(usize, usize)>,
    told: Vec<Range<usize>>,
}

impl Sink {
    fn tell(&mut self, offset: u64, length: usize) {
        let start = usize::try_from(offset).unwrap();
        let end = start + length;
        match self.told.last_mut() {
            Some(last) if last.end == start => last.end = end,
            Some(last) => {
                assert!(last.end < start, "octets at {start} told twice");
                self.told.push(start..end);
            }
            None => self.told.push(start..end),
        }
    }
}

impl FrameSink for Sink {
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        self.tell(offset, bytes.len());
        self.messages
            .push((usize::try_from(offset).unwrap(), bytes.len()));
    }

    fn skipped(&mut self, offset: u64, length: u64, _: Skipped) {
        assert!(length > 0, "an empty range is no news");
        self.tell(offset, usize::try_from(length).unwrap());
    }
}

/// Ranges of `total` octets that remain when the segments for which `is_lost` holds are lost.
pub(crate) fn runs(
    total: usize,
    segment: usize,
    mut is_lost: impl FnMut(usize) -> bool,
) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (number, start) in (0..total).step_by(segment).enumerate() {
        if is_lost(number) {
            continue;
        }
        let end = (start + segment).min(total);
        match runs.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

/// Plays the runs in segments; the octets between them are gaps.
pub(crate) fn play(
    stream: &Stream,
    runs: &[Range<usize>],
    segment: usize,
    is_forced: bool,
) -> (Verdict, Sink) {
    let mut framer = Framer::new(is_forced);
    let mut sink = Sink::default();
    let mut end = None;
    for run in runs {
        if let Some(end) = end {
            framer.gap(end as u64, (run.start - end) as u64, &mut sink);
        }
        for start in run.clone().step_by(segment) {
            let stop = (start + segment).min(run.end);
            framer.push(start as u64, &stream.octets[start..stop], &mut sink);
        }
        end = Some(run.end);
    }
    framer.finish(&mut sink);
    if framer.verdict() == Verdict::Yes {
        assert_eq!(
            sink.told, runs,
            "{}: every captured octet is told",
            stream.name
        );
    } else {
        assert!(
            sink.told.is_empty(),
            "{}: not BMP, so nothing is told",
            stream.name
        );
    }
    (framer.verdict(), sink)
}

/// The whole messages of each run.
pub(crate) fn truth<'a>(stream: &'a Stream, run: &Range<usize>) -> &'a [(usize, usize)] {
    let messages = &stream.messages;
    let first = messages.partition_point(|&(at, _)| at < run.start);
    let last = messages.partition_point(|&(at, length)| at + length <= run.end);
    messages.get(first..last).unwrap_or_default()
}

/// One case.
pub(crate) fn score(
    stream: &Stream,
    runs: &[Range<usize>],
    segment: usize,
    is_forced: bool,
) -> Score {
    let (verdict, sink) = play(stream, runs, segment, is_forced);
    let mut score = Score {
        cases: 1,
        ..Score::default()
    };
    score.unrecognised = u64::from(verdict != Verdict::Yes);
    let mut found = 0;
    let mut rest = sink.messages.as_slice();
    for run in runs {
        let expected = truth(stream, run);
        let here = rest.partition_point(|&(at, _)| at < run.end);
        let (own, behind) = rest.split_at(here);
        rest = behind;
        score.messages += expected.len() as u64;
        if own == expected {
            found += own.len();
            continue;
        }
        let right = own
            .iter()
            .filter(|message| expected.binary_search(message).is_ok())
            .count();
        found += right;
        let missed = (expected.len() - right) as u64;
        score.invented += (own.len() - right) as u64;
        score.missed += missed;
        score.missed_pairs += if expected.len() >= 2 { missed } else { 0 };
        if std::env::var_os("BMPSCOPE_TRACE").is_some() {
            trace(stream, run, expected, own, segment);
        }
    }
    assert!(found <= sink.messages.len());
    score
}

/// Says what went wrong, for a person.
fn trace(
    stream: &Stream,
    run: &Range<usize>,
    expected: &[(usize, usize)],
    own: &[(usize, usize)],
    segment: usize,
) {
    let name = &stream.name;
    let kind = |at: usize| stream.octets.get(at + 5).copied();
    for message in expected.iter().filter(|m| !own.contains(m)) {
        eprintln!(
            "{name}/{segment} run {run:?}: missed {message:?} type {:?} of {}",
            kind(message.0),
            expected.len()
        );
    }
    for message in own.iter().filter(|m| !expected.contains(m)) {
        eprintln!(
            "{name}/{segment} run {run:?}: invented {message:?} type {:?}",
            kind(message.0)
        );
    }
}
