//! `rpki validation`: the state of each route, as the router reported it and as it is computed here.

use crate::report::source::{self, Answered};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::sheet::Sheet;
use schemars::JsonSchema;
use serde::Serialize;

/// The report.
pub const REPORT: Report = Report {
    name: Validation::NAME,
    about: "The state of each route, as reported and as computed",
    details: "Shows the validation state of each route.",
    examples: &[Example {
        about: "The state of each route by these VRPs",
        line: "bmpscope rpki validation day.pcap",
    }],
    options: &[],
    schema: crate::report::envelope::schema::<Validation>,
    run,
};

/// The validation states of routes.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Validation {}

impl Body for Validation {
    const NAME: &'static str = "rpki-validation";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        Vec::new()
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        Vec::new()
    }
}

fn run(request: &Request, _given: &Given) -> Result<Outcome, Failure> {
    source::answer(request, |_| Answered::new(Validation {}))
}
