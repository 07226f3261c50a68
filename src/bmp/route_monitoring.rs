//! Route Monitoring (RFC 7854 4.6): one BGP UPDATE of a RIB view.

use super::peer_up::bgp_message;
use super::{CommonHeader, PeerHeader};
use crate::wire::{Cursor, DecodeError};

/// A Route Monitoring message.
#[derive(Debug, Clone, Copy)]
pub struct RouteMonitoring<'a> {
    /// Which peer and view.
    pub header: PeerHeader,
    /// The whole BGP message, by its own length.
    pub update: &'a [u8],
    /// Octets behind it. Version 3 has none; some senders append TLVs all the same.
    pub trailing: &'a [u8],
}

impl<'a> RouteMonitoring<'a> {
    /// Octets from the start of the message to the UPDATE.
    pub const UPDATE_OFFSET: usize = CommonHeader::LENGTH + PeerHeader::LENGTH;

    /// Views a whole message of version 3.
    #[inline(always)]
    pub fn decode(bytes: &'a [u8]) -> Result<RouteMonitoring<'a>, DecodeError> {
        RouteMonitoring::decode_body(CommonHeader::body(bytes))
    }

    #[inline(always)]
    pub(super) fn decode_body(mut cursor: Cursor<'a>) -> Result<RouteMonitoring<'a>, DecodeError> {
        let header = PeerHeader::decode(&mut cursor)?;
        let update = bgp_message(&mut cursor, "BGP Update PDU")?;
        Ok(RouteMonitoring {
            header,
            update,
            trailing: cursor.rest(),
        })
    }
}
