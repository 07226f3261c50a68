//! Attributes that few UPDATEs have: AIGP (RFC 7311 3) and PMSI Tunnel (RFC 6514 5).

use crate::bgp::text::Hex;
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PmsiTunnel<'a> {
    /// Flags.
    pub flags: u8,
    /// Its kind.
    pub tunnel_type: PmsiTunnelType,
    /// The label field: all 24 bits, since it holds a VNI as well as 20 bits of label.
    pub label: u32,
    /// Tunnel Identifier in hex; its form depends on the kind.
    #[schemars(with = "String")]
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
