//! TLVs of real routers and of the specifications.

use super::*;
use crate::bgp::test_bytes::hex;
use serde_json::{Value as Json, json};

fn shown(kind: TlvKind, text: &str) -> Json {
    let octets = hex(text);
    for length in 0..octets.len() {
        if let Ok(tlvs) = Tlvs::decode(Cursor::new(&octets[..length]), kind) {
            serde_json::to_value(tlvs).unwrap();
        }
    }
    let tlvs = Tlvs::decode(Cursor::new(&octets), kind).unwrap();
    let value = serde_json::to_value(tlvs).unwrap();
    let schema = serde_json::to_value(schemars::schema_for!(Tlvs)).unwrap();
    jsonschema::validate(&schema, &value).unwrap();
    value
}

fn error(kind: TlvKind, text: &str) -> String {
    let octets = hex(text);
    let read = Tlvs::decode(Cursor::new(&octets), kind);
    read.unwrap_err().to_string()
}

/// IOS XR, captured (public/pmacct/500-IPFIXv10-BGP-CISCO-SRv6).
const SRV6: &str = "
    05 0022 00                            # SRv6 L3 Service, 34 octets, reserved
    01 001e 00                            # SRv6 SID Information, 30 octets, reserved
    fcbabe0030020000000000000000000000    # SID fcba:be00:3002::, flags
    003f 00                               # behavior 63, reserved
    01 0006 20 10 10 00 10 30             # structure: 32, 16, 16, 0; transposition 16 at 48";

#[test]
fn an_srv6_service_has_a_sid_its_behavior_and_its_structure() {
    let value = shown(TlvKind::PrefixSid, SRV6);
    assert_eq!(value[0]["name"], "srv6-l3-service");
    let sid = &value[0]["tlvs"][0];
    assert_eq!(
        (&sid["sid"], &sid["endpoint_behavior"]),
        (&json!("fcba:be00:3002::"), &json!(63))
    );
    let expected = json!({ "type": 1, "name": "srv6-sid-structure", "locator_block_length": 32,
        "locator_node_length": 16, "function_length": 16, "argument_length": 0,
        "transposition_length": 16, "transposition_offset": 48, "raw": "201010001030" });
    assert_eq!(sid["tlvs"], json!([expected]));
    // What is too short stays octets beside the reason.
    let value = shown(TlvKind::PrefixSid, "05 0006 00 01 0002 00fc");
    let short = &value[0]["tlvs"][0];
    assert_eq!(
        short["error"],
        "sid at byte 8: needs 16 bytes, 1 left in its container"
    );
    assert_eq!(short["raw"], "00fc");
}

#[test]
fn a_label_index_and_an_srgb_are_numbers() {
    // IOS XR, captured (public/traffic-reproducer, bmp-multi-source).
    let value = shown(TlvKind::PrefixSid, "01 0007 00 0000 0000005a");
    let expected = json!([{ "type": 1, "name": "label-index", "flags": 0, "label_index": 90,
        "raw": "0000000000005a" }]);
    assert_eq!(value, expected);
    // RFC 8669 3.2: flags, then pairs of base and range: 16000 and 8000.
    let value = shown(TlvKind::PrefixSid, "03 0008 0000 003e80 001f40");
    assert_eq!(value[0]["srgb"], json!([[16000, 8000]]));
}

#[test]
fn a_candidate_path_has_its_segment_lists() {
    // Captured (public/tcpdump, bgp-sr-te-tunnel-policy): its first segment list.
    let path = "000f 002c                          # SR Policy, 44 octets
                0d 06 00 00 ebba0000               # Binding SID 965536
                0c 06 00 00 000000c8               # Preference 200
                80 0019 00                         # Segment List, 25 octets, reserved
                01 06 00 00 00010000               # Type A: 16
                01 06 00 00 20001000               # Type A: 131073
                09 06 00 00 000001f4               # Weight 500";
    let value = shown(TlvKind::TunnelEncapsulation, path);
    assert_eq!(value[0]["name"], "sr-policy");
    let parts = &value[0]["tlvs"];
    assert_eq!(parts[0]["sid"], 965_536);
    assert_eq!(parts[1]["preference"], 200);
    let list = &parts[2]["tlvs"];
    assert_eq!(
        (&list[0]["label"], &list[1]["label"]),
        (&json!(16), &json!(131_073))
    );
    assert_eq!(list[2]["weight"], 500);
}

#[test]
fn a_tunnel_has_an_endpoint_and_unknown_tunnels_have_sub_tlvs_too() {
    // RFC 9012 3.1 and 3.4.2: endpoint 192.0.2.1 of AFI 1, color 100.
    let tunnel = "0008 0016
                  06 0a 00000000 0001 c0000201
                  04 08 030b 0000 00000064";
    let value = shown(TlvKind::TunnelEncapsulation, tunnel);
    assert_eq!(value[0]["tlvs"][0]["address"], "192.0.2.1");
    assert_eq!(value[0]["tlvs"][1]["color"], 100);
    let value = shown(TlvKind::TunnelEncapsulation, "0063 0003 07 01 2e");
    let expected = json!([{ "type": 99,
        "tlvs": [{ "type": 7, "name": "ds-field", "value": 46, "raw": "2e" }], "raw": "07012e" }]);
    assert_eq!(value, expected);
}

#[test]
fn link_state_tlvs_are_named_and_single_values_are_read() {
    // RFC 9552 5.3.1.3, 5.3.2 (IEEE 754: 125000000 octets a second) and 5.3.2.4.
    let tlvs = "0402 0002 7231   0441 0004 4cee6b28   0447 0003 00000a   0404 0001 01";
    let value = shown(TlvKind::LinkState, tlvs);
    assert_eq!(
        (&value[0]["name"], &value[0]["value"]),
        (&json!("node-name"), &json!("r1"))
    );
    assert_eq!(value[1]["value"], 125_000_000.0);
    assert_eq!(value[2]["value"], 10);
    let reason = "value at byte 25: has a length that its type does not allow";
    assert_eq!(value[3]["error"], reason);
}

#[test]
fn a_length_past_the_container_names_the_field_and_the_byte() {
    assert_eq!(
        error(TlvKind::PrefixSid, "01 0007 00"),
        "TLV Value at byte 3: needs 7 bytes, 1 left in its container"
    );
    assert_eq!(
        error(TlvKind::LinkState, "0402 00"),
        "TLV Length at byte 2: needs 2 bytes, 1 left in its container"
    );
}

#[test]
fn tables_are_sorted_and_name_each_number_once() {
    use TlvKind::*;
    for kind in [
        PrefixSid,
        TunnelEncapsulation,
        Tunnel,
        SegmentList,
        LinkState,
    ] {
        let numbers: Vec<_> = kind.rows().iter().map(|row| row.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{kind:?}");
    }
}

proptest::proptest! {
    #[test]
    fn unknown_tlvs_between_known_ones_lose_nothing(
        unknown in proptest::collection::vec((100u8..=255, proptest::collection::vec(0u8.., 0..9)), 0..5),
    ) {
        let mut octets = hex("01 0007 00 0000 0000005a");
        for (number, value) in &unknown {
            octets.extend([*number, 0, value.len() as u8]);
            octets.extend(value);
        }
        octets.extend(hex(SRV6));
        let tlvs = Tlvs::decode(Cursor::new(&octets), TlvKind::PrefixSid).unwrap();
        let all: Vec<_> = tlvs.iter().collect();
        proptest::prop_assert_eq!(all.len(), unknown.len() + 2);
        proptest::prop_assert_eq!(all[0].number_of("label_index"), Some(90));
        for (tlv, (number, value)) in all[1..].iter().zip(&unknown) {
            proptest::prop_assert_eq!((tlv.number, tlv.value.rest()), (u16::from(*number), &value[..]));
        }
        proptest::prop_assert_eq!(all[all.len() - 1].word(), Some("srv6-l3-service"));
    }

    #[test]
    fn any_octets_are_an_answer(octets: Vec<u8>, kind in 0..8usize) {
        use TlvKind::*;
        let kinds = [PrefixSid, Srv6Service, Srv6ServiceData, TunnelEncapsulation, Tunnel,
                     SegmentList, LinkState, NodeDescriptor];
        if let Ok(tlvs) = Tlvs::decode(Cursor::new(&octets), kinds[kind]) {
            serde_json::to_value(tlvs).unwrap();
        }
    }
}
