//! The command line: arguments, colours, progress, exit codes. Only here is anything printed.

mod command;
mod destination;
mod man;
mod options;
mod overwrite;
mod own;
mod progress;
mod size;
mod voice;

pub use man::man_page;

use crate::finding::Severity;
use crate::output::{self, Lines, Style};
use crate::pipeline::Request;
use crate::report::{self, Failure, Given, Outcome, REPORTS, Report, messages};
use clap::ColorChoice;
use command::{Asked, Task};
use destination::Destination;
use options::Options;
use progress::Ticker;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use voice::Voice;

/// Usage error, or an input that could not be read.
const NOT_ANSWERED: u8 = 2;

/// The program: reads the command line, answers, and tells how it went.
pub fn main() -> ExitCode {
    ExitCode::from(run(std::env::args_os(), REPORTS))
}

fn run(arguments: impl Iterator<Item = OsString>, reports: &'static [Report]) -> u8 {
    let asked = match command::parse(arguments, reports) {
        Ok(asked) => asked,
        Err(error) => {
            // Help into a closed pipe is as quiet as any other output.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(NOT_ANSWERED);
        }
    };
    let voice = voice(&asked.options);
    match answer(asked, voice) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(failure) => {
            voice.error(&failure.to_string());
            NOT_ANSWERED
        }
    }
}

fn answer(asked: Asked, voice: Voice) -> Result<u8, Failure> {
    let Asked { task, options } = asked;
    refuse_overwriting(&task, &options)?;
    let destination = Destination::open(options.output.as_deref())?;
    match task {
        Task::Report(report, request, given) => {
            let ticker = ticker(&request, &options);
            let outcome = (report.run)(&request, &given);
            drop(ticker);
            print_answer(&outcome?, &options, destination, voice)
        }
        Task::Messages(request, given) => {
            stream_messages(&request, &given, &options, destination, voice)
        }
        Task::Schema(name) => print(destination, &schema_text(&name)?),
        Task::Completions(shell) => print(destination, &completions(shell)),
        Task::Man => print(destination, man_page().as_bytes()),
    }
}

fn refuse_overwriting(task: &Task, options: &Options) -> Result<(), Failure> {
    match task {
        Task::Report(report, request, given) => {
            overwrite::refuse(&request.inputs, options, report.options, given)
        }
        Task::Messages(request, given) => {
            overwrite::refuse(&request.inputs, options, messages::OPTIONS, given)
        }
        Task::Schema(_) | Task::Completions(_) | Task::Man => Ok(()),
    }
}

fn print_answer(
    outcome: &Outcome,
    options: &Options,
    mut destination: Destination,
    voice: Voice,
) -> Result<u8, Failure> {
    voice.tell(outcome);
    if let Some(answer) = &outcome.answer {
        if let Some(path) = &outcome.save {
            let mut file = Destination::open(Some(path))?;
            (output::JSON.document)(answer.as_ref(), Style::default(), &mut file)?;
            file.commit()?;
        }
        let format = options.format().unwrap_or(&output::TABLE);
        let style = style(options, &destination);
        (format.document)(answer.as_ref(), style, &mut destination)?;
        destination.commit()?;
    }
    Ok(exit_code(outcome))
}

fn stream_messages(
    request: &Request,
    given: &Given,
    options: &Options,
    mut destination: Destination,
    voice: Voice,
) -> Result<u8, Failure> {
    let format = options.format().unwrap_or(&output::NDJSON);
    let width = style(options, &destination).width;
    let choice = messages::Choice::given(format.line, width, given, &request.code_points)?;
    // Lines that scroll by show the progress themselves.
    let ticker = match destination.is_terminal() {
        true => None,
        false => ticker(request, options),
    };
    let mut lines = Lines::new(&mut destination, format.frame);
    let outcome = messages::run_as(request, &choice, &mut |chunk| lines.write(chunk));
    drop(ticker);
    let outcome = outcome?;
    voice.tell(&outcome);
    // As with reports: where nothing could be read there is no answer, not even an empty one.
    let is_answered = !lines.is_empty() || outcome.unread.len() < request.inputs.len();
    if is_answered {
        lines.finish()?;
        destination.commit()?;
    }
    Ok(exit_code(&outcome))
}

fn exit_code(outcome: &Outcome) -> u8 {
    if !outcome.unread.is_empty() {
        return NOT_ANSWERED;
    }
    outcome.answer.as_ref().map_or(0, |answer| answer.exit())
}

fn print(mut destination: Destination, text: &[u8]) -> Result<u8, Failure> {
    destination.write_all(text)?;
    destination.commit()?;
    Ok(0)
}

fn schema_text(name: &str) -> Result<Vec<u8>, Failure> {
    let Some(schema) = report::schema(name) else {
        let names: Vec<_> = report::schema_names().collect();
        let names = names.join(", ");
        return Err(Failure::Usage(format!("no schema '{name}', but: {names}")));
    };
    let mut text = serde_json::to_vec_pretty(&schema).map_err(io::Error::from)?;
    text.push(b'\n');
    Ok(text)
}

fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command::full(), "bmpscope", &mut script);
    script
}

fn ticker(request: &Request, options: &Options) -> Option<Ticker> {
    let wanted = !options.quiet && !options.no_progress && io::stderr().is_terminal();
    wanted.then(|| Ticker::start(Arc::clone(&request.progress)))
}

fn voice(options: &Options) -> Voice {
    let mildest = match (options.quiet, options.verbose) {
        (true, _) => Severity::Error,
        (false, true) => Severity::Note,
        (false, false) => Severity::Warning,
    };
    Voice {
        mildest,
        colours: colours(options, io::stderr().is_terminal()),
    }
}

fn style(options: &Options, destination: &Destination) -> Style {
    let is_terminal = destination.is_terminal();
    let size = is_terminal.then(terminal_size::terminal_size).flatten();
    Style {
        width: size.map(|(terminal_size::Width(columns), _)| columns),
        colours: colours(options, is_terminal),
    }
}

fn colours(options: &Options, is_terminal: bool) -> bool {
    match options.color.unwrap_or(ColorChoice::Auto) {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => is_terminal && !is_set("NO_COLOR") && !is_dumb(),
    }
}

/// Set and not empty, as the convention for NO_COLOR has it.
fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Unread;
    use crate::sheet::{Answer, Cell, Sheet};
    use std::fs;
    use std::path::Path;

    #[derive(serde::Serialize)]
    struct Ports(Vec<u16>);

    impl Answer for Ports {
        fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
            crate::sheet::elements(&self.0)
        }

        fn sheets(&self) -> Vec<Sheet> {
            let mut sheet = Sheet::new("Ports").right(["port"]).main();
            self.0
                .iter()
                .for_each(|port| sheet.row([Cell::from(*port)]));
            vec![sheet]
        }

        fn exit(&self) -> u8 {
            u8::from(self.0.is_empty())
        }
    }

    /// Answers with the ports it was asked for; a file named `missing` cannot be read.
    fn ports(request: &Request, _: &Given) -> Result<Outcome, Failure> {
        let missing = request
            .inputs
            .iter()
            .any(|path| path == Path::new("missing"));
        let unread = missing.then(|| Unread {
            path: "missing".to_owned(),
            message: "no such file".to_owned(),
        });
        let is_alone = missing && request.inputs.len() == 1;
        Ok(Outcome {
            answer: (!is_alone).then(|| Box::new(Ports(request.ports.clone())) as Box<dyn Answer>),
            unread: unread.into_iter().collect(),
            ..Outcome::default()
        })
    }

    fn broken(_: &Request, _: &Given) -> Result<Outcome, Failure> {
        Err(io::Error::from(io::ErrorKind::BrokenPipe).into())
    }

    static FAKES: &[Report] = &[fake("ports", ports), fake("broken", broken)];

    const fn fake(
        name: &'static str,
        run: fn(&Request, &Given) -> Result<Outcome, Failure>,
    ) -> Report {
        Report {
            name,
            run,
            about: "",
            details: "",
            examples: &[],
            options: &[],
            schema: messages::schema,
        }
    }

    /// The exit code, and what stands in the output file if there is one.
    fn asked(words: &str) -> (u8, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let output = ["-o".into(), path.clone().into_os_string()];
        let words = words.split(' ').map(OsString::from).chain(output);
        let code = run(words, FAKES);
        (code, fs::read_to_string(path).ok())
    }

    #[test]
    fn an_answer_is_written_in_the_format_asked_for() {
        let written = |words| asked(words).1.unwrap();
        let table = "Ports\nport\n────\n1790\n";
        assert_eq!(written("bmpscope ports --port 1790 a"), table);
        assert_eq!(
            written("bmpscope --port 1 ports --port 2 -f ndjson a"),
            "1\n2\n"
        );
        assert_eq!(written("bmpscope --json ports --port 1 a"), "[\n  1\n]\n");
        assert_eq!(written("bmpscope ports a -f csv --port 5"), "port\r\n5\r\n");
    }

    #[test]
    fn the_answer_asks_for_the_exit_code_unless_an_input_is_missing() {
        let code = |words| asked(words).0;
        assert_eq!(code("bmpscope ports --port 1 a"), 0);
        assert_eq!(code("bmpscope ports a"), 1);
        assert_eq!(code("bmpscope ports --port 1 a missing"), 2);
    }

    #[test]
    fn without_any_input_there_is_no_answer_and_no_file() {
        assert_eq!(asked("bmpscope ports missing"), (2, None));
        assert!(asked("bmpscope ports missing a").1.is_some());
    }

    #[test]
    fn a_broken_pipe_is_success() {
        assert_eq!(asked("bmpscope broken a"), (0, None));
    }
}
