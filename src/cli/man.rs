//! The manual page: one page for the program, its commands and their options.

use super::command::{Spread, program};
use crate::finding::{KINDS, Kind};
use crate::output::FORMATS;
use crate::report::{REPORTS, messages};
use crate::wire::code_points::{CodePoint, Table};
use clap::{Arg, Command};
use clap_mangen::Man;
use roff::{Roff, bold, italic, roman};

/// The manual page as roff, made from the same definition that reads the command line.
pub fn man_page() -> String {
    let mut program = program(REPORTS, Spread::Once);
    program.build();
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = render(&program, &mut page);
    String::from_utf8_lossy(&page).into_owned()
}

fn render(program: &Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    let man = Man::new(program.clone()).date("").manual("User Commands");
    man.render_title(page)?;
    man.render_name_section(page)?;
    synopsis().to_writer(page)?;
    let sections = [description(program), commands(program)];
    sections
        .iter()
        .try_for_each(|section| section.to_writer(page))?;
    man.render_options_section(page)?;
    let sections = [
        formats(),
        code_points(),
        findings(),
        exit_status(),
        environment(),
        examples(),
    ];
    sections
        .iter()
        .try_for_each(|section| section.to_writer(page))
}

fn synopsis() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text([bold("bmpscope"), roman(" <COMMAND> [OPTIONS] <FILE>...")]);
    roff
}

fn description(program: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["DESCRIPTION"]);
    let texts = [program.get_about(), program.get_before_help()];
    for text in texts.into_iter().flatten() {
        roff.control("PP", []).text([roman(text.to_string())]);
    }
    roff
}

fn commands(program: &Command) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for command in program.get_subcommands() {
        command_section(command, command.get_name(), &mut roff);
        for member in command.get_subcommands() {
            let name = format!("{} {}", command.get_name(), member.get_name());
            command_section(member, &name, &mut roff);
        }
    }
    roff
}

fn command_section(command: &Command, name: &str, roff: &mut Roff) {
    let is_shown = !command.is_hide_set() && command.get_name() != "help";
    let Some(about) = command.get_about().filter(|_| is_shown) else {
        return;
    };
    roff.control("SS", [name]);
    roff.text([roman(format!("{about}."))]);
    if let Some(details) = command.get_before_help() {
        roff.control("PP", []).text([roman(details.to_string())]);
    }
    let own = command
        .get_arguments()
        .filter(|argument| argument.get_id() != "help");
    own.for_each(|argument| describe(argument, roff));
}

fn describe(argument: &Arg, roff: &mut Roff) {
    let help = argument.get_help().map(ToString::to_string);
    let name = match argument.is_positional() {
        true => italic(argument.to_string()),
        false => bold(argument.to_string()),
    };
    roff.control("TP", []).text([name]);
    let values = argument.get_possible_values();
    let values: Vec<_> = values.iter().map(|value| value.get_name()).collect();
    let values = match values.is_empty() {
        true => String::new(),
        false => format!(": {}", values.join(", ")),
    };
    let default = argument.get_default_values().first();
    let default = default.map_or(String::new(), |value| {
        format!(" [default: {}]", value.display())
    });
    roff.text([roman(help.unwrap_or_default() + &values + &default)]);
}

fn formats() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["FORMATS"]);
    for format in FORMATS {
        roff.control("TP", [])
            .text([bold(format.name)])
            .text([roman(format.about)]);
    }
    roff
}

/// Every code point that `--code` and a file of `--code-points` may name, with its default.
fn code_points() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["CODE POINTS"]);
    roff.control("PP", []).text([roman(CODE_POINTS)]);
    for table in Table::ALL {
        roff.control("SS", [table.to_string().as_str()]);
        for code_point in table.code_points() {
            roff.control("TP", [])
                .text([bold(code_point.name())])
                .text([roman(code_point_text(code_point))]);
        }
    }
    roff
}

const CODE_POINTS: &str = "Drafts leave these numbers open. --code NAME=NUMBER sets one, decimal \
                           or 0x..; NAME=ENTERPRISE/NUMBER sets one of an enterprise, where BMP \
                           version 4 allows it. A file of --code-points is TOML with the tables \
                           below: NAME = NUMBER, or NAME = { enterprise = N, type = N }. Below is \
                           the number of each unless it is set.";

fn code_point_text(code_point: CodePoint) -> String {
    let row = code_point.row();
    let (number, meaning, source) = (row.default, row.meaning, row.source);
    match row.version_4 {
        Some(other) => format!("{number}, in version 4 {other}: {meaning} ({source})"),
        None if row.table == Table::Rpki => format!("{number:#06x}: {meaning} ({source})"),
        None => format!("{number}: {meaning} ({source})"),
    }
}

/// Every kind of finding that `check` may list.
fn findings() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["FINDINGS"]);
    for kind in KINDS {
        let Kind {
            word,
            severity,
            reference,
            meaning,
        } = kind;
        let reference = match reference.is_empty() {
            true => String::new(),
            false => format!(", {reference}"),
        };
        let text = format!("{meaning} ({}{reference})", severity.word());
        roff.control("TP", [])
            .text([bold(*word)])
            .text([roman(text)]);
    }
    roff
}

fn exit_status() -> Roff {
    const CODES: [(&str, &str); 3] = [
        (
            "0",
            "Answered. A capture that is cut short, has gaps or holds no BMP is answered too: stderr and the findings tell.",
        ),
        (
            "1",
            "Something that was asked to hold does not hold: check found something at or above --fail-on, defaults a \
             mismatch at or above --fail-on-mismatch, or auth --require was not met.",
        ),
        (
            "2",
            "A usage error, or an input that could not be read; the other inputs are still answered.",
        ),
    ];
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in CODES {
        roff.control("TP", [])
            .text([bold(code)])
            .text([roman(meaning)]);
    }
    roff
}

fn environment() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["ENVIRONMENT"]);
    roff.control("TP", []).text([bold("NO_COLOR")]);
    roff.text([roman("If set and not empty, --color auto means never.")]);
    roff
}

fn examples() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    let reports = REPORTS.iter().flat_map(|report| report.examples);
    for example in reports.chain(messages::EXAMPLES) {
        roff.control("PP", []).text([roman(example.about)]);
        roff.control("PP", [])
            .control("RS", ["4"])
            .control("nf", []);
        roff.text([roman(example.line)]);
        roff.control("fi", []).control("RE", []);
    }
    roff
}
