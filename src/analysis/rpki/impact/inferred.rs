//! The impact on every prefix of every table.

use super::attributes::Attributes;
use super::outcome::{Class, Looking, Outcome, Pick, Scenario};
use super::policy::{Choice, Policy, Treatment, routes, state_word};
use super::rows::{
    BestRow, ImpactRouteRow, Inferred, PolicyRow, PolicyStateRow, PrefixImpactRow, RouteSide,
    TableRow, TotalRow,
};
use super::table::{Feed, Standing, Table};
use crate::analysis::rpki::routes::{Route, RouteKey, Routes, View};
use crate::analysis::rpki::rows::ViewRow;
use crate::analysis::rpki::validation::Data;
use crate::analysis::shape::PeerName;
use crate::bmp::Rib;
use crate::net::{Family, Prefix};
use crate::rpki::Origin;
use crate::session::{Peer, Session};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What the RPKI changes for the routes of these sessions.
pub fn inferred(
    collected: &Routes<Attributes>,
    sessions: &[Session],
    data: &Data,
    scenario: Scenario,
) -> Inferred {
    let mut answer = Inferred {
        scenario,
        policies: Vec::new(),
        totals: Vec::new(),
        prefixes: Vec::new(),
        routes: Vec::new(),
    };
    let mut views = collected.views().peekable();
    while let Some((view, listed)) = views.next() {
        let number = view.session;
        let mut own: Vec<(View, Vec<(RouteKey, Route)>)> = vec![(view, listed)];
        while let Some(next) = views.next_if(|(view, _)| view.session == number) {
            own.push(next);
        }
        if let Some(session) = sessions.iter().find(|session| session.id == number) {
            for table in Table::of_session(session, collected, &own, data) {
                add_table(&mut answer, &table, data);
            }
        }
    }
    answer
}

fn add_table(answer: &mut Inferred, table: &Table<'_>, data: &Data) {
    let policies = policies(table);
    let looking = Looking {
        table,
        policies: &policies,
        scenario: answer.scenario,
    };
    let rows = table.feeds.iter().zip(&policies);
    answer
        .policies
        .extend(rows.map(|(feed, policy)| policy_row(table, feed, policy)));
    let mut outcomes: BTreeMap<Prefix, Outcome<'_>> = BTreeMap::new();
    for affected in affected(&looking) {
        let prefix = affected.route.key.prefix;
        let outcome = outcomes
            .entry(prefix)
            .or_insert_with(|| looking.outcome(prefix));
        let row = route_row(&looking, &affected, outcome, data);
        answer.routes.push(row);
    }
    if !outcomes.is_empty() {
        answer.totals.push(total_row(table, outcomes.values()));
    }
    let rows = outcomes.iter();
    answer
        .prefixes
        .extend(rows.map(|(prefix, outcome)| prefix_row(&looking, *prefix, outcome)));
}

/// What the policies of a table's peers do, and what selection makes of states.
fn policies(table: &Table<'_>) -> Vec<Policy> {
    let inbound: Vec<Policy> = table.feeds.iter().map(Policy::of).collect();
    let looking = Looking {
        table,
        policies: &inbound,
        scenario: Scenario::AsSeen,
    };
    match looking.choice() {
        Choice::AnyState => inbound,
        choice => {
            let both = inbound.into_iter().zip(&table.feeds);
            both.map(|(policy, feed)| policy.with_choice(choice, feed))
                .collect()
        }
    }
}

/// A route that is told of.
struct Affected<'a> {
    peer: &'a Peer,
    /// Place of its feed; none for the Loc-RIB.
    feed: Option<usize>,
    rib: Rib,
    route: Standing<'a>,
    treatment: Treatment,
}

/// Every invalid route, and what is treated alike.
fn affected<'a>(looking: &Looking<'_, 'a>) -> Vec<Affected<'a>> {
    let mut found = Vec::new();
    for (number, (feed, policy)) in looking.table.feeds.iter().zip(looking.policies).enumerate() {
        match looking.scenario {
            Scenario::AsSeen => add_seen(&mut found, number, feed, policy),
            _ => add_supposed(&mut found, number, feed, looking.scenario),
        }
    }
    add_from_loc_rib(&mut found, looking);
    found
}

fn add_seen<'a>(found: &mut Vec<Affected<'a>>, number: usize, feed: &Feed<'a>, policy: &Policy) {
    let treatments = [
        Treatment::Dropped,
        Treatment::Excluded,
        Treatment::Deprioritised,
        Treatment::Tagged,
    ];
    let about_invalid = treatments.map(|one| policy.is_about_invalid(one).then_some(one));
    for route in routes(feed) {
        let treatment = policy.treatment(feed, route);
        if route.verdict.is_invalid() || about_invalid.contains(&Some(treatment)) {
            found.push(Affected {
                peer: feed.peer,
                feed: Some(number),
                rib: first_view(feed, route.key.prefix),
                route: *route,
                treatment,
            });
        }
    }
}

fn first_view(feed: &Feed<'_>, prefix: Prefix) -> Rib {
    match feed.has_pre(prefix) {
        true => Rib::AdjRibInPre,
        false => Rib::AdjRibInPost,
    }
}

/// What a supposed policy would do to what takes part in selection now.
fn add_supposed<'a>(
    found: &mut Vec<Affected<'a>>,
    number: usize,
    feed: &Feed<'a>,
    scenario: Scenario,
) {
    let before = feed.pre.iter();
    let before = before.filter(|route| !feed.has_post(route.key.prefix) && !feed.is_looped(route));
    for route in before.chain(feed.post.iter()) {
        if route.verdict.is_invalid() {
            found.push(Affected {
                peer: feed.peer,
                feed: Some(number),
                rib: match feed.has_post(route.key.prefix) {
                    true => Rib::AdjRibInPost,
                    false => Rib::AdjRibInPre,
                },
                route: *route,
                treatment: supposed(scenario),
            });
        }
    }
}

fn supposed(scenario: Scenario) -> Treatment {
    match scenario {
        Scenario::DropInvalid => Treatment::Dropped,
        Scenario::PreferValid => Treatment::Deprioritised,
        Scenario::AsSeen => Treatment::Accepted,
    }
}

/// Invalid routes of the Loc-RIB to prefixes of which no peer's routes are shown.
fn add_from_loc_rib<'a>(found: &mut Vec<Affected<'a>>, looking: &Looking<'_, 'a>) {
    let table = looking.table;
    let Some(peer) = loc_rib_peer(table) else {
        return;
    };
    for route in table.loc_rib.iter().filter(|one| one.verdict.is_invalid()) {
        let prefix = route.key.prefix;
        let is_shown = |feed: &Feed<'_>| feed.current(prefix).next().is_some();
        if !table.feeds.iter().any(is_shown) {
            found.push(Affected {
                peer,
                feed: None,
                rib: Rib::LocRib,
                route: *route,
                treatment: supposed(looking.scenario),
            });
        }
    }
}

fn table_row(table: &Table<'_>) -> TableRow {
    let distinguisher = table.distinguisher;
    TableRow {
        session: table.session.id,
        router: table.session.router_address,
        router_name: table.session.router.sys_name.clone(),
        distinguisher: (!distinguisher.is_zero()).then(|| distinguisher.to_string()),
    }
}

fn policy_row(table: &Table<'_>, feed: &Feed<'_>, policy: &Policy) -> PolicyRow {
    let states = (0..=2).map(|word| {
        let count = |wanted: Option<Treatment>| {
            policy.count(|own, what| own == word && wanted.is_none_or(|one| one == what)) as u64
        };
        PolicyStateRow {
            state: state_word(word),
            routes: count(None),
            accepted: count(Some(Treatment::Accepted)),
            tagged: count(Some(Treatment::Tagged)),
            deprioritised: count(Some(Treatment::Deprioritised)),
            excluded: count(Some(Treatment::Excluded)),
            dropped: count(Some(Treatment::Dropped)),
            looped: count(Some(Treatment::Looped)),
            not_shown: count(Some(Treatment::NotShown)),
        }
    });
    let shows = |rib| feed.peer.ribs.iter().any(|one| one == rib);
    PolicyRow {
        table: table_row(table),
        peer: PeerName::of(feed.peer),
        shows_pre_policy: shows(Rib::AdjRibInPre),
        shows_post_policy: shows(Rib::AdjRibInPost),
        unannounced_withdrawals: feed.unannounced,
        invalid_routes_are: most(policy),
        usual_local_pref: policy.usual,
        states: states.collect(),
    }
}

/// What became of more than half of the invalid routes.
fn most(policy: &Policy) -> Option<Treatment> {
    let invalid = |what: Option<Treatment>| {
        policy.count(|word, own| word == 2 && what.is_none_or(|one| one == own))
    };
    let treatments = policy.counts.keys().map(|(_, treatment)| *treatment);
    let mut most = treatments.filter(|one| invalid(Some(*one)) * 2 > invalid(None));
    most.next()
}

fn total_row<'o>(table: &Table<'_>, outcomes: impl Iterator<Item = &'o Outcome<'o>>) -> TotalRow {
    let mut row = TotalRow {
        table: table_row(table),
        shows_loc_rib: table.loc_rib.iter().next().is_some(),
        prefixes: 0,
        changed: 0,
        changed_by_unselective: 0,
        classes: Class::ALL
            .iter()
            .map(|class| (class.word().to_owned(), 0))
            .collect(),
        compared: 0,
        agreeing: 0,
    };
    for outcome in outcomes {
        row.prefixes += 1;
        row.changed += u64::from(outcome.is_changed);
        let is_unselective = outcome.is_changed && outcome.is_selective == Some(false);
        row.changed_by_unselective += u64::from(is_unselective);
        row.compared += u64::from(outcome.agrees.is_some());
        row.agreeing += u64::from(outcome.agrees == Some(true));
        if let Some(count) = row.classes.get_mut(outcome.class.word()) {
            *count += 1;
        }
    }
    row
}

fn prefix_row(looking: &Looking<'_, '_>, prefix: Prefix, outcome: &Outcome<'_>) -> PrefixImpactRow {
    let best = |pick: &Option<Pick<'_>>| {
        let pick = pick.as_ref()?;
        Some(BestRow {
            route: side(looking, pick),
            told: pick.is_told,
            decided_by: pick.step,
            cannot_know: pick.cannot_know.clone(),
        })
    };
    PrefixImpactRow {
        table: table_row(looking.table),
        prefix: prefix.to_string(),
        class: outcome.class,
        changed: outcome.is_changed,
        selective: outcome.is_selective,
        leaks: outcome.leaks,
        before: best(&outcome.before),
        after: best(&outcome.after),
        covering: best(&outcome.covering),
        selection_agrees: outcome.agrees,
    }
}

fn side(looking: &Looking<'_, '_>, pick: &Pick<'_>) -> RouteSide {
    let feed = pick.feed.and_then(|number| looking.table.feeds.get(number));
    let attributes = pick.route.attributes;
    RouteSide {
        prefix: pick.route.key.prefix.to_string(),
        path_id: pick.route.key.path_id,
        peer: feed.map(|feed| PeerName::of(feed.peer)),
        origin: origin(&pick.route),
        as_path: attributes.segments.clone(),
        next_hop: pick.route.next_hop(),
        local_pref: attributes.local_pref,
        state: pick.route.verdict.word(),
        path_state: pick.route.verdict.path,
    }
}

fn loc_rib_peer<'a>(table: &Table<'a>) -> Option<&'a Peer> {
    let mut peers = table.session.peers.iter();
    peers.find(|peer| {
        peer.distinguisher == table.distinguisher && peer.ribs.iter().any(|rib| rib == Rib::LocRib)
    })
}

fn origin(route: &Standing<'_>) -> Option<u32> {
    match route.origin {
        Origin::As(asn) => Some(asn),
        Origin::None => None,
    }
}

fn route_row(
    looking: &Looking<'_, '_>,
    affected: &Affected<'_>,
    outcome: &Outcome<'_>,
    data: &Data,
) -> ImpactRouteRow {
    let route = &affected.route;
    let feed = affected.feed;
    let after = feed.and_then(|number| looking.table.feeds.get(number)?.post.find(route.key));
    let is_pre = affected.rib == Rib::AdjRibInPre;
    let instead = outcome.after.as_ref().filter(|pick| !is_it(pick, affected));
    ImpactRouteRow {
        view: view_row(looking.table, affected),
        prefix: route.key.prefix.to_string(),
        path_id: route.key.path_id,
        origin: origin(route),
        as_path: route.attributes.segments.clone(),
        next_hop: route.next_hop(),
        state: route.verdict.word(),
        path_state: route.verdict.path,
        reasons: data.vrps.explain(route.key.prefix, route.origin).reasons,
        treatment: affected.treatment,
        local_pref_before: route.attributes.local_pref.filter(|_| is_pre),
        local_pref_after: after.and_then(|after| after.attributes.local_pref),
        tags: tags(looking, affected),
        advertised_to: advertised_to(looking.table, route.key.prefix),
        treated_as_invalid: !route.verdict.is_invalid(),
        class: outcome.class,
        alternate: instead
            .or(outcome.covering.as_ref())
            .map(|pick| side(looking, pick)),
    }
}

fn is_it(pick: &Pick<'_>, affected: &Affected<'_>) -> bool {
    pick.feed == affected.feed && pick.route.key == affected.route.key
}

fn view_row(table: &Table<'_>, affected: &Affected<'_>) -> ViewRow {
    let family = match affected.route.key.prefix.address.is_ipv4() {
        true => Family::IPV4_UNICAST,
        false => Family::IPV6_UNICAST,
    };
    ViewRow {
        session: table.session.id,
        router: table.session.router_address,
        router_name: table.session.router.sys_name.clone(),
        peer: PeerName::of(affected.peer),
        rib: affected.rib,
        afi: family.afi_word(),
        safi: family.safi_word(),
    }
}

fn tags(looking: &Looking<'_, '_>, affected: &Affected<'_>) -> Vec<String> {
    let both = affected.feed.and_then(|number| {
        let feed = looking.table.feeds.get(number)?;
        Some((feed, looking.policies.get(number)?))
    });
    let tags = both.into_iter().flat_map(|(feed, policy)| {
        let tags = policy.tags(feed, &affected.route);
        tags.map(|tag| tag.to_string()).collect::<Vec<_>>()
    });
    tags.collect()
}

/// The peers that are sent an invalid route to a prefix.
fn advertised_to(table: &Table<'_>, prefix: Prefix) -> Vec<IpAddr> {
    let is_sent = |routes: &[Standing<'_>]| routes.iter().any(|one| one.verdict.is_invalid());
    let sent = table.sent.iter();
    let sent = sent.filter(|sent| is_sent(sent.routes.to(prefix)));
    sent.filter_map(|sent| sent.peer.address).collect()
}
