//! The layers' entry points, and what has to hold after each.

use bmpscope::auth::Keys;
use bmpscope::bgp::{self, Context, Update};
use bmpscope::bmp::frame::{FrameSink, Framer, Skipped, Verdict};
use bmpscope::bmp::rpki::Problem;
use bmpscope::bmp::v4::Expected;
use bmpscope::bmp::v4::event::EventValue;
use bmpscope::bmp::{Message, RouteMonitoring};
use bmpscope::capture::{Capture, Frame, Item, LinkType, Options};
use bmpscope::net::Endpoint;
use bmpscope::packet::{Carriage, Decoder, Flags, Packet, Segment};
use bmpscope::pipeline::{self, Count, Request};
use bmpscope::report::{self, Given, messages};
use bmpscope::sheet::LineForm;
use bmpscope::stream::{
    Bounds, Connection, Connections, Consumer, DirectionId, Gap, GapCause, Moment, StreamFinding,
};
use bmpscope::tls::{Decryption, KeyLog, Lost, Output, TlsReader};
use bmpscope::wire::{CodePoints, Cursor};
use std::collections::HashMap;
use std::io::Write;
use std::num::NonZeroUsize;
use std::sync::Arc;

// ---- capture

/// A file of any octets: packets are numbered without gaps, and windows change nothing.
pub fn capture(octets: &[u8]) {
    let file = temporary(octets);
    let expected = items(&file, Options::WINDOW);
    assert_eq!(expected, items(&file, 64), "a small window");
}

fn temporary(octets: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(octets).unwrap();
    file.flush().unwrap();
    file
}

/// Number, link type and octets of each packet.
fn items(file: &tempfile::NamedTempFile, window: usize) -> Vec<(u64, u16, Vec<u8>)> {
    let options = Options {
        window,
        probe: &bmpscope::bmp::frame::looks_like_bmp,
    };
    let (mut capture, _) = Capture::open(&[file.path().to_path_buf()], options);
    let (mut items, mut windows) = (Vec::new(), Vec::new());
    let (mut stream, mut collected) = (Vec::new(), Vec::new());
    let mut more = true;
    while more {
        more = capture.next_batch(&mut windows, |_, _, item| match item {
            Item::Frame(frame) => {
                assert!(frame.data.len() <= frame.original_length as usize);
                items.push((frame.number, frame.link.0, frame.data.to_vec()));
            }
            Item::Stream(piece) => {
                assert_eq!(piece.offset, stream.len() as u64);
                stream.extend_from_slice(piece.data);
            }
            Item::Collected(piece) => {
                collected.push((piece.number, 0, piece.data.to_vec()));
            }
        });
        capture.recycle(std::mem::take(&mut windows));
    }
    let numbers = items.iter().map(|item| item.0);
    assert!(numbers.eq(1..=items.len() as u64), "numbered from 1");
    items.push((0, 0, stream));
    items.extend(collected);
    items
}

// ---- packet

/// Frames of any octets, one behind the other: a link type in two octets, then each frame behind
/// its length in two.
pub fn packet(octets: &[u8]) {
    let Some((link, mut rest)) = octets.split_first_chunk::<2>() else {
        return;
    };
    let mut decoder = Decoder::default();
    let mut number = 0;
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)) % 2048;
        let (data, behind) = behind.split_at(length.min(behind.len()));
        number += 1;
        decode(
            &mut decoder,
            data,
            LinkType(u16::from_be_bytes(*link)),
            number,
        );
        rest = behind;
    }
}

fn decode(decoder: &mut Decoder, data: &[u8], link: LinkType, number: u64) {
    let frame = Frame {
        file: 0,
        number,
        time: None,
        link,
        data,
        original_length: data.len() as u32,
    };
    match decoder.decode(&frame) {
        Packet::Tcp(segment) => {
            assert!((20..=60).contains(&segment.header.len()));
            assert!(segment.options().count() <= 40);
            segment.checksum_is_wrong();
        }
        Packet::Other(other) => assert!(!other.to_string().is_empty()),
    }
}

// ---- stream

/// Segments made of eight octets each: data and gaps of a direction tile its stream, and nothing
/// follows the close.
pub fn stream(octets: &[u8]) {
    let mut tiles = Tiles::default();
    let mut connections = Connections::new(Bounds {
        connections: 4,
        held_octets: 600,
        held_segments: 8,
        cut_segments: 3,
        held_octets_total: 1500,
        start_segments: 4,
        start_octets: 200,
        linger: 20,
        check_checksums: true,
    });
    for (number, script) in octets.chunks_exact(8).enumerate() {
        let [ends, flags, high, low, length, missing, ack, window] = *script else {
            return;
        };
        let payload = vec![low ^ window; usize::from(length) % 64];
        let end = |number: u8| Endpoint {
            address: [192, 0, 2, 1 + number].into(),
            port: 1000 + u16::from(ends >> 4 & 3),
        };
        let side = ends & 1;
        let segment = Segment {
            source: end(side),
            destination: end(1 - side),
            // Mostly near each other, and near the wrap.
            sequence: (i32::from(i16::from_be_bytes([high, low])) as u32)
                / (1 + u32::from(ends >> 7)),
            acknowledgment: u32::from(ack),
            flags: Flags(flags),
            window: u16::from(window),
            header: &[0; 20],
            payload: &payload,
            missing: u32::from(missing % 4),
            carriage: Carriage::default(),
        };
        let moment = Moment {
            packet: number as u64 + 1,
            ..Moment::default()
        };
        connections.segment(&segment, moment, &mut tiles);
        assert!(connections.held_octets() <= 1500 + 64 + 256, "held");
    }
    connections.finish(&mut tiles);
    assert!(tiles.ends.is_empty(), "a direction of a closed connection");
}

/// Where each direction stands.
#[derive(Default)]
struct Tiles {
    ends: HashMap<u32, [u64; 2]>,
}

impl Tiles {
    fn tile(&mut self, direction: DirectionId, offset: u64, length: u64) {
        let ends = self.ends.get_mut(&direction.connection());
        let end = &mut ends.expect("it was opened")[direction.side()];
        assert_eq!(*end, offset, "no octet twice, none left out");
        *end += length;
    }
}

impl Consumer for Tiles {
    fn data(&mut self, direction: DirectionId, offset: u64, data: &[u8], _: Moment) {
        assert!(!data.is_empty());
        self.tile(direction, offset, data.len() as u64);
    }

    fn gap(&mut self, direction: DirectionId, gap: Gap) {
        self.tile(direction, gap.offset, gap.length);
    }

    fn continues_uncounted(&mut self, _: DirectionId, data: &[u8]) -> Option<bool> {
        let octet = data.first()?;
        (octet & 2 == 0).then_some(octet & 1 == 0)
    }

    fn opened(&mut self, connection: u32, _: &Connection) {
        assert!(self.ends.insert(connection, [0; 2]).is_none());
    }

    fn closed(&mut self, connection: u32, _: &Connection) {
        assert!(self.ends.remove(&connection).is_some());
    }

    fn finding(&mut self, _: StreamFinding) {}
}

// ---- frame

/// A stream of any octets, with a gap and a size of segments that its first octets say: messages
/// and skipped ranges tile it, and each message is what stands there.
pub fn frame(octets: &[u8]) {
    let Some(([options, size, from, length], stream)) = octets.split_first_chunk::<4>() else {
        return;
    };
    let lost = match options & 2 {
        0 => 0..0,
        _ => {
            let from = (usize::from(*from) * 7).min(stream.len());
            from..(from + usize::from(*length)).min(stream.len())
        }
    };
    framed(stream, &lost, usize::MAX, options & 1 != 0);
    framed(stream, &lost, 1 + usize::from(*size), options & 1 != 0);
}

/// Messages and skipped ranges: offset, length, is a message.
pub fn framed(
    stream: &[u8],
    lost: &std::ops::Range<usize>,
    size: usize,
    is_forced: bool,
) -> Vec<(u64, u64, bool)> {
    let (mut framer, mut ranges) = (
        Framer::new(is_forced),
        Ranges {
            stream,
            found: Vec::new(),
        },
    );
    let mut push = |framer: &mut Framer, from: usize, to: usize| {
        let mut at = from as u64;
        for part in stream[from..to].chunks(size) {
            framer.push(at, part, &mut ranges);
            at += part.len() as u64;
        }
        if to == lost.start && !lost.is_empty() {
            framer.gap(lost.start as u64, lost.len() as u64, &mut ranges);
        }
    };
    push(&mut framer, 0, lost.start);
    push(&mut framer, lost.end, stream.len());
    framer.finish(&mut ranges);
    match framer.verdict() {
        Verdict::Yes => tile(&ranges.found, lost, stream.len() as u64),
        Verdict::No => assert!(ranges.found.is_empty(), "no BMP, no messages"),
        Verdict::Unsure => panic!("unsure at the end"),
    }
    ranges.found
}

fn tile(found: &[(u64, u64, bool)], lost: &std::ops::Range<usize>, length: u64) {
    let (from, to) = (lost.start as u64, lost.end as u64);
    let mut end = 0;
    for (offset, length, _) in found {
        if end == from && *offset == to {
            end = to;
        }
        assert_eq!(*offset, end, "no octet twice, none left out");
        end += length;
    }
    if end == from && to == length {
        end = to;
    }
    assert_eq!(end, length, "to the end");
}

struct Ranges<'a> {
    stream: &'a [u8],
    found: Vec<(u64, u64, bool)>,
}

impl FrameSink for Ranges<'_> {
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        let start = offset as usize;
        assert_eq!(bytes, &self.stream[start..start + bytes.len()]);
        assert!(matches!(bytes[0], 3 | 4));
        let length = u32::from_be_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
        assert_eq!(length as usize, bytes.len());
        self.found.push((offset, bytes.len() as u64, true));
    }

    fn skipped(&mut self, offset: u64, length: u64, _: Skipped) {
        assert!(length > 0);
        // Where a range is split depends on when the search gives octets up.
        match self.found.last_mut() {
            Some((start, before, false)) if *start + *before == offset => *before += length,
            _ => self.found.push((offset, length, false)),
        }
    }
}

// ---- bmp, bgp

/// One message of any octets: every part of it is walked.
pub fn bmp_message(octets: &[u8]) {
    let code_points = CodePoints::default();
    let Ok(message) = Message::decode_with(octets, Expected::Nothing, &code_points) else {
        return;
    };
    match &message {
        Message::RouteMonitoring(one) => update_agrees(one.update),
        Message::StatisticsReport(one) => {
            for statistic in one.statistics().flatten() {
                let _ = format!("{:?}", statistic.value());
            }
        }
        Message::PeerDown(one) => {
            let _ = (one.notification(), one.fsm_event(), one.table_name());
            one.tlvs().into_iter().flatten().for_each(drop);
        }
        Message::PeerUp(one) => {
            one.tlvs().for_each(drop);
            let _ = one.table_name();
        }
        Message::Initiation(one) => one.tlvs().for_each(drop),
        Message::Termination(one) => {
            one.tlvs().for_each(drop);
            let _ = one.reason();
        }
        Message::RouteMirroring(one) => one.tlvs().for_each(drop),
        Message::RouteEvent(one) => {
            for tlv in one.tlvs.flatten() {
                let _ = format!("{:?}", EventValue::of(&tlv));
            }
            let (context, _) = one.context();
            let _ = one.update.map(|pdu| bgp::update::count(pdu, &context));
        }
        Message::RpkiConfig(_) | Message::RpkiValidation(_) | Message::RpkiImpact(_) => {
            Problem::all(&message, &mut |problem| drop(problem.kind.to_string()));
        }
        Message::Unknown(_) => {}
    }
    let _ = format!("{message:?}");
    if let Ok(one) = RouteMonitoring::decode(octets) {
        assert!(
            one.update.len() + one.trailing.len() + RouteMonitoring::UPDATE_OFFSET <= octets.len()
        );
    }
}

/// An UPDATE of any octets: counting it and viewing it agree. Without a BGP header the octets are
/// given one, so that what is mutated is the body.
pub fn bgp_update(octets: &[u8]) {
    update_agrees(octets);
    let length = 19 + octets.len();
    let Ok(field) = u16::try_from(length) else {
        return;
    };
    let mut pdu = vec![0xff; 16];
    pdu.extend(field.to_be_bytes());
    pdu.push(2);
    pdu.extend(octets);
    update_agrees(&pdu);
}

fn update_agrees(pdu: &[u8]) {
    for context in contexts() {
        agree(pdu, &context);
    }
}

fn agree(pdu: &[u8], context: &Context) {
    let counted = bgp::update::count(pdu, context);
    let viewed = Update::decode(&mut Cursor::new(pdu), context);
    let Ok(update) = viewed else {
        assert!(counted.is_err(), "counted {counted:?}, viewed {viewed:?}");
        return;
    };
    let text = serde_json::to_string(&update).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
    let first_error = update.errors().next();
    let Ok(counts) = counted else {
        assert!(
            first_error.is_some(),
            "counted {counted:?}, viewed without error"
        );
        return;
    };
    assert!(
        first_error.is_none(),
        "counted {counts:?}, viewed {first_error:?}"
    );
    if counts.opaque_octets == 0 {
        assert_eq!(
            update.announced().count() as u64,
            counts.announced,
            "announced"
        );
        assert_eq!(
            update.withdrawn().count() as u64,
            counts.withdrawn,
            "withdrawn"
        );
    }
    assert_eq!(update.end_of_rib(), counts.end_of_rib);
}

/// Without path identifiers and with them in every common family, both sizes of AS numbers.
fn contexts() -> [Context; 3] {
    let mut capability = Vec::new();
    for afi in [1u16, 2, 25] {
        for safi in [1u8, 2, 4, 70, 128, 133] {
            capability.extend(afi.to_be_bytes());
            capability.extend([safi, 3]);
        }
    }
    let mut parameter = vec![69, capability.len() as u8];
    parameter.extend(capability);
    let mut body = vec![4, 0xfd, 0xe8, 0, 90, 192, 0, 2, 1];
    body.extend([parameter.len() as u8 + 2, 2, parameter.len() as u8]);
    body.extend(parameter);
    let mut pdu = vec![0xff; 16];
    pdu.extend((19 + body.len() as u16).to_be_bytes());
    pdu.push(1);
    pdu.extend(body);
    let open = bgp::Open::decode(&mut Cursor::new(&pdu)).unwrap();
    let add_path = bgp::add_path(&open, &open);
    assert!(!add_path.is_empty());
    let two_octets = Context {
        four_octet_as: false,
        ..Context::default()
    };
    let with_paths = Context {
        add_path,
        ..Context::default()
    };
    [Context::default(), two_octets, with_paths]
}

// ---- the whole program

/// A file of any octets: `summary`'s run counts as many messages as `messages` has lines, and each
/// line is JSON.
pub fn whole(octets: &[u8]) {
    let file = temporary(octets);
    let request = Request {
        inputs: vec![file.path().to_path_buf()],
        threads: NonZeroUsize::new(1),
        ..Request::default()
    };
    let mut count = Count::default();
    let mut run = pipeline::run(&request, &mut count).unwrap();
    count.add_to(&mut run);
    let mut lines = Vec::new();
    let mut sink = |part: &[u8]| {
        lines.extend_from_slice(part);
        Ok(())
    };
    messages::run(&request, LineForm::Json, &mut sink).unwrap();
    for line in lines
        .split(|octet| *octet == b'\n')
        .filter(|line| !line.is_empty())
    {
        serde_json::from_slice::<serde_json::Value>(line).unwrap();
    }
    for form in [LineForm::Csv, LineForm::Text] {
        let mut text = Vec::new();
        let mut sink = |part: &[u8]| {
            text.extend_from_slice(part);
            Ok(())
        };
        messages::run(&request, form, &mut sink).unwrap();
        std::str::from_utf8(&text).unwrap();
    }
}

// ---- protection

/// Keys of every algorithm, for any ends and KeyIDs.
const KEYS: &str = "
    [[key]]
    algorithm = 'hmac-sha-1-96'
    secret = 'bmp-station-key-one'
    [[key]]
    algorithm = 'aes-128-cmac-96'
    secret = 'bmp-station-key-one'
    [[key]]
    algorithm = 'hmac-sha-256'
    secret = 'bmp-station-key-one'
    [[key]]
    algorithm = 'tcp-md5'
    secret = 'bmp-station-key-one'
";

/// A capture of any octets: every signed segment is verified, failed or not verifiable.
pub fn protected(octets: &[u8]) {
    let file = temporary(octets);
    let keys = Keys::read(KEYS, "keys", &|_| None).unwrap();
    let request = Request {
        inputs: vec![file.path().to_path_buf()],
        threads: NonZeroUsize::new(1),
        watch: Some(Arc::new(keys)),
        ..Request::default()
    };
    let run = pipeline::run(&request, &mut Count::default()).unwrap();
    for connection in &run.protections.connections {
        for direction in &connection.directions {
            let counts = direction.verification.total;
            let judged = counts.verified + counts.failed + counts.not_verifiable;
            assert_eq!(judged, direction.signed + direction.unseen);
            assert!(judged <= direction.segments);
            let unsigned = &direction.unsigned;
            assert!(unsigned.accepted + unsigned.not_accepted <= unsigned.segments);
        }
    }
    let outcome = (report::auth::REPORT.run)(&request, &Given::default()).unwrap();
    if let Some(answer) = outcome.answer {
        assert!(!answer.sheets().is_empty());
    }
}

/// The octets of a TLS connection, in pieces whose length the first octet tells, of both ends.
pub fn tls(octets: &[u8]) {
    let Some((size, octets)) = octets.split_first() else {
        return;
    };
    let mut reader = TlsReader::default();
    let mut offsets = [0u64; 2];
    for (number, piece) in octets.chunks(usize::from(*size).max(1) * 8).enumerate() {
        let side = usize::from(number % 5 == 4);
        reader.push(side, offsets[side], piece);
        offsets[side] += piece.len() as u64;
    }
    reader.finish();
}

/// The secrets of the sessions that OpenSSL spoke for testdata.
const KEY_LOG: &str = include_str!("../../testdata/tls/openssl.keylog");

/// Pieces of a TLS connection with secrets: of each its side and whether it is a gap, its length, its
/// octets. Plaintext and what is lost of it follow each other without overlap.
pub fn decrypted(octets: &[u8]) {
    let mut log = KeyLog::default();
    log.read(KEY_LOG.as_bytes(), "key log");
    let (mut tls, mut out) = (Decryption::new(&Arc::new(log)), Tiled::default());
    let (mut rest, mut ends) = (octets, [0u64; 2]);
    while let Some((&[kind, high, low], behind)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (piece, behind) = behind.split_at(length.min(behind.len()));
        rest = behind;
        let side = usize::from(kind & 1);
        let direction = DirectionId::new(0, side);
        if kind & 2 == 0 {
            if !piece.is_empty() {
                tls.data(direction, ends[side], piece, Moment::default(), &mut out);
            }
        } else {
            let gap = Gap {
                offset: ends[side],
                length: piece.len() as u64,
                cause: GapCause::MissingSegment,
                before: Moment::default(),
                after: Moment::default(),
            };
            tls.gap(direction, gap, &mut out);
        }
        ends[side] += piece.len() as u64;
    }
    tls.close(0, &mut out);
}

/// Checks that plaintext tiles.
#[derive(Default)]
struct Tiled {
    next: [u64; 2],
}

impl Output for Tiled {
    fn raw(&mut self, direction: DirectionId, offset: u64, octets: &[u8], moment: Moment) {
        self.plain(direction, offset, octets, moment);
    }

    fn raw_gap(&mut self, direction: DirectionId, gap: Gap) {
        assert_eq!(self.next[direction.side()], gap.offset);
        self.next[direction.side()] += gap.length;
    }

    fn plain(&mut self, direction: DirectionId, offset: u64, octets: &[u8], _: Moment) {
        assert_eq!(self.next[direction.side()], offset);
        assert!(!octets.is_empty());
        self.next[direction.side()] += octets.len() as u64;
    }

    fn lost(&mut self, direction: DirectionId, lost: Lost) {
        assert_eq!(self.next[direction.side()], lost.offset);
        self.next[direction.side()] += lost.length;
    }
}
