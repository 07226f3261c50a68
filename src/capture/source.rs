//! Where octets come from: a map, or anything that can be read. Both give windows.

use super::map::Map;
use super::window::{Pool, Window};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The origin of an input's octets.
pub(super) enum Source {
    /// A regular file.
    Mapped {
        map: Arc<Map>,
        /// Octets that can be read: the file's length, or less since it shrank.
        length: usize,
    },
    /// A pipe, standard input, a decompressor.
    Reader(Reader),
}

/// Octets that are read, and how many of the file below them have been.
pub(super) struct Reader {
    pub(super) octets: Box<dyn Read + Send>,
    pub(super) taken: Taken,
    /// Octets of the file below; none for a pipe.
    pub(super) length: Option<u64>,
}

/// How many octets have been read of a file, compressed or not. Clones share the count.
#[derive(Debug, Clone, Default)]
pub(super) struct Taken(Arc<AtomicU64>);

/// A file or pipe whose octets are counted as they are read.
pub(super) struct Counted<R> {
    pub(super) file: R,
    pub(super) taken: Taken,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.taken.0.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Taken {
    fn octets(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A window and what is known about its end.
pub(super) struct Refill {
    pub(super) window: Window,
    /// Nothing follows.
    pub(super) last: bool,
    pub(super) trouble: Option<Trouble>,
}

/// Why an input ends before its time.
pub(super) enum Trouble {
    /// The mapped file has become shorter: octets before, octets now.
    Shrank(usize, usize),
    /// Reading failed: the system's words.
    Unreadable(String),
}

impl Source {
    /// Octets of the file; none for a pipe.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Source::Mapped { length, .. } => u64::try_from(*length).ok(),
            Source::Reader(reader) => reader.length,
        }
    }

    /// Octets of the file that are done with when the walk is at `offset`. A reader runs ahead.
    pub(super) fn taken(&self, offset: u64) -> u64 {
        match self {
            Source::Mapped { .. } => offset,
            Source::Reader(reader) => reader.taken.octets(),
        }
    }

    /// Octets of the file behind `offset`, where offsets are those of a file of known length.
    pub(super) fn unread(&self, offset: u64) -> Option<u64> {
        match self {
            Source::Mapped { .. } => self.length().map(|length| length.saturating_sub(offset)),
            Source::Reader(_) => None,
        }
    }

    /// Passes the first octets of a reader; windows of a map say where they begin.
    pub(super) fn skip(&mut self, octets: usize) {
        if let Source::Reader(_) = self {
            let _ = self.window(0, &[], octets, &mut Pool::default());
        }
    }

    /// A window that begins with `rest`, the end of the window before, which lies at `offset` of
    /// the input. It has `wanted` octets, or all that are left.
    pub(super) fn window(
        &mut self,
        offset: u64,
        rest: &[u8],
        wanted: usize,
        pool: &mut Pool,
    ) -> Refill {
        match self {
            Source::Mapped { map, length } => mapped(map, length, offset, wanted),
            Source::Reader(reader) => read(&mut reader.octets, rest, wanted, pool.buffer()),
        }
    }
}

fn mapped(map: &Arc<Map>, length: &mut usize, offset: u64, wanted: usize) -> Refill {
    let (before, now) = (*length, map.length());
    let trouble = (now < before).then_some(Trouble::Shrank(before, now));
    *length = now.min(before);
    let start = usize::try_from(offset).map_or(*length, |offset| offset.min(*length));
    let end = start.saturating_add(wanted).min(*length);
    Refill {
        window: Window::mapped(map, start..end),
        last: end == *length,
        trouble,
    }
}

fn read(reader: &mut dyn Read, rest: &[u8], wanted: usize, mut buffer: Vec<u8>) -> Refill {
    buffer.extend_from_slice(rest);
    let missing = u64::try_from(wanted.saturating_sub(rest.len())).unwrap_or(u64::MAX);
    // `read_to_end` makes the buffer larger only as octets arrive, so a length that lies costs
    // nothing.
    let outcome = reader.take(missing).read_to_end(&mut buffer);
    let trouble = outcome
        .err()
        .map(|error| Trouble::Unreadable(error.to_string()));
    Refill {
        last: trouble.is_some() || buffer.len() < wanted,
        window: Window::buffer(buffer),
        trouble,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(octets: impl Read + Send + 'static) -> Source {
        Source::Reader(Reader {
            octets: Box::new(octets),
            taken: Taken::default(),
            length: None,
        })
    }

    #[test]
    fn a_read_window_begins_with_the_rest_of_the_one_before() {
        let mut pool = Pool::default();
        let mut source = reader(&b"cdefg"[..]);
        let first = source.window(0, b"ab", 4, &mut pool);
        assert_eq!((&*first.window, first.last), (&b"abcd"[..], false));
        let second = source.window(2, b"cd", 6, &mut pool);
        assert_eq!((&*second.window, second.last), (&b"cdefg"[..], true));
    }

    #[test]
    fn a_wanted_length_that_never_arrives_takes_no_memory() {
        let mut source = reader(&b"ab"[..]);
        let refill = source.window(0, b"", 1 << 40, &mut Pool::default());
        assert_eq!((&*refill.window, refill.last), (&b"ab"[..], true));
    }

    #[test]
    fn an_error_while_reading_keeps_what_was_read() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("the disk is on fire"))
            }
        }
        let mut source = reader((&b"ab"[..]).chain(Broken));
        let refill = source.window(0, b"", 10, &mut Pool::default());
        assert_eq!((&*refill.window, refill.last), (&b"ab"[..], true));
        assert!(matches!(refill.trouble, Some(Trouble::Unreadable(text)) if text.contains("fire")));
    }
}
