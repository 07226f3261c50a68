//! `capabilities`: what BGP speakers support, enable, advertise, receive and negotiate.

mod matrix;

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Outcome, OwnOption, Report, Request};
use crate::analysis::capabilities::{
    Capabilities, Inconsistency, InconsistencyKind, Opportunity, PeerCapabilities, PeerCapability,
    RouterCapabilities, capabilities,
};
use crate::analysis::shape::PeerName;
use crate::bgp::capability::{CapabilityCode, RoleValue};
use crate::sheet::{self, Cell, Rows, Sheet, Tone};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

const DIFF: OwnOption = OwnOption::flag(
    "diff",
    "In the table: only the capabilities in which columns differ",
)
.of_tables();

const BY: OwnOption = OwnOption::word(
    "by",
    "WHAT",
    &["router", "peer"],
    "In the table: what the columns of the matrix are",
)
.or("router")
.of_tables();

/// The report.
pub const REPORT: Report = Report {
    name: Answer::NAME,
    about: "What BGP speakers support, enable, advertise, receive and negotiate",
    details: "Shows each capability by family: what a router's Initiation reports as supported and enabled \
              (draft-zhuang-grow-monitoring-bgp-parameters-02), what both OPENs of each peer's last \
              Peer Up say, and what they negotiate. Opportunities are capabilities that both ends \
              support and do not use; inconsistencies are what does not fit together.",
    examples: &[
        Example {
            about: "In which capabilities routers differ",
            line: "bmpscope capabilities --diff day.pcap",
        },
        Example {
            about: "The same between peers",
            line: "bmpscope capabilities --diff --by peer day.pcap",
        },
        Example {
            about: "What could be enabled, and what it would bring",
            line: "bmpscope capabilities --json day.pcap | jq '.opportunities[]'",
        },
    ],
    options: &[DIFF, BY],
    schema: super::envelope::schema::<Answer>,
    run,
};

/// The answer, and how people want to see it.
#[derive(Debug, Serialize, JsonSchema)]
struct Answer {
    #[serde(flatten)]
    capabilities: Capabilities,
    #[serde(skip)]
    by_peer: bool,
    #[serde(skip)]
    only_differences: bool,
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    source::answer(request, |run| {
        Answered::new(Answer {
            capabilities: capabilities(&run.sessions),
            by_peer: given.text(&BY) == Some("peer"),
            only_differences: given.has(&DIFF),
        })
    })
}

impl Body for Answer {
    const NAME: &'static str = "capabilities";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.capabilities.peers)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        let Capabilities {
            routers,
            peers,
            opportunities,
            inconsistencies,
        } = &self.capabilities;
        if routers.is_empty() {
            return Vec::new();
        }
        let shown: Vec<&PeerCapabilities> = peers.iter().filter(|peer| is_shown(peer)).collect();
        let mut sheets = vec![routers_sheet(routers)];
        if self.by_peer {
            sheets.push(peers_sheet(&shown, peers.len() - shown.len()));
            sheets.push(matrix::by_peer(routers, &shown, self.only_differences));
        } else {
            sheets.push(matrix::by_router(routers, peers, self.only_differences));
        }
        let router = Names::of(routers);
        sheets.extend(opportunities_sheet(opportunities, &router));
        sheets.extend(inconsistencies_sheets(inconsistencies, &router));
        sheets
    }

    fn rows(&self) -> Option<Rows<'_>> {
        let peers = self.capabilities.peers.iter();
        Some(Rows {
            names: [
                "session",
                "router",
                "router name",
                "peer",
                "asn",
                "type",
                "distinguisher",
                "code",
                "name",
                "afi",
                "safi",
                "supported",
                "enabled",
                "advertised",
                "received",
                "negotiated",
            ]
            .map(str::to_owned)
            .into(),
            rows: Box::new(
                peers.flat_map(|peer| peer.capabilities.iter().map(move |one| csv_row(peer, one))),
            ),
        })
    }
}

fn csv_row(peer: &PeerCapabilities, one: &PeerCapability) -> Vec<Cell> {
    vec![
        peer.session.into(),
        peer.router.into(),
        peer.router_name.clone().into(),
        peer.peer.address.into(),
        peer.peer.asn.into(),
        peer.peer.peer_type.as_str().into(),
        peer.peer.distinguisher.clone().into(),
        one.code.into(),
        Cell::text(one.name),
        one.afi.clone().into(),
        one.safi.clone().into(),
        one.supported.into(),
        one.enabled.into(),
        one.advertised.into(),
        one.received.into(),
        one.negotiated.into(),
    ]
}

/// A Loc-RIB negotiates with nobody, and without OPENs there is nothing to show.
fn is_shown(peer: &PeerCapabilities) -> bool {
    peer.opens && peer.peer.peer_type != "loc-rib"
}

/// What sheets call the router of a session.
struct Names(BTreeMap<u32, String>);

impl Names {
    fn of(routers: &[RouterCapabilities]) -> Names {
        let named = routers.iter().map(|row| (row.session, router_name(row)));
        Names(named.collect())
    }

    fn get(&self, session: u32) -> String {
        self.0.get(&session).cloned().unwrap_or_default()
    }
}

fn router_name(row: &RouterCapabilities) -> String {
    let address = row.router.address.map(|address| address.to_string());
    let name = row.router.sys_name.clone().or(address);
    name.unwrap_or_else(|| format!("#{}", row.session))
}

fn routers_sheet(routers: &[RouterCapabilities]) -> Sheet {
    let mut sheet = Sheet::new("Routers")
        .right(["#"])
        .left(["router", "os", "version", "known by", "sure"])
        .right(["peers"])
        .left(["reports"]);
    for row in routers {
        let known = row.router.identified;
        let reports = [
            (row.reports_supported, "supported"),
            (row.reports_enabled, "enabled"),
        ]
        .into_iter();
        let reports: Vec<String> = reports
            .filter(|one| one.0)
            .map(|one| one.1.to_owned())
            .collect();
        sheet.row([
            row.session.into(),
            router_name(row).into(),
            row.router.os.clone().into(),
            row.router.version.clone().into(),
            known.map(|known| matrix::word(known.by)).into(),
            known.map(|known| matrix::word(known.sure)).into(),
            row.peers.into(),
            Some(reports).filter(|reports| !reports.is_empty()).into(),
        ]);
    }
    sheet
}

fn peers_sheet(peers: &[&PeerCapabilities], left_out: usize) -> Sheet {
    let mut sheet = Sheet::new("Peers")
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS", "hold", "AS octets", "sends up to", "takes up to"])
        .left(["roles"])
        .keyed(["#", "peer"]);
    for (number, peer) in (1u64..).zip(peers) {
        let address = peer.router.map(|address| address.to_string());
        let roles = peer.roles.map(|roles| {
            let word =
                |role: Option<RoleValue>| role.map_or("-".to_owned(), |role| role.to_string());
            format!("{} / {}", word(roles.sent), word(roles.received))
        });
        sheet.row([
            number.into(),
            peer.router_name.clone().or(address).into(),
            peer.peer.text().into(),
            peer.peer.asn.into(),
            peer.hold_time.map(|hold| hold.negotiated).into(),
            peer.as_octets.into(),
            peer.message_octets_sent.into(),
            peer.message_octets_received.into(),
            roles.into(),
        ]);
    }
    if left_out > 0 {
        sheet.note(format!(
            "{left_out} more without OPENs, or a Loc-RIB: in JSON and CSV"
        ));
    }
    sheet
}

/// A peer as it is sorted, by address, and shown.
type Named = (Option<IpAddr>, String);

fn named(peer: &PeerName) -> Named {
    (peer.address, peer.text())
}

/// What is the same of several peers is one row.
fn opportunities_sheet(all: &[Opportunity], routers: &Names) -> Option<Sheet> {
    let rows = all.iter().map(|one| {
        let name = capability_words(one.name, &one.afi, &one.safi);
        let (router, peer) = one.support.clone();
        let group = (
            one.code,
            name,
            routers.get(one.session),
            one.kind,
            router,
            peer,
        );
        (group, named(&one.peer))
    });
    let mut sheet = Sheet::new("Opportunities: supported at both ends, not used")
        .left([
            "capability",
            "router",
            "sent by",
            "router can by",
            "peer can by",
            "peers",
        ])
        .keyed(["capability", "router", "peers"]);
    for ((_, name, router, kind, own, far), peers) in grouped(rows) {
        let cells = [
            plain(name),
            router.into(),
            plain(kind.senders()),
            plain(own),
            plain(far),
            peers,
        ];
        sheet.row(cells);
    }
    let brings: BTreeMap<(u8, CapabilityCode), &str> = all
        .iter()
        .map(|one| ((one.code, one.name), one.brings))
        .collect();
    for ((_, name), brings) in brings {
        sheet.note(format!("{name} would bring: {brings}."));
    }
    (!sheet.rows.is_empty()).then_some(sheet)
}

fn plain(text: impl Into<String>) -> Cell {
    Cell::Word(text.into(), Tone::Plain)
}

fn capability_words(name: CapabilityCode, afi: &Option<String>, safi: &Option<String>) -> String {
    match family_words(afi, safi).as_str() {
        "" => name.to_string(),
        family => format!("{name} {family}"),
    }
}

fn family_words(afi: &Option<String>, safi: &Option<String>) -> String {
    let words: Vec<&str> = [afi, safi]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    words.join(" ")
}

/// One sheet for each kind. The families of a capability are one row, and so are the peers of which the
/// same is true.
fn inconsistencies_sheets(all: &[Inconsistency], routers: &Names) -> Vec<Sheet> {
    let mut families: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for one in all {
        let peer = one
            .peer
            .as_ref()
            .map_or_else(|| (None, "-".to_owned()), named);
        let router = routers.get(one.session);
        let group = (one.kind, one.name, router, one.what.as_str(), peer);
        let family = family_words(&one.afi, &one.safi);
        let list = families.entry(group).or_default();
        if !family.is_empty() && !list.contains(&family) {
            list.push(family);
        }
    }
    let rows = families
        .into_iter()
        .map(|((kind, name, router, what, peer), families)| {
            ((kind, name, router, what, families), peer)
        });
    let mut sheets: BTreeMap<InconsistencyKind, Sheet> = BTreeMap::new();
    for ((kind, name, router, what, families), peers) in grouped(rows) {
        let sheet = sheets.entry(kind).or_insert_with(|| {
            let title = format!("Inconsistencies: {}", kind.word());
            Sheet::new(title)
                .left(["capability", "router", "what", "peers", "families"])
                .keyed(["capability", "router", "peers"])
        });
        let families = Some(families).filter(|families| !families.is_empty());
        sheet.row([
            plain(name.to_string()),
            router.into(),
            what.into(),
            peers,
            families.into(),
        ]);
    }
    sheets.into_values().collect()
}

/// Peers named in a row; more are counted.
const PEERS: usize = 4;

/// Rows that are the same but for the peer.
fn grouped<G: Ord>(rows: impl Iterator<Item = (G, Named)>) -> impl Iterator<Item = (G, Cell)> {
    let mut groups: BTreeMap<G, BTreeSet<Named>> = BTreeMap::new();
    for (group, peer) in rows {
        groups.entry(group).or_default().insert(peer);
    }
    groups.into_iter().map(|(group, peers)| {
        let more = peers.len().saturating_sub(PEERS);
        let mut names: Vec<String> = peers.into_iter().map(|peer| peer.1).collect();
        names.truncate(PEERS);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        (group, Cell::List(names))
    })
}
