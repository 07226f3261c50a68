//! Whether a connection lives: keepalive probes and their answers, silence, windows that are closed.
//! BMP has no keepalives of its own (RFC 7854 3.2), so TCP's tell.

use super::unsigned::is_at_or_behind;
use crate::packet::Segment;
use crate::stream::Moment;

/// What one side did to keep its connection alive, and its own window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Liveness {
    /// Keepalive probes that it sent (RFC 9293 3.8.4).
    pub probes: u64,
    /// Those that the other side answered.
    pub answered: u64,
    /// Probes of a closed window (RFC 9293 3.8.6.1).
    pub window_probes: u64,
    /// Times at which it closed its window.
    pub zero_windows: u64,
    /// The longest time for which it was closed, in nanoseconds.
    pub longest_zero_window: i64,
    /// Its window is closed since then.
    pub closed_since: Option<Moment>,
    pending: u64,
    has_ended: bool,
    /// The number of the segments without data with which a capture in the middle begins, and how many.
    beginning: Option<(u32, u64)>,
    /// The sequence number behind everything sent.
    pub(super) next: Option<u32>,
}

/// The longest silence of a connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Silence {
    /// The segment before it.
    pub from: Option<Moment>,
    /// The segment that ended it.
    pub until: Option<Moment>,
    /// Nanoseconds.
    pub length: i64,
}

impl Liveness {
    /// A segment that this side sent. `is_closed`: the other side's window is.
    pub(super) fn sent(&mut self, segment: &Segment<'_>, is_closed: bool, moment: Moment) {
        let is_plain = segment.flags.0 & FIN_SYN_RST == 0;
        let length = segment.payload.len();
        let before = self.next.map(|next| next.wrapping_sub(1));
        let is_probe = is_plain && length <= 1 && segment.missing == 0;
        // Behind a FIN the number before the next one is the FIN's own.
        if is_probe && before == Some(segment.sequence) && !self.has_ended {
            self.probe(is_closed, 1);
        }
        self.has_ended |= segment.flags.fin();
        let end = end_of(segment);
        if is_plain && end == segment.sequence && self.next.is_none_or(|next| next == end) {
            self.begin(end);
        }
        if self.next.is_none_or(|next| is_at_or_behind(end, next)) {
            self.next = Some(end);
        }
        if segment.flags.ack() && is_plain && segment.has_window() {
            self.window(segment.window == 0, moment);
        }
    }

    fn probe(&mut self, is_closed: bool, count: u64) {
        match is_closed {
            true => self.window_probes += count,
            false => {
                self.probes += count;
                self.pending += count;
            }
        }
    }

    /// One more segment without data, at what seems to be the next number.
    fn begin(&mut self, sequence: u32) {
        match &mut self.beginning {
            Some((begun, count)) if *begun == sequence => *count += 1,
            None if self.next.is_none() => self.beginning = Some((sequence, 1)),
            _ => self.beginning = None,
        }
    }

    /// Where a capture begins with probes, only the other end tells that their number is the one before
    /// the next.
    fn learn(&mut self, segment: &Segment<'_>) {
        let Some((sequence, count)) = self.beginning else {
            return;
        };
        let next = sequence.wrapping_add(1);
        if self.next != Some(sequence) {
            self.beginning = None;
        } else if segment.flags.ack() && segment.acknowledgment == next {
            self.beginning = None;
            self.next = Some(next);
            let is_closed = segment.has_window() && segment.window == 0;
            self.probe(is_closed, count);
        }
    }

    /// The other side sent a segment.
    pub(super) fn answered_by(&mut self, segment: &Segment<'_>) {
        self.learn(segment);
        if self.pending > 0 && segment.flags.ack() && Some(segment.acknowledgment) == self.next {
            self.answered += 1;
            self.pending -= 1;
        }
    }

    fn window(&mut self, is_closed: bool, moment: Moment) {
        match (is_closed, self.closed_since) {
            (true, None) => {
                self.zero_windows += 1;
                self.closed_since = Some(moment);
            }
            (false, Some(since)) => {
                let length = between(since, moment).unwrap_or(0);
                self.longest_zero_window = self.longest_zero_window.max(length);
                self.closed_since = None;
            }
            _ => {}
        }
    }
}

impl Silence {
    /// A segment after another one.
    pub(super) fn passed(&mut self, from: Moment, until: Moment) {
        let Some(length) = between(from, until) else {
            return;
        };
        if length > self.length {
            *self = Silence {
                from: Some(from),
                until: Some(until),
                length,
            };
        }
    }
}

/// Nanoseconds between two moments.
fn between(from: Moment, until: Moment) -> Option<i64> {
    let (from, until) = from.time.zip(until.time)?;
    Some(until.nanoseconds().saturating_sub(from.nanoseconds()))
}

/// The sequence number behind a segment: SYN and FIN take one (RFC 9293 3.4).
pub(super) fn end_of(segment: &Segment<'_>) -> u32 {
    let flags = u32::from(segment.flags.syn()) + u32::from(segment.flags.fin());
    // A payload is shorter than 4 GiB: it was in one packet.
    let length = (segment.payload.len() as u32).wrapping_add(segment.missing);
    segment.sequence.wrapping_add(length).wrapping_add(flags)
}

/// The control bits of segments that open or end a connection (RFC 9293 3.1).
const FIN_SYN_RST: u8 = 0x07;
