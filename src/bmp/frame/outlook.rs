//! What the first octets of a message promise, before the rest has come.

use super::header::{
    HEADER, Header, PEER_HEADER_END, Successor, peer_header_is_plausible, successor,
};
use super::known::KnownTypes;
use super::pieces::{
    BGP_HEADER, NOTIFICATION, OPEN, STATISTIC_BOUND, UPDATE, WALK_BOUND, begins_with_marker,
    indexed_tlv, pdu_head,
};
use crate::wire::Cursor;

/// What the first octets of a message promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outlook {
    /// The octets that are there contradict the header.
    Impossible,
    /// Not known yet.
    Open,
    /// A BGP message stands where it must be and its length agrees with the header's.
    Marked,
}

/// Judges the first octets of a message that is longer than `bytes`.
pub(super) fn outlook(header: Header, bytes: &[u8], known: &KnownTypes) -> Outlook {
    if !header.has_peer_header() {
        let body = bytes.get(HEADER..).unwrap_or_default();
        return match header.message_type {
            4 => texts_outlook(body, |tlv_type| matches!(tlv_type, 0..=4 | 32_768..=65_534)),
            5 => texts_outlook(body, |tlv_type| tlv_type <= 1),
            _ => Outlook::Open,
        };
    }
    if !peer_header_is_plausible(bytes) {
        return Outlook::Impossible;
    }
    let Some(body) = bytes.get(PEER_HEADER_END..) else {
        return Outlook::Open;
    };
    let rest = header.length.saturating_sub(PEER_HEADER_END);
    match (header.version, header.message_type) {
        (3, 0) => update_outlook(body, rest, 3, known),
        (3, 1) => statistics_outlook(body, rest),
        (_, 1) => wrapped_statistics_outlook(body, rest, known),
        (_, 0) => indexed_outlook(body, rest, known),
        (version, 2) => peer_down_outlook(body, rest, version, known),
        (version, 3) => peer_up_outlook(body, rest, version, known),
        (_, 6) => mirroring_outlook(body, rest),
        _ => Outlook::Open,
    }
}

/// A BMP header stands inside a Route Monitoring message, where its UPDATE or one of its TLVs ends: its
/// length is wrong. An odd body says nothing.
pub(super) fn ends_early(header: Header, message: &[u8], known: &KnownTypes) -> bool {
    let body = message.get(PEER_HEADER_END..).unwrap_or_default();
    match (header.message_type, header.version) {
        (0, version) if begins_with_marker(body) => {
            behind_pdu(body, version, known) == Outlook::Impossible
        }
        (0, 4) => has_header_behind_tlv(body, known),
        _ => false,
    }
}

fn has_header_behind_tlv(body: &[u8], known: &KnownTypes) -> bool {
    let mut cursor = Cursor::new(body);
    for _ in 0..WALK_BOUND {
        if indexed_tlv(&mut cursor).is_err() {
            return false;
        }
        if successor(cursor.rest(), 4, false, known) == Successor::Valid {
            return true;
        }
    }
    false
}

// In the functions below `rest` is how many octets the header promises from the first of `body` on.

/// A PDU at the beginning of `bytes`. `fills` says that it must reach to the end of the message to
/// be proof of the length.
fn pdu_outlook(bytes: &[u8], rest: usize, message_type: u8, fills: bool) -> Outlook {
    let marker = bytes.get(..16).unwrap_or(bytes);
    if marker.iter().any(|&octet| octet != 0xff) {
        return Outlook::Impossible;
    }
    let Some((length, found)) = pdu_head(bytes) else {
        return Outlook::Open;
    };
    if length < BGP_HEADER || length > rest || found != message_type {
        return Outlook::Impossible;
    }
    match fills && length != rest {
        true => Outlook::Open,
        false => Outlook::Marked,
    }
}

/// TLVs may follow the UPDATE, so its length proves the message's only if both end together.
fn update_outlook(body: &[u8], rest: usize, version: u8, known: &KnownTypes) -> Outlook {
    match pdu_outlook(body, rest, UPDATE, true) {
        Outlook::Open => behind_pdu(body, version, known),
        outlook => outlook,
    }
}

/// TLVs stand behind the BGP message at the beginning of `bytes`.
fn behind_pdu(bytes: &[u8], version: u8, known: &KnownTypes) -> Outlook {
    let end = pdu_head(bytes).map_or(usize::MAX, |(length, _)| length);
    tlvs_outlook(bytes.get(end..).unwrap_or_default(), version, known)
}

/// A BMP header where a TLV should begin: the message ended there, its length is wrong.
fn tlvs_outlook(bytes: &[u8], version: u8, known: &KnownTypes) -> Outlook {
    let mut cursor = Cursor::new(bytes);
    for _ in 0..WALK_BOUND {
        if successor(cursor.rest(), version, false, known) == Successor::Valid {
            return Outlook::Impossible;
        }
        let (Ok(_), Ok(length)) = (cursor.u16("Type"), cursor.u16("Length")) else {
            break;
        };
        if cursor.bytes("Value", usize::from(length)).is_err() {
            break;
        }
    }
    Outlook::Open
}

/// Version 4 wraps the statistics in a TLV, whose type is not zero as the count's first octets are.
fn wrapped_statistics_outlook(body: &[u8], rest: usize, known: &KnownTypes) -> Outlook {
    match body {
        [0, 0, ..] => statistics_outlook(body, rest),
        _ => tlvs_outlook(body, 4, known),
    }
}

/// As many statistics as declared must fill the message.
fn statistics_outlook(body: &[u8], rest: usize) -> Outlook {
    let mut cursor = Cursor::new(body);
    let Ok(declared) = cursor.u32("Stats Count") else {
        return Outlook::Open;
    };
    for _ in 0..declared.min(WALK_BOUND as u32) {
        let (Ok(_), Ok(length)) = (cursor.u16("Stat Type"), cursor.u16("Stat Len")) else {
            return Outlook::Open;
        };
        if length > STATISTIC_BOUND || cursor.offset() + usize::from(length) > rest {
            return Outlook::Impossible;
        }
        if cursor.bytes("Stat Data", usize::from(length)).is_err() {
            return Outlook::Open;
        }
    }
    Outlook::Impossible
}

fn texts_outlook(body: &[u8], is_known: impl Fn(u16) -> bool) -> Outlook {
    let mut cursor = Cursor::new(body);
    for _ in 0..WALK_BOUND {
        let (Ok(tlv_type), Ok(length)) = (cursor.u16("t"), cursor.u16("l")) else {
            return Outlook::Open;
        };
        if !is_known(tlv_type) {
            return Outlook::Impossible;
        }
        if cursor.bytes("v", usize::from(length)).is_err() {
            return Outlook::Open;
        }
    }
    Outlook::Open
}

fn indexed_outlook(body: &[u8], rest: usize, known: &KnownTypes) -> Outlook {
    if begins_with_marker(body) {
        return pdu_outlook(body, rest, UPDATE, true);
    }
    let mut cursor = Cursor::new(body);
    for _ in 0..WALK_BOUND {
        let before = cursor.offset();
        if before > 0 && successor(cursor.rest(), 4, false, known) == Successor::Valid {
            return Outlook::Impossible;
        }
        let (Ok(_), Ok(length), Ok(_)) = (cursor.u16("t"), cursor.u16("l"), cursor.u16("i")) else {
            return Outlook::Open;
        };
        let length = usize::from(length);
        if before + 6 + length > rest {
            return Outlook::Impossible;
        }
        let fills = before + 6 + length == rest;
        let value = cursor.rest();
        if fills && begins_with_marker(value) && pdu_head(value) == Some((length, UPDATE)) {
            return Outlook::Marked;
        }
        if cursor.bytes("v", length).is_err() {
            return Outlook::Open;
        }
    }
    Outlook::Open
}

fn peer_down_outlook(body: &[u8], rest: usize, version: u8, known: &KnownTypes) -> Outlook {
    let Some((reason, data)) = body.split_first() else {
        return Outlook::Open;
    };
    match reason {
        1 | 3 => match pdu_outlook(data, rest.saturating_sub(1), NOTIFICATION, true) {
            Outlook::Open => behind_pdu(data, version, known),
            outlook => outlook,
        },
        2 => tlvs_outlook(data.get(2..).unwrap_or_default(), version, known),
        _ => tlvs_outlook(data, version, known),
    }
}

/// TLVs follow the two OPENs, which therefore do not prove the length.
fn peer_up_outlook(body: &[u8], rest: usize, version: u8, known: &KnownTypes) -> Outlook {
    let opens = body.get(20..).unwrap_or_default();
    let first = pdu_outlook(opens, rest.saturating_sub(20), OPEN, true);
    if first != Outlook::Open {
        return first;
    }
    let end = pdu_head(opens).map_or(usize::MAX, |(length, _)| length);
    behind_pdu(opens.get(end..).unwrap_or_default(), version, known)
}

fn mirroring_outlook(body: &[u8], rest: usize) -> Outlook {
    let mut cursor = Cursor::new(body);
    let (Ok(tlv_type), Ok(length)) = (cursor.u16("t"), cursor.u16("l")) else {
        return Outlook::Open;
    };
    let length = usize::from(length);
    if tlv_type > 1 || 4 + length > rest {
        return Outlook::Impossible;
    }
    let is_last = 4 + length == rest;
    match tlv_type == 0 && is_last && begins_with_marker(cursor.rest()) {
        true => Outlook::Marked,
        false => Outlook::Open,
    }
}
