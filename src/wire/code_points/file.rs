//! A file of code points: TOML with a table for each table of code points.
//!
//! ```toml
//! [initiation]
//! optional-parameters-supported = 40001
//! default-behavior-parameters = { enterprise = 2011, type = 3 }
//! [rpki]
//! source-type = 0x5010
//! ```

use super::setting::{Digits, Written, names};
use super::{CodePoint, Number, Setting, Table};
use toml::Spanned;
use toml::de::{DeInteger, DeString, DeTable, DeValue};

/// At which octet of the text something is wrong, and what.
type Wrong = (usize, String);

type Entry<'a, 'i> = (&'a Spanned<DeString<'i>>, &'a Spanned<DeValue<'i>>);

/// Reads the settings of a file, in their order there. An error begins with `path` and the line.
pub(super) fn read(text: &str, path: &str) -> Result<Vec<Setting>, String> {
    let place = |at: usize| format!("{path}:{}", line(text, at));
    let setting = |(at, code_point, number): (usize, CodePoint, Number)| Setting {
        code_point,
        number,
        place: place(at),
    };
    match document(text) {
        Ok(numbers) => Ok(numbers.into_iter().map(setting).collect()),
        Err((at, why)) => Err(format!("{}: {why}", place(at))),
    }
}

/// The line, from 1, of an octet of a text.
fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    1 + before.filter(|octet| **octet == b'\n').count()
}

fn document(text: &str) -> Result<Vec<(usize, CodePoint, Number)>, Wrong> {
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (at, error.message().to_owned())
    })?;
    let mut numbers = Vec::new();
    for entry in in_order(document.get_ref()) {
        let (table, entries) = table(entry)?;
        for (key, value) in in_order(entries) {
            let code_point = code_point(table, key)?;
            let number = number(code_point, value)?;
            numbers.push((key.span().start, code_point, number));
        }
    }
    Ok(numbers)
}

/// The entries as they stand in the file; the map has them by name.
fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn table<'a, 'i>((key, value): Entry<'a, 'i>) -> Result<(Table, &'a DeTable<'i>), Wrong> {
    let name = key.get_ref().as_ref();
    let table = Table::ALL.into_iter().find(|table| table.name() == name);
    match (table, value.get_ref()) {
        (Some(table), DeValue::Table(entries)) => Ok((table, entries)),
        _ => Err((key.span().start, no_table(name, table))),
    }
}

fn no_table(name: &str, table: Option<Table>) -> String {
    if let Some(table) = table {
        return format!("'{name}' is a table, which begins with {table}");
    }
    if let Some(code_point) = CodePoint::named(name) {
        return format!("'{name}' stands outside of {}", code_point.table());
    }
    let tables = Table::ALL.map(|table| table.to_string()).join(", ");
    format!("no table '{name}', but: {tables}")
}

fn code_point(table: Table, key: &Spanned<DeString<'_>>) -> Result<CodePoint, Wrong> {
    let name = key.get_ref().as_ref();
    let why = match CodePoint::named(name) {
        Some(code_point) if code_point.table() == table => return Ok(code_point),
        Some(other) => format!("'{name}' belongs to {}, not to {table}", other.table()),
        None => format!("no code point '{name}' in {table}, but: {}", names(table)),
    };
    Err((key.span().start, why))
}

fn number(code_point: CodePoint, value: &Spanned<DeValue<'_>>) -> Result<Number, Wrong> {
    let wrong = |why| (value.span().start, why);
    let Some(written) = written(value.get_ref()) else {
        let name = code_point.name();
        let why = format!("{name} is neither a number nor {{ enterprise = N, type = N }}");
        return Err(wrong(why));
    };
    written.number_of(code_point).map_err(wrong)
}

fn written(value: &DeValue<'_>) -> Option<Written> {
    match value {
        DeValue::Integer(integer) => Some(Written::Plain(digits(integer))),
        // Nothing beside the two, so that nothing is ignored.
        DeValue::Table(table) if table.len() == 2 => {
            let integer = |name| table.get(name)?.get_ref().as_integer().map(digits);
            let (enterprise, number) = (integer("enterprise")?, integer("type")?);
            Some(Written::Enterprise(enterprise, number))
        }
        _ => None,
    }
}

fn digits(integer: &DeInteger<'_>) -> Digits {
    Digits {
        text: integer.to_string(),
        value: u64::from_str_radix(integer.as_str(), integer.radix()).ok(),
    }
}
