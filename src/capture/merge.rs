//! Several inputs as one capture in time order.
//!
//! The file whose next packet is the earliest hands on packets until another file's next is
//! earlier; with one file left, that is until its end, at no cost per packet.

use super::file::{Batch, File, Key, Outcome};
use super::open::{Opened, Refusal, open};
use super::window::Pool;
use super::{Input, Item, OpenError, Options, Window};
use crate::finding::{Finding, FindingLog, Place};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::path::{Path, PathBuf};

/// The least that a buffer holds when many inputs share the window, in octets.
const SMALLEST_SHARE: usize = 256 * 1024;

/// Captures that are read as one.
pub struct Capture {
    inputs: Vec<Input>,
    /// In step with `inputs`; none once a file has ended.
    files: Vec<Option<File>>,
    /// Which file is next: the earliest next packet, as far as it is known.
    order: BinaryHeap<Reverse<Key>>,
    pool: Pool,
    findings: FindingLog,
    window: usize,
    total_bytes: Option<u64>,
    /// Octets of files that have ended.
    ended_bytes: u64,
}

impl Capture {
    /// Opens every input; `-` is standard input, a directory stands for the captures in it. Those
    /// that cannot be read are told, the others are read all the same.
    pub fn open(paths: &[PathBuf], options: Options<'_>) -> (Capture, Vec<OpenError>) {
        let mut capture = Capture::empty(options.window.max(1));
        let mut errors = Vec::new();
        for (number, path) in paths.iter().enumerate() {
            let again = paths.iter().take(number).any(|earlier| earlier == path);
            if path.as_os_str() == "-" && again {
                errors.push(refused(
                    path,
                    "standard input can be given only once".into(),
                ));
            } else if path.is_dir() {
                capture.add_directory(path, options, &mut errors);
            } else {
                match open(path, capture.files.len(), options.probe) {
                    Ok(opened) => capture.add(path, opened),
                    Err(refusal) => errors.push(refused(path, refusal.message())),
                }
            }
        }
        (capture, errors)
    }

    /// Adds the captures in a directory, by name; not those of directories in it. What is no
    /// capture there is only noted.
    fn add_directory(&mut self, path: &Path, options: Options<'_>, errors: &mut Vec<OpenError>) {
        let (found, refusals) = (self.files.len(), errors.len());
        match files_in(path) {
            Ok(files) => {
                for file in files {
                    match open(&file, self.files.len(), options.probe) {
                        Ok(opened) => self.add(&file, opened),
                        Err(Refusal::NoCapture(why)) => self.findings.add(passed_over(&file, &why)),
                        Err(Refusal::Unreadable(why)) => errors.push(refused(&file, why)),
                    }
                }
            }
            Err(error) => errors.push(refused(path, Refusal::from(error).message())),
        }
        if self.files.len() == found && errors.len() == refusals {
            errors.push(refused(path, "no capture is in this directory".into()));
        }
    }

    fn empty(window: usize) -> Capture {
        Capture {
            inputs: Vec::new(),
            files: Vec::new(),
            order: BinaryHeap::new(),
            pool: Pool::new(window.saturating_mul(2)),
            findings: FindingLog::default(),
            window,
            total_bytes: Some(0),
            ended_bytes: 0,
        }
    }

    fn add(&mut self, path: &Path, opened: Opened) {
        let index = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let length = opened.source.length();
        self.total_bytes = self.total_bytes.zip(length).map(|(all, one)| all + one);
        self.inputs.push(Input {
            path: path.display().to_string(),
            format: opened.format,
            link_types: opened.walker.link_types(),
            bytes: length.unwrap_or(0),
            packets: 0,
            truncated_packets: 0,
            first_time: None,
            last_time: None,
        });
        self.files.push(Some(File::new(index, opened)));
        // No time goes first: each file is asked for its first packet before any is handed on.
        self.order.push(Reverse((None, index)));
    }

    /// Walks items in time order until about [`Options::window`] octets are passed.
    ///
    /// `visit` gets the number of the item's window in `windows`, that window's octets, and the
    /// item, whose data lie in them. Windows are appended to `windows`. False: nothing is left.
    pub fn next_batch<F: FnMut(u32, &[u8], Item<'_>)>(
        &mut self,
        windows: &mut Vec<Window>,
        mut visit: F,
    ) -> bool {
        let files = self.order.len().max(1);
        let least = self.window.min(SMALLEST_SHARE);
        let mut batch = Batch {
            windows,
            pool: &mut self.pool,
            findings: &mut self.findings,
            budget: self.window,
            passed: 0,
            chunk: (self.window / files).max(least),
        };
        for file in self.files.iter_mut().flatten() {
            file.begin_batch();
        }
        while let Some(Reverse((_, index))) = self.order.pop() {
            let limit = self.order.peek().map(|Reverse(key)| *key);
            let place = usize::try_from(index).unwrap_or(usize::MAX);
            let (Some(slot), Some(input)) = (self.files.get_mut(place), self.inputs.get_mut(place))
            else {
                continue;
            };
            let Some(file) = slot else { continue };
            match file.run(input, &mut batch, limit, &mut visit) {
                Outcome::Later(key) => self.order.push(Reverse(key)),
                Outcome::Full(key) => {
                    self.order.push(Reverse(key));
                    return true;
                }
                Outcome::Ended => {
                    self.ended_bytes += input.bytes;
                    if let Some(file) = slot.take() {
                        file.close(batch.pool);
                    }
                }
            }
        }
        batch.passed > 0
    }

    /// Takes windows back: their buffers are used again, their mapped pages dropped.
    pub fn recycle(&mut self, windows: Vec<Window>) {
        for window in windows {
            self.pool.release(window);
        }
    }

    /// The inputs that could be opened, in the order in which they were given.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// What was odd about the files since this was last asked.
    pub fn take_findings(&mut self) -> FindingLog {
        std::mem::take(&mut self.findings)
    }

    /// Octets of all inputs; none if one is a pipe.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Octets that are done with.
    pub fn consumed_bytes(&self) -> u64 {
        let open: u64 = self.files.iter().flatten().map(File::consumed).sum();
        self.ended_bytes + open
    }
}

/// The regular files of a directory by name, without hidden ones.
fn files_in(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if !hidden && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

fn passed_over(path: &Path, why: &str) -> Finding {
    let file = path.display().to_string();
    let place = Place {
        file: Some(file.clone()),
        ..Place::default()
    };
    // Each is told: who gave the directory may have meant it.
    Finding::new("capture-passed-over", why.to_owned(), place).about(file)
}

fn refused(path: &Path, message: String) -> OpenError {
    OpenError {
        path: path.display().to_string(),
        message,
    }
}
