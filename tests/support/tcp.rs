//! TCP conversations as packets: a byte stream cut into segments, then lost, reordered or doubled
//! as a test wants it.

use super::capture_file::Record;
use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const ACK: u8 = 0x10;
const ETHERNET: u16 = 1;

/// Who speaks with whom, and how.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    /// Opens the connection and sends the stream.
    pub(crate) client: SocketAddr,
    /// Only acknowledges.
    pub(crate) server: SocketAddr,
    /// Sequence number of the client's SYN; near 2^32 to see it wrap.
    pub(crate) client_isn: u32,
    /// Sequence number of the server's SYN.
    pub(crate) server_isn: u32,
    /// Most payload octets in a segment.
    pub(crate) segment_size: usize,
    /// Time of the first packet, nanoseconds since 1970.
    pub(crate) start: u64,
    /// Nanoseconds between packets.
    pub(crate) step: u64,
}

/// One TCP segment of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Sent by the client.
    pub(crate) from_client: bool,
    /// Sequence number.
    pub(crate) sequence: u32,
    /// Acknowledgment number.
    pub(crate) acknowledgment: u32,
    /// The octet of flags.
    pub(crate) flags: u8,
    /// Octets of the client's stream that it carries.
    pub(crate) payload: Vec<u8>,
}

impl Conversation {
    /// A router (the client) and a station at these addresses: `"192.0.2.1:40000"`.
    pub(crate) fn new(client: &str, server: &str) -> Conversation {
        Conversation {
            client: client.parse().unwrap(),
            server: server.parse().unwrap(),
            client_isn: 0x1000_0000,
            server_isn: 0x2000_0000,
            segment_size: 1448,
            start: 1_700_000_000_000_000_000,
            step: 1_000_000,
        }
    }

    /// The three segments that open the connection.
    pub(crate) fn handshake(&self) -> Vec<Segment> {
        let first = self.client_isn.wrapping_add(1);
        let acknowledgment = self.server_isn.wrapping_add(1);
        vec![
            self.segment(true, self.client_isn, 0, SYN),
            self.segment(false, self.server_isn, first, SYN | ACK),
            self.segment(true, first, acknowledgment, ACK),
        ]
    }

    /// The segments that carry `stream`, none acknowledged.
    pub(crate) fn data(&self, stream: &[u8]) -> Vec<Segment> {
        let mut sequence = self.client_isn.wrapping_add(1);
        let mut segments = Vec::new();
        for payload in stream.chunks(self.segment_size) {
            let acknowledgment = self.server_isn.wrapping_add(1);
            let mut segment = self.segment(true, sequence, acknowledgment, PSH | ACK);
            segment.payload = payload.to_vec();
            sequence = sequence.wrapping_add(payload.len() as u32);
            segments.push(segment);
        }
        segments
    }

    /// The FINs of both sides after `length` octets, and the last acknowledgment.
    pub(crate) fn close(&self, length: usize) -> Vec<Segment> {
        let end = self.client_isn.wrapping_add(1).wrapping_add(length as u32);
        let server = self.server_isn.wrapping_add(1);
        vec![
            self.segment(true, end, server, FIN | ACK),
            self.segment(false, server, end.wrapping_add(1), FIN | ACK),
            self.segment(true, end.wrapping_add(1), server.wrapping_add(1), ACK),
        ]
    }

    /// Handshake, data and close.
    pub(crate) fn whole(&self, stream: &[u8]) -> Vec<Segment> {
        let parts = [
            self.handshake(),
            self.data(stream),
            self.close(stream.len()),
        ];
        parts.concat()
    }

    fn segment(&self, from_client: bool, sequence: u32, acknowledgment: u32, flags: u8) -> Segment {
        Segment {
            from_client,
            sequence,
            acknowledgment,
            flags,
            payload: Vec::new(),
        }
    }

    /// The segments as Ethernet frames, one `step` after the other.
    pub(crate) fn records(&self, segments: &[Segment]) -> Vec<Record> {
        let times = (self.start..).step_by(self.step as usize);
        let record = |(segment, time)| {
            let bytes = self.frame(segment);
            Record {
                time,
                link: ETHERNET,
                original_length: bytes.len() as u32,
                bytes,
            }
        };
        segments.iter().zip(times).map(record).collect()
    }

    /// Ethernet, IP, TCP and the payload.
    pub(crate) fn frame(&self, segment: &Segment) -> Vec<u8> {
        let (source, destination) = match segment.from_client {
            true => (self.client, self.server),
            false => (self.server, self.client),
        };
        let tcp = tcp(source, destination, segment);
        let (ether_type, ip) = match (source.ip(), destination.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                (0x0800u16, ipv4(from.octets(), to.octets(), &tcp))
            }
            (IpAddr::V6(from), IpAddr::V6(to)) => (0x86dd, ipv6(from.octets(), to.octets(), &tcp)),
            _ => panic!("both ends are of one address family"),
        };
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        frame.extend(ether_type.to_be_bytes());
        frame.extend(ip);
        frame
    }
}

fn tcp(source: SocketAddr, destination: SocketAddr, segment: &Segment) -> Vec<u8> {
    let mut tcp = Vec::new();
    tcp.extend(source.port().to_be_bytes());
    tcp.extend(destination.port().to_be_bytes());
    tcp.extend(segment.sequence.to_be_bytes());
    tcp.extend(segment.acknowledgment.to_be_bytes());
    tcp.extend([5 << 4, segment.flags]); // five words of header
    tcp.extend([0xff, 0xff, 0, 0, 0, 0]); // window, checksum, urgent pointer
    tcp.extend(&segment.payload);
    let mut pseudo = Vec::new();
    for address in [source.ip(), destination.ip()] {
        match address {
            IpAddr::V4(address) => pseudo.extend(address.octets()),
            IpAddr::V6(address) => pseudo.extend(address.octets()),
        }
    }
    pseudo.extend(6u32.to_be_bytes());
    pseudo.extend((tcp.len() as u32).to_be_bytes());
    pseudo.extend(&tcp);
    tcp[16..18].copy_from_slice(&internet_checksum(&pseudo));
    tcp
}

fn ipv4(source: [u8; 4], destination: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0x45, 0]; // version 4, five words
    header.extend((20 + payload.len() as u16).to_be_bytes());
    header.extend([0, 1, 0x40, 0, 64, 6, 0, 0]); // identification, DF, hop limit, TCP, checksum
    header.extend(source);
    header.extend(destination);
    let checksum = internet_checksum(&header);
    header[10..12].copy_from_slice(&checksum);
    header.extend(payload);
    header
}

fn ipv6(source: [u8; 16], destination: [u8; 16], payload: &[u8]) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0]; // version 6
    header.extend((payload.len() as u16).to_be_bytes());
    header.extend([6, 64]); // TCP, hop limit
    header.extend(source);
    header.extend(destination);
    header.extend(payload);
    header
}

/// RFC 1071.
fn internet_checksum(bytes: &[u8]) -> [u8; 2] {
    let word = |pair: &[u8]| {
        let low = pair.get(1).copied().unwrap_or(0);
        u32::from(u16::from_be_bytes([pair[0], low]))
    };
    let mut sum: u32 = bytes.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (!(sum as u16)).to_be_bytes()
}

/// The segments without those at these positions.
pub(crate) fn without_segments(segments: &[Segment], lost: Range<usize>) -> Vec<Segment> {
    let (before, rest) = segments.split_at(lost.start);
    [before, &rest[lost.len()..]].concat()
}

/// Each segment at most `distance` places from where it was.
pub(crate) fn reordered(segments: &[Segment], distance: u64, random: &mut Random) -> Vec<Segment> {
    let mut keyed: Vec<(u64, &Segment)> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        keyed.push((index as u64 + random.below(distance + 1), segment));
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed
        .into_iter()
        .map(|(_, segment)| segment.clone())
        .collect()
}

/// About `percent` of the segments twice, the second copy right after the first.
pub(crate) fn duplicated(segments: &[Segment], percent: u64, random: &mut Random) -> Vec<Segment> {
    let mut out = Vec::new();
    for segment in segments {
        out.push(segment.clone());
        if random.below(100) < percent {
            out.push(segment.clone());
        }
    }
    out
}

/// About `percent` of the segments lost.
pub(crate) fn thinned(segments: &[Segment], percent: u64, random: &mut Random) -> Vec<Segment> {
    let mut kept = segments.to_vec();
    kept.retain(|_| random.below(100) >= percent);
    kept
}

/// SplitMix64: the same numbers from the same seed on every machine.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
