//! The three sections of an UPDATE (RFC 4271 4.3).
//!
//! ```text
//! | Withdrawn Routes Length (2) | Withdrawn Routes |
//! | Total Path Attribute Length (2) | Path Attributes |
//! | Network Layer Reachability Information, to the message's end |
//! ```

use crate::wire::{Cursor, DecodeError};

/// The sections, each with offsets that count from the message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sections<'a> {
    /// Withdrawn routes of IPv4 unicast.
    pub(super) withdrawn: Cursor<'a>,
    /// Path attributes.
    pub(super) attributes: Cursor<'a>,
    /// Announced routes of IPv4 unicast.
    pub(super) nlri: Cursor<'a>,
}

impl<'a> Sections<'a> {
    /// Reads the sections of a body that holds all of them.
    #[inline]
    pub(super) fn read(mut body: Cursor<'a>) -> Result<Sections<'a>, DecodeError> {
        let withdrawn = withdrawn(&mut body)?;
        let attributes = attributes(&mut body)?;
        Ok(Sections {
            withdrawn,
            attributes,
            nlri: body,
        })
    }

    /// Reads what is there: attributes that are cut off are those before the cut, with the error.
    pub(super) fn salvage(
        mut body: Cursor<'a>,
    ) -> Result<(Sections<'a>, Option<DecodeError>), DecodeError> {
        let withdrawn = withdrawn(&mut body)?;
        let (attributes, error) = match attributes(&mut body) {
            Ok(attributes) => (attributes, None),
            Err(error) => (take_rest(&mut body), Some(error)),
        };
        let sections = Sections {
            withdrawn,
            attributes,
            nlri: body,
        };
        Ok((sections, error))
    }
}

#[inline]
fn withdrawn<'a>(body: &mut Cursor<'a>) -> Result<Cursor<'a>, DecodeError> {
    let length = body.u16("Withdrawn Routes Length")?;
    body.take("Withdrawn Routes", usize::from(length))
}

#[inline]
fn attributes<'a>(body: &mut Cursor<'a>) -> Result<Cursor<'a>, DecodeError> {
    let length = body.u16("Total Path Attribute Length")?;
    body.take("Path Attributes", usize::from(length))
}

fn take_rest<'a>(body: &mut Cursor<'a>) -> Cursor<'a> {
    let offset = body.offset();
    Cursor::at(body.take_rest(), offset)
}
