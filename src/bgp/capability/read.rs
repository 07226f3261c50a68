//! One reader per layout. A reader takes the octets of one capability; what it leaves over is
//! noticed by its caller.

use super::value::*;
use super::{CapabilityCode, CapabilityValue};
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};

/// Reads the value of one capability.
pub(super) type Reader = fn(&mut Cursor<'_>) -> Result<CapabilityValue, DecodeError>;

type Value = Result<CapabilityValue, DecodeError>;

/// For codes whose layout nobody here knows: the octets stay raw.
pub(super) fn unknown(cursor: &mut Cursor<'_>) -> Value {
    cursor.take_rest();
    Ok(CapabilityValue::Unknown)
}

pub(super) fn empty(_: &mut Cursor<'_>) -> Value {
    Ok(CapabilityValue::Empty)
}

pub(super) fn multiprotocol(cursor: &mut Cursor<'_>) -> Value {
    let family = padded_family(cursor)?;
    Ok(CapabilityValue::Multiprotocol(Multiprotocol { family }))
}

pub(super) fn outbound_route_filtering(cursor: &mut Cursor<'_>) -> Value {
    let families = all(cursor, |cursor| {
        let family = padded_family(cursor)?;
        let count = usize::from(cursor.u8("Number of ORFs")?);
        let mut list = cursor.take("ORF Types", count * 2)?;
        let filters = all(&mut list, |cursor| {
            Ok(Orf {
                orf_type: OrfType(cursor.u8("ORF Type")?),
                send_receive: SendReceive(cursor.u8("Send/Receive")?),
            })
        })?;
        Ok(OrfFamily { family, filters })
    })?;
    let value = OutboundRouteFiltering { families };
    Ok(CapabilityValue::OutboundRouteFiltering(value))
}

pub(super) fn extended_next_hop(cursor: &mut Cursor<'_>) -> Value {
    let families = all(cursor, |cursor| {
        let afi = cursor.u16("NLRI AFI")?;
        // Two octets here, one everywhere else (RFC 8950 4).
        let wide = cursor.malformed("NLRI SAFI", "is above 255");
        let safi = u8::try_from(cursor.u16("NLRI SAFI")?).map_err(|_| wide)?;
        let next_hop_afi = cursor.u16("Nexthop AFI")?;
        let family = Family::new(afi, safi);
        Ok(NextHopFamily {
            family,
            next_hop_afi,
        })
    })?;
    Ok(CapabilityValue::ExtendedNextHop(ExtendedNextHop {
        families,
    }))
}

pub(super) fn bgpsec(cursor: &mut Cursor<'_>) -> Value {
    let first = cursor.u8("Version and Dir")?;
    let direction = match first & 0x08 {
        0 => SendReceive::RECEIVE,
        _ => SendReceive::SEND,
    };
    Ok(CapabilityValue::Bgpsec(Bgpsec {
        version: first >> 4,
        direction,
        afi: cursor.u16("AFI")?,
    }))
}

pub(super) fn multiple_labels(cursor: &mut Cursor<'_>) -> Value {
    let families = all(cursor, |cursor| {
        let family = family(cursor)?;
        let count = cursor.u8("Count")?;
        Ok(LabelCount { family, count })
    })?;
    Ok(CapabilityValue::MultipleLabels(MultipleLabels { families }))
}

pub(super) fn role(cursor: &mut Cursor<'_>) -> Value {
    let role = RoleValue(cursor.u8("Role")?);
    Ok(CapabilityValue::Role(Role { role }))
}

pub(super) fn graceful_restart(cursor: &mut Cursor<'_>) -> Value {
    let first = cursor.u16("Restart Flags and Restart Time")?;
    let families = all(cursor, |cursor| {
        let family = family(cursor)?;
        let forwarding_preserved = cursor.u8("Flags for Address Family")? & 0x80 != 0;
        Ok(RestartFamily {
            family,
            forwarding_preserved,
        })
    })?;
    Ok(CapabilityValue::GracefulRestart(GracefulRestart {
        restarting: first & 0x8000 != 0,
        notification: first & 0x4000 != 0,
        restart_time: first & 0x0fff,
        families,
    }))
}

pub(super) fn four_octet_as(cursor: &mut Cursor<'_>) -> Value {
    let asn = cursor.u32("AS number")?;
    Ok(CapabilityValue::FourOctetAs(FourOctetAs { asn }))
}

pub(super) fn dynamic_capability(cursor: &mut Cursor<'_>) -> Value {
    let capabilities = codes(cursor)?;
    let value = DynamicCapability { capabilities };
    Ok(CapabilityValue::DynamicCapability(value))
}

pub(super) fn multisession(cursor: &mut Cursor<'_>) -> Value {
    Ok(CapabilityValue::Multisession(Multisession {
        grouping: cursor.u8("Flags")? & 0x80 != 0,
        session_identifiers: codes(cursor)?,
    }))
}

pub(super) fn add_path(cursor: &mut Cursor<'_>) -> Value {
    family_directions(cursor).map(CapabilityValue::AddPath)
}

pub(super) fn routing_policy_distribution(cursor: &mut Cursor<'_>) -> Value {
    family_directions(cursor).map(CapabilityValue::RoutingPolicyDistribution)
}

pub(super) fn long_lived_graceful_restart(cursor: &mut Cursor<'_>) -> Value {
    let families = all(cursor, |cursor| {
        let family = family(cursor)?;
        let forwarding_preserved = cursor.u8("Flags for Address Family")? & 0x80 != 0;
        let [a, b, c] = cursor.array("Long-lived Stale Time")?;
        Ok(LongLivedFamily {
            family,
            forwarding_preserved,
            stale_time: u32::from_be_bytes([0, a, b, c]),
        })
    })?;
    let value = LongLivedGracefulRestart { families };
    Ok(CapabilityValue::LongLivedGracefulRestart(value))
}

pub(super) fn fqdn(cursor: &mut Cursor<'_>) -> Value {
    let host = counted_text(cursor, "Hostname Length", "Hostname")?;
    // The oldest form ends behind the host name.
    let domain = if cursor.is_empty() {
        String::new()
    } else {
        counted_text(cursor, "Domain Name Length", "Domain Name")?
    };
    Ok(CapabilityValue::Fqdn(Fqdn { host, domain }))
}

pub(super) fn software_version(cursor: &mut Cursor<'_>) -> Value {
    let field = "Software Version";
    // The old form has a length octet of its own first. A first octet that counts exactly what
    // follows is taken for it, as FRR does; a first letter that does so by chance is very rare.
    let has_inner_length = cursor
        .rest()
        .split_first()
        .is_some_and(|(first, rest)| usize::from(*first) == rest.len());
    let version = if has_inner_length {
        counted_text(cursor, "Software Version Length", field)?
    } else {
        let length = cursor.remaining();
        text(cursor, field, length)?
    };
    Ok(CapabilityValue::SoftwareVersion(SoftwareVersion {
        version,
    }))
}

pub(super) fn paths_limit(cursor: &mut Cursor<'_>) -> Value {
    let families = all(cursor, |cursor| {
        let family = family(cursor)?;
        let limit = cursor.u16("Paths Limit")?;
        Ok(FamilyLimit { family, limit })
    })?;
    Ok(CapabilityValue::PathsLimit(PathsLimit { families }))
}

/// Items until nothing is left. An item that does not fit is an error, so a length that is no
/// multiple of the item's is noticed; each item takes at least one octet, so the walk ends.
fn all<'a, T>(
    cursor: &mut Cursor<'a>,
    item: impl Fn(&mut Cursor<'a>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let mut items = Vec::new();
    while !cursor.is_empty() {
        items.push(item(cursor)?);
    }
    Ok(items)
}

fn codes(cursor: &mut Cursor<'_>) -> Result<Vec<CapabilityCode>, DecodeError> {
    all(cursor, |cursor| {
        cursor.u8("Capability Code").map(CapabilityCode)
    })
}

fn family_directions(cursor: &mut Cursor<'_>) -> Result<FamilyDirections, DecodeError> {
    let families = all(cursor, |cursor| {
        let family = family(cursor)?;
        let send_receive = SendReceive(cursor.u8("Send/Receive")?);
        Ok(FamilyDirection {
            family,
            send_receive,
        })
    })?;
    Ok(FamilyDirections { families })
}

fn family(cursor: &mut Cursor<'_>) -> Result<Family, DecodeError> {
    let afi = cursor.u16("AFI")?;
    Ok(Family::new(afi, cursor.u8("SAFI")?))
}

/// AFI, a reserved octet, SAFI.
fn padded_family(cursor: &mut Cursor<'_>) -> Result<Family, DecodeError> {
    let afi = cursor.u16("AFI")?;
    cursor.u8("Reserved")?;
    Ok(Family::new(afi, cursor.u8("SAFI")?))
}

fn counted_text(
    cursor: &mut Cursor<'_>,
    length: &'static str,
    field: &'static str,
) -> Result<String, DecodeError> {
    let length = usize::from(cursor.u8(length)?);
    text(cursor, field, length)
}

/// UTF-8. Anything else stays raw, so that not one octet is replaced.
fn text(
    cursor: &mut Cursor<'_>,
    field: &'static str,
    length: usize,
) -> Result<String, DecodeError> {
    let not_text = cursor.malformed(field, "is not UTF-8");
    let octets = cursor.bytes(field, length)?;
    String::from_utf8(octets.to_vec()).map_err(|_| not_text)
}
