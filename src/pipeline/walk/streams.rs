//! One direction of a connection, or a bare stream, and the table of them.

use crate::bmp::frame::Framer;
use crate::finding::FindingLog;
use crate::net::Endpoint;
use crate::pipeline::batch::{Gap, GapKind};
use crate::pipeline::seen::{Inside, TcpContent};
use crate::stream::{Moment, StreamFinding};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

/// One direction of a connection, a bare stream, or what a collector passed on of one router.
pub(super) struct Stream {
    pub(super) framer: Framer,
    pub(super) session: Option<u32>,
    /// Gaps met before the stream was known to be BMP.
    pub(super) pending: Vec<(u64, Gap, Moment)>,
    /// What was odd about its segments, and how often: the first few places of each kind.
    pub(super) findings: Vec<(StreamFinding, u64)>,
    /// Segments whose octets the framer may still hold: where each ends, and its moment.
    pub(super) trail: VecDeque<(u64, Moment)>,
    pub(super) sender: Option<Endpoint>,
    pub(super) receiver: Option<Endpoint>,
    /// Who sends, where a collector says so.
    pub(super) router: Option<IpAddr>,
    /// Octets so far and the moment of the last, where no connection knows them.
    pub(super) last: (u64, Moment),
    pub(super) content: TcpContent,
    /// What its plaintext looks like, where it is decrypted.
    pub(super) inside: Inside,
    pub(super) key: u64,
    /// The turn of its last octets, no earlier than those of the octets before.
    pub(super) turn: Option<u32>,
    /// The cause of the last gap.
    pub(super) cut: GapKind,
    /// Why its last message does not end, if it does not.
    pub(super) end: GapKind,
    /// Octets held while it is not decided on, as last accounted.
    pub(super) held: usize,
    pub(super) is_queued: bool,
}

/// Streams that had data, by direction; the last one used is at hand.
#[derive(Default)]
pub(super) struct Streams {
    pub(super) slots: Vec<Option<Stream>>,
    pub(super) free: Vec<u32>,
    pub(super) index: HashMap<u64, u32, foldhash::fast::RandomState>,
    pub(super) last: Option<(u64, u32)>,
    /// Octets held for all undecided streams.
    undecided: usize,
    /// Undecided streams, oldest first; some may be decided or gone by now.
    queue: VecDeque<(u32, u64)>,
}

impl Stream {
    pub(super) fn new(
        sender: Option<Endpoint>,
        receiver: Option<Endpoint>,
        framer: Framer,
        first: &[u8],
    ) -> Stream {
        Stream {
            framer,
            session: None,
            pending: Vec::new(),
            findings: Vec::new(),
            trail: VecDeque::new(),
            sender,
            receiver,
            router: None,
            last: (0, Moment::default()),
            content: TcpContent::of(first),
            inside: Inside::Nothing,
            key: 0,
            turn: None,
            cut: GapKind::MissingSegment,
            end: GapKind::CaptureEnd,
            held: 0,
            is_queued: false,
        }
    }

    /// Notes an oddity: its place if it is among the first of its kind, else that there was one more, of
    /// so many octets.
    #[cold]
    pub(super) fn note(&mut self, finding: StreamFinding) {
        let alike = |row: &&mut (StreamFinding, u64)| row.0.kind == finding.kind;
        let places = self.findings.iter_mut().filter(alike).count();
        match self.findings.iter_mut().rfind(alike) {
            Some((last, count)) if places >= FindingLog::PLACES => {
                *count += 1;
                last.length = last.length.saturating_add(finding.length);
            }
            _ => self.findings.push((finding, 1)),
        }
    }
}

impl Stream {
    /// What is kept of it until it is decided on.
    #[inline]
    fn undecided(&self) -> usize {
        if !self.framer.is_searching() {
            return 0;
        }
        let trail = self.trail.len() * size_of::<(u64, Moment)>();
        self.framer.held() + trail
    }
}

impl Streams {
    /// Counts anew what a stream holds undecided; gives what all hold.
    #[inline]
    pub(super) fn account(&mut self, slot: u32) -> usize {
        let Some(Some(stream)) = self.slots.get_mut(slot as usize) else {
            return self.undecided;
        };
        let held = stream.undecided();
        if held != stream.held {
            self.undecided = self.undecided - stream.held + held;
            stream.held = held;
            if !stream.is_queued && held > 0 {
                stream.is_queued = true;
                self.queue.push_back((slot, stream.key));
                self.tidy();
            }
        }
        self.undecided
    }

    /// The stream to be decided first while all hold more than `bound`.
    pub(super) fn oldest_undecided(&mut self, bound: usize) -> Option<u32> {
        while self.undecided > bound {
            let (slot, key) = self.queue.pop_front()?;
            if let Some(Some(stream)) = self.slots.get_mut(slot as usize)
                && stream.key == key
            {
                stream.is_queued = false;
                if stream.held > 0 {
                    return Some(slot);
                }
            }
        }
        None
    }

    /// Forgets queued streams that are gone, once they may be most.
    fn tidy(&mut self) {
        if self.queue.len() <= 2 * self.index.len() + 1024 {
            return;
        }
        let slots = &self.slots;
        self.queue.retain(|(slot, key)| {
            let stream = slots.get(*slot as usize).and_then(Option::as_ref);
            stream.is_some_and(|stream| stream.key == *key)
        });
    }

    #[inline]
    pub(super) fn slot(&mut self, key: u64, make: impl FnOnce() -> Stream) -> u32 {
        match self.last {
            Some((last, slot)) if last == key => slot,
            _ => self.find_or_add(key, make),
        }
    }

    fn find_or_add(&mut self, key: u64, make: impl FnOnce() -> Stream) -> u32 {
        if let Some(slot) = self.find(key) {
            self.last = Some((key, slot));
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(Stream { key, ..make() });
        }
        self.index.insert(key, slot);
        self.last = Some((key, slot));
        slot
    }

    /// Judges a stream by its first octets, which may come behind a gap.
    #[inline]
    pub(super) fn look_at(&mut self, slot: u32, data: &[u8]) {
        if let Some(Some(stream)) = self.slots.get_mut(slot as usize)
            && stream.content == TcpContent::Empty
        {
            stream.content = TcpContent::of(data);
        }
    }

    /// Judges what is in a stream that is decrypted by the first octets of it.
    pub(super) fn look_inside(&mut self, slot: u32, plain: &[u8]) {
        if let Some(Some(stream)) = self.slots.get_mut(slot as usize)
            && stream.inside == Inside::Nothing
        {
            stream.inside = Inside::of(plain);
        }
    }

    pub(super) fn get(&self, key: u64) -> Option<&Stream> {
        self.slots.get(self.find(key)? as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, key: u64) -> Option<&mut Stream> {
        let slot = self.find(key)?;
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    pub(super) fn find(&self, key: u64) -> Option<u32> {
        self.index.get(&key).copied()
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<Stream> {
        self.last = None;
        let slot = self.index.remove(&key)?;
        self.free.push(slot);
        let stream = self.slots.get_mut(slot as usize)?.take()?;
        self.undecided = self.undecided.saturating_sub(stream.held);
        Some(stream)
    }
}
