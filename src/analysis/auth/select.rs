//! Which of the watched connections are BMP sessions, which go to the same ends or ports and cannot
//! be read, and which are signed or encrypted and may be anything.

use super::rows::{AuthEnd, AuthRouter, AuthRow, Carries, IpsecRow};
use super::{Context, ProtectionWord, View, is_asked, without_tcp};
use crate::auth::watch::{Content, IpsecFacts, IpsecKind, Watched};
use crate::net::Endpoint;
use crate::session::Session;
use crate::stream::Moment;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The connections, by what they are to the question.
pub(super) struct Chosen<'a> {
    /// With the numbers of their sessions.
    pub(super) readable: Vec<(u32, View<'a>)>,
    /// To where BMP goes, but not readable.
    pub(super) unreadable: Vec<View<'a>>,
    /// Signed or encrypted.
    pub(super) other: Vec<View<'a>>,
}

pub(super) fn choose<'a>(sessions: &[Session], context: &Context<'a>) -> Chosen<'a> {
    let all = &context.protections.connections;
    let is_session = |watched: &&Watched| watched.sessions != [None, None];
    let listeners: BTreeSet<Endpoint> = all.iter().filter(is_session).map(|w| w.ends[1]).collect();
    let signed = all
        .iter()
        .filter(is_session)
        .filter(|watched| watched.is_signed());
    let signed: BTreeSet<Endpoint> = signed.map(|watched| watched.ends[1]).collect();
    let view = |watched: &'a Watched, router: usize| View {
        watched,
        router,
        is_to_signed_listener: signed.contains(&watched.ends[1]),
    };
    let mut chosen = Chosen {
        readable: Vec::new(),
        unreadable: Vec::new(),
        other: Vec::new(),
    };
    for watched in all.iter().filter(|watched| watched.is_asked()) {
        let ids = watched.sessions.iter().enumerate();
        let ids: Vec<(usize, u32)> = ids.filter_map(|(side, id)| Some((side, (*id)?))).collect();
        for (side, id) in &ids {
            if sessions.iter().any(|session| session.id == *id) {
                chosen.readable.push((*id, view(watched, *side)));
            }
        }
        if !ids.is_empty() {
            continue;
        }
        let view = view(watched, router_side(watched, sessions, context));
        if is_expected(watched, &listeners, context) {
            chosen.unreadable.push(view);
        } else if watched.is_signed() || watched.tls.is_some() || has_ah(watched) {
            chosen.other.push(view);
        }
    }
    chosen
}

fn has_ah(watched: &Watched) -> bool {
    watched.directions.iter().any(|direction| direction.ah > 0)
}

/// It goes to where BMP goes: to an end that has a session, to a port asked for, between ends that
/// a key is for. A signed connection that never carried anything may have been meant for BMP.
fn is_expected(watched: &Watched, listeners: &BTreeSet<Endpoint>, context: &Context<'_>) -> bool {
    let [opener, answerer] = watched.ends;
    let has_port = [opener, answerer]
        .iter()
        .any(|end| context.ports.contains(&end.port));
    let is_nothing = watched.content == Content::Nothing;
    let may_be_signed = is_nothing || watched.is_signed();
    let has_key = may_be_signed
        && context
            .keys
            .keys
            .iter()
            .any(|key| key.is_for(opener, answerer));
    let may_be = is_nothing && watched.is_signed() && answerer.port != BGP;
    // BGP with the same keys is no BMP session.
    let is_bgp = watched.content == Content::Bgp;
    has_port || listeners.contains(&answerer) || (has_key && !is_bgp) || may_be
}

/// BGP's port (RFC 4271 8.2.1).
const BGP: u16 = 179;

/// The side that would be the router: not the one that is a station elsewhere, else the one that
/// opened the connection (RFC 7854 3.2 lets either do).
fn router_side(watched: &Watched, sessions: &[Session], context: &Context<'_>) -> usize {
    let [opener, answerer] = watched.ends;
    let is_station = |end: Endpoint| {
        let mut ends = sessions.iter().filter_map(|session| session.station_end);
        ends.any(|station| station.address == end.address)
    };
    let by_key = context.keys.keys.iter().find_map(|key| {
        let (router, station) = (key.router?, key.station?);
        let fits =
            |a: Endpoint, b: Endpoint| router.matches(a.address) && station.matches(b.address);
        match (fits(opener, answerer), fits(answerer, opener)) {
            (true, false) => Some(0),
            (false, true) => Some(1),
            _ => None,
        }
    });
    match (is_station(opener), is_station(answerer)) {
        (true, false) => 1,
        (false, true) => 0,
        _ => by_key.unwrap_or(0),
    }
}

/// The addresses of stations.
fn stations(sessions: &[Session]) -> BTreeSet<IpAddr> {
    let ends = sessions.iter().filter_map(|session| session.station_end);
    ends.map(|end| end.address).collect()
}

/// ESP between a BMP station and an address that has no session in clear: a session that cannot be read.
pub(super) fn esp_rows(sessions: &[Session], context: &Context<'_>) -> Vec<AuthRow> {
    let stations = stations(sessions);
    let mut found: BTreeMap<(IpAddr, IpAddr), Vec<&IpsecFacts>> = BTreeMap::new();
    for ((kind, source, destination), facts) in &context.protections.ipsec.rows {
        let pair = match (stations.contains(source), stations.contains(destination)) {
            (_, true) => (*source, *destination),
            (true, false) => (*destination, *source),
            (false, false) => continue,
        };
        let in_clear = sessions.iter().any(|session| {
            let station = session.station_end.map(|end| end.address);
            session.router_address == Some(pair.0) && station == Some(pair.1)
        });
        if kind.is_esp() && !in_clear {
            found.entry(pair).or_default().push(facts);
        }
    }
    let row = |((router, station), facts): ((IpAddr, IpAddr), Vec<&IpsecFacts>)| AuthRow {
        id: None,
        router: AuthRouter {
            address: Some(router),
            port: None,
            sys_name: None,
        },
        station: Some(AuthEnd {
            address: station,
            port: None,
        }),
        first_time: times(&facts).0,
        last_time: times(&facts).1,
        carries: Carries::Esp,
        protection: Some(ProtectionWord::IpsecEsp),
        whole: vec![ProtectionWord::IpsecEsp],
        ..without_tcp(&Session::new(0, None, None))
    };
    found.into_iter().map(row).collect()
}

fn times(facts: &[&IpsecFacts]) -> (Option<Timestamp>, Option<Timestamp>) {
    let first = facts
        .iter()
        .filter_map(|facts| facts.packets.first)
        .reduce(Moment::earlier);
    let last = facts
        .iter()
        .filter_map(|facts| facts.packets.last)
        .reduce(Moment::later);
    (
        first.and_then(|moment| moment.time),
        last.and_then(|moment| moment.time),
    )
}

/// All IPsec traffic.
pub(super) fn ipsec_rows(sessions: &[Session], context: &Context<'_>) -> Vec<IpsecRow> {
    let stations = stations(sessions);
    let is_asked = |address: &IpAddr| is_asked(Some(*address), sessions, context);
    let rows = context.protections.ipsec.rows.iter();
    let rows =
        rows.filter(|((_, source, destination), _)| is_asked(source) || is_asked(destination));
    let row =
        |((kind, source, destination), facts): (&(IpsecKind, IpAddr, IpAddr), &IpsecFacts)| {
            let (first_time, last_time) = times(&[facts]);
            IpsecRow {
                kind: kind.word().to_owned(),
                source: *source,
                destination: *destination,
                is_station: stations.contains(source) || stations.contains(destination),
                packets: facts.packets.count,
                spis: facts
                    .spis
                    .iter()
                    .map(|spi| format!("0x{spi:08x}"))
                    .collect(),
                first_time,
                last_time,
            }
        };
    rows.map(row).collect()
}
