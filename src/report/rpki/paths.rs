//! The part of `rpki validation` that tells what ASPAs say of paths.

use super::validation::{view_cells, with_view};
use crate::analysis::rpki::relation::RelationRow;
use crate::analysis::rpki::rows::{
    HopRow, HopTotalRow, PathCountsRow, PathStateRow, TotalRow, Validation,
};
use crate::rpki::{Direction, PathState};
use crate::sheet::{Cell, Sheet};

/// The tables of it; none where ASPAs say nothing.
pub(super) fn sheets(answer: &Validation) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    if answer.totals.iter().any(|total| total.paths.is_some()) {
        sheets.push(totals_sheet(answer));
    }
    if !answer.invalid_hops.is_empty() {
        sheets.push(hops_sheet(&answer.invalid_hops));
    }
    sheets
}

fn totals_sheet(answer: &Validation) -> Sheet {
    let mut sheet = with_view("Paths by state (ASPA)")
        .left(["neighbour"])
        .right([
            "up valid",
            "up invalid",
            "up unknown",
            "down valid",
            "down invalid",
            "down unknown",
        ]);
    for total in &answer.totals {
        if let Some(cells) = total_cells(total) {
            sheet.row(cells);
        }
    }
    let mut paths = answer.totals.iter().filter_map(|total| total.paths);
    if paths.any(|paths| paths.neighbour.is_none()) {
        sheet.note(
            "where nobody says what a neighbour is, paths are looked at from both sides: --relation \
             ASN=ROLE tells (up: as from a customer or peer; down: as from a provider)",
        );
    }
    let relations = answer.data.iter().flat_map(|data| &data.relations);
    relations
        .filter_map(relation_note)
        .for_each(|note| sheet.note(note));
    sheet
}

fn total_cells(total: &TotalRow) -> Option<Vec<Cell>> {
    let paths = total.paths?;
    let counts = |counts: Option<PathCountsRow>| {
        let count = |count: fn(PathCountsRow) -> u64| Cell::from(counts.map(count));
        [
            count(|counts| counts.valid),
            count(|counts| counts.invalid),
            count(|counts| counts.unknown),
        ]
    };
    let mut cells = view_cells(&total.view);
    cells.push(paths.neighbour.map(|role| role.to_string()).into());
    cells.extend(counts(paths.upstream));
    cells.extend(counts(paths.downstream));
    Some(cells)
}

/// What a person should know of a relation given; none: it does as it says.
fn relation_note(row: &RelationRow) -> Option<String> {
    let router = row.router.as_ref().map(|router| format!("{router}/"));
    let given = format!(
        "--relation {}{}={}",
        router.unwrap_or_default(),
        row.asn,
        row.neighbour
    );
    match (row.peers, row.contradicted) {
        (0, _) => Some(format!("{given} decides for no peer")),
        (_, 0) => None,
        (_, contradicted) => Some(format!(
            "{given} goes before the OPENs, which say otherwise of {contradicted} of its peers"
        )),
    }
}

fn hops_sheet(hops: &[HopTotalRow]) -> Sheet {
    let mut sheet =
        Sheet::new("Hops that contradict ASPAs").right(["customer", "no provider", "routes"]);
    for hop in hops {
        sheet.row([hop.customer.into(), hop.provider.into(), hop.routes.into()]);
    }
    sheet
}

/// The columns of a route's path in CSV.
pub(super) const COLUMNS: [&str; 5] = [
    "path_neighbour",
    "path_upstream",
    "path_downstream",
    "path_reasons",
    "path_contradicted",
];

pub(super) fn cells(path: Option<&PathStateRow>) -> [Cell; COLUMNS.len()] {
    let word = |state: Option<PathState>| Cell::from(state.map(PathState::word));
    let reasons = path.into_iter().flat_map(|path| &path.reasons);
    let reasons = reasons.map(|reason| reason.word().to_owned());
    let hops = path.into_iter().flat_map(|path| &path.contradicted);
    [
        path.and_then(|path| path.neighbour)
            .map(|role| role.to_string())
            .into(),
        word(path.and_then(|path| path.upstream)),
        word(path.and_then(|path| path.downstream)),
        Cell::List(reasons.collect()),
        Cell::List(hops.map(hop_text).collect()),
    ]
}

/// `up AS64500 AS64501`: who is no provider of whom, the customer first.
fn hop_text(hop: &HopRow) -> String {
    let direction = match hop.direction {
        Direction::Upstream => "up",
        Direction::Downstream => "down",
    };
    format!("{direction} AS{} AS{}", hop.customer, hop.provider)
}
