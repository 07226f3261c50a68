//! ASPA: verification of AS paths (draft-ietf-sidrops-aspa-verification-28 5, 6).

use super::payload::Aspa;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::HashMap;

/// Providers by customer: of several ASPAs of one customer, their union.
#[derive(Debug, Clone, Default)]
pub struct AspaTable {
    providers: HashMap<u32, Vec<u32>, foldhash::fast::RandomState>,
}

/// What ASPAs say of a hop from a customer to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hop {
    /// The customer has no ASPA.
    NoAttestation,
    /// The provider is one of its providers.
    Provider,
    /// It is not.
    NotProvider,
}

/// The state of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathState {
    /// Every hop is attested as it has to be.
    Valid,
    /// Some hop contradicts an ASPA, or the path cannot be verified at all.
    Invalid,
    /// Nothing contradicts it, and not every hop is attested.
    Unknown,
}

impl PathState {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            PathState::Valid => "valid",
            PathState::Invalid => "invalid",
            PathState::Unknown => "unknown",
        }
    }
}

/// Why a path is invalid: the first of the draft's steps that finds it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathReason {
    /// It is empty.
    EmptyPath,
    /// Its first AS is not the neighbour's.
    OtherNeighbour,
    /// It has an AS_SET, or a confederation's segment.
    AsSet,
    /// Hops contradict ASPAs.
    Hop,
}

impl PathReason {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            PathReason::EmptyPath => "empty-path",
            PathReason::OtherNeighbour => "other-neighbour",
            PathReason::AsSet => "as-set",
            PathReason::Hop => "hop",
        }
    }
}

/// Where a route came from, as seen from the AS that received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From a customer, a lateral peer, or between a route server and its client.
    Upstream,
    /// From a provider.
    Downstream,
}

/// A path as verification looks at it: the neighbour first, the origin last, repetitions left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Path {
    asns: Vec<u32>,
    has_set: bool,
}

impl Path {
    /// The AS numbers of a path that has sequences only, as sent.
    pub fn of_sequence(asns: impl IntoIterator<Item = u32>) -> Path {
        let mut asns: Vec<u32> = asns.into_iter().collect();
        asns.dedup();
        Path {
            asns,
            has_set: false,
        }
    }

    /// A path with an AS_SET or a confederation's segments: never valid.
    pub fn of_set() -> Path {
        Path {
            asns: Vec::new(),
            has_set: true,
        }
    }

    /// The AS numbers, the neighbour first.
    pub fn asns(&self) -> &[u32] {
        &self.asns
    }

    /// Without the leading AS, if that is `own`: some routers write their own AS into the paths that
    /// they report (FRR 8.4).
    pub fn without_own(&self, own: u32) -> Path {
        let rest = match self.asns.split_first() {
            Some((first, rest)) if *first == own => rest,
            _ => &self.asns,
        };
        Path {
            asns: rest.to_vec(),
            has_set: self.has_set,
        }
    }
}

impl AspaTable {
    /// Puts the ASPAs of each customer together. AS 0 as a provider counts only if it is alone
    /// (draft-ietf-sidrops-aspa-profile-29 4).
    pub fn new(aspas: &[Aspa]) -> AspaTable {
        let mut table = AspaTable::default();
        for aspa in aspas {
            let providers = table.providers.entry(aspa.customer).or_default();
            providers.extend(&aspa.providers);
        }
        for providers in table.providers.values_mut() {
            providers.sort_unstable();
            providers.dedup();
            if providers.len() > 1 {
                providers.retain(|provider| *provider != 0);
            }
        }
        table
    }

    /// How many customers there are.
    pub fn len(&self) -> usize {
        self.providers.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// Whether `provider` is a provider of `customer`.
    pub fn hop(&self, customer: u32, provider: u32) -> Hop {
        match self.providers.get(&customer) {
            None => Hop::NoAttestation,
            Some(providers) if providers.binary_search(&provider).is_ok() => Hop::Provider,
            Some(_) => Hop::NotProvider,
        }
    }

    /// The state of a path that came from `neighbour`; none: a route server's client does not look at
    /// who is first (step 2).
    pub fn verify(&self, path: &Path, neighbour: Option<u32>, direction: Direction) -> PathState {
        self.judge(path, neighbour, direction).0
    }

    /// The same, and why, where it is invalid.
    pub fn judge(
        &self,
        path: &Path,
        neighbour: Option<u32>,
        direction: Direction,
    ) -> (PathState, Option<PathReason>) {
        if let Some(reason) = unfit(path, neighbour) {
            return (PathState::Invalid, Some(reason));
        }
        let up = self.up_ramp(&path.asns);
        let (most, least) = match direction {
            Direction::Upstream => up,
            Direction::Downstream => {
                let down = self.down_ramp(&path.asns);
                (up.0 + down.0, up.1 + down.1)
            }
        };
        match path.asns.len() {
            length if most < length => (PathState::Invalid, Some(PathReason::Hop)),
            length if least < length => (PathState::Unknown, None),
            _ => (PathState::Valid, None),
        }
    }

    /// The hops, customer and provider, that make a path invalid in a direction. Upstream that is every
    /// hop that ASPAs contradict, from the origin on; downstream those at which the ramps end, that of
    /// the origin first.
    pub fn contradicted(&self, path: &Path, direction: Direction) -> Vec<(u32, u32)> {
        let contradicts = |hop: &(u32, u32)| self.hop(hop.0, hop.1) == Hop::NotProvider;
        match direction {
            Direction::Upstream => up(&path.asns).filter(contradicts).collect(),
            Direction::Downstream => {
                let ends = [
                    up(&path.asns).find(contradicts),
                    down(&path.asns).find(contradicts),
                ];
                ends.into_iter().flatten().collect()
            }
        }
    }

    /// max_up_ramp and min_up_ramp: how many ASes from the origin on may be, and are, customers each of
    /// the next.
    fn up_ramp(&self, asns: &[u32]) -> (usize, usize) {
        self.ramp(asns.len(), up(asns))
    }

    /// max_down_ramp and min_down_ramp: the same from the neighbour on.
    fn down_ramp(&self, asns: &[u32]) -> (usize, usize) {
        self.ramp(asns.len(), down(asns))
    }

    fn ramp(&self, length: usize, hops: impl Iterator<Item = (u32, u32)>) -> (usize, usize) {
        let mut least = None;
        for (place, (customer, provider)) in (1..).zip(hops) {
            match self.hop(customer, provider) {
                Hop::Provider => {}
                Hop::NoAttestation => least = least.or(Some(place)),
                Hop::NotProvider => return (place, least.unwrap_or(place)),
            }
        }
        (length, least.unwrap_or(length))
    }
}

/// Steps 1 to 3: what makes a path invalid whatever ASPAs say.
fn unfit(path: &Path, neighbour: Option<u32>) -> Option<PathReason> {
    if path.has_set {
        return Some(PathReason::AsSet);
    }
    let Some(first) = path.asns.first() else {
        return Some(PathReason::EmptyPath);
    };
    let is_other = neighbour.is_some_and(|neighbour| neighbour != *first);
    is_other.then_some(PathReason::OtherNeighbour)
}

/// The hops from the neighbour on: customer, provider.
fn down(asns: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    asns.iter().copied().zip(asns.iter().copied().skip(1))
}

/// The hops from the origin on: customer, provider.
fn up(asns: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    let from = asns.iter().rev().copied();
    let to = asns.iter().rev().copied().skip(1);
    from.zip(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(entries: &[(u32, &[u32])]) -> AspaTable {
        let aspa = |(customer, providers): &(u32, &[u32])| Aspa {
            customer: *customer,
            providers: providers.to_vec(),
            expires: None,
            source: 0,
        };
        AspaTable::new(&entries.iter().map(aspa).collect::<Vec<_>>())
    }

    /// `authorized` and the two procedures of the draft, word by word, on AS(1) the origin to AS(N) the
    /// neighbour, by search instead of by walking (wire facts 8.3).
    fn by_the_draft(
        table: &AspaTable,
        asns: &[u32],
        neighbour: Option<u32>,
        direction: Direction,
    ) -> PathState {
        let mut path: Vec<u32> = asns.to_vec();
        path.dedup();
        path.reverse();
        let n = path.len();
        if n == 0 || neighbour.is_some_and(|asn| asn != path[n - 1]) {
            return PathState::Invalid;
        }
        let hop = |x: usize, y: usize| table.hop(path[x - 1], path[y - 1]);
        let first_up = |stops: &[Hop]| {
            (1..n)
                .find(|i| stops.contains(&hop(*i, i + 1)))
                .unwrap_or(n)
        };
        let last_down = |stops: &[Hop]| {
            let j = (2..=n).rev().find(|j| stops.contains(&hop(*j, j - 1)));
            j.map_or(n, |j| n - j + 1)
        };
        let surely = [Hop::NotProvider];
        let maybe = [Hop::NotProvider, Hop::NoAttestation];
        let (most, least) = match direction {
            Direction::Upstream => (first_up(&surely), first_up(&maybe)),
            Direction::Downstream => (
                first_up(&surely) + last_down(&surely),
                first_up(&maybe) + last_down(&maybe),
            ),
        };
        match (most < n, least < n) {
            (true, _) => PathState::Invalid,
            (_, true) => PathState::Unknown,
            _ => PathState::Valid,
        }
    }

    #[test]
    fn upstream_every_hop_has_to_go_up() {
        let table = table(&[(1, &[2]), (2, &[3]), (3, &[0]), (6, &[7])]);
        let state = |asns: &[u32]| {
            let path = Path::of_sequence(asns.iter().copied());
            table.verify(&path, asns.first().copied(), Direction::Upstream)
        };
        assert_eq!(state(&[1]), PathState::Valid);
        assert_eq!(state(&[3, 2, 2, 1]), PathState::Valid);
        assert_eq!(state(&[5, 4, 1]), PathState::Invalid);
        assert_eq!(state(&[5, 4]), PathState::Unknown);
        assert_eq!(state(&[2, 4]), PathState::Unknown);
        // AS 3 has no provider at all.
        assert_eq!(state(&[9, 3, 2, 1]), PathState::Invalid);
        assert_eq!(state(&[9, 4, 6]), PathState::Invalid);
    }

    #[test]
    fn downstream_a_path_goes_up_and_then_down() {
        // 1 -> 2 -> 3, across to 6, down 6 <- 5 <- 4.
        let table = table(&[
            (1, &[2]),
            (2, &[3]),
            (3, &[0]),
            (4, &[5]),
            (5, &[6]),
            (6, &[0]),
        ]);
        let state = |asns: &[u32]| {
            let path = Path::of_sequence(asns.iter().copied());
            table.verify(&path, asns.first().copied(), Direction::Downstream)
        };
        assert_eq!(state(&[4, 5, 6, 3, 2, 1]), PathState::Valid);
        assert_eq!(state(&[6, 3]), PathState::Valid);
        assert_eq!(state(&[3, 2, 1]), PathState::Valid);
        // A valley: 3 to 2 and up again to 3.
        assert_eq!(state(&[3, 2, 6]), PathState::Invalid);
        // 9 attests nothing.
        assert_eq!(state(&[4, 9, 6, 3, 1]), PathState::Invalid);
        assert_eq!(state(&[9, 8, 3, 2, 1]), PathState::Unknown);
    }

    #[test]
    fn an_empty_path_a_set_and_another_neighbour_are_invalid() {
        let table = AspaTable::default();
        let up = Direction::Upstream;
        assert_eq!(table.verify(&Path::default(), None, up), PathState::Invalid);
        assert_eq!(table.verify(&Path::of_set(), None, up), PathState::Invalid);
        let path = Path::of_sequence([1, 2]);
        assert_eq!(table.verify(&path, Some(2), up), PathState::Invalid);
        assert_eq!(table.verify(&path, None, up), PathState::Unknown);
        let with_own = Path::of_sequence([65001, 1, 2]);
        assert_eq!(with_own.without_own(65001), path);
    }

    #[test]
    fn aspas_of_one_customer_are_put_together_and_as_0_counts_only_alone() {
        let table = table(&[(1, &[0]), (1, &[2]), (3, &[0])]);
        assert_eq!(table.hop(1, 2), Hop::Provider);
        assert_eq!(table.hop(1, 0), Hop::NotProvider);
        assert_eq!(table.hop(3, 2), Hop::NotProvider);
        assert_eq!(table.hop(4, 2), Hop::NoAttestation);
    }

    #[test]
    fn the_hops_that_make_a_path_invalid_are_named() {
        let hops = |table: &AspaTable, asns: &[u32], direction| {
            table.contradicted(&Path::of_sequence(asns.iter().copied()), direction)
        };
        let up = table(&[(1, &[2]), (2, &[9])]);
        assert_eq!(hops(&up, &[4, 3, 2, 1], Direction::Upstream), [(2, 3)]);
        // Up from 1 to 3, down to 2, up to 6: the ramps end at 3 and at 2, one from each side.
        let valley = table(&[(1, &[3]), (3, &[0]), (2, &[3]), (6, &[7])]);
        assert_eq!(
            hops(&valley, &[6, 2, 3, 1], Direction::Downstream),
            [(3, 2), (6, 2)]
        );
    }

    #[test]
    fn the_first_step_that_fails_is_the_reason() {
        let table = table(&[(1, &[3])]);
        let reason = |path: &Path, neighbour| table.judge(path, neighbour, Direction::Upstream).1;
        let path = Path::of_sequence([2, 1]);
        assert_eq!(
            reason(&Path::default(), Some(2)),
            Some(PathReason::EmptyPath)
        );
        assert_eq!(reason(&path, Some(3)), Some(PathReason::OtherNeighbour));
        assert_eq!(reason(&Path::of_set(), Some(2)), Some(PathReason::AsSet));
        assert_eq!(reason(&path, Some(2)), Some(PathReason::Hop));
        assert_eq!(reason(&Path::of_sequence([2, 4]), Some(2)), None);
    }

    proptest! {
        #[test]
        fn both_procedures_agree_with_the_draft_taken_word_by_word(
            entries in proptest::collection::vec((0u32..6, proptest::collection::vec(0u32..6, 0..4)), 0..8),
            asns in proptest::collection::vec(0u32..6, 0..8),
            neighbour in proptest::option::of(0u32..6),
        ) {
            let borrowed: Vec<(u32, &[u32])> =
                entries.iter().map(|(customer, providers)| (*customer, &providers[..])).collect();
            let table = table(&borrowed);
            let path = Path::of_sequence(asns.iter().copied());
            let first = asns.first().copied();
            for direction in [Direction::Upstream, Direction::Downstream] {
                for neighbour in [neighbour, first, None] {
                    prop_assert_eq!(
                        table.verify(&path, neighbour, direction),
                        by_the_draft(&table, &asns, neighbour, direction)
                    );
                }
            }
        }
    }
}
