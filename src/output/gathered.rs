//! What JSON is written into: it comes in pieces of a few octets, millions of them, and each is a copy
//! into memory here instead of a call through a writer that could be anything.

use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Octets gathered before they are handed on.
const BUFFER: usize = 64 * 1024;

/// Gathers small pieces for a writer.
pub(super) struct Gathered<'a> {
    octets: Vec<u8>,
    out: &'a mut dyn Write,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Gathered<'a> {
        Gathered {
            octets: Vec::with_capacity(BUFFER),
            out,
        }
    }

    /// Hands on what is left.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.hand_on()
    }

    #[cold]
    fn hand_on(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.octets);
        self.octets.clear();
        written
    }
}

impl Write for Gathered<'_> {
    #[inline]
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.write_all(octets).map(|()| octets.len())
    }

    #[inline]
    fn write_all(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.octets.len() + octets.len() > BUFFER {
            self.hand_on()?;
        }
        self.octets.extend_from_slice(octets);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()?;
        self.out.flush()
    }
}

/// A line end and indentation enough for most depths, in one piece.
const INDENT: &[u8] = b"\n                                        ";

/// Indents by two spaces, as `serde_json`'s own formatter does, a line at a time instead of a space.
#[derive(Debug, Default)]
pub(super) struct Indented {
    depth: usize,
    has_value: bool,
}

impl Indented {
    fn begin_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        let length = 1 + 2 * self.depth;
        if let Some(line) = INDENT.get(..length) {
            return writer.write_all(line);
        }
        writer.write_all(INDENT)?;
        (INDENT.len()..length).try_for_each(|_| writer.write_all(b" "))
    }

    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.has_value {
            self.begin_line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        self.begin_line(writer)
    }
}

impl Formatter for Indented {
    #[inline]
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"[")
    }

    #[inline]
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"]")
    }

    #[inline]
    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    #[inline]
    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    #[inline]
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open(writer, b"{")
    }

    #[inline]
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.close(writer, b"}")
    }

    #[inline]
    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    #[inline]
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    #[inline]
    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;
    use serde_json::{Value, json};

    fn indented(value: &Value) -> String {
        let mut out = Vec::new();
        let mut gathered = Gathered::new(&mut out);
        let mut serializer =
            serde_json::Serializer::with_formatter(&mut gathered, Indented::default());
        value.serialize(&mut serializer).unwrap();
        gathered.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn it_indents_as_others_do_however_deep_and_long() {
        let mut value = json!({"a": [], "b": {}, "c": [1, [2, {}]], "d": {"e": null, "f": "x\ny"}});
        for _ in 0..40 {
            value = json!({"inner": value, "list": [1.5, true]});
        }
        let long: Vec<Value> = (0..3000).map(|_| value.clone()).collect();
        for value in [value, Value::Array(long), json!("x".repeat(3 * BUFFER))] {
            assert_eq!(
                indented(&value),
                serde_json::to_string_pretty(&value).unwrap()
            );
        }
    }

    #[test]
    fn an_error_of_the_writer_is_told() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut full = Full;
        let mut gathered = Gathered::new(&mut full);
        gathered.write_all(b"x").unwrap();
        let error = gathered.finish().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
