//! `peers`: every BGP peer with its state, RIB views, ups and downs, and routes.

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::analysis::peers::{
    ClassWord, DumpWord, Facts, Mark, Marks, NotificationPdu, PeerRow, Peers, RibRow,
    SessionTimestampsRow, StateWord, Timestamps, TurnRow, TurnWord, peers,
};
use crate::bgp::{Context, update};
use crate::bmp::{CommonHeader, Message, MessageType, PeerHeader, Rib, RouteMonitoring};
use crate::pipeline::{Chunk, Item, Located, Query, Run};
use crate::sheet::{self, Align, Cell, Rows, Sheet, Tone};
use std::io;

/// The report.
pub const REPORT: Report = Report {
    name: Peers::NAME,
    about: "Every BGP peer: state, RIB views, ups and downs with reasons, routes",
    details: "Lists the BGP peers that BMP sessions report: who they are, whether they are up, when \
              they came and went and why, how many routes each RIB view showed and whether its \
              initial dump came to an end, and what the routers' timestamps are worth.",
    examples: &[
        Example {
            about: "All peers",
            line: "bmpscope peers day.pcap",
        },
        Example {
            about: "Peers that are down, and why",
            line: "bmpscope peers --json day.pcap |\n    jq '.peers[] | select(.state == \"down\") | {address, asn, last_down}'",
        },
        Example {
            about: "Who came and went when",
            line: "bmpscope peers --json day.pcap |\n    jq -c '.peers[] | .address as $peer | .timeline[] | [.time, $peer, .event, .reason]'",
        },
        Example {
            about: "Tables that are not complete",
            line: "bmpscope peers --json day.pcap |\n    jq '.peers[] | {address, table: .routes_by_rib[]} | select(.table.initial_dump != \"complete\")'",
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

    fn rows(&self) -> Option<Rows<'_>> {
        Some(Rows {
            names: COLUMNS.map(str::to_owned).into(),
            rows: Box::new(self.peers.iter().map(csv_cells)),
        })
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        if self.peers.is_empty() {
            return Vec::new();
        }
        let sheets = [
            Some(peers_sheet(&self.peers)),
            turns_sheet(&self.peers),
            tables_sheet(&self.peers),
            Some(timestamps_sheet(&self.timestamps)),
        ];
        sheets.into_iter().flatten().collect()
    }
}

fn run(request: &Request, _: &Given) -> Result<Outcome, Failure> {
    source::answer_with(request, Collect::default(), |run, collected| {
        Answered::new(collected.answer(run))
    })
}

/// Collects what tells whether tables are complete, and what timestamps are.
#[derive(Debug, Default)]
struct Collect {
    marks: Marks,
    timestamps: Timestamps,
}

/// What one chunk says.
#[derive(Debug, Default)]
struct Part {
    /// Session, peer, mark.
    marks: Vec<(u32, u32, Mark)>,
    timestamps: Timestamps,
}

impl Query for Collect {
    type Part = Part;

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::default();
        for located in chunk.items() {
            if let Item::Message(bytes) = located.item {
                part.message(&located, bytes);
            }
        }
        part
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        for (session, peer, mark) in part.marks {
            self.marks.add(session, peer, mark);
        }
        self.timestamps.append(part.timestamps);
        Ok(())
    }
}

impl Part {
    fn message(&mut self, located: &Located<'_>, bytes: &[u8]) {
        let (Some(peer), Some(common), Some(header)) = (
            located.peer(),
            CommonHeader::peek(bytes),
            PeerHeader::peek(bytes),
        ) else {
            return;
        };
        let (session, peer) = (located.session().id, peer.index);
        let captured = located.moment().time;
        self.timestamps
            .note((session, peer), common.message_type, &header, captured);
        if let Some(mark) = mark(located, common.message_type, bytes) {
            self.marks.push((session, peer, mark));
        }
    }
}

impl Collect {
    fn answer(self, run: &Run) -> Peers {
        let files: Vec<String> = run.inputs.iter().map(|input| input.path.clone()).collect();
        let facts = Facts {
            marks: &self.marks,
            timestamps: &self.timestamps,
            files: &files,
        };
        peers(&run.sessions, &facts)
    }
}

/// An End-of-RIB is shorter: one attribute without routes, if any (RFC 4724 2).
const END_OF_RIB: usize = 64;

fn mark(located: &Located<'_>, message_type: MessageType, bytes: &[u8]) -> Option<Mark> {
    match message_type {
        MessageType::PEER_UP => {
            let is_up = matches!(Message::decode(bytes), Ok(Message::PeerUp(_)));
            is_up.then_some(Mark::Up)
        }
        MessageType::ROUTE_MONITORING => end_of_rib(located, bytes),
        _ => None,
    }
}

fn end_of_rib(located: &Located<'_>, bytes: &[u8]) -> Option<Mark> {
    let route = RouteMonitoring::decode(bytes).ok()?;
    if route.update.len() > END_OF_RIB {
        return None;
    }
    // Without routes the encoding does not matter.
    let counts = update::count(route.update, &Context::default()).ok()?;
    Some(Mark::EndOfRib {
        rib: route.header.rib(),
        family: counts.end_of_rib?,
        time: located.moment().time.or(route.header.timestamp()),
    })
}

fn peers_sheet(peers: &[PeerRow]) -> Sheet {
    let mut sheet = Sheet::new("BGP peers")
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS"])
        .left(["state"])
        .right(["ups", "downs"])
        .left(["last down"])
        .right(["hold"])
        .left(["views"])
        .right(["announced", "withdrawn", "end-of-rib"])
        .keyed(["#", "peer"])
        .main();
    peers.iter().for_each(|peer| sheet.row(peer_cells(peer)));
    sheet
}

fn peer_cells(peer: &PeerRow) -> Vec<Cell> {
    let mut cells = who_cells(peer, peer.name().text());
    cells.extend(what_cells(peer));
    cells
}

fn who_cells(peer: &PeerRow, name: String) -> Vec<Cell> {
    vec![
        peer.session.into(),
        router_cell(peer),
        name.into(),
        peer.asn.into(),
    ]
}

fn what_cells(peer: &PeerRow) -> Vec<Cell> {
    let last_down = peer.last_down.as_ref();
    vec![
        state_cell(peer.state),
        peer.ups.into(),
        peer.downs.into(),
        last_down
            .map(|down| reason_text(&down.reason, down.notification.as_ref()))
            .into(),
        peer.hold_time.map(|hold| hold.negotiated).into(),
        Cell::List(peer.ribs.iter().map(|rib| (*rib).to_owned()).collect()),
        peer.routes.announced.into(),
        peer.routes.withdrawn.into(),
        peer.routes.end_of_rib.into(),
    ]
}

fn name_cell(peer: &PeerRow) -> Cell {
    peer.name().text().into()
}

/// The columns of CSV.
const COLUMNS: [&str; 18] = [
    "#",
    "router",
    "peer",
    "AS",
    "table",
    "state",
    "ups",
    "downs",
    "last_down",
    "hold",
    "views",
    "announced",
    "withdrawn",
    "end-of-rib",
    "peer_type",
    "distinguisher",
    "bgp_id",
    "table_name",
];

/// What the table has, but the rest of a peer's name is in columns of its own.
fn csv_cells(peer: &PeerRow) -> Vec<Cell> {
    let name = peer.name();
    let table = name.table_name.clone().or(name.distinguisher.clone());
    let mut cells = who_cells(peer, name.address_text());
    cells.push(table.into());
    cells.extend(what_cells(peer));
    cells.extend([
        name.peer_type.into(),
        name.distinguisher.into(),
        Cell::text(name.bgp_id),
        name.table_name.into(),
    ]);
    cells
}

fn state_cell(state: StateWord) -> Cell {
    match state {
        StateWord::Up => Cell::Word("up".to_owned(), Tone::Good),
        StateWord::Down => Cell::Word("down".to_owned(), Tone::Bad),
        StateWord::Unknown => Cell::Word("unknown".to_owned(), Tone::Faint),
    }
}

/// The reason, and what the NOTIFICATION said.
fn reason_text(reason: &str, pdu: Option<&NotificationPdu>) -> String {
    match pdu.and_then(|pdu| pdu.decode()) {
        Some(notification) => format!("{reason}: {notification}"),
        None => reason.to_owned(),
    }
}

/// Ups and downs of all peers of a session in the order in which they came.
fn turns_sheet(peers: &[PeerRow]) -> Option<Sheet> {
    let mut all: Vec<(&PeerRow, ToldTurn<'_>)> = Vec::new();
    for peer in peers {
        all.extend(told_turns(peer).into_iter().map(|turn| (peer, turn)));
    }
    // The sort is stable: without times the order within each peer stays.
    all.sort_by_key(|(peer, told)| (peer.session, told.turn.time, told.turn.packet));
    let usual: &[&str] = &[Rib::AdjRibInPre.word()];
    let is_unusual = |told: &ToldTurn<'_>| told.turn.rib != "loc-rib" && told.views != usual;
    let has_views = all.iter().any(|(_, told)| is_unusual(told));
    let views: &[&str] = if has_views { &["views"] } else { &[] };
    let mut sheet = Sheet::new("Ups and downs")
        .right(["#"])
        .left(["time", "router", "peer"])
        .right(["AS"])
        .with_columns(views, Align::Left)
        .left(["event", "reason"])
        .right(["hold"])
        .left(["BMP time"])
        .keyed(["#", "time", "peer", "event"]);
    for (peer, told) in &all {
        sheet.row(turn_cells(peer, told, has_views));
    }
    let repeated: u64 = all.iter().map(|(_, told)| told.repeated).sum();
    if repeated > 0 {
        sheet.note(format!(
            "{repeated} messages tell again, for another view or over again, what the one before told: they are no \
             rows of their own, and no ups and downs; --json has all"
        ));
    }
    let left_out: u64 = peers.iter().map(|peer| peer.timeline_left_out).sum();
    if left_out > 0 {
        sheet.note(format!("{left_out} later ones are left out"));
    }
    (!all.is_empty()).then_some(sheet)
}

/// A Peer Up or Peer Down, and those that only repeat it.
struct ToldTurn<'a> {
    turn: &'a TurnRow,
    views: Vec<&'static str>,
    repeated: u64,
}

/// The timeline of a peer without repetitions.
fn told_turns(peer: &PeerRow) -> Vec<ToldTurn<'_>> {
    let mut told: Vec<ToldTurn<'_>> = Vec::new();
    for turn in &peer.timeline {
        match told.last_mut() {
            Some(last) if turn.repeats => {
                last.repeated += 1;
                if !last.views.contains(&turn.rib) {
                    last.views.push(turn.rib);
                }
            }
            _ => told.push(ToldTurn {
                turn,
                views: vec![turn.rib],
                repeated: 0,
            }),
        }
    }
    told
}

fn turn_cells(peer: &PeerRow, told: &ToldTurn<'_>, has_views: bool) -> Vec<Cell> {
    let turn = told.turn;
    let event = match turn.event {
        TurnWord::Up => Cell::Word("up".to_owned(), Tone::Good),
        TurnWord::Down => Cell::Word("down".to_owned(), Tone::Bad),
    };
    let reason = turn.reason.as_ref();
    let mut cells = vec![
        peer.session.into(),
        turn.time.into(),
        router_cell(peer),
        name_cell(peer),
        peer.asn.into(),
    ];
    if has_views {
        let views = told.views.iter().map(|view| (*view).to_owned());
        cells.push(Cell::List(views.collect()));
    }
    cells.extend([
        event,
        reason
            .map(|reason| reason_text(reason, turn.notification.as_ref()))
            .into(),
        turn.hold_time.map(|hold| hold.negotiated).into(),
        turn.bmp_time.into(),
    ]);
    cells
}

fn router_cell(peer: &PeerRow) -> Cell {
    let address = peer.router.map(|address| address.to_string());
    peer.router_name.clone().or(address).into()
}

/// Views and families, and whether all of the table came.
fn tables_sheet(peers: &[PeerRow]) -> Option<Sheet> {
    let mut sheet = Sheet::new("Tables")
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS"])
        .left(["view", "family"])
        .right(["announced", "withdrawn", "end-of-rib"])
        .left(["first end-of-rib", "initial dump"])
        .keyed(["#", "peer", "view", "family"]);
    for peer in peers {
        for row in &peer.routes_by_rib {
            sheet.row(table_cells(peer, row));
        }
    }
    (!sheet.rows.is_empty()).then_some(sheet)
}

fn table_cells(peer: &PeerRow, row: &RibRow) -> Vec<Cell> {
    let tone = match row.initial_dump {
        DumpWord::Complete => Tone::Good,
        DumpWord::Incomplete => Tone::Warning,
        DumpWord::Unknown => Tone::Faint,
    };
    vec![
        peer.session.into(),
        router_cell(peer),
        name_cell(peer),
        peer.asn.into(),
        row.rib.into(),
        Cell::Text(format!("{} {}", row.afi, row.safi)),
        row.announced.into(),
        row.withdrawn.into(),
        row.end_of_rib.into(),
        row.first_end_of_rib.into(),
        Cell::Word(row.initial_dump.word().to_owned(), tone),
    ]
}

/// The routers' clocks against the capture's.
fn timestamps_sheet(rows: &[SessionTimestampsRow]) -> Sheet {
    let mut sheet = Sheet::new("BMP timestamps")
        .right(["#"])
        .left(["router", "messages", "timestamps"])
        .right([
            "count",
            "zero",
            "whole seconds",
            "backwards",
            "stale",
            "ahead",
            "least lag",
            "greatest lag",
        ])
        .keyed(["#", "messages"]);
    for row in rows {
        sheet.row(timestamps_cells(row));
    }
    sheet
}

fn timestamps_cells(row: &SessionTimestampsRow) -> Vec<Cell> {
    let own = &row.timestamps;
    let address = row.router.map(|address| address.to_string());
    let tone = match own.class {
        ClassWord::Real | ClassWord::WholeSeconds => Tone::Good,
        _ => Tone::Warning,
    };
    let lag = |seconds: Option<f64>| seconds.map_or(Cell::Absent, Cell::Seconds);
    vec![
        row.session.into(),
        row.router_name.clone().or(address).into(),
        Cell::Text(own.kind.word().to_owned()),
        Cell::Word(own.class.word().to_owned(), tone),
        own.messages.into(),
        own.zero.into(),
        own.whole_seconds.into(),
        own.backwards.into(),
        own.stale.into(),
        own.ahead.into(),
        lag(own.lag.map(|lag| lag.least)),
        lag(own.lag.map(|lag| lag.greatest)),
    ]
}
