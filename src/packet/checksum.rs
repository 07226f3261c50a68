//! The Internet checksum (RFC 1071) as TCP uses it.
//!
//! Not etherparse's: that adds each carry at once, which takes a fifth longer for a full segment
//! (`tcp_checksum` of the layers bench), and reassembly looks at checksums. Tests hold the two together.

use std::net::IpAddr;

/// Sum of the octets' 16-bit words, not folded. An odd last octet is the high half of its word.
///
/// A datagram has at most a few hundred thousand octets (offload), so 64 bits cannot overflow.
pub(super) fn ones_complement(bytes: &[u8]) -> u64 {
    let (words, tail) = bytes.as_chunks::<4>();
    let sum: u64 = words
        .iter()
        .map(|word| u64::from(u32::from_be_bytes(*word)))
        .sum();
    let mut last = [0; 4];
    last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    sum + u64::from(u32::from_be_bytes(last))
}

/// Sum of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1) of a TCP segment of `length` octets.
pub(super) fn pseudo_header(source: IpAddr, destination: IpAddr, length: usize) -> u64 {
    let address = |address| match address {
        IpAddr::V4(address) => ones_complement(&address.octets()),
        IpAddr::V6(address) => ones_complement(&address.octets()),
    };
    address(source) + address(destination) + TCP + length as u64
}

/// Adds the carries back until 16 bits are left.
pub(super) fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// TCP's protocol number, RFC 9293.
const TCP: u64 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use etherparse::checksum::Sum16BitWords;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sum_is_the_one_that_etherparse_adds_up(
            bytes in proptest::collection::vec(any::<u8>(), 0..3000),
        ) {
            let theirs = Sum16BitWords::new().add_slice(&bytes).ones_complement();
            prop_assert_eq!(!fold(ones_complement(&bytes)), u16::from_be(theirs));
        }
    }

    #[test]
    fn the_example_of_rfc_1071_3_adds_up() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(fold(ones_complement(&bytes)), 0xddf2);
        assert_eq!(fold(ones_complement(&bytes[..7])), 0xdcfb);
    }
}
