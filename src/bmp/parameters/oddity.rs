//! What is odd about the TLVs of one Initiation. Each is a kind of finding.

use super::{DefaultValue, Defaults, HeaderDoubt, OptionalParameters, RouterParameters};
use crate::bgp::CapabilityValue;
use crate::bgp::parameter::Remainder;

/// Something odd: what, and where in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    /// A kind of finding.
    pub kind: &'static str,
    /// What it is, for a person.
    pub message: String,
    /// Octets from the start of the message to the field, where it is about one.
    pub offset: Option<u32>,
}

impl RouterParameters {
    /// What is odd about them, in the order of the TLVs supported, enabled, defaults.
    pub fn oddities(&self) -> Vec<Oddity> {
        let mut oddities = Vec::new();
        for (name, parameters) in [("supported", &self.supported), ("enabled", &self.enabled)] {
            if let Some(parameters) = parameters {
                optional(name, parameters, &mut oddities);
            }
        }
        if let Some(defaults) = &self.defaults {
            header(defaults, &mut oddities);
            remainders(
                "default behavior parameters",
                &defaults.remainders,
                &mut oddities,
            );
            lengths(defaults, &mut oddities);
            repeats(defaults, &mut oddities);
        }
        oddities
    }
}

fn optional(name: &str, parameters: &OptionalParameters, into: &mut Vec<Oddity>) {
    let what = format!("optional parameters {name}");
    remainders(&what, &parameters.remainders, into);
    for capability in &parameters.capabilities {
        if let CapabilityValue::Malformed(error) = capability.value {
            into.push(Oddity {
                kind: "router-parameters-malformed",
                message: format!("{what}: capability {}: {error}", capability.code),
                offset: Some(error.offset),
            });
        }
    }
}

fn remainders(what: &str, remainders: &[Remainder], into: &mut Vec<Oddity>) {
    into.extend(remainders.iter().map(|remainder| Oddity {
        kind: "router-parameters-malformed",
        message: format!("{what}: {}", remainder.error),
        offset: Some(remainder.error.offset),
    }));
}

fn header(defaults: &Defaults, into: &mut Vec<Oddity>) {
    let fit = match defaults.doubt {
        None => return,
        Some(HeaderDoubt::Both) => "fit with one and with two octets of type and length",
        Some(HeaderDoubt::Neither) => "fit neither with one nor with two octets of type and length",
    };
    into.push(Oddity {
        kind: "default-header-doubtful",
        message: format!("the default behavior parameters {fit}; two are taken"),
        offset: None,
    });
}

fn lengths(defaults: &Defaults, into: &mut Vec<Oddity>) {
    for one in &defaults.parameters {
        let (Some(parameter), DefaultValue::Raw(octets)) = (one.parameter, &one.value) else {
            continue;
        };
        let (name, length) = (parameter.name(), octets.len());
        into.push(Oddity {
            kind: "default-parameter-length",
            message: format!("{name} has {length} octets, not 4"),
            offset: u32::try_from(one.offset).ok(),
        });
    }
}

/// One for each parameter that is there again.
fn repeats(defaults: &Defaults, into: &mut Vec<Oddity>) {
    for (index, one) in defaults.parameters.iter().enumerate() {
        let mut before = defaults.parameters.iter().take(index);
        if !before.any(|other| other.number == one.number) {
            continue;
        }
        let name = match one.parameter {
            Some(parameter) => parameter.name().to_owned(),
            None => format!("unknown-{}", one.number),
        };
        into.push(Oddity {
            kind: "default-parameter-repeated",
            message: format!("{name} is there more than once; the last one counts"),
            offset: u32::try_from(one.offset).ok(),
        });
    }
}
