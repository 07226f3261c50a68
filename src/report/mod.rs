//! What bmpscope can be asked: one file per report, one line per report in [`REPORTS`].

pub mod auth;
pub mod capabilities;
pub mod check;
pub mod defaults;
pub mod envelope;
pub mod messages;
pub mod option;
pub mod peers;
pub mod rpki;
pub mod source;
pub mod stats;
pub mod summary;

pub use envelope::{Body, Envelope, FindingCounts, Header, InputRow};
pub use option::{Environment, Given, OwnOption, Takes};

use crate::pipeline::Request;

use crate::finding::{FindingLog, Severity};
use crate::sheet::Answer;
use schemars::Schema;
use std::io;
use std::path::PathBuf;

/// A question with one answer.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it tells, in a line.
    pub about: &'static str,
    /// What it tells, for the longer help.
    pub details: &'static str,
    /// Command lines to learn from.
    pub examples: &'static [Example],
    /// The options that only it has.
    pub options: &'static [OwnOption],
    /// The JSON Schema of its answer.
    pub schema: fn() -> Schema,
    /// Answers it, with what was given of its own options.
    pub run: fn(&Request, &Given) -> Result<Outcome, Failure>,
}

/// Reports that are asked for as `GROUP REPORT`: those whose names begin with the group's and a hyphen.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name on the command line.
    pub name: &'static str,
    /// What its reports are about, in a line.
    pub about: &'static str,
    /// The same, for the longer help.
    pub details: &'static str,
}

impl Report {
    /// The group that it belongs to, and the word that names it there: its name, if it is in none.
    pub fn command(&self) -> (Option<&'static Group>, &'static str) {
        let member = |group: &'static Group| {
            let word = self.name.strip_prefix(group.name)?.strip_prefix('-')?;
            Some((Some(group), word))
        };
        GROUPS.iter().find_map(member).unwrap_or((None, self.name))
    }

    /// The command as typed: `summary`, `rpki validation`.
    pub fn typed(&self) -> String {
        match self.command() {
            (Some(group), word) => format!("{} {word}", group.name),
            (None, word) => word.to_owned(),
        }
    }
}

/// A command line to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it does.
    pub about: &'static str,
    /// The command line, as typed.
    pub line: &'static str,
}

/// Every report, in the order in which help lists them.
pub static REPORTS: &[Report] = &[
    summary::REPORT,
    peers::REPORT,
    capabilities::REPORT,
    defaults::REPORT,
    rpki::config::REPORT,
    rpki::validation::REPORT,
    rpki::impact::REPORT,
    rpki::stats::REPORT,
    auth::REPORT,
    stats::REPORT,
    check::REPORT,
];

/// Every group of reports.
pub static GROUPS: &[Group] = &[rpki::GROUP];

/// The schema of a report or of the lines of `messages`, by name.
pub fn schema(name: &str) -> Option<Schema> {
    if name == messages::NAME {
        return Some(messages::schema());
    }
    let report = REPORTS.iter().find(|report| report.name == name)?;
    Some((report.schema)())
}

/// Everything that has a schema.
pub fn schema_names() -> impl Iterator<Item = &'static str> {
    let reports = REPORTS.iter().map(|report| report.name);
    reports.chain([messages::NAME])
}

/// How a question came out.
#[derive(Default)]
pub struct Outcome {
    /// The answer; none where no input could be read, or where it has gone out as a stream.
    pub answer: Option<Box<dyn Answer>>,
    /// Inputs that could not be read.
    pub unread: Vec<Unread>,
    /// What a person should be told beside the answer.
    pub notices: Vec<Notice>,
    /// Everything odd, for those who want to hear it.
    pub findings: FindingLog,
    /// Where to keep the answer, as JSON, beside where it is shown.
    pub save: Option<PathBuf>,
}

/// An input that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The path as given.
    pub path: String,
    /// What is wrong with it, and what to do.
    pub message: String,
}

/// Something to tell a person beside the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters: notes are only told when asked for.
    pub severity: Severity,
    /// The input it is about, if it is about one.
    pub path: Option<String>,
    /// What there is to tell.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Why there is no answer at all.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What was asked cannot be done as asked.
    #[error("{0}")]
    Usage(String),
    /// The answer could not be written.
    #[error("{0}")]
    Output(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_and_messages_have_a_schema_with_their_name() {
        for name in schema_names() {
            let schema = schema(name).unwrap();
            let title = schema.get("title").and_then(|title| title.as_str());
            assert_eq!(title, Some(&*format!("bmpscope/{name}/1")));
        }
        assert!(schema("nothing").is_none());
    }

    #[test]
    fn a_report_of_a_group_is_asked_for_by_two_words() {
        let validation = &rpki::validation::REPORT;
        let (group, word) = validation.command();
        assert_eq!((group.unwrap().name, word), ("rpki", "validation"));
        assert_eq!(validation.typed(), "rpki validation");
        assert_eq!(summary::REPORT.typed(), "summary");
    }

    #[test]
    fn examples_begin_with_the_program_and_name_the_report() {
        for report in REPORTS {
            for example in report.examples {
                assert!(example.line.contains("bmpscope "), "{}", example.line);
                assert!(example.line.contains(&report.typed()), "{}", example.line);
            }
        }
    }
}
