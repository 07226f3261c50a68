//! One side of a comparison: a router, or one end of a BGP session, with what is known of it.

use super::super::implementation::{Documented, Traits};
use super::super::parameter::Parameter;
use super::super::router::RouterName;
use super::super::table::{Confidence, Value};
use crate::bgp::{CapabilityCode, CapabilityValue, Open};
use schemars::JsonSchema;
use serde::Serialize;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The router says so in its Initiation.
    Reported,
    /// An OPEN shows it.
    Observed,
    /// It is documented of the router's vendor.
    Baseline,
}

impl Source {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Source::Reported => "reported",
            Source::Observed => "observed",
            Source::Baseline => "baseline",
        }
    }
}

/// A value with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis::defaults) struct Entry {
    /// The value.
    pub(in crate::analysis::defaults) value: Value,
    /// Where it comes from.
    pub(in crate::analysis::defaults) source: Source,
    /// How a documented value is known.
    pub(in crate::analysis::defaults) confidence: Option<Confidence>,
}

impl Entry {
    /// A value that is not documented but seen.
    pub(in crate::analysis::defaults) fn seen(value: impl Into<Value>, source: Source) -> Entry {
        Entry {
            value: value.into(),
            source,
            confidence: None,
        }
    }

    /// Something may be raised from it.
    pub(in crate::analysis::defaults) fn is_trusted(&self) -> bool {
        self.confidence != Some(Confidence::Unverified)
    }
}

/// How an end takes part in graceful restart (RFC 4724).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis::defaults) enum Restart {
    /// It does not send the capability.
    None,
    /// Without families: it helps others.
    Helper,
    /// With families: it keeps forwarding itself.
    Restarter,
}

/// How an end takes part in long-lived graceful restart (RFC 9494).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis::defaults) enum LongLived {
    /// It does not send the capability.
    None,
    /// Without families, or with a stale time of 0.
    Hollow,
    /// With families and times.
    Kept,
}

/// What an end offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis::defaults) struct Abilities {
    /// Graceful restart.
    pub(in crate::analysis::defaults) restart: Restart,
    /// The N flag of graceful restart (RFC 8538 2); none where nothing tells.
    pub(in crate::analysis::defaults) notification: Option<bool>,
    /// Long-lived graceful restart.
    pub(in crate::analysis::defaults) long_lived: LongLived,
    /// Extended messages.
    pub(in crate::analysis::defaults) extended_message: bool,
    /// Route refresh, of the RFC or of before.
    pub(in crate::analysis::defaults) route_refresh: bool,
    /// ADD-PATH for any family.
    pub(in crate::analysis::defaults) add_path: bool,
}

impl Abilities {
    /// What an OPEN says.
    pub(in crate::analysis::defaults) fn of(open: &Open) -> Abilities {
        let mut abilities = Abilities {
            restart: Restart::None,
            notification: None,
            long_lived: LongLived::None,
            extended_message: open.has(CapabilityCode::EXTENDED_MESSAGE),
            route_refresh: open.has(CapabilityCode::ROUTE_REFRESH)
                || open.has(PRESTANDARD_ROUTE_REFRESH),
            add_path: open.has(CapabilityCode::ADD_PATH),
        };
        for capability in open.capabilities() {
            match &capability.value {
                CapabilityValue::GracefulRestart(value) => {
                    abilities.notification = Some(value.notification);
                    abilities.restart = match value.families.is_empty() {
                        true => Restart::Helper,
                        false => Restart::Restarter,
                    };
                }
                CapabilityValue::LongLivedGracefulRestart(value) => {
                    let mut families = value.families.iter();
                    abilities.long_lived = match families.any(|family| family.stale_time > 0) {
                        true => LongLived::Kept,
                        false => LongLived::Hollow,
                    };
                }
                _ => {}
            }
        }
        abilities
    }

    /// What the words of the vendor table say: `mp rr gr-helper as4`.
    pub(in crate::analysis::defaults) fn documented(words: &[String]) -> Abilities {
        let has = |word: &str| words.iter().any(|own| own == word);
        Abilities {
            restart: match (has("gr"), has("gr-helper") || has("gr-eor")) {
                (true, _) => Restart::Restarter,
                (false, true) => Restart::Helper,
                (false, false) => Restart::None,
            },
            notification: None,
            long_lived: match (has("llgr"), has("llgr-helper")) {
                (false, false) => LongLived::None,
                // The sources of FRR, BIRD and Junos: no families, or a stale time of 0.
                _ => LongLived::Hollow,
            },
            extended_message: has("ext-msg"),
            route_refresh: has("rr") || has("rr-cisco"),
            add_path: has("add-path") || has("add-path-rx"),
        }
    }
}

/// Route Refresh as it was before the RFC (RFC 8810 3).
const PRESTANDARD_ROUTE_REFRESH: CapabilityCode = CapabilityCode(128);

/// One side.
#[derive(Debug, Clone)]
pub(in crate::analysis::defaults) struct Side {
    /// Which router, or which peer of one.
    pub(in crate::analysis::defaults) name: RouterName,
    /// What is known of its implementation.
    pub(in crate::analysis::defaults) traits: Traits,
    /// What it has of the ten.
    pub(in crate::analysis::defaults) entries: Vec<(Parameter, Entry)>,
    /// What it offers, and where that comes from.
    pub(in crate::analysis::defaults) abilities: Option<(Abilities, Source, Option<Confidence>)>,
    /// What is documented of it; nothing where that is not asked for.
    pub(in crate::analysis::defaults) documented: Documented,
}

impl Side {
    /// What it has of a parameter.
    pub(in crate::analysis::defaults) fn entries(
        &self,
        parameter: Parameter,
    ) -> impl Iterator<Item = &Entry> {
        let own = self
            .entries
            .iter()
            .filter(move |(own, _)| *own == parameter);
        own.map(|(_, entry)| entry)
    }

    /// Its number of a parameter, where it has one only.
    pub(in crate::analysis::defaults) fn number(&self, parameter: Parameter) -> Option<u32> {
        let mut entries = self.entries(parameter);
        let first = entries.next()?.value.number();
        match entries.next() {
            None => first,
            Some(_) => None,
        }
    }

    /// What is documented of a parameter of the vendor table.
    pub(in crate::analysis::defaults) fn documented(&self, parameter: &str) -> Option<Entry> {
        let row = self.documented.row(parameter)?;
        Some(Entry {
            value: row.value.clone(),
            source: Source::Baseline,
            confidence: Some(row.confidence),
        })
    }

    /// The same side without what is from memory.
    pub(in crate::analysis::defaults) fn trusted(&self) -> Side {
        let mut side = self.clone();
        side.entries.retain(|(_, entry)| entry.is_trusted());
        let documented = &mut side.documented.rows;
        documented.retain(|row| row.confidence != Confidence::Unverified);
        let is_doubtful = |(_, _, confidence): &(_, _, Option<Confidence>)| {
            *confidence == Some(Confidence::Unverified)
        };
        side.abilities = side.abilities.filter(|own| !is_doubtful(own));
        side
    }
}
