//! The sheets of `rpki validation` about what messages say of single routes.

use super::validation::{origin_cell, peer_cell, prefix_cell, view_cells, with_view};
use crate::analysis::rpki::reported::ReportedRow;
use crate::analysis::rpki::rows::{ReportedCountsRow, RouteRow, Validation};
use crate::analysis::rpki::told::{SaidRule, SaidState};
use crate::analysis::rpki::violations::ViolationRow;
use crate::bmp::rpki::{RouteState, SourceType};
use crate::sheet::{Cell, Sheet, Tone};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Routes and violations that a table shows; JSON has all.
const SHOWN: usize = 20;

/// Rules of a route that a table shows.
const RULES: usize = 4;

/// A state, in the tone of what it means.
pub(super) fn state_cell(state: SaidState) -> Cell {
    let tone = match state.state {
        RouteState::VALID => Tone::Good,
        RouteState::INVALID => Tone::Bad,
        RouteState::NOT_FOUND => Tone::Faint,
        _ => Tone::Warning,
    };
    Cell::Word(state.to_string(), tone)
}

/// A column of reported states that only some captures need.
pub(super) type Column = (&'static str, fn(&ReportedCountsRow) -> u64);

/// Those of which any total has one.
pub(super) fn rare_columns(answer: &Validation) -> Vec<Column> {
    let all: [Column; 3] = [
        ("reported unknown", |counts| counts.unknown),
        ("reported not validated", |counts| counts.not_validated),
        ("reported other", |counts| counts.other),
    ];
    let is_any = |(_, count): &Column| answer.totals.iter().any(|row| count(&row.reported) > 0);
    all.into_iter().filter(is_any).collect()
}

/// The routes of which messages say something, those that are not valid first.
pub(super) fn messages_sheet(answer: &Validation) -> Option<Sheet> {
    let mut rows: Vec<(&RouteRow, &ReportedRow)> = answer
        .routes
        .iter()
        .flat_map(|route| {
            let all = route.reported.iter().chain(&route.also_reported);
            all.filter(|one| one.kind().is_some())
                .map(move |one| (route, one))
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let more = rows.len().saturating_sub(SHOWN);
    rows.sort_by_key(|(_, one)| Reverse(one.state.rank()));
    let mut sheet = with_view("What messages report of routes")
        .left(["prefix"])
        .right(["origin"])
        .left(["reported", "by", "validated", "rules hit"])
        .keyed(["#", "peer", "view", "prefix"]);
    for (route, one) in rows.into_iter().take(SHOWN) {
        sheet.row(message_cells(route, one));
    }
    if more > 0 {
        sheet.note(format!("{more} more: --json has all"));
    }
    Some(sheet)
}

fn message_cells(route: &RouteRow, one: &ReportedRow) -> Vec<Cell> {
    let types = one.types().into_iter().flat_map(|types| types.types());
    let by = match one.is_of_other_path() {
        true => format!("{}, of another path", one.how()),
        false => one.how().to_owned(),
    };
    let mut cells = view_cells(&route.view);
    cells.extend([
        prefix_cell(&route.prefix, route.path_id),
        origin_cell(route.origin),
        state_cell(one.state),
        by.into(),
        Cell::List(types.map(|one| one.to_string()).collect()),
        Cell::List(why(one)),
    ]);
    cells
}

/// The rules, or why an event says that validation failed.
fn why(one: &ReportedRow) -> Vec<String> {
    let mut texts = one.reasons();
    let mut rules = one.rules();
    texts.extend(
        rules
            .by_ref()
            .take(RULES)
            .map(|(rule, of)| rule_text(rule, of)),
    );
    let more = rules.count();
    if more > 0 {
        texts.push(format!("{more} more"));
    }
    texts
}

/// `roa 192.0.2.0/24-24 AS64500 invalid, source 7 rtr, until 2026-01-01T00:00:00Z`
pub(super) fn rule_text(rule: &SaidRule, source_type: Option<SourceType>) -> String {
    let mut text = format!("{rule} {}", rule.state());
    let source = match (rule.source_id, source_type) {
        (Some(id), Some(of)) => Some(format!(", source {id} {of}")),
        (Some(id), None) => Some(format!(", source {id}")),
        (None, Some(of)) => Some(format!(", source {of}")),
        (None, None) => None,
    };
    text.extend(source);
    text.extend(rule.expires.map(|time| format!(", until {time}")));
    text
}

/// The violations.
pub(super) fn violations_sheet(answer: &Validation) -> Option<Sheet> {
    if answer.violations.is_empty() {
        return None;
    }
    let mut sheet = Sheet::new("Contradictions in messages about RPKI")
        .left(["severity", "kind"])
        .right(["#"])
        .left(["peer"])
        .right(["packet"])
        .left(["what"])
        .keys(5);
    let mut inexact = BTreeSet::new();
    for row in answer.violations.iter().take(SHOWN) {
        sheet.row(violation_cells(row));
        inexact.extend(row.inexact.as_deref().map(|text| (&*row.kind, text)));
    }
    for (kind, text) in inexact {
        sheet.note(format!("{kind}, but: {text}"));
    }
    let more = answer.violations.len().saturating_sub(SHOWN) as u64 + answer.violations_left_out;
    if more > 0 {
        sheet.note(format!("{more} more; `bmpscope check` counts them all"));
    }
    Some(sheet)
}

fn violation_cells(row: &ViolationRow) -> [Cell; 6] {
    [
        Cell::Word(row.severity.word().to_owned(), Tone::from(row.severity)),
        row.kind.as_str().into(),
        row.session.into(),
        row.peer.as_ref().map_or(Cell::Absent, peer_cell),
        row.packet.into(),
        row.message.as_str().into(),
    ]
}
