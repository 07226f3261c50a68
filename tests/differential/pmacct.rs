//! A line of pmacct's JSON, which tells one route, one counter or one event, and the same lines
//! made of a line of `messages`.

use super::words::family_of;
use serde_json::{Map, Value, json};

/// Words of `origin`, RFC 4271 section 5.1.1.
const ORIGINS: &[(&str, &str)] = &[("i", "igp"), ("e", "egp"), ("u", "incomplete")];

/// Keys of `messages` that an entry takes as they are.
const PEER_UP: &[&str] = &["local_address", "local_port", "remote_port"];

/// What pmacct says in one line, in the words of `messages`. None is a line that tells nothing of
/// the router's messages: pmacct's own start, and the routes that it removes with their peer.
pub(crate) fn entry(line: &Value) -> Option<Value> {
    let kind = line["bmp_msg_type"].as_str()?;
    let mut entry = match kind {
        "init" => return Some(initiation(line)),
        "peer_up" => peer_up(line),
        "peer_down" => json!({ "reason_code": line["reason_type"] }),
        "stats" => counter(line),
        "route_monitor" => route(line),
        "internal" => return None,
        _ => panic!("which line is {kind}?"),
    };
    let name = line.get("log_type").unwrap_or(&line["bmp_msg_type"]);
    entry["event"] = name.clone();
    entry["timestamp"] = line["timestamp"].clone();
    put(&mut entry, "peer.address", line, "peer_ip");
    put(&mut entry, "peer.asn", line, "peer_asn");
    put(&mut entry, "peer.bgp_id", line, "bgp_id");
    put(&mut entry, "peer.filtered", line, "is_filtered");
    entry["rib"] = json!(rib(line));
    Some(entry)
}

/// A key that this edition of pmacct may not know, or leave open.
fn put(entry: &mut Value, key: &str, line: &Value, theirs: &str) {
    if let Some(value) = line.get(theirs).filter(|value| !value.is_null()) {
        entry[key] = value.clone();
    }
}

fn initiation(line: &Value) -> Value {
    json!({
        "event": "init",
        "sys_descr": line["bmp_init_info_sysdescr"],
        "sys_name": line["bmp_init_info_sysname"],
        "string": line["bmp_init_info_string"],
    })
}

fn peer_up(line: &Value) -> Value {
    let mut entry = json!({
        "local_address": line["local_ip"],
        "local_port": line["local_port"],
        "remote_port": line["remote_port"],
        "rd": distinguisher(&line["rd"]),
        "string": line["bmp_peer_up_info_string"],
    });
    put(
        &mut entry,
        "table_name",
        line,
        "bmp_peer_up_info_vrf_table_name",
    );
    put(&mut entry, "asn", line, "local_as");
    entry
}

fn counter(line: &Value) -> Value {
    let mut entry = json!({ "code": line["counter_type"], "value": line["counter_value"] });
    if !line["afi"].is_null() {
        (entry["afi"], entry["safi"]) = family_of(&line["afi"], &line["safi"]);
    }
    entry
}

/// A route; of a withdrawn one no more than what it is: the rest of pmacct's line is what pmacct
/// remembers of the route, and RFC 4271 section 4.3 has no attributes for withdrawn routes.
fn route(line: &Value) -> Value {
    let (afi, safi) = family_of(&line["afi"], &line["safi"]);
    let mut entry = json!({
        "afi": afi,
        "safi": safi,
        "prefix": line["ip_prefix"],
        "rd": distinguisher(&line["rd"]),
        "path_id": line["as_path_id"],
    });
    if line["log_type"] != "update" {
        return entry;
    }
    let origin = ORIGINS.iter().find(|(word, _)| line["origin"] == *word);
    entry["origin"] = json!(origin.unwrap().1);
    entry["next_hop"] = line["bgp_nexthop"].clone();
    entry["as_path"] = json!(words(&line["as_path"]).join(" "));
    entry["communities"] = sorted(words(&line["comms"]));
    entry["large_communities"] = sorted(words(&line["lcomms"]));
    let extended = words(&line["ecomms"]).into_iter();
    let extended = extended.map(|word| word.replace("RT:", "rt:").replace("SoO:", "ro:"));
    entry["extended_communities"] = sorted(extended.collect());
    entry["local_pref"] = line["local_pref"].clone();
    entry["med"] = line["med"].clone();
    entry["aigp"] = line["aigp"].clone();
    entry["otc"] = line["otc"].clone();
    entry["label_index"] = line["psid_li"].clone();
    entry["label"] = line["mpls_label"].clone();
    entry
}

/// A list, or its words in one string, as the output is configured.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        Value::Array(items) => items.iter().map(word).collect(),
        _ => Vec::new(),
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// In one order, because pmacct sorts the communities of a route, and each once.
fn sorted(mut words: Vec<String>) -> Value {
    words.sort();
    words.dedup();
    json!(words)
}

/// `0:64499:11` without the type that leads, as `messages` has it.
fn distinguisher(rd: &Value) -> Value {
    match rd.as_str().and_then(|rd| rd.split_once(':')) {
        Some((_, rd)) => json!(rd),
        None => Value::Null,
    }
}

fn rib(line: &Value) -> &'static str {
    let is = |key: &str| line[key] == 1;
    match (is("is_loc"), is("is_out"), is("is_post")) {
        (true, ..) => "loc-rib",
        (_, false, false) => "adj-rib-in-pre",
        (_, false, true) => "adj-rib-in-post",
        (_, true, false) => "adj-rib-out-pre",
        (_, true, true) => "adj-rib-out-post",
    }
}

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

/// The per-peer header. pmacct writes the zero-filled address of a Loc-RIB (RFC 9069 section 4.2)
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
        None => json!(rib_of(is_loc_rib, flags)),
    };
    if entry.get("rd").is_some_and(Value::is_null) {
        entry["rd"] = peer["distinguisher"].clone();
    }
}

/// RFC 7854 section 4.2: L is 0x40; RFC 8671 section 4: O is 0x10.
fn rib_of(is_loc_rib: bool, flags: u64) -> &'static str {
    match (is_loc_rib, flags & 0x10 != 0, flags & 0x40 != 0) {
        (true, ..) => "loc-rib",
        (_, false, false) => "adj-rib-in-pre",
        (_, false, true) => "adj-rib-in-post",
        (_, true, false) => "adj-rib-out-pre",
        (_, true, true) => "adj-rib-out-post",
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

/// What one entry is about: entries with the same key are taken in their order.
pub(crate) fn key(entry: &Value) -> Vec<Value> {
    let keys = [
        "event",
        "timestamp",
        "peer.address",
        "afi",
        "safi",
        "rd",
        "prefix",
        "path_id",
        "code",
    ];
    keys.iter().map(|key| entry[*key].clone()).collect()
}

/// The fields of `got` that `expected` knows, and those that it should.
pub(crate) fn known(expected: &Value, got: &Value) -> Value {
    let optional = [
        "peer.asn",
        "peer.bgp_id",
        "peer.filtered",
        "table_name",
        "asn",
    ];
    let is_known = |key: &str| expected.get(key).is_some() || !optional.contains(&key);
    let fields = got.as_object().unwrap().iter();
    let fields = fields.filter(|(key, _)| is_known(key));
    let fields: Map<String, Value> = fields
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Value::Object(fields)
}
