//! `peers`: timelines, initial dumps and timestamps, against what the makers of the lab's captures wrote
//! down of its routers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use support::bmp::{PeerHeader, initiation};
use support::program::{Input, ask, run_with_stdin};
use support::{capture_file, extract, places, walker};

const FRR_10_7: &str = "frr107-gobgp.pcap";

fn answer(capture: &str) -> Value {
    let input = Input::file(&places::testdata_file(capture));
    ask("peers", &["--json"], &input).answered().json()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap()
}

/// A peer of a router, by their addresses.
fn peer<'a>(answer: &'a Value, router: &str, address: &str) -> &'a Value {
    let is_it = |peer: &&Value| peer["router"] == router && peer["address"] == address;
    list(answer, "peers").iter().find(is_it).unwrap()
}

fn events(peer: &Value) -> Vec<&str> {
    let timeline = list(peer, "timeline").iter();
    timeline
        .map(|turn| turn["event"].as_str().unwrap())
        .collect()
}

/// Every Peer Up and Peer Down of a stream: type, address, and seconds of its timestamp.
fn walked(capture: &str) -> Vec<(u8, Vec<u8>, u32)> {
    let file = std::fs::read(places::testdata_file(capture)).unwrap();
    let streams = extract::streams(&capture_file::read(&file));
    let mut turns = Vec::new();
    for stream in streams
        .iter()
        .filter(|stream| stream.bytes.first() == Some(&3))
    {
        for message in walker::messages(&stream.bytes) {
            if matches!(message[5], 2 | 3) {
                let seconds = u32::from_be_bytes(message[40..44].try_into().unwrap());
                turns.push((message[5], message[16..32].to_vec(), seconds));
            }
        }
    }
    turns
}

#[test]
fn every_peer_up_and_down_is_in_a_timeline() {
    for capture in [FRR_10_7, "frr-gobgp-small.pcap", "bird-bmp.pcap"] {
        let answer = answer(capture);
        let walked = walked(capture);
        let peers = list(&answer, "peers");
        let count = |event: &str| {
            let all = peers.iter().flat_map(events);
            all.filter(|one| *one == event).count()
        };
        let of_type = |number: u8| walked.iter().filter(|turn| turn.0 == number).count();
        assert_eq!(
            (count("up"), count("down")),
            (of_type(3), of_type(2)),
            "{capture}"
        );
        for peer in peers {
            assert_eq!(peer["timeline_left_out"], 0);
            let once = |event: &str| {
                let turns = list(peer, "timeline").iter();
                turns
                    .filter(|turn| turn["event"] == event && turn["repeats"] == false)
                    .count()
            };
            assert_eq!(peer["ups"], once("up"));
            assert_eq!(peer["downs"], once("down"));
        }
    }
}

/// GoBGP: hold timer = reason 1 with 4/0; the peer comes back after ten seconds.
#[test]
fn a_hold_timer_that_expires_is_in_the_timeline_with_its_notification() {
    let answer = answer(FRR_10_7);
    let peer = peer(&answer, "10.0.0.2", "10.0.0.4");
    assert_eq!(events(peer), ["up", "down", "up"]);
    let down = &list(peer, "timeline")[1];
    assert_eq!(down["reason"], "local-notification");
    let notification = &down["notification"];
    assert_eq!(
        (&notification["code"], &notification["subcode"]),
        (&4.into(), &0.into())
    );
    assert_eq!(down["time"], "2026-11-20T12:48:00.872431Z");
    // Whole seconds are what GoBGP knows.
    assert_eq!(down["bmp_time"], "2026-11-20T12:48:00.000000Z");
    assert!(down["hold_time"].is_null() && down["packet"] == 1114);
    assert!(down["file"].as_str().unwrap().ends_with(FRR_10_7));
    let up = &list(peer, "timeline")[0];
    assert_eq!(up["hold_time"]["negotiated"], 9);
    assert!(up["reason"].is_null());
}

/// FRR "sends Peer Down (reason 2) for every configured peer that is not up, right after
/// Initiation, never preceded by a Peer Up".
#[test]
fn a_peer_that_was_never_up_has_only_downs() {
    let answer = answer(FRR_10_7);
    let never = peer(&answer, "10.0.0.1", "10.0.0.77");
    assert_eq!(events(never), ["down", "down"]);
    assert_eq!(never["state"], "down");
    assert_eq!(never["timeline"][0]["reason"], "local-no-notification");
    assert!(never["hold_time"].is_null() && never["capabilities"].is_null());
}

#[test]
fn the_capabilities_of_both_sides_are_named() {
    let answer = answer(FRR_10_7);
    let capabilities = &peer(&answer, "10.0.0.1", "10.0.0.2")["capabilities"];
    for side in ["sent", "received"] {
        let names: Vec<&str> = list(capabilities, side)
            .iter()
            .map(|name| name.as_str().unwrap())
            .collect();
        for name in ["multiprotocol", "four-octet-as", "add-path"] {
            assert!(names.contains(&name), "{side}: {names:?}");
        }
    }
    // FRR sends these to GoBGP, which does not know them.
    let sent = list(capabilities, "sent");
    assert!(sent.contains(&"paths-limit".into()), "{sent:?}");
}

fn timestamps<'a>(answer: &'a Value, session: u64, kind: &str) -> &'a Value {
    let is_it = |row: &&Value| row["session"] == session && row["kind"] == kind;
    list(answer, "timestamps").iter().find(is_it).unwrap()
}

/// FRR's are "uptime converted to wall clock: whole seconds + one constant microsecond part,
/// going backwards all the time (15-20% of messages)", zero in End-of-RIBs and Loc-RIB withdraws; those of its
/// statistics are real. GoBGP's are whole seconds.
#[test]
fn the_clocks_of_frr_and_gobgp_are_what_the_lab_found() {
    let answer = answer(FRR_10_7);
    let routes = timestamps(&answer, 2, "route-monitoring");
    assert_eq!(
        (&routes["class"], &routes["messages"]),
        (&"uptime-derived".into(), &1131.into())
    );
    let backwards = routes["backwards"].as_f64().unwrap() / 1131.0;
    assert!((0.15..0.20).contains(&backwards), "{backwards}");
    assert!(routes["zero"].as_u64() > Some(0));
    let turns = timestamps(&answer, 2, "peer-up-down");
    assert_eq!(
        (&turns["class"], &turns["messages"]),
        (&"uptime-derived".into(), &46.into())
    );
    let statistics = timestamps(&answer, 2, "other");
    assert_eq!(
        (&statistics["class"], &statistics["messages"]),
        (&"real".into(), &107.into())
    );
    for kind in ["route-monitoring", "peer-up-down", "other"] {
        let row = timestamps(&answer, 1, kind);
        assert_eq!(row["class"], "whole-seconds", "{kind}");
        assert_eq!(row["whole_seconds"], row["messages"]);
    }
}

/// BIRD: "RM real route time, Peer Up/Down 0".
#[test]
fn the_clock_of_bird_is_zero_for_ups_and_downs() {
    let answer = answer("bird-bmp.pcap");
    let turns: Vec<&Value> = list(&answer, "timestamps")
        .iter()
        .filter(|row| row["kind"] == "peer-up-down")
        .collect();
    assert!(!turns.is_empty());
    assert!(turns.iter().all(|row| row["class"] == "zero"), "{turns:?}");
    let routes = timestamps(&answer, 1, "route-monitoring");
    assert_eq!(
        (&routes["class"], &routes["zero"]),
        (&"real".into(), &0.into())
    );
    // The capture's time is there instead.
    for peer in list(&answer, "peers") {
        for turn in list(peer, "timeline") {
            assert!(turn["bmp_time"].is_null() && turn["time"].is_string());
        }
    }
}

/// GoBGP sends no End-of-RIB in any feed; FRR 10.7 sends those of a Loc-RIB, IPv4's twice.
#[test]
fn an_initial_dump_is_complete_where_its_end_of_rib_came() {
    let answer = answer(FRR_10_7);
    let dumps = |peer: &Value, word: &str| {
        let rows = list(peer, "routes_by_rib").iter();
        rows.filter(|row| row["initial_dump"] == word).count()
    };
    for peer in list(&answer, "peers")
        .iter()
        .filter(|peer| peer["session"] == 1)
    {
        let rows = list(peer, "routes_by_rib").len();
        let word = if peer["ups"] == 0 {
            "unknown"
        } else {
            "incomplete"
        };
        assert_eq!(dumps(peer, word), rows, "{peer}");
    }
    let is_loc_rib = |peer: &&Value| peer["session"] == 2 && peer["bgp_id"] == "10.0.0.1";
    let peers = list(&answer, "peers");
    let loc_rib = peers
        .iter()
        .filter(|peer| peer["type"] == "loc-rib")
        .find(is_loc_rib);
    let rows = list(loc_rib.unwrap(), "routes_by_rib");
    let ipv4 = &rows[0];
    assert_eq!(
        (&ipv4["afi"], &ipv4["end_of_rib"]),
        (&"ipv4".into(), &2.into())
    );
    assert_eq!(ipv4["initial_dump"], "complete");
    assert_eq!(ipv4["first_end_of_rib"], ipv4["initial_dump_end"]);
    assert!(ipv4["first_end_of_rib"].is_string());
}

/// An OPEN without capabilities: AS 64500, Hold Time 90 (RFC 4271 4.2).
fn open() -> Vec<u8> {
    let header = [&[0xff; 16][..], &[0, 29, 1]].concat();
    [&header[..], &[4, 0xfb, 0xf4, 0, 90, 192, 0, 2, 7, 0]].concat()
}

fn up(peer: &PeerHeader) -> Vec<u8> {
    peer.peer_up(("192.0.2.1", 179), 50_000, (&open(), &open()), &[])
}

fn ask_stream(bytes: &[u8]) -> Value {
    run_with_stdin(&["peers", "--json", "-"], bytes)
        .answered()
        .json()
}

/// The End-of-RIB of IPv4 unicast: an UPDATE of nothing (RFC 4724 2).
fn end_of_rib() -> Vec<u8> {
    [&[0xff; 16][..], &[0, 23, 2, 0, 0, 0, 0]].concat()
}

#[test]
fn a_new_peer_up_begins_a_new_dump() {
    let peer = PeerHeader::new("192.0.2.7", 64500);
    let end = peer.route_monitoring(&end_of_rib());
    let state = |messages: &[Vec<u8>]| {
        let whole = [&[initiation(&[(2, "edge1")])], messages].concat().concat();
        let answer = ask_stream(&whole);
        let row = answer["peers"][0]["routes_by_rib"][0].clone();
        row["initial_dump"].as_str().unwrap().to_string()
    };
    assert_eq!(state(&[up(&peer), end.clone()]), "complete");
    assert_eq!(state(&[up(&peer), end.clone(), up(&peer)]), "incomplete");
    assert_eq!(state(&[end]), "unknown");
}

#[test]
fn a_peer_that_flaps_all_day_has_a_bounded_timeline() {
    let peer = PeerHeader::new("192.0.2.7", 64500);
    let flap = [up(&peer), peer.peer_down(4, &[])].concat();
    let bytes = [initiation(&[(2, "edge1")]), flap.repeat(1000)].concat();
    let answer = ask_stream(&bytes);
    let peer = &answer["peers"][0];
    assert_eq!(list(peer, "timeline").len(), 1024);
    assert_eq!(peer["timeline_left_out"], 2000 - 1024);
    assert_eq!((&peer["ups"], &peer["downs"]), (&1000.into(), &1000.into()));
    // A bare stream has no packets; the router's clock is the only one.
    let first = &peer["timeline"][0];
    assert!(first["packet"].is_null());
    assert_eq!(first["time"], first["bmp_time"]);
}

#[test]
fn people_can_read_the_timeline() {
    let input = Input::file(&places::testdata_file(FRR_10_7));
    let run = ask("peers", &["--router", "10.0.0.2"], &input).answered();
    let text = String::from_utf8(run.stdout).unwrap();
    for part in [
        "Ups and downs",
        "local-notification: hold-timer-expired",
        "Tables",
        "incomplete",
        "BMP timestamps",
        "whole-seconds",
    ] {
        assert!(text.contains(part), "no {part} in:\n{text}");
    }
}
