//! Code points: a number, its word and the text that assigns it, one row each.

/// Defines a newtype over a number with a constant, a word and a source for each row. A number
/// without a row is a value like any other; it prints as `unknown-<number>`.
macro_rules! code_points {
    (
        $(#[$meta:meta])*
        $name:ident($number:ty) {
            $($constant:ident = $value:literal, $word:literal, $source:literal;)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $number);

        impl $name {
            $(
                #[doc = concat!("`", $word, "`: ", $source, ".")]
                pub const $constant: $name = $name($value);
            )*

            /// Every number with a name: the number, its word, its source.
            pub const TABLE: &'static [($number, &'static str, &'static str)] =
                &[$(($value, $word, $source)),*];

            /// The word, or none where the number has no name.
            pub fn word(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($word),)*
                    _ => None,
                }
            }
        }

        code_point_text!($name, $name::TABLE.iter().map(|row| row.1));
    };
}

/// How a code point with a `word` shows itself: in text, in JSON and in a schema.
macro_rules! code_point_text {
    ($name:ident, $words:expr) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.word() {
                    Some(word) => f.write_str(word),
                    None => write!(f, "unknown-{}", self.0),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.word() {
                    Some(word) => serializer.serialize_str(word),
                    None => serializer.collect_str(self),
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let words: Vec<&str> = $words.collect();
                schemars::json_schema!({
                    "anyOf": [
                        { "type": "string", "enum": words },
                        { "type": "string", "pattern": "^unknown-[0-9]+$" },
                    ],
                })
            }
        }
    };
}
