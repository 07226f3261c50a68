//! What version 4 adds (draft-ietf-grow-bmp-tlv): indexed TLVs around the UPDATE of a Route
//! Monitoring message, numbered differently by nearly every revision of the draft, and Path Marking
//! (draft-ietf-grow-bmp-path-marking-tlv), and Route Event Logging (draft-ietf-grow-bmp-rel).

pub mod event;

mod indexed;
mod numbering;
mod path_marking;
mod session;
mod stateless;
mod value;

pub use event::RouteEvent;
pub use indexed::{Index, IndexedTlv, IndexedTlvs};
pub use numbering::{Numbering, RouteTlvKind};
pub use path_marking::{PathMarking, PathReason, PathStatus};
pub use session::{Expected, KnownNumbering, NumberingSource, NumberingTally};
pub use stateless::context;
pub use value::{ExtendedFlags, RouteTlvValue, TlvTimestamp};

use super::peer_up::bgp_message;
use crate::wire::{Cursor, DecodeError};

/// What a BGP message begins with (RFC 4271 4.1).
const MARKER: [u8; 16] = [0xff; 16];

/// These octets begin as a BGP message does.
#[inline]
pub(super) fn begins_with_marker(octets: &[u8]) -> bool {
    octets.first_chunk::<16>() == Some(&MARKER)
}

/// The PDU of a Route Monitoring message.
pub(super) struct UpdateTlv<'a> {
    pub(super) pdu: &'a [u8],
    /// Octets from the start of the message to the PDU.
    pub(super) offset: usize,
    /// Octets behind the PDU in its TLV.
    pub(super) trailing: &'a [u8],
}

/// Finds the PDU. Its TLV is the one of that number, or is told by its content: the numbers of the
/// revisions contradict each other.
pub(super) fn update<'a>(
    tlvs: IndexedTlvs<'a>,
    numbering: Numbering,
) -> Result<UpdateTlv<'a>, DecodeError> {
    let tlv = update_tlv(tlvs, numbering)?;
    let mut cursor = Cursor::at(tlv.value, tlv.offset);
    Ok(UpdateTlv {
        pdu: bgp_message(&mut cursor, "BGP Message TLV")?,
        offset: tlv.offset,
        trailing: cursor.rest(),
    })
}

fn update_tlv<'a>(
    tlvs: IndexedTlvs<'a>,
    numbering: Numbering,
) -> Result<IndexedTlv<'a>, DecodeError> {
    let own = || tlvs.flatten().filter(|tlv| tlv.enterprise.is_none());
    let is_numbered = |tlv: &IndexedTlv<'_>| numbering.kind(tlv) == Some(RouteTlvKind::BgpMessage);
    let found = own()
        .find(|tlv| is_numbered(tlv) && tlv.is_bgp_message())
        .or_else(|| own().find(IndexedTlv::is_bgp_message))
        .or_else(|| own().find(|tlv| begins_with_marker(tlv.value)))
        .or_else(|| own().find(is_numbered));
    let mut all = tlvs;
    let missing = || match all.find_map(Result::err) {
        Some(error) => error,
        None => tlvs.end().malformed("BGP Message TLV", "is missing"),
    };
    found.ok_or_else(missing)
}

#[cfg(test)]
mod tests;
