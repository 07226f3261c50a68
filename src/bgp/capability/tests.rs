//! Every capability: octets from captures and from its text, its JSON, and wrong lengths.

use super::*;
use crate::bgp::test_bytes::hex;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Reads one capability whose value begins at byte 2.
fn read(code: u8, value: &str) -> Capability {
    let octets = hex(value);
    let mut bytes = vec![code, u8::try_from(octets.len()).unwrap()];
    bytes.extend(octets);
    let mut all = decode_all(&bytes);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn decode_all(bytes: &[u8]) -> Vec<Capability> {
    let mut all = Vec::new();
    Capability::decode_all(Cursor::new(bytes), &mut all);
    all
}

fn error(code: u8, value: &str) -> String {
    match read(code, value).value {
        CapabilityValue::Malformed(error) => error.to_string(),
        value => panic!("{value:?}"),
    }
}

/// Asserts the name and the JSON of a value, its schema, and that no part of it is read as the whole.
#[track_caller]
fn shows(code: u8, value: &str, name: &str, expected: Value) {
    let capability = read(code, value);
    let shown = serde_json::to_value(&capability).unwrap();
    assert_eq!(
        shown,
        json!({ "code": code, "name": name, "value": expected })
    );
    let schema = serde_json::to_value(schemars::schema_for!(Capability)).unwrap();
    jsonschema::validate(&schema, &shown).unwrap();
    let octets = hex(value);
    for length in 0..octets.len() {
        let mut bytes = vec![code, length as u8];
        bytes.extend(&octets[..length]);
        // And a neighbour, which has to be there whatever became of the first.
        bytes.extend([70, 0]);
        let all = decode_all(&bytes);
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].code.0, 70);
        assert_eq!(all[0].raw, octets[..length]);
        assert_ne!(all[0].value, capability.value);
    }
}

#[test]
fn capabilities_without_a_value_are_only_announced() {
    let announced = [
        (2, "route-refresh"),
        (4, "multiple-routes"),
        (6, "extended-message"),
        (70, "enhanced-route-refresh"),
        (74, "bfd-strict-mode"),
        (77, "link-local-next-hop"),
        (128, "route-refresh-cisco"),
    ];
    for (code, name) in announced {
        shows(code, "", name, Value::Null);
    }
    assert_eq!(
        error(2, "07"),
        "Capability Value at byte 2: is longer than its code allows"
    );
}

#[test]
fn multiprotocol_is_a_family_around_a_reserved_octet() {
    let expected = json!({ "afi": "l2vpn", "safi": "evpn" });
    shows(1, "0019 00 46  # L2VPN EVPN", "multiprotocol", expected);
    assert_eq!(
        read(1, "03e7 00 c8").value,
        read(1, "03e7 ff c8").value,
        "the reserved octet has no meaning"
    );
    let unknown = serde_json::to_value(read(1, "03e7 00 c8")).unwrap();
    assert_eq!(
        unknown["value"],
        json!({ "afi": "unknown-999", "safi": "unknown-200" })
    );
    assert_eq!(
        error(1, "0001 00"),
        "SAFI at byte 5: needs 1 bytes, 0 left in its container"
    );
}

#[test]
fn outbound_route_filtering_lists_filters_by_family() {
    let value = "0001 00 01 02  # IPv4 unicast, two ORFs
                 40 03  80 01   # address prefix: both; the vendor's own: receive
                 0002 00 01 01  # IPv6 unicast, one ORF
                 41 02          # covering prefixes: send";
    let expected = json!({ "families": [
        { "afi": "ipv4", "safi": "unicast", "filters": [
            { "type": "address-prefix", "send_receive": "both" },
            { "type": "address-prefix-cisco", "send_receive": "receive" } ] },
        { "afi": "ipv6", "safi": "unicast", "filters": [
            { "type": "covering-prefixes", "send_receive": "send" } ] },
    ] });
    let filters_of = |code| serde_json::to_value(read(code, value)).unwrap()["value"].clone();
    assert_eq!(filters_of(3), expected);
    assert_eq!(
        filters_of(130),
        expected,
        "the pre-standard code has the same layout"
    );
    assert_eq!(
        error(3, "0001 00 01 02 40 03 80"),
        "ORF Types at byte 7: needs 4 bytes, 3 left in its container"
    );
}

#[test]
fn extended_next_hop_has_a_safi_of_two_octets() {
    // RFC 8950 4: IPv4 unicast over IPv6.
    let expected =
        json!({ "families": [{ "afi": "ipv4", "safi": "unicast", "next_hop_afi": "ipv6" }] });
    shows(5, "0001 0001 0002", "extended-next-hop", expected);
    assert_eq!(
        error(5, "0001 0101 0002"),
        "NLRI SAFI at byte 4: is above 255"
    );
    assert_eq!(
        error(5, "0001 0001 0002 0001"),
        "NLRI SAFI at byte 10: needs 2 bytes, 0 left in its container"
    );
}

#[test]
fn bgpsec_has_a_version_a_direction_and_a_family() {
    let expected = json!({ "version": 0, "direction": "send", "afi": "ipv6" });
    shows(7, "08 0002  # version 0, Dir 1", "bgpsec", expected);
    let receive = serde_json::to_value(read(7, "10 0001")).unwrap();
    assert_eq!(
        receive["value"],
        json!({ "version": 1, "direction": "receive", "afi": "ipv4" })
    );
}

#[test]
fn multiple_labels_count_labels_by_family() {
    let expected = json!({ "families": [{ "afi": "ipv6", "safi": "vpn", "count": 3 }] });
    let capability = read(8, "0002 80 03");
    assert_eq!(serde_json::to_value(capability).unwrap()["value"], expected);
    assert_eq!(
        error(8, "0002 80 03 00"),
        "AFI at byte 6: needs 2 bytes, 1 left in its container"
    );
}

#[test]
fn a_role_is_a_word_or_a_number() {
    shows(9, "03", "role", json!({ "role": "customer" }));
    let unknown = serde_json::to_value(read(9, "09")).unwrap();
    assert_eq!(unknown["value"], json!({ "role": "unknown-9" }));
    assert_eq!(
        error(9, "0300"),
        "Capability Value at byte 3: is longer than its code allows"
    );
}

#[test]
fn graceful_restart_shows_its_flags_and_families() {
    // FRR 8.4, captured: R and N, 120 s, no families.
    let empty =
        json!({ "restarting": true, "notification": true, "restart_time": 120, "families": [] });
    shows(64, "c078", "graceful-restart", empty);
    let value = serde_json::to_value(read(64, "0fff 0001 01 80")).unwrap();
    assert_eq!(
        value["value"],
        json!({ "restarting": false, "notification": false, "restart_time": 4095,
                "families": [{ "afi": "ipv4", "safi": "unicast", "forwarding_preserved": true }] })
    );
    assert_eq!(
        error(64, "40"),
        "Restart Flags and Restart Time at byte 2: needs 2 bytes, 1 left in its container"
    );
}

#[test]
fn a_four_octet_as_has_four_octets() {
    shows(
        65,
        "fa56ea03",
        "four-octet-as",
        json!({ "asn": 4_200_000_003_u32 }),
    );
    assert_eq!(
        error(65, "fa56"),
        "AS number at byte 2: needs 4 bytes, 2 left in its container"
    );
}

#[test]
fn lists_of_capability_codes_show_names() {
    let dynamic = json!({ "capabilities": ["multiprotocol", "unknown-200"] });
    shows(67, "01 c8", "dynamic-capability", dynamic);
    let sessions = json!({ "grouping": true, "session_identifiers": ["multiprotocol"] });
    shows(68, "80 01", "multisession", sessions.clone());
    shows(131, "80 01", "multisession-cisco", sessions);
}

#[test]
fn add_path_has_a_direction_for_each_family() {
    // FRR 8.4, captured: receive for both families.
    let value = "0001 01 01  0002 01 01";
    let shown = serde_json::to_value(read(69, value)).unwrap();
    assert_eq!(
        shown["value"],
        json!({ "families": [
            { "afi": "ipv4", "safi": "unicast", "send_receive": "receive" },
            { "afi": "ipv6", "safi": "unicast", "send_receive": "receive" } ] })
    );
    // FRR 10.7 sends it without any family in its Loc-RIB Peer Up.
    shows(69, "", "add-path", json!({ "families": [] }));
    assert_eq!(
        error(69, "0001 01"),
        "Send/Receive at byte 5: needs 1 bytes, 0 left in its container"
    );
}

#[test]
fn long_lived_graceful_restart_has_three_octets_of_time() {
    // FRR 8.4, captured: EVPN, 3600 s.
    let expected = json!({ "families": [
        { "afi": "l2vpn", "safi": "evpn", "forwarding_preserved": false, "stale_time": 3600 }] });
    shows(
        71,
        "0019 46 00 000e10",
        "long-lived-graceful-restart",
        expected,
    );
    assert_eq!(
        error(71, "0001 01 80 000e"),
        "Long-lived Stale Time at byte 6: needs 3 bytes, 2 left in its container"
    );
}

#[test]
fn routing_policy_distribution_is_read_as_add_path_is() {
    let expected = json!({ "families": [{ "afi": "ipv4", "safi": "routing-policy", "send_receive": "send" }] });
    shows(72, "0001 4b 02", "routing-policy-distribution", expected);
}

#[test]
fn fqdn_has_a_host_and_in_the_newer_form_a_domain() {
    // FRR 8.4, captured: "frr84-lab", no domain.
    let frr = json!({ "host": "frr84-lab", "domain": "" });
    let capability = read(73, "09 66727238342d6c6162 00");
    assert_eq!(serde_json::to_value(capability).unwrap()["value"], frr);
    let old = read(73, "09 66727238342d6c6162");
    assert_eq!(serde_json::to_value(old).unwrap()["value"], frr);
    let both = json!({ "host": "r1", "domain": "net" });
    let capability = read(184, "02 7231 03 6e6574");
    assert_eq!(serde_json::to_value(capability).unwrap()["value"], both);
    assert_eq!(
        error(73, "03 7231"),
        "Hostname at byte 3: needs 3 bytes, 2 left in its container"
    );
    assert_eq!(error(73, "02 72ff 00"), "Hostname at byte 3: is not UTF-8");
}

#[test]
fn software_version_is_a_text_with_or_without_a_length_of_its_own() {
    let expected = json!({ "version": "FRR/10.7" });
    shows(75, "4652522f31302e37", "software-version", expected.clone());
    let old = read(75, "08 4652522f31302e37");
    assert_eq!(serde_json::to_value(old).unwrap()["value"], expected);
    assert_eq!(
        error(75, "46ff"),
        "Software Version at byte 2: is not UTF-8"
    );
}

#[test]
fn paths_limit_has_two_octets_for_each_family() {
    let expected = json!({ "families": [{ "afi": "ipv6", "safi": "unicast", "limit": 300 }] });
    shows(76, "0002 01 012c", "paths-limit", expected);
    assert_eq!(
        error(76, "0002 01 01"),
        "Paths Limit at byte 5: needs 2 bytes, 1 left in its container"
    );
}

#[test]
fn what_cannot_be_read_shows_its_octets() {
    assert_eq!(
        serde_json::to_value(read(200, "abcd")).unwrap(),
        json!({ "code": 200, "name": "unknown-200", "value": null, "raw": "abcd" })
    );
    assert_eq!(
        serde_json::to_value(read(78, "01")).unwrap(),
        json!({ "code": 78, "name": "edge-metadata", "value": null, "raw": "01" })
    );
    let malformed = serde_json::to_value(read(65, "fa")).unwrap();
    assert_eq!(
        malformed,
        json!({ "code": 65, "name": "four-octet-as", "value": null, "raw": "fa",
                "error": "AS number at byte 2: needs 4 bytes, 1 left in its container" })
    );
}

#[test]
fn the_table_has_every_code_once_and_in_order() {
    let codes: Vec<u8> = CAPABILITIES.iter().map(|row| row.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b));
    assert!(CAPABILITIES.iter().all(|row| !row.source.is_empty()));
}

#[test]
fn a_capability_length_without_a_value_is_the_last_one() {
    let all = decode_all(&hex("46 00  41"));
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].code, CapabilityCode::FOUR_OCTET_AS);
    assert!(all[1].raw.is_empty());
    let CapabilityValue::Malformed(error) = all[1].value else {
        panic!("{:?}", all[1]);
    };
    assert_eq!(
        error.to_string(),
        "Capability Length at byte 3: needs 1 bytes, 0 left in its container"
    );
}

proptest! {
    #[test]
    fn unknown_and_broken_capabilities_lose_nothing_around_them(
        sent in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..20)), 0..12)
    ) {
        let mut bytes = Vec::new();
        for (code, value) in &sent {
            bytes.extend([*code, value.len() as u8]);
            bytes.extend(value);
        }
        let read: Vec<_> = decode_all(&bytes)
            .into_iter()
            .map(|capability| (capability.code.0, capability.raw))
            .collect();
        prop_assert_eq!(read, sent);
    }
}
