//! The end of a connection: what becomes of the sessions that it carried.

use super::Table;
use super::streams::Stream;
use crate::auth::watch::Content;
use crate::finding::{Finding, Place};
use crate::pipeline::seen::{Inside, TcpContent};
use crate::session::Protection;
use crate::stream::{Connection, Side, StreamFinding};
use std::sync::Arc;

impl Table {
    /// Notes how the session of a stream ended, and tells its number; none if it was no BMP session.
    pub(super) fn close_session(
        &mut self,
        stream: &Stream,
        ends: &Connection,
        side: usize,
        is_decrypted: bool,
    ) -> Option<u32> {
        let live = self.sessions.get_mut(stream.session? as usize)?;
        live.finish();
        live.session.close = ends.close;
        live.session.start = ends.sides.get(side).map(|facts| facts.start);
        live.session.protection = protection(&ends.sides, is_decrypted);
        for (finding, count) in &stream.findings {
            let finding = stream_finding(finding, live.session.id, &self.paths);
            self.findings.add_many(finding, *count);
        }
        Some(live.session.id)
    }
}

/// A stream's oddity as a finding of its session.
fn stream_finding(finding: &StreamFinding, session: u32, paths: &[Arc<str>]) -> Finding {
    let path = paths.get(finding.moment.file as usize);
    Finding {
        severity: finding.kind.severity(),
        kind: finding.kind.word(),
        message: finding.to_string(),
        reference: finding.kind.reference(),
        place: Place {
            session: Some(session),
            file: path.map(|path| path.to_string()),
            packet: finding.moment.packet_number(),
            stream_offset: finding.offset,
            time: finding.moment.time,
            ..Place::default()
        },
        subject: String::new(),
        octets: Some(finding.length).filter(|length| *length > 0),
    }
}

/// What a connection carries, for whoever watches.
pub(super) fn watched_content(content: TcpContent) -> Content {
    match content {
        TcpContent::Empty | TcpContent::NotCaptured => Content::Nothing,
        TcpContent::Bgp | TcpContent::Decrypted(Inside::Bgp) => Content::Bgp,
        TcpContent::Tls | TcpContent::Unknown | TcpContent::Decrypted(_) => Content::Unknown,
    }
}

/// By the segments of both directions, but the RSTs of an end that has lost its keys, and whether they
/// were decrypted.
fn protection(sides: &[Side; 2], is_decrypted: bool) -> Protection {
    let sum = |count: fn(&Side) -> u64| sides.iter().map(count).sum::<u64>();
    let segments = sum(|side| side.segments.saturating_sub(u64::from(side.ignored_syns)));
    let signable = segments.saturating_sub(sum(|side| u64::from(side.unsigned_resets)));
    let ao = sum(|side| u64::from(side.ao_segments));
    let md5 = sum(|side| u64::from(side.md5_segments));
    let ah = sum(|side| u64::from(side.ah_segments));
    match (ao, md5, ah) {
        (0, 0, 0) if is_decrypted => Protection::Tls,
        (0, 0, 0) => Protection::None,
        _ if is_decrypted => Protection::Mixed,
        (ao, 0, 0) if ao == signable => Protection::TcpAo,
        (0, md5, 0) if md5 == signable => Protection::TcpMd5,
        (0, 0, ah) if ah == segments => Protection::IpsecAh,
        _ => Protection::Mixed,
    }
}
