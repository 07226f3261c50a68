//! What each layer of a capture hands to the next one, made through the layers themselves.

use crate::generated;
use crate::support::places;
use bmpscope::bgp::{Context, update};
use bmpscope::bmp::frame::{FrameSink, Framer, Skipped, Verdict};
use bmpscope::bmp::{Message, RouteMonitoring};
use bmpscope::capture::{Capture, Frame, Item, Options};
use bmpscope::packet::{Decoder, Packet};
use bmpscope::stream::{
    Bounds, Connection, Connections, Consumer, DirectionId, Gap, Moment, StreamFinding,
};
use divan::counter::BytesCount;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

/// The name of the capture that is made here.
pub(crate) const GENERATED: &str = "generated";

/// One capture, and what every layer makes of it. Lives as long as the benches do.
pub(crate) struct Material {
    /// The file.
    pub(crate) path: PathBuf,
    /// Octets of the file.
    pub(crate) octets: u64,
    /// Its packets.
    pub(crate) frames: Vec<Frame<'static>>,
    /// Its BMP streams, cut at gaps.
    pub(crate) streams: Vec<&'static [u8]>,
    /// The messages in them.
    pub(crate) messages: Vec<&'static [u8]>,
    /// The UPDATEs of Route Monitoring that read without path identifiers.
    pub(crate) updates: Vec<&'static [u8]>,
}

/// The material of a file of testdata, or the generated one; made once.
pub(crate) fn material(name: &str) -> &'static Material {
    static MADE: LazyLock<Mutex<HashMap<String, &'static Material>>> =
        LazyLock::new(Mutex::default);
    let mut made = MADE.lock().expect("no bench panics while it holds the map");
    made.entry(name.to_owned())
        .or_insert_with(|| Box::leak(Box::new(make(name))))
}

/// Calls `visit` with every item of a file.
pub(crate) fn walk(path: &Path, mut visit: impl FnMut(Item<'_>)) {
    let (mut capture, errors) = Capture::open(&[path.to_owned()], Options::default());
    assert!(errors.is_empty(), "{errors:?}");
    let mut more = true;
    while more {
        let mut windows = Vec::new();
        more = capture.next_batch(&mut windows, |_, _, item| visit(item));
        capture.recycle(windows);
    }
}

/// Where a frame was captured.
pub(crate) fn moment(frame: &Frame<'_>) -> Moment {
    Moment {
        file: frame.file,
        packet: frame.number,
        time: frame.time,
        ..Moment::default()
    }
}

/// The octets of all slices together.
pub(crate) fn length<'a>(slices: impl Iterator<Item = &'a [u8]>) -> BytesCount {
    BytesCount::new(slices.map(<[u8]>::len).sum::<usize>())
}

fn make(name: &str) -> Material {
    let path = match name {
        GENERATED => written(&generated::capture()),
        _ => places::testdata_file(name),
    };
    let frames = frames(&path);
    let streams = streams(&frames);
    let messages: Vec<_> = streams.iter().flat_map(|stream| messages(stream)).collect();
    let updates = messages.iter().filter_map(|message| readable(message));
    Material {
        octets: std::fs::metadata(&path).expect("was just read").len(),
        frames,
        updates: updates.collect(),
        streams,
        messages,
        path,
    }
}

/// The generated capture as a file, since captures are opened by path.
fn written(capture: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("layers-generated.pcap");
    std::fs::write(&path, capture).expect("the target folder can be written");
    path
}

/// The packets, which lie one behind the other in memory as they do in a file.
fn frames(path: &Path) -> Vec<Frame<'static>> {
    let (mut octets, mut found) = (Vec::new(), Vec::new());
    walk(path, |item| {
        if let Item::Frame(frame) = item {
            let from = octets.len();
            octets.extend_from_slice(frame.data);
            found.push((from..octets.len(), Frame { data: &[], ..frame }));
        }
    });
    let octets: &'static [u8] = octets.leak();
    let frames = found.into_iter().map(|(range, frame)| Frame {
        data: octets.get(range).unwrap_or_default(),
        ..frame
    });
    frames.collect()
}

fn streams(frames: &[Frame<'static>]) -> Vec<&'static [u8]> {
    let mut decoder = Decoder::default();
    let mut connections = Connections::new(Bounds::default());
    let mut runs = Runs::default();
    for frame in frames {
        if let Packet::Tcp(segment) = decoder.decode(frame) {
            connections.segment(&segment, moment(frame), &mut runs);
        }
    }
    connections.finish(&mut runs);
    let all = runs.open.into_values().chain(runs.done);
    let bmp = all.filter(|run| is_bmp(run));
    bmp.map(|run| &*run.leak()).collect()
}

fn is_bmp(stream: &[u8]) -> bool {
    let mut framer = Framer::new(false);
    framer.push(0, stream, &mut Found::default());
    framer.verdict() == Verdict::Yes
}

fn messages(stream: &'static [u8]) -> Vec<&'static [u8]> {
    let mut framer = Framer::new(false);
    let mut found = Found::default();
    framer.push(0, stream, &mut found);
    framer.finish(&mut found);
    let ranges = found.0.into_iter();
    ranges.filter_map(|range| stream.get(range)).collect()
}

/// The UPDATE of a Route Monitoring message, if it reads as the bench will read it: an error ends
/// the walk early and would look fast.
fn readable(message: &'static [u8]) -> Option<&'static [u8]> {
    let Ok(Message::RouteMonitoring(RouteMonitoring { update, .. })) = Message::decode(message)
    else {
        return None;
    };
    update::count(update, &Context::default())
        .is_ok()
        .then_some(update)
}

/// The octets of every direction between two gaps.
#[derive(Default)]
struct Runs {
    open: BTreeMap<DirectionId, Vec<u8>>,
    done: Vec<Vec<u8>>,
}

impl Consumer for Runs {
    fn data(&mut self, direction: DirectionId, _: u64, data: &[u8], _: Moment) {
        self.open
            .entry(direction)
            .or_default()
            .extend_from_slice(data);
    }

    fn gap(&mut self, direction: DirectionId, _: Gap) {
        self.done.extend(self.open.remove(&direction));
    }

    fn continues_uncounted(&mut self, _: DirectionId, _: &[u8]) -> Option<bool> {
        Some(true)
    }

    fn opened(&mut self, _: u32, _: &Connection) {}

    fn closed(&mut self, _: u32, _: &Connection) {}

    fn finding(&mut self, _: StreamFinding) {}
}

/// Where the messages of a stream are.
#[derive(Default)]
struct Found(Vec<std::ops::Range<usize>>);

impl FrameSink for Found {
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        let from = offset as usize;
        self.0.push(from..from + bytes.len());
    }

    fn skipped(&mut self, _: u64, _: u64, _: Skipped) {}
}
