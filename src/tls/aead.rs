//! Opening what an AEAD algorithm has sealed (RFC 5116 2.2).

use super::suite::Aead;
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};
use chacha20poly1305::ChaCha20Poly1305;

/// Octets of a tag, of every algorithm here.
pub(super) const TAG: usize = 16;

/// Octets of a nonce, likewise.
pub(super) type Nonce = [u8; 12];

/// A key, ready for use. Its copies in the algorithms are overwritten when they are dropped.
pub(super) enum Key {
    Aes128Gcm(Box<Aes128Gcm>),
    Aes256Gcm(Box<Aes256Gcm>),
    ChaCha20Poly1305(Box<ChaCha20Poly1305>),
}

impl Key {
    /// The key of these octets; none where they are too few or too many.
    pub(super) fn new(aead: Aead, octets: &[u8]) -> Option<Key> {
        match aead {
            Aead::Aes128Gcm => made(octets).map(Key::Aes128Gcm),
            Aead::Aes256Gcm => made(octets).map(Key::Aes256Gcm),
            Aead::ChaCha20Poly1305 => made(octets).map(Key::ChaCha20Poly1305),
        }
    }

    /// Opens `sealed`, which ends with the tag, in place: how many octets of plaintext there are at
    /// its beginning. None, with `sealed` as it was, where it is not authentic.
    pub(super) fn open(
        &self,
        nonce: &Nonce,
        associated: &[u8],
        sealed: &mut [u8],
    ) -> Option<usize> {
        match self {
            Key::Aes128Gcm(key) => open(key.as_ref(), nonce, associated, sealed),
            Key::Aes256Gcm(key) => open(key.as_ref(), nonce, associated, sealed),
            Key::ChaCha20Poly1305(key) => open(key.as_ref(), nonce, associated, sealed),
        }
    }
}

fn made<K: KeyInit>(octets: &[u8]) -> Option<Box<K>> {
    K::new_from_slice(octets).ok().map(Box::new)
}

fn open<A: AeadInOut>(
    key: &A,
    nonce: &Nonce,
    associated: &[u8],
    sealed: &mut [u8],
) -> Option<usize> {
    let length = sealed.len().checked_sub(TAG)?;
    let (text, tag) = sealed.split_at_mut(length);
    let nonce = nonce.as_slice().try_into().ok()?;
    let tag = (&*tag).try_into().ok()?;
    key.decrypt_inout_detached(nonce, associated, text.into(), tag)
        .ok()?;
    Some(length)
}
