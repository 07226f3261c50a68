//! One line's message, decoded once for the filters and for the form.

use super::event;
use super::words;
use crate::bmp::{CommonHeader, Message};
use crate::pipeline::{Gap, Item, Located, Readable};
use crate::wire::{CodePoints, DecodeError};
use std::borrow::Cow;

/// What a line tells.
#[derive(Debug)]
pub(super) enum Told<'a> {
    /// Octets that are missing.
    Gap(Gap),
    /// A message.
    Message(&'a [u8], Readable<'a>),
    /// A message that cannot be read, and why.
    Undecodable(&'a [u8], DecodeError),
}

/// The `type` of a gap.
pub(super) const GAP: &str = "gap";

/// The `type` of a message that cannot be read.
pub(super) const UNDECODABLE: &str = "undecodable";

impl<'a> Told<'a> {
    /// Decodes what stands at a place.
    #[inline]
    pub(super) fn of(located: &Located<'a>) -> Told<'a> {
        match located.item {
            Item::Gap(gap) => Told::Gap(*gap),
            Item::Message(bytes) => match Readable::of(located, bytes) {
                Ok(readable) => Told::Message(bytes, readable),
                Err(error) => Told::Undecodable(bytes, error),
            },
        }
    }

    /// All octets of the message.
    pub(super) fn octets(&self) -> Option<&'a [u8]> {
        match self {
            Told::Gap(_) => None,
            Told::Message(bytes, _) | Told::Undecodable(bytes, _) => Some(bytes),
        }
    }
}

/// The `type` of a message that can be read.
#[inline]
pub(super) fn type_word(
    bytes: &[u8],
    message: &Message<'_>,
    code_points: &CodePoints,
) -> Cow<'static, str> {
    let header = CommonHeader::peek(bytes);
    let word = header.map(|header| match message {
        Message::RouteEvent(_) => event::WORD.into(),
        _ => words::message_type(header.message_type, code_points),
    });
    word.unwrap_or_default()
}
