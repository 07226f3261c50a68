//! How UPDATEs read whose sender does not do what its Peer Up says.

use super::*;
use crate::pipeline::testing::{Pcap, request};
use crate::pipeline::{Chunk, Count, Item, Look, Query, Request, Run, run};
use crate::session::Assumed;
use crate::session::testing::{FOUR_OCTET_AS, PEER, add_path_open, bgp, initiation, message, open};
use std::io;
use std::num::NonZeroUsize;

/// Each UPDATE as its context and prefixes: `observed 10.0.0.0/8`, `declared 10.0.0.0/8#7`.
#[derive(Default)]
struct Reads(Vec<String>);

impl Query for Reads {
    type Part = Vec<String>;

    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> Vec<String> {
        chunk.items().filter_map(|located| read(&located)).collect()
    }

    fn merge(&mut self, part: Vec<String>) -> io::Result<()> {
        self.0.extend(part);
        Ok(())
    }
}

fn read(located: &Located<'_>) -> Option<String> {
    let Item::Message(bytes) = located.item else {
        return None;
    };
    let readable = match Readable::of(located, bytes) {
        Ok(readable) => readable,
        Err(error) => return Some(error.to_string()),
    };
    let Message::RouteMonitoring(route) = &readable.message else {
        return None;
    };
    let update = crate::bgp::Update::decode(&mut Cursor::new(route.update), &readable.context);
    let mut line = readable.source.to_owned();
    for nlri in update.unwrap().announced() {
        let nlri = nlri.unwrap();
        line += &format!(" {}", nlri.prefix().unwrap());
        if let Some(id) = nlri.path_id {
            line += &format!("#{id}");
        }
    }
    Some(line)
}

fn reads(request: &Request) -> (Vec<String>, Run) {
    let mut reads = Reads::default();
    let run = run(request, &mut reads).unwrap();
    (reads.0, run)
}

/// A Route Monitoring message that announces these NLRI.
fn announce(nlri: &[u8]) -> Vec<u8> {
    PEER.routes(&bgp(2, &[&[0, 0, 0, 0][..], nlri].concat()))
}

/// 192.0.2.0/24 and 192.0.3.0/24; read with identifiers, 192.0.3.0/24 under 0x18c00002.
const PAIR: [u8; 8] = [24, 192, 0, 2, 24, 192, 0, 3];
/// 10.0.0.0/8, which reads without identifiers only.
const PLAIN: [u8; 2] = [8, 10];
/// 10.0.0.0/8 under identifier 7, which reads with identifiers only.
const WITH_ID: [u8; 6] = [0, 0, 0, 7, 8, 10];
/// 0.0.0.0/0 under identifier 0, or five times 0.0.0.0/0.
const DEFAULT_WITH_ID: [u8; 5] = [0, 0, 0, 0, 0];
/// 127.0.2.0/24 and 192.0.3.0/24, or 192.0.3.0/24 under 0x187f0002: either is as unusual as the other.
const ALIKE: [u8; 8] = [24, 127, 0, 2, 24, 192, 0, 3];

/// What is sent behind an Initiation and a Peer Up that negotiates path identifiers, or does not.
fn session(negotiated: bool, updates: &[&[u8]]) -> Vec<u8> {
    let up = match negotiated {
        true => PEER.up(&add_path_open(3), &add_path_open(3)),
        false => PEER.up(&open(&FOUR_OCTET_AS), &open(&FOUR_OCTET_AS)),
    };
    let routes = updates.iter().flat_map(|nlri| announce(nlri));
    [initiation("edge1"), up]
        .concat()
        .into_iter()
        .chain(routes)
        .collect()
}

fn capture(octets: &[u8]) -> Pcap {
    let mut pcap = Pcap::new();
    octets.chunks(1400).for_each(|part| {
        pcap.send(part);
    });
    pcap.close();
    pcap
}

/// What was found about how UPDATEs are written.
fn kinds(run: &Run) -> Vec<&str> {
    let kinds = run.findings.groups().map(|(kind, _)| kind);
    kinds.filter(|kind| kind.starts_with("a")).collect()
}

#[test]
fn an_update_that_reads_both_ways_waits_for_those_that_do_not() {
    let late = capture(&session(true, &[&PAIR, &PLAIN])).file();
    let (lines, run) = reads(&request(&late));
    assert_eq!(
        lines,
        ["observed 192.0.2.0/24 192.0.3.0/24", "observed 10.0.0.0/8"]
    );
    assert_eq!(kinds(&run), ["add-path-not-used"]);
    let (_, group) = run.findings.groups().next().unwrap();
    let expected = "peer 192.0.2.7 adj-rib-in-pre ipv4 unicast: ADD-PATH was negotiated, but routes carry no \
                    path identifiers: 1 UPDATEs read only without them, 0 only with, 1 both ways; 2 read so";
    assert_eq!(group.message(), expected);
    let early = capture(&session(
        true,
        &[&WITH_ID, &WITH_ID, &WITH_ID, &WITH_ID, &PAIR],
    ))
    .file();
    let (lines, run) = reads(&request(&early));
    assert_eq!(lines[4], "declared 192.0.3.0/24#415236098");
    assert_eq!(kinds(&run), [""; 0]);
}

#[test]
fn each_update_that_reads_one_way_only_is_read_so_whatever_the_others_say() {
    let updates: [&[u8]; 6] = [&WITH_ID, &WITH_ID, &WITH_ID, &WITH_ID, &PLAIN, &WITH_ID];
    let (lines, run) = reads(&request(&capture(&session(true, &updates)).file()));
    assert_eq!(lines[4..], ["observed 10.0.0.0/8", "declared 10.0.0.0/8#7"]);
    assert_eq!(kinds(&run), ["add-path-not-used"]);
}

#[test]
fn path_identifiers_that_nobody_negotiated_are_seen() {
    let (lines, run) = reads(&request(&capture(&session(false, &[&WITH_ID])).file()));
    assert_eq!(lines, ["observed 10.0.0.0/8#7"]);
    assert_eq!(kinds(&run), ["add-path-not-negotiated"]);
    // Without a Peer Up nothing is declared.
    let octets = [initiation("edge1"), announce(&PLAIN), announce(&WITH_ID)].concat();
    let (lines, run) = reads(&request(&capture(&octets).file()));
    assert_eq!(lines, ["assumed 10.0.0.0/8", "observed 10.0.0.0/8#7"]);
    assert_eq!(kinds(&run), ["add-path-observed"]);
}

#[test]
fn what_comes_before_the_first_peer_up_contradicts_nothing() {
    let octets = [
        initiation("edge1"),
        announce(&WITH_ID),
        session(false, &[&PLAIN]),
    ];
    let (lines, run) = reads(&request(&capture(&octets.concat()).file()));
    assert_eq!(lines, ["observed 10.0.0.0/8#7", "declared 10.0.0.0/8"]);
    assert_eq!(kinds(&run), ["add-path-observed"]);
    let octets = [
        initiation("edge1"),
        announce(&WITH_ID),
        session(false, &[&WITH_ID]),
    ];
    let (_, run) = reads(&request(&capture(&octets.concat()).file()));
    assert_eq!(kinds(&run), ["add-path-not-negotiated"]);
    let mut groups = run.findings.groups();
    let group = groups.find(|(kind, _)| *kind == "add-path-not-negotiated");
    let (_, group) = group.unwrap();
    let end = "2 read so, 1 of them before the first Peer Up";
    assert!(group.message().ends_with(end), "{}", group.message());
    let places = [group.places[0].packet, group.places[0].stream_offset];
    assert_eq!(places, [Some(2), Some(initiation("edge1").len() as u64)]);
}

#[test]
fn where_nothing_tells_it_is_as_declared_and_said_to_be_assumed() {
    let (lines, run) = reads(&request(&capture(&session(true, &[&ALIKE])).file()));
    assert_eq!(lines, ["assumed 192.0.3.0/24#410976258"]);
    assert_eq!(kinds(&run), [""; 0]);
}

#[test]
fn the_less_unusual_routes_are_believed() {
    let (lines, _) = reads(&request(&capture(&session(true, &[&PAIR])).file()));
    assert_eq!(lines, ["observed 192.0.2.0/24 192.0.3.0/24"]);
    let (lines, _) = reads(&request(
        &capture(&session(false, &[&DEFAULT_WITH_ID])).file(),
    ));
    assert_eq!(lines, ["observed 0.0.0.0/0#0"]);
}

#[test]
fn a_view_of_which_nothing_is_known_reads_as_the_others_of_its_session_do() {
    let other = crate::session::testing::Peer {
        address: [192, 0, 2, 8],
        ..PEER
    };
    let up = other.up(&add_path_open(3), &add_path_open(3));
    let alike = other.routes(&bgp(2, &[&[0, 0, 0, 0][..], &ALIKE].concat()));
    let octets = [session(true, &[&PLAIN[..]; 4]), up, alike].concat();
    let (lines, _) = reads(&request(&capture(&octets).file()));
    assert_eq!(lines[4], "observed 127.0.2.0/24 192.0.3.0/24");
}

#[test]
fn what_one_negotiation_showed_says_nothing_of_the_next() {
    let first = session(true, &[&PLAIN, &PLAIN, &PLAIN, &PLAIN, &PAIR]);
    // Up again without ADD-PATH, and once more with it, now used.
    let plain = PEER.up(&open(&FOUR_OCTET_AS), &open(&FOUR_OCTET_AS));
    let again = PEER.up(&add_path_open(3), &add_path_open(3));
    let with_ids = announce(&WITH_ID).repeat(4);
    let octets = [
        first,
        plain,
        announce(&PAIR),
        again,
        with_ids,
        announce(&PAIR),
    ]
    .concat();
    let (lines, _) = reads(&request(&capture(&octets).file()));
    assert_eq!(lines[4], "observed 192.0.2.0/24 192.0.3.0/24");
    assert_eq!(lines[5], "declared 192.0.2.0/24 192.0.3.0/24");
    assert_eq!(lines[10], "declared 192.0.3.0/24#415236098");
}

/// A message of 10 octets that says nothing.
fn filler() -> Vec<u8> {
    message(5, &[0, 0, 0, 0])
}

#[test]
fn an_update_waits_for_16_384_messages_and_no_longer() {
    let read_with = |between: usize| {
        let mut octets = session(true, &[&ALIKE]);
        octets.extend(filler().repeat(between));
        octets.extend(announce(&PLAIN));
        let (lines, _) = reads(&request(&capture(&octets).file()));
        assert_eq!(lines[1], "observed 10.0.0.0/8");
        lines[0].clone()
    };
    assert_eq!(read_with(16_382), "observed 127.0.2.0/24 192.0.3.0/24");
    assert_eq!(read_with(16_384), "assumed 192.0.3.0/24#410976258");
}

#[test]
fn what_a_person_says_stands_before_everything() {
    let file = capture(&session(false, &[&PAIR])).file();
    let read_as = |add_path| {
        let assumed = Assumed {
            add_path: Some(add_path),
            two_octet_as: false,
        };
        let request = Request {
            assumed,
            ..request(&file)
        };
        reads(&request).0
    };
    assert_eq!(read_as(true), ["assumed 192.0.3.0/24#415236098"]);
    assert_eq!(read_as(false), ["assumed 192.0.2.0/24 192.0.3.0/24"]);
}

#[test]
fn every_window_and_number_of_threads_gives_the_same_readings() {
    let updates: Vec<&[u8]> = [
        &ALIKE[..],
        &PAIR,
        &DEFAULT_WITH_ID,
        &PLAIN,
        &WITH_ID,
        &ALIKE,
    ]
    .into_iter()
    .cycle()
    .take(300)
    .collect();
    let file = capture(&session(true, &updates)).file();
    let (expected, expected_run) = reads(&request(&file));
    for (window, threads) in [(512, 1), (512, 3), (4096, 2), (1 << 20, 1)] {
        let request = Request {
            window: Some(window),
            threads: NonZeroUsize::new(threads),
            ..request(&file)
        };
        let (lines, run) = reads(&request);
        assert_eq!(lines, expected, "window {window}, {threads} threads");
        assert_eq!(run.findings, expected_run.findings);
    }
}

#[test]
fn counting_reads_each_update_as_messages_does() {
    let updates: [&[u8]; 5] = [&PAIR, &PLAIN, &PLAIN, &WITH_ID, &PAIR];
    let said = [None, Some(false), Some(true)];
    for (negotiated, add_path) in [false, true]
        .into_iter()
        .flat_map(|one| said.map(|two| (one, two)))
    {
        let file = capture(&session(negotiated, &updates)).file();
        let request = Request {
            assumed: Assumed {
                add_path,
                two_octet_as: false,
            },
            ..request(&file)
        };
        let (lines, _) = reads(&request);
        let is_read = |line: &&String| !line.contains(" at byte ");
        let read: Vec<&String> = lines.iter().filter(is_read).collect();
        let routes: usize = read.iter().map(|line| line.split(' ').count() - 1).sum();
        let mut count = Count::default();
        let mut run = run(&request, &mut count).unwrap();
        count.add_to(&mut run);
        let session = &run.sessions[0];
        let announced = session.peers[0].routes.total().announced;
        let expected = (routes as u64, (lines.len() - read.len()) as u64);
        let case = format!("negotiated: {negotiated}, said: {add_path:?}");
        assert_eq!((announced, session.undecodable.count), expected, "{case}");
    }
}
