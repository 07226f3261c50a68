//! `rpki validation`: the state of each route, as the router reported it and as it is computed here.

use super::collect::Collect;
use super::config;
use super::data::{self, ASPA, Captured, Inputs, SLURM, VRPS};
use super::evidence::{self, state_cell};
use super::missing::{missing, not_unicast, void};
use super::paths;
use super::relation::RELATION;
use super::told::CollectTold;
use crate::analysis::rpki::config::explain;
use crate::analysis::rpki::reported::ReportedRow;
use crate::analysis::rpki::routes::Routes;
use crate::analysis::rpki::rows::{
    ComputedRow, CountsRow, DataRow, ReportedCountsRow, RouteRow, StateWord, TotalRow, Validation,
    ViewRow, VrpRow,
};
use crate::analysis::rpki::validation::validation;
use crate::analysis::shape::PeerName;
use crate::pipeline::Run;
use crate::report::source::{self, Answered};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::rpki::Reason;
use crate::sheet::{self, Align, Cell, Rows, Sheet};
use std::hash::Hash;

/// The report.
pub const REPORT: Report = Report {
    name: Validation::NAME,
    about: "The state of each route, as reported and as computed",
    details: "Shows the validation state of routes: what the router says of them (RPKI_VALIDATION and \
              RPKI_IMPACT messages with the rules that were hit, path marking, route events, the \
              community of RFC 8097), and what VRPs and ASPAs say, with the reason and the VRPs \
              that cover them; where messages contradict themselves or the draft. ASPAs are looked \
              up in the direction that the neighbour's role gives (RFC 9234, from the OPENs or \
              --relation), else in both. The table has totals and what stands out; JSON and CSV have every \
              route.",
    examples: &[
        Example {
            about: "What these VRPs say of the routes",
            line: "bmpscope rpki validation day.pcap --vrps vrps.json",
        },
        Example {
            about: "Where routers say otherwise",
            line: "bmpscope rpki validation --json day.pcap --vrps vrps.json | jq '.disagreements'",
        },
        Example {
            about: "Paths that ASPAs contradict, AS64500 being a provider",
            line: "bmpscope rpki validation day.pcap --vrps vrps.json --relation 64500=provider",
        },
        Example {
            about: "Invalid routes, with local exceptions",
            line: "bmpscope rpki validation -f csv day.pcap --vrps vrps.csv --slurm own.json |\n    grep ,invalid,",
        },
    ],
    options: &[VRPS, ASPA, SLURM, RELATION],
    schema: crate::report::envelope::schema::<Validation>,
    run,
};

impl Body for Validation {
    const NAME: &'static str = "rpki-validation";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.routes)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        let mut sheets = vec![totals_sheet(self)];
        sheets.extend(self.data.as_ref().map(data_sheet));
        if !self.invalid_origins.is_empty() {
            sheets.push(origins_sheet(self));
            sheets.push(prefixes_sheet(self));
        }
        sheets.extend(paths::sheets(self));
        if !self.disagreements.is_empty() {
            sheets.push(disagreements_sheet(self));
        }
        sheets.extend(evidence::messages_sheet(self));
        sheets.extend(evidence::violations_sheet(self));
        sheets
    }

    fn rows(&self) -> Option<Rows<'_>> {
        Some(Rows {
            names: COLUMNS
                .iter()
                .chain(&paths::COLUMNS)
                .chain(&LAST_COLUMNS)
                .map(|name| (*name).to_owned())
                .collect(),
            rows: Box::new(self.routes.iter().map(route_cells)),
        })
    }
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    let inputs = Inputs::read(given)?;
    let mut notices = inputs.as_ref().map(Inputs::notices).unwrap_or_default();
    let told = (CollectTold::default(), config::Collect::default());
    let query = (Collect::default(), told);
    let mut outcome = source::answer_with(request, query, |run, (collected, (mut told, said))| {
        told.tell(run);
        let (routes, told) = (&collected.routes, &told.told);
        let captured = span_of(run, routes);
        let clock = inputs
            .as_ref()
            .and_then(|inputs| inputs.clock(span(run), captured));
        let data = inputs.map(|inputs| inputs.data(captured.0, captured.1));
        notices.extend(data::notice(data.as_ref(), captured));
        let mut answer = validation(routes, told, &run.sessions, data.as_ref());
        if let Some(data) = &data {
            let config = said.config(run);
            explain(&config, &mut answer.disagreements, &data.vrps);
        }
        let only_aspas = data.as_ref().is_some_and(|data| data.only_aspas);
        answer.missing = missing(&answer, only_aspas, captured);
        answer.missing.extend(clock);
        answer.missing.extend(data::without_earlier(request));
        answer.missing.extend(not_unicast(&run.sessions));
        answer.missing.extend(void(collected.routes.void()));
        Answered::new(answer)
    })?;
    outcome.notices.extend(notices);
    Ok(outcome)
}

/// From the first packet to the last.
pub(super) fn span(run: &Run) -> Captured {
    let first = run.inputs.iter().filter_map(|input| input.first_time);
    let last = run.inputs.iter().filter_map(|input| input.last_time);
    (first.min(), last.max())
}

/// The same; where no packet tells the time, from the earliest to the latest that routers tell.
pub(super) fn span_of<P: Eq + Hash>(run: &Run, routes: &Routes<P>) -> Captured {
    match (span(run), routes.told_times()) {
        ((None, None), Some((first, last))) => (Some(first), Some(last)),
        (captured, _) => captured,
    }
}

/// A view in a table, see [`with_view`].
pub(super) fn view_cells(view: &ViewRow) -> Vec<Cell> {
    cells_of(view, peer_cell(&view.peer), family_cell(view))
}

/// The same in CSV, where distinguisher and SAFI have columns of their own.
pub(super) fn view_values(view: &ViewRow) -> Vec<Cell> {
    cells_of(
        view,
        view.peer.address_text().into(),
        view.afi.as_str().into(),
    )
}

fn cells_of(view: &ViewRow, peer: Cell, family: Cell) -> Vec<Cell> {
    let router = view.router.map(|address| address.to_string());
    vec![
        view.session.into(),
        view.router_name.clone().or(router).into(),
        peer,
        view.peer.asn.into(),
        view.rib.word().into(),
        family,
    ]
}

/// The peer as tables name it.
pub(super) fn peer_cell(peer: &PeerName) -> Cell {
    peer.text().into()
}

/// `ipv4`; the SAFI beside it where it is another than unicast.
fn family_cell(view: &ViewRow) -> Cell {
    match view.safi.as_str() {
        "unicast" => view.afi.as_str().into(),
        safi => Cell::Text(format!("{} {safi}", view.afi)),
    }
}

/// The prefix, and the path identifier where there is one: `192.0.2.0/24 id 7`.
pub(super) fn prefix_cell(prefix: &str, path_id: Option<u32>) -> Cell {
    match path_id {
        Some(id) => Cell::Text(format!("{prefix} id {id}")),
        None => prefix.into(),
    }
}

pub(super) fn with_view(title: &str) -> Sheet {
    Sheet::new(title)
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS"])
        .left(["view", "family"])
        .keyed(["#", "peer", "view", "family"])
}

fn totals_sheet(answer: &Validation) -> Sheet {
    let rare = evidence::rare_columns(answer);
    let names: Vec<&str> = rare.iter().map(|(name, _)| *name).collect();
    let mut sheet = with_view("Routes by state")
        .main()
        .right([
            "routes",
            "valid",
            "invalid",
            "not found",
            "reported valid",
            "reported invalid",
            "reported not found",
        ])
        .with_columns(&names, Align::Right)
        .right(["withdrawn"]);
    for total in &answer.totals {
        sheet.row(total_cells(total, &rare));
    }
    answer.missing.iter().for_each(|line| sheet.note(line));
    sheet
}

fn total_cells(total: &TotalRow, rare: &[evidence::Column]) -> Vec<Cell> {
    let computed = |count: fn(&CountsRow) -> u64| total.computed.as_ref().map(count).into();
    let reported = |count: fn(&ReportedCountsRow) -> u64| {
        let is_any = total.reported.silent < total.routes;
        Cell::from(is_any.then(|| count(&total.reported)))
    };
    let mut cells = view_cells(&total.view);
    cells.extend([
        total.routes.into(),
        computed(|counts| counts.valid),
        computed(|counts| counts.invalid),
        computed(|counts| counts.not_found),
        reported(|counts| counts.valid),
        reported(|counts| counts.invalid),
        reported(|counts| counts.not_found),
    ]);
    cells.extend(rare.iter().map(|(_, count)| reported(*count)));
    cells.push(total.withdrawn.into());
    cells
}

pub(super) fn data_sheet(data: &DataRow) -> Sheet {
    let mut sheet = Sheet::new("Validated by")
        .left(["files"])
        .right(["VRPs IPv4", "VRPs IPv6", "ASPAs", "expired", "unreadable"])
        .left(["generated"])
        .right(["age at the capture's end"]);
    sheet.row([
        Cell::List(data.files.clone()),
        data.vrps_ipv4.into(),
        data.vrps_ipv6.into(),
        data.aspas.into(),
        data.expired.into(),
        data.unreadable.into(),
        data.last_generated.into(),
        data.age
            .map_or(Cell::Absent, |age| Cell::Seconds(age as f64)),
    ]);
    for one in &data.slurm {
        let idle = one.idle_filters.len();
        sheet.note(format!(
            "{}: {} VRPs left out, {} added; {idle} filters fitted nothing",
            one.file, one.filtered, one.added
        ));
    }
    sheet
}

/// The AS, or that there is none.
pub(super) fn origin_cell(origin: Option<u32>) -> Cell {
    origin.map_or_else(|| Cell::text("AS_SET"), Cell::from)
}

fn reason_cell(reasons: &[Reason]) -> Cell {
    let words = reasons.iter().map(|reason| reason.word().to_owned());
    Cell::List(words.collect())
}

fn origins_sheet(answer: &Validation) -> Sheet {
    let mut sheet = Sheet::new("Invalid by origin").right(["AS", "prefixes", "routes"]);
    for row in &answer.invalid_origins {
        let counts = [row.prefixes.into(), row.routes.into()];
        sheet.row([&[origin_cell(row.origin)], &counts[..]].concat());
    }
    sheet
}

fn prefixes_sheet(answer: &Validation) -> Sheet {
    let mut sheet = Sheet::new("Invalid prefixes")
        .left(["prefix"])
        .right(["AS"])
        .left(["why"])
        .right(["routes"])
        .keys(2);
    for row in &answer.invalid_prefixes {
        sheet.row([
            row.prefix.as_str().into(),
            origin_cell(row.origin),
            reason_cell(&row.reasons),
            row.routes.into(),
        ]);
    }
    sheet
}

/// Disagreements that a table shows; JSON has all.
const SHOWN: usize = 20;

fn disagreements_sheet(answer: &Validation) -> Sheet {
    let mut sheet = with_view("Reported and computed differ")
        .left(["prefix"])
        .right(["origin"])
        .left(["reported", "computed", "cause"])
        .keyed(["#", "peer", "view", "prefix"]);
    for row in answer.disagreements.iter().take(SHOWN) {
        let mut cells = view_cells(&row.view);
        cells.extend([
            prefix_cell(&row.prefix, row.path_id),
            origin_cell(row.origin),
            state_cell(row.reported.state),
            state_cell(row.computed),
            row.cause.word().into(),
        ]);
        sheet.row(cells);
    }
    let more = answer.disagreements.len().saturating_sub(SHOWN);
    if more > 0 {
        sheet.note(format!("{more} more: --json has all"));
    }
    sheet
}

/// The columns of CSV, which has a row for each route.
const COLUMNS: &[&str] = &[
    "session",
    "router",
    "peer",
    "asn",
    "rib",
    "afi",
    "prefix",
    "path_id",
    "origin",
    "stands",
    "reported",
    "reported_by",
    "state",
    "reasons",
    "matched",
    "unmatched_as",
    "unmatched_length",
];

/// Those behind the columns of paths.
const LAST_COLUMNS: [&str; 2] = ["distinguisher", "safi"];

fn route_cells(row: &RouteRow) -> Vec<Cell> {
    let computed = row.computed.as_ref();
    let vrps = |list: fn(&ComputedRow) -> &Vec<VrpRow>| {
        let words = computed.into_iter().flat_map(list).map(vrp_text);
        Cell::List(words.collect())
    };
    let mut cells = view_values(&row.view);
    cells.extend([
        row.prefix.as_str().into(),
        row.path_id.into(),
        origin_cell(row.origin),
        row.stands.into(),
        row.reported
            .as_ref()
            .map(|one| one.state.to_string())
            .into(),
        row.reported.as_ref().map(ReportedRow::how).into(),
        computed
            .and_then(|one| one.state)
            .map(StateWord::word)
            .into(),
        computed.map_or(Cell::Absent, |one| reason_cell(&one.reasons)),
        vrps(|one| &one.matched),
        vrps(|one| &one.unmatched_as),
        vrps(|one| &one.unmatched_length),
    ]);
    cells.extend(paths::cells(
        computed.and_then(|one| one.path_state.as_deref()),
    ));
    cells.extend([
        row.view.peer.distinguisher.clone().into(),
        row.view.safi.as_str().into(),
    ]);
    cells
}

/// `10.0.0.0/8-24 AS64500`.
fn vrp_text(vrp: &VrpRow) -> String {
    format!("{}-{} AS{}", vrp.prefix, vrp.max_length, vrp.asn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_identifier_stands_beside_the_prefix() {
        let cell = |id| prefix_cell("192.0.2.0/24", id);
        assert_eq!(cell(Some(7)), Cell::text("192.0.2.0/24 id 7"));
        assert_eq!(cell(None), Cell::text("192.0.2.0/24"));
    }
}
