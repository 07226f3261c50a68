//! NetGauze's OPEN messages, as `messages` shows them.

use super::words::{each, family, hex, octets, variant};
use serde_json::{Value, json};

/// An OPEN, its capabilities in one list whatever Optional Parameters they stand in (RFC 5492
/// section 4 allows both). The AS is that of the four-octet AS capability (RFC 6793 section 4.1).
pub(crate) fn open(message: &Value) -> Value {
    let open = &message["Open"];
    let parameters = open["params"].as_array().unwrap().iter();
    let lists = parameters.flat_map(|parameter| match variant(parameter) {
        ("Capabilities", list) => list.as_array().unwrap(),
        _ => panic!("no Capabilities: {parameter}"),
    });
    let capabilities: Vec<Value> = lists.map(capability).collect();
    let long = capabilities.iter().find(|one| one["code"] == 65);
    let asn = long
        .map_or(&open["my_as"], |one| &one["value"]["asn"])
        .clone();
    json!({
        "version": open["version"],
        "my_as": open["my_as"],
        "asn": asn,
        "hold_time": open["hold_time"],
        "bgp_id": open["bgp_id"],
        "capabilities": capabilities,
    })
}

/// Capability code and value, by the IANA registry.
pub(crate) fn capability(capability: &Value) -> Value {
    let (name, value) = variant(capability);
    let families = |map: fn(&Value) -> Value| json!({ "families": map_families(value, map) });
    let (code, value) = match name {
        "MultiProtocolExtensions" => (json!(1), with_family(value, json!({}))),
        "RouteRefresh" => (json!(2), Value::Null),
        "ExtendedNextHopEncoding" => (json!(5), families(next_hop)),
        "ExtendedMessage" => (json!(6), Value::Null),
        "GracefulRestartCapability" => (json!(64), graceful_restart(value)),
        "FourOctetAs" => (json!(65), json!({ "asn": value["asn4"] })),
        "AddPath" => (json!(69), families(add_path)),
        "EnhancedRouteRefresh" => (json!(70), Value::Null),
        "LongLivedGracefulRestart" => (json!(71), families(long_lived)),
        "Fqdn" => (json!(73), fqdn(value)),
        "CiscoRouteRefresh" => (json!(128), Value::Null),
        "Unrecognized" => (value["code"].clone(), unrecognized(value)),
        _ => panic!("which capability is {name}?"),
    };
    json!({ "code": code, "value": value })
}

fn map_families(value: &Value, map: fn(&Value) -> Value) -> Value {
    let list = value.get("address_families");
    each(list.unwrap_or(&value["encodings"]), map)
}

/// The fields and AFI and SAFI of `address_type`.
fn with_family(value: &Value, mut fields: Value) -> Value {
    let (afi, safi) = family(value["address_type"].as_str().unwrap());
    fields["afi"] = afi;
    fields["safi"] = safi;
    fields
}

fn next_hop(value: &Value) -> Value {
    let afi = value["next_hop_afi"].as_str().unwrap().to_lowercase();
    with_family(value, json!({ "next_hop_afi": afi }))
}

fn add_path(value: &Value) -> Value {
    let send_receive = match (&value["send"], &value["receive"]) {
        (Value::Bool(true), Value::Bool(true)) => "both",
        (Value::Bool(true), _) => "send",
        (_, Value::Bool(true)) => "receive",
        _ => panic!("neither sent nor received: {value}"),
    };
    with_family(value, json!({ "send_receive": send_receive }))
}

fn long_lived(value: &Value) -> Value {
    let kept = &value["forwarding_state"];
    let stale = &value["stale_time"];
    with_family(
        value,
        json!({ "forwarding_preserved": kept, "stale_time": stale }),
    )
}

fn graceful_restart(value: &Value) -> Value {
    let family = |one: &Value| {
        with_family(
            one,
            json!({ "forwarding_preserved": one["forwarding_state"] }),
        )
    };
    json!({
        "restarting": value["restart"],
        "notification": value["graceful_notification"],
        "restart_time": value["time"],
        "families": each(&value["address_families"], family),
    })
}

fn fqdn(value: &Value) -> Value {
    json!({ "host": value["hostname"], "domain": value["domain_name"] })
}

/// What NetGauze leaves as octets. Paths-Limit (76) is a list of AFI, SAFI and a limit of two
/// octets, draft-abraitis-idr-addpath-paths-limit section 3.
fn unrecognized(value: &Value) -> Value {
    let octets = octets(&value["value"]);
    if value["code"] != 76 {
        return json!(hex(&octets));
    }
    let limits = octets.chunks(5).map(|limit| match limit {
        [0, 1, 1, high, low] => {
            let limit = u16::from_be_bytes([*high, *low]);
            json!({ "afi": "ipv4", "safi": "unicast", "limit": limit })
        }
        _ => panic!("which family is {limit:?}?"),
    });
    json!({ "families": limits.collect::<Vec<_>>() })
}
