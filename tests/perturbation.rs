//! However a stream was captured (reordered, doubled, cut otherwise, tunnelled, from the middle of
//! its connection), its messages are the same. `BMPSCOPE_FULL=1` tries more of each.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; counts go to stderr"
)]

mod library;
mod support;

use library::Message;
use support::capture_file::{Fraction, Order, Record, pcap};
use support::carriage::{self, Carriage, carried};
use support::feeds::{self, Feed};
use support::tcp::{Conversation, Random, Segment, duplicated, reordered};
use support::walker;

const ACK: u8 = 0x10;

/// Ends of a connection over both versions of IP.
const ENDS: [(&str, &str); 2] = [
    ("192.0.2.1:40000", "192.0.2.100:1790"),
    ("[2001:db8::1]:40000", "[2001:db8::64]:11019"),
];

/// Whether the sequence numbers behind a SYN with data count the SYN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begin {
    /// A handshake without data.
    Handshake,
    /// Data on the SYN, counted (RFC 7413).
    DataOnSyn,
    /// Data on the SYN, not counted: what many synthetic captures have.
    DataOnUncountedSyn,
    /// No handshake was captured.
    Late,
}

/// How one capture of a stream differs from a clean one.
#[derive(Debug, Clone)]
struct Way {
    begin: Begin,
    ends: usize,
    initial_sequence: u32,
    segment_size: usize,
    /// Segments of random sizes that overlap.
    overlaps: bool,
    /// Percent of segments that come twice, right behind each other.
    doubled: u64,
    /// Percent of segments of which another copy comes much later.
    repeated: u64,
    /// Places that a segment may be late.
    distance: u64,
    /// The other side's packets were captured.
    both_sides: bool,
    /// Every packet was captured twice.
    twice: bool,
    carriage: Carriage,
}

impl Way {
    fn clean() -> Way {
        Way {
            begin: Begin::Handshake,
            ends: 0,
            initial_sequence: 1000,
            segment_size: 536,
            overlaps: false,
            doubled: 0,
            repeated: 0,
            distance: 0,
            both_sides: true,
            twice: false,
            carriage: Carriage::Ethernet,
        }
    }

    /// Any of them, several at once.
    fn random(random: &mut Random) -> Way {
        let begins = [
            Begin::Handshake,
            Begin::DataOnSyn,
            Begin::DataOnUncountedSyn,
            Begin::Late,
        ];
        let sizes = [7, 64, 100, 536, 777, 1448];
        let mut pick = |count: usize| random.below(count as u64) as usize;
        let begin = begins[pick(4)];
        let distance = [0, 1, 5, 30][pick(4)];
        // Late segments that overlap may begin where the book says that the next one does.
        let may_overlap = begin != Begin::DataOnUncountedSyn || distance == 0;
        Way {
            begin,
            ends: pick(2),
            initial_sequence: [pick(1 << 30) as u32, u32::MAX - pick(3000) as u32][pick(2)],
            segment_size: sizes[pick(6)],
            overlaps: pick(2) == 0 && may_overlap,
            doubled: [0, 10, 100][pick(3)],
            repeated: [0, 10, 50][pick(3)],
            distance,
            both_sides: pick(2) == 0,
            twice: pick(4) == 0,
            carriage: carriage::ALL[pick(carriage::ALL.len())],
        }
    }

    fn capture(&self, stream: &[u8], random: &mut Random) -> Vec<u8> {
        pcap(
            &self.records(stream, random),
            Order::Little,
            Fraction::Micro,
        )
    }

    fn records(&self, stream: &[u8], random: &mut Random) -> Vec<Record> {
        let conversation = Conversation {
            client_isn: self.initial_sequence,
            segment_size: self.segment_size,
            ..Conversation::new(ENDS[self.ends].0, ENDS[self.ends].1)
        };
        let segments = self.segments(&conversation, stream, random);
        let mut records = carried(&conversation.records(&segments), self.carriage);
        if self.twice {
            records = records
                .into_iter()
                .flat_map(|record| [record.clone(), record])
                .collect();
        }
        records
    }

    fn segments(
        &self,
        conversation: &Conversation,
        stream: &[u8],
        random: &mut Random,
    ) -> Vec<Segment> {
        let mut begin = conversation.handshake();
        let on_syn = match self.begin {
            Begin::DataOnSyn | Begin::DataOnUncountedSyn => stream.len().min(self.segment_size),
            Begin::Handshake | Begin::Late => 0,
        };
        begin[0].payload = stream[..on_syn].to_vec();
        let mut data = self.data(conversation, stream, on_syn, random);
        data = duplicated(&data, self.doubled, random);
        repeat(&mut data, self.repeated, random);
        if self.both_sides {
            acknowledge(&mut data, conversation, stream.len(), random);
        }
        data = reordered(&data, self.distance, random);
        if self.begin == Begin::DataOnUncountedSyn {
            // Made captures that have this have nothing but the data.
            begin.truncate(1);
            data.retain(|segment| segment.from_client);
            for segment in &mut data {
                segment.sequence = segment.sequence.wrapping_sub(1);
            }
        } else {
            data.extend(conversation.close(stream.len()));
        }
        if self.begin == Begin::Late {
            begin.clear();
        }
        begin.extend(data);
        begin.retain(|segment| self.both_sides || segment.from_client);
        begin
    }

    /// The octets from `from` on, in segments.
    fn data(
        &self,
        conversation: &Conversation,
        stream: &[u8],
        from: usize,
        random: &mut Random,
    ) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut end = from;
        while end < stream.len() {
            let (mut start, mut size) = (end, self.segment_size);
            if self.overlaps {
                start -= random.below(start.min(60) as u64 + 1) as usize;
                size = (end - start) + 1 + random.below(self.segment_size as u64) as usize;
                if self.begin == Begin::DataOnUncountedSyn {
                    // A single octet behind the SYN is a keepalive by its number.
                    size = size.max(2);
                }
            }
            let to = (start + size).min(stream.len());
            segments.push(client(conversation, start, &stream[start..to]));
            end = to;
        }
        segments
    }
}

/// Octets of the client's stream from `offset` on.
fn client(conversation: &Conversation, offset: usize, payload: &[u8]) -> Segment {
    let first = conversation.client_isn.wrapping_add(1);
    Segment {
        from_client: true,
        sequence: first.wrapping_add(offset as u32),
        acknowledgment: conversation.server_isn.wrapping_add(1),
        flags: ACK,
        payload: payload.to_vec(),
    }
}

/// Copies of about `percent` of the segments, each up to 200 places behind its original.
fn repeat(segments: &mut Vec<Segment>, percent: u64, random: &mut Random) {
    let mut copies = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        if random.below(100) < percent {
            copies.push((index + 1 + random.below(200) as usize, segment.clone()));
        }
    }
    copies.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    for (place, copy) in copies {
        segments.insert(place.min(segments.len()), copy);
    }
}

/// The other side's acknowledgments, some of which run ahead of what is captured.
fn acknowledge(
    segments: &mut Vec<Segment>,
    conversation: &Conversation,
    length: usize,
    random: &mut Random,
) {
    let first = conversation.client_isn.wrapping_add(1);
    let mut out = Vec::new();
    for segment in segments.drain(..) {
        let end = segment.sequence.wrapping_sub(first) + segment.payload.len() as u32;
        let ahead = (end + random.below(3000) as u32).min(length as u32);
        out.push(segment);
        if random.below(3) == 0 {
            out.push(Segment {
                from_client: false,
                sequence: conversation.server_isn.wrapping_add(1),
                acknowledgment: first.wrapping_add(ahead),
                flags: ACK,
                payload: Vec::new(),
            });
        }
    }
    *segments = out;
}

/// Every message of a stream with its place.
fn messages(stream: &[u8]) -> Vec<Message> {
    let mut at = 0;
    let place = |message: &&[u8]| {
        let start = at;
        at += message.len() as u64;
        (start, message.to_vec())
    };
    walker::messages(stream).iter().map(place).collect()
}

fn is_full() -> bool {
    std::env::var_os("BMPSCOPE_FULL").is_some()
}

fn rounds(sample: u64) -> u64 {
    if is_full() { sample * 100 } else { sample }
}

/// What differs between what is in a stream and what was found; none if nothing does.
fn difference(stream: &[u8], file: &[u8]) -> Option<String> {
    let answer = library::read(file, &[]);
    if answer.sessions.len() != 1 {
        return Some(format!("{} sessions", answer.sessions.len()));
    }
    let (expected, got) = (messages(stream), answer.only());
    if !answer.gaps.is_empty() {
        return Some(format!("gaps {:?}", answer.gaps));
    }
    let place = |(offset, bytes): &Message| (*offset, bytes.len());
    let first = expected.iter().zip(got).position(|(a, b)| a != b);
    match first {
        None if expected.len() == got.len() => None,
        None => Some(format!("{} messages of {}", got.len(), expected.len())),
        Some(at) => Some(format!(
            "message {at}: expected {:?}, got {:?}",
            place(&expected[at]),
            place(&got[at])
        )),
    }
}

#[derive(Default)]
struct Tally {
    cases: u64,
    failures: Vec<String>,
}

impl Tally {
    fn hold(&mut self, feed: &Feed, way: &Way, seed: u64) {
        self.cases += 1;
        let file = way.capture(&feed.bytes, &mut Random(seed));
        if let Some(difference) = difference(&feed.bytes, &file) {
            let name = &feed.name;
            self.failures
                .push(format!("{name}, seed {seed}, {way:?}: {difference}"));
        }
    }

    #[track_caller]
    fn finish(mut self) {
        let (count, cases) = (self.failures.len(), self.cases);
        eprintln!("{cases} cases, {count} differ");
        self.failures.truncate(12);
        let shown = self.failures.join("\n");
        assert!(count == 0, "{count} of {cases} cases differ:\n{shown}");
    }
}

fn small_feeds() -> Vec<Feed> {
    let feeds = feeds::own();
    feeds.iter().map(|feed| feed.first(5000)).collect()
}

#[test]
fn every_way_by_itself_gives_the_messages_of_the_clean_capture() {
    let clean = Way::clean();
    let small = |overlaps| Way {
        segment_size: 48,
        overlaps,
        ..Way::clean()
    };
    let with = |change: &dyn Fn(&mut Way)| {
        let mut way = clean.clone();
        change(&mut way);
        way
    };
    let mut ways = vec![
        clean.clone(),
        small(false),
        small(true),
        with(&|way| way.ends = 1),
        with(&|way| way.initial_sequence = u32::MAX - 1500),
        with(&|way| way.initial_sequence = u32::MAX),
        with(&|way| way.both_sides = false),
        with(&|way| way.begin = Begin::DataOnSyn),
        with(&|way| way.begin = Begin::DataOnUncountedSyn),
        with(&|way| way.begin = Begin::Late),
        with(&|way| way.doubled = 100),
        with(&|way| way.repeated = 50),
        with(&|way| way.twice = true),
    ];
    for distance in [1, 3, 10, 60] {
        for segment_size in [7, 64, 536] {
            ways.push(Way {
                distance,
                segment_size,
                ..Way::clean()
            });
        }
    }
    for carriage in carriage::ALL {
        for ends in [0, 1] {
            ways.push(Way {
                carriage: *carriage,
                ends,
                ..Way::clean()
            });
        }
    }
    let mut tally = Tally::default();
    for feed in small_feeds() {
        for (seed, way) in ways.iter().enumerate() {
            tally.hold(&feed, way, seed as u64);
        }
    }
    tally.finish();
}

#[test]
fn several_ways_at_once_give_the_messages_of_the_clean_capture() {
    let (feeds, mut tally) = (small_feeds(), Tally::default());
    for seed in 0..rounds(600) {
        let mut random = Random(seed);
        let feed = &feeds[random.below(feeds.len() as u64) as usize];
        tally.hold(feed, &Way::random(&mut random), seed);
    }
    tally.finish();
}

#[test]
fn the_lines_of_messages_are_those_of_the_clean_capture() {
    let feeds = small_feeds();
    for seed in 0..rounds(40) {
        let mut random = Random(seed);
        let feed = &feeds[random.below(feeds.len() as u64) as usize];
        let way = Way::random(&mut random);
        let clean = Way {
            ends: way.ends,
            ..Way::clean()
        };
        let expected = library::lines(&clean.capture(&feed.bytes, &mut Random(0)));
        let got = library::lines(&way.capture(&feed.bytes, &mut random));
        assert!(!expected.is_empty());
        assert!(expected == got, "{}, seed {seed}, {way:?}", feed.name);
    }
}

/// Within the bound of what is held: the first data segment comes last.
#[test]
fn a_segment_that_is_late_by_a_thousand_costs_nothing() {
    let mut tally = Tally::default();
    for feed in feeds::own() {
        let feed = feed.first(60_000);
        let way = Way {
            segment_size: 50,
            ..Way::clean()
        };
        tally.cases += 1;
        let mut records = way.records(&feed.bytes, &mut Random(0));
        let late = records.remove(3);
        let place = records.len().min(1003) - 3;
        records.insert(place, late);
        let file = pcap(&records, Order::Little, Fraction::Micro);
        if let Some(difference) = difference(&feed.bytes, &file) {
            tally.failures.push(format!("{}: {difference}", feed.name));
        }
    }
    tally.finish();
}

/// The order of time is the order of the records here, so a SYN may lie behind the data.
#[test]
fn a_handshake_captured_behind_the_first_data_costs_nothing() {
    let mut tally = Tally::default();
    for feed in small_feeds() {
        for distance in [1, 2, 5, 20] {
            for begin in [Begin::Handshake, Begin::DataOnSyn] {
                for seed in 0..rounds(4) {
                    let way = Way {
                        begin,
                        segment_size: 100,
                        ..Way::clean()
                    };
                    let mut random = Random(seed);
                    let conversation = Conversation {
                        segment_size: way.segment_size,
                        ..Conversation::new(ENDS[0].0, ENDS[0].1)
                    };
                    let segments = way.segments(&conversation, &feed.bytes, &mut random);
                    // A SYN behind the FINs would be another connection's.
                    let (open, close) = segments.split_at(segments.len() - 3);
                    let open = reordered(open, distance, &mut random);
                    let segments = [&open, close].concat();
                    let records = conversation.records(&segments);
                    let file = pcap(&records, Order::Little, Fraction::Micro);
                    tally.cases += 1;
                    if let Some(difference) = difference(&feed.bytes, &file) {
                        let what = format!("{} {begin:?} {distance} seed {seed}", feed.name);
                        tally.failures.push(format!("{what}: {difference}"));
                    }
                }
            }
        }
    }
    tally.finish();
}
