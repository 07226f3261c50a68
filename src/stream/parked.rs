//! SYNs in an open connection, with another initial sequence number: forged, or the beginning of the
//! next connection on the same addresses and ports. They are kept aside until something tells.
//!
//! SYN-ACKs are, too: they are believed once the other end goes on with their numbers.
//!
//! A SYN is believed once the other end answers it, or once its own side goes on behind it with
//! numbers that are not those of the open connection. An ACK of the old numbers, as RFC 5961 4 asks
//! for, is no answer. What is never believed belongs to the open connection where its sender went on
//! there, and begins a connection of its own where nothing more came of it.

use crate::net::Endpoint;
use crate::packet::{Carriage, Flags, Segment};
use crate::stream::Moment;
use crate::stream::direction::Direction;
use crate::stream::entry::{Entry, other};
use crate::stream::event::{Consumer, DirectionId, FindingKind, StreamFinding};
use crate::stream::incarnation::{AFTER_FIN, OLD_DATA, SYN_DATA};

/// What waits in one connection, each in the order in which it came.
#[derive(Debug, Default)]
pub(super) struct Parking {
    syns: Vec<Parked>,
    /// Data without a signature in a direction that signs.
    pub(super) unsigned: Vec<Parked>,
    /// Data behind a FIN of its own direction.
    pub(super) behind: Vec<Parked>,
}

impl Parking {
    fn all(&self) -> impl Iterator<Item = &Parked> {
        self.syns.iter().chain(&self.unsigned).chain(&self.behind)
    }
}

/// A segment that waits.
#[derive(Debug)]
pub(super) struct Parked {
    /// Who sent it.
    pub(super) side: usize,
    /// Its sender went on in the open connection.
    is_passed_over: bool,
    /// Something followed it up.
    is_believed: bool,
    source: Endpoint,
    destination: Endpoint,
    sequence: u32,
    acknowledgment: u32,
    flags: Flags,
    window: u16,
    header: Vec<u8>,
    payload: Vec<u8>,
    missing: u32,
    carriage: Carriage,
    /// Where it was captured.
    pub(super) moment: Moment,
}

/// SYNs that wait in one connection. The first one is kept longest: it tells when it began.
const PARKED: usize = 16;

impl Parked {
    pub(super) fn new(side: usize, segment: &Segment<'_>, moment: Moment) -> Parked {
        Parked {
            side,
            is_passed_over: false,
            is_believed: false,
            source: segment.source,
            destination: segment.destination,
            sequence: segment.sequence,
            acknowledgment: segment.acknowledgment,
            flags: segment.flags,
            window: segment.window,
            header: segment.header.to_vec(),
            payload: segment.payload.to_vec(),
            missing: segment.missing,
            carriage: segment.carriage,
            moment,
        }
    }

    /// The segment as it came.
    pub(super) fn segment(&self) -> Segment<'_> {
        Segment {
            source: self.source,
            destination: self.destination,
            sequence: self.sequence,
            acknowledgment: self.acknowledgment,
            flags: self.flags,
            window: self.window,
            header: &self.header,
            payload: &self.payload,
            missing: self.missing,
            carriage: self.carriage,
        }
    }

    /// Octets of data on it.
    fn data(&self) -> u32 {
        // A payload is shorter than 4 GiB: it was in one packet.
        (self.payload.len() as u32).wrapping_add(self.missing)
    }

    fn charge(&self) -> usize {
        size_of::<Parked>() + self.header.len() + self.payload.len()
    }
}

impl Entry {
    /// The connection is open and has carried data: a SYN alone does not end it.
    pub(super) fn outlives_syn(&self) -> bool {
        let has_data = |direction: &Direction| direction.has_progress() || direction.charge() > 0;
        !self.is_closed() && self.directions.iter().any(has_data)
    }

    /// What waits costs in memory.
    pub(super) fn parked_charge(&self) -> usize {
        let parked = self.parking.iter().flat_map(|parking| parking.all());
        parked.map(Parked::charge).sum()
    }

    /// Nothing waits: the connection goes the short way again.
    pub(super) fn unpark(&mut self) {
        let parking = self.parking.take();
        self.parking = parking.filter(|parking| parking.all().next().is_some());
    }

    fn take_syns(&mut self) -> Vec<Parked> {
        let parking = self.parking.as_mut();
        let syns = parking.map_or(Vec::new(), |parking| std::mem::take(&mut parking.syns));
        self.unpark();
        syns
    }

    /// Keeps a SYN aside. Where too many wait, one of them is of the open connection.
    pub(super) fn park<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let parking = self.parking.get_or_insert_default();
        parking.syns.push(Parked::new(side, segment, moment));
        if parking.syns.len() > PARKED {
            let passed_over = parking.syns.iter().position(|syn| syn.is_passed_over);
            let syn = parking.syns.remove(passed_over.unwrap_or(1));
            self.dismiss(&syn, consumer);
        }
    }

    /// Looks at a segment with the SYNs that wait. True: it follows one of them up, and belongs to
    /// the connection that begins with it.
    pub(super) fn believes(&mut self, side: usize, segment: &Segment<'_>) -> bool {
        let Some(mut parking) = self.parking.take() else {
            return false;
        };
        let mut is_any = false;
        for syn in &mut parking.syns {
            syn.is_believed = self.is_followed_up(syn, side, segment);
            is_any |= syn.is_believed;
        }
        if !is_any && self.goes_on(side, segment) {
            let own = parking.syns.iter_mut().filter(|syn| syn.side == side);
            own.for_each(|syn| syn.is_passed_over = true);
        }
        self.parking = Some(parking);
        is_any
    }

    fn is_followed_up(&self, syn: &Parked, side: usize, segment: &Segment<'_>) -> bool {
        let facts = self.connection.sides.get(side);
        // Who signed before may do without in the next connection, but a handshake alone is no proof.
        if segment.payload.is_empty() && facts.is_some_and(|facts| facts.lacks_signature(segment)) {
            return false;
        }
        match side == syn.side {
            true => self.is_continued(syn, side, segment),
            false if syn.flags.ack() => self.is_established(syn, side, segment),
            false => self.is_answered(syn, side, segment),
        }
    }

    /// A SYN-ACK, and the other end goes on with both of its numbers, which are not those of the open
    /// connection.
    fn is_established(&self, syn: &Parked, side: usize, segment: &Segment<'_>) -> bool {
        let flags = segment.flags;
        let first = syn.sequence.wrapping_add(1);
        let is_next = segment.sequence.wrapping_sub(syn.acknowledgment) <= SYN_DATA;
        let acknowledges = segment.acknowledgment.wrapping_sub(first) <= syn.data();
        if flags.syn() || flags.rst() || !is_next || (flags.ack() && !acknowledges) {
            return false;
        }
        let is_far = |side: usize, number: u32| {
            let direction = self.directions.get(side);
            let is_far = |direction: &Direction| direction.ahead(number).abs() > AFTER_FIN;
            direction.is_some_and(|direction| !direction.is_blank() && is_far(direction))
        };
        is_far(side, segment.sequence) || (flags.ack() && is_far(syn.side, segment.acknowledgment))
    }

    /// Its own side goes on behind it: right behind it, or in a window behind it with numbers that
    /// are not those of the open connection.
    fn is_continued(&self, syn: &Parked, side: usize, segment: &Segment<'_>) -> bool {
        let (Some(direction), flags) = (self.directions.get(side), segment.flags) else {
            return false;
        };
        let distance = segment.sequence.wrapping_sub(syn.sequence.wrapping_add(1));
        if flags.syn() || flags.rst() || i64::from(distance) > OLD_DATA {
            return false;
        }
        let is_next = distance == 0 || distance == syn.data();
        let reach = if is_next { AFTER_FIN } else { OLD_DATA };
        let known = direction.acknowledgment().filter(|_| flags.ack());
        let has_own_acknowledgment =
            known.is_none_or(|known| is_near(segment.acknowledgment, known));
        direction.is_blank()
            || direction.ahead(segment.sequence).abs() > reach
            || !has_own_acknowledgment
    }

    /// The other end acknowledges it, and not with numbers of the open connection.
    fn is_answered(&self, syn: &Parked, side: usize, segment: &Segment<'_>) -> bool {
        let flags = segment.flags;
        let acknowledged = segment.acknowledgment.wrapping_sub(syn.sequence);
        let most = match flags.syn() {
            true => SYN_DATA,
            false => syn.data().saturating_add(1),
        };
        if !flags.ack() || !(1..=most).contains(&acknowledged) {
            return false;
        }
        let (Some(direction), Some(facts)) =
            (self.directions.get(side), self.connection.sides.get(side))
        else {
            return false;
        };
        if flags.syn() {
            return facts.initial_sequence != Some(segment.sequence);
        }
        let own = self.directions.get(other(side));
        let is_refusal = flags.rst() && segment.sequence == 0;
        match direction.is_blank() || is_refusal {
            // Only what it acknowledges tells: not what the open connection has come to.
            true => own.is_none_or(|own| own.ahead(segment.acknowledgment).abs() > AFTER_FIN),
            false => direction.ahead(segment.sequence).abs() > OLD_DATA,
        }
    }

    /// A side goes on in the open connection.
    fn goes_on(&self, side: usize, segment: &Segment<'_>) -> bool {
        let is_plain = !segment.flags.syn() && !segment.flags.rst();
        let is_near = |direction: &Direction| {
            direction.is_blank() || direction.ahead(segment.sequence).abs() <= OLD_DATA
        };
        is_plain && self.directions.get(side).is_some_and(is_near)
    }

    /// The connection is over, or another one begins: the SYNs of the next one, those that were
    /// believed last. The others are its own.
    pub(super) fn successors<C: Consumer>(&mut self, consumer: &mut C) -> Vec<Parked> {
        let is_next = |syn: &Parked| syn.is_believed || !syn.is_passed_over;
        let (mut next, own): (Vec<Parked>, Vec<Parked>) =
            self.take_syns().into_iter().partition(is_next);
        own.iter().for_each(|syn| self.dismiss(syn, consumer));
        next.sort_by_key(|syn| syn.is_believed);
        next
    }

    /// Too much is held over all connections.
    pub(super) fn dismiss_all<C: Consumer>(&mut self, consumer: &mut C) {
        self.take_syns()
            .iter()
            .for_each(|syn| self.dismiss(syn, consumer));
    }

    /// A SYN is of this connection, and changes nothing in it.
    fn dismiss<C: Consumer>(&mut self, syn: &Parked, consumer: &mut C) {
        let segment = syn.segment();
        let direction = DirectionId::new(self.connection.id, syn.side);
        if let Some(facts) = self.connection.sides.get_mut(syn.side) {
            facts.count_ignored(syn.moment);
        }
        consumer.finding(StreamFinding {
            kind: FindingKind::SynIgnored,
            direction,
            offset: None,
            length: 0,
            moment: syn.moment,
        });
        consumer.settled(&self.connection, &segment, syn.moment, true);
    }
}

/// Acknowledgment numbers of one connection.
fn is_near(one: u32, other: u32) -> bool {
    i64::from(one.wrapping_sub(other) as i32).abs() <= OLD_DATA
}
