//! The Default Behavior Parameters TLV: sub-TLVs, each a value that the router takes where nothing is
//! configured.
//!
//! ```text
//! +-------------------------------+-------------------------------+
//! |       Default Beh. Type       |        Def Beh. Length        |
//! +-------------------------------+-------------------------------+
//! +                  Default Beh. Value (variable)                +
//! ```
//!
//! That is the figure of draft-zhuang-grow-monitoring-bgp-parameters-02 section 3; its text says that
//! type and length have one octet each. So there are two readings. One that fits consumes every
//! octet, and gives every sub-type that is known its four octets of value.

use crate::bgp::parameter::Remainder;
use crate::wire::{CodePoint, CodePoints, Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;

/// How many octets the type and the length of a sub-TLV have each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SubTlvHeader {
    /// Two octets, as in the draft's figure.
    U16,
    /// One octet, as in its text.
    U8,
}

impl SubTlvHeader {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            SubTlvHeader::U16 => "u16",
            SubTlvHeader::U8 => "u8",
        }
    }
}

/// Why it is not certain which reading is meant; the figure's is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeaderDoubt {
    /// Both readings fit.
    Both,
    /// Neither does.
    Neither,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// What the router says.
    Number(u32),
    /// The octets of a sub-type that is not known, or that has not the four octets it should have.
    Raw(Vec<u8>),
}

/// One sub-TLV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultParameter {
    /// Its type as sent.
    pub number: u16,
    /// Which of the ten parameters it is.
    pub parameter: Option<CodePoint>,
    /// What it says.
    pub value: DefaultValue,
    /// Octets from the start of the message to the value.
    pub offset: usize,
}

/// Default behaviour parameters, in order as sent, of one TLV or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The reading that was taken, of the last TLV that has any octets; none where none has.
    pub header: Option<SubTlvHeader>,
    /// Why that reading is not certain: the first doubt there was.
    pub doubt: Option<HeaderDoubt>,
    /// Every sub-TLV.
    pub parameters: Vec<DefaultParameter>,
    /// Octets that are no sub-TLV: at most one run of them for each TLV.
    pub remainders: Vec<Remainder>,
}

impl Defaults {
    /// Reads the value of one TLV. Never fails: what cannot be read is a remainder.
    pub fn decode(value: Cursor<'_>, code_points: &CodePoints) -> Defaults {
        if value.is_empty() {
            return Defaults::default();
        }
        let figure = Reading::of(value, SubTlvHeader::U16, code_points);
        let text = Reading::of(value, SubTlvHeader::U8, code_points);
        match (figure.fits(), text.fits()) {
            (true, false) => figure.taken(SubTlvHeader::U16, None),
            (false, true) => text.taken(SubTlvHeader::U8, None),
            (true, true) => figure.taken(SubTlvHeader::U16, Some(HeaderDoubt::Both)),
            (false, false) => figure.taken(SubTlvHeader::U16, Some(HeaderDoubt::Neither)),
        }
    }

    /// Adds those of a later TLV of the same message.
    pub fn append(&mut self, later: Defaults) {
        self.header = later.header.or(self.header);
        self.doubt = self.doubt.or(later.doubt);
        self.parameters.extend(later.parameters);
        self.remainders.extend(later.remainders);
    }

    /// The sub-TLV that counts for a parameter: the last one. None: not reported.
    pub fn last(&self, parameter: CodePoint) -> Option<&DefaultParameter> {
        let mut later_first = self.parameters.iter().rev();
        later_first.find(|one| one.parameter == Some(parameter))
    }

    /// What the router says of a parameter. None: it is not reported, or its octets are no number.
    pub fn number(&self, parameter: CodePoint) -> Option<u32> {
        match self.last(parameter)?.value {
            DefaultValue::Number(number) => Some(number),
            DefaultValue::Raw(_) => None,
        }
    }
}

/// The sub-TLVs of one TLV, by one reading of their header.
struct Reading {
    parameters: Vec<DefaultParameter>,
    remainder: Option<Remainder>,
}

impl Reading {
    fn of(mut value: Cursor<'_>, header: SubTlvHeader, code_points: &CodePoints) -> Reading {
        let mut reading = Reading {
            parameters: Vec::new(),
            remainder: None,
        };
        while !value.is_empty() {
            let octets = value.rest();
            match sub_tlv(&mut value, header, code_points) {
                Ok(parameter) => reading.parameters.push(parameter),
                Err(error) => {
                    let octets = octets.to_vec();
                    reading.remainder = Some(Remainder { error, octets });
                    break;
                }
            }
        }
        reading
    }

    /// Every octet is consumed, and every sub-type that is known has four octets.
    fn fits(&self) -> bool {
        let is_number = |one: &DefaultParameter| matches!(one.value, DefaultValue::Number(_));
        let mut known = self.parameters.iter().filter(|one| one.parameter.is_some());
        self.remainder.is_none() && known.all(is_number)
    }

    fn taken(self, header: SubTlvHeader, doubt: Option<HeaderDoubt>) -> Defaults {
        Defaults {
            header: Some(header),
            doubt,
            parameters: self.parameters,
            remainders: self.remainder.into_iter().collect(),
        }
    }
}

fn sub_tlv(
    value: &mut Cursor<'_>,
    header: SubTlvHeader,
    code_points: &CodePoints,
) -> Result<DefaultParameter, DecodeError> {
    let mut field = |name| match header {
        SubTlvHeader::U16 => value.u16(name),
        SubTlvHeader::U8 => value.u8(name).map(u16::from),
    };
    let number = field("Default Behavior Type")?;
    let length = field("Default Behavior Length")?;
    let octets = value.take("Default Behavior Value", usize::from(length))?;
    let parameter = code_points.default_behavior(number);
    let known = parameter.and_then(|_| octets.rest().try_into().ok());
    Ok(DefaultParameter {
        number,
        parameter,
        value: match known {
            Some(octets) => DefaultValue::Number(u32::from_be_bytes(octets)),
            None => DefaultValue::Raw(octets.rest().to_vec()),
        },
        offset: octets.offset(),
    })
}
