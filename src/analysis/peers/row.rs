//! The shape of a peer in JSON.

use super::Facts;
use super::dump::RibRow;
use super::timestamps::{TimestampsRow, timestamps};
use super::turn::{DownRow, TurnRow};
use crate::analysis::shape::{PeerName, RoutesRow, peer_type_word};
use crate::bgp::Open;
use crate::session::{Peer, PeerState, Session};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

/// A BGP peer as one session shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PeerRow {
    /// The session's number.
    pub session: u32,
    /// The router's address; null for a bare stream.
    pub router: Option<IpAddr>,
    /// The router's sysName.
    pub router_name: Option<String>,
    /// `global`, `rd`, `local`, `loc-rib` or `unknown-<number>`.
    #[serde(rename = "type")]
    pub peer_type: String,
    /// The Peer Distinguisher as a route distinguisher; null where it is zero.
    pub distinguisher: Option<String>,
    /// Peer Address; null for a Loc-RIB.
    pub address: Option<IpAddr>,
    /// Peer AS.
    pub asn: u32,
    /// Peer BGP ID.
    pub bgp_id: Ipv4Addr,
    /// VRF/Table Name (RFC 9069 5.2.1).
    pub table_name: Option<String>,
    /// The RIB views that Route Monitoring messages showed.
    pub ribs: Vec<&'static str>,
    /// The last that was said.
    pub state: StateWord,
    /// How often it came up: Peer Up messages, but for those that tell again what was told, as some routers do
    /// for each view: no Peer Down between, and the same ports, OPENs and TLVs.
    pub ups: u64,
    /// How often it went down: Peer Down messages, but for those that tell again what was told: no Peer Up between,
    /// the same reason and data, and a timestamp within a second.
    pub downs: u64,
    /// The last Peer Down.
    pub last_down: Option<DownRow>,
    /// Peer Ups and Peer Downs, in order.
    pub timeline: Vec<TurnRow>,
    /// How many came after those in the timeline.
    pub timeline_left_out: u64,
    /// Hold Times in the last Peer Up's OPENs.
    pub hold_time: Option<HoldTimeRow>,
    /// Capabilities in the last Peer Up's OPENs.
    pub capabilities: Option<CapabilitiesRow>,
    /// Capture time of its first message.
    pub first_time: Option<Timestamp>,
    /// Capture time of its last message.
    pub last_time: Option<Timestamp>,
    /// Messages with its per-peer header.
    pub messages: u64,
    /// Routes of all views and families.
    pub routes: RoutesRow,
    /// Routes by view and family, and whether the initial dump came to its end.
    pub routes_by_rib: Vec<RibRow>,
    /// What the timestamps of its per-peer headers are, by kind of message.
    pub timestamps: Vec<TimestampsRow>,
}

/// Hold Time as offered by both sides, in seconds.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct HoldTimeRow {
    /// In the OPEN that the router sent.
    pub sent: u16,
    /// In the OPEN that it received.
    pub received: u16,
    /// The smaller of both (RFC 4271 4.2); 0: none.
    pub negotiated: u16,
}

/// The names of what both sides say that they are able to do, in order as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CapabilitiesRow {
    /// In the OPEN that the router sent.
    pub sent: Vec<String>,
    /// In the OPEN that it received.
    pub received: Vec<String>,
}

/// The last word on a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StateWord {
    /// Peer Up.
    Up,
    /// Peer Down.
    Down,
    /// Neither was captured.
    Unknown,
}

impl PeerRow {
    /// The shape of a peer of a session.
    pub fn of(session: &Session, number: u32, peer: &Peer, facts: &Facts<'_>) -> PeerRow {
        let marks = facts.marks.of(session.id, number);
        PeerRow {
            session: session.id,
            router: session.router_address,
            router_name: session.router.sys_name.clone(),
            peer_type: peer_type_word(peer.peer_type),
            distinguisher: (!peer.distinguisher.is_zero()).then(|| peer.distinguisher.to_string()),
            address: peer.address,
            asn: peer.asn,
            bgp_id: peer.bgp_id,
            table_name: peer.table_name.clone(),
            ribs: peer.ribs.iter().map(|rib| rib.word()).collect(),
            state: StateWord::of(peer.state),
            ups: peer.ups,
            downs: peer.downs,
            last_down: peer.last_down.as_ref().map(DownRow::of),
            timeline: peer
                .history
                .events()
                .iter()
                .map(|event| TurnRow::of(event, facts.files))
                .collect(),
            timeline_left_out: peer.history.left_out(),
            hold_time: peer.opens.as_deref().map(HoldTimeRow::of),
            capabilities: peer.opens.as_deref().map(CapabilitiesRow::of),
            first_time: peer.first.time,
            last_time: peer.last.time,
            messages: peer.messages,
            routes: RoutesRow::of(peer.routes.total()),
            routes_by_rib: RibRow::of(session, peer, marks),
            timestamps: timestamps(&facts.timestamps.of(session.id, number)),
        }
    }

    /// What tells it from others.
    pub fn name(&self) -> PeerName {
        PeerName {
            peer_type: self.peer_type.clone(),
            distinguisher: self.distinguisher.clone(),
            address: self.address,
            asn: self.asn,
            bgp_id: self.bgp_id,
            table_name: self.table_name.clone(),
        }
    }
}

impl HoldTimeRow {
    pub(in crate::analysis) fn of((sent, received): &(Open, Open)) -> HoldTimeRow {
        HoldTimeRow::of_both((sent.hold_time, received.hold_time))
    }

    /// From the Hold Time that the router sent and the one that it received.
    pub(super) fn of_both((sent, received): (u16, u16)) -> HoldTimeRow {
        HoldTimeRow {
            sent,
            received,
            negotiated: sent.min(received),
        }
    }
}

impl CapabilitiesRow {
    fn of((sent, received): &(Open, Open)) -> CapabilitiesRow {
        CapabilitiesRow {
            sent: names(sent),
            received: names(received),
        }
    }
}

/// The name of each capability, once.
fn names(open: &Open) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for capability in open.capabilities() {
        let name = capability.code.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

impl StateWord {
    fn of(state: PeerState) -> StateWord {
        match state {
            PeerState::Up => StateWord::Up,
            PeerState::Down => StateWord::Down,
            PeerState::Unknown => StateWord::Unknown,
        }
    }
}
