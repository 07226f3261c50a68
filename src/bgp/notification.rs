//! The NOTIFICATION message (RFC 4271 4.5): why a session ended.
//!
//! ```text
//! | Error Code (1) | Error Subcode (1) | Data (to the message's end) |
//! ```

use super::header::{MessageHeader, MessageType};
use super::text::Hex;
use crate::wire::{Cursor, DecodeError};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

code_points! {
    /// What kind of error ended the session.
    ErrorCode(u8) {
        MESSAGE_HEADER = 1, "message-header-error", "RFC 4271 6.1";
        OPEN_MESSAGE = 2, "open-message-error", "RFC 4271 6.2";
        UPDATE_MESSAGE = 3, "update-message-error", "RFC 4271 6.3";
        HOLD_TIMER_EXPIRED = 4, "hold-timer-expired", "RFC 4271 6.5";
        FINITE_STATE_MACHINE = 5, "finite-state-machine-error", "RFC 4271 6.6";
        CEASE = 6, "cease", "RFC 4271 6.7";
        ROUTE_REFRESH_MESSAGE = 7, "route-refresh-message-error", "RFC 7313 5";
        SEND_HOLD_TIMER_EXPIRED = 8, "send-hold-timer-expired", "RFC 9687 5";
        LOSS_OF_LSDB_SYNCHRONIZATION = 9, "loss-of-lsdb-synchronization", "RFC 9815 8";
    }
}

/// Error subcodes: code, subcode, word, source. IANA BGP Error Subcodes, snapshot 2026-04-03.
#[rustfmt::skip]
const SUBCODES: &[(u8, u8, &str, &str)] = &[
    (1, 1, "connection-not-synchronized", "RFC 4271 6.1"),
    (1, 2, "bad-message-length", "RFC 4271 6.1"),
    (1, 3, "bad-message-type", "RFC 4271 6.1"),
    (2, 1, "unsupported-version-number", "RFC 4271 6.2"),
    (2, 2, "bad-peer-as", "RFC 4271 6.2"),
    (2, 3, "bad-bgp-identifier", "RFC 4271 6.2"),
    (2, 4, "unsupported-optional-parameter", "RFC 4271 6.2"),
    (2, 5, "authentication-failure", "RFC 1771 6.2, deprecated"),
    (2, 6, "unacceptable-hold-time", "RFC 4271 6.2"),
    (2, 7, "unsupported-capability", "RFC 5492 5"),
    (2, 8, "deprecated-8", "RFC 9234 7"),
    (2, 9, "deprecated-9", "RFC 9234 7"),
    (2, 10, "deprecated-10", "RFC 9234 7"),
    (2, 11, "role-mismatch", "RFC 9234 4.2"),
    (3, 1, "malformed-attribute-list", "RFC 4271 6.3"),
    (3, 2, "unrecognized-well-known-attribute", "RFC 4271 6.3"),
    (3, 3, "missing-well-known-attribute", "RFC 4271 6.3"),
    (3, 4, "attribute-flags-error", "RFC 4271 6.3"),
    (3, 5, "attribute-length-error", "RFC 4271 6.3"),
    (3, 6, "invalid-origin-attribute", "RFC 4271 6.3"),
    (3, 7, "as-routing-loop", "RFC 1771 6.3, deprecated"),
    (3, 8, "invalid-next-hop-attribute", "RFC 4271 6.3"),
    (3, 9, "optional-attribute-error", "RFC 4271 6.3"),
    (3, 10, "invalid-network-field", "RFC 4271 6.3"),
    (3, 11, "malformed-as-path", "RFC 4271 6.3"),
    (5, 1, "unexpected-message-in-opensent", "RFC 6608 3"),
    (5, 2, "unexpected-message-in-openconfirm", "RFC 6608 3"),
    (5, 3, "unexpected-message-in-established", "RFC 6608 3"),
    (6, 1, "maximum-number-of-prefixes-reached", "RFC 4486 3"),
    (6, 2, "administrative-shutdown", "RFC 9003 2"),
    (6, 3, "peer-de-configured", "RFC 4486 3"),
    (6, 4, "administrative-reset", "RFC 9003 2"),
    (6, 5, "connection-rejected", "RFC 4486 3"),
    (6, 6, "other-configuration-change", "RFC 4486 3"),
    (6, 7, "connection-collision-resolution", "RFC 4486 3"),
    (6, 8, "out-of-resources", "RFC 4486 3"),
    (6, 9, "hard-reset", "RFC 8538 3"),
    (6, 10, "bfd-down", "RFC 9384 3"),
    (7, 1, "invalid-message-length", "RFC 7313 5"),
];

const ADMINISTRATIVE_SHUTDOWN: u8 = 2;
const ADMINISTRATIVE_RESET: u8 = 4;
const HARD_RESET: u8 = 9;

/// A NOTIFICATION as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notification<'a> {
    /// Error Code.
    pub code: ErrorCode,
    /// Error Subcode; its meaning depends on the code, 0 is "unspecific".
    pub subcode: u8,
    /// What follows; its meaning depends on both.
    pub data: &'a [u8],
}

impl<'a> Notification<'a> {
    /// Reads a whole NOTIFICATION, header included; the cursor then stands behind it.
    pub fn decode(cursor: &mut Cursor<'a>) -> Result<Notification<'a>, DecodeError> {
        let why = "is not NOTIFICATION";
        let body = MessageHeader::take_body(cursor, MessageType::NOTIFICATION, why)?;
        Notification::decode_body(body)
    }

    fn decode_body(mut body: Cursor<'a>) -> Result<Notification<'a>, DecodeError> {
        Ok(Notification {
            code: ErrorCode(body.u8("Error Code")?),
            subcode: body.u8("Error Subcode")?,
            data: body.rest(),
        })
    }

    /// The code's word, or none where it is not known.
    pub fn name(&self) -> Option<&'static str> {
        self.code.word()
    }

    /// The subcode's word, or none where it is not known.
    pub fn subname(&self) -> Option<&'static str> {
        if self.subcode == 0 {
            // "If no appropriate Error Subcode is defined, then a zero (Unspecific) value is used"
            // (RFC 4271 4.5).
            return Some("unspecific");
        }
        let is_mine = |row: &&(u8, u8, _, _)| (row.0, row.1) == (self.code.0, self.subcode);
        SUBCODES.iter().find(is_mine).map(|row| row.2)
    }

    /// What an operator wrote on shutdown or reset (RFC 9003 2): a length, then UTF-8. None for any
    /// other NOTIFICATION, and where the data is not of that form.
    pub fn text(&self) -> Option<&'a str> {
        let has_text = matches!(self.subcode, ADMINISTRATIVE_SHUTDOWN | ADMINISTRATIVE_RESET);
        if self.code != ErrorCode::CEASE || !has_text {
            return None;
        }
        let (length, rest) = self.data.split_first()?;
        std::str::from_utf8(rest.get(..usize::from(*length))?).ok()
    }

    /// What a Hard Reset wraps (RFC 8538 3).
    pub fn hard_reset(&self) -> Option<Notification<'a>> {
        if self.code != ErrorCode::CEASE || self.subcode != HARD_RESET {
            return None;
        }
        Notification::decode_body(Cursor::new(self.data)).ok()
    }

    fn subname_word(&self) -> Cow<'static, str> {
        match self.subname() {
            Some(word) => word.into(),
            None => format!("unknown-{}", self.subcode).into(),
        }
    }
}

impl fmt::Display for Notification<'_> {
    /// For people: `cease / administrative-shutdown: text`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.code, self.subname_word())?;
        if let Some(inner) = self.hard_reset() {
            // A Hard Reset in a Hard Reset is told by its data only: no depth from the wire.
            write!(f, ": {} / {}", inner.code, inner.subname_word())?;
            return shown_text(f, inner.text());
        }
        shown_text(f, self.text())
    }
}

fn shown_text(f: &mut fmt::Formatter<'_>, text: Option<&str>) -> fmt::Result {
    match text {
        Some(text) if !text.is_empty() => write!(f, ": {text}"),
        _ => Ok(()),
    }
}

/// The keys of a NOTIFICATION in JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Notification")]
struct NotificationShape<'a> {
    /// Error Code.
    code: u8,
    /// Error Subcode.
    subcode: u8,
    /// The code's name, or `unknown-<number>`.
    name: ErrorCode,
    /// The subcode's name, or `unknown-<number>`.
    subname: Cow<'a, str>,
    /// What an operator wrote (RFC 9003).
    text: Option<&'a str>,
    /// What follows the subcode, in hex.
    #[schemars(with = "String")]
    data: Hex<'a>,
    /// The NOTIFICATION that a hard reset wraps (RFC 8538).
    #[serde(skip_serializing_if = "Option::is_none")]
    hard_reset: Option<WrappedShape<'a>>,
}

/// The keys of a NOTIFICATION inside a hard reset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WrappedNotification")]
struct WrappedShape<'a> {
    /// Error Code.
    code: u8,
    /// Error Subcode.
    subcode: u8,
    /// The code's name, or `unknown-<number>`.
    name: ErrorCode,
    /// The subcode's name, or `unknown-<number>`.
    subname: Cow<'a, str>,
    /// What an operator wrote (RFC 9003).
    text: Option<&'a str>,
    /// What follows the subcode, in hex.
    #[schemars(with = "String")]
    data: Hex<'a>,
}

impl<'a> From<&Notification<'a>> for NotificationShape<'a> {
    fn from(notification: &Notification<'a>) -> NotificationShape<'a> {
        NotificationShape {
            code: notification.code.0,
            subcode: notification.subcode,
            name: notification.code,
            subname: notification.subname_word(),
            text: notification.text(),
            data: Hex(notification.data),
            hard_reset: notification.hard_reset().map(|inner| WrappedShape {
                code: inner.code.0,
                subcode: inner.subcode,
                name: inner.code,
                subname: inner.subname_word(),
                text: inner.text(),
                data: Hex(inner.data),
            }),
        }
    }
}

impl Serialize for Notification<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NotificationShape::from(self).serialize(serializer)
    }
}

impl JsonSchema for Notification<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Notification".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        NotificationShape::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::{hex, message};
    use serde_json::{Value, json};

    /// Captured between two routers of the lab: an administrative shutdown with a text of nine octets.
    const RESET: &str = "
        ffffffff ffffffff ffffffff ffffffff 001f 03   # header: 31 octets, NOTIFICATION
        06 02                                         # Cease, Administrative Shutdown
        09 7261636b206d6f7665                         # \"rack move\"";

    fn json_of(bytes: &[u8]) -> Value {
        let notification = Notification::decode(&mut Cursor::new(bytes)).unwrap();
        let value = serde_json::to_value(notification).unwrap();
        let schema = serde_json::to_value(schemars::schema_for!(Notification)).unwrap();
        jsonschema::validate(&schema, &value).unwrap();
        value
    }

    #[test]
    fn a_shutdown_carries_the_words_of_its_operator() {
        let bytes = hex(RESET);
        let notification = Notification::decode(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!(notification.text(), Some("rack move"));
        assert_eq!(
            notification.to_string(),
            "cease / administrative-shutdown: rack move"
        );
        assert_eq!(
            json_of(&bytes),
            json!({ "code": 6, "subcode": 2, "name": "cease", "subname": "administrative-shutdown",
                    "text": "rack move", "data": "097261636b206d6f7665" })
        );
    }

    #[test]
    fn a_hard_reset_wraps_another_notification() {
        // FRR, captured: 6/9 around 6/4.
        let bytes = hex("ffffffffffffffffffffffffffffffff 0017 03 06 09 06 04");
        let value = json_of(&bytes);
        assert_eq!(value["subname"], "hard-reset");
        assert_eq!(value["hard_reset"]["subname"], "administrative-reset");
        let notification = Notification::decode(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!(
            notification.to_string(),
            "cease / hard-reset: cease / administrative-reset"
        );
        assert_eq!(json_of(&message(3, &[6, 9, 6])).get("hard_reset"), None);
        // RFC 8538 3 around RFC 9003 2: the text is inside.
        let bytes = message(3, &hex("06 09  06 02 09 7261636b206d6f7665"));
        assert_eq!(json_of(&bytes)["hard_reset"]["text"], "rack move");
        let notification = Notification::decode(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!(
            notification.to_string(),
            "cease / hard-reset: cease / administrative-shutdown: rack move"
        );
    }

    #[test]
    fn codes_have_names_or_numbers() {
        let names = |code, subcode| {
            let value = json_of(&message(3, &[code, subcode]));
            let word = |key: &str| value[key].as_str().unwrap().to_owned();
            (word("name"), word("subname"))
        };
        let pair = |name: &str, subname: &str| (name.to_owned(), subname.to_owned());
        assert_eq!(names(4, 0), pair("hold-timer-expired", "unspecific"));
        assert_eq!(names(2, 11), pair("open-message-error", "role-mismatch"));
        assert_eq!(names(8, 0), pair("send-hold-timer-expired", "unspecific"));
        assert_eq!(names(6, 10), pair("cease", "bfd-down"));
        assert_eq!(names(9, 0).0, "loss-of-lsdb-synchronization");
        assert_eq!(names(6, 77), pair("cease", "unknown-77"));
        assert_eq!(names(99, 1), pair("unknown-99", "unknown-1"));
    }

    #[test]
    fn what_follows_a_subcode_without_text_is_kept() {
        // Captured (lab/s1-bgp-179): the limit of IPv4 unicast is 40 (RFC 4486 4).
        let bytes = hex("ffffffffffffffffffffffffffffffff 001c 03 06 01 0001 01 00000028");
        let value = json_of(&bytes);
        assert_eq!(value["subname"], "maximum-number-of-prefixes-reached");
        assert_eq!(value["data"], "00010100000028");
    }

    #[test]
    fn the_table_names_each_subcode_once() {
        let numbers: Vec<_> = SUBCODES.iter().map(|row| (row.0, row.1)).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_text_that_is_none_stays_data() {
        // A length past the end; octets that are not UTF-8; a subcode without text.
        for (body, data) in [
            ("06 02 09 72", "0972"),
            ("06 04 01 ff", "01ff"),
            ("06 06 01 72", "0172"),
        ] {
            let value = json_of(&message(3, &hex(body)));
            assert_eq!(
                (&value["text"], &value["data"]),
                (&Value::Null, &json!(data))
            );
        }
    }

    #[test]
    fn every_prefix_is_an_answer() {
        let bytes = hex(RESET);
        for length in 0..bytes.len() {
            assert!(Notification::decode(&mut Cursor::new(&bytes[..length])).is_err());
            let _ = Notification::decode(&mut Cursor::new(&message(3, &bytes[19..length.max(19)])));
        }
        let error = Notification::decode(&mut Cursor::new(&message(3, &[6]))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Error Subcode at byte 20: needs 1 bytes, 0 left in its container"
        );
    }
}
