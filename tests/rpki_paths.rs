//! `rpki validation` and ASPAs: which way a path is looked at (roles of the OPENs, `--relation`), and what
//! is then said of it, by a reference that knows nothing of the program.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use support::places;
use support::program::{Run, run};

/// A file of ASPAs: customers and their providers, as Routinator writes them.
fn aspas(folder: &Path, entries: &[(u32, &[u32])]) -> String {
    let entry = |(customer, providers): &(u32, &[u32])| {
        let providers: Vec<String> = providers.iter().map(|asn| format!("AS{asn}")).collect();
        json!({"customer": format!("AS{customer}"), "providers": providers, "ta": "ripe"})
    };
    let entries: Vec<Value> = entries.iter().map(entry).collect();
    let path = folder.join("aspas.json");
    std::fs::write(&path, json!({"aspas": entries}).to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn asked(capture: &Path, aspas: &str, options: &[&str]) -> Run {
    let capture = capture.to_str().unwrap();
    let arguments = ["rpki", "validation", capture, "--aspa", aspas];
    run(&[&arguments, options].concat())
}

fn answer(capture: &Path, aspas: &str, options: &[&str]) -> Value {
    let options = [&["--json"], options].concat();
    asked(capture, aspas, &options).answered().json()
}

/// Of each peer with routes that were received from outside: its role, who says so, and the directions.
fn directions(answer: &Value) -> BTreeSet<(u64, Word, Word, bool, bool)> {
    let routes = answer["routes"].as_array().unwrap().iter();
    let shown = routes.filter_map(|route| {
        let path = &route["computed"]["path_state"];
        path.is_object().then(|| {
            let text = |key: &str| path[key].as_str().map(str::to_owned);
            (
                route["peer"]["asn"].as_u64().unwrap(),
                text("neighbour"),
                text("neighbour_by"),
                path["upstream"].is_string(),
                path["downstream"].is_string(),
            )
        })
    });
    shown.collect()
}

type Word = Option<String>;

#[test]
fn without_vrps_the_states_of_origins_are_not_computed() {
    let folder = tempfile::tempdir().unwrap();
    let capture = places::testdata_file("bird-bmp.pcap");
    let file = aspas(folder.path(), &[(65005, &[65001])]);
    let capture = capture.to_str().unwrap();
    let asked = |report: &str, option: &str| {
        let arguments = ["rpki", report, "--json", option, &file, capture];
        run(&arguments).answered().json()
    };
    let only_aspas = asked("validation", "--aspa");
    let all = |answer: &Value, pointer: &str| -> Vec<Value> {
        let rows = answer["routes"].as_array().unwrap().iter();
        rows.map(|row| row.pointer(pointer).unwrap().clone())
            .collect()
    };
    let states = all(&only_aspas, "/computed/state");
    assert!(!states.is_empty() && states.iter().all(Value::is_null));
    assert!(only_aspas["totals"][0]["computed"].is_null());
    assert!(only_aspas["totals"][0]["paths"].is_object() || only_aspas["totals"][1].is_object());
    let missing = only_aspas["missing"].to_string();
    assert!(missing.contains("no VRPs, only ASPAs"), "{missing}");
    let as_vrps = asked("validation", "--vrps");
    assert!(all(&as_vrps, "/computed/state").contains(&json!("not-found")));
    let series = asked("stats", "--aspa")["series"].clone();
    assert!(!series.to_string().contains("\"computed\""), "{series}");
    let impact = asked("impact", "--aspa")["missing"].to_string();
    assert!(impact.contains("no VRPs, only ASPAs"), "{impact}");
}

#[test]
fn the_role_of_an_open_gives_the_direction_and_a_person_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let capture = places::testdata_file("bird-bmp.pcap");
    let aspas = aspas(folder.path(), &[(65005, &[65001])]);
    // The router, AS 4200000003, sent the roles customer to 65001 and peer to 65004, and none to others.
    let told = answer(&capture, &aspas, &[]);
    let row = |asn, role: Option<&str>, by: Option<&str>, up, down| {
        (
            asn,
            role.map(str::to_owned),
            by.map(str::to_owned),
            up,
            down,
        )
    };
    let open = Some("sent-open");
    let by_open = [
        row(65001, Some("provider"), open, false, true),
        row(65004, Some("peer"), open, true, false),
    ];
    let found = directions(&told);
    assert!(found.is_superset(&by_open.into()), "{found:?}");
    assert!(
        found.contains(&row(65005, None, None, true, true)),
        "{found:?}"
    );
    // Provider again, customer against the OPEN, and for a router that is not there.
    let told = answer(
        &capture,
        &aspas,
        &[
            "--relation",
            "65005=rs",
            "--relation",
            "AS65004=customer",
            "--relation",
            "nowhere/65001=peer",
        ],
    );
    let person = Some("relation");
    let by_person = [
        row(65001, Some("provider"), open, false, true),
        row(65004, Some("customer"), person, true, false),
        row(65005, Some("rs"), person, true, false),
    ];
    let found = directions(&told);
    assert!(found.is_superset(&by_person.into()), "{found:?}");
    let relations = told["data"]["relations"].as_array().unwrap();
    let counts = |key: &'static str| {
        relations
            .iter()
            .map(move |row| row[key].as_u64().unwrap() > 0)
    };
    assert!(counts("peers").eq([true, true, false]), "{relations:?}");
    assert!(
        counts("contradicted").eq([false, true, false]),
        "{relations:?}"
    );
    let table = asked(&capture, &aspas, &["--relation", "65004=customer"]).answered();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(
        table.contains("--relation 65004=customer goes before the OPENs, which say otherwise of"),
        "{table}"
    );
}

#[test]
fn what_is_no_relation_is_a_usage_error_that_says_why() {
    let capture = places::testdata_file("bird-bmp.pcap");
    let folder = tempfile::tempdir().unwrap();
    let aspas = aspas(folder.path(), &[]);
    for (relations, reason) in [
        (&["65001"][..], "has no '='"),
        (
            &["65001=upstream"],
            "'upstream' is no role: provider, rs, rs-client, customer, peer",
        ),
        (&["x=peer"], "'x' is no AS number"),
        (
            &["1=peer", "1=customer"],
            "AS1 cannot be both peer and customer",
        ),
    ] {
        let options: Vec<&str> = relations
            .iter()
            .flat_map(|one| ["--relation", one])
            .collect();
        let asked = asked(&capture, &aspas, &options);
        assert_eq!(asked.code, 2, "{asked}");
        assert!(asked.stderr.contains(reason), "{asked}");
    }
}

/// `authorized` of the draft, from the entries themselves.
#[derive(Clone, Copy, PartialEq)]
enum Hop {
    NoAttestation,
    Provider,
    NotProvider,
}

struct Reference(HashMap<u32, BTreeSet<u32>>);

impl Reference {
    fn hop(&self, customer: u32, provider: u32) -> Hop {
        match self.0.get(&customer) {
            None => Hop::NoAttestation,
            Some(providers) if providers.contains(&provider) => Hop::Provider,
            Some(_) => Hop::NotProvider,
        }
    }

    /// By trying every place where a path may turn: a prefix of hops from the origin goes up, then at most
    /// one goes across, the rest goes down. What may be, where nothing is attested, and what surely is.
    fn state(&self, asns: &[u32], neighbour: u32, is_downstream: bool) -> &'static str {
        let mut path = asns.to_vec();
        path.dedup();
        if path.first() != Some(&neighbour) {
            return "invalid";
        }
        path.reverse();
        let hops = path.len() - 1;
        let climbs =
            |from: usize, to: usize, good: &[Hop]| good.contains(&self.hop(path[from], path[to]));
        let fits = |good: &[Hop]| {
            let up = |end: usize| (0..end).all(|at| climbs(at, at + 1, good));
            let down = |begin: usize| (begin..hops).all(|at| climbs(at + 1, at, good));
            match is_downstream {
                false => up(hops),
                true => {
                    (0..=hops).any(|turn| up(turn) && (down(turn) || turn < hops && down(turn + 1)))
                }
            }
        };
        if fits(&[Hop::Provider]) {
            "valid"
        } else if fits(&[Hop::Provider, Hop::NoAttestation]) {
            "unknown"
        } else {
            "invalid"
        }
    }
}

/// Session, peer, view, prefix.
type Key = (u64, String, String, String);

fn key(line: &Value, prefix: &Value) -> Key {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    (
        line["session"].as_u64().unwrap(),
        text(&line["peer"]["address"]),
        text(&line["rib"]),
        text(prefix),
    )
}

/// The path of each route as it was announced last.
fn paths(capture: &Path) -> BTreeMap<Key, Vec<u32>> {
    let mut paths = BTreeMap::new();
    for line in run(&["messages", capture.to_str().unwrap()])
        .answered()
        .lines()
    {
        let update = &line["update"];
        let segments = update["as_path"].as_array().into_iter().flatten();
        let asns = segments.flat_map(|segment| segment["asns"].as_array().unwrap());
        let asns: Vec<u32> = asns.map(|asn| asn.as_u64().unwrap() as u32).collect();
        for route in update["announced"].as_array().into_iter().flatten() {
            paths.insert(key(&line, &route["prefix"]), asns.clone());
        }
    }
    paths
}

/// ASPAs that say something of many paths of the lab: of the hops seen, by their customer, some are
/// right, some name another provider, some say that there is none.
fn of_paths(paths: &BTreeMap<Key, Vec<u32>>) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut seen: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for path in paths.values() {
        for hop in path.windows(2) {
            seen.entry(hop[1]).or_default().insert(hop[0]);
        }
    }
    for path in paths.values().filter(|path| path.len() > 3) {
        // The side of the neighbour goes down in half of the paths.
        seen.entry(path[1]).or_default().insert(path[2]);
    }
    seen.retain(|asn, _| asn % 16 != 3);
    for (asn, providers) in &mut seen {
        match asn % 32 {
            5 => *providers = [0].into(),
            7 => *providers = [1].into(),
            _ => {}
        }
    }
    seen
}

#[test]
fn every_path_of_the_lab_has_the_state_that_the_reference_gives_it() {
    let Some(capture) = places::lab("rov.pcap") else {
        return;
    };
    let paths = paths(&capture);
    let entries = of_paths(&paths);
    let folder = tempfile::tempdir().unwrap();
    let lists: Vec<(u32, Vec<u32>)> = entries
        .iter()
        .map(|(customer, providers)| (*customer, providers.iter().copied().collect()))
        .collect();
    let borrowed: Vec<(u32, &[u32])> = lists.iter().map(|(asn, list)| (*asn, &list[..])).collect();
    let file = aspas(folder.path(), &borrowed);
    let reference = Reference(entries.into_iter().collect());
    let answer = answer(&capture, &file, &[]);
    let mut found: BTreeMap<(bool, String), u32> = BTreeMap::new();
    for route in answer["routes"].as_array().unwrap() {
        let shown = &route["computed"]["path_state"];
        if !shown.is_object() {
            continue;
        }
        let neighbour = route["peer"]["asn"].as_u64().unwrap() as u32;
        let path = &paths[&key(route, &route["prefix"])];
        // FRR 8.4 writes its own AS first.
        let path = path.strip_prefix(&[65011]).unwrap_or(path);
        for (name, is_downstream) in [("upstream", false), ("downstream", true)] {
            let expected = reference.state(path, neighbour, is_downstream);
            assert_eq!(shown[name], expected, "{name} {path:?} {shown}");
            *found
                .entry((is_downstream, expected.to_owned()))
                .or_default() += 1;
        }
        contradicts(shown, path, &reference);
    }
    // Every state in both directions, many times.
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.values().all(|count| *count > 100), "{found:?}");
}

/// Every hop that is named is one of the path and contradicts an ASPA, and what is invalid has such.
fn contradicts(shown: &Value, path: &[u32], reference: &Reference) {
    let named = shown["contradicted"].as_array().unwrap();
    for name in ["upstream", "downstream"] {
        let of_direction: Vec<&Value> = named
            .iter()
            .filter(|hop| hop["direction"] == name)
            .collect();
        assert_eq!(
            !of_direction.is_empty(),
            shown[name] == "invalid",
            "{shown}"
        );
        for hop in of_direction {
            let asn = |key: &str| hop[key].as_u64().unwrap() as u32;
            let (customer, provider) = (asn("customer"), asn("provider"));
            assert!(reference.hop(customer, provider) == Hop::NotProvider);
            let is_hop = |pair: &[u32]| {
                [[customer, provider], [provider, customer]]
                    .iter()
                    .any(|one| one == pair)
            };
            assert!(path.windows(2).any(is_hop), "{hop} {path:?}");
        }
    }
}
