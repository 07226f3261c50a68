//! The first octets of a direction, until it is known whether it is TLS.

use super::record::{begins_with_hello, begins_with_later_record};
use crate::stream::{Gap, Moment};

/// What a direction begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// Too few octets to tell.
    Unknown,
    /// A hello.
    Hello,
    /// A record that only follows hellos.
    Later,
    /// No TLS.
    Other,
}

/// The first octets of a direction.
#[derive(Debug, Default)]
pub(super) struct Probe {
    /// What was missing before them.
    pub(super) gap: Option<Gap>,
    /// Where they stand in the TCP stream.
    offset: u64,
    octets: Vec<u8>,
    /// Where the octets of each segment end, and the segment.
    ends: Vec<(usize, Moment)>,
}

/// Octets kept of a direction that begins like later records while the other one's hello may come. A
/// direction without its SYN is only delivered once there are 64 segments of it, or at the end.
const MOST: usize = 1 << 20;

impl Probe {
    /// The next octets.
    pub(super) fn add(&mut self, offset: u64, octets: &[u8], moment: Moment) {
        if self.octets.is_empty() {
            self.offset = offset;
        }
        self.octets.extend_from_slice(octets);
        self.ends.push((self.octets.len(), moment));
    }

    /// Octets are missing. False: what is there cannot be put together with what follows.
    pub(super) fn add_gap(&mut self, gap: Gap) -> bool {
        let is_first = self.octets.is_empty() && self.gap.is_none();
        if is_first {
            self.gap = Some(gap);
        }
        is_first
    }

    /// What it begins with.
    pub(super) fn beginning(&self) -> Beginning {
        match begins_with_hello(&self.octets) {
            None => Beginning::Unknown,
            Some(true) => Beginning::Hello,
            Some(false) => match begins_with_later_record(&self.octets) {
                None => Beginning::Unknown,
                Some(true) => Beginning::Later,
                Some(false) => Beginning::Other,
            },
        }
    }

    /// Octets held.
    pub(super) fn held(&self) -> usize {
        self.octets.len() + self.ends.len() * size_of::<(usize, Moment)>()
    }

    /// More is held than should be.
    pub(super) fn is_full(&self) -> bool {
        self.held() > MOST
    }

    /// The octets of each segment, and where they stand in the TCP stream.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (u64, &[u8], Moment)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|end| end.0));
        starts.zip(&self.ends).map(|(start, (end, moment))| {
            let octets = self.octets.get(start..*end).unwrap_or_default();
            (self.offset.saturating_add(start as u64), octets, *moment)
        })
    }
}
