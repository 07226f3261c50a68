//! Collects what RPKI_IMPACT messages say, and shows it: what was, what was done, and what is now, side by
//! side.

use super::evidence::state_cell;
use super::told;
use super::validation::peer_cell;
use crate::analysis::rpki::path::{PathSegment, path_text};
use crate::analysis::rpki::reported_impact::{AlternateRow, Impacts, ReportedImpactRow};
use crate::analysis::rpki::told::{Saying, SourceTypes};
use crate::bmp::rpki::ImpactDirection;
use crate::pipeline::{Chunk, Item, Query};
use crate::sheet::{Cell, Sheet, Tone};
use std::io;
use std::net::IpAddr;

/// The impacts that messages of a run report.
#[derive(Debug, Default)]
pub(super) struct CollectImpact {
    pub(super) impacts: Impacts,
}

/// What the messages of one chunk say.
#[derive(Debug, Default)]
pub(super) struct Part {
    sayings: Vec<Saying>,
    sources: SourceTypes,
}

impl Query for CollectImpact {
    type Part = Part;

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::default();
        for located in chunk.items() {
            if let Item::Message(bytes) = located.item {
                let Part { sayings, sources } = &mut part;
                told::message(&located, bytes, sources, &mut |saying| sayings.push(saying));
            }
        }
        part
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        part.sayings
            .into_iter()
            .for_each(|saying| self.impacts.add(saying));
        self.impacts.sources.merge(part.sources);
        Ok(())
    }
}

/// Impacts that a table shows; JSON has all.
const SHOWN: usize = 50;

/// The impacts for people: the route that lost on the left, the one that won on the right. Two rows that
/// are one change are shown as one.
pub(super) fn sheet(rows: &[ReportedImpactRow], left_out: u64) -> Sheet {
    let mut sheet = Sheet::new("Reported impact")
        .right(["#"])
        .left(["router", "peer", "view", "prefix"])
        .left(["without validation", "next hop", "state", "action"])
        .left(["with validation", "next hop", "state"])
        .keyed(["#", "peer", "view", "prefix"]);
    let changes: Vec<&ReportedImpactRow> = rows.iter().filter(|row| is_first(row)).collect();
    for row in changes.iter().take(SHOWN) {
        sheet.row(cells(row, partner(rows, row)));
    }
    let more = changes.len().saturating_sub(SHOWN);
    if more > 0 {
        sheet.note(format!("{more} more: --json has all"));
    }
    if left_out > 0 {
        sheet.note(format!("{left_out} further impacts found no room"));
    }
    sheet
}

/// Of two rows that are one change, the demoted one stands for both.
fn is_first(row: &ReportedImpactRow) -> bool {
    row.paired_with.is_none() || row.direction == Some(ImpactDirection::DEMOTED)
}

fn partner<'a>(
    rows: &'a [ReportedImpactRow],
    row: &ReportedImpactRow,
) -> Option<&'a ReportedImpactRow> {
    rows.get(row.paired_with?)
}

fn cells(row: &ReportedImpactRow, partner: Option<&ReportedImpactRow>) -> Vec<Cell> {
    let router = row.router.map(|address| address.to_string());
    let mut cells = vec![
        row.session.into(),
        row.router_name.clone().or(router).into(),
        peer_cell(&row.peer),
        row.rib.word().into(),
        row.prefix.as_str().into(),
    ];
    let own = side(&row.as_path, row.next_hop, row.state.map(state_cell));
    let other = row.alternate.as_ref().map_or_else(nothing, |other| {
        let [path, next_hop, state] = alternate_side(other, &row.prefix);
        // What the router says of the promoted route itself is surer than what it says in passing.
        let known = partner.and_then(|partner| partner.state).map(state_cell);
        [path, next_hop, known.unwrap_or(state)]
    });
    let is_promoted = row.direction == Some(ImpactDirection::PROMOTED);
    let (before, after) = if is_promoted {
        (other, own)
    } else {
        (own, other)
    };
    cells.extend(before);
    cells.push(action_cell(row, partner));
    cells.extend(after);
    cells
}

fn side(path: &[PathSegment], next_hop: Option<IpAddr>, state: Option<Cell>) -> [Cell; 3] {
    [
        Cell::Text(path_text(path)),
        next_hop.into(),
        state.unwrap_or(Cell::Absent),
    ]
}

fn alternate_side(other: &AlternateRow, prefix: &str) -> [Cell; 3] {
    let state = other.state.map(state_cell);
    let [path, next_hop, state] = side(&other.as_path, other.next_hop, state);
    let is_other = other.prefix.as_deref().filter(|of| *of != prefix);
    match is_other {
        Some(of) => {
            let text = format!("{of}: {}", path_text(&other.as_path));
            [Cell::Text(text), next_hop, state]
        }
        None => [path, next_hop, state],
    }
}

/// No route at all.
fn nothing() -> [Cell; 3] {
    let none = Cell::Word("no route".to_owned(), Tone::Warning);
    [none, Cell::Absent, Cell::Absent]
}

/// What became of the route, and what was done with it: of both routes, where they are one change.
fn action_cell(row: &ReportedImpactRow, partner: Option<&ReportedImpactRow>) -> Cell {
    let partner = partner.filter(|partner| !partner.actions.is_empty());
    let texts = std::iter::once(row).chain(partner).map(action_text);
    Cell::Text(texts.collect::<Vec<_>>().join("; "))
}

/// `demoted: lower-preference to 50, tag 64500:1`
fn action_text(row: &ReportedImpactRow) -> String {
    let direction = match row.direction {
        Some(direction) => direction.to_string(),
        None => "not told".to_owned(),
    };
    let actions = row.actions.iter().map(|action| action.text.as_str());
    match actions.collect::<Vec<_>>().join(", ") {
        actions if actions.is_empty() => direction,
        actions => format!("{direction}: {actions}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rpki::reported_impact::reported;
    use crate::pipeline;
    use crate::pipeline::testing::{Pcap, request};
    use crate::session::testing::{PEER, initiation};
    use serde_json::{Value, json};

    /// An UPDATE with ORIGIN IGP, this AS path, NEXT_HOP 192.0.2.`next_hop` and 10.`prefix`.0.0/16
    /// (RFC 4271 4.3).
    fn update(path: &[u8], next_hop: u8, prefix: u8) -> Vec<u8> {
        let asns = path.iter().flat_map(|asn| [0, 0, 0, *asn]);
        let mut as_path = vec![0x40, 2, 2 + 4 * path.len() as u8, 2, path.len() as u8];
        as_path.extend(asns);
        let attributes = [
            vec![0x40, 1, 1, 0],
            as_path,
            vec![0x40, 3, 4, 192, 0, 2, next_hop],
        ]
        .concat();
        let body = [
            &[0, 0, 0, attributes.len() as u8][..],
            &attributes,
            &[16, 10, prefix],
        ]
        .concat();
        let length = (19 + body.len()) as u8;
        [&[0xff; 16][..], &[0, length, 2], &body].concat()
    }

    /// A TLV of the profile: type, length, value; indexed where there is an index.
    fn tlv(number: u16, index: Option<u16>, value: &[u8]) -> Vec<u8> {
        let index = index.map(|index| index.to_be_bytes().to_vec());
        let length = (value.len() as u16).to_be_bytes();
        [
            &number.to_be_bytes()[..],
            &length,
            &index.unwrap_or_default(),
            value,
        ]
        .concat()
    }

    /// RPKI_IMPACT (253): the UPDATE (4), validation-state (0x4040), impact-direction (0x4050), action-applied
    /// (0x4051), alternate-route (0x4052) with alternate-bgp-message (0x4053) and its state.
    fn impact(
        route: &[u8],
        state: u8,
        direction: u8,
        action: &[u8],
        other: Option<(u8, &[u8])>,
    ) -> Vec<u8> {
        let mut body = tlv(4, Some(0), route);
        body.extend(tlv(0x4040, Some(1), &[state]));
        body.extend(tlv(0x4050, Some(1), &[direction]));
        body.extend(tlv(0x4051, Some(0), action));
        if let Some((state, other)) = other {
            let inner = [tlv(0x4053, None, other), tlv(0x4040, None, &[state])].concat();
            body.extend(tlv(0x4052, Some(1), &inner));
        }
        PEER.message(253, &body)
    }

    fn rows(messages: &[Vec<u8>]) -> Vec<ReportedImpactRow> {
        let mut pcap = Pcap::new();
        pcap.send(&[initiation("edge1"), PEER.message(0, &update(&[1], 1, 9))].concat());
        for message in messages {
            pcap.send(message);
        }
        let mut query = CollectImpact::default();
        let run = pipeline::run(&request(&pcap.file()), &mut query).unwrap();
        reported(&query.impacts, &run.sessions)
    }

    /// 10.5.0.0/16 behind 1 2 was best and is invalid; behind 3 4 it is best now. 10.6.0.0/16 has no
    /// other route.
    fn change() -> Vec<ReportedImpactRow> {
        let (lost, won) = (update(&[1, 2], 7, 5), update(&[3, 4], 8, 5));
        rows(&[
            impact(&lost, 2, 1, &[4], Some((0, &won))),
            impact(&update(&[1, 2], 7, 6), 2, 1, &[1], None),
            impact(&won, 0, 2, &[2, 0, 0, 0, 200], Some((2, &lost))),
        ])
    }

    #[test]
    fn a_demoted_route_and_the_one_in_its_place_point_to_each_other() {
        let rows = change();
        let paired: Vec<_> = rows.iter().map(|row| row.paired_with).collect();
        assert_eq!(paired, [Some(2), None, Some(0)]);
        let first: Value = serde_json::to_value(&rows[0]).unwrap();
        let expected = json!({
            "session": 1, "router": "192.0.2.1", "router_name": "edge1",
            "peer": {"type": "global", "distinguisher": null, "address": "192.0.2.7", "asn": 64500,
                     "bgp_id": "192.0.2.7", "table_name": null},
            "rib": "adj-rib-in-pre", "afi": "ipv4", "safi": "unicast",
            "direction": "demoted", "prefix": "10.5.0.0/16", "path_id": null, "origin": 2,
            "as_path": [{"type": "sequence", "asns": [1, 2]}], "next_hop": "192.0.2.7",
            "state": "invalid", "types": [], "rules": [],
            "actions": [{"action": "exclude", "local_pref": null, "community": null, "hex": null,
                         "text": "exclude"}],
            "left_out": 0,
            "alternate": {"prefix": "10.5.0.0/16", "origin": 4,
                          "as_path": [{"type": "sequence", "asns": [3, 4]}],
                          "next_hop": "192.0.2.8", "state": "valid"},
            "paired_with": 2, "time": first["time"],
            "file": first["file"], "packet": first["packet"],
        });
        assert_eq!(first, expected);
        assert_eq!(rows[2].actions[0].text, "lower-preference to 200");
        assert_eq!(rows[1].alternate, None);
    }

    #[test]
    fn what_a_promoted_route_says_of_another_change_is_no_pair() {
        let (lost, won) = (update(&[1, 2], 7, 5), update(&[3, 4], 8, 5));
        let other = update(&[9], 9, 5);
        let paired = |messages: &[Vec<u8>]| {
            let rows = rows(messages);
            let paired = rows.iter().map(|row| row.paired_with);
            paired.collect::<Vec<_>>()
        };
        let demoted = impact(&lost, 2, 1, &[4], Some((0, &won)));
        // It took the place of another route.
        let promoted = impact(&won, 0, 2, &[0], Some((2, &other)));
        assert_eq!(paired(&[demoted.clone(), promoted]), [None, None]);
        // It says nothing of what it took the place of.
        let promoted = impact(&won, 0, 2, &[0], None);
        assert_eq!(
            paired(&[promoted.clone(), demoted.clone()]),
            [Some(1), Some(0)]
        );
        // One change has one other half.
        let all = [demoted.clone(), promoted, demoted];
        assert_eq!(paired(&all), [Some(1), Some(0), None]);
        // Another next hop is another route.
        let promoted = impact(&update(&[3, 4], 9, 5), 0, 2, &[0], None);
        assert_eq!(paired(&[all[0].clone(), promoted]), [None, None]);
    }

    #[test]
    fn a_change_is_one_line_with_both_routes() {
        let sheet = sheet(&change(), 3);
        let text = |cell: &Cell| match cell {
            Cell::Text(text) | Cell::Word(text, _) => text.clone(),
            Cell::List(list) => list.join(", "),
            Cell::Address(address) => address.to_string(),
            Cell::Absent => "-".to_owned(),
            other => format!("{other:?}"),
        };
        let lines: Vec<String> = sheet
            .rows
            .iter()
            .map(|row| row[4..].iter().map(text).collect::<Vec<_>>().join(" | "))
            .collect();
        assert_eq!(
            lines,
            [
                "10.5.0.0/16 | 1 2 | 192.0.2.7 | invalid | demoted: exclude; promoted: lower-preference to 200 \
                 | 3 4 | 192.0.2.8 | valid",
                "10.6.0.0/16 | 1 2 | 192.0.2.7 | invalid | demoted: drop | no route | - | -",
            ]
        );
        assert_eq!(sheet.notes, ["3 further impacts found no room"]);
        let promoted = &change()[2..];
        let alone = ReportedImpactRow {
            paired_with: None,
            ..promoted[0].clone()
        };
        let line = cells(&alone, None)[5..]
            .iter()
            .map(text)
            .collect::<Vec<_>>();
        let line = line.join(" | ");
        assert_eq!(
            line,
            "1 2 | 192.0.2.7 | invalid | promoted: lower-preference to 200 | 3 4 | 192.0.2.8 | valid"
        );
    }

    #[test]
    fn sessions_and_peers_that_are_not_there_have_no_rows() {
        let mut query = CollectImpact::default();
        let mut pcap = Pcap::new();
        pcap.send(&impact(&update(&[1], 7, 5), 2, 1, &[4], None));
        pipeline::run(&request(&pcap.file()), &mut query).unwrap();
        assert!(reported(&query.impacts, &[]).is_empty());
    }
}
