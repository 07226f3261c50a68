//! The record layer's header (RFC 8446 5.1, RFC 5246 6.2).

/// Octets of a header.
pub(super) const HEADER: usize = 5;

/// Content types (RFC 8446 5.1; IANA TLS ContentType).
pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
/// RFC 8446 4.
pub(super) const HANDSHAKE: u8 = 22;
/// RFC 8446 5.1.
pub(super) const APPLICATION_DATA: u8 = 23;
/// RFC 6520 3.
const HEARTBEAT: u8 = 24;

/// The most octets of a fragment: 2^14 + 2048 (RFC 5246 6.2.3), which is more than TLS 1.3 allows.
const LONGEST: u16 = (1 << 14) + 2048;

/// A record's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Content type.
    pub(super) kind: u8,
    /// `legacy_record_version`.
    pub(super) version: u16,
    /// Octets of the fragment.
    pub(super) length: u16,
}

impl Header {
    /// The header at the beginning of some octets.
    pub(super) fn read(octets: &[u8]) -> Option<Header> {
        let &[kind, major, minor, high, low] = octets.first_chunk::<HEADER>()?;
        Some(Header {
            kind,
            version: u16::from_be_bytes([major, minor]),
            length: u16::from_be_bytes([high, low]),
        })
    }

    /// As it stands on the wire.
    pub(super) fn octets(self) -> [u8; HEADER] {
        let [major, minor] = self.version.to_be_bytes();
        let [high, low] = self.length.to_be_bytes();
        [self.kind, major, minor, high, low]
    }

    /// Octets of the whole record.
    pub(super) fn record_length(self) -> usize {
        HEADER + usize::from(self.length)
    }

    /// Whether a record may begin so: its type, its version, its length.
    pub(super) fn is_plausible(self) -> bool {
        (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(&self.kind)
            && (0x0300..=0x0304).contains(&self.version)
            && self.length <= LONGEST
    }

    /// Whether a protected record of TLS 1.2 or 1.3 may begin so.
    pub(super) fn may_be_protected(self, is_1_3: bool) -> bool {
        let kind = match is_1_3 {
            true => self.kind == APPLICATION_DATA,
            false => (CHANGE_CIPHER_SPEC..=HEARTBEAT).contains(&self.kind),
        };
        kind && self.version == 0x0303 && self.length > 16 && self.length <= LONGEST
    }
}

/// Whether a stream that begins with these octets begins with a hello: a handshake record whose first
/// message is a ClientHello or ServerHello. None: there are too few to tell.
pub(super) fn begins_with_hello(octets: &[u8]) -> Option<bool> {
    let is = |index: usize, good: &[u8]| octets.get(index).map(|octet| good.contains(octet));
    let checks = [
        is(0, &[HANDSHAKE]),
        is(1, &[3]),
        is(2, &[0, 1, 2, 3, 4]),
        is(5, &[1, 2]),
    ];
    if checks.contains(&Some(false)) {
        return Some(false);
    }
    if checks.contains(&None) {
        return None;
    }
    Some(Header::read(octets).is_some_and(|header| header.is_plausible() && header.length > 0))
}

/// Whether a stream that begins with these octets begins with a record that follows hellos: a protected
/// one, or the ChangeCipherSpec before it (RFC 8446 D.4). None: there are too few to tell.
pub(super) fn begins_with_later_record(octets: &[u8]) -> Option<bool> {
    let Some(header) = Header::read(octets) else {
        let form: [&[u8]; 3] = [&[20, 21, 22, 23, 24], &[3], &[3]];
        let is_like = octets
            .iter()
            .zip(form)
            .all(|(octet, good)| good.contains(octet));
        return (!is_like).then_some(false);
    };
    let is_change = header.octets() == [CHANGE_CIPHER_SPEC, 3, 3, 0, 1];
    Some(is_change || header.may_be_protected(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_written_the_same() {
        // The first record of the lab's tls.pcap.
        let octets = [0x16, 0x03, 0x01, 0x00, 0xf8];
        let header = Header::read(&octets).unwrap();
        assert_eq!(
            (header.kind, header.version, header.length),
            (22, 0x0301, 248)
        );
        assert_eq!(header.octets(), octets);
        assert!(header.is_plausible());
        assert!(!header.may_be_protected(false));
    }

    #[test]
    fn a_later_record_is_known_by_its_header() {
        // The client's ChangeCipherSpec of the lab's tls.pcap; application data.
        for record in [[0x14, 3, 3, 0, 1], [0x17, 3, 3, 0, 0x35]] {
            for length in 0..record.len() {
                assert_eq!(begins_with_later_record(&record[..length]), None);
            }
            assert_eq!(begins_with_later_record(&record), Some(true));
        }
        // BMP; a record too short to be protected.
        for other in [&[3, 0][..], &[0x17, 3, 3, 0, 16], &[0x14, 3, 3, 0, 2]] {
            assert_eq!(begins_with_later_record(other), Some(false), "{other:x?}");
        }
    }

    #[test]
    fn a_hello_is_known_by_six_octets() {
        let hello = [0x16, 0x03, 0x01, 0x00, 0xf8, 0x01];
        for length in 0..hello.len() {
            assert_eq!(begins_with_hello(&hello[..length]), None, "{length}");
        }
        assert_eq!(begins_with_hello(&hello), Some(true));
        // BMP, application data, a Finished, a length that no record has.
        for other in [
            &[3, 0, 0, 0, 6, 4][..],
            &[0x17, 3, 3],
            &[0x16, 3, 3, 0, 40, 20],
            &[0x16, 3, 3, 0xff, 0xff, 1],
        ] {
            assert_eq!(begins_with_hello(other), Some(false), "{other:x?}");
        }
    }
}
