//! Initiation (RFC 7854 4.3): the router tells who it is, in TLVs.

use super::{CommonHeader, Tlvs};

code_points! {
    /// Initiation Information TLVs. 65531 to 65534 are experimental.
    InitiationTlv(u16) {
        STRING = 0, "string", "RFC 7854 4.4";
        SYS_DESCR = 1, "sys-descr", "RFC 7854 4.4";
        SYS_NAME = 2, "sys-name", "RFC 7854 4.4";
        // Before RFC 9736 one registry served Initiation and Peer Up; old senders may mix them.
        TABLE_NAME = 3, "table-name", "RFC 9069 5.2.1 (reserved since RFC 9736)";
        ADMIN_LABEL = 4, "admin-label", "RFC 8671 6.3.1 (reserved since RFC 9736)";
    }
}

/// An Initiation message.
#[derive(Debug, Clone, Copy)]
pub struct Initiation<'a> {
    tlvs: Tlvs<'a>,
}

impl<'a> Initiation<'a> {
    /// Views a whole message.
    pub(super) fn decode(bytes: &'a [u8], version: u8) -> Initiation<'a> {
        Initiation {
            tlvs: Tlvs::new(CommonHeader::body(bytes), version),
        }
    }

    /// Its TLVs, in order.
    pub fn tlvs(&self) -> Tlvs<'a> {
        self.tlvs
    }
}
