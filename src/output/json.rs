//! One JSON document (RFC 8259): indented, because it is read by people as often as by programs.

use super::Style;
use super::gathered::{Gathered, Indented};
use crate::sheet::Answer;
use std::io::{self, Write};

/// Writes the whole answer, with a line end after it.
pub fn write(answer: &dyn Answer, _style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut gathered = Gathered::new(out);
    let mut serializer = serde_json::Serializer::with_formatter(&mut gathered, Indented::default());
    erased_serde::serialize(answer, &mut serializer)?;
    gathered.write_all(b"\n")?;
    gathered.finish()
}

#[cfg(test)]
mod tests {
    use crate::output::{JSON, testing};

    #[test]
    fn what_was_not_reported_is_null_and_zero_is_zero() {
        let text = testing::print(&JSON, &testing::peers());
        assert!(text.starts_with("{\n  \"peers\": [\n    {\n      \"address\": \"192.0.2.1\","));
        assert!(text.contains("\"bytes\": 0,\n      \"reason\": null"));
        assert!(text.ends_with("\n}\n"));
    }
}
