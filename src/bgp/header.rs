//! The header of every BGP message (RFC 4271 4.1):
//!
//! ```text
//! +-----------------------------------------------------------+
//! |                    Marker (16 octets, all ones)           |
//! +-------------------+-----------+---------------------------+
//! | Length (2)        | Type (1)  |
//! +-------------------+-----------+
//! ```
//!
//! Length counts the header: 19 to 4096, or to 65535 with Extended Messages (RFC 8654). That OPEN
//! and KEEPALIVE may never pass 4096 is for an analysis to say, not for a decoder.

use crate::wire::{Cursor, DecodeError};

code_points! {
    /// The Type octet of a BGP message.
    MessageType(u8) {
        OPEN = 1, "open", "RFC 4271 4.2";
        UPDATE = 2, "update", "RFC 4271 4.3";
        NOTIFICATION = 3, "notification", "RFC 4271 4.5";
        KEEPALIVE = 4, "keepalive", "RFC 4271 4.4";
        ROUTE_REFRESH = 5, "route-refresh", "RFC 2918 3";
    }
}

/// Octets of the header: marker, length and type.
pub const HEADER_LENGTH: usize = 19;

/// A message without Extended Messages, OPEN and KEEPALIVE always (RFC 4271 4.1, RFC 8654 4).
pub const MAXIMUM_LENGTH: u16 = 4096;

/// Length and type of a BGP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageHeader {
    /// Octets of the whole message, header included.
    pub length: u16,
    /// What the message is.
    pub message_type: MessageType,
}

impl MessageHeader {
    /// Reads the 19 octets and checks the marker and the least length.
    #[inline]
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<MessageHeader, DecodeError> {
        let start = cursor.offset();
        // Read as one array: the error then says that a header is missing, not which part of it.
        let header = cursor.array::<HEADER_LENGTH>("BGP header")?;
        let [marker @ .., high, low, message_type] = header;
        if u128::from_be_bytes(marker) != u128::MAX {
            return Err(DecodeError::malformed(start, "Marker", "is not all ones"));
        }
        let length = u16::from_be_bytes([high, low]);
        if usize::from(length) < HEADER_LENGTH {
            let why = "is less than the header's 19 octets";
            return Err(DecodeError::malformed(start + 16, "Length", why));
        }
        Ok(MessageHeader {
            length,
            message_type: MessageType(message_type),
        })
    }

    /// Reads the header and takes the body it announces; the cursor then stands behind the message.
    #[inline]
    pub fn take<'a>(cursor: &mut Cursor<'a>) -> Result<(MessageHeader, Cursor<'a>), DecodeError> {
        let header = MessageHeader::decode(cursor)?;
        let body = cursor.take("BGP message", usize::from(header.length) - HEADER_LENGTH)?;
        Ok((header, body))
    }

    /// As [`MessageHeader::take`], for a message that has to be of one type.
    #[inline]
    pub(crate) fn take_body<'a>(
        cursor: &mut Cursor<'a>,
        expected: MessageType,
        why: &'static str,
    ) -> Result<Cursor<'a>, DecodeError> {
        let start = cursor.offset();
        let (header, body) = MessageHeader::take(cursor)?;
        if header.message_type != expected {
            return Err(DecodeError::malformed(start + 18, "Type", why));
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;

    /// A KEEPALIVE (RFC 4271 4.4) with an octet behind it that is not its own.
    fn keepalive() -> Vec<u8> {
        hex("ffffffff ffffffff ffffffff ffffffff  # Marker
             0013                                 # Length: 19
             04                                   # Type: KEEPALIVE
             99")
    }

    #[test]
    fn a_header_gives_length_and_type_and_the_cursor_stands_behind_the_message() {
        let bytes = keepalive();
        let mut cursor = Cursor::new(&bytes);
        let (header, body) = MessageHeader::take(&mut cursor).unwrap();
        assert_eq!(header.length, 19);
        assert_eq!(header.message_type, MessageType::KEEPALIVE);
        assert!(body.is_empty());
        assert_eq!(cursor.rest(), &[0x99]);
    }

    #[test]
    fn a_wrong_marker_and_a_short_length_say_so() {
        let error = |at: usize, octet: u8| {
            let mut bytes = keepalive();
            bytes[at] = octet;
            let mut cursor = Cursor::at(&bytes, 48);
            MessageHeader::take(&mut cursor).unwrap_err().to_string()
        };
        assert_eq!(error(3, 0), "Marker at byte 48: is not all ones");
        assert_eq!(
            error(17, 18),
            "Length at byte 64: is less than the header's 19 octets"
        );
        assert_eq!(
            error(17, 21),
            "BGP message at byte 67: needs 2 bytes, 1 left in its container"
        );
    }

    #[test]
    fn every_prefix_of_a_header_is_an_error() {
        let bytes = keepalive();
        for length in 0..HEADER_LENGTH {
            assert!(MessageHeader::take(&mut Cursor::new(&bytes[..length])).is_err());
        }
    }

    #[test]
    fn a_type_without_a_name_is_a_value() {
        assert_eq!(MessageType(5).to_string(), "route-refresh");
        assert_eq!(MessageType(77).to_string(), "unknown-77");
        assert_eq!(
            serde_json::to_string(&MessageType(2)).unwrap(),
            "\"update\""
        );
    }
}
