//! The lines of one chunk, and how many more are wanted.

use super::columns::HEX;
use super::object::push_hex;
use super::options::Choice;
use crate::sheet::LineForm;

/// The lines of a chunk.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) octets: Vec<u8>,
    pub(super) lines: Vec<LineEnd>,
    /// How far the walk was: before which line, and the turn.
    pub(super) marks: Vec<(usize, u64)>,
}

/// What a message comes to: a line, with its octets below it if they are asked for, or its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LineEnd {
    /// Where the message stands in the capture.
    pub(super) turn: u32,
    /// Where it ends among the octets of the part; the next one begins there.
    pub(super) end: usize,
}

/// Octets of a usual line: room is made for that many at once.
const LINE: usize = 512;

impl Part {
    /// A part with room for so many lines.
    pub(super) fn of(choice: &Choice, lines: usize) -> Part {
        let lines = if choice.filter.is_empty() { lines } else { 0 };
        Part {
            octets: Vec::with_capacity(lines * LINE),
            lines: Vec::with_capacity(lines),
            marks: Vec::new(),
        }
    }

    /// Adds what `write` writes of a message with these octets.
    #[inline]
    pub(super) fn add(
        &mut self,
        choice: &Choice,
        turn: u32,
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
        let end = self.octets.len();
        if end > start {
            self.lines.push(LineEnd { turn, end });
        }
    }

    /// Notes how far the walk was before the next line.
    pub(super) fn mark(&mut self, turn: u64) {
        self.marks.push((self.lines.len(), turn));
    }

    /// Gives back room: lines may wait.
    pub(super) fn pack(mut self) -> Part {
        if self.octets.capacity() / 2 > self.octets.len() {
            self.octets.shrink_to_fit();
        }
        self
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
pub(super) struct Rest {
    left: Option<u64>,
    form: LineForm,
}

impl Rest {
    pub(super) fn new(choice: &Choice) -> Rest {
        Rest {
            left: choice.limit,
            form: choice.form,
        }
    }

    /// Whether lines are counted.
    pub(super) fn is_limited(&self) -> bool {
        self.left.is_some()
    }

    /// No more lines are wanted.
    pub(super) fn is_empty(&self) -> bool {
        self.left == Some(0)
    }

    /// What is wanted of what a message comes to: a line, or the rows of CSV. Where lines are not
    /// counted there may be several messages.
    pub(super) fn take<'a>(&mut self, octets: &'a [u8]) -> &'a [u8] {
        let Some(left) = &mut self.left else {
            return octets;
        };
        if *left == 0 {
            return &[];
        }
        if self.form != LineForm::Csv {
            *left -= 1;
            return octets;
        }
        let wanted = usize::try_from(*left).unwrap_or(usize::MAX);
        let ends: Vec<usize> = row_ends(octets).take(wanted).collect();
        *left -= ends.len() as u64;
        let end = ends.last().copied().unwrap_or(0);
        octets.get(..end).unwrap_or_default()
    }
}

/// Where the rows end, whatever is quoted in them.
fn row_ends(octets: &[u8]) -> impl Iterator<Item = usize> {
    let mut in_quotes = false;
    let ends = octets.iter().zip(1..).filter(move |(octet, _)| {
        in_quotes ^= **octet == b'"';
        **octet == b'\n' && !in_quotes
    });
    ends.map(|(_, end)| end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(form: LineForm, limit: u64, lines: &[&str]) -> String {
        let mut choice = Choice::new(form);
        choice.limit = Some(limit);
        let mut rest = Rest::new(&choice);
        let taken = lines.iter().flat_map(|line| rest.take(line.as_bytes()));
        String::from_utf8(taken.copied().collect()).unwrap()
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
