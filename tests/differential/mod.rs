//! Field by field: two values of one shape, what differs between them, and the table that says who
//! is right about each difference.
//!
//! The shape is that of a line of `messages`, without what the other decoder cannot know. Expected
//! values come from the other decoder's JSON alone.
#![allow(
    dead_code,
    reason = "each test crate compiles the whole of it and uses a part"
)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; what was compared is said on stderr"
)]

pub(crate) mod attributes;
pub(crate) mod entries;
pub(crate) mod netgauze;
pub(crate) mod open;
pub(crate) mod ours;
pub(crate) mod pmacct;
pub(crate) mod words;

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The only field of a message that the other decoder gave up; what it says of it is the value.
pub(crate) const NOT_DECODED: &str = "not_decoded";

/// Who is wrong where the two differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The other decoder.
    Theirs,
    /// None: both say what is sent, and one of them says less of it.
    Neither,
    /// This program: to be mended, and the row to be removed with it.
    Ours,
}

/// A difference that is known and decided.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The files of expected values, as the test's table of captures writes them.
    pub(crate) files: &'static [&'static str],
    /// The field, without the numbers of list items: `update.announced[].prefix`.
    pub(crate) field: &'static str,
    /// The messages, counted from 1 in the file of expected values: every one, no other.
    pub(crate) messages: &'static [usize],
    /// What the two say of each of them: expected and got, null where one says nothing.
    pub(crate) said: fn(&Value, &Value) -> bool,
    /// Who is wrong.
    pub(crate) fault: Fault,
    /// The text that decides it.
    pub(crate) because: &'static str,
}

/// One field of one message about which the two disagree.
#[derive(Debug)]
struct Difference {
    message: usize,
    field: String,
    expected: Value,
    got: Value,
}

/// What was compared so far.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    messages: usize,
    fields: usize,
    found: BTreeMap<(String, String), Vec<Difference>>,
}

impl Comparison {
    /// Compares what `file` says about its message of this number with what this program says. A
    /// field that is absent, null or an empty list is one that is not there.
    pub(crate) fn message(&mut self, file: &str, number: usize, expected: &Value, got: &Value) {
        self.messages += 1;
        if expected.get(NOT_DECODED).is_some() {
            let (expected, got) = (expected.get(NOT_DECODED), got.get("type"));
            return self.differ(file, number, NOT_DECODED, expected, got);
        }
        let (expected, got) = (leaves(expected), leaves(got));
        let fields: BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
        self.fields += fields.len();
        for field in fields {
            let (expected, got) = (expected.get(field), got.get(field));
            if expected != got {
                self.differ(file, number, field, expected, got);
            }
        }
    }

    /// Adds a difference.
    pub(crate) fn differ(
        &mut self,
        file: &str,
        message: usize,
        field: &str,
        expected: Option<&Value>,
        got: Option<&Value>,
    ) {
        let key = (file.to_owned(), without_numbers(field));
        self.found.entry(key).or_default().push(Difference {
            message,
            field: field.to_owned(),
            expected: expected.cloned().unwrap_or_default(),
            got: got.cloned().unwrap_or_default(),
        });
    }

    /// Holds what was found against the table: every difference is listed, every row is met.
    pub(crate) fn hold(&self, decoder: &str, table: &[Listed]) {
        let (messages, fields) = (self.messages, self.fields);
        eprintln!("{decoder}: {messages} messages, {fields} fields compared");
        assert!(messages > 0 && fields > 0, "nothing was compared");
        let mut wrong = String::new();
        for ((file, field), differences) in &self.found {
            let met: BTreeSet<usize> = differences.iter().map(|one| one.message).collect();
            let is_its = |row: &&Listed| row.files.contains(&file.as_str()) && row.field == field;
            let row = table.iter().find(is_its);
            let listed = row.map(|row| row.messages.iter().copied().collect());
            let is_said = |row: &Listed| {
                let mut each = differences.iter();
                each.all(|one| (row.said)(&one.expected, &one.got))
            };
            if listed.as_ref() != Some(&met) || !row.is_some_and(is_said) {
                wrong.push_str(&shown(file, field, differences, &met, listed.as_ref()));
            }
        }
        for row in table {
            let key = |file: &&str| (String::from(*file), row.field.to_owned());
            if !row
                .files
                .iter()
                .all(|file| self.found.contains_key(&key(file)))
            {
                wrong.push_str(&format!("listed, but they agree: {row:?}\n"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{decoder} and this program disagree\n{wrong}"
        );
        eprintln!("{decoder}: {}", summary(table));
    }
}

/// How many rows of the table are whose fault.
fn summary(table: &[Listed]) -> String {
    let of = |fault: Fault| table.iter().filter(|row| row.fault == fault).count();
    let (theirs, neither, ours) = (of(Fault::Theirs), of(Fault::Neither), of(Fault::Ours));
    format!("fields listed: {theirs} where it is wrong, {neither} where it says less, {ours} ours")
}

/// A few of the differences of one field, for the one who has to decide them.
fn shown(
    file: &str,
    field: &str,
    differences: &[Difference],
    met: &BTreeSet<usize>,
    listed: Option<&BTreeSet<usize>>,
) -> String {
    let mut text = format!("{file} {field}: messages {met:?}");
    if let Some(listed) = listed {
        let more: Vec<_> = met.difference(listed).collect();
        let less: Vec<_> = listed.difference(met).collect();
        text.push_str(&format!(
            ", not listed {more:?}, listed but agreeing {less:?}"
        ));
    }
    for one in differences.iter().take(4) {
        let Difference {
            message,
            field,
            expected,
            got,
        } = one;
        text.push_str(&format!(
            "\n    message {message} {field}: expected {expected}, got {got}"
        ));
    }
    text.push('\n');
    text
}

/// Path and value of everything in a value that is neither object nor list nor null.
fn leaves(value: &Value) -> BTreeMap<String, Value> {
    let mut into = BTreeMap::new();
    collect(String::new(), value, &mut into);
    into
}

fn collect(path: String, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, value) in fields {
                let separator = if path.is_empty() { "" } else { "." };
                collect(format!("{path}{separator}{key}"), value, into);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(format!("{path}[{index}]"), item, into);
            }
        }
        _ => {
            into.insert(path, value.clone());
        }
    }
}

/// `a[12].b[0]` as `a[].b[]`.
fn without_numbers(field: &str) -> String {
    let mut inside = false;
    let keep = |letter: &char| {
        let kept = !inside || *letter == ']';
        inside = match letter {
            '[' => true,
            ']' => false,
            _ => inside,
        };
        kept
    };
    field.chars().filter(keep).collect()
}

/// An object of these fields.
pub(crate) fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let owned = |(key, value): (&str, Value)| (key.to_owned(), value);
    fields.into_iter().map(owned).collect()
}

/// The messages of a file with one JSON value a line.
pub(crate) fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The files of expected values that the inventory of the public captures lists, by their paths.
pub(crate) fn in_inventory(public: &Path, is_its: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let inventory = std::fs::read_to_string(public.join("INVENTORY.tsv")).unwrap();
    let paths = inventory.lines().filter_map(|line| line.split('\t').next());
    paths
        .filter(|path| is_its(path))
        .map(str::to_owned)
        .collect()
}

/// Pairs each expected message with one of this program's, which are those of several sessions. The
/// other decoder may mix the sessions in another way, but each of them stays in its order: the
/// partner is the next message of a session, the one of those that `same` takes, or the first.
pub(crate) fn paired(
    expected: &[Value],
    got: &[Value],
    same: impl Fn(&Value, &Value) -> bool,
) -> Vec<(Value, Value)> {
    let mut waiting: Vec<&Value> = got.iter().collect();
    let mut pairs = Vec::new();
    for message in expected {
        let mut seen = BTreeSet::new();
        let mut next =
            (0..waiting.len()).filter(|at| seen.insert(waiting[*at]["session"].as_u64()));
        let at = next.find(|at| same(message, waiting[*at])).unwrap_or(0);
        assert!(at < waiting.len(), "no message is left for {message}");
        pairs.push((message.clone(), waiting.remove(at).clone()));
    }
    assert!(waiting.is_empty(), "they do not know of {waiting:?}");
    pairs
}
