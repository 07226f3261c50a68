//! What became of a TLS connection, and what was odd about it.

use super::clear::version_name;
use super::suite::CipherSuite;
use crate::stream::{DirectionId, Moment};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Its records were opened.
    Decrypted,
    /// The key logs have no secret for it, or none for the direction with the data.
    NoSecret,
    /// A hello was not captured, so that nothing says which secrets are its own.
    NoHandshake,
    /// Its cipher suite is not read here.
    Suite(CipherSuite),
    /// Its version is not read here.
    Version(u16),
    /// The key logs have secrets for it, but not those of its records.
    NotAuthentic,
    /// Too much was held for connections that could not be read yet.
    TooMuchHeld,
    /// The capture's snaplen left no record with application data whole.
    Snaplen,
    /// No record with application data was captured whole.
    DataMissing,
}

impl Outcome {
    /// The stable word with hyphens.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Decrypted => "decrypted",
            Outcome::NoSecret => "no-secret",
            Outcome::NoHandshake => "no-handshake",
            Outcome::Suite(_) => "suite-not-read",
            Outcome::Version(_) => "version-not-read",
            Outcome::NotAuthentic => "not-authentic",
            Outcome::TooMuchHeld => "too-much-held",
            Outcome::Snaplen => "snaplen",
            Outcome::DataMissing => "data-missing",
        }
    }

    /// Why it is not decrypted, for a person; none where it is.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Outcome::Decrypted => None,
            Outcome::NoSecret => {
                Some("no secret for this client random in the key logs, or for one direction alone")
            }
            Outcome::NoHandshake => {
                Some("a hello was not captured, so that its secrets cannot be found")
            }
            Outcome::Suite(_) => Some("only AES-GCM and ChaCha20-Poly1305 are decrypted"),
            Outcome::Version(_) => Some("only TLS 1.2 and 1.3 are decrypted"),
            Outcome::NotAuthentic => {
                Some("its records do not authenticate with the secrets of the key logs")
            }
            Outcome::TooMuchHeld => Some("too much waited for the hellos of TLS connections"),
            Outcome::Snaplen => {
                Some("the capture's snaplen cut its records: no application data could be read")
            }
            Outcome::DataMissing => {
                Some("segments were not captured: no application data could be read")
            }
        }
    }

    /// What it is that is not read: a cipher suite, a version.
    pub fn what(self) -> Option<String> {
        match self {
            Outcome::Suite(suite) => {
                let number = || format!("cipher suite 0x{:04x}", suite.0);
                Some(suite.word().map_or_else(number, str::to_owned))
            }
            Outcome::Version(version) => Some(version_name(version)),
            _ => None,
        }
    }
}

/// Something odd about a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// The kind of finding.
    pub kind: &'static str,
    /// What happened.
    pub message: &'static str,
    /// Where.
    pub direction: DirectionId,
    /// Where in the plaintext.
    pub offset: u64,
    /// Octets that it concerns; 0 where that is not known.
    pub octets: u64,
    /// The segment that showed it.
    pub moment: Moment,
}

/// What was odd, and how often: the first few places of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<(Problem, u64)>);

impl Problems {
    /// Places kept of a kind.
    const PLACES: usize = 10;

    pub(super) fn add(&mut self, problem: Problem) {
        let alike = |row: &&mut (Problem, u64)| row.0.kind == problem.kind;
        let places = self.0.iter_mut().filter(alike).count();
        match self.0.iter_mut().rfind(alike) {
            Some((_, count)) if places >= Problems::PLACES => *count += 1,
            _ => self.0.push((problem, 1)),
        }
    }

    /// Each with how many it stands for.
    pub fn iter(&self) -> impl Iterator<Item = &(Problem, u64)> {
        self.0.iter()
    }
}
