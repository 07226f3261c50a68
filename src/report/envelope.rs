//! How every report begins: its schema's name, the program's version, the inputs, and how many
//! findings there were.

use crate::finding::{FindingLog, Severity};
use crate::sheet::{Answer, Rows, Sheet};
use crate::time::Timestamp;
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// What one report adds to the beginning that all share.
pub trait Body: Serialize + JsonSchema {
    /// The report's name, as on the command line and in `schema`.
    const NAME: &'static str;

    /// The schema's number; raised by a breaking change.
    const NUMBER: u32 = 1;

    /// Its own `findings` are a list, so that the beginning does not count them.
    const LISTS_FINDINGS: bool = false;

    /// The elements of the main list, for one JSON object a line.
    fn elements(&self) -> Vec<&dyn erased_serde::Serialize>;

    /// The answer as sheets for people; one is marked as main.
    fn sheets(&self, header: &Header) -> Vec<Sheet>;

    /// What CSV prints instead of the main sheet, where that is more than a person would read.
    fn rows(&self) -> Option<Rows<'_>> {
        None
    }

    /// The exit code that the answer asks for: 0, or 1 where something asked for was not met.
    fn exit(&self) -> u8 {
        0
    }
}

/// The beginning of every report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Header {
    /// `bmpscope/<report>/<number>`.
    pub schema: String,
    /// The version of the program that answered.
    pub version: String,
    /// The inputs, in the order in which they were given.
    pub inputs: Vec<InputRow>,
    /// How many findings there were; none where the report lists them under this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(required, with = "FindingCounts")]
    pub findings: Option<FindingCounts>,
}

/// One input: a file, a file of a directory, or standard input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InputRow {
    /// The path as given, `-` for standard input.
    pub path: String,
    /// What kind of file it is: `pcap`, `pcapng`, `bmp`, `openbmp`.
    pub format: String,
    /// The link types of its interfaces, such as `ethernet`.
    pub link_types: Vec<String>,
    /// Octets read.
    pub bytes: u64,
    /// Packets read; of OpenBMP, frames.
    pub packets: u64,
    /// Packets of which only the beginning was captured.
    pub truncated_packets: u64,
    /// The earliest packet's time.
    pub first_time: Option<Timestamp>,
    /// The latest packet's time.
    pub last_time: Option<Timestamp>,
}

/// How many findings there were, by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FindingCounts {
    /// Data was lost, or a MUST was broken.
    pub error: u64,
    /// Surprises.
    pub warning: u64,
    /// Worth knowing.
    pub note: u64,
}

/// `2 errors, 1 warning`; what there is none of is not said.
impl fmt::Display for FindingCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.error, "error"),
            (self.warning, "warning"),
            (self.note, "note"),
        ];
        let said = parts.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = said
            .map(|(count, word)| format!("{count} {word}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        match said.is_empty() {
            true => f.write_str("no findings"),
            false => f.write_str(&said.join(", ")),
        }
    }
}

impl From<&FindingLog> for FindingCounts {
    fn from(log: &FindingLog) -> FindingCounts {
        FindingCounts {
            error: log.count(Severity::Error),
            warning: log.count(Severity::Warning),
            note: log.count(Severity::Note),
        }
    }
}

/// A report: the beginning that all share, then its own keys beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Envelope<T> {
    /// The beginning.
    #[serde(flatten)]
    pub header: Header,
    /// The report's own keys.
    #[serde(flatten)]
    pub body: T,
}

impl<T: Body> Envelope<T> {
    /// A report about these inputs.
    pub fn new(inputs: Vec<InputRow>, findings: FindingCounts, body: T) -> Envelope<T> {
        let header = Header {
            schema: schema_name::<T>(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            inputs,
            findings: (!T::LISTS_FINDINGS).then_some(findings),
        };
        Envelope { header, body }
    }
}

impl<T: Body> Answer for Envelope<T> {
    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        self.body.elements()
    }

    fn sheets(&self) -> Vec<Sheet> {
        self.body.sheets(&self.header)
    }

    fn rows(&self) -> Option<Rows<'_>> {
        self.body.rows()
    }

    fn exit(&self) -> u8 {
        self.body.exit()
    }
}

/// The JSON Schema of a whole report.
pub fn schema<T: Body>() -> Schema {
    let name = schema_name::<T>();
    let mut schema = schema_for!(Envelope<T>);
    schema.insert("title".to_owned(), name.as_str().into());
    if let Some(own) = schema_for!(T).get("description") {
        schema.insert("description".to_owned(), own.clone());
    }
    if let Some(key) = schema.pointer_mut("/properties/schema") {
        *key = serde_json::json!({ "const": name });
    }
    if T::LISTS_FINDINGS {
        put_own_findings::<T>(&mut schema);
    }
    schema
}

/// `findings` are those of the report, not those of the beginning.
fn put_own_findings<T: Body>(schema: &mut Schema) {
    let own = schema_for!(T).pointer("/properties/findings").cloned();
    if let (Some(key), Some(own)) = (schema.pointer_mut("/properties/findings"), own) {
        *key = own;
    }
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        // Once for the beginning, once for the report.
        let first = required.iter().position(|key| key == "findings");
        first.map(|at| required.remove(at));
    }
}

/// `bmpscope/<report>/<number>`.
fn schema_name<T: Body>() -> String {
    format!("bmpscope/{}/{}", T::NAME, T::NUMBER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet;

    /// Colours that were seen.
    #[derive(Serialize, JsonSchema)]
    struct Colours {
        colours: Vec<String>,
    }

    impl Body for Colours {
        const NAME: &'static str = "colours";
        const NUMBER: u32 = 3;

        fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
            sheet::elements(&self.colours)
        }

        fn sheets(&self, header: &Header) -> Vec<Sheet> {
            vec![Sheet::new(header.schema.clone()).main()]
        }
    }

    fn colours() -> Envelope<Colours> {
        let input = InputRow {
            path: "a.pcap".to_owned(),
            format: "pcap".to_owned(),
            ..InputRow::default()
        };
        let body = Colours {
            colours: vec!["red".to_owned()],
        };
        Envelope::new(vec![input], FindingCounts::default(), body)
    }

    #[test]
    fn a_report_begins_as_the_contract_says_and_in_that_order() {
        let json = serde_json::to_string(&colours()).unwrap();
        let expected = format!(
            r#"{{"schema":"bmpscope/colours/3","version":"{}","inputs":[{{"path":"a.pcap","format":"pcap","link_types":[],"bytes":0,"packets":0,"truncated_packets":0,"first_time":null,"last_time":null}}],"findings":{{"error":0,"warning":0,"note":0}},"colours":["red"]}}"#,
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(json, expected);
    }

    #[test]
    fn the_schema_names_the_report_and_accepts_it() {
        let schema = serde_json::to_value(schema::<Colours>()).unwrap();
        assert_eq!(schema["title"], "bmpscope/colours/3");
        assert_eq!(schema["description"], "Colours that were seen.");
        assert_eq!(
            schema["properties"]["schema"]["const"],
            "bmpscope/colours/3"
        );
        let validator = jsonschema::validator_for(&schema).unwrap();
        let mut report = serde_json::to_value(colours()).unwrap();
        assert!(validator.is_valid(&report));
        report["schema"] = "bmpscope/colours/4".into();
        assert!(!validator.is_valid(&report));
    }

    #[test]
    fn counts_are_told_in_words() {
        let counts = FindingCounts {
            error: 2,
            warning: 0,
            note: 1,
        };
        assert_eq!(counts.to_string(), "2 errors, 1 note");
        assert_eq!(FindingCounts::default().to_string(), "no findings");
    }

    #[test]
    fn findings_are_counted_by_severity() {
        let log = FindingLog::default();
        assert_eq!(FindingCounts::from(&log), FindingCounts::default());
    }
}
