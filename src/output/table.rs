//! Tables for people: thin lines, columns that line up, folded where the terminal is too narrow.

use super::Style;
use crate::sheet::{Align, Answer, Cell, Column, Sheet, Tone};
use crate::time::Timestamp;
use comfy_table::{
    Attribute, CellAlignment, Color, ColumnConstraint, ContentArrangement, LineStyle, Table,
    TableStyle, Width,
};
use std::io::{self, Write};

/// Only the names stand apart, by a line under them.
const LOOK: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Spaces between two columns.
const BETWEEN: u16 = 2;

/// Words are not wrapped into columns narrower than this.
const NARROWEST: u16 = 20;

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
    for note in &sheet.notes {
        wrap(&visible(note), style.width, out)?;
    }
    Ok(())
}

/// The rows, as one table or folded into several under each other.
fn write_rows(sheet: &Sheet, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let all: Vec<usize> = (0..sheet.columns.len()).collect();
    let widths = table(sheet, &all, style.colours).column_max_content_widths();
    let layout = Layout::new(sheet, &widths);
    let folds = match style.width {
        Some(width) => layout.fold(sheet.keys, width),
        None => vec![all],
    };
    for (index, fold) in folds.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let mut table = table(sheet, fold, style.colours);
        if let Some(width) = style.width {
            layout.constrain(&mut table, fold, width);
        }
        writeln!(out, "{}", table.trim_fmt())?;
    }
    Ok(())
}

/// A table of some of the columns.
fn table(sheet: &Sheet, fold: &[usize], colours: bool) -> Table {
    let mut table = Table::new();
    table.force_no_tty().load_style(LOOK);
    if colours {
        table.enforce_styling().style_text_only();
    }
    let columns = || fold.iter().filter_map(|index| sheet.columns.get(*index));
    table.set_header(columns().map(heading));
    for row in &sheet.rows {
        table.add_row(fold.iter().map(|index| cell(row.get(*index))));
    }
    let last = fold.len().saturating_sub(1);
    for (column, own) in table.column_iter_mut().zip(columns()) {
        let gap = if column.index == last { 0 } else { BETWEEN };
        column.set_padding((0, gap));
        if own.align == Align::Right {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn heading(column: &Column) -> comfy_table::Cell {
    comfy_table::Cell::new(&column.name).add_attribute(Attribute::Bold)
}

/// How wide each column would be, and how wide it has to be.
struct Layout {
    /// Width of the longest cell.
    natural: Vec<u16>,
    /// The least width at which nothing is torn apart.
    least: Vec<u16>,
}

impl Layout {
    fn new(sheet: &Sheet, natural: &[u16]) -> Layout {
        let least = natural.iter().enumerate().map(|(index, width)| {
            let mut cells = sheet.rows.iter().filter_map(|row| row.get(index));
            let wraps = cells.any(|cell| matches!(cell, Cell::Text(_) | Cell::List(_)));
            if wraps { NARROWEST.min(*width) } else { *width }
        });
        Layout {
            least: least.collect(),
            natural: natural.to_vec(),
        }
    }

    /// Groups of columns that fit the width, each beginning with the key columns.
    fn fold(&self, keys: usize, width: u16) -> Vec<Vec<usize>> {
        let keys: Vec<usize> = (0..keys.min(self.least.len())).collect();
        let mut folds = Vec::new();
        let mut fold = keys.clone();
        for index in keys.len()..self.least.len() {
            fold.push(index);
            if fold.len() > keys.len() + 1 && self.needs(&fold) > u32::from(width) {
                fold.pop();
                folds.push(std::mem::replace(&mut fold, keys.clone()));
                fold.push(index);
            }
        }
        folds.push(fold);
        folds
    }

    /// Columns of the terminal that these columns need at least.
    fn needs(&self, fold: &[usize]) -> u32 {
        let widths = fold.iter().filter_map(|index| self.least.get(*index));
        let gaps = fold.len().saturating_sub(1) * usize::from(BETWEEN);
        widths.map(|width| u32::from(*width)).sum::<u32>() + u32::try_from(gaps).unwrap_or(0)
    }

    /// Makes a table keep to the width, wrapping words only.
    fn constrain(&self, table: &mut Table, fold: &[usize], width: u16) {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
        if self.needs(fold) > u32::from(width) {
            return;
        }
        let last = fold.len().saturating_sub(1);
        for (column, index) in table.column_iter_mut().zip(fold) {
            let gap = if column.index == last { 0 } else { BETWEEN };
            let widths = (self.least.get(*index), self.natural.get(*index));
            let (Some(least), Some(natural)) = widths else {
                continue;
            };
            column.set_constraint(if least == natural {
                ColumnConstraint::ContentWidth
            } else {
                ColumnConstraint::LowerBoundary(Width::Fixed(least.saturating_add(gap)))
            });
        }
    }
}

/// A cell as a person wants it, with the colour of its tone.
fn cell(cell: Option<&Cell>) -> comfy_table::Cell {
    let cell = cell.unwrap_or(&Cell::Absent);
    let shown = comfy_table::Cell::new(text(cell));
    let tone = match cell {
        Cell::Absent => Tone::Faint,
        Cell::Word(_, tone) => *tone,
        _ => return shown,
    };
    match tone {
        Tone::Good => shown.fg(Color::Green),
        Tone::Warning => shown.fg(Color::Yellow),
        Tone::Bad => shown.fg(Color::Red),
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

/// Text from a capture must not talk to the terminal: control characters are spelled out.
pub fn visible(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let spelled = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.into()
        }
    };
    text.chars().map(spelled).collect()
}

/// `2026-01-31 12:00:00.123`: UTC, to the millisecond.
fn moment(time: Timestamp) -> String {
    let digits = time.digits().min(3);
    let text = Timestamp::from_nanoseconds(time.nanoseconds(), digits).to_string();
    text.replace('T', " ").trim_end_matches('Z').to_owned()
}

/// The two largest units: `2 d 3 h`, `3 min 20 s`, `1.5 s`.
fn duration(seconds: f64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    if seconds.abs() < 60.0 || !seconds.is_finite() {
        return format!("{seconds:.3}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
            + " s";
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    // Saturates where the span is longer than any calendar.
    let whole = seconds.abs().round() as u64;
    let first = UNITS
        .iter()
        .position(|(_, size)| whole >= *size)
        .unwrap_or(0);
    let mut rest = whole;
    let parts = UNITS.iter().skip(first).take(2).filter_map(|(name, size)| {
        let count = rest / size;
        rest %= size;
        (count > 0).then(|| format!("{count} {name}"))
    });
    sign.to_owned() + &parts.collect::<Vec<_>>().join(" ")
}

/// `512 B`, `1.4 MiB`: binary units.
pub fn bytes(octets: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if octets < 1024 {
        return format!("{octets} B");
    }
    let mut value = octets as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    // 1023.95 would be rounded to 1024.0.
    while value >= 1023.95 {
        value /= 1024.0;
        unit = units.next().unwrap_or(&"");
    }
    format!("{value:.1} {unit}")
}

/// Writes a text as lines no longer than the width, broken at spaces.
fn wrap(text: &str, width: Option<u16>, out: &mut dyn Write) -> io::Result<()> {
    let limit = width.map_or(usize::MAX, usize::from);
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > limit {
            writeln!(out)?;
            column = 0;
        } else if column > 0 {
            write!(out, " ")?;
            column += 1;
        }
        write!(out, "{word}")?;
        column += length;
    }
    writeln!(out)
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
        assert!(text.contains("\u{1b}[38;5;10mup\u{1b}"), "{text:?}");
        assert!(!testing::print(&TABLE, &testing::peers()).contains('\u{1b}'));
    }

    #[test]
    fn octets_are_rounded_to_a_unit() {
        let shown = [0, 1023, 1024, 1_048_575, 1_468_006, u64::MAX].map(bytes);
        let expected = ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.4 MiB", "16.0 EiB"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn spans_show_their_two_largest_units() {
        let shown = [0.0, 1.5, 59.9996, 60.0, 200.0, 7380.0, 180_000.0, -90.0].map(duration);
        let expected = [
            "0 s",
            "1.5 s",
            "60 s",
            "1 min",
            "3 min 20 s",
            "2 h 3 min",
            "2 d 2 h",
            "-1 min 30 s",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn moments_are_shown_to_the_millisecond() {
        let time = Timestamp::from_nanoseconds(1_700_000_000_123_456_789, 9);
        assert_eq!(moment(time), "2023-11-14 22:13:20.123");
    }
}
