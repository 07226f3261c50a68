//! Any segmentation, order, duplication and overlap gives the identical octets; any loss gives
//! exactly those present, with gaps at their exact places.

use crate::stream::GapCause;
use crate::stream::testing::{Collector, Part, Wire, run};
use proptest::prelude::*;

/// Octets that tell where they stand.
fn stream(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251 + 1) as u8).collect()
}

/// Cuts into segments of these sizes, over and over.
fn cut(data: &[u8], sizes: &[usize], first: u32) -> Vec<Wire> {
    let (mut at, mut wires) = (0, Vec::new());
    for size in sizes.iter().cycle() {
        if at >= data.len() {
            break;
        }
        let end = (at + size).min(data.len());
        wires.push(Wire::a(first.wrapping_add(at as u32), &data[at..end]));
        at = end;
    }
    wires
}

/// Sorts by place plus a shift: no segment moves further than the shifts allow.
fn shuffle(wires: Vec<Wire>, shifts: &[usize]) -> Vec<Wire> {
    let mut keyed: Vec<_> = wires
        .into_iter()
        .enumerate()
        .map(|(n, wire)| (n + shifts.get(n % shifts.len()).unwrap_or(&0), wire))
        .collect();
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, wire)| wire).collect()
}

/// Other cuts of the same octets, put between the segments.
fn mix_in(wires: &mut Vec<Wire>, data: &[u8], first: u32, copies: &[(usize, usize, usize)]) {
    for (at, length, place) in copies {
        let start = at % data.len();
        let end = (start + length).min(data.len());
        let wire = Wire::a(first.wrapping_add(start as u32), &data[start..end]);
        wires.insert(place % (wires.len() + 1), wire);
    }
}

fn only_octets(got: &Collector) -> Vec<u8> {
    let Some(stream) = got.streams.values().next() else {
        return Vec::new();
    };
    let octets = stream.parts.iter().filter_map(|part| match part {
        Part::Octets(octets) => Some(octets.clone()),
        Part::Missing(0, GapCause::MidStreamStart) => None,
        Part::Missing(..) => panic!("a gap in a stream that is whole"),
    });
    octets.flatten().collect()
}

fn first_sequence() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        (0u32..3000).prop_map(|n| 0u32.wrapping_sub(n))
    ]
}

fn copies() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((any::<usize>(), 1usize..400, any::<usize>()), 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_order_duplication_and_overlap_gives_the_identical_octets(
        length in 1usize..3000,
        first in first_sequence(),
        sizes in prop::collection::vec(1usize..300, 1..6),
        shifts in prop::collection::vec(0usize..40, 1..20),
        copies in copies(),
        has_syn in any::<bool>(),
        has_fin in any::<bool>(),
    ) {
        let data = stream(length);
        let mut wires = cut(&data, &sizes, first);
        if has_fin {
            let last = wires.pop().unwrap();
            wires.push(last.fin());
        }
        mix_in(&mut wires, &data, first, &copies);
        if has_syn {
            wires.insert(0, Wire::a(first.wrapping_sub(1), b"").syn());
        } else {
            // Without a SYN, only what is held when the start is chosen can be before it.
            wires.insert(0, Wire::a(first, &data[..1]));
        }
        let keep = wires.remove(0);
        let mut wires = shuffle(wires, &shifts);
        wires.insert(0, keep);
        let got = run(&wires);
        prop_assert_eq!(only_octets(&got), data);
        prop_assert!(got.findings.is_empty(), "{:?}", got.findings);
        prop_assert_eq!(got.opened.len(), 1);
    }

    #[test]
    fn any_loss_gives_exactly_what_is_there(
        length in 1usize..3000,
        first in first_sequence(),
        sizes in prop::collection::vec(1usize..300, 1..6),
        shifts in prop::collection::vec(0usize..10, 1..20),
        lost in prop::collection::vec(any::<bool>(), 1..30),
        has_syn in any::<bool>(),
    ) {
        let data = stream(length);
        let wires = cut(&data, &sizes, first);
        let lost = |n: usize| lost[n % lost.len()];
        let mut present = vec![false; length];
        let mut kept = Vec::new();
        for (n, wire) in wires.into_iter().enumerate().filter(|(n, _)| !lost(*n)) {
            let at = wire.sequence.wrapping_sub(first) as usize;
            present[at..at + wire.data.len()].fill(true);
            let _ = n;
            kept.push(wire);
        }
        let mut wires = shuffle(kept, &shifts);
        let begin = present.iter().position(|is| *is).unwrap_or(length);
        if has_syn {
            wires.insert(0, Wire::a(first.wrapping_sub(1), b"").syn());
        }
        let got = run(&wires);
        let begin = if has_syn { 0 } else { begin };
        let end = present.iter().rposition(|is| *is).map_or(begin, |last| last + 1);
        let mut at = begin;
        let parts = got.streams.values().next().map(|stream| stream.parts.clone());
        for part in parts.unwrap_or_default() {
            match part {
                Part::Octets(octets) => {
                    prop_assert_eq!(&data[at..at + octets.len()], &octets[..]);
                    prop_assert!(present[at..at + octets.len()].iter().all(|is| *is));
                    at += octets.len();
                }
                Part::Missing(count, _) => {
                    prop_assert!(present[at..at + count as usize].iter().all(|is| !is));
                    at += count as usize;
                }
            }
        }
        prop_assert_eq!(at, end);
    }

    #[test]
    fn data_on_a_syn_is_read_either_way(
        length in 3usize..2000,
        first in first_sequence(),
        on_syn in 1usize..500,
        sizes in prop::collection::vec(2usize..300, 1..6),
        shifts in prop::collection::vec(0usize..10, 1..20),
        is_counted in any::<bool>(),
    ) {
        let data = stream(length);
        let (on_syn, rest) = data.split_at(on_syn.min(length - 2));
        let isn = first.wrapping_sub(1);
        let next = isn.wrapping_add(on_syn.len() as u32).wrapping_add(u32::from(is_counted));
        let mut wires = shuffle(cut(rest, &sizes, next), &shifts);
        wires.insert(0, Wire::a(isn, on_syn).syn());
        let mut line = crate::stream::testing::Line::new();
        line.collector.uncounted = !is_counted;
        line.send_all(&wires);
        line.finish();
        prop_assert_eq!(only_octets(&line.collector), data.clone());
    }
}
