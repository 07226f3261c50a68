//! Routes of Layer 2 VPNs without EVPN: VPLS (RFC 4761 3.2.2) and its auto-discovery (RFC 6074
//! 3.2.2.1), told apart by their length; and multicast distribution trees (RFC 6037).

use super::shown::text;
use crate::net::RouteDistinguisher;
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::Ipv4Addr;

/// A VPLS route: a block of labels, or the address of a router that takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Vpls {
    /// Route Distinguisher.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    pub rd: RouteDistinguisher,
    /// Auto-discovery: the router's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Ipv4Addr", default)]
    pub pe_address: Option<Ipv4Addr>,
    /// VE ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u16", default)]
    pub ve_id: Option<u16>,
    /// VE Block Offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u16", default)]
    pub ve_block_offset: Option<u16>,
    /// VE Block Size.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u16", default)]
    pub ve_block_size: Option<u16>,
    /// Label Base: 20 bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", default)]
    pub label_base: Option<u32>,
}

/// A multicast distribution tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mdt {
    /// Route Distinguisher.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    pub rd: RouteDistinguisher,
    /// The router that sends into the tree.
    pub pe_address: Ipv4Addr,
    /// The multicast group.
    pub group: Ipv4Addr,
}

const AUTO_DISCOVERY: u16 = 12;
const LABEL_BLOCK: u16 = 17;

impl Vpls {
    /// Reads one NLRI, its length included.
    pub fn decode(mut cursor: Cursor<'_>) -> Result<Vpls, DecodeError> {
        let at = cursor;
        let length = cursor.u16("Length")?;
        let mut cursor = cursor.take("NLRI", usize::from(length))?;
        if ![AUTO_DISCOVERY, LABEL_BLOCK].contains(&length) {
            return Err(at.malformed("Length", "is not 12 and not 17"));
        }
        let mut route = Vpls {
            rd: RouteDistinguisher(cursor.array("Route Distinguisher")?),
            pe_address: None,
            ve_id: None,
            ve_block_offset: None,
            ve_block_size: None,
            label_base: None,
        };
        if length == AUTO_DISCOVERY {
            route.pe_address = Some(cursor.array("PE_addr")?.into());
            return Ok(route);
        }
        route.ve_id = Some(cursor.u16("VE ID")?);
        route.ve_block_offset = Some(cursor.u16("VE Block Offset")?);
        route.ve_block_size = Some(cursor.u16("VE Block Size")?);
        let [a, b, c] = cursor.array("Label Base")?;
        route.label_base = Some(u32::from_be_bytes([0, a, b, c]) >> 4);
        Ok(route)
    }
}

impl Mdt {
    /// Reads one NLRI, its length included.
    pub fn decode(mut cursor: Cursor<'_>) -> Result<Mdt, DecodeError> {
        let at = cursor;
        if cursor.u8("NLRI Length")? != 128 {
            return Err(at.malformed("NLRI Length", "is not 128"));
        }
        Ok(Mdt {
            rd: RouteDistinguisher(cursor.array("Route Distinguisher")?),
            pe_address: cursor.array("PE's IPv4 Address")?.into(),
            group: cursor.array("Group Address")?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;
    use serde_json::json;

    #[test]
    fn a_label_block_and_an_auto_discovery_are_told_by_their_length() {
        // The figure of RFC 4761 3.2.2: RD 65000:100, VE ID 3, block 1 of 8 labels from 262144.
        let octets = hex("0011 0000fde800000064 0003 0001 0008 400000");
        let route = Vpls::decode(Cursor::new(&octets)).unwrap();
        let expected = json!({ "rd": "65000:100", "ve_id": 3, "ve_block_offset": 1,
            "ve_block_size": 8, "label_base": 262_144 });
        assert_eq!(serde_json::to_value(route).unwrap(), expected);
        for length in 0..octets.len() {
            assert!(Vpls::decode(Cursor::new(&octets[..length])).is_err());
        }
        // RFC 6074 3.2.2.1: RD and PE_addr.
        let octets = hex("000c 0000fde800000064 c0000201");
        let route = Vpls::decode(Cursor::new(&octets)).unwrap();
        let expected = json!({ "rd": "65000:100", "pe_address": "192.0.2.1" });
        assert_eq!(serde_json::to_value(route).unwrap(), expected);
        let error = Vpls::decode(Cursor::new(&hex("0001 00"))).unwrap_err();
        assert_eq!(error.to_string(), "Length at byte 0: is not 12 and not 17");
    }

    #[test]
    fn a_tree_has_a_router_and_a_group() {
        // RFC 6037: RD:IPv4 address and group.
        let octets = hex("80 0000fde800000064 c0000201 ef000001");
        let route = Mdt::decode(Cursor::new(&octets)).unwrap();
        let expected =
            json!({ "rd": "65000:100", "pe_address": "192.0.2.1", "group": "239.0.0.1" });
        assert_eq!(serde_json::to_value(route).unwrap(), expected);
        for length in 0..octets.len() {
            assert!(Mdt::decode(Cursor::new(&octets[..length])).is_err());
        }
        let error = Mdt::decode(Cursor::new(&hex("60"))).unwrap_err();
        assert_eq!(error.to_string(), "NLRI Length at byte 0: is not 128");
    }
}
