//! TLS as far as it is in clear: versions, the server's name, ALPN, and the names in certificates
//! before TLS 1.3 (RFC 8446 4, 5; RFC 5246 7.4).

use super::certificate;
use super::hello::Hello;
use std::collections::BTreeSet;

/// What a connection's handshake tells in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFacts {
    /// The version agreed on: `0x0304` is TLS 1.3; none where the server's answer was not captured.
    pub version: Option<u16>,
    /// The highest version that the client offers.
    pub offered: Option<u16>,
    /// The cipher suite agreed on.
    pub cipher_suite: Option<u16>,
    /// Server Name Indication (RFC 6066 3).
    pub server_name: Option<String>,
    /// Application protocols that the client offers (RFC 7301).
    pub alpn: Vec<String>,
    /// Names in the server's first certificate.
    pub server_names: Vec<String>,
    /// Names in the client's first certificate.
    pub client_names: Vec<String>,
    /// The side that sent the ClientHello: 0 opened the connection.
    pub client: Option<usize>,
    /// The handshake was not captured; the records are those of TLS.
    pub is_midstream: bool,
}

/// Reads the handshake of one connection, until everything is encrypted.
#[derive(Debug, Clone, Default)]
pub struct TlsReader {
    sides: [Side; 2],
    facts: TlsFacts,
    is_tls: bool,
}

/// One direction.
#[derive(Debug, Clone, Default)]
struct Side {
    records: Vec<u8>,
    messages: Vec<u8>,
    received: u64,
    is_done: bool,
}

/// Octets read of a direction: certificate chains are shorter.
const MOST: usize = 32 << 10;

/// Record types (RFC 8446 5.1).
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Handshake types (RFC 8446 4, RFC 5246 7.4).
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;

impl TlsReader {
    /// In-order octets of a direction. False: nothing more is to be learnt.
    pub fn push(&mut self, side: usize, offset: u64, octets: &[u8]) -> bool {
        let Some(own) = self.sides.get_mut(side) else {
            return false;
        };
        if offset != own.received {
            // A gap: what follows cannot be put together.
            own.is_done = true;
        }
        own.received = offset.saturating_add(octets.len() as u64);
        if !own.is_done {
            let room = MOST.saturating_sub(own.records.len() + own.messages.len());
            own.is_done = room < octets.len();
            own.records.extend(octets.iter().take(room));
            self.read(side);
        }
        let looks_like_tls = self.is_tls || self.sides.iter().any(|side| !side.records.is_empty());
        looks_like_tls && !self.sides.iter().all(|side| side.is_done)
    }

    /// What was learnt; none where this is no TLS.
    pub fn finish(self) -> Option<TlsFacts> {
        self.is_tls.then_some(self.facts)
    }

    /// Takes whole records, and the messages in them.
    fn read(&mut self, side: usize) {
        let Some(own) = self.sides.get_mut(side) else {
            return;
        };
        let mut taken = 0;
        while !own.is_done {
            let ahead = own.records.get(taken..).unwrap_or_default();
            let Some((record, rest)) = record(ahead) else {
                own.is_done |= !may_be_record(ahead);
                break;
            };
            taken = own.records.len() - rest.len();
            self.is_tls = true;
            match record {
                (HANDSHAKE, fragment) => own.messages.extend_from_slice(fragment),
                (APPLICATION_DATA, _) if own.messages.is_empty() && self.facts.client.is_none() => {
                    self.facts.is_midstream = true;
                    own.is_done = true;
                }
                // ChangeCipherSpec, alert or encrypted data: the rest is not in clear.
                _ => own.is_done = true,
            }
        }
        own.records.drain(..taken);
        own.is_done |= take_messages(&mut own.messages, side, &mut self.facts);
        if own.is_done {
            (own.records, own.messages) = (Vec::new(), Vec::new());
        }
    }
}

/// A record: its type, and its fragment.
type Record<'a> = (u8, &'a [u8]);

/// The first record, and what follows.
fn record(octets: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (&[kind, _, _, high, low], rest) = octets.split_first_chunk::<5>()?;
    if !may_be_record(octets) {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([high, low]));
    let (fragment, rest) = rest.split_at_checked(length)?;
    Some(((kind, fragment), rest))
}

/// Types 20 to 23, versions 3.0 to 3.4, at most 2^14 + 2048 octets (RFC 8446 5.1, RFC 5246 6.2.3).
fn may_be_record(octets: &[u8]) -> bool {
    let at = |index: usize| octets.get(index).copied();
    let is_good = |index, good: fn(u8) -> bool| at(index).is_none_or(good);
    is_good(0, |kind| (20..=23).contains(&kind))
        && is_good(1, |major| major == 3)
        && is_good(2, |minor| minor <= 4)
        && is_good(3, |high| high <= 0x48)
}

/// Takes whole handshake messages. True: what follows is not in clear.
fn take_messages(octets: &mut Vec<u8>, side: usize, facts: &mut TlsFacts) -> bool {
    let mut ahead = octets.as_slice();
    let mut is_last = false;
    while let Some((&[kind, a, b, c], rest)) = ahead.split_first_chunk::<4>()
        && !is_last
    {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let Some((body, rest)) = rest.split_at_checked(length) else {
            is_last = length > MOST;
            break;
        };
        is_last = take_message(kind, body, side, facts);
        ahead = rest;
    }
    let taken = octets.len() - ahead.len();
    octets.drain(..taken);
    is_last
}

fn take_message(kind: u8, body: &[u8], side: usize, facts: &mut TlsFacts) -> bool {
    match kind {
        CLIENT_HELLO => {
            let hello = Hello::of_client(body).unwrap_or_default();
            facts.client = Some(side);
            facts.offered = hello.version();
            facts.server_name = hello.server_name;
            facts.alpn = hello.alpn;
            false
        }
        SERVER_HELLO => {
            let hello = Hello::of_server(body).unwrap_or_default();
            facts.version = hello.version();
            facts.cipher_suite = hello.cipher_suite;
            // In TLS 1.3 everything after it is encrypted.
            facts.version == Some(TLS_1_3)
        }
        CERTIFICATE => {
            let names = certificate::names(body).unwrap_or_default();
            let unique: BTreeSet<String> = names.into_iter().collect();
            let own = match facts.client {
                Some(client) if client == side => &mut facts.client_names,
                _ => &mut facts.server_names,
            };
            *own = unique.into_iter().collect();
            false
        }
        _ => false,
    }
}

/// TLS 1.3 (RFC 8446 4.2.1).
const TLS_1_3: u16 = 0x0304;

/// How a version is called.
pub fn version_name(version: u16) -> String {
    match version {
        0x0300 => "SSL 3.0".to_owned(),
        0x0301 => "TLS 1.0".to_owned(),
        0x0302 => "TLS 1.1".to_owned(),
        0x0303 => "TLS 1.2".to_owned(),
        TLS_1_3 => "TLS 1.3".to_owned(),
        other => format!("0x{other:04x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::hex;

    /// The ClientHello record of the first connection of the lab's tls.pcap (OpenSSL, TLS 1.3): server
    /// name bmp-station.example, versions 3.4 and 3.3, no ALPN.
    const CLIENT_HELLO_RECORD: &str = "
        16 03 01 00 f8 01 00 00 f4 03 03 c0 03 53 8d 96 28 8c 64 32 dd cf 70 bd 5f 01 09 fb bd 6b
        7d 04 b8 08 f0 0b 58 86 7c 4f 2b 55 05 20 77 76 b7 27 dc 10 57 d5 d8 89 50 f5 05 20 bf 0b
        3f 41 7c d1 95 62 7e 8c b6 6e 9d 45 af 69 14 ca 00 08 13 02 13 03 13 01 00 ff 01 00 00 a3
        00 00 00 18 00 16 00 00 13 62 6d 70 2d 73 74 61 74 69 6f 6e 2e 65 78 61 6d 70 6c 65 00 0b
        00 04 03 00 01 02 00 0a 00 16 00 14 00 1d 00 17 00 1e 00 19 00 18 01 00 01 01 01 02 01 03
        01 04 00 23 00 00 00 16 00 00 00 17 00 00 00 0d 00 1e 00 1c 04 03 05 03 06 03 08 07 08 08
        08 09 08 0a 08 0b 08 04 08 05 08 06 04 01 05 01 06 01 00 2b 00 03 02 03 04 00 2d 00 02 01
        01 00 33 00 26 00 24 00 1d 00 20 11 ea 7b 87 88 78 26 a4 df 79 7a 08 f3 dd 65 84 7e 75 d8
        c6 be b4 65 ff 53 de 2f 9a 2e e5 89 3a";

    /// The ServerHello record that answers it: cipher suite 13 02, version 3.4.
    const SERVER_HELLO_RECORD: &str = "
        16 03 03 00 7a 02 00 00 76 03 03 9d 12 b5 13 40 05 7e 21 30 7a 03 27 58 71 fd 10 3b ca b1
        34 17 4a 6f 90 6c c1 0d 66 f0 cb 5d f4 20 77 76 b7 27 dc 10 57 d5 d8 89 50 f5 05 20 bf 0b
        3f 41 7c d1 95 62 7e 8c b6 6e 9d 45 af 69 14 ca 13 02 00 00 2e 00 2b 00 02 03 04 00 33 00
        24 00 1d 00 20 6e 52 95 8d b1 34 ab 87 ec 7d 0d 59 ce 08 85 a3 9d 65 55 20 17 66 e4 6f 11
        2c 24 9f 42 3c da 4c";

    #[test]
    fn a_handshake_is_read_however_it_is_cut() {
        let (client, server) = (hex(CLIENT_HELLO_RECORD), hex(SERVER_HELLO_RECORD));
        for size in [1, 7, 1000] {
            let mut reader = TlsReader::default();
            for (side, octets) in [(0, &client), (1, &server)] {
                let mut offset = 0;
                for piece in octets.chunks(size) {
                    reader.push(side, offset, piece);
                    offset += piece.len() as u64;
                }
            }
            let facts = reader.finish().unwrap();
            assert_eq!(facts.server_name.as_deref(), Some("bmp-station.example"));
            assert_eq!((facts.version, facts.offered), (Some(0x0304), Some(0x0304)));
            assert_eq!(facts.cipher_suite, Some(0x1302));
            assert_eq!((facts.client, facts.is_midstream), (Some(0), false));
        }
    }

    #[test]
    fn other_octets_are_no_tls_and_are_not_kept() {
        let mut reader = TlsReader::default();
        assert!(!reader.push(0, 0, &[3, 0, 0, 0, 32, 4]));
        assert_eq!(reader.finish(), None);
    }

    #[test]
    fn data_without_its_handshake_is_tls_in_midstream() {
        let mut reader = TlsReader::default();
        reader.push(0, 0, &[23, 3, 3, 0, 2, 1, 2]);
        assert!(reader.finish().unwrap().is_midstream);
    }

    #[test]
    fn every_prefix_is_read_without_a_panic() {
        let client = hex(CLIENT_HELLO_RECORD);
        for length in 0..client.len() {
            let mut reader = TlsReader::default();
            reader.push(0, 0, &client[..length]);
            // Cut inside, its messages do not end.
            let _ = Hello::of_client(&client[9..length.max(9)]);
            let _ = certificate::names(&client[..length]);
            reader.finish();
        }
    }
}
