//! RSTs that end nothing: forged ones, and those of an end that has lost its keys, after which the
//! connection goes on (RFC 5961 3, RFC 5925 7.7).

use super::connection::{Connection, has_signature};
use crate::packet::Segment;

/// A RST of which it is not known whether the other end believed it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reset {
    side: usize,
    sequence: u32,
    /// It has no signature, and the connection has: who gets it does not believe it.
    is_unsigned: bool,
    /// Who seemed to send it has sent other segments since: it was forged.
    is_forged: bool,
}

impl Reset {
    pub(super) fn new(side: usize, segment: &Segment<'_>, connection: &Connection) -> Reset {
        let sides = &connection.sides;
        let has_signatures = sides
            .iter()
            .any(|side| side.ao_segments > 0 || side.md5_segments > 0);
        Reset {
            side,
            sequence: segment.sequence,
            is_unsigned: has_signatures && !has_signature(segment),
            is_forged: false,
        }
    }

    /// Who seemed to send it.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// It has no signature, and the connection has.
    pub(super) fn is_unsigned(&self) -> bool {
        self.is_unsigned
    }

    /// Takes the place of an earlier RST, unless that is more to be believed.
    pub(super) fn replaces(&self, earlier: Option<Reset>) -> bool {
        earlier.is_none_or(|earlier| earlier.is_unsigned || !self.is_unsigned)
    }

    /// Nothing speaks against it.
    pub(super) fn is_obeyed(&self) -> bool {
        !self.is_unsigned && !self.is_forged
    }

    /// Another segment, which is no RST. True: the connection goes on.
    ///
    /// What was on the way when the RST was sent still comes from the other end. So, but for
    /// signatures, it goes on where both ends do: who seemed to send it first, not with an old segment.
    pub(super) fn is_outlived(&mut self, side: usize, segment: &Segment<'_>) -> bool {
        if side != self.side {
            return self.is_unsigned || self.is_forged;
        }
        self.is_forged |= segment.sequence.wrapping_sub(self.sequence) < BEHIND;
        false
    }
}

/// Half of all sequence numbers lie behind one.
const BEHIND: u32 = 1 << 31;
