//! AS_PATH and AS4_PATH (RFC 4271 4.3, RFC 5065 3, RFC 6793 3): segments of AS numbers.
//!
//! ```text
//! | Segment Type (1) | count of AS numbers (1) | AS numbers (2 or 4 octets each) |
//! ```

use crate::wire::{Cursor, DecodeError};

code_points! {
    /// The kind of a path segment.
    SegmentType(u8) {
        SET = 1, "set", "RFC 4271 4.3";
        SEQUENCE = 2, "sequence", "RFC 4271 4.3";
        CONFED_SEQUENCE = 3, "confed-sequence", "RFC 5065 3";
        CONFED_SET = 4, "confed-set", "RFC 5065 3";
    }
}

/// A path whose segments fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsPath<'a> {
    octets: &'a [u8],
    width: usize,
}

impl<'a> AsPath<'a> {
    /// Reads a path; `four_octet_as` as the context says, always true for AS4_PATH. A path of the
    /// other width nearly always leaves its container, which makes this a test of width, too.
    pub fn decode(mut cursor: Cursor<'a>, four_octet_as: bool) -> Result<AsPath<'a>, DecodeError> {
        let width = if four_octet_as { 4 } else { 2 };
        let octets = cursor.rest();
        while !cursor.is_empty() {
            cursor.u8("Path Segment Type")?;
            let count = usize::from(cursor.u8("Path Segment Length")?);
            cursor.bytes("Path Segment Value", count * width)?;
        }
        Ok(AsPath { octets, width })
    }

    /// The segments, in order.
    pub fn segments(&self) -> Segments<'a> {
        Segments { path: *self }
    }

    /// The AS that originated the route: the last one of a path that ends in a sequence. None for
    /// an empty path and for one that ends in a set.
    pub fn origin(&self) -> Option<u32> {
        let last = self.segments().last()?;
        (last.segment_type == SegmentType::SEQUENCE).then(|| last.asns().last())?
    }

    /// Octets of one AS number here: 2 or 4.
    pub fn width(&self) -> usize {
        self.width
    }
}

/// The segments of a path, in order.
#[derive(Debug, Clone)]
pub struct Segments<'a> {
    path: AsPath<'a>,
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'a>> {
        let ([segment_type, count], rest) = self.path.octets.split_first_chunk()?;
        let length = usize::from(*count) * self.path.width;
        let (octets, rest) = rest.split_at_checked(length)?;
        self.path.octets = rest;
        Some(Segment {
            segment_type: SegmentType(*segment_type),
            octets,
            width: self.path.width,
        })
    }
}

/// One segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment<'a> {
    /// Its kind.
    pub segment_type: SegmentType,
    octets: &'a [u8],
    width: usize,
}

impl<'a> Segment<'a> {
    /// The segment with its first AS numbers only.
    pub(super) fn first(self, count: usize) -> Segment<'a> {
        let length = count.saturating_mul(self.width);
        Segment {
            octets: self.octets.get(..length).unwrap_or(self.octets),
            ..self
        }
    }

    /// The AS numbers, in order as sent.
    #[inline]
    pub fn asns(&self) -> impl Iterator<Item = u32> + use<'a> {
        // Of two widths, but one type: the octets are added up.
        self.octets.chunks_exact(self.width).map(|octets| {
            octets
                .iter()
                .fold(0, |asn, octet| asn << 8 | u32::from(*octet))
        })
    }
}
