//! Tables for people: rows can be told apart, on a wide terminal and where they are folded.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use bmpscope::output::{Style, TABLE};
use bmpscope::pipeline::Request;
use bmpscope::report::{Given, REPORTS, Report};
use bmpscope::sheet::Answer;
use std::path::{Path, PathBuf};
use support::bmp::{PeerHeader, initiation};
use support::places;
use support::program::{Input, ask};

/// Captures of `testdata/`, and some of routers with VRFs where they are at hand.
fn captures() -> Vec<PathBuf> {
    let mut paths = places::testdata_captures();
    let public = [
        "pmacct/201-BMP-CISCO-rd_instance/traffic-00.pcap",
        "pmacct/204-BMP-CISCO-peer_down/traffic-00.pcap",
        "traffic-reproducer/pcaps/bmp-traffic.pcap",
    ];
    if let Some(shared) = places::shared_captures() {
        paths.extend(public.map(|path| shared.join("public").join(path)));
        paths.push(shared.join("lab/rov.pcap"));
    }
    paths.retain(|path| path.exists());
    paths.sort();
    paths
}

fn answer(report: &Report, capture: &Path) -> Option<Box<dyn Answer>> {
    let request = Request {
        inputs: vec![capture.to_owned()],
        ..Request::default()
    };
    (report.run)(&request, &Given::default()).unwrap().answer
}

#[test]
fn no_two_rows_of_a_sheet_have_the_same_keys() {
    for capture in captures() {
        for report in REPORTS {
            let answer = answer(report, &capture);
            for sheet in answer.iter().flat_map(|answer| answer.sheets()) {
                let told = sheet.is_told_apart(|cell| format!("{cell:?}"));
                assert!(told, "{}: {}: {capture:?}", report.name, sheet.title);
            }
        }
    }
}

/// Two peers of one address, in two VRFs (peer type 1, RFC 7854 4.2), each with a counter.
fn two_vrfs() -> Vec<u8> {
    let mut stream = initiation(&[(2, "edge1")]);
    for assigned in [1, 2] {
        let peer = PeerHeader {
            peer_type: 1,
            distinguisher: [0, 0, 0xfb, 0xf4, 0, 0, 0, assigned],
            ..PeerHeader::new("192.0.2.2", 64500)
        };
        // Reason 4: no data (RFC 7854 4.9). Type 0: rejected prefixes (RFC 7854 4.8).
        stream.extend(peer.peer_down(4, &[]));
        stream.extend(peer.statistics(&[(0, vec![0, 0, 0, assigned])]));
    }
    stream
}

#[test]
fn peers_of_one_address_in_two_vrfs_are_two_in_every_table() {
    for report in ["peers", "stats"] {
        let run = ask(report, &[], &Input::Pipe(two_vrfs())).answered();
        let shown = String::from_utf8(run.stdout).unwrap();
        for rd in ["192.0.2.2 rd 64500:1 ", "192.0.2.2 rd 64500:2 "] {
            assert!(shown.contains(rd), "{report}: {shown}");
        }
    }
}

#[test]
fn every_block_of_a_folded_table_says_whose_its_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vrfs.bmp");
    std::fs::write(&path, two_vrfs()).unwrap();
    let peers = REPORTS
        .iter()
        .find(|report| report.name == "peers")
        .unwrap();
    let answer = answer(peers, &path).unwrap();
    let style = Style {
        width: Some(80),
        colours: false,
    };
    let mut shown = Vec::new();
    (TABLE.document)(&*answer, style, &mut shown).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    let blocks: Vec<&str> = shown
        .split("\n\n")
        .filter(|block| block.contains("peer "))
        .collect();
    assert!(blocks.len() > 4, "{shown}");
    for block in blocks {
        for rd in ["rd 64500:1", "rd 64500:2"] {
            assert!(block.contains(rd), "{block}");
        }
    }
}

#[test]
fn prefixes_sort_as_addresses() {
    let (Some(capture), Some(vrps)) = (places::lab("rov.pcap"), places::lab("rov-vrps1.json"))
    else {
        return;
    };
    let vrps = vrps.to_str().unwrap();
    let run = ask(
        "rpki",
        &["validation", "--json", "--vrps", vrps],
        &Input::file(&capture),
    );
    let answer = run.answered().json();
    let rows = answer["invalid_prefixes"].as_array().unwrap();
    let keys: Vec<_> = rows
        .iter()
        .map(|row| {
            let (address, length) = row["prefix"].as_str().unwrap().split_once('/').unwrap();
            let address: std::net::IpAddr = address.parse().unwrap();
            let length: u8 = length.parse().unwrap();
            (std::cmp::Reverse(row["routes"].as_u64()), address, length)
        })
        .collect();
    assert!(keys.len() > 10 && keys.is_sorted(), "{keys:?}");
}

/// 89 segments of the router, 61 of the station, all signed (the capture's own facts).
#[test]
fn numbers_are_columns_of_their_own_in_csv() {
    let capture = Input::file(&places::testdata_file("tcp-md5.pcap"));
    let run = ask("auth", &["-f", "csv"], &capture).answered();
    let text = String::from_utf8(run.stdout).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row: Vec<&str> = lines.next().unwrap().split(',').collect();
    let value = |name: &str| row[names.iter().position(|one| *one == name).unwrap()];
    let told = [
        "signed_by_router",
        "segments_of_router",
        "signed_by_station",
        "segments_of_station",
    ];
    assert_eq!(told.map(value), ["89", "89", "61", "61"]);
}
