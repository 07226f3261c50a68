//! Lists of TLVs inside attributes and NLRI: Prefix-SID (RFC 8669 3, RFC 9252 2), Tunnel
//! Encapsulation (RFC 9012 2, RFC 9830 2.4) and BGP-LS (RFC 9552 5). Each TLV is shown by number,
//! name, the fields that its row names, the TLVs inside it, and all its octets.
//!
//! ```text
//! | Type (1 or 2) | Length (1 or 2) | Value |
//! ```

mod layout;
mod link_state;
mod prefix_sid;
mod tunnel;

use super::text::Hex;
use crate::wire::{Cursor, DecodeError};
use layout::{Row, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

pub(crate) use tunnel::tunnel_type;

/// Where a list of TLVs stands: its registry, and how types and lengths are written. TLVs inside
/// TLVs are of another kind than those around them, so the depth is bound by the kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlvKind {
    /// The Prefix-SID attribute (RFC 8669 3).
    PrefixSid,
    /// SRv6 Service Sub-TLVs (RFC 9252 3).
    Srv6Service,
    /// SRv6 Service Data Sub-Sub-TLVs (RFC 9252 3.2).
    Srv6ServiceData,
    /// The Tunnel Encapsulation attribute: its types are tunnels (RFC 9012 2).
    TunnelEncapsulation,
    /// Sub-TLVs of a tunnel (RFC 9012 3).
    Tunnel,
    /// Sub-TLVs of a segment list (RFC 9830 2.4.4).
    SegmentList,
    /// The BGP-LS attribute, and descriptors of BGP-LS NLRI (RFC 9552 5.2 and 5.3).
    LinkState,
    /// What describes one node (RFC 9552 5.2.1.4).
    NodeDescriptor,
}

impl TlvKind {
    fn rows(self) -> &'static [Row] {
        match self {
            TlvKind::PrefixSid => prefix_sid::ATTRIBUTE,
            TlvKind::Srv6Service => prefix_sid::SERVICE,
            TlvKind::Srv6ServiceData => prefix_sid::SERVICE_DATA,
            TlvKind::TunnelEncapsulation => tunnel::TUNNELS,
            TlvKind::Tunnel => tunnel::SUB_TLVS,
            TlvKind::SegmentList => tunnel::SEGMENTS,
            TlvKind::LinkState | TlvKind::NodeDescriptor => link_state::TLVS,
        }
    }

    /// What an unknown TLV holds, if that is known nevertheless: every tunnel has sub-TLVs.
    fn inner_of_unknown(self) -> Option<TlvKind> {
        (self == TlvKind::TunnelEncapsulation).then_some(TlvKind::Tunnel)
    }

    fn read_type(self, cursor: &mut Cursor<'_>) -> Result<u16, DecodeError> {
        match self {
            TlvKind::TunnelEncapsulation | TlvKind::LinkState | TlvKind::NodeDescriptor => {
                cursor.u16("TLV Type")
            }
            _ => cursor.u8("TLV Type").map(u16::from),
        }
    }

    fn read_length(self, cursor: &mut Cursor<'_>, number: u16) -> Result<usize, DecodeError> {
        let is_short = match self {
            // "The Sub-TLV Length field contains 1 octet if the Sub-TLV Type is 0-127" (RFC 9012 2).
            TlvKind::Tunnel => number < 128,
            TlvKind::SegmentList => true,
            _ => false,
        };
        if is_short {
            return cursor.u8("TLV Length").map(usize::from);
        }
        cursor.u16("TLV Length").map(usize::from)
    }
}

/// TLVs that fit their container.
#[derive(Debug, Clone, Copy)]
pub struct Tlvs<'a> {
    kind: TlvKind,
    cursor: Cursor<'a>,
}

/// One TLV.
#[derive(Debug, Clone, Copy)]
pub struct Tlv<'a> {
    kind: TlvKind,
    /// Its type.
    pub number: u16,
    /// Its value as sent.
    pub value: Cursor<'a>,
}

impl<'a> Tlvs<'a> {
    /// Walks the TLVs by their lengths.
    pub fn decode(cursor: Cursor<'a>, kind: TlvKind) -> Result<Tlvs<'a>, DecodeError> {
        let mut rest = cursor;
        while !rest.is_empty() {
            read(&mut rest, kind)?;
        }
        Ok(Tlvs { kind, cursor })
    }

    /// The TLVs, in order as sent.
    pub fn iter(&self) -> impl Iterator<Item = Tlv<'a>> + use<'a> {
        let Tlvs { kind, mut cursor } = *self;
        std::iter::from_fn(move || read(&mut cursor, kind).ok())
    }
}

fn read<'a>(cursor: &mut Cursor<'a>, kind: TlvKind) -> Result<Tlv<'a>, DecodeError> {
    let number = kind.read_type(cursor)?;
    let length = kind.read_length(cursor, number)?;
    let value = cursor.take("TLV Value", length)?;
    Ok(Tlv {
        kind,
        number,
        value,
    })
}

impl<'a> Tlv<'a> {
    fn row(&self) -> Option<&'static Row> {
        self.kind
            .rows()
            .iter()
            .find(|row| row.number == self.number)
    }

    /// The word of its type, or none where it is not known.
    pub fn word(&self) -> Option<&'static str> {
        self.row().map(|row| row.word)
    }

    /// The fields of its row with their keys, and the TLVs behind them; an error where the value
    /// does not hold what its type promises. An unknown type has neither.
    fn parts(&self) -> Result<(Fields<'a>, Option<Tlvs<'a>>), DecodeError> {
        let fields = self.row().map_or(&[][..], |row| row.fields);
        let mut cursor = self.value;
        for field in fields {
            field.read(&mut cursor)?;
        }
        let inner = match self.row() {
            Some(row) => row.inner,
            None => self.kind.inner_of_unknown(),
        };
        let inner = inner.map(|kind| Tlvs::decode(cursor, kind)).transpose()?;
        let fields = Fields {
            fields,
            cursor: self.value,
        };
        Ok((fields, inner))
    }

    /// What its value says under this key.
    #[cfg(test)]
    fn number_of(&self, key: &str) -> Option<u64> {
        let (mut fields, _) = self.parts().ok()?;
        fields.find_map(|(found, value)| match value {
            Value::Number(number) if found == key => Some(number),
            _ => None,
        })
    }
}

/// Fields that were read once without an error.
struct Fields<'a> {
    fields: &'static [layout::Field],
    cursor: Cursor<'a>,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'static str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (field, rest) = self.fields.split_first()?;
            self.fields = rest;
            if let Some(value) = field.read(&mut self.cursor).ok()? {
                return Some((field.key, value));
            }
        }
    }
}

impl Serialize for Tlvs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for Tlv<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Tlv", 8)?;
        object.serialize_field("type", &self.number)?;
        if let Some(word) = self.word() {
            object.serialize_field("name", word)?;
        }
        match self.parts() {
            Ok((fields, inner)) => {
                for (key, value) in fields {
                    object.serialize_field(key, &value)?;
                }
                if let Some(inner) = inner {
                    object.serialize_field("tlvs", &inner)?;
                }
            }
            Err(error) => object.serialize_field("error", &error.to_string())?,
        }
        object.serialize_field("raw", &Hex(self.value.rest()))?;
        object.end()
    }
}

impl JsonSchema for Tlvs<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Tlvs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<TlvShape>::json_schema(generator)
    }
}

/// A TLV.
#[derive(JsonSchema)]
#[schemars(rename = "AttributeTlv")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct TlvShape {
    /// Its type.
    r#type: u16,
    /// The word of its type, if it is known.
    #[schemars(default)]
    name: Option<String>,
    /// The TLVs inside it, behind its own fields.
    #[schemars(default)]
    tlvs: Option<Vec<TlvShape>>,
    /// Why its value could not be read.
    #[schemars(default)]
    error: Option<String>,
    /// Its value in hex.
    raw: String,
    /// What its value says: one key for each field of its type.
    #[schemars(flatten)]
    fields: std::collections::BTreeMap<String, serde_json::Value>,
}

#[cfg(test)]
mod tests;
