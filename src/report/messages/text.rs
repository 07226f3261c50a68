//! `messages -f table`: a line for a person, each message in its own words.

use super::event;
use super::parameters;
use super::tlv_words;
use super::words;
use crate::bgp::{Context, MessageHeader, Nlri, Notification, Open, RouteRefresh, Update};
use crate::bmp::initiation::InitiationTlv;
use crate::bmp::parameters::ParameterTlv;
use crate::bmp::statistics::Value;
use crate::bmp::v4::RouteEvent;
use crate::bmp::{
    self, CommonHeader, Message, PeerDown, PeerDownTlv, PeerHeader, PeerUp, Rib, RouteMirroring,
    RouteMonitoring, StatisticsReport,
};
use crate::pipeline::{Item, Located, Readable};
use crate::wire::{CodePoints, Cursor};
use std::fmt::{self, Display, Write};

/// Appends the line of a message, a gap or an undecodable span.
pub(super) fn write(located: &Located<'_>, code_points: &CodePoints, out: &mut Vec<u8>) {
    let mut line = String::with_capacity(160);
    // Writing to a string cannot fail.
    let _ = head(&mut line, located).and_then(|()| rest(&mut line, located, code_points));
    // What captures hold may hold terminal commands.
    let printable = line
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c });
    out.extend_from_slice(printable.collect::<String>().as_bytes());
    out.push(b'\n');
}

fn head(line: &mut String, located: &Located<'_>) -> fmt::Result {
    match located.moment().time {
        Some(time) => write!(line, "{time} ")?,
        None => write!(line, "@{} ", located.stream_offset())?,
    }
    match (&located.session().sys_name, located.session().router) {
        (Some(name), _) => write!(line, "{name} "),
        (None, Some(router)) => write!(line, "{router} "),
        (None, None) => write!(line, "#{} ", located.session().id),
    }
}

fn rest(line: &mut String, located: &Located<'_>, code_points: &CodePoints) -> fmt::Result {
    let bytes = match located.item {
        Item::Gap(gap) => return write!(line, "GAP {} octets: {}", gap.length, gap.kind.word()),
        Item::Message(bytes) => bytes,
    };
    match Readable::of(located, bytes) {
        Ok(readable) => message(line, &readable, code_points),
        Err(error) => undecodable(line, bytes, &error),
    }
}

fn undecodable(line: &mut String, bytes: &[u8], error: &dyn Display) -> fmt::Result {
    let what = CommonHeader::peek(bytes).map(|header| header.message_type.to_string());
    write!(
        line,
        "UNDECODABLE {} of {} octets: {error}",
        what.unwrap_or_default(),
        bytes.len()
    )
}

fn message(line: &mut String, readable: &Readable<'_>, code_points: &CodePoints) -> fmt::Result {
    match &readable.message {
        Message::RouteMonitoring(route) => route_monitoring(line, route, &readable.context),
        Message::StatisticsReport(report) => statistics(line, report),
        Message::PeerDown(down) => peer_down(line, down),
        Message::PeerUp(up) => peer_up(line, up),
        Message::Initiation(initiation) => information(line, initiation, code_points),
        Message::Termination(end) => {
            match end.reason() {
                Some(reason) => write!(line, "termination: {reason}")?,
                None => write!(line, "termination")?,
            }
            tlv_words::plain(line, end.tlvs().flatten())
        }
        Message::RouteMirroring(mirroring) => self::mirroring(line, mirroring),
        Message::RouteEvent(event) => route_event(line, event),
        Message::Unknown(unknown) => {
            write!(
                line,
                "{}: {} octets",
                words::message_type(unknown.message_type, code_points),
                unknown.body.len()
            )
        }
    }
}

fn peer(line: &mut String, header: &PeerHeader) -> fmt::Result {
    match header.address() {
        Some(address) => write!(line, "{address} AS{}", header.asn)?,
        None => write!(line, "loc-rib {}", std::net::Ipv4Addr::from(header.bgp_id))?,
    }
    if header.distinguisher.is_zero() {
        return Ok(());
    }
    write!(line, " rd {}", header.distinguisher)
}

fn route_monitoring(
    line: &mut String,
    message: &RouteMonitoring<'_>,
    context: &Context,
) -> fmt::Result {
    write!(line, "routes ")?;
    peer(line, &message.header)?;
    match message.header.rib() {
        Rib::LocRib => write!(line, ":")?,
        rib => write!(line, " {}:", rib.word())?,
    }
    match Update::decode(&mut Cursor::new(message.update), context) {
        Ok(update) => routes(line, &update)?,
        Err(error) => write!(line, " {error}")?,
    }
    tlv_words::indexed(line, message)?;
    match message.trailing.len() {
        0 => Ok(()),
        octets => write!(line, "; trailing ({octets} octets)"),
    }
}

fn route_event(line: &mut String, event: &RouteEvent<'_>) -> fmt::Result {
    write!(line, "event ")?;
    if let Some(header) = &event.header {
        peer(line, header)?;
        write!(line, " ")?;
    }
    write!(line, "{}:", words::joined(event.reasons(), " "))?;
    let (context, _) = event.context();
    let pdu = event.update.unwrap_or_default();
    if let Ok(update) = Update::decode(&mut Cursor::new(pdu), &context) {
        routes(line, &update)?;
    }
    event::words(line, event)
}

fn routes(line: &mut String, update: &Update<'_>) -> fmt::Result {
    if let Some(family) = update.end_of_rib() {
        return write!(line, " end of RIB {family}");
    }
    list(line, '-', update.withdrawn().flatten())?;
    list(line, '+', update.announced().flatten())?;
    let attributes = update.path_attributes();
    if let Some(next_hop) = words::next_hop(&attributes, update.has_own_nlri()) {
        write!(line, " via {next_hop}")?;
    }
    if let Some(path) = &attributes.effective_path() {
        write!(line, " path [{}]", words::as_path(path))?;
    }
    if let Some(local_pref) = attributes.local_pref {
        write!(line, " lp {local_pref}")?;
    }
    if let Some(med) = attributes.med {
        write!(line, " med {med}")?;
    }
    if let Some(communities) = attributes.communities {
        write!(line, " comm {}", words::joined(communities.iter(), " "))?;
    }
    for one in update.malformed(&attributes) {
        write!(line, " !{} {}: {}", one.name, one.problem, one.outcome)?;
    }
    Ok(())
}

/// Routes shown of one message; the rest is counted.
const SHOWN: usize = 6;

fn list<'a>(line: &mut String, sign: char, routes: impl Iterator<Item = Nlri<'a>>) -> fmt::Result {
    let mut left = 0;
    for (index, nlri) in routes.enumerate() {
        if index >= SHOWN {
            left += 1;
            continue;
        }
        write!(line, " {sign}{}", words::destination(&nlri))?;
        if let Some(rd) = nlri.rd {
            write!(line, " rd {rd}")?;
        }
        if let Some(id) = nlri.path_id {
            write!(line, " id {id}")?;
        }
    }
    if left > 0 {
        write!(line, " {sign}({left} more)")
    } else {
        Ok(())
    }
}

fn statistics(line: &mut String, report: &StatisticsReport<'_>) -> fmt::Result {
    write!(line, "statistics ")?;
    peer(line, &report.header)?;
    write!(line, ":")?;
    for statistic in report.statistics().flatten() {
        write!(line, " {}", statistic.statistic_type)?;
        match statistic.value() {
            Value::Counter(value) => write!(line, "={value}")?,
            Value::Gauge(value) => write!(line, "={value}")?,
            Value::FamilyGauge(family, value) => write!(line, "({family})={value}")?,
            Value::Raw(octets) => write!(line, "=({} octets)", octets.len())?,
        }
    }
    tlv_words::named(line, report.tlvs().flatten(), |_| None)
}

fn peer_down(line: &mut String, down: &PeerDown<'_>) -> fmt::Result {
    write!(line, "peer down ")?;
    peer(line, &down.header)?;
    write!(line, ": {}", down.reason)?;
    let pdu = down
        .notification()
        .map(|pdu| Notification::decode(&mut Cursor::new(pdu)));
    if let Some(Ok(notification)) = pdu {
        write!(line, ": {notification}")?;
    }
    match down.fsm_event() {
        Some(event) if event > 0 => write!(line, " (FSM event {event})")?,
        _ => {}
    }
    tlv_words::named(line, down.tlvs().into_iter().flatten().flatten(), |code| {
        PeerDownTlv(code).word()
    })
}

fn peer_up(line: &mut String, up: &PeerUp<'_>) -> fmt::Result {
    write!(line, "peer up ")?;
    peer(line, &up.header)?;
    if let Some(name) = up.table_name() {
        write!(line, " table {name}")?;
    }
    open(line, "sent", up.sent_open)?;
    open(line, "received", up.received_open)?;
    tlv_words::plain(line, up.tlvs().flatten())
}

fn open(line: &mut String, side: &str, pdu: &[u8]) -> fmt::Result {
    let Ok(open) = Open::decode(&mut Cursor::new(pdu)) else {
        return Ok(());
    };
    let capabilities = words::joined(
        open.capabilities().iter().map(|capability| capability.code),
        " ",
    );
    write!(
        line,
        "; {side} AS{} hold {} [{capabilities}]",
        open.asn(),
        open.hold_time
    )
}

fn information(
    line: &mut String,
    initiation: &bmp::Initiation<'_>,
    code_points: &CodePoints,
) -> fmt::Result {
    write!(line, "initiation:")?;
    for tlv in initiation.tlvs().flatten() {
        if let Some((kind, said)) = ParameterTlv::decode(&tlv, code_points) {
            parameters::words(line, kind, &said)?;
            continue;
        }
        if tlv_words::is_version_4_own(&tlv) {
            tlv_words::plain(line, std::iter::once(tlv))?;
            continue;
        }
        match InitiationTlv(tlv.tlv_type).word() {
            Some(word) => write!(line, " {word} '{}'", tlv.text())?,
            None => write!(
                line,
                " unknown-{} ({} octets)",
                tlv.tlv_type,
                tlv.value.len()
            )?,
        }
    }
    Ok(())
}

fn mirroring(line: &mut String, mirroring: &RouteMirroring<'_>) -> fmt::Result {
    write!(line, "mirror ")?;
    peer(line, &mirroring.header)?;
    write!(line, ":")?;
    for tlv in mirroring.tlvs().flatten() {
        if tlv_words::is_version_4_own(&tlv) {
            tlv_words::plain(line, std::iter::once(tlv))?;
            continue;
        }
        mirrored(line, &tlv)?;
    }
    Ok(())
}

/// A BGP message by its type and length; those that say something short, with what they say.
fn mirrored(line: &mut String, tlv: &bmp::Tlv<'_>) -> fmt::Result {
    let pdu = || Cursor::new(tlv.value);
    let Ok(header) = MessageHeader::decode(&mut pdu()) else {
        return write!(line, " tlv {} ({} octets)", tlv.tlv_type, tlv.value.len());
    };
    write!(line, " {} ({} octets)", header.message_type, header.length)?;
    if let Ok(notification) = Notification::decode(&mut pdu()) {
        return write!(line, " {notification}");
    }
    match RouteRefresh::decode(&mut pdu()) {
        Ok(refresh) => write!(line, " {refresh}"),
        Err(_) => Ok(()),
    }
}
