//! Finds BMP message boundaries in a byte stream: every message whose octets are there, none invented.
//!
//! In sync, framing hops from header to header and trusts a sound header whatever the body. Out of
//! sync (a gap, a start in the middle, a corrupt header) every offset that could be a header is a
//! hypothesis, until the structure of the message and the header behind it confirm it.
//!
//! | File | Subject |
//! |---|---|
//! | `known` | which message types are expected |
//! | `header` | the common and the per-peer header, as far as framing judges them |
//! | `structure` | whether the body of a message bears its header out |
//! | `outlook` | the same for a message of which only the first octets are there |
//! | `pieces` | what bodies are made of: TLVs, BGP messages, texts |
//! | `candidate` | the search: which hypotheses wait, and for how many octets |
//! | `hop` | in sync: from header to header inside one run of octets |
//! | `engine` | the state machine over pushed octets, gaps and the end |
//! | `framer` | recognition: is this stream BMP at all? |

mod candidate;
mod engine;
mod framer;
mod header;
mod held;
mod hop;
mod known;
mod outlook;
mod pieces;
mod recorder;
mod structure;

pub use framer::Framer;
pub use known::KnownTypes;

use header::{Header, Successor, successor};
use outlook::{Outlook, outlook};
use structure::{Structure, structure};

/// Receives what framing finds, in stream order. Every octet pushed lies in exactly one message or
/// one skipped range, unless the stream turns out not to be BMP: then nothing is ever called.
pub trait FrameSink {
    /// A whole message, common header included. `offset` counts octets of the stream.
    fn message(&mut self, offset: u64, bytes: &[u8]);

    /// `length` octets from `offset` on that belong to no whole message.
    fn skipped(&mut self, offset: u64, length: u64, cause: Skipped);
}

/// Why octets belong to no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Skipped {
    /// No valid header where one had to be.
    Corrupt,
    /// Before the first message: the capture began inside one.
    MidStreamStart,
    /// Parts of a message that is cut by a gap.
    GapTail,
    /// The beginning of a message that the end of the capture cuts.
    CaptureEnd,
}

/// Is the stream BMP?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Two chained headers were confirmed.
    Yes,
    /// It is not, or it ended before it could be told.
    No,
    /// More octets are needed.
    Unsure,
}

/// Does a file that begins with `prefix` hold a bare BMP stream?
///
/// True when two chained headers stand at its beginning, or one message whose structure is strong
/// and that reaches to the end of the prefix or beyond it.
pub fn looks_like_bmp(prefix: &[u8]) -> bool {
    looks_like_known(prefix, &KnownTypes::default())
}

/// The same, where these message types are known.
pub fn looks_like_known(prefix: &[u8], known: &KnownTypes) -> bool {
    let Some(header) = Header::read(prefix) else {
        return false;
    };
    if !header.can_anchor(None, known) && !header.may_follow(header.version, prefix, known) {
        return false;
    }
    let Some((message, rest)) = prefix.split_at_checked(header.length) else {
        return outlook(header, prefix, known) == Outlook::Marked;
    };
    match (
        structure(header, message, known),
        successor(rest, header.version, true, known),
    ) {
        (Structure::Tiled | Structure::Marked, next) => next != Successor::Invalid,
        (Structure::Odd, Successor::Valid) => is_confirmed_by_the_second(rest, known),
        _ => false,
    }
}

/// The first message is odd, so the second has to be beyond doubt.
fn is_confirmed_by_the_second(bytes: &[u8], known: &KnownTypes) -> bool {
    let Some(header) = Header::read(bytes) else {
        return false;
    };
    match bytes.get(..header.length) {
        Some(message) => structure(header, message, known) >= Structure::Tiled,
        None => outlook(header, bytes, known) == Outlook::Marked,
    }
}

#[cfg(test)]
mod tests;
