//! A finding: something odd, with its place. Findings of one kind in one session are one row with
//! a count, so that a capture full of the same oddity stays readable and memory stays bounded.
//! [`KINDS`] lists the kinds that there are.

mod kind;

pub use kind::{KINDS, Kind, kind};

use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

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
        }
    }
}

/// Findings of one kind: how many, and the first few.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingGroup {
    /// How much it matters.
    pub severity: Severity,
    /// The text that says so.
    pub reference: &'static str,
    /// The first one's message.
    pub message: String,
    /// How many there were.
    pub count: u64,
    /// The first places, at most [`FindingLog::PLACES`].
    pub places: Vec<Place>,
}

/// Collected findings, grouped by kind and session. Logs of two halves of the work merge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingLog {
    groups: BTreeMap<(Option<u32>, &'static str), FindingGroup>,
}

impl FindingLog {
    /// Places kept for each group.
    pub const PLACES: usize = 10;

    /// Adds one finding.
    pub fn add(&mut self, finding: Finding) {
        self.add_many(finding, 1);
    }

    /// Adds a finding that stands for `count` like it.
    pub fn add_many(&mut self, finding: Finding, count: u64) {
        let Finding {
            severity,
            kind,
            message,
            reference,
            place,
        } = finding;
        let group = self
            .groups
            .entry((place.session, kind))
            .or_insert_with(|| FindingGroup {
                severity,
                reference,
                message,
                count: 0,
                places: Vec::new(),
            });
        group.count += count;
        if group.places.len() < FindingLog::PLACES {
            group.places.push(place);
        }
    }

    /// Adds the findings of a later part of the work.
    pub fn merge(&mut self, later: FindingLog) {
        for (key, group) in later.groups {
            match self.groups.entry(key) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(group);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    let mine = entry.get_mut();
                    mine.count += group.count;
                    let room = FindingLog::PLACES.saturating_sub(mine.places.len());
                    mine.places.extend(group.places.into_iter().take(room));
                }
            }
        }
    }

    /// Keeps the findings of sessions that are asked for; none: of what belongs to no session.
    pub fn retain(&mut self, asked: impl Fn(Option<u32>) -> bool) {
        self.groups.retain(|(session, _), _| asked(*session));
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Every group with its kind: by session (none first), then kind.
    pub fn groups(&self) -> impl Iterator<Item = (&'static str, &FindingGroup)> {
        self.groups.iter().map(|((_, kind), group)| (*kind, group))
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
        Finding {
            severity: Severity::Warning,
            kind: "missing-segment",
            message: format!("packet {packet}: 10 bytes missing"),
            reference: "RFC 9293 3.4",
            place: Place {
                session: Some(1),
                packet: Some(packet),
                ..Place::default()
            },
        }
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
