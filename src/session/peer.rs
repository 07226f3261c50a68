//! One BGP peer as a BMP session shows it.

use super::conduct::{Breaches, UpViews};
use super::counts::RouteTally;
use super::history::{History, Said};
use crate::bgp::{self, AddPath, Context, Open};
use crate::bmp::{PeerHeader, PeerType, Rib, address_word, peer_name};
use crate::net::RouteDistinguisher;
use crate::stream::Moment;
use crate::time::Timestamp;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// What tells one peer of a session from another: type, distinguisher and address (RFC 7854 4.2),
/// and for a Loc-RIB the BGP ID too (RFC 9069 6.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerKey {
    peer_type: u8,
    /// The V flag says what the address is; with a Loc-RIB the bit means something else.
    is_ipv6: bool,
    distinguisher: u64,
    address: u128,
    bgp_id: u32,
}

impl PeerKey {
    /// The key in a per-peer header.
    #[inline]
    pub fn of(header: &PeerHeader) -> PeerKey {
        let is_loc_rib = header.peer_type == PeerType::LOC_RIB;
        PeerKey {
            peer_type: header.peer_type.0,
            is_ipv6: header.is_ipv6(),
            distinguisher: u64::from_be_bytes(header.distinguisher.0),
            address: u128::from_be_bytes(header.address_octets),
            bgp_id: if is_loc_rib {
                u32::from_be_bytes(header.bgp_id)
            } else {
                0
            },
        }
    }
}

/// The last that was said of a peer's session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerState {
    /// The last Peer Up was not followed by a Peer Down.
    Up,
    /// The last word was a Peer Down.
    Down,
    /// Messages about it, but neither Peer Up nor Peer Down.
    Unknown,
}

/// A Peer Down as it was reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Down {
    /// When it was captured.
    pub moment: Moment,
    /// The per-peer header's timestamp.
    pub reported: Option<Timestamp>,
    /// Reason code (RFC 7854 4.9).
    pub reason: u8,
    /// The NOTIFICATION PDU of reasons 1 and 3.
    pub notification: Option<Vec<u8>>,
    /// The FSM event code of reason 2.
    pub fsm_event: Option<u16>,
    /// The view that its flags name: some routers send one for each.
    pub rib: Rib,
    /// It tells what was told before: the same reason and data at the same time, and no Peer Up between.
    pub repeats: bool,
}

/// The RIB views that were seen of a peer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RibSet(u8);

impl RibSet {
    /// Adds a view.
    #[inline]
    pub fn insert(&mut self, rib: Rib) {
        self.0 |= 1 << rib as u8;
    }

    /// The views, in the order of [`Rib`].
    pub fn iter(self) -> impl Iterator<Item = Rib> {
        Rib::ALL
            .into_iter()
            .filter(move |rib| self.0 & (1 << *rib as u8) != 0)
    }
}

/// How UPDATEs of a peer are encoded, by RIB view: what its Peer Up's OPENs negotiated, or the
/// defaults where no Peer Up was captured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contexts {
    received: ByWidth,
    sent: ByWidth,
    local: Context,
    /// Four-octet AS numbers were not negotiated (RFC 6793 4.1).
    two_octet_as: bool,
}

/// The context with four-octet and with two-octet AS numbers in AS_PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ByWidth {
    four: Context,
    two: Context,
}

impl Default for ByWidth {
    fn default() -> ByWidth {
        ByWidth::new(AddPath::default())
    }
}

impl ByWidth {
    fn new(add_path: AddPath) -> ByWidth {
        let two = Context {
            four_octet_as: false,
            add_path: add_path.clone(),
        };
        ByWidth {
            four: Context {
                four_octet_as: true,
                add_path,
            },
            two,
        }
    }
}

impl Contexts {
    /// What two OPENs negotiate. For a Loc-RIB "the direction is ignored": that either OPEN names
    /// the family is enough (RFC 9069 5.2).
    pub fn negotiated(sent: &Open, received: &Open) -> Contexts {
        Contexts {
            received: ByWidth::new(bgp::add_path(received, sent)),
            sent: ByWidth::new(bgp::add_path(sent, received)),
            local: ByWidth::new(bgp::add_path_named(sent, received)).four,
            two_octet_as: !bgp::four_octet_as(sent, received),
        }
    }

    /// The context of one message: ADD-PATH by the view's direction, AS width by the header's A
    /// flag (RFC 7854 4.2), which a Loc-RIB does not have (RFC 9069 4.2: always four octets).
    #[inline]
    pub fn of(&self, header: &PeerHeader) -> &Context {
        let by_width = match header.rib() {
            Rib::AdjRibInPre | Rib::AdjRibInPost => &self.received,
            Rib::AdjRibOutPre | Rib::AdjRibOutPost => &self.sent,
            Rib::LocRib => return &self.local,
        };
        if header.has_legacy_as_path() {
            &by_width.two
        } else {
            &by_width.four
        }
    }
}

impl Contexts {
    /// The same, but with what a person says in place of what is known.
    pub fn assuming(&self, assumed: Assumed) -> Contexts {
        let change = |by_width: &ByWidth| ByWidth {
            four: assumed.change(&by_width.four),
            two: assumed.change(&by_width.two),
        };
        Contexts {
            received: change(&self.received),
            sent: change(&self.sent),
            local: assumed.change(&self.local),
            two_octet_as: self.two_octet_as || assumed.two_octet_as,
        }
    }

    /// Path identifiers were negotiated for some view and family.
    pub fn has_add_path(&self) -> bool {
        let all = [&self.received.four, &self.sent.four, &self.local];
        all.iter().any(|context| !context.add_path.is_empty())
    }

    /// The context of a mirrored UPDATE. The A flag has no meaning there: PDUs are verbatim, as
    /// received from the peer (RFC 7854 4.2, 4.7), so the OPENs tell.
    pub fn mirrored(&self, header: &PeerHeader) -> &Context {
        let by_width = match header.rib() {
            Rib::AdjRibOutPre | Rib::AdjRibOutPost => &self.sent,
            _ => &self.received,
        };
        if self.two_octet_as {
            &by_width.two
        } else {
            &by_width.four
        }
    }
}

/// What a person says of how UPDATEs are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Assumed {
    /// All NLRI carry path identifiers, or none do.
    pub add_path: Option<bool>,
    /// AS numbers have two octets.
    pub two_octet_as: bool,
}

impl Assumed {
    /// Something is said.
    pub fn is_any(self) -> bool {
        self != Assumed::default()
    }

    /// A context with what is said in place of what was known.
    pub fn change(self, context: &Context) -> Context {
        Context {
            four_octet_as: context.four_octet_as && !self.two_octet_as,
            add_path: match self.add_path {
                Some(true) => AddPath::everywhere(),
                Some(false) => AddPath::default(),
                None => context.add_path.clone(),
            },
        }
    }
}

/// One peer of a session.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Peer Type (RFC 7854 4.2, RFC 9069 4.1).
    pub peer_type: PeerType,
    /// Peer Distinguisher.
    pub distinguisher: RouteDistinguisher,
    /// Peer Address; none for a Loc-RIB.
    pub address: Option<IpAddr>,
    /// Peer AS.
    pub asn: u32,
    /// Peer BGP ID.
    pub bgp_id: Ipv4Addr,
    /// VRF/Table Name (RFC 9069 5.2.1).
    pub table_name: Option<String>,
    /// The views seen in Route Monitoring messages.
    pub ribs: RibSet,
    /// The last that was said.
    pub state: PeerState,
    /// The views that are up.
    pub(super) up_views: UpViews,
    /// What its messages break.
    pub breaches: Breaches,
    /// Peer Up messages, but for those that tell again what was told.
    pub ups: u64,
    /// Peer Down messages, but for those that tell again what was told.
    pub downs: u64,
    /// What the last Peer Up or Peer Down said.
    pub(super) said: Option<Said>,
    /// The last Peer Down.
    pub last_down: Option<Down>,
    /// Peer Ups and Peer Downs, in order.
    pub history: History,
    /// The last Peer Up's OPENs: sent, received.
    pub opens: Option<Arc<(Open, Open)>>,
    /// The last OPENs that said something else than those of the Peer Up behind them.
    pub opens_before: Option<Arc<(Open, Open)>>,
    /// How often a Peer Up's OPENs said something else than those before.
    pub opens_changed: u64,
    /// The last OPENs that could be read.
    pub(super) opens_read: Option<Arc<(Open, Open)>>,
    /// Messages with this peer's header.
    pub messages: u64,
    /// Moments of the first and the last of them.
    pub first: Moment,
    /// See `first`.
    pub last: Moment,
    /// Routes in Route Monitoring messages.
    pub routes: RouteTally,
    /// How its UPDATEs are encoded.
    pub contexts: Arc<Contexts>,
    /// How often its OPENs negotiated something else than before.
    pub negotiation: u32,
}

impl Peer {
    /// How findings name it: its address, and its distinguisher where there is one.
    pub fn name(&self) -> String {
        peer_name(self.address, self.distinguisher)
    }

    /// Its address in words; of a Loc-RIB, which has none, `loc-rib`.
    pub fn address_word(&self) -> String {
        address_word(self.address)
    }

    /// A peer of which the first header was just met.
    pub fn new(header: &PeerHeader, moment: Moment) -> Peer {
        Peer {
            peer_type: header.peer_type,
            distinguisher: header.distinguisher,
            address: header.address(),
            asn: header.asn,
            bgp_id: Ipv4Addr::from(header.bgp_id),
            table_name: None,
            ribs: RibSet::default(),
            state: PeerState::Unknown,
            up_views: UpViews::default(),
            breaches: Breaches::default(),
            ups: 0,
            downs: 0,
            said: None,
            last_down: None,
            history: History::default(),
            opens: None,
            opens_before: None,
            opens_changed: 0,
            opens_read: None,
            messages: 0,
            first: moment,
            last: moment,
            routes: RouteTally::default(),
            contexts: Arc::default(),
            negotiation: 0,
        }
    }
}
