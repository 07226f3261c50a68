//! Cipher suites: their numbers and names, and what those with an AEAD algorithm that is read here
//! are made of.

use super::schedule::Hash;

code_points! {
    /// Cipher suites (IANA TLS Cipher Suites): those that are read, and those met most often that are
    /// not.
    CipherSuite(u16) {
        // TLS 1.3.
        AES_128_GCM = 0x1301, "TLS_AES_128_GCM_SHA256", "RFC 8446 B.4";
        AES_256_GCM = 0x1302, "TLS_AES_256_GCM_SHA384", "RFC 8446 B.4";
        CHACHA20_POLY1305 = 0x1303, "TLS_CHACHA20_POLY1305_SHA256", "RFC 8446 B.4";
        AES_128_CCM = 0x1304, "TLS_AES_128_CCM_SHA256", "RFC 8446 B.4";
        AES_128_CCM_8 = 0x1305, "TLS_AES_128_CCM_8_SHA256", "RFC 8446 B.4";
        // TLS 1.2 with AES-GCM.
        RSA_AES_128_GCM = 0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256", "RFC 5288 3";
        RSA_AES_256_GCM = 0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", "RFC 5288 3";
        DHE_RSA_AES_128_GCM = 0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "RFC 5288 3";
        DHE_RSA_AES_256_GCM = 0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "RFC 5288 3";
        DH_RSA_AES_128_GCM = 0x00a0, "TLS_DH_RSA_WITH_AES_128_GCM_SHA256", "RFC 5288 3";
        DH_RSA_AES_256_GCM = 0x00a1, "TLS_DH_RSA_WITH_AES_256_GCM_SHA384", "RFC 5288 3";
        DHE_DSS_AES_128_GCM = 0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", "RFC 5288 3";
        DHE_DSS_AES_256_GCM = 0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", "RFC 5288 3";
        DH_DSS_AES_128_GCM = 0x00a4, "TLS_DH_DSS_WITH_AES_128_GCM_SHA256", "RFC 5288 3";
        DH_DSS_AES_256_GCM = 0x00a5, "TLS_DH_DSS_WITH_AES_256_GCM_SHA384", "RFC 5288 3";
        DH_ANON_AES_128_GCM = 0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "RFC 5288 3";
        DH_ANON_AES_256_GCM = 0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", "RFC 5288 3";
        PSK_AES_128_GCM = 0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", "RFC 5487 2";
        PSK_AES_256_GCM = 0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384", "RFC 5487 2";
        DHE_PSK_AES_128_GCM = 0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", "RFC 5487 2";
        DHE_PSK_AES_256_GCM = 0x00ab, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", "RFC 5487 2";
        RSA_PSK_AES_128_GCM = 0x00ac, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", "RFC 5487 2";
        RSA_PSK_AES_256_GCM = 0x00ad, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384", "RFC 5487 2";
        ECDHE_ECDSA_AES_128_GCM = 0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "RFC 5289 3.2";
        ECDHE_ECDSA_AES_256_GCM = 0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "RFC 5289 3.2";
        ECDH_ECDSA_AES_128_GCM = 0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", "RFC 5289 3.2";
        ECDH_ECDSA_AES_256_GCM = 0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384", "RFC 5289 3.2";
        ECDHE_RSA_AES_128_GCM = 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "RFC 5289 3.2";
        ECDHE_RSA_AES_256_GCM = 0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "RFC 5289 3.2";
        ECDH_RSA_AES_128_GCM = 0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "RFC 5289 3.2";
        ECDH_RSA_AES_256_GCM = 0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384", "RFC 5289 3.2";
        ECDHE_PSK_AES_128_GCM = 0xd001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", "RFC 8442 3";
        ECDHE_PSK_AES_256_GCM = 0xd002, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", "RFC 8442 3";
        // TLS 1.2 with ChaCha20-Poly1305.
        ECDHE_RSA_CHACHA20 = 0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        ECDHE_ECDSA_CHACHA20 = 0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        DHE_RSA_CHACHA20 = 0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        PSK_CHACHA20 = 0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        ECDHE_PSK_CHACHA20 = 0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        DHE_PSK_CHACHA20 = 0xccad, "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        RSA_PSK_CHACHA20 = 0xccae, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256", "RFC 7905 2";
        // Not read: CBC and CCM.
        RSA_AES_128_CBC_SHA = 0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", "RFC 5246 A.5";
        DHE_RSA_AES_128_CBC_SHA = 0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "RFC 5246 A.5";
        RSA_AES_256_CBC_SHA = 0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", "RFC 5246 A.5";
        DHE_RSA_AES_256_CBC_SHA = 0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "RFC 5246 A.5";
        RSA_AES_128_CBC_SHA256 = 0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256", "RFC 5246 A.5";
        RSA_AES_256_CBC_SHA256 = 0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256", "RFC 5246 A.5";
        DHE_RSA_AES_128_CBC_SHA256 = 0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "RFC 5246 A.5";
        DHE_RSA_AES_256_CBC_SHA256 = 0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", "RFC 5246 A.5";
        ECDHE_ECDSA_AES_128_CBC_SHA = 0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "RFC 8422 6";
        ECDHE_ECDSA_AES_256_CBC_SHA = 0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "RFC 8422 6";
        ECDHE_RSA_AES_128_CBC_SHA = 0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "RFC 8422 6";
        ECDHE_RSA_AES_256_CBC_SHA = 0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "RFC 8422 6";
        ECDHE_ECDSA_AES_128_CBC_SHA256 = 0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "RFC 5289 3.1";
        ECDHE_ECDSA_AES_256_CBC_SHA384 = 0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "RFC 5289 3.1";
        ECDHE_RSA_AES_128_CBC_SHA256 = 0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "RFC 5289 3.1";
        ECDHE_RSA_AES_256_CBC_SHA384 = 0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "RFC 5289 3.1";
        RSA_AES_128_CCM = 0xc09c, "TLS_RSA_WITH_AES_128_CCM", "RFC 6655 3";
        RSA_AES_256_CCM = 0xc09d, "TLS_RSA_WITH_AES_256_CCM", "RFC 6655 3";
        DHE_RSA_AES_128_CCM = 0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM", "RFC 6655 3";
        DHE_RSA_AES_256_CCM = 0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM", "RFC 6655 3";
        ECDHE_ECDSA_AES_128_CCM = 0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "RFC 7251 2";
        ECDHE_ECDSA_AES_256_CCM = 0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", "RFC 7251 2";
    }
}

/// The AEAD algorithms that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aead {
    /// AES-128-GCM (RFC 5116 5.1).
    Aes128Gcm,
    /// AES-256-GCM (RFC 5116 5.2).
    Aes256Gcm,
    /// ChaCha20-Poly1305 (RFC 8439 2.8).
    ChaCha20Poly1305,
}

/// What a suite is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// What protects records.
    pub(super) aead: Aead,
    /// What keys are derived with.
    pub(super) hash: Hash,
}

/// What the end of a suite's name says of it.
const ENDINGS: &[(&str, Aead, Hash)] = &[
    ("_AES_128_GCM_SHA256", Aead::Aes128Gcm, Hash::Sha256),
    ("_AES_256_GCM_SHA384", Aead::Aes256Gcm, Hash::Sha384),
    (
        "_CHACHA20_POLY1305_SHA256",
        Aead::ChaCha20Poly1305,
        Hash::Sha256,
    ),
];

impl Parts {
    /// Everything that suites of TLS 1.3 can be made of, as far as it is read.
    pub(super) fn all() -> impl Iterator<Item = Parts> {
        ENDINGS.iter().map(|&(_, aead, hash)| Parts { aead, hash })
    }
}

impl CipherSuite {
    /// What it is made of; none where it is not read here.
    pub(super) fn parts(self) -> Option<Parts> {
        let name = self.word()?;
        let row = ENDINGS.iter().find(|row| name.ends_with(row.0));
        row.map(|&(_, aead, hash)| Parts { aead, hash })
    }
}

impl Aead {
    /// Octets of a key.
    pub(super) fn key_length(self) -> usize {
        match self {
            Aead::Aes128Gcm => 16,
            Aead::Aes256Gcm | Aead::ChaCha20Poly1305 => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_what_its_name_says() {
        let parts = |number| CipherSuite(number).parts();
        let made = |aead, hash| Some(Parts { aead, hash });
        assert_eq!(parts(0x1302), made(Aead::Aes256Gcm, Hash::Sha384));
        assert_eq!(parts(0xc02f), made(Aead::Aes128Gcm, Hash::Sha256));
        assert_eq!(parts(0xcca8), made(Aead::ChaCha20Poly1305, Hash::Sha256));
        for not_read in [0x002f, 0x1304, 0xc014, 0xfefe] {
            assert_eq!(parts(not_read), None, "{not_read:04x}");
        }
    }

    #[test]
    fn a_name_holds_the_algorithm_of_its_section() {
        for (number, name, source) in CipherSuite::TABLE {
            let is_gcm = ["RFC 5288", "RFC 5487", "RFC 8442"];
            if is_gcm.iter().any(|text| source.starts_with(text)) {
                assert!(name.contains("_GCM_SHA"), "{number:04x}");
            }
        }
    }
}
