//! What is odd in an RPKI message, for those who judge: decoding goes on behind all of it.

use super::route::RpkiRoute;
use super::tlv::{RpkiTlv, RpkiTlvs};
use super::value::RpkiValue;
use super::{ConfigScope, RpkiConfig};
use crate::bgp::{Context, Update};
use crate::bmp::Message;
use crate::bmp::v4::RouteTlvKind;
use crate::wire::{CodePoint, Cursor, DecodeError};
use std::borrow::Cow;
use std::fmt;

/// Something odd: what it is, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Octets from the start of the message, where it is in one place.
    pub offset: Option<u32>,
}

/// What is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A TLV leaves its container, which ends there.
    Overrun(DecodeError),
    /// A value that its type cannot have.
    Malformed(DecodeError),
    /// A TLV of this type is not known.
    UnknownTlv(u16),
    /// It cannot be told whether a configuration is global or of a peer.
    Scope,
    /// A source does not say of which type it is.
    NoSourceType,
    /// The number of BGP messages is not one.
    Updates(usize),
    /// The UPDATE announces no route.
    NoRoute,
}

impl ProblemKind {
    /// The finding's word.
    pub fn word(&self) -> &'static str {
        match self {
            ProblemKind::Overrun(_) => "rpki-tlv-overrun",
            ProblemKind::Malformed(_) => "rpki-tlv-malformed",
            ProblemKind::UnknownTlv(_) => "rpki-tlv-unknown",
            ProblemKind::Scope => "rpki-config-scope",
            ProblemKind::NoSourceType => "rpki-source-without-type",
            ProblemKind::Updates(_) => "rpki-bgp-messages",
            ProblemKind::NoRoute => "rpki-no-route",
        }
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProblemKind::Overrun(error) | ProblemKind::Malformed(error) => error.fmt(f),
            ProblemKind::UnknownTlv(number) => {
                write!(
                    f,
                    "TLV {number} ({number:#06x}) of an RPKI message is passed over"
                )
            }
            ProblemKind::Scope => f.write_str(
                "RPKI_CONFIG could be global or of a peer; it is taken for a global one",
            ),
            ProblemKind::NoSourceType => f.write_str("a data source has no type"),
            ProblemKind::Updates(count) => {
                write!(f, "{count} BGP messages in an RPKI message, which has one")
            }
            ProblemKind::NoRoute => f.write_str(
                "the UPDATE of an RPKI message announces no route that it could be about",
            ),
        }
    }
}

impl Problem {
    /// Tells everything odd of a message; of other messages than those about RPKI, nothing.
    pub fn all(message: &Message<'_>, tell: &mut dyn FnMut(Problem)) {
        match message {
            Message::RpkiConfig(config) => of_config(config, tell),
            Message::RpkiValidation(route) | Message::RpkiImpact(route) => of_route(route, tell),
            _ => {}
        }
    }

    fn at(error: DecodeError, kind: fn(DecodeError) -> ProblemKind) -> Problem {
        Problem {
            kind: kind(error),
            offset: Some(error.offset),
        }
    }
}

fn of_config(config: &RpkiConfig<'_>, tell: &mut dyn FnMut(Problem)) {
    if config.is_ambiguous && config.scope == ConfigScope::Global {
        tell(Problem {
            kind: ProblemKind::Scope,
            offset: None,
        });
    }
    of_tlvs(config.tlvs, &|_| false, tell);
}

fn of_route(route: &RpkiRoute<'_>, tell: &mut dyn FnMut(Problem)) {
    let is_update = |tlv: &RpkiTlv<'_>| route.kind(tlv) == Some(RouteTlvKind::BgpMessage);
    let updates = route.tlvs.flatten().filter(is_update).count();
    if updates != 1 {
        tell(Problem {
            kind: ProblemKind::Updates(updates),
            offset: None,
        });
    }
    if route.update.is_some_and(announces_nothing) {
        tell(Problem {
            kind: ProblemKind::NoRoute,
            offset: None,
        });
    }
    of_tlvs(route.tlvs, &|tlv| route.kind(tlv).is_some(), tell);
}

/// Whether there is a route does not hang on what was negotiated. Why an UPDATE cannot be read, others tell.
fn announces_nothing(pdu: &[u8]) -> bool {
    let context = Context::default();
    let update = Update::decode(&mut Cursor::new(pdu), &context);
    update.is_ok_and(|update| update.announced().next().is_none())
}

fn of_tlvs(
    tlvs: RpkiTlvs<'_>,
    is_known: &dyn Fn(&RpkiTlv<'_>) -> bool,
    tell: &mut dyn FnMut(Problem),
) {
    for tlv in tlvs {
        match tlv {
            Ok(tlv) if is_known(&tlv) => {}
            Ok(tlv) => of_tlv(&tlv, tell),
            Err(error) => tell(Problem::at(error, ProblemKind::Overrun)),
        }
    }
}

fn of_tlv(tlv: &RpkiTlv<'_>, tell: &mut dyn FnMut(Problem)) {
    let offset = u32::try_from(tlv.value.offset()).ok();
    match tlv.read() {
        Ok(RpkiValue::Source(fields)) => {
            let is_type = |tlv: RpkiTlv<'_>| tlv.code_point == Some(CodePoint::SourceType);
            if !fields.flatten().any(is_type) {
                let kind = ProblemKind::NoSourceType;
                tell(Problem { kind, offset });
            }
            of_tlvs(fields, &|_| false, tell);
        }
        Ok(RpkiValue::Policy(fields) | RpkiValue::AlternateRoute(fields)) => {
            of_tlvs(fields, &|_| false, tell);
        }
        Ok(RpkiValue::Unknown(_)) => {
            let kind = ProblemKind::UnknownTlv(tlv.tlv_type());
            tell(Problem { kind, offset });
        }
        // The kind, the count and what is text of it are there all the same.
        Ok(RpkiValue::SlurmError(_, _, Cow::Owned(_))) => {
            let text = tlv.value.offset().saturating_add(5);
            let error = DecodeError::malformed(text, "SLURM Error Text", "is not UTF-8");
            tell(Problem::at(error, ProblemKind::Malformed));
        }
        Ok(_) => {}
        Err(error) => tell(Problem::at(error, ProblemKind::Malformed)),
    }
}
