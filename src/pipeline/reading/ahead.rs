//! Looks ahead before UPDATEs are decoded. Senders do not do what their Peer Ups say: with ADD-PATH
//! negotiated some write path identifiers in one view and not in another. An UPDATE that reads both ways
//! waits until others of its view have told, or until the bound is reached.
//!
//! All that is decided depends on the order of messages alone, not on windows or threads.

use super::evidence::{Evidence, Spot, StreamId, ViewReport, Width, points};
use super::{Deviation, ViewId};
use crate::bgp::signs::{self, Leaning, Signs};
use crate::bmp::{MessageType, Rib, RouteMonitoring};
use crate::capture::Window;
use crate::finding::FindingLog;
use crate::pipeline::batch::{Batch, Chunk, Item, Located};
use crate::pipeline::run::Look;
use crate::session::Session;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// Messages of all sessions that an UPDATE waits for.
const MESSAGES: u64 = 16 * 1024;

/// Octets of messages that an UPDATE waits for.
const OCTETS: u64 = 64 << 20;

/// Points of other views of a session, of the same kind, that stand in for a view's own.
const NEIGHBOURS: i32 = 16;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What one message says that is not simply as declared.
struct Remark {
    /// Index in the batch.
    entry: u32,
    view: ViewId,
    negotiation: u32,
    /// The AS numbers are declared to have four octets.
    four_octet_as: bool,
    /// Whether path identifiers are declared, for each family of the signs.
    declared: [bool; 2],
    signs: Signs,
}

/// What the messages of a batch say, in order.
#[derive(Default)]
pub(in crate::pipeline) struct Remarks {
    list: Vec<Remark>,
}

/// An UPDATE that reads both ways.
struct Waiting {
    stream: usize,
    /// Messages and octets before it.
    messages: u64,
    octets: u64,
}

/// What is known of a stream of NLRI, and which UPDATEs wait for more.
struct Stream {
    id: StreamId,
    evidence: Evidence,
    /// Batch, index in it, bit of the deviation.
    waiting: VecDeque<(u64, u32, Deviation)>,
}

/// A batch that is not decoded yet.
struct Held {
    batch: Batch,
    /// UPDATEs in it that wait.
    waiting: usize,
}

/// Holds batches back until it is known how their UPDATEs read.
#[derive(Default)]
pub(in crate::pipeline) struct Ahead {
    streams: Vec<Stream>,
    index: Map<StreamId, usize>,
    /// Points by session and kind of view.
    neighbours: Map<(u32, Rib), i32>,
    /// UPDATEs with AS numbers of another width, by view.
    widths: BTreeMap<ViewId, Width>,
    waiting: VecDeque<Waiting>,
    held: VecDeque<Held>,
    /// Number of the first batch held.
    first: u64,
    messages: u64,
    octets: u64,
}

/// Looks at the UPDATEs of a batch, in parallel.
pub(in crate::pipeline) fn remark(batch: &Batch, files: &[Arc<str>], look: Look) -> Remarks {
    if !is_worth_looking(batch, look) {
        return Remarks::default();
    }
    let parts: Vec<Vec<Remark>> = batch
        .chunks(files)
        .into_par_iter()
        .map(|chunk| remarks_of(chunk, look))
        .collect();
    Remarks {
        list: parts.into_iter().flatten().collect(),
    }
}

/// Counting looks only where something is doubtful: where path identifiers were negotiated, or no Peer
/// Up was captured.
fn is_worth_looking(batch: &Batch, look: Look) -> bool {
    look == Look::Everywhere || batch.peers.iter().any(|peer| peer.is_doubtful)
}

fn remarks_of(chunk: Chunk<'_>, look: Look) -> Vec<Remark> {
    let numbered = chunk.numbered();
    numbered
        .filter_map(|(entry, located)| remark_on(entry, &located, look))
        .collect()
}

fn remark_on(entry: u32, located: &Located<'_>, look: Look) -> Option<Remark> {
    let Item::Message(bytes) = located.item else {
        return None;
    };
    let peer = located.peer()?;
    if look == Look::WhereDoubtful && !peer.is_doubtful {
        return None;
    }
    if bytes.get(5) != Some(&MessageType::ROUTE_MONITORING.0) {
        return None;
    }
    let message = RouteMonitoring::decode_as(bytes, located.session().numbering).ok()?;
    let (declared, _) = peer.declared(&message);
    let mut signs = signs::signs(message.update, &declared)?;
    if peer.assumed.add_path.is_some() {
        signs.families = [None, None];
    }
    if peer.assumed.two_octet_as {
        signs.four_octet_as = None;
    }
    let says_nothing = signs
        .families
        .iter()
        .flatten()
        .all(|one| one.leaning.is_none());
    let is_other_width = signs
        .four_octet_as
        .is_some_and(|four| four != declared.four_octet_as);
    if says_nothing && !is_other_width {
        return None;
    }
    let has_ids = |slot: usize| {
        let sign = signs.families.get(slot).copied().flatten();
        sign.is_some_and(|sign| declared.add_path.contains(sign.family))
    };
    Some(Remark {
        entry,
        view: ViewId {
            session: located.session().id,
            peer: peer.index,
            rib: message.header.rib(),
        },
        negotiation: peer.negotiation,
        four_octet_as: declared.four_octet_as,
        declared: [has_ids(0), has_ids(1)],
        signs,
    })
}

impl Ahead {
    /// Takes a batch and what its UPDATEs say. Decides what can be decided.
    pub(in crate::pipeline) fn take(&mut self, batch: Batch, remarks: Remarks) {
        let number = self.first + self.held.len() as u64;
        // Where nothing waits or begins to, how far it is does not matter.
        let lengths = match remarks.list.is_empty() && self.waiting.is_empty() {
            true => Vec::new(),
            false => batch.lengths(),
        };
        self.held.push_back(Held { batch, waiting: 0 });
        let mut lengths = lengths.into_iter().zip(0u32..).peekable();
        for remark in &remarks.list {
            while let Some((length, _)) = lengths.next_if(|(_, entry)| *entry < remark.entry) {
                self.go_on(length);
            }
            self.expire();
            self.consider(number, remark);
        }
        lengths.for_each(|(length, _)| self.go_on(length));
        self.expire();
    }

    fn go_on(&mut self, length: u32) {
        self.messages += 1;
        self.octets += u64::from(length);
    }

    /// The next batch whose UPDATEs are all decided, in order.
    pub(in crate::pipeline) fn next(&mut self) -> Option<Batch> {
        let first = self.held.front()?;
        if first.waiting > 0 {
            return None;
        }
        self.first += 1;
        self.held.pop_front().map(|held| held.batch)
    }

    /// Nothing more comes: decides everything.
    pub(in crate::pipeline) fn finish(&mut self) {
        while let Some(waiting) = self.waiting.pop_front() {
            self.settle_first(waiting.stream);
        }
    }

    /// The windows of what is held; its messages are kept as copies.
    pub(in crate::pipeline) fn detach(&mut self) -> Vec<Window> {
        let held = self.held.iter_mut();
        held.flat_map(|held| held.batch.detach()).collect()
    }

    /// Decides those that have waited long enough.
    fn expire(&mut self) {
        while let Some(first) = self.waiting.front() {
            let is_due =
                first.messages + MESSAGES <= self.messages || first.octets + OCTETS <= self.octets;
            if !is_due {
                return;
            }
            let stream = first.stream;
            self.waiting.pop_front();
            self.settle_first(stream);
        }
    }

    /// The first UPDATE that waits in a stream is read by the best guess.
    fn settle_first(&mut self, stream: usize) {
        let Some(state) = self.streams.get_mut(stream) else {
            return;
        };
        // Those that were decided with their stream have left it before.
        let Some(place) = state.waiting.pop_front() else {
            return;
        };
        let neighbours = self
            .neighbours
            .get(&(state.id.view.session, state.id.view.rib));
        let by_neighbours = neighbours
            .filter(|points| points.abs() >= NEIGHBOURS)
            .map(|points| *points > 0);
        let guess = state.evidence.guess().or(by_neighbours);
        self.settle(stream, place, guess);
    }

    fn settle(&mut self, stream: usize, place: (u64, u32, Deviation), answer: Option<bool>) {
        let (batch, entry, bit) = place;
        let Some(state) = self.streams.get_mut(stream) else {
            return;
        };
        let deviation = match answer {
            Some(path_ids) if path_ids != state.evidence.is_declared => bit,
            Some(_) => Deviation::default(),
            None => Deviation::UNDECIDED,
        };
        if deviation == bit {
            self.count_deviating(stream, batch, entry);
        }
        self.mark(batch, entry, deviation);
        let held = self.held_mut(batch);
        if let Some(held) = held {
            held.waiting = held.waiting.saturating_sub(1);
        }
    }

    /// An UPDATE is read otherwise than declared.
    fn count_deviating(&mut self, stream: usize, batch: u64, entry: u32) {
        let spot = self.spot(batch, entry);
        if let (Some(state), Some((spot, has_peer_up))) = (self.streams.get_mut(stream), spot) {
            state.evidence.deviates(spot, has_peer_up);
        }
    }

    /// Where an UPDATE stands, and whether a Peer Up of its peer was captured before it.
    fn spot(&mut self, batch: u64, entry: u32) -> Option<(Spot, bool)> {
        let batch = &self.held_mut(batch)?.batch;
        let entry = batch.entries.get(entry as usize)?;
        let spot = Spot {
            stream_offset: entry.stream_offset,
            moment: batch.moments.get(entry.moment as usize).copied()?,
        };
        let peer = batch.peers.get(entry.peer as usize);
        Some((spot, peer.is_some_and(|peer| peer.has_peer_up)))
    }

    fn held_mut(&mut self, batch: u64) -> Option<&mut Held> {
        let place = usize::try_from(batch.checked_sub(self.first)?).ok()?;
        self.held.get_mut(place)
    }

    fn mark(&mut self, batch: u64, entry: u32, deviation: Deviation) {
        let held = self.held_mut(batch);
        let entry = held.and_then(|held| held.batch.entries.get_mut(entry as usize));
        if let Some(entry) = entry {
            entry.deviation.add(deviation);
        }
    }

    fn consider(&mut self, batch: u64, remark: &Remark) {
        if let Some(four) = remark.signs.four_octet_as
            && four != remark.four_octet_as
        {
            let spot = self.spot(batch, remark.entry);
            let row = self.widths.entry(remark.view).or_default();
            row.add(!four, spot.map(|(spot, _)| spot));
            self.mark(batch, remark.entry, Deviation::AS_WIDTH);
        }
        let bits = [Deviation::IPV4_UNICAST, Deviation::OTHER_FAMILY];
        let slots = remark.signs.families.iter().zip(remark.declared).zip(bits);
        for ((sign, is_declared), bit) in slots {
            if let Some(sign) = sign
                && let Some(leaning) = sign.leaning
            {
                let id = StreamId {
                    view: remark.view,
                    negotiation: remark.negotiation,
                    family: sign.family,
                };
                let stream = self.stream(id, is_declared);
                self.weigh(stream, (batch, remark.entry, bit), leaning);
            }
        }
    }

    fn stream(&mut self, id: StreamId, is_declared: bool) -> usize {
        let next = self.streams.len();
        let at = *self.index.entry(id).or_insert(next);
        if at == next {
            self.streams.push(Stream {
                id,
                evidence: Evidence::new(is_declared),
                waiting: VecDeque::new(),
            });
        }
        at
    }

    fn weigh(&mut self, stream: usize, place: (u64, u32, Deviation), leaning: Leaning) {
        let Some(state) = self.streams.get_mut(stream) else {
            return;
        };
        let was_decided = state.evidence.decided().is_some();
        state.evidence.add(leaning);
        if !was_decided {
            let view = state.id.view;
            *self.neighbours.entry((view.session, view.rib)).or_default() += points(leaning);
        }
        let decided = state.evidence.decided();
        let own = match leaning {
            Leaning::Only { path_ids, .. } => Some(path_ids),
            Leaning::Neither => Some(state.evidence.is_declared),
            Leaning::Rather { .. } | Leaning::Either => decided,
        };
        if let (Some(answer), false) = (decided, was_decided) {
            let waiting = std::mem::take(&mut state.waiting);
            for place in waiting {
                self.settle(stream, place, Some(answer));
            }
        }
        self.place(stream, place, own);
    }

    /// Marks an UPDATE whose reading is known; lets the others wait.
    fn place(&mut self, stream: usize, place: (u64, u32, Deviation), own: Option<bool>) {
        if let Some(held) = self.held_mut(place.0) {
            held.waiting += 1;
        }
        if own.is_some() {
            return self.settle(stream, place, own);
        }
        let (messages, octets) = (self.messages, self.octets);
        if let Some(state) = self.streams.get_mut(stream) {
            state.waiting.push_back(place);
            self.waiting.push_back(Waiting {
                stream,
                messages,
                octets,
            });
        }
    }

    /// One finding for each view that is read otherwise than declared, and for each question.
    pub(in crate::pipeline) fn findings(
        self,
        sessions: &[Session],
        files: &[Arc<str>],
    ) -> FindingLog {
        let mut views: BTreeMap<ViewId, ViewReport> = BTreeMap::new();
        let mut deviating: Vec<&Stream> = self.streams.iter().collect();
        deviating.retain(|stream| stream.evidence.counts.deviating > 0);
        deviating.sort_by_key(|stream| stream.id);
        for stream in deviating {
            let report = views.entry(stream.id.view).or_default();
            report.add(stream.id.family, &stream.evidence);
        }
        for (view, width) in self.widths {
            views.entry(view).or_default().width = width;
        }
        let mut log = FindingLog::default();
        for (view, report) in views {
            let place = sessions.binary_search_by_key(&view.session, |session| session.id);
            let session = place.ok().and_then(|place| sessions.get(place));
            report
                .findings(view, session, files)
                .for_each(|finding| log.add(finding));
        }
        log
    }
}
