//! A TLS connection: both directions' records in, plaintext out. The hellos of both tell which keys;
//! from then on each direction goes its own way.

mod content;
mod handshake;
mod search;

use super::guess;
use super::hello::Hello;
use super::key_log::KeyLog;
use super::keys::{Agreed, Credit, Keys, TLS_1_3};
use super::outcome::{Outcome, Problem, Problems};
use super::record::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEADER, Header};
use super::side::{Search, Side, Why};
use super::suite::CipherSuite;
use super::{Lost, Output};
use crate::stream::{DirectionId, Gap, GapCause, Moment};

/// What a step needs beside the connection.
pub(super) struct Work<'a> {
    pub(super) log: &'a KeyLog,
    pub(super) credit: &'a mut Credit,
    pub(super) out: &'a mut dyn Output,
}

/// A connection whose first record is a hello.
#[derive(Debug)]
pub(super) struct Connection {
    id: u32,
    sides: [Side; 2],
    agreed: Agreed,
    version: Option<u16>,
    suite: Option<CipherSuite>,
    /// Why it is not read.
    unread: Option<Outcome>,
    problems: Problems,
}

/// A handshake message that matters.
enum Message {
    Client(Hello),
    Server(Hello),
    /// EncryptedExtensions, and whether they accept early data.
    Extensions(bool),
    Other(u8),
}

/// Octets of a record of TLS 1.3 without content (RFC 8446 5.2): more records were not lost than fit.
const SHORTEST: u64 = 22;

impl Connection {
    pub(super) fn new(id: u32) -> Connection {
        Connection {
            id,
            sides: Default::default(),
            agreed: Agreed::default(),
            version: None,
            suite: None,
            unread: None,
            problems: Problems::default(),
        }
    }

    /// Octets held.
    pub(super) fn held(&self) -> usize {
        self.sides.iter().map(Side::held).sum()
    }

    /// The next octets of a direction.
    pub(super) fn data(&mut self, side: usize, octets: &[u8], moment: Moment, work: &mut Work<'_>) {
        if let Some(own) = self.sides.get_mut(side) {
            own.add(octets, moment);
        }
        self.advance(work);
    }

    /// Octets of a direction are missing.
    pub(super) fn gap(&mut self, side: usize, gap: Gap, work: &mut Work<'_>) {
        if let Some(own) = self.sides.get_mut(side) {
            own.add_gap(gap);
        }
        self.advance(work);
    }

    /// Nothing more is read, for a reason.
    pub(super) fn give_up(&mut self, outcome: Outcome) {
        self.unread.get_or_insert(outcome);
        self.sides.iter_mut().for_each(Side::give_up);
    }

    /// Goes on in both directions as far as there are records.
    fn advance(&mut self, work: &mut Work<'_>) {
        while self.turn(0, work) | self.turn(1, work) {}
        for side in &mut self.sides {
            side.tidy();
        }
        if !self.sides.iter().any(Side::is_full) {
            return;
        }
        match self.guess(work) {
            true => self.advance(work),
            false => self.give_up(Outcome::NoHandshake),
        }
    }

    /// The other hello will not come: what it would have said is found out, if it can be.
    fn guess(&mut self, work: &mut Work<'_>) -> bool {
        let waiting = self.sides.iter_mut().enumerate();
        let mut waiting = waiting
            .filter(|(_, side)| side.is_waiting && side.search.is_none() && side.over.is_none());
        let found = waiting.find_map(|(index, side)| {
            side.fill();
            guess::guess(&self.agreed, work.log, (index, side.front()), work.credit)
        });
        match found {
            Some(agreed) => {
                self.agreed = agreed;
                true
            }
            None => false,
        }
    }

    /// Takes the records of a direction that are there. False: there was none.
    fn turn(&mut self, index: usize, work: &mut Work<'_>) -> bool {
        let mut has_moved = false;
        while self.step(index, work) || self.pull(index, work) {
            has_moved = true;
        }
        has_moved
    }

    /// Goes on to what waits. False: nothing does, or it has to wait longer.
    fn pull(&mut self, index: usize, work: &mut Work<'_>) -> bool {
        let can_go = |side: &Side| !side.is_waiting && side.over.is_none();
        if !self.sides.get(index).is_some_and(can_go) {
            return false;
        }
        if self.sides.get(index).is_some_and(Side::is_before_gap) {
            self.search_to_the_end(index, work);
        }
        self.sides.get_mut(index).is_some_and(Side::pull)
    }

    /// Nothing follows what is there: records behind what only looks like the beginning of one.
    fn search_to_the_end(&mut self, index: usize, work: &mut Work<'_>) {
        loop {
            let side = self.sides.get(index);
            if !side.is_some_and(|side| side.over.is_none() && !side.is_waiting) {
                return;
            }
            let has_moved = match side.is_some_and(|side| side.search.is_some()) {
                true => self.search(index, true, work),
                false => self.step(index, work),
            };
            if !has_moved {
                return;
            }
        }
    }

    /// Takes one record. False: there is none, or it has to wait.
    fn step(&mut self, index: usize, work: &mut Work<'_>) -> bool {
        if !self.is_in_step(index) {
            return false;
        }
        let must_wait = self.must_wait(index);
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        side.is_waiting = must_wait;
        if must_wait {
            return false;
        }
        if side.search.is_some() {
            return self.search(index, false, work);
        }
        let Some(header) = Header::read(side.front()) else {
            return false;
        };
        if !header.is_plausible() {
            self.damaged(index, "no record begins where one has to");
            return true;
        }
        if side.front().len() < header.record_length() {
            return false;
        }
        // The record is worked on in place, apart from its side.
        let mut octets = std::mem::take(&mut side.octets);
        let from = side.start + HEADER;
        let end = side.start + header.record_length();
        let is_good = match octets.get_mut(from..end) {
            Some(fragment) => self.record(index, header, fragment, work),
            None => true,
        };
        if is_good {
            self.put_back(index, octets, header.record_length());
            return true;
        }
        // Its length may be what is wrong: the next one is looked for inside it, too.
        self.put_back(index, octets, 0);
        self.damaged(index, "a record is not authentic");
        true
    }

    /// Gives the octets back, unless the side was given up in between.
    fn put_back(&mut self, index: usize, octets: Vec<u8>, taken: usize) {
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        if side.over.is_none() {
            side.octets = octets;
            side.take(taken);
        }
    }

    /// Where a direction began late: its next record is looked for, unless that is a hello. False: it
    /// is over, or there is too little to tell.
    fn is_in_step(&mut self, index: usize) -> bool {
        let Some(side) = self.sides.get_mut(index).filter(|side| side.over.is_none()) else {
            return false;
        };
        match side.begins_in_step() {
            None => return false,
            Some(true) => side.late = None,
            // What it begins with and why are those of the gap.
            Some(false) => side.lose(side.at, Why::Damaged),
        }
        true
    }

    /// Whether the next record cannot be read before the other direction has said hello.
    fn must_wait(&self, index: usize) -> bool {
        let Some(side) = self.sides.get(index) else {
            return false;
        };
        if self.is_agreed() {
            return false;
        }
        let next = Header::read(side.front());
        side.search.is_some()
            || side.is_changed && next.is_some() && self.agreed.version != Some(TLS_1_3)
            || next.is_some_and(|header| header.kind == APPLICATION_DATA)
    }

    /// Both hellos have told what is needed of them.
    fn is_agreed(&self) -> bool {
        self.agreed.version.is_some() && self.agreed.client_random.is_some()
    }

    /// A whole record in sync. False: it is not authentic.
    fn record(
        &mut self,
        index: usize,
        header: Header,
        fragment: &mut [u8],
        work: &mut Work<'_>,
    ) -> bool {
        let is_changed = self.sides.get(index).is_some_and(|side| side.is_changed);
        let is_sealed = match self.agreed.version {
            Some(TLS_1_3) => header.kind == APPLICATION_DATA,
            _ => is_changed,
        };
        match (is_sealed, header.kind) {
            (true, _) => self.sealed(index, header, fragment, work),
            (false, CHANGE_CIPHER_SPEC) => {
                if let Some(side) = self.sides.get_mut(index) {
                    side.is_changed = true;
                }
                true
            }
            (false, HANDSHAKE) => {
                for message in self.messages(index, fragment) {
                    self.hello(index, message, work.log);
                }
                true
            }
            (false, APPLICATION_DATA) => false,
            // An alert in clear ends a handshake.
            (false, _) => true,
        }
    }

    fn problem(&mut self, index: usize, kind: &'static str, message: &'static str, octets: u64) {
        if let Some(side) = self.sides.get(index) {
            self.problems.add(Problem {
                kind,
                message,
                direction: DirectionId::new(self.id, index),
                offset: side.plain,
                octets,
                moment: side.moment,
            });
        }
    }

    /// The connection is over: what is left is told.
    pub(super) fn close(mut self, work: &mut Work<'_>) -> super::Closed {
        if !self.is_agreed() && self.guess(work) {
            self.advance(work);
        }
        for index in 0..2 {
            self.search_to_the_end(index, work);
            self.close_side(index, work.out);
        }
        let outcome = self.outcome();
        if outcome == Outcome::Decrypted {
            self.tell_unread();
        }
        super::Closed {
            outcome,
            records: self.sides.iter().map(|side| side.opened).sum(),
            problems: self.problems,
        }
    }

    /// One direction was read, and for the other one there is no secret.
    fn tell_unread(&mut self) {
        for index in 0..2 {
            let unread = self.sides.get(index).filter(|side| side.lacks_secret);
            if let Some(octets) = unread.and_then(|side| Some(side.end.saturating_sub(side.over?)))
            {
                let why = "one direction is not decrypted: the key logs have no secret for it";
                self.problem(index, "tls-not-decrypted", why, octets);
            }
        }
    }

    /// What became of it, in the end.
    fn outcome(&self) -> Outcome {
        let is_any_opened = self.sides.iter().any(|side| side.opened > 0);
        match self.unread {
            _ if self.sides.iter().any(|side| side.has_data) => Outcome::Decrypted,
            Some(unread) => unread,
            None if !self.is_agreed() => Outcome::NoHandshake,
            _ => self.without_data(is_any_opened),
        }
    }

    /// No application data was read: it was not captured, or there was none, or the secrets are wrong.
    fn without_data(&self, is_any_opened: bool) -> Outcome {
        let gaps = self.sides.iter().filter_map(|side| side.gap);
        let is_damaged = self.problems.iter().next().is_some();
        match gaps.min_by_key(|cause| *cause != GapCause::Snaplen) {
            Some(GapCause::Snaplen) if is_any_opened || !is_damaged => Outcome::Snaplen,
            Some(_) if is_any_opened || !is_damaged => Outcome::DataMissing,
            _ if is_any_opened => Outcome::Decrypted,
            _ => Outcome::NotAuthentic,
        }
    }

    fn close_side(&mut self, index: usize, out: &mut dyn Output) {
        let id = self.id;
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        let end = side.end;
        let ended = Search {
            from: side.at,
            why: Why::Gap(GapCause::CaptureEnd),
            before: side.good,
            failed: 0,
        };
        let search = match side.over {
            Some(from) => side.search.unwrap_or(Search {
                from,
                why: Why::Damaged,
                ..ended
            }),
            None => side.search.unwrap_or(ended),
        };
        if side.opened > 0 && end > search.from {
            // How many records that would have been is not known: at least one.
            let overhead = side.keys.as_ref().map_or(SHORTEST, Keys::overhead);
            let octets = (end - search.from).saturating_sub(overhead).max(1);
            lose(id, index, side, octets, search, out);
        }
    }
}

/// Tells plaintext.
fn plain(
    id: u32,
    index: usize,
    side: &mut Side,
    octets: &[u8],
    moment: Moment,
    out: &mut dyn Output,
) {
    out.plain(DirectionId::new(id, index), side.plain, octets, moment);
    side.has_data = true;
    side.plain = side.plain.saturating_add(octets.len() as u64);
}

/// Tells that plaintext is lost.
fn lose(id: u32, index: usize, side: &mut Side, length: u64, search: Search, out: &mut dyn Output) {
    let lost = Lost {
        offset: side.plain,
        length,
        why: search.why,
        before: search.before,
        after: side.moment,
    };
    side.plain = side.plain.saturating_add(length);
    out.lost(DirectionId::new(id, index), lost);
}
