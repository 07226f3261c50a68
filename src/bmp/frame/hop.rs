//! In sync: from header to header inside one run of octets, handing out slices of it.

use super::FrameSink;
use super::header::{Header, PEER_HEADER_END, Successor, may_become_sound};
use super::known::KnownTypes;
use super::outlook::{Outlook, ends_early, outlook};
use super::structure::{Structure, structure};

/// Where hopping stopped.
pub(super) struct Hop {
    /// Octets that were handed out as messages.
    pub(super) consumed: usize,
    /// No message begins behind them. Otherwise what is left is the beginning of one.
    pub(super) is_lost: bool,
}

/// Hands out every message that lies wholly in `bytes`, the first of which is a header's.
///
/// A sound header is trusted. Only a message whose body does not bear it out *and* behind which no
/// header follows is not: then its length was wrong, and there is where the stream went astray.
#[inline]
pub(super) fn hop<S: FrameSink>(
    bytes: &[u8],
    offset: u64,
    version: u8,
    is_end: bool,
    known: &KnownTypes,
    sink: &mut S,
) -> Hop {
    let mut rest = bytes;
    let mut at = offset;
    let mut next = Header::read(rest);
    let is_lost = loop {
        let Some(header) = next else {
            break !may_become_sound(rest, version, false);
        };
        if !header.is_sound(version) && !header.is_guest(version, known) {
            break true;
        }
        let Some((message, behind)) = rest.split_at_checked(header.length) else {
            break false;
        };
        next = Header::read(behind);
        let is_followed =
            next.is_some_and(|next| next.follows(version, behind, known) == Successor::Valid);
        if !is_followed || !update_fills(header, message, version) {
            match settle(header, message, behind, version, is_end, known) {
                Settled::Whole => {}
                Settled::Waits => break false,
                Settled::Distrusted => break true,
            }
        }
        sink.message(at, message);
        at += message.len() as u64;
        rest = behind;
    };
    Hop {
        consumed: bytes.len() - rest.len(),
        is_lost,
    }
}

/// The UPDATE of a Route Monitoring message of version 3 ends with the message. Others have no such
/// cheap proof: Route Monitoring of version 4 is looked at closely, other types are too rare to be
/// worth it, guests apart. Without it a corrupt length that ends in a path attribute may find a header there.
#[inline]
fn update_fills(header: Header, message: &[u8], version: u8) -> bool {
    if header.message_type != 0 {
        return header.version == version;
    }
    let length = message
        .get(PEER_HEADER_END + 16..)
        .and_then(|rest| rest.first_chunk::<2>());
    let filled = length.map(|field| usize::from(u16::from_be_bytes(*field)) + PEER_HEADER_END);
    header.version == 3 && filled == Some(header.length)
}

enum Settled {
    Whole,
    /// For the header that follows, or the one behind that.
    Waits,
    Distrusted,
}

/// A message that its length alone does not settle, or behind which no whole header stands.
#[inline(never)]
fn settle(
    header: Header,
    message: &[u8],
    behind: &[u8],
    version: u8,
    is_end: bool,
    known: &KnownTypes,
) -> Settled {
    if structure(header, message, known) >= Structure::Tiled {
        return Settled::Whole;
    }
    if header.version != version {
        // Of a guest only what the search finds out is believed.
        return Settled::Distrusted;
    }
    if ends_early(header, message, known) {
        return Settled::Distrusted;
    }
    match next_is_sound(behind, version, is_end, known) {
        Next::Sound => Settled::Whole,
        Next::No => Settled::Distrusted,
        Next::Unproven if !is_end => Settled::Waits,
        // An AS number in a path reads as a header, too: 03 | 00 00 fd e8 | 80.
        Next::Unproven if outlook(header, message, known) != Outlook::Impossible => Settled::Whole,
        Next::Unproven => Settled::Distrusted,
        Next::Cut if is_end => Settled::Whole,
        Next::Cut => Settled::Waits,
    }
}

/// What stands behind a message, as far as sync depends on it.
enum Next {
    Sound,
    /// A header of an unknown type or an odd peer; whether another follows it is not known yet.
    Unproven,
    No,
    Cut,
}

fn next_is_sound(bytes: &[u8], version: u8, is_end: bool, known: &KnownTypes) -> Next {
    let Some(header) = Header::read(bytes) else {
        return match may_become_sound(bytes, version, is_end) {
            true => Next::Cut,
            false => Next::No,
        };
    };
    match header.follows(version, bytes, known) {
        Successor::Valid => return Next::Sound,
        Successor::Unknown(_) => return Next::Cut,
        Successor::Invalid => {}
    }
    if !header.is_sound(version) {
        return Next::No;
    }
    let behind = bytes.get(header.length..).unwrap_or_default();
    match Header::read(behind) {
        Some(next) if next.is_sound(version) => Next::Sound,
        Some(_) => Next::No,
        None => Next::Unproven,
    }
}
