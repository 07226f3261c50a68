//! How much of a session a capture holds: all of it, or what is missing and how much.

use super::shape::ExtentRow;
use crate::bmp::MessageType;
use crate::session::{GapKind, Session};
use crate::stream::Start;
use schemars::JsonSchema;
use serde::Serialize;

/// The quality of one session's capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct QualityRow {
    /// `complete` where the session was captured from its start and every octet of its stream is in
    /// a message that could be read.
    pub state: QualityState,
    /// Whether the capture began after the session; null where that is not known: a bare stream
    /// that begins with a whole message, but with no Initiation.
    pub starts_mid_stream: Option<bool>,
    /// Whether the stream ends inside a message.
    pub ends_cut: bool,
    /// Octets of the stream that are missing or in no message.
    pub missing_bytes: u64,
    /// The same by cause.
    pub gaps: GapsRow,
    /// Messages whose content could not be read.
    pub undecodable: ExtentRow,
}

/// Whether a session was captured completely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum QualityState {
    /// All of it.
    Complete,
    /// Something is missing or cannot be read.
    Incomplete,
}

/// Octets of a stream in no message, by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct GapsRow {
    /// A segment was not captured; what is left of messages around it included.
    pub missing_segment: ExtentRow,
    /// The end of a message that began before the capture.
    pub mid_stream_start: ExtentRow,
    /// Cut off in the capture; what is left of messages around it included.
    pub snaplen: ExtentRow,
    /// Captured, but no BMP.
    pub corrupt: ExtentRow,
    /// The beginning of a message that the capture does not end.
    pub capture_end: ExtentRow,
    /// The beginning of a message in which the connection was closed.
    pub stream_end: ExtentRow,
}

impl QualityRow {
    /// The quality of a session's capture.
    pub fn of(session: &Session) -> QualityRow {
        let total = session.gaps.total();
        let starts_mid_stream = starts_mid_stream(session);
        let is_complete =
            total.count == 0 && session.undecodable.count == 0 && starts_mid_stream != Some(true);
        QualityRow {
            state: match is_complete {
                true => QualityState::Complete,
                false => QualityState::Incomplete,
            },
            starts_mid_stream,
            ends_cut: [GapKind::CaptureEnd, GapKind::StreamEnd]
                .iter()
                .any(|kind| session.gaps.of(*kind).count > 0),
            missing_bytes: total.bytes,
            gaps: GapsRow::of(session),
            undecodable: ExtentRow::of(session.undecodable),
        }
    }
}

impl GapsRow {
    fn of(session: &Session) -> GapsRow {
        let row = |cause| ExtentRow::of(session.gaps.of(cause));
        GapsRow {
            missing_segment: row(GapKind::MissingSegment),
            mid_stream_start: row(GapKind::MidStreamStart),
            snaplen: row(GapKind::Snaplen),
            corrupt: row(GapKind::Corrupt),
            capture_end: row(GapKind::CaptureEnd),
            stream_end: row(GapKind::StreamEnd),
        }
    }

    /// Every cause that there is, with its word.
    pub fn causes(&self) -> impl Iterator<Item = (&'static str, ExtentRow)> {
        let rows = [
            (GapKind::MissingSegment, self.missing_segment),
            (GapKind::MidStreamStart, self.mid_stream_start),
            (GapKind::Snaplen, self.snaplen),
            (GapKind::Corrupt, self.corrupt),
            (GapKind::CaptureEnd, self.capture_end),
            (GapKind::StreamEnd, self.stream_end),
        ];
        let met = rows.into_iter().filter(|(_, extent)| extent.count > 0);
        met.map(|(cause, extent)| (cause.word(), extent))
    }
}

/// An Initiation is the first message of a session (RFC 7854 4.3), so a stream that begins with one
/// was captured from its start, with or without a handshake.
fn starts_mid_stream(session: &Session) -> Option<bool> {
    if session.gaps.of(GapKind::MidStreamStart).count > 0 {
        return Some(true);
    }
    if session.first_message == Some(MessageType::INITIATION) {
        return Some(false);
    }
    match session.start {
        Some(Start::MidStream) => Some(true),
        Some(Start::Handshake | Start::SynAck) => Some(false),
        Some(Start::Unknown) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(change: impl FnOnce(&mut Session)) -> QualityRow {
        let mut session = Session::new(1, None, None);
        change(&mut session);
        QualityRow::of(&session)
    }

    #[test]
    fn a_stream_from_its_handshake_without_gaps_is_complete() {
        let row = quality(|session| session.start = Some(Start::Handshake));
        assert_eq!(row.state, QualityState::Complete);
        assert_eq!(row.starts_mid_stream, Some(false));
        assert!(!row.ends_cut);
    }

    #[test]
    fn a_stream_that_begins_with_an_initiation_begins_at_its_start() {
        let row = quality(|session| {
            session.start = Some(Start::MidStream);
            session.first_message = Some(MessageType::INITIATION);
        });
        assert_eq!(row.starts_mid_stream, Some(false));
        assert_eq!(row.state, QualityState::Complete);
    }

    #[test]
    fn a_stream_without_a_handshake_lacks_its_start() {
        let row = quality(|session| {
            session.start = Some(Start::MidStream);
            session.first_message = Some(MessageType::ROUTE_MONITORING);
        });
        assert_eq!(row.starts_mid_stream, Some(true));
        assert_eq!(row.state, QualityState::Incomplete);
    }

    #[test]
    fn of_a_bare_stream_the_start_may_not_be_known() {
        let row = quality(|_| {});
        assert_eq!(row.starts_mid_stream, None);
        assert_eq!(row.state, QualityState::Complete);
    }

    #[test]
    fn what_is_missing_is_told_by_cause() {
        let row = quality(|session| {
            session.start = Some(Start::Handshake);
            session.gaps.add(GapKind::MissingSegment, 700);
            session.gaps.add(GapKind::MissingSegment, 70);
            session.gaps.add(GapKind::CaptureEnd, 7);
        });
        assert_eq!(row.state, QualityState::Incomplete);
        assert_eq!(row.missing_bytes, 777);
        assert!(row.ends_cut);
        let causes: Vec<_> = row
            .gaps
            .causes()
            .map(|(word, row)| (word, row.count))
            .collect();
        assert_eq!(causes, [("missing-segment", 2), ("capture-end", 1)]);
    }

    #[test]
    fn a_message_that_cannot_be_read_is_not_complete() {
        let row = quality(|session| session.undecodable.add(48));
        assert_eq!(row.state, QualityState::Incomplete);
        assert_eq!((row.missing_bytes, row.undecodable.bytes), (0, 48));
    }
}
