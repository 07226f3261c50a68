//! Network Layer Reachability Information: walking the routes of every family whose framing is
//! known, with their path identifiers, labels and Route Distinguishers.
//!
//! ```text
//! [ Path Identifier (4), RFC 7911 3 ]  Length in bits (1)  [ labels (3 each) ]  [ RD (8) ]  prefix
//! ```

mod count;
mod evpn;
mod flowspec;
mod framing;
mod kinds;
mod l2vpn;
mod labels;
mod link_state;
mod mvpn;
mod shown;

pub use count::{Counted, count};
pub use evpn::{Evpn, EvpnRouteType};
pub use flowspec::{FlowSpec, Rule};
pub use framing::{Framing, framing};
pub use kinds::{Kind, RouteTarget, SrPolicy};
pub use l2vpn::{Mdt, Vpls};
pub use labels::{Label, Labels};
pub use link_state::{LinkState, LinkStateProtocol, LinkStateType};
pub use mvpn::{Mvpn, MvpnRouteType};

use crate::net::{Family, Prefix, RouteDistinguisher};
use crate::wire::{Cursor, DecodeError};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// One route of an UPDATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nlri<'a> {
    /// The family.
    pub family: Family,
    /// The path identifier, where the context says that there is one.
    pub path_id: Option<u32>,
    /// The label stack; empty where the family has none.
    pub labels: Labels<'a>,
    /// The Route Distinguisher of a VPN route.
    pub rd: Option<RouteDistinguisher>,
    /// What the route leads to.
    pub destination: Destination<'a>,
}

/// What a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// A prefix.
    Prefix(Prefix),
    /// One NLRI of another kind, with its own type and length octets.
    Raw(&'a [u8]),
    /// All NLRI of a family whose framing is not known, together: how many they are is not known.
    Opaque(&'a [u8]),
}

impl Nlri<'_> {
    /// The prefix, if the family has such.
    pub fn prefix(&self) -> Option<Prefix> {
        match self.destination {
            Destination::Prefix(prefix) => Some(prefix),
            _ => None,
        }
    }
}

/// The routes of one section, in order; ends behind the first error.
#[derive(Debug, Clone)]
pub struct NlriIter<'a> {
    cursor: Cursor<'a>,
    family: Family,
    framing: Framing,
    has_path_id: bool,
}

impl<'a> NlriIter<'a> {
    /// The routes of `family` in the octets of the cursor.
    pub fn new(cursor: Cursor<'a>, family: Family, has_path_id: bool) -> NlriIter<'a> {
        NlriIter {
            cursor,
            family,
            framing: framing(family),
            has_path_id,
        }
    }

    /// The family of these routes.
    pub fn family(&self) -> Family {
        self.family
    }

    fn read(&mut self) -> Result<Nlri<'a>, DecodeError> {
        let cursor = &mut self.cursor;
        let mut nlri = Nlri {
            family: self.family,
            path_id: None,
            labels: Labels::NONE,
            rd: None,
            destination: Destination::Opaque(&[]),
        };
        if self.framing == Framing::Opaque {
            nlri.destination = Destination::Opaque(cursor.take_rest());
            return Ok(nlri);
        }
        if self.has_path_id {
            nlri.path_id = Some(cursor.u32("Path Identifier")?);
        }
        match self.framing {
            Framing::Prefix { width } => read_prefix(cursor, width, &mut nlri)?,
            Framing::Labelled { width } => read_labelled(cursor, width, &mut nlri)?,
            Framing::LabelledVpn { width } => read_labelled_vpn(cursor, width, &mut nlri)?,
            Framing::Vpn { width } => read_vpn(cursor, width, &mut nlri)?,
            framing => nlri.destination = Destination::Raw(read_raw(cursor, framing)?),
        }
        Ok(nlri)
    }
}

impl<'a> Iterator for NlriIter<'a> {
    type Item = Result<Nlri<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.cursor.take_rest();
        }
        Some(read)
    }
}

const LENGTH: &str = "NLRI Length";

fn read_prefix<'a>(
    cursor: &mut Cursor<'a>,
    width: u8,
    nlri: &mut Nlri<'a>,
) -> Result<(), DecodeError> {
    let at = *cursor;
    let bits = cursor.u8(LENGTH)?;
    if bits > width {
        return Err(too_long(at, width));
    }
    let octets = cursor.bytes("Prefix", octets_of(bits))?;
    nlri.destination = Destination::Prefix(prefix(octets, bits, width));
    Ok(())
}

fn read_vpn<'a>(
    cursor: &mut Cursor<'a>,
    width: u8,
    nlri: &mut Nlri<'a>,
) -> Result<(), DecodeError> {
    let at = *cursor;
    let bits = cursor.u8(LENGTH)?;
    let value = cursor.bytes("NLRI", octets_of(bits))?;
    place_vpn(value, bits, width, nlri).ok_or_else(|| wrong_length(at))
}

fn read_labelled<'a>(
    cursor: &mut Cursor<'a>,
    width: u8,
    nlri: &mut Nlri<'a>,
) -> Result<(), DecodeError> {
    let at = *cursor;
    let bits = cursor.u8(LENGTH)?;
    let value = cursor.bytes("NLRI", octets_of(bits))?;
    labels::split(value, |labels, rest| {
        let bits = bits.checked_sub(labels.bits()?)?;
        nlri.labels = labels;
        nlri.destination = Destination::Prefix(checked_prefix(rest, bits, width)?);
        Some(())
    })
    .ok_or_else(|| wrong_length(at))
}

fn read_labelled_vpn<'a>(
    cursor: &mut Cursor<'a>,
    width: u8,
    nlri: &mut Nlri<'a>,
) -> Result<(), DecodeError> {
    let at = *cursor;
    let bits = cursor.u8(LENGTH)?;
    let value = cursor.bytes("NLRI", octets_of(bits))?;
    labels::split(value, |labels, rest| {
        let bits = bits.checked_sub(labels.bits()?)?;
        nlri.labels = labels;
        place_vpn(rest, bits, width, nlri)
    })
    .ok_or_else(|| wrong_length(at))
}

/// A Route Distinguisher and a prefix; none if `bits` do not allow it.
fn place_vpn<'a>(value: &'a [u8], bits: u8, width: u8, nlri: &mut Nlri<'a>) -> Option<()> {
    let (rd, rest) = value.split_first_chunk()?;
    let prefix = checked_prefix(rest, bits.checked_sub(64)?, width)?;
    nlri.rd = Some(RouteDistinguisher(*rd));
    nlri.destination = Destination::Prefix(prefix);
    Some(())
}

/// One NLRI that is told from the next only, its type and length octets included.
fn read_raw<'a>(cursor: &mut Cursor<'a>, framing: Framing) -> Result<&'a [u8], DecodeError> {
    let start = *cursor;
    let length = match framing {
        Framing::Bits { most } => {
            let bits = cursor.u8(LENGTH)?;
            if bits > most {
                return Err(start.malformed(LENGTH, "is above what its family allows"));
            }
            octets_of(bits)
        }
        Framing::Octets { before, length } => {
            cursor.bytes("Route Type", usize::from(before))?;
            match length {
                1 => usize::from(cursor.u8(LENGTH)?),
                _ => usize::from(cursor.u16(LENGTH)?),
            }
        }
        _ => flowspec_length(cursor)?,
    };
    cursor.bytes("NLRI", length)?;
    let whole = cursor.offset() - start.offset();
    Ok(start.rest().get(..whole).unwrap_or_default())
}

fn flowspec_length(cursor: &mut Cursor<'_>) -> Result<usize, DecodeError> {
    let first = cursor.u8(LENGTH)?;
    if first < 0xf0 {
        return Ok(usize::from(first));
    }
    let second = cursor.u8(LENGTH)?;
    Ok(usize::from(first & 0x0f) << 8 | usize::from(second))
}

#[inline]
pub(in crate::bgp) fn octets_of(bits: u8) -> usize {
    // Not `div_ceil`, whose remainder is one step more on the path from length to length.
    (usize::from(bits) + 7) >> 3
}

fn checked_prefix(octets: &[u8], bits: u8, width: u8) -> Option<Prefix> {
    (bits <= width).then(|| prefix(octets, bits, width))
}

/// The prefix whose first octets are `octets`; bits past its length have no meaning and become zero.
#[inline]
fn prefix(octets: &[u8], bits: u8, width: u8) -> Prefix {
    let mut padded = [0; 16];
    padded
        .iter_mut()
        .zip(octets)
        .for_each(|(to, from)| *to = *from);
    let mask = !u128::MAX.checked_shr(u32::from(bits)).unwrap_or(0);
    let address = u128::from_be_bytes(padded) & mask;
    let address = if width == 32 {
        IpAddr::V4(Ipv4Addr::from((address >> 96) as u32))
    } else {
        IpAddr::V6(Ipv6Addr::from(address))
    };
    Prefix {
        address,
        length: bits,
    }
}

#[cold]
fn too_long(at: Cursor<'_>, width: u8) -> DecodeError {
    let why = match width {
        32 => "is above the 32 bits of an IPv4 address",
        _ => "is above the 128 bits of an IPv6 address",
    };
    at.malformed(LENGTH, why)
}

#[cold]
fn wrong_length(at: Cursor<'_>) -> DecodeError {
    let why = "does not fit labels, Route Distinguisher and prefix of its family";
    at.malformed(LENGTH, why)
}

#[cfg(test)]
mod tests;
