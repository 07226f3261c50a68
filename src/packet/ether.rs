//! Ethernet and what an EtherType announces: VLAN tags, MPLS, PPPoE, LLC.

use super::Other;
use super::view::View;
use super::walk::Layer;
use etherparse::{Ethernet2HeaderSlice, SingleVlanHeaderSlice};

/// Destination, source, EtherType or length (IEEE 802.3).
pub(super) fn ethernet(view: &mut View<'_>) -> Result<Layer, Other> {
    let header: Ethernet2HeaderSlice<'_> = view.header("Ethernet header")?;
    Ok(Layer::EtherType(header.ether_type().0))
}

/// What an EtherType announces (IEEE registry as IANA lists it).
pub(super) fn ether_type(view: &mut View<'_>, number: u16) -> Result<Layer, Other> {
    match number {
        0x0800 | 0x86dd => Ok(Layer::Ip), // IPv4, IPv6
        0x0806 => Err(Other::Arp),
        0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => vlan(view), // IEEE 802.1Q, 802.1ad, and before
        0x8847 | 0x8848 => Ok(Layer::Mpls),                       // RFC 3032, RFC 5332
        0x6558 => Ok(Layer::Ethernet), // Transparent Ethernet Bridging, RFC 1701
        0x880b => Ok(Layer::Ppp),      // RFC 7042
        0x8864 => Ok(Layer::Pppoe),    // RFC 2516
        0x88e7 => backbone(view),      // IEEE 802.1ah
        0x893f => e_tag(view),         // IEEE 802.1BR
        length if length <= LONGEST_802_3 && length > 0 => {
            view.limit(usize::from(length));
            Ok(Layer::Llc)
        }
        other => Err(Other::EtherType(other)),
    }
}

/// A tag: priority and VLAN identifier, then another EtherType (IEEE 802.1Q 9.6).
fn vlan(view: &mut View<'_>) -> Result<Layer, Other> {
    let tag: SingleVlanHeaderSlice<'_> = view.header("VLAN tag")?;
    Ok(Layer::EtherType(tag.ether_type().0))
}

/// A Backbone Service Instance tag, behind it the customer's Ethernet frame (IEEE 802.1Q 9.7).
fn backbone(view: &mut View<'_>) -> Result<Layer, Other> {
    view.array::<4>("Backbone Service Instance tag")?;
    Ok(Layer::Ethernet)
}

/// An E-TAG: six octets of port extension, then another EtherType (IEEE 802.1BR 7.5).
fn e_tag(view: &mut View<'_>) -> Result<Layer, Other> {
    let [.., high, low] = view.array::<8>("E-TAG")?;
    Ok(Layer::EtherType(u16::from_be_bytes([high, low])))
}

/// LLC (IEEE 802.2): service access points and control; SNAP (RFC 1042) leads to an EtherType.
pub(super) fn llc(view: &mut View<'_>) -> Result<Layer, Other> {
    let point = view.rest().first().copied();
    if let [0xaa, 0xaa, 0x03, ..] = view.rest() {
        let [_, _, _, o0, o1, o2, high, low] = view.array("SNAP header")?;
        return match [o0, o1, o2] {
            [0, 0, 0] => Ok(Layer::EtherType(u16::from_be_bytes([high, low]))),
            _ => Err(Other::Llc(0xaa)),
        };
    }
    view.array::<3>("LLC header")?;
    Err(Other::Llc(point.unwrap_or_default()))
}

/// PPPoE Session (RFC 2516 4): version and type, code, session, length.
pub(super) fn pppoe(view: &mut View<'_>) -> Result<Layer, Other> {
    let [version, code, _, _, high, low] = view.array("PPPoE header")?;
    if version != 0x11 {
        return Err(view.malformed(6, "PPPoE Version and Type", "not 1 and 1"));
    }
    if code != 0 {
        return Err(Other::EtherType(PPPOE_DISCOVERY));
    }
    view.limit(usize::from(u16::from_be_bytes([high, low])));
    Ok(Layer::Ppp)
}

/// A label stack (RFC 3032 2.1). What it carries is not said; the first four bits tell (RFC 4928 3):
/// 4 and 6 are IP, 0 is the control word of a pseudowire (RFC 4385 3), here of Ethernet.
pub(super) fn mpls(view: &mut View<'_>) -> Result<Layer, Other> {
    while view.u32("MPLS label stack entry")? & BOTTOM_OF_STACK == 0 {}
    match view.nibble() {
        Some(4 | 6) => Ok(Layer::Ip),
        Some(0) => {
            view.u32("pseudowire control word")?;
            Ok(Layer::Ethernet)
        }
        Some(_) => Err(Other::EtherType(MPLS)),
        None => Err(view.ended("payload of MPLS")),
    }
}

/// The S bit of a label stack entry.
const BOTTOM_OF_STACK: u32 = 0x100;
/// Greatest IEEE 802.3 length; 1536 and more are EtherTypes.
const LONGEST_802_3: u16 = 1500;
/// PPPoE Discovery Stage, RFC 2516.
const PPPOE_DISCOVERY: u16 = 0x8863;
/// MPLS, RFC 3032.
const MPLS: u16 = 0x8847;
