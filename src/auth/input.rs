//! The octets of a segment that a signature covers (RFC 5925 5.1, RFC 2385 2.0), in order.

use super::option::Authentication;
use crate::packet::Segment;
use std::net::IpAddr;

/// The octets before a segment's payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Covered {
    octets: [u8; ROOM],
    length: usize,
}

/// The longest of all: extension, pseudo-header of IPv6, TCP header.
const ROOM: usize = 4 + 40 + 60;

impl Covered {
    /// What TCP-AO covers before the payload: the sequence number extension, the pseudo-header, and
    /// the TCP header with its checksum and the MAC as zeros. Other options are left out, not
    /// zeroed, where they are not covered (RFC 5925 5.1).
    pub(super) fn authentication(
        segment: &Segment<'_>,
        ao: &Authentication<'_>,
        turns: u32,
        options: bool,
    ) -> Covered {
        let mut covered = Covered::begin();
        covered.push(&turns.to_be_bytes());
        covered.push_pseudo_header(segment);
        let (fixed, _) = segment.header.split_at_checked(20).unwrap_or_default();
        covered.push_fixed(fixed);
        let from = covered.length;
        if options {
            covered.push(segment.header.get(20..).unwrap_or_default());
            covered.zero(from + ao.offset.saturating_sub(20) + 4, ao.mac.len());
        } else {
            let length = 4 + ao.mac.len();
            let option = segment.header.get(ao.offset..ao.offset + length);
            covered.push(option.unwrap_or_default());
            covered.zero(from + 4, ao.mac.len());
        }
        covered
    }

    /// What TCP-MD5 covers before the payload: the pseudo-header and the TCP header without options,
    /// its checksum as zero.
    pub(super) fn md5(segment: &Segment<'_>) -> Covered {
        let mut covered = Covered::begin();
        covered.push_pseudo_header(segment);
        covered.push_fixed(segment.header.get(..20).unwrap_or_default());
        covered
    }

    /// The octets.
    pub(super) fn octets(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }

    fn begin() -> Covered {
        Covered {
            octets: [0; ROOM],
            length: 0,
        }
    }

    /// RFC 9293 3.1, RFC 8200 8.1. The length is that of the whole segment, left-out options
    /// included.
    fn push_pseudo_header(&mut self, segment: &Segment<'_>) {
        let length = segment.header.len() + segment.payload.len();
        // A datagram is shorter than 4 GiB, one of IPv4 shorter than 64 KiB.
        let [high, middle, third, low] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        self.push_addresses(segment);
        match segment.source.address {
            IpAddr::V4(_) => self.push(&[0, TCP, third, low]),
            IpAddr::V6(_) => self.push(&[high, middle, third, low, 0, 0, 0, TCP]),
        }
    }

    fn push_addresses(&mut self, segment: &Segment<'_>) {
        for end in [segment.source, segment.destination] {
            match end.address {
                IpAddr::V4(address) => self.push(&address.octets()),
                IpAddr::V6(address) => self.push(&address.octets()),
            }
        }
    }

    fn push_fixed(&mut self, header: &[u8]) {
        let from = self.length;
        self.push(header);
        self.zero(from + 16, 2);
    }

    /// A header has at most 60 octets, so that everything finds room.
    fn push(&mut self, octets: &[u8]) {
        let end = self.length + octets.len();
        if let Some(room) = self.octets.get_mut(self.length..end) {
            room.copy_from_slice(octets);
            self.length = end;
        }
    }

    fn zero(&mut self, from: usize, length: usize) {
        if let Some(octets) = self.octets.get_mut(from..from + length) {
            octets.fill(0);
        }
    }
}

/// The protocol number of TCP.
const TCP: u8 = 6;

/// What a traffic key depends on beside the master key (RFC 5925 5.2): the ends, as the segment's
/// sender sees them, and both initial sequence numbers.
pub(super) fn context(segment: &Segment<'_>, source_isn: u32, destination_isn: u32) -> Vec<u8> {
    let mut octets = Vec::with_capacity(44);
    for end in [segment.source, segment.destination] {
        match end.address {
            IpAddr::V4(address) => octets.extend(address.octets()),
            IpAddr::V6(address) => octets.extend(address.octets()),
        }
    }
    octets.extend(segment.source.port.to_be_bytes());
    octets.extend(segment.destination.port.to_be_bytes());
    octets.extend(source_isn.to_be_bytes());
    octets.extend(destination_isn.to_be_bytes());
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Signature;
    use crate::auth::testing::{self, SYN};

    /// RFC 9235 4.1.1 and, without other options, the same octets without them.
    #[test]
    fn what_is_covered_is_the_input_of_rfc_9235() {
        let packet = testing::hex(SYN);
        let segment = testing::segment(&packet);
        let ao = Signature::of(&segment).ao.unwrap();
        let whole = Covered::authentication(&segment, &ao, 0, true);
        let expected = testing::hex(
            "000000000a0b0c0dac1b1c1d00060038e9d700b3fbfbab5a00000000e002ffff00000000020405b4
             010303080402080a00155ab7000000001d103d54000000000000000000000000",
        );
        assert_eq!(whole.octets(), expected);
        let bare = Covered::authentication(&segment, &ao, 0, false);
        let expected = testing::hex(
            "000000000a0b0c0dac1b1c1d00060038e9d700b3fbfbab5a00000000e002ffff00000000
             1d103d54000000000000000000000000",
        );
        assert_eq!(bare.octets(), expected);
        let context = context(&segment, 0xfbfb_ab5a, 0);
        let expected = testing::hex("0a0b0c0dac1b1c1de9d700b3fbfbab5a00000000");
        assert_eq!(context, expected);
    }

    #[test]
    fn md5_covers_no_option() {
        let packet = testing::hex(SYN);
        let covered = Covered::md5(&testing::segment(&packet));
        let expected =
            testing::hex("0a0b0c0dac1b1c1d00060038e9d700b3fbfbab5a00000000e002ffff00000000");
        assert_eq!(covered.octets(), expected);
    }
}
