//! How fields of routes show themselves in JSON: as texts, written without allocation.

use crate::bgp::text::Hex;
use serde::Serializer;
use std::fmt::Display;

/// What prints, as its text.
pub(super) fn text<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// As [`text`], for fields that are left out where they are none.
pub(super) fn optional<T: Display, S: Serializer>(
    value: &Option<T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => text(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// Octets in hex.
pub(super) fn optional_hex<const N: usize, S: Serializer>(
    octets: &Option<[u8; N]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    optional(&octets.as_ref().map(|octets| Hex(octets)), serializer)
}

/// A MAC address: six octets in hex, with colons.
pub(super) fn mac<S: Serializer>(mac: &Option<[u8; 6]>, serializer: S) -> Result<S::Ok, S::Error> {
    let [a, b, c, d, e, f] = mac.unwrap_or_default();
    serializer.collect_str(&format_args!(
        "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"
    ))
}
