//! Counting routes without looking at them more than their framing needs: the hot path.

use super::{Framing, NlriIter, framing, octets_of, too_long};
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};

/// What a section of NLRI holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Routes.
    pub routes: u32,
    /// Octets of a family whose framing is not known: how many routes they are is not known.
    pub opaque_octets: u32,
}

/// Counts the routes of `family` in the octets of the cursor. Exactly what [`NlriIter`] would give,
/// or its error.
#[inline]
pub fn count(
    cursor: Cursor<'_>,
    family: Family,
    has_path_id: bool,
) -> Result<Counted, DecodeError> {
    let routes = match framing(family) {
        Framing::Prefix { width } if has_path_id => count_prefixes::<4>(cursor, width)?,
        Framing::Prefix { width } => count_prefixes::<0>(cursor, width)?,
        Framing::Opaque => {
            return Ok(Counted {
                routes: 0,
                opaque_octets: saturate(cursor.remaining()),
            });
        }
        _ => count_others(cursor, family, has_path_id)?,
    };
    Ok(Counted {
        routes,
        opaque_octets: 0,
    })
}

/// Prefixes with `BEFORE` octets of path identifier before each. Kept free of anything but the walk;
/// what is wrong is found out by reading again.
#[inline]
fn count_prefixes<const BEFORE: usize>(cursor: Cursor<'_>, width: u8) -> Result<u32, DecodeError> {
    let octets = cursor.rest();
    let mut routes = 0;
    let mut position = 0;
    // Each step is bound by the load of one length octet: one check, one addition.
    while position < octets.len() {
        let next = match octets.get(position + BEFORE) {
            Some(bits) if *bits <= width => position + BEFORE + 1 + octets_of(*bits),
            _ => usize::MAX,
        };
        if next > octets.len() {
            let rest = octets.get(position..).unwrap_or_default();
            return Err(explain::<BEFORE>(
                Cursor::at(rest, cursor.offset() + position),
                width,
            ));
        }
        position = next;
        routes += 1;
    }
    Ok(routes)
}

/// Why the prefix at the cursor could not be walked.
#[cold]
fn explain<const BEFORE: usize>(mut cursor: Cursor<'_>, width: u8) -> DecodeError {
    let mut read = || {
        cursor.bytes("Path Identifier", BEFORE)?;
        let at = cursor;
        let bits = cursor.u8(super::LENGTH)?;
        if bits > width {
            return Err(too_long(at, width));
        }
        cursor.bytes("Prefix", octets_of(bits))
    };
    match read() {
        Err(error) => error,
        Ok(_) => cursor.malformed("NLRI", "cannot be walked"),
    }
}

fn count_others(cursor: Cursor<'_>, family: Family, has_path_id: bool) -> Result<u32, DecodeError> {
    NlriIter::new(cursor, family, has_path_id).try_fold(0, |routes, nlri| nlri.map(|_| routes + 1))
}

fn saturate(octets: usize) -> u32 {
    u32::try_from(octets).unwrap_or(u32::MAX)
}
