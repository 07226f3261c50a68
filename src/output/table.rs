//! Tables for people: thin lines, columns that line up, folded where the terminal is too narrow.

use super::Style;
use super::human::{bytes, duration, moment, visible};
use super::layout::{BETWEEN, Layout};
use super::wrap;
use crate::sheet::{Align, Answer, Cell, Column, Sheet, Tone};
use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle, Width,
};
use std::io::{self, Write};

/// Only the names stand apart, by a line under them.
const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Writes every sheet, with an empty line between two.
pub fn write(answer: &dyn Answer, style: Style, out: &mut dyn Write) -> io::Result<()> {
    // The library would ask NO_COLOR by itself; that question has been settled by the caller.
    crossterm::style::force_color_output(style.colours);
    for (index, sheet) in answer.sheets().iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_sheet(sheet, style, out)?;
    }
    Ok(())
}

fn write_sheet(sheet: &Sheet, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match (sheet.title.as_str(), style.colours) {
        ("", _) => {}
        (title, true) => writeln!(out, "\u{1b}[1m{title}\u{1b}[0m")?,
        (title, false) => writeln!(out, "{title}")?,
    }
    if sheet.rows.is_empty() && !sheet.columns.is_empty() {
        writeln!(out, "(none)")?;
    } else if !sheet.columns.is_empty() {
        write_rows(sheet, style, out)?;
    }
    if !sheet.notes.is_empty() && !sheet.columns.is_empty() {
        writeln!(out)?;
    }
    for note in &sheet.notes {
        let width = style.width.map_or(usize::MAX, usize::from);
        writeln!(out, "{}", note_lines(note, width))?;
    }
    Ok(())
}

/// A note is broken at spaces only: commands and addresses in it are copied.
fn note_lines(note: &str, width: usize) -> String {
    wrap::at_spaces(&visible(note), width).join("\n")
}

/// The rows, as one table or folded into several under each other.
fn write_rows(sheet: &Sheet, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<usize> = (0..sheet.columns.len()).collect();
    let whole = table(sheet, &all, None, style.colours);
    let Some(width) = style.width else {
        return writeln!(out, "{}", whole.trim_fmt());
    };
    let layout = Layout::new(sheet, whole.column_max_content_widths());
    let folds = layout.fold(&sheet.keys, width);
    if folds.len() > 1 && !sheet.is_told_apart(text) {
        return write_rows(&numbered(sheet), style, out);
    }
    for (index, fold) in folds.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let widths = layout.widths(fold, width);
        let mut table = table(sheet, fold, widths.as_deref(), style.colours);
        if widths.is_none() {
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width);
        }
        writeln!(out, "{}", table.trim_fmt())?;
    }
    Ok(())
}

/// The sheet with a number for each row, where its keys alone do not tell which row goes on where.
fn numbered(sheet: &Sheet) -> Sheet {
    let mut numbered = Sheet::new("").right(["row"]);
    numbered.columns.extend(sheet.columns.iter().cloned());
    numbered.keys = [0]
        .into_iter()
        .chain(sheet.keys.iter().map(|key| key + 1))
        .collect();
    for (number, row) in (1u64..).zip(&sheet.rows) {
        let mut cells = vec![Cell::Number(number)];
        cells.extend(row.iter().cloned());
        numbered.row(cells);
    }
    numbered
}

/// A table of some of the columns, as wide as is told.
fn table(sheet: &Sheet, fold: &[usize], widths: Option<&[u16]>, colours: bool) -> Table {
    let mut table = Table::new();
    table.force_no_tty().load_style(LOOK);
    if colours {
        table.enforce_styling().style_text_only();
    }
    let width = |place: usize| widths.and_then(|widths| widths.get(place)).copied();
    let columns = || fold.iter().filter_map(|index| sheet.columns.get(*index));
    let headings = columns().enumerate();
    table.set_header(headings.map(|(place, column)| heading(column, width(place))));
    for row in &sheet.rows {
        let cells = fold.iter().map(|index| row.get(*index)).enumerate();
        table.add_row(cells.map(|(place, own)| cell(own, width(place))));
    }
    let last = fold.len().saturating_sub(1);
    for (column, own) in table.column_iter_mut().zip(columns()) {
        let gap = if column.index == last { 0 } else { BETWEEN };
        column.set_padding((0, gap));
        if let Some(width) = width(column.index) {
            let width = Width::Fixed(width.saturating_add(gap));
            column.set_constraint(ColumnConstraint::UpperBoundary(width));
        }
        if own.align == Align::Right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn heading(column: &Column, width: Option<u16>) -> comfy_table::Cell {
    comfy_table::Cell::new(broken(column.name.clone(), width)).add_attribute(Attribute::Bold)
}

/// The text in lines that fit.
fn broken(text: String, width: Option<u16>) -> String {
    match width {
        Some(width) => wrap::lines(&text, usize::from(width)).join("\n"),
        None => text,
    }
}

/// A cell as a person wants it, with the colour of its tone.
fn cell(cell: Option<&Cell>, width: Option<u16>) -> comfy_table::Cell {
    let cell = cell.unwrap_or(&Cell::Absent);
    let shown = comfy_table::Cell::new(broken(text(cell), width));
    let tone = match cell {
        Cell::Absent => Tone::Faint,
        Cell::Word(_, tone) => *tone,
        _ => return shown,
    };
    match tone {
        Tone::Plain => shown,
        Tone::Good => shown.fg(Color::DarkGreen),
        Tone::Warning => shown.fg(Color::DarkYellow),
        Tone::Bad => shown.fg(Color::DarkRed),
        Tone::Faint => shown.add_attribute(Attribute::Dim),
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Absent => "-".to_owned(),
        Cell::Text(text) | Cell::Word(text, _) => visible(text),
        Cell::List(items) => visible(&items.join(", ")),
        Cell::Number(number) => number.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Float(number, digits) => format!("{number:.*}", usize::from(*digits)),
        Cell::Time(time) => moment(*time),
        Cell::Seconds(seconds) => duration(*seconds),
        Cell::Bytes(octets) => bytes(*octets),
        Cell::Address(address) => address.to_string(),
        Cell::Endpoint(endpoint) => endpoint.to_string(),
        Cell::Prefix(prefix) => prefix.to_string(),
        Cell::Flag(true) => "yes".to_owned(),
        Cell::Flag(false) => "no".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{TABLE, testing};

    fn print(sheet: &Sheet, width: Option<u16>) -> String {
        let style = Style {
            width,
            colours: false,
        };
        let mut out = Vec::new();
        write_sheet(sheet, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_table_is_thin_and_its_numbers_line_up() {
        let expected = "\
Sessions
(none)

Peers
peer         state    bytes  last reason
──────────────────────────────────────────────────
192.0.2.1    up         0 B  -
2001:db8::1  up     1.4 MiB  hold timer, \"expired\"
";
        assert_eq!(testing::print(&TABLE, &testing::peers()), expected);
    }

    #[test]
    fn words_are_wrapped_before_anything_is_folded() {
        let mut sheet = Sheet::new("").left(["peer", "reason"]).right(["routes"]);
        let reason = "hold timer expired after ninety seconds without a word";
        sheet.row([Cell::from("192.0.2.1"), reason.into(), 12u64.into()]);
        let expected = "\
peer       reason                routes
───────────────────────────────────────
192.0.2.1  hold timer expired        12
           after ninety seconds
           without a word
";
        assert_eq!(print(&sheet, Some(42)), expected);
    }

    #[test]
    fn a_wide_table_is_folded_and_its_keys_repeated() {
        let mut sheet = Sheet::new("")
            .left(["parameter"])
            .right(["edge1", "edge2", "edge3"]);
        sheet.row([
            "hold-time".into(),
            90u64.into(),
            180u64.into(),
            Cell::Absent,
        ]);
        let expected = "\
parameter  edge1  edge2
───────────────────────
hold-time     90    180

parameter  edge3
────────────────
hold-time      -
";
        assert_eq!(print(&sheet, Some(24)), expected);
    }

    #[test]
    fn no_line_is_longer_than_the_terminal() {
        let mut sheet = Sheet::new("")
            .left(["a", "b"])
            .right(["c", "d"])
            .left(["e"])
            .keys(2);
        let words = "one twenty-two three four five six seven eight nine ten eleven";
        let number = Cell::Number(u64::MAX);
        for _ in 0..3 {
            let row = [
                words.into(),
                words.into(),
                number.clone(),
                number.clone(),
                words.into(),
            ];
            sheet.row(row);
        }
        sheet.note(words.repeat(3));
        for width in 60..200 {
            let text = print(&sheet, Some(width));
            let longest = text.lines().map(|line| line.chars().count()).max();
            assert!(
                longest <= Some(usize::from(width)),
                "{width}: {longest:?}\n{text}"
            );
        }
    }

    #[test]
    fn an_absurdly_narrow_terminal_still_gets_its_table() {
        for width in 0..20 {
            let mut out = Vec::new();
            let style = Style {
                width: Some(width),
                colours: true,
            };
            write(&testing::peers(), style, &mut out).unwrap();
            assert!(!out.is_empty());
        }
    }

    #[test]
    fn text_from_a_capture_cannot_talk_to_the_terminal() {
        let mut sheet = Sheet::new("").left(["name"]);
        sheet.row(["\u{1b}[2Jedge\n1".into()]);
        assert!(print(&sheet, None).contains("\\u{1b}[2Jedge\\n1"));
    }

    #[test]
    fn colours_come_only_where_they_are_wanted() {
        let mut out = Vec::new();
        let style = Style {
            width: None,
            colours: true,
        };
        write(&testing::peers(), style, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\u{1b}[38;5;2mup\u{1b}"), "{text:?}");
        assert!(!testing::print(&TABLE, &testing::peers()).contains('\u{1b}'));
    }
}
