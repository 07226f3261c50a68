//! All TLS connections of a run: which connections are TLS at all, and how much is held for them.

use super::connection::{Connection, Work};
use super::key_log::KeyLog;
use super::keys::Credit;
use super::outcome::{Outcome, Problems};
use super::record::{Header, begins_with_hello};
use super::side::Why;
use crate::stream::{DirectionId, Gap, GapCause, Moment};
use std::collections::HashMap;
use std::sync::Arc;

/// Takes what comes out.
pub trait Output {
    /// Octets of a connection that is no TLS, or whose handshake was not captured, as they came.
    fn raw(&mut self, direction: DirectionId, offset: u64, octets: &[u8], moment: Moment);

    /// A gap of such a connection, as it came.
    fn raw_gap(&mut self, direction: DirectionId, gap: Gap);

    /// Plaintext, in order, never none: `offset` counts its octets. `moment` is that of the segment
    /// that completed its record.
    fn plain(&mut self, direction: DirectionId, offset: u64, octets: &[u8], moment: Moment);

    /// Plaintext that is not there.
    fn lost(&mut self, direction: DirectionId, lost: Lost);
}

/// A range of plaintext that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Octets from the start of the plaintext.
    pub offset: u64,
    /// Octets: as many as were lost of the records, without what was not content. Where it is not
    /// known how many records that were, this is the most that it can have been.
    pub length: u64,
    /// Why.
    pub why: Why,
    /// The segment that completed the record before it.
    pub before: Moment,
    /// The segment that completed the record behind it.
    pub after: Moment,
}

/// What there is to say of a connection in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// What became of it.
    pub outcome: Outcome,
    /// Records that were opened.
    pub records: u64,
    /// What was odd.
    pub problems: Problems,
}

/// Decrypts the TLS connections that key logs have secrets for.
#[derive(Debug)]
pub struct Decryption {
    log: Arc<KeyLog>,
    connections: HashMap<u32, State, foldhash::fast::RandomState>,
    credit: Credit,
    /// Octets held for all connections.
    held: usize,
}

#[derive(Debug)]
enum State {
    /// The first octets of each direction, too few to tell.
    Probing(Box<[Probe; 2]>),
    /// No TLS, or none that can be read. The flag: it begins like TLS records.
    Other(bool),
    Tls(Box<Connection>),
}

/// The first octets of a direction.
#[derive(Debug, Default)]
struct Probe {
    gap: Option<Gap>,
    octets: Vec<u8>,
    moment: Moment,
}

/// Octets held for all connections. Past it, those that need more are given up.
const HELD: usize = 64 << 20;

impl Decryption {
    /// Decrypts with the secrets of these logs.
    pub fn new(log: &Arc<KeyLog>) -> Decryption {
        Decryption {
            log: Arc::clone(log),
            connections: HashMap::default(),
            credit: Credit::default(),
            held: 0,
        }
    }

    /// In-order octets of a direction.
    pub fn data(
        &mut self,
        direction: DirectionId,
        offset: u64,
        octets: &[u8],
        moment: Moment,
        out: &mut dyn Output,
    ) {
        match self.state(direction) {
            State::Other(_) => out.raw(direction, offset, octets, moment),
            State::Tls(_) => self.within(direction, out, |connection, side, work| {
                connection.data(side, octets, moment, work);
                work.credit.earn(octets.len());
            }),
            State::Probing(probes) => {
                let Some(probe) = probes.get_mut(direction.side()) else {
                    return;
                };
                probe.octets.extend_from_slice(octets);
                probe.moment = moment;
                let octets = probe.octets.as_slice();
                match begins_with_hello(octets) {
                    None => {}
                    Some(true) => self.begin(direction, out),
                    Some(false) => {
                        let header = Header::read(octets);
                        let is_tls = header.is_some_and(|header| header.may_be_protected(false));
                        self.pass_on(direction, is_tls, out);
                    }
                }
            }
        }
    }

    /// A gap of a direction.
    pub fn gap(&mut self, direction: DirectionId, gap: Gap, out: &mut dyn Output) {
        match self.state(direction) {
            State::Other(_) => out.raw_gap(direction, gap),
            State::Tls(_) => self.within(direction, out, |connection, side, work| {
                connection.gap(side, gap, work);
            }),
            State::Probing(probes) => {
                let probe = probes.get_mut(direction.side());
                match probe {
                    // What follows may begin with a hello all the same.
                    Some(probe) if gap.cause == GapCause::MidStreamStart => probe.gap = Some(gap),
                    _ => {
                        self.pass_on(direction, false, out);
                        out.raw_gap(direction, gap);
                    }
                }
            }
        }
    }

    /// A connection is over. None: it is no TLS.
    pub fn close(&mut self, connection: u32, out: &mut dyn Output) -> Option<Closed> {
        match self.connections.remove(&connection)? {
            State::Tls(tls) => {
                self.held = self.held.saturating_sub(tls.held());
                Some(tls.close(&mut Work {
                    log: &self.log,
                    credit: &mut self.credit,
                    out,
                }))
            }
            State::Other(is_tls) => is_tls.then(|| Closed {
                outcome: Outcome::NoHandshake,
                records: 0,
                problems: Problems::default(),
            }),
            State::Probing(probes) => {
                pass_on(connection, *probes, out);
                None
            }
        }
    }

    fn state(&mut self, direction: DirectionId) -> &mut State {
        let state = self.connections.entry(direction.connection());
        state.or_insert_with(|| State::Probing(Box::default()))
    }

    /// A hello came: what each direction has had so far goes through.
    fn begin(&mut self, direction: DirectionId, out: &mut dyn Output) {
        let id = direction.connection();
        let tls = State::Tls(Box::new(Connection::new(id)));
        let Some(State::Probing(probes)) = self.connections.insert(id, tls) else {
            return;
        };
        for (side, probe) in probes.into_iter().enumerate() {
            if !probe.octets.is_empty() {
                let direction = DirectionId::new(id, side);
                self.within(direction, out, |connection, side, work| {
                    connection.data(side, &probe.octets, probe.moment, work);
                    work.credit.earn(probe.octets.len());
                });
            }
        }
    }

    /// It is no TLS: what was held goes on as it came.
    fn pass_on(&mut self, direction: DirectionId, is_tls: bool, out: &mut dyn Output) {
        let id = direction.connection();
        if let Some(State::Probing(probes)) = self.connections.insert(id, State::Other(is_tls)) {
            pass_on(id, *probes, out);
        }
    }

    /// Does something with a TLS connection, within the bound of what may be held.
    fn within(
        &mut self,
        direction: DirectionId,
        out: &mut dyn Output,
        act: impl FnOnce(&mut Connection, usize, &mut Work<'_>),
    ) {
        let Some(State::Tls(connection)) = self.connections.get_mut(&direction.connection()) else {
            return;
        };
        let before = connection.held();
        let mut work = Work {
            log: &self.log,
            credit: &mut self.credit,
            out,
        };
        act(connection, direction.side(), &mut work);
        let mut held = self.held.saturating_sub(before) + connection.held();
        if held > HELD && connection.held() > before {
            held -= connection.held();
            connection.give_up(Outcome::TooMuchHeld);
            held += connection.held();
        }
        self.held = held;
    }
}

fn pass_on(connection: u32, probes: [Probe; 2], out: &mut dyn Output) {
    for (side, probe) in probes.into_iter().enumerate() {
        let direction = DirectionId::new(connection, side);
        if let Some(gap) = probe.gap {
            out.raw_gap(direction, gap);
        }
        if !probe.octets.is_empty() {
            // The first octets of a stream stand at its offset 0: a gap before them would have ended
            // the probe.
            out.raw(direction, 0, &probe.octets, probe.moment);
        }
    }
}
