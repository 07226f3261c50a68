//! A connection with its two directions: what each of its segments does.

use crate::packet::Segment;
use crate::stream::connection::{Close, Connection, Start, has_signature};
use crate::stream::direction::{Data, Direction, Outlet};
use crate::stream::event::{Consumer, DirectionId, FindingKind, StreamFinding};
use crate::stream::parked::Parking;
use crate::stream::reset::Reset;
use crate::stream::{Bounds, Moment};

/// One connection in the table.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) connection: Connection,
    pub(super) directions: [Direction; 2],
    /// The number of the last segment, over all connections.
    pub(super) tick: u64,
    /// That number when eviction last looked.
    pub(super) looked: u64,
    /// It waits among those that are closed.
    pub(super) is_queued: bool,
    /// SYNs of which it is not known yet whether they begin the next connection.
    pub(super) parking: Option<Box<Parking>>,
    /// The RST that ended it, as far as known.
    reset: Option<Reset>,
    /// Sides with a RST without a signature that the other end did not believe: it believes none.
    has_ignored_reset: [bool; 2],
    /// It was reported as closed. What stays knows late copies for what they are.
    pub(super) is_done: bool,
}

impl Entry {
    pub(super) fn new(connection: Connection) -> Entry {
        Entry {
            connection,
            directions: [Direction::new(), Direction::new()],
            tick: 0,
            looked: 0,
            is_queued: false,
            parking: None,
            reset: None,
            has_ignored_reset: [false; 2],
            is_done: false,
        }
    }

    /// What the held octets cost in memory.
    pub(super) fn charge(&self) -> usize {
        let held: usize = self.directions.iter().map(Direction::charge).sum();
        held + self.parked_charge()
    }

    /// Every direction that was captured has ended, or there was a RST.
    pub(super) fn is_closed(&self) -> bool {
        self.connection.close != Close::Open
    }

    /// The way of nearly all segments: in-order data, or a bare acknowledgment. False: it needs
    /// [`Entry::receive`].
    #[inline]
    pub(super) fn pass<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) -> bool {
        let is_unusual = segment.flags.0 & (FIN | SYN | RST) != 0 || segment.missing > 0;
        if is_unusual || self.parking.is_some() {
            return false;
        }
        if self.connection.close != Close::Open {
            return false;
        }
        let Some((direction, mut out)) = self.outlet(side, consumer, bounds) else {
            return false;
        };
        if !segment.payload.is_empty() {
            if !direction.is_next(segment.sequence) || out.side.lacks_signature(segment) {
                return false;
            }
            direction.deliver(segment.payload, moment, &mut out);
        }
        self.observe(side, segment, moment, consumer, bounds);
        true
    }

    /// Counts a segment: of every kind, after what it carried was taken.
    #[inline]
    fn observe<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        self.connection.last_side = u8::from(side != 0);
        let Some((direction, mut out)) = self.outlet(side, consumer, bounds) else {
            return;
        };
        if segment.flags.0 & (ACK | RST) == ACK {
            direction.acknowledges(segment.acknowledgment);
        }
        if out.side.observe(segment, moment) {
            check(segment, moment, &mut out);
        }
    }

    /// Takes any segment.
    pub(super) fn receive<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        if self.is_done {
            self.ignore(side, segment, moment, consumer);
        } else if segment.flags.syn() {
            self.synchronize(side, segment, moment, consumer, bounds);
        } else {
            self.transfer(side, segment, moment, consumer, bounds);
        }
        if self.parking.is_some() {
            self.release_acknowledged(side, segment, consumer, bounds);
            self.release_refuted(side, segment, consumer, bounds);
        }
        self.observe(side, segment, moment, consumer, bounds);
        self.note_close(side, segment);
    }

    /// A direction, and the way for its octets.
    #[inline]
    pub(super) fn outlet<'a, C>(
        &'a mut self,
        side: usize,
        consumer: &'a mut C,
        bounds: &'a Bounds,
    ) -> Option<(&'a mut Direction, Outlet<'a, C>)> {
        let id = DirectionId::new(self.connection.id, side);
        let out_side = self.connection.sides.get_mut(side)?;
        let direction = self.directions.get_mut(side)?;
        Some((
            direction,
            Outlet {
                consumer,
                id,
                side: out_side,
                bounds,
            },
        ))
    }

    /// SYN or SYN-ACK, with or without data.
    fn synchronize<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let Some((direction, mut out)) = self.outlet(side, consumer, bounds) else {
            return;
        };
        out.side.initial_sequence = Some(segment.sequence);
        let first = segment.sequence.wrapping_add(1);
        direction.start_at(first, Start::Handshake, moment, &mut out);
        let data = Data {
            octets: segment.payload,
            missing: segment.missing,
            moment,
        };
        if !segment.payload.is_empty() || segment.missing > 0 {
            direction.syn_data(data, &mut out);
        }
        if segment.flags.fin() {
            direction.end_at(end_of(first, segment), moment, &mut out);
        }
        if segment.flags.ack() {
            self.start_other(side, segment, moment, consumer, bounds);
        }
    }

    /// A SYN-ACK says where the other direction starts, should its SYN not have been captured.
    fn start_other<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        let Some((direction, mut out)) = self.outlet(other(side), consumer, bounds) else {
            return;
        };
        let before = direction.before_lowest(segment.acknowledgment);
        let fits = before.is_none_or(|octets| (0..LATE_START).contains(&octets));
        if out.side.start == Start::Unknown && fits {
            direction.start_at(segment.acknowledgment, Start::SynAck, moment, &mut out);
        }
    }

    /// Data, FIN, RST.
    fn transfer<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        // A RST's payload is a text for people (RFC 9293 3.5.3), not part of the stream.
        if segment.flags.rst() {
            return;
        }
        let has_data = !segment.payload.is_empty() || segment.missing > 0;
        let is_fin = segment.flags.fin();
        if (has_data || is_fin) && self.is_dubious(side, segment) {
            return self.keep_unsigned(side, segment, moment, consumer, bounds);
        }
        if has_data && self.is_behind_fin(side, segment) {
            return self.keep_behind_fin(side, segment, moment, consumer, bounds);
        }
        let is_refuted = is_fin && self.is_fin_refuted(side, end_of(segment.sequence, segment));
        let Some((direction, mut out)) = self.outlet(side, consumer, bounds) else {
            return;
        };
        let was_waiting = direction.is_waiting();
        if has_data {
            let data = Data {
                octets: segment.payload,
                missing: segment.missing,
                moment,
            };
            direction.take(segment.sequence, data, &mut out);
        }
        if is_fin && !is_refuted {
            direction.end_at(end_of(segment.sequence, segment), moment, &mut out);
        }
        if was_waiting && !direction.is_waiting() {
            self.start_after_other(other(side), consumer, bounds);
        }
    }

    /// The other direction has waited long enough for its first octet: so has this one. It may carry
    /// nothing more for days.
    fn start_after_other<C: Consumer>(&mut self, side: usize, consumer: &mut C, bounds: &Bounds) {
        if let Some((direction, mut out)) = self.outlet(side, consumer, bounds)
            && direction.is_waiting()
        {
            direction.start_mid_stream(&mut out);
        }
    }

    /// A segment of a connection that was reported as closed: a copy, or data behind a FIN.
    fn ignore<C: Consumer>(
        &mut self,
        side: usize,
        segment: &Segment<'_>,
        moment: Moment,
        consumer: &mut C,
    ) {
        let (Some(direction), Some(facts)) = (
            self.directions.get(side),
            self.connection.sides.get_mut(side),
        ) else {
            return;
        };
        let octets = segment.payload.len() as u64;
        let end = end_of(segment.sequence, segment);
        if octets == 0 || direction.ahead(end) <= 0 {
            facts.duplicate_octets = facts.duplicate_octets.saturating_add(octets);
            return;
        }
        consumer.finding(StreamFinding {
            kind: FindingKind::DataAfterFin,
            direction: DirectionId::new(self.connection.id, side),
            offset: None,
            length: octets,
            moment,
        });
    }

    fn note_close(&mut self, side: usize, segment: &Segment<'_>) {
        match segment.flags.rst() {
            true => self.note_reset(side, segment),
            false => self.note_outlived(side, segment),
        }
        if self.connection.close == Close::Rst || self.is_done {
            return;
        }
        let sides = self.connection.sides.iter().zip(&self.directions);
        let mut captured = sides.filter(|(side, _)| side.segments > 0);
        let all_ended = captured.all(|(_, direction)| direction.has_end());
        self.connection.close = if all_ended { Close::Fin } else { Close::Open };
    }

    fn note_reset(&mut self, side: usize, segment: &Segment<'_>) {
        let reset = Reset::new(side, segment, &self.connection);
        if let Some(facts) = self.connection.sides.get_mut(side) {
            let is_unsigned = u32::from(!has_signature(segment));
            facts.unsigned_resets = facts.unsigned_resets.saturating_add(is_unsigned);
        }
        if reset.is_unsigned() && self.has_ignored_reset.get(side) == Some(&true) {
            return;
        }
        if reset.replaces(self.reset) {
            self.reset = Some(reset);
        }
        self.connection.close = Close::Rst;
    }

    /// A connection that goes on was not closed by a RST.
    fn note_outlived(&mut self, side: usize, segment: &Segment<'_>) {
        let is_outlived = |reset: &mut Reset| reset.is_outlived(side, segment);
        if !self.is_done && self.reset.as_mut().is_some_and(is_outlived) {
            let reset = self.reset.take();
            let unsigned = reset.filter(Reset::is_unsigned);
            let ignored = unsigned.and_then(|reset| self.has_ignored_reset.get_mut(reset.side()));
            ignored
                .into_iter()
                .for_each(|is_ignored| *is_ignored = true);
            self.connection.close = Close::Open;
        }
    }

    /// It was closed by a RST that nothing speaks against.
    pub(super) fn is_obeyed(&self) -> bool {
        self.reset.as_ref().is_some_and(Reset::is_obeyed)
    }

    /// Hands on everything held and reports the end.
    pub(super) fn close<C: Consumer>(&mut self, consumer: &mut C, bounds: &Bounds) {
        if self.is_done {
            return;
        }
        self.release_all(consumer, bounds);
        self.release_behind_fin(consumer, bounds);
        self.is_done = true;
        let [first, second] = &self.directions;
        let acknowledged = [second.acknowledgment(), first.acknowledgment()];
        for (side, number) in acknowledged.into_iter().enumerate() {
            if let Some((direction, mut out)) = self.outlet(side, consumer, bounds) {
                direction.close(number, &mut out);
            }
        }
        consumer.closed(self.connection.id, &self.connection);
    }

    /// Gives up every hole, because too much is held over all connections.
    pub(super) fn give_up<C: Consumer>(
        &mut self,
        moment: Moment,
        consumer: &mut C,
        bounds: &Bounds,
    ) {
        self.dismiss_all(consumer);
        self.release_all(consumer, bounds);
        self.release_behind_fin(consumer, bounds);
        for side in 0..2 {
            let Some((direction, mut out)) = self.outlet(side, consumer, bounds) else {
                continue;
            };
            if direction.charge() > 0 {
                out.hole_given_up(moment);
                direction.keep_nothing(&mut out);
            }
        }
    }
}

impl<C: Consumer> Outlet<'_, C> {
    fn hole_given_up(&mut self, moment: Moment) {
        let direction = self.id;
        let kind = FindingKind::HoleGivenUp;
        self.consumer.finding(StreamFinding {
            kind,
            direction,
            offset: None,
            length: 0,
            moment,
        });
    }
}

/// Looks at a checksum.
#[cold]
fn check<C: Consumer>(segment: &Segment<'_>, moment: Moment, out: &mut Outlet<'_, C>) {
    let Some(is_wrong) = segment
        .checksum_is_wrong()
        .filter(|_| out.bounds.check_checksums)
    else {
        return;
    };
    out.side.checksums_checked = out.side.checksums_checked.saturating_add(1);
    if is_wrong {
        out.side.checksums_wrong = out.side.checksums_wrong.saturating_add(1);
        out.wrong_checksum(moment);
    }
}

/// The sequence number behind a segment's data, which starts at `first`.
pub(super) fn end_of(first: u32, segment: &Segment<'_>) -> u32 {
    // A payload is shorter than 4 GiB: it was in one packet.
    first
        .wrapping_add(segment.payload.len() as u32)
        .wrapping_add(segment.missing)
}

/// The other direction of a connection.
pub(super) fn other(side: usize) -> usize {
    usize::from(side == 0)
}

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// A SYN may come so many octets late: behind that much data that has already been captured.
pub(super) const LATE_START: i64 = 1 << 20;
