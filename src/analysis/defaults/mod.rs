//! Default behaviour parameters by router (draft-zhuang-grow-monitoring-bgp-parameters-02): what
//! routers report, what is documented of their vendors, what their OPENs show, and what of it is
//! dangerous to mix.
//!
//! | File | Subject |
//! |---|---|
//! | `parameter` | the ten parameters |
//! | `table` | documented defaults, from `data/vendor-defaults.toml` or a file of the user's |
//! | `implementation` | from vendor, system and version to rows of the table |
//! | `router` | the routers of a run |
//! | `rules` | which values are dangerous to mix, and why |
//! | `mismatch` | the rules over routers and sessions |
//! | `against` | what changed since a saved report |

mod against;
mod implementation;
mod mismatch;
mod parameter;
mod router;
mod rules;
mod table;

pub use against::{Change, Comparison, Saved};
pub use mismatch::{Mismatch, MismatchValue};
pub use parameter::{ByParameter, Parameter, ParameterEntry};
pub use router::{
    Baseline, HoldTime, Observed, ObservedCapability, OtherDefault, RouterDefaults, RouterName,
};
pub use rules::Source;
pub use table::{Confidence, Row, Value, VendorTable};

use crate::session::Session;
use mismatch::{agree, mismatches, numbers};
use router::Router;
use rules::{Abilities, Entry, Side};
use schemars::JsonSchema;
use serde::Serialize;

/// What to fill cells with that are not reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fill {
    /// Nothing.
    #[default]
    None,
    /// Documented defaults of vendors.
    Vendors,
}

/// What to answer.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// What to fill cells with that are not reported.
    pub baseline: Fill,
    /// List where documented defaults were read.
    pub sources: bool,
    /// Documented defaults.
    pub table: VendorTable,
    /// A report to compare with.
    pub against: Option<Saved>,
}

/// The defaults of routers and what of them is dangerous to mix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Defaults {
    /// What cells are filled with that are not reported.
    pub baseline: Fill,
    /// The routers, by vendor, system and version.
    pub routers: Vec<RouterDefaults>,
    /// The ten parameters, with the values of every router.
    pub parameters: Vec<ParameterRow>,
    /// Values that are dangerous or surprising to mix, the gravest first.
    pub mismatches: Vec<Mismatch>,
    /// What changed since the saved report; null where none was given.
    pub against: Option<Comparison>,
    /// Where documented defaults of these routers were read; empty unless asked for.
    pub sources: Vec<SourceRow>,
}

/// A parameter across routers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ParameterRow {
    /// Its key in `.routers[].defaults`.
    pub name: &'static str,
    /// `s` for a timer; null for a plain number.
    pub unit: Option<&'static str>,
    /// Who has which value, in the order of `.routers[]`. What nobody reports has none.
    pub values: Vec<ParameterValue>,
    /// Whether all have the same; null where fewer than two have anything.
    pub agree: Option<bool>,
}

/// What a router has of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ParameterValue {
    /// Which router.
    pub router: RouterName,
    /// The value.
    pub value: u32,
    /// Where it comes from.
    pub source: Source,
}

/// Where a documented default was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SourceRow {
    /// Who makes it.
    pub vendor: String,
    /// The operating system or program.
    pub os: String,
    /// The parameter's key, or the table's name of what is not one of the ten.
    pub parameter: String,
    /// The documented default.
    pub value: Value,
    /// How it is known.
    pub confidence: Confidence,
    /// The text it was read in.
    pub source: String,
    /// More about it.
    pub note: Option<String>,
}

/// Answers what the routers of these sessions do where nothing is configured.
pub fn defaults(sessions: &[Session], question: &Question) -> Defaults {
    let mut routers = router::routers(sessions, &question.table);
    if question.baseline == Fill::Vendors {
        routers.iter_mut().for_each(fill);
    }
    let sides: Vec<Side> = routers.iter().map(side).collect();
    let of_parameter = |parameter| parameter_row(&routers, &sides, parameter);
    let parameters = Parameter::ALL.into_iter().map(of_parameter).collect();
    let mismatches = mismatches(&routers, &sides);
    let sources = match question.sources {
        true => sources(&routers),
        false => Vec::new(),
    };
    let routers: Vec<_> = routers.into_iter().map(|router| router.row).collect();
    let against = question.against.as_ref();
    Defaults {
        baseline: question.baseline,
        against: against.map(|saved| saved.compare(&routers)),
        routers,
        parameters,
        mismatches,
        sources,
    }
}

/// Puts what is documented beside what is reported.
fn fill(router: &mut Router) {
    let row = &mut router.row;
    row.baseline_of
        .clone_from(&router.documented.implementation);
    let documented = router.documented.rows.iter();
    row.baseline = documented
        .map(|documented| {
            let baseline = Baseline {
                value: documented.value.clone(),
                confidence: documented.confidence,
                source: documented.source(),
            };
            (key(&documented.parameter), baseline)
        })
        .collect();
}

/// The key of one of the ten, else the table's own name.
fn key(documented: &str) -> String {
    let known = Parameter::from_documented(documented);
    known.map_or_else(|| documented.to_owned(), |known| known.name().to_owned())
}

/// A router as the rules see it: what it reports, else what its OPENs show, else what is documented.
fn side(router: &Router) -> Side {
    let row = &router.row;
    let entries = Parameter::ALL.into_iter().flat_map(|parameter| {
        let own = entries(row, parameter).into_iter();
        own.map(move |entry| (parameter, entry))
    });
    let documented = match row.baseline_of {
        Some(_) => router.documented.clone(),
        None => Default::default(),
    };
    // What its OPENs show is looked at session by session.
    let words = documented
        .row("cap.sent")
        .filter(|_| row.observed.peers == 0);
    let abilities = words.and_then(|row| match &row.value {
        Value::Words(words) => {
            let own = Abilities::documented(words);
            Some((own, Source::Baseline, Some(row.confidence)))
        }
        _ => None,
    });
    Side {
        name: row.router.clone(),
        traits: router.traits,
        entries: entries.collect(),
        abilities,
        documented,
    }
}

fn entries(row: &RouterDefaults, parameter: Parameter) -> Vec<Entry> {
    if let Some(reported) = row.defaults.get(parameter) {
        return vec![Entry::seen(*reported, Source::Reported)];
    }
    let observed = observed(row, parameter);
    if !observed.is_empty() {
        let entry = |value| Entry::seen(value, Source::Observed);
        return observed.into_iter().map(entry).collect();
    }
    let baseline = row.baseline.get(parameter.name());
    let baseline = baseline.filter(|own| own.value.number().is_some());
    let entry = baseline.map(|own| Entry {
        value: own.value.clone(),
        source: Source::Baseline,
        confidence: Some(own.confidence),
    });
    entry.into_iter().collect()
}

/// What the OPENs show of a parameter: only hold times stand in them.
fn observed(row: &RouterDefaults, parameter: Parameter) -> Vec<u32> {
    if parameter != Parameter::HoldTime {
        return Vec::new();
    }
    let times = row.observed.hold_times.iter();
    times.map(|held| u32::from(held.value)).collect()
}

fn parameter_row(routers: &[Router], sides: &[Side], parameter: Parameter) -> ParameterRow {
    let entry = parameter.entry();
    ParameterRow {
        name: entry.name,
        unit: entry.unit,
        values: routers
            .iter()
            .flat_map(|router| values(&router.row, parameter))
            .collect(),
        agree: agree(&numbers(sides, parameter)),
    }
}

/// What is known of a parameter: what is reported or, where it is not, documented; and what is seen.
fn values(row: &RouterDefaults, parameter: Parameter) -> Vec<ParameterValue> {
    let value = |value, source| ParameterValue {
        router: row.router.clone(),
        value,
        source,
    };
    let reported = row.defaults.get(parameter);
    let reported = reported.map(|own| value(own, Source::Reported));
    let baseline = row.baseline.get(parameter.name());
    let baseline = baseline.and_then(|own| own.value.number());
    let stated = reported.or_else(|| baseline.map(|own| value(own, Source::Baseline)));
    let observed = observed(row, parameter).into_iter();
    let observed = observed.map(|own| value(own, Source::Observed));
    stated.into_iter().chain(observed).collect()
}

/// The documented defaults of these routers, each implementation once.
fn sources(routers: &[Router]) -> Vec<SourceRow> {
    let mut rows: Vec<&Row> = Vec::new();
    for row in routers.iter().flat_map(|router| &router.documented.rows) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    let source = |row: &Row| SourceRow {
        vendor: row.vendor.clone(),
        os: row.os.clone(),
        parameter: key(&row.parameter),
        value: row.value.clone(),
        confidence: row.confidence,
        source: row.source(),
        note: row.note.clone(),
    };
    rows.into_iter().map(source).collect()
}
