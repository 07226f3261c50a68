//! What each attribute has to look like, and what a receiver does where it does not: one row per
//! attribute (RFC 7606 7 and the attributes' own texts).

use super::{Attribute, AttributeCode, AttributeValue, NextHop, Origin, SegmentType};
use crate::bgp::update::Outcome;

/// The Optional and Transitive flags.
const WELL_KNOWN: u8 = 0x40;
const OPTIONAL: u8 = 0x80;
const OPTIONAL_TRANSITIVE: u8 = 0xc0;
const BOTH: u8 = 0xc0;

struct Row {
    code: AttributeCode,
    flags: u8,
    /// What a malformed value leads to; none where that depends on what is wrong, and where nothing
    /// here reads the value.
    outcome: Option<(Outcome, &'static str)>,
}

const fn withdraw(code: AttributeCode, flags: u8, source: &'static str) -> Row {
    Row {
        code,
        flags,
        outcome: Some((Outcome::TreatAsWithdraw, source)),
    }
}

const fn discard(code: AttributeCode, flags: u8, source: &'static str) -> Row {
    Row {
        code,
        flags,
        outcome: Some((Outcome::AttributeDiscard, source)),
    }
}

const fn other(code: AttributeCode, flags: u8) -> Row {
    Row {
        code,
        flags,
        outcome: None,
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    withdraw(AttributeCode::ORIGIN, WELL_KNOWN, "RFC 7606 7.1"),
    withdraw(AttributeCode::AS_PATH, WELL_KNOWN, "RFC 7606 7.2"),
    withdraw(AttributeCode::NEXT_HOP, WELL_KNOWN, "RFC 7606 7.3"),
    withdraw(AttributeCode::MULTI_EXIT_DISC, OPTIONAL, "RFC 7606 7.4"),
    withdraw(AttributeCode::LOCAL_PREF, WELL_KNOWN, "RFC 7606 7.5"),
    discard(AttributeCode::ATOMIC_AGGREGATE, WELL_KNOWN, "RFC 7606 7.6"),
    discard(AttributeCode::AGGREGATOR, OPTIONAL_TRANSITIVE, "RFC 7606 7.7"),
    withdraw(AttributeCode::COMMUNITIES, OPTIONAL_TRANSITIVE, "RFC 7606 7.8"),
    withdraw(AttributeCode::ORIGINATOR_ID, OPTIONAL, "RFC 7606 7.9"),
    withdraw(AttributeCode::CLUSTER_LIST, OPTIONAL, "RFC 7606 7.10"),
    other(AttributeCode::MP_REACH_NLRI, OPTIONAL),
    other(AttributeCode::MP_UNREACH_NLRI, OPTIONAL),
    withdraw(AttributeCode::EXTENDED_COMMUNITIES, OPTIONAL_TRANSITIVE, "RFC 7606 7.14"),
    discard(AttributeCode::AS4_PATH, OPTIONAL_TRANSITIVE, "RFC 6793 6"),
    discard(AttributeCode::AS4_AGGREGATOR, OPTIONAL_TRANSITIVE, "RFC 6793 6"),
    other(AttributeCode::PMSI_TUNNEL, OPTIONAL_TRANSITIVE),
    withdraw(AttributeCode::TUNNEL_ENCAPSULATION, OPTIONAL_TRANSITIVE, "RFC 9012 13"),
    other(AttributeCode::TRAFFIC_ENGINEERING, OPTIONAL),
    withdraw(AttributeCode::IPV6_EXTENDED_COMMUNITIES, OPTIONAL_TRANSITIVE, "RFC 7606 7.15"),
    discard(AttributeCode::AIGP, OPTIONAL, "RFC 7311 3.2"),
    other(AttributeCode::PE_DISTINGUISHER_LABELS, OPTIONAL_TRANSITIVE),
    discard(AttributeCode::BGP_LS, OPTIONAL, "RFC 9552 8.2.2"),
    withdraw(AttributeCode::LARGE_COMMUNITY, OPTIONAL_TRANSITIVE, "RFC 8092 6"),
    other(AttributeCode::BGPSEC_PATH, OPTIONAL),
    withdraw(AttributeCode::ONLY_TO_CUSTOMER, OPTIONAL_TRANSITIVE, "RFC 9234 5"),
    discard(AttributeCode::PREFIX_SID, OPTIONAL_TRANSITIVE, "RFC 8669 6"),
    withdraw(AttributeCode::ATTR_SET, OPTIONAL_TRANSITIVE, "RFC 7606 7.16"),
];

/// What a receiver does with a malformed value of this attribute, and which text says so.
pub(in crate::bgp) fn handling(code: AttributeCode) -> Option<(Outcome, &'static str)> {
    ROWS.iter().find(|row| row.code == code)?.outcome
}

/// The Optional and Transitive flags of each code; zero where they are not known. Every attribute of
/// every UPDATE is asked, hence no search.
static FLAGS: [u8; 256] = flags();

#[expect(
    clippy::indexing_slicing,
    reason = "at compile time, an index past the end is an error"
)]
const fn flags() -> [u8; 256] {
    let mut flags = [0; 256];
    let mut place = 0;
    while place < ROWS.len() {
        flags[ROWS[place].code.0 as usize] = ROWS[place].flags;
        place += 1;
    }
    flags
}

impl Attribute<'_> {
    /// Its Optional and Transitive flags are not those of its code; or it is well-known by them, but
    /// its code is not known.
    #[inline]
    pub(in crate::bgp) fn has_odd_flags(&self) -> bool {
        match FLAGS.get(usize::from(self.code.0)) {
            Some(0) | None => self.is_unknown_well_known(),
            Some(flags) => self.flags.0 & BOTH != *flags,
        }
    }

    /// "An unrecognized well-known attribute" (RFC 4271 6.3).
    pub(in crate::bgp) fn is_unknown_well_known(&self) -> bool {
        !self.flags.is_optional() && self.code.word().is_none()
    }
}

impl AttributeValue<'_> {
    /// What is wrong with a value that can be read: its code does not allow it.
    #[inline]
    pub(in crate::bgp) fn problem(&self) -> Option<&'static str> {
        const EMPTY: Option<&str> = Some("is empty");
        match self {
            AttributeValue::Origin(origin) => {
                (*origin > Origin::INCOMPLETE).then_some("is not a defined value")
            }
            AttributeValue::AsPath(path) | AttributeValue::As4Path(path) => {
                path.segments().find_map(|segment| {
                    if !(SegmentType::SET..=SegmentType::CONFED_SET).contains(&segment.segment_type)
                    {
                        return Some("has a segment of a type that is not known");
                    }
                    let is_empty = segment.asns().next().is_none();
                    is_empty.then_some("has a segment without AS numbers")
                })
            }
            // "A non-zero multiple" (RFC 7606 7.8, 7.10, 7.14 and 7.15; RFC 8092 6).
            AttributeValue::Communities(all) if all.iter().next().is_none() => EMPTY,
            AttributeValue::ClusterList(all) if all.iter().next().is_none() => EMPTY,
            AttributeValue::ExtendedCommunities(all) if all.iter().next().is_none() => EMPTY,
            AttributeValue::Ipv6ExtendedCommunities(all) if all.iter().next().is_none() => EMPTY,
            AttributeValue::LargeCommunities(all) if all.iter().next().is_none() => EMPTY,
            AttributeValue::MpReach(reach) if matches!(reach.next_hop(), NextHop::Raw(_)) => {
                Some("has a next hop of a length that no family has")
            }
            _ => None,
        }
    }
}
