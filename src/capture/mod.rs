//! Files, pipes and bare streams in; packets, or what a collector passed on, out: in time order and
//! in windows.
//!
//! A [`Capture`] is one or more inputs of any format. Their items come in batches: each lies in a
//! [`Window`], a slice of the memory map or a recycled buffer, so nothing is copied for a plain
//! file and nothing above needs to know which it was. Containers are recognised by content.

mod compression;
mod file;
mod format;
mod link_type;
mod map;
mod merge;
mod open;
mod openbmp;
mod pcap;
mod pcapng;
#[cfg(test)]
mod sample;
mod source;
mod step;
#[cfg(test)]
mod tests;
mod window;

pub use compression::unpacked;
pub use format::Format;
pub use link_type::LinkType;
pub use merge::Capture;
pub use window::Window;

use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;
use std::net::IpAddr;

/// One captured packet as the file has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The input's number: an index into [`Capture::inputs`].
    pub file: u32,
    /// The packet's number in its file, from 1.
    pub number: u64,
    /// When it was captured; none where the file does not say, or says something that does not
    /// fit 64 bits of nanoseconds.
    pub time: Option<Timestamp>,
    /// What its first octets are.
    pub link: LinkType,
    /// The captured octets.
    pub data: &'a [u8],
    /// Octets of the packet on the wire; never less than `data` has.
    pub original_length: u32,
}

/// A piece of a bare BMP stream: no packets, no times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamBytes<'a> {
    /// The input's number: an index into [`Capture::inputs`].
    pub file: u32,
    /// Octets from the start of the stream to `data`.
    pub offset: u64,
    /// The octets; where pieces are cut depends on the window.
    pub data: &'a [u8],
}

/// Octets of one router's BMP stream as a collector passed them on: the payload of one OpenBMP frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collected<'a> {
    /// The input's number: an index into [`Capture::inputs`].
    pub file: u32,
    /// The frame's number in its file, from 1.
    pub number: u64,
    /// When the collector had it; none where the frame does not say.
    pub time: Option<Timestamp>,
    /// The router's number in this file, from 0 in the order of their first frames.
    pub router_number: u32,
    /// The router's address; none where the frame does not say.
    pub router: Option<IpAddr>,
    /// Octets of this router in the frames before.
    pub offset: u64,
    /// The octets: whole BMP messages, if the collector kept to its word.
    pub data: &'a [u8],
}

/// What a capture consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A packet.
    Frame(Frame<'a>),
    /// A piece of a bare stream.
    Stream(StreamBytes<'a>),
    /// A frame of a collector.
    Collected(Collected<'a>),
}

/// How to read.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Octets to pass in one batch, about.
    pub window: usize,
    /// Is this the beginning of a bare BMP stream? Gets up to 256 KiB.
    pub probe: Probe<'a>,
}

/// Tells whether octets are the beginning of a bare BMP stream.
pub type Probe<'a> = &'a dyn Fn(&[u8]) -> bool;

impl fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Options");
        shown.field("window", &self.window).finish_non_exhaustive()
    }
}

impl Options<'_> {
    /// Octets in a window unless told otherwise.
    pub const WINDOW: usize = 32 * 1024 * 1024;
}

impl Default for Options<'_> {
    /// Windows of 32 MiB, and nothing is taken for a bare stream.
    fn default() -> Self {
        Options {
            window: Options::WINDOW,
            probe: &|_| false,
        }
    }
}

/// One input and what has been read of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Input {
    /// As the user gave it; `-` for standard input.
    pub path: String,
    /// The container.
    pub format: Format,
    /// The link types of its packets, in order of appearance.
    pub link_types: Vec<LinkType>,
    /// Octets of the file (as it lies there, compressed or not), or octets read from a pipe.
    pub bytes: u64,
    /// Packets; frames where the container has those.
    pub packets: u64,
    /// Packets of which fewer octets were captured than were on the wire.
    pub truncated_packets: u64,
    /// The earliest packet's time.
    pub first_time: Option<Timestamp>,
    /// The latest packet's time.
    pub last_time: Option<Timestamp>,
}

/// Why an input cannot be read, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenError {
    /// As the user gave it.
    pub path: String,
    /// What happened and what to do.
    pub message: String,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for OpenError {}
