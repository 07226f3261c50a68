//! What the octets of an UPDATE say of how they were written: with path identifiers or without, with
//! AS numbers of four octets or of two. Senders contradict their OPENs; many short UPDATEs read both
//! ways, so that only a stream of them tells.

use super::sections::Sections;
use crate::bgp::attribute::{AttributeCode, AttributeIter, MpReach, MpUnreach};
use crate::bgp::context::Context;
use crate::bgp::header::{MessageHeader, MessageType};
use crate::bgp::nlri::{Framing, NlriIter, framing, octets_of};
use crate::net::Family;
use crate::wire::Cursor;

/// How the NLRI of one family in one UPDATE read with path identifiers, and how without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaning {
    /// Only this way: with path identifiers, or without. `is_odd`: some of the routes are unusual.
    Only {
        /// With path identifiers.
        path_ids: bool,
        /// Some routes are unusual all the same, so this proves less.
        is_odd: bool,
    },
    /// Both ways, but this way the routes are the less unusual ones.
    Rather {
        /// With path identifiers.
        path_ids: bool,
    },
    /// Both ways alike.
    Either,
    /// Neither way.
    Neither,
}

/// The NLRI of one family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamilySign {
    /// The family.
    pub family: Family,
    /// How they read; none where what was declared reads well and nothing speaks for the other.
    pub leaning: Option<Leaning>,
}

/// What one UPDATE says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// The families with NLRI, IPv4 unicast first, then the first of the multiprotocol attributes.
    pub families: [Option<FamilySign>; 2],
    /// AS_PATH and AGGREGATOR read only with four-octet AS numbers, or only with two-octet ones.
    pub four_octet_as: Option<bool>,
}

/// The NLRI of an UPDATE, by what they are written in.
#[derive(Debug, Clone, Copy)]
struct Parts<'a> {
    ipv4: [Cursor<'a>; 2],
    multiprotocol: Option<(Family, [Cursor<'a>; 2])>,
    attributes: Cursor<'a>,
}

/// The families of an UPDATE's NLRI: IPv4 unicast if its sections hold any, then the first of the
/// multiprotocol attributes if it is another.
pub fn families(pdu: &[u8]) -> [Option<Family>; 2] {
    let Some(parts) = parts(pdu) else {
        return [None, None];
    };
    let multiprotocol = parts.multiprotocol.map(|(family, _)| family);
    let other = multiprotocol.filter(|family| *family != Family::IPV4_UNICAST);
    let is_ipv4 = parts.ipv4.iter().any(|section| !section.is_empty());
    let is_named = multiprotocol == Some(Family::IPV4_UNICAST);
    [(is_ipv4 || is_named).then_some(Family::IPV4_UNICAST), other]
}

/// What an UPDATE says, where `declared` is what is known of it. None if its sections cannot be read.
pub fn signs(pdu: &[u8], declared: &Context) -> Option<Signs> {
    let parts = parts(pdu)?;
    let empty = Cursor::new(&[]);
    let [withdrawn, nlri] = parts.ipv4;
    let (family, [reach, unreach]) = match parts.multiprotocol {
        Some((family, sections)) => (family, sections),
        None => (Family::IPV4_UNICAST, [empty, empty]),
    };
    let families = if family == Family::IPV4_UNICAST {
        let sections = [withdrawn, nlri, reach, unreach];
        [sign(family, &sections, declared), None]
    } else {
        let ipv4 = sign(Family::IPV4_UNICAST, &[withdrawn, nlri], declared);
        [ipv4, sign(family, &[reach, unreach], declared)]
    };
    Some(Signs {
        families,
        four_octet_as: as_width(parts.attributes),
    })
}

fn parts(pdu: &[u8]) -> Option<Parts<'_>> {
    let mut cursor = Cursor::new(pdu);
    let body = MessageHeader::take_body(&mut cursor, MessageType::UPDATE, "is not UPDATE").ok()?;
    let sections = Sections::read(body).ok()?;
    let mut parts = Parts {
        ipv4: [sections.withdrawn, sections.nlri],
        multiprotocol: None,
        attributes: sections.attributes,
    };
    for attribute in AttributeIter::new(sections.attributes).flatten() {
        let (family, slot, routes) = match attribute.code {
            AttributeCode::MP_REACH_NLRI => {
                let reach = MpReach::decode(attribute.cursor()).ok()?;
                (reach.family, 0, reach.nlri)
            }
            AttributeCode::MP_UNREACH_NLRI => {
                let unreach = MpUnreach::decode(attribute.cursor()).ok()?;
                (unreach.family, 1, unreach.withdrawn)
            }
            _ => continue,
        };
        let empty = Cursor::new(&[]);
        let (known, held) = parts.multiprotocol.get_or_insert((family, [empty, empty]));
        // A second family in one UPDATE is read as it was declared.
        if *known == family
            && let Some(place) = held.get_mut(slot)
        {
            *place = routes;
        }
    }
    Some(parts)
}

fn sign(family: Family, sections: &[Cursor<'_>], declared: &Context) -> Option<FamilySign> {
    if sections.iter().all(Cursor::is_empty) || framing(family) == Framing::Opaque {
        return None;
    }
    let with_ids = declared.add_path.contains(family);
    let leaning = match with_ids {
        false if is_beyond_doubt(family, sections) => None,
        _ => Some(lean(family, sections)),
    };
    Some(FamilySign { family, leaning })
}

/// Without path identifiers these routes read well, and nothing speaks for such: the first octet of an
/// identifier is mostly zero, which is the length of a default route.
fn is_beyond_doubt(family: Family, sections: &[Cursor<'_>]) -> bool {
    let starts_well = |section: &Cursor<'_>| match section.rest() {
        [] | [0] => true,
        [first, ..] => *first != 0,
    };
    sections.iter().all(starts_well) && oddities(family, sections, false) == Some(0)
}

fn lean(family: Family, sections: &[Cursor<'_>]) -> Leaning {
    let plain = oddities(family, sections, false);
    let with_ids = oddities(family, sections, true);
    match (plain, with_ids) {
        (Some(odd), None) => only(false, odd),
        (None, Some(odd)) => only(true, odd),
        (Some(plain), Some(ids)) if plain < ids => Leaning::Rather { path_ids: false },
        (Some(plain), Some(ids)) if ids < plain => Leaning::Rather { path_ids: true },
        (Some(_), Some(_)) => Leaning::Either,
        (None, None) => Leaning::Neither,
    }
}

fn only(path_ids: bool, oddities: u32) -> Leaning {
    Leaning::Only {
        path_ids,
        is_odd: oddities > 0,
    }
}

/// How unusual the routes are, read this way; none if they cannot be.
fn oddities(family: Family, sections: &[Cursor<'_>], path_ids: bool) -> Option<u32> {
    let mut total = 0u32;
    for section in sections {
        let odd = match framing(family) {
            Framing::Prefix { width } => odd_prefixes(section.rest(), width, path_ids)?,
            _ => odd_others(*section, family, path_ids)?,
        };
        total = total.saturating_add(odd);
    }
    Some(total)
}

fn odd_others(section: Cursor<'_>, family: Family, path_ids: bool) -> Option<u32> {
    let mut odd = 0u32;
    for nlri in NlriIter::new(section, family, path_ids) {
        let id = nlri.ok()?.path_id;
        odd = odd.saturating_add(u32::from(id.is_some_and(is_odd_id)));
    }
    Some(odd)
}

/// Senders count their paths: no identifier seen in any capture reaches 2^24.
fn is_odd_id(id: u32) -> bool {
    id >= 1 << 24
}

fn odd_prefixes(octets: &[u8], width: u8, path_ids: bool) -> Option<u32> {
    let mut odd = 0u32;
    let mut rest = octets;
    let mut before: &[u8] = &[];
    while !rest.is_empty() {
        let own = rest;
        if path_ids {
            let (id, behind) = rest.split_first_chunk::<4>()?;
            odd = odd.saturating_add(u32::from(is_odd_id(u32::from_be_bytes(*id))));
            rest = behind;
        }
        let (bits, behind) = rest.split_first()?;
        if *bits > width {
            return None;
        }
        let (prefix, behind) = behind.split_at_checked(octets_of(*bits))?;
        rest = behind;
        let own = own.get(..own.len() - rest.len()).unwrap_or_default();
        let is_alone = own.len() == octets.len();
        let is_repeated = own == before;
        odd = odd
            .saturating_add(odd_prefix(*bits, prefix, width, is_alone))
            .saturating_add(u32::from(is_repeated));
        before = own;
    }
    Some(odd)
}

/// What is unusual about a prefix: bits behind its length, a default route among others, an address
/// that is routed nowhere.
fn odd_prefix(bits: u8, prefix: &[u8], width: u8, is_alone: bool) -> u32 {
    let Some((&first, &last)) = prefix.first().zip(prefix.last()) else {
        return u32::from(!is_alone);
    };
    let used = (bits - 1) % 8 + 1;
    let has_bits_behind = last.checked_shl(u32::from(used)).unwrap_or(0) != 0;
    let is_nowhere = match width {
        32 => bits < 8 || matches!(first, 0 | 127 | 224..),
        // Global unicast, unique local, link-local, multicast (RFC 4291 2.4), and 64:ff9b::/96 (RFC 6052).
        _ => bits < 3 || !matches!(first, 0x20..=0x3f | 0xfc..=0xff | 0),
    };
    2 * u32::from(has_bits_behind) + u32::from(is_nowhere)
}

/// The width of AS numbers in AS_PATH, or in AGGREGATOR, if they read in one only.
fn as_width(attributes: Cursor<'_>) -> Option<bool> {
    let mut width = None;
    for attribute in AttributeIter::new(attributes).flatten() {
        let octets = attribute.value;
        let (two, four) = match attribute.code {
            AttributeCode::AS_PATH => (reads_as_path(octets, 2), reads_as_path(octets, 4)),
            AttributeCode::AGGREGATOR => (octets.len() == 6, octets.len() == 8),
            _ => continue,
        };
        if two != four && width.is_none() {
            width = Some(four);
        }
    }
    width
}

/// AS_PATH (RFC 4271 4.3): segments of a type, a number of ASes, and that many. Segment types 1 to 4
/// (RFC 5065 3).
fn reads_as_path(octets: &[u8], width: usize) -> bool {
    let mut rest = octets;
    while let [segment, count, behind @ ..] = rest {
        let ases = behind.get(usize::from(*count) * width..);
        match ases {
            Some(behind) if (1..=4).contains(segment) && *count > 0 => rest = behind,
            _ => return false,
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::context::AddPath;

    /// An UPDATE (RFC 4271 4.3) of these attributes and NLRI.
    fn update(attributes: &[u8], nlri: &[u8]) -> Vec<u8> {
        let length = u16::try_from(23 + attributes.len() + nlri.len()).unwrap();
        let mut pdu = vec![0xff; 16];
        pdu.extend(length.to_be_bytes());
        pdu.extend([2, 0, 0]); // UPDATE, no withdrawn routes
        pdu.extend(u16::try_from(attributes.len()).unwrap().to_be_bytes());
        pdu.extend(attributes);
        pdu.extend(nlri);
        pdu
    }

    fn with_ids() -> Context {
        Context {
            add_path: AddPath::from_iter([Family::IPV4_UNICAST]),
            ..Context::default()
        }
    }

    fn leaning(nlri: &[u8], declared: &Context) -> Option<Leaning> {
        let signs = signs(&update(&[], nlri), declared).unwrap();
        signs.families[0].and_then(|sign| sign.leaning)
    }

    const ONLY_WITH: Option<Leaning> = Some(Leaning::Only {
        path_ids: true,
        is_odd: false,
    });
    const ONLY_WITHOUT: Option<Leaning> = Some(Leaning::Only {
        path_ids: false,
        is_odd: false,
    });
    const RATHER_WITHOUT: Option<Leaning> = Some(Leaning::Rather { path_ids: false });

    #[test]
    fn one_route_mostly_reads_one_way_only() {
        // RFC 7911 3: path identifier 1, 192.0.2.0/24
        let with_id = [0, 0, 0, 1, 24, 192, 0, 2];
        // 192.0.2.0/24 alone; 10.0.0.1/32 alone
        for plain in [&[24, 192, 0, 2][..], &[32, 10, 0, 0, 1]] {
            assert_eq!(leaning(plain, &with_ids()), ONLY_WITHOUT);
            assert_eq!(leaning(plain, &Context::default()), None, "as declared");
        }
        assert_eq!(leaning(&with_id, &with_ids()), ONLY_WITH);
        assert_eq!(leaning(&with_id, &Context::default()), ONLY_WITH);
    }

    #[test]
    fn pairs_of_24_bit_prefixes_read_both_ways_and_are_rather_prefixes() {
        // 24 | 192.0.2 and 24 | 192.0.3, or identifier 18c00002 and 24 | 192.0.3
        let pair = [24, 192, 0, 2, 24, 192, 0, 3];
        assert_eq!(leaning(&pair, &with_ids()), RATHER_WITHOUT);
        assert_eq!(leaning(&pair, &Context::default()), None);
    }

    #[test]
    fn a_default_route_with_an_identifier_is_rather_that_than_four_default_routes() {
        // Identifier 1, 0.0.0.0/0; or thrice 0.0.0.0/0 and 0.0.0.0/1
        let default = [0, 0, 0, 1, 0];
        let expected = Some(Leaning::Rather { path_ids: true });
        assert_eq!(leaning(&default, &Context::default()), expected);
        assert_eq!(
            leaning(&[0], &Context::default()),
            None,
            "one default route"
        );
    }

    #[test]
    fn what_reads_neither_way_says_so() {
        assert_eq!(
            leaning(&[33, 1, 2, 3, 4], &with_ids()),
            Some(Leaning::Neither)
        );
        assert_eq!(leaning(&[33], &Context::default()), Some(Leaning::Neither));
    }

    #[test]
    fn families_of_the_multiprotocol_attributes_have_a_sign_of_their_own() {
        // MP_UNREACH_NLRI of IPv6 unicast: 2001:db8::/32; then NLRI 10.0.0.0/8
        let unreach = [0x80, 15, 8, 0, 2, 1, 32, 0x20, 0x01, 0x0d, 0xb8];
        let pdu = update(&unreach, &[8, 10]);
        let ipv6 = Family::new(2, 1);
        assert_eq!(families(&pdu), [Some(Family::IPV4_UNICAST), Some(ipv6)]);
        let declared = Context {
            add_path: AddPath::from_iter([ipv6]),
            ..Context::default()
        };
        let [ipv4, other] = signs(&pdu, &declared).unwrap().families;
        assert_eq!(ipv4.unwrap().leaning, None);
        assert_eq!(
            (other.unwrap().family, other.unwrap().leaning),
            (ipv6, ONLY_WITHOUT)
        );
    }

    #[test]
    fn an_end_of_rib_says_nothing() {
        let signs = signs(&update(&[], &[]), &with_ids()).unwrap();
        assert_eq!(signs, Signs::default());
    }

    #[test]
    fn as_numbers_tell_their_width_by_where_the_path_ends() {
        let width = |attribute: &[u8]| {
            let pdu = update(attribute, &[8, 10]);
            signs(&pdu, &Context::default()).unwrap().four_octet_as
        };
        // AS_SEQUENCE of 65001 and 23456 in two octets, and in four
        assert_eq!(
            width(&[0x40, 2, 6, 2, 2, 0xfd, 0xe9, 0x5b, 0xa0]),
            Some(false)
        );
        assert_eq!(
            width(&[0x40, 2, 10, 2, 2, 0, 0, 0xfd, 0xe9, 0, 0, 0x5b, 0xa0]),
            Some(true)
        );
        assert_eq!(width(&[0x40, 2, 0]), None, "no AS at all");
        // AGGREGATOR 65001 10.0.0.1 in two octets
        assert_eq!(
            width(&[0x40, 2, 0, 0xc0, 7, 6, 0xfd, 0xe9, 10, 0, 0, 1]),
            Some(false)
        );
    }

    #[test]
    fn every_prefix_of_an_update_is_no_panic() {
        let unreach = [0x80, 15, 8, 0, 2, 1, 32, 0x20, 0x01, 0x0d, 0xb8];
        let pdu = update(&unreach, &[0, 0, 0, 1, 24, 192, 0, 2]);
        for end in 0..pdu.len() {
            assert_eq!(signs(&pdu[..end], &with_ids()), None);
        }
    }
}
