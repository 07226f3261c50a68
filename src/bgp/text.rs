//! Short texts without allocation: a buffer on the stack for what a serializer writes often, and
//! octets in hex.

use crate::net::Prefix;
use serde::{Serialize, Serializer};
use std::fmt::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A text of at most 64 octets on the stack; what does not fit is an error of `fmt`.
#[derive(Clone, Copy)]
pub(crate) struct Text {
    bytes: [u8; 64],
    length: usize,
}

impl Text {
    pub(crate) fn new() -> Text {
        Text {
            bytes: [0; 64],
            length: 0,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(written).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn push(&mut self, octet: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = octet;
            self.length += 1;
        }
    }

    /// A number in decimal.
    #[inline]
    pub(crate) fn push_number(&mut self, number: u32) {
        let mut digits = [0; 10];
        let mut rest = number;
        let mut first = digits.len();
        for (place, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
            first = place;
            if rest == 0 {
                break;
            }
        }
        for digit in digits.iter().skip(first) {
            self.push(*digit);
        }
    }

    /// Numbers with a colon between them.
    #[inline]
    pub(crate) fn push_numbers<const N: usize>(&mut self, numbers: [u32; N]) {
        for (place, number) in numbers.into_iter().enumerate() {
            if place > 0 {
                self.push(b':');
            }
            self.push_number(number);
        }
    }

    /// A text; what does not fit is cut.
    pub(crate) fn push_text(&mut self, text: &str) {
        text.bytes().for_each(|octet| self.push(octet));
    }

    pub(crate) fn push_ipv4(&mut self, address: Ipv4Addr) {
        let [a, b, c, d] = address.octets();
        self.push_number(a.into());
        for octet in [b, c, d] {
            self.push(b'.');
            self.push_number(octet.into());
        }
    }

    /// RFC 5952: the first longest run of two and more zero groups is `::`.
    pub(crate) fn push_ipv6(&mut self, address: Ipv6Addr) {
        if address.to_ipv4_mapped().is_some() {
            // Rare, and the standard library's mixed notation is what everyone prints.
            let _ = write!(self, "{address}");
            return;
        }
        let groups = address.segments();
        let (run_start, run_length) = longest_zero_run(&groups);
        let run_end = run_start + run_length;
        for (place, group) in groups.iter().enumerate() {
            if run_length > 0 && (run_start..run_end).contains(&place) {
                if place == run_start {
                    self.push(b':');
                    self.push(b':');
                }
                continue;
            }
            if place > 0 && !(run_length > 0 && place == run_end) {
                self.push(b':');
            }
            self.push_group(*group);
        }
    }

    /// Up to four hex digits without leading zeros.
    fn push_group(&mut self, group: u16) {
        for shift in [12, 8, 4] {
            if group >> shift != 0 {
                self.push(hex_digit((group >> shift & 15) as u8));
            }
        }
        self.push(hex_digit((group & 15) as u8));
    }

    pub(crate) fn push_address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.push_ipv4(address),
            IpAddr::V6(address) => self.push_ipv6(address),
        }
    }

    pub(crate) fn push_prefix(&mut self, prefix: Prefix) {
        self.push_address(prefix.address);
        self.push(b'/');
        self.push_number(prefix.length.into());
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.length + text.len() > self.bytes.len() {
            return Err(fmt::Error);
        }
        text.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Start and length of the first longest run of zero groups; a length below two is none.
fn longest_zero_run(groups: &[u16; 8]) -> (usize, usize) {
    let (mut best, mut best_length) = (0, 0);
    let mut length = 0;
    for (place, group) in groups.iter().enumerate() {
        length = if *group == 0 { length + 1 } else { 0 };
        if length > best_length {
            (best, best_length) = (place + 1 - length, length);
        }
    }
    if best_length < 2 {
        (0, 0)
    } else {
        (best, best_length)
    }
}

/// Octets that print as hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In runs of 32 octets, so that long values do not become a call per octet.
        for run in self.0.chunks(32) {
            let mut text = Text::new();
            for octet in run {
                text.push(hex_digit(octet >> 4));
                text.push(hex_digit(octet & 15));
            }
            f.write_str(text.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for Hex<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[inline]
fn hex_digit(value: u8) -> u8 {
    if value < 10 {
        b'0' + value
    } else {
        b'a' + (value & 15) - 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Text)) -> String {
        let mut text = Text::new();
        write(&mut text);
        text.as_str().to_owned()
    }

    #[test]
    fn numbers_and_hex_print_every_digit() {
        for number in [0, 7, 10, 99, 100, 65_535, 4_200_000_003, u32::MAX] {
            assert_eq!(text(|text| text.push_number(number)), number.to_string());
        }
        let octets: Vec<u8> = (0..=255).collect();
        let expected: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(Hex(&octets).to_string(), expected);
    }

    #[test]
    fn a_text_that_does_not_fit_is_an_error_and_not_a_panic() {
        let mut text = Text::new();
        assert!(write!(text, "{:65}", "").is_err());
        (0..100).for_each(|_| text.push(b'a'));
        assert_eq!(text.as_str().len(), 64);
    }

    proptest::proptest! {
        #[test]
        fn addresses_print_as_the_standard_library_prints_them(
            groups in proptest::array::uniform8(proptest::prop_oneof![
                2 => proptest::strategy::Just(0u16),
                1 => proptest::num::u16::ANY,
                1 => proptest::strategy::Just(0xffffu16),
            ]),
            v4 in proptest::num::u32::ANY,
        ) {
            let [a, b, c, d, e, f, g, h] = groups;
            let v6 = Ipv6Addr::new(a, b, c, d, e, f, g, h);
            proptest::prop_assert_eq!(text(|text| text.push_ipv6(v6)), v6.to_string());
            let v4 = Ipv4Addr::from(v4);
            proptest::prop_assert_eq!(text(|text| text.push_ipv4(v4)), v4.to_string());
        }
    }
}
