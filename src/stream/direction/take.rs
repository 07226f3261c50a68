//! Taking data: what is next is handed on, what is ahead is held, what is old is counted.

use super::{Data, Direction, Outlet, Phase};
use crate::stream::event::{Consumer, FindingKind};
use crate::stream::held::Held;
use crate::stream::sequence::length;

impl Direction {
    /// Takes the data of a segment that is not simply next.
    pub(in crate::stream) fn take<C: Consumer>(
        &mut self,
        sequence: u32,
        data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        match self.position(sequence) {
            Some(position) if self.phase == Phase::Waiting => self.wait(position, data, out),
            Some(position) => self.accept(position, data, out),
            None => self.stray(sequence, data, out),
        }
    }

    /// The start is not known: holds the data until it is, or there is enough to choose one.
    fn wait<C: Consumer>(&mut self, position: u64, mut data: Data<'_>, out: &mut Outlet<'_, C>) {
        if self.next == 0 {
            self.next = position;
        }
        self.cut_at_end(position, &mut data, out);
        self.hold(position, data, out);
        let enough = self.held.as_ref().is_some_and(|held| {
            held.count() >= out.bounds.start_segments || held.charge() >= out.bounds.start_octets
        });
        if enough {
            self.start_mid_stream(out);
        }
        self.settle();
    }

    pub(super) fn accept<C: Consumer>(
        &mut self,
        mut position: u64,
        mut data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        self.cut_at_end(position, &mut data, out);
        if self.phase == Phase::SynData && self.may_decide_syn(position, &data) {
            self.hold(position, data, out);
            self.drain(out);
            self.keep_bounds(data.moment, out);
            return self.settle();
        }
        if position < self.next {
            let old = data.total().min(self.next - position);
            self.count_old(position, old, data, out);
            data.skip(old);
            position += old;
        }
        if data.total() == 0 {
            return;
        }
        self.refute_stray(out);
        self.deliver_or_hold(position, data, out);
        self.drain(out);
        self.keep_bounds(data.moment, out);
        self.settle();
    }

    /// Data at `next` that touches nothing held goes on without a copy.
    fn deliver_or_hold<C: Consumer>(
        &mut self,
        position: u64,
        data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        let held = self.held.as_ref().and_then(|held| held.first());
        let room = held.map_or(u64::MAX, |(start, _)| start);
        if position != self.next || position + length(data.octets) > room {
            return self.hold(position, data, out);
        }
        if !data.octets.is_empty() {
            self.deliver(data.octets, data.moment, out);
        }
        self.hold(
            self.next,
            Data {
                octets: &[],
                ..data
            },
            out,
        );
        if let Some(held) = self.held.as_mut() {
            held.before = data.moment;
        }
    }

    pub(super) fn hold<C: Consumer>(
        &mut self,
        position: u64,
        data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        if data.total() == 0 {
            return;
        }
        let before = out.side.last;
        let held = self.held.get_or_insert_with(|| Box::new(Held::new(before)));
        let captured = position + length(data.octets);
        held.snap(captured, captured + u64::from(data.missing));
        if let Some(differs) = held.insert(position, data.octets, data.moment) {
            let offset = self.offset(differs);
            out.finding(FindingKind::RetransmissionDiffers, offset, 1, data.moment);
        }
    }

    /// Hands on what is held and next.
    pub(super) fn drain<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        let Some(mut held) = self.held.take() else {
            return;
        };
        if self.phase == Phase::SynData && !self.decide_syn(&held, out) {
            self.held = Some(held);
            return;
        }
        while let Some((start, piece)) = held.pop(self.next) {
            let old = usize::try_from(self.next - start).unwrap_or(usize::MAX);
            let fresh = piece.data.get(old..).unwrap_or_default();
            let repeated = length(&piece.data) - length(fresh);
            out.side.duplicate_octets = out.side.duplicate_octets.saturating_add(repeated);
            if !fresh.is_empty() {
                self.deliver(fresh, piece.moment, out);
                held.before = piece.moment;
            }
        }
        held.forget_snapped(self.next);
        self.held = Some(held);
    }

    /// Ignores what lies behind the FIN.
    fn cut_at_end<C: Consumer>(
        &mut self,
        position: u64,
        data: &mut Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        let behind = (position + data.total()).saturating_sub(self.end);
        let behind = behind.min(data.total());
        if behind == 0 {
            return;
        }
        data.shorten(behind);
        let offset = self.offset(self.end);
        out.finding(FindingKind::DataAfterFin, offset, behind, data.moment);
    }

    /// Octets that were delivered, given up, or never part of the stream.
    fn count_old<C: Consumer>(
        &mut self,
        position: u64,
        old: u64,
        data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        let is_probe = data.total() <= 1 && position + 1 == self.next;
        if is_probe {
            return;
        }
        out.side.duplicate_octets = out.side.duplicate_octets.saturating_add(old);
        let before = self.origin.saturating_sub(position).min(old);
        if before > 0 {
            out.finding(FindingKind::BeforeStreamStart, None, before, data.moment);
        }
    }
}
