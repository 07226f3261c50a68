//! Refuses to put an answer where something stands that was asked about: a capture, keys, a table.

use super::options::Options;
use crate::report::{Failure, Given, OwnOption, Takes};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Octets of a file that tell an answer from a capture.
const LOOKED_AT: u64 = 4096;

/// A file that is written, and the option that says so.
type Written<'a> = (&'static str, &'a Path);

/// Refuses where a file that is to be written is one that is to be read. `--save` may replace the report
/// that `--against` reads: it is read before, and that is how a kept report is renewed.
pub(super) fn refuse(
    inputs: &[PathBuf],
    options: &Options,
    own: &[OwnOption],
    given: &Given,
) -> Result<(), Failure> {
    let output = options.output.iter().map(|path| ("output", path.as_path()));
    let outputs: Vec<Written<'_>> = output.chain(paths(own, given, is_written)).collect();
    let read = inputs.iter().map(PathBuf::as_path);
    let read: Vec<(&str, &Path)> = read
        .map(|path| ("an input", path))
        .chain(options.files().map(|path| ("read by an option", path)))
        .chain(paths(own, given, is_read).map(|(_, path)| ("read by an option", path)))
        .collect();
    for (option, path) in &outputs {
        let renews = |other: &Path| *option == "save" && is_against(own, given, other);
        let lost = read
            .iter()
            .find(|(_, other)| is_lost(path, other) && !renews(other));
        if let Some((what, _)) = lost {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "--{option} {path}: that file is {what}, and the answer would replace it"
            )));
        }
    }
    match outputs.as_slice() {
        [(_, one), (_, other)] if is_same(one, other) => Err(Failure::Usage(format!(
            "--output and --save are the same file: {}",
            one.display()
        ))),
        _ => Ok(()),
    }
}

fn is_written(takes: Takes) -> bool {
    matches!(takes, Takes::NewPath)
}

fn is_read(takes: Takes) -> bool {
    matches!(takes, Takes::Path)
}

fn is_against(own: &[OwnOption], given: &Given, path: &Path) -> bool {
    paths(own, given, is_read).any(|(name, other)| name == "against" && other == path)
}

/// The paths that were given to some of a command's own options.
fn paths<'a>(
    own: &'a [OwnOption],
    given: &'a Given,
    is_wanted: fn(Takes) -> bool,
) -> impl Iterator<Item = Written<'a>> {
    let wanted = own.iter().filter(move |option| is_wanted(option.takes));
    wanted.flat_map(|option| given.paths(option).map(|path| (option.name, path)))
}

/// Writing to `path` destroys what `read` is, or a capture in it where that is a directory. What an
/// earlier run wrote there may be replaced.
fn is_lost(path: &Path, read: &Path) -> bool {
    let is_inside = || {
        let (path, folder) = (fs::canonicalize(path).ok(), fs::canonicalize(read).ok());
        let inside = path
            .zip(folder)
            .filter(|(path, folder)| path.starts_with(folder));
        inside.is_some_and(|(path, _)| path.is_file() && !is_text(&path))
    };
    is_same(path, read) || (read.is_dir() && is_inside())
}

/// Both are there, and are one file. Devices and pipes are not replaced.
fn is_same(one: &Path, other: &Path) -> bool {
    let same = fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok());
    same.is_some_and(|(one, other)| one == other && one.is_file())
}

fn is_text(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LOOKED_AT).read_to_end(&mut start));
    read.is_ok() && !start.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_itself_by_any_name_and_a_device_is_never_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pcap");
        fs::write(&path, [0xd4, 0xc3, 0, 0]).unwrap();
        let other_name = folder.path().join(".").join("a.pcap");
        assert!(is_lost(&other_name, &path));
        assert!(!is_lost(&folder.path().join("b.pcap"), &path));
        assert!(!is_lost(Path::new("/dev/null"), Path::new("/dev/null")));
    }

    #[test]
    fn in_a_directory_that_is_read_only_what_is_no_answer_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let (capture, answer) = (folder.path().join("a.pcap"), folder.path().join("a.json"));
        fs::write(&capture, [0xd4, 0xc3, 0, 0]).unwrap();
        fs::write(&answer, "{}").unwrap();
        assert!(is_lost(&capture, folder.path()));
        assert!(!is_lost(&answer, folder.path()));
        assert!(!is_lost(&folder.path().join("new.json"), folder.path()));
    }
}
