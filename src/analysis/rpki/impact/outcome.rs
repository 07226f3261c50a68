//! What the RPKI changes for one prefix of a table: the best route without it and with it, and what is
//! left where none is.

use super::policy::{Choice, Policy, Treatment};
use super::selection::{Contender, Step, Unknown, select};
use super::table::{Feed, Standing, Table};
use crate::net::Prefix;
use crate::rpki::OriginState;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::Ipv4Addr;

/// What it comes to, as operators know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// No route is left, and none covers it.
    Unreachable,
    /// No route is left; a valid one covers it: traffic goes there.
    CoveredByValid,
    /// No route is left; one without VRPs covers it.
    CoveredByNotFound,
    /// No route is left; an invalid one that policy lets through covers it.
    CoveredByInvalid,
    /// A valid route is there as well.
    AlternateValid,
    /// A route without VRPs is there as well.
    AlternateNotFound,
    /// Another invalid route is there, which policy lets through.
    AlternateInvalid,
    /// The invalid route is used as if there were no RPKI.
    StillUsed,
}

impl Class {
    /// Every class, worst first.
    pub const ALL: [Class; 8] = [
        Class::Unreachable,
        Class::CoveredByValid,
        Class::CoveredByNotFound,
        Class::CoveredByInvalid,
        Class::AlternateValid,
        Class::AlternateNotFound,
        Class::AlternateInvalid,
        Class::StillUsed,
    ];

    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Class::Unreachable => "unreachable",
            Class::CoveredByValid => "covered-by-valid",
            Class::CoveredByNotFound => "covered-by-not-found",
            Class::CoveredByInvalid => "covered-by-invalid",
            Class::AlternateValid => "alternate-valid",
            Class::AlternateNotFound => "alternate-not-found",
            Class::AlternateInvalid => "alternate-invalid",
            Class::StillUsed => "still-used",
        }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scenario {
    /// What the routers' policies visibly do, against no RPKI at all.
    AsSeen,
    /// What would change if every router dropped invalid routes.
    DropInvalid,
    /// What would change if every router preferred routes by state: valid, not found, invalid.
    PreferValid,
}

/// A route in a place: which peer it came from, and how it is known to be the best.
#[derive(Debug, Clone)]
pub(super) struct Pick<'a> {
    /// The route.
    pub(super) route: Standing<'a>,
    /// Place of its feed in the table; none where only the Loc-RIB shows it.
    pub(super) feed: Option<usize>,
    /// The router says so itself (Loc-RIB).
    pub(super) is_told: bool,
    /// The step that decided, where it was computed.
    pub(super) step: Option<Step>,
    /// What may have decided otherwise.
    pub(super) cannot_know: Vec<Unknown>,
}

impl Pick<'_> {
    fn is_same(&self, other: &Pick<'_>) -> bool {
        let same_place = self.feed == other.feed && self.route.key == other.route.key;
        same_place && (self.feed.is_some() || self.route.attributes == other.route.attributes)
    }
}

/// What the RPKI changes for a prefix.
#[derive(Debug)]
pub(super) struct Outcome<'a> {
    /// The best route before.
    pub(super) before: Option<Pick<'a>>,
    /// The best route after.
    pub(super) after: Option<Pick<'a>>,
    /// The route to the longest prefix that covers it, where no route is left.
    pub(super) covering: Option<Pick<'a>>,
    /// The peer from which the covering route came has an invalid route to the prefix itself: traffic
    /// that is sent there follows it. None where no route covers it, and where that peer's own routes
    /// are not shown.
    pub(super) leaks: Option<bool>,
    /// What it comes to.
    pub(super) class: Class,
    /// The best route is another one, or none any more.
    pub(super) is_changed: bool,
    /// The policy that took the best route away does so to invalid routes and to hardly any other; none
    /// where no policy did.
    pub(super) is_selective: Option<bool>,
    /// Our selection among the routes after policy names the route that the router chose; none where
    /// it does not show that.
    pub(super) agrees: Option<bool>,
}

/// Looks at the prefixes of one table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looking<'l, 'a> {
    pub(super) table: &'l Table<'a>,
    /// One for each feed.
    pub(super) policies: &'l [Policy],
    pub(super) scenario: Scenario,
}

/// A route of a feed that may be the best.
#[derive(Debug, Clone, Copy)]
struct Candidate<'a> {
    feed: Option<usize>,
    route: Standing<'a>,
    local_pref: Option<u32>,
}

impl<'l, 'a> Looking<'l, 'a> {
    /// What becomes of a prefix.
    pub(super) fn outcome(&self, prefix: Prefix) -> Outcome<'a> {
        let now = self.chosen_now(prefix);
        let agrees = self.agrees(prefix, now.as_ref());
        let (before, after) = match self.scenario {
            Scenario::AsSeen => (self.without_rpki(prefix, now.as_ref()), now),
            _ => (now.clone(), self.supposed(prefix, now)),
        };
        let covering = match after {
            None => self.covering(prefix),
            Some(_) => None,
        };
        Outcome {
            class: class(before.as_ref(), after.as_ref(), covering.as_ref()),
            is_changed: match (&before, &after) {
                (Some(before), Some(after)) => !before.is_same(after),
                (before, after) => before.is_some() != after.is_some(),
            },
            is_selective: before.as_ref().and_then(|before| self.is_selective(before)),
            leaks: covering.as_ref().and_then(|pick| self.leaks(prefix, pick)),
            before,
            after,
            covering,
            agrees,
        }
    }

    fn leaks(&self, prefix: Prefix, covering: &Pick<'a>) -> Option<bool> {
        let feed = self.table.feeds.get(covering.feed?)?;
        let mut sent = feed.pre.to(prefix).iter();
        feed.has_pre(prefix)
            .then(|| sent.any(|route| route.verdict.is_invalid()))
    }

    fn is_selective(&self, before: &Pick<'a>) -> Option<bool> {
        let number = before.feed?;
        let (feed, policy) = (self.table.feeds.get(number)?, self.policies.get(number)?);
        let treatment = policy.treatment(feed, &before.route);
        (self.scenario == Scenario::AsSeen && is_changed(treatment))
            .then(|| policy.is_about_invalid(treatment))
    }

    /// The best route as things are: as the router says, or as selection among what is shown says.
    fn chosen_now(&self, prefix: Prefix) -> Option<Pick<'a>> {
        if !self.table.has_loc_rib(prefix) {
            return self.pick(&self.current(prefix), false);
        }
        let told = self.table.loc_rib.to(prefix).iter();
        let told: Vec<Candidate<'a>> = told.map(|route| self.candidate_told(route)).collect();
        let mut pick = self.pick(&told, false)?;
        if told.len() == 1 {
            pick.step = None;
            pick.cannot_know.clear();
        }
        pick.is_told = true;
        Some(pick)
    }

    /// A route of the Loc-RIB, at the peer that it came from.
    fn candidate_told(&self, route: &Standing<'a>) -> Candidate<'a> {
        let is_it = |one: &Candidate<'a>| {
            let is_same_path = one.route.attributes.path == route.attributes.path;
            is_same_path && one.route.next_hop() == route.next_hop()
        };
        let current = self.current(route.key.prefix);
        match current.iter().find(|one| is_it(one)) {
            Some(found) => Candidate {
                local_pref: found.local_pref.or(route.attributes.local_pref),
                ..*found
            },
            None => Candidate {
                feed: None,
                route: *route,
                local_pref: route.attributes.local_pref,
            },
        }
    }

    fn agrees(&self, prefix: Prefix, now: Option<&Pick<'a>>) -> Option<bool> {
        let current = self.current(prefix);
        if !self.table.has_loc_rib(prefix) || current.is_empty() {
            return None;
        }
        let computed = self.pick(&current, false);
        Some(match (computed, now) {
            (Some(computed), Some(now)) => computed.is_same(now),
            (computed, now) => computed.is_none() == now.is_none(),
        })
    }

    /// What takes part in selection as things are.
    fn current(&self, prefix: Prefix) -> Vec<Candidate<'a>> {
        let feeds = self.table.feeds.iter().enumerate();
        let of_feed = |(number, feed): (usize, &'l Feed<'a>)| {
            feed.current(prefix).map(move |route| Candidate {
                feed: Some(number),
                route: *route,
                local_pref: route.attributes.local_pref,
            })
        };
        feeds.flat_map(of_feed).collect()
    }

    /// The best without RPKI: what is best now won against all that take part now, so it is compared
    /// with what policy dropped or lowered, each with the preference that it would have.
    fn without_rpki(&self, prefix: Prefix, now: Option<&Pick<'a>>) -> Option<Pick<'a>> {
        let mut candidates = self.restored(prefix);
        let Some(now) = now else {
            return self.pick(&candidates, false);
        };
        let neutral = self.neutral(now);
        let is_raised = neutral.local_pref != now.route.attributes.local_pref;
        if candidates.is_empty() && !is_raised {
            return Some(now.clone());
        }
        // It won against the others with what its state gave it: without that they take part anew.
        let others = self.current(prefix).into_iter().filter(|_| is_raised);
        for one in others.map(|one| self.neutralised(one)).chain([neutral]) {
            let is_it =
                |other: &Candidate<'_>| other.feed == one.feed && other.route.key == one.route.key;
            if !candidates.iter().any(is_it) {
                candidates.push(one);
            }
        }
        self.pick(&candidates, false)
    }

    /// What policies dropped, lowered or excluded, as it would be if they had not.
    fn restored(&self, prefix: Prefix) -> Vec<Candidate<'a>> {
        let mut candidates = Vec::new();
        for (number, (feed, policy)) in self.table.feeds.iter().zip(self.policies).enumerate() {
            let sent = match feed.has_pre(prefix) {
                true => feed.pre.to(prefix),
                false => feed.post.to(prefix),
            };
            let changed = sent
                .iter()
                .filter(|route| is_changed(policy.treatment(feed, route)));
            candidates.extend(changed.map(|route| Candidate {
                feed: Some(number),
                route: *route,
                local_pref: policy.without_policy(feed, route),
            }));
        }
        candidates
    }

    /// What is best now, with the preference that it would have if its state did not matter.
    fn neutral(&self, now: &Pick<'a>) -> Candidate<'a> {
        self.neutralised(Candidate {
            feed: now.feed,
            route: now.route,
            local_pref: now.route.attributes.local_pref,
        })
    }

    fn neutralised(&self, one: Candidate<'a>) -> Candidate<'a> {
        let both = one.feed.and_then(|number| {
            let feed = self.table.feeds.get(number)?;
            Some((feed, self.policies.get(number)?))
        });
        let neutral = both.map(|(feed, policy)| policy.neutral(feed, &one.route));
        Candidate {
            local_pref: neutral.unwrap_or(one.local_pref),
            ..one
        }
    }

    /// What the router's selection makes of validation states. That is told by prefixes where it chose
    /// otherwise than its peers' routes, without their states, say.
    pub(super) fn choice(&self) -> Choice {
        let (mut contradictions, mut uses_alone, mut leaves_alone) = (0, false, false);
        for prefix in self.prefixes_with_invalid() {
            let current = self.current(prefix);
            let computed = self.pick(&current, false);
            let has_other = current.iter().any(|one| !one.route.verdict.is_invalid());
            match self.chosen_now(prefix) {
                Some(chosen) if chosen.route.verdict.is_invalid() && has_other => {
                    return Choice::AnyState;
                }
                Some(chosen) if chosen.route.verdict.is_invalid() => uses_alone = true,
                chosen => {
                    let is_invalid = |pick: Pick<'_>| pick.route.verdict.is_invalid();
                    contradictions += usize::from(computed.is_some_and(is_invalid));
                    leaves_alone |= chosen.is_none();
                }
            }
        }
        match (contradictions, uses_alone, leaves_alone) {
            (0, ..) | (_, true, true) => Choice::AnyState,
            (_, true, false) => Choice::InvalidLast,
            (_, false, _) if self.shows_most() => Choice::NeverInvalid,
            _ => Choice::AnyState,
        }
    }

    /// Prefixes to which an invalid route takes part in selection, where the Loc-RIB is shown.
    fn prefixes_with_invalid(&self) -> BTreeSet<Prefix> {
        let routes = self.taking_part();
        let invalid = routes.filter(|route| route.verdict.is_invalid());
        let prefixes = invalid.map(|route| route.key.prefix);
        prefixes
            .filter(|prefix| self.table.has_loc_rib(*prefix))
            .collect()
    }

    fn taking_part(&self) -> impl Iterator<Item = &'l Standing<'a>> {
        let feeds = self.table.feeds.iter();
        feeds.flat_map(|feed| {
            let before = feed.pre.iter();
            let before = before.filter(|route| !feed.has_post(route.key.prefix));
            before.chain(feed.post.iter())
        })
    }

    /// The Loc-RIB holds nine of ten routes that are not invalid: it is whole enough for what is not in
    /// it to mean something.
    fn shows_most(&self) -> bool {
        let (mut all, mut there) = (0usize, 0usize);
        for route in self.taking_part() {
            let prefix = route.key.prefix;
            if !route.verdict.is_invalid() && self.table.has_loc_rib(prefix) {
                all += 1;
                there += usize::from(!self.table.loc_rib.to(prefix).is_empty());
            }
        }
        there * 10 >= all * 9
    }

    /// The best if policies were as supposed. What is best now stays so if it is touched by nothing.
    fn supposed(&self, prefix: Prefix, now: Option<Pick<'a>>) -> Option<Pick<'a>> {
        let now = now?;
        let mut current = self.current(prefix);
        if now.feed.is_none() {
            current.push(self.neutral(&now));
        }
        let verdict = now.route.verdict;
        let drops = self.scenario == Scenario::DropInvalid;
        if drops {
            current.retain(|one| !one.route.verdict.is_invalid());
        }
        let outranks = |one: &Candidate<'_>| one.route.verdict.rank() < verdict.rank();
        let is_touched = match drops {
            true => verdict.is_invalid(),
            false => current.iter().any(outranks),
        };
        match is_touched {
            true => self.pick(&current, !drops),
            false => Some(now),
        }
    }

    /// The route to the longest shorter prefix that has one.
    fn covering(&self, prefix: Prefix) -> Option<Pick<'a>> {
        let shorter = (0..prefix.length).rev();
        shorter
            .map(|length| prefix.shortened(length))
            .find_map(|prefix| {
                let now = self.chosen_now(prefix);
                match self.scenario {
                    Scenario::AsSeen => now,
                    _ => self.supposed(prefix, now),
                }
            })
    }

    /// Selects; by state before all else where that is asked for.
    fn pick(&self, candidates: &[Candidate<'a>], by_state: bool) -> Option<Pick<'a>> {
        let contenders = candidates.iter().map(|one| self.contender(one, by_state));
        let contenders: Vec<Contender<'a>> = contenders.collect();
        let decision = select(&contenders)?;
        let best = candidates.get(decision.best)?;
        Some(Pick {
            route: best.route,
            feed: best.feed,
            is_told: false,
            step: Some(decision.step),
            cannot_know: decision.cannot_know,
        })
    }

    fn contender(&self, one: &Candidate<'a>, by_state: bool) -> Contender<'a> {
        let feed = one.feed.and_then(|number| self.table.feeds.get(number));
        Contender {
            attributes: one.route.attributes,
            local_pref: one.local_pref,
            state_rank: if by_state {
                one.route.verdict.rank()
            } else {
                0
            },
            is_external: feed.and_then(|feed| feed.is_external),
            bgp_id: feed.map_or(Ipv4Addr::UNSPECIFIED, |feed| feed.peer.bgp_id),
            address: feed.and_then(|feed| feed.peer.address),
            path_id: one.route.key.path_id,
        }
    }
}

/// It takes part in selection otherwise than it would without the policy.
fn is_changed(treatment: Treatment) -> bool {
    matches!(
        treatment,
        Treatment::Dropped | Treatment::Deprioritised | Treatment::Excluded
    )
}

fn class(
    before: Option<&Pick<'_>>,
    after: Option<&Pick<'_>>,
    covering: Option<&Pick<'_>>,
) -> Class {
    if let Some(after) = after {
        let is_same = before.is_some_and(|before| before.is_same(after));
        return match (after.route.verdict.is_invalid(), after.route.verdict.origin) {
            (true, _) if is_same => Class::StillUsed,
            (true, _) => Class::AlternateInvalid,
            (false, OriginState::NotFound) => Class::AlternateNotFound,
            (false, _) => Class::AlternateValid,
        };
    }
    let Some(covering) = covering else {
        return Class::Unreachable;
    };
    match (
        covering.route.verdict.is_invalid(),
        covering.route.verdict.origin,
    ) {
        (true, _) => Class::CoveredByInvalid,
        (false, OriginState::NotFound) => Class::CoveredByNotFound,
        (false, _) => Class::CoveredByValid,
    }
}
