//! The key file of `--keys`: TOML with a table for each key and for each connection whose initial
//! sequence numbers are told by hand. Errors tell line and field, and never what stands there: it
//! may be a secret.

use super::algorithm::Algorithm;
use super::keys::{Key, Keys, KnownConnection, Options, Pattern};
use crate::net::Endpoint;
use crate::secret::Secret;
use std::net::SocketAddr;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// At which octet of the text something is wrong, and what.
type Wrong = (usize, String);

type Value<'a, 'i> = &'a Spanned<DeValue<'i>>;

/// Finds the value of an environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Keys {
    /// Reads a key file, from its text. An error begins with `path` and the line.
    pub fn read(text: &str, path: &str, environment: Lookup<'_>) -> Result<Keys, String> {
        document(text, environment).map_err(|(at, why)| format!("{path}:{}: {why}", line(text, at)))
    }
}

/// The line, from 1, of an octet of a text.
fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    1 + before.filter(|octet| **octet == b'\n').count()
}

fn document(text: &str, environment: Lookup<'_>) -> Result<Keys, Wrong> {
    // The parser's own words may quote the line.
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        (at, "this is not TOML".to_owned())
    })?;
    let mut keys = Keys::default();
    for (name, value) in document.get_ref() {
        let tables = tables(name, value)?;
        match name.get_ref().as_ref() {
            "key" => {
                for (number, table) in tables.into_iter().enumerate() {
                    keys.keys.push(key(&table, number + 1, environment)?);
                }
            }
            "connection" => {
                for table in tables {
                    keys.connections.push(connection(&table)?);
                }
            }
            _ => return Err((name.span().start, no_table())),
        }
    }
    Ok(keys)
}

fn no_table() -> String {
    "only [[key]] and [[connection]] are known here".to_owned()
}

/// The tables of an array of them.
fn tables<'a, 'i>(
    name: &Spanned<DeString<'i>>,
    value: Value<'a, 'i>,
) -> Result<Vec<Table<'a, 'i>>, Wrong> {
    let wrong = || (name.span().start, no_table());
    let array = value.get_ref().as_array().ok_or_else(wrong)?;
    let table = |value: Value<'a, 'i>| {
        let entries = value.get_ref().as_table().ok_or_else(wrong)?;
        Ok(Table {
            entries,
            at: value.span().start,
        })
    };
    array.iter().map(table).collect()
}

/// A table with its place.
struct Table<'a, 'i> {
    entries: &'a DeTable<'i>,
    at: usize,
}

impl<'a, 'i> Table<'a, 'i> {
    /// Refuses what is not one of these fields: a misspelt one must not go unnoticed.
    fn only(&self, fields: &[&str]) -> Result<(), Wrong> {
        let is_unknown = |name: &&Spanned<DeString<'_>>| !fields.contains(&name.get_ref().as_ref());
        let unknown = self.entries.keys().filter(is_unknown);
        // The first in the file. What it is called may be a secret in the wrong place.
        match unknown.map(|name| name.span().start).min() {
            Some(at) => Err((at, format!("no such field, but: {}", fields.join(", ")))),
            None => Ok(()),
        }
    }

    fn value(&self, field: &str) -> Option<Value<'a, 'i>> {
        self.entries.get(field)
    }

    /// A text that `read` understands; none where it is not there.
    fn text<T>(
        &self,
        field: &str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Wrong> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let found = value.get_ref().as_str().and_then(read);
        let wrong = || (value.span().start, format!("{field}: expected {expected}"));
        found.map(Some).ok_or_else(wrong)
    }

    /// A number from `least` to `most`; none where it is not there.
    fn number(&self, field: &str, least: u32, most: u32) -> Result<Option<u32>, Wrong> {
        let Some(value) = self.value(field) else {
            return Ok(None);
        };
        let integer = value.get_ref().as_integer();
        let number = integer.and_then(|written| {
            u32::from_str_radix(&written.as_str().replace('_', ""), written.radix()).ok()
        });
        let is_good = |number: &u32| (least..=most).contains(number);
        let wrong = || {
            let why = format!("{field}: expected a number from {least} to {most}");
            (value.span().start, why)
        };
        number.filter(is_good).map(Some).ok_or_else(wrong)
    }

    fn octet(&self, field: &str, least: u8, most: u8) -> Result<Option<u8>, Wrong> {
        let number = self.number(field, u32::from(least), u32::from(most))?;
        Ok(number.and_then(|number| u8::try_from(number).ok()))
    }

    fn missing(&self, field: &str) -> Wrong {
        (self.at, format!("{field} is missing"))
    }
}

const KEY_FIELDS: &[&str] = &[
    "name",
    "router",
    "station",
    "port",
    "algorithm",
    "mac_length",
    "router_key_id",
    "station_key_id",
    "options",
    "secret",
    "secret_hex",
    "secret_env",
];

fn key(table: &Table<'_, '_>, number: usize, environment: Lookup<'_>) -> Result<Key, Wrong> {
    table.only(KEY_FIELDS)?;
    let words = format!("one of {}", Algorithm::words().join(", "));
    let algorithm = table.text("algorithm", &words, Algorithm::named)?;
    let algorithm = algorithm.ok_or_else(|| table.missing("algorithm"))?;
    let pattern = |field| table.text(field, "an address or a prefix", Pattern::parse);
    let name = table.text("name", "a text", |name| Some(name.to_owned()))?;
    let port = table.number("port", 1, u32::from(u16::MAX))?;
    let longest = u8::try_from(algorithm.digest_length()).unwrap_or(u8::MAX);
    let key = Key {
        name: name.unwrap_or_else(|| format!("key {number}")),
        router: pattern("router")?,
        station: pattern("station")?,
        port: port.and_then(|port| u16::try_from(port).ok()),
        algorithm,
        mac_length: table.octet("mac_length", 4, longest)?,
        router_key_id: table.octet("router_key_id", 0, u8::MAX)?,
        station_key_id: table.octet("station_key_id", 0, u8::MAX)?,
        options: table
            .text("options", "auto, covered or omitted", options)?
            .unwrap_or_default(),
        secret: secret(table, environment)?,
    };
    match algorithm {
        Algorithm::TcpMd5 => without_ao_fields(table).map(|()| key),
        _ => Ok(key),
    }
}

/// TCP-MD5 has neither KeyIDs nor a choice: whoever writes them means TCP-AO.
fn without_ao_fields(table: &Table<'_, '_>) -> Result<(), Wrong> {
    for field in ["router_key_id", "station_key_id", "options"] {
        if let Some(value) = table.value(field) {
            let why = format!("{field}: tcp-md5 has none (RFC 2385 3.0)");
            return Err((value.span().start, why));
        }
    }
    Ok(())
}

fn options(word: &str) -> Option<Options> {
    match word {
        "auto" => Some(Options::Auto),
        "covered" => Some(Options::Covered),
        "omitted" => Some(Options::Omitted),
        _ => None,
    }
}

/// One of the three ways to tell a secret.
fn secret(table: &Table<'_, '_>, environment: Lookup<'_>) -> Result<Secret, Wrong> {
    let ways = ["secret", "secret_hex", "secret_env"];
    let given: Vec<_> = ways.iter().filter_map(|way| table.value(way)).collect();
    let [value] = given.as_slice() else {
        let why = "exactly one of secret, secret_hex and secret_env is needed";
        let at = given.last().map_or(table.at, |value| value.span().start);
        return Err((at, why.to_owned()));
    };
    let text = |text: &str| Some(Secret::new(text.as_bytes().to_vec()));
    let from_environment =
        |name: &str| environment(name).map(|text| Secret::new(text.into_bytes()));
    let set = "the name of an environment variable that is set";
    let found = table.text("secret", "a text between quotation marks", text)?;
    let found = found.or(table.text("secret_hex", "pairs of hex digits", hex)?);
    let found = found.or(table.text("secret_env", set, from_environment)?);
    let found = found.ok_or_else(|| table.missing("secret"))?;
    match found.is_empty() {
        true => Err((value.span().start, "the secret is empty".to_owned())),
        false => Ok(found),
    }
}

/// Pairs of hex digits, with spaces or colons between them if one likes.
fn hex(text: &str) -> Option<Secret> {
    let digits = text.bytes().filter(|octet| !matches!(octet, b' ' | b':'));
    let digits: Option<Vec<u32>> = digits.map(|digit| char::from(digit).to_digit(16)).collect();
    let digits = zeroize::Zeroizing::new(digits?);
    let octet = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    };
    let octets: Option<Vec<u8>> = digits.chunks(2).map(octet).collect();
    octets.map(Secret::new)
}

fn connection(table: &Table<'_, '_>) -> Result<KnownConnection, Wrong> {
    table.only(&["router", "station", "isn"])?;
    let end = |field: &str| {
        let found = table.text(field, "an address and a port (192.0.2.1:1790)", endpoint)?;
        found.ok_or_else(|| table.missing(field))
    };
    let isn = table.value("isn").ok_or_else(|| table.missing("isn"))?;
    let wrong = || {
        let why = "isn: expected { router = N, station = N }".to_owned();
        (isn.span().start, why)
    };
    let numbers = Table {
        entries: isn.get_ref().as_table().ok_or_else(wrong)?,
        at: isn.span().start,
    };
    numbers.only(&["router", "station"])?;
    let number = |field| numbers.number(field, 0, u32::MAX)?.ok_or_else(wrong);
    Ok(KnownConnection {
        router: end("router")?,
        station: end("station")?,
        router_isn: number("router")?,
        station_isn: number("station")?,
    })
}

fn endpoint(text: &str) -> Option<Endpoint> {
    let address: SocketAddr = text.parse().ok()?;
    Some(Endpoint {
        address: address.ip(),
        port: address.port(),
    })
}
