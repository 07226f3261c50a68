//! The options that every command takes, before or after its name.

use super::size;
use crate::bmp::v4::Numbering;
use crate::output::{self, Format};
use crate::pipeline::{PeerFilter, Request, RouterFilter};
use crate::session::Assumed;
use crate::time::Timestamp;
use crate::tls::KeyLog;
use crate::wire::CodePoints;
use crate::wire::code_points::Setting;
use clap::ColorChoice;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The headings that options stand under in help.
const SELECTION: &str = "Selection";
const OUTPUT: &str = "Output";
pub(super) const OTHER: &str = "Other options";

// The options that every command takes. One line of help each, so that help fits a screen. (Not a
// doc comment: clap would make it the description of every command.)
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Options {
    /// Look at this TCP port only, and take what is there for BMP; repeatable [default: find BMP
    /// by content on any port]
    #[arg(long = "port", value_name = "PORT", help_heading = SELECTION)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) ports: Vec<u16>,

    /// Only this router: the address it speaks BMP from, or its sysName; repeatable
    #[arg(long = "router", value_name = "ADDR|NAME", help_heading = SELECTION)]
    pub(super) routers: Vec<RouterFilter>,

    /// Only this BGP peer of the routers; repeatable
    #[arg(long = "peer", value_name = "ADDR|ASN", help_heading = SELECTION)]
    pub(super) peers: Vec<PeerFilter>,

    /// Only from this moment on: RFC 3339 (UTC without an offset), or seconds since 1970
    #[arg(long, value_name = "TIME", help_heading = SELECTION, value_parser = Timestamp::parse)]
    pub(super) since: Option<Timestamp>,

    /// Only up to this moment
    #[arg(long, value_name = "TIME", help_heading = SELECTION, value_parser = Timestamp::parse)]
    pub(super) until: Option<Timestamp>,

    /// How to print the answer [default: table; ndjson for messages]
    #[arg(short, long, value_name = "FORMAT", help_heading = OUTPUT, value_parser = formats())]
    pub(super) format: Option<&'static Format>,

    /// The same as --format json
    #[arg(long, help_heading = OUTPUT, conflicts_with = "format")]
    json: bool,

    /// Write the answer to a file: whole, or not at all
    #[arg(short, long, value_name = "FILE", help_heading = OUTPUT)]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub(super) output: Option<PathBuf>,

    /// Colours; auto asks the terminal and NO_COLOR
    #[arg(long, value_name = "WHEN", help_heading = OUTPUT)]
    pub(super) color: Option<ColorChoice>,

    /// The secrets of TLS sessions (SSLKEYLOGFILE), which are then read like others; repeatable
    #[arg(long = "tls-keylog", value_name = "FILE", help_heading = OTHER)]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    key_logs: Vec<PathBuf>,

    /// The numbers of draft code points, as TOML; the manual page lists their names
    #[arg(long, value_name = "FILE", help_heading = OTHER)]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    code_points: Option<PathBuf>,

    /// The number of one draft code point, such as rpki-config=200; repeatable, and stronger than
    /// the file
    #[arg(long = "code", value_name = "NAME=NUMBER", help_heading = OTHER, value_parser = code)]
    codes: Vec<Setting>,

    /// How BMP version 4 numbers its TLVs: by this revision of draft-ietf-grow-bmp-tlv [default:
    /// auto, as the content tells]
    #[arg(long, value_name = "auto|17|19|20|21", help_heading = OTHER, value_parser = numberings())]
    pub(super) bmp4: Option<Bmp4>,

    /// All NLRI carry path identifiers (or none do), whatever they and the Peer Ups say
    #[arg(long, value_name = "yes|no", num_args = 0..=1, require_equals = true, default_missing_value = "yes")]
    #[arg(value_parser = ["yes", "no"], help_heading = OTHER)]
    assume_add_path: Option<String>,

    /// AS numbers in UPDATEs have two octets, whatever they and the Peer Ups say
    #[arg(long, help_heading = OTHER)]
    assume_as2: bool,

    /// Threads that decode [default: one per core]
    #[arg(long, value_name = "N", help_heading = OTHER)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// No progress bar
    #[arg(long, help_heading = OTHER)]
    pub(super) no_progress: bool,

    /// Say nothing but errors
    #[arg(short, long, help_heading = OTHER, conflicts_with = "verbose")]
    pub(super) quiet: bool,

    /// Tell every finding on stderr
    #[arg(short, long, help_heading = OTHER)]
    pub(super) verbose: bool,

    /// Octets of input handled at a time
    #[arg(long, value_name = "SIZE", hide = true, value_parser = size::parse)]
    window: Option<usize>,
}

impl Options {
    /// These options, given before the command, with those given after it: lists are joined, and
    /// of a single value the later one counts.
    pub(super) fn then(mut self, later: Options) -> Options {
        self.ports.extend(later.ports);
        self.routers.extend(later.routers);
        self.peers.extend(later.peers);
        self.codes.extend(later.codes);
        self.key_logs.extend(later.key_logs);
        // The format has two spellings, so the later of either counts.
        let later_has_format = later.format.is_some() || later.json;
        Options {
            ports: self.ports,
            routers: self.routers,
            peers: self.peers,
            since: later.since.or(self.since),
            until: later.until.or(self.until),
            format: later.format.or(self.format.filter(|_| !later_has_format)),
            json: later.json || (self.json && !later_has_format),
            output: later.output.or(self.output),
            color: later.color.or(self.color),
            code_points: later.code_points.or(self.code_points),
            codes: self.codes,
            key_logs: self.key_logs,
            bmp4: later.bmp4.or(self.bmp4),
            assume_add_path: later.assume_add_path.or(self.assume_add_path),
            assume_as2: later.assume_as2 || self.assume_as2,
            threads: later.threads.or(self.threads),
            no_progress: later.no_progress || self.no_progress,
            quiet: later.quiet || (self.quiet && !later.verbose),
            verbose: later.verbose || (self.verbose && !later.quiet),
            window: later.window.or(self.window),
        }
    }

    /// The format asked for, if one was.
    pub(super) fn format(&self) -> Option<&'static Format> {
        self.format.or(self.json.then_some(&output::JSON))
    }

    /// What is asked of these inputs.
    pub(super) fn request(&self, inputs: Vec<PathBuf>) -> Result<Request, String> {
        let both = self.since.zip(self.until);
        if let Some((since, until)) = both
            && until.nanoseconds() < since.nanoseconds()
        {
            return Err(format!("--until {until} lies before --since {since}"));
        }
        Ok(Request {
            inputs,
            ports: self.ports.clone(),
            routers: self.routers.clone(),
            peers: self.peers.clone(),
            since: self.since,
            until: self.until,
            threads: self.threads.map(usize::from).and_then(NonZeroUsize::new),
            window: self.window,
            bmp4: self.bmp4.and_then(|bmp4| bmp4.0),
            assumed: Assumed {
                add_path: self.assume_add_path.as_deref().map(|word| word == "yes"),
                two_octet_as: self.assume_as2,
            },
            code_points: Arc::new(self.code_points()?),
            key_log: self.key_log()?,
            ..Request::default()
        })
    }

    /// The files that are read beside the inputs.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let all = self.key_logs.iter().chain(&self.code_points);
        all.map(PathBuf::as_path)
    }

    /// The secrets of all key logs.
    fn key_log(&self) -> Result<Option<Arc<KeyLog>>, String> {
        let mut log = KeyLog::default();
        for path in &self.key_logs {
            log.read_file(path)
                .map_err(|error| unreadable(path, &error))?;
        }
        Ok((!self.key_logs.is_empty()).then(|| Arc::new(log)))
    }

    /// The numbers of the file, then those of the options.
    fn code_points(&self) -> Result<CodePoints, String> {
        let mut numbers = match &self.code_points {
            Some(path) => settings(path)?,
            None => Vec::new(),
        };
        numbers.extend_from_slice(&self.codes);
        CodePoints::with(&numbers)
    }
}

/// The text of an option is its place.
fn code(text: &str) -> Result<Setting, String> {
    Setting::parse(text, &format!("--code {text}"))
}

fn settings(path: &Path) -> Result<Vec<Setting>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Setting::read(&text, &path.display().to_string()),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    let reason = error.to_string();
    let reason = reason.split(" (os error").next().unwrap_or_default();
    format!("{}: cannot be read: {reason}", path.display())
}

/// How TLVs are numbered; none: as the content tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bmp4(Option<Numbering>);

fn numberings() -> impl TypedValueParser<Value = Bmp4> {
    PossibleValuesParser::new(["auto", "17", "19", "20", "21"]).map(|text| {
        let revision = text.parse().ok();
        Bmp4(revision.and_then(Numbering::of_revision))
    })
}

fn formats() -> impl TypedValueParser<Value = &'static Format> {
    PossibleValuesParser::new(output::FORMATS.iter().map(|format| format.name))
        .try_map(|name| output::format(&name).ok_or("no such format"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, Command, FromArgMatches};

    fn options(arguments: &[&str]) -> Options {
        let command = Options::augment_args(Command::new("test").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments).unwrap();
        Options::from_arg_matches(&matches).unwrap()
    }

    #[test]
    fn options_before_and_after_the_command_are_joined() {
        let before = options(&["--port", "1790", "--peer", "64500", "--threads", "2", "-q"]);
        let after = options(&["--port", "5000", "--threads", "4", "--no-progress"]);
        let both = before.then(after);
        assert_eq!(both.ports, [1790, 5000]);
        assert_eq!(both.peers, [PeerFilter::Asn(64500)]);
        assert_eq!(both.threads, Some(4));
        assert!(both.no_progress && both.quiet && !both.verbose);
    }

    #[test]
    fn a_numbering_is_forced_and_auto_takes_it_back() {
        let asked = |before: &[&str], after: &[&str]| {
            let request = options(before).then(options(after)).request(vec![]);
            request.unwrap().bmp4
        };
        assert_eq!(asked(&[], &[]), None);
        assert_eq!(asked(&["--bmp4", "21"], &[]), Some(Numbering::Draft21));
        assert_eq!(
            asked(&["--bmp4", "21"], &["--bmp4", "17"]),
            Some(Numbering::Draft17)
        );
        assert_eq!(asked(&["--bmp4", "21"], &["--bmp4", "auto"]), None);
    }

    #[test]
    fn the_later_format_counts_in_either_spelling() {
        let name = |before: &[&str], after: &[&str]| {
            let both = options(before).then(options(after));
            both.format().map(|format| format.name)
        };
        assert_eq!(name(&[], &[]), None);
        assert_eq!(name(&["--json"], &[]), Some("json"));
        assert_eq!(name(&["--json"], &["-f", "csv"]), Some("csv"));
        assert_eq!(name(&["-f", "csv"], &["--json"]), Some("json"));
    }

    #[test]
    fn the_end_cannot_lie_before_the_beginning() {
        let asked = |since, until| options(&["--since", since, "--until", until]).request(vec![]);
        assert!(asked("10", "10").is_ok());
        assert_eq!(
            asked("20", "10").unwrap_err(),
            "--until 1970-01-01T00:00:10Z lies before --since 1970-01-01T00:00:20Z"
        );
    }
}
