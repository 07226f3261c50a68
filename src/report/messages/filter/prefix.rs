//! `--prefix`: which routes lead to a prefix, into it or around it.

use crate::bgp::Nlri;
use crate::bgp::nlri::Kind;
use crate::net::{Family, Prefix};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Prefixes asked for, and how near others have to be to them.
#[derive(Debug, Clone, Default)]
pub(super) struct Prefixes {
    asked: Vec<Prefix>,
    more_specific: bool,
    less_specific: bool,
}

impl Prefixes {
    pub(super) fn new(asked: Vec<Prefix>, more_specific: bool, less_specific: bool) -> Prefixes {
        Prefixes {
            asked,
            more_specific,
            less_specific,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// Whether a route is asked for. One without a prefix never is.
    #[inline]
    pub(super) fn wants(&self, nlri: &Nlri<'_>) -> bool {
        prefix_of(nlri)
            .is_some_and(|prefix| self.asked.iter().any(|asked| self.fits(asked, &prefix)))
    }

    #[inline]
    fn fits(&self, asked: &Prefix, prefix: &Prefix) -> bool {
        prefix == asked
            || (self.more_specific && covers(asked, prefix))
            || (self.less_specific && covers(prefix, asked))
    }
}

/// The prefix of a route of any family that has one, an EVPN IP Prefix route included
/// (RFC 9136 3).
#[inline]
fn prefix_of(nlri: &Nlri<'_>) -> Option<Prefix> {
    const EVPN: Family = Family::new(25, 70);
    if nlri.family != EVPN {
        return nlri.prefix();
    }
    match nlri.kind() {
        Some(Ok(Kind::Evpn(route))) => route.prefix,
        _ => None,
    }
}

/// Whether every address of `inner` is one of `outer`.
#[inline]
fn covers(outer: &Prefix, inner: &Prefix) -> bool {
    let is_one_family = outer.address.is_ipv4() == inner.address.is_ipv4();
    is_one_family
        && outer.length <= inner.length
        && masked(bits(inner.address), outer.length) == bits(outer.address)
}

/// The bits of an address, from the highest.
#[inline]
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[inline]
fn masked(bits: u128, length: u8) -> u128 {
    let below = u128::MAX.checked_shr(length.into()).unwrap_or(0);
    bits & !below
}

/// Reads `192.0.2.0/24`, or an address, which is a prefix of all its bits.
pub(super) fn parse(text: &str) -> Result<Prefix, String> {
    let no_prefix =
        || format!("'{text}' is no prefix (192.0.2.0/24, 2001:db8::/32) and no address");
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().map_err(|_| no_prefix())?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let Some(length) = length else {
        return Ok(Prefix {
            address,
            length: width,
        });
    };
    let is_number = !length.is_empty() && length.bytes().all(|octet| octet.is_ascii_digit());
    if !is_number {
        return Err(no_prefix());
    }
    let length = length.parse().ok().filter(|length| *length <= width);
    let length = length.ok_or_else(|| format!("an address like {address} has {width} bits"))?;
    whole(address, length)
}

/// Refuses addresses with bits behind the length: which prefix is meant is anyone's guess.
fn whole(address: IpAddr, length: u8) -> Result<Prefix, String> {
    let kept = masked(bits(address), length);
    let network: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::from_bits((kept >> 96) as u32).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(kept).into(),
    };
    if network == address {
        return Ok(Prefix { address, length });
    }
    Err(format!(
        "{address} has bits behind its first {length}: {network}/{length}, or the address alone?"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        parse(text).unwrap()
    }

    #[test]
    fn an_address_alone_is_a_prefix_of_all_its_bits() {
        assert_eq!(prefix("192.0.2.1").to_string(), "192.0.2.1/32");
        assert_eq!(prefix("2001:db8::1").to_string(), "2001:db8::1/128");
        assert_eq!(prefix("0.0.0.0/0").length, 0);
        assert_eq!(prefix("::/0").length, 0);
    }

    #[test]
    fn what_is_no_prefix_is_refused_with_the_reason() {
        let error = |text| parse(text).unwrap_err();
        let none = "'edge1' is no prefix (192.0.2.0/24, 2001:db8::/32) and no address";
        assert_eq!(error("edge1"), none);
        for text in ["", "/", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/-1", "10/8"] {
            assert!(error(text).contains("is no prefix"), "{text}");
        }
        assert_eq!(error("10.0.0.0/33"), "an address like 10.0.0.0 has 32 bits");
        assert_eq!(error("::/300"), "an address like :: has 128 bits");
        assert_eq!(
            error("10.0.0.1/8"),
            "10.0.0.1 has bits behind its first 8: 10.0.0.0/8, or the address alone?"
        );
    }

    #[test]
    fn a_prefix_covers_itself_and_what_is_inside_of_its_own_family() {
        let covers = |outer, inner| covers(&prefix(outer), &prefix(inner));
        assert!(covers("10.0.0.0/8", "10.0.0.0/8") && covers("10.0.0.0/8", "10.255.0.0/16"));
        assert!(!covers("10.0.0.0/8", "11.0.0.0/16") && !covers("10.0.0.0/16", "10.0.0.0/8"));
        assert!(covers("0.0.0.0/0", "192.0.2.1/32") && covers("::/0", "2001:db8::/32"));
        assert!(!covers("0.0.0.0/0", "::/0") && !covers("::/0", "0.0.0.0/0"));
        assert!(covers("2001:db8::/32", "2001:db8:ffff::1/128"));
        // 10.0.0.0 and a00:: have the same highest bits.
        assert!(!covers("a00::/8", "10.0.0.0/8"));
    }
}
