//! The ROUTE-REFRESH message (RFC 2918 3): a request for all routes of a family, the borders of the
//! answer (RFC 7313 3.2), or filters for it (RFC 5291 4).
//!
//! ```text
//! | AFI (2) | Message Subtype (1) | SAFI (1) | ORF entries |
//! ```

use super::family_fields::{Afi, Safi};
use super::header::{MessageHeader, MessageType};
use super::text::Hex;
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

code_points! {
    /// What was a reserved octet before RFC 7313. IANA registry BGP Route Refresh Subcodes.
    RefreshSubtype(u8) {
        REQUEST = 0, "request", "RFC 2918 3";
        BEGIN = 1, "begin-of-route-refresh", "RFC 7313 3.2";
        END = 2, "end-of-route-refresh", "RFC 7313 3.2";
    }
}

/// A ROUTE-REFRESH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRefresh<'a> {
    /// The family.
    pub family: Family,
    /// What is said of it.
    pub subtype: RefreshSubtype,
    /// Outbound Route Filter entries (RFC 5291 4) as sent: When-to-refresh, then the entries.
    pub filters: &'a [u8],
}

impl<'a> RouteRefresh<'a> {
    /// Reads a whole ROUTE-REFRESH, header included; the cursor then stands behind it.
    pub fn decode(cursor: &mut Cursor<'a>) -> Result<RouteRefresh<'a>, DecodeError> {
        let why = "is not ROUTE-REFRESH";
        let mut body = MessageHeader::take_body(cursor, MessageType::ROUTE_REFRESH, why)?;
        let afi = body.u16("AFI")?;
        let subtype = RefreshSubtype(body.u8("Message Subtype")?);
        let safi = body.u8("SAFI")?;
        Ok(RouteRefresh {
            family: Family::new(afi, safi),
            subtype,
            filters: body.rest(),
        })
    }
}

impl fmt::Display for RouteRefresh<'_> {
    /// For people: `request ipv4 unicast`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subtype, self.family)?;
        match self.filters.len() {
            0 => Ok(()),
            octets => write!(f, " with filters ({octets} octets)"),
        }
    }
}

impl Serialize for RouteRefresh<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("RouteRefresh", 5)?;
        fields.serialize_field("afi", &Afi(self.family.afi))?;
        fields.serialize_field("safi", &Safi(self.family.safi))?;
        fields.serialize_field("subtype", &self.subtype)?;
        fields.serialize_field("subtype_code", &self.subtype.0)?;
        if !self.filters.is_empty() {
            fields.serialize_field("filters", &Hex(self.filters))?;
        }
        fields.end()
    }
}

/// The keys of a ROUTE-REFRESH in JSON.
#[derive(JsonSchema)]
#[schemars(rename = "RouteRefresh", deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct RouteRefreshShape {
    /// Address family.
    afi: String,
    /// Subsequent address family.
    safi: String,
    /// What is said of the family, or `unknown-<number>`.
    subtype: RefreshSubtype,
    /// Its number.
    subtype_code: u8,
    /// Outbound route filters, in hex.
    #[schemars(default)]
    filters: Option<String>,
}

impl JsonSchema for RouteRefresh<'_> {
    fn schema_name() -> Cow<'static, str> {
        "RouteRefresh".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        RouteRefreshShape::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::{hex, message};
    use serde_json::{Value, json};

    fn shown(bytes: &[u8]) -> (Value, String) {
        let refresh = RouteRefresh::decode(&mut Cursor::new(bytes)).unwrap();
        let value = serde_json::to_value(refresh).unwrap();
        let schema = serde_json::to_value(schemars::schema_for!(RouteRefresh)).unwrap();
        jsonschema::validate(&schema, &value).unwrap();
        (value, refresh.to_string())
    }

    #[test]
    fn filters_are_kept() {
        // Captured (public/tcpdump, bgp-orf): remove all prefix filters, at once.
        let bytes = hex(
            "ffffffff ffffffff ffffffff ffffffff 001c 05   # header: 28 octets
                         0001 00 01                                    # IPv4, request, unicast
                         02 40 0001 c0                                 # deferred, ORF type 64",
        );
        let (value, text) = shown(&bytes);
        let expected = json!({ "afi": "ipv4", "safi": "unicast", "subtype": "request",
            "subtype_code": 0, "filters": "02400001c0" });
        assert_eq!(value, expected);
        assert_eq!(text, "request ipv4 unicast with filters (5 octets)");
        for length in 0..bytes.len() {
            assert!(RouteRefresh::decode(&mut Cursor::new(&bytes[..length])).is_err());
        }
    }

    #[test]
    fn borders_are_named() {
        // RFC 7313 3.2: BoRR 1, EoRR 2.
        assert_eq!(
            shown(&message(5, &hex("0002 01 01"))).0["subtype"],
            "begin-of-route-refresh"
        );
        assert_eq!(
            shown(&message(5, &hex("0019 02 46"))).1,
            "end-of-route-refresh l2vpn evpn"
        );
        assert_eq!(
            shown(&message(5, &hex("0001 63 01"))).0["subtype"],
            "unknown-99"
        );
    }

    #[test]
    fn a_short_one_names_the_field() {
        // "If the length ... is not 4, then" an error (RFC 7313 5).
        let bytes = message(5, &hex("0001 00"));
        let error = RouteRefresh::decode(&mut Cursor::new(&bytes)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "SAFI at byte 22: needs 1 bytes, 0 left in its container"
        );
        let error = RouteRefresh::decode(&mut Cursor::new(&message(4, &[]))).unwrap_err();
        assert_eq!(error.to_string(), "Type at byte 18: is not ROUTE-REFRESH");
    }
}
