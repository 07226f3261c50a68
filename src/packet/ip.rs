//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers: where the payload ends, and what it is.

use super::Other;
use super::fragment::{Key, Piece};
use super::tcp::Addresses;
use super::view::View;
use super::walk::{End, Layer, Walk};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads an IP header of the version that its first four bits tell.
pub(super) fn ip<'a>(walk: &mut Walk<'a>) -> Result<Layer, End<'a>> {
    match walk.view.nibble() {
        Some(4) => ipv4(walk),
        Some(6) => ipv6(walk),
        Some(_) => Err(walk
            .view
            .malformed(0, "IP Version", "neither 4 nor 6")
            .into()),
        None => Err(End::Other(walk.view.ended("IP header"))),
    }
}

fn ipv4<'a>(walk: &mut Walk<'a>) -> Result<Layer, End<'a>> {
    let view = &mut walk.view;
    let [
        version,
        _,
        t0,
        t1,
        i0,
        i1,
        f0,
        f1,
        _,
        protocol,
        _,
        _,
        addresses @ ..,
    ] = view.array::<20>("IPv4 header")?;
    let [s0, s1, s2, s3, d0, d1, d2, d3] = addresses;
    let header = usize::from(version & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes([t0, t1]));
    let Some(options) = header.checked_sub(20) else {
        return Err(view
            .malformed(20, "Internet Header Length", "less than 5 words")
            .into());
    };
    view.bytes("IPv4 options", options)?;
    match total.checked_sub(header) {
        Some(payload) => view.limit(payload),
        // Segmentation offload: the card was to fill the length in. The capture's length rules.
        None if total == 0 => (),
        None => {
            return Err(view
                .malformed(header - 2, "Total Length", "less than the header")
                .into());
        }
    }
    let addresses = Addresses {
        source: IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        destination: IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
    };
    let place = u16::from_be_bytes([f0, f1]);
    if place & (MORE_FRAGMENTS | FRAGMENT_OFFSET) == 0 {
        return Ok(Layer::Protocol(addresses, protocol));
    }
    let key = Key {
        addresses,
        protocol: Some(protocol),
        identification: u32::from(u16::from_be_bytes([i0, i1])),
    };
    let offset = usize::from(place & FRAGMENT_OFFSET) * 8;
    Err(fragment(
        walk,
        key,
        protocol,
        offset,
        place & MORE_FRAGMENTS != 0,
    ))
}

fn ipv6<'a>(walk: &mut Walk<'a>) -> Result<Layer, End<'a>> {
    let view = &mut walk.view;
    view.u32("IPv6 header")?;
    let length = usize::from(view.u16("IPv6 header")?);
    let [next, _hops] = view.array("IPv6 header")?;
    let addresses = Addresses {
        source: IpAddr::V6(Ipv6Addr::from(view.array::<16>("IPv6 header")?)),
        destination: IpAddr::V6(Ipv6Addr::from(view.array::<16>("IPv6 header")?)),
    };
    if length > 0 {
        view.limit(length); // zero: segmentation offload, the capture's length rules
    }
    Ok(Layer::Protocol(addresses, next))
}

/// Steps over one extension header (RFC 8200 4); none where `number` is another protocol.
pub(super) fn extension<'a>(
    walk: &mut Walk<'a>,
    mut addresses: Addresses,
    number: u8,
) -> Option<Result<Layer, End<'a>>> {
    if addresses.source.is_ipv4() {
        return None;
    }
    let next = match number {
        // Hop-by-Hop Options, Destination Options (RFC 8200), Mobility (RFC 6275), HIP
        // (RFC 7401), Shim6 (RFC 5533)
        0 | 60 | 135 | 139 | 140 => options(&mut walk.view),
        43 => routing(&mut walk.view, &mut addresses),
        44 => return Some(fragment_header(walk, addresses)),
        _ => return None,
    };
    Some(
        next.map(|next| Layer::Protocol(addresses, next))
            .map_err(End::Other),
    )
}

/// Fragment header (RFC 8200 4.5). A fragment that is the whole datagram (RFC 6946) is stepped over.
fn fragment_header<'a>(walk: &mut Walk<'a>, addresses: Addresses) -> Result<Layer, End<'a>> {
    let [next, _, p0, p1, i0, i1, i2, i3] = walk.view.array("Fragment header")?;
    let place = u16::from_be_bytes([p0, p1]);
    let (offset, more) = (usize::from(place & !7), place & 1 != 0);
    if offset == 0 && !more {
        return Ok(Layer::Protocol(addresses, next));
    }
    let key = Key {
        addresses,
        protocol: None,
        identification: u32::from_be_bytes([i0, i1, i2, i3]),
    };
    Err(fragment(walk, key, next, offset, more))
}

/// A fragment; one that the snaplen cut can never complete its datagram.
fn fragment<'a>(walk: &Walk<'a>, key: Key, protocol: u8, offset: usize, more: bool) -> End<'a> {
    if walk.view.is_short() {
        return End::Other(
            walk.view
                .malformed(0, "fragment", "shorter than its IP header says"),
        );
    }
    if walk.view.missing() > 0 {
        return End::Other(Other::Truncated("fragment"));
    }
    End::Piece(Piece {
        key,
        protocol,
        offset,
        more,
        bytes: walk.view.rest(),
        carriage: walk.carriage,
        layers: walk.layers,
    })
}

/// An extension header of the common shape: next header, length in 8 octets without the first 8.
fn options(view: &mut View<'_>) -> Result<u8, Other> {
    let [next, length] = view.array("IPv6 extension header")?;
    view.bytes("IPv6 extension header", usize::from(length) * 8 + 6)?;
    Ok(next)
}

/// A Routing header: the last stop, which TCP's pseudo-header has (RFC 8200 8.1), is in it.
fn routing(view: &mut View<'_>, addresses: &mut Addresses) -> Result<u8, Other> {
    let [next, length] = view.array("Routing header")?;
    let data = view.bytes("Routing header", usize::from(length) * 8 + 6)?;
    let (Some([kind, segments_left, ..]), Some(stops)) = (data.first_chunk::<2>(), data.get(6..))
    else {
        return Ok(next);
    };
    let last = match kind {
        0 | 2 => stops.last_chunk::<16>(), // RFC 2460 4.4, RFC 6275 6.4
        4 => stops.first_chunk::<16>(),    // Segment List[0], RFC 8754 2
        _ => None,
    };
    if let (Some(last), true) = (last, *segments_left > 0) {
        addresses.destination = IpAddr::V6(Ipv6Addr::from(*last));
    }
    Ok(next)
}

/// MF of IPv4, with the Fragment Offset behind it.
const MORE_FRAGMENTS: u16 = 0x2000;
/// Fragment Offset of IPv4, in 8 octets.
const FRAGMENT_OFFSET: u16 = 0x1fff;
