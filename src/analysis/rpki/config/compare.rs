//! In what routers differ that should agree, and what is old or broken.

use super::RouterConfig;
use super::policy::{ActionRow, Assertion, Filter, PolicyRow};
use super::source::SourceRow;
use crate::bmp::rpki::{SlurmKind, SourceStatus, SourceType};
use crate::finding::{Finding, Place};
use crate::net::Prefix;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Something that should not be: a difference between routers or sources, an old source.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// The finding's word.
    pub kind: &'static str,
    /// What it is about: `roa records`, `validation`.
    pub about: String,
    /// Who says what.
    pub values: Vec<RouterValue>,
}

/// What one router says.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RouterValue {
    /// The router's sysName, or its address.
    pub router: String,
    /// The source that it is about; null: the policy.
    pub source: Option<String>,
    /// What it says.
    pub value: String,
    /// The session that told it.
    #[serde(skip)]
    session: Option<u32>,
}

/// A cache is to be asked again before its data is this old, in seconds (RFC 8210 6: the default
/// Expire Interval).
pub(super) const STALE: f64 = 7200.0;

/// Seconds by which clocks of routers and captures may differ without a word.
const AHEAD: f64 = 60.0;

/// Everything in which these routers differ, and what is old or broken of each.
pub(super) fn differences(routers: &[RouterConfig]) -> Vec<Difference> {
    let mut all = Vec::new();
    all.extend(between_sources(routers));
    all.extend(between_policies(routers));
    all.extend(routers.iter().flat_map(stale));
    all.extend(routers.iter().flat_map(ahead));
    all.extend(routers.iter().flat_map(slurm_errors));
    all.extend(routers.iter().flat_map(slurm_counts));
    all.extend(routers.iter().flat_map(shared_ids));
    all
}

/// The findings of these differences.
pub fn findings(differences: &[Difference]) -> Vec<Finding> {
    differences.iter().map(finding).collect()
}

fn finding(difference: &Difference) -> Finding {
    let said = difference.values.iter().map(RouterValue::text);
    let said: Vec<String> = said.collect();
    let message = format!("{}: {}", difference.about, said.join("; "));
    let first = difference.values.first();
    let place = Place {
        session: first.and_then(|value| value.session),
        ..Place::default()
    };
    Finding::new(difference.kind, message, place)
}

impl RouterValue {
    fn of(router: &RouterConfig, source: Option<&SourceRow>, value: String) -> RouterValue {
        RouterValue {
            router: router.name(),
            source: source.map(SourceRow::name),
            value,
            session: router.sessions.last().copied(),
        }
    }

    /// `edge1 rtr 192.0.2.1:323 has 5`
    pub fn text(&self) -> String {
        match &self.source {
            Some(source) => format!("{} {source} has {}", self.router, self.value),
            None => format!("{} has {}", self.router, self.value),
        }
    }
}

/// What is said of one thing, by what it is.
type Said = BTreeMap<(&'static str, String), Vec<RouterValue>>;

/// Sources that hold the same data should count and hash alike: those that are no local ones.
fn between_sources(routers: &[RouterConfig]) -> Vec<Difference> {
    let mut said = Said::new();
    for router in routers {
        for source in router.sources.iter().filter(|source| is_comparable(source)) {
            for row in &source.records {
                let key = ("rpki-records-differ", format!("{} records", row.kind));
                let value = RouterValue::of(router, Some(source), row.count.to_string());
                said.entry(key).or_default().push(value);
            }
            for row in &source.ccr_hashes {
                let key = ("rpki-hashes-differ", format!("hash of {}", row.aspect));
                let value = RouterValue::of(router, Some(source), row.sha256.clone());
                said.entry(key).or_default().push(value);
            }
        }
    }
    differing(said)
}

fn is_comparable(source: &SourceRow) -> bool {
    let is_local = [SourceType::STATIC, SourceType::SLURM].map(Some);
    source.status != Some(SourceStatus::IDLE) && !is_local.contains(&source.source_type)
}

fn differing(said: Said) -> Vec<Difference> {
    let differs = |values: &[RouterValue]| {
        let distinct: BTreeSet<&str> = values.iter().map(|value| value.value.as_str()).collect();
        distinct.len() > 1
    };
    let rows = said.into_iter().filter(|(_, values)| differs(values));
    rows.map(|((kind, about), values)| Difference {
        kind,
        about,
        values,
    })
    .collect()
}

/// Global policies of routers should agree.
fn between_policies(routers: &[RouterConfig]) -> Vec<Difference> {
    let mut said = Said::new();
    for router in routers {
        let Some(policy) = &router.policy.global else {
            continue;
        };
        for (about, value) in texts(policy) {
            let key = ("rpki-policies-differ", about.to_owned());
            let value = RouterValue::of(router, None, value);
            said.entry(key).or_default().push(value);
        }
    }
    differing(said)
}

/// The parts of a policy in words, each in an order of its own: that of a message does not matter.
fn texts(policy: &PolicyRow) -> [(&'static str, String); 5] {
    let validation = match &policy.validation {
        None => "no word on validation".to_owned(),
        Some(types) if types.is_empty() => "no validation".to_owned(),
        Some(types) => sorted(types.iter().map(ToString::to_string)),
    };
    [
        ("validation", validation),
        (
            "actions",
            sorted(policy.actions.iter().map(ActionRow::text)),
        ),
        ("conditions", sorted(policy.conditions.iter().cloned())),
        (
            "slurm assertions",
            sorted(policy.slurm.assertions.iter().map(Assertion::text)),
        ),
        (
            "slurm filters",
            sorted(policy.slurm.filters.iter().map(Filter::text)),
        ),
    ]
}

/// What a text begins with, if that is a prefix.
fn first_prefix(text: &str) -> Option<(IpAddr, u8)> {
    let word = text.split([' ', '-']).next()?;
    Prefix::order(word)
}

/// In an order of their own: those about prefixes as prefixes sort.
fn sorted(texts: impl Iterator<Item = String>) -> String {
    let texts: BTreeSet<_> = texts.map(|text| (first_prefix(&text), text)).collect();
    let texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
    match texts.is_empty() {
        true => "none".to_owned(),
        false => texts.join(", "),
    }
}

/// Sources in use whose data was older than a router may use it when the router told of them. What became
/// of it later is not known: nothing says how often a router tells.
fn stale(router: &RouterConfig) -> Vec<Difference> {
    let is_old = |source: &&SourceRow| {
        let age = source.age_when_told().filter(|age| *age > STALE);
        age.is_some() && source.status != Some(SourceStatus::IDLE)
    };
    let old = router.sources.iter().filter(is_old);
    old.map(|source| {
        let age = source.age_when_told().unwrap_or_default();
        let value = format!("data that was {age:.0} seconds old when told");
        alone("rpki-source-stale", "old source", router, source, value)
    })
    .collect()
}

/// Sources that were synchronized after the router told of it.
fn ahead(router: &RouterConfig) -> Vec<Difference> {
    let ahead = |source: &SourceRow| source.age_when_told().map(|age| -age);
    let is_ahead = |source: &&SourceRow| ahead(source).is_some_and(|ahead| ahead > AHEAD);
    let sources = router.sources.iter().filter(is_ahead);
    sources
        .map(|source| {
            let ahead = ahead(source).unwrap_or_default();
            let value = format!("data of {ahead:.0} seconds after it was told");
            let about = "last synchronization in the future";
            alone("rpki-source-sync-ahead", about, router, source, value)
        })
        .collect()
}

fn slurm_errors(router: &RouterConfig) -> Vec<Difference> {
    let mut all = Vec::new();
    for source in &router.sources {
        let errors = source.slurm.iter().flat_map(|slurm| &slurm.errors);
        for error in errors.filter(|error| error.count > 0) {
            let value = format!("{} {} errors: {}", error.count, error.kind, error.text);
            all.push(alone(
                "rpki-slurm-errors",
                "SLURM file",
                router,
                source,
                value,
            ));
        }
    }
    all
}

/// SLURM is told of twice, as sources that count their exceptions and as the exceptions of policies: both
/// should be as many (draft-wang-grow-bmp-rpki-mon-reqs-03 4.1 and 4.2). Nothing to compare where no
/// policy was told.
fn slurm_counts(router: &RouterConfig) -> Vec<Difference> {
    let policies = || router.policy.global.iter().chain(&router.policy.peers);
    if policies().next().is_none() {
        return Vec::new();
    }
    let assertions: BTreeSet<String> = policies()
        .flat_map(|policy| policy.slurm.assertions.iter().map(Assertion::text))
        .collect();
    let filters: BTreeSet<String> = policies()
        .flat_map(|policy| policy.slurm.filters.iter().map(Filter::text))
        .collect();
    let listed = [
        (SlurmKind::PREFIX_ASSERTION, assertions.len()),
        (SlurmKind::PREFIX_FILTER, filters.len()),
    ];
    let differing = listed.into_iter().filter_map(|(kind, listed)| {
        let (source, counted) = counted_exceptions(router, kind)?;
        (counted != listed as u64).then(|| {
            let value = format!("{counted} of them, and policy lists {listed}");
            alone(
                "rpki-slurm-counts-differ",
                &kind.to_string(),
                router,
                source,
                value,
            )
        })
    });
    differing.collect()
}

/// Exceptions of a kind that all sources of a router count, and the first of these sources.
fn counted_exceptions(router: &RouterConfig, kind: SlurmKind) -> Option<(&SourceRow, u64)> {
    let counts = router.sources.iter().flat_map(|source| {
        let rows = source.slurm.iter().flat_map(|slurm| &slurm.exceptions);
        let own = rows.filter(move |row| row.kind == kind);
        own.map(move |row| (source, u64::from(row.count)))
    });
    counts.reduce(|(first, sum), (_, count)| (first, sum + count))
}

/// Numbers that several sources of a router have.
fn shared_ids(router: &RouterConfig) -> Vec<Difference> {
    let shared = router.sources.iter().filter(|source| source.is_id_shared);
    let ids: BTreeSet<u16> = shared.filter_map(|source| source.id).collect();
    let of = |id: u16| {
        let sources = router
            .sources
            .iter()
            .filter(move |source| source.id == Some(id));
        let value = |source| RouterValue::of(router, Some(source), format!("number {id}"));
        Difference {
            kind: "rpki-source-id-shared",
            about: format!("source {id}"),
            values: sources.map(value).collect(),
        }
    };
    ids.into_iter().map(of).collect()
}

fn alone(
    kind: &'static str,
    about: &str,
    router: &RouterConfig,
    source: &SourceRow,
    value: String,
) -> Difference {
    Difference {
        kind,
        about: about.to_owned(),
        values: vec![RouterValue::of(router, Some(source), value)],
    }
}
