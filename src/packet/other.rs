//! What a frame held instead of a TCP segment: enough to say later what was seen.

use super::IpsecUdp;
use crate::capture::LinkType;
use crate::net::Endpoint;
use crate::wire::DecodeError;
use std::fmt;
use std::net::IpAddr;

/// A frame without a TCP segment that could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// A UDP datagram that is not a tunnel known here.
    Udp {
        /// Who sent it.
        source: Endpoint,
        /// To whom.
        destination: Endpoint,
    },
    /// A UDP datagram on a port of IPsec that is not ESP.
    IpsecUdp {
        /// Who sent it.
        source: Endpoint,
        /// To whom.
        destination: Endpoint,
        /// What is in it.
        carries: IpsecUdp,
    },
    /// Encapsulating Security Payload, RFC 4303: TCP may be inside, encrypted.
    Esp {
        /// Who sent it.
        source: IpAddr,
        /// To whom.
        destination: IpAddr,
        /// Security Parameters Index.
        spi: u32,
        /// Carried in UDP, RFC 3948.
        in_udp: bool,
    },
    /// ICMP, RFC 792.
    Icmp,
    /// ICMPv6, RFC 4443.
    Icmpv6,
    /// ARP, RFC 826.
    Arp,
    /// Another IP protocol.
    IpProtocol(u8),
    /// Another EtherType.
    EtherType(u16),
    /// IEEE 802.2 LLC with this destination service access point, not SNAP.
    Llc(u8),
    /// Another PPP protocol.
    Ppp(u16),
    /// An address family of a loopback header that is not IP.
    AddressFamily(u32),
    /// A link type that nothing here reads.
    LinkType(LinkType),
    /// A fragment, kept until its datagram is complete.
    Fragment,
    /// A fragment that was thrown away.
    FragmentRefused(Refusal),
    /// More layers than [`super::LAYERS`].
    TooDeep,
    /// The capture ends within this header (snaplen).
    Truncated(&'static str),
    /// A header that contradicts its specification. Offsets count from the start of the frame, or
    /// of the reassembled payload.
    Malformed(DecodeError),
}

/// Why a fragment was thrown away, and all of its datagram with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    /// It overlaps another and is not its exact copy (RFC 5722 3, RFC 8200 4.5).
    Overlap,
    /// It reaches past the datagram's end, or past 65,535 octets, or contradicts the end.
    End,
    /// It is not the last one, and its length is not a multiple of eight octets, or zero.
    Length,
}

impl Refusal {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Refusal::Overlap => "overlap",
            Refusal::End => "end",
            Refusal::Length => "length",
        }
    }
}

impl Other {
    /// What it is, in one stable word.
    pub fn word(&self) -> &'static str {
        match self {
            Other::Udp { .. } => "udp",
            Other::IpsecUdp { carries, .. } => carries.word(),
            Other::Esp { .. } => "esp",
            Other::Icmp => "icmp",
            Other::Icmpv6 => "icmpv6",
            Other::Arp => "arp",
            Other::IpProtocol(_) => "ip-protocol",
            Other::EtherType(_) => "ethertype",
            Other::Llc(_) => "llc",
            Other::Ppp(_) => "ppp",
            Other::AddressFamily(_) => "address-family",
            Other::LinkType(_) => "link-type",
            Other::Fragment => "fragment",
            Other::FragmentRefused(_) => "fragment-refused",
            Other::TooDeep => "too-deep",
            Other::Truncated(_) => "truncated",
            Other::Malformed(_) => "malformed",
        }
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Other::Udp {
                source,
                destination,
            } => write!(f, "UDP {source} to {destination}"),
            Other::IpsecUdp {
                source,
                destination,
                carries,
            } => write!(f, "UDP {source} to {destination} ({})", carries.word()),
            Other::Esp { spi, in_udp, .. } => {
                write!(
                    f,
                    "ESP{} SPI 0x{spi:08x}",
                    if *in_udp { " in UDP" } else { "" }
                )
            }
            Other::Icmp => f.write_str("ICMP"),
            Other::Icmpv6 => f.write_str("ICMPv6"),
            Other::Arp => f.write_str("ARP"),
            Other::Fragment => f.write_str("fragment of a datagram that is not complete yet"),
            Other::FragmentRefused(refusal) => write!(f, "fragment refused: {}", refusal.word()),
            Other::TooDeep => write!(f, "more than {} layers", super::LAYERS),
            Other::Truncated(field) => write!(f, "the capture ends within the {field}"),
            Other::Malformed(error) => write!(f, "malformed: {error}"),
            numbered => numbered.show_number(f),
        }
    }
}

impl Other {
    /// The kinds that are known by a number, with its name where there is one.
    fn show_number(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Other::IpProtocol(number) => {
                write!(f, "IP protocol {number}")?;
                show_name(f, IP_PROTOCOLS, u16::from(number))
            }
            Other::EtherType(number) => {
                write!(f, "EtherType 0x{number:04x}")?;
                show_name(f, ETHER_TYPES, number)
            }
            Other::Llc(point) => {
                write!(f, "LLC service access point 0x{point:02x}")?;
                show_name(f, SERVICE_ACCESS_POINTS, u16::from(point))
            }
            Other::Ppp(number) => {
                write!(f, "PPP protocol 0x{number:04x}")?;
                show_name(f, PPP_PROTOCOLS, number)
            }
            Other::AddressFamily(number) => write!(f, "address family {number}"),
            Other::LinkType(link) => write!(f, "link type {}, which is not read", link.0),
            _ => f.write_str(self.word()),
        }
    }
}

fn show_name(f: &mut fmt::Formatter<'_>, table: &[(u16, &str)], number: u16) -> fmt::Result {
    match table.iter().find(|row| row.0 == number) {
        Some((_, name)) => write!(f, " ({name})"),
        None => Ok(()),
    }
}

/// Protocol Numbers, IANA registry: those that a router's neighbourhood shows.
const IP_PROTOCOLS: &[(u16, &str)] = &[
    (0, "IPv6 Hop-by-Hop Option"),
    (2, "IGMP"),
    (46, "RSVP"),
    (47, "GRE"),
    (58, "ICMPv6"),
    (59, "No Next Header for IPv6"),
    (88, "EIGRP"),
    (89, "OSPF"),
    (103, "PIM"),
    (108, "IPComp"),
    (112, "VRRP"),
    (115, "L2TPv3"),
    (132, "SCTP"),
    (136, "UDPLite"),
    (255, "Reserved"),
];

/// EtherType, IEEE registry as IANA lists it.
const ETHER_TYPES: &[(u16, &str)] = &[
    (0x0000, "none: GRE keepalive"),
    (0x8035, "RARP"),
    (0x8808, "Ethernet flow control"),
    (0x8809, "slow protocols: LACP"),
    (0x8847, "MPLS without IP inside"),
    (0x8848, "MPLS without IP inside"),
    (0x8863, "PPPoE Discovery"),
    (0x888e, "IEEE 802.1X"),
    (0x88cc, "LLDP"),
    (0x88e5, "MACsec"),
    (0x88f7, "PTP"),
    (0x8902, "IEEE 802.1ag CFM"),
    (0x8906, "FCoE"),
    (0x894f, "NSH"),
    (0x9000, "Configuration Test Protocol: loopback"),
];

/// LLC service access points, IEEE 802.2.
const SERVICE_ACCESS_POINTS: &[(u16, &str)] = &[
    (0x42, "spanning tree"),
    (0xaa, "SNAP of an organization"),
    (0xe0, "IPX"),
    (0xf0, "NetBIOS"),
    (0xfe, "OSI: IS-IS"),
];

/// Point-to-Point Protocol field assignments, IANA registry.
const PPP_PROTOCOLS: &[(u16, &str)] = &[
    (0x0023, "OSI network layer"),
    (0x002d, "Van Jacobson compressed TCP/IP"),
    (0x002f, "Van Jacobson uncompressed TCP/IP"),
    (0x003d, "multilink"),
    (0x0053, "encryption"),
    (0x00fd, "compressed datagram"),
    (0x8021, "IPCP"),
    (0x8057, "IPv6CP"),
    (0x80fd, "CCP"),
    (0xc021, "LCP"),
    (0xc023, "PAP"),
    (0xc025, "Link Quality Report"),
    (0xc223, "CHAP"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn udp(source: u16, destination: u16) -> Other {
        let endpoint = |port| Endpoint {
            address: [192, 0, 2, 1].into(),
            port,
        };
        Other::Udp {
            source: endpoint(source),
            destination: endpoint(destination),
        }
    }

    #[test]
    fn every_kind_tells_people_what_was_seen() {
        let esp = Other::Esp {
            source: [192, 0, 2, 1].into(),
            destination: [192, 0, 2, 2].into(),
            spi: 0xbeef,
            in_udp: true,
        };
        let told = [
            (udp(53, 54), "UDP 192.0.2.1:53 to 192.0.2.1:54"),
            (esp, "ESP in UDP SPI 0x0000beef"),
            (Other::Arp, "ARP"),
            (Other::IpProtocol(89), "IP protocol 89 (OSPF)"),
            (Other::IpProtocol(200), "IP protocol 200"),
            (Other::EtherType(0x88cc), "EtherType 0x88cc (LLDP)"),
            (
                Other::Llc(0xfe),
                "LLC service access point 0xfe (OSI: IS-IS)",
            ),
            (Other::Ppp(0xc021), "PPP protocol 0xc021 (LCP)"),
            (
                Other::LinkType(LinkType(127)),
                "link type 127, which is not read",
            ),
            (
                Other::FragmentRefused(Refusal::Overlap),
                "fragment refused: overlap",
            ),
            (
                Other::Truncated("TCP header"),
                "the capture ends within the TCP header",
            ),
        ];
        for (other, text) in told {
            assert_eq!(other.to_string(), text);
            assert!(!other.word().is_empty());
        }
    }
}
