//! The formats in which validators write what they validated. Which one it is, is told by content.
//!
//! | File | Subject |
//! |---|---|
//! | `json` | Routinator, rpki-client, FORT, OctoRPKI, StayRTR and what looks like them |
//! | `csv` | the same programs' CSV |
//! | `lenient` | objects and lists that something else may stand in place of |
//! | `field` | numbers, prefixes and times as all of them write them |
//!
//! An entry that cannot be read costs only itself: it is counted, and the first few are told. What is
//! no such file at all is an error.

mod csv;
mod field;
mod json;
mod lenient;

use super::payload::Payload;
use std::fmt;

pub(super) use field::{Scalar, asn, longest, prefix};

/// An entry that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The list that it is in (`roas`, `aspas`); none in CSV.
    pub list: Option<&'static str>,
    /// Number of the entry in its list, or of the line; both from 1.
    pub number: u64,
    /// The field.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// `vrps.json: entry 17 of roas: maxLength: 33 is over 32`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.of_entry())
    }
}

impl Problem {
    /// The same without the file.
    fn of_entry(&self) -> String {
        let Problem {
            number,
            field,
            reason,
            ..
        } = self;
        match self.list {
            Some(list) => format!("entry {number} of {list}: {field}: {reason}"),
            None => format!("line {number}: {field}: {reason}"),
        }
    }
}

/// A file that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct ReadError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) reason: String,
}

impl FieldError {
    pub(super) fn new(field: &'static str, reason: impl Into<String>) -> FieldError {
        FieldError {
            field,
            reason: reason.into(),
        }
    }
}

impl Payload {
    /// Adds what a file holds, JSON or CSV. `file` is what errors and sources call it. A file that has
    /// entries of which none can be read is an error: nothing can be validated by it.
    pub fn read(&mut self, file: &str, octets: &[u8]) -> Result<(), ReadError> {
        let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
        let before = (self.len(), self.problem_count, self.problems.len());
        let result = match octets.trim_ascii_start().first() {
            Some(b'{') => json::read(self, file, octets),
            Some(_) => csv::read(self, file, octets),
            None => Err("is empty".to_owned()),
        };
        let unusable = || match self.problem_count - before.1 {
            refused if refused > 0 && self.len() == before.0 => {
                Err(self.unusable(refused, before.2))
            }
            _ => Ok(()),
        };
        result
            .and_then(|()| unusable())
            .map_err(|reason| ReadError {
                file: file.to_owned(),
                reason,
            })
    }

    /// Entries that were read.
    fn len(&self) -> usize {
        self.vrps.len() + self.aspas.len()
    }

    /// None of a file's entries can be read; `first` is the number of its first problem.
    fn unusable(&self, refused: u64, first: usize) -> String {
        let first = self.problems.get(first).map(Problem::of_entry);
        let first = first.map_or_else(String::new, |first| format!(": {first}"));
        format!("none of its {refused} entries can be read{first}")
    }
}

#[cfg(test)]
mod tests;
