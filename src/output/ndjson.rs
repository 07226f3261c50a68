//! The answer's main list, one compact JSON object a line.

use super::Style;
use super::gathered::Gathered;
use crate::sheet::Answer;
use std::io::{self, Write};

/// Writes each element of the main list and a line end.
pub fn write(answer: &dyn Answer, _style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut gathered = Gathered::new(out);
    for element in answer.elements() {
        serde_json::to_writer(&mut gathered, element)?;
        gathered.write_all(b"\n")?;
    }
    gathered.finish()
}

#[cfg(test)]
mod tests {
    use crate::output::{NDJSON, testing};

    #[test]
    fn an_element_is_a_line() {
        let expected = r#"{"address":"192.0.2.1","bytes":0,"reason":null}
{"address":"2001:db8::1","bytes":1500000,"reason":"hold timer, \"expired\""}
"#;
        assert_eq!(testing::print(&NDJSON, &testing::peers()), expected);
    }
}
