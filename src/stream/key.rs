//! By what a connection is found: two addresses, two ports.

use crate::net::Endpoint;
use crate::packet::Segment;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

/// Two endpoints in order, so that both directions find the same connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    low: u128,
    high: u128,
    /// Both ports, and in which family.
    ports: u64,
}

impl Key {
    #[inline]
    pub(super) fn of(segment: &Segment<'_>) -> Key {
        Key::between(segment.source, segment.destination)
    }

    #[inline]
    pub(super) fn between(a: Endpoint, b: Endpoint) -> Key {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        // A router may have both families on one link, never in one packet.
        let family = u64::from(low.address.is_ipv6());
        Key {
            low: bits(low.address),
            high: bits(high.address),
            ports: u64::from(low.port) << 32 | u64::from(high.port) << 8 | family,
        }
    }
}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u128(self.low);
        state.write_u128(self.high);
        state.write_u64(self.ports);
    }
}

#[inline]
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_have_one_key_and_the_two_families_differ() {
        let end = |address: &str, port| Endpoint {
            address: address.parse().unwrap(),
            port,
        };
        let (a, b) = (end("192.0.2.1", 1790), end("192.0.2.2", 50_000));
        assert!(Key::between(a, b) == Key::between(b, a));
        let swapped = (end("192.0.2.1", 50_000), end("192.0.2.2", 1790));
        assert!(Key::between(a, b) != Key::between(swapped.0, swapped.1));
        let (c, d) = (end("::c000:201", 1790), end("::c000:202", 50_000));
        assert!(Key::between(a, b) != Key::between(c, d));
    }
}
