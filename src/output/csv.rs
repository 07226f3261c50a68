//! The answer's main sheet as comma-separated values (RFC 4180), with the values unrounded.

use super::Style;
use crate::sheet::{Answer, Cell, Rows, Sheet, push_csv_field};
use std::io::{self, Write};

/// Writes the main sheet, or the rows that stand for it: a row of column names, then the rows.
pub fn write(answer: &dyn Answer, _style: Style, out: &mut dyn Write) -> io::Result<()> {
    if let Some(Rows { names, mut rows }) = answer.rows() {
        write_names(names.iter().map(String::as_str), out)?;
        return rows.try_for_each(|row| write_cells(&row, names.len(), out));
    }
    let sheets = answer.sheets();
    let main = sheets.iter().find(|sheet| sheet.main);
    match main.or(sheets.first()) {
        Some(sheet) => write_sheet(sheet, out),
        None => Ok(()),
    }
}

fn write_sheet(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    write_names(sheet.columns.iter().map(|column| column.name.as_str()), out)?;
    let mut rows = sheet.rows.iter();
    rows.try_for_each(|row| write_cells(row, sheet.columns.len(), out))
}

fn write_names<'a>(names: impl Iterator<Item = &'a str>, out: &mut dyn Write) -> io::Result<()> {
    write_row(names.map(|name| name.replace(' ', "_")), out)
}

fn write_cells(row: &[Cell], columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let cell = |index| row.get(index).map_or_else(String::new, value);
    write_row((0..columns).map(cell), out)
}

fn write_row(fields: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let mut row = Vec::new();
    for (index, field) in fields.enumerate() {
        if index > 0 {
            row.push(b',');
        }
        push_csv_field(&mut row, &field);
    }
    row.extend_from_slice(b"\r\n");
    out.write_all(&row)
}

/// A cell as a program wants it: nothing rounded, nothing for what is absent.
fn value(cell: &Cell) -> String {
    match cell {
        Cell::Absent => String::new(),
        Cell::Text(text) | Cell::Word(text, _) => text.clone(),
        Cell::List(items) => items.join(";"),
        Cell::Number(number) | Cell::Bytes(number) => number.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Float(number, _) | Cell::Seconds(number) => number.to_string(),
        Cell::Time(time) => time.to_string(),
        Cell::Address(address) => address.to_string(),
        Cell::Endpoint(endpoint) => endpoint.to_string(),
        Cell::Prefix(prefix) => prefix.to_string(),
        Cell::Flag(flag) => flag.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{CSV, testing};

    #[test]
    fn the_main_sheet_is_printed_unrounded_with_rfc_4180_quotes() {
        let expected = "peer,state,bytes,last_reason\r\n\
                        192.0.2.1,up,0,\r\n\
                        2001:db8::1,up,1500000,\"hold timer, \"\"expired\"\"\"\r\n";
        assert_eq!(testing::print(&CSV, &testing::peers()), expected);
    }

    #[test]
    fn fields_are_quoted_only_where_they_must_be() {
        let field = |text: &str| {
            let mut out = Vec::new();
            push_csv_field(&mut out, text);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(field("a b"), "a b");
        assert_eq!(field("a\nb"), "\"a\nb\"");
        assert_eq!(field("\""), "\"\"\"\"");
    }

    #[test]
    fn rows_stand_for_the_main_sheet_where_there_are_some() {
        #[derive(serde::Serialize)]
        struct Many;
        impl Answer for Many {
            fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
                Vec::new()
            }

            fn sheets(&self) -> Vec<Sheet> {
                vec![Sheet::new("few").left(["a"]).main()]
            }

            fn rows(&self) -> Option<Rows<'_>> {
                Some(Rows {
                    names: vec!["number".to_owned(), "twice it".to_owned()],
                    rows: Box::new((0..2u64).map(|n| vec![n.into(), (2 * n).into()])),
                })
            }
        }
        assert_eq!(
            testing::print(&CSV, &Many),
            "number,twice_it\r\n0,0\r\n1,2\r\n"
        );
    }

    #[test]
    fn a_row_that_lacks_cells_has_all_its_commas() {
        let mut sheet = Sheet::new("").left(["a", "b", "c"]);
        sheet.row([Cell::Flag(true)]);
        let mut out = Vec::new();
        write_sheet(&sheet, &mut out).unwrap();
        assert_eq!(out, b"a,b,c\r\ntrue,,\r\n");
    }
}
