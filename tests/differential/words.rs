//! The other decoders' words as those of this program: address families, counters, numbers.

use serde_json::{Value, json};

/// NetGauze's address type, and AFI and SAFI in the words of `messages`.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("Ipv4Unicast", "ipv4", "unicast"),
    ("Ipv4Multicast", "ipv4", "multicast"),
    ("Ipv4NlriMplsLabels", "ipv4", "labeled-unicast"),
    ("Ipv4MplsLabeledVpn", "ipv4", "vpn"),
    ("Ipv4MplsVpnUnicast", "ipv4", "vpn"),
    ("Ipv6Unicast", "ipv6", "unicast"),
    ("Ipv6Multicast", "ipv6", "multicast"),
    ("Ipv6NlriMplsLabels", "ipv6", "labeled-unicast"),
    ("Ipv6MplsLabeledVpn", "ipv6", "vpn"),
    ("Ipv6MplsVpnUnicast", "ipv6", "vpn"),
    ("L2VpnBgpEvpn", "l2vpn", "evpn"),
    ("L2Evpn", "l2vpn", "evpn"),
];

/// NetGauze's name of a statistic and its type, RFC 7854 section 4.8.
pub(crate) const STATISTICS: &[(&str, u64)] = &[
    ("NumberOfPrefixesRejectedByInboundPolicy", 0),
    ("NumberOfDuplicatePrefixAdvertisements", 1),
    ("NumberOfDuplicateWithdraws", 2),
    ("NumberOfUpdatesInvalidatedDueToClusterListLoop", 3),
    ("NumberOfUpdatesInvalidatedDueToAsPathLoop", 4),
    ("NumberOfUpdatesInvalidatedDueToOriginatorId", 5),
    ("NumberOfUpdatesInvalidatedDueToAsConfederationLoop", 6),
    ("NumberOfRoutesInAdjRibIn", 7),
    ("NumberOfRoutesInLocRib", 8),
    ("NumberOfRoutesInPerAfiSafiAdjRibIn", 9),
    ("NumberOfRoutesInPerAfiSafiLocRib", 10),
];

/// AFI and SAFI numbers of the IANA registries, and the words of `messages`.
const NUMBERS: &[(u64, u64, &str, &str)] = &[
    (1, 1, "ipv4", "unicast"),
    (1, 4, "ipv4", "labeled-unicast"),
    (1, 128, "ipv4", "vpn"),
    (2, 1, "ipv6", "unicast"),
    (2, 4, "ipv6", "labeled-unicast"),
    (2, 128, "ipv6", "vpn"),
];

/// AFI and SAFI of NetGauze's address type.
pub(crate) fn family(name: &str) -> (Value, Value) {
    match FAMILIES.iter().find(|(known, ..)| *known == name) {
        Some((_, afi, safi)) => (json!(afi), json!(safi)),
        None => panic!("which AFI and SAFI is {name}?"),
    }
}

/// AFI and SAFI by number.
pub(crate) fn family_of(afi: &Value, safi: &Value) -> (Value, Value) {
    let numbers = (afi.as_u64().unwrap(), safi.as_u64().unwrap());
    let row = NUMBERS.iter().find(|row| (row.0, row.1) == numbers);
    match row {
        Some((_, _, afi, safi)) => (json!(afi), json!(safi)),
        None => panic!("which AFI and SAFI is {numbers:?}?"),
    }
}

/// The variant and what it holds: `{"A": x}` or `"A"`, which holds nothing.
pub(crate) fn variant(value: &Value) -> (&str, &Value) {
    match value {
        Value::String(name) => (name, &Value::Null),
        Value::Object(fields) if fields.len() == 1 => {
            let (name, held) = fields.iter().next().unwrap();
            (name, held)
        }
        _ => panic!("no variant: {value}"),
    }
}

/// The octets of a list of numbers.
pub(crate) fn octets(value: &Value) -> Vec<u8> {
    let octet = |octet: &Value| u8::try_from(octet.as_u64().unwrap()).unwrap();
    value.as_array().unwrap().iter().map(octet).collect()
}

/// Lower-case hex digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The value of three octets.
pub(crate) fn three(octets: &[u8]) -> u32 {
    octets
        .iter()
        .fold(0, |sum, octet| sum << 8 | u32::from(*octet))
}

/// A Route Distinguisher: `64499:105`.
pub(crate) fn distinguisher(rd: &Value) -> Value {
    if rd.is_null() {
        return Value::Null;
    }
    let (kind, parts) = variant(rd);
    let administrator = match kind {
        "As2Administrator" => parts["asn2"].to_string(),
        "As4Administrator" => parts["asn4"].to_string(),
        "Ipv4Administrator" => parts["ip"].as_str().unwrap().to_owned(),
        _ => panic!("no Route Distinguisher: {rd}"),
    };
    json!(format!("{administrator}:{}", parts["number"]))
}

/// Every item of a list through a function.
pub(crate) fn each(list: &Value, map: impl Fn(&Value) -> Value) -> Value {
    let Some(items) = list.as_array() else {
        panic!("no list: {list}");
    };
    Value::Array(items.iter().map(map).collect())
}
