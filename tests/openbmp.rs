//! OpenBMP raw frames: the messages of a bare stream, passed on by a collector for two routers, come
//! to the same as the bare stream.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use std::io::Write;
use std::net::IpAddr;
use std::path::Path;
use support::places;
use support::program::{Input, ask, without};

/// 2026-11-20T12:00:00Z.
const BEGIN: u32 = 1_795_176_000;

/// A router as a collector names it.
#[derive(Clone, Copy)]
struct Router {
    address: IpAddr,
    hash: u8,
}

fn routers() -> [Router; 2] {
    [("192.0.2.1", 1), ("2001:db8::2", 2)].map(|(address, hash)| Router {
        address: address.parse().unwrap(),
        hash,
    })
}

/// One frame with a binary header of version 1.7.
fn frame(router: Router, seconds: u32, payload: &[u8]) -> Vec<u8> {
    let (flags, address) = match router.address {
        // An IPv4 address is in the first four octets.
        IpAddr::V4(address) => (0x80, [&address.octets()[..], &[0; 12]].concat()),
        IpAddr::V6(address) => (0xc0, address.octets().to_vec()),
    };
    let fields = [
        &[flags, 12][..],       // Flags, Object Type: BMP_RAW
        &seconds.to_be_bytes(), // Collector Timestamp
        &500_000u32.to_be_bytes(),
        &[0xcc; 16],         // Collector Hash
        b"\0\x09collector",  // Collector Admin ID
        &[router.hash; 16],  // Router Hash
        &address,            // Router IP
        b"\0\x05group",      // Router Group
        &1u32.to_be_bytes(), // Row Count
    ]
    .concat();
    let header = u16::try_from(12 + fields.len()).unwrap();
    let message = u32::try_from(payload.len()).unwrap();
    [
        b"OBMP\x01\x07",
        &header.to_be_bytes()[..],
        &message.to_be_bytes(),
        &fields,
        payload,
    ]
    .concat()
}

fn bare() -> Vec<u8> {
    std::fs::read(places::testdata_file("base-gobgp.bmp")).unwrap()
}

/// The messages of a bare stream: version, length in four octets.
fn messages(mut stream: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    while let Some(length) = stream.get(1..5) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let (message, rest) = stream.split_at(length);
        messages.push(message);
        stream = rest;
    }
    messages
}

/// Every message in a frame of each router, one after the other, a second apart.
fn interleaved() -> Vec<u8> {
    let mut frames = Vec::new();
    for (second, message) in (0..).zip(messages(&bare())) {
        for router in routers() {
            frames.extend(frame(router, BEGIN + second, message));
        }
    }
    frames
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> Input {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    Input::file(&path)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn summary(input: &Input) -> Value {
    ask("summary", &["--json"], input).answered().json()
}

/// The lines of `messages` for a router; its place is taken out of each.
fn lines(input: &Input, options: &[&str]) -> Vec<Value> {
    let mut lines = ask("messages", options, input).answered().lines();
    for line in &mut lines {
        without(line, &["file", "packet", "time", "session", "router"]);
    }
    lines
}

/// The one finding of this kind that `check` tells.
fn found(input: &Input, kind: &str) -> Value {
    let check = ask("check", &["--json"], input).answered().json();
    let findings = check["findings"].as_array().unwrap();
    let mut alike = findings.iter().filter(|finding| finding["kind"] == kind);
    let finding = alike.next().unwrap();
    assert!(alike.next().is_none(), "{check}");
    finding.clone()
}

#[test]
fn each_router_is_a_session_with_the_counts_of_the_bare_stream() {
    let folder = tempfile::tempdir().unwrap();
    let input = written(folder.path(), "two.obmp", &interleaved());
    let expected = summary(&Input::Pipe(bare()));
    let answer = summary(&input);
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    for (session, router) in sessions.iter().zip(routers()) {
        assert_eq!(session["router"]["address"], router.address.to_string());
        assert!(session["router"]["port"].is_null());
        assert!(session["station"].is_null());
        assert_eq!(session["first_time"], "2026-11-20T12:00:00.500000Z");
        let bare = &expected["sessions"][0];
        for key in [
            "bytes",
            "messages",
            "routes",
            "gaps",
            "undecodable",
            "peers",
            "quality",
        ] {
            assert_eq!(session[key], bare[key], "{key}");
        }
        assert_eq!(session["router"]["sys_name"], bare["router"]["sys_name"]);
    }
    let frames = 2 * messages(&bare()).len();
    assert_eq!(answer["inputs"][0]["format"], "openbmp");
    assert_eq!(answer["inputs"][0]["packets"], frames);
    // What is found in the bare stream is found of each router, and nothing else.
    let twice = expected["findings"]["warning"].as_u64().unwrap() * 2;
    assert_eq!(
        answer["findings"],
        json!({"error": 0, "warning": twice, "note": 0})
    );
}

#[test]
fn the_messages_are_those_of_the_bare_stream_but_for_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let input = written(folder.path(), "two.obmp", &interleaved());
    let expected = lines(&Input::Pipe(bare()), &[]);
    assert!(expected.len() > 10);
    for router in routers() {
        let address = router.address.to_string();
        assert_eq!(
            lines(&input, &["--router", &address]),
            expected,
            "{address}"
        );
    }
    let mut all = ask("messages", &[], &input).answered().lines();
    // Each router's first message is told when its second one bears it out.
    all.sort_by_key(|line| line["packet"].as_u64());
    assert_eq!(all.len(), 2 * expected.len());
    for (index, line) in all.iter().enumerate() {
        assert_eq!(line["packet"], index + 1);
        assert_eq!(line["router"], routers()[index % 2].address.to_string());
        assert_eq!(line["session"], index % 2 + 1);
    }
}

#[test]
fn pipes_and_compression_give_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = interleaved();
    let mut expected = summary(&written(folder.path(), "two.obmp", &bytes));
    without(&mut expected, &["inputs"]);
    let inputs = [
        written(folder.path(), "two.obmp.gz", &gzip(&bytes)),
        Input::Pipe(bytes.clone()),
        Input::Pipe(gzip(&bytes)),
    ];
    for input in inputs {
        let mut answer = summary(&input);
        without(&mut answer, &["inputs"]);
        assert_eq!(answer, expected);
    }
}

#[test]
fn several_messages_in_a_frame_are_all_read() {
    let [router, _] = routers();
    let answer = summary(&Input::Pipe(frame(router, BEGIN, &bare())));
    let expected = summary(&Input::Pipe(bare()));
    assert_eq!(
        answer["sessions"][0]["messages"],
        expected["sessions"][0]["messages"]
    );
}

#[test]
fn odd_octets_of_one_router_do_not_touch_the_others() {
    let [good, odd] = routers();
    let mut frames = Vec::new();
    for message in messages(&bare()) {
        frames.extend(frame(good, BEGIN, message));
        // Every message loses its first octets.
        frames.extend(frame(odd, BEGIN, message.get(9..).unwrap_or_default()));
    }
    let input = Input::Pipe(frames);
    let (answer, expected) = (summary(&input), summary(&Input::Pipe(bare())));
    let sessions = answer["sessions"].as_array().unwrap();
    let session = |router: Router| {
        let address = router.address.to_string();
        sessions
            .iter()
            .find(|row| row["router"]["address"] == address)
    };
    assert_eq!(
        session(good).unwrap()["messages"],
        expected["sessions"][0]["messages"]
    );
    assert!(session(odd).is_none());
    let finding = found(&input, "no-bmp-of-router");
    assert_eq!(finding["count"], 1);
    let octets: usize = messages(&bare())
        .iter()
        .map(|message| message.len() - 9)
        .sum();
    let message = format!("router 2001:db8::2: no BMP message is in its {octets} octets");
    assert_eq!(finding["message"], message);
}

#[test]
fn a_broken_frame_is_told_and_only_its_message_is_lost() {
    let [router, _] = routers();
    let stream = bare();
    let all = messages(&stream);
    let mut frames: Vec<Vec<u8>> = all
        .iter()
        .map(|message| frame(router, BEGIN, message))
        .collect();
    frames[3][4] = 2; // major version
    let input = Input::Pipe(frames.concat());
    let answer = summary(&input);
    assert_eq!(answer["sessions"][0]["messages"]["total"], all.len() - 1);
    let finding = found(&input, "capture-corrupt-frame");
    let before: usize = frames[..3].iter().map(Vec::len).sum();
    let expected = format!(
        "octet {before} of the file: no OpenBMP frame begins here: version 2.7 is not known; \
         passed over to the next frame: {} octets",
        frames[3].len()
    );
    assert_eq!(finding["message"], expected);
}
