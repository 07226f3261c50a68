//! Multicast VPN routes (RFC 6514 4): types 1 to 7.
//!
//! ```text
//! | Route Type (1) | Length (1) | fields of the type |
//! ```

use super::shown::optional;
use crate::bgp::text::Hex;
use crate::net::RouteDistinguisher;
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

code_points! {
    /// The type of a multicast VPN route. IANA registry BGP MCAST-VPN Route Types.
    MvpnRouteType(u8) {
        INTRA_AS_I_PMSI = 1, "intra-as-i-pmsi-a-d", "RFC 6514 4.1";
        INTER_AS_I_PMSI = 2, "inter-as-i-pmsi-a-d", "RFC 6514 4.2";
        S_PMSI = 3, "s-pmsi-a-d", "RFC 6514 4.3";
        LEAF = 4, "leaf-a-d", "RFC 6514 4.4";
        SOURCE_ACTIVE = 5, "source-active-a-d", "RFC 6514 4.5";
        SHARED_TREE_JOIN = 6, "shared-tree-join", "RFC 6514 4.6";
        SOURCE_TREE_JOIN = 7, "source-tree-join", "RFC 6514 4.6";
    }
}

/// A multicast VPN route; a field is none where its type has no such. Types above 7 have no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mvpn<'a> {
    /// What kind of route it is.
    pub route_type: MvpnRouteType,
    /// Route Distinguisher.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional")]
    #[schemars(with = "String", default)]
    pub rd: Option<RouteDistinguisher>,
    /// Source AS.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", default)]
    pub source_as: Option<u32>,
    /// Multicast source; none for a wildcard (RFC 6625 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    pub source: Option<IpAddr>,
    /// Multicast group; none for a wildcard.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    pub group: Option<IpAddr>,
    /// The route that a leaf answers, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", default)]
    pub route_key: Option<Hex<'a>>,
    /// Originating Router's IP Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    pub originator: Option<IpAddr>,
}

impl<'a> Mvpn<'a> {
    /// Reads one NLRI, its type and length included.
    pub fn decode(mut cursor: Cursor<'a>) -> Result<Mvpn<'a>, DecodeError> {
        let mut route = Mvpn {
            route_type: MvpnRouteType(cursor.u8("Route Type")?),
            rd: None,
            source_as: None,
            source: None,
            group: None,
            route_key: None,
            originator: None,
        };
        let length = cursor.u8("Length")?;
        let mut cursor = cursor.take("Route Type specific", usize::from(length))?;
        if !(1..=7).contains(&route.route_type.0) {
            return Ok(route);
        }
        route.read(&mut cursor)?;
        if !cursor.is_empty() {
            return Err(cursor.malformed("Route Type specific", "is longer than its type allows"));
        }
        Ok(route)
    }

    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<(), DecodeError> {
        use MvpnRouteType as Type;
        if self.route_type == Type::LEAF {
            self.route_key = Some(Hex(route_key(cursor)?));
            self.originator = Some(originator(cursor)?);
            return Ok(());
        }
        self.rd = Some(RouteDistinguisher(cursor.array("Route Distinguisher")?));
        match self.route_type {
            Type::INTRA_AS_I_PMSI => self.originator = Some(originator(cursor)?),
            Type::INTER_AS_I_PMSI => self.source_as = Some(cursor.u32("Source AS")?),
            Type::SHARED_TREE_JOIN | Type::SOURCE_TREE_JOIN => {
                self.source_as = Some(cursor.u32("Source AS")?);
                self.read_flow(cursor)?;
            }
            Type::S_PMSI => {
                self.read_flow(cursor)?;
                self.originator = Some(originator(cursor)?);
            }
            _ => self.read_flow(cursor)?,
        }
        Ok(())
    }

    fn read_flow(&mut self, cursor: &mut Cursor<'a>) -> Result<(), DecodeError> {
        self.source = flow_address(cursor, "Multicast Source Length")?;
        self.group = flow_address(cursor, "Multicast Group Length")?;
        Ok(())
    }
}

/// An address behind its length in bits: 0 (a wildcard), 32 or 128.
fn flow_address(
    cursor: &mut Cursor<'_>,
    field: &'static str,
) -> Result<Option<IpAddr>, DecodeError> {
    let at = *cursor;
    Ok(match cursor.u8(field)? {
        0 => None,
        32 => Some(Ipv4Addr::from(cursor.array(field)?).into()),
        128 => Some(Ipv6Addr::from(cursor.array::<16>(field)?).into()),
        _ => return Err(at.malformed(field, "is not 0, 32 or 128")),
    })
}

/// All that is left: an address of either family.
fn originator(cursor: &mut Cursor<'_>) -> Result<IpAddr, DecodeError> {
    const FIELD: &str = "Originating Router's IP Address";
    match cursor.remaining() {
        16.. => Ok(Ipv6Addr::from(cursor.array::<16>(FIELD)?).into()),
        _ => Ok(Ipv4Addr::from(cursor.array(FIELD)?).into()),
    }
}

/// The route that a leaf answers: with its own type and length, since "the Route Key field is set
/// to the MCAST-VPN NLRI" of it (RFC 6514 9.2.3.4.1).
fn route_key<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], DecodeError> {
    let start = *cursor;
    cursor.u8("Route Key")?;
    let length = cursor.u8("Route Key Length")?;
    cursor.bytes("Route Key", usize::from(length))?;
    let whole = cursor.offset() - start.offset();
    Ok(start.rest().get(..whole).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;
    use serde_json::{Value, json};

    fn shown(text: &str) -> Value {
        let octets = hex(text);
        for length in 0..octets.len() {
            assert!(Mvpn::decode(Cursor::new(&octets[..length])).is_err());
        }
        serde_json::to_value(Mvpn::decode(Cursor::new(&octets)).unwrap()).unwrap()
    }

    #[test]
    fn each_type_has_its_fields() {
        // Captured (public/tcpdump, tok2str-oobr-1).
        let value = shown("01 0c 0000000100000001 0a000004");
        let expected = json!({ "route_type": "intra-as-i-pmsi-a-d", "rd": "1:1",
            "originator": "10.0.0.4" });
        assert_eq!(value["originator"], expected["originator"]);
        assert_eq!(value["route_type"], expected["route_type"]);
        // The figures of RFC 6514 4.2 to 4.6 filled in; tshark 4.0 reads the same out of them.
        assert_eq!(shown("02 0c 0000fde800000064 0000fde8")["source_as"], 65000);
        let tree = "16 0000fde800000064 20 c6336401 20 ef000001 c0000201";
        let expected = json!({ "route_type": "s-pmsi-a-d", "rd": "65000:100",
            "source": "198.51.100.1", "group": "239.0.0.1", "originator": "192.0.2.1" });
        assert_eq!(shown(&format!("03 {tree}")), expected);
        let expected = json!({ "route_type": "leaf-a-d", "originator": "192.0.2.2",
            "route_key": "03160000fde80000006420c633640120ef000001c0000201" });
        assert_eq!(shown(&format!("04 1c 03 {tree} c0000202")), expected);
        let active = shown("05 12 0000fde800000064 20 c6336401 20 ef000001");
        assert_eq!(
            (&active["source"], &active["group"]),
            (&json!("198.51.100.1"), &json!("239.0.0.1"))
        );
        let join = shown("07 16 0000fde800000064 0000fde8 20 c6336401 20 ef000001");
        assert_eq!(
            (&join["source_as"], &join["group"]),
            (&json!(65000), &json!("239.0.0.1"))
        );
        // RFC 6625 2: a wildcard has length zero.
        let wildcard = shown("03 0e 0000fde800000064 00 00 c0000201");
        assert_eq!(wildcard.get("source"), None);
        assert_eq!(shown("63 01 aa"), json!({ "route_type": "unknown-99" }));
    }

    #[test]
    fn wrong_lengths_name_the_field_and_the_byte() {
        let error = |text: &str| {
            let octets = hex(text);
            let read = Mvpn::decode(Cursor::new(&octets));
            read.unwrap_err().to_string()
        };
        assert_eq!(
            error("05 0a 0000fde800000064 21 00"),
            "Multicast Source Length at byte 10: is not 0, 32 or 128"
        );
        assert_eq!(
            error("02 0d 0000fde800000064 0000fde8 00"),
            "Route Type specific at byte 14: is longer than its type allows"
        );
        assert_eq!(
            error("01 0a 0000fde800000064 0a00"),
            "Originating Router's IP Address at byte 10: needs 4 bytes, 2 left in its container"
        );
    }
}
