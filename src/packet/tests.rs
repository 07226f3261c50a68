//! Each case leads to its segment, whole, padded or cut at any octet; what is not TCP is told.

use super::cases::cases;
use super::samples::{Hex, IPV4, IPV6, MACS, TCP, cut_frame, frame, outer};
use super::walk::{End, Walk};
use super::{Carriage, Decoder, Other, Packet, Segment, plain};
use proptest::prelude::*;

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
                    let missing = segment.missing as usize;
                    assert_eq!(
                        missing + segment.header_missing(),
                        bytes.len() - length,
                        "{}",
                        case.name
                    );
                    assert_eq!(segment.payload.len() + missing, 4, "{}", case.name);
                }
                // Of the segment's 36 octets the first 14 tell whose it is.
                Packet::Other(Other::Truncated(_)) => {
                    assert!(length < bytes.len() - 22, "{}", case.name);
                }
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
            "UDP 192.0.2.1:4500 to 192.0.2.2:4500 (ike)",
        ),
        (
            ip(17, "1194 1194 0009 0000 ff"),
            "UDP 192.0.2.1:4500 to 192.0.2.2:4500 (nat-keepalive)",
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
