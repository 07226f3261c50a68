//! `rpki impact`: what the RPKI changes in routing.

mod missing;
mod sheets;

use super::collect::{Collect, OfAttributes, route_path};
use super::data::{self, ASPA, Inputs, SLURM, VRPS};
use super::relation::RELATION;
use super::reported_impact::CollectImpact;
use super::told::CollectTold;
use super::validation::{span, span_of};
use crate::analysis::rpki::impact::attributes::Attributes;
use crate::analysis::rpki::impact::rows::Impact;
use crate::analysis::rpki::impact::{Scenario, inferred};
use crate::analysis::rpki::reported_impact::reported;
use crate::analysis::rpki::routes::Routes;
use crate::analysis::rpki::validation::{Data, data_row};
use crate::bgp::attribute::PathAttributes;
use crate::pipeline::Run;
use crate::report::source::{self, Answered};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, OwnOption, Report, Request};
use crate::sheet::{self, Rows, Sheet};

const WHAT_IF: OwnOption = OwnOption::word(
    "what-if",
    "POLICY",
    &["drop-invalid", "prefer-valid"],
    "What would change if every router did this from now on",
);

/// The report.
pub const REPORT: Report = Report {
    name: Impact::NAME,
    about: "What the RPKI changes in routing, or would change",
    details: "Compares each peer's routes before and after policy, and tells what became of invalid \
              ones: dropped, deprioritised, tagged or accepted; which route is best with and without \
              the RPKI, and which step of selection says so; and what is left of prefixes that lose \
              their routes. --what-if asks the same of a policy that routers do not have yet.",
    examples: &[
        Example {
            about: "What the routers' policies do to invalid routes",
            line: "bmpscope rpki impact day.pcap --vrps vrps.json",
        },
        Example {
            about: "Prefixes that would be lost if every router dropped invalid routes",
            line: "bmpscope rpki impact --json day.pcap --vrps vrps.json --what-if drop-invalid |\n    jq -r '.what_if.prefixes[] | select(.class == \"unreachable\") | .prefix'",
        },
    ],
    options: &[VRPS, ASPA, SLURM, RELATION, WHAT_IF],
    schema: crate::report::envelope::schema::<Impact>,
    run,
};

impl OfAttributes for Attributes {
    fn of(attributes: &PathAttributes<'_>) -> Attributes {
        Attributes::of(attributes, route_path(attributes))
    }
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    let inputs = Inputs::read(given)?;
    let mut notices = inputs.as_ref().map(Inputs::notices).unwrap_or_default();
    let what_if = match given.text(&WHAT_IF) {
        Some("drop-invalid") => Some(Scenario::DropInvalid),
        Some(_) => Some(Scenario::PreferValid),
        None => None,
    };
    let messages = (CollectImpact::default(), CollectTold::default());
    let query = (Collect::<Attributes>::default(), messages);
    let mut outcome = source::answer_with(request, query, |run, (collected, (told, mut said))| {
        said.tell(run);
        let captured = span_of(run, &collected.routes);
        let clock = inputs
            .as_ref()
            .and_then(|inputs| inputs.clock(span(run), captured));
        let data = inputs.map(|inputs| inputs.data(captured.0, captured.1));
        notices.extend(data::notice(data.as_ref(), captured));
        let mut answer = impact(run, &collected.routes, data.as_ref(), what_if);
        answer.reported = reported(&told.impacts, &run.sessions);
        answer.reported_left_out = told.impacts.left_out();
        answer.missing = missing::missing(&answer, what_if, &run.sessions);
        answer.missing.extend(clock);
        answer.missing.extend(data::without_earlier(request));
        if !request.peers.is_empty() {
            answer.missing.push(missing::OTHER_PEERS.to_owned());
        }
        if data.as_ref().is_some_and(|data| data.only_aspas) {
            answer.missing.push(missing::ONLY_ASPAS.to_owned());
        }
        Answered::new(answer)
    })?;
    outcome.notices.extend(notices);
    Ok(outcome)
}

fn impact(
    run: &Run,
    routes: &Routes<Attributes>,
    data: Option<&Data>,
    what_if: Option<Scenario>,
) -> Impact {
    let infer = |scenario| data.map(|data| inferred(routes, &run.sessions, data, scenario));
    Impact {
        data: data.map(|data| data_row(data, &run.sessions)),
        missing: Vec::new(),
        reported: Vec::new(),
        reported_left_out: 0,
        inferred: infer(Scenario::AsSeen),
        what_if: what_if.and_then(infer),
        left_out: routes.left_out(),
    }
}

impl Body for Impact {
    const NAME: &'static str = "rpki-impact";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        let mut elements = sheet::elements(&self.reported);
        let asked = self.what_if.as_ref().or(self.inferred.as_ref());
        elements.extend(
            asked
                .into_iter()
                .flat_map(|asked| sheet::elements(&asked.prefixes)),
        );
        elements
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        sheets::sheets(self)
    }

    fn rows(&self) -> Option<Rows<'_>> {
        Some(sheets::rows(self))
    }
}
