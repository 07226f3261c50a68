//! TCP segments as they lie in a capture (RFC 9293 3.1): fields, options as raw octets, checksum.
//!
//! ```text
//!  0                   1                   2                   3
//! |          Source Port          |       Destination Port        |
//! |                        Sequence Number                        |
//! |                    Acknowledgment Number                      |
//! | DOffset| Rsrvd| Control Bits  |            Window             |
//! |           Checksum            |         Urgent Pointer        |
//! |                           [Options]                           |
//! ```

use super::checksum::{ones_complement, pseudo_header};
use super::view::View;
use super::{Carriage, OptionIter, Other};
use crate::net::Endpoint;
use etherparse::TcpHeaderSlice;
use std::fmt;
use std::net::IpAddr;

/// The control bits CWR to FIN (RFC 9293 3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// No more data from the sender.
    pub const FIN: Flags = Flags(0x01);
    /// Synchronize sequence numbers.
    pub const SYN: Flags = Flags(0x02);
    /// Reset the connection.
    pub const RST: Flags = Flags(0x04);
    /// Push.
    pub const PSH: Flags = Flags(0x08);
    /// The Acknowledgment Number is significant.
    pub const ACK: Flags = Flags(0x10);
    /// The Urgent Pointer is significant.
    pub const URG: Flags = Flags(0x20);
    /// ECN-Echo (RFC 3168).
    pub const ECE: Flags = Flags(0x40);
    /// Congestion Window Reduced (RFC 3168).
    pub const CWR: Flags = Flags(0x80);

    #[inline]
    fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }

    /// FIN is set.
    #[inline]
    pub fn fin(self) -> bool {
        self.has(Flags::FIN)
    }

    /// SYN is set.
    #[inline]
    pub fn syn(self) -> bool {
        self.has(Flags::SYN)
    }

    /// RST is set.
    #[inline]
    pub fn rst(self) -> bool {
        self.has(Flags::RST)
    }

    /// PSH is set.
    #[inline]
    pub fn psh(self) -> bool {
        self.has(Flags::PSH)
    }

    /// ACK is set.
    #[inline]
    pub fn ack(self) -> bool {
        self.has(Flags::ACK)
    }

    /// URG is set.
    #[inline]
    pub fn urg(self) -> bool {
        self.has(Flags::URG)
    }

    /// ECE is set.
    #[inline]
    pub fn ece(self) -> bool {
        self.has(Flags::ECE)
    }

    /// CWR is set.
    #[inline]
    pub fn cwr(self) -> bool {
        self.has(Flags::CWR)
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = FLAG_NAMES.iter().filter(|(flag, _)| self.has(*flag));
        if let Some((_, name)) = names.next() {
            f.write_str(name)?;
        }
        names.try_for_each(|(_, name)| write!(f, " {name}"))
    }
}

/// In the order in which people say them: SYN ACK.
const FLAG_NAMES: &[(Flags, &str)] = &[
    (Flags::FIN, "FIN"),
    (Flags::SYN, "SYN"),
    (Flags::RST, "RST"),
    (Flags::PSH, "PSH"),
    (Flags::ACK, "ACK"),
    (Flags::URG, "URG"),
    (Flags::ECE, "ECE"),
    (Flags::CWR, "CWR"),
];

/// The two addresses between which a datagram travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Addresses {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
}

/// A TCP segment, borrowed from its frame or from a reassembled datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Who sent it.
    pub source: Endpoint,
    /// To whom; behind an IPv6 routing header, the last stop.
    pub destination: Endpoint,
    /// Sequence Number of the first payload octet, or of the SYN.
    pub sequence: u32,
    /// Acknowledgment Number.
    pub acknowledgment: u32,
    /// Control bits.
    pub flags: Flags,
    /// Window, not scaled; it means nothing where it was not captured, see [`Segment::has_window`].
    pub window: u16,
    /// The TCP header with its options, as far as it was captured: 14 octets at least, all that tells
    /// whose the segment is and what it does.
    pub header: &'a [u8],
    /// The payload as far as it was captured, without link-layer padding.
    pub payload: &'a [u8],
    /// Payload octets that were on the wire by the IP length but were not captured (snaplen).
    pub missing: u32,
    /// What the segment travelled in.
    pub carriage: Carriage,
}

impl<'a> Segment<'a> {
    /// The segment at the start of what an IP header carries.
    pub(super) fn decode(
        mut view: View<'a>,
        addresses: &Addresses,
        carriage: Carriage,
    ) -> Result<Segment<'a>, Other> {
        let start = view;
        let segment = match view.header::<TcpHeaderSlice<'a>>("TCP header") {
            // The header was checked, so it is there.
            Ok(header) => Segment::whole(addresses, header.slice()).map(|segment| Segment {
                payload: view.rest(),
                missing: octets(view.missing()),
                ..segment
            }),
            Err(Other::Truncated(_)) => Segment::cut(addresses, &start),
            Err(other) => return Err(other),
        };
        let segment = segment.ok_or_else(|| start.ended("TCP header"))?;
        Ok(Segment {
            carriage,
            ..segment
        })
    }

    /// The segment of which nothing behind its control bits, or its options, was captured (snaplen).
    #[cold]
    fn cut(addresses: &Addresses, view: &View<'a>) -> Option<Segment<'a>> {
        let header = view.rest();
        let captured = header.get(..20).unwrap_or(header);
        let mut fixed = [0; 20];
        fixed.get_mut(..captured.len())?.copy_from_slice(captured);
        if captured.len() < CONTROL_BITS_END || header_length(&fixed) < fixed.len() {
            return None;
        }
        let segment = Segment::new(addresses, &fixed, header, &[]);
        let payload = view.missing().checked_sub(segment.header_missing())?;
        Some(Segment {
            missing: octets(payload),
            ..segment
        })
    }

    /// The segment that fills `bytes`, if all of it is there.
    #[inline]
    pub(super) fn whole(addresses: &Addresses, bytes: &'a [u8]) -> Option<Segment<'a>> {
        let fixed = bytes.first_chunk::<20>()?;
        let length = header_length(fixed);
        if length < fixed.len() {
            return None;
        }
        let (header, payload) = bytes.split_at_checked(length)?;
        Some(Segment::new(addresses, fixed, header, payload))
    }

    #[inline]
    fn new(
        addresses: &Addresses,
        fixed: &[u8; 20],
        header: &'a [u8],
        payload: &'a [u8],
    ) -> Segment<'a> {
        let [
            s0,
            s1,
            d0,
            d1,
            n0,
            n1,
            n2,
            n3,
            a0,
            a1,
            a2,
            a3,
            _,
            flags,
            w0,
            w1,
            ..,
        ] = *fixed;
        let endpoint = |address, port| Endpoint {
            address,
            port: u16::from_be_bytes(port),
        };
        Segment {
            source: endpoint(addresses.source, [s0, s1]),
            destination: endpoint(addresses.destination, [d0, d1]),
            sequence: u32::from_be_bytes([n0, n1, n2, n3]),
            acknowledgment: u32::from_be_bytes([a0, a1, a2, a3]),
            flags: Flags(flags),
            window: u16::from_be_bytes([w0, w1]),
            header,
            payload,
            missing: 0,
            carriage: Carriage::default(),
        }
    }

    /// The options, octet by octet as they are.
    #[inline]
    pub fn options(&self) -> OptionIter<'a> {
        OptionIter::new(self.header, self.header_missing())
    }

    /// Octets of the header that were on the wire but were not captured (snaplen).
    #[inline]
    pub fn header_missing(&self) -> usize {
        let words = self.header.get(12).map_or(0, |octet| octet >> 4);
        (usize::from(words) * 4).saturating_sub(self.header.len())
    }

    /// Its window was captured.
    #[inline]
    pub fn has_window(&self) -> bool {
        self.header.len() >= WINDOW_END
    }

    /// Not all of it was captured (snaplen).
    #[inline]
    pub fn is_cut(&self) -> bool {
        self.missing > 0 || self.header_missing() > 0
    }

    /// Whether the Checksum disagrees with the segment (RFC 9293 3.1); none where octets were not
    /// captured. A checksum that the network card was to fill in (offload) disagrees as well.
    pub fn checksum_is_wrong(&self) -> Option<bool> {
        if self.is_cut() {
            return None;
        }
        let length = self.header.len() + self.payload.len();
        let sum = pseudo_header(self.source.address, self.destination.address, length)
            + ones_complement(self.header)
            + ones_complement(self.payload);
        Some(super::checksum::fold(sum) != 0xffff)
    }
}

/// Octets of a header up to its control bits, and up to its window (RFC 9293 3.1).
const CONTROL_BITS_END: usize = 14;
const WINDOW_END: usize = 16;

/// A count of octets that fits: more were never on the wire.
fn octets(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Data Offset in octets.
#[inline]
fn header_length(fixed: &[u8; 20]) -> usize {
    usize::from(fixed[12] >> 4) * 4
}

#[cfg(test)]
mod tests {
    use super::super::samples::{self, Hex};
    use super::*;

    fn addresses() -> Addresses {
        Addresses {
            source: [10, 0, 0, 1].into(),
            destination: [10, 0, 0, 100].into(),
        }
    }

    #[test]
    fn fields_and_payload_are_where_the_rfc_says() {
        let bytes = Hex::of(samples::TCP).bytes();
        let segment = Segment::decode(View::new(&bytes, 0), &addresses(), Carriage::default());
        let segment = segment.unwrap();
        assert_eq!(segment.source.to_string(), "10.0.0.1:50000");
        assert_eq!(segment.destination.to_string(), "10.0.0.100:11019");
        assert_eq!((segment.sequence, segment.acknowledgment), (1000, 2000));
        assert_eq!(
            (segment.flags.to_string(), segment.window),
            ("PSH ACK".to_owned(), 512)
        );
        assert_eq!((segment.header.len(), segment.payload), (32, &b"BMP!"[..]));
        assert_eq!(Segment::whole(&addresses(), &bytes), Some(segment));
    }

    #[test]
    fn a_data_offset_under_five_words_is_malformed() {
        let mut bytes = Hex::of(samples::TCP).bytes();
        bytes[12] = 0x40;
        let segment = Segment::decode(View::new(&bytes, 0), &addresses(), Carriage::default());
        assert_eq!(
            segment.unwrap_err().to_string(),
            "malformed: Data Offset at byte 12: less than 5 words"
        );
        assert_eq!(Segment::whole(&addresses(), &bytes), None);
        let cut = Segment::decode(
            View::new(&bytes[..16], 20),
            &addresses(),
            Carriage::default(),
        );
        assert_eq!(cut, Err(Other::Truncated("TCP header")));
    }

    #[test]
    fn every_prefix_of_a_cut_segment_is_truncated_or_tells_what_is_missing() {
        let bytes = Hex::of(samples::TCP).bytes();
        for length in 0..bytes.len() {
            let view = View::new(&bytes[..length], bytes.len() - length);
            let segment = Segment::decode(view, &addresses(), Carriage::default());
            if length < 14 {
                assert_eq!(segment, Err(Other::Truncated("TCP header")));
                continue;
            }
            let segment = segment.unwrap();
            let header = length.min(32);
            assert_eq!(segment.header, &bytes[..header]);
            assert_eq!(segment.header_missing(), 32 - header);
            assert_eq!(segment.payload, &bytes[header..length]);
            assert_eq!(segment.missing as usize, (36 - length).min(4));
            assert!(segment.is_cut() && segment.checksum_is_wrong().is_none());
            assert_eq!((segment.sequence, segment.destination.port), (1000, 11019));
            assert_eq!(segment.flags.to_string(), "PSH ACK");
            assert_eq!(segment.has_window(), length >= 16);
            assert!(segment.window == 512 || !segment.has_window());
        }
    }

    #[test]
    fn options_that_the_wire_had_no_room_for_are_malformed() {
        let bytes = Hex::of(samples::TCP).bytes();
        let view = View::new(&bytes[..24], 7);
        let segment = Segment::decode(view, &addresses(), Carriage::default());
        assert_eq!(
            segment.unwrap_err().to_string(),
            "malformed: TCP header at byte 0: needs 32 bytes, 24 left in its container"
        );
    }

    #[test]
    fn the_checksum_covers_the_pseudo_header() {
        let mut bytes = Hex::of(samples::TCP).bytes();
        let wrong = |bytes: &[u8], missing| {
            Segment::decode(View::new(bytes, missing), &addresses(), Carriage::default())
                .unwrap()
                .checksum_is_wrong()
        };
        assert_eq!(wrong(&bytes, 0), Some(false));
        assert_eq!(wrong(&bytes, 1), None);
        bytes[35] ^= 1;
        assert_eq!(wrong(&bytes, 0), Some(true));
        bytes[16..18].fill(0);
        assert_eq!(wrong(&bytes, 0), Some(true));
    }
}
