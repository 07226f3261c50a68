//! Bounded memory: which connections are looked at again, forgotten, or relieved of what they hold.

use crate::stream::Moment;
use crate::stream::event::{Consumer, DirectionId, FindingKind, StreamFinding};
use crate::stream::key::Key;
use crate::stream::table::{Connections, entry};

impl Connections {
    /// Looks at a closed connection again after a number of segments. The queue is no longer than
    /// twice that number: each segment adds one at most.
    pub(super) fn wait(&mut self, slot: u32, number: u32) {
        let due = self.tick.saturating_add(self.bounds.linger);
        self.closing.push_back((due, slot, number));
        self.next_due = self.closing.front().map_or(u64::MAX, |(due, ..)| *due);
    }

    /// Reports closed connections to which nothing has come for a while.
    #[cold]
    pub(super) fn expire<C: Consumer>(&mut self, consumer: &mut C) {
        while let Some((_, slot, number)) = self.closing.pop_front_if(|(due, ..)| *due <= self.tick)
        {
            self.lapse(slot, number, consumer);
        }
        self.next_due = self.closing.front().map_or(u64::MAX, |(due, ..)| *due);
    }

    /// Reports a closed connection, if nothing has come to it for a while and it still is closed.
    fn lapse<C: Consumer>(&mut self, slot: u32, number: u32, consumer: &mut C) {
        let found = entry(&mut self.slots, slot);
        let Some(closed) = found.filter(|entry| entry.connection.id == number) else {
            return;
        };
        closed.is_queued = closed.is_closed();
        if !closed.is_queued {
            return;
        }
        if closed.tick.saturating_add(self.bounds.linger) > self.tick {
            return self.wait(slot, number);
        }
        if self.hand_over(slot, consumer) {
            return;
        }
        if let Some(closed) = entry(&mut self.slots, slot) {
            let before = closed.charge();
            closed.close(consumer, &self.bounds);
            self.held = (self.held + closed.charge()).saturating_sub(before);
            self.report(slot, number);
        }
    }

    /// Forgets one connection: one that was reported, else one that is closed, else one to which
    /// nothing came since the hand passed it last. Skipping one is paid for by its segments.
    #[cold]
    pub(super) fn evict<C: Consumer>(&mut self, moment: Moment, consumer: &mut C) {
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
        self.hand_over(slot, consumer);
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
    pub(super) fn relieve<C: Consumer>(&mut self, moment: Moment, consumer: &mut C) {
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
