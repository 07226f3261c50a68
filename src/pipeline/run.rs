//! Runs a query over captures: walk one window while the last one decodes, merge in order.

use super::Request;
use super::batch::{Batch, Chunk};
use super::reading::ahead::{Ahead, remark};
use super::seen::Seen;
use super::walk::Walker;
use crate::auth::watch::Protections;
use crate::capture::{Input, OpenError};
use crate::finding::FindingLog;
use crate::session::Session;
use crate::tls::{KeyLog, Outcome};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What a report makes of messages.
pub trait Query: Sync {
    /// What one chunk comes to.
    type Part: Send;

    /// Where UPDATEs are looked at before they are decoded.
    fn look(&self) -> Look {
        Look::WhereDoubtful
    }

    /// Decodes a chunk; runs on any thread.
    fn decode(&self, chunk: Chunk<'_>) -> Self::Part;

    /// Adds the part of the next chunk; parts come in the order of the capture.
    fn merge(&mut self, part: Self::Part) -> io::Result<()>;

    /// Nothing more comes. Not told where the query was done before.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Nothing more is wanted: then the rest of the captures is not read.
    fn is_done(&self) -> bool {
        false
    }
}

/// Where it is looked whether UPDATEs are written as declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Where path identifiers were negotiated or no Peer Up was captured: elsewhere the number of
    /// routes is as good as certain.
    WhereDoubtful,
    /// At every UPDATE: for whoever shows what is in them.
    Everywhere,
}

/// Two questions in one run.
impl<A: Query, B: Query> Query for (A, B) {
    type Part = (A::Part, B::Part);

    fn look(&self) -> Look {
        match (self.0.look(), self.1.look()) {
            (Look::WhereDoubtful, Look::WhereDoubtful) => Look::WhereDoubtful,
            _ => Look::Everywhere,
        }
    }

    fn decode(&self, chunk: Chunk<'_>) -> Self::Part {
        (self.0.decode(chunk), self.1.decode(chunk))
    }

    fn merge(&mut self, part: Self::Part) -> io::Result<()> {
        self.0.merge(part.0)?;
        self.1.merge(part.1)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.0.finish()?;
        self.1.finish()
    }

    fn is_done(&self) -> bool {
        self.0.is_done() && self.1.is_done()
    }
}

/// What a run came to, beside what the query made.
#[derive(Debug)]
pub struct Run {
    /// The inputs that could be opened.
    pub inputs: Vec<Input>,
    /// The sessions, in the order in which they were recognised.
    pub sessions: Vec<Session>,
    /// Oddities of files, packets and streams.
    pub findings: FindingLog,
    /// What else was in the captures.
    pub seen: Seen,
    /// What protects connections; empty unless the request asks for it.
    pub protections: Protections,
    /// How many TLS connections came to what; empty where no secrets were given.
    pub tls: BTreeMap<Outcome, u64>,
    /// The secrets that were given.
    pub key_log: Option<Arc<KeyLog>>,
    /// Only some ports were looked at, and what is there was taken for BMP.
    pub is_by_port: bool,
    /// The inputs that could not be opened.
    pub errors: Vec<OpenError>,
}

impl Run {
    /// Leaves out the sessions and peers of which a filter let nothing through: no message, nor, where
    /// connections are watched, a segment.
    pub fn drop_unasked(&mut self, request: &Request) {
        let watched = self.protections.connections.iter();
        let watched = watched.filter(|one| one.is_asked());
        let watched: HashSet<u32> = watched.flat_map(|one| one.sessions).flatten().collect();
        let is_watched = |session: &Session| {
            let router = (session.router_address, session.router.sys_name.as_deref());
            let is_asked = request.peers.is_empty() && request.wants_router(router.0, router.1);
            is_asked && watched.contains(&session.id)
        };
        self.sessions
            .retain(|session| session.messages.total() > 0 || is_watched(session));
        for session in &mut self.sessions {
            session.peers.retain(|peer| peer.messages > 0);
        }
        let asked: HashSet<u32> = self.sessions.iter().map(|session| session.id).collect();
        self.findings
            .retain(|session| session.is_none_or(|id| asked.contains(&id)));
    }
}

/// Runs a query. Fails only where merging does (an output that cannot be written).
pub fn run<Q: Query>(request: &Request, query: &mut Q) -> io::Result<Run> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads.map_or(0, NonZeroUsize::get))
        .build()
        .map_err(|error| io::Error::other(format!("cannot start threads: {error}")))?;
    let (mut walker, errors) = Walker::open(request);
    if let Some(total) = walker.capture.total_bytes() {
        request.progress.expect(total);
    }
    let ahead = drive(&pool, request, &mut walker, query)?;
    let files = walker.paths();
    let mut run = walker.into_run(errors);
    run.findings.merge(ahead.findings(&run.sessions, &files));
    Ok(run)
}

fn drive<Q: Query>(
    pool: &rayon::ThreadPool,
    request: &Request,
    walker: &mut Walker,
    query: &mut Q,
) -> io::Result<Ahead> {
    let files = walker.paths();
    let (mut current, mut next) = (Batch::default(), Batch::default());
    let mut ahead = Ahead::default();
    loop {
        let (more, (decoded, parts)) = pool.join(
            || walker.walk(&mut next),
            || {
                let ready = look_ahead(current, &mut ahead, &files, query.look());
                let parts: Vec<_> = ready.iter().map(|one| decode(one, &files, query)).collect();
                (ready, parts)
            },
        );
        for part in parts.into_iter().flatten() {
            query.merge(part)?;
        }
        walker.capture.recycle(ahead.detach());
        let mut emptied = decoded;
        for batch in &mut emptied {
            walker.capture.recycle(batch.clear());
        }
        request.progress.consume(walker.capture.consumed_bytes());
        current = std::mem::replace(&mut next, emptied.pop().unwrap_or_default());
        if query.is_done() {
            return Ok(ahead);
        }
        if !more {
            break;
        }
    }
    ahead.finish();
    while let Some(batch) = ahead.next() {
        for part in pool.install(|| decode(&batch, &files, query)) {
            query.merge(part)?;
        }
    }
    query.finish()?;
    Ok(ahead)
}

/// The batches that may be decoded now that this one was looked at.
fn look_ahead(batch: Batch, ahead: &mut Ahead, files: &[Arc<str>], look: Look) -> Vec<Batch> {
    let remarks = remark(&batch, files, look);
    ahead.take(batch, remarks);
    std::iter::from_fn(|| ahead.next()).collect()
}

fn decode<Q: Query>(batch: &Batch, files: &[Arc<str>], query: &Q) -> Vec<Q::Part> {
    batch
        .chunks(files)
        .into_par_iter()
        .map(|chunk| query.decode(chunk))
        .collect()
}
