//! How each BMP session is protected, and whether its signatures hold: what was watched of its
//! connection, judged by the texts (draft-ietf-grow-bmp-tcp-ao, RFC 5925).
//!
//! | File | Subject |
//! |---|---|
//! | `rows` | the shapes of the answer |
//! | `select` | which connections are sessions, and which might be |
//! | `direction` | one direction, changes of key, liveness |
//! | `violations`, `lingering` | what should not be |
//! | `advice` | what follows |

mod advice;
mod direction;
mod lingering;
mod rows;
mod select;
mod violations;

pub use rows::{
    Auth, AuthEnd, AuthRouter, AuthRow, Carries, DirectionRow, Handshake, IpsecRow, KeyIdRow,
    KeyRunRow, LivenessRow, PlaceRow, Require, RolloverRow, SideLivenessRow, TlsRow, VerdictRow,
    ViolationRow, Who,
};

use super::shape::ProtectionWord;
use crate::auth::Keys;
use crate::auth::watch::{Content, DirectionFacts, Protections, Watched};
use crate::net::Endpoint;
use crate::session::Session;
use crate::time::Timestamp;
use crate::tls::{CipherSuite, Outcome, TlsFacts, version_name};
use select::Chosen;
use std::net::IpAddr;

/// What an answer is made from, beside sessions.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What was watched.
    pub protections: &'a Protections,
    /// The keys that were given.
    pub keys: &'a Keys,
    /// TCP ports on which everything is taken for BMP.
    pub ports: &'a [u16],
    /// What every session has to be protected with.
    pub require: Option<Require>,
    /// The inputs' paths, by number.
    pub files: &'a [String],
    /// The time of the last packet.
    pub last_time: Option<Timestamp>,
    /// Whether connections of a router are asked for of which nothing but its address is known.
    pub wants_router: &'a dyn Fn(Option<IpAddr>) -> bool,
}

/// A connection with its roles.
struct View<'a> {
    watched: &'a Watched,
    /// The router's side: 0 opened the connection.
    router: usize,
    /// The listening end has signed sessions.
    is_to_signed_listener: bool,
}

/// Judges how sessions are protected.
pub fn auth(sessions: &[Session], context: &Context<'_>) -> Auth {
    let Chosen {
        readable,
        unreadable,
        other,
    } = select::choose(sessions, context);
    let mut rows: Vec<AuthRow> = sessions
        .iter()
        .map(|session| {
            let place = readable.iter().find(|(id, _)| *id == session.id);
            match place {
                Some((_, view)) => row(Some(session), view, context),
                None => without_tcp(session),
            }
        })
        .collect();
    rows.extend(unreadable.iter().map(|view| row(None, view, context)));
    rows.extend(select::esp_rows(sessions, context));
    let is_asked = |row: &AuthRow| is_asked(row.router.address, sessions, context);
    rows.retain(|row| row.id.is_some() || is_asked(row));
    lingering::tell(&mut rows, sessions, (&readable, &unreadable), context);
    for row in &mut rows {
        row.meets = meets(row, context.require);
    }
    let is_met = rows.iter().all(|row| row.meets != Some(false));
    Auth {
        require: context.require,
        met: context.require.map(|_| is_met),
        sessions: rows,
        other: other
            .iter()
            .map(|view| row(None, view, context))
            .filter(is_asked)
            .collect(),
        ipsec: select::ipsec_rows(sessions, context),
    }
}

/// Whether what goes from or to an address is asked for: by the address, or because a session of the same
/// router is.
fn is_asked(address: Option<IpAddr>, sessions: &[Session], context: &Context<'_>) -> bool {
    let mut routers = sessions.iter().filter_map(|session| session.router_address);
    (context.wants_router)(address) || address.is_some_and(|one| routers.any(|other| one == other))
}

/// A connection that never came about is no session. A signature that fails protects nothing, and one
/// that was not captured proves nothing: nor does a bare stream, which has no TCP to look at.
fn meets(row: &AuthRow, require: Option<Require>) -> Option<bool> {
    let require = require?;
    if row.id.is_none() && row.carries == Carries::Nothing {
        return None;
    }
    let directions = [&row.router_to_station, &row.station_to_router];
    let is_doubtful = directions
        .into_iter()
        .flatten()
        .any(|direction| direction.failed > 0 || direction.options_not_captured > 0);
    let holds =
        |protection: &&ProtectionWord| **protection != ProtectionWord::TcpAo || !is_doubtful;
    let mut whole = row.whole.iter().filter(holds);
    Some(whole.any(|protection| require.is_met_by(*protection)))
}

fn row(session: Option<&Session>, view: &View<'_>, context: &Context<'_>) -> AuthRow {
    let watched = view.watched;
    let (router, station) = (view.end(Who::Router), view.end(Who::Station));
    let changes = watched.rollovers.all.iter();
    let mut row = AuthRow {
        id: session.map(|session| session.id),
        router: AuthRouter {
            address: Some(router.address),
            port: Some(router.port),
            sys_name: session.and_then(|session| session.router.sys_name.clone()),
        },
        station: Some(AuthEnd {
            address: station.address,
            port: Some(station.port),
        }),
        first_time: watched.first.time,
        last_time: watched.last.time,
        carries: carries(session, watched),
        protection: Some(protection(watched)),
        whole: sound(watched),
        meets: None,
        handshake: Some(handshake(watched)),
        router_to_station: Some(direction::direction(view.direction(Who::Router), context)),
        station_to_router: Some(direction::direction(view.direction(Who::Station), context)),
        rollovers: changes
            .map(|change| direction::rollover(change, view, context))
            .collect(),
        violations: violations::violations(view, context),
        liveness: Some(direction::liveness(view, context)),
        tls: tls(view),
        advice: Vec::new(),
    };
    let ipsec = &context.protections.ipsec;
    if !(row.carries == Carries::Nothing && view.is_held_by_old(context)) {
        row.advice = advice::advice(&row, ipsec.has_esp_between(router.address, station.address));
    }
    row
}

/// A session that came without packets: there is nothing to look at.
fn without_tcp(session: &Session) -> AuthRow {
    AuthRow {
        id: Some(session.id),
        router: AuthRouter {
            address: session.router_address,
            port: session.router_end.map(|end| end.port),
            sys_name: session.router.sys_name.clone(),
        },
        station: session.station_end.map(|end| AuthEnd {
            address: end.address,
            port: Some(end.port),
        }),
        first_time: session.timeline.first.and_then(|moment| moment.time),
        last_time: session.timeline.last.and_then(|moment| moment.time),
        carries: Carries::Bmp,
        protection: None,
        whole: Vec::new(),
        meets: None,
        handshake: None,
        router_to_station: None,
        station_to_router: None,
        rollovers: Vec::new(),
        violations: Vec::new(),
        liveness: None,
        tls: None,
        advice: Vec::new(),
    }
}

fn carries(session: Option<&Session>, watched: &Watched) -> Carries {
    match (session, watched.content) {
        (Some(_), _) => Carries::Bmp,
        (None, Content::Bgp) => Carries::Bgp,
        (None, _) if watched.tls.is_some() => Carries::Tls,
        (None, Content::Nothing) if has_data(watched) => Carries::NotCaptured,
        (None, Content::Nothing) => Carries::Nothing,
        (None, Content::Unknown) => Carries::Unknown,
    }
}

/// Data went over it, captured or not.
fn has_data(watched: &Watched) -> bool {
    watched.directions.iter().any(|facts| facts.octets > 0)
}

/// What protects a connection, as far as its options were captured. Unsigned segments that nobody believed, and RSTs of an end that has
/// lost its keys, do not change it: they are told as violations.
fn protection(watched: &Watched) -> ProtectionWord {
    let has =
        |count: fn(&DirectionFacts) -> u64| watched.directions.iter().any(|facts| count(facts) > 0);
    let met = [
        watched.tls.is_some(),
        has(|facts| facts.ao),
        has(|facts| facts.md5),
        has(|facts| facts.ah),
    ];
    match (
        met.iter().filter(|is_met| **is_met).count(),
        whole(watched).as_slice(),
    ) {
        (0, _) if has(|facts| facts.unseen) => ProtectionWord::Unknown,
        (0, _) => ProtectionWord::None,
        (1, [protection]) => *protection,
        _ => ProtectionWord::Mixed,
    }
}

/// The protections that every segment has: a connection may have TCP-AO, and TLS in it, and AH around.
fn whole(watched: &Watched) -> Vec<ProtectionWord> {
    let all = |is_on_all: fn(&DirectionFacts) -> bool| watched.directions.iter().all(is_on_all);
    let is_ao = all(|facts| facts.md5 == 0 && unsigned(facts) == 0);
    let is_md5 = all(|facts| facts.ao == 0 && unsigned(facts) == 0);
    let protections = [
        (watched.tls.is_some(), ProtectionWord::Tls),
        (watched.is_signed() && is_ao, ProtectionWord::TcpAo),
        (watched.is_signed() && is_md5, ProtectionWord::TcpMd5),
        (
            all(|facts| facts.ah == facts.segments),
            ProtectionWord::IpsecAh,
        ),
    ];
    let found = protections.into_iter().filter(|(is_on_all, _)| *is_on_all);
    found.map(|(_, protection)| protection).collect()
}

/// The protections of which every segment has one that authenticates it: receivers throw away what
/// has several TCP-AO options, or one that is malformed (RFC 5925 2.2), and without a MAC none is.
fn sound(watched: &Watched) -> Vec<ProtectionWord> {
    let mut whole = whole(watched);
    let is_unsound = watched.directions.iter().any(|facts| {
        let broken = [
            &facts.several_ao,
            &facts.several_md5,
            &facts.malformed,
            &facts.without_mac,
        ];
        broken.iter().any(|tally| tally.count > 0)
    });
    if is_unsound {
        let is_signature =
            |word: &ProtectionWord| matches!(word, ProtectionWord::TcpAo | ProtectionWord::TcpMd5);
        whole.retain(|word| !is_signature(word));
    }
    whole
}

/// Segments of a direction that had no signature and may have been believed: those that were, and those
/// that leave no trace of what became of them, such as bare ACKs.
fn unsigned(facts: &DirectionFacts) -> u64 {
    let ignored = [&facts.unsigned, &facts.unsigned_syn].map(|unsigned| unsigned.not_accepted);
    let ignored = ignored.iter().sum::<u64>() + facts.unsigned_rst.segments;
    facts.unsigned_segments().saturating_sub(ignored)
}

fn handshake(watched: &Watched) -> Handshake {
    let [opener, answerer] = &watched.directions;
    let [before, answered_before] = watched.has_unasked_syn;
    let is_answered = answerer.syn.count > 0 || answered_before;
    match (opener.syn.count > 0 || before, is_answered) {
        (true, true) => Handshake::Complete,
        (false, true) => Handshake::SynAckOnly,
        (true, false) if is_unanswered(opener, answerer) => Handshake::Unanswered,
        (true, false) if is_refused(opener, answerer) => Handshake::Refused,
        (true, false) => Handshake::SynOnly,
        (false, false) => Handshake::NotCaptured,
    }
}

/// One end sent SYNs and nothing else came of it: where it goes on, one direction was not captured.
fn is_unanswered(opener: &DirectionFacts, answerer: &DirectionFacts) -> bool {
    answerer.segments == 0 && opener.syn.count + opener.rst.count == opener.segments
}

/// RSTs alone answer the SYNs of one end.
fn is_refused(opener: &DirectionFacts, answerer: &DirectionFacts) -> bool {
    let are_resets = answerer.segments > 0 && answerer.rst.count == answerer.segments;
    are_resets && opener.syn.count + opener.rst.count == opener.segments
}

fn tls(view: &View<'_>) -> Option<TlsRow> {
    let facts: &TlsFacts = view.watched.tls.as_ref()?;
    let suite = facts.cipher_suite.map(CipherSuite);
    let decrypted = view.watched.decrypted;
    Some(TlsRow {
        version: facts.version.map(version_name),
        offered: facts.offered.map(version_name),
        cipher_suite: facts.cipher_suite.map(|suite| format!("0x{suite:04x}")),
        cipher_suite_name: suite.and_then(CipherSuite::word),
        decryption: decrypted.map(Outcome::word),
        not_decrypted_because: decrypted.and_then(Outcome::reason),
        server_name: facts.server_name.clone(),
        alpn: facts.alpn.clone(),
        server_names: facts.server_names.clone(),
        client_names: facts.client_names.clone(),
        client: facts.client.map(|side| view.who(side)),
    })
}

impl<'a> View<'a> {
    /// Who has a side.
    fn who(&self, side: usize) -> Who {
        match side == self.router {
            true => Who::Router,
            false => Who::Station,
        }
    }

    fn side(&self, who: Who) -> usize {
        match who {
            Who::Router => self.router,
            Who::Station => usize::from(self.router == 0),
        }
    }

    /// What one end sent.
    fn direction(&self, who: Who) -> &'a DirectionFacts {
        let [opener, answerer] = &self.watched.directions;
        match self.side(who) {
            0 => opener,
            _ => answerer,
        }
    }

    /// The end that does not answer still sends segments of the connection that these ports had
    /// before: the challenge ACKs of RFC 5961 4.
    fn is_held_by_old(&self, context: &Context<'_>) -> bool {
        let all = context.protections.connections.iter();
        let began = self.watched.first;
        let mut old = all.filter(|old| old.ends == self.watched.ends && old.first.is_before(began));
        old.any(|old| {
            let [_, answerer] = &old.directions;
            answerer.last.is_some_and(|last| began.is_before(last))
        })
    }

    /// An end's address and port.
    fn end(&self, who: Who) -> Endpoint {
        let [opener, answerer] = self.watched.ends;
        match self.side(who) {
            0 => opener,
            _ => answerer,
        }
    }
}
