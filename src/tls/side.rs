//! One direction of a TLS connection: its octets until they are whole records, what waits for the other
//! direction's hello, and where the plaintext stands.

use super::keys::Keys;
use super::messages::Messages;
use super::record::{Header, begins_with_hello};
use crate::stream::{Gap, GapCause, Moment};
use std::collections::VecDeque;

/// One direction.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Octets, of which those before `start` are taken.
    pub(super) octets: Vec<u8>,
    pub(super) start: usize,
    /// Where the first octet that is not taken stands in the TCP stream.
    pub(super) at: u64,
    /// The segment that carried the last of them.
    pub(super) moment: Moment,
    /// What came while the keys could not be known.
    queue: VecDeque<Piece>,
    queued: usize,
    /// The next record cannot be read before the other direction's hello.
    pub(super) is_waiting: bool,
    pub(super) messages: Messages,
    /// None before they are needed.
    pub(super) keys: Option<Keys>,
    /// A ChangeCipherSpec came in clear.
    pub(super) is_changed: bool,
    /// Octets were lost, and the next record is looked for.
    pub(super) search: Option<Search>,
    /// Octets of plaintext so far, those lost included.
    pub(super) plain: u64,
    /// The segment that completed the last record that was opened.
    pub(super) good: Moment,
    /// Records that were opened.
    pub(super) opened: u64,
    /// One of them held application data.
    pub(super) has_data: bool,
    /// The first gap in it.
    pub(super) gap: Option<GapCause>,
    /// Early data that the server has not accepted yet.
    pub(super) early: Vec<(Vec<u8>, Moment)>,
    /// The key logs have no secret for it.
    pub(super) lacks_secret: bool,
    /// From here on nothing is read.
    pub(super) over: Option<u64>,
    /// Octets of the TCP stream so far.
    pub(super) end: u64,
    /// The capture of this direction begins behind this gap; what follows may be a hello all the same.
    pub(super) late: Option<Gap>,
}

/// What waits.
#[derive(Debug)]
enum Piece {
    Octets(Vec<u8>, Moment),
    Gap(Gap),
}

/// A search for the next record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    /// Where in the TCP stream the first record that was lost begins.
    pub(super) from: u64,
    pub(super) why: Why,
    /// The segment that completed the last record before.
    pub(super) before: Moment,
    /// Records tried in vain.
    pub(super) failed: u32,
}

/// Why plaintext is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Octets of the TCP stream were not captured.
    Gap(GapCause),
    /// A record is not authentic, or no record.
    Damaged,
}

/// Octets that wait in one direction, at most. More, and the other direction's hello will not come.
const QUEUE: usize = 256 << 10;

impl Side {
    /// The octets that are not taken.
    pub(super) fn front(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }

    /// Takes octets off the front.
    pub(super) fn take(&mut self, count: usize) {
        self.start = (self.start + count).min(self.octets.len());
        self.at = self.at.saturating_add(count as u64);
    }

    /// Keeps early data until it is known whether the server accepts it. False: there is too much.
    pub(super) fn keep_early(&mut self, octets: &[u8]) -> bool {
        let kept: usize = self.early.iter().map(|piece| piece.0.len()).sum();
        let fits = kept + octets.len() <= QUEUE;
        if fits {
            self.early.push((octets.to_vec(), self.moment));
        }
        fits
    }

    /// Octets held.
    pub(super) fn held(&self) -> usize {
        let early: usize = self.early.iter().map(|piece| piece.0.len()).sum();
        self.octets.len() + self.queued + self.messages.held() + early
    }

    /// The next octets.
    pub(super) fn add(&mut self, octets: &[u8], moment: Moment) {
        self.end = self.end.saturating_add(octets.len() as u64);
        if self.over.is_some() {
            return;
        }
        if self.is_waiting || !self.queue.is_empty() {
            self.queued += octets.len();
            self.queue.push_back(Piece::Octets(octets.to_vec(), moment));
        } else {
            self.append(octets, moment);
        }
    }

    /// Octets are missing.
    pub(super) fn add_gap(&mut self, gap: Gap) {
        if gap.length > 0 {
            self.gap.get_or_insert(gap.cause);
        }
        let is_first = self.end == 0 && self.late.is_none();
        self.end = self.end.max(gap.offset.saturating_add(gap.length));
        if self.over.is_some() {
            return;
        }
        if is_first {
            self.at = self.end;
            self.late = Some(gap);
            return;
        }
        // A gap takes room too.
        self.queued += size_of::<Piece>();
        self.queue.push_back(Piece::Gap(gap));
    }

    /// More waits than ever should.
    pub(super) fn is_full(&self) -> bool {
        self.queued > QUEUE
    }

    /// What waits next is a gap.
    pub(super) fn is_before_gap(&self) -> bool {
        matches!(self.queue.front(), Some(Piece::Gap(_)))
    }

    /// Whether the front is in step with the records, as far as a late beginning goes. None: there is
    /// too little to tell.
    pub(super) fn begins_in_step(&self) -> Option<bool> {
        match self.late {
            None => Some(true),
            Some(_) => begins_with_hello(self.front()),
        }
    }

    /// Makes the front a whole record, if what waits has the rest of it.
    pub(super) fn fill(&mut self) {
        let wanted = |side: &Side| Header::read(side.front()).map(Header::record_length);
        while let Some(length) = wanted(self)
            && self.front().len() < length
            && matches!(self.queue.front(), Some(Piece::Octets(..)))
        {
            self.pull();
        }
    }

    /// Makes the next of what waits the front. False: nothing waits.
    pub(super) fn pull(&mut self) -> bool {
        match self.queue.pop_front() {
            None => false,
            Some(Piece::Octets(octets, moment)) => {
                self.queued -= octets.len();
                self.append(&octets, moment);
                true
            }
            Some(Piece::Gap(gap)) => {
                self.queued -= size_of::<Piece>();
                self.lose(self.at, Why::Gap(gap.cause));
                self.drop_front();
                self.at = gap.offset.saturating_add(gap.length);
                true
            }
        }
    }

    /// From `from` on nothing is known until a record is found.
    pub(super) fn lose(&mut self, from: u64, why: Why) {
        self.messages.clear();
        // A late beginning is lost, too.
        let late = self.late.take();
        let late = late.map(|late| (late.offset, Why::Gap(late.cause)));
        let (from, why) = late.unwrap_or((from, why));
        self.search.get_or_insert(Search {
            from,
            why,
            before: self.good,
            failed: 0,
        });
    }

    /// Nothing more is read.
    pub(super) fn give_up(&mut self) {
        if self.over.is_none() {
            self.over = Some(self.search.map_or(self.at, |search| search.from));
        }
        self.drop_front();
        (self.queue, self.queued) = (VecDeque::new(), 0);
        (self.is_waiting, self.keys) = (false, None);
        self.early = Vec::new();
        self.messages.clear();
    }

    fn append(&mut self, octets: &[u8], moment: Moment) {
        self.octets.drain(..self.start);
        self.start = 0;
        self.octets.extend_from_slice(octets);
        self.moment = moment;
    }

    fn drop_front(&mut self) {
        self.at = self.at.saturating_add(self.front().len() as u64);
        (self.octets, self.start) = (Vec::new(), 0);
    }

    /// Gives back room that is not needed between records.
    pub(super) fn tidy(&mut self) {
        if self.start >= self.octets.len() && self.start > 0 {
            self.start = 0;
            match self.octets.capacity() > KEPT {
                true => self.octets = Vec::new(),
                false => self.octets.clear(),
            }
        }
    }
}

/// Room that a direction keeps.
const KEPT: usize = 4096;
