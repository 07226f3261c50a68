//! The commands, as clap sees them: one for each report, and the few that are not reports.

use super::options::{OTHER, Options};
use super::own;
use crate::output;
use crate::pipeline::Request;
use crate::report::{self, Example, GROUPS, Given, Group, REPORTS, Report, messages};
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Args, ColorChoice, Command, FromArgMatches, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What was asked on the command line.
pub(super) struct Asked {
    /// The command.
    pub(super) task: Task,
    /// The options, from before and after the command.
    pub(super) options: Options,
}

/// One command with what it needs.
pub(super) enum Task {
    /// Answer a question, with what was given of its own options.
    Report(&'static Report, Request, Given),
    /// Print the messages, as its own options ask.
    Messages(Request, Given),
    /// Print a JSON Schema.
    Schema(String),
    /// Print completions.
    Completions(Shell),
    /// Print the manual page.
    Man,
}

/// Help without a long form: about, details, usage, options, examples.
const TEMPLATE: &str = "\
{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}";

const ABOUT: &str = "Answers questions about captures of the BGP Monitoring Protocol (BMP)";

const DETAILS: &str = "Reads captures and never listens on a network.";

const COMMAND_HELP: &str = "'bmpscope COMMAND --help' tells more about a command.";

/// Where options stand: on the program alone, as the manual page lists them, or on each command
/// too, as they are accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Spread {
    /// On the program alone.
    Once,
    /// On the program and each command.
    Everywhere,
}

/// The whole program.
pub(super) fn program(reports: &'static [Report], spread: Spread) -> Command {
    let finished = |command: Command| match spread {
        Spread::Once => command.arg(help_argument()),
        Spread::Everywhere => with_options(command).arg(help_argument()),
    };
    let mut commands: Vec<Command> = Vec::new();
    for report in reports {
        let command = finished(report_command(report));
        let (group, _) = report.command();
        match group {
            None => commands.push(command),
            Some(group) => add_to_group(&mut commands, group, command, finished),
        }
    }
    commands.extend(others().map(finished));
    let version = Arg::new("version").short('V').long("version");
    let version = version.action(ArgAction::Version).help("Print the version");
    Options::augment_args(described(Command::new("bmpscope"), ABOUT, DETAILS))
        .arg(help_argument())
        .arg(version.help_heading(OTHER))
        .version(env!("CARGO_PKG_VERSION"))
        .override_usage("bmpscope <COMMAND> [OPTIONS] <FILE>...")
        .after_help(COMMAND_HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .subcommands(commands)
}

/// Adds a command to its group, which stands where its first command would.
fn add_to_group(
    commands: &mut Vec<Command>,
    group: &Group,
    command: Command,
    finished: impl Fn(Command) -> Command,
) {
    let place = commands.iter().position(|one| one.get_name() == group.name);
    let before = match place {
        Some(place) => commands.remove(place),
        None => finished(group_command(group)),
    };
    let place = place.unwrap_or(commands.len());
    commands.insert(place, before.subcommand(command));
}

fn group_command(group: &Group) -> Command {
    described(Command::new(group.name), group.about, group.details)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .override_usage(format!(
            "bmpscope {} <COMMAND> [OPTIONS] <FILE>...",
            group.name
        ))
        .after_help(format!(
            "'bmpscope {} COMMAND --help' tells more about a command.",
            group.name
        ))
}

/// A command with all options; those that have no meaning without captures are hidden there.
fn with_options(command: Command) -> Command {
    let reads = command
        .get_arguments()
        .any(|argument| argument.get_id() == "file");
    let own: Vec<_> = command
        .get_arguments()
        .map(|own| own.get_id().clone())
        .collect();
    let shown = |argument: &Arg| {
        reads
            || own.contains(argument.get_id())
            || ALWAYS_SHOWN.contains(&argument.get_id().as_str())
    };
    Options::augment_args(command).mut_args(|argument| match shown(&argument) {
        true => argument,
        false => argument.hide(true),
    })
}

/// The options that also make sense to commands that read no capture.
const ALWAYS_SHOWN: [&str; 2] = ["output", "color"];

fn report_command(report: &Report) -> Command {
    let (_, word) = report.command();
    let command = described(Command::new(word), report.about, report.details);
    command
        .arg(files())
        .args(report.options.iter().map(own::argument))
        .after_help(examples(report.examples))
}

/// The commands that are not reports.
fn others() -> impl Iterator<Item = Command> {
    let messages = described(
        Command::new(messages::NAME),
        messages::ABOUT,
        messages::DETAILS,
    )
    .arg(files())
    .args(messages::OPTIONS.iter().map(own::argument))
    .after_help(examples(messages::EXAMPLES));
    let schema = described(
        Command::new("schema"),
        "The JSON Schema of a report",
        "Every key of a report's JSON, or of a line of messages, with its type and meaning.",
    );
    let name = Arg::new("report").value_name("REPORT").required(true);
    let schema = schema
        .arg(
            name.help("The report")
                .value_parser(report::schema_names().collect::<Vec<_>>()),
        )
        .after_help(examples(SCHEMA_EXAMPLES));
    let completions = described(
        Command::new("completions"),
        "Shell completions",
        "Prints a script that lets the shell complete commands, options and their values.",
    );
    let shell = Arg::new("shell").value_name("SHELL").required(true);
    let completions = completions
        .arg(
            shell
                .help("The shell")
                .value_parser(clap::value_parser!(Shell)),
        )
        .after_help(examples(COMPLETIONS_EXAMPLES));
    let man = described(Command::new("man"), "The manual page, as roff", "").hide(true);
    [messages, schema, completions, man].into_iter()
}

const SCHEMA_EXAMPLES: &[Example] = &[Example {
    about: "What does a summary hold?",
    line: "bmpscope schema summary",
}];

const COMPLETIONS_EXAMPLES: &[Example] = &[
    Example {
        about: "bash, for this user",
        line: "bmpscope completions bash -o ~/.local/share/bash-completion/completions/bmpscope",
    },
    Example {
        about: "fish, for this user",
        line: "bmpscope completions fish -o ~/.config/fish/completions/bmpscope.fish",
    },
];

fn described(command: Command, about: &'static str, details: &'static str) -> Command {
    let command = command
        .about(about)
        .help_template(TEMPLATE)
        .disable_help_flag(true);
    if details.is_empty() {
        return command;
    }
    command.before_help(details)
}

fn files() -> Arg {
    Arg::new("file")
        .value_name("FILE")
        .help(
            "Captures: pcap, pcapng, bare BMP or OpenBMP raw, plain or compressed (gzip, zstd, \
             xz); a directory of these; - is standard input",
        )
        .required(true)
        .num_args(1..)
        .value_hint(ValueHint::AnyPath)
        .value_parser(clap::value_parser!(PathBuf))
}

fn help_argument() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help("Print help")
        .help_heading(OTHER)
}

fn examples(examples: &[Example]) -> String {
    let header = clap::builder::Styles::styled();
    let header = header.get_header();
    let mut text = format!("{header}Examples:{header:#}");
    for (index, Example { about, line }) in examples.iter().enumerate() {
        let gap = if index > 0 { "\n" } else { "" };
        let line = line.replace('\n', "\n  ");
        text += &format!("{gap}\n  # {about}\n  {line}");
    }
    text
}

/// Reads the command line. An error is for clap to print: usage errors, help, version.
pub(super) fn parse(
    arguments: impl Iterator<Item = OsString>,
    reports: &'static [Report],
) -> Result<Asked, Error> {
    let arguments: Vec<OsString> = arguments.collect();
    let mut program = program(reports, Spread::Everywhere).color(colour_asked(&arguments));
    let matches = program
        .try_get_matches_from_mut(&arguments)
        .map_err(with_tip)?;
    asked(&matches, reports).map_err(|error| match error {
        Refused::Clap(error) => error,
        Refused::Usage(message) => program.error(ErrorKind::ValueValidation, message),
    })
}

enum Refused {
    Clap(Error),
    Usage(String),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        Refused::Clap(error)
    }
}

fn asked(matches: &ArgMatches, reports: &'static [Report]) -> Result<Asked, Refused> {
    let Some((name, mut own)) = matches.subcommand() else {
        // clap has made sure that there is one.
        return Err(Refused::Usage("no command given".to_owned()));
    };
    let mut options = Options::from_arg_matches(matches)?.then(Options::from_arg_matches(own)?);
    let group = GROUPS.iter().find(|group| group.name == name);
    let mut command = (None, name);
    if let (Some(group), Some((word, inner))) = (group, own.subcommand()) {
        command = (Some(group.name), word);
        options = options.then(Options::from_arg_matches(inner)?);
        own = inner;
    }
    let is_asked = |report: &&Report| {
        let (group, word) = report.command();
        (group.map(|group| group.name), word) == command
    };
    let report = reports.iter().find(is_asked);
    let task = match (report, name) {
        (Some(report), _) => {
            let format = options
                .format()
                .map_or(output::TABLE.name, |format| format.name);
            if format != output::TABLE.name {
                own::refuse_of_tables(report.options, own).map_err(Refused::Usage)?;
            }
            let given = own::given(report.options, own).within(own::ENVIRONMENT);
            Task::Report(report, request(&options, own)?, given)
        }
        (None, messages::NAME) => {
            let given = own::given(messages::OPTIONS, own);
            Task::Messages(request(&options, own)?, given)
        }
        (None, "schema") => Task::Schema(own.get_one("report").cloned().unwrap_or_default()),
        (None, "completions") => {
            Task::Completions(own.get_one("shell").copied().unwrap_or(Shell::Bash))
        }
        (None, _) => Task::Man,
    };
    Ok(Asked { task, options })
}

fn request(options: &Options, own: &ArgMatches) -> Result<Request, Refused> {
    let files = own.get_many::<PathBuf>("file").into_iter().flatten();
    options
        .request(files.cloned().collect())
        .map_err(Refused::Usage)
}

/// Help and usage errors are coloured before the options are known, so `--color` is looked for.
fn colour_asked(arguments: &[OsString]) -> ColorChoice {
    let words: Vec<_> = arguments.iter().filter_map(|word| word.to_str()).collect();
    let says = |word: &str| {
        let pair = ["--color", word];
        words.windows(2).any(|two| two == pair) || words.contains(&&*format!("--color={word}"))
    };
    match (says("always"), says("never")) {
        (_, true) => ColorChoice::Never,
        (true, false) => ColorChoice::Always,
        (false, false) => ColorChoice::Auto,
    }
}

/// Adds what would help to the errors that people meet first.
fn with_tip(mut error: Error) -> Error {
    let tip = match error.kind() {
        ErrorKind::MissingRequiredArgument if is_about(&error, "<FILE>...") => {
            "name at least one capture, or - for standard input".to_owned()
        }
        ErrorKind::InvalidSubcommand => match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(word)) if Path::new(word).exists() => {
                format!("a command comes first: 'bmpscope {} {word}'", first(&error))
            }
            _ => return error,
        },
        _ => return error,
    };
    let tip = ContextValue::StyledStrs(vec![tip.into()]);
    error.insert(ContextKind::Suggested, tip);
    error
}

/// The first command that there is where one is missing: of a group, or of all.
fn first(error: &Error) -> String {
    let usage = error.get(ContextKind::Usage);
    let usage = usage.map(ToString::to_string).unwrap_or_default();
    let is_missing = |report: &&Report| match report.command() {
        (Some(group), _) => usage.contains(&format!("bmpscope {} ", group.name)),
        (None, _) => false,
    };
    let report = REPORTS.iter().find(is_missing);
    report.map_or_else(|| "summary".to_owned(), Report::typed)
}

fn is_about(error: &Error, argument: &str) -> bool {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.iter().any(|name| name == argument),
        _ => false,
    }
}

/// The program as people use it.
pub(super) fn full() -> Command {
    program(REPORTS, Spread::Everywhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        full().debug_assert();
        program(REPORTS, Spread::Once).debug_assert();
    }

    #[test]
    fn help_fits_eighty_columns() {
        for command in full().get_subcommands().cloned() {
            let help = command.term_width(80).render_help().to_string();
            let longest = help.lines().max_by_key(|line| line.chars().count());
            let longest = longest.unwrap_or_default();
            assert!(longest.chars().count() <= 80, "{longest}");
        }
    }

    #[test]
    fn colours_are_looked_for_before_the_options_are_read() {
        let asked = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(OsString::from).collect();
            colour_asked(&words)
        };
        assert_eq!(asked(&["bmpscope", "--color", "never"]), ColorChoice::Never);
        assert_eq!(asked(&["bmpscope", "--color=always"]), ColorChoice::Always);
        assert_eq!(asked(&["bmpscope", "never"]), ColorChoice::Auto);
    }
}
