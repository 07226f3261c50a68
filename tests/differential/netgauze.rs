//! A message of NetGauze's JSON, as `messages` shows it.

use super::attributes;
use super::open::{capability, open};
use super::words::{STATISTICS, distinguisher, each, family, hex, octets, variant};
use serde_json::{Value, json};

/// NetGauze's message type, that of `messages`, and what turns the one into the other.
type Kind = (&'static str, &'static str, fn(&Value) -> Value);

const KINDS: &[Kind] = &[
    ("Initiation", "initiation", information_only),
    ("Termination", "termination", information_only),
    ("PeerUpNotification", "peer-up", peer_up),
    ("PeerDownNotification", "peer-down", peer_down),
    ("StatisticsReport", "statistics-report", statistics),
    ("RouteMonitoring", "route-monitoring", route_monitoring),
];

/// The message in the shape of a line of `messages`; one that NetGauze did not decode is only
/// `not_decoded`.
pub(crate) fn message(line: &Value) -> Value {
    let (version, held) = variant(line);
    let version = match version {
        "V3" => 3,
        "V4" => 4,
        _ => return json!({ "not_decoded": line.to_string() }),
    };
    let (name, body) = variant(held);
    let Some((_, kind, map)) = KINDS.iter().find(|(known, ..)| *known == name) else {
        panic!("which message is {name}?");
    };
    let mut message = map(body);
    message["version"] = json!(version);
    message["type"] = json!(kind);
    if body.get("peer_header").is_some() {
        message["peer"] = peer(&body["peer_header"]);
    }
    message
}

/// An OPEN or an UPDATE outside of BMP; none where it is another message of BGP.
pub(crate) fn bgp_message(line: &Value) -> Option<Value> {
    match variant(line) {
        ("Open", _) => Some(json!({ "received_open": open(line) })),
        ("Update", update) => Some(json!({ "update": attributes::update(update) })),
        ("KeepAlive", _) => None,
        (other, _) => panic!("which message is {other}?"),
    }
}

/// RFC 7854 section 4.2; the flags by peer type of RFC 7854, RFC 8671 section 4 and RFC 9069
/// section 4.2.
fn peer(header: &Value) -> Value {
    let (kind, flags) = variant(&header["peer_type"]);
    let kind = match kind {
        "GlobalInstancePeer" => "global",
        "RdInstancePeer" => "rd",
        "LocalInstancePeer" => "local",
        "LocRibInstancePeer" => "loc-rib",
        _ => panic!("which peer type is {kind}?"),
    };
    let bits = [
        ("ipv6", 0x80),
        ("filtered", 0x80),
        ("post_policy", 0x40),
        ("asn2", 0x20),
        ("adj_rib_out", 0x10),
    ];
    let set = bits.iter().filter(|(name, _)| flags[*name] == true);
    json!({
        "type": kind,
        "flags": set.map(|(_, bit)| bit).sum::<u64>(),
        "distinguisher": distinguisher(&header["rd"]),
        "address": header["address"],
        "asn": header["peer_as"],
        "bgp_id": header["bgp_id"],
        "timestamp": header["timestamp"],
    })
}

/// The RIB that the flags tell.
fn rib(header: &Value) -> &'static str {
    let (kind, flags) = variant(&header["peer_type"]);
    if kind == "LocRibInstancePeer" {
        return "loc-rib";
    }
    match (flags["adj_rib_out"] == true, flags["post_policy"] == true) {
        (false, false) => "adj-rib-in-pre",
        (false, true) => "adj-rib-in-post",
        (true, false) => "adj-rib-out-pre",
        (true, true) => "adj-rib-out-post",
    }
}

/// Type and value of an Information TLV, RFC 7854 section 4.4 and RFC 9069 section 5.2.1.
fn information(tlv: &Value) -> Value {
    let (name, value) = variant(tlv);
    let code = match name {
        "String" => 0,
        "SystemDescription" => 1,
        "SystemName" => 2,
        "VrfTableName" => 3,
        "AdminLabel" => 4,
        _ => panic!("which TLV is {name}?"),
    };
    json!({ "code": code, "value": value })
}

fn information_only(body: &Value) -> Value {
    json!({ "information": each(&body["information"], information) })
}

fn peer_up(body: &Value) -> Value {
    json!({
        "local_address": body["local_address"],
        "local_port": body["local_port"],
        "remote_port": body["remote_port"],
        "sent_open": open(&body["sent_message"]),
        "received_open": open(&body["received_message"]),
        "information": each(&body["information"], information),
    })
}

/// Reasons of RFC 7854 section 4.9.
fn peer_down(body: &Value) -> Value {
    let (name, held) = variant(&body["reason"]);
    let reason = match name {
        "LocalSystemClosedNotificationPduFollows" => 1,
        "LocalSystemClosedFsmEventFollows" => 2,
        "RemoteSystemClosedNotificationPduFollows" => 3,
        "RemoteSystemClosedNoData" => 4,
        _ => panic!("which reason is {name}?"),
    };
    let notification = held.get("Notification").map(notification);
    json!({ "reason_code": reason, "notification": notification })
}

/// Code, subcode and data, RFC 4486.
fn notification(notification: &Value) -> Value {
    let (code, held) = variant(notification);
    let (subcode, held) = variant(held);
    let (code, subcode) = match (code, subcode) {
        ("CeaseError", "AdministrativeShutdown") => (6, 2),
        ("CeaseError", "PeerDeConfigured") => (6, 3),
        ("CeaseError", "AdministrativeReset") => (6, 4),
        _ => panic!("which NOTIFICATION is {notification}?"),
    };
    json!({ "code": code, "subcode": subcode, "data": hex(&octets(&held["value"])) })
}

fn statistics(body: &Value) -> Value {
    json!({ "statistics": each(&body["counters"], statistic) })
}

fn statistic(counter: &Value) -> Value {
    let (name, value) = variant(counter);
    let Some((_, code)) = STATISTICS.iter().find(|(known, _)| *known == name) else {
        panic!("which statistic is {name}?");
    };
    let Some([family_name, value]) = value.as_array().map(Vec::as_slice) else {
        return json!({ "code": code, "value": value });
    };
    let (afi, safi) = family(family_name.as_str().unwrap());
    json!({ "code": code, "value": value, "afi": afi, "safi": safi })
}

fn route_monitoring(body: &Value) -> Value {
    let rib = rib(&body["peer_header"]);
    if let Some(message) = body.get("update_message") {
        return json!({ "rib": rib, "update": attributes::update(&message["Update"]) });
    }
    let message = &body["update_pdu"];
    let update = attributes::update(&message["value"]["BgpUpdate"]["Update"]);
    json!({ "rib": rib, "update": update, "tlvs": tlvs(body) })
}

/// The TLVs of version 4 by revision 19: Stateless Parsing 1, VRF/Table Name 3, BGP Message 4; in
/// the order of their types, because NetGauze sets the BGP Message apart.
fn tlvs(body: &Value) -> Value {
    let message = json!({ "code": 4, "index": body["update_pdu"]["index"] });
    let mut tlvs = vec![message];
    for tlv in body["tlvs"].as_array().unwrap() {
        let (name, value) = variant(&tlv["value"]);
        let mut shown = match name {
            "VrfTableName" => json!({ "code": 3, "value": value }),
            "StatelessParsing" => json!({ "code": 1, "capabilities": [capability(value)] }),
            _ => panic!("which TLV is {name}?"),
        };
        shown["index"] = tlv["index"].clone();
        tlvs.push(shown);
    }
    tlvs.sort_by_key(|tlv| tlv["code"].as_u64());
    Value::Array(tlvs)
}
