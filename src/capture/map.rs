//! The memory map of a regular file: the only place with unsafe code. Mapping, page advice, and
//! how long the file is now (reading a page behind the end of a file that shrank is fatal).
#![allow(unsafe_code)]

use memmap2::{Advice, Mmap};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

/// A mapped file.
#[derive(Debug)]
pub(super) struct Map {
    map: Mmap,
    watched: Watched,
}

/// Octets that the kernel maps around a fault, at most by default on Linux.
const FAULT_AROUND: usize = 64 * 1024;

/// How the file's length is looked up later.
#[derive(Debug)]
pub(super) enum Watched {
    /// By its descriptor.
    Open(File),
    /// By its path, where so many files are open that descriptors are scarce.
    Path(PathBuf),
}

impl Map {
    /// Maps the whole of `file`, to be read from front to back.
    pub(super) fn new(file: File, path: Option<PathBuf>) -> io::Result<Map> {
        // SAFETY: the map is only read. Another process may change the file meanwhile: its octets
        // are input that no one trusts, and `length` is asked before each window so that a file
        // that has become shorter is not read behind its end.
        let map = unsafe { Mmap::map(&file)? };
        // Advice may be refused; nothing depends on it.
        let _ = map.advise(Advice::Sequential);
        let watched = path.map_or_else(|| Watched::Open(file), Watched::Path);
        Ok(Map { map, watched })
    }

    /// The file's octets.
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Octets that the file has now, at most those that were mapped.
    pub(super) fn length(&self) -> usize {
        let metadata = match &self.watched {
            Watched::Open(file) => file.metadata(),
            Watched::Path(path) => path.metadata(),
        };
        // A file that was renamed or removed still has its octets.
        let now = metadata.map_or(u64::MAX, |metadata| metadata.len());
        usize::try_from(now).map_or(self.map.len(), |now| now.min(self.map.len()))
    }

    /// Drops pages that have been read, so that the resident set stays small.
    pub(super) fn forget(&self, range: Range<usize>) {
        let range = with_fault_around(range, self.map.len());
        #[cfg(unix)]
        // SAFETY: the range lies within the map, so no other memory loses its content. The map is of
        // a file, shared and never written through: pages that are dropped are read from the file
        // again should anyone still look at them.
        let _ = unsafe {
            self.map.unchecked_advise_range(
                memmap2::UncheckedAdvice::DontNeed,
                range.start,
                range.len(),
            )
        };
        #[cfg(not(unix))]
        let _ = range;
    }
}

/// The part of a map of `length` octets whose pages reading `range` has brought in: a fault maps
/// the pages around it too, those behind a window's beginning as well. Never leaves the map.
fn with_fault_around(range: Range<usize>, length: usize) -> Range<usize> {
    let end = range.end.min(length);
    let start = range.start.saturating_sub(FAULT_AROUND).min(end);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_dropped_inside_the_map_only() {
        assert_eq!(with_fault_around(24..484, 484), 0..484);
        assert_eq!(with_fault_around(24..9999, 484), 0..484);
        assert_eq!(
            with_fault_around(200_000..300_000, 250_000),
            134_464..250_000
        );
        assert_eq!(with_fault_around(484..484, 484), 0..484);
        assert_eq!(with_fault_around(500_000..500_001, 484), 484..484);
    }
}
