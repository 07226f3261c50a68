//! The counting query: routes by peer, view and family, and messages that cannot be read. Nothing
//! is allocated per message.

use super::batch::{Chunk, GapKind, Item, Located, PeerView};
use super::reading::{self, Deviation, ViewId};
use super::run::{Query, Run};
use crate::bgp::{Context, RouteCounts, update};
use crate::bmp::parameters::RouterParameters;
use crate::bmp::rpki::Problem;
use crate::bmp::{
    CommonHeader, Initiation, Message, MessageType, PeerHeader, Rib, RouteMonitoring,
};
use crate::finding::{Finding, FindingLog};
use crate::session::{Extent, RouteTally};
use crate::wire::{CodePoints, DecodeError};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

/// Counts of a run; see [`Count::add_to`].
#[derive(Debug, Default)]
pub struct Count {
    views: HashMap<ViewId, RouteTally, foldhash::fast::RandomState>,
    undecodable: HashMap<u32, Extent, foldhash::fast::RandomState>,
    findings: FindingLog,
    code_points: Arc<CodePoints>,
}

/// What one chunk counted.
#[derive(Debug, Default)]
pub struct CountPart {
    views: Vec<(ViewId, RouteTally)>,
    undecodable: Vec<(u32, Extent)>,
    findings: FindingLog,
}

impl Query for Count {
    type Part = CountPart;

    fn decode(&self, chunk: Chunk<'_>) -> CountPart {
        let mut counter = Counter {
            part: CountPart::default(),
            index: HashMap::default(),
            last: None,
            code_points: &self.code_points,
        };
        chunk.items().for_each(|located| counter.item(located));
        counter.part
    }

    fn merge(&mut self, part: CountPart) -> io::Result<()> {
        for (id, view) in part.views {
            self.views.entry(id).or_default().merge(&view);
        }
        for (session, extent) in part.undecodable {
            self.undecodable.entry(session).or_default().merge(extent);
        }
        self.findings.merge(part.findings);
        Ok(())
    }
}

impl Count {
    /// Counts where code points have these numbers.
    pub fn new(code_points: Arc<CodePoints>) -> Count {
        Count {
            code_points,
            ..Count::default()
        }
    }

    /// Writes the counts into the sessions of the run that made them.
    pub fn add_to(self, run: &mut Run) {
        run.findings.merge(self.findings);
        let mut views: Vec<_> = self.views.into_iter().collect();
        views.sort_unstable_by_key(|(id, _)| *id);
        for (id, view) in views {
            // Sessions are in the order of their numbers.
            let place = run
                .sessions
                .binary_search_by_key(&id.session, |session| session.id);
            let session = place.ok().and_then(|place| run.sessions.get_mut(place));
            let Some(session) = session else { continue };
            if let Some(peer) = session.peers.get_mut(id.peer as usize) {
                peer.routes.merge(&view);
            }
        }
        for session in &mut run.sessions {
            let extent = self.undecodable.get(&session.id).copied();
            session.undecodable.merge(extent.unwrap_or_default());
        }
    }
}

/// Counts one chunk. The view of the last message is at hand: most messages come in runs of one.
#[derive(Debug)]
struct Counter<'a> {
    part: CountPart,
    index: HashMap<ViewId, usize, foldhash::fast::RandomState>,
    last: Option<(ViewId, usize)>,
    code_points: &'a CodePoints,
}

impl Counter<'_> {
    #[inline(always)]
    fn item(&mut self, located: Located<'_>) {
        if let Item::Message(bytes) = located.item
            && self.plain(&located, bytes).is_some()
        {
            return;
        }
        self.any(located);
    }

    /// Counts what nearly all messages are: routes of version 3, written as their Peer Up says. None:
    /// it is another one, and nothing was counted.
    #[inline(always)]
    fn plain(&mut self, located: &Located<'_>, bytes: &[u8]) -> Option<()> {
        let (header, update) = RouteMonitoring::plain(bytes)?;
        let peer = located.peer()?;
        if !located.deviation().is_none() {
            return None;
        }
        let counts = update::count(update, peer.contexts.of(&header)).ok()?;
        self.add(view_of(located, peer, header.rib()), &counts);
        Some(())
    }

    // Where it stands comes by value: for most items that need not be put together in memory.
    #[inline(never)]
    fn any(&mut self, located: Located<'_>) {
        match located.item {
            Item::Message(bytes) => {
                if let Err(error) = self.message(&located, bytes) {
                    self.undecodable(&located, bytes, error);
                }
            }
            Item::Gap(gap) => self.gap(&located, gap.kind, gap.length),
        }
    }

    fn message(&mut self, located: &Located<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let header = CommonHeader::read(bytes)?;
        if header.message_type == MessageType::ROUTE_MONITORING {
            return self.route_monitoring(located, bytes);
        }
        self.other(located, bytes)
    }

    /// A message of another type than nearly all are.
    fn other(&mut self, located: &Located<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let session = located.session();
        let message = Message::decode_with(bytes, session.numbering, &session.code_points)?;
        if let Message::Initiation(initiation) = &message {
            self.initiation(located, initiation);
        }
        self.rpki(located, &message);
        reading::check(&message)
    }

    /// What is odd in a message about RPKI.
    fn rpki(&mut self, located: &Located<'_>, message: &Message<'_>) {
        Problem::all(message, &mut |problem| {
            let mut place = located.place(problem.offset);
            let header = message.rpki_header();
            let address = header.and_then(PeerHeader::address);
            place.peer = address.map(|address| address.to_string());
            let finding = Finding::new(problem.kind.word(), problem.kind.to_string(), place);
            self.part.findings.add(finding);
        });
    }

    /// What is odd about what a router says of its BGP.
    #[cold]
    fn initiation(&mut self, located: &Located<'_>, initiation: &Initiation<'_>) {
        let parameters = RouterParameters::of(initiation, self.code_points);
        for oddity in parameters.oddities() {
            let place = located.place(oddity.offset);
            let finding = Finding::new(oddity.kind, oddity.message, place);
            self.part.findings.add(finding);
        }
    }

    /// An UPDATE that is not written as the Peer Up says, or cannot be read so, or is not alone in its
    /// message.
    fn route_monitoring(&mut self, located: &Located<'_>, bytes: &[u8]) -> Result<(), DecodeError> {
        let message = RouteMonitoring::decode_as(bytes, located.session().numbering)?;
        let Some(peer) = located.peer() else {
            return Ok(());
        };
        let (declared, _) = peer.declared(&message);
        let context = located.deviation().apply(&declared, message.update);
        let counts = match update::count(message.update, &context) {
            Ok(counts) => counts,
            Err(error) if peer.assumed.add_path.is_some() => {
                return Err(error.inside(message.update_offset));
            }
            Err(error) => self
                .alone(located, &message, &context)
                .ok_or_else(|| error.inside(message.update_offset))?,
        };
        self.add(view_of(located, peer, message.header.rib()), &counts);
        Ok(())
    }

    /// An UPDATE of a view in which nothing was doubtful, but that may read otherwise than declared.
    #[cold]
    fn alone(
        &mut self,
        located: &Located<'_>,
        message: &RouteMonitoring<'_>,
        declared: &Context,
    ) -> Option<RouteCounts> {
        let deviation = Deviation::of_one(message.update, declared);
        let context = deviation.apply(declared, message.update);
        let counts = update::count(message.update, &context).ok()?;
        let mut place = located.place(None);
        place.peer = message.header.address().map(|address| address.to_string());
        place.rib = Some(message.header.rib().word());
        let text = "routes read only with path identifiers, which were not negotiated; read so";
        let finding = Finding::new("add-path-not-negotiated", text.to_owned(), place);
        self.part.findings.add(finding);
        Some(counts)
    }

    #[inline(always)]
    fn add(&mut self, id: ViewId, counts: &RouteCounts) {
        if let Some(routes) = self.routes(id) {
            add(routes, id.rib, counts);
        }
    }

    #[inline(always)]
    fn routes(&mut self, id: ViewId) -> Option<&mut RouteTally> {
        let at = match self.last {
            Some((last, at)) if last == id => at,
            _ => self.find_or_add(id),
        };
        self.part.views.get_mut(at).map(|row| &mut row.1)
    }

    #[inline(never)]
    fn find_or_add(&mut self, id: ViewId) -> usize {
        let next = self.part.views.len();
        let at = *self.index.entry(id).or_insert(next);
        if at == next {
            self.part.views.push((id, RouteTally::default()));
        }
        self.last = Some((id, at));
        at
    }

    #[cold]
    fn undecodable(&mut self, located: &Located<'_>, bytes: &[u8], error: DecodeError) {
        let session = located.session().id;
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
        self.part.findings.add(unreadable(located, bytes, error).1);
    }

    #[cold]
    fn gap(&mut self, located: &Located<'_>, kind: GapKind, length: u64) {
        let what = match kind {
            GapKind::MissingSegment => "are missing, or are what is left of a message around them",
            GapKind::MidStreamStart => "are the end of a message that began before the capture",
            GapKind::Snaplen => {
                "were cut off in the capture (by its snapshot length, or the end of the file), or are what \
                 is left of a message around them"
            }
            GapKind::Corrupt => "were captured, but are no BMP messages",
            GapKind::CaptureEnd => "are the beginning of a message that the capture does not end",
            GapKind::StreamEnd => "are the beginning of a message that the sender did not end",
        };
        let message = format!("{length} octets of the stream {what}");
        let finding = Finding::new(kind.word(), message, located.place(None));
        self.part.findings.add(finding.of_octets(length));
    }
}

fn view_of(located: &Located<'_>, peer: &PeerView, rib: Rib) -> ViewId {
    ViewId {
        session: located.session().id,
        peer: peer.index,
        rib,
    }
}

#[inline(always)]
fn add(routes: &mut RouteTally, rib: Rib, counts: &RouteCounts) {
    for count in counts.families() {
        routes.count(rib, count.family, |row| {
            row.announced += u64::from(count.announced);
            row.withdrawn += u64::from(count.withdrawn);
        });
    }
    if let Some(family) = counts.end_of_rib {
        routes.count(rib, family, |row| row.end_of_rib += 1);
    }
}

/// A message that cannot be read: how much it is, and the finding about it.
#[cold]
fn unreadable(located: &Located<'_>, bytes: &[u8], error: DecodeError) -> (u64, Finding) {
    let mut place = located.place(Some(error.offset));
    let header = located.peer().and_then(|_| PeerHeader::peek(bytes));
    place.peer = header
        .and_then(|header| header.address())
        .map(|address| address.to_string());
    let finding = Finding::new("undecodable-message", error.to_string(), place);
    (bytes.len() as u64, finding)
}
