//! Every registered type by name and layout, from messages of real routers where one sends it.

use super::*;
use crate::bmp::Message;
use crate::bmp::test_bytes::{every_prefix_is_an_error, hex};
use proptest::prelude::*;

/// FRR 10.7.0 about peer 10.0.0.2: testdata/frr107-gobgp.pcap.
const FRR: &str = "
    03 00000084 01                         # Version, Message Length, Statistics Report
    00 00 0000000000000000                 # global, flags, distinguisher
    000000000000000000000000 0a000002      # Peer Address
    0000fdea 0a000002 6b004124 000853bc    # AS 65002, BGP ID, Timestamp
    00000009                               # Stats Count
    0000 0004 0000000e                     # prefixes rejected by inbound policy
    0004 0004 00000000                     # AS_PATH loop
    0005 0004 00000000                     # ORIGINATOR_ID
    0003 0004 00000000                     # CLUSTER_LIST loop
    0002 0004 00000000                     # duplicate withdraws
    000b 0004 00000000                     # updates treated as withdraw
    fffb 0004 00000000                     # experimental: next hop invalid
    0007 0008 0000000000000013             # routes in Adj-RIBs-In
    0008 0008 000000000000000c             # routes in Loc-RIB
";

/// A report with Adj-RIB-Out: from the tests of routecore (NLnet Labs, BSD-3-Clause), src/bmp/message.rs.
const ROUTECORE: &str = "
    03 000000ba 01                         # Version, Message Length, Statistics Report
    00 80 0000000000000000                 # global, V, distinguisher
    20010db8000000000000000000000001       # Peer Address
    00010000 0a000005 62501157 00000000    # AS 65536, BGP ID, Timestamp
    0000000d                               # Stats Count
    0000 0004 0000000b
    0001 0004 000004de
    0002 0004 00000000
    0003 0004 00000000
    0004 0004 0000000a
    0005 0004 00000000
    0006 0004 00000000
    0007 0008 0000000000000025
    0008 0008 000000000000001c
    000e 0008 0000000000022114
    000f 0008 0000000000022114
    0010 000b 0002 01 0000000000022114     # IPv6 unicast
    0011 000b 0002 01 0000000000022114     # IPv6 unicast
";

fn values(bytes: &[u8]) -> Vec<(u16, Value<'_>)> {
    let Ok(Message::StatisticsReport(report)) = Message::decode(bytes) else {
        panic!("no Statistics Report")
    };
    let all: Vec<_> = report.statistics().map(Result::unwrap).collect();
    assert_eq!(report.count as usize, all.len());
    all.iter()
        .map(|one| (one.statistic_type.0, one.value()))
        .collect()
}

/// The statistics of commented hex that begins with the first type.
fn list(octets: &[u8]) -> Statistics<'_> {
    Statistics {
        cursor: Cursor::new(octets),
        has_enterprises: false,
    }
}

#[test]
fn the_report_of_frr_has_its_counters_and_gauges() {
    let bytes = hex(FRR);
    let expected = [
        (0, Value::Counter(14)),
        (4, Value::Counter(0)),
        (5, Value::Counter(0)),
        (3, Value::Counter(0)),
        (2, Value::Counter(0)),
        (11, Value::Counter(0)),
        (65531, Value::Counter(0)),
        (7, Value::Gauge(19)),
        (8, Value::Gauge(12)),
    ];
    assert_eq!(values(&bytes), expected);
    every_prefix_is_an_error(&bytes);
}

#[test]
fn the_report_with_adj_rib_out_has_its_gauges_by_family() {
    let bytes = hex(ROUTECORE);
    let all = values(&bytes);
    assert_eq!(all.len(), 13);
    assert_eq!(all[1], (1, Value::Counter(1246)));
    assert_eq!(all[6], (6, Value::Counter(0)));
    assert_eq!(all[9], (14, Value::Gauge(139_540)));
    assert_eq!(all[10], (15, Value::Gauge(139_540)));
    let ipv6 = Value::FamilyGauge(Family::IPV6_UNICAST, 139_540);
    assert_eq!(all[11], (16, ipv6));
    assert_eq!(all[12], (17, ipv6));
    every_prefix_is_an_error(&bytes);
}

/// What the texts say of each type, written down apart from the table: RFC 7854 4.8, RFC 8671 6.2,
/// RFC 9972 3.1 to 3.3, draft-ietf-grow-bmp-bgp-rib-stats-16 for 24 and 25.
fn layout_in_the_texts(number: u16) -> Layout {
    match number {
        0..=6 | 11..=13 => Layout::Counter,
        7 | 8 | 14 | 15 | 18 | 20 | 29 | 31 | 33 | 39 => Layout::Gauge,
        _ => Layout::FamilyGauge,
    }
}

#[test]
fn every_registered_type_is_read_by_its_layout() {
    let counter = hex("0004 0000002a"); // Stat Len, 42
    let gauge = hex("0008 000000000000002a");
    let family = hex("000b 0002 01 000000000000002a"); // IPv6 unicast
    for number in 0..=43u16 {
        let (own, expected) = match layout_in_the_texts(number) {
            Layout::Counter => (&counter, Value::Counter(42)),
            Layout::Gauge => (&gauge, Value::Gauge(42)),
            Layout::FamilyGauge => (&family, Value::FamilyGauge(Family::IPV6_UNICAST, 42)),
        };
        for data in [&counter, &gauge, &family] {
            let octets = [&number.to_be_bytes()[..], data].concat();
            let statistic = list(&octets).next().unwrap().unwrap();
            let expected = match data == own {
                true => expected,
                false => Value::Raw(&data[2..]),
            };
            assert_eq!(statistic.value(), expected, "type {number}");
        }
    }
}

#[test]
fn a_length_that_is_not_the_types_own_keeps_the_rest() {
    let octets = hex("
        0007 0003 010203                   # routes in Adj-RIBs-In, of three octets
        0009 000a 00010100000000000001     # by family, an octet short
        0002 0004 00000005
    ");
    let all: Vec<_> = list(&octets).map(|one| one.unwrap().value()).collect();
    let expected = [
        Value::Raw(&[1, 2, 3]),
        Value::Raw(&[0, 1, 1, 0, 0, 0, 0, 0, 0, 1]),
        Value::Counter(5),
    ];
    assert_eq!(all, expected);
    assert_eq!(all[0].number(), None);
}

#[test]
fn an_unknown_type_is_read_by_its_length() {
    let octets = hex("
        fffb 0004 00000009
        002c 0008 0000000000000009
        ffff 000b 0001 80 0000000000000009
        0100 0000
    ");
    let all: Vec<_> = list(&octets).map(|one| one.unwrap().value()).collect();
    let vpn = Family::new(1, 128);
    let expected = [
        Value::Counter(9),
        Value::Gauge(9),
        Value::FamilyGauge(vpn, 9),
        Value::Raw(&[]),
    ];
    assert_eq!(all, expected);
    let numbers: Vec<_> = all.iter().map(Value::number).collect();
    let expected = [
        Some((Kind::Counter, None, 9)),
        Some((Kind::Gauge, None, 9)),
        Some((Kind::Gauge, Some(vpn), 9)),
        None,
    ];
    assert_eq!(numbers, expected);
}

#[test]
fn the_number_of_an_enterprise_has_no_layout_of_the_registry() {
    let statistic = Statistic {
        // Type 7 of an enterprise, with its E bit masked or not, is none of the registry.
        statistic_type: StatisticType(7),
        enterprise: Some(32473),
        data: &[0, 0, 0, 9],
    };
    assert_eq!(statistic.value(), Value::Counter(9));
}

#[test]
fn a_statistic_that_leaves_the_message_keeps_those_before_it() {
    let octets = hex("0001 0004 00000005  0002 0009 01");
    let mut statistics = list(&octets);
    assert_eq!(
        statistics.next().unwrap().unwrap().value(),
        Value::Counter(5)
    );
    let error = statistics.next().unwrap().unwrap_err();
    let expected = "Stat Data at byte 12: needs 9 bytes, 1 left in its container";
    assert_eq!(error.to_string(), expected);
    assert!(statistics.next().is_none());
}

#[test]
fn every_prefix_of_a_list_keeps_the_whole_statistics_in_it() {
    let octets =
        hex("0001 0004 00000005  0007 0008 0000000000000006  0009 000b 0001 01 0000000000000007");
    // Where each of them ends.
    let ends = [8, 20, 35];
    for length in 0..=octets.len() {
        let whole = list(&octets[..length]).filter(Result::is_ok).count();
        let expected = ends.iter().filter(|end| **end <= length).count();
        assert_eq!(whole, expected, "{length} octets");
    }
}

#[test]
fn every_registered_type_to_43_has_a_row() {
    assert!((0..=43).all(|number| StatisticType(number).word().is_some()));
    assert_eq!(StatisticType(44).to_string(), "unknown-44");
    assert_eq!(StatisticType(44).layout(), None);
    let layout = |number| StatisticType(number).layout();
    assert!((0..=43).all(|number| layout(number) == Some(layout_in_the_texts(number))));
}

#[test]
fn a_type_knows_the_view_that_it_names() {
    let rib = |number| StatisticType(number).rib();
    assert_eq!(rib(7), None);
    assert_eq!(rib(10), Some(Rib::LocRib));
    assert_eq!(rib(14), Some(Rib::AdjRibOutPre));
    assert_eq!(rib(37), Some(Rib::AdjRibInPost));
    // Post-policy Adj-RIB-In or Loc-RIB.
    assert_eq!(rib(26), None);
}

proptest! {
    /// A station ignores what it does not know (RFC 7854 4.8), and keeps what stands around it.
    #[test]
    fn statistics_of_any_type_and_length_lose_nothing_around_them(
        sent in proptest::collection::vec(
            (any::<u16>(), proptest::collection::vec(any::<u8>(), 0..20)),
            0..20,
        ),
    ) {
        let mut octets = Vec::new();
        for (number, data) in &sent {
            octets.extend(number.to_be_bytes());
            octets.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
            octets.extend(data);
        }
        let read: Vec<_> = list(&octets)
            .map(|one| one.unwrap())
            .map(|one| (one.statistic_type.0, one.data.to_vec()))
            .collect();
        prop_assert_eq!(read, sent);
    }
}
