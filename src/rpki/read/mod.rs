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
        let Problem {
            file,
            number,
            field,
            reason,
            ..
        } = self;
        match self.list {
            Some(list) => write!(f, "{file}: entry {number} of {list}: {field}: {reason}"),
            None => write!(f, "{file}: line {number}: {field}: {reason}"),
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
    /// Adds what a file holds, JSON or CSV. `file` is what errors and sources call it.
    pub fn read(&mut self, file: &str, octets: &[u8]) -> Result<(), ReadError> {
        let octets = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
        let result = match octets.trim_ascii_start().first() {
            Some(b'{') => json::read(self, file, octets),
            Some(_) => csv::read(self, file, octets),
            None => Err("is empty".to_owned()),
        };
        result.map_err(|reason| ReadError {
            file: file.to_owned(),
            reason,
        })
    }
}

#[cfg(test)]
mod tests;
