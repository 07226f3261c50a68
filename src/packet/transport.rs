//! What else than TCP an IP header carries and what may hide TCP: UDP, ESP, AH.

use super::Other;
use super::nat_traversal::Carried;
use super::tcp::Addresses;
use super::tunnel;
use super::view::View;
use super::walk::Layer;
use crate::net::Endpoint;
use etherparse::{IpAuthHeaderSlice, UdpHeaderSlice};

/// UDP (RFC 768). Tunnels are known by their destination port (IANA Service Name and Port Number
/// registry), if their header agrees.
pub(super) fn udp(view: &mut View<'_>, addresses: Addresses) -> Result<Layer, Other> {
    let header: UdpHeaderSlice<'_> = view.header("UDP header")?;
    let (source, destination) = (header.source_port(), header.destination_port());
    let tunnel = match destination {
        4789 | 8472 => tunnel::vxlan(view)?, // vxlan, and Linux before the assignment
        4790 => tunnel::vxlan_gpe(view)?,    // vxlan-gpe
        6081 => tunnel::geneve(view)?,       // geneve
        _ => None,
    };
    if let Some(layer) = tunnel {
        return Ok(layer);
    }
    let endpoint = |address, port| Endpoint { address, port };
    let ends = (
        endpoint(addresses.source, source),
        endpoint(addresses.destination, destination),
    );
    Err(datagram(view, addresses, ends))
}

/// What a datagram is that is no tunnel.
fn datagram(
    view: &mut View<'_>,
    addresses: Addresses,
    (source, destination): (Endpoint, Endpoint),
) -> Other {
    let ports = [source.port, destination.port];
    match Carried::of(ports, view.rest(), view.missing()) {
        Carried::Esp => esp(view, addresses, true),
        Carried::Ipsec(carries) => Other::IpsecUdp {
            source,
            destination,
            carries,
        },
        Carried::Other => Other::Udp {
            source,
            destination,
        },
    }
}

/// ESP (RFC 4303 2): Security Parameters Index, and what only the key opens.
pub(super) fn esp(view: &mut View<'_>, addresses: Addresses, in_udp: bool) -> Other {
    match view.u32("ESP header") {
        Ok(spi) => Other::Esp {
            source: addresses.source,
            destination: addresses.destination,
            spi,
            in_udp,
        },
        Err(other) => other,
    }
}

/// AH (RFC 4302 2): next header, length in 4 octets less 2, reserved, SPI, sequence number, ICV.
pub(super) fn authentication_header(
    view: &mut View<'_>,
    addresses: Addresses,
) -> Result<Layer, Other> {
    let header: IpAuthHeaderSlice<'_> = view.header("Authentication Header")?;
    Ok(Layer::Protocol(addresses, header.next_header().0))
}
