//! Objects and lists of JSON where something else may stand in their place: that costs the entry that
//! they are of, not the file.

use super::FieldError;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// An object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Object<T> {
    /// It is not there, or null.
    #[default]
    Absent,
    /// It is.
    Is(T),
    /// Something else is there.
    Other,
}

/// A list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Listed<T> {
    /// It is not there, or null.
    #[default]
    Absent,
    /// It is.
    Is(Vec<T>),
    /// Something else is there.
    Other,
}

impl<T> Listed<T> {
    /// Its elements, if it is one; none where there is none.
    pub(super) fn of(&self, field: &'static str) -> Result<&[T], FieldError> {
        match self {
            Listed::Absent => Ok(&[]),
            Listed::Is(list) => Ok(list),
            Listed::Other => Err(FieldError::new(field, "what is there is no list")),
        }
    }

    pub(super) fn is_absent(&self) -> bool {
        matches!(self, Listed::Absent)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        deserializer.deserialize_any(AnyObject(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Listed<T>, D::Error> {
        deserializer.deserialize_any(AnyList(PhantomData))
    }
}

struct AnyObject<T>(PhantomData<T>);

struct AnyList<T>(PhantomData<T>);

/// Everything that is neither.
macro_rules! other {
    ($of:ident) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_unit<E: de::Error>(self) -> Result<$of<T>, E> {
            Ok($of::Absent)
        }

        fn visit_bool<E: de::Error>(self, _: bool) -> Result<$of<T>, E> {
            Ok($of::Other)
        }

        fn visit_u64<E: de::Error>(self, _: u64) -> Result<$of<T>, E> {
            Ok($of::Other)
        }

        fn visit_i64<E: de::Error>(self, _: i64) -> Result<$of<T>, E> {
            Ok($of::Other)
        }

        fn visit_f64<E: de::Error>(self, _: f64) -> Result<$of<T>, E> {
            Ok($of::Other)
        }

        fn visit_str<E: de::Error>(self, _: &str) -> Result<$of<T>, E> {
            Ok($of::Other)
        }
    };
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyObject<T> {
    type Value = Object<T>;

    other!(Object);

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Object::Is)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Object<T>, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Object::Other)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnyList<T> {
    type Value = Listed<T>;

    other!(Listed);

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Listed<T>, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Listed::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Listed<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Listed::Is(list))
    }
}
