//! Every public capture of BMP that comes with pmacct's JSON: prefixes, AS paths, next hops,
//! communities and the other attributes that pmacct shows, and what it tells of peers and counters.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod differential;
mod library;
mod support;

use differential::{Comparison, Listed, pmacct};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use support::places;

/// pmacct's answers, one line a route, and the captures that they are about.
const CAPTURES: &[(&str, &str)] = &[
    (
        "pmacct/200-BMP-HUAWEI-locrib_instance/output-bmp-00.json",
        "pmacct/200-BMP-HUAWEI-locrib_instance/traffic-00.pcap",
    ),
    (
        "pmacct/200-BMP-HUAWEI-locrib_instance/scenario-01/output-bmp-00.json",
        "pmacct/200-BMP-HUAWEI-locrib_instance/traffic-00.pcap",
    ),
    (
        "pmacct/201-BMP-CISCO-rd_instance/output-bmp-00.json",
        "pmacct/201-BMP-CISCO-rd_instance/traffic-00.pcap",
    ),
    (
        "pmacct/201-BMP-CISCO-rd_instance/scenario-01/output-bmp-00.json",
        "pmacct/201-BMP-CISCO-rd_instance/traffic-00.pcap",
    ),
    (
        "pmacct/204-BMP-CISCO-peer_down/output-bmp-00.json",
        "pmacct/204-BMP-CISCO-peer_down/traffic-00.pcap",
    ),
    (
        "pmacct-test-automation/@fa49ec9a/401-IPFIXv10-BMP-IPv6-CISCO-T266+T342-glob_instance/\
         output-bmp-00.json",
        "pmacct-test-automation/@fa49ec9a/401-IPFIXv10-BMP-IPv6-CISCO-T266+T342-glob_instance/\
         traffic-00.pcap",
    ),
];

/// Where the two disagree.
const DISAGREEMENTS: &[Listed] = &[];

/// The only field of an entry that this program has not, or that pmacct has not.
const NOT_FOUND: &str = "not_found";
const NOT_SHOWN: &str = "not_shown";

/// Entries of one key in their order, each with the number of its message.
type Waiting = BTreeMap<String, VecDeque<(usize, Value)>>;

#[test]
fn every_route_agrees_or_is_decided() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let public = captures.join("public");
    let mut comparison = Comparison::default();
    for (answers, capture) in CAPTURES {
        let mut waiting = waiting(&public.join(capture));
        let lines = differential::lines(&public.join(answers));
        for (index, line) in lines.iter().enumerate() {
            let Some(expected) = pmacct::entry(line) else {
                continue;
            };
            let got = waiting.get_mut(&key(&expected));
            match got.and_then(VecDeque::pop_front) {
                Some((_, got)) => {
                    let got = pmacct::known(&expected, &got);
                    comparison.message(answers, index + 1, &expected, &got);
                }
                None => comparison.differ(answers, index + 1, NOT_FOUND, Some(&expected), None),
            }
        }
        for (number, entry) in waiting.into_values().flatten() {
            comparison.differ(answers, number, NOT_SHOWN, None, Some(&entry));
        }
    }
    comparison.hold("pmacct", DISAGREEMENTS);
}

/// What pmacct should have written of a capture, by key.
fn waiting(capture: &Path) -> Waiting {
    let mut waiting = Waiting::new();
    let lines = library::lines(&std::fs::read(capture).unwrap());
    for (index, line) in lines.iter().enumerate() {
        for entry in pmacct::entries(line) {
            let queue = waiting.entry(key(&entry)).or_default();
            queue.push_back((index + 1, entry));
        }
    }
    waiting
}

fn key(entry: &Value) -> String {
    Value::Array(pmacct::key(entry)).to_string()
}
