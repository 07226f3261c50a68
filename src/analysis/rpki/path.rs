//! AS paths and next hops as answers show them.

use crate::bgp::attribute::{PathAttributes, Segment, SegmentType};
use crate::net::Family;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// A segment of an AS path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct PathSegment {
    /// What it is.
    #[serde(rename = "type")]
    pub segment_type: SegmentType,
    /// Its AS numbers, as sent.
    pub asns: Vec<u32>,
}

/// The segments of AS_PATH, with AS4_PATH put in (RFC 6793 4.2.3).
pub fn path_segments(attributes: &PathAttributes<'_>) -> Vec<PathSegment> {
    let segment = |one: Segment<'_>| PathSegment {
        segment_type: one.segment_type,
        asns: one.asns().collect(),
    };
    let path = attributes.effective_path();
    let segments = path.iter().flat_map(|path| path.segments());
    segments.map(segment).collect()
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

/// The next hops of an UPDATE, which may carry routes of two families.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NextHops {
    /// NEXT_HOP.
    own: Option<IpAddr>,
    /// That of MP_REACH_NLRI, with its family.
    other: Option<(Family, IpAddr)>,
}

impl NextHops {
    /// Those of these attributes.
    pub fn of(attributes: &PathAttributes<'_>) -> NextHops {
        let reach = attributes.mp_reach.as_ref();
        NextHops {
            own: attributes.next_hop.map(IpAddr::V4),
            other: reach.and_then(|reach| Some((reach.family, reach.next_hop().address()?))),
        }
    }

    /// The next hop of a unicast route of IPv4, or else of IPv6.
    pub fn to(&self, is_ipv4: bool) -> Option<IpAddr> {
        let family = match is_ipv4 {
            true => Family::IPV4_UNICAST,
            false => Family::IPV6_UNICAST,
        };
        let other = self.other.filter(|(of, _)| *of == family);
        let own = self.own.filter(|_| is_ipv4);
        other.map(|(_, address)| address).or(own)
    }
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
    fn paths_are_written_as_people_write_them() {
        let segments = [
            segment(SegmentType::CONFED_SEQUENCE, &[65001, 65002]),
            segment(SegmentType::SEQUENCE, &[64500, 64500, 64501]),
            segment(SegmentType::SET, &[1, 2]),
            segment(SegmentType::CONFED_SET, &[3, 4]),
        ];
        assert_eq!(
            path_text(&segments),
            "(65001 65002) 64500 64500 64501 {1,2} [3,4]"
        );
        assert_eq!(path_text(&[]), "");
    }

    #[test]
    fn each_family_of_an_update_has_its_own_next_hop() {
        let own: IpAddr = [192, 0, 2, 1].into();
        let other: IpAddr = "2001:db8::1".parse().unwrap();
        let both = NextHops {
            own: Some(own),
            other: Some((Family::IPV6_UNICAST, other)),
        };
        assert_eq!((both.to(true), both.to(false)), (Some(own), Some(other)));
        let only_own = NextHops {
            other: None,
            ..both
        };
        assert_eq!(only_own.to(false), None);
    }
}
