//! All 32 vectors of RFC 9235, and what becomes of them when a bit changes.

use super::vectors::{VECTORS, Vector};
use crate::auth::input::context;
use crate::auth::testing::{hex, key, keys, segment};
use crate::auth::{Algorithm, Key, Options, Proof, Reason, Signature, Signer, Verdict, Verifier};
use std::sync::Arc;

/// RFC 9235 3.1: the master key of all vectors.
const MASTER_KEY: &str = "testvector";

/// The four packets of each group: SYN, SYN-ACK, data from the client, data from the server.
fn groups() -> impl Iterator<Item = &'static [Vector]> {
    VECTORS.chunks(4)
}

/// RFC 9235 3: sections 4 and 6 have SHA-1, 5 and 7 AES; x.1 covers options, x.2 does not.
fn algorithm(vector: &Vector) -> Algorithm {
    match vector.section.as_bytes()[0] {
        b'4' | b'6' => Algorithm::HmacSha1,
        _ => Algorithm::Aes128Cmac,
    }
}

fn covers_options(vector: &Vector) -> bool {
    vector.section.as_bytes()[2] == b'1'
}

fn key_of(vector: &Vector, options: Options) -> Key {
    key(algorithm(vector), MASTER_KEY, options)
}

fn strict(vector: &Vector) -> Key {
    match covers_options(vector) {
        true => key_of(vector, Options::Covered),
        false => key_of(vector, Options::Omitted),
    }
}

/// What becomes of packets in their order.
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

fn packets(group: &[Vector]) -> Vec<Vec<u8>> {
    group.iter().map(|vector| hex(vector.packet)).collect()
}

#[test]
fn every_vector_verifies() {
    assert_eq!(VECTORS.len(), 32);
    for group in groups() {
        let options = Some(covers_options(&group[0]));
        // The KeyIDs tell the client's segments, the first and the third, from the server's.
        let verified = [Signer::Router, Signer::Station].map(|signer| {
            Verdict::Verified(Proof {
                key: 0,
                options,
                signer,
            })
        });
        for key in [strict(&group[0]), key_of(&group[0], Options::Auto)] {
            let verdicts = verdicts(key, &packets(group));
            assert_eq!(
                verdicts,
                [verified, verified].concat(),
                "{}",
                group[0].section
            );
        }
    }
}

#[test]
fn every_traffic_key_is_that_of_its_vector() {
    for group in groups() {
        let [client, server] = [0, 1].map(|at| segment_sequence(&group[at]));
        for (at, vector) in group.iter().enumerate() {
            let packet = hex(vector.packet);
            let segment = segment(&packet);
            let (source, destination) = match at {
                0 => (client, 0),
                2 => (client, server),
                _ => (server, client),
            };
            let context = context(&segment, source, destination);
            let key = key_of(vector, Options::Auto);
            let made = key.algorithm.traffic_key(&key.secret, &context);
            assert_eq!(made.octets(), hex(vector.traffic_key), "{}", vector.section);
        }
    }
}

fn segment_sequence(vector: &Vector) -> u32 {
    segment(&hex(vector.packet)).sequence
}

#[test]
fn the_syn_ack_alone_opens_both_directions() {
    for group in groups() {
        let packets = &packets(group)[1..];
        let verdicts = verdicts(strict(&group[0]), packets);
        let is_verified = |verdict: &Verdict| matches!(verdict, Verdict::Verified(_));
        assert!(verdicts.iter().all(is_verified), "{}", group[0].section);
    }
}

#[test]
fn without_a_handshake_nothing_is_claimed() {
    for group in groups() {
        let verdicts = verdicts(strict(&group[0]), &packets(group)[2..]);
        let unknown = Verdict::NotVerifiable(Reason::NoHandshake);
        assert_eq!(verdicts, [unknown, unknown], "{}", group[0].section);
    }
}

#[test]
fn a_wrong_key_and_a_wrong_algorithm_fail() {
    for group in groups() {
        let own = strict(&group[0]);
        let other = match own.algorithm {
            Algorithm::HmacSha1 => Algorithm::Aes128Cmac,
            _ => Algorithm::HmacSha1,
        };
        let wrong = [
            key(own.algorithm, "testvectos", own.options),
            key(other, MASTER_KEY, own.options),
        ];
        for key in wrong {
            let verdicts = verdicts(key, &packets(group));
            assert_eq!(verdicts, [Verdict::Failed; 4], "{}", group[0].section);
        }
    }
}

/// Where an IP packet has its TCP header.
fn tcp_at(packet: &[u8]) -> usize {
    if packet[0] >> 4 == 4 { 20 } else { 40 }
}

/// Octets whose change must show: addresses, the TCP header but its checksum, covered options, the
/// TCP-AO option's KeyIDs and MAC, payload. A changed length would be another packet; KeyID,
/// ports, and those addresses that are no longer the connection's are left out.
fn covered_octets(vector: &Vector, packet: &[u8]) -> Vec<usize> {
    let tcp = tcp_at(packet);
    let header = usize::from(packet[tcp + 12] >> 4) * 4;
    let option = tcp + header - 16;
    let sequence_numbers = tcp + 4..tcp + 12;
    let window_and_urgent = [tcp + 14, tcp + 15, tcp + 18, tcp + 19];
    let mac = option + 3..option + 16;
    let payload = tcp + header..packet.len();
    let mut octets: Vec<usize> = sequence_numbers.collect();
    octets.extend(window_and_urgent);
    octets.extend(mac);
    octets.extend(payload);
    if covers_options(vector) {
        // The values of MSS or of the timestamps.
        octets.extend(option - 8..option);
    }
    octets
}

#[test]
fn a_changed_bit_in_a_covered_octet_fails() {
    for group in groups() {
        let whole = packets(group);
        for (at, vector) in group.iter().enumerate() {
            for octet in covered_octets(vector, &whole[at]) {
                for bit in [0, 5] {
                    let mut changed = whole.clone();
                    changed[at][octet] ^= 1 << bit;
                    for key in [strict(vector), key_of(vector, Options::Auto)] {
                        let verdict = verdicts(key, &changed)[at];
                        let place = format!("{} octet {octet} bit {bit}", vector.section);
                        assert_eq!(verdict, Verdict::Failed, "{place}");
                    }
                }
            }
        }
    }
}

#[test]
fn changed_options_do_not_matter_where_they_are_not_covered() {
    for group in groups().filter(|group| !covers_options(&group[0])) {
        let mut changed = packets(group);
        for packet in &mut changed {
            let tcp = tcp_at(packet);
            let option = tcp + usize::from(packet[tcp + 12] >> 4) * 4 - 16;
            packet[option - 1] ^= 1;
        }
        let verdicts = verdicts(strict(&group[0]), &changed);
        let is_verified = |verdict: &Verdict| matches!(verdict, Verdict::Verified(_));
        assert!(verdicts.iter().all(is_verified), "{}", group[0].section);
    }
}

#[test]
fn changed_addresses_and_ports_fail() {
    for group in groups() {
        let syn = hex(group[0].packet);
        let tcp = tcp_at(&syn);
        // The last octets of both addresses, and the client's port.
        for octet in [tcp - 1, tcp - 5, tcp + 1] {
            let mut changed = syn.clone();
            changed[octet] ^= 1;
            let verdicts = verdicts(strict(&group[0]), &[changed]);
            assert_eq!(
                verdicts,
                [Verdict::Failed],
                "{} octet {octet}",
                group[0].section
            );
        }
    }
}

#[test]
fn a_forged_syn_does_not_make_the_connection_unverifiable() {
    let group = &VECTORS[..4];
    let whole = packets(group);
    let mut forged = whole[0].clone();
    forged[20 + 4] ^= 0x40;
    let order = [&whole[0], &whole[1], &forged, &whole[2], &whole[3]].map(Clone::clone);
    let verdicts = verdicts(strict(&group[0]), &order);
    assert_eq!(verdicts[2], Verdict::Failed);
    let is_verified = |at: usize| matches!(verdicts[at], Verdict::Verified(_));
    assert!([0, 1, 3, 4].into_iter().all(is_verified), "{verdicts:?}");
}

#[test]
fn a_cut_segment_is_not_verifiable() {
    let vector = &VECTORS[2];
    let packet = hex(vector.packet);
    let segment = crate::auth::testing::cut_segment(&packet, packet.len() - 1);
    let keys = keys(vec![strict(vector)]);
    let mut verifier = Verifier::new(&keys, segment.source, segment.destination).unwrap();
    let verdict = verifier.verify(0, &segment, &Signature::of(&segment));
    assert_eq!(verdict, Verdict::NotVerifiable(Reason::Snaplen));
}

#[test]
fn another_key_id_has_no_key_and_another_mac_length_does_not_fit() {
    let packet = hex(VECTORS[0].packet);
    let segment = segment(&packet);
    let verdict = |key: Key| {
        let keys = Arc::new(crate::auth::Keys {
            keys: vec![key],
            connections: Vec::new(),
        });
        let mut verifier = Verifier::new(&keys, segment.source, segment.destination)?;
        Some(verifier.verify(0, &segment, &Signature::of(&segment)))
    };
    let own = || strict(&VECTORS[0]);
    let other = Key {
        router_key_id: Some(62),
        station_key_id: Some(63),
        ..own()
    };
    assert_eq!(verdict(other), Some(Verdict::NotVerifiable(Reason::NoKey)));
    let longer = Key {
        mac_length: Some(16),
        ..own()
    };
    let unfitting = Verdict::NotVerifiable(Reason::MacLength);
    assert_eq!(verdict(longer), Some(unfitting));
    let elsewhere = Key {
        port: Some(1790),
        ..own()
    };
    assert_eq!(verdict(elsewhere), None);
}
