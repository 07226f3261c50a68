//! Information TLVs: type, length, value, to the end of the message (RFC 7854 4.4).

use super::v4::{Numbering, RouteTlvKind, RouteTlvValue};
use crate::wire::{Cursor, DecodeError};
use std::borrow::Cow;

code_points! {
    /// TLVs that every message of version 4 may have beside those of its own registry. The draft
    /// asks for the numbers that they have in Route Monitoring.
    CommonTlv(u16) {
        SEQUENCE_NUMBER = 5, "sequence-number", "draft-ietf-grow-bmp-tlv-21 5.6.2";
        EXTENDED_FLAGS = 6, "extended-flags", "draft-ietf-grow-bmp-tlv-21 5.6.3";
        TIMESTAMP = 7, "timestamp", "draft-ietf-grow-bmp-tlv-21 5.6.1";
    }
}

/// One TLV. Its type is a number of the registry of the message that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// Type as sent. In version 4 its first bit says that it is an enterprise's: then it is no
    /// number of the registry.
    pub tlv_type: u16,
    /// The Private Enterprise Number whose type it is (draft-ietf-grow-bmp-tlv-21 4.2).
    pub enterprise: Option<u32>,
    /// Value, behind the enterprise number.
    pub value: &'a [u8],
    /// Octets from the start of the message to the value.
    pub offset: usize,
    /// It is of a message of version 4.
    pub is_version_4: bool,
}

impl<'a> Tlv<'a> {
    /// The value as text; octets that are not UTF-8 become replacement characters.
    pub fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.value)
    }

    /// Its kind, if it is one that every message of version 4 may have.
    pub fn common(&self) -> Option<CommonTlv> {
        let kind = CommonTlv(self.tlv_type);
        (self.is_version_4 && kind.word().is_some()).then_some(kind)
    }

    /// What such a one says.
    pub fn common_value(&self) -> Option<RouteTlvValue<'a>> {
        let kind = match self.common()? {
            CommonTlv::SEQUENCE_NUMBER => RouteTlvKind::SequenceNumber,
            CommonTlv::EXTENDED_FLAGS => RouteTlvKind::ExtendedFlags,
            _ => RouteTlvKind::Timestamp,
        };
        Some(RouteTlvValue::of(kind, self.value, Numbering::Draft21))
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
    has_enterprises: bool,
}

impl<'a> Tlvs<'a> {
    /// The TLVs from here to the end of the container, of a message of this version.
    pub fn new(cursor: Cursor<'a>, version: u8) -> Tlvs<'a> {
        Tlvs {
            cursor,
            has_enterprises: version == 4,
        }
    }

    /// The place of the next TLV.
    pub(super) fn end(&self) -> Cursor<'a> {
        self.cursor
    }

    fn read(&mut self) -> Result<Tlv<'a>, DecodeError> {
        let tlv_type = self.cursor.u16("Information Type")?;
        let length = self.cursor.u16("Information Length")?;
        let mut value = self.cursor.take("Information", usize::from(length))?;
        let enterprise = self
            .has_enterprises
            .then(|| enterprise(tlv_type, &mut value));
        Ok(Tlv {
            tlv_type,
            enterprise: enterprise.flatten(),
            value: value.rest(),
            offset: value.offset(),
            is_version_4: self.has_enterprises,
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

/// Takes the Private Enterprise Number from the front of a value, if the type's E bit promises one.
/// 65535 is reserved and has none; a value too short for it stays as it is.
pub(super) fn enterprise(tlv_type: u16, value: &mut Cursor<'_>) -> Option<u32> {
    let has_one = tlv_type & 0x8000 != 0 && tlv_type != u16::MAX;
    has_one
        .then(|| value.u32("Private Enterprise Number").ok())
        .flatten()
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
        let tlvs: Vec<_> = Tlvs::new(Cursor::new(&octets), 3)
            .map(Result::unwrap)
            .collect();
        let types: Vec<_> = tlvs.iter().map(|tlv| tlv.tlv_type).collect();
        assert_eq!(types, [2, 65531, 0]);
        assert_eq!(tlvs[0].text(), "foo");
        assert_eq!((tlvs[1].value, tlvs[1].offset), (&[0x7f][..], 11));
    }

    #[test]
    fn an_enterprise_of_version_4_has_its_number_before_its_value() {
        let octets = hex("8003 0006 00007ed9 abcd  8003 0002 abcd  ffff 0004 00000001");
        let tlvs: Vec<_> = Tlvs::new(Cursor::new(&octets), 4).flatten().collect();
        assert_eq!(
            (tlvs[0].enterprise, tlvs[0].value, tlvs[0].offset),
            (Some(32473), &[0xab, 0xcd][..], 8)
        );
        assert_eq!(tlvs[1].enterprise, None, "too short for a number");
        assert_eq!(tlvs[1].value, [0xab, 0xcd]);
        assert_eq!(tlvs[2].enterprise, None, "reserved");
        let version_3 = Tlvs::new(Cursor::new(&octets), 3).flatten().next().unwrap();
        assert_eq!((version_3.enterprise, version_3.value.len()), (None, 6));
    }

    #[test]
    fn every_message_of_version_4_may_have_a_number_flags_and_times() {
        let octets = hex("
            0005 0008 0000000000000007   # Sequence Number 7
            0006 0001 41                 # Extended Flags L and X
            0007 0005 02 00000001        # Timestamp: Export, at 1
            0007 0002 0200               # too short
        ");
        let shown = |version| {
            let tlvs = Tlvs::new(Cursor::new(&octets), version).flatten();
            tlvs.map(|tlv| tlv.common_value()).collect::<Vec<_>>()
        };
        assert_eq!(shown(3), [None; 4]);
        let [number, flags, time, raw] = shown(4)[..] else {
            panic!()
        };
        assert_eq!(number, Some(RouteTlvValue::SequenceNumber(7)));
        let Some(RouteTlvValue::ExtendedFlags(flags)) = flags else {
            panic!()
        };
        let words: Vec<_> = flags.words().collect();
        assert_eq!(words, ["post-policy", "extended"]);
        let Some(RouteTlvValue::Timestamp(time)) = time else {
            panic!()
        };
        assert_eq!((time.code, time.name), (2, Some("export")));
        assert_eq!(raw, Some(RouteTlvValue::Raw(&[2, 0])));
    }

    #[test]
    fn a_tlv_that_leaves_its_container_ends_it_and_keeps_what_came_before() {
        let octets = hex("0002 0001 61  0001 0009 62");
        let mut tlvs = Tlvs::new(Cursor::new(&octets), 3);
        assert_eq!(tlvs.next().unwrap().unwrap().text(), "a");
        let error = tlvs.next().unwrap().unwrap_err();
        let expected = "Information at byte 9: needs 9 bytes, 1 left in its container";
        assert_eq!(error.to_string(), expected);
        assert!(tlvs.next().is_none());
    }
}
