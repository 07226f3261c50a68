//! The routes of every RIB view as they stand at the end of the capture, each with what decides its
//! state: prefix, path, and what the router says of it.

use super::super::stats::Instant;
use super::history::{Change as Past, History};
use crate::bmp::Rib;
use crate::net::Prefix;
use crate::rpki::{OriginState, Path};
use crate::time::Timestamp;
use indexmap::IndexSet;
use std::collections::HashMap;
use std::hash::Hash;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// What routes share, each once, by its number.
type Numbered<P> = IndexSet<P, foldhash::fast::RandomState>;

/// Routes kept. Further ones are counted and left out.
const ROUTES: usize = 1 << 25;

/// A RIB view of a peer of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct View {
    /// The session's number.
    pub session: u32,
    /// Index of the peer in its session.
    pub peer: u32,
    /// The view.
    pub rib: Rib,
}

/// What tells one route of a view from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteKey {
    /// The prefix, of unicast.
    pub prefix: Prefix,
    /// The path identifier, where there are such.
    pub path_id: Option<u32>,
}

/// Who originated a route, as its AS_PATH says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathOrigin {
    /// The last AS of a path that ends in a sequence.
    As(u32),
    /// The path ends in an AS_SET.
    Set,
    /// The path is empty or ends in a confederation: the router's own AS (RFC 6811 2).
    Own,
}

/// What decides the state of a route, apart from its prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoutePath {
    /// Who originated it.
    pub origin: PathOrigin,
    /// The path as ASPA verification looks at it.
    pub path: Path,
}

/// What the router says of a route beside its attributes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// By the community of RFC 8097.
    pub community: Option<OriginState>,
    /// A Path Marking TLV says "invalid ROV".
    pub is_marked_invalid: bool,
}

/// Something that happens to routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Announce(View, RouteKey, u32, Marks),
    /// A message about a route's validation tells of it.
    Tell(View, RouteKey, u32, Marks),
    Withdraw(View, RouteKey),
    /// All routes of a peer of a session are gone.
    Down(u32, u32),
    /// What a peer of a session has at this instant will be asked for.
    Mark(u32, u32, Instant),
}

/// What one chunk of the capture does to routes, in order.
#[derive(Debug)]
pub struct Changes<P = RoutePath> {
    paths: Numbered<P>,
    changes: Vec<Change>,
    told: Option<Span>,
    /// Routes that a router shows though it has to take them as withdrawn: see [`Routes::void`].
    pub void: u64,
}

/// From a moment to another.
type Span = (Timestamp, Timestamp);

/// From the earlier beginning to the later end.
fn both(one: Option<Span>, other: Option<Span>) -> Option<Span> {
    let (Some(one), Some(other)) = (one, other) else {
        return one.or(other);
    };
    Some((one.0.min(other.0), one.1.max(other.1)))
}

impl<P> Default for Changes<P> {
    fn default() -> Changes<P> {
        Changes {
            paths: Numbered::default(),
            changes: Vec::new(),
            told: None,
            void: 0,
        }
    }
}

impl<P: Eq + Hash> Changes<P> {
    /// The number of a path, for [`Changes::announce`].
    pub fn path(&mut self, path: P) -> u32 {
        number_of(&mut self.paths, path)
    }

    /// A route is announced with the path of this number.
    pub fn announce(&mut self, view: View, key: RouteKey, path: u32, marks: Marks) {
        self.changes.push(Change::Announce(view, key, path, marks));
    }

    /// A message about a route's validation tells of it: where no Route Monitoring message shows the route,
    /// this one does.
    pub fn tell(&mut self, view: View, key: RouteKey, path: u32, marks: Marks) {
        self.changes.push(Change::Tell(view, key, path, marks));
    }

    /// A route is withdrawn.
    pub fn withdraw(&mut self, view: View, key: RouteKey) {
        self.changes.push(Change::Withdraw(view, key));
    }

    /// A peer is down, or up anew: none of its routes stands (RFC 7854 4.9).
    pub fn down(&mut self, session: u32, peer: u32) {
        self.changes.push(Change::Down(session, peer));
    }

    /// A per-peer header tells this time, and no packet does.
    pub fn tell_time(&mut self, time: Timestamp) {
        self.told = both(self.told, Some((time, time)));
    }

    /// The routes that a peer has now will be asked for: see [`Routes::history`].
    pub fn mark(&mut self, session: u32, peer: u32, instant: Instant) {
        self.changes.push(Change::Mark(session, peer, instant));
    }
}

fn number_of<P: Eq + Hash>(paths: &mut Numbered<P>, path: P) -> u32 {
    let (number, _) = paths.insert_full(path);
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// A route as it was announced last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Number of its path.
    pub path: u32,
    /// What the router says of it.
    pub marks: Marks,
    /// It was not withdrawn since.
    pub stands: bool,
    /// A Route Monitoring message showed it; else only messages about its validation did.
    pub monitored: bool,
}

impl Route {
    fn new(path: u32, marks: Marks, monitored: bool) -> Route {
        Route {
            path,
            marks,
            stands: true,
            monitored,
        }
    }
}

/// Every route of every view. `P` is what a report wants to know of a route's attributes: they are kept
/// once for all routes that share them.
#[derive(Debug)]
pub struct Routes<P = RoutePath> {
    paths: Numbered<P>,
    views: Map<View, Map<RouteKey, Route>>,
    /// Withdrawals of routes that were never announced.
    unannounced: Map<View, u64>,
    count: usize,
    left_out: u64,
    history: History,
    told: Option<Span>,
    void: u64,
}

impl<P> Default for Routes<P> {
    fn default() -> Routes<P> {
        Routes {
            paths: Numbered::default(),
            views: Map::default(),
            unannounced: Map::default(),
            count: 0,
            left_out: 0,
            history: History::default(),
            told: None,
            void: 0,
        }
    }
}

impl<P: Eq + Hash> Routes<P> {
    /// Adds what the next chunk does.
    pub fn merge(&mut self, changes: Changes<P>) {
        self.told = both(self.told, changes.told);
        self.void += changes.void;
        let paths: Vec<u32> = changes
            .paths
            .into_iter()
            .map(|path| number_of(&mut self.paths, path))
            .collect();
        let path = |number: u32| paths.get(number as usize).copied().unwrap_or(u32::MAX);
        for change in changes.changes {
            match change {
                Change::Announce(view, key, number, marks) => {
                    self.announce(view, key, Route::new(path(number), marks, true));
                }
                Change::Tell(view, key, number, marks) => {
                    let routes = self.views.get(&view);
                    let is_known = routes.and_then(|routes| routes.get(&key));
                    if is_known.is_none_or(|route| !route.monitored) {
                        self.announce(view, key, Route::new(path(number), marks, false));
                    }
                }
                Change::Withdraw(view, key) => self.withdraw(view, key),
                Change::Down(session, peer) => self.take_down(session, peer),
                Change::Mark(session, peer, instant) => self.history.mark((session, peer), instant),
            }
        }
    }

    fn announce(&mut self, view: View, key: RouteKey, route: Route) {
        let routes = self.views.entry(view).or_default();
        let is_full = self.count >= ROUTES;
        let before = match routes.get_mut(&key) {
            Some(known) => Some(std::mem::replace(known, route)),
            None if is_full => {
                self.left_out += 1;
                return;
            }
            None => {
                routes.insert(key, route);
                self.count += 1;
                None
            }
        };
        self.history.note(view, || Past {
            view,
            key,
            before,
            after: Some(route),
        });
    }

    fn withdraw(&mut self, view: View, key: RouteKey) {
        let routes = self.views.get_mut(&view);
        match routes.and_then(|routes| routes.get_mut(&key)) {
            Some(route) => {
                let before = std::mem::replace(&mut route.stands, false);
                self.history
                    .note(view, || Past::of_withdrawn(view, key, *route, before));
            }
            None => *self.unannounced.entry(view).or_default() += 1,
        }
    }

    fn take_down(&mut self, session: u32, peer: u32) {
        for rib in Rib::ALL {
            let view = View { session, peer, rib };
            let routes = self.views.get_mut(&view);
            for (key, route) in routes.into_iter().flatten() {
                let before = std::mem::replace(&mut route.stands, false);
                self.history
                    .note(view, || Past::of_withdrawn(view, *key, *route, before));
            }
        }
    }

    /// Every view with its routes, both in order.
    pub fn views(&self) -> impl Iterator<Item = (View, Vec<(RouteKey, Route)>)> {
        let mut views: Vec<View> = self.views.keys().copied().collect();
        views.sort_unstable();
        views.into_iter().map(|view| {
            let routes = self.views.get(&view).into_iter().flatten();
            let mut routes: Vec<_> = routes.map(|(key, route)| (*key, *route)).collect();
            routes.sort_unstable_by_key(|(key, _)| *key);
            (view, routes)
        })
    }

    /// The path of a route.
    pub fn path(&self, route: &Route) -> Option<&P> {
        self.paths.get_index(route.path as usize)
    }

    /// What was otherwise at the marked instants.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Withdrawals in a view of routes that were never announced there.
    pub fn unannounced(&self, view: View) -> u64 {
        self.unannounced.get(&view).copied().unwrap_or(0)
    }

    /// Announcements in Adj-RIB-Ins whose UPDATE is malformed so that a receiver takes its routes as
    /// withdrawn (RFC 7606 2). The router shows them all the same, and what it shows is what it has: they
    /// stand.
    pub fn void(&self) -> u64 {
        self.void
    }

    /// The earliest and the latest time that per-peer headers tell, where packets tell none.
    pub fn told_times(&self) -> Option<(Timestamp, Timestamp)> {
        self.told
    }

    /// Announcements of routes that found no room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View = View {
        session: 1,
        peer: 0,
        rib: Rib::AdjRibInPre,
    };

    fn key(last: u8) -> RouteKey {
        RouteKey {
            prefix: Prefix {
                address: [192, 0, 2, last].into(),
                length: 32,
            },
            path_id: None,
        }
    }

    fn path(asn: u32) -> RoutePath {
        RoutePath {
            origin: PathOrigin::As(asn),
            path: Path::of_sequence([asn]),
        }
    }

    fn shown(routes: &Routes) -> Vec<(RouteKey, PathOrigin, bool)> {
        let all = routes.views().flat_map(|(_, routes)| routes);
        all.map(|(key, route)| (key, routes.path(&route).unwrap().origin, route.stands))
            .collect()
    }

    #[test]
    fn the_last_announcement_counts_and_a_withdrawal_is_remembered() {
        let mut routes: Routes = Routes::default();
        for asn in [1, 2] {
            let mut changes: Changes = Changes::default();
            let number = changes.path(path(asn));
            changes.announce(VIEW, key(1), number, Marks::default());
            changes.announce(VIEW, key(2), number, Marks::default());
            changes.withdraw(VIEW, key(3));
            routes.merge(changes);
        }
        let mut changes: Changes = Changes::default();
        changes.withdraw(VIEW, key(1));
        routes.merge(changes);
        let expected = [
            (key(1), PathOrigin::As(2), false),
            (key(2), PathOrigin::As(2), true),
        ];
        assert_eq!(shown(&routes), expected);
        // The third was withdrawn twice and never announced.
        assert_eq!(routes.unannounced(VIEW), 2);
    }

    #[test]
    fn what_only_messages_about_validation_show_gives_way_to_route_monitoring() {
        let changed = |change: fn(&mut Changes, u32, u32)| {
            let mut changes: Changes = Changes::default();
            let (one, two) = (changes.path(path(1)), changes.path(path(2)));
            change(&mut changes, one, two);
            let mut routes: Routes = Routes::default();
            routes.merge(changes);
            let route = routes.views().flat_map(|(_, routes)| routes).next();
            let (_, route) = route.unwrap();
            let origin = routes.path(&route).unwrap().origin;
            (origin, route.monitored, route.stands)
        };
        let told = changed(|changes, one, two| {
            changes.tell(VIEW, key(1), one, Marks::default());
            changes.tell(VIEW, key(1), two, Marks::default());
        });
        assert_eq!(told, (PathOrigin::As(2), false, true));
        let announced = changed(|changes, one, two| {
            changes.tell(VIEW, key(1), one, Marks::default());
            changes.announce(VIEW, key(1), two, Marks::default());
            changes.tell(VIEW, key(1), one, Marks::default());
        });
        assert_eq!(announced, (PathOrigin::As(2), true, true));
        let withdrawn = changed(|changes, one, _| {
            changes.announce(VIEW, key(1), one, Marks::default());
            changes.withdraw(VIEW, key(1));
            changes.tell(VIEW, key(1), one, Marks::default());
        });
        assert_eq!(withdrawn, (PathOrigin::As(1), true, false));
    }

    #[test]
    fn a_peer_that_goes_down_takes_its_routes_along() {
        let mut changes: Changes = Changes::default();
        let number = changes.path(path(1));
        changes.announce(VIEW, key(1), number, Marks::default());
        let other = View { peer: 1, ..VIEW };
        changes.announce(other, key(1), number, Marks::default());
        changes.down(1, 0);
        let mut routes: Routes = Routes::default();
        routes.merge(changes);
        let stands: Vec<_> = shown(&routes).iter().map(|one| one.2).collect();
        assert_eq!(stands, [false, true]);
    }
}
