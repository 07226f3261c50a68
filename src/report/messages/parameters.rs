//! What an Initiation says of the router's BGP (draft-zhuang-grow-monitoring-bgp-parameters-02), as
//! JSON and as words for a person.

use super::line::code_bits;
use super::object::{Object, push_hex};
use super::words;
use crate::bgp::Hex;
use crate::bgp::parameter::Remainder;
use crate::bmp::Tlv;
use crate::bmp::parameters::{
    DefaultParameter, DefaultValue, Defaults, OptionalParameters, ParameterTlv,
};
use crate::wire::CodePoint;
use std::fmt::{self, Write};

/// Adds one of the three TLVs.
pub(super) fn write(object: &mut Object<'_>, tlv: &Tlv<'_>, kind: CodePoint, said: &ParameterTlv) {
    object.field("code", tlv.tlv_type & code_bits(tlv.enterprise));
    object.field("name", kind.name());
    if let Some(enterprise) = tlv.enterprise {
        object.field("enterprise", enterprise);
    }
    match said {
        ParameterTlv::Optional(parameters) => optional(object, parameters),
        ParameterTlv::Defaults(parameters) => defaults(object, parameters),
    }
}

fn optional(object: &mut Object<'_>, parameters: &OptionalParameters) {
    object.field("capabilities", &parameters.capabilities);
    if !parameters.others.is_empty() {
        let others = parameters.others.iter();
        object.list("parameters_other", others, |parameter, object| {
            object.field("code", parameter.parameter_type.0);
            object.field("name", parameter.parameter_type);
            object.field("raw", Hex(&parameter.value));
        });
    }
    remainder(object, parameters.remainders.first());
}

fn defaults(object: &mut Object<'_>, defaults: &Defaults) {
    object.field("header", defaults.header);
    object.list("defaults", defaults.parameters.iter(), |one, object| {
        object.field("code", one.number);
        object.field("name", name(one));
        match &one.value {
            DefaultValue::Number(number) => object.field("value", number),
            DefaultValue::Raw(octets) => {
                object.field("value", ());
                object.plain("hex", |out| push_hex(out, octets));
            }
        }
    });
    remainder(object, defaults.remainders.first());
}

fn name(one: &DefaultParameter) -> String {
    match one.parameter {
        Some(parameter) => parameter.name().to_owned(),
        None => format!("unknown-{}", one.number),
    }
}

fn remainder(object: &mut Object<'_>, remainder: Option<&Remainder>) {
    if let Some(remainder) = remainder {
        object.field("error", remainder.error.to_string());
        object.plain("hex", |out| push_hex(out, &remainder.octets));
    }
}

/// Adds one of the three TLVs in words: `; optional-parameters-enabled [route-refresh]`.
pub(super) fn words(line: &mut String, kind: CodePoint, said: &ParameterTlv) -> fmt::Result {
    write!(line, "; {}", kind.name())?;
    let remainders = match said {
        ParameterTlv::Optional(parameters) => {
            let codes = parameters.capabilities.iter().map(|one| one.code);
            write!(line, " [{}]", words::joined(codes, " "))?;
            &parameters.remainders
        }
        ParameterTlv::Defaults(defaults) => {
            write!(
                line,
                " [{}]",
                words::joined(defaults.parameters.iter().map(setting), " ")
            )?;
            &defaults.remainders
        }
    };
    match remainders.first() {
        Some(remainder) => write!(line, " {}", remainder.error),
        None => Ok(()),
    }
}

fn setting(one: &DefaultParameter) -> String {
    match &one.value {
        DefaultValue::Number(number) => format!("{}={number}", name(one)),
        DefaultValue::Raw(octets) => format!("{}=({} octets)", name(one), octets.len()),
    }
}
