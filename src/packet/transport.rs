//! What else than TCP an IP header carries and what may hide TCP: UDP, ESP, AH.

use super::Other;
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
    if [source, destination].contains(&IPSEC_NAT_T) && carries_esp(view.rest()) {
        return Err(esp(view, addresses, true));
    }
    let endpoint = |address, port| Endpoint { address, port };
    Err(Other::Udp {
        source: endpoint(addresses.source, source),
        destination: endpoint(addresses.destination, destination),
    })
}

/// Neither IKE behind its Non-ESP Marker of four zeros nor a NAT-keepalive (RFC 3948 2.2, 2.3).
fn carries_esp(payload: &[u8]) -> bool {
    payload
        .first_chunk::<4>()
        .is_some_and(|marker| *marker != [0; 4])
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

/// ipsec-nat-t, RFC 3947.
const IPSEC_NAT_T: u16 = 4500;
