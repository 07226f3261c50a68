//! A plain walk over BMP: hops from header to header and counts. It reads IPv4 and IPv6 unicast
//! routes as RFC 4271 and 4760 encode them, without path identifiers.

use std::collections::BTreeMap;

/// What a walk saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Messages by type number.
    pub(crate) messages: BTreeMap<u8, u64>,
    /// Unicast NLRI announced in Route Monitoring.
    pub(crate) announced: u64,
    /// Unicast NLRI withdrawn in Route Monitoring.
    pub(crate) withdrawn: u64,
    /// End-of-RIB markers of any family.
    pub(crate) end_of_rib: u64,
    /// UPDATEs that carry another family.
    pub(crate) other_families: u64,
    /// Lists of NLRI that do not parse so: path identifiers are before their prefixes.
    pub(crate) unreadable: u64,
    /// Octets behind the last whole message.
    pub(crate) rest: usize,
}

impl Counts {
    /// Messages of all types.
    pub(crate) fn total(&self) -> u64 {
        self.messages.values().sum()
    }

    /// Messages of one type.
    pub(crate) fn of(&self, message_type: u8) -> u64 {
        self.messages.get(&message_type).copied().unwrap_or(0)
    }
}

const COMMON_HEADER: usize = 6;
const PEER_HEADER: usize = 42;
const BGP_HEADER: usize = 19;

/// Counts the messages of a stream that begins with one. Panics where no header is.
pub(crate) fn walk(stream: &[u8]) -> Counts {
    let mut counts = Counts::default();
    let mut rest = stream;
    while let Some((message, behind)) = split_message(rest) {
        *counts.messages.entry(message[5]).or_default() += 1;
        if message[5] == 0 {
            update(&message[COMMON_HEADER + PEER_HEADER..], &mut counts);
        }
        rest = behind;
    }
    counts.rest = rest.len();
    counts
}

/// The whole messages of a stream that begins with one, in order.
pub(crate) fn messages(stream: &[u8]) -> Vec<&[u8]> {
    let mut messages = Vec::new();
    let mut rest = stream;
    while let Some((message, behind)) = split_message(rest) {
        messages.push(message);
        rest = behind;
    }
    messages
}

fn split_message(stream: &[u8]) -> Option<(&[u8], &[u8])> {
    let header = stream.get(..COMMON_HEADER)?;
    let is_bmp = matches!(header[0], 3 | 4);
    assert!(is_bmp, "no BMP header: {header:02x?}");
    let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize;
    assert!(length >= COMMON_HEADER, "length {length} is no BMP message");
    stream.split_at_checked(length)
}

/// One UPDATE with its BGP header.
fn update(pdu: &[u8], counts: &mut Counts) {
    let length = usize::from(number(pdu, 16));
    let body = &pdu[BGP_HEADER..length];
    let (withdrawn, rest) = sized(body);
    let (attributes, nlri) = sized(rest);
    counts.withdrawn += prefixes(withdrawn, counts);
    counts.announced += prefixes(nlri, counts);
    if body.len() == 4 {
        counts.end_of_rib += 1;
    }
    path_attributes(attributes, counts);
}

fn path_attributes(attributes: &[u8], counts: &mut Counts) {
    let mut rest = attributes;
    while rest.len() >= 3 {
        let (value, behind) = match rest[0] & 0x10 {
            0 => rest[3..].split_at(usize::from(rest[2])),
            _ => sized(&rest[2..]),
        };
        let is_only = rest.len() == attributes.len() && behind.is_empty();
        match rest[1] {
            14 => counts.announced += reach(value, counts),
            15 if value.len() == 3 && is_only => counts.end_of_rib += 1,
            15 => counts.withdrawn += unreach(value, counts),
            _ => {}
        }
        rest = behind;
    }
}

fn reach(value: &[u8], counts: &mut Counts) -> u64 {
    let next_hop = usize::from(value[3]);
    unicast(value, &value[4 + next_hop + 1..], counts)
}

fn unreach(value: &[u8], counts: &mut Counts) -> u64 {
    unicast(value, &value[3..], counts)
}

/// Prefixes of `nlri` where the family at the start of `value` is one this walk can read.
fn unicast(value: &[u8], nlri: &[u8], counts: &mut Counts) -> u64 {
    match (number(value, 0), value[2]) {
        (1 | 2, 1) => prefixes(nlri, counts),
        _ => {
            counts.other_families += 1;
            0
        }
    }
}

fn prefixes(nlri: &[u8], counts: &mut Counts) -> u64 {
    let mut count = 0;
    let mut rest = nlri;
    while let Some((&bits, behind)) = rest.split_first() {
        let Some(after) = behind.get(usize::from(bits).div_ceil(8)..) else {
            counts.unreadable += 1;
            return 0;
        };
        rest = after;
        count += 1;
    }
    count
}

/// A part behind its length of two octets, and what follows.
fn sized(bytes: &[u8]) -> (&[u8], &[u8]) {
    bytes[2..].split_at(usize::from(number(bytes, 0)))
}

fn number(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}
