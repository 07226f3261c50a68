//! Values that several TLVs of the RPKI messages share: prefixes, actions, AS numbers, times.

use super::words::{ActionCode, RouteState};
use crate::bgp::attribute::{Community, ExtendedCommunity, LargeCommunity};
use crate::net::Prefix;
use crate::time::Timestamp;
use crate::wire::{Cursor, DecodeError};
use std::fmt;
use std::net::IpAddr;

/// AS numbers in the order of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsNumbers<'a>(&'a [[u8; 4]]);

impl<'a> AsNumbers<'a> {
    /// A u16 count, and so many AS numbers.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<AsNumbers<'a>, DecodeError> {
        let count = usize::from(cursor.u16("AS Number Count")?);
        let octets = cursor.bytes("AS Numbers", count.saturating_mul(4))?;
        Ok(AsNumbers(octets.as_chunks().0))
    }

    /// The numbers.
    pub fn iter(&self) -> impl Iterator<Item = u32> + use<'a> {
        self.0.iter().map(|octets| u32::from_be_bytes(*octets))
    }
}

/// What is done with a route, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action<'a> {
    /// What.
    pub code: ActionCode,
    /// With what.
    pub argument: ActionArgument<'a>,
}

/// The argument of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionArgument<'a> {
    /// None.
    None,
    /// The new LOCAL_PREF.
    LocalPref(u32),
    /// A tag (RFC 1997).
    Community(Community),
    /// A tag (RFC 4360), such as that of RFC 8097.
    Extended(ExtendedCommunity),
    /// A tag (RFC 8092).
    Large(LargeCommunity),
    /// The octets of an action that is not known.
    Raw(&'a [u8]),
}

impl<'a> Action<'a> {
    /// A code, and its argument to the end.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Action<'a>, DecodeError> {
        let code = ActionCode(cursor.u8("Action Code")?);
        let wrong = cursor.malformed(
            "Action Argument",
            "has a length that its action cannot have",
        );
        let argument = argument(code, cursor.take_rest()).ok_or(wrong)?;
        Ok(Action { code, argument })
    }

    /// The tag in words.
    pub fn tag(&self) -> Option<String> {
        match self.argument {
            ActionArgument::Community(community) => Some(community.to_string()),
            ActionArgument::Extended(community) => Some(community.to_string()),
            ActionArgument::Large(community) => Some(community.to_string()),
            _ => None,
        }
    }

    /// The new LOCAL_PREF.
    pub fn local_pref(&self) -> Option<u32> {
        match self.argument {
            ActionArgument::LocalPref(local_pref) => Some(local_pref),
            _ => None,
        }
    }
}

fn argument(code: ActionCode, octets: &[u8]) -> Option<ActionArgument<'_>> {
    match (code, octets.len()) {
        (ActionCode::ACCEPT | ActionCode::DROP | ActionCode::EXCLUDE, 0) => {
            Some(ActionArgument::None)
        }
        (ActionCode::LOWER_PREFERENCE, 4) => {
            let octets = octets.first_chunk()?;
            Some(ActionArgument::LocalPref(u32::from_be_bytes(*octets)))
        }
        (ActionCode::TAG, 4) => Some(ActionArgument::Community((*octets.first_chunk()?).into())),
        (ActionCode::TAG, 8) => Some(ActionArgument::Extended((*octets.first_chunk()?).into())),
        (ActionCode::TAG, 12) => Some(ActionArgument::Large((*octets.first_chunk()?).into())),
        _ if code.word().is_none() => Some(ActionArgument::Raw(octets)),
        _ => None,
    }
}

/// `lower-preference to 50`, `tag 64500:1`.
impl fmt::Display for Action<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match (self.local_pref(), self.tag()) {
            (Some(local_pref), _) => write!(f, " to {local_pref}"),
            (None, Some(tag)) => write!(f, " {tag}"),
            (None, None) => Ok(()),
        }
    }
}

/// What is done with routes of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateAction<'a> {
    /// The state.
    pub state: RouteState,
    /// The action.
    pub action: Action<'a>,
}

/// u16 AFI, u8 length in bits, as many octets as hold them. Bits past the length become zero.
pub(super) fn prefix(cursor: &mut Cursor<'_>) -> Result<Prefix, DecodeError> {
    let unknown = cursor.malformed("Prefix AFI", "is neither IPv4 nor IPv6");
    let afi = cursor.u16("Prefix AFI")?;
    let too_long = cursor.malformed("Prefix Length", "is longer than an address");
    let length = cursor.u8("Prefix Length")?;
    let width = match afi {
        1 => 32,
        2 => 128,
        _ => return Err(unknown),
    };
    if length > width {
        return Err(too_long);
    }
    let octets = cursor.bytes("Prefix", usize::from(length.div_ceil(8)))?;
    let mut whole = [0; 16];
    whole
        .iter_mut()
        .zip(octets)
        .for_each(|(to, from)| *to = *from);
    let bits = u128::from_be_bytes(whole);
    let unused = 128 - u32::from(length);
    let bits = bits
        .checked_shr(unused)
        .and_then(|bits| bits.checked_shl(unused));
    Ok(Prefix {
        address: left_aligned(bits.unwrap_or_default(), afi),
        length,
    })
}

/// The address whose first bits are the first of `bits`.
fn left_aligned(bits: u128, afi: u16) -> IpAddr {
    match afi {
        1 => IpAddr::V4(((bits >> 96) as u32).into()),
        _ => IpAddr::V6(bits.into()),
    }
}

/// u16 AFI (1, 2) and an address.
pub(super) fn address(cursor: &mut Cursor<'_>) -> Result<IpAddr, DecodeError> {
    let unknown = cursor.malformed("Endpoint AFI", "is neither IPv4 nor IPv6");
    match cursor.u16("Endpoint AFI")? {
        1 => Ok(cursor.array::<4>("Endpoint Address")?.into()),
        2 => Ok(cursor.array::<16>("Endpoint Address")?.into()),
        _ => Err(unknown),
    }
}

/// Seconds and microseconds; none where both are zero.
pub(super) fn time(cursor: &mut Cursor<'_>) -> Result<Option<Timestamp>, DecodeError> {
    let seconds = cursor.u32("Seconds")?;
    Ok(Timestamp::from_bmp(seconds, cursor.u32("Microseconds")?))
}

#[cfg(test)]
mod tests {
    use super::super::super::test_bytes::hex;
    use super::*;

    fn read_prefix(octets: &str) -> Result<String, String> {
        let octets = hex(octets);
        let prefix = prefix(&mut Cursor::new(&octets));
        prefix
            .map(|prefix| prefix.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_prefix_has_as_many_octets_as_its_bits_need_and_host_bits_become_zero() {
        assert_eq!(read_prefix("0001 18 c00002"), Ok("192.0.2.0/24".into()));
        assert_eq!(read_prefix("0001 17 c000ff"), Ok("192.0.254.0/23".into()));
        assert_eq!(read_prefix("0001 00"), Ok("0.0.0.0/0".into()));
        assert_eq!(read_prefix("0002 20 20010db8"), Ok("2001:db8::/32".into()));
        assert_eq!(
            read_prefix("0002 80 20010db8000000000000000000000001"),
            Ok("2001:db8::1/128".into())
        );
    }

    #[test]
    fn a_prefix_that_is_none_says_why() {
        let wrong = [
            ("0003 00", "Prefix AFI at byte 0: is neither IPv4 nor IPv6"),
            (
                "0001 21",
                "Prefix Length at byte 2: is longer than an address",
            ),
            (
                "0001 18 c000",
                "Prefix at byte 3: needs 3 bytes, 2 left in its container",
            ),
        ];
        for (octets, why) in wrong {
            assert_eq!(read_prefix(octets), Err(why.to_owned()));
        }
    }

    #[test]
    fn actions_have_the_arguments_of_the_profile() {
        let cases = [
            ("00", "accept"),
            ("01", "drop"),
            ("02 00000032", "lower-preference to 50"),
            ("03 fbf40001", "tag 64500:1"),
            ("03 0000fbf4 00000001 00000002", "tag 64500:1:2"),
            ("04", "exclude"),
            ("09 abcd", "unknown-9"),
        ];
        for (octets, shown) in cases {
            let octets = hex(octets);
            let action = Action::read(&mut Cursor::new(&octets)).unwrap();
            assert_eq!(action.to_string(), shown);
        }
        // RFC 8097 2: opaque, non-transitive (0x43), sub-type 0, invalid.
        let octets = hex("03 4300 0000 0000 0002");
        let action = Action::read(&mut Cursor::new(&octets)).unwrap();
        assert!(matches!(action.argument, ActionArgument::Extended(_)));
    }

    #[test]
    fn an_argument_of_a_wrong_length_is_an_error() {
        for octets in ["00 00", "02 000032", "03 00", "03 0102030405"] {
            let octets = hex(octets);
            let error = Action::read(&mut Cursor::new(&octets)).unwrap_err();
            let expected = "Action Argument at byte 1: has a length that its action cannot have";
            assert_eq!(error.to_string(), expected);
        }
    }
}
