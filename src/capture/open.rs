//! Opens one input: a regular file is mapped, anything else is read. Whatever can be told at the
//! beginning to be wrong is told here.

use super::format::{Format, describe_unknown};
use super::map::Map;
use super::pcap::{FILE_HEADER, Pcap};
use super::pcapng::Pcapng;
use super::source::Source;
use super::step::Walker;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// Octets that are looked at to recognise an input: room for two of the longest BMP messages.
const PEEK: usize = 256 * 1024;

/// Descriptors kept open to watch the lengths of mapped files; further files are watched by path.
const WATCHED_OPEN: usize = 200;

/// An input that has been recognised.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) walker: Walker,
    pub(super) format: Format,
    /// Octets before the first record.
    pub(super) start: usize,
}

/// Opens `path`, the `number`th input; `-` is standard input. The error is for a person.
pub(super) fn open(path: &Path, number: usize, probe: fn(&[u8]) -> bool) -> Result<Opened, String> {
    if path.as_os_str() == "-" {
        return recognise(Source::Reader(Box::new(io::stdin())), probe);
    }
    let file = File::open(path).map_err(|error| why(&error))?;
    let metadata = file.metadata().map_err(|error| why(&error))?;
    if metadata.is_dir() {
        return Err("it is a directory; give the capture files in it".into());
    }
    if !metadata.is_file() {
        return recognise(Source::Reader(Box::new(file)), probe);
    }
    if metadata.len() == 0 {
        return Err(EMPTY.into());
    }
    let watched = (number >= WATCHED_OPEN).then(|| path.to_path_buf());
    let mapped = file.try_clone().and_then(|file| Map::new(file, watched));
    let source = match mapped {
        Ok(map) => Source::Mapped {
            length: map.bytes().len(),
            map: Arc::new(map),
        },
        // Some file systems cannot map; all can read.
        Err(_) => Source::Reader(Box::new(file)),
    };
    recognise(source, probe)
}

fn recognise(source: Source, probe: fn(&[u8]) -> bool) -> Result<Opened, String> {
    match source {
        Source::Mapped { map, length } => {
            let bytes = map.bytes();
            let (walker, format, start) = container(bytes.get(..PEEK).unwrap_or(bytes), probe)?;
            Ok(Opened {
                source: Source::Mapped { map, length },
                walker,
                format,
                start,
            })
        }
        Source::Reader(mut reader) => {
            let mut bytes = Vec::new();
            let peek = u64::try_from(PEEK).unwrap_or(u64::MAX);
            let outcome = reader.as_mut().take(peek).read_to_end(&mut bytes);
            outcome.map_err(|error| why(&error))?;
            let (walker, format, start) = container(&bytes, probe)?;
            Ok(Opened {
                source: Source::Reader(Box::new(Cursor::new(bytes).chain(reader))),
                walker,
                format,
                start,
            })
        }
    }
}

/// The container's walker, its format, and where its first record begins.
fn container(bytes: &[u8], probe: fn(&[u8]) -> bool) -> Result<(Walker, Format, usize), String> {
    if bytes.is_empty() {
        return Err(EMPTY.into());
    }
    let format = Format::recognise(bytes, probe).ok_or_else(|| describe_unknown(bytes))?;
    match format {
        Format::Pcap => {
            let pcap = Pcap::open(bytes).ok_or_else(|| short_header(bytes.len()))?;
            Ok((Walker::Pcap(pcap), format, FILE_HEADER))
        }
        Format::Pcapng => Ok((Walker::Pcapng(Pcapng::default()), format, 0)),
        Format::Bmp => Ok((Walker::Bare, format, 0)),
    }
}

const EMPTY: &str = "the file is empty";

fn short_header(length: usize) -> String {
    format!("the pcap file ends inside its header: {length} of {FILE_HEADER} octets are there")
}

/// What an error of the system means for a person.
fn why(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".into(),
        ErrorKind::PermissionDenied => {
            "no permission to read it; change its mode, or run as a user who may".into()
        }
        ErrorKind::IsADirectory => "it is a directory; give the capture files in it".into(),
        _ => format!("cannot be read: {error}"),
    }
}
