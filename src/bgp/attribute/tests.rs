//! Attributes one by one: octets of the RFCs and of captures, and wrong lengths.

use super::*;
use crate::bgp::test_bytes::hex;
use crate::net::Family;

/// Reads the value of an attribute that begins at byte 0, and every prefix of it.
fn read(code: u8, four_octet_as: bool, octets: &[u8]) -> Result<AttributeValue<'_>, String> {
    let context = Context {
        four_octet_as,
        ..Context::default()
    };
    let attribute = |value| Attribute {
        flags: AttributeFlags(0xc0),
        code: AttributeCode(code),
        value,
        offset: 0,
    };
    for length in 0..octets.len() {
        let _ = attribute(&octets[..length]).read(&context);
    }
    attribute(octets)
        .read(&context)
        .map_err(|error| error.to_string())
}

/// The value as text.
fn shown(code: u8, four_octet_as: bool, value: &str) -> String {
    use AttributeValue::*;
    let octets = hex(value);
    let list = |items: Vec<String>| items.join(" ");
    match read(code, four_octet_as, &octets).unwrap() {
        Origin(origin) => origin.to_string(),
        AsPath(path) | As4Path(path) => list(path.segments().map(|one| segment(&one)).collect()),
        NextHop(address) | OriginatorId(address) => address.to_string(),
        MultiExitDisc(number) | LocalPref(number) | OnlyToCustomer(number) => number.to_string(),
        AtomicAggregate => "atomic".to_owned(),
        Aggregator(one) | As4Aggregator(one) => format!("{} {}", one.asn, one.address),
        Communities(all) => list(all.iter().map(|one| one.to_string()).collect()),
        Ipv6ExtendedCommunities(all) => list(all.iter().map(|one| one.to_string()).collect()),
        ExtendedCommunities(all) => list(all.iter().map(|one| one.to_string()).collect()),
        LargeCommunities(all) => list(all.iter().map(|one| one.to_string()).collect()),
        ClusterList(all) => list(all.iter().map(|one| one.to_string()).collect()),
        MpReach(one) => format!("{} {:?}", one.family, one.next_hop()),
        MpUnreach(one) => one.family.to_string(),
        Aigp(metric) => metric.to_string(),
        PmsiTunnel(tunnel) => serde_json::to_string(&tunnel).unwrap(),
        TunnelEncapsulation(all) | PrefixSid(all) | LinkState(all) => {
            serde_json::to_string(&all).unwrap()
        }
        AttrSet(set) => serde_json::to_string(&set).unwrap(),
        Other(octets) => format!("{} octets", octets.len()),
    }
}

fn segment(segment: &Segment<'_>) -> String {
    let asns: Vec<_> = segment.asns().map(|asn| asn.to_string()).collect();
    format!("{}({})", segment.segment_type, asns.join(","))
}

fn error(code: u8, value: &str) -> String {
    read(code, true, &hex(value)).unwrap_err()
}

#[test]
fn numbers_and_addresses_have_their_lengths() {
    assert_eq!(shown(1, true, "01"), "egp");
    assert_eq!(shown(1, true, "07"), "unknown-7");
    assert_eq!(shown(3, true, "0a000003"), "10.0.0.3");
    assert_eq!(shown(4, true, "0000004d"), "77");
    assert_eq!(shown(5, true, "00000064"), "100");
    assert_eq!(shown(6, true, ""), "atomic");
    assert_eq!(shown(9, true, "c0000201"), "192.0.2.1");
    assert_eq!(shown(10, true, "c0000201 c0000202"), "192.0.2.1 192.0.2.2");
    assert_eq!(shown(35, true, "fa56ea03"), "4200000003");
    assert_eq!(shown(99, true, "aabb"), "2 octets");
    let long = "Attribute Value at byte 1: is longer than its code allows";
    assert_eq!(error(1, "0000"), long);
    assert_eq!(
        error(6, "00"),
        "Attribute Value at byte 0: is longer than its code allows"
    );
    assert_eq!(
        error(3, "0a0000"),
        "NEXT_HOP at byte 0: needs 4 bytes, 3 left in its container"
    );
    assert_eq!(
        error(10, "0a0000"),
        "Attribute Length at byte 0: is not a multiple of 4"
    );
}

#[test]
fn a_path_has_segments_of_four_kinds() {
    let path = "02 02 0000fbf4 0000fbf5   # sequence 64500 64501
                01 01 0000fbf6            # set
                03 01 0000fde9            # confederation sequence
                04 00                     # confederation set, empty
                09 01 00000001            # not a kind";
    let expected =
        "sequence(64500,64501) set(64502) confed-sequence(65001) confed-set() unknown-9(1)";
    assert_eq!(shown(2, true, path), expected);
    assert_eq!(
        shown(17, false, path),
        expected,
        "AS4_PATH always has four octets"
    );
    assert_eq!(shown(2, false, "02 02 fbf4 5ba0"), "sequence(64500,23456)");
    assert_eq!(shown(2, true, ""), "");
}

#[test]
fn a_path_of_the_other_width_leaves_its_segment() {
    assert_eq!(
        error(2, "02 02 fbf4 5ba0"),
        "Path Segment Value at byte 2: needs 8 bytes, 4 left in its container"
    );
    assert_eq!(
        error(2, "02 01 0000fbf4 02"),
        "Path Segment Length at byte 7: needs 1 bytes, 0 left in its container"
    );
}

#[test]
fn the_origin_of_a_path_is_the_last_of_a_sequence() {
    let origin = |text| {
        AsPath::decode(Cursor::new(&hex(text)), true)
            .unwrap()
            .origin()
    };
    assert_eq!(origin("02 02 0000fbf4 0000fbf5"), Some(64501));
    assert_eq!(origin("02 01 0000fbf4 01 01 0000fbf5"), None);
    assert_eq!(origin(""), None);
}

#[test]
fn an_aggregator_has_the_width_of_its_session() {
    assert_eq!(shown(7, true, "fa56ea03 c0000201"), "4200000003 192.0.2.1");
    assert_eq!(shown(7, false, "5ba0 c0000201"), "23456 192.0.2.1");
    assert_eq!(
        shown(18, false, "fa56ea03 c0000201"),
        "4200000003 192.0.2.1"
    );
    assert_eq!(
        error(7, "5ba0 c0000201"),
        "Aggregator Address at byte 4: needs 4 bytes, 2 left in its container"
    );
}

#[test]
fn communities_are_words_or_two_numbers() {
    let value = "fbf40001 ffffff01 ffff029a ffff0000 ffff1234 00000000";
    assert_eq!(
        shown(8, true, value),
        "64500:1 no-export blackhole graceful-shutdown 65535:4660 0:0"
    );
    assert_eq!(
        error(8, "fbf400"),
        "Attribute Length at byte 0: is not a multiple of 4"
    );
}

#[test]
fn large_communities_are_three_numbers() {
    let value = "fa56ea03 0000000a 00000014";
    assert_eq!(shown(32, true, value), "4200000003:10:20");
    assert_eq!(
        error(32, "fa56ea03"),
        "Attribute Length at byte 0: is not a multiple of 12"
    );
}

#[test]
fn extended_communities_are_words_with_their_values() {
    let value = "0002fde900000063   # two-octet AS
                 0102c00002010007   # IPv4 address
                 0203fa56ea030005   # four-octet AS, route origin
                 4300000000000002   # origin validation state: invalid (RFC 8097)
                 030c000000000008   # encapsulation";
    assert_eq!(
        shown(16, true, value),
        "rt:65001:99 rt:192.0.2.1:7 ro:4200000003:5 ovs:invalid encapsulation:vxlan"
    );
    assert_eq!(
        error(16, "00"),
        "Attribute Length at byte 0: is not a multiple of 8"
    );
    let value = "0002 20010db8000000000000000000000001 0007   # RFC 5701 2";
    assert_eq!(shown(25, true, value), "rt:[2001:db8::1]:7");
    assert_eq!(
        error(25, "0002"),
        "Attribute Length at byte 0: is not a multiple of 20"
    );
}

#[test]
fn next_hops_are_told_by_their_length() {
    let v6 = "20010db8000000000000000000000001";
    let link_local = "fe800000000000000000000000000001";
    let rd = "0000000000000000";
    let read = |text: &str| {
        let octets = hex(text);
        let next_hop = NextHop::read(&octets);
        let address = next_hop.address().map(|address| address.to_string());
        let link_local = next_hop.link_local().map(|address| address.to_string());
        (address, link_local, next_hop.rd().is_some())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(read(""), (None, None, false));
    assert_eq!(read("c0000201"), (some("192.0.2.1"), None, false));
    assert_eq!(
        read(&format!("{rd} c0000201")),
        (some("192.0.2.1"), None, true)
    );
    assert_eq!(read(v6), (some("2001:db8::1"), None, false));
    assert_eq!(
        read(&format!("{rd}{v6}")),
        (some("2001:db8::1"), None, true)
    );
    let both = (some("2001:db8::1"), some("fe80::1"), false);
    assert_eq!(read(&format!("{v6}{link_local}")), both);
    let both = (some("2001:db8::1"), some("fe80::1"), true);
    assert_eq!(read(&format!("{rd}{v6}{rd}{link_local}")), both);
    assert_eq!(NextHop::read(&[1, 2, 3]), NextHop::Raw(&[1, 2, 3]));
}

#[test]
fn routes_of_other_families_begin_behind_the_next_hop() {
    let octets = hex("0019 46 04 c0000201 00 03 00");
    let reach = MpReach::decode(Cursor::at(&octets, 100)).unwrap();
    assert_eq!(reach.family, Family::new(25, 70));
    assert_eq!(reach.nlri.rest(), [3, 0]);
    assert_eq!(reach.nlri.offset(), 109);
    let octets = hex("0001 80 02 01");
    let unreach = MpUnreach::decode(Cursor::new(&octets)).unwrap();
    assert_eq!(unreach.family, Family::new(1, 128));
    assert_eq!(unreach.withdrawn.rest(), [2, 1]);
}

#[test]
fn flags_and_both_widths_of_length_are_read() {
    let octets = hex("c0 63 01 aa   f0 64 0002 bbcc   40 06 00");
    let all: Vec<_> = AttributeIter::new(Cursor::new(&octets)).flatten().collect();
    let values: Vec<_> = all
        .iter()
        .map(|one| (one.code.0, one.value.len(), one.offset))
        .collect();
    assert_eq!(values, [(99, 1, 3), (100, 2, 8), (6, 0, 13)]);
    assert!(all[0].flags.is_optional() && all[0].flags.is_transitive());
    assert!(all[1].flags.is_partial() && !all[2].flags.is_optional());
    for length in 0..octets.len() {
        AttributeIter::new(Cursor::new(&octets[..length])).for_each(drop);
    }
}

#[test]
fn the_table_names_every_code_once() {
    let codes: Vec<u8> = AttributeCode::TABLE.iter().map(|row| row.0).collect();
    assert!(codes.is_sorted_by(|a, b| a < b));
    assert_eq!(AttributeCode(40).to_string(), "prefix-sid");
    assert_eq!(AttributeCode(30).to_string(), "unknown-30");
}

#[test]
fn a_metric_is_in_the_aigp_tlv_whose_length_counts_its_head() {
    // Captured (public/tcpdump, bgp-aigp and bgp-aigp-2).
    assert_eq!(shown(26, true, "01 000b 00000000000007d0"), "2000");
    assert_eq!(shown(26, true, "01 000b 00000000ffffffff"), "4294967295");
    // RFC 7311 3: TLVs of other types are passed over.
    assert_eq!(
        shown(26, true, "02 0004 ff 01 000b 0000000000000064"),
        "100"
    );
    assert_eq!(
        error(26, "01 0002"),
        "AIGP TLV Length at byte 1: is less than the TLV's own 3 octets"
    );
    assert_eq!(
        error(26, "01 0007 00000064"),
        "Accumulated IGP Metric at byte 3: needs 8 bytes, 4 left in its container"
    );
}

#[test]
fn a_multicast_tunnel_has_a_kind_a_label_and_an_identifier() {
    let tunnel = |text| {
        let value: serde_json::Value = serde_json::from_str(&shown(22, true, text)).unwrap();
        value
    };
    // GoBGP, captured (lab/quirk-rotated): VNI 1000 (RFC 8365), ingress replication.
    assert_eq!(
        shown(22, true, "00 06 0003e8 0a000002"),
        r#"{"flags":0,"tunnel_type":"ingress-replication","label":1000,"identifier":"0a000002","endpoint":"10.0.0.2"}"#
    );
    // Captured (public/tcpdump, tok2str-oobr-1).
    let session = tunnel("00 01 000000 0a000004 0000 8173 0a000004");
    assert_eq!(session["tunnel_type"], "rsvp-te-p2mp-lsp");
    assert_eq!(session["extended_tunnel_id"], "10.0.0.4");
    assert_eq!(session["tunnel_id"], 0x8173);
    // RFC 6514 5: sender and group; tshark 4.0 reads the same.
    let tree = tunnel("00 03 000640 0a000004 e8000001");
    assert_eq!(
        (&tree["sender"], &tree["group"]),
        (&"10.0.0.4".into(), &"232.0.0.1".into())
    );
    // RFC 6388 2.2: a P2MP FEC element with an opaque value of seven octets.
    let tree = tunnel("00 02 000640 06 0001 04 0a000004 0007 01 0004 0000002a");
    assert_eq!(
        (&tree["root"], &tree["opaque"]),
        (&"10.0.0.4".into(), &"0100040000002a".into())
    );
    // An identifier of another form stays octets.
    assert_eq!(tunnel("00 02 000640 06 0001")["identifier"], "060001");
    assert_eq!(
        error(22, "00 06 0027"),
        "MPLS Label at byte 2: needs 3 bytes, 2 left in its container"
    );
}
