//! TLVs of the Prefix-SID attribute (RFC 8669 3), and those of SRv6 services inside (RFC 9252).

use super::TlvKind;
use super::layout::{Row, ipv6, number, ranges, reserved, row};

/// BGP Prefix-SID TLV Types, IANA registry.
#[rustfmt::skip]
pub(super) const ATTRIBUTE: &[Row] = &[
    row(1, "label-index", &[reserved(1), number("flags", 2), number("label_index", 4)], "RFC 8669 3.1"),
    row(3, "originator-srgb", &[number("flags", 2), ranges("srgb")], "RFC 8669 3.2"),
    row(5, "srv6-l3-service", &[reserved(1)], "RFC 9252 2").holding(TlvKind::Srv6Service),
    row(6, "srv6-l2-service", &[reserved(1)], "RFC 9252 2").holding(TlvKind::Srv6Service),
];

/// SRv6 Service Sub-TLV Types, IANA registry.
pub(super) const SERVICE: &[Row] = &[row(
    1,
    "srv6-sid-information",
    &[
        reserved(1),
        ipv6("sid"),
        number("sid_flags", 1),
        number("endpoint_behavior", 2),
        reserved(1),
    ],
    "RFC 9252 3.1",
)
.holding(TlvKind::Srv6ServiceData)];

/// SRv6 Service Data Sub-Sub-TLV Types, IANA registry. Lengths are in bits.
pub(super) const SERVICE_DATA: &[Row] = &[row(
    1,
    "srv6-sid-structure",
    &[
        number("locator_block_length", 1),
        number("locator_node_length", 1),
        number("function_length", 1),
        number("argument_length", 1),
        number("transposition_length", 1),
        number("transposition_offset", 1),
    ],
    "RFC 9252 3.2.1",
)];
