//! Conditions on the rules that a policy enables: AND and OR over features of the rules
//! (draft-wang-grow-bmp-rpki-mon-reqs-03 4.2), since the rules themselves are too many to send.
//!
//! ```text
//! op (1): 0 AND, 1 OR | n (1) | n conditions
//!         2 origin AS in set | n (2) | n AS numbers
//!         3 origin AS role | role (1)
//!         4 rule source in set | n (1) | n source types (1 each)
//! ```

use super::shared::AsNumbers;
use super::words::{AsRole, SourceType};
use crate::bgp::Hex;
use crate::wire::{Cursor, DecodeError};
use std::fmt;

/// A condition; a policy has few, so each is a tree of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// All of these; of none: always.
    All(Vec<Condition>),
    /// Any of these; of none: never.
    Any(Vec<Condition>),
    /// The origin AS is one of these.
    OriginIn(Vec<u32>),
    /// The origin AS has this role towards the router's.
    OriginRole(AsRole),
    /// The rule comes from one of these.
    SourceIn(Vec<SourceType>),
    /// An operation that is not known: how long it is, is not known either, so that it takes the rest.
    Unknown {
        /// Its number.
        operation: u8,
        /// The rest of the TLV.
        octets: Vec<u8>,
    },
}

/// How deep conditions may nest.
const DEPTH: u8 = 8;

impl Condition {
    /// Reads one condition.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Condition, DecodeError> {
        read(cursor, DEPTH)
    }
}

fn read(cursor: &mut Cursor<'_>, depth: u8) -> Result<Condition, DecodeError> {
    let too_deep = cursor.malformed("Condition", "is nested more than 8 deep");
    let depth = depth.checked_sub(1).ok_or(too_deep)?;
    match cursor.u8("Condition")? {
        0 => several(cursor, depth).map(Condition::All),
        1 => several(cursor, depth).map(Condition::Any),
        2 => Ok(Condition::OriginIn(
            AsNumbers::read(cursor)?.iter().collect(),
        )),
        3 => Ok(Condition::OriginRole(AsRole(cursor.u8("AS Role")?))),
        4 => sources(cursor).map(Condition::SourceIn),
        operation => Ok(Condition::Unknown {
            operation,
            octets: cursor.take_rest().to_vec(),
        }),
    }
}

fn several(cursor: &mut Cursor<'_>, depth: u8) -> Result<Vec<Condition>, DecodeError> {
    let count = cursor.u8("Condition Count")?;
    let mut conditions = Vec::new();
    for _ in 0..count {
        let is_cut = conditions.last().is_some_and(Condition::ends_unknown);
        if is_cut {
            break;
        }
        conditions.push(read(cursor, depth)?);
    }
    Ok(conditions)
}

fn sources(cursor: &mut Cursor<'_>) -> Result<Vec<SourceType>, DecodeError> {
    let count = usize::from(cursor.u8("Source Type Count")?);
    let octets = cursor.bytes("Source Types", count)?;
    Ok(octets.iter().map(|octet| SourceType(*octet)).collect())
}

impl Condition {
    /// It holds an operation that is not known, which took all octets behind it.
    fn ends_unknown(&self) -> bool {
        match self {
            Condition::Unknown { .. } => true,
            Condition::All(inner) | Condition::Any(inner) => {
                inner.last().is_some_and(Condition::ends_unknown)
            }
            _ => false,
        }
    }
}

/// In words: `origin AS in {64500, 64501} and (rule from rtr or origin AS is a customer)`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::All(inner) if inner.is_empty() => f.write_str("always"),
            Condition::Any(inner) if inner.is_empty() => f.write_str("never"),
            Condition::All(inner) => joined(f, inner, " and "),
            Condition::Any(inner) => joined(f, inner, " or "),
            Condition::OriginIn(asns) => {
                f.write_str("origin AS in ")?;
                set(f, asns)
            }
            Condition::OriginRole(role) => write!(f, "origin AS is {role}"),
            Condition::SourceIn(sources) => {
                f.write_str("rule from ")?;
                set(f, sources)
            }
            Condition::Unknown { operation, octets } => {
                write!(f, "unknown-{operation}")?;
                match octets.as_slice() {
                    [] => Ok(()),
                    octets => write!(f, " {}", Hex(octets)),
                }
            }
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, inner: &[Condition], between: &str) -> fmt::Result {
    for (place, condition) in inner.iter().enumerate() {
        if place > 0 {
            f.write_str(between)?;
        }
        match condition {
            Condition::All(all) | Condition::Any(all) if inner.len() > 1 && all.len() > 1 => {
                write!(f, "({condition})")?;
            }
            _ => write!(f, "{condition}")?,
        }
    }
    Ok(())
}

fn set<T: fmt::Display>(f: &mut fmt::Formatter<'_>, members: &[T]) -> fmt::Result {
    f.write_str("{")?;
    for (place, member) in members.iter().enumerate() {
        let between = if place > 0 { ", " } else { "" };
        write!(f, "{between}{member}")?;
    }
    f.write_str("}")
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::*;

    fn read(octets: &str) -> Result<Condition, DecodeError> {
        let octets = hex(octets);
        Condition::read(&mut Cursor::new(&octets))
    }

    #[test]
    fn a_tree_of_conditions_reads_as_a_sentence() {
        let condition = read(
            "
            00 02                      # AND of 2
              02 0002 0000fbf4 0000fbf5  # origin AS in {64500, 64501}
              01 02                    # OR of 2
                04 02 01 05            # rule from {rtr, slurm}
                03 03                  # origin AS is customer
        ",
        );
        let expected = "origin AS in {64500, 64501} and \
                        (rule from {rtr, slurm} or origin AS is customer)";
        assert_eq!(condition.unwrap().to_string(), expected);
    }

    #[test]
    fn no_condition_at_all_is_always_and_no_alternative_never() {
        assert_eq!(read("00 00").unwrap().to_string(), "always");
        assert_eq!(read("01 00").unwrap().to_string(), "never");
    }

    #[test]
    fn eight_deep_is_good_and_nine_is_not() {
        let deep = |ands: usize| format!("{} 03 00", "00 01 ".repeat(ands));
        assert!(read(&deep(7)).is_ok());
        let error = read(&deep(8)).unwrap_err();
        let expected = "Condition at byte 16: is nested more than 8 deep";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn an_unknown_operation_keeps_what_is_left() {
        let condition = read("00 03  03 04  09 abcd  03 00").unwrap();
        let expected = "origin AS is peer and unknown-9 abcd0300";
        assert_eq!(condition.to_string(), expected);
    }

    #[test]
    fn every_prefix_of_a_condition_is_an_error() {
        let whole = hex("00 02 02 0001 0000fbf4 01 02 04 01 01 03 00");
        assert!(Condition::read(&mut Cursor::new(&whole)).is_ok());
        for length in 0..whole.len() {
            let cut = Condition::read(&mut Cursor::new(&whole[..length]));
            assert!(cut.is_err(), "{length} octets");
        }
    }
}
