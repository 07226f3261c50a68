//! `messages -f table`: a line for a person, each message in its own words.

use super::columns::{BETWEEN, CELLS};
use super::event;
use super::line::code_bits;
use super::parameters;
use super::rpki_words;
use super::tlv_words;
use super::told::Told;
use super::words;
use crate::bgp::{Context, MessageHeader, Nlri, Notification, Open, RouteRefresh, Update};
use crate::bmp::initiation::InitiationTlv;
use crate::bmp::parameters::ParameterTlv;
use crate::bmp::rpki::RpkiRoute;
use crate::bmp::statistics::{StatisticType, Value};
use crate::bmp::v4::RouteEvent;
use crate::bmp::{
    self, CommonHeader, Message, PeerDown, PeerDownTlv, PeerHeader, PeerUp, Rib, RouteMirroring,
    RouteMonitoring, StatisticsReport,
};
use crate::pipeline::{Located, Readable};
use crate::time::Timestamp;
use crate::wire::{CodePoints, Cursor};
use std::fmt::{self, Display, Write};

/// Appends the line of a message, a gap or an undecodable span, its cells apart as
/// [`super::columns`] lays them out; `shown`: routes that are not only counted.
pub(super) fn write(
    located: &Located<'_>,
    told: &Told<'_>,
    code_points: &CodePoints,
    shown: usize,
    out: &mut Vec<u8>,
) {
    let mut line = String::with_capacity(160);
    // Writing to a string cannot fail.
    let _ = head(&mut line, located).and_then(|()| rest(&mut line, told, code_points, shown));
    let mut left = CELLS;
    // What captures hold may hold terminal commands.
    let printable = line.chars().map(|c| match c {
        BETWEEN if left > 0 => {
            left -= 1;
            c
        }
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    });
    out.extend_from_slice(printable.collect::<String>().as_bytes());
    out.push(b'\n');
}

/// Time and router.
fn head(line: &mut String, located: &Located<'_>) -> fmt::Result {
    match located.moment().time {
        Some(time) => write!(line, "{}{BETWEEN}", moment(time))?,
        None => write!(line, "@{}{BETWEEN}", located.stream_offset())?,
    }
    match (&located.session().sys_name, located.session().router) {
        (Some(name), _) => {
            let name = name.replace(char::is_control, "\u{fffd}");
            write!(line, "{name}{BETWEEN}")
        }
        (None, Some(router)) => write!(line, "{router}{BETWEEN}"),
        (None, None) => write!(line, "#{}{BETWEEN}", located.session().id),
    }
}

/// `2026-01-31 12:00:00.123`: to the millisecond, as far as the capture has it.
fn moment(time: Timestamp) -> String {
    let digits = time.digits().min(3);
    let text = Timestamp::from_nanoseconds(time.nanoseconds(), digits).to_string();
    text.replace('T', " ").trim_end_matches('Z').to_owned()
}

/// Peer, RIB view and type, then what the message says.
fn rest(line: &mut String, told: &Told<'_>, code_points: &CodePoints, shown: usize) -> fmt::Result {
    match told {
        Told::Gap(gap) => {
            cells(line, None, "GAP")?;
            write!(line, "{} octets: {}", gap.length, gap.kind.word())
        }
        Told::Message(_, readable) => message(line, readable, code_points, shown),
        Told::Undecodable(bytes, error) => undecodable(line, bytes, error),
    }
}

/// The cells of a message that is not about the routes of a view.
fn cells(line: &mut String, header: Option<&PeerHeader>, what: &str) -> fmt::Result {
    let of_loc_rib = header.filter(|header| header.rib() == Rib::LocRib);
    view_cells(line, header, of_loc_rib.map(|_| Rib::LocRib), what)
}

fn view_cells(
    line: &mut String,
    header: Option<&PeerHeader>,
    rib: Option<Rib>,
    what: &str,
) -> fmt::Result {
    if let Some(header) = header {
        peer(line, header)?;
    }
    let rib = rib.map(Rib::word).unwrap_or_default();
    let rib = rib.strip_prefix("adj-rib-").unwrap_or(rib);
    write!(line, "{BETWEEN}{rib}{BETWEEN}{what}{BETWEEN}")
}

fn undecodable(line: &mut String, bytes: &[u8], error: &dyn Display) -> fmt::Result {
    let header = CommonHeader::peek(bytes);
    let what = header.map(|header| header.message_type.to_string());
    let has_peer = header.filter(|header| header.message_type.has_peer_header());
    let peer = has_peer.and_then(|_| PeerHeader::peek(bytes));
    cells(line, peer.as_ref(), "UNDECODABLE")?;
    write!(
        line,
        "{} of {} octets: {error}",
        what.unwrap_or_default(),
        bytes.len()
    )
}

fn message(
    line: &mut String,
    readable: &Readable<'_>,
    code_points: &CodePoints,
    shown: usize,
) -> fmt::Result {
    match &readable.message {
        Message::RouteMonitoring(route) => route_monitoring(line, route, &readable.context, shown),
        Message::StatisticsReport(report) => statistics(line, report, code_points),
        Message::PeerDown(down) => peer_down(line, down),
        Message::PeerUp(up) => peer_up(line, up),
        Message::Initiation(initiation) => information(line, initiation, code_points),
        Message::Termination(end) => {
            cells(line, None, "termination")?;
            if let Some(reason) = end.reason() {
                write!(line, "{reason}")?;
            }
            tlv_words::plain(line, end.tlvs().flatten())
        }
        Message::RouteMirroring(mirroring) => self::mirroring(line, mirroring),
        Message::RouteEvent(event) => route_event(line, event, shown),
        Message::RpkiConfig(config) => {
            cells(line, config.header(), "rpki config")?;
            rpki_words::config(line, config)
        }
        Message::RpkiValidation(route) => rpki_route(line, route, readable, shown, "validation"),
        Message::RpkiImpact(route) => rpki_route(line, route, readable, shown, "impact"),
        Message::Unknown(unknown) => {
            let word = words::message_type(unknown.message_type, code_points);
            cells(line, None, &word)?;
            write!(line, "{} octets", unknown.body.len())
        }
    }
}

fn peer(line: &mut String, header: &PeerHeader) -> fmt::Result {
    match header.address() {
        Some(address) => write!(line, "{address} AS{}", header.asn)?,
        // Its BGP identifier: a Loc-RIB has no peer.
        None => write!(line, "{}", std::net::Ipv4Addr::from(header.bgp_id))?,
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
    shown: usize,
) -> fmt::Result {
    let header = &message.header;
    view_cells(line, Some(header), Some(header.rib()), "routes")?;
    match Update::decode(&mut Cursor::new(message.update), context) {
        Ok(update) => routes(line, &update, shown)?,
        Err(error) => write!(line, " {error}")?,
    }
    tlv_words::indexed(line, message)?;
    match message.trailing.len() {
        0 => Ok(()),
        octets => write!(line, "; trailing ({octets} octets)"),
    }
}

fn route_event(line: &mut String, event: &RouteEvent<'_>, shown: usize) -> fmt::Result {
    cells(line, event.header.as_ref(), "event")?;
    write!(line, "{}:", words::joined(event.reasons(), " "))?;
    let (context, _) = event.context();
    let pdu = event.update.unwrap_or_default();
    if let Ok(update) = Update::decode(&mut Cursor::new(pdu), &context) {
        routes(line, &update, shown)?;
    }
    event::words(line, event)
}

fn rpki_route(
    line: &mut String,
    route: &RpkiRoute<'_>,
    readable: &Readable<'_>,
    shown: usize,
    what: &str,
) -> fmt::Result {
    let header = &route.header;
    view_cells(
        line,
        Some(header),
        Some(header.rib()),
        &format!("rpki {what}"),
    )?;
    let update = route
        .update
        .map(|pdu| Update::decode(&mut Cursor::new(pdu), &readable.context));
    match update {
        Some(Ok(update)) => routes(line, &update, shown)?,
        Some(Err(error)) => write!(line, " {error}")?,
        None => write!(line, " no BGP message")?,
    }
    rpki_words::route(line, route, &readable.context, shown)
}

pub(super) fn routes(line: &mut String, update: &Update<'_>, shown: usize) -> fmt::Result {
    if let Some(family) = update.end_of_rib() {
        return write!(line, " end of RIB {family}");
    }
    list(line, '-', update.withdrawn().flatten(), shown)?;
    list(line, '+', update.announced().flatten(), shown)?;
    let attributes = update.path_attributes();
    if let Some(path) = &attributes.effective_path() {
        write!(line, " [{}]", words::as_path(path))?;
    }
    if let Some(next_hop) = words::next_hop(&attributes, update.has_own_nlri()) {
        write!(line, " via {next_hop}")?;
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

fn list<'a>(
    line: &mut String,
    sign: char,
    routes: impl Iterator<Item = Nlri<'a>>,
    shown: usize,
) -> fmt::Result {
    let mut left = 0;
    for (index, nlri) in routes.enumerate() {
        if index >= shown {
            left += 1;
            continue;
        }
        write!(line, " {sign}{}", words::route(&nlri))?;
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

fn statistics(
    line: &mut String,
    report: &StatisticsReport<'_>,
    code_points: &CodePoints,
) -> fmt::Result {
    cells(line, Some(&report.header), "statistics")?;
    for statistic in report.statistics().flatten() {
        let number = statistic.statistic_type.0 & code_bits(statistic.enterprise);
        match StatisticType(number).of_draft(statistic.enterprise, code_points) {
            Some(of_draft) => write!(line, " {}", of_draft.name())?,
            None => write!(line, " {}", statistic.statistic_type)?,
        }
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
    cells(line, Some(&down.header), "peer down")?;
    write!(line, "{}", down.reason)?;
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
    cells(line, Some(&up.header), "peer up")?;
    if let Some(name) = up.table_name() {
        write!(line, "table {name}; ")?;
    }
    let opens = [("sent", up.sent_open), ("received", up.received_open)];
    let opens = opens.map(|(side, pdu)| (side, Open::decode(&mut Cursor::new(pdu)).ok()));
    let opens = opens
        .iter()
        .filter_map(|(side, open)| Some((side, open.as_ref()?)));
    // What is the longest comes last: on a terminal it is cut.
    for (side, open) in opens.clone() {
        write!(line, "{side} AS{} hold {}; ", open.asn(), open.hold_time)?;
    }
    for (side, open) in opens {
        write!(line, "{side} [{}]; ", capabilities(open))?;
    }
    line.truncate(line.trim_end_matches("; ").len());
    tlv_words::plain(line, up.tlvs().flatten())
}

/// The words of the capabilities, each run of one kind once: there is one per address family.
fn capabilities(open: &Open) -> String {
    let mut codes: Vec<_> = open.capabilities().iter().map(|one| one.code).collect();
    codes.dedup();
    words::joined(codes.into_iter(), " ")
}

fn information(
    line: &mut String,
    initiation: &bmp::Initiation<'_>,
    code_points: &CodePoints,
) -> fmt::Result {
    cells(line, None, "initiation")?;
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
    cells(line, Some(&mirroring.header), "mirror")?;
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
