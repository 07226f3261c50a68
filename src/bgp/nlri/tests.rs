//! NLRI of every framing: octets of the RFCs and of captures, and wrong lengths.

use super::*;
use crate::bgp::test_bytes::hex;
use proptest::prelude::*;

/// All routes of a section that begins at byte 0, or the first error.
fn all(family: (u16, u8), has_path_id: bool, octets: &[u8]) -> Result<Vec<Nlri<'_>>, String> {
    let family = Family::new(family.0, family.1);
    let read: Result<Vec<_>, _> = NlriIter::new(Cursor::new(octets), family, has_path_id).collect();
    let counted = count(Cursor::new(octets), family, has_path_id);
    match (&read, counted) {
        (Ok(routes), Ok(counted)) => {
            let is_route = |nlri: &&Nlri<'_>| !matches!(nlri.destination, Destination::Opaque(_));
            assert_eq!(
                routes.iter().filter(is_route).count(),
                counted.routes as usize
            );
        }
        (Err(error), counted) => assert_eq!(Err(*error), counted),
        (read, counted) => panic!("{read:?} {counted:?}"),
    }
    read.map_err(|error| error.to_string())
}

/// Prefixes as text, each with path identifier, RD and labels where there are such.
fn shown(family: (u16, u8), has_path_id: bool, text: &str) -> Vec<String> {
    let octets = hex(text);
    let routes = all(family, has_path_id, &octets).unwrap();
    // Whatever is cut off is an error or fewer routes, never another reading of what is there.
    for length in 0..octets.len() {
        if let Ok(fewer) = all(family, has_path_id, &octets[..length]) {
            let is_opaque = |nlri: &Nlri<'_>| matches!(nlri.destination, Destination::Opaque(_));
            assert!(fewer.iter().all(is_opaque) || routes.starts_with(&fewer));
        }
    }
    routes.iter().map(show).collect()
}

fn show(nlri: &Nlri<'_>) -> String {
    let mut text = String::new();
    if let Some(path_id) = nlri.path_id {
        text += &format!("[{path_id}] ");
    }
    if let Some(rd) = nlri.rd {
        text += &format!("{rd} ");
    }
    match nlri.destination {
        Destination::Prefix(prefix) => text += &prefix.to_string(),
        Destination::Raw(octets) => text += &format!("raw {}", octets.len()),
        Destination::Opaque(octets) => text += &format!("opaque {}", octets.len()),
    }
    for label in nlri.labels.iter() {
        text += &format!(" {}", label.value());
    }
    text
}

fn error(family: (u16, u8), has_path_id: bool, text: &str) -> String {
    all(family, has_path_id, &hex(text)).unwrap_err()
}

#[test]
fn ipv4_prefixes_have_as_many_octets_as_their_length_needs() {
    let octets = "18 c00002       # 192.0.2.0/24
                  00              # the default route
                  20 c6336407     # a host
                  11 0a0180       # 17 bits in three octets";
    let expected = [
        "192.0.2.0/24",
        "0.0.0.0/0",
        "198.51.100.7/32",
        "10.1.128.0/17",
    ];
    assert_eq!(shown((1, 1), false, octets), expected);
    assert_eq!(shown((1, 2), false, octets), expected);
}

#[test]
fn bits_past_the_length_of_a_prefix_have_no_meaning() {
    assert_eq!(shown((1, 1), false, "11 0a01ff"), ["10.1.128.0/17"]);
    assert_eq!(shown((2, 1), false, "04 ff"), ["f000::/4"]);
}

#[test]
fn ipv6_prefixes_reach_to_128_bits() {
    let octets = "20 20010db8                           # 2001:db8::/32
                  80 20010db8000000000000000000000001   # a host";
    let expected = ["2001:db8::/32", "2001:db8::1/128"];
    assert_eq!(shown((2, 1), false, octets), expected);
}

#[test]
fn a_path_identifier_stands_before_each_prefix() {
    let octets = "00000001 18 c00002   00000002 18 c00002";
    assert_eq!(
        shown((1, 1), true, octets),
        ["[1] 192.0.2.0/24", "[2] 192.0.2.0/24"]
    );
}

#[test]
fn wrong_lengths_name_the_field_and_the_byte() {
    assert_eq!(
        error((1, 1), false, "18 c00002 21 0000000000"),
        "NLRI Length at byte 4: is above the 32 bits of an IPv4 address"
    );
    assert_eq!(
        error((2, 1), false, "81 00"),
        "NLRI Length at byte 0: is above the 128 bits of an IPv6 address"
    );
    assert_eq!(
        error((1, 1), false, "18 c000"),
        "Prefix at byte 1: needs 3 bytes, 2 left in its container"
    );
    assert_eq!(
        error((1, 1), true, "00000001 18 c00002 0000"),
        "Path Identifier at byte 8: needs 4 bytes, 2 left in its container"
    );
    assert_eq!(
        error((1, 1), true, "00000001"),
        "NLRI Length at byte 4: needs 1 bytes, 0 left in its container"
    );
}

#[test]
fn labels_stand_before_the_prefix_until_the_bottom_of_the_stack() {
    // GoBGP, captured (lab/frr-gobgp-small); RFC 8277 2.3: tshark 4.0 reads the same two labels.
    let octets = "30 000641 0a0500          # label 100, S; 10.5.0.0/24
                  48 000640 000c81 c00002   # labels 100 and 200";
    let expected = ["10.5.0.0/24 100", "192.0.2.0/24 100 200"];
    assert_eq!(shown((1, 4), false, octets), expected);
}

#[test]
fn withdrawn_labelled_routes_have_no_label_to_speak_of() {
    // RFC 8277 2.4; what implementations of RFC 3107 wrote; and no S bit at all.
    let octets = "30 800000 c00002   30 000000 c00002   30 fffff0 c00002";
    let expected = [
        "192.0.2.0/24 524288",
        "192.0.2.0/24 0",
        "192.0.2.0/24 1048575",
    ];
    assert_eq!(shown((1, 4), false, octets), expected);
}

#[test]
fn a_length_too_small_for_its_labels_is_malformed() {
    let why =
        "NLRI Length at byte 0: does not fit labels, Route Distinguisher and prefix of its family";
    assert_eq!(error((1, 4), false, "10 0006"), why);
    assert_eq!(
        error((1, 4), false, "40 000641 c000020101"),
        why,
        "40 bits of IPv4"
    );
    assert_eq!(error((1, 128), false, "28 000641 0000"), why);
    assert_eq!(error((1, 129), false, "38 00000000000000"), why);
}

#[test]
fn vpn_routes_have_labels_a_route_distinguisher_and_a_prefix() {
    // GoBGP, captured (lab/streams/base-gobgp, lab/frr-gobgp-small): announced, and withdrawn.
    let octets = "70 000641 0000fdea00000064 0a0100   # 112 bits: label 100, 65002:100, /24
                  70 000000 0000fdea00000064 0a0100";
    assert_eq!(
        shown((1, 128), false, octets),
        ["65002:100 10.1.0.0/24 100", "65002:100 10.1.0.0/24 0"]
    );
    let octets = "88 000671 0000fdea00000064 20010db80100   # IPv6, label 103";
    assert_eq!(
        shown((2, 128), false, octets),
        ["65002:100 2001:db8:100::/48 103"]
    );
    let octets = "00000007 78 800000 0001c00002010007 20010db8";
    assert_eq!(
        shown((2, 128), true, octets),
        ["[7] 192.0.2.1:7 2001:db8::/32 524288"]
    );
    let octets = "58 0000fde800000064 c00002";
    assert_eq!(shown((1, 129), false, octets), ["65000:100 192.0.2.0/24"]);
}

#[test]
fn families_without_prefixes_are_told_apart_by_their_own_lengths() {
    // EVPN types 3 and 2 (RFC 7432 7): type, length.
    assert_eq!(
        shown((25, 70), false, "03 02 aabb  02 00"),
        ["raw 4", "raw 2"]
    );
    assert_eq!(shown((25, 70), true, "00000009 03 01 aa"), ["[9] raw 3"]);
    assert_eq!(shown((1, 5), false, "01 01 aa"), ["raw 3"]);
    // VPLS (RFC 4761 3.2.2): two octets of length.
    assert_eq!(
        shown((25, 65), false, "0003 aabbcc 0001 aa"),
        ["raw 5", "raw 3"]
    );
    // Route targets (RFC 4684 4): the default, and a whole one.
    let octets = "00   60 0000fde8 0002fde800000064";
    assert_eq!(shown((1, 132), false, octets), ["raw 1", "raw 13"]);
    // Flow specifications (RFC 8955 4.1): 5 octets; and 240 in the long form.
    let octets = format!("05 01 18 c00002  f0f0 {}", "aa".repeat(240));
    assert_eq!(shown((1, 133), false, &octets), ["raw 6", "raw 242"]);
    // BGP-LS (RFC 9552 5.2), SR Policy (RFC 9830 2.1), MDT, CAR, MUP.
    assert_eq!(shown((16388, 71), false, "0001 0002 aabb"), ["raw 6"]);
    let octets = format!("60 {}", "aa".repeat(12));
    assert_eq!(shown((1, 73), false, &octets), ["raw 13"]);
    let octets = format!("80 {}", "aa".repeat(16));
    assert_eq!(shown((1, 66), false, &octets), ["raw 17"]);
    assert_eq!(shown((1, 83), false, "02 aabb"), ["raw 3"]);
    assert_eq!(shown((1, 85), false, "01 0001 02 aabb"), ["raw 6"]);
}

#[test]
fn wrong_lengths_of_other_families_say_so() {
    assert_eq!(
        error((25, 70), false, "03 04 aa"),
        "NLRI at byte 2: needs 4 bytes, 1 left in its container"
    );
    assert_eq!(
        error((1, 132), false, "61 00"),
        "NLRI Length at byte 0: is above what its family allows"
    );
    assert_eq!(
        error((1, 133), false, "f1"),
        "NLRI Length at byte 1: needs 1 bytes, 0 left in its container"
    );
}

#[test]
fn a_family_of_unknown_framing_is_one_run_of_octets() {
    assert_eq!(shown((1, 81), false, "0102030405"), ["opaque 5"]);
    assert_eq!(shown((999, 1), true, "01"), ["opaque 1"]);
    let counted = count(Cursor::new(&[1, 2, 3]), Family::new(1, 81), false);
    let expected = Counted {
        routes: 0,
        opaque_octets: 3,
    };
    assert_eq!(counted, Ok(expected));
}

proptest! {
    #[test]
    fn counting_and_reading_agree_on_any_octets(
        afi in prop_oneof![Just(1u16), Just(2), Just(25), Just(16388), any::<u16>()],
        safi in prop_oneof![Just(1u8), Just(4), Just(128), Just(133), Just(70), any::<u8>()],
        has_path_id: bool,
        octets in proptest::collection::vec(prop_oneof![0..40u8, any::<u8>()], 0..80),
    ) {
        let _ = all((afi, safi), has_path_id, &octets);
    }
}
