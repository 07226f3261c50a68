//! A TLS connection: both directions' records in, plaintext out. The hellos of both tell which keys;
//! from then on each direction goes its own way.

use super::guess;
use super::hello::Hello;
use super::key_log::KeyLog;
use super::keys::{Agreed, Credit, Keys, Opened, Phase, TLS_1_2, TLS_1_3};
use super::messages::{CLIENT_HELLO, END_OF_EARLY_DATA, FINISHED, KEY_UPDATE, SERVER_HELLO};
use super::outcome::{Outcome, Problem, Problems};
use super::record::{ALERT, APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, HEADER, Header};
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
    Other(u8),
}

/// Records in vain after which a direction is given up: something else than a gap is wrong.
const IN_VAIN: u32 = 64;

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
        let waiting = self.sides.iter().enumerate();
        let mut waiting = waiting
            .filter(|(_, side)| side.is_waiting && side.search.is_none() && side.over.is_none());
        let found = waiting.find_map(|(index, side)| {
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
        while self.step(index, work) || self.pull(index) {
            has_moved = true;
        }
        has_moved
    }

    fn pull(&mut self, index: usize) -> bool {
        let side = self.sides.get_mut(index);
        side.is_some_and(|side| !side.is_waiting && side.pull())
    }

    /// Takes one record. False: there is none, or it has to wait.
    fn step(&mut self, index: usize, work: &mut Work<'_>) -> bool {
        let must_wait = self.must_wait(index);
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        if side.over.is_some() {
            return false;
        }
        side.is_waiting = must_wait;
        if must_wait {
            return false;
        }
        if side.search.is_some() {
            return self.search(index, work);
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
            || side.is_changed && next.is_some()
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

    /// The handshake messages that a fragment completes.
    fn messages(&mut self, index: usize, fragment: &[u8]) -> Vec<Message> {
        let mut told = Vec::new();
        let Some(side) = self.sides.get_mut(index) else {
            return told;
        };
        side.messages.take(fragment, |kind, body| {
            told.push(match kind {
                CLIENT_HELLO => Message::Client(Hello::of_client(body).unwrap_or_default()),
                SERVER_HELLO => Message::Server(Hello::of_server(body).unwrap_or_default()),
                other => Message::Other(other),
            });
        });
        told
    }

    fn hello(&mut self, index: usize, message: Message, log: &KeyLog) {
        match message {
            Message::Client(hello) => {
                self.agreed.client = Some(index);
                self.agreed.client_random = Some(hello.random);
                self.agreed.has_early_data |= hello.has_early_data;
            }
            Message::Server(hello) => {
                let suite = hello.cipher_suite.map(CipherSuite);
                (self.version, self.suite) = (hello.version(), suite);
                self.agreed.client.get_or_insert(1 - index.min(1));
                self.agreed.version = self.version;
                self.agreed.parts = suite.and_then(CipherSuite::parts);
                if !hello.is_retry_request() {
                    self.agreed.server_random = Some(hello.random);
                }
            }
            Message::Other(_) => return,
        }
        if let Some(outcome) = self.unreadable(log) {
            self.give_up(outcome);
        }
    }

    /// Why what was agreed on so far cannot be read.
    fn unreadable(&self, log: &KeyLog) -> Option<Outcome> {
        let random = self.agreed.client_random.as_ref();
        if random.is_some_and(|random| log.of(random).is_none()) {
            return Some(Outcome::NoSecret);
        }
        match (self.version, self.suite) {
            (Some(TLS_1_2 | TLS_1_3), Some(_)) if self.agreed.parts.is_some() => None,
            (Some(TLS_1_2 | TLS_1_3), Some(suite)) => Some(Outcome::Suite(suite)),
            (Some(version), _) => Some(Outcome::Version(version)),
            (None, _) => None,
        }
    }

    /// A protected record in sync. False: it is not authentic.
    fn sealed(
        &mut self,
        index: usize,
        header: Header,
        fragment: &mut [u8],
        work: &mut Work<'_>,
    ) -> bool {
        let has_early_data = self.agreed.has_early_data && self.agreed.client == Some(index);
        let Some(keys) = self.keys(index, work.log) else {
            return true;
        };
        if let Some(opened) = keys.open(header, fragment) {
            self.opened(index, &opened, fragment, work);
            return true;
        }
        if keys.is_in_unread_handshake() {
            return true;
        }
        let is_early = has_early_data && keys.is_before_handshake();
        if is_early {
            let length = u64::from(header.length);
            let why = "a record of early data is not read: the key logs have no secret for it";
            self.problem(index, "tls-early-data", why, length);
        }
        is_early
    }

    /// The keys of a direction, made when they are first needed.
    fn keys(&mut self, index: usize, log: &KeyLog) -> Option<&mut Keys> {
        let side = self.sides.get_mut(index)?;
        if side.keys.is_none() {
            let secrets = self.agreed.client_random.and_then(|random| log.of(&random));
            let made = secrets.map(|secrets| Keys::new(&self.agreed, secrets, index));
            match made {
                Some(Ok(keys)) => side.keys = Some(keys),
                _ => {
                    side.give_up();
                    self.unread.get_or_insert(Outcome::NoSecret);
                    return None;
                }
            }
        }
        side.keys.as_mut()
    }

    /// What was in a record.
    fn opened(&mut self, index: usize, opened: &Opened, fragment: &[u8], work: &mut Work<'_>) {
        let octets = fragment
            .get(opened.inner.content.clone())
            .unwrap_or_default();
        self.settle_early(index, opened.phase, work);
        let id = self.id;
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        side.opened += 1;
        match opened.inner.kind {
            APPLICATION_DATA if opened.phase == Phase::Early => {
                side.early.push((octets.to_vec(), side.moment));
            }
            APPLICATION_DATA if !octets.is_empty() => {
                plain(id, index, side, octets, side.moment, work.out);
            }
            HANDSHAKE => self.inner_messages(index, opened.phase, octets, work),
            // Renegotiation (RFC 5246 7.1): the next record has new keys.
            CHANGE_CIPHER_SPEC => side.keys = None,
            ALERT | APPLICATION_DATA => {}
            _ => {}
        }
        if let Some(side) = self.sides.get_mut(index) {
            side.good = side.moment;
        }
    }

    /// Early data before a message that only follows where the server has accepted it is kept until
    /// that comes (RFC 8446 4.5); a record of the handshake says that it has not.
    fn settle_early(&mut self, index: usize, phase: Phase, _work: &mut Work<'_>) {
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        if phase == Phase::Early || side.early.is_empty() {
            return;
        }
        let octets: usize = side.early.iter().map(|piece| piece.0.len()).sum();
        side.early = Vec::new();
        let why = "early data that the server did not accept is left out";
        self.problem(index, "tls-early-data", why, octets as u64);
    }

    fn accept_early(&mut self, index: usize, work: &mut Work<'_>) {
        let id = self.id;
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        for (octets, moment) in std::mem::take(&mut side.early) {
            plain(id, index, side, &octets, moment, work.out);
        }
        if let Some(keys) = &mut side.keys {
            keys.finish_early();
        }
    }

    /// Protected handshake messages.
    fn inner_messages(&mut self, index: usize, phase: Phase, octets: &[u8], work: &mut Work<'_>) {
        let is_1_3 = self.agreed.version == Some(TLS_1_3);
        for message in self.messages(index, octets) {
            let keys = self
                .sides
                .get_mut(index)
                .and_then(|side| side.keys.as_mut());
            match (message, keys) {
                (Message::Other(END_OF_EARLY_DATA), _) if phase == Phase::Early => {
                    self.accept_early(index, work);
                }
                (Message::Other(FINISHED), Some(keys)) if phase == Phase::Handshake => {
                    keys.finish_handshake();
                }
                (Message::Other(KEY_UPDATE), Some(keys)) if is_1_3 => keys.update(),
                (hello @ (Message::Client(_) | Message::Server(_)), _) if !is_1_3 => {
                    self.hello(index, hello, work.log);
                }
                _ => {}
            }
        }
    }

    /// A record that is none, or not authentic: told, and the next one is looked for.
    fn damaged(&mut self, index: usize, why: &'static str) {
        self.problem(index, "tls-record-damaged", why, 0);
        if let Some(side) = self.sides.get_mut(index) {
            side.lose(side.at, Why::Damaged);
            side.take(1);
        }
    }

    /// Looks for the next record of a direction. False: it is not there yet.
    fn search(&mut self, index: usize, work: &mut Work<'_>) -> bool {
        let is_1_3 = self.agreed.version == Some(TLS_1_3);
        if self.keys(index, work.log).is_none() {
            return true;
        }
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        let Some(search) = side.search else {
            return false;
        };
        let Some((skipped, header)) = candidate(side.front(), is_1_3) else {
            side.take(side.front().len().saturating_sub(HEADER - 1));
            return false;
        };
        side.take(skipped);
        if side.front().len() < header.record_length() {
            return false;
        }
        match self.try_candidate(index, search, header, work) {
            true => true,
            false => self.not_this(index, search),
        }
    }

    /// The front is no record of this direction, as far as can be known.
    fn not_this(&mut self, index: usize, search: Search) -> bool {
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        side.take(1);
        let failed = search.failed + 1;
        side.search = Some(Search { failed, ..search });
        if failed >= IN_VAIN {
            let why = "no record could be opened after octets were lost; the rest is not read";
            side.give_up();
            self.problem(index, "tls-not-resynchronised", why, 0);
        }
        true
    }

    fn try_candidate(
        &mut self,
        index: usize,
        search: Search,
        header: Header,
        work: &mut Work<'_>,
    ) -> bool {
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        let distance = side.at.saturating_sub(search.from);
        let mut octets = std::mem::take(&mut side.octets);
        let range = side.start + HEADER..side.start + header.record_length();
        let fragment = octets.get_mut(range).unwrap_or_default();
        let most = distance / SHORTEST + 1;
        let keys = side.keys.as_mut();
        let found = keys.and_then(|keys| keys.find(most, header, fragment, work.credit));
        if let Some(opened) = &found {
            self.found(index, search, opened, work);
            self.opened(index, opened, fragment, work);
        }
        let taken = match found {
            Some(_) => header.record_length(),
            None => 0,
        };
        self.put_back(index, octets, taken);
        found.is_some()
    }

    /// The search is over: what was lost is told.
    fn found(&mut self, index: usize, search: Search, opened: &Opened, work: &mut Work<'_>) {
        let id = self.id;
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        side.search = None;
        // The ChangeCipherSpec may be among what was lost.
        side.is_changed = true;
        if opened.phase == Phase::Application && opened.lost > 0 {
            let distance = side.at.saturating_sub(search.from);
            let overhead = side.keys.as_ref().map_or(0, Keys::overhead);
            let length = distance.saturating_sub(opened.lost.saturating_mul(overhead));
            lose(id, index, side, length, search, work.out);
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
            self.close_side(index, work.out);
        }
        let opened: u64 = self.sides.iter().map(|side| side.opened).sum();
        let outcome = match (opened, self.unread) {
            (1.., _) => Outcome::Decrypted,
            (0, Some(unread)) => unread,
            (0, None) if !self.is_agreed() => Outcome::NoHandshake,
            (0, None) => Outcome::NotAuthentic,
        };
        super::Closed {
            outcome,
            records: opened,
            problems: self.problems,
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

/// Where the next protected record may begin, and its header.
fn candidate(octets: &[u8], is_1_3: bool) -> Option<(usize, Header)> {
    // The version's first octet is the rarest that all records share.
    memchr::memchr_iter(3, octets)
        .filter_map(|at| at.checked_sub(1))
        .find_map(|at| {
            let header = Header::read(octets.get(at..)?)?;
            header.may_be_protected(is_1_3).then_some((at, header))
        })
}
