//! BGP-LS routes (RFC 9552 5.2): nodes, links, prefixes and SRv6 SIDs, with what describes them.
//!
//! ```text
//! | NLRI Type (2) | Length (2) | [ RD (8), SAFI 72 ] | Protocol-ID (1) | Identifier (8) | TLVs |
//! ```

use super::shown::optional;
use super::{checked_prefix, octets_of};
use crate::bgp::tlv::{TlvKind, Tlvs};
use crate::net::{Prefix, RouteDistinguisher};
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;

code_points! {
    /// The type of a BGP-LS route. IANA registry BGP-LS NLRI Types.
    LinkStateType(u16) {
        NODE = 1, "node", "RFC 9552 5.2";
        LINK = 2, "link", "RFC 9552 5.2";
        IPV4_PREFIX = 3, "ipv4-prefix", "RFC 9552 5.2";
        IPV6_PREFIX = 4, "ipv6-prefix", "RFC 9552 5.2";
        SR_POLICY = 5, "sr-policy-candidate-path", "RFC 9857 3";
        SRV6_SID = 6, "srv6-sid", "RFC 9514 6";
    }
}

code_points! {
    /// Who the information comes from. IANA registry BGP-LS Protocol-IDs.
    LinkStateProtocol(u8) {
        ISIS_LEVEL_1 = 1, "isis-level-1", "RFC 9552 5.2";
        ISIS_LEVEL_2 = 2, "isis-level-2", "RFC 9552 5.2";
        OSPFV2 = 3, "ospfv2", "RFC 9552 5.2";
        DIRECT = 4, "direct", "RFC 9552 5.2";
        STATIC = 5, "static", "RFC 9552 5.2";
        OSPFV3 = 6, "ospfv3", "RFC 9552 5.2";
        BGP = 7, "bgp", "RFC 9086 4";
        RSVP_TE = 8, "rsvp-te", "draft-ietf-idr-bgp-ls-te-path";
        SEGMENT_ROUTING = 9, "segment-routing", "RFC 9857 3";
    }
}

/// A BGP-LS route. An unknown type has its number only.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct LinkState<'a> {
    /// What is described.
    pub route_type: LinkStateType,
    /// Route Distinguisher, in a VPN.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional")]
    #[schemars(with = "String", default)]
    pub rd: Option<RouteDistinguisher>,
    /// Who the information comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "LinkStateProtocol", default)]
    pub protocol: Option<LinkStateProtocol>,
    /// The instance of the protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64", default)]
    pub identifier: Option<u64>,
    /// The prefix of its IP Reachability Information (RFC 9552 5.2.3.2).
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional")]
    #[schemars(with = "String", default)]
    pub prefix: Option<Prefix>,
    /// What tells it from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Tlvs", default)]
    pub descriptors: Option<Tlvs<'a>>,
}

const IP_REACHABILITY: u16 = 265;

impl<'a> LinkState<'a> {
    /// Reads one NLRI, its type and length included; of SAFI 72 with Route Distinguisher.
    pub fn decode(mut cursor: Cursor<'a>, is_vpn: bool) -> Result<LinkState<'a>, DecodeError> {
        let mut route = LinkState {
            route_type: LinkStateType(cursor.u16("NLRI Type")?),
            rd: None,
            protocol: None,
            identifier: None,
            prefix: None,
            descriptors: None,
        };
        let length = cursor.u16("Total NLRI Length")?;
        let mut cursor = cursor.take("Link-State NLRI", usize::from(length))?;
        if route.route_type.word().is_none() {
            return Ok(route);
        }
        if is_vpn {
            route.rd = Some(RouteDistinguisher(cursor.array("Route Distinguisher")?));
        }
        route.protocol = Some(LinkStateProtocol(cursor.u8("Protocol-ID")?));
        route.identifier = Some(cursor.u64("Identifier")?);
        let descriptors = Tlvs::decode(cursor, TlvKind::LinkState)?;
        route.descriptors = Some(descriptors);
        route.prefix = route.prefix_in(&descriptors)?;
        Ok(route)
    }

    fn prefix_in(&self, descriptors: &Tlvs<'a>) -> Result<Option<Prefix>, DecodeError> {
        let width = match self.route_type {
            LinkStateType::IPV4_PREFIX => 32,
            LinkStateType::IPV6_PREFIX => 128,
            _ => return Ok(None),
        };
        let mut tlvs = descriptors.iter();
        let Some(tlv) = tlvs.find(|tlv| tlv.number == IP_REACHABILITY) else {
            return Ok(None);
        };
        let mut cursor = tlv.value;
        let at = cursor;
        let bits = cursor.u8("Prefix Length")?;
        let octets = cursor.bytes("IP Prefix", octets_of(bits))?;
        let prefix = checked_prefix(octets, bits, width);
        let why = "is above the bits of its address";
        prefix
            .map(Some)
            .ok_or_else(|| at.malformed("Prefix Length", why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;
    use serde_json::{Value, json};

    // No capture at hand has such routes: these are the figures of RFC 9552 filled in, and tshark 4.0
    // reads the same out of them.

    /// RFC 9552 5.2.1.4: AS 65000, BGP-LS Identifier 0, an IS-IS router ID.
    const NODE: &str = "0100 001a  0200 0004 0000fde8  0201 0004 00000000  0203 0006 000000000001";

    fn shown(text: &str, is_vpn: bool) -> Value {
        let octets = hex(text);
        for length in 0..octets.len() {
            assert!(LinkState::decode(Cursor::new(&octets[..length]), is_vpn).is_err());
        }
        let route = LinkState::decode(Cursor::new(&octets), is_vpn).unwrap();
        serde_json::to_value(route).unwrap()
    }

    #[test]
    fn a_node_is_its_descriptors() {
        // RFC 9552 5.2, figure of the Node NLRI: IS-IS level 2, identifier 0.
        let value = shown(&format!("0001 0027 02 0000000000000000 {NODE}"), false);
        assert_eq!(
            (&value["route_type"], &value["protocol"]),
            (&json!("node"), &json!("isis-level-2"))
        );
        let node = &value["descriptors"][0];
        assert_eq!(node["name"], "local-node-descriptors");
        let names: Vec<_> = (0..3).map(|place| &node["tlvs"][place]["name"]).collect();
        assert_eq!(
            names,
            ["autonomous-system", "bgp-ls-identifier", "igp-router-id"]
        );
        assert_eq!(node["tlvs"][0]["value"], 65000);
        assert_eq!(node["tlvs"][2]["raw"], "000000000001");
        // RFC 9552 5.2: in a VPN, a Route Distinguisher before the protocol.
        let text = format!("0001 002f 0000fde800000064 02 0000000000000000 {NODE}");
        assert_eq!(shown(&text, true)["rd"], "65000:100");
    }

    #[test]
    fn a_link_has_two_nodes_and_its_own_addresses() {
        let remote = NODE
            .replacen("0100", "0101", 1)
            .replace("000000000001", "000000000002");
        let link = "0103 0004 c0000201  0104 0004 c0000202  0102 0008 00000001 00000002";
        let text = format!("0002 0061 02 0000000000000000 {NODE} {remote} {link}");
        let value = shown(&text, false);
        let of = |place: usize, key: &str| value["descriptors"][place][key].clone();
        assert_eq!(of(1, "name"), "remote-node-descriptors");
        assert_eq!(
            (of(2, "value"), of(3, "value")),
            (json!("192.0.2.1"), json!("192.0.2.2"))
        );
        assert_eq!((of(4, "local"), of(4, "remote")), (json!(1), json!(2)));
    }

    #[test]
    fn a_prefix_is_in_its_reachability() {
        let text = format!("0003 002f 03 0000000000000000 {NODE} 0109 0004 18 c00002");
        assert_eq!(shown(&text, false)["prefix"], "192.0.2.0/24");
        let text = format!("0004 0030 03 0000000000000000 {NODE} 0109 0005 20 20010db8");
        assert_eq!(shown(&text, false)["prefix"], "2001:db8::/32");
        assert_eq!(
            shown("0063 0001 aa", false),
            json!({ "route_type": "unknown-99" })
        );
    }

    #[test]
    fn wrong_lengths_name_the_field_and_the_byte() {
        let error = |text: &str| {
            let octets = hex(text);
            let read = LinkState::decode(Cursor::new(&octets), false);
            read.unwrap_err().to_string()
        };
        assert_eq!(
            error("0001 0004 02 000000"),
            "Identifier at byte 5: needs 8 bytes, 3 left in its container"
        );
        assert_eq!(
            error("0003 0013 03 0000000000000000 0109 0006 28 c000020000"),
            "Prefix Length at byte 17: is above the bits of its address"
        );
    }
}
