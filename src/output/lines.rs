//! A stream of lines, such as that of `messages`, with what the format wants around and between.

use std::io::{self, Write};

/// What stands around and between the lines of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Nothing: the lines as they are.
    Plain,
    /// A JSON array whose elements are the lines.
    Array,
}

/// Writes lines into their frame as they come.
pub struct Lines<'a> {
    out: &'a mut (dyn Write + Send),
    frame: Frame,
    empty: bool,
}

impl<'a> Lines<'a> {
    /// Lines that go to `out`.
    pub fn new(out: &'a mut (dyn Write + Send), frame: Frame) -> Lines<'a> {
        Lines {
            out,
            frame,
            empty: true,
        }
    }

    /// Writes whole lines, each with its line end.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.frame == Frame::Plain {
            self.empty &= lines.is_empty();
            return self.out.write_all(lines);
        }
        lines
            .split(|octet| *octet == b'\n')
            .filter(|line| !line.is_empty())
            .try_for_each(|line| self.element(line))
    }

    /// Whether no line has been written yet.
    pub fn is_empty(&self) -> bool {
        self.empty
    }

    /// Ends the frame and hands everything on.
    pub fn finish(self) -> io::Result<()> {
        match (self.frame, self.empty) {
            (Frame::Plain, _) => {}
            (Frame::Array, true) => self.out.write_all(b"[]\n")?,
            (Frame::Array, false) => self.out.write_all(b"\n]\n")?,
        }
        self.out.flush()
    }

    fn element(&mut self, line: &[u8]) -> io::Result<()> {
        let before: &[u8] = if self.empty { b"[\n" } else { b",\n" };
        self.empty = false;
        self.out.write_all(before)?;
        self.out.write_all(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(frame: Frame, chunks: &[&str]) -> String {
        let mut out = Vec::new();
        let mut lines = Lines::new(&mut out, frame);
        for chunk in chunks {
            lines.write(chunk.as_bytes()).unwrap();
        }
        lines.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn plain_lines_pass_as_they_are() {
        assert_eq!(framed(Frame::Plain, &["a\nb\n", "", "c\n"]), "a\nb\nc\n");
    }

    #[test]
    fn an_array_has_commas_between_lines_however_they_come() {
        let expected = "[\n1,\n2,\n3\n]\n";
        assert_eq!(framed(Frame::Array, &["1\n2\n", "", "3\n"]), expected);
        assert_eq!(framed(Frame::Array, &["1\n", "2\n3\n"]), expected);
        assert_eq!(framed(Frame::Array, &[]), "[]\n");
    }
}
