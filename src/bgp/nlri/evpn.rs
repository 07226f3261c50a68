//! EVPN routes (RFC 7432 7, RFC 9136 3.1): types 1 to 5.
//!
//! ```text
//! | Route Type (1) | Length (1) | Route Distinguisher (8) | fields of the type |
//! ```

use super::shown::{mac, optional, optional_hex};
use super::{checked_prefix, octets_of};
use crate::net::{Prefix, RouteDistinguisher};
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

code_points! {
    /// The type of an EVPN route. IANA registry EVPN Route Types.
    EvpnRouteType(u8) {
        ETHERNET_AUTO_DISCOVERY = 1, "ethernet-auto-discovery", "RFC 7432 7.1";
        MAC_IP_ADVERTISEMENT = 2, "mac-ip-advertisement", "RFC 7432 7.2";
        INCLUSIVE_MULTICAST = 3, "inclusive-multicast-ethernet-tag", "RFC 7432 7.3";
        ETHERNET_SEGMENT = 4, "ethernet-segment", "RFC 7432 7.4";
        IP_PREFIX = 5, "ip-prefix", "RFC 9136 3";
        SELECTIVE_MULTICAST = 6, "selective-multicast-ethernet-tag", "RFC 9251 9.1";
        MULTICAST_MEMBERSHIP_REPORT = 7, "multicast-membership-report-synch", "RFC 9251 9.2";
        MULTICAST_LEAVE = 8, "multicast-leave-synch", "RFC 9251 9.3";
        PER_REGION_I_PMSI = 9, "per-region-i-pmsi-a-d", "RFC 9572 3.1";
        S_PMSI = 10, "s-pmsi-a-d", "RFC 9572 3.2";
        LEAF = 11, "leaf-a-d", "RFC 9572 3.3";
    }
}

/// An EVPN route; a field is none where its type has no such. Types above 5 have no fields here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Evpn {
    /// What kind of route it is.
    pub route_type: EvpnRouteType,
    /// Route Distinguisher.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional")]
    #[schemars(with = "String", default)]
    pub rd: Option<RouteDistinguisher>,
    /// Ethernet Segment Identifier, in hex.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "optional_hex"
    )]
    #[schemars(with = "String", default)]
    pub esi: Option<[u8; 10]>,
    /// Ethernet Tag ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", default)]
    pub ethernet_tag: Option<u32>,
    /// MAC address.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mac")]
    #[schemars(with = "String", default)]
    pub mac: Option<[u8; 6]>,
    /// IP address: of the host, or of the originating router.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    pub ip: Option<IpAddr>,
    /// IP prefix of a route of type 5.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional")]
    #[schemars(with = "String", default)]
    pub prefix: Option<Prefix>,
    /// Gateway IP address of a route of type 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    pub gateway: Option<IpAddr>,
    /// First label field: all 24 bits, since it holds a VNI as well as 20 bits of label.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", default)]
    pub label: Option<u32>,
    /// Second label field of a route of type 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", default)]
    pub label_2: Option<u32>,
}

impl Evpn {
    /// Reads one NLRI, its type and length included.
    pub fn decode(mut cursor: Cursor<'_>) -> Result<Evpn, DecodeError> {
        let mut route = Evpn::empty(EvpnRouteType(cursor.u8("Route Type")?));
        let length = cursor.u8("Length")?;
        let mut cursor = cursor.take("Route Type specific", usize::from(length))?;
        if !(1..=5).contains(&route.route_type.0) {
            return Ok(route);
        }
        route.rd = Some(RouteDistinguisher(cursor.array("Route Distinguisher")?));
        route.read(&mut cursor)?;
        if !cursor.is_empty() {
            return Err(cursor.malformed("Route Type specific", "is longer than its type allows"));
        }
        Ok(route)
    }

    fn empty(route_type: EvpnRouteType) -> Evpn {
        Evpn {
            route_type,
            rd: None,
            esi: None,
            ethernet_tag: None,
            mac: None,
            ip: None,
            prefix: None,
            gateway: None,
            label: None,
            label_2: None,
        }
    }

    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DecodeError> {
        let kind = self.route_type;
        if kind != EvpnRouteType::INCLUSIVE_MULTICAST {
            self.esi = Some(cursor.array("Ethernet Segment Identifier")?);
        }
        if kind != EvpnRouteType::ETHERNET_SEGMENT {
            self.ethernet_tag = Some(cursor.u32("Ethernet Tag ID")?);
        }
        match kind {
            EvpnRouteType::ETHERNET_AUTO_DISCOVERY => self.label = Some(label(cursor)?),
            EvpnRouteType::MAC_IP_ADVERTISEMENT => self.read_mac_ip(cursor)?,
            EvpnRouteType::IP_PREFIX => self.read_prefix(cursor)?,
            _ => self.ip = address(cursor)?,
        }
        Ok(())
    }

    fn read_mac_ip(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DecodeError> {
        let at = *cursor;
        if cursor.u8("MAC Address Length")? != 48 {
            return Err(at.malformed("MAC Address Length", "is not 48"));
        }
        self.mac = Some(cursor.array("MAC Address")?);
        self.ip = address(cursor)?;
        self.label = Some(label(cursor)?);
        if !cursor.is_empty() {
            self.label_2 = Some(label(cursor)?);
        }
        Ok(())
    }

    /// Prefix and gateway are both of four octets or both of sixteen, which the length tells
    /// (RFC 9136 3.1).
    fn read_prefix(&mut self, cursor: &mut Cursor<'_>) -> Result<(), DecodeError> {
        let at = *cursor;
        let bits = cursor.u8("IP Prefix Length")?;
        let width: u8 = if cursor.remaining() > 11 { 128 } else { 32 };
        let octets = cursor.bytes("IP Prefix", octets_of(width))?;
        let prefix = checked_prefix(octets, bits, width);
        self.prefix =
            Some(prefix.ok_or_else(|| {
                at.malformed("IP Prefix Length", "is above the bits of its address")
            })?);
        self.gateway = Some(address_of(cursor, "GW IP Address", width)?);
        self.label = Some(label(cursor)?);
        Ok(())
    }
}

fn label(cursor: &mut Cursor<'_>) -> Result<u32, DecodeError> {
    let [a, b, c] = cursor.array("MPLS Label")?;
    Ok(u32::from_be_bytes([0, a, b, c]))
}

/// An address behind its length in bits: 0, 32 or 128.
fn address(cursor: &mut Cursor<'_>) -> Result<Option<IpAddr>, DecodeError> {
    let at = *cursor;
    match cursor.u8("IP Address Length")? {
        0 => Ok(None),
        width @ (32 | 128) => address_of(cursor, "IP Address", width).map(Some),
        _ => Err(at.malformed("IP Address Length", "is not 0, 32 or 128")),
    }
}

fn address_of(
    cursor: &mut Cursor<'_>,
    field: &'static str,
    width: u8,
) -> Result<IpAddr, DecodeError> {
    if width == 32 {
        return Ok(Ipv4Addr::from(cursor.array(field)?).into());
    }
    Ok(Ipv6Addr::from(cursor.array::<16>(field)?).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;
    use serde_json::{Value, json};

    fn shown(text: &str) -> Value {
        let octets = hex(text);
        for length in 0..octets.len() {
            assert!(Evpn::decode(Cursor::new(&octets[..length])).is_err());
        }
        serde_json::to_value(Evpn::decode(Cursor::new(&octets)).unwrap()).unwrap()
    }

    // All of the routes below were captured between the lab's routers (lab/s1-bgp-179, tcp-ao/cmac).

    #[test]
    fn a_mac_ip_advertisement_has_a_mac_and_up_to_two_more() {
        let route = "02 25                     # RFC 7432 7.2: type 2, 37 octets
                     00010a0000020064          # Route Distinguisher 10.0.0.2:100
                     00000000000000000000      # ESI
                     0000000a                  # Ethernet Tag 10
                     30 aabbccddee01           # MAC
                     20 0a020001               # IP
                     0003e8                    # VNI 1000";
        let expected = json!({ "route_type": "mac-ip-advertisement", "rd": "10.0.0.2:100",
            "esi": "00000000000000000000", "ethernet_tag": 10, "mac": "aa:bb:cc:dd:ee:01",
            "ip": "10.2.0.1", "label": 1000 });
        assert_eq!(shown(route), expected);
        let without_ip = "02 21 00010a0000020064 00000000000000000000 0000000a
                          30 aabbccddee02 00 0003e8";
        assert_eq!(shown(without_ip).get("ip"), None);
        let ipv6 = "02 31 00010a0000020064 00000000000000000000 0000000a
                    30 aabbccddee03 80 20010db8000000000000000000000003 0003e8";
        assert_eq!(shown(ipv6)["ip"], "2001:db8::3");
        // RFC 7432 7.2: a second label may follow.
        let two = "02 24 00010a0000020064 00000000000000000000 0000000a
                   30 aabbccddee02 00 0003e8 0003e9";
        assert_eq!(shown(two)["label_2"], 1001);
    }

    #[test]
    fn the_other_types_have_their_own_fields() {
        let discovery = "01 19 00010a0000020064 01aabbccddeeff006400 0000000a 0003e8";
        let expected = json!({ "route_type": "ethernet-auto-discovery", "rd": "10.0.0.2:100",
            "esi": "01aabbccddeeff006400", "ethernet_tag": 10, "label": 1000 });
        assert_eq!(shown(discovery), expected);
        let multicast = "03 11 00010a0000020064 0000000a 20 0a000002";
        let expected = json!({ "route_type": "inclusive-multicast-ethernet-tag",
            "rd": "10.0.0.2:100", "ethernet_tag": 10, "ip": "10.0.0.2" });
        assert_eq!(shown(multicast), expected);
        let segment = "04 17 00010a0000020064 01aabbccddeeff006400 20 0a000002";
        let expected = json!({ "route_type": "ethernet-segment", "rd": "10.0.0.2:100",
            "esi": "01aabbccddeeff006400", "ip": "10.0.0.2" });
        assert_eq!(shown(segment), expected);
        let prefix = "05 22 00010a0000020064 00000000000000000000 0000000a
                      18 0a030000 00000000 0003e9";
        let value = shown(prefix);
        assert_eq!(value["prefix"], "10.3.0.0/24");
        assert_eq!(
            (&value["gateway"], &value["label"]),
            (&json!("0.0.0.0"), &json!(1001))
        );
        assert_eq!(shown("63 00"), json!({ "route_type": "unknown-99" }));
    }

    #[test]
    fn wrong_lengths_name_the_field_and_the_byte() {
        let error = |text: &str| {
            Evpn::decode(Cursor::new(&hex(text)))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error("03 0d 0001c00002010064 00000064 18"),
            "IP Address Length at byte 14: is not 0, 32 or 128"
        );
        assert_eq!(
            error("03 05 0001c00002"),
            "Route Distinguisher at byte 2: needs 8 bytes, 5 left in its container"
        );
        assert_eq!(
            error("01 1a 0001c00002010064 0011223344556677889a ffffffff 000000 00"),
            "Route Type specific at byte 27: is longer than its type allows"
        );
    }
}
