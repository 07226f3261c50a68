//! Octets that are no frame: why, and how many until the next one.

use super::super::step::Step;
use super::{FRONT, GLANCE, LONGEST_PAYLOAD, find};
use crate::wire::DecodeError;
use std::fmt;

/// Why no frame begins where one had to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// The first octets are others.
    NoMagic,
    /// Major and minor version.
    Version(u8, u8),
    /// Less than the fixed fields.
    HeaderLength(u16),
    /// More than is believed.
    MessageLength(u32),
    /// A field leaves the header.
    Header(DecodeError),
    /// Another frame begins so many octets on, inside this one of so many.
    Swallows(usize, usize),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::NoMagic => write!(f, "it does not begin with OBMP"),
            Flaw::Version(major, minor) => write!(f, "version {major}.{minor} is not known"),
            Flaw::HeaderLength(length) => write!(
                f,
                "Header Length is {length}, but the fields up to Object Type have {FRONT} octets"
            ),
            Flaw::MessageLength(length) => write!(
                f,
                "Message Length is {length}, more than the {LONGEST_PAYLOAD} that are believed"
            ),
            Flaw::Header(error) => error.fmt(f),
            Flaw::Swallows(at, whole) => write!(
                f,
                "the next frame begins inside it, {at} octets on, but its lengths claim {whole}"
            ),
        }
    }
}

/// Octets in no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::capture) struct Lost {
    flaw: Flaw,
    /// Octets passed over in earlier steps.
    before: u64,
    /// Octets in all, once the search has ended.
    octets: u64,
    /// No frame follows.
    is_end: bool,
}

impl Lost {
    /// At an octet where a frame had to begin.
    pub(super) fn new(flaw: Flaw) -> Lost {
        Lost {
            flaw,
            before: 0,
            octets: 0,
            is_end: false,
        }
    }

    /// Octets from the first to where the last step stood.
    pub(in crate::capture) fn before(&self) -> u64 {
        self.before
    }

    /// Looks for the next frame; what is left to be looked for is given back. Every octet is looked
    /// at once.
    pub(super) fn search(mut self, bytes: &[u8], last: bool) -> (Step, Option<Lost>) {
        // The octet where it began is no beginning.
        let from = usize::from(self.before == 0);
        let found = find(bytes, from);
        if found.is_none() && !last {
            return self.go_on(bytes);
        }
        let passed = found.unwrap_or(bytes.len());
        self.octets = self.before + passed as u64;
        self.is_end = found.is_none();
        (Step::Lost(passed, self), None)
    }

    /// No frame begins here, but at the last octets one may.
    fn go_on(mut self, bytes: &[u8]) -> (Step, Option<Lost>) {
        let passed = bytes.len().saturating_sub(GLANCE - 1);
        self.before += passed as u64;
        let step = match passed {
            0 => Step::More(GLANCE),
            _ => Step::Skip(passed, None),
        };
        (step, Some(self))
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.is_end {
            true => "to the end of the file",
            false => "to the next frame",
        };
        let word = if self.octets == 1 { "octet" } else { "octets" };
        write!(
            f,
            "no OpenBMP frame begins here: {}; passed over {place}: {} {word}",
            self.flaw, self.octets
        )
    }
}
