//! The common header of every BMP message (RFC 7854 4.1):
//!
//! ```text
//! +---------------+
//! |    Version    |
//! +---------------+---------------+---------------+---------------+
//! |                        Message Length                         |
//! +---------------+---------------+---------------+---------------+
//! |   Msg. Type   |
//! +---------------+
//! ```

use super::MessageType;
use crate::wire::{Cursor, DecodeError};

/// Version, length and type of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommonHeader {
    /// 3 (RFC 7854), or 4 (draft-ietf-grow-bmp-tlv).
    pub version: u8,
    /// Octets of the whole message, this header included.
    pub length: u32,
    /// What the message is.
    pub message_type: MessageType,
}

impl CommonHeader {
    /// Octets of the header.
    pub const LENGTH: usize = 6;

    /// The header at the front of `bytes`; none if there are fewer than six octets.
    #[inline]
    pub fn peek(bytes: &[u8]) -> Option<CommonHeader> {
        let [version, a, b, c, d, message_type] = *bytes.first_chunk::<6>()?;
        let length = u32::from_be_bytes([a, b, c, d]);
        Some(CommonHeader {
            version,
            length,
            message_type: MessageType(message_type),
        })
    }

    /// Reads the header of a whole message; its length has to be that of `bytes`.
    #[inline]
    pub fn read(bytes: &[u8]) -> Result<CommonHeader, DecodeError> {
        let whole = bytes.len();
        let header = CommonHeader::peek(bytes)
            .ok_or_else(|| DecodeError::overrun(0, "Common Header", CommonHeader::LENGTH, whole))?;
        if header.length as usize == whole {
            return Ok(header);
        }
        Err(DecodeError::overrun(
            1,
            "Message Length",
            header.length as usize,
            whole,
        ))
    }

    /// A cursor behind the header of a whole message.
    #[inline]
    pub fn body(bytes: &[u8]) -> Cursor<'_> {
        Cursor::at(
            bytes.get(CommonHeader::LENGTH..).unwrap_or_default(),
            CommonHeader::LENGTH,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_says_version_length_and_type() {
        let header = CommonHeader::read(&[3, 0, 0, 0, 6, 4]).unwrap();
        assert_eq!((header.version, header.length), (3, 6));
        assert_eq!(header.message_type, MessageType::INITIATION);
    }

    #[test]
    fn a_length_that_is_not_the_messages_own_is_an_error() {
        let error = CommonHeader::read(&[3, 0, 0, 0, 7, 4]).unwrap_err();
        let expected = "Message Length at byte 1: needs 7 bytes, 6 left in its container";
        assert_eq!(error.to_string(), expected);
    }
}
