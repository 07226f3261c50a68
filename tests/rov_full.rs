//! Origin validation against two implementations of its own: a map from every prefix to its VRPs, asked
//! for each length, and RFC 6811 2 taken word by word, bit by bit. Neither shares types or algorithm with
//! the program. `BMPSCOPE_FULL=1` takes 700,000 VRPs and a million routes (a release build is advised).
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a panic is how a test says no, figures are how it tells what it did"
)]

use bmpscope::net::Prefix;
use bmpscope::rpki::{Origin, OriginState, Reason, Vrp, VrpRecord, VrpTable};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

/// VRPs, routes, and routes that are also asked of every VRP.
fn scale() -> (usize, usize, usize) {
    match std::env::var_os("BMPSCOPE_FULL") {
        Some(_) => (700_000, 1_000_000, 1_000),
        None => (30_000, 60_000, 200),
    }
}

/// The same numbers from the same seed: xorshift64*.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn bits(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }
}

/// A prefix of 32 or 128 bits, the address in the lowest of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Block {
    width: u8,
    length: u8,
    address: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Payload {
    block: Block,
    max: u8,
    asn: u32,
}

/// A route; no origin: its path ends in an AS_SET.
#[derive(Clone, Copy, Debug)]
struct Announced {
    block: Block,
    origin: Option<u32>,
}

impl Block {
    fn cut(width: u8, address: u128, length: u8) -> Block {
        let kept = match length {
            0 => 0,
            length => !0u128 << (width - length),
        };
        let all = if width == 32 {
            u128::from(u32::MAX)
        } else {
            !0
        };
        Block {
            width,
            length,
            address: address & kept & all,
        }
    }

    /// A longer prefix inside this one, or a shorter one around it.
    fn at(self, length: u8, numbers: &mut Numbers) -> Block {
        let inside = numbers.bits() & !(Block::cut(self.width, !0, self.length).address);
        Block::cut(self.width, self.address | inside, length.min(self.width))
    }
}

/// Lengths as they are common in the RPKI, and some that are not; none so short that it covers most
/// of what there is.
fn any_block(numbers: &mut Numbers) -> Block {
    let (width, common, odd): (u8, &[u8], [u64; 2]) = match numbers.chance(75) {
        true => (
            32,
            &[24, 24, 24, 24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19],
            [14, 33],
        ),
        false => (128, &[48, 48, 48, 32, 32, 36, 40, 44, 29, 33], [20, 129]),
    };
    let length = match numbers.chance(98) {
        true => common[numbers.below(common.len() as u64) as usize],
        false => (odd[0] + numbers.below(odd[1] - odd[0])) as u8,
    };
    let address = match width {
        32 => u128::from(1 + numbers.below(222)) << 24 | numbers.bits() & 0x00ff_ffff,
        _ => u128::from(0x2000 + numbers.below(0xc00)) << 112 | numbers.bits() >> 16,
    };
    Block::cut(width, address, length)
}

fn any_asn(numbers: &mut Numbers) -> u32 {
    match numbers.below(100) {
        0..3 => 0,
        3 => u32::MAX,
        4..50 => 1 + numbers.below(500) as u32,
        _ => 1 + numbers.below(400_000) as u32,
    }
}

fn any_max(length: u8, width: u8, numbers: &mut Numbers) -> u8 {
    let longest = match numbers.below(10) {
        0..6 => length,
        6 => length + 1,
        7 => width,
        8 => length.max(if width == 32 { 24 } else { 48 }),
        _ => length + numbers.below(9) as u8,
    };
    longest.min(width)
}

fn payloads(count: usize, numbers: &mut Numbers) -> Vec<Payload> {
    let mut made: Vec<Payload> = Vec::with_capacity(count);
    while made.len() < count {
        let known = match made.len() {
            0 => None,
            length => Some(made[numbers.below(length as u64) as usize]),
        };
        // Nested in one that is there, or around it; the same prefix again, for another or the same AS.
        let (block, asn) = match (numbers.below(10), known) {
            (0..2, Some(known)) => {
                let longer = known.block.length + numbers.below(9) as u8;
                (known.block.at(longer, numbers), any_asn(numbers))
            }
            (2, Some(known)) => {
                let around = known.block.length.saturating_sub(numbers.below(9) as u8);
                let shortest = if known.block.width == 32 { 14 } else { 20 };
                (known.block.at(around.max(shortest), numbers), known.asn)
            }
            (3, Some(known)) => (known.block, any_asn(numbers)),
            _ => (any_block(numbers), any_asn(numbers)),
        };
        let max = any_max(block.length, block.width, numbers);
        made.push(Payload { block, max, asn });
    }
    made
}

fn announcements(count: usize, known: &[Payload], numbers: &mut Numbers) -> Vec<Announced> {
    let announced = |_| {
        let near = known[numbers.below(known.len() as u64) as usize];
        let length = match numbers.below(8) {
            0..2 => near.block.length,
            2 => near.max,
            3 => near.max + 1,
            4 => near.block.length.saturating_sub(1),
            5 => near.block.width,
            _ => near.block.length + numbers.below(5) as u8,
        };
        let block = match numbers.chance(70) {
            true => near.block.at(length, numbers),
            false => any_block(numbers),
        };
        let origin = match numbers.below(100) {
            0..3 => None,
            3..60 => Some(near.asn),
            _ => Some(any_asn(numbers)),
        };
        Announced { block, origin }
    };
    (0..count).map(announced).collect()
}

/// What covers a route: state, reasons, and how many VRPs match, are of another AS, are too short.
type Answer = (OriginState, BTreeSet<Reason>, [usize; 3]);

/// The first implementation: every prefix that could cover a route is looked up by itself.
struct Probed(HashMap<Block, BTreeSet<(u32, u8)>>);

impl Probed {
    fn new(payloads: &[Payload]) -> Probed {
        let mut map: HashMap<Block, BTreeSet<(u32, u8)>> = HashMap::new();
        for payload in payloads {
            map.entry(payload.block)
                .or_default()
                .insert((payload.asn, payload.max));
        }
        Probed(map)
    }

    fn answer(&self, route: &Announced) -> Answer {
        let Block {
            width,
            length,
            address,
        } = route.block;
        let covering =
            (0..=length).filter_map(|length| self.0.get(&Block::cut(width, address, length)));
        let covering: Vec<(u32, u8)> = covering.flatten().copied().collect();
        let is_own = |asn: u32| asn != 0 && route.origin == Some(asn);
        let count = |of: &dyn Fn(u32, u8) -> bool| {
            covering.iter().filter(|(asn, max)| of(*asn, *max)).count()
        };
        let matched = count(&|asn, max| is_own(asn) && length <= max);
        let other = count(&|asn, _| !is_own(asn));
        let long = count(&|asn, max| is_own(asn) && length > max);
        let state = match (covering.is_empty(), matched) {
            (true, _) => OriginState::NotFound,
            (false, 0) => OriginState::Invalid,
            (false, _) => OriginState::Valid,
        };
        let mut reasons = BTreeSet::new();
        if state == OriginState::Invalid {
            let others = |of: &dyn Fn(u8) -> bool| {
                count(&|asn, max| asn != 0 && !is_own(asn) && of(max)) > 0
            };
            let fits = others(&|max| length <= max);
            let neither = !fits && long == 0 && others(&|max| length > max);
            let holds = [
                (Reason::AsSet, route.origin.is_none()),
                (Reason::As, route.origin.is_some() && (fits || neither)),
                (
                    Reason::Length,
                    route.origin.is_some() && (long > 0 || neither),
                ),
                (
                    Reason::As0,
                    route.origin == Some(0)
                        || route.origin.is_some() && count(&|asn, _| asn == 0) > 0,
                ),
            ];
            reasons.extend(
                holds
                    .into_iter()
                    .filter(|(_, holds)| *holds)
                    .map(|(reason, _)| reason),
            );
        }
        (state, reasons, [matched, other, long])
    }
}

/// The second: "Covered", "Matched" and the states of RFC 6811 2 as they stand there, over all VRPs.
fn by_the_book(payloads: &[Payload], route: &Announced) -> OriginState {
    let bit = |block: &Block, place: u8| block.address >> (block.width - 1 - place) & 1;
    // "The VRP prefix length is less than or equal to the Route prefix length, and the VRP prefix address
    // and the Route prefix address are identical for all bits specified by the VRP prefix length."
    let is_covered = |vrp: &Payload| {
        vrp.block.width == route.block.width
            && vrp.block.length <= route.block.length
            && (0..vrp.block.length).all(|place| bit(&vrp.block, place) == bit(&route.block, place))
    };
    // "the Route prefix length is less than or equal to the VRP maximum length, and the Route Origin ASN
    // is equal to the VRP ASN"; no route can match a VRP whose ASN is zero, nor one whose own is NONE.
    let is_matched = |vrp: &Payload| {
        is_covered(vrp)
            && route.block.length <= vrp.max
            && route
                .origin
                .is_some_and(|origin| origin != 0 && origin == vrp.asn)
    };
    if payloads.iter().any(is_matched) {
        return OriginState::Valid;
    }
    match payloads.iter().any(is_covered) {
        true => OriginState::Invalid,
        false => OriginState::NotFound,
    }
}

fn prefix(block: Block) -> Prefix {
    let address = match block.width {
        32 => IpAddr::V4(Ipv4Addr::from(block.address as u32)),
        _ => IpAddr::V6(Ipv6Addr::from(block.address)),
    };
    Prefix {
        address,
        length: block.length,
    }
}

fn table(payloads: &[Payload]) -> VrpTable {
    let record = |payload: &Payload| VrpRecord {
        vrp: Vrp {
            prefix: prefix(payload.block),
            max_length: payload.max,
            asn: payload.asn,
        },
        expires: None,
        source: 0,
    };
    VrpTable::new(payloads.iter().map(record).collect())
}

fn of_program(table: &VrpTable, route: &Announced) -> Answer {
    let origin = route.origin.map_or(Origin::None, Origin::As);
    let found = table.explain(prefix(route.block), origin);
    let counts = [
        found.matched.len(),
        found.unmatched_as.len(),
        found.unmatched_length.len(),
    ];
    assert_eq!(table.validate(prefix(route.block), origin), found.state);
    (found.state, found.reasons.iter().copied().collect(), counts)
}

#[test]
fn every_route_has_the_state_that_independent_implementations_give_it() {
    let (vrps, routes, slow) = scale();
    let mut numbers = Numbers(0x6811_6907_2026_1121);
    let payloads = payloads(vrps, &mut numbers);
    let routes = announcements(routes, &payloads, &mut numbers);
    let begin = Instant::now();
    let table = table(&payloads);
    let built = begin.elapsed();
    let probed = Probed::new(&payloads);
    let mut found: BTreeMap<(u8, OriginState, Vec<Reason>), u64> = BTreeMap::new();
    for route in &routes {
        let answer = of_program(&table, route);
        assert_eq!(answer, probed.answer(route), "{route:?}");
        let key = (route.block.width, answer.0, answer.1.into_iter().collect());
        *found.entry(key).or_default() += 1;
    }
    for route in routes.iter().step_by(routes.len() / slow) {
        let state = of_program(&table, route).0;
        assert_eq!(state, by_the_book(&payloads, route), "{route:?}");
    }
    let begin = Instant::now();
    let valid = routes.iter().filter(|route| {
        let origin = route.origin.map_or(Origin::None, Origin::As);
        table.validate(prefix(route.block), origin) == OriginState::Valid
    });
    let valid = valid.count();
    println!(
        "{} different VRPs, table in {built:?}; {} routes, {valid} valid, in {:?}",
        table.len(),
        routes.len(),
        begin.elapsed()
    );
    found
        .iter()
        .for_each(|(key, count)| println!("{key:?}: {count}"));
    // Each family has every state, and invalid for every reason alone and for several.
    for width in [32, 128] {
        let seen = |state, reasons: &[Reason]| {
            let count = found.get(&(width, state, reasons.to_vec()));
            assert!(
                count.is_some_and(|count| *count > 5),
                "{width} {state:?} {reasons:?}"
            );
        };
        seen(OriginState::Valid, &[]);
        seen(OriginState::NotFound, &[]);
        seen(OriginState::Invalid, &[Reason::As]);
        seen(OriginState::Invalid, &[Reason::Length]);
        seen(OriginState::Invalid, &[Reason::AsSet]);
        seen(OriginState::Invalid, &[Reason::As0]);
        seen(OriginState::Invalid, &[Reason::As, Reason::Length]);
    }
}

/// What it is, VRPs, the route and its origin, its state.
type Case<'a> = (&'a str, &'a [Payload], Block, Option<u32>, &'a str);

/// The situations of RFC 6907 7.1, for one and for several VRPs, in both families.
#[test]
fn the_situations_of_rfc_6907_come_out_the_same_three_times() {
    let v4 =
        |octets: [u8; 4], length| Block::cut(32, u128::from(u32::from_be_bytes(octets)), length);
    let v6 = |segments: u32, length| Block::cut(128, u128::from(segments) << 96, length);
    let vrp = |block, max, asn| Payload { block, max, asn };
    let own = v4([10, 1, 0, 0], 16);
    let part = v4([10, 1, 17, 0], 24);
    let six = v6(0x2001_0db8, 32);
    // Halves of a prefix that has no VRP of its own.
    let halves = [
        vrp(v4([10, 1, 0, 0], 17), 24, 64496),
        vrp(v4([10, 1, 128, 0], 17), 24, 64496),
    ];
    let cases: &[Case<'_>] = &[
        (
            "covered, length and AS fit",
            &[vrp(own, 16, 64496)],
            own,
            Some(64496),
            "Valid",
        ),
        (
            "the same, up to the maximum length",
            &[vrp(own, 24, 64496)],
            part,
            Some(64496),
            "Valid",
        ),
        (
            "too long, AS fits",
            &[vrp(own, 16, 64496)],
            part,
            Some(64496),
            "Invalid",
        ),
        (
            "length fits, another AS",
            &[vrp(own, 24, 64496)],
            part,
            Some(64511),
            "Invalid",
        ),
        (
            "too long and another AS",
            &[vrp(own, 16, 64496)],
            part,
            Some(64511),
            "Invalid",
        ),
        (
            "not covered",
            &[vrp(own, 24, 64496)],
            v4([10, 3, 0, 0], 16),
            Some(64511),
            "NotFound",
        ),
        (
            "covered by AS 0 alone",
            &[vrp(own, 32, 0)],
            part,
            Some(64496),
            "Invalid",
        ),
        (
            "covered by AS 0 and by its own",
            &[vrp(own, 32, 0), vrp(part, 24, 64496)],
            part,
            Some(64496),
            "Valid",
        ),
        (
            "only its parts have VRPs",
            &halves,
            own,
            Some(64496),
            "NotFound",
        ),
        (
            "AS_SET, not covered (7.1.8)",
            &[vrp(own, 24, 64496)],
            v4([10, 3, 0, 0], 16),
            None,
            "NotFound",
        ),
        (
            "AS_SET, covered (7.1.9 to 7.1.11)",
            &[vrp(own, 24, 64496)],
            part,
            None,
            "Invalid",
        ),
        (
            "AS_SET, only its parts have VRPs",
            &halves,
            own,
            None,
            "NotFound",
        ),
        (
            "two VRPs, one fits",
            &[vrp(own, 16, 64511), vrp(own, 24, 64496)],
            part,
            Some(64496),
            "Valid",
        ),
        (
            "two VRPs, each fits half",
            &[vrp(own, 16, 64496), vrp(own, 24, 64511)],
            part,
            Some(64496),
            "Invalid",
        ),
        (
            "IPv6, fits",
            &[vrp(six, 48, 64496)],
            v6(0x2001_0db8, 48),
            Some(64496),
            "Valid",
        ),
        (
            "IPv6, too long",
            &[vrp(six, 48, 64496)],
            v6(0x2001_0db8, 49),
            Some(64496),
            "Invalid",
        ),
        (
            "the other family's bits",
            &[vrp(v4([32, 1, 13, 184], 32), 32, 64496)],
            six,
            Some(64496),
            "NotFound",
        ),
        (
            "a default route's VRP covers all",
            &[vrp(v4([0; 4], 0), 0, 64496)],
            part,
            Some(64496),
            "Invalid",
        ),
    ];
    for (name, payloads, block, origin, expected) in cases {
        let route = Announced {
            block: *block,
            origin: *origin,
        };
        let answer = of_program(&table(payloads), &route);
        assert_eq!(format!("{:?}", answer.0), *expected, "{name}");
        assert_eq!(answer, Probed::new(payloads).answer(&route), "{name}");
        assert_eq!(answer.0, by_the_book(payloads, &route), "{name}");
    }
}
