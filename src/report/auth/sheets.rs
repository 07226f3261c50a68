//! The answer as tables for people.

use crate::analysis::auth::{
    Auth, AuthRow, Carries, DirectionRow, PlaceRow, SideLivenessRow, TlsRow, Who,
};
use crate::net::Endpoint;
use crate::report::summary::{close_cell, protection_cell};
use crate::sheet::{Cell, Rows, Sheet, Tone};

/// All tables; those that would be empty are left out.
pub(super) fn sheets(answer: &Auth) -> Vec<Sheet> {
    let all = [
        sessions(
            answer,
            "BMP sessions and their protection",
            &answer.sessions,
        )
        .map(Sheet::main),
        sessions(
            answer,
            "Other connections that are signed or encrypted",
            &answer.other,
        ),
        keys(answer),
        rollovers(answer),
        violations(answer),
        liveness(answer),
        tls(answer),
        ipsec(answer),
        advice(answer),
    ];
    all.into_iter()
        .flatten()
        .filter(|sheet| !sheet.rows.is_empty() || sheet.main)
        .collect()
}

fn all(answer: &Auth) -> impl Iterator<Item = &AuthRow> {
    answer.sessions.iter().chain(&answer.other)
}

/// Number, router and station: what every row begins with.
fn ends(row: &AuthRow) -> Vec<Cell> {
    let end = |address: Option<std::net::IpAddr>, port: Option<u16>| match (address, port) {
        (Some(address), Some(port)) => Cell::Endpoint(Endpoint { address, port }),
        (address, _) => address.into(),
    };
    let station = row.station.as_ref();
    vec![
        row.id.into(),
        end(row.router.address, row.router.port),
        end(
            station.map(|end| end.address),
            station.and_then(|end| end.port),
        ),
    ]
}

fn sheet(title: &str) -> Sheet {
    Sheet::new(title)
        .right(["#"])
        .left(["router", "station"])
        .keys(3)
}

fn sessions(answer: &Auth, title: &str, rows: &[AuthRow]) -> Option<Sheet> {
    let mut sheet = sheet(title).left([
        "carries",
        "protection",
        "handshake",
        "signed by router",
        "signed by station",
    ]);
    sheet =
        sheet
            .right(["verified", "failed", "not verifiable"])
            .left(["why", "algorithm", "options"]);
    if answer.require.is_some() {
        sheet = sheet.left(["meets"]);
    }
    for row in rows {
        let mut cells = ends(row);
        let signed = [&row.router_to_station, &row.station_to_router];
        cells.extend(session_cells(row, signed.map(|one| share(one.as_ref()))));
        if answer.require.is_some() {
            cells.push(row.meets.into());
        }
        sheet.row(cells);
    }
    Some(sheet)
}

/// The sessions for programs: the same, but how many segments are signed, and of how many, are two numbers.
pub(super) fn rows(answer: &Auth) -> Rows<'_> {
    let has_meets = answer.require.is_some();
    let mut names: Vec<String> = COLUMNS.map(str::to_owned).into();
    names.extend(has_meets.then(|| "meets".to_owned()));
    Rows {
        names,
        rows: Box::new(answer.sessions.iter().map(move |row| {
            let mut cells = ends(row);
            let directions = [&row.router_to_station, &row.station_to_router];
            let counts = directions.into_iter().flat_map(|direction| {
                let direction = direction.as_ref();
                [
                    direction.map(|one| one.signed).into(),
                    direction.map(|one| one.segments).into(),
                ]
            });
            cells.extend(session_cells(row, counts));
            if has_meets {
                cells.push(row.meets.into());
            }
            cells
        })),
    }
}

/// The columns of CSV.
const COLUMNS: [&str; 16] = [
    "#",
    "router",
    "station",
    "carries",
    "protection",
    "handshake",
    "signed_by_router",
    "segments_of_router",
    "signed_by_station",
    "segments_of_station",
    "verified",
    "failed",
    "not_verifiable",
    "why",
    "algorithm",
    "options",
];

/// What is told of a session, with how much of it is signed.
fn session_cells(row: &AuthRow, signed: impl IntoIterator<Item = Cell>) -> Vec<Cell> {
    let directions = [&row.router_to_station, &row.station_to_router];
    let both = || directions.iter().filter_map(|direction| direction.as_ref());
    let sum = |count: fn(&DirectionRow) -> u64| -> Cell {
        let judged = both().map(|direction| direction.signed + direction.options_not_captured);
        match judged.sum::<u64>() {
            0 => Cell::Absent,
            _ => Cell::Number(both().map(count).sum()),
        }
    };
    let mut reasons: Vec<String> = both()
        .flat_map(|direction| direction.reasons.keys().cloned())
        .collect();
    reasons.sort();
    reasons.dedup();
    let algorithm = both().find_map(|direction| direction.algorithm.clone());
    let options = both().find_map(|direction| direction.options_covered);
    let mut cells = vec![
        carries_cell(row.carries),
        row.protection.map_or(Cell::Absent, protection_cell),
        row.handshake
            .map_or(Cell::Absent, |handshake| Cell::text(word(&handshake))),
    ];
    cells.extend(signed);
    cells.extend([
        sum(|direction| direction.verified),
        sum(|direction| direction.failed),
        sum(|direction| direction.not_verifiable),
        if reasons.is_empty() {
            Cell::Absent
        } else {
            Cell::List(reasons)
        },
        algorithm.into(),
        options
            .map(|is_covered| if is_covered { "covered" } else { "omitted" })
            .into(),
    ]);
    cells
}

/// The word that JSON has for it.
fn word(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn carries_cell(carries: Carries) -> Cell {
    let tone = match carries {
        Carries::Bmp => Tone::Good,
        _ => Tone::Warning,
    };
    Cell::Word(word(&carries), tone)
}

/// `99 of 99`.
fn share(direction: Option<&DirectionRow>) -> Cell {
    match direction {
        Some(row) => Cell::text(format!("{} of {}", row.signed, row.segments)),
        None => Cell::Absent,
    }
}

fn keys(answer: &Auth) -> Option<Sheet> {
    let mut sheet = sheet("Keys that segments name")
        .left(["from"])
        .right(["KeyID", "RNextKeyID", "MAC octets", "segments"])
        .left(["first", "last"])
        .keys(6);
    for row in all(answer) {
        let directions = [
            (Who::Router, &row.router_to_station),
            (Who::Station, &row.station_to_router),
        ];
        for (who, direction) in directions {
            for run in direction
                .iter()
                .flat_map(|direction| &direction.key_id_runs)
            {
                let mut cells = ends(row);
                cells.extend([
                    who.word().into(),
                    run.key_id.into(),
                    run.rnext_key_id.into(),
                    run.mac_length.into(),
                    run.segments.into(),
                    run.first.time.into(),
                    run.last.time.into(),
                ]);
                sheet.row(cells);
            }
        }
    }
    Some(sheet)
}

fn rollovers(answer: &Auth) -> Option<Sheet> {
    let mut sheet = sheet("Changes of key")
        .left(["by"])
        .right(["from", "to"])
        .left(["asked for", "withdrawn", "followed"])
        .right(["segments between"])
        .keys(6);
    let time =
        |place: &Option<PlaceRow>| -> Cell { place.as_ref().and_then(|place| place.time).into() };
    for row in all(answer) {
        for change in &row.rollovers {
            let mut cells = ends(row);
            cells.extend([
                change.by.word().into(),
                change.from.into(),
                change.to.into(),
                time(&change.asked),
                time(&change.withdrawn),
                time(&change.followed),
                change.segments_between.into(),
            ]);
            sheet.row(cells);
        }
    }
    Some(sheet)
}

fn violations(answer: &Auth) -> Option<Sheet> {
    let mut sheet = sheet("What should not be")
        .left(["kind", "by"])
        .right(["count"])
        .left(["what"])
        .right(["first packet"])
        .left(["reference"])
        .keys(5);
    for row in all(answer) {
        for violation in &row.violations {
            let mut cells = ends(row);
            cells.extend([
                Cell::Word(violation.kind.clone(), Tone::Warning),
                violation.by.map(Who::word).into(),
                violation.count.into(),
                violation.message.as_str().into(),
                violation
                    .first
                    .as_ref()
                    .and_then(|first| first.packet)
                    .into(),
                violation.reference.as_str().into(),
            ]);
            sheet.row(cells);
        }
    }
    Some(sheet)
}

fn liveness(answer: &Auth) -> Option<Sheet> {
    let mut sheet = sheet("Liveness")
        .left(["keepalives of router", "keepalives of station"])
        .right(["zero windows", "longest idle", "silent at end"])
        .left(["end", "by", "at"]);
    for row in all(answer) {
        let Some(liveness) = &row.liveness else {
            continue;
        };
        let mut cells = ends(row);
        cells.extend([
            keepalives(&liveness.router),
            keepalives(&liveness.station),
            (liveness.router.zero_windows + liveness.station.zero_windows).into(),
            liveness.longest_idle.map_or(Cell::Absent, Cell::Seconds),
            liveness.silent_at_end.map_or(Cell::Absent, Cell::Seconds),
            close_cell(liveness.close),
            liveness.closed_by.map(Who::word).into(),
            liveness.closed_time.into(),
        ]);
        sheet.row(cells);
    }
    Some(sheet)
}

/// `4, 4 answered`.
fn keepalives(side: &SideLivenessRow) -> Cell {
    match side.probes {
        0 => Cell::Absent,
        probes => Cell::text(format!("{probes}, {} answered", side.answered)),
    }
}

fn tls(answer: &Auth) -> Option<Sheet> {
    let mut sheet = sheet("TLS").left([
        "version",
        "cipher suite",
        "decrypted",
        "server name",
        "ALPN",
        "server's names",
        "client's names",
    ]);
    for row in all(answer) {
        let Some(tls) = &row.tls else {
            continue;
        };
        let mut cells = ends(row);
        cells.extend([
            tls.version.clone().or_else(|| tls.offered.clone()).into(),
            suite_cell(tls),
            decrypted_cell(tls),
            tls.server_name.clone().into(),
            Cell::List(tls.alpn.clone()),
            Cell::List(tls.server_names.clone()),
            Cell::List(tls.client_names.clone()),
        ]);
        sheet.row(cells);
    }
    Some(sheet)
}

/// The name, or the number of one that has none here.
fn suite_cell(tls: &TlsRow) -> Cell {
    let name = tls.cipher_suite_name.map(str::to_owned);
    name.or_else(|| tls.cipher_suite.clone()).into()
}

/// `yes`, or why not; nothing where there was no key log.
fn decrypted_cell(tls: &TlsRow) -> Cell {
    match (tls.decryption, &tls.not_decrypted_because) {
        (None, _) => Cell::Absent,
        (Some(_), None) => Cell::Word("yes".to_owned(), Tone::Good),
        (Some(_), Some(why)) => Cell::Word(format!("no: {why}"), Tone::Warning),
    }
}

fn ipsec(answer: &Auth) -> Option<Sheet> {
    let mut sheet = Sheet::new("IPsec")
        .left(["kind", "from", "to"])
        .right(["packets"])
        .left(["SPI", "first", "last"])
        .keys(3);
    for row in &answer.ipsec {
        sheet.row([
            row.kind.as_str().into(),
            row.source.into(),
            row.destination.into(),
            row.packets.into(),
            Cell::List(row.spis.clone()),
            row.first_time.into(),
            row.last_time.into(),
        ]);
    }
    Some(sheet)
}

fn advice(answer: &Auth) -> Option<Sheet> {
    let mut sheet = sheet("Advice").left(["advice"]);
    for row in all(answer) {
        for line in &row.advice {
            let mut cells = ends(row);
            cells.push(line.as_str().into());
            sheet.row(cells);
        }
    }
    Some(sheet)
}
