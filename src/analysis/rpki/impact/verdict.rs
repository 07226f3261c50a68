//! The validation state of a route, of its origin and of its path, as the impact of the RPKI looks at
//! it.

use super::attributes::Attributes;
use super::table::Standing;
use crate::analysis::rpki::path_state::{Received, certain_path_state};
use crate::analysis::rpki::relation::Neighbour;
use crate::analysis::rpki::routes::{PathOrigin, RouteKey, View};
use crate::analysis::rpki::rows::StateWord;
use crate::analysis::rpki::validation::{Data, own_as};
use crate::rpki::{Origin, OriginState, PathState};
use crate::session::{Peer, Session};

/// The states of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Of its origin, by VRPs.
    pub(super) origin: OriginState,
    /// Of its path, by ASPAs, where they apply and the neighbour's role leaves no doubt.
    pub(super) path: Option<PathState>,
}

impl Verdict {
    /// By either.
    pub(super) fn is_invalid(self) -> bool {
        self.origin == OriginState::Invalid || self.path == Some(PathState::Invalid)
    }

    /// In one word: invalid if either is, else that of the origin.
    pub(super) fn word(self) -> StateWord {
        match self.is_invalid() {
            true => StateWord::Invalid,
            false => StateWord::of(self.origin),
        }
    }

    /// What is preferred by state: valid, then not found, then invalid.
    pub(super) fn rank(self) -> u8 {
        match self.word() {
            StateWord::Valid => 0,
            StateWord::NotFound => 1,
            _ => 2,
        }
    }
}

/// Validates the routes of one view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judge<'a> {
    data: &'a Data,
    received: Received,
}

impl<'a> Judge<'a> {
    pub(super) fn new(data: &'a Data, view: View, session: &Session, peer: &Peer) -> Judge<'a> {
        let received = Received {
            rib: view.rib,
            peer_as: peer.asn,
            neighbour: Neighbour::of(&data.relations, session, peer),
            own_as: own_as(view, peer),
        };
        Judge { data, received }
    }

    /// A route with what is said of it.
    pub(super) fn standing<'r>(&self, key: RouteKey, attributes: &'r Attributes) -> Standing<'r> {
        let origin = match attributes.path.origin {
            PathOrigin::As(asn) => Origin::As(asn),
            PathOrigin::Own => Origin::As(self.received.own_as),
            PathOrigin::Set => Origin::None,
        };
        let verdict = Verdict {
            origin: self.data.vrps.validate(key.prefix, origin),
            path: certain_path_state(&self.data.aspas, &self.received, &attributes.path.path),
        };
        Standing {
            key,
            attributes,
            origin,
            verdict,
        }
    }
}
