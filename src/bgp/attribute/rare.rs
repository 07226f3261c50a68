//! Attributes that few UPDATEs have: AIGP (RFC 7311 3) and PMSI Tunnel (RFC 6514 5).

use crate::bgp::text::Hex;
use crate::wire::{Cursor, DecodeError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

/// Reads the accumulated metric: the first AIGP TLV, whose length counts its type and itself, too.
pub(super) fn aigp(mut cursor: Cursor<'_>) -> Result<u64, DecodeError> {
    loop {
        let number = cursor.u8("AIGP TLV Type")?;
        let at = cursor;
        let length = usize::from(cursor.u16("AIGP TLV Length")?);
        let Some(length) = length.checked_sub(3) else {
            return Err(at.malformed("AIGP TLV Length", "is less than the TLV's own 3 octets"));
        };
        let mut value = cursor.take("AIGP TLV Value", length)?;
        if number == 1 {
            return value.u64("Accumulated IGP Metric");
        }
    }
}

code_points! {
    /// P-Multicast Service Interface Tunnel Types, IANA registry.
    PmsiTunnelType(u8) {
        NONE = 0, "no-tunnel-information", "RFC 6514 5";
        RSVP_TE_P2MP = 1, "rsvp-te-p2mp-lsp", "RFC 6514 5";
        MLDP_P2MP = 2, "mldp-p2mp-lsp", "RFC 6514 5";
        PIM_SSM = 3, "pim-ssm-tree", "RFC 6514 5";
        PIM_SM = 4, "pim-sm-tree", "RFC 6514 5";
        BIDIR_PIM = 5, "bidir-pim-tree", "RFC 6514 5";
        INGRESS_REPLICATION = 6, "ingress-replication", "RFC 6514 5";
        MLDP_MP2MP = 7, "mldp-mp2mp-lsp", "RFC 6514 5";
    }
}

/// The tunnel that carries multicast (RFC 6514 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PmsiTunnel<'a> {
    /// Flags.
    pub flags: u8,
    /// Its kind.
    pub tunnel_type: PmsiTunnelType,
    /// The label field: all 24 bits, since it holds a VNI as well as 20 bits of label.
    pub label: u32,
    /// Tunnel Identifier as sent; its form depends on the kind.
    pub identifier: Hex<'a>,
}

impl<'a> PmsiTunnel<'a> {
    /// Reads the attribute's value.
    pub fn decode(mut cursor: Cursor<'a>) -> Result<PmsiTunnel<'a>, DecodeError> {
        let flags = cursor.u8("Flags")?;
        let tunnel_type = PmsiTunnelType(cursor.u8("Tunnel Type")?);
        let [a, b, c] = cursor.array("MPLS Label")?;
        Ok(PmsiTunnel {
            flags,
            tunnel_type,
            label: u32::from_be_bytes([0, a, b, c]),
            identifier: Hex(cursor.rest()),
        })
    }
}

/// The keys of a tunnel in JSON. Which of the last ones are there depends on the kind.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PmsiTunnel")]
struct TunnelShape<'a> {
    /// Flags.
    flags: u8,
    /// Its kind.
    tunnel_type: PmsiTunnelType,
    /// The label field: all 24 bits, since it holds a VNI as well as 20 bits of label.
    label: u32,
    /// Tunnel Identifier in hex.
    #[schemars(with = "String")]
    identifier: Hex<'a>,
    /// Ingress replication: the unicast tunnel endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    endpoint: Option<IpAddr>,
    /// PIM: the sender, or the root of a bidirectional tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    sender: Option<IpAddr>,
    /// PIM: the multicast group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    group: Option<IpAddr>,
    /// mLDP: the root of the FEC element.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "IpAddr", default)]
    root: Option<IpAddr>,
    /// mLDP: the opaque value of the FEC element, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", default)]
    opaque: Option<Hex<'a>>,
    /// RSVP-TE: Extended Tunnel ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Ipv4Addr", default)]
    extended_tunnel_id: Option<Ipv4Addr>,
    /// RSVP-TE: Tunnel ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u16", default)]
    tunnel_id: Option<u16>,
    /// RSVP-TE: P2MP ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", default)]
    p2mp_id: Option<u32>,
}

impl<'a> From<&PmsiTunnel<'a>> for TunnelShape<'a> {
    /// An identifier that is not of its kind's form stays hex.
    fn from(tunnel: &PmsiTunnel<'a>) -> TunnelShape<'a> {
        let mut shape = TunnelShape {
            flags: tunnel.flags,
            tunnel_type: tunnel.tunnel_type,
            label: tunnel.label,
            identifier: tunnel.identifier,
            endpoint: None,
            sender: None,
            group: None,
            root: None,
            opaque: None,
            extended_tunnel_id: None,
            tunnel_id: None,
            p2mp_id: None,
        };
        shape.identify();
        shape
    }
}

impl<'a> TunnelShape<'a> {
    fn identify(&mut self) {
        use PmsiTunnelType as Type;
        let octets: &'a [u8] = self.identifier.0;
        match self.tunnel_type {
            Type::INGRESS_REPLICATION => self.endpoint = address(octets),
            Type::PIM_SSM | Type::PIM_SM | Type::BIDIR_PIM => {
                let (sender, group) = octets.split_at(octets.len() / 2);
                self.sender = address(sender);
                self.group = address(group);
            }
            // The parts of an RSVP-TE session, in the order in which RFC 6514 5 names them.
            Type::RSVP_TE_P2MP => {
                if let Some([a, b, c, d, _, _, e, f, g, h, i, j]) = octets.first_chunk() {
                    self.extended_tunnel_id = Some(Ipv4Addr::new(*a, *b, *c, *d));
                    self.tunnel_id = Some(u16::from_be_bytes([*e, *f]));
                    self.p2mp_id = Some(u32::from_be_bytes([*g, *h, *i, *j]));
                }
            }
            Type::MLDP_P2MP | Type::MLDP_MP2MP => {
                if let Ok((root, opaque)) = fec_element(Cursor::new(octets)) {
                    self.root = address(root);
                    self.opaque = Some(Hex(opaque));
                }
            }
            _ => {}
        }
    }
}

impl Serialize for PmsiTunnel<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TunnelShape::from(self).serialize(serializer)
    }
}

impl JsonSchema for PmsiTunnel<'_> {
    fn schema_name() -> Cow<'static, str> {
        "PmsiTunnel".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        TunnelShape::json_schema(generator)
    }
}

/// Root and opaque value of a FEC element (RFC 6388 2.2): type, address family, length, root,
/// length, opaque value.
fn fec_element(mut cursor: Cursor<'_>) -> Result<(&[u8], &[u8]), DecodeError> {
    cursor.u8("Type")?;
    cursor.u16("Address Family")?;
    let length = cursor.u8("Address Length")?;
    let root = cursor.bytes("Root Node Address", usize::from(length))?;
    let length = cursor.u16("Opaque Length")?;
    let opaque = cursor.bytes("Opaque Value", usize::from(length))?;
    Ok((root, opaque))
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => octets
            .first_chunk::<4>()
            .map(|octets| IpAddr::from(*octets)),
        16 => octets
            .first_chunk::<16>()
            .map(|octets| IpAddr::from(*octets)),
        _ => None,
    }
}
