//! The BMP streams of the shared captures, cut into messages by an independent walk.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// A stream that begins with a header, and where its messages are.
#[derive(Clone)]
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) octets: Vec<u8>,
    /// (offset, length) of every whole message.
    pub(crate) messages: Vec<(usize, usize)>,
}

impl Stream {
    pub(crate) fn new(name: String, octets: Vec<u8>) -> Stream {
        let mut messages = Vec::new();
        let mut at = 0;
        while let Some(header) = octets.get(at..at + 6) {
            assert_eq!(header[0], octets[0], "{name}: no header at {at}");
            let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize;
            assert!(
                (6..=1 << 20).contains(&length),
                "{name}: length {length} at {at}"
            );
            if at + length > octets.len() {
                break;
            }
            messages.push((at, length));
            at += length;
        }
        Stream {
            name,
            octets,
            messages,
        }
    }

    /// A stream of some of the messages only.
    pub(crate) fn select(&self, word: &str, keeps: impl Fn(&[u8]) -> bool) -> Option<Stream> {
        let mut octets = Vec::new();
        for &(at, length) in &self.messages {
            let message = &self.octets[at..at + length];
            if keeps(message) {
                octets.extend_from_slice(message);
            }
        }
        let stream = Stream::new(format!("{} [{word}]", self.name), octets);
        (stream.messages.len() >= 2).then_some(stream)
    }
}

/// Statistics Reports (RFC 7854 §4.8).
pub(crate) fn is_statistics(message: &[u8]) -> bool {
    message[5] == 1
}

/// Anything about a Loc-RIB peer (Peer Type 3, RFC 9069 §4.1).
pub(crate) fn is_loc_rib(message: &[u8]) -> bool {
    matches!(message[5], 0..=3 | 6) && message[6] == 3
}

/// The shared captures, if they are there.
pub(crate) fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("BMPSCOPE_SHARED").map_or_else(beside, PathBuf::from);
    let captures = root.join("captures");
    captures.is_dir().then_some(captures)
}

/// Every distinct stream, and the selections made from them.
pub(crate) fn load(captures: &Path) -> Vec<Stream> {
    let mut streams = bare(&captures.join("lab/streams"));
    streams.extend(bare(&captures.join("public/derived/streams")));
    for path in listed(&captures.join("public")) {
        streams.extend(from_capture(&captures.join("public"), &path));
    }
    let mut known = HashSet::new();
    streams.retain(|stream| known.insert(stream.octets.clone()));
    let made: Vec<Stream> = streams.iter().flat_map(derived).collect();
    streams.extend(
        made.into_iter()
            .filter(|stream| known.insert(stream.octets.clone())),
    );
    streams
}

/// Streams of one kind of message only, and the same in version 4.
fn derived(stream: &Stream) -> Vec<Stream> {
    let mut made: Vec<Stream> = [
        stream.select("statistics", is_statistics),
        stream.select("loc-rib", is_loc_rib),
        stream.select("peer-up", |message| message[5] == 3),
        stream.select("peer-down", |message| message[5] == 2),
        stream.select("not-route-monitoring", |message| message[5] != 0),
    ]
    .into_iter()
    .flatten()
    .collect();
    if stream.octets[0] == 3 {
        let in_version_4: Vec<Stream> = made.iter().map(as_version_4).collect();
        made.extend(in_version_4);
        made.push(as_version_4(stream));
    }
    made
}

/// The stream as draft-ietf-grow-bmp-tlv-21 has it: Route Monitoring in indexed TLVs (section 4.3),
/// statistics in a TLV of type 1 in every other message (older revisions do not wrap them).
fn as_version_4(stream: &Stream) -> Stream {
    let mut octets = Vec::new();
    for (number, &(at, length)) in stream.messages.iter().enumerate() {
        let message = &stream.octets[at..at + length];
        let body = match message[5] {
            0 => indexed(&message[6..48], &message[48..], number),
            1 if number.is_multiple_of(2) => {
                let value = &message[48..];
                [&message[6..48], &plain_tlv(1, value)].concat()
            }
            _ => message[6..].to_vec(),
        };
        octets.push(4);
        octets.extend(u32::try_from(body.len() + 6).unwrap().to_be_bytes());
        octets.push(message[5]);
        octets.extend(body);
    }
    Stream::new(format!("{} [as v4]", stream.name), octets)
}

/// Per-peer header, sometimes a VRF name (type 2), the BGP Message TLV (4), sometimes Sequence Number (5).
fn indexed(peer_header: &[u8], body: &[u8], number: usize) -> Vec<u8> {
    let (pdu, _) = body.split_at(u16_at(body, 16));
    let name: &[u8] = if number.is_multiple_of(3) {
        &[0, 2, 0, 3, 0, 0, b'r', b'e', b'd']
    } else {
        &[]
    };
    let after: &[u8] = if number.is_multiple_of(5) {
        &[0, 5, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    } else {
        &[]
    };
    let head = [
        &[0, 4][..],
        &u16::try_from(pdu.len()).unwrap().to_be_bytes(),
        &[0, 0],
    ]
    .concat();
    [peer_header, name, &head, pdu, after].concat()
}

fn plain_tlv(tlv_type: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap();
    [&tlv_type.to_be_bytes()[..], &length.to_be_bytes(), value].concat()
}

fn bare(folder: &Path) -> Vec<Stream> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "bmp"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            Stream::new(name, std::fs::read(&path).unwrap())
        })
        .collect()
}

/// Captures with BMP in them, by the inventory's own words.
fn listed(public: &Path) -> Vec<String> {
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap_or_default();
    inventory
        .lines()
        .filter(|line| line.contains("| BMP ") && line.contains("\tpcap"))
        .filter_map(|line| line.split('\t').next().map(str::to_owned))
        .collect()
}

fn from_capture(public: &Path, path: &str) -> Vec<Stream> {
    let file = std::fs::read(public.join(path)).unwrap();
    let is_bmp = |octets: &Vec<u8>| matches!(octets.get(..2), Some([3 | 4, 0]));
    directions(&file)
        .into_iter()
        .filter(is_bmp)
        .enumerate()
        .map(|(number, octets)| Stream::new(format!("{path}#{number}"), octets))
        .collect()
}

/// Every direction of every TCP connection in captures whose content, by the inventory, is no BMP.
pub(crate) fn foreign(captures: &Path) -> Vec<(String, Vec<u8>)> {
    let public = captures.join("public");
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap_or_default();
    inventory
        .lines()
        .filter(|line| line.contains("\tpcap") && !line.to_lowercase().contains("bmp"))
        .filter_map(|line| line.split('\t').next())
        .filter_map(|path| Some((path, std::fs::read(public.join(path)).ok()?)))
        .flat_map(|(path, file)| {
            let own = directions(&file).into_iter();
            own.map(|octets| (path.to_owned(), octets))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The payloads of each direction, one after the other in file order.
fn directions(file: &[u8]) -> Vec<Vec<u8>> {
    let mut streams: BTreeMap<(usize, Vec<u8>), Vec<u8>> = BTreeMap::new();
    let mut current: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (number, frame) in frames(file).into_iter().enumerate() {
        let Some((flow, is_syn, payload)) = tcp(frame) else {
            continue;
        };
        // A SYN begins a new stream, and may carry data.
        if is_syn || !current.contains_key(&flow) {
            current.insert(flow.clone(), number);
        }
        streams
            .entry((current[&flow], flow))
            .or_default()
            .extend_from_slice(payload);
    }
    streams
        .into_values()
        .filter(|octets| !octets.is_empty())
        .collect()
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]))
}

fn u32_le(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*field) as usize)
}

/// Packets of a little-endian pcap or pcapng file, as far as it is sound.
fn frames(file: &[u8]) -> Vec<&[u8]> {
    let is_pcapng = file.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]);
    let mut at = if is_pcapng { 0 } else { 24 };
    let mut frames = Vec::new();
    while let Some(step) = if is_pcapng {
        block(file, at, &mut frames)
    } else {
        record(file, at, &mut frames)
    } {
        at += step.max(12);
    }
    frames
}

/// One pcapng block; the octets it takes.
fn block<'a>(file: &'a [u8], at: usize, frames: &mut Vec<&'a [u8]>) -> Option<usize> {
    // 00 00 00 06: Enhanced Packet Block; captured length at 20, data at 28.
    if u32_le(file, at)? == 6 {
        frames.extend(file.get(at + 28..at + 28 + u32_le(file, at + 20)?));
    }
    u32_le(file, at + 4)
}

/// One pcap record; the octets it takes.
fn record<'a>(file: &'a [u8], at: usize, frames: &mut Vec<&'a [u8]>) -> Option<usize> {
    let length = u32_le(file, at + 8)?;
    frames.push(file.get(at + 16..at + 16 + length)?);
    Some(16 + length)
}

/// (addresses and ports, SYN, payload) of a TCP packet on Ethernet.
fn tcp(frame: &[u8]) -> Option<(Vec<u8>, bool, &[u8])> {
    let mut rest = frame.get(12..)?;
    while let [0x81, 0, _, _, inner @ ..] | [0x88, 0xa8, _, _, inner @ ..] = rest {
        rest = inner;
    }
    let (ether_type, packet) = rest.split_first_chunk::<2>()?;
    let (addresses, protocol, segment) = match ether_type {
        [0x08, 0x00] if packet.len() >= 20 => {
            let header = usize::from(packet[0] & 15) * 4;
            (
                packet.get(12..20)?,
                packet[9],
                packet.get(header..u16_at(packet, 2))?,
            )
        }
        [0x86, 0xdd] if packet.len() >= 40 => (
            packet.get(8..40)?,
            packet[6],
            packet.get(40..40 + u16_at(packet, 4))?,
        ),
        _ => return None,
    };
    if protocol != 6 {
        return None;
    }
    let flow = [addresses, segment.get(..4)?].concat();
    let header = usize::from(segment.get(12)? >> 4) * 4;
    Some((flow, segment.get(13)? & 2 != 0, segment.get(header..)?))
}
