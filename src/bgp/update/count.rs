//! Counting the routes of an UPDATE: the hot path of every report that shows totals. Every attribute
//! header and every route is walked; nothing is allocated.

use super::common;
use super::sections::Sections;
use crate::bgp::attribute::{AttributeCode, AttributeIter, MpReach, MpUnreach};
use crate::bgp::context::Context;
use crate::bgp::header::{MessageHeader, MessageType};
use crate::bgp::nlri;
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};

/// How many routes an UPDATE announces and withdraws, as they appear: not unique prefixes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RouteCounts {
    /// Announced routes of all families.
    pub announced: u64,
    /// Withdrawn routes of all families.
    pub withdrawn: u64,
    /// Octets of NLRI in families whose framing is not known: no routes are counted for them.
    pub opaque_octets: u32,
    /// The UPDATE is the End-of-RIB marker of this family (RFC 4724 2).
    pub end_of_rib: Option<Family>,
    families: [FamilyCounts; RouteCounts::FAMILIES],
    used: u8,
}

/// The routes of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilyCounts {
    /// The family.
    pub family: Family,
    /// Announced routes.
    pub announced: u32,
    /// Withdrawn routes.
    pub withdrawn: u32,
}

impl Default for FamilyCounts {
    // A row that is not used yet is all zeros: cheap to make four of.
    fn default() -> FamilyCounts {
        FamilyCounts {
            family: Family::new(0, 0),
            announced: 0,
            withdrawn: 0,
        }
    }
}

impl RouteCounts {
    /// Families that are told apart. A well-formed UPDATE has at most three (IPv4 unicast in its own
    /// sections, one in MP_REACH_NLRI, one in MP_UNREACH_NLRI); further ones are in the totals only.
    pub const FAMILIES: usize = 4;

    /// The counts by family, in the order in which they were met.
    #[inline]
    pub fn families(&self) -> &[FamilyCounts] {
        self.families
            .get(..usize::from(self.used))
            .unwrap_or_default()
    }

    #[inline]
    fn announce(&mut self, family: Family, counted: nlri::Counted) {
        self.opaque_octets += counted.opaque_octets;
        self.announce_routes(family, counted.routes);
    }

    #[inline]
    fn withdraw(&mut self, family: Family, counted: nlri::Counted) {
        self.opaque_octets += counted.opaque_octets;
        self.withdraw_routes(family, counted.routes);
    }

    #[inline]
    pub(super) fn announce_routes(&mut self, family: Family, routes: u32) {
        self.announced += u64::from(routes);
        if let Some(row) = self.row(family) {
            row.announced += routes;
        }
    }

    #[inline]
    pub(super) fn withdraw_routes(&mut self, family: Family, routes: u32) {
        self.withdrawn += u64::from(routes);
        if let Some(row) = self.row(family) {
            row.withdrawn += routes;
        }
    }

    #[inline]
    fn row(&mut self, family: Family) -> Option<&mut FamilyCounts> {
        let known = self.families().iter().position(|row| row.family == family);
        let place = known.unwrap_or(usize::from(self.used));
        let row = self.families.get_mut(place)?;
        if known.is_none() {
            row.family = family;
            self.used += 1;
        }
        Some(row)
    }
}

/// Counts the routes of an UPDATE, header included. Exactly as many as [`super::Update`] gives, or
/// the first error that it has.
// Inlined always: the counts then need not be moved from where they are made.
#[inline(always)]
pub fn count(pdu: &[u8], context: &Context) -> Result<RouteCounts, DecodeError> {
    match common::count(pdu, context) {
        Some(counts) => Ok(counts),
        None => count_all(pdu, context),
    }
}

/// As [`count`], for every UPDATE there is.
#[inline(never)]
pub(super) fn count_all(pdu: &[u8], context: &Context) -> Result<RouteCounts, DecodeError> {
    let mut cursor = Cursor::new(pdu);
    let body = MessageHeader::take_body(&mut cursor, MessageType::UPDATE, super::NOT_UPDATE)?;
    let sections = Sections::read(body)?;
    let mut counts = RouteCounts::default();
    if !sections.withdrawn.is_empty() {
        let counted = count_section(sections.withdrawn, Family::IPV4_UNICAST, context)?;
        counts.withdraw(Family::IPV4_UNICAST, counted);
    }
    count_attributes(&sections, context, &mut counts)?;
    if !sections.nlri.is_empty() {
        let counted = count_section(sections.nlri, Family::IPV4_UNICAST, context)?;
        counts.announce(Family::IPV4_UNICAST, counted);
    }
    Ok(counts)
}

/// Walks every attribute and counts those that hold routes; says if the whole is an End-of-RIB.
#[inline]
fn count_attributes(
    sections: &Sections<'_>,
    context: &Context,
    counts: &mut RouteCounts,
) -> Result<(), DecodeError> {
    let mut attributes = 0;
    let mut empty_unreach = None;
    for attribute in AttributeIter::new(sections.attributes) {
        let attribute = attribute?;
        attributes += 1;
        match attribute.code {
            AttributeCode::MP_REACH_NLRI => {
                let reach = MpReach::decode(attribute.cursor())?;
                let counted = count_section(reach.nlri, reach.family, context)?;
                counts.announce(reach.family, counted);
            }
            AttributeCode::MP_UNREACH_NLRI => {
                let unreach = MpUnreach::decode(attribute.cursor())?;
                if unreach.withdrawn.is_empty() {
                    empty_unreach = Some(unreach.family);
                    continue;
                }
                let counted = count_section(unreach.withdrawn, unreach.family, context)?;
                counts.withdraw(unreach.family, counted);
            }
            _ => {}
        }
    }
    counts.end_of_rib = super::end_of_rib(sections, attributes, empty_unreach);
    Ok(())
}

#[inline]
fn count_section(
    section: Cursor<'_>,
    family: Family,
    context: &Context,
) -> Result<nlri::Counted, DecodeError> {
    nlri::count(section, family, context.add_path.contains(family))
}
