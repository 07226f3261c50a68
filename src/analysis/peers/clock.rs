//! What the timestamps of per-peer headers are worth: the router's clock against the capture's.
//! Routers put many things there: the present, whole seconds, nothing, or since when a route or a
//! session exists. A few compares for each message; tallies of two halves of the work append.

use crate::bmp::{MessageType, PeerHeader};
use crate::time::Timestamp;
use std::collections::HashMap;

/// The timestamps of all peers, by session and index.
#[derive(Debug, Clone, Default)]
pub struct Timestamps {
    peers: HashMap<(u32, u32), Clocks, foldhash::fast::RandomState>,
}

impl Timestamps {
    /// Notes a message of a peer with this header, captured at that time.
    #[inline]
    pub fn note(
        &mut self,
        (session, peer): (u32, u32),
        message_type: MessageType,
        header: &PeerHeader,
        captured: Option<Timestamp>,
    ) {
        let clocks = self.peers.entry((session, peer)).or_default();
        clocks.note(message_type, header, captured);
    }

    /// Adds the timestamps of the messages behind those.
    pub fn append(&mut self, later: Timestamps) {
        for (key, clocks) in later.peers {
            self.peers.entry(key).or_default().append(&clocks);
        }
    }

    /// The timestamps of one peer.
    pub fn of(&self, session: u32, peer: u32) -> Clocks {
        self.peers
            .get(&(session, peer))
            .copied()
            .unwrap_or_default()
    }
}

/// Messages whose timestamps a router makes in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stamped {
    /// Route Monitoring: when the route was received (RFC 7854 4.2).
    Routes,
    /// Peer Up and Peer Down.
    Turns,
    /// Statistics Reports, Route Mirroring, and what other types have a per-peer header.
    Others,
}

impl Stamped {
    /// Every kind.
    pub const ALL: [Stamped; 3] = [Stamped::Routes, Stamped::Turns, Stamped::Others];

    #[inline]
    fn of(message_type: MessageType) -> Stamped {
        match message_type {
            MessageType::ROUTE_MONITORING => Stamped::Routes,
            MessageType::PEER_UP | MessageType::PEER_DOWN => Stamped::Turns,
            _ => Stamped::Others,
        }
    }
}

/// The timestamps of one peer, by kind of message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clocks {
    by_kind: [ClockTally; 3],
}

impl Clocks {
    #[inline]
    fn note(
        &mut self,
        message_type: MessageType,
        header: &PeerHeader,
        captured: Option<Timestamp>,
    ) {
        if let Some(tally) = self.by_kind.get_mut(Stamped::of(message_type) as usize) {
            tally.note(header.seconds, header.microseconds, captured);
        }
    }

    fn append(&mut self, later: &Clocks) {
        for (mine, theirs) in self.by_kind.iter_mut().zip(&later.by_kind) {
            mine.append(theirs);
        }
    }

    /// The timestamps of one kind of messages.
    pub fn of(&self, kind: Stamped) -> ClockTally {
        self.by_kind.get(kind as usize).copied().unwrap_or_default()
    }
}

/// What is counted of timestamps. All but `messages` and `zero` is about those that are not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockTally {
    /// Messages.
    pub messages: u64,
    /// Both fields are zero: "the time is unavailable" (RFC 7854 4.2).
    pub zero: u64,
    /// No microseconds.
    pub whole_seconds: u64,
    /// Earlier than the one before.
    pub backwards: u64,
    /// Over a minute before the packet was captured.
    pub stale: u64,
    /// Over a minute after it.
    pub ahead: u64,
    /// Messages whose capture time is known: only these can be stale or ahead.
    pub compared: u64,
    /// Nanoseconds from the least timestamp to its capture, negative if it is later.
    pub least_lag: i64,
    /// As `least_lag`, the greatest.
    pub greatest_lag: i64,
    /// Seconds and microseconds of the first and the last one.
    first: (u32, u32),
    last: (u32, u32),
    /// All have the microseconds of the first one, or nearly so.
    has_one_fraction: bool,
    /// Not all have the same seconds.
    has_more_seconds: bool,
}

impl Default for ClockTally {
    fn default() -> ClockTally {
        ClockTally {
            messages: 0,
            zero: 0,
            whole_seconds: 0,
            backwards: 0,
            stale: 0,
            ahead: 0,
            compared: 0,
            least_lag: i64::MAX,
            greatest_lag: i64::MIN,
            first: (0, 0),
            last: (0, 0),
            has_one_fraction: true,
            has_more_seconds: false,
        }
    }
}

/// What a set of timestamps is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockClass {
    /// Zero, all of them.
    Zero,
    /// Whole seconds with one fraction: the uptime of a route or a session, counted in seconds, taken
    /// from the present. They say since when, to the second.
    UptimeDerived,
    /// Most are over a minute before their capture.
    Stale,
    /// Most are over a minute after it.
    Ahead,
    /// No microseconds.
    WholeSeconds,
    /// Over one in twenty is earlier than the one before.
    GoingBackwards,
    /// None of this.
    Real,
}

/// Nanoseconds of a minute.
const MINUTE: i64 = 60_000_000_000;

/// One in that many going backwards is more than messages that overtook each other.
const OFTEN: u64 = 20;

/// Rounding makes the constant fraction of uptimes move by one either way.
const SAME_FRACTION: u32 = 2;

impl ClockTally {
    #[inline]
    fn note(&mut self, seconds: u32, microseconds: u32, captured: Option<Timestamp>) {
        self.messages += 1;
        if seconds == 0 && microseconds == 0 {
            self.zero += 1;
            return;
        }
        let now = (seconds, microseconds);
        if self.first == (0, 0) {
            self.first = now;
        }
        self.whole_seconds += u64::from(microseconds == 0);
        self.backwards += u64::from(now < self.last);
        self.has_one_fraction &= is_same_fraction(self.first.1, microseconds);
        self.has_more_seconds |= seconds != self.first.0;
        self.last = now;
        if let Some(captured) = captured {
            self.compare(now, captured);
        }
    }

    #[inline]
    fn compare(&mut self, (seconds, microseconds): (u32, u32), captured: Timestamp) {
        let reported = i64::from(seconds) * 1_000_000_000 + i64::from(microseconds) * 1000;
        let lag = captured.nanoseconds().saturating_sub(reported);
        self.compared += 1;
        self.stale += u64::from(lag > MINUTE);
        self.ahead += u64::from(lag < -MINUTE);
        self.least_lag = self.least_lag.min(lag);
        self.greatest_lag = self.greatest_lag.max(lag);
    }

    /// Adds the timestamps of the messages behind those, of the same peer.
    fn append(&mut self, later: &ClockTally) {
        let is_told = self.last != (0, 0) && later.first != (0, 0);
        self.backwards += u64::from(is_told && later.first < self.last);
        self.merge(later);
    }

    /// Adds the timestamps of another peer. Whether those go on is not asked.
    pub fn merge(&mut self, other: &ClockTally) {
        let mine_is_empty = self.first == (0, 0);
        let other_is_empty = other.first == (0, 0);
        self.messages += other.messages;
        self.zero += other.zero;
        self.whole_seconds += other.whole_seconds;
        self.backwards += other.backwards;
        self.stale += other.stale;
        self.ahead += other.ahead;
        self.compared += other.compared;
        self.least_lag = self.least_lag.min(other.least_lag);
        self.greatest_lag = self.greatest_lag.max(other.greatest_lag);
        self.has_one_fraction &= other.has_one_fraction;
        self.has_more_seconds |= other.has_more_seconds;
        if mine_is_empty {
            (self.first, self.last) = (other.first, other.last);
        } else if !other_is_empty {
            self.has_one_fraction &= is_same_fraction(self.first.1, other.first.1);
            self.has_more_seconds |= self.first.0 != other.first.0;
            self.last = other.last;
        }
    }

    /// What they are; none where there are none.
    pub fn class(&self) -> Option<ClockClass> {
        let told = self.messages - self.zero;
        let is_most = |count: u64| count > told / 2;
        Some(match () {
            () if self.messages == 0 => return None,
            () if told == 0 => ClockClass::Zero,
            () if self.is_derived() => ClockClass::UptimeDerived,
            () if is_most(self.stale) => ClockClass::Stale,
            () if is_most(self.ahead) => ClockClass::Ahead,
            () if self.whole_seconds == told => ClockClass::WholeSeconds,
            () if self.backwards > told / OFTEN => ClockClass::GoingBackwards,
            () => ClockClass::Real,
        })
    }

    /// One fraction at several seconds is no accident; nor is one that goes back by a microsecond.
    fn is_derived(&self) -> bool {
        let is_more = self.has_more_seconds || self.backwards > 0;
        self.has_one_fraction && is_more && self.first.1 != 0
    }
}

#[inline]
fn is_same_fraction(one: u32, other: u32) -> bool {
    let apart = one.abs_diff(other);
    apart <= SAME_FRACTION || apart >= 1_000_000 - SAME_FRACTION
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::PEER;

    /// Timestamps, each captured at 1000 seconds.
    fn tally(stamps: &[(u32, u32)]) -> ClockTally {
        let captured = Timestamp::from_nanoseconds(1_000_000_000_000, 6);
        let mut tally = ClockTally::default();
        for (seconds, microseconds) in stamps {
            tally.note(*seconds, *microseconds, Some(captured));
        }
        tally
    }

    fn class(stamps: &[(u32, u32)]) -> Option<ClockClass> {
        tally(stamps).class()
    }

    #[test]
    fn timestamps_are_what_most_of_them_are() {
        assert_eq!(class(&[]), None);
        assert_eq!(class(&[(0, 0), (0, 0)]), Some(ClockClass::Zero));
        assert_eq!(class(&[(999, 7), (0, 0)]), Some(ClockClass::Real));
        let whole = [(998, 0), (999, 0)];
        assert_eq!(class(&whole), Some(ClockClass::WholeSeconds));
        let backwards = [(999, 70), (999, 7), (999, 8000)];
        assert_eq!(class(&backwards), Some(ClockClass::GoingBackwards));
        let often: Vec<_> = (0..20).map(|at| (980, 1000 * (at ^ 1))).collect();
        assert_eq!(class(&often), Some(ClockClass::GoingBackwards));
        let mut once: Vec<_> = (1..30).map(|at| (980, 1000 * at)).collect();
        once.swap(10, 11);
        assert_eq!(class(&once), Some(ClockClass::Real));
        let stale = [(900, 7), (939, 8), (999, 700)];
        assert_eq!(class(&stale), Some(ClockClass::Stale));
        let ahead = [(1061, 7), (1062, 80)];
        assert_eq!(class(&ahead), Some(ClockClass::Ahead));
    }

    #[test]
    fn a_fraction_that_never_changes_comes_from_an_uptime() {
        // As FRR sends them: .049758, one more or less, and the seconds as they come.
        let derived = [(990, 49_758), (0, 0), (20, 49_757), (999, 49_759)];
        assert_eq!(class(&derived), Some(ClockClass::UptimeDerived));
        let across_a_second = [(990, 999_999), (991, 0)];
        assert_eq!(class(&across_a_second), Some(ClockClass::UptimeDerived));
        // One moment, as FRR sends it: the lab's rov.pcap.
        let one_moment = [(999, 49_758), (999, 49_757), (999, 49_758)];
        assert_eq!(class(&one_moment), Some(ClockClass::UptimeDerived));
        // Messages of one moment have one fraction too.
        assert_eq!(class(&[(999, 7), (999, 7)]), Some(ClockClass::Real));
    }

    #[test]
    fn what_is_counted_is_about_timestamps_that_are_not_zero() {
        let tally = tally(&[(0, 0), (990, 0), (900, 5), (1100, 0)]);
        let counts = [tally.messages, tally.zero, tally.whole_seconds];
        assert_eq!(counts, [4, 1, 2]);
        assert_eq!((tally.backwards, tally.stale, tally.ahead), (1, 1, 1));
        assert_eq!(
            (tally.least_lag, tally.greatest_lag),
            (-100_000_000_000, 99_999_995_000)
        );
    }

    #[test]
    fn without_a_capture_time_nothing_is_stale() {
        let mut tally = ClockTally::default();
        tally.note(1, 2, None);
        assert_eq!((tally.compared, tally.class()), (0, Some(ClockClass::Real)));
    }

    #[test]
    fn two_halves_append_to_the_whole() {
        let stamps = [
            (0, 0),
            (990, 5),
            (980, 6),
            (0, 0),
            (970, 9000),
            (999, 1),
            (1100, 0),
        ];
        for cut in 0..=stamps.len() {
            let (first, second) = stamps.split_at(cut);
            let mut halves = tally(first);
            halves.append(&tally(second));
            let whole = tally(&stamps);
            assert_eq!(halves, whole, "cut at {cut}");
        }
    }

    #[test]
    fn timestamps_are_kept_by_peer_and_kind_of_message() {
        let message = PEER.message(0, &[]);
        let header = PeerHeader::peek(&message).unwrap();
        let mut all = Timestamps::default();
        for message_type in [0, 0, 1, 2, 3, 6] {
            all.note((1, 0), MessageType(message_type), &header, None);
        }
        let mut later = Timestamps::default();
        later.note((1, 0), MessageType(0), &header, None);
        later.note((1, 1), MessageType(0), &header, None);
        all.append(later);
        let counts = |peer| Stamped::ALL.map(|kind| all.of(1, peer).of(kind).messages);
        assert_eq!(
            (counts(0), counts(1), counts(2)),
            ([3, 2, 2], [1, 0, 0], [0; 3])
        );
    }

    #[test]
    fn the_timestamps_of_two_peers_are_those_of_both() {
        let merged = |one: &[(u32, u32)], other: &[(u32, u32)]| {
            let mut whole = tally(one);
            whole.merge(&tally(other));
            whole
        };
        let both = merged(&[(990, 5)], &[(991, 5), (0, 0)]);
        assert_eq!(both.class(), Some(ClockClass::UptimeDerived));
        assert_eq!((both.messages, both.zero), (3, 1));
        assert_eq!(merged(&[], &[(999, 5)]).class(), Some(ClockClass::Real));
        assert_eq!(merged(&[(999, 5)], &[]), tally(&[(999, 5)]));
        assert_eq!(
            merged(&[(990, 5)], &[(991, 50)]).class(),
            Some(ClockClass::Real)
        );
    }
}
