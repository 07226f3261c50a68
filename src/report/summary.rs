//! `summary`: routers, BMP sessions, peers, message counts, capture quality.

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::analysis::quality::{QualityRow, QualityState};
use crate::analysis::shape::{CloseWord, ProtectionWord, RouterRow, SessionRow};
use crate::analysis::summary::{Summary, summary};
use crate::net::Endpoint;
use crate::sheet::{self, Cell, Sheet, Tone};

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
    options: &[],
    schema: super::envelope::schema::<Summary>,
    run,
};

impl Body for Summary {
    const NAME: &'static str = "summary";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.sessions)
    }

    fn sheets(&self, header: &Header) -> Vec<Sheet> {
        let mut sheets = vec![source::inputs_sheet(header)];
        if !self.sessions.is_empty() {
            sheets.push(sessions_sheet(&self.sessions));
            sheets.push(messages_sheet(self));
        }
        sheets
    }
}

fn run(request: &Request, _: &Given) -> Result<Outcome, Failure> {
    source::answer(request, |run| {
        Answered::new(summary(&run.sessions, &request.code_points))
    })
}

fn sessions_sheet(sessions: &[SessionRow]) -> Sheet {
    let mut sheet = Sheet::new("BMP sessions")
        .right(["#"])
        .left(["router", "name", "station", "begins"])
        .right(["lasts", "octets", "messages", "peers", "up"])
        .left(["protection", "end", "quality"])
        .main();
    for row in sessions {
        sheet.row(session_cells(row));
    }
    sheet
}

fn session_cells(row: &SessionRow) -> Vec<Cell> {
    let station = row.station.as_ref().map(|end| Endpoint {
        address: end.address,
        port: end.port,
    });
    let lasts = row.first_time.zip(row.last_time);
    vec![
        row.id.into(),
        router_cell(&row.router),
        row.router.sys_name.clone().into(),
        station.into(),
        row.first_time.into(),
        lasts.map_or(Cell::Absent, |(first, last)| {
            Cell::Seconds(last.seconds_since(first))
        }),
        Cell::Bytes(row.bytes),
        row.messages.total.into(),
        row.peers.total.into(),
        row.peers.up.into(),
        row.protection.map_or(Cell::Absent, protection_cell),
        row.close.map_or(Cell::Absent, close_cell),
        quality_cell(&row.quality),
    ]
}

/// The router's end, or its address where only that is known.
fn router_cell(router: &RouterRow) -> Cell {
    match (router.address, router.port) {
        (Some(address), Some(port)) => Cell::Endpoint(Endpoint { address, port }),
        (address, _) => address.into(),
    }
}

/// The word, and how it feels.
pub(super) fn protection_cell(protection: ProtectionWord) -> Cell {
    let (word, tone) = match protection {
        ProtectionWord::None => ("none", Tone::Faint),
        ProtectionWord::TcpAo => ("tcp-ao", Tone::Good),
        ProtectionWord::TcpMd5 => ("tcp-md5", Tone::Good),
        ProtectionWord::Tls => ("tls", Tone::Good),
        ProtectionWord::IpsecEsp => ("ipsec-esp", Tone::Good),
        ProtectionWord::IpsecAh => ("ipsec-ah", Tone::Good),
        ProtectionWord::Mixed => ("mixed", Tone::Warning),
        ProtectionWord::Unknown => ("unknown", Tone::Warning),
    };
    Cell::Word(word.to_owned(), tone)
}

/// The word, and how it feels.
pub(super) fn close_cell(close: CloseWord) -> Cell {
    match close {
        CloseWord::Fin => Cell::Word("fin".to_owned(), Tone::Faint),
        CloseWord::Rst => Cell::Word("rst".to_owned(), Tone::Warning),
        CloseWord::Open => Cell::Word("open".to_owned(), Tone::Faint),
    }
}

/// `complete`, or what is missing: `starts mid-stream, 3 gaps, 777 octets (missing-segment)`.
fn quality_cell(quality: &QualityRow) -> Cell {
    if quality.state == QualityState::Complete {
        return Cell::Word("complete".to_owned(), Tone::Good);
    }
    let (mut count, mut causes) = (0, Vec::new());
    for (word, extent) in quality.gaps.causes() {
        count += extent.count;
        causes.push(word);
    }
    let mut parts = Vec::new();
    if quality.starts_mid_stream == Some(true) && quality.gaps.mid_stream_start.count == 0 {
        parts.push("starts mid-stream".to_owned());
    }
    if count > 0 {
        let word = if count == 1 { "gap" } else { "gaps" };
        let (octets, causes) = (quality.missing_bytes, causes.join(", "));
        parts.push(format!("{count} {word}, {octets} octets ({causes})"));
    }
    if quality.undecodable.count > 0 {
        parts.push(format!("{} undecodable", quality.undecodable.count));
    }
    Cell::Word(parts.join(", "), Tone::Warning)
}

fn messages_sheet(summary: &Summary) -> Sheet {
    let mut sheet = Sheet::new("Messages by type, routes in them").right([
        "#",
        "version",
        "initiation",
        "peer up",
        "peer down",
        "route monitoring",
        "statistics",
        "mirroring",
        "termination",
        "other",
        "announced",
        "withdrawn",
    ]);
    for row in &summary.sessions {
        let messages = &row.messages;
        let rpki = messages.rpki_config + messages.rpki_validation + messages.rpki_impact;
        sheet.row([
            row.id.into(),
            version_cell(row),
            messages.initiation.into(),
            messages.peer_up.into(),
            messages.peer_down.into(),
            messages.route_monitoring.into(),
            messages.statistics_report.into(),
            messages.route_mirroring.into(),
            messages.termination.into(),
            (rpki + messages.unknown).into(),
            row.routes.announced.into(),
            row.routes.withdrawn.into(),
        ]);
    }
    sheet
}

/// `3`, or of version 4 with the revision that numbers its TLVs: `4 (-19)`.
fn version_cell(row: &SessionRow) -> Cell {
    match row.bmp4_numbering {
        Some(numbering) => format!("{} (-{})", row.bmp_version, numbering.revision).into(),
        None => row.bmp_version.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{GapKind, Session};

    fn quality(change: impl FnOnce(&mut Session)) -> QualityRow {
        let mut session = Session::new(1, None, None);
        change(&mut session);
        QualityRow::of(&session)
    }

    #[test]
    fn a_complete_session_is_called_so() {
        let complete = Cell::Word("complete".to_owned(), Tone::Good);
        assert_eq!(quality_cell(&quality(|_| {})), complete);
    }

    #[test]
    fn what_is_missing_is_told_in_a_few_words() {
        let missing = quality(|session| {
            session.gaps.add(GapKind::MissingSegment, 700);
            session.gaps.add(GapKind::MissingSegment, 77);
        });
        let words = "2 gaps, 777 octets (missing-segment)".to_owned();
        assert_eq!(quality_cell(&missing), Cell::Word(words, Tone::Warning));
        let mut all = quality(|session| {
            session.gaps.add(GapKind::Corrupt, 90);
            session.undecodable.add(48);
        });
        all.starts_mid_stream = Some(true);
        let words = "starts mid-stream, 1 gap, 90 octets (corrupt), 1 undecodable".to_owned();
        assert_eq!(quality_cell(&all), Cell::Word(words, Tone::Warning));
    }
}
