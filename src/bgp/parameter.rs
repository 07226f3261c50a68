//! The optional parameters of an OPEN (RFC 4271 4.2), in the plain and the extended form (RFC 9072).
//!
//! ```text
//! plain:     Opt Parm Len (1)  { Parm. Type (1), Parm. Length (1), value } ...
//! extended:  Non-Ext OP Len (1, not 0), Non-Ext OP Type (1, 255), Extended Opt. Parm. Length (2)
//!            { Parm. Type (1), Parm. Length (2), value } ...
//! ```

use super::capability::Capability;
use crate::wire::{Cursor, DecodeError};

code_points! {
    /// The type of an optional parameter.
    ParameterType(u8) {
        AUTHENTICATION = 1, "authentication", "RFC 4271 4.2, deprecated";
        CAPABILITIES = 2, "capabilities", "RFC 5492 4";
        EXTENDED_LENGTH = 255, "extended-length", "RFC 9072 2";
    }
}

/// How many octets the length of a parameter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParameterForm {
    /// One octet (RFC 4271 4.2).
    Plain,
    /// Two octets (RFC 9072 2).
    Extended,
}

/// Optional parameters, in order as sent. It makes no difference whether capabilities come in one
/// parameter or in many (RFC 5492 4), so they are one list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Every capability of every Capabilities parameter.
    pub capabilities: Vec<Capability>,
    /// Parameters that are not Capabilities.
    pub others: Vec<Parameter>,
    /// Octets that are no parameter.
    pub remainder: Option<Remainder>,
}

/// A parameter that nothing here reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// What it is.
    pub parameter_type: ParameterType,
    /// The octets behind its length.
    pub value: Vec<u8>,
}

/// Octets behind the last parameter that could be read, and why they could not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remainder {
    /// Why they could not be read.
    pub error: DecodeError,
    /// The octets, from the first one that was not read.
    pub octets: Vec<u8>,
}

impl Parameters {
    /// Reads parameters until the cursor ends. Never fails: what cannot be read is the remainder.
    pub fn decode(mut cursor: Cursor<'_>, form: ParameterForm) -> Parameters {
        let mut parameters = Parameters::default();
        while !cursor.is_empty() {
            let before = cursor.rest();
            if let Err(error) = parameters.decode_one(&mut cursor, form) {
                parameters.leave(error, before);
                break;
            }
        }
        parameters
    }

    /// Reads what stands behind the BGP Identifier of an OPEN, lengths included, to the message's
    /// end.
    pub(super) fn decode_section(mut cursor: Cursor<'_>) -> Result<Parameters, DecodeError> {
        let length = usize::from(cursor.u8("Optional Parameters Length")?);
        let is_extended = length != 0 && cursor.rest().first() == Some(&255);
        let (length, form) = if is_extended {
            cursor.u8("Non-Ext OP Type")?;
            let length = cursor.u16("Extended Opt. Parm. Length")?;
            (usize::from(length), ParameterForm::Extended)
        } else {
            (length, ParameterForm::Plain)
        };
        let all = cursor.rest();
        let overrun =
            DecodeError::overrun(cursor.offset(), "Optional Parameters", length, all.len());
        let Ok(section) = cursor.take("Optional Parameters", length) else {
            // What is there is worth reading; that more was promised is said as well.
            let mut parameters = Parameters::decode(cursor, form);
            let rest = parameters
                .remainder
                .take()
                .map(|remainder| remainder.octets);
            parameters.leave(overrun, &rest.unwrap_or_default());
            return Ok(parameters);
        };
        let mut parameters = Parameters::decode(section, form);
        if !cursor.is_empty() && parameters.remainder.is_none() {
            let error = cursor.malformed("OPEN", "has octets behind its optional parameters");
            parameters.leave(error, cursor.rest());
        }
        Ok(parameters)
    }

    fn decode_one(
        &mut self,
        cursor: &mut Cursor<'_>,
        form: ParameterForm,
    ) -> Result<(), DecodeError> {
        let parameter_type = ParameterType(cursor.u8("Parameter Type")?);
        let length = match form {
            ParameterForm::Plain => usize::from(cursor.u8("Parameter Length")?),
            ParameterForm::Extended => usize::from(cursor.u16("Parameter Length")?),
        };
        let value = cursor.take("Parameter Value", length)?;
        if parameter_type == ParameterType::CAPABILITIES {
            Capability::decode_all(value, &mut self.capabilities);
            return Ok(());
        }
        self.others.push(Parameter {
            parameter_type,
            value: value.rest().to_vec(),
        });
        Ok(())
    }

    fn leave(&mut self, error: DecodeError, octets: &[u8]) {
        self.remainder = Some(Remainder {
            error,
            octets: octets.to_vec(),
        });
    }
}
