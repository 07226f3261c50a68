//! Options that one command has beside those that all have. A report says what they are; how a
//! command line is read is not its business.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// An option of one command.
#[derive(Debug, Clone, Copy)]
pub struct OwnOption {
    /// Its long name, without dashes.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
    /// How help calls its value: `SEVERITY`, `FILE`.
    pub value_name: &'static str,
    /// Its value where it is not given.
    pub default: Option<&'static str>,
    /// Its value where it is given without one: then `--name` and `--name=VALUE` are both good.
    pub alone: Option<&'static str>,
    /// It may be given several times.
    pub is_repeatable: bool,
    /// It changes the table only.
    pub is_of_tables: bool,
    /// What it does, in a line.
    pub help: &'static str,
}

/// What an option takes.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// Nothing: it is there or not.
    Nothing,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or another text that this accepts, or says why not; an empty reason is
    /// that it is none of the words.
    WordOr(&'static [&'static str], fn(&str) -> Result<(), String>),
    /// A text that this accepts, or says why not.
    Text(fn(&str) -> Result<(), String>),
    /// The path of a file that is read.
    Path,
    /// The path of a file that is written.
    NewPath,
}

impl OwnOption {
    /// An option that is there or not.
    pub const fn flag(name: &'static str, help: &'static str) -> OwnOption {
        OwnOption::new(name, Takes::Nothing, "", help)
    }

    /// An option that takes one of a few words.
    pub const fn word(
        name: &'static str,
        value_name: &'static str,
        words: &'static [&'static str],
        help: &'static str,
    ) -> OwnOption {
        OwnOption::new(name, Takes::Word(words), value_name, help)
    }

    /// An option that takes one of a few words, or another text that `accepts` says is good.
    pub const fn word_or(
        name: &'static str,
        value_name: &'static str,
        words: &'static [&'static str],
        accepts: fn(&str) -> Result<(), String>,
        help: &'static str,
    ) -> OwnOption {
        OwnOption::new(name, Takes::WordOr(words, accepts), value_name, help)
    }

    /// An option that takes a text; `accepts` says what is wrong with one that is not good.
    pub const fn text(
        name: &'static str,
        value_name: &'static str,
        accepts: fn(&str) -> Result<(), String>,
        help: &'static str,
    ) -> OwnOption {
        OwnOption::new(name, Takes::Text(accepts), value_name, help)
    }

    /// An option that takes the path of a file that is read.
    pub const fn path(name: &'static str, help: &'static str) -> OwnOption {
        OwnOption::new(name, Takes::Path, "FILE", help)
    }

    /// An option that takes the path of a file that is written.
    pub const fn new_path(name: &'static str, help: &'static str) -> OwnOption {
        OwnOption::new(name, Takes::NewPath, "FILE", help)
    }

    /// The same option with a value where it is not given.
    pub const fn or(mut self, default: &'static str) -> OwnOption {
        self.default = Some(default);
        self
    }

    /// The same option, good without a value too, which is then this one.
    pub const fn alone(mut self, value: &'static str) -> OwnOption {
        self.alone = Some(value);
        self
    }

    /// The same option, good several times.
    pub const fn repeatable(mut self) -> OwnOption {
        self.is_repeatable = true;
        self
    }

    /// The same option, which changes the table only: other formats refuse it.
    pub const fn of_tables(mut self) -> OwnOption {
        self.is_of_tables = true;
        self
    }

    const fn new(
        name: &'static str,
        takes: Takes,
        value_name: &'static str,
        help: &'static str,
    ) -> OwnOption {
        OwnOption {
            name,
            takes,
            value_name,
            default: None,
            alone: None,
            is_repeatable: false,
            is_of_tables: false,
            help,
        }
    }
}

/// What was given of a command's own options, defaults included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    values: BTreeMap<&'static str, Vec<OsString>>,
    environment: Environment,
}

/// Where values of environment variables come from: reading them is the business of whoever reads the
/// command line.
#[derive(Debug, Clone, Copy, Default)]
pub struct Environment(Option<fn(&str) -> Option<String>>);

impl Environment {
    /// An environment that this finds variables in.
    pub const fn new(find: fn(&str) -> Option<String>) -> Environment {
        Environment(Some(find))
    }

    /// The value of a variable, if it is set.
    pub fn variable(self, name: &str) -> Option<String> {
        self.0.and_then(|find| find(name))
    }
}

/// What was given does not depend on where variables come from.
impl PartialEq for Environment {
    fn eq(&self, _: &Environment) -> bool {
        true
    }
}

impl Eq for Environment {}

impl Given {
    /// Notes that an option was given.
    pub fn flag(&mut self, name: &'static str) {
        self.values.entry(name).or_default();
    }

    /// Notes a value of an option.
    pub fn value(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.values.entry(name).or_default().push(value.into());
    }

    /// The same, with an environment.
    pub fn within(mut self, environment: Environment) -> Given {
        self.environment = environment;
        self
    }

    /// Where values of environment variables come from.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Whether an option was given or has a default.
    pub fn has(&self, option: &OwnOption) -> bool {
        self.values.contains_key(option.name)
    }

    /// The value of an option that takes a word or a text; the last one where there are several.
    pub fn text(&self, option: &OwnOption) -> Option<&str> {
        self.texts(option).last()
    }

    /// All values of an option that takes words or texts.
    pub fn texts(&self, option: &OwnOption) -> impl Iterator<Item = &str> {
        self.all(option).filter_map(OsStr::to_str)
    }

    /// The value of an option that takes a path.
    pub fn path(&self, option: &OwnOption) -> Option<&Path> {
        self.paths(option).last()
    }

    /// All values of an option that takes paths.
    pub fn paths(&self, option: &OwnOption) -> impl Iterator<Item = &Path> {
        self.all(option).map(Path::new)
    }

    fn all(&self, option: &OwnOption) -> impl Iterator<Item = &OsStr> {
        let values = self.values.get(option.name).into_iter().flatten();
        values.map(OsString::as_os_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAVE: OwnOption = OwnOption::flag("save", "Keep it");
    const VRPS: OwnOption = OwnOption::path("vrps", "VRPs").repeatable();
    const LEVEL: OwnOption = OwnOption::word("level", "LEVEL", &["low", "high"], "How").or("low");

    #[test]
    fn what_was_not_given_is_not_there() {
        let given = Given::default();
        assert!(!given.has(&SAVE));
        assert_eq!(given.text(&LEVEL), None);
        assert_eq!(given.paths(&VRPS).count(), 0);
    }

    #[test]
    fn values_keep_their_order_and_the_last_one_stands() {
        let mut given = Given::default();
        given.flag(SAVE.name);
        given.value(VRPS.name, "a.json");
        given.value(VRPS.name, "b.json");
        given.value(LEVEL.name, "high");
        assert!(given.has(&SAVE));
        let paths: Vec<_> = given.paths(&VRPS).collect();
        assert_eq!(paths, [Path::new("a.json"), Path::new("b.json")]);
        assert_eq!(given.path(&VRPS), Some(Path::new("b.json")));
        assert_eq!(given.text(&LEVEL), Some("high"));
    }
}
