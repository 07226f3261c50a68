//! An interface of a pcapng section: its link type and its clock.

use super::super::LinkType;
use super::super::step::Oddity;
use super::Order;
use crate::time::Timestamp;
use pcap_parser::{
    InterfaceDescriptionBlock, OptionCode, parse_interfacedescriptionblock_be,
    parse_interfacedescriptionblock_le,
};

/// What an Interface Description Block says that packets need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// The most octets of a packet; `u32::MAX` for no limit.
    pub(super) snap_length: u32,
    unit: Unit,
    /// Digits of a second that the clock has.
    digits: u8,
    /// Nanoseconds to add (if_tsoffset); none if they do not fit.
    offset: Option<i64>,
}

/// What a unit of the clock is worth (if_tsresol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// So many nanoseconds.
    Nanoseconds(u64),
    /// So many of them are a nanosecond.
    PerNanosecond(u128),
    /// A second divided by this power of two.
    Binary(u8),
    /// Less than 10^-38 of a nanosecond: every time is the same.
    Nothing,
}

/// if_tsresol where the option is absent: microseconds.
const MICROSECONDS: u8 = 6;

impl Interface {
    /// Reads a whole Interface Description Block. If its options cannot be read, the link type
    /// still can, and microseconds are assumed.
    pub(super) fn read(block: &[u8], order: Order) -> (Interface, Option<Oddity>) {
        let parsed = match order {
            Order::Little => parse_interfacedescriptionblock_le(block),
            Order::Big => parse_interfacedescriptionblock_be(block),
        };
        let link = LinkType(order.u16(block, 8).unwrap_or(LinkType::UNKNOWN.0));
        let snap_length = order.u32(block, 12).filter(|length| *length > 0);
        let Ok((_, description)) = parsed else {
            let interface = Interface::new(link, snap_length, MICROSECONDS, 0);
            return (interface, Some(Oddity::InterfaceOptions));
        };
        let offset = time_offset(&description, order);
        let interface = Interface::new(link, snap_length, description.if_tsresol, offset);
        (interface, None)
    }

    fn new(link: LinkType, snap_length: Option<u32>, resolution: u8, offset: i64) -> Interface {
        let exponent = resolution & 0x7f;
        let binary = resolution & 0x80 != 0;
        Interface {
            link,
            snap_length: snap_length.unwrap_or(u32::MAX),
            unit: if binary {
                Unit::Binary(exponent)
            } else {
                Unit::decimal(exponent)
            },
            digits: if binary { 9 } else { exponent.min(9) },
            offset: offset.checked_mul(1_000_000_000),
        }
    }

    /// The most octets of a packet, where there is a limit.
    pub(super) fn snap_length(&self) -> u32 {
        if self.snap_length == u32::MAX {
            0
        } else {
            self.snap_length
        }
    }

    /// The moment of a packet's timestamp; none if it does not fit.
    #[inline]
    pub(super) fn time(&self, units: u64) -> Option<Timestamp> {
        let nanoseconds = match self.unit {
            Unit::Nanoseconds(each) => i64::try_from(units.checked_mul(each)?).ok()?,
            other => other.nanoseconds(units)?,
        };
        let nanoseconds = nanoseconds.checked_add(self.offset?)?;
        Some(Timestamp::from_nanoseconds(nanoseconds, self.digits))
    }
}

impl Unit {
    /// 10^-exponent seconds.
    fn decimal(exponent: u8) -> Unit {
        let exponent = u32::from(exponent);
        match exponent.checked_sub(9) {
            None | Some(0) => Unit::Nanoseconds(10u64.pow(9 - exponent)),
            Some(finer) => 10u128
                .checked_pow(finer)
                .map_or(Unit::Nothing, Unit::PerNanosecond),
        }
    }

    fn nanoseconds(self, units: u64) -> Option<i64> {
        let units = u128::from(units);
        let nanoseconds = match self {
            Unit::Nanoseconds(each) => units.checked_mul(each.into())?,
            Unit::PerNanosecond(several) => units.checked_div(several)?,
            Unit::Binary(exponent) => (units * 1_000_000_000).checked_shr(exponent.into())?,
            Unit::Nothing => 0,
        };
        i64::try_from(nanoseconds).ok()
    }
}

/// if_tsoffset in seconds. Read here because the parser takes it for little-endian always.
fn time_offset(description: &InterfaceDescriptionBlock<'_>, order: Order) -> i64 {
    let options = &description.options;
    let option = options
        .iter()
        .rfind(|option| option.code == OptionCode::IfTsoffset);
    let octets = option.and_then(|option| option.value.first_chunk::<8>());
    octets.map_or(0, |octets| match order {
        Order::Little => i64::from_le_bytes(*octets),
        Order::Big => i64::from_be_bytes(*octets),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanoseconds(resolution: u8, offset: i64, units: u64) -> Option<i64> {
        let interface = Interface::new(LinkType::ETHERNET, None, resolution, offset);
        interface.time(units).map(Timestamp::nanoseconds)
    }

    #[test]
    fn powers_of_ten_become_nanoseconds() {
        assert_eq!(nanoseconds(0, 0, 7), Some(7_000_000_000));
        assert_eq!(nanoseconds(6, 0, 7), Some(7_000));
        assert_eq!(nanoseconds(9, 0, 7), Some(7));
        assert_eq!(nanoseconds(12, 0, 7_999), Some(7));
        assert_eq!(nanoseconds(19, 0, u64::MAX), Some(1_844_674_407));
        assert_eq!(nanoseconds(127, 0, u64::MAX), Some(0));
    }

    #[test]
    fn powers_of_two_become_nanoseconds() {
        assert_eq!(nanoseconds(0x80, 0, 7), Some(7_000_000_000));
        assert_eq!(nanoseconds(0x80 | 8, 0, 3 * 256 + 64), Some(3_250_000_000));
        assert_eq!(nanoseconds(0xff, 0, u64::MAX), Some(0));
    }

    #[test]
    fn the_offset_is_in_seconds_and_what_does_not_fit_has_no_time() {
        assert_eq!(nanoseconds(6, -1, 2_000_000), Some(1_000_000_000));
        assert_eq!(nanoseconds(6, i64::MAX, 0), None);
        assert_eq!(nanoseconds(0, 0, u64::MAX), None);
        assert_eq!(nanoseconds(0x80, 0, u64::MAX), None);
    }

    #[test]
    fn digits_are_those_of_the_clock() {
        let digits = |resolution| {
            let interface = Interface::new(LinkType::ETHERNET, None, resolution, 0);
            interface.time(1).unwrap().digits()
        };
        assert_eq!((digits(3), digits(12), digits(0x80 | 20)), (3, 9, 9));
    }
}
