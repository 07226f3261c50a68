//! Link types: what the first octet of a frame belongs to. A link type is one arm in [`link`].

use super::Other;
use super::view::View;
use super::walk::Layer;
use crate::capture::LinkType;

/// Reads the link-layer header of a captured frame (LINKTYPE_ registry of the pcap format).
pub(super) fn link(view: &mut View<'_>, link: LinkType) -> Result<Layer, Other> {
    match link.0 {
        0 | 108 => loopback(view),      // NULL, LOOP
        1 => Ok(Layer::Ethernet),       // ETHERNET
        9 | 50 => Ok(Layer::Ppp),       // PPP, PPP_HDLC
        12 | 14 | 101 => Ok(Layer::Ip), // RAW under its three numbers
        51 => Ok(Layer::Pppoe),         // PPP_ETHER
        104 => hdlc(view),              // C_HDLC
        113 => linux_cooked(view),      // LINUX_SLL
        178 => juniper(view),           // JUNIPER_ETHER
        228 | 229 => Ok(Layer::Ip),     // IPV4, IPV6
        276 => linux_cooked_2(view),    // LINUX_SLL2
        _ => Err(Other::LinkType(link)),
    }
}

/// Four octets of address family: in the capturing machine's order for NULL, in network order for
/// LOOP. Families are small numbers, so the order shows itself.
fn loopback(view: &mut View<'_>) -> Result<Layer, Other> {
    let octets = view.array("address family")?;
    let family = u32::from_be_bytes(octets).min(u32::from_le_bytes(octets));
    match family {
        2 | 10 | 23 | 24 | 28 | 30 => Ok(Layer::Ip), // AF_INET, and AF_INET6 of five systems
        other => Err(Other::AddressFamily(other)),
    }
}

/// LINKTYPE_LINUX_SLL: packet type (2), ARPHRD_ type (2), address length (2), address (8),
/// protocol (2).
fn linux_cooked(view: &mut View<'_>) -> Result<Layer, Other> {
    let [_, _, h0, h1, .., p0, p1] = view.array::<16>("Linux cooked header")?;
    cooked(u16::from_be_bytes([h0, h1]), u16::from_be_bytes([p0, p1]))
}

/// LINKTYPE_LINUX_SLL2: protocol (2), reserved (2), interface index (4), ARPHRD_ type (2), packet
/// type (1), address length (1), address (8).
fn linux_cooked_2(view: &mut View<'_>) -> Result<Layer, Other> {
    let [p0, p1, _, _, _, _, _, _, h0, h1, ..] = view.array::<20>("Linux cooked header")?;
    cooked(u16::from_be_bytes([h0, h1]), u16::from_be_bytes([p0, p1]))
}

/// The protocol of a Linux cooked header, which the ARPHRD_ type may change the meaning of.
fn cooked(hardware: u16, protocol: u16) -> Result<Layer, Other> {
    match (hardware, protocol) {
        (ARPHRD_NETLINK, _) => Err(Other::LinkType(NETLINK)),
        (_, ETH_P_802_2) => Ok(Layer::Llc),
        (_, other) => Ok(Layer::EtherType(other)),
    }
}

/// LINKTYPE_JUNIPER_ETHER: magic `MGC`, flags, extensions with their length, then the Ethernet
/// frame, or four octets and the IP packet where the router took the link header off.
fn juniper(view: &mut View<'_>) -> Result<Layer, Other> {
    let [magic @ .., flags] = view.array::<4>("Juniper header")?;
    if magic != *b"MGC" {
        return Err(view.malformed(4, "Juniper header", "no magic number"));
    }
    if flags & JUNIPER_EXTENSIONS != 0 {
        let length = view.u16("Juniper extension length")?;
        view.bytes("Juniper extensions", usize::from(length))?;
    }
    if flags & JUNIPER_NO_LINK_HEADER == 0 {
        return Ok(Layer::Ethernet);
    }
    view.u32("Juniper protocol")?;
    Ok(Layer::Ip)
}

/// Cisco HDLC: address, control, EtherType.
fn hdlc(view: &mut View<'_>) -> Result<Layer, Other> {
    let [_, _, high, low] = view.array("HDLC header")?;
    Ok(Layer::EtherType(u16::from_be_bytes([high, low])))
}

/// PPP (RFC 1661): the protocol, one octet if it is odd, behind the address and control of HDLC
/// framing (RFC 1662 3.1) where there is one.
pub(super) fn ppp(view: &mut View<'_>) -> Result<Layer, Other> {
    match view.rest().first() {
        Some(0xff) => view.u16("HDLC framing").map(drop)?,
        Some(0x0f | 0x8f) => return hdlc(view), // Cisco HDLC under the number of PPP_HDLC
        _ => (),
    }
    let first = view.u8("PPP Protocol")?;
    let number = if first & 1 == 1 {
        u16::from(first)
    } else {
        u16::from_be_bytes([first, view.u8("PPP Protocol")?])
    };
    match number {
        0x0021 | 0x0057 => Ok(Layer::Ip),   // RFC 1332, RFC 5072
        0x0281 | 0x0283 => Ok(Layer::Mpls), // RFC 3032
        other => Err(Other::Ppp(other)),
    }
}

/// Flags of a Juniper header, as tcpdump's print-juniper.c has them.
const JUNIPER_NO_LINK_HEADER: u8 = 0x02;
/// Extensions follow the flags.
const JUNIPER_EXTENSIONS: u8 = 0x80;
/// LINKTYPE_NETLINK: what a cooked capture of a netlink monitor holds.
const NETLINK: LinkType = LinkType(253);
/// ARPHRD_NETLINK of Linux: the protocol is a netlink family.
const ARPHRD_NETLINK: u16 = 824;
/// ETH_P_802_2 of Linux: an LLC header follows.
const ETH_P_802_2: u16 = 4;
