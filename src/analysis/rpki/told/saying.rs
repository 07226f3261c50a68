//! All that one message says of one route.

use super::{Alternate, Part, SaidAction, SaidRule, SaidState};
use crate::analysis::rpki::path::{NextHops, PathSegment, path_segments};
use crate::analysis::rpki::routes::{RouteKey, RoutePath, View};
use crate::bgp::attribute::{PathAttributes, SegmentType};
use crate::bmp::rpki::{ImpactDirection, RouteState, ValidationTypes};
use crate::bmp::v4::event::{ValidationFail, ValidationReason};
use crate::finding::Place;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;
use std::sync::Arc;

/// Which message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SayingKind {
    /// RPKI_VALIDATION.
    RpkiValidation,
    /// RPKI_IMPACT.
    RpkiImpact,
    /// A Route Event of REL.
    RouteEvent,
}

impl SayingKind {
    /// What the kind of message is called.
    pub fn name(self) -> &'static str {
        match self {
            SayingKind::RpkiValidation => "RPKI_VALIDATION",
            SayingKind::RpkiImpact => "RPKI_IMPACT",
            SayingKind::RouteEvent => "Route Event",
        }
    }
}

/// What one message says of one route.
#[derive(Debug, Clone)]
pub struct Saying {
    /// Which message.
    pub kind: SayingKind,
    /// Of which view.
    pub view: View,
    /// Of which route.
    pub key: RouteKey,
    /// What it says.
    pub words: Words,
    /// The route's attributes.
    pub attributes: Arc<Attributes>,
    /// Where it stands.
    pub place: Arc<Place>,
}

/// What is said, from what is said of the route alone to what is said of all routes of the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub Box<[Arc<Part>]>);

impl Words {
    /// The first that any part has.
    fn first<T>(&self, get: impl Fn(&Part) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(|part| get(part))
    }

    /// The state.
    pub fn state(&self) -> Option<SaidState> {
        let state = self.first(|part| part.state)?;
        let is_path = self.is_path();
        Some(SaidState { state, is_path })
    }

    /// A further state that is said of the same routes.
    pub fn other_state(&self) -> Option<RouteState> {
        let told = self.0.iter().find(|part| part.state.is_some());
        told.and_then(|part| part.other_state)
    }

    /// The path alone was validated.
    pub fn is_path(&self) -> bool {
        self.types().is_some_and(ValidationTypes::is_path_alone)
    }

    /// The kinds of validation.
    pub fn types(&self) -> Option<ValidationTypes> {
        self.first(|part| part.types)
    }

    /// Every rule.
    pub fn rules(&self) -> impl Iterator<Item = &SaidRule> {
        self.0.iter().flat_map(|part| &part.rules)
    }

    /// How many rules there are.
    pub fn rule_count(&self) -> usize {
        self.0.iter().map(|part| part.rules.len()).sum()
    }

    /// A rule that is not valid.
    pub fn rule_not_valid(&self) -> Option<&SaidRule> {
        let mut parts = self.0.iter();
        parts.find_map(|part| part.rules.get(part.not_valid?))
    }

    /// Some rule is invalid.
    pub fn has_invalid_rule(&self) -> bool {
        self.0.iter().any(|part| part.has_invalid)
    }

    /// Some rule is not a ROA's: more than the origin was validated.
    pub fn has_other_than_roa(&self) -> bool {
        self.0.iter().any(|part| part.has_other)
    }

    /// When the first of the rules expires.
    pub fn expires(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|part| part.expires).min()
    }

    /// Which validations failed.
    pub fn fails(
        &self,
    ) -> impl Iterator<Item = (ValidationFail, Option<ValidationReason>)> + use<'_> {
        self.0.iter().flat_map(|part| &part.fails).copied()
    }

    /// What became of the route.
    pub fn direction(&self) -> Option<ImpactDirection> {
        self.first(|part| part.impact.as_ref()?.direction)
    }

    /// A further direction that is said of the same routes.
    pub fn other_direction(&self) -> Option<ImpactDirection> {
        let impacts = self.0.iter().filter_map(|part| part.impact.as_ref());
        let told = impacts
            .into_iter()
            .find(|impact| impact.direction.is_some());
        told.and_then(|impact| impact.other_direction)
    }

    /// What was done with the route.
    pub fn actions(&self) -> impl Iterator<Item = &SaidAction> {
        let impacts = self.0.iter().filter_map(|part| part.impact.as_ref());
        impacts.flat_map(|impact| &impact.actions)
    }

    /// The alternate route.
    pub fn alternate(&self) -> Option<&Alternate> {
        let mut impacts = self.0.iter().filter_map(|part| part.impact.as_ref());
        impacts.find_map(|impact| impact.alternate.as_ref())
    }

    /// How many alternate routes are told.
    pub fn alternate_count(&self) -> usize {
        let impacts = self.0.iter().filter_map(|part| part.impact.as_ref());
        impacts.map(|impact| impact.alternates).sum()
    }
}

/// The attributes of a route that a message tells with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// What decides its state; none where the message has no attributes.
    pub path: Option<RoutePath>,
    /// The segments of its AS path.
    pub as_path: Arc<Vec<PathSegment>>,
    next_hops: NextHops,
}

impl Attributes {
    /// The attributes of an UPDATE, but for what decides the state.
    pub fn of(attributes: &PathAttributes<'_>) -> Attributes {
        Attributes {
            path: None,
            as_path: Arc::new(path_segments(attributes)),
            next_hops: NextHops::of(attributes),
        }
    }

    /// The same, with what decides the state.
    pub fn with_path(self, path: RoutePath) -> Attributes {
        Attributes {
            path: Some(path),
            ..self
        }
    }

    /// The AS that originated the route: the last of a path that ends in a sequence (RFC 6811 2).
    pub fn origin(&self) -> Option<u32> {
        let last = self.as_path.last()?;
        let is_sequence = last.segment_type == SegmentType::SEQUENCE;
        last.asns.last().copied().filter(|_| is_sequence)
    }

    /// The next hop of a route of IPv4, or else of IPv6.
    pub fn next_hop(&self, is_ipv4: bool) -> Option<IpAddr> {
        self.next_hops.to(is_ipv4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_the_last_of_a_sequence() {
        let origin = |segment_type| {
            let segment = |segment_type, asns: [u32; 2]| PathSegment {
                segment_type,
                asns: asns.to_vec(),
            };
            let first = segment(SegmentType::SEQUENCE, [1, 2]);
            let attributes = Attributes {
                as_path: Arc::new(vec![first, segment(segment_type, [3, 4])]),
                ..Attributes::default()
            };
            attributes.origin()
        };
        assert_eq!(origin(SegmentType::SEQUENCE), Some(4));
        assert_eq!(origin(SegmentType::SET), None);
    }
}
