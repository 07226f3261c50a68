//! Writes one flat JSON object, field by field, without building it first: a capture holds millions
//! of messages. Values go through serde_json, so escaping and numbers are its business.

use serde::Serialize;

/// An object under construction at the end of a buffer.
#[derive(Debug)]
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    /// Opens an object.
    pub(super) fn open(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object {
            out,
            is_empty: true,
        }
    }

    /// Adds a field. Keys are plain words, so they need no escaping.
    #[inline]
    pub(super) fn field(&mut self, key: &str, value: impl Serialize) {
        self.key(key);
        // Writing to memory cannot fail, and no value here has keys that are not strings.
        let _ = serde_json::to_writer(&mut *self.out, &value);
    }

    /// Adds a field whose value is a string of characters that need no escaping.
    #[inline]
    pub(super) fn plain(&mut self, key: &str, write: impl FnOnce(&mut Vec<u8>)) {
        self.key(key);
        self.out.push(b'"');
        write(self.out);
        self.out.push(b'"');
    }

    /// Adds a field that is an object itself.
    #[inline]
    pub(super) fn object(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        let mut inner = Object::open(self.out);
        write(&mut inner);
        inner.close();
    }

    /// Adds a field that is a list of objects.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(T, &mut Object<'_>),
    ) {
        self.key(key);
        self.out.push(b'[');
        for (index, item) in items.enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let mut inner = Object::open(self.out);
            write(item, &mut inner);
            inner.close();
        }
        self.out.push(b']');
    }

    /// Closes the object.
    pub(super) fn close(self) {
        self.out.push(b'}');
    }

    fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

/// Appends octets as lower-case hex digits.
pub(super) fn push_hex(out: &mut Vec<u8>, octets: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for octet in octets {
        for nibble in [octet >> 4, octet & 15] {
            out.extend(DIGITS.get(usize::from(nibble)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_written_field_by_field() {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        object.field("type", "say \"hi\"");
        object.field("nothing", None::<u8>);
        object.plain("hex", |out| push_hex(out, &[0x0a, 0xff]));
        object.object("peer", |peer| peer.field("asn", 64500));
        object.list("list", [1, 2].into_iter(), |item, object| {
            object.field("n", item)
        });
        object.close();
        let text = String::from_utf8(out).unwrap();
        let expected = r#"{"type":"say \"hi\"","nothing":null,"hex":"0aff","peer":{"asn":64500},"list":[{"n":1},{"n":2}]}"#;
        assert_eq!(text, expected);
    }
}
