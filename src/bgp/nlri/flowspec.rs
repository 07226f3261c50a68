//! Flow specifications (RFC 8955 4, RFC 8956 3) as text rules, `dst 192.0.2.0/24 proto =6 port =25`:
//! one component after the other, each with a number of its type.

use super::shown::{optional, text};
use super::{checked_prefix, flowspec_length, octets_of};
use crate::net::RouteDistinguisher;
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::{self, Write};

/// A flow specification.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct FlowSpec<'a> {
    /// Route Distinguisher of a VPN rule (RFC 8955 8).
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional")]
    #[schemars(with = "String", default)]
    pub rd: Option<RouteDistinguisher>,
    /// The components as text: values of one component are alternatives, `&` joins those that have
    /// to hold together.
    #[serde(serialize_with = "text")]
    #[schemars(with = "String")]
    pub rule: Rule<'a>,
}

/// The components of a flow specification, all of which could be read.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    components: Cursor<'a>,
    is_ipv6: bool,
}

/// How the value of a component is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prefix,
    Numbers,
    Bits,
}

/// Flow Spec Component Types, IANA registry: number, word, kind, source.
const COMPONENTS: &[(u8, &str, Kind, &str)] = &[
    (1, "dst", Kind::Prefix, "RFC 8955 4.2.2.1"),
    (2, "src", Kind::Prefix, "RFC 8955 4.2.2.2"),
    (3, "proto", Kind::Numbers, "RFC 8955 4.2.2.3"),
    (4, "port", Kind::Numbers, "RFC 8955 4.2.2.4"),
    (5, "dport", Kind::Numbers, "RFC 8955 4.2.2.5"),
    (6, "sport", Kind::Numbers, "RFC 8955 4.2.2.6"),
    (7, "icmp-type", Kind::Numbers, "RFC 8955 4.2.2.7"),
    (8, "icmp-code", Kind::Numbers, "RFC 8955 4.2.2.8"),
    (9, "tcp-flags", Kind::Bits, "RFC 8955 4.2.2.9"),
    (10, "length", Kind::Numbers, "RFC 8955 4.2.2.10"),
    (11, "dscp", Kind::Numbers, "RFC 8955 4.2.2.11"),
    (12, "fragment", Kind::Bits, "RFC 8955 4.2.2.12"),
    (13, "flow-label", Kind::Numbers, "RFC 8956 3.7"),
];

impl<'a> FlowSpec<'a> {
    /// Reads one NLRI of IPv4 or IPv6, its length included; of SAFI 134 with Route Distinguisher.
    pub fn decode(
        mut cursor: Cursor<'a>,
        is_ipv6: bool,
        is_vpn: bool,
    ) -> Result<FlowSpec<'a>, DecodeError> {
        let length = flowspec_length(&mut cursor)?;
        let mut components = cursor.take("NLRI", length)?;
        let rd = if is_vpn {
            Some(RouteDistinguisher(components.array("Route Distinguisher")?))
        } else {
            None
        };
        let rule = Rule {
            components,
            is_ipv6,
        };
        rule.write(&mut Nowhere)?;
        Ok(FlowSpec { rd, rule })
    }
}

impl Rule<'_> {
    /// Writes each component as it is read. What `out` says is not kept: nothing here can go on
    /// without it.
    fn write(&self, out: &mut dyn Write) -> Result<(), DecodeError> {
        let mut cursor = self.components;
        let mut between = "";
        while !cursor.is_empty() {
            let at = cursor;
            let number = cursor.u8("Component Type")?;
            let Some(row) = COMPONENTS.iter().find(|row| row.0 == number) else {
                return Err(at.malformed("Component Type", "is not known"));
            };
            let _ = write!(out, "{between}{} ", row.1);
            match row.2 {
                Kind::Prefix if self.is_ipv6 => ipv6_prefix(&mut cursor, out)?,
                Kind::Prefix => ipv4_prefix(&mut cursor, out)?,
                kind => values(&mut cursor, kind, out)?,
            }
            between = " ";
        }
        Ok(())
    }
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f).map_err(|_| fmt::Error)
    }
}

/// Takes any text and keeps none.
struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}

fn ipv4_prefix(cursor: &mut Cursor<'_>, out: &mut dyn Write) -> Result<(), DecodeError> {
    let at = *cursor;
    let bits = cursor.u8("Prefix Length")?;
    let octets = cursor.bytes("Prefix", octets_of(bits))?;
    let prefix = checked_prefix(octets, bits, 32);
    let prefix = prefix.ok_or_else(|| at.malformed("Prefix Length", "is above 32 bits"))?;
    let _ = write!(out, "{prefix}");
    Ok(())
}

/// "The pattern ... is matched ... skipping offset bits" (RFC 8956 3.1): the bits are moved to their
/// place, and an offset other than zero stands before the length, `::1234:0/64-80`.
fn ipv6_prefix(cursor: &mut Cursor<'_>, out: &mut dyn Write) -> Result<(), DecodeError> {
    let at = *cursor;
    let [bits, offset] = cursor.array("Prefix Length and Offset")?;
    let pattern = bits.checked_sub(offset).filter(|_| bits <= 128);
    let Some(pattern) = pattern else {
        return Err(at.malformed("Prefix Length", "is above 128 bits or below its offset"));
    };
    let octets = cursor.bytes("Pattern", octets_of(pattern))?;
    let address = match super::prefix(octets, pattern, 128).address {
        std::net::IpAddr::V6(address) => u128::from(address),
        std::net::IpAddr::V4(_) => 0,
    };
    let moved = address.checked_shr(offset.into()).unwrap_or(0);
    let address = std::net::Ipv6Addr::from(moved);
    let _ = match offset {
        0 => write!(out, "{address}/{bits}"),
        _ => write!(out, "{address}/{offset}-{bits}"),
    };
    Ok(())
}

/// Pairs of operator and value to the one with the end bit (RFC 8955 4.2.1).
fn values(cursor: &mut Cursor<'_>, kind: Kind, out: &mut dyn Write) -> Result<(), DecodeError> {
    const END: u8 = 0x80;
    const AND: u8 = 0x40;
    let mut is_first = true;
    loop {
        let operator = cursor.u8("Operator")?;
        let octets = cursor.bytes("Value", 1 << (operator >> 4 & 3))?;
        let value = octets
            .iter()
            .fold(0u64, |value, octet| value << 8 | u64::from(*octet));
        let _ = out.write_str(match (is_first, operator & AND != 0) {
            (true, _) => "",
            (false, true) => "&",
            (false, false) => ",",
        });
        let _ = match kind {
            Kind::Bits => write!(out, "{}0x{value:x}", bitmask(operator)),
            _ => write!(out, "{}", Comparison(operator, value)),
        };
        if operator & END != 0 {
            return Ok(());
        }
        is_first = false;
    }
}

/// RFC 8955 4.2.1.2: `=` for all bits (m), `!` for not; neither for any of the bits.
fn bitmask(operator: u8) -> &'static str {
    match operator & 3 {
        0 => "",
        1 => "=",
        2 => "!",
        _ => "!=",
    }
}

/// RFC 8955 4.2.1.1: bits of less, greater and equal.
struct Comparison(u8, u64);

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.0 & 7 {
            0 => return f.write_str("false"),
            1 => "=",
            2 => ">",
            3 => ">=",
            4 => "<",
            5 => "<=",
            6 => "!=",
            _ => return f.write_str("true"),
        };
        write!(f, "{word}{}", self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;

    fn read(text: &str, is_ipv6: bool, is_vpn: bool) -> Result<String, String> {
        let octets = hex(text);
        let decode = |octets| FlowSpec::decode(Cursor::new(octets), is_ipv6, is_vpn);
        for length in 0..octets.len() {
            assert!(decode(&octets[..length]).is_err());
        }
        let rule = decode(&octets).map_err(|error| error.to_string())?;
        Ok(serde_json::to_string(&rule).unwrap())
    }

    #[test]
    fn the_examples_of_the_rfc_are_rules() {
        let rule = |text| read(text, false, false).unwrap();
        assert_eq!(
            rule("0b  01 18 c00002  03 81 06  04 81 19   # RFC 8955 4.3.1"),
            r#"{"rule":"dst 192.0.2.0/24 proto =6 port =25"}"#
        );
        assert_eq!(
            rule("12  01 18 c00002  02 18 cb0071  04 03 89 45 8b 91 1f90   # RFC 8955 4.3.2"),
            r#"{"rule":"dst 192.0.2.0/24 src 203.0.113.0/24 port >=137&<=139,=8080"}"#
        );
        assert_eq!(
            rule("09  01 20 c0000201  0c 80 05   # RFC 8955 4.3.3"),
            r#"{"rule":"dst 192.0.2.1/32 fragment 0x5"}"#
        );
    }

    #[test]
    fn rules_of_real_routers_are_read() {
        // GoBGP, captured (lab/s1-bgp-179, lab/streams/base-gobgp).
        let rule = |text| read(text, false, false).unwrap();
        assert_eq!(
            rule("0b 01180a0063 038111 05817b"),
            r#"{"rule":"dst 10.0.99.0/24 proto =17 dport =123"}"#
        );
        assert_eq!(
            rule("20 01180a0700 02100a08 0301068111 050150120400d40800 0981020a02c8d4012c"),
            r#"{"rule":"dst 10.7.0.0/24 src 10.8.0.0/16 proto =6,=17 dport =80,>1024&<2048 tcp-flags =0x2 length >200&<300"}"#
        );
    }

    #[test]
    fn an_ipv6_pattern_has_an_offset() {
        let text = "12  01 20 00 20010db8  02 68 40 123456789a  03 81 06   # RFC 8956 3.8.1";
        assert_eq!(
            read(text, true, false).unwrap(),
            r#"{"rule":"dst 2001:db8::/32 src ::1234:5678:9a00:0/64-104 proto =6"}"#
        );
    }

    #[test]
    fn a_vpn_rule_has_a_route_distinguisher() {
        let text = "0b  0000 fde9 00000064  09 81 02   # RFC 8955 8: TCP flags, SYN";
        assert_eq!(
            read(text, false, true).unwrap(),
            r#"{"rd":"65001:100","rule":"tcp-flags =0x2"}"#
        );
    }

    #[test]
    fn wrong_components_name_the_field_and_the_byte() {
        let error = |text, is_ipv6| read(text, is_ipv6, false).unwrap_err();
        assert_eq!(
            error("02 63 00", false),
            "Component Type at byte 1: is not known"
        );
        assert_eq!(
            error("03 03 01 06", false),
            "Operator at byte 4: needs 1 bytes, 0 left in its container"
        );
        assert_eq!(
            error("07 01 21 0000000000", false),
            "Prefix Length at byte 2: is above 32 bits"
        );
        assert_eq!(
            error("03 01 10 20", true),
            "Prefix Length at byte 2: is above 128 bits or below its offset"
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_read_prints(octets: Vec<u8>, is_ipv6: bool, is_vpn: bool) {
            if let Ok(rule) = FlowSpec::decode(Cursor::new(&octets), is_ipv6, is_vpn) {
                rule.rule.to_string();
            }
        }
    }
}
