//! Route Mirroring (RFC 7854 4.7): BGP messages verbatim, in TLVs.

use super::{PeerHeader, Tlvs};
use crate::wire::{Cursor, DecodeError};

code_points! {
    /// Route Mirroring TLVs. 65531 to 65534 are experimental.
    MirroringTlv(u16) {
        BGP_MESSAGE = 0, "bgp-message", "RFC 7854 4.7";
        INFORMATION = 1, "information", "RFC 7854 4.7";
    }
}

code_points! {
    /// Codes of the Information TLV.
    MirroringInformation(u16) {
        ERRORED_PDU = 0, "errored-pdu", "RFC 7854 4.7";
        MESSAGES_LOST = 1, "messages-lost", "RFC 7854 4.7";
    }
}

/// A Route Mirroring message.
#[derive(Debug, Clone, Copy)]
pub struct RouteMirroring<'a> {
    /// Whose messages are mirrored. Its A flag has no meaning here: PDUs are verbatim (RFC 7854
    /// 4.2).
    pub header: PeerHeader,
    tlvs: Tlvs<'a>,
}

impl<'a> RouteMirroring<'a> {
    pub(super) fn decode(
        mut cursor: Cursor<'a>,
        version: u8,
    ) -> Result<RouteMirroring<'a>, DecodeError> {
        let header = PeerHeader::decode(&mut cursor)?;
        Ok(RouteMirroring {
            header,
            tlvs: Tlvs::new(cursor, version),
        })
    }

    /// Its TLVs, in order.
    pub fn tlvs(&self) -> Tlvs<'a> {
        self.tlvs
    }
}
