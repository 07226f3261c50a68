//! The UPDATEs of a message: one of Route Monitoring and of an event, any number of mirrored ones.

use crate::bgp::{Context, Update};
use crate::bmp::mirroring::MirroringTlv;
use crate::bmp::v4::RouteEvent;
use crate::bmp::{Message, MessageType, RouteMirroring};
use crate::pipeline::{Located, Readable};
use crate::wire::Cursor;

/// Whether messages of a type may have an UPDATE: events have types that nobody has assigned.
pub(super) fn may_have(message_type: MessageType) -> bool {
    match message_type {
        MessageType::ROUTE_MONITORING | MessageType::ROUTE_MIRRORING => true,
        other => other.word().is_none(),
    }
}

/// Whether any UPDATE of a message, read as its line shows it, is asked for.
pub(super) fn any(
    located: &Located<'_>,
    readable: &Readable<'_>,
    is_asked: impl Fn(&Update<'_>) -> bool,
) -> bool {
    match &readable.message {
        Message::RouteMonitoring(message) => one(message.update, &readable.context, is_asked),
        Message::RouteMirroring(message) => mirrored(located, message, is_asked),
        Message::RouteEvent(message) => event(message, is_asked),
        Message::RpkiValidation(message) | Message::RpkiImpact(message) => message
            .update
            .is_some_and(|pdu| one(pdu, &readable.context, is_asked)),
        _ => false,
    }
}

fn one(pdu: &[u8], context: &Context, is_asked: impl Fn(&Update<'_>) -> bool) -> bool {
    let update = Update::decode(&mut Cursor::new(pdu), context);
    update.is_ok_and(|update| is_asked(&update))
}

fn event(event: &RouteEvent<'_>, is_asked: impl Fn(&Update<'_>) -> bool) -> bool {
    let (context, _) = event.context();
    event.update.is_some_and(|pdu| one(pdu, &context, is_asked))
}

fn mirrored(
    located: &Located<'_>,
    message: &RouteMirroring<'_>,
    is_asked: impl Fn(&Update<'_>) -> bool,
) -> bool {
    let fallback = Context::default();
    let peer = located.peer();
    let context = peer.map_or(&fallback, |peer| peer.contexts.mirrored(&message.header));
    let is_bgp = |tlv_type| MirroringTlv(tlv_type) == MirroringTlv::BGP_MESSAGE;
    let mut messages = message
        .tlvs()
        .flatten()
        .filter(|tlv| tlv.enterprise.is_none() && tlv.common().is_none() && is_bgp(tlv.tlv_type));
    messages.any(|tlv| one(tlv.value, context, &is_asked))
}
