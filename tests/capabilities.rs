//! `capabilities`: the OPENs of every Peer Up of the lab and of public captures, against a byte walker
//! of its own; and what routers report, in every form that a test encoder can write.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod library;
mod support;

use bmpscope::bmp::parameters::{Defaults, HeaderDoubt, RouterParameters, SubTlvHeader};
use bmpscope::bmp::{Message, PeerHeader};
use bmpscope::wire::{CodePoint, CodePoints};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::parameters::{
    DEFAULTS, ENABLED, Form, SUPPORTED, Version, defaults, initiation, optional, parameter_tlv,
};
use support::program::{Input, ask, run_with_stdin};
use support::{bmp, places};

/// Code, AFI and SAFI.
type Key = (u8, Option<u16>, Option<u8>);
/// What an OPEN says: of each key its octets.
type Said = BTreeMap<Key, Vec<u8>>;

fn number(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}

/// The capabilities of an OPEN by RFC 4271 4.2, RFC 5492 4 and RFC 9072 2.
fn walk_open(open: &[u8]) -> Said {
    let mut said = Said::new();
    let parameters = &open[29..];
    let is_extended = open[28] != 0 && parameters.first() == Some(&255);
    let mut rest = if is_extended {
        &parameters[3..]
    } else {
        parameters
    };
    while rest.len() >= 2 {
        let (length, head) = match is_extended {
            true => (usize::from(number(rest, 1)), 3),
            false => (usize::from(rest[1]), 2),
        };
        if rest[0] == 2 {
            walk_capabilities(&rest[head..head + length], &mut said);
        }
        rest = &rest[head + length..];
    }
    said
}

fn walk_capabilities(mut rest: &[u8], said: &mut Said) {
    while rest.len() >= 2 {
        let (code, length) = (rest[0], usize::from(rest[1]));
        let value = &rest[2..2 + length];
        let size = match code {
            1 => 4,
            5 => 6,
            69 => 4,
            71 => 7,
            76 => 5,
            64 => 4,
            _ => 0,
        };
        let rows = match code {
            64 => &value[2..],
            _ => value,
        };
        let is_whole = size == 0 || rows.is_empty() || code == 64;
        if is_whole {
            said.insert((code, None, None), value.to_vec());
        }
        if size > 0 {
            for row in rows.chunks(size) {
                // Multiprotocol and extended next hop have an octet more before the SAFI.
                let safi = row[if matches!(code, 1 | 5) { 3 } else { 2 }];
                said.insert((code, Some(number(row, 0)), Some(safi)), row.to_vec());
            }
        }
        rest = &rest[2 + length..];
    }
}

/// Whether two OPENs agree on a capability: RFC 7911 4, 9234 4.2, 4724 3, 9494, 7313, 8950 4.
fn agree(key: Key, sent: &Said, received: &Said) -> bool {
    let has = |said: &Said, code| said.contains_key(&(code, None, None));
    let both = sent.get(&key).zip(received.get(&key));
    match key.0 {
        64 | 71 => {
            let all = has(sent, 64) && has(received, 64);
            let own = |said: &Said| said.keys().any(|other| other.0 == key.0);
            // Long-lived stale times are those of families (RFC 9494 4.2).
            let named = |said: &Said| said.keys().any(|other| other.0 == 71 && other.1.is_some());
            let has_any = key.0 == 64 || named(sent) || named(received);
            all && own(sent) && own(received) && has_any
        }
        // Without a family nothing has path identifiers.
        69 => both.is_some_and(|(ours, theirs)| {
            let flows = |from: &[u8], to: &[u8]| from[3] & 2 != 0 && to[3] & 1 != 0;
            key.1.is_some() && (flows(ours, theirs) || flows(theirs, ours))
        }),
        9 => both.is_some_and(|(ours, theirs)| {
            let pairs = [(0, 3), (3, 0), (1, 2), (2, 1), (4, 4)];
            pairs.contains(&(ours[0], theirs[0]))
        }),
        5 => both.is_some_and(|(ours, theirs)| ours[4..] == theirs[4..]),
        70 => {
            let refreshes = |said: &Said| has(said, 2) || has(said, 128);
            both.is_some() && refreshes(sent) && refreshes(received)
        }
        _ => both.is_some(),
    }
}

fn afi_word(afi: u16) -> &'static str {
    match afi {
        1 => "ipv4",
        2 => "ipv6",
        25 => "l2vpn",
        16388 => "bgp-ls",
        _ => panic!("AFI {afi}"),
    }
}

fn safi_word(safi: u8) -> &'static str {
    match safi {
        1 => "unicast",
        2 => "multicast",
        4 => "labeled-unicast",
        70 => "evpn",
        71 => "bgp-ls",
        128 => "vpn",
        132 => "route-target",
        133 => "flowspec",
        134 => "flowspec-vpn",
        _ => panic!("SAFI {safi}"),
    }
}

/// Code, AFI, SAFI, advertised, received, negotiated.
type Row = (u8, String, String, bool, bool, bool);

/// What the report has to say of a Peer Up.
fn expected(up: &[u8]) -> BTreeSet<Row> {
    let opens = &up[68..];
    let (sent, rest) = opens.split_at(usize::from(number(opens, 16)));
    let received = &rest[..usize::from(number(rest, 16))];
    let (sent, received) = (walk_open(sent), walk_open(received));
    let keys: BTreeSet<Key> = sent.keys().chain(received.keys()).copied().collect();
    let row = |key: Key| {
        let afi = key.1.map_or("", afi_word).to_owned();
        let safi = key.2.map_or("", safi_word).to_owned();
        let is_agreed = agree(key, &sent, &received);
        (
            key.0,
            afi,
            safi,
            sent.contains_key(&key),
            received.contains_key(&key),
            is_agreed,
        )
    };
    keys.into_iter().map(row).collect()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn told(peer: &Value) -> BTreeSet<Row> {
    let rows = peer["capabilities"].as_array().unwrap().iter();
    // Null: the code has no known meaning.
    let is = |value: &Value| value.as_bool().unwrap_or_default();
    rows.map(|row| {
        let code = row["code"].as_u64().unwrap() as u8;
        let states = ["advertised", "received", "negotiated"].map(|key| is(&row[key]));
        (
            code,
            word(&row["afi"]),
            word(&row["safi"]),
            states[0],
            states[1],
            states[2],
        )
    })
    .collect()
}

fn ask_stream(stream: &[u8]) -> Value {
    run_with_stdin(&["capabilities", "--json", "-"], stream)
        .answered()
        .json()
}

/// The Peer Ups of a session in runs of which none has two of one peer, so that each one's OPENs are
/// the last that are known of its peer.
fn runs(messages: &[library::Message]) -> Vec<Vec<&[u8]>> {
    let mut runs: Vec<Vec<&[u8]>> = Vec::new();
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (_, message) in messages.iter().filter(|one| one.1[5] == 3) {
        // Peer type, the V flag, distinguisher, address, and the BGP ID, which tells Loc-RIBs apart.
        let mut key = vec![message[6], message[7] & 0x80];
        key.extend(&message[8..32]);
        if message[6] == 3 {
            key.extend(&message[36..40]);
        }
        let number = seen
            .entry(key)
            .and_modify(|number| *number += 1)
            .or_default();
        if runs.len() <= *number {
            runs.push(Vec::new());
        }
        runs[*number].push(message);
    }
    runs
}

/// Holds every Peer Up of a capture against the walker; how many there are.
fn hold(path: &Path) -> usize {
    let answer = library::read(&std::fs::read(path).unwrap(), &[]);
    let mut held = 0;
    for messages in &answer.sessions {
        for run in runs(messages) {
            let version = run[0][0];
            let mut stream = bmp::initiation(&[(2, "r1")]);
            stream[0] = version;
            stream.extend(run.concat());
            let answer = ask_stream(&stream);
            let peers = answer["peers"].as_array().unwrap();
            assert_eq!(peers.len(), run.len(), "{}", path.display());
            for (peer, up) in peers.iter().zip(&run) {
                let place = format!("{} {}", path.display(), peer["peer"]);
                assert_eq!(told(peer), expected(up), "{place}");
                held += 1;
            }
        }
    }
    held
}

fn captures(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            captures(&path, into);
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_small = path.metadata().unwrap().len() < 4 << 20;
        if matches!(extension, Some("pcap" | "pcapng" | "bmp")) && is_small {
            into.push(path);
        }
    }
}

#[test]
fn every_peer_up_of_testdata_is_as_a_walk_over_its_octets_says() {
    let captures = places::testdata_captures();
    let held: usize = captures.iter().map(|path| hold(path)).sum();
    assert!(held > 50, "only {held} Peer Ups");
}

#[test]
fn every_peer_up_of_public_captures_is_as_a_walk_over_its_octets_says() {
    let Some(shared) = places::shared_captures() else {
        return;
    };
    let mut paths = Vec::new();
    for maker in [
        "pmacct",
        "pmacct-test-automation",
        "netgauze",
        "traffic-reproducer",
    ] {
        captures(&shared.join("public").join(maker), &mut paths);
    }
    paths.sort();
    let held: usize = paths.iter().map(|path| hold(path)).sum();
    assert!(held > 100, "only {held} Peer Ups");
}

/// The operating systems of the routers of a capture, each once.
fn systems(path: &Path) -> BTreeSet<String> {
    let answer = ask("capabilities", &["--json"], &Input::file(path))
        .answered()
        .json();
    let routers = answer["routers"].as_array().unwrap().iter();
    routers.map(|row| word(&row["router"]["os"])).collect()
}

#[test]
fn the_routers_of_the_lab_are_identified() {
    let expected = [
        ("frr-gobgp-small.pcap", &["frr", "gobgp"][..]),
        ("frr107-gobgp.pcap", &["frr", "gobgp"]),
        ("bird-bmp.pcap", &["bird"]),
    ];
    for (capture, systems_expected) in expected {
        let found = systems(&places::testdata_file(capture));
        assert_eq!(
            found.iter().map(String::as_str).collect::<Vec<_>>(),
            systems_expected
        );
    }
}

#[test]
fn the_routers_of_public_captures_are_identified() {
    let Some(shared) = places::shared_captures() else {
        return;
    };
    let expected = [
        (
            "pmacct/200-BMP-HUAWEI-locrib_instance/traffic-00.pcap",
            "vrp",
        ),
        ("pmacct/201-BMP-CISCO-rd_instance/traffic-00.pcap", "ios-xr"),
        ("pmacct/204-BMP-CISCO-peer_down/traffic-00.pcap", "ios-xr"),
        (
            "netgauze/bmp/unreachable-prefix-announcement/upa.pcap",
            "frr",
        ),
    ];
    for (capture, system) in expected {
        let found = systems(&shared.join("public").join(capture));
        assert!(
            found.contains(system) && found.len() == 1,
            "{capture}: {found:?}"
        );
    }
    let many = systems(&shared.join("public/traffic-reproducer/pcaps/bmp-multi-sources-init.pcap"));
    for system in ["frr", "ios-xr", "junos", "vrp"] {
        assert!(many.contains(system), "{system}: {many:?}");
    }
}

/// A router of every form: what it supports and enables, and what of that comes back.
#[test]
fn what_routers_report_comes_back_in_every_form() {
    let supported = [
        (1, vec![0, 1, 0, 1]),
        (2, vec![]),
        (64, vec![0, 120, 0, 1, 1, 0]),
        (200, vec![7]),
    ];
    let enabled = [(1, vec![0, 1, 0, 1]), (2, vec![])];
    for version in [Version::Three, Version::Four] {
        for form in [Form::Plain, Form::Extended] {
            for each in [1, 2, 9] {
                let tlvs = [
                    parameter_tlv(version, SUPPORTED, &optional(&supported, each, form)),
                    parameter_tlv(version, ENABLED, &optional(&enabled, each, form)),
                ];
                let message = initiation(version, "r1", &tlvs);
                let answer = ask_stream(&[message.clone(), message].concat());
                let rows = answer["routers"][0]["capabilities"].as_array().unwrap();
                let told: Vec<_> = rows
                    .iter()
                    .map(|row| {
                        (
                            word(&row["name"]),
                            word(&row["afi"]),
                            row["supported"].clone(),
                            row["enabled"].clone(),
                        )
                    })
                    .collect();
                let row = |name: &str, afi: &str, enabled: bool| {
                    (name.to_owned(), afi.to_owned(), true.into(), enabled.into())
                };
                let expected: Vec<(String, String, Value, Value)> = vec![
                    row("multiprotocol", "ipv4", true),
                    row("route-refresh", "", true),
                    row("graceful-restart", "", false),
                    row("graceful-restart", "ipv4", false),
                    row("unknown-200", "", false),
                ];
                assert_eq!(told, expected, "{version:?} {form:?} {each}");
                assert_eq!(rows[4]["values"]["supported"]["raw"], "07");
            }
        }
    }
}

#[test]
fn the_matrix_has_a_letter_for_each_state() {
    let supported = optional(&[(2, vec![]), (64, vec![0, 120])], 9, Form::Plain);
    let enabled = optional(&[(2, vec![]), (6, vec![])], 9, Form::Plain);
    let tlvs = [
        parameter_tlv(Version::Three, SUPPORTED, &supported),
        parameter_tlv(Version::Three, ENABLED, &enabled),
    ];
    let open = |codes: &[u8]| {
        let capabilities = codes.iter().map(|code| (*code, Vec::new())).collect();
        let usual = support::bgp::Open::usual(64500, [192, 0, 2, 1].into());
        support::bgp::Open {
            capabilities,
            ..usual
        }
        .encode()
    };
    let up = bmp::PeerHeader::new("192.0.2.7", 64501).peer_up(
        ("192.0.2.1", 179),
        179,
        (&open(&[2, 70]), &open(&[2, 70, 128])),
        &[],
    );
    let stream = [initiation(Version::Three, "r1", &tlvs), up].concat();
    for by in ["router", "peer"] {
        let answer = run_with_stdin(&["capabilities", "--by", by, "-"], &stream).answered();
        let text = String::from_utf8(answer.stdout).unwrap();
        for line in [
            "route-refresh           SEARN",
            "extended-message        .E...",
            "graceful-restart        S....",
            "enhanced-route-refresh  ..ARN",
            "route-refresh-cisco     ...R.",
        ] {
            assert!(
                text.lines().any(|shown| shown == line),
                "{line} is not in\n{text}"
            );
        }
    }
}

#[test]
fn what_is_odd_about_reports_is_a_finding() {
    let odd = [
        // A parameter past its TLV; a value of two octets; the same parameter twice.
        parameter_tlv(Version::Three, SUPPORTED, &[2, 9, 2, 0]),
        parameter_tlv(
            Version::Three,
            DEFAULTS,
            &[0, 9, 0, 2, 0, 180, 0, 9, 0, 4, 0, 0, 0, 90],
        ),
    ];
    let message = initiation(Version::Three, "r1", &odd);
    let answer = run_with_stdin(
        &["check", "--json", "-"],
        &[message.clone(), message].concat(),
    );
    assert_eq!(answer.code, 1);
    let answer = answer.json();
    let findings = answer["findings"].as_array().or(answer["check"].as_array());
    let findings = findings.cloned().unwrap_or_default();
    let kinds: BTreeSet<String> = findings.iter().map(|one| word(&one["kind"])).collect();
    for kind in [
        "default-header-doubtful",
        "default-parameter-length",
        "default-parameter-repeated",
        "router-parameters-malformed",
    ] {
        assert!(kinds.contains(kind), "{kind}: {answer}");
    }
}

/// The sub-types of this program by default, 4 to 13.
const PARAMETERS: [CodePoint; 10] = [
    CodePoint::LocalDistance,
    CodePoint::EbgpDistance,
    CodePoint::IbgpDistance,
    CodePoint::ConnectRetryTime,
    CodePoint::KeepaliveTime,
    CodePoint::HoldTime,
    CodePoint::EbgpRouteUpdateInterval,
    CodePoint::IbgpRouteUpdateInterval,
    CodePoint::DefaultLocalPreference,
    CodePoint::DefaultMed,
];

fn decoded(message: &[u8]) -> RouterParameters {
    let Ok(Message::Initiation(initiation)) = Message::decode(message) else {
        panic!("no Initiation")
    };
    RouterParameters::of(&initiation, &CodePoints::default())
}

proptest! {
    #[test]
    fn any_set_of_capabilities_in_any_packing_is_the_same_set(
        set in proptest::collection::vec((any::<u8>(), proptest::collection::vec(any::<u8>(), 0..20)), 0..40),
        each in 1usize..10,
        split in 0usize..40,
        extended in any::<(bool, bool)>(),
        version in prop_oneof![Just(Version::Three), Just(Version::Four)],
    ) {
        let (first, second) = set.split_at(split.min(set.len()));
        let form = |extended| if extended { Form::Extended } else { Form::Plain };
        let tlvs = [
            parameter_tlv(version, SUPPORTED, &optional(first, each, form(extended.0))),
            parameter_tlv(version, SUPPORTED, &optional(second, each, form(extended.1))),
        ];
        let read = decoded(&initiation(version, "r1", &tlvs)).supported.unwrap();
        let told: Vec<_> = read.capabilities.into_iter().map(|one| (one.code.0, one.raw)).collect();
        prop_assert_eq!(told, set);
        prop_assert!(read.remainders.is_empty() && read.others.is_empty());
    }

    #[test]
    fn any_set_of_defaults_in_any_packing_is_the_same_set(
        set in proptest::collection::btree_map(4u8..14, any::<u32>(), 0..10),
        split in 0usize..10,
        wide in any::<(bool, bool)>(),
        version in prop_oneof![Just(Version::Three), Just(Version::Four)],
    ) {
        let rows: Vec<(u8, u32)> = set.clone().into_iter().collect();
        let (first, second) = rows.split_at(split.min(rows.len()));
        let tlvs = [
            parameter_tlv(version, DEFAULTS, &defaults(first, wide.0)),
            parameter_tlv(version, DEFAULTS, &defaults(second, wide.1)),
        ];
        let read: Defaults = decoded(&initiation(version, "r1", &tlvs)).defaults.unwrap();
        // Some values make one octet of type and length look like two as well; then it is said.
        if read.doubt == Some(HeaderDoubt::Both) {
            return Ok(());
        }
        for (number, parameter) in (4u8..).zip(PARAMETERS) {
            prop_assert_eq!(read.number(parameter), set.get(&number).copied());
        }
        let last = if second.is_empty() { (first, wide.0) } else { (second, wide.1) };
        let header = if last.1 { SubTlvHeader::U16 } else { SubTlvHeader::U8 };
        prop_assert_eq!(read.header, (!last.0.is_empty()).then_some(header));
    }
}

#[test]
fn a_per_peer_header_is_where_the_walker_thinks() {
    let up =
        bmp::PeerHeader::new("192.0.2.1", 64500).peer_up(("192.0.2.2", 179), 179, (&[], &[]), &[]);
    assert_eq!(PeerHeader::peek(&up).unwrap().asn, 64500);
    assert_eq!(up.len(), 68);
}

#[test]
fn several_routers_with_all_three_reports_come_back_router_by_router() {
    use support::speaker::{self, Speaker};
    let supported: Vec<(u8, Vec<u8>)> =
        vec![(2, vec![]), (6, vec![]), (70, vec![]), (200, vec![7])];
    let forms = [
        ("192.0.2.1", "a", Version::Three, Form::Plain, true),
        ("192.0.2.2", "b", Version::Three, Form::Extended, false),
        ("192.0.2.3", "c", Version::Four, Form::Plain, false),
        ("192.0.2.4", "d", Version::Four, Form::Extended, true),
    ];
    let speakers: Vec<Speaker> = (1u32..)
        .zip(forms)
        .map(|(number, (address, name, version, form, is_wide))| {
            // Router N enables the first N of what it supports, says twice that it does, and has a hold
            // time of its own.
            let enabled = optional(&supported[..number as usize], 1, form);
            let own = defaults(&[(9, 60 * number), (99, number)], is_wide);
            let tlvs = [
                parameter_tlv(version, SUPPORTED, &optional(&supported, 2, form)),
                parameter_tlv(version, ENABLED, &enabled),
                parameter_tlv(version, ENABLED, &enabled),
                parameter_tlv(version, DEFAULTS, &own),
            ];
            let mut speaker = Speaker::new(address, name, "");
            if version == Version::Four {
                speaker = speaker.of_version_4();
            }
            speaker.tlvs = tlvs.concat();
            speaker
        })
        .collect();
    let capture = speaker::capture(&speakers);
    let answer = ask("capabilities", &["--json"], &Input::Pipe(capture.clone()));
    let answer = answer.answered().json();
    let reported = ask("defaults", &["--json"], &Input::Pipe(capture))
        .answered()
        .json();
    for (index, (address, name, ..)) in forms.into_iter().enumerate() {
        let router = &answer["routers"][index];
        assert_eq!(router["router"]["sys_name"], name);
        let rows = router["capabilities"].as_array().unwrap();
        assert_eq!(rows.len(), supported.len());
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(row["supported"], true, "{name}: {row}");
            assert_eq!(row["enabled"], place <= index, "{name}: {row}");
        }
        let row = &reported["routers"][index];
        assert_eq!(row["router"]["address"], address);
        assert_eq!(row["defaults"]["hold_time"], 60 * (index + 1), "{row}");
    }
}
