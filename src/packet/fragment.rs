//! IP fragments put together again (RFC 791 3.2, RFC 8200 4.5) within a bound, overlaps refused.

use super::tcp::Addresses;
use super::{Carriage, Refusal};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What fragments of one datagram have in common. IPv6 has no protocol there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) addresses: Addresses,
    pub(super) protocol: Option<u8>,
    pub(super) identification: u32,
}

/// One fragment as a walk met it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) key: Key,
    /// What the datagram carries, by this fragment's word; the first fragment's counts.
    pub(super) protocol: u8,
    /// Octets from the start of the datagram's payload.
    pub(super) offset: usize,
    pub(super) more: bool,
    pub(super) bytes: &'a [u8],
    pub(super) carriage: Carriage,
    /// Layers still allowed behind it.
    pub(super) layers: u8,
}

/// How a walk goes on with a datagram that is complete.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole {
    pub(super) addresses: Addresses,
    pub(super) protocol: u8,
    pub(super) carriage: Carriage,
    pub(super) layers: u8,
}

/// What became of a fragment.
#[derive(Debug)]
pub(super) enum Outcome {
    Kept,
    Refused(Refusal),
    /// The last one that was missing, and the payload of its datagram.
    Complete(Whole, Vec<u8>),
}

/// How much a store holds before it gives up its oldest datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Datagrams of which fragments are held.
    pub datagrams: usize,
    /// Octets in all, each fragment counted with [`Bounds::PIECE`] more.
    pub octets: usize,
    /// Seconds from a datagram's first fragment until another of its identification begins a new
    /// one (RFC 8200 4.5: 60).
    pub seconds: u32,
}

impl Bounds {
    /// What keeping a fragment costs besides its octets.
    pub const PIECE: usize = 64;
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            datagrams: 1024,
            octets: 16 << 20,
            seconds: 60,
        }
    }
}

/// What became of fragmented datagrams so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FragmentCounts {
    /// Datagrams put together.
    pub completed: u64,
    /// Datagrams refused: overlaps and contradictions.
    pub refused: u64,
    /// Datagrams given up incomplete: too old, or too much to hold.
    pub abandoned: u64,
    /// Datagrams still incomplete.
    pub pending: u64,
}

/// Fragments whose datagrams are not complete.
#[derive(Debug, Default)]
pub(super) struct Store {
    bounds: Bounds,
    datagrams: BTreeMap<Key, Datagram>,
    /// Keys by age.
    ages: BTreeMap<u64, Key>,
    next_age: u64,
    octets: usize,
    counts: FragmentCounts,
}

/// What is held of one datagram.
#[derive(Debug, Default)]
struct Datagram {
    age: u64,
    first: Option<Timestamp>,
    pieces: BTreeMap<usize, Box<[u8]>>,
    octets: usize,
    /// Length of the payload, known by its last fragment.
    end: Option<usize>,
    /// What the first fragment said.
    whole: Option<Whole>,
    refused: Option<Refusal>,
}

impl Store {
    pub(super) fn new(bounds: Bounds) -> Store {
        Store {
            bounds,
            ..Store::default()
        }
    }

    pub(super) fn counts(&self) -> FragmentCounts {
        let pending = self
            .datagrams
            .values()
            .filter(|datagram| datagram.refused.is_none());
        FragmentCounts {
            pending: pending.count() as u64,
            ..self.counts
        }
    }

    /// Takes a fragment seen at `time`.
    pub(super) fn add(&mut self, piece: &Piece<'_>, time: Option<Timestamp>) -> Outcome {
        self.expire(&piece.key, time);
        let datagram = self.datagrams.entry(piece.key).or_insert_with(|| {
            self.next_age += 1;
            self.ages.insert(self.next_age, piece.key);
            Datagram {
                age: self.next_age,
                first: time,
                ..Datagram::default()
            }
        });
        let before = datagram.cost();
        let added = datagram.add(piece);
        self.octets = self.octets - before + datagram.cost();
        if let Err((refusal, first)) = added {
            self.counts.refused += u64::from(first);
            self.make_room();
            return Outcome::Refused(refusal);
        }
        let Some((whole, payload)) = datagram.complete() else {
            self.make_room();
            return Outcome::Kept;
        };
        self.counts.completed += 1;
        self.remove(&piece.key);
        Outcome::Complete(whole, payload)
    }

    /// Forgets a datagram that is too old for another fragment of its identification.
    fn expire(&mut self, key: &Key, time: Option<Timestamp>) {
        let first = self.datagrams.get(key).and_then(|datagram| datagram.first);
        let (Some(first), Some(time)) = (first, time) else {
            return;
        };
        if time.seconds_since(first) > f64::from(self.bounds.seconds) {
            self.abandon(*key);
        }
    }

    /// Gives up the oldest datagrams until the rest is within the bounds.
    fn make_room(&mut self) {
        while self.octets > self.bounds.octets || self.datagrams.len() > self.bounds.datagrams {
            let Some((_, key)) = self.ages.pop_first() else {
                return;
            };
            self.abandon(key);
        }
    }

    fn abandon(&mut self, key: Key) {
        if let Some(datagram) = self.remove(&key) {
            self.counts.abandoned += u64::from(datagram.refused.is_none());
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Datagram> {
        let datagram = self.datagrams.remove(key)?;
        self.ages.remove(&datagram.age);
        self.octets -= datagram.cost();
        Some(datagram)
    }
}

impl Datagram {
    fn cost(&self) -> usize {
        self.octets + self.pieces.len() * Bounds::PIECE
    }

    /// Keeps a fragment, or says why not, and whether that is news.
    fn add(&mut self, piece: &Piece<'_>) -> Result<(), (Refusal, bool)> {
        if let Some(refusal) = self.refused {
            return Err((refusal, false));
        }
        if let Err(refusal) = self.insert(piece) {
            self.refused = Some(refusal);
            self.pieces.clear();
            self.octets = 0;
            return Err((refusal, true));
        }
        if piece.offset == 0 {
            self.whole = Some(Whole {
                addresses: piece.key.addresses,
                protocol: piece.protocol,
                carriage: piece.carriage,
                layers: piece.layers,
            });
        }
        Ok(())
    }

    fn insert(&mut self, piece: &Piece<'_>) -> Result<(), Refusal> {
        let end = piece.offset + piece.bytes.len();
        self.check_end(piece, end)?;
        if self.holds(piece, end)? {
            return Ok(());
        }
        self.octets += piece.bytes.len();
        self.pieces.insert(piece.offset, piece.bytes.into());
        Ok(())
    }

    /// Lengths and ends that fit together.
    fn check_end(&mut self, piece: &Piece<'_>, end: usize) -> Result<(), Refusal> {
        if piece.bytes.is_empty() || (piece.more && !piece.bytes.len().is_multiple_of(8)) {
            return Err(Refusal::Length);
        }
        let held = self.pieces.last_key_value();
        let furthest = held.map_or(0, |(offset, bytes)| offset + bytes.len());
        let contradicts = match self.end {
            Some(known) => end > known || (!piece.more && end != known),
            None => !piece.more && end < furthest,
        };
        if contradicts || end > LONGEST {
            return Err(Refusal::End);
        }
        if !piece.more {
            self.end = Some(end);
        }
        Ok(())
    }

    /// Whether this very fragment is there already; any other overlap is refused.
    fn holds(&self, piece: &Piece<'_>, end: usize) -> Result<bool, Refusal> {
        let Some((offset, bytes)) = self.pieces.range(..end).next_back() else {
            return Ok(false);
        };
        if *offset == piece.offset && **bytes == *piece.bytes {
            return Ok(true);
        }
        if offset + bytes.len() > piece.offset {
            return Err(Refusal::Overlap);
        }
        Ok(false)
    }

    /// The payload, if no octet of it is missing. Pieces never overlap, so counting is enough.
    fn complete(&self) -> Option<(Whole, Vec<u8>)> {
        let whole = self.whole?;
        if self.end != Some(self.octets) {
            return None;
        }
        let mut payload = Vec::with_capacity(self.octets);
        self.pieces
            .values()
            .for_each(|bytes| payload.extend_from_slice(bytes));
        Some((whole, payload))
    }
}

/// Greatest length of a datagram, and so of its payload.
const LONGEST: usize = 65_535;

#[cfg(test)]
mod tests;
