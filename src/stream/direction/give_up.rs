//! Giving up holes: when a bound is reached, or when nothing can fill them any more.

use super::{Direction, Outlet, Phase};
use crate::stream::Moment;
use crate::stream::event::{Consumer, FindingKind, Gap, GapCause};

impl Direction {
    /// Gives up holes while more is held than the bounds allow. A hole that the snapshot length cut
    /// is rarely filled, so that less is held behind it.
    pub(super) fn keep_bounds<C: Consumer>(&mut self, moment: Moment, out: &mut Outlet<'_, C>) {
        while let Some(held) = self.held.as_ref() {
            let cut = held
                .first_snapped()
                .is_some_and(|(start, _)| start <= self.next);
            let limit = if cut {
                out.bounds.cut_segments
            } else {
                out.bounds.held_segments
            };
            if held.count() <= limit && held.charge() <= out.bounds.held_octets {
                return;
            }
            if !cut {
                out.finding(FindingKind::HoleGivenUp, self.offset(self.next), 0, moment);
            }
            if !self.give_up(out) {
                return;
            }
        }
    }

    /// Keeps nothing: gives up every hole, and what lies far away.
    pub(in crate::stream) fn keep_nothing<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        self.refute_stray(out);
        self.give_up_all(out);
    }

    /// Gives up every hole before what is held.
    pub(super) fn give_up_all<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        if self.phase == Phase::Waiting {
            self.start_mid_stream(out);
        }
        while self.give_up(out) {}
        self.settle();
    }

    /// Gives up the first hole, or the first part of it that has one cause. False: there is none.
    fn give_up<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) -> bool {
        self.insist_on_syn(out);
        let Some(held) = self.held.as_ref() else {
            return false;
        };
        let piece = held
            .first()
            .map_or((u64::MAX, out.side.last), |(p, piece)| (p, piece.moment));
        let cut = held.first_snapped().unwrap_or((u64::MAX, u64::MAX));
        let (to, cause) = if cut.0 <= self.next {
            (cut.1.min(piece.0), GapCause::Snaplen)
        } else {
            (cut.0.min(piece.0), GapCause::MissingSegment)
        };
        if to == u64::MAX {
            return false;
        }
        self.give_up_to(to, cause, piece.1, out);
        self.drain(out);
        true
    }

    pub(super) fn give_up_to<C: Consumer>(
        &mut self,
        to: u64,
        cause: GapCause,
        after: Moment,
        out: &mut Outlet<'_, C>,
    ) {
        // The hole may be what would have told whether the SYN counts: it does, by the book.
        self.phase = Phase::Running;
        let Some(missing) = to.checked_sub(self.next).filter(|missing| *missing > 0) else {
            return;
        };
        let offset = self.next - self.origin;
        let before = self.held.as_ref().map_or(out.side.last, |held| held.before);
        self.next = to;
        let gap = Gap {
            offset,
            length: missing,
            cause,
            before,
            after,
        };
        out.consumer.gap(out.id, gap);
    }
}
