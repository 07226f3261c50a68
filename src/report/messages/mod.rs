//! `messages`: every BMP message, one line each, as a stream.

mod columns;
mod csv;
mod event;
mod fields;
mod filter;
mod line;
mod object;
mod options;
mod order;
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
use order::{Bounds, Order};
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
                           which they became complete in the capture (a message that is found \
                           65,536 packets or 64 MiB of lines late stands as early as it still \
                           can). One JSON object a line \
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
    let rest = Rest::new(choice);
    let mut lines = Lines {
        choice,
        code_points: &request.code_points,
        order: Order::new(Bounds::default(), rest.is_limited()),
        end: Mutex::new(End {
            rest,
            columns: (choice.form == LineForm::Text).then(|| Columns::new(choice.width)),
            sink,
            is_empty: true,
        }),
    };
    let run = pipeline::run(request, &mut lines)?;
    let may_leave_out = request.is_filtered() || !choice.filter.is_empty();
    let is_left_out = may_leave_out && choice.limit != Some(0) && unlocked(&mut lines.end).is_empty;
    Ok(source::outcome(request, run, is_left_out))
}

/// Every chunk becomes its lines; they are put in order and written.
struct Lines<'a> {
    choice: &'a Choice,
    code_points: &'a CodePoints,
    order: Order,
    /// Only merging uses it, and merging has the query to itself.
    end: Mutex<End<'a>>,
}

/// Where lines go once they are in order.
struct End<'a> {
    rest: Rest,
    columns: Option<Columns>,
    sink: Sink<'a>,
    is_empty: bool,
}

impl Query for Lines<'_> {
    type Part = Part;

    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::of(self.choice, chunk.len());
        let mut marks = chunk.marks().peekable();
        for (located, place) in chunk.items().zip(0u32..) {
            while let Some(mark) = marks.next_if(|mark| mark.before <= place) {
                part.mark(mark.turn);
            }
            if self.choice.filter.may_want(&located) {
                self.line(&located, &mut part);
            }
        }
        marks.for_each(|mark| part.mark(mark.turn));
        part.pack()
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        let end = unlocked(&mut self.end);
        self.order.take(part, &mut |octets| end.write(octets))
    }

    fn finish(&mut self) -> io::Result<()> {
        let end = unlocked(&mut self.end);
        self.order.finish(&mut |octets| end.write(octets))
    }

    fn is_done(&self) -> bool {
        let end = self.end.lock();
        end.is_ok_and(|end| end.rest.is_empty())
    }
}

fn unlocked<'m, 'a>(end: &'m mut Mutex<End<'a>>) -> &'m mut End<'a> {
    match end.get_mut() {
        Ok(end) => end,
        Err(poisoned) => poisoned.into_inner(),
    }
}

impl End<'_> {
    /// Writes whole lines; false: no more are wanted.
    fn write(&mut self, octets: &[u8]) -> io::Result<bool> {
        let octets = self.rest.take(octets);
        self.is_empty &= octets.is_empty();
        match &mut self.columns {
            Some(columns) => (self.sink)(&columns.lay(octets))?,
            None => (self.sink)(octets)?,
        }
        Ok(!self.rest.is_empty())
    }
}

impl Lines<'_> {
    #[inline]
    fn line(&self, located: &Located<'_>, part: &mut Part) {
        let told = Told::of(located);
        if self.choice.filter.wants(located, &told) {
            part.add(self.choice, located.turn(), told.octets(), |out| {
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
