//! Containers, recognised by their first octets.

use super::Probe;
use super::openbmp::OpenBmp;
use super::pcap::Pcap;
use super::pcapng::Pcapng;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// What an input is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// pcap: either byte order, microseconds or nanoseconds, or modified.
    Pcap,
    /// pcapng.
    Pcapng,
    /// OpenBMP raw frames: BMP messages that a collector passed on.
    OpenBmp,
    /// A BMP stream without packets around it.
    Bmp,
}

impl Format {
    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Format::Pcap => "pcap",
            Format::Pcapng => "pcapng",
            Format::OpenBmp => "openbmp",
            Format::Bmp => "bmp",
        }
    }

    /// The container that begins with `bytes`, if it is one.
    pub(super) fn recognise(bytes: &[u8], probe: Probe<'_>) -> Option<Format> {
        if Pcap::recognises(bytes) {
            return Some(Format::Pcap);
        }
        if Pcapng::recognises(bytes) {
            return Some(Format::Pcapng);
        }
        if OpenBmp::recognises(bytes) {
            return Some(Format::OpenBmp);
        }
        probe(bytes).then_some(Format::Bmp)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What octets that are no capture look like: first octets, name.
const OTHERS: &[(&[u8], &str)] = &[
    (b"BZh", "bzip2"),
    (&[0x04, 0x22, 0x4d, 0x18], "lz4"),
    (b"PK\x03\x04", "zip"),
];

/// Why `bytes` are no capture, for a person.
pub(super) fn describe_unknown(bytes: &[u8]) -> String {
    let known = OTHERS.iter().find(|(magic, _)| bytes.starts_with(magic));
    if let Some((_, name)) = known {
        return format!("{name} is not read; decompress it and give the result, or pipe it to -");
    }
    let start = bytes.get(..8).unwrap_or(bytes);
    let hex: Vec<String> = start.iter().map(|octet| format!("{octet:02x}")).collect();
    format!(
        "not a capture: it begins with {} ({}), which is neither pcap, pcapng nor OpenBMP, and no \
         BMP messages follow each other from its first octet",
        hex.join(" "),
        start.escape_ascii()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_recognised_by_their_first_octets() {
        let recognise = |bytes: &[u8]| Format::recognise(bytes, &|bytes| bytes.starts_with(&[3]));
        assert_eq!(recognise(&[0xd4, 0xc3, 0xb2, 0xa1]), Some(Format::Pcap));
        assert_eq!(
            recognise(&[0x0a, 0x0d, 0x0d, 0x0a, 0, 0]),
            Some(Format::Pcapng)
        );
        assert_eq!(recognise(b"OBMP\x01\x07"), Some(Format::OpenBmp));
        assert_eq!(recognise(&[3, 0, 0, 0]), Some(Format::Bmp));
        assert_eq!(recognise(b"GET / HT"), None);
        assert_eq!(recognise(b""), None);
        // A section header with a Byte-Order Magic that does not exist.
        assert_eq!(recognise(b"\x0a\x0d\x0d\x0a\0\0\0\x1c1234"), None);
    }

    #[test]
    fn what_is_no_capture_is_described() {
        assert_eq!(
            describe_unknown(b"GET / HTTP/1.1"),
            "not a capture: it begins with 47 45 54 20 2f 20 48 54 (GET / HT), which is neither \
             pcap, pcapng nor OpenBMP, and no BMP messages follow each other from its first octet"
        );
        assert_eq!(
            describe_unknown(b"BZh91AY"),
            "bzip2 is not read; decompress it and give the result, or pipe it to -"
        );
    }
}
