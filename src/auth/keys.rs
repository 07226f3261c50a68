//! The keys of `--keys` and which of them may have signed a segment.

use super::algorithm::Algorithm;
use super::option::Signature;
use crate::net::Endpoint;
use crate::packet::Segment;
use crate::secret::Secret;
use std::net::IpAddr;

/// Everything a key file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys {
    /// The keys, in the order of the file.
    pub keys: Vec<Key>,
    /// Initial sequence numbers given by hand.
    pub connections: Vec<KnownConnection>,
}

/// A Master Key Tuple (RFC 5925 3.1), or a TCP-MD5 password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name in answers.
    pub name: String,
    /// The router's end; none: any.
    pub router: Option<Pattern>,
    /// The station's end; none: any.
    pub station: Option<Pattern>,
    /// The TCP port of the side that listens; none: any.
    pub port: Option<u16>,
    /// How it signs.
    pub algorithm: Algorithm,
    /// Octets of its MACs; none: the algorithm's own, and any other that is met.
    pub mac_length: Option<u8>,
    /// KeyID in segments that the router sends; none: any.
    pub router_key_id: Option<u8>,
    /// KeyID in segments that the station sends; none: any.
    pub station_key_id: Option<u8>,
    /// Whether it covers TCP options.
    pub options: Options,
    /// The master key or password.
    pub secret: Secret,
}

/// Whether a key covers the TCP options beside its own (RFC 5925 3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Options {
    /// Both are tried.
    #[default]
    Auto,
    /// It does.
    Covered,
    /// It does not.
    Omitted,
}

/// As whose key one signed a segment, by its addresses and KeyIDs. Who the router is shows in what the
/// connection carries, later than its first segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The router's.
    Router,
    /// The station's.
    Station,
    /// It does not tell.
    Either,
}

/// Addresses that a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    address: IpAddr,
    length: u8,
}

/// A connection whose initial sequence numbers are given by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownConnection {
    /// The router's end.
    pub router: Endpoint,
    /// The station's end.
    pub station: Endpoint,
    /// The router's initial sequence number.
    pub router_isn: u32,
    /// The station's.
    pub station_isn: u32,
}

impl Pattern {
    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32`. Bits behind the length do not matter.
    pub fn parse(text: &str) -> Option<Pattern> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(bits);
        (length <= bits).then_some(Pattern { address, length })
    }

    /// Whether an address is among them.
    pub fn matches(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let different = own.to_bits() ^ other.to_bits();
                different.leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let different = own.to_bits() ^ other.to_bits();
                different.leading_zeros() >= u32::from(self.length)
            }
            _ => false,
        }
    }
}

impl Key {
    /// Whether it may be for a connection between these ends, whichever of them is the router.
    pub fn is_for(&self, one: Endpoint, other: Endpoint) -> bool {
        self.fits(one, other) || self.fits(other, one)
    }

    /// As whose key it may have signed a segment; none: as nobody's.
    pub(super) fn signs_as(
        &self,
        segment: &Segment<'_>,
        signature: &Signature<'_>,
    ) -> Option<Signer> {
        let (source, destination) = (segment.source, segment.destination);
        let key_id = signature.ao.map(|ao| ao.key_id);
        if (self.algorithm == Algorithm::TcpMd5) != key_id.is_none() {
            return None;
        }
        let is_own =
            |wanted: Option<u8>| key_id.is_none() || wanted.is_none_or(|id| key_id == Some(id));
        let router = self.fits(source, destination) && is_own(self.router_key_id);
        let station = self.fits(destination, source) && is_own(self.station_key_id);
        match (router, station) {
            (true, true) => Some(Signer::Either),
            (true, false) => Some(Signer::Router),
            (false, true) => Some(Signer::Station),
            (false, false) => None,
        }
    }

    fn fits(&self, router: Endpoint, station: Endpoint) -> bool {
        let is_at = |pattern: Option<Pattern>, end: Endpoint| {
            pattern.is_none_or(|pattern| pattern.matches(end.address))
        };
        let has_port = self
            .port
            .is_none_or(|port| router.port == port || station.port == port);
        has_port && is_at(self.router, router) && is_at(self.station, station)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Endpoint {
        let address: std::net::SocketAddr = text.parse().unwrap();
        Endpoint {
            address: address.ip(),
            port: address.port(),
        }
    }

    #[test]
    fn a_pattern_is_an_address_or_a_prefix() {
        let matches = |pattern: &str, address: &str| {
            Pattern::parse(pattern)
                .unwrap()
                .matches(address.parse().unwrap())
        };
        assert!(matches("192.0.2.1", "192.0.2.1"));
        assert!(!matches("192.0.2.1", "192.0.2.2"));
        assert!(matches("192.0.2.1/24", "192.0.2.200"));
        assert!(matches("0.0.0.0/0", "198.51.100.1"));
        assert!(!matches("0.0.0.0/0", "2001:db8::1"));
        assert!(matches("2001:db8::/32", "2001:db8:1::1"));
        assert!(!matches("2001:db8::/32", "2001:db9::1"));
        for wrong in [
            "",
            "192.0.2.0/33",
            "::/129",
            "192.0.2.0/",
            "a/8",
            "192.0.2.0/-1",
        ] {
            assert_eq!(Pattern::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_key_is_for_its_ends_in_either_direction() {
        let key = Key {
            name: "one".to_owned(),
            router: Pattern::parse("192.0.2.0/24"),
            station: Pattern::parse("198.51.100.1"),
            port: Some(1790),
            algorithm: Algorithm::HmacSha1,
            mac_length: None,
            router_key_id: Some(84),
            station_key_id: Some(61),
            options: Options::Auto,
            secret: Secret::new(Vec::new()),
        };
        let (router, station) = (end("192.0.2.7:40000"), end("198.51.100.1:1790"));
        assert!(key.is_for(router, station) && key.is_for(station, router));
        assert!(!key.is_for(router, end("198.51.100.1:1791")));
        assert!(!key.is_for(end("192.0.3.7:40000"), station));
    }
}
