//! `check`: everything odd about a capture and what it holds, grouped, with an exit code for scripts.

mod malformed;

use super::rpki::config;
use super::rpki::told::CollectTold;
use super::source::{self, Answered};
use super::stats;
use super::{
    Body, Example, Failure, FindingCounts, Given, Header, Outcome, OwnOption, Report, Request,
};
use crate::analysis::findings::{FindingRow, findings};
use crate::finding::{Place, Severity};
use crate::pipeline::Run;
use crate::sheet::{self, Cell, Sheet, Tone};
use schemars::JsonSchema;
use serde::Serialize;

/// The report.
pub const REPORT: Report = Report {
    name: Check::NAME,
    about: "Findings: what is damaged, missing, or breaks an RFC",
    details: "Lists everything odd about the files, their TCP streams and the messages in them: \
              what it is, how often it occurs, where first, and which text says so. The exit code \
              is 1 where a finding is at or above --fail-on.",
    examples: &[
        Example {
            about: "Is anything wrong with this capture?",
            line: "bmpscope check day.pcap",
        },
        Example {
            about: "In a script: fail where anything is missing, too",
            line: "bmpscope check --fail-on warning day.pcap",
        },
        Example {
            about: "The packets that hold undecodable messages",
            line: "bmpscope check --json day.pcap |\n    jq '.findings[] | select(.kind == \"undecodable-message\") | .places[].packet'",
        },
    ],
    options: &[FAIL_ON],
    schema: super::envelope::schema::<Check>,
    run,
};

const FAIL_ON: OwnOption = OwnOption::word(
    "fail-on",
    "SEVERITY",
    Severity::WORDS,
    "Exit with 1 where a finding is this grave or graver",
)
.or("error");

/// The findings of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Check {
    /// The severity from which on a finding makes the exit code 1.
    pub fail_on: Severity,
    /// How many findings there were, by severity.
    pub totals: FindingCounts,
    /// The findings, by severity, then count, then kind and session.
    pub findings: Vec<FindingRow>,
}

impl Body for Check {
    const NAME: &'static str = "check";
    const LISTS_FINDINGS: bool = true;

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.findings)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        vec![findings_sheet(self)]
    }

    fn exit(&self) -> u8 {
        // The gravest severity is the least.
        let fails = |row: &FindingRow| row.severity <= self.fail_on;
        u8::from(self.findings.iter().any(fails))
    }
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    let fail_on = given.text(&FAIL_ON).and_then(Severity::from_word);
    let fail_on = fail_on.unwrap_or(Severity::Error);
    let rpki = (config::Collect::default(), CollectTold::default());
    let query = (
        stats::Collect::default(),
        (malformed::Collect::default(), rpki),
    );
    source::answer_with(
        request,
        query,
        |run, (statistics, (malformed, (configured, mut told)))| {
            statistics.tell(run);
            malformed.tell(run);
            configured.tell(run);
            told.tell(run);
            if request.is_filtered() {
                run.drop_unasked(request);
            }
            Answered::new(check(run, fail_on)).telling_findings()
        },
    )
}

fn check(run: &Run, fail_on: Severity) -> Check {
    Check {
        fail_on,
        totals: FindingCounts::from(&run.findings),
        findings: findings(&run.findings, &run.sessions),
    }
}

fn findings_sheet(check: &Check) -> Sheet {
    let mut sheet = Sheet::new("Findings")
        .left(["severity", "kind"])
        .right(["count", "session"])
        .left(["router", "peer", "view"])
        .left(["first place", "message", "reference"])
        .keyed(["severity", "kind", "session", "peer", "view"])
        .main();
    check.findings.iter().for_each(|row| sheet.row(cells(row)));
    if !check.findings.is_empty() {
        sheet.note(check.totals.to_string());
    }
    sheet
}

fn cells(row: &FindingRow) -> Vec<Cell> {
    let router = row.router.map(|address| address.to_string());
    vec![
        Cell::Word(row.severity.word().to_owned(), Tone::from(row.severity)),
        Cell::Text(row.kind.to_owned()),
        row.count.into(),
        row.session.into(),
        row.router_name.clone().or(router).into(),
        row.peer.clone().into(),
        row.rib.into(),
        row.places.first().and_then(place_text).into(),
        row.message.as_str().into(),
        row.reference.into(),
    ]
}

/// `day.pcap, packet 12, octet 45 of the message at 8123`: as much of it as is known.
fn place_text(place: &Place) -> Option<String> {
    let octet = match (place.offset, place.stream_offset) {
        (Some(octet), Some(start)) => Some(format!("octet {octet} of the message at {start}")),
        (Some(octet), None) => Some(format!("octet {octet}")),
        (None, Some(start)) => Some(format!("octet {start} of the stream")),
        (None, None) => None,
    };
    let parts = [
        place.file.clone(),
        place.packet.map(|packet| format!("packet {packet}")),
        octet,
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(severity: Severity) -> FindingRow {
        FindingRow {
            severity,
            kind: "undecodable-message",
            reference: Some("RFC 7854 4"),
            count: 2,
            message: "Type at byte 6: needs 9 bytes".to_owned(),
            session: Some(1),
            router: Some([192, 0, 2, 1].into()),
            router_name: None,
            peer: None,
            rib: None,
            octets: None,
            places: vec![Place {
                session: Some(1),
                file: Some("a.pcap".to_owned()),
                packet: Some(12),
                stream_offset: Some(8123),
                offset: Some(45),
                ..Place::default()
            }],
        }
    }

    fn checked(fail_on: Severity, found: &[Severity]) -> Check {
        Check {
            fail_on,
            totals: FindingCounts::default(),
            findings: found.iter().map(|severity| row(*severity)).collect(),
        }
    }

    #[test]
    fn it_fails_at_the_severity_asked_for_and_above() {
        use Severity::{Error, Note, Warning};
        let exit = |fail_on, found: &[Severity]| checked(fail_on, found).exit();
        assert_eq!(exit(Note, &[]), 0);
        assert_eq!(exit(Error, &[Warning, Note]), 0);
        assert_eq!(exit(Error, &[Error, Note]), 1);
        assert_eq!(exit(Warning, &[Note]), 0);
        assert_eq!(exit(Warning, &[Warning]), 1);
        assert_eq!(exit(Warning, &[Error]), 1);
        assert_eq!(exit(Note, &[Note]), 1);
    }

    #[test]
    fn a_row_tells_severity_kind_count_place_and_reference() {
        let sheet = findings_sheet(&checked(Severity::Error, &[Severity::Error]));
        let place = "a.pcap, packet 12, octet 45 of the message at 8123";
        let expected = [
            Cell::Word("error".to_owned(), Tone::Bad),
            "undecodable-message".into(),
            2u64.into(),
            1u64.into(),
            "192.0.2.1".into(),
            Cell::Absent,
            Cell::Absent,
            place.into(),
            "Type at byte 6: needs 9 bytes".into(),
            "RFC 7854 4".into(),
        ];
        assert_eq!(sheet.rows, [expected]);
        assert_eq!(sheet.rows[0].len(), sheet.columns.len());
    }

    #[test]
    fn a_place_is_told_as_far_as_it_is_known() {
        assert_eq!(place_text(&Place::default()), None);
        let place = Place {
            file: Some("a.pcap".to_owned()),
            ..Place::default()
        };
        assert_eq!(place_text(&place).as_deref(), Some("a.pcap"));
    }

    #[test]
    fn in_json_findings_are_the_list_and_totals_the_counts() {
        let counts = FindingCounts::default();
        let body = checked(Severity::Error, &[Severity::Error]);
        let report = super::super::Envelope::new(Vec::new(), counts, body);
        let text = serde_json::to_string(&report).unwrap();
        assert_eq!(text.matches("\"findings\"").count(), 1, "{text}");
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["findings"][0]["places"][0]["packet"], 12);
        let schema = serde_json::to_value((REPORT.schema)()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let error = validator.iter_errors(&json).next();
        assert!(error.is_none(), "{error:?}");
        assert_eq!(schema["properties"]["findings"]["type"], "array");
    }
}
