//! `defaults`: what routers do where nothing is configured, and what of it is dangerous to mix.

mod columns;
mod sheets;

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Notice, Outcome, OwnOption, Report, Request};
use crate::analysis::defaults::{
    Defaults, Fill, Question, RouterDefaults, Saved, VendorTable, defaults,
};
use crate::finding::Severity;
use crate::sheet::{self, Rows, Sheet};
use schemars::JsonSchema;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// The report.
pub const REPORT: Report = Report {
    name: DefaultsReport::NAME,
    about: "Default behaviour parameters by router, and mismatches across vendors",
    details: "Shows the default behaviour that routers report in their Initiation \
              (draft-zhuang-grow-monitoring-bgp-parameters-02), beside it the hold times and \
              capabilities of the OPENs that they send, and which values are dangerous or \
              surprising to mix, by which rule and why. Where a router reports nothing, \
              --baseline vendors fills in what is documented of its vendor. The exit code is 1 \
              where a mismatch is at or above --fail-on-mismatch.",
    examples: &[
        Example {
            about: "Which defaults do these routers have, and do they go together?",
            line: "bmpscope defaults lab-*.pcapng",
        },
        Example {
            about: "Also of routers that report nothing: what is documented, and where",
            line: "bmpscope defaults --baseline vendors --sources day.pcap",
        },
        Example {
            about: "What changed since the lab was approved?",
            line: "bmpscope defaults --save lab.json lab.pcap\n\
                   bmpscope defaults --against lab.json day.pcap",
        },
        Example {
            about: "Only what breaks something",
            line: "bmpscope defaults --json lab.pcap |\n    jq '.mismatches[] | select(.severity == \"error\")'",
        },
    ],
    options: &[
        BASELINE,
        SOURCES,
        VENDOR_TABLE,
        AGAINST,
        SAVE,
        FAIL_ON_MISMATCH,
    ],
    schema: super::envelope::schema::<DefaultsReport>,
    run,
};

const BASELINE: OwnOption = OwnOption::word(
    "baseline",
    "WHAT",
    &["none", "vendors"],
    "Fill what is not reported with documented defaults",
)
.or("none");

const SOURCES: OwnOption = OwnOption::flag(
    "sources",
    "List where the documented defaults of these routers were read",
);

const VENDOR_TABLE: OwnOption = OwnOption::path(
    "vendor-table",
    "Documented defaults (TOML) that count before the built-in ones",
)
.repeatable();

const AGAINST: OwnOption = OwnOption::path("against", "Compare with a report that --save has kept");

const SAVE: OwnOption = OwnOption::new_path("save", "Keep the report, as JSON, to compare with");

const FAIL_ON_MISMATCH: OwnOption = OwnOption::word(
    "fail-on-mismatch",
    "SEVERITY",
    Severity::WORDS,
    "Exit with 1 where a mismatch is this grave or graver; error where none is named",
)
.alone("error");

/// Default behaviour parameters of routers, and what of them is dangerous to mix.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DefaultsReport {
    /// The severity from which on a mismatch makes the exit code 1; null: none does.
    pub fail_on_mismatch: Option<Severity>,
    /// The answer.
    #[serde(flatten)]
    pub answer: Defaults,
}

impl Body for DefaultsReport {
    const NAME: &'static str = "defaults";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.answer.routers)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        sheets::sheets(&self.answer)
    }

    fn rows(&self) -> Option<Rows<'_>> {
        Some(sheets::rows(&self.answer))
    }

    fn exit(&self) -> u8 {
        let Some(least) = self.fail_on_mismatch else {
            return 0;
        };
        // The gravest severity is the least.
        let mut mismatches = self.answer.mismatches.iter();
        let against = self.answer.against.as_ref();
        let has_changed = against.is_some_and(|against| !against.changes.is_empty());
        let fails =
            mismatches.any(|one| one.severity <= least) || (has_changed && Severity::Note <= least);
        u8::from(fails)
    }
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    let question = question(given)?;
    let fail_on = given.text(&FAIL_ON_MISMATCH).and_then(Severity::from_word);
    let mut notice = None;
    let mut outcome = source::answer(request, |run| {
        let answer = defaults(&run.sessions, &question);
        notice = nothing_reported(&answer.routers, question.baseline);
        Answered::new(DefaultsReport {
            fail_on_mismatch: fail_on,
            answer,
        })
    })?;
    outcome.notices.extend(notice);
    let save = given.path(&SAVE);
    match outcome.unread.is_empty() {
        true => outcome.save = save.map(Path::to_owned),
        false => outcome.notices.extend(save.map(not_saved)),
    }
    Ok(outcome)
}

/// A report to compare with has to be about everything that it was asked of.
fn not_saved(path: &Path) -> Notice {
    Notice {
        severity: Severity::Warning,
        path: Some(path.display().to_string()),
        message: "not saved, because not every input could be read".to_owned(),
        hint: None,
    }
}

fn question(given: &Given) -> Result<Question, Failure> {
    let mut table = VendorTable::built_in();
    for path in given.paths(&VENDOR_TABLE) {
        table = read(path, VendorTable::parse)?.over(table);
    }
    let against = given.path(&AGAINST);
    Ok(Question {
        baseline: match given.text(&BASELINE) {
            Some("vendors") => Fill::Vendors,
            _ => Fill::None,
        },
        sources: given.has(&SOURCES),
        table,
        against: against.map(|path| read(path, Saved::parse)).transpose()?,
    })
}

/// Reads a file that an option names; an error says which one and why.
fn read<T>(path: &Path, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" (os error").next().unwrap_or_default();
        Failure::Usage(format!("{name}: cannot be read: {reason}"))
    })?;
    parse(&text).map_err(|error| Failure::Usage(format!("{name}: {error}")))
}

/// No router reports anything, as today's do: what there is to do about it.
fn nothing_reported(routers: &[RouterDefaults], baseline: Fill) -> Option<Notice> {
    let mut rows = routers.iter();
    let is_told = baseline == Fill::Vendors || routers.is_empty();
    if is_told || rows.any(|row| row.header.is_some()) {
        return None;
    }
    Some(Notice {
        severity: Severity::Note,
        path: None,
        message: "no router reports its default behaviour".to_owned(),
        hint: Some("--baseline vendors shows what is documented of their vendors".to_owned()),
    })
}
