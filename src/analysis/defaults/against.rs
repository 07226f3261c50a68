//! What changed since a saved report: another day, or a lab that does as everyone should.

use super::parameter::Parameter;
use super::router::{Observed, RouterDefaults, RouterName};
use super::rules::Source;
use super::table::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A saved report, as far as it is compared.
#[derive(Debug, Clone, Deserialize)]
pub struct Saved {
    schema: String,
    routers: Vec<SavedRouter>,
}

#[derive(Debug, Clone, Deserialize)]
struct SavedRouter {
    router: SavedName,
    defaults: BTreeMap<String, Option<u32>>,
    #[serde(default)]
    observed: SavedObserved,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct SavedObserved {
    peers: u64,
    hold_times: Vec<SavedHoldTime>,
    capabilities: Vec<SavedCapability>,
}

#[derive(Debug, Clone, Deserialize)]
struct SavedHoldTime {
    value: u32,
}

#[derive(Debug, Clone, Deserialize)]
struct SavedCapability {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct SavedName {
    vendor: Option<String>,
    os: Option<String>,
    version: Option<String>,
    sys_name: Option<String>,
    address: Option<IpAddr>,
}

/// What changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comparison {
    /// Values that are not what they were, by router and parameter.
    pub changes: Vec<Change>,
    /// Routers that the saved report has nothing to compare with.
    pub added: Vec<RouterName>,
    /// Routers of the saved report that are not here.
    pub missing: Vec<RouterName>,
}

/// A value that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Change {
    /// Which router.
    pub router: RouterName,
    /// Which router of the saved report it is compared with.
    pub saved: RouterName,
    /// By what they belong together.
    pub matched_by: MatchedBy,
    /// The parameter's key, or `capabilities`.
    pub parameter: &'static str,
    /// Whether it was reported, or seen in OPENs.
    pub source: Source,
    /// What was saved; null: it was not reported.
    pub before: Option<Value>,
    /// What is there now; null: it is not reported.
    pub after: Option<Value>,
    /// Of lists of words: those that are there now and were not.
    pub added: Vec<String>,
    /// Of lists of words: those that were there and are not now.
    pub removed: Vec<String>,
}

/// By what a router and one of the saved report belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// The same sysName.
    Name,
    /// The same address.
    Address,
    /// The same vendor, system and version.
    Version,
    /// The same vendor and system.
    System,
}

/// The name of the schema that can be compared with.
const SCHEMA: &str = "bmpscope/defaults/1";

impl Saved {
    /// Reads what `--save` has written, or `--json`.
    pub fn parse(text: &str) -> Result<Saved, String> {
        let saved: Saved = serde_json::from_str(text)
            .map_err(|error| format!("not a saved report of defaults: {error}"))?;
        match saved.schema.as_str() {
            SCHEMA => Ok(saved),
            other => Err(format!("a report of {other}, not of {SCHEMA}")),
        }
    }

    /// What changed since then.
    pub(super) fn compare(&self, routers: &[RouterDefaults]) -> Comparison {
        let mut comparison = Comparison::default();
        let mut met = vec![false; self.routers.len()];
        for row in routers {
            let Some((index, matched_by)) = self.find(&row.router) else {
                comparison.added.push(row.router.clone());
                continue;
            };
            if let Some(met) = met.get_mut(index) {
                *met = true;
            }
            if let Some(saved) = self.routers.get(index) {
                let changes = changes(row, saved, matched_by);
                comparison.changes.extend(changes);
            }
        }
        let saved = self.routers.iter().zip(met);
        let missing = saved.filter(|(_, met)| !met);
        comparison
            .missing
            .extend(missing.map(|(saved, _)| saved.router.name()));
        comparison
    }

    /// The router of the saved report that one is compared with: the same one, else one of its kind.
    fn find(&self, name: &RouterName) -> Option<(usize, MatchedBy)> {
        let by = [
            MatchedBy::Name,
            MatchedBy::Address,
            MatchedBy::Version,
            MatchedBy::System,
        ];
        by.into_iter().find_map(|by| {
            let mut saved = self.routers.iter();
            let index = saved.position(|saved| saved.router.is(name, by))?;
            Some((index, by))
        })
    }
}

/// What was and what is, by parameter and where it comes from.
type Pair = (&'static str, Source, Option<Value>, Option<Value>);

fn changes(row: &RouterDefaults, saved: &SavedRouter, matched_by: MatchedBy) -> Vec<Change> {
    let pairs = reported(row, saved).chain(observed(&row.observed, &saved.observed));
    pairs
        .filter(|(_, _, before, after)| before != after)
        .map(|(parameter, source, before, after)| Change {
            router: row.router.clone(),
            saved: saved.router.name(),
            matched_by,
            parameter,
            source,
            added: only_in(after.as_ref(), before.as_ref()),
            removed: only_in(before.as_ref(), after.as_ref()),
            before,
            after,
        })
        .collect()
}

/// The words of a list that the other does not have; none where the one is no list.
fn only_in(one: Option<&Value>, other: Option<&Value>) -> Vec<String> {
    let Some(Value::Words(words)) = one else {
        return Vec::new();
    };
    let others = match other {
        Some(Value::Words(others)) => others.clone(),
        other => other.map(Value::to_string).into_iter().collect(),
    };
    let mut words = words.clone();
    words.retain(|word| !others.contains(word));
    words
}

fn reported(row: &RouterDefaults, saved: &SavedRouter) -> impl Iterator<Item = Pair> {
    Parameter::ALL.into_iter().map(|parameter| {
        let before = saved.defaults.get(parameter.name()).copied().flatten();
        let after = *row.defaults.get(parameter);
        let values = (before.map(Value::Number), after.map(Value::Number));
        (parameter.name(), Source::Reported, values.0, values.1)
    })
}

/// What OPENs show, where both captures have any.
fn observed(now: &Observed, saved: &SavedObserved) -> impl Iterator<Item = Pair> {
    let hold_time = Parameter::HoldTime.name();
    let holds = (
        one_or_more(saved.hold_times.iter().map(|held| held.value)),
        one_or_more(now.hold_times.iter().map(|held| u32::from(held.value))),
    );
    let names = (
        saved.capabilities.iter().map(|one| one.name.clone()),
        now.capabilities.iter().map(|one| one.name.clone()),
    );
    let capabilities = (
        Value::Words(names.0.collect()),
        Value::Words(names.1.collect()),
    );
    let pairs = [
        (hold_time, Source::Observed, holds.0, holds.1),
        (
            "capabilities",
            Source::Observed,
            Some(capabilities.0),
            Some(capabilities.1),
        ),
    ];
    let have_both = now.peers > 0 && saved.peers > 0;
    pairs.into_iter().filter(move |_| have_both)
}

/// One number, or several as words.
fn one_or_more(numbers: impl Iterator<Item = u32>) -> Option<Value> {
    let numbers: Vec<u32> = numbers.collect();
    match numbers.as_slice() {
        [] => None,
        [one] => Some(Value::Number(*one)),
        several => Some(Value::Words(several.iter().map(u32::to_string).collect())),
    }
}

impl SavedName {
    fn is(&self, name: &RouterName, by: MatchedBy) -> bool {
        let is_system =
            self.vendor.is_some() && (&self.vendor, &self.os) == (&name.vendor, &name.os);
        match by {
            MatchedBy::Name => self.sys_name.is_some() && self.sys_name == name.sys_name,
            MatchedBy::Address => self.address.is_some() && self.address == name.address,
            MatchedBy::Version => is_system && self.version == name.version,
            MatchedBy::System => is_system,
        }
    }

    fn name(&self) -> RouterName {
        let own = self.clone();
        RouterName {
            vendor: own.vendor,
            os: own.os,
            version: own.version,
            sys_name: own.sys_name,
            address: own.address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_lists_what_came_and_went_is_told() {
        let words = |words: &[&str]| Value::Words(words.iter().map(ToString::to_string).collect());
        let before = words(&["multiprotocol", "route-refresh", "add-path"]);
        let after = words(&["multiprotocol", "route-refresh", "role"]);
        assert_eq!(only_in(Some(&after), Some(&before)), ["role"]);
        assert_eq!(only_in(Some(&before), Some(&after)), ["add-path"]);
        let one = Value::Number(90);
        assert_eq!(only_in(Some(&words(&["90", "180"])), Some(&one)), ["180"]);
        assert!(only_in(Some(&one), Some(&before)).is_empty());
    }
}
