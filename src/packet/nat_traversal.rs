//! What UDP carries on the ports of IPsec: the key exchange, ESP, or what keeps a NAT's table alive.

/// What is in a datagram to or from UDP port 500 or 4500 (RFC 7296 2, RFC 3948 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IpsecUdp {
    /// Internet Key Exchange: keys for ESP or AH are agreed on.
    Ike,
    /// One octet that keeps the mapping of a NAT alive (RFC 3948 2.3): there is an association.
    NatKeepalive,
    /// Port 4500, and the capture ends before the octets that tell.
    Unknown,
}

/// What a datagram carries by its ports and its first octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carried {
    /// ESP, RFC 3948 2.1.
    Esp,
    /// Another part of IPsec.
    Ipsec(IpsecUdp),
    /// Anything.
    Other,
}

impl IpsecUdp {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            IpsecUdp::Ike => "ike",
            IpsecUdp::NatKeepalive => "nat-keepalive",
            IpsecUdp::Unknown => "ipsec-nat-t",
        }
    }
}

impl Carried {
    /// `missing` octets follow the payload on the wire and were not captured.
    pub(super) fn of(ports: [u16; 2], payload: &[u8], missing: usize) -> Carried {
        if ports.contains(&ISAKMP) {
            return Carried::Ipsec(IpsecUdp::Ike);
        }
        if !ports.contains(&IPSEC_NAT_T) {
            return Carried::Other;
        }
        match (payload.first_chunk::<4>(), payload, missing) {
            (Some(&NON_ESP_MARKER), _, _) => Carried::Ipsec(IpsecUdp::Ike),
            (Some(_), _, _) => Carried::Esp,
            (None, [0xff], 0) => Carried::Ipsec(IpsecUdp::NatKeepalive),
            (None, _, 0) => Carried::Other,
            (None, _, _) => Carried::Ipsec(IpsecUdp::Unknown),
        }
    }
}

/// Where IKE stands on ESP's port, RFC 3948 2.2: no Security Parameters Index is zero.
const NON_ESP_MARKER: [u8; 4] = [0; 4];

/// isakmp and ipsec-nat-t, IANA Service Name and Port Number registry.
const ISAKMP: u16 = 500;
const IPSEC_NAT_T: u16 = 4500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_of_ipsec_carry_what_the_first_octets_say() {
        let ike = Carried::Ipsec(IpsecUdp::Ike);
        let keepalive = Carried::Ipsec(IpsecUdp::NatKeepalive);
        let unknown = Carried::Ipsec(IpsecUdp::Unknown);
        let cases: [([u16; 2], &[u8], usize, Carried); 13] = [
            ([500, 500], &[], 0, ike),
            ([31000, 500], &[1; 8], 0, ike),
            ([501, 53], &[0; 8], 0, Carried::Other),
            ([31000, 4500], &[0; 8], 0, ike),
            ([4500, 31000], &[0, 0, 0, 1], 0, Carried::Esp),
            ([4500, 31000], &[0xff; 4], 0, Carried::Esp),
            ([4500, 4500], &[0xff], 0, keepalive),
            ([4500, 4500], &[0xfe], 0, Carried::Other),
            ([4500, 4500], &[0xff; 2], 0, Carried::Other),
            ([4500, 4500], &[], 0, Carried::Other),
            // The capture ends before it is known.
            ([4500, 4500], &[0xff], 99, unknown),
            ([4500, 4500], &[0; 3], 1, unknown),
            ([4500, 4500], &[], 1, unknown),
        ];
        for (ports, payload, missing, expected) in cases {
            let found = Carried::of(ports, payload, missing);
            assert_eq!(found, expected, "{ports:?} {payload:?} {missing}");
        }
    }
}
