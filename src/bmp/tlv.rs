//! Information TLVs: type, length, value, to the end of the message (RFC 7854 4.4).

use crate::wire::{Cursor, DecodeError};
use std::borrow::Cow;

/// One TLV. Its type is a number of the registry of the message that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Type.
    pub tlv_type: u16,
    /// Value.
    pub value: &'a [u8],
    /// Octets from the start of the message to the value.
    pub offset: usize,
}

impl<'a> Tlv<'a> {
    /// The value as text; octets that are not UTF-8 become replacement characters.
    pub fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.value)
    }

    /// The value as a two-octet code; none if it has another length.
    pub fn code(&self) -> Option<u16> {
        <[u8; 2]>::try_from(self.value).ok().map(u16::from_be_bytes)
    }
}

/// The TLVs of a container, in order. A TLV that leaves the container is an error and the last.
#[derive(Debug, Clone, Copy)]
pub struct Tlvs<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Tlvs<'a> {
    /// The TLVs from here to the end of the container.
    pub fn new(cursor: Cursor<'a>) -> Tlvs<'a> {
        Tlvs { cursor }
    }

    fn read(&mut self) -> Result<Tlv<'a>, DecodeError> {
        let tlv_type = self.cursor.u16("Information Type")?;
        let length = self.cursor.u16("Information Length")?;
        let offset = self.cursor.offset();
        let value = self.cursor.bytes("Information", usize::from(length))?;
        Ok(Tlv {
            tlv_type,
            value,
            offset,
        })
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<Tlv<'a>, DecodeError>;

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
    use super::super::test_bytes::hex;
    use super::*;

    #[test]
    fn tlvs_come_in_order_and_unknown_types_are_values() {
        let octets = hex("
            0002 0003 666f6f   # sysName: foo
            fffb 0001 7f       # 65531, experimental
            0000 0000          # String, empty
        ");
        let tlvs: Vec<_> = Tlvs::new(Cursor::new(&octets))
            .map(Result::unwrap)
            .collect();
        let types: Vec<_> = tlvs.iter().map(|tlv| tlv.tlv_type).collect();
        assert_eq!(types, [2, 65531, 0]);
        assert_eq!(tlvs[0].text(), "foo");
        assert_eq!((tlvs[1].value, tlvs[1].offset), (&[0x7f][..], 11));
    }

    #[test]
    fn a_tlv_that_leaves_its_container_ends_it_and_keeps_what_came_before() {
        let octets = hex("0002 0001 61  0001 0009 62");
        let mut tlvs = Tlvs::new(Cursor::new(&octets));
        assert_eq!(tlvs.next().unwrap().unwrap().text(), "a");
        let error = tlvs.next().unwrap().unwrap_err();
        let expected = "Information at byte 9: needs 9 bytes, 1 left in its container";
        assert_eq!(error.to_string(), expected);
        assert!(tlvs.next().is_none());
    }
}
