//! How the UPDATEs of one view are read: as declared, or as they evidently are.
//!
//! | File | Subject |
//! |---|---|
//! | `evidence` | what is known of one view, and what is said of it |
//! | `ahead` | UPDATEs that read both ways wait until others tell |

pub(super) mod ahead;
mod evidence;
#[cfg(test)]
mod tests;

use super::batch::Located;
use crate::bgp::signs::Leaning;
use crate::bgp::{Context, Open, signs, update};
use crate::bmp::{Message, PeerUp, Rib, RouteMonitoring};
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};

/// One RIB view of one peer of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ViewId {
    /// The session's number.
    pub(super) session: u32,
    /// Index of the peer in its session.
    pub(super) peer: u32,
    /// The view.
    pub(super) rib: Rib,
}

/// How an UPDATE reads, where that is not as declared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Deviation(u8);

impl Deviation {
    /// Its IPv4 unicast NLRI carry path identifiers if none were declared, and none if they were.
    pub(super) const IPV4_UNICAST: Deviation = Deviation(1);
    /// The same of the NLRI in its multiprotocol attributes.
    pub(super) const OTHER_FAMILY: Deviation = Deviation(2);
    /// AS numbers have the other width.
    pub(super) const AS_WIDTH: Deviation = Deviation(4);
    /// It reads both ways, and nothing tells which.
    pub(super) const UNDECIDED: Deviation = Deviation(8);

    #[inline]
    pub(super) fn is_none(self) -> bool {
        self.0 == 0
    }

    fn has(self, one: Deviation) -> bool {
        self.0 & one.0 != 0
    }

    fn add(&mut self, other: Deviation) {
        self.0 |= other.0;
    }

    /// How one UPDATE reads by itself, if only otherwise than declared.
    #[cold]
    pub(super) fn of_one(pdu: &[u8], declared: &Context) -> Deviation {
        let mut deviation = Deviation::default();
        let Some(signs) = signs::signs(pdu, declared) else {
            return deviation;
        };
        let bits = [Deviation::IPV4_UNICAST, Deviation::OTHER_FAMILY];
        for (sign, bit) in signs.families.into_iter().zip(bits) {
            if let Some(sign) = sign
                && let Some(Leaning::Only { path_ids, .. }) = sign.leaning
                && path_ids != declared.add_path.contains(sign.family)
            {
                deviation.add(bit);
            }
        }
        deviation
    }

    /// The context by which the UPDATE reads.
    #[cold]
    pub(super) fn apply(self, declared: &Context, pdu: &[u8]) -> Context {
        let mut context = declared.clone();
        context.four_octet_as ^= self.has(Deviation::AS_WIDTH);
        let bits = [Deviation::IPV4_UNICAST, Deviation::OTHER_FAMILY];
        for (family, bit) in signs::families(pdu).into_iter().zip(bits) {
            if let (Some(family), true) = (family, self.has(bit)) {
                context.add_path = context.add_path.toggled(family);
            }
        }
        context
    }
}

/// A family as findings name it.
fn family_words(family: Family) -> String {
    family.to_string()
}

/// A message that can be read, and how its UPDATE reads.
#[derive(Debug)]
pub struct Readable<'a> {
    /// The message.
    pub message: Message<'a>,
    /// How its UPDATE reads.
    pub context: Context,
    /// How that is known: `declared` by a Peer Up or by the message itself, `observed` against what
    /// was declared, `assumed` without a Peer Up.
    pub source: &'static str,
}

impl<'a> Readable<'a> {
    /// Decodes a message. Fails exactly where counting says that a message cannot be read.
    pub fn of(located: &Located<'a>, bytes: &'a [u8]) -> Result<Readable<'a>, DecodeError> {
        let session = located.session();
        let message = Message::decode_with(bytes, session.numbering, &session.code_points)?;
        check(&message)?;
        let (context, source) = match &message {
            Message::RouteMonitoring(route) => {
                let (context, source) = context(located, route);
                // Without a peer nothing is counted either, whatever it is.
                if located.peer().is_some() {
                    let counts = update::count(route.update, &context);
                    counts.map_err(|error| error.inside(route.update_offset))?;
                }
                (context, source)
            }
            Message::RpkiValidation(route) | Message::RpkiImpact(route) => {
                let declared = located.peer().map(|peer| peer.declared_rpki(route));
                let (context, is_declared) = declared.unwrap_or_default();
                let source = if is_declared { "declared" } else { "assumed" };
                (context.into_owned(), source)
            }
            _ => Default::default(),
        };
        Ok(Readable {
            message,
            context,
            source,
        })
    }
}

/// The context of a message's UPDATE: what the message itself states stands before what the OPENs
/// say, and what was observed before both.
fn context(located: &Located<'_>, route: &RouteMonitoring<'_>) -> (Context, &'static str) {
    let declared = located.peer().map(|peer| peer.declared(route));
    let (declared, is_declared) = declared.unwrap_or_default();
    let deviation = located.deviation();
    if deviation.is_none() {
        let source = if is_declared { "declared" } else { "assumed" };
        return (declared.into_owned(), source);
    }
    let source = match deviation.has(Deviation::UNDECIDED) {
        true => "assumed",
        false => "observed",
    };
    (deviation.apply(&declared, route.update), source)
}

/// Whether what every message of its type has can be read: of a Peer Up, both OPENs.
pub(super) fn check(message: &Message<'_>) -> Result<(), DecodeError> {
    match message {
        Message::PeerUp(up) => {
            let received = PeerUp::OPENS_OFFSET + up.sent_open.len();
            open(up.sent_open, PeerUp::OPENS_OFFSET)?;
            open(up.received_open, received)
        }
        _ => Ok(()),
    }
}

/// Whether an OPEN can be read that begins `start` octets into its message.
fn open(pdu: &[u8], start: usize) -> Result<(), DecodeError> {
    let open = Open::decode(&mut Cursor::new(pdu));
    open.map(drop).map_err(|error| error.inside(start))
}
