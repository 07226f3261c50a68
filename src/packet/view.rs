//! Captured octets that may end before the octets on the wire did.

use super::Other;
use super::header::{Header, Wrong};
use crate::wire::{Cursor, DecodeError, Problem};

/// What is left of a frame (or of a reassembled datagram) behind the layers read so far: the
/// captured octets, and how many more were on the wire but not captured.
///
/// A read past the captured octets is [`Other::Truncated`] where the wire had the octets, and
/// [`Other::Malformed`] where it had not.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    cursor: Cursor<'a>,
    missing: usize,
    short: bool,
}

impl<'a> View<'a> {
    /// Octets of which `missing` more were on the wire behind them.
    pub(super) fn new(bytes: &'a [u8], missing: usize) -> View<'a> {
        View {
            cursor: Cursor::new(bytes),
            missing,
            short: false,
        }
    }

    /// The captured octets.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    /// Octets that follow `rest` on the wire and were not captured.
    pub(super) fn missing(&self) -> usize {
        self.missing
    }

    /// Octets from the start of the frame, or of the reassembled payload.
    pub(super) fn offset(&self) -> usize {
        self.cursor.offset()
    }

    /// The first four bits, without moving: IP's Version.
    pub(super) fn nibble(&self) -> Option<u8> {
        self.rest().first().map(|octet| octet >> 4)
    }

    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], Other> {
        let read = self.cursor.array(field);
        read.map_err(|error| self.cut(error))
    }

    pub(super) fn bytes(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], Other> {
        let read = self.cursor.bytes(field, length);
        read.map_err(|error| self.cut(error))
    }

    /// A header that etherparse reads, options included.
    pub(super) fn header<H: Header<'a>>(&mut self, field: &'static str) -> Result<H, Other> {
        let header = H::read(self.rest()).map_err(|wrong| self.wrong(field, wrong))?;
        self.bytes(field, header.octets().len())?;
        Ok(header)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, Other> {
        self.array::<1>(field).map(|[octet]| octet)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, Other> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, Other> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// A header promised more octets than there were on the wire.
    pub(super) fn is_short(&self) -> bool {
        self.short
    }

    /// Ends the view after `length` octets by the word of a header: what lies behind is padding. A
    /// header that promises more than its container had on the wire gets no more.
    pub(super) fn limit(&mut self, length: usize) {
        let bytes = self.cursor.rest();
        let on_wire = bytes.len() + self.missing;
        self.short |= length > on_wire;
        let kept = bytes.get(..length).unwrap_or(bytes);
        self.missing = length.min(on_wire) - kept.len();
        self.cursor = Cursor::at(kept, self.cursor.offset());
    }

    /// A header field that contradicts its specification; it lies `behind` octets before the view.
    pub(super) fn malformed(&self, behind: usize, field: &'static str, why: &'static str) -> Other {
        let offset = self.offset().saturating_sub(behind);
        Other::Malformed(DecodeError::malformed(offset, field, why))
    }

    /// Why nothing is left, though `field` should follow.
    pub(super) fn ended(&self, field: &'static str) -> Other {
        self.cut(DecodeError::overrun(self.offset(), field, 1, 0))
    }

    #[cold]
    fn wrong(&self, header: &'static str, wrong: Wrong) -> Other {
        let offset = self.offset();
        match wrong {
            Wrong::Ends { needs, left } => {
                self.cut(DecodeError::overrun(offset, header, needs, left))
            }
            Wrong::Field(at, field, why) => {
                Other::Malformed(DecodeError::malformed(offset + at, field, why))
            }
        }
    }

    #[cold]
    fn cut(&self, error: DecodeError) -> Other {
        match error.problem {
            Problem::Overrun { needs, left } if (needs - left) as usize <= self.missing => {
                Other::Truncated(error.field)
            }
            _ => Other::Malformed(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_past_the_capture_is_truncated_only_if_the_wire_had_the_octets() {
        let mut view = View::new(&[1, 2, 3], 1);
        assert_eq!(view.u16("a"), Ok(0x0102));
        assert_eq!(view.u16("b"), Err(Other::Truncated("b")));
        let error = view.u32("c").unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed: c at byte 2: needs 4 bytes, 1 left in its container"
        );
    }

    #[test]
    fn a_limit_trims_padding_or_what_the_capture_lacks() {
        let mut padded = View::new(&[1, 2, 3, 4], 0);
        padded.limit(3);
        assert_eq!((padded.rest(), padded.missing()), (&[1, 2, 3][..], 0));
        let mut cut = View::new(&[1, 2], 5);
        cut.limit(6);
        assert_eq!((cut.rest(), cut.missing()), (&[1, 2][..], 4));
        assert!(!padded.is_short() && !cut.is_short());
    }

    #[test]
    fn a_limit_past_the_wire_gives_what_the_wire_had() {
        let mut view = View::new(&[1, 2], 3);
        view.limit(10);
        assert_eq!((view.rest(), view.missing()), (&[1, 2][..], 3));
        assert!(view.is_short());
    }
}
