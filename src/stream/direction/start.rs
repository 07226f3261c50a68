//! Where a stream starts and ends: SYN, SYN-ACK, the lowest octet held, FIN, the end of everything.

use super::{Data, Direction, Outlet, Phase};
use crate::stream::Moment;
use crate::stream::connection::Start;
use crate::stream::event::{Consumer, FindingKind, Gap, GapCause};
use crate::stream::held::Held;
use crate::stream::sequence;

impl Direction {
    /// A SYN, or the other end's SYN-ACK, says that the stream's first octet has this number.
    pub(in crate::stream) fn start_at<C: Consumer>(
        &mut self,
        sequence: u32,
        start: Start,
        moment: Moment,
        out: &mut Outlet<'_, C>,
    ) {
        let position = self.position(sequence);
        let position = position.unwrap_or_else(|| sequence::first(sequence));
        let lowest = self.held.as_ref().and_then(|held| held.lowest());
        let is_open = self.phase == Phase::Waiting
            || (self.next == self.origin && lowest.is_none_or(|lowest| position <= lowest));
        if !is_open {
            return;
        }
        (self.origin, self.next, self.phase) = (position, position, Phase::Running);
        out.side.start = start;
        self.drop_before_start(moment, out);
        self.drain(out);
        self.settle();
    }

    /// The data of a SYN.
    pub(in crate::stream) fn syn_data<C: Consumer>(
        &mut self,
        data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        if self.next != self.origin || data.missing > 0 {
            return self.accept(self.origin, data, out);
        }
        self.deliver(data.octets, data.moment, out);
        self.phase = Phase::SynData;
        let held = self
            .held
            .get_or_insert_with(|| Box::new(Held::new(data.moment)));
        held.keep_syn(data.octets);
        self.drain(out);
        self.settle();
    }

    /// The first octet is not known: the lowest one held it is.
    pub(in crate::stream) fn start_mid_stream<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        let Some(held) = self.held.as_ref() else {
            return;
        };
        let Some(lowest) = held.lowest() else { return };
        let after = held
            .first()
            .map_or(out.side.last, |(_, piece)| piece.moment);
        (self.origin, self.next, self.phase) = (lowest, lowest, Phase::Running);
        out.side.start = Start::MidStream;
        let gap = Gap {
            offset: 0,
            length: 0,
            cause: GapCause::MidStreamStart,
            before: held.before,
            after,
        };
        out.consumer.gap(out.id, gap);
        self.drain(out);
        self.settle();
    }

    /// Held pieces that lie before a start that became known later.
    fn drop_before_start<C: Consumer>(&mut self, moment: Moment, out: &mut Outlet<'_, C>) {
        let Some(held) = self.held.as_mut() else {
            return;
        };
        let Some((start, _)) = held.first().filter(|(start, _)| *start < self.origin) else {
            return;
        };
        held.forget_snapped(self.origin);
        let octets = self.origin - start;
        out.finding(FindingKind::BeforeStreamStart, None, octets, moment);
    }

    /// A FIN at the end of a segment.
    pub(in crate::stream) fn end_at<C: Consumer>(
        &mut self,
        sequence: u32,
        moment: Moment,
        out: &mut Outlet<'_, C>,
    ) {
        let Some(position) = self.position(sequence) else {
            return;
        };
        if self.has_end() {
            return;
        }
        if self.next == 0 {
            self.next = position;
        }
        if self.phase == Phase::SynData && position + 1 == self.next {
            self.uncount_syn(moment, out);
        }
        let held = self.held.as_ref().and_then(|held| held.highest());
        let mut known = held.unwrap_or(0);
        if self.phase != Phase::Waiting {
            known = known.max(self.next);
        }
        if known > position {
            let offset = self.offset(position);
            out.finding(FindingKind::DataAfterFin, offset, known - position, moment);
        }
        self.end = position.max(known);
        self.settle();
    }

    /// The connection is over: everything held goes on, with gaps. `acknowledged` is what the other
    /// end says it received.
    pub(in crate::stream) fn close<C: Consumer>(
        &mut self,
        acknowledged: Option<u32>,
        out: &mut Outlet<'_, C>,
    ) {
        // Nothing came after a run far away, so nothing speaks against it.
        self.believe_stray(out);
        self.give_up_all(out);
        if self.phase == Phase::Waiting {
            return;
        }
        if self.has_end() {
            self.give_up_to(self.end, GapCause::MissingSegment, out.side.last, out);
        } else if let Some(number) = acknowledged.filter(|_| !self.shifted) {
            self.give_up_acknowledged(number, out);
        }
        self.plain = false;
    }

    /// Octets that the other end received and no segment captured carried. One octet more than was
    /// captured may be a FIN that was not.
    fn give_up_acknowledged<C: Consumer>(&mut self, number: u32, out: &mut Outlet<'_, C>) {
        if sequence::difference(number, self.next) > 1 {
            let to = sequence::ahead(self.next, number);
            self.give_up_to(to, GapCause::MissingSegment, out.side.last, out);
        }
    }
}
