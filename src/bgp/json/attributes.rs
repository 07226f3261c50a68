//! Attributes as JSON: those that every UPDATE has, always with their keys, and the rest.

use super::{ErrorText, Sequence, address, text};
use crate::bgp::attribute::{
    Aggregator, AsPath, AttrSet, Attribute, AttributeIter, Communities, EffectivePath,
    ExtendedCommunities, Ipv6ExtendedCommunities, LargeCommunities, PathAttributes, Segment,
};
use crate::bgp::context::Context;
use crate::bgp::text::Hex;
use crate::wire::DecodeError;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::fmt::Write;

/// Keys that are always there.
pub(super) fn common<F: SerializeStruct>(
    attributes: &PathAttributes<'_>,
    fields: &mut F,
) -> Result<(), F::Error> {
    fields.serialize_field("origin", &attributes.origin)?;
    fields.serialize_field("as_path", &attributes.effective_path())?;
    fields.serialize_field("med", &attributes.med)?;
    fields.serialize_field("local_pref", &attributes.local_pref)?;
    fields.serialize_field("communities", &ListOf(attributes.communities))?;
    fields.serialize_field("large_communities", &ListOf(attributes.large_communities))?;
    let extended = ListOf(attributes.extended_communities);
    fields.serialize_field("extended_communities", &extended)
}

/// Keys that are absent where their attribute is.
pub(super) fn rare<F: SerializeStruct>(
    attributes: &PathAttributes<'_>,
    fields: &mut F,
) -> Result<(), F::Error> {
    if attributes.atomic_aggregate {
        fields.serialize_field("atomic_aggregate", &true)?;
    }
    if let Some(aggregator) = &attributes.effective_aggregator() {
        fields.serialize_field("aggregator", aggregator)?;
        if attributes.aggregator.as_ref() != Some(aggregator) {
            fields.serialize_field("aggregator_sent", &attributes.aggregator)?;
        }
    }
    if let Some(originator) = attributes.originator_id {
        fields.serialize_field("originator_id", &address(originator.into()))?;
    }
    if let Some(clusters) = attributes.cluster_list {
        let clusters = || clusters.iter().map(|cluster| address(cluster.into()));
        fields.serialize_field("cluster_list", &Sequence(clusters))?;
    }
    if attributes.ipv6_extended_communities.is_some() {
        let all = ListOf(attributes.ipv6_extended_communities);
        fields.serialize_field("ipv6_extended_communities", &all)?;
    }
    if attributes
        .effective_path()
        .is_some_and(|path| path.is_merged())
    {
        fields.serialize_field("as_path_sent", &attributes.as_path)?;
    }
    if let Some(path) = &attributes.as4_path {
        fields.serialize_field("as4_path", path)?;
    }
    if let Some(aggregator) = &attributes.as4_aggregator {
        fields.serialize_field("as4_aggregator", aggregator)?;
    }
    if let Some(asn) = attributes.only_to_customer {
        fields.serialize_field("only_to_customer", &asn)?;
    }
    rarer(attributes, fields)
}

/// Keys of the families beyond plain prefixes, mostly.
fn rarer<F: SerializeStruct>(
    attributes: &PathAttributes<'_>,
    fields: &mut F,
) -> Result<(), F::Error> {
    if let Some(metric) = &attributes.aigp {
        fields.serialize_field("aigp", metric)?;
    }
    if let Some(tunnel) = &attributes.pmsi_tunnel {
        fields.serialize_field("pmsi_tunnel", tunnel)?;
    }
    if let Some(tunnels) = &attributes.tunnel_encapsulation {
        fields.serialize_field("tunnel_encapsulation", tunnels)?;
    }
    if let Some(tlvs) = &attributes.prefix_sid {
        fields.serialize_field("prefix_sid", tlvs)?;
    }
    if let Some(tlvs) = &attributes.link_state {
        fields.serialize_field("bgp_ls", tlvs)?;
    }
    if let Some(set) = &attributes.attr_set {
        fields.serialize_field("attr_set", set)?;
    }
    Ok(())
}

/// The attributes that have no key of their own: unknown, repeated or malformed ones.
pub(super) fn others<'a>(
    all: AttributeIter<'a>,
    context: &Context,
    attributes: &PathAttributes<'a>,
) -> impl Iterator<Item = OtherAttribute<'a>> {
    all.flatten()
        .enumerate()
        .filter(|(place, _)| attributes.is_other(*place))
        .map(|(_, attribute)| OtherAttribute {
            error: attribute.read(context).err(),
            attribute,
        })
}

impl Serialize for AttrSet<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let context = self.context();
        let attributes = self.path_attributes(&context);
        let mut fields = serializer.serialize_struct("AttrSet", 24)?;
        fields.serialize_field("origin_as", &self.origin_as)?;
        common(&attributes, &mut fields)?;
        let others = || others(self.attributes(), &context, &attributes);
        fields.serialize_field("attributes_other", &Sequence(others))?;
        rare(&attributes, &mut fields)?;
        fields.end()
    }
}

/// A list of communities; an absent attribute is an empty list.
struct ListOf<T>(Option<T>);

impl Serialize for ListOf<Communities<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = || self.0.iter().flat_map(Communities::iter);
        let texts = || {
            items().map(|one| {
                text(|out| match one.word() {
                    Some(word) => out.push_text(word),
                    None => out.push_numbers([one.0 >> 16, one.0 & 0xffff]),
                })
            })
        };
        Sequence(texts).serialize(serializer)
    }
}

impl Serialize for ListOf<LargeCommunities<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = || self.0.iter().flat_map(LargeCommunities::iter);
        let texts = || {
            items().map(|one| {
                let numbers = [one.global_administrator, one.local_1, one.local_2];
                text(|out| out.push_numbers(numbers))
            })
        };
        Sequence(texts).serialize(serializer)
    }
}

impl Serialize for ListOf<ExtendedCommunities<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = || self.0.iter().flat_map(ExtendedCommunities::iter);
        let texts = || items().map(|one| text(|out| write!(out, "{one}").unwrap_or(())));
        Sequence(texts).serialize(serializer)
    }
}

impl Serialize for ListOf<Ipv6ExtendedCommunities<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = || self.0.iter().flat_map(Ipv6ExtendedCommunities::iter);
        let texts = || items().map(|one| text(|out| write!(out, "{one}").unwrap_or(())));
        Sequence(texts).serialize(serializer)
    }
}

impl Serialize for EffectivePath<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Sequence(|| self.segments()).serialize(serializer)
    }
}

impl Serialize for AsPath<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Sequence(|| self.segments()).serialize(serializer)
    }
}

impl Serialize for Segment<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Segment", 2)?;
        fields.serialize_field("type", &self.segment_type)?;
        fields.serialize_field("asns", &Sequence(|| self.asns()))?;
        fields.end()
    }
}

impl Serialize for Aggregator {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Aggregator", 2)?;
        fields.serialize_field("asn", &self.asn)?;
        fields.serialize_field("address", &address(self.address.into()))?;
        fields.end()
    }
}

/// An attribute without a key of its own.
pub(super) struct OtherAttribute<'a> {
    attribute: Attribute<'a>,
    error: Option<DecodeError>,
}

impl Serialize for OtherAttribute<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("OtherAttribute", 5)?;
        fields.serialize_field("code", &self.attribute.code.0)?;
        fields.serialize_field("name", &self.attribute.code)?;
        fields.serialize_field("flags", &self.attribute.flags.0)?;
        fields.serialize_field("raw", &Hex(self.attribute.value))?;
        if let Some(error) = self.error {
            fields.serialize_field("error", &ErrorText(error))?;
        }
        fields.end()
    }
}
