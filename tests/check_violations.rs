//! `check`: what routers break, in UPDATEs (RFC 7606) and in the order of BMP messages (RFC 7854), and
//! what a capture that is not whole excuses.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use std::net::Ipv4Addr;
use support::capture_file::{self, Fraction, Order};
use support::program::{Input, Run, ask, run};
use support::tcp::Conversation;
use support::{bgp, bmp, places, sample};

const ADDRESS: &str = "192.0.2.7";

fn peer() -> bmp::PeerHeader {
    bmp::PeerHeader::new(ADDRESS, 64501)
}

fn initiation() -> Vec<u8> {
    bmp::initiation(&[(1, "a test"), (2, "router")])
}

fn up_of(peer: &bmp::PeerHeader) -> Vec<u8> {
    let open = |asn| bgp::Open::usual(asn, Ipv4Addr::new(192, 0, 2, 1)).encode();
    peer.peer_up(("192.0.2.1", 179), 40000, (&open(64500), &open(64501)), &[])
}

fn up() -> Vec<u8> {
    up_of(&peer())
}

fn down() -> Vec<u8> {
    peer().peer_down(4, &[])
}

fn prefix() -> Vec<u8> {
    bgp::prefix_ipv4(Ipv4Addr::new(198, 51, 100, 0), 24)
}

fn routes() -> Vec<u8> {
    let attributes = bgp::usual_attributes(&[64501], Ipv4Addr::new(192, 0, 2, 7));
    peer().route_monitoring(&bgp::update(&[], &attributes, &prefix()))
}

fn withdrawal() -> Vec<u8> {
    peer().route_monitoring(&bgp::update(&prefix(), &[], &[]))
}

/// An UPDATE with an ORIGIN and a NEXT_HOP, but no AS_PATH (RFC 4271 5).
fn without_as_path() -> Vec<u8> {
    let origin = bgp::attribute(0x40, 1, &[0]);
    let next_hop = bgp::attribute(0x40, 3, &[192, 0, 2, 7]);
    bgp::update(&[], &[origin, next_hop].concat(), &prefix())
}

/// The rows of a bare stream.
fn rows(messages: &[Vec<u8>]) -> Vec<Value> {
    found(&Input::Pipe(messages.concat()))
}

fn found(input: &Input) -> Vec<Value> {
    let document = ask("check", &["--json"], input).json();
    document["findings"].as_array().unwrap().clone()
}

/// Kind, count and view of each row.
fn told(rows: &[Value]) -> Vec<String> {
    let word = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let told = rows.iter().map(|row| {
        format!(
            "{} {} {}",
            word(row, "kind"),
            row["count"],
            word(row, "rib")
        )
    });
    told.collect()
}

#[test]
fn what_rfc_7606_says_of_a_malformed_update_is_a_finding() {
    let bad = peer().route_monitoring(&without_as_path());
    let eor = peer().route_monitoring(&bgp::end_of_rib_ipv4());
    let all = [
        initiation(),
        up(),
        routes(),
        bad.clone(),
        withdrawal(),
        eor,
        bad,
    ];
    let rows = rows(&all);
    assert_eq!(told(&rows), ["update-treat-as-withdraw 2 adj-rib-in-pre"]);
    let row = &rows[0];
    assert_eq!(
        (&row["severity"], &row["peer"]),
        (&"error".into(), &ADDRESS.into())
    );
    assert_eq!(row["reference"], "RFC 7606 3");
    let message = "peer 192.0.2.7 adj-rib-in-pre: as-path is missing: treat-as-withdraw";
    assert_eq!(row["message"], message);
    let before = all[..3].concat().len();
    assert_eq!(row["places"][0]["stream_offset"], before);
    // The UPDATE is what is wrong where an attribute is not there: behind both headers.
    assert_eq!(row["places"][0]["offset"], 48);
}

#[test]
fn what_is_wrong_with_an_update_is_told_by_attribute_and_by_what_comes_of_it() {
    let with = |attribute: Vec<u8>| {
        let usual = bgp::usual_attributes(&[64501], Ipv4Addr::new(192, 0, 2, 7));
        let update = bgp::update(&[], &[usual, attribute].concat(), &prefix());
        peer().route_monitoring(&update)
    };
    // MULTI_EXIT_DISC of three octets (RFC 7606 7.4), AGGREGATOR of one (7.7), two ORIGINs (3).
    let all = [
        initiation(),
        up(),
        with(bgp::attribute(0x80, 4, &[0, 0, 1])),
        with(bgp::attribute(0xc0, 7, &[0])),
        with(bgp::attribute(0x40, 1, &[0])),
    ];
    let rows = rows(&all);
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["kind"].as_str().unwrap(),
                row["reference"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("update-treat-as-withdraw", "RFC 7606 7.4"),
        ("update-attribute-discard", "RFC 7606 7.7"),
        ("update-attribute-discard", "RFC 7606 3"),
    ];
    for row in expected {
        assert!(told.contains(&row), "{told:?}");
    }
    assert_eq!(told.len(), expected.len(), "{told:?}");
}

#[test]
fn a_loc_rib_is_judged_more_mildly_and_an_adj_rib_out_before_its_policy_not() {
    let loc_rib = bmp::PeerHeader::loc_rib(64500);
    let out = bmp::PeerHeader {
        flags: 0x10,
        ..peer()
    };
    let all = [
        initiation(),
        up(),
        up_of(&loc_rib),
        loc_rib.route_monitoring(&without_as_path()),
        out.route_monitoring(&without_as_path()),
    ];
    assert_eq!(told(&rows(&all)), ["update-malformed-loc-rib 1 loc-rib"]);
}

#[test]
fn gobgp_writes_its_own_routes_without_an_as_path() {
    let rows = found(&Input::file(&places::testdata_file("frr107-gobgp.pcap")));
    let malformed = rows
        .iter()
        .find(|row| row["kind"] == "update-malformed-loc-rib");
    let malformed = malformed.unwrap();
    assert_eq!(
        (&malformed["count"], &malformed["severity"]),
        (&28.into(), &"warning".into())
    );
    // Two Peer Downs of reason 3 without the NOTIFICATION.
    let missing = rows
        .iter()
        .find(|row| row["kind"] == "peer-down-data-missing");
    let missing = missing.unwrap();
    let packets = missing["places"].as_array().unwrap();
    assert_eq!(
        (&missing["count"], &packets[0]["packet"]),
        (&2.into(), &1403.into())
    );
}

#[test]
fn messages_out_of_the_order_of_rfc_7854_are_findings() {
    let told_of = |messages: &[Vec<u8>]| told(&rows(messages));
    let whole = [
        initiation(),
        up(),
        routes(),
        withdrawal(),
        down(),
        bmp::termination(0),
    ];
    assert_eq!(told_of(&whole), [""; 0]);
    let without_up = [initiation(), routes(), routes()];
    assert_eq!(told_of(&without_up), ["no-peer-up 2 adj-rib-in-pre"]);
    let statistics = peer().statistics(&[(7, vec![0; 8])]);
    assert_eq!(
        told_of(&[initiation(), statistics.clone()]),
        ["no-peer-up 1 -"]
    );
    let after_down = [initiation(), up(), down(), routes(), statistics];
    let expected = ["after-peer-down 1 -", "after-peer-down 1 adj-rib-in-pre"];
    assert_eq!(told_of(&after_down), expected);
    let twice_up = [initiation(), up(), routes(), up()];
    assert_eq!(told_of(&twice_up), ["peer-up-repeated 1 -"]);
    let only_down = [initiation(), down()];
    assert_eq!(told_of(&only_down), ["peer-down-without-up 1 -"]);
    let late = [initiation(), up(), bmp::termination(0), routes()];
    assert_eq!(told_of(&late), ["after-termination 1 -"]);
}

#[test]
fn what_is_told_behind_a_peer_down_is_no_route() {
    // "A BMP implementation MAY omit sending explicit withdraws": it may send them (RFC 7854 4.9).
    let eor = peer().route_monitoring(&bgp::end_of_rib_ipv4());
    let all = [initiation(), up(), routes(), down(), withdrawal(), eor];
    assert_eq!(told(&rows(&all)), [""; 0]);
}

#[test]
fn messages_that_are_mirrored_before_the_session_is_up_are_in_order() {
    let open = bgp::Open::usual(64501, Ipv4Addr::new(192, 0, 2, 7)).encode();
    let mirrored = peer().route_mirroring(&[(0, open)]);
    assert_eq!(told(&rows(&[initiation(), mirrored, up()])), [""; 0]);
    let update = peer().route_mirroring(&[(0, bgp::update(&prefix(), &[], &[]))]);
    assert_eq!(told(&rows(&[initiation(), update])), ["no-peer-up 1 -"]);
}

#[test]
fn a_peer_up_for_each_view_is_no_repetition() {
    let post = bmp::PeerHeader {
        flags: 0x40,
        ..peer()
    };
    let (post_up, post_down) = (up_of(&post), post.peer_down(4, &[]));
    let both_up = [up(), post_up.clone()].concat();
    let all = [
        initiation(),
        both_up.clone(),
        routes(),
        down(),
        post_down,
        both_up,
        routes(),
    ];
    assert_eq!(told(&rows(&all)), [""; 0]);
    // One Peer Down may stand for both.
    let all = [initiation(), up(), post_up.clone(), down(), up(), post_up];
    assert_eq!(told(&rows(&all)), [""; 0]);
}

#[test]
fn a_peer_down_has_what_its_reason_promises() {
    let data_of = |reason, data: &[u8]| {
        let down = peer().peer_down(reason, data);
        told(&rows(&[initiation(), up(), down]))
    };
    let missing = ["peer-down-data-missing 1 -"];
    let notification = bgp::notification(6, 2, &[]);
    for reason in [1, 3] {
        assert_eq!(data_of(reason, &notification), [""; 0]);
        assert_eq!(data_of(reason, &[]), missing);
        assert_eq!(data_of(reason, &bgp::keepalive()), missing);
    }
    assert_eq!(data_of(2, &[0, 18]), [""; 0]);
    assert_eq!(data_of(2, &[]), missing);
    assert_eq!(data_of(4, &[]), [""; 0]);
}

/// The rows of a connection without these of its first segments.
fn connection(messages: &[Vec<u8>], lost: std::ops::Range<usize>) -> Run {
    let mut conversation = Conversation::new("192.0.2.1:40000", "192.0.2.2:1790");
    conversation.segment_size = 64;
    let segments = conversation.whole(&messages.concat());
    let segments = support::tcp::without_segments(&segments, lost);
    let records = conversation.records(&segments);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    std::fs::write(
        &path,
        capture_file::pcap(&records, Order::Little, Fraction::Micro),
    )
    .unwrap();
    ask(
        "check",
        &["--json", "--fail-on", "note"],
        &Input::file(&path),
    )
}

fn told_of_connection(messages: &[Vec<u8>], lost: std::ops::Range<usize>) -> Vec<String> {
    let document = connection(messages, lost).json();
    told(document["findings"].as_array().unwrap())
}

#[test]
fn a_session_begins_with_an_initiation() {
    let all = [up(), routes(), routes()];
    assert_eq!(told_of_connection(&all, 0..0), ["initiation-missing 1 -"]);
    // Where no connection tells where it begins, that is not known.
    assert_eq!(told(&rows(&all)), ["start-unknown 1 -"]);
}

#[test]
fn a_session_without_its_start_is_a_finding_and_excuses_the_rest() {
    // The handshake and the Initiation are not there.
    let all = [routes(), routes(), down(), routes()];
    let document = connection(&all, 0..3);
    assert_eq!(document.code, 1, "{document}");
    let rows = document.json()["findings"].as_array().unwrap().clone();
    assert_eq!(told(&rows), ["mid-stream-start 1 -"]);
    // The first message is whole with the second segment.
    assert_eq!(rows[0]["places"][0]["packet"], 2);
}

#[test]
fn lost_octets_excuse_what_follows() {
    let all = [initiation(), up(), routes(), routes(), up(), routes()];
    let kinds = told_of_connection(&all, 6..7);
    assert!(
        kinds.iter().any(|told| told.starts_with("missing-segment")),
        "{kinds:?}"
    );
    assert!(
        !kinds
            .iter()
            .any(|told| told.starts_with("peer-up-repeated")),
        "{kinds:?}"
    );
}

#[test]
fn an_unknown_type_of_statistic_is_a_note_and_a_wrong_length_a_warning() {
    let statistics = peer().statistics(&[(7, vec![0; 3]), (200, vec![0; 5])]);
    let rows = rows(&[initiation(), up(), statistics.clone(), statistics]);
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&row["severity"], &row["kind"], &row["count"]))
        .map(|(severity, kind, count)| format!("{severity} {kind} {count}"))
        .collect();
    let expected = [
        "\"warning\" \"statistic-length\" 2",
        "\"note\" \"statistic-unknown\" 2",
    ];
    assert_eq!(told, expected);
}

#[test]
fn each_view_of_each_peer_has_its_own_row_with_its_place() {
    let rows = found(&Input::file(&places::testdata_file("frr-gobgp-small.pcap")));
    let of_kind = rows.iter().filter(|row| row["kind"] == "add-path-not-used");
    let of_kind: Vec<_> = of_kind.collect();
    assert_eq!(of_kind.len(), 6, "{of_kind:?}");
    for row in of_kind {
        let (peer, rib) = (row["peer"].as_str().unwrap(), row["rib"].as_str().unwrap());
        assert!(
            row["message"]
                .as_str()
                .unwrap()
                .starts_with(&format!("peer {peer} {rib} "))
        );
        let place = &row["places"][0];
        assert!(
            place["file"].is_string() && place["packet"].is_u64(),
            "{row}"
        );
        assert_eq!((&place["peer"], &place["rib"]), (&row["peer"], &row["rib"]));
    }
}

#[test]
fn the_message_of_several_gaps_tells_their_octets_in_all() {
    let rows = found(&Input::file(&places::testdata_file("derived-gaps.pcap")));
    let gap = rows
        .iter()
        .find(|row| row["kind"] == "missing-segment")
        .unwrap();
    let start = format!(
        "{} times, {} octets in all; the first: ",
        gap["count"], gap["octets"]
    );
    assert!(
        gap["message"].as_str().unwrap().starts_with(&start),
        "{gap}"
    );
    let summary = ask(
        "summary",
        &["--json"],
        &Input::file(&places::testdata_file("derived-gaps.pcap")),
    );
    let sessions = summary.json()["sessions"].as_array().unwrap().clone();
    let session = sessions
        .iter()
        .find(|session| session["id"] == gap["session"])
        .unwrap();
    assert_eq!(
        gap["octets"],
        session["quality"]["gaps"]["missing_segment"]["bytes"]
    );
}

#[test]
fn what_was_odd_before_since_is_not_told() {
    let file = places::testdata_file("frr-gobgp-small.pcap");
    let checksums = |options: &[&str]| {
        let mut all = vec!["check", "--json", file.to_str().unwrap()];
        all.extend(options);
        let document = run(&all).json();
        let rows = document["findings"].as_array().unwrap().clone();
        let of_kind = rows.iter().filter(|row| row["kind"] == "wrong-checksum");
        of_kind
            .map(|row| row["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    let messages = ask("messages", &[], &Input::file(&file)).lines();
    let time = messages[messages.len() / 2]["time"]
        .as_str()
        .unwrap()
        .to_owned();
    let (all, behind) = (checksums(&[]), checksums(&["--since", &time]));
    let before = checksums(&["--until", &time]);
    assert!(0 < behind && behind < all, "{behind} of {all}");
    assert!(
        before < all && before + behind >= all,
        "{before} and {behind} of {all}"
    );
}

#[test]
fn files_of_a_directory_that_are_no_captures_are_told_on_stderr() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.bmp"), sample::stream()).unwrap();
    std::fs::write(folder.path().join("b.txt"), "no capture").unwrap();
    let one = run(&["summary", folder.path().to_str().unwrap()]).answered();
    let expected = "bmpscope: warning: 1 file is no capture and was passed over; `bmpscope check` tells which\n";
    assert_eq!(one.stderr, expected);
    std::fs::write(folder.path().join("c.pcap"), []).unwrap();
    let two = run(&["messages", folder.path().to_str().unwrap()]).answered();
    let expected = "bmpscope: warning: 2 files are no captures and were passed over; `bmpscope check` tells which\n";
    assert_eq!(two.stderr, expected);
    let input = Input::file(folder.path());
    let files: Vec<_> = found(&input)
        .iter()
        .map(|row| row["places"][0]["file"].clone())
        .collect();
    assert_eq!(files.len(), 2, "{files:?}");
    assert_ne!(files[0], files[1]);
}

#[test]
fn announcements_that_a_receiver_withdraws_are_counted_beside_the_states() {
    let folder = tempfile::tempdir().unwrap();
    let missing_of = |messages: &[Vec<u8>]| {
        let path = folder.path().join("a.bmp");
        std::fs::write(&path, messages.concat()).unwrap();
        let document = run(&["rpki", "validation", "--json", path.to_str().unwrap()]).json();
        document["missing"].to_string()
    };
    let bad = peer().route_monitoring(&without_as_path());
    let told = missing_of(&[initiation(), up(), routes(), bad]);
    assert!(told.contains("1 announcement is malformed"), "{told}");
    let told = missing_of(&[initiation(), up(), routes()]);
    assert!(!told.contains("malformed"), "{told}");
}
