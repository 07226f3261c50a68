//! The state machine: octets, gaps and the end of a stream in, messages and skipped ranges out.

use super::candidate::{Run, Search, chained_before};
use super::header::{HEADER, Header, LENGTH_BOUND, Successor, successor};
use super::held::Held;
use super::hop::hop;
use super::known::KnownTypes;
use super::outlook::{Outlook, outlook};
use super::{FrameSink, Skipped};
use std::sync::Arc;

/// Octets that a search takes at once, so that a large push is copied only until sync is found.
const SEARCH_STEP: usize = 64 * 1024;

/// Octets taken at once while a message waits for the header behind the next.
const DOUBT_STEP: usize = 4 * 1024;

/// Octets kept behind a search in which no hypothesis waits, for messages chained backwards.
const LOOK_BACK: usize = 32 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// The next octet begins a message of this version.
    Synced(u8),
    /// Where the next message begins is not known, for this reason.
    Searching(Skipped),
}

/// The end of a message that a gap cuts: a header is expected there.
#[derive(Debug, Clone, Copy)]
struct Expected {
    offset: u64,
    /// A BGP message inside agrees with the length: what lies before `offset` is its content.
    is_proven: bool,
}

/// Frames one direction of a stream that is taken to be BMP.
#[derive(Debug)]
pub(super) struct Engine {
    known: Arc<KnownTypes>,
    mode: Mode,
    /// The stream's version, once it is certain: drafts' messages do not tell it.
    version: Option<u8>,
    is_bmp: bool,
    held: Held,
    search: Search,
    /// Where the message that a gap cuts ends.
    expected: Option<Expected>,
    has_messages: bool,
}

impl Engine {
    pub(super) fn new(known: Arc<KnownTypes>) -> Engine {
        Engine {
            known,
            mode: Mode::Searching(Skipped::MidStreamStart),
            version: None,
            is_bmp: false,
            held: Held::default(),
            search: Search::default(),
            expected: None,
            has_messages: false,
        }
    }

    /// The message types that are known.
    pub(super) fn known(&self) -> &Arc<KnownTypes> {
        &self.known
    }

    /// The stream is BMP. From now on only this version, if it is known, is looked for, and the guests
    /// that it may have.
    pub(super) fn fix_version(&mut self, version: Option<u8>) {
        self.version = version;
        self.is_bmp = true;
    }

    /// The version was not known yet when the stream turned out to be BMP.
    fn note_version(&mut self, header: Header) {
        let is_of_draft = self.known.of_draft(header.message_type).is_some();
        if self.is_bmp && self.version.is_none() && !is_of_draft {
            self.version = Some(header.version);
        }
    }

    /// In sync: offset and octets of the message that has begun.
    pub(super) fn begun(&self) -> Option<(u64, u8, &[u8])> {
        match self.mode {
            Mode::Synced(version) => Some((self.held.offset(), version, self.held.live())),
            Mode::Searching(_) => None,
        }
    }

    /// The offset of the first octet that no message or skipped range has taken yet.
    #[inline]
    pub(super) fn undecided_from(&self) -> Option<u64> {
        (!self.held.is_empty()).then(|| self.held.offset())
    }

    /// Octets that no message or skipped range has taken yet.
    pub(super) fn undecided(&self) -> &[u8] {
        self.held.live()
    }

    /// Octets that follow the ones before.
    #[inline]
    pub(super) fn push<S: FrameSink>(&mut self, offset: u64, data: &[u8], sink: &mut S) {
        let mut rest = data;
        let mut offset = offset;
        while !rest.is_empty() {
            let taken = match self.mode {
                Mode::Synced(version) if self.held.is_empty() => {
                    let hop = hop(rest, offset, version, false, &self.known, sink);
                    if hop.is_lost {
                        self.lose(offset + hop.consumed as u64, Skipped::Corrupt);
                    } else {
                        let tail = rest.get(hop.consumed..).unwrap_or_default();
                        self.held.append(offset + hop.consumed as u64, tail);
                        return;
                    }
                    hop.consumed
                }
                _ => self.top_up(offset, rest, sink),
            };
            rest = rest.get(taken..).unwrap_or_default();
            offset += taken as u64;
        }
    }

    /// Takes as many octets as the held ones need, and works on them.
    fn top_up<S: FrameSink>(&mut self, offset: u64, data: &[u8], sink: &mut S) -> usize {
        let taken = self.wanted().min(data.len());
        self.held
            .append(offset, data.get(..taken).unwrap_or_default());
        self.work(false, sink);
        taken
    }

    /// Octets that bring the held ones further.
    fn wanted(&self) -> usize {
        if let Mode::Searching(_) = self.mode {
            return SEARCH_STEP;
        }
        let held = self.held.live();
        let whole = match Header::read(held) {
            None => HEADER,
            Some(header) if held.len() < header.length => header.length,
            Some(header) if held.len() < header.length + HEADER => header.length + HEADER,
            // An odd message before an unknown one: the header behind both decides.
            Some(_) => held.len() + DOUBT_STEP,
        };
        whole.saturating_sub(held.len()).max(1)
    }

    /// Decides about held octets as far as they allow.
    fn work<S: FrameSink>(&mut self, is_end: bool, sink: &mut S) {
        loop {
            if let Mode::Synced(version) = self.mode {
                let hop = hop(
                    self.held.live(),
                    self.held.offset(),
                    version,
                    is_end,
                    &self.known,
                    sink,
                );
                self.held.advance(hop.consumed);
                if !hop.is_lost {
                    return;
                }
                self.lose(self.held.offset(), Skipped::Corrupt);
            }
            if !self.find(is_end, sink) {
                return;
            }
        }
    }

    fn lose(&mut self, offset: u64, cause: Skipped) {
        self.mode = Mode::Searching(cause);
        self.search.restart(offset);
    }

    /// Searches; true = in sync again.
    fn find<S: FrameSink>(&mut self, is_end: bool, sink: &mut S) -> bool {
        match self.find_expected(is_end, sink) {
            Some(is_found) => return is_found,
            None => self.expected = None,
        }
        let run = Run {
            bytes: self.held.live(),
            offset: self.held.offset(),
            version: self.version,
            is_end,
            known: &self.known,
        };
        match self.search.anchor(run) {
            Some(at) => self.resume(at, sink),
            None => {
                self.trim(sink);
                false
            }
        }
    }

    /// Behind a gap: the end of the cut message tells where the next begins, if a header is there.
    /// `None` = nothing to expect.
    fn find_expected<S: FrameSink>(&mut self, is_end: bool, sink: &mut S) -> Option<bool> {
        let (expected, version) = (self.expected?, self.version?);
        let ahead = expected.offset.checked_sub(self.held.offset())?;
        let ahead = usize::try_from(ahead).ok()?;
        let held = self.held.live();
        if held.len() < ahead + HEADER && (!is_end || (held.len() <= ahead && expected.is_proven)) {
            return Some(false);
        }
        match successor(
            held.get(ahead..).unwrap_or_default(),
            version,
            is_end,
            &self.known,
        ) {
            Successor::Valid => {}
            Successor::Unknown(_) if !is_end => return Some(false),
            Successor::Invalid | Successor::Unknown(_) => return None,
        }
        self.skip(ahead, self.cause(), sink);
        self.expected = None;
        self.mode = Mode::Synced(version);
        Some(true)
    }

    fn cause(&self) -> Skipped {
        match self.mode {
            Mode::Searching(cause) => cause,
            Mode::Synced(_) => Skipped::Corrupt,
        }
    }

    /// The message at `at` is confirmed: hands it out, and those chained before it.
    fn resume<S: FrameSink>(&mut self, at: u64, sink: &mut S) -> bool {
        let held = self.held.live();
        let at = usize::try_from(at.saturating_sub(self.held.offset())).unwrap_or(usize::MAX);
        let Some(header) = held.get(at..).and_then(Header::read) else {
            return false;
        };
        // A message of a draft may be a guest.
        let version = self.version.unwrap_or(header.version);
        let mut chain = chained_before(held, at, version, &self.known);
        chain.push((at, header.length));
        let first = chain.first().map_or(at, |&(first, _)| first);
        self.skip(first, self.cause(), sink);
        for (_, length) in chain {
            let message = self.held.live().get(..length).unwrap_or_default();
            sink.message(self.held.offset(), message);
            self.held.advance(length);
        }
        self.mode = Mode::Synced(version);
        self.has_messages = true;
        self.note_version(header);
        true
    }

    fn skip<S: FrameSink>(&mut self, count: usize, cause: Skipped, sink: &mut S) {
        if count > 0 {
            sink.skipped(self.held.offset(), count as u64, cause);
            self.held.advance(count);
        }
    }

    /// Gives up octets in which no message can begin any more.
    fn trim<S: FrameSink>(&mut self, sink: &mut S) {
        let keep = match self.search.is_idle() {
            true => LOOK_BACK,
            false => LENGTH_BOUND + 2 * HEADER,
        };
        let held = self.held.live().len();
        if held > 2 * keep {
            self.skip(held - keep, self.cause(), sink);
        }
    }

    /// No octet follows the held ones: a gap, or the end of the stream.
    pub(super) fn end_run<S: FrameSink>(&mut self, cause: Skipped, sink: &mut S) {
        self.work(true, sink);
        while let Mode::Synced(_) = self.mode {
            self.end_tail(cause, sink);
        }
        if let Some(offset) = self.search.committed_end() {
            self.expected = Some(Expected {
                offset,
                is_proven: true,
            });
        }
        self.skip(self.held.live().len(), self.cause(), sink);
        self.mode = Mode::Searching(match self.has_messages {
            true => Skipped::GapTail,
            false => Skipped::MidStreamStart,
        });
    }

    /// Octets come again at `offset`.
    pub(super) fn begin_run(&mut self, offset: u64) {
        self.search.begin_run(offset);
    }

    /// The run ends inside a message. Unless its octets prove its length, that may be wrong and have
    /// swallowed others: they are looked for.
    fn end_tail<S: FrameSink>(&mut self, cause: Skipped, sink: &mut S) {
        let is_proven = self.tail_is_proven();
        self.expected = None;
        let expected = self.cut_end(is_proven);
        if !is_proven {
            self.lose(self.held.offset(), Skipped::Corrupt);
            self.work(true, sink);
            if let Mode::Synced(_) = self.mode {
                return;
            }
        }
        self.expected = expected;
        self.mode = Mode::Searching(cause);
    }

    fn tail_is_proven(&self) -> bool {
        let held = self.held.live();
        Header::read(held)
            .is_some_and(|header| outlook(header, held, &self.known) == Outlook::Marked)
    }

    /// Where the message that has begun ends.
    fn cut_end(&self, is_proven: bool) -> Option<Expected> {
        let header = Header::read(self.held.live())?;
        let offset = self.held.offset() + header.length as u64;
        Some(Expected { offset, is_proven })
    }
}
