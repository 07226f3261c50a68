//! What contradicts the specifications in an UPDATE, and what a receiver does then (RFC 7606): a
//! value beside the decoded rest, which stays as it is.

use super::Update;
use crate::bgp::attribute::{
    Attribute, AttributeCode, MpReach, MpUnreach, NextHop, PathAttributes, handling,
};
use crate::bgp::nlri::{Framing, framing};
use crate::net::Family;
use crate::wire::DecodeError;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::fmt;

/// What a receiver does (RFC 7606 2), from the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It ends the session.
    SessionReset,
    /// It ignores the family from then on; it may end the session instead.
    AfiSafiDisable,
    /// It takes the routes as withdrawn.
    TreatAsWithdraw,
    /// It goes on without the attribute.
    AttributeDiscard,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::SessionReset => "session-reset",
            Outcome::AfiSafiDisable => "afi-safi-disable",
            Outcome::TreatAsWithdraw => "treat-as-withdraw",
            Outcome::AttributeDiscard => "attribute-discard",
        })
    }
}

/// One contradiction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Malformed {
    /// The attribute; none where it is no attribute.
    pub code: Option<Code>,
    /// The attribute's name, or what else is malformed.
    pub name: Name,
    /// What is wrong.
    pub problem: Problem,
    /// What a receiver does.
    pub outcome: Outcome,
    /// The text that says so.
    pub source: &'static str,
}

/// An attribute's code as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Code(pub u8);

/// What is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Name {
    /// An attribute.
    Attribute(AttributeCode),
    /// A section of the message.
    Section(&'static str),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Attribute(code) => code.fmt(f),
            Name::Section(name) => f.write_str(name),
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// It cannot be read.
    Unreadable(DecodeError),
    /// It can be read, but.
    Wrong(&'static str),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Unreadable(error) => error.fmt(f),
            Problem::Wrong(why) => f.write_str(why),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Malformed {
    fn section(
        name: &'static str,
        error: DecodeError,
        outcome: Outcome,
        source: &'static str,
    ) -> Malformed {
        Malformed {
            code: None,
            name: Name::Section(name),
            problem: Problem::Unreadable(error),
            outcome,
            source,
        }
    }

    fn attribute(
        code: AttributeCode,
        problem: Problem,
        outcome: Outcome,
        source: &'static str,
    ) -> Malformed {
        Malformed {
            code: Some(Code(code.0)),
            name: Name::Attribute(code),
            problem,
            outcome,
            source,
        }
    }
}

impl<'a> Update<'a> {
    /// Everything that contradicts the specifications, as a receiver with this context sees it. What
    /// depends on more than the UPDATE (is the neighbour external?) is not asked. Empty, and cheap,
    /// for what is well-formed; `attributes` are those of this UPDATE.
    pub fn malformed(&self, attributes: &PathAttributes<'a>) -> Vec<Malformed> {
        let has_errors = self.errors().next().is_some();
        self.malformed_beside(attributes, has_errors)
    }

    /// By its attributes a receiver does not take the routes: it withdraws them, or ends the session.
    /// Cheap for what is well-formed; routes that cannot be read are not looked for.
    pub fn is_void(&self, attributes: &PathAttributes<'a>) -> bool {
        let malformed = self.malformed_beside(attributes, false);
        let mut outcomes = malformed.iter().map(|one| one.outcome);
        outcomes.any(|outcome| outcome != Outcome::AttributeDiscard)
    }

    /// As [`Update::malformed`], for who knows already whether there are errors: finding that out is
    /// what takes time.
    pub(in crate::bgp) fn malformed_beside(
        &self,
        attributes: &PathAttributes<'a>,
        has_errors: bool,
    ) -> Vec<Malformed> {
        let mut all = Vec::new();
        if has_errors {
            self.malformed_sections(&mut all);
        }
        if attributes.is_suspect() {
            self.malformed_attributes(&mut all);
        }
        if has_errors || attributes.is_suspect() {
            self.malformed_multiprotocol(&mut all);
        }
        self.missing_attributes(attributes, &mut all);
        all
    }

    fn malformed_sections(&self, all: &mut Vec<Malformed>) {
        if let Some(error) = self.error {
            let outcome = Outcome::SessionReset;
            all.push(Malformed::section(
                "path-attributes",
                error,
                outcome,
                "RFC 4271 6.3",
            ));
        }
        let sections = [
            ("withdrawn-routes", self.sections.withdrawn),
            ("nlri", self.sections.nlri),
        ];
        for (name, section) in sections {
            if let Some(error) = self.error_in(section, Family::IPV4_UNICAST) {
                let outcome = Outcome::SessionReset;
                all.push(Malformed::section(name, error, outcome, "RFC 7606 5.3"));
            }
        }
        if let Some(error) = self.attributes().find_map(Result::err) {
            let outcome = Outcome::TreatAsWithdraw;
            all.push(Malformed::section(
                "path-attributes",
                error,
                outcome,
                "RFC 7606 4",
            ));
        }
    }

    fn malformed_attributes(&self, all: &mut Vec<Malformed>) {
        let mut met = [false; 256];
        for attribute in self.attributes().flatten() {
            let code = attribute.code;
            let mut push = |why, outcome, source| {
                all.push(Malformed::attribute(
                    code,
                    Problem::Wrong(why),
                    outcome,
                    source,
                ));
            };
            if let Some(is_met) = met.get_mut(usize::from(code.0))
                && std::mem::replace(is_met, true)
            {
                push("is there more than once", repeated(code), "RFC 7606 3");
                continue;
            }
            if attribute.is_unknown_well_known() {
                let why = "is well-known by its flags, but not known";
                push(why, Outcome::SessionReset, "RFC 4271 6.3");
            } else if attribute.has_odd_flags() {
                let why = "has Optional or Transitive flags that its code does not allow";
                push(why, Outcome::TreatAsWithdraw, "RFC 7606 3");
            }
            all.extend(self.malformed_value(&attribute));
        }
    }

    fn malformed_value(&self, attribute: &Attribute<'a>) -> Option<Malformed> {
        let (outcome, source) = handling(attribute.code)?;
        let problem = match attribute.read(self.context) {
            Ok(value) => Problem::Wrong(value.problem()?),
            Err(error) => Problem::Unreadable(error),
        };
        Some(Malformed::attribute(
            attribute.code,
            problem,
            outcome,
            source,
        ))
    }

    /// Attributes with routes, whose outcome depends on what is left to read.
    fn malformed_multiprotocol(&self, all: &mut Vec<Malformed>) {
        for attribute in self.attributes().flatten() {
            let found = match attribute.code {
                AttributeCode::MP_REACH_NLRI => self.malformed_reach(&attribute),
                AttributeCode::MP_UNREACH_NLRI => self.malformed_unreach(&attribute),
                _ => None,
            };
            all.extend(found.map(|(problem, outcome, source)| {
                Malformed::attribute(attribute.code, problem, outcome, source)
            }));
        }
    }

    fn malformed_reach(
        &self,
        attribute: &Attribute<'a>,
    ) -> Option<(Problem, Outcome, &'static str)> {
        let reach = match MpReach::decode(attribute.cursor()) {
            Ok(reach) => reach,
            Err(error) => return Some(unreadable(attribute, error, "RFC 7606 7.11")),
        };
        let is_known = framing(reach.family) != Framing::Opaque;
        if is_known && matches!(reach.next_hop(), NextHop::Raw(_)) {
            let problem = Problem::Wrong("has a next hop of a length that no family has");
            return Some((problem, Outcome::AfiSafiDisable, "RFC 7606 7.11"));
        }
        let error = self.error_in(reach.nlri, reach.family)?;
        Some((
            Problem::Unreadable(error),
            Outcome::AfiSafiDisable,
            "RFC 7606 5.3",
        ))
    }

    fn malformed_unreach(
        &self,
        attribute: &Attribute<'a>,
    ) -> Option<(Problem, Outcome, &'static str)> {
        let unreach = match MpUnreach::decode(attribute.cursor()) {
            Ok(unreach) => unreach,
            Err(error) => return Some(unreadable(attribute, error, "RFC 7606 7.12")),
        };
        let error = self.error_in(unreach.withdrawn, unreach.family)?;
        Some((
            Problem::Unreadable(error),
            Outcome::AfiSafiDisable,
            "RFC 7606 5.3",
        ))
    }

    /// "If any of the well-known mandatory attributes are not present" (RFC 7606 3): ORIGIN and
    /// AS_PATH of announced routes, NEXT_HOP of those in the NLRI section.
    fn missing_attributes(&self, attributes: &PathAttributes<'a>, all: &mut Vec<Malformed>) {
        let announces = attributes
            .mp_reach
            .is_some_and(|reach| !reach.nlri.is_empty());
        let is_asked = [
            (AttributeCode::ORIGIN, self.has_own_nlri() || announces),
            (AttributeCode::AS_PATH, self.has_own_nlri() || announces),
            (AttributeCode::NEXT_HOP, self.has_own_nlri()),
        ];
        for (code, is_asked) in is_asked {
            if is_asked && !attributes.has(code) {
                let problem = Problem::Wrong("is missing");
                let outcome = Outcome::TreatAsWithdraw;
                all.push(Malformed::attribute(code, problem, outcome, "RFC 7606 3"));
            }
        }
    }
}

/// Without a family there is none to disable.
fn unreadable(
    attribute: &Attribute<'_>,
    error: DecodeError,
    source: &'static str,
) -> (Problem, Outcome, &'static str) {
    let outcome = match attribute.value.len() {
        0..3 => Outcome::SessionReset,
        _ => Outcome::AfiSafiDisable,
    };
    (Problem::Unreadable(error), outcome, source)
}

/// "If the MP_REACH_NLRI attribute or the MP_UNREACH_NLRI attribute appears more than once in the
/// UPDATE message, then a NOTIFICATION message MUST be sent" (RFC 7606 3); of any other, "all the
/// occurrences of the attribute other than the first one SHALL be discarded".
fn repeated(code: AttributeCode) -> Outcome {
    match code {
        AttributeCode::MP_REACH_NLRI | AttributeCode::MP_UNREACH_NLRI => Outcome::SessionReset,
        _ => Outcome::AttributeDiscard,
    }
}

#[cfg(test)]
mod tests;
