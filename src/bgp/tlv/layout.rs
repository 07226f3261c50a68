//! How the value of a TLV is laid out: fields one behind the other, a row for each type.

use super::TlvKind;
use crate::bgp::text::Hex;
use crate::wire::{Cursor, DecodeError};
use serde::{Serialize, Serializer};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A type of TLV.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) number: u16,
    pub(super) word: &'static str,
    pub(super) fields: &'static [Field],
    /// What follows the fields, where that is TLVs again.
    pub(super) inner: Option<TlvKind>,
    #[expect(dead_code, reason = "who reads the table wants to know")]
    source: &'static str,
}

/// A row of a type without TLVs inside.
pub(super) const fn row(
    number: u16,
    word: &'static str,
    fields: &'static [Field],
    source: &'static str,
) -> Row {
    Row {
        number,
        word,
        fields,
        inner: None,
        source,
    }
}

impl Row {
    /// The same with TLVs behind its fields.
    pub(super) const fn holding(self, inner: TlvKind) -> Row {
        Row {
            inner: Some(inner),
            ..self
        }
    }
}

/// A field of a value.
#[derive(Debug)]
pub(super) struct Field {
    /// Its key in JSON.
    pub(super) key: &'static str,
    octets: usize,
    form: Form,
}

/// How the octets of a field are shown.
#[derive(Debug, Clone, Copy)]
enum Form {
    Number,
    Address,
    Text,
    /// IEEE 754, four octets each: one of them, or a list.
    Float,
    Floats,
    /// A label in the first 20 bits of four octets, or an SRv6 SID of sixteen.
    Sid,
    /// Pairs of numbers, three octets each.
    Ranges,
    /// Reserved: not shown.
    Skipped,
}

/// As many octets as are left.
const REST: usize = usize::MAX;

const fn field(key: &'static str, octets: usize, form: Form) -> Field {
    Field { key, octets, form }
}

/// A number of so many octets.
pub(super) const fn number(key: &'static str, octets: usize) -> Field {
    field(key, octets, Form::Number)
}

/// All that is left is one number of at most eight octets.
pub(super) const fn rest_number(key: &'static str) -> Field {
    field(key, REST, Form::Number)
}

/// All that is left is one address; nothing left is no address.
pub(super) const fn address(key: &'static str) -> Field {
    field(key, REST, Form::Address)
}

/// An IPv6 address.
pub(super) const fn ipv6(key: &'static str) -> Field {
    field(key, 16, Form::Address)
}

/// All that is left is text.
pub(super) const fn text(key: &'static str) -> Field {
    field(key, REST, Form::Text)
}

/// A floating point number.
pub(super) const fn float(key: &'static str) -> Field {
    field(key, 4, Form::Float)
}

/// All that is left are floating point numbers.
pub(super) const fn floats(key: &'static str) -> Field {
    field(key, REST, Form::Floats)
}

/// All that is left is a label or an SRv6 SID; nothing left is none.
pub(super) const fn sid(key: &'static str) -> Field {
    field(key, REST, Form::Sid)
}

/// A label in four octets.
pub(super) const fn label(key: &'static str) -> Field {
    field(key, 4, Form::Sid)
}

/// All that is left are pairs of first number and count.
pub(super) const fn ranges(key: &'static str) -> Field {
    field(key, REST, Form::Ranges)
}

/// Reserved octets.
pub(super) const fn reserved(octets: usize) -> Field {
    field("reserved", octets, Form::Skipped)
}

/// What a field says.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Number(u64),
    Address(IpAddr),
    Text(&'a [u8]),
    Float(f32),
    Floats(&'a [u8]),
    Ranges(&'a [u8]),
}

impl Field {
    /// Reads the field; none for one that is not shown, and for an address that is not there.
    pub(super) fn read<'a>(
        &self,
        cursor: &mut Cursor<'a>,
    ) -> Result<Option<Value<'a>>, DecodeError> {
        let at = *cursor;
        let octets = match self.octets {
            REST => cursor.remaining(),
            octets => octets,
        };
        let octets = cursor.bytes(self.key, octets)?;
        let wrong = || at.malformed(self.key, "has a length that its type does not allow");
        let value = match self.form {
            Form::Skipped => return Ok(None),
            Form::Address | Form::Sid if octets.is_empty() => return Ok(None),
            Form::Number => number_of(octets).map(Value::Number),
            Form::Address => address_of(octets).map(Value::Address),
            Form::Text => Some(Value::Text(octets)),
            Form::Float => float_of(octets).map(Value::Float),
            Form::Floats => whole(octets, 4).map(Value::Floats),
            Form::Sid => sid_of(octets),
            Form::Ranges => whole(octets, 6).map(Value::Ranges),
        };
        value.map(Some).ok_or_else(wrong)
    }
}

fn whole(octets: &[u8], item: usize) -> Option<&[u8]> {
    octets.len().is_multiple_of(item).then_some(octets)
}

fn number_of(octets: &[u8]) -> Option<u64> {
    let fold = |sum, octet: &u8| sum << 8 | u64::from(*octet);
    (1..=8)
        .contains(&octets.len())
        .then(|| octets.iter().fold(0, fold))
}

fn address_of(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => octets
            .first_chunk::<4>()
            .map(|octets| Ipv4Addr::from(*octets).into()),
        16 => octets
            .first_chunk::<16>()
            .map(|octets| Ipv6Addr::from(*octets).into()),
        _ => None,
    }
}

fn float_of(octets: &[u8]) -> Option<f32> {
    octets.first_chunk().copied().map(f32::from_be_bytes)
}

fn sid_of(octets: &[u8]) -> Option<Value<'_>> {
    match octets.len() {
        4 => number_of(octets).map(|entry| Value::Number(entry >> 12)),
        _ => address_of(octets).map(Value::Address),
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Address(address) => serializer.collect_str(address),
            Value::Text(octets) => match std::str::from_utf8(octets) {
                Ok(text) => serializer.serialize_str(text),
                Err(_) => serializer.collect_str(&Hex(octets)),
            },
            Value::Float(float) => serializer.serialize_f32(*float),
            Value::Floats(octets) => serializer.collect_seq(octets.chunks(4).map(float_of)),
            Value::Ranges(octets) => {
                let pair = |octets: &[u8]| {
                    let (first, count) = octets.split_at_checked(3)?;
                    Some([number_of(first)?, number_of(count)?])
                };
                serializer.collect_seq(octets.chunks(6).map(pair))
            }
        }
    }
}
