//! The search for a first true message: which offsets could be headers, what each still waits for.
//!
//! Every offset is examined at most a few times, each at bounded cost: when its header is there,
//! when the first octets of its body are, and when the header behind it is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::header::{
    HEADER, Header, PEER_HEADER_END, Successor, peer_header_is_plausible, successor,
};
use super::known::KnownTypes;
use super::outlook::{Outlook, outlook};
use super::structure::{Structure, structure};

/// Octets of a message that show its per-peer header and the head of the BGP message in it.
const FIRST_LOOK: usize = 96;

/// Hypotheses about one run of octets. Offsets count octets of the stream.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Offsets below are examined.
    next: u64,
    /// (examine again when octets up to here are there, offset of the header).
    waiting: BinaryHeap<Reverse<(u64, u64)>>,
    /// A cut message that its BGP message proves: (its end, its beginning). Nothing inside it is
    /// looked at.
    committed: Option<(u64, u64)>,
    /// The run has ended and holds no further message of strong structure: not to be asked again,
    /// or many odd ones would make the search quadratic.
    is_exhausted: bool,
    /// The first octet of the run: more likely than others to begin a message.
    begin: u64,
}

/// A run of octets as the search sees it.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) bytes: &'a [u8],
    /// Offset of the first octet in the stream.
    pub(super) offset: u64,
    /// The stream's version, if known.
    pub(super) version: Option<u8>,
    /// No more octets will come.
    pub(super) is_end: bool,
    pub(super) known: &'a KnownTypes,
}

impl<'a> Run<'a> {
    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    fn from(&self, at: u64) -> &'a [u8] {
        let start = usize::try_from(at.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        self.bytes.get(start..).unwrap_or_default()
    }
}

enum Examined {
    Rejected,
    /// Look again when the message has this many octets.
    Waits(usize),
    /// Proven, but cut: it has this many octets.
    Committed(usize),
    Accepted,
}

impl Search {
    /// Begins with a new run of octets at `offset`.
    pub(super) fn begin_run(&mut self, offset: u64) {
        self.is_exhausted = false;
        self.begin = offset;
        self.restart(offset);
    }

    /// Begins anew at `offset`, in the same run.
    pub(super) fn restart(&mut self, offset: u64) {
        self.next = offset;
        self.waiting.clear();
        self.committed = None;
    }

    /// No hypothesis waits for octets.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.committed.is_none()
    }

    /// The end of the cut message that the run ends in, if its BGP message proves it.
    pub(super) fn committed_end(&self) -> Option<u64> {
        self.committed.map(|(end, _)| end)
    }

    /// The offset of the first message that is confirmed.
    pub(super) fn anchor(&mut self, run: Run<'_>) -> Option<u64> {
        if let Some((end, at)) = self.committed {
            if run.end() < end {
                return None;
            }
            self.committed = None;
            if self.examine(run, at) {
                return Some(at);
            }
        }
        if self.is_exhausted {
            return last_resort(run);
        }
        let found = self.recheck(run).or_else(|| self.scan(run));
        if found.is_some() || !run.is_end || self.committed.is_some() {
            return found;
        }
        self.is_exhausted = true;
        last_resort(run)
    }

    /// Looks again at those whose octets have come.
    fn recheck(&mut self, run: Run<'_>) -> Option<u64> {
        let mut ready = Vec::new();
        while let Some(&Reverse((need, at))) = self.waiting.peek() {
            if need > run.end() && !run.is_end {
                break;
            }
            self.waiting.pop();
            ready.push(at);
        }
        ready.sort_unstable();
        ready
            .into_iter()
            .find(|&at| self.committed.is_none() && self.examine(run, at))
    }

    /// Looks at offsets not looked at before.
    fn scan(&mut self, run: Run<'_>) -> Option<u64> {
        while self.committed.is_none() {
            let rest = run.from(self.next);
            let Some(step) = memchr::memchr2(3, 4, rest) else {
                self.next = run.end();
                return None;
            };
            let at = self.next + step as u64;
            if rest.len() - step < HEADER {
                // Its header will be there with the next octets.
                self.next = at;
                return None;
            }
            self.next = at + 1;
            if self.examine(run, at) {
                return Some(at);
            }
        }
        None
    }

    /// True = accepted.
    fn examine(&mut self, run: Run<'_>, at: u64) -> bool {
        let is_first = at == self.begin;
        match examine(run, at, is_first) {
            Examined::Accepted => return true,
            Examined::Rejected => {}
            Examined::Waits(need) => self.waiting.push(Reverse((at + need as u64, at))),
            Examined::Committed(length) => self.committed = Some((at + length as u64, at)),
        }
        false
    }
}

fn examine(run: Run<'_>, at: u64, is_first: bool) -> Examined {
    let Run { is_end, known, .. } = run;
    let bytes = run.from(at);
    let Some(header) = Header::read(bytes) else {
        return Examined::Rejected;
    };
    if !header.can_anchor(run.version, known) {
        return Examined::Rejected;
    }
    let Some((message, behind)) = bytes.split_at_checked(header.length) else {
        return examine_cut(header, bytes, is_end, known);
    };
    match (
        structure(header, message, known),
        successor(behind, run.version.unwrap_or(header.version), is_end, known),
    ) {
        // Marker, lengths and type agree: no accident, whatever follows.
        (Structure::Marked, _) => Examined::Accepted,
        (Structure::Tiled, Successor::Valid) => Examined::Accepted,
        // An Initiation, and then a corrupt header.
        (Structure::Tiled, Successor::Invalid) if is_first => Examined::Accepted,
        (Structure::Tiled, Successor::Unknown(_)) if is_end => Examined::Accepted,
        (Structure::Tiled, Successor::Unknown(need)) => Examined::Waits(header.length + need),
        _ => Examined::Rejected,
    }
}

fn examine_cut(header: Header, bytes: &[u8], is_end: bool, known: &KnownTypes) -> Examined {
    let first_look = header.length.min(FIRST_LOOK);
    match outlook(header, bytes, known) {
        Outlook::Impossible => Examined::Rejected,
        Outlook::Marked => Examined::Committed(header.length),
        Outlook::Open if is_end => Examined::Rejected,
        Outlook::Open if bytes.len() < first_look => Examined::Waits(first_look),
        Outlook::Open => Examined::Waits(header.length),
    }
}

/// A run that ended without a confirmed message may hold one with an odd body: accepted if a header
/// stands exactly behind it.
fn last_resort(run: Run<'_>) -> Option<u64> {
    let version = run.version?;
    memchr::memchr_iter(version, run.bytes)
        .find(|&at| {
            let bytes = run.bytes.get(at..).unwrap_or_default();
            is_odd_but_followed(bytes, version, run.known)
        })
        .map(|at| run.offset + at as u64)
}

fn is_odd_but_followed(bytes: &[u8], version: u8, known: &KnownTypes) -> bool {
    let Some(header) = Header::read(bytes) else {
        return false;
    };
    let Some((_, behind)) = bytes.split_at_checked(header.length) else {
        return false;
    };
    header.may_follow(version, bytes, known)
        && (header.length > PEER_HEADER_END)
        && peer_header_is_plausible(bytes)
        && successor(behind, version, true, known) == Successor::Valid
}

/// Messages that end exactly where a confirmed one begins, chained backwards: unknown types and odd
/// bodies confirm nothing, but a length that hits the confirmed header is no accident.
/// `(offset in bytes, length)`, in stream order.
pub(super) fn chained_before(
    bytes: &[u8],
    anchor: usize,
    version: u8,
    known: &KnownTypes,
) -> Vec<(usize, usize)> {
    let mut chain = Vec::new();
    let mut target = anchor;
    for at in memchr::memrchr2_iter(3, 4, bytes.get(..anchor).unwrap_or_default()) {
        let own = bytes.get(at..target).unwrap_or_default();
        let Some(header) = Header::read(own) else {
            continue;
        };
        if header.length == own.len() && header.may_follow(version, own, known) {
            chain.push((at, header.length));
            target = at;
        }
    }
    chain.reverse();
    chain
}
