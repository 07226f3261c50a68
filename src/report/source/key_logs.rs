//! What a person should be told of key logs: files that others can read, lines that are none, and
//! secrets that were of no use.

use super::{Notice, exposed};
use crate::finding::Severity;
use crate::pipeline::Run;
use crate::tls::{KeyLog, KeyLogFile, Outcome};
use std::collections::BTreeMap;

/// What there is to tell of the key logs of a run.
pub(super) fn notices(run: &Run) -> Vec<Notice> {
    let Some(log) = &run.key_log else {
        return Vec::new();
    };
    let mut notices = Vec::new();
    for file in log.files() {
        notices.extend(file.exposed.map(|mode| exposed(&file.path, mode)));
        notices.extend(malformed(file));
    }
    if !run.inputs.is_empty() {
        notices.extend(unread(log, &run.tls));
    }
    notices
}

/// By their numbers: what stands there may be a secret.
fn malformed(file: &KeyLogFile) -> Option<Notice> {
    let first = file.malformed_lines.first()?;
    let others = file.malformed_lines.iter().skip(1).map(u64::to_string);
    let mut others: Vec<String> = others.collect();
    if file.malformed > file.malformed_lines.len() as u64 {
        others.push("...".to_owned());
    }
    let message = match file.malformed - 1 {
        0 => "this is no line of a key log; it is passed over".to_owned(),
        more => format!(
            "this is no line of a key log, nor are {more} others ({}); they are passed over",
            others.join(", ")
        ),
    };
    Some(Notice {
        severity: Severity::Warning,
        path: Some(format!("{}:{first}", file.path)),
        message,
        hint: Some("a line is LABEL CLIENT-RANDOM SECRET, in hex (RFC 9850)".to_owned()),
    })
}

/// Nothing was decrypted, or some was not.
fn unread(log: &KeyLog, outcomes: &BTreeMap<Outcome, u64>) -> Option<Notice> {
    let decrypted = outcomes.get(&Outcome::Decrypted).copied().unwrap_or(0);
    let all: u64 = outcomes.values().sum();
    // Other TLS than BMP's is in many captures: that is no warning.
    let (severity, message) = match decrypted {
        0 if all == 0 => (
            Severity::Warning,
            "there is no TLS that the key logs could be for".to_owned(),
        ),
        0 => (
            Severity::Warning,
            format!(
                "none of {all} TLS connections could be decrypted with the secrets of {} sessions: {}",
                log.sessions(),
                reasons(outcomes)
            ),
        ),
        _ if decrypted == all => return None,
        _ => (
            Severity::Note,
            format!(
                "{decrypted} of {all} TLS connections are decrypted; others: {}",
                reasons(outcomes)
            ),
        ),
    };
    Some(Notice {
        severity,
        path: None,
        message,
        hint: None,
    })
}

/// `3 no-secret, 1 suite-not-read`.
fn reasons(outcomes: &BTreeMap<Outcome, u64>) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (outcome, count) in outcomes {
        if outcome.reason().is_some() {
            *counts.entry(outcome.word()).or_default() += count;
        }
    }
    let parts = counts.iter().map(|(word, count)| format!("{count} {word}"));
    parts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::CipherSuite;

    fn told(outcomes: &[(Outcome, u64)]) -> Option<(Severity, String)> {
        let outcomes = outcomes.iter().copied().collect();
        let notice = unread(&KeyLog::default(), &outcomes)?;
        Some((notice.severity, notice.message))
    }

    #[test]
    fn secrets_of_no_use_are_a_warning_and_of_some_a_note() {
        assert_eq!(told(&[(Outcome::Decrypted, 2)]), None);
        let text = "there is no TLS that the key logs could be for".to_owned();
        assert_eq!(told(&[]), Some((Severity::Warning, text)));
        let suites = [
            Outcome::Suite(CipherSuite(1)),
            Outcome::Suite(CipherSuite(2)),
        ];
        let text = "none of 3 TLS connections could be decrypted with the secrets of 0 sessions: \
                    2 no-secret, 1 suite-not-read";
        let unread = [(Outcome::NoSecret, 2), (suites[0], 1)];
        assert_eq!(told(&unread), Some((Severity::Warning, text.to_owned())));
        let text = "1 of 3 TLS connections are decrypted; others: 2 suite-not-read";
        let some = [(Outcome::Decrypted, 1), (suites[0], 1), (suites[1], 1)];
        assert_eq!(told(&some), Some((Severity::Note, text.to_owned())));
    }

    #[test]
    fn malformed_lines_are_told_by_their_numbers() {
        let mut file = KeyLogFile {
            path: "a.keylog".to_owned(),
            malformed: 1,
            malformed_lines: vec![4],
            ..KeyLogFile::default()
        };
        let notice = malformed(&file).unwrap();
        assert_eq!(notice.path.as_deref(), Some("a.keylog:4"));
        assert_eq!(
            notice.message,
            "this is no line of a key log; it is passed over"
        );
        (file.malformed, file.malformed_lines) = (9, vec![4, 5, 7]);
        let message =
            "this is no line of a key log, nor are 8 others (5, 7, ...); they are passed over";
        assert_eq!(malformed(&file).unwrap().message, message);
    }
}
