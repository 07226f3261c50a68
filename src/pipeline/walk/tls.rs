//! Streams that go through decryption first: plaintext takes the place of what was captured, and
//! offsets are then those of the plaintext.

use super::Table;
use super::receiver::{Receiver, gap_kind};
use crate::finding::{Finding, Place};
use crate::pipeline::batch::{Gap, GapKind};
use crate::stream::{self, Connection, DirectionId, GapCause, Moment};
use crate::tls::{Closed, Decryption, Lost, Outcome, Output, Why};

impl Receiver<'_> {
    /// Hands something to decryption, which hands on what comes of it.
    #[cold]
    pub(super) fn decrypt<T>(
        &mut self,
        act: impl FnOnce(&mut Decryption, &mut Self) -> T,
    ) -> Option<T> {
        let mut decryption = self.table.decryption.take()?;
        let done = act(&mut decryption, self);
        self.table.decryption = Some(decryption);
        Some(done)
    }
}

impl Output for Receiver<'_> {
    fn raw(&mut self, direction: DirectionId, offset: u64, octets: &[u8], moment: Moment) {
        let slot = self.table.slot(direction, octets);
        self.push(slot, offset, octets, moment);
    }

    fn raw_gap(&mut self, direction: DirectionId, gap: stream::Gap) {
        let told = Gap {
            kind: gap_kind(gap.cause),
            length: gap.length,
            until: gap.after,
        };
        self.missing(direction, gap.offset, told, gap.before);
    }

    fn plain(&mut self, direction: DirectionId, offset: u64, octets: &[u8], moment: Moment) {
        let slot = self.table.slot(direction, octets);
        self.table.streams.look_inside(slot, octets);
        self.push(slot, offset, octets, moment);
    }

    fn lost(&mut self, direction: DirectionId, lost: Lost) {
        let told = Gap {
            kind: match lost.why {
                Why::Gap(cause) => gap_kind(cause),
                Why::Damaged => GapKind::Corrupt,
            },
            length: lost.length,
            until: lost.after,
        };
        if lost.why != Why::Gap(GapCause::CaptureEnd) {
            return self.missing(direction, lost.offset, told, lost.before);
        }
        // What is half a message before it is so for the same reason.
        let slot = self.table.slot(direction, &[]);
        self.deliver(slot, lost.before, |framer, sink| {
            framer.finish(sink);
            sink.at(sink.now);
            let kind = sink.end;
            sink.skip(lost.offset, Gap { kind, ..told });
        });
    }
}

impl Table {
    /// Tells what became of a TLS connection.
    pub(super) fn tell_tls(
        &mut self,
        ends: &Connection,
        sessions: [Option<u32>; 2],
        closed: &Closed,
    ) {
        *self.tls.entry(closed.outcome).or_default() += 1;
        for (problem, count) in closed.problems.iter() {
            let mut message = problem.message.to_owned();
            if problem.octets > 0 {
                message = format!("{message} ({} octets)", problem.octets);
            }
            let session = sessions.get(problem.direction.side()).copied().flatten();
            let place = Place {
                session,
                stream_offset: Some(problem.offset),
                ..self.place(problem.moment)
            };
            let finding = Finding::new(problem.kind, message, place);
            self.findings.add_many(finding, *count);
        }
        if let Some(reason) = closed.outcome.reason() {
            let what = closed.outcome.what().unwrap_or_else(|| "TLS".to_owned());
            let (from, to) = (ends.initiator, ends.responder);
            let message = format!("{what} from {from} to {to}: {reason}");
            let finding = Finding::new("tls-not-decrypted", message, self.place(ends.first));
            self.findings.add(finding);
        }
    }

    fn place(&self, moment: Moment) -> Place {
        Place {
            file: self.path(moment.file),
            packet: moment.packet_number(),
            time: moment.time,
            ..Place::default()
        }
    }
}

/// Whether a connection's sessions were read by decrypting it.
pub(super) fn is_decrypted(closed: Option<&Closed>) -> bool {
    closed.is_some_and(|closed| closed.outcome == Outcome::Decrypted)
}
