//! Whether the body of a message bears its header out: BGP markers and lengths where the type has
//! them, statistics or TLVs that fill the body exactly where it has none.

use super::header::{
    HEADER, Header, PEER_HEADER_END, Successor, TRACE_EVENTS, microseconds_are_plausible,
    peer_header_is_plausible, successor,
};
use crate::wire::{Cursor, DecodeError};

/// How well a whole message bears its header out; the later, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Structure {
    /// No such per-peer header exists.
    Impossible,
    /// Nothing in the body confirms the header; in sync such a message is accepted all the same.
    Odd,
    /// Statistics or TLVs with plausible content fill the body exactly.
    Tiled,
    /// A BGP message with marker, length and type is where it must be.
    Marked,
}

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

/// TLVs and statistics walked in one body. More is no reason to refuse a message in sync, but
/// proves nothing: it keeps the work per hypothesis small.
const WALK_BOUND: usize = 256;

/// The longest statistic registered has 11 octets; a long one proves nothing.
const STATISTIC_BOUND: u16 = 64;

/// Octets of a BGP header (RFC 4271 §4.1).
const BGP_HEADER: usize = 19;

const OPEN: u8 = 1;
const UPDATE: u8 = 2;
const NOTIFICATION: u8 = 3;

/// Judges a whole message.
pub(super) fn structure(header: Header, message: &[u8]) -> Structure {
    if !header.has_peer_header() {
        let body = message.get(HEADER..).unwrap_or_default();
        return match header.message_type {
            4 => initiation(body),
            5 => termination(body),
            100 => policy_trace(message),
            _ => Structure::Odd,
        };
    }
    if !peer_header_is_plausible(message) {
        return Structure::Impossible;
    }
    let body = message.get(PEER_HEADER_END..).unwrap_or_default();
    let found = match header.message_type {
        0 => route_monitoring(header.version, body),
        1 => statistics(header.version, body),
        2 => peer_down(body),
        3 => peer_up(body),
        6 => route_mirroring(body),
        _ => None,
    };
    match found {
        Some(Structure::Tiled) if !microseconds_are_plausible(message) => Structure::Odd,
        Some(structure) => structure,
        None => Structure::Odd,
    }
}

/// Judges the first octets of a message that is longer than `bytes`.
pub(super) fn outlook(header: Header, bytes: &[u8]) -> Outlook {
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
        (3, 0) => update_outlook(body, rest),
        (3, 1) => statistics_outlook(body, rest),
        (_, 0) => indexed_outlook(body, rest),
        (_, 2) => peer_down_outlook(body, rest),
        (_, 3) => peer_up_outlook(body, rest),
        (_, 6) => mirroring_outlook(body, rest),
        _ => Outlook::Open,
    }
}

// ---- whole bodies: `None` says that nothing confirms them

fn route_monitoring(version: u8, body: &[u8]) -> Option<Structure> {
    if version == 4 && !begins_with_marker(body) {
        return indexed_tlvs(body);
    }
    let mut cursor = Cursor::new(body);
    pdu(&mut cursor, UPDATE)?;
    // A vendor sends TLVs behind the UPDATE, others several UPDATEs in one message.
    for _ in 0..WALK_BOUND {
        if !begins_with_marker(cursor.rest()) {
            break;
        }
        pdu(&mut cursor, UPDATE)?;
    }
    tlvs(cursor, |tlv_type, _| may_be_tlv_type(tlv_type))?;
    Some(Structure::Marked)
}

/// draft-ietf-grow-bmp-tlv-21 §4.3: type, length, index; the length does not count the index.
fn indexed_tlvs(body: &[u8]) -> Option<Structure> {
    let mut cursor = Cursor::new(body);
    let mut has_update = false;
    for _ in 0..WALK_BOUND {
        if cursor.is_empty() {
            return has_update.then_some(Structure::Marked);
        }
        let (tlv_type, value) = indexed_tlv(&mut cursor).ok()?;
        if !may_be_tlv_type(tlv_type) {
            return None;
        }
        has_update |= is_pdu(value, UPDATE);
    }
    None
}

fn indexed_tlv<'a>(cursor: &mut Cursor<'a>) -> Result<(u16, &'a [u8]), DecodeError> {
    let tlv_type = cursor.u16("TLV Type")?;
    let length = cursor.u16("TLV Length")?;
    cursor.u16("TLV Index")?;
    let value = cursor.bytes("TLV Value", usize::from(length))?;
    Ok((tlv_type, value))
}

/// RFC 7854 §4.8; from draft-ietf-grow-bmp-tlv-20 on version 4 wraps it in a TLV of type 1.
fn statistics(version: u8, body: &[u8]) -> Option<Structure> {
    if let Some(structure) = counted_statistics(body) {
        return Some(structure);
    }
    if version != 4 {
        return None;
    }
    let mut wrapped = None;
    tlvs(Cursor::new(body), |tlv_type, value| {
        if tlv_type == 1 {
            wrapped = counted_statistics(value);
        }
        true
    })?;
    wrapped
}

fn counted_statistics(body: &[u8]) -> Option<Structure> {
    let mut cursor = Cursor::new(body);
    let declared = cursor.u32("Stats Count").ok()?;
    let counted = tlvs(cursor, |_, value| {
        value.len() <= usize::from(STATISTIC_BOUND)
    })?;
    (counted > 0 && usize::try_from(declared) == Ok(counted)).then_some(Structure::Tiled)
}

/// RFC 7854 §4.9, RFC 9069 §5.3; version 4 allows TLVs behind the data of every reason.
fn peer_down(body: &[u8]) -> Option<Structure> {
    let mut cursor = Cursor::new(body);
    let reason = cursor.u8("Reason").ok()?;
    if matches!(reason, 1..=5) && cursor.is_empty() {
        return Some(Structure::Tiled);
    }
    let structure = match reason {
        1 | 3 => pdu(&mut cursor, NOTIFICATION).map(|()| Structure::Marked)?,
        2 => fsm_event(&mut cursor)?,
        4..=6 => Structure::Tiled,
        _ => return None,
    };
    tlvs(cursor, |tlv_type, value| tlv_type < 256 && is_text(value))?;
    Some(structure)
}

/// RFC 4271 §8.1 numbers the events from 1 to 28; 0 says that none applies.
fn fsm_event(cursor: &mut Cursor<'_>) -> Option<Structure> {
    let event = cursor.u16("FSM Event Code").ok()?;
    (event <= 28).then_some(Structure::Tiled)
}

/// RFC 7854 §4.10: addresses and ports, both OPENs, Information TLVs.
fn peer_up(body: &[u8]) -> Option<Structure> {
    let mut cursor = Cursor::new(body);
    cursor.bytes("Local Address and Ports", 20).ok()?;
    pdu(&mut cursor, OPEN)?;
    pdu(&mut cursor, OPEN)?;
    tlvs(cursor, |tlv_type, _| may_be_tlv_type(tlv_type))?;
    Some(Structure::Marked)
}

/// RFC 7854 §4.3: texts that fill the body.
fn initiation(body: &[u8]) -> Structure {
    let mut is_text_only = true;
    let count = tlvs(Cursor::new(body), |tlv_type, value| {
        is_text_only &= matches!(tlv_type, 0..=4 | 32_768..=65_534) && is_text(value);
        is_text_only
    });
    match count {
        Some(1..) if body.len() > 4 => Structure::Tiled,
        _ => Structure::Odd,
    }
}

/// RFC 7854 §4.5: a reason, and texts.
fn termination(body: &[u8]) -> Structure {
    let count = tlvs(Cursor::new(body), |tlv_type, value| match tlv_type {
        1 => value.len() == 2,
        _ => tlv_type == 0 && is_text(value),
    });
    match count {
        Some(1..) if body.len() > 4 => Structure::Tiled,
        _ => Structure::Odd,
    }
}

/// draft-xu-grow-bmp-route-policy-attr-trace-04: the total length of the events, the first of which
/// begins with its own length.
fn policy_trace(message: &[u8]) -> Structure {
    let u16_at = |at: usize| {
        let field = message.get(at..)?.first_chunk::<2>()?;
        Some(usize::from(u16::from_be_bytes(*field)))
    };
    let events = message.len().saturating_sub(TRACE_EVENTS);
    let is_exact = u16_at(TRACE_EVENTS - 2) == Some(events);
    match is_exact && u16_at(TRACE_EVENTS).is_some_and(|first| (2..=events).contains(&first)) {
        true => Structure::Tiled,
        false => Structure::Odd,
    }
}

/// RFC 7854 §4.7: Information and BGP Message TLVs. The mirrored PDU is verbatim, errors included.
fn route_mirroring(body: &[u8]) -> Option<Structure> {
    let mut structure = Structure::Tiled;
    let count = tlvs(Cursor::new(body), |tlv_type, value| {
        if tlv_type == 0 && is_any_pdu(value) {
            structure = Structure::Marked;
        }
        tlv_type == 0 || (tlv_type == 1 && value.len() == 2)
    })?;
    (count > 0).then_some(structure)
}

// ---- first octets: `rest` is how many octets the header promises from the first of `bytes` on

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

/// A BMP header where the UPDATE ends, although the message goes on: then its length is wrong.
fn update_outlook(body: &[u8], rest: usize) -> Outlook {
    let outlook = pdu_outlook(body, rest, UPDATE, true);
    let end = pdu_head(body).map_or(usize::MAX, |(length, _)| length);
    let behind = body.get(end..).unwrap_or_default();
    match successor(behind, 3) {
        Successor::Valid if outlook == Outlook::Open => Outlook::Impossible,
        _ => outlook,
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

fn indexed_outlook(body: &[u8], rest: usize) -> Outlook {
    if begins_with_marker(body) {
        return pdu_outlook(body, rest, UPDATE, true);
    }
    let mut cursor = Cursor::new(body);
    for _ in 0..WALK_BOUND {
        let before = cursor.offset();
        if before > 0 && successor(cursor.rest(), 4) == Successor::Valid {
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

fn peer_down_outlook(body: &[u8], rest: usize) -> Outlook {
    match body.split_first() {
        Some((1 | 3, data)) => pdu_outlook(data, rest.saturating_sub(1), NOTIFICATION, true),
        _ => Outlook::Open,
    }
}

/// Two OPENs do not prove the length: TLVs may follow.
fn peer_up_outlook(body: &[u8], rest: usize) -> Outlook {
    let opens = body.get(20..).unwrap_or_default();
    pdu_outlook(opens, rest.saturating_sub(20), OPEN, true)
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

// ---- pieces

/// Walks TLVs (type 2, length 2, value) to the end of the container. The number of TLVs, or none if
/// they do not fill it exactly, are too many, or `accepts` refuses one.
fn tlvs<'a>(
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
fn pdu(cursor: &mut Cursor<'_>, message_type: u8) -> Option<()> {
    let bytes = cursor.rest();
    let (length, found) = pdu_head(bytes)?;
    if !begins_with_marker(bytes) || found != message_type || length < BGP_HEADER {
        return None;
    }
    cursor.bytes("BGP Message", length).ok().map(|_| ())
}

/// No TLV type is assigned whose first octet is a BMP version: there a message begins, and the length
/// of the one before was wrong.
fn may_be_tlv_type(tlv_type: u16) -> bool {
    !matches!(tlv_type >> 8, 3 | 4)
}

fn is_pdu(bytes: &[u8], message_type: u8) -> bool {
    begins_with_marker(bytes) && pdu_head(bytes) == Some((bytes.len(), message_type))
}

fn is_any_pdu(bytes: &[u8]) -> bool {
    begins_with_marker(bytes) && pdu_head(bytes).is_some_and(|(length, _)| length == bytes.len())
}

/// Length and type of a BGP header; none if it is cut.
fn pdu_head(bytes: &[u8]) -> Option<(usize, u8)> {
    let [high, low, message_type] = *bytes.get(16..)?.first_chunk::<3>()?;
    Some((usize::from(u16::from_be_bytes([high, low])), message_type))
}

fn begins_with_marker(bytes: &[u8]) -> bool {
    bytes.first_chunk::<16>() == Some(&[0xff; 16])
}

/// UTF-8 without control characters other than white space. A final NUL is seen in the wild.
fn is_text(value: &[u8]) -> bool {
    let value = value.strip_suffix(&[0]).unwrap_or(value);
    std::str::from_utf8(value)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !c.is_whitespace()))
}
