//! `--fields`: the keys of a JSON line that are kept.

mod known;

use std::collections::BTreeMap;

/// Keys to keep, each whole or in part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields {
    keys: BTreeMap<String, Fields>,
    /// The value is kept whole.
    is_whole: bool,
}

impl Fields {
    /// The keys of texts that [`Fields::accepts`].
    pub(super) fn new(texts: &[&str]) -> Fields {
        let mut fields = Fields::default();
        for path in texts.iter().flat_map(|text| text.split(',')) {
            let mut place = &mut fields;
            for key in path.split('.') {
                place = place.keys.entry(key.to_owned()).or_default();
            }
            place.is_whole = true;
        }
        fields
    }

    /// Whether a text is keys with commas between them, all of which some line has.
    pub(super) fn accepts(text: &str) -> Result<(), String> {
        let schema = super::schema();
        let mut paths = text.split(',');
        match paths.find(|path| !known::is_known(schema.as_value(), path)) {
            None => Ok(()),
            Some("") => Err("keys have a comma between them: type,peer.address".to_owned()),
            Some(path) => Err(format!(
                "no line has '{path}'; 'bmpscope schema messages' tells all keys"
            )),
        }
    }

    /// Whether this key is asked for.
    pub(super) fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    /// Keeps only these keys of the line that begins at `start`.
    pub(super) fn keep(&self, out: &mut Vec<u8>, start: usize) {
        let line = out.split_off(start.min(out.len()));
        let mut scan = Scan { rest: &line };
        scan.copy(self, out);
        out.push(b'\n');
    }
}

/// What is left of a line. The lines are this program's own, so they are JSON without spaces.
struct Scan<'a> {
    rest: &'a [u8],
}

impl<'a> Scan<'a> {
    /// Copies what is to be kept of the next value; nests as deep as lines do.
    fn copy(&mut self, fields: &Fields, out: &mut Vec<u8>) {
        match self.rest.first() {
            _ if fields.is_whole => out.extend_from_slice(self.value()),
            Some(b'{') => self.object(fields, out),
            Some(b'[') => self.array(fields, out),
            // A number has no keys; null stays null.
            _ => out.extend_from_slice(self.value()),
        }
    }

    fn object(&mut self, fields: &Fields, out: &mut Vec<u8>) {
        out.push(b'{');
        let mut is_first = true;
        while self.opens_or_goes_on(b'{', b'}') {
            let key = self.value();
            self.eat(b':');
            let name = key.get(1..key.len().saturating_sub(1)).unwrap_or_default();
            let name = std::str::from_utf8(name).unwrap_or_default();
            let Some(inner) = fields.keys.get(name) else {
                self.value();
                continue;
            };
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            out.extend_from_slice(key);
            out.push(b':');
            self.copy(inner, out);
        }
        out.push(b'}');
    }

    fn array(&mut self, fields: &Fields, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut is_first = true;
        while self.opens_or_goes_on(b'[', b']') {
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            self.copy(fields, out);
        }
        out.push(b']');
    }

    /// Steps over the opening bracket or the comma; false, and over the closing one, at the end.
    fn opens_or_goes_on(&mut self, open: u8, close: u8) -> bool {
        let is_next = self.eat(open) && self.rest.first() != Some(&close) || self.eat(b',');
        if !is_next {
            self.eat(close);
        }
        is_next
    }

    fn eat(&mut self, octet: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == octet => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// The next value, whole.
    fn value(&mut self) -> &'a [u8] {
        let (mut depth, mut in_string, mut is_escaped) = (0u32, false, false);
        let mut length = 0;
        for octet in self.rest {
            match octet {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                b'{' | b'[' => depth += 1,
                b',' | b':' | b'}' | b']' | b'\n' if depth == 0 => break,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            length += 1;
        }
        let (value, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest;
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(fields: &[&str], line: &str) -> String {
        let mut out = format!("before\n{line}\n").into_bytes();
        Fields::new(fields).keep(&mut out, 7);
        let text = String::from_utf8(out).unwrap();
        text.strip_prefix("before\n").unwrap().trim_end().to_owned()
    }

    #[test]
    fn only_the_keys_are_kept_in_the_order_of_the_line() {
        let line = r#"{"type":"gap","time":null,"peer":{"asn":1,"address":"::"},"n":[{"a":1,"b":2},{"b":3}]}"#;
        assert_eq!(
            kept(&["n,type"], line),
            r#"{"type":"gap","n":[{"a":1,"b":2},{"b":3}]}"#
        );
        let expected = r#"{"peer":{"address":"::"},"n":[{"a":1},{}]}"#;
        assert_eq!(kept(&["n.a", "peer.address"], line), expected);
        assert_eq!(
            kept(&["peer,peer.asn"], line),
            r#"{"peer":{"asn":1,"address":"::"}}"#
        );
        assert_eq!(kept(&["time.x,missing"], line), r#"{"time":null}"#);
    }

    #[test]
    fn texts_may_hold_anything() {
        let line = r#"{"a":"}],\"{\\","b":{"c":"\\\"","d":[]},"e":[[],{}],"f":-1.5}"#;
        assert_eq!(kept(&["b.c,f"], line), r#"{"b":{"c":"\\\""},"f":-1.5}"#);
        assert_eq!(kept(&["a"], line), r#"{"a":"}],\"{\\"}"#);
        assert_eq!(kept(&["e"], line), r#"{"e":[[],{}]}"#);
        assert_eq!(kept(&["b.d,e.x"], line), r#"{"b":{"d":[]},"e":[[],{}]}"#);
    }

    #[test]
    fn keys_that_no_line_has_are_refused() {
        for good in [
            "type",
            "peer.address,rib",
            "update.announced.prefix",
            "update.as_path.asns",
        ] {
            assert_eq!(Fields::accepts(good), Ok(()), "{good}");
        }
        let expected = "no line has 'peer.adress'; 'bmpscope schema messages' tells all keys";
        assert_eq!(Fields::accepts("type,peer.adress").unwrap_err(), expected);
        for wrong in ["type.x", ".", "peer.", "Type"] {
            assert!(Fields::accepts(wrong).is_err(), "{wrong}");
        }
        assert!(Fields::accepts("type,").unwrap_err().contains("comma"));
    }

    proptest::proptest! {
        #[test]
        fn any_octets_are_an_answer(line: Vec<u8>) {
            let mut out = line;
            Fields::new(&["a.b", "c"]).keep(&mut out, 0);
        }
    }
}
