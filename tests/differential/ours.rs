//! A line of `messages` without what no other decoder tells: where it stands, how it was decoded,
//! and the names beside the numbers.

use crate::support::program::with_shortest_times;
use serde_json::Value;

/// Keys of the line that say where it was found and how it was read.
const PLACE: &[&str] = &[
    "session",
    "router",
    "router_name",
    "length",
    "context",
    "numbering",
    "reason",
];

/// The line in the shape that is compared.
pub(crate) fn message(line: &Value) -> Value {
    let mut line = line.clone();
    let object = line.as_object_mut().unwrap();
    object.retain(|key, _| !PLACE.contains(&key.as_str()));
    if let Some(peer) = line.get_mut("peer") {
        // The name that the peer's Peer Up gave, which is compared there.
        peer.as_object_mut().unwrap().remove("table_name");
    }
    for key in ["sent_open", "received_open"] {
        if let Some(open) = line.get_mut(key) {
            drop_names(&mut open["capabilities"]);
        }
    }
    for key in ["local_port", "remote_port"] {
        // NetGauze writes a port of 0, which is none, as null.
        line.get_mut(key)
            .and_then(|port| (*port == 0).then(|| port.take()));
    }
    for key in ["information", "statistics", "tlvs"] {
        line.get_mut(key).map(drop_names);
    }
    if let Some(update) = line.get_mut("update") {
        update.get_mut("prefix_sid").map(drop_names);
        update.get_mut("announced").map(drop_raw);
        update.get_mut("withdrawn").map(drop_raw);
    }
    if let Some(notification) = line.get_mut("notification").and_then(Value::as_object_mut) {
        notification.retain(|key, _| ["code", "subcode", "data"].contains(&key.as_str()));
    }
    with_shortest_times(&mut line);
    line
}

/// Removes the name of every item that has a number, and of the items inside of it.
fn drop_names(list: &mut Value) {
    for item in list.as_array_mut().into_iter().flatten() {
        item.as_object_mut().unwrap().remove("name");
        item.as_object_mut().unwrap().remove("group");
        for key in ["capabilities", "tlvs"] {
            item.get_mut(key).map(drop_names);
        }
    }
}

/// Removes the octets of a route that is also decoded.
fn drop_raw(list: &mut Value) {
    for route in list.as_array_mut().into_iter().flatten() {
        let route = route.as_object_mut().unwrap();
        if route.contains_key("evpn") {
            route.remove("raw");
        }
    }
}
