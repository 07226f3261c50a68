//! BGP optional parameters in a TLV, as in an OPEN but for the length before them.
//!
//! ```text
//! plain:     { Parm. Type (1), Parm. Length (1), value } ...                          RFC 4271 4.2
//! extended:  255 (1), Length (2)  { Parm. Type (1), Parm. Length (2), value } ...     RFC 9072 2
//! ```

use crate::bgp::capability::{Capability, CapabilityCode};
use crate::bgp::parameter::{Parameter, ParameterForm, ParameterType, Parameters, Remainder};
use crate::wire::{Cursor, DecodeError};

/// Optional parameters, in order as sent, of one TLV or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptionalParameters {
    /// Every capability of every Capabilities parameter.
    pub capabilities: Vec<Capability>,
    /// Parameters that are not Capabilities.
    pub others: Vec<Parameter>,
    /// Octets that are no parameter: at most one run of them for each TLV.
    pub remainders: Vec<Remainder>,
}

impl OptionalParameters {
    /// Reads the value of one TLV. Never fails: what cannot be read is a remainder.
    pub fn decode(value: Cursor<'_>) -> OptionalParameters {
        let Parameters {
            capabilities,
            others,
            remainder,
        } = match value.rest().first() {
            Some(&first) if first == ParameterType::EXTENDED_LENGTH.0 => extended(value),
            _ => Parameters::decode(value, ParameterForm::Plain),
        };
        OptionalParameters {
            capabilities,
            others,
            remainders: remainder.into_iter().collect(),
        }
    }

    /// Adds those of a later TLV of the same message.
    pub fn append(&mut self, later: OptionalParameters) {
        self.capabilities.extend(later.capabilities);
        self.others.extend(later.others);
        self.remainders.extend(later.remainders);
    }

    /// A capability with this code is among them, well-formed or not.
    pub fn has(&self, code: CapabilityCode) -> bool {
        self.capabilities.iter().any(|one| one.code == code)
    }
}

/// The list in the form of RFC 9072. As much of it is read as there is; what its length says wrong is
/// the remainder's error.
fn extended(mut value: Cursor<'_>) -> Parameters {
    let all = value.rest();
    let length = match extended_length(&mut value) {
        Ok(length) => length,
        Err(error) => return nothing(error, all),
    };
    let (offset, left) = (value.offset(), value.remaining());
    let Ok(section) = value.take("Optional Parameters", length) else {
        let mut parameters = Parameters::decode(value, ParameterForm::Extended);
        let error = DecodeError::overrun(offset, "Optional Parameters", length, left);
        let octets = parameters.remainder.take().map(|rest| rest.octets);
        let octets = octets.unwrap_or_default();
        parameters.remainder = Some(Remainder { error, octets });
        return parameters;
    };
    let mut parameters = Parameters::decode(section, ParameterForm::Extended);
    if !value.is_empty() {
        let behind = Remainder {
            error: value.malformed("Information", "has octets behind its optional parameters"),
            octets: value.rest().to_vec(),
        };
        parameters.remainder.get_or_insert(behind);
    }
    parameters
}

fn extended_length(value: &mut Cursor<'_>) -> Result<usize, DecodeError> {
    value.u8("Non-Ext OP Type")?;
    value.u16("Extended Opt. Parm. Length").map(usize::from)
}

fn nothing(error: DecodeError, octets: &[u8]) -> Parameters {
    let octets = octets.to_vec();
    Parameters {
        remainder: Some(Remainder { error, octets }),
        ..Parameters::default()
    }
}
