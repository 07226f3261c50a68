//! What the TLVs of one message say, by whom they speak of: all routes of its UPDATE, one of them, or a
//! group. Each is kept once, however many routes it speaks of.

use super::{Attributes, SaidRule, Words};
use crate::bgp::{Context, Hex, Update};
use crate::bmp::rpki::{
    Action, ActionArgument, ActionCode, ImpactDirection, RouteState, RpkiRoute, RpkiTlv, RpkiTlvs,
    RpkiValue, RuleKind, ValidationTypes,
};
use crate::bmp::v4::event::{EventReason, EventValue, ValidationFail, ValidationReason, reasons};
use crate::bmp::v4::{Index, RouteEvent, RouteTlvKind, RouteTlvValue};
use crate::net::Prefix;
use crate::time::Timestamp;
use crate::wire::Cursor;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// What the TLVs with one index say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The state.
    pub state: Option<RouteState>,
    /// A further state that differs from it.
    pub other_state: Option<RouteState>,
    /// The kinds of validation.
    pub types: Option<ValidationTypes>,
    /// The rules.
    pub rules: Vec<SaidRule>,
    /// The place of the first rule that is not valid.
    pub(super) not_valid: Option<usize>,
    /// A rule is invalid.
    pub(super) has_invalid: bool,
    /// A rule is not a ROA's.
    pub(super) has_other: bool,
    /// When the first of the rules expires.
    pub(super) expires: Option<Timestamp>,
    /// Which validations failed, of an event.
    pub fails: Vec<(ValidationFail, Option<ValidationReason>)>,
    /// What validation changed.
    pub impact: Option<Box<PartImpact>>,
}

/// What TLVs say of an impact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartImpact {
    /// What became of the route.
    pub direction: Option<ImpactDirection>,
    /// A further direction that differs from it.
    pub other_direction: Option<ImpactDirection>,
    /// What was done with it.
    pub actions: Vec<SaidAction>,
    /// The route instead of it, or that it took the place of.
    pub alternate: Option<Alternate>,
    /// How many alternate routes are told: one, unless the message is odd.
    pub alternates: usize,
}

/// An alternate route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alternate {
    /// Its prefixes, in order: one, unless the message is odd.
    pub prefixes: Vec<Prefix>,
    /// Its attributes.
    pub attributes: Attributes,
    /// Its state.
    pub state: Option<RouteState>,
    /// Why its route is not known.
    pub problem: Option<String>,
}

/// What was done with a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SaidAction {
    /// What.
    pub action: ActionCode,
    /// The LOCAL_PREF that it got.
    pub local_pref: Option<u32>,
    /// The community of any kind that it got.
    pub community: Option<String>,
    /// The octets behind an action that is not known.
    pub hex: Option<String>,
    /// All of it in words: `lower-preference to 50`.
    pub text: String,
}

impl SaidAction {
    fn of(action: &Action<'_>) -> SaidAction {
        let hex = match action.argument {
            ActionArgument::Raw(octets) => Some(Hex(octets).to_string()),
            _ => None,
        };
        SaidAction {
            action: action.code,
            local_pref: action.local_pref(),
            community: action.tag(),
            hex,
            text: action.to_string(),
        }
    }
}

impl Part {
    fn set_state(&mut self, state: RouteState) {
        match self.state {
            None => self.state = Some(state),
            Some(known) if known != state => self.other_state = Some(state),
            Some(_) => {}
        }
    }

    fn add_rule(&mut self, rule: SaidRule) {
        if rule.state != RouteState::VALID {
            self.not_valid.get_or_insert(self.rules.len());
        }
        self.has_invalid |= rule.state == RouteState::INVALID;
        self.has_other |= rule.kind != RuleKind::ROA;
        let first = self.expires.into_iter().chain(rule.expires).min();
        self.expires = first;
        self.rules.push(rule);
    }

    fn add(&mut self, value: &RpkiValue<'_>, context: &Context) {
        match value {
            RpkiValue::ValidationState(state) => self.set_state(*state),
            RpkiValue::ValidationTypes(types) => {
                self.types.get_or_insert(*types);
            }
            RpkiValue::Rule(rule) => self.add_rule(SaidRule::of(rule)),
            RpkiValue::ImpactDirection(direction) => self.impact().set_direction(*direction),
            RpkiValue::ActionApplied(action) => {
                self.impact().actions.push(SaidAction::of(action));
            }
            RpkiValue::AlternateRoute(fields) => {
                let impact = self.impact();
                impact.alternates += 1;
                let alternate = &mut impact.alternate;
                alternate.get_or_insert_with(|| Alternate::of(*fields, context));
            }
            _ => {}
        }
    }

    fn add_event(&mut self, value: &EventValue<'_>) {
        let is_fail = |bits| reasons(bits).any(|one| one == EventReason::VALIDATION_FAIL);
        match *value {
            EventValue::Reasons(bits) if is_fail(bits) => self.set_state(RouteState::INVALID),
            EventValue::ValidationFail(fail, reason) => {
                self.set_state(RouteState::INVALID);
                self.fails.push((fail, reason));
            }
            _ => {}
        }
    }

    fn impact(&mut self) -> &mut PartImpact {
        self.impact.get_or_insert_default()
    }
}

impl PartImpact {
    fn set_direction(&mut self, direction: ImpactDirection) {
        match self.direction {
            None => self.direction = Some(direction),
            Some(known) if known != direction => self.other_direction = Some(direction),
            Some(_) => {}
        }
    }
}

impl Alternate {
    fn of(fields: RpkiTlvs<'_>, context: &Context) -> Alternate {
        let mut alternate = Alternate::default();
        for tlv in fields.flatten() {
            match tlv.read() {
                Ok(RpkiValue::ValidationState(state)) => {
                    alternate.state.get_or_insert(state);
                }
                Ok(RpkiValue::AlternateBgpMessage(pdu)) => alternate.route(pdu, context),
                _ => {}
            }
        }
        alternate.prefixes.sort_unstable();
        if alternate.prefixes.is_empty() {
            let problem = &mut alternate.problem;
            problem.get_or_insert_with(|| "no route is announced in it".to_owned());
        }
        alternate
    }

    fn route(&mut self, pdu: &[u8], context: &Context) {
        let update = match Update::decode(&mut Cursor::new(pdu), context) {
            Ok(update) => update,
            Err(error) => {
                self.problem = Some(format!("its UPDATE cannot be read: {error}"));
                return;
            }
        };
        let prefixes = update.announced().flatten();
        self.prefixes
            .extend(prefixes.filter_map(|nlri| nlri.prefix()));
        self.attributes = Attributes::of(&update.path_attributes());
    }

    /// The prefix of the route that it is the alternative to, if it has that one, or else its first.
    pub fn prefix(&self, wanted: Prefix) -> Option<Prefix> {
        let has = self.prefixes.binary_search(&wanted).is_ok();
        let first = self.prefixes.first().copied();
        if has { Some(wanted) } else { first }
    }
}

/// What the TLVs of a message say, by index.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    by_index: HashMap<u16, Arc<Part>>,
    /// The groups of each NLRI, as indexes.
    groups: HashMap<u16, Vec<u16>>,
}

impl Parts {
    /// What a message about the validation of routes says; its UPDATEs are written as `context` says.
    pub fn of_route(route: &RpkiRoute<'_>, context: &Context) -> Parts {
        let mut parts = Parts::default();
        for tlv in route.tlvs.flatten() {
            let Some(index) = tlv.index else { continue };
            match route.kind(&tlv) {
                None => parts.tlv(index, &tlv, context),
                Some(RouteTlvKind::Group) => {
                    if let RouteTlvValue::Group(members) = route.route_value(&tlv) {
                        parts.group(index, members);
                    }
                }
                Some(_) => {}
            }
        }
        parts.sealed()
    }

    /// What an event says of the validation of its routes.
    pub fn of_event(event: &RouteEvent<'_>) -> Parts {
        let mut parts = Parts::default();
        for tlv in event.tlvs.flatten() {
            match EventValue::of(&tlv) {
                EventValue::Group(members) => parts.group(tlv.index, members),
                value @ (EventValue::Reasons(_) | EventValue::ValidationFail(..)) => {
                    parts.part(tlv.index, |part| part.add_event(&value));
                }
                _ => {}
            }
        }
        parts.sealed()
    }

    fn tlv(&mut self, index: Index, tlv: &RpkiTlv<'_>, context: &Context) {
        // What cannot be read is a finding of its own.
        if let Ok(value) = tlv.read() {
            self.part(index, |part| part.add(&value, context));
        }
    }

    /// Nobody else holds the parts before all TLVs are read.
    fn part(&mut self, index: Index, change: impl FnOnce(&mut Part)) {
        let part = self.by_index.entry(index.0).or_default();
        Arc::get_mut(part).map(change);
    }

    fn group(&mut self, index: Index, members: &[[u8; 2]]) {
        for member in members {
            let groups = self.groups.entry(u16::from_be_bytes(*member)).or_default();
            groups.push(index.number() | GROUP);
        }
    }

    fn sealed(mut self) -> Parts {
        for groups in self.groups.values_mut() {
            groups.sort_unstable();
            groups.dedup();
        }
        self
    }

    /// What is said of the NLRI with this number, from 1: of it alone before its groups, and these
    /// before all.
    pub fn words(&self, number: u16) -> Words {
        let groups = self.groups.get(&number).into_iter().flatten().copied();
        let indexes = std::iter::once(number).chain(groups).chain([0]);
        let parts = indexes.filter_map(|index| self.by_index.get(&index).cloned());
        Words(parts.collect())
    }
}

/// The G bit of an index.
const GROUP: u16 = 0x8000;
