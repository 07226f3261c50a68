//! TLS as far as it is in clear: versions, the server's name, ALPN, and the names in certificates
//! before TLS 1.3 (RFC 8446 4, 5; RFC 5246 7.4).

mod certificate;
mod hello;

use hello::Hello;
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
        while !own.is_done {
            let Some((record, rest)) = record(&own.records) else {
                own.is_done |= !may_be_record(&own.records);
                break;
            };
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
            own.records = rest.to_vec();
            own.is_done |= take_messages(&mut own.messages, side, &mut self.facts);
        }
        if own.is_done {
            (own.records, own.messages) = (Vec::new(), Vec::new());
        }
    }
}

/// The first record, its type and fragment, and what follows.
fn record(octets: &[u8]) -> Option<((u8, &[u8]), &[u8])> {
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
    loop {
        let Some((&[kind, a, b, c], rest)) = octets.split_first_chunk::<4>() else {
            return false;
        };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let Some(body) = rest.get(..length) else {
            return length > MOST;
        };
        let is_last = take_message(kind, body, side, facts);
        octets.drain(..4 + length);
        if is_last {
            return true;
        }
    }
}

fn take_message(kind: u8, body: &[u8], side: usize, facts: &mut TlsFacts) -> bool {
    match kind {
        CLIENT_HELLO => {
            let hello = Hello::of_client(body).unwrap_or_default();
            facts.client = Some(side);
            facts.offered = hello.versions.iter().copied().max();
            facts.server_name = hello.server_name;
            facts.alpn = hello.alpn;
            false
        }
        SERVER_HELLO => {
            let hello = Hello::of_server(body).unwrap_or_default();
            facts.version = hello.versions.iter().copied().max();
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
    use crate::auth::testing::hex;

    /// RFC 8448 3: the ClientHello record of a simple 1-RTT handshake.
    const CLIENT_HELLO_RECORD: &str = "
        16 03 01 00 c4 01 00 00 c0 03 03 cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d ff a2 1a
        8d 99 12 ec 18 a2 ef 62 83 02 4d ec e7 00 00 06 13 01 13 03 13 02 01 00 00 91 00 00 00 0b
        00 09 00 00 06 73 65 72 76 65 72 ff 01 00 01 00 00 0a 00 14 00 12 00 1d 00 17 00 18 00 19
        01 00 01 01 01 02 01 03 01 04 00 23 00 00 00 33 00 26 00 24 00 1d 00 20 99 38 1d e5 60 e4
        bd 43 d2 3d 8e 43 5a 7d ba fe b3 c0 6e 51 c1 3c ae 4d 54 13 69 1e 52 9a af 2c 00 2b 00 03
        02 03 04 00 0d 00 20 00 1e 04 03 05 03 06 03 02 03 08 04 08 05 08 06 04 01 05 01 06 01 02
        01 04 02 05 02 06 02 02 02 00 2d 00 02 01 01 00 1c 00 02 40 01";

    /// RFC 8448 3: the ServerHello record.
    const SERVER_HELLO_RECORD: &str = "
        16 03 03 00 5a 02 00 00 56 03 03 a6 af 06 a4 12 18 60 dc 5e 6e 60 24 9c d3 4c 95 93 0c 8a
        c5 cb 14 34 da c1 55 77 2e d3 e2 69 28 00 13 01 00 00 2e 00 33 00 24 00 1d 00 20 c9 82 88
        76 11 20 95 fe 66 76 2b db f7 c6 72 e1 56 d6 cc 25 3b 83 3d f1 dd 69 b1 b0 4e 75 1f 0f 00
        2b 00 02 03 04";

    #[test]
    fn the_handshake_of_rfc_8448_is_read_however_it_is_cut() {
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
            assert_eq!(facts.server_name.as_deref(), Some("server"));
            assert_eq!((facts.version, facts.offered), (Some(0x0304), Some(0x0304)));
            assert_eq!(facts.cipher_suite, Some(0x1301));
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
