//! Parts of a route as the short texts that CSV and the readable form share.

use crate::bgp::attribute::{EffectivePath, PathAttributes, SegmentType};
use crate::bgp::nlri::Destination;
use crate::bgp::{Hex, Nlri};
use crate::bmp::MessageType;
use crate::wire::{CodePoint, CodePoints};
use std::borrow::Cow;
use std::fmt::{Display, Write};
use std::net::IpAddr;

/// The word of a message type, of the registry or of a draft, or `unknown-<number>`.
/// 100 is in no registry, but routers send it (draft-xu-grow-bmp-route-policy-attr-trace-04).
pub(super) fn message_type(
    message_type: MessageType,
    code_points: &CodePoints,
) -> Cow<'static, str> {
    let draft = || {
        code_points
            .message_type(message_type.0)
            .map(CodePoint::name)
    };
    let trace = || (message_type.0 == 100).then_some("route-policy-trace");
    match message_type.word().or_else(draft).or_else(trace) {
        Some(word) => word.into(),
        None => message_type.to_string().into(),
    }
}

/// AS numbers with spaces between; sets in braces, confederation segments in parentheses, as
/// routers print them.
pub(super) fn as_path(path: &EffectivePath<'_>) -> String {
    let mut text = String::new();
    for segment in path.segments() {
        let (open, close, between) = match segment.segment_type {
            SegmentType::SET => ("{", "}", ","),
            SegmentType::CONFED_SEQUENCE => ("(", ")", " "),
            SegmentType::CONFED_SET => ("[", "]", ","),
            _ => ("", "", " "),
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(open);
        text.push_str(&joined(segment.asns(), between));
        text.push_str(close);
    }
    text
}

/// Values with something between.
pub(super) fn joined<T: Display>(values: impl Iterator<Item = T>, between: &str) -> String {
    let mut text = String::new();
    for value in values {
        if !text.is_empty() {
            text.push_str(between);
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{value}");
    }
    text
}

/// The next hop of the routes: of MP_REACH_NLRI where there is one, else NEXT_HOP.
pub(super) fn next_hop(attributes: &PathAttributes<'_>, is_own: bool) -> Option<IpAddr> {
    let own = attributes.next_hop.map(IpAddr::V4);
    let reach = attributes
        .mp_reach
        .and_then(|reach| reach.next_hop().address());
    if is_own { own.or(reach) } else { reach.or(own) }
}

/// What a route leads to, for people: `10.1.0.0/24`, `flowspec dst 10.9.0.0/24`.
pub(super) fn route(nlri: &Nlri<'_>) -> String {
    said(nlri).unwrap_or_else(|| destination(nlri))
}

/// What a route without a prefix says, in the words of its JSON: its kind, then each field. Only few
/// routes are of such a kind, so that the detour costs nobody. None where its kind is not known.
fn said(nlri: &Nlri<'_>) -> Option<String> {
    nlri.kind()?.ok()?;
    let value = serde_json::to_value(nlri).ok()?;
    let (kind, fields) = value
        .as_object()?
        .iter()
        .find(|(_, value)| value.is_object())?;
    let mut text = format!("{kind} ");
    say(fields, &mut text);
    Some(text.trim_end().to_owned())
}

/// Keys and values, one behind the other; what holds the whole of a route is not named, nor what is
/// none or zero.
fn say(value: &serde_json::Value, text: &mut String) {
    const UNNAMED: [&str; 2] = ["rule", "route_type"];
    let Some(fields) = value.as_object() else {
        let plain = value.as_str().map_or(value.to_string(), str::to_owned);
        text.push_str(&plain);
        text.push(' ');
        return;
    };
    for (key, value) in fields {
        let is_nothing = value
            .as_str()
            .is_some_and(|text| text.bytes().all(|octet| octet == b'0'));
        if value.is_null() || is_nothing {
            continue;
        }
        if !UNNAMED.contains(&key.as_str()) {
            text.push_str(&key.replace('_', "-"));
            text.push(' ');
        }
        say(value, text);
    }
}

/// What a route leads to: a prefix, or octets in hex.
pub(super) fn destination(nlri: &Nlri<'_>) -> String {
    match nlri.destination {
        Destination::Prefix(prefix) => prefix.to_string(),
        Destination::Raw(octets) | Destination::Opaque(octets) => Hex(octets).to_string(),
    }
}
