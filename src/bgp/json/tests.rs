//! UPDATEs as JSON.

use super::*;
use crate::bgp::context::Context;
use crate::bgp::test_bytes::{hex, message};
use crate::wire::Cursor;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The JSON of an UPDATE of these sections; asserts that it follows the schema.
fn shown(withdrawn: &str, attributes: &str, nlri: &str, context: &Context) -> Value {
    let mut body = Vec::new();
    for section in [withdrawn, attributes] {
        let section = hex(section);
        body.extend((section.len() as u16).to_be_bytes());
        body.extend(section);
    }
    body.extend(hex(nlri));
    let bytes = message(2, &body);
    let update = Update::decode(&mut Cursor::new(&bytes), context).unwrap();
    let value: Value = serde_json::from_str(&serde_json::to_string(&update).unwrap()).unwrap();
    VALIDATOR.validate(&value).unwrap();
    value
}

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = serde_json::to_value(schemars::schema_for!(Update)).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

#[test]
fn an_update_has_exactly_the_keys_of_the_contract() {
    let attributes = "40 01 01 00  40 02 0a 02 02 0000fbf4 0000fbf5  40 03 04 c0000201
                      c0 08 04 fbf40001";
    let value = shown("", attributes, "18 c00002", &Context::default());
    let expected = r#"{"announced":[{"afi":"ipv4","safi":"unicast","prefix":"192.0.2.0/24","path_id":null}],"withdrawn":[],"end_of_rib":null,"next_hop":"192.0.2.1","origin":"igp","as_path":[{"type":"sequence","asns":[64500,64501]}],"med":null,"local_pref":null,"communities":["64500:1"],"large_communities":[],"extended_communities":[],"attributes_other":[]}"#;
    assert_eq!(value.to_string(), expected);
}

#[test]
fn vpn_routes_have_a_route_distinguisher_and_labels() {
    let context = Context {
        four_octet_as: true,
        add_path: [Family::new(1, 128)].into_iter().collect(),
    };
    let nlri = "00000007 70 000641 0000fde800000064 c00002";
    let attributes = format!("80 0e 24 0001 80 0c 0000000000000000 c0000201 00 {nlri}");
    let value = shown("", &attributes, "", &context);
    assert_eq!(value["next_hop"], "192.0.2.1");
    assert_eq!(
        value["announced"],
        json!([{ "afi": "ipv4", "safi": "vpn", "prefix": "192.0.2.0/24", "path_id": 7,
                 "rd": "65000:100", "labels": [100] }])
    );
}

#[test]
fn routes_without_prefixes_are_hex() {
    let attributes = "80 0e 0d 0019 46 04 c0000201 00 03 02 aabb";
    let value = shown("", attributes, "", &Context::default());
    assert_eq!(
        value["announced"],
        json!([{ "afi": "l2vpn", "safi": "evpn", "raw": "0302aabb", "path_id": null,
                 "error": "Route Distinguisher at byte 2: needs 8 bytes, 2 left in its container" }])
    );
    let value = shown("", "80 0f 05 0001 51 aabb", "", &Context::default());
    assert_eq!(value["withdrawn"][0]["safi"], "unreachability");
    assert_eq!(value["withdrawn"][0]["raw"], "aabb");
}

/// The first announced route of an UPDATE with this attribute.
fn first(attributes: &str, context: &Context) -> Value {
    let value = shown("", attributes, "", context);
    value["announced"][0].clone()
}

#[test]
fn routes_of_known_kinds_have_a_key_of_their_own() {
    let first = |attributes: &str| first(attributes, &Context::default());
    // GoBGP, captured (lab/s1-bgp-179, tcp-ao/cmac).
    let evpn = first("80 0e 1c 0019 46 04 0a000002 00 03 11 00010a0000020064 0000000a 20 0a000002");
    assert_eq!(evpn["evpn"]["ip"], "10.0.0.2");
    assert_eq!(evpn["raw"], "031100010a00000200640000000a200a000002");
    let rule = first("80 0e 11 0001 85 00 00 0b 01180a0063 038111 05817b");
    assert_eq!(
        rule["flowspec"]["rule"],
        "dst 10.0.99.0/24 proto =17 dport =123"
    );
    // Captured (public/tcpdump, bgp-sr-te-tunnel-policy).
    let policy = first("90 0e 0016 0001 49 04 01000002 00 60 ffffffff 80000000 03040506");
    let expected = json!({ "distinguisher": u32::MAX, "color": 0x8000_0000_u32,
        "endpoint": "3.4.5.6" });
    assert_eq!(policy["sr_policy"], expected);
    // Captured (public/tcpdump, tok2str-oobr-1); the reserved octet is not zero there.
    let tree = first("90 0e 0017 0001 05 04 0a000004 08 01 0c 0000000100000001 0a000004");
    assert_eq!(tree["mvpn"]["originator"], "10.0.0.4");
    // The layouts of RFC 4684 4, RFC 4761 3.2.2, RFC 6037 and RFC 9552 5.2.
    let target = first("80 0e 16 0001 84 04 c0000201 00 60 0000fde8 0002fde800000064");
    assert_eq!(target["route_target"]["route_target"], "rt:65000:100");
    let block =
        first("80 0e 1c 0019 41 04 c0000201 00 0011 0000fde800000064 0003 0001 0008 400000");
    assert_eq!(block["vpls"]["ve_id"], 3);
    let tree = first("80 0e 1a 0001 42 04 c0000201 00 80 0000fde800000064 c0000201 ef000001");
    assert_eq!(tree["mdt"]["group"], "239.0.0.1");
    let node = first(
        "80 0e 22 4004 47 04 c0000201 00 0001 0015 02 0000000000000000 0100 0008 0200 0004 0000fde8",
    );
    assert_eq!(node["bgp_ls"]["route_type"], "node");
    let descriptors = &node["bgp_ls"]["descriptors"];
    assert_eq!(descriptors[0]["tlvs"][0]["value"], 65000);
}

#[test]
fn unknown_families_and_types_stay_octets() {
    let first = |attributes: &str| first(attributes, &Context::default());
    // RFC 9871 2.9 (CAR) and draft-ietf-bess-mup-safi: told apart, but not looked into.
    let car = first("80 0e 0c 0001 53 04 c0000201 00 02 aabb");
    assert_eq!(
        (&car["safi"], &car["raw"]),
        (&json!("car"), &json!("02aabb"))
    );
    let mup = first("80 0e 0f 0001 55 04 c0000201 00 01 0001 02 aabb");
    assert_eq!(
        (&mup["safi"], &mup["raw"]),
        (&json!("mup"), &json!("01000102aabb"))
    );
    let unreachable = first("80 0e 0c 0001 51 04 c0000201 00 18 c000");
    assert_eq!(unreachable["safi"], "unreachability");
    assert_eq!(unreachable["raw"], "18c000");
    let unknown = first("80 0e 0b 0063 63 04 c0000201 00 aabb");
    assert_eq!(
        (&unknown["afi"], &unknown["safi"], &unknown["raw"]),
        (&json!("unknown-99"), &json!("unknown-99"), &json!("aabb"))
    );
}

#[test]
fn attributes_of_vpn_routes_are_those_of_the_customer_inside() {
    let context = Context {
        four_octet_as: false,
        ..Context::default()
    };
    // Captured (public/tcpdump, bgp_vpn_attrset).
    let value = shown(
        "",
        "c0 80 24 0000fde9 40010100 40020402 0115b3 40050400 00002c 80090416050505 800a0416050505",
        "",
        &context,
    );
    let set = &value["attr_set"];
    assert_eq!(
        (&set["origin_as"], &set["local_pref"]),
        (&json!(65001), &json!(44))
    );
    assert_eq!(set["as_path"][0]["asns"], json!([5555]));
    assert_eq!(value["as_path"], Value::Null);
    assert_eq!(value["attributes_other"], json!([]));
}

#[test]
fn an_aggregator_is_the_newer_one_where_it_was_replaced() {
    let context = Context {
        four_octet_as: false,
        ..Context::default()
    };
    // RFC 6793 4.2.3: AS_TRANS in AGGREGATOR, 65536 in AS4_AGGREGATOR.
    let both = "c0 07 06 5ba0 c0000201  c0 12 08 00010000 c0000202";
    let value = shown("", both, "", &context);
    assert_eq!(value["aggregator"]["asn"], 65536);
    assert_eq!(value["aggregator_sent"]["asn"], 23456);
    // "If the AGGREGATOR attribute does not contain AS_TRANS", the newer ones are ignored.
    let value = shown("", &both.replace("5ba0", "fbf4"), "", &context);
    assert_eq!(value["aggregator"]["asn"], 64500);
    assert_eq!(value.get("aggregator_sent"), None);
}

#[test]
fn what_is_malformed_stands_beside_what_can_be_read() {
    let value = shown(
        "",
        "40 01 01 00  40 02 00  40 03 03 c00002",
        "08 0a",
        &Context::default(),
    );
    assert_eq!(value["announced"][0]["prefix"], "10.0.0.0/8");
    assert_eq!(
        value["malformed"],
        json!([{ "code": 3, "name": "next-hop",
                 "problem": "NEXT_HOP at byte 33: needs 4 bytes, 3 left in its container",
                 "outcome": "treat-as-withdraw", "source": "RFC 7606 7.3" }])
    );
}

#[test]
fn the_path_of_a_two_octet_peer_is_put_together() {
    let context = Context {
        four_octet_as: false,
        ..Context::default()
    };
    // RFC 6793 4.2.3: 64500 and AS_TRANS; AS4_PATH has 65536. AIGP (RFC 7311 3), Prefix-SID
    // (RFC 8669 3.1), PMSI Tunnel (RFC 6514 5).
    let attributes = "40 02 06 02 02 fbf4 5ba0  c0 11 06 02 01 00010000
                      80 1a 0b 01 000b 0000000000000064  c0 28 0a 01 0007 00 0000 00000064
                      c0 16 09 00 06 002710 c0000201";
    let value = shown("", attributes, "", &context);
    let segment = |asns: &[u32]| json!({ "type": "sequence", "asns": asns });
    assert_eq!(
        value["as_path"],
        json!([segment(&[64500]), segment(&[65536])])
    );
    assert_eq!(value["as_path_sent"], json!([segment(&[64500, 23456])]));
    assert_eq!(value["as4_path"], json!([segment(&[65536])]));
    assert_eq!(value["aigp"], 100);
    assert_eq!(value["prefix_sid"][0]["label_index"], 100);
    assert_eq!(value["pmsi_tunnel"]["tunnel_type"], "ingress-replication");
    assert_eq!(value["attributes_other"], json!([]));
}

#[test]
fn an_end_of_rib_names_its_family() {
    let value = shown("", "80 0f 03 0002 01", "", &Context::default());
    assert_eq!(
        value["end_of_rib"],
        json!({ "afi": "ipv6", "safi": "unicast" })
    );
    assert_eq!(value["as_path"], Value::Null);
}

#[test]
fn rare_attributes_have_keys_where_they_are() {
    let attributes = "40 06 00  c0 07 08 fa56ea03 c0000201  80 09 04 c0000203
                      80 0a 08 c0000204 c0000205  c0 11 06 02 01 fa56ea03
                      c0 12 08 fa56ea03 c0000202  c0 20 0c fa56ea03 0000000a 00000014
                      c0 10 10 0002fde900000063 4300000000000002  c0 23 04 fa56ea03
                      c0 08 08 ffffff01 fbf40001";
    let value = shown("", attributes, "", &Context::default());
    assert_eq!(value["atomic_aggregate"], true);
    assert_eq!(
        value["aggregator"],
        json!({ "asn": 4_200_000_003_u32, "address": "192.0.2.1" })
    );
    assert_eq!(value["originator_id"], "192.0.2.3");
    assert_eq!(value["cluster_list"], json!(["192.0.2.4", "192.0.2.5"]));
    assert_eq!(
        value["as4_path"],
        json!([{ "type": "sequence", "asns": [4_200_000_003_u32] }])
    );
    assert_eq!(value["as4_aggregator"]["address"], "192.0.2.2");
    assert_eq!(value["large_communities"], json!(["4200000003:10:20"]));
    assert_eq!(
        value["extended_communities"],
        json!(["rt:65001:99", "ovs:invalid"])
    );
    assert_eq!(value["only_to_customer"], 4_200_000_003_u32);
    assert_eq!(value["communities"], json!(["no-export", "64500:1"]));
    assert_eq!(value["attributes_other"], json!([]));
}

#[test]
fn next_hops_of_both_kinds_and_of_odd_lengths_are_shown() {
    let reach = "90 0e 002a 0002 01 20 20010db8000000000000000000000001
                 fe800000000000000000000000000001 00 20 20010db8";
    let value = shown(
        "",
        &format!("40 03 04 c0000201 {reach}"),
        "",
        &Context::default(),
    );
    assert_eq!(value["next_hop"], "2001:db8::1");
    assert_eq!(value["next_hop_link_local"], "fe80::1");
    assert_eq!(value["other_next_hop"], "192.0.2.1");
    let value = shown(
        "",
        &format!("40 03 04 c0000201 {reach}"),
        "18 c00002",
        &Context::default(),
    );
    assert_eq!(value["next_hop"], "192.0.2.1");
    assert_eq!(value["other_next_hop"], "2001:db8::1");
    let value = shown("", "80 0e 08 0002 01 03 aabbcc 00", "", &Context::default());
    assert_eq!(
        (&value["next_hop"], &value["next_hop_raw"]),
        (&Value::Null, &json!("aabbcc"))
    );
}

#[test]
fn what_cannot_be_read_is_there_with_its_reason() {
    let attributes = "c0 63 02 abcd  40 01 02 0000  40 05 04 00000064 40 05 04 00000065  40 02 09";
    let value = shown("", attributes, "", &Context::default());
    assert_eq!(
        value["attributes_other"],
        json!([
            { "code": 99, "name": "unknown-99", "flags": 192, "raw": "abcd" },
            { "code": 1, "name": "origin", "flags": 64, "raw": "0000",
              "error": "Attribute Value at byte 32: is longer than its code allows" },
            { "code": 5, "name": "local-pref", "flags": 64, "raw": "00000065" },
        ])
    );
    assert_eq!(
        value["errors"],
        json!(["Attribute Value at byte 50: needs 9 bytes, 0 left in its container"])
    );
}

proptest::proptest! {
    #[test]
    fn any_octets_become_json_of_the_schema(
        sent in proptest::collection::vec(
            (0..40u8, proptest::collection::vec(proptest::prop_oneof![
                0..5u8, proptest::num::u8::ANY], 0..30)), 0..8),
        nlri in proptest::collection::vec(0..34u8, 0..20),
    ) {
        let mut attributes = String::new();
        for (code, value) in &sent {
            attributes += &format!("c0{code:02x}{:02x}{}", value.len(), Hex(value));
        }
        shown("", &attributes, &Hex(&nlri).to_string(), &Context::default());
    }
}

proptest::proptest! {
    #[test]
    fn unknown_attributes_between_known_ones_lose_nothing(
        unknown in proptest::collection::vec(
            (129u8..255, proptest::collection::vec(0u8.., 0..20)), 3),
    ) {
        let mut sent: Vec<String> = unknown
            .iter()
            .map(|(code, value)| format!("c0{code:02x}{:02x}{}", value.len(), Hex(value)))
            .collect();
        // Known ones before, between and behind: LOCAL_PREF, COMMUNITIES, ONLY_TO_CUSTOMER.
        let known = ["40050400000064", "c00804fbf40001", "c023040000fbf4"];
        known.iter().enumerate().for_each(|(place, one)| sent.insert(place * 2, (*one).to_owned()));
        let value = shown("", &sent.concat(), "", &Context::default());
        proptest::prop_assert_eq!(&value["local_pref"], &json!(100));
        proptest::prop_assert_eq!(&value["communities"], &json!(["64500:1"]));
        proptest::prop_assert_eq!(&value["only_to_customer"], &json!(64500));
        let others = value["attributes_other"].as_array().unwrap();
        proptest::prop_assert_eq!(others.len(), unknown.len());
        for (other, (code, octets)) in others.iter().zip(&unknown) {
            proptest::prop_assert_eq!(&other["code"], &json!(code));
            proptest::prop_assert_eq!(&other["flags"], &json!(0xc0));
            proptest::prop_assert_eq!(&other["raw"], &json!(Hex(octets).to_string()));
        }
    }
}
