//! Origin validation (RFC 6811 2), with the corner cases of RFC 6907 7.

use super::payload::VrpRecord;
use super::table::VrpTable;
use crate::net::Prefix;
use schemars::JsonSchema;
use serde::Serialize;

/// The AS that originated a route, as RFC 6811 2 defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// This AS.
    As(u32),
    /// NONE: the path ends in an AS_SET. It matches no VRP.
    None,
}

/// What origin validation says of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OriginState {
    /// At least one VRP matches it.
    Valid,
    /// At least one VRP covers it, and none matches.
    Invalid,
    /// No VRP covers it.
    NotFound,
}

/// Why a route is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// Another AS is authorised for it.
    As,
    /// It is longer than what its AS is authorised for, or than what anyone is.
    Length,
    /// Its path ends in an AS_SET (RFC 6907 7.1.9).
    AsSet,
    /// No AS may originate it (RFC 6483 4), or it claims to be from AS 0 (RFC 7607 2).
    As0,
}

/// The state of a route and the VRPs that make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'a> {
    /// The state.
    pub state: OriginState,
    /// Why, where it is invalid.
    pub reasons: Vec<Reason>,
    /// The VRPs that cover and match it.
    pub matched: Vec<&'a VrpRecord>,
    /// Those that cover it for another AS.
    pub unmatched_as: Vec<&'a VrpRecord>,
    /// Those that cover it for its AS, but not at its length.
    pub unmatched_length: Vec<&'a VrpRecord>,
}

/// What a covering VRP says of a route.
enum Relation {
    Matches,
    OtherAs,
    TooLong,
}

#[inline]
fn relation(record: &VrpRecord, prefix: Prefix, origin: Origin) -> Relation {
    let vrp = record.vrp;
    // "no Route could have an Origin AS number of zero" (RFC 6811 2).
    let is_same = vrp.asn != 0 && origin == Origin::As(vrp.asn);
    match (is_same, prefix.length <= vrp.max_length) {
        (true, true) => Relation::Matches,
        (true, false) => Relation::TooLong,
        (false, _) => Relation::OtherAs,
    }
}

impl OriginState {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            OriginState::Valid => "valid",
            OriginState::Invalid => "invalid",
            OriginState::NotFound => "not-found",
        }
    }
}

impl Reason {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Reason::As => "as",
            Reason::Length => "length",
            Reason::AsSet => "as-set",
            Reason::As0 => "as0",
        }
    }
}

impl VrpTable {
    /// The state of a route.
    pub fn validate(&self, prefix: Prefix, origin: Origin) -> OriginState {
        let mut state = OriginState::NotFound;
        for record in self.covering(prefix) {
            if let Relation::Matches = relation(record, prefix, origin) {
                return OriginState::Valid;
            }
            state = OriginState::Invalid;
        }
        state
    }

    /// The state of a route, and why.
    pub fn explain(&self, prefix: Prefix, origin: Origin) -> Explanation<'_> {
        let mut explanation = Explanation {
            state: OriginState::NotFound,
            reasons: Vec::new(),
            matched: Vec::new(),
            unmatched_as: Vec::new(),
            unmatched_length: Vec::new(),
        };
        for record in self.covering(prefix) {
            let list = match relation(record, prefix, origin) {
                Relation::Matches => &mut explanation.matched,
                Relation::OtherAs => &mut explanation.unmatched_as,
                Relation::TooLong => &mut explanation.unmatched_length,
            };
            list.push(record);
        }
        explanation.settle(prefix, origin);
        explanation
    }
}

impl Explanation<'_> {
    fn settle(&mut self, prefix: Prefix, origin: Origin) {
        let has_others = !self.unmatched_as.is_empty() || !self.unmatched_length.is_empty();
        self.state = match (self.matched.is_empty(), has_others) {
            (false, _) => OriginState::Valid,
            (true, true) => OriginState::Invalid,
            (true, false) => OriginState::NotFound,
        };
        if self.state == OriginState::Invalid {
            self.reasons = self.reasons_of(prefix, origin);
        }
    }

    fn reasons_of(&self, prefix: Prefix, origin: Origin) -> Vec<Reason> {
        if origin == Origin::None {
            return vec![Reason::AsSet];
        }
        let mut others = self.unmatched_as.iter().map(|record| record.vrp);
        let is_long = |max_length: u8| prefix.length > max_length;
        let for_another = others
            .clone()
            .any(|vrp| vrp.asn != 0 && !is_long(vrp.max_length));
        let for_no_one = origin == Origin::As(0) || others.clone().any(|vrp| vrp.asn == 0);
        let too_long = !self.unmatched_length.is_empty();
        // Every one is for another AS, and not at this length either.
        let is_neither = !for_another && !too_long && others.any(|vrp| vrp.asn != 0);
        let reasons = [
            (for_another || is_neither, Reason::As),
            (too_long || is_neither, Reason::Length),
            (for_no_one, Reason::As0),
        ];
        let reasons = reasons.into_iter().filter(|(holds, _)| *holds);
        reasons.map(|(_, reason)| reason).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::{prefix, record};
    use super::*;
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    fn explained(records: Vec<VrpRecord>, route: &str, origin: Origin) -> String {
        let table = VrpTable::new(records);
        let explanation = table.explain(prefix(route), origin);
        assert_eq!(explanation.state, table.validate(prefix(route), origin));
        let reasons = explanation.reasons.iter().map(|reason| reason.word());
        let words: Vec<_> = std::iter::once(explanation.state.word())
            .chain(reasons)
            .collect();
        words.join(" ")
    }

    /// The cases of RFC 6907 7.1; more of them, and more VRPs, in tests/rov_full.rs.
    #[test]
    fn the_cases_of_rfc_6907_come_out_as_it_says() {
        let own = || vec![record("10.1.0.0/16", 16, 64496)];
        let longer = || vec![record("10.1.0.0/16", 24, 64496)];
        let none = || vec![record("10.1.0.0/16", 16, 0)];
        let cases = [
            // Covering and matching.
            (own(), "10.1.0.0/16", Origin::As(64496), "valid"),
            // Covering, maxLength exceeded, origin matches.
            (own(), "10.1.17.0/24", Origin::As(64496), "invalid length"),
            // Covering, origin does not match.
            (longer(), "10.1.17.0/24", Origin::As(64511), "invalid as"),
            // maxLength exceeded and another origin.
            (
                own(),
                "10.1.17.0/24",
                Origin::As(64511),
                "invalid as length",
            ),
            // AS 0.
            (none(), "10.1.0.0/16", Origin::As(64496), "invalid as0"),
            // Not covered by any.
            (own(), "10.3.0.0/16", Origin::As(64496), "not-found"),
            // The path ends in an AS_SET; covered (7.1.9) or not (7.1.8).
            (own(), "10.1.0.0/16", Origin::None, "invalid as-set"),
            (own(), "10.3.0.0/16", Origin::None, "not-found"),
            // A less specific route is not covered.
            (own(), "10.0.0.0/8", Origin::As(64496), "not-found"),
        ];
        for (records, route, origin, expected) in cases {
            assert_eq!(
                explained(records, route, origin),
                expected,
                "{route} {origin:?}"
            );
        }
    }

    #[test]
    fn one_match_is_enough_and_the_others_are_told() {
        let table = VrpTable::new(vec![
            record("10.0.0.0/8", 8, 64496),
            record("10.1.0.0/16", 24, 64511),
            record("10.1.0.0/16", 24, 64496),
            record("10.0.0.0/8", 24, 0),
        ]);
        let found = table.explain(prefix("10.1.1.0/24"), Origin::As(64496));
        assert_eq!(found.state, OriginState::Valid);
        assert!(found.reasons.is_empty());
        let counts = (
            found.matched.len(),
            found.unmatched_as.len(),
            found.unmatched_length.len(),
        );
        assert_eq!(counts, (1, 2, 1));
    }

    #[test]
    fn a_route_from_as_0_matches_no_vrp_of_as_0() {
        let none = vec![record("10.0.0.0/8", 24, 0)];
        assert_eq!(explained(none, "10.1.1.0/24", Origin::As(0)), "invalid as0");
    }

    /// Few leading bits vary, so that prefixes nest.
    fn any_prefix() -> impl Strategy<Value = Prefix> {
        let ipv4 = (any::<u32>(), 0u8..=32).prop_map(|(seed, length)| {
            let bits =
                (seed & 0x0a03_0103) & u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            Prefix {
                address: IpAddr::V4(Ipv4Addr::from(bits)),
                length,
            }
        });
        let ipv6 = (any::<u8>(), 0u8..=128).prop_map(|(seed, length)| {
            let bits = (u128::from(seed & 3) << 120 | u128::from(seed >> 4) << 60)
                & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            Prefix {
                address: IpAddr::V6(Ipv6Addr::from(bits)),
                length,
            }
        });
        prop_oneof![ipv4, ipv6]
    }

    fn any_record() -> impl Strategy<Value = VrpRecord> {
        (any_prefix(), 0u8..=32, 0u32..4).prop_map(|(prefix, more, asn)| {
            let width = if prefix.address.is_ipv4() { 32 } else { 128 };
            VrpRecord {
                vrp: super::super::Vrp {
                    prefix,
                    max_length: (prefix.length + more).min(width),
                    asn,
                },
                expires: None,
                source: 0,
            }
        })
    }

    /// RFC 6811 2 word by word, bit by bit, over every VRP.
    fn by_the_book(records: &[VrpRecord], route: Prefix, origin: Origin) -> OriginState {
        let bit = |address: IpAddr, place: u8| {
            let octets = match address {
                IpAddr::V4(address) => address.octets().to_vec(),
                IpAddr::V6(address) => address.octets().to_vec(),
            };
            octets[usize::from(place / 8)] >> (7 - place % 8) & 1
        };
        let covers = |vrp: &Prefix| {
            vrp.address.is_ipv4() == route.address.is_ipv4()
                && vrp.length <= route.length
                && (0..vrp.length).all(|place| bit(vrp.address, place) == bit(route.address, place))
        };
        let covering: Vec<_> = records
            .iter()
            .map(|record| record.vrp)
            .filter(|vrp| covers(&vrp.prefix))
            .collect();
        let matches = |vrp: &super::super::Vrp| {
            route.length <= vrp.max_length && vrp.asn != 0 && origin == Origin::As(vrp.asn)
        };
        match (covering.is_empty(), covering.iter().any(matches)) {
            (true, _) => OriginState::NotFound,
            (false, true) => OriginState::Valid,
            (false, false) => OriginState::Invalid,
        }
    }

    proptest! {
        #[test]
        fn the_table_says_what_every_vrp_taken_alone_says(
            records in proptest::collection::vec(any_record(), 0..60),
            routes in proptest::collection::vec((any_prefix(), 0u32..5), 1..40),
        ) {
            let table = VrpTable::new(records.clone());
            for (route, asn) in routes {
                let origin = if asn == 4 { Origin::None } else { Origin::As(asn) };
                let expected = by_the_book(&records, route, origin);
                prop_assert_eq!(table.validate(route, origin), expected);
                let explanation = table.explain(route, origin);
                prop_assert_eq!(explanation.state, expected);
                prop_assert_eq!(explanation.reasons.is_empty(), expected != OriginState::Invalid);
            }
        }
    }
}
