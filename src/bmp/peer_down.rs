//! Peer Down (RFC 7854 4.9): a reason, and data that depends on it.

use super::peer_up::bgp_message;
use super::{PeerHeader, Tlvs};
use crate::wire::{Cursor, DecodeError};
use std::borrow::Cow;

code_points! {
    /// Reason of a Peer Down. 251 to 254 are experimental, 0 and 255 reserved.
    PeerDownReason(u8) {
        LOCAL_NOTIFICATION = 1, "local-notification", "RFC 7854 4.9";
        LOCAL_NO_NOTIFICATION = 2, "local-no-notification", "RFC 7854 4.9";
        REMOTE_NOTIFICATION = 3, "remote-notification", "RFC 7854 4.9";
        REMOTE_NO_DATA = 4, "remote-no-data", "RFC 7854 4.9";
        DE_CONFIGURED = 5, "de-configured", "RFC 7854 4.9";
        LOCAL_CLOSED_TLVS = 6, "local-closed-tlvs", "RFC 9069 5.3";
    }
}

code_points! {
    /// TLVs of a Peer Down: with reason 6, and in version 4 with any. The types are those of a Peer
    /// Up, whose registry version 4 renames "Peer Up and Peer Down TLVs".
    PeerDownTlv(u16) {
        STRING = 0, "string", "draft-ietf-grow-bmp-tlv-21 10";
        TABLE_NAME = 3, "table-name", "RFC 9069 5.3";
        ADMIN_LABEL = 4, "admin-label", "draft-ietf-grow-bmp-tlv-21 10";
    }
}

/// A Peer Down Notification.
#[derive(Debug, Clone, Copy)]
pub struct PeerDown<'a> {
    /// Which peer.
    pub header: PeerHeader,
    /// Why.
    pub reason: PeerDownReason,
    /// What follows the reason.
    pub data: Cursor<'a>,
    version: u8,
}

impl<'a> PeerDown<'a> {
    pub(super) fn decode(mut cursor: Cursor<'a>, version: u8) -> Result<PeerDown<'a>, DecodeError> {
        let header = PeerHeader::decode(&mut cursor)?;
        let reason = PeerDownReason(cursor.u8("Reason")?);
        Ok(PeerDown {
            header,
            reason,
            data: cursor,
            version,
        })
    }

    /// The NOTIFICATION PDU of reasons 1 and 3, as many octets as are there. In version 4 TLVs may
    /// follow: there its own length rules.
    pub fn notification(&self) -> Option<&'a [u8]> {
        let has_one = matches!(
            self.reason,
            PeerDownReason::LOCAL_NOTIFICATION | PeerDownReason::REMOTE_NOTIFICATION
        );
        let whole = (has_one && !self.data.is_empty()).then(|| self.data.rest());
        match self.version {
            4 => whole
                .map(|rest| bgp_message(&mut self.data.clone(), "NOTIFICATION").unwrap_or(rest)),
            _ => whole,
        }
    }

    /// The FSM event code of reason 2 (RFC 4271 8.1); 0: no event.
    pub fn fsm_event(&self) -> Option<u16> {
        let mut data = self.data;
        let has_one = self.reason == PeerDownReason::LOCAL_NO_NOTIFICATION;
        has_one.then(|| data.u16("FSM event code").ok()).flatten()
    }

    /// The TLVs of reason 6; none for other reasons. In version 4, those behind the data of any
    /// reason (draft-ietf-grow-bmp-tlv-21 5.3); none if the data cannot be read.
    pub fn tlvs(&self) -> Option<Tlvs<'a>> {
        let has_some = self.version == 4 || self.reason == PeerDownReason::LOCAL_CLOSED_TLVS;
        let mut rest = self.data;
        if self.notification().is_some() {
            bgp_message(&mut rest, "NOTIFICATION").ok()?;
        } else if self.fsm_event().is_some() {
            rest.u16("FSM event code").ok()?;
        }
        has_some.then(|| Tlvs::new(rest, self.version))
    }

    /// VRF/Table Name (RFC 9069 5.3).
    pub fn table_name(&self) -> Option<Cow<'a, str>> {
        let mut tlvs = self.tlvs()?.flatten();
        tlvs.find(|tlv| tlv.tlv_type == PeerDownTlv::TABLE_NAME.0)
            .map(|tlv| tlv.text())
    }
}
