//! What capabilities say, typed. Every struct here is the JSON form of its value.

use super::CapabilityCode;
use crate::bgp::family_fields::{self, FamilyFields};
use crate::net::Family;
use crate::wire::DecodeError;
use schemars::JsonSchema;
use serde::Serialize;

/// The value of a capability. What is not known, or not well-formed, is in [`super::Capability::raw`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CapabilityValue {
    /// A capability that is only announced: it has no octets.
    Empty,
    /// Code 1, RFC 4760 8: NLRI of this family may be exchanged.
    Multiprotocol(Multiprotocol),
    /// Codes 3 and 130, RFC 5291 5.
    OutboundRouteFiltering(OutboundRouteFiltering),
    /// Code 5, RFC 8950 4.
    ExtendedNextHop(ExtendedNextHop),
    /// Code 7, RFC 8205 2.1.
    Bgpsec(Bgpsec),
    /// Code 8, RFC 8277 2.1.
    MultipleLabels(MultipleLabels),
    /// Code 9, RFC 9234 4.1.
    Role(Role),
    /// Code 64, RFC 4724 3.
    GracefulRestart(GracefulRestart),
    /// Code 65, RFC 6793 3.
    FourOctetAs(FourOctetAs),
    /// Code 67, draft-ietf-idr-dynamic-cap-13 3.
    DynamicCapability(DynamicCapability),
    /// Codes 68 and 131, draft-ietf-idr-bgp-multisession-07.
    Multisession(Multisession),
    /// Code 69, RFC 7911 4.
    AddPath(FamilyDirections),
    /// Code 71, RFC 9494 3.1.
    LongLivedGracefulRestart(LongLivedGracefulRestart),
    /// Code 72, draft-ietf-idr-rpd-04.
    RoutingPolicyDistribution(FamilyDirections),
    /// Codes 73 and 184, draft-walton-bgp-hostname-capability-02.
    Fqdn(Fqdn),
    /// Code 75, draft-abraitis-bgp-version-capability-11.
    SoftwareVersion(SoftwareVersion),
    /// Code 76, draft-abraitis-idr-addpath-paths-limit-00.
    PathsLimit(PathsLimit),
    /// A code that nothing here can read.
    Unknown,
    /// The octets contradict the layout of their code.
    Malformed(DecodeError),
}

code_points! {
    /// Who sends and who receives, as the sender of the capability sees it.
    SendReceive(u8) {
        RECEIVE = 1, "receive", "RFC 7911 4";
        SEND = 2, "send", "RFC 7911 4";
        BOTH = 3, "both", "RFC 7911 4";
    }
}

impl SendReceive {
    /// The sender of the capability is able to send.
    pub fn sends(self) -> bool {
        self == SendReceive::SEND || self == SendReceive::BOTH
    }

    /// The sender of the capability is able to receive.
    pub fn receives(self) -> bool {
        self == SendReceive::RECEIVE || self == SendReceive::BOTH
    }
}

code_points! {
    /// Which role the sender of the capability plays towards its neighbour.
    RoleValue(u8) {
        PROVIDER = 0, "provider", "RFC 9234 4.1";
        ROUTE_SERVER = 1, "rs", "RFC 9234 4.1";
        ROUTE_SERVER_CLIENT = 2, "rs-client", "RFC 9234 4.1";
        CUSTOMER = 3, "customer", "RFC 9234 4.1";
        PEER = 4, "peer", "RFC 9234 4.1";
    }
}

code_points! {
    /// A kind of outbound route filter.
    OrfType(u8) {
        ADDRESS_PREFIX = 64, "address-prefix", "RFC 5292 2";
        COVERING_PREFIXES = 65, "covering-prefixes", "RFC 7543 3";
        VPN_PREFIX = 66, "vpn-prefix", "draft-ietf-idr-vpn-prefix-orf";
        CISCO_COMMUNITIES = 2, "communities", "IANA BGP ORF types";
        CISCO_EXTENDED_COMMUNITIES = 3, "extended-communities", "IANA BGP ORF types";
        CISCO_ADDRESS_PREFIX = 128, "address-prefix-cisco", "IANA BGP ORF types";
    }
}

/// One family (RFC 4760 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Multiprotocol {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
}

/// The filters that a speaker takes or sends, by family (RFC 5291 5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OutboundRouteFiltering {
    /// In order as sent.
    pub families: Vec<OrfFamily>,
}

/// The filters of one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrfFamily {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// Kinds of filters, as sent.
    pub filters: Vec<Orf>,
}

/// One kind of filter, and in which direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Orf {
    /// The kind.
    #[serde(rename = "type")]
    pub orf_type: OrfType,
    /// The direction.
    pub send_receive: SendReceive,
}

/// IPv6 next hops for IPv4 NLRI and the like (RFC 8950 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExtendedNextHop {
    /// In order as sent.
    pub families: Vec<NextHopFamily>,
}

/// NLRI of a family may have next hops of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NextHopFamily {
    /// The family of the NLRI.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// The AFI of the next hop.
    #[serde(serialize_with = "family_fields::serialize_afi")]
    #[schemars(with = "String")]
    pub next_hop_afi: u16,
}

/// BGPsec in one direction for one address family (RFC 8205 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Bgpsec {
    /// The protocol's version.
    pub version: u8,
    /// `send` or `receive`.
    pub direction: SendReceive,
    /// The address family.
    #[serde(serialize_with = "family_fields::serialize_afi")]
    #[schemars(with = "String")]
    pub afi: u16,
}

/// How many labels a route may carry (RFC 8277 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MultipleLabels {
    /// In order as sent.
    pub families: Vec<LabelCount>,
}

/// Labels in one family: 0 and 1 are to be ignored, 255 means no limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabelCount {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// At most so many labels.
    pub count: u8,
}

/// The sender's role (RFC 9234 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Role {
    /// The sender's role towards the receiver.
    pub role: RoleValue,
}

/// Graceful Restart (RFC 4724 3, RFC 8538 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GracefulRestart {
    /// The R flag: the sender has restarted.
    pub restarting: bool,
    /// The N flag: NOTIFICATION keeps routes too (RFC 8538 2).
    pub notification: bool,
    /// Seconds until the session should be up again, at most 4095.
    pub restart_time: u16,
    /// In order as sent.
    pub families: Vec<RestartFamily>,
}

/// Graceful Restart in one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RestartFamily {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// The F flag: forwarding went on through the restart.
    pub forwarding_preserved: bool,
}

/// The sender's AS number (RFC 6793 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FourOctetAs {
    /// All four octets of it.
    pub asn: u32,
}

/// Capabilities that may change while the session is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DynamicCapability {
    /// In order as sent.
    pub capabilities: Vec<CapabilityCode>,
}

/// Several sessions between the same two speakers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Multisession {
    /// The G flag: several families may share a session.
    pub grouping: bool,
    /// The capabilities that tell sessions apart, as sent.
    pub session_identifiers: Vec<CapabilityCode>,
}

/// Families with a direction each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FamilyDirections {
    /// In order as sent.
    pub families: Vec<FamilyDirection>,
}

/// A family and a direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FamilyDirection {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// The direction, as the sender sees it.
    pub send_receive: SendReceive,
}

/// Long-Lived Graceful Restart (RFC 9494 3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LongLivedGracefulRestart {
    /// In order as sent.
    pub families: Vec<LongLivedFamily>,
}

/// Long-Lived Graceful Restart in one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LongLivedFamily {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// The F flag: forwarding went on through the restart.
    pub forwarding_preserved: bool,
    /// Seconds for which stale routes are kept, at most 16777215.
    pub stale_time: u32,
}

/// The sender's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fqdn {
    /// Host name.
    pub host: String,
    /// Domain name; often empty, and absent in the oldest form.
    pub domain: String,
}

/// The sender's software.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SoftwareVersion {
    /// As the vendor writes it.
    pub version: String,
}

/// How many paths of a prefix the sender wants at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PathsLimit {
    /// In order as sent.
    pub families: Vec<FamilyLimit>,
}

/// A limit for one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FamilyLimit {
    /// The family.
    #[serde(flatten, serialize_with = "family_fields::serialize")]
    #[schemars(with = "FamilyFields")]
    pub family: Family,
    /// Paths.
    pub limit: u16,
}
