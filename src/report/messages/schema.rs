//! The JSON Schema of a line of `messages`: one shape per type. Only the schema is made from these;
//! lines are written straight from the octets, and a test holds the two together.

#![expect(dead_code, reason = "the fields are read by the derive only")]

mod parameters;
mod rpki;
mod version_4;

use crate::bgp::{Notification, Open, RouteRefresh, Update};
use crate::bmp::initiation::InitiationTlv;
use crate::bmp::mirroring::{MirroringInformation, MirroringTlv};
use crate::bmp::statistics::StatisticType;
use crate::bmp::termination::{TerminationReason, TerminationTlv};
use crate::bmp::v4::event::{EventReason, EventType};
use crate::bmp::{CommonTlv, MessageType, PeerDownReason, PeerDownTlv, PeerType, PeerUpTlv, Rib};
use crate::time::Timestamp;
use parameters::{DefaultsLine, OptionalParametersLine};
use rpki::{RpkiScope, RpkiTlv};
use schemars::{JsonSchema, Schema, schema_for};
use std::net::{IpAddr, Ipv4Addr};
use version_4::{BareTlv, EventTlvLine, Numbering, RouteTlv, TlvTimestamp};

/// The JSON Schema of a line.
pub fn schema() -> Schema {
    let mut schema = schema_for!(Line);
    schema.insert("title".to_owned(), "bmpscope/messages/1".into());
    schema
}

/// A message, a gap between messages, or a message that cannot be read.
#[derive(JsonSchema)]
#[serde(untagged)]
enum Line {
    RouteMonitoring(RouteMonitoring),
    StatisticsReport(StatisticsReport),
    PeerDown(PeerDown),
    PeerUp(PeerUp),
    Initiation(Initiation),
    Termination(Termination),
    RouteMirroring(RouteMirroring),
    RouteEvent(RouteEvent),
    Gap(Gap),
    Undecodable(Undecodable),
    RpkiConfig(RpkiConfig),
    RpkiRoute(RpkiRoute),
    Unknown(Unknown),
}

macro_rules! lines {
    ($($(#[$meta:meta])* $name:ident($word:literal) { $($(#[$field_meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(JsonSchema)]
            #[serde(deny_unknown_fields)]
            struct $name {
                /// What the line is about.
                #[schemars(extend("pattern" = $word))]
                r#type: String,
                /// When the packet that completed it was captured; null for a bare stream.
                time: Option<Timestamp>,
                /// The file's path.
                file: String,
                /// The packet that completed it, from 1; null for a bare stream.
                packet: Option<u64>,
                /// The session's number.
                session: u32,
                /// The router's address; null for a bare stream.
                router: Option<IpAddr>,
                /// The router's sysName, once an Initiation message told it.
                router_name: Option<String>,
                /// All octets of the message in hex, where `--hex` asks for them; not of a gap.
                #[schemars(default)]
                message_hex: Option<String>,
                $($(#[$field_meta])* $field: $type,)*
            }
        )*
    };
}

lines! {
    /// A Route Monitoring message (RFC 7854 4.6).
    RouteMonitoring("^route-monitoring$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header.
        peer: Peer,
        /// The RIB view.
        rib: Rib,
        /// How it was known how the UPDATE is encoded.
        context: ContextWord,
        /// The UPDATE.
        update: Option<Update<'static>>,
        /// Octets behind the UPDATE, in hex.
        #[schemars(default)]
        trailing: Option<String>,
        /// Version 4: by which revision of draft-ietf-grow-bmp-tlv the TLVs are numbered.
        #[schemars(default)]
        numbering: Option<Numbering>,
        /// Version 4: TLVs, in order.
        #[schemars(default)]
        tlvs: Option<Vec<RouteTlv>>,
        /// What ended the TLVs early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// A Statistics Report (RFC 7854 4.8).
    StatisticsReport("^statistics-report$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header.
        peer: Peer,
        /// Counters and gauges, in order.
        statistics: Vec<Statistic>,
        /// Version 4: TLVs beside the Stats TLV.
        #[schemars(default)]
        tlvs: Option<Vec<BareTlv>>,
        /// What ended the list early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// A Peer Down Notification (RFC 7854 4.9).
    PeerDown("^peer-down$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header.
        peer: Peer,
        /// Why.
        reason: PeerDownReason,
        /// Its number.
        reason_code: u8,
        /// The NOTIFICATION of reasons 1 and 3.
        notification: Option<Notification<'static>>,
        /// The FSM event code of reason 2; 0: none.
        fsm_event: Option<u16>,
        /// The TLVs of reason 6; in version 4, of any reason.
        tlvs: Vec<PeerDownTlvLine>,
        /// What ended the list early.
        #[schemars(default)]
        error: Option<String>,
        /// Data that could not be read, in hex.
        #[schemars(default)]
        hex: Option<String>,
    }

    /// A Peer Up Notification (RFC 7854 4.10).
    PeerUp("^peer-up$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header.
        peer: Peer,
        /// The router's address of the BGP session; null for a Loc-RIB.
        local_address: Option<IpAddr>,
        /// The router's TCP port.
        local_port: u16,
        /// The peer's TCP port.
        remote_port: u16,
        /// The OPEN that the router sent.
        sent_open: Option<Open>,
        /// The OPEN that it received.
        received_open: Option<Open>,
        /// TLVs, in order.
        information: Vec<PeerUpTlvLine>,
        /// What ended the list early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// An Initiation message (RFC 7854 4.3).
    Initiation("^initiation$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// TLVs, in order.
        information: Vec<InitiationTlvShape>,
        /// What ended the list early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// A Termination message (RFC 7854 4.5).
    Termination("^termination$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Why, if a Reason TLV says.
        reason: Option<TerminationReason>,
        /// The other TLVs, in order.
        information: Vec<TerminationTlvLine>,
        /// What ended the list early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// A Route Mirroring message (RFC 7854 4.7).
    RouteMirroring("^route-mirroring$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header.
        peer: Peer,
        /// TLVs, in order.
        mirrored: Vec<Mirrored>,
        /// What ended the list early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// A Route Event Logging message (draft-ietf-grow-bmp-rel-05), known by its content: its type
    /// has no number yet.
    RouteEvent("^route-event-logging$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header; null for a health event.
        peer: Option<Peer>,
        /// What it is about; null where the sender's text of the draft has no such octet.
        event: Option<EventType>,
        /// Why, of all its TLVs.
        reasons: Vec<EventReason>,
        /// How it was known how the UPDATE is encoded; null without one.
        context: Option<ContextWord>,
        /// The UPDATE with the routes concerned.
        update: Option<Update<'static>>,
        /// TLVs, in order.
        tlvs: Vec<EventTlvLine>,
    }

    /// Octets of the stream that are in no message.
    Gap("^gap$") {
        /// How many octets.
        length: u64,
        /// Octets from the start of the stream.
        stream_offset: u64,
        /// The packet with its last octet, or, where a segment is missing, the one behind it.
        until_packet: Option<u64>,
        /// When that packet was captured.
        until_time: Option<Timestamp>,
        /// Why.
        cause: GapWord,
    }

    /// A message that cannot be read.
    Undecodable("^undecodable$") {
        /// Version octet.
        version: Option<u8>,
        /// Octets of the message.
        length: u32,
        /// What it would be.
        message_type: Option<MessageType>,
        /// Octets from the start of the stream.
        stream_offset: u64,
        /// Octets from the start of the message (or of its BGP message) to the field that is wrong.
        offset: u32,
        /// What is wrong.
        reason: String,
        /// The whole message in hex.
        hex: String,
    }

    /// RPKI data sources and policy (draft-wang-grow-bmp-rpki-mon-reqs-03 4). The draft assigns no
    /// numbers: see `--code`.
    RpkiConfig("^rpki-config$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header; null for the router's own configuration.
        peer: Option<Peer>,
        /// Whose configuration it is.
        scope: RpkiScope,
        /// TLVs, in order.
        tlvs: Vec<RpkiTlv>,
        /// What ended the TLVs early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// How routes were validated (draft-wang-grow-bmp-rpki-mon-reqs-03 5.2), or what that changed
    /// (6). The draft assigns no numbers: see `--code`.
    RpkiRoute("^rpki-(validation|impact)$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// Per-peer header.
        peer: Peer,
        /// The RIB view.
        rib: Rib,
        /// How it was known how the UPDATE is encoded.
        context: ContextWord,
        /// The UPDATE with the routes; null where there is none, or it cannot be read.
        update: Option<Update<'static>>,
        /// By which revision of draft-ietf-grow-bmp-tlv that draft's TLVs are numbered.
        numbering: Numbering,
        /// TLVs, in order.
        tlvs: Vec<RpkiTlv>,
        /// What ended the TLVs early.
        #[schemars(default)]
        error: Option<String>,
    }

    /// A message of a type that is not known.
    Unknown("^(unknown-[0-9]+|route-policy-trace)$") {
        /// Version octet.
        version: u8,
        /// Octets of the message.
        length: u32,
        /// What follows the common header, in hex.
        hex: String,
    }
}

/// How it was known how an UPDATE is encoded.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
enum ContextWord {
    /// By the OPENs of the peer's Peer Up.
    Declared,
    /// By what is there, against the OPENs.
    Observed,
    /// By the defaults: no Peer Up of the peer was captured.
    Assumed,
}

/// Why octets are in no message.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum GapWord {
    MissingSegment,
    MidStreamStart,
    Snaplen,
    Corrupt,
    CaptureEnd,
    StreamEnd,
}

/// A per-peer header (RFC 7854 4.2).
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Peer {
    /// Peer Type.
    r#type: PeerType,
    /// Peer Distinguisher; null where it is zero.
    distinguisher: Option<String>,
    /// Peer Address; null for a Loc-RIB.
    address: Option<IpAddr>,
    /// Peer AS.
    asn: u32,
    /// Peer BGP ID.
    bgp_id: Ipv4Addr,
    /// VRF/Table Name, if a Peer Up or Peer Down told it.
    table_name: Option<String>,
    /// Peer Flags; their meaning depends on the type.
    flags: u8,
    /// When the router says it happened; null where it does not say.
    timestamp: Option<Timestamp>,
}

/// A counter or gauge.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Statistic {
    /// Stat Type.
    code: u16,
    /// Its name, or `unknown-<number>`.
    name: StatisticName,
    /// Version 4: the Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// Address family, for statistics by family.
    #[schemars(default)]
    afi: Option<String>,
    /// Subsequent address family.
    #[schemars(default)]
    safi: Option<String>,
    /// The value; null where its length is not known.
    value: Option<u64>,
    /// The data in hex, where its length is not known.
    #[schemars(default)]
    hex: Option<String>,
}

/// The name of a statistic: of the registry, or of a draft.
#[derive(JsonSchema)]
#[serde(untagged)]
enum StatisticName {
    Registered(StatisticType),
    OfDraft(OfDraft),
}

/// What a draft calls its statistic.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OfDraft {
    RpkiFiltered,
}

/// The name of a TLV in its message, or, in version 4, in every message.
#[derive(JsonSchema)]
#[serde(untagged)]
enum TlvName<T> {
    Own(T),
    Common(CommonTlv),
}

macro_rules! tlvs {
    ($($line:ident($name:ty))*) => {
        $(
            /// A TLV: text, or hex where it is none.
            #[derive(JsonSchema)]
            #[serde(deny_unknown_fields)]
            struct $line {
                /// Type.
                code: u16,
                /// Its name, or `unknown-<number>`.
                name: TlvName<$name>,
                /// Version 4: the Private Enterprise Number whose type it is.
                #[schemars(default)]
                enterprise: Option<u32>,
                /// The value as text.
                #[schemars(default)]
                value: Option<String>,
                /// Version 4: a time.
                #[schemars(default)]
                timestamp: Option<TlvTimestamp>,
                /// Version 4: the message's number in its session.
                #[schemars(default)]
                sequence_number: Option<u64>,
                /// Version 4: the Extended Flags that have names.
                #[schemars(default)]
                flags: Option<Vec<String>>,
                /// The value in hex, where it is not text.
                #[schemars(default)]
                hex: Option<String>,
            }
        )*
    };
}

tlvs! {
    InitiationTlvLine(InitiationTlv)
    PeerUpTlvLine(PeerUpTlv)
    PeerDownTlvLine(PeerDownTlv)
    TerminationTlvLine(TerminationTlv)
}

/// A TLV of an Initiation.
#[derive(JsonSchema)]
#[serde(untagged)]
enum InitiationTlvShape {
    Optional(OptionalParametersLine),
    Defaults(DefaultsLine),
    Other(InitiationTlvLine),
}

/// A TLV of a Route Mirroring message.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
struct Mirrored {
    /// Type.
    code: u16,
    /// Its name, or `unknown-<number>`.
    name: TlvName<MirroringTlv>,
    /// Version 4: the Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// Version 4: a time.
    #[schemars(default)]
    timestamp: Option<TlvTimestamp>,
    /// Version 4: the message's number in its session.
    #[schemars(default)]
    sequence_number: Option<u64>,
    /// Version 4: the Extended Flags that have names.
    #[schemars(default)]
    flags: Option<Vec<String>>,
    /// The BGP message's type, if it has a header.
    #[schemars(default)]
    message_type: Option<crate::bgp::MessageType>,
    /// An OPEN.
    #[schemars(default)]
    open: Option<Open>,
    /// An UPDATE.
    #[schemars(default)]
    update: Option<Update<'static>>,
    /// A NOTIFICATION.
    #[schemars(default)]
    notification: Option<Notification<'static>>,
    /// A ROUTE-REFRESH.
    #[schemars(default)]
    route_refresh: Option<RouteRefresh<'static>>,
    /// The code of an Information TLV.
    #[schemars(default)]
    information: Option<MirroringInformation>,
    /// Octets that are none of these, in hex.
    #[schemars(default)]
    hex: Option<String>,
}
