//! What the tests share: octets from hex, and a place for what comes out.

use super::{Lost, Output};
use crate::stream::{DirectionId, Gap, Moment};

/// Octets from hex digits; everything that is no digit is passed over.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// What came out of decryption.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// Plaintext by side.
    pub(super) plain: [Vec<u8>; 2],
    /// The packets of its pieces.
    pub(super) packets: [Vec<u64>; 2],
    pub(super) lost: Vec<Lost>,
    /// Octets that went through.
    pub(super) raw: usize,
    /// Where the plaintext of each side goes on.
    next: [u64; 2],
}

impl Output for Collected {
    fn raw(&mut self, _: DirectionId, _: u64, octets: &[u8], _: Moment) {
        self.raw += octets.len();
    }

    fn raw_gap(&mut self, _: DirectionId, _: Gap) {}

    fn plain(&mut self, direction: DirectionId, offset: u64, octets: &[u8], moment: Moment) {
        let side = direction.side();
        assert_eq!(offset, self.next[side]);
        self.next[side] += octets.len() as u64;
        self.plain[side].extend_from_slice(octets);
        self.packets[side].push(moment.packet);
    }

    fn lost(&mut self, direction: DirectionId, lost: Lost) {
        let side = direction.side();
        assert_eq!(lost.offset, self.next[side]);
        self.next[side] += lost.length;
        self.lost.push(lost);
    }
}
