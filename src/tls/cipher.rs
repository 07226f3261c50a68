//! What protects the records of one direction: a key, and how nonces and associated data are made of
//! sequence numbers (RFC 8446 5.2, 5.3; RFC 5246 6.2.3.3, RFC 5288 3, RFC 7905 2).

use super::aead::{Key, Nonce, TAG};
use super::record::{APPLICATION_DATA, HEADER, Header};
use super::schedule::{Hash, Octets};
use super::suite::{Aead, Parts};
use crate::secret::Secret;
use std::fmt;
use std::ops::Range;

/// The protection of one direction, from one change of keys to the next.
pub(super) struct Cipher {
    key: Key,
    iv: Nonce,
    form: Form,
    /// The sequence number of the next record.
    pub(super) next: u64,
}

/// How records are made.
enum Form {
    /// TLS 1.3: the type is inside, and may be followed by padding. With the secret that the next one
    /// comes from (RFC 8446 7.2).
    Inner { secret: Secret, parts: Parts },
    /// TLS 1.2 with GCM: eight octets of the nonce stand before what is sealed.
    ExplicitNonce,
    /// TLS 1.2 with ChaCha20-Poly1305: the nonce is made as in TLS 1.3.
    Outer,
}

/// What was in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inner {
    /// Its content type.
    pub(super) kind: u8,
    /// Where its content stands in the fragment.
    pub(super) content: Range<usize>,
}

impl Cipher {
    /// The protection that a traffic secret of TLS 1.3 gives (RFC 8446 7.3).
    pub(super) fn tls_1_3(parts: Parts, secret: &Secret) -> Option<Cipher> {
        let expand = |label, length| parts.hash.expand_label(secret.octets(), label, length);
        let iv = expand("iv", 12);
        Some(Cipher {
            key: Key::new(parts.aead, &expand("key", parts.aead.key_length()))?,
            iv: iv.as_slice().try_into().ok()?,
            form: Form::Inner {
                secret: secret.clone(),
                parts,
            },
            next: 0,
        })
    }

    /// The protection that the master secret of TLS 1.2 gives to one direction (RFC 5246 6.3).
    pub(super) fn tls_1_2(
        parts: Parts,
        master: &Secret,
        randoms: (&[u8; 32], &[u8; 32]),
        is_client: bool,
    ) -> Option<Cipher> {
        let (client, server) = randoms;
        let (key, iv) = (parts.aead.key_length(), fixed_iv_length(parts.aead));
        let seed: [&[u8]; 2] = [server, client];
        let length = 2 * (key + iv);
        let block = parts
            .hash
            .prf(master.octets(), "key expansion", &seed, length);
        // Keys of the client and the server, then their nonces; an AEAD has no MAC keys.
        let (keys, ivs) = block.split_at_checked(2 * key)?;
        let own = |pair: &[u8], length: usize| -> Option<Octets> {
            let (client, server) = pair.split_at_checked(length)?;
            let own = if is_client { client } else { server };
            Some(Octets::new(own.to_vec()))
        };
        let key = own(keys, key)?;
        let mut nonce = Nonce::default();
        let given = own(ivs, iv)?;
        nonce.get_mut(..given.len())?.copy_from_slice(&given);
        Some(Cipher {
            key: Key::new(parts.aead, &key)?,
            iv: nonce,
            form: match parts.aead {
                Aead::ChaCha20Poly1305 => Form::Outer,
                Aead::Aes128Gcm | Aead::Aes256Gcm => Form::ExplicitNonce,
            },
            next: 0,
        })
    }

    /// The protection after a KeyUpdate; none in TLS 1.2.
    pub(super) fn updated(&self) -> Option<Cipher> {
        let Form::Inner { secret, parts } = &self.form else {
            return None;
        };
        let hash: Hash = parts.hash;
        let next = hash.expand_label(secret.octets(), "traffic upd", hash.length());
        Cipher::tls_1_3(*parts, &Secret::new(next.to_vec()))
    }

    /// Whether its first record is the Finished (RFC 5246 7.4.9): in TLS 1.3 that has other keys.
    pub(super) fn begins_with_finished(&self) -> bool {
        !matches!(self.form, Form::Inner { .. })
    }

    /// Octets of a record that are no content: header, nonce, tag, type. Without padding.
    pub(super) fn overhead(&self) -> u64 {
        let more = match self.form {
            Form::Inner { .. } => 1,
            Form::ExplicitNonce => EXPLICIT,
            Form::Outer => 0,
        };
        (HEADER + TAG + more) as u64
    }

    /// Opens a fragment, in place, as record number `sequence`. None, with the fragment as it was,
    /// where it is not authentic as such.
    pub(super) fn open(&self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Inner> {
        match self.form {
            Form::Inner { .. } => self.open_1_3(sequence, header, fragment),
            Form::ExplicitNonce | Form::Outer => self.open_1_2(sequence, header, fragment),
        }
    }

    fn open_1_3(&self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Inner> {
        if header.kind != APPLICATION_DATA {
            return None;
        }
        let nonce = self.combined(sequence);
        let length = self.key.open(&nonce, &header.octets(), fragment)?;
        let padded = fragment.get(..length)?;
        // Zeros behind the type are padding (RFC 8446 5.4). Without a type there is no content.
        let end = padded.iter().rposition(|octet| *octet != 0).unwrap_or(0);
        Some(Inner {
            kind: padded.get(end).copied().unwrap_or(0),
            content: 0..end,
        })
    }

    fn open_1_2(&self, sequence: u64, header: Header, fragment: &mut [u8]) -> Option<Inner> {
        let (nonce, from) = match self.form {
            Form::ExplicitNonce => {
                let mut nonce = self.iv;
                let explicit = fragment.get(..EXPLICIT)?;
                nonce.get_mut(4..)?.copy_from_slice(explicit);
                (nonce, EXPLICIT)
            }
            _ => (self.combined(sequence), 0),
        };
        let sealed = fragment.get_mut(from..)?;
        let length = u16::try_from(sealed.len().checked_sub(TAG)?).ok()?;
        let mut associated = [0; 13];
        let (number, rest) = associated.split_first_chunk_mut::<8>()?;
        *number = sequence.to_be_bytes();
        rest.copy_from_slice(&Header { length, ..header }.octets());
        let length = self.key.open(&nonce, &associated, sealed)?;
        Some(Inner {
            kind: header.kind,
            content: from..from + length,
        })
    }

    /// The nonce of a sequence number (RFC 8446 5.3).
    fn combined(&self, sequence: u64) -> Nonce {
        let mut nonce = self.iv;
        let number = sequence.to_be_bytes();
        let low = nonce.iter_mut().skip(4).zip(number);
        low.for_each(|(octet, number)| *octet ^= number);
        nonce
    }
}

/// Octets of a nonce that stand in a record of TLS 1.2 with GCM (RFC 5288 3).
const EXPLICIT: usize = 8;

/// Octets of a nonce that come from the key block.
fn fixed_iv_length(aead: Aead) -> usize {
    match aead {
        Aead::Aes128Gcm | Aead::Aes256Gcm => 4,
        Aead::ChaCha20Poly1305 => 12,
    }
}

/// Tells where in its records it is, and nothing of keys.
impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cipher(next: {})", self.next)
    }
}
