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
    /// It has a lower LOCAL_PREF than what the policy gives to routes without VRPs, a longer path or a
    /// higher MED, which other routes do not get; or the router chooses others before it by its state.
    Deprioritised,
    /// It is after policy, and the router chooses any other route or none: it takes no part in selection.
    Excluded,
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
            Treatment::Excluded => "excluded",
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
    /// The lowest LOCAL_PREF of routes that are not invalid.
    lowest: Option<u32>,
    /// What the policy does to attributes of invalid routes, and to hardly any other.
    marks: BTreeSet<Mark>,
    /// What selection makes of states.
    choice: Choice,
    /// Routes by state and treatment.
    pub(super) counts: BTreeMap<(Word, Treatment), usize>,
}

/// A state in an order: valid, not found, invalid.
pub(super) type Word = u8;

/// What a policy does to the attributes of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    /// It gives a community.
    Tag(Tag),
    /// It makes the path longer.
    LongerPath,
    /// It raises the MED.
    HigherMed,
}

/// What a router's selection makes of validation states, as its Loc-RIB shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Choice {
    /// Nothing.
    #[default]
    AnyState,
    /// It never chooses an invalid route.
    NeverInvalid,
    /// It chooses one only where there is no other.
    InvalidLast,
}

impl Policy {
    /// What the policy of this feed does.
    pub(super) fn of(feed: &Feed<'_>) -> Policy {
        let mut policy = Policy::default();
        policy.find_preferences(feed);
        policy.find_marks(feed);
        policy.count_treatments(feed);
        policy
    }

    /// The same, where selection looks at states.
    pub(super) fn with_choice(mut self, choice: Choice, feed: &Feed<'_>) -> Policy {
        self.choice = choice;
        self.count_treatments(feed);
        self
    }

    fn count_treatments(&mut self, feed: &Feed<'_>) {
        self.counts.clear();
        for route in routes(feed) {
            let treatment = self.treatment(feed, route);
            let entry = self.counts.entry((route.verdict.rank(), treatment));
            *entry.or_default() += 1;
        }
    }

    /// The preference that a route has, or would have if its state did not matter: what an internal
    /// peer sent with it; of an external one what routes without VRPs have.
    pub(super) fn neutral(&self, feed: &Feed<'_>, after: &Standing<'_>) -> Option<u32> {
        let own = after.attributes.local_pref;
        if !self.goes_by_state {
            return own;
        }
        let before = feed.pre.find(after.key);
        self.without_policy(feed, before.unwrap_or(after)).or(own)
    }

    /// The preference of a route before policy, if it had got through.
    pub(super) fn without_policy(&self, feed: &Feed<'_>, sent: &Standing<'_>) -> Option<u32> {
        let own = sent.attributes.local_pref;
        match feed.is_external {
            Some(false) => own.or(self.usual),
            _ => self.usual.or(own),
        }
    }

    /// How many of these routes, and how many were treated in such a way.
    pub(super) fn count(&self, is_of: impl Fn(Word, Treatment) -> bool) -> usize {
        let counts = self.counts.iter();
        let matching = counts.filter(|((word, treatment), _)| is_of(*word, *treatment));
        matching.map(|(_, count)| count).sum()
    }

    /// The policy treats invalid routes so, and hardly any other: not one in [`FEW`], and far less often.
    pub(super) fn is_about_invalid(&self, treatment: Treatment) -> bool {
        let is_invalid = |word: Word| word == INVALID;
        let invalid = self.count(|word, _| is_invalid(word));
        let hit = self.count(|word, what| is_invalid(word) && what == treatment);
        let others = self.count(|word, _| !is_invalid(word));
        let other_hits = self.count(|word, what| !is_invalid(word) && what == treatment);
        let is_rare = other_hits * FEW <= others;
        hit > 0 && is_rare && hit * others >= FEW * other_hits * invalid
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
        if self.is_lowered(feed, route, after) || self.has_worse_attributes(feed, route) {
            return Treatment::Deprioritised;
        }
        match (self.choice, self.tags(feed, route).next()) {
            (Choice::NeverInvalid, _) if route.verdict.is_invalid() => Treatment::Excluded,
            (Choice::InvalidLast, _) if route.verdict.is_invalid() => Treatment::Deprioritised,
            (_, Some(_)) => Treatment::Tagged,
            (_, None) => Treatment::Accepted,
        }
    }

    /// A peer may send a low preference itself: then it is not the policy that lowers it.
    fn is_lowered(&self, feed: &Feed<'_>, route: &Standing<'_>, after: &Standing<'_>) -> bool {
        let Some(own) = after.attributes.local_pref else {
            return false;
        };
        let before = route.attributes.local_pref;
        let before = before.filter(|_| feed.has_pre(route.key.prefix));
        let usual = self.usual.or(self.lowest).unwrap_or(USUAL_PREFERENCE);
        match before {
            _ if self.goes_by_state => own < usual,
            Some(before) if feed.is_external == Some(false) => own < before,
            // What an external peer's route has before policy is the router's own doing.
            Some(before) => own < before && own < usual,
            None => own < usual,
        }
    }

    fn has_worse_attributes(&self, feed: &Feed<'_>, route: &Standing<'_>) -> bool {
        self.marks_of(feed, route)
            .any(|mark| matches!(mark, Mark::LongerPath | Mark::HigherMed))
    }

    /// The communities that mark a route as invalid.
    pub(super) fn tags<'a>(
        &'a self,
        feed: &Feed<'a>,
        route: &Standing<'a>,
    ) -> impl Iterator<Item = Tag> + use<'a> {
        self.marks_of(feed, route).filter_map(|mark| match mark {
            Mark::Tag(tag) => Some(tag),
            Mark::LongerPath | Mark::HigherMed => None,
        })
    }

    fn marks_of<'a>(
        &'a self,
        feed: &Feed<'a>,
        route: &Standing<'a>,
    ) -> impl Iterator<Item = Mark> + use<'a> {
        marks_given(feed, route).filter(|mark| self.marks.contains(mark))
    }

    /// Whether LOCAL_PREF goes by state: each state has one, and they differ.
    fn find_preferences(&mut self, feed: &Feed<'_>) {
        let mut by_state: BTreeMap<Word, BTreeSet<Option<u32>>> = BTreeMap::new();
        for route in feed.post.iter() {
            let own = route.attributes.local_pref;
            if let Some(own) = own.filter(|_| !route.verdict.is_invalid()) {
                self.lowest = Some(self.lowest.map_or(own, |lowest| lowest.min(own)));
            }
            let values = by_state.entry(route.verdict.rank()).or_default();
            // Two tell that there are several.
            if values.len() < 2 {
                values.insert(own);
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
        let mut given: BTreeMap<Mark, (usize, usize)> = BTreeMap::new();
        let mut others = 0;
        for route in routes(feed) {
            let is_invalid = route.verdict.is_invalid();
            if feed.post.find(route.key).is_none() {
                continue;
            }
            others += usize::from(!is_invalid);
            for mark in marks_given(feed, route) {
                let counts = given.entry(mark).or_default();
                match is_invalid {
                    true => counts.0 += 1,
                    false => counts.1 += 1,
                }
            }
        }
        let is_mark = |(invalid, other): (usize, usize)| invalid > 0 && other * FEW <= others;
        let marks = given.into_iter().filter(|(_, counts)| is_mark(*counts));
        self.marks = marks.map(|(mark, _)| mark).collect();
    }
}

/// What the policy did to a route, as far as both views show it.
fn marks_given<'a>(feed: &Feed<'a>, route: &Standing<'a>) -> impl Iterator<Item = Mark> + use<'a> {
    let after = feed.post.find(route.key).map(|after| after.attributes);
    let after = after.filter(|_| feed.has_pre(route.key.prefix));
    let before = route.attributes;
    after.into_iter().flat_map(move |after| {
        let is_longer = after.path_length() > before.path_length();
        let is_higher = after.med.unwrap_or(0) > before.med.unwrap_or(0);
        let tags = after.added_tags(before).map(Mark::Tag);
        let longer = is_longer.then_some(Mark::LongerPath);
        tags.chain(longer)
            .chain(is_higher.then_some(Mark::HigherMed))
    })
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
