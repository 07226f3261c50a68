//! The per-peer header (RFC 7854 4.2), 42 octets behind the common header of most messages:
//!
//! ```text
//! |   Peer Type   |  Peer Flags   |
//! |         Peer Distinguisher (8)                                |
//! |                 Peer Address (16 bytes)                       |
//! |                           Peer AS                             |
//! |                         Peer BGP ID                           |
//! |                    Timestamp (seconds)                        |
//! |                  Timestamp (microseconds)                     |
//! ```

use crate::net::{RouteDistinguisher, padded_address};
use crate::time::Timestamp;
use crate::wire::{Cursor, DecodeError};
use serde::Serialize;
use std::net::IpAddr;

code_points! {
    /// Peer Type. 251 to 254 are experimental, 255 is reserved.
    PeerType(u8) {
        GLOBAL = 0, "global", "RFC 7854 4.2";
        RD = 1, "rd", "RFC 7854 4.2";
        LOCAL = 2, "local", "RFC 7854 4.2";
        LOC_RIB = 3, "loc-rib", "RFC 9069 4.1";
    }
}

/// Peer Flags. What a bit means depends on the Peer Type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PeerFlags(pub u8);

impl PeerFlags {
    /// V: the peer address is IPv6; not for a Loc-RIB (RFC 7854 4.2).
    pub const IPV6: u8 = 0x80;
    /// F: the Loc-RIB is filtered; only for a Loc-RIB (RFC 9069 4.2).
    pub const FILTERED: u8 = 0x80;
    /// L: post-policy; not for a Loc-RIB (RFC 7854 4.2).
    pub const POST_POLICY: u8 = 0x40;
    /// A: AS_PATH with two-octet AS numbers; not for a Loc-RIB (RFC 7854 4.2).
    pub const LEGACY_AS_PATH: u8 = 0x20;
    /// O: Adj-RIB-Out; not for a Loc-RIB (RFC 8671 4).
    pub const ADJ_RIB_OUT: u8 = 0x10;

    #[inline]
    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }
}

/// The RIB view that a Route Monitoring message shows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rib {
    /// Adj-RIB-In before inbound policy (RFC 7854 5).
    AdjRibInPre,
    /// Adj-RIB-In after inbound policy (RFC 7854 5).
    AdjRibInPost,
    /// Adj-RIB-Out before outbound policy (RFC 8671 5.2).
    AdjRibOutPre,
    /// Adj-RIB-Out after outbound policy (RFC 8671 5.1).
    AdjRibOutPost,
    /// Loc-RIB (RFC 9069).
    LocRib,
}

impl Rib {
    /// Every view.
    pub const ALL: [Rib; 5] = [
        Rib::AdjRibInPre,
        Rib::AdjRibInPost,
        Rib::AdjRibOutPre,
        Rib::AdjRibOutPost,
        Rib::LocRib,
    ];

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Rib::AdjRibInPre => "adj-rib-in-pre",
            Rib::AdjRibInPost => "adj-rib-in-post",
            Rib::AdjRibOutPre => "adj-rib-out-pre",
            Rib::AdjRibOutPost => "adj-rib-out-post",
            Rib::LocRib => "loc-rib",
        }
    }

    /// How findings name this view of the peer of a name.
    pub fn of_peer(self, name: &str) -> String {
        match self {
            Rib::LocRib => name.to_owned(),
            _ => format!("peer {name} {}", self.word()),
        }
    }
}

/// A decoded per-peer header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerHeader {
    /// Peer Type.
    pub peer_type: PeerType,
    /// Peer Flags.
    pub flags: PeerFlags,
    /// Peer Distinguisher.
    pub distinguisher: RouteDistinguisher,
    /// Peer Address as sent: IPv4 in the last four octets.
    pub address_octets: [u8; 16],
    /// Peer AS.
    pub asn: u32,
    /// Peer BGP ID.
    pub bgp_id: [u8; 4],
    /// Seconds of the timestamp; with microseconds both zero: not available.
    pub seconds: u32,
    /// Microseconds of the timestamp.
    pub microseconds: u32,
}

impl PeerHeader {
    /// Octets of the header.
    pub const LENGTH: usize = 42;

    /// Reads the header.
    #[inline(always)]
    pub fn decode(cursor: &mut Cursor<'_>) -> Result<PeerHeader, DecodeError> {
        Ok(PeerHeader::of(&cursor.array("Per-Peer Header")?))
    }

    /// The header of a message that has one; none if the message is too short.
    #[inline(always)]
    pub fn peek(message: &[u8]) -> Option<PeerHeader> {
        message.get(6..)?.first_chunk().map(PeerHeader::of)
    }

    // Inlined always: of its eight fields, callers on the hot path use two.
    #[inline(always)]
    fn of(octets: &[u8; PeerHeader::LENGTH]) -> PeerHeader {
        let mut rest = &octets[..];
        PeerHeader {
            peer_type: PeerType(u8::from_be_bytes(next(&mut rest))),
            flags: PeerFlags(u8::from_be_bytes(next(&mut rest))),
            distinguisher: RouteDistinguisher(next(&mut rest)),
            address_octets: next(&mut rest),
            asn: u32::from_be_bytes(next(&mut rest)),
            bgp_id: next(&mut rest),
            seconds: u32::from_be_bytes(next(&mut rest)),
            microseconds: u32::from_be_bytes(next(&mut rest)),
        }
    }

    /// Peer Address; none for a Loc-RIB, which has no peer (RFC 9069 4.2).
    #[inline]
    pub fn address(&self) -> Option<IpAddr> {
        let is_ipv6 = self.flags.has(PeerFlags::IPV6);
        (!self.is_loc_rib()).then(|| padded_address(self.address_octets, is_ipv6))
    }

    /// How findings name the peer, see [`peer_name`].
    pub fn name(&self) -> String {
        peer_name(self.address(), self.distinguisher)
    }

    /// Its address in words, see [`address_word`].
    pub fn address_word(&self) -> String {
        address_word(self.address())
    }

    /// The view that a Route Monitoring message with this header shows (RFC 7854 5, RFC 8671 4).
    #[inline]
    pub fn rib(&self) -> Rib {
        if self.is_loc_rib() {
            return Rib::LocRib;
        }
        let is_post = self.flags.has(PeerFlags::POST_POLICY);
        match (self.flags.has(PeerFlags::ADJ_RIB_OUT), is_post) {
            (false, false) => Rib::AdjRibInPre,
            (false, true) => Rib::AdjRibInPost,
            (true, false) => Rib::AdjRibOutPre,
            (true, true) => Rib::AdjRibOutPost,
        }
    }

    /// The A flag: AS_PATH has two-octet AS numbers. A Loc-RIB has no such flag.
    #[inline]
    pub fn has_legacy_as_path(&self) -> bool {
        !self.is_loc_rib() && self.flags.has(PeerFlags::LEGACY_AS_PATH)
    }

    /// The peer address field holds an IPv6 address.
    #[inline]
    pub fn is_ipv6(&self) -> bool {
        !self.is_loc_rib() && self.flags.has(PeerFlags::IPV6)
    }

    /// When the router says it happened; none where it does not say.
    #[inline]
    pub fn timestamp(&self) -> Option<Timestamp> {
        Timestamp::from_bmp(self.seconds, self.microseconds)
    }

    #[inline]
    fn is_loc_rib(&self) -> bool {
        self.peer_type == PeerType::LOC_RIB
    }
}

/// The next `N` octets; the array that this reads has as many as all fields together.
#[inline(always)]
fn next<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    match rest.split_first_chunk() {
        Some((head, tail)) => {
            *rest = tail;
            *head
        }
        None => [0; N],
    }
}

/// How findings name a peer: by its address, and its distinguisher where there is one.
pub fn peer_name(address: Option<IpAddr>, distinguisher: RouteDistinguisher) -> String {
    match distinguisher.is_zero() {
        true => address_word(address),
        false => format!("{} ({distinguisher})", address_word(address)),
    }
}

/// A peer's address in words; of a Loc-RIB, which has none, `loc-rib`.
pub fn address_word(address: Option<IpAddr>) -> String {
    address.map_or_else(|| "loc-rib".to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::test_bytes::{PEER_HEADER, hex};
    use super::*;

    fn with(peer_type: u8, flags: u8) -> PeerHeader {
        let mut octets = hex(PEER_HEADER);
        octets[0] = peer_type;
        octets[1] = flags;
        PeerHeader::decode(&mut Cursor::new(&octets)).unwrap()
    }

    #[test]
    fn every_field_is_read() {
        let header = with(0, 0);
        assert_eq!(header.peer_type, PeerType::GLOBAL);
        assert_eq!(header.address().unwrap().to_string(), "192.0.2.7");
        assert_eq!((header.asn, header.bgp_id), (64500, [192, 0, 2, 7]));
        assert_eq!(
            header.timestamp().unwrap().to_string(),
            "1970-01-01T00:00:01.000002Z"
        );
    }

    #[test]
    fn the_o_and_l_flags_choose_the_view() {
        assert_eq!(with(0, 0x00).rib(), Rib::AdjRibInPre);
        assert_eq!(with(1, 0x40).rib(), Rib::AdjRibInPost);
        assert_eq!(with(2, 0x10).rib(), Rib::AdjRibOutPre);
        assert_eq!(with(0, 0x50).rib(), Rib::AdjRibOutPost);
    }

    #[test]
    fn a_loc_rib_has_no_address_and_its_flags_mean_something_else() {
        let header = with(3, 0xff);
        assert_eq!(header.rib(), Rib::LocRib);
        assert_eq!(header.address(), None);
        assert!(!header.has_legacy_as_path() && !header.is_ipv6());
    }

    #[test]
    fn a_header_cut_short_is_an_error_that_names_it() {
        let error = PeerHeader::decode(&mut Cursor::at(&[0; 41], 6)).unwrap_err();
        let expected = "Per-Peer Header at byte 6: needs 42 bytes, 41 left in its container";
        assert_eq!(error.to_string(), expected);
    }
}
