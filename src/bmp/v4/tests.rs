//! Whole messages of version 4: from a public capture, and as the draft draws them.

use super::super::test_bytes::{PEER_HEADER, hex};
use super::super::{Message, RouteMonitoring};
use super::{Expected, Numbering, NumberingSource, RouteTlvKind, RouteTlvValue};
use crate::bgp::{Context, update};
use crate::bmp::statistics::Value;
use crate::net::Family;
use proptest::prelude::*;

/// An UPDATE: 111.1.1.1/32 and 111.1.1.2/32, each with path identifier 0 (public capture
/// ipv4_unicast_all.pcap, its fourth Route Monitoring message).
const UPDATE: &str = "
    ffffffffffffffffffffffffffffffff 0045 02 0000  # Marker, Length 69, UPDATE, no Withdrawn Routes
    001c                                           # Total Path Attribute Length
    40 01 01 02                                    # ORIGIN incomplete
    40 02 00                                       # AS_PATH empty
    40 03 04 01010101                              # NEXT_HOP 1.1.1.1
    80 04 04 00000000                              # MULTI_EXIT_DISC
    40 05 04 00000064                              # LOCAL_PREF 100
    00000000 20 6f010101                           # path 0, 111.1.1.1/32
    00000000 20 6f010102                           # path 0, 111.1.1.2/32
";

const STATELESS: &str =
    "0001 0006 0000  45 04 0001 01 01  # Stateless Parsing: ADD-PATH, IPv4, receive\n";
const TABLE: &str = "0003 0006 0000  676c6f62616c  # VRF/Table Name 'global'\n";

/// A whole message of version 4.
fn message(message_type: u8, body: &str) -> Vec<u8> {
    let mut bytes = super::super::test_bytes::message(message_type, body);
    bytes[0] = 4;
    bytes
}

fn route(tlvs: &str) -> Vec<u8> {
    message(0, &format!("{PEER_HEADER}\n{tlvs}"))
}

fn update_tlv(tlv_type: u16) -> String {
    format!("{tlv_type:04x} 0045 0000\n{UPDATE}")
}

fn announced(message: &RouteMonitoring<'_>) -> Result<u64, String> {
    let declared = Context::default();
    let context = message.context(&declared).unwrap_or(declared);
    let counts = update::count(message.update, &context).map_err(|error| error.to_string())?;
    let of_family = counts
        .families()
        .iter()
        .map(|count| u64::from(count.announced));
    Ok(of_family.sum())
}

#[test]
fn the_message_of_the_capture_is_read_by_what_it_states() {
    let bytes = route(&format!("{STATELESS}{TABLE}{}", update_tlv(4)));
    let message = RouteMonitoring::decode(&bytes).unwrap();
    assert_eq!(
        (message.update.len(), message.update_offset),
        (69, 48 + 12 + 12 + 6)
    );
    let known = message.numbering().unwrap();
    assert_eq!(known.numbering, Numbering::Draft19);
    assert_eq!(known.source, NumberingSource::Message);
    assert_eq!(announced(&message), Ok(2));
    let context = message.context(&Context::default()).unwrap();
    assert!(context.add_path.contains(Family::IPV4_UNICAST));
}

#[test]
fn the_update_is_found_by_its_content_in_every_revision_and_at_every_place() {
    for (number, stateless) in [(1, 4), (4, 1), (7, 6), (4, 3), (99, 1)] {
        let stateless = format!("{stateless:04x} 0006 0000 45 04 0001 01 03\n");
        let bytes = route(&format!("{}{stateless}", update_tlv(number)));
        let message = RouteMonitoring::decode(&bytes).unwrap();
        assert_eq!(announced(&message), Ok(2), "{number}");
    }
}

#[test]
fn a_message_without_an_update_is_an_error_that_says_so() {
    let error = Message::decode(&route(TABLE)).unwrap_err();
    assert_eq!(error.to_string(), "BGP Message TLV at byte 60: is missing");
    let error = Message::decode(&route("0004 0045 0000 ffff")).unwrap_err();
    let expected = "TLV Value at byte 54: needs 69 bytes, 2 left in its container";
    assert_eq!(error.to_string(), expected);
    let short = UPDATE.replacen("0045", "0046", 1);
    let error = Message::decode(&route(&format!("0004 0045 0000\n{short}"))).unwrap_err();
    let expected = "BGP Message TLV at byte 54: needs 70 bytes, 69 left in its container";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn octets_behind_the_update_in_its_tlv_are_kept() {
    let bytes = route(&format!("0004 0046 0000\n{UPDATE}\n7f"));
    let message = RouteMonitoring::decode(&bytes).unwrap();
    assert_eq!((message.update.len(), message.trailing), (69, &[0x7f][..]));
}

#[test]
fn a_body_as_in_version_3_is_read_too() {
    let bytes = route(UPDATE);
    let message = RouteMonitoring::decode(&bytes).unwrap();
    assert!(message.tlvs.is_none());
    assert_eq!(message.update.len(), 69);
}

#[test]
fn no_prefix_of_a_message_panics() {
    let marking = "0005 0006 0001 00000402 0003  8007 0005 0002 00007ed9 01\n";
    let bytes = route(&format!("{STATELESS}{TABLE}{}{marking}", update_tlv(4)));
    super::super::test_bytes::every_prefix_is_an_error(&bytes);
    for length in 6..bytes.len() {
        let mut prefix = bytes[..length].to_vec();
        prefix[1..5].copy_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
        if let Ok(message) = RouteMonitoring::decode(&prefix) {
            assert!(message.update.len() == 69 && length >= 78 + 69);
        }
    }
}

#[test]
fn statistics_have_both_shapes() {
    let statistics = "00000002  0000 0004 00000007  8001 000c 00007ed9 0000000000000009";
    let length = hex(statistics).len();
    let plain = message(1, &format!("{PEER_HEADER}{statistics}"));
    let wrapped =
        format!("{PEER_HEADER} 0007 0001 00  0001 {length:04x} {statistics}  0005 0001 01");
    for (bytes, others) in [(plain, 0), (message(1, &wrapped), 2)] {
        let Message::StatisticsReport(report) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        let all: Vec<_> = report.statistics().map(Result::unwrap).collect();
        assert_eq!((report.count, all.len()), (2, 2));
        assert_eq!(
            (all[0].value(), all[0].enterprise),
            (Value::Counter(7), None)
        );
        assert_eq!(
            (all[1].value(), all[1].enterprise),
            (Value::Gauge(9), Some(32473))
        );
        assert_eq!(report.tlvs().count(), others);
        super::super::test_bytes::every_prefix_is_an_error(&bytes);
    }
}

#[test]
fn a_report_of_tlvs_without_statistics_is_an_error_that_says_so() {
    let error = Message::decode(&message(1, &format!("{PEER_HEADER} 0007 0001 00"))).unwrap_err();
    assert_eq!(error.to_string(), "Stats TLV at byte 53: is missing");
}

#[test]
fn tlvs_follow_the_data_of_a_peer_down_of_any_reason() {
    let pdu = "ffffffffffffffffffffffffffffffff 0015 03 0602";
    for data in [
        format!("01 {pdu}"),
        "02 0018".into(),
        "04".into(),
        "06".into(),
        "09".into(),
    ] {
        let bytes = message(2, &format!("{PEER_HEADER} {data} 0003 0003 626c75"));
        let Message::PeerDown(down) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        assert_eq!(down.table_name().unwrap(), "blu", "{data}");
        let length = down.notification().map(<[u8]>::len);
        assert_eq!(length, data.starts_with("01").then_some(21));
    }
}

#[test]
fn a_peer_down_whose_notification_cannot_be_read_keeps_it() {
    let bytes = message(2, &format!("{PEER_HEADER} 01 ffff"));
    let Message::PeerDown(down) = Message::decode(&bytes).unwrap() else {
        panic!()
    };
    assert_eq!(down.notification(), Some(&[0xff, 0xff][..]));
    assert!(down.tlvs().is_none());
}

#[test]
fn no_prefix_of_a_peer_down_with_tlvs_panics() {
    let pdu = "ffffffffffffffffffffffffffffffff 0015 03 0602";
    let tlvs = "0003 0003 626c75  8001 0006 00007ed9 abcd";
    let bytes = message(2, &format!("{PEER_HEADER} 01 {pdu} {tlvs}"));
    super::super::test_bytes::every_prefix_is_an_error(&bytes);
    for length in 49..bytes.len() {
        let mut prefix = bytes[..length].to_vec();
        prefix[1..5].copy_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
        let Ok(Message::PeerDown(down)) = Message::decode(&prefix) else {
            panic!("{length} octets")
        };
        let read = down.tlvs().into_iter().flatten().flatten().count();
        let expected = usize::from(length >= 49 + 21 + 7);
        assert_eq!(read, expected, "{length} octets");
    }
}

#[test]
fn a_number_that_the_user_says_finds_the_update_first() {
    let end_of_rib = "0017 0000 ffffffffffffffffffffffffffffffff 0017 02 0000 0000";
    let bytes = route(&format!("0001 {end_of_rib} 0004 0045 0000 {UPDATE}"));
    let length = |expected| {
        let message = RouteMonitoring::decode_as(&bytes, expected).unwrap();
        message.update.len()
    };
    assert_eq!(length(Expected::Forced(Numbering::Draft17)), 23);
    assert_eq!(length(Expected::Forced(Numbering::Draft19)), 69);
    // None has this number: content tells.
    assert_eq!(length(Expected::Forced(Numbering::Draft20)), 23);
}

#[test]
fn a_bgp_message_of_an_enterprise_is_not_the_update() {
    let theirs = "8001 001b 0000 00007ed9 ffffffffffffffffffffffffffffffff 0017 02 0000 0000";
    let bytes = route(&format!("{theirs} 0004 0045 0000 {UPDATE}"));
    assert_eq!(RouteMonitoring::decode(&bytes).unwrap().update.len(), 69);
    let error = Message::decode(&route(theirs)).unwrap_err();
    assert_eq!(error.to_string(), "BGP Message TLV at byte 81: is missing");
}

/// A TLV that no revision knows, or an enterprise's.
#[derive(Debug, Clone)]
struct Other {
    tlv_type: u16,
    index: u16,
    enterprise: Option<u32>,
    value: Vec<u8>,
}

fn other() -> impl Strategy<Value = Other> {
    let value = || prop::collection::vec(any::<u8>(), 0..20);
    let unknown = (8u16..0x7fff, any::<u16>(), Just(None), value());
    let pen = any::<u32>().prop_map(Some);
    let enterprise = (0x8000u16..0xffff, any::<u16>(), pen, value());
    prop_oneof![unknown, enterprise].prop_map(|(tlv_type, index, enterprise, value)| Other {
        tlv_type,
        index,
        enterprise,
        value,
    })
}

impl Other {
    fn octets(&self, is_indexed: bool) -> Vec<u8> {
        let pen = self.enterprise.map(u32::to_be_bytes);
        let value = [pen.as_ref().map_or(&[][..], |pen| pen), &self.value].concat();
        let length = u16::try_from(value.len()).unwrap();
        let mut octets = [self.tlv_type, length].map(u16::to_be_bytes).concat();
        if is_indexed {
            octets.extend(self.index.to_be_bytes());
        }
        [octets, value].concat()
    }
}

/// A message with these octets behind its own.
fn longer(mut bytes: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    bytes.extend(more.concat());
    let length = u32::try_from(bytes.len()).unwrap();
    bytes[1..5].copy_from_slice(&length.to_be_bytes());
    bytes
}

proptest! {
    #[test]
    fn tlvs_unknown_and_of_enterprises_lose_nothing_around_them(
        before in prop::collection::vec(other(), 0..5),
        after in prop::collection::vec(other(), 0..5),
    ) {
        let known = hex(&format!("{STATELESS}{TABLE}{}", update_tlv(4)));
        let all = |tlvs: &[Other]| tlvs.iter().flat_map(|tlv| tlv.octets(true)).collect::<Vec<u8>>();
        let bytes = longer(route(""), &[all(&before), known, all(&after)]);
        let message = RouteMonitoring::decode(&bytes).unwrap();
        prop_assert_eq!(announced(&message), Ok(2));
        prop_assert_eq!(message.numbering().unwrap().numbering, Numbering::Draft19);
        let tlvs: Vec<_> = message.tlvs.unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(tlvs.len(), before.len() + 3 + after.len());
        let others = tlvs.iter().filter(|tlv| tlv.tlv_type > 7);
        for (tlv, other) in others.zip(before.iter().chain(&after)) {
            prop_assert_eq!((tlv.tlv_type, tlv.index.0), (other.tlv_type, other.index));
            prop_assert_eq!(tlv.enterprise, other.enterprise);
            prop_assert_eq!(tlv.read(Numbering::Draft19), RouteTlvValue::Raw(&other.value));
        }
        let kinds = tlvs.iter().filter_map(|tlv| Numbering::Draft19.kind(tlv)).collect::<Vec<_>>();
        let expected = [RouteTlvKind::StatelessParsing, RouteTlvKind::TableName, RouteTlvKind::BgpMessage];
        prop_assert_eq!(kinds, expected);
    }

    #[test]
    fn neither_do_those_of_a_message_without_indexes(
        before in prop::collection::vec(other(), 0..5),
        after in prop::collection::vec(other(), 0..5),
    ) {
        let all = |tlvs: &[Other]| tlvs.iter().flat_map(|tlv| tlv.octets(false)).collect::<Vec<u8>>();
        let down = message(2, &format!("{PEER_HEADER} 02 0018"));
        let bytes = longer(down, &[all(&before), hex("0003 0003 626c75"), all(&after)]);
        let Ok(Message::PeerDown(down)) = Message::decode(&bytes) else { panic!() };
        prop_assert_eq!(down.fsm_event(), Some(24));
        prop_assert_eq!(down.table_name().unwrap(), "blu");
        let tlvs: Vec<_> = down.tlvs().unwrap().map(Result::unwrap).collect();
        let others = tlvs.iter().filter(|tlv| tlv.tlv_type != 3);
        prop_assert_eq!(tlvs.len(), before.len() + 1 + after.len());
        for (tlv, other) in others.zip(before.iter().chain(&after)) {
            prop_assert_eq!((tlv.tlv_type, tlv.enterprise), (other.tlv_type, other.enterprise));
            prop_assert_eq!(tlv.value, &other.value);
        }
    }

    #[test]
    fn no_octets_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = [route(""), octets].concat();
        let length = u32::try_from(bytes.len()).unwrap();
        bytes[1..5].copy_from_slice(&length.to_be_bytes());
        if let Ok(message) = RouteMonitoring::decode(&bytes) {
            let _ = announced(&message);
        }
    }
}
