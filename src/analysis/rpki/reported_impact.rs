//! What validation changed, as routers report it in RPKI_IMPACT messages: routes that were demoted and
//! promoted, each beside its alternate, and which two of them are one change.

use super::path::PathSegment;
use super::routes::{RouteKey, View};
use super::told::{Alternate, RuleRow, SaidAction, SaidState, Saying, SayingKind, SourceTypes};
use crate::analysis::shape::PeerName;
use crate::bmp::Rib;
use crate::bmp::rpki::{ImpactDirection, ValidationType};
use crate::net::{Family, Prefix};
use crate::session::Session;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

/// Impacts that are kept. Further ones are counted and left out.
const KEPT: usize = 1 << 20;

/// Rules and actions that are kept of all rows together: one TLV may speak of all routes of its message.
const DETAILS: usize = 1 << 20;

/// Two impacts further apart than this, in seconds, are not one change.
const APART: f64 = 60.0;

/// Impacts in the order of the capture.
#[derive(Debug, Default)]
pub struct Impacts {
    list: Vec<Saying>,
    /// The types of data sources.
    pub sources: SourceTypes,
    left_out: u64,
}

impl Impacts {
    /// Takes the next of what messages say; what is no impact counts for nothing.
    pub fn add(&mut self, saying: Saying) {
        match saying.kind {
            SayingKind::RpkiImpact if self.list.len() < KEPT => self.list.push(saying),
            SayingKind::RpkiImpact => self.left_out += 1,
            SayingKind::RpkiValidation | SayingKind::RouteEvent => {}
        }
    }

    /// Impacts that found no room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// What validation changed for one route, as its router reports it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReportedImpactRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// The peer that the route is from.
    pub peer: PeerName,
    /// The RIB view.
    pub rib: Rib,
    /// Address family.
    pub afi: String,
    /// Subsequent address family.
    pub safi: String,
    /// What became of the route; null where the message does not say it.
    pub direction: Option<ImpactDirection>,
    /// The prefix.
    pub prefix: String,
    /// The path identifier.
    pub path_id: Option<u32>,
    /// The AS that originated it; null: its path ends in an AS_SET, or it is the router's own.
    pub origin: Option<u32>,
    /// Its AS path.
    pub as_path: Arc<Vec<PathSegment>>,
    /// Its next hop.
    pub next_hop: Option<IpAddr>,
    /// Its state; null where the message does not say it.
    pub state: Option<SaidState>,
    /// The kinds of validation that it went through.
    pub types: Vec<ValidationType>,
    /// Every rule that it hit.
    pub rules: Vec<RuleRow>,
    /// What was done with it.
    pub actions: Vec<SaidAction>,
    /// Further rules and actions, which found no room: of all rows together, a million do.
    pub left_out: u64,
    /// Of a demoted route: the best route now; of a promoted one: the best route without validation. Null:
    /// there is no other.
    pub alternate: Option<AlternateRow>,
    /// The place in this list of the other half of the same change: of a demoted route the promoted one
    /// that is its alternate, and the reverse.
    pub paired_with: Option<usize>,
    /// When the message was captured.
    pub time: Option<Timestamp>,
    /// The file's path.
    pub file: Option<String>,
    /// The packet's number in its file.
    pub packet: Option<u64>,
}

/// An alternate route.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct AlternateRow {
    /// Its prefix; null where its UPDATE cannot be read.
    pub prefix: Option<String>,
    /// The AS that originated it; null: its path ends in an AS_SET, or it is the router's own.
    pub origin: Option<u32>,
    /// Its AS path.
    pub as_path: Arc<Vec<PathSegment>>,
    /// Its next hop.
    pub next_hop: Option<IpAddr>,
    /// Its state; null where the message does not say it.
    pub state: Option<SaidState>,
}

/// What routers report, in the order of the capture.
pub fn reported(impacts: &Impacts, sessions: &[Session]) -> Vec<ReportedImpactRow> {
    let shown: Vec<(&Saying, &Session, PeerName)> = impacts
        .list
        .iter()
        .filter_map(|saying| {
            let id = saying.view.session;
            // Sessions are in the order of their numbers.
            let place = sessions.binary_search_by_key(&id, |session| session.id);
            let session = sessions.get(place.ok()?)?;
            let peer = session.peers.get(saying.view.peer as usize)?;
            Some((saying, session, PeerName::of(peer)))
        })
        .collect();
    let paired = pairs(shown.iter().map(|(saying, session, _)| (*saying, *session)));
    let mut room = DETAILS;
    let rows = shown.into_iter().enumerate();
    rows.map(|(place, (saying, session, peer))| ReportedImpactRow {
        paired_with: paired.get(&place).copied(),
        ..row(saying, session, peer, &impacts.sources, &mut room)
    })
    .collect()
}

/// What is said of a route, where many share it and there still is room.
fn taken<T>(all: impl Iterator<Item = T>, room: &mut usize) -> (Vec<T>, u64) {
    let mut all = all;
    let taken: Vec<T> = all.by_ref().take(*room).collect();
    *room -= taken.len();
    (taken, all.count() as u64)
}

fn row(
    saying: &Saying,
    session: &Session,
    peer: PeerName,
    sources: &SourceTypes,
    room: &mut usize,
) -> ReportedImpactRow {
    let (words, key) = (&saying.words, saying.key);
    let family = family(key.prefix);
    let types = words.types().into_iter().flat_map(|types| types.types());
    let rules = words.rules().map(|rule| {
        let listed = || sources.of(session.id, rule.source_id);
        RuleRow::of(rule, rule.source_type.or_else(listed))
    });
    let (rules, more_rules) = taken(rules, room);
    let (actions, more_actions) = taken(words.actions().cloned(), room);
    ReportedImpactRow {
        session: session.id,
        router: session.router_address,
        router_name: session.router.sys_name.clone(),
        peer,
        rib: saying.view.rib,
        afi: family.afi_word(),
        safi: family.safi_word(),
        direction: words.direction(),
        prefix: key.prefix.to_string(),
        path_id: key.path_id,
        origin: saying.attributes.origin(),
        as_path: Arc::clone(&saying.attributes.as_path),
        next_hop: next_hop(saying),
        state: words.state(),
        types: types.collect(),
        rules,
        actions,
        left_out: more_rules + more_actions,
        alternate: words.alternate().map(|one| alternate(one, saying)),
        paired_with: None,
        time: saying.place.time,
        file: saying.place.file.clone(),
        packet: saying.place.packet,
    }
}

fn family(prefix: Prefix) -> Family {
    match prefix.address.is_ipv4() {
        true => Family::IPV4_UNICAST,
        false => Family::IPV6_UNICAST,
    }
}

fn next_hop(saying: &Saying) -> Option<IpAddr> {
    let is_ipv4 = saying.key.prefix.address.is_ipv4();
    saying.attributes.next_hop(is_ipv4)
}

fn alternate(alternate: &Alternate, saying: &Saying) -> AlternateRow {
    let prefix = alternate.prefix(saying.key.prefix);
    let is_ipv4 = prefix.unwrap_or(saying.key.prefix).address.is_ipv4();
    let is_path = saying.words.is_path();
    let attributes = &alternate.attributes;
    AlternateRow {
        prefix: prefix.map(|prefix| prefix.to_string()),
        origin: attributes.origin(),
        as_path: Arc::clone(&attributes.as_path),
        next_hop: attributes.next_hop(is_ipv4),
        state: alternate.state.map(|state| SaidState { state, is_path }),
    }
}

/// What makes two routes the same to a person who compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Identity<'a> {
    session: u32,
    rib: Rib,
    /// The table of routes that they are in: VRFs have their own.
    distinguisher: u64,
    prefix: Prefix,
    as_path: &'a [PathSegment],
    next_hop: Option<IpAddr>,
}

/// Which impacts are halves of one change: the alternate of the demoted route is the promoted one, and
/// that of the promoted one, if told, the demoted one.
fn pairs<'a>(
    impacts: impl Iterator<Item = (&'a Saying, &'a Session)> + Clone,
) -> HashMap<usize, usize> {
    let mut promoted: HashMap<Identity<'_>, BTreeSet<usize>> = HashMap::new();
    let all: Vec<(&Saying, &Session)> = impacts.collect();
    for (place, (saying, session)) in all.iter().enumerate() {
        if saying.words.direction() == Some(ImpactDirection::PROMOTED) {
            let places = promoted.entry(own_identity(saying, session)).or_default();
            places.insert(place);
        }
    }
    let mut paired = HashMap::new();
    for (place, (saying, session)) in all.iter().enumerate() {
        if saying.words.direction() != Some(ImpactDirection::DEMOTED) {
            continue;
        }
        let wanted = alternate_identity(saying, session);
        let Some(places) = wanted.and_then(|wanted| promoted.get_mut(&wanted)) else {
            continue;
        };
        let partner = near(places, place).into_iter().find(|partner| {
            let other = all.get(*partner);
            other.is_some_and(|other| fits((saying, session), *other))
        });
        if let Some(partner) = partner {
            places.remove(&partner);
            paired.insert(place, partner);
            paired.insert(partner, place);
        }
    }
    paired
}

fn own_identity<'a>(saying: &'a Saying, session: &Session) -> Identity<'a> {
    let attributes = &saying.attributes;
    identity(
        saying.view,
        saying.key,
        session,
        &attributes.as_path,
        next_hop(saying),
    )
}

fn alternate_identity<'a>(saying: &'a Saying, session: &Session) -> Option<Identity<'a>> {
    let alternate = saying.words.alternate()?;
    let prefix = alternate.prefix(saying.key.prefix)?;
    let attributes = &alternate.attributes;
    let next_hop = attributes.next_hop(prefix.address.is_ipv4());
    let key = RouteKey {
        prefix,
        path_id: None,
    };
    let as_path = &attributes.as_path;
    Some(identity(saying.view, key, session, as_path, next_hop))
}

fn identity<'a>(
    view: View,
    key: RouteKey,
    session: &Session,
    as_path: &'a [PathSegment],
    next_hop: Option<IpAddr>,
) -> Identity<'a> {
    let peer = session.peers.get(view.peer as usize);
    let distinguisher = peer.map_or(0, |peer| u64::from_be_bytes(peer.distinguisher.0));
    Identity {
        session: view.session,
        rib: view.rib,
        distinguisher,
        prefix: key.prefix,
        as_path,
        next_hop,
    }
}

/// Places that are looked at on each side.
const NEAR: usize = 4;

/// The places near this one, the nearest first.
fn near(places: &BTreeSet<usize>, place: usize) -> Vec<usize> {
    let before = places.range(..place).rev().take(NEAR);
    let after = places.range(place..).take(NEAR);
    let mut near: Vec<usize> = before.chain(after).copied().collect();
    near.sort_by_key(|one| one.abs_diff(place));
    near
}

/// The promoted route's own alternate does not say otherwise, and both are told at about the same time.
fn fits(demoted: (&Saying, &Session), promoted: (&Saying, &Session)) -> bool {
    let other = alternate_identity(promoted.0, promoted.1);
    let is_other = other.is_some_and(|other| other != own_identity(demoted.0, demoted.1));
    let times = demoted.0.place.time.zip(promoted.0.place.time);
    let is_apart = times.is_some_and(|(one, other)| one.seconds_since(other).abs() > APART);
    !is_other && !is_apart
}
