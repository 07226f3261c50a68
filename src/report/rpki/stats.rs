//! `rpki stats`: routes by validation state over time, as statistics tell it and as routes show it.

use super::collect::{self, Collect as Collected};
use super::data::{self, ASPA, Captured, Inputs, SLURM, VRPS, not_of_its_time};
use super::missing::not_unicast;
use super::validation::{data_sheet, peer_cell, span, span_of, view_cells, view_values, with_view};
use crate::analysis::rpki::routes::Changes;
use crate::analysis::rpki::rows::ViewRow;
use crate::analysis::rpki::stats::{
    CheckRow, Counted, Doubt, RejectionRow, RpkiStats, Source, StateSeries, SumRow, counted,
    is_related, rpki_stats,
};
use crate::analysis::stats::{Instant, SeriesKey, SeriesRow, Tally, Values};
use crate::bmp::MessageType;
use crate::bmp::statistics::{Kind, StatisticsReport};
use crate::pipeline::{Chunk, Item, Located, Look, Query};
use crate::report::source::{self, Answered};
use crate::report::stats::{own_number, report, spark};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::session::Session;
use crate::sheet::{self, Cell, Rows, Sheet, Tone};
use crate::wire::CodePoint;
use std::collections::BTreeMap;
use std::io;

/// The report.
pub const REPORT: Report = Report {
    name: RpkiStats::NAME,
    about: "Routes by validation state over time, reported and counted",
    details: "Shows how many routes each view has of each validation state, over time: as routers \
              report it in statistics (RFC 9972 types 35 to 37 and 41 to 43, and `rpki-filtered` of \
              draft-wang-grow-bmp-rpki-mon-reqs-03), as the marks of the routes in the capture show \
              it, and, with --vrps, as it is computed here. What was reported last is checked \
              against the routes that stood at that moment. CSV has a row for each value.",
    examples: &[
        Example {
            about: "Routes by state, reported and computed",
            line: "bmpscope rpki stats day.pcap --vrps vrps.json",
        },
        Example {
            about: "Where routers count otherwise, and why that may be",
            line: "bmpscope rpki stats --json day.pcap --vrps vrps.json |\n    jq '.checks[] | select(.agrees == false)'",
        },
        Example {
            about: "How the number of invalid routes went",
            line: "bmpscope rpki stats --json day.pcap |\n    jq '.series[] | select(.state == \"invalid\") | {peer: .peer.address, source, first, last}'",
        },
    ],
    options: &[VRPS, ASPA, SLURM],
    schema: crate::report::envelope::schema::<RpkiStats>,
    run,
};

impl Body for RpkiStats {
    const NAME: &'static str = "rpki-stats";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.series)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        let mut sheets = vec![series_sheet(self)];
        sheets.push(checks_sheet(&self.checks));
        sheets.push(sums_sheet(&self.sums));
        sheets.push(rejections_sheet(&self.rejections));
        sheets.push(related_sheet(&self.related));
        sheets.extend(self.data.as_ref().map(data_sheet));
        sheets.retain(|sheet| sheet.main || !sheet.rows.is_empty());
        sheets
    }

    fn rows(&self) -> Option<Rows<'_>> {
        Some(Rows {
            names: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            rows: Box::new(self.series.iter().flat_map(value_rows)),
        })
    }
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    let inputs = Inputs::read(given)?;
    let mut notices = inputs.as_ref().map(Inputs::notices).unwrap_or_default();
    let mut outcome = source::answer_with(request, Collect::default(), |run, collected| {
        let (tally, routes) = (collected.tally, collected.routes.routes);
        let captured = span_of(run, &routes);
        let clock = inputs
            .as_ref()
            .and_then(|inputs| inputs.clock(span(run), captured));
        let data = inputs.map(|inputs| inputs.data(captured.0, captured.1));
        notices.extend(data::notice(data.as_ref(), captured));
        let mut answer = rpki_stats(tally, &routes, &run.sessions, data.as_ref());
        answer.missing = missing(&answer, captured);
        answer.missing.extend(clock);
        answer.missing.extend(data::without_earlier(request));
        answer.missing.extend(not_unicast(&run.sessions));
        if data.as_ref().is_some_and(|data| data.only_aspas) {
            answer.missing.push(data::ONLY_ASPAS.to_owned());
        }
        answer.missing.extend(not_counted(&run.sessions));
        Answered::new(answer)
    })?;
    outcome.notices.extend(notices);
    Ok(outcome)
}

/// States that this report has no part of.
fn not_counted(sessions: &[Session]) -> Option<String> {
    let count = |session: &Session| {
        let number = session
            .code_points
            .message_type_number(CodePoint::RpkiValidation);
        number.map_or(0, |number| session.messages.of(MessageType(number)))
    };
    let messages: u64 = sessions.iter().map(count).sum();
    (messages > 0).then(|| {
        format!(
            "marks are those of the routes themselves: the states that {messages} RPKI_VALIDATION messages \
             tell are not counted here; 'rpki validation' has them"
        )
    })
}

/// What is not there, and how to get it.
fn missing(answer: &RpkiStats, captured: Captured) -> Vec<String> {
    let has = |source| answer.series.iter().any(|one| one.source == source);
    let mut missing = Vec::new();
    if !has(Source::Statistics) {
        missing.push(
            "no router reports routes by state: neither statistics 35-37 and 41-43 (RFC 9972) nor \
             rpki-filtered; routers with RFC 9972 send them where statistics are switched on, \
             --code rpki-filtered=NUMBER names another number"
                .to_owned(),
        );
    }
    if answer.data.is_none() {
        missing.push(
            "no VRPs: --vrps FILE computes the states of the routes in the capture (the output of \
             a validator, such as 'routinator vrps -f json' or rpki-client's json)"
                .to_owned(),
        );
    }
    let doubt = answer.data.as_ref();
    missing.extend(doubt.and_then(|data| not_of_its_time(data, captured)));
    if !has(Source::Marks) {
        missing.push(
            "no router marks routes with their state: neither by the community of RFC 8097 nor by \
             path marking"
                .to_owned(),
        );
    }
    if answer.moments_left_out > 0 {
        missing.push(format!(
            "routes changed too often: they are not counted at the first {} reports",
            answer.moments_left_out
        ));
    }
    missing
}

/// Collects statistics, and routes.
#[derive(Debug, Default)]
struct Collect {
    tally: Tally,
    routes: Collected,
}

/// What one chunk says.
#[derive(Debug, Default)]
struct Part {
    values: Values,
    changes: Changes,
}

impl Query for Collect {
    type Part = Part;

    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::default();
        for located in chunk.items() {
            let Item::Message(bytes) = located.item else {
                continue;
            };
            match report(bytes) {
                Some(report) => {
                    collect::tell_time(&located, bytes, &mut part.changes);
                    part.report(&located, &report);
                }
                None => collect::message(&located, bytes, &mut part.changes),
            }
        }
        part
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        self.tally.merge(part.values);
        self.routes.merge(part.changes)
    }
}

impl Part {
    fn report(&mut self, located: &Located<'_>, report: &StatisticsReport<'_>) {
        let Some(peer) = located.peer() else { return };
        let session = located.session();
        let instant = Instant {
            captured: located.moment().time,
            reported: report.header.timestamp(),
        };
        self.changes.mark(session.id, peer.index, instant);
        self.values.report(instant);
        for statistic in report.statistics().flatten() {
            let (number, enterprise) = (own_number(&statistic), statistic.enterprise);
            let state = counted(number, enterprise, &session.code_points);
            if state.is_none() && !is_related(number, enterprise) {
                continue;
            }
            // `stats` tells of those whose data has an unexpected length.
            let Some((kind, family, value)) = statistic.value().number() else {
                continue;
            };
            if state.is_some() && family.is_none() {
                continue;
            }
            let key = SeriesKey {
                session: session.id,
                peer: peer.index,
                statistic_type: number,
                enterprise,
                family,
                kind,
            };
            self.values.add(key, value);
        }
    }
}

/// The series of one view by one source, by state.
type Line<'a> = (&'a ViewRow, Source, BTreeMap<Counted, &'a StateSeries>);

/// Series stand in the order of their views: those of one view and source make a line.
fn lines(series: &[StateSeries]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut begin = 0;
    for one in series {
        let is_same_view = lines.get(begin).is_some_and(|line| same(line.0, &one.view));
        if !is_same_view {
            begin = lines.len();
        }
        let mut of_view = lines.iter_mut().skip(begin);
        match of_view.find(|line| line.1 == one.source) {
            Some(line) => {
                line.2.insert(one.state, one);
            }
            None => lines.push((&one.view, one.source, BTreeMap::from([(one.state, one)]))),
        }
    }
    lines
}

fn same(one: &ViewRow, other: &ViewRow) -> bool {
    let key = |row: &ViewRow| (row.session, row.rib, row.afi.clone(), row.safi.clone());
    key(one) == key(other) && one.peer == other.peer
}

fn series_sheet(answer: &RpkiStats) -> Sheet {
    let mut sheet = with_view("Routes by state over time")
        .main()
        .left(["counted by"])
        .keyed(["#", "peer", "view", "family", "counted by"])
        .right(["valid", "invalid", "not found", "not validated", "filtered"])
        .left(["trend of invalid"]);
    for line in lines(&answer.series) {
        sheet.row(line_cells(&line));
    }
    if !answer.series.is_empty() {
        sheet.note(
            "first -> last, where they differ; marks: the community of RFC 8097 or path marking",
        );
    }
    answer.missing.iter().for_each(|line| sheet.note(line));
    sheet
}

fn line_cells((view, source, by_state): &Line<'_>) -> Vec<Cell> {
    let mut cells = view_cells(view);
    cells.push(source.word().into());
    for state in [
        Counted::Valid,
        Counted::Invalid,
        Counted::NotFound,
        Counted::NotValidated,
        Counted::Filtered,
    ] {
        let series = by_state.get(&state);
        cells.push(series.map_or(Cell::Absent, |series| from_to(series)));
    }
    let invalid = by_state.get(&Counted::Invalid);
    let is_flat = |series: &&&StateSeries| {
        series
            .points
            .iter()
            .all(|point| point.value == series.first)
    };
    let invalid = invalid.filter(|series| !is_flat(series));
    cells.push(invalid.map_or(Cell::Absent, |series| {
        Cell::Word(spark(Kind::Gauge, &series.points), Tone::Faint)
    }));
    cells
}

fn from_to(series: &StateSeries) -> Cell {
    match series.first == series.last {
        true => series.last.into(),
        false => Cell::Text(format!("{} -> {}", series.first, series.last)),
    }
}

fn checks_sheet(checks: &[CheckRow]) -> Sheet {
    let mut sheet = with_view("Reported last, and counted at that moment")
        .left(["state", "time"])
        .right(["reported", "by marks", "computed", "routes"])
        .left(["agrees", "why"])
        .keyed(["#", "peer", "view", "family", "state"]);
    for check in checks {
        let agrees = match check.agrees {
            Some(true) => Cell::Word("yes".to_owned(), Tone::Good),
            Some(false) => Cell::Word("no".to_owned(), Tone::Warning),
            None => Cell::Absent,
        };
        let mut cells = view_cells(&check.view);
        cells.extend([
            check.state.word().into(),
            check.time.into(),
            check.reported.into(),
            check.marked.into(),
            check.computed.into(),
            check.routes.into(),
            agrees,
            doubts_cell(&check.reasons),
        ]);
        sheet.row(cells);
    }
    sheet
}

fn doubts_cell(doubts: &[Doubt]) -> Cell {
    match doubts.is_empty() {
        true => Cell::Absent,
        false => Cell::List(doubts.iter().map(|one| one.text().to_owned()).collect()),
    }
}

/// Only sums that do not fit are worth a line.
fn sums_sheet(sums: &[SumRow]) -> Sheet {
    let mut sheet = with_view("States together are not the routes of the view")
        .left(["time"])
        .right(["states", "routes reported", "routes counted"]);
    for sum in sums.iter().filter(|sum| sum.agrees == Some(false)) {
        let mut cells = view_cells(&sum.view);
        cells.extend([
            sum.time.into(),
            sum.sum.into(),
            sum.routes_reported.into(),
            sum.routes.into(),
        ]);
        sheet.row(cells);
    }
    sheet
}

/// Who tells it, and which statistic of which family it is.
fn with_statistic(title: &str) -> Sheet {
    Sheet::new(title)
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS"])
        .left(["statistic", "family"])
        .keyed(["#", "peer", "statistic", "family"])
}

fn rejections_sheet(rejections: &[RejectionRow]) -> Sheet {
    let mut sheet = with_statistic("Rejected by inbound policy").right([
        "reported",
        "pre-policy minus post-policy",
        "invalid among these",
    ]);
    for row in rejections {
        let router = row.router.map(|address| address.to_string());
        sheet.row([
            row.session.into(),
            row.router_name.clone().or(router).into(),
            peer_cell(&row.peer),
            row.peer.asn.into(),
            row.name.as_str().into(),
            family_cell(row.afi.as_ref(), row.safi.as_ref()),
            row.reported.into(),
            row.counted.into(),
            row.invalid.into(),
        ]);
    }
    sheet
}

/// Those of which there is something to tell.
fn related_sheet(related: &[SeriesRow]) -> Sheet {
    let mut sheet = with_statistic("Statistics about routes and policy").right(["first", "last"]);
    for row in related.iter().filter(|row| row.first > 0 || row.last > 0) {
        let router = row.router.map(|address| address.to_string());
        sheet.row([
            row.session.into(),
            row.router_name.clone().or(router).into(),
            peer_cell(&row.peer),
            row.peer.asn.into(),
            row.name.as_str().into(),
            family_cell(row.afi.as_ref(), row.safi.as_ref()),
            row.first.into(),
            row.last.into(),
        ]);
    }
    sheet
}

fn family_cell(afi: Option<&String>, safi: Option<&String>) -> Cell {
    let family = afi.zip(safi);
    family.map(|(afi, safi)| format!("{afi} {safi}")).into()
}

/// The columns of CSV, which has a row for each value.
const COLUMNS: &[&str] = &[
    "session",
    "router",
    "peer",
    "asn",
    "rib",
    "afi",
    "safi",
    "state",
    "source",
    "type",
    "time",
    "value",
    "distinguisher",
];

fn value_rows(series: &StateSeries) -> impl Iterator<Item = Vec<Cell>> {
    let mut before = view_values(&series.view);
    before.extend([
        series.view.safi.as_str().into(),
        series.state.word().into(),
        series.source.word().into(),
        series.number.into(),
    ]);
    series.points.iter().map(move |point| {
        let distinguisher = series.view.peer.distinguisher.clone();
        let own = [point.time.into(), point.value.into(), distinguisher.into()];
        [&before[..], &own].concat()
    })
}
