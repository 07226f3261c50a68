//! A validation rule that a route hit.

use super::SaidState;
use crate::bgp::Hex;
use crate::bmp::rpki::{RouteState, Rule, RuleBody, RuleKind, SourceType};
use crate::net::Prefix;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// A rule as a message says it, on its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SaidRule {
    /// What it is.
    pub kind: RuleKind,
    /// The state that it alone gives the route.
    pub state: RouteState,
    /// Its source's number on the router.
    pub source_id: Option<u16>,
    /// Its source's type.
    pub source_type: Option<SourceType>,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// What it says.
    pub body: SaidBody,
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SaidBody {
    /// A ROA's: prefix, longest length, AS.
    Roa(Prefix, u8, u32),
    /// An ASPA's: customer, providers.
    Aspa(u32, Box<[u32]>),
    /// A group of AS numbers.
    AsGroup(Box<[u32]>),
    /// The octets of a kind that is not known.
    Raw(Box<[u8]>),
}

impl SaidRule {
    /// Keeps a rule.
    pub fn of(rule: &Rule<'_>) -> SaidRule {
        let body = match rule.body {
            RuleBody::Roa {
                prefix,
                max_length,
                asn,
            } => SaidBody::Roa(prefix, max_length, asn),
            RuleBody::Aspa {
                customer,
                providers,
            } => SaidBody::Aspa(customer, providers.iter().collect()),
            RuleBody::AsGroup(asns) => SaidBody::AsGroup(asns.iter().collect()),
            RuleBody::Raw(octets) => SaidBody::Raw(octets.into()),
        };
        SaidRule {
            kind: rule.kind,
            state: rule.state,
            source_id: rule.source_id,
            source_type: rule.source_type,
            expires: rule.expires,
            body,
        }
    }

    /// The state that it alone gives the route.
    pub fn state(&self) -> SaidState {
        SaidState {
            state: self.state,
            is_path: self.kind == RuleKind::ASPA,
        }
    }
}

/// `roa 192.0.2.0/24-24 AS64500`, `aspa AS64500: 64501 64502`.
impl fmt::Display for SaidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        match &self.body {
            SaidBody::Roa(prefix, longest, asn) => write!(f, " {prefix}-{longest} AS{asn}"),
            SaidBody::Aspa(customer, providers) => {
                write!(f, " AS{customer}:")?;
                numbers(f, providers)
            }
            SaidBody::AsGroup(asns) => numbers(f, asns),
            SaidBody::Raw(octets) => write!(f, " ({} octets)", octets.len()),
        }
    }
}

fn numbers(f: &mut fmt::Formatter<'_>, numbers: &[u32]) -> fmt::Result {
    numbers.iter().try_for_each(|number| write!(f, " {number}"))
}

/// A rule in JSON: what a kind does not have is null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleRow {
    /// What it is.
    pub kind: RuleKind,
    /// The state that it alone gives the route.
    pub state: SaidState,
    /// Of a ROA: its prefix.
    pub prefix: Option<String>,
    /// Of a ROA: the longest prefix inside it that is meant too.
    pub max_length: Option<u8>,
    /// Of a ROA: its AS.
    pub asn: Option<u32>,
    /// Of an ASPA: whose it is.
    pub customer: Option<u32>,
    /// Of an ASPA: its customer's providers.
    pub providers: Vec<u32>,
    /// Of an AS group: its members.
    pub asns: Vec<u32>,
    /// Of a kind that is not known: its octets.
    pub hex: Option<String>,
    /// The source that it is of, by its number on the router.
    pub source_id: Option<u16>,
    /// The type of that source: as the rule says, or else as an RPKI_CONFIG message of the session does.
    pub source_type: Option<SourceType>,
    /// When it expires.
    pub expires: Option<Timestamp>,
}

impl RuleRow {
    /// The row of a rule whose source is of this type.
    pub fn of(rule: &SaidRule, source_type: Option<SourceType>) -> RuleRow {
        let mut row = RuleRow {
            kind: rule.kind,
            state: rule.state(),
            prefix: None,
            max_length: None,
            asn: None,
            customer: None,
            providers: Vec::new(),
            asns: Vec::new(),
            hex: None,
            source_id: rule.source_id,
            source_type,
            expires: rule.expires,
        };
        match &rule.body {
            SaidBody::Roa(prefix, longest, asn) => {
                row.prefix = Some(prefix.to_string());
                (row.max_length, row.asn) = (Some(*longest), Some(*asn));
            }
            SaidBody::Aspa(customer, providers) => {
                (row.customer, row.providers) = (Some(*customer), providers.to_vec());
            }
            SaidBody::AsGroup(asns) => row.asns = asns.to_vec(),
            SaidBody::Raw(octets) => row.hex = Some(Hex(octets).to_string()),
        }
        row
    }
}
