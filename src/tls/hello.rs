//! ClientHello and ServerHello (RFC 8446 4.1.2, 4.1.3).

use crate::wire::{Cursor, DecodeError};

/// What a hello tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hello {
    /// Its random.
    pub(super) random: [u8; 32],
    /// The versions in it.
    pub(super) versions: Vec<u16>,
    /// The cipher suite, of a ServerHello.
    pub(super) cipher_suite: Option<u16>,
    /// Server Name Indication.
    pub(super) server_name: Option<String>,
    /// Application protocols.
    pub(super) alpn: Vec<String>,
    /// The client sends early data (RFC 8446 4.2.10).
    pub(super) has_early_data: bool,
}

/// The random of a ServerHello that asks for another ClientHello (RFC 8446 4.1.3): the SHA-256 of
/// "HelloRetryRequest".
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Extension types (IANA TLS ExtensionType Values).
const SERVER_NAME: u16 = 0; // RFC 6066 3
const ALPN: u16 = 16; // RFC 7301 3.1
const EARLY_DATA: u16 = 42; // RFC 8446 4.2.10
const SUPPORTED_VERSIONS: u16 = 43; // RFC 8446 4.2.1

impl Hello {
    pub(super) fn of_client(body: &[u8]) -> Result<Hello, DecodeError> {
        let mut cursor = Cursor::new(body);
        let mut hello = Hello::begin(&mut cursor)?;
        let suites = cursor.u16("cipher_suites")?;
        cursor.bytes("cipher_suites", usize::from(suites))?;
        let methods = cursor.u8("compression_methods")?;
        cursor.bytes("compression_methods", usize::from(methods))?;
        hello.extensions(&mut cursor, Hello::client_extension)?;
        Ok(hello)
    }

    pub(super) fn of_server(body: &[u8]) -> Result<Hello, DecodeError> {
        let mut cursor = Cursor::new(body);
        let mut hello = Hello::begin(&mut cursor)?;
        hello.cipher_suite = Some(cursor.u16("cipher_suite")?);
        cursor.u8("compression_method")?;
        hello.extensions(&mut cursor, Hello::server_extension)?;
        Ok(hello)
    }

    /// legacy_version, random, legacy_session_id.
    fn begin(cursor: &mut Cursor<'_>) -> Result<Hello, DecodeError> {
        let version = cursor.u16("legacy_version")?;
        let random = cursor.bytes("random", 32)?;
        let length = cursor.u8("legacy_session_id")?;
        cursor.bytes("legacy_session_id", usize::from(length))?;
        Ok(Hello {
            random: random.try_into().unwrap_or_default(),
            versions: vec![version],
            ..Hello::default()
        })
    }

    /// Whether a server's EncryptedExtensions accept early data (RFC 8446 4.2.10).
    pub(super) fn accepts_early_data(body: &[u8]) -> bool {
        let mut told = Hello::default();
        let take = |told: &mut Hello, kind: u16, _: &[u8]| {
            told.has_early_data |= kind == EARLY_DATA;
            Ok(())
        };
        let read = told.extensions(&mut Cursor::new(body), take);
        read.is_ok() && told.has_early_data
    }

    /// A ServerHello that only asks for another ClientHello.
    pub(super) fn is_retry_request(&self) -> bool {
        self.random == HELLO_RETRY_REQUEST
    }

    /// The highest version in it.
    pub(super) fn version(&self) -> Option<u16> {
        self.versions.iter().copied().max()
    }

    /// Extensions may be missing altogether (RFC 5246 7.4.1.2).
    fn extensions(
        &mut self,
        cursor: &mut Cursor<'_>,
        take: fn(&mut Hello, u16, &[u8]) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if cursor.rest().is_empty() {
            return Ok(());
        }
        let length = cursor.u16("extensions")?;
        let mut extensions = Cursor::new(cursor.bytes("extensions", usize::from(length))?);
        while !extensions.rest().is_empty() {
            let kind = extensions.u16("extension_type")?;
            let length = extensions.u16("extension_data")?;
            let data = extensions.bytes("extension_data", usize::from(length))?;
            take(self, kind, data)?;
        }
        Ok(())
    }

    fn client_extension(&mut self, kind: u16, data: &[u8]) -> Result<(), DecodeError> {
        let mut cursor = Cursor::new(data);
        match kind {
            SERVER_NAME => {
                cursor.u16("server_name_list")?;
                // host_name is the only type there is.
                cursor.u8("name_type")?;
                self.server_name = Some(text(&mut cursor, "host_name", true)?);
            }
            ALPN => {
                cursor.u16("protocol_name_list")?;
                while !cursor.rest().is_empty() {
                    self.alpn.push(text(&mut cursor, "protocol_name", false)?);
                }
            }
            SUPPORTED_VERSIONS => {
                cursor.u8("versions")?;
                self.versions.clear();
                while !cursor.rest().is_empty() {
                    self.add_version(cursor.u16("version")?);
                }
            }
            EARLY_DATA => self.has_early_data = true,
            _ => {}
        }
        Ok(())
    }

    fn server_extension(&mut self, kind: u16, data: &[u8]) -> Result<(), DecodeError> {
        if kind == SUPPORTED_VERSIONS {
            self.versions.clear();
            self.add_version(Cursor::new(data).u16("selected_version")?);
        }
        Ok(())
    }

    /// GREASE (RFC 8701) is no version.
    fn add_version(&mut self, version: u16) {
        if version >> 8 == 3 {
            self.versions.push(version);
        }
    }
}

/// A text with its length before it, in two octets or one.
fn text(
    cursor: &mut Cursor<'_>,
    field: &'static str,
    is_long: bool,
) -> Result<String, DecodeError> {
    let length = match is_long {
        true => usize::from(cursor.u16(field)?),
        false => usize::from(cursor.u8(field)?),
    };
    let octets = cursor.bytes(field, length)?;
    Ok(String::from_utf8_lossy(octets).into_owned())
}
