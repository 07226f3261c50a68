//! UPDATEs of real routers and of the RFCs, counted and looked at.

use super::*;
use crate::bgp::attribute::{AttributeValue, Origin};
use crate::bgp::context::AddPath;
use crate::bgp::test_bytes::{hex, message};
use proptest::prelude::*;

/// GoBGP 3.10, captured: many attributes and one route.
const IPV4: &str = "
    ffffffff ffffffff ffffffff ffffffff 005b 02   # header: 91 octets, UPDATE
    0000 0040                                     # nothing withdrawn, 64 octets of attributes
    40 01 01 00                                   # ORIGIN IGP
    40 02 0a 02 02 0000fdec fa56ea03              # AS_PATH 65004 4200000003
    40 03 04 0a000003                             # NEXT_HOP 10.0.0.3
    c0 08 04 ffff029a                             # COMMUNITIES blackhole
    c0 10 08 0002fdeb00000005                     # EXTENDED COMMUNITIES rt:65003:5
    c0 20 0c fa56ea03 0000000a 00000014           # LARGE_COMMUNITY 4200000003:10:20
    c0 23 04 fa56ea03                             # ONLY_TO_CUSTOMER 4200000003
    18 cb0071                                     # 203.0.113.0/24";

/// GoBGP 3.10, captured: IPv6 with a next hop of 32 octets and extended attribute lengths.
const IPV6: &str = "
    ffffffff ffffffff ffffffff ffffffff 0072 02   # header: 114 octets, UPDATE
    0000 005b
    90 0e 003e                                    # MP_REACH_NLRI, 62 octets
    0002 01 20                                    # IPv6 unicast, next hop of 32 octets
    fd000000000000000000000000000001              # global
    fe80000000000000000000fffe000001              # link-local
    00                                            # reserved
    00                                            # ::/0
    80 20010db8000300000000000000000001           # 2001:db8:3::1/128
    30 20010db80003                               # 2001:db8:3::/48
    40 01 01 00                                   # ORIGIN IGP
    50 02 000a 02 02 0000fde9 fa56ea03            # AS_PATH 65001 4200000003
    c0 23 04 fa56ea03                             # ONLY_TO_CUSTOMER 4200000003";

/// GoBGP 3.10, captured on a session with ADD-PATH: a path identifier before the prefix.
const WITH_PATH_ID: &str = "
    ffffffff ffffffff ffffffff ffffffff 003b 02   # header: 59 octets, UPDATE
    0000 001c
    40 01 01 00                                   # ORIGIN IGP
    50 02 0006 02 01 0000fde9                     # AS_PATH 65001
    40 03 04 0a000001                             # NEXT_HOP 10.0.0.1
    80 04 04 00000000                             # MULTI_EXIT_DISC 0
    00000002 18 c00002                            # path 2: 192.0.2.0/24";

fn with_path_ids(families: &[(u16, u8)]) -> Context {
    Context {
        four_octet_as: true,
        add_path: families
            .iter()
            .map(|(a, s)| Family::new(*a, *s))
            .collect::<AddPath>(),
    }
}

/// An UPDATE of these three sections.
fn update(withdrawn: &str, attributes: &str, nlri: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for section in [withdrawn, attributes] {
        let section = hex(section);
        body.extend((section.len() as u16).to_be_bytes());
        body.extend(section);
    }
    body.extend(hex(nlri));
    message(2, &body)
}

/// Announced and withdrawn prefixes, and errors; asserts that counting agrees.
fn look(bytes: &[u8], context: &Context) -> (Vec<String>, Vec<String>, Vec<String>) {
    let counts = count(bytes, context);
    let Ok(update) = Update::decode(&mut Cursor::new(bytes), context) else {
        assert!(counts.is_err());
        return Default::default();
    };
    let (mut announced, mut withdrawn) = (Vec::new(), Vec::new());
    let mut by_family = std::collections::BTreeMap::<Family, (u32, u32)>::new();
    let is_route = |nlri: &Nlri<'_>| !matches!(nlri.destination, nlri::Destination::Opaque(_));
    let show = |nlri: &Nlri<'_>| {
        nlri.prefix()
            .map_or("-".to_owned(), |prefix| prefix.to_string())
    };
    for nlri in update.announced().flatten().filter(is_route) {
        announced.push(show(&nlri));
        by_family.entry(nlri.family).or_default().0 += 1;
    }
    for nlri in update.withdrawn().flatten().filter(is_route) {
        withdrawn.push(show(&nlri));
        by_family.entry(nlri.family).or_default().1 += 1;
    }
    let errors: Vec<_> = update.errors().map(|error| error.to_string()).collect();
    match counts {
        Ok(counts) => {
            assert_eq!(errors, [""; 0]);
            assert_eq!(counts.announced, announced.len() as u64);
            assert_eq!(counts.withdrawn, withdrawn.len() as u64);
            assert_eq!(counts.end_of_rib, update.end_of_rib());
            for row in counts.families() {
                let expected = by_family.get(&row.family).copied().unwrap_or_default();
                assert_eq!((row.announced, row.withdrawn), expected);
            }
        }
        Err(error) => assert!(errors.contains(&error.to_string()), "{error}: {errors:?}"),
    }
    (announced, withdrawn, errors)
}

#[test]
fn an_update_of_ipv4_gives_its_routes_and_attributes() {
    let bytes = hex(IPV4);
    let context = Context::default();
    let (announced, withdrawn, errors) = look(&bytes, &context);
    assert_eq!(announced, ["203.0.113.0/24"]);
    assert_eq!((withdrawn.len(), errors.len()), (0, 0));
    let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
    let attributes = update.path_attributes();
    assert_eq!(attributes.origin, Some(Origin::IGP));
    assert_eq!(attributes.next_hop.unwrap().to_string(), "10.0.0.3");
    let path = attributes.as_path.unwrap();
    assert_eq!(path.origin(), Some(4_200_000_003));
    let words: Vec<_> = attributes
        .communities
        .unwrap()
        .iter()
        .map(|one| one.to_string())
        .collect();
    assert_eq!(words, ["blackhole"]);
    assert_eq!(attributes.only_to_customer, Some(4_200_000_003));
    assert!(update.has_own_nlri());
}

#[test]
fn an_update_of_ipv6_gives_routes_and_both_next_hops() {
    let bytes = hex(IPV6);
    let context = Context::default();
    let (announced, ..) = look(&bytes, &context);
    assert_eq!(announced, ["::/0", "2001:db8:3::1/128", "2001:db8:3::/48"]);
    let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
    let next_hop = update.path_attributes().mp_reach.unwrap().next_hop();
    assert_eq!(next_hop.address().unwrap().to_string(), "fd00::1");
    assert_eq!(
        next_hop.link_local().unwrap().to_string(),
        "fe80::ff:fe00:1"
    );
}

#[test]
fn counts_are_told_apart_by_family() {
    let bytes = update(
        "18 c63364",
        "80 0f 08 0002 01 20 20010db8  80 0e 14 0001 80 00 00 70 800000 0000fde800000064 c00002",
        "10 0a42 10 0a43",
    );
    let counts = count(&bytes, &Context::default()).unwrap();
    assert_eq!((counts.announced, counts.withdrawn), (3, 2));
    let rows: Vec<_> = counts
        .families()
        .iter()
        .map(|row| (row.family.to_string(), row.announced, row.withdrawn))
        .collect();
    let expected = [
        ("ipv4 unicast".to_owned(), 2, 1),
        ("ipv6 unicast".to_owned(), 0, 1),
        ("ipv4 vpn".to_owned(), 1, 0),
    ];
    assert_eq!(rows, expected);
    look(&bytes, &Context::default());
}

#[test]
fn path_identifiers_are_read_for_the_families_of_the_context_only() {
    let bytes = hex(WITH_PATH_ID);
    let context = with_path_ids(&[(1, 1)]);
    assert_eq!(look(&bytes, &context).0, ["192.0.2.0/24"]);
    let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
    let paths: Vec<_> = update
        .announced()
        .map(|nlri| nlri.unwrap().path_id)
        .collect();
    assert_eq!(paths, [Some(2)]);
    // Read without, the octets are three default routes, a /2, and then nothing possible.
    let (announced, _, errors) = look(&bytes, &with_path_ids(&[(2, 1)]));
    assert_eq!(
        announced,
        ["0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/2"]
    );
    let error = "NLRI Length at byte 56: is above the 32 bits of an IPv4 address";
    assert_eq!(errors, [error]);
}

#[test]
fn end_of_rib_is_an_empty_update_or_one_empty_mp_unreach() {
    let end_of_rib = |bytes: &[u8]| {
        look(bytes, &Context::default());
        count(bytes, &Context::default()).unwrap().end_of_rib
    };
    let empty = update("", "", "");
    assert_eq!(empty.len(), 23);
    assert_eq!(end_of_rib(&empty), Some(Family::IPV4_UNICAST));
    let ipv6 = update("", "80 0f 03 0002 01", "");
    assert_eq!(end_of_rib(&ipv6), Some(Family::IPV6_UNICAST));
    let evpn = update("", "90 0f 0003 0019 46", "");
    assert_eq!(end_of_rib(&evpn), Some(Family::new(25, 70)));
    assert_eq!(
        end_of_rib(&update("", "80 0f 08 0002 01 20 20010db8", "")),
        None
    );
    assert_eq!(
        end_of_rib(&update("", "80 0f 03 0002 01 40 01 01 00", "")),
        None
    );
    assert_eq!(end_of_rib(&update("", "40 01 01 00", "")), None);
    assert_eq!(end_of_rib(&update("10 0a42", "80 0f 03 0002 01", "")), None);
    assert_eq!(end_of_rib(&update("10 0a42", "", "")), None);
}

#[test]
fn a_family_of_unknown_framing_counts_no_routes_but_its_octets() {
    let bytes = update("", "80 0e 08 0001 51 00 00 aabbcc", "");
    let counts = count(&bytes, &Context::default()).unwrap();
    assert_eq!((counts.announced, counts.opaque_octets), (0, 3));
    assert_eq!(counts.end_of_rib, None);
    look(&bytes, &Context::default());
}

#[test]
fn a_broken_attribute_section_keeps_the_routes_around_it() {
    // The second attribute says 9 octets, 2 are left.
    let bytes = update("18 c63364", "40 01 01 00  40 02 09 0201", "10 0a42");
    let (announced, withdrawn, errors) = look(&bytes, &Context::default());
    assert_eq!(announced, ["10.66.0.0/16"]);
    assert_eq!(withdrawn, ["198.51.100.0/24"]);
    let error = "Attribute Value at byte 34: needs 9 bytes, 2 left in its container";
    assert_eq!(errors, [error]);
    // Total Path Attribute Length says more than there is.
    let bytes = message(
        2,
        &hex("0004 18c63364 0020 800e09 0002010000 18 20010d 4001"),
    );
    let (announced, withdrawn, errors) = look(&bytes, &Context::default());
    assert_eq!(announced, ["2001:d00::/24"]);
    assert_eq!(withdrawn, ["198.51.100.0/24"]);
    let expected = [
        "Path Attributes at byte 27: needs 32 bytes, 14 left in its container",
        "Attribute Length at byte 41: needs 1 bytes, 0 left in its container",
    ];
    assert_eq!(errors, expected);
}

#[test]
fn wrong_lengths_are_errors_with_their_place() {
    let error = |bytes: &[u8]| {
        look(bytes, &Context::default());
        count(bytes, &Context::default()).unwrap_err().to_string()
    };
    assert_eq!(
        error(&message(2, &hex("0005 18c63364"))),
        "Withdrawn Routes at byte 21: needs 5 bytes, 4 left in its container"
    );
    assert_eq!(
        error(&update("", "", "21 0a00000000")),
        "NLRI Length at byte 23: is above the 32 bits of an IPv4 address"
    );
    assert_eq!(
        error(&update("", "80 0e 04 0002 01 10", "")),
        "Next Hop at byte 30: needs 16 bytes, 0 left in its container"
    );
    assert_eq!(
        error(&update("", "80 0f 02 0002", "")),
        "AFI and SAFI at byte 26: needs 3 bytes, 2 left in its container"
    );
    assert_eq!(error(&message(4, &[])), "Type at byte 18: is not UPDATE");
}

#[test]
fn one_bad_attribute_does_not_lose_its_neighbours() {
    // ORIGIN of two octets between LOCAL_PREF and COMMUNITIES.
    let bytes = update(
        "",
        "40 05 04 00000064  40 01 02 0000  c0 08 04 fbf40001",
        "",
    );
    let context = Context::default();
    let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
    let attributes = update.path_attributes();
    assert_eq!(attributes.local_pref, Some(100));
    assert_eq!(attributes.origin, None);
    assert_eq!(attributes.communities.unwrap().iter().count(), 1);
    let others: Vec<_> = (0..3).filter(|place| attributes.is_other(*place)).collect();
    assert_eq!(others, [1]);
    let origin = update.attributes().nth(1).unwrap().unwrap();
    assert_eq!(
        origin.read(&context).unwrap_err().to_string(),
        "Attribute Value at byte 34: is longer than its code allows"
    );
}

#[test]
fn a_repeated_attribute_is_kept_beside_the_first() {
    let bytes = update("", "40 05 04 00000064  40 05 04 00000065", "");
    let context = Context::default();
    let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
    let attributes = update.path_attributes();
    assert_eq!(attributes.local_pref, Some(100));
    assert!(attributes.is_other(1));
    let second = update.attributes().nth(1).unwrap().unwrap();
    let AttributeValue::LocalPref(101) = second.read(&context).unwrap() else {
        panic!("{second:?}");
    };
}

#[test]
fn every_prefix_and_every_wrong_octet_is_an_answer() {
    for text in [IPV4, IPV6, WITH_PATH_ID] {
        let bytes = hex(text);
        for length in 0..bytes.len() {
            look(&bytes[..length], &Context::default());
            look(&message(2, &bytes[19..length.max(19)]), &Context::default());
            for wrong in [0, 1, 14, 0x7f, 0xff] {
                let mut bytes = bytes.clone();
                bytes[length] = wrong;
                look(&bytes, &Context::default());
                look(&bytes, &with_path_ids(&[(1, 1), (2, 1)]));
            }
        }
    }
}

proptest! {
    /// Whatever is in an attribute of an unknown or broken family, the routes beside it stay.
    #[test]
    fn routes_of_any_other_family_lose_nothing_around_them(
        is_reach: bool,
        (afi, safi) in (any::<u16>(), any::<u8>()).prop_filter("another", |one| *one != (1, 1)),
        routes in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        // MP_REACH_NLRI has a next hop of four octets and a reserved one before its routes.
        let (code, before) = if is_reach { (14, &[4, 10, 0, 0, 3, 0][..]) } else { (15, &[][..]) };
        let value = [&afi.to_be_bytes()[..], &[safi], before, &routes].concat();
        let mut body = vec![0, 4, 24, 198, 51, 100]; // 198.51.100.0/24 withdrawn
        body.extend(u16::try_from(value.len() + 7).unwrap().to_be_bytes());
        body.extend([0x40, 1, 1, 0, 0x80, code, u8::try_from(value.len()).unwrap()]);
        body.extend(value);
        body.extend([16, 10, 66]); // 10.66.0.0/16
        let bytes = message(2, &body);
        let context = Context::default();
        let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
        let ipv4 = |nlri: &Nlri<'_>| nlri.family == Family::IPV4_UNICAST;
        let announced: Vec<_> = update.announced().flatten().filter(ipv4).collect();
        let withdrawn: Vec<_> = update.withdrawn().flatten().filter(ipv4).collect();
        let text = |routes: &[Nlri<'_>]| routes[0].prefix().unwrap().to_string();
        prop_assert_eq!((announced.len(), text(&announced)), (1, "10.66.0.0/16".to_owned()));
        prop_assert_eq!((withdrawn.len(), text(&withdrawn)), (1, "198.51.100.0/24".to_owned()));
    }
    #[test]
    fn counting_agrees_with_looking_on_any_octets(
        sent in proptest::collection::vec(
            (prop_oneof![Just(14u8), Just(15), Just(2), any::<u8>()],
             proptest::collection::vec(prop_oneof![0..5u8, any::<u8>()], 0..30)), 0..6),
        nlri in proptest::collection::vec(0..40u8, 0..20),
        path_ids: bool,
    ) {
        let mut attributes = Vec::new();
        for (code, value) in &sent {
            attributes.extend([0x80, *code, value.len() as u8]);
            attributes.extend(value);
        }
        let mut body = vec![0, 0];
        body.extend((attributes.len() as u16).to_be_bytes());
        body.extend(&attributes);
        body.extend(nlri);
        let families: &[(u16, u8)] = if path_ids { &[(1, 1), (2, 1)] } else { &[] };
        let context = with_path_ids(families);
        let bytes = message(2, &body);
        look(&bytes, &context);
        let update = Update::decode(&mut Cursor::new(&bytes), &context).unwrap();
        let read: Vec<_> = update
            .attributes()
            .map(|attribute| attribute.map(|one| (one.code.0, one.value.to_vec())).unwrap())
            .collect();
        prop_assert_eq!(read, sent, "unknown attributes lose nothing around them");
        update.path_attributes();
    }
}
