//! The columns of `messages -f table`: lines stream, so a column is as wide as its widest cell so
//! far. On a terminal no line is longer than the terminal is wide.

/// What stands between the cells of a line before they are laid out. In data it is replaced, as all
/// control characters are.
pub(super) const BETWEEN: char = '\u{1f}';

/// Cells before the last one: time, router, peer, RIB view, type.
pub(super) const CELLS: usize = 5;

/// Widths of these cells that mostly do: fewer lines are out of line with those before them.
const USUAL: [usize; CELLS] = [0, 8, 16, 8, 9];

/// Wider cells do not widen their column.
const WIDEST: [usize; CELLS] = [24, 24, 34, 8, 19];

/// Below so many columns the day stands in a line of its own.
const NARROW: usize = 130;

/// What is cut off.
const CUT: char = '…';

/// Routes of one message that a terminal of this width has room for; the others are counted.
pub(super) fn routes_shown(width: Option<u16>) -> usize {
    match width {
        None => 6,
        Some(..120) => 1,
        Some(120..150) => 2,
        Some(150..200) => 3,
        Some(_) => 6,
    }
}

/// How wide the columns are by now.
#[derive(Debug)]
pub(super) struct Columns {
    widths: [usize; CELLS],
    /// Columns of the terminal; none: lines may be of any length.
    limit: Option<usize>,
    /// The day of the line before, where it stands in a line of its own.
    day: String,
}

impl Columns {
    pub(super) fn new(width: Option<u16>) -> Columns {
        Columns {
            widths: USUAL,
            limit: width.map(usize::from),
            day: String::new(),
        }
    }

    /// Lays out whole lines.
    pub(super) fn lay(&mut self, lines: &[u8]) -> Vec<u8> {
        let mut out = String::with_capacity(lines.len() + lines.len() / 2);
        let lines = String::from_utf8_lossy(lines);
        for line in lines.lines() {
            match line.strip_prefix(HEX) {
                Some(digits) => self.hex(digits, &mut out),
                None => self.line(line, &mut out),
            }
        }
        out.into_bytes()
    }

    fn line(&mut self, line: &str, out: &mut String) {
        let mut cells = line.splitn(CELLS + 1, BETWEEN);
        let mut laid = String::with_capacity(line.len() + 40);
        let time = cells.next().unwrap_or_default();
        let time = self.day(time, out);
        for (place, cell) in [time]
            .into_iter()
            .chain(cells.by_ref().take(CELLS - 1))
            .enumerate()
        {
            self.cell(place, cell, &mut laid);
        }
        laid.push_str(
            cells
                .next()
                .unwrap_or_default()
                .trim_start_matches([';', ' ']),
        );
        push_cut(laid.trim_end(), self.limit, out);
        out.push('\n');
    }

    /// The time without its day, which then stands above, where there is little room.
    fn day<'a>(&mut self, time: &'a str, out: &mut String) -> &'a str {
        let is_narrow = self.limit.is_some_and(|limit| limit < NARROW);
        let Some((day, clock)) = time.split_once(' ').filter(|_| is_narrow) else {
            return time;
        };
        if day != self.day {
            day.clone_into(&mut self.day);
            out.push_str(day);
            out.push('\n');
        }
        clock
    }

    fn cell(&mut self, place: usize, cell: &str, laid: &mut String) {
        let widest = WIDEST.get(place).copied().unwrap_or_default();
        let most = self.limit.map(|_| widest);
        let start = laid.chars().count();
        push_cut(cell, most, laid);
        let length = laid.chars().count() - start;
        if let Some(width) = self.widths.get_mut(place) {
            *width = (*width).max(length.min(widest));
            laid.extend(std::iter::repeat_n(' ', width.saturating_sub(length) + 2));
        }
    }

    /// All octets below a line: in one line, or in as many as the terminal needs.
    fn hex(&self, digits: &str, out: &mut String) {
        // Whole rows of 16 octets where there is room for any.
        let room = self
            .limit
            .map_or(usize::MAX, |limit| limit.saturating_sub(HEX.len()));
        let row = if room >= 32 {
            room - room % 32
        } else {
            room.max(2) & !1
        };
        let mut rest = digits;
        while !rest.is_empty() {
            let (head, tail) = rest.split_at_checked(row).unwrap_or((rest, ""));
            out.push_str(HEX);
            out.push_str(head);
            out.push('\n');
            rest = tail;
        }
    }
}

/// What a line of octets begins with.
pub(super) const HEX: &str = "    ";

/// The text, or as much of it as fits.
fn push_cut(text: &str, most: Option<usize>, out: &mut String) {
    let most = most.unwrap_or(usize::MAX);
    // Octets are never fewer than characters.
    if text.len() <= most || text.chars().count() <= most {
        return out.push_str(text);
    }
    out.extend(text.chars().take(most.saturating_sub(1)));
    out.extend((most > 0).then_some(CUT));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(width: Option<u16>, lines: &[[&str; 6]]) -> String {
        let mut columns = Columns::new(width);
        let lines = lines.iter().map(|line| line.join("\u{1f}") + "\n");
        let lines: String = lines.collect();
        String::from_utf8(columns.lay(lines.as_bytes())).unwrap()
    }

    const UP: [&str; 6] = [
        "2026-01-02 03:04:05.678",
        "r1",
        "10.0.0.1 AS64500",
        "",
        "peer up",
        "; sent",
    ];
    const ROUTE: [&str; 6] = [
        "2026-01-03 03:04:05.678",
        "a-long-name",
        "10.0.0.1 AS4200000000",
        "in-pre",
        "routes",
        " +192.0.2.0/24 path [64500 64501 64502 64503] via 192.0.2.1",
    ];

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell_so_far() {
        let expected = "\
2026-01-02 03:04:05.678  r1        10.0.0.1 AS64500            peer up    sent
2026-01-03 03:04:05.678  a-long-name  10.0.0.1 AS4200000000  in-pre    routes     +192.0.2.0/24 path [64500 64501 64502 64503] via 192.0.2.1
2026-01-02 03:04:05.678  r1           10.0.0.1 AS64500                 peer up    sent
";
        assert_eq!(laid(None, &[UP, ROUTE, UP]), expected);
    }

    #[test]
    fn no_line_is_longer_than_the_terminal_is_wide() {
        let expected = "\
2026-01-02
03:04:05.678  r1        10.0.0.1 AS64500            peer up    sent
2026-01-03
03:04:05.678  a-long-name  10.0.0.1 AS4200000000  in-pre    routes     +192.0.2.0/24 path …
";
        assert_eq!(laid(Some(91), &[UP, ROUTE]), expected);
        for width in 20..200 {
            let text = laid(Some(width), &[UP, ROUTE]);
            let days = |line: &str| line.len() == 10;
            let longest = text
                .lines()
                .filter(|line| !days(line))
                .map(|line| line.chars().count());
            assert!(longest.max().unwrap() <= usize::from(width), "{text}");
        }
    }

    #[test]
    fn octets_are_broken_into_rows_on_a_terminal_only() {
        let digits = "ab".repeat(40);
        let rows = |width| {
            let text = Columns::new(width).lay(format!("{HEX}{digits}\n").as_bytes());
            let text = String::from_utf8(text).unwrap();
            text.lines()
                .map(|line| line.trim_start().len())
                .collect::<Vec<_>>()
        };
        assert_eq!(rows(None), [80]);
        assert_eq!(rows(Some(80)), [64, 16]);
        assert_eq!(rows(Some(40)), [32, 32, 16]);
        assert_eq!(rows(Some(3)), [2; 40]);
    }
}
