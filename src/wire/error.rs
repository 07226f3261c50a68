//! What a decoder says when bytes are not what the specification promises.

use std::fmt;

/// Where a decoder stopped and why: the offset of the field's first octet in its message, the
/// field's name in the specification's words, and one of four problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeError {
    /// Octets from the start of the message (not of the file) to the field.
    pub offset: u32,
    /// The field, as the specification names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: Problem,
}

/// The four ways in which a field disappoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The captured bytes end before the field does; more bytes would help. Only framing says this.
    Incomplete {
        /// Octets that the field needs.
        needs: u32,
        /// Octets that are there.
        left: u32,
    },
    /// The field reaches past the container that holds it.
    Overrun {
        /// Octets that the field needs.
        needs: u32,
        /// Octets left in the container.
        left: u32,
    },
    /// The field contradicts the specification; the text says how.
    Malformed(&'static str),
    /// The value is well-formed, but nothing here knows it.
    Unknown(u32),
}

impl DecodeError {
    /// A field that contradicts its specification.
    pub fn malformed(offset: usize, field: &'static str, why: &'static str) -> DecodeError {
        DecodeError {
            offset: saturate(offset),
            field,
            problem: Problem::Malformed(why),
        }
    }

    /// A field that leaves its container.
    pub fn overrun(offset: usize, field: &'static str, needs: usize, left: usize) -> DecodeError {
        let problem = Problem::Overrun {
            needs: saturate(needs),
            left: saturate(left),
        };
        DecodeError {
            offset: saturate(offset),
            field,
            problem,
        }
    }

    /// The same error, told from the start of a message that holds these octets from `start` on.
    pub fn inside(self, start: usize) -> DecodeError {
        DecodeError {
            offset: self.offset.saturating_add(saturate(start)),
            ..self
        }
    }
}

fn saturate(octets: usize) -> u32 {
    u32::try_from(octets).unwrap_or(u32::MAX)
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: ", self.field, self.offset)?;
        match self.problem {
            Problem::Incomplete { needs, left } => {
                write!(f, "needs {needs} bytes, the capture has {left}")
            }
            Problem::Overrun { needs, left } => {
                write!(f, "needs {needs} bytes, {left} left in its container")
            }
            Problem::Malformed(why) => f.write_str(why),
            Problem::Unknown(number) => write!(f, "{number} is not known"),
        }
    }
}

impl std::error::Error for DecodeError {}
