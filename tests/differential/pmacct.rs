//! A line of pmacct's JSON, which tells one route, one counter or one event, in the words of
//! `messages`.

use super::words::family_of;
use serde_json::{Map, Value, json};

/// Words of `origin`, RFC 4271 section 5.1.1.
const ORIGINS: &[(&str, &str)] = &[("i", "igp"), ("e", "egp"), ("u", "incomplete")];

/// The event of a route that pmacct removes with its peer or at the end of the session, no message
/// of the router's; it is told with all that pmacct knows of it.
pub(crate) const DELETE: &str = "delete";

/// What pmacct says in one line, in the words of `messages`. None is a line about pmacct's own start.
pub(crate) fn entry(line: &Value) -> Option<Value> {
    let kind = line["bmp_msg_type"].as_str()?;
    let mut entry = match kind {
        "init" => return Some(initiation(line)),
        "peer_up" => peer_up(line),
        "peer_down" => json!({ "reason_code": line["reason_type"] }),
        "stats" => counter(line),
        "route_monitor" | "internal" => route(line),
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
    if !matches!(line["log_type"].as_str(), Some("update" | DELETE)) {
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

/// A string.
pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// In one order, because pmacct sorts the communities of a route, and each once.
pub(crate) fn sorted(mut words: Vec<String>) -> Value {
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
    rib_of(is("is_loc"), is("is_out"), is("is_post"))
}

/// The RIB in the words of `messages`.
pub(crate) fn rib_of(is_loc_rib: bool, is_out: bool, is_post_policy: bool) -> &'static str {
    match (is_loc_rib, is_out, is_post_policy) {
        (true, ..) => "loc-rib",
        (_, false, false) => "adj-rib-in-pre",
        (_, false, true) => "adj-rib-in-post",
        (_, true, false) => "adj-rib-out-pre",
        (_, true, true) => "adj-rib-out-post",
    }
}

/// What one entry is about: entries with the same key are taken in their order.
pub(crate) fn key(entry: &Value) -> String {
    of_keys(entry, &["event", "timestamp", "code"])
}

/// Which route an entry is about, whatever happens to it.
pub(crate) fn route_key(entry: &Value) -> String {
    of_keys(entry, &["peer.bgp_id", "rib"])
}

fn of_keys(entry: &Value, more: &[&str]) -> String {
    let keys = ["peer.address", "afi", "safi", "rd", "prefix", "path_id"];
    let values = keys.iter().chain(more).map(|key| entry[*key].clone());
    Value::Array(values.collect()).to_string()
}

/// The fields of `got` that `expected` knows, and those that it should. A route that pmacct removes
/// is the one that was announced, under another name and at another time.
pub(crate) fn known(expected: &Value, got: &Value) -> Value {
    let mut got = got.clone();
    if expected["event"] == DELETE {
        got["event"] = expected["event"].clone();
        got["timestamp"] = expected["timestamp"].clone();
    }
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
