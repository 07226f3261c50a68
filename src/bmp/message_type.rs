//! The registry of BMP message types.

use super::rpki::RpkiConfig;
use super::v4::RouteEvent;
use super::{CommonHeader, PeerHeader};
use crate::wire::{CodePoint, CodePoints};

code_points! {
    /// The Message Type octet of a common header (RFC 7854 4.1). 7 to 250 are unassigned, 251 to
    /// 254 experimental, 255 reserved.
    MessageType(u8) {
        ROUTE_MONITORING = 0, "route-monitoring", "RFC 7854 4.6";
        STATISTICS_REPORT = 1, "statistics-report", "RFC 7854 4.8";
        PEER_DOWN = 2, "peer-down", "RFC 7854 4.9";
        PEER_UP = 3, "peer-up", "RFC 7854 4.10";
        INITIATION = 4, "initiation", "RFC 7854 4.3";
        TERMINATION = 5, "termination", "RFC 7854 4.5";
        ROUTE_MIRRORING = 6, "route-mirroring", "RFC 7854 4.7";
    }
}

impl MessageType {
    /// Which type of a draft it is; none for those that are registered.
    #[inline]
    pub fn of_draft(self, code_points: &CodePoints) -> Option<CodePoint> {
        // Numbers of drafts begin behind the registered ones.
        let is_registered = self.0 <= MessageType::ROUTE_MIRRORING.0;
        match is_registered {
            true => None,
            false => code_points.message_type(self.0),
        }
    }

    /// The per-peer header of a message of this type; none where it has none, or is too short.
    #[inline(always)]
    pub fn peer_header(self, message: &[u8], code_points: &CodePoints) -> Option<PeerHeader> {
        match self.has_peer_header() {
            true => PeerHeader::peek(message),
            false => self.peer_header_of_draft(message, code_points),
        }
    }

    #[inline(never)]
    fn peer_header_of_draft(self, message: &[u8], code_points: &CodePoints) -> Option<PeerHeader> {
        let body = CommonHeader::body(message);
        match self.of_draft(code_points) {
            Some(CodePoint::RpkiConfig) => RpkiConfig::decode(body, code_points).header().copied(),
            Some(CodePoint::RpkiValidation | CodePoint::RpkiImpact) => PeerHeader::peek(message),
            Some(_) => None,
            None => event_header(self, message),
        }
    }

    /// Messages of this type have a per-peer header behind the common one.
    #[inline]
    pub fn has_peer_header(self) -> bool {
        matches!(
            self,
            MessageType::ROUTE_MONITORING
                | MessageType::STATISTICS_REPORT
                | MessageType::PEER_DOWN
                | MessageType::PEER_UP
                | MessageType::ROUTE_MIRRORING
        )
    }
}

/// The header of a Route Event Logging message, which has no type yet: it is known by its content.
fn event_header(message_type: MessageType, message: &[u8]) -> Option<PeerHeader> {
    let is_registered = message_type.0 <= MessageType::ROUTE_MIRRORING.0;
    if is_registered || message.first() != Some(&4) {
        return None;
    }
    RouteEvent::recognise(CommonHeader::body(message))?.header
}
