//! What is said on stderr: one line each, `bmpscope: warning: a.pcap: ...`.

use crate::finding::{FindingGroup, Severity};
use crate::output::human::visible;
use crate::report::{Notice, Outcome, Unread};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

/// Speaks to the person, as loudly as they want.
#[derive(Debug, Clone, Copy)]
pub(super) struct Voice {
    /// What is milder than this is not said.
    pub(super) mildest: Severity,
    /// Whether to use colours.
    pub(super) colours: bool,
}

impl Voice {
    /// Says everything that an outcome has to say beside its answer.
    pub(super) fn tell(self, outcome: &Outcome) {
        self.say(&self.lines(outcome));
    }

    /// Says one error.
    pub(super) fn error(self, message: &str) {
        self.say(&self.line(Severity::Error, message));
    }

    fn say(self, text: &str) {
        // There is nobody to tell that stderr is closed.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn lines(self, outcome: &Outcome) -> String {
        let mut text = String::new();
        for Unread { path, message } in &outcome.unread {
            text += &self.line(Severity::Error, &format!("{path}: {message}"));
        }
        let wanted = |severity: Severity| severity <= self.mildest;
        for notice in outcome.notices.iter().filter(|n| wanted(n.severity)) {
            text += &self.notice(notice);
        }
        // Findings are for those who ask for everything.
        if wanted(Severity::Note) {
            for (kind, group) in outcome.findings.groups() {
                text += &self.line(group.severity, &finding(kind, group));
            }
        }
        text
    }

    fn notice(self, notice: &Notice) -> String {
        let message = match &notice.path {
            Some(path) => format!("{path}: {}", notice.message),
            None => notice.message.clone(),
        };
        let mut text = self.line(notice.severity, &message);
        if let Some(hint) = &notice.hint {
            text += &format!("  hint: {}\n", visible(hint));
        }
        text
    }

    fn line(self, severity: Severity, message: &str) -> String {
        let (word, colour) = match severity {
            Severity::Error => ("error", AnsiColor::Red),
            Severity::Warning => ("warning", AnsiColor::Yellow),
            Severity::Note => ("note", AnsiColor::Cyan),
        };
        let style = match self.colours {
            true => colour.on_default().bold(),
            false => Style::new(),
        };
        format!("bmpscope: {style}{word}:{style:#} {}\n", visible(message))
    }
}

/// `a.pcap: packet 12: what happened (missing-segment, 3 times, RFC 9293 3.4)`.
fn finding(kind: &str, group: &FindingGroup) -> String {
    let first = group.places.first();
    let mut text = String::new();
    if let Some(file) = first.and_then(|place| place.file.as_ref()) {
        text += &format!("{file}: ");
    }
    if let Some(packet) = first.and_then(|place| place.packet) {
        text += &format!("packet {packet}: ");
    }
    text += &format!("{} ({kind}", group.message());
    if group.count > 1 && !group.tells_count() {
        text += &format!(", {} times", group.count);
    }
    if !group.reference.is_empty() {
        text += &format!(", {}", group.reference);
    }
    text + ")"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Place};

    fn outcome() -> Outcome {
        let mut outcome = Outcome::default();
        outcome.unread.push(Unread {
            path: "b.pcap".to_owned(),
            message: "no such file".to_owned(),
        });
        outcome.notices.push(Notice {
            severity: Severity::Warning,
            path: Some("a.pcap".to_owned()),
            message: "no BMP here, but TLS on port 443".to_owned(),
            hint: Some("give the port with --port".to_owned()),
        });
        for _ in 0..2 {
            let place = Place {
                file: Some("a.pcap".to_owned()),
                packet: Some(12),
                ..Place::default()
            };
            let message = "10 bytes missing".to_owned();
            let finding = Finding::new("missing-segment", message, place);
            outcome.findings.add(finding);
        }
        outcome
    }

    fn said(mildest: Severity) -> String {
        let colours = false;
        Voice { mildest, colours }.lines(&outcome())
    }

    #[test]
    fn each_level_says_more_than_the_one_before() {
        let error = "bmpscope: error: b.pcap: no such file\n";
        let warning = "bmpscope: warning: a.pcap: no BMP here, but TLS on port 443\n  \
                       hint: give the port with --port\n";
        let finding = "bmpscope: warning: a.pcap: packet 12: 10 bytes missing \
                       (missing-segment, 2 times, RFC 9293 3.4)\n";
        assert_eq!(said(Severity::Error), error);
        assert_eq!(said(Severity::Warning), format!("{error}{warning}"));
        assert_eq!(said(Severity::Note), format!("{error}{warning}{finding}"));
    }

    #[test]
    fn a_name_with_escape_codes_is_spelled_out() {
        let voice = Voice {
            mildest: Severity::Note,
            colours: false,
        };
        let line = voice.line(Severity::Error, "\u{1b}[2J.pcap");
        assert_eq!(line, "bmpscope: error: \\u{1b}[2J.pcap\n");
    }
}
