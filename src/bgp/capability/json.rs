//! The JSON form of a capability.

use super::{Capability, CapabilityCode, CapabilityValue};
use crate::bgp::text::Hex;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// The keys of a capability in JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Capability")]
struct CapabilityShape<'a> {
    /// The capability's number.
    code: u8,
    /// Its name, or `unknown-<number>`.
    name: CapabilityCode,
    /// What it says: the keys depend on the name. Null if it is only announced, unknown or
    /// malformed.
    value: &'a CapabilityValue,
    /// Its octets, if nothing here could read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    raw: Option<Hex<'a>>,
    /// Why its octets could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl<'a> From<&'a Capability> for CapabilityShape<'a> {
    fn from(capability: &'a Capability) -> CapabilityShape<'a> {
        let error = match &capability.value {
            CapabilityValue::Malformed(error) => Some(error.to_string()),
            _ => None,
        };
        let is_unread = error.is_some() || capability.value == CapabilityValue::Unknown;
        CapabilityShape {
            code: capability.code.0,
            name: capability.code,
            value: &capability.value,
            raw: is_unread.then_some(Hex(&capability.raw)),
            error,
        }
    }
}

impl Serialize for Capability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CapabilityShape::from(self).serialize(serializer)
    }
}

impl JsonSchema for Capability {
    fn schema_name() -> Cow<'static, str> {
        "Capability".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        CapabilityShape::json_schema(generator)
    }
}

impl Serialize for CapabilityValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use CapabilityValue::*;
        match self {
            Empty | Unknown | Malformed(_) => serializer.serialize_none(),
            Multiprotocol(value) => value.serialize(serializer),
            OutboundRouteFiltering(value) => value.serialize(serializer),
            ExtendedNextHop(value) => value.serialize(serializer),
            Bgpsec(value) => value.serialize(serializer),
            MultipleLabels(value) => value.serialize(serializer),
            Role(value) => value.serialize(serializer),
            GracefulRestart(value) => value.serialize(serializer),
            FourOctetAs(value) => value.serialize(serializer),
            DynamicCapability(value) => value.serialize(serializer),
            Multisession(value) => value.serialize(serializer),
            AddPath(value) | RoutingPolicyDistribution(value) => value.serialize(serializer),
            LongLivedGracefulRestart(value) => value.serialize(serializer),
            Fqdn(value) => value.serialize(serializer),
            SoftwareVersion(value) => value.serialize(serializer),
            PathsLimit(value) => value.serialize(serializer),
        }
    }
}

impl JsonSchema for CapabilityValue {
    fn schema_name() -> Cow<'static, str> {
        "CapabilityValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = [
            generator.subschema_for::<super::Multiprotocol>(),
            generator.subschema_for::<super::OutboundRouteFiltering>(),
            generator.subschema_for::<super::ExtendedNextHop>(),
            generator.subschema_for::<super::Bgpsec>(),
            generator.subschema_for::<super::MultipleLabels>(),
            generator.subschema_for::<super::Role>(),
            generator.subschema_for::<super::GracefulRestart>(),
            generator.subschema_for::<super::FourOctetAs>(),
            generator.subschema_for::<super::DynamicCapability>(),
            generator.subschema_for::<super::Multisession>(),
            generator.subschema_for::<super::FamilyDirections>(),
            generator.subschema_for::<super::LongLivedGracefulRestart>(),
            generator.subschema_for::<super::Fqdn>(),
            generator.subschema_for::<super::SoftwareVersion>(),
            generator.subschema_for::<super::PathsLimit>(),
            generator.subschema_for::<()>(),
        ];
        // Several shapes share keys (all that is a list of families), so not `oneOf`.
        schemars::json_schema!({ "anyOf": values })
    }
}
