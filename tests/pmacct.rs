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

use differential::{Comparison, Fault, Listed, entries, pmacct};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
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
const DISAGREEMENTS: &[Listed] = &[
    Listed {
        files: &[HUAWEI, HUAWEI_AGAIN],
        field: "next_hop",
        messages: &[
            75, 76, 77, 78, 79, 82, 89, 90, 92, 93, 95, 97, 99, 110, 111, 112, 113, 114, 115, 124,
            125, 126, 127, 129, 131, 136,
        ],
        said: is_same_address,
        fault: Fault::Theirs,
        because: NEXT_HOP,
    },
    Listed {
        files: &[PEER_DOWN],
        field: "next_hop",
        messages: &[
            78, 80, 82, 84, 89, 91, 93, 95, 97, 98, 104, 105, 108, 110, 112, 113, 119, 120, 263,
            264, 265, 266, 268, 269, 270, 271, 272, 273, 274, 275, 278, 279, 357, 359, 361, 363,
            368, 370, 402, 403, 404, 406, 407, 408, 424, 425, 426, 427, 428, 429, 430, 431, 548,
            549, 550, 551, 552, 553, 554, 555, 556, 557, 558, 559, 560, 561, 562, 563, 564, 565,
            595, 596, 597, 598, 599, 600, 601, 602, 604, 605, 606, 607, 610, 611,
        ],
        said: is_same_address,
        fault: Fault::Theirs,
        because: NEXT_HOP,
    },
    Listed {
        files: &[HUAWEI, HUAWEI_AGAIN],
        field: "peer.filtered",
        messages: &[
            31, 33, 35, 37, 39, 41, 43, 45, 73, 74, 75, 76, 77, 78, 79, 80, 82, 83, 107, 108, 109,
            110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122,
        ],
        said: |expected, got| *expected == 0 && *got == 1,
        fault: Fault::Theirs,
        because: "RFC 9069 section 4.2: F, 0x80 of the Peer Flags of a Loc-RIB, tells that the \
                  Loc-RIB is filtered. The router sets it in these messages (NetGauze agrees); \
                  pmacct shows it of the Peer Ups, and 0 of every route.",
    },
    Listed {
        files: &[HUAWEI, HUAWEI_AGAIN],
        field: "rd",
        messages: &[
            33, 37, 39, 41, 43, 75, 76, 77, 78, 79, 82, 110, 111, 112, 113, 114, 115, 118, 119,
            120, 121, 122,
        ],
        said: |expected, got| expected.is_null() && *got == "64499:11",
        fault: Fault::Theirs,
        because: "RFC 9069 section 5.1: the Peer Distinguisher of a Loc-RIB is that of its VRF, \
                  for all of its routes. pmacct gives it to unicast routes alone, and none to the \
                  labelled ones of the same peer.",
    },
    Listed {
        files: &[PEER_DOWN],
        field: NOT_SHOWN,
        messages: &[216, 218],
        said: |_, got| got["event"] == "withdraw",
        fault: Fault::Neither,
        because: "RFC 7854 section 4.6 and RFC 4271 section 4.3: an UPDATE withdraws the prefixes \
                  that it lists (NetGauze agrees on them). pmacct logs a withdrawal only of a \
                  route that it has.",
    },
];

const HUAWEI: &str = "pmacct/200-BMP-HUAWEI-locrib_instance/output-bmp-00.json";
const HUAWEI_AGAIN: &str = "pmacct/200-BMP-HUAWEI-locrib_instance/scenario-01/output-bmp-00.json";
const PEER_DOWN: &str = "pmacct/204-BMP-CISCO-peer_down/output-bmp-00.json";

/// About one address in two notations.
const NEXT_HOP: &str = "RFC 4760 section 3 and RFC 4364 section 4.3.2: four octets of a next hop \
    (behind an RD of 0 for a VPN) are an IPv4 address; RFC 4659 section 3.2.1.2 and RFC 4798 \
    section 2: an IPv6 route over IPv4 has sixteen, the IPv4-mapped IPv6 address. pmacct writes \
    some of the first kind as mapped and some of the second as IPv4; this program shows what is \
    sent (NetGauze agrees).";

/// Whether one is an IPv4 address and the other the same address, mapped to IPv6.
fn is_same_address(expected: &Value, got: &Value) -> bool {
    let address = |value: &Value| -> Option<IpAddr> { value.as_str()?.parse().ok() };
    let (Some(expected), Some(got)) = (address(expected), address(got)) else {
        return false;
    };
    expected.is_ipv4() != got.is_ipv4() && expected.to_canonical() == got.to_canonical()
}

/// The only field of an entry that this program has not, or that pmacct has not.
const NOT_FOUND: &str = "not_found";
const NOT_SHOWN: &str = "not_shown";

/// Entries of one key in their order, each with the number of its message.
type Waiting = BTreeMap<String, VecDeque<(usize, Value)>>;

/// What this program says of one capture, as pmacct's lines go by.
#[derive(Debug)]
struct Ours {
    /// What pmacct has not yet shown.
    waiting: Waiting,
    /// The routes that pmacct holds, as this program showed them last.
    held: BTreeMap<String, Value>,
}

#[test]
fn every_route_agrees_or_is_decided() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let public = captures.join("public");
    let mut comparison = Comparison::default();
    for (answers, capture) in CAPTURES {
        let mut ours = Ours::of(&public.join(capture));
        let lines = differential::lines(&public.join(answers));
        for (index, line) in lines.iter().enumerate() {
            let Some(expected) = pmacct::entry(line) else {
                continue;
            };
            match ours.next(&expected) {
                Some(got) => comparison.message(answers, index + 1, &expected, &got),
                None => comparison.differ(answers, index + 1, NOT_FOUND, Some(&expected), None),
            }
        }
        for (number, entry) in ours.waiting.into_values().flatten() {
            comparison.differ(answers, number, NOT_SHOWN, None, Some(&entry));
        }
    }
    comparison.hold("pmacct", DISAGREEMENTS);
}

#[test]
fn no_answer_of_pmaccts_is_left_out() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let is_its = |path: &str| path.contains("/output-bmp-") && path.ends_with(".json");
    let listed = CAPTURES.iter().map(|(file, _)| String::from(*file));
    let known = differential::in_inventory(&captures.join("public"), is_its);
    assert_eq!(listed.collect::<BTreeSet<_>>(), known);
}

impl Ours {
    fn of(capture: &Path) -> Ours {
        Ours {
            waiting: waiting(capture),
            held: BTreeMap::new(),
        }
    }

    /// What this program says of the same route, counter or event.
    fn next(&mut self, expected: &Value) -> Option<Value> {
        let route = pmacct::route_key(expected);
        if expected["event"] == pmacct::DELETE {
            let held = self.held.remove(&route)?;
            return Some(pmacct::known(expected, &held));
        }
        let got = take(&mut self.waiting, expected)?;
        match expected["event"].as_str() {
            Some("update") => self.held.insert(route, got.clone()),
            Some("withdraw") => self.held.remove(&route),
            _ => None,
        };
        Some(pmacct::known(expected, &got))
    }
}

/// The next entry with the key of this one, or else with that key and any RD.
fn take(waiting: &mut Waiting, expected: &Value) -> Option<Value> {
    let queue = waiting.get_mut(&pmacct::key(expected));
    if let Some((_, entry)) = queue.and_then(VecDeque::pop_front) {
        return Some(entry);
    }
    let is_same = |(_, entry): &&(usize, Value)| {
        let mut entry = entry.clone();
        entry["rd"] = expected["rd"].clone();
        pmacct::key(&entry) == pmacct::key(expected)
    };
    let mut queues = waiting.values_mut();
    let queue = queues.find(|queue| queue.front().as_ref().is_some_and(is_same))?;
    queue.pop_front().map(|(_, entry)| entry)
}

/// What pmacct should have written of a capture, by key.
fn waiting(capture: &Path) -> Waiting {
    let mut waiting = Waiting::new();
    let lines = library::lines(&std::fs::read(capture).unwrap());
    for (index, line) in lines.iter().enumerate() {
        for entry in entries::entries(line) {
            let queue = waiting.entry(pmacct::key(&entry)).or_default();
            queue.push_back((index + 1, entry));
        }
    }
    waiting
}
