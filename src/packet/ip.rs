//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers: where the payload ends, and what it is.

use super::Other;
use super::fragment::{Key, Piece};
use super::tcp::Addresses;
use super::view::View;
use super::walk::{End, Layer, Walk};
use etherparse::{
    Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice,
};
use std::net::{IpAddr, Ipv6Addr};

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
    let header: Ipv4HeaderSlice<'a> = view.header("IPv4 header")?;
    let (length, total) = (header.slice().len(), usize::from(header.total_len()));
    match total.checked_sub(length) {
        Some(payload) => view.limit(payload),
        // Segmentation offload: the card was to fill the length in. The capture's length rules.
        None if total == 0 => (),
        None => {
            return Err(view
                .malformed(length - 2, "Total Length", "less than the header")
                .into());
        }
    }
    let addresses = Addresses {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
    };
    let protocol = header.protocol().0;
    if !header.is_fragmenting_payload() {
        return Ok(Layer::Protocol(addresses, protocol));
    }
    let key = Key {
        addresses,
        protocol: Some(protocol),
        identification: u32::from(header.identification()),
    };
    let offset = usize::from(header.fragments_offset().value()) * 8;
    let more = header.more_fragments();
    Err(fragment(walk, key, protocol, offset, more))
}

fn ipv6<'a>(walk: &mut Walk<'a>) -> Result<Layer, End<'a>> {
    let view = &mut walk.view;
    let header: Ipv6HeaderSlice<'a> = view.header("IPv6 header")?;
    let addresses = Addresses {
        source: header.source_addr().into(),
        destination: header.destination_addr().into(),
    };
    let length = usize::from(header.payload_length());
    if length > 0 {
        view.limit(length); // zero: segmentation offload, the capture's length rules
    }
    Ok(Layer::Protocol(addresses, header.next_header().0))
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
    let header: Ipv6FragmentHeaderSlice<'a> = walk.view.header("Fragment header")?;
    let next = header.next_header().0;
    if !header.is_fragmenting_payload() {
        return Ok(Layer::Protocol(addresses, next));
    }
    let key = Key {
        addresses,
        protocol: None,
        identification: header.identification(),
    };
    let offset = usize::from(header.fragment_offset().value()) * 8;
    Err(fragment(walk, key, next, offset, header.more_fragments()))
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
    let header: Ipv6RawExtHeaderSlice<'_> = view.header("IPv6 extension header")?;
    Ok(header.next_header().0)
}

/// A Routing header: the last stop, which TCP's pseudo-header has (RFC 8200 8.1), is in it.
fn routing(view: &mut View<'_>, addresses: &mut Addresses) -> Result<u8, Other> {
    let header: Ipv6RawExtHeaderSlice<'_> = view.header("Routing header")?;
    let (next, data) = (header.next_header().0, header.payload());
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
