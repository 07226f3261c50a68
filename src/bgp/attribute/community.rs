//! Communities of all kinds: standard (RFC 1997), extended (RFC 4360), large (RFC 8092).

use super::{ExtendedCommunity, Ipv6ExtendedCommunity};
use crate::wire::{Cursor, DecodeError};
use std::fmt;

/// Defines a borrowed list of items with a fixed size.
macro_rules! list {
    ($(#[$meta:meta])* $name:ident of $item:ident, $size:literal octets, $why:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name<'a>(&'a [u8]);

        impl<'a> $name<'a> {
            /// Takes the octets, if they are whole items.
            pub fn decode(cursor: Cursor<'a>) -> Result<$name<'a>, DecodeError> {
                if cursor.remaining() % $size != 0 {
                    return Err(cursor.malformed("Attribute Length", $why));
                }
                Ok($name(cursor.rest()))
            }

            /// The items, in order.
            #[inline]
            pub fn iter(&self) -> impl Iterator<Item = $item> + use<'a> {
                let (items, _) = self.0.as_chunks::<$size>();
                items.iter().map(|octets| $item::from(*octets))
            }
        }
    };
}

list! {
    /// The communities of a route.
    Communities of Community, 4 octets, "is not a multiple of 4"
}

list! {
    /// The extended communities of a route.
    ExtendedCommunities of ExtendedCommunity, 8 octets, "is not a multiple of 8"
}

list! {
    /// The IPv6 address specific extended communities of a route.
    Ipv6ExtendedCommunities of Ipv6ExtendedCommunity, 20 octets, "is not a multiple of 20"
}

list! {
    /// The large communities of a route.
    LargeCommunities of LargeCommunity, 12 octets, "is not a multiple of 12"
}

/// A community (RFC 1997): an AS number and a value, or a well-known word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Community(pub u32);

impl From<[u8; 4]> for Community {
    fn from(octets: [u8; 4]) -> Community {
        Community(u32::from_be_bytes(octets))
    }
}

impl Community {
    /// The word of a well-known community.
    #[inline]
    pub fn word(self) -> Option<&'static str> {
        // All well-known ones are in 65535:0 to 65535:65535, which few others are.
        if self.0 >> 16 != 0xffff {
            return None;
        }
        let row = WELL_KNOWN.iter().find(|row| row.0 == self.0);
        row.map(|row| row.1)
    }

    /// The well-known community of this word.
    pub fn of_word(word: &str) -> Option<Community> {
        let row = WELL_KNOWN.iter().find(|row| row.1 == word);
        row.map(|row| Community(row.0))
    }
}

impl fmt::Display for Community {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.word() {
            Some(word) => f.write_str(word),
            None => write!(f, "{}:{}", self.0 >> 16, self.0 & 0xffff),
        }
    }
}

/// BGP Well-known Communities, IANA registry: number, word, source.
const WELL_KNOWN: &[(u32, &str, &str)] = &[
    (0xffff_0000, "graceful-shutdown", "RFC 8326 5"),
    (0xffff_0001, "accept-own", "RFC 7611 2"),
    (
        0xffff_0002,
        "route-filter-translated-v4",
        "draft-l3vpn-legacy-rtc",
    ),
    (0xffff_0003, "route-filter-v4", "draft-l3vpn-legacy-rtc"),
    (
        0xffff_0004,
        "route-filter-translated-v6",
        "draft-l3vpn-legacy-rtc",
    ),
    (0xffff_0005, "route-filter-v6", "draft-l3vpn-legacy-rtc"),
    (0xffff_0006, "llgr-stale", "RFC 9494 3.2"),
    (0xffff_0007, "no-llgr", "RFC 9494 3.3"),
    (0xffff_0008, "accept-own-nexthop", "IANA"),
    (0xffff_0009, "standby-pe", "RFC 9026 4"),
    (0xffff_029a, "blackhole", "RFC 7999 5"),
    (0xffff_ff01, "no-export", "RFC 1997"),
    (0xffff_ff02, "no-advertise", "RFC 1997"),
    (0xffff_ff03, "no-export-subconfed", "RFC 1997"),
    (0xffff_ff04, "nopeer", "RFC 3765 2"),
];

/// A large community (RFC 8092 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LargeCommunity {
    /// The AS that gives the rest its meaning.
    pub global_administrator: u32,
    /// Local Data Part 1.
    pub local_1: u32,
    /// Local Data Part 2.
    pub local_2: u32,
}

impl From<[u8; 12]> for LargeCommunity {
    fn from(octets: [u8; 12]) -> LargeCommunity {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = octets;
        LargeCommunity {
            global_administrator: u32::from_be_bytes([a, b, c, d]),
            local_1: u32::from_be_bytes([e, f, g, h]),
            local_2: u32::from_be_bytes([i, j, k, l]),
        }
    }
}

impl fmt::Display for LargeCommunity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let global = self.global_administrator;
        write!(f, "{global}:{}:{}", self.local_1, self.local_2)
    }
}
