//! What a router says of a route's state, as evidence: the messages about validation, path marking, Route
//! Events and the community of RFC 8097.
//!
//! Where there is more than one, that leads which says most of the router's own validation of this very
//! route: the last RPKI_VALIDATION, then the last RPKI_IMPACT, which repeats it; path marking, which is the
//! router's own word too; a Route Event; and last the community, which a neighbour may have set. What a
//! message said of the prefix with another path than the route has now never leads.

use super::routes::{Marks, RouteKey, RoutePath, View};
use super::rows::Via;
use super::told::{RuleRow, SaidRule, SaidState, Saying, SayingKind, SourceTypes, Told, Words};
use crate::bmp::rpki::{RouteState, SourceType, ValidationType, ValidationTypes};
use crate::finding::Place;
use crate::time::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::sync::Arc;

/// Rules of a route that JSON shows: one TLV may speak of all routes of its message.
const RULES: usize = 32;

/// A state as a router reported it. What stands behind a message is shared with it and spelled out only
/// where it is written.
#[derive(Debug, Clone)]
pub struct ReportedRow {
    /// The state.
    pub state: SaidState,
    /// How it reported it.
    pub via: Via,
    told: Option<Box<Detail>>,
}

/// What a message tells beside the state.
#[derive(Debug, Clone)]
struct Detail {
    kind: SayingKind,
    session: u32,
    words: Words,
    place: Arc<Place>,
    sources: Arc<SourceTypes>,
    is_of_other_path: bool,
}

/// As JSON has it.
#[derive(Serialize, JsonSchema)]
struct Shape {
    /// The state.
    state: SaidState,
    /// How the router reported it.
    via: Via,
    /// Which message said it; null: an attribute or TLV of the route itself.
    message: Option<SayingKind>,
    /// The kinds of validation that the route went through.
    types: Vec<ValidationType>,
    /// The rules that the route hit, at most 32.
    rules: Vec<RuleRow>,
    /// How many further ones it hit.
    rules_left_out: u64,
    /// Why the route failed validation, in words of the Route Event.
    reasons: Vec<String>,
    /// When the message was captured.
    time: Option<Timestamp>,
    /// The message spoke of the prefix with another path than the route has now.
    other_path: bool,
}

impl ReportedRow {
    fn plain(state: RouteState, via: Via) -> ReportedRow {
        let is_path = false;
        ReportedRow {
            state: SaidState { state, is_path },
            via,
            told: None,
        }
    }

    /// What a message said of a route that has this path now; none where it said no state.
    fn of(saying: &Saying, path: &RoutePath, told: &Told) -> Option<ReportedRow> {
        let known = saying.attributes.path.as_ref();
        let detail = Detail {
            kind: saying.kind,
            session: saying.view.session,
            words: saying.words.clone(),
            place: Arc::clone(&saying.place),
            sources: Arc::clone(&told.sources),
            is_of_other_path: known.is_some_and(|known| known != path),
        };
        Some(ReportedRow {
            state: saying.words.state()?,
            via: match saying.kind {
                SayingKind::RouteEvent => Via::Rel,
                SayingKind::RpkiValidation | SayingKind::RpkiImpact => Via::Message,
            },
            told: Some(Box::new(detail)),
        })
    }

    /// The message spoke of the prefix with another path than the route has now.
    pub fn is_of_other_path(&self) -> bool {
        self.told
            .as_ref()
            .is_some_and(|detail| detail.is_of_other_path)
    }

    /// Which message it is from; none: it is not from a message of its own.
    pub fn kind(&self) -> Option<SayingKind> {
        self.told.as_ref().map(|detail| detail.kind)
    }

    /// The kinds of validation, where a message tells them.
    pub fn types(&self) -> Option<ValidationTypes> {
        self.told.as_ref().and_then(|detail| detail.words.types())
    }

    /// When the first of the rules expires.
    pub fn expires(&self) -> Option<Timestamp> {
        self.told.as_ref().and_then(|detail| detail.words.expires())
    }

    /// When the message was captured.
    pub fn time(&self) -> Option<Timestamp> {
        self.told.as_ref().and_then(|detail| detail.place.time)
    }

    /// The rules, each with the type of its source.
    pub fn rules(&self) -> impl Iterator<Item = (&SaidRule, Option<SourceType>)> {
        let details = self.told.as_deref().into_iter();
        details.flat_map(|detail| {
            let rules = detail.words.rules();
            rules.map(|rule| (rule, detail.source_type(rule)))
        })
    }

    fn rule_count(&self) -> usize {
        let told = self.told.as_ref();
        told.map_or(0, |detail| detail.words.rule_count())
    }

    /// Why the route failed validation.
    pub fn reasons(&self) -> Vec<String> {
        let details = self.told.as_deref().into_iter();
        let fails = details.flat_map(|detail| detail.words.fails());
        let words = |(fail, reason): (_, Option<_>)| match reason {
            Some(reason) => format!("{fail}: {reason}"),
            None => format!("{fail}"),
        };
        fails.map(words).collect()
    }

    /// How it was reported: `message`, `impact`, `community`.
    pub fn how(&self) -> &'static str {
        match self.kind() {
            Some(SayingKind::RpkiImpact) => "impact",
            _ => self.via.word(),
        }
    }

    fn shape(&self) -> Shape {
        let rules = self.rules().take(RULES);
        Shape {
            state: self.state,
            via: self.via,
            message: self.kind(),
            types: self
                .types()
                .map_or_else(Vec::new, |types| types.types().collect()),
            rules: rules.map(|(rule, of)| RuleRow::of(rule, of)).collect(),
            rules_left_out: self.rule_count().saturating_sub(RULES) as u64,
            reasons: self.reasons(),
            time: self.time(),
            other_path: self.is_of_other_path(),
        }
    }
}

impl Detail {
    /// The type of a rule's source: as the rule says, or else as the router listed it.
    fn source_type(&self, rule: &SaidRule) -> Option<SourceType> {
        let listed = || self.sources.of(self.session, rule.source_id);
        rule.source_type.or_else(listed)
    }
}

impl Serialize for ReportedRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shape().serialize(serializer)
    }
}

impl JsonSchema for ReportedRow {
    fn schema_name() -> Cow<'static, str> {
        "ReportedRow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Shape::json_schema(generator)
    }
}

/// What the router says of a route: what leads, and all else.
pub(super) fn reported(
    view: View,
    key: RouteKey,
    path: &RoutePath,
    marks: Marks,
    told: &Told,
) -> (Option<ReportedRow>, Vec<ReportedRow>) {
    let said = |kind| {
        let saying = told.of(kind, view, key);
        saying.and_then(|saying| ReportedRow::of(saying, path, told))
    };
    let marked = marks.is_marked_invalid;
    let marked = marked.then(|| ReportedRow::plain(RouteState::INVALID, Via::PathStatus));
    let community = marks
        .community
        .map(|state| ReportedRow::plain(SaidState::from(state).state, Via::Community));
    let (first, event) = match told.is_empty() {
        true => ([None, None], None),
        false => (
            [SayingKind::RpkiValidation, SayingKind::RpkiImpact].map(said),
            said(SayingKind::RouteEvent),
        ),
    };
    let all = first.into_iter().chain([marked, event, community]);
    let (others, mut own): (Vec<_>, Vec<_>) = all
        .flatten()
        .partition(|one: &ReportedRow| one.is_of_other_path());
    let leads = (!own.is_empty()).then(|| own.remove(0));
    own.extend(others);
    (leads, own)
}
