//! Runs of the library in this process: what a whole capture comes to, message by message.
#![allow(
    dead_code,
    reason = "each test crate compiles the whole of it and uses a part"
)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test says no")]

use bmpscope::pipeline::{self, Chunk, Gap, Item, Query, Request, Run};
use bmpscope::report::messages;
use bmpscope::sheet::LineForm;
use serde_json::Value;
use std::io::{self, Write};
use std::num::NonZeroUsize;

/// One message: where it stands in its stream, and its octets.
pub(crate) type Message = (u64, Vec<u8>);

/// What a capture came to.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The messages of each session, by the session's number less one.
    pub(crate) sessions: Vec<Vec<Message>>,
    /// Offset and gap, all sessions together.
    pub(crate) gaps: Vec<(u64, Gap)>,
    /// The rest.
    pub(crate) run: Run,
}

impl Answer {
    /// The messages of the only session; none where there is no session.
    #[track_caller]
    pub(crate) fn only(&self) -> &[Message] {
        assert!(self.sessions.len() <= 1, "{} sessions", self.sessions.len());
        self.sessions.first().map_or(&[], Vec::as_slice)
    }

    /// Findings of this kind.
    pub(crate) fn findings(&self, kind: &str) -> u64 {
        let groups = self.run.findings.groups();
        groups
            .filter(|(name, _)| *name == kind)
            .map(|(_, group)| group.count)
            .sum()
    }
}

/// The messages of a capture file with these octets. `ports` as with `--port`.
pub(crate) fn read(file: &[u8], ports: &[u16]) -> Answer {
    with_file(file, ports, |request| {
        let mut collect = Collect::default();
        let run = pipeline::run(request, &mut collect).unwrap();
        Answer {
            sessions: collect.sessions,
            gaps: collect.gaps,
            run,
        }
    })
}

/// The lines of `messages` without what tells where in the capture a message lies, and without the
/// gaps.
pub(crate) fn lines(file: &[u8]) -> Vec<Value> {
    let mut out = Vec::new();
    with_file(file, &[], |request| {
        let mut sink = |octets: &[u8]| -> io::Result<()> {
            out.extend_from_slice(octets);
            Ok(())
        };
        messages::run(request, LineForm::Json, &mut sink).unwrap()
    });
    let text = String::from_utf8(out).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.filter(|line: &Value| line["type"] != "gap").collect();
    for line in &mut lines {
        let object = line.as_object_mut().unwrap();
        for key in ["file", "packet", "time"] {
            object.remove(key);
        }
    }
    lines
}

fn with_file<T>(file: &[u8], ports: &[u16], ask: impl FnOnce(&Request) -> T) -> T {
    let mut place = tempfile::NamedTempFile::new().unwrap();
    place.write_all(file).unwrap();
    place.flush().unwrap();
    ask(&Request {
        inputs: vec![place.path().to_path_buf()],
        ports: ports.to_vec(),
        threads: NonZeroUsize::new(1),
        ..Request::default()
    })
}

#[derive(Debug, Default)]
struct Collect {
    sessions: Vec<Vec<Message>>,
    gaps: Vec<(u64, Gap)>,
}

enum Found {
    Message(u32, Message),
    Gap(u64, Gap),
}

impl Query for Collect {
    type Part = Vec<Found>;

    fn decode(&self, chunk: Chunk<'_>) -> Vec<Found> {
        let found = |item: pipeline::Located<'_>| match item.item {
            Item::Message(octets) => {
                Found::Message(item.session().id, (item.stream_offset(), octets.to_vec()))
            }
            Item::Gap(gap) => Found::Gap(item.stream_offset(), *gap),
        };
        chunk.items().map(found).collect()
    }

    fn merge(&mut self, part: Vec<Found>) -> io::Result<()> {
        for found in part {
            match found {
                Found::Gap(offset, gap) => self.gaps.push((offset, gap)),
                Found::Message(session, message) => self.session(session).push(message),
            }
        }
        Ok(())
    }
}

impl Collect {
    fn session(&mut self, id: u32) -> &mut Vec<Message> {
        let index = id as usize - 1;
        if self.sessions.len() <= index {
            self.sessions.resize_with(index + 1, Vec::new);
        }
        self.sessions.get_mut(index).unwrap()
    }
}
