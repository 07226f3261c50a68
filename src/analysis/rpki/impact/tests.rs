//! Selection, step by step.

use super::attributes::Attributes;
use super::selection::{Contender, Step, Unknown, select};
use crate::analysis::rpki::path::{NextHops, PathSegment};
use crate::analysis::rpki::routes::{PathOrigin, RoutePath};
use crate::bgp::attribute::{Origin, SegmentType};
use crate::rpki::Path;
use std::net::Ipv4Addr;

/// Two AS numbers long, IGP, no LOCAL_PREF, no MED.
fn attributes() -> Attributes {
    Attributes {
        path: RoutePath {
            origin: PathOrigin::As(64511),
            path: Path::of_sequence([64500, 64511]),
        },
        segments: vec![segment(SegmentType::SEQUENCE, &[64500, 64511])],
        next_hops: NextHops::default(),
        local_pref: None,
        med: None,
        origin: Some(Origin::IGP),
        tags: Vec::new(),
        originator_id: None,
        clusters: 0,
    }
}

fn segment(segment_type: SegmentType, asns: &[u32]) -> PathSegment {
    PathSegment {
        segment_type,
        asns: asns.to_vec(),
    }
}

fn contender(attributes: &Attributes, last: u8) -> Contender<'_> {
    Contender {
        attributes,
        local_pref: attributes.local_pref,
        state_rank: 0,
        is_external: Some(true),
        bgp_id: Ipv4Addr::new(192, 0, 2, last),
        address: Some(Ipv4Addr::new(198, 51, 100, last).into()),
        path_id: None,
    }
}

fn decided(contenders: &[Contender<'_>]) -> (usize, Step) {
    let decision = select(contenders).unwrap();
    (decision.best, decision.step)
}

/// The second of two is the better one by `change` alone, although its identifiers are higher.
fn second_wins(change: impl Fn(&mut Attributes)) -> Step {
    let first = attributes();
    let mut second = attributes();
    change(&mut second);
    let (best, step) = decided(&[contender(&first, 1), contender(&second, 2)]);
    assert_eq!(best, 1);
    step
}

#[test]
fn there_is_none_of_none_and_the_only_one_of_one() {
    assert_eq!(select(&[]), None);
    let only = attributes();
    let decision = select(&[contender(&only, 1)]).unwrap();
    assert_eq!((decision.best, decision.step), (0, Step::OnlyRoute));
    assert_eq!(decision.cannot_know, []);
}

#[test]
fn each_attribute_decides_in_its_step() {
    assert_eq!(
        second_wins(|one| one.local_pref = Some(101)),
        Step::LocalPref
    );
    let shorter =
        |one: &mut Attributes| one.segments = vec![segment(SegmentType::SEQUENCE, &[64511])];
    assert_eq!(second_wins(shorter), Step::AsPathLength);
    // An AS_SET of three counts one (RFC 4271 9.1.2.2 a).
    let set = |one: &mut Attributes| one.segments = vec![segment(SegmentType::SET, &[1, 2, 3])];
    assert_eq!(second_wins(set), Step::AsPathLength);
    // A confederation's own ASes count nothing (RFC 5065 5.3).
    let confederation = |one: &mut Attributes| {
        one.segments = vec![
            segment(SegmentType::CONFED_SEQUENCE, &[65001, 65002, 65003]),
            segment(SegmentType::SEQUENCE, &[64511]),
        ];
    };
    assert_eq!(second_wins(confederation), Step::AsPathLength);
    // The identifier of who brought it into the AS, not of the reflector (RFC 4456 9).
    let originator = |one: &mut Attributes| one.originator_id = Some(Ipv4Addr::new(10, 0, 0, 1));
    assert_eq!(second_wins(originator), Step::BgpId);
}

#[test]
fn igp_comes_before_egp_and_incomplete() {
    let with = |origin| Attributes {
        origin: Some(origin),
        ..attributes()
    };
    let (incomplete, egp, igp) = (
        with(Origin::INCOMPLETE),
        with(Origin::EGP),
        with(Origin::IGP),
    );
    let all = [
        contender(&incomplete, 1),
        contender(&egp, 2),
        contender(&igp, 3),
    ];
    assert_eq!(decided(&all), (2, Step::Origin));
    assert_eq!(decided(&all[..2]), (1, Step::Origin));
}

#[test]
fn meds_of_one_neighbouring_as_are_compared_and_none_counts_as_0() {
    let from = |neighbour: u32, med: Option<u32>| Attributes {
        med,
        segments: vec![segment(SegmentType::SEQUENCE, &[neighbour, 64511])],
        ..attributes()
    };
    let (ten, five, none) = (from(1, Some(10)), from(1, Some(5)), from(1, None));
    let same = [contender(&ten, 1), contender(&five, 2)];
    assert_eq!(decided(&same), (1, Step::Med));
    let same = [contender(&five, 1), contender(&none, 2)];
    assert_eq!(decided(&same), (1, Step::Med));
    // Of different ones they are not: the identifier decides.
    let other = from(2, Some(100));
    let different = [contender(&other, 1), contender(&five, 2)];
    assert_eq!(decided(&different), (0, Step::BgpId));
    // The better of one AS drops out the worse one, which would win by its identifier.
    let all = [
        contender(&ten, 1),
        contender(&five, 3),
        contender(&other, 2),
    ];
    assert_eq!(decided(&all), (2, Step::BgpId));
}

#[test]
fn external_comes_before_internal_and_what_is_not_known_counts_as_external() {
    let same = attributes();
    let internal = Contender {
        is_external: Some(false),
        ..contender(&same, 1)
    };
    let unknown = Contender {
        is_external: None,
        ..contender(&same, 2)
    };
    let decision = select(&[internal, unknown]).unwrap();
    assert_eq!((decision.best, decision.step), (1, Step::External));
    assert_eq!(
        decision.cannot_know,
        [Unknown::LocalPref, Unknown::ExternalPeers]
    );
}

#[test]
fn shorter_cluster_lists_lower_addresses_and_lower_path_identifiers_come_last() {
    let (near, far) = (
        attributes(),
        Attributes {
            clusters: 2,
            ..attributes()
        },
    );
    let with_id = |attributes, last: u8| Contender {
        bgp_id: Ipv4Addr::UNSPECIFIED,
        ..contender(attributes, last)
    };
    let clusters = [with_id(&far, 1), with_id(&near, 2)];
    assert_eq!(decided(&clusters), (1, Step::ClusterList));
    let addresses = [with_id(&near, 2), with_id(&near, 1)];
    assert_eq!(decided(&addresses), (1, Step::PeerAddress));
    let path = |path_id| Contender {
        path_id: Some(path_id),
        ..contender(&near, 1)
    };
    assert_eq!(decided(&[path(9), path(2)]), (1, Step::PathId));
    assert_eq!(decided(&[path(2), path(2)]), (0, Step::PathId));
}

#[test]
fn a_preferred_state_comes_before_local_pref() {
    let low = attributes();
    let high = Attributes {
        local_pref: Some(500),
        ..attributes()
    };
    let invalid = Contender {
        state_rank: 2,
        ..contender(&high, 1)
    };
    assert_eq!(
        decided(&[invalid, contender(&low, 2)]),
        (1, Step::ValidationState)
    );
}

#[test]
fn what_no_capture_tells_is_named_from_its_step_on() {
    let told = Attributes {
        local_pref: Some(100),
        ..attributes()
    };
    let decision = select(&[contender(&told, 1), contender(&told, 2)]).unwrap();
    assert_eq!(decision.step, Step::BgpId);
    assert_eq!(
        decision.cannot_know,
        [Unknown::InteriorCost, Unknown::RouteAge]
    );
    // Among internal routes the older one is not kept.
    let internal = |last| Contender {
        is_external: Some(false),
        ..contender(&told, last)
    };
    let decision = select(&[internal(1), internal(2)]).unwrap();
    assert_eq!(decision.cannot_know, [Unknown::InteriorCost]);
}

#[test]
fn a_path_leads_back_to_an_as_that_is_in_it_but_not_in_front() {
    let path = |asns: &[u32]| Attributes {
        segments: vec![segment(SegmentType::SEQUENCE, asns)],
        ..attributes()
    };
    assert!(path(&[64500, 65000, 64511]).loops_to(65000));
    assert!(path(&[65000, 64500, 65000]).loops_to(65000));
    assert!(!path(&[65000, 65000, 64500]).loops_to(65000));
    let confederation = Attributes {
        segments: vec![
            segment(SegmentType::CONFED_SEQUENCE, &[65001]),
            segment(SegmentType::SEQUENCE, &[64500, 64501]),
        ],
        ..attributes()
    };
    assert_eq!(
        (confederation.path_length(), confederation.neighbour_as()),
        (2, Some(64500))
    );
}
