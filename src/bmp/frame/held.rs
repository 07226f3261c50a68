//! Octets that wait for more: a buffer that knows where in the stream it begins.

/// Capacity that an empty buffer keeps.
const KEPT: usize = 128 * 1024;

/// A run of octets from one place of the stream. Grows only with octets that arrive.
#[derive(Debug, Default)]
pub(super) struct Held {
    octets: Vec<u8>,
    /// The first octet still undecided.
    start: usize,
    /// Where in the stream that octet is.
    offset: u64,
}

impl Held {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.octets.len() == self.start
    }

    /// The undecided octets.
    #[inline]
    pub(super) fn live(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }

    /// Offset in the stream of the first undecided octet.
    #[inline]
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Adds octets that stand at `offset`, right behind those held.
    pub(super) fn append(&mut self, offset: u64, data: &[u8]) {
        if self.is_empty() {
            self.octets.clear();
            // What a search has needed once is not kept for the life of the stream.
            self.octets.shrink_to(KEPT);
            self.start = 0;
            self.offset = offset;
        } else if self.start * 2 > self.octets.len() {
            // Moving less than was decided keeps the cost per octet constant.
            self.octets.drain(..self.start);
            self.start = 0;
        }
        self.octets.extend_from_slice(data);
    }

    /// The first `count` octets are decided.
    pub(super) fn advance(&mut self, count: usize) {
        let count = count.min(self.octets.len() - self.start);
        self.start += count;
        self.offset += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decided_octets_leave_and_the_offset_goes_on() {
        let mut held = Held::default();
        held.append(100, &[1, 2, 3]);
        held.advance(2);
        assert_eq!((held.live(), held.offset()), (&[3][..], 102));
        held.append(103, &[4]);
        assert_eq!((held.live(), held.offset()), (&[3, 4][..], 102));
        held.advance(9);
        assert!(held.is_empty(), "no more than is there");
        held.append(500, &[5]);
        assert_eq!((held.live(), held.offset()), (&[5][..], 500));
    }
}
