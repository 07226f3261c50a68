//! A Route Event Logging message of version 4, as JSON and as a line for a person.

use super::object::{Object, push_hex};
use super::route_tlv;
use crate::bgp::Update;
use crate::bmp::v4::event::{self, EventTlv, EventValue, LogAction, LogDetail, PolicyNames};
use crate::bmp::v4::{IndexedTlv, RouteEvent};
use crate::wire::Cursor;
use std::fmt::{self, Write};

/// What `type` says.
pub(super) const WORD: &str = "route-event-logging";

/// Adds what an event has of its own; the peer is there already.
pub(super) fn write(object: &mut Object<'_>, event: &RouteEvent<'_>) {
    object.field("event", event.event_type);
    object.field("reasons", event.reasons().collect::<Vec<_>>());
    let (context, is_stated) = event.context();
    let source = if is_stated { "declared" } else { "assumed" };
    object.field("context", event.update.map(|_| source));
    let pdu = event.update.unwrap_or_default();
    let update = Update::decode(&mut Cursor::new(pdu), &context).ok();
    let shown = event.update.filter(|_| update.is_some());
    object.field("update", update);
    object.list("tlvs", event.tlvs.flatten(), |tlv, object| {
        let own = tlv.enterprise.is_none().then(|| EventTlv::of(&tlv).word());
        route_tlv::head(object, &tlv, own.flatten());
        value(object, &tlv, shown);
    });
}

/// The keys that a value has; of the UPDATE that is shown already, none.
fn value(object: &mut Object<'_>, tlv: &IndexedTlv<'_>, shown: Option<&[u8]>) {
    match EventValue::of(tlv) {
        EventValue::StatelessParsing(octets) => route_tlv::capabilities(object, octets),
        EventValue::Group(members) => route_tlv::group(object, members),
        EventValue::Reasons(bits) => {
            object.field("reasons", event::reasons(bits).collect::<Vec<_>>());
        }
        EventValue::LogAction(action, detail) => log_action(object, action, detail),
        EventValue::PolicyDiscard(form, names) => {
            object.object("policy_discard", |object| {
                object.field("form", form);
                policy(object, names);
            });
        }
        EventValue::ValidationFail(fail, reason) => {
            object.object("validation_fail", |object| {
                object.field("fail", fail);
                object.field("reason", reason);
            });
        }
        EventValue::MalformedPacket(code) => object.field("malformed_packet", code),
        EventValue::BgpMessage(octets) if shown == Some(octets) => {}
        EventValue::BgpMessage(octets) | EventValue::Raw(octets) => {
            object.plain("hex", |out| push_hex(out, octets));
        }
    }
}

fn log_action(object: &mut Object<'_>, action: LogAction, detail: LogDetail<'_>) {
    object.object("log_action", |object| {
        object.field("action", action);
        match detail {
            LogDetail::Nothing => {}
            LogDetail::Text(text) => object.field("text", text),
            LogDetail::Unstable { seconds, count } => {
                object.field("seconds", seconds);
                object.field("count", count);
            }
            LogDetail::Threshold(threshold) => object.field("threshold", threshold),
        }
    });
}

fn policy(object: &mut Object<'_>, names: PolicyNames<'_>) {
    match names {
        PolicyNames::Text(text) => object.field("text", text),
        PolicyNames::Statement { policy, statement } => {
            object.field("policy", policy);
            object.field("statement", statement);
        }
    }
}

/// Adds what the TLVs say beyond the reasons, in words.
pub(super) fn words(line: &mut String, event: &RouteEvent<'_>) -> fmt::Result {
    for tlv in event.tlvs.flatten() {
        match EventValue::of(&tlv) {
            EventValue::LogAction(action, detail) => {
                write!(line, "; {action}")?;
                log_words(line, detail)?;
            }
            EventValue::PolicyDiscard(_, PolicyNames::Text(text)) => {
                write!(line, "; policy '{text}'")?;
            }
            EventValue::PolicyDiscard(_, PolicyNames::Statement { policy, statement }) => {
                write!(line, "; policy '{policy}' statement '{statement}'")?;
            }
            EventValue::ValidationFail(fail, None) => write!(line, "; {fail}")?,
            EventValue::ValidationFail(fail, Some(reason)) => write!(line, "; {fail}: {reason}")?,
            EventValue::MalformedPacket(code) => write!(line, "; {code}")?,
            _ => {}
        }
    }
    Ok(())
}

fn log_words(line: &mut String, detail: LogDetail<'_>) -> fmt::Result {
    match detail {
        LogDetail::Nothing => Ok(()),
        LogDetail::Text(text) => write!(line, " '{text}'"),
        LogDetail::Unstable { seconds, count } => write!(line, " {count} times in {seconds} s"),
        LogDetail::Threshold(threshold) => write!(line, " of {threshold}"),
    }
}
