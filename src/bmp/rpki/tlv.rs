//! TLVs of the RPKI messages, plain and indexed, known by the code points in use.
//!
//! ```text
//! plain:    type (2) | length (2)                             | value
//! indexed:  type (2) | length (2, of the value) | index (2)   | value
//! ```
//!
//! A type with the E bit is an enterprise's, and its number begins the value, unless the user gave a
//! code point just that number.

use super::super::tlv::enterprise;
use super::super::v4::Index;
use crate::wire::code_points::Number;
use crate::wire::{CodePoint, CodePoints, Cursor, DecodeError};

/// One TLV.
#[derive(Debug, Clone, Copy)]
pub struct RpkiTlv<'a> {
    /// Its number.
    pub number: Number,
    /// What it is; none where that is not known.
    pub code_point: Option<CodePoint>,
    /// Which NLRI of the UPDATE it is about; none of a plain TLV.
    pub index: Option<Index>,
    /// Its value, behind the enterprise's number.
    pub value: Cursor<'a>,
    /// The numbers by which the TLVs inside are known.
    pub(super) code_points: &'a CodePoints,
}

impl<'a> RpkiTlv<'a> {
    /// The type as sent, the E bit included.
    pub fn tlv_type(&self) -> u16 {
        match self.number {
            Number::Plain(number) => number,
            Number::Enterprise { number, .. } => number | 0x8000,
        }
    }

    /// The Private Enterprise Number whose type it is.
    pub fn enterprise(&self) -> Option<u32> {
        match self.number {
            Number::Plain(_) => None,
            Number::Enterprise { enterprise, .. } => Some(enterprise),
        }
    }

    /// The octets of the value.
    pub fn octets(&self) -> &'a [u8] {
        self.value.rest()
    }

    /// It holds TLVs.
    pub fn is_container(&self) -> bool {
        matches!(
            self.code_point,
            Some(CodePoint::RpkiSource | CodePoint::RpkiPolicy | CodePoint::AlternateRoute)
        )
    }

    /// The plain TLVs that it holds, if it is a container.
    pub fn inner(&self) -> RpkiTlvs<'a> {
        RpkiTlvs::plain(self.value, self.code_points)
    }
}

/// TLVs in order. One that leaves its container is an error and the last.
#[derive(Debug, Clone, Copy)]
pub struct RpkiTlvs<'a> {
    cursor: Cursor<'a>,
    is_indexed: bool,
    code_points: &'a CodePoints,
}

impl<'a> RpkiTlvs<'a> {
    /// Plain TLVs from here to the end of the container.
    pub(super) fn plain(cursor: Cursor<'a>, code_points: &'a CodePoints) -> RpkiTlvs<'a> {
        RpkiTlvs {
            cursor,
            is_indexed: false,
            code_points,
        }
    }

    /// Indexed TLVs from here to the end of the message.
    pub(super) fn indexed(cursor: Cursor<'a>, code_points: &'a CodePoints) -> RpkiTlvs<'a> {
        RpkiTlvs {
            is_indexed: true,
            ..RpkiTlvs::plain(cursor, code_points)
        }
    }

    /// Every TLV can be read.
    pub(super) fn are_whole(self) -> bool {
        self.into_iter().all(|tlv| tlv.is_ok())
    }

    fn read(&mut self) -> Result<RpkiTlv<'a>, DecodeError> {
        let tlv_type = self.cursor.u16("TLV Type")?;
        let length = self.cursor.u16("TLV Length")?;
        let index = match self.is_indexed {
            true => Some(Index(self.cursor.u16("TLV Index")?)),
            false => None,
        };
        let mut value = self.cursor.take("TLV Value", usize::from(length))?;
        let (number, code_point) = self.number(tlv_type, &mut value);
        Ok(RpkiTlv {
            number,
            code_point,
            index,
            value,
            code_points: self.code_points,
        })
    }

    fn number(&self, tlv_type: u16, value: &mut Cursor<'a>) -> (Number, Option<CodePoint>) {
        let plain = Number::Plain(tlv_type);
        if let Some(code_point) = self.code_points.rpki(plain) {
            return (plain, Some(code_point));
        }
        let number = match enterprise(tlv_type, value) {
            Some(enterprise) => Number::Enterprise {
                enterprise,
                number: tlv_type & Number::MAX_WITH_E_BIT,
            },
            None => plain,
        };
        (number, self.code_points.rpki(number))
    }
}

impl<'a> Iterator for RpkiTlvs<'a> {
    type Item = Result<RpkiTlv<'a>, DecodeError>;

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
