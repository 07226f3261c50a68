//! `peers`: every BGP peer with its state, RIB views, ups and downs, and routes.

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::analysis::peers::{Peers, peers};
use crate::analysis::shape::{DownRow, PeerRow, StateWord};
use crate::sheet::{self, Cell, Sheet, Tone};

/// The report.
pub const REPORT: Report = Report {
    name: Peers::NAME,
    about: "Every BGP peer: state, RIB views, ups and downs with reasons, routes",
    details: "Lists the BGP peers that BMP sessions report: who they are, whether they are up, how \
              often they came and went and why, and how many routes each RIB view showed.",
    examples: &[
        Example {
            about: "All peers",
            line: "bmpscope peers day.pcap",
        },
        Example {
            about: "Peers that are down, and why",
            line: "bmpscope peers --json day.pcap |\n    jq '.peers[] | select(.state == \"down\") | {address, asn, last_down}'",
        },
    ],
    options: &[],
    schema: super::envelope::schema::<Peers>,
    run,
};

impl Body for Peers {
    const NAME: &'static str = "peers";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.peers)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        if self.peers.is_empty() {
            return Vec::new();
        }
        vec![peers_sheet(&self.peers)]
    }
}

fn run(request: &Request, _: &Given) -> Result<Outcome, Failure> {
    source::answer(request, |run| Answered::new(peers(&run.sessions)))
}

fn peers_sheet(peers: &[PeerRow]) -> Sheet {
    let mut sheet = Sheet::new("BGP peers")
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS"])
        .left(["table", "state"])
        .right(["ups", "downs"])
        .left(["last down"])
        .right(["hold"])
        .left(["views"])
        .right(["announced", "withdrawn", "end-of-rib"])
        .main();
    peers.iter().for_each(|peer| sheet.row(peer_cells(peer)));
    sheet
}

fn peer_cells(peer: &PeerRow) -> Vec<Cell> {
    let router = peer
        .router_name
        .clone()
        .or_else(|| peer.router.map(|address| address.to_string()));
    vec![
        peer.session.into(),
        router.into(),
        name_cell(peer),
        peer.asn.into(),
        peer.table_name
            .clone()
            .or_else(|| peer.distinguisher.clone())
            .into(),
        state_cell(peer.state),
        peer.ups.into(),
        peer.downs.into(),
        peer.last_down.as_ref().map(down_text).into(),
        peer.hold_time.map(|hold| hold.negotiated).into(),
        Cell::List(peer.ribs.iter().map(|rib| (*rib).to_owned()).collect()),
        peer.routes.announced.into(),
        peer.routes.withdrawn.into(),
        peer.routes.end_of_rib.into(),
    ]
}

/// The peer's address; a Loc-RIB has none, its router's BGP ID tells it from others.
fn name_cell(peer: &PeerRow) -> Cell {
    match peer.address {
        Some(address) => address.into(),
        None => Cell::Text(format!("{} {}", peer.peer_type, peer.bgp_id)),
    }
}

fn state_cell(state: StateWord) -> Cell {
    match state {
        StateWord::Up => Cell::Word("up".to_owned(), Tone::Good),
        StateWord::Down => Cell::Word("down".to_owned(), Tone::Bad),
        StateWord::Unknown => Cell::Word("unknown".to_owned(), Tone::Faint),
    }
}

/// The reason, and what the NOTIFICATION said.
fn down_text(down: &DownRow) -> String {
    match down.notification.as_ref().and_then(|pdu| pdu.decode()) {
        Some(notification) => format!("{}: {notification}", down.reason),
        None => down.reason.clone(),
    }
}
