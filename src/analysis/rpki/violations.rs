//! The consistency rules of draft-wang-grow-bmp-rpki-mon-reqs-03 5.2 and 6: where messages about the
//! validation of routes contradict them. The draft states them more simply than RFC 6811 and ASPA are,
//! so that each tells where it is inexact.

use super::routes::{RouteKey, View};
use super::rows::ViolationRow;
use super::told::{SaidState, Saying, SayingKind};
use crate::analysis::shape::PeerName;
use crate::bmp::MessageType;
use crate::bmp::rpki::{ImpactDirection, RouteState};
use crate::finding::{self, Finding, FindingLog, Place, Severity};
use crate::session::{Protection, Session};
use crate::wire::CodePoint;

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

const MATCHING: &str = "RFC 6811 2: one VRP that matches makes a route valid, whatever others cover it; \
                        the rule holds where the relevant VRPs are those that match";
const PATH_VALID: &str = "of several kinds of validation the draft does not say what the overall state is; \
                          of a path, an ASPA says which providers there are, not that a hop is valid";
const UNKNOWN_PATH: &str = "ASPA: a path is unknown as soon as one hop lacks an attestation, and other hops \
                            may have ASPAs (draft-ietf-sidrops-aspa-verification-28)";
const INVALID_PATH: &str = "ASPA: a path is invalid without any ASPA where it is empty, has an AS_SET, or does \
                            not begin with the neighbour's AS (draft-ietf-sidrops-aspa-verification-28)";
const CHANGED: &str = "the state may have changed between the two, and the draft does not ask for a new \
                       RPKI_VALIDATION then";
const WITHDRAWN: &str =
    "other routes of the prefix than the alternate may have come or gone in between";
const ONLY_ROUTE: &str = "a policy that lowers the preference of invalid routes may still select one where no \
                          better route is left";
const OTHER_REASONS: &str = "the draft does not say that the state decides: the policy may prefer by source or \
                             kind of rule";
const COVERING: &str = "the draft implies the same prefix without saying so: a route of a covering prefix \
                        takes the traffic over where no other is left";
const TRANSPORT: &str = "a capture behind the end of a tunnel, or of a collector, shows none of what protected \
                         the messages before; TCP-AO authenticates and does not encrypt, as the draft has it";

/// Two states, or two directions, for one route in one message; or none.
fn ambiguous(saying: &Saying) -> Option<Violation> {
    let of = |word, what: &str| Some(Violation::of(saying, word, what, None));
    match (saying.words.state(), saying.words.other_state()) {
        (None, _) => of("rpki-state-missing", "has no validation state"),
        (Some(state), Some(other)) => {
            let what = format!("has two states, {state} and {other}");
            of("rpki-state-ambiguous", &what)
        }
        _ => None,
    }
}

/// The three rules of section 5.2: R1, R2, R3.
fn by_rules(saying: &Saying) -> Option<Violation> {
    let words = &saying.words;
    let state = words.state()?;
    match state.state {
        RouteState::VALID => {
            let rule = words.rule_not_valid()?;
            let what = format!(
                "is valid, and a rule that it hit is {}: {rule}",
                rule.state()
            );
            let inexact = if words.has_other_than_roa() {
                PATH_VALID
            } else {
                MATCHING
            };
            Some(Violation::of(
                saying,
                "rpki-valid-with-invalid-rule",
                &what,
                Some(inexact),
            ))
        }
        RouteState::NOT_FOUND => {
            let rule = words.rules().next()?;
            let what = match words.rule_count() {
                1 => format!("is {state}, and hit a rule: {rule}"),
                rules => format!("is {state}, and hit {rules} rules, the first {rule}"),
            };
            let inexact = words.has_other_than_roa().then_some(UNKNOWN_PATH);
            Some(Violation::of(
                saying,
                "rpki-not-found-with-rule",
                &what,
                inexact,
            ))
        }
        RouteState::INVALID if !words.has_invalid_rule() => {
            let what = match words.rule_count() {
                0 => "is invalid, and hit no rule".to_owned(),
                rules => format!("is invalid, and none of the {rules} rules that it hit is"),
            };
            let types = words.types();
            let is_origin = types.is_some_and(|types| types.0 == 1);
            let inexact = (!is_origin).then_some(INVALID_PATH);
            Some(Violation::of(
                saying,
                "rpki-invalid-without-rule",
                &what,
                inexact,
            ))
        }
        _ => None,
    }
}

/// An impact has one direction.
fn direction(saying: &Saying) -> Option<Violation> {
    let of = |word, what: &str| Some(Violation::of(saying, word, what, None));
    match (saying.words.direction(), saying.words.other_direction()) {
        (None, _) => of(
            "rpki-impact-direction-missing",
            "is neither demoted nor promoted",
        ),
        (Some(one), Some(other)) => {
            let what = format!("is {one} and {other} in one message");
            of("rpki-impact-both-directions", &what)
        }
        _ => None,
    }
}

/// The alternate route is of the same prefix (R7), and not the route itself (R5).
fn alternate_prefix(saying: &Saying) -> Option<Violation> {
    let alternate = saying.words.alternate()?;
    let prefix = alternate.prefix(saying.key.prefix)?;
    if prefix != saying.key.prefix {
        let what = format!("its alternate is of another prefix, {prefix}");
        return Some(Violation::of(
            saying,
            "rpki-alternate-other-prefix",
            &what,
            Some(COVERING),
        ));
    }
    let is_ipv4 = prefix.address.is_ipv4();
    let (own, other) = (&saying.attributes, &alternate.attributes);
    let is_itself =
        own.as_path == other.as_path && own.next_hop(is_ipv4) == other.next_hop(is_ipv4);
    let what = "its alternate is the route itself, by AS path and next hop";
    is_itself.then(|| Violation::of(saying, "rpki-alternate-is-itself", what, None))
}

/// What takes a demoted route's place is not invalid, and not worse (R5); what a promoted route took
/// the place of is not better (R6).
fn alternate_state(saying: &Saying) -> Option<Violation> {
    let state = saying.words.state()?;
    let alternate = SaidState {
        state: saying.words.alternate()?.state?,
        is_path: state.is_path,
    };
    let is_better = alternate.rank()? < state.rank()?;
    let is_worse = alternate.rank()? > state.rank()?;
    let of = |word, what: &str, inexact| Some(Violation::of(saying, word, what, Some(inexact)));
    match saying.words.direction()? {
        ImpactDirection::DEMOTED if alternate.state == RouteState::INVALID => of(
            "rpki-demoted-for-invalid",
            "is demoted, and the route in its place is invalid",
            ONLY_ROUTE,
        ),
        ImpactDirection::DEMOTED if is_worse => {
            let what = format!("is {state} and demoted, and the route in its place is {alternate}");
            of("rpki-demoted-for-worse", &what, OTHER_REASONS)
        }
        ImpactDirection::PROMOTED if is_better => {
            let what = format!("is {state} and promoted over a route that is {alternate}");
            of("rpki-promoted-over-better", &what, OTHER_REASONS)
        }
        _ => None,
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
        Protection::TcpAo => None,
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

/// The violations in JSON.
pub(super) fn rows(violations: &Violations, sessions: &[Session]) -> Vec<ViolationRow> {
    let row = |violation: &Violation| {
        let id = violation.place.session;
        let session = sessions.iter().find(|session| Some(session.id) == id);
        row(violation, session)
    };
    violations.list.iter().map(row).collect()
}

fn row(violation: &Violation, session: Option<&Session>) -> ViolationRow {
    let kind = finding::kind(violation.word);
    let (view, key) = violation.route.unzip();
    let peer = view.and_then(|view| session?.peers.get(view.peer as usize));
    ViolationRow {
        kind: violation.kind().to_owned(),
        severity: kind.map_or(Severity::Warning, |kind| kind.severity),
        session: violation.place.session,
        router: session.and_then(|session| session.router_address),
        router_name: session.and_then(|session| session.router.sys_name.clone()),
        peer: peer.map(PeerName::of),
        rib: view.map(|view| view.rib),
        prefix: key.map(|key| key.prefix.to_string()),
        path_id: key.and_then(|key| key.path_id),
        message: violation.message.clone(),
        inexact: violation.inexact.map(str::to_owned),
        reference: kind.map_or("", |kind| kind.reference).to_owned(),
        file: violation.place.file.clone(),
        packet: violation.place.packet,
        time: violation.place.time,
    }
}
