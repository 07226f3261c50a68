//! The label stack of a route (RFC 8277 2): three octets each.
//!
//! ```text
//! | Label (20 bits) | TC (3 bits) | S (1 bit) |
//! ```

/// The labels of one route, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Labels<'a>(&'a [u8]);

/// One label stack entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// All 24 bits.
    pub bits: u32,
}

impl Label {
    /// Written in place of a label in withdrawn routes (RFC 8277 2.4), which ask for no label.
    pub const WITHDRAWN: Label = Label { bits: 0x80_0000 };

    /// The label: 20 bits.
    pub fn value(self) -> u32 {
        self.bits >> 4
    }

    /// The S bit: the last entry of its stack.
    pub fn is_bottom_of_stack(self) -> bool {
        self.bits & 1 != 0
    }

    /// Nothing follows: the S bit, or what withdrawn routes have in place of a label.
    fn ends_stack(self) -> bool {
        self.is_bottom_of_stack() || self == Label::WITHDRAWN || self.bits == 0
    }
}

impl<'a> Labels<'a> {
    /// No labels.
    pub const NONE: Labels<'static> = Labels(&[]);

    /// There are no labels.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in order.
    pub fn iter(&self) -> impl Iterator<Item = Label> + use<'a> {
        self.0
            .chunks_exact(3)
            .map(|octets| Label { bits: bits(octets) })
    }

    /// Bits of the whole stack, if they fit a length octet.
    pub(super) fn bits(&self) -> Option<u8> {
        u8::try_from(self.0.len() * 8).ok()
    }
}

/// Splits the label stack from what follows it and hands both over. The stack ends with the S bit;
/// where that reading leaves no possible route, the S bit is taken to have no meaning and there is
/// one label: "the S bit ... MUST be ignored" where a single label is all there can be (RFC 8277 2.2).
pub(super) fn split<'a>(
    value: &'a [u8],
    mut read: impl FnMut(Labels<'a>, &'a [u8]) -> Option<()>,
) -> Option<()> {
    let mut read_with = |count: usize| {
        let (labels, rest) = value.split_at_checked(count * 3)?;
        read(Labels(labels), rest)
    };
    let above = value
        .chunks_exact(3)
        .position(|octets| Label { bits: bits(octets) }.ends_stack());
    if let Some(above) = above
        && read_with(above + 1).is_some()
    {
        return Some(());
    }
    read_with(1)
}

fn bits(octets: &[u8]) -> u32 {
    octets
        .iter()
        .fold(0, |bits, octet| bits << 8 | u32::from(*octet))
}
