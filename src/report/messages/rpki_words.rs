//! The three messages about RPKI as words for a person: `; invalid (origin); roa 192.0.2.0/24-24 AS64500`.

use super::text::routes;
use super::words::joined;
use crate::bgp::{Context, Update};
use crate::bmp::rpki::{RpkiConfig, RpkiRoute, RpkiTlv, RpkiTlvs, RpkiValue, Rule, RuleBody};
use crate::bmp::v4::Index;
use crate::wire::{CodePoint, Cursor};
use std::fmt::{self, Write};

/// Sources and policies, each in its words.
pub(super) fn config(line: &mut String, config: &RpkiConfig<'_>) -> fmt::Result {
    let mut between = "";
    for tlv in config.tlvs.flatten() {
        line.push_str(std::mem::replace(&mut between, "; "));
        match tlv.read() {
            Ok(RpkiValue::Source(fields)) => source(line, fields)?,
            Ok(RpkiValue::Policy(fields)) => {
                line.push_str("policy");
                all(line, fields)?;
            }
            _ => one(line, &tlv)?,
        }
    }
    end(line, config.tlvs)
}

/// What ended the TLVs early.
fn end(line: &mut String, mut tlvs: RpkiTlvs<'_>) -> fmt::Result {
    match tlvs.find_map(Result::err) {
        Some(error) => write!(line, "; {error}"),
        None => Ok(()),
    }
}

/// `source rtr active 192.0.2.1:3323, all 5`
fn source(line: &mut String, fields: RpkiTlvs<'_>) -> fmt::Result {
    line.push_str("source");
    let is_type = |tlv: &RpkiTlv<'_>| tlv.code_point == Some(CodePoint::SourceType);
    for tlv in fields.flatten().filter(is_type) {
        one_of(line, &tlv, " ")?;
    }
    let others = fields.flatten().filter(|tlv| !is_type(tlv));
    for tlv in others {
        one_of(line, &tlv, ", ")?;
    }
    end(line, fields)
}

fn all(line: &mut String, fields: RpkiTlvs<'_>) -> fmt::Result {
    for (place, tlv) in fields.flatten().enumerate() {
        one_of(line, &tlv, if place == 0 { ": " } else { ", " })?;
    }
    end(line, fields)
}

fn one_of(line: &mut String, tlv: &RpkiTlv<'_>, before: &str) -> fmt::Result {
    line.push_str(before);
    one(line, tlv)
}

/// One value in its words; what is not known or not readable by its number and size.
fn one(line: &mut String, tlv: &RpkiTlv<'_>) -> fmt::Result {
    match tlv.read() {
        Ok(RpkiValue::Unknown(octets)) => {
            write!(line, "tlv {} ({} octets)", tlv.number, octets.len())
        }
        Ok(value) => plain(line, &value),
        Err(error) => write!(line, "{error}"),
    }
}

fn plain(line: &mut String, value: &RpkiValue<'_>) -> fmt::Result {
    match value {
        RpkiValue::SourceType(one) => write!(line, "{one}"),
        RpkiValue::SourceStatus(status) => write!(line, "{status}"),
        RpkiValue::RecordCount(kind, count) => write!(line, "{kind} {count}"),
        RpkiValue::LastSync(time) => at(line, "synchronized", *time),
        RpkiValue::LastModified(time) => at(line, "modified", *time),
        RpkiValue::ErrorCount(count) => write!(line, "errors {count}"),
        RpkiValue::CcrHash(aspect, hash) => {
            write!(line, "{aspect} {}", crate::bgp::Hex(*hash))
        }
        RpkiValue::SourceId(id) => write!(line, "id {id}"),
        RpkiValue::RtrPreference(preference, order) => write!(line, "{preference} {order}"),
        RpkiValue::RtrVersion(version) => write!(line, "version {version}"),
        RpkiValue::Transport(transport) => write!(line, "{transport}"),
        RpkiValue::Endpoint(address, Some(port)) => {
            let (address, port) = (*address, *port);
            write!(line, "{}", crate::net::Endpoint { address, port })
        }
        RpkiValue::Endpoint(address, None) => write!(line, "{address}"),
        RpkiValue::PeerAs(asn) => write!(line, "AS{asn}"),
        RpkiValue::AsRelationship(role) => write!(line, "{role}"),
        RpkiValue::SlurmExceptions(kind, count) => write!(line, "{kind} {count}"),
        RpkiValue::SlurmError(kind, count, text) => {
            write!(line, "{kind} errors {count} '{text}'")
        }
        _ => of_policy(line, value),
    }
}

fn at(line: &mut String, what: &str, time: Option<crate::time::Timestamp>) -> fmt::Result {
    match time {
        Some(time) => write!(line, "{what} {time}"),
        None => write!(line, "not {what}"),
    }
}

fn of_policy(line: &mut String, value: &RpkiValue<'_>) -> fmt::Result {
    match value {
        RpkiValue::ValidationEnabled(types) | RpkiValue::ValidationTypes(types) => match types.0 {
            0 => write!(line, "no validation"),
            _ => write!(line, "validates {}", joined(types.types(), " ")),
        },
        RpkiValue::StateAction(one) => write!(line, "{}: {}", one.state, one.action),
        RpkiValue::RuleFeature(condition) => write!(line, "where {condition}"),
        RpkiValue::PrefixAssertion {
            prefix,
            asn,
            max_length,
        } => {
            write!(line, "asserts {prefix}")?;
            if let Some(length) = max_length {
                write!(line, "-{length}")?;
            }
            write!(line, " AS{asn}")
        }
        RpkiValue::PrefixFilter(filter) => {
            line.push_str("filters");
            if let Some(prefix) = filter.prefix {
                write!(line, " {prefix}")?;
            }
            match filter.asn {
                Some(asn) => write!(line, " AS{asn}"),
                None => Ok(()),
            }
        }
        RpkiValue::ImpactDirection(direction) => write!(line, "{direction}"),
        RpkiValue::ActionApplied(action) => write!(line, "{action}"),
        RpkiValue::Rule(rule) => self::rule(line, rule),
        _ => Ok(()),
    }
}

/// A rule in words: `roa valid 192.0.2.0/24-24 AS64500`.
pub(super) fn rule_text(one: &Rule<'_>) -> String {
    let mut line = String::new();
    // Writing to a string cannot fail.
    let _ = rule(&mut line, one);
    line
}

fn rule(line: &mut String, rule: &Rule<'_>) -> fmt::Result {
    write!(line, "{} {}", rule.kind, rule.state_text())?;
    match rule.body {
        RuleBody::Roa {
            prefix,
            max_length,
            asn,
        } => write!(line, " {prefix}-{max_length} AS{asn}"),
        RuleBody::Aspa {
            customer,
            providers,
        } => write!(line, " AS{customer}: {}", joined(providers.iter(), " ")),
        RuleBody::AsGroup(asns) => write!(line, " {}", joined(asns.iter(), " ")),
        RuleBody::Raw(octets) => write!(line, " ({} octets)", octets.len()),
    }
}

/// The TLVs around the UPDATE.
pub(super) fn route(
    line: &mut String,
    route: &RpkiRoute<'_>,
    context: &Context,
    shown: usize,
) -> fmt::Result {
    let others = route.tlvs.flatten().filter(|tlv| route.kind(tlv).is_none());
    for tlv in others {
        line.push_str("; ");
        index(line, tlv.index)?;
        match tlv.read() {
            Ok(RpkiValue::ValidationState(state)) => {
                line.push_str(&state.text(route.is_path_state(&tlv)));
            }
            Ok(RpkiValue::AlternateRoute(fields)) => alternate(line, fields, context, shown)?,
            _ => one(line, &tlv)?,
        }
    }
    end(line, route.tlvs)
}

/// Which routes a TLV is about, where that is not every one.
fn index(line: &mut String, index: Option<Index>) -> fmt::Result {
    match index.filter(|index| index.0 != 0) {
        Some(index) if index.is_group() => write!(line, "g{}: ", index.number()),
        Some(index) => write!(line, "#{}: ", index.number()),
        None => Ok(()),
    }
}

fn alternate(
    line: &mut String,
    fields: RpkiTlvs<'_>,
    context: &Context,
    shown: usize,
) -> fmt::Result {
    line.push_str("alternate");
    for tlv in fields.flatten() {
        match tlv.read() {
            Ok(RpkiValue::AlternateBgpMessage(pdu)) => {
                match Update::decode(&mut Cursor::new(pdu), context) {
                    Ok(update) => routes(line, &update, shown)?,
                    Err(error) => write!(line, " {error}")?,
                }
            }
            Ok(RpkiValue::ValidationState(state)) => write!(line, " {state}")?,
            _ => one_of(line, &tlv, " ")?,
        }
    }
    end(line, fields)
}
