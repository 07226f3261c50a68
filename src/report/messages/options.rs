//! The options that only `messages` has, and what they come to.

use super::fields::Fields;
use super::filter::{Filter, TYPES, accepts};
use crate::report::{Failure, Given, OwnOption};
use crate::sheet::LineForm;
use crate::wire::CodePoints;

pub(super) const TYPE: OwnOption = OwnOption::word_or(
    "type",
    "TYPE",
    TYPES,
    accepts::message_type,
    "Only lines of this type, or of unknown-N; repeatable",
)
.repeatable();

pub(super) const RIB: OwnOption = OwnOption::word(
    "rib",
    "RIB",
    &[
        "adj-rib-in-pre",
        "adj-rib-in-post",
        "adj-rib-out-pre",
        "adj-rib-out-post",
        "loc-rib",
    ],
    "Only routes of this RIB view; repeatable",
)
.repeatable();

pub(super) const PREFIX: OwnOption = OwnOption::text(
    "prefix",
    "PREFIX|ADDR",
    accepts::prefix,
    "Only UPDATEs that announce or withdraw this prefix, in any family that has prefixes; an address is \
     a prefix of all its bits; repeatable",
)
.repeatable();

pub(super) const MORE_SPECIFIC: OwnOption =
    OwnOption::flag("more-specific", "With --prefix: or prefixes inside it");

pub(super) const LESS_SPECIFIC: OwnOption =
    OwnOption::flag("less-specific", "With --prefix: or prefixes that cover it");

pub(super) const ORIGIN_ASN: OwnOption = OwnOption::text(
    "origin-asn",
    "ASN",
    accepts::asn,
    "Only UPDATEs whose AS path ends in this AS, alone or in a set; repeatable",
)
.repeatable();

pub(super) const COMMUNITY: OwnOption = OwnOption::text(
    "community",
    "COMMUNITY",
    accepts::community,
    "Only UPDATEs with this community of any kind, as JSON prints it: 64500:1, no-export, 64500:1:2, \
     rt:64500:1; * is any part; repeatable",
)
.repeatable();

pub(super) const AS_PATH: OwnOption = OwnOption::text(
    "as-path",
    "REGEX",
    accepts::as_path,
    "Only UPDATEs whose AS path, as routers print it, has a match, such as '_64500_', '^64500 ' or '64501$': _ \
     is what stands before, behind and between AS numbers; {sets}, (confederations); repeatable",
)
.repeatable();

pub(super) const FIELDS: OwnOption = OwnOption::text(
    "fields",
    "KEY,KEY.KEY",
    Fields::accepts,
    "Keep only these keys of each JSON line; those of lists are kept in every element",
)
.repeatable();

pub(super) const HEX: OwnOption = OwnOption::flag(
    "hex",
    "Add all octets of each message: as message_hex, or below the line of the table",
);

pub(super) const LIMIT: OwnOption =
    OwnOption::text("limit", "N", limit, "Stop after so many lines");

/// The options, in the order in which help lists them.
pub const OPTIONS: &[OwnOption] = &[
    TYPE,
    RIB,
    PREFIX,
    MORE_SPECIFIC,
    LESS_SPECIFIC,
    ORIGIN_ASN,
    COMMUNITY,
    AS_PATH,
    FIELDS,
    HEX,
    LIMIT,
];

fn limit(text: &str) -> Result<(), String> {
    let number: Result<u64, _> = text.parse();
    number
        .map(drop)
        .map_err(|_| format!("'{text}' is no number of lines"))
}

/// Which lines are printed, and how.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What a line is.
    pub(super) form: LineForm,
    /// Columns of the terminal; none: lines may be of any length.
    pub(super) width: Option<u16>,
    pub(super) filter: Filter,
    pub(super) fields: Option<Fields>,
    pub(super) has_hex: bool,
    pub(super) limit: Option<u64>,
}

impl Choice {
    /// Every line, whole.
    pub fn new(form: LineForm) -> Choice {
        Choice {
            form,
            width: None,
            filter: Filter::default(),
            fields: None,
            has_hex: false,
            limit: None,
        }
    }

    /// As the options say. Fails where they cannot go together.
    pub fn given(
        form: LineForm,
        width: Option<u16>,
        given: &Given,
        code_points: &CodePoints,
    ) -> Result<Choice, Failure> {
        let fields = given.texts(&FIELDS).collect::<Vec<_>>();
        let has_hex = given.has(&HEX);
        if form != LineForm::Json && !fields.is_empty() {
            return Err(Failure::Usage(ONLY_JSON.to_owned()));
        }
        if form == LineForm::Csv && has_hex {
            return Err(Failure::Usage(NOT_CSV.to_owned()));
        }
        let fields = (!fields.is_empty()).then(|| Fields::new(&fields));
        let has_hex = has_hex
            || fields
                .as_ref()
                .is_some_and(|fields| fields.has(MESSAGE_HEX));
        Ok(Choice {
            form,
            // Some terminals say that they have no columns; they do not mean it.
            width: width.filter(|columns| *columns > 0),
            filter: Filter::given(given, code_points).map_err(Failure::Usage)?,
            fields,
            has_hex,
            limit: given.text(&LIMIT).and_then(|text| text.parse().ok()),
        })
    }
}

/// The key that --hex adds; who asks for the key asks for the octets.
const MESSAGE_HEX: &str = "message_hex";

const ONLY_JSON: &str = "--fields is about JSON: it goes with --format ndjson and json only";

const NOT_CSV: &str =
    "--hex is about messages, and rows of CSV are routes: it goes with the other formats";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bmp::Rib;

    #[test]
    fn every_rib_view_is_a_word() {
        let crate::report::Takes::Word(words) = RIB.takes else {
            panic!()
        };
        assert_eq!(words, Rib::ALL.map(Rib::word));
    }
}
