//! What 700,000 VRPs cost on a million routes: `cargo bench --bench validation -- [FOLDER]`.
//!
//! Makes the same full table and the same VRPs on every machine, in FOLDER if one is named. Runs
//! `rpki validation` on one thread without and with the VRPs, as a table and as JSON, in turn, and prints
//! the processor time of the quickest run of each, the difference, and the most memory; then how long each
//! step takes by itself. Linux only: what a run takes is read in `/proc`.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints its figures, and panics where it cannot run"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use bmpscope::net::Prefix;
use bmpscope::rpki::{Origin, OriginState, Payload, VrpTable};
use std::collections::HashSet;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::tcp::Random;
use support::{bgp, bmp};

const IPV4_ROUTES: usize = 830_000;
const IPV6_ROUTES: usize = 170_000;
const VRPS: usize = 700_000;
/// Of the routes, those with a VRP of their own.
const COVERED: u64 = 56;
const ORIGINS: u64 = 80_000;
const ROUNDS: usize = 5;

fn main() {
    let named = std::env::args().skip(1).find(|one| !one.starts_with("--"));
    let made = tempfile::tempdir().unwrap();
    let folder = named.map_or_else(|| made.path().to_owned(), PathBuf::from);
    let routes = routes();
    let (stream, vrps) = (folder.join("routes.bmp"), folder.join("vrps.json"));
    std::fs::write(&stream, bmp_of(&routes)).expect("the folder can be written to");
    std::fs::write(&vrps, vrps_of(&routes)).expect("the folder can be written to");
    whole(&stream, &vrps, &["--json"]);
    whole(&stream, &vrps, &[]);
    steps(&vrps, &routes);
}

#[derive(Clone, Copy)]
struct Route {
    prefix: Prefix,
    origin: u32,
}

/// A full table: prefixes of usual lengths, each once; of one origin a few.
fn routes() -> Vec<Route> {
    let mut random = Random(1);
    let mut seen = HashSet::new();
    let mut routes = Vec::with_capacity(IPV4_ROUTES + IPV6_ROUTES);
    while routes.len() < IPV4_ROUTES + IPV6_ROUTES {
        let prefix = match routes.len() < IPV4_ROUTES {
            true => ipv4(&mut random),
            false => ipv6(&mut random),
        };
        let origin = asn(random.below(ORIGINS));
        if seen.insert(prefix) {
            routes.push(Route { prefix, origin });
        }
    }
    // In the order of origins, as tables are sent: routes with the same path go together.
    routes.sort_by_key(|route| (route.prefix.address.is_ipv6(), route.origin));
    routes
}

fn asn(number: u64) -> u32 {
    1_000 + number as u32 * 4
}

fn ipv4(random: &mut Random) -> Prefix {
    let lengths = [24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19, 18, 17, 16];
    let length = lengths[random.below(lengths.len() as u64) as usize];
    let address = ((1 + random.below(222)) as u32) << 24 | random.below(1 << 24) as u32;
    Prefix {
        address: Ipv4Addr::from(address & (u32::MAX << (32 - length))).into(),
        length,
    }
}

fn ipv6(random: &mut Random) -> Prefix {
    let lengths = [48, 48, 48, 48, 32, 32, 44, 40, 36, 29];
    let length = lengths[random.below(lengths.len() as u64) as usize];
    let head = (0x2001 + random.below(0xa00)) as u128;
    let address = head << 112 | u128::from(random.below(1 << 40)) << 72;
    Prefix {
        address: Ipv6Addr::from(address & (u128::MAX << (128 - length))).into(),
        length,
    }
}

/// One router, one peer that sends all routes.
fn bmp_of(routes: &[Route]) -> Vec<u8> {
    let header = bmp::PeerHeader::new("198.51.100.1", 64496);
    let open = |asn| bgp::Open::usual(asn, Ipv4Addr::new(192, 0, 2, 1)).encode();
    let opens = (open(64497), open(64496));
    let mut out = bmp::initiation(&[(2, "router-1")]);
    out.extend(header.peer_up(("192.0.2.1", 179), 50_000, (&opens.0, &opens.1), &[]));
    for group in routes.chunk_by(|one, other| {
        one.origin == other.origin && one.prefix.address.is_ipv4() == other.prefix.address.is_ipv4()
    }) {
        // Two paths to every origin.
        for part in group.chunks(group.len().div_ceil(2)) {
            out.extend(header.route_monitoring(&update(part, out.len())));
        }
    }
    out
}

fn update(routes: &[Route], salt: usize) -> Vec<u8> {
    let path = [
        64496,
        asn(salt as u64 % 40),
        asn(salt as u64 / 7 % 3_000),
        routes[0].origin,
    ];
    let attributes = bgp::usual_attributes(&path, Ipv4Addr::new(198, 51, 100, 1));
    let (mut plain, mut reach) = (Vec::new(), Vec::new());
    for route in routes {
        match route.prefix.address {
            IpAddr::V4(address) => plain.extend(bgp::prefix_ipv4(address, route.prefix.length)),
            IpAddr::V6(address) => reach.extend(bgp::prefix_ipv6(address, route.prefix.length)),
        }
    }
    if reach.is_empty() {
        return bgp::update(&[], &attributes, &plain);
    }
    let next_hop = Ipv6Addr::LOCALHOST.octets();
    let attributes = [attributes, bgp::mp_reach(2, 1, &next_hop, &reach)].concat();
    bgp::update(&[], &attributes, &[])
}

/// Routinator's `json`: VRPs of more than half of the routes, nearly all of them right, and of prefixes
/// that nobody announces.
fn vrps_of(routes: &[Route]) -> String {
    let mut random = Random(2);
    let mut vrps: Vec<(Prefix, u8, u32)> = Vec::with_capacity(VRPS);
    for route in routes {
        if random.below(100) < COVERED {
            let asn = match random.below(200) {
                0 => asn(random.below(ORIGINS)),
                _ => route.origin,
            };
            vrps.push((route.prefix, longest(route.prefix, &mut random), asn));
        }
    }
    while vrps.len() < VRPS {
        let prefix = match random.below(5) {
            0 => ipv6(&mut random),
            _ => ipv4(&mut random),
        };
        let asn = asn(random.below(ORIGINS));
        vrps.push((prefix, longest(prefix, &mut random), asn));
    }
    json(&vrps)
}

fn longest(prefix: Prefix, random: &mut Random) -> u8 {
    let usual = if prefix.address.is_ipv4() { 24 } else { 48 };
    match random.below(10) {
        0 => prefix.length.max(usual),
        _ => prefix.length,
    }
}

fn json(vrps: &[(Prefix, u8, u32)]) -> String {
    let anchors = ["ripe", "arin", "apnic", "lacnic", "afrinic"];
    let mut text = String::from(
        "{\n  \"metadata\": {\n    \"generated\": 1700000000,\n    \"generatedTime\": \"2023-11-14T22:13:20Z\"\n  },\n  \"roas\": [\n",
    );
    for (number, (prefix, longest, asn)) in vrps.iter().enumerate() {
        let comma = if number == 0 { "" } else { ",\n" };
        let anchor = anchors[number / 7 % anchors.len()];
        write!(
            text,
            "{comma}    {{ \"asn\": \"AS{asn}\", \"prefix\": \"{prefix}\", \"maxLength\": {longest}, \"ta\": \"{anchor}\" }}"
        )
        .unwrap();
    }
    text.push_str("\n  ]\n}\n");
    text
}

/// Time and memory of the program without and with VRPs.
fn whole(stream: &Path, vrps: &Path, form: &[&str]) {
    let arguments = ["rpki", "validation", "-q", "--threads", "1"];
    let without: Vec<&str> = [&arguments, form, &[stream.to_str().unwrap()]].concat();
    let with = [&without[..], &["--vrps", vrps.to_str().unwrap()]].concat();
    let mut best = [Duration::MAX; 2];
    let mut most = [0; 2];
    for _ in 0..ROUNDS {
        for (number, arguments) in [&without, &with].into_iter().enumerate() {
            let (time, peak) = once(arguments);
            best[number] = best[number].min(time);
            most[number] = most[number].max(peak);
        }
    }
    println!(
        "{}: without VRPs {:.2} s, {} MiB; with {:.2} s, {} MiB: {:.2} s and {} MiB more",
        form.first().unwrap_or(&"table"),
        best[0].as_secs_f64(),
        most[0] >> 20,
        best[1].as_secs_f64(),
        most[1] >> 20,
        best[1].as_secs_f64() - best[0].as_secs_f64(),
        (most[1] - most[0]) >> 20,
    );
}

/// One run: its processor time, and the most octets of memory that it had.
fn once(arguments: &[&str]) -> (Duration, u64) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bmpscope"))
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let process = format!("/proc/{}", child.id());
    let (mut time, mut peak) = (Duration::ZERO, 0);
    loop {
        let read = |name| std::fs::read_to_string(format!("{process}/{name}")).unwrap_or_default();
        peak = peak.max(resident(&read("status")).unwrap_or(0));
        time = time.max(processor(&read("stat")).unwrap_or(Duration::ZERO));
        if child.try_wait().unwrap().is_some() {
            return (time, peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}

/// `utime` and `stime`, in ticks of 10 ms, are the 12th and 13th behind the name in parentheses.
fn processor(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: Vec<u64> = ticks.map(str::parse).collect::<Result<_, _>>().ok()?;
    Some(Duration::from_millis(ticks.iter().sum::<u64>() * 10))
}

/// Reading, sorting and asking, each by itself.
fn steps(vrps: &Path, routes: &[Route]) {
    let octets = std::fs::read(vrps).unwrap();
    let begin = Instant::now();
    let mut payload = Payload::default();
    payload.read("vrps.json", &octets).unwrap();
    let read = begin.elapsed();
    let count = payload.vrps.len();
    let begin = Instant::now();
    let table = VrpTable::new(std::mem::take(&mut payload.vrps));
    let built = begin.elapsed();
    let begin = Instant::now();
    let state = |route: &Route| table.validate(route.prefix, Origin::As(route.origin));
    let valid = routes
        .iter()
        .filter(|route| state(route) == OriginState::Valid);
    let valid = valid.count();
    let asked = begin.elapsed();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "{count} VRPs of {} MiB: read {:.0} ms, sorted {:.0} ms; {} routes, {valid} valid, in {:.0} ms",
        octets.len() >> 20,
        milliseconds(read),
        milliseconds(built),
        routes.len(),
        milliseconds(asked),
    );
}
