//! The lines of one chunk, and how many more are wanted.

use super::columns::HEX;
use super::object::push_hex;
use super::options::Choice;
use crate::sheet::LineForm;

/// The lines of a chunk.
#[derive(Debug, Default)]
pub(super) struct Part {
    octets: Vec<u8>,
    /// Where each line ends; only where lines are counted.
    ends: Vec<usize>,
}

/// Octets of a usual line: room is made for that many at once.
const LINE: usize = 512;

impl Part {
    /// A part with room for so many lines.
    pub(super) fn of(choice: &Choice, lines: usize) -> Part {
        let lines = if choice.filter.is_empty() { lines } else { 0 };
        Part {
            octets: Vec::with_capacity(lines * LINE),
            ends: Vec::new(),
        }
    }

    /// Adds what `write` writes of a message with these octets.
    #[inline]
    pub(super) fn add(
        &mut self,
        choice: &Choice,
        message: Option<&[u8]>,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let start = self.octets.len();
        write(&mut self.octets);
        if let Some(fields) = &choice.fields {
            fields.keep(&mut self.octets, start);
        }
        if choice.has_hex
            && let Some(message) = message
        {
            hex(choice.form, message, &mut self.octets);
        }
        if choice.limit.is_some() {
            self.count(choice.form, start);
        }
    }

    /// Notes where the lines behind `start` end: one a message, or the rows of CSV.
    #[cold]
    fn count(&mut self, form: LineForm, start: usize) {
        if form != LineForm::Csv {
            return self.ends.push(self.octets.len());
        }
        let mut in_quotes = false;
        for (place, octet) in self.octets.iter().enumerate().skip(start) {
            match octet {
                b'"' => in_quotes = !in_quotes,
                b'\n' if !in_quotes => self.ends.push(place + 1),
                _ => {}
            }
        }
    }
}

/// Adds all octets of a message to its line: a last key, or a line below.
#[cold]
fn hex(form: LineForm, message: &[u8], out: &mut Vec<u8>) {
    if form == LineForm::Text {
        out.extend_from_slice(HEX.as_bytes());
        push_hex(out, message);
    } else {
        // Over the line end and the brace.
        out.truncate(out.len().saturating_sub(2));
        if !out.ends_with(b"{") {
            out.push(b',');
        }
        out.extend_from_slice(b"\"message_hex\":\"");
        push_hex(out, message);
        out.extend_from_slice(b"\"}");
    }
    out.push(b'\n');
}

/// How many more lines are wanted.
#[derive(Debug)]
pub(super) struct Rest(Option<u64>);

impl Rest {
    pub(super) fn new(choice: &Choice) -> Rest {
        Rest(choice.limit)
    }

    /// No more lines are wanted.
    pub(super) fn is_empty(&self) -> bool {
        self.0 == Some(0)
    }

    /// The lines of the next part that are wanted.
    pub(super) fn take(&mut self, mut part: Part) -> Vec<u8> {
        let Some(left) = &mut self.0 else {
            return part.octets;
        };
        let wanted = usize::try_from(*left).unwrap_or(usize::MAX);
        if let Some(last) = wanted.min(part.ends.len()).checked_sub(1) {
            part.octets
                .truncate(part.ends.get(last).copied().unwrap_or(0));
            *left -= (last + 1) as u64;
        } else {
            part.octets.clear();
        }
        part.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(form: LineForm, limit: u64, lines: &[&str]) -> String {
        let mut choice = Choice::new(form);
        choice.limit = Some(limit);
        let mut rest = Rest::new(&choice);
        let mut all = Vec::new();
        for chunk in lines.chunks(2) {
            let mut part = Part::of(&choice, chunk.len());
            for line in chunk {
                part.add(&choice, None, |out| out.extend_from_slice(line.as_bytes()));
            }
            all.extend(rest.take(part));
        }
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn so_many_lines_are_taken_over_all_parts() {
        let lines = ["a\n", "b\n    00\n", "c\n", "d\n"];
        assert_eq!(taken(LineForm::Text, 3, &lines), "a\nb\n    00\nc\n");
        assert_eq!(taken(LineForm::Text, 0, &lines), "");
        assert_eq!(taken(LineForm::Json, 9, &lines), lines.concat());
    }

    #[test]
    fn rows_are_counted_one_by_one_whatever_is_quoted_in_them() {
        let rows = ["1\r\n\"2\r\n\"\"\n\"\r\n", "", "3\r\n"];
        assert_eq!(taken(LineForm::Csv, 2, &rows), rows[0]);
        assert_eq!(taken(LineForm::Csv, 1, &rows), "1\r\n");
        assert_eq!(taken(LineForm::Csv, 3, &rows), rows.concat());
    }

    #[test]
    fn octets_are_the_last_key_of_a_line_or_stand_below_it() {
        let added = |form, line: &str| {
            let mut out = line.as_bytes().to_vec();
            hex(form, &[0xab, 1], &mut out);
            String::from_utf8(out).unwrap()
        };
        let expected = "{\"a\":1,\"message_hex\":\"ab01\"}\n";
        assert_eq!(added(LineForm::Json, "{\"a\":1}\n"), expected);
        assert_eq!(
            added(LineForm::Json, "{}\n"),
            "{\"message_hex\":\"ab01\"}\n"
        );
        assert_eq!(added(LineForm::Text, "up\n"), "up\n    ab01\n");
    }
}
