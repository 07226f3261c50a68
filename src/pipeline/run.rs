//! Runs a query over captures: walk one window while the last one decodes, merge in order.

use super::Request;
use super::batch::{Batch, Chunk};
use super::seen::Seen;
use super::walk::Walker;
use crate::capture::{Input, OpenError};
use crate::finding::FindingLog;
use crate::session::Session;
use rayon::prelude::*;
use std::collections::HashSet;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What a report makes of messages.
pub trait Query: Sync {
    /// What one chunk comes to.
    type Part: Send;

    /// Decodes a chunk; runs on any thread.
    fn decode(&self, chunk: Chunk<'_>) -> Self::Part;

    /// Adds the part of the next chunk; parts come in the order of the capture.
    fn merge(&mut self, part: Self::Part) -> io::Result<()>;

    /// Nothing more is wanted: then the rest of the captures is not read.
    fn is_done(&self) -> bool {
        false
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
    /// The inputs that could not be opened.
    pub errors: Vec<OpenError>,
}

impl Run {
    /// Leaves out the sessions and peers of which a filter let nothing through.
    pub fn drop_unasked(&mut self) {
        self.sessions.retain(|session| session.messages.total() > 0);
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
    drive(&pool, request, &mut walker, query)?;
    Ok(walker.into_run(errors))
}

fn drive<Q: Query>(
    pool: &rayon::ThreadPool,
    request: &Request,
    walker: &mut Walker,
    query: &mut Q,
) -> io::Result<()> {
    let files = walker.paths();
    let (mut current, mut next) = (Batch::default(), Batch::default());
    loop {
        let (more, parts) = pool.join(
            || walker.walk(&mut next),
            || decode(&current, &files, query),
        );
        for part in parts {
            query.merge(part)?;
        }
        walker.capture.recycle(current.clear());
        request.progress.consume(walker.capture.consumed_bytes());
        std::mem::swap(&mut current, &mut next);
        if !more || query.is_done() {
            return Ok(());
        }
    }
}

fn decode<Q: Query>(batch: &Batch, files: &[Arc<str>], query: &Q) -> Vec<Q::Part> {
    batch
        .chunks(files)
        .into_par_iter()
        .map(|chunk| query.decode(chunk))
        .collect()
}
