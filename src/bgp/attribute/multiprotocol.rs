//! MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760 3 and 4), and next hops of all lengths.
//!
//! ```text
//! reach:    AFI (2)  SAFI (1)  Length of Next Hop (1)  Next Hop  Reserved (1)  NLRI
//! unreach:  AFI (2)  SAFI (1)  Withdrawn Routes
//! ```

use crate::net::{Family, RouteDistinguisher};
use crate::wire::{Cursor, DecodeError};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Announced routes of one family, with their next hop.
#[derive(Debug, Clone, Copy)]
pub struct MpReach<'a> {
    /// The family of the routes.
    pub family: Family,
    /// The next hop as sent.
    pub next_hop: &'a [u8],
    /// The routes.
    pub nlri: Cursor<'a>,
}

impl<'a> MpReach<'a> {
    /// Reads all but the routes.
    #[inline]
    pub fn decode(mut cursor: Cursor<'a>) -> Result<MpReach<'a>, DecodeError> {
        let family = family(&mut cursor)?;
        let length = usize::from(cursor.u8("Length of Next Hop")?);
        let next_hop = cursor.bytes("Next Hop", length)?;
        cursor.u8("Reserved")?;
        Ok(MpReach {
            family,
            next_hop,
            nlri: cursor,
        })
    }

    /// The next hop's addresses.
    pub fn next_hop(&self) -> NextHop<'a> {
        NextHop::read(self.next_hop)
    }
}

/// Withdrawn routes of one family.
#[derive(Debug, Clone, Copy)]
pub struct MpUnreach<'a> {
    /// The family of the routes.
    pub family: Family,
    /// The routes.
    pub withdrawn: Cursor<'a>,
}

impl<'a> MpUnreach<'a> {
    /// Reads the family.
    #[inline]
    pub fn decode(mut cursor: Cursor<'a>) -> Result<MpUnreach<'a>, DecodeError> {
        Ok(MpUnreach {
            family: family(&mut cursor)?,
            withdrawn: cursor,
        })
    }
}

#[inline]
fn family(cursor: &mut Cursor<'_>) -> Result<Family, DecodeError> {
    let [high, low, safi] = cursor.array("AFI and SAFI")?;
    Ok(Family::new(u16::from_be_bytes([high, low]), safi))
}

/// A next hop, told by its length alone, since families share lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextHop<'a> {
    /// No octets: flow specifications have none (RFC 8955 4).
    None,
    /// 4 octets, or 12 with a Route Distinguisher before (RFC 4364 4.3.2); 16, 24 (RFC 8950 3).
    Address(Option<RouteDistinguisher>, IpAddr),
    /// Global and link-local address (RFC 2545 3): 32 octets, or 48 with a Route Distinguisher before
    /// each (RFC 4659 3.2.1).
    WithLinkLocal(Option<RouteDistinguisher>, Ipv6Addr, Ipv6Addr),
    /// Any other length.
    Raw(&'a [u8]),
}

impl<'a> NextHop<'a> {
    /// Reads a next hop of any length.
    pub fn read(octets: &'a [u8]) -> NextHop<'a> {
        let read = match octets.len() {
            0 => Some(NextHop::None),
            4 => ipv4(octets).map(|address| NextHop::Address(None, address)),
            12 => with_distinguisher(octets, ipv4),
            16 => ipv6(octets).map(|address| NextHop::Address(None, address.into())),
            24 => with_distinguisher(octets, |rest| ipv6(rest).map(IpAddr::from)),
            32 => pair(None, octets, 16),
            48 => distinguisher(octets).and_then(|(rd, rest)| pair(Some(rd), rest, 24)),
            _ => None,
        };
        read.unwrap_or(NextHop::Raw(octets))
    }

    /// The (global) address.
    pub fn address(&self) -> Option<IpAddr> {
        match *self {
            NextHop::Address(_, address) => Some(address),
            NextHop::WithLinkLocal(_, address, _) => Some(address.into()),
            NextHop::None | NextHop::Raw(_) => None,
        }
    }

    /// The link-local address beside the global one.
    pub fn link_local(&self) -> Option<Ipv6Addr> {
        match *self {
            NextHop::WithLinkLocal(_, _, address) => Some(address),
            _ => None,
        }
    }

    /// The Route Distinguisher before the address: zero, as a rule.
    pub fn rd(&self) -> Option<RouteDistinguisher> {
        match *self {
            NextHop::Address(rd, _) | NextHop::WithLinkLocal(rd, _, _) => rd,
            NextHop::None | NextHop::Raw(_) => None,
        }
    }
}

fn distinguisher(octets: &[u8]) -> Option<(RouteDistinguisher, &[u8])> {
    let (rd, rest) = octets.split_first_chunk()?;
    Some((RouteDistinguisher(*rd), rest))
}

fn with_distinguisher(
    octets: &[u8],
    read: impl Fn(&[u8]) -> Option<IpAddr>,
) -> Option<NextHop<'_>> {
    let (rd, rest) = distinguisher(octets)?;
    read(rest).map(|address| NextHop::Address(Some(rd), address))
}

/// A global address, and a link-local one `distance` octets behind its start.
fn pair(rd: Option<RouteDistinguisher>, octets: &[u8], distance: usize) -> Option<NextHop<'_>> {
    let global = ipv6(octets)?;
    let link_local = ipv6(octets.get(distance..)?)?;
    Some(NextHop::WithLinkLocal(rd, global, link_local))
}

fn ipv4(octets: &[u8]) -> Option<IpAddr> {
    let octets = octets.first_chunk::<4>()?;
    Some(Ipv4Addr::from(*octets).into())
}

fn ipv6(octets: &[u8]) -> Option<Ipv6Addr> {
    let octets = octets.first_chunk::<16>()?;
    Some(Ipv6Addr::from(*octets))
}
