//! The UPDATE message (RFC 4271 4.3): counting its routes, or looking at everything it says.

mod common;
mod count;
mod malformed;
mod sections;
pub mod signs;

pub use count::{FamilyCounts, RouteCounts, count};
pub use malformed::{Code, Malformed, Name, Outcome, Problem};

use super::attribute::{
    Attribute, AttributeCode, AttributeIter, MpReach, MpUnreach, PathAttributes,
};
use super::context::Context;
use super::header::{MessageHeader, MessageType};
use super::nlri::{self, Nlri, NlriIter};
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};
use sections::Sections;

const NOT_UPDATE: &str = "is not UPDATE";

/// A view of an UPDATE. Everything is read when it is asked for; what cannot be read costs only
/// itself, see [`Update::errors`].
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    sections: Sections<'a>,
    context: &'a Context,
    error: Option<DecodeError>,
}

impl<'a> Update<'a> {
    /// Reads a whole UPDATE, header included; the cursor then stands behind it. Fails where the
    /// header does, or where the Withdrawn Routes leave the message: then nothing is known.
    pub fn decode(
        cursor: &mut Cursor<'a>,
        context: &'a Context,
    ) -> Result<Update<'a>, DecodeError> {
        let body = MessageHeader::take_body(cursor, MessageType::UPDATE, NOT_UPDATE)?;
        let (sections, error) = Sections::salvage(body)?;
        Ok(Update {
            sections,
            context,
            error,
        })
    }

    /// The context by which it is read.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// The same octets read by another context.
    pub fn with_context(self, context: &'a Context) -> Update<'a> {
        Update { context, ..self }
    }

    /// Announced routes: of the NLRI section, then of MP_REACH_NLRI.
    pub fn announced(&self) -> impl Iterator<Item = Result<Nlri<'a>, DecodeError>> + use<'a> {
        let update = *self;
        let own = self.routes(self.sections.nlri, Family::IPV4_UNICAST);
        let multiprotocol = self
            .reaches()
            .map(move |one| update.routes(one.nlri, one.family));
        std::iter::once(own).chain(multiprotocol).flatten()
    }

    /// Withdrawn routes: of the Withdrawn Routes section, then of MP_UNREACH_NLRI.
    pub fn withdrawn(&self) -> impl Iterator<Item = Result<Nlri<'a>, DecodeError>> + use<'a> {
        let update = *self;
        let own = self.routes(self.sections.withdrawn, Family::IPV4_UNICAST);
        let multiprotocol = self
            .unreaches()
            .map(move |one| update.routes(one.withdrawn, one.family));
        std::iter::once(own).chain(multiprotocol).flatten()
    }

    /// Attributes in order as sent; the last one is an error if its length leaves the section.
    pub fn attributes(&self) -> AttributeIter<'a> {
        AttributeIter::new(self.sections.attributes)
    }

    /// The attributes by name.
    pub fn path_attributes(&self) -> PathAttributes<'a> {
        PathAttributes::read(self.attributes(), self.context)
    }

    /// The NLRI section is not empty: then NEXT_HOP is the next hop of its routes.
    pub fn has_own_nlri(&self) -> bool {
        !self.sections.nlri.is_empty()
    }

    /// The family whose End-of-RIB marker this is (RFC 4724 2).
    pub fn end_of_rib(&self) -> Option<Family> {
        if self.error.is_some() {
            return None;
        }
        let mut unreach = None;
        let mut attributes = 0;
        for attribute in self.attributes() {
            let attribute = attribute.ok()?;
            attributes += 1;
            if attribute.code == AttributeCode::MP_UNREACH_NLRI {
                let value = MpUnreach::decode(attribute.cursor()).ok()?;
                unreach = value.withdrawn.is_empty().then_some(value.family);
            }
        }
        end_of_rib(&self.sections, attributes, unreach)
    }

    /// What of its structure could not be read: sections, attribute headers, routes. Values of other
    /// attributes are told by [`Attribute::read`].
    pub fn errors(&self) -> impl Iterator<Item = DecodeError> + use<'a> {
        let update = *self;
        let own = [self.sections.withdrawn, self.sections.nlri]
            .into_iter()
            .filter_map(move |section| update.error_in(section, Family::IPV4_UNICAST));
        let of_attributes = self
            .attributes()
            .filter_map(move |attribute| match attribute {
                Ok(attribute) => update.error_of(&attribute),
                Err(error) => Some(error),
            });
        self.error.into_iter().chain(own).chain(of_attributes)
    }

    /// Why the routes of an attribute cannot be read, if it holds such.
    fn error_of(&self, attribute: &Attribute<'a>) -> Option<DecodeError> {
        let section = match attribute.code {
            AttributeCode::MP_REACH_NLRI => {
                MpReach::decode(attribute.cursor()).map(|one| (one.nlri, one.family))
            }
            AttributeCode::MP_UNREACH_NLRI => {
                MpUnreach::decode(attribute.cursor()).map(|one| (one.withdrawn, one.family))
            }
            _ => return None,
        };
        match section {
            Ok((section, family)) => self.error_in(section, family),
            Err(error) => Some(error),
        }
    }

    fn error_in(&self, section: Cursor<'a>, family: Family) -> Option<DecodeError> {
        nlri::count(section, family, self.context.add_path.contains(family)).err()
    }

    fn routes(&self, section: Cursor<'a>, family: Family) -> NlriIter<'a> {
        NlriIter::new(section, family, self.context.add_path.contains(family))
    }

    fn reaches(&self) -> impl Iterator<Item = MpReach<'a>> + use<'a> {
        self.values_of(AttributeCode::MP_REACH_NLRI)
            .filter_map(|attribute| MpReach::decode(attribute.cursor()).ok())
    }

    fn unreaches(&self) -> impl Iterator<Item = MpUnreach<'a>> + use<'a> {
        self.values_of(AttributeCode::MP_UNREACH_NLRI)
            .filter_map(|attribute| MpUnreach::decode(attribute.cursor()).ok())
    }

    fn values_of(&self, code: AttributeCode) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.attributes()
            .flatten()
            .filter(move |attribute| attribute.code == code)
    }
}

/// "An UPDATE message with no reachable NLRI and empty withdrawn NLRI" (RFC 4724 2): without any
/// attribute for IPv4 unicast, else with an empty MP_UNREACH_NLRI and nothing besides.
#[inline]
fn end_of_rib(
    sections: &Sections<'_>,
    attributes: usize,
    empty_unreach: Option<Family>,
) -> Option<Family> {
    let has_routes = !sections.withdrawn.is_empty() || !sections.nlri.is_empty();
    end_of_rib_of(has_routes, attributes, empty_unreach)
}

/// As [`end_of_rib`]; `has_routes`: of the sections, not of attributes.
#[inline]
fn end_of_rib_of(
    has_routes: bool,
    attributes: usize,
    empty_unreach: Option<Family>,
) -> Option<Family> {
    if has_routes {
        return None;
    }
    match attributes {
        0 => Some(Family::IPV4_UNICAST),
        1 => empty_unreach,
        _ => None,
    }
}

#[cfg(test)]
mod tests;
