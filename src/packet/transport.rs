//! What else than TCP an IP header carries and what may hide TCP: UDP, ESP, AH.

use super::Other;
use super::tcp::Addresses;
use super::tunnel;
use super::view::View;
use super::walk::Layer;
use crate::net::Endpoint;

/// UDP (RFC 768). Tunnels are known by their destination port (IANA Service Name and Port Number
/// registry), if their header agrees.
pub(super) fn udp(view: &mut View<'_>, addresses: Addresses) -> Result<Layer, Other> {
    let [s0, s1, d0, d1, ..] = view.array::<8>("UDP header")?;
    let source = u16::from_be_bytes([s0, s1]);
    let destination = u16::from_be_bytes([d0, d1]);
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
    let [next, length] = view.array("Authentication Header")?;
    let length = usize::from(length) * 4 + 6;
    if length < 10 {
        return Err(view.malformed(1, "AH Payload Len", "less than 1"));
    }
    view.bytes("Authentication Header", length)?;
    Ok(Layer::Protocol(addresses, next))
}

/// ipsec-nat-t, RFC 3947.
const IPSEC_NAT_T: u16 = 4500;
