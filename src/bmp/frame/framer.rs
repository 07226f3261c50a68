//! Recognition: is a stream BMP at all? Until that is certain nothing is told; if it is not, nothing
//! ever is.

use std::cmp::Ordering;

use super::engine::Engine;
use super::header::{Header, Successor, successor};
use super::known::KnownTypes;
use super::recorder::Recorder;
use super::structure::{Structure, structure};
use super::{FrameSink, Skipped, Verdict};
use std::sync::Arc;

/// Octets after which a stream without two chained messages is not BMP.
const UNSURE_BOUND: u64 = 256 * 1024;

/// Octets looked at before the evidence is weighed again.
const UNSURE_STEP: usize = 16 * 1024;

/// Headers that are walked to compare two readings.
const WALK_BOUND: usize = 16;

/// Finds the messages of one direction of a byte stream.
///
/// A pure state machine: octets in order with [`push`](Framer::push), holes with
/// [`gap`](Framer::gap), [`finish`](Framer::finish) once at the end. Memory is bounded by twice the
/// longest message, whatever comes.
#[derive(Debug)]
pub struct Framer {
    engine: Engine,
    state: State,
    is_forced: bool,
    /// Offset behind the last octet or gap; none before the first.
    end: Option<u64>,
    /// Octets seen while unsure.
    seen: u64,
}

#[derive(Debug)]
enum State {
    Unsure(Box<Recorder>),
    Yes,
    No,
}

impl Framer {
    /// `is_forced`: a person says that this is BMP (`--port`), so one strong message suffices and no
    /// number of octets without a message is too large.
    pub fn new(is_forced: bool) -> Framer {
        Framer::knowing(Arc::default(), is_forced)
    }

    /// The same, where these message types are known.
    pub fn knowing(known: Arc<KnownTypes>, is_forced: bool) -> Framer {
        let recorder = Recorder::new(Arc::clone(&known));
        Framer {
            engine: Engine::new(known),
            state: State::Unsure(Box::new(recorder)),
            is_forced,
            end: None,
            seen: 0,
        }
    }

    /// Is the stream BMP, as far as is known?
    pub fn verdict(&self) -> Verdict {
        match self.state {
            State::Unsure(_) => Verdict::Unsure,
            State::Yes => Verdict::Yes,
            State::No => Verdict::No,
        }
    }

    /// Octets pushed earlier may still turn out to be messages: the stream is not known to be BMP,
    /// or the next message's beginning is not known.
    #[inline]
    pub fn is_searching(&self) -> bool {
        match self.state {
            State::Yes => self.engine.begun().is_none(),
            State::Unsure(_) => true,
            State::No => false,
        }
    }

    /// Where the first of the octets is that may still be handed out, in a message or as skipped;
    /// none if all are.
    #[inline]
    pub fn undecided_from(&self) -> Option<u64> {
        match self.state {
            State::Yes => self.engine.undecided_from(),
            State::Unsure(_) => Some(0),
            State::No => None,
        }
    }

    /// The next octets, at `offset` in the stream. Octets already pushed are ignored; a jump ahead
    /// is a gap.
    #[inline]
    pub fn push<S: FrameSink>(&mut self, offset: u64, data: &[u8], sink: &mut S) {
        if let State::No = self.state {
            return;
        }
        if self.end == Some(offset) {
            return self.push_next(offset, data, sink);
        }
        self.push_elsewhere(offset, data, sink);
    }

    #[cold]
    fn push_elsewhere<S: FrameSink>(&mut self, offset: u64, data: &[u8], sink: &mut S) {
        let Some(end) = self.end else {
            self.engine.begin_run(offset);
            return self.push_next(offset, data, sink);
        };
        if offset > end {
            self.gap(end, offset - end, sink);
            return self.push_next(offset, data, sink);
        }
        let known = usize::try_from(end - offset).unwrap_or(usize::MAX);
        self.push_next(end, data.get(known..).unwrap_or_default(), sink);
    }

    #[inline]
    fn push_next<S: FrameSink>(&mut self, offset: u64, data: &[u8], sink: &mut S) {
        self.end = Some(offset + data.len() as u64);
        if let State::Yes = self.state {
            return self.engine.push(offset, data, sink);
        }
        self.push_unsure(offset, data, sink);
    }

    #[cold]
    fn push_unsure<S: FrameSink>(&mut self, offset: u64, data: &[u8], sink: &mut S) {
        let mut offset = offset;
        for part in data.chunks(UNSURE_STEP) {
            match &mut self.state {
                State::No => return,
                State::Yes => self.engine.push(offset, part, sink),
                State::Unsure(recorder) => {
                    self.engine.push(offset, part, recorder.as_mut());
                    self.seen += part.len() as u64;
                    self.weigh(sink);
                }
            }
            offset += part.len() as u64;
        }
    }

    /// Is it certain by now?
    fn weigh<S: FrameSink>(&mut self, sink: &mut S) {
        let State::Unsure(recorder) = &mut self.state else {
            return;
        };
        if let Some((offset, version, bytes)) = self.engine.begun() {
            recorder.weigh_begun(offset, version, bytes, false);
        }
        if recorder.is_convincing(self.is_forced) {
            self.engine.fix_version(recorder.version());
            recorder.replay(sink);
            self.state = State::Yes;
        } else if self.seen > UNSURE_BOUND && !self.is_forced {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        self.state = State::No;
        self.engine = Engine::new(Arc::clone(self.engine.known()));
    }

    /// Octets kept for later: the undecided ones, and messages of a stream that is not known to be
    /// BMP yet.
    #[inline]
    pub fn held(&self) -> usize {
        let recorded = match &self.state {
            State::Unsure(recorder) => recorder.held(),
            State::Yes | State::No => 0,
        };
        self.engine.undecided().len() + recorded
    }

    /// Decides about everything held, with what is there: for whoever has too many streams that
    /// hold octets. A stream that is not convincing by then is not BMP, unless a person says so.
    pub fn let_go<S: FrameSink>(&mut self, sink: &mut S) {
        if let Some(end) = self.end {
            self.gap(end, 0, sink);
        }
        if let State::Unsure(_) = self.state
            && !self.is_forced
        {
            self.give_up();
        }
    }

    /// `length` octets from `offset` on are missing.
    pub fn gap<S: FrameSink>(&mut self, offset: u64, length: u64, sink: &mut S) {
        if let State::No = self.state {
            return;
        }
        self.end = Some(offset.saturating_add(length));
        self.end_run(Skipped::GapTail, sink);
        self.engine.begin_run(offset.saturating_add(length));
    }

    /// No octets follow. The verdict is Yes or No afterwards.
    pub fn finish<S: FrameSink>(&mut self, sink: &mut S) {
        self.end_run(Skipped::CaptureEnd, sink);
        if let State::Unsure(recorder) = &mut self.state {
            if recorder.is_one_message() {
                recorder.replay(sink);
                self.state = State::Yes;
            } else {
                self.give_up();
            }
        }
    }

    fn end_run<S: FrameSink>(&mut self, cause: Skipped, sink: &mut S) {
        match &mut self.state {
            State::No => {}
            State::Yes => self.engine.end_run(cause, sink),
            State::Unsure(recorder) => {
                // Of the next header there will be no more than there is.
                if let Some((offset, version, bytes)) = self.engine.begun() {
                    recorder.weigh_begun(offset, version, bytes, true);
                }
                self.engine.end_run(cause, recorder.as_mut());
                self.weigh(sink);
            }
        }
    }

    /// Would `data` continue the octets pushed so far, rather than `data` without its first octet?
    ///
    /// For captures in which a SYN carries data and is not counted in the sequence numbers: the next
    /// segment then seems to begin one octet early. The reading in which more headers follow each
    /// other wins; none if both have as many.
    pub fn continues_with(&self, data: &[u8]) -> Option<bool> {
        if let State::No = self.state {
            return Some(false);
        }
        let shifted = data.get(1..).unwrap_or_default();
        match self.headers_with(data).cmp(&self.headers_with(shifted)) {
            Ordering::Greater => Some(true),
            Ordering::Less => Some(false),
            Ordering::Equal => None,
        }
    }

    /// How well the undecided octets and `data` together read as messages.
    fn headers_with(&self, data: &[u8]) -> usize {
        let known = self.engine.known();
        let undecided = self.engine.undecided();
        let bytes = [undecided, data].concat();
        if let Some((_, version, _)) = self.engine.begun() {
            return chained_headers(&bytes, version, known);
        }
        let held = bytes.get(..undecided.len().max(1)).unwrap_or(&bytes);
        memchr::memchr2_iter(3, 4, held)
            .take(4 * WALK_BOUND)
            .filter_map(|at| bytes.get(at..))
            .map(|rest| chained_headers(rest, rest.first().copied().unwrap_or_default(), known))
            .max()
            .unwrap_or(0)
    }
}

/// Points for headers that follow each other: one each, two more if the body bears the header out.
fn chained_headers(bytes: &[u8], version: u8, known: &KnownTypes) -> usize {
    let mut rest = bytes;
    let mut points = 0;
    for _ in 0..WALK_BOUND {
        if successor(rest, version, true, known) != Successor::Valid {
            break;
        }
        points += 1;
        let Some(header) = Header::read(rest) else {
            break;
        };
        let Some((message, behind)) = rest.split_at_checked(header.length) else {
            break;
        };
        points += match structure(header, message, known) {
            Structure::Tiled | Structure::Marked => 2,
            Structure::Odd | Structure::Impossible => 0,
        };
        rest = behind;
    }
    points
}
