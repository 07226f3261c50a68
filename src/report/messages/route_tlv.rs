//! The indexed TLVs of a Route Monitoring message of version 4, as JSON.

use super::line::code_bits;
use super::object::{Object, push_hex};
use crate::bgp::capability::Capability;
use crate::bmp::RouteMonitoring;
use crate::bmp::v4::{
    Expected, IndexedTlv, IndexedTlvs, PathMarking, RouteTlvKind, RouteTlvValue, TlvTimestamp,
};
use crate::wire::Cursor;

/// Adds the TLVs, and how their numbers are understood. The UPDATE's own TLV has no value here.
pub(super) fn write(
    object: &mut Object<'_>,
    message: &RouteMonitoring<'_>,
    mut tlvs: IndexedTlvs<'_>,
) {
    let known = message
        .numbering()
        .unwrap_or_else(|| Expected::Nothing.alone());
    let numbering = known.numbering;
    object.object("numbering", |object| {
        object.field("revision", numbering.revision());
        object.field("source", known.source);
    });
    object.list("tlvs", tlvs.flatten(), |tlv, object| {
        let is_update = tlv.offset == message.update_offset;
        let kind = match is_update {
            true => Some(RouteTlvKind::BgpMessage),
            false => numbering.kind(&tlv),
        };
        head(object, &tlv, kind.map(RouteTlvKind::word));
        if !is_update {
            value(object, tlv.read(numbering));
        }
    });
    if let Some(error) = tlvs.find_map(Result::err) {
        object.field("error", error.to_string());
    }
}

/// What every indexed TLV has.
pub(super) fn head(object: &mut Object<'_>, tlv: &IndexedTlv<'_>, name: Option<&'static str>) {
    let number = tlv.tlv_type & code_bits(tlv.enterprise);
    object.field("code", number);
    match name {
        Some(name) => object.field("name", name),
        None => object.field("name", format_args!("unknown-{number}")),
    }
    if let Some(enterprise) = tlv.enterprise {
        object.field("enterprise", enterprise);
    }
    object.field("index", tlv.index.number());
    object.field("group", tlv.index.is_group());
}

/// The keys that a value has.
pub(super) fn value(object: &mut Object<'_>, value: RouteTlvValue<'_>) {
    match value {
        RouteTlvValue::Group(members) => group(object, members),
        RouteTlvValue::TableName(name) => object.field("value", name),
        RouteTlvValue::StatelessParsing(octets) => capabilities(object, octets),
        RouteTlvValue::Timestamp(time) => timestamp(object, &time),
        RouteTlvValue::SequenceNumber(number) => object.field("sequence_number", number),
        RouteTlvValue::ExtendedFlags(flags) => {
            object.field("flags", flags.words().collect::<Vec<_>>());
            object.plain("hex", |out| push_hex(out, flags.0));
        }
        RouteTlvValue::PathMarking(marking) => path_marking(object, &marking),
        RouteTlvValue::BgpMessage(octets) | RouteTlvValue::Raw(octets) => {
            object.plain("hex", |out| push_hex(out, octets));
        }
    }
}

/// The indexes of a group.
pub(super) fn group(object: &mut Object<'_>, members: &[[u8; 2]]) {
    let members = members.iter().map(|member| u16::from_be_bytes(*member));
    object.field("members", members.collect::<Vec<_>>());
}

/// The capability of a Stateless Parsing TLV.
pub(super) fn capabilities(object: &mut Object<'_>, octets: &[u8]) {
    let mut capabilities = Vec::new();
    Capability::decode_all(Cursor::new(octets), &mut capabilities);
    object.field("capabilities", capabilities);
}

fn timestamp(object: &mut Object<'_>, time: &TlvTimestamp) {
    object.object("timestamp", |object| {
        object.field("code", time.code);
        match time.name {
            Some(name) => object.field("name", name),
            None => object.field("name", format_args!("unknown-{}", time.code)),
        }
        object.field("time", time.time);
    });
}

fn path_marking(object: &mut Object<'_>, marking: &PathMarking) {
    object.object("path_marking", |object| {
        object.field("status", marking.statuses().collect::<Vec<_>>());
        object.field("status_code", marking.status);
        object.field("reason", marking.reason);
        object.field("reason_code", marking.reason.map(|reason| reason.0));
    });
}
