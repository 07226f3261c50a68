//! All that one message says of one route.

use super::{Alternate, Part, SaidAction, SaidRule, SaidState};
use crate::analysis::rpki::routes::{RouteKey, RoutePath, View};
use crate::bgp::attribute::{PathAttributes, SegmentType};
use crate::bmp::rpki::{ImpactDirection, RouteState, ValidationTypes};
use crate::bmp::v4::event::{ValidationFail, ValidationReason};
use crate::finding::Place;
use crate::net::Family;
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
}

/// The attributes of a route that a message tells with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// What decides its state; none where the message has no attributes.
    pub path: Option<RoutePath>,
    /// The segments of its AS path.
    pub as_path: Arc<Vec<PathSegment>>,
    next_hop: Option<IpAddr>,
    /// That of the multiprotocol attribute, with its family.
    other_next_hop: Option<(Family, IpAddr)>,
}

/// A segment of an AS path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct PathSegment {
    /// What it is.
    #[serde(rename = "type")]
    pub segment_type: SegmentType,
    /// Its AS numbers, as sent.
    pub asns: Vec<u32>,
}

impl Attributes {
    /// The attributes of an UPDATE, but for what decides the state.
    pub fn of(attributes: &PathAttributes<'_>) -> Attributes {
        let segments = attributes.effective_path();
        let segments = segments.iter().flat_map(|path| path.segments());
        let as_path = segments.map(|segment| PathSegment {
            segment_type: segment.segment_type,
            asns: segment.asns().collect(),
        });
        let other = attributes.mp_reach.as_ref();
        Attributes {
            path: None,
            as_path: Arc::new(as_path.collect()),
            next_hop: attributes.next_hop.map(IpAddr::V4),
            other_next_hop: other.and_then(|mp| Some((mp.family, mp.next_hop().address()?))),
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
        let family = match is_ipv4 {
            true => Family::IPV4_UNICAST,
            false => Family::IPV6_UNICAST,
        };
        let other = self.other_next_hop.filter(|(of, _)| *of == family);
        let own = self.next_hop.filter(|_| is_ipv4);
        other.map(|(_, address)| address).or(own)
    }
}

/// `64500 64501 {64502,64503}`, confederation segments in parentheses and brackets.
pub fn path_text(segments: &[PathSegment]) -> String {
    let texts: Vec<String> = segments.iter().map(segment_text).collect();
    texts.join(" ")
}

fn segment_text(segment: &PathSegment) -> String {
    let (open, close, between) = match segment.segment_type {
        SegmentType::SET => ("{", "}", ","),
        SegmentType::CONFED_SEQUENCE => ("(", ")", " "),
        SegmentType::CONFED_SET => ("[", "]", ","),
        _ => ("", "", " "),
    };
    let asns: Vec<String> = segment.asns.iter().map(u32::to_string).collect();
    format!("{open}{}{close}", asns.join(between))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(segment_type: SegmentType, asns: &[u32]) -> PathSegment {
        PathSegment {
            segment_type,
            asns: asns.to_vec(),
        }
    }

    #[test]
    fn a_path_reads_as_routers_print_it() {
        let path = [
            segment(SegmentType::CONFED_SEQUENCE, &[65001, 65002]),
            segment(SegmentType::CONFED_SET, &[65003, 65004]),
            segment(SegmentType::SEQUENCE, &[64500, 64501]),
            segment(SegmentType::SET, &[64502, 64503]),
        ];
        let expected = "(65001 65002) [65003,65004] 64500 64501 {64502,64503}";
        assert_eq!(path_text(&path), expected);
        assert_eq!(path_text(&[]), "");
    }

    #[test]
    fn the_next_hop_is_that_of_the_routes_family() {
        let ipv4: IpAddr = [192, 0, 2, 1].into();
        let ipv6: IpAddr = std::net::Ipv6Addr::LOCALHOST.into();
        let attributes = Attributes {
            next_hop: Some(ipv4),
            other_next_hop: Some((Family::IPV6_UNICAST, ipv6)),
            ..Attributes::default()
        };
        assert_eq!(attributes.next_hop(true), Some(ipv4));
        assert_eq!(attributes.next_hop(false), Some(ipv6));
        assert_eq!(Attributes::default().next_hop(true), None);
    }

    #[test]
    fn the_origin_is_the_last_of_a_sequence() {
        let origin = |last| {
            let as_path = Arc::new(vec![segment(SegmentType::SEQUENCE, &[1, 2]), last]);
            let attributes = Attributes {
                as_path,
                ..Attributes::default()
            };
            attributes.origin()
        };
        assert_eq!(origin(segment(SegmentType::SEQUENCE, &[3, 4])), Some(4));
        assert_eq!(origin(segment(SegmentType::SET, &[3, 4])), None);
    }
}
