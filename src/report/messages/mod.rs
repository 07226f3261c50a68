//! `messages`: every BMP message, one line each, as a stream.

mod columns;
mod csv;
mod event;
mod fields;
mod filter;
mod line;
mod object;
mod options;
mod parameters;
mod part;
mod route_tlv;
mod rpki;
mod rpki_words;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod tlv_words;
mod told;
mod words;

pub use options::{Choice, OPTIONS};
pub use schema::schema;

use super::{Example, Failure, Outcome, Request, source};
use crate::pipeline::{self, Chunk, Located, Look, Query};
use crate::sheet::LineForm;
use crate::wire::CodePoints;
use columns::Columns;
use part::{Part, Rest};
use std::io;
use std::sync::Mutex;
use told::Told;

/// The command's name.
pub const NAME: &str = "messages";

/// What it tells, in a line.
pub const ABOUT: &str = "Every BMP message, one JSON object a line";

/// What it tells, for the longer help.
pub const DETAILS: &str = "Prints every BMP message, and every gap between them, in the order in \
                           which they became complete in the capture. One JSON object a line \
                           unless told otherwise; -f table is the form for reading, -f csv has \
                           one row per route, -f json is one array. Filters of one kind are alternatives, \
                           kinds have to agree, each about one UPDATE; filters by routes, \
                           attributes or RIB leave out all other lines, gaps too unless \
                           --type gap asks for them.";

/// Command lines to learn from.
pub const EXAMPLES: &[Example] = &[
    Example {
        about: "To read",
        line: "bmpscope messages -f table day.pcap | less",
    },
    Example {
        about: "Which peers went down, and why",
        line: "bmpscope messages --type peer-down --fields time,peer.address,reason day.pcap",
    },
    Example {
        about: "Who announced or withdrew a prefix, or a part of it, behind which AS",
        line: "bmpscope messages -f table --prefix 192.0.2.0/24 --more-specific \\\n    --as-path '_64500_' day.pcap",
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
    run_as(request, &Choice::new(form), sink)
}

/// As [`run`], of the lines that are chosen.
pub fn run_as(request: &Request, choice: &Choice, sink: Sink<'_>) -> Result<Outcome, Failure> {
    if choice.form == LineForm::Csv {
        sink(csv::HEADER)?;
    }
    let run = pipeline::run(
        request,
        &mut Lines {
            choice,
            code_points: &request.code_points,
            rest: Rest::new(choice),
            columns: Columns::new(choice.width),
            sink: Mutex::new(sink),
        },
    )?;
    Ok(source::outcome(run))
}

/// Every chunk becomes its lines; they are written in order.
struct Lines<'a> {
    choice: &'a Choice,
    code_points: &'a CodePoints,
    rest: Rest,
    columns: Columns,
    /// Only merging uses it, and merging has the query to itself.
    sink: Mutex<Sink<'a>>,
}

impl Query for Lines<'_> {
    type Part = Part;

    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::of(self.choice, chunk.len());
        chunk
            .items()
            .filter(|located| self.choice.filter.may_want(located))
            .for_each(|located| self.line(&located, &mut part));
        part
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        let mut lines = self.rest.take(part);
        if self.choice.form == LineForm::Text {
            lines = self.columns.lay(&lines);
        }
        match self.sink.get_mut() {
            Ok(sink) => sink(&lines),
            Err(poisoned) => poisoned.into_inner()(&lines),
        }
    }

    fn is_done(&self) -> bool {
        self.rest.is_empty()
    }
}

impl Lines<'_> {
    #[inline]
    fn line(&self, located: &Located<'_>, part: &mut Part) {
        let told = Told::of(located);
        if self.choice.filter.wants(located, &told) {
            part.add(self.choice, told.octets(), |out| {
                self.write(located, &told, out)
            });
        }
    }

    #[inline]
    fn write(&self, located: &Located<'_>, told: &Told<'_>, out: &mut Vec<u8>) {
        match self.choice.form {
            LineForm::Json => line::write(located, told, self.code_points, out),
            LineForm::Csv => csv::write(located, told, out),
            LineForm::Text => {
                let shown = columns::routes_shown(self.choice.width);
                text::write(located, told, self.code_points, shown, out);
            }
        }
    }
}
