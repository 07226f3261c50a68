//! What each TLV of the RPKI messages says.

use super::condition::Condition;
use super::rule::Rule;
use super::shared::{Action, StateAction, address, prefix, time};
use super::tlv::{RpkiTlv, RpkiTlvs};
use super::words::*;
use crate::net::Prefix;
use crate::time::Timestamp;
use crate::wire::{CodePoint, Cursor, DecodeError};
use std::borrow::Cow;
use std::net::IpAddr;

/// The value of a TLV.
#[derive(Debug, Clone)]
pub enum RpkiValue<'a> {
    /// `rpki-source`: one data source.
    Source(RpkiTlvs<'a>),
    /// `rpki-policy`: policy, global or of the peer.
    Policy(RpkiTlvs<'a>),
    /// `alternate-route`: the alternate best route.
    AlternateRoute(RpkiTlvs<'a>),
    /// `source-type`.
    SourceType(SourceType),
    /// `source-status`.
    SourceStatus(SourceStatus),
    /// `record-count`: how many records of a kind.
    RecordCount(RecordKind, u64),
    /// `last-sync`; none: not available.
    LastSync(Option<Timestamp>),
    /// `error-count`: errors so far.
    ErrorCount(u64),
    /// `ccr-hash`: SHA-256 of an aspect of the data.
    CcrHash(HashAspect, &'a [u8; 32]),
    /// `source-id`.
    SourceId(u16),
    /// `rtr-preference`, and in which order caches are tried, lower first.
    RtrPreference(RtrPreference, u32),
    /// `rtr-version`.
    RtrVersion(u8),
    /// `transport`.
    Transport(Transport),
    /// `endpoint`: address and TCP port of the source.
    Endpoint(IpAddr, Option<u16>),
    /// `peer-as`.
    PeerAs(u32),
    /// `as-relationship`.
    AsRelationship(AsRole),
    /// `last-modified`; none: not available.
    LastModified(Option<Timestamp>),
    /// `slurm-exception-count`.
    SlurmExceptions(SlurmKind, u32),
    /// `slurm-error`: what, how often, and a text that may be empty; owned where octets that are not
    /// UTF-8 became replacement characters.
    SlurmError(SlurmErrorKind, u32, Cow<'a, str>),
    /// `validation-enabled`.
    ValidationEnabled(ValidationTypes),
    /// `state-action`.
    StateAction(StateAction<'a>),
    /// `rule-feature`.
    RuleFeature(Condition),
    /// `slurm-prefix-assertion`: a VRP added locally.
    PrefixAssertion {
        /// The prefix.
        prefix: Prefix,
        /// The AS.
        asn: u32,
        /// The longest prefix inside it that is meant too, where one is told.
        max_length: Option<u8>,
    },
    /// `slurm-prefix-filter`: VRPs removed locally.
    PrefixFilter(PrefixFilter),
    /// `validation-state`.
    ValidationState(RouteState),
    /// `validation-types`.
    ValidationTypes(ValidationTypes),
    /// `validation-rule`.
    Rule(Rule<'a>),
    /// `impact-direction`.
    ImpactDirection(ImpactDirection),
    /// `action-applied`.
    ActionApplied(Action<'a>),
    /// `alternate-bgp-message`: an UPDATE.
    AlternateBgpMessage(&'a [u8]),
    /// A TLV that is not known.
    Unknown(&'a [u8]),
}

/// Which VRPs a filter removes: those that every member matches that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixFilter {
    /// Flags as sent.
    pub flags: u8,
    /// VRPs with this prefix, and inside it.
    pub prefix: Option<Prefix>,
    /// VRPs of this AS.
    pub asn: Option<u32>,
}

impl<'a> RpkiTlv<'a> {
    /// What it says. An error is about a value that its type cannot have.
    pub fn read(&self) -> Result<RpkiValue<'a>, DecodeError> {
        let Some(code_point) = self.code_point else {
            return Ok(RpkiValue::Unknown(self.octets()));
        };
        let mut cursor = self.value;
        let value = self.known(code_point, &mut cursor)?;
        match cursor.is_empty() {
            true => Ok(value),
            false => Err(cursor.malformed(code_point.name(), "has octets behind its fields")),
        }
    }

    fn known(
        &self,
        code_point: CodePoint,
        cursor: &mut Cursor<'a>,
    ) -> Result<RpkiValue<'a>, DecodeError> {
        if self.is_container() {
            cursor.take_rest();
        }
        match code_point {
            CodePoint::RpkiSource => Ok(RpkiValue::Source(self.inner())),
            CodePoint::RpkiPolicy => Ok(RpkiValue::Policy(self.inner())),
            CodePoint::AlternateRoute => Ok(RpkiValue::AlternateRoute(self.inner())),
            _ if is_of_source(code_point) => of_source(code_point, cursor),
            _ if is_of_policy(code_point) => of_policy(code_point, cursor),
            _ => of_route(code_point, cursor),
        }
    }
}

fn is_of_source(code_point: CodePoint) -> bool {
    (CodePoint::SourceType..=CodePoint::SlurmError).contains(&code_point)
}

fn is_of_policy(code_point: CodePoint) -> bool {
    (CodePoint::ValidationEnabled..=CodePoint::SlurmPrefixFilter).contains(&code_point)
}

#[rustfmt::skip]
fn of_source<'a>(
    code_point: CodePoint,
    cursor: &mut Cursor<'a>,
) -> Result<RpkiValue<'a>, DecodeError> {
    use RpkiValue as Value;
    Ok(match code_point {
        CodePoint::SourceType => Value::SourceType(SourceType(cursor.u8("source-type")?)),
        CodePoint::SourceStatus => Value::SourceStatus(SourceStatus(cursor.u8("source-status")?)),
        CodePoint::RecordCount => {
            Value::RecordCount(RecordKind(cursor.u8("Record Kind")?), cursor.u64("Record Count")?)
        }
        CodePoint::LastSync => Value::LastSync(time(cursor)?),
        CodePoint::ErrorCount => Value::ErrorCount(cursor.u64("error-count")?),
        CodePoint::CcrHash => ccr_hash(cursor)?,
        CodePoint::SourceId => Value::SourceId(cursor.u16("source-id")?),
        CodePoint::RtrPreference => {
            Value::RtrPreference(RtrPreference(cursor.u8("rtr-preference")?), cursor.u32("Order")?)
        }
        CodePoint::RtrVersion => Value::RtrVersion(cursor.u8("rtr-version")?),
        CodePoint::Transport => Value::Transport(Transport(cursor.u8("transport")?)),
        CodePoint::Endpoint => Value::Endpoint(address(cursor)?, port(cursor)?),
        CodePoint::PeerAs => Value::PeerAs(cursor.u32("peer-as")?),
        CodePoint::AsRelationship => Value::AsRelationship(AsRole(cursor.u8("as-relationship")?)),
        CodePoint::LastModified => Value::LastModified(time(cursor)?),
        CodePoint::SlurmExceptionCount => {
            Value::SlurmExceptions(SlurmKind(cursor.u8("Exception Kind")?), cursor.u32("Exception Count")?)
        }
        CodePoint::SlurmError => slurm_error(cursor)?,
        _ => Value::Unknown(cursor.take_rest()),
    })
}

fn ccr_hash<'a>(cursor: &mut Cursor<'a>) -> Result<RpkiValue<'a>, DecodeError> {
    let aspect = HashAspect(cursor.u8("Hash Aspect")?);
    let short = cursor.malformed("ccr-hash", "is no SHA-256");
    let octets = cursor.bytes("ccr-hash", 32)?;
    let hash = octets.first_chunk().ok_or(short)?;
    Ok(RpkiValue::CcrHash(aspect, hash))
}

fn port(cursor: &mut Cursor<'_>) -> Result<Option<u16>, DecodeError> {
    match cursor.is_empty() {
        true => Ok(None),
        false => cursor.u16("Endpoint Port").map(Some),
    }
}

fn slurm_error<'a>(cursor: &mut Cursor<'a>) -> Result<RpkiValue<'a>, DecodeError> {
    let kind = SlurmErrorKind(cursor.u8("SLURM Error Kind")?);
    let count = cursor.u32("SLURM Error Count")?;
    let text = String::from_utf8_lossy(cursor.take_rest());
    Ok(RpkiValue::SlurmError(kind, count, text))
}

fn of_policy<'a>(
    code_point: CodePoint,
    cursor: &mut Cursor<'a>,
) -> Result<RpkiValue<'a>, DecodeError> {
    match code_point {
        CodePoint::ValidationEnabled => {
            types(cursor, "validation-enabled").map(RpkiValue::ValidationEnabled)
        }
        CodePoint::StateAction => {
            let state = RouteState(cursor.u8("state-action")?);
            let action = Action::read(cursor)?;
            Ok(RpkiValue::StateAction(StateAction { state, action }))
        }
        CodePoint::RuleFeature => Condition::read(cursor).map(RpkiValue::RuleFeature),
        CodePoint::SlurmPrefixAssertion => assertion(cursor),
        CodePoint::SlurmPrefixFilter => filter(cursor).map(RpkiValue::PrefixFilter),
        _ => Ok(RpkiValue::Unknown(cursor.take_rest())),
    }
}

fn types(cursor: &mut Cursor<'_>, field: &'static str) -> Result<ValidationTypes, DecodeError> {
    cursor.u8(field).map(ValidationTypes)
}

/// In an assertion, a maximum length that is not there.
const NO_MAX_LENGTH: u8 = 255;

fn assertion<'a>(cursor: &mut Cursor<'a>) -> Result<RpkiValue<'a>, DecodeError> {
    let prefix = prefix(cursor)?;
    let asn = cursor.u32("ASN")?;
    let max_length = cursor.u8("Max Length")?;
    Ok(RpkiValue::PrefixAssertion {
        prefix,
        asn,
        max_length: (max_length != NO_MAX_LENGTH).then_some(max_length),
    })
}

fn filter(cursor: &mut Cursor<'_>) -> Result<PrefixFilter, DecodeError> {
    let flags = cursor.u8("Filter Flags")?;
    let has = |bit: u8| flags & bit != 0;
    Ok(PrefixFilter {
        flags,
        prefix: has(1).then(|| prefix(cursor)).transpose()?,
        asn: has(2).then(|| cursor.u32("ASN")).transpose()?,
    })
}

fn of_route<'a>(
    code_point: CodePoint,
    cursor: &mut Cursor<'a>,
) -> Result<RpkiValue<'a>, DecodeError> {
    match code_point {
        CodePoint::ValidationState => {
            let state = cursor.u8("validation-state")?;
            Ok(RpkiValue::ValidationState(RouteState(state)))
        }
        CodePoint::ValidationTypes => {
            types(cursor, "validation-types").map(RpkiValue::ValidationTypes)
        }
        CodePoint::ValidationRule => Rule::read(cursor).map(RpkiValue::Rule),
        CodePoint::ImpactDirection => {
            let direction = cursor.u8("impact-direction")?;
            Ok(RpkiValue::ImpactDirection(ImpactDirection(direction)))
        }
        CodePoint::ActionApplied => Action::read(cursor).map(RpkiValue::ActionApplied),
        CodePoint::AlternateBgpMessage => Ok(RpkiValue::AlternateBgpMessage(cursor.take_rest())),
        _ => Ok(RpkiValue::Unknown(cursor.take_rest())),
    }
}
