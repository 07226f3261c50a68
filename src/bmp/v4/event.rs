//! Route Event Logging (draft-ietf-grow-bmp-rel-05): what happened to routes, in indexed TLVs around
//! an UPDATE. Its message type is not assigned yet, so a message is recognised by its content.
//!
//! ```text
//! | Event Type (1, only in some texts of the revision) |
//! | Per-Peer Header (42); a health event has none      |
//! | indexed TLVs: a BGP message, one or more reasons   |
//! ```

use super::value::members;
use super::{IndexedTlv, IndexedTlvs, Numbering, context};
use crate::bgp::Context;
use crate::bmp::{PeerHeader, PeerType, Rib};
use crate::wire::Cursor;

code_points! {
    /// What an event is about.
    EventType(u8) {
        ROUTING = 1, "routing", "draft-ietf-grow-bmp-rel-05";
        HEALTH = 2, "health", "draft-ietf-grow-bmp-rel-05";
    }
}

code_points! {
    /// TLVs of an event.
    EventTlv(u16) {
        STATELESS_PARSING = 1, "stateless-parsing", "draft-ietf-grow-bmp-rel-05 3.5";
        GROUP = 2, "group", "draft-ietf-grow-bmp-rel-05 3.4";
        BGP_MESSAGE = 4, "bgp-message", "draft-ietf-grow-bmp-rel-05 3.2";
        EVENT_REASON = 5, "event-reason", "draft-ietf-grow-bmp-rel-05 3.3.1";
        LOG_ACTION = 6, "log-action", "draft-ietf-grow-bmp-rel-05 3.3.2";
        POLICY_DISCARD = 7, "policy-discard", "draft-ietf-grow-bmp-rel-05 3.3.3";
        VALIDATION_FAIL = 8, "validation-fail", "draft-ietf-grow-bmp-rel-05 3.3.4";
        MALFORMED_PACKET = 9, "malformed-packet", "draft-ietf-grow-bmp-rel-05 3.3.5";
    }
}

code_points! {
    /// One bit of an Event Reason: its values are those of bits.
    EventReason(u32) {
        LOG_ACTION = 1, "log-action", "draft-ietf-grow-bmp-rel-05 3.3.1";
        POLICY_DISCARD = 2, "policy-discard", "draft-ietf-grow-bmp-rel-05 3.3.1";
        VALIDATION_FAIL = 4, "validation-fail", "draft-ietf-grow-bmp-rel-05 3.3.1";
        MALFORMED_PACKET = 8, "malformed-packet", "draft-ietf-grow-bmp-rel-05 3.3.1";
    }
}

code_points! {
    /// Why a route is logged.
    LogAction(u8) {
        CONFIG = 1, "config", "draft-ietf-grow-bmp-rel-05 3.3.2";
        UNSTABLE = 2, "unstable", "draft-ietf-grow-bmp-rel-05 3.3.2";
        CROSSED_WARNING_BOUND = 3, "crossed-warning-bound", "draft-ietf-grow-bmp-rel-05 3.3.2";
        CROSSED_UPPER_BOUND = 4, "crossed-upper-bound", "draft-ietf-grow-bmp-rel-05 3.3.2";
    }
}

code_points! {
    /// How a Policy Discard tells the policy.
    PolicyForm(u8) {
        STRING = 1, "string", "draft-ietf-grow-bmp-rel-05 3.3.3";
        STRUCTURED = 2, "structured", "draft-ietf-grow-bmp-rel-05 3.3.3";
    }
}

code_points! {
    /// Which validation a route failed.
    ValidationFail(u8) {
        RPKI_INVALID = 1, "rpki-invalid", "draft-ietf-grow-bmp-rel-05 3.3.4";
        RPKI_INVALID_COVERED = 2, "rpki-invalid-covered-by-valid", "draft-ietf-grow-bmp-rel-05 3.3.4";
    }
}

code_points! {
    /// Why it failed.
    ValidationReason(u8) {
        AS_ORIGIN_MISMATCH = 1, "as-origin-mismatch", "draft-ietf-grow-bmp-rel-05 3.3.4";
        MAX_LENGTH_VIOLATION = 2, "max-length-violation", "draft-ietf-grow-bmp-rel-05 3.3.4";
    }
}

code_points! {
    /// What is wrong with a BGP message.
    MalformedPacket(u8) {
        ERRORED_PDU = 1, "errored-pdu", "draft-ietf-grow-bmp-rel-05 3.3.5";
    }
}

/// A Route Event Logging message.
#[derive(Debug, Clone, Copy)]
pub struct RouteEvent<'a> {
    /// What it is about; none in the texts that have no such octet.
    pub event_type: Option<EventType>,
    /// Which peer; none of a health event.
    pub header: Option<PeerHeader>,
    /// The UPDATE with the routes concerned; none of a health event.
    pub update: Option<&'a [u8]>,
    /// Every TLV, that of the UPDATE included.
    pub tlvs: IndexedTlvs<'a>,
}

/// The A flag of an event's header: where other headers have L.
const LEGACY_AS_PATH: u8 = 0x40;

impl<'a> RouteEvent<'a> {
    /// The event in a body of version 4, if it is one in every octet: TLVs to its end, at least one
    /// reason, and the UPDATE of a routing event.
    pub(in crate::bmp) fn recognise(body: Cursor<'a>) -> Option<RouteEvent<'a>> {
        let mut rest = body;
        let event_type = EventType(rest.u8("Event Type").ok()?);
        let typed = || match event_type {
            EventType::ROUTING => RouteEvent::routing(rest, Some(event_type)),
            EventType::HEALTH => RouteEvent::health(rest),
            _ => None,
        };
        RouteEvent::routing(body, None).or_else(typed)
    }

    fn routing(mut body: Cursor<'a>, event_type: Option<EventType>) -> Option<RouteEvent<'a>> {
        let header = PeerHeader::decode(&mut body).ok()?;
        let tlvs = with_reason(body)?;
        let mut messages = tlvs
            .flatten()
            .filter(|tlv| EventTlv::of(tlv) == EventTlv::BGP_MESSAGE);
        let update = messages.find(IndexedTlv::is_bgp_message)?;
        Some(RouteEvent {
            event_type,
            header: Some(header),
            update: Some(update.value),
            tlvs,
        })
    }

    fn health(body: Cursor<'a>) -> Option<RouteEvent<'a>> {
        Some(RouteEvent {
            event_type: Some(EventType::HEALTH),
            header: None,
            update: None,
            tlvs: with_reason(body)?,
        })
    }

    /// How the UPDATE is to be read, and whether the message itself says so.
    pub fn context(&self) -> (Context, bool) {
        let flags = self.header.map_or(0, |header| header.flags.0);
        let by_header = Context {
            four_octet_as: self.is_loc_rib() || flags & LEGACY_AS_PATH == 0,
            ..Context::default()
        };
        let stated = context(self.tlvs, Numbering::Draft19, self.rib(), &by_header);
        let is_stated = stated.is_some();
        (stated.unwrap_or(by_header), is_stated)
    }

    /// Which view its routes are of. There is no flag for post-policy and none for Adj-RIB-Out: routes
    /// are as received.
    pub fn rib(&self) -> Rib {
        match self.is_loc_rib() {
            true => Rib::LocRib,
            false => Rib::AdjRibInPre,
        }
    }

    fn is_loc_rib(&self) -> bool {
        let peer_type = self.header.map(|header| header.peer_type);
        peer_type == Some(PeerType::LOC_RIB)
    }

    /// The bits of every Event Reason together, from the lowest.
    pub fn reasons(&self) -> impl Iterator<Item = EventReason> + use<'a> {
        let bits = self
            .tlvs
            .flatten()
            .filter_map(|tlv| match EventValue::of(&tlv) {
                EventValue::Reasons(bits) => Some(bits),
                _ => None,
            });
        reasons(bits.fold(0, |all, bits| all | bits))
    }
}

/// The TLVs from here to the end, if they are in order and one of them is a reason.
fn with_reason(body: Cursor<'_>) -> Option<IndexedTlvs<'_>> {
    let tlvs = IndexedTlvs::new(body);
    let is_whole = tlvs.into_iter().all(|tlv| tlv.is_ok());
    let is_reason = |tlv: IndexedTlv<'_>| matches!(EventValue::of(&tlv), EventValue::Reasons(_));
    (is_whole && tlvs.flatten().any(is_reason)).then_some(tlvs)
}

/// The bits that are set, from the lowest.
pub fn reasons(bits: u32) -> impl Iterator<Item = EventReason> {
    let each = (0..u32::BITS).map(|place| 1 << place);
    each.filter(move |bit| bits & bit != 0).map(EventReason)
}

impl EventTlv {
    /// The type of a TLV; an enterprise's is none of the draft's.
    pub fn of(tlv: &IndexedTlv<'_>) -> EventTlv {
        EventTlv(tlv.tlv_type)
    }
}

/// What a TLV of an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventValue<'a> {
    /// A capability as in an OPEN.
    StatelessParsing(&'a [u8]),
    /// The NLRI of a group, as indexes.
    Group(&'a [[u8; 2]]),
    /// A BGP message.
    BgpMessage(&'a [u8]),
    /// Why there is an event: bits of [`EventReason`].
    Reasons(u32),
    /// A route is logged.
    LogAction(LogAction, LogDetail<'a>),
    /// A policy discarded a route.
    PolicyDiscard(PolicyForm, PolicyNames<'a>),
    /// A route failed validation.
    ValidationFail(ValidationFail, Option<ValidationReason>),
    /// A BGP message was malformed.
    MalformedPacket(MalformedPacket),
    /// A type that is not known, or octets that its type cannot have.
    Raw(&'a [u8]),
}

/// What a Log Action adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogDetail<'a> {
    /// Nothing.
    Nothing,
    /// Free text.
    Text(&'a str),
    /// In how many seconds something happened how often.
    Unstable {
        /// Seconds observed.
        seconds: u32,
        /// Occurrences in them.
        count: u32,
    },
    /// The bound that was crossed.
    Threshold(u32),
}

/// The policy that discarded a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyNames<'a> {
    /// Free text.
    Text(&'a str),
    /// A policy and its statement.
    Statement {
        /// The policy's name.
        policy: &'a str,
        /// The statement's name in the policy.
        statement: &'a str,
    },
}

impl<'a> EventValue<'a> {
    /// Reads a TLV.
    pub fn of(tlv: &IndexedTlv<'a>) -> EventValue<'a> {
        let value = tlv.value;
        let read = match EventTlv::of(tlv) {
            _ if tlv.enterprise.is_some() => None,
            EventTlv::STATELESS_PARSING => {
                (!value.is_empty()).then_some(EventValue::StatelessParsing(value))
            }
            EventTlv::GROUP => members(value).map(EventValue::Group),
            EventTlv::BGP_MESSAGE => Some(EventValue::BgpMessage(value)),
            EventTlv::EVENT_REASON => word(value).map(EventValue::Reasons),
            EventTlv::LOG_ACTION => log_action(value),
            EventTlv::POLICY_DISCARD => policy_discard(value),
            EventTlv::VALIDATION_FAIL => validation_fail(value),
            EventTlv::MALFORMED_PACKET => malformed_packet(value),
            _ => None,
        };
        read.unwrap_or(EventValue::Raw(value))
    }
}

fn word(octets: &[u8]) -> Option<u32> {
    <[u8; 4]>::try_from(octets).ok().map(u32::from_be_bytes)
}

fn log_action(value: &[u8]) -> Option<EventValue<'_>> {
    let (code, rest) = value.split_first()?;
    let action = LogAction(*code);
    let detail = match action {
        LogAction::CONFIG => LogDetail::Text(std::str::from_utf8(rest).ok()?),
        LogAction::UNSTABLE if !rest.is_empty() => {
            let (seconds, count) = rest.split_at_checked(4)?;
            LogDetail::Unstable {
                seconds: word(seconds)?,
                count: word(count)?,
            }
        }
        LogAction::CROSSED_WARNING_BOUND | LogAction::CROSSED_UPPER_BOUND => {
            LogDetail::Threshold(word(rest)?)
        }
        _ if rest.is_empty() => LogDetail::Nothing,
        _ => return None,
    };
    Some(EventValue::LogAction(action, detail))
}

fn policy_discard(value: &[u8]) -> Option<EventValue<'_>> {
    let (code, rest) = value.split_first()?;
    let text = std::str::from_utf8(rest).ok()?;
    let form = PolicyForm(*code);
    let names = match form {
        PolicyForm::STRING => PolicyNames::Text(text),
        PolicyForm::STRUCTURED => {
            // Two strings, each with a zero octet behind it.
            let (policy, statement) = text.strip_suffix('\0')?.split_once('\0')?;
            PolicyNames::Statement { policy, statement }
        }
        _ => return None,
    };
    Some(EventValue::PolicyDiscard(form, names))
}

fn validation_fail(value: &[u8]) -> Option<EventValue<'_>> {
    let (code, reason) = match *value {
        [code] => (code, None),
        [code, reason] => (code, Some(ValidationReason(reason))),
        _ => return None,
    };
    Some(EventValue::ValidationFail(ValidationFail(code), reason))
}

fn malformed_packet(value: &[u8]) -> Option<EventValue<'_>> {
    match *value {
        [code] => Some(EventValue::MalformedPacket(MalformedPacket(code))),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
