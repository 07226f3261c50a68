//! The validation state of a route, of its origin and of its path, as the impact of the RPKI looks at
//! it.

use super::attributes::Attributes;
use super::table::Standing;
use crate::analysis::rpki::routes::{PathOrigin, RouteKey, View};
use crate::analysis::rpki::rows::StateWord;
use crate::analysis::rpki::validation::{Data, own_as};
use crate::rpki::{Origin, OriginState, PathState};
use crate::session::Peer;

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
    own_as: u32,
}

impl<'a> Judge<'a> {
    pub(super) fn new(data: &'a Data, view: View, peer: &Peer) -> Judge<'a> {
        Judge {
            data,
            own_as: own_as(view, peer),
        }
    }

    /// A route with what is said of it.
    pub(super) fn standing<'r>(&self, key: RouteKey, attributes: &'r Attributes) -> Standing<'r> {
        let origin = match attributes.path.origin {
            PathOrigin::As(asn) => Origin::As(asn),
            PathOrigin::Own => Origin::As(self.own_as),
            PathOrigin::Set => Origin::None,
        };
        let verdict = Verdict {
            origin: self.data.vrps.validate(key.prefix, origin),
            path: None,
        };
        Standing {
            key,
            attributes,
            origin,
            verdict,
        }
    }
}
