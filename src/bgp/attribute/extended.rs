//! Extended communities (RFC 4360 2, RFC 5701 2) and their words: one row per type and sub-type.
//!
//! ```text
//! | Type (1) | Sub-Type (1) | Value (6 octets; 18 in the IPv6 form) |
//! ```

use crate::bgp::tlv::tunnel_type;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// An extended community (RFC 4360 2): all eight octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtendedCommunity(pub [u8; 8]);

/// An IPv6 address specific extended community (RFC 5701 2): all twenty octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ipv6ExtendedCommunity(pub [u8; 20]);

impl From<[u8; 8]> for ExtendedCommunity {
    fn from(octets: [u8; 8]) -> ExtendedCommunity {
        ExtendedCommunity(octets)
    }
}

impl From<[u8; 20]> for Ipv6ExtendedCommunity {
    fn from(octets: [u8; 20]) -> Ipv6ExtendedCommunity {
        Ipv6ExtendedCommunity(octets)
    }
}

/// How the six octets of a value are laid out.
#[derive(Debug, Clone, Copy)]
enum Layout {
    /// AS number of two octets, number of four.
    As2,
    /// IPv4 address, number of two octets.
    Ipv4,
    /// AS number of four octets, number of two.
    As4,
    /// AS number of two octets, IEEE 754 number of four (RFC 8955 7.1).
    Rate,
    /// A MAC address.
    Mac,
    /// The last four octets are a number.
    Number,
    /// No value of interest.
    Word,
    /// Any other: the reader of its own.
    Own(fn([u8; 6], &mut fmt::Formatter<'_>) -> fmt::Result),
}

const ORIGIN_VALIDATION_STATE: u16 = 0x4300;

/// BGP Extended Communities, IANA registry: type and sub-type, word, layout, source.
#[rustfmt::skip]
const TABLE: &[(u16, &str, Layout, &str)] = &[
    (0x0002, "rt", Layout::As2, "RFC 4360 4"),
    (0x0003, "ro", Layout::As2, "RFC 4360 5"),
    (0x0102, "rt", Layout::Ipv4, "RFC 4360 4"),
    (0x0103, "ro", Layout::Ipv4, "RFC 4360 5"),
    (0x0202, "rt", Layout::As4, "RFC 5668 2"),
    (0x0203, "ro", Layout::As4, "RFC 5668 2"),
    (0x0004, "link-bandwidth", Layout::Rate, "RFC 10005 2"),
    (0x4004, "link-bandwidth", Layout::Rate, "RFC 10005 2"),
    (0x0005, "ospf-domain-id", Layout::As2, "RFC 4577 4.2.4"),
    (0x0105, "ospf-domain-id", Layout::Ipv4, "RFC 4577 4.2.4"),
    (0x0205, "ospf-domain-id", Layout::As4, "RFC 4577 4.2.4"),
    (0x0107, "ospf-router-id", Layout::Ipv4, "RFC 4577 4.2.6"),
    (0x0009, "source-as", Layout::As2, "RFC 6514 6"),
    (0x0209, "source-as", Layout::As4, "RFC 6514 6"),
    (0x000a, "l2vpn-id", Layout::As2, "RFC 6074 3.2.2.1"),
    (0x010a, "l2vpn-id", Layout::Ipv4, "RFC 6074 3.2.2.1"),
    (0x010b, "vrf-route-import", Layout::Ipv4, "RFC 6514 7"),
    (0x0306, "ospf-route-type", Layout::Own(ospf_route_type), "RFC 4577 4.2.6"),
    (0x030b, "color", Layout::Number, "RFC 9012 4.3"),
    (0x030c, "encapsulation", Layout::Own(encapsulation), "RFC 9012 4.1"),
    (0x030d, "default-gateway", Layout::Word, "RFC 7432 7.8"),
    (ORIGIN_VALIDATION_STATE, "ovs", Layout::Own(origin_validation), "RFC 8097 2"),
    (0x0600, "mac-mobility", Layout::Own(mac_mobility), "RFC 7432 7.7"),
    (0x0601, "esi-label", Layout::Own(esi_label), "RFC 7432 7.5"),
    (0x0602, "es-import", Layout::Mac, "RFC 7432 7.6"),
    (0x0603, "router-mac", Layout::Mac, "RFC 9135 8.1"),
    (0x8006, "traffic-rate", Layout::Rate, "RFC 8955 7.1"),
    (0x800c, "traffic-rate-packets", Layout::Rate, "RFC 8955 7.2"),
    (0x8007, "traffic-action", Layout::Own(traffic_action), "RFC 8955 7.3"),
    (0x8008, "redirect", Layout::As2, "RFC 8955 7.4"),
    (0x8108, "redirect", Layout::Ipv4, "RFC 8955 7.4"),
    (0x8208, "redirect", Layout::As4, "RFC 8955 7.4"),
    (0x8009, "traffic-marking", Layout::Own(traffic_marking), "RFC 8955 7.5"),
];

impl ExtendedCommunity {
    /// Whether extended communities, those of IPv6 included, may begin with this word.
    pub fn is_word(word: &str) -> bool {
        TABLE.iter().any(|row| row.1 == word) || IPV6_TABLE.iter().any(|row| row.1 == word)
    }
}

impl fmt::Display for ExtendedCommunity {
    /// A word and what it says, `rt:65001:99`; without a word all octets in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [kind, sub, value @ ..] = self.0;
        let number = u16::from_be_bytes([kind, sub]);
        let row = TABLE.iter().find(|row| row.0 == number);
        // "discard ... if the value is greater than the largest" (RFC 8097 2): no state has it.
        let is_no_state = number == ORIGIN_VALIDATION_STATE && !matches!(value, [.., 0..=2]);
        let Some((_, word, layout, _)) = row.filter(|_| !is_no_state) else {
            return write!(f, "0x{:016x}", u64::from_be_bytes(self.0));
        };
        f.write_str(word)?;
        show(*layout, value, f)
    }
}

fn show(layout: Layout, value: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let [a, b, c, d, e, g] = value;
    let (head, tail) = (u16::from_be_bytes([a, b]), u32::from_be_bytes([c, d, e, g]));
    let last = u16::from_be_bytes([e, g]);
    match layout {
        Layout::As2 => write!(f, ":{head}:{tail}"),
        Layout::Ipv4 => write!(f, ":{}:{last}", Ipv4Addr::new(a, b, c, d)),
        Layout::As4 => write!(f, ":{}:{last}", u32::from_be_bytes([a, b, c, d])),
        Layout::Rate => show_rate(head, f32::from_bits(tail), f),
        Layout::Mac => {
            write!(f, ":{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
        }
        Layout::Number => write!(f, ":{tail}"),
        Layout::Word => Ok(()),
        Layout::Own(read) => read(value, f),
    }
}

/// Very large and very small numbers have an exponent: in full they have up to 50 digits.
fn show_rate(asn: u16, rate: f32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if rate == 0.0 || (1e-3..1e15).contains(&rate.abs()) {
        write!(f, ":{asn}:{rate}")
    } else {
        write!(f, ":{asn}:{rate:e}")
    }
}

/// Area, route type, and whether the metric is of type 2.
fn ospf_route_type(
    [a, b, c, d, kind, options]: [u8; 6],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, ":{}:{kind}:{options}", Ipv4Addr::new(a, b, c, d))
}

fn encapsulation([.., high, low]: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let number = u16::from_be_bytes([high, low]);
    match tunnel_type(number) {
        Some(word) => write!(f, ":{word}"),
        None => write!(f, ":{number}"),
    }
}

fn origin_validation([.., state]: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match state {
        0 => ":valid",
        1 => ":not-found",
        _ => ":invalid",
    })
}

fn mac_mobility([flags, _, a, b, c, d]: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, ":{}", u32::from_be_bytes([a, b, c, d]))?;
    f.write_str(if flags & 1 != 0 { ":sticky" } else { "" })
}

fn esi_label([flags, _, _, a, b, c]: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, ":{}", u32::from_be_bytes([0, a, b, c]) >> 4)?;
    f.write_str(if flags & 1 != 0 {
        ":single-active"
    } else {
        ":all-active"
    })
}

fn traffic_action([.., flags]: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // Bit 47 is set where the rule does not end the evaluation (RFC 8955 7.3).
    f.write_str(if flags & 2 != 0 { ":sample" } else { "" })?;
    f.write_str(if flags & 1 != 0 {
        ":non-terminal"
    } else {
        ":terminal"
    })
}

fn traffic_marking([.., dscp]: [u8; 6], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, ":{}", dscp & 0x3f)
}

/// IPv6 Address Specific Extended Communities, IANA registry: type and sub-type, word, source.
const IPV6_TABLE: &[(u16, &str, &str)] = &[
    (0x0002, "rt", "RFC 5701 2"),
    (0x0003, "ro", "RFC 5701 2"),
    (0x000b, "vrf-route-import", "RFC 6515 2"),
    (0x000d, "redirect", "RFC 8956 6.1"),
];

impl fmt::Display for Ipv6ExtendedCommunity {
    /// A word, an address in brackets and a number, `rt:[2001:db8::1]:7`; without a word all octets
    /// in hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [kind, sub, address @ .., high, low] = self.0;
        let number = u16::from_be_bytes([kind, sub]);
        let Some((_, word, _)) = IPV6_TABLE.iter().find(|row| row.0 == number) else {
            return write!(f, "0x{}", crate::bgp::text::Hex(&self.0));
        };
        let address = Ipv6Addr::from(address);
        write!(f, "{word}:[{address}]:{}", u16::from_be_bytes([high, low]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;

    fn shown(text: &str) -> String {
        let octets = hex(text);
        match octets.len() {
            8 => ExtendedCommunity(octets.try_into().unwrap()).to_string(),
            _ => Ipv6ExtendedCommunity(octets.try_into().unwrap()).to_string(),
        }
    }

    #[test]
    fn each_row_shows_its_word_and_its_value() {
        // Where no capture at hand has one: the layout of the text named; tshark 4.0 reads the same.
        #[rustfmt::skip]
        let rows = [
            ("0002 fde9 00000063  # GoBGP, captured (lab)", "rt:65001:99"),
            ("0003 fbf1 0000000c  # IOS XR, captured (traffic-reproducer)", "ro:64497:12"),
            ("0102 c0a80100 1234  # captured (bgpcep, up4)", "rt:192.168.1.0:4660"),
            ("010a 0a000004 0006  # captured (tcpdump, tok2str-oobr-1)", "l2vpn-id:10.0.0.4:6"),
            ("0009 0001 00000000  # captured (tcpdump, tok2str-oobr-1)", "source-as:1:0"),
            ("030c 00000000 0008  # GoBGP, captured (lab)", "encapsulation:vxlan"),
            ("0602 aabb ccdd eeff  # GoBGP, captured (lab)", "es-import:aa:bb:cc:dd:ee:ff"),
            ("8006 0000 46160000  # GoBGP, captured (lab)", "traffic-rate:0:9600"),
            ("8006 0000 00000000  # GoBGP, captured (lab): discard", "traffic-rate:0:0"),
            ("8008 ffdc 00003039  # GoBGP, captured (lab)", "redirect:65500:12345"),
            ("0203 fa56ea03 0005  # RFC 5668 2", "ro:4200000003:5"),
            ("4004 fde9 4b3ebc20  # RFC 10005 2: octets a second", "link-bandwidth:65001:12500000"),
            ("0005 0000 00000200  # RFC 4577 4.2.4", "ospf-domain-id:0:512"),
            ("0306 00000000 02 00  # RFC 4577 4.2.6", "ospf-route-type:0.0.0.0:2:0"),
            ("0107 0a000001 0000  # RFC 4577 4.2.6", "ospf-router-id:10.0.0.1:0"),
            ("010b 0a000001 0002  # RFC 6514 7", "vrf-route-import:10.0.0.1:2"),
            ("030b 0000 00000064  # RFC 9012 4.3", "color:100"),
            ("030c 00000000 0063  # RFC 9012 4.1", "encapsulation:99"),
            ("030d 000000000000  # RFC 7432 7.8", "default-gateway"),
            ("0600 01 00 00000005  # RFC 7432 7.7", "mac-mobility:5:sticky"),
            ("0601 00 0000 000641  # RFC 7432 7.5", "esi-label:100:all-active"),
            ("0603 0211 2233 4455  # RFC 9135 8.1", "router-mac:02:11:22:33:44:55"),
            ("8006 0000 7f7fffff  # RFC 8955 7.1", "traffic-rate:0:3.4028235e38"),
            ("8007 0000 0000 0003  # RFC 8955 7.3", "traffic-action:sample:non-terminal"),
            ("8009 0000 0000 002e  # RFC 8955 7.5", "traffic-marking:46"),
            ("9999 0000 0000 0000  # no row", "0x9999000000000000"),
        ];
        for (text, expected) in rows {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn origin_validation_states_are_words_and_others_hex() {
        // Captured (lab/rov, public/tcpdump bgp-ovs); RFC 8097 2: five reserved octets, then the state.
        assert_eq!(shown("4300 0000000000 00"), "ovs:valid");
        assert_eq!(shown("4300 0000000000 01"), "ovs:not-found");
        assert_eq!(shown("4300 0000000000 02"), "ovs:invalid");
        assert_eq!(shown("4300 0000000000 03"), "0x4300000000000003");
    }

    #[test]
    fn ipv6_communities_have_an_address_in_brackets() {
        let value = "0002 20010db8000000000000000000000001 0007   # RFC 5701 2";
        assert_eq!(shown(value), "rt:[2001:db8::1]:7");
        let value = "000d 20010db8000000000000000000000001 0007   # RFC 8956 6.1";
        assert_eq!(shown(value), "redirect:[2001:db8::1]:7");
        let value = "4099 20010db8000000000000000000000001 0007";
        assert_eq!(shown(value), "0x409920010db80000000000000000000000010007");
    }

    proptest::proptest! {
        #[test]
        fn any_octets_are_a_short_text(row in 0..TABLE.len(), value: [u8; 6]) {
            let [kind, sub] = TABLE[row].0.to_be_bytes();
            let [a, b, c, d, e, f] = value;
            let text = ExtendedCommunity([kind, sub, a, b, c, d, e, f]).to_string();
            proptest::prop_assert!(!text.is_empty() && text.len() <= 64, "{text}");
        }
    }
}
