//! Message counts by type: `summary --json` against counts that were made without this program, by
//! the makers of the captures and by byte walkers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use support::capture_file::{self, Fraction, Order};
use support::program::{self, Input};
use support::tcp::Conversation;
use support::{extract, places, sample, walker};

/// The inventory's word and the JSON key of each type. The inventory writes types without a name
/// as `T<number>`: those are `unknown`.
const TYPES: &[(&str, &str)] = &[
    ("INIT", "initiation"),
    ("TERM", "termination"),
    ("PUP", "peer_up"),
    ("PDOWN", "peer_down"),
    ("RM", "route_monitoring"),
    ("STATS", "statistics_report"),
    ("MIRROR", "route_mirroring"),
    ("T", "unknown"),
];

/// What somebody else counted in one file.
struct Row {
    file: PathBuf,
    expected: Expected,
}

enum Expected {
    /// All sessions together, as the inventory writes it: `INIT=1,RM=84,T100=4`.
    Sum(String),
    /// Messages of all types in all sessions.
    Total(u64),
    /// Router address and counts of every session: `10.0.0.1 INIT=1,RM=966`.
    Sessions(&'static [&'static str]),
}

/// NetGauze's answers, one line a message, and the captures that they are about.
const NETGAUZE: &[(&str, &str)] = &[
    (
        "netgauze/bmp/evpn/evpn-bmp.json",
        "netgauze/bmp/evpn/evpn.pcap",
    ),
    (
        "netgauze/bmp/unreachable-prefix-announcement/upa-bmp.json",
        "netgauze/bmp/unreachable-prefix-announcement/upa.pcap",
    ),
    (
        "netgauze/pmacct-tests/200-BMP-HUAWEI-locrib_instance/traffic-00-bmp.json",
        "pmacct/200-BMP-HUAWEI-locrib_instance/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/201-BMP-CISCO-rd_instance/traffic-00-bmp.json",
        "pmacct/201-BMP-CISCO-rd_instance/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/204-BMP-CISCO-peer_down/traffic-00-bmp.json",
        "pmacct/204-BMP-CISCO-peer_down/traffic-00.pcap",
    ),
    (
        "netgauze/pmacct-tests/208-BMP-mem-leak-test/bmp-multi-sources-init-bmp.json",
        "traffic-reproducer/pcaps/bmp-multi-sources-init.pcap",
    ),
    (
        "netgauze/pmacct-tests/208-BMP-mem-leak-test/bmp-multi-sources-peer-up-bmp.json",
        "traffic-reproducer/pcaps/bmp-multi-sources-peer-up.pcap",
    ),
];

const BASE_FRR: &str = "10.0.0.1 INIT=1,PUP=23,PDOWN=23,RM=1131,STATS=107";
const BASE_FRR_VIEW: &str = "10.0.0.1 INIT=1,PDOWN=2,RM=2,STATS=15";
const BASE_GOBGP: &str = "10.0.0.2 INIT=1,PUP=8,PDOWN=6,RM=773,STATS=52";
/// The GoBGP stream replayed from the address of the FRR router over IPv6.
const BASE_GOBGP_IPV6: &str = "fd00::1 INIT=1,PUP=8,PDOWN=6,RM=773,STATS=52";
const FIRST_OCTETS_OF_FRR: &str = "10.0.0.1 INIT=1,PUP=10,PDOWN=8,RM=544,STATS=58";
const FIRST_OCTETS_OF_BIRD: &str = "fd00::1 INIT=1,PUP=5,RM=285";
const CUT_TWO: &[&str] = &[
    "10.0.0.1 INIT=1,PUP=10,PDOWN=8,RM=498,STATS=56",
    "10.0.0.1 INIT=1,PDOWN=2,RM=2,STATS=7",
    "10.0.0.2 INIT=1,PUP=6,RM=346,STATS=24",
];

/// Captures of the lab and what its README, or a walk over the streams that it replays, counts.
const LAB: &[(&str, &[&str])] = &[
    (
        "frr-gobgp-small.pcap",
        &[
            "10.0.0.1 INIT=1,PUP=12,PDOWN=23,RM=966,STATS=89",
            "10.0.0.2 INIT=1,PUP=11,PDOWN=7,RM=947,STATS=50",
        ],
    ),
    (
        "frr-gobgp-mirror.pcap",
        &[
            "10.0.0.1 INIT=1,PUP=12,PDOWN=23,STATS=89,MIRROR=647",
            "fd00::2 INIT=1,PUP=11,PDOWN=7,RM=140",
        ],
    ),
    ("frr107-gobgp.pcap", &[BASE_FRR, BASE_FRR_VIEW, BASE_GOBGP]),
    (
        "bird-bmp.pcap",
        &[
            "10.0.0.3 INIT=1,PUP=11,PDOWN=7,RM=1652,TERM=1",
            "10.0.0.3 INIT=1,PUP=4,RM=370,TERM=1",
            "10.0.0.7 INIT=1,PUP=6,PDOWN=3,RM=1088,TERM=1",
            "10.0.0.7 INIT=1,TERM=1",
        ],
    ),
    (
        "rov.pcap",
        &[
            "10.0.0.1 INIT=1,PUP=3,PDOWN=2,RM=11739,STATS=12",
            "10.0.0.11 INIT=1,PUP=2,PDOWN=4,RM=8402,STATS=8",
            "10.0.0.3 INIT=1,PUP=1,RM=4964",
        ],
    ),
    ("md5.pcap", &[BASE_FRR, "fd00::1 INIT=1,PUP=5,RM=441"]),
    ("quirk-netem.pcap", &[BASE_FRR, BASE_GOBGP_IPV6]),
    ("quirk-nano.pcap", &[BASE_FRR, BASE_GOBGP_IPV6]),
    (
        "quirk-sll2.pcap",
        &[BASE_FRR, BASE_GOBGP_IPV6, "127.0.0.1 INIT=1,PUP=5,RM=441"],
    ),
    (
        "quirk-multi.pcapng",
        &[BASE_FRR, BASE_GOBGP_IPV6, "127.0.0.1 INIT=1,PUP=5,RM=441"],
    ),
    (
        "quirk-vlan.pcap",
        &[FIRST_OCTETS_OF_FRR, FIRST_OCTETS_OF_BIRD],
    ),
    (
        "quirk-reconnect.pcap",
        &[
            "10.0.0.1 INIT=1,PUP=8,PDOWN=6,RM=228,STATS=16",
            "10.0.0.1 INIT=1,PUP=5,RM=157",
            "10.0.0.1 INIT=1,PUP=8,PDOWN=6,RM=383,STATS=40",
            "10.0.0.1 INIT=1,PUP=8,PDOWN=6,RM=295,STATS=40",
            "10.0.0.1 INIT=1,PUP=5,RM=285",
        ],
    ),
    ("derived-bigendian.pcap", CUT_TWO),
    ("derived-raw101.pcap", CUT_TWO),
    (
        "derived-truncated-record.pcap",
        &[
            "10.0.0.1 INIT=1,PUP=10,PDOWN=8,RM=544,STATS=56",
            "10.0.0.1 INIT=1,PDOWN=2,RM=2,STATS=7",
            "10.0.0.2 INIT=1,PUP=6,RM=363,STATS=30",
        ],
    ),
    // TLS: no BMP can be read. BGP alone: there is none.
    ("tls.pcap", &[]),
    ("s1-bgp-179.pcap", &[]),
    // TCP-AO and TCP-MD5 sign, they do not hide.
    (
        "tcp-ao-sha1.pcap",
        &["10.9.0.1 INIT=1,PUP=12,PDOWN=23,RM=966,STATS=89"],
    ),
    (
        "tcp-md5.pcap",
        &["10.9.0.1 INIT=1,PUP=11,PDOWN=7,RM=947,STATS=50"],
    ),
];

/// Captures that need tunnels, fragments, a start in mid-stream or unpacking.
const LAB_TRANSPORT: &[(&str, &[&str])] = &[
    (
        "quirk-gre.pcap",
        &[FIRST_OCTETS_OF_FRR, FIRST_OCTETS_OF_BIRD],
    ),
    (
        "quirk-ipfrag.pcap",
        &["10.1.0.1 INIT=1,PUP=18,PDOWN=20,RM=744,STATS=99"],
    ),
    (
        "quirk-midstream.pcap",
        &["10.0.0.1 PUP=15,PDOWN=17,RM=718,STATS=63"],
    ),
    ("derived-gz.pcap.gz", &[BASE_FRR, BASE_FRR_VIEW, BASE_GOBGP]),
];

#[test]
fn every_count_by_type_agrees_with_somebody_elses() {
    let mut rows = lab_rows(LAB);
    if let Some(captures) = places::shared_captures() {
        rows.extend(inventory_rows(&captures.join("public")));
        rows.extend(netgauze_rows(&captures.join("public")));
    }
    hold(&rows);
}

#[test]
fn tunnels_fragments_late_starts_and_gzip_cost_no_message() {
    hold(&lab_rows(LAB_TRANSPORT));
}

/// Only of streams whose Route Monitoring carries nothing but IPv4 and IPv6 unicast without path
/// identifiers, so that the plain walker can count them.
#[test]
fn routes_agree_with_a_plain_walk() {
    for name in ["rov.pcap", "frr107-gobgp.pcap"] {
        let Some(file) = places::lab(name) else {
            continue;
        };
        let records = capture_file::read(&std::fs::read(&file).unwrap());
        let answer = summary(&file);
        for stream in extract::streams(&records) {
            let Some(expected) = routes_by_walking(&stream.bytes) else {
                continue;
            };
            assert_eq!(
                routes_of(&answer, stream.source),
                expected,
                "{name} {}",
                stream.source
            );
        }
    }
}

#[test]
fn routes_of_a_made_session_are_those_that_were_put_into_it() {
    let conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:1790");
    let records = conversation.records(&conversation.whole(&sample::stream()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    let bytes = capture_file::pcap(&records, Order::Little, Fraction::Micro);
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(
        routes_of(&summary(&file), conversation.client),
        sample::ROUTES
    );
}

fn routes_by_walking(stream: &[u8]) -> Option<[u64; 3]> {
    if stream.first() != Some(&3) {
        return None;
    }
    let counts = walker::walk(stream);
    let is_plain = counts.other_families == 0 && counts.unreadable == 0;
    is_plain.then_some([counts.announced, counts.withdrawn, counts.end_of_rib])
}

/// Announced, withdrawn and End-of-RIB of the session of this router's end.
fn routes_of(answer: &Value, router: SocketAddr) -> [u64; 3] {
    let is_its = |session: &&Value| {
        let end = &session["router"];
        end["address"] == router.ip().to_string() && end["port"] == router.port()
    };
    let sessions = answer["sessions"].as_array().unwrap();
    let routes = &sessions.iter().find(is_its).unwrap()["routes"];
    ["announced", "withdrawn", "end_of_rib"].map(|key| routes[key].as_u64().unwrap())
}

/// Compares all rows, and tells all differences at once.
fn hold(rows: &[Row]) {
    let differences: Vec<String> = rows.iter().flat_map(differences).collect();
    let files = rows.len();
    let shown = differences.join("\n");
    assert!(
        differences.is_empty(),
        "of {files} files differ:\n{shown}\n"
    );
}

fn differences(row: &Row) -> Vec<String> {
    let answer = summary(&row.file);
    let sessions = sessions_with_messages(&answer);
    match &row.expected {
        Expected::Total(expected) => {
            let got = sessions.iter().map(|session| session.total).sum();
            difference(&row.file, "total", *expected, got)
        }
        Expected::Sum(text) => compare(&row.file, &Counted::parse("", text), &sum(&sessions)),
        Expected::Sessions(texts) => compare_sessions(&row.file, texts, sessions),
    }
}

fn compare_sessions(file: &Path, texts: &[&str], mut got: Vec<Counted>) -> Vec<String> {
    let parse = |text: &&str| {
        let (router, counts) = text.split_once(' ').unwrap();
        Counted::parse(router, counts)
    };
    let mut expected: Vec<Counted> = texts.iter().map(parse).collect();
    expected.sort();
    got.sort();
    if expected.len() != got.len() {
        let shown = file.display();
        return vec![format!("{shown}: expected {expected:?}, got {got:?}")];
    }
    let pairs = expected.iter().zip(&got);
    pairs
        .flat_map(|(expected, got)| compare(file, expected, got))
        .collect()
}

fn compare(file: &Path, expected: &Counted, got: &Counted) -> Vec<String> {
    let router = format!("{} router", file.display());
    let mut out = Vec::new();
    if expected.router != got.router {
        out.push(format!(
            "{router}: expected {}, got {}",
            expected.router, got.router
        ));
    }
    out.extend(difference(file, "total", expected.total, got.total));
    for (index, (_, key)) in TYPES.iter().enumerate() {
        out.extend(difference(
            file,
            key,
            expected.by_type[index],
            got.by_type[index],
        ));
    }
    out
}

fn difference(file: &Path, message_type: &str, expected: u64, got: u64) -> Vec<String> {
    if expected == got {
        return Vec::new();
    }
    let file = file.display();
    vec![format!(
        "{file} {message_type}: expected {expected}, got {got}"
    )]
}

/// Counts of one session, or of all (then without a router).
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Counted {
    router: String,
    total: u64,
    by_type: [u64; TYPES.len()],
}

impl Counted {
    /// From the inventory's `INIT=1,RM=84,T100=4`.
    fn parse(router: &str, text: &str) -> Counted {
        let mut counted = Counted {
            router: router.to_string(),
            ..Counted::default()
        };
        for part in text.split(',') {
            let (word, count) = part.split_once('=').unwrap();
            let count: u64 = count.parse().unwrap();
            let named = TYPES.iter().position(|(name, _)| *name == word);
            let index = named.unwrap_or(TYPES.len() - 1);
            counted.by_type[index] += count;
            counted.total += count;
        }
        counted
    }

    fn of_session(session: &Value) -> Counted {
        let number = |key: &str| session["messages"][key].as_u64().unwrap_or(0);
        let mut counted = Counted {
            router: session["router"]["address"]
                .as_str()
                .unwrap_or_default()
                .to_string(),
            total: number("total"),
            ..Counted::default()
        };
        for (index, (_, key)) in TYPES.iter().enumerate() {
            counted.by_type[index] = number(key);
        }
        counted
    }
}

fn sum(sessions: &[Counted]) -> Counted {
    let mut sum = Counted::default();
    for session in sessions {
        sum.total += session.total;
        for (sum, count) in sum.by_type.iter_mut().zip(session.by_type) {
            *sum += count;
        }
    }
    sum
}

/// What `summary --json` says; a failure to answer is a failure of the test.
fn summary(file: &Path) -> Value {
    program::ask("summary", &["--json"], &Input::file(file))
        .answered()
        .json()
}

fn sessions_with_messages(answer: &Value) -> Vec<Counted> {
    let sessions = answer["sessions"].as_array().unwrap();
    let counted = sessions.iter().map(Counted::of_session);
    counted.filter(|session| session.total > 0).collect()
}

fn lab_rows(rows: &[(&str, &'static [&'static str])]) -> Vec<Row> {
    let row = |(name, sessions): &(&str, &'static [&'static str])| {
        Some(Row {
            file: places::lab(name)?,
            expected: Expected::Sessions(sessions),
        })
    };
    rows.iter().filter_map(row).collect()
}

/// Every pcap and pcapng of the inventory with BMP inside.
fn inventory_rows(public: &Path) -> Vec<Row> {
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap();
    let rows: Vec<Row> = inventory
        .lines()
        .skip(1)
        .filter_map(|line| inventory_row(public, line))
        .collect();
    let count = rows.len();
    assert!(count >= 13, "the inventory holds {count} captures with BMP");
    rows
}

/// `path ... content`; content is `pcap-le-us | EN10MB(31) | 31 pkts | BMP PDOWN=2,PUP=4`.
fn inventory_row(public: &Path, line: &str) -> Option<Row> {
    let columns: Vec<&str> = line.split('\t').collect();
    let (path, content) = (columns.first()?, columns.get(10)?);
    let counts = content
        .split(" | ")
        .find_map(|part| part.strip_prefix("BMP "))?;
    if !content.starts_with("pcap") {
        return None;
    }
    Some(Row {
        file: public.join(path),
        expected: Expected::Sum(counts.to_string()),
    })
}

fn netgauze_rows(public: &Path) -> Vec<Row> {
    let row = |(answer, capture): &(&str, &str)| {
        let lines = std::fs::read_to_string(public.join(answer)).unwrap();
        Row {
            file: public.join(capture),
            expected: Expected::Total(lines.lines().count() as u64),
        }
    };
    NETGAUZE.iter().map(row).collect()
}
