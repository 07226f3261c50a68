//! Which message types framing expects, and by what it knows messages of types that drafts number.

use crate::wire::code_points::Number;
use crate::wire::{CodePoint, CodePoints};

/// The message types that framing takes for plausible: those that are registered, experimental ones, and
/// those that the code points in use name. Built once; a look-up is a shift and a mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTypes {
    /// A bit for each message type.
    plausible: [u64; 4],
    config: Option<u8>,
    /// RPKI_VALIDATION and RPKI_IMPACT.
    routes: [Option<u8>; 2],
    /// The TLVs that an RPKI_CONFIG message consists of.
    containers: [u16; 2],
}

impl Default for KnownTypes {
    fn default() -> KnownTypes {
        KnownTypes::of(&CodePoints::default())
    }
}

impl KnownTypes {
    /// The types that these code points know.
    pub fn of(code_points: &CodePoints) -> KnownTypes {
        let number = |code_point| code_points.message_type_number(code_point);
        let mut known = KnownTypes {
            plausible: [0; 4],
            config: number(CodePoint::RpkiConfig),
            routes: [CodePoint::RpkiValidation, CodePoint::RpkiImpact].map(number),
            containers: [CodePoint::RpkiSource, CodePoint::RpkiPolicy]
                .map(|code_point| type_field(code_points.number(code_point, 4))),
        };
        // Registered ones, 100 (see `SHAPES`) and the experimental ones (IANA, BMP Message Types).
        let usual = (0..=6).chain([100]).chain(251..=254);
        let of_drafts = known.routes.into_iter().chain([known.config]).flatten();
        for message_type in usual.chain(of_drafts) {
            known.add(message_type);
        }
        known
    }

    fn add(&mut self, message_type: u8) {
        if let Some(bits) = self.plausible.get_mut(usize::from(message_type >> 6)) {
            *bits |= 1 << (message_type & 63);
        }
    }

    /// A message may be of this type.
    #[inline]
    pub(super) fn has(&self, message_type: u8) -> bool {
        let bits = self.plausible.get(usize::from(message_type >> 6));
        bits.is_some_and(|bits| bits >> (message_type & 63) & 1 == 1)
    }

    /// Which message of a draft it is.
    pub(super) fn of_draft(&self, message_type: u8) -> Option<OfDraft> {
        if self.config == Some(message_type) {
            return Some(OfDraft::Config);
        }
        let is_route = self.routes.contains(&Some(message_type));
        is_route.then_some(OfDraft::Route)
    }

    /// A TLV of this type is one that an RPKI_CONFIG message consists of.
    pub(super) fn is_container(&self, tlv_type: u16) -> bool {
        self.containers.contains(&tlv_type)
    }
}

/// The type field of a TLV whose top bit is the E bit (draft-ietf-grow-bmp-tlv-21 4.2).
fn type_field(number: Number) -> u16 {
    match number {
        Number::Plain(number) => number,
        Number::Enterprise { number, .. } => number | 0x8000,
    }
}

/// Messages of draft-wang-grow-bmp-rpki-mon-reqs-03, as far as framing tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfDraft {
    /// RPKI_CONFIG: plain TLVs, with or without a per-peer header before them.
    Config,
    /// RPKI_VALIDATION and RPKI_IMPACT: a per-peer header and indexed TLVs, an UPDATE among them.
    Route,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::code_points::Setting;

    #[test]
    fn types_that_code_points_name_are_known_beside_the_usual_ones() {
        let usual = KnownTypes::default();
        let expected: Vec<u8> = (0..=6).chain([100]).chain(251..=254).collect();
        let all = |known: &KnownTypes| (0..=255).filter(|one| known.has(*one)).collect::<Vec<_>>();
        assert_eq!(all(&usual), expected);
        let setting = Setting::parse("rpki-config=200", "--code").unwrap();
        let moved = KnownTypes::of(&CodePoints::with(&[setting]).unwrap());
        let added: Vec<u8> = all(&moved)
            .into_iter()
            .filter(|one| !usual.has(*one))
            .collect();
        assert_eq!(added, [200]);
        assert_eq!(moved.of_draft(200), Some(OfDraft::Config));
        assert_eq!(
            (moved.of_draft(251), moved.of_draft(252)),
            (None, Some(OfDraft::Route))
        );
    }

    #[test]
    fn containers_have_the_numbers_in_use() {
        let setting = Setting::parse("rpki-source=32473/5", "--code").unwrap();
        let known = KnownTypes::of(&CodePoints::with(&[setting]).unwrap());
        let of = |tlv_type| known.is_container(tlv_type);
        assert_eq!([0x8005, 0x4001, 0x4002].map(of), [true, false, true]);
    }
}
