//! Takes what the layers below deliver: packets, in-order octets, gaps, and connections that come and go.

use super::Table;
use super::close::watched_content;
use super::sink::Sink;
use super::streams::Stream;
use super::tls::is_decrypted;
use crate::bmp::frame::Framer;
use crate::capture;
use crate::finding::{Finding, Place};
use crate::packet::{self, Packet, Segment};
use crate::pipeline::batch::{Batch, Gap, GapKind, Mark, TURNS_A_MARK};
use crate::pipeline::seen::{Inside, TcpContent};
use crate::stream::{
    self, Close, Connection, Connections, Consumer, DirectionId, GapCause, Moment, StreamFinding,
};
use crate::tls::Output;
use std::sync::Arc;

/// Segments remembered of a stream whose framer holds octets of them. With more, a message found late
/// is told at a later segment than its own.
const TRAIL: usize = 4096;

/// Directions of connections have 32-bit numbers; bare streams come behind them, by file.
const BARE: u64 = 1 << 32;

/// What collectors passed on comes last, by file and router.
const COLLECTED: u64 = 1 << 63;

/// Octets held in all for streams that are not decided on (buffers have up to twice the room). Past
/// it the oldest are decided with what is there.
const UNDECIDED: usize = 32 << 20;

/// Octets of a bare stream that stand for a packet where it counts how far the walk is.
const OCTETS_A_TURN: u64 = 4096;

/// Takes what the layers below deliver while one window is walked.
pub(super) struct Receiver<'a> {
    pub(super) table: &'a mut Table,
    pub(super) batch: &'a mut Batch,
    pub(super) window: u32,
    /// The octets of that window.
    pub(super) bytes: &'a [u8],
}

impl Receiver<'_> {
    pub(super) fn frame(
        &mut self,
        frame: &capture::Frame<'_>,
        packets: &mut packet::Decoder,
        connections: &mut Connections,
    ) {
        let moment = Moment {
            file: frame.file,
            packet: frame.number,
            time: frame.time,
            turn: self.next_turn(1),
        };
        match packets.decode(frame) {
            Packet::Tcp(segment) => {
                self.table.seen.segments += 1;
                let ports = &self.table.request.ports;
                let is_wanted = |port: u16| ports.is_empty() || ports.contains(&port);
                if is_wanted(segment.source.port) || is_wanted(segment.destination.port) {
                    connections.segment(&segment, moment, self);
                    if let Some(watch) = &mut self.table.watch
                        && let Some(connection) = connections.of(&segment)
                    {
                        match self.table.request.wants_time(moment.time) {
                            true => watch.segment(connection, &segment, moment),
                            false => watch.unasked(connection, &segment, moment),
                        }
                    }
                }
            }
            Packet::Other(other) => {
                self.table.seen.packet(&other);
                if let Some(watch) = &mut self.table.watch
                    && self.table.request.wants_time(moment.time)
                {
                    watch.packet(&other, moment);
                }
            }
        }
    }

    pub(super) fn bare(&mut self, bare: &capture::StreamBytes<'_>) {
        let end = bare.offset.saturating_add(bare.data.len() as u64);
        // However the stream is cut into pieces, as many turns pass in all; the first is its own.
        let passed = end / OCTETS_A_TURN - bare.offset / OCTETS_A_TURN;
        let moment = Moment {
            file: bare.file,
            packet: 0,
            time: None,
            turn: self.next_turn(passed + u64::from(bare.offset == 0)),
        };
        let key = BARE | u64::from(bare.file);
        let Table { streams, known, .. } = &mut *self.table;
        let slot = streams.slot(key, || {
            let framer = Framer::knowing(Arc::clone(known), true);
            Stream::new(None, None, framer, bare.data)
        });
        self.push_piece(slot, bare.offset, bare.data, moment);
    }

    /// Goes on by so many turns. Notes in the batch, now and then, how far the walk is.
    #[inline]
    fn next_turn(&mut self, passed: u64) -> u32 {
        let before = self.table.turn;
        self.table.turn += passed;
        if before / TURNS_A_MARK != self.table.turn / TURNS_A_MARK {
            self.mark();
        }
        self.table.turn as u32
    }

    #[cold]
    fn mark(&mut self) {
        let turn = self.table.turn / TURNS_A_MARK * TURNS_A_MARK;
        let before = u32::try_from(self.batch.entries.len()).unwrap_or(u32::MAX);
        self.batch.marks.push(Mark { before, turn });
    }

    /// Messages of one router, as a collector passed them on.
    pub(super) fn collected(&mut self, piece: &capture::Collected<'_>) {
        let moment = Moment {
            file: piece.file,
            packet: piece.number,
            time: piece.time,
            turn: self.next_turn(1),
        };
        let key = COLLECTED | u64::from(piece.file) << 32 | u64::from(piece.router_number);
        let Table { streams, known, .. } = &mut *self.table;
        let slot = streams.slot(key, || {
            let framer = Framer::knowing(Arc::clone(known), true);
            Stream {
                router: piece.router,
                ..Stream::new(None, None, framer, piece.data)
            }
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
    pub(super) fn push(&mut self, slot: u32, offset: u64, data: &[u8], moment: Moment) {
        let end = offset.saturating_add(data.len() as u64);
        self.deliver(slot, moment, |framer, sink| {
            if sink.trail.len() >= TRAIL {
                sink.trail.pop_front();
            }
            sink.trail.push_back((end, sink.now));
            sink.fresh = offset;
            framer.push(offset, data, sink);
            sink.forget_trail(framer.undecided_from());
        });
        self.account(slot, moment);
    }

    /// Keeps what is held for undecided streams within its bound.
    #[inline]
    fn account(&mut self, slot: u32, moment: Moment) {
        if self.table.streams.account(slot) > UNDECIDED {
            self.let_go(moment);
        }
    }

    #[cold]
    fn let_go(&mut self, moment: Moment) {
        while let Some(slot) = self.table.streams.oldest_undecided(UNDECIDED) {
            let oldest = self.table.streams.slots.get(slot as usize);
            let place = match oldest {
                Some(Some(stream)) => stream.trail.back().map_or(moment, |segment| segment.1),
                _ => moment,
            };
            self.deliver(slot, place, |framer, sink| {
                framer.let_go(sink);
                sink.trail.clear();
            });
            self.table.streams.account(slot);
            let place = Place {
                file: self.table.path(place.file),
                packet: place.packet_number(),
                time: place.time,
                ..Place::default()
            };
            let message = "a stream that could be BMP was decided early".to_owned();
            self.table
                .findings
                .add(Finding::new("undecided-stream", message, place));
        }
    }

    /// Runs the framer of a stream with a sink that knows where its messages go.
    #[inline]
    pub(super) fn deliver(
        &mut self,
        slot: u32,
        moment: Moment,
        run: impl FnOnce(&mut Framer, &mut Sink<'_>),
    ) {
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
            turn,
            cut,
            end,
            ..
        } = stream;
        let moment = in_stream(turn, moment);
        let mut sink = Sink {
            sessions,
            request,
            generation: *generation,
            batch: self.batch,
            window: self.window,
            bytes: self.bytes,
            moment,
            moment_index: None,
            fresh: u64::MAX,
            now: moment,
            trail,
            session,
            pending,
            cut: *cut,
            end: *end,
            ends: (*sender, *receiver),
            router: *router,
        };
        run(framer, &mut sink);
    }

    /// Octets of a direction that are not there.
    pub(super) fn missing(
        &mut self,
        direction: DirectionId,
        offset: u64,
        gap: Gap,
        before: Moment,
    ) {
        let slot = self.table.slot(direction, &[]);
        if let Some(Some(stream)) = self.table.streams.slots.get_mut(slot as usize) {
            stream.cut = gap.kind;
        }
        self.deliver(slot, before, |framer, sink| {
            framer.gap(offset, gap.length, sink);
            // What was left before the gap was told where it begins; the gap has its own place.
            sink.at(sink.now);
            sink.skip(offset, gap);
        });
        self.account(slot, gap.until);
    }

    fn end(&mut self, key: u64, moment: Moment) -> Option<Stream> {
        let slot = self.table.streams.find(key)?;
        self.deliver(slot, moment, |framer, sink| {
            framer.finish(sink);
            sink.tell_pending(u64::MAX);
        });
        self.table.streams.remove(key)
    }

    /// Ends the streams that belong to no connection.
    pub(super) fn end_all(&mut self) {
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
        self.table.streams.look_at(slot, data);
        if let Some(watch) = &mut self.table.watch {
            watch.data(direction.connection(), direction.side(), offset, data);
        }
        if self.table.decryption.is_some() {
            self.decrypt(|tls, out| tls.data(direction, offset, data, moment, out));
            return;
        }
        self.push(slot, offset, data, moment);
    }

    fn gap(&mut self, direction: DirectionId, gap: stream::Gap) {
        match self.table.decryption.is_some() {
            true => {
                self.decrypt(|tls, out| tls.gap(direction, gap, out));
            }
            false => self.raw_gap(direction, gap),
        }
    }

    fn continues_uncounted(&mut self, direction: DirectionId, data: &[u8]) -> Option<bool> {
        let stream = self.table.streams.get(u64::from(direction.0));
        stream.map_or(Some(false), |stream| stream.framer.continues_with(data))
    }

    fn settled(&mut self, ends: &Connection, syn: &Segment<'_>, moment: Moment, is_ignored: bool) {
        let is_asked = self.table.request.wants_time(moment.time);
        if let Some(watch) = &mut self.table.watch {
            match (is_asked, is_ignored) {
                (true, true) => watch.ignored_syn(ends, syn, moment),
                (true, false) => watch.segment(ends, syn, moment),
                (false, false) => watch.unasked(ends, syn, moment),
                (false, true) => {}
            }
        }
    }

    fn finding(&mut self, finding: StreamFinding) {
        if !self.table.request.wants_time(finding.moment.time) {
            return;
        }
        // What is odd about connections that are not BMP is nobody's question.
        let stream = self.table.streams.get_mut(u64::from(finding.direction.0));
        if let Some(stream) = stream {
            stream.note(finding);
        }
    }

    fn closed(&mut self, connection: u32, ends: &Connection) {
        if ends.close != Close::Open {
            for side in 0..2 {
                let key = u64::from(DirectionId::new(connection, side).0);
                if let Some(stream) = self.table.streams.get_mut(key) {
                    stream.end = GapKind::StreamEnd;
                }
            }
        }
        let tls = self
            .decrypt(|tls, out| tls.close(connection, out))
            .flatten();
        self.table.ends.remove(&connection);
        let (mut content, mut inside) = (TcpContent::Empty, Inside::Nothing);
        let is_decrypted = is_decrypted(tls.as_ref());
        let mut sessions = [None, None];
        for (side, place) in sessions.iter_mut().enumerate() {
            let key = u64::from(DirectionId::new(connection, side).0);
            let last = ends.sides.get(side).map_or(ends.first, |facts| facts.last);
            let Some(stream) = self.end(key, last) else {
                continue;
            };
            content = content.max(match stream.content {
                // It has a stream, because it has gaps.
                TcpContent::Empty => TcpContent::NotCaptured,
                known => known,
            });
            inside = inside.max(stream.inside);
            *place = self.table.close_session(&stream, ends, side, is_decrypted);
        }
        if is_decrypted {
            content = TcpContent::Decrypted(inside);
        }
        if let Some(tls) = &tls {
            self.table.tell_tls(ends, sessions, tls);
        }
        if let Some(watch) = &mut self.table.watch {
            let outcome = tls.map(|tls| tls.outcome);
            let content = watched_content(content);
            watch.closed(connection, ends.close, sessions, content, outcome);
        }
        if sessions == [None, None] {
            self.table.seen.connection(ends.responder.port, content);
        }
    }
}

impl Table {
    /// The stream of a direction, made at its first data or gap.
    #[inline]
    pub(super) fn slot(&mut self, direction: DirectionId, data: &[u8]) -> u32 {
        let Table {
            streams,
            ends,
            request,
            known,
            ..
        } = self;
        streams.slot(u64::from(direction.0), || {
            let (initiator, responder) = ends.get(&direction.connection()).copied().unzip();
            let is_forced = !request.ports.is_empty();
            let framer = Framer::knowing(Arc::clone(known), is_forced);
            match direction.side() {
                0 => Stream::new(initiator, responder, framer, data),
                _ => Stream::new(responder, initiator, framer, data),
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

    pub(super) fn path(&self, file: u32) -> Option<String> {
        let path = self.paths.get(file as usize);
        path.map(|path| path.to_string())
    }
}

/// The moment in the order of its stream: octets that came out of order follow those before them.
#[inline]
fn in_stream(last: &mut Option<u32>, moment: Moment) -> Moment {
    let is_late = |last: &u32| (moment.turn.wrapping_sub(*last) as i32) < 0;
    let turn = last.filter(is_late).unwrap_or(moment.turn);
    *last = Some(turn);
    Moment { turn, ..moment }
}

pub(super) fn gap_kind(cause: GapCause) -> GapKind {
    match cause {
        GapCause::MissingSegment => GapKind::MissingSegment,
        GapCause::MidStreamStart => GapKind::MidStreamStart,
        GapCause::Snaplen => GapKind::Snaplen,
        GapCause::CaptureEnd => GapKind::CaptureEnd,
    }
}
