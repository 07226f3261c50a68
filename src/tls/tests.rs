//! The trace of RFC 8448 3 (a simple 1-RTT handshake, TLS_AES_128_GCM_SHA256) through the whole of
//! decryption, its keys, and the vectors of the pseudorandom function of TLS 1.2.

use super::testing::{Collected, hex};
use super::*;
use crate::secret::Secret;
use crate::stream::{DirectionId, Gap, GapCause, Moment};
use schedule::Hash;
use std::sync::Arc;

/// `{client} send handshake record`: the ClientHello.
const CLIENT_HELLO: &str = "
    16 03 01 00 c4
    01 00 00 c0 03 03 cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d ff a2 1a 8d
    99 12 ec 18 a2 ef 62 83 02 4d ec e7 00 00 06 13 01 13 03 13 02 01 00 00 91 00
    00 00 0b 00 09 00 00 06 73 65 72 76 65 72 ff 01 00 01 00 00 0a 00 14 00 12 00
    1d 00 17 00 18 00 19 01 00 01 01 01 02 01 03 01 04 00 23 00 00 00 33 00 26 00
    24 00 1d 00 20 99 38 1d e5 60 e4 bd 43 d2 3d 8e 43 5a 7d ba fe b3 c0 6e 51 c1
    3c ae 4d 54 13 69 1e 52 9a af 2c 00 2b 00 03 02 03 04 00 0d 00 20 00 1e 04 03
    05 03 06 03 02 03 08 04 08 05 08 06 04 01 05 01 06 01 02 01 04 02 05 02 06 02
    02 02 00 2d 00 02 01 01 00 1c 00 02 40 01";

/// `{server} send handshake record`: the ServerHello.
const SERVER_HELLO: &str = "
    16 03 03 00 5a
    02 00 00 56 03 03 a6 af 06 a4 12 18 60 dc 5e 6e 60 24 9c d3 4c 95 93 0c 8a c5
    cb 14 34 da c1 55 77 2e d3 e2 69 28 00 13 01 00 00 2e 00 33 00 24 00 1d 00 20
    c9 82 88 76 11 20 95 fe 66 76 2b db f7 c6 72 e1 56 d6 cc 25 3b 83 3d f1 dd 69
    b1 b0 4e 75 1f 0f 00 2b 00 02 03 04";

/// `{server} send handshake record`: EncryptedExtensions, Certificate, CertificateVerify, Finished.
const SERVER_FLIGHT: &str = "
    17 03 03 02 a2
    d1 ff 33 4a 56 f5 bf f6 59 4a 07 cc 87 b5 80 23 3f 50 0f 45 e4 89 e7 f3 3a f3
    5e df 78 69 fc f4 0a a4 0a a2 b8 ea 73 f8 48 a7 ca 07 61 2e f9 f9 45 cb 96 0b
    40 68 90 51 23 ea 78 b1 11 b4 29 ba 91 91 cd 05 d2 a3 89 28 0f 52 61 34 aa dc
    7f c7 8c 4b 72 9d f8 28 b5 ec f7 b1 3b d9 ae fb 0e 57 f2 71 58 5b 8e a9 bb 35
    5c 7c 79 02 07 16 cf b9 b1 18 3e f3 ab 20 e3 7d 57 a6 b9 d7 47 76 09 ae e6 e1
    22 a4 cf 51 42 73 25 25 0c 7d 0e 50 92 89 44 4c 9b 3a 64 8f 1d 71 03 5d 2e d6
    5b 0e 3c dd 0c ba e8 bf 2d 0b 22 78 12 cb b3 60 98 72 55 cc 74 41 10 c4 53 ba
    a4 fc d6 10 92 8d 80 98 10 e4 b7 ed 1a 8f d9 91 f0 6a a6 24 82 04 79 7e 36 a6
    a7 3b 70 a2 55 9c 09 ea d6 86 94 5b a2 46 ab 66 e5 ed d8 04 4b 4c 6d e3 fc f2
    a8 94 41 ac 66 27 2f d8 fb 33 0e f8 19 05 79 b3 68 45 96 c9 60 bd 59 6e ea 52
    0a 56 a8 d6 50 f5 63 aa d2 74 09 96 0d ca 63 d3 e6 88 61 1e a5 e2 2f 44 15 cf
    95 38 d5 1a 20 0c 27 03 42 72 96 8a 26 4e d6 54 0c 84 83 8d 89 f7 2c 24 46 1a
    ad 6d 26 f5 9e ca ba 9a cb bb 31 7b 66 d9 02 f4 f2 92 a3 6a c1 b6 39 c6 37 ce
    34 31 17 b6 59 62 22 45 31 7b 49 ee da 0c 62 58 f1 00 d7 d9 61 ff b1 38 64 7e
    92 ea 33 0f ae ea 6d fa 31 c7 a8 4d c3 bd 7e 1b 7a 6c 71 78 af 36 87 90 18 e3
    f2 52 10 7f 24 3d 24 3d c7 33 9d 56 84 c8 b0 37 8b f3 02 44 da 8c 87 c8 43 f5
    e5 6e b4 c5 e8 28 0a 2b 48 05 2c f9 3b 16 49 9a 66 db 7c ca 71 e4 59 94 26 f7
    d4 61 e6 6f 99 88 2b d8 9f c5 08 00 be cc a6 2d 6c 74 11 6d bd 29 72 fd a1 fa
    80 f8 5d f8 81 ed be 5a 37 66 89 36 b3 35 58 3b 59 91 86 dc 5c 69 18 a3 96 fa
    48 a1 81 d6 b6 fa 4f 9d 62 d5 13 af bb 99 2f 2b 99 2f 67 f8 af e6 7f 76 91 3f
    a3 88 cb 56 30 c8 ca 01 e0 c6 5d 11 c6 6a 1e 2a c4 c8 59 77 b7 c7 a6 99 9b bf
    10 dc 35 ae 69 f5 51 56 14 63 6c 0b 9b 68 c1 9e d2 e3 1c 0b 3b 66 76 30 38 eb
    ba 42 f3 b3 8e dc 03 99 f3 a9 f2 3f aa 63 97 8c 31 7f c9 fa 66 a7 3f 60 f0 50
    4d e9 3b 5b 84 5e 27 55 92 c1 23 35 ee 34 0b bc 4f dd d5 02 78 40 16 e4 b3 be
    7e f0 4d da 49 f4 b4 40 a3 0c b5 d2 af 93 98 28 fd 4a e3 79 4e 44 f9 4d f5 a6
    31 ed e4 2c 17 19 bf da bf 02 53 fe 51 75 be 89 8e 75 0e dc 53 37 0d 2b";

/// `{client} send handshake record`: the Finished.
const CLIENT_FINISHED: &str = "
    17 03 03 00 35
    75 ec 4d c2 38 cc e6 0b 29 80 44 a7 1e 21 9c 56 cc 77 b0 51 7f e9 b9 3c 7a 4b
    fc 44 d8 7f 38 f8 03 38 ac 98 fc 46 de b3 84 bd 1c ae ac ab 68 67 d7 26 c4 05 46";

/// `{server} send handshake record`: the NewSessionTicket.
const TICKET: &str = "
    17 03 03 00 de
    3a 6b 8f 90 41 4a 97 d6 95 9c 34 87 68 0d e5 13 4a 2b 24 0e 6c ff ac 11 6e 95
    d4 1d 6a f8 f6 b5 80 dc f3 d1 1d 63 c7 58 db 28 9a 01 59 40 25 2f 55 71 3e 06
    1d c1 3e 07 88 91 a3 8e fb cf 57 53 ad 8e f1 70 ad 3c 73 53 d1 6d 9d a7 73 b9
    ca 7f 2b 9f a1 b6 c0 d4 a3 d0 3f 75 e0 9c 30 ba 1e 62 97 2a c4 6f 75 f7 b9 81
    be 63 43 9b 29 99 ce 13 06 46 15 13 98 91 d5 e4 c5 b4 06 f1 6e 3f c1 81 a7 7c
    a4 75 84 00 25 db 2f 0a 77 f8 1b 5a b0 5b 94 c0 13 46 75 5f 69 23 2c 86 51 9d
    86 cb ee ac 87 aa c3 47 d1 43 f9 60 5d 64 f6 50 db 4d 02 3e 70 e9 52 ca 49 fe
    51 37 12 1c 74 bc 26 97 68 7e 24 87 46 d6 df 35 30 05 f3 bc e1 86 96 12 9c 81
    53 55 6b 3b 6c 67 79 b3 7b f1 59 85 68 4f";

/// `{client} send application_data record`: octets 0 to 49.
const CLIENT_DATA: &str = "
    17 03 03 00 43
    a2 3f 70 54 b6 2c 94 d0 af fa fe 82 28 ba 55 cb ef ac ea 42 f9 14 aa 66 bc ab
    3f 2b 98 19 a8 a5 b4 6b 39 5b d5 4a 9a 20 44 1e 2b 62 97 4e 1f 5a 62 92 a2 97
    70 14 bd 1e 3d ea e6 3a ee bb 21 69 49 15 e4";

/// `{server} send application_data record`: the same octets.
const SERVER_DATA: &str = "
    17 03 03 00 43
    2e 93 7e 11 ef 4a c7 40 e5 38 ad 36 00 5f c4 a4 69 32 fc 32 25 d0 5f 82 aa 1b
    36 e3 0e fa f9 7d 90 e6 df fc 60 2d cb 50 1a 59 a8 fc c4 9c 4b f2 e5 f0 a2 1c
    00 47 c2 ab f3 32 54 0d d0 32 e1 67 c2 95 5d";

const RANDOM: &str = "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7";
const CLIENT_HANDSHAKE: &str = "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21";
const SERVER_HANDSHAKE: &str = "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38";
const CLIENT_TRAFFIC: &str = "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5";
const SERVER_TRAFFIC: &str = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";

/// The trace's secrets, as a key log has them.
fn log(labels: &[&str]) -> Arc<KeyLog> {
    let all = [
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", CLIENT_HANDSHAKE),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", SERVER_HANDSHAKE),
        ("CLIENT_TRAFFIC_SECRET_0", CLIENT_TRAFFIC),
        ("SERVER_TRAFFIC_SECRET_0", SERVER_TRAFFIC),
    ];
    let wanted = all
        .iter()
        .filter(|(label, _)| labels.iter().any(|part| label.contains(part)));
    let lines: Vec<String> = wanted
        .map(|(label, secret)| format!("{label} {RANDOM} {secret}"))
        .collect();
    let mut log = KeyLog::default();
    log.read(lines.join("\n").as_bytes(), "rfc8448");
    Arc::new(log)
}

/// The trace's records in their order, by side.
const TRACE: &[(usize, &str)] = &[
    (0, CLIENT_HELLO),
    (1, SERVER_HELLO),
    (1, SERVER_FLIGHT),
    (0, CLIENT_FINISHED),
    (1, TICKET),
    (0, CLIENT_DATA),
    (1, SERVER_DATA),
];

fn payload() -> Vec<u8> {
    (0..50).collect()
}

/// Runs pieces of both sides through decryption.
fn run(log: &Arc<KeyLog>, pieces: &[(usize, Vec<u8>)]) -> (Collected, Option<Closed>) {
    let mut decryption = Decryption::new(log);
    let (mut out, mut at) = (Collected::default(), [0u64; 2]);
    for ((side, octets), packet) in pieces.iter().zip(1..) {
        let moment = Moment {
            packet,
            ..Moment::default()
        };
        decryption.data(
            DirectionId::new(7, *side),
            at[*side],
            octets,
            moment,
            &mut out,
        );
        at[*side] += octets.len() as u64;
    }
    let closed = decryption.close(7, &mut out);
    (out, closed)
}

fn trace() -> Vec<(usize, Vec<u8>)> {
    TRACE
        .iter()
        .map(|(side, text)| (*side, hex(text)))
        .collect()
}

#[test]
fn keys_are_those_of_rfc_8448() {
    let expand = |secret: &str, label: &str, length: usize| {
        Hash::Sha256
            .expand_label(&hex(secret), label, length)
            .to_vec()
    };
    for (secret, key, iv) in [
        (
            CLIENT_HANDSHAKE,
            "dbfaa693d1762c5b666af5d950258d01",
            "5bd3c71b836e0b76bb73265f",
        ),
        (
            SERVER_HANDSHAKE,
            "3fce516009c21727d0f2e4e86ee403bc",
            "5d313eb2671276ee13000b30",
        ),
        (
            CLIENT_TRAFFIC,
            "17422dda596ed5d9acd890e3c63f5051",
            "5b78923dee08579033e523d9",
        ),
        (
            SERVER_TRAFFIC,
            "9f02283b6c9c07efc26bb9f2ac92e356",
            "cf782b88dd83549aadf1e984",
        ),
    ] {
        assert_eq!(expand(secret, "key", 16), hex(key));
        assert_eq!(expand(secret, "iv", 12), hex(iv));
    }
    // The next generation is not in the RFC: as `openssl kdf` makes it (HKDF, EXPAND_ONLY).
    let updated = "fcdfcc72725aaee48bf64e4fd8b749cdbdbab39d90da0b26e2245ca6ea167207";
    assert_eq!(expand(CLIENT_TRAFFIC, "traffic upd", 32), hex(updated));
}

/// As `openssl kdf` (TLS1-PRF) makes them too; the vectors are those of the TLS working group's mailing
/// list, message 03416 of its archive.
#[test]
fn the_pseudorandom_function_of_tls_1_2_is_that_of_its_vectors() {
    let made = |hash: Hash, secret: &str, seed: &str| {
        let made = hash.prf(&hex(secret), "test label", &[&hex(seed)], 40);
        made.to_vec()
    };
    assert_eq!(
        made(
            Hash::Sha256,
            "9bbe436ba940f017b17652849a71db35",
            "a0ba9f936cda311827a6f796ffd5198c"
        ),
        hex("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9"),
    );
    assert_eq!(
        made(
            Hash::Sha384,
            "b80b733d6ceefcdc71566ea48e5567df",
            "cd665cf6a8447dd6ff8b27555edb7465"
        ),
        hex("7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe3"),
    );
}

#[test]
fn a_record_that_is_not_authentic_stays_as_it_was() {
    let parts = CipherSuite::AES_128_GCM.parts().unwrap();
    let secret = Secret::new(hex(CLIENT_TRAFFIC));
    let cipher = cipher::Cipher::tls_1_3(parts, &secret).unwrap();
    let record = hex(CLIENT_DATA);
    let header = record::Header::read(&record).unwrap();
    for sequence in [1, 2, u64::MAX] {
        let mut fragment = record[5..].to_vec();
        assert_eq!(cipher.open(sequence, header, &mut fragment), None);
        assert_eq!(fragment, &record[5..]);
    }
    let mut fragment = record[5..].to_vec();
    let inner = cipher.open(0, header, &mut fragment).unwrap();
    assert_eq!((inner.kind, &fragment[inner.content]), (23, &payload()[..]));
}

#[test]
fn the_trace_is_decrypted_however_it_is_cut() {
    for size in [1, 3, 5, 100, 5000] {
        let cut = |(side, octets): &(usize, Vec<u8>)| -> Vec<(usize, Vec<u8>)> {
            octets
                .chunks(size)
                .map(|piece| (*side, piece.to_vec()))
                .collect()
        };
        let pieces: Vec<_> = trace().iter().flat_map(cut).collect();
        let (out, closed) = run(&log(&["SECRET"]), &pieces);
        assert_eq!(out.plain, [payload(), payload()], "{size}");
        assert!(out.lost.is_empty() && out.raw == 0);
        let closed = closed.unwrap();
        assert_eq!((closed.outcome, closed.records), (Outcome::Decrypted, 5));
        assert_eq!(closed.problems.iter().count(), 0);
        // The piece that completed the record.
        let last = |side| pieces.iter().rposition(|piece| piece.0 == side).unwrap() as u64 + 1;
        assert_eq!(out.packets, [vec![last(0)], vec![last(1)]]);
    }
}

#[test]
fn the_secrets_of_the_handshake_may_be_missing() {
    let (out, closed) = run(&log(&["TRAFFIC_SECRET_0"]), &trace());
    // Both flights are passed over.
    assert_eq!(out.plain, [payload(), payload()]);
    let closed = closed.unwrap();
    assert_eq!((closed.outcome, closed.records), (Outcome::Decrypted, 3));
    assert!(out.lost.is_empty() && closed.problems.iter().count() == 0);
}

#[test]
fn records_that_come_before_the_other_sides_hello_wait_for_it() {
    let mut trace = trace();
    // Both of the client's records behind its hello, then everything of the server.
    trace.sort_by_key(|(side, _)| *side);
    let (out, closed) = run(&log(&["SECRET"]), &trace);
    assert_eq!(out.plain, [payload(), payload()]);
    assert_eq!(closed.unwrap().outcome, Outcome::Decrypted);
    // The server first: its hello does not tell whose secrets are needed.
    let mut trace = self::trace();
    trace.sort_by_key(|(side, _)| 1 - *side);
    let (out, _) = run(&log(&["SECRET"]), &trace);
    assert_eq!(out.plain, [payload(), payload()]);
}

#[test]
fn without_a_secret_or_a_hello_the_reason_is_told() {
    let outcome = |log: &Arc<KeyLog>, trace: &[(usize, Vec<u8>)]| {
        let (out, closed) = run(log, trace);
        assert!(out.plain.iter().all(Vec::is_empty));
        closed.unwrap().outcome
    };
    let trace = trace();
    assert_eq!(outcome(&log(&[]), &trace), Outcome::NoSecret);
    // Secrets of another session: the right random, but no record is authentic.
    let mut wrong = KeyLog::default();
    for label in ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"] {
        wrong.read(format!("{label} {RANDOM} {RANDOM}").as_bytes(), "wrong");
    }
    assert_eq!(outcome(&Arc::new(wrong), &trace), Outcome::NotAuthentic);
    // Data alone, as if the capture began late.
    let (out, closed) = run(&log(&["SECRET"]), &trace[5..]);
    assert_eq!(out.raw, trace[5].1.len() + trace[6].1.len());
    assert_eq!(closed.unwrap().outcome, Outcome::NoHandshake);
}

#[test]
fn wrong_secrets_beside_the_right_ones_do_no_harm() {
    let right = [
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", CLIENT_HANDSHAKE),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", SERVER_HANDSHAKE),
        ("CLIENT_TRAFFIC_SECRET_0", CLIENT_TRAFFIC),
        ("SERVER_TRAFFIC_SECRET_0", SERVER_TRAFFIC),
    ];
    let lines = |is_right: bool| {
        let line = |(label, secret): (&str, &str)| match is_right {
            true => format!("{label} {RANDOM} {secret}\n"),
            false => format!("{label} {RANDOM} {RANDOM}\n"),
        };
        right.map(line).concat()
    };
    for order in [[true, false], [false, true]] {
        let mut log = KeyLog::default();
        log.read(order.map(lines).concat().as_bytes(), "both");
        let (out, closed) = run(&Arc::new(log), &trace());
        assert_eq!(out.plain, [payload(), payload()], "{order:?}");
        let closed = closed.unwrap();
        assert_eq!((closed.outcome, closed.records), (Outcome::Decrypted, 5));
        assert_eq!(closed.problems.iter().count(), 0);
    }
}

#[test]
fn one_direction_alone_is_read() {
    for side in 0..2 {
        let mut one = trace();
        one.retain(|piece| piece.0 == side);
        let (out, closed) = run(&log(&["SECRET"]), &one);
        assert_eq!(out.plain[side], payload());
        assert!(out.plain[1 - side].is_empty() && out.lost.is_empty());
        assert_eq!(closed.unwrap().outcome, Outcome::Decrypted);
        // The secrets of the other direction are of no use.
        let other = ["SERVER", "CLIENT"][side];
        let (out, closed) = run(&log(&[other]), &one);
        assert!(out.plain[side].is_empty());
        assert_eq!(closed.unwrap().outcome, Outcome::NoHandshake);
    }
}

#[test]
fn a_direction_without_a_secret_is_told() {
    // The client's data is not there to read, nor is any of the server's: no data is read at all.
    let mut trace = trace();
    let (_, closed) = run(&log(&["SERVER"]), &trace[..6]);
    assert_eq!(closed.unwrap().outcome, Outcome::NoSecret);
    for (side, name) in ["CLIENT", "SERVER"].into_iter().enumerate() {
        let (out, closed) = run(&log(&[name]), &trace);
        assert_eq!(out.plain[side], payload());
        let closed = closed.unwrap();
        assert_eq!(closed.outcome, Outcome::Decrypted);
        let kinds = closed.problems.iter().map(|(problem, _)| {
            let side = problem.direction.side();
            (problem.kind, side, problem.octets > 0)
        });
        let kinds: Vec<_> = kinds.collect();
        assert_eq!(kinds, [("tls-not-decrypted", 1 - side, true)]);
    }
    // Where there is none of its data, nothing is unread.
    trace.truncate(2);
    let (_, closed) = run(&log(&["CLIENT"]), &trace);
    assert_eq!(closed.unwrap().problems.iter().count(), 0);
}

#[test]
fn other_octets_go_through_as_they_are() {
    let bmp = [3u8, 0, 0, 0, 6, 4];
    for size in 1..=bmp.len() {
        let pieces: Vec<_> = bmp.chunks(size).map(|piece| (0, piece.to_vec())).collect();
        let (out, closed) = run(&log(&["SECRET"]), &pieces);
        assert_eq!((out.raw, closed), (bmp.len(), None));
    }
}

#[test]
fn a_changed_octet_is_told_and_what_follows_is_read() {
    let mut trace = trace();
    // In the ticket: the server's data follows.
    trace[4].1[100] ^= 1;
    let (out, closed) = run(&log(&["SECRET"]), &trace);
    let closed = closed.unwrap();
    let problems: Vec<_> = closed
        .problems
        .iter()
        .map(|(problem, _)| problem.kind)
        .collect();
    assert_eq!(problems, ["tls-record-damaged"]);
    let [lost] = out.lost.as_slice() else {
        panic!("{out:?}")
    };
    // 227 octets of a record are 205 of content.
    assert_eq!((lost.offset, lost.length, lost.why), (0, 205, Why::Damaged));
    assert_eq!(out.plain, [payload(), payload()]);
}

#[test]
fn a_gap_is_as_long_as_the_content_that_was_in_it() {
    let log = log(&["SECRET"]);
    let trace = trace();
    let mut decryption = Decryption::new(&log);
    let (mut out, mut at) = (Collected::default(), [0u64; 2]);
    for (number, (side, octets)) in trace.iter().enumerate() {
        let direction = DirectionId::new(0, *side);
        // All of the ticket but its first 10 octets.
        let kept = if number == 4 {
            &octets[..10]
        } else {
            &octets[..]
        };
        decryption.data(direction, at[*side], kept, Moment::default(), &mut out);
        at[*side] += kept.len() as u64;
        if kept.len() < octets.len() {
            let gap = Gap {
                offset: at[*side],
                length: (octets.len() - kept.len()) as u64,
                cause: GapCause::Snaplen,
                before: Moment::default(),
                after: Moment::default(),
            };
            decryption.gap(direction, gap, &mut out);
            at[*side] += gap.length;
        }
    }
    let [lost] = out.lost.as_slice() else {
        panic!("{out:?}")
    };
    assert_eq!((lost.length, lost.why), (205, Why::Gap(GapCause::Snaplen)));
    assert_eq!(out.plain, [payload(), payload()]);
}

#[test]
fn what_only_looks_like_a_record_hides_none() {
    let log = log(&["SECRET"]);
    let trace = trace();
    let moment = Moment::default();
    for is_gap_behind in [false, true] {
        let mut decryption = Decryption::new(&log);
        let mut out = Collected::default();
        let mut at = 0;
        for (side, octets) in &trace[..4] {
            let offset = if *side == 1 { at } else { 0 };
            decryption.data(DirectionId::new(0, *side), offset, octets, moment, &mut out);
            at += if *side == 1 { octets.len() as u64 } else { 0 };
        }
        // Of the ticket its last octets, which begin like a long record.
        let gap = |offset, length| Gap {
            offset,
            length,
            cause: GapCause::MissingSegment,
            before: moment,
            after: moment,
        };
        let server = DirectionId::new(0, 1);
        let ticket = trace[4].1.len() as u64;
        decryption.gap(server, gap(at, ticket - 8), &mut out);
        decryption.data(
            server,
            at + ticket - 8,
            &hex("17 03 03 40 00 aa bb cc"),
            moment,
            &mut out,
        );
        decryption.data(server, at + ticket, &trace[6].1, moment, &mut out);
        assert!(out.plain[1].is_empty());
        if is_gap_behind {
            decryption.gap(server, gap(at + ticket + 72, 1), &mut out);
        } else {
            decryption.close(0, &mut out);
        }
        assert_eq!(out.plain[1], payload());
        assert_eq!(out.lost[0].length, 205);
    }
}

#[test]
fn a_hello_that_is_cut_by_a_gap_is_not_needed() {
    let log = log(&["SECRET"]);
    let trace = trace();
    let (moment, client) = (Moment::default(), DirectionId::new(0, 0));
    let mut decryption = Decryption::new(&log);
    let mut out = Collected::default();
    // The client's hello up to its random, and then its flight.
    decryption.data(client, 0, &trace[0].1[..20], moment, &mut out);
    for index in [1, 2, 4, 6] {
        let length: usize = [1, 2, 4, 6]
            .iter()
            .take_while(|other| **other < index)
            .map(|other| trace[*other].1.len())
            .sum();
        decryption.data(
            DirectionId::new(0, 1),
            length as u64,
            &trace[index].1,
            moment,
            &mut out,
        );
    }
    let hello = trace[0].1.len() as u64;
    let gap = Gap {
        offset: 20,
        length: hello - 20,
        cause: GapCause::MissingSegment,
        before: moment,
        after: moment,
    };
    decryption.gap(client, gap, &mut out);
    decryption.data(client, hello, &trace[3].1, moment, &mut out);
    decryption.data(client, hello + 58, &trace[5].1, moment, &mut out);
    let closed = decryption.close(0, &mut out).unwrap();
    assert_eq!(closed.outcome, Outcome::Decrypted);
    assert_eq!(out.plain, [payload(), payload()]);
    assert!(out.lost.is_empty());
}

#[test]
fn every_prefix_of_the_trace_ends_without_a_panic() {
    let trace = trace();
    let log = log(&["SECRET"]);
    for (number, (side, octets)) in trace.iter().enumerate() {
        for length in 0..octets.len() {
            let mut cut = trace[..number].to_vec();
            cut.push((*side, octets[..length].to_vec()));
            let (out, _) = run(&log, &cut);
            let whole = |side: usize| trace[..number].iter().filter(|p| p.0 == side).count();
            // Nothing of a record is told before it is whole.
            assert_eq!(out.plain[0].is_empty(), whole(0) < 3);
            assert_eq!(out.plain[1].is_empty(), whole(1) < 4);
        }
    }
}

#[test]
fn nothing_shows_a_secret() {
    let log = log(&["SECRET"]);
    let mut decryption = Decryption::new(&log);
    let mut out = Collected::default();
    for (side, octets) in trace() {
        decryption.data(
            DirectionId::new(0, side),
            0,
            &octets,
            Moment::default(),
            &mut out,
        );
    }
    let shown = format!("{decryption:?}");
    for secret in [CLIENT_TRAFFIC, SERVER_TRAFFIC, CLIENT_HANDSHAKE] {
        let octets: Vec<String> = hex(secret)[..4].iter().map(u8::to_string).collect();
        assert!(!shown.contains(&octets.join(", ")) && !shown.contains(&secret[..8]));
    }
}
