//! RPKI_CONFIG: the data sources and the policy of a router, or those of one of its peers
//! (draft-wang-grow-bmp-rpki-mon-reqs-03 4).
//!
//! ```text
//! global:    plain TLVs
//! per peer:  Per-Peer Header (42) | plain TLVs
//! ```
//!
//! No flag says which it is; the first octet does, or which of the two fits.

use super::super::PeerHeader;
use super::tlv::RpkiTlvs;
use crate::wire::{CodePoints, Cursor};

/// An RPKI_CONFIG message.
#[derive(Debug, Clone, Copy)]
pub struct RpkiConfig<'a> {
    /// Whose configuration it is.
    pub scope: ConfigScope,
    /// Both readings of the body fit, or neither does: it is taken for a global one.
    pub is_ambiguous: bool,
    /// Its TLVs: sources and policies.
    pub tlvs: RpkiTlvs<'a>,
}

/// Whose configuration an RPKI_CONFIG message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigScope {
    /// The router's.
    Global,
    /// The one for this peer.
    Peer(PeerHeader),
}

impl<'a> RpkiConfig<'a> {
    /// Reads what follows the common header.
    pub(in crate::bmp) fn decode(body: Cursor<'a>, code_points: &'a CodePoints) -> RpkiConfig<'a> {
        let global = RpkiConfig {
            scope: ConfigScope::Global,
            is_ambiguous: false,
            tlvs: RpkiTlvs::plain(body, code_points),
        };
        let per_peer = per_peer(body, code_points);
        match (body.rest().first(), per_peer) {
            (None | Some(0x40..=0x7f), _) => global,
            (Some(0..=3 | 251..=254), Some(per_peer)) => per_peer,
            (_, per_peer) => by_fit(global, per_peer),
        }
    }

    /// The per-peer header, if it has one.
    pub fn header(&self) -> Option<&PeerHeader> {
        match &self.scope {
            ConfigScope::Global => None,
            ConfigScope::Peer(header) => Some(header),
        }
    }
}

/// The reading with a per-peer header, if whole TLVs follow it.
fn per_peer<'a>(mut body: Cursor<'a>, code_points: &'a CodePoints) -> Option<RpkiConfig<'a>> {
    let header = PeerHeader::decode(&mut body).ok()?;
    let tlvs = RpkiTlvs::plain(body, code_points);
    tlvs.are_whole().then_some(RpkiConfig {
        scope: ConfigScope::Peer(header),
        is_ambiguous: false,
        tlvs,
    })
}

/// Whichever of the two consumes the body exactly; the global one if both do, or neither.
fn by_fit<'a>(global: RpkiConfig<'a>, per_peer: Option<RpkiConfig<'a>>) -> RpkiConfig<'a> {
    match (global.tlvs.are_whole(), per_peer) {
        (false, Some(per_peer)) => per_peer,
        (true, None) => global,
        _ => RpkiConfig {
            is_ambiguous: true,
            ..global
        },
    }
}
