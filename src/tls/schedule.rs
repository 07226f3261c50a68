//! How keys come from secrets: HKDF-Expand-Label of TLS 1.3 (RFC 8446 7.1) and the pseudorandom
//! function of TLS 1.2 (RFC 5246 5).

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

/// The hash of a cipher suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
}

/// Octets that are overwritten when they are dropped.
pub(super) type Octets = Zeroizing<Vec<u8>>;

impl Hash {
    /// Octets of its output, and so of a traffic secret.
    pub(super) fn length(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
        }
    }

    fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Octets {
        match self {
            Hash::Sha256 => hmac::<Hmac<Sha256>>(key, parts),
            Hash::Sha384 => hmac::<Hmac<Sha384>>(key, parts),
        }
    }

    /// HKDF-Expand-Label with an empty context (RFC 8446 7.1). Nothing longer than the hash is asked
    /// of it, so that one run of HKDF-Expand (RFC 5869 2.3) is all.
    pub(super) fn expand_label(self, secret: &[u8], label: &str, length: usize) -> Octets {
        let octets = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        let label_length = u8::try_from(PREFIX.len() + label.len()).unwrap_or(u8::MAX);
        let parts: [&[u8]; 5] = [
            &octets,
            &[label_length],
            PREFIX.as_bytes(),
            label.as_bytes(),
            // The context has no octets; this is HKDF's first block.
            &[0, 1],
        ];
        let mut expanded = self.hmac(secret, &parts);
        expanded.truncate(length);
        expanded
    }

    /// The pseudorandom function of TLS 1.2: P_hash over label and seed.
    pub(super) fn prf(self, secret: &[u8], label: &str, seed: &[&[u8]], length: usize) -> Octets {
        let mut parts: Vec<&[u8]> = vec![label.as_bytes()];
        parts.extend_from_slice(seed);
        let mut made = Octets::new(Vec::with_capacity(length + self.length()));
        let mut a = self.hmac(secret, &parts);
        while made.len() < length {
            let mut with_a: Vec<&[u8]> = vec![&a];
            with_a.extend_from_slice(&parts);
            let block = self.hmac(secret, &with_a);
            made.extend_from_slice(&block);
            a = self.hmac(secret, &[&a]);
        }
        made.truncate(length);
        made
    }
}

/// Before every label of TLS 1.3.
const PREFIX: &str = "tls13 ";

fn hmac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Octets {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return Octets::default();
    };
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}
