//! Data and FINs without a signature in a direction most of whose segments have one (RFC 2385, RFC 5925):
//! receivers throw it away. It waits until the other end acknowledges it, so that a signed copy that
//! comes meanwhile stands.

use crate::packet::Segment;
use crate::stream::connection::Side;
use crate::stream::direction::{Data, Direction};
use crate::stream::entry::{Entry, end_of, other};
use crate::stream::event::{Consumer, DirectionId, FindingKind, StreamFinding};
use crate::stream::parked::Parked;
use crate::stream::{Bounds, Moment};

/// Segments that wait in one connection.
const UNSIGNED: usize = 64;

impl Entry {
    /// Data or a FIN without a signature in a direction that signs, which the other end has not acknowledged.
    pub(super) fn is_dubious(&self, side: usize, segment: &Segment<'_>) -> bool {
        let facts = self.connection.sides.get(side);
        if !facts.is_some_and(|facts| facts.lacks_signature(segment)) {
            return false;
        }
        !self.is_acknowledged(side, due_of(segment))
    }

    fn is_acknowledged(&self, side: usize, end: u32) -> bool {
        let known = self
            .directions
            .get(other(side))
            .and_then(Direction::acknowledgment);
        known.is_some_and(|number| is_at_or_behind(number, end))
    }

    /// Keeps a segment aside. Where too many wait, the first of them is taken for what it seems.
    pub(super) fn keep_unsigned<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let parking = self.parking.get_or_insert_default();
        parking.unsigned.push(Parked::new(side, segment, moment));
        if parking.unsigned.len() > UNSIGNED {
            let first = parking.unsigned.remove(0);
            self.release(&first, consumer, bounds);
        }
    }

    /// A segment came: what it acknowledges was accepted, unless it is forged itself. Nothing waits of
    /// a side that turns out not to sign.
    pub(super) fn release_acknowledged<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let sides = self.connection.sides;
        let signs = |side: usize| sides.get(side).is_some_and(Side::signs);
        let is_forged = sides
            .get(side)
            .is_some_and(|facts| facts.lacks_signature(segment));
        let acknowledges = segment.flags.ack() && !is_forged;
        let is_due = |kept: &mut Parked| {
            let is_answer = acknowledges && kept.side != side;
            let end = due_of(&kept.segment());
            !signs(kept.side) || (is_answer && is_at_or_behind(segment.acknowledgment, end))
        };
        let parking = self.parking.as_mut();
        let due: Vec<Parked> = parking.map_or(Vec::new(), |parking| {
            parking.unsigned.extract_if(.., is_due).collect()
        });
        due.iter()
            .for_each(|kept| self.release(kept, consumer, bounds));
        self.unpark();
    }

    /// The connection is over, or too much is held. What the other end did not acknowledge, where its
    /// acknowledgments were captured, is nobody's.
    pub(super) fn release_all<C: Consumer>(&mut self, consumer: &mut C, bounds: &Bounds) {
        let parking = self.parking.as_mut();
        let all = parking.map_or(Vec::new(), |parking| std::mem::take(&mut parking.unsigned));
        self.unpark();
        for kept in &all {
            let answers = self.directions.get(other(kept.side));
            match answers.and_then(Direction::acknowledgment) {
                Some(_) => self.ignore_unsigned(kept, consumer),
                None => self.release(kept, consumer, bounds),
            }
        }
    }

    /// Takes the data of a segment that waited: where another copy came meanwhile, that one stands.
    fn release<C: Consumer>(&mut self, kept: &Parked, consumer: &mut C, bounds: &Bounds) {
        let segment = kept.segment();
        let end = end_of(segment.sequence, &segment);
        let ends = segment.flags.fin() && !self.is_fin_refuted(kept.side, end);
        let Some((direction, mut out)) = self.outlet(kept.side, consumer, bounds) else {
            return;
        };
        let before = (out.side.octets, direction.charge());
        let data = Data {
            octets: segment.payload,
            missing: segment.missing,
            moment: kept.moment,
        };
        let has_data = !data.octets.is_empty() || data.missing > 0;
        if has_data {
            direction.take(segment.sequence, data, &mut out);
        }
        // What is known behind it is not of its sender's making.
        if ends && direction.ahead(end) >= 0 {
            direction.end_at(end, kept.moment, &mut out);
        }
        if has_data && before == (out.side.octets, direction.charge()) {
            self.ignore_unsigned(kept, consumer);
        }
    }

    fn ignore_unsigned<C: Consumer>(&self, kept: &Parked, consumer: &mut C) {
        let length = kept.segment().payload.len() as u64;
        // Probes carry an octet that was sent before.
        if length > 1 {
            consumer.finding(StreamFinding {
                kind: FindingKind::UnsignedIgnored,
                direction: DirectionId::new(self.connection.id, kept.side),
                offset: None,
                length,
                moment: kept.moment,
            });
        }
    }
}

/// The number that acknowledges all of a segment.
fn due_of(segment: &Segment<'_>) -> u32 {
    let end = end_of(segment.sequence, segment);
    end.wrapping_add(u32::from(segment.flags.fin()))
}

/// In sequence arithmetic (RFC 9293 3.4).
pub(super) fn is_at_or_behind(number: u32, other: u32) -> bool {
    number.wrapping_sub(other) as i32 >= 0
}
