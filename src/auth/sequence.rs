//! The sequence number extension of TCP-AO (RFC 5925 6.2, RFC 9187): how often a direction's
//! sequence numbers have wrapped, told from the 32 bits in each segment.

/// A direction's sequence numbers. Starts at its initial sequence number: the code of RFC 9187 starts
/// at 0 and counts a turn too few where the initial number lies in the upper half.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// The highest sequence number met, in 64 bits.
    high: i64,
}

/// A sequence number in 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extended(i64);

impl Extension {
    /// A direction that begins with this number.
    pub fn new(initial: u32) -> Extension {
        Extension {
            high: i64::from(initial),
        }
    }

    /// A direction that has wrapped `turns` times before this number.
    pub(super) fn after(turns: u32, sequence: u32) -> Extension {
        Extension {
            high: i64::from(turns) << 32 | i64::from(sequence),
        }
    }

    /// The number that lies nearest to the highest one met.
    pub fn extend(&self, sequence: u32) -> Extended {
        // Half a turn ahead or behind, whichever is nearer.
        let distance = sequence.wrapping_sub(self.high as u32) as i32;
        Extended((self.high + i64::from(distance)).max(i64::from(sequence)))
    }

    /// Takes a number for met.
    pub fn advance(&mut self, met: Extended) {
        self.high = self.high.max(met.0);
    }

    /// Whether this number lies further ahead than a connection gets on in one capture's pause.
    pub(super) fn is_far(&self, number: Extended) -> bool {
        (number.0 - self.high).unsigned_abs() > 1 << 30
    }
}

impl Extended {
    /// The extension: how often the numbers have wrapped.
    pub fn turns(self) -> u32 {
        // Never negative, and a connection does not send 2^63 octets.
        (self.0 >> 32) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9187 6: the extension expected, and the sequence number that arrives.
    const SEQUENCE: &[(u32, u32)] = &[
        (0, 0x0000_0000),
        (0, 0x3000_0000),
        (0, 0x9000_0000),
        (0, 0x7000_0000),
        (0, 0xa000_0000),
        (1, 0x0000_0001),
        (0, 0xe000_0000),
        (1, 0x0000_0000),
        (1, 0x7fff_ffff),
        (1, 0x0000_0000),
        (1, 0x5000_0000),
        (1, 0x8000_0000),
        (1, 0x0000_0001),
        (1, 0x4000_0000),
        (1, 0x9000_0000),
        (1, 0xb000_0000),
        (2, 0x0fff_ffff),
        (2, 0x2000_0000),
        (2, 0x9000_0000),
        (2, 0x7000_0000),
        (2, 0xa000_0000),
        (3, 0x0000_4000),
        (2, 0xd000_0000),
        (3, 0x2000_0000),
        (3, 0x9000_0000),
        (3, 0x7000_0000),
        (3, 0xa000_0000),
        (4, 0x0000_4000),
        (3, 0xd000_0000),
    ];

    #[test]
    fn the_validation_sequence_of_rfc_9187_gives_its_extensions() {
        let mut extension = Extension::new(0);
        for (index, (expected, sequence)) in SEQUENCE.iter().enumerate() {
            let number = extension.extend(*sequence);
            extension.advance(number);
            assert_eq!(number.turns(), *expected, "line {}", index + 1);
        }
    }

    #[test]
    fn an_initial_number_in_the_upper_half_has_made_no_turn() {
        let mut extension = Extension::new(0xfbfb_ab5a);
        assert_eq!(extension.extend(0xfbfb_ab5a).turns(), 0);
        let wrapped = extension.extend(0x0000_0010);
        assert_eq!(wrapped.turns(), 1);
        extension.advance(wrapped);
        // A late segment from before the wrap.
        assert_eq!(extension.extend(0xffff_fff0).turns(), 0);
    }

    #[test]
    fn nothing_lies_before_the_first_turn() {
        assert_eq!(Extension::new(0).extend(0xffff_ffff).turns(), 0);
        assert_eq!(Extension::new(5).extend(2).turns(), 0);
    }
}
