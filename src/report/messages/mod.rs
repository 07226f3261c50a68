//! `messages`: every BMP message, one line each, as a stream.

mod csv;
mod event;
mod line;
mod object;
mod parameters;
mod route_tlv;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod tlv_words;
mod words;

pub use schema::schema;

use super::{Example, Failure, Outcome, Request, source};
use crate::pipeline::{self, Chunk, Located, Look, Query};
use crate::sheet::LineForm;
use crate::wire::CodePoints;
use std::io;
use std::sync::Mutex;

/// The command's name.
pub const NAME: &str = "messages";

/// What it tells, in a line.
pub const ABOUT: &str = "Every BMP message, one JSON object a line";

/// What it tells, for the longer help.
pub const DETAILS: &str = "Prints every BMP message, and every gap between them, in the order in \
                           which they became complete in the capture. One JSON object a line \
                           unless told otherwise; -f table is the form for reading, -f csv has \
                           one row per route, -f json is one array.";

/// Command lines to learn from.
pub const EXAMPLES: &[Example] = &[
    Example {
        about: "To read",
        line: "bmpscope messages -f table day.pcap | less",
    },
    Example {
        about: "Which peers went down, and why",
        line: "bmpscope messages day.pcap |\n    jq -c 'select(.type == \"peer-down\") | {time, peer: .peer.address, reason}'",
    },
    Example {
        about: "Prefixes announced by one AS, out of a compressed capture",
        line: "zstdcat day.pcap.zst | bmpscope messages --peer AS64500 - |\n    jq -c 'select(.type == \"route-monitoring\") | .update.announced[].prefix'",
    },
];

/// Takes whole lines, each with its line end, in their order.
pub type Sink<'a> = &'a mut (dyn FnMut(&[u8]) -> io::Result<()> + Send);

/// Hands every message that is asked for to `sink`. The outcome's answer is none.
pub fn run(request: &Request, form: LineForm, sink: Sink<'_>) -> Result<Outcome, Failure> {
    if form == LineForm::Csv {
        sink(csv::HEADER)?;
    }
    let write = match form {
        LineForm::Json => line::write,
        LineForm::Csv => csv::write,
        LineForm::Text => text::write,
    };
    let run = pipeline::run(
        request,
        &mut Lines {
            write,
            code_points: &request.code_points,
            sink: Mutex::new(sink),
        },
    )?;
    Ok(source::outcome(run))
}

/// Every chunk becomes its lines; they are written in order.
struct Lines<'a> {
    write: fn(&Located<'_>, &CodePoints, &mut Vec<u8>),
    code_points: &'a CodePoints,
    /// Only merging uses it, and merging has the query to itself.
    sink: Mutex<Sink<'a>>,
}

impl Query for Lines<'_> {
    type Part = Vec<u8>;

    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(chunk.len() * LINE);
        chunk
            .items()
            .for_each(|located| (self.write)(&located, self.code_points, &mut out));
        out
    }

    fn merge(&mut self, part: Vec<u8>) -> io::Result<()> {
        match self.sink.get_mut() {
            Ok(sink) => sink(&part),
            Err(poisoned) => poisoned.into_inner()(&part),
        }
    }
}

/// Octets of a usual line: room is made for that many at once.
const LINE: usize = 512;
