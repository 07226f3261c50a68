//! The algorithms of TCP-AO (RFC 5926) and TCP-MD5 (RFC 2385): one row each, and how a MAC and a
//! traffic key come about.

use crate::secret::Secret;
use aes::Aes128;
use cmac::Cmac;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

/// How segments are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// KDF_HMAC_SHA1 and HMAC-SHA-1-96, RFC 5926 3.1.1.1 and 3.2.1.
    HmacSha1,
    /// KDF_AES_128_CMAC and AES-128-CMAC-96, RFC 5926 3.1.1.2 and 3.2.2.
    Aes128Cmac,
    /// HMAC-SHA-256 in both places, as the Linux kernel does it; no RFC has it.
    HmacSha256,
    /// MD5 over segment and password, RFC 2385 2.0.
    TcpMd5,
}

/// One algorithm.
struct Row {
    algorithm: Algorithm,
    /// The word in key files and answers.
    word: &'static str,
    /// Octets of a MAC that is not cut.
    digest: usize,
    /// Octets of a MAC in an option, unless a key says otherwise.
    mac: usize,
    /// The text that says so.
    reference: &'static str,
}

const ROWS: &[Row] = &[
    row(
        Algorithm::HmacSha1,
        "hmac-sha-1-96",
        20,
        12,
        "RFC 5926 3.2.1",
    ),
    row(
        Algorithm::Aes128Cmac,
        "aes-128-cmac-96",
        16,
        12,
        "RFC 5926 3.2.2",
    ),
    row(
        Algorithm::HmacSha256,
        "hmac-sha-256",
        32,
        12,
        "Linux tcp_ao",
    ),
    row(Algorithm::TcpMd5, "tcp-md5", 16, 16, "RFC 2385 2.0"),
];

const fn row(
    algorithm: Algorithm,
    word: &'static str,
    digest: usize,
    mac: usize,
    reference: &'static str,
) -> Row {
    Row {
        algorithm,
        word,
        digest,
        mac,
        reference,
    }
}

impl Algorithm {
    /// The algorithm of this word, in any case.
    pub fn named(word: &str) -> Option<Algorithm> {
        let row = ROWS.iter().find(|row| row.word.eq_ignore_ascii_case(word));
        row.map(|row| row.algorithm)
    }

    /// Every word, in the order of the table.
    pub fn words() -> Vec<&'static str> {
        ROWS.iter().map(|row| row.word).collect()
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        self.row().map_or("", |row| row.word)
    }

    /// The text that defines it.
    pub fn reference(self) -> &'static str {
        self.row().map_or("", |row| row.reference)
    }

    /// Octets of a MAC that is not cut.
    pub fn digest_length(self) -> usize {
        self.row().map_or(0, |row| row.digest)
    }

    /// Octets of a MAC in an option, unless a key says otherwise.
    pub fn mac_length(self) -> usize {
        self.row().map_or(0, |row| row.mac)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.algorithm == self)
    }

    /// The MAC, not cut, of `parts` one behind the other.
    pub(super) fn mac(self, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        match self {
            Algorithm::HmacSha1 => keyed::<Hmac<Sha1>>(key, parts),
            Algorithm::HmacSha256 => keyed::<Hmac<Sha256>>(key, parts),
            Algorithm::Aes128Cmac => keyed::<Cmac<Aes128>>(key, parts),
            Algorithm::TcpMd5 => password_md5(key, parts),
        }
    }

    /// The traffic key of a connection (RFC 5925 5.2): one run of the PRF, because no key here is
    /// longer than its output.
    pub(super) fn traffic_key(self, master: &Secret, context: &[u8]) -> Secret {
        let bits = u16::try_from(self.digest_length() * 8).unwrap_or(u16::MAX);
        let parts: [&[u8]; 4] = [&[1], LABEL, context, &bits.to_be_bytes()];
        let key = match self {
            // RFC 5926 3.1.1.2: a key of another length than AES's own is extracted first.
            Algorithm::Aes128Cmac if master.octets().len() != 16 => {
                let extracted = self.mac(&[0; 16], &[master.octets()]);
                self.mac(&extracted, &parts)
            }
            _ => self.mac(master.octets(), &parts),
        };
        Secret::new(key.to_vec())
    }
}

fn keyed<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    // HMAC takes keys of any length, and AES only ever gets 16 octets here.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else {
        return Zeroizing::default();
    };
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().to_vec())
}

/// RFC 2385 2.0: the password comes last.
fn password_md5(key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let mut digest = Md5::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.update(key);
    Zeroizing::new(digest.finalize().to_vec())
}

/// RFC 5926 3.1.1: without a NUL.
const LABEL: &[u8] = b"TCP-AO";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::testing::hex;

    #[test]
    fn words_name_algorithms_in_any_case() {
        for word in Algorithm::words() {
            let algorithm = Algorithm::named(&word.to_uppercase()).unwrap();
            assert_eq!(algorithm.word(), word);
            assert!(algorithm.mac_length() <= algorithm.digest_length());
            assert!(!algorithm.reference().is_empty());
        }
        assert_eq!(Algorithm::named("sha1"), None);
    }

    /// RFC 4493 4: K, M, and the MACs of M's first octets.
    #[test]
    fn cmac_gives_the_values_of_its_rfc() {
        let key = hex("2b7e151628aed2a6abf7158809cf4f3c");
        let message = hex(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51
             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        );
        let expected = [
            (0, "bb1d6929e95937287fa37d129b756746"),
            (16, "070a16b46b4d4144f79bdd9dd04a287c"),
            (40, "dfa66747de9ae63030ca32611497c827"),
            (64, "51f0bebf7e3b9d92fc49741779363cfe"),
        ];
        for (length, mac) in expected {
            let made = Algorithm::Aes128Cmac.mac(&key, &[&message[..length]]);
            assert_eq!(*made, hex(mac));
        }
    }

    /// An AES master key of 16 octets is used as it is: computed with another implementation, the
    /// context that of RFC 9235 5.1.1.
    #[test]
    fn an_aes_key_of_16_octets_is_not_extracted() {
        let master = Secret::new(b"0123456789abcdef".to_vec());
        let context = hex("0a0b0c0dac1b1c1dc4fa00b3787a1ddf00000000");
        let key = Algorithm::Aes128Cmac.traffic_key(&master, &context);
        assert_eq!(key.octets(), hex("3f39a03f04225c5915bbb109b6c48ffb"));
    }

    /// Computed with another implementation of what Linux does; the context that of RFC 9235 4.1.1.
    #[test]
    fn sha_256_keys_are_as_long_as_its_digest() {
        let master = Secret::new(b"testvector".to_vec());
        let context = hex("0a0b0c0dac1b1c1de9d700b3fbfbab5a00000000");
        let key = Algorithm::HmacSha256.traffic_key(&master, &context);
        let expected = "865c55ba4d4979bffef63b0c29dc7cf5b9ce5bb3caa4cdff5e96ece9aa1e4eaf";
        assert_eq!(key.octets(), hex(expected));
        // The MAC input of 4.1.1.
        let input = hex(
            "000000000a0b0c0dac1b1c1d00060038e9d700b3fbfbab5a00000000e002ffff00000000020405b4
             010303080402080a00155ab7000000001d103d54000000000000000000000000",
        );
        let mac = Algorithm::HmacSha256.mac(key.octets(), &[&input]);
        let expected = "c54e51a86a86f8bd175cf34f204fb72e3518e745bfbe6aa348eb0362a5ee90e3";
        assert_eq!(*mac, hex(expected));
    }
}
