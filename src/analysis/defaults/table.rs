//! The table of documented vendor defaults: what a router does where nothing is configured, with
//! the source of each value and how sure it is. The built-in one is `data/vendor-defaults.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use toml::Spanned;

/// A documented value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// A number: only numbers enter the matrix.
    Number(u32),
    /// A word: `not-applicable`, `reject`, `on`.
    Word(String),
    /// Capability words.
    Words(Vec<String>),
}

impl Value {
    /// The number, if it is one.
    pub fn number(&self) -> Option<u32> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Value {
        Value::Number(number)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Value {
        Value::Word(word.to_owned())
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Value::Number(number) => write!(f, "{number}"),
            Value::Word(word) => f.write_str(word),
            Value::Words(words) => f.write_str(&words.join(" ")),
        }
    }
}

/// How a documented value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Read in the implementation's source code.
    SourceCode,
    /// The vendor's YANG module says so.
    VendorYang,
    /// The vendor's documentation, or a book about it, says so.
    VendorDoc,
    /// Seen in captures.
    Capture,
    /// Somebody else's reading of the vendor's documentation.
    ThirdPartyCode,
    /// A suggestion of an RFC.
    Rfc,
    /// From memory: raises nothing above a note.
    Unverified,
}

impl Confidence {
    /// The word in JSON and in the table.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::SourceCode => "source-code",
            Confidence::VendorYang => "vendor-yang",
            Confidence::VendorDoc => "vendor-doc",
            Confidence::Capture => "capture",
            Confidence::ThirdPartyCode => "third-party-code",
            Confidence::Rfc => "rfc",
            Confidence::Unverified => "unverified",
        }
    }
}

/// A documented default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Who makes it.
    pub vendor: String,
    /// The operating system or program, and its profile where defaults depend on it.
    pub os: String,
    /// The first version that it is about; none: from the beginning.
    #[serde(default)]
    pub since: Option<String>,
    /// The first version that it is not about any more; none: until today.
    #[serde(default)]
    pub before: Option<String>,
    /// What it is the default of.
    pub parameter: String,
    /// The default.
    #[serde(deserialize_with = "any_value")]
    pub value: Value,
    /// `s` for a timer, the scale of a preference.
    #[serde(default)]
    pub unit: Option<String>,
    /// How it is known.
    pub confidence: Confidence,
    /// Where it was read.
    #[serde(default)]
    pub source_title: Option<String>,
    /// Where that is.
    #[serde(default)]
    pub source_url: Option<String>,
    /// More about it.
    #[serde(default)]
    pub note: Option<String>,
}

/// Numbers as they are, words and lists of words; a truth is `on` or `off`.
fn any_value<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a value is a number, a word or a list of words")]
    enum Any {
        Number(u32),
        Truth(bool),
        Text(String),
        List(Vec<String>),
    }
    Ok(match Any::deserialize(deserializer)? {
        Any::Number(number) => Value::Number(number),
        Any::Truth(true) => "on".into(),
        Any::Truth(false) => "off".into(),
        Any::List(words) => Value::Words(words),
        Any::Text(text) => match text.parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Word(text),
        },
    })
}

impl Row {
    /// Whether it is about this version; a version that is not known may be any.
    pub fn is_about(&self, version: Option<&str>) -> bool {
        let Some(version) = version else { return true };
        let since = self.since.as_deref();
        let before = self.before.as_deref();
        since.is_none_or(|since| compare_versions(version, since) != Ordering::Less)
            && before.is_none_or(|before| compare_versions(version, before) == Ordering::Less)
    }

    /// Where it was read, in a line.
    pub fn source(&self) -> String {
        match (&self.source_title, &self.source_url) {
            (Some(title), Some(url)) => format!("{title}, {url}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => Confidence::Unverified.word().to_owned(),
        }
    }

    /// What is wrong with it, if anything.
    fn problem(&self) -> Option<&'static str> {
        let has_source = self.source_title.as_ref().or(self.source_url.as_ref());
        if has_source.is_none_or(String::is_empty) && self.confidence != Confidence::Unverified {
            return Some("has no source_title or source_url, and is not `unverified`");
        }
        let is_timer = TIMERS.contains(&self.parameter.as_str());
        if is_timer && self.unit.is_none() {
            return Some("is a timer without a unit");
        }
        None
    }
}

/// The parameters that are spans of time.
pub(super) const TIMERS: &[&str] = &[
    "connect_retry",
    "keepalive",
    "hold_time",
    "mrai.ebgp",
    "mrai.ibgp",
    "min_accept_hold_time",
    "send_hold_time",
    "idle_hold_after_reset",
    "gr.restart_time",
    "gr.stalepath_time",
    "llgr.stale_time",
];

/// Versions by their numbers, as far as both have any: 10.3 is later than 10.2.1 and 8.4.
pub(super) fn compare_versions(one: &str, other: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        let parts = text.split(|letter: char| !letter.is_ascii_digit());
        parts.filter_map(|part| part.parse().ok()).collect()
    };
    let (one, other) = (numbers(one), numbers(other));
    let shorter = one.len().min(other.len());
    let both = one.iter().take(shorter).cmp(other.iter().take(shorter));
    // 10.3 is not before 10.3.0, and 10.3.1 not before 10.3.
    both.then_with(|| one.len().cmp(&shorter))
}

/// Documented defaults; what stands first counts.
#[derive(Debug, Clone, Default)]
pub struct VendorTable {
    rows: Vec<Row>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default, rename = "default")]
    rows: Vec<Spanned<Row>>,
}

impl VendorTable {
    /// The table that comes with the program.
    pub fn built_in() -> VendorTable {
        // A test reads the same text, so that there is nothing to tell here.
        VendorTable::parse(BUILT_IN).unwrap_or_default()
    }

    /// Reads a table; an error says in which line what is wrong.
    pub fn parse(text: &str) -> Result<VendorTable, String> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            format!("line {line}: {}", error.message())
        })?;
        if file.rows.is_empty() {
            return Err("no [[default]] in it".to_owned());
        }
        for row in &file.rows {
            if let Some(problem) = row.get_ref().problem() {
                let (line, row) = (line_of(text, row.span().start), row.get_ref());
                let name = format!("{}/{} {}", row.vendor, row.os, row.parameter);
                return Err(format!("line {line}: {name} {problem}"));
            }
        }
        let rows = file.rows.into_iter().map(Spanned::into_inner).collect();
        Ok(VendorTable { rows })
    }

    /// This table before another: its rows count where both speak of the same.
    pub fn over(mut self, other: VendorTable) -> VendorTable {
        self.rows.extend(other.rows);
        self
    }

    /// Every row, in order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows about a version of an implementation, one for each parameter.
    pub fn of<'a>(
        &'a self,
        vendor: &'a str,
        os: &'a str,
        version: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Row> {
        let about = move |row: &&Row| row.vendor == vendor && row.os == os && row.is_about(version);
        let rows = self.rows.iter().filter(about);
        rows.enumerate()
            .filter(move |(place, row)| {
                let mut before = self.rows.iter().filter(about).take(*place);
                !before.any(|other| other.parameter == row.parameter)
            })
            .map(|(_, row)| row)
    }

    /// Whether anything is known of an implementation.
    pub fn knows(&self, vendor: &str, os: &str) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| row.vendor == vendor && row.os == os)
    }
}

const BUILT_IN: &str = include_str!("../../../data/vendor-defaults.toml");

fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|octet| **octet == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_built_in_table_is_whole() {
        let table = VendorTable::parse(BUILT_IN).unwrap();
        assert!(table.rows().len() > 200);
        for row in table.rows() {
            let name = format!("{} {} {}", row.vendor, row.os, row.parameter);
            assert_eq!(row.problem(), None, "{name}");
            for word in [&row.vendor, &row.os, &row.parameter] {
                assert!(is_word(word), "{name}");
            }
            match &row.value {
                Value::Number(_) => {}
                Value::Word(word) => assert!(is_word(word), "{name}: {word}"),
                Value::Words(words) => assert!(words.iter().all(|word| is_word(word)), "{name}"),
            }
            let is_list = matches!(row.value, Value::Words(_));
            assert_eq!(is_list, row.parameter == "cap.sent", "{name}");
            let in_seconds = row.unit.as_deref() == Some("s");
            let is_timer = TIMERS.contains(&row.parameter.as_str());
            assert_eq!(in_seconds, is_timer, "{name}: {:?}", row.unit);
            let is_time = row.parameter.contains("time") || row.parameter.contains("retry");
            assert!(is_timer || !is_time, "{name} is not in the list of timers");
        }
    }

    #[test]
    fn no_two_rows_of_the_built_in_table_speak_of_the_same() {
        let table = VendorTable::built_in();
        let mut names: Vec<_> = table
            .rows()
            .iter()
            .map(|row| (&row.vendor, &row.os, &row.parameter, &row.before))
            .collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    fn is_word(text: &str) -> bool {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-._".contains(letter);
        !text.is_empty() && text.chars().all(fits)
    }

    #[test]
    fn the_example_of_the_draft_is_in_the_table() {
        let table = VendorTable::built_in();
        let distances = |vendor: &str, os: &str| -> Vec<u32> {
            let value = |name| {
                let mut rows = table.of(vendor, os, None);
                let row = rows.find(|row| row.parameter == name)?;
                row.value.number()
            };
            let names = ["preference.ebgp", "preference.ibgp", "preference.local"];
            names.into_iter().filter_map(value).collect()
        };
        assert_eq!(distances("huawei", "vrp8"), [255, 255, 255]);
        assert_eq!(distances("frrouting", "frr-traditional"), [20, 200, 200]);
        assert_eq!(distances("cisco", "ios-xe"), [20, 200, 200]);
    }

    #[test]
    fn a_version_picks_its_row() {
        let table = VendorTable::built_in();
        let retry = |version| {
            let mut rows = table.of("frrouting", "frr-traditional", version);
            let row = rows.find(|row| row.parameter == "connect_retry");
            row.and_then(|row| row.value.number())
        };
        assert_eq!(retry(Some("8.4.4")), Some(120));
        assert_eq!(retry(Some("10.2.9")), Some(120));
        assert_eq!(retry(Some("10.3")), Some(30));
        assert_eq!(retry(Some("10.8.0-dev_git20260719")), Some(30));
        assert_eq!(retry(None), Some(30));
    }

    const ROW: &str =
        "[[default]]\nvendor = \"a\"\nos = \"b\"\nparameter = \"keepalive\"\nvalue = 7\n";

    #[test]
    fn what_is_wrong_with_a_table_is_told_with_its_line() {
        let error = |more: &str| VendorTable::parse(&format!("{ROW}{more}")).unwrap_err();
        assert_eq!(error(""), "line 1: missing field `confidence`");
        let said = error("confidence = \"rfc\"\n");
        let expected = "a/b keepalive has no source_title or source_url, and is not `unverified`";
        assert_eq!(said, format!("line 1: {expected}"));
        let said = error("confidence = \"unverified\"\n");
        assert_eq!(said, "line 1: a/b keepalive is a timer without a unit");
        let said = error("confidence = \"sure\"\n");
        assert!(said.starts_with("line 6: unknown variant `sure`"), "{said}");
        let said = error("colour = 1\n");
        assert!(said.starts_with("line 6: unknown field `colour`"), "{said}");
        let said = VendorTable::parse("a = 1").unwrap_err();
        assert_eq!(said, "no [[default]] in it");
    }

    #[test]
    fn another_table_goes_before_the_built_in_one() {
        let text = "[[default]]\nvendor = \"frrouting\"\nos = \"frr-traditional\"\nconfidence = \"unverified\"\n";
        let row = "parameter = \"hold_time\"\nunit = \"s\"\nvalue = 30\n";
        let own = VendorTable::parse(&format!("{text}{row}")).unwrap();
        let table = own.over(VendorTable::built_in());
        let held: Vec<_> = table
            .of("frrouting", "frr-traditional", Some("10.7"))
            .filter(|row| row.parameter == "hold_time")
            .map(|row| row.value.clone())
            .collect();
        assert_eq!(held, [Value::Number(30)]);
        assert!(table.knows("huawei", "vrp8"));
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert_eq!(compare_versions("10.3", "9.1"), Ordering::Greater);
        assert_eq!(compare_versions("10.3.0", "10.3"), Ordering::Greater);
        assert_eq!(compare_versions("8.0.1", "10.3"), Ordering::Less);
        assert_eq!(compare_versions("7.4", "7.4"), Ordering::Equal);
    }
}
