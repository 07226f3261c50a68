//! Runs of the program, and its answers as JSON.

use assert_cmd::Command;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// What one run left.
#[derive(Debug)]
pub(crate) struct Run {
    /// Exit code; a run ended by a signal is a failure of the test.
    pub(crate) code: i32,
    /// Results.
    pub(crate) stdout: Vec<u8>,
    /// Everything else.
    pub(crate) stderr: String,
}

impl Run {
    /// The one document on stdout.
    pub(crate) fn json(&self) -> Value {
        match serde_json::from_slice(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("stdout is not one JSON document: {error}\n{self}"),
        }
    }

    /// The objects on stdout, one a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.stdout).unwrap();
        let parse = |(index, line)| match serde_json::from_str(line) {
            Ok(value) => value,
            Err(error) => panic!("line {}: {error}: {line}", index + 1),
        };
        text.lines().enumerate().map(parse).collect()
    }

    /// The same run, after checking that it answered.
    #[track_caller]
    pub(crate) fn answered(self) -> Run {
        assert!(self.code == 0, "expected exit code 0, got {self}");
        self
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stdout = String::from_utf8_lossy(&self.stdout);
        let shown: String = stdout.chars().take(2000).collect();
        write!(f, "exit code {}\nstdout: {shown}\n", self.code)?;
        write!(f, "stderr: {}", self.stderr)
    }
}

/// The program's own path.
pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_bmpscope"))
}

/// Runs the program; stdin is empty.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: &[S]) -> Run {
    run_with_stdin(arguments, &[])
}

/// Runs the program with these octets on stdin.
pub(crate) fn run_with_stdin<S: AsRef<OsStr>>(arguments: &[S], stdin: &[u8]) -> Run {
    let mut command = Command::new(binary());
    command.args(arguments).write_stdin(stdin);
    finished(&mut command)
}

/// Waits for a command and keeps what it left.
pub(crate) fn finished(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let Some(code) = output.status.code() else {
        panic!("{command:?} was ended by a signal: {}", output.status);
    };
    Run {
        code,
        stdout: output.stdout,
        stderr,
    }
}

/// Runs `command` with `options` on `files`, or on stdin where the only file is `-`.
pub(crate) fn ask(command: &str, options: &[&str], input: &Input) -> Run {
    let mut arguments: Vec<&OsStr> = vec![OsStr::new(command)];
    arguments.extend(options.iter().map(OsStr::new));
    match input {
        Input::Files(files) => arguments.extend(files.iter().map(|file| file.as_os_str())),
        Input::Pipe(_) => arguments.push(OsStr::new("-")),
    }
    match input {
        Input::Files(_) => run(&arguments),
        Input::Pipe(bytes) => run_with_stdin(&arguments, bytes),
    }
}

/// What a question is asked about.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// Files, in this order on the command line.
    Files(Vec<PathBuf>),
    /// These octets through a pipe.
    Pipe(Vec<u8>),
}

impl Input {
    /// One file.
    pub(crate) fn file(path: &Path) -> Input {
        Input::Files(vec![path.to_path_buf()])
    }
}

/// Removes these keys everywhere in a value.
pub(crate) fn without(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(object) => {
            object.retain(|key, _| !keys.contains(&key.as_str()));
            object.values_mut().for_each(|inner| without(inner, keys));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| without(inner, keys)),
        _ => {}
    }
}

/// Takes the trailing zeros off the fractions of all times, so that clocks of different resolution
/// compare: `12:00:00.500000Z` becomes `12:00:00.5Z`.
pub(crate) fn with_shortest_times(value: &mut Value) {
    match value {
        Value::Object(object) => object.values_mut().for_each(with_shortest_times),
        Value::Array(items) => items.iter_mut().for_each(with_shortest_times),
        Value::String(text) if is_time(text) => *text = shortest_time(text),
        _ => {}
    }
}

/// `2026-01-31T12:00:00.500Z`: RFC 3339 in UTC with a fraction.
fn is_time(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00.";
    let bytes = text.as_bytes();
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    bytes.len() > shape.len() && bytes.ends_with(b"Z") && bytes.iter().zip(shape).all(fits)
}

fn shortest_time(text: &str) -> String {
    let digits = text.trim_end_matches('Z').trim_end_matches('0');
    format!("{}Z", digits.trim_end_matches('.'))
}
