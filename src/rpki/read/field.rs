//! Numbers, prefixes and times as validators write them: AS numbers with and without `AS`, as numbers
//! and as text.

use super::FieldError;
use crate::net::Prefix;
use crate::rpki::payload::Vrp;
use crate::time::Timestamp;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// A value of JSON, or a field of CSV, as it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::rpki) enum Scalar<'a> {
    /// It is not there, or null, or empty.
    #[default]
    Absent,
    /// A number.
    Number(u64),
    /// Text.
    Text(Cow<'a, str>),
    /// Anything else: a list, an object, a number that is no count.
    Other,
}

impl<'a> Scalar<'a> {
    pub(in crate::rpki) fn of_text(text: &'a str) -> Scalar<'a> {
        match text.trim() {
            "" => Scalar::Absent,
            text => Scalar::Text(Cow::Borrowed(text)),
        }
    }

    pub(in crate::rpki) fn text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    fn number(&self) -> Option<u64> {
        match self {
            Scalar::Number(number) => Some(*number),
            Scalar::Text(text) => digits(text),
            _ => None,
        }
    }
}

impl fmt::Display for Scalar<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Absent => f.write_str("nothing"),
            Scalar::Number(number) => write!(f, "{number}"),
            Scalar::Text(text) => write!(f, "'{text}'"),
            Scalar::Other => f.write_str("what is there"),
        }
    }
}

/// Decimal digits and nothing else: no sign.
fn digits(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|octet| octet.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

/// `AS64500`, `64500` or 64500.
pub(in crate::rpki) fn asn(field: &'static str, value: &Scalar<'_>) -> Result<u32, FieldError> {
    let number = match value {
        Scalar::Text(text) => {
            let head = text.get(..2);
            let has_as = head.is_some_and(|head| head.eq_ignore_ascii_case("as"));
            digits(text.get(if has_as { 2 } else { 0 }..).unwrap_or_default())
        }
        other => other.number(),
    };
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| FieldError::new(field, format!("{value} is no AS number")))
}

/// `192.0.2.0/24`, host bits zero.
pub(in crate::rpki) fn prefix(
    field: &'static str,
    value: &Scalar<'_>,
) -> Result<Prefix, FieldError> {
    let wrong = |what| FieldError::new(field, format!("{value} {what}"));
    let parts = value.text().and_then(|text| text.trim().split_once('/'));
    let parts = parts.and_then(|(address, length)| {
        let address: IpAddr = address.parse().ok()?;
        Some((address, u8::try_from(digits(length)?).ok()?))
    });
    let (address, length) = parts.ok_or_else(|| wrong("is no prefix"))?;
    if length > width(address) {
        return Err(wrong("is longer than an address"));
    }
    if !is_clean(address, length) {
        return Err(wrong("has bits set past its length"));
    }
    Ok(Prefix { address, length })
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn is_clean(address: IpAddr, length: u8) -> bool {
    let past = match address {
        IpAddr::V4(address) => u32::from(address)
            .checked_shl(length.into())
            .map(u128::from),
        IpAddr::V6(address) => u128::from(address).checked_shl(length.into()),
    };
    past.unwrap_or(0) == 0
}

/// A VRP from its three fields; without a maximum length, that of the prefix (RFC 9582 4.3.2).
pub(in crate::rpki) fn vrp(
    number: &Scalar<'_>,
    value: &Scalar<'_>,
    max_length: &Scalar<'_>,
) -> Result<Vrp, FieldError> {
    let asn = asn("asn", number)?;
    let prefix = prefix("prefix", value)?;
    let max_length = longest("maxLength", prefix, max_length)?;
    Ok(Vrp {
        prefix,
        max_length,
        asn,
    })
}

/// A maximum length that fits its prefix.
pub(in crate::rpki) fn longest(
    field: &'static str,
    prefix: Prefix,
    value: &Scalar<'_>,
) -> Result<u8, FieldError> {
    if *value == Scalar::Absent {
        return Ok(prefix.length);
    }
    let number = value.number();
    let number = number.ok_or_else(|| FieldError::new(field, format!("{value} is no length")))?;
    let widest = width(prefix.address);
    match u8::try_from(number) {
        Ok(length) if length < prefix.length => {
            let reason = format!("{length} is less than the length of {prefix}");
            Err(FieldError::new(field, reason))
        }
        Ok(length) if length <= widest => Ok(length),
        _ => Err(FieldError::new(field, format!("{number} is over {widest}"))),
    }
}

/// A moment, in seconds since 1970 or as RFC 3339 has it. Routinator's `csvext`, and the archives that are
/// written in that form, tell no zone (`2021-05-03 14:51:30`): they mean UTC.
pub(in crate::rpki) fn time(value: &Scalar<'_>) -> Option<Timestamp> {
    let read = |text: &str| Timestamp::parse(text).ok();
    match value {
        Scalar::Number(seconds) => read(&seconds.to_string()),
        Scalar::Text(text) => read(text).or_else(|| read(&format!("{text}Z"))),
        _ => None,
    }
}

/// What validators write where an entry has no such thing: Routinator, of local exceptions.
fn is_not_applicable(value: &Scalar<'_>) -> bool {
    let text = value.text();
    text.is_some_and(|text| text.eq_ignore_ascii_case("n/a"))
}

/// The trust anchor, where one is named.
pub(in crate::rpki) fn anchor<'v>(value: &'v Scalar<'_>) -> Option<&'v str> {
    value.text().filter(|_| !is_not_applicable(value))
}

/// Until when something is good, in seconds since 1970.
pub(in crate::rpki) fn expiry(value: &Scalar<'_>) -> Result<Option<u32>, FieldError> {
    if *value == Scalar::Absent || is_not_applicable(value) {
        return Ok(None);
    }
    let seconds = value.number().or_else(|| {
        let seconds = time(value)?.nanoseconds() / 1_000_000_000;
        u64::try_from(seconds).ok()
    });
    let seconds =
        seconds.ok_or_else(|| FieldError::new("expires", format!("{value} is no time")))?;
    // After 2106 is never, here.
    Ok(u32::try_from(seconds).ok())
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Scalar<'a>, D::Error> {
        deserializer.deserialize_any(AnyScalar)
    }
}

struct AnyScalar;

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Number(value))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Absent)
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Scalar<'de>, E> {
        Ok(Scalar::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Scalar<'de>, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut values: A) -> Result<Scalar<'de>, A::Error> {
        while values.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}
