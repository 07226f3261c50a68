//! The matrix: capabilities down, routers or peers across, a letter for each state.

use crate::analysis::capabilities::{PeerCapabilities, PeerCapability, RouterCapabilities};
use crate::bgp::capability::{CapabilityCode, SendReceive};
use crate::sheet::{Align, Cell, Sheet, Tone};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

const LEGEND: &str = "S supported, E enabled (as the router reports), A advertised by the router, R received from \
                      the peer, N negotiated; . no, - not reported or not known";

/// What a row is about, in the order in which rows stand: code, family, direction.
type Label = (u8, Option<String>, Option<String>, Way);

/// The direction of a row, as the router sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Neither,
    Send,
    Receive,
}

/// Supported, enabled, advertised, received, negotiated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct States([Option<bool>; 5]);

impl States {
    const LETTERS: [char; 5] = ['S', 'E', 'A', 'R', 'N'];

    /// What is so of any.
    fn or(self, other: States) -> States {
        let mut states = self;
        for (own, other) in states.0.iter_mut().zip(other.0) {
            *own = match (*own, other) {
                (Some(own), Some(other)) => Some(own || other),
                (own, other) => own.or(other),
            };
        }
        states
    }

    fn cell(self) -> Cell {
        if self.0.iter().all(Option::is_none) {
            return Cell::Absent;
        }
        let letters = States::LETTERS.iter().zip(self.0);
        let text = letters.map(|(letter, state)| match state {
            Some(true) => *letter,
            Some(false) => '.',
            None => '-',
        });
        let [_, _, advertised, received, negotiated] = self.0;
        let tone = match (negotiated, advertised == received) {
            (Some(true), _) => Tone::Good,
            (Some(false), false) => Tone::Warning,
            _ => Tone::Faint,
        };
        Cell::Word(text.collect(), tone)
    }
}

/// The states of every capability of one column.
type Column = BTreeMap<Label, States>;

/// A column for each peer, by the numbers of the sheet of peers.
pub(super) fn by_peer(
    routers: &[RouterCapabilities],
    peers: &[&PeerCapabilities],
    only_differences: bool,
) -> Sheet {
    let silent = |index: usize| {
        let session = peers.get(index).map(|peer| peer.session);
        let router = routers
            .iter()
            .find(|router| Some(router.session) == session);
        router.map(silence).unwrap_or_default()
    };
    let columns: Vec<(String, Column)> = (1..)
        .zip(peers)
        .map(|(number, peer)| (format!("{number}"), column(peer)))
        .collect();
    sheet(
        "Capabilities by peer (#)",
        &columns,
        silent,
        only_differences,
    )
}

/// What a router says of a capability by not naming it anywhere.
fn silence(router: &RouterCapabilities) -> States {
    let open = (router.peers > 0).then_some(false);
    let supported = router.reports_supported.then_some(false);
    let enabled = router.reports_enabled.then_some(false);
    States([supported, enabled, open, open, open])
}

/// A column for each router, by the numbers of the sheet of routers: what is so of any of its peers.
pub(super) fn by_router(
    routers: &[RouterCapabilities],
    peers: &[PeerCapabilities],
    only_differences: bool,
) -> Sheet {
    let columns: Vec<(String, Column)> = routers
        .iter()
        .map(|router| (format!("{}", router.session), router_column(router, peers)))
        .collect();
    let silent = |index: usize| routers.get(index).map(silence).unwrap_or_default();
    sheet(
        "Capabilities by router (#), with any of its peers",
        &columns,
        silent,
        only_differences,
    )
}

fn router_column(router: &RouterCapabilities, peers: &[PeerCapabilities]) -> Column {
    let mut all = Column::new();
    // What the router reports, where it has no peers.
    for one in &router.capabilities {
        let states = States([one.supported, one.enabled, None, None, None]);
        let label = (one.code, one.afi.clone(), one.safi.clone(), Way::Neither);
        if !has_ways(one.code) || router.peers == 0 {
            all.insert(label, states);
        }
    }
    let own = peers.iter().filter(|peer| peer.session == router.session);
    for peer in own.filter(|peer| super::is_shown(peer)) {
        for (label, states) in column(peer) {
            let known = all.entry(label).or_default();
            *known = known.or(states);
        }
    }
    all
}

fn column(peer: &PeerCapabilities) -> Column {
    peer.capabilities.iter().flat_map(states).collect()
}

/// ADD-PATH and routing policy distribution.
fn has_ways(code: u8) -> bool {
    code == CapabilityCode::ADD_PATH.0 || code == 72
}

/// One row, or one for each direction.
fn states(one: &PeerCapability) -> Vec<(Label, States)> {
    let label = |way| (one.code, one.afi.clone(), one.safi.clone(), way);
    let whole = States([
        one.supported,
        one.enabled,
        one.advertised,
        one.received,
        one.negotiated,
    ]);
    let values = &one.values;
    let ways = [&values.advertised, &values.received]
        .map(|said| said.as_ref().and_then(|said| said.send_receive));
    if !has_ways(one.code) || ways == [None, None] {
        return vec![(label(Way::Neither), whole)];
    }
    let [ours, theirs] = ways;
    let agreed = values.negotiated.as_ref();
    let row = |way, ours: Option<bool>, theirs: Option<bool>, agreed: Option<bool>| {
        let open = [ours, theirs, agreed].map(|state| state.or(Some(false)));
        let [ours, theirs, agreed] = open;
        (
            label(way),
            States([one.supported, one.enabled, ours, theirs, agreed]),
        )
    };
    vec![
        row(
            Way::Send,
            ours.map(SendReceive::sends),
            theirs.map(SendReceive::receives),
            agreed.and_then(|agreed| agreed.send),
        ),
        row(
            Way::Receive,
            ours.map(SendReceive::receives),
            theirs.map(SendReceive::sends),
            agreed.and_then(|agreed| agreed.receive),
        ),
    ]
}

fn sheet(
    title: &str,
    columns: &[(String, Column)],
    silent: impl Fn(usize) -> States,
    only_differences: bool,
) -> Sheet {
    let mut sheet = Sheet::new(title).left(["capability"]);
    for (name, _) in columns {
        sheet = sheet.with_columns(&[name.as_str()], Align::Left);
    }
    let labels = columns.iter().flat_map(|(_, column)| column.keys());
    let labels: BTreeSet<&Label> = labels.collect();
    for label in labels {
        let states = columns.iter().enumerate().map(|(index, (_, column))| {
            column.get(label).copied().unwrap_or_else(|| silent(index))
        });
        let states: Vec<States> = states.collect();
        if only_differences && are_alike(&states) {
            continue;
        }
        let cells = states.into_iter().map(States::cell);
        let name = Cell::Word(words(label), Tone::Plain);
        sheet.row(std::iter::once(name).chain(cells).collect::<Vec<_>>());
    }
    sheet.note(LEGEND);
    sheet.main()
}

/// No two columns that know of the capability say different things.
fn are_alike(states: &[States]) -> bool {
    let known = || states.iter().filter(|one| **one != States::default());
    let first = known().next();
    known().all(|one| Some(one) == first)
}

fn words((code, afi, safi, way): &Label) -> String {
    let family = [afi, safi].into_iter().flatten().cloned();
    let name = std::iter::once(CapabilityCode(*code).to_string());
    let way = match way {
        Way::Neither => None,
        Way::Send => Some("(send)".to_owned()),
        Way::Receive => Some("(receive)".to_owned()),
    };
    let all: Vec<String> = name.chain(family).chain(way).collect();
    all.join(" ")
}

/// The word that JSON has.
pub(super) fn word(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
