//! Every link type and every tunnel around the same segment; each prefix of each frame.

use super::samples::{Hex, IPV4, IPV6, MACS, TCP, cut_frame, frame, outer, udp};
use super::walk::{End, Walk};
use super::{Carriage, Decoder, Other, Packet, Segment, plain};
use proptest::prelude::*;

/// A frame around the segment of [`TCP`]: what it shows, its link type, its headers.
struct Case {
    name: &'static str,
    link: u16,
    headers: Vec<String>,
    tunnels: u8,
    ah: bool,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        let headers = self
            .headers
            .iter()
            .fold(Hex::default(), |hex, text| hex.then(text));
        headers.then(TCP).bytes()
    }
}

fn case(name: &'static str, link: u16, headers: &[&str]) -> Case {
    let headers = headers.iter().map(|text| (*text).to_owned()).collect();
    Case {
        name,
        link,
        headers,
        tunnels: 0,
        ah: false,
    }
}

/// In Ethernet and an outer IPv4 header: `headers`, then IPv4 if `inner` says so, then TCP.
fn tunnel(name: &'static str, protocol: u8, headers: &[&str]) -> Case {
    let carried = headers
        .iter()
        .fold(Hex::default(), |hex, text| hex.then(text));
    let carried = carried.then(TCP).bytes().len();
    let mut case = case(name, 1, &[MACS, "0800", &outer(protocol, carried)]);
    case.headers
        .extend(headers.iter().map(|text| (*text).to_owned()));
    case.tunnels = 1;
    case
}

fn link_types() -> Vec<Case> {
    vec![
        case("Ethernet, IPv4", 1, &[MACS, "0800", IPV4]),
        case("Ethernet, IPv6", 1, &[MACS, "86dd", IPV6]),
        case("one VLAN tag", 1, &[MACS, "8100 0064 0800", IPV4]),
        case(
            "three VLAN tags",
            1,
            &[MACS, "88a8 0064 9100 0065 8100 2066 86dd", IPV6],
        ),
        case(
            "802.1ah",
            1,
            &[MACS, "88a8 0064 88e7 00000001", MACS, "0800", IPV4],
        ),
        case("E-TAG", 1, &[MACS, "893f 0000 0001 0000 0800", IPV4]),
        case(
            "802.3 with SNAP",
            1,
            &[MACS, "0040 aaaa03 000000 0800", IPV4],
        ),
        case("MPLS", 1, &[MACS, "8847 00010 0 40 00011 1 40", IPV4]),
        case("MPLS, IPv6", 1, &[MACS, "8848 00002 1 40", IPV6]),
        case(
            "pseudowire in MPLS",
            1,
            &[MACS, "8847 00010 1 40 00000007", MACS, "0800", IPV4],
        ),
        // Version and Type 1, Session Data, session 7, length 58, IPv4
        case("PPPoE", 1, &[MACS, "8864 11 00 0007 003a 0021", IPV4]),
        case(
            "PPPoE, protocol of one octet",
            1,
            &[MACS, "8864 11 00 0007 0039 21", IPV4],
        ),
        case("null, little-endian", 0, &["02000000", IPV4]),
        case("null, big-endian", 0, &["0000001e", IPV6]),
        case("loop", 108, &["00000018", IPV6]),
        case("PPP", 9, &["0021", IPV4]),
        case("PPP with HDLC framing", 50, &["ff03 0057", IPV6]),
        case("Cisco HDLC under PPP's number", 50, &["0f00 0800", IPV4]),
        case("Cisco HDLC", 104, &["0f00 86dd", IPV6]),
        case(
            "PPPoE without Ethernet",
            51,
            &["11 00 0007 003a 0021", IPV4],
        ),
        case("raw", 101, &[IPV4]),
        case("raw, OpenBSD's number", 14, &[IPV6]),
        case("raw, BSD's number", 12, &[IPV4]),
        case("IPv4", 228, &[IPV4]),
        case("IPv6", 229, &[IPV6]),
        // packet type, ARPHRD_ETHER, address length, address, protocol
        case(
            "Linux cooked",
            113,
            &["0000 0001 0006 020000000001 0000 0800", IPV4],
        ),
        case(
            "Linux cooked, tag",
            113,
            &["0000 0001 0006 020000000001 0000 8100 0064 0800", IPV4],
        ),
        // protocol, reserved, interface, ARPHRD_LOOPBACK, packet type, address length, address
        case(
            "Linux cooked 2",
            276,
            &["86dd 0000 00000003 0304 00 06 000000000000 0000", IPV6],
        ),
        // magic, no-L2 flag and extensions of four octets
        case(
            "Juniper",
            178,
            &["4d4743 80 0004 01020304", MACS, "0800", IPV4],
        ),
        case(
            "Juniper without link header",
            178,
            &["4d4743 02 00000002", IPV4],
        ),
    ]
}

fn tunnels() -> Vec<Case> {
    vec![
        tunnel("IPv4 in IPv4", 4, &[IPV4]),
        tunnel("IPv6 in IPv4", 41, &[IPV6]),
        tunnel("MPLS in IP", 137, &["00010 1 40", IPV4]),
        tunnel("EtherIP", 97, &["3000", MACS, "0800", IPV4]),
        tunnel("GRE", 47, &["0000 0800", IPV4]),
        // checksum and reserved, key, sequence number
        tunnel(
            "GRE, all fields",
            47,
            &["b000 86dd 11110000 00000064 00000001", IPV6],
        ),
        tunnel(
            "GRE, bridging",
            47,
            &["2000 6558 00000064", MACS, "0800", IPV4],
        ),
        tunnel("GRE, MPLS", 47, &["0000 8847 00010 1 40", IPV4]),
        // version 1: key is length and call, sequence number, acknowledgment number
        tunnel(
            "GRE version 1",
            47,
            &["3081 880b 003c0001 00000001 00000002 ff030021", IPV4],
        ),
        tunnel("ERSPAN I", 47, &["0000 88be", MACS, "0800", IPV4]),
        tunnel(
            "ERSPAN II",
            47,
            &["1000 88be 00000001 1064000100000000", MACS, "0800", IPV4],
        ),
        // frame type 0: Ethernet, O bit: platform specific subheader
        tunnel(
            "ERSPAN III",
            47,
            &[
                "1000 22eb 00000001 206400010000000000000001 0000000000000000",
                MACS,
                "0800",
                IPV4,
            ],
        ),
        // frame type 2: IP
        tunnel(
            "ERSPAN III, IP",
            47,
            &["1000 22eb 00000001 206400010000000000000800", IPV4],
        ),
        tunnel(
            "VXLAN",
            17,
            &[&udp(4789, 78), "08000000 00006400", MACS, "0800", IPV4],
        ),
        tunnel(
            "VXLAN, old port",
            17,
            &[&udp(8472, 98), "08000000 00006400", MACS, "86dd", IPV6],
        ),
        tunnel(
            "VXLAN-GPE, IPv4",
            17,
            &[&udp(4790, 64), "0c000001 00006400", IPV4],
        ),
        // option class, type, length 1, four octets
        tunnel(
            "Geneve",
            17,
            &[
                &udp(6081, 86),
                "0200 6558 00006400 0102 80 01 00000007",
                MACS,
                "0800",
                IPV4,
            ],
        ),
        tunnel(
            "Geneve, IPv6",
            17,
            &[&udp(6081, 84), "0000 86dd 00006400", IPV6],
        ),
    ]
}

/// IP headers that are longer than usual.
fn ip_shapes() -> Vec<Case> {
    let addresses = "0a000001 0a000064";
    let options = format!("46 00 003c 0001 0000 40 06 0000 {addresses} 94040000");
    let offload = format!("45 00 0000 0001 4000 40 06 0000 {addresses}");
    let v6 = |length: &str, next: &str| format!("60000000 {length} {next} 40 {V6_ADDRESSES}");
    // Hop-by-Hop Options, Destination Options, atomic Fragment: eight octets each
    let extensions = v6("003c", "00") + "3c00 010400000000 2c00 010400000000 0600 0000 00000007";
    // AH: next header TCP, four words more than two, SPI, sequence number, ICV
    let ah = "06 04 0000 00000100 00000001 000102030405060708090a0b";
    let ah_v4 = format!("45 00 0050 0001 0000 40 33 0000 {addresses}");
    let mut cases = vec![
        case("IPv4 with Router Alert", 1, &[MACS, "0800", &options]),
        case("IPv4 segmentation offload", 1, &[MACS, "0800", &offload]),
        case("IPv6 segmentation offload", 101, &[&v6("0000", "06")]),
        case("IPv6 extension headers", 1, &[MACS, "86dd", &extensions]),
    ];
    let protected = [("AH in IPv4", ah_v4), ("AH in IPv6", v6("003c", "33"))];
    cases.extend(protected.map(|(name, header)| Case {
        ah: true,
        ..case(name, 101, &[&header, ah])
    }));
    cases
}

const V6_ADDRESSES: &str = "fd000000000000000000000000000001 fd000000000000000000000000000064";

fn cases() -> Vec<Case> {
    [link_types(), tunnels(), ip_shapes()]
        .into_iter()
        .flatten()
        .collect()
}

fn segment<'a>(packet: Packet<'a>, name: &str) -> Segment<'a> {
    match packet {
        Packet::Tcp(segment) => segment,
        Packet::Other(other) => panic!("{name}: {other}"),
    }
}

#[test]
fn every_way_to_carry_a_segment_leads_to_it() {
    for case in cases() {
        let bytes = case.bytes();
        let mut decoder = Decoder::default();
        let segment = segment(decoder.decode(&frame(case.link, &bytes)), case.name);
        assert_eq!(segment.payload, b"BMP!", "{}", case.name);
        assert_eq!(
            (segment.source.port, segment.destination.port),
            (50000, 11019)
        );
        let ends = format!("{} {}", segment.source.address, segment.destination.address);
        assert!(
            ["10.0.0.1 10.0.0.100", "fd00::1 fd00::64"].contains(&ends.as_str()),
            "{ends}"
        );
        let carriage = Carriage {
            ah: case.ah,
            tunnels: case.tunnels,
            reassembled: false,
        };
        assert_eq!(segment.carriage, carriage, "{}", case.name);
        assert_eq!(
            (segment.missing, segment.header.len()),
            (0, 32),
            "{}",
            case.name
        );
    }
}

#[test]
fn every_prefix_by_snaplen_is_truncated_or_tells_what_is_missing() {
    for case in cases().iter().filter(|case| !case.name.contains("offload")) {
        let bytes = case.bytes();
        for length in 0..bytes.len() {
            let frame = cut_frame(case.link, &bytes[..length], bytes.len());
            match Decoder::default().decode(&frame) {
                Packet::Tcp(segment) => {
                    assert_eq!(
                        segment.missing as usize,
                        bytes.len() - length,
                        "{}",
                        case.name
                    );
                    assert_eq!(
                        segment.payload.len() + bytes.len() - length,
                        4,
                        "{}",
                        case.name
                    );
                }
                Packet::Other(Other::Truncated(_)) => assert!(length < bytes.len() - 4),
                Packet::Other(other) => panic!("{} cut at {length}: {other}", case.name),
            }
        }
    }
}

#[test]
fn every_prefix_as_a_frame_of_its_own_is_no_panic() {
    for case in cases() {
        let bytes = case.bytes();
        for length in 0..bytes.len() {
            match Decoder::default().decode(&frame(case.link, &bytes[..length])) {
                Packet::Tcp(segment) => assert!(segment.payload.len() < 4, "{}", case.name),
                Packet::Other(Other::Malformed(_)) => (),
                Packet::Other(other) => panic!("{} ends at {length}: {other}", case.name),
            }
        }
    }
}

#[test]
fn padding_behind_the_ip_length_is_not_payload() {
    for case in cases().iter().filter(|case| !case.name.contains("offload")) {
        let mut bytes = case.bytes();
        bytes.extend([0; 10]);
        let mut decoder = Decoder::default();
        let segment = segment(decoder.decode(&frame(case.link, &bytes)), case.name);
        assert_eq!(segment.payload, b"BMP!", "{}", case.name);
    }
}

#[test]
fn a_routing_header_names_the_last_stop() {
    let first_stop =
        "60000000 003c 2b 40 fd000000000000000000000000000001 fd0000000000000000000000000000ff";
    // TCP, two times 8 octets more, SRv6, segments left, last entry, flags, tag, Segment List[0]
    let routing = "06 02 04 01 00 00 0000 fd000000000000000000000000000064";
    let bytes = Hex::of(first_stop).then(routing).then(TCP).bytes();
    let mut decoder = Decoder::default();
    let segment = segment(decoder.decode(&frame(101, &bytes)), "routing");
    assert_eq!(segment.destination.to_string(), "[fd00::64]:11019");
}

#[test]
fn the_checksum_is_right_behind_every_header() {
    let bytes = Hex::of(IPV4).then(TCP).bytes();
    let mut decoder = Decoder::default();
    let right = segment(decoder.decode(&frame(101, &bytes)), "raw");
    assert_eq!(right.checksum_is_wrong(), Some(false));
    let mut bytes = Hex::of(IPV6).then(TCP).bytes();
    bytes[56..58].copy_from_slice(&[0xed, 0xc5]);
    let mut decoder = Decoder::default();
    let right = segment(decoder.decode(&frame(101, &bytes)), "raw");
    assert_eq!(right.checksum_is_wrong(), Some(false));
}

#[test]
fn what_is_not_tcp_is_told() {
    let ip = |protocol, rest: &str| {
        let carried = Hex::of(rest).bytes().len();
        (101, outer(protocol, carried) + rest)
    };
    let ether = |rest: &str| (1, format!("{MACS} {rest}"));
    let told = [
        (ether("0806 0001"), "ARP"),
        (ether("88cc 0207"), "EtherType 0x88cc (LLDP)"),
        (
            ether("0003 fefe03"),
            "LLC service access point 0xfe (OSI: IS-IS)",
        ),
        (
            ether("8864 11 00 0001 0004 c021 0901"),
            "PPP protocol 0xc021 (LCP)",
        ),
        (
            ether("8847 00010 1 40 5000"),
            "EtherType 0x8847 (MPLS without IP inside)",
        ),
        (
            ether("0800 50"),
            "malformed: IP Version at byte 14: neither 4 nor 6",
        ),
        (ip(1, "0800"), "ICMP"),
        (ip(89, "0201"), "IP protocol 89 (OSPF)"),
        (
            ip(17, "0035 1000 0008 0000"),
            "UDP 192.0.2.1:53 to 192.0.2.2:4096",
        ),
        // VXLAN's and Geneve's ports, but neither the I flag nor version 0
        (
            ip(17, "0035 12b5 0009 0000 01"),
            "UDP 192.0.2.1:53 to 192.0.2.2:4789",
        ),
        (
            ip(17, "0035 17c1 0009 0000 40"),
            "UDP 192.0.2.1:53 to 192.0.2.2:6081",
        ),
        (ip(50, "00000100 00000001"), "ESP SPI 0x00000100"),
        (
            ip(17, "1194 1194 0010 0000 00000100 00000001"),
            "ESP in UDP SPI 0x00000100",
        ),
        // Non-ESP Marker; NAT-keepalive
        (
            ip(17, "1194 1194 0010 0000 00000000 00000001"),
            "UDP 192.0.2.1:4500 to 192.0.2.2:4500",
        ),
        (
            ip(17, "1194 1194 0009 0000 ff"),
            "UDP 192.0.2.1:4500 to 192.0.2.2:4500",
        ),
        (
            ip(6, ""),
            "malformed: TCP header at byte 20: needs 20 bytes, 0 left in its container",
        ),
        ((0, "00000007".to_owned()), "address family 7"),
        ((127, "00".to_owned()), "link type 127, which is not read"),
        // ARPHRD_NETLINK
        (
            (113, "0000 0338 0000 0000000000000000 0000".to_owned()),
            "link type 253, which is not read",
        ),
    ];
    for ((link, text), expected) in told {
        let bytes = Hex::of(&text).bytes();
        match Decoder::default().decode(&frame(link, &bytes)) {
            Packet::Other(other) => assert_eq!(other.to_string(), expected),
            Packet::Tcp(segment) => panic!("{segment:?}"),
        }
    }
}

#[test]
fn endless_layers_end() {
    let tags = Hex::of(MACS)
        .then(&"8100 0001 ".repeat(500))
        .then("0800")
        .then(IPV4)
        .then(TCP);
    let bytes = tags.bytes();
    let packet_of = |bytes: &[u8]| format!("{:?}", Decoder::default().decode(&frame(1, bytes)));
    assert_eq!(packet_of(&bytes), "Other(TooDeep)");
    let nested: String = (0..100)
        .rev()
        .map(|level| outer(4, 56 + level * 20))
        .collect();
    let bytes = Hex::of(MACS)
        .then("0800")
        .then(&nested)
        .then(IPV4)
        .then(TCP)
        .bytes();
    assert_eq!(packet_of(&bytes), "Other(TooDeep)");
}

proptest! {
    /// The short path is only faster: what it finds, the walk finds.
    #[test]
    fn the_short_path_agrees_with_the_walk(
        which in 0usize..1000, at in 0usize..150, value: u8, cut in 0usize..60, padding in 0usize..3,
    ) {
        let cases = cases();
        let case = &cases[which % cases.len()];
        let mut bytes = case.bytes();
        bytes.extend(vec![0; padding]);
        let whole = bytes.len();
        bytes[at % whole] = value;
        bytes.truncate(whole.saturating_sub(cut));
        let frame = cut_frame(case.link, &bytes, whole);
        if let Some(short) = plain(&frame) {
            match Walk::frame(&frame) {
                End::Tcp(segment) => prop_assert_eq!(short, segment),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    /// No octets make the decoder panic, whatever stands in front of them.
    #[test]
    fn no_octets_panic(
        link in 0u16..300, head in 0usize..60, tail in proptest::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut decoder = Decoder::default();
        decoder.decode(&frame(link, &tail));
        let cases = cases();
        let case = &cases[head % cases.len()];
        let mut bytes = case.bytes();
        let from = bytes.len().saturating_sub(tail.len());
        bytes.truncate(from);
        bytes.extend(&tail);
        if let Packet::Tcp(segment) = decoder.decode(&frame(case.link, &bytes)) {
            segment.options().for_each(drop);
            segment.checksum_is_wrong();
        }
    }
}
