//! What routes were at earlier moments: every change behind the first marked instant of a peer is kept,
//! so that one can go back from the end to each of them.

use super::super::stats::Instant;
use super::routes::{Route, RouteKey, View};
use std::collections::{HashMap, VecDeque};

/// Changes and marks kept. Beyond it the oldest are forgotten, and with them the oldest instants.
const KEPT: usize = 1 << 21;

/// A route changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// In which view.
    pub view: View,
    /// Which route.
    pub key: RouteKey,
    /// What it was before; none: it was never announced.
    pub before: Option<Route>,
    /// What it is since.
    pub after: Option<Route>,
}

impl Change {
    /// A route that stood, or did not, stands no more.
    pub(super) fn of_withdrawn(view: View, key: RouteKey, route: Route, stood: bool) -> Change {
        let with = |stands| Some(Route { stands, ..route });
        Change {
            view,
            key,
            before: with(stood),
            after: with(false),
        }
    }
}

/// One step back from the end of the capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A route changed here.
    Change(Change),
    /// Here is the marked instant of this peer of this session.
    Mark((u32, u32), Instant),
}

/// The changes of all peers that were marked.
#[derive(Debug)]
pub struct History {
    /// Whether a peer's routes changed since its last mark.
    peers: HashMap<(u32, u32), bool, foldhash::fast::RandomState>,
    steps: VecDeque<Step>,
    kept: usize,
    forgotten: u64,
}

impl Default for History {
    fn default() -> History {
        History::of(KEPT)
    }
}

impl History {
    fn of(kept: usize) -> History {
        History {
            peers: HashMap::default(),
            steps: VecDeque::new(),
            kept,
            forgotten: 0,
        }
    }

    /// What this peer of this session has now will be asked for. Where nothing changed since its last
    /// mark, that one says it, too.
    pub(super) fn mark(&mut self, peer: (u32, u32), instant: Instant) {
        if self.peers.insert(peer, false) != Some(false) {
            self.push(Step::Mark(peer, instant));
        }
    }

    /// A route of this view changed; costs next to nothing while nobody marks.
    #[inline]
    pub(super) fn note(&mut self, view: View, change: impl FnOnce() -> Change) {
        if !self.peers.is_empty() {
            self.note_marked(view, change());
        }
    }

    fn note_marked(&mut self, view: View, change: Change) {
        if change.before == change.after {
            return;
        }
        if let Some(is_changed) = self.peers.get_mut(&(view.session, view.peer)) {
            *is_changed = true;
            self.push(Step::Change(change));
        }
    }

    fn push(&mut self, step: Step) {
        if self.steps.len() >= self.kept
            && let Some(Step::Mark(..)) = self.steps.pop_front()
        {
            self.forgotten += 1;
        }
        self.steps.push_back(step);
    }

    /// From the end of the capture back to the first mark that is kept.
    pub fn backwards(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().rev()
    }

    /// Marks that found no room.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rpki::routes::Marks;
    use crate::bmp::Rib;
    use crate::net::Prefix;
    use crate::time::Timestamp;

    const PEER: (u32, u32) = (1, 0);

    fn at(seconds: i64) -> Instant {
        Instant {
            captured: Some(Timestamp::from_nanoseconds(seconds, 0)),
            reported: None,
        }
    }

    fn change(peer: u32, path: u32) -> Change {
        let route = Route {
            path,
            marks: Marks::default(),
            stands: true,
            monitored: true,
        };
        Change {
            view: View {
                session: 1,
                peer,
                rib: Rib::LocRib,
            },
            key: RouteKey {
                prefix: Prefix {
                    address: [192, 0, 2, 0].into(),
                    length: 24,
                },
                path_id: None,
            },
            before: None,
            after: Some(route),
        }
    }

    fn note(history: &mut History, change: Change) {
        history.note(change.view, || change);
    }

    #[test]
    fn only_what_changes_behind_a_mark_is_kept() {
        let mut history = History::default();
        note(&mut history, change(0, 1));
        history.mark(PEER, at(10));
        note(&mut history, change(0, 2));
        note(&mut history, change(1, 3));
        history.mark(PEER, at(20));
        history.mark(PEER, at(30));
        let steps: Vec<Step> = history.backwards().copied().collect();
        let expected = [
            Step::Mark(PEER, at(20)),
            Step::Change(change(0, 2)),
            Step::Mark(PEER, at(10)),
        ];
        assert_eq!(steps, expected);
    }

    #[test]
    fn what_is_no_change_is_not_kept() {
        let mut history = History::default();
        history.mark(PEER, at(10));
        let same = Change {
            before: change(0, 1).after,
            ..change(0, 1)
        };
        note(&mut history, same);
        assert_eq!(history.backwards().count(), 1);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut history = History::of(3);
        for seconds in 0..4 {
            history.mark(PEER, at(seconds));
            note(&mut history, change(0, 1));
        }
        let steps: Vec<Step> = history.backwards().copied().collect();
        assert_eq!(steps.len(), 3);
        assert_eq!(steps[1], Step::Mark(PEER, at(3)));
        assert_eq!(history.forgotten(), 3);
    }
}
