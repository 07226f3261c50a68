//! The answer as tables for people, and as rows for CSV.

use super::columns;
use crate::analysis::defaults::{
    Change, Comparison, Confidence, Defaults, Fill, Mismatch, Parameter, ParameterRow,
    RouterDefaults, RouterName, Source, SourceRow, Value,
};
use crate::sheet::{Align, Cell, Rows, Sheet, Tone};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn sheets(answer: &Defaults) -> Vec<Sheet> {
    let names = columns::short(&answer.routers);
    let mut sheets = vec![
        routers_sheet(&answer.routers, &names),
        matrix_sheet(answer, &names),
        opens_sheet(&answer.routers, &names),
    ];
    if answer.baseline == Fill::Vendors {
        sheets.push(documented_sheet(&answer.routers, &names));
    }
    sheets.push(mismatches_sheet(answer, &names));
    sheets.extend(answer.against.as_ref().map(changes_sheet));
    if !answer.sources.is_empty() {
        sheets.push(sources_sheet(&answer.sources));
    }
    sheets
}

fn routers_sheet(routers: &[RouterDefaults], names: &[String]) -> Sheet {
    let mut sheet = Sheet::new("Routers")
        .left(["router", "name", "address", "vendor", "system", "version"])
        .right(["peers", "reported"])
        .left(["header"]);
    for (row, name) in routers.iter().zip(names) {
        let reported = row.defaults.iter().filter(|(_, value)| value.is_some());
        sheet.row([
            word(name),
            row.router.sys_name.clone().into(),
            row.router.address.into(),
            row.router.vendor.clone().into(),
            row.router.os.clone().into(),
            row.router.version.clone().into(),
            row.observed.peers.into(),
            match row.header {
                Some(_) => (reported.count() as u64).into(),
                None => Cell::Absent,
            },
            row.header.map(|header| header.word()).into(),
        ]);
    }
    // A name that is its own column says nothing twice.
    let is_name =
        |(row, name): (&RouterDefaults, &String)| row.router.sys_name.as_ref() == Some(name);
    if routers.iter().zip(names).all(is_name) {
        sheet.columns.remove(1);
        sheet.rows.iter_mut().for_each(|row| {
            row.remove(1);
        });
    }
    sheet
}

fn word(text: &str) -> Cell {
    Cell::Word(text.to_owned(), Tone::Good)
}

/// Parameters down, routers across.
fn matrix(title: &str, routers: &[RouterDefaults], names: &[String]) -> Sheet {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut sheet = Sheet::new(title).left(["parameter"]);
    if routers.is_empty() {
        return sheet;
    }
    sheet = sheet.with_columns(&names, Align::Right);
    sheet.row(line("system", routers, |row| row.router.os.clone().into()));
    sheet
}

fn line(
    name: &str,
    routers: &[RouterDefaults],
    cell: impl Fn(&RouterDefaults) -> Cell,
) -> Vec<Cell> {
    let cells = routers.iter().map(cell);
    std::iter::once(name.into()).chain(cells).collect()
}

fn matrix_sheet(answer: &Defaults, names: &[String]) -> Sheet {
    let routers = &answer.routers;
    let mut sheet = matrix("Default behaviour", routers, names).main();
    if routers.is_empty() {
        return sheet;
    }
    for parameter in Parameter::ALL {
        let label = parameter.entry().label;
        sheet.row(line(label, routers, |row| stated_cell(row, parameter)));
        let has_opens = routers.iter().any(|row| row.observed.peers > 0);
        if parameter == Parameter::HoldTime && has_opens {
            sheet.row(line("in OPENs, s", routers, hold_times_cell));
        }
    }
    let has_baseline = routers.iter().any(|row| !row.baseline.is_empty());
    if has_baseline {
        sheet.note("*: not reported, but documented of the vendor (--sources tells where); ?: the same, from memory");
    }
    sheet
}

/// What is reported; else what is documented, marked as such.
fn stated_cell(row: &RouterDefaults, parameter: Parameter) -> Cell {
    if let Some(reported) = row.defaults.get(parameter) {
        return (*reported).into();
    }
    match row.baseline.get(parameter.name()) {
        Some(baseline) => documented_cell(baseline.value.number(), baseline.confidence),
        None => Cell::Absent,
    }
}

fn documented_cell(value: Option<impl ToString>, confidence: Confidence) -> Cell {
    let mark = mark(Some(confidence));
    value.map_or(Cell::Absent, |value| {
        Cell::Word(format!("{}{mark}", value.to_string()), Tone::Faint)
    })
}

fn mark(confidence: Option<Confidence>) -> &'static str {
    match confidence {
        None => "",
        Some(Confidence::Unverified) => "?",
        Some(_) => "*",
    }
}

/// `90`, `90, 180`, `9 to 240`.
fn hold_times_cell(row: &RouterDefaults) -> Cell {
    let times = &row.observed.hold_times;
    match (times.as_slice(), times.first(), times.last()) {
        ([], ..) => Cell::Absent,
        ([one], ..) => one.value.into(),
        ([one, other], ..) => Cell::Text(format!("{}, {}", one.value, other.value)),
        (_, Some(first), Some(last)) => Cell::Text(format!("{} to {}", first.value, last.value)),
        _ => Cell::Absent,
    }
}

/// Capabilities down, routers across: to how many peers each sends it.
fn opens_sheet(routers: &[RouterDefaults], names: &[String]) -> Sheet {
    let mut sheet = matrix("Capabilities in the OPENs that they send", routers, names);
    let all = routers.iter().flat_map(|row| &row.observed.capabilities);
    let all: BTreeMap<u8, &str> = all.map(|one| (one.code, one.name.as_str())).collect();
    if all.is_empty() {
        sheet.rows.clear();
        return sheet;
    }
    for (code, name) in all {
        let name = match name.starts_with("unknown-") {
            true => format!("{code} (unknown)"),
            false => name.to_owned(),
        };
        sheet.row(line(&name, routers, |row| capability_cell(row, code)));
    }
    sheet.note("yes: to all peers; 2 of 5: to two of five");
    sheet
}

fn capability_cell(row: &RouterDefaults, code: u8) -> Cell {
    let all = row.observed.peers;
    let mut own = row.observed.capabilities.iter();
    match own.find(|one| one.code == code).map(|one| one.peers) {
        None => Cell::Absent,
        Some(peers) if peers == all => word("yes"),
        Some(peers) => Cell::Word(format!("{peers} of {all}"), Tone::Warning),
    }
}

/// What is documented of other parameters than the ten.
fn documented_sheet(routers: &[RouterDefaults], names: &[String]) -> Sheet {
    let mut sheet = matrix("Documented beside these", routers, names);
    let all = routers.iter().flat_map(|row| row.baseline.keys());
    let others = all.filter(|name| Parameter::from_name(name).is_none());
    // Lists of capability words are too long to stand beside each other.
    let others: BTreeSet<&String> = others.filter(|name| *name != "cap.sent").collect();
    for name in others {
        sheet.row(line(name, routers, |row| match row.baseline.get(name) {
            Some(own) => documented_cell(Some(&own.value), own.confidence),
            None => Cell::Absent,
        }));
    }
    sheet
}

fn mismatches_sheet(answer: &Defaults, names: &[String]) -> Sheet {
    let mut sheet = Sheet::new("Mismatches")
        .left(["severity", "rule", "parameter", "values"])
        .keys(4);
    let known: BTreeMap<&RouterName, &String> = answer
        .routers
        .iter()
        .map(|row| &row.router)
        .zip(names)
        .collect();
    for one in &answer.mismatches {
        let rule = one.rule.map(str::to_owned);
        sheet.row([
            Cell::Word(one.severity.word().to_owned(), Tone::from(one.severity)),
            rule.map_or(Cell::Absent, |rule| Cell::Word(rule, Tone::Good)),
            label(&one.parameter).into(),
            Cell::Text(values_text(one, &known)),
        ]);
    }
    // Each reason once: rules hold for many parameters and routers.
    let mut told = BTreeSet::new();
    for one in &answer.mismatches {
        let rule = one.rule.unwrap_or("no rule");
        if told.insert(rule) {
            sheet.note(format!("{rule}: {} ({})", one.why, one.reference));
        }
    }
    sheet
}

/// What people read, without the unit.
fn label(name: &str) -> &str {
    let known = Parameter::from_name(name).map(|known| known.entry().label);
    let label = known.unwrap_or(name);
    label.strip_suffix(", s").unwrap_or(label)
}

/// At most as many routers of a value are named.
const NAMED: usize = 8;

/// `255 on ne40; 20 on frr1, frr2*`.
fn values_text(one: &Mismatch, known: &BTreeMap<&RouterName, &String>) -> String {
    let mut by_value: Vec<(String, Vec<String>)> = Vec::new();
    for who in &one.routers {
        let name = known.get(&who.router).map(|name| (*name).clone());
        let name = name.unwrap_or_else(|| format!("peer {}", who.router.label()));
        let name = format!("{name}{}", mark(who.confidence));
        let value = who.value.to_string();
        match by_value.iter_mut().find(|(own, _)| *own == value) {
            Some((_, names)) => names.push(name),
            None => by_value.push((value, vec![name])),
        }
    }
    let texts = by_value.into_iter().map(|(value, names)| {
        let more = names.len().saturating_sub(NAMED);
        let shown: Vec<String> = names.into_iter().take(NAMED).collect();
        let more = match more {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{value} on {}{more}", shown.join(", "))
    });
    texts.collect::<Vec<_>>().join("; ")
}

fn changes_sheet(against: &Comparison) -> Sheet {
    let mut sheet = Sheet::new("Changed since the saved report")
        .left(["router", "compared with", "parameter", "source"])
        .right(["before", "after"])
        .left(["added", "removed"])
        .keyed(["router", "parameter", "source"]);
    // Of lists it is what came and went that tells something.
    let value = |change: &Change, value: Option<&Value>| match (&change.before, &change.after) {
        (Some(Value::Words(_)), Some(Value::Words(_))) => Cell::Absent,
        _ => value.map(Value::to_string).into(),
    };
    let words = |words: &[String]| match words.is_empty() {
        true => Cell::Absent,
        false => Cell::List(words.to_vec()),
    };
    for change in &against.changes {
        sheet.row([
            change.router.label().into(),
            change.saved.label().into(),
            label(change.parameter).into(),
            change.source.word().into(),
            value(change, change.before.as_ref()),
            value(change, change.after.as_ref()),
            words(&change.added),
            words(&change.removed),
        ]);
    }
    let names = |routers: &[RouterName]| {
        let names: Vec<String> = routers.iter().map(RouterName::label).collect();
        names.join(", ")
    };
    if !against.added.is_empty() {
        sheet.note(format!(
            "not in the saved report: {}",
            names(&against.added)
        ));
    }
    if !against.missing.is_empty() {
        sheet.note(format!(
            "only in the saved report: {}",
            names(&against.missing)
        ));
    }
    sheet
}

fn sources_sheet(sources: &[SourceRow]) -> Sheet {
    let mut sheet = Sheet::new("Sources of documented defaults")
        .left(["implementation", "parameter"])
        .right(["value"])
        .left(["confidence"])
        .right(["source"])
        .keys(2);
    let mut told: Vec<&str> = Vec::new();
    for row in sources {
        let source = row.source.as_str();
        let known = told.iter().position(|one| *one == source);
        let number = known.unwrap_or_else(|| {
            told.push(source);
            told.len() - 1
        });
        sheet.row([
            Cell::Word(format!("{}/{}", row.vendor, row.os), Tone::Good),
            label(&row.parameter).into(),
            Cell::text(&row.value),
            row.confidence.word().into(),
            Cell::Number(number as u64 + 1),
        ]);
    }
    // Addresses are too long for a column, and are not to be torn apart.
    for (number, source) in (1..).zip(told) {
        sheet.note(format!("{number}: {source}"));
    }
    sheet
}

/// The matrix for programs: a row for each parameter and source, so that what is documented is not
/// taken for what is reported.
pub(super) fn rows(answer: &Defaults) -> Rows<'_> {
    let names = ["parameter", "unit", "source"].map(str::to_owned);
    let names = names.into_iter().chain(columns::long(&answer.routers));
    Rows {
        names: names.collect(),
        rows: Box::new(
            answer
                .parameters
                .iter()
                .flat_map(|row| csv_rows(answer, row)),
        ),
    }
}

fn csv_rows(answer: &Defaults, row: &ParameterRow) -> Vec<Vec<Cell>> {
    let sources = [Source::Reported, Source::Observed, Source::Baseline];
    let lines = sources.into_iter().filter_map(|source| {
        let own = row.values.iter().filter(|value| value.source == source);
        let own: Vec<_> = own.collect();
        if own.is_empty() && source != Source::Reported {
            return None;
        }
        let mut cells = vec![row.name.into(), row.unit.into(), source.word().into()];
        cells.extend(answer.routers.iter().map(|router| {
            let values = own.iter().filter(|value| value.router == router.router);
            let values: Vec<String> = values.map(|value| value.value.to_string()).collect();
            match values.is_empty() {
                true => Cell::Absent,
                false => Cell::List(values),
            }
        }));
        Some(cells)
    });
    lines.collect()
}
