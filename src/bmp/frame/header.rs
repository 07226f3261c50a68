//! The common header (RFC 7854 §4.1) and the per-peer header (§4.2), as far as framing judges them.

use super::known::{KnownTypes, OfDraft};

/// Octets of the common header.
pub(super) const HEADER: usize = 6;

/// Where the body begins behind a per-peer header.
pub(super) const PEER_HEADER_END: usize = 48;

/// Where the events of a type 100 message begin: behind route distinguisher, prefix, router
/// identifier, the number of events and their total length.
pub(super) const TRACE_EVENTS: usize = 39;

/// No message is longer. RFC 7854 gives no bound; a BGP message has at most 65,535 octets (RFC 8654),
/// mirrored ones come one or a few at a time, so a mebioctet is far beyond what a router sends.
pub(super) const LENGTH_BOUND: usize = 1 << 20;

/// The common header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) version: u8,
    /// Octets of the whole message, this header included.
    pub(super) length: usize,
    pub(super) message_type: u8,
}

/// What framing needs to know of a message type.
struct Shape {
    message_type: u8,
    /// Octets of the shortest message whose structure can be confirmed.
    minimum: usize,
}

/// Message types that may confirm a hypothesis; others never do (unknown bodies prove nothing).
const SHAPES: &[Shape] = &[
    // Route Monitoring, RFC 7854 §4.6: the BGP header alone has 19 octets.
    shape(0, PEER_HEADER_END + 19),
    // Statistics Report, §4.8: Stats Count.
    shape(1, PEER_HEADER_END + 4),
    // Peer Down, §4.9: Reason.
    shape(2, PEER_HEADER_END + 1),
    // Peer Up, §4.10: addresses and ports, two OPENs of 29 octets or more.
    shape(3, PEER_HEADER_END + 20 + 29 + 29),
    // Initiation, §4.3: one TLV.
    shape(4, HEADER + 4),
    // Termination, §4.5: one TLV.
    shape(5, HEADER + 4),
    // Route Mirroring, §4.7: one TLV.
    shape(6, PEER_HEADER_END + 4),
    // Route Policy and Attribute Trace, draft-xu-grow-bmp-route-policy-attr-trace-04, shipped by a
    // vendor under this number: a fixed part and one event.
    shape(100, TRACE_EVENTS + 2),
];

const fn shape(message_type: u8, minimum: usize) -> Shape {
    Shape {
        message_type,
        minimum,
    }
}

/// Octets of the shortest message of this type whose structure can be confirmed; none where it never
/// can.
fn minimum_of(message_type: u8, known: &KnownTypes) -> Option<usize> {
    // Registered types are no draft's, and what a search meets most.
    let of_draft = (message_type > 6).then(|| known.of_draft(message_type));
    match of_draft.flatten() {
        // One TLV.
        Some(OfDraft::Config) => Some(HEADER + 4),
        // One TLV with an index, and an UPDATE in it.
        Some(OfDraft::Route) => Some(PEER_HEADER_END + 6 + 19),
        None => {
            let mut shapes = SHAPES.iter();
            let shape = shapes.find(|shape| shape.message_type == message_type);
            shape.map(|shape| shape.minimum)
        }
    }
}

impl Header {
    /// The header at the beginning of `bytes`; none if fewer than six octets are there.
    #[inline]
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let &[version, a, b, c, d, message_type] = bytes.first_chunk::<HEADER>()?;
        Some(Header {
            version,
            length: u32::from_be_bytes([a, b, c, d]) as usize,
            message_type,
        })
    }

    /// Good enough in sync: the stream's version and a length within bounds.
    #[inline]
    pub(super) fn is_sound(self, version: u8) -> bool {
        self.version == version && self.length >= HEADER && self.length <= LENGTH_BOUND
    }

    /// A message of a draft that builds on version 4, among those of a router that speaks version 3,
    /// or the other way round. Only its body makes it believed.
    #[inline]
    pub(super) fn is_guest(self, version: u8, known: &KnownTypes) -> bool {
        self.version != version
            && matches!(self.version, 3 | 4)
            && (HEADER..=LENGTH_BOUND).contains(&self.length)
            && known.of_draft(self.message_type).is_some()
    }

    /// May a search begin here? `version` is the stream's, if known.
    pub(super) fn can_anchor(self, version: Option<u8>, known: &KnownTypes) -> bool {
        let version_fits = |version| version == self.version || self.is_guest(version, known);
        version.map_or(matches!(self.version, 3 | 4), version_fits)
            && self.length <= LENGTH_BOUND
            && minimum_of(self.message_type, known).is_some_and(|minimum| self.length >= minimum)
    }

    /// Could this stand behind a message of `version`? Odd bodies are allowed. `bytes` begins with
    /// the header and may be cut anywhere: what can be told already is what more octets will say.
    #[inline(always)]
    pub(super) fn follows(self, version: u8, bytes: &[u8], known: &KnownTypes) -> Successor {
        if !self.is_sound(version) {
            return self.follows_as_guest(version, bytes, known);
        }
        if !known.has(self.message_type) {
            return Successor::Invalid;
        }
        if !self.has_peer_header() {
            return Successor::Valid;
        }
        if self.length < PEER_HEADER_END {
            return Successor::Invalid;
        }
        // What is judged of it ends before the shortest message with one does.
        peer_header(bytes)
    }

    /// What a guest's body begins with has to be right: a container, or a per-peer header.
    #[inline(never)]
    fn follows_as_guest(self, version: u8, bytes: &[u8], known: &KnownTypes) -> Successor {
        if !self.is_guest(version, known) {
            return Successor::Invalid;
        }
        let message = bytes.get(..self.length).unwrap_or(bytes);
        let is_config = known.of_draft(self.message_type) == Some(OfDraft::Config);
        let body = message.get(HEADER..).unwrap_or_default();
        match body.first_chunk::<2>() {
            Some(tlv_type) if is_config && known.is_container(u16::from_be_bytes(*tlv_type)) => {
                Successor::Valid
            }
            None if is_config && self.length > HEADER => Successor::Unknown(HEADER + 2),
            _ if self.length < PEER_HEADER_END => Successor::Invalid,
            _ => peer_header(message),
        }
    }

    /// The same of octets behind which none will come: what is there decides.
    #[inline]
    pub(super) fn may_follow(self, version: u8, bytes: &[u8], known: &KnownTypes) -> bool {
        self.follows(version, bytes, known) != Successor::Invalid
    }

    #[inline]
    pub(super) fn has_peer_header(self) -> bool {
        matches!(self.message_type, 0..=3 | 6)
    }
}

/// Could a sound header, or a guest's, still come of these first octets (fewer than six)? That none
/// come any more leaves the stream's own version.
pub(super) fn may_become_sound(bytes: &[u8], version: u8, is_end: bool) -> bool {
    let top = (LENGTH_BOUND >> 16) as u8;
    let version_fits = |octet| octet == version || (!is_end && matches!(octet, 3 | 4));
    bytes.first().is_none_or(|&octet| version_fits(octet))
        && bytes.get(1).is_none_or(|&octet| octet == 0)
        && bytes.get(2).is_none_or(|&octet| octet <= top)
}

/// What stands behind a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Successor {
    /// A header that may follow.
    Valid,
    /// No header.
    Invalid,
    /// Too few octets to tell: this many are needed.
    Unknown(usize),
}

/// Judges the octets behind a message of `version`. A message of an unknown type may follow if
/// another header follows that. Where the octets are cut must not matter, so a per-peer header is
/// judged when it is whole, or, with `is_end`, when no more of it will come.
pub(super) fn successor(bytes: &[u8], version: u8, is_end: bool, known: &KnownTypes) -> Successor {
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(header) = Header::read(rest) else {
            return match may_become_sound(rest, version, is_end) {
                true => Successor::Unknown(at + HEADER),
                false => Successor::Invalid,
            };
        };
        match header.follows(version, rest, known) {
            Successor::Valid => return Successor::Valid,
            Successor::Unknown(_) if is_end => return Successor::Valid,
            Successor::Unknown(need) => return Successor::Unknown(at + need),
            Successor::Invalid => {}
        }
        // One at most, or a search would look far ahead of every hypothesis.
        if at > 0 || known.has(header.message_type) || !header.is_sound(version) {
            return Successor::Invalid;
        }
        at = header.length;
    }
}

/// Octets up to the end of an IPv4 peer's padding (RFC 7854 §4.2).
const PADDING_END: usize = HEADER + 22;

/// Peer Type 0-3 or experimental, and an IPv4 address padded with 12 zero octets where the V flag is
/// not set (RFC 7854 §4.2). `message` begins with the common header and may be cut anywhere.
#[inline]
fn peer_header(message: &[u8]) -> Successor {
    match message.first_chunk::<PADDING_END>() {
        // Nearly always: what is there need not be asked again.
        Some(whole) => judge_peer_header(whole),
        None => cut_peer_header(message),
    }
}

#[inline(never)]
fn cut_peer_header(message: &[u8]) -> Successor {
    judge_peer_header(message)
}

#[inline(always)]
fn judge_peer_header(message: &[u8]) -> Successor {
    let Some(&peer_type) = message.get(HEADER) else {
        return Successor::Unknown(PADDING_END);
    };
    let has_padding = match peer_type {
        0..=2 => true,
        3 | 251..=254 => false,
        _ => return Successor::Invalid,
    };
    let is_ipv6 = match message.get(HEADER + 1) {
        Some(flags) => flags & 0x80 != 0,
        None => return Successor::Unknown(PADDING_END),
    };
    if !has_padding || is_ipv6 {
        return Successor::Valid;
    }
    let rest = message.get(HEADER + 10..).unwrap_or_default();
    match rest.first_chunk::<12>() {
        // Compared as a whole: a pattern is looked at octet by octet.
        Some(padding) if *padding == [0; 12] => Successor::Valid,
        Some(_) => Successor::Invalid,
        None if rest.iter().all(|&octet| octet == 0) => Successor::Unknown(PADDING_END),
        None => Successor::Invalid,
    }
}

/// Nothing that is there of the per-peer header contradicts one.
pub(super) fn peer_header_is_plausible(message: &[u8]) -> bool {
    peer_header(message) != Successor::Invalid
}

/// The microseconds of the per-peer header are fewer than a second's. True if they are cut.
pub(super) fn microseconds_are_plausible(message: &[u8]) -> bool {
    let field = message
        .get(PEER_HEADER_END - 4..)
        .and_then(|rest| rest.first_chunk::<4>());
    field.is_none_or(|octets| u32::from_be_bytes(*octets) < 1_000_000)
}
