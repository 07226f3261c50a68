//! Opens one input: a regular file is mapped, anything else is read, what is compressed is
//! decompressed. Whatever can be told at the
//! beginning to be wrong is told here.

use super::Probe;
use super::compression::{Compression, NESTED};
use super::format::{Format, describe_unknown};
use super::map::Map;
use super::openbmp::OpenBmp;
use super::pcap::{FILE_HEADER, Pcap};
use super::pcapng::Pcapng;
use super::source::{Counted, Reader, Source, Taken};
use super::step::Walker;
use std::fs::File;
use std::io::{self, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

/// Octets that are looked at to recognise an input: room for two of the longest BMP messages.
const PEEK: usize = 256 * 1024;

/// Descriptors kept open to watch the lengths of mapped files; further files are watched by path.
const WATCHED_OPEN: usize = 200;

/// Why an input is not read, for a person.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It can be read, but is no capture. Nothing to worry about in a directory.
    NoCapture(String),
    /// It cannot be read.
    Unreadable(String),
}

impl Refusal {
    /// What happened and what to do.
    pub(super) fn message(self) -> String {
        match self {
            Refusal::NoCapture(message) | Refusal::Unreadable(message) => message,
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Refusal {
        Refusal::Unreadable(why(&error))
    }
}

/// An input that has been recognised.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) walker: Walker,
    pub(super) format: Format,
    /// Octets before the first record.
    pub(super) start: usize,
}

/// Opens `path`, the `number`th input; `-` is standard input. The error is for a person.
pub(super) fn open(path: &Path, number: usize, probe: Probe<'_>) -> Result<Opened, Refusal> {
    if path.as_os_str() == "-" {
        return read(io::stdin(), None, probe);
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Refusal::Unreadable(DIRECTORY.into()));
    }
    if !metadata.is_file() {
        return read(file, None, probe);
    }
    if metadata.len() == 0 {
        return Err(Refusal::NoCapture(EMPTY.into()));
    }
    let watched = (number >= WATCHED_OPEN).then(|| path.to_path_buf());
    let mapped = file.try_clone().and_then(|file| Map::new(file, watched));
    match mapped {
        Ok(map) if Compression::recognise(map.bytes()).is_none() => mapped_container(map, probe),
        // Compressed, or on a file system that cannot map; all can read.
        _ => read(file, Some(metadata.len()), probe),
    }
}

fn mapped_container(map: Map, probe: Probe<'_>) -> Result<Opened, Refusal> {
    let bytes = map.bytes();
    let (walker, format, start) = container(bytes.get(..PEEK).unwrap_or(bytes), probe)?;
    Ok(Opened {
        source: Source::Mapped {
            length: bytes.len(),
            map: Arc::new(map),
        },
        walker,
        format,
        start,
    })
}

/// An input that is read, and decompressed if it is compressed.
fn read<R: Read + Send + 'static>(
    file: R,
    length: Option<u64>,
    probe: Probe<'_>,
) -> Result<Opened, Refusal> {
    let taken = Taken::default();
    let mut octets: Box<dyn Read + Send> = Box::new(Counted {
        file,
        taken: taken.clone(),
    });
    for _ in 0..=NESTED {
        let (beginning, all) = peek(octets)?;
        octets = all;
        if let Some(compression) = Compression::recognise(&beginning) {
            octets = compression.decoder(octets);
            continue;
        }
        let (walker, format, start) = container(&beginning, probe)?;
        return Ok(Opened {
            source: Source::Reader(Reader {
                octets,
                taken,
                length,
            }),
            walker,
            format,
            start,
        });
    }
    Err(Refusal::NoCapture(format!(
        "it is compressed more than {NESTED} times over"
    )))
}

/// The first octets, and a reader that gives them again. An error that comes after some octets
/// comes again after them.
fn peek(mut octets: Box<dyn Read + Send>) -> Result<(Vec<u8>, Box<dyn Read + Send>), Refusal> {
    let mut beginning = Vec::new();
    let limit = u64::try_from(PEEK).unwrap_or(u64::MAX);
    let outcome = octets.as_mut().take(limit).read_to_end(&mut beginning);
    let again = Cursor::new(beginning.clone());
    match outcome {
        Ok(_) => Ok((beginning, Box::new(again.chain(octets)))),
        Err(error) if beginning.is_empty() => Err(error.into()),
        Err(error) => Ok((beginning, Box::new(again.chain(Failing(Some(error)))))),
    }
}

/// A reader that only has an error to give.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// The container's walker, its format, and where its first record begins.
fn container(bytes: &[u8], probe: Probe<'_>) -> Result<(Walker, Format, usize), Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::NoCapture(EMPTY.into()));
    }
    let Some(format) = Format::recognise(bytes, probe) else {
        return Err(Refusal::NoCapture(describe_unknown(bytes)));
    };
    match format {
        Format::Pcap => match Pcap::open(bytes) {
            Some(pcap) => Ok((Walker::Pcap(pcap), format, FILE_HEADER)),
            None => Err(Refusal::NoCapture(short_header(bytes.len()))),
        },
        Format::Pcapng => Ok((Walker::Pcapng(Pcapng::default()), format, 0)),
        Format::OpenBmp => Ok((Walker::OpenBmp(OpenBmp::default()), format, 0)),
        Format::Bmp => Ok((Walker::Bare, format, 0)),
    }
}

const EMPTY: &str = "the file is empty";
const DIRECTORY: &str = "it is a directory in a directory; give it by itself";

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
        ErrorKind::IsADirectory => DIRECTORY.into(),
        _ => format!("cannot be read: {error}"),
    }
}
