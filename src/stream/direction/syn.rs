//! Data on a SYN whose number the sender may not have counted: which reading stands.
//!
//! By the book (RFC 9293 3.4) a SYN takes a sequence number, its data the ones behind it. Some senders
//! go on as if it took none. What overlaps the SYN's data tells; where that fits both ways, the
//! consumer does, when it has seen enough.

use super::{Data, Direction, Outlet, Phase};
use crate::stream::Moment;
use crate::stream::event::{Consumer, FindingKind};
use crate::stream::held::Held;
use crate::stream::sequence::length;

/// Octets behind the SYN after which the consumer knows as much as it ever will.
const ENOUGH: usize = 64 * 1024;

/// Which numbering the octets behind the SYN show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Counted,
    Uncounted,
    /// Both fit, and the consumer cannot tell yet.
    Open,
}

impl Direction {
    /// The segment overlaps what may be the last octet of the SYN's data, and goes on behind it. One
    /// octet right before the next one is a keepalive.
    pub(super) fn may_decide_syn(&self, position: u64, data: &Data<'_>) -> bool {
        position < self.next && position + length(data.octets) > self.next
    }

    /// Decides by the held octets; false = they wait.
    pub(super) fn decide_syn<C: Consumer>(&mut self, held: &Held, out: &mut Outlet<'_, C>) -> bool {
        let Some((position, run)) = held.first_run(ENOUGH) else {
            return true;
        };
        if position > self.next || position + length(&run) <= self.next {
            return true;
        }
        let numbering = match self.numbering(position, &run, held.syn()) {
            Numbering::Open => self.ask(position, &run, out),
            numbering => numbering,
        };
        let moment = held
            .first()
            .map_or(out.side.last, |(_, piece)| piece.moment);
        match numbering {
            Numbering::Counted => self.phase = Phase::Running,
            Numbering::Uncounted => self.uncount_syn(moment, out),
            Numbering::Open if run.len() < ENOUGH => return false,
            Numbering::Open => self.uncount_syn(moment, out),
        }
        true
    }

    /// What the overlap with the SYN's data says.
    fn numbering(&self, position: u64, run: &[u8], syn: &[u8]) -> Numbering {
        if position == self.next {
            return Numbering::Counted;
        }
        let counted = agrees(run, syn, position.checked_sub(self.origin));
        let uncounted = agrees(run, syn, (position + 1).checked_sub(self.origin));
        match (counted, uncounted) {
            (true, true) => Numbering::Open,
            (false, true) => Numbering::Uncounted,
            (_, false) => Numbering::Counted,
        }
    }

    fn ask<C: Consumer>(&self, position: u64, run: &[u8], out: &mut Outlet<'_, C>) -> Numbering {
        let overlap = usize::try_from(self.next - 1 - position).unwrap_or(usize::MAX);
        let fresh = run.get(overlap..).unwrap_or_default();
        match out.consumer.continues_uncounted(out.id, fresh) {
            Some(true) => Numbering::Uncounted,
            Some(false) => Numbering::Counted,
            None => Numbering::Open,
        }
    }

    /// No more octets will come to decide by: those that fit both ways are not a retransmission. Such
    /// captures exist, and a retransmission of one octet is seen in none.
    pub(super) fn insist_on_syn<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        if self.phase != Phase::SynData {
            return;
        }
        let open = self.held.as_ref().and_then(|held| held.first());
        let open = open.filter(|(position, _)| *position < self.next);
        if let Some(moment) = open.map(|(_, piece)| piece.moment) {
            self.uncount_syn(moment, out);
            self.drain(out);
        }
    }

    /// Every octet's number is one less than by the book, from the SYN's data on.
    pub(super) fn uncount_syn<C: Consumer>(&mut self, moment: Moment, out: &mut Outlet<'_, C>) {
        self.origin = self.origin.saturating_sub(1);
        self.next = self.next.saturating_sub(1);
        self.phase = Phase::Running;
        self.shifted = true;
        let offset = self.offset(self.next);
        out.finding(FindingKind::SynNotCounted, offset, 0, moment);
    }
}

/// Do both say the same where they overlap, if `run` begins `at` octets into the SYN's data? Octets
/// before its first are not in the stream.
fn agrees(run: &[u8], syn: &[u8], at: Option<u64>) -> bool {
    let (run, at) = match at {
        Some(at) => (run, usize::try_from(at).unwrap_or(usize::MAX)),
        None => (run.get(1..).unwrap_or_default(), 0),
    };
    let known = syn.get(at..).unwrap_or_default();
    known.iter().zip(run).all(|(known, new)| known == new)
}
