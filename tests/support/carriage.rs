//! One packet in other clothes: link headers, tags, tunnels and fragments around it.

use super::capture_file::Record;

/// Ethernet header without tags.
const ETHERNET: usize = 14;
/// IPv4 protocol numbers.
const IPV4_IN_IP: u8 = 4;
const GRE: u8 = 47;
const UDP: u8 = 17;
const IPV6_IN_IP: u8 = 41;

/// What a packet travels in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// As it is.
    Ethernet,
    /// One 802.1Q tag.
    Vlan,
    /// 802.1ad and 802.1Q.
    DoubleVlan,
    /// LINKTYPE_RAW.
    Raw,
    /// LINKTYPE_LINUX_SLL.
    Sll,
    /// LINKTYPE_LINUX_SLL2.
    Sll2,
    /// Two MPLS labels.
    Mpls,
    /// PPPoE session.
    Pppoe,
    /// GRE without a key.
    Gre,
    /// GRE with key and sequence number (RFC 2890).
    GreWithKey,
    /// IP in IPv4.
    IpInIp,
    /// VXLAN (RFC 7348).
    Vxlan,
    /// Geneve with one option (RFC 8926).
    Geneve,
    /// IP fragments of at most so many octets of payload (a multiple of 8), in order.
    Fragments(usize),
    /// The same with the last fragment first.
    FragmentsBackwards(usize),
}

/// All of them.
pub(crate) const ALL: &[Carriage] = &[
    Carriage::Ethernet,
    Carriage::Vlan,
    Carriage::DoubleVlan,
    Carriage::Raw,
    Carriage::Sll,
    Carriage::Sll2,
    Carriage::Mpls,
    Carriage::Pppoe,
    Carriage::Gre,
    Carriage::GreWithKey,
    Carriage::IpInIp,
    Carriage::Vxlan,
    Carriage::Geneve,
    Carriage::Fragments(64),
    Carriage::Fragments(576),
    Carriage::FragmentsBackwards(128),
];

/// The same packets carried so. They are Ethernet frames without tags.
pub(crate) fn carried(records: &[Record], carriage: Carriage) -> Vec<Record> {
    let mut out = Vec::new();
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record.link, 1, "an Ethernet frame");
        for (link, bytes) in packets(&record.bytes, index as u32, carriage) {
            out.push(Record {
                time: record.time,
                link,
                original_length: bytes.len() as u32,
                bytes,
            });
        }
    }
    out
}

fn packets(frame: &[u8], number: u32, carriage: Carriage) -> Vec<(u16, Vec<u8>)> {
    let (header, packet) = frame.split_at(ETHERNET);
    let (macs, ether_type) = header.split_at(12);
    let around = |parts: &[&[u8]]| vec![(1, parts.concat())];
    let ip_protocol = match packet[0] >> 4 {
        4 => IPV4_IN_IP,
        _ => IPV6_IN_IP,
    };
    let tunnel = |protocol, parts: &[&[u8]]| {
        let outer = ipv4(protocol, number as u16, 0, &parts.concat());
        around(&[macs, &[0x08, 0x00], &outer])
    };
    match carriage {
        Carriage::Ethernet => around(&[frame]),
        Carriage::Vlan => around(&[macs, &[0x81, 0, 0x20, 100], ether_type, packet]),
        Carriage::DoubleVlan => {
            let tags = [0x88, 0xa8, 0, 7, 0x81, 0, 0, 9];
            around(&[macs, &tags, ether_type, packet])
        }
        Carriage::Raw => vec![(101, packet.to_vec())],
        Carriage::Sll => {
            let header = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
            vec![(113, [&header, ether_type, packet].concat())]
        }
        Carriage::Sll2 => {
            let behind = [0, 0, 0, 0, 0, 3, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0];
            vec![(276, [ether_type, &behind, packet].concat())]
        }
        Carriage::Mpls => {
            // Label 16, then label 17 with the bottom-of-stack bit.
            let labels = [0x88, 0x47, 0, 1, 0, 64, 0, 1, 0x11, 64];
            around(&[macs, &labels, packet])
        }
        Carriage::Pppoe => {
            let length = (packet.len() as u16 + 2).to_be_bytes();
            let protocol = match ip_protocol {
                IPV4_IN_IP => [0x00, 0x21],
                _ => [0x00, 0x57],
            };
            let session = [0x88, 0x64, 0x11, 0x00, 0x00, 0x05];
            around(&[macs, &session, &length, &protocol, packet])
        }
        Carriage::Gre => tunnel(GRE, &[&[0, 0], ether_type, packet]),
        Carriage::GreWithKey => {
            let behind = [0, 0, 0, 42, 0, 0, 0, number as u8];
            tunnel(GRE, &[&[0x30, 0], ether_type, &behind, packet])
        }
        Carriage::IpInIp => tunnel(ip_protocol, &[packet]),
        Carriage::Vxlan => {
            let header = [0x08, 0, 0, 0, 0, 0, 77, 0];
            tunnel(
                UDP,
                &[&udp(4789, header.len() + frame.len()), &header, frame],
            )
        }
        Carriage::Geneve => {
            let header = [1, 0, 0x65, 0x58, 0, 0, 77, 0, 1, 3, 0x80, 0];
            tunnel(
                UDP,
                &[&udp(6081, header.len() + frame.len()), &header, frame],
            )
        }
        Carriage::Fragments(size) => fragments(macs, packet, number, size),
        Carriage::FragmentsBackwards(size) => {
            let mut fragments = fragments(macs, packet, number, size);
            fragments.reverse();
            fragments
        }
    }
}

fn udp(port: u16, payload: usize) -> Vec<u8> {
    let mut header = 50_000u16.to_be_bytes().to_vec();
    header.extend(port.to_be_bytes());
    header.extend((payload as u16 + 8).to_be_bytes());
    header.extend([0, 0]); // no checksum
    header
}

/// An IPv4 packet between two tunnel ends; `fragment` is the word of flags and offset.
fn ipv4(protocol: u8, identification: u16, fragment: u16, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((payload.len() as u16 + 20).to_be_bytes());
    packet.extend(identification.to_be_bytes());
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0]); // hop limit; the checksum is not looked at
    packet.extend([203, 0, 113, 1, 203, 0, 113, 2]);
    packet.extend(payload);
    packet
}

fn fragments(macs: &[u8], packet: &[u8], number: u32, size: usize) -> Vec<(u16, Vec<u8>)> {
    assert!(size.is_multiple_of(8), "fragment offsets count eights");
    match packet[0] >> 4 {
        4 => fragments_ipv4(macs, packet, number as u16, size),
        _ => fragments_ipv6(macs, packet, number, size),
    }
}

fn fragments_ipv4(macs: &[u8], packet: &[u8], number: u16, size: usize) -> Vec<(u16, Vec<u8>)> {
    let (header, payload) = packet.split_at(20);
    let mut out = Vec::new();
    for (index, piece) in payload.chunks(size).enumerate() {
        let is_last = (index + 1) * size >= payload.len();
        let more = if is_last { 0 } else { 0x2000 };
        let mut header = header.to_vec();
        header[2..4].copy_from_slice(&(piece.len() as u16 + 20).to_be_bytes());
        header[4..6].copy_from_slice(&number.to_be_bytes());
        header[6..8].copy_from_slice(&(more | (index * size / 8) as u16).to_be_bytes());
        out.push((1, [macs, &[0x08, 0x00], &header, piece].concat()));
    }
    out
}

/// RFC 8200 4.5.
fn fragments_ipv6(macs: &[u8], packet: &[u8], number: u32, size: usize) -> Vec<(u16, Vec<u8>)> {
    let (header, payload) = packet.split_at(40);
    let mut out = Vec::new();
    for (index, piece) in payload.chunks(size).enumerate() {
        let is_last = (index + 1) * size >= payload.len();
        let offset = (index * size) as u16 | u16::from(!is_last);
        let mut fragment = vec![header[6], 0];
        fragment.extend(offset.to_be_bytes());
        fragment.extend(number.to_be_bytes());
        let mut header = header.to_vec();
        header[4..6].copy_from_slice(&(piece.len() as u16 + 8).to_be_bytes());
        header[6] = 44;
        out.push((1, [macs, &[0x86, 0xdd], &header, &fragment, piece].concat()));
    }
    out
}
