//! What a validator hands out: Validated ROA Payloads (RFC 6811 2) and ASPAs, each with where it comes
//! from.

use super::read::Problem;
use crate::net::Prefix;
use crate::time::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// A Validated ROA Payload: this AS may originate the prefix, down to this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vrp {
    /// The prefix.
    pub prefix: Prefix,
    /// The longest prefix length that is authorised; never less than that of the prefix.
    pub max_length: u8,
    /// The AS; 0: no one may originate it (RFC 6483 4).
    pub asn: u32,
}

/// A VRP and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VrpRecord {
    /// What it says.
    pub vrp: Vrp,
    /// Until when it is good, in seconds since 1970.
    pub expires: Option<u32>,
    /// Number of its source in [`Payload::sources`].
    pub source: u16,
}

/// An Autonomous System Provider Authorisation: the providers of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aspa {
    /// The customer AS.
    pub customer: u32,
    /// Its providers, in order as given.
    pub providers: Vec<u32>,
    /// Until when it is good, in seconds since 1970.
    pub expires: Option<u32>,
    /// Number of its source in [`Payload::sources`].
    pub source: u16,
}

/// Where payloads come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// The file that named them.
    pub file: Arc<str>,
    /// The trust anchor, where the file says which.
    pub trust_anchor: Option<Arc<str>>,
    /// A local exception (SLURM) asserts them, not the RPKI.
    pub is_local: bool,
}

impl Source {
    /// The trust anchor, or the file where it names none.
    pub fn name(&self) -> &Arc<str> {
        self.trust_anchor.as_ref().unwrap_or(&self.file)
    }
}

/// Everything that was read, of any number of files.
#[derive(Debug, Clone, Default)]
pub struct Payload {
    /// Every VRP, in order as read; the same one may come from several sources.
    pub vrps: Vec<VrpRecord>,
    /// Every ASPA.
    pub aspas: Vec<Aspa>,
    /// Where they come from.
    pub sources: Vec<Source>,
    /// Entries that could not be read: the first few.
    pub problems: Vec<Problem>,
    /// How many entries could not be read.
    pub problem_count: u64,
    /// When the files were made, as far as they say so: the earliest and the latest.
    pub generated: Option<(Timestamp, Timestamp)>,
    pub(super) index: HashMap<Source, u16>,
}

/// Problems that are kept.
const PROBLEMS: usize = 20;

impl Payload {
    /// The number of a source. Past 65,535 of them, the last number stands for all others.
    pub fn source(&mut self, source: Source) -> u16 {
        if let Some(number) = self.index.get(&source) {
            return *number;
        }
        let number = u16::try_from(self.sources.len()).unwrap_or(u16::MAX);
        if usize::from(number) == self.sources.len() {
            self.sources.push(source.clone());
            self.index.insert(source, number);
        }
        number
    }

    /// Notes an entry that could not be read.
    pub fn problem(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Notes when a file was made.
    pub fn generated_at(&mut self, time: Timestamp) {
        let (first, last) = self.generated.unwrap_or((time, time));
        self.generated = Some((first.min(time), last.max(time)));
    }

    /// Leaves out what was not good any more at this moment; says how many VRPs and ASPAs those were.
    pub fn drop_expired(&mut self, moment: Timestamp) -> (usize, usize) {
        let seconds = moment.nanoseconds().div_euclid(1_000_000_000);
        let is_good = |expires: Option<u32>| expires.is_none_or(|at| i64::from(at) >= seconds);
        let before = (self.vrps.len(), self.aspas.len());
        self.vrps.retain(|record| is_good(record.expires));
        self.aspas.retain(|aspa| is_good(aspa.expires));
        (before.0 - self.vrps.len(), before.1 - self.aspas.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_expired_before_a_moment_is_left_out() {
        let prefix = Prefix {
            address: [192, 0, 2, 0].into(),
            length: 24,
        };
        let record = |expires| VrpRecord {
            vrp: Vrp {
                prefix,
                max_length: 24,
                asn: 1,
            },
            expires,
            source: 0,
        };
        let mut payload = Payload {
            vrps: vec![record(None), record(Some(99)), record(Some(100))],
            ..Payload::default()
        };
        let moment = Timestamp::from_nanoseconds(100_500_000_000, 9);
        assert_eq!(payload.drop_expired(moment), (1, 0));
        let left: Vec<_> = payload.vrps.iter().map(|one| one.expires).collect();
        assert_eq!(left, [None, Some(100)]);
    }

    #[test]
    fn the_same_source_has_one_number() {
        let mut payload = Payload::default();
        let source = |file: &str| Source {
            file: file.into(),
            trust_anchor: Some("ripe".into()),
            is_local: false,
        };
        let numbers = ["a", "b", "a"].map(|file| payload.source(source(file)));
        assert_eq!(numbers, [0, 1, 0]);
    }
}
