//! Results as typed cells, before anyone decides how they look.
//!
//! An [`Answer`] is what a report hands back: its serde form is the JSON, its [`Sheet`]s are what
//! tables and CSV print.

use crate::finding::Severity;
use crate::net::{Endpoint, Prefix};
use crate::time::Timestamp;
use std::collections::HashMap;
use std::net::IpAddr;

/// A typed answer to a question about captures. Serialising it gives the JSON document.
pub trait Answer: erased_serde::Serialize {
    /// The elements of the main list, for one JSON object a line.
    fn elements(&self) -> Vec<&dyn erased_serde::Serialize>;

    /// The answer as sheets for people. The one marked [`Sheet::main`] is what CSV prints.
    fn sheets(&self) -> Vec<Sheet>;

    /// What CSV prints instead of the main sheet, where that is more than a person would read.
    fn rows(&self) -> Option<Rows<'_>> {
        None
    }

    /// The exit code that the answer asks for: 0, or 1 where something asked for was not met.
    fn exit(&self) -> u8 {
        0
    }
}

/// Rows that are made when they are printed: there may be too many to have them all at once.
pub struct Rows<'a> {
    /// The names of the columns.
    pub names: Vec<String>,
    /// The rows, in order; cells that a row lacks are absent.
    pub rows: Box<dyn Iterator<Item = Vec<Cell>> + 'a>,
}

/// The elements of a list, as [`Answer::elements`] hands them over.
pub fn elements<T: serde::Serialize>(list: &[T]) -> Vec<&dyn erased_serde::Serialize> {
    list.iter()
        .map(|element| element as &dyn erased_serde::Serialize)
        .collect()
}

/// What one line of a stream of messages is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineForm {
    /// A JSON object: a message, a gap, or an undecodable span.
    Json,
    /// A CSV row: a route. The first line names the columns.
    Csv,
    /// A line for a person: a message, a gap, or an undecodable span.
    Text,
}

/// How a cell feels to its reader; only shown where colours are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to feel about it.
    Plain,
    /// As expected.
    Good,
    /// Look here when there is time.
    Warning,
    /// Look here.
    Bad,
    /// Less important than what stands around it.
    Faint,
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Tone {
        match severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Warning,
            Severity::Note => Tone::Faint,
        }
    }
}

/// One value in a sheet, still with its type: zero, none and not seen are three things.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Not reported or not known: `-` in a table, empty in CSV.
    Absent,
    /// Words. Wrapped where a table has to be narrow.
    Text(String),
    /// A short word with a meaning, such as `up` or `error`. Never wrapped.
    Word(String, Tone),
    /// Several words.
    List(Vec<String>),
    /// A count.
    Number(u64),
    /// A number that may be negative.
    Integer(i64),
    /// A number and the digits after its point that a person wants to see.
    Float(f64, u8),
    /// A moment.
    Time(Timestamp),
    /// A span of time, in seconds.
    Seconds(f64),
    /// A number of octets.
    Bytes(u64),
    /// An IP address.
    Address(IpAddr),
    /// An IP address and a TCP port.
    Endpoint(Endpoint),
    /// An address prefix.
    Prefix(Prefix),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// Text from anything that prints.
    pub fn text(value: impl ToString) -> Cell {
        Cell::Text(value.to_string())
    }
}

/// `None` is a value that was not reported.
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Cell {
        value.map_or(Cell::Absent, Into::into)
    }
}

macro_rules! cell_from {
    ($($from:ty => |$value:ident| $cell:expr;)*) => {
        $(impl From<$from> for Cell {
            fn from($value: $from) -> Cell {
                $cell
            }
        })*
    };
}

cell_from! {
    &str => |value| Cell::Text(value.to_owned());
    String => |value| Cell::Text(value);
    u64 => |value| Cell::Number(value);
    u32 => |value| Cell::Number(u64::from(value));
    u16 => |value| Cell::Number(u64::from(value));
    u8 => |value| Cell::Number(u64::from(value));
    bool => |value| Cell::Flag(value);
    Timestamp => |value| Cell::Time(value);
    IpAddr => |value| Cell::Address(value);
    Endpoint => |value| Cell::Endpoint(value);
    Prefix => |value| Cell::Prefix(value);
    Vec<String> => |value| Cell::List(value);
}

/// Appends a CSV field, between double quotes where RFC 4180 2 asks for them.
pub fn push_csv_field(out: &mut Vec<u8>, field: &str) {
    if !field.contains(['"', ',', '\r', '\n']) {
        out.extend_from_slice(field.as_bytes());
        return;
    }
    out.push(b'"');
    out.extend_from_slice(field.replace('"', "\"\"").as_bytes());
    out.push(b'"');
}

/// Which edge the cells of a column line up at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands above it; in CSV, with spaces as underscores.
    pub name: String,
    /// Which edge its cells line up at.
    pub align: Align,
}

/// Rows of cells under named columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// What stands above the table.
    pub title: String,
    /// The columns, in order.
    pub columns: Vec<Column>,
    /// The rows, in order; cells that a row lacks are absent.
    pub rows: Vec<Vec<Cell>>,
    /// Lines under the table.
    pub notes: Vec<String>,
    /// This is the sheet that CSV prints.
    pub main: bool,
    /// The columns that say what a row is about: repeated where a wide table is folded.
    pub keys: Vec<usize>,
}

impl Sheet {
    /// An empty sheet without columns.
    pub fn new(title: impl Into<String>) -> Sheet {
        Sheet {
            title: title.into(),
            columns: Vec::new(),
            rows: Vec::new(),
            notes: Vec::new(),
            main: false,
            keys: vec![0],
        }
    }

    /// The same sheet as the one that CSV prints.
    pub fn main(mut self) -> Sheet {
        self.main = true;
        self
    }

    /// The same sheet with the number of leading columns that say what a row is about.
    pub fn keys(mut self, keys: usize) -> Sheet {
        self.keys = (0..keys).collect();
        self
    }

    /// The same sheet with these of the columns it has so far as those that say what a row is about.
    pub fn keyed<const N: usize>(mut self, names: [&str; N]) -> Sheet {
        let place = |name: &&str| self.columns.iter().position(|column| column.name == *name);
        self.keys = names.iter().filter_map(place).collect();
        self
    }

    /// No two different rows have the same keys, as they are shown.
    pub fn is_told_apart(&self, shown: impl Fn(&Cell) -> String) -> bool {
        let mut seen: HashMap<Vec<String>, &Vec<Cell>> = HashMap::new();
        self.rows.iter().all(|row| {
            let key = self
                .keys
                .iter()
                .map(|key| row.get(*key).map_or_else(String::new, &shown));
            seen.insert(key.collect(), row)
                .is_none_or(|other| other == row)
        })
    }

    /// The same sheet with more columns, lined up at the left.
    pub fn left<const N: usize>(self, names: [&str; N]) -> Sheet {
        self.with_columns(&names, Align::Left)
    }

    /// The same sheet with more columns, lined up at the right.
    pub fn right<const N: usize>(self, names: [&str; N]) -> Sheet {
        self.with_columns(&names, Align::Right)
    }

    /// The same sheet with more columns.
    pub fn with_columns(mut self, names: &[&str], align: Align) -> Sheet {
        self.columns.extend(names.iter().map(|name| Column {
            name: (*name).to_owned(),
            align,
        }));
        self
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl Into<Vec<Cell>>) {
        self.rows.push(cells.into());
    }

    /// Adds a line under the table.
    pub fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_not_reported_are_two_cells() {
        assert_eq!(Cell::from(Some(0u32)), Cell::Number(0));
        assert_eq!(Cell::from(None::<u32>), Cell::Absent);
        assert_eq!(Cell::from(Some("")), Cell::Text(String::new()));
    }

    #[test]
    fn a_sheet_is_built_column_by_column() {
        let mut sheet = Sheet::new("Peers").left(["peer"]).right(["routes"]).main();
        sheet.row([Cell::from("192.0.2.1"), Cell::from(7u64)]);
        let columns: Vec<_> = sheet.columns.iter().map(|c| (&*c.name, c.align)).collect();
        assert_eq!(columns, [("peer", Align::Left), ("routes", Align::Right)]);
        assert!(sheet.main);
        assert_eq!(sheet.rows.len(), 1);
    }

    #[test]
    fn the_tone_of_a_finding_follows_its_severity() {
        assert_eq!(Tone::from(Severity::Error), Tone::Bad);
        assert_eq!(Tone::from(Severity::Note), Tone::Faint);
    }
}
