//! NetGauze's UPDATE messages, as `messages` shows them.

use super::words::{distinguisher, each, family, hex, octets, three, variant};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Well-known communities of RFC 1997 and the IANA registry.
const WELL_KNOWN: &[(u64, &str)] = &[
    (0xffff_ff01, "no-export"),
    (0xffff_ff02, "no-advertise"),
    (0xffff_ff03, "no-export-subconfed"),
];

/// The whole message. The flags of the attributes are not compared: `messages` shows none of the
/// attributes it knows.
pub(crate) fn update(update: &Value) -> Value {
    let mut shown = json!({});
    let plain = |nlri: &Value| route(("ipv4", "unicast"), nlri);
    shown["announced"] = each(&update["nlri"], plain);
    shown["withdrawn"] = each(&update["withdrawn_routes"], plain);
    for attribute in update["path_attributes"].as_array().unwrap() {
        put(&mut shown, &attribute["value"]);
    }
    shown["end_of_rib"] = end_of_rib(update);
    shown
}

/// RFC 4724 section 2: an UPDATE with nothing, or one with an empty MP_UNREACH_NLRI alone.
fn end_of_rib(update: &Value) -> Value {
    let is_empty = |key: &str| update[key].as_array().unwrap().is_empty();
    let nothing = is_empty("nlri") && is_empty("withdrawn_routes");
    let attributes = update["path_attributes"].as_array().unwrap();
    match attributes.as_slice() {
        [] if nothing => json!({ "afi": "ipv4", "safi": "unicast" }),
        [only] if nothing => match variant(&only["value"]) {
            ("MpUnreach", routes) => {
                let (name, routes) = variant(routes);
                let (afi, safi) = family(name);
                let is_end = routes["nlri"].as_array().unwrap().is_empty();
                is_end.then(|| json!({ "afi": afi, "safi": safi })).into()
            }
            _ => Value::Null,
        },
        _ => Value::Null,
    }
}

/// Adds what one attribute says.
fn put(shown: &mut Value, attribute: &Value) {
    let (name, value) = variant(attribute);
    match name {
        "Origin" => shown["origin"] = json!(value.as_str().unwrap().to_lowercase()),
        "AsPath" => shown["as_path"] = each(&value["As4PathSegments"], segment),
        "NextHop" => shown["next_hop"] = value["next_hop"].clone(),
        "MultiExitDiscriminator" => shown["med"] = value["metric"].clone(),
        "LocalPreference" => shown["local_pref"] = value["metric"].clone(),
        "AtomicAggregate" => shown["atomic_aggregate"] = json!(true),
        "Aggregator" => shown["aggregator"] = aggregator(value),
        "Communities" => shown["communities"] = each(&value["communities"], community),
        "ExtendedCommunities" => {
            shown["extended_communities"] = each(&value["communities"], extended);
        }
        "Originator" => shown["originator_id"] = value.clone(),
        "ClusterList" => shown["cluster_list"] = value.clone(),
        "Aigp" => shown["aigp"] = value["AccumulatedIgpMetric"].clone(),
        "PrefixSegmentIdentifier" => shown["prefix_sid"] = each(&value["tlvs"], prefix_sid),
        "MpReach" => reach(shown, value),
        "MpUnreach" => append(shown, "withdrawn", variant(value)),
        _ => panic!("which attribute is {name}?"),
    }
}

fn segment(segment: &Value) -> Value {
    let kind = match segment["segment_type"].as_str().unwrap() {
        "AsSequence" => "sequence",
        "AsSet" => "set",
        other => panic!("which segment is {other}?"),
    };
    json!({ "type": kind, "asns": segment["as_numbers"] })
}

fn aggregator(value: &Value) -> Value {
    let aggregator = &value["As4Aggregator"];
    json!({ "asn": aggregator["asn"], "address": aggregator["origin"] })
}

fn community(community: &Value) -> Value {
    let value = community.as_u64().unwrap();
    match WELL_KNOWN.iter().find(|(known, _)| *known == value) {
        Some((_, name)) => json!(name),
        None => json!(format!("{}:{}", value >> 16, value & 0xffff)),
    }
}

/// `rt:64497:41` and `ro:64497:41`; what `messages` has no word for is its eight octets.
fn extended(community: &Value) -> Value {
    let (kind, held) = variant(community);
    let (name, value) = variant(held);
    let administrators = || format!("{}:{}", value["global_admin"], value["local_admin"]);
    match (kind, name) {
        ("TransitiveTwoOctet", "RouteTarget") => json!(format!("rt:{}", administrators())),
        ("TransitiveTwoOctet", "RouteOrigin") => json!(format!("ro:{}", administrators())),
        // RFC 8214 section 3.1: 0x06 0x04, Control Flags, L2 MTU, two octets reserved.
        ("Evpn", "EvpnL2Attribute") => {
            let flags = value["control_flags"].as_u64().unwrap();
            let mtu = value["l2_mtu"].as_u64().unwrap();
            json!(format!("0x0604{flags:04x}{mtu:04x}0000"))
        }
        // The capture's octets are 03 09 80 00 01 01 01 01: the first flag is that of a drop.
        ("TransitiveOpaque", "Upa") => {
            let flags = if value["drop"] == true { 0x8000 } else { 0 };
            let id: Ipv4Addr = value["bgp_router_id"].as_str().unwrap().parse().unwrap();
            json!(format!("0x0309{flags:04x}{}", hex(&id.octets())))
        }
        _ => panic!("which extended community is {community}?"),
    }
}

/// A TLV of the Prefix-SID attribute with all below it; its octets are put together from the parts:
/// RFC 8669 section 3.1 and RFC 9252 sections 2, 3.1 and 3.2.1.
fn prefix_sid(tlv: &Value) -> Value {
    let (name, value) = variant(tlv);
    let kind = match name {
        "LabelIndex" => return label_index(value),
        "SRv6ServiceL3" => 5,
        "SRv6ServiceL2" => 6,
        _ => panic!("which Prefix-SID TLV is {name}?"),
    };
    let inner = each(&value["subtlvs"], sid_information);
    let raw = format!("{:02x}{}", number(&value["reserved"]), joined(&inner));
    json!({ "type": kind, "tlvs": inner, "raw": raw })
}

/// One reserved octet, flags, index.
fn label_index(value: &Value) -> Value {
    let flags = value["flags"].as_u64().unwrap();
    let index = value["label_index"].as_u64().unwrap();
    let raw = format!("00{flags:04x}{index:08x}");
    json!({ "type": 1, "flags": flags, "label_index": index, "raw": raw })
}

fn sid_information(tlv: &Value) -> Value {
    let value = &tlv["SRv6SIDInformation"];
    let sid: Ipv6Addr = value["sid"].as_str().unwrap().parse().unwrap();
    let behaviour = value["endpoint_behaviour"].as_u64().unwrap();
    let flags = number(&value["service_sid_flags"]);
    let inner = each(&value["subsubtlvs"], sid_structure);
    let (before, after) = (number(&value["reserved1"]), number(&value["reserved2"]));
    let raw = format!(
        "{before:02x}{}{flags:02x}{behaviour:04x}{after:02x}{}",
        hex(&sid.octets()),
        joined(&inner)
    );
    json!({
        "type": 1,
        "sid": value["sid"],
        "sid_flags": flags,
        "endpoint_behavior": behaviour,
        "tlvs": inner,
        "raw": raw,
    })
}

/// NetGauze's words for the parts of an SRv6 SID Structure, in their order, and those of `messages`.
const SID_STRUCTURE: &[(&str, &str)] = &[
    ("locator_block_len", "locator_block_length"),
    ("locator_node_len", "locator_node_length"),
    ("function_len", "function_length"),
    ("arg_len", "argument_length"),
    ("transposition_len", "transposition_length"),
    ("transposition_offset", "transposition_offset"),
];

fn sid_structure(tlv: &Value) -> Value {
    let value = &tlv["SRv6SIDStructure"];
    let mut shown = json!({ "type": 1 });
    for (theirs, ours) in SID_STRUCTURE {
        shown[*ours] = value[*theirs].clone();
    }
    let octets = SID_STRUCTURE.iter().map(|(key, _)| number(&value[*key]));
    shown["raw"] = json!(hex(&octets.collect::<Vec<u8>>()));
    shown
}

/// The octets of TLVs with a type of one octet and a length of two.
fn joined(tlvs: &Value) -> String {
    let tlv = |tlv: &Value| {
        let raw = tlv["raw"].as_str().unwrap();
        format!("{:02x}{:04x}{raw}", number(&tlv["type"]), raw.len() / 2)
    };
    tlvs.as_array().unwrap().iter().map(tlv).collect()
}

fn number(value: &Value) -> u8 {
    u8::try_from(value.as_u64().unwrap()).unwrap()
}

/// MP_REACH_NLRI: routes and next hop.
fn reach(shown: &mut Value, value: &Value) {
    let (name, held) = variant(value);
    let next_hop = match held.get("next_hop_global") {
        Some(_) => held,
        None => &held["next_hop"],
    };
    if next_hop.is_string() {
        shown["next_hop"] = next_hop.clone();
        shown["next_hop_link_local"] = held["next_hop_local"].clone();
    } else if next_hop.get("next_hop_global").is_some() {
        shown["next_hop"] = next_hop["next_hop_global"].clone();
        shown["next_hop_link_local"] = next_hop["next_hop_local"].clone();
    } else {
        let (_, labelled) = variant(next_hop);
        shown["next_hop"] = labelled["next_hop"].clone();
        shown["next_hop_link_local"] = labelled["next_hop_local"].clone();
        // RFC 4364 section 4.3.2: the next hop's RD is 0, so that `messages` need not show it.
        assert_eq!(distinguisher(&labelled["rd"]), "0:0", "{value}");
    }
    append(shown, "announced", (name, held));
}

fn append(shown: &mut Value, key: &str, (name, held): (&str, &Value)) {
    let (afi, safi) = family(name);
    let family = (afi.as_str().unwrap(), safi.as_str().unwrap());
    let routes = held["nlri"].as_array().unwrap().iter();
    let list = shown[key].as_array_mut().unwrap();
    list.extend(routes.map(|nlri| route(family, nlri)));
}

/// One route: prefix, path identifier, RD and labels.
fn route((afi, safi): (&str, &str), nlri: &Value) -> Value {
    let mut shown = json!({ "afi": afi, "safi": safi, "path_id": nlri["path_id"] });
    if let Some(evpn) = nlri.get("route") {
        shown["evpn"] = evpn_route(evpn);
        return shown;
    }
    let prefix = nlri.get("network").or_else(|| nlri.get("prefix"));
    shown["prefix"] = prefix.unwrap().clone();
    shown["rd"] = nlri.get("rd").map(distinguisher).into();
    let labels = nlri.get("label_stack").or_else(|| nlri.get("labels"));
    shown["labels"] = labels.map(|labels| each(labels, label)).into();
    shown
}

/// RFC 8277 section 2.2: the label is the first 20 bits of three octets.
fn label(label: &Value) -> Value {
    json!(three(&octets(label)) >> 4)
}

/// RFC 7432 section 7.1; all 24 bits of the label, because those of a VXLAN or an SRv6 service
/// are no MPLS label (RFC 9252 section 4).
fn evpn_route(route: &Value) -> Value {
    let (kind, value) = variant(route);
    assert_eq!(kind, "EthernetAutoDiscovery", "{route}");
    json!({
        "route_type": "ethernet-auto-discovery",
        "rd": distinguisher(&value["rd"]),
        "esi": hex(&octets(&value["segment_id"])),
        "ethernet_tag": value["tag"],
        "label": three(&octets(&value["mpls_label"])),
    })
}
