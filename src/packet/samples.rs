//! Frames as commented hex, for tests.

use crate::capture::{Frame, LinkType};

/// Octets put together from commented hex: everything from `#` to the end of a line is a comment.
#[derive(Debug, Clone, Default)]
pub(super) struct Hex(Vec<u8>);

impl Hex {
    pub(super) fn of(text: &str) -> Hex {
        Hex::default().then(text)
    }

    pub(super) fn then(mut self, text: &str) -> Hex {
        let digits: String = text
            .lines()
            .flat_map(|line| line.split('#').next())
            .flat_map(str::chars)
            .filter(|character| !character.is_whitespace())
            .collect();
        let pairs = digits.as_bytes().chunks(2);
        self.0.extend(
            pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()),
        );
        self
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// A frame that was captured whole.
pub(super) fn frame(link: u16, data: &[u8]) -> Frame<'_> {
    cut_frame(link, data, data.len())
}

/// A frame of which `original` octets were on the wire.
pub(super) fn cut_frame(link: u16, data: &[u8], original: usize) -> Frame<'_> {
    Frame {
        file: 0,
        number: 1,
        time: None,
        link: LinkType(link),
        data,
        original_length: original as u32,
    }
}

/// A segment of 36 octets from 10.0.0.1 to 10.0.0.100: the payload is `BMP!`.
pub(super) const TCP: &str = "
    c3 50         # Source Port: 50000
    2b 0b         # Destination Port: 11019
    00 00 03 e8   # Sequence Number: 1000
    00 00 07 d0   # Acknowledgment Number: 2000
    80 18         # Data Offset: 8 words; PSH, ACK
    02 00         # Window: 512
    d3 c7         # Checksum
    00 00         # Urgent Pointer
    01 01         # No-Operation, twice
    08 0a 00 00 00 01 00 00 00 02 # Timestamps
    42 4d 50 21   # BMP!
";

/// IPv4 from 10.0.0.1 to 10.0.0.100 around [`TCP`].
pub(super) const IPV4: &str = "
    45            # Version 4, Internet Header Length 5 words
    00            # Type of Service
    00 38         # Total Length: 56
    12 34         # Identification
    40 00         # Don't Fragment
    40 06         # Time to Live, Protocol: TCP
    00 00         # Header Checksum
    0a 00 00 01   # Source Address
    0a 00 00 64   # Destination Address
";

/// IPv6 from fd00::1 to fd00::64 around [`TCP`].
pub(super) const IPV6: &str = "
    60 00 00 00   # Version 6, Traffic Class, Flow Label
    00 24         # Payload Length: 36
    06 40         # Next Header: TCP, Hop Limit
    fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 # Source Address
    fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 64 # Destination Address
";

/// The two MAC addresses of an Ethernet header.
pub(super) const MACS: &str = "02 00 00 00 00 02  02 00 00 00 00 01";

/// An IPv4 header from 192.0.2.1 to 192.0.2.2 before `carried` octets.
pub(super) fn outer(protocol: u8, carried: usize) -> String {
    let total = carried + 20;
    format!("45 00 {total:04x} 0001 0000 40 {protocol:02x} 0000 c0000201 c0000202")
}

/// A UDP header to `port` before `carried` octets.
pub(super) fn udp(port: u16, carried: usize) -> String {
    format!("c000 {port:04x} {:04x} 0000", carried + 8)
}
