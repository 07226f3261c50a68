//! RPKI_VALIDATION and RPKI_IMPACT: how a route was validated, and what that changed
//! (draft-wang-grow-bmp-rpki-mon-reqs-03 5.2 and 6).
//!
//! ```text
//! Per-Peer Header (42) | indexed TLVs: a BGP Message, and those of `tlv`
//! ```
//!
//! The BGP Message, Group and Stateless Parsing TLVs have the numbers of the revision of
//! draft-ietf-grow-bmp-tlv that the session uses.

use super::super::v4::{self, Expected, Index, IndexedTlv, IndexedTlvs, KnownNumbering};
use super::super::{PeerHeader, v4::RouteTlvKind};
use super::tlv::{RpkiTlv, RpkiTlvs};
use super::value::RpkiValue;
use super::words::ValidationTypes;
use crate::bgp::Context;
use crate::wire::{CodePoint, CodePoints, Cursor, DecodeError};

/// An RPKI_VALIDATION or RPKI_IMPACT message.
#[derive(Debug, Clone, Copy)]
pub struct RpkiRoute<'a> {
    /// Which peer and view.
    pub header: PeerHeader,
    /// The UPDATE with the routes, by its own length; none where the message lacks it.
    pub update: Option<&'a [u8]>,
    /// Octets from the start of the message to the UPDATE.
    pub update_offset: Option<usize>,
    /// Every TLV, that of the UPDATE included.
    pub tlvs: RpkiTlvs<'a>,
    /// The same as TLVs of draft-ietf-grow-bmp-tlv.
    indexed: IndexedTlvs<'a>,
    /// How those are numbered.
    pub numbering: KnownNumbering,
}

impl<'a> RpkiRoute<'a> {
    /// Reads what follows the common header; `expected` is what is known of how the session numbers
    /// the TLVs of draft-ietf-grow-bmp-tlv.
    pub(in crate::bmp) fn decode(
        mut body: Cursor<'a>,
        expected: Expected,
        code_points: &'a CodePoints,
    ) -> Result<RpkiRoute<'a>, DecodeError> {
        let header = PeerHeader::decode(&mut body)?;
        let indexed = IndexedTlvs::new(body);
        let numbering = expected.settle(indexed);
        let update = v4::update(indexed, numbering.numbering).ok();
        Ok(RpkiRoute {
            header,
            update: update.as_ref().map(|update| update.pdu),
            update_offset: update.as_ref().map(|update| update.offset),
            tlvs: RpkiTlvs::indexed(body, code_points),
            indexed,
            numbering,
        })
    }

    /// What kind of TLV of draft-ietf-grow-bmp-tlv one is that the RPKI messages do not know.
    pub fn kind(&self, tlv: &RpkiTlv<'_>) -> Option<RouteTlvKind> {
        if tlv.code_point.is_some() {
            return None;
        }
        if self.update_offset == Some(tlv.value.offset()) {
            return Some(RouteTlvKind::BgpMessage);
        }
        self.numbering.numbering.kind(&as_indexed(tlv))
    }

    /// What such a one says.
    pub fn route_value<'b>(&self, tlv: &RpkiTlv<'b>) -> v4::RouteTlvValue<'b> {
        as_indexed(tlv).read(self.numbering.numbering)
    }

    /// How the UPDATE is to be read, if the message itself says so.
    pub fn context(&self, declared: &Context) -> Option<Context> {
        let rib = self.header.rib();
        v4::context(self.indexed, self.numbering.numbering, rib, declared)
    }

    /// The kinds of validation of the routes that an index names; those of the index itself stand
    /// before those of all routes.
    pub fn types(&self, index: Index) -> Option<ValidationTypes> {
        let of = |wanted: Index| {
            let mut own = self.tlvs.flatten().filter(move |tlv| {
                tlv.index == Some(wanted) && tlv.code_point == Some(CodePoint::ValidationTypes)
            });
            own.find_map(|tlv| match tlv.read() {
                Ok(RpkiValue::ValidationTypes(types)) => Some(types),
                _ => None,
            })
        };
        of(index).or_else(|| of(Index(0)))
    }

    /// The state that a TLV tells is that of a path alone, where 1 is called `unknown`.
    pub fn is_path_state(&self, tlv: &RpkiTlv<'_>) -> bool {
        let types = tlv.index.and_then(|index| self.types(index));
        types.is_some_and(ValidationTypes::is_path_alone)
    }
}

fn as_indexed<'a>(tlv: &RpkiTlv<'a>) -> IndexedTlv<'a> {
    IndexedTlv {
        tlv_type: tlv.tlv_type(),
        enterprise: tlv.enterprise(),
        index: tlv.index.unwrap_or(Index(0)),
        value: tlv.octets(),
        offset: tlv.value.offset(),
    }
}
