//! The OPEN message (RFC 4271 4.2): who speaks, and what it is able to do.
//!
//! ```text
//! +---------------------------+
//! | Version (1)               |
//! | My Autonomous System (2)  |
//! | Hold Time (2)             |
//! | BGP Identifier (4)        |
//! | Opt Parm Len (1), optional parameters
//! +---------------------------+
//! ```

use super::capability::{Capability, CapabilityCode, CapabilityValue};
use super::header::{MessageHeader, MessageType};
use super::parameter::Parameters;
use super::text::Hex;
use crate::wire::{Cursor, DecodeError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::net::Ipv4Addr;

/// An OPEN message, everything in order as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Protocol version: 4.
    pub version: u8,
    /// The two-octet field; 23456 where the number needs four (RFC 6793 4.2.2).
    pub my_as: u16,
    /// Seconds.
    pub hold_time: u16,
    /// BGP Identifier.
    pub bgp_id: Ipv4Addr,
    /// Capabilities and other optional parameters.
    pub parameters: Parameters,
}

impl Open {
    /// Reads a whole OPEN, header included; the cursor then stands behind it. Fails where the header
    /// or the fixed fields do; a broken parameter is kept in [`Parameters::remainder`].
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<Open, DecodeError> {
        let mut body = MessageHeader::take_body(cursor, MessageType::OPEN, "is not OPEN")?;
        Ok(Open {
            version: body.u8("Version")?,
            my_as: body.u16("My Autonomous System")?,
            hold_time: body.u16("Hold Time")?,
            bgp_id: Ipv4Addr::from(body.u32("BGP Identifier")?),
            parameters: Parameters::decode_section(body)?,
        })
    }

    /// The AS number: that of the last 4-octet AS capability, else the two-octet field.
    pub fn asn(&self) -> u32 {
        self.values(CapabilityCode::FOUR_OCTET_AS)
            .filter_map(|value| match value {
                CapabilityValue::FourOctetAs(value) => Some(value.asn),
                _ => None,
            })
            .last()
            .unwrap_or(u32::from(self.my_as))
    }

    /// Every capability, in order as sent.
    pub fn capabilities(&self) -> &[Capability] {
        &self.parameters.capabilities
    }

    /// The values of one capability, in order as sent.
    pub fn values(&self, code: CapabilityCode) -> impl Iterator<Item = &CapabilityValue> {
        self.capabilities()
            .iter()
            .filter(move |capability| capability.code == code)
            .map(|capability| &capability.value)
    }

    /// A capability with this code was sent, well-formed or not.
    pub fn has(&self, code: CapabilityCode) -> bool {
        self.values(code).next().is_some()
    }
}

/// The keys of an OPEN in JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Open")]
struct OpenShape<'a> {
    /// Protocol version.
    version: u8,
    /// AS number: all four octets, if they were sent.
    asn: u32,
    /// The two-octet field: 23456 where the number needs four octets.
    my_as: u16,
    /// Seconds.
    hold_time: u16,
    /// BGP Identifier.
    bgp_id: Ipv4Addr,
    /// Capabilities, in order as sent.
    capabilities: &'a [Capability],
    /// Optional parameters that are not capabilities.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    parameters_other: Vec<ParameterShape<'a>>,
    /// Why the optional parameters could not be read to their end.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The octets that could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    raw: Option<Hex<'a>>,
}

/// The keys of a parameter that is not Capabilities.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Parameter")]
struct ParameterShape<'a> {
    /// The parameter's number.
    code: u8,
    /// Its name, or `unknown-<number>`.
    name: super::ParameterType,
    /// Its octets.
    #[schemars(with = "String")]
    raw: Hex<'a>,
}

impl<'a> From<&'a Open> for OpenShape<'a> {
    fn from(open: &'a Open) -> OpenShape<'a> {
        let others = open.parameters.others.iter();
        let remainder = open.parameters.remainder.as_ref();
        OpenShape {
            version: open.version,
            asn: open.asn(),
            my_as: open.my_as,
            hold_time: open.hold_time,
            bgp_id: open.bgp_id,
            capabilities: open.capabilities(),
            parameters_other: others
                .map(|parameter| ParameterShape {
                    code: parameter.parameter_type.0,
                    name: parameter.parameter_type,
                    raw: Hex(&parameter.value),
                })
                .collect(),
            error: remainder.map(|remainder| remainder.error.to_string()),
            raw: remainder.map(|remainder| Hex(&remainder.octets)),
        }
    }
}

impl Serialize for Open {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        OpenShape::from(self).serialize(serializer)
    }
}

impl JsonSchema for Open {
    fn schema_name() -> Cow<'static, str> {
        "Open".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        OpenShape::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::{hex, message};
    use crate::bgp::{ParameterType, capability};
    use serde_json::json;

    /// The OPEN of BIRD 2.19, captured: 4-octet AS number, one Capabilities parameter.
    const BIRD: &str = "
        ffffffff ffffffff ffffffff ffffffff 0062 01  # header: 98 octets, OPEN
        04 5ba0 0009 0a000003                        # version 4, AS_TRANS, hold 9, 10.0.0.3
        45                                           # Opt Parm Len: 69
        02 43                                        # Capabilities, 67 octets
        01 04 0001 00 01                             # multiprotocol IPv4 unicast
        02 00                                        # route refresh
        06 00                                        # extended message
        09 01 04                                     # role: peer
        40 06 0078 0001 01 00                        # graceful restart 120 s, IPv4 unicast
        41 04 fa56ea03                               # 4-octet AS 4200000003
        45 04 0001 01 03                             # ADD-PATH IPv4 unicast: both
        46 00                                        # enhanced route refresh
        47 07 0001 01 00 000e10                      # LLGR IPv4 unicast, 3600 s
        49 15 13 626972643231392e6578616d706c652e6e6574 00  # FQDN, empty domain";

    fn decode(bytes: &[u8]) -> Result<Open, String> {
        Open::decode(&mut Cursor::new(bytes)).map_err(|error| error.to_string())
    }

    /// An OPEN with these octets behind the BGP Identifier.
    fn with_parameters(section: &str) -> Open {
        let mut body = hex("04 fde9 00b4 c0000201");
        body.extend(hex(section));
        decode(&message(1, &body)).unwrap()
    }

    fn codes(open: &Open) -> Vec<u8> {
        open.capabilities().iter().map(|one| one.code.0).collect()
    }

    #[test]
    fn an_open_of_a_real_router_gives_every_field_and_capability() {
        let open = decode(&hex(BIRD)).unwrap();
        assert_eq!((open.version, open.my_as, open.hold_time), (4, 23456, 9));
        assert_eq!(open.bgp_id, Ipv4Addr::new(10, 0, 0, 3));
        assert_eq!(open.asn(), 4_200_000_003);
        assert_eq!(codes(&open), [1, 2, 6, 9, 64, 65, 69, 70, 71, 73]);
        assert_eq!(open.parameters.remainder, None);
    }

    #[test]
    fn without_the_four_octet_capability_the_two_octet_field_counts() {
        assert_eq!(with_parameters("00").asn(), 65001);
        // A 4-octet AS capability of three octets says nothing.
        assert_eq!(with_parameters("07 02 05 41 03 000001").asn(), 65001);
    }

    #[test]
    fn capabilities_in_many_parameters_equal_capabilities_in_one() {
        let one = with_parameters("08 02 06 02 00 46 00 06 00");
        let many = with_parameters("0c 02 02 0200 02 02 4600 02 02 0600");
        assert_eq!(one, many);
        assert_eq!(codes(&one), [2, 70, 6]);
    }

    #[test]
    fn the_extended_form_has_two_octets_of_length_everywhere() {
        // RFC 9072 2: the plain length is ignored, as long as it is not zero.
        let plain = with_parameters("04 02 02 02 00");
        let extended = "ff  0005  02 0002  02 00";
        assert_eq!(with_parameters(&format!("ff {extended}")), plain);
        assert_eq!(with_parameters(&format!("01 {extended}")), plain);
    }

    #[test]
    fn a_parameter_that_is_not_capabilities_stays_raw() {
        let open = with_parameters("09 01 03 00aabb 02 02 02 00");
        assert_eq!(codes(&open), [2]);
        assert_eq!(
            open.parameters.others[0].parameter_type,
            ParameterType::AUTHENTICATION
        );
        assert_eq!(open.parameters.others[0].value, [0, 0xaa, 0xbb]);
    }

    #[test]
    fn a_parameter_past_the_section_keeps_those_before_it_and_its_octets() {
        let open = with_parameters("07 02 02 02 00 02 09 46");
        assert_eq!(codes(&open), [2]);
        let remainder = open.parameters.remainder.unwrap();
        assert_eq!(
            remainder.error.to_string(),
            "Parameter Value at byte 35: needs 9 bytes, 1 left in its container"
        );
        assert_eq!(remainder.octets, [2, 9, 0x46]);
    }

    #[test]
    fn a_section_past_the_message_is_read_as_far_as_it_goes() {
        let open = with_parameters("09 02 02 02 00");
        assert_eq!(codes(&open), [2]);
        assert_eq!(
            open.parameters.remainder.unwrap().error.to_string(),
            "Optional Parameters at byte 29: needs 9 bytes, 4 left in its container"
        );
    }

    #[test]
    fn octets_behind_the_parameters_are_kept() {
        let remainder = with_parameters("00 aabb").parameters.remainder.unwrap();
        assert_eq!(
            remainder.error.to_string(),
            "OPEN at byte 29: has octets behind its optional parameters"
        );
        assert_eq!(remainder.octets, [0xaa, 0xbb]);
    }

    #[test]
    fn a_capability_past_its_parameter_is_malformed_and_the_next_parameter_is_read() {
        let open = with_parameters("0a 02 04 41 04 0001 02 02 02 00");
        assert_eq!(codes(&open), [65, 2]);
        let broken = &open.capabilities()[0];
        assert_eq!(broken.raw, [0, 1]);
        let capability::CapabilityValue::Malformed(error) = broken.value else {
            panic!("{:?}", broken.value);
        };
        assert_eq!(
            error.to_string(),
            "Capability Value at byte 33: needs 4 bytes, 2 left in its container"
        );
    }

    #[test]
    fn every_prefix_and_every_wrong_octet_is_an_answer() {
        let bytes = hex(BIRD);
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err());
            for wrong in [0, 1, 0x7f, 0xff] {
                let mut bytes = bytes.clone();
                bytes[length] = wrong;
                let _ = decode(&bytes);
                let _ = decode(&message(1, &bytes[19..length.max(19)]));
            }
        }
        assert_eq!(
            decode(&message(2, &[0; 10])).unwrap_err(),
            "Type at byte 18: is not OPEN"
        );
        assert_eq!(
            decode(&message(1, &[4, 0, 1, 0])).unwrap_err(),
            "Hold Time at byte 22: needs 2 bytes, 1 left in its container"
        );
    }

    #[test]
    fn json_has_the_words_of_the_contract_and_follows_its_schema() {
        let open = decode(&hex(BIRD)).unwrap();
        let value = serde_json::to_value(&open).unwrap();
        assert_eq!(value["asn"], 4_200_000_003_u32);
        assert_eq!(value["bgp_id"], "10.0.0.3");
        assert_eq!(
            value["capabilities"][0],
            json!({ "code": 1, "name": "multiprotocol", "value": { "afi": "ipv4", "safi": "unicast" } })
        );
        assert_eq!(
            value["capabilities"][1],
            json!({ "code": 2, "name": "route-refresh", "value": null })
        );
        let broken = with_parameters("0a 01 00 63 00 02 04 41 04 0001 02");
        let schema = serde_json::to_value(schemars::schema_for!(Open)).unwrap();
        for open in [&open, &broken] {
            let value = serde_json::to_value(open).unwrap();
            jsonschema::validate(&schema, &value).unwrap();
        }
    }
}
