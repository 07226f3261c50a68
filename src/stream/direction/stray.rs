//! Sequence numbers far from everything: another connection's, or the capture paused.

use super::{Data, Direction, Outlet};
use crate::stream::event::{Consumer, FindingKind};
use crate::stream::held::{Held, Piece};
use crate::stream::sequence::{self, length};

impl Direction {
    /// Keeps the data aside. It is believed once enough segments continue each other, or when the
    /// connection ends without anything that speaks against it.
    pub(super) fn stray<C: Consumer>(
        &mut self,
        sequence: u32,
        data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        if data.octets.is_empty() {
            return;
        }
        let before = out.side.last;
        let held = self.held.get_or_insert_with(|| Box::new(Held::new(before)));
        let piece = Piece {
            data: data.octets.to_vec(),
            moment: data.moment,
        };
        let refuted = held.stray(sequence, piece);
        let is_believed = held.stray_count() >= STRAY_SEGMENTS;
        ignore_stray(&refuted, out);
        if is_believed {
            self.believe_stray(out);
            self.keep_bounds(data.moment, out);
        }
        self.settle();
    }

    pub(super) fn believe_stray<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        let Some(held) = self.held.as_mut() else {
            return;
        };
        let run = held.take_stray();
        let anchor = held.highest().unwrap_or(0).max(self.next);
        for (sequence, piece) in run {
            let position = sequence::ahead(anchor, sequence);
            let data = Data {
                octets: &piece.data,
                missing: 0,
                moment: piece.moment,
            };
            self.hold(position, data, out);
        }
    }

    /// New data arrived where it was expected: the run far away is not this stream's.
    pub(super) fn refute_stray<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        if let Some(held) = self.held.as_mut() {
            ignore_stray(&held.take_stray(), out);
        }
    }
}

fn ignore_stray<C: Consumer>(run: &[(u32, Piece)], out: &mut Outlet<'_, C>) {
    if let Some((_, first)) = run.first() {
        let octets = run.iter().map(|(_, piece)| length(&piece.data)).sum();
        out.finding(FindingKind::OutOfWindow, None, octets, first.moment);
    }
}

/// So many segments far away that continue each other are believed.
const STRAY_SEGMENTS: usize = 3;
