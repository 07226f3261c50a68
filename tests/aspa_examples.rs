//! Path verification by ASPAs against cases that others published: what is stated is a topology, a path
//! and a result; the words and the form are our own.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

use bmpscope::rpki::{Aspa, AspaTable, Direction, Path, PathReason, PathState};
use std::collections::HashMap;

/// A customer and its providers.
type Entry<'a> = (u32, &'a [u32]);

fn table(entries: &[Entry<'_>]) -> AspaTable {
    let aspa = |(customer, providers): &Entry<'_>| Aspa {
        customer: *customer,
        providers: providers.to_vec(),
        expires: None,
        source: 0,
    };
    AspaTable::new(&entries.iter().map(aspa).collect::<Vec<_>>())
}

const UP: Direction = Direction::Upstream;
const DOWN: Direction = Direction::Downstream;
use PathState::{Invalid, Unknown, Valid};

/// "ASPA-based AS Path Verification Examples" (August 2025), to which
/// draft-ietf-sidrops-aspa-verification-28 6.1 refers. Letters are ASes as there, 0 is AS 0; a word lists
/// a customer and then its providers.
const SIMPLE: &str = "ACD BE CF DFG G0";
const COMPLEX: &str = "H0 K0 LK P0 Q0 RQ SR";

fn letter(letter: char) -> u32 {
    match letter {
        '0' => 0,
        letter => 64500 + u32::from(letter),
    }
}

fn letters(word: &str) -> Vec<u32> {
    word.chars().map(letter).collect()
}

fn topology(words: &str) -> AspaTable {
    let lists: Vec<Vec<u32>> = words.split(' ').map(letters).collect();
    let entries: Vec<Entry<'_>> = lists.iter().map(|list| (list[0], &list[1..])).collect();
    table(&entries)
}

/// Table and row of the document, path with the neighbour first, direction, result.
#[rustfmt::skip]
const EXAMPLES: &[(&str, &str, &str, Direction, PathState)] = &[
    ("table 1, 1",  SIMPLE, "FCA",   UP, Valid),
    ("table 1, 2",  SIMPLE, "DCA",   UP, Invalid),
    ("table 1, 3",  SIMPLE, "DFCA",  UP, Unknown),
    ("table 1, 4",  SIMPLE, "DEB",   UP, Unknown),
    ("table 1, 5",  SIMPLE, "ADEB",  UP, Invalid),
    ("table 1, 6",  SIMPLE, "ADGEB", UP, Invalid),
    ("table 1, 7",  SIMPLE, "ACF",   UP, Invalid),
    ("table 1, 8",  SIMPLE, "ACFG",  UP, Invalid),
    ("table 1, 9",  SIMPLE, "EB",    UP, Valid),
    ("table 2, 1",  SIMPLE, "EGFCA", DOWN, Unknown),
    ("table 2, 2",  SIMPLE, "EGDA",  DOWN, Valid),
    ("table 2, 3",  SIMPLE, "EDCA",  DOWN, Unknown),
    ("table 2, 4",  SIMPLE, "EGDCA", DOWN, Invalid),
    ("table 2, 5",  SIMPLE, "CFDG",  DOWN, Unknown),
    ("table 2, 6",  SIMPLE, "DGEB",  DOWN, Valid),
    ("table 2, 7",  SIMPLE, "CDGEB", DOWN, Invalid),
    ("table 2, 8",  SIMPLE, "FCA",   DOWN, Valid),
    // Forged by a provider towards its customer: what ASPA cannot find (7.3 of the draft).
    ("table 2, 9",  SIMPLE, "EA",    DOWN, Valid),
    ("table 2, 10", SIMPLE, "ECA",   DOWN, Valid),
    // Neighbours that are to each other what depends on the session.
    ("table 3, 1 and 2", COMPLEX, "JH",  UP, Invalid),
    ("table 3, 3",  COMPLEX, "KJH",  DOWN, Invalid),
    ("table 3, 4",  COMPLEX, "QP",   UP, Invalid),
    ("table 3, 5",  COMPLEX, "QP",   DOWN, Valid),
    ("table 3, 6",  COMPLEX, "RQP",  DOWN, Valid),
];

#[test]
fn the_examples_that_the_draft_refers_to_come_out_as_published() {
    for (name, words, path, direction, expected) in EXAMPLES {
        let asns = letters(path);
        let state = topology(words).verify(
            &Path::of_sequence(asns.iter().copied()),
            asns.first().copied(),
            *direction,
        );
        assert_eq!(state, *expected, "{name}: {path}");
    }
}

/// The database of the unit tests beside the draft's sources (QratorLabs/ASPA, unit_tests.py).
const QRATOR: &[Entry<'_>] = &[
    (3356, &[6695]),
    (2914, &[0]),
    (174, &[6695]),
    (6695, &[0]),
    (13238, &[6762, 174, 9002, 6939, 208722, 1299, 3356]),
    (43247, &[13238]),
    (12389, &[1273, 1299, 3257, 3356, 3491, 5511]),
    (8342, &[12389, 8359]),
    (3, &[4]),
    (4, &[3]),
];

/// Path as it is there, the origin first; the neighbour; direction; result. A neighbour of 0: a route
/// server's client asks, which does not look at who is first.
#[rustfmt::skip]
const QRATOR_CASES: &[(&[u32], u32, Direction, PathState)] = &[
    (&[3356], 3356, UP, Valid),
    (&[3356, 3356], 3356, UP, Valid),
    (&[13238, 3356], 3356, UP, Valid),
    (&[13238, 13238, 3356, 3356], 3356, UP, Valid),
    (&[43247, 13238, 3356, 3356], 3356, UP, Valid),
    (&[], 3356, UP, Invalid),
    (&[2914], 3356, UP, Invalid),
    (&[3356, 2914], 2914, UP, Invalid),
    (&[3356, 12389, 2914], 2914, UP, Invalid),
    (&[3356, 12389, 12389, 2914], 2914, UP, Invalid),
    (&[1, 13238, 3356], 3356, UP, Unknown),
    (&[13238, 9002, 3356], 3356, UP, Unknown),
    (&[13238, 9002, 1, 3356], 3356, UP, Unknown),
    (&[8342, 8359, 3, 4], 4, UP, Unknown),
    (&[3356], 3356, DOWN, Valid),
    (&[12389], 12389, DOWN, Valid),
    (&[12389, 3356], 3356, DOWN, Valid),
    (&[12389, 3356, 2914], 2914, DOWN, Valid),
    (&[12389, 3356, 174, 13238], 13238, DOWN, Valid),
    (&[12389, 3356, 3356, 174, 13238, 13238], 13238, DOWN, Valid),
    (&[12389, 3356, 208722, 13238], 13238, DOWN, Valid),
    (&[12389, 3356, 3356, 208722, 208722, 13238], 13238, DOWN, Valid),
    (&[3356], 2914, DOWN, Invalid),
    (&[3356, 2914, 174], 174, DOWN, Invalid),
    (&[3356, 12389, 174], 174, DOWN, Invalid),
    (&[13238, 20485, 174], 174, DOWN, Invalid),
    (&[13238, 20485, 174, 3356], 174, DOWN, Invalid),
    (&[1, 2, 174], 174, DOWN, Unknown),
    (&[1, 12389, 3356, 174, 13238], 13238, DOWN, Unknown),
    (&[12389, 3356, 174, 1, 2], 2, DOWN, Unknown),
    (&[8342, 12389, 1, 2, 208722, 13238], 13238, DOWN, Unknown),
    (&[12389, 3356, 174, 13238, 1], 1, DOWN, Unknown),
    (&[1], 0, UP, Valid),
    (&[3356, 6695], 0, UP, Valid),
    (&[12389, 3356, 6695, 174, 13238], 13238, DOWN, Valid),
    (&[2914, 3356], 0, UP, Invalid),
    (&[2914, 3356, 6695], 0, UP, Invalid),
    (&[3356, 4635], 0, UP, Invalid),
    (&[3356, 1, 4635], 0, UP, Invalid),
    (&[1, 2], 0, UP, Unknown),
    (&[1, 2, 6695], 0, UP, Unknown),
];

#[test]
fn the_unit_tests_of_qrator_labs_come_out_as_they_expect() {
    let table = table(QRATOR);
    for (origin_first, neighbour, direction, expected) in QRATOR_CASES {
        let path = Path::of_sequence(origin_first.iter().rev().copied());
        let neighbour = (*neighbour != 0).then_some(*neighbour);
        let state = table.verify(&path, neighbour, *direction);
        assert_eq!(state, *expected, "{origin_first:?} {direction:?}");
    }
    // Four more have an AS_SET somewhere, and come out invalid for it in both directions.
    for direction in [UP, DOWN] {
        let judged = table.judge(&Path::of_set(), Some(13238), direction);
        assert_eq!(judged, (Invalid, Some(PathReason::AsSet)));
    }
}

/// Name, ASPAs, path, direction, result.
type Hackathon = (
    &'static str,
    &'static [Entry<'static>],
    &'static [u32],
    Direction,
    PathState,
);

/// Cases of netd-tud/IETF-ASPA, ietf-hackathon/tests.py, from which those of RTRlib come: the neighbour
/// first; the comments of the cases tell what is expected.
#[rustfmt::skip]
const HACKATHON: &[Hackathon] = &[
    ("1", &[(80, &[70]), (70, &[40]), (20, &[30])], &[20, 30, 40, 70, 80], DOWN, Valid),
    // Its comment says invalid, which it is only once 30 and 40 have ASPAs, as in 2b.
    ("2", &[(80, &[70]), (70, &[40]), (20, &[30]), (90, &[30, 40])],
        &[20, 30, 90, 40, 70, 80], DOWN, Unknown),
    ("2b", &[(80, &[70]), (70, &[40]), (20, &[30]), (90, &[30, 40]), (30, &[]), (40, &[])],
        &[20, 30, 90, 40, 70, 80], DOWN, Invalid),
    ("3a", &[(80, &[70]), (70, &[40]), (20, &[30])], &[20, 30, 90, 40, 70, 80], DOWN, Unknown),
    ("3b", &[(80, &[70]), (70, &[40]), (20, &[30])], &[20, 30, 90, 100, 40, 70, 80], DOWN, Unknown),
    ("3c", &[(80, &[70]), (70, &[40]), (20, &[30]), (30, &[]), (40, &[])],
        &[20, 30, 90, 100, 40, 70, 80], DOWN, Invalid),
    ("4", &[(70, &[80])], &[100, 30, 40, 50, 60, 70, 80], UP, Invalid),
    ("4, fixed", &[(70, &[80]), (60, &[70]), (30, &[100])],
        &[100, 30, 40, 50, 60, 70, 80], UP, Invalid),
    ("5", &[(40, &[30]), (30, &[20])], &[20, 30, 40], UP, Valid),
    ("6", &[(120, &[110]), (110, &[100]), (100, &[90]), (80, &[90]), (60, &[50]), (40, &[50]),
        (30, &[40]), (20, &[30])], &[20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120], DOWN, Invalid),
    ("8", &[], &[20], DOWN, Valid),
    ("9", &[], &[20], UP, Valid),
    ("11", &[(20, &[]), (30, &[])], &[20, 30], DOWN, Valid),
    ("12", &[], &[20, 30], UP, Unknown),
    ("13", &[(60, &[50]), (50, &[]), (40, &[30]), (30, &[20]), (20, &[])],
        &[20, 30, 40, 50, 60], UP, Invalid),
    ("14", &[(60, &[50]), (50, &[40, 60]), (40, &[30, 50]), (30, &[40]), (20, &[30])],
        &[20, 30, 40, 50, 60], UP, Invalid),
];

#[test]
fn the_cases_of_the_hackathon_come_out_by_their_comments_or_by_the_draft() {
    for (name, entries, path, direction, expected) in HACKATHON {
        let sequence = Path::of_sequence(path.iter().copied());
        let state = table(entries).verify(&sequence, path.first().copied(), *direction);
        assert_eq!(state, *expected, "{name}");
        assert_eq!(by_the_draft(entries, path, *direction), *expected, "{name}");
    }
}

/// 5.5 and 5.6 of the draft by its sentences, each ramp by its definition; the neighbour is first.
fn by_the_draft(entries: &[Entry<'_>], path: &[u32], direction: Direction) -> PathState {
    let sets: HashMap<u32, &[u32]> = entries.iter().copied().collect();
    let a: Vec<u32> = path.iter().rev().copied().collect();
    let n = a.len();
    // A(1) is the origin.
    let stops = |from: usize, to: usize, counts_unattested: bool| match sets.get(&a[from - 1]) {
        None => counts_unattested,
        Some(providers) => !providers.contains(&a[to - 1]),
    };
    let up = |unattested| (1..n).find(|i| stops(*i, i + 1, unattested)).unwrap_or(n);
    let down = |unattested| {
        let last = (2..=n).rev().find(|j| stops(*j, j - 1, unattested));
        last.map_or(n, |j| n - j + 1)
    };
    let (most, least) = match direction {
        Direction::Upstream => (up(false), up(true)),
        Direction::Downstream => (up(false) + down(false), up(true) + down(true)),
    };
    match (most < n, least < n) {
        (true, _) => Invalid,
        (false, true) => Unknown,
        (false, false) => Valid,
    }
}
