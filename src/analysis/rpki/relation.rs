//! What a neighbour is to the router (RFC 9234): as the OPENs of their session say, or as a person does.

use crate::bgp::Open;
use crate::bgp::capability::{CapabilityCode, CapabilityValue, RoleValue};
use crate::rpki::Direction;
use crate::session::{Peer, Session};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// What a person says of the neighbours with an AS number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The router's address or sysName; none: every router's neighbours.
    pub router: Option<String>,
    /// The neighbour's AS.
    pub asn: u32,
    /// The neighbour's role.
    pub neighbour: RoleValue,
}

/// Who says what a neighbour is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleSource {
    /// The OPEN that the router sent: its own role, which the neighbour's follows from.
    SentOpen,
    /// The OPEN that the neighbour sent.
    ReceivedOpen,
    /// A person: `--relation`.
    Relation,
}

/// A neighbour's role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Neighbour {
    /// The role and who says so; none: nobody does.
    pub role: Option<(RoleValue, RoleSource)>,
}

/// What became of a relation that a person gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RelationRow {
    /// The router's address or sysName, as given; null: any router.
    pub router: Option<String>,
    /// The neighbour's AS.
    pub asn: u32,
    /// The neighbour's role.
    pub neighbour: RoleValue,
    /// Peers that it decides for.
    pub peers: u64,
    /// Of these, peers whose OPENs say something else.
    pub contradicted: u64,
}

impl Relation {
    fn fits(&self, session: &Session, peer: &Peer) -> bool {
        let is_router = |router: &String| match router.parse::<IpAddr>() {
            Ok(address) => session.router_address == Some(address),
            Err(_) => {
                let name = session.router.sys_name.as_deref();
                name.is_some_and(|name| name.eq_ignore_ascii_case(router))
            }
        };
        self.asn == peer.asn && self.router.as_ref().is_none_or(is_router)
    }
}

/// The relation that decides for a peer: one that names its router goes before one that names none.
fn decides<'a>(relations: &'a [Relation], session: &Session, peer: &Peer) -> Option<&'a Relation> {
    let fitting = relations.iter().filter(|one| one.fits(session, peer));
    fitting.max_by_key(|one| one.router.is_some())
}

impl Neighbour {
    /// What a peer is to its router. A person's word goes before that of the OPENs.
    pub fn of(relations: &[Relation], session: &Session, peer: &Peer) -> Neighbour {
        let told = decides(relations, session, peer);
        let told = told.map(|one| (one.neighbour, RoleSource::Relation));
        Neighbour {
            role: told.or_else(|| by_opens(peer)),
        }
    }

    fn is(self, role: RoleValue) -> bool {
        self.role.is_some_and(|(own, _)| own == role)
    }

    /// From where its routes come: upstream and downstream, both where its role is not known.
    pub fn directions(self) -> impl Iterator<Item = Direction> {
        let up = !self.is(RoleValue::PROVIDER);
        let down = self.role.is_none() || !up;
        let directions = [(up, Direction::Upstream), (down, Direction::Downstream)];
        let directions = directions.into_iter().filter(|(holds, _)| *holds);
        directions.map(|(_, direction)| direction)
    }

    /// Whether it stands first in the paths that it sends: not a route server, which leaves itself out.
    pub fn stands_first(self) -> bool {
        !self.is(RoleValue::ROUTE_SERVER)
    }
}

/// What became of each relation.
pub fn relation_rows(relations: &[Relation], sessions: &[Session]) -> Vec<RelationRow> {
    let row = |relation: &Relation| {
        let mut row = RelationRow {
            router: relation.router.clone(),
            asn: relation.asn,
            neighbour: relation.neighbour,
            peers: 0,
            contradicted: 0,
        };
        for session in sessions {
            for peer in &session.peers {
                if decides(relations, session, peer) == Some(relation) {
                    let opens = by_opens(peer);
                    row.peers += 1;
                    row.contradicted +=
                        u64::from(opens.is_some_and(|(role, _)| role != relation.neighbour));
                }
            }
        }
        row
    };
    relations.iter().map(row).collect()
}

/// "the local AS" of a role is that of the OPEN's sender (RFC 9234 4.1).
fn by_opens(peer: &Peer) -> Option<(RoleValue, RoleSource)> {
    let (sent, received) = peer.opens.as_deref()?;
    let sent = role(sent).and_then(counterpart);
    let sent = sent.map(|role| (role, RoleSource::SentOpen));
    // A role without a counterpart is none that anything follows from.
    let received = || role(received).filter(|role| counterpart(*role).is_some());
    sent.or_else(|| received().map(|role| (role, RoleSource::ReceivedOpen)))
}

/// The role that the sender of an OPEN says it has.
fn role(open: &Open) -> Option<RoleValue> {
    let mut values = open.values(CapabilityCode::ROLE);
    values.find_map(|value| match value {
        CapabilityValue::Role(role) => Some(role.role),
        _ => None,
    })
}

/// The other side of a role: the pairs that RFC 9234 4.2 allows.
fn counterpart(role: RoleValue) -> Option<RoleValue> {
    match role {
        RoleValue::PROVIDER => Some(RoleValue::CUSTOMER),
        RoleValue::CUSTOMER => Some(RoleValue::PROVIDER),
        RoleValue::ROUTE_SERVER => Some(RoleValue::ROUTE_SERVER_CLIENT),
        RoleValue::ROUTE_SERVER_CLIENT => Some(RoleValue::ROUTE_SERVER),
        RoleValue::PEER => Some(RoleValue::PEER),
        _ => None,
    }
}
