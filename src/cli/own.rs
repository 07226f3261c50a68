//! The options of one command: from a report's description to clap's arguments, and back.

use crate::report::{Environment, Given, OwnOption, Takes};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, ValueHint, value_parser};
use std::ffi::OsStr;
use std::path::PathBuf;

/// The environment of the program.
pub(super) const ENVIRONMENT: Environment = Environment::new(|name| std::env::var(name).ok());

/// An option as clap sees it.
pub(super) fn argument(option: &OwnOption) -> Arg {
    let argument = Arg::new(option.name).long(option.name).help(option.help);
    let argument = match option.takes {
        Takes::Nothing => return argument.action(ArgAction::SetTrue),
        Takes::Word(words) => argument.value_parser(PossibleValuesParser::new(words)),
        Takes::WordOr(words, accepts) => argument.value_parser(WordOr { words, accepts }),
        Takes::Text(accepts) => {
            argument.value_parser(move |text: &str| accepts(text).map(|()| text.to_owned()))
        }
        Takes::Path | Takes::NewPath => argument
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath),
    };
    let argument = match option.alone {
        Some(value) => argument
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value(value),
        None => argument,
    };
    let action = match option.is_repeatable {
        true => ArgAction::Append,
        false => ArgAction::Set,
    };
    let argument = argument.value_name(option.value_name).action(action);
    match option.default {
        Some(value) => argument.default_value(value),
        None => argument,
    }
}

/// Fails where an option is given that changes the table only.
pub(super) fn refuse_of_tables(options: &[OwnOption], matches: &ArgMatches) -> Result<(), String> {
    let is_given = |option: &&OwnOption| {
        let source = matches.value_source(option.name);
        option.is_of_tables && source == Some(ValueSource::CommandLine)
    };
    match options.iter().find(is_given) {
        Some(option) => Err(format!(
            "--{} is about the table: it goes with --format table only",
            option.name
        )),
        None => Ok(()),
    }
}

/// What was given of these options.
pub(super) fn given(options: &[OwnOption], matches: &ArgMatches) -> Given {
    let mut given = Given::default();
    for option in options {
        let name = option.name;
        match option.takes {
            Takes::Nothing if matches.get_flag(name) => given.flag(name),
            Takes::Nothing => {}
            Takes::Word(_) | Takes::WordOr(..) | Takes::Text(_) => {
                let texts = matches.get_many::<String>(name).into_iter().flatten();
                texts.for_each(|text| given.value(name, text));
            }
            Takes::Path | Takes::NewPath => {
                let paths = matches.get_many::<PathBuf>(name).into_iter().flatten();
                paths.for_each(|path| given.value(name, path));
            }
        }
    }
    given
}

/// One of a few words, which shells complete and errors list, or another text.
#[derive(Clone)]
struct WordOr {
    words: &'static [&'static str],
    accepts: fn(&str) -> Result<(), String>,
}

impl TypedValueParser for WordOr {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        let text = value.to_str().unwrap_or_default();
        let accepted = match self.words.contains(&text) {
            true => Ok(()),
            false => (self.accepts)(text),
        };
        match accepted {
            Ok(()) => Ok(text.to_owned()),
            // All that is wrong with it is that it is none of the words.
            Err(reason) if reason.is_empty() => {
                PossibleValuesParser::new(self.words).parse_ref(command, argument, value)
            }
            Err(reason) => (move |_: &str| Err::<String, _>(reason.clone()))
                .parse_ref(command, argument, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().copied().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAVE: OwnOption = OwnOption::flag("save", "Keep it");
    const KEYS: OwnOption = OwnOption::path("keys", "Keys").repeatable();
    const LEVEL: OwnOption = OwnOption::word("level", "LEVEL", &["low", "high"], "How").or("low");
    const CAP: OwnOption = OwnOption::word("cap", "CAP", &["low", "high"], "Most").alone("high");
    const NAME: OwnOption = OwnOption::text("name", "NAME", short, "Whose");
    const KIND: OwnOption = OwnOption::word_or("kind", "KIND", &["low-key"], short, "Which");
    const ALL: &[OwnOption] = &[SAVE, KEYS, LEVEL, CAP, NAME, KIND];

    fn short(text: &str) -> Result<(), String> {
        match text.len() {
            0..=3 => Ok(()),
            5 => Err(String::new()),
            _ => Err("too long".to_owned()),
        }
    }

    fn read(words: &str) -> Result<Given, String> {
        let command = Command::new("test").no_binary_name(true);
        let command = command.args(ALL.iter().map(argument));
        let matches = command.try_get_matches_from(words.split_whitespace());
        matches
            .map(|matches| given(ALL, &matches))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_option_that_is_not_given_has_its_default_or_nothing() {
        let given = read("").unwrap();
        assert!(!given.has(&SAVE) && !given.has(&KEYS) && !given.has(&CAP));
        assert_eq!(given.text(&LEVEL), Some("low"));
    }

    #[test]
    fn flags_words_texts_and_paths_are_read() {
        let given = read("--save --level high --name a --keys x --cap --keys y").unwrap();
        assert!(given.has(&SAVE));
        assert_eq!(
            (given.text(&LEVEL), given.text(&NAME)),
            (Some("high"), Some("a"))
        );
        assert_eq!(given.text(&CAP), Some("high"));
        assert_eq!(given.paths(&KEYS).count(), 2);
        assert_eq!(read("--cap=low").unwrap().text(&CAP), Some("low"));
        let kind = |words| read(words).unwrap().text(&KIND).map(str::to_owned);
        assert_eq!(kind("--kind low-key").as_deref(), Some("low-key"));
        assert_eq!(kind("--kind abc").as_deref(), Some("abc"));
    }

    #[test]
    fn a_value_that_is_not_good_is_refused_with_the_reason() {
        let error = read("--level none").unwrap_err();
        assert!(error.contains("[possible values: low, high]"), "{error}");
        let error = read("--kind other").unwrap_err();
        assert!(error.contains("[possible values: low-key]"), "{error}");
        let error = read("--name long").unwrap_err();
        assert!(error.contains("'--name <NAME>': too long"), "{error}");
        assert!(read("--name a --name b").is_err());
    }
}
