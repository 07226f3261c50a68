//! One direction's reassembly: what is delivered, what is held, where the stream starts and ends.
//!
//! In-order octets go straight from the segment to the consumer. What lies ahead of a hole is held
//! until the hole is filled or given up; an acknowledgment never gives it up, because captures drop
//! and reorder segments that the other end had received in time.

use crate::stream::connection::{Side, Start};
use crate::stream::event::{Consumer, DirectionId, FindingKind, Gap, GapCause, StreamFinding};
use crate::stream::held::{Held, Piece};
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

    /// What the held octets cost in memory.
    pub(super) fn charge(&self) -> usize {
        self.held.as_ref().map_or(0, |held| held.charge())
    }

    /// Something was delivered or given up since the start.
    pub(super) fn has_progress(&self) -> bool {
        self.phase != Phase::Waiting && self.next > self.origin
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

    /// Everything that is to be done after a change.
    fn settle(&mut self) {
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

/// Where a stream starts and ends.
impl Direction {
    /// A SYN, or the other end's SYN-ACK, says that the stream's first octet has this number.
    pub(super) fn start_at<C: Consumer>(
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
    pub(super) fn syn_data<C: Consumer>(&mut self, data: Data<'_>, out: &mut Outlet<'_, C>) {
        let room = self
            .held
            .as_ref()
            .and_then(|held| held.lowest())
            .unwrap_or(u64::MAX);
        // One octet of overlap is what a SYN that is not counted looks like.
        let fits = self.next.saturating_add(data.total()) <= room.saturating_add(1);
        if self.next != self.origin || data.missing > 0 || !fits {
            return self.accept(self.origin, data, out);
        }
        self.deliver(data.octets, data.moment, out);
        self.phase = Phase::SynData;
        self.drain(out);
        self.settle();
    }

    /// The first octet is not known: the lowest one held it is.
    fn start_mid_stream<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
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
    pub(super) fn end_at<C: Consumer>(
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
    pub(super) fn close<C: Consumer>(
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

/// Taking data.
impl Direction {
    /// Takes the data of a segment that is not simply next.
    pub(super) fn take<C: Consumer>(
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

    fn accept<C: Consumer>(
        &mut self,
        mut position: u64,
        mut data: Data<'_>,
        out: &mut Outlet<'_, C>,
    ) {
        self.cut_at_end(position, &mut data, out);
        if self.phase == Phase::SynData {
            self.decide_syn(position, data.octets, data.moment, out);
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

    fn hold<C: Consumer>(&mut self, position: u64, data: Data<'_>, out: &mut Outlet<'_, C>) {
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
    fn drain<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
        let Some(mut held) = self.held.take() else {
            return;
        };
        while let Some((start, piece)) = held.pop(self.next) {
            if self.phase == Phase::SynData {
                self.decide_syn(start, &piece.data, piece.moment, out);
            }
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

    /// A segment after the SYN's data: does it count the SYN?
    fn decide_syn<C: Consumer>(
        &mut self,
        position: u64,
        octets: &[u8],
        moment: Moment,
        out: &mut Outlet<'_, C>,
    ) {
        let is_early = position + 1 == self.next;
        // Up to one octet right before the next one is a keepalive.
        if position > self.next || position + length(octets) <= self.next {
            return;
        }
        self.phase = Phase::Running;
        if is_early && out.consumer.continues_uncounted(out.id, octets) {
            self.uncount_syn(moment, out);
        }
    }

    /// Every octet's number is one less than by the book, from the SYN's data on.
    fn uncount_syn<C: Consumer>(&mut self, moment: Moment, out: &mut Outlet<'_, C>) {
        self.origin = self.origin.saturating_sub(1);
        self.next = self.next.saturating_sub(1);
        self.phase = Phase::Running;
        self.shifted = true;
        let offset = self.offset(self.next);
        out.finding(FindingKind::SynNotCounted, offset, 0, moment);
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

/// Giving up.
impl Direction {
    /// Gives up holes while more is held than the bounds allow. A hole that the snapshot length cut
    /// is rarely filled, so that less is held behind it.
    fn keep_bounds<C: Consumer>(&mut self, moment: Moment, out: &mut Outlet<'_, C>) {
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

    fn give_up_to<C: Consumer>(
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

/// Sequence numbers far from everything: another connection's, or the capture paused.
impl Direction {
    /// Keeps the data aside. It is believed once enough segments continue each other, or when the
    /// connection ends without anything that speaks against it.
    fn stray<C: Consumer>(&mut self, sequence: u32, data: Data<'_>, out: &mut Outlet<'_, C>) {
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

    fn believe_stray<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
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
    fn refute_stray<C: Consumer>(&mut self, out: &mut Outlet<'_, C>) {
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
