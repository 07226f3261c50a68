//! `stats`: Statistics Reports over time, each counter and gauge of each peer as a series.

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::analysis::stats::{Instant, Point, SeriesKey, SeriesRow, Stats, Tally, Values, stats};
use crate::bmp::statistics::{Kind, Statistic, StatisticType, StatisticsReport};
use crate::bmp::{CommonHeader, Message, MessageType};
use crate::finding::{Finding, FindingLog, Place};
use crate::pipeline::{Chunk, Item, Located, Query, Run};
use crate::sheet::{self, Cell, Rows, Sheet, Tone};
use std::io;

/// The report.
pub const REPORT: Report = Report {
    name: Stats::NAME,
    about: "Statistics reports over time: counters and gauges of each peer",
    details: "Shows what Statistics Reports say, each counter and gauge of each peer over time: \
              the first and the last value, the difference, the rate in a second, and resets. \
              CSV has a row for each value.",
    examples: &[
        Example {
            about: "How the counters of all peers went",
            line: "bmpscope stats day.pcap",
        },
        Example {
            about: "Every value, for a spreadsheet",
            line: "bmpscope stats -f csv day.pcap > day.csv",
        },
        Example {
            about: "Counters that were reset",
            line: "bmpscope stats --json day.pcap |\n    jq '.series[] | select(.resets > 0) | {peer: .peer.address, name, resets}'",
        },
    ],
    options: &[],
    schema: super::envelope::schema::<Stats>,
    run,
};

impl Body for Stats {
    const NAME: &'static str = "stats";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.series)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        vec![series_sheet(&self.series)]
    }

    fn rows(&self) -> Option<Rows<'_>> {
        Some(Rows {
            names: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            rows: Box::new(self.series.iter().flat_map(value_rows)),
        })
    }
}

fn run(request: &Request, _: &Given) -> Result<Outcome, Failure> {
    source::answer_with(request, Collect::default(), |run, collected| {
        Answered::new(collected.answer(run))
    })
}

/// Collects the values of a run.
#[derive(Debug, Default)]
pub(super) struct Collect {
    tally: Tally,
    findings: FindingLog,
}

/// What one chunk says.
#[derive(Debug, Default)]
pub(super) struct Part {
    values: Values,
    findings: FindingLog,
}

impl Query for Collect {
    type Part = Part;

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::default();
        for located in chunk.items() {
            if let Item::Message(bytes) = located.item
                && let Some(report) = report(bytes)
            {
                part.report(&located, &report);
            }
        }
        part
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        self.tally.merge(part.values);
        self.findings.merge(part.findings);
        Ok(())
    }
}

impl Collect {
    fn answer(self, run: &mut Run) -> Stats {
        stats(self.tell(run), &run.sessions)
    }

    /// Adds its findings to those of the run.
    pub(super) fn tell(self, run: &mut Run) -> Tally {
        run.findings.merge(self.findings);
        let left_out = self.tally.left_out();
        if left_out > 0 {
            let message = format!("{left_out} values are of counters and gauges beyond the bound");
            let finding = Finding::new("statistics-left-out", message, Place::default());
            run.findings.add_many(finding, left_out);
        }
        self.tally
    }
}

/// The Statistics Report that a message is, if it is one and can be read.
pub(super) fn report(bytes: &[u8]) -> Option<StatisticsReport<'_>> {
    let header = CommonHeader::peek(bytes)?;
    if header.message_type != MessageType::STATISTICS_REPORT {
        return None;
    }
    match Message::decode(bytes) {
        Ok(Message::StatisticsReport(report)) => Some(report),
        // Counting tells why it cannot be read.
        _ => None,
    }
}

impl Part {
    fn report(&mut self, located: &Located<'_>, report: &StatisticsReport<'_>) {
        let Some(peer) = located.peer() else { return };
        self.values.report(Instant {
            captured: located.moment().time,
            reported: report.header.timestamp(),
        });
        for statistic in report.statistics().flatten() {
            let Some((kind, family, value)) = statistic.value().number() else {
                self.odd(located, report, &statistic);
                continue;
            };
            let key = SeriesKey {
                session: located.session().id,
                peer: peer.index,
                statistic_type: own_number(&statistic),
                enterprise: statistic.enterprise,
                family,
                kind,
            };
            self.values.add(key, value);
        }
    }

    #[cold]
    fn odd(
        &mut self,
        located: &Located<'_>,
        report: &StatisticsReport<'_>,
        statistic: &Statistic<'_>,
    ) {
        let own_type = own_number(statistic);
        let is_known = statistic.enterprise.is_none() && own_type.word().is_some();
        let kind = match is_known {
            true => "statistic-length",
            false => "statistic-unknown",
        };
        let length = statistic.data.len();
        let message = format!("{}: {length} octets of data", statistic.statistic_type);
        let mut place = located.place(None);
        let address = report.header.address();
        place.peer = address.map(|address| address.to_string());
        let finding = Finding::new(kind, message, place);
        self.findings
            .add(finding.about(statistic.statistic_type.to_string()));
    }
}

/// The type without the E bit of version 4 (draft-ietf-grow-bmp-tlv-21 4.2).
pub(super) fn own_number(statistic: &Statistic<'_>) -> StatisticType {
    match statistic.enterprise {
        Some(_) => StatisticType(statistic.statistic_type.0 & 0x7fff),
        None => statistic.statistic_type,
    }
}

fn series_sheet(series: &[SeriesRow]) -> Sheet {
    let mut sheet = Sheet::new("Statistics")
        .right(["#"])
        .left(["router", "peer"])
        .right(["AS"])
        .left(["statistic", "family", "kind"])
        .right(["first", "last", "delta", "per second", "resets"])
        .left(["trend"])
        .keyed(["#", "peer", "statistic", "family"])
        .main();
    for row in series {
        let mut cells = name_cells(row, row.peer.text());
        cells.extend([
            row.first.into(),
            row.last.into(),
            delta_cell(row.delta),
            row.rate.map_or(Cell::Absent, |rate| Cell::Float(rate, 3)),
            row.resets.into(),
            trend_cell(row),
        ]);
        sheet.row(cells);
    }
    if !series.is_empty() {
        sheet.note("trend: of gauges the value, from the least to the greatest; of counters the increase, from none");
    }
    sheet
}

/// The columns of CSV, which has a row for each value.
const COLUMNS: &[&str] = &[
    "session",
    "router",
    "peer",
    "asn",
    "statistic",
    "family",
    "kind",
    "peer_type",
    "distinguisher",
    "bgp_id",
    "table_name",
    "rib",
    "type",
    "enterprise",
    "afi",
    "safi",
    "clock",
    "time",
    "value",
];

fn value_rows(row: &SeriesRow) -> impl Iterator<Item = Vec<Cell>> {
    let before = [name_cells(row, row.peer.address_text()), detail_cells(row)].concat();
    row.points.iter().map(move |point| {
        let own = [point.time.into(), point.value.into()];
        [&before[..], &own].concat()
    })
}

/// Whose and which it is: what the sheet and the rows of CSV have. CSV has the rest of a peer's name in
/// columns of its own.
fn name_cells(row: &SeriesRow, peer: String) -> Vec<Cell> {
    let router = row.router.map(|address| address.to_string());
    vec![
        row.session.into(),
        row.router_name.clone().or(router).into(),
        peer.into(),
        row.peer.asn.into(),
        statistic_cell(row),
        family_text(row).into(),
        Cell::Word(kind_word(row.kind).to_owned(), Tone::Faint),
    ]
}

fn detail_cells(row: &SeriesRow) -> Vec<Cell> {
    let clock = row.clock.map(|clock| clock.word());
    vec![
        row.peer.peer_type.as_str().into(),
        row.peer.distinguisher.clone().into(),
        Cell::text(row.peer.bgp_id),
        row.peer.table_name.clone().into(),
        row.rib.map(|rib| rib.word()).into(),
        row.number.into(),
        row.enterprise.into(),
        row.afi.clone().into(),
        row.safi.clone().into(),
        clock.into(),
    ]
}

fn statistic_cell(row: &SeriesRow) -> Cell {
    match row.enterprise {
        None => row.name.as_str().into(),
        Some(enterprise) => Cell::Text(format!("{} of enterprise {enterprise}", row.name)),
    }
}

fn family_text(row: &SeriesRow) -> Option<String> {
    let (afi, safi) = row.afi.as_ref().zip(row.safi.as_ref())?;
    Some(format!("{afi} {safi}"))
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
    }
}

fn delta_cell(delta: i128) -> Cell {
    match i64::try_from(delta) {
        Ok(delta) => Cell::Integer(delta),
        Err(_) => Cell::text(delta),
    }
}

/// Columns of a spark line.
const SPARK: usize = 24;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How a series went, in a line of bars. Nothing where there is nothing to compare.
fn trend_cell(row: &SeriesRow) -> Cell {
    match row.points.len() {
        0 | 1 => Cell::Absent,
        _ => Cell::Word(spark(row.kind, &row.points), Tone::Faint),
    }
}

/// Points in a line of bars.
pub(super) fn spark(kind: Kind, points: &[Point]) -> String {
    let values = match kind {
        Kind::Gauge => points.iter().map(|point| point.value).collect(),
        Kind::Counter => increases(points),
    };
    let columns = columns(&values, kind);
    let least = match kind {
        Kind::Gauge => columns.iter().copied().min().unwrap_or_default(),
        Kind::Counter => 0,
    };
    let span = columns.iter().copied().max().unwrap_or_default() - least;
    let bars = columns.iter().map(|value| bar(value - least, span));
    bars.collect()
}

/// By how much a counter rose from one point to the next; from zero after a reset.
fn increases(points: &[Point]) -> Vec<u64> {
    let later = points.iter().skip(1);
    let pairs = points.iter().zip(later);
    let rise = |(before, now): (&Point, &Point)| {
        let rise = now.value.checked_sub(before.value);
        rise.unwrap_or(now.value)
    };
    pairs.map(rise).collect()
}

/// At most as many values as there are columns: of gauges the last of a few, of counters their sum.
fn columns(values: &[u64], kind: Kind) -> Vec<u64> {
    let each = values.len().div_ceil(SPARK).max(1);
    let column = |few: &[u64]| match kind {
        Kind::Gauge => few.last().copied().unwrap_or_default(),
        Kind::Counter => few
            .iter()
            .fold(0u64, |sum, value| sum.saturating_add(*value)),
    };
    values.chunks(each).map(column).collect()
}

/// The bar of a value between none and `span`.
fn bar(value: u64, span: u64) -> char {
    let step = u128::from(value) * 7 / u128::from(span.max(1));
    let step = usize::try_from(step).unwrap_or_default();
    BARS.get(step).copied().unwrap_or('█')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(kind: Kind, values: &[u64]) -> String {
        let points: Vec<Point> = values
            .iter()
            .map(|value| Point {
                time: None,
                value: *value,
            })
            .collect();
        spark(kind, &points)
    }

    #[test]
    fn a_gauge_shows_its_values_from_the_least_to_the_greatest() {
        assert_eq!(trend(Kind::Gauge, &[10, 11, 17, 10]), "▁▂█▁");
        assert_eq!(trend(Kind::Gauge, &[9, 9]), "▁▁");
        assert_eq!(trend(Kind::Gauge, &[0, u64::MAX]), "▁█");
    }

    #[test]
    fn a_counter_shows_its_increases_from_none() {
        assert_eq!(trend(Kind::Counter, &[10, 10, 24, 38, 7]), "▁██▄");
        assert_eq!(trend(Kind::Counter, &[5, 5]), "▁");
    }

    #[test]
    fn many_values_share_columns() {
        let values: Vec<u64> = (0..1000).collect();
        assert_eq!(trend(Kind::Gauge, &values).chars().count(), 24);
        let rises = columns(&increases(&[]), Kind::Counter);
        assert!(rises.is_empty());
    }
}
