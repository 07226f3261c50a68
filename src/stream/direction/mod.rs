//! One direction's reassembly: what is delivered, what is held, where the stream starts and ends.
//!
//! In-order octets go straight from the segment to the consumer. What lies ahead of a hole is held
//! until the hole is filled or given up; an acknowledgment never gives it up, because captures drop
//! and reorder segments that the other end had received in time.

mod give_up;
mod start;
mod stray;
mod syn;
mod take;

use crate::stream::connection::Side;
use crate::stream::event::{Consumer, DirectionId, FindingKind, StreamFinding};
use crate::stream::held::Held;
use crate::stream::sequence::{self, length};
use crate::stream::{Bounds, Moment};

/// The state of one direction.
#[derive(Debug)]
pub(super) struct Direction {
    /// The position of the next octet to deliver; while waiting, that of the first segment seen
    /// (0: none).
    next: u64,
    /// The position of the stream's offset 0.
    origin: u64,
    /// The position at which the sender's FIN ends the stream.
    end: u64,
    /// Out-of-order octets.
    held: Option<Box<Held>>,
    /// The highest acknowledgment number that this direction's sender sent.
    acknowledgment: Option<u32>,
    phase: Phase,
    /// In-order data can be handed on without a further thought.
    plain: bool,
    /// The sequence numbers turned out not to count the SYN.
    shifted: bool,
}

/// How far a direction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Where the stream starts is not known yet: everything is held.
    Waiting,
    /// The SYN's data was delivered; whether the SYN counts is open until the next segment.
    SynData,
    /// In the stream.
    Running,
}

/// Where a direction's octets go, and who it is.
pub(super) struct Outlet<'a, C> {
    pub(super) consumer: &'a mut C,
    pub(super) id: DirectionId,
    pub(super) side: &'a mut Side,
    pub(super) bounds: &'a Bounds,
}

impl<C: Consumer> Outlet<'_, C> {
    fn finding(&mut self, kind: FindingKind, offset: Option<u64>, length: u64, moment: Moment) {
        let direction = self.id;
        self.consumer.finding(StreamFinding {
            kind,
            direction,
            offset,
            length,
            moment,
        });
    }

    pub(super) fn wrong_checksum(&mut self, moment: Moment) {
        self.finding(FindingKind::WrongChecksum, None, 0, moment);
    }
}

/// The data of one segment that is not handed on at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Data<'a> {
    pub(super) octets: &'a [u8],
    /// How many more were on the wire and not captured.
    pub(super) missing: u32,
    pub(super) moment: Moment,
}

impl Data<'_> {
    fn total(&self) -> u64 {
        length(self.octets) + u64::from(self.missing)
    }

    /// Drops octets at the front.
    fn skip(&mut self, count: u64) {
        let captured = usize::try_from(count)
            .unwrap_or(usize::MAX)
            .min(self.octets.len());
        let rest = count - captured as u64;
        self.octets = self.octets.get(captured..).unwrap_or_default();
        self.missing = self
            .missing
            .saturating_sub(u32::try_from(rest).unwrap_or(u32::MAX));
    }

    /// Drops octets at the end, those not captured first.
    fn shorten(&mut self, count: u64) {
        let cut = u32::try_from(count).unwrap_or(u32::MAX).min(self.missing);
        self.missing -= cut;
        let rest = usize::try_from(count - u64::from(cut)).unwrap_or(usize::MAX);
        let keep = self.octets.len().saturating_sub(rest);
        self.octets = self.octets.get(..keep).unwrap_or_default();
    }
}

impl Direction {
    pub(super) const fn new() -> Direction {
        Direction {
            next: 0,
            origin: 0,
            end: u64::MAX,
            held: None,
            acknowledgment: None,
            phase: Phase::Waiting,
            plain: false,
            shifted: false,
        }
    }

    /// The data can go to [`Direction::deliver`] at once: it is next, and nothing is pending.
    #[inline]
    pub(super) fn is_next(&self, sequence: u32) -> bool {
        self.plain && sequence == sequence::low(self.next)
    }

    /// Hands on octets that are next.
    #[inline]
    pub(super) fn deliver<C: Consumer>(
        &mut self,
        octets: &[u8],
        moment: Moment,
        out: &mut Outlet<'_, C>,
    ) {
        let offset = self.next.wrapping_sub(self.origin);
        self.next = self.next.wrapping_add(length(octets));
        out.side.octets = out.side.octets.wrapping_add(length(octets));
        out.consumer.data(out.id, offset, octets, moment);
    }

    /// Remembers the highest acknowledgment number sent.
    #[inline]
    pub(super) fn acknowledges(&mut self, number: u32) {
        match self.acknowledgment {
            Some(known) if (number.wrapping_sub(known) as i32) <= 0 => {}
            _ => self.acknowledgment = Some(number),
        }
    }

    pub(super) fn acknowledgment(&self) -> Option<u32> {
        self.acknowledgment
    }

    /// The sender's FIN was captured.
    pub(super) fn has_end(&self) -> bool {
        self.end != u64::MAX
    }

    /// How far an acknowledgment number lies behind the sender's FIN: 1 is that of the FIN.
    pub(super) fn behind_end(&self, number: u32) -> Option<i64> {
        let distance = |()| i64::from(sequence::difference(number, self.end));
        self.has_end().then_some(()).map(distance)
    }

    /// The FIN was none of the sender: it goes on.
    pub(super) fn reopen(&mut self) {
        self.end = u64::MAX;
        self.settle();
    }

    /// What the held octets cost in memory.
    pub(super) fn charge(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.charge())
    }

    /// Something was delivered or given up since the start.
    pub(super) fn has_progress(&self) -> bool {
        self.phase != Phase::Waiting && self.next > self.origin
    }

    /// Its first octet is not known yet.
    pub(in crate::stream) fn is_waiting(&self) -> bool {
        self.phase == Phase::Waiting
    }

    /// The lowest position known: where the stream starts, or, where that is not known, the first
    /// octet held.
    fn lowest(&self) -> Option<u64> {
        match self.phase {
            Phase::Waiting => self.held.as_ref().and_then(|held| held.lowest()),
            _ => Some(self.origin),
        }
    }

    /// How many octets `sequence` lies before the lowest position known; negative behind it.
    pub(super) fn before_lowest(&self, sequence: u32) -> Option<i64> {
        let lowest = self.lowest()?;
        Some(-i64::from(sequence::difference(sequence, lowest)))
    }

    /// How many octets `sequence` lies ahead of what is known; negative behind it.
    pub(super) fn ahead(&self, sequence: u32) -> i64 {
        let known = self.held.as_ref().and_then(|held| held.highest());
        i64::from(sequence::difference(
            sequence,
            known.unwrap_or(0).max(self.next),
        ))
    }

    /// No data of this direction has been seen, and nothing says where it starts.
    pub(super) fn is_blank(&self) -> bool {
        self.phase == Phase::Waiting && self.held.is_none()
    }

    /// The position of a sequence number, if it lies near anything known.
    fn position(&self, sequence: u32) -> Option<u64> {
        if self.next == 0 {
            return Some(sequence::first(sequence));
        }
        sequence::near(self.next, sequence).or_else(|| {
            let highest = self.held.as_ref().and_then(|held| held.highest())?;
            sequence::near(highest, sequence)
        })
    }

    /// Everything that is to be done after a change.
    fn settle(&mut self) {
        if self.phase != Phase::SynData
            && let Some(held) = self.held.as_mut()
        {
            held.forget_syn();
        }
        if self.held.as_ref().is_some_and(|held| held.is_empty()) {
            self.held = None;
        }
        self.plain = self.phase == Phase::Running && self.held.is_none() && !self.has_end();
    }

    fn offset(&self, position: u64) -> Option<u64> {
        let is_known = self.phase != Phase::Waiting;
        is_known.then(|| position.saturating_sub(self.origin))
    }
}
