//! All TLS connections of a run: which connections are TLS at all, and how much is held for them.

use super::connection::{Connection, Work};
use super::key_log::KeyLog;
use super::keys::Credit;
use super::outcome::{Outcome, Problems};
use super::probe::{Beginning, Probe};
use super::side::Why;
use crate::stream::{DirectionId, Gap, Moment};
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

impl Closed {
    /// It looks like TLS, and neither hello was captured.
    fn without_handshake() -> Closed {
        Closed {
            outcome: Outcome::NoHandshake,
            records: 0,
            problems: Problems::default(),
        }
    }
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
    /// The first octets of each direction, too few to tell; or of one direction that begins like TLS
    /// records behind a hello, which the other direction's hello may explain.
    Probing(Box<[Probe; 2]>),
    /// No TLS, or none that can be read. The flag: it begins like TLS records.
    Other(bool),
    Tls(Box<Connection>),
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
                let before = probe.held();
                probe.add(offset, octets, moment);
                let more = probe.held() - before;
                self.probed(direction, more, out);
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
                if !probe.is_some_and(|probe| probe.add_gap(gap)) {
                    self.pass_on(direction, out);
                    out.raw_gap(direction, gap);
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
            State::Other(is_tls) => is_tls.then(Closed::without_handshake),
            State::Probing(probes) => {
                self.held = self.held.saturating_sub(held(&probes));
                let is_tls = is_tls(&probes);
                pass_on(connection, *probes, out);
                is_tls.then(Closed::without_handshake)
            }
        }
    }

    /// More octets of a direction were probed.
    fn probed(&mut self, direction: DirectionId, more: usize, out: &mut dyn Output) {
        self.held += more;
        let has_room = self.held <= HELD;
        let State::Probing(probes) = self.state(direction) else {
            return;
        };
        let beginnings = probes.each_ref().map(Probe::beginning);
        if beginnings.contains(&Beginning::Hello) {
            return self.begin(direction, out);
        }
        let is_other = beginnings.contains(&Beginning::Other)
            || beginnings == [Beginning::Later, Beginning::Later];
        if is_other || !has_room || probes.iter().any(Probe::is_full) {
            self.pass_on(direction, out);
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
        self.held = self.held.saturating_sub(held(&probes));
        // The hello first: what the other direction has may have to wait for it.
        let mut probes: Vec<_> = probes.into_iter().enumerate().collect();
        probes.sort_by_key(|(_, probe)| probe.beginning() != Beginning::Hello);
        for (side, probe) in probes {
            let direction = DirectionId::new(id, side);
            self.within(direction, out, |connection, side, work| {
                if let Some(gap) = probe.gap {
                    connection.gap(side, gap, work);
                }
                for (_, octets, moment) in probe.pieces() {
                    connection.data(side, octets, moment, work);
                    work.credit.earn(octets.len());
                }
            });
        }
    }

    /// It is no TLS: what was held goes on as it came.
    fn pass_on(&mut self, direction: DirectionId, out: &mut dyn Output) {
        let id = direction.connection();
        let Some(State::Probing(probes)) = self.connections.remove(&id) else {
            return;
        };
        self.held = self.held.saturating_sub(held(&probes));
        self.connections.insert(id, State::Other(is_tls(&probes)));
        pass_on(id, *probes, out);
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
        for (offset, octets, moment) in probe.pieces() {
            out.raw(direction, offset, octets, moment);
        }
    }
}

fn held(probes: &[Probe; 2]) -> usize {
    probes.iter().map(Probe::held).sum()
}

/// Whether what is there looks like TLS without its hellos.
fn is_tls(probes: &[Probe; 2]) -> bool {
    let beginnings = probes.each_ref().map(Probe::beginning);
    beginnings.contains(&Beginning::Later) && !beginnings.contains(&Beginning::Other)
}
