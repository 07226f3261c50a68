//! Whole BMP streams to cut up: made ones, those of the lab, and those of other people's captures
//! where a machine has them.

use super::capture_file::{self, Record};
use super::{extract, places, sample, walker};
use std::path::Path;

/// A stream of whole messages.
#[derive(Debug, Clone)]
pub(crate) struct Feed {
    /// Where it is from.
    pub(crate) name: String,
    /// From the first octet of its first message to the last of its last.
    pub(crate) bytes: Vec<u8>,
}

impl Feed {
    fn new(name: impl Into<String>, messages: &[&[u8]]) -> Feed {
        Feed {
            name: name.into(),
            bytes: messages.concat(),
        }
    }

    /// The first messages, at most so many octets of them.
    pub(crate) fn first(&self, octets: usize) -> Feed {
        let mut end = 0;
        for message in walker::messages(&self.bytes) {
            if end + message.len() > octets {
                break;
            }
            end += message.len();
        }
        Feed {
            name: format!("{} (first {end} octets)", self.name),
            bytes: self.bytes[..end].to_vec(),
        }
    }
}

/// The streams that come with the project, of both versions, statistics only and Loc-RIB only
/// among them.
pub(crate) fn own() -> Vec<Feed> {
    let mut feeds = vec![
        Feed {
            name: "made".into(),
            bytes: sample::stream(),
        },
        Feed {
            name: "gobgp".into(),
            bytes: std::fs::read(places::testdata_file("base-gobgp.bmp")).unwrap(),
        },
    ];
    for name in [
        "frr107-gobgp.pcap",
        "bird-bmp.pcap",
        "frr-gobgp-mirror.pcap",
    ] {
        feeds.extend(of_capture(name, &places::testdata_file(name)));
    }
    let frr = feeds.iter().find(|feed| feed.name.starts_with("frr107"));
    let selections = selections(&frr.unwrap().clone());
    feeds.extend(selections);
    feeds
}

/// The streams of the captures of the public inventory.
pub(crate) fn public() -> Vec<Feed> {
    let Some(captures) = places::shared_captures() else {
        return Vec::new();
    };
    let public = captures.join("public");
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap();
    let mut feeds = Vec::new();
    for line in inventory.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let content = columns.get(10).copied().unwrap_or_default();
        let is_capture = content.starts_with("pcap") && content.contains("| BMP ");
        if is_capture {
            feeds.extend(of_capture(columns[0], &public.join(columns[0])));
        }
    }
    assert!(feeds.len() >= 20, "{} public streams", feeds.len());
    let mut seen = std::collections::HashSet::new();
    feeds.retain(|feed| seen.insert(feed.bytes.clone()));
    let all: Vec<Feed> = feeds.iter().flat_map(selections).collect();
    feeds.extend(all);
    feeds
}

/// Those parts of a stream that are hardest to recognise, and the stream in version 4.
fn selections(feed: &Feed) -> Vec<Feed> {
    let messages = walker::messages(&feed.bytes);
    let only = |what: &str, keep: &dyn Fn(&[u8]) -> bool| {
        let kept: Vec<&[u8]> = messages.iter().copied().filter(|m| keep(m)).collect();
        Feed::new(format!("{}: {what}", feed.name), &kept)
    };
    let mut feeds = vec![
        only("statistics only", &|message| message[5] == 1),
        only("Loc-RIB only", &|message| {
            matches!(message[5], 0..=3) && message[6] == 3
        }),
        only("Peer Up only", &|message| message[5] == 3),
    ];
    if feed.bytes.first() == Some(&3) {
        let messages: Vec<Vec<u8>> = messages.iter().map(|message| version_4(message)).collect();
        let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        feeds.push(Feed::new(format!("{}: version 4", feed.name), &messages));
    }
    feeds.retain(|feed| walker::messages(&feed.bytes).len() >= 4);
    feeds
}

/// A version 3 message in version 4: a Route Monitoring message's UPDATE goes into a TLV of type 4
/// with index 0 (draft-ietf-grow-bmp-tlv-19 4.2).
fn version_4(message: &[u8]) -> Vec<u8> {
    let mut out = message.to_vec();
    out[0] = 4;
    if message[5] == 0 {
        let pdu = &message[48..];
        out.truncate(48);
        out.extend([0, 4]);
        out.extend((pdu.len() as u16).to_be_bytes());
        out.extend([0, 0]);
        out.extend(pdu);
        let length = (out.len() as u32).to_be_bytes();
        out[1..5].copy_from_slice(&length);
    }
    out
}

/// The streams of a capture that are BMP from their first octet to the end of a message.
fn of_capture(name: &str, path: &Path) -> Vec<Feed> {
    let records = capture_file::read(&std::fs::read(path).unwrap());
    let mut feeds = Vec::new();
    for (index, stream) in streams(&records).into_iter().enumerate() {
        if let Some(messages) = whole_messages(&stream) {
            feeds.push(Feed::new(format!("{name} {index}"), &messages));
        }
    }
    feeds
}

/// All octets are in messages but the last ones, and there are at least two messages.
fn whole_messages(stream: &[u8]) -> Option<Vec<&[u8]>> {
    let mut rest = stream;
    while rest.len() >= 6 {
        let length = u32::from_be_bytes([rest[1], rest[2], rest[3], rest[4]]) as usize;
        if !matches!(rest[0], 3 | 4) || length < 6 {
            return None;
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    let messages = walker::messages(stream);
    (messages.len() >= 2).then_some(messages)
}

/// Both readings of each stream: by sequence numbers, and, where the SYN carries data that they do
/// not count, by the order of the packets.
fn streams(records: &[Record]) -> Vec<Vec<u8>> {
    extract::streams(records)
        .into_iter()
        .map(|stream| match whole_messages(&stream.bytes) {
            Some(_) if !stream.has_gap => stream.bytes,
            _ => extract::in_packet_order(records, stream.source, stream.destination),
        })
        .collect()
}
