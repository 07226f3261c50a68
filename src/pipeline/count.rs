//! The counting query: routes by peer, view and family, and messages that cannot be read. Nothing
//! is allocated per message.

use super::batch::{Chunk, GapKind, Item, Located};
use super::run::{Query, Run};
use crate::bgp::{Open, update};
use crate::bmp::{CommonHeader, Message, MessageType, PeerHeader, Rib, RouteMonitoring};
use crate::finding::{Finding, FindingLog, Severity};
use crate::session::{Extent, RouteTally};
use crate::wire::{Cursor, DecodeError};
use std::collections::HashMap;
use std::io;

/// Counts of a run; see [`Count::add_to`].
#[derive(Debug, Default)]
pub struct Count {
    routes: HashMap<PeerId, RouteTally, foldhash::fast::RandomState>,
    undecodable: HashMap<u32, Extent, foldhash::fast::RandomState>,
    findings: FindingLog,
}

/// A session's number and the index of one of its peers.
type PeerId = (u32, u32);

/// What one chunk counted.
#[derive(Debug, Default)]
pub struct CountPart {
    rows: Vec<(PeerId, RouteTally)>,
    undecodable: Vec<(u32, Extent)>,
    findings: FindingLog,
}

impl Query for Count {
    type Part = CountPart;

    fn decode(&self, chunk: Chunk<'_>) -> CountPart {
        let mut counter = Counter::default();
        chunk.items().for_each(|located| counter.item(&located));
        counter.part
    }

    fn merge(&mut self, part: CountPart) -> io::Result<()> {
        for (peer, tally) in part.rows {
            self.routes.entry(peer).or_default().merge(&tally);
        }
        for (session, extent) in part.undecodable {
            self.undecodable.entry(session).or_default().merge(extent);
        }
        self.findings.merge(part.findings);
        Ok(())
    }
}

impl Count {
    /// Writes the counts into the sessions of the run that made them.
    pub fn add_to(self, run: &mut Run) {
        for session in &mut run.sessions {
            if let Some(extent) = self.undecodable.get(&session.id) {
                session.undecodable.merge(*extent);
            }
            for (index, peer) in session.peers.iter_mut().enumerate() {
                let id = (session.id, u32::try_from(index).unwrap_or(u32::MAX));
                if let Some(tally) = self.routes.get(&id) {
                    peer.routes.merge(tally);
                }
            }
        }
        run.findings.merge(self.findings);
    }
}

/// Counts one chunk. The peer of the last message is at hand: most messages come in runs of one.
#[derive(Debug, Default)]
struct Counter {
    part: CountPart,
    rows: HashMap<PeerId, usize, foldhash::fast::RandomState>,
    last: Option<(PeerId, usize)>,
}

impl Counter {
    #[inline]
    fn item(&mut self, located: &Located<'_>) {
        match located.item {
            Item::Message(bytes) => {
                if let Err(error) = self.message(located, bytes) {
                    self.undecodable(located, bytes, error);
                }
            }
            Item::Gap(gap) => self.gap(located, gap.kind, gap.length),
        }
    }

    #[inline]
    fn message(&mut self, located: &Located<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let header = CommonHeader::read(bytes)?;
        if header.message_type == MessageType::ROUTE_MONITORING {
            return self.route_monitoring(located, &RouteMonitoring::decode(bytes)?);
        }
        check(bytes)
    }

    #[inline]
    fn route_monitoring(
        &mut self,
        located: &Located<'_>,
        message: &RouteMonitoring<'_>,
    ) -> Result<(), DecodeError> {
        let Some(peer) = located.peer else {
            return Ok(());
        };
        let context = peer.contexts.of(&message.header);
        let counts = update::count(message.update, context)?;
        let tally = self.tally((located.session.id, peer.index));
        add(tally, &message.header, &counts);
        Ok(())
    }

    #[inline]
    fn tally(&mut self, peer: PeerId) -> &mut RouteTally {
        let at = match self.last {
            Some((last, at)) if last == peer => at,
            _ => self.find_or_add(peer),
        };
        self.last = Some((peer, at));
        match self.part.rows.get_mut(at) {
            Some(row) => &mut row.1,
            None => unreachable!("a row that was just found or added"),
        }
    }

    fn find_or_add(&mut self, peer: PeerId) -> usize {
        let next = self.part.rows.len();
        let at = *self.rows.entry(peer).or_insert(next);
        if at == next {
            self.part.rows.push((peer, RouteTally::default()));
        }
        at
    }

    #[cold]
    fn undecodable(&mut self, located: &Located<'_>, bytes: &[u8], error: DecodeError) {
        let session = located.session.id;
        let mut extent = Extent::default();
        extent.add(bytes.len() as u64);
        match self
            .part
            .undecodable
            .iter_mut()
            .find(|row| row.0 == session)
        {
            Some(row) => row.1.merge(extent),
            None => self.part.undecodable.push((session, extent)),
        }
        self.part.findings.add(Finding {
            severity: Severity::Error,
            kind: "undecodable-message",
            message: error.to_string(),
            reference: "RFC 7854 4",
            place: located.place(Some(error.offset)),
        });
    }

    #[cold]
    fn gap(&mut self, located: &Located<'_>, kind: GapKind, length: u64) {
        self.part.findings.add(Finding {
            severity: Severity::Warning,
            kind: kind.word(),
            message: format!(
                "{length} octets of the stream are in no message ({})",
                kind.word()
            ),
            reference: "RFC 9293 3.4",
            place: located.place(None),
        });
    }
}

fn add(tally: &mut RouteTally, header: &PeerHeader, counts: &update::RouteCounts) {
    let rib: Rib = header.rib();
    for count in counts.families() {
        let row = tally.row(rib, count.family);
        row.announced += u64::from(count.announced);
        row.withdrawn += u64::from(count.withdrawn);
    }
    if let Some(family) = counts.end_of_rib {
        tally.row(rib, family).end_of_rib += 1;
    }
}

/// Decodes a message of any other type, to know whether it can be.
fn check(bytes: &[u8]) -> Result<(), DecodeError> {
    match Message::decode(bytes)? {
        Message::PeerUp(up) => open(up.sent_open).and(open(up.received_open)).map(drop),
        _ => Ok(()),
    }
}

fn open(pdu: &[u8]) -> Result<Open, DecodeError> {
    Open::decode(&mut Cursor::new(pdu))
}
