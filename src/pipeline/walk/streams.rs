//! One direction of a connection, or a bare stream, and the table of them.

use crate::bmp::frame::Framer;
use crate::finding::FindingLog;
use crate::net::Endpoint;
use crate::pipeline::batch::Gap;
use crate::pipeline::seen::TcpContent;
use crate::stream::{Moment, StreamFinding};
use std::collections::{HashMap, VecDeque};

/// One direction of a connection, or a bare stream.
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
    pub(super) content: TcpContent,
}

/// Streams that had data, by direction; the last one used is at hand.
#[derive(Default)]
pub(super) struct Streams {
    pub(super) slots: Vec<Option<Stream>>,
    pub(super) free: Vec<u32>,
    pub(super) index: HashMap<u64, u32, foldhash::fast::RandomState>,
    pub(super) last: Option<(u64, u32)>,
}

impl Stream {
    pub(super) fn new(
        sender: Option<Endpoint>,
        receiver: Option<Endpoint>,
        is_forced: bool,
        first: &[u8],
    ) -> Stream {
        Stream {
            framer: Framer::new(is_forced),
            session: None,
            pending: Vec::new(),
            findings: Vec::new(),
            trail: VecDeque::new(),
            sender,
            receiver,
            content: TcpContent::of(first),
        }
    }

    /// Notes an oddity: its place if it is among the first of its kind, else that there was one more.
    #[cold]
    pub(super) fn note(&mut self, finding: StreamFinding) {
        let alike = |row: &&mut (StreamFinding, u64)| row.0.kind == finding.kind;
        let places = self.findings.iter_mut().filter(alike).count();
        match self.findings.iter_mut().rfind(alike) {
            Some((_, count)) if places >= FindingLog::PLACES => *count += 1,
            _ => self.findings.push((finding, 1)),
        }
    }
}

impl Streams {
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
            *place = Some(make());
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
        self.slots.get_mut(slot as usize)?.take()
    }
}
