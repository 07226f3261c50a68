//! Where reports get their sessions from: one counting run, then the answer in its envelope, and
//! what a person should be told beside it.

mod key_logs;

use super::{
    Body, Envelope, Failure, FindingCounts, Header, InputRow, Notice, Outcome, Request, Unread,
};
use crate::capture::Input;
use crate::finding::{FindingLog, Severity};
use crate::pipeline::{self, Count, Query, Run, TcpContent};
use crate::sheet::{Cell, Sheet};
use std::sync::Arc;

/// What a report makes of a run.
#[derive(Debug)]
pub struct Answered<T> {
    body: T,
    tells_findings: bool,
}

impl<T> Answered<T> {
    /// An answer.
    pub fn new(body: T) -> Answered<T> {
        Answered {
            body,
            tells_findings: false,
        }
    }

    /// The same answer, which tells the findings itself: nobody has to be sent to where they are.
    pub fn telling_findings(mut self) -> Answered<T> {
        self.tells_findings = true;
        self
    }
}

/// Counts what is asked for and answers from the sessions.
pub fn answer<T: Body + 'static>(
    request: &Request,
    answer: impl FnOnce(&Run) -> Answered<T>,
) -> Result<Outcome, Failure> {
    let mut count = Count::new(Arc::clone(&request.code_points));
    let mut run = pipeline::run(request, &mut count)?;
    count.add_to(&mut run);
    let found = !run.sessions.is_empty();
    if request.is_filtered() {
        run.drop_unasked(request);
    }
    let answered = answer(&run);
    Ok(outcome_of(request, run, found, answered))
}

/// Counts what is asked for, asks a question of the report's own in the same run, and answers from
/// both. The sessions still have all their peers, so that indices fit; those that the filters leave
/// out have no messages.
pub fn answer_with<Q: Query, T: Body + 'static>(
    request: &Request,
    query: Q,
    answer: impl FnOnce(&mut Run, Q) -> Answered<T>,
) -> Result<Outcome, Failure> {
    let mut queries = (Count::new(Arc::clone(&request.code_points)), query);
    let mut run = pipeline::run(request, &mut queries)?;
    let (count, query) = queries;
    count.add_to(&mut run);
    let found = !run.sessions.is_empty();
    let answered = answer(&mut run, query);
    if request.is_filtered() {
        run.drop_unasked(request);
    }
    Ok(outcome_of(request, run, found, answered))
}

/// The answer in its envelope; `found`: there is BMP, asked for or not.
fn outcome_of<T: Body + 'static>(
    request: &Request,
    run: Run,
    found: bool,
    answered: Answered<T>,
) -> Outcome {
    let is_left_out = found && run.sessions.is_empty();
    let counts = FindingCounts::from(&run.findings);
    let envelope = Envelope::new(input_rows(&run.inputs), counts, answered.body);
    let mut outcome = unanswered(request, run, found);
    outcome.notices.extend(is_left_out.then(nothing_asked_for));
    if !answered.tells_findings {
        outcome.notices.extend(passed_over(&outcome.findings));
        outcome.notices.extend(quality(counts));
    }
    outcome.answer = Some(Box::new(envelope));
    outcome
}

/// What a run tells beside its answer; `is_left_out`: filters leave nothing of it.
pub fn outcome(request: &Request, run: Run, is_left_out: bool) -> Outcome {
    let quality = quality(FindingCounts::from(&run.findings));
    let found = !run.sessions.is_empty();
    let mut outcome = unanswered(request, run, found);
    let is_left_out = found && is_left_out;
    outcome.notices.extend(is_left_out.then(nothing_asked_for));
    outcome.notices.extend(passed_over(&outcome.findings));
    outcome.notices.extend(quality);
    outcome
}

/// What a run tells, but for how many findings there are.
fn unanswered(request: &Request, run: Run, found: bool) -> Outcome {
    let is_empty = !found && !run.inputs.is_empty();
    let mut notices: Vec<Notice> = is_empty.then(|| no_bmp(&run)).into_iter().collect();
    notices.extend(key_logs::notices(&run));
    if found && (request.since.is_some() || request.until.is_some()) {
        notices.extend(run.inputs.iter().filter_map(without_times));
    }
    let unread = run.errors.into_iter().map(|error| Unread {
        path: error.path,
        message: error.message,
    });
    Outcome {
        answer: None,
        unread: unread.collect(),
        notices,
        findings: run.findings,
        save: None,
    }
}

/// Others than its owner can read a file of secrets.
pub(super) fn exposed(path: &str, mode: u32) -> Notice {
    Notice {
        severity: Severity::Warning,
        path: Some(path.to_owned()),
        message: format!("others can read this file of keys (mode {mode:03o})"),
        hint: Some("chmod 600 keeps it to its owner".to_owned()),
    }
}

/// An input tells no time at which anything was captured, and times are asked for.
fn without_times(input: &Input) -> Option<Notice> {
    let message = "no capture times are in it: --since and --until go by the timestamps in per-peer headers, \
                   and let all messages through that have none";
    input.first_time.is_none().then(|| Notice {
        severity: Severity::Warning,
        path: Some(input.path.clone()),
        message: message.to_owned(),
        hint: None,
    })
}

/// There is BMP, and the filters leave all of it out.
fn nothing_asked_for() -> Notice {
    Notice {
        severity: Severity::Warning,
        path: None,
        message: "there is BMP, but none that the filters ask for".to_owned(),
        hint: Some("without --router, --peer, --since, --until and filters of the command's own everything is shown".to_owned()),
    }
}

/// Nothing was BMP: what was there instead, and what might help.
fn no_bmp(run: &Run) -> Notice {
    let path = match run.inputs.as_slice() {
        [input] => Some(input.path.clone()),
        _ => None,
    };
    Notice {
        severity: Severity::Warning,
        path,
        message: format!("no BMP found; seen instead: {}", run.seen.describe()),
        hint: Some(what_might_help(run).to_owned()),
    }
}

/// What might help where no BMP was found.
fn what_might_help(run: &Run) -> &'static str {
    let seen = &run.seen;
    let sum = |count: fn(&Input) -> u64| run.inputs.iter().map(count).sum::<u64>();
    let cut = sum(|input| input.truncated_packets);
    let is_cut = cut > 0 && cut >= sum(|input| input.packets) / 2;
    if seen.has(TcpContent::Tls) && run.key_log.is_none() {
        "BMP inside TLS is read with the secrets of its sessions: --tls-keylog FILE"
    } else if is_cut || seen.has(TcpContent::NotCaptured) {
        "packets were cut, and BMP is in their data: capture without a snapshot length (tcpdump -s 0)"
    } else if run.is_by_port {
        "only what is on the ports of --port was looked at; without it BMP is recognised by content on any port"
    } else {
        "BMP is recognised by content on any port; --port N takes what is on port N for BMP"
    }
}

/// Files of directories that are no captures: they may have been meant.
fn passed_over(findings: &FindingLog) -> Option<Notice> {
    let files = findings.of("capture-passed-over");
    let (noun, verb) = match files {
        0 => return None,
        1 => ("file", "is no capture and was"),
        _ => ("files", "are no captures and were"),
    };
    Some(Notice {
        severity: Severity::Warning,
        path: None,
        message: format!("{files} {noun} {verb} passed over; `bmpscope check` tells which"),
        hint: None,
    })
}

/// One line where something is missing or could not be read, and where to read more.
fn quality(counts: FindingCounts) -> Option<Notice> {
    let counts = FindingCounts { note: 0, ..counts };
    (counts != FindingCounts::default()).then(|| Notice {
        severity: Severity::Warning,
        path: None,
        message: format!("{counts}; `bmpscope check FILE` tells them all"),
        hint: None,
    })
}

/// The inputs as the contract shows them.
pub fn input_rows(inputs: &[Input]) -> Vec<InputRow> {
    inputs.iter().map(input_row).collect()
}

fn input_row(input: &Input) -> InputRow {
    InputRow {
        path: input.path.clone(),
        format: input.format.word().to_owned(),
        link_types: input.link_types.iter().map(ToString::to_string).collect(),
        bytes: input.bytes,
        packets: input.packets,
        truncated_packets: input.truncated_packets,
        first_time: input.first_time,
        last_time: input.last_time,
    }
}

/// The inputs, for people.
pub fn inputs_sheet(header: &Header) -> Sheet {
    let mut sheet = Sheet::new("Inputs")
        .left(["file", "format", "link"])
        .right(["octets", "packets", "cut"])
        .left(["first packet", "last packet"]);
    for input in &header.inputs {
        sheet.row([
            input.path.as_str().into(),
            input.format.as_str().into(),
            Cell::List(input.link_types.clone()),
            Cell::Bytes(input.bytes),
            input.packets.into(),
            input.truncated_packets.into(),
            input.first_time.into(),
            input.last_time.into(),
        ]);
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::RouterFilter;
    use crate::pipeline::testing::{Pcap, request};
    use crate::session::testing::{PEER, initiation, open};
    use crate::wire::CodePoints;

    #[test]
    fn one_line_says_how_much_there_is_to_know_and_where() {
        let told = |error, warning, note| {
            let notice = quality(FindingCounts {
                error,
                warning,
                note,
            });
            notice.map(|notice| notice.message)
        };
        let expected = "2 errors, 5 warnings; `bmpscope check FILE` tells them all";
        assert_eq!(told(2, 5, 1).as_deref(), Some(expected));
        assert_eq!(told(0, 0, 9), None);
    }

    #[test]
    fn filters_that_leave_nothing_are_not_a_capture_without_bmp() {
        let up = PEER.up(&open(&[]), &open(&[]));
        let mut pcap = Pcap::new();
        pcap.send(&[initiation("edge1"), up].concat());
        let file = pcap.file();
        let told = |routers| {
            let request = Request {
                routers,
                ..request(&file)
            };
            let outcome = answer(&request, |run| {
                Answered::new(crate::analysis::summary::summary(
                    &run.sessions,
                    &CodePoints::default(),
                ))
            });
            let notices = outcome.unwrap_or_default().notices;
            notices.into_iter().map(|notice| notice.message).collect()
        };
        let nothing: Vec<String> = told(vec![RouterFilter::Name("edge2".to_owned())]);
        assert_eq!(nothing, ["there is BMP, but none that the filters ask for"]);
        assert!(told(Vec::new()).is_empty());
    }

    #[test]
    fn who_gave_ports_is_not_told_to_give_some() {
        let mut pcap = Pcap::new();
        pcap.send(b"no BMP at all, and enough of it");
        let file = pcap.file();
        let hint = |ports: &[u16]| {
            let mut request = request(&file);
            request.ports = ports.to_vec();
            let outcome = answer(&request, |run| {
                Answered::new(crate::analysis::summary::summary(
                    &run.sessions,
                    &CodePoints::default(),
                ))
            });
            let mut notices = outcome.unwrap_or_default().notices.into_iter();
            notices.find_map(|notice| notice.hint).unwrap_or_default()
        };
        assert!(hint(&[]).ends_with("--port N takes what is on port N for BMP"));
        assert!(hint(&[1]).starts_with("only what is on the ports of --port"));
    }
}
