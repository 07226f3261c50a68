//! By which revision the TLVs of a whole session are numbered: what its messages tell, together, or
//! what the user says. It stands for the messages that do not tell themselves.

use super::{IndexedTlvs, Numbering};
use schemars::JsonSchema;
use serde::Serialize;

/// How a numbering is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumberingSource {
    /// The user says so.
    Forced,
    /// The message's own TLVs tell.
    Message,
    /// Other messages of the session tell.
    Session,
    /// Nothing tells: it is the one that is mostly used.
    Assumed,
}

/// A numbering, and how it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownNumbering {
    /// The numbering.
    pub numbering: Numbering,
    /// How it is known.
    pub source: NumberingSource,
}

/// What is known of a message's numbering before it is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    #[default]
    Nothing,
    /// What other messages of its session tell.
    Session(Numbering),
    /// What the user says; no content changes it.
    Forced(Numbering),
}

impl Expected {
    /// The numbering of a message with these TLVs.
    pub fn settle(self, tlvs: IndexedTlvs<'_>) -> KnownNumbering {
        if let Expected::Forced(_) = self {
            return self.alone();
        }
        match Numbering::detect(tlvs) {
            Some(numbering) => KnownNumbering {
                numbering,
                source: NumberingSource::Message,
            },
            None => self.alone(),
        }
    }

    /// The numbering of a message that does not tell.
    pub fn alone(self) -> KnownNumbering {
        let (numbering, source) = match self {
            Expected::Forced(numbering) => (numbering, NumberingSource::Forced),
            Expected::Session(numbering) => (numbering, NumberingSource::Session),
            Expected::Nothing => (Numbering::DEFAULT, NumberingSource::Assumed),
        };
        KnownNumbering { numbering, source }
    }
}

/// What the messages of a session tell of their numbering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NumberingTally {
    forced: Option<Numbering>,
    /// Messages by the numbering that they tell, in the order of [`Numbering::ALL`].
    told: [u64; 4],
    /// Messages with indexed TLVs, telling or not.
    seen: u64,
}

impl NumberingTally {
    /// A session of which the user says the numbering, or not.
    pub fn new(forced: Option<Numbering>) -> NumberingTally {
        NumberingTally {
            forced,
            ..NumberingTally::default()
        }
    }

    /// Takes a message into account; gives what it tells, if it does.
    pub fn add(&mut self, tlvs: IndexedTlvs<'_>) -> Option<Numbering> {
        self.seen += 1;
        let told = Numbering::detect(tlvs)?;
        if let Some(count) = self.told.get_mut(told as usize) {
            *count += 1;
        }
        Some(told)
    }

    /// What is known of the next message: what most have told, and of equals what was told by the
    /// older revision.
    pub fn expected(&self) -> Expected {
        let most = || {
            let rows = Numbering::ALL.into_iter().zip(self.told).rev();
            let (numbering, count) = rows.max_by_key(|row| row.1)?;
            (count > 0).then_some(numbering)
        };
        match (self.forced, most()) {
            (Some(forced), _) => Expected::Forced(forced),
            (None, Some(told)) => Expected::Session(told),
            (None, None) => Expected::Nothing,
        }
    }

    /// The session's numbering; none if it has no indexed TLVs.
    pub fn known(&self) -> Option<KnownNumbering> {
        (self.seen > 0).then(|| self.expected().alone())
    }

    /// How many messages told which numbering, where there is any.
    pub fn told(&self) -> impl Iterator<Item = (Numbering, u64)> + use<> {
        let rows = Numbering::ALL.into_iter().zip(self.told);
        rows.filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::*;
    use crate::wire::Cursor;

    /// An End-of-RIB in a TLV of this type, with or without the name 'global' in one of type 3.
    fn tlvs(update_type: u16, is_telling: bool) -> Vec<u8> {
        let name = "0003 0006 0000 676c6f62616c";
        let end = "0017 0000 ffffffffffffffffffffffffffffffff 0017 02 0000 0000";
        let name = if is_telling { name } else { "" };
        hex(&format!("{name} {update_type:04x} {end}"))
    }

    fn add(tally: &mut NumberingTally, octets: &[u8]) -> Option<Numbering> {
        tally.add(IndexedTlvs::new(Cursor::new(octets)))
    }

    #[test]
    fn a_message_that_does_not_tell_is_numbered_as_its_session() {
        let mut tally = NumberingTally::default();
        let silent = tlvs(4, false);
        let settled = |tally: &NumberingTally| {
            let known = tally
                .expected()
                .settle(IndexedTlvs::new(Cursor::new(&silent)));
            (known.numbering.revision(), known.source)
        };
        assert_eq!(tally.known(), None);
        assert_eq!(settled(&tally), (19, NumberingSource::Assumed));
        assert_eq!(add(&mut tally, &tlvs(7, false)), Some(Numbering::Draft20));
        assert_eq!(settled(&tally), (20, NumberingSource::Session));
        assert_eq!(add(&mut tally, &silent), None);
        assert_eq!(tally.known().unwrap().numbering, Numbering::Draft20);
    }

    #[test]
    fn what_most_messages_tell_stands_and_every_telling_is_counted() {
        let mut tally = NumberingTally::default();
        add(&mut tally, &tlvs(7, false));
        add(&mut tally, &tlvs(4, true));
        assert_eq!(tally.expected(), Expected::Session(Numbering::Draft19));
        add(&mut tally, &tlvs(7, false));
        assert_eq!(tally.expected(), Expected::Session(Numbering::Draft20));
        let told: Vec<_> = tally.told().collect();
        assert_eq!(told, [(Numbering::Draft19, 1), (Numbering::Draft20, 2)]);
    }

    #[test]
    fn what_the_user_says_stands_against_content() {
        let mut tally = NumberingTally::new(Some(Numbering::Draft17));
        let octets = tlvs(7, true);
        add(&mut tally, &octets);
        let known = tally
            .expected()
            .settle(IndexedTlvs::new(Cursor::new(&octets)));
        let expected = (Numbering::Draft17, NumberingSource::Forced);
        assert_eq!((known.numbering, known.source), expected);
    }

    #[test]
    fn revision_18_numbers_as_19() {
        let revisions = [16, 17, 18, 19, 20, 21, 22].map(Numbering::of_revision);
        use Numbering::*;
        let expected = [Draft17, Draft19, Draft19, Draft20, Draft21].map(Some);
        assert_eq!((revisions[0], revisions[6]), (None, None));
        assert_eq!(revisions[1..6], expected);
    }
}
