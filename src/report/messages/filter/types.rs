//! `--type`: the words that `type` says in JSON.

use crate::bmp::{Message, MessageType};
use crate::report::messages::event;
use crate::report::messages::told::{GAP, Told, UNDECODABLE};
use crate::report::messages::words;
use crate::wire::CodePoints;

/// Every word that `type` may say; any other type is `unknown-<number>`.
pub(in crate::report::messages) const TYPES: &[&str] = &[
    "route-monitoring",
    "statistics-report",
    "peer-down",
    "peer-up",
    "initiation",
    "termination",
    "route-mirroring",
    "route-policy-trace",
    "rpki-config",
    "rpki-validation",
    "rpki-impact",
    event::WORD,
    GAP,
    UNDECODABLE,
];

/// The types asked for.
#[derive(Debug, Clone)]
pub(super) struct Types {
    /// By number, of messages that are what their number says.
    numbers: [bool; 256],
    has_gaps: bool,
    has_undecodable: bool,
    has_events: bool,
}

impl Types {
    pub(super) fn new(words: &[&str], code_points: &CodePoints) -> Types {
        let mut numbers = [false; 256];
        for (number, is_asked) in (0..=u8::MAX).zip(&mut numbers) {
            let word = words::message_type(MessageType(number), code_points);
            *is_asked = words.contains(&&*word);
        }
        Types {
            numbers,
            has_gaps: words.contains(&GAP),
            has_undecodable: words.contains(&UNDECODABLE),
            has_events: words.contains(&event::WORD),
        }
    }

    pub(super) fn has_gaps(&self) -> bool {
        self.has_gaps
    }

    /// Whether the number alone does not rule a message out.
    #[inline]
    pub(super) fn may_want(&self, message_type: MessageType) -> bool {
        // An event is known by its content, in a type that nobody has assigned.
        self.has(message_type)
            || self.has_undecodable
            || (self.has_events && message_type.word().is_none())
    }

    pub(super) fn wants(&self, told: &Told<'_>) -> bool {
        match told {
            Told::Gap(_) => self.has_gaps,
            Told::Undecodable(..) => self.has_undecodable,
            Told::Message(bytes, readable) => match &readable.message {
                Message::RouteEvent(_) => self.has_events,
                _ => {
                    let header = crate::bmp::CommonHeader::peek(bytes);
                    header.is_some_and(|header| self.has(header.message_type))
                }
            },
        }
    }

    #[inline]
    fn has(&self, message_type: MessageType) -> bool {
        let is_asked = self.numbers.get(usize::from(message_type.0));
        is_asked.copied().unwrap_or_default()
    }
}

/// Whether a text that is none of the words is good: `unknown-<number>`, if it is not known.
pub(super) fn accepts(text: &str) -> Result<(), String> {
    let number = text.strip_prefix("unknown-");
    let Some(number) = number.filter(|digits| digits.bytes().all(|octet| octet.is_ascii_digit()))
    else {
        // The words say what would be good.
        return Err(String::new());
    };
    let Ok(number) = number.parse::<u8>() else {
        return Err("types go from 0 to 255".to_owned());
    };
    match MessageType(number).word() {
        Some(word) => Err(format!("type {number} is {word}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::code_points::Table;

    #[test]
    fn every_registered_type_and_every_draft_type_is_a_word() {
        let registered = MessageType::TABLE.iter().map(|row| row.1);
        let drafts = Table::MessageTypes.code_points().map(|one| one.name());
        for word in registered.chain(drafts) {
            assert!(TYPES.contains(&word), "{word}");
        }
        let own = ["route-policy-trace", event::WORD, GAP, UNDECODABLE];
        let all = MessageType::TABLE.len() + Table::MessageTypes.code_points().count() + own.len();
        assert_eq!(TYPES.len(), all);
    }

    #[test]
    fn a_number_is_good_where_it_has_no_word() {
        assert_eq!(accepts("unknown-99"), Ok(()));
        assert_eq!(accepts("unknown-4").unwrap_err(), "type 4 is initiation");
        assert_eq!(
            accepts("unknown-256").unwrap_err(),
            "types go from 0 to 255"
        );
        for text in ["unknown-", "unknown-x", "unknown-+1", "4", ""] {
            assert!(accepts(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_asked_for_by_their_words() {
        let types = Types::new(
            &["peer-up", "unknown-99", "rpki-impact"],
            &CodePoints::default(),
        );
        let asked: Vec<usize> = (0..256).filter(|number| types.numbers[*number]).collect();
        assert_eq!(asked, [3, 99, 253]);
        assert!(!types.may_want(MessageType(7)));
        let events = Types::new(&[event::WORD], &CodePoints::default());
        assert!(events.may_want(MessageType(7)) && !events.may_want(MessageType(0)));
    }
}
