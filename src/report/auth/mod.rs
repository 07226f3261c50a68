//! `auth`: how each BMP session is protected, and whether its signatures hold.

mod sheets;

use super::source::{self, Answered};
use super::{Body, Example, Failure, Given, Header, Notice, Outcome, OwnOption, Report, Request};
use crate::analysis::auth::{Auth, Context, Require, auth};
use crate::auth::Keys;
use crate::finding::Severity;
use crate::pipeline::Run;
use crate::secret;
use crate::sheet::{self, Rows, Sheet};
use crate::time::Timestamp;
use std::path::Path;
use std::sync::Arc;

/// The report.
pub const REPORT: Report = Report {
    name: Auth::NAME,
    about: "How each BMP session is protected; TCP-AO and TCP-MD5 verification",
    details: "Tells of each BMP session and direction what protects it (TCP-AO, TCP-MD5, TLS, ESP, \
              AH), which keys its segments name and when they change, what should not be, and \
              whether the connection lives. With --keys it verifies the signature of every segment. \
              The exit code is 1 where --require is not met.",
    examples: &[
        Example {
            about: "Who is protected, and how?",
            line: "bmpscope auth day.pcap",
        },
        Example {
            about: "Are the signatures those of these keys?",
            line: "bmpscope auth day.pcap --keys keys.toml",
        },
        Example {
            about: "What is in TLS, too, with the secrets that the station or the router has logged",
            line: "bmpscope auth --tls-keylog station.keylog day.pcap",
        },
        Example {
            about: "In a script: fail where a session has no protection worth the name",
            line: "bmpscope auth --require any day.pcap",
        },
        Example {
            about: "Segments that fail",
            line: "bmpscope auth --json --keys keys.toml day.pcap |\n    jq '.sessions[] | {id, failures: .router_to_station.failures}'",
        },
    ],
    options: &[KEYS, REQUIRE],
    schema: super::envelope::schema::<Auth>,
    run,
};

const KEYS: OwnOption = OwnOption::path(
    "keys",
    "Verify signatures with the keys of this file (TOML: [[key]] and [[connection]] tables)",
);

const REQUIRE: OwnOption = OwnOption::word(
    "require",
    "WHAT",
    Require::WORDS,
    "Exit with 1 where a session is not protected so; any: TCP-AO, TLS, ESP or AH",
);

/// A key file is no larger: more is no key file.
const LARGEST: u64 = 1 << 20;

impl Body for Auth {
    const NAME: &'static str = "auth";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.sessions)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        sheets::sheets(self)
    }

    fn rows(&self) -> Option<Rows<'_>> {
        Some(sheets::rows(self))
    }

    fn exit(&self) -> u8 {
        u8::from(self.met == Some(false))
    }
}

fn run(request: &Request, given: &Given) -> Result<Outcome, Failure> {
    let (keys, notices) = match given.path(&KEYS) {
        Some(path) => read(path, given)?,
        None => (Keys::default(), Vec::new()),
    };
    let require = given.text(&REQUIRE).and_then(Require::from_word);
    let keys = Arc::new(keys);
    let request = Request {
        watch: Some(Arc::clone(&keys)),
        ..request.clone()
    };
    let mut unmet = None;
    let mut outcome = source::answer(&request, |run| {
        let answer = answer(run, &request, &keys, require);
        unmet = told(&answer);
        Answered::new(answer)
    })?;
    outcome.notices.extend(notices);
    outcome.notices.extend(unmet);
    Ok(outcome)
}

fn answer(run: &Run, request: &Request, keys: &Keys, require: Option<Require>) -> Auth {
    let files: Vec<String> = run.inputs.iter().map(|input| input.path.clone()).collect();
    let context = Context {
        protections: &run.protections,
        keys,
        ports: &request.ports,
        require,
        files: &files,
        last_time: last_time(run, request),
        wants_router: &|address| request.peers.is_empty() && request.wants_router(address, None),
    };
    auth(&run.sessions, &context)
}

/// When what is asked for ends.
fn last_time(run: &Run, request: &Request) -> Option<Timestamp> {
    let last = run
        .inputs
        .iter()
        .filter_map(|input| input.last_time)
        .max()?;
    let until = request
        .until
        .filter(|until| until.nanoseconds() < last.nanoseconds());
    Some(until.unwrap_or(last))
}

/// One line where a requirement is not met, or there is nothing that could meet it.
fn told(answer: &Auth) -> Option<Notice> {
    if answer.require.is_some() && answer.sessions.iter().all(|row| row.meets.is_none()) {
        return Some(warning(
            "no session was found that could meet --require".to_owned(),
        ));
    }
    let unmet = answer
        .sessions
        .iter()
        .filter(|row| row.meets == Some(false));
    let count = unmet.count();
    (count > 0).then(|| {
        let all = answer.sessions.len();
        warning(format!("{count} of {all} sessions do not meet --require"))
    })
}

fn warning(message: String) -> Notice {
    Notice {
        severity: Severity::Warning,
        path: None,
        message,
        hint: None,
    }
}

/// The keys of a file, and what to say of the file.
fn read(path: &Path, given: &Given) -> Result<(Keys, Vec<Notice>), Failure> {
    let shown = path.display().to_string();
    let octets = secret::read(path, LARGEST);
    let octets = octets.map_err(|error| Failure::Usage(format!("{shown}: {error}")))?;
    let Ok(text) = std::str::from_utf8(&octets) else {
        return Err(Failure::Usage(format!("{shown}: this is not text")));
    };
    let environment = given.environment();
    let find = |name: &str| environment.variable(name);
    let keys = Keys::read(text, &shown, &find).map_err(Failure::Usage)?;
    let exposed = secret::exposed(path).map(|mode| source::exposed(&shown, mode));
    let is_empty = keys.keys.is_empty();
    let empty =
        is_empty.then(|| warning(format!("{shown}: no [[key]] in it: nothing is verified")));
    Ok((keys, exposed.into_iter().chain(empty).collect()))
}
