//! The numbers that name things in inter-domain routing: autonomous systems, address families,
//! prefixes, route distinguishers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An IP address and a TCP port: one end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Endpoint {
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            IpAddr::V4(address) => write!(f, "{address}:{}", self.port),
            IpAddr::V6(address) => write!(f, "[{address}]:{}", self.port),
        }
    }
}

/// An address family and a subsequent address family: what kind of NLRI a route carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Family {
    /// Address Family Identifier.
    pub afi: u16,
    /// Subsequent Address Family Identifier.
    pub safi: u8,
}

impl Family {
    /// IPv4 unicast, 1/1.
    pub const IPV4_UNICAST: Family = Family { afi: 1, safi: 1 };
    /// IPv6 unicast, 2/1.
    pub const IPV6_UNICAST: Family = Family { afi: 2, safi: 1 };

    /// A family from its two numbers.
    #[inline]
    pub const fn new(afi: u16, safi: u8) -> Family {
        Family { afi, safi }
    }

    /// The AFI's name, or none where it is not known.
    pub fn afi_name(self) -> Option<&'static str> {
        AFIS.iter().find(|row| row.0 == self.afi).map(|row| row.1)
    }

    /// The SAFI's name, or none where it is not known.
    pub fn safi_name(self) -> Option<&'static str> {
        SAFIS.iter().find(|row| row.0 == self.safi).map(|row| row.1)
    }

    /// The AFI as JSON shows it: its name, or `unknown-<number>`.
    pub fn afi_word(self) -> String {
        self.afi_name()
            .map_or_else(|| format!("unknown-{}", self.afi), str::to_owned)
    }

    /// The SAFI as JSON shows it: its name, or `unknown-<number>`.
    pub fn safi_word(self) -> String {
        self.safi_name()
            .map_or_else(|| format!("unknown-{}", self.safi), str::to_owned)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.afi_name(), self.safi_name()) {
            (Some(afi), Some(safi)) => write!(f, "{afi} {safi}"),
            _ => write!(f, "{}/{}", self.afi, self.safi),
        }
    }
}

/// Address Family Numbers, IANA registry, snapshot 2023-12-22: those that BGP uses.
const AFIS: &[(u16, &str)] = &[
    (1, "ipv4"),
    (2, "ipv6"),
    (25, "l2vpn"),
    (31, "bgp-sfc"),
    (16388, "bgp-ls"),
    (16397, "uuid"),
    (16398, "routing-policy"),
    (16399, "mpls-namespaces"),
];

/// SAFI Namespace, IANA registry, snapshot 2026-03-19.
const SAFIS: &[(u8, &str)] = &[
    (1, "unicast"),
    (2, "multicast"),
    (4, "labeled-unicast"),
    (5, "mcast-vpn"),
    (6, "pseudowire"),
    (7, "encapsulation"),
    (8, "mcast-vpls"),
    (9, "sfc"),
    (64, "tunnel"),
    (65, "vpls"),
    (66, "mdt"),
    (67, "4over6"),
    (68, "6over4"),
    (69, "l1vpn"),
    (70, "evpn"),
    (71, "bgp-ls"),
    (72, "bgp-ls-vpn"),
    (73, "sr-policy"),
    (74, "sd-wan"),
    (75, "routing-policy"),
    (76, "classful-transport"),
    (77, "tunneled-flowspec"),
    (78, "mcast-tree"),
    (79, "dps"),
    (80, "bgp-ls-spf"),
    (81, "unreachability"),
    (83, "car"),
    (84, "vpn-car"),
    (85, "mup"),
    (128, "vpn"),
    (129, "vpn-multicast"),
    (132, "route-target"),
    (133, "flowspec"),
    (134, "flowspec-vpn"),
    (140, "vpn-auto-discovery"),
];

/// An address prefix, host bits zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    /// The address, with every bit past `length` zero.
    pub address: IpAddr,
    /// Length in bits: at most 32 for IPv4, 128 for IPv6.
    pub length: u8,
}

impl Prefix {
    /// The prefix of the first `length` bits, at most its own length.
    pub fn shortened(self, length: u8) -> Prefix {
        let length = length.min(self.length);
        let gone = |bits: u32| bits.saturating_sub(u32::from(length));
        let address = match self.address {
            IpAddr::V4(address) => {
                let bits = u32::from(address);
                let mask = u32::MAX.checked_shl(gone(u32::BITS)).unwrap_or(0);
                IpAddr::V4((bits & mask).into())
            }
            IpAddr::V6(address) => {
                let bits = u128::from(address);
                let mask = u128::MAX.checked_shl(gone(u128::BITS)).unwrap_or(0);
                IpAddr::V6((bits & mask).into())
            }
        };
        Prefix { address, length }
    }
}

impl Prefix {
    /// Where a prefix in a text stands among others: by address, then by length; what is none, first.
    pub fn order(text: &str) -> Option<(IpAddr, u8)> {
        let (address, length) = text.split_once('/')?;
        Some((address.parse().ok()?, length.parse().ok()?))
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// A Route Distinguisher (RFC 4364 4.2), or the eight octets of a BMP Peer Distinguisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteDistinguisher(pub [u8; 8]);

impl RouteDistinguisher {
    /// All eight octets zero.
    pub fn is_zero(self) -> bool {
        self.0 == [0; 8]
    }
}

impl fmt::Display for RouteDistinguisher {
    /// `administrator:assigned` for types 0 to 2 (RFC 4364 4.2), else all octets in hex. An AS number of
    /// type 2 that would fit into type 0 is written as asdot+ does (RFC 5396), `0.65001:7`: types 0 and 2
    /// are never the same distinguisher.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [type_high, type_low, a, b, c, d, e, g] = self.0;
        match u16::from_be_bytes([type_high, type_low]) {
            0 => write!(
                f,
                "{}:{}",
                u16::from_be_bytes([a, b]),
                u32::from_be_bytes([c, d, e, g])
            ),
            1 => write!(
                f,
                "{}:{}",
                Ipv4Addr::new(a, b, c, d),
                u16::from_be_bytes([e, g])
            ),
            2 if [a, b] == [0, 0] => write!(
                f,
                "0.{}:{}",
                u16::from_be_bytes([c, d]),
                u16::from_be_bytes([e, g])
            ),
            2 => write!(
                f,
                "{}:{}",
                u32::from_be_bytes([a, b, c, d]),
                u16::from_be_bytes([e, g])
            ),
            _ => write!(f, "0x{:016x}", u64::from_be_bytes(self.0)),
        }
    }
}

/// The address in a 16-octet field: IPv6 whole, IPv4 in the last four octets (RFC 7854 4.2).
pub fn padded_address(octets: [u8; 16], is_ipv6: bool) -> IpAddr {
    if is_ipv6 {
        return IpAddr::V6(Ipv6Addr::from(octets));
    }
    let [.., a, b, c, d] = octets;
    IpAddr::V4(Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_print_their_names_or_their_numbers() {
        assert_eq!(Family::IPV4_UNICAST.to_string(), "ipv4 unicast");
        assert_eq!(Family::new(25, 70).to_string(), "l2vpn evpn");
        assert_eq!(Family::new(1, 200).to_string(), "1/200");
        assert_eq!(Family::new(999, 1).afi_word(), "unknown-999");
    }

    #[test]
    fn prefixes_in_texts_sort_as_addresses() {
        let mut texts = [
            "116.5.224.0/20",
            "2001:db8::/32",
            "12.83.45.0/24",
            "12.83.45.0/25",
            "-",
        ];
        texts.sort_by_key(|text| Prefix::order(text));
        let sorted = [
            "-",
            "12.83.45.0/24",
            "12.83.45.0/25",
            "116.5.224.0/20",
            "2001:db8::/32",
        ];
        assert_eq!(texts, sorted);
    }

    #[test]
    fn a_prefix_is_shortened_to_its_first_bits() {
        let prefix = |address: &str, length| Prefix {
            address: address.parse().unwrap(),
            length,
        };
        let long = prefix("192.0.3.128", 25);
        assert_eq!(long.shortened(24), prefix("192.0.3.0", 24));
        assert_eq!(long.shortened(23), prefix("192.0.2.0", 23));
        assert_eq!(long.shortened(0), prefix("0.0.0.0", 0));
        assert_eq!(long.shortened(30), long);
        let long = prefix("2001:db8:8000::", 48);
        assert_eq!(long.shortened(33), prefix("2001:db8:8000::", 33));
        assert_eq!(long.shortened(32), prefix("2001:db8::", 32));
        assert_eq!(long.shortened(0), prefix("::", 0));
    }

    #[test]
    fn route_distinguishers_print_by_their_type() {
        let rd = |octets| RouteDistinguisher(octets).to_string();
        assert_eq!(rd([0, 0, 0xfd, 0xe8, 0, 0, 0, 100]), "65000:100");
        assert_eq!(rd([0, 1, 192, 0, 2, 1, 0, 7]), "192.0.2.1:7");
        assert_eq!(rd([0, 2, 0, 1, 0, 0, 0, 9]), "65536:9");
        assert_eq!(rd([0, 9, 0, 0, 0, 0, 0, 1]), "0x0009000000000001");
        // Type 2, AS 65001: not the same as type 0.
        assert_eq!(rd([0, 2, 0, 0, 0xfd, 0xe9, 0, 7]), "0.65001:7");
    }

    #[test]
    fn an_ipv4_address_stands_in_the_last_four_octets() {
        let mut octets = [0; 16];
        octets[12..].copy_from_slice(&[192, 0, 2, 7]);
        assert_eq!(padded_address(octets, false).to_string(), "192.0.2.7");
        assert_eq!(padded_address(octets, true).to_string(), "::c000:207");
    }
}
