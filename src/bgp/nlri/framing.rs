//! Where one NLRI ends and the next begins, by family: one row per SAFI.

use crate::net::Family;

/// How the NLRI of a family are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Length in bits, then the prefix (RFC 4760 5).
    Prefix {
        /// Bits of an address.
        width: u8,
    },
    /// Length in bits, then labels and the prefix (RFC 8277 2).
    Labelled {
        /// Bits of an address.
        width: u8,
    },
    /// Length in bits, then labels, Route Distinguisher and the prefix (RFC 4364 4.3.4).
    LabelledVpn {
        /// Bits of an address.
        width: u8,
    },
    /// Length in bits, then Route Distinguisher and the prefix (RFC 6514).
    Vpn {
        /// Bits of an address.
        width: u8,
    },
    /// Length in bits of what follows.
    Bits {
        /// At most so many.
        most: u8,
    },
    /// Octets before a length in octets, and how many the length itself has.
    Octets {
        /// Octets of a type before the length.
        before: u8,
        /// One or two octets of length.
        length: u8,
    },
    /// Length in octets: one octet below 240, else twelve bits of two (RFC 8955 4.1).
    FlowSpec,
    /// Not known: all of it is one run of octets.
    Opaque,
}

/// How the NLRI of this family are told apart.
#[inline]
pub fn framing(family: Family) -> Framing {
    match (family.afi, family.safi) {
        (1, 1 | 2) => Framing::Prefix { width: 32 },
        (2, 1 | 2) => Framing::Prefix { width: 128 },
        _ => uncommon(family),
    }
}

fn uncommon(family: Family) -> Framing {
    match (family.afi, family.safi) {
        (1 | 2, _) => ip(family),
        // RFC 4761 3.2.2: VPLS; RFC 6074 3.2.2.1: its auto-discovery.
        (25, 65) => Framing::Octets {
            before: 0,
            length: 2,
        },
        // RFC 7432 7: EVPN. RFC 7117 4: MCAST-VPLS.
        (25, 70 | 8) => Framing::Octets {
            before: 1,
            length: 1,
        },
        (25, 133 | 134) => Framing::FlowSpec,
        // RFC 9552 5.2, RFC 9815 5: type and length of two octets each.
        (16388, 71 | 72 | 80) => Framing::Octets {
            before: 2,
            length: 2,
        },
        _ => Framing::Opaque,
    }
}

/// The families of IPv4 and IPv6 that are not plain prefixes.
fn ip(family: Family) -> Framing {
    let width = if family.afi == 1 { 32 } else { 128 };
    match family.safi {
        4 => Framing::Labelled { width },
        // RFC 9832 6.1: classful transport is written as labelled VPN is.
        128 | 76 => Framing::LabelledVpn { width },
        129 => Framing::Vpn { width },
        // RFC 6514 4: MCAST-VPN.
        5 => Framing::Octets {
            before: 1,
            length: 1,
        },
        // RFC 6037: Route Distinguisher and two addresses.
        66 if width == 32 => Framing::Bits { most: 128 },
        // RFC 9830 2.1: distinguisher, color and endpoint.
        73 => Framing::Bits { most: 192 },
        // RFC 9871 2.9: CAR and VPN CAR.
        83 | 84 => Framing::Octets {
            before: 0,
            length: 1,
        },
        // draft-ietf-bess-mup-safi: architecture type, route type of two octets, length.
        85 => Framing::Octets {
            before: 3,
            length: 1,
        },
        // RFC 4684 4: at most an AS number and a route target.
        132 => Framing::Bits { most: 96 },
        133 | 134 => Framing::FlowSpec,
        _ => Framing::Opaque,
    }
}
