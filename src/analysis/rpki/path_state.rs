//! The state of a route's path by ASPAs, from the side from which the router received it.

use super::rows::PathStateRow;
use crate::bgp::Open;
use crate::bgp::capability::{CapabilityCode, CapabilityValue};
use crate::bmp::Rib;
use crate::rpki::{AspaTable, Direction, Path, PathState};
use crate::session::Peer;

/// Where routes were received.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// In which view they are shown.
    pub rib: Rib,
    /// From whom.
    pub peer: &'a Peer,
    /// By which AS.
    pub own_as: u32,
}

/// Roles of RFC 9234 4.1.
const RS_CLIENT: u8 = 2;
const CUSTOMER: u8 = 3;

/// "eBGP ingress only" (draft-ietf-sidrops-aspa-verification-28 5).
pub fn path_state(aspas: &AspaTable, received: &Received<'_>, path: &Path) -> Option<PathStateRow> {
    let is_in = matches!(received.rib, Rib::AdjRibInPre | Rib::AdjRibInPost);
    if aspas.is_empty() || !is_in || received.own_as == received.peer.asn {
        return None;
    }
    let path = path.without_own(received.own_as);
    let role = received
        .peer
        .opens
        .as_ref()
        .and_then(|opens| role(&opens.0));
    // A client of a route server does not see its server in the path.
    let neighbour = (role != Some(RS_CLIENT)).then_some(received.peer.asn);
    let state = |direction| -> PathState { aspas.verify(&path, neighbour, direction) };
    Some(PathStateRow {
        upstream: (role != Some(CUSTOMER)).then(|| state(Direction::Upstream)),
        downstream: role
            .is_none_or(|role| role == CUSTOMER)
            .then(|| state(Direction::Downstream)),
    })
}

/// The role that the sender of an OPEN says it has.
fn role(open: &Open) -> Option<u8> {
    let mut values = open.values(CapabilityCode::ROLE);
    values.find_map(|value| match value {
        CapabilityValue::Role(role) => Some(role.role.0),
        _ => None,
    })
}
