//! Whether the initial dump of a table came to its end: "End-of-RIB" ends it (RFC 7854 5), for each
//! view and family.

use crate::bmp::Rib;
use crate::net::Family;
use crate::session::{GapKind, Peer, RouteCounts, Session};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Views and families remembered of one peer. There are 24 bits of families; a router has a few.
const ROWS: usize = 256;

/// What the messages of a peer say of its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A Peer Up: a dump begins.
    Up,
    /// An End-of-RIB of a view and family.
    EndOfRib {
        /// The view.
        rib: Rib,
        /// The family.
        family: Family,
        /// When.
        time: Option<Timestamp>,
    },
}

/// The marks of all peers, by session and index.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    peers: HashMap<(u32, u32), PeerMarks, foldhash::fast::RandomState>,
}

/// The marks of one peer.
#[derive(Debug, Clone, Default)]
pub struct PeerMarks {
    has_up: bool,
    ends: BTreeMap<(Rib, Family), Ends>,
}

/// The End-of-RIB markers of one view and family.
#[derive(Debug, Clone, Copy)]
struct Ends {
    first: Option<Timestamp>,
    /// The first one after the last Peer Up.
    of_last_dump: Option<Option<Timestamp>>,
}

impl Marks {
    /// Adds the next mark of a peer; they come in the order of the capture.
    pub fn add(&mut self, session: u32, peer: u32, mark: Mark) {
        let marks = self.peers.entry((session, peer)).or_default();
        match mark {
            Mark::Up => marks.up(),
            Mark::EndOfRib { rib, family, time } => marks.end_of_rib((rib, family), time),
        }
    }

    /// The marks of one peer.
    pub fn of(&self, session: u32, peer: u32) -> Option<&PeerMarks> {
        self.peers.get(&(session, peer))
    }
}

impl PeerMarks {
    fn up(&mut self) {
        self.has_up = true;
        self.ends
            .values_mut()
            .for_each(|ends| ends.of_last_dump = None);
    }

    fn end_of_rib(&mut self, key: (Rib, Family), time: Option<Timestamp>) {
        let is_full = self.ends.len() >= ROWS;
        match self.ends.get_mut(&key) {
            Some(ends) => {
                ends.of_last_dump.get_or_insert(time);
            }
            None if is_full => {}
            None => {
                let ends = Ends {
                    first: time,
                    of_last_dump: Some(time),
                };
                self.ends.insert(key, ends);
            }
        }
    }
}

/// Whether an initial dump came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DumpWord {
    /// An End-of-RIB came after the last Peer Up.
    Complete,
    /// None came. Some routers never send any.
    Incomplete,
    /// No Peer Up was captured, or octets are missing that may hold the End-of-RIB.
    Unknown,
}

impl DumpWord {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            DumpWord::Complete => "complete",
            DumpWord::Incomplete => "incomplete",
            DumpWord::Unknown => "unknown",
        }
    }
}

/// Routes of one view and family.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RibRow {
    /// The RIB view.
    pub rib: &'static str,
    /// Address family.
    pub afi: String,
    /// Subsequent address family.
    pub safi: String,
    /// NLRI announced.
    pub announced: u64,
    /// NLRI withdrawn.
    pub withdrawn: u64,
    /// End-of-RIB markers.
    pub end_of_rib: u64,
    /// When the first of them was captured; the per-peer header's time for a bare stream.
    pub first_end_of_rib: Option<Timestamp>,
    /// Whether the initial dump of the last Peer Up came to its end.
    pub initial_dump: DumpWord,
    /// When it did: the first End-of-RIB after that Peer Up.
    pub initial_dump_end: Option<Timestamp>,
}

impl RibRow {
    /// The views and families of a peer that showed routes or an End-of-RIB.
    pub(super) fn of(session: &Session, peer: &Peer, marks: Option<&PeerMarks>) -> Vec<RibRow> {
        let row = |(rib, family, counts): (Rib, Family, RouteCounts)| {
            let ends = marks.and_then(|marks| marks.ends.get(&(rib, family)));
            let has_up = marks.is_some_and(|marks| marks.has_up);
            let end = ends.and_then(|ends| ends.of_last_dump).filter(|_| has_up);
            // An End-of-RIB that was counted and not remembered is no sign of anything.
            let is_known = has_up && (ends.is_some() || counts.end_of_rib == 0);
            RibRow {
                rib: rib.word(),
                afi: family.afi_word(),
                safi: family.safi_word(),
                announced: counts.announced,
                withdrawn: counts.withdrawn,
                end_of_rib: counts.end_of_rib,
                first_end_of_rib: ends.and_then(|ends| ends.first),
                initial_dump: match end {
                    Some(_) => DumpWord::Complete,
                    None if is_known && !has_holes(session) => DumpWord::Incomplete,
                    None => DumpWord::Unknown,
                },
                initial_dump_end: end.flatten(),
            }
        };
        peer.routes.rows().map(row).collect()
    }
}

/// Octets inside the stream are missing.
fn has_holes(session: &Session) -> bool {
    let holes = [GapKind::MissingSegment, GapKind::Snaplen, GapKind::Corrupt];
    let count = |kind: &GapKind| session.gaps.of(*kind).count;
    holes.iter().any(|kind| count(kind) > 0) || session.undecodable.count > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Scope;
    use crate::session::testing::{FOUR_OCTET_AS, PEER, open};

    fn at(seconds: i64) -> Option<Timestamp> {
        Some(Timestamp::from_nanoseconds(seconds * 1_000_000_000, 6))
    }

    fn end(seconds: i64) -> Mark {
        Mark::EndOfRib {
            rib: Rib::AdjRibInPre,
            family: Family::IPV4_UNICAST,
            time: at(seconds),
        }
    }

    /// Row of a peer with one view and family and these marks.
    fn row(marks: &[Mark], change: impl FnOnce(&mut Session)) -> RibRow {
        let mut session = Session::new(1, None, None);
        let up = PEER.up(&open(&FOUR_OCTET_AS), &open(&FOUR_OCTET_AS));
        session.take(1, &up, Scope::Asked);
        let peer = &mut session.peers[0];
        peer.routes
            .count(Rib::AdjRibInPre, Family::IPV4_UNICAST, |row| {
                row.announced = 1
            });
        change(&mut session);
        let mut all = Marks::default();
        marks.iter().for_each(|mark| all.add(1, 0, *mark));
        let peer = &session.peers[0];
        RibRow::of(&session, peer, all.of(1, 0)).remove(0)
    }

    #[test]
    fn an_end_of_rib_behind_the_last_peer_up_completes_the_dump() {
        let row = row(&[Mark::Up, end(5), Mark::Up, end(8), end(9)], |_| {});
        assert_eq!(row.initial_dump, DumpWord::Complete);
        assert_eq!((row.first_end_of_rib, row.initial_dump_end), (at(5), at(8)));
    }

    #[test]
    fn without_one_it_is_not_complete() {
        let row = row(&[Mark::Up, end(5), Mark::Up], |_| {});
        assert_eq!(row.initial_dump, DumpWord::Incomplete);
        assert_eq!((row.first_end_of_rib, row.initial_dump_end), (at(5), None));
    }

    #[test]
    fn without_a_peer_up_or_with_holes_it_is_not_known() {
        let word = |marks: &[Mark], kind: Option<GapKind>| {
            let hole = |session: &mut Session| {
                kind.into_iter().for_each(|kind| session.gaps.add(kind, 9));
            };
            row(marks, hole).initial_dump
        };
        assert_eq!(word(&[end(5)], None), DumpWord::Unknown);
        assert_eq!(word(&[], None), DumpWord::Unknown);
        let missing = Some(GapKind::MissingSegment);
        assert_eq!(word(&[Mark::Up], missing), DumpWord::Unknown);
        assert_eq!(word(&[Mark::Up, end(5)], missing), DumpWord::Complete);
        let cut = Some(GapKind::CaptureEnd);
        assert_eq!(word(&[Mark::Up], cut), DumpWord::Incomplete);
    }

    #[test]
    fn the_families_of_a_peer_are_bounded() {
        let mut marks = Marks::default();
        for afi in 0..1000 {
            let mark = Mark::EndOfRib {
                rib: Rib::LocRib,
                family: Family::new(afi, 1),
                time: None,
            };
            marks.add(1, 0, mark);
        }
        assert_eq!(marks.of(1, 0).unwrap().ends.len(), ROWS);
        assert!(marks.of(1, 1).is_none());
    }
}
