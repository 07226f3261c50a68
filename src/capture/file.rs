//! One input being walked: its window, its place, and what is told about it.

use super::open::Opened;
use super::openbmp::{Lost, OpenBmp};
use super::source::{Source, Trouble};
use super::step::{Oddity, Record, Step, Walker};
use super::window::{Pool, Window};
use super::{Collected, Format, Frame, Input, Item, StreamBytes};
use crate::finding::{Finding, FindingLog, Place, Severity};
use crate::time::Timestamp;

/// What decides which item is next: the time (none goes first), then the input's number.
pub(super) type Key = (Option<i64>, u32);

/// An input between its first octet and its last.
pub(super) struct File {
    index: u32,
    source: Source,
    walker: Walker,
    window: Window,
    /// Where the window begins in the input.
    base: u64,
    /// Octets of the window that are done with.
    position: usize,
    /// Nothing follows the window.
    last: bool,
    /// The window's number in this batch, once it has one.
    number: Option<u32>,
    /// The key of the last item.
    key: Key,
}

/// What a batch collects while files are walked.
pub(super) struct Batch<'a> {
    pub(super) windows: &'a mut Vec<Window>,
    pub(super) pool: &'a mut Pool,
    pub(super) findings: &'a mut FindingLog,
    /// Octets to pass, about.
    pub(super) budget: usize,
    /// Octets passed.
    pub(super) passed: usize,
    /// Octets of a window that is read.
    pub(super) chunk: usize,
}

/// Why walking a file stopped.
pub(super) enum Outcome {
    /// Another file's turn, or the next batch's; the file goes on at this key.
    Later(Key),
    /// The batch is full.
    Full(Key),
    /// Nothing is left.
    Ended,
}

/// Why walking a window stopped.
enum Pause {
    Limit(Key),
    Full,
    More(usize),
    Ended,
}

impl File {
    /// A file at its first record.
    pub(super) fn new(index: u32, opened: Opened) -> File {
        let mut source = opened.source;
        source.skip(opened.start);
        File {
            index,
            source,
            walker: opened.walker,
            window: Window::buffer(Vec::new()),
            base: opened.start as u64,
            position: 0,
            last: false,
            number: None,
            key: (None, index),
        }
    }

    /// Where the walk is: octets from the start of the input, decompressed.
    fn offset(&self) -> u64 {
        self.base + self.position as u64
    }

    /// Octets of the file that are done with.
    pub(super) fn consumed(&self) -> u64 {
        self.source.taken(self.offset())
    }

    /// Gives the window back. The map or pipe is closed once no one holds a window of it.
    pub(super) fn close(self, pool: &mut Pool) {
        pool.release(self.window);
    }

    /// The window has no number yet in the batch that begins.
    pub(super) fn begin_batch(&mut self) {
        self.number = None;
    }

    /// Hands on items until one has a key behind `limit`, the batch is full or the file ends.
    pub(super) fn run<F: FnMut(u32, &[u8], Item<'_>)>(
        &mut self,
        input: &mut Input,
        batch: &mut Batch<'_>,
        limit: Option<Key>,
        visit: &mut F,
    ) -> Outcome {
        loop {
            match self.walk(input, batch, limit, visit) {
                Pause::Limit(key) => return Outcome::Later(key),
                Pause::Full => return Outcome::Full(self.key),
                Pause::Ended => return Outcome::Ended,
                // A second window in a batch that is half full would only keep memory busy.
                Pause::More(_) if batch.passed > batch.budget / 2 => {
                    return Outcome::Full(self.key);
                }
                Pause::More(needed) => self.refill(needed, input, batch),
            }
        }
    }

    /// Hands on items of the current window.
    fn walk<F: FnMut(u32, &[u8], Item<'_>)>(
        &mut self,
        input: &mut Input,
        batch: &mut Batch<'_>,
        limit: Option<Key>,
        visit: &mut F,
    ) -> Pause {
        let window = self.window.clone();
        let bytes: &[u8] = &window;
        loop {
            let rest = bytes.get(self.position..).unwrap_or_default();
            match self.walker.step(rest, self.last) {
                Step::Record(record) => {
                    let key = (record.time.map(Timestamp::nanoseconds), self.index);
                    if limit.is_some_and(|limit| key > limit) {
                        return Pause::Limit(key);
                    }
                    self.key = key;
                    self.hand_on(&record, bytes, input, batch, visit);
                    if batch.passed >= batch.budget {
                        return Pause::Full;
                    }
                }
                Step::Skip(length, oddity) => {
                    if let Some(oddity) = oddity {
                        self.report(oddity, Place::default(), input, batch);
                    }
                    self.pass(length, batch);
                }
                Step::PassOver(length, oddity) => {
                    input.packets += 1;
                    self.report(oddity, this_packet(None, input), input, batch);
                    self.pass(length, batch);
                }
                Step::Lost(length, lost) => {
                    self.lost(&lost, input, batch);
                    self.pass(length, batch);
                }
                Step::More(needed) => return Pause::More(needed),
                Step::End => return Pause::Ended,
                Step::CutShort => return self.cut_short(rest.len(), input, batch),
                Step::Corrupt(why) => return self.corrupt(&why, input, batch),
            }
        }
    }

    #[inline]
    fn hand_on<F: FnMut(u32, &[u8], Item<'_>)>(
        &mut self,
        record: &Record,
        bytes: &[u8],
        input: &mut Input,
        batch: &mut Batch<'_>,
        visit: &mut F,
    ) {
        let start = self.position + record.data;
        let data = bytes
            .get(start..start + record.captured)
            .unwrap_or_default();
        let offset = self.offset();
        let item = match &mut self.walker {
            Walker::Bare => Item::Stream(StreamBytes {
                file: self.index,
                offset,
                data,
            }),
            Walker::OpenBmp(openbmp) => {
                Item::Collected(collected(openbmp, self.index, record, data, input))
            }
            _ => Item::Frame(self.frame(record, data, input)),
        };
        if let Some(oddity) = record.oddity {
            self.report(oddity, this_packet(record.time, input), input, batch);
        }
        visit(self.window_number(batch), bytes, item);
        self.pass(record.length, batch);
    }

    /// The frame, counted.
    #[inline]
    fn frame<'a>(&self, record: &Record, data: &'a [u8], input: &mut Input) -> Frame<'a> {
        let captured = count(record, data, input);
        if input.link_types.last() != Some(&record.link) && !input.link_types.contains(&record.link)
        {
            input.link_types.push(record.link);
        }
        Frame {
            file: self.index,
            number: input.packets,
            time: record.time,
            link: record.link,
            data,
            original_length: record.original.max(captured),
        }
    }

    #[inline]
    fn window_number(&mut self, batch: &mut Batch<'_>) -> u32 {
        if let Some(number) = self.number {
            return number;
        }
        let number = u32::try_from(batch.windows.len()).unwrap_or(u32::MAX);
        batch.windows.push(self.window.clone());
        self.number = Some(number);
        number
    }

    #[inline]
    fn pass(&mut self, length: usize, batch: &mut Batch<'_>) {
        self.position += length;
        batch.passed += length;
    }

    /// A window that begins at the current place and has `needed` octets at least.
    fn refill(&mut self, needed: usize, input: &mut Input, batch: &mut Batch<'_>) {
        let offset = self.offset();
        let rest = self.window.get(self.position..).unwrap_or_default();
        let wanted = needed.max(batch.chunk);
        let refill = self.source.window(offset, rest, wanted, batch.pool);
        let done = std::mem::replace(&mut self.window, refill.window);
        batch.pool.release(done);
        self.base = offset;
        self.position = 0;
        self.last = refill.last;
        self.number = None;
        if self.source.length().is_none() {
            input.bytes = self.consumed();
        }
        if let Some(trouble) = refill.trouble {
            self.interrupted(&trouble, input, batch);
        }
    }

    #[cold]
    fn interrupted(&self, trouble: &Trouble, input: &Input, batch: &mut Batch<'_>) {
        let (kind, text) = match trouble {
            Trouble::Shrank(before, now) => (
                "capture-shrank",
                format!("the file had {before} octets and now has {now}; the rest is lost"),
            ),
            Trouble::Unreadable(why) => (
                "capture-unreadable",
                format!("reading failed and the rest is not read: {why}"),
            ),
        };
        let finding = self.finding(Severity::Error, kind, &text, Place::default(), input);
        batch.findings.add(finding);
    }

    #[cold]
    fn cut_short(&mut self, here: usize, input: &Input, batch: &mut Batch<'_>) -> Pause {
        let text = format!(
            "the file ends here, inside a header or block of which {here} octets are there"
        );
        let place = next_packet(input);
        let kind = "capture-cut-short";
        let finding = self.finding(Severity::Warning, kind, &text, place, input);
        batch.findings.add(finding);
        self.position += here;
        Pause::Ended
    }

    #[cold]
    fn corrupt(&self, why: &str, input: &Input, batch: &mut Batch<'_>) -> Pause {
        let unread = self.source.unread(self.offset());
        let rest = unread.map_or(String::new(), |octets| format!(", {octets} octets,"));
        let text =
            format!("the record cannot be right: {why}; the rest of the file{rest} is not read");
        let place = next_packet(input);
        let finding = self.finding(Severity::Error, "capture-corrupt", &text, place, input);
        batch.findings.add(finding);
        Pause::Ended
    }

    /// Something odd about the record at the current place.
    #[cold]
    fn report(&self, oddity: Oddity, place: Place, input: &Input, batch: &mut Batch<'_>) {
        let (kind, severity) = oddity.kind();
        let finding = self.finding(severity, kind, &oddity.to_string(), place, input);
        batch.findings.add(finding);
    }

    /// Octets up to the current place and behind it that are no record.
    #[cold]
    fn lost(&self, lost: &Lost, input: &Input, batch: &mut Batch<'_>) {
        let offset = self.offset().saturating_sub(lost.before());
        let (kind, text) = ("capture-corrupt-frame", lost.to_string());
        let finding = finding(
            (Severity::Warning, kind),
            offset,
            &text,
            Place::default(),
            input,
        );
        batch.findings.add(finding);
    }

    /// A finding about the record at the current place.
    fn finding(
        &self,
        severity: Severity,
        kind: &'static str,
        text: &str,
        place: Place,
        input: &Input,
    ) -> Finding {
        finding((severity, kind), self.offset(), text, place, input)
    }
}

/// A finding about the record at `offset`.
fn finding(
    (severity, kind): (Severity, &'static str),
    offset: u64,
    text: &str,
    place: Place,
    input: &Input,
) -> Finding {
    Finding {
        severity,
        kind,
        // File and packet are in the place.
        message: format!("octet {offset} of the file: {text}"),
        reference: match input.format {
            Format::Pcap => "draft-ietf-opsawg-pcap",
            Format::Pcapng => "draft-ietf-opsawg-pcapng",
            Format::OpenBmp => "OpenBMP 1.7",
            Format::Bmp => "",
        },
        place: Place {
            file: Some(input.path.clone()),
            ..place
        },
        subject: String::new(),
        octets: None,
    }
}

/// Counts a packet or frame, and gives its length.
#[inline]
fn count(record: &Record, data: &[u8], input: &mut Input) -> u32 {
    let captured = u32::try_from(data.len()).unwrap_or(u32::MAX);
    input.packets += 1;
    input.truncated_packets += u64::from(captured < record.original);
    if record.time.is_some() {
        input.first_time = input.first_time.min(record.time).or(record.time);
        input.last_time = input.last_time.max(record.time);
    }
    captured
}

/// What a collector passed on, counted.
fn collected<'a>(
    openbmp: &mut OpenBmp,
    file: u32,
    record: &Record,
    data: &'a [u8],
    input: &mut Input,
) -> Collected<'a> {
    count(record, data, input);
    let (sender, offset) = openbmp.sender();
    openbmp.pass(data.len());
    Collected {
        file,
        number: input.packets,
        time: record.time,
        router_number: sender.number,
        router: sender.address,
        offset,
        data,
    }
}

/// The place of the packet that was counted last.
fn this_packet(time: Option<Timestamp>, input: &Input) -> Place {
    Place {
        packet: Some(input.packets),
        time,
        ..Place::default()
    }
}

/// The place of a packet that could not be read: it would have been the next.
fn next_packet(input: &Input) -> Place {
    Place {
        packet: Some(input.packets + 1),
        ..Place::default()
    }
}
