//! For tests: segments in a line, and a consumer that checks that what it gets tiles the streams.

use crate::net::Endpoint;
use crate::packet::{Carriage, Flags, Segment};
use crate::stream::*;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// A segment to be sent. `a` opens the connections of the tests, `b` answers.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) from_a: bool,
    pub(super) port: u16,
    pub(super) sequence: u32,
    pub(super) acknowledgment: u32,
    pub(super) flags: u8,
    pub(super) data: Vec<u8>,
    pub(super) missing: u32,
    pub(super) options: Vec<u8>,
    pub(super) ah: bool,
}

impl Wire {
    pub(super) fn a(sequence: u32, data: &[u8]) -> Wire {
        Wire {
            from_a: true,
            port: 50_000,
            sequence,
            acknowledgment: 0,
            flags: 0,
            data: data.to_vec(),
            missing: 0,
            options: Vec::new(),
            ah: false,
        }
    }

    pub(super) fn b(sequence: u32, data: &[u8]) -> Wire {
        Wire {
            from_a: false,
            ..Wire::a(sequence, data)
        }
    }

    pub(super) fn syn(mut self) -> Wire {
        self.flags |= 2;
        self
    }

    pub(super) fn fin(mut self) -> Wire {
        self.flags |= 1;
        self
    }

    pub(super) fn rst(mut self) -> Wire {
        self.flags |= 4;
        self
    }

    pub(super) fn ack(mut self, number: u32) -> Wire {
        self.flags |= 16;
        self.acknowledgment = number;
        self
    }

    pub(super) fn port(mut self, port: u16) -> Wire {
        self.port = port;
        self
    }

    pub(super) fn missing(mut self, octets: u32) -> Wire {
        self.missing = octets;
        self
    }

    pub(super) fn options(mut self, options: &[u8]) -> Wire {
        self.options = options.to_vec();
        self
    }
}

/// What a direction got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Octets(Vec<u8>),
    Missing(u64, GapCause),
}

#[derive(Debug, Default)]
pub(super) struct Stream {
    pub(super) parts: Vec<Part>,
    pub(super) gaps: Vec<Gap>,
    pub(super) at: u64,
}

/// Keeps everything, and insists that data and gaps tile each stream while its connection is open.
#[derive(Debug, Default)]
pub(super) struct Collector {
    pub(super) streams: BTreeMap<DirectionId, Stream>,
    pub(super) opened: Vec<u32>,
    pub(super) closed: BTreeMap<u32, Connection>,
    pub(super) findings: Vec<StreamFinding>,
    /// SYNs that waited: of which connection, where captured, ignored there.
    pub(super) settled: Vec<(u32, u64, bool)>,
    pub(super) uncounted: bool,
    /// Octets that it takes to tell.
    pub(super) needs: usize,
    pub(super) asked: Vec<Vec<u8>>,
    /// Only count octets.
    pub(super) is_brief: bool,
}

impl Collector {
    fn stream(&mut self, direction: DirectionId, offset: u64) -> &mut Stream {
        let connection = direction.connection();
        assert!(
            self.opened.contains(&connection) || self.is_brief,
            "not opened"
        );
        assert!(!self.closed.contains_key(&connection), "after the close");
        let stream = self.streams.entry(direction).or_default();
        assert_eq!(stream.at, offset, "data and gaps must tile the stream");
        stream
    }

    /// The stream as text: `abc<3 MissingSegment>def`.
    pub(super) fn text(&self, direction: u32) -> String {
        let Some(stream) = self.streams.get(&DirectionId(direction)) else {
            return String::new();
        };
        let parts = stream.parts.iter().map(|part| match part {
            Part::Octets(octets) => String::from_utf8_lossy(octets).into_owned(),
            Part::Missing(count, cause) => format!("<{count} {cause:?}>"),
        });
        parts.collect()
    }

    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.findings
            .iter()
            .map(|finding| finding.kind.word())
            .collect()
    }
}

impl Consumer for Collector {
    fn data(&mut self, direction: DirectionId, offset: u64, data: &[u8], _: Moment) {
        let is_brief = self.is_brief;
        let stream = self.stream(direction, offset);
        assert!(!data.is_empty());
        stream.at += data.len() as u64;
        if is_brief {
            return;
        }
        if let Some(Part::Octets(octets)) = stream.parts.last_mut() {
            octets.extend_from_slice(data);
        } else {
            stream.parts.push(Part::Octets(data.to_vec()));
        }
    }

    fn gap(&mut self, direction: DirectionId, gap: Gap) {
        let is_brief = self.is_brief;
        let stream = self.stream(direction, gap.offset);
        assert!(gap.length > 0 || gap.cause == GapCause::MidStreamStart);
        stream.at += gap.length;
        if !is_brief {
            stream.gaps.push(gap);
            stream.parts.push(Part::Missing(gap.length, gap.cause));
        }
    }

    fn continues_uncounted(&mut self, _: DirectionId, data: &[u8]) -> Option<bool> {
        self.asked.push(data.to_vec());
        (data.len() >= self.needs).then_some(self.uncounted)
    }

    fn opened(&mut self, connection: u32, ends: &Connection) {
        assert_eq!(connection, ends.id);
        if !self.is_brief {
            assert!(!self.opened.contains(&connection));
            self.opened.push(connection);
        }
    }

    fn closed(&mut self, connection: u32, ends: &Connection) {
        assert!(
            self.closed.insert(connection, *ends).is_none(),
            "closed twice"
        );
    }

    fn settled(&mut self, ends: &Connection, _: &Segment<'_>, moment: Moment, is_ignored: bool) {
        assert!(self.opened.contains(&ends.id), "not opened");
        assert!(!self.closed.contains_key(&ends.id), "after the close");
        self.settled.push((ends.id, moment.packet, is_ignored));
    }

    fn finding(&mut self, finding: StreamFinding) {
        self.findings.push(finding);
    }
}

/// Segments sent one after the other; their packet numbers count from 1.
pub(super) struct Line {
    pub(super) connections: Connections,
    pub(super) collector: Collector,
    pub(super) packet: u64,
}

impl Line {
    pub(super) fn new() -> Line {
        Line::with(Bounds::default())
    }

    /// Checksums are not looked at: the tests' segments have none.
    pub(super) fn with(bounds: Bounds) -> Line {
        let bounds = Bounds {
            check_checksums: false,
            ..bounds
        };
        Line {
            connections: Connections::new(bounds),
            collector: Collector::default(),
            packet: 0,
        }
    }

    pub(super) fn send(&mut self, wire: &Wire) {
        self.packet += 1;
        let moment = Moment {
            file: 0,
            packet: self.packet,
            ..Moment::default()
        };
        let end = |last: u8, port: u16| Endpoint {
            address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)),
            port,
        };
        let (a, b) = (end(1, wire.port), end(2, 1790));
        let (source, destination) = if wire.from_a { (a, b) } else { (b, a) };
        let mut header = vec![0; 20];
        header.extend_from_slice(&wire.options);
        let segment = Segment {
            source,
            destination,
            sequence: wire.sequence,
            acknowledgment: wire.acknowledgment,
            flags: Flags(wire.flags),
            window: 1000,
            header: &header,
            payload: &wire.data,
            missing: wire.missing,
            carriage: Carriage {
                ah: wire.ah,
                ..Carriage::default()
            },
        };
        self.connections
            .segment(&segment, moment, &mut self.collector);
    }

    pub(super) fn send_all(&mut self, wires: &[Wire]) {
        wires.iter().for_each(|wire| self.send(wire));
    }

    pub(super) fn finish(&mut self) -> &Collector {
        self.connections.finish(&mut self.collector);
        assert_eq!(self.connections.held_octets(), 0);
        &self.collector
    }
}

/// Everything in a line, then the end of the capture.
pub(super) fn run(wires: &[Wire]) -> Collector {
    run_with(Bounds::default(), wires)
}

pub(super) fn run_with(bounds: Bounds, wires: &[Wire]) -> Collector {
    let mut line = Line::with(bounds);
    line.send_all(wires);
    line.finish();
    line.collector
}
