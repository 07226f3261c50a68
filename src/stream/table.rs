//! All connections: finding the one a segment belongs to, and forgetting those too many.

use crate::net::Endpoint;
use crate::packet::Segment;
use crate::stream::connection::Connection;
use crate::stream::entry::Entry;
use crate::stream::event::{Consumer, DirectionId, FindingKind, StreamFinding};
use crate::stream::{Bounds, Moment};
use foldhash::fast::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// The TCP connections of a capture. Feed it every segment in capture order, then
/// [`Connections::finish`]. What it does depends on nothing but the segments and their order.
#[derive(Debug)]
pub struct Connections {
    bounds: Bounds,
    /// Never iterated: what the hashes are makes no difference.
    table: HashMap<Key, u32, RandomState>,
    /// Connection number to slot.
    numbers: HashMap<u32, u32, RandomState>,
    slots: Vec<Option<Entry>>,
    free: Vec<u32>,
    /// Closed connections, each with the segment count at which it is looked at again.
    closing: VecDeque<(u64, u32, u32)>,
    next_due: u64,
    /// Connections that were reported as closed: the first to be forgotten.
    done: VecDeque<(u32, u32)>,
    /// The slot that is next to be forgotten if nothing comes to it.
    hand: u32,
    next_number: u32,
    /// Segments so far.
    tick: u64,
    held: usize,
    /// Slots by the ports' low bits: the connections of nearly all segments.
    recent: Box<[u32; RECENT]>,
}

impl Connections {
    /// No connections yet.
    pub fn new(bounds: Bounds) -> Connections {
        Connections {
            bounds,
            table: HashMap::default(),
            numbers: HashMap::default(),
            slots: Vec::new(),
            free: Vec::new(),
            closing: VecDeque::new(),
            next_due: u64::MAX,
            done: VecDeque::new(),
            hand: 0,
            next_number: 0,
            tick: 0,
            held: 0,
            recent: Box::new([0; RECENT]),
        }
    }

    /// Takes the next segment of the capture.
    pub fn segment<C: Consumer>(
        &mut self,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        self.tick += 1;
        if self.tick >= self.next_due {
            self.expire(consumer);
        }
        let Some((slot, side)) = self.find(segment) else {
            return self.open(segment, moment, consumer);
        };
        let Some(entry) = entry(&mut self.slots, slot) else {
            return;
        };
        entry.tick = self.tick;
        if !entry.pass(side, segment, moment, consumer, &self.bounds) {
            self.receive(slot, side, segment, moment, consumer);
        }
    }

    /// The capture is over: everything held goes on, and every connection is reported as closed, in
    /// the order of their numbers. Nothing is left; numbers go on.
    pub fn finish<C: Consumer>(&mut self, consumer: &mut C) {
        let mut entries: Vec<Entry> = self.slots.drain(..).flatten().collect();
        entries.sort_unstable_by_key(|entry| entry.connection.id);
        for entry in &mut entries {
            entry.close(consumer, &self.bounds);
        }
        let (next_number, tick) = (self.next_number, self.tick);
        *self = Connections {
            next_number,
            tick,
            ..Connections::new(self.bounds)
        };
    }

    /// A connection that has not been forgotten: one that is open, or was closed not long ago.
    pub fn connection(&self, number: u32) -> Option<&Connection> {
        let slot = *self.numbers.get(&number)?;
        let entry = self.slots.get(slot as usize)?.as_ref()?;
        Some(&entry.connection)
    }

    /// What is held out of order costs about so many octets.
    pub fn held_octets(&self) -> usize {
        self.held
    }

    #[cfg(test)]
    pub(super) fn queued(&self) -> usize {
        self.closing.len() + self.done.len()
    }

    /// The slot and the side of a segment.
    #[inline]
    fn find(&mut self, segment: &Segment<'_>) -> Option<(u32, usize)> {
        let recent = self.recent.get_mut(recent(segment))?;
        if let Some(side) = side(&self.slots, *recent, segment) {
            return Some((*recent, side));
        }
        let slot = *self.table.get(&Key::of(segment))?;
        *recent = slot;
        Some((slot, side(&self.slots, slot, segment)?))
    }

    #[cold]
    fn open<C: Consumer>(&mut self, segment: &Segment<'_>, moment: Moment, consumer: &mut C) {
        if self.table.len() >= self.bounds.connections {
            self.evict(moment, consumer);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            // There are fewer connections than 2^32: their number is bounded.
            (self.slots.len() - 1) as u32
        });
        self.table.insert(Key::of(segment), slot);
        self.begin(slot, 0, segment, moment, consumer);
    }

    /// Puts a new connection into a slot.
    fn begin<C: Consumer>(
        &mut self,
        slot: u32,
        incarnation: u32,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let number = self.next_number;
        self.next_number = number.wrapping_add(1) & LAST_NUMBER;
        self.numbers.insert(number, slot);
        let connection = Connection::new(number, incarnation, segment, moment);
        let side = connection.side(segment).unwrap_or(0);
        consumer.opened(number, &connection);
        let mut entry = Entry::new(connection);
        (entry.tick, entry.looked) = (self.tick, self.tick);
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(entry);
        }
        self.apply(slot, side, segment, moment, consumer);
    }

    /// Everything but in-order data and bare acknowledgments.
    #[cold]
    fn receive<C: Consumer>(
        &mut self,
        slot: u32,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let Some(entry) = entry(&mut self.slots, slot) else {
            return;
        };
        if entry.is_succeeded_by(side, segment) {
            return self.replace(slot, segment, moment, consumer);
        }
        self.apply(slot, side, segment, moment, consumer);
    }

    /// Takes a segment of the connection in a slot.
    fn apply<C: Consumer>(
        &mut self,
        slot: u32,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let Some(entry) = entry(&mut self.slots, slot) else {
            return;
        };
        let before = entry.charge();
        entry.receive(side, segment, moment, consumer, &self.bounds);
        self.held = (self.held + entry.charge()).saturating_sub(before);
        if entry.is_closed() && !entry.is_queued && !entry.is_done {
            entry.is_queued = true;
            let number = entry.connection.id;
            self.wait(slot, number);
        }
        if self.held > self.bounds.held_octets_total {
            self.relieve(moment, consumer);
        }
    }

    /// Another connection on the same addresses and ports.
    fn replace<C: Consumer>(
        &mut self,
        slot: u32,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let Some(mut old) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        self.held = self.held.saturating_sub(old.charge());
        old.close(consumer, &self.bounds);
        self.numbers.remove(&old.connection.id);
        let incarnation = old.connection.incarnation.saturating_add(1);
        self.begin(slot, incarnation, segment, moment, consumer);
    }
}

/// Bounded memory.
impl Connections {
    /// Looks at a closed connection again after a number of segments. The queue is no longer than
    /// twice that number: each segment adds one at most.
    fn wait(&mut self, slot: u32, number: u32) {
        let due = self.tick.saturating_add(self.bounds.linger);
        self.closing.push_back((due, slot, number));
        self.next_due = self.closing.front().map_or(u64::MAX, |(due, ..)| *due);
    }

    /// Reports closed connections to which nothing has come for a while.
    #[cold]
    fn expire<C: Consumer>(&mut self, consumer: &mut C) {
        while let Some((_, slot, number)) = self.closing.pop_front_if(|(due, ..)| *due <= self.tick)
        {
            let found = entry(&mut self.slots, slot);
            let Some(entry) = found.filter(|entry| entry.connection.id == number) else {
                continue;
            };
            entry.is_queued = entry.is_closed();
            if !entry.is_queued {
                continue;
            }
            if entry.tick.saturating_add(self.bounds.linger) > self.tick {
                self.wait(slot, number);
                continue;
            }
            let before = entry.charge();
            entry.close(consumer, &self.bounds);
            self.held = (self.held + entry.charge()).saturating_sub(before);
            self.report(slot, number);
        }
        self.next_due = self.closing.front().map_or(u64::MAX, |(due, ..)| *due);
    }

    /// Forgets one connection: one that was reported, else one that is closed, else one to which
    /// nothing came since the hand passed it last. Skipping one is paid for by its segments.
    #[cold]
    fn evict<C: Consumer>(&mut self, moment: Moment, consumer: &mut C) {
        while let Some((slot, number)) = self.done.pop_front() {
            if self.is_closed(slot, number) {
                return self.forget(slot, moment, consumer);
            }
        }
        while let Some((_, slot, number)) = self.closing.pop_front() {
            if self.is_closed(slot, number) {
                return self.forget(slot, moment, consumer);
            }
        }
        // The first turn clears what the second one looks at.
        for _ in 0..=self.slots.len().saturating_mul(2) {
            let slot = self.hand;
            self.hand = if (slot as usize) + 1 < self.slots.len() {
                slot + 1
            } else {
                0
            };
            let Some(entry) = entry(&mut self.slots, slot) else {
                continue;
            };
            if entry.looked == entry.tick {
                return self.forget(slot, moment, consumer);
            }
            entry.looked = entry.tick;
        }
    }

    /// The slot still has that connection, and it is closed.
    fn is_closed(&self, slot: u32, number: u32) -> bool {
        let entry = self.slots.get(slot as usize).and_then(Option::as_ref);
        entry.is_some_and(|entry| entry.connection.id == number && entry.is_closed())
    }

    /// Remembers a connection that was reported. Those that were replaced since are dropped when
    /// they are many.
    fn report(&mut self, slot: u32, number: u32) {
        if self.done.len() > self.bounds.connections.saturating_mul(2) {
            let mut done = std::mem::take(&mut self.done);
            done.retain(|(slot, number)| self.is_closed(*slot, *number));
            self.done = done;
        }
        self.done.push_back((slot, number));
    }

    fn forget<C: Consumer>(&mut self, slot: u32, moment: Moment, consumer: &mut C) {
        let Some(mut old) = self.slots.get_mut(slot as usize).and_then(Option::take) else {
            return;
        };
        let number = old.connection.id;
        if !old.is_closed() {
            let kind = FindingKind::ConnectionEvicted;
            let direction = DirectionId::new(number, 0);
            consumer.finding(StreamFinding {
                kind,
                direction,
                offset: None,
                length: 0,
                moment,
            });
        }
        self.held = self.held.saturating_sub(old.charge());
        old.close(consumer, &self.bounds);
        self.numbers.remove(&number);
        self.table.remove(&Key::between(
            old.connection.initiator,
            old.connection.responder,
        ));
        self.free.push(slot);
    }

    /// Too much is held in all: the connections that hold most give up their holes, until a quarter
    /// of the bound is free. Many at once, so that each costs little.
    #[cold]
    fn relieve<C: Consumer>(&mut self, moment: Moment, consumer: &mut C) {
        let mut holders: Vec<(usize, u32, u32)> = self
            .slots
            .iter()
            .zip(0u32..)
            .filter_map(|(entry, slot)| {
                let entry = entry.as_ref()?;
                Some((entry.charge(), entry.connection.id, slot)).filter(|row| row.0 > 0)
            })
            .collect();
        holders.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (charge, _, slot) in holders {
            if self.held <= self.bounds.held_octets_total / 4 * 3 {
                return;
            }
            let Some(entry) = entry(&mut self.slots, slot) else {
                continue;
            };
            entry.give_up(moment, consumer, &self.bounds);
            self.held = (self.held + entry.charge()).saturating_sub(charge);
        }
    }
}

#[inline]
fn entry(slots: &mut [Option<Entry>], slot: u32) -> Option<&mut Entry> {
    slots.get_mut(slot as usize)?.as_mut()
}

/// Which side of the connection in a slot sent a segment, if it is that connection's.
#[inline]
fn side(slots: &[Option<Entry>], slot: u32, segment: &Segment<'_>) -> Option<usize> {
    slots.get(slot as usize)?.as_ref()?.connection.side(segment)
}

/// The place of a segment's connection among the recent ones: the same for both directions.
#[inline]
fn recent(segment: &Segment<'_>) -> usize {
    usize::from(segment.source.port ^ segment.destination.port) % RECENT
}

/// Places for recent connections.
const RECENT: usize = 1024;

/// Two endpoints in order, so that both directions find the same connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    low: u128,
    high: u128,
    /// Both ports, and in which family.
    ports: u64,
}

impl Key {
    #[inline]
    fn of(segment: &Segment<'_>) -> Key {
        Key::between(segment.source, segment.destination)
    }

    #[inline]
    fn between(a: Endpoint, b: Endpoint) -> Key {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        // A router may have both families on one link, never in one packet.
        let family = u64::from(low.address.is_ipv6());
        Key {
            low: bits(low.address),
            high: bits(high.address),
            ports: u64::from(low.port) << 32 | u64::from(high.port) << 8 | family,
        }
    }
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.low);
        state.write_u128(self.high);
        state.write_u64(self.ports);
    }
}

#[inline]
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// A direction's number has one bit more.
const LAST_NUMBER: u32 = u32::MAX >> 1;
