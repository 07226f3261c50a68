//! What is known of one view of one peer: by how many of its UPDATEs one encoding is shown, by how
//! many the other.

use super::{ViewId, family_words};
use crate::bgp::signs::Leaning;
use crate::finding::{Finding, Place};
use crate::net::Family;
use crate::session::{Peer, Session};
use crate::stream::Moment;
use std::sync::Arc;

/// The NLRI of one family in one view of one peer, as long as its OPENs negotiate the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct StreamId {
    pub(super) view: ViewId,
    pub(super) negotiation: u32,
    pub(super) family: Family,
}

/// Points at which a question is decided: four UPDATEs that read one way only and well, or sixteen that
/// read better one way.
const DECIDED: i32 = 16;

/// Whether NLRI carry path identifiers: what the UPDATEs so far say.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Evidence {
    /// Above zero: they do; below: they do not.
    lead: i32,
    pub(super) counts: Counts,
    /// Path identifiers were declared for the family.
    pub(super) is_declared: bool,
    /// The first UPDATE that is read otherwise than declared.
    first: Option<Spot>,
}

/// Where an UPDATE stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) stream_offset: u64,
    pub(super) moment: Moment,
}

impl Spot {
    /// The earlier of two.
    fn earlier(one: Option<Spot>, other: Option<Spot>) -> Option<Spot> {
        one.into_iter()
            .chain(other)
            .min_by_key(|spot| spot.stream_offset)
    }

    fn put(this: Option<Spot>, files: &[Arc<str>], place: &Place) -> Place {
        let Some(Spot {
            stream_offset,
            moment,
        }) = this
        else {
            return place.clone();
        };
        let file = files.get(moment.file as usize);
        Place {
            file: file.map(|path| path.to_string()),
            packet: moment.packet_number(),
            stream_offset: Some(stream_offset),
            time: moment.time,
            ..place.clone()
        }
    }
}

/// UPDATEs whose AS numbers are as wide as the header says that they are not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Width {
    count: u64,
    /// They are of two octets.
    is_two: bool,
    first: Option<Spot>,
}

impl Width {
    /// One more.
    pub(super) fn add(&mut self, is_two: bool, spot: Option<Spot>) {
        self.count += 1;
        self.is_two = is_two;
        self.first = self.first.or(spot);
    }
}

/// UPDATEs by how they read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Only with path identifiers.
    pub(super) only_with: u64,
    /// Only without.
    pub(super) only_without: u64,
    /// Both ways.
    pub(super) both: u64,
    /// Read otherwise than declared.
    pub(super) deviating: u64,
    /// The same before any Peer Up of their peer was captured: otherwise than without path identifiers,
    /// as is assumed then.
    pub(super) undeclared: u64,
}

impl Evidence {
    pub(super) fn new(is_declared: bool) -> Evidence {
        Evidence {
            is_declared,
            ..Evidence::default()
        }
    }

    /// Takes what one more UPDATE says.
    pub(super) fn add(&mut self, leaning: Leaning) {
        let points = points(leaning);
        match leaning {
            Leaning::Only { path_ids: true, .. } => self.counts.only_with += 1,
            Leaning::Only { .. } => self.counts.only_without += 1,
            Leaning::Rather { .. } | Leaning::Either => self.counts.both += 1,
            Leaning::Neither => {}
        }
        // What is decided stays so: of a UPDATE that says otherwise only the message itself is read so.
        if self.decided().is_none() {
            self.lead += points;
        }
    }

    /// One more UPDATE is read otherwise than declared.
    pub(super) fn deviates(&mut self, spot: Spot, has_peer_up: bool) {
        self.counts.deviating += 1;
        self.counts.undeclared += u64::from(!has_peer_up);
        self.first = Spot::earlier(self.first, Some(spot));
    }

    /// Whether there are path identifiers, once that is beyond doubt.
    pub(super) fn decided(&self) -> Option<bool> {
        (self.lead.abs() >= DECIDED).then_some(self.lead > 0)
    }

    /// The better guess; none if nothing speaks for either.
    pub(super) fn guess(&self) -> Option<bool> {
        (self.lead != 0).then_some(self.lead > 0)
    }
}

/// What one UPDATE counts for.
pub(super) fn points(leaning: Leaning) -> i32 {
    match leaning {
        Leaning::Only {
            path_ids,
            is_odd: false,
        } => sign(path_ids) * 4,
        Leaning::Only { path_ids, .. } | Leaning::Rather { path_ids } => sign(path_ids),
        Leaning::Either | Leaning::Neither => 0,
    }
}

fn sign(path_ids: bool) -> i32 {
    if path_ids { 1 } else { -1 }
}

/// What is said of a view, over its families and negotiations.
#[derive(Debug, Clone, Default)]
pub(super) struct ViewReport {
    families: Vec<Family>,
    counts: Counts,
    is_declared: bool,
    first: Option<Spot>,
    pub(super) width: Width,
}

impl ViewReport {
    /// Adds a family whose NLRI are read otherwise than declared.
    pub(super) fn add(&mut self, family: Family, evidence: &Evidence) {
        if !self.families.contains(&family) {
            self.families.push(family);
        }
        self.is_declared |= evidence.is_declared;
        self.counts.only_with += evidence.counts.only_with;
        self.counts.only_without += evidence.counts.only_without;
        self.counts.both += evidence.counts.both;
        self.counts.deviating += evidence.counts.deviating;
        self.counts.undeclared += evidence.counts.undeclared;
        self.first = Spot::earlier(self.first, evidence.first);
    }

    /// The findings about the view: one about path identifiers, one about the width of AS numbers.
    pub(super) fn findings(
        &self,
        id: ViewId,
        session: Option<&Session>,
        files: &[Arc<str>],
    ) -> impl Iterator<Item = Finding> {
        let peer = session.and_then(|session| session.peers.get(id.peer as usize));
        let name = peer.map_or_else(String::new, Peer::name);
        let place = Place {
            session: Some(id.session),
            peer: peer.map(Peer::address_word),
            rib: Some(id.rib.word()),
            ..Place::default()
        };
        let who = id.rib.of_peer(&name);
        let of = |finding: Finding, spot| Finding {
            place: Spot::put(spot, files, &place),
            ..finding.about(name.as_str())
        };
        let path_ids =
            (!self.families.is_empty()).then(|| of(self.about_path_ids(&who), self.first));
        let width = (self.width.count > 0).then(|| of(self.about_width(&who), self.width.first));
        path_ids.into_iter().chain(width)
    }

    fn about_path_ids(&self, who: &str) -> Finding {
        let counts = self.counts;
        let (kind, what) = match (self.is_declared, counts.undeclared) {
            (true, _) => (
                "add-path-not-used",
                "ADD-PATH was negotiated, but routes carry no path identifiers",
            ),
            (false, before) if before == counts.deviating => (
                "add-path-observed",
                "no Peer Up was captured before them; routes carry path identifiers",
            ),
            (false, _) => (
                "add-path-not-negotiated",
                "ADD-PATH was not negotiated, but routes carry path identifiers",
            ),
        };
        let families: Vec<_> = self.families.iter().map(|one| family_words(*one)).collect();
        let mut message = format!(
            "{who} {}: {what}: {} UPDATEs read only without them, {} only with, {} both ways; {} read so",
            families.join(", "),
            counts.only_without,
            counts.only_with,
            counts.both,
            counts.deviating,
        );
        if kind == "add-path-not-negotiated" && counts.undeclared > 0 {
            message += &format!(", {} of them before the first Peer Up", counts.undeclared);
        }
        Finding::new(kind, message, Place::default())
    }

    fn about_width(&self, who: &str) -> Finding {
        let (said, are) = match self.width.is_two {
            true => ("four", "two"),
            false => ("two", "four"),
        };
        let message = format!(
            "{who}: the per-peer header's A flag says that AS numbers have {said} octets, but those of {} \
             UPDATEs read only as {are}; read so",
            self.width.count,
        );
        Finding::new("as-width-contradicts", message, Place::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: Leaning = Leaning::Only {
        path_ids: true,
        is_odd: false,
    };
    const RATHER_WITHOUT: Leaning = Leaning::Rather { path_ids: false };

    fn evidence(leanings: &[Leaning]) -> Evidence {
        let mut evidence = Evidence::new(true);
        leanings.iter().for_each(|one| evidence.add(*one));
        evidence
    }

    #[test]
    fn four_updates_that_read_one_way_only_decide_and_sixteen_that_read_better_so() {
        assert_eq!(evidence(&[WITH; 3]).decided(), None);
        assert_eq!(evidence(&[WITH; 3]).guess(), Some(true));
        assert_eq!(evidence(&[WITH; 4]).decided(), Some(true));
        assert_eq!(evidence(&[RATHER_WITHOUT; 15]).decided(), None);
        assert_eq!(evidence(&[RATHER_WITHOUT; 16]).decided(), Some(false));
        assert_eq!(evidence(&[Leaning::Either; 99]).guess(), None);
    }

    #[test]
    fn what_is_decided_stays_so() {
        let mut evidence = evidence(&[WITH; 4]);
        (0..99).for_each(|_| evidence.add(RATHER_WITHOUT));
        assert_eq!(evidence.decided(), Some(true));
        assert_eq!((evidence.counts.only_with, evidence.counts.both), (4, 99));
    }
}
