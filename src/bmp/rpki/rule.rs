//! Validation rules that a route hit.
//!
//! ```text
//! kind (1) | state (1) | source id (2) | source type (1) | expiry (4) | body
//! ROA:       prefix | max length (1) | ASN (4)
//! ASPA:      customer (4) | n (2) | n providers (4 each)
//! AS group:  n (2) | n AS numbers (4 each)
//! ```

use super::shared::{AsNumbers, prefix};
use super::words::{RouteState, RuleKind, SourceType};
use crate::net::Prefix;
use crate::time::Timestamp;
use crate::wire::{Cursor, DecodeError};

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'a> {
    /// What it is.
    pub kind: RuleKind,
    /// The state that it alone gives the route.
    pub state: RouteState,
    /// The source that it is of, by its number on the router; none: not told.
    pub source_id: Option<u16>,
    /// What kind of source that is; none: not known.
    pub source_type: Option<SourceType>,
    /// When it expires; none: not told.
    pub expires: Option<Timestamp>,
    /// Its content.
    pub body: RuleBody<'a>,
}

/// What a rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleBody<'a> {
    /// A ROA's, or an assertion's: an AS may originate a prefix.
    Roa {
        /// The prefix.
        prefix: Prefix,
        /// The longest prefix inside it that is meant too.
        max_length: u8,
        /// The AS.
        asn: u32,
    },
    /// An ASPA: these are the providers of an AS.
    Aspa {
        /// The AS.
        customer: u32,
        /// Its providers.
        providers: AsNumbers<'a>,
    },
    /// A group of AS numbers.
    AsGroup(AsNumbers<'a>),
    /// The octets of a rule of a kind that is not known.
    Raw(&'a [u8]),
}

impl<'a> Rule<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Rule<'a>, DecodeError> {
        let kind = RuleKind(cursor.u8("Rule Kind")?);
        let state = RouteState(cursor.u8("Rule State")?);
        let source_id = cursor.u16("Rule Source Id")?;
        let source_type = cursor.u8("Rule Source Type")?;
        let expiry = cursor.u32("Rule Expiry")?;
        Ok(Rule {
            kind,
            state,
            source_id: (source_id != 0).then_some(source_id),
            source_type: (source_type != 0).then_some(SourceType(source_type)),
            expires: expires(expiry),
            body: body(kind, cursor)?,
        })
    }

    /// Its state in words; an ASPA's is `unknown` where a ROA's is `not-found`.
    pub fn state_text(&self) -> String {
        self.state.text(self.kind == RuleKind::ASPA)
    }
}

fn expires(seconds: u32) -> Option<Timestamp> {
    let nanoseconds = i64::from(seconds) * 1_000_000_000;
    (seconds != 0).then(|| Timestamp::from_nanoseconds(nanoseconds, 0))
}

fn body<'a>(kind: RuleKind, cursor: &mut Cursor<'a>) -> Result<RuleBody<'a>, DecodeError> {
    match kind {
        RuleKind::ROA => Ok(RuleBody::Roa {
            prefix: prefix(cursor)?,
            max_length: cursor.u8("Max Length")?,
            asn: cursor.u32("ASN")?,
        }),
        RuleKind::ASPA => Ok(RuleBody::Aspa {
            customer: cursor.u32("Customer ASN")?,
            providers: AsNumbers::read(cursor)?,
        }),
        RuleKind::AS_GROUP => AsNumbers::read(cursor).map(RuleBody::AsGroup),
        _ => Ok(RuleBody::Raw(cursor.take_rest())),
    }
}
