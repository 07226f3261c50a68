//! `rpki impact`: what the RPKI changes in routing.

use super::collect::{Collect, OfAttributes, route_path};
use super::data::{self, ASPA, Inputs, SLURM, VRPS};
use super::relation::RELATION;
use super::validation::span;
use crate::analysis::quality::{QualityRow, QualityState};
use crate::analysis::rpki::impact::attributes::{Attributes, path_text};
use crate::analysis::rpki::impact::rows::{
    BestRow, Impact, Inferred, PolicyRow, PrefixImpactRow, RouteSide, TableRow, TotalRow,
};
use crate::analysis::rpki::impact::{Class, Scenario, inferred};
use crate::analysis::rpki::rows::StateWord;
use crate::analysis::rpki::validation::{Data, data_row};
use crate::bgp::attribute::PathAttributes;
use crate::pipeline::Run;
use crate::report::source::{self, Answered};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, OwnOption, Report, Request};
use crate::sheet::{self, Cell, Rows, Sheet, Tone};

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
    let collect: Collect<Attributes> = Collect::default();
    let mut outcome = source::answer_with(request, collect, |run, collected| {
        let captured = span(run);
        let data = inputs.map(|inputs| inputs.data(captured.0, captured.1));
        notices.extend(data::notice(data.as_ref(), captured));
        Answered::new(impact(run, &collected, data.as_ref(), what_if))
    })?;
    outcome.notices.extend(notices);
    Ok(outcome)
}

fn impact(
    run: &Run,
    collected: &Collect<Attributes>,
    data: Option<&Data>,
    what_if: Option<Scenario>,
) -> Impact {
    let routes = &collected.routes;
    let infer = |scenario| data.map(|data| inferred(routes, &run.sessions, data, scenario));
    let mut answer = Impact {
        data: data.map(|data| data_row(data, &run.sessions)),
        missing: Vec::new(),
        inferred: infer(Scenario::AsSeen),
        what_if: what_if.and_then(infer),
        left_out: routes.left_out(),
    };
    answer.missing = missing(&answer, what_if);
    answer.missing.extend(incomplete(run));
    answer
}

/// Sessions of which something was not captured.
fn incomplete(run: &Run) -> Option<String> {
    let all = run.sessions.len();
    let quality = run.sessions.iter().map(QualityRow::of);
    let count = quality
        .filter(|one| one.state == QualityState::Incomplete)
        .count();
    (count > 0).then(|| {
        format!(
            "{count} of {all} sessions are not whole in the capture ('summary' tells why): routes may be missing \
             from their views"
        )
    })
}

/// What would make the answer better.
fn missing(answer: &Impact, what_if: Option<Scenario>) -> Vec<String> {
    let mut missing = Vec::new();
    let Some(inferred) = &answer.inferred else {
        let asked = what_if.map_or("", |_| ", and nothing can be said of --what-if");
        missing.push(format!(
            "no VRPs: it is not known which routes are invalid{asked}; --vrps FILE tells (the output of a \
             validator, such as 'routinator vrps -f json' or rpki-client's json)"
        ));
        return missing;
    };
    if inferred.policies.is_empty() {
        missing.push(
            "no routes of peers: the capture has no Adj-RIB-In; routers show it where BMP is told to monitor \
             pre-policy and post-policy"
                .to_owned(),
        );
    }
    missing.extend(unseen(&inferred.policies));
    missing.extend(without_loc_rib(inferred));
    missing
}

/// What of policies is not seen.
fn unseen(policies: &[PolicyRow]) -> Vec<String> {
    let all = policies.len();
    let count = |is_so: fn(&PolicyRow) -> bool| policies.iter().filter(|row| is_so(row)).count();
    let lines = [
        (
            count(|row| !row.shows_pre_policy),
            "without pre-policy routes: what policy drops of theirs is not seen",
        ),
        (
            count(|row| !row.shows_post_policy),
            "without post-policy routes: what policy does to theirs is not seen",
        ),
        (
            count(|row| row.unannounced_withdrawals > 0 && row.shows_post_policy),
            "with pre-policy withdrawals of routes never announced: some routers show denied routes so, and \
             what these were is not in the capture",
        ),
    ];
    let told = lines.into_iter().filter(|(count, _)| *count > 0);
    told.map(|(count, what)| format!("{count} of {all} peers {what}"))
        .collect()
}

fn without_loc_rib(inferred: &Inferred) -> Option<String> {
    let tables = inferred.totals.iter();
    let count = tables.filter(|total| !total.shows_loc_rib).count();
    (count > 0).then(|| {
        format!(
            "{count} of {} tables without Loc-RIB: their best routes are selected here, among the routes shown",
            inferred.totals.len()
        )
    })
}

impl Body for Impact {
    const NAME: &'static str = "rpki-impact";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        let asked = self.what_if.as_ref().or(self.inferred.as_ref());
        asked.map_or_else(Vec::new, |asked| sheet::elements(&asked.prefixes))
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        let mut sheets = Vec::new();
        if let Some(inferred) = &self.inferred {
            sheets.push(policies_sheet(inferred));
            sheets.push(totals_sheet(inferred));
            sheets.extend(prefixes_sheet(inferred));
        }
        if let Some(what_if) = &self.what_if {
            sheets.push(totals_sheet(what_if));
            sheets.extend(prefixes_sheet(what_if));
        }
        if sheets.is_empty() {
            sheets.push(Sheet::new("Impact").main());
        }
        if let Some(first) = sheets.first_mut() {
            self.missing.iter().for_each(|line| first.note(line));
        }
        sheets
    }

    fn rows(&self) -> Option<Rows<'_>> {
        let asked = self.what_if.as_ref().or(self.inferred.as_ref());
        let prefixes = asked.map_or(&[][..], |asked| &asked.prefixes);
        Some(Rows {
            names: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            rows: Box::new(prefixes.iter().map(csv_cells)),
        })
    }
}

fn table_cells(table: &TableRow) -> Vec<Cell> {
    let router = table.router.map(|address| address.to_string());
    let name = table.router_name.clone().or(router);
    let name = match (&name, &table.distinguisher) {
        (Some(name), Some(distinguisher)) => Some(format!("{name} {distinguisher}")),
        _ => name,
    };
    vec![table.session.into(), name.into()]
}

fn policies_sheet(inferred: &Inferred) -> Sheet {
    let mut sheet = Sheet::new("What inbound policies do to invalid routes")
        .main()
        .right(["#"])
        .left(["router", "peer"])
        .right([
            "AS",
            "invalid",
            "dropped",
            "deprioritised",
            "tagged",
            "accepted",
            "looped",
            "not shown",
            "others",
            "of these dropped",
        ])
        .keys(4);
    let has_routes = |row: &&PolicyRow| row.states.iter().any(|state| state.routes > 0);
    for row in inferred.policies.iter().filter(has_routes) {
        sheet.row(policy_cells(row));
    }
    sheet
}

fn policy_cells(row: &PolicyRow) -> Vec<Cell> {
    let mut cells = table_cells(&row.table);
    let invalid = |one: &&_| is_invalid(one);
    let count = |of: fn(&crate::analysis::rpki::impact::rows::PolicyStateRow) -> u64| -> Cell {
        row.states
            .iter()
            .filter(invalid)
            .map(of)
            .sum::<u64>()
            .into()
    };
    let others = || row.states.iter().filter(|one| !is_invalid(one));
    cells.extend([
        row.peer.address.into(),
        row.peer.asn.into(),
        count(|one| one.routes),
        count(|one| one.dropped),
        count(|one| one.deprioritised),
        count(|one| one.tagged),
        count(|one| one.accepted),
        count(|one| one.looped),
        count(|one| one.not_shown),
        others().map(|one| one.routes).sum::<u64>().into(),
        others().map(|one| one.dropped).sum::<u64>().into(),
    ]);
    cells
}

fn is_invalid(row: &crate::analysis::rpki::impact::rows::PolicyStateRow) -> bool {
    row.state == StateWord::Invalid
}

fn title(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::AsSeen => "Prefixes with invalid routes: with the RPKI, against without",
        Scenario::DropInvalid => "What if invalid routes were dropped: prefixes by class",
        Scenario::PreferValid => "What if valid routes were preferred: prefixes by class",
    }
}

fn totals_sheet(inferred: &Inferred) -> Sheet {
    let occurs = |class: &Class| {
        inferred
            .totals
            .iter()
            .any(|total| of_class(total, *class) > 0)
    };
    let classes: Vec<Class> = Class::ALL.into_iter().filter(occurs).collect();
    let mut sheet = Sheet::new(title(inferred.scenario))
        .right(["#"])
        .left(["router"])
        .right(["prefixes", "changed"])
        .keys(2);
    for class in &classes {
        sheet = sheet.right([class.word()]);
    }
    for total in &inferred.totals {
        let mut cells = table_cells(&total.table);
        cells.extend([total.prefixes.into(), total.changed.into()]);
        cells.extend(classes.iter().map(|class| of_class(total, *class).into()));
        sheet.row(cells);
    }
    if inferred.totals.is_empty() {
        sheet.note("no invalid route");
    }
    sheet_notes(inferred).for_each(|note| sheet.note(note));
    sheet
}

fn of_class(total: &TotalRow, class: Class) -> u64 {
    total.classes.get(class.word()).copied().unwrap_or(0)
}

/// How far the answer is to be trusted.
fn sheet_notes(inferred: &Inferred) -> impl Iterator<Item = String> {
    let doubtful: u64 = inferred
        .totals
        .iter()
        .map(|row| row.changed_by_unselective)
        .sum();
    let doubt = (doubtful > 0).then(|| {
        format!(
            "{doubtful} of the changed are lost to policies that treat other routes alike: the RPKI may not be the reason"
        )
    });
    doubt.into_iter().chain(agreement(inferred))
}

/// How far selection is to be trusted here.
fn agreement(inferred: &Inferred) -> Option<String> {
    let compared: u64 = inferred.totals.iter().map(|row| row.compared).sum();
    let agreeing: u64 = inferred.totals.iter().map(|row| row.agreeing).sum();
    (compared > 0 && inferred.scenario == Scenario::AsSeen).then(|| {
        format!(
            "selecting as RFC 4271 says names the router's own choice for {agreeing} of {compared} prefixes"
        )
    })
}

/// Prefixes that a table shows; JSON has all.
const SHOWN: usize = 20;

/// The prefixes that change, worst first.
fn prefixes_sheet(inferred: &Inferred) -> Option<Sheet> {
    let mut changed: Vec<&PrefixImpactRow> =
        inferred.prefixes.iter().filter(|row| row.changed).collect();
    changed.sort_by_key(|row| row.class);
    if changed.is_empty() {
        return None;
    }
    let mut sheet = Sheet::new("Prefixes whose best route changes")
        .right(["#"])
        .left(["router", "prefix", "class", "before", "after", "decided by"])
        .keys(3);
    for row in changed.iter().take(SHOWN) {
        sheet.row(prefix_cells(row));
    }
    let more = changed.len().saturating_sub(SHOWN);
    if more > 0 {
        sheet.note(format!("{more} more: --json has all"));
    }
    Some(sheet)
}

fn prefix_cells(row: &PrefixImpactRow) -> Vec<Cell> {
    let mut cells = table_cells(&row.table);
    let after = row.after.as_ref().or(row.covering.as_ref());
    cells.extend([
        row.prefix.as_str().into(),
        class_cell(row.class),
        row.before
            .as_ref()
            .map(|best| text(&best.route, &row.prefix))
            .into(),
        after.map(|best| text(&best.route, &row.prefix)).into(),
        decided(row).into(),
    ]);
    cells
}

fn class_cell(class: Class) -> Cell {
    let tone = match class {
        Class::Unreachable => Tone::Bad,
        Class::CoveredByValid | Class::CoveredByNotFound | Class::CoveredByInvalid => Tone::Warning,
        Class::AlternateValid => Tone::Good,
        _ => Tone::Faint,
    };
    Cell::Word(class.word().to_owned(), tone)
}

/// `invalid 64998 1299 from 10.0.0.6`; with its prefix where that is another one.
fn text(route: &RouteSide, prefix: &str) -> String {
    let other = match route.prefix == prefix {
        true => String::new(),
        false => format!("{} ", route.prefix),
    };
    let peer = route.peer.as_ref().and_then(|peer| peer.address);
    let from = peer.map_or_else(String::new, |peer| format!(" from {peer}"));
    let path = path_text(&route.as_path);
    let path = if path.is_empty() {
        "own".to_owned()
    } else {
        path
    };
    format!("{other}{} {path}{from}", route.state.word())
}

fn decided(row: &PrefixImpactRow) -> Option<&'static str> {
    let step = |best: &Option<BestRow>| best.as_ref().and_then(|best| best.decided_by);
    let decided = step(&row.before).or_else(|| step(&row.after));
    decided.map(|step| step.words())
}

/// The columns of CSV, which has a row for each prefix.
const COLUMNS: &[&str] = &[
    "session",
    "router",
    "prefix",
    "class",
    "changed",
    "before_state",
    "before_peer",
    "before_as_path",
    "before_next_hop",
    "after_prefix",
    "after_state",
    "after_peer",
    "after_as_path",
    "after_next_hop",
];

fn csv_cells(row: &PrefixImpactRow) -> Vec<Cell> {
    let mut cells = table_cells(&row.table);
    cells.extend([
        row.prefix.as_str().into(),
        row.class.word().into(),
        row.changed.into(),
    ]);
    cells.extend(side_cells(row.before.as_ref()));
    let after = row.after.as_ref().or(row.covering.as_ref());
    cells.push(after.map(|best| best.route.prefix.clone()).into());
    cells.extend(side_cells(after));
    cells
}

fn side_cells(best: Option<&BestRow>) -> [Cell; 4] {
    let route = best.map(|best| &best.route);
    let peer = route.and_then(|route| route.peer.as_ref());
    [
        route.map(|route| route.state.word()).into(),
        peer.and_then(|peer| peer.address).into(),
        route.map(|route| path_text(&route.as_path)).into(),
        route.and_then(|route| route.next_hop).into(),
    ]
}
