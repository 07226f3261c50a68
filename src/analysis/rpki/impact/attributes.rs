//! What selection and policy look at of a route's attributes.

use crate::analysis::rpki::path::{NextHops, PathSegment, path_segments};
use crate::analysis::rpki::routes::RoutePath;
use crate::bgp::attribute::{
    Community, ExtendedCommunity, LargeCommunity, Origin, PathAttributes, SegmentType,
};
use std::fmt;
use std::net::Ipv4Addr;

/// LOCAL_PREF of a route that has none: what routers take (RFC 4271 leaves it to them; they all say
/// 100, see the vendor table).
pub const USUAL_PREFERENCE: u32 = 100;

/// The attributes of a route, as far as selection and policies look at them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// What decides its validation state.
    pub path: RoutePath,
    /// AS_PATH, AS4_PATH put in.
    pub segments: Vec<PathSegment>,
    /// NEXT_HOP, and the global address of MP_REACH_NLRI.
    pub next_hops: NextHops,
    /// LOCAL_PREF.
    pub local_pref: Option<u32>,
    /// MULTI_EXIT_DISC.
    pub med: Option<u32>,
    /// ORIGIN.
    pub origin: Option<Origin>,
    /// Communities of all kinds, sorted.
    pub tags: Vec<Tag>,
    /// ORIGINATOR_ID.
    pub originator_id: Option<Ipv4Addr>,
    /// How many reflectors it passed.
    pub clusters: u16,
}

/// A community of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tag {
    /// RFC 1997.
    Standard(Community),
    /// RFC 8092.
    Large(LargeCommunity),
    /// RFC 4360.
    Extended(ExtendedCommunity),
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tag::Standard(one) => one.fmt(f),
            Tag::Large(one) => one.fmt(f),
            Tag::Extended(one) => one.fmt(f),
        }
    }
}

impl Attributes {
    /// Takes what matters of `attributes`; `path` is theirs.
    pub fn of(attributes: &PathAttributes<'_>, path: RoutePath) -> Attributes {
        let clusters = attributes
            .cluster_list
            .map_or(0, |list| list.iter().count());
        Attributes {
            path,
            segments: path_segments(attributes),
            next_hops: NextHops::of(attributes),
            local_pref: attributes.local_pref,
            med: attributes.med,
            origin: attributes.origin,
            tags: tags(attributes),
            originator_id: attributes.originator_id,
            clusters: u16::try_from(clusters).unwrap_or(u16::MAX),
        }
    }

    /// Length for selection: an AS_SET counts one (RFC 4271 9.1.2.2 a), confederations nothing
    /// (RFC 5065 5.3).
    pub fn path_length(&self) -> usize {
        let length = |segment: &PathSegment| match segment.segment_type {
            SegmentType::SEQUENCE => segment.asns.len(),
            SegmentType::SET => 1,
            _ => 0,
        };
        self.segments.iter().map(length).sum()
    }

    /// The AS that the route came from: routes of one AS compare their MEDs (RFC 4271 9.1.2.2 c).
    pub fn neighbour_as(&self) -> Option<u32> {
        let mut segments = self.segments.iter();
        let first = segments.find(|segment| {
            segment.segment_type == SegmentType::SEQUENCE && !segment.asns.is_empty()
        })?;
        first.asns.first().copied()
    }

    /// The AS is in the path. In front it does not count: some routers put their own there when they
    /// tell of routes of external peers (FRR 8.4).
    pub fn loops_to(&self, own: u32) -> bool {
        let asns = self.segments.iter().flat_map(|segment| &segment.asns);
        asns.skip_while(|asn| **asn == own).any(|asn| *asn == own)
    }

    /// Tags that `earlier` does not have.
    pub fn added_tags<'a>(&'a self, earlier: &'a Attributes) -> impl Iterator<Item = Tag> + 'a {
        let tags = self.tags.iter().copied();
        tags.filter(|tag| earlier.tags.binary_search(tag).is_err())
    }
}

fn tags(attributes: &PathAttributes<'_>) -> Vec<Tag> {
    let mut tags = Vec::new();
    if let Some(list) = attributes.communities {
        tags.extend(list.iter().map(Tag::Standard));
    }
    if let Some(list) = attributes.large_communities {
        tags.extend(list.iter().map(Tag::Large));
    }
    if let Some(list) = attributes.extended_communities {
        tags.extend(list.iter().map(Tag::Extended));
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}
