//! The routes of one routing table of a router, view by view: what its peers sent (Adj-RIB-In before and
//! after policy), what it chose (Loc-RIB), what it passes on (Adj-RIB-Out).

use super::attributes::Attributes;
use super::verdict::{Judge, Verdict};
use crate::analysis::rpki::routes::{Route, RouteKey, Routes, View};
use crate::analysis::rpki::validation::Data;
use crate::bmp::Rib;
use crate::net::{Prefix, RouteDistinguisher};
use crate::rpki::Origin;
use crate::session::{Peer, Session};
use std::net::IpAddr;

/// A route that stands in a view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    /// Which.
    pub(super) key: RouteKey,
    /// Its attributes.
    pub(super) attributes: &'a Attributes,
    /// Who originated it.
    pub(super) origin: Origin,
    /// Its state.
    pub(super) verdict: Verdict,
}

impl Standing<'_> {
    /// Its next hop.
    pub(super) fn next_hop(&self) -> Option<IpAddr> {
        let is_ipv4 = self.key.prefix.address.is_ipv4();
        self.attributes.next_hops.to(is_ipv4)
    }
}

/// The routes of one view, in order.
#[derive(Debug, Default)]
pub(super) struct Listed<'a> {
    routes: Vec<Standing<'a>>,
    /// IPv4 and IPv6: routes of it were in the view at some time.
    seen: [bool; 2],
}

impl<'a> Listed<'a> {
    fn of(
        routes: &'a Routes<Attributes>,
        listed: &[(RouteKey, Route)],
        judge: &Judge<'_>,
    ) -> Listed<'a> {
        let mut view = Listed::default();
        for (key, route) in listed {
            if let Some(seen) = view.seen.get_mut(family(key.prefix)) {
                *seen = true;
            }
            let attributes = routes.path(route).filter(|_| route.stands);
            view.routes
                .extend(attributes.map(|attributes| judge.standing(*key, attributes)));
        }
        view
    }

    /// Every route that stands.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Standing<'a>> {
        self.routes.iter()
    }

    /// Those to a prefix.
    pub(super) fn to(&self, prefix: Prefix) -> &[Standing<'a>] {
        let first = self.routes.partition_point(|one| one.key.prefix < prefix);
        let rest = self.routes.get(first..).unwrap_or_default();
        let count = rest.partition_point(|one| one.key.prefix == prefix);
        rest.get(..count).unwrap_or_default()
    }

    /// The one of this key; where one side has no path identifiers, the only one to its prefix.
    pub(super) fn find(&self, key: RouteKey) -> Option<&Standing<'a>> {
        let same = self.to(key.prefix);
        match same {
            [only] if only.key.path_id.is_none() || key.path_id.is_none() => Some(only),
            _ => same.iter().find(|one| one.key == key),
        }
    }
}

/// Number of a family: IPv4, IPv6.
fn family(prefix: Prefix) -> usize {
    usize::from(!prefix.address.is_ipv4())
}

/// What one peer sent.
#[derive(Debug)]
pub(super) struct Feed<'a> {
    /// The peer.
    pub(super) peer: &'a Peer,
    /// It is external; none: not known.
    pub(super) is_external: Option<bool>,
    /// Before policy.
    pub(super) pre: Listed<'a>,
    /// After policy.
    pub(super) post: Listed<'a>,
    /// IPv4 and IPv6: the view after policy is there.
    has_post: [bool; 2],
    /// Withdrawals before policy of routes that were never announced there.
    pub(super) unannounced: u64,
}

impl<'a> Feed<'a> {
    /// The router shows this family before policy.
    pub(super) fn has_pre(&self, prefix: Prefix) -> bool {
        self.pre.seen.get(family(prefix)) == Some(&true)
    }

    /// The router shows this family after policy.
    pub(super) fn has_post(&self, prefix: Prefix) -> bool {
        self.has_post.get(family(prefix)) == Some(&true)
    }

    /// What takes part in selection: after policy; where that is not shown, before.
    pub(super) fn current(&self, prefix: Prefix) -> impl Iterator<Item = &Standing<'a>> {
        let (routes, is_after) = match self.has_post(prefix) {
            true => (self.post.to(prefix), true),
            false => (self.pre.to(prefix), false),
        };
        routes
            .iter()
            .filter(move |route| is_after || !self.is_looped(route))
    }

    /// The router's own AS is in the path that an external peer sent.
    pub(super) fn is_looped(&self, route: &Standing<'_>) -> bool {
        let own = self.peer.opens.as_ref().map(|opens| opens.0.asn());
        let own = own.filter(|_| self.is_external == Some(true));
        own.is_some_and(|own| route.attributes.loops_to(own))
    }

    /// A view after policy in which no route of a family was ever: it is there if everything that was
    /// sent is invalid, and may have been dropped. Else it is taken for not shown.
    fn find_post(&mut self) {
        let is_monitored = self.peer.ribs.iter().any(|rib| rib == Rib::AdjRibInPost);
        self.has_post = self.post.seen;
        for (number, has_post) in self.has_post.iter_mut().enumerate() {
            let of_family = |one: &&Standing<'_>| family(one.key.prefix) == number;
            let mut sent = self.pre.iter().filter(of_family);
            *has_post |= is_monitored && sent.all(|one| one.verdict.is_invalid());
        }
    }
}

/// What the router sends to a peer.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    /// The peer.
    pub(super) peer: &'a Peer,
    /// The routes, after policy where that is shown.
    pub(super) routes: Listed<'a>,
}

/// One routing table of a session's router.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// Whose.
    pub(super) session: &'a Session,
    /// Which.
    pub(super) distinguisher: RouteDistinguisher,
    /// By peer.
    pub(super) feeds: Vec<Feed<'a>>,
    /// What it chose, where that is shown.
    pub(super) loc_rib: Listed<'a>,
    /// What it passes on.
    pub(super) sent: Vec<Sent<'a>>,
}

impl<'a> Table<'a> {
    /// The router shows what it chose of this family.
    pub(super) fn has_loc_rib(&self, prefix: Prefix) -> bool {
        self.loc_rib.seen.get(family(prefix)) == Some(&true)
    }

    /// Puts the views of a session together by table.
    pub(super) fn of_session(
        session: &'a Session,
        routes: &'a Routes<Attributes>,
        views: &[(View, Vec<(RouteKey, Route)>)],
        data: &Data,
    ) -> Vec<Table<'a>> {
        let mut tables: Vec<Table<'a>> = Vec::new();
        for (view, listed) in views {
            let Some(peer) = session.peers.get(view.peer as usize) else {
                continue;
            };
            let judge = Judge::new(data, *view, session, peer);
            let listed = Listed::of(routes, listed, &judge);
            let table = table_of(&mut tables, session, peer.distinguisher);
            table.add(peer, view.rib, listed);
            if view.rib == Rib::AdjRibInPre {
                table.feed(peer).unannounced = routes.unannounced(*view);
            }
        }
        for feed in tables.iter_mut().flat_map(|table| &mut table.feeds) {
            feed.find_post();
        }
        tables
    }

    fn add(&mut self, peer: &'a Peer, rib: Rib, listed: Listed<'a>) {
        match rib {
            Rib::AdjRibInPre => self.feed(peer).pre = listed,
            Rib::AdjRibInPost => self.feed(peer).post = listed,
            Rib::LocRib => self.loc_rib.merge(listed),
            Rib::AdjRibOutPre | Rib::AdjRibOutPost => self.add_sent(peer, listed),
        }
    }

    fn feed(&mut self, peer: &'a Peer) -> &mut Feed<'a> {
        let known = self
            .feeds
            .iter()
            .position(|feed| std::ptr::eq(feed.peer, peer));
        let place = known.unwrap_or(self.feeds.len());
        if known.is_none() {
            self.feeds.push(Feed {
                peer,
                is_external: peer.opens.as_ref().map(|opens| opens.0.asn() != peer.asn),
                pre: Listed::default(),
                post: Listed::default(),
                has_post: [false; 2],
                unannounced: 0,
            });
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "the place was found or made just now"
        )]
        &mut self.feeds[place]
    }

    /// The view after policy comes behind the one before, and takes its place.
    fn add_sent(&mut self, peer: &'a Peer, routes: Listed<'a>) {
        self.sent.retain(|sent| !std::ptr::eq(sent.peer, peer));
        self.sent.push(Sent { peer, routes });
    }
}

impl<'a> Listed<'a> {
    /// Routers show their own routes as a Loc-RIB of its own: both together are the table.
    fn merge(&mut self, other: Listed<'a>) {
        self.routes.extend(other.routes);
        self.routes.sort_by_key(|one| one.key);
        for (seen, too) in self.seen.iter_mut().zip(other.seen) {
            *seen |= too;
        }
    }
}

fn table_of<'t, 'a>(
    tables: &'t mut Vec<Table<'a>>,
    session: &'a Session,
    distinguisher: RouteDistinguisher,
) -> &'t mut Table<'a> {
    let known = tables
        .iter()
        .position(|table| table.distinguisher == distinguisher);
    let place = known.unwrap_or(tables.len());
    if known.is_none() {
        tables.push(Table {
            session,
            distinguisher,
            feeds: Vec::new(),
            loc_rib: Listed::default(),
            sent: Vec::new(),
        });
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "the place was found or made just now"
    )]
    &mut tables[place]
}
