//! Stateless Parsing: the capabilities by which one UPDATE is written, in its own message
//! (draft-ietf-grow-bmp-tlv-21 5.2.3). Counting asks for every message: nothing is allocated.

use super::{IndexedTlvs, Numbering, RouteTlvValue};
use crate::bgp::Context;
use crate::bgp::capability::{CapabilityCode, SendReceive};
use crate::bmp::Rib;
use crate::net::Family;

/// How the UPDATE beside these TLVs is to be read; none if they do not say. What they are silent
/// about is as `declared` by the Peer Up and the header's flags.
pub fn context(
    tlvs: IndexedTlvs<'_>,
    numbering: Numbering,
    rib: Rib,
    declared: &Context,
) -> Option<Context> {
    let capabilities = || capabilities(tlvs, numbering);
    capabilities().next()?;
    let has = |code: CapabilityCode| capabilities().any(|one| one.code == code);
    let families = capabilities()
        .filter(|one| one.code == CapabilityCode::ADD_PATH)
        .flat_map(|one| families(one.value, rib));
    Some(Context {
        four_octet_as: declared.four_octet_as || has(CapabilityCode::FOUR_OCTET_AS),
        add_path: match has(CapabilityCode::ADD_PATH) {
            true => families.collect(),
            false => declared.add_path.clone(),
        },
    })
}

struct Stated<'a> {
    code: CapabilityCode,
    value: &'a [u8],
}

/// Capabilities that can be read and are about the whole message: their "index MUST be 0".
fn capabilities<'a>(
    tlvs: IndexedTlvs<'a>,
    numbering: Numbering,
) -> impl Iterator<Item = Stated<'a>> {
    let about_all = tlvs.flatten().filter(|tlv| tlv.index.0 == 0);
    about_all.filter_map(move |tlv| match tlv.read(numbering) {
        RouteTlvValue::StatelessParsing([code, length, value @ ..]) => {
            (usize::from(*length) == value.len()).then_some(Stated {
                code: CapabilityCode(*code),
                value,
            })
        }
        _ => None,
    })
}

/// The families with path identifiers in this view. The capability is the router's own: it receives
/// Adj-RIB-In and sends Adj-RIB-Out, and a Loc-RIB has no direction (RFC 9069 5.2).
fn families(value: &[u8], rib: Rib) -> impl Iterator<Item = Family> {
    let applies = move |direction: SendReceive| match rib {
        Rib::AdjRibInPre | Rib::AdjRibInPost => direction.receives(),
        Rib::AdjRibOutPre | Rib::AdjRibOutPost => direction.sends(),
        Rib::LocRib => direction.sends() || direction.receives(),
    };
    let (rows, _) = value.as_chunks::<4>();
    rows.iter()
        .filter(move |[.., direction]| applies(SendReceive(*direction)))
        .map(|[high, low, safi, _]| Family::new(u16::from_be_bytes([*high, *low]), *safi))
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::*;
    use crate::wire::Cursor;

    fn context_of(tlvs: &str, rib: Rib, declared: &Context) -> Option<Context> {
        let octets = hex(tlvs);
        let tlvs = IndexedTlvs::new(Cursor::new(&octets));
        context(tlvs, Numbering::Draft19, rib, declared)
    }

    fn has_path_ids(direction: u8, rib: Rib) -> bool {
        let tlv = format!("0001 0006 0000 45 04 0001 01 {direction:02x}");
        let stated = context_of(&tlv, rib, &Context::default()).unwrap();
        stated.add_path.contains(Family::IPV4_UNICAST)
    }

    #[test]
    fn add_path_applies_in_the_direction_of_the_view() {
        let expected = [
            (Rib::AdjRibInPre, [true, false, true]),
            (Rib::AdjRibInPost, [true, false, true]),
            (Rib::AdjRibOutPre, [false, true, true]),
            (Rib::AdjRibOutPost, [false, true, true]),
            (Rib::LocRib, [true, true, true]),
        ];
        for (rib, by_direction) in expected {
            assert_eq!(
                [1, 2, 3].map(|one| has_path_ids(one, rib)),
                by_direction,
                "{rib:?}"
            );
        }
        assert!(!has_path_ids(0, Rib::LocRib) && !has_path_ids(4, Rib::LocRib));
    }

    #[test]
    fn what_is_not_stated_is_as_declared() {
        let declared = Context {
            four_octet_as: false,
            add_path: [Family::IPV6_UNICAST].into_iter().collect(),
        };
        let as_4 = context_of("0001 0006 0000 41 04 0000fbf4", Rib::LocRib, &declared).unwrap();
        assert_eq!(
            (as_4.four_octet_as, as_4.add_path),
            (true, declared.add_path.clone())
        );
        let path_ids = "0001 0006 0000 45 04 0001 01 03";
        let stated = context_of(path_ids, Rib::LocRib, &declared).unwrap();
        assert!(!stated.four_octet_as);
        assert_eq!(
            stated.add_path.iter().collect::<Vec<_>>(),
            [Family::IPV4_UNICAST]
        );
    }

    #[test]
    fn what_is_malformed_or_about_one_route_states_nothing() {
        let declared = Context::default();
        for tlv in [
            "0001 0006 0000 45 05 0001 01 03", // the capability's length is not its own
            "0001 0001 0000 45",
            "0001 0006 0001 45 04 0001 01 03", // index 1
            "0003 0001 0000 61",               // a name
        ] {
            assert_eq!(context_of(tlv, Rib::LocRib, &declared), None, "{tlv}");
        }
    }
}
