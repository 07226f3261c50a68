//! What the walk of one window hands to the decoders: references to whole messages in the window
//! (or in a small buffer for those that straddle segments), each with what is needed to decode it.
//! No lock and no session is shared: a batch is self-contained.

use super::reading::Deviation;
use crate::bgp::Context;
use crate::bmp::RouteMonitoring;
use crate::bmp::rpki::RpkiRoute;
use crate::bmp::v4::Expected;
use crate::capture::Window;
use crate::finding::Place;
pub use crate::session::GapKind;
use crate::session::{Assumed, Contexts, Peer, Session};
use crate::stream::Moment;
use crate::wire::CodePoints;
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

/// What decoding a message needs to know of its session.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// The session's number, from 1.
    pub id: u32,
    /// The router's address; none for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName, as far as it is known at this point of the stream.
    pub sys_name: Option<Arc<str>>,
    /// How its messages of version 4 number their TLVs, as far as it is known at this point.
    pub numbering: Expected,
    /// The numbers of code points that drafts leave open.
    pub code_points: Arc<CodePoints>,
}

/// What decoding a message needs to know of its peer.
#[derive(Debug, Clone)]
pub struct PeerView {
    /// Index of the peer in its session.
    pub index: u32,
    /// How its UPDATEs are encoded.
    pub contexts: Arc<Contexts>,
    /// A Peer Up of this peer was captured.
    pub has_peer_up: bool,
    /// Number of what its OPENs negotiated, of all that they ever did: what was observed of one says
    /// nothing of the next.
    pub(super) negotiation: u32,
    /// Its UPDATEs may be written otherwise than is known: path identifiers were negotiated, or no Peer
    /// Up was captured.
    pub(super) is_doubtful: bool,
    /// What a person says of its UPDATEs.
    pub(super) assumed: Assumed,
    /// VRF/Table Name.
    pub table_name: Option<Arc<str>>,
}

impl PeerView {
    /// How an UPDATE of this peer is written, as far as that is declared, and whether it is: by a Peer Up
    /// or by the message itself. What a person says stands before both.
    #[inline]
    pub(super) fn declared(&self, message: &RouteMonitoring<'_>) -> (Cow<'_, Context>, bool) {
        let negotiated = self.contexts.of(&message.header);
        self.settle(negotiated, message.context(negotiated))
    }

    /// The same of the UPDATE of a message about the validation of routes.
    pub(super) fn declared_rpki(&self, message: &RpkiRoute<'_>) -> (Cow<'_, Context>, bool) {
        let negotiated = self.contexts.of(&message.header);
        self.settle(negotiated, message.context(negotiated))
    }

    #[inline]
    fn settle<'a>(
        &self,
        negotiated: &'a Context,
        stated: Option<Context>,
    ) -> (Cow<'a, Context>, bool) {
        match stated {
            Some(stated) if self.assumed.is_any() => {
                (Cow::Owned(self.assumed.change(&stated)), false)
            }
            Some(stated) => (Cow::Owned(stated), true),
            None => {
                let is_declared = self.has_peer_up && !self.assumed.is_any();
                (Cow::Borrowed(negotiated), is_declared)
            }
        }
    }
}

impl SessionView {
    pub(super) fn of(session: &Session) -> SessionView {
        SessionView {
            id: session.id,
            router: session.router_address,
            sys_name: session.router.sys_name.as_deref().map(Arc::from),
            numbering: session.numbering.expected(),
            code_points: Arc::clone(&session.code_points),
        }
    }
}

impl PeerView {
    pub(super) fn of(index: u32, peer: &Peer, assumed: Assumed) -> PeerView {
        let contexts = match assumed.is_any() {
            true => Arc::new(peer.contexts.assuming(assumed)),
            false => Arc::clone(&peer.contexts),
        };
        PeerView {
            index,
            is_doubtful: assumed.add_path.is_none()
                && (peer.opens.is_none() || contexts.has_add_path()),
            assumed,
            contexts,
            has_peer_up: peer.opens.is_some(),
            negotiation: peer.negotiation,
            table_name: peer.table_name.as_deref().map(Arc::from),
        }
    }
}

/// Octets of a session's stream that are in no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// How many octets.
    pub length: u64,
    /// The packet with its last octet, or, where a segment is missing, the one behind it.
    pub until: Moment,
}

/// A reference into a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: EntryKind,
    /// Index in `moments`.
    pub(super) moment: u32,
    pub(super) stream_offset: u64,
    /// Index in `sessions`.
    pub(super) session: u32,
    /// Index in `peers`; `u32::MAX` for messages without a per-peer header.
    pub(super) peer: u32,
    /// How its UPDATE reads, where that is not as declared.
    pub(super) deviation: Deviation,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum EntryKind {
    InWindow {
        window: u32,
        start: u32,
        length: u32,
    },
    Carried {
        start: u32,
        length: u32,
    },
    Gap {
        index: u32,
    },
}

/// Everything that one walk came to.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) windows: Vec<Window>,
    pub(super) carry: Vec<u8>,
    pub(super) entries: Vec<Entry>,
    pub(super) moments: Vec<Moment>,
    pub(super) sessions: Vec<SessionView>,
    pub(super) peers: Vec<PeerView>,
    pub(super) gaps: Vec<Gap>,
    pub(super) marks: Vec<Mark>,
}

/// How far the walk was at a place among the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Index of the first message or gap behind it: in the batch, or in the chunk that tells it.
    pub before: u32,
    /// Packets that were walked; see [`Moment::turn`]. A multiple of 2^14.
    pub turn: u64,
}

/// Packets after which there is a mark.
pub(super) const TURNS_A_MARK: u64 = 1 << 14;

impl Batch {
    pub(super) const NO_PEER: u32 = u32::MAX;

    /// Empties everything but keeps the room; gives the windows back.
    pub(super) fn clear(&mut self) -> Vec<Window> {
        self.carry.clear();
        self.entries.clear();
        self.moments.clear();
        self.sessions.clear();
        self.peers.clear();
        self.gaps.clear();
        self.marks.clear();
        std::mem::take(&mut self.windows)
    }

    /// Octets of every message.
    pub(super) fn lengths(&self) -> Vec<u32> {
        let length = |entry: &Entry| match entry.kind {
            EntryKind::InWindow { length, .. } | EntryKind::Carried { length, .. } => length,
            EntryKind::Gap { .. } => 0,
        };
        self.entries.iter().map(length).collect()
    }

    /// Copies what lies in the windows and gives them back: the batch waits.
    pub(super) fn detach(&mut self) -> Vec<Window> {
        for entry in &mut self.entries {
            let EntryKind::InWindow {
                window,
                start,
                length,
            } = entry.kind
            else {
                continue;
            };
            let octets = self
                .windows
                .get(window as usize)
                .and_then(|window| window.get(start as usize..)?.get(..length as usize));
            let start = u32::try_from(self.carry.len()).unwrap_or(u32::MAX);
            self.carry.extend_from_slice(octets.unwrap_or_default());
            entry.kind = EntryKind::Carried { start, length };
        }
        std::mem::take(&mut self.windows)
    }

    /// The batch in pieces of about the same work, in order.
    pub(super) fn chunks<'a>(&'a self, files: &'a [Arc<str>]) -> Vec<Chunk<'a>> {
        let count = self.entries.len().div_ceil(MESSAGES_PER_CHUNK);
        // Where there is nothing but marks, one chunk tells them.
        let count = count.max(usize::from(!self.marks.is_empty()));
        let chunk = |number: usize| {
            let first = number * MESSAGES_PER_CHUNK;
            let rest = self.entries.get(first..).unwrap_or_default();
            let is_last = number + 1 == count;
            let length = rest.len().min(MESSAGES_PER_CHUNK);
            Chunk {
                batch: self,
                entries: rest.get(..length).unwrap_or_default(),
                files,
                first: first as u32,
                marks: self.marks_of(first, if is_last { usize::MAX } else { first + length }),
            }
        };
        (0..count).map(chunk).collect()
    }

    /// The marks before the entries from `first` to before `end`.
    fn marks_of(&self, first: usize, end: usize) -> &[Mark] {
        let place = |index: usize| {
            self.marks
                .partition_point(|mark| (mark.before as usize) < index)
        };
        self.marks.get(place(first)..place(end)).unwrap_or_default()
    }
}

/// Messages that one task decodes: enough to make handing out negligible (a task costs less than a
/// microsecond, a message some 50 nanoseconds), few enough to keep every processor busy.
const MESSAGES_PER_CHUNK: usize = 1024;

/// Consecutive messages and gaps of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    batch: &'a Batch,
    entries: &'a [Entry],
    files: &'a [Arc<str>],
    /// Index of the first in the batch.
    first: u32,
    marks: &'a [Mark],
}

/// One message or gap, and all that is known of where it stands. What is not asked for costs
/// nothing.
#[derive(Debug, Clone, Copy)]
pub struct Located<'a> {
    batch: &'a Batch,
    files: &'a [Arc<str>],
    entry: &'a Entry,
    session: &'a SessionView,
    /// What stands there.
    pub item: Item<'a>,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A whole message with its common header.
    Message(&'a [u8]),
    /// Octets in no message.
    Gap(&'a Gap),
}

impl<'a> Chunk<'a> {
    /// Every message and gap, in order.
    pub fn items(self) -> impl Iterator<Item = Located<'a>> {
        self.entries
            .iter()
            .filter_map(move |entry| self.locate(entry))
    }

    /// The same, each with its index in the batch.
    pub(super) fn numbered(self) -> impl Iterator<Item = (u32, Located<'a>)> {
        let numbered = self.entries.iter().zip(self.first..);
        numbered.filter_map(move |(entry, number)| Some((number, self.locate(entry)?)))
    }

    /// How far the walk was before which message or gap, counted in this chunk.
    pub fn marks(self) -> impl Iterator<Item = Mark> {
        self.marks.iter().map(move |mark| Mark {
            before: mark.before.saturating_sub(self.first),
            ..*mark
        })
    }

    /// How many there are.
    pub fn len(self) -> usize {
        self.entries.len()
    }

    /// There are none.
    pub fn is_empty(self) -> bool {
        self.entries.is_empty()
    }

    // Every index was made by the walk that filled the batch, so none of the look-ups fails.
    #[inline]
    fn locate(self, entry: &'a Entry) -> Option<Located<'a>> {
        let session = self.batch.sessions.get(entry.session as usize)?;
        Some(Located {
            batch: self.batch,
            files: self.files,
            entry,
            session,
            item: self.item(entry.kind)?,
        })
    }

    #[inline]
    fn item(self, kind: EntryKind) -> Option<Item<'a>> {
        let slice = |octets: &'a [u8], start: u32, length: u32| {
            octets
                .get(start as usize..)?
                .get(..length as usize)
                .map(Item::Message)
        };
        match kind {
            EntryKind::InWindow {
                window,
                start,
                length,
            } => slice(self.batch.windows.get(window as usize)?, start, length),
            EntryKind::Carried { start, length } => slice(&self.batch.carry, start, length),
            EntryKind::Gap { index } => self.batch.gaps.get(index as usize).map(Item::Gap),
        }
    }
}

impl<'a> Located<'a> {
    /// Its session.
    #[inline]
    pub fn session(&self) -> &'a SessionView {
        self.session
    }

    /// Its peer, for messages with a per-peer header.
    #[inline]
    pub fn peer(&self) -> Option<&'a PeerView> {
        self.batch.peers.get(self.entry.peer as usize)
    }

    /// Where it stands in the order in which messages became complete; see [`Moment::turn`].
    #[inline]
    pub fn turn(&self) -> u32 {
        let moment = self.batch.moments.get(self.entry.moment as usize);
        moment.map_or(0, |moment| moment.turn)
    }

    /// The packet in which it became complete; a gap: after which it begins.
    pub fn moment(&self) -> Moment {
        self.batch
            .moments
            .get(self.entry.moment as usize)
            .copied()
            .unwrap_or_default()
    }

    /// How its UPDATE reads, where that is not as declared.
    #[inline]
    pub(super) fn deviation(&self) -> Deviation {
        self.entry.deviation
    }

    /// Octets from the start of its stream.
    pub fn stream_offset(&self) -> u64 {
        self.entry.stream_offset
    }

    /// The path of the file that holds it.
    pub fn file(&self) -> &'a str {
        let file = self.files.get(self.moment().file as usize);
        file.map(|path| &**path).unwrap_or_default()
    }

    /// The place for a finding, `offset` octets into the message.
    pub fn place(&self, offset: Option<u32>) -> Place {
        let moment = self.moment();
        Place {
            session: Some(self.session.id),
            peer: None,
            rib: None,
            file: Some(self.file().to_owned()),
            packet: moment.packet_number(),
            stream_offset: Some(self.entry.stream_offset),
            offset,
            time: moment.time,
        }
    }
}
