//! Termination (RFC 7854 4.5): the router says why it closes the session.

use super::{CommonHeader, Tlvs};

code_points! {
    /// Termination Information TLVs. 65531 to 65534 are experimental.
    TerminationTlv(u16) {
        STRING = 0, "string", "RFC 7854 4.5";
        REASON = 1, "reason", "RFC 7854 4.5";
    }
}

code_points! {
    /// Reason codes of the Reason TLV.
    TerminationReason(u16) {
        ADMINISTRATIVELY_CLOSED = 0, "administratively-closed", "RFC 7854 4.5";
        UNSPECIFIED = 1, "unspecified", "RFC 7854 4.5";
        OUT_OF_RESOURCES = 2, "out-of-resources", "RFC 7854 4.5";
        REDUNDANT_CONNECTION = 3, "redundant-connection", "RFC 7854 4.5";
        PERMANENTLY_CLOSED = 4, "permanently-administratively-closed", "RFC 7854 4.5";
    }
}

/// A Termination message.
#[derive(Debug, Clone, Copy)]
pub struct Termination<'a> {
    tlvs: Tlvs<'a>,
}

impl<'a> Termination<'a> {
    /// Views a whole message.
    pub(super) fn decode(bytes: &'a [u8], version: u8) -> Termination<'a> {
        Termination {
            tlvs: Tlvs::new(CommonHeader::body(bytes), version),
        }
    }

    /// Its TLVs, in order.
    pub fn tlvs(&self) -> Tlvs<'a> {
        self.tlvs
    }

    /// The code in the Reason TLV; none if there is no such TLV of two octets.
    pub fn reason(&self) -> Option<TerminationReason> {
        let mut reasons = self
            .tlvs
            .flatten()
            .filter(|tlv| tlv.tlv_type == TerminationTlv::REASON.0);
        reasons.find_map(|tlv| tlv.code()).map(TerminationReason)
    }
}
