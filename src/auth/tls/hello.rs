//! ClientHello and ServerHello (RFC 8446 4.1.2, 4.1.3).

use crate::wire::{Cursor, DecodeError};

/// What a hello tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hello {
    /// The versions in it.
    pub(super) versions: Vec<u16>,
    /// The cipher suite, of a ServerHello.
    pub(super) cipher_suite: Option<u16>,
    /// Server Name Indication.
    pub(super) server_name: Option<String>,
    /// Application protocols.
    pub(super) alpn: Vec<String>,
}

/// Extension types (IANA TLS ExtensionType Values).
const SERVER_NAME: u16 = 0; // RFC 6066 3
const ALPN: u16 = 16; // RFC 7301 3.1
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
        cursor.bytes("random", 32)?;
        let length = cursor.u8("legacy_session_id")?;
        cursor.bytes("legacy_session_id", usize::from(length))?;
        Ok(Hello {
            versions: vec![version],
            ..Hello::default()
        })
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
                    self.version(cursor.u16("version")?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn server_extension(&mut self, kind: u16, data: &[u8]) -> Result<(), DecodeError> {
        if kind == SUPPORTED_VERSIONS {
            self.versions.clear();
            self.version(Cursor::new(data).u16("selected_version")?);
        }
        Ok(())
    }

    /// GREASE (RFC 8701) is no version.
    fn version(&mut self, version: u16) {
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
