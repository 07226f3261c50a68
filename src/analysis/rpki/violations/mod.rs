//! The consistency rules of draft-wang-grow-bmp-rpki-mon-reqs-03 5.2 and 6: where messages about the
//! validation of routes contradict them. The draft states them more simply than RFC 6811 and ASPA are,
//! so that each tells where it is inexact.

mod inexact;
mod rows;
mod single;

pub use rows::ViolationRow;
pub(super) use rows::rows;

use super::routes::{RouteKey, View};
use super::told::{Saying, SayingKind};
use crate::bmp::MessageType;
use crate::finding::{Finding, FindingLog, Place};
use crate::session::{Protection, Session};
use crate::wire::CodePoint;
use inexact::{CHANGED, TRANSPORT, WITHDRAWN};
use single::{alternate_prefix, alternate_route, alternate_state, ambiguous, by_rules, direction};

/// Violations that are kept. Further ones are counted.
const KEPT: usize = 100_000;

/// A rule that a message breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The finding's word.
    pub word: &'static str,
    /// What is wrong, in words.
    pub message: String,
    /// Where RFC 6811 or ASPA make the rule inexact.
    pub inexact: Option<&'static str>,
    /// Whose route; none: a whole session's.
    pub route: Option<(View, RouteKey)>,
    /// Where it stands.
    pub place: Place,
}

/// What begins every word of a finding here.
const PREFIX: &str = "rpki-";

impl Violation {
    /// The word of JSON.
    pub fn kind(&self) -> &'static str {
        self.word.strip_prefix(PREFIX).unwrap_or(self.word)
    }

    fn of(
        saying: &Saying,
        word: &'static str,
        what: &str,
        inexact: Option<&'static str>,
    ) -> Violation {
        let prefix = saying.key.prefix;
        Violation {
            word,
            message: format!("{} of {prefix}: {what}", saying.kind.name()),
            inexact,
            route: Some((saying.view, saying.key)),
            place: Place::clone(&saying.place),
        }
    }
}

/// The violations of a run, in order.
#[derive(Debug, Clone, Default)]
pub struct Violations {
    list: Vec<Violation>,
    left_out: u64,
    findings: FindingLog,
}

impl Violations {
    /// One more.
    pub fn add(&mut self, violation: Violation) {
        let place = violation.place.clone();
        let finding = Finding::new(violation.word, violation.message.clone(), place);
        self.findings.add(finding);
        match self.list.len() < KEPT {
            true => self.list.push(violation),
            false => self.left_out += 1,
        }
    }

    /// The violations that were kept.
    pub fn list(&self) -> &[Violation] {
        &self.list
    }

    /// How many further ones there are.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// All of them as findings.
    pub fn findings(&self) -> &FindingLog {
        &self.findings
    }

    /// What is wrong with one saying by itself.
    pub fn of_saying(&mut self, saying: &Saying) {
        if saying.kind == SayingKind::RouteEvent {
            return;
        }
        let found = [ambiguous(saying), by_rules(saying)];
        found.into_iter().flatten().for_each(|one| self.add(one));
        if saying.kind == SayingKind::RpkiImpact {
            let found = [
                direction(saying),
                alternate_route(saying),
                alternate_prefix(saying),
                alternate_state(saying),
            ];
            found.into_iter().flatten().for_each(|one| self.add(one));
        }
    }

    /// An impact tells another state than the validation of the same route before it (R8).
    pub fn differs(validation: &Saying, impact: &Saying) -> Option<Violation> {
        let states = (validation.words.state(), impact.words.state());
        let (Some(first), Some(second)) = states else {
            return None;
        };
        let is_other = validation.attributes.path != impact.attributes.path
            || validation.words.types() != impact.words.types();
        if first == second || is_other {
            return None;
        }
        let what = format!("is {second} here, and was {first} in the last RPKI_VALIDATION");
        Some(Violation::of(
            impact,
            "rpki-impact-state-differs",
            &what,
            Some(CHANGED),
        ))
    }

    /// An impact tells the other direction of a route of which nothing else changed.
    pub fn turned(before: &Saying, after: &Saying) -> Option<Violation> {
        let directions = (before.words.direction()?, after.words.direction()?);
        let is_same = before.words.state() == after.words.state()
            && before.words.alternate() == after.words.alternate()
            && before.attributes == after.attributes;
        if directions.0 == directions.1 || !is_same {
            return None;
        }
        let what = format!(
            "is {} after it was {}, with the same state and alternate",
            directions.1, directions.0
        );
        Some(Violation::of(
            after,
            "rpki-impact-direction-turned",
            &what,
            Some(WITHDRAWN),
        ))
    }

    /// Sessions that carry these messages without what has to protect them (R10).
    pub fn of_sessions(&mut self, sessions: &[Session]) {
        for session in sessions {
            if let Some(protection) = lacking(session)
                && is_about_rpki(session)
            {
                self.add(Violation {
                    word: "rpki-transport-not-protected",
                    message: format!("messages about RPKI are sent {protection}"),
                    inexact: Some(TRANSPORT),
                    route: None,
                    place: Place {
                        session: Some(session.id),
                        ..Place::default()
                    },
                });
            }
        }
    }
}

/// What a session is protected by instead of TCP-AO or TLS; none where it is, or where that cannot be
/// seen.
fn lacking(session: &Session) -> Option<&'static str> {
    session.router_end?;
    match session.protection {
        Protection::None => Some("without protection"),
        Protection::TcpMd5 => Some("with TCP MD5 signatures only"),
        Protection::IpsecAh => Some("with an IP Authentication Header only"),
        Protection::Mixed => Some("with segments that nothing protects"),
        Protection::TcpAo | Protection::Tls => None,
    }
}

fn is_about_rpki(session: &Session) -> bool {
    let types = [
        CodePoint::RpkiConfig,
        CodePoint::RpkiValidation,
        CodePoint::RpkiImpact,
    ];
    types.into_iter().any(|one| {
        let number = session.code_points.message_type_number(one);
        number.is_some_and(|number| session.messages.of(MessageType(number)) > 0)
    })
}
