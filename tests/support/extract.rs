//! The byte streams inside a capture, put together in the plainest way: all segments of a
//! connection kept by sequence number. Only for captures whose streams are whole.

use super::capture_file::Record;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// What one side of one connection sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Who sent it.
    pub(crate) source: SocketAddr,
    /// To whom.
    pub(crate) destination: SocketAddr,
    /// From the first octet to the first one missing.
    pub(crate) bytes: Vec<u8>,
    /// Octets are missing before others.
    pub(crate) has_gap: bool,
}

/// The segments of one direction by their distance from the first octet.
struct Direction {
    source: SocketAddr,
    destination: SocketAddr,
    first: u32,
    segments: BTreeMap<u32, Vec<u8>>,
}

/// A TCP segment as far as its payload matters.
struct Segment<'a> {
    source: SocketAddr,
    destination: SocketAddr,
    sequence: u32,
    is_syn: bool,
    payload: &'a [u8],
}

/// All streams with octets, in the order in which their connections began. A SYN with another
/// sequence number on the same addresses and ports begins a new stream.
pub(crate) fn streams(records: &[Record]) -> Vec<Stream> {
    let mut directions: Vec<Direction> = Vec::new();
    for record in records {
        if let Some(segment) = tcp_segment(record) {
            add(&mut directions, &segment);
        }
    }
    let streams = directions.iter().map(joined);
    streams.filter(|stream| !stream.bytes.is_empty()).collect()
}

/// What `source` sent to `destination`, each payload behind the one before it, whatever the sequence
/// numbers say; a payload with the sequence number of an earlier one is a copy.
pub(crate) fn in_packet_order(
    records: &[Record],
    source: SocketAddr,
    destination: SocketAddr,
) -> Vec<u8> {
    let mut seen = std::collections::HashSet::new();
    let mut bytes = Vec::new();
    for segment in records.iter().filter_map(tcp_segment) {
        let is_its = segment.source == source && segment.destination == destination;
        if is_its && !segment.payload.is_empty() && seen.insert(segment.sequence) {
            bytes.extend(segment.payload);
        }
    }
    bytes
}

fn add(directions: &mut Vec<Direction>, segment: &Segment<'_>) {
    let first = match segment.is_syn {
        true => segment.sequence.wrapping_add(1),
        false => segment.sequence,
    };
    let is_same = |direction: &Direction| {
        direction.source == segment.source
            && direction.destination == segment.destination
            && !(segment.is_syn && direction.first != first)
    };
    let latest = directions.iter().rposition(is_same);
    let index = latest.unwrap_or_else(|| {
        directions.push(Direction {
            source: segment.source,
            destination: segment.destination,
            first,
            segments: BTreeMap::new(),
        });
        directions.len() - 1
    });
    let direction = &mut directions[index];
    let offset = first.wrapping_sub(direction.first);
    // A keepalive probe lies before the first octet, at a distance of almost 2^32; what follows a
    // FIN, which counts as an octet, lies behind the last.
    if offset > u32::MAX / 2 || segment.payload.is_empty() {
        return;
    }
    let kept = direction.segments.entry(offset).or_default();
    if kept.len() < segment.payload.len() {
        *kept = segment.payload.to_vec();
    }
}

fn joined(direction: &Direction) -> Stream {
    let mut bytes: Vec<u8> = Vec::new();
    let mut has_gap = false;
    for (&offset, payload) in &direction.segments {
        let Some(known) = bytes.len().checked_sub(offset as usize) else {
            has_gap = true;
            break;
        };
        bytes.extend(payload.get(known..).unwrap_or_default());
    }
    Stream {
        source: direction.source,
        destination: direction.destination,
        bytes,
        has_gap,
    }
}

fn tcp_segment(record: &Record) -> Option<Segment<'_>> {
    let bytes = record.bytes.as_slice();
    let packet = match record.link {
        1 => after_vlan_tags(bytes, 12)?,   // Ethernet
        101 => bytes,                       // raw IP
        113 => after_vlan_tags(bytes, 14)?, // Linux SLL
        276 => bytes.get(20..)?,            // Linux SLL2
        _ => return None,
    };
    let (source, destination, tcp) = ip(packet)?;
    let port = |at: usize| Some(u16::from_be_bytes([*tcp.get(at)?, *tcp.get(at + 1)?]));
    let header = usize::from(*tcp.get(12)? >> 4) * 4;
    Some(Segment {
        source: SocketAddr::new(source, port(0)?),
        destination: SocketAddr::new(destination, port(2)?),
        sequence: u32::from_be_bytes(tcp.get(4..8)?.try_into().ok()?),
        is_syn: tcp.get(13)? & 0x02 != 0,
        payload: tcp.get(header..)?,
    })
}

/// What follows the EtherType at `at`, behind any VLAN tags.
fn after_vlan_tags(bytes: &[u8], mut at: usize) -> Option<&[u8]> {
    while matches!(bytes.get(at..at + 2)?, [0x81, 0x00] | [0x88, 0xa8]) {
        at += 4;
    }
    bytes.get(at + 2..)
}

/// Source, destination and the TCP segment of a packet that is neither fragmented nor extended.
fn ip(packet: &[u8]) -> Option<(IpAddr, IpAddr, &[u8])> {
    match packet.first()? >> 4 {
        4 if packet.get(9)? == &6 => {
            let header = usize::from(packet.first()? & 15) * 4;
            let total = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
            let address = |at: usize| {
                let octets: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
                Some(IpAddr::from(octets))
            };
            Some((address(12)?, address(16)?, packet.get(header..total)?))
        }
        6 if packet.get(6)? == &6 => {
            let length = usize::from(u16::from_be_bytes([*packet.get(4)?, *packet.get(5)?]));
            let address = |at: usize| {
                let octets: [u8; 16] = packet.get(at..at + 16)?.try_into().ok()?;
                Some(IpAddr::from(octets))
            };
            Some((address(8)?, address(24)?, packet.get(40..40 + length)?))
        }
        _ => None,
    }
}
