//! A finding: something odd, with its place. Findings of one kind about the same thing (session, peer,
//! RIB view, and what else the kind tells apart) are one row with a count, so that a capture full of
//! the same oddity stays readable and memory stays bounded. [`KINDS`] lists the kinds that there are.

mod kind;

pub use kind::{KINDS, Kind, kind};

use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// What was sent cannot be read or breaks a MUST, or an input could not be read to its end.
    Error,
    /// Something that will surprise: octets that the capture lacks, or a SHOULD that is broken.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// Every severity's word, the gravest first.
    pub const WORDS: &[&str] = &["error", "warning", "note"];

    /// The word in JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }

    /// The severity with this word.
    pub fn from_word(word: &str) -> Option<Severity> {
        [Severity::Error, Severity::Warning, Severity::Note]
            .into_iter()
            .find(|severity| severity.word() == word)
    }
}

/// Where in the inputs something was seen. What is not known there is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Place {
    /// The session's number.
    pub session: Option<u32>,
    /// The peer's address.
    pub peer: Option<String>,
    /// The RIB view.
    pub rib: Option<&'static str>,
    /// The file's path.
    pub file: Option<String>,
    /// The packet's number in its file, from 1, as other tools count it.
    pub packet: Option<u64>,
    /// Octets from the start of the byte stream of its direction.
    pub stream_offset: Option<u64>,
    /// Octets from the start of the message or record to the field.
    pub offset: Option<u32>,
    /// When the packet was captured.
    #[serde(skip)]
    pub time: Option<Timestamp>,
}

/// Something odd: what, how bad, by which rule, where first, how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// A stable word with hyphens.
    pub kind: &'static str,
    /// What happened, for a person.
    pub message: String,
    /// The text that says so: `RFC 7854 4.1`.
    pub reference: &'static str,
    /// Where.
    pub place: Place,
    /// What it is about, where a kind has several things to tell of one view of a peer; else empty. Of
    /// few values: each is a row.
    pub subject: String,
    /// How many octets of a stream it concerns, where it is about octets.
    pub octets: Option<u64>,
}

impl Finding {
    /// A finding of one of [`KINDS`], which says how much it matters and by which text.
    pub fn new(word: &'static str, message: String, place: Place) -> Finding {
        let kind = kind(word);
        Finding {
            // A test holds that every word is a kind.
            severity: kind.map_or(Severity::Warning, |kind| kind.severity),
            kind: word,
            message,
            reference: kind.map_or("", |kind| kind.reference),
            place,
            subject: String::new(),
            octets: None,
        }
    }

    /// The same, about this.
    pub fn about(self, subject: impl Into<String>) -> Finding {
        Finding {
            subject: subject.into(),
            ..self
        }
    }

    /// The same, of so many octets.
    pub fn of_octets(self, octets: u64) -> Finding {
        Finding {
            octets: Some(octets),
            ..self
        }
    }

    /// The same, by another text than its kind's.
    pub fn by(self, reference: &'static str) -> Finding {
        Finding { reference, ..self }
    }
}

/// Findings of one kind about one thing: how many, and the first few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingGroup {
    /// How much it matters.
    pub severity: Severity,
    /// The text that says so.
    pub reference: &'static str,
    /// The first one's message.
    first: String,
    /// All of them have the first one's message.
    is_alike: bool,
    /// How many octets they concern together; none where they are not about octets.
    pub octets: Option<u64>,
    /// How many there were.
    pub count: u64,
    /// The first places, at most [`FindingLog::PLACES`].
    pub places: Vec<Place>,
}

impl FindingGroup {
    fn of(finding: &mut Finding) -> FindingGroup {
        FindingGroup {
            severity: finding.severity,
            reference: finding.reference,
            first: std::mem::take(&mut finding.message),
            is_alike: true,
            octets: finding.octets.map(|_| 0),
            count: 0,
            places: Vec::new(),
        }
    }

    /// What happened: true of all of them.
    pub fn message(&self) -> String {
        let FindingGroup { first, count, .. } = self;
        match self.octets {
            _ if !self.tells_count() => first.clone(),
            Some(octets) => format!("{count} times, {octets} octets in all; the first: {first}"),
            None => format!("{count} alike; the first: {first}"),
        }
    }

    /// The first one's message.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// The message tells how many there are: they are not all the same.
    pub fn tells_count(&self) -> bool {
        self.count > 1 && (self.octets.is_some() || !self.is_alike)
    }

    /// Adds the same of a later part of the work.
    fn merge(&mut self, later: FindingGroup) {
        self.is_alike &= later.is_alike && self.first == later.first;
        self.octets = sum(self.octets, later.octets);
        self.count += later.count;
        let room = FindingLog::PLACES.saturating_sub(self.places.len());
        self.places.extend(later.places.into_iter().take(room));
    }
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    one.zip(other).map(|(one, other)| one.saturating_add(other))
}

/// What tells one group from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    session: Option<u32>,
    kind: &'static str,
    peer: Option<String>,
    rib: Option<&'static str>,
    subject: String,
}

impl Key {
    fn of(finding: &mut Finding) -> Key {
        Key {
            session: finding.place.session,
            kind: finding.kind,
            peer: finding.place.peer.clone(),
            rib: finding.place.rib,
            subject: std::mem::take(&mut finding.subject),
        }
    }
}

/// Collected findings, grouped by what they are about. Logs of two halves of the work merge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingLog {
    groups: BTreeMap<Key, FindingGroup>,
}

impl FindingLog {
    /// Places kept for each group.
    pub const PLACES: usize = 10;

    /// Adds one finding.
    pub fn add(&mut self, finding: Finding) {
        self.add_many(finding, 1);
    }

    /// Adds a finding that stands for `count` like it; its octets are those of all of them.
    pub fn add_many(&mut self, mut finding: Finding, count: u64) {
        let group = match self.groups.entry(Key::of(&mut finding)) {
            Entry::Vacant(entry) => entry.insert(FindingGroup::of(&mut finding)),
            Entry::Occupied(entry) => {
                let group = entry.into_mut();
                group.is_alike &= group.first == finding.message;
                group
            }
        };
        group.octets = sum(group.octets, finding.octets);
        group.count += count;
        if group.places.len() < FindingLog::PLACES {
            group.places.push(finding.place);
        }
    }

    /// Adds the findings of a later part of the work.
    pub fn merge(&mut self, later: FindingLog) {
        for (key, group) in later.groups {
            match self.groups.entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(group);
                }
                Entry::Occupied(mut entry) => entry.get_mut().merge(group),
            }
        }
    }

    /// Keeps the findings of sessions that are asked for; none: of what belongs to no session.
    pub fn retain(&mut self, asked: impl Fn(Option<u32>) -> bool) {
        self.groups.retain(|key, _| asked(key.session));
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Every group with its kind: by session (none first), then kind, peer, RIB view and subject.
    pub fn groups(&self) -> impl Iterator<Item = (&'static str, &FindingGroup)> {
        self.groups.iter().map(|(key, group)| (key.kind, group))
    }

    /// How many findings are of this kind.
    pub fn of(&self, kind: &str) -> u64 {
        let of_kind = self.groups.iter().filter(|(key, _)| key.kind == kind);
        of_kind.map(|(_, group)| group.count).sum()
    }

    /// How many findings have this severity.
    pub fn count(&self, severity: Severity) -> u64 {
        self.groups
            .values()
            .filter(|group| group.severity == severity)
            .map(|g| g.count)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(packet: u64) -> Finding {
        let place = Place {
            session: Some(1),
            packet: Some(packet),
            ..Place::default()
        };
        let message = format!("packet {packet}: 10 bytes missing");
        Finding::new("missing-segment", message, place).of_octets(10)
    }

    fn of_peer(peer: &str, rib: &'static str, message: &str) -> Finding {
        let place = Place {
            session: Some(1),
            peer: Some(peer.to_owned()),
            rib: Some(rib),
            ..Place::default()
        };
        Finding::new("add-path-not-used", message.to_owned(), place)
    }

    #[test]
    fn a_severity_is_its_word() {
        for word in Severity::WORDS {
            assert_eq!(Severity::from_word(word).map(Severity::word), Some(*word));
        }
        assert_eq!(Severity::from_word("fatal"), None);
    }

    #[test]
    fn a_new_finding_takes_severity_and_reference_from_its_kind() {
        let finding = Finding::new("corrupt", "9 octets".to_owned(), Place::default());
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(finding.reference, "RFC 7854 4.1");
    }

    #[test]
    fn findings_of_one_kind_are_counted_and_the_first_places_kept() {
        let mut log = FindingLog::default();
        (1..=25).for_each(|packet| log.add(gap(packet)));
        let (kind, group) = log.groups().next().unwrap();
        assert_eq!(
            (kind, group.count, group.places.len()),
            ("missing-segment", 25, 10)
        );
        assert_eq!(group.places[9].packet, Some(10));
        assert_eq!(log.count(Severity::Warning), 25);
        assert_eq!(log.count(Severity::Error), 0);
    }

    #[test]
    fn the_message_of_a_group_is_true_of_all_of_it() {
        let mut log = FindingLog::default();
        let message = |log: &FindingLog| log.groups().next().map(|(_, group)| group.message());
        log.add(gap(1));
        assert_eq!(message(&log).as_deref(), Some("packet 1: 10 bytes missing"));
        log.add(gap(2));
        let both = "2 times, 20 octets in all; the first: packet 1: 10 bytes missing";
        assert_eq!(message(&log).as_deref(), Some(both));
        let mut log = FindingLog::default();
        log.add_many(of_peer("192.0.2.1", "loc-rib", "same"), 5);
        assert_eq!(message(&log).as_deref(), Some("same"));
        log.add(of_peer("192.0.2.1", "loc-rib", "other"));
        assert_eq!(message(&log).as_deref(), Some("6 alike; the first: same"));
    }

    #[test]
    fn what_is_about_other_things_is_another_group() {
        let mut log = FindingLog::default();
        let one = || of_peer("192.0.2.1", "loc-rib", "one");
        log.add(one());
        log.add(one());
        log.add(of_peer("192.0.2.2", "loc-rib", "one"));
        log.add(of_peer("192.0.2.1", "adj-rib-in-pre", "one"));
        log.add(one().about("ipv6 unicast"));
        let counts: Vec<_> = log.groups().map(|(_, group)| group.count).collect();
        assert_eq!(counts, [1, 2, 1, 1]);
    }

    #[test]
    fn merging_two_halves_equals_the_whole() {
        let mut whole = FindingLog::default();
        let (mut first, mut second) = (FindingLog::default(), FindingLog::default());
        for packet in 1..=14 {
            whole.add(gap(packet));
            if packet <= 6 {
                first.add(gap(packet))
            } else {
                second.add(gap(packet))
            }
        }
        first.merge(second);
        assert_eq!(first, whole);
    }
}
