//! TCP reassembly: segments become in-order octets per connection and direction. Knows nothing of
//! what the octets mean.
//!
//! - A stream starts at the SYN. Without one it starts at the lowest octet of the first 64 segments
//!   or 64 KiB ([`GapCause::MidStreamStart`]).
//! - The first copy of an octet stands; where a direction signs, one without a signature does not
//!   before the other end acknowledges it (`unsigned`). Octets behind a hole are held; the hole is given up when
//!   too much is held ([`Bounds`]), or when the connection or the capture ends. An acknowledgment
//!   does not give it up.
//! - FIN and RST close a connection, but nothing is given up on their account at once: captures
//!   reorder, and a RST may be forged. A closed connection to which nothing has come for
//!   [`Bounds::linger`] segments (of the whole capture) is flushed and reported.
//! - The next connection on the same addresses and ports is known by its SYN, or, after a close, by
//!   sequence numbers far from the old ones. In an open connection that has carried data the SYN has
//!   to be believed first: by an answer, or by what its sender sends behind it (`parked`).
//!
//! Everything counts segments, never time or batches, so that the same capture gives the same
//! answer however it is read.

mod connection;
mod direction;
mod entry;
mod event;
mod forget;
mod held;
mod incarnation;
mod key;
mod parked;
mod refuted;
mod reset;
mod sequence;
mod table;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod unsigned;

pub use connection::{Close, Connection, Side, Start};
pub use event::{Consumer, DirectionId, FindingKind, Gap, GapCause, Moment, StreamFinding};
pub use table::Connections;

/// How much is kept. What is held is counted with what keeping it costs: about 112 octets for each
/// segment beside its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Connections, those closed not long ago included: about 400 octets each, and twice that while
    /// the table grows.
    pub connections: usize,
    /// Out-of-order octets held for one direction.
    pub held_octets: usize,
    /// Out-of-order segments held for one direction.
    pub held_segments: usize,
    /// Segments held for one direction behind a hole that the snapshot length cut: only another
    /// copy, captured elsewhere, could fill it.
    pub cut_segments: usize,
    /// Out-of-order octets held in all.
    pub held_octets_total: usize,
    /// Segments held of a direction whose start was not captured, before one is chosen.
    pub start_segments: usize,
    /// Octets, likewise.
    pub start_octets: usize,
    /// Segments of the whole capture for which a closed connection waits for late ones of its own.
    pub linger: u64,
    /// Look at the checksums of some segments.
    pub check_checksums: bool,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            connections: 1 << 17,
            held_octets: 8 << 20,
            held_segments: 1 << 14,
            cut_segments: 256,
            held_octets_total: 64 << 20,
            start_segments: 64,
            start_octets: 64 << 10,
            linger: 8192,
            check_checksums: true,
        }
    }
}
