//! What RFC 9235 and the captures of Linux do not have: HMAC-SHA-256, timestamps on every segment,
//! sequence numbers that wrap, other lengths of MAC. Signed by an encoder of its own, from the texts.

use crate::auth::testing::{key, keys, segment};
use crate::auth::{self, Algorithm, Key, Options, Proof, Reason, Signature, Verdict, Verifier};
use cmac::Cmac;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [198, 51, 100, 1];
const SECRET: &str = "bmp-station-key-one";
const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const ACK: u8 = 16;

/// A connection whose segments are signed.
#[derive(Clone, Copy)]
struct Signer {
    algorithm: Algorithm,
    /// Octets of the MAC.
    length: usize,
    /// Other options are covered.
    covers: bool,
    client_isn: u32,
    server_isn: u32,
}

/// One segment to be signed.
#[derive(Clone)]
struct Draft {
    from_client: bool,
    flags: u8,
    /// The sequence number, with its extension in the upper half.
    sequence: u64,
    acknowledgment: u32,
    /// Options before TCP-AO, a multiple of four octets.
    options: Vec<u8>,
    payload: Vec<u8>,
}

impl Draft {
    /// Verified with the first key, whose KeyIDs tell both ends apart.
    fn verified(&self, options: Option<bool>) -> Verdict {
        let signer = match self.from_client {
            true => auth::Signer::Router,
            false => auth::Signer::Station,
        };
        Verdict::Verified(Proof {
            key: 0,
            options,
            signer,
        })
    }
}

fn prf(algorithm: Algorithm, key: &[u8], input: &[u8]) -> Vec<u8> {
    fn run<M: Mac + KeyInit>(key: &[u8], input: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(input);
        mac.finalize().into_bytes().to_vec()
    }
    match algorithm {
        Algorithm::HmacSha1 => run::<Hmac<Sha1>>(key, input),
        Algorithm::HmacSha256 => run::<Hmac<Sha256>>(key, input),
        _ => run::<Cmac<aes::Aes128>>(key, input),
    }
}

impl Signer {
    fn traffic_key(&self, draft: &Draft) -> Vec<u8> {
        let isns = match (draft.from_client, draft.flags & (SYN | ACK)) {
            (true, SYN) => [self.client_isn, 0],
            (true, _) => [self.client_isn, self.server_isn],
            (false, _) => [self.server_isn, self.client_isn],
        };
        // RFC 5926 3.1.1: i, label, context, output length in bits.
        let mut input = vec![1];
        input.extend(b"TCP-AO");
        input.extend(ends(draft).concat());
        input.extend(ports(draft));
        isns.iter().for_each(|isn| input.extend(isn.to_be_bytes()));
        let bits = match self.algorithm {
            Algorithm::HmacSha1 => 160u16,
            Algorithm::HmacSha256 => 256,
            _ => 128,
        };
        input.extend(bits.to_be_bytes());
        let master = match self.algorithm {
            Algorithm::Aes128Cmac => prf(self.algorithm, &[0; 16], SECRET.as_bytes()),
            _ => SECRET.as_bytes().to_vec(),
        };
        prf(self.algorithm, &master, &input)
    }

    /// The IP packet of a segment.
    fn packet(&self, draft: &Draft) -> Vec<u8> {
        let ids: [u8; 2] = if draft.from_client {
            [61, 84]
        } else {
            [84, 61]
        };
        let mut option = vec![29, 4 + self.length as u8, ids[0], ids[1]];
        option.resize(4 + self.length, 0);
        let header = 20 + draft.options.len() + option.len();
        let mut fixed = ports(draft);
        fixed.extend((draft.sequence as u32).to_be_bytes());
        fixed.extend(draft.acknowledgment.to_be_bytes());
        fixed.extend([(header as u8 / 4) << 4, draft.flags, 1, 0, 0, 0, 0, 0]);
        // RFC 5925 5.1: extension, pseudo-header, header, data.
        let mut input = ((draft.sequence >> 32) as u32).to_be_bytes().to_vec();
        input.extend(ends(draft).concat());
        input.extend([0, 6]);
        input.extend(((header + draft.payload.len()) as u16).to_be_bytes());
        input.extend(&fixed);
        if self.covers {
            input.extend(&draft.options);
        }
        input.extend(&option);
        input.extend(&draft.payload);
        let mac = prf(self.algorithm, &self.traffic_key(draft), &input);
        option[4..].copy_from_slice(&mac[..self.length]);
        let total = (20 + header + draft.payload.len()) as u16;
        let mut packet = vec![0x45, 0];
        packet.extend(total.to_be_bytes());
        packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
        packet.extend(ends(draft).concat());
        packet.extend(fixed);
        packet.extend(&draft.options);
        packet.extend(option);
        packet.extend(&draft.payload);
        packet
    }

    fn key(&self, options: Options) -> Key {
        Key {
            mac_length: Some(self.length as u8),
            ..key(self.algorithm, SECRET, options)
        }
    }
}

fn ends(draft: &Draft) -> [[u8; 4]; 2] {
    if draft.from_client {
        [CLIENT, SERVER]
    } else {
        [SERVER, CLIENT]
    }
}

fn ports(draft: &Draft) -> Vec<u8> {
    let (client, server) = (40_000u16.to_be_bytes(), 179u16.to_be_bytes());
    let pair = if draft.from_client {
        [client, server]
    } else {
        [server, client]
    };
    pair.concat()
}

/// RFC 7323 appendix A: No-Operation twice, then Timestamps.
const TIMESTAMPS: [u8; 12] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];

fn signer(algorithm: Algorithm, length: usize, covers: bool) -> Signer {
    Signer {
        algorithm,
        length,
        covers,
        client_isn: 0xffff_f000,
        server_isn: 7,
    }
}

/// Handshake, then data of both sides; every segment has timestamps.
fn conversation(signer: &Signer) -> Vec<Draft> {
    let draft = |from_client, flags, sequence, payload: &[u8]| Draft {
        from_client,
        flags,
        sequence,
        acknowledgment: match from_client {
            true => signer.server_isn.wrapping_add(1),
            false => signer.client_isn.wrapping_add(1),
        },
        options: TIMESTAMPS.to_vec(),
        payload: payload.to_vec(),
    };
    let (client, server) = (u64::from(signer.client_isn), u64::from(signer.server_isn));
    vec![
        draft(true, SYN, client, &[]),
        draft(false, SYN | ACK, server, &[]),
        draft(true, ACK, client + 1, &[1; 1000]),
        draft(false, ACK, server + 1, &[2; 100]),
        // The client's numbers wrap; then one from before comes late.
        draft(true, ACK, client + 0x2000, &[3; 500]),
        draft(true, ACK, client + 1001, &[4; 20]),
        draft(true, ACK, client + 0x2000 + (1 << 30), &[5; 20]),
        draft(true, ACK, client + 0x2000 + (3 << 29), &[5; 20]),
    ]
}

fn verdicts(key: Key, packets: &[Vec<u8>]) -> Vec<Verdict> {
    let keys = keys(vec![key]);
    let first = segment(&packets[0]);
    let mut verifier = Verifier::new(&keys, first.source, first.destination).unwrap();
    let judge = |packet: &Vec<u8>| {
        let segment = segment(packet);
        verifier.verify(0, &segment, &Signature::of(&segment))
    };
    packets.iter().map(judge).collect()
}

#[test]
fn timestamps_and_wraps_verify_with_every_algorithm_and_length() {
    let algorithms = [
        (Algorithm::HmacSha1, 12),
        (Algorithm::Aes128Cmac, 12),
        (Algorithm::HmacSha256, 12),
        (Algorithm::HmacSha256, 16),
        (Algorithm::HmacSha1, 20),
    ];
    for (algorithm, length) in algorithms {
        for covers in [true, false] {
            let signer = signer(algorithm, length, covers);
            let drafts = conversation(&signer);
            let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
            let fixed = if covers {
                Options::Covered
            } else {
                Options::Omitted
            };
            for options in [fixed, Options::Auto] {
                let expected: Vec<_> = drafts
                    .iter()
                    .map(|draft| draft.verified(Some(covers)))
                    .collect();
                let verdicts = verdicts(signer.key(options), &packets);
                let place = format!("{algorithm:?} {length} {covers} {options:?}");
                assert_eq!(verdicts, expected, "{place}");
            }
        }
    }
}

#[test]
fn the_other_reading_of_options_fails_where_it_was_asked_for() {
    for (covers, wrong) in [(true, Options::Omitted), (false, Options::Covered)] {
        let signer = signer(Algorithm::HmacSha1, 12, covers);
        let drafts = conversation(&signer);
        let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
        let verdicts = verdicts(signer.key(wrong), &packets);
        assert_eq!(verdicts, vec![Verdict::Failed; packets.len()]);
    }
}

#[test]
fn a_segment_signed_with_another_extension_fails() {
    let signer = signer(Algorithm::HmacSha1, 12, true);
    let mut drafts = conversation(&signer);
    drafts[4].sequence -= 1 << 32;
    let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
    assert_eq!(
        verdicts(signer.key(Options::Auto), &packets)[4],
        Verdict::Failed
    );
}

#[test]
fn options_that_are_not_there_tell_nothing() {
    let signer = signer(Algorithm::HmacSha1, 12, false);
    let mut drafts = conversation(&signer);
    drafts[2].options.clear();
    let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
    let verdict = verdicts(signer.key(Options::Auto), &packets)[2];
    assert_eq!(verdict, drafts[2].verified(None));
}

#[test]
fn the_same_ends_and_numbers_again_begin_without_a_wrap() {
    let signer = signer(Algorithm::HmacSha1, 12, true);
    let drafts = conversation(&signer);
    let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
    let keys = keys(vec![signer.key(Options::Auto)]);
    let first = segment(&packets[0]);
    let mut verifier = Verifier::new(&keys, first.source, first.destination).unwrap();
    for connection in [0, 1] {
        for packet in &packets {
            let segment = segment(packet);
            let verdict = verifier.verify(connection, &segment, &Signature::of(&segment));
            assert!(matches!(verdict, Verdict::Verified(_)), "{connection}");
        }
    }
}

/// Another connection between the same ports.
fn another(one: &Signer) -> Signer {
    Signer {
        client_isn: 0x1111_1111,
        server_isn: 0x2222_2222,
        ..*one
    }
}

#[test]
fn a_lost_handshake_between_ports_that_were_used_before_is_no_failure() {
    let first = signer(Algorithm::HmacSha1, 12, true);
    let second = another(&first);
    let packets = |signer: &Signer| -> Vec<Vec<u8>> {
        let drafts = conversation(signer);
        drafts.iter().map(|draft| signer.packet(draft)).collect()
    };
    let (before, after) = (packets(&first), packets(&second));
    let keys = keys(vec![first.key(Options::Auto)]);
    // A connection of its own, or, where no FIN told the end of the first, the same.
    for connection in [1, 0] {
        let ends = segment(&before[0]);
        let mut verifier = Verifier::new(&keys, ends.source, ends.destination).unwrap();
        let mut judge = |connection, packet: &Vec<u8>| {
            let segment = segment(packet);
            verifier.verify(connection, &segment, &Signature::of(&segment))
        };
        for packet in &before {
            assert!(matches!(judge(0, packet), Verdict::Verified(_)));
        }
        for packet in after.iter().skip(2) {
            let expected = Verdict::NotVerifiable(Reason::NoHandshake);
            assert_eq!(judge(connection, packet), expected, "{connection}");
        }
    }
}

#[test]
fn a_lost_handshake_with_numbers_not_far_from_those_before_is_no_failure() {
    let first = signer(Algorithm::HmacSha1, 12, true);
    // RFC 6528 3: the clock of initial sequence numbers ticks every 4 microseconds.
    for ahead in [5_000, 1_250_000, 16_000_000] {
        let second = Signer {
            client_isn: first.client_isn.wrapping_add(ahead),
            server_isn: first.server_isn.wrapping_add(ahead),
            ..first
        };
        let packets = |signer: &Signer| -> Vec<Vec<u8>> {
            let drafts = conversation(signer);
            let near = drafts.iter().take(4);
            near.map(|draft| signer.packet(draft)).collect()
        };
        let both = [packets(&first), packets(&second).split_off(2)].concat();
        let verdicts = verdicts(first.key(Options::Auto), &both);
        let lost = Verdict::NotVerifiable(Reason::NoHandshake);
        assert_eq!(verdicts[4..], vec![lost; 2], "{ahead}");
        assert!(!verdicts[..4].contains(&lost));
    }
}

#[test]
fn behind_the_end_of_a_connection_nothing_of_it_fails() {
    let first = signer(Algorithm::HmacSha1, 12, true);
    // The station has the same initial sequence number again, the router one a little ahead.
    let second = Signer {
        client_isn: first.client_isn.wrapping_add(1_500),
        ..first
    };
    let [mut packets, after] = [&first, &second].map(|signer| -> Vec<Vec<u8>> {
        let drafts = conversation(signer);
        let near = drafts.iter().take(4);
        near.map(|draft| signer.packet(draft)).collect()
    });
    let mut ending = conversation(&first)[2].clone();
    ending.sequence += 1000;
    ending.payload.clear();
    for flags in [FIN | ACK, RST | ACK] {
        packets.truncate(4);
        ending.flags = flags;
        packets.push(first.packet(&ending));
        packets.push(after[2].clone());
        let verdicts = verdicts(first.key(Options::Auto), &packets);
        let expected = Verdict::NotVerifiable(Reason::NoHandshake);
        assert!(matches!(verdicts[4], Verdict::Verified(_)));
        assert_eq!(verdicts[5], expected, "{flags}");
    }
}

#[test]
fn behind_a_hole_of_many_turns_segments_verify() {
    let signer = signer(Algorithm::HmacSha1, 12, true);
    let mut drafts = conversation(&signer);
    let mut last = drafts[7].clone();
    last.sequence += 20 << 30;
    drafts.push(last);
    let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
    let verdict = verdicts(signer.key(Options::Auto), &packets)[8];
    assert!(matches!(verdict, Verdict::Verified(_)), "{verdict:?}");
}

#[test]
fn a_key_is_for_the_port_of_the_side_that_listens() {
    let signer = signer(Algorithm::HmacSha1, 12, true);
    let drafts = conversation(&signer);
    let packets: Vec<_> = drafts.iter().map(|draft| signer.packet(draft)).collect();
    let key = Key {
        port: Some(40_000),
        ..signer.key(Options::Auto)
    };
    let expected = vec![Verdict::NotVerifiable(Reason::NoKey); packets.len()];
    assert_eq!(verdicts(key, &packets), expected);
}
