//! Attributes that are lists of TLVs: Prefix-SID (RFC 8669 3), Tunnel Encapsulation (RFC 9012 2) and
//! BGP-LS (RFC 9552 5.3). Each TLV is shown by number, name and octets.
//!
//! ```text
//! | Type (1 or 2) | Length (2) | Value |
//! ```

use super::extended::tunnel_type;
use crate::bgp::text::Hex;
use crate::wire::{Cursor, DecodeError};
use serde::{Serialize, Serializer, ser::SerializeStruct};

/// Which attribute a list of TLVs is the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlvKind {
    /// RFC 8669 3: types of one octet.
    PrefixSid,
    /// RFC 9012 2: tunnel types.
    TunnelEncapsulation,
    /// RFC 9552 5.3.
    LinkState,
}

/// TLVs that fit their attribute.
#[derive(Debug, Clone, Copy)]
pub struct Tlvs<'a> {
    kind: TlvKind,
    cursor: Cursor<'a>,
}

/// One TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    kind: TlvKind,
    /// Its type.
    pub number: u16,
    /// Its value as sent.
    pub value: &'a [u8],
}

/// BGP Prefix-SID TLV Types, IANA registry: number, word, source.
const PREFIX_SID: &[(u16, &str, &str)] = &[
    (1, "label-index", "RFC 8669 3.1"),
    (3, "originator-srgb", "RFC 8669 3.2"),
    (5, "srv6-l3-service", "RFC 9252 2"),
    (6, "srv6-l2-service", "RFC 9252 2"),
];

/// BGP-LS NLRI and Attribute TLVs, IANA registry: those that most routers send.
const LINK_STATE: &[(u16, &str, &str)] = &[
    (263, "multi-topology-identifier", "RFC 9552 5.2.2.1"),
    (1024, "node-flag-bits", "RFC 9552 5.3.1.1"),
    (1026, "node-name", "RFC 9552 5.3.1.3"),
    (1027, "isis-area-identifier", "RFC 9552 5.3.1.2"),
    (1028, "ipv4-router-id-of-local-node", "RFC 9552 5.3.1.4"),
    (1029, "ipv6-router-id-of-local-node", "RFC 9552 5.3.1.4"),
    (1030, "ipv4-router-id-of-remote-node", "RFC 9552 5.3.1.4"),
    (1031, "ipv6-router-id-of-remote-node", "RFC 9552 5.3.1.4"),
    (1034, "sr-capabilities", "RFC 9085 2.1.2"),
    (1035, "sr-algorithm", "RFC 9085 2.1.3"),
    (1088, "administrative-group", "RFC 9552 5.3.2"),
    (1089, "maximum-link-bandwidth", "RFC 9552 5.3.2"),
    (1090, "maximum-reservable-link-bandwidth", "RFC 9552 5.3.2"),
    (1091, "unreserved-bandwidth", "RFC 9552 5.3.2"),
    (1092, "te-default-metric", "RFC 9552 5.3.2.3"),
    (1095, "igp-metric", "RFC 9552 5.3.2.4"),
    (1099, "adjacency-sid", "RFC 9085 2.2.1"),
    (1152, "igp-flags", "RFC 9552 5.3.3.1"),
    (1155, "prefix-metric", "RFC 9552 5.3.3.4"),
    (1158, "prefix-sid", "RFC 9085 2.3.1"),
];

impl<'a> Tlvs<'a> {
    /// Walks the TLVs by their lengths.
    pub fn decode(cursor: Cursor<'a>, kind: TlvKind) -> Result<Tlvs<'a>, DecodeError> {
        let mut rest = cursor;
        while !rest.is_empty() {
            read(&mut rest, kind)?;
        }
        Ok(Tlvs { kind, cursor })
    }

    /// The TLVs, in order as sent.
    pub fn iter(&self) -> impl Iterator<Item = Tlv<'a>> + use<'a> {
        let Tlvs { kind, mut cursor } = *self;
        std::iter::from_fn(move || read(&mut cursor, kind).ok())
    }
}

fn read<'a>(cursor: &mut Cursor<'a>, kind: TlvKind) -> Result<Tlv<'a>, DecodeError> {
    let number = match kind {
        TlvKind::PrefixSid => u16::from(cursor.u8("TLV Type")?),
        _ => cursor.u16("TLV Type")?,
    };
    let length = cursor.u16("TLV Length")?;
    let value = cursor.bytes("TLV Value", usize::from(length))?;
    Ok(Tlv {
        kind,
        number,
        value,
    })
}

impl Tlv<'_> {
    /// The word of its type, or none where it is not known.
    pub fn word(&self) -> Option<&'static str> {
        let table = match self.kind {
            TlvKind::PrefixSid => PREFIX_SID,
            TlvKind::LinkState => LINK_STATE,
            TlvKind::TunnelEncapsulation => return tunnel_type(self.number),
        };
        let row = table.iter().find(|row| row.0 == self.number);
        row.map(|row| row.1)
    }

    /// The label index of a Label-Index TLV: behind a reserved octet and two of flags (RFC 8669 3.1).
    pub fn label_index(&self) -> Option<u32> {
        match (self.kind, self.number, self.value) {
            (TlvKind::PrefixSid, 1, [_, _, _, a, b, c, d]) => {
                Some(u32::from_be_bytes([*a, *b, *c, *d]))
            }
            _ => None,
        }
    }
}

impl Serialize for Tlvs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for Tlv<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Tlv", 4)?;
        fields.serialize_field("type", &self.number)?;
        if let Some(word) = self.word() {
            fields.serialize_field("name", word)?;
        }
        if let Some(index) = self.label_index() {
            fields.serialize_field("label_index", &index)?;
        }
        fields.serialize_field("raw", &Hex(self.value))?;
        fields.end()
    }
}
