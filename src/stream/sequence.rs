//! Sequence arithmetic: a 32-bit sequence number (RFC 9293 3.4) becomes a position that never wraps.
//!
//! A position's low 32 bits are the sequence number itself, so the next expected sequence number is
//! `position as u32` and a stream past 4 GiB just goes on counting.

/// How far a sequence number may lie from what is known and still be understood: further away, it
/// is another connection's segment, or the capture paused. TCP's largest window is 1 GiB, but a
/// quarter of all numbers would then pass as old.
pub(super) const NEAR: u32 = 1 << 26;

/// The position of a direction's first known sequence number: high enough that numbers before it
/// have positions too.
#[inline]
pub(super) fn first(sequence: u32) -> u64 {
    (1 << 40) + u64::from(sequence)
}

/// The position of `sequence` where it lies less than [`NEAR`] from `anchor`, before or behind.
#[inline]
pub(super) fn near(anchor: u64, sequence: u32) -> Option<u64> {
    let distance = difference(sequence, anchor);
    let is_near = distance.unsigned_abs() < NEAR;
    is_near.then(|| anchor.saturating_add_signed(i64::from(distance)))
}

/// The position of `sequence` where it is taken to lie ahead of `anchor`, less than 4 GiB.
pub(super) fn ahead(anchor: u64, sequence: u32) -> u64 {
    anchor.saturating_add(u64::from(sequence.wrapping_sub(low(anchor))))
}

/// How far `sequence` lies ahead of `anchor`; negative where it lies behind.
#[inline]
pub(super) fn difference(sequence: u32, anchor: u64) -> i32 {
    sequence.wrapping_sub(low(anchor)) as i32
}

/// The sequence number of a position.
#[inline]
pub(super) fn low(position: u64) -> u32 {
    // The high half counts the turns; dropping it is the point.
    position as u32
}

/// A number of octets as a position's distance.
#[inline]
pub(super) fn length(data: &[u8]) -> u64 {
    data.len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_number_that_wrapped_lies_ahead() {
        let anchor = first(0xffff_fff0);
        assert_eq!(near(anchor, 0x10), Some(anchor + 0x20));
        assert_eq!(near(anchor + 0x20, 0xffff_fff0), Some(anchor));
        assert_eq!(low(anchor + 0x20), 0x10);
    }

    #[test]
    fn a_sequence_number_far_away_is_not_near_but_can_be_counted_ahead() {
        let anchor = first(1000);
        assert_eq!(near(anchor, 1000 + NEAR), None);
        assert_eq!(near(anchor, 1000u32.wrapping_sub(NEAR)), None);
        assert_eq!(near(anchor, 999 + NEAR), Some(anchor + u64::from(NEAR) - 1));
        assert_eq!(ahead(anchor, 999), anchor + 0xffff_ffff);
    }
}
