//! Handshake messages out of the fragments of records: they may be split over records, and several may
//! share one (RFC 8446 5.1).

/// Handshake types (RFC 8446 4, RFC 5246 7.4).
pub(super) const CLIENT_HELLO: u8 = 1;
pub(super) const SERVER_HELLO: u8 = 2;
pub(super) const END_OF_EARLY_DATA: u8 = 5;
pub(super) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(super) const FINISHED: u8 = 20;
pub(super) const KEY_UPDATE: u8 = 24;

/// Octets of a message's header: type and length.
const HEADER: usize = 4;

/// Hellos and EncryptedExtensions are shorter: of a longer message nothing is kept.
const LONGEST_HELLO: usize = 32 << 10;

/// Puts the messages of one direction together. Only hellos and EncryptedExtensions are kept; of the others it is enough to
/// know that they came.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// The beginning of a message.
    octets: Vec<u8>,
    /// Octets still to come of a message that is not kept, and its type.
    skipped: Option<(usize, u8)>,
}

impl Messages {
    /// Takes a fragment. `tell` hears of each message that it completes: its type, and, of one that
    /// is kept, its body.
    pub(super) fn take(&mut self, fragment: &[u8], mut tell: impl FnMut(u8, &[u8])) {
        let mut rest = fragment;
        while !rest.is_empty() {
            rest = match self.skipped.take() {
                Some((length, kind)) => self.skip(length, kind, rest, &mut tell),
                None => self.gather(rest, &mut tell),
            };
        }
    }

    /// Octets held.
    pub(super) fn held(&self) -> usize {
        self.octets.len()
    }

    /// What came so far does not go on.
    pub(super) fn clear(&mut self) {
        *self = Messages::default();
    }

    fn skip<'a>(
        &mut self,
        length: usize,
        kind: u8,
        octets: &'a [u8],
        tell: &mut impl FnMut(u8, &[u8]),
    ) -> &'a [u8] {
        match octets.split_at_checked(length) {
            Some((_, rest)) => {
                tell(kind, &[]);
                rest
            }
            None => {
                self.skipped = Some((length - octets.len(), kind));
                &[]
            }
        }
    }

    /// Takes what lacks of a header, or of the body of a hello.
    fn gather<'a>(&mut self, octets: &'a [u8], tell: &mut impl FnMut(u8, &[u8])) -> &'a [u8] {
        let wanted = match self.header() {
            Some((_, length)) => HEADER + length,
            None => HEADER,
        };
        let lacking = wanted.saturating_sub(self.octets.len());
        let (taken, rest) = octets.split_at_checked(lacking).unwrap_or((octets, &[]));
        self.octets.extend_from_slice(taken);
        if self.octets.len() < wanted {
            return rest;
        }
        let Some((kind, length)) = self.header() else {
            return rest;
        };
        let is_read = matches!(kind, CLIENT_HELLO | SERVER_HELLO | ENCRYPTED_EXTENSIONS);
        let is_kept = is_read && length <= LONGEST_HELLO;
        if wanted == HEADER && length > 0 && is_kept {
            return rest;
        }
        if is_kept || length == 0 {
            tell(kind, self.octets.get(HEADER..).unwrap_or_default());
        } else {
            self.skipped = Some((length, kind));
        }
        self.octets = Vec::new();
        rest
    }

    /// Type and length, once they are there.
    fn header(&self) -> Option<(u8, usize)> {
        let &[kind, a, b, c] = self.octets.first_chunk::<HEADER>()?;
        Some((kind, u32::from_be_bytes([0, a, b, c]) as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ServerHello of three octets, an empty message of type 0, one of type 11 with five octets, a
    /// KeyUpdate.
    const OCTETS: &[u8] = &[
        2, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 11, 0, 0, 5, 1, 2, 3, 4, 5, 24, 0, 0, 1, 0,
    ];

    #[test]
    fn messages_are_the_same_however_they_are_cut() {
        for size in 1..=OCTETS.len() {
            let mut messages = Messages::default();
            let mut told = Vec::new();
            for piece in OCTETS.chunks(size) {
                messages.take(piece, |kind, body| told.push((kind, body.to_vec())));
            }
            let expected = [(2, vec![7, 8, 9]), (0, vec![]), (11, vec![]), (24, vec![])];
            assert_eq!(told, expected, "{size}");
            assert_eq!(messages.held(), 0);
        }
    }

    #[test]
    fn a_hello_longer_than_any_is_not_kept() {
        let mut messages = Messages::default();
        let mut told = 0;
        messages.take(&[1, 0xff, 0xff, 0xff], |_, _| told += 1);
        messages.take(&[0; 4096], |_, _| told += 1);
        assert_eq!((messages.held(), told), (0, 0));
    }
}
