//! `summary`: routers, BMP sessions, peers, message counts, capture quality.

use super::{Body, Envelope, Example, Failure, FindingCounts, Header, Outcome, Report, Request};
use crate::sheet::Sheet;
use schemars::JsonSchema;
use serde::Serialize;

/// The report.
pub const REPORT: Report = Report {
    name: Summary::NAME,
    about: "Routers, BMP sessions, peers, message counts, capture quality",
    details: "Says what a capture holds: which routers speak BMP to which station, how many \
              messages of each type they sent, how many routes they announced and withdrew, \
              and whether anything is missing.",
    examples: &[
        Example {
            about: "What is in this capture?",
            line: "bmpscope summary day.pcap",
        },
        Example {
            about: "Messages of each router, for a spreadsheet",
            line: "bmpscope summary --json day.pcap |\n    jq -r '.sessions[] | [.router.sys_name, .messages.total] | @tsv'",
        },
        Example {
            about: "From another tool, through a pipe",
            line: "tcpdump -r all.pcap -w - 'tcp port 1790' | bmpscope summary -",
        },
    ],
    schema: super::envelope::schema::<Summary>,
    run,
};

/// The answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Summary {
    /// The BMP sessions, by the time of their first message.
    pub sessions: Vec<String>,
}

impl Body for Summary {
    const NAME: &'static str = "summary";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        crate::sheet::elements(&self.sessions)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        vec![
            Sheet::new("BMP sessions")
                .left(["router", "station"])
                .right(["messages"])
                .main(),
        ]
    }
}

fn run(_request: &Request) -> Result<Outcome, Failure> {
    let answer = Envelope::new(Vec::new(), FindingCounts::default(), Summary::default());
    Ok(Outcome {
        answer: Some(Box::new(answer)),
        ..Outcome::default()
    })
}
