//! Puts lines in the order in which their messages became complete in the capture. The walk tells a
//! message late where its stream was held back: behind a hole that nothing fills, or until it is
//! known how a stream that began before the capture is framed.
//!
//! What the order comes to depends on the sequence of messages alone, not on how it is cut into parts.

use super::part::{LineEnd, Part};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::ops::Range;

/// How late a line may be: a later one stands as early as it still can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Packets of all inputs that are walked while a line waits.
    pub(super) packets: u64,
    /// Octets of lines that wait, each with what keeping it costs.
    pub(super) octets: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            packets: 1 << 16,
            octets: 64 << 20,
        }
    }
}

/// What keeping a line costs beside its octets.
const LINE: usize = 64;

/// Where whole lines go, one line or several that follow each other; false: no more are wanted.
pub(super) type Out<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<bool>;

/// A place in the order: the turn of the message, and its number for messages of one turn.
type Key = (u64, u64);

/// A line that waits.
#[derive(Debug)]
struct Line {
    part: u64,
    octets: Range<usize>,
}

/// The lines of a part that wait.
#[derive(Debug)]
struct Waiting {
    octets: Vec<u8>,
    lines: usize,
}

/// Lines that wait for those that should stand before them.
#[derive(Debug, Default)]
pub(super) struct Order {
    bounds: Bounds,
    /// Every line hands itself on alone.
    one_by_one: bool,
    /// Lines that came in order.
    in_order: VecDeque<(Key, Line)>,
    /// Lines that came late.
    late: BTreeMap<Key, Line>,
    parts: VecDeque<Waiting>,
    /// Number of the first of the parts.
    first_part: u64,
    /// Number of the next line.
    next: u64,
    /// How far the walk is.
    mark: u64,
    /// No line may stand before this turn any longer.
    floor: u64,
    /// Octets that wait, with what keeping them costs.
    octets: usize,
    /// Lines on their way out, of one part and next to each other.
    leaving: Option<(u64, Range<usize>, usize)>,
    is_done: bool,
}

impl Order {
    /// An order that hands lines on `one_by_one`, or as many at a time as follow each other.
    pub(super) fn new(bounds: Bounds, one_by_one: bool) -> Order {
        Order {
            bounds,
            one_by_one,
            ..Order::default()
        }
    }

    /// Takes the lines of the next part; hands on those that have waited long enough.
    pub(super) fn take(&mut self, part: Part, out: Out<'_>) -> io::Result<()> {
        let number = self.first_part + self.parts.len() as u64;
        let Part {
            octets,
            lines,
            marks,
        } = part;
        self.parts.push_back(Waiting {
            octets,
            lines: lines.len(),
        });
        let mut marks = marks.into_iter().peekable();
        let mut start = 0;
        for (index, LineEnd { turn, end }) in lines.into_iter().enumerate() {
            while let Some((_, mark)) = marks.next_if(|(before, _)| *before <= index) {
                self.pass(mark, out)?;
            }
            let line = Line {
                part: number,
                octets: start..end,
            };
            start = end;
            self.add(turn, line, out)?;
        }
        for (_, mark) in marks {
            self.pass(mark, out)?;
        }
        self.flush(out)?;
        self.forget();
        Ok(())
    }

    /// Nothing more comes: hands on all that waits.
    pub(super) fn finish(&mut self, out: Out<'_>) -> io::Result<()> {
        while let Some((_, line)) = self.pop() {
            self.leave(line, out)?;
        }
        self.flush(out)
    }

    /// The walk has come this far.
    fn pass(&mut self, mark: u64, out: Out<'_>) -> io::Result<()> {
        self.mark = mark;
        self.floor = self.floor.max(mark.saturating_sub(self.bounds.packets));
        while self.first().is_some_and(|key| key.0 < self.floor)
            && let Some((_, line)) = self.pop()
        {
            self.leave(line, out)?;
        }
        Ok(())
    }

    fn add(&mut self, turn: u32, line: Line, out: Out<'_>) -> io::Result<()> {
        let key = (self.whole(turn).max(self.floor), self.next);
        self.next += 1;
        self.octets += line.octets.len() + LINE;
        if self.in_order.back().is_none_or(|(last, _)| *last < key) {
            self.in_order.push_back((key, line));
        } else {
            self.late.insert(key, line);
        }
        while self.octets > self.bounds.octets
            && let Some((key, line)) = self.pop()
        {
            self.floor = key.0;
            self.leave(line, out)?;
        }
        Ok(())
    }

    /// The turn with the bits that a message leaves out: it is no further behind the last mark than
    /// the walk can be, or before it.
    fn whole(&self, turn: u32) -> u64 {
        let ahead = turn.wrapping_sub(self.mark as u32);
        match ahead < AHEAD {
            true => self.mark + u64::from(ahead),
            false => self.mark.saturating_sub(u64::from(ahead.wrapping_neg())),
        }
    }

    fn first(&self) -> Option<Key> {
        let in_order = self.in_order.front().map(|(key, _)| *key);
        let late = self.late.first_key_value().map(|(key, _)| *key);
        in_order.into_iter().chain(late).min()
    }

    fn pop(&mut self) -> Option<(Key, Line)> {
        let late = self.late.first_entry();
        let in_order = self.in_order.front().map(|(key, _)| *key);
        let (key, line) = match late {
            Some(late) if in_order.is_none_or(|key| *late.key() < key) => late.remove_entry(),
            _ => self.in_order.pop_front()?,
        };
        self.octets -= line.octets.len() + LINE;
        Some((key, line))
    }

    /// A line is on its way out: with those before it, if it follows them.
    #[inline]
    fn leave(&mut self, line: Line, out: Out<'_>) -> io::Result<()> {
        if let Some((part, octets, lines)) = &mut self.leaving
            && *part == line.part
            && octets.end == line.octets.start
            && !self.one_by_one
        {
            octets.end = line.octets.end;
            *lines += 1;
            return Ok(());
        }
        self.flush(out)?;
        self.leaving = Some((line.part, line.octets, 1));
        Ok(())
    }

    fn flush(&mut self, out: Out<'_>) -> io::Result<()> {
        let Some((part, octets, lines)) = self.leaving.take() else {
            return Ok(());
        };
        let place = usize::try_from(part.wrapping_sub(self.first_part)).unwrap_or(usize::MAX);
        let Some(part) = self.parts.get_mut(place) else {
            return Ok(());
        };
        if !self.is_done {
            self.is_done = !out(part.octets.get(octets).unwrap_or_default())?;
        }
        part.lines = part.lines.saturating_sub(lines);
        if part.lines == 0 {
            part.octets = Vec::new();
        }
        Ok(())
    }

    /// Forgets the parts of which nothing waits.
    fn forget(&mut self) {
        while self.parts.front().is_some_and(|part| part.lines == 0) {
            self.parts.pop_front();
            self.first_part += 1;
        }
    }
}

/// Turns that the walk can be past its last mark, and more.
const AHEAD: u32 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: Bounds = Bounds {
        packets: 1 << 40,
        octets: usize::MAX,
    };

    /// Lines that tell their turn, in parts of so many; a mark behind every `marked`.
    fn parts(turns: &[u32], size: usize, marked: usize) -> Vec<Part> {
        let mut parts = Vec::new();
        let (mut seen, mut latest) = (0, 0);
        for chunk in turns.chunks(size) {
            let mut part = Part::default();
            for turn in chunk {
                part.octets.extend(format!("{turn}\n").into_bytes());
                let end = part.octets.len();
                part.lines.push(LineEnd { turn: *turn, end });
                (seen, latest) = (seen + 1, latest.max(u64::from(*turn)));
                if seen % marked == 0 {
                    part.mark(latest);
                }
            }
            parts.push(part);
        }
        parts
    }

    fn ordered(bounds: Bounds, one_by_one: bool, parts: Vec<Part>) -> Vec<u32> {
        let mut order = Order::new(bounds, one_by_one);
        let mut written = Vec::new();
        let mut out = |octets: &[u8]| {
            written.extend_from_slice(octets);
            Ok(true)
        };
        for part in parts {
            order.take(part, &mut out).unwrap();
        }
        order.finish(&mut out).unwrap();
        assert_eq!((order.octets, order.in_order.len()), (0, 0));
        let text = String::from_utf8(written).unwrap();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    #[test]
    fn late_lines_stand_where_they_belong() {
        let turns = [1, 2, 2, 9, 10, 3, 11, 4, 2, 12];
        let expected = [1, 2, 2, 2, 3, 4, 9, 10, 11, 12];
        for size in 1..12 {
            for one_by_one in [false, true] {
                let parts = parts(&turns, size, 100);
                assert_eq!(ordered(WIDE, one_by_one, parts), expected);
            }
        }
    }

    #[test]
    fn lines_of_one_message_number_stay_as_they_came() {
        let mut order = Order::new(WIDE, false);
        let part = Part {
            octets: b"bcad".to_vec(),
            lines: [(5, 1), (7, 2), (4, 3), (5, 4)]
                .map(|(turn, end)| LineEnd { turn, end })
                .to_vec(),
            marks: Vec::new(),
        };
        let mut written = Vec::new();
        let mut out = |octets: &[u8]| {
            written.extend_from_slice(octets);
            Ok(true)
        };
        order.take(part, &mut out).unwrap();
        order.finish(&mut out).unwrap();
        assert_eq!(written, b"abdc");
    }

    #[test]
    fn later_than_the_bound_a_line_stands_as_early_as_it_can() {
        let packets = Bounds {
            packets: 10,
            ..WIDE
        };
        // The mark behind 30 lets 1 to 19 go; 5 comes as if it were of turn 20.
        let turns = [1, 19, 20, 30, 5, 31];
        let expected = [1, 19, 20, 5, 30, 31];
        for size in 1..7 {
            assert_eq!(ordered(packets, false, parts(&turns, size, 4)), expected);
        }
        // Two lines may wait; the third lets the first go.
        let octets = Bounds {
            octets: 2 * (LINE + 3),
            ..WIDE
        };
        let expected = [1, 5, 19, 20, 30, 31];
        let turns = [1, 19, 5, 20, 30, 31];
        for size in 1..7 {
            assert_eq!(ordered(octets, true, parts(&turns, size, 100)), expected);
        }
        let turns = [1, 19, 20, 5, 30, 31];
        let expected = [1, 5, 19, 20, 30, 31];
        for size in 1..7 {
            assert_eq!(ordered(octets, true, parts(&turns, size, 100)), expected);
        }
        let turns = [1, 19, 20, 21, 5, 30, 31];
        let expected = [1, 19, 5, 20, 21, 30, 31];
        for size in 1..8 {
            assert_eq!(ordered(octets, true, parts(&turns, size, 100)), expected);
        }
    }

    #[test]
    fn a_turn_is_known_by_its_last_32_bits() {
        let mut order = Order::new(WIDE, false);
        order.mark = (3 << 32) | 5;
        assert_eq!(order.whole(7), (3 << 32) | 7);
        assert_eq!(order.whole(4), (3 << 32) | 4);
        assert_eq!(order.whole(u32::MAX), (3 << 32) - 1);
        order.mark = 0;
        assert_eq!((order.whole(0), order.whole(9)), (0, 9));
    }

    #[test]
    fn no_line_is_handed_on_once_no_more_are_wanted() {
        let mut order = Order::new(WIDE, true);
        let mut count = 0;
        for part in parts(&[1, 2, 3], 1, 100) {
            order.take(part, &mut |_| Ok(true)).unwrap();
        }
        let mut out = |_: &[u8]| {
            count += 1;
            Ok(count < 2)
        };
        order.finish(&mut out).unwrap();
        assert_eq!(count, 2);
    }
}
