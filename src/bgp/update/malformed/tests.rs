//! Every row of RFC 7606 with the shortest attribute that breaks it. The lengths and values are those
//! that its section 7 calls malformed.

use super::*;
use crate::bgp::Context;
use crate::bgp::test_bytes::{hex, message};
use crate::wire::Cursor;

fn update(withdrawn: &str, attributes: &str, nlri: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for section in [withdrawn, attributes] {
        let section = hex(section);
        body.extend((section.len() as u16).to_be_bytes());
        body.extend(section);
    }
    body.extend(hex(nlri));
    message(2, &body)
}

/// Name, problem, outcome and source of each, and how many routes are left.
fn judged(bytes: &[u8]) -> (Vec<String>, usize) {
    let context = Context::default();
    let update = Update::decode(&mut Cursor::new(bytes), &context).unwrap();
    let malformed = update.malformed(&update.path_attributes());
    let json = serde_json::to_value(&malformed).unwrap();
    let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_owned();
    let items = json.as_array().unwrap().iter().map(|item| {
        let word = |key| text(item, key);
        format!(
            "{}: {} -> {} ({})",
            word("name"),
            word("problem"),
            word("outcome"),
            word("source")
        )
    });
    let routes = update.announced().chain(update.withdrawn()).flatten();
    (items.collect(), routes.count())
}

const ALL_WELL: &str = "40 01 01 00  40 02 00  40 03 04 c0000201";

/// One attribute beside those that have to be there, with one route.
fn beside(attribute: &str) -> String {
    let (found, routes) = judged(&update("", &format!("{ALL_WELL} {attribute}"), "08 0a"));
    assert_eq!(routes, 1, "the route is read whatever its attributes are");
    assert_eq!(found.len(), 1, "{found:?}");
    found.concat()
}

#[test]
fn a_well_formed_update_has_nothing_malformed() {
    assert_eq!(judged(&update("", ALL_WELL, "08 0a")), (vec![], 1));
    assert_eq!(judged(&update("", "", "")), (vec![], 0));
    assert_eq!(judged(&update("08 0a", "", "")), (vec![], 1));
    // Optional transitive ones with the Partial flag; an unknown one.
    let attributes = format!("{ALL_WELL} e0 08 04 fbf40001 c0 63 00");
    assert_eq!(judged(&update("", &attributes, "08 0a")), (vec![], 1));
}

#[test]
fn attributes_that_can_be_missed_are_discarded() {
    let rows = [
        (
            "40 06 01 00",
            "atomic-aggregate: Attribute Value at byte 40: is longer than its code allows -> attribute-discard (RFC 7606 7.6)",
        ),
        (
            "c0 07 06 fbf4 c0000201",
            "aggregator: Aggregator Address at byte 44: needs 4 bytes, 2 left in its container -> attribute-discard (RFC 7606 7.7)",
        ),
        (
            "c0 11 03 02 01 00",
            "as4-path: Path Segment Value at byte 42: needs 4 bytes, 1 left in its container -> attribute-discard (RFC 6793 6)",
        ),
        (
            "80 1a 03 01 0002",
            "aigp: AIGP TLV Length at byte 41: is less than the TLV's own 3 octets -> attribute-discard (RFC 7311 3.2)",
        ),
        (
            "c0 28 03 01 0007",
            "prefix-sid: TLV Value at byte 43: needs 7 bytes, 0 left in its container -> attribute-discard (RFC 8669 6)",
        ),
        (
            "40 01 01 00",
            "origin: is there more than once -> attribute-discard (RFC 7606 3)",
        ),
    ];
    for (attribute, expected) in rows {
        assert_eq!(beside(attribute), expected);
    }
}

#[test]
fn attributes_that_matter_cost_their_routes() {
    let rows = [
        (
            "80 04 03 000000",
            "multi-exit-disc: MULTI_EXIT_DISC at byte 40: needs 4 bytes, 3 left in its container -> treat-as-withdraw (RFC 7606 7.4)",
        ),
        (
            "40 05 01 00",
            "local-pref: LOCAL_PREF at byte 40: needs 4 bytes, 1 left in its container -> treat-as-withdraw (RFC 7606 7.5)",
        ),
        (
            "c0 08 00",
            "communities: is empty -> treat-as-withdraw (RFC 7606 7.8)",
        ),
        (
            "80 09 00",
            "originator-id: ORIGINATOR_ID at byte 40: needs 4 bytes, 0 left in its container -> treat-as-withdraw (RFC 7606 7.9)",
        ),
        (
            "80 0a 02 0000",
            "cluster-list: Attribute Length at byte 40: is not a multiple of 4 -> treat-as-withdraw (RFC 7606 7.10)",
        ),
        (
            "c0 10 04 00000000",
            "extended-communities: Attribute Length at byte 40: is not a multiple of 8 -> treat-as-withdraw (RFC 7606 7.14)",
        ),
        (
            "c0 19 00",
            "ipv6-extended-communities: is empty -> treat-as-withdraw (RFC 7606 7.15)",
        ),
        (
            "c0 80 02 0000",
            "attr-set: Origin AS at byte 40: needs 4 bytes, 2 left in its container -> treat-as-withdraw (RFC 7606 7.16)",
        ),
        (
            "c0 20 01 00",
            "large-community: Attribute Length at byte 40: is not a multiple of 12 -> treat-as-withdraw (RFC 8092 6)",
        ),
        (
            "c0 23 02 0000",
            "only-to-customer: ONLY_TO_CUSTOMER at byte 40: needs 4 bytes, 2 left in its container -> treat-as-withdraw (RFC 9234 5)",
        ),
        (
            "40 08 04 fbf40001",
            "communities: has Optional or Transitive flags that its code does not allow -> treat-as-withdraw (RFC 7606 3)",
        ),
    ];
    for (attribute, expected) in rows {
        assert_eq!(beside(attribute), expected);
    }
}

#[test]
fn the_mandatory_ones_have_to_be_there_and_to_make_sense() {
    let judged = |attributes: &str| judged(&update("", attributes, "08 0a")).0;
    assert_eq!(
        judged("40 02 00"),
        [
            "origin: is missing -> treat-as-withdraw (RFC 7606 3)",
            "next-hop: is missing -> treat-as-withdraw (RFC 7606 3)"
        ]
    );
    assert_eq!(
        judged("40 01 01 03  40 02 02 05 00  40 03 04 c0000201"),
        [
            "origin: is not a defined value -> treat-as-withdraw (RFC 7606 7.1)",
            "as-path: has a segment of a type that is not known -> treat-as-withdraw (RFC 7606 7.2)"
        ]
    );
    assert_eq!(
        judged("40 01 01 00  40 02 02 02 00  40 03 03 c00002"),
        [
            "as-path: has a segment without AS numbers -> treat-as-withdraw (RFC 7606 7.2)",
            "next-hop: NEXT_HOP at byte 35: needs 4 bytes, 3 left in its container -> treat-as-withdraw (RFC 7606 7.3)"
        ]
    );
}

#[test]
fn routes_that_cannot_be_read_cost_the_family_or_the_session() {
    let mandatory = "40 01 01 00  40 02 00";
    let judged = |withdrawn: &str, attributes: &str, nlri: &str| {
        judged(&update(
            withdrawn,
            &format!("{mandatory} {attributes}"),
            nlri,
        ))
        .0
    };
    assert_eq!(
        judged("21 0a00000000", "", ""),
        [
            "withdrawn-routes: NLRI Length at byte 21: is above the 32 bits of an IPv4 address -> session-reset (RFC 7606 5.3)"
        ]
    );
    let reach = "80 0e 0b 0001 01 04 c0000201 00 21 0a";
    assert_eq!(
        judged("", reach, ""),
        [
            "mp-reach-nlri: NLRI Length at byte 42: is above the 32 bits of an IPv4 address -> afi-safi-disable (RFC 7606 5.3)"
        ]
    );
    assert_eq!(
        judged("", "80 0e 09 0001 01 01 c0 00 08 0a 00", ""),
        [
            "mp-reach-nlri: has a next hop of a length that no family has -> afi-safi-disable (RFC 7606 7.11)"
        ]
    );
    let twice = "80 0f 04 0002 01 00  80 0f 04 0002 01 00";
    assert_eq!(
        judged("", twice, ""),
        ["mp-unreach-nlri: is there more than once -> session-reset (RFC 7606 3)"]
    );
    assert_eq!(
        judged("", "80 0f 02 0002", ""),
        [
            "mp-unreach-nlri: AFI and SAFI at byte 33: needs 3 bytes, 2 left in its container -> session-reset (RFC 7606 7.12)"
        ]
    );
    assert_eq!(
        judged("", "40 63 00", ""),
        ["unknown-99: is well-known by its flags, but not known -> session-reset (RFC 4271 6.3)"]
    );
}

#[test]
fn lengths_of_attributes_that_disagree_with_their_section_cost_the_routes() {
    let (found, routes) = judged(&update("", &format!("{ALL_WELL} 80 04 09 00"), "08 0a"));
    let expected = "path-attributes: Attribute Value at byte 40: needs 9 bytes, 1 left in its container -> treat-as-withdraw (RFC 7606 4)";
    assert_eq!((found, routes), (vec![expected.to_owned()], 1));
    let bytes = message(2, &hex("0000 0020 40 01 01 00"));
    let expected = "path-attributes: Path Attributes at byte 23: needs 32 bytes, 4 left in its container -> session-reset (RFC 4271 6.3)";
    assert_eq!(judged(&bytes).0, [expected]);
}

proptest::proptest! {
    #[test]
    fn what_is_suspect_is_told_and_what_is_told_was_suspect(
        sent in proptest::collection::vec((0x40u8.., 0..42u8, proptest::collection::vec(0..6u8, 0..9)), 0..70),
    ) {
        let mut attributes = Vec::new();
        for (flags, code, value) in &sent {
            attributes.extend([flags & 0xef, *code, value.len() as u8]);
            attributes.extend(value);
        }
        let mut body = vec![0, 0];
        body.extend((attributes.len() as u16).to_be_bytes());
        body.extend(attributes);
        let bytes = message(2, &body);
        let context = Context::default();
        let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
        let by_name = update.path_attributes();
        let mut all = Vec::new();
        update.malformed_attributes(&mut all);
        if !by_name.is_suspect() {
            proptest::prop_assert_eq!(all, vec![]);
        }
        serde_json::to_string(&update).unwrap();
    }
}
