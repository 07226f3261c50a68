//! What the segments of each connection show about its protection, collected while captures are
//! walked. Asked for by one report only: without it nothing here runs.

mod direction;
mod ipsec;
mod key_ids;
mod liveness;
mod tally;
mod unsigned;

pub use direction::DirectionFacts;
pub use ipsec::{Ipsec, IpsecFacts, IpsecKind};
pub use key_ids::{KeyFacts, KeyIds, KeyRun, Rollover, Rollovers};
pub use liveness::{Liveness, Silence};
pub use tally::{Class, Tally, VerdictCounts, Verification};
pub use unsigned::Unsigned;

use super::{Keys, Reason, Signature, Verdict, Verifier};
use crate::net::Endpoint;
use crate::packet::{Other, Segment};
use crate::stream::{Close, Connection, Moment};
use crate::tls::{Outcome, TlsFacts, TlsReader};
use direction::Seen;
use std::collections::HashMap;
use std::sync::Arc;

/// What a connection carries, where that is no BMP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Content {
    /// No data was captured.
    #[default]
    Nothing,
    /// BGP.
    Bgp,
    /// Something else.
    Unknown,
}

/// A TCP connection, as far as its protection goes.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Who opened it, and the other end.
    pub ends: [Endpoint; 2],
    /// Its first segment.
    pub first: Moment,
    /// Its last segment.
    pub last: Moment,
    /// How it was closed.
    pub close: Close,
    /// From who opened it; to them.
    pub directions: [DirectionFacts; 2],
    /// Changes of key.
    pub rollovers: Rollovers,
    /// The longest silence.
    pub silence: Silence,
    /// TLS in it.
    pub tls: Option<TlsFacts>,
    /// What came of decrypting it; none where that was not tried.
    pub decrypted: Option<Outcome>,
    /// The session that each direction turned out to be, by its number.
    pub sessions: [Option<u32>; 2],
    /// What it carries.
    pub content: Content,
    /// Sides that sent a SYN at a time that is not asked for.
    pub has_unasked_syn: [bool; 2],
    /// Segments that are not asked for came behind those that are: it may have ended with them.
    pub goes_on_unasked: bool,
    reader: Option<Box<TlsReader>>,
}

/// Watches connections.
#[derive(Debug)]
pub struct Watch {
    keys: Arc<Keys>,
    all: Vec<Watched>,
    /// Places in `all` by the connections' numbers.
    places: HashMap<u32, usize, foldhash::fast::RandomState>,
    /// By the two ends, the lower one first; none where no key is for them.
    verifiers: HashMap<(Endpoint, Endpoint), Option<Verifier>, foldhash::fast::RandomState>,
    ipsec: Ipsec,
    unwatched: u64,
}

/// What was collected.
#[derive(Debug, Clone, Default)]
pub struct Protections {
    /// The connections, in the order of their first segments.
    pub connections: Vec<Watched>,
    /// IPsec traffic.
    pub ipsec: Ipsec,
    /// Segments of connections that found no room.
    pub unwatched: u64,
}

/// Connections kept.
const CONNECTIONS: usize = 1 << 16;

impl Watch {
    /// Watches, and verifies with these keys.
    pub fn new(keys: &Arc<Keys>) -> Watch {
        Watch {
            keys: Arc::clone(keys),
            all: Vec::new(),
            places: HashMap::default(),
            verifiers: HashMap::default(),
            ipsec: Ipsec::default(),
            unwatched: 0,
        }
    }

    /// A segment of a connection.
    pub fn segment(&mut self, connection: &Connection, segment: &Segment<'_>, moment: Moment) {
        let signature = Signature::of(segment);
        let verdict = self.verdict(connection.id, segment, &signature);
        self.take(connection, (segment, &signature, verdict), moment, false);
    }

    /// A SYN in an open connection that nobody followed up: it changes nothing there. Told late, when
    /// that is known.
    pub fn ignored_syn(&mut self, connection: &Connection, segment: &Segment<'_>, moment: Moment) {
        let signature = Signature::of(segment);
        let verdict = match signature.is_signed() {
            true => self.verdict(connection.id, segment, &signature),
            false => Verdict::Unsigned,
        };
        self.take(connection, (segment, &signature, verdict), moment, true);
    }

    fn take(
        &mut self,
        connection: &Connection,
        (segment, signature, verdict): (&Segment<'_>, &Signature<'_>, Verdict),
        moment: Moment,
        is_ignored: bool,
    ) {
        let Some(watched) = self.watched(connection, moment) else {
            self.unwatched += 1;
            return;
        };
        watched.close = connection.close;
        let seen = Seen {
            segment,
            signature,
            verdict,
            class: Class::of(segment),
            is_among_signed: watched.is_signed(),
            is_ignored,
            moment,
        };
        watched.take(&seen);
    }

    /// A segment that is not asked for: it counts nowhere. What follows from it for others, which are the
    /// initial sequence numbers, the keys in use and that there was a handshake, is kept.
    pub fn unasked(&mut self, connection: &Connection, segment: &Segment<'_>, moment: Moment) {
        self.verdict(connection.id, segment, &Signature::of(segment));
        let Some(watched) = self.watched(connection, moment) else {
            return;
        };
        watched.goes_on_unasked |= watched.is_asked();
        let side = watched.side_of(segment);
        if let Some(sent) = watched.has_unasked_syn.get_mut(side) {
            *sent |= segment.flags.syn();
        }
    }

    /// In-order octets of a connection's direction.
    pub fn data(&mut self, connection: u32, side: usize, offset: u64, octets: &[u8]) {
        let place = self.places.get(&connection);
        let Some(watched) = place.and_then(|place| self.all.get_mut(*place)) else {
            return;
        };
        if let Some(reader) = &mut watched.reader
            && !reader.push(side, offset, octets)
        {
            watched.finish_tls();
        }
    }

    /// A packet that is no TCP segment.
    pub fn packet(&mut self, other: &Other, moment: Moment) {
        self.ipsec.add(other, moment);
    }

    /// A connection is over; each direction may have been a session.
    pub fn closed(
        &mut self,
        connection: u32,
        close: Close,
        sessions: [Option<u32>; 2],
        content: Content,
        decrypted: Option<Outcome>,
    ) {
        let place = self.places.get(&connection);
        if let Some(watched) = place.and_then(|place| self.all.get_mut(*place)) {
            watched.close = close;
            watched.sessions = sessions;
            watched.content = content;
            watched.decrypted = decrypted;
            watched.finish_tls();
        }
    }

    /// The captures are over.
    pub fn finish(mut self) -> Protections {
        for watched in &mut self.all {
            watched.finish_tls();
            watched
                .directions
                .iter_mut()
                .for_each(DirectionFacts::finish);
        }
        Protections {
            connections: self.all,
            ipsec: self.ipsec,
            unwatched: self.unwatched,
        }
    }

    fn watched(&mut self, connection: &Connection, moment: Moment) -> Option<&mut Watched> {
        if let Some(place) = self.places.get(&connection.id) {
            return self.all.get_mut(*place);
        }
        if self.all.len() >= CONNECTIONS {
            return None;
        }
        self.places.insert(connection.id, self.all.len());
        self.all.push(Watched::new(connection, moment));
        self.all.last_mut()
    }

    fn verdict(
        &mut self,
        connection: u32,
        segment: &Segment<'_>,
        signature: &Signature<'_>,
    ) -> Verdict {
        if signature.is_unseen && !segment.flags.syn() {
            return Verdict::NotVerifiable(Reason::Snaplen);
        }
        // A SYN matters even where it is not signed: it tells the initial sequence number.
        if !signature.is_signed() && !segment.flags.syn() {
            return Verdict::Unsigned;
        }
        let (source, destination) = (segment.source, segment.destination);
        let ends = (source.min(destination), source.max(destination));
        if self.verifiers.len() < CONNECTIONS && !self.keys.keys.is_empty() {
            let keys = &self.keys;
            let make = || Verifier::new(keys, ends.0, ends.1);
            self.verifiers.entry(ends).or_insert_with(make);
        }
        match self.verifiers.get_mut(&ends) {
            Some(Some(verifier)) => verifier.verify(connection, segment, signature),
            _ if signature.is_unseen => Verdict::NotVerifiable(Reason::Snaplen),
            _ if signature.is_signed() => Verdict::NotVerifiable(Reason::NoKey),
            _ => Verdict::Unsigned,
        }
    }
}

impl Watched {
    fn new(connection: &Connection, moment: Moment) -> Watched {
        Watched {
            ends: [connection.initiator, connection.responder],
            first: moment,
            last: moment,
            close: Close::Open,
            directions: [DirectionFacts::default(), DirectionFacts::default()],
            rollovers: Rollovers::default(),
            silence: Silence::default(),
            tls: None,
            decrypted: None,
            sessions: [None, None],
            content: Content::Nothing,
            has_unasked_syn: [false; 2],
            goes_on_unasked: false,
            reader: Some(Box::default()),
        }
    }

    /// A segment in either direction was signed.
    pub fn is_signed(&self) -> bool {
        self.directions.iter().any(|direction| direction.signed > 0)
    }

    /// Any of its segments was asked for.
    pub fn is_asked(&self) -> bool {
        self.directions.iter().any(|facts| facts.segments > 0)
    }

    fn side_of(&self, segment: &Segment<'_>) -> usize {
        usize::from(segment.source != self.ends[0])
    }

    fn take(&mut self, seen: &Seen<'_>) {
        if !self.is_asked() {
            (self.first, self.last) = (seen.moment, seen.moment);
        }
        let side = self.side_of(seen.segment);
        let [first, second] = &mut self.directions;
        let (own, other) = match side {
            0 => (first, second),
            _ => (second, first),
        };
        if seen.is_ignored {
            return own.sent(seen, false);
        }
        self.silence.passed(self.last, seen.moment);
        self.last = seen.moment;
        let next = own.liveness.next;
        own.sent(seen, other.liveness.closed_since.is_some());
        // Where few segments are signed, those that are may be the forged ones.
        let is_credible = seen.signature.is_signed() || own.signed <= own.segments / 2;
        other.answered_by(seen, is_credible);
        // Old segments that arrive late name old keys; a keepalive repeats one octet.
        let is_new = next.is_none_or(|next| {
            unsigned::is_at_or_behind(seen.segment.sequence, next.wrapping_sub(1))
        });
        if let Some(ao) = seen.signature.ao.filter(|_| is_new) {
            self.rollovers.add(side, &ao, seen.moment);
        }
    }

    fn finish_tls(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.tls = reader.finish();
        }
    }
}
