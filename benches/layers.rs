//! How fast each layer is by itself: `cargo bench --bench layers`, or `-- decode` for those with that
//! word in their name, `-- --test` to run each only once.
//!
//! Every bench gets what the layer below would hand it, made beforehand. The figures of a lab
//! capture say what real traffic does, those of the generated one what a long capture does: a lab
//! capture fits into the processor's cache. Compare runs on one machine, not two machines.
#![allow(
    clippy::expect_used,
    reason = "a bench without its capture has nothing to measure"
)]

#[path = "layers/generated.rs"]
mod generated;
#[path = "layers/material.rs"]
mod material;
#[path = "../tests/support/mod.rs"]
mod support;

use bmpscope::bgp::{Context, update};
use bmpscope::bmp::Message;
use bmpscope::bmp::frame::{FrameSink, Framer, Skipped};
use bmpscope::capture::Item;
use bmpscope::packet::{Decoder, Packet, Segment};
use bmpscope::pipeline::{self, Count, Request};
use bmpscope::report;
use bmpscope::sheet::LineForm;
use bmpscope::stream::{
    Bounds, Connection, Connections, Consumer, DirectionId, Gap, Moment, StreamFinding,
};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use material::{Material, length, material};
use std::num::NonZeroUsize;
use std::time::Duration;

/// Captures of BMP: what a router of each kind sent, and a long one that is made here.
const CAPTURES: &[&str] = &["frr107-gobgp.pcap", "bird-bmp.pcap", material::GENERATED];

/// Those, and frames that do not take the packet layer's short path: tunnels, tags, fragments,
/// packets cut by the snapshot length.
const FRAMES: &[&str] = &[
    "frr107-gobgp.pcap",
    "bird-bmp.pcap",
    material::GENERATED,
    "quirk-gre.pcap",
    "quirk-vlan.pcap",
    "quirk-ipfrag.pcap",
    "quirk-snap200.pcap",
];

/// Octets that one segment hands to framing.
const SEGMENT: usize = 1448;

fn main() {
    divan::Divan::default()
        .max_time(Duration::from_secs(1))
        .config_with_args()
        .main();
}

#[divan::bench(args = CAPTURES)]
fn capture_walk(bencher: Bencher<'_, '_>, name: &str) {
    let material = material(name);
    bencher
        .counter(BytesCount::new(material.octets))
        .counter(ItemsCount::new(material.frames.len()))
        .bench_local(|| {
            let mut octets = 0;
            material::walk(&material.path, |item| {
                octets += match item {
                    Item::Frame(frame) => frame.data.len(),
                    Item::Stream(stream) => stream.data.len(),
                    Item::Collected(piece) => piece.data.len(),
                };
            });
            octets
        });
}

#[divan::bench(args = FRAMES)]
fn packet_decode(bencher: Bencher<'_, '_>, name: &str) {
    let frames = &material(name).frames;
    bencher
        .counter(length(frames.iter().map(|frame| frame.data)))
        .counter(ItemsCount::new(frames.len()))
        .with_inputs(Decoder::default)
        .bench_local_refs(|decoder| {
            for frame in frames {
                black_box(decoder.decode(black_box(frame)));
            }
        });
}

#[divan::bench(args = CAPTURES)]
fn tcp_checksum(bencher: Bencher<'_, '_>, name: &str) {
    with_segments(material(name), |segments| {
        bencher
            .counter(length(segments.iter().map(|(segment, _)| segment.payload)))
            .counter(ItemsCount::new(segments.len()))
            .bench_local(|| {
                for (segment, _) in segments {
                    black_box(segment.checksum_is_wrong());
                }
            });
    });
}

#[divan::bench(args = CAPTURES)]
fn stream_reassembly(bencher: Bencher<'_, '_>, name: &str) {
    with_segments(material(name), |segments| {
        bencher
            .counter(length(segments.iter().map(|(segment, _)| segment.payload)))
            .counter(ItemsCount::new(segments.len()))
            .with_inputs(|| Connections::new(Bounds::default()))
            .bench_local_refs(|connections| {
                let mut octets = Octets::default();
                for (segment, moment) in segments {
                    connections.segment(segment, *moment, &mut octets);
                }
                connections.finish(&mut octets);
                octets.0
            });
    });
}

#[divan::bench(args = CAPTURES)]
fn bmp_framing(bencher: Bencher<'_, '_>, name: &str) {
    let material = material(name);
    bencher
        .counter(length(material.streams.iter().copied()))
        .counter(ItemsCount::new(material.messages.len()))
        .bench_local(|| {
            let mut messages = Messages::default();
            for stream in &material.streams {
                let mut framer = Framer::new(false);
                for (data, offset) in stream.chunks(SEGMENT).zip((0u64..).step_by(SEGMENT)) {
                    framer.push(offset, data, &mut messages);
                }
                framer.finish(&mut messages);
            }
            messages.0
        });
}

#[divan::bench(args = CAPTURES)]
fn message_decode(bencher: Bencher<'_, '_>, name: &str) {
    let messages = &material(name).messages;
    bencher
        .counter(length(messages.iter().copied()))
        .counter(ItemsCount::new(messages.len()))
        .bench_local(|| {
            for message in messages {
                let _ = black_box(Message::decode(black_box(message)));
            }
        });
}

#[divan::bench(args = CAPTURES)]
fn update_count(bencher: Bencher<'_, '_>, name: &str) {
    let updates = &material(name).updates;
    let context = Context::default();
    bencher
        .counter(length(updates.iter().copied()))
        .counter(ItemsCount::new(updates.len()))
        .bench_local(|| {
            for pdu in updates {
                let _ = black_box(update::count(black_box(pdu), &context));
            }
        });
}

#[divan::bench(args = CAPTURES)]
fn messages_as_json_one_thread(bencher: Bencher<'_, '_>, name: &str) {
    messages_as_json(bencher, material(name), NonZeroUsize::new(1));
}

#[divan::bench(args = CAPTURES)]
fn messages_as_json_all_threads(bencher: Bencher<'_, '_>, name: &str) {
    messages_as_json(bencher, material(name), None);
}

#[divan::bench(args = CAPTURES)]
fn count_one_thread(bencher: Bencher<'_, '_>, name: &str) {
    count(bencher, material(name), NonZeroUsize::new(1));
}

#[divan::bench(args = CAPTURES)]
fn count_all_threads(bencher: Bencher<'_, '_>, name: &str) {
    count(bencher, material(name), None);
}

/// The whole path to lines. The octets are those of the file, not those of the lines.
fn messages_as_json(bencher: Bencher<'_, '_>, material: &Material, threads: Option<NonZeroUsize>) {
    whole_path(bencher, material).bench_local(|| {
        let mut octets = 0;
        let mut sink = |lines: &[u8]| {
            octets += lines.len();
            Ok(())
        };
        let request = request(material, threads);
        report::messages::run(&request, LineForm::Json, &mut sink).expect("counting never fails");
        octets
    });
}

/// The whole path to counts: what `summary` takes.
fn count(bencher: Bencher<'_, '_>, material: &Material, threads: Option<NonZeroUsize>) {
    whole_path(bencher, material).bench_local(|| {
        let mut count = Count::default();
        let request = request(material, threads);
        let mut run = pipeline::run(&request, &mut count).expect("counting writes nothing");
        count.add_to(&mut run);
        run
    });
}

/// Counts octets of the file, and messages.
fn whole_path<'a, 'b>(bencher: Bencher<'a, 'b>, material: &Material) -> Bencher<'a, 'b> {
    bencher
        .counter(BytesCount::new(material.octets))
        .counter(ItemsCount::new(material.messages.len()))
}

fn request(material: &Material, threads: Option<NonZeroUsize>) -> Request {
    Request {
        inputs: vec![material.path.clone()],
        threads,
        ..Request::default()
    }
}

/// Calls `bench` with the segments of a capture and where they were captured. Each has a decoder of
/// its own to borrow from, so those that were put together from fragments are left out.
fn with_segments(material: &Material, bench: impl FnOnce(&[(Segment<'_>, Moment)])) {
    let mut decoders: Vec<Decoder> = Vec::new();
    decoders.resize_with(material.frames.len(), Decoder::default);
    let mut segments = Vec::new();
    for (frame, decoder) in material.frames.iter().zip(&mut decoders) {
        if let Packet::Tcp(segment) = decoder.decode(frame) {
            segments.push((segment, material::moment(frame)));
        }
    }
    bench(&segments);
}

/// Octets that reassembly handed on.
#[derive(Default)]
struct Octets(usize);

impl Consumer for Octets {
    fn data(&mut self, _: DirectionId, _: u64, data: &[u8], _: Moment) {
        self.0 += data.len();
    }

    fn gap(&mut self, _: DirectionId, _: Gap) {}

    fn continues_uncounted(&mut self, _: DirectionId, _: &[u8]) -> Option<bool> {
        Some(true)
    }

    fn opened(&mut self, _: u32, _: &Connection) {}

    fn closed(&mut self, _: u32, _: &Connection) {}

    fn finding(&mut self, _: StreamFinding) {}
}

/// Messages that framing found.
#[derive(Default)]
struct Messages(usize);

impl FrameSink for Messages {
    fn message(&mut self, _: u64, bytes: &[u8]) {
        black_box(bytes);
        self.0 += 1;
    }

    fn skipped(&mut self, _: u64, _: u64, _: Skipped) {}
}
