//! What two OPENs agree on. Both sides have to say so; each direction is its own question.

use super::capability::{CapabilityCode, CapabilityValue, SendReceive};
use super::context::{AddPath, Context};
use super::open::Open;
use crate::net::Family;

/// How UPDATEs from `sender` to `receiver` are written.
pub fn context(sender: &Open, receiver: &Open) -> Context {
    Context {
        four_octet_as: four_octet_as(sender, receiver),
        add_path: add_path(sender, receiver),
    }
}

/// The families whose NLRI carry a path identifier on the way from `sender` to `receiver`: the one
/// is able to send them and the other to receive them (RFC 7911 4).
pub fn add_path(sender: &Open, receiver: &Open) -> AddPath {
    let received = add_path_directions(receiver);
    add_path_directions(sender)
        .into_iter()
        .filter(|(_, direction)| direction.sends())
        .filter(|(family, _)| {
            let theirs = received.iter().find(|(other, _)| other == family);
            theirs.is_some_and(|(_, direction)| direction.receives())
        })
        .map(|(family, _)| family)
        .collect()
}

/// The families that either OPEN names in an ADD-PATH capability, in whatever direction. For the
/// Loc-RIB of RFC 9069 5.2, whose two OPENs are made up by one router.
pub fn add_path_named(one: &Open, other: &Open) -> AddPath {
    let both = [one, other].into_iter().flat_map(add_path_directions);
    both.map(|(family, _)| family).collect()
}

/// AS numbers have four octets between the two: both sent capability 65 (RFC 6793 4.1).
pub fn four_octet_as(one: &Open, other: &Open) -> bool {
    let is_able = |open: &Open| {
        open.values(CapabilityCode::FOUR_OCTET_AS)
            .any(|value| matches!(value, CapabilityValue::FourOctetAs(_)))
    };
    is_able(one) && is_able(other)
}

/// The last word of an OPEN on each family. "If any other value is received, then the capability
/// SHOULD be treated as not understood and ignored" (RFC 7911 4): it does not undo an earlier one.
fn add_path_directions(open: &Open) -> Vec<(Family, SendReceive)> {
    let mut directions: Vec<(Family, SendReceive)> = Vec::new();
    for value in open.values(CapabilityCode::ADD_PATH) {
        let CapabilityValue::AddPath(value) = value else {
            continue;
        };
        for one in value.families.iter() {
            if one.send_receive.word().is_none() {
                continue;
            }
            match directions.iter_mut().find(|row| row.0 == one.family) {
                Some(row) => row.1 = one.send_receive,
                None => directions.push((one.family, one.send_receive)),
            }
        }
    }
    directions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::{hex, message};
    use crate::wire::Cursor;

    const IPV4: Family = Family::IPV4_UNICAST;
    const IPV6: Family = Family::IPV6_UNICAST;

    /// An OPEN with these capabilities in one parameter.
    fn open(capabilities: &str) -> Open {
        let capabilities = hex(capabilities);
        let length = capabilities.len() as u8;
        let mut body = hex("04 fde9 00b4 c0000201");
        body.extend([length + 2, 2, length]);
        body.extend(capabilities);
        Open::decode(&mut Cursor::new(&message(1, &body))).unwrap()
    }

    fn families(sender: &Open, receiver: &Open) -> Vec<Family> {
        add_path(sender, receiver).iter().collect()
    }

    #[test]
    fn all_nine_pairs_of_directions_in_both_directions() {
        let (receive, send, both) = (1, 2, 3);
        // (this side, the other side) where path identifiers flow from this side to the other.
        let flows = [(send, receive), (send, both), (both, receive), (both, both)];
        for this in [receive, send, both] {
            for other in [receive, send, both] {
                let open_of = |direction: u8| open(&format!("45 04 0001 01 {direction:02x}"));
                let (a, b) = (open_of(this), open_of(other));
                let expected = |pair| {
                    if flows.contains(&pair) {
                        vec![IPV4]
                    } else {
                        vec![]
                    }
                };
                assert_eq!(families(&a, &b), expected((this, other)), "{this} {other}");
                assert_eq!(families(&b, &a), expected((other, this)), "{other} {this}");
            }
        }
    }

    #[test]
    fn each_family_is_its_own_question() {
        let sender = open("45 08 0001 01 03 0002 01 01");
        let receiver = open("45 08 0002 01 03 0001 01 01");
        assert_eq!(families(&sender, &receiver), [IPV4]);
        assert_eq!(families(&receiver, &sender), [IPV6]);
    }

    #[test]
    fn the_last_instance_counts_and_other_values_are_ignored() {
        let receiver = open("45 04 0001 01 03");
        let twice = open("45 04 0001 01 01  45 04 0001 01 02");
        assert_eq!(families(&twice, &receiver), [IPV4]);
        assert_eq!(families(&receiver, &twice), []);
        let other_value = open("45 08 0001 01 02 0001 01 07");
        assert_eq!(families(&other_value, &receiver), [IPV4]);
    }

    #[test]
    fn one_side_alone_agrees_on_nothing() {
        let (with, without) = (open("45 04 0001 01 03 41 04 00000001"), open(""));
        assert_eq!(families(&with, &without), []);
        assert_eq!(families(&without, &with), []);
        assert!(!four_octet_as(&with, &without));
        assert!(four_octet_as(&with, &with));
        assert!(!four_octet_as(&with, &open("41 02 0001")));
        let expected = Context {
            four_octet_as: false,
            add_path: AddPath::default(),
        };
        assert_eq!(context(&with, &without), expected);
    }
}
