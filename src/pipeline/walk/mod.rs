//! The serial walk: packets to connections to messages, headers only. It keeps the sessions' facts
//! and fills batches for the decoders.
//!
//! | File | Subject |
//! |---|---|
//! | `receiver` | what the layers below deliver: packets, octets, gaps, connections |
//! | `close` | the end of a connection |
//! | `streams` | one direction of a connection, and where to find it |
//! | `tls` | streams that are decrypted first |
//! | `sink` | the messages of a stream: their session, their peer, their place in the batch |
//! | `views` | what decoding needs to know of a session and its peers, once a batch |

mod close;
mod conduct;
mod receiver;
mod sink;
mod streams;
mod tls;
mod views;

use super::Request;
use super::batch::Batch;
use super::run::Run;
use super::seen::Seen;
use crate::auth::watch::{Protections, Watch};
use crate::bmp::frame::{self, KnownTypes};
use crate::capture::{self, Capture, OpenError};
use crate::finding::{Finding, FindingLog, Place};
use crate::net::Endpoint;
use crate::packet;
use crate::stream::{self, Connections};
use crate::tls::{Decryption, Outcome};
use receiver::Receiver;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use streams::Streams;
use views::Live;

/// Octets of capture that are walked before they are decoded: small enough that what was walked is
/// still in a processor's cache, large enough that handing it over costs nothing.
const DEFAULT_WINDOW: usize = 8 << 20;

/// Places in a batch are 32-bit numbers. What is copied into one is a window's octets and those that
/// streams hold, at most.
const WINDOW_BOUND: usize = 1 << 30;

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
    /// The message types that framing expects.
    known: Arc<KnownTypes>,
    seen: Seen,
    findings: FindingLog,
    /// Watches what protects connections, for whoever asks.
    watch: Option<Box<Watch>>,
    /// Decrypts TLS, where secrets are given.
    decryption: Option<Box<Decryption>>,
    /// What became of TLS connections.
    tls: BTreeMap<Outcome, u64>,
    /// Both ends of every connection that is open.
    ends: HashMap<u32, (Endpoint, Endpoint), foldhash::fast::RandomState>,
    /// The inputs' paths, by number.
    paths: Vec<Arc<str>>,
    /// Number of the current batch: a view made for an earlier one is stale.
    generation: u64,
    /// Packets and pieces so far.
    turn: u64,
}

impl Walker {
    /// Opens the inputs of a request. Inputs that cannot be opened come back as errors.
    pub(super) fn open(request: &Request) -> (Walker, Vec<OpenError>) {
        let known = Arc::new(KnownTypes::of(&request.code_points));
        let options = capture::Options {
            window: request.window.unwrap_or(DEFAULT_WINDOW).min(WINDOW_BOUND),
            probe: &|bytes| frame::looks_like_known(bytes, &known),
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
                known: Arc::clone(&known),
                seen: Seen::default(),
                findings: FindingLog::default(),
                watch: request
                    .watch
                    .as_ref()
                    .map(|keys| Box::new(Watch::new(keys))),
                decryption: request
                    .key_log
                    .as_ref()
                    .map(|log| Box::new(Decryption::new(log))),
                tls: BTreeMap::new(),
                ends: HashMap::default(),
                paths,
                generation: 0,
                turn: 0,
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
        self.table.tell_renumbered();
        self.table.tell_conduct();
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
            protections: self
                .table
                .watch
                .map_or_else(Protections::default, |watch| watch.finish()),
            tls: self.table.tls,
            is_by_port: !self.table.request.ports.is_empty(),
            key_log: self.table.request.key_log,
            errors,
        }
    }
}

impl Table {
    /// Tells of the sessions whose messages contradict each other in how they number TLVs.
    fn tell_renumbered(&mut self) {
        for live in &self.sessions {
            let Some(first) = live.session.renumbered else {
                continue;
            };
            let told = live.session.numbering.told();
            let counts: Vec<String> = told
                .map(|(numbering, count)| format!("{count} by revision {}", numbering.revision()))
                .collect();
            let message = format!(
                "a message numbers its TLVs by revision {}, those before it by revision {}; in all {}",
                first.told.revision(),
                first.known.revision(),
                counts.join(", "),
            );
            let path = self.paths.get(first.moment.file as usize);
            let place = Place {
                session: Some(live.session.id),
                file: path.map(|path| path.to_string()),
                packet: first.moment.packet_number(),
                time: first.moment.time,
                ..Place::default()
            };
            self.findings
                .add(Finding::new("tlv-numbering-contradicts", message, place));
        }
    }
}
