//! TLVs of the Tunnel Encapsulation attribute: tunnels (RFC 9012 2), what they say (RFC 9012 3),
//! and the candidate paths of SR Policies (RFC 9830 2.4).

use super::TlvKind;
use super::layout::{
    Field, Row, address, ipv6, label, number, reserved, rest_number, row, sid, text,
};

const fn tunnel(number: u16, word: &'static str, source: &'static str) -> Row {
    row(number, word, &[], source).holding(TlvKind::Tunnel)
}

/// BGP Tunnel Encapsulation Attribute Tunnel Types, IANA registry.
pub(super) const TUNNELS: &[Row] = &[
    tunnel(1, "l2tpv3", "RFC 9012"),
    tunnel(2, "gre", "RFC 9012"),
    tunnel(7, "ip-in-ip", "RFC 9012"),
    tunnel(8, "vxlan", "RFC 8365 11"),
    tunnel(9, "nvgre", "RFC 8365 11"),
    tunnel(10, "mpls", "RFC 8365 11"),
    tunnel(11, "mpls-in-gre", "RFC 8365 11"),
    tunnel(12, "vxlan-gpe", "RFC 8365 11"),
    tunnel(13, "mpls-in-udp", "RFC 7510"),
    tunnel(15, "sr-policy", "RFC 9830"),
    tunnel(19, "geneve", "RFC 8926"),
];

/// The word of a tunnel type.
pub(crate) fn tunnel_type(number: u16) -> Option<&'static str> {
    let row = TUNNELS.iter().find(|row| row.number == number);
    row.map(|row| row.word)
}

const FLAGS: Field = number("flags", 1);

/// BGP Tunnel Encapsulation Attribute Sub-TLVs, IANA registry.
#[rustfmt::skip]
pub(super) const SUB_TLVS: &[Row] = &[
    row(1, "encapsulation", &[], "RFC 9012 3.2"),
    row(2, "protocol-type", &[number("value", 2)], "RFC 9012 3.4.1"),
    row(4, "color", &[reserved(2), number("flags", 2), number("color", 4)], "RFC 9012 3.4.2"),
    row(5, "load-balancing-block", &[number("value", 2)], "RFC 5640 3"),
    row(6, "tunnel-egress-endpoint", &[reserved(4), number("afi", 2), address("address")], "RFC 9012 3.1"),
    row(7, "ds-field", &[number("value", 1)], "RFC 9012 3.3.1"),
    row(8, "udp-destination-port", &[number("value", 2)], "RFC 9012 3.3.2"),
    row(9, "embedded-label-handling", &[number("value", 1)], "RFC 9012 3.5"),
    row(10, "mpls-label-stack", &[], "RFC 9012 3.6"),
    row(11, "prefix-sid", &[], "RFC 9012 3.7"),
    row(12, "preference", &[FLAGS, reserved(1), number("preference", 4)], "RFC 9830 2.4.1"),
    row(13, "binding-sid", &[FLAGS, reserved(1), sid("sid")], "RFC 9830 2.4.2"),
    row(14, "enlp", &[FLAGS, reserved(1), number("enlp", 1)], "RFC 9830 2.4.5"),
    row(15, "priority", &[number("priority", 1), reserved(1)], "RFC 9830 2.4.6"),
    row(20, "srv6-binding-sid", &[FLAGS, reserved(1), ipv6("sid")], "RFC 9830 2.4.3"),
    row(128, "segment-list", &[reserved(1)], "RFC 9830 2.4.4").holding(TlvKind::SegmentList),
    row(129, "policy-candidate-path-name", &[reserved(1), text("value")], "RFC 9830 2.4.7"),
    row(130, "policy-name", &[reserved(1), text("value")], "RFC 9830 2.4.8"),
];

/// SR Policy Segment List Sub-TLVs, IANA registry.
#[rustfmt::skip]
pub(super) const SEGMENTS: &[Row] = &[
    row(1, "segment-type-a", &[FLAGS, reserved(1), label("label")], "RFC 9830 2.4.4.2.1"),
    row(9, "weight", &[FLAGS, reserved(1), rest_number("weight")], "RFC 9830 2.4.4.1"),
    row(13, "segment-type-b", &[FLAGS, reserved(1), ipv6("sid")], "RFC 9830 2.4.4.2.2"),
];
