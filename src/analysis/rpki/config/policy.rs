//! One policy of a router, for all its peers or for one, with its local exceptions.

use super::source::OtherTlv;
use super::told::ConfigPeer;
use crate::bgp::Hex;
use crate::bmp::rpki::{
    ActionArgument, ActionCode, RouteState, RpkiTlvs, RpkiValue, StateAction, ValidationType,
};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// A policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct PolicyRow {
    /// Whose routes it is for; null: those of every peer.
    pub peer: Option<ConfigPeer>,
    /// What is validated; empty: nothing; null: not told.
    pub validation: Option<Vec<ValidationType>>,
    /// What is done with routes, by state.
    pub actions: Vec<ActionRow>,
    /// On which rules, in words.
    pub conditions: Vec<String>,
    /// Local exceptions (RFC 8416).
    pub slurm: PolicySlurm,
    /// Fields that are not known, or cannot be read.
    pub other: Vec<OtherTlv>,
    /// When the message that told this was captured.
    pub time: Option<Timestamp>,
    /// Another session of the router than its last told it, and that one did not.
    pub other_session: bool,
}

/// What is done with routes of a state.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ActionRow {
    /// The state.
    pub state: RouteState,
    /// What is done.
    pub action: ActionCode,
    /// The LOCAL_PREF that they get.
    pub local_pref: Option<u32>,
    /// The community of any kind that they get.
    pub community: Option<String>,
    /// The octets behind an action that is not known.
    pub hex: Option<String>,
}

/// Local exceptions: they shape the data that routes are validated with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct PolicySlurm {
    /// VRPs added locally.
    pub assertions: Vec<Assertion>,
    /// VRPs removed locally.
    pub filters: Vec<Filter>,
}

/// A VRP added locally.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Assertion {
    /// The prefix.
    pub prefix: String,
    /// The AS.
    pub asn: u32,
    /// The longest prefix that is meant too.
    pub max_length: Option<u8>,
}

/// Which VRPs are removed locally: of this prefix and inside it, and of this AS.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Filter {
    /// The prefix.
    pub prefix: Option<String>,
    /// The AS.
    pub asn: Option<u32>,
}

impl PolicyRow {
    /// Adds the fields of a container.
    pub(super) fn add(&mut self, fields: RpkiTlvs<'_>) {
        for tlv in fields.flatten() {
            match tlv.read() {
                Ok(RpkiValue::Unknown(_)) | Err(_) => self.other.push(OtherTlv::of(&tlv)),
                Ok(value) => self.field(&value),
            }
        }
    }

    fn field(&mut self, value: &RpkiValue<'_>) {
        match value {
            RpkiValue::ValidationEnabled(types) => self.validation = Some(types.types().collect()),
            RpkiValue::StateAction(one) => self.actions.push(ActionRow::of(one)),
            RpkiValue::RuleFeature(condition) => self.conditions.push(condition.to_string()),
            RpkiValue::PrefixAssertion {
                prefix,
                asn,
                max_length,
            } => self.slurm.assertions.push(Assertion {
                prefix: prefix.to_string(),
                asn: *asn,
                max_length: *max_length,
            }),
            RpkiValue::PrefixFilter(filter) => self.slurm.filters.push(Filter {
                prefix: filter.prefix.map(|prefix| prefix.to_string()),
                asn: filter.asn,
            }),
            _ => {}
        }
    }
}

impl ActionRow {
    fn of(one: &StateAction<'_>) -> ActionRow {
        let hex = match one.action.argument {
            ActionArgument::Raw(octets) => Some(Hex(octets).to_string()),
            _ => None,
        };
        ActionRow {
            hex,
            state: one.state,
            action: one.action.code,
            local_pref: one.action.local_pref(),
            community: one.action.tag(),
        }
    }

    /// `invalid: lower-preference to 50`
    pub fn text(&self) -> String {
        let mut text = format!("{}: {}", self.state, self.action);
        if let Some(local_pref) = self.local_pref {
            text.push_str(&format!(" to {local_pref}"));
        }
        for more in [&self.community, &self.hex].into_iter().flatten() {
            text.push_str(&format!(" {more}"));
        }
        text
    }
}

impl Assertion {
    /// `192.0.2.0/24-28 AS64500`
    pub fn text(&self) -> String {
        match self.max_length {
            Some(length) => format!("{}-{length} AS{}", self.prefix, self.asn),
            None => format!("{} AS{}", self.prefix, self.asn),
        }
    }
}

impl Filter {
    /// `192.0.2.0/24 AS64500`; `everything` where neither is told.
    pub fn text(&self) -> String {
        match (&self.prefix, self.asn) {
            (Some(prefix), Some(asn)) => format!("{prefix} AS{asn}"),
            (Some(prefix), None) => prefix.clone(),
            (None, Some(asn)) => format!("AS{asn}"),
            (None, None) => "everything".to_owned(),
        }
    }
}
