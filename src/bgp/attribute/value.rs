//! What attributes say, typed, and one reader per code.

use super::{
    AsPath, AttrSet, Attribute, AttributeCode, Communities, ExtendedCommunities,
    Ipv6ExtendedCommunities, LargeCommunities, MpReach, MpUnreach, PmsiTunnel, TlvKind, Tlvs, rare,
};
use crate::bgp::context::Context;
use crate::wire::{Cursor, DecodeError};
use std::net::Ipv4Addr;

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub enum AttributeValue<'a> {
    /// RFC 4271 5.1.1.
    Origin(Origin),
    /// RFC 4271 5.1.2.
    AsPath(AsPath<'a>),
    /// RFC 4271 5.1.3.
    NextHop(Ipv4Addr),
    /// RFC 4271 5.1.4.
    MultiExitDisc(u32),
    /// RFC 4271 5.1.5.
    LocalPref(u32),
    /// RFC 4271 5.1.6.
    AtomicAggregate,
    /// RFC 4271 5.1.7.
    Aggregator(Aggregator),
    /// RFC 1997.
    Communities(Communities<'a>),
    /// RFC 4456 8.
    OriginatorId(Ipv4Addr),
    /// RFC 4456 8.
    ClusterList(ClusterList<'a>),
    /// RFC 4760 3.
    MpReach(MpReach<'a>),
    /// RFC 4760 4.
    MpUnreach(MpUnreach<'a>),
    /// RFC 4360 2.
    ExtendedCommunities(ExtendedCommunities<'a>),
    /// RFC 5701 2.
    Ipv6ExtendedCommunities(Ipv6ExtendedCommunities<'a>),
    /// RFC 6793 3.
    As4Path(AsPath<'a>),
    /// RFC 6793 3.
    As4Aggregator(Aggregator),
    /// RFC 8092 3.
    LargeCommunities(LargeCommunities<'a>),
    /// RFC 9234 5: the AS that marked the route.
    OnlyToCustomer(u32),
    /// RFC 7311 3: the accumulated metric.
    Aigp(u64),
    /// RFC 6514 5.
    PmsiTunnel(PmsiTunnel<'a>),
    /// RFC 9012 2.
    TunnelEncapsulation(Tlvs<'a>),
    /// RFC 8669 3.
    PrefixSid(Tlvs<'a>),
    /// RFC 9552 5.3.
    LinkState(Tlvs<'a>),
    /// RFC 6368 5.
    AttrSet(AttrSet<'a>),
    /// Any other attribute, as sent.
    Other(&'a [u8]),
}

code_points! {
    /// Where a route comes from.
    Origin(u8) {
        IGP = 0, "igp", "RFC 4271 5.1.1";
        EGP = 1, "egp", "RFC 4271 5.1.1";
        INCOMPLETE = 2, "incomplete", "RFC 4271 5.1.1";
    }
}

/// Who aggregated the route (RFC 4271 5.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aggregator {
    /// Its AS number.
    pub asn: u32,
    /// Its BGP Identifier.
    pub address: Ipv4Addr,
}

/// The clusters that the route passed (RFC 4456 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterList<'a>(&'a [u8]);

impl<'a> ClusterList<'a> {
    /// The cluster identifiers, in order as sent.
    pub fn iter(&self) -> impl Iterator<Item = Ipv4Addr> + use<'a> {
        let (clusters, _) = self.0.as_chunks::<4>();
        clusters.iter().map(|octets| Ipv4Addr::from(*octets))
    }
}

/// Reads the value of one attribute.
pub(super) fn read<'a>(
    attribute: &Attribute<'a>,
    context: &Context,
) -> Result<AttributeValue<'a>, DecodeError> {
    use AttributeCode as Code;
    let cursor = attribute.cursor();
    match attribute.code {
        Code::ORIGIN => {
            let origin = exact(cursor, |cursor| cursor.u8("ORIGIN"))?;
            Ok(AttributeValue::Origin(Origin(origin)))
        }
        Code::AS_PATH => AsPath::decode(cursor, context.four_octet_as).map(AttributeValue::AsPath),
        Code::NEXT_HOP => address(cursor, "NEXT_HOP").map(AttributeValue::NextHop),
        Code::MULTI_EXIT_DISC => {
            number(cursor, "MULTI_EXIT_DISC").map(AttributeValue::MultiExitDisc)
        }
        Code::LOCAL_PREF => number(cursor, "LOCAL_PREF").map(AttributeValue::LocalPref),
        Code::ATOMIC_AGGREGATE => exact(cursor, |_| Ok(AttributeValue::AtomicAggregate)),
        Code::AGGREGATOR => {
            aggregator(cursor, context.four_octet_as).map(AttributeValue::Aggregator)
        }
        Code::ORIGINATOR_ID => address(cursor, "ORIGINATOR_ID").map(AttributeValue::OriginatorId),
        Code::CLUSTER_LIST => cluster_list(cursor),
        Code::MP_REACH_NLRI => MpReach::decode(cursor).map(AttributeValue::MpReach),
        Code::MP_UNREACH_NLRI => MpUnreach::decode(cursor).map(AttributeValue::MpUnreach),
        Code::AS4_PATH => AsPath::decode(cursor, true).map(AttributeValue::As4Path),
        Code::AS4_AGGREGATOR => aggregator(cursor, true).map(AttributeValue::As4Aggregator),
        Code::ONLY_TO_CUSTOMER => {
            number(cursor, "ONLY_TO_CUSTOMER").map(AttributeValue::OnlyToCustomer)
        }
        _ => read_communities(attribute, context),
    }
}

/// Communities of all kinds, and what is rarer.
fn read_communities<'a>(
    attribute: &Attribute<'a>,
    context: &Context,
) -> Result<AttributeValue<'a>, DecodeError> {
    let cursor = attribute.cursor();
    match attribute.code {
        AttributeCode::COMMUNITIES => Communities::decode(cursor).map(AttributeValue::Communities),
        AttributeCode::EXTENDED_COMMUNITIES => {
            ExtendedCommunities::decode(cursor).map(AttributeValue::ExtendedCommunities)
        }
        AttributeCode::IPV6_EXTENDED_COMMUNITIES => {
            Ipv6ExtendedCommunities::decode(cursor).map(AttributeValue::Ipv6ExtendedCommunities)
        }
        AttributeCode::LARGE_COMMUNITY => {
            LargeCommunities::decode(cursor).map(AttributeValue::LargeCommunities)
        }
        _ => read_rare(attribute, context),
    }
}

/// Attributes that few UPDATEs have, and whatever nothing here reads.
fn read_rare<'a>(
    attribute: &Attribute<'a>,
    context: &Context,
) -> Result<AttributeValue<'a>, DecodeError> {
    let cursor = attribute.cursor();
    let tlvs = |kind| Tlvs::decode(cursor, kind);
    match attribute.code {
        AttributeCode::AIGP => rare::aigp(cursor).map(AttributeValue::Aigp),
        AttributeCode::PMSI_TUNNEL => PmsiTunnel::decode(cursor).map(AttributeValue::PmsiTunnel),
        AttributeCode::TUNNEL_ENCAPSULATION => {
            tlvs(TlvKind::TunnelEncapsulation).map(AttributeValue::TunnelEncapsulation)
        }
        AttributeCode::PREFIX_SID => tlvs(TlvKind::PrefixSid).map(AttributeValue::PrefixSid),
        AttributeCode::BGP_LS => tlvs(TlvKind::LinkState).map(AttributeValue::LinkState),
        AttributeCode::ATTR_SET => {
            AttrSet::decode(cursor, context.four_octet_as).map(AttributeValue::AttrSet)
        }
        _ => Ok(AttributeValue::Other(attribute.value)),
    }
}

fn cluster_list(cursor: Cursor<'_>) -> Result<AttributeValue<'_>, DecodeError> {
    if !cursor.remaining().is_multiple_of(4) {
        return Err(cursor.malformed("Attribute Length", "is not a multiple of 4"));
    }
    Ok(AttributeValue::ClusterList(ClusterList(cursor.rest())))
}

fn aggregator(cursor: Cursor<'_>, four_octet_as: bool) -> Result<Aggregator, DecodeError> {
    exact(cursor, |cursor| {
        let asn = if four_octet_as {
            cursor.u32("Aggregator AS")?
        } else {
            u32::from(cursor.u16("Aggregator AS")?)
        };
        let address = Ipv4Addr::from(cursor.u32("Aggregator Address")?);
        Ok(Aggregator { asn, address })
    })
}

fn number(cursor: Cursor<'_>, field: &'static str) -> Result<u32, DecodeError> {
    exact(cursor, |cursor| cursor.u32(field))
}

fn address(cursor: Cursor<'_>, field: &'static str) -> Result<Ipv4Addr, DecodeError> {
    number(cursor, field).map(Ipv4Addr::from)
}

/// Reads a value that has to end where its reader does.
fn exact<'a, T>(
    mut cursor: Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let value = read(&mut cursor)?;
    if !cursor.is_empty() {
        return Err(cursor.malformed("Attribute Value", "is longer than its code allows"));
    }
    Ok(value)
}
