//! `defaults`: what routers report as their defaults, what is documented of them, and what of it is
//! dangerous to mix.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use support::program::{Input, Run, ask};
use support::speaker::{Header, Speaker, capture, open, sub_tlvs};

const HUAWEI: &str = "Huawei Versatile Routing Platform Software VRP (R) software, Version 8.210 \
     (NE40E V800R021C00SPC090T) Copyright (C) 2012-2021 Huawei Technologies Co., Ltd. HUAWEI \
     NE40E-M2K-B";
const FRR: &str = "FRRouting 10.7.0";
const IOS_XR: &str = "Cisco IOS XR Software, Version 5.2.2.21I[Default]\nCopyright (c) 2014 by \
     Cisco Systems, Inc.";
const JUNOS: &str = "Juniper Networks, Inc. JNP204 [MX204] internet router, kernel FreeBSD \
     JNPR-15.0-20240618.78e5114_buil, Build date: 2024-06-22 01:00:03 UTC Copyright (c) \
     1996-2024 Juniper Networks, Inc.";

/// The ten, in the order of the draft, and their numbers in the wire profile.
const NAMES: [(&str, u16); 10] = [
    ("local_distance", 4),
    ("ebgp_distance", 5),
    ("ibgp_distance", 6),
    ("connect_retry_time", 7),
    ("keepalive_time", 8),
    ("hold_time", 9),
    ("ebgp_route_update_interval", 10),
    ("ibgp_route_update_interval", 11),
    ("default_local_preference", 12),
    ("default_med", 13),
];

fn huawei() -> Speaker {
    Speaker::new("192.0.2.1", "ne40", HUAWEI).reports(&[(4, 255), (5, 255), (6, 255)])
}

fn frr() -> Speaker {
    Speaker::new("192.0.2.2", "frr1", FRR).reports(&[(4, 200), (5, 20), (6, 200)])
}

fn run(options: &[&str], speakers: &[Speaker]) -> Run {
    ask("defaults", options, &Input::Pipe(capture(speakers)))
}

fn answer(options: &[&str], speakers: &[Speaker]) -> Value {
    run(&[&["--json"], options].concat(), speakers)
        .answered()
        .json()
}

fn of_rule<'a>(answer: &'a Value, rule: &str) -> Vec<&'a Value> {
    let all = answer["mismatches"].as_array().unwrap().iter();
    all.filter(|one| one["rule"] == rule).collect()
}

/// Name and value of each router of a mismatch.
fn who(mismatch: &Value) -> Vec<(String, Value)> {
    let routers = mismatch["routers"].as_array().unwrap().iter();
    routers
        .map(|one| {
            let name = &one["router"]["sys_name"];
            let name = if name.is_null() {
                &one["router"]["address"]
            } else {
                name
            };
            (name.as_str().unwrap().to_owned(), one["value"].clone())
        })
        .collect()
}

fn pairs(expected: &[(&str, u32)]) -> Vec<(String, Value)> {
    let expected = expected.iter();
    expected
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect()
}

#[test]
fn the_example_of_the_draft_is_one_error_for_each_distance() {
    for other in [FRR, IOS_XR] {
        let mut other = Speaker::new("192.0.2.2", "b", other);
        other = other.reports(&[(4, 200), (5, 20), (6, 200)]);
        let answer = answer(&[], &[huawei(), other]);
        let found = of_rule(&answer, "BGPD001");
        let parameters: Vec<_> = found.iter().map(|one| &one["parameter"]).collect();
        assert_eq!(
            parameters,
            ["local_distance", "ebgp_distance", "ibgp_distance"]
        );
        for (mismatch, usual) in found.into_iter().zip([200, 20, 200]) {
            assert_eq!(mismatch["severity"], "error");
            let mut names = who(mismatch);
            names.sort_by_key(|(name, _)| name.clone());
            assert_eq!(names, pairs(&[("b", usual), ("ne40", 255)]));
            let why = mismatch["why"].as_str().unwrap();
            assert!(why.contains("do not install"), "{why}");
            let reference = mismatch["reference"].as_str().unwrap();
            assert!(reference.contains("draft-zhuang"), "{reference}");
        }
    }
}

#[test]
fn a_distance_that_does_not_differ_is_no_mismatch() {
    let both = [(4, 200), (5, 20), (6, 255)];
    let one = Speaker::new("192.0.2.1", "a", HUAWEI).reports(&both);
    let other = Speaker::new("192.0.2.2", "b", FRR).reports(&both);
    let answer = answer(&[], &[one, other]);
    assert_eq!(answer["mismatches"], json!([]));
    assert_eq!(answer["parameters"][0]["agree"], true);
    assert_eq!(answer["parameters"][3]["agree"], Value::Null);
}

/// Value of the router and the parameter: nothing is the same twice.
fn value(router: usize, number: u16) -> u32 {
    match (router, number) {
        // All 32 bits are there, and there is no sign.
        (0, 13) => u32::MAX,
        (1, 13) => 0,
        _ => router as u32 * 1000 + u32::from(number),
    }
}

#[test]
fn every_reported_cell_comes_back_exactly() {
    let names = ["a", "b", "c", "d", "e"];
    let addresses = [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "192.0.2.4",
        "2001:db8::5",
    ];
    let encoded = |router: usize, header| {
        // Router c does not report every second.
        let numbers = NAMES.iter().map(|(_, number)| *number);
        let reported = numbers.filter(|number| router != 2 || number % 2 == 0);
        let reported =
            reported.map(|number| (number, value(router, number).to_be_bytes().to_vec()));
        sub_tlvs(header, &reported.collect::<Vec<_>>())
    };
    let speaker = |router: usize| Speaker::new(addresses[router], names[router], "");
    let speakers = [
        speaker(0).sends(&encoded(0, Header::Two)),
        speaker(1).sends(&encoded(1, Header::One)),
        speaker(2).sends(&encoded(2, Header::Two)),
        speaker(3).of_version_4().sends(&encoded(3, Header::Two)),
        speaker(4).of_version_4().sends(&encoded(4, Header::One)),
    ];
    let answer = answer(&[], &speakers);
    let headers = ["u16", "u8", "u16", "u16", "u8"];
    for (router, header) in headers.into_iter().enumerate() {
        let row = &answer["routers"][router];
        assert_eq!(row["router"]["sys_name"], names[router]);
        assert_eq!(row["router"]["address"], addresses[router]);
        assert_eq!(row["header"], header);
        for (index, (name, number)) in NAMES.into_iter().enumerate() {
            let expected = (router != 2 || number % 2 == 0).then(|| value(router, number));
            assert_eq!(row["defaults"][name], json!(expected), "{name} of {router}");
            let parameter = &answer["parameters"][index];
            assert_eq!(parameter["name"], name);
            let values = parameter["values"].as_array().unwrap().iter();
            let own: Vec<_> = values
                .filter(|value| value["router"] == row["router"])
                .map(|value| (value["value"].clone(), value["source"].clone()))
                .collect();
            let expected = expected.map(|value| (json!(value), json!("reported")));
            assert_eq!(own, expected.into_iter().collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_last_of_a_repeated_parameter_counts_and_odd_ones_are_kept_as_octets() {
    let odd = [
        (9, 90u32.to_be_bytes().to_vec()),
        (9, 180u32.to_be_bytes().to_vec()),
        (8, vec![0, 60]),
        (77, vec![1, 2, 3]),
    ];
    let speaker = Speaker::new("192.0.2.1", "a", "").sends(&sub_tlvs(Header::Two, &odd));
    let answer = answer(&[], &[speaker]);
    let row = &answer["routers"][0];
    assert_eq!(row["defaults"]["hold_time"], 180);
    assert_eq!(row["defaults"]["keepalive_time"], Value::Null);
    let others = json!([
        {"code": 8, "name": "keepalive_time", "raw": "003c"},
        {"code": 77, "name": "unknown-77", "raw": "010203"},
    ]);
    assert_eq!(row["others"], others);
}

#[test]
fn repeated_tlvs_are_one_and_a_later_session_counts() {
    let sub_tlv =
        |number: u16, value: u32| sub_tlvs(Header::Two, &[(number, value.to_be_bytes().to_vec())]);
    let early = Speaker::new("192.0.2.1", "a", "")
        .sends(&sub_tlv(9, 90))
        .sends(&sub_tlv(8, 30));
    let answer_of = |speakers: &[Speaker]| answer(&[], speakers)["routers"].clone();
    let routers = answer_of(std::slice::from_ref(&early));
    assert_eq!(routers[0]["defaults"]["hold_time"], 90);
    assert_eq!(routers[0]["defaults"]["keepalive_time"], 30);
    let late = Speaker::new("192.0.2.1", "a", "").sends(&sub_tlv(9, 180));
    let routers = answer_of(&[early, late]);
    assert_eq!(routers.as_array().unwrap().len(), 1);
    assert_eq!(routers[0]["sessions"], json!([1, 2]));
    assert_eq!(routers[0]["defaults"]["hold_time"], 180);
    assert_eq!(routers[0]["defaults"]["keepalive_time"], Value::Null);
}

#[test]
fn numbers_of_the_user_are_read() {
    let defaults = [(106, 42u32.to_be_bytes().to_vec())];
    let mut speaker = Speaker::new("192.0.2.1", "a", "");
    speaker.tlvs = support::bmp::tlv(40001, &sub_tlvs(Header::Two, &defaults));
    let codes = [
        "--code",
        "default-behavior-parameters=40001",
        "--code",
        "hold-time=106",
    ];
    let answer = answer(&codes, &[speaker]);
    assert_eq!(answer["routers"][0]["defaults"]["hold_time"], 42);
}

#[test]
fn what_is_not_reported_is_absent_and_only_filled_where_asked_for() {
    let speakers = [
        Speaker::new("192.0.2.1", "ne40", HUAWEI),
        Speaker::new("192.0.2.2", "frr1", FRR).reports(&[(9, 0)]),
        Speaker::new("192.0.2.3", "mx", JUNOS),
    ];
    let plain = answer(&[], &speakers);
    for row in plain["routers"].as_array().unwrap() {
        assert_eq!(row["baseline"], json!({}));
        assert_eq!(row["baseline_of"], Value::Null);
    }
    assert_eq!(
        plain["parameters"][5]["values"].as_array().unwrap().len(),
        1
    );
    assert_eq!(plain["parameters"][1]["values"], json!([]));
    let filled = answer(&["--baseline", "vendors"], &speakers);
    let hold = filled["parameters"][5]["values"].as_array().unwrap();
    let told: Vec<_> = hold
        .iter()
        .map(|one| {
            (
                one["router"]["sys_name"].clone(),
                one["value"].clone(),
                one["source"].clone(),
            )
        })
        .collect();
    let expected = [
        (json!("frr1"), json!(0), json!("reported")),
        (json!("ne40"), json!(180), json!("baseline")),
        (json!("mx"), json!(90), json!("baseline")),
    ];
    assert_eq!(told, expected);
    let huawei = &filled["routers"][1];
    assert_eq!(huawei["baseline_of"], "huawei/vrp8");
    assert_eq!(
        huawei["defaults"]["hold_time"],
        Value::Null,
        "never the baseline"
    );
    let distance = &huawei["baseline"]["ebgp_distance"];
    assert_eq!(distance["value"], 255);
    assert!(
        distance["source"].as_str().unwrap().contains("huawei-bgp"),
        "{distance}"
    );
    // 255 is documented of Huawei with its source, 20 of FRR: as good as reported.
    assert_eq!(of_rule(&filled, "BGPD001").len(), 3);
    // BGPD012: FRR says that it has 0.
    let disabled = of_rule(&filled, "BGPD012");
    assert_eq!(disabled[0]["severity"], "error");
}

#[test]
fn what_is_only_from_memory_raises_nothing_above_a_note() {
    // The table has 255/255/130 of H3C with sources, 20/200/200 of ZTE from memory.
    let zte = "ZXR10 ROS Version V4.6.02D ZXR10 T64G Software, Version V2.6.02.d.16_p05 Copyright \
         (c) 2001-2007 by ZTE Corporation";
    let speakers = [
        Speaker::new("192.0.2.1", "ne40", HUAWEI),
        Speaker::new("192.0.2.2", "zte", zte),
    ];
    let answer = answer(&["--baseline", "vendors"], &speakers);
    for mismatch in answer["mismatches"].as_array().unwrap() {
        let routers = mismatch["routers"].as_array().unwrap();
        let doubtful = |one: &Value| one["confidence"] == "unverified";
        if routers.iter().any(doubtful) {
            assert_eq!(mismatch["severity"], "note", "{mismatch}");
        }
    }
    assert!(!of_rule(&answer, "BGPD003").is_empty());
}

#[test]
fn a_difference_that_no_rule_knows_is_a_note() {
    let one = Speaker::new("192.0.2.1", "a", FRR).reports(&[(8, 60), (7, 60)]);
    let other = Speaker::new("192.0.2.2", "b", FRR).reports(&[(8, 30), (7, 60)]);
    let answer = answer(&[], &[one, other]);
    let mismatches = answer["mismatches"].as_array().unwrap();
    assert_eq!(mismatches.len(), 1, "{mismatches:?}");
    assert_eq!(mismatches[0]["parameter"], "keepalive_time");
    assert_eq!(mismatches[0]["severity"], "note");
    assert_eq!(mismatches[0]["rule"], Value::Null);
    assert_eq!(who(&mismatches[0]), pairs(&[("a", 60), ("b", 30)]));
}

/// Graceful restart, 120 s, with or without IPv4 unicast (RFC 4724 3).
const RESTARTER: (u8, &[u8]) = (64, &[0x00, 0x78, 0x00, 0x01, 0x01, 0x80]);
const HELPER: (u8, &[u8]) = (64, &[0x00, 0x78]);
const REFRESH: (u8, &[u8]) = (2, &[]);

#[test]
fn what_opens_show_stands_beside_what_is_reported() {
    let speaker = Speaker::new("192.0.2.1", "a", FRR)
        .reports(&[(9, 180)])
        .peer(
            "198.51.100.1",
            &open(64500, 9, &[REFRESH, RESTARTER]),
            &open(64501, 9, &[REFRESH, HELPER]),
        )
        .peer(
            "198.51.100.2",
            &open(64500, 180, &[REFRESH]),
            &open(64502, 180, &[REFRESH]),
        );
    let answer = answer(&[], &[speaker]);
    let observed = json!({
        "peers": 2,
        "hold_times": [{"value": 9, "peers": 1}, {"value": 180, "peers": 1}],
        "capabilities": [
            {"code": 2, "name": "route-refresh", "peers": 2},
            {"code": 64, "name": "graceful-restart", "peers": 1},
        ],
    });
    assert_eq!(answer["routers"][0]["observed"], observed);
    let hold = answer["parameters"][5]["values"].as_array().unwrap();
    let told: Vec<_> = hold
        .iter()
        .map(|one| (&one["value"], &one["source"]))
        .collect();
    let expected = [(180, "reported"), (9, "observed"), (180, "observed")];
    let expected = expected.map(|(value, source)| (json!(value), json!(source)));
    assert_eq!(
        told,
        expected.each_ref().map(|(value, source)| (value, source))
    );
    assert_eq!(
        answer["mismatches"],
        json!([]),
        "both ends of each session go together"
    );
}

#[test]
fn the_ends_of_a_session_are_held_against_each_other() {
    let speaker = Speaker::new("192.0.2.1", "a", FRR)
        .peer(
            "198.51.100.1",
            &open(64500, 9, &[REFRESH, RESTARTER]),
            &open(64501, 180, &[]),
        )
        .peer(
            "198.51.100.2",
            &open(64500, 0, &[REFRESH]),
            &open(64502, 180, &[REFRESH]),
        );
    let answer = answer(&[], &[speaker]);
    let raised: Vec<_> = answer["mismatches"].as_array().unwrap().iter().collect();
    let told: Vec<_> = raised
        .iter()
        .map(|one| {
            (
                one["rule"].as_str().unwrap(),
                one["severity"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("BGPD012", "error"),
        ("BGPD014", "warning"),
        ("BGPD050", "warning"),
        ("BGPD054", "warning"),
        // One for each hold time that the router has.
        ("BGPD010", "note"),
        ("BGPD010", "note"),
    ];
    assert_eq!(told, expected);
    assert_eq!(who(raised[0]), pairs(&[("a", 0), ("198.51.100.2", 180)]));
    let restart = [("a", "restarter"), ("198.51.100.1", "none")];
    let restart = restart.map(|(name, word)| (name.to_owned(), json!(word)));
    assert_eq!(who(raised[2]), restart);
}

#[test]
fn the_exit_code_follows_the_severity_asked_for() {
    let code = |options: &[&str], speakers: &[Speaker]| run(options, speakers).code;
    let errors = [huawei(), frr()];
    assert_eq!(code(&[], &errors), 0);
    assert_eq!(code(&["--fail-on-mismatch"], &errors), 1);
    assert_eq!(code(&["--fail-on-mismatch=error"], &errors), 1);
    let notes = [
        Speaker::new("192.0.2.1", "a", FRR).reports(&[(8, 60)]),
        Speaker::new("192.0.2.2", "b", FRR).reports(&[(8, 30)]),
    ];
    assert_eq!(code(&["--fail-on-mismatch"], &notes), 0);
    assert_eq!(code(&["--fail-on-mismatch=warning"], &notes), 0);
    assert_eq!(code(&["--fail-on-mismatch=note"], &notes), 1);
    assert_eq!(code(&["--fail-on-mismatch=grave"], &notes), 2);
}

#[test]
fn a_report_is_saved_and_compared_with() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lab.json");
    let path = file.to_str().unwrap();
    let save = run(&["--json", "--save", path], &[huawei(), frr()]).answered();
    assert_eq!(
        std::fs::read(&file).unwrap(),
        save.stdout,
        "as --json shows it"
    );
    let same = answer(&["--against", path], &[huawei(), frr()]);
    let nothing = json!({"changes": [], "added": [], "missing": []});
    assert_eq!(same["against"], nothing);
    // Another day: ne40 reports 250 of EBGP, frr1 is gone, frr2 is compared with frr1, mx is new.
    let later = [
        Speaker::new("192.0.2.1", "ne40", HUAWEI).reports(&[(4, 255), (5, 250)]),
        Speaker::new("192.0.2.9", "frr2", FRR).reports(&[(4, 200), (5, 20), (6, 200)]),
        Speaker::new("192.0.2.3", "mx", JUNOS),
    ];
    let against = answer(&["--against", path], &later)["against"].clone();
    let changes: Vec<_> = against["changes"].as_array().unwrap().iter().collect();
    let told: Vec<_> = changes
        .iter()
        .map(|one| {
            (
                one["parameter"].as_str().unwrap(),
                &one["before"],
                &one["after"],
            )
        })
        .collect();
    let expected = [
        ("ebgp_distance", &json!(255), &json!(250)),
        ("ibgp_distance", &json!(255), &Value::Null),
    ];
    assert_eq!(told, expected);
    assert_eq!(changes[0]["matched_by"], "name");
    assert_eq!(against["added"][0]["sys_name"], "mx");
    assert_eq!(against["missing"], json!([]));
    let code = run(&["--against", path, "--fail-on-mismatch=note"], &later[..1]).code;
    assert_eq!(code, 1, "a change is a note");
}

#[test]
fn files_that_cannot_be_used_are_told_with_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.json");
    std::fs::write(&file, "{\"schema\":\"bmpscope/peers/1\",\"routers\":[]}").unwrap();
    let path = file.to_str().unwrap();
    let told = |options: &[&str]| {
        let run = run(options, &[frr()]);
        assert_eq!((run.code, run.stdout.len()), (2, 0), "{run}");
        run.stderr
    };
    let said = told(&["--against", path]);
    assert!(
        said.contains("a report of bmpscope/peers/1, not of bmpscope/defaults/1"),
        "{said}"
    );
    let said = told(&["--vendor-table", path]);
    assert!(said.contains("other.json: line 1: "), "{said}");
    let missing = folder.path().join("missing.toml");
    let said = told(&["--vendor-table", missing.to_str().unwrap()]);
    assert!(
        said.contains("missing.toml: cannot be read: No such file"),
        "{said}"
    );
}

#[test]
fn a_table_of_the_users_counts_before_the_built_in_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ours.toml");
    let ours = "[[default]]\nvendor = \"huawei\"\nos = \"vrp8\"\nparameter = \"hold_time\"\n\
                value = 33\nunit = \"s\"\nconfidence = \"vendor-doc\"\nsource_title = \"our lab\"\n";
    std::fs::write(&file, ours).unwrap();
    let options = [
        "--baseline",
        "vendors",
        "--sources",
        "--vendor-table",
        file.to_str().unwrap(),
    ];
    let answer = answer(&options, &[Speaker::new("192.0.2.1", "ne40", HUAWEI)]);
    let baseline = &answer["routers"][0]["baseline"];
    assert_eq!(baseline["hold_time"]["value"], 33);
    assert_eq!(baseline["hold_time"]["source"], "our lab");
    assert_eq!(baseline["ebgp_distance"]["value"], 255, "the others stay");
    let sources = answer["sources"].as_array().unwrap();
    let hold: Vec<_> = sources
        .iter()
        .filter(|row| row["parameter"] == "hold_time")
        .collect();
    assert_eq!(hold.len(), 1);
    assert_eq!(hold[0]["source"], "our lab");
}

#[test]
fn csv_is_the_matrix_with_a_row_for_each_source() {
    let speakers = [
        huawei(),
        Speaker::new("192.0.2.2", "frr1", FRR)
            .reports(&[(9, 180)])
            .peer("198.51.100.1", &open(64500, 9, &[]), &open(64501, 9, &[])),
    ];
    let options = ["-f", "csv", "--baseline", "vendors"];
    let text = String::from_utf8(run(&options, &speakers).answered().stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "parameter,unit,source,frr1,ne40");
    assert_eq!(lines[1], "local_distance,,reported,,255");
    assert_eq!(lines[2], "local_distance,,baseline,200,");
    let hold: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("hold_time"))
        .collect();
    let expected = [
        "hold_time,s,reported,180,",
        "hold_time,s,observed,9,",
        "hold_time,s,baseline,,180",
    ];
    assert_eq!(hold, expected.iter().collect::<Vec<_>>());
}
