//! What the timestamps of per-peer headers are: the router's clock against the capture's.

use super::clock::{ClockClass, ClockTally, Clocks, Stamped, Timestamps};
use crate::session::Session;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// The timestamps of one kind of messages.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TimestampsRow {
    /// Which messages.
    pub kind: StampedWord,
    /// What most of their timestamps are.
    pub class: ClassWord,
    /// Messages.
    pub messages: u64,
    /// Timestamps that are zero: not available (RFC 7854 4.2).
    pub zero: u64,
    /// Timestamps without microseconds.
    pub whole_seconds: u64,
    /// Timestamps earlier than the one before, of the same peer.
    pub backwards: u64,
    /// Timestamps over a minute before their capture.
    pub stale: u64,
    /// Timestamps over a minute after it.
    pub ahead: u64,
    /// Seconds from the timestamp to the capture; null where one of both is not known.
    pub lag: Option<LagRow>,
}

/// Seconds from a timestamp to its capture, negative where it is later.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct LagRow {
    /// The least.
    pub least: f64,
    /// The greatest.
    pub greatest: f64,
}

/// The timestamps of one kind of messages of all peers of a session.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SessionTimestampsRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The timestamps.
    #[serde(flatten)]
    pub timestamps: TimestampsRow,
}

/// A kind of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StampedWord {
    /// Route Monitoring.
    RouteMonitoring,
    /// Peer Up and Peer Down.
    PeerUpDown,
    /// Statistics Reports, Route Mirroring, and other types with a per-peer header.
    Other,
}

/// What timestamps are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClassWord {
    /// Zero, all of them.
    Zero,
    /// All have the same fraction of a second: the uptime of a route or a session, counted in
    /// seconds, taken from the present.
    UptimeDerived,
    /// Most are over a minute before their capture.
    Stale,
    /// Most are over a minute after it.
    Ahead,
    /// They have no microseconds.
    WholeSeconds,
    /// Over one in twenty is earlier than the one before.
    GoingBackwards,
    /// None of this.
    Real,
}

/// The timestamps of a peer, of each kind of messages that came.
pub(super) fn timestamps(clocks: &Clocks) -> Vec<TimestampsRow> {
    let row = |kind| TimestampsRow::of(kind, &clocks.of(kind));
    Stamped::ALL.into_iter().filter_map(row).collect()
}

/// The timestamps of all peers of a session.
pub(super) fn session_timestamps(session: &Session, all: &Timestamps) -> Vec<SessionTimestampsRow> {
    let whole = |kind| {
        let mut whole = ClockTally::default();
        for (number, _) in (0..).zip(&session.peers) {
            whole.merge(&all.of(session.id, number).of(kind));
        }
        TimestampsRow::of(kind, &whole)
    };
    let row = |timestamps| SessionTimestampsRow {
        session: session.id,
        router: session.router_address,
        router_name: session.router.sys_name.clone(),
        timestamps,
    };
    let rows = Stamped::ALL.into_iter().filter_map(whole);
    rows.map(row).collect()
}

impl TimestampsRow {
    /// The shape of a tally; none where no message came.
    fn of(kind: Stamped, tally: &ClockTally) -> Option<TimestampsRow> {
        let class = tally.class()?;
        Some(TimestampsRow {
            kind: StampedWord::of(kind),
            class: ClassWord::of(class),
            messages: tally.messages,
            zero: tally.zero,
            whole_seconds: tally.whole_seconds,
            backwards: tally.backwards,
            stale: tally.stale,
            ahead: tally.ahead,
            lag: (tally.compared > 0).then(|| LagRow {
                least: seconds(tally.least_lag),
                greatest: seconds(tally.greatest_lag),
            }),
        })
    }
}

fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / 1e9
}

impl StampedWord {
    fn of(kind: Stamped) -> StampedWord {
        match kind {
            Stamped::Routes => StampedWord::RouteMonitoring,
            Stamped::Turns => StampedWord::PeerUpDown,
            Stamped::Others => StampedWord::Other,
        }
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            StampedWord::RouteMonitoring => "route-monitoring",
            StampedWord::PeerUpDown => "peer-up-down",
            StampedWord::Other => "other",
        }
    }
}

impl ClassWord {
    fn of(class: ClockClass) -> ClassWord {
        match class {
            ClockClass::Zero => ClassWord::Zero,
            ClockClass::UptimeDerived => ClassWord::UptimeDerived,
            ClockClass::Stale => ClassWord::Stale,
            ClockClass::Ahead => ClassWord::Ahead,
            ClockClass::WholeSeconds => ClassWord::WholeSeconds,
            ClockClass::GoingBackwards => ClassWord::GoingBackwards,
            ClockClass::Real => ClassWord::Real,
        }
    }

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            ClassWord::Zero => "zero",
            ClassWord::UptimeDerived => "uptime-derived",
            ClassWord::Stale => "stale",
            ClassWord::Ahead => "ahead",
            ClassWord::WholeSeconds => "whole-seconds",
            ClassWord::GoingBackwards => "going-backwards",
            ClassWord::Real => "real",
        }
    }
}
