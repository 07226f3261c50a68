//! Whether the body of a message bears its header out: BGP markers and lengths where the type has
//! them, statistics or TLVs that fill the body exactly where it has none.

use super::header::{
    HEADER, Header, PEER_HEADER_END, TRACE_EVENTS, microseconds_are_plausible,
    peer_header_is_plausible,
};
use super::known::{KnownTypes, OfDraft};
use super::pieces::{
    NOTIFICATION, OPEN, STATISTIC_BOUND, UPDATE, WALK_BOUND, begins_with_marker, indexed_tlv,
    is_any_pdu, is_pdu, is_text, may_be_tlv_type, pdu, tlvs,
};
use crate::wire::Cursor;

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

/// Judges a whole message.
pub(super) fn structure(header: Header, message: &[u8], known: &KnownTypes) -> Structure {
    if !header.has_peer_header() {
        let body = message.get(HEADER..).unwrap_or_default();
        return match header.message_type {
            4 => initiation(body),
            5 => termination(body),
            _ => less_common(header, message, known),
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

/// A message of a type that is not in RFC 7854.
fn less_common(header: Header, message: &[u8], known: &KnownTypes) -> Structure {
    match known.of_draft(header.message_type) {
        Some(OfDraft::Config) => rpki_config(message, known),
        Some(OfDraft::Route) => rpki_route(message),
        None if header.message_type == 100 => policy_trace(message),
        None => Structure::Odd,
    }
}

/// draft-wang-grow-bmp-rpki-mon-reqs-03 4.3: sources and policies fill the body, or what is behind a
/// per-peer header.
fn rpki_config(message: &[u8], known: &KnownTypes) -> Structure {
    let is_filled = |from: usize| {
        let mut has_container = false;
        let body = message.get(from..).unwrap_or_default();
        let count = tlvs(Cursor::new(body), |tlv_type, _| {
            has_container |= known.is_container(tlv_type);
            may_be_tlv_type(tlv_type)
        });
        count.is_some() && has_container
    };
    let is_of_peer = || peer_header_is_plausible(message) && microseconds_are_plausible(message);
    match is_filled(HEADER) || (is_of_peer() && is_filled(PEER_HEADER_END)) {
        true => Structure::Tiled,
        false => Structure::Odd,
    }
}

/// draft-wang-grow-bmp-rpki-mon-reqs-03 5.2 and 6: as Route Monitoring of version 4, whatever the
/// version.
fn rpki_route(message: &[u8]) -> Structure {
    if !peer_header_is_plausible(message) {
        return Structure::Odd;
    }
    let body = message.get(PEER_HEADER_END..).unwrap_or_default();
    indexed_tlvs(body).unwrap_or(Structure::Odd)
}

// The functions below judge whole bodies; `None` says that nothing confirms them.

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
        may_be_tlv_type(tlv_type)
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

/// RFC 7854 §4.3: texts, and what else a router says of itself
/// (draft-zhuang-grow-monitoring-bgp-parameters-02 has octets there), fill the body.
fn initiation(body: &[u8]) -> Structure {
    let mut has_text = false;
    let count = tlvs(Cursor::new(body), |tlv_type, value| {
        let is_text = is_text(value);
        has_text |= is_text && tlv_type <= 4 && !value.is_empty();
        match tlv_type {
            0..=4 => is_text,
            _ => is_text || may_be_tlv_type(tlv_type),
        }
    });
    match count {
        Some(1..) if has_text && body.len() > 4 => Structure::Tiled,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges a message of version 3 with a Loc-RIB per-peer header of zeros where it has one.
    fn judge(message_type: u8, body: &[u8]) -> Structure {
        let peer_header = [&[3][..], &[0; 41]].concat();
        let peer_header = if message_type < 4 || message_type == 6 {
            peer_header
        } else {
            Vec::new()
        };
        let length = HEADER + peer_header.len() + body.len();
        let mut message = vec![3];
        message.extend(u32::try_from(length).unwrap().to_be_bytes());
        message.push(message_type);
        message.extend(peer_header);
        message.extend(body);
        let known = KnownTypes::default();
        structure(Header::read(&message).unwrap(), &message, &known)
    }

    #[test]
    fn statistics_must_be_as_many_as_declared_and_fill_the_body() {
        // 00 00 00 01: Stats Count, 00 07: Stat Type, 00 08: Stat Len
        let one = [0, 0, 0, 1, 0, 7, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9];
        assert_eq!(judge(1, &one), Structure::Tiled);
        assert_eq!(judge(1, &[&one[..], &[0]].concat()), Structure::Odd);
        assert_eq!(
            judge(1, &[&[0, 0, 0, 2][..], &one[4..]].concat()),
            Structure::Odd
        );
        assert_eq!(
            judge(1, &[0, 0, 0, 0]),
            Structure::Odd,
            "none prove nothing"
        );
    }

    #[test]
    fn a_peer_down_has_the_data_that_its_reason_says() {
        let notification = [&[0xff; 16][..], &[0, 21, 3, 6, 4]].concat();
        assert_eq!(
            judge(2, &[&[1][..], &notification].concat()),
            Structure::Marked
        );
        assert_eq!(judge(2, &[2, 0, 0x12]), Structure::Tiled, "FSM event 18");
        assert_eq!(
            judge(2, &[2, 9, 9]),
            Structure::Odd,
            "RFC 4271 has no event 2313"
        );
        assert_eq!(judge(2, &[4]), Structure::Tiled);
        // Reason 6, TLV 3 (VRF/Table Name), RFC 9069 §5.3
        assert_eq!(judge(2, &[6, 0, 3, 0, 2, b'v', b'1']), Structure::Tiled);
        assert_eq!(judge(2, &[0]), Structure::Odd, "reason 0 is reserved");
    }

    #[test]
    fn texts_of_an_initiation_are_texts() {
        assert_eq!(judge(4, &[0, 1, 0, 2, b'o', b'k']), Structure::Tiled);
        assert_eq!(judge(4, &[0, 1, 0, 2, 1, 2]), Structure::Odd);
        // sysName, and a TLV of octets (65533, draft-zhuang-grow-monitoring-bgp-parameters-02).
        let both = [0, 2, 0, 1, b'a', 0xff, 0xfd, 0, 2, 1, 2];
        assert_eq!(judge(4, &both), Structure::Tiled);
        assert_eq!(judge(4, &both[5..]), Structure::Odd, "no text at all");
        assert_eq!(judge(4, &[0, 1, 0, 3, b'o', b'k']), Structure::Odd);
        assert_eq!(judge(4, &[]), Structure::Odd);
        // Octets of an experimental type, 65531, behind a text, and without one.
        let supported = [0xff, 0xfb, 0, 4, 2, 2, 2, 0];
        let named = [&[0, 2, 0, 1, b'a'][..], &supported].concat();
        assert_eq!(judge(4, &named), Structure::Tiled);
        assert_eq!(judge(4, &supported), Structure::Odd);
        // 00 01: Reason, 00 00: administratively closed
        assert_eq!(judge(5, &[0, 1, 0, 2, 0, 0]), Structure::Tiled);
    }

    #[test]
    fn trailing_tlvs_behind_an_update_are_allowed_and_another_header_is_not() {
        let update = [&[0xff; 16][..], &[0, 23, 2, 0, 0, 0, 0]].concat();
        let tlv = [0xea, 0x62, 0, 2, 7, 7]; // sent by a vendor
        let header = [3, 0, 0, 0, 0, 0];
        assert_eq!(judge(0, &update), Structure::Marked);
        assert_eq!(judge(0, &[&update[..], &tlv].concat()), Structure::Marked);
        assert_eq!(
            judge(0, &[&update[..], &update].concat()),
            Structure::Marked
        );
        assert_eq!(judge(0, &[&update[..], &header].concat()), Structure::Odd);
        assert_eq!(judge(0, &update[1..]), Structure::Odd);
    }

    #[test]
    fn a_mirrored_message_is_verbatim_and_its_length_is_that_of_its_tlv() {
        let keepalive = [&[0xff; 16][..], &[0, 19, 4]].concat();
        let tlv = [&[0, 0, 0, 19][..], &keepalive].concat();
        assert_eq!(judge(6, &tlv), Structure::Marked);
        assert_eq!(
            judge(6, &[0, 1, 0, 2, 0, 1]),
            Structure::Tiled,
            "Messages Lost"
        );
        assert_eq!(
            judge(6, &[0, 0, 0, 3, 1, 2, 3]),
            Structure::Tiled,
            "an errored PDU"
        );
        assert_eq!(judge(6, &[]), Structure::Odd);
    }

    #[test]
    fn no_body_cut_anywhere_does_harm() {
        let update = [&[0xff; 16][..], &[0, 23, 2, 0, 0, 0, 0]].concat();
        for message_type in 0..=7 {
            for end in 0..update.len() {
                assert!(judge(message_type, &update[..end]) <= Structure::Tiled);
            }
        }
    }
}
