//! What bodies are made of: TLVs, BGP messages, texts. Walks are bounded, nothing is decoded.

use crate::wire::{Cursor, DecodeError};

/// TLVs and statistics walked in one body. More is no reason to refuse a message in sync, but
/// proves nothing: it keeps the work per hypothesis small.
pub(super) const WALK_BOUND: usize = 256;

/// The longest statistic registered has 11 octets; a long one proves nothing.
pub(super) const STATISTIC_BOUND: u16 = 64;

/// Octets of a BGP header (RFC 4271 §4.1).
pub(super) const BGP_HEADER: usize = 19;

pub(super) const OPEN: u8 = 1;
pub(super) const UPDATE: u8 = 2;
pub(super) const NOTIFICATION: u8 = 3;

/// Walks TLVs (type 2, length 2, value) to the end of the container. The number of TLVs, or none if
/// they do not fill it exactly, are too many, or `accepts` refuses one.
pub(super) fn tlvs<'a>(
    mut cursor: Cursor<'a>,
    mut accepts: impl FnMut(u16, &'a [u8]) -> bool,
) -> Option<usize> {
    for count in 0..WALK_BOUND {
        if cursor.is_empty() {
            return Some(count);
        }
        let tlv_type = cursor.u16("Information Type").ok()?;
        let length = cursor.u16("Information Length").ok()?;
        let value = cursor.bytes("Information", usize::from(length)).ok()?;
        if !accepts(tlv_type, value) {
            return None;
        }
    }
    None
}

/// Takes one BGP message of the type off the cursor.
pub(super) fn pdu(cursor: &mut Cursor<'_>, message_type: u8) -> Option<()> {
    let bytes = cursor.rest();
    let (length, found) = pdu_head(bytes)?;
    if !begins_with_marker(bytes) || found != message_type || length < BGP_HEADER {
        return None;
    }
    cursor.bytes("BGP Message", length).ok().map(|_| ())
}

/// No TLV type is assigned whose first octet is a BMP version: there a message begins, and the length
/// of the one before was wrong.
pub(super) fn may_be_tlv_type(tlv_type: u16) -> bool {
    !matches!(tlv_type >> 8, 3 | 4)
}

pub(super) fn is_pdu(bytes: &[u8], message_type: u8) -> bool {
    begins_with_marker(bytes) && pdu_head(bytes) == Some((bytes.len(), message_type))
}

pub(super) fn is_any_pdu(bytes: &[u8]) -> bool {
    begins_with_marker(bytes) && pdu_head(bytes).is_some_and(|(length, _)| length == bytes.len())
}

/// Length and type of a BGP header; none if it is cut.
pub(super) fn pdu_head(bytes: &[u8]) -> Option<(usize, u8)> {
    let [high, low, message_type] = *bytes.get(16..)?.first_chunk::<3>()?;
    Some((usize::from(u16::from_be_bytes([high, low])), message_type))
}

pub(super) fn begins_with_marker(bytes: &[u8]) -> bool {
    bytes.first_chunk::<16>() == Some(&[0xff; 16])
}

/// UTF-8 without control characters other than white space. A final NUL is seen in the wild.
pub(super) fn is_text(value: &[u8]) -> bool {
    let value = value.strip_suffix(&[0]).unwrap_or(value);
    std::str::from_utf8(value)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()))
}

/// draft-ietf-grow-bmp-tlv-21 §4.3: the length does not count the index.
pub(super) fn indexed_tlv<'a>(cursor: &mut Cursor<'a>) -> Result<(u16, &'a [u8]), DecodeError> {
    let tlv_type = cursor.u16("TLV Type")?;
    let length = cursor.u16("TLV Length")?;
    cursor.u16("TLV Index")?;
    let value = cursor.bytes("TLV Value", usize::from(length))?;
    Ok((tlv_type, value))
}
