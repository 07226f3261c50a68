//! One capture, one answer: in whatever file it stands, through a file or a pipe, whole or in
//! parts, at any number of threads and any size of window.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::capture_file::{Fraction, Order, Record, pcap, pcapng, read};
use support::program::{Input, ask, with_shortest_times, without};
use support::tcp::{Conversation, Random, duplicated, reordered};
use support::{extract, places, sample};

/// Real routers, several sessions each; microseconds, so that every format can hold their times.
const CAPTURES: &[&str] = &[
    "frr107-gobgp.pcap",
    "frr-gobgp-mirror.pcap",
    "bird-bmp.pcap",
    "quirk-reconnect.pcap",
    "quirk-netem.pcap",
];

/// All three answers about one input, without what tells of files and clocks.
#[derive(Debug, PartialEq)]
struct Answers {
    summary: Value,
    peers: Value,
    messages: Vec<Value>,
}

#[test]
fn every_container_and_the_pipe_give_the_same_answers() {
    let folder = tempfile::tempdir().unwrap();
    for name in CAPTURES {
        let original = places::testdata_file(name);
        let expected = answers(&Input::file(&original), FILE_KEYS);
        let records = records_of(&original);
        for (kind, bytes) in conversions(&records) {
            let path = folder.path().join(format!("{kind}-{name}"));
            std::fs::write(&path, &bytes).unwrap();
            let by_file = answers(&Input::file(&path), FILE_KEYS);
            same(&expected, &by_file, &format!("{name} as {kind}"));
            let by_pipe = answers(&Input::Pipe(bytes), FILE_KEYS);
            same(&expected, &by_pipe, &format!("{name} as {kind}, piped"));
        }
    }
}

#[test]
fn the_bare_streams_of_a_capture_give_its_messages() {
    let folder = tempfile::tempdir().unwrap();
    for name in CAPTURES {
        let original = places::testdata_file(name);
        let expected = messages_by_session(&original);
        let mut got = Vec::new();
        for (index, stream) in bmp_streams(&original).iter().enumerate() {
            let path = folder.path().join(format!("{name}-{index}.bmp"));
            std::fs::write(&path, stream).unwrap();
            let by_file = bare_messages(&Input::file(&path));
            let by_pipe = bare_messages(&Input::Pipe(stream.clone()));
            same_lines(&by_file, &by_pipe, &format!("{name} stream {index} piped"));
            got.push(by_file);
        }
        assert_eq!(expected.len(), got.len(), "{name}: sessions and streams");
        for (index, (expected, got)) in expected.iter().zip(&got).enumerate() {
            same_lines(expected, got, &format!("{name} bare stream {index}"));
        }
    }
}

#[test]
fn threads_and_windows_change_no_octet() {
    for name in CAPTURES {
        let input = Input::file(&places::testdata_file(name));
        let pipe = Input::Pipe(std::fs::read(places::testdata_file(name)).unwrap());
        for question in [
            &["summary", "--json"][..],
            &["peers", "--json"],
            &["stats", "--json"],
            &["messages"],
        ] {
            let (command, options) = question.split_first().unwrap();
            let expected = ask(command, options, &input).answered().stdout;
            let expected_by_pipe = ask(command, options, &pipe).answered().stdout;
            for threads in ["1", "2", "8"] {
                for window in ["64KiB", "64MiB"] {
                    let mut options = options.to_vec();
                    options.extend(["--threads", threads, "--window", window]);
                    let what = format!("{name}: {command} with {threads} threads, {window}");
                    let by_file = ask(command, &options, &input).answered().stdout;
                    assert!(by_file == expected, "{what}");
                    let by_pipe = ask(command, &options, &pipe).answered().stdout;
                    assert!(by_pipe == expected_by_pipe, "{what}, piped");
                }
            }
        }
    }
}

#[test]
fn a_capture_in_three_files_in_any_order_is_one_capture() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["frr107-gobgp.pcap", "quirk-netem.pcap"] {
        let original = places::testdata_file(name);
        let expected = answers(&Input::file(&original), PACKET_KEYS);
        let records = records_of(&original);
        for (way, parts) in [
            ("in a row", in_a_row(&records)),
            ("in turn", in_turn(&records)),
        ] {
            let files = write_parts(folder.path(), &parts);
            for order in ORDERS {
                let files = order.iter().map(|index| files[*index].clone()).collect();
                let got = answers(&Input::Files(files), PACKET_KEYS);
                same(
                    &expected,
                    &got,
                    &format!("{name} split {way}, order {order:?}"),
                );
            }
        }
    }
}

#[test]
fn segments_reordered_and_doubled_carry_the_same_messages() {
    let stream = sample::stream();
    let expected = bare_messages(&Input::Pipe(stream.clone()));
    for segment_size in [7, 64, 536, 1448] {
        let conversation = Conversation {
            segment_size,
            client_isn: u32::MAX - 100, // wraps within the stream
            ..Conversation::new("[2001:db8::1]:40000", "[2001:db8::64]:11019")
        };
        let mut random = Random(segment_size as u64);
        let data = duplicated(&conversation.data(&stream), 20, &mut random);
        let mut segments = conversation.handshake();
        segments.extend(reordered(&data, 6, &mut random));
        segments.extend(conversation.close(stream.len()));
        let records = conversation.records(&segments);
        let bytes = pcap(&records, Order::Little, Fraction::Micro);
        let got = bare_messages(&Input::Pipe(bytes));
        same_lines(&expected, &got, &format!("segments of {segment_size}"));
    }
}

/// What differs between files of the same packets.
const FILE_KEYS: &[&str] = &["inputs", "file"];
/// What differs between one file and several.
const PACKET_KEYS: &[&str] = &["inputs", "file", "packet"];
/// What a bare stream does not have.
const CAPTURE_KEYS: &[&str] = &["inputs", "file", "packet", "session"];

const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

fn conversions(records: &[Record]) -> [(&'static str, Vec<u8>); 5] {
    [
        ("pcap", pcap(records, Order::Little, Fraction::Micro)),
        ("nanosecond", pcap(records, Order::Little, Fraction::Nano)),
        ("big-endian", pcap(records, Order::Big, Fraction::Micro)),
        ("pcapng", pcapng(records, &[6])),
        ("pcapng-of-three-interfaces", pcapng(records, &[6, 9, 7])),
    ]
}

fn records_of(path: &Path) -> Vec<Record> {
    read(&std::fs::read(path).unwrap())
}

fn answers(input: &Input, keys: &[&str]) -> Answers {
    let document = |command| {
        let mut document = ask(command, &["--json"], input).answered().json();
        without(&mut document, keys);
        with_shortest_times(&mut document);
        document
    };
    let mut messages = ask("messages", &[], input).answered().lines();
    for message in &mut messages {
        without(message, keys);
        with_shortest_times(message);
    }
    Answers {
        summary: document("summary"),
        peers: document("peers"),
        messages,
    }
}

#[track_caller]
fn same(expected: &Answers, got: &Answers, what: &str) {
    assert!(!expected.messages.is_empty(), "{what}: no messages");
    same_value(&expected.summary, &got.summary, &format!("{what}: summary"));
    same_value(&expected.peers, &got.peers, &format!("{what}: peers"));
    same_lines(&expected.messages, &got.messages, what);
}

#[track_caller]
fn same_lines(expected: &[Value], got: &[Value], what: &str) {
    for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
        same_value(expected, got, &format!("{what}: message {}", index + 1));
    }
    assert_eq!(expected.len(), got.len(), "{what}: number of messages");
}

/// Compares, and shows the first key that differs rather than two whole documents.
#[track_caller]
fn same_value(expected: &Value, got: &Value, what: &str) {
    if let Some((path, expected, got)) = first_difference(expected, got, String::new()) {
        panic!("{what}: {path}: expected {expected}, got {got}");
    }
}

fn first_difference(
    expected: &Value,
    got: &Value,
    path: String,
) -> Option<(String, String, String)> {
    let differ = || Some((path.clone(), expected.to_string(), got.to_string()));
    match (expected, got) {
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => left
            .iter()
            .zip(right.values())
            .find_map(|((key, left), right)| {
                first_difference(left, right, format!("{path}.{key}"))
            }),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let pairs = left.iter().zip(right).enumerate();
            pairs
                .map(|(index, (left, right))| {
                    first_difference(left, right, format!("{path}[{index}]"))
                })
                .find_map(|difference| difference)
        }
        _ if expected == got => None,
        _ => differ(),
    }
}

/// The streams of a capture that begin with a BMP header, in the order of their connections.
fn bmp_streams(capture: &Path) -> Vec<Vec<u8>> {
    let mut streams = extract::streams(&records_of(capture));
    streams.retain(|stream| stream.bytes.first() == Some(&3));
    let is_whole = |stream: &extract::Stream| !stream.has_gap;
    assert!(streams.iter().all(is_whole), "{}", capture.display());
    streams.into_iter().map(|stream| stream.bytes).collect()
}

/// The messages of each session in the order of the sessions' connections, as a bare stream would
/// give them.
fn messages_by_session(capture: &Path) -> Vec<Vec<Value>> {
    let input = Input::file(capture);
    let mut sessions: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for mut line in messages_alone(&input) {
        let session = line["session"].to_string();
        strip_capture(&mut line);
        sessions.entry(session).or_default().push(line);
    }
    let summary = ask("summary", &["--json"], &input).answered().json();
    let ordered = connection_order(&summary, capture);
    assert_eq!(ordered.len(), sessions.len(), "{}", capture.display());
    let messages = ordered.iter().map(|id| sessions.remove(id).unwrap());
    messages.collect()
}

/// Session numbers in the order of the streams that `extract` finds.
fn connection_order(summary: &Value, capture: &Path) -> Vec<String> {
    let mut waiting: Vec<&Value> = summary["sessions"].as_array().unwrap().iter().collect();
    let mut ordered = Vec::new();
    for stream in extract::streams(&records_of(capture)) {
        let is_its = |session: &&Value| {
            let router = &session["router"];
            router["address"] == stream.source.ip().to_string()
                && router["port"] == stream.source.port()
        };
        // Sessions of one 4-tuple are listed in the order in which they began.
        if let Some(index) = waiting.iter().position(is_its) {
            ordered.push(waiting.remove(index)["id"].to_string());
        }
    }
    ordered
}

fn bare_messages(input: &Input) -> Vec<Value> {
    let mut lines = messages_alone(input);
    lines.iter_mut().for_each(strip_capture);
    lines
}

/// Lines of `messages` but the gaps: how a stream that stops inside a message came to its end is
/// known in a capture only.
fn messages_alone(input: &Input) -> Vec<Value> {
    let mut lines = ask("messages", &[], input).answered().lines();
    lines.retain(|line| line["type"] != "gap");
    lines
}

/// Takes off a line what a bare stream cannot know: file, packet, capture time, session and the
/// addresses of the two ends.
fn strip_capture(line: &mut Value) {
    without(line, CAPTURE_KEYS);
    let object: &mut Map<String, Value> = line.as_object_mut().unwrap();
    object.remove("time");
    object.remove("station");
    match object.get_mut("router") {
        Some(Value::Object(router)) => {
            router.remove("address");
            router.remove("port");
        }
        _ => {
            object.remove("router");
        }
    }
}

fn in_a_row(records: &[Record]) -> [Vec<Record>; 3] {
    split(records, |index| index * 3 / records.len())
}

fn in_turn(records: &[Record]) -> [Vec<Record>; 3] {
    split(records, |index| index % 3)
}

/// Deals packets to three files. Packets of one moment stay together: between files, only the time
/// tells which was first.
fn split(records: &[Record], file_of: impl Fn(usize) -> usize) -> [Vec<Record>; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let mut file = 0;
    let mut time = None;
    for (index, record) in records.iter().enumerate() {
        if time != Some(record.time) {
            file = file_of(index);
        }
        time = Some(record.time);
        parts[file].push(record.clone());
    }
    parts
}

fn write_parts(folder: &Path, parts: &[Vec<Record>; 3]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (index, records) in parts.iter().enumerate() {
        assert!(!records.is_empty());
        let path = folder.join(format!("part-{index}.pcap"));
        std::fs::write(&path, pcap(records, Order::Little, Fraction::Micro)).unwrap();
        files.push(path);
    }
    files
}
