//! Indexed TLVs: each says which NLRI of the UPDATE it is about (draft-ietf-grow-bmp-tlv-21 4.3).
//!
//! ```text
//! |E|           Type (15)         |        Length (2 octets)      |
//! |G|          Index (15)         |
//! |     PEN (4 octets), if E      |       Value (variable)        |
//! ```
//!
//! Length counts PEN and value, not the index.

use super::super::tlv::enterprise;
use super::begins_with_marker;
use crate::wire::{Cursor, DecodeError};

/// What a TLV is about: 0: all NLRI, else the n-th NLRI; with the G bit: a group of NLRI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index(pub u16);

impl Index {
    /// It is the number of a group.
    pub fn is_group(self) -> bool {
        self.0 & 0x8000 != 0
    }

    /// The number, without the G bit.
    pub fn number(self) -> u16 {
        self.0 & 0x7fff
    }
}

/// One indexed TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexedTlv<'a> {
    /// Type as sent, the E bit included: a type of an enterprise is none of the draft's.
    pub tlv_type: u16,
    /// The Private Enterprise Number whose type it is, with the E bit.
    pub enterprise: Option<u32>,
    /// What it is about.
    pub index: Index,
    /// Value, behind the index and the PEN.
    pub value: &'a [u8],
    /// Octets from the start of the message to the value.
    pub offset: usize,
}

impl IndexedTlv<'_> {
    /// Its value is one BGP message, whole and nothing else.
    pub fn is_bgp_message(&self) -> bool {
        let length = self.value.get(16..18);
        begins_with_marker(self.value)
            && length.is_some_and(|length| {
                length
                    .iter()
                    .fold(0, |sum, octet| sum << 8 | usize::from(*octet))
                    == self.value.len()
            })
    }

    /// Its value is text for people: UTF-8 without control characters, and not empty.
    pub fn is_text(&self) -> bool {
        let text = std::str::from_utf8(self.value);
        text.is_ok_and(|text| !text.is_empty() && !text.contains(char::is_control))
    }
}

/// The indexed TLVs of a message, in order. One that leaves the message is an error and the last.
#[derive(Debug, Clone, Copy)]
pub struct IndexedTlvs<'a> {
    cursor: Cursor<'a>,
}

impl<'a> IndexedTlvs<'a> {
    /// The TLVs from here to the end of the message.
    pub fn new(cursor: Cursor<'a>) -> IndexedTlvs<'a> {
        IndexedTlvs { cursor }
    }

    /// The place behind the last one that can be read.
    pub(super) fn end(mut self) -> Cursor<'a> {
        self.by_ref().for_each(drop);
        self.cursor
    }

    fn read(&mut self) -> Result<IndexedTlv<'a>, DecodeError> {
        let tlv_type = self.cursor.u16("TLV Type")?;
        let length = self.cursor.u16("TLV Length")?;
        let index = Index(self.cursor.u16("TLV Index")?);
        let mut value = self.cursor.take("TLV Value", usize::from(length))?;
        let enterprise = enterprise(tlv_type, &mut value);
        Ok(IndexedTlv {
            tlv_type,
            enterprise,
            index,
            value: value.rest(),
            offset: value.offset(),
        })
    }
}

impl<'a> Iterator for IndexedTlvs<'a> {
    type Item = Result<IndexedTlv<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.is_empty() {
            return None;
        }
        let tlv = self.read();
        if tlv.is_err() {
            self.cursor.take_rest();
        }
        Some(tlv)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::*;

    fn all(octets: &[u8]) -> Vec<Result<IndexedTlv<'_>, DecodeError>> {
        IndexedTlvs::new(Cursor::at(octets, 48)).collect()
    }

    #[test]
    fn the_length_counts_the_pen_but_not_the_index() {
        let octets = hex("
            0003 0006 0000 676c6f62616c   # Type, Length, Index, 'global'
            8001 0006 8002 00007ed9 abcd  # E, Type 1, Length, G, Index 2, PEN 32473, Value
            0005 0000 0001                # empty
        ");
        let tlvs: Vec<_> = all(&octets).into_iter().map(Result::unwrap).collect();
        assert_eq!((tlvs[0].value, tlvs[0].offset), (&b"global"[..], 54));
        assert_eq!(tlvs[1].enterprise, Some(32473));
        assert_eq!(tlvs[1].value, [0xab, 0xcd]);
        assert_eq!(
            (tlvs[1].index.is_group(), tlvs[1].index.number()),
            (true, 2)
        );
        assert_eq!((tlvs[2].index, tlvs[2].value.len()), (Index(1), 0));
    }

    #[test]
    fn an_enterprise_tlv_too_short_for_its_pen_keeps_its_octets() {
        let octets = hex("8001 0002 0000 abcd  0003 0001 0000 61");
        let tlvs: Vec<_> = all(&octets).into_iter().map(Result::unwrap).collect();
        assert_eq!(
            (tlvs[0].enterprise, tlvs[0].value),
            (None, &[0xab, 0xcd][..])
        );
        assert_eq!(tlvs[1].value, b"a");
    }

    #[test]
    fn a_tlv_that_leaves_the_message_is_the_last_and_says_so() {
        let octets = hex("0003 0001 0000 61  0004 0009 0000 62");
        let tlvs = all(&octets);
        assert_eq!(tlvs.len(), 2);
        let error = tlvs[1].unwrap_err().to_string();
        assert_eq!(
            error,
            "TLV Value at byte 61: needs 9 bytes, 1 left in its container"
        );
    }
}
