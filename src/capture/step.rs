//! One step through a container: what a walker says about the octets it stands at.
//!
//! Walkers see the rest of a window and whether more can follow. A record is only looked at: the
//! caller may leave it for later (another file's packet is earlier) and ask again.

use super::LinkType;
use super::openbmp::{Lost, OpenBmp};
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use crate::finding::Severity;
use crate::time::Timestamp;
use std::fmt;

/// The longest record that is taken for one; a longer one is a corrupt length.
pub(super) const LONGEST_RECORD: usize = 64 * 1024 * 1024;

/// The longest packet that capture tools write unless told otherwise (libpcap's MAXIMUM_SNAPLEN).
pub(super) const USUAL_SNAP_LENGTH: u32 = 262_144;

/// What is next.
#[derive(Debug)]
pub(super) enum Step {
    /// A packet, or a piece of a bare stream.
    Record(Record),
    /// So many octets that hold no packet.
    Skip(usize, Option<Oddity>),
    /// So many octets: a whole record, counted, that holds nothing to hand on.
    PassOver(usize, Oddity),
    /// So many octets up to the next record, where no record could be read; earlier steps may have
    /// skipped others.
    Lost(usize, Lost),
    /// The next record cannot be told from what is here: at least so many octets are needed.
    More(usize),
    /// The input ends inside a header or a block without a packet.
    CutShort,
    /// The record cannot be believed, and neither can what follows. Says why.
    Corrupt(String),
    /// The input ends here, as it should.
    End,
}

/// A packet's place in the octets that the walker was shown.
#[derive(Debug)]
pub(super) struct Record {
    /// Octets from here to the next record.
    pub(super) length: usize,
    /// Octets from here to the packet's first.
    pub(super) data: usize,
    /// Octets of the packet that are here.
    pub(super) captured: usize,
    /// Octets of the packet on the wire.
    pub(super) original: u32,
    pub(super) time: Option<Timestamp>,
    pub(super) link: LinkType,
    pub(super) oddity: Option<Oddity>,
}

/// Something odd about a record that can be read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Oddity {
    /// The input ends inside the record: octets that are here, octets that it should have.
    CutShort(u64, u64),
    /// The fraction of the time is a second or more.
    TimeCarried(u32),
    /// No Interface Description Block with this number in its section.
    UnknownInterface(u32),
    /// The captured length leaves its block: octets promised, octets there.
    PastBlock(u64, u64),
    /// The two lengths of a block differ: header's, trailer's.
    BlockLengths(u32, u32),
    /// An Interface Description Block whose options cannot be read.
    InterfaceOptions,
    /// A block type that no specification known here has.
    UnknownBlock(u32),
    /// An OpenBMP frame that holds something else than BMP: its Object Type.
    OtherObject(u8),
}

impl Oddity {
    /// The finding's word and severity.
    pub(super) fn kind(self) -> (&'static str, Severity) {
        match self {
            Oddity::CutShort(..) => ("capture-cut-short", Severity::Warning),
            Oddity::TimeCarried(_) => ("capture-time-carried", Severity::Note),
            Oddity::UnknownInterface(_) => ("capture-unknown-interface", Severity::Warning),
            Oddity::PastBlock(..) => ("capture-corrupt-block", Severity::Warning),
            Oddity::BlockLengths(..) => ("capture-corrupt-block", Severity::Warning),
            Oddity::InterfaceOptions => ("capture-corrupt-block", Severity::Warning),
            Oddity::UnknownBlock(_) => ("capture-unknown-block", Severity::Note),
            Oddity::OtherObject(_) => ("capture-other-object", Severity::Note),
        }
    }
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Oddity::CutShort(here, whole) => write!(
                f,
                "the file ends inside this record: {here} of its {whole} octets are there"
            ),
            Oddity::TimeCarried(fraction) => write!(
                f,
                "the fraction of the time, {fraction}, is a second or more; carried over"
            ),
            Oddity::UnknownInterface(number) => write!(
                f,
                "no Interface Description Block {number} in its section; link type and time unknown"
            ),
            Oddity::PastBlock(promised, there) => write!(
                f,
                "Captured Packet Length is {promised}, but its block holds {there} octets"
            ),
            Oddity::BlockLengths(header, trailer) => write!(
                f,
                "Block Total Length is {header} before and {trailer} after the block"
            ),
            Oddity::InterfaceOptions => {
                write!(
                    f,
                    "the options of an Interface Description Block cannot be read"
                )
            }
            Oddity::UnknownBlock(number) => write!(f, "block type {number:#010x} is not known"),
            Oddity::OtherObject(number) => write!(
                f,
                "Object Type {number} is not BMP_RAW (12); the frame is passed over"
            ),
        }
    }
}

/// The container's reader.
#[derive(Debug)]
pub(super) enum Walker {
    Pcap(Pcap),
    Pcapng(Pcapng),
    OpenBmp(OpenBmp),
    /// A bare stream: every octet belongs to it.
    Bare,
}

impl Walker {
    /// Link types that are known before the first packet.
    pub(super) fn link_types(&self) -> Vec<LinkType> {
        match self {
            Walker::Pcap(pcap) => vec![pcap.link],
            Walker::Pcapng(_) | Walker::OpenBmp(_) | Walker::Bare => Vec::new(),
        }
    }

    /// What is next in `bytes`; `last` says that nothing follows them.
    #[inline]
    pub(super) fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        match self {
            Walker::Pcap(pcap) => pcap.step(bytes, last),
            Walker::Pcapng(pcapng) => pcapng.step(bytes, last),
            Walker::OpenBmp(openbmp) => openbmp.step(bytes, last),
            Walker::Bare => bare(bytes, last),
        }
    }
}

fn bare(bytes: &[u8], last: bool) -> Step {
    if bytes.is_empty() {
        return if last { Step::End } else { Step::More(1) };
    }
    Step::Record(Record {
        length: bytes.len(),
        data: 0,
        captured: bytes.len(),
        original: 0,
        time: None,
        link: LinkType::UNKNOWN,
        oddity: None,
    })
}
