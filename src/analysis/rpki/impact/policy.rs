//! What the inbound policy of a peer visibly does to routes, by their validation state: the difference
//! between the views before and after it.

use super::attributes::{Tag, USUAL_PREFERENCE};
use super::table::{Feed, Standing};
use crate::analysis::rpki::rows::StateWord;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    /// It is before policy and not after it.
    Dropped,
    /// It has a lower LOCAL_PREF than what the policy gives to routes without VRPs.
    Deprioritised,
    /// It got communities that other routes do not get.
    Tagged,
    /// Nothing of the kind.
    Accepted,
    /// It is not after policy because the router's own AS is in its path (RFC 4271 9.1.2): no policy
    /// had a say.
    Looped,
    /// The router does not show this peer's routes after policy.
    NotShown,
}

impl Treatment {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Treatment::Dropped => "dropped",
            Treatment::Deprioritised => "deprioritised",
            Treatment::Tagged => "tagged",
            Treatment::Accepted => "accepted",
            Treatment::Looped => "looped",
            Treatment::NotShown => "not-shown",
        }
    }
}

/// Of how many other routes, at most, a policy may do the same and still be about invalid ones: one of
/// this many. Routers whose data differ a little from ours treat a few of them alike.
const FEW: usize = 10;

/// What a policy does in general.
#[derive(Debug, Default)]
pub(super) struct Policy {
    /// The LOCAL_PREF of routes without VRPs, if they all have one.
    pub(super) usual: Option<u32>,
    /// LOCAL_PREF goes by validation state.
    goes_by_state: bool,
    /// Communities that mark invalid routes, and hardly any other.
    marks: BTreeSet<Tag>,
    /// Routes by state and treatment.
    pub(super) counts: BTreeMap<(Word, Treatment), usize>,
}

/// A state in an order: valid, not found, invalid.
pub(super) type Word = u8;

impl Policy {
    /// What the policy of this feed does.
    pub(super) fn of(feed: &Feed<'_>) -> Policy {
        let mut policy = Policy::default();
        policy.find_preferences(feed);
        policy.find_marks(feed);
        for route in routes(feed) {
            let treatment = policy.treatment(feed, route);
            let entry = policy.counts.entry((route.verdict.rank(), treatment));
            *entry.or_default() += 1;
        }
        policy
    }

    /// The preference that a route has, or would have if its state did not matter.
    pub(super) fn neutral(&self, after: &Standing<'_>) -> Option<u32> {
        let own = after.attributes.local_pref;
        match self.goes_by_state {
            true => self.usual.or(own),
            false => own,
        }
    }

    /// How many of these routes, and how many were treated in such a way.
    pub(super) fn count(&self, is_of: impl Fn(Word, Treatment) -> bool) -> usize {
        let counts = self.counts.iter();
        let matching = counts.filter(|((word, treatment), _)| is_of(*word, *treatment));
        matching.map(|(_, count)| count).sum()
    }

    /// The policy treats invalid routes so, most of them, and hardly any other.
    pub(super) fn is_about_invalid(&self, treatment: Treatment) -> bool {
        let is_invalid = |word: Word| word == INVALID;
        let invalid = self.count(|word, _| is_invalid(word));
        let hit = self.count(|word, what| is_invalid(word) && what == treatment);
        let others = self.count(|word, _| !is_invalid(word));
        let other_hits = self.count(|word, what| !is_invalid(word) && what == treatment);
        hit > 0 && hit * 2 >= invalid && other_hits * FEW <= others
    }

    /// What became of a route of [`routes`].
    pub(super) fn treatment(&self, feed: &Feed<'_>, route: &Standing<'_>) -> Treatment {
        if !feed.has_post(route.key.prefix) {
            return Treatment::NotShown;
        }
        let Some(after) = feed.post.find(route.key) else {
            return match feed.is_looped(route) {
                true => Treatment::Looped,
                false => Treatment::Dropped,
            };
        };
        if self.is_lowered(feed, route, after) {
            return Treatment::Deprioritised;
        }
        match self.tags(feed, route).next() {
            Some(_) => Treatment::Tagged,
            None => Treatment::Accepted,
        }
    }

    /// A peer may send a low preference itself: then it is not the policy that lowers it.
    fn is_lowered(&self, feed: &Feed<'_>, route: &Standing<'_>, after: &Standing<'_>) -> bool {
        let Some(own) = after.attributes.local_pref else {
            return false;
        };
        let before = route.attributes.local_pref;
        let before = before.filter(|_| feed.has_pre(route.key.prefix));
        let usual = self.usual.or(before).unwrap_or(USUAL_PREFERENCE);
        own < usual && (self.goes_by_state || before.is_none_or(|before| own < before))
    }

    /// The marks that the policy gave to a route.
    pub(super) fn tags<'a>(
        &'a self,
        feed: &Feed<'a>,
        route: &Standing<'a>,
    ) -> impl Iterator<Item = Tag> + use<'a> {
        let after = feed.post.find(route.key).map(|after| after.attributes);
        let before = feed.has_pre(route.key.prefix).then_some(route.attributes);
        let tags = after
            .into_iter()
            .flat_map(|after| after.tags.iter().copied());
        let is_new = move |tag: &Tag| before.is_none_or(|one| one.tags.binary_search(tag).is_err());
        tags.filter(is_new).filter(|tag| self.marks.contains(tag))
    }

    /// Whether LOCAL_PREF goes by state: each state has one, and they differ.
    fn find_preferences(&mut self, feed: &Feed<'_>) {
        let mut by_state: BTreeMap<Word, BTreeSet<Option<u32>>> = BTreeMap::new();
        for route in feed.post.iter() {
            let values = by_state.entry(route.verdict.rank()).or_default();
            // Two tell that there are several.
            if values.len() < 2 {
                values.insert(route.attributes.local_pref);
            }
        }
        let only = |word: Word| {
            let values = by_state.get(&word).filter(|values| values.len() == 1)?;
            values.first().copied().flatten()
        };
        // VALID stands in where no route is without VRPs.
        self.usual = only(NOT_FOUND).or_else(|| {
            let has_other = by_state.contains_key(&NOT_FOUND);
            only(VALID).filter(|_| !has_other)
        });
        let all: BTreeSet<_> = by_state.values().flatten().collect();
        let each_has_one = by_state.values().all(|values| values.len() == 1);
        self.goes_by_state = each_has_one && all.len() > 1 && self.usual.is_some();
    }

    fn find_marks(&mut self, feed: &Feed<'_>) {
        let mut added: BTreeMap<Tag, (usize, usize)> = BTreeMap::new();
        let mut others = 0;
        for route in routes(feed) {
            let Some(after) = feed.post.find(route.key) else {
                continue;
            };
            let is_invalid = route.verdict.is_invalid();
            others += usize::from(!is_invalid);
            if !feed.has_pre(route.key.prefix) {
                continue;
            }
            for tag in after.attributes.added_tags(route.attributes) {
                let counts = added.entry(tag).or_default();
                match is_invalid {
                    true => counts.0 += 1,
                    false => counts.1 += 1,
                }
            }
        }
        let is_mark = |(invalid, other): (usize, usize)| invalid > 0 && other * FEW <= others;
        let marks = added.into_iter().filter(|(_, counts)| is_mark(*counts));
        self.marks = marks.map(|(tag, _)| tag).collect();
    }
}

const VALID: Word = 0;
const NOT_FOUND: Word = 1;
const INVALID: Word = 2;

/// The word of a state's place.
pub(super) fn state_word(word: Word) -> StateWord {
    match word {
        VALID => StateWord::Valid,
        NOT_FOUND => StateWord::NotFound,
        _ => StateWord::Invalid,
    }
}

/// What a peer sent, as far as it is shown: before policy, and where that is not shown, after it.
pub(super) fn routes<'f, 'a>(feed: &'f Feed<'a>) -> impl Iterator<Item = &'f Standing<'a>> {
    let after = feed.post.iter();
    let only_after = after.filter(|route| !feed.has_pre(route.key.prefix));
    feed.pre.iter().chain(only_after)
}
