//! After octets were lost: the search for the next record.

use super::{Connection, SHORTEST, Work, lose};
use crate::tls::keys::{Keys, Opened, Phase, TLS_1_3};
use crate::tls::record::{HEADER, Header};
use crate::tls::side::{Search, Why};

impl Connection {
    /// A record that is none, or not authentic: told, and the next one is looked for.
    pub(super) fn damaged(&mut self, index: usize, why: &'static str) {
        self.problem(index, "tls-record-damaged", why, 0);
        if let Some(side) = self.sides.get_mut(index) {
            side.lose(side.at, Why::Damaged);
            side.take(1);
        }
    }

    /// Looks for the next record of a direction. False: it is not there yet. `is_end`: nothing follows
    /// what is there, so that what could only begin a record is none.
    pub(super) fn search(&mut self, index: usize, is_end: bool, work: &mut Work<'_>) -> bool {
        let is_1_3 = self.agreed.version == Some(TLS_1_3);
        if self.keys(index, work.log).is_none() {
            return true;
        }
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        let Some(search) = side.search else {
            return false;
        };
        let Some((skipped, header)) = candidate(side.front(), is_1_3) else {
            side.take(side.front().len().saturating_sub(HEADER - 1));
            return false;
        };
        side.take(skipped);
        if side.front().len() < header.record_length() {
            if is_end {
                side.take(1);
            }
            return is_end;
        }
        match self.try_candidate(index, search, header, work) {
            true => true,
            false => self.not_this(index, search),
        }
    }

    /// The front is no record of this direction, as far as can be known.
    fn not_this(&mut self, index: usize, search: Search) -> bool {
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        side.take(1);
        let failed = search.failed + 1;
        side.search = Some(Search { failed, ..search });
        if failed >= IN_VAIN {
            let why = "no record could be opened after octets were lost; the rest is not read";
            side.give_up();
            self.problem(index, "tls-not-resynchronised", why, 0);
        }
        true
    }

    fn try_candidate(
        &mut self,
        index: usize,
        search: Search,
        header: Header,
        work: &mut Work<'_>,
    ) -> bool {
        let Some(side) = self.sides.get_mut(index) else {
            return false;
        };
        let distance = side.at.saturating_sub(search.from);
        let mut octets = std::mem::take(&mut side.octets);
        let range = side.start + HEADER..side.start + header.record_length();
        let fragment = octets.get_mut(range).unwrap_or_default();
        let most = distance / SHORTEST + 1;
        let keys = side.keys.as_mut();
        let found = keys.and_then(|keys| keys.find(most, header, fragment, work.credit));
        if let Some(opened) = &found {
            self.found(index, search, opened, work);
            self.opened(index, opened, fragment, work);
        }
        let taken = match found {
            Some(_) => header.record_length(),
            None => 0,
        };
        self.put_back(index, octets, taken);
        found.is_some()
    }

    /// The search is over: what was lost is told.
    fn found(&mut self, index: usize, search: Search, opened: &Opened, work: &mut Work<'_>) {
        let id = self.id;
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        side.search = None;
        // The ChangeCipherSpec may be among what was lost.
        side.is_changed = true;
        if opened.phase == Phase::Application && opened.lost > 0 {
            let distance = side.at.saturating_sub(search.from);
            let overhead = side.keys.as_ref().map_or(0, Keys::overhead);
            let length = distance.saturating_sub(opened.lost.saturating_mul(overhead));
            lose(id, index, side, length, search, work.out);
        }
    }
}

/// Where the next protected record may begin, and its header.
fn candidate(octets: &[u8], is_1_3: bool) -> Option<(usize, Header)> {
    // The version's first octet is the rarest that all records share.
    memchr::memchr_iter(3, octets)
        .filter_map(|at| at.checked_sub(1))
        .find_map(|at| {
            let header = Header::read(octets.get(at..)?)?;
            header.may_be_protected(is_1_3).then_some((at, header))
        })
}

/// Records in vain after which a direction is given up: something else than a gap is wrong.
const IN_VAIN: u32 = 64;
