//! Small counts with places, each of bounded size.

use crate::auth::{Reason, Signer, Verdict};
use crate::packet::Segment;
use crate::stream::Moment;
use std::collections::BTreeMap;

/// How often something was met, where first and where last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How often.
    pub count: u64,
    /// The first time.
    pub first: Option<Moment>,
    /// The last time.
    pub last: Option<Moment>,
}

impl Tally {
    /// One more.
    pub(super) fn add(&mut self, moment: Moment) {
        self.count += 1;
        self.first.get_or_insert(moment);
        self.last = Some(moment);
    }
}

/// What kind of segment it is, for counts of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// SYN.
    Syn,
    /// SYN and ACK.
    SynAck,
    /// With data.
    Data,
    /// Neither data nor another flag than ACK.
    Ack,
    /// FIN.
    Fin,
    /// RST.
    Rst,
}

impl Class {
    /// The class of a segment.
    pub(super) fn of(segment: &Segment<'_>) -> Class {
        let flags = segment.flags;
        match (flags.syn(), flags.rst(), flags.fin()) {
            (true, ..) if flags.ack() => Class::SynAck,
            (true, ..) => Class::Syn,
            (_, true, _) => Class::Rst,
            (_, _, true) => Class::Fin,
            _ if !segment.payload.is_empty() || segment.missing > 0 => Class::Data,
            _ => Class::Ack,
        }
    }

    /// The stable word with hyphens.
    pub fn word(self) -> &'static str {
        match self {
            Class::Syn => "syn",
            Class::SynAck => "syn-ack",
            Class::Data => "data",
            Class::Ack => "ack",
            Class::Fin => "fin",
            Class::Rst => "rst",
        }
    }
}

/// Verdicts, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// Verified.
    pub verified: u64,
    /// Failed.
    pub failed: u64,
    /// Not verifiable.
    pub not_verifiable: u64,
}

/// What became of one direction's signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// All segments that are signed, or whose options were not captured.
    pub total: VerdictCounts,
    /// The same by kind of segment.
    pub by_class: BTreeMap<Class, VerdictCounts>,
    /// Why segments are not verifiable.
    pub reasons: BTreeMap<Reason, u64>,
    /// Segments by the key that verified them.
    pub keys: BTreeMap<usize, u64>,
    /// Verified segments whose other options are covered.
    pub options_covered: u64,
    /// Verified segments whose other options are not covered.
    pub options_omitted: u64,
    /// Verified segments that only the router's key can have signed, by addresses and KeyIDs.
    pub of_router: u64,
    /// Those that only the station's can.
    pub of_station: u64,
    /// The first segments that failed.
    pub failures: Vec<Moment>,
}

/// Failures whose places are kept.
const PLACES: usize = 5;

impl Verification {
    pub(super) fn add(&mut self, class: Class, verdict: Verdict, moment: Moment) {
        let by_class = self.by_class.entry(class).or_default();
        for counts in [&mut self.total, by_class] {
            match verdict {
                Verdict::Unsigned => {}
                Verdict::Verified(_) => counts.verified += 1,
                Verdict::Failed => counts.failed += 1,
                Verdict::NotVerifiable(_) => counts.not_verifiable += 1,
            }
        }
        match verdict {
            Verdict::Unsigned => {}
            Verdict::Verified(proof) => {
                *self.keys.entry(proof.key).or_default() += 1;
                self.options_covered += u64::from(proof.options == Some(true));
                self.options_omitted += u64::from(proof.options == Some(false));
                self.of_router += u64::from(proof.signer == Signer::Router);
                self.of_station += u64::from(proof.signer == Signer::Station);
            }
            Verdict::Failed if self.failures.len() < PLACES => self.failures.push(moment),
            Verdict::Failed => {}
            Verdict::NotVerifiable(reason) => *self.reasons.entry(reason).or_default() += 1,
        }
    }
}
