//! The shapes of the three messages about RPKI.

#![expect(dead_code, reason = "the fields are read by the derive only")]

use super::version_4::TlvTimestamp;
use crate::bgp::Update;
use crate::bgp::capability::Capability;
use crate::bmp::rpki::{
    ActionCode, AsRole, HashAspect, ImpactDirection, RtrPreference, RuleKind, SourceStatus,
    SourceType, Transport, ValidationType,
};
use crate::time::Timestamp;
use schemars::JsonSchema;
use std::net::IpAddr;

/// Whose configuration an RPKI_CONFIG message tells.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RpkiScope {
    /// The router's.
    Global,
    /// The one for a peer.
    Peer,
}

/// A TLV of a message about RPKI. Which keys there are depends on its name.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RpkiTlv {
    /// Type.
    code: u16,
    /// The name of its code point, or that of a TLV of draft-ietf-grow-bmp-tlv, or
    /// `unknown-<number>`.
    name: String,
    /// The Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// Which NLRI it is about, from 1; 0: all; with `group`: the number of a group.
    #[schemars(default)]
    index: Option<u16>,
    /// The index is the number of a group.
    #[schemars(default)]
    group: Option<bool>,
    /// The TLVs that a container holds, in order.
    #[schemars(default)]
    tlvs: Option<Vec<RpkiTlv>>,
    /// What ended the TLVs of a container early, or is wrong with a value.
    #[schemars(default)]
    error: Option<String>,
    /// What kind of a source it is.
    #[schemars(default)]
    source_type: Option<SourceType>,
    /// Whether a source is in use.
    #[schemars(default)]
    status: Option<SourceStatus>,
    /// What is counted.
    #[schemars(default)]
    kind: Option<String>,
    /// How many.
    #[schemars(default)]
    count: Option<u64>,
    /// When; null where the router does not say.
    #[schemars(default)]
    time: Option<Timestamp>,
    /// What a hash is about.
    #[schemars(default)]
    aspect: Option<HashAspect>,
    /// A SHA-256 in hex.
    #[schemars(default)]
    sha256: Option<String>,
    /// The number of a source on the router.
    #[schemars(default)]
    source_id: Option<u16>,
    /// What an RTR cache is to the router.
    #[schemars(default)]
    preference: Option<RtrPreference>,
    /// Which cache is tried first: the lower.
    #[schemars(default)]
    order: Option<u32>,
    /// The version of RTR.
    #[schemars(default)]
    rtr_version: Option<u8>,
    /// What carries RTR.
    #[schemars(default)]
    transport: Option<Transport>,
    /// The address of a source.
    #[schemars(default)]
    address: Option<IpAddr>,
    /// Its TCP port.
    #[schemars(default)]
    port: Option<u16>,
    /// An AS number.
    #[schemars(default)]
    asn: Option<u32>,
    /// The role of an eBGP peer that is a source.
    #[schemars(default)]
    as_relationship: Option<AsRole>,
    /// The router's own words about an error.
    #[schemars(default)]
    text: Option<String>,
    /// The kinds of validation.
    #[schemars(default)]
    validation: Option<Vec<ValidationType>>,
    /// A validation state: `valid`, `invalid`, `not-found`, `unknown` (of a path), `not-validated`.
    #[schemars(default)]
    state: Option<String>,
    /// What is done with a route.
    #[schemars(default)]
    action: Option<ActionCode>,
    /// The LOCAL_PREF that it gets.
    #[schemars(default)]
    local_pref: Option<u32>,
    /// The community of any kind that it gets.
    #[schemars(default)]
    community: Option<String>,
    /// A condition in words.
    #[schemars(default)]
    condition: Option<String>,
    /// The prefix of an assertion or a filter.
    #[schemars(default)]
    prefix: Option<String>,
    /// The longest prefix that an assertion means.
    #[schemars(default)]
    max_length: Option<u8>,
    /// A rule that a route hit.
    #[schemars(default)]
    rule: Option<RpkiRule>,
    /// What validation did to a route.
    #[schemars(default)]
    direction: Option<ImpactDirection>,
    /// The UPDATE of the alternate route.
    #[schemars(default)]
    update: Option<Update<'static>>,
    /// The indexes of a group's NLRI.
    #[schemars(default)]
    members: Option<Vec<u16>>,
    /// VRF/Table Name.
    #[schemars(default)]
    value: Option<String>,
    /// The capability of a Stateless Parsing TLV.
    #[schemars(default)]
    capabilities: Option<Vec<Capability>>,
    /// A time, and of what.
    #[schemars(default)]
    timestamp: Option<TlvTimestamp>,
    /// The message's number in its session.
    #[schemars(default)]
    sequence_number: Option<u64>,
    /// The Extended Flags that have names, or the flags of a SLURM filter.
    #[schemars(default)]
    flags: Option<RpkiFlags>,
    /// The value in hex, where nothing else says it.
    #[schemars(default)]
    hex: Option<String>,
}

/// Flags by name, or as sent.
#[derive(JsonSchema)]
#[serde(untagged)]
enum RpkiFlags {
    Named(Vec<String>),
    Sent(u8),
}

/// A rule that a route hit.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct RpkiRule {
    /// What it is.
    kind: RuleKind,
    /// The state that it alone gives the route.
    state: String,
    /// A ROA's prefix.
    #[schemars(default)]
    prefix: Option<String>,
    /// The longest prefix that it means.
    #[schemars(default)]
    max_length: Option<u8>,
    /// Its AS.
    #[schemars(default)]
    asn: Option<u32>,
    /// The AS of an ASPA.
    #[schemars(default)]
    customer: Option<u32>,
    /// Its providers.
    #[schemars(default)]
    providers: Option<Vec<u32>>,
    /// The AS numbers of a group.
    #[schemars(default)]
    asns: Option<Vec<u32>>,
    /// The octets of a rule of a kind that is not known.
    #[schemars(default)]
    hex: Option<String>,
    /// The source that it is of; null: not told.
    source_id: Option<u16>,
    /// What kind of source that is; null: not known.
    source_type: Option<SourceType>,
    /// When it expires; null: not told.
    expires: Option<Timestamp>,
}
