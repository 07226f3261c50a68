//! Octets of a session's stream that are in no message, by cause.

use super::Extent;

/// Why octets of a stream are in no message. What is left of a message around octets that are missing has
/// their cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GapKind {
    /// A segment was not captured.
    MissingSegment,
    /// The capture begins inside a message.
    MidStreamStart,
    /// The capture's snap length cut octets off.
    Snaplen,
    /// The octets are there, but are no BMP.
    Corrupt,
    /// The capture ends inside a message.
    CaptureEnd,
    /// The connection was closed inside a message.
    StreamEnd,
}

impl GapKind {
    /// Every cause.
    pub const ALL: [GapKind; 6] = [
        GapKind::MissingSegment,
        GapKind::MidStreamStart,
        GapKind::Snaplen,
        GapKind::Corrupt,
        GapKind::CaptureEnd,
        GapKind::StreamEnd,
    ];

    /// The word in JSON, and of the finding.
    pub fn word(self) -> &'static str {
        match self {
            GapKind::MissingSegment => "missing-segment",
            GapKind::MidStreamStart => "mid-stream-start",
            GapKind::Snaplen => "snaplen",
            GapKind::Corrupt => "corrupt",
            GapKind::CaptureEnd => "capture-end",
            GapKind::StreamEnd => "stream-end",
        }
    }
}

/// The gaps of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GapTally {
    by_cause: [Extent; GapKind::ALL.len()],
}

impl GapTally {
    /// One more gap.
    pub fn add(&mut self, cause: GapKind, bytes: u64) {
        if let Some(extent) = self.by_cause.get_mut(cause as usize) {
            extent.add(bytes);
        }
    }

    /// The gaps of one cause.
    pub fn of(&self, cause: GapKind) -> Extent {
        let extent = self.by_cause.get(cause as usize);
        extent.copied().unwrap_or_default()
    }

    /// All gaps.
    pub fn total(&self) -> Extent {
        let mut total = Extent::default();
        self.by_cause.iter().for_each(|extent| total.merge(*extent));
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding;

    #[test]
    fn gaps_are_counted_by_cause_and_together() {
        let mut gaps = GapTally::default();
        GapKind::ALL.iter().for_each(|cause| gaps.add(*cause, 10));
        gaps.add(GapKind::CaptureEnd, 5);
        let extent = |count, bytes| Extent { count, bytes };
        assert_eq!(gaps.of(GapKind::Snaplen), extent(1, 10));
        assert_eq!(gaps.of(GapKind::CaptureEnd), extent(2, 15));
        assert_eq!(gaps.total(), extent(7, 65));
    }

    #[test]
    fn every_cause_is_a_kind_of_finding() {
        for cause in GapKind::ALL {
            assert!(finding::kind(cause.word()).is_some(), "{}", cause.word());
        }
    }
}
