//! Octets that came out of order, by position, until what is before them comes or is given up.

use crate::stream::Moment;
use crate::stream::sequence::length;
use std::collections::BTreeMap;

/// The out-of-order store of one direction. It exists only while something is held.
#[derive(Debug)]
pub(super) struct Held {
    /// Disjoint pieces by position. One for each segment: a piece keeps the moment it came with.
    pieces: BTreeMap<u64, Piece>,
    /// Start and end of ranges that were on the wire but cut off by the snapshot length.
    snapped: BTreeMap<u64, u64>,
    /// Segments far from everything, each continuing the one before: a jump that waits for proof.
    stray: Vec<(u32, Piece)>,
    /// The data of the SYN, while it is open whether the SYN counts.
    syn: Vec<u8>,
    /// The segment that carried the last octets before the first hole.
    pub(super) before: Moment,
    /// What all this costs in memory, about.
    charge: usize,
}

/// The payload of a segment, or the part of it that was new.
#[derive(Debug)]
pub(super) struct Piece {
    /// Octets.
    pub(super) data: Vec<u8>,
    /// The segment that carried them.
    pub(super) moment: Moment,
}

impl Piece {
    fn charge(&self) -> usize {
        self.data.len() + PIECE_OVERHEAD
    }
}

/// What a piece costs beside its octets: key, vector, moment, their share of the tree's nodes and
/// the allocator's rounding.
const PIECE_OVERHEAD: usize = 112;

impl Held {
    pub(super) fn new(before: Moment) -> Held {
        Held {
            pieces: BTreeMap::new(),
            snapped: BTreeMap::new(),
            stray: Vec::new(),
            syn: Vec::new(),
            before,
            charge: 0,
        }
    }

    /// Keeps what is not held yet: the first copy of an octet stands. Returns the position of the
    /// first octet that differs from a held copy.
    pub(super) fn insert(&mut self, position: u64, data: &[u8], moment: Moment) -> Option<u64> {
        let (fresh, differs) = self.compare(position, data);
        for (start, end) in fresh {
            let from = usize::try_from(start - position).unwrap_or(usize::MAX);
            let to = usize::try_from(end - position).unwrap_or(usize::MAX);
            let Some(part) = data.get(from..to) else {
                continue;
            };
            let piece = Piece {
                data: part.to_vec(),
                moment,
            };
            self.charge += piece.charge();
            self.pieces.insert(start, piece);
        }
        differs
    }

    /// The ranges of `data` that no piece covers, and the first octet that differs from a piece.
    fn compare(&mut self, position: u64, data: &[u8]) -> (Vec<(u64, u64)>, Option<u64>) {
        let end = position + length(data);
        let before = self.pieces.range(..=position).next_back();
        let from = before.map_or(position, |(start, _)| *start);
        let (mut fresh, mut differs, mut cursor) = (Vec::new(), None, position);
        for (start, piece) in self.pieces.range_mut(from..end) {
            if *start > cursor {
                fresh.push((cursor, *start));
            }
            let difference = overlap_differs(position, data, *start, piece);
            differs = differs.or(difference);
            cursor = cursor.max(start + length(&piece.data));
        }
        if cursor < end {
            fresh.push((cursor, end));
        }
        (fresh, differs)
    }

    /// Notes a range that was on the wire but not captured.
    pub(super) fn snap(&mut self, start: u64, end: u64) {
        if end <= start {
            return;
        }
        match self.snapped.get_mut(&start) {
            Some(known) => *known = end.max(*known),
            None => {
                self.snapped.insert(start, end);
                self.charge += PIECE_OVERHEAD;
            }
        }
    }

    /// Takes the first piece if it begins at `position` or before.
    pub(super) fn pop(&mut self, position: u64) -> Option<(u64, Piece)> {
        let entry = self.pieces.first_entry()?;
        if *entry.key() > position {
            return None;
        }
        let (start, piece) = entry.remove_entry();
        self.charge = self.charge.saturating_sub(piece.charge());
        Some((start, piece))
    }

    /// Forgets cut ranges that end at `position` or before.
    pub(super) fn forget_snapped(&mut self, position: u64) {
        while let Some(entry) = self.snapped.first_entry()
            && *entry.get() <= position
        {
            entry.remove();
            self.charge = self.charge.saturating_sub(PIECE_OVERHEAD);
        }
    }

    /// The first piece's position and octets.
    pub(super) fn first(&self) -> Option<(u64, &Piece)> {
        self.pieces
            .first_key_value()
            .map(|(start, piece)| (*start, piece))
    }

    /// The first cut range: start and end.
    pub(super) fn first_snapped(&self) -> Option<(u64, u64)> {
        self.snapped
            .first_key_value()
            .map(|(start, end)| (*start, *end))
    }

    /// Where the first thing known begins, held or cut.
    pub(super) fn lowest(&self) -> Option<u64> {
        let piece = self.first().map(|(start, _)| start);
        let snapped = self.first_snapped().map(|(start, _)| start);
        match (piece, snapped) {
            (Some(piece), Some(snapped)) => Some(piece.min(snapped)),
            (piece, snapped) => piece.or(snapped),
        }
    }

    /// Where the last thing known ends, held or cut.
    pub(super) fn highest(&self) -> Option<u64> {
        let piece = self.pieces.last_key_value();
        let piece = piece.map(|(start, piece)| start + length(&piece.data));
        let snapped = self.snapped.last_key_value().map(|(_, end)| *end);
        piece.max(snapped)
    }

    /// Pieces and cut ranges.
    pub(super) fn count(&self) -> usize {
        self.pieces.len() + self.snapped.len()
    }

    /// What it costs in memory, about.
    pub(super) fn charge(&self) -> usize {
        self.charge
    }

    /// Nothing is held, known to be cut, or waiting for proof.
    pub(super) fn is_empty(&self) -> bool {
        self.count() == 0 && self.stray.is_empty() && self.syn.is_empty()
    }

    /// Keeps a copy of the SYN's data, which was delivered.
    pub(super) fn keep_syn(&mut self, data: &[u8]) {
        self.charge += data.len();
        self.syn = data.to_vec();
    }

    /// The copy of the SYN's data; empty once it is decided whether the SYN counts.
    pub(super) fn syn(&self) -> &[u8] {
        &self.syn
    }

    /// It is decided whether the SYN counts.
    pub(super) fn forget_syn(&mut self) {
        self.charge = self.charge.saturating_sub(self.syn.len());
        self.syn = Vec::new();
    }

    /// The octets from the first piece on that follow each other, as many as a piece more than `bound`.
    pub(super) fn first_run(&self, bound: usize) -> Option<(u64, Vec<u8>)> {
        let (first, _) = self.first()?;
        let mut run = Vec::new();
        for (start, piece) in &self.pieces {
            if *start != first + length(&run) || run.len() >= bound {
                break;
            }
            run.extend_from_slice(&piece.data);
        }
        Some((first, run))
    }

    /// Adds a segment to the run of those far from everything. Those that it does not continue are
    /// taken out and returned; a second copy changes nothing.
    pub(super) fn stray(&mut self, sequence: u32, piece: Piece) -> Vec<(u32, Piece)> {
        if self.stray.iter().any(|(known, _)| *known == sequence) {
            return Vec::new();
        }
        let continues = self.stray.last().is_none_or(|(start, last)| {
            // A segment's payload is shorter than 4 GiB: it was in one packet.
            start.wrapping_add(last.data.len() as u32) == sequence
        });
        let refuted = if continues {
            Vec::new()
        } else {
            self.take_stray()
        };
        self.charge += piece.charge();
        self.stray.push((sequence, piece));
        refuted
    }

    /// How many segments the run far from everything has.
    pub(super) fn stray_count(&self) -> usize {
        self.stray.len()
    }

    /// Takes the run of segments far from everything.
    pub(super) fn take_stray(&mut self) -> Vec<(u32, Piece)> {
        let run = std::mem::take(&mut self.stray);
        let charge: usize = run.iter().map(|(_, piece)| piece.charge()).sum();
        self.charge = self.charge.saturating_sub(charge);
        run
    }
}

/// The first octet at which `data` at `position` differs from a piece at `start`.
fn overlap_differs(position: u64, data: &[u8], start: u64, piece: &mut Piece) -> Option<u64> {
    let from = position.max(start);
    let mine = data.get(usize::try_from(from - position).ok()?..)?;
    let theirs = piece.data.get(usize::try_from(from - start).ok()?..)?;
    let different = mine.iter().zip(theirs).position(|(a, b)| a != b)?;
    // A single octet may be a keepalive's or window probe's, which need not be data (RFC 9293
    // 3.8.4): a longer copy is believed over it.
    if piece.data.len() == 1 && data.len() > 1 {
        piece.data = mine.get(..1)?.to_vec();
        return None;
    }
    Some(from + different as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(pieces: &[(u64, &str)]) -> Held {
        let mut held = Held::new(Moment::default());
        for (position, text) in pieces {
            held.insert(*position, text.as_bytes(), Moment::default());
        }
        held
    }

    fn contents(mut held: Held) -> Vec<(u64, String)> {
        std::iter::from_fn(|| held.pop(u64::MAX))
            .map(|(start, piece)| (start, String::from_utf8(piece.data).unwrap()))
            .collect()
    }

    #[test]
    fn only_what_is_not_held_yet_is_kept() {
        let store = held(&[(10, "kl"), (14, "op"), (8, "ijKLmnOPqr")]);
        let expected = [(8, "ij"), (10, "kl"), (12, "mn"), (14, "op"), (16, "qr")];
        let expected = expected.map(|(start, text)| (start, text.to_owned()));
        assert_eq!(contents(store), expected);
    }

    #[test]
    fn the_first_differing_octet_is_told() {
        let mut store = held(&[(10, "klmn")]);
        assert_eq!(store.insert(8, b"ijkl", Moment::default()), None);
        assert_eq!(store.insert(11, b"lmXX", Moment::default()), Some(13));
        assert_eq!(store.insert(12, b"m", Moment::default()), None);
    }

    #[test]
    fn a_longer_copy_is_believed_over_a_probe_octet() {
        let mut store = held(&[(10, "\0")]);
        assert_eq!(store.insert(9, b"jkl", Moment::default()), None);
        let joined: String = contents(store).into_iter().map(|(_, text)| text).collect();
        assert_eq!(joined, "jkl");
    }

    #[test]
    fn the_charge_returns_to_nothing() {
        let mut store = held(&[(10, "klmn"), (20, "uv"), (9, "jklmnop")]);
        store.snap(30, 40);
        store.snap(30, 35);
        store.stray(
            7,
            Piece {
                data: vec![1, 2],
                moment: Moment::default(),
            },
        );
        assert!(store.charge() > 5 * PIECE_OVERHEAD);
        assert_eq!(store.highest(), Some(40));
        store.take_stray();
        store.forget_snapped(40);
        while store.pop(u64::MAX).is_some() {}
        assert!(store.is_empty());
        assert_eq!(store.charge(), 0);
    }

    #[test]
    fn a_run_far_away_is_kept_only_while_it_continues() {
        let mut store = held(&[]);
        let piece = || Piece {
            data: vec![0; 10],
            moment: Moment::default(),
        };
        assert!(store.stray(100, piece()).is_empty());
        assert!(store.stray(110, piece()).is_empty());
        assert!(store.stray(100, piece()).is_empty());
        assert_eq!(store.stray_count(), 2);
        assert_eq!(store.stray(500, piece()).len(), 2);
        assert_eq!(store.stray_count(), 1);
    }
}
