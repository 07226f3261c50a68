//! One line of `messages` as JSON: `{ type, time, file, packet, session, ... }`, then what the
//! message has of its own.

use super::event;
use super::object::{Object, push_hex};
use super::parameters;
use super::route_tlv;
use super::rpki;
use super::told::{self, Told};
use crate::bgp::{self, Context, MessageHeader, Notification, Open, RouteRefresh, Update};
use crate::bmp::initiation::InitiationTlv;
use crate::bmp::mirroring::{MirroringInformation, MirroringTlv};
use crate::bmp::parameters::ParameterTlv;
use crate::bmp::statistics::{Statistic, StatisticType, Value};
use crate::bmp::termination::TerminationTlv;
use crate::bmp::v4::RouteEvent;
use crate::bmp::{
    self, CommonHeader, Message, PeerDown, PeerDownTlv, PeerHeader, PeerUp, PeerUpTlv,
    RouteMirroring, RouteMonitoring, StatisticsReport, Tlv, Tlvs,
};
use crate::pipeline::{self, Gap, Located};
use crate::time::Timestamp;
use crate::wire::{CodePoints, Cursor, DecodeError};
use serde::Serialize;

/// Appends the line of a message, a gap or an undecodable span.
pub(super) fn write(
    located: &Located<'_>,
    told: &Told<'_>,
    code_points: &CodePoints,
    out: &mut Vec<u8>,
) {
    match told {
        Told::Gap(gap) => gap_line(located, *gap, out),
        Told::Message(bytes, readable) => message_line(located, bytes, readable, code_points, out),
        Told::Undecodable(bytes, error) => undecodable_line(located, bytes, *error, out),
    }
    out.push(b'\n');
}

fn gap_line(located: &Located<'_>, gap: Gap, out: &mut Vec<u8>) {
    let mut object = Object::open(out);
    head(&mut object, told::GAP, located);
    object.field("length", gap.length);
    object.field("stream_offset", located.stream_offset());
    object.field("until_packet", gap.until.packet_number());
    time(&mut object, "until_time", gap.until.time);
    object.field("cause", gap.kind.word());
    object.close();
}

/// A message that cannot be read: what it is, why, where, and all its octets.
fn undecodable_line(located: &Located<'_>, bytes: &[u8], error: DecodeError, out: &mut Vec<u8>) {
    let header = CommonHeader::peek(bytes);
    let mut object = Object::open(out);
    head(&mut object, told::UNDECODABLE, located);
    object.field("version", header.map(|header| header.version));
    object.field("length", bytes.len());
    object.field("message_type", header.map(|header| header.message_type));
    object.field("stream_offset", located.stream_offset());
    object.field("offset", error.offset);
    object.plain("reason", |out| {
        out.extend_from_slice(error.to_string().as_bytes())
    });
    object.plain("hex", |out| push_hex(out, bytes));
    object.close();
}

fn message_line(
    located: &Located<'_>,
    bytes: &[u8],
    readable: &pipeline::Readable<'_>,
    code_points: &CodePoints,
    out: &mut Vec<u8>,
) {
    let header = CommonHeader::peek(bytes);
    let mut object = Object::open(out);
    let word = told::type_word(bytes, &readable.message, code_points);
    head(&mut object, &word, located);
    object.field("version", header.map(|header| header.version));
    object.field("length", bytes.len());
    body(&mut object, located, readable, code_points);
    object.close();
}

/// What every line begins with.
fn head(object: &mut Object<'_>, line_type: &str, located: &Located<'_>) {
    object.field("type", line_type);
    time(object, "time", located.moment().time);
    object.field("file", located.file());
    object.field("packet", located.moment().packet_number());
    object.field("session", located.session().id);
    object.field("router", located.session().router);
    object.field("router_name", located.session().sys_name.as_deref());
}

fn time(object: &mut Object<'_>, key: &str, time: Option<Timestamp>) {
    match time {
        Some(time) => object.plain(key, |out| time.write(out)),
        None => object.field(key, ()),
    }
}

fn body(
    object: &mut Object<'_>,
    located: &Located<'_>,
    readable: &pipeline::Readable<'_>,
    code_points: &CodePoints,
) {
    match &readable.message {
        Message::RouteMonitoring(message) => {
            route_monitoring(object, located, message, readable);
        }
        Message::StatisticsReport(message) => statistics(object, located, message),
        Message::PeerDown(message) => peer_down(object, located, message),
        Message::PeerUp(message) => peer_up(object, located, message),
        Message::Initiation(message) => initiation(object, message, code_points),
        Message::Termination(message) => termination(object, message),
        Message::RouteMirroring(message) => mirroring(object, located, message),
        Message::RouteEvent(message) => route_event(object, located, message),
        Message::RpkiConfig(message) => {
            optional_peer(object, located, message.header());
            rpki::config(object, message);
        }
        Message::RpkiValidation(message) | Message::RpkiImpact(message) => {
            peer(object, located, &message.header);
            rpki::route(object, message, readable);
        }
        Message::Unknown(message) => object.plain("hex", |out| push_hex(out, message.body)),
    }
}

fn peer(object: &mut Object<'_>, located: &Located<'_>, header: &PeerHeader) {
    object.object("peer", |peer| {
        peer.field("type", header.peer_type);
        let rd = header.distinguisher;
        peer.field("distinguisher", (!rd.is_zero()).then(|| rd.to_string()));
        peer.field("address", header.address());
        peer.field("asn", header.asn);
        peer.field("bgp_id", std::net::Ipv4Addr::from(header.bgp_id));
        peer.field(
            "table_name",
            located.peer().and_then(|peer| peer.table_name.as_deref()),
        );
        peer.field("flags", header.flags.0);
        time(peer, "timestamp", header.timestamp());
    });
}

fn route_monitoring(
    object: &mut Object<'_>,
    located: &Located<'_>,
    message: &RouteMonitoring<'_>,
    readable: &pipeline::Readable<'_>,
) {
    peer(object, located, &message.header);
    object.field("rib", message.header.rib());
    object.field("context", readable.source);
    let update = Update::decode(&mut Cursor::new(message.update), &readable.context);
    object.field("update", update.ok());
    if !message.trailing.is_empty() {
        object.plain("trailing", |out| push_hex(out, message.trailing));
    }
    if let Some(tlvs) = message.tlvs {
        route_tlv::write(object, message, tlvs);
    }
}

fn route_event(object: &mut Object<'_>, located: &Located<'_>, message: &RouteEvent<'_>) {
    optional_peer(object, located, message.header.as_ref());
    event::write(object, message);
}

fn optional_peer(object: &mut Object<'_>, located: &Located<'_>, header: Option<&PeerHeader>) {
    match header {
        Some(header) => peer(object, located, header),
        None => object.field("peer", ()),
    }
}

fn statistics(object: &mut Object<'_>, located: &Located<'_>, message: &StatisticsReport<'_>) {
    peer(object, located, &message.header);
    object.list(
        "statistics",
        message.statistics().flatten(),
        |statistic, object| {
            one_statistic(object, &statistic, &located.session().code_points);
        },
    );
    let mut tlvs = message.tlvs().peekable();
    let has_tlvs = tlvs.peek().is_some();
    if has_tlvs {
        object.list("tlvs", message.tlvs().flatten(), |tlv, object| {
            bare_tlv(object, &tlv)
        });
    }
    let first = message.statistics().find_map(Result::err);
    error(object, first.or_else(|| tlvs.find_map(Result::err)));
}

/// A TLV of version 4 in a message that has no registry of its own for them.
fn bare_tlv(object: &mut Object<'_>, tlv: &Tlv<'_>) {
    if !shared_tlv(object, tlv) {
        object.plain("hex", |out| push_hex(out, tlv.value));
    }
}

/// Which bits of a type are its number.
pub(super) fn code_bits(enterprise: Option<u32>) -> u16 {
    match enterprise {
        Some(_) => 0x7fff,
        None => u16::MAX,
    }
}

fn one_statistic(object: &mut Object<'_>, statistic: &Statistic<'_>, code_points: &CodePoints) {
    let number = statistic.statistic_type.0 & code_bits(statistic.enterprise);
    let of_draft = StatisticType(number).of_draft(statistic.enterprise, code_points);
    object.field("code", number);
    match (of_draft, statistic.enterprise) {
        (Some(of_draft), _) => object.field("name", of_draft.name()),
        (None, Some(_)) => object.field("name", format_args!("unknown-{number}")),
        (None, None) => object.field("name", statistic.statistic_type),
    }
    if let Some(enterprise) = statistic.enterprise {
        object.field("enterprise", enterprise);
    }
    match statistic.value() {
        Value::Counter(value) => object.field("value", value),
        Value::Gauge(value) => object.field("value", value),
        Value::FamilyGauge(family, value) => {
            object.field("afi", family.afi_word());
            object.field("safi", family.safi_word());
            object.field("value", value);
        }
        Value::Raw(octets) => {
            object.field("value", ());
            object.plain("hex", |out| push_hex(out, octets));
        }
    }
}

fn peer_down(object: &mut Object<'_>, located: &Located<'_>, message: &PeerDown<'_>) {
    peer(object, located, &message.header);
    object.field("reason", message.reason);
    object.field("reason_code", message.reason.0);
    object.field(
        "notification",
        message.notification().and_then(notification),
    );
    object.field("fsm_event", message.fsm_event());
    match message.tlvs() {
        Some(tlvs) => tlv_list(object, "tlvs", tlvs, PeerDownTlv),
        None => object.list("tlvs", std::iter::empty::<()>(), |(), _| ()),
    }
    let rest = message.data.rest();
    if !rest.is_empty() && !is_whole(message, rest.len()) {
        object.plain("hex", |out| push_hex(out, rest));
    }
}

/// Whether what the reason promises is all that the data is, and can be read.
fn is_whole(message: &PeerDown<'_>, octets: usize) -> bool {
    if let Some(pdu) = message.notification() {
        let header = MessageHeader::decode(&mut Cursor::new(pdu));
        let is_all = header.is_ok_and(|header| usize::from(header.length) == octets);
        return is_all && notification(pdu).is_some();
    }
    message.tlvs().is_some() || (message.fsm_event().is_some() && octets == 2)
}

fn notification(pdu: &[u8]) -> Option<Notification<'_>> {
    Notification::decode(&mut Cursor::new(pdu)).ok()
}

fn refresh(pdu: &[u8]) -> Option<RouteRefresh<'_>> {
    RouteRefresh::decode(&mut Cursor::new(pdu)).ok()
}

fn peer_up(object: &mut Object<'_>, located: &Located<'_>, message: &PeerUp<'_>) {
    peer(object, located, &message.header);
    object.field("local_address", message.local_address);
    object.field("local_port", message.local_port);
    object.field("remote_port", message.remote_port);
    object.field("sent_open", open(message.sent_open));
    object.field("received_open", open(message.received_open));
    information(object, message.tlvs(), PeerUpTlv);
}

fn open(pdu: &[u8]) -> Option<Open> {
    Open::decode(&mut Cursor::new(pdu)).ok()
}

fn initiation(object: &mut Object<'_>, message: &bmp::Initiation<'_>, code_points: &CodePoints) {
    let mut tlvs = message.tlvs();
    object.list(
        "information",
        tlvs.flatten(),
        |tlv, object| match ParameterTlv::decode(&tlv, code_points) {
            Some((kind, said)) => parameters::write(object, &tlv, kind, &said),
            None => one_tlv(object, &tlv, InitiationTlv),
        },
    );
    error(object, tlvs.find_map(Result::err));
}

fn termination(object: &mut Object<'_>, message: &bmp::Termination<'_>) {
    object.field("reason", message.reason());
    let tlvs = message.tlvs();
    let strings = tlvs
        .flatten()
        .filter(|tlv| tlv.tlv_type != TerminationTlv::REASON.0);
    object.list("information", strings, |tlv, object| {
        one_tlv(object, &tlv, TerminationTlv)
    });
    error(object, message.tlvs().find_map(Result::err));
}

fn information<T: Serialize>(object: &mut Object<'_>, tlvs: Tlvs<'_>, name: fn(u16) -> T) {
    tlv_list(object, "information", tlvs, name);
}

fn tlv_list<T: Serialize>(
    object: &mut Object<'_>,
    key: &str,
    mut tlvs: Tlvs<'_>,
    name: fn(u16) -> T,
) {
    object.list(key, tlvs.flatten(), |tlv, object| {
        one_tlv(object, &tlv, name)
    });
    error(object, tlvs.find_map(Result::err));
}

/// Text where it is text, hex otherwise; every text TLV of the registries is UTF-8 or ASCII.
fn one_tlv<T: Serialize>(object: &mut Object<'_>, tlv: &Tlv<'_>, name: fn(u16) -> T) {
    if tlv.enterprise.is_none() && tlv.common().is_none() {
        object.field("code", tlv.tlv_type);
        object.field("name", name(tlv.tlv_type));
    } else if shared_tlv(object, tlv) {
        return;
    }
    match std::str::from_utf8(tlv.value) {
        Ok(text) if !text.contains(|c: char| c.is_control() && !c.is_whitespace()) => {
            object.field("value", text);
        }
        _ => {
            object.field("value", ());
            object.plain("hex", |out| push_hex(out, tlv.value));
        }
    }
}

/// What a TLV of version 4 is that no registry of its message names; true if that says its value too.
fn shared_tlv(object: &mut Object<'_>, tlv: &Tlv<'_>) -> bool {
    let number = tlv.tlv_type & code_bits(tlv.enterprise);
    object.field("code", number);
    match tlv.common() {
        Some(kind) => object.field("name", kind),
        None => object.field("name", format_args!("unknown-{number}")),
    }
    if let Some(enterprise) = tlv.enterprise {
        object.field("enterprise", enterprise);
    }
    let value = tlv.common_value();
    let is_told = value.is_some();
    if let Some(value) = value {
        route_tlv::value(object, value);
    }
    is_told
}

fn mirroring(object: &mut Object<'_>, located: &Located<'_>, message: &RouteMirroring<'_>) {
    peer(object, located, &message.header);
    let mut tlvs = message.tlvs();
    object.list("mirrored", tlvs.flatten(), |tlv, object| {
        mirrored(object, located, message, &tlv)
    });
    error(object, tlvs.find_map(Result::err));
}

fn mirrored(
    object: &mut Object<'_>,
    located: &Located<'_>,
    message: &RouteMirroring<'_>,
    tlv: &Tlv<'_>,
) {
    if tlv.enterprise.is_some() || tlv.common().is_some() {
        return bare_tlv(object, tlv);
    }
    object.field("code", tlv.tlv_type);
    object.field("name", MirroringTlv(tlv.tlv_type));
    match MirroringTlv(tlv.tlv_type) {
        MirroringTlv::BGP_MESSAGE => bgp_message(object, located, message, tlv.value),
        MirroringTlv::INFORMATION => {
            if !shown(object, "information", tlv.code().map(MirroringInformation)) {
                object.plain("hex", |out| push_hex(out, tlv.value));
            }
        }
        _ => object.plain("hex", |out| push_hex(out, tlv.value)),
    }
}

/// A BGP message verbatim: decoded where it can be, always with its octets where it cannot.
fn bgp_message(
    object: &mut Object<'_>,
    located: &Located<'_>,
    message: &RouteMirroring<'_>,
    pdu: &[u8],
) {
    let header = MessageHeader::decode(&mut Cursor::new(pdu)).ok();
    let message_type = header.map(|header| header.message_type);
    object.field("message_type", message_type);
    let is_shown = match message_type {
        Some(bgp::MessageType::OPEN) => shown(object, "open", open(pdu)),
        Some(bgp::MessageType::NOTIFICATION) => shown(object, "notification", notification(pdu)),
        Some(bgp::MessageType::ROUTE_REFRESH) => shown(object, "route_refresh", refresh(pdu)),
        Some(bgp::MessageType::UPDATE) => {
            let fallback = Context::default();
            let context = located
                .peer()
                .map_or(&fallback, |peer| peer.contexts.mirrored(&message.header));
            let update = Update::decode(&mut Cursor::new(pdu), context);
            shown(object, "update", update.ok())
        }
        Some(bgp::MessageType::KEEPALIVE) => true,
        _ => false,
    };
    if !is_shown {
        object.plain("hex", |out| push_hex(out, pdu));
    }
}

/// Adds a field, null where there is no value, and says whether there is.
fn shown(object: &mut Object<'_>, key: &str, value: Option<impl Serialize>) -> bool {
    let is_there = value.is_some();
    object.field(key, value);
    is_there
}

/// What ended a list before its container did.
fn error(object: &mut Object<'_>, error: Option<DecodeError>) {
    if let Some(error) = error {
        object.plain("error", |out| {
            out.extend_from_slice(error.to_string().as_bytes())
        });
    }
}
