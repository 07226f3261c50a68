//! Which number means which TLV: the draft renumbered its TLVs four times, and no message says by
//! which revision it is written. What a TLV holds tells.

use super::{IndexedTlv, IndexedTlvs};
use schemars::JsonSchema;
use serde::Serialize;

/// A TLV of a Route Monitoring message, whatever its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RouteTlvKind {
    /// The UPDATE (draft-ietf-grow-bmp-tlv-21 5.2).
    BgpMessage,
    /// NLRI that other TLVs name together (draft-ietf-grow-bmp-tlv-21 5.2.1).
    Group,
    /// VRF/Table Name (draft-ietf-grow-bmp-tlv-21 5.2.2).
    TableName,
    /// A BGP capability by which the UPDATE is written (draft-ietf-grow-bmp-tlv-21 5.2.3).
    StatelessParsing,
    /// When something happened to the routes (draft-ietf-grow-bmp-tlv-21 5.6.1).
    Timestamp,
    /// The message's number in its session (draft-ietf-grow-bmp-tlv-21 5.6.2).
    SequenceNumber,
    /// Peer Flags with room (draft-ietf-grow-bmp-tlv-21 5.6.3).
    ExtendedFlags,
    /// What the router does with the path (draft-ietf-grow-bmp-path-marking-tlv).
    PathMarking,
}

impl RouteTlvKind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            RouteTlvKind::BgpMessage => "bgp-message",
            RouteTlvKind::Group => "group",
            RouteTlvKind::TableName => "table-name",
            RouteTlvKind::StatelessParsing => "stateless-parsing",
            RouteTlvKind::Timestamp => "timestamp",
            RouteTlvKind::SequenceNumber => "sequence-number",
            RouteTlvKind::ExtendedFlags => "extended-flags",
            RouteTlvKind::PathMarking => "path-marking",
        }
    }
}

/// A revision of draft-ietf-grow-bmp-tlv, as far as it numbers TLVs differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Numbering {
    /// Revision 17.
    Draft17,
    /// Revisions 18 and 19.
    Draft19,
    /// Revision 20.
    Draft20,
    /// Revision 21.
    Draft21,
}

/// Numbers by revision: 17, 18 and 19, 20, 21.
#[rustfmt::skip]
const TABLE: &[(RouteTlvKind, [Option<u16>; 4])] = &[
    (RouteTlvKind::BgpMessage,       [Some(1), Some(4), Some(7), Some(4)]),
    (RouteTlvKind::Group,            [Some(2), Some(2), Some(4), Some(1)]),
    (RouteTlvKind::TableName,        [Some(3), Some(3), Some(5), Some(2)]),
    (RouteTlvKind::StatelessParsing, [Some(4), Some(1), Some(6), Some(3)]),
    (RouteTlvKind::SequenceNumber,   [None,    None,    Some(1), Some(5)]),
    (RouteTlvKind::ExtendedFlags,    [None,    None,    Some(2), Some(6)]),
    (RouteTlvKind::Timestamp,        [None,    None,    Some(3), Some(7)]),
    // Path Marking asks for 5 throughout; revisions 20 and 21 gave 5 away: see `collides`.
    (RouteTlvKind::PathMarking,      [Some(5), Some(5), None,    None]),
];

/// The number that Path Marking asks for.
const PATH_MARKING: u16 = 5;

impl Numbering {
    /// What is taken where the content does not tell: what routers and collectors use today.
    pub const DEFAULT: Numbering = Numbering::Draft19;

    /// The draft's revision; of two that number alike, the later.
    pub fn revision(self) -> u8 {
        match self {
            Numbering::Draft17 => 17,
            Numbering::Draft19 => 19,
            Numbering::Draft20 => 20,
            Numbering::Draft21 => 21,
        }
    }

    /// What a TLV is; none if the revision does not know its type, or if it is an enterprise's.
    pub fn kind(self, tlv: &IndexedTlv<'_>) -> Option<RouteTlvKind> {
        if self.collides(tlv) {
            return Some(RouteTlvKind::PathMarking);
        }
        let row = TABLE
            .iter()
            .find(|row| self.column(&row.1) == Some(tlv.tlv_type));
        row.map(|row| row.0)
    }

    fn column(self, [draft_17, draft_19, draft_20, draft_21]: &[Option<u16>; 4]) -> Option<u16> {
        match self {
            Numbering::Draft17 => *draft_17,
            Numbering::Draft19 => *draft_19,
            Numbering::Draft20 => *draft_20,
            Numbering::Draft21 => *draft_21,
        }
    }

    /// A Path Marking under a number that the revision gave to something else. A Sequence Number
    /// has eight octets, a VRF name is text.
    fn collides(self, tlv: &IndexedTlv<'_>) -> bool {
        let is_marking = tlv.tlv_type == PATH_MARKING && matches!(tlv.value.len(), 4 | 6);
        match self {
            Numbering::Draft17 | Numbering::Draft19 => false,
            Numbering::Draft20 => is_marking && !tlv.is_text(),
            Numbering::Draft21 => is_marking,
        }
    }

    /// Every numbering, the oldest first.
    pub const ALL: [Numbering; 4] = [
        Numbering::Draft17,
        Numbering::Draft19,
        Numbering::Draft20,
        Numbering::Draft21,
    ];

    /// The numbering that a revision has; none for other revisions than 17 to 21.
    pub fn of_revision(revision: u8) -> Option<Numbering> {
        let named = if revision == 18 { 19 } else { revision };
        Numbering::ALL
            .into_iter()
            .find(|numbering| numbering.revision() == named)
    }

    /// The revision by which these TLVs of one message are numbered, as far as their content tells.
    /// Of revisions 19 and 21, a message with nothing but an UPDATE does not tell.
    pub fn detect(tlvs: IndexedTlvs<'_>) -> Option<Numbering> {
        let mut whole = tlvs.flatten().filter(|tlv| tlv.enterprise.is_none());
        match whole.find(IndexedTlv::is_bgp_message)?.tlv_type {
            1 => Some(Numbering::Draft17),
            7 => Some(Numbering::Draft20),
            4 => by_companions(tlvs),
            _ => None,
        }
    }
}

/// Revision 19 or 21, by the TLVs around the UPDATE: each is a vote. Path Marking asks for the same
/// number whatever the revision, so it only counts where nothing else does.
fn by_companions(tlvs: IndexedTlvs<'_>) -> Option<Numbering> {
    let votes = || tlvs.flatten().filter_map(|tlv| vote(&tlv));
    let balance = votes().fold(0i32, |sum, numbering| match numbering {
        Numbering::Draft21 => sum.saturating_add(1),
        _ => sum.saturating_sub(1),
    });
    match balance {
        0 if votes().next().is_none() => by_path_marking(tlvs),
        0 => None,
        1.. => Some(Numbering::Draft21),
        _ => Some(Numbering::Draft19),
    }
}

/// Routers that mark paths number by revision 19 today.
fn by_path_marking(tlvs: IndexedTlvs<'_>) -> Option<Numbering> {
    let is_marking =
        |tlv: IndexedTlv<'_>| tlv.tlv_type == PATH_MARKING && matches!(tlv.value.len(), 4 | 6);
    tlvs.flatten().any(is_marking).then_some(Numbering::Draft19)
}

fn vote(tlv: &IndexedTlv<'_>) -> Option<Numbering> {
    if tlv.enterprise.is_some() {
        return None;
    }
    let (old, new) = (Some(Numbering::Draft19), Some(Numbering::Draft21));
    match (tlv.tlv_type, tlv.value.len()) {
        (1, _) if is_group(tlv) => new,
        (1, _) if is_capability(tlv) => old,
        (2, _) if is_group(tlv) => old,
        (2, _) if tlv.is_text() => new,
        (3, _) if tlv.is_text() => old,
        (3, _) if is_capability(tlv) => new,
        (5, 8) | (6, _) | (7, 5 | 9) => new,
        _ => None,
    }
}

/// A capability as in an OPEN: its length octet says how long the value is.
fn is_capability(tlv: &IndexedTlv<'_>) -> bool {
    match tlv.value {
        [_, length, value @ ..] => usize::from(*length) == value.len() && !tlv.is_text(),
        _ => false,
    }
}

/// No UPDATE holds more NLRI by far, and two letters make more.
const LARGEST_MEMBER: u16 = 0x1fff;

/// Two or more indexes under the number of a group.
fn is_group(tlv: &IndexedTlv<'_>) -> bool {
    let (members, rest) = tlv.value.as_chunks::<2>();
    let is_member = |member: &[u8; 2]| (1..=LARGEST_MEMBER).contains(&u16::from_be_bytes(*member));
    tlv.index.is_group() && rest.is_empty() && members.len() > 1 && members.iter().all(is_member)
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::*;
    use crate::wire::Cursor;

    const END_OF_RIB: &str = "0017 0000 ffffffffffffffffffffffffffffffff 0017 02 0000 0000";

    fn detect(update_type: u16, others: &str) -> Option<Numbering> {
        let octets = hex(&format!("{others}\n{update_type:04x} {END_OF_RIB}"));
        Numbering::detect(IndexedTlvs::new(Cursor::new(&octets)))
    }

    #[test]
    fn the_number_of_the_update_tells_17_and_20() {
        assert_eq!(detect(1, ""), Some(Numbering::Draft17));
        assert_eq!(detect(7, ""), Some(Numbering::Draft20));
        assert_eq!(detect(4, ""), None, "19 and 21 are the same octets");
        assert_eq!(detect(9, ""), None);
    }

    #[test]
    fn what_the_other_tlvs_hold_tells_19_from_21() {
        let cases = [
            ("0001 0006 0000 45 04 0001 01 01", Numbering::Draft19), // ADD-PATH
            ("0003 0006 0000 45 04 0001 01 01", Numbering::Draft21),
            ("0003 0006 0000 676c6f62616c", Numbering::Draft19), // 'global'
            ("0002 0006 0000 676c6f62616c", Numbering::Draft21),
            ("0002 0004 8001 0001 0002", Numbering::Draft19), // group 1: NLRI 1 and 2
            ("0001 0004 8001 0001 0002", Numbering::Draft21),
            ("0005 0004 0001 00000002", Numbering::Draft19), // Path Marking: Best
            ("0005 0008 0000 0000000000000007", Numbering::Draft21), // Sequence Number 7
        ];
        for (others, expected) in cases {
            assert_eq!(detect(4, others), Some(expected), "{others}");
        }
    }

    #[test]
    fn a_name_that_refers_to_a_group_is_no_group() {
        assert_eq!(
            detect(4, "0002 0004 8001 626c7565"),
            Some(Numbering::Draft21)
        );
    }

    #[test]
    fn a_path_marking_only_counts_where_nothing_else_does() {
        let marking = "0005 0004 0001 00000002  0005 0004 0002 00000004";
        assert_eq!(detect(4, marking), Some(Numbering::Draft19));
        let named = format!("{marking} 0002 0006 0000 676c6f62616c");
        assert_eq!(detect(4, &named), Some(Numbering::Draft21));
    }

    #[test]
    fn marks_against_each_other_tell_nothing() {
        assert_eq!(detect(4, "0002 0001 0000 61  0003 0001 0000 61"), None);
    }

    #[test]
    fn no_revision_uses_a_number_twice() {
        use Numbering::*;
        for numbering in [Draft17, Draft19, Draft20, Draft21] {
            let mut numbers: Vec<_> = TABLE
                .iter()
                .filter_map(|row| numbering.column(&row.1))
                .collect();
            let all = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), all, "{numbering:?}");
        }
    }

    #[test]
    fn a_path_marking_is_known_under_a_number_that_was_given_away() {
        let octets = hex(
            "0005 0006 0001 00000002 0003  0005 0008 0000 0000000000000007
                          0005 0004 0000 626c7565",
        );
        let tlvs: Vec<_> = IndexedTlvs::new(Cursor::new(&octets)).flatten().collect();
        let marking = Some(RouteTlvKind::PathMarking);
        assert_eq!(Numbering::Draft21.kind(&tlvs[0]), marking);
        assert_eq!(Numbering::Draft20.kind(&tlvs[0]), marking);
        assert_eq!(
            Numbering::Draft21.kind(&tlvs[1]),
            Some(RouteTlvKind::SequenceNumber)
        );
        assert_eq!(
            Numbering::Draft20.kind(&tlvs[2]),
            Some(RouteTlvKind::TableName)
        );
    }
}
