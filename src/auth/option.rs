//! The signature options of one segment: TCP-AO (kind 29, RFC 5925 2.2) and MD5 (kind 19, RFC 2385 3.0).
//!
//! ```text
//! |    Kind=29   |    Length    |    KeyID     |  RNextKeyID  |
//! |                     MAC           ...
//! ```

use crate::packet::{OptionKind, Segment, TcpOption};

/// The TCP Authentication Option of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authentication<'a> {
    /// The key that signed it, by its sender's number.
    pub key_id: u8,
    /// The key that its sender would like to receive.
    pub rnext_key_id: u8,
    /// The MAC, which may be empty, as far as it was captured.
    pub mac: &'a [u8],
    /// Octets of it that were not captured (snaplen).
    pub missing: usize,
    /// Octets from the start of the TCP header to the option.
    pub offset: usize,
}

/// What the options of a segment say about its signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The first TCP-AO of which the KeyIDs were captured.
    pub ao: Option<Authentication<'a>>,
    /// The first MD5 digest, where all of it was captured.
    pub md5: Option<&'a [u8]>,
    /// How many TCP-AO options there are; one that is too short counts too.
    pub ao_count: u8,
    /// How many MD5 options there are.
    pub md5_count: u8,
    /// There are further options, No-Operation included.
    pub has_others: bool,
    /// A TCP-AO or MD5 option has a length that it cannot have, or the walk over the options ends at
    /// a bad length.
    pub is_malformed: bool,
    /// Options were not captured (snaplen), and those that were are no signature: nobody can tell
    /// whether there is one.
    pub is_unseen: bool,
}

impl<'a> Signature<'a> {
    /// Reads the options of a segment.
    #[inline]
    pub fn of(segment: &Segment<'a>) -> Signature<'a> {
        let mut signature = Signature::default();
        let mut options = segment.options();
        for option in options.by_ref() {
            match option {
                Ok(option) => signature.take(&option),
                Err(_) => signature.is_malformed = true,
            }
        }
        if let Some(kind) = options.broken() {
            signature.take_broken(kind);
        }
        signature.is_unseen = options.unseen() > 0 && !signature.is_signed();
        signature
    }

    /// The option at which the walk ended, because it has no length that can be.
    #[cold]
    fn take_broken(&mut self, kind: OptionKind) {
        match kind {
            OptionKind::AUTHENTICATION => self.ao_count = self.ao_count.saturating_add(1),
            OptionKind::MD5_SIGNATURE => self.md5_count = self.md5_count.saturating_add(1),
            _ => {}
        }
    }

    fn take(&mut self, option: &TcpOption<'a>) {
        match option.kind {
            OptionKind::AUTHENTICATION => {
                self.ao_count = self.ao_count.saturating_add(1);
                let ao = Authentication::of(option);
                self.is_malformed |= ao.is_none() && option.missing == 0;
                self.ao = self.ao.or(ao);
            }
            OptionKind::MD5_SIGNATURE => {
                self.md5_count = self.md5_count.saturating_add(1);
                let is_cut = option.missing > 0;
                self.is_malformed |= option.value.len() != 16 && !is_cut;
                self.md5 = self.md5.or((!is_cut).then_some(option.value));
            }
            _ => self.has_others = true,
        }
    }

    /// There is a signature option of any kind.
    #[inline]
    pub fn is_signed(&self) -> bool {
        self.ao_count > 0 || self.md5_count > 0
    }

    /// There is more than a receiver may accept: RFC 5925 2.2 allows one TCP-AO, and not both kinds.
    #[inline]
    pub fn is_contradictory(&self) -> bool {
        self.ao_count.saturating_add(self.md5_count) > 1
    }
}

impl<'a> Authentication<'a> {
    fn of(option: &TcpOption<'a>) -> Option<Authentication<'a>> {
        let (&[key_id, rnext_key_id], mac) = option.value.split_first_chunk::<2>()?;
        Some(Authentication {
            key_id,
            rnext_key_id,
            mac,
            missing: option.missing,
            offset: option.offset,
        })
    }

    /// Octets of the MAC, by the option's length.
    pub fn mac_length(&self) -> usize {
        self.mac.len() + self.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::{self, SYN};

    #[test]
    fn key_ids_and_mac_are_where_the_rfc_says() {
        let packet = testing::hex(SYN);
        let segment = testing::segment(&packet);
        let signature = Signature::of(&segment);
        let ao = signature.ao.unwrap();
        assert_eq!((ao.key_id, ao.rnext_key_id), (0x3d, 0x54));
        assert_eq!(ao.mac, testing::hex("2ee437c6f8ede6d7c4d602e7"));
        assert!(signature.has_others && signature.is_signed());
        assert!(!signature.is_contradictory() && !signature.is_malformed);
    }

    #[test]
    fn an_option_too_short_for_its_key_ids_is_malformed_and_counts() {
        let mut packet = testing::hex(SYN);
        // The option's length, and what follows it becomes another option.
        packet[20 + 41] = 3;
        packet[20 + 43..].fill(0);
        let segment = testing::segment(&packet);
        let signature = Signature::of(&segment);
        assert_eq!((signature.ao, signature.ao_count), (None, 1));
        assert!(signature.is_malformed && signature.is_signed());
    }

    #[test]
    fn an_option_that_the_snaplen_cut_says_what_was_captured_of_it() {
        let packet = testing::hex(SYN);
        // The option begins behind 20 octets of IP and 40 of TCP.
        let signature = |captured| Signature::of(&testing::cut_segment(&packet, captured));
        let nothing = signature(60);
        assert!(nothing.is_unseen && !nothing.is_signed() && !nothing.is_malformed);
        let kind = signature(61);
        assert_eq!((kind.ao, kind.ao_count), (None, 1));
        assert!(!kind.is_unseen && !kind.is_malformed);
        let key_ids = signature(64).ao.unwrap();
        assert_eq!((key_ids.key_id, key_ids.rnext_key_id), (0x3d, 0x54));
        assert_eq!((key_ids.mac.len(), key_ids.mac_length()), (0, 12));
        let half = signature(70).ao.unwrap();
        assert_eq!((half.mac.len(), half.missing), (6, 6));
    }

    #[test]
    fn two_options_contradict_each_other() {
        let mut packet = testing::hex(SYN);
        // TCP-AO of 4 octets, then another one of 12.
        packet[20 + 41] = 4;
        packet[20 + 44..20 + 46].copy_from_slice(&[29, 12]);
        let segment = testing::segment(&packet);
        let signature = Signature::of(&segment);
        assert_eq!(signature.ao_count, 2);
        assert!(signature.is_contradictory());
    }
}
