//! The JSON form of an UPDATE (design: `messages`), written straight from the borrowed octets: one
//! pass, no tree, no string that lives longer than its field.

use super::attribute::{
    Aggregator, AsPath, Attribute, Communities, EffectivePath, ExtendedCommunities,
    Ipv6ExtendedCommunities, LargeCommunities, NextHop, PathAttributes, PmsiTunnel, Segment,
    SegmentType,
};
use super::family_fields::{self, Afi, FamilyFields, Safi};
use super::nlri::{Destination, Evpn, FlowSpec, Kind, Labels, Nlri, RouteTarget, SrPolicy};
use super::text::{Hex, Text};
use super::update::Update;
use crate::net::Family;
use crate::wire::DecodeError;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::Write;
use std::net::IpAddr;

impl Serialize for Update<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let attributes = self.path_attributes();
        let mut fields = serializer.serialize_struct("Update", 24)?;
        fields.serialize_field("announced", &Sequence(|| self.announced().flatten()))?;
        fields.serialize_field("withdrawn", &Sequence(|| self.withdrawn().flatten()))?;
        fields.serialize_field("end_of_rib", &self.end_of_rib().map(FamilyObject))?;
        next_hops(self, &attributes, &mut fields)?;
        fields.serialize_field("origin", &attributes.origin)?;
        fields.serialize_field("as_path", &attributes.effective_path())?;
        fields.serialize_field("med", &attributes.med)?;
        fields.serialize_field("local_pref", &attributes.local_pref)?;
        fields.serialize_field("communities", &ListOf(attributes.communities))?;
        fields.serialize_field("large_communities", &ListOf(attributes.large_communities))?;
        let extended = ListOf(attributes.extended_communities);
        fields.serialize_field("extended_communities", &extended)?;
        let others = || others(self, &attributes);
        fields.serialize_field("attributes_other", &Sequence(others))?;
        rare(&attributes, &mut fields)?;
        if self.errors().next().is_some() {
            fields.serialize_field("errors", &Sequence(|| self.errors().map(ErrorObject)))?;
        }
        fields.end()
    }
}

/// The next hop of the routes, and what else there is of next hops.
fn next_hops<F: SerializeStruct>(
    update: &Update<'_>,
    attributes: &PathAttributes<'_>,
    fields: &mut F,
) -> Result<(), F::Error> {
    let own = attributes.next_hop.map(IpAddr::from);
    let Some(reach) = attributes.mp_reach else {
        return fields.serialize_field("next_hop", &own.map(address));
    };
    let multiprotocol = reach.next_hop();
    // NEXT_HOP belongs to the NLRI section, the other to MP_REACH_NLRI; mostly there is one of them.
    let (first, other) = if update.has_own_nlri() {
        (own, multiprotocol.address())
    } else {
        (multiprotocol.address(), own)
    };
    fields.serialize_field("next_hop", &first.map(address))?;
    if let Some(other) = other {
        fields.serialize_field("other_next_hop", &address(other))?;
    }
    if let Some(link_local) = multiprotocol.link_local() {
        fields.serialize_field("next_hop_link_local", &address(link_local.into()))?;
    }
    if let Some(rd) = multiprotocol.rd().filter(|rd| !rd.is_zero()) {
        fields.serialize_field(
            "next_hop_rd",
            &text(|out| write!(out, "{rd}").unwrap_or(())),
        )?;
    }
    if let NextHop::Raw(octets) = multiprotocol {
        fields.serialize_field("next_hop_raw", &Hex(octets))?;
    }
    Ok(())
}

/// Keys that are absent where their attribute is.
fn rare<F: SerializeStruct>(
    attributes: &PathAttributes<'_>,
    fields: &mut F,
) -> Result<(), F::Error> {
    if attributes.atomic_aggregate {
        fields.serialize_field("atomic_aggregate", &true)?;
    }
    if let Some(aggregator) = &attributes.aggregator {
        fields.serialize_field("aggregator", aggregator)?;
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
    Ok(())
}

/// The attributes that have no key of their own: unknown, repeated or malformed ones.
fn others<'a>(
    update: &Update<'a>,
    attributes: &PathAttributes<'a>,
) -> impl Iterator<Item = OtherAttribute<'a>> {
    update
        .attributes()
        .flatten()
        .enumerate()
        .filter(|(place, _)| attributes.is_other(*place))
        .map(|(_, attribute)| OtherAttribute {
            error: attribute.read(update.context()).err(),
            attribute,
        })
}

/// A JSON array of what an iterator gives.
struct Sequence<F>(F);

impl<F, I> Serialize for Sequence<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for item in (self.0)() {
            sequence.serialize_element(&item)?;
        }
        sequence.end()
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

impl Serialize for Nlri<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Nlri", 6)?;
        fields.serialize_field("afi", &Afi(self.family.afi))?;
        fields.serialize_field("safi", &Safi(self.family.safi))?;
        match self.destination {
            Destination::Prefix(prefix) => {
                fields.serialize_field("prefix", &text(|out| out.push_prefix(prefix)))?;
            }
            Destination::Raw(octets) | Destination::Opaque(octets) => {
                fields.serialize_field("raw", &Hex(octets))?;
            }
        }
        fields.serialize_field("path_id", &self.path_id)?;
        if let Some(rd) = self.rd {
            fields.serialize_field("rd", &text(|out| write!(out, "{rd}").unwrap_or(())))?;
        }
        if !self.labels.is_empty() {
            fields.serialize_field("labels", &self.labels)?;
        }
        match self.kind() {
            Some(Ok(kind)) => kind_field(&kind, &mut fields)?,
            Some(Err(error)) => fields.serialize_field("error", &ErrorObject(error))?,
            None => {}
        }
        fields.end()
    }
}

/// A route without a prefix under the key of its kind.
fn kind_field<F: SerializeStruct>(kind: &Kind<'_>, fields: &mut F) -> Result<(), F::Error> {
    match kind {
        Kind::Evpn(route) => fields.serialize_field("evpn", route),
        Kind::FlowSpec(rule) => fields.serialize_field("flowspec", rule),
        Kind::RouteTarget(route) => fields.serialize_field("route_target", route),
        Kind::SrPolicy(policy) => fields.serialize_field("sr_policy", policy),
    }
}

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Sequence(|| self.iter().map(|label| label.value())).serialize(serializer)
    }
}

/// A family as an object of its own.
struct FamilyObject(Family);

impl Serialize for FamilyObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        family_fields::serialize(&self.0, serializer)
    }
}

/// An attribute without a key of its own.
struct OtherAttribute<'a> {
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
            fields.serialize_field("error", &ErrorObject(error))?;
        }
        fields.end()
    }
}

/// An error as its text.
struct ErrorObject(DecodeError);

impl Serialize for ErrorObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn address(address: IpAddr) -> Text {
    text(|out| out.push_address(address))
}

fn text(write: impl FnOnce(&mut Text)) -> Text {
    let mut text = Text::new();
    write(&mut text);
    text
}

impl JsonSchema for Update<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Update".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        UpdateShape::json_schema(generator)
    }
}

/// The keys of an UPDATE in JSON. Only its schema is used: [`Update`] writes the same keys itself.
#[derive(JsonSchema)]
#[schemars(rename = "Update")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct UpdateShape {
    /// Announced routes.
    announced: Vec<RouteShape>,
    /// Withdrawn routes.
    withdrawn: Vec<RouteShape>,
    /// The family whose End-of-RIB marker this is.
    end_of_rib: Option<FamilyFields>,
    /// The next hop of the announced routes.
    next_hop: Option<IpAddr>,
    /// The other next hop, where NEXT_HOP and MP_REACH_NLRI both have one.
    #[schemars(default)]
    other_next_hop: Option<IpAddr>,
    /// The link-local address beside the next hop.
    #[schemars(default)]
    next_hop_link_local: Option<IpAddr>,
    /// The Route Distinguisher of the next hop, unless it is zero.
    #[schemars(default)]
    next_hop_rd: Option<String>,
    /// The next hop in hex, if its length is not known.
    #[schemars(default)]
    next_hop_raw: Option<String>,
    /// ORIGIN.
    origin: Option<super::attribute::Origin>,
    /// AS_PATH; null if there is none. Of a two-octet peer, put together with AS4_PATH
    /// (RFC 6793 4.2.3).
    as_path: Option<Vec<SegmentShape>>,
    /// MULTI_EXIT_DISC.
    med: Option<u32>,
    /// LOCAL_PREF.
    local_pref: Option<u32>,
    /// Communities: `asn:number`, or the word of a well-known one.
    communities: Vec<String>,
    /// Large communities: three numbers.
    large_communities: Vec<String>,
    /// Extended communities: a word and its value (`rt:65001:99`, `ovs:invalid`), else hex.
    extended_communities: Vec<String>,
    /// Attributes without a key of their own: unknown, repeated and malformed ones.
    attributes_other: Vec<OtherShape>,
    /// ATOMIC_AGGREGATE is there.
    #[schemars(default)]
    atomic_aggregate: bool,
    /// AGGREGATOR.
    #[schemars(default)]
    aggregator: Option<AggregatorShape>,
    /// ORIGINATOR_ID.
    #[schemars(default)]
    originator_id: Option<IpAddr>,
    /// CLUSTER_LIST.
    #[schemars(default)]
    cluster_list: Option<Vec<IpAddr>>,
    /// IPv6 address specific extended communities: a word and its value, else hex.
    #[schemars(default)]
    ipv6_extended_communities: Option<Vec<String>>,
    /// AS_PATH as sent, where it was put together with AS4_PATH.
    #[schemars(default)]
    as_path_sent: Option<Vec<SegmentShape>>,
    /// AS4_PATH.
    #[schemars(default)]
    as4_path: Option<Vec<SegmentShape>>,
    /// AS4_AGGREGATOR.
    #[schemars(default)]
    as4_aggregator: Option<AggregatorShape>,
    /// ONLY_TO_CUSTOMER: the AS that marked the route.
    #[schemars(default)]
    only_to_customer: Option<u32>,
    /// The accumulated metric of AIGP.
    #[schemars(default)]
    aigp: Option<u64>,
    /// PMSI Tunnel.
    #[schemars(default)]
    pmsi_tunnel: Option<PmsiTunnel<'static>>,
    /// Tunnel Encapsulation: one entry for each tunnel, its sub-TLVs in hex.
    #[schemars(default)]
    tunnel_encapsulation: Option<Vec<TlvShape>>,
    /// Prefix-SID.
    #[schemars(default)]
    prefix_sid: Option<Vec<TlvShape>>,
    /// Attributes of a BGP-LS node, link or prefix.
    #[schemars(default)]
    bgp_ls: Option<Vec<TlvShape>>,
    /// What could not be read.
    #[schemars(default)]
    errors: Option<Vec<String>>,
}

/// A TLV of an attribute.
#[derive(JsonSchema)]
#[schemars(rename = "AttributeTlv")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct TlvShape {
    /// Its type.
    r#type: u16,
    /// The word of its type, if it is known.
    #[schemars(default)]
    name: Option<String>,
    /// The index of a Label-Index TLV.
    #[schemars(default)]
    label_index: Option<u32>,
    /// Its value in hex.
    raw: String,
}

/// A route.
#[derive(JsonSchema)]
#[schemars(rename = "Route")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct RouteShape {
    /// Address family.
    afi: String,
    /// Subsequent address family.
    safi: String,
    /// The prefix; absent in families without prefixes.
    #[schemars(default)]
    prefix: Option<String>,
    /// The NLRI in hex, where it is no prefix.
    #[schemars(default)]
    raw: Option<String>,
    /// Path identifier; null without ADD-PATH.
    path_id: Option<u32>,
    /// Route Distinguisher of a VPN route.
    #[schemars(default)]
    rd: Option<String>,
    /// Labels of a labelled route.
    #[schemars(default)]
    labels: Option<Vec<u32>>,
    /// What an EVPN route says.
    #[schemars(default)]
    evpn: Option<Evpn>,
    /// What a flow specification says.
    #[schemars(default)]
    flowspec: Option<FlowSpec<'static>>,
    /// What a membership of a route target says.
    #[schemars(default)]
    route_target: Option<RouteTarget>,
    /// What a candidate path of an SR Policy says.
    #[schemars(default)]
    sr_policy: Option<SrPolicy>,
    /// Why the NLRI could not be read further; its offsets count from the NLRI.
    #[schemars(default)]
    error: Option<String>,
}

/// A segment of a path.
#[derive(JsonSchema)]
#[schemars(rename = "Segment")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct SegmentShape {
    /// Its kind.
    r#type: SegmentType,
    /// Its AS numbers, in order as sent.
    asns: Vec<u32>,
}

/// Who aggregated a route.
#[derive(JsonSchema)]
#[schemars(rename = "Aggregator")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct AggregatorShape {
    /// AS number.
    asn: u32,
    /// BGP Identifier.
    address: IpAddr,
}

/// An attribute without a key of its own.
#[derive(JsonSchema)]
#[schemars(rename = "OtherAttribute")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct OtherShape {
    /// Type code.
    code: u8,
    /// Its name, or `unknown-<number>`.
    name: super::attribute::AttributeCode,
    /// Its flags.
    flags: u8,
    /// Its value in hex.
    raw: String,
    /// Why it could not be read.
    #[schemars(default)]
    error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::context::Context;
    use crate::bgp::test_bytes::{hex, message};
    use crate::wire::Cursor;
    use serde_json::{Value, json};
    use std::sync::LazyLock;

    /// The JSON of an UPDATE of these sections; asserts that it follows the schema.
    fn shown(withdrawn: &str, attributes: &str, nlri: &str, context: &Context) -> Value {
        let mut body = Vec::new();
        for section in [withdrawn, attributes] {
            let section = hex(section);
            body.extend((section.len() as u16).to_be_bytes());
            body.extend(section);
        }
        body.extend(hex(nlri));
        let bytes = message(2, &body);
        let update = Update::decode(&mut Cursor::new(&bytes), context).unwrap();
        let value: Value = serde_json::from_str(&serde_json::to_string(&update).unwrap()).unwrap();
        VALIDATOR.validate(&value).unwrap();
        value
    }

    static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = serde_json::to_value(schemars::schema_for!(Update)).unwrap();
        jsonschema::validator_for(&schema).unwrap()
    });

    #[test]
    fn an_update_has_exactly_the_keys_of_the_contract() {
        let attributes = "40 01 01 00  40 02 0a 02 02 0000fbf4 0000fbf5  40 03 04 c0000201
                          c0 08 04 fbf40001";
        let value = shown("", attributes, "18 c00002", &Context::default());
        let expected = r#"{"announced":[{"afi":"ipv4","safi":"unicast","prefix":"192.0.2.0/24","path_id":null}],"withdrawn":[],"end_of_rib":null,"next_hop":"192.0.2.1","origin":"igp","as_path":[{"type":"sequence","asns":[64500,64501]}],"med":null,"local_pref":null,"communities":["64500:1"],"large_communities":[],"extended_communities":[],"attributes_other":[]}"#;
        assert_eq!(value.to_string(), expected);
    }

    #[test]
    fn vpn_routes_have_a_route_distinguisher_and_labels() {
        let context = Context {
            four_octet_as: true,
            add_path: [Family::new(1, 128)].into_iter().collect(),
        };
        let nlri = "00000007 70 000641 0000fde800000064 c00002";
        let attributes = format!("80 0e 24 0001 80 0c 0000000000000000 c0000201 00 {nlri}");
        let value = shown("", &attributes, "", &context);
        assert_eq!(value["next_hop"], "192.0.2.1");
        assert_eq!(
            value["announced"],
            json!([{ "afi": "ipv4", "safi": "vpn", "prefix": "192.0.2.0/24", "path_id": 7,
                     "rd": "65000:100", "labels": [100] }])
        );
    }

    #[test]
    fn routes_without_prefixes_are_hex() {
        let attributes = "80 0e 0d 0019 46 04 c0000201 00 03 02 aabb";
        let value = shown("", attributes, "", &Context::default());
        assert_eq!(
            value["announced"],
            json!([{ "afi": "l2vpn", "safi": "evpn", "raw": "0302aabb", "path_id": null,
                     "error": "Route Distinguisher at byte 2: needs 8 bytes, 2 left in its container" }])
        );
        let value = shown("", "80 0f 05 0001 51 aabb", "", &Context::default());
        assert_eq!(value["withdrawn"][0]["safi"], "unreachability");
        assert_eq!(value["withdrawn"][0]["raw"], "aabb");
    }

    #[test]
    fn routes_of_known_kinds_have_a_key_of_their_own() {
        let first = |attributes: &str| {
            let value = shown("", attributes, "", &Context::default());
            value["announced"][0].clone()
        };
        // RFC 7432 7.3.
        let evpn =
            first("80 0e 1c 0019 46 04 c0000201 00 03 11 0001c00002010064 00000064 20 c0000201");
        assert_eq!(evpn["evpn"]["ip"], "192.0.2.1");
        assert_eq!(evpn["raw"], "03110001c000020100640000006420c0000201");
        // RFC 8955 4.3.1.
        let rule = first("80 0e 11 0001 85 00 00 0b 0118c00002 038106 048119");
        assert_eq!(
            rule["flowspec"]["rule"],
            "dst 192.0.2.0/24 proto =6 port =25"
        );
        // RFC 4684 4.
        let target = first("80 0e 16 0001 84 04 c0000201 00 60 0000fde8 0002fde800000064");
        assert_eq!(target["route_target"]["route_target"], "rt:65000:100");
        // RFC 9830 2.1.
        let policy = first("80 0e 16 0001 49 04 c0000201 00 60 00000001 00000064 c0000201");
        assert_eq!(policy["sr_policy"]["color"], 100);
    }

    #[test]
    fn the_path_of_a_two_octet_peer_is_put_together() {
        let context = Context {
            four_octet_as: false,
            ..Context::default()
        };
        // RFC 6793 4.2.3: 64500 and AS_TRANS; AS4_PATH has 65536. AIGP (RFC 7311 3), Prefix-SID
        // (RFC 8669 3.1), PMSI Tunnel (RFC 6514 5).
        let attributes = "40 02 06 02 02 fbf4 5ba0  c0 11 06 02 01 00010000
                          80 1a 0b 01 000b 0000000000000064  c0 28 0a 01 0007 00 0000 00000064
                          c0 16 09 00 06 002710 c0000201";
        let value = shown("", attributes, "", &context);
        let segment = |asns: &[u32]| json!({ "type": "sequence", "asns": asns });
        assert_eq!(
            value["as_path"],
            json!([segment(&[64500]), segment(&[65536])])
        );
        assert_eq!(value["as_path_sent"], json!([segment(&[64500, 23456])]));
        assert_eq!(value["as4_path"], json!([segment(&[65536])]));
        assert_eq!(value["aigp"], 100);
        assert_eq!(value["prefix_sid"][0]["label_index"], 100);
        assert_eq!(value["pmsi_tunnel"]["tunnel_type"], "ingress-replication");
        assert_eq!(value["attributes_other"], json!([]));
    }

    #[test]
    fn an_end_of_rib_names_its_family() {
        let value = shown("", "80 0f 03 0002 01", "", &Context::default());
        assert_eq!(
            value["end_of_rib"],
            json!({ "afi": "ipv6", "safi": "unicast" })
        );
        assert_eq!(value["as_path"], Value::Null);
    }

    #[test]
    fn rare_attributes_have_keys_where_they_are() {
        let attributes = "40 06 00  c0 07 08 fa56ea03 c0000201  80 09 04 c0000203
                          80 0a 08 c0000204 c0000205  c0 11 06 02 01 fa56ea03
                          c0 12 08 fa56ea03 c0000202  c0 20 0c fa56ea03 0000000a 00000014
                          c0 10 10 0002fde900000063 4300000000000002  c0 23 04 fa56ea03
                          c0 08 08 ffffff01 fbf40001";
        let value = shown("", attributes, "", &Context::default());
        assert_eq!(value["atomic_aggregate"], true);
        assert_eq!(
            value["aggregator"],
            json!({ "asn": 4_200_000_003_u32, "address": "192.0.2.1" })
        );
        assert_eq!(value["originator_id"], "192.0.2.3");
        assert_eq!(value["cluster_list"], json!(["192.0.2.4", "192.0.2.5"]));
        assert_eq!(
            value["as4_path"],
            json!([{ "type": "sequence", "asns": [4_200_000_003_u32] }])
        );
        assert_eq!(value["as4_aggregator"]["address"], "192.0.2.2");
        assert_eq!(value["large_communities"], json!(["4200000003:10:20"]));
        assert_eq!(
            value["extended_communities"],
            json!(["rt:65001:99", "ovs:invalid"])
        );
        assert_eq!(value["only_to_customer"], 4_200_000_003_u32);
        assert_eq!(value["communities"], json!(["no-export", "64500:1"]));
        assert_eq!(value["attributes_other"], json!([]));
    }

    #[test]
    fn next_hops_of_both_kinds_and_of_odd_lengths_are_shown() {
        let reach = "90 0e 002a 0002 01 20 20010db8000000000000000000000001
                     fe800000000000000000000000000001 00 20 20010db8";
        let value = shown(
            "",
            &format!("40 03 04 c0000201 {reach}"),
            "",
            &Context::default(),
        );
        assert_eq!(value["next_hop"], "2001:db8::1");
        assert_eq!(value["next_hop_link_local"], "fe80::1");
        assert_eq!(value["other_next_hop"], "192.0.2.1");
        let value = shown(
            "",
            &format!("40 03 04 c0000201 {reach}"),
            "18 c00002",
            &Context::default(),
        );
        assert_eq!(value["next_hop"], "192.0.2.1");
        assert_eq!(value["other_next_hop"], "2001:db8::1");
        let value = shown("", "80 0e 08 0002 01 03 aabbcc 00", "", &Context::default());
        assert_eq!(
            (&value["next_hop"], &value["next_hop_raw"]),
            (&Value::Null, &json!("aabbcc"))
        );
    }

    #[test]
    fn what_cannot_be_read_is_there_with_its_reason() {
        let attributes =
            "c0 63 02 abcd  40 01 02 0000  40 05 04 00000064 40 05 04 00000065  40 02 09";
        let value = shown("", attributes, "", &Context::default());
        assert_eq!(
            value["attributes_other"],
            json!([
                { "code": 99, "name": "unknown-99", "flags": 192, "raw": "abcd" },
                { "code": 1, "name": "origin", "flags": 64, "raw": "0000",
                  "error": "Attribute Value at byte 32: is longer than its code allows" },
                { "code": 5, "name": "local-pref", "flags": 64, "raw": "00000065" },
            ])
        );
        assert_eq!(
            value["errors"],
            json!(["Attribute Value at byte 50: needs 9 bytes, 0 left in its container"])
        );
    }

    proptest::proptest! {
        #[test]
        fn any_octets_become_json_of_the_schema(
            sent in proptest::collection::vec(
                (0..40u8, proptest::collection::vec(proptest::prop_oneof![
                    0..5u8, proptest::num::u8::ANY], 0..30)), 0..8),
            nlri in proptest::collection::vec(0..34u8, 0..20),
        ) {
            let mut attributes = String::new();
            for (code, value) in &sent {
                attributes += &format!("c0{code:02x}{:02x}{}", value.len(), Hex(value));
            }
            shown("", &attributes, &Hex(&nlri).to_string(), &Context::default());
        }
    }
}
