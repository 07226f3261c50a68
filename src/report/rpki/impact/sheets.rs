//! The tables of `rpki impact`, and its CSV.

use crate::analysis::rpki::impact::rows::{
    BestRow, Impact, Inferred, PolicyRow, PolicyStateRow, PrefixImpactRow, RouteSide, TableRow,
    TotalRow,
};
use crate::analysis::rpki::impact::{Class, Scenario};
use crate::analysis::rpki::path::path_text;
use crate::analysis::rpki::rows::StateWord;
use crate::report::rpki::reported_impact;
use crate::sheet::{Cell, Rows, Sheet, Tone};

/// Every table there is something for.
pub(super) fn sheets(answer: &Impact) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    if !answer.reported.is_empty() {
        sheets.push(reported_impact::sheet(
            &answer.reported,
            answer.reported_left_out,
        ));
    }
    if let Some(inferred) = &answer.inferred {
        sheets.push(policies_sheet(inferred));
    }
    for inferred in answer.inferred.iter().chain(&answer.what_if) {
        sheets.push(totals_sheet(inferred));
        sheets.extend(prefixes_sheet(inferred));
    }
    if sheets.is_empty() {
        sheets.push(Sheet::new("Impact").main());
    }
    if let Some(first) = sheets.first_mut() {
        answer.missing.iter().for_each(|line| first.note(line));
    }
    sheets
}

/// A row for each prefix.
pub(super) fn rows(answer: &Impact) -> Rows<'_> {
    let asked = answer.what_if.as_ref().or(answer.inferred.as_ref());
    let prefixes = asked.map_or(&[][..], |asked| &asked.prefixes);
    Rows {
        names: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
        rows: Box::new(prefixes.iter().map(csv_cells)),
    }
}

fn table_cells(table: &TableRow) -> Vec<Cell> {
    let rd = table.distinguisher.as_ref().map(|rd| format!("rd {rd}"));
    let parts: Vec<String> = router(table).into_iter().chain(rd).collect();
    let name = Some(parts.join(" ")).filter(|name| !name.is_empty());
    vec![table.session.into(), name.into()]
}

fn router(table: &TableRow) -> Option<String> {
    let address = table.router.map(|address| address.to_string());
    table.router_name.clone().or(address)
}

fn policies_sheet(inferred: &Inferred) -> Sheet {
    let mut sheet = Sheet::new("What inbound policies do to invalid routes")
        .main()
        .right(["#"])
        .left(["router", "peer"])
        .right([
            "AS",
            "invalid",
            "dropped",
            "deprioritised",
            "excluded",
            "tagged",
            "accepted",
            "looped",
            "not shown",
            "other routes",
            "other routes dropped",
        ])
        .keyed(["#", "peer"]);
    let has_routes = |row: &&PolicyRow| row.states.iter().any(|state| state.routes > 0);
    for row in inferred.policies.iter().filter(has_routes) {
        sheet.row(policy_cells(row));
    }
    sheet
}

fn policy_cells(row: &PolicyRow) -> Vec<Cell> {
    let mut cells = vec![row.table.session.into(), router(&row.table).into()];
    let invalid = |one: &&_| is_invalid(one);
    let count = |of: fn(&PolicyStateRow) -> u64| -> Cell {
        row.states
            .iter()
            .filter(invalid)
            .map(of)
            .sum::<u64>()
            .into()
    };
    let others = || row.states.iter().filter(|one| !is_invalid(one));
    cells.extend([
        row.peer.text().into(),
        row.peer.asn.into(),
        count(|one| one.routes),
        count(|one| one.dropped),
        count(|one| one.deprioritised),
        count(|one| one.excluded),
        count(|one| one.tagged),
        count(|one| one.accepted),
        count(|one| one.looped),
        count(|one| one.not_shown),
        others().map(|one| one.routes).sum::<u64>().into(),
        others().map(|one| one.dropped).sum::<u64>().into(),
    ]);
    cells
}

fn is_invalid(row: &PolicyStateRow) -> bool {
    row.state == StateWord::Invalid
}

fn title(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::AsSeen => "Prefixes with invalid routes: with the RPKI, against without",
        Scenario::DropInvalid => "What if invalid routes were dropped: prefixes by class",
        Scenario::PreferValid => "What if valid routes were preferred: prefixes by class",
    }
}

fn totals_sheet(inferred: &Inferred) -> Sheet {
    let occurs = |class: &Class| {
        inferred
            .totals
            .iter()
            .any(|total| of_class(total, *class) > 0)
    };
    let classes: Vec<Class> = Class::ALL.into_iter().filter(occurs).collect();
    let mut sheet = Sheet::new(title(inferred.scenario))
        .right(["#"])
        .left(["router"])
        .right(["prefixes", "changed"])
        .keys(2);
    for class in &classes {
        sheet = sheet.right([class.word()]);
    }
    for total in &inferred.totals {
        let mut cells = table_cells(&total.table);
        cells.extend([total.prefixes.into(), total.changed.into()]);
        cells.extend(classes.iter().map(|class| of_class(total, *class).into()));
        sheet.row(cells);
    }
    if inferred.totals.is_empty() {
        sheet.note("no invalid route");
    }
    sheet_notes(inferred).for_each(|note| sheet.note(note));
    sheet
}

fn of_class(total: &TotalRow, class: Class) -> u64 {
    total.classes.get(class.word()).copied().unwrap_or(0)
}

/// How far the answer is to be trusted.
fn sheet_notes(inferred: &Inferred) -> impl Iterator<Item = String> {
    let doubtful: u64 = inferred
        .totals
        .iter()
        .map(|row| row.changed_by_unselective)
        .sum();
    let doubt = (doubtful > 0).then(|| {
        format!(
            "{doubtful} of the changed are lost to policies that treat other routes alike: the RPKI may not be the reason"
        )
    });
    doubt.into_iter().chain(agreement(inferred))
}

/// How far selection is to be trusted here.
fn agreement(inferred: &Inferred) -> Option<String> {
    let compared: u64 = inferred.totals.iter().map(|row| row.compared).sum();
    let agreeing: u64 = inferred.totals.iter().map(|row| row.agreeing).sum();
    (compared > 0 && inferred.scenario == Scenario::AsSeen).then(|| {
        format!(
            "selecting as RFC 4271 says names the router's own choice for {agreeing} of {compared} prefixes"
        )
    })
}

/// Prefixes that a table shows; JSON has all.
const SHOWN: usize = 20;

/// The prefixes that change, worst first.
fn prefixes_sheet(inferred: &Inferred) -> Option<Sheet> {
    let mut changed: Vec<&PrefixImpactRow> =
        inferred.prefixes.iter().filter(|row| row.changed).collect();
    changed.sort_by_key(|row| row.class);
    if changed.is_empty() {
        return None;
    }
    let mut sheet = Sheet::new("Prefixes whose best route changes")
        .right(["#"])
        .left(["router", "prefix", "class", "before", "after", "decided by"])
        .keys(3);
    for row in changed.iter().take(SHOWN) {
        sheet.row(prefix_cells(row));
    }
    let more = changed.len().saturating_sub(SHOWN);
    if more > 0 {
        sheet.note(format!("{more} more: --json has all"));
    }
    let leaking = changed.iter().filter(|row| row.leaks == Some(true)).count();
    if leaking > 0 {
        sheet.note(format!(
            "{leaking} of them leak through: the peer of the covering route has the invalid one itself, and traffic \
             sent there follows it"
        ));
    }
    Some(sheet)
}

fn prefix_cells(row: &PrefixImpactRow) -> Vec<Cell> {
    let mut cells = table_cells(&row.table);
    let after = row.after.as_ref().or(row.covering.as_ref());
    cells.extend([
        row.prefix.as_str().into(),
        class_cell(row.class),
        row.before
            .as_ref()
            .map(|best| text(&best.route, &row.prefix))
            .into(),
        after.map(|best| text(&best.route, &row.prefix)).into(),
        decided(row).into(),
    ]);
    cells
}

fn class_cell(class: Class) -> Cell {
    let tone = match class {
        Class::Unreachable => Tone::Bad,
        Class::CoveredByValid | Class::CoveredByNotFound | Class::CoveredByInvalid => Tone::Warning,
        Class::AlternateValid => Tone::Good,
        _ => Tone::Faint,
    };
    Cell::Word(class.word().to_owned(), tone)
}

/// `invalid 64998 1299 from 10.0.0.6`; with its prefix where that is another one.
fn text(route: &RouteSide, prefix: &str) -> String {
    let other = match route.prefix == prefix {
        true => String::new(),
        false => format!("{} ", route.prefix),
    };
    let peer = route.peer.as_ref().and_then(|peer| peer.address);
    let from = peer.map_or_else(String::new, |peer| format!(" from {peer}"));
    let path = path_text(&route.as_path);
    let path = if path.is_empty() {
        "own".to_owned()
    } else {
        path
    };
    format!("{other}{} {path}{from}", route.state.word())
}

fn decided(row: &PrefixImpactRow) -> Option<&'static str> {
    let step = |best: &Option<BestRow>| best.as_ref().and_then(|best| best.decided_by);
    let decided = step(&row.before).or_else(|| step(&row.after));
    decided.map(|step| step.words())
}

/// The columns of CSV, which has a row for each prefix.
const COLUMNS: &[&str] = &[
    "session",
    "router",
    "prefix",
    "class",
    "changed",
    "before_state",
    "before_peer",
    "before_as_path",
    "before_next_hop",
    "after_prefix",
    "after_state",
    "after_peer",
    "after_as_path",
    "after_next_hop",
    "distinguisher",
    "leaks",
];

fn csv_cells(row: &PrefixImpactRow) -> Vec<Cell> {
    let table = &row.table;
    let mut cells = vec![
        table.session.into(),
        router(table).into(),
        row.prefix.as_str().into(),
        row.class.word().into(),
        row.changed.into(),
    ];
    cells.extend(side_cells(row.before.as_ref()));
    let after = row.after.as_ref().or(row.covering.as_ref());
    cells.push(after.map(|best| best.route.prefix.clone()).into());
    cells.extend(side_cells(after));
    cells.extend([
        table.distinguisher.clone().into(),
        row.leaks.map(leak_word).into(),
    ]);
    cells
}

fn leak_word(leaks: bool) -> &'static str {
    if leaks { "yes" } else { "no" }
}

fn side_cells(best: Option<&BestRow>) -> [Cell; 4] {
    let route = best.map(|best| &best.route);
    let peer = route.and_then(|route| route.peer.as_ref());
    [
        route.map(|route| route.state.word()).into(),
        peer.and_then(|peer| peer.address).into(),
        route.map(|route| path_text(&route.as_path)).into(),
        route.and_then(|route| route.next_hop).into(),
    ]
}
