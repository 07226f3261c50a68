//! The shapes of what only version 4 has: indexed TLVs, and those of Route Event Logging.

#![expect(dead_code, reason = "the fields are read by the derive only")]

use crate::bgp::capability::Capability;
use crate::bmp::CommonTlv;
use crate::bmp::v4::event::{
    EventReason, EventTlv, LogAction, MalformedPacket, PolicyForm, ValidationFail, ValidationReason,
};
use crate::bmp::v4::{NumberingSource, PathReason, PathStatus, RouteTlvKind};
use crate::time::Timestamp;
use schemars::JsonSchema;

/// By which revision of the draft TLVs are numbered.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Numbering {
    /// 17, 19 (and 18), 20 or 21.
    revision: u8,
    /// How that is known.
    source: NumberingSource,
}

/// A TLV that every message of version 4 may have.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BareTlv {
    /// Type.
    code: u16,
    /// Its name, or `unknown-<number>`.
    name: CommonTlv,
    /// The Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// A time.
    #[schemars(default)]
    timestamp: Option<TlvTimestamp>,
    /// The message's number in its session.
    #[schemars(default)]
    sequence_number: Option<u64>,
    /// The Extended Flags that have names.
    #[schemars(default)]
    flags: Option<Vec<String>>,
    /// The value in hex: of flags, and where nothing else says it.
    #[schemars(default)]
    hex: Option<String>,
}

/// The name of an indexed TLV.
#[derive(JsonSchema)]
#[serde(untagged)]
pub(super) enum RouteTlvName {
    Known(RouteTlvKind),
    Unknown(#[schemars(extend("pattern" = "^unknown-[0-9]+$"))] String),
}

/// An indexed TLV (draft-ietf-grow-bmp-tlv).
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteTlv {
    /// Type.
    code: u16,
    /// Its name, or `unknown-<number>`.
    name: RouteTlvName,
    /// The Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// Which NLRI it is about, from 1; 0: all; with `group`: the number of a group.
    index: u16,
    /// The index is the number of a group.
    group: bool,
    /// The indexes of a group's NLRI.
    #[schemars(default)]
    members: Option<Vec<u16>>,
    /// VRF/Table Name.
    #[schemars(default)]
    value: Option<String>,
    /// The capability of a Stateless Parsing TLV; there should be one.
    #[schemars(default)]
    capabilities: Option<Vec<Capability>>,
    /// A time.
    #[schemars(default)]
    timestamp: Option<TlvTimestamp>,
    /// The message's number in its session.
    #[schemars(default)]
    sequence_number: Option<u64>,
    /// The Extended Flags that have names.
    #[schemars(default)]
    flags: Option<Vec<String>>,
    /// What the router does with the path.
    #[schemars(default)]
    path_marking: Option<PathMarking>,
    /// The value in hex: of flags, and where nothing else says it.
    #[schemars(default)]
    hex: Option<String>,
}

/// A time, and of what.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TlvTimestamp {
    /// Timestamp type.
    code: u8,
    /// Its name by the revision, or `unknown-<number>`.
    name: String,
    /// When; null for zero, which is forbidden.
    time: Option<Timestamp>,
}

/// A Path Marking (draft-ietf-grow-bmp-path-marking-tlv).
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PathMarking {
    /// The bits of the Path Status that are set.
    status: Vec<PathStatus>,
    /// Path Status.
    status_code: u32,
    /// Why.
    reason: Option<PathReason>,
    /// Its number.
    reason_code: Option<u16>,
}

/// A TLV of a Route Event Logging message.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EventTlvLine {
    /// Type.
    code: u16,
    /// Its name, or `unknown-<number>`.
    name: EventTlv,
    /// The Private Enterprise Number whose type it is.
    #[schemars(default)]
    enterprise: Option<u32>,
    /// Which NLRI it is about, from 1; 0: all; with `group`: the number of a group.
    index: u16,
    /// The index is the number of a group.
    group: bool,
    /// The indexes of a group's NLRI.
    #[schemars(default)]
    members: Option<Vec<u16>>,
    /// The capability of a Stateless Parsing TLV; there should be one.
    #[schemars(default)]
    capabilities: Option<Vec<Capability>>,
    /// Why there is an event.
    #[schemars(default)]
    reasons: Option<Vec<EventReason>>,
    /// Why routes are logged.
    #[schemars(default)]
    log_action: Option<LogActionLine>,
    /// Which policy discarded routes.
    #[schemars(default)]
    policy_discard: Option<PolicyDiscard>,
    /// Which validation routes failed.
    #[schemars(default)]
    validation_fail: Option<ValidationFailLine>,
    /// What is wrong with a BGP message.
    #[schemars(default)]
    malformed_packet: Option<MalformedPacket>,
    /// The value in hex, where nothing else says it.
    #[schemars(default)]
    hex: Option<String>,
}

/// A Log Action.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogActionLine {
    /// Why.
    action: LogAction,
    /// The router's own words.
    #[schemars(default)]
    text: Option<String>,
    /// Seconds observed.
    #[schemars(default)]
    seconds: Option<u32>,
    /// Occurrences in them.
    #[schemars(default)]
    count: Option<u32>,
    /// The number of routes that was crossed.
    #[schemars(default)]
    threshold: Option<u32>,
}

/// A Policy Discard.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyDiscard {
    /// How it tells the policy.
    form: PolicyForm,
    /// The router's own words.
    #[schemars(default)]
    text: Option<String>,
    /// The policy's name.
    #[schemars(default)]
    policy: Option<String>,
    /// The statement's name in the policy.
    #[schemars(default)]
    statement: Option<String>,
}

/// A Validation Fail.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidationFailLine {
    /// Which.
    fail: ValidationFail,
    /// Why, if that is said.
    reason: Option<ValidationReason>,
}
