//! How answers look: one file per format, one line per format in [`FORMATS`].

pub mod csv;
mod gathered;
pub mod human;
pub mod json;
mod layout;
pub mod lines;
pub mod ndjson;
pub mod table;
mod wrap;

pub use lines::{Frame, Lines};

use crate::sheet::{Answer, LineForm};
use std::io::{self, Write};

/// What the place that shows the output can show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal; none: lines may be of any length.
    pub width: Option<u16>,
    /// Whether colours are wanted.
    pub colours: bool,
}

/// A way to write answers down.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Writes a whole answer.
    pub document: fn(&dyn Answer, Style, &mut dyn Write) -> io::Result<()>,
    /// What a line of a stream of messages is.
    pub line: LineForm,
    /// What stands around and between these lines.
    pub frame: Frame,
}

/// Every format; a report's default first.
pub static FORMATS: &[Format] = &[TABLE, JSON, NDJSON, CSV];

/// Tables for people.
pub const TABLE: Format = Format {
    name: "table",
    about: "tables for reading",
    document: table::write,
    line: LineForm::Text,
    frame: Frame::Plain,
};

/// One JSON document.
pub const JSON: Format = Format {
    name: "json",
    about: "one JSON document",
    document: json::write,
    line: LineForm::Json,
    frame: Frame::Array,
};

/// One JSON object a line.
pub const NDJSON: Format = Format {
    name: "ndjson",
    about: "the main list, one JSON object a line",
    document: ndjson::write,
    line: LineForm::Json,
    frame: Frame::Plain,
};

/// Comma-separated values.
pub const CSV: Format = Format {
    name: "csv",
    about: "the main table as comma-separated values",
    document: csv::write,
    line: LineForm::Csv,
    frame: Frame::Plain,
};

/// The format of that name.
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::sheet::{self, Answer, Cell, Sheet, Tone};
    use serde::Serialize;

    /// An answer of two peers, as a report would give it.
    #[derive(Serialize)]
    pub(crate) struct Peers {
        pub(crate) peers: Vec<Peer>,
    }

    #[derive(Serialize)]
    pub(crate) struct Peer {
        pub(crate) address: std::net::IpAddr,
        pub(crate) bytes: u64,
        pub(crate) reason: Option<String>,
    }

    impl Answer for Peers {
        fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
            sheet::elements(&self.peers)
        }

        fn sheets(&self) -> Vec<Sheet> {
            let mut main = Sheet::new("Peers").main();
            main = main
                .left(["peer", "state"])
                .right(["bytes"])
                .left(["last reason"]);
            for peer in &self.peers {
                main.row([
                    peer.address.into(),
                    Cell::Word("up".to_owned(), Tone::Good),
                    Cell::Bytes(peer.bytes),
                    peer.reason.clone().into(),
                ]);
            }
            vec![Sheet::new("Sessions").left(["id"]), main]
        }
    }

    pub(crate) fn peers() -> Peers {
        let peer = |address: &str, bytes, reason: Option<&str>| Peer {
            address: address.parse().unwrap(),
            bytes,
            reason: reason.map(str::to_owned),
        };
        Peers {
            peers: vec![
                peer("192.0.2.1", 0, None),
                peer("2001:db8::1", 1_500_000, Some("hold timer, \"expired\"")),
            ],
        }
    }

    pub(crate) fn print(format: &super::Format, answer: &dyn Answer) -> String {
        let mut out = Vec::new();
        (format.document)(answer, super::Style::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}
