//! What the TLVs of a Route Monitoring message say, by their kind.

use super::{IndexedTlv, Numbering, PathMarking, RouteTlvKind};
use crate::time::Timestamp;

/// The value of a TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteTlvValue<'a> {
    /// The UPDATE.
    BgpMessage(&'a [u8]),
    /// The NLRI of a group, as indexes.
    Group(&'a [[u8; 2]]),
    /// VRF/Table Name.
    TableName(&'a str),
    /// A capability as in an OPEN.
    StatelessParsing(&'a [u8]),
    /// When something happened.
    Timestamp(TlvTimestamp),
    /// The message's number.
    SequenceNumber(u64),
    /// Peer Flags.
    ExtendedFlags(ExtendedFlags<'a>),
    /// What the router does with the path.
    PathMarking(PathMarking),
    /// A type that is not known, or octets that its kind cannot have.
    Raw(&'a [u8]),
}

/// A Timestamp TLV: what happened, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlvTimestamp {
    /// Timestamp type as sent.
    pub code: u8,
    /// Its name in the revision that numbers the TLVs.
    pub name: Option<&'static str>,
    /// When; none for zero, which is forbidden.
    pub time: Option<Timestamp>,
}

/// The bit string of an Extended Flags TLV, from the most significant bit of the first octet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtendedFlags<'a>(pub &'a [u8]);

/// Bits of the first octet (draft-ietf-grow-bmp-tlv-21 5.6.3). F is not where a Loc-RIB header has it.
const FLAGS: &[(u8, &str)] = &[
    (0x80, "ipv6"),
    (0x40, "post-policy"),
    (0x20, "legacy-as-path"),
    (0x10, "adj-rib-out"),
    (0x08, "filtered"),
    (0x01, "extended"),
];

impl ExtendedFlags<'_> {
    /// The flags that are set and have a name.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + use<> {
        let first = self.0.first().copied().unwrap_or_default();
        let set = FLAGS.iter().filter(move |(bit, _)| first & bit != 0);
        set.map(|(_, word)| *word)
    }
}

/// Names of timestamp types in revision 20, from 0.
const TIMES_20: &[&str] = &[
    "trigger",
    "export",
    "adj-rib-in",
    "local-rib",
    "adj-rib-out",
];

/// In revision 21, which reserves 0 and gives one number to pre- and post-policy alike.
const TIMES_21: &[&str] = &[
    "reserved",
    "trigger",
    "export",
    "adj-rib-in",
    "local-rib",
    "adj-rib-out",
];

impl TlvTimestamp {
    fn of(value: &[u8], numbering: Numbering) -> Option<TlvTimestamp> {
        let (code, rest) = value.split_first()?;
        let (seconds, rest) = rest.split_first_chunk()?;
        let microseconds = match *rest {
            [] => 0,
            [a, b, c, d] => u32::from_be_bytes([a, b, c, d]),
            _ => return None,
        };
        let names = match numbering {
            Numbering::Draft20 => TIMES_20,
            _ => TIMES_21,
        };
        Some(TlvTimestamp {
            code: *code,
            name: names.get(usize::from(*code)).copied(),
            time: Timestamp::from_bmp(u32::from_be_bytes(*seconds), microseconds),
        })
    }
}

impl<'a> IndexedTlv<'a> {
    /// What it says, by a revision's numbers.
    pub fn read(&self, numbering: Numbering) -> RouteTlvValue<'a> {
        match numbering.kind(self) {
            Some(kind) => RouteTlvValue::of(kind, self.value, numbering),
            None => RouteTlvValue::Raw(self.value),
        }
    }
}

impl<'a> RouteTlvValue<'a> {
    /// What a value of a kind says; as it is, where the kind cannot have it.
    pub fn of(kind: RouteTlvKind, value: &'a [u8], numbering: Numbering) -> RouteTlvValue<'a> {
        RouteTlvValue::read(kind, value, numbering).unwrap_or(RouteTlvValue::Raw(value))
    }

    fn read(
        kind: RouteTlvKind,
        value: &'a [u8],
        numbering: Numbering,
    ) -> Option<RouteTlvValue<'a>> {
        use RouteTlvValue as Value;
        match kind {
            RouteTlvKind::BgpMessage => Some(Value::BgpMessage(value)),
            RouteTlvKind::Group => members(value).map(Value::Group),
            RouteTlvKind::TableName => std::str::from_utf8(value).ok().map(Value::TableName),
            RouteTlvKind::StatelessParsing => {
                (!value.is_empty()).then_some(Value::StatelessParsing(value))
            }
            RouteTlvKind::Timestamp => TlvTimestamp::of(value, numbering).map(Value::Timestamp),
            RouteTlvKind::SequenceNumber => {
                let octets = <[u8; 8]>::try_from(value).ok()?;
                Some(Value::SequenceNumber(u64::from_be_bytes(octets)))
            }
            RouteTlvKind::ExtendedFlags => {
                (!value.is_empty()).then_some(Value::ExtendedFlags(ExtendedFlags(value)))
            }
            RouteTlvKind::PathMarking => PathMarking::of(value).map(Value::PathMarking),
        }
    }
}

pub(super) fn members(value: &[u8]) -> Option<&[[u8; 2]]> {
    let (members, rest) = value.as_chunks();
    rest.is_empty().then_some(members)
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::super::IndexedTlvs;
    use super::*;
    use crate::wire::Cursor;

    fn read<T>(tlv: &str, numbering: Numbering, test: impl FnOnce(RouteTlvValue<'_>) -> T) -> T {
        let octets = hex(tlv);
        let tlv = IndexedTlvs::new(Cursor::new(&octets)).next().unwrap();
        test(tlv.unwrap().read(numbering))
    }

    #[test]
    fn every_kind_of_revision_21_is_read() {
        let cases = [
            ("0001 0004 8001 0001 0002", "Group([[0, 1], [0, 2]])"),
            ("0002 0003 0000 626c75", "TableName(\"blu\")"),
            (
                "0003 0006 0000 450400010101",
                "StatelessParsing([69, 4, 0, 1, 1, 1])",
            ),
            ("0005 0008 0000 0000000000000007", "SequenceNumber(7)"),
            ("0006 0001 0000 d1", "ExtendedFlags(ExtendedFlags([209]))"),
        ];
        for (octets, expected) in cases {
            let shown = read(octets, Numbering::Draft21, |value| format!("{value:?}"));
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn a_timestamp_has_seconds_or_microseconds_and_the_name_of_its_revision() {
        let octets = "0007 0009 0000 01 00000001 00000002";
        read(octets, Numbering::Draft21, |value| {
            let RouteTlvValue::Timestamp(time) = value else {
                panic!()
            };
            assert_eq!((time.code, time.name), (1, Some("trigger")));
            assert_eq!(
                time.time.unwrap().to_string(),
                "1970-01-01T00:00:01.000002Z"
            );
        });
        read("0003 0005 0000 01 00000001", Numbering::Draft20, |value| {
            let RouteTlvValue::Timestamp(time) = value else {
                panic!()
            };
            assert_eq!(time.name, Some("export"));
            assert_eq!(
                time.time.unwrap().to_string(),
                "1970-01-01T00:00:01.000000Z"
            );
        });
    }

    #[test]
    fn a_length_that_the_kind_cannot_have_keeps_the_octets() {
        let wrong = [
            "0001 0003 8001 000100",
            "0002 0001 0000 ff",
            "0003 0000 0000",
            "0005 0007 0000 00000000000000",
            "0006 0000 0000",
            "0007 0006 0000 010000000100",
            "0009 0001 0000 00",
        ];
        for octets in wrong {
            read(octets, Numbering::Draft21, |value| {
                assert!(
                    matches!(value, RouteTlvValue::Raw(_)),
                    "{octets}: {value:?}"
                );
            });
        }
    }

    #[test]
    fn flags_have_words() {
        let words: Vec<_> = ExtendedFlags(&[0xd9, 1]).words().collect();
        assert_eq!(
            words,
            ["ipv6", "post-policy", "adj-rib-out", "filtered", "extended"]
        );
    }
}
