//! `capabilities`: what BGP speakers support, enable, advertise, receive and negotiate.

mod matrix;

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Outcome, OwnOption, Report, Request};
use crate::analysis::capabilities::{
    Capabilities, Inconsistency, Opportunity, PeerCapabilities, PeerCapability, PeerName,
    RouterCapabilities, capabilities,
};
use crate::bgp::capability::RoleValue;
use crate::sheet::{self, Cell, Rows, Sheet, Tone};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

const DIFF: OwnOption =
    OwnOption::flag("diff", "Show only the capabilities in which columns differ");

const BY: OwnOption = OwnOption::word(
    "by",
    "WHAT",
    &["router", "peer"],
    "What the columns of the matrix are",
)
.or("router");

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
            sheets.push(matrix::by_peer(&shown, self.only_differences));
        } else {
            sheets.push(matrix::by_router(routers, peers, self.only_differences));
        }
        let router = Names::of(routers);
        sheets.extend(opportunities_sheet(opportunities, &router));
        sheets.extend(inconsistencies_sheet(inconsistencies, &router));
        sheets
    }

    fn rows(&self) -> Option<Rows<'_>> {
        let peers = self.capabilities.peers.iter();
        Some(Rows {
            names: &[
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
            ],
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

fn peer_name(peer: &PeerName) -> String {
    let name = peer.address.map(|address| address.to_string());
    let name = name.unwrap_or_else(|| format!("{} {}", peer.peer_type, peer.bgp_id));
    match &peer.distinguisher {
        Some(distinguisher) => format!("{name} {distinguisher}"),
        None => name,
    }
}

fn routers_sheet(routers: &[RouterCapabilities]) -> Sheet {
    let mut sheet = Sheet::new("Routers")
        .right(["#"])
        .left(["router", "os", "version", "known by", "sure"])
        .right(["peers"])
        .left(["reports"]);
    for row in routers {
        let known = row.router.identified;
        let supported = row.capabilities.iter().any(|one| one.supported.is_some());
        let enabled = row.capabilities.iter().any(|one| one.enabled.is_some());
        let reports = [(supported, "supported"), (enabled, "enabled")].into_iter();
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
        .keys(3);
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
            peer_name(&peer.peer).into(),
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

/// What is the same of several peers is one row.
fn opportunities_sheet(all: &[Opportunity], routers: &Names) -> Option<Sheet> {
    let rows = all.iter().map(|one| {
        let (name, why) = one.why.split_once(": ").unwrap_or(("", one.why.as_str()));
        let group = (name.to_owned(), routers.get(one.session), why.to_owned());
        (group, peer_name(&one.peer))
    });
    let sheet = Sheet::new("Opportunities").left(["capability", "router", "why", "peers"]);
    grouped(sheet, rows, |(name, router, why)| {
        vec![name.into(), router.into(), why.into()]
    })
}

fn inconsistencies_sheet(all: &[Inconsistency], routers: &Names) -> Option<Sheet> {
    let rows = all.iter().map(|one| {
        let group = (one.kind, routers.get(one.session), one.why.clone());
        let peer = one.peer.as_ref().map_or_else(|| "-".to_owned(), peer_name);
        (group, peer)
    });
    let sheet = Sheet::new("Inconsistencies").left(["kind", "router", "why", "peers"]);
    grouped(sheet, rows, |(kind, router, why)| {
        let kind = Cell::Word(kind.word().to_owned(), Tone::Warning);
        vec![kind, router.into(), why.into()]
    })
}

/// Peers named in a row; more are counted.
const PEERS: usize = 4;

fn grouped<G: Ord>(
    mut sheet: Sheet,
    rows: impl Iterator<Item = (G, String)>,
    cells: impl Fn(G) -> Vec<Cell>,
) -> Option<Sheet> {
    let mut groups: BTreeMap<G, Vec<String>> = BTreeMap::new();
    for (group, peer) in rows {
        let peers = groups.entry(group).or_default();
        if !peers.contains(&peer) {
            peers.push(peer);
        }
    }
    for (group, mut peers) in groups {
        let more = peers.len().saturating_sub(PEERS);
        peers.truncate(PEERS);
        if more > 0 {
            peers.push(format!("{more} more"));
        }
        let mut row = cells(group);
        row.push(Cell::List(peers));
        sheet.row(row);
    }
    (!sheet.rows.is_empty()).then_some(sheet)
}
