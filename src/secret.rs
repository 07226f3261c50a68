//! Octets that nobody may see: overwritten when they are dropped, and never printed. And the files
//! that they come from.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// A master key, a password, or what is derived from one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes octets, and overwrites them in the end.
    pub fn new(octets: Vec<u8>) -> Secret {
        Secret(Zeroizing::new(octets))
    }

    /// There are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The octets, for a MAC or a key.
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// Tells that there is one and nothing of it, not even how long it is.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The octets of a file of secrets, which are overwritten when they are dropped. One larger than
/// `largest` octets is an error, of which nothing is kept.
pub(crate) fn read(path: &Path, largest: u64) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = fs::File::open(path)?;
    let expected = file.metadata().map_or(0, |facts| facts.len());
    // Room for all of it at once: octets that move leave copies behind.
    let room = usize::try_from(expected.min(largest)).unwrap_or(0);
    let mut octets = Zeroizing::new(Vec::with_capacity(room.saturating_add(1)));
    file.take(largest.saturating_add(1))
        .read_to_end(&mut octets)?;
    match octets.len() as u64 > largest {
        true => Err(io::Error::other(format!(
            "larger than {largest} octets, which no such file is"
        ))),
        false => Ok(octets),
    }
}

/// The mode of a file that others than its owner can read or write; none where that is not so, or
/// where files have no modes.
#[cfg(unix)]
pub(crate) fn exposed(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o077 != 0).then_some(mode & 0o777)
}

#[cfg(not(unix))]
pub(crate) fn exposed(_: &Path) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_tells_nothing() {
        let secret = Secret::new(b"hunter2".to_vec());
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(..),\n)");
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"12345").unwrap();
        assert_eq!(read(file.path(), 5).unwrap().as_slice(), b"12345");
        let error = read(file.path(), 4).unwrap_err().to_string();
        assert_eq!(error, "larger than 4 octets, which no such file is");
    }
}
