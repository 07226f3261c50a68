//! An encoder of BGP messages for tests (RFC 4271, 4760, 5492).

use std::net::{Ipv4Addr, Ipv6Addr};

/// A message of this type: marker, length, type, body (RFC 4271 4.1).
pub(crate) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff; 16];
    out.extend((19 + body.len() as u16).to_be_bytes());
    out.push(message_type);
    out.extend(body);
    out
}

/// What an OPEN says (RFC 4271 4.2).
#[derive(Debug, Clone)]
pub(crate) struct Open {
    /// AS number; one above 65535 puts AS_TRANS into My Autonomous System.
    pub(crate) asn: u32,
    /// Hold Time, seconds.
    pub(crate) hold_time: u16,
    /// BGP Identifier.
    pub(crate) bgp_id: Ipv4Addr,
    /// Code and value of each capability, in order.
    pub(crate) capabilities: Vec<(u8, Vec<u8>)>,
}

impl Open {
    /// With IPv4 and IPv6 unicast and the four-octet AS number (RFC 6793).
    pub(crate) fn usual(asn: u32, bgp_id: Ipv4Addr) -> Open {
        Open {
            asn,
            hold_time: 90,
            bgp_id,
            capabilities: vec![
                multiprotocol(1, 1),
                multiprotocol(2, 1),
                (65, asn.to_be_bytes().to_vec()),
            ],
        }
    }

    /// The message, all capabilities in one optional parameter.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut capabilities = Vec::new();
        for (code, value) in &self.capabilities {
            capabilities.extend([*code, value.len() as u8]);
            capabilities.extend(value);
        }
        let my_as = u16::try_from(self.asn).unwrap_or(23456);
        let mut body = vec![4]; // version
        body.extend(my_as.to_be_bytes());
        body.extend(self.hold_time.to_be_bytes());
        body.extend(self.bgp_id.octets());
        if capabilities.is_empty() {
            body.push(0);
            return message(1, &body);
        }
        let length = capabilities.len() as u8;
        body.extend([length + 2, 2, length]); // one parameter: Capabilities
        body.extend(capabilities);
        message(1, &body)
    }
}

/// The Multiprotocol Extensions capability (RFC 4760 8).
pub(crate) fn multiprotocol(afi: u16, safi: u8) -> (u8, Vec<u8>) {
    let [high, low] = afi.to_be_bytes();
    (1, vec![high, low, 0, safi])
}

/// The ADD-PATH capability for one family (RFC 7911 4): 1 receive, 2 send, 3 both.
pub(crate) fn add_path(afi: u16, safi: u8, direction: u8) -> (u8, Vec<u8>) {
    let [high, low] = afi.to_be_bytes();
    (69, vec![high, low, safi, direction])
}

/// UPDATE: withdrawn routes, path attributes and NLRI as encoded parts (RFC 4271 4.3).
pub(crate) fn update(withdrawn: &[u8], attributes: &[u8], nlri: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend((withdrawn.len() as u16).to_be_bytes());
    body.extend(withdrawn);
    body.extend((attributes.len() as u16).to_be_bytes());
    body.extend(attributes);
    body.extend(nlri);
    message(2, &body)
}

/// End-of-RIB of IPv4 unicast: an UPDATE of nothing (RFC 4724 2).
pub(crate) fn end_of_rib_ipv4() -> Vec<u8> {
    update(&[], &[], &[])
}

/// End-of-RIB of another family: an empty MP_UNREACH_NLRI (RFC 4724 2).
pub(crate) fn end_of_rib(afi: u16, safi: u8) -> Vec<u8> {
    update(&[], &mp_unreach(afi, safi, &[]), &[])
}

/// A path attribute; a value over 255 octets sets the extended length flag (RFC 4271 4.3).
pub(crate) fn attribute(flags: u8, code: u8, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match u8::try_from(value.len()) {
        Ok(length) => out.extend([flags, code, length]),
        Err(_) => {
            out.extend([flags | 0x10, code]);
            out.extend((value.len() as u16).to_be_bytes());
        }
    }
    out.extend(value);
    out
}

/// ORIGIN IGP, AS_PATH of one sequence with four-octet AS numbers, NEXT_HOP.
pub(crate) fn usual_attributes(as_path: &[u32], next_hop: Ipv4Addr) -> Vec<u8> {
    let mut path = vec![2, as_path.len() as u8]; // AS_SEQUENCE
    path.extend(as_path.iter().flat_map(|asn| asn.to_be_bytes()));
    let mut out = attribute(0x40, 1, &[0]);
    out.extend(attribute(0x40, 2, &path));
    out.extend(attribute(0x40, 3, &next_hop.octets()));
    out
}

/// MP_REACH_NLRI (RFC 4760 3).
pub(crate) fn mp_reach(afi: u16, safi: u8, next_hop: &[u8], nlri: &[u8]) -> Vec<u8> {
    let mut value = afi.to_be_bytes().to_vec();
    value.extend([safi, next_hop.len() as u8]);
    value.extend(next_hop);
    value.push(0); // reserved
    value.extend(nlri);
    attribute(0x80, 14, &value)
}

/// MP_UNREACH_NLRI (RFC 4760 4).
pub(crate) fn mp_unreach(afi: u16, safi: u8, withdrawn: &[u8]) -> Vec<u8> {
    let mut value = afi.to_be_bytes().to_vec();
    value.push(safi);
    value.extend(withdrawn);
    attribute(0x80, 15, &value)
}

/// Length in bits and as many octets of the address as that takes.
pub(crate) fn prefix_ipv4(address: Ipv4Addr, bits: u8) -> Vec<u8> {
    prefix(&address.octets(), bits)
}

/// Length in bits and as many octets of the address as that takes.
pub(crate) fn prefix_ipv6(address: Ipv6Addr, bits: u8) -> Vec<u8> {
    prefix(&address.octets(), bits)
}

fn prefix(address: &[u8], bits: u8) -> Vec<u8> {
    let mut out = vec![bits];
    out.extend(&address[..usize::from(bits).div_ceil(8)]);
    out
}

/// NOTIFICATION (RFC 4271 4.5).
pub(crate) fn notification(code: u8, subcode: u8, data: &[u8]) -> Vec<u8> {
    let mut body = vec![code, subcode];
    body.extend(data);
    message(3, &body)
}

/// KEEPALIVE (RFC 4271 4.4).
pub(crate) fn keepalive() -> Vec<u8> {
    message(4, &[])
}
