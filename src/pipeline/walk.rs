//! The serial walk: packets to connections to messages, headers only. It keeps the sessions' facts
//! and fills batches for the decoders.

use super::Request;
use super::batch::{Batch, Entry, EntryKind, Gap, GapKind, PeerView, SessionView};
use super::run::Run;
use super::seen::{Seen, TcpContent};
use crate::bmp::frame::{self, FrameSink, Framer};
use crate::bmp::{CommonHeader, PeerHeader};
use crate::capture::{self, Capture, OpenError};
use crate::finding::{Finding, FindingLog, Place};
use crate::net::Endpoint;
use crate::packet::{self, Packet};
use crate::session::{Protection, Session};
use crate::stream::{
    self, Close, Connection, Connections, Consumer, DirectionId, GapCause, Moment, Side,
    StreamFinding,
};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

/// Octets of capture that are walked before they are decoded: small enough that what was walked is
/// still in a processor's cache, large enough that handing it over costs nothing.
const DEFAULT_WINDOW: usize = 8 << 20;

/// Walks captures window by window.
pub(super) struct Walker {
    pub(super) capture: Capture,
    packets: packet::Decoder,
    connections: Connections,
    table: Table,
    is_finished: bool,
}

/// What is kept between windows about streams and sessions.
struct Table {
    streams: Streams,
    sessions: Vec<Live>,
    request: Request,
    seen: Seen,
    findings: FindingLog,
    /// Both ends of every connection that is open.
    ends: HashMap<u32, (Endpoint, Endpoint), foldhash::fast::RandomState>,
    /// The inputs' paths, by number.
    paths: Vec<Arc<str>>,
    /// Number of the current batch: a view made for an earlier one is stale.
    generation: u64,
}

/// A session with the places of its views in the current batch.
struct Live {
    session: Session,
    view: View,
    peer_views: Vec<View>,
}

/// Where something stands in the batch of this generation.
#[derive(Debug, Clone, Copy, Default)]
struct View {
    generation: u64,
    index: u32,
}

/// One direction of a connection, a bare stream, or what a collector passed on of one router.
struct Stream {
    framer: Framer,
    session: Option<u32>,
    /// Gaps met before the stream was known to be BMP.
    pending: Vec<(u64, Gap, Moment)>,
    /// What was odd about its segments, and how often: the first few places of each kind.
    findings: Vec<(StreamFinding, u64)>,
    /// Segments whose octets the framer may still hold: where each ends, and its moment.
    trail: VecDeque<(u64, Moment)>,
    sender: Option<Endpoint>,
    receiver: Option<Endpoint>,
    /// Who sends, where a collector says so.
    router: Option<IpAddr>,
    /// Octets so far and the moment of the last, where no connection knows them.
    last: (u64, Moment),
    content: TcpContent,
}

/// Streams that had data, by direction; the last one used is at hand.
#[derive(Default)]
struct Streams {
    slots: Vec<Option<Stream>>,
    free: Vec<u32>,
    index: HashMap<u64, u32, foldhash::fast::RandomState>,
    last: Option<(u64, u32)>,
}

/// Gaps remembered of a stream that is not known to be BMP yet.
const PENDING: usize = 64;

/// Segments remembered of a stream whose framer searches. With more, a message found late is told at
/// a later segment than its own.
const TRAIL: usize = 4096;

/// Directions of connections have 32-bit numbers; bare streams come behind them, by file.
const BARE: u64 = 1 << 32;

/// What collectors passed on comes last, by file and router.
const COLLECTED: u64 = 1 << 63;

impl Walker {
    /// Opens the inputs of a request. Inputs that cannot be opened come back as errors.
    pub(super) fn open(request: &Request) -> (Walker, Vec<OpenError>) {
        let options = capture::Options {
            window: request.window.unwrap_or(DEFAULT_WINDOW),
            probe: frame::looks_like_bmp,
        };
        let (capture, errors) = Capture::open(&request.inputs, options);
        let paths = capture
            .inputs()
            .iter()
            .map(|input| Arc::from(input.path.as_str()))
            .collect();
        let walker = Walker {
            capture,
            packets: packet::Decoder::default(),
            connections: Connections::new(stream::Bounds::default()),
            table: Table {
                streams: Streams::default(),
                sessions: Vec::new(),
                request: request.clone(),
                seen: Seen::default(),
                findings: FindingLog::default(),
                ends: HashMap::default(),
                paths,
                generation: 0,
            },
            is_finished: false,
        };
        (walker, errors)
    }

    /// Fills `batch` from the next window; false when nothing is left.
    pub(super) fn walk(&mut self, batch: &mut Batch) -> bool {
        if self.is_finished {
            return false;
        }
        self.table.generation += 1;
        let mut windows = std::mem::take(&mut batch.windows);
        let Walker {
            capture,
            packets,
            connections,
            table,
            ..
        } = self;
        let more = capture.next_batch(&mut windows, |window, bytes, item| {
            let mut receiver = Receiver {
                table,
                batch,
                window,
                bytes,
            };
            match item {
                capture::Item::Frame(frame) => receiver.frame(&frame, packets, connections),
                capture::Item::Stream(bare) => receiver.bare(&bare),
                capture::Item::Collected(piece) => receiver.collected(&piece),
            }
        });
        batch.windows = windows;
        if !more {
            self.finish(batch);
        }
        true
    }

    /// The end of the captures: what is held or half a message is told.
    fn finish(&mut self, batch: &mut Batch) {
        self.is_finished = true;
        let mut receiver = Receiver {
            table: &mut self.table,
            batch,
            window: 0,
            bytes: &[],
        };
        self.connections.finish(&mut receiver);
        receiver.end_all();
    }

    /// The inputs' paths, by number.
    pub(super) fn paths(&self) -> Vec<Arc<str>> {
        self.table.paths.clone()
    }

    /// What the walk came to.
    pub(super) fn into_run(mut self, errors: Vec<OpenError>) -> Run {
        let mut findings = self.capture.take_findings();
        findings.merge(self.table.findings);
        Run {
            inputs: self.capture.inputs().to_vec(),
            sessions: self
                .table
                .sessions
                .into_iter()
                .map(|live| live.session)
                .collect(),
            findings,
            seen: self.table.seen,
            errors,
        }
    }
}

/// Takes what the layers below deliver while one window is walked.
struct Receiver<'a> {
    table: &'a mut Table,
    batch: &'a mut Batch,
    window: u32,
    /// The octets of that window.
    bytes: &'a [u8],
}

impl Receiver<'_> {
    fn frame(
        &mut self,
        frame: &capture::Frame<'_>,
        packets: &mut packet::Decoder,
        connections: &mut Connections,
    ) {
        match packets.decode(frame) {
            Packet::Tcp(segment) => {
                self.table.seen.segments += 1;
                let ports = &self.table.request.ports;
                let is_wanted = |port: u16| ports.is_empty() || ports.contains(&port);
                if is_wanted(segment.source.port) || is_wanted(segment.destination.port) {
                    let moment = Moment {
                        file: frame.file,
                        packet: frame.number,
                        time: frame.time,
                    };
                    connections.segment(&segment, moment, self);
                }
            }
            Packet::Other(other) => self.table.seen.packet(&other.to_string()),
        }
    }

    fn bare(&mut self, bare: &capture::StreamBytes<'_>) {
        let moment = Moment {
            file: bare.file,
            packet: 0,
            time: None,
        };
        let key = BARE | u64::from(bare.file);
        let slot = self
            .table
            .streams
            .slot(key, || Stream::new(None, None, true, bare.data));
        self.push_piece(slot, bare.offset, bare.data, moment);
    }

    /// Messages of one router, as a collector passed them on.
    fn collected(&mut self, piece: &capture::Collected<'_>) {
        let moment = Moment {
            file: piece.file,
            packet: piece.number,
            time: piece.time,
        };
        let key = COLLECTED | u64::from(piece.file) << 32 | u64::from(piece.router_number);
        let slot = self.table.streams.slot(key, || Stream {
            router: piece.router,
            ..Stream::new(None, None, true, piece.data)
        });
        self.push_piece(slot, piece.offset, piece.data, moment);
    }

    /// Octets of a stream that no connection ends.
    fn push_piece(&mut self, slot: u32, offset: u64, data: &[u8], moment: Moment) {
        if let Some(Some(stream)) = self.table.streams.slots.get_mut(slot as usize) {
            stream.last = (offset.saturating_add(data.len() as u64), moment);
        }
        self.push(slot, offset, data, moment);
    }

    /// Octets of a stream, in order.
    #[inline]
    fn push(&mut self, slot: u32, offset: u64, data: &[u8], moment: Moment) {
        let end = offset.saturating_add(data.len() as u64);
        self.deliver(slot, moment, |framer, sink| {
            if sink.trail.len() >= TRAIL {
                sink.trail.pop_front();
            }
            sink.trail.push_back((end, moment));
            framer.push(offset, data, sink);
            if !framer.is_searching() {
                sink.trail.clear();
            }
        });
    }

    /// Runs the framer of a stream with a sink that knows where its messages go.
    #[inline]
    fn deliver(&mut self, slot: u32, moment: Moment, run: impl FnOnce(&mut Framer, &mut Sink<'_>)) {
        let Table {
            streams,
            sessions,
            request,
            generation,
            ..
        } = &mut *self.table;
        let Some(Some(stream)) = streams.slots.get_mut(slot as usize) else {
            return;
        };
        let Stream {
            framer,
            session,
            pending,
            trail,
            sender,
            receiver,
            router,
            ..
        } = stream;
        let mut sink = Sink {
            sessions,
            request,
            generation: *generation,
            batch: self.batch,
            window: self.window,
            bytes: self.bytes,
            moment,
            moment_index: None,
            trail,
            session,
            pending,
            ends: (*sender, *receiver),
            router: *router,
        };
        run(framer, &mut sink);
    }

    fn end(&mut self, key: u64, moment: Moment) -> Option<Stream> {
        let slot = self.table.streams.find(key)?;
        self.deliver(slot, moment, |framer, sink| framer.finish(sink));
        self.table.streams.remove(key)
    }

    /// Ends the streams that belong to no connection.
    fn end_all(&mut self) {
        let mut keys: Vec<u64> = self.table.streams.index.keys().copied().collect();
        keys.sort_unstable();
        for key in keys {
            let stream = self.table.streams.get(key);
            let moment = stream.map_or_else(Moment::default, |stream| stream.last.1);
            let Some(stream) = self.end(key, moment) else {
                continue;
            };
            if key & COLLECTED != 0 && stream.session.is_none() {
                self.table.tell_no_bmp(&stream);
            }
        }
    }
}

impl Consumer for Receiver<'_> {
    fn opened(&mut self, connection: u32, ends: &Connection) {
        self.table
            .ends
            .insert(connection, (ends.initiator, ends.responder));
    }

    #[inline]
    fn data(&mut self, direction: DirectionId, offset: u64, data: &[u8], moment: Moment) {
        let slot = self.table.slot(direction, data);
        self.push(slot, offset, data, moment);
    }

    fn gap(&mut self, direction: DirectionId, gap: stream::Gap) {
        let slot = self.table.slot(direction, &[]);
        self.deliver(slot, gap.before, |framer, sink| {
            framer.gap(gap.offset, gap.length, sink);
            sink.skip(
                gap.offset,
                Gap {
                    kind: gap_kind(gap.cause),
                    length: gap.length,
                },
            );
        });
    }

    fn continues_uncounted(&mut self, direction: DirectionId, data: &[u8]) -> bool {
        let stream = self.table.streams.get(u64::from(direction.0));
        stream.is_some_and(|stream| stream.framer.continues_with(data))
    }

    fn finding(&mut self, finding: StreamFinding) {
        // What is odd about connections that are not BMP is nobody's question.
        let stream = self.table.streams.get_mut(u64::from(finding.direction.0));
        if let Some(stream) = stream {
            stream.note(finding);
        }
    }

    fn closed(&mut self, connection: u32, ends: &Connection) {
        self.table.ends.remove(&connection);
        let mut content = TcpContent::Empty;
        let mut is_bmp = false;
        for (side, facts) in ends.sides.iter().enumerate() {
            let key = u64::from(DirectionId::new(connection, side).0);
            let Some(stream) = self.end(key, ends.last()) else {
                continue;
            };
            content = content.max(stream.content);
            is_bmp |= self.table.close_session(&stream, ends.close, facts);
        }
        if !is_bmp {
            self.table.seen.connection(ends.responder.port, content);
        }
    }
}

impl Table {
    /// The stream of a direction, made at its first data or gap.
    #[inline]
    fn slot(&mut self, direction: DirectionId, data: &[u8]) -> u32 {
        let Table {
            streams,
            ends,
            request,
            ..
        } = self;
        streams.slot(u64::from(direction.0), || {
            let (initiator, responder) = ends.get(&direction.connection()).copied().unzip();
            let is_forced = !request.ports.is_empty();
            match direction.side() {
                0 => Stream::new(initiator, responder, is_forced, data),
                _ => Stream::new(responder, initiator, is_forced, data),
            }
        })
    }

    /// Tells of what was passed on for a router and is no BMP.
    #[cold]
    fn tell_no_bmp(&mut self, stream: &Stream) {
        let (octets, moment) = stream.last;
        if octets == 0 || !self.request.wants_router(stream.router, None) {
            return;
        }
        let router = stream.router.map_or_else(
            || "a router without address".to_owned(),
            |router| format!("router {router}"),
        );
        let place = Place {
            file: self.path(moment.file),
            packet: moment.packet_number(),
            time: moment.time,
            ..Place::default()
        };
        let message = format!("{router}: no BMP message is in its {octets} octets");
        let finding = Finding::new("no-bmp-of-router", message, place);
        self.findings.add(finding);
    }

    fn path(&self, file: u32) -> Option<String> {
        let path = self.paths.get(file as usize);
        path.map(|path| path.to_string())
    }

    /// Notes how the session of a stream ended; false if it was no BMP session.
    fn close_session(&mut self, stream: &Stream, close: Close, facts: &Side) -> bool {
        let live = stream
            .session
            .and_then(|number| self.sessions.get_mut(number as usize));
        let Some(live) = live else { return false };
        live.session.close = close;
        live.session.start = Some(facts.start);
        live.session.protection = protection(facts);
        for (finding, count) in &stream.findings {
            let finding = stream_finding(finding, live.session.id, &self.paths);
            self.findings.add_many(finding, *count);
        }
        true
    }
}

/// A stream's oddity as a finding of its session.
fn stream_finding(finding: &StreamFinding, session: u32, paths: &[Arc<str>]) -> Finding {
    let path = paths.get(finding.moment.file as usize);
    Finding {
        severity: finding.kind.severity(),
        kind: finding.kind.word(),
        message: finding.to_string(),
        reference: finding.kind.reference(),
        place: Place {
            session: Some(session),
            file: path.map(|path| path.to_string()),
            packet: finding.moment.packet_number(),
            stream_offset: finding.offset,
            time: finding.moment.time,
            ..Place::default()
        },
    }
}

fn gap_kind(cause: GapCause) -> GapKind {
    match cause {
        GapCause::MissingSegment => GapKind::MissingSegment,
        GapCause::MidStreamStart => GapKind::MidStreamStart,
        GapCause::Snaplen => GapKind::Snaplen,
        GapCause::CaptureEnd => GapKind::CaptureEnd,
    }
}

fn protection(side: &Side) -> Protection {
    let (ao, md5) = (u64::from(side.ao_segments), u64::from(side.md5_segments));
    match (ao, md5) {
        (0, 0) => Protection::None,
        (ao, 0) if ao == side.segments => Protection::TcpAo,
        (0, md5) if md5 == side.segments => Protection::TcpMd5,
        _ => Protection::Mixed,
    }
}

impl Stream {
    fn new(
        sender: Option<Endpoint>,
        receiver: Option<Endpoint>,
        is_forced: bool,
        first: &[u8],
    ) -> Stream {
        Stream {
            framer: Framer::new(is_forced),
            session: None,
            pending: Vec::new(),
            findings: Vec::new(),
            trail: VecDeque::new(),
            sender,
            receiver,
            router: None,
            last: (0, Moment::default()),
            content: TcpContent::of(first),
        }
    }

    /// Notes an oddity: its place if it is among the first of its kind, else that there was one more.
    #[cold]
    fn note(&mut self, finding: StreamFinding) {
        let alike = |row: &&mut (StreamFinding, u64)| row.0.kind == finding.kind;
        let places = self.findings.iter_mut().filter(alike).count();
        match self.findings.iter_mut().rfind(alike) {
            Some((_, count)) if places >= FindingLog::PLACES => *count += 1,
            _ => self.findings.push((finding, 1)),
        }
    }
}

impl Streams {
    #[inline]
    fn slot(&mut self, key: u64, make: impl FnOnce() -> Stream) -> u32 {
        match self.last {
            Some((last, slot)) if last == key => slot,
            _ => self.find_or_add(key, make),
        }
    }

    fn find_or_add(&mut self, key: u64, make: impl FnOnce() -> Stream) -> u32 {
        if let Some(slot) = self.find(key) {
            self.last = Some((key, slot));
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        if let Some(place) = self.slots.get_mut(slot as usize) {
            *place = Some(make());
        }
        self.index.insert(key, slot);
        self.last = Some((key, slot));
        slot
    }

    fn get(&self, key: u64) -> Option<&Stream> {
        self.slots.get(self.find(key)? as usize)?.as_ref()
    }

    fn get_mut(&mut self, key: u64) -> Option<&mut Stream> {
        let slot = self.find(key)?;
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    fn find(&self, key: u64) -> Option<u32> {
        self.index.get(&key).copied()
    }

    fn remove(&mut self, key: u64) -> Option<Stream> {
        self.last = None;
        let slot = self.index.remove(&key)?;
        self.free.push(slot);
        self.slots.get_mut(slot as usize)?.take()
    }
}

/// Takes the messages of one stream.
struct Sink<'a> {
    sessions: &'a mut Vec<Live>,
    request: &'a Request,
    generation: u64,
    batch: &'a mut Batch,
    window: u32,
    bytes: &'a [u8],
    moment: Moment,
    /// Index of `moment` in the batch, once a message needs it.
    moment_index: Option<u32>,
    trail: &'a mut VecDeque<(u64, Moment)>,
    session: &'a mut Option<u32>,
    pending: &'a mut Vec<(u64, Gap, Moment)>,
    ends: (Option<Endpoint>, Option<Endpoint>),
    router: Option<IpAddr>,
}

impl FrameSink for Sink<'_> {
    #[inline]
    fn message(&mut self, offset: u64, bytes: &[u8]) {
        if self.trail.len() > 1 {
            self.at(self.moment_of(offset.saturating_add(bytes.len() as u64)));
        }
        let number = self.session_number();
        let Some(header) = CommonHeader::peek(bytes) else {
            return;
        };
        let is_counted = !self.request.is_filtered() || self.is_wanted(number, header, bytes);
        let Some(live) = self.sessions.get_mut(number as usize) else {
            return;
        };
        let observed = live.session.observe(header, bytes, self.moment, is_counted);
        if observed.changed {
            live.forget_views(observed.peer);
        }
        if !is_counted {
            return;
        }
        let session = live.session_view(self.generation, self.batch);
        let peer = observed.peer.map_or(Batch::NO_PEER, |peer| {
            live.peer_view(peer, self.generation, self.batch)
        });
        let kind = self.place_of(bytes);
        let moment = self.moment_number();
        self.batch.entries.push(Entry {
            kind,
            moment,
            stream_offset: offset,
            session,
            peer,
        });
    }

    fn skipped(&mut self, offset: u64, length: u64, cause: frame::Skipped) {
        let kind = match cause {
            frame::Skipped::Corrupt => GapKind::Corrupt,
            frame::Skipped::MidStreamStart => GapKind::MidStreamStart,
            frame::Skipped::GapTail => GapKind::MissingSegment,
            frame::Skipped::CaptureEnd => GapKind::CaptureEnd,
        };
        self.at(self.moment_of(offset.saturating_add(1)));
        self.skip(offset, Gap { kind, length });
    }
}

impl Sink<'_> {
    /// The session of this stream, made at its first message.
    #[inline]
    fn session_number(&mut self) -> u32 {
        match *self.session {
            Some(number) => number,
            None => self.begin_session(),
        }
    }

    #[cold]
    fn begin_session(&mut self) -> u32 {
        let number = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        let mut session = Session::new(number.saturating_add(1), self.ends.0, self.ends.1);
        session.router_address = session.router_address.or(self.router);
        self.sessions.push(Live {
            session,
            view: View::default(),
            peer_views: Vec::new(),
        });
        *self.session = Some(number);
        let now = self.moment;
        for (offset, gap, moment) in std::mem::take(self.pending) {
            self.at(moment);
            self.skip(offset, gap);
        }
        self.at(now);
        number
    }

    /// The moment of the segment that brought the octet before `end`.
    fn moment_of(&self, end: u64) -> Moment {
        let at = self
            .trail
            .partition_point(|(segment_end, _)| *segment_end < end);
        self.trail.get(at).map_or(self.moment, |segment| segment.1)
    }

    fn at(&mut self, moment: Moment) {
        if moment != self.moment {
            self.moment = moment;
            self.moment_index = None;
        }
    }

    fn is_wanted(&self, number: u32, header: CommonHeader, bytes: &[u8]) -> bool {
        let session = self.sessions.get(number as usize);
        let peer = header
            .message_type
            .has_peer_header()
            .then(|| PeerHeader::peek(bytes))
            .flatten();
        let time = self
            .moment
            .time
            .or_else(|| peer.as_ref().and_then(PeerHeader::timestamp));
        session.is_some_and(|live| live.is_wanted(self.request))
            && self.request.wants_time(time)
            && self.request.wants_peer(
                peer.as_ref().and_then(PeerHeader::address),
                peer.as_ref().map(|header| header.asn),
            )
    }

    /// Octets that are in no message: counted and told in the order of the stream.
    fn skip(&mut self, offset: u64, gap: Gap) {
        if gap.length == 0 {
            return;
        }
        let Some(number) = *self.session else {
            if self.pending.len() < PENDING {
                self.pending.push((offset, gap, self.moment));
            }
            return;
        };
        let is_wanted = self.request.peers.is_empty() && self.request.wants_time(self.moment.time);
        let Some(live) = self.sessions.get_mut(number as usize) else {
            return;
        };
        if !is_wanted || !live.is_wanted(self.request) {
            return;
        }
        live.session.gaps.add(gap.kind, gap.length);
        let session = live.session_view(self.generation, self.batch);
        let index = u32::try_from(self.batch.gaps.len()).unwrap_or(u32::MAX);
        self.batch.gaps.push(gap);
        let moment = self.moment_number();
        let kind = EntryKind::Gap { index };
        let peer = Batch::NO_PEER;
        self.batch.entries.push(Entry {
            kind,
            moment,
            stream_offset: offset,
            session,
            peer,
        });
    }

    /// Where the message's octets lie: in the window if they do, else in a copy that the batch keeps.
    #[inline]
    fn place_of(&mut self, message: &[u8]) -> EntryKind {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let start = (message.as_ptr() as usize).wrapping_sub(self.bytes.as_ptr() as usize);
        if start < self.bytes.len() {
            // A window is smaller than 4 GiB: capture bounds it.
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            return EntryKind::InWindow {
                window: self.window,
                start,
                length,
            };
        }
        let start = u32::try_from(self.batch.carry.len()).unwrap_or(u32::MAX);
        self.batch.carry.extend_from_slice(message);
        EntryKind::Carried { start, length }
    }

    #[inline]
    fn moment_number(&mut self) -> u32 {
        match self.moment_index {
            Some(index) => index,
            None => {
                let index = u32::try_from(self.batch.moments.len()).unwrap_or(u32::MAX);
                self.batch.moments.push(self.moment);
                self.moment_index = Some(index);
                index
            }
        }
    }
}

impl Live {
    fn is_wanted(&self, request: &Request) -> bool {
        request.wants_router(
            self.session.router_address,
            self.session.router.sys_name.as_deref(),
        )
    }

    #[inline]
    fn session_view(&mut self, generation: u64, batch: &mut Batch) -> u32 {
        if self.view.generation != generation {
            let index = u32::try_from(batch.sessions.len()).unwrap_or(u32::MAX);
            batch.sessions.push(SessionView::of(&self.session));
            self.view = View { generation, index };
        }
        self.view.index
    }

    #[inline]
    fn peer_view(&mut self, peer: u32, generation: u64, batch: &mut Batch) -> u32 {
        let at = peer as usize;
        if self.peer_views.len() <= at {
            self.peer_views.resize(at + 1, View::default());
        }
        match (self.peer_views.get_mut(at), self.session.peers.get(at)) {
            (Some(view), Some(facts)) if view.generation != generation => {
                let index = u32::try_from(batch.peers.len()).unwrap_or(u32::MAX);
                batch.peers.push(PeerView::of(peer, facts));
                *view = View { generation, index };
                index
            }
            (Some(view), _) => view.index,
            _ => Batch::NO_PEER,
        }
    }

    /// What was told of the session or the peer has changed: later messages need new views.
    fn forget_views(&mut self, peer: Option<u32>) {
        match peer {
            None => self.view = View::default(),
            Some(peer) => {
                if let Some(view) = self.peer_views.get_mut(peer as usize) {
                    *view = View::default();
                }
            }
        }
    }
}
