//! Where the answer goes: standard output, or a file that is written whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Octets gathered before they are handed on.
const BUFFER: usize = 256 * 1024;

/// Where the answer goes. What is written to a file shows there only after
/// [`Destination::commit`]. Errors name the place.
pub(super) struct Destination {
    place: PathBuf,
    target: Target,
}

enum Target {
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
    /// A new file beside the one asked for, that takes its place at the end.
    Whole(BufWriter<NamedTempFile>),
    /// Something that cannot be replaced, such as a device or a named pipe.
    Direct(BufWriter<File>),
}

impl Destination {
    /// Opens the place asked for; `-` or none is standard output.
    pub(super) fn open(path: Option<&Path>) -> io::Result<Destination> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            let out = BufWriter::with_capacity(BUFFER, io::stdout());
            return Ok(Destination {
                place: PathBuf::from("standard output"),
                target: Target::Stdout(out),
            });
        };
        // A link is written through: the file that it points at is the one to replace.
        let place = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match file(&place) {
            Ok(target) => Ok(Destination { place, target }),
            Err(error) => Err(named(path, &error)),
        }
    }

    /// Whether a person looks at it directly.
    pub(super) fn is_terminal(&self) -> bool {
        matches!(self.target, Target::Stdout(_)) && io::stdout().is_terminal()
    }

    /// Puts what was written in its place.
    pub(super) fn commit(self) -> io::Result<()> {
        let done = match self.target {
            Target::Stdout(mut out) => out.flush(),
            Target::Direct(mut out) => out.flush(),
            Target::Whole(out) => put(out, &self.place),
        };
        done.map_err(|error| named(&self.place, &error))
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.target {
            Target::Stdout(out) => out,
            Target::Whole(out) => out,
            Target::Direct(out) => out,
        }
    }
}

impl Write for Destination {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.writer().write(octets);
        written.map_err(|error| named(&self.place, &error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.writer().flush();
        flushed.map_err(|error| named(&self.place, &error))
    }
}

fn file(place: &Path) -> io::Result<Target> {
    let is_special = fs::metadata(place).is_ok_and(|data| !data.is_file());
    if is_special {
        let file = File::options().write(true).open(place)?;
        return Ok(Target::Direct(BufWriter::with_capacity(BUFFER, file)));
    }
    let folder = place
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let file = beside(folder.unwrap_or(Path::new(".")))?;
    Ok(Target::Whole(BufWriter::with_capacity(BUFFER, file)))
}

fn put(out: BufWriter<NamedTempFile>, place: &Path) -> io::Result<()> {
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.persist(place).map_err(|error| error.error)?;
    Ok(())
}

/// A new file with the permissions that any new file of this user gets.
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bmpscope-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// The error with the path that was asked for: the library's own text names the temporary file.
fn named(path: &Path, error: &io::Error) -> io::Error {
    let source = error.get_ref().and_then(|inner| inner.source());
    let cause = source.and_then(|source| source.downcast_ref::<io::Error>());
    let reason = cause.unwrap_or(error).to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default();
    let message = format!("{}: cannot be written: {reason}", path.display());
    io::Error::new(error.kind(), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answer.json");
        let mut given_up = Destination::open(Some(&path)).unwrap();
        given_up.write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        let mut kept = Destination::open(Some(&path)).unwrap();
        kept.write_all(b"whole").unwrap();
        assert!(!path.exists());
        kept.commit().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_device_stays_a_device() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut out = Destination::open(Some(&link)).unwrap();
        out.write_all(b"new").unwrap();
        out.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let device = Destination::open(Some(Path::new("/dev/null"))).unwrap();
        assert!(matches!(device.target, Target::Direct(_)));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("answer.json");
        let error = Destination::open(Some(&path)).err().unwrap().to_string();
        let expected = "answer.json: cannot be written: No such file or directory";
        assert!(error.ends_with(expected), "{error}");
    }
}
