//! Keeps what framing finds until it is certain that the stream is BMP, and weighs the evidence.

use super::header::{HEADER, Header, Successor, successor};
use super::known::KnownTypes;
use super::structure::{Structure, structure};
use super::{FrameSink, Skipped};
use std::sync::Arc;

/// What was found, to be told later or never.
#[derive(Debug)]
pub(super) struct Recorder {
    known: Arc<KnownTypes>,
    events: Vec<Event>,
    /// The octets of all messages, one after the other.
    octets: Vec<u8>,
    /// Where the last message ended, if its structure was strong.
    strong_end: Option<u64>,
    /// Where the last message ended, and how many strong ones stand side by side before.
    chain: (u64, usize),
    strong: usize,
    marked: usize,
    has_pair: bool,
    version: Option<u8>,
}

#[derive(Debug)]
enum Event {
    Message {
        offset: u64,
        length: usize,
    },
    Skipped {
        offset: u64,
        length: u64,
        cause: Skipped,
    },
}

/// Confirmed messages apart from each other that are as good as two adjacent ones.
const MARKED_APART: usize = 2;
const STRONG_APART: usize = 3;

/// Ranges remembered of a stream that is not decided on. With more, what is skipped adds up in the
/// last one, so that a forced stream that is all gaps keeps nothing for each.
const EVENTS: usize = 4096;

impl Recorder {
    pub(super) fn new(known: Arc<KnownTypes>) -> Recorder {
        Recorder {
            known,
            events: Vec::new(),
            octets: Vec::new(),
            strong_end: None,
            chain: (0, 0),
            strong: 0,
            marked: 0,
            has_pair: false,
            version: None,
        }
    }

    /// The version of the messages that are no draft's: those may be of another.
    pub(super) fn version(&self) -> Option<u8> {
        self.version
    }

    /// The octets at `offset`, in sync but not yet a whole message, may be a second header.
    pub(super) fn weigh_begun(&mut self, offset: u64, version: u8, bytes: &[u8], is_end: bool) {
        let follows = self.strong_end == Some(offset);
        self.has_pair |=
            follows && successor(bytes, version, is_end, &self.known) == Successor::Valid;
    }

    /// Is it BMP? With `is_forced` one strong message suffices.
    pub(super) fn is_convincing(&self, is_forced: bool) -> bool {
        self.has_pair
            || self.marked >= MARKED_APART
            || self.strong >= STRONG_APART
            || (is_forced && self.strong > 0)
    }

    /// One message of strong structure, and not an octet before or behind it. That the length field
    /// of something else says just how long its stream is, and its body fits too, does not happen:
    /// routers that only said hello look like this.
    pub(super) fn is_one_message(&self) -> bool {
        let [Event::Message { length, .. }] = self.events.as_slice() else {
            return false;
        };
        self.strong == 1 && *length > HEADER
    }

    /// Octets of messages kept.
    pub(super) fn held(&self) -> usize {
        self.octets.len()
    }

    /// Tells everything, in order, and forgets it.
    pub(super) fn replay<S: FrameSink>(&mut self, sink: &mut S) {
        let octets = std::mem::take(&mut self.octets);
        let mut rest = octets.as_slice();
        for event in std::mem::take(&mut self.events) {
            match event {
                Event::Message { offset, length } => {
                    let (message, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                    sink.message(offset, message);
                    rest = behind;
                }
                Event::Skipped {
                    offset,
                    length,
                    cause,
                } => sink.skipped(offset, length, cause),
            }
        }
    }

    fn weigh(&mut self, offset: u64, header: Header, message: &[u8]) {
        let found = structure(header, message, &self.known);
        if self.known.of_draft(header.message_type).is_none() {
            self.version = Some(header.version);
        }
        let follows = self.strong_end == Some(offset);
        self.has_pair |= follows && header.may_follow(header.version, message, &self.known);
        self.strong_end = None;
        let end = offset + message.len() as u64;
        self.chain = match self.chain {
            (before, strong) if before == offset => (end, strong),
            _ => (end, 0),
        };
        if found >= Structure::Tiled {
            self.strong += 1;
            self.chain.1 += 1;
            self.has_pair |= self.chain.1 >= 2;
            self.marked += usize::from(found == Structure::Marked);
            self.strong_end = Some(end);
        }
    }
}

impl FrameSink for Recorder {
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        self.octets.extend_from_slice(bytes);
        let length = bytes.len();
        self.events.push(Event::Message { offset, length });
        if let Some(header) = Header::read(bytes) {
            self.weigh(offset, header, bytes);
        }
    }

    fn skipped(&mut self, offset: u64, length: u64, cause: Skipped) {
        let is_full = self.events.len() >= EVENTS;
        if let Some(Event::Skipped {
            offset: first,
            length: before,
            cause: same,
        }) = self.events.last_mut()
            && (is_full || (*first + *before == offset && *same == cause))
        {
            *before += length;
            return;
        }
        self.events.push(Event::Skipped {
            offset,
            length,
            cause,
        });
    }
}
