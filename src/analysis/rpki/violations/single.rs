//! What is wrong with one saying by itself.

use super::Violation;
use super::inexact::*;
use crate::analysis::rpki::told::{SaidState, Saying};
use crate::bmp::rpki::{ImpactDirection, RouteState};

/// Two states, or two directions, for one route in one message; or none.
pub(super) fn ambiguous(saying: &Saying) -> Option<Violation> {
    let of = |word, what: &str| Some(Violation::of(saying, word, what, None));
    match (saying.words.state(), saying.words.other_state()) {
        (None, _) => of("rpki-state-missing", "has no validation state"),
        (Some(state), Some(other)) => {
            let what = format!("has two states, {state} and {other}");
            of("rpki-state-ambiguous", &what)
        }
        _ => None,
    }
}

/// The three rules of section 5.2: R1, R2, R3.
pub(super) fn by_rules(saying: &Saying) -> Option<Violation> {
    let words = &saying.words;
    let state = words.state()?;
    match state.state {
        RouteState::VALID => {
            let rule = words.rule_not_valid()?;
            let what = format!(
                "is valid, and a rule that it hit is {}: {rule}",
                rule.state()
            );
            let inexact = if words.has_other_than_roa() {
                PATH_VALID
            } else {
                MATCHING
            };
            Some(Violation::of(
                saying,
                "rpki-valid-with-invalid-rule",
                &what,
                Some(inexact),
            ))
        }
        RouteState::NOT_FOUND => {
            let rule = words.rules().next()?;
            let what = match words.rule_count() {
                1 => format!("is {state}, and hit a rule: {rule}"),
                rules => format!("is {state}, and hit {rules} rules, the first {rule}"),
            };
            let inexact = words.has_other_than_roa().then_some(UNKNOWN_PATH);
            Some(Violation::of(
                saying,
                "rpki-not-found-with-rule",
                &what,
                inexact,
            ))
        }
        RouteState::INVALID if !words.has_invalid_rule() => {
            let what = match words.rule_count() {
                0 => "is invalid, and hit no rule".to_owned(),
                rules => format!("is invalid, and none of the {rules} rules that it hit is"),
            };
            let types = words.types();
            let is_origin = types.is_some_and(|types| types.0 == 1);
            let inexact = (!is_origin).then_some(INVALID_PATH);
            Some(Violation::of(
                saying,
                "rpki-invalid-without-rule",
                &what,
                inexact,
            ))
        }
        _ => None,
    }
}

/// An impact has one direction.
pub(super) fn direction(saying: &Saying) -> Option<Violation> {
    let of = |word, what: &str| Some(Violation::of(saying, word, what, None));
    match (saying.words.direction(), saying.words.other_direction()) {
        (None, _) => of(
            "rpki-impact-direction-missing",
            "is neither demoted nor promoted",
        ),
        (Some(one), Some(other)) => {
            let what = format!("is {one} and {other} in one message");
            of("rpki-impact-both-directions", &what)
        }
        _ => None,
    }
}

/// There is one alternate route at most, and it can be read.
pub(super) fn alternate_route(saying: &Saying) -> Option<Violation> {
    let alternate = saying.words.alternate()?;
    let count = saying.words.alternate_count();
    if count > 1 {
        let what = format!("has {count} alternate routes; the first is taken");
        return Some(Violation::of(
            saying,
            "rpki-alternate-ambiguous",
            &what,
            None,
        ));
    }
    let what = format!("of its alternate route, {}", alternate.problem.as_ref()?);
    Some(Violation::of(
        saying,
        "rpki-alternate-unreadable",
        &what,
        None,
    ))
}

/// The alternate route is of the same prefix (R7), and not the route itself (R5).
pub(super) fn alternate_prefix(saying: &Saying) -> Option<Violation> {
    let alternate = saying.words.alternate()?;
    let prefix = alternate.prefix(saying.key.prefix)?;
    if prefix != saying.key.prefix {
        let what = format!("its alternate is of another prefix, {prefix}");
        return Some(Violation::of(
            saying,
            "rpki-alternate-other-prefix",
            &what,
            Some(COVERING),
        ));
    }
    let is_ipv4 = prefix.address.is_ipv4();
    let (own, other) = (&saying.attributes, &alternate.attributes);
    let is_itself =
        own.as_path == other.as_path && own.next_hop(is_ipv4) == other.next_hop(is_ipv4);
    let what = "its alternate is the route itself, by AS path and next hop";
    is_itself.then(|| Violation::of(saying, "rpki-alternate-is-itself", what, None))
}

/// What takes a demoted route's place is not invalid, and not worse (R5); what a promoted route took
/// the place of is not better (R6).
pub(super) fn alternate_state(saying: &Saying) -> Option<Violation> {
    let state = saying.words.state()?;
    let alternate = SaidState {
        state: saying.words.alternate()?.state?,
        is_path: state.is_path,
    };
    let is_better = alternate.rank()? < state.rank()?;
    let is_worse = alternate.rank()? > state.rank()?;
    let of = |word, what: &str, inexact| Some(Violation::of(saying, word, what, Some(inexact)));
    match saying.words.direction()? {
        ImpactDirection::DEMOTED if alternate.state == RouteState::INVALID => of(
            "rpki-demoted-for-invalid",
            "is demoted, and the route in its place is invalid",
            ONLY_ROUTE,
        ),
        ImpactDirection::DEMOTED if is_worse => {
            let what = format!("is {state} and demoted, and the route in its place is {alternate}");
            of("rpki-demoted-for-worse", &what, OTHER_REASONS)
        }
        ImpactDirection::PROMOTED if is_better => {
            let what = format!("is {state} and promoted over a route that is {alternate}");
            of("rpki-promoted-over-better", &what, OTHER_REASONS)
        }
        _ => None,
    }
}
