//! What the tests share: octets from hex, and segments from IP packets.

use super::{Algorithm, Key, Keys, Options, Secret};
use crate::capture::{Frame, LinkType};
use crate::packet::{Decoder, Packet, Segment};
use std::sync::Arc;

/// RFC 9235 4.1.1: the SYN of a client at 10.11.12.13:59863 to 172.27.28.29:179, SHA-1, options
/// covered.
pub(super) const SYN: &str = "
    45 e0 00 4c dd 0f 40 00 ff 06 bf 6b 0a 0b 0c 0d
    ac 1b 1c 1d e9 d7 00 b3 fb fb ab 5a 00 00 00 00
    e0 02 ff ff ca c4 00 00 02 04 05 b4 01 03 03 08
    04 02 08 0a 00 15 5a b7 00 00 00 00 1d 10 3d 54
    2e e4 37 c6 f8 ed e6 d7 c4 d6 02 e7";

/// Octets from hex digits; everything that is no digit is passed over.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// The segment of an IP packet.
pub(super) fn segment(packet: &[u8]) -> Segment<'_> {
    cut_segment(packet, packet.len())
}

/// The segment of an IP packet of which only the first octets were captured.
pub(super) fn cut_segment(packet: &[u8], captured: usize) -> Segment<'_> {
    let frame = Frame {
        file: 0,
        number: 1,
        time: None,
        link: LinkType(101),
        data: &packet[..captured],
        original_length: packet.len() as u32,
    };
    // A segment of a packet that is not fragmented borrows from the packet alone.
    let decoder = Box::leak(Box::new(Decoder::default()));
    match decoder.decode(&frame) {
        Packet::Tcp(segment) => segment,
        Packet::Other(other) => panic!("no segment: {other}"),
    }
}

/// A key for any ends, with KeyIDs 61 of the client and 84 of the server, as all of RFC 9235.
pub(super) fn key(algorithm: Algorithm, secret: &str, options: Options) -> Key {
    Key {
        name: "test".to_owned(),
        router: None,
        station: None,
        port: Some(179),
        algorithm,
        mac_length: None,
        router_key_id: Some(61),
        station_key_id: Some(84),
        options,
        secret: Secret::new(secret.as_bytes().to_vec()),
    }
}

/// These keys and no connections.
pub(super) fn keys(keys: Vec<Key>) -> Arc<Keys> {
    Arc::new(Keys {
        keys,
        connections: Vec::new(),
    })
}
