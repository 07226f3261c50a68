//! Every link type and every tunnel around one segment, as commented hex.

use super::samples::{Hex, IPV4, IPV6, MACS, TCP, outer, udp};

/// A frame around the segment of [`TCP`]: what it shows, its link type, its headers.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) link: u16,
    pub(super) headers: Vec<String>,
    pub(super) tunnels: u8,
    pub(super) ah: bool,
}

impl Case {
    pub(super) fn bytes(&self) -> Vec<u8> {
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

pub(super) fn cases() -> Vec<Case> {
    [link_types(), tunnels(), ip_shapes()]
        .into_iter()
        .flatten()
        .collect()
}
