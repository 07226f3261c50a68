//! The RIB views of a BMP stream, rebuilt in the plainest way: every Route Monitoring message of IPv4
//! and IPv6 unicast taken in order, without path identifiers and with four-octet AS numbers.

use super::walker;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A view, by peer address: before policy, after it, Loc-RIB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum View {
    Pre,
    Post,
    LocRib,
}

/// What the test asks of a route.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Route {
    /// AS_PATH of one sequence.
    pub(crate) path: Vec<u32>,
    /// NEXT_HOP, or the first address of MP_REACH_NLRI.
    pub(crate) next_hop: String,
    /// Standard communities.
    pub(crate) communities: Vec<u32>,
}

/// Address and length of a prefix.
pub(crate) type Prefix = (IpAddr, u8);

/// Routes by view, peer address and prefix.
pub(crate) type Ribs = BTreeMap<(View, IpAddr), BTreeMap<Prefix, Route>>;

/// The views as they are behind the last whole message.
pub(crate) fn rebuild(stream: &[u8]) -> Ribs {
    let mut ribs = Ribs::new();
    for message in walker::messages(stream) {
        match message[5] {
            0 => monitoring(&message[6..], &mut ribs),
            2 | 3 => {
                let peer = address(&message[6..]);
                ribs.retain(|(_, one), _| *one != peer);
            }
            _ => {}
        }
    }
    ribs
}

/// The router's sysName, as its Initiation says.
pub(crate) fn name(stream: &[u8]) -> String {
    let messages = walker::messages(stream);
    let initiation = messages.iter().find(|message| message[5] == 4).unwrap();
    let mut rest = &initiation[6..];
    loop {
        let (kind, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
        if kind == 2 {
            return String::from_utf8(rest[4..4 + length].to_vec()).unwrap();
        }
        rest = &rest[4 + length..];
    }
}

fn monitoring(body: &[u8], ribs: &mut Ribs) {
    let view = match (body[0], body[1] & 0x40 != 0) {
        (3, _) => View::LocRib,
        (_, true) => View::Post,
        _ => View::Pre,
    };
    let rib = ribs.entry((view, address(body))).or_default();
    let update = &body[42 + 19..];
    let (withdrawn, rest) = sized(update);
    let (attributes, nlri) = sized(rest);
    for prefix in prefixes(withdrawn, false) {
        rib.remove(&prefix);
    }
    let mut route = Route::default();
    let mut announced = prefixes(nlri, false);
    let mut rest = attributes;
    while !rest.is_empty() {
        let (value, behind) = match rest[0] & 0x10 {
            0 => rest[3..].split_at(usize::from(rest[2])),
            _ => sized(&rest[2..]),
        };
        match rest[1] {
            2 => route.path = path(value),
            3 => route.next_hop = Ipv4Addr::new(value[0], value[1], value[2], value[3]).to_string(),
            8 => route.communities = numbers(value),
            14 => {
                route.next_hop = next_hop(&value[4..4 + usize::from(value[3])]);
                announced.extend(prefixes(&value[5 + usize::from(value[3])..], value[1] == 2));
            }
            15 => {
                for prefix in prefixes(&value[3..], value[1] == 2) {
                    rib.remove(&prefix);
                }
            }
            _ => {}
        }
        rest = behind;
    }
    for prefix in announced {
        rib.insert(prefix, route.clone());
    }
}

/// The address of a per-peer header.
fn address(header: &[u8]) -> IpAddr {
    let octets: [u8; 16] = header[10..26].try_into().unwrap();
    match header[0] != 3 && header[1] & 0x80 != 0 {
        true => Ipv6Addr::from(octets).into(),
        false => Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]).into(),
    }
}

fn next_hop(value: &[u8]) -> String {
    match value.len() {
        4 => Ipv4Addr::new(value[0], value[1], value[2], value[3]).to_string(),
        _ => Ipv6Addr::from(<[u8; 16]>::try_from(&value[..16]).unwrap()).to_string(),
    }
}

fn path(mut value: &[u8]) -> Vec<u32> {
    let mut path = Vec::new();
    while !value.is_empty() {
        let end = 2 + 4 * usize::from(value[1]);
        path.extend(numbers(&value[2..end]));
        value = &value[end..];
    }
    path
}

fn prefixes(mut nlri: &[u8], is_ipv6: bool) -> Vec<Prefix> {
    let mut found = Vec::new();
    while !nlri.is_empty() {
        let bits = nlri[0];
        let octets = usize::from(bits).div_ceil(8);
        let mut whole = [0; 16];
        whole[..octets].copy_from_slice(&nlri[1..=octets]);
        let address = match is_ipv6 {
            true => Ipv6Addr::from(whole).into(),
            false => Ipv4Addr::new(whole[0], whole[1], whole[2], whole[3]).into(),
        };
        found.push((address, bits));
        nlri = &nlri[1 + octets..];
    }
    found
}

fn numbers(value: &[u8]) -> Vec<u32> {
    let number = |octets: &[u8]| u32::from_be_bytes(octets.try_into().unwrap());
    value.chunks(4).map(number).collect()
}

fn sized(octets: &[u8]) -> (&[u8], &[u8]) {
    octets[2..].split_at(usize::from(u16_at(octets, 0)))
}

fn u16_at(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}
