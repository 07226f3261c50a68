//! Takes what the layers below deliver: packets, in-order octets, gaps, and connections that come and go.

use super::Table;
use super::sink::Sink;
use super::streams::Stream;
use crate::bmp::frame::Framer;
use crate::capture;
use crate::finding::{Finding, Place};
use crate::packet::{self, Packet};
use crate::pipeline::batch::{Batch, Gap, GapKind};
use crate::pipeline::seen::TcpContent;
use crate::session::Protection;
use crate::stream::{
    self, Close, Connection, Connections, Consumer, DirectionId, GapCause, Moment, Side,
    StreamFinding,
};
use std::sync::Arc;

/// Segments remembered of a stream whose framer searches. With more, a message found late is told at
/// a later segment than its own.
const TRAIL: usize = 4096;

/// Directions of connections have 32-bit numbers; bare streams come behind them.
const BARE: u64 = 1 << 32;

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

    pub(super) fn bare(&mut self, bare: &capture::StreamBytes<'_>) {
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
        self.push(slot, bare.offset, bare.data, moment);
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
                sink.forget_trail();
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
        };
        run(framer, &mut sink);
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
            let file = u32::try_from(key & !BARE).unwrap_or(0);
            self.end(
                key,
                Moment {
                    file,
                    packet: 0,
                    time: None,
                },
            );
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
        self.push(slot, offset, data, moment);
    }

    fn gap(&mut self, direction: DirectionId, gap: stream::Gap) {
        let slot = self.table.slot(direction, &[]);
        self.deliver(slot, gap.before, |framer, sink| {
            framer.gap(gap.offset, gap.length, sink);
            // What was left before the gap was told where it begins; the gap has its own place.
            sink.at(gap.before);
            sink.skip(
                gap.offset,
                Gap {
                    kind: gap_kind(gap.cause),
                    length: gap.length,
                    until: gap.after,
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
            let Some(stream) = self.end(key, facts.last) else {
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

    /// Notes how the session of a stream ended; false if it was no BMP session.
    fn close_session(&mut self, stream: &Stream, close: Close, facts: &Side) -> bool {
        let live = stream
            .session
            .and_then(|number| self.sessions.get_mut(number as usize));
        let Some(live) = live else { return false };
        live.finish();
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
