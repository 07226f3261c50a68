//! The two JSON keys of a family, `"afi":"ipv4","safi":"unicast"`, for types that flatten one.

use crate::net::Family;
use schemars::JsonSchema;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

/// The shape of a flattened family.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FamilyFields {
    /// Address family: a word, or `unknown-<number>`.
    pub(crate) afi: String,
    /// Subsequent address family: a word, or `unknown-<number>`.
    pub(crate) safi: String,
}

/// Writes the two keys; for `#[serde(flatten, serialize_with = "...")]`.
pub(crate) fn serialize<S: Serializer>(family: &Family, serializer: S) -> Result<S::Ok, S::Error> {
    let mut fields = serializer.serialize_struct("Family", 2)?;
    fields.serialize_field("afi", &Afi(family.afi))?;
    fields.serialize_field("safi", &Safi(family.safi))?;
    fields.end()
}

/// An AFI as JSON shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Afi(pub(crate) u16);

impl Serialize for Afi {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Family::new(self.0, 0).afi_name() {
            Some(name) => serializer.serialize_str(name),
            None => serializer.collect_str(&format_args!("unknown-{}", self.0)),
        }
    }
}

/// A SAFI as JSON shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Safi(pub(crate) u8);

impl Serialize for Safi {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match Family::new(0, self.0).safi_name() {
            Some(name) => serializer.serialize_str(name),
            None => serializer.collect_str(&format_args!("unknown-{}", self.0)),
        }
    }
}

/// Writes an AFI that stands alone; for `#[serde(serialize_with = "...")]`.
pub(crate) fn serialize_afi<S: Serializer>(afi: &u16, serializer: S) -> Result<S::Ok, S::Error> {
    Afi(*afi).serialize(serializer)
}
