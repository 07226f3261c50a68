//! Events as the draft describes them.

use super::super::super::test_bytes::{PEER_HEADER, hex};
use super::*;
use crate::bgp::update;
use crate::bmp::Message;
use proptest::prelude::*;

/// The UPDATE of the public capture ipv4_unicast_all.pcap, whose NLRI carry path identifiers.
const UPDATE: &str = "
    0004 0045 0000                                 # BGP Message TLV
    ffffffffffffffffffffffffffffffff 0045 02 0000  # Marker, Length 69, UPDATE, no Withdrawn Routes
    001c                                           # Total Path Attribute Length
    40 01 01 02  40 02 00  40 03 04 01010101  80 04 04 00000000  40 05 04 00000064
    00000000 20 6f010101  00000000 20 6f010102     # path 0, 111.1.1.1/32 and 111.1.1.2/32
";
const STATELESS: &str = "0001 0006 0000  45 04 0001 01 01  # ADD-PATH, IPv4, receive\n";
const REASON: &str = "0005 0004 0000  00000004  # Event Reason: Validation Fail\n";

/// A message of version 4 of a type that is not assigned.
fn message(body: &str) -> Vec<u8> {
    let mut bytes = super::super::super::test_bytes::message(7, body);
    bytes[0] = 4;
    bytes
}

fn event<T>(bytes: &[u8], test: impl FnOnce(Option<RouteEvent<'_>>) -> T) -> T {
    match Message::decode(bytes).unwrap() {
        Message::RouteEvent(event) => test(Some(event)),
        Message::Unknown(_) => test(None),
        other => panic!("{other:?}"),
    }
}

fn value<T>(tlv: &str, test: impl FnOnce(EventValue<'_>) -> T) -> T {
    let octets = hex(tlv);
    let tlv = IndexedTlvs::new(Cursor::new(&octets)).next().unwrap();
    test(EventValue::of(&tlv.unwrap()))
}

#[test]
fn a_routing_event_is_recognised_with_and_without_an_event_type() {
    let tlvs = format!("{PEER_HEADER}{STATELESS}{UPDATE}{REASON}0008 0002 0001 01 01");
    for (body, expected) in [
        (tlvs.clone(), None),
        (format!("01\n{tlvs}"), Some(EventType::ROUTING)),
    ] {
        event(&message(&body), |event| {
            let event = event.unwrap();
            assert_eq!(event.event_type, expected);
            assert_eq!(event.header.unwrap().asn, 64500);
            let reasons: Vec<_> = event.reasons().collect();
            assert_eq!(reasons, [EventReason::VALIDATION_FAIL]);
            let (context, is_stated) = event.context();
            assert!(is_stated);
            let counts = update::count(event.update.unwrap(), &context).unwrap();
            assert_eq!(counts.families()[0].announced, 2);
        });
    }
}

#[test]
fn a_health_event_has_neither_peer_nor_routes() {
    let body = format!("02 {REASON} 0006 0009 0000 02 0000003c 00000005");
    event(&message(&body), |event| {
        let event = event.unwrap();
        assert_eq!(event.event_type, Some(EventType::HEALTH));
        assert!(event.header.is_none() && event.update.is_none());
    });
}

#[test]
fn what_is_no_event_in_every_octet_is_an_unknown_message() {
    let no_reason = format!("{PEER_HEADER}{UPDATE}");
    let cut = format!("{PEER_HEADER}{UPDATE}{REASON}0008 0009 0000 01");
    let no_update = format!("{PEER_HEADER}{REASON}");
    for body in [no_reason, cut, no_update, String::new(), "02".into()] {
        event(&message(&body), |event| assert!(event.is_none(), "{body}"));
    }
    let mut version_3 = message(&format!("{PEER_HEADER}{UPDATE}{REASON}"));
    version_3[0] = 3;
    event(&version_3, |event| assert!(event.is_none()));
}

#[test]
fn no_prefix_of_an_event_is_one_but_at_the_end_of_a_tlv() {
    let whole = message(&format!("{PEER_HEADER}{UPDATE}{REASON}{STATELESS}"));
    super::super::super::test_bytes::every_prefix_is_an_error(&whole);
    let ends = [whole.len(), whole.len() - 12];
    for length in 6..=whole.len() {
        let mut prefix = whole[..length].to_vec();
        prefix[1..5].copy_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
        event(&prefix, |event| {
            assert_eq!(event.is_some(), ends.contains(&length))
        });
    }
}

#[test]
fn the_a_flag_is_where_other_headers_have_the_l_flag() {
    let mut bytes = message(&format!("{PEER_HEADER}{UPDATE}{REASON}"));
    event(&bytes, |event| {
        assert!(event.unwrap().context().0.four_octet_as)
    });
    bytes[7] = 0x40;
    event(&bytes, |event| {
        assert!(!event.unwrap().context().0.four_octet_as)
    });
    bytes[6] = 3;
    event(&bytes, |event| {
        assert!(event.unwrap().context().0.four_octet_as)
    });
}

/// draft-ietf-grow-bmp-rel-05 3.3 describes each of these in text.
#[test]
fn every_kind_of_tlv_is_read() {
    let cases = [
        (
            "0001 0006 0000 45 04 0001 01 01",
            "StatelessParsing([69, 4, 0, 1, 1, 1])",
        ),
        ("0002 0004 8001 0001 0002", "Group([[0, 1], [0, 2]])"),
        ("0004 0001 0000 ff", "BgpMessage([255])"),
        ("0005 0004 0000 00000005", "Reasons(5)"),
        (
            "0006 0004 0000 01 616263",
            "LogAction(LogAction(1), Text(\"abc\"))",
        ),
        ("0006 0001 0000 02", "LogAction(LogAction(2), Nothing)"),
        (
            "0006 0009 0000 02 0000003c 00000005",
            "LogAction(LogAction(2), Unstable { seconds: 60, count: 5 })",
        ),
        (
            "0006 0005 0000 03 000003e8",
            "LogAction(LogAction(3), Threshold(1000))",
        ),
        (
            "0006 0005 0000 04 000003e8",
            "LogAction(LogAction(4), Threshold(1000))",
        ),
        ("0006 0001 0000 09", "LogAction(LogAction(9), Nothing)"),
        (
            "0007 0003 0001 01 6162",
            "PolicyDiscard(PolicyForm(1), Text(\"ab\"))",
        ),
        (
            "0007 0006 0001 02 6100 626300",
            "PolicyDiscard(PolicyForm(2), Statement { policy: \"a\", statement: \"bc\" })",
        ),
        (
            "0008 0001 0001 02",
            "ValidationFail(ValidationFail(2), None)",
        ),
        (
            "0008 0002 0001 01 02",
            "ValidationFail(ValidationFail(1), Some(ValidationReason(2)))",
        ),
        ("0009 0001 0001 01", "MalformedPacket(MalformedPacket(1))"),
    ];
    for (octets, expected) in cases {
        assert_eq!(value(octets, |value| format!("{value:?}")), expected);
    }
}

#[test]
fn a_length_that_its_type_cannot_have_keeps_the_octets() {
    let wrong = [
        "0001 0000 0000",
        "0002 0003 8001 000100",
        "0005 0003 0000 000001",
        "0006 0000 0000",
        "0006 0002 0000 01 ff",       // no UTF-8
        "0006 0005 0000 02 0000003c", // a timeframe without a count
        "0006 0004 0000 03 0003e8",
        "0006 0002 0000 09 01",
        "0007 0000 0000",
        "0007 0003 0000 02 6100", // one string of two
        "0007 0002 0000 09 61",
        "0008 0000 0000",
        "0008 0003 0000 01 01 00",
        "0009 0000 0000",
        "0009 0002 0000 01 00",
        "0003 0001 0000 00",                // reserved
        "8005 0008 0000 00007ed9 00000001", // an enterprise's
    ];
    for octets in wrong {
        value(octets, |value| {
            assert!(matches!(value, EventValue::Raw(_)), "{octets}: {value:?}");
        });
    }
}

proptest! {
    #[test]
    fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..120), event_type in 0u8..4) {
        let _ = RouteEvent::recognise(Cursor::new(&octets));
        let mut whole = hex(&format!("{event_type:02x} {PEER_HEADER}{UPDATE}{REASON}"));
        whole.extend(octets);
        if let Some(event) = RouteEvent::recognise(Cursor::new(&whole)) {
            for tlv in event.tlvs.flatten() {
                let _ = EventValue::of(&tlv);
            }
            let _ = event.context();
        }
    }
}
