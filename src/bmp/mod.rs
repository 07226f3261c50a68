//! The BGP Monitoring Protocol: headers, TLVs and messages of version 3 (RFC 7854, RFC 8671,
//! RFC 9069, RFC 9736) and 4 (draft-ietf-grow-bmp-tlv), and where messages begin in a stream of
//! bytes. Knows no files and no TCP.
//!
//! Decoding borrows: a message is a view of its octets, its TLVs and statistics are iterators.
//! Unknown types and TLVs are values; a TLV that leaves its container ends that container only.

pub mod frame;
pub mod initiation;
pub mod mirroring;
pub mod parameters;
pub mod rpki;
pub mod statistics;
pub mod termination;
pub mod v4;

mod header;
mod message;
mod message_type;
mod peer_down;
mod peer_header;
mod peer_up;
mod route_monitoring;
mod tlv;

pub use header::CommonHeader;
pub use initiation::Initiation;
pub use message::{Message, Unknown};
pub use message_type::MessageType;
pub use mirroring::RouteMirroring;
pub use peer_down::{PeerDown, PeerDownReason, PeerDownTlv};
pub use peer_header::{PeerFlags, PeerHeader, PeerType, Rib, address_word, peer_name};
pub use peer_up::{PeerUp, PeerUpTlv};
pub use route_monitoring::RouteMonitoring;
pub use statistics::StatisticsReport;
pub use termination::Termination;
pub use tlv::{CommonTlv, Tlv, Tlvs};

#[cfg(test)]
mod test_bytes;
