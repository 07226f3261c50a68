//! FINs that end nothing: forged ones. Where the other end acknowledges data behind a FIN, it has not
//! believed it (RFC 5961 3 treats RSTs alone; a FIN within the window needs no more than its number).
//! What comes behind a FIN waits until that is known.

use crate::packet::Segment;
use crate::stream::connection::Side;
use crate::stream::direction::{Data, Direction};
use crate::stream::entry::{Entry, end_of, other};
use crate::stream::event::Consumer;
use crate::stream::incarnation::OLD_DATA;
use crate::stream::parked::Parked;
use crate::stream::{Bounds, Moment};

/// Segments that wait in one connection.
const BEHIND: usize = 256;

impl Entry {
    /// The other end has acknowledged more than a FIN at this number, and that was captured: it is none.
    pub(super) fn is_fin_refuted(&self, side: usize, end: u32) -> bool {
        let opposite = self.directions.get(other(side));
        let known = opposite.and_then(Direction::acknowledgment);
        let pair = self.directions.get(side).zip(known);
        pair.is_some_and(|(direction, number)| {
            number.wrapping_sub(end) as i32 > 1 && direction.ahead(number) <= 0
        })
    }

    /// Data behind the FIN of its own direction.
    pub(super) fn is_behind_fin(&self, side: usize, segment: &Segment<'_>) -> bool {
        let behind = |direction: &Direction| {
            direction.behind_end(end_of(segment.sequence, segment)) > Some(0)
        };
        self.directions.get(side).is_some_and(behind)
    }

    /// Keeps a segment aside. Where too many wait, the first of them is ignored.
    pub(super) fn keep_behind_fin<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let parking = self.parking.get_or_insert_default();
        parking.behind.push(Parked::new(side, segment, moment));
        if parking.behind.len() > BEHIND {
            let first = parking.behind.remove(0);
            self.take_behind_fin(&first, consumer, bounds);
        }
    }

    /// A segment came: where one end has acknowledged data behind the other one's FIN, that is none.
    /// A forged acknowledgment proves nothing.
    pub(super) fn release_refuted<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let facts: Option<&Side> = self.connection.sides.get(side);
        let is_forged = facts.is_some_and(|facts| facts.lacks_signature(segment));
        let number = Some(segment.acknowledgment).filter(|_| segment.flags.ack() && !is_forged);
        for sender in 0..2 {
            let opposite = self.directions.get(other(sender));
            let before = opposite.and_then(Direction::acknowledgment);
            let told = number.filter(|_| sender != side);
            let beyond = |number: Option<u32>| {
                let pair = self.directions.get(sender).zip(number);
                let distance = pair.and_then(|(direction, number)| direction.behind_end(number));
                distance.is_some_and(|distance| (2..=OLD_DATA).contains(&distance))
            };
            if self.has_behind_fin(sender) && (beyond(told) || beyond(before)) {
                self.reopen(sender, consumer, bounds);
            }
        }
    }

    fn has_behind_fin(&self, side: usize) -> bool {
        let mut kept = self.parking.iter().flat_map(|parking| &parking.behind);
        kept.any(|kept| kept.side == side)
    }

    fn reopen<C: Consumer>(&mut self, side: usize, consumer: &mut C, bounds: &Bounds) {
        if let Some(direction) = self.directions.get_mut(side) {
            direction.reopen();
        }
        self.take_all_behind(|kept| kept.side == side, consumer, bounds);
    }

    /// The connection is over, or too much is held: the FIN stands.
    pub(super) fn release_behind_fin<C: Consumer>(&mut self, consumer: &mut C, bounds: &Bounds) {
        self.take_all_behind(|_| true, consumer, bounds);
    }

    fn take_all_behind<C: Consumer>(
        &mut self,
        is_due: impl Fn(&Parked) -> bool,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let parking = self.parking.as_mut();
        let due: Vec<Parked> = parking.map_or(Vec::new(), |parking| {
            parking.behind.extract_if(.., |kept| is_due(kept)).collect()
        });
        self.unpark();
        for kept in &due {
            self.take_behind_fin(kept, consumer, bounds);
        }
    }

    fn take_behind_fin<C: Consumer>(&mut self, kept: &Parked, consumer: &mut C, bounds: &Bounds) {
        let segment = kept.segment();
        let end = end_of(segment.sequence, &segment);
        let ends = segment.flags.fin() && !self.is_fin_refuted(kept.side, end);
        let Some((direction, mut out)) = self.outlet(kept.side, consumer, bounds) else {
            return;
        };
        let data = Data {
            octets: segment.payload,
            missing: segment.missing,
            moment: kept.moment,
        };
        direction.take(segment.sequence, data, &mut out);
        if ends {
            direction.end_at(end, kept.moment, &mut out);
        }
    }
}
