//! Mismatches: the rules over all routers and over the ends of each session, and the plain
//! differences that no rule knows.

use super::parameter::Parameter;
use super::router::{Router, RouterName};
use super::rules::{Abilities, Entry, RULES, Raised, Rule, Scope, Side, Source};
use super::table::{Confidence, Value};
use crate::bgp::Open;
use crate::finding::Severity;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Values that are dangerous or surprising to mix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mismatch {
    /// The parameter's key, a name of the vendor table, or a capability.
    pub parameter: String,
    /// How much it matters.
    pub severity: Severity,
    /// The rule's number; null for a difference that no rule knows.
    pub rule: Option<&'static str>,
    /// Who has which value; of a rule about sessions, the ends of them.
    pub routers: Vec<MismatchValue>,
    /// Why it bites.
    pub why: &'static str,
    /// Which text says so.
    pub reference: &'static str,
}

/// What a router has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MismatchValue {
    /// Which router, or which peer of one.
    pub router: RouterName,
    /// A number, or a word.
    pub value: Value,
    /// Where it comes from.
    pub source: Source,
    /// How a documented value is known.
    pub confidence: Option<Confidence>,
}

/// The mismatches of routers, the gravest first, then by rule and parameter.
pub(super) fn mismatches(routers: &[Router], sides: &[Side]) -> Vec<Mismatch> {
    let mut found = of_routers(sides);
    found.extend(plain(sides, &found));
    found.extend(routers.iter().flat_map(of_sessions));
    found.sort_by_key(|one| (one.severity, one.rule.is_none(), one.rule));
    found
}

fn of_routers(sides: &[Side]) -> Vec<Mismatch> {
    let raised = RULES.iter().flat_map(|rule| {
        let raised = raised(rule, sides).into_iter();
        raised.map(move |(severity, raised)| (rule, severity, raised))
    });
    raised
        .map(|(rule, severity, raised)| {
            mismatch(
                rule,
                raised.parameter,
                severity,
                values(sides, raised.involved),
            )
        })
        .collect()
}

/// What a rule says of these sides. What only values from memory raise is no more than a note.
fn raised(rule: &Rule, sides: &[Side]) -> Vec<(Severity, Raised)> {
    let all = (rule.condition)(sides);
    if all.is_empty() {
        return Vec::new();
    }
    let trusted: Vec<Side> = sides.iter().map(Side::trusted).collect();
    let trusted = (rule.condition)(&trusted);
    let severity = |raised: &Raised| {
        let mut trusted = trusted.iter();
        match trusted.any(|one| one.parameter == raised.parameter) {
            true => rule.severity,
            false => Severity::Note,
        }
    };
    all.into_iter()
        .map(|raised| (severity(&raised), raised))
        .collect()
}

/// Differences of parameters that no rule has raised.
fn plain(sides: &[Side], raised: &[Mismatch]) -> Vec<Mismatch> {
    let about = |parameter: Parameter| {
        let name = parameter.name();
        let entries = numbers(sides, parameter);
        let mut raised = raised.iter();
        if raised.any(|one| one.parameter == name) || agree(&entries) != Some(false) {
            return None;
        }
        Some(Mismatch {
            parameter: name.to_owned(),
            severity: Severity::Note,
            rule: None,
            routers: values(sides, entries),
            why: "no rule knows this difference; a configuration that is moved from one to the other behaves otherwise",
            reference: "draft-zhuang-grow-monitoring-bgp-parameters-02 3",
        })
    };
    Parameter::ALL.into_iter().filter_map(about).collect()
}

/// What the sides have of a parameter.
pub(super) fn numbers(sides: &[Side], parameter: Parameter) -> Vec<(usize, Entry)> {
    let all = sides.iter().enumerate();
    all.flat_map(|(index, side)| {
        let own = side.entries(parameter).cloned();
        own.map(move |entry| (index, entry))
    })
    .collect()
}

/// Whether everyone has the same; none where fewer than two have anything.
pub(super) fn agree(entries: &[(usize, Entry)]) -> Option<bool> {
    let (side, first) = entries.first()?;
    let mut others = entries.iter().filter(|(other, _)| other != side).peekable();
    others.peek()?;
    Some(entries.iter().all(|(_, entry)| entry.value == first.value))
}

/// What the sessions of a router have in common in one mismatch: the rule's place, the parameter, and
/// what the router has.
type OfSession = (usize, String, Option<Value>);

/// The rules about sessions, over the ends of each session of a router; one mismatch of each rule
/// and of what the router has.
fn of_sessions(router: &Router) -> Vec<Mismatch> {
    let mut found: BTreeMap<OfSession, (Severity, Vec<MismatchValue>)> = BTreeMap::new();
    let rules = RULES.iter().enumerate();
    let rules: Vec<_> = rules
        .filter(|(_, rule)| rule.scope == Scope::Both)
        .collect();
    for (peer, opens) in &router.peers {
        let ends = [
            end(router.row.router.clone(), &opens.0, Some(router)),
            end(peer.clone(), &opens.1, None),
        ];
        for (index, rule) in &rules {
            for (severity, raised) in raised(rule, &ends) {
                let mut involved = raised.involved.iter();
                let own = involved.find(|(side, _)| *side == 0);
                let own = own.map(|(_, entry)| entry.value.clone());
                let key = (*index, raised.parameter, own);
                let (worst, all) = found.entry(key).or_insert((severity, Vec::new()));
                *worst = severity.min(*worst);
                all.extend(values(&ends, raised.involved));
            }
        }
    }
    let found = found
        .into_iter()
        .filter_map(|((index, parameter, _), found)| {
            let rule = RULES.get(index)?;
            let (severity, routers) = found;
            Some(mismatch(
                rule,
                parameter,
                severity,
                without_repeats(routers),
            ))
        });
    found.collect()
}

/// One end of a session, by the OPEN that it sends.
fn end(name: RouterName, open: &Open, router: Option<&Router>) -> Side {
    let hold = Entry::seen(u32::from(open.hold_time), Source::Observed);
    let mut entries = vec![(Parameter::HoldTime, hold)];
    let keepalive = router.and_then(|own| *own.row.defaults.get(Parameter::KeepaliveTime));
    let keepalive = keepalive.map(|own| Entry::seen(own, Source::Reported));
    entries.extend(keepalive.map(|entry| (Parameter::KeepaliveTime, entry)));
    Side {
        name,
        traits: router.map(|own| own.traits).unwrap_or_default(),
        entries,
        abilities: Some((Abilities::of(open), Source::Observed, None)),
        documented: router
            .filter(|own| own.row.baseline_of.is_some())
            .map(|own| own.documented.clone())
            .unwrap_or_default(),
    }
}

fn mismatch(
    rule: &'static Rule,
    parameter: String,
    severity: Severity,
    routers: Vec<MismatchValue>,
) -> Mismatch {
    Mismatch {
        parameter,
        severity,
        rule: Some(rule.id),
        routers,
        why: rule.why,
        reference: rule.reference,
    }
}

fn values(sides: &[Side], involved: Vec<(usize, Entry)>) -> Vec<MismatchValue> {
    let value = |(index, entry): (usize, Entry)| {
        Some(MismatchValue {
            router: sides.get(index)?.name.clone(),
            value: entry.value,
            source: entry.source,
            confidence: entry.confidence,
        })
    };
    involved.into_iter().filter_map(value).collect()
}

/// A router that many of its peers differ from is named once.
fn without_repeats(routers: Vec<MismatchValue>) -> Vec<MismatchValue> {
    let mut seen = BTreeSet::new();
    let key = |one: &MismatchValue| (one.router.clone(), one.value.clone());
    let mut routers = routers;
    routers.retain(|one| seen.insert(key(one)));
    routers
}
