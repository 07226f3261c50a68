//! All connections: finding the one a segment belongs to, and forgetting those too many.

use crate::packet::Segment;
use crate::stream::connection::Connection;
use crate::stream::entry::Entry;
use crate::stream::event::Consumer;
use crate::stream::key::Key;
use crate::stream::parked::Parked;
use crate::stream::{Bounds, Moment};
use foldhash::fast::RandomState;
use std::collections::{HashMap, VecDeque};

/// The TCP connections of a capture. Feed it every segment in capture order, then
/// [`Connections::finish`]. What it does depends on nothing but the segments and their order.
#[derive(Debug)]
pub struct Connections {
    pub(super) bounds: Bounds,
    /// Never iterated: what the hashes are makes no difference.
    pub(super) table: HashMap<Key, u32, RandomState>,
    /// Connection number to slot.
    pub(super) numbers: HashMap<u32, u32, RandomState>,
    pub(super) slots: Vec<Option<Entry>>,
    pub(super) free: Vec<u32>,
    /// Closed connections, each with the segment count at which it is looked at again.
    pub(super) closing: VecDeque<(u64, u32, u32)>,
    pub(super) next_due: u64,
    /// Connections that were reported as closed: the first to be forgotten.
    pub(super) done: VecDeque<(u32, u32)>,
    /// The slot that is next to be forgotten if nothing comes to it.
    pub(super) hand: u32,
    next_number: u32,
    /// Segments so far.
    pub(super) tick: u64,
    pub(super) held: usize,
    /// The segment count at which a SYN was kept aside last.
    parked_at: u64,
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
            parked_at: 0,
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
        self.close_all(consumer);
        // Those that began with a SYN that waited.
        self.close_all(consumer);
        let (next_number, tick) = (self.next_number, self.tick);
        *self = Connections {
            next_number,
            tick,
            ..Connections::new(self.bounds)
        };
    }

    /// Closes every connection, in the order of their numbers.
    fn close_all<C: Consumer>(&mut self, consumer: &mut C) {
        let slots = self.slots.iter().zip(0u32..);
        let mut order: Vec<(u32, u32)> = slots
            .filter_map(|(entry, slot)| Some((entry.as_ref()?.connection.id, slot)))
            .collect();
        order.sort_unstable();
        for (_, slot) in order {
            if !self.hand_over(slot, consumer)
                && let Some(entry) = entry(&mut self.slots, slot)
            {
                entry.close(consumer, &self.bounds);
            }
        }
    }

    /// A connection that has not been forgotten: one that is open, or was closed not long ago.
    pub fn connection(&self, number: u32) -> Option<&Connection> {
        let slot = *self.numbers.get(&number)?;
        let entry = self.slots.get(slot as usize)?.as_ref()?;
        Some(&entry.connection)
    }

    /// The connection of the segment that was taken last, or of any other one between the same ends.
    /// None: it is a SYN that begins the next one, or not ([`Consumer::settled`]).
    pub fn of(&mut self, segment: &Segment<'_>) -> Option<&Connection> {
        if self.parked_at == self.tick {
            return None;
        }
        let (slot, _) = self.find(segment)?;
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
    #[inline(always)]
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
        let is_next = entry.believes(side, segment);
        if !is_next && !entry.is_succeeded_by(side, segment) {
            return self.apply(slot, side, segment, moment, consumer);
        }
        if !is_next && entry.doubts(segment) {
            return self.park(slot, side, segment, moment, consumer);
        }
        self.replace(slot, segment, moment, consumer);
    }

    /// Keeps a SYN aside until it is known whether it begins another connection.
    fn park<C: Consumer>(
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
        entry.park(side, segment, moment, consumer);
        self.held = (self.held + entry.charge()).saturating_sub(before);
        self.parked_at = self.tick;
        if self.held > self.bounds.held_octets_total {
            self.relieve(moment, consumer);
        }
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
        self.hand_over(slot, consumer);
        self.succeed(slot, segment, moment, consumer);
    }

    /// Ends a connection if SYNs wait that begin the next one: it is in the slot then.
    pub(super) fn hand_over<C: Consumer>(&mut self, slot: u32, consumer: &mut C) -> bool {
        let Some(entry) = entry(&mut self.slots, slot) else {
            return false;
        };
        let before = entry.charge();
        let next = entry.successors(consumer);
        self.held = (self.held + entry.charge()).saturating_sub(before);
        let Some((first, others)) = next.split_first() else {
            return false;
        };
        if let Some(incarnation) = self.retire(slot, consumer) {
            self.begin(slot, incarnation, &first.segment(), first.moment, consumer);
            self.settle(slot, first, consumer);
        }
        for syn in others {
            self.succeed(slot, &syn.segment(), syn.moment, consumer);
            self.settle(slot, syn, consumer);
        }
        true
    }

    /// A SYN is of the connection in a slot.
    fn settle<C: Consumer>(&self, slot: u32, syn: &Parked, consumer: &mut C) {
        if let Some(Some(entry)) = self.slots.get(slot as usize) {
            consumer.settled(&entry.connection, &syn.segment(), syn.moment, false);
        }
    }

    /// Takes a segment of the connection in a slot, or begins the next one with it.
    fn succeed<C: Consumer>(
        &mut self,
        slot: u32,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let Some(entry) = entry(&mut self.slots, slot) else {
            return;
        };
        let side = entry.connection.side(segment).unwrap_or(0);
        if !entry.is_succeeded_by(side, segment) {
            return self.apply(slot, side, segment, moment, consumer);
        }
        if let Some(incarnation) = self.retire(slot, consumer) {
            self.begin(slot, incarnation, segment, moment, consumer);
        }
    }

    /// Ends the connection in a slot. How many there will have been before the next one.
    fn retire<C: Consumer>(&mut self, slot: u32, consumer: &mut C) -> Option<u32> {
        let mut old = self.slots.get_mut(slot as usize).and_then(Option::take)?;
        self.held = self.held.saturating_sub(old.charge());
        old.close(consumer, &self.bounds);
        self.numbers.remove(&old.connection.id);
        Some(old.connection.incarnation.saturating_add(1))
    }
}

#[inline]
pub(super) fn entry(slots: &mut [Option<Entry>], slot: u32) -> Option<&mut Entry> {
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

/// A direction's number has one bit more.
const LAST_NUMBER: u32 = u32::MAX >> 1;
