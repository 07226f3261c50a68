//! The facts of one session: whose it is, how long it lasted, what came over it.

use super::conduct::Conduct;
use super::counts::{Extent, MessageCounts, RouteCounts};
use super::gaps::GapTally;
use super::peer::{Peer, PeerKey};
use crate::bmp::MessageType;
use crate::bmp::parameters::RouterParameters;
use crate::bmp::v4::{Numbering, NumberingTally};
use crate::net::Endpoint;
use crate::stream::{Close, Moment, Start};
use crate::wire::CodePoints;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

/// What the router says of itself in its Initiation message (RFC 7854 4.3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Router {
    /// sysName.
    pub sys_name: Option<String>,
    /// sysDescr.
    pub sys_descr: Option<String>,
    /// Free-form strings, in order.
    pub strings: Vec<String>,
    /// What it says of its BGP (draft-zhuang-grow-monitoring-bgp-parameters-02).
    pub parameters: RouterParameters,
}

/// What protects a session's segments, as their headers tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protection {
    /// No signature option on any segment.
    #[default]
    None,
    /// TCP-AO (RFC 5925).
    TcpAo,
    /// TCP MD5 signatures (RFC 2385).
    TcpMd5,
    /// TLS, decrypted with the secrets of a key log.
    Tls,
    /// An IP Authentication Header (RFC 4302).
    IpsecAh,
    /// Some segments with, some without, or several kinds.
    Mixed,
}

/// First and last moment of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The first.
    pub first: Option<Moment>,
    /// The last.
    pub last: Option<Moment>,
}

impl Timeline {
    /// Widens the span to `moment`.
    #[inline]
    pub fn extend(&mut self, moment: Moment) {
        self.first.get_or_insert(moment);
        self.last = Some(moment);
    }
}

/// A message that numbers its TLVs otherwise than the messages before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renumbered {
    /// Where it is.
    pub moment: Moment,
    /// The numbering of the messages before it.
    pub known: Numbering,
    /// Its own.
    pub told: Numbering,
}

/// One BMP session: one direction of one TCP connection, a bare stream, or what a collector passed on
/// of one router.
#[derive(Debug, Clone)]
pub struct Session {
    /// Number from 1, in the order in which sessions were recognised.
    pub id: u32,
    /// The end that sends BMP; none without TCP.
    pub router_end: Option<Endpoint>,
    /// The router's address, also where its port is not known: a collector passed its messages on.
    pub router_address: Option<IpAddr>,
    /// The end that receives it.
    pub station_end: Option<Endpoint>,
    /// What the router says of itself.
    pub router: Router,
    /// The numbers of code points that drafts leave open.
    pub code_points: Arc<CodePoints>,
    /// The version octet of its messages.
    pub bmp_version: u8,
    /// How its messages of version 4 number their TLVs.
    pub numbering: NumberingTally,
    /// The first message whose numbers are not those of the messages before it.
    pub renumbered: Option<Renumbered>,
    /// When its messages were captured.
    pub timeline: Timeline,
    /// Octets in messages.
    pub bytes: u64,
    /// How the start of its stream is known; none for a bare stream.
    pub start: Option<Start>,
    /// The type of its first message, whether asked for or not.
    pub first_message: Option<MessageType>,
    /// Whether its messages come in the order that RFC 7854 gives them.
    pub conduct: Conduct,
    /// How the connection ended.
    pub close: Close,
    /// What protects it.
    pub protection: Protection,
    /// Messages by type.
    pub messages: MessageCounts,
    /// Octets that are missing or in no message.
    pub gaps: GapTally,
    /// Messages whose content could not be read.
    pub undecodable: Extent,
    /// Termination's reason, if one came (RFC 7854 4.5).
    pub termination: Option<u16>,
    /// Its peers, in the order of their first message.
    pub peers: Vec<Peer>,
    pub(super) peer_index: HashMap<PeerKey, u32, foldhash::fast::RandomState>,
    pub(super) last_peer: Option<(PeerKey, u32)>,
}

impl Session {
    /// A session that was just recognised.
    pub fn new(id: u32, router_end: Option<Endpoint>, station_end: Option<Endpoint>) -> Session {
        Session {
            id,
            router_end,
            router_address: router_end.map(|end| end.address),
            station_end,
            router: Router::default(),
            code_points: Arc::default(),
            bmp_version: 0,
            numbering: NumberingTally::default(),
            renumbered: None,
            timeline: Timeline::default(),
            bytes: 0,
            start: None,
            first_message: None,
            conduct: Conduct::default(),
            close: Close::Open,
            protection: Protection::None,
            messages: MessageCounts::default(),
            gaps: GapTally::default(),
            undecodable: Extent::default(),
            termination: None,
            peers: Vec::new(),
            peer_index: HashMap::default(),
            last_peer: None,
        }
    }

    /// Gives back what only finding peers needs. Peers met later would be new ones.
    pub fn finish(&mut self) {
        self.peer_index = HashMap::default();
        self.last_peer = None;
    }

    /// Routes of all its peers.
    pub fn routes(&self) -> RouteCounts {
        let mut total = RouteCounts::default();
        self.peers
            .iter()
            .for_each(|peer| total.merge(peer.routes.total()));
        total
    }
}
