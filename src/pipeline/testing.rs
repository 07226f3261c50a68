//! A capture made in memory, and what comes out of it: for the tests of the walk and of `messages`.

use super::{Chunk, Item, Query, Request, Run, run};
use crate::bmp::CommonHeader;
use std::io;
use std::io::Write;
use tempfile::NamedTempFile;

/// A pcap file of one connection from router 192.0.2.1:50000 to station 192.0.2.2:1790, of raw IP
/// packets. Packet N is captured N seconds after the epoch.
pub(crate) struct Pcap {
    bytes: Vec<u8>,
    packets: u32,
    sequence: u32,
}

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const FIN: u8 = 0x11;
/// LINKTYPE_RAW.
const RAW_IP: u32 = 101;

impl Pcap {
    /// Begins with the router's SYN, as packet 1.
    pub(crate) fn new() -> Pcap {
        let mut pcap = Pcap::mid_stream();
        pcap.packet(SYN, &[]);
        pcap.sequence += 1;
        pcap
    }

    /// Begins in the middle of the connection.
    pub(crate) fn mid_stream() -> Pcap {
        let mut bytes = Vec::new();
        for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, RAW_IP] {
            bytes.extend(u32::to_le_bytes(word));
        }
        Pcap {
            bytes,
            packets: 0,
            sequence: 1000,
        }
    }

    /// The next segment of the router.
    pub(crate) fn send(&mut self, payload: &[u8]) -> &mut Pcap {
        self.packet(ACK, payload);
        self.lose(payload.len())
    }

    /// Octets that were sent and not captured.
    pub(crate) fn lose(&mut self, octets: usize) -> &mut Pcap {
        self.sequence += u32::try_from(octets).unwrap();
        self
    }

    /// The router's FIN.
    pub(crate) fn close(&mut self) -> &mut Pcap {
        self.packet(FIN, &[]);
        self
    }

    fn packet(&mut self, flags: u8, payload: &[u8]) {
        let length = u16::try_from(40 + payload.len()).unwrap();
        let mut packet = vec![0x45, 0]; // IPv4, 5 words
        packet.extend(length.to_be_bytes());
        packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]); // Don't Fragment, TCP
        packet.extend([192, 0, 2, 1, 192, 0, 2, 2]);
        packet.extend([50_000u16, 1790].map(u16::to_be_bytes).concat());
        packet.extend([self.sequence, 1].map(u32::to_be_bytes).concat());
        packet.extend([0x50, flags, 0x40, 0, 0, 0, 0, 0]);
        packet.extend(payload);
        self.packets += 1;
        let octets = u32::from(length);
        for word in [self.packets, 0, octets, octets] {
            self.bytes.extend(word.to_le_bytes());
        }
        self.bytes.extend(packet);
    }

    /// The capture as a file.
    pub(crate) fn file(&self) -> NamedTempFile {
        file(&self.bytes)
    }
}

/// A file of these octets.
pub(crate) fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The question of a file without filters.
pub(crate) fn request(file: &NamedTempFile) -> Request {
    Request {
        inputs: vec![file.path().to_owned()],
        ..Request::default()
    }
}

/// What a request comes to: `initiation@0 #2` is an Initiation at offset 0 that packet 2 completed.
pub(crate) fn walked(request: &Request) -> (Vec<String>, Run) {
    let mut places = Places(Vec::new());
    let run = run(request, &mut places).unwrap();
    (places.0, run)
}

struct Places(Vec<String>);

impl Query for Places {
    type Part = Vec<String>;

    fn decode(&self, chunk: Chunk<'_>) -> Vec<String> {
        let line = |located: super::Located<'_>| {
            let what = match located.item {
                Item::Gap(gap) => format!("{}:{}", gap.kind.word(), gap.length),
                Item::Message(bytes) => {
                    let header = CommonHeader::peek(bytes).unwrap();
                    assert_eq!(header.length as usize, bytes.len());
                    header.message_type.to_string()
                }
            };
            let (offset, packet) = (located.stream_offset(), located.moment().packet);
            format!("{what}@{offset} #{packet}")
        };
        chunk.items().map(line).collect()
    }

    fn merge(&mut self, part: Vec<String>) -> io::Result<()> {
        self.0.extend(part);
        Ok(())
    }
}
