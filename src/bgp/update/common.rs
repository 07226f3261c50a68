//! Counting the common UPDATE: plain prefixes, nothing odd. Half the instructions of the full walk,
//! because nothing is kept for an error; whatever is not common is left to that walk, which says
//! what is wrong and where.

use super::count::RouteCounts;
use crate::bgp::attribute::AttributeCode;
use crate::bgp::context::Context;
use crate::bgp::header::{HEADER_LENGTH, MessageType};
use crate::bgp::nlri::{Framing, framing};
use crate::net::Family;

/// The counts, exactly those of the full walk; none where that one has to look.
#[inline(always)]
pub(super) fn count(pdu: &[u8], context: &Context) -> Option<RouteCounts> {
    if !context.add_path.is_empty() {
        return None;
    }
    let (header, body) = pdu.split_first_chunk::<HEADER_LENGTH>()?;
    let [marker @ .., high, low, message_type] = *header;
    let is_update =
        u128::from_be_bytes(marker) == u128::MAX && message_type == MessageType::UPDATE.0;
    if !is_update || usize::from(u16::from_be_bytes([high, low])) != pdu.len() {
        return None;
    }
    let (withdrawn, rest) = section(body)?;
    let (attributes, nlri) = section(rest)?;
    let mut counts = RouteCounts::default();
    if !withdrawn.is_empty() {
        counts.withdraw_routes(Family::IPV4_UNICAST, prefixes(withdrawn, 32)?);
    }
    let (number, empty_unreach) = count_attributes(attributes, &mut counts)?;
    if !nlri.is_empty() {
        counts.announce_routes(Family::IPV4_UNICAST, prefixes(nlri, 32)?);
    }
    let has_routes = !withdrawn.is_empty() || !nlri.is_empty();
    counts.end_of_rib = super::end_of_rib_of(has_routes, number, empty_unreach);
    Some(counts)
}

/// A section with its two octets of length, and what follows it.
#[inline]
fn section(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = octets.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

/// Counts the routes of multiprotocol attributes; gives the number of attributes, and the family of
/// an MP_UNREACH_NLRI without routes.
#[inline(always)]
fn count_attributes(mut rest: &[u8], counts: &mut RouteCounts) -> Option<(usize, Option<Family>)> {
    const EXTENDED_LENGTH: u8 = 0x10;
    let mut number = 0;
    let mut empty_unreach = None;
    while let Some(&[flags, code, length]) = rest.first_chunk::<3>() {
        let (start, length) = match flags & EXTENDED_LENGTH {
            0 => (3, usize::from(length)),
            _ => (4, usize::from(u16::from_be_bytes([length, *rest.get(3)?]))),
        };
        let (attribute, behind) = rest.split_at_checked(start + length)?;
        rest = behind;
        number += 1;
        match AttributeCode(code) {
            AttributeCode::MP_REACH_NLRI => reach(attribute.get(start..)?, counts)?,
            AttributeCode::MP_UNREACH_NLRI => {
                empty_unreach = unreach(attribute.get(start..)?, counts)?.or(empty_unreach)
            }
            _ => {}
        }
    }
    // One octet or two left over are no attribute.
    rest.is_empty().then_some((number, empty_unreach))
}

/// MP_REACH_NLRI (RFC 4760 3): AFI, SAFI, next hop by its length, a reserved octet, routes.
#[inline]
fn reach(value: &[u8], counts: &mut RouteCounts) -> Option<()> {
    let [a, b, safi, next_hop, rest @ ..] = value else {
        return None;
    };
    let family = Family::new(u16::from_be_bytes([*a, *b]), *safi);
    let (_reserved, routes) = rest.get(usize::from(*next_hop)..)?.split_first()?;
    counts.announce_routes(family, prefixes(routes, width(family)?)?);
    Some(())
}

/// MP_UNREACH_NLRI (RFC 4760 4): AFI, SAFI, routes. Gives the family if there are none.
#[inline]
fn unreach(value: &[u8], counts: &mut RouteCounts) -> Option<Option<Family>> {
    let [a, b, safi, routes @ ..] = value else {
        return None;
    };
    let family = Family::new(u16::from_be_bytes([*a, *b]), *safi);
    if routes.is_empty() {
        return Some(Some(family));
    }
    counts.withdraw_routes(family, prefixes(routes, width(family)?)?);
    Some(None)
}

#[inline]
fn width(family: Family) -> Option<u8> {
    match framing(family) {
        Framing::Prefix { width } => Some(width),
        _ => None,
    }
}

/// The number of plain prefixes.
#[inline]
fn prefixes(octets: &[u8], width: u8) -> Option<u32> {
    let mut position = 0;
    let mut routes = 0;
    while let Some(bits) = octets.get(position) {
        if *bits > width {
            return None;
        }
        position += 1 + usize::from(*bits).div_ceil(8);
        routes += 1;
    }
    (position == octets.len()).then_some(routes)
}
