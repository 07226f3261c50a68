//! What BGP speakers sent each other, read in the plainest way from whole streams: prefixes of IPv4 and
//! IPv6 unicast. Path identifiers are there where both OPENs of the connection say so (RFC 7911 4).

use super::extract::Stream;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Prefixes announced or withdrawn, by who sent them to whom.
pub(crate) type Sent = BTreeMap<(IpAddr, IpAddr), BTreeSet<String>>;

const OPEN: u8 = 1;
const UPDATE: u8 = 2;
const ADD_PATH: u8 = 69;

/// AFI and SAFI.
type Family = (u16, u8);

/// All prefixes that were sent in these streams.
pub(crate) fn sent(streams: &[Stream]) -> Sent {
    let mut sent = Sent::new();
    for stream in streams {
        let is_back = |other: &&Stream| {
            other.source == stream.destination && other.destination == stream.source
        };
        let mine = add_path(&stream.bytes);
        let theirs = streams.iter().find(is_back);
        let theirs = theirs
            .map(|other| add_path(&other.bytes))
            .unwrap_or_default();
        let has_ids = |family: Family| {
            let sends = mine
                .get(&family)
                .is_some_and(|direction| direction & 2 != 0);
            sends
                && theirs
                    .get(&family)
                    .is_some_and(|direction| direction & 1 != 0)
        };
        let ends = (stream.source.ip(), stream.destination.ip());
        let prefixes = sent.entry(ends).or_default();
        for (_, body) in messages(&stream.bytes).filter(|(kind, _)| *kind == UPDATE) {
            prefixes.extend(update(body, &has_ids));
        }
    }
    sent
}

/// Type and body of each message.
fn messages(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(bytes.get(16..18)?));
        let message = bytes.get(19..length)?;
        let kind = bytes[18];
        bytes = &bytes[length..];
        Some((kind, message))
    })
}

fn u16_at(octets: &[u8]) -> u16 {
    u16::from_be_bytes([octets[0], octets[1]])
}

/// The direction of ADD-PATH by family in a stream's OPEN: 1 receive, 2 send, 3 both.
fn add_path(bytes: &[u8]) -> BTreeMap<Family, u8> {
    let mut found = BTreeMap::new();
    for (_, open) in messages(bytes).filter(|(kind, _)| *kind == OPEN) {
        let mut parameters = &open[10..];
        while let [kind, length, rest @ ..] = parameters {
            let (value, rest) = rest.split_at(usize::from(*length));
            parameters = rest;
            let mut capabilities = if *kind == 2 { value } else { &[] };
            while let [code, length, rest @ ..] = capabilities {
                let (value, rest) = rest.split_at(usize::from(*length));
                capabilities = rest;
                let rows = value.chunks_exact(4).filter(|_| *code == ADD_PATH);
                found.extend(rows.map(|row| ((u16_at(row), row[2]), row[3])));
            }
        }
    }
    found
}

fn update(body: &[u8], has_ids: &impl Fn(Family) -> bool) -> Vec<String> {
    let (withdrawn, rest) = section(body);
    let (mut attributes, announced) = section(rest);
    let mut found = prefixes(withdrawn, (1, 1), has_ids);
    found.extend(prefixes(announced, (1, 1), has_ids));
    while let [flags, code, rest @ ..] = attributes {
        let (value, rest) = match flags & 0x10 {
            0 => rest[1..].split_at(usize::from(rest[0])),
            _ => rest[2..].split_at(usize::from(u16_at(rest))),
        };
        attributes = rest;
        let routes = match code {
            14 => &value[5 + usize::from(value[3])..],
            15 => &value[3..],
            _ => continue,
        };
        found.extend(prefixes(routes, (u16_at(value), value[2]), has_ids));
    }
    found
}

fn section(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes[2..].split_at(usize::from(u16_at(bytes)))
}

fn prefixes(mut routes: &[u8], family: Family, has_ids: &impl Fn(Family) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    if !matches!(family, (1 | 2, 1)) {
        return found;
    }
    while !routes.is_empty() {
        if has_ids(family) {
            routes = &routes[4..];
        }
        let octets = usize::from(routes[0]).div_ceil(8);
        let mut address = [0; 16];
        address[..octets].copy_from_slice(&routes[1..=octets]);
        let address = match family.0 {
            1 => IpAddr::V4(Ipv4Addr::new(
                address[0], address[1], address[2], address[3],
            )),
            _ => IpAddr::V6(Ipv6Addr::from(address)),
        };
        found.push(format!("{address}/{}", routes[0]));
        routes = &routes[octets + 1..];
    }
    found
}
