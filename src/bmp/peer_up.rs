//! Peer Up (RFC 7854 4.10): both OPENs of a BGP session, and TLVs.
//!
//! ```text
//! |                 Local Address (16 bytes)                      |
//! |         Local Port            |        Remote Port            |
//! |                    Sent OPEN Message                          |
//! |                  Received OPEN Message                        |
//! |                 Information (variable)                        |
//! ```

use super::{CommonHeader, PeerHeader, Tlvs};
use crate::bgp::MessageHeader;
use crate::net::padded_address;
use crate::wire::{Cursor, DecodeError};
use std::borrow::Cow;
use std::net::IpAddr;

code_points! {
    /// BMP Peer Up Message TLVs, a registry of their own since RFC 9736. 65531 to 65534 are
    /// experimental.
    PeerUpTlv(u16) {
        STRING = 0, "string", "RFC 9736";
        // Reserved here; old senders shared the numbers of Initiation.
        SYS_DESCR = 1, "sys-descr", "RFC 7854 4.4 (reserved since RFC 9736)";
        SYS_NAME = 2, "sys-name", "RFC 7854 4.4 (reserved since RFC 9736)";
        TABLE_NAME = 3, "table-name", "RFC 9069 5.2.1";
        ADMIN_LABEL = 4, "admin-label", "RFC 8671 6.3.1";
    }
}

/// A Peer Up Notification.
#[derive(Debug, Clone, Copy)]
pub struct PeerUp<'a> {
    /// Which peer.
    pub header: PeerHeader,
    /// The router's address of the BGP session; none for a Loc-RIB (RFC 9069 5.2).
    pub local_address: Option<IpAddr>,
    /// The router's TCP port; 0 for locally originated routes.
    pub local_port: u16,
    /// The peer's TCP port.
    pub remote_port: u16,
    /// The whole OPEN message that the router sent.
    pub sent_open: &'a [u8],
    /// The whole OPEN message that it received.
    pub received_open: &'a [u8],
    tlvs: Tlvs<'a>,
}

impl<'a> PeerUp<'a> {
    /// Octets from the start of the message to the OPEN that the router sent; the one that it
    /// received follows.
    pub const OPENS_OFFSET: usize = CommonHeader::LENGTH + PeerHeader::LENGTH + 16 + 2 + 2;

    pub(super) fn decode(mut cursor: Cursor<'a>, version: u8) -> Result<PeerUp<'a>, DecodeError> {
        let header = PeerHeader::decode(&mut cursor)?;
        let local_address = cursor.array("Local Address")?;
        Ok(PeerUp {
            header,
            local_address: header
                .address()
                .map(|_| padded_address(local_address, header.is_ipv6())),
            local_port: cursor.u16("Local Port")?,
            remote_port: cursor.u16("Remote Port")?,
            sent_open: bgp_message(&mut cursor, "Sent OPEN Message")?,
            received_open: bgp_message(&mut cursor, "Received OPEN Message")?,
            tlvs: Tlvs::new(cursor, version),
        })
    }

    /// Its TLVs, in order.
    pub fn tlvs(&self) -> Tlvs<'a> {
        self.tlvs
    }

    /// VRF/Table Name (RFC 9069 5.2.1).
    pub fn table_name(&self) -> Option<Cow<'a, str>> {
        let mut tlvs = self.tlvs.flatten();
        tlvs.find(|tlv| tlv.tlv_type == PeerUpTlv::TABLE_NAME.0)
            .map(|tlv| tlv.text())
    }
}

/// A whole BGP message by its own length, header included.
#[inline]
pub(super) fn bgp_message<'a>(
    cursor: &mut Cursor<'a>,
    field: &'static str,
) -> Result<&'a [u8], DecodeError> {
    let header = MessageHeader::decode(&mut cursor.clone())?;
    cursor.bytes(field, usize::from(header.length))
}
