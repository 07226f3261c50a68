//! Tunnels in IP and UDP: GRE with ERSPAN, EtherIP, VXLAN, Geneve.

use super::Other;
use super::view::View;
use super::walk::Layer;

/// GRE (RFC 2784, RFC 2890, version 1: RFC 2637): flags, protocol type, and the fields that the
/// flags announce, four octets each.
pub(super) fn gre(view: &mut View<'_>) -> Result<Layer, Other> {
    let flags = view.u16("GRE header")?;
    let protocol = view.u16("GRE header")?;
    let version = flags & GRE_VERSION;
    if version > 1 || flags & GRE_ROUTING != 0 {
        return Err(Other::IpProtocol(GRE));
    }
    for flag in [GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE] {
        if flags & flag != 0 {
            view.u32("GRE optional field")?;
        }
    }
    if version == 1 && flags & GRE_ACKNOWLEDGMENT != 0 {
        view.u32("GRE Acknowledgment Number")?;
    }
    match protocol {
        ERSPAN if flags & GRE_SEQUENCE == 0 => Ok(Layer::Ethernet), // type I has no header
        ERSPAN => view.array::<8>("ERSPAN header").map(|_| Layer::Ethernet),
        ERSPAN_3 => erspan_3(view),
        PPP if flags & GRE_SEQUENCE == 0 => Err(Other::EtherType(PPP)), // an acknowledgment only
        other => Ok(Layer::EtherType(other)),
    }
}

/// ERSPAN type III (draft-foschiano-erspan-03 4.3): twelve octets, eight more if the O bit is set;
/// the frame type is Ethernet or IP.
fn erspan_3(view: &mut View<'_>) -> Result<Layer, Other> {
    let [.., high, low] = view.array::<12>("ERSPAN header")?;
    if low & 1 != 0 {
        view.array::<8>("ERSPAN platform specific subheader")?;
    }
    match high >> 2 & 0x1f {
        2 => Ok(Layer::Ip),
        _ => Ok(Layer::Ethernet),
    }
}

/// EtherIP (RFC 3378 3): version 3, then an Ethernet frame.
pub(super) fn ether_ip(view: &mut View<'_>) -> Result<Layer, Other> {
    view.u16("EtherIP header")?;
    Ok(Layer::Ethernet)
}

/// VXLAN (RFC 7348 5): flags with I, reserved, VNI, reserved. None where it is something else.
pub(super) fn vxlan(view: &mut View<'_>) -> Result<Option<Layer>, Other> {
    if view
        .rest()
        .first()
        .is_some_and(|flags| flags & VXLAN_INSTANCE == 0)
    {
        return Ok(None);
    }
    view.array::<8>("VXLAN header")?;
    Ok(Some(Layer::Ethernet))
}

/// VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe-13 3.1): the P flag says that a Next Protocol is told.
pub(super) fn vxlan_gpe(view: &mut View<'_>) -> Result<Option<Layer>, Other> {
    let [flags, _, _, next, ..] = view.array::<8>("VXLAN header")?;
    if flags & VXLAN_INSTANCE == 0 {
        return Ok(None);
    }
    Ok(match (flags & VXLAN_NEXT_PROTOCOL != 0, next) {
        (false, _) | (true, 3) => Some(Layer::Ethernet),
        (true, 1 | 2) => Some(Layer::Ip),
        (true, 5) => Some(Layer::Mpls),
        _ => None,
    })
}

/// Geneve (RFC 8926 3.4): version and options' length in 4 octets, flags, protocol type, VNI,
/// options. None where it is something else.
pub(super) fn geneve(view: &mut View<'_>) -> Result<Option<Layer>, Other> {
    if view.rest().first().is_some_and(|octet| octet >> 6 != 0) {
        return Ok(None);
    }
    let [length, _, high, low, ..] = view.array::<8>("Geneve header")?;
    view.bytes("Geneve options", usize::from(length & 0x3f) * 4)?;
    Ok(Some(Layer::EtherType(u16::from_be_bytes([high, low]))))
}

/// GRE's protocol number, RFC 2784.
const GRE: u8 = 47;
/// Checksum Present, RFC 2784 2.2.
const GRE_CHECKSUM: u16 = 0x8000;
/// Routing Present, RFC 1701: source routes, which nobody sends.
const GRE_ROUTING: u16 = 0x4000;
/// Key Present, RFC 2890 2.
const GRE_KEY: u16 = 0x2000;
/// Sequence Number Present, RFC 2890 2.
const GRE_SEQUENCE: u16 = 0x1000;
/// Acknowledgment sequence number present, RFC 2637 4.1.
const GRE_ACKNOWLEDGMENT: u16 = 0x0080;
/// Version Number, RFC 2784 2.3.1.
const GRE_VERSION: u16 = 0x0007;
/// ERSPAN type I and II, draft-foschiano-erspan-03 4.
const ERSPAN: u16 = 0x88be;
/// ERSPAN type III.
const ERSPAN_3: u16 = 0x22eb;
/// PPP in GRE version 1, RFC 2637 4.1.
const PPP: u16 = 0x880b;
/// I flag, RFC 7348 5.
const VXLAN_INSTANCE: u8 = 0x08;
/// P flag, draft-ietf-nvo3-vxlan-gpe-13 3.1.
const VXLAN_NEXT_PROTOCOL: u8 = 0x04;
