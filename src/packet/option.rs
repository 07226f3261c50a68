//! TCP options as raw octets (RFC 9293 3.1): kind, length, value, and nothing judged.
//!
//! Kinds 19 (MD5 Signature) and 29 (TCP-AO) are options like any other here; a walk that stops at
//! them hides what comes behind.

use crate::wire::DecodeError;
use std::fmt;

/// A TCP Option Kind Number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OptionKind(pub u8);

impl OptionKind {
    /// End of Option List, RFC 9293 3.2.
    pub const END: OptionKind = OptionKind(0);
    /// No-Operation, RFC 9293 3.2.
    pub const NO_OPERATION: OptionKind = OptionKind(1);
    /// Maximum Segment Size, RFC 9293 3.2.
    pub const MAXIMUM_SEGMENT_SIZE: OptionKind = OptionKind(2);
    /// Window Scale, RFC 7323.
    pub const WINDOW_SCALE: OptionKind = OptionKind(3);
    /// SACK Permitted, RFC 2018.
    pub const SACK_PERMITTED: OptionKind = OptionKind(4);
    /// SACK, RFC 2018.
    pub const SACK: OptionKind = OptionKind(5);
    /// Timestamps, RFC 7323.
    pub const TIMESTAMPS: OptionKind = OptionKind(8);
    /// MD5 Signature Option, RFC 2385.
    pub const MD5_SIGNATURE: OptionKind = OptionKind(19);
    /// TCP Authentication Option (TCP-AO), RFC 5925.
    pub const AUTHENTICATION: OptionKind = OptionKind(29);

    /// The kind's name, or none where it is not known.
    pub fn name(self) -> Option<&'static str> {
        KINDS.iter().find(|row| row.0 == self.0).map(|row| row.1)
    }
}

impl fmt::Display for OptionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{} (unknown)", self.0),
        }
    }
}

/// TCP Option Kind Numbers, IANA registry: those still met on the wire.
const KINDS: &[(u8, &str)] = &[
    (0, "End of Option List"),              // RFC 9293
    (1, "No-Operation"),                    // RFC 9293
    (2, "Maximum Segment Size"),            // RFC 9293
    (3, "Window Scale"),                    // RFC 7323
    (4, "SACK Permitted"),                  // RFC 2018
    (5, "SACK"),                            // RFC 2018
    (8, "Timestamps"),                      // RFC 7323
    (14, "TCP Alternate Checksum Request"), // RFC 1146
    (19, "MD5 Signature"),                  // RFC 2385
    (27, "Quick-Start Response"),           // RFC 4782
    (28, "User Timeout"),                   // RFC 5482
    (29, "TCP-AO"),                         // RFC 5925
    (30, "Multipath TCP"),                  // RFC 8684
    (34, "TCP Fast Open Cookie"),           // RFC 7413
    (69, "Encryption Negotiation"),         // RFC 8547
    (172, "Accurate ECN Order 0"),          // RFC 9768
    (174, "Accurate ECN Order 1"),          // RFC 9768
    (253, "RFC 3692-style Experiment 1"),   // RFC 4727
    (254, "RFC 3692-style Experiment 2"),   // RFC 4727
];

/// One option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TcpOption<'a> {
    /// What it is.
    pub kind: OptionKind,
    /// What follows its length, as far as it was captured; empty for the two kinds that have none.
    pub value: &'a [u8],
    /// Octets of it that were not captured (snaplen); at least one where its length was not.
    pub missing: usize,
    /// Octets from the start of the TCP header to the kind.
    pub offset: usize,
}

/// Walks the options of a TCP header. End of Option List is the last item; a bad length is an
/// error and ends the walk too. Where the snaplen cut the header, the option that it cut is the last
/// item, and [`OptionIter::unseen`] tells what may lie behind it.
#[derive(Debug, Clone)]
pub struct OptionIter<'a> {
    rest: &'a [u8],
    /// Octets of options behind `rest` that were not captured.
    missing: usize,
    offset: usize,
    broken: Option<OptionKind>,
}

/// Octets of a TCP header before its options.
const FIXED: usize = 20;

impl<'a> OptionIter<'a> {
    /// Over the options of a TCP header, of which `missing` octets were not captured.
    #[inline]
    pub fn new(header: &'a [u8], missing: usize) -> OptionIter<'a> {
        let before = FIXED.saturating_sub(header.len());
        OptionIter {
            rest: header.get(FIXED..).unwrap_or(&[]),
            missing: missing.saturating_sub(before),
            offset: FIXED,
            broken: None,
        }
    }

    /// Octets behind the options walked so far of which nothing was captured: further options may be
    /// there.
    pub fn unseen(&self) -> usize {
        self.missing
    }

    /// The kind of the option at which the walk ended with an error.
    pub fn broken(&self) -> Option<OptionKind> {
        self.broken
    }

    /// The option of `kind` at the start of `rest`, as long as its length octet says.
    fn sized(&mut self, kind: OptionKind) -> Result<TcpOption<'a>, DecodeError> {
        let offset = self.offset;
        let all = std::mem::take(&mut self.rest);
        let Some(&length) = all.get(1) else {
            let option = TcpOption {
                kind,
                value: &[],
                missing: 1,
                offset,
            };
            let error = DecodeError::overrun(offset + 1, "Option-Length", 1, 0);
            return self.cut(option, error);
        };
        if length < 2 {
            self.broken = Some(kind);
            return Err(DecodeError::malformed(
                offset + 1,
                "Option-Length",
                "less than 2",
            ));
        }
        let length = usize::from(length);
        let Some((option, rest)) = all.split_at_checked(length) else {
            let option = TcpOption {
                kind,
                value: all.get(2..).unwrap_or(&[]),
                missing: length - all.len(),
                offset,
            };
            let error = DecodeError::overrun(offset, "TCP option", length, all.len());
            return self.cut(option, error);
        };
        self.rest = rest;
        self.offset += length;
        let value = option.get(2..).unwrap_or(&[]);
        Ok(TcpOption {
            kind,
            value,
            missing: 0,
            offset,
        })
    }

    /// An option that lacks octets: the snaplen cut it, or else it overruns the header.
    #[cold]
    fn cut(
        &mut self,
        option: TcpOption<'a>,
        error: DecodeError,
    ) -> Result<TcpOption<'a>, DecodeError> {
        match self.missing.checked_sub(option.missing) {
            Some(missing) => {
                self.missing = missing;
                Ok(option)
            }
            None => {
                self.broken = Some(option.kind);
                Err(error)
            }
        }
    }
}

impl<'a> Iterator for OptionIter<'a> {
    type Item = Result<TcpOption<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (&kind, rest) = self.rest.split_first()?;
        let kind = OptionKind(kind);
        if kind != OptionKind::END && kind != OptionKind::NO_OPERATION {
            return Some(self.sized(kind));
        }
        let offset = self.offset;
        self.offset += 1;
        self.rest = rest;
        if kind == OptionKind::END {
            // Padding (RFC 9293 3.1).
            (self.rest, self.missing) = (&[], 0);
        }
        Some(Ok(TcpOption {
            kind,
            value: &[],
            missing: 0,
            offset,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, offset and value, or the error's text.
    type Walked = Result<(u8, usize, Vec<u8>), String>;

    fn walk(options: &[u8]) -> Vec<Walked> {
        let header = [&[0; 20], options].concat();
        OptionIter::new(&header, 0)
            .map(|option| match option {
                Ok(TcpOption {
                    kind,
                    value,
                    missing: 0,
                    offset,
                }) => Ok((kind.0, offset, value.to_vec())),
                Ok(option) => panic!("nothing was cut: {option:?}"),
                Err(error) => Err(error.to_string()),
            })
            .collect()
    }

    #[test]
    fn the_walk_goes_on_behind_authentication_options() {
        let options = [
            1, // No-Operation
            29, 4, 61, 84, // TCP-AO: KeyID 61, RNextKeyID 84, no MAC
            19, 3, 7, // MD5 Signature, too short, which is not judged here
            2, 4, 5, 0xb4, // Maximum Segment Size 1460
            0,    // End of Option List
            9, 9, 9, // padding
        ];
        let expected = vec![
            Ok((1, 20, vec![])),
            Ok((29, 21, vec![61, 84])),
            Ok((19, 25, vec![7])),
            Ok((2, 28, vec![5, 0xb4])),
            Ok((0, 32, vec![])),
        ];
        assert_eq!(walk(&options), expected);
    }

    #[test]
    fn a_bad_length_is_an_error_and_the_end() {
        let error = |options: &[u8]| {
            let mut walked = walk(options);
            assert_eq!(walked.len(), 2, "the error ends the walk");
            walked.pop().unwrap().unwrap_err()
        };
        assert_eq!(
            error(&[1, 2, 1, 1]),
            "Option-Length at byte 22: less than 2"
        );
        assert_eq!(
            error(&[1, 2]),
            "Option-Length at byte 22: needs 1 bytes, 0 left in its container"
        );
        assert_eq!(
            error(&[1, 29, 16, 0, 0]),
            "TCP option at byte 21: needs 16 bytes, 4 left in its container"
        );
    }

    #[test]
    fn a_header_without_options_or_cut_has_none() {
        assert!(walk(&[]).is_empty());
        assert!(OptionIter::new(&[0; 7], 0).next().is_none());
    }

    #[test]
    fn the_option_that_the_snaplen_cut_is_the_last_and_tells_what_it_lacks() {
        let options = [1, 29, 16, 61, 84, 7, 2, 4, 5, 0xb4, 1, 1];
        // Kind, octets of the value captured, octets missing; then the octets that nobody saw.
        let walk = |captured: usize, missing: usize| {
            let header = [&[0; 20], &options[..captured]].concat();
            let mut walk = OptionIter::new(&header, missing);
            let told: Vec<_> = walk
                .by_ref()
                .map(|option| {
                    option.map(|option| (option.kind.0, option.value.len(), option.missing))
                })
                .collect();
            (told, walk.unseen())
        };
        assert_eq!(walk(1, 23), (vec![Ok((1, 0, 0))], 23));
        assert_eq!(walk(2, 22), (vec![Ok((1, 0, 0)), Ok((29, 0, 1))], 21));
        assert_eq!(walk(3, 21), (vec![Ok((1, 0, 0)), Ok((29, 0, 14))], 7));
        assert_eq!(walk(6, 11), (vec![Ok((1, 0, 0)), Ok((29, 3, 11))], 0));
        // The header says that it ends before the option does.
        let (told, _) = walk(6, 10);
        assert_eq!(
            told[1].as_ref().unwrap_err().to_string(),
            "TCP option at byte 21: needs 16 bytes, 5 left in its container"
        );
    }

    #[test]
    fn nothing_is_unseen_behind_the_end_of_the_list() {
        let header = [&[0; 20], &[0, 0][..]].concat();
        let mut walk = OptionIter::new(&header, 6);
        assert_eq!(walk.by_ref().count(), 1);
        assert_eq!(walk.unseen(), 0);
    }

    #[test]
    fn kinds_print_their_names_or_their_numbers() {
        assert_eq!(OptionKind::AUTHENTICATION.to_string(), "TCP-AO");
        assert_eq!(OptionKind(99).to_string(), "99 (unknown)");
    }
}
