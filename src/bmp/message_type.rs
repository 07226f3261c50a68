//! The registry of BMP message types.

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
