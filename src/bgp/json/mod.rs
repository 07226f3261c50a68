//! The JSON form of an UPDATE (design: `messages`), written straight from the borrowed octets: one
//! pass, no tree, no string that lives longer than its field.

mod attributes;
mod nlri;
mod shape;

use super::attribute::{NextHop, PathAttributes};
use super::family_fields;
use super::text::{Hex, Text};
use super::update::Update;
use crate::net::Family;
use crate::wire::DecodeError;
use attributes::{common, others, rare};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use std::fmt::Write;
use std::net::IpAddr;

impl Serialize for Update<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let attributes = self.path_attributes();
        let mut fields = serializer.serialize_struct("Update", 40)?;
        fields.serialize_field("announced", &Sequence(|| self.announced().flatten()))?;
        fields.serialize_field("withdrawn", &Sequence(|| self.withdrawn().flatten()))?;
        fields.serialize_field("end_of_rib", &self.end_of_rib().map(FamilyObject))?;
        next_hops(self, &attributes, &mut fields)?;
        common(&attributes, &mut fields)?;
        let others = || others(self.attributes(), self.context(), &attributes);
        fields.serialize_field("attributes_other", &Sequence(others))?;
        rare(&attributes, &mut fields)?;
        let has_errors = self.errors().next().is_some();
        if has_errors {
            fields.serialize_field("errors", &Sequence(|| self.errors().map(ErrorText)))?;
        }
        let malformed = self.malformed_beside(&attributes, has_errors);
        if !malformed.is_empty() {
            fields.serialize_field("malformed", &malformed)?;
        }
        fields.end()
    }
}

/// The next hop of the routes, and what else there is of next hops.
fn next_hops<F: SerializeStruct>(
    update: &Update<'_>,
    attributes: &PathAttributes<'_>,
    fields: &mut F,
) -> Result<(), F::Error> {
    let own = attributes.next_hop.map(IpAddr::from);
    let Some(reach) = attributes.mp_reach else {
        return fields.serialize_field("next_hop", &own.map(address));
    };
    let multiprotocol = reach.next_hop();
    // NEXT_HOP belongs to the NLRI section, the other to MP_REACH_NLRI; mostly there is one of them.
    let (first, other) = if update.has_own_nlri() {
        (own, multiprotocol.address())
    } else {
        (multiprotocol.address(), own)
    };
    fields.serialize_field("next_hop", &first.map(address))?;
    if let Some(other) = other {
        fields.serialize_field("other_next_hop", &address(other))?;
    }
    if let Some(link_local) = multiprotocol.link_local() {
        fields.serialize_field("next_hop_link_local", &address(link_local.into()))?;
    }
    if let Some(rd) = multiprotocol.rd().filter(|rd| !rd.is_zero()) {
        fields.serialize_field(
            "next_hop_rd",
            &text(|out| write!(out, "{rd}").unwrap_or(())),
        )?;
    }
    if let NextHop::Raw(octets) = multiprotocol {
        fields.serialize_field("next_hop_raw", &Hex(octets))?;
    }
    Ok(())
}

/// A JSON array of what an iterator gives.
struct Sequence<F>(F);

impl<F, I> Serialize for Sequence<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        for item in (self.0)() {
            sequence.serialize_element(&item)?;
        }
        sequence.end()
    }
}

/// A family as an object of its own.
struct FamilyObject(Family);

impl Serialize for FamilyObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        family_fields::serialize(&self.0, serializer)
    }
}

/// An error as its text.
struct ErrorText(DecodeError);

impl Serialize for ErrorText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn address(address: IpAddr) -> Text {
    text(|out| out.push_address(address))
}

fn text(write: impl FnOnce(&mut Text)) -> Text {
    let mut text = Text::new();
    write(&mut text);
    text
}

#[cfg(test)]
mod tests;
