//! The JSON Schema of an UPDATE: only the schema is made from these shapes, [`Update`] writes the
//! same keys itself.

use crate::bgp::attribute::{AttributeCode, Origin, PmsiTunnel, SegmentType, Tlvs};
use crate::bgp::family_fields::FamilyFields;
use crate::bgp::nlri::{Evpn, FlowSpec, LinkState, Mdt, Mvpn, RouteTarget, SrPolicy, Vpls};
use crate::bgp::update::{Outcome, Update};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use std::borrow::Cow;
use std::net::IpAddr;

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
    origin: Option<Origin>,
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
    /// AGGREGATOR as sent, where AS4_AGGREGATOR took its place (RFC 6793 4.2.3).
    #[schemars(default)]
    aggregator_sent: Option<AggregatorShape>,
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
    /// Tunnel Encapsulation: one entry for each tunnel, with its sub-TLVs.
    #[schemars(default)]
    tunnel_encapsulation: Option<Tlvs<'static>>,
    /// Prefix-SID.
    #[schemars(default)]
    prefix_sid: Option<Tlvs<'static>>,
    /// Attributes of a BGP-LS node, link or prefix.
    #[schemars(default)]
    bgp_ls: Option<Tlvs<'static>>,
    /// The attributes of the customer's route inside a VPN route (RFC 6368).
    #[schemars(default)]
    attr_set: Option<AttrSetShape>,
    /// What could not be read.
    #[schemars(default)]
    errors: Option<Vec<String>>,
    /// What contradicts the specifications, each with what a receiver does then (RFC 7606).
    #[schemars(default)]
    malformed: Option<Vec<MalformedShape>>,
}

/// Attributes inside an ATTR_SET: the keys of those of an UPDATE.
#[derive(JsonSchema)]
#[schemars(rename = "AttrSet")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct AttrSetShape {
    /// The AS of the customer's network.
    origin_as: u32,
    /// ORIGIN.
    origin: Option<Origin>,
    /// AS_PATH, put together with AS4_PATH.
    as_path: Option<Vec<SegmentShape>>,
    /// MULTI_EXIT_DISC.
    med: Option<u32>,
    /// LOCAL_PREF.
    local_pref: Option<u32>,
    /// Communities.
    communities: Vec<String>,
    /// Large communities.
    large_communities: Vec<String>,
    /// Extended communities.
    extended_communities: Vec<String>,
    /// Attributes without a key of their own, NEXT_HOP and another ATTR_SET among them.
    attributes_other: Vec<OtherShape>,
    /// The other attributes, under their keys in an UPDATE.
    #[schemars(flatten)]
    others: std::collections::BTreeMap<String, serde_json::Value>,
}

/// Something malformed.
#[derive(JsonSchema)]
#[schemars(rename = "Malformed")]
#[expect(dead_code, reason = "the fields are read by the derive only")]
struct MalformedShape {
    /// The attribute's type code; null where it is no attribute.
    code: Option<u8>,
    /// The attribute's name, or `unknown-<number>`; else `withdrawn-routes`, `nlri` or
    /// `path-attributes`.
    name: String,
    /// What is wrong.
    problem: String,
    /// What a receiver does with the routes, the attribute or the session.
    outcome: Outcome,
    /// The text that says so.
    source: String,
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
    /// What a VPLS route says.
    #[schemars(default)]
    vpls: Option<Vpls>,
    /// What a multicast VPN route says.
    #[schemars(default)]
    mvpn: Option<Mvpn<'static>>,
    /// What a multicast distribution tree route says.
    #[schemars(default)]
    mdt: Option<Mdt>,
    /// What a BGP-LS route says.
    #[schemars(default)]
    bgp_ls: Option<LinkState<'static>>,
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
    name: AttributeCode,
    /// Its flags.
    flags: u8,
    /// Its value in hex.
    raw: String,
    /// Why it could not be read.
    #[schemars(default)]
    error: Option<String>,
}
