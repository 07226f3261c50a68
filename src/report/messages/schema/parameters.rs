//! The shapes of the TLVs of draft-zhuang-grow-monitoring-bgp-parameters-02.

#![expect(dead_code, reason = "the fields are read by the derive only")]

use crate::bgp::ParameterType;
use crate::bgp::capability::Capability;
use crate::bmp::parameters::SubTlvHeader;
use schemars::JsonSchema;

/// BGP optional parameters that the router supports, or that are enabled.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OptionalParametersLine {
    /// Type.
    code: u16,
    /// Supported or enabled.
    #[schemars(extend("pattern" = "^optional-parameters-(supported|enabled)$"))]
    name: String,
    /// Version 4: the Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// Capabilities, in order as sent.
    capabilities: Vec<Capability>,
    /// Parameters that are not capabilities.
    #[schemars(default)]
    parameters_other: Option<Vec<OtherParameter>>,
    /// Why they could not be read to their end.
    #[schemars(default)]
    error: Option<String>,
    /// The octets that could not be read.
    #[schemars(default)]
    hex: Option<String>,
}

/// A parameter that is not Capabilities.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct OtherParameter {
    /// The parameter's number.
    code: u8,
    /// Its name, or `unknown-<number>`.
    name: ParameterType,
    /// Its octets.
    raw: String,
}

/// Default behaviour parameters.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultsLine {
    /// Type.
    code: u16,
    /// What it is.
    #[schemars(extend("pattern" = "^default-behavior-parameters$"))]
    name: String,
    /// Version 4: the Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// How type and length of the sub-TLVs were read; null where there are none.
    header: Option<SubTlvHeader>,
    /// Every sub-TLV, in order as sent.
    defaults: Vec<DefaultLine>,
    /// Why they could not be read to their end.
    #[schemars(default)]
    error: Option<String>,
    /// The octets that could not be read.
    #[schemars(default)]
    hex: Option<String>,
}

/// One default.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct DefaultLine {
    /// Type.
    code: u16,
    /// Its name, or `unknown-<number>`.
    name: String,
    /// The value; null where the type is not known or the length is not 4.
    value: Option<u32>,
    /// The octets, where they are no value.
    #[schemars(default)]
    hex: Option<String>,
}
