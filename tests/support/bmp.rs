//! An encoder of BMP version 3 messages for tests (RFC 7854, 8671, 9069).

use std::net::{IpAddr, Ipv4Addr};

/// A message of this type: version, length, type, body (RFC 7854 4.1).
pub(crate) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![3];
    out.extend((6 + body.len() as u32).to_be_bytes());
    out.push(message_type);
    out.extend(body);
    out
}

/// The per-peer header (RFC 7854 4.2).
#[derive(Debug, Clone)]
pub(crate) struct PeerHeader {
    /// 0 global, 1 RD, 2 local instance, 3 Loc-RIB.
    pub(crate) peer_type: u8,
    /// V 0x80, L 0x40, A 0x20, O 0x10; V is set by `encode` for an IPv6 address.
    pub(crate) flags: u8,
    /// Peer distinguisher.
    pub(crate) distinguisher: [u8; 8],
    /// Peer address; none is all zeros, as Loc-RIB has it.
    pub(crate) address: Option<IpAddr>,
    /// Peer AS.
    pub(crate) asn: u32,
    /// Peer BGP ID.
    pub(crate) bgp_id: Ipv4Addr,
    /// Timestamp: seconds and microseconds.
    pub(crate) time: (u32, u32),
}

impl PeerHeader {
    /// A global instance peer, pre-policy Adj-RIB-In.
    pub(crate) fn new(address: &str, asn: u32) -> PeerHeader {
        PeerHeader {
            peer_type: 0,
            flags: 0,
            distinguisher: [0; 8],
            address: Some(address.parse().unwrap()),
            asn,
            bgp_id: Ipv4Addr::new(192, 0, 2, 255),
            time: (1_700_000_000, 0),
        }
    }

    /// A Loc-RIB instance peer (RFC 9069 4).
    pub(crate) fn loc_rib(asn: u32) -> PeerHeader {
        PeerHeader {
            peer_type: 3,
            address: None,
            ..PeerHeader::new("0.0.0.0", asn)
        }
    }

    /// The 42 octets.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let (flag, address) = match self.address {
            Some(IpAddr::V6(address)) => (0x80, address.octets()),
            Some(IpAddr::V4(address)) => (0, in_the_last_four(address)),
            None => (0, [0; 16]),
        };
        let mut out = vec![self.peer_type, self.flags | flag];
        out.extend(self.distinguisher);
        out.extend(address);
        out.extend(self.asn.to_be_bytes());
        out.extend(self.bgp_id.octets());
        out.extend(self.time.0.to_be_bytes());
        out.extend(self.time.1.to_be_bytes());
        out
    }

    fn with(&self, message_type: u8, body: &[u8]) -> Vec<u8> {
        let mut whole = self.encode();
        whole.extend(body);
        message(message_type, &whole)
    }

    /// Route Monitoring with one UPDATE (RFC 7854 4.6).
    pub(crate) fn route_monitoring(&self, update: &[u8]) -> Vec<u8> {
        self.with(0, update)
    }

    /// Statistics Report: type and value of each statistic (RFC 7854 4.8).
    pub(crate) fn statistics(&self, statistics: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut body = (statistics.len() as u32).to_be_bytes().to_vec();
        for (statistic, value) in statistics {
            body.extend(tlv(*statistic, value));
        }
        self.with(1, &body)
    }

    /// Peer Down: the reason and what follows it (RFC 7854 4.9).
    pub(crate) fn peer_down(&self, reason: u8, data: &[u8]) -> Vec<u8> {
        let mut body = vec![reason];
        body.extend(data);
        self.with(2, &body)
    }

    /// Peer Up: where the session ends, both OPENs, information TLVs (RFC 7854 4.10).
    pub(crate) fn peer_up(
        &self,
        local: (&str, u16),
        remote_port: u16,
        opens: (&[u8], &[u8]),
        information: &[(u16, Vec<u8>)],
    ) -> Vec<u8> {
        let mut body = match local.0.parse().unwrap() {
            IpAddr::V6(address) => address.octets(),
            IpAddr::V4(address) => in_the_last_four(address),
        }
        .to_vec();
        body.extend(local.1.to_be_bytes());
        body.extend(remote_port.to_be_bytes());
        body.extend(opens.0);
        body.extend(opens.1);
        for (kind, value) in information {
            body.extend(tlv(*kind, value));
        }
        self.with(3, &body)
    }

    /// Route Mirroring: type and value of each TLV (RFC 7854 4.7).
    pub(crate) fn route_mirroring(&self, tlvs: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let body: Vec<u8> = tlvs
            .iter()
            .flat_map(|(kind, value)| tlv(*kind, value))
            .collect();
        self.with(6, &body)
    }
}

/// Initiation: type and text of each information TLV (RFC 7854 4.3).
pub(crate) fn initiation(information: &[(u16, &str)]) -> Vec<u8> {
    let encode = |(kind, text): &(u16, &str)| tlv(*kind, text.as_bytes());
    let body: Vec<u8> = information.iter().flat_map(encode).collect();
    message(4, &body)
}

/// Termination with a reason code (RFC 7854 4.5).
pub(crate) fn termination(reason: u16) -> Vec<u8> {
    message(5, &tlv(1, &reason.to_be_bytes()))
}

/// Type, length, value.
pub(crate) fn tlv(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend((value.len() as u16).to_be_bytes());
    out.extend(value);
    out
}

/// "the 4 least significant bytes" hold an IPv4 address (RFC 7854 4.2).
fn in_the_last_four(address: Ipv4Addr) -> [u8; 16] {
    let mut out = [0; 16];
    out[12..].copy_from_slice(&address.octets());
    out
}
