//! The lines that pmacct would write of a line of `messages`: one for each route, counter and event.

use super::pmacct::{rib_of, sorted, word};
use serde_json::{Value, json};

/// Keys of `messages` that an entry takes as they are.
const PEER_UP: &[&str] = &["local_address", "local_port", "remote_port"];

/// The lines that pmacct should have written of a line of `messages`.
pub(crate) fn entries(line: &Value) -> Vec<Value> {
    let mut entries = match line["type"].as_str().unwrap() {
        "initiation" => return vec![our_initiation(line)],
        "peer-up" => vec![our_peer_up(line)],
        "peer-down" => vec![json!({ "event": "peer_down", "reason_code": line["reason_code"] })],
        "statistics-report" => our_counters(line),
        "route-monitoring" => our_routes(line),
        other => panic!("{other} is none of pmacct's"),
    };
    for entry in &mut entries {
        put_peer(entry, line);
    }
    entries
}

/// The per-peer header. pmacct writes the zero-filled address of a Loc-RIB (RFC 9069 section 5.1)
/// as an IPv4 address, and shows the F flag of a Loc-RIB alone.
fn put_peer(entry: &mut Value, line: &Value) {
    let peer = &line["peer"];
    let is_loc_rib = peer["type"] == "loc-rib";
    entry["timestamp"] = json!(seconds(peer["timestamp"].as_str().unwrap()));
    entry["peer.address"] = match &peer["address"] {
        Value::Null => json!("0.0.0.0"),
        address => address.clone(),
    };
    entry["peer.asn"] = peer["asn"].clone();
    entry["peer.bgp_id"] = peer["bgp_id"].clone();
    let flags = peer["flags"].as_u64().unwrap();
    entry["peer.filtered"] = json!(u64::from(is_loc_rib && flags & 0x80 != 0));
    entry["rib"] = match line.get("rib") {
        Some(rib) => rib.clone(),
        // RFC 8671 section 4: O is 0x10. RFC 7854 section 4.2: L is 0x40.
        None => json!(rib_of(is_loc_rib, flags & 0x10 != 0, flags & 0x40 != 0)),
    };
    if entry.get("rd").is_some_and(Value::is_null) {
        entry["rd"] = peer["distinguisher"].clone();
    }
}

/// The value of the Information TLV of this type.
fn information(line: &Value, code: u64) -> Value {
    let mut tlvs = line["information"].as_array().unwrap().iter();
    let tlv = tlvs.find(|tlv| tlv["code"] == code);
    tlv.map_or(Value::Null, |tlv| tlv["value"].clone())
}

fn our_initiation(line: &Value) -> Value {
    json!({
        "event": "init",
        "sys_descr": information(line, 1),
        "sys_name": information(line, 2),
        "string": information(line, 0),
    })
}

fn our_peer_up(line: &Value) -> Value {
    let mut entry = json!({
        "event": "peer_up",
        "rd": null,
        "asn": line["sent_open"]["asn"],
        "string": information(line, 0),
        "table_name": information(line, 3),
    });
    for key in PEER_UP {
        entry[*key] = line[*key].clone();
    }
    if entry["local_address"].is_null() {
        entry["local_address"] = json!("0.0.0.0");
    }
    entry
}

fn our_counters(line: &Value) -> Vec<Value> {
    let counters = line["statistics"].as_array().unwrap().iter();
    let entry = |counter: &Value| {
        let mut entry = counter.clone();
        entry.as_object_mut().unwrap().remove("name");
        entry["event"] = json!("stats");
        entry
    };
    counters.map(entry).collect()
}

fn our_routes(line: &Value) -> Vec<Value> {
    let update = &line["update"];
    let routes = |key: &str| update[key].as_array().unwrap().iter();
    let announced = routes("announced").map(|route| our_route(update, route, true));
    let withdrawn = routes("withdrawn").map(|route| our_route(update, route, false));
    let mut entries: Vec<Value> = announced.chain(withdrawn).collect();
    if let Some(end) = update["end_of_rib"].as_object() {
        let (afi, safi) = (&end["afi"], &end["safi"]);
        let end = json!({ "event": "end-of-rib", "afi": afi, "safi": safi, "rd": null });
        entries.push(end);
    }
    entries
}

fn our_route(update: &Value, route: &Value, is_announced: bool) -> Value {
    let mut entry = json!({ "event": if is_announced { "update" } else { "withdraw" } });
    for key in ["afi", "safi", "prefix", "rd", "path_id"] {
        entry[key] = route[key].clone();
    }
    if !is_announced {
        return entry;
    }
    for key in ["origin", "next_hop", "local_pref", "med", "aigp", "otc"] {
        entry[key] = update[key].clone();
    }
    entry["as_path"] = json!(as_path(&update["as_path"]));
    for key in ["communities", "large_communities", "extended_communities"] {
        entry[key] = sorted(update[key].as_array().unwrap().iter().map(word).collect());
    }
    let label = route["labels"].as_array().and_then(|labels| labels.first());
    entry["label"] = label.map(|label| label.to_string()).into();
    let sid = update["prefix_sid"]
        .as_array()
        .and_then(|tlvs| tlvs.first());
    entry["label_index"] = sid.map_or(Value::Null, |tlv| tlv["label_index"].clone());
    entry
}

/// All sequences in one row; there is no other segment in these captures.
fn as_path(segments: &Value) -> String {
    let segments = segments.as_array().into_iter().flatten();
    let asns = segments.flat_map(|segment| {
        assert_eq!(segment["type"], "sequence", "{segment}");
        segment["asns"].as_array().unwrap()
    });
    asns.map(Value::to_string).collect::<Vec<_>>().join(" ")
}

/// `2023-05-26T13:33:18.178859Z` in seconds and microseconds since 1970, as pmacct writes a time.
fn seconds(time: &str) -> String {
    let (date, clock) = time.trim_end_matches('Z').split_once('T').unwrap();
    let (clock, fraction) = clock.split_once('.').unwrap();
    let numbers = |text: &str, at: char| -> Vec<i64> {
        text.split(at).map(|part| part.parse().unwrap()).collect()
    };
    let (date, clock) = (numbers(date, '-'), numbers(clock, ':'));
    let of_day = clock[0] * 3600 + clock[1] * 60 + clock[2];
    let days = days_since_1970(date[0], date[1], date[2]);
    format!("{}.{fraction:0<6}", days * 86_400 + of_day)
}

/// Days of the Gregorian calendar; a year begins in March, so that the day of a leap year is last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days = year / 4 - year / 100 + year / 400;
    year * 365 + leap_days + day_of_year - 719_468
}
