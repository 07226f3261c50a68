//! The shapes that recur in answers: sessions, routers, routes, as JSON names them.

use super::identify::{How, Sure, identify};
use super::quality::QualityRow;
use crate::bmp::v4::NumberingSource;
use crate::bmp::{MessageType, PeerType};
use crate::session::{Extent, MessageCounts, Peer, PeerState, Protection, RouteCounts, Session};
use crate::stream::Close;
use crate::time::Timestamp;
use crate::wire::{CodePoint, CodePoints};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};

/// A BMP session.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SessionRow {
    /// Number from 1, in the order in which sessions were recognised.
    pub id: u32,
    /// Who sends BMP.
    pub router: RouterRow,
    /// Who receives it; null for a bare stream.
    pub station: Option<EndRow>,
    /// Capture time of the first message.
    pub first_time: Option<Timestamp>,
    /// Capture time of the last message.
    pub last_time: Option<Timestamp>,
    /// Octets in BMP messages.
    pub bytes: u64,
    /// The messages' version octet.
    pub bmp_version: u8,
    /// By which revision of draft-ietf-grow-bmp-tlv messages of version 4 number their TLVs; null
    /// where there are none.
    pub bmp4_numbering: Option<NumberingRow>,
    /// What protects the segments of both directions, by their headers; null where there are none: in a
    /// bare stream, or what a collector passed on.
    pub protection: Option<ProtectionWord>,
    /// How the connection ended; `open` where its end was not captured, null where no connection was.
    pub close: Option<CloseWord>,
    /// Reason code of the Termination message (RFC 7854 4.5), if one came.
    pub termination: Option<u16>,
    /// Peers met in per-peer headers.
    pub peers: PeerTotals,
    /// Messages by type; a message that cannot be decoded counts under its type too.
    pub messages: MessagesRow,
    /// NLRI as they appear in Route Monitoring messages, not unique prefixes.
    pub routes: RoutesRow,
    /// Octets of the stream that are missing or in no message.
    pub gaps: ExtentRow,
    /// Messages whose content could not be read.
    pub undecodable: ExtentRow,
    /// Whether all of the stream is there, or what is missing and how much.
    pub quality: QualityRow,
}

/// How the TLVs of version 4 are numbered.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct NumberingRow {
    /// The draft's revision: 17, 19 (and 18), 20 or 21.
    pub revision: u8,
    /// How it is known.
    pub source: NumberingSource,
}

/// The router's end of a session.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RouterRow {
    /// Its address; null for a bare stream.
    pub address: Option<IpAddr>,
    /// Its TCP port.
    pub port: Option<u16>,
    /// sysName of its Initiation message.
    pub sys_name: Option<String>,
    /// sysDescr of its Initiation message.
    pub sys_descr: Option<String>,
    /// Vendor, where it could be told.
    pub vendor: Option<String>,
    /// Operating system, where it could be told.
    pub os: Option<String>,
    /// Version, where it could be told.
    pub version: Option<String>,
    /// How these are known; null where they are not.
    pub identified: Option<IdentifiedRow>,
}

/// How it is known what a router is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IdentifiedRow {
    /// How vendor and operating system are known.
    pub by: How,
    /// How sure they are.
    pub sure: Sure,
    /// How the version is known; null where it is not.
    pub version_by: Option<How>,
}

/// An address and a port.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EndRow {
    /// The address.
    pub address: IpAddr,
    /// The TCP port.
    pub port: u16,
}

/// What protects a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectionWord {
    /// No signature option on any segment.
    None,
    /// TCP-AO (RFC 5925).
    TcpAo,
    /// TCP MD5 signatures (RFC 2385).
    TcpMd5,
    /// TLS: what it carries is readable with the secrets of a key log only.
    Tls,
    /// Encapsulating Security Payload (RFC 4303): what it carries is not readable.
    IpsecEsp,
    /// An IP Authentication Header (RFC 4302).
    IpsecAh,
    /// Some segments with, some without, or several kinds.
    Mixed,
    /// Nobody can tell: the TCP options were not captured (snaplen).
    Unknown,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CloseWord {
    /// By FIN.
    Fin,
    /// By RST.
    Rst,
    /// Its end was not captured.
    Open,
}

/// Messages by type.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct MessagesRow {
    /// Messages of every type.
    pub total: u64,
    /// Type 4.
    pub initiation: u64,
    /// Type 5.
    pub termination: u64,
    /// Type 3.
    pub peer_up: u64,
    /// Type 2.
    pub peer_down: u64,
    /// Type 0.
    pub route_monitoring: u64,
    /// Type 1.
    pub statistics_report: u64,
    /// Type 6.
    pub route_mirroring: u64,
    /// RPKI_CONFIG (no number assigned; 251 unless told otherwise).
    pub rpki_config: u64,
    /// RPKI_VALIDATION (no number assigned; 252 unless told otherwise).
    pub rpki_validation: u64,
    /// RPKI_IMPACT (no number assigned; 253 unless told otherwise).
    pub rpki_impact: u64,
    /// Every other type.
    pub unknown: u64,
}

/// Peers by state.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct PeerTotals {
    /// All.
    pub total: u64,
    /// A Peer Up was the last word.
    pub up: u64,
    /// A Peer Down was the last word.
    pub down: u64,
    /// Neither was captured.
    pub unknown: u64,
}

/// Routes in UPDATEs.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct RoutesRow {
    /// NLRI announced.
    pub announced: u64,
    /// NLRI withdrawn.
    pub withdrawn: u64,
    /// End-of-RIB markers.
    pub end_of_rib: u64,
}

/// How often, and how many octets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ExtentRow {
    /// Occurrences.
    pub count: u64,
    /// Octets.
    pub bytes: u64,
}

impl SessionRow {
    /// The shape of a session, whose message types have these numbers.
    pub fn of(session: &Session, code_points: &CodePoints) -> SessionRow {
        SessionRow {
            id: session.id,
            router: RouterRow::of(session),
            station: session.station_end.map(|end| EndRow {
                address: end.address,
                port: end.port,
            }),
            first_time: session.timeline.first.and_then(|moment| moment.time),
            last_time: session.timeline.last.and_then(|moment| moment.time),
            bytes: session.bytes,
            bmp_version: session.bmp_version,
            bmp4_numbering: session.numbering.known().map(|known| NumberingRow {
                revision: known.numbering.revision(),
                source: known.source,
            }),
            protection: session
                .start
                .map(|_| ProtectionWord::of(session.protection)),
            close: session.start.map(|_| CloseWord::of(session.close)),
            termination: session.termination,
            peers: PeerTotals::of(&session.peers),
            messages: MessagesRow::of(&session.messages, code_points),
            routes: RoutesRow::of(session.routes()),
            gaps: ExtentRow::of(session.gaps.total()),
            undecodable: ExtentRow::of(session.undecodable),
            quality: QualityRow::of(session),
        }
    }
}

impl RouterRow {
    /// The router of a session.
    pub fn of(session: &Session) -> RouterRow {
        let identity = identify(session);
        let identity = identity.as_ref();
        let version = identity.and_then(|identity| identity.version.as_ref());
        RouterRow {
            address: session.router_address,
            port: session.router_end.map(|end| end.port),
            sys_name: session.router.sys_name.clone(),
            sys_descr: session.router.sys_descr.clone(),
            vendor: identity.map(|identity| identity.vendor.to_owned()),
            os: identity.map(|identity| identity.os.to_owned()),
            version: version.map(|version| version.0.clone()),
            identified: identity.map(|identity| IdentifiedRow {
                by: identity.by,
                sure: identity.sure,
                version_by: version.map(|version| version.1),
            }),
        }
    }
}

impl ProtectionWord {
    /// The word of a session's protection.
    pub fn of(protection: Protection) -> ProtectionWord {
        match protection {
            Protection::None => ProtectionWord::None,
            Protection::TcpAo => ProtectionWord::TcpAo,
            Protection::TcpMd5 => ProtectionWord::TcpMd5,
            Protection::Tls => ProtectionWord::Tls,
            Protection::IpsecAh => ProtectionWord::IpsecAh,
            Protection::Mixed => ProtectionWord::Mixed,
        }
    }
}

impl CloseWord {
    /// The word of a close.
    pub fn of(close: Close) -> CloseWord {
        match close {
            Close::Fin => CloseWord::Fin,
            Close::Rst => CloseWord::Rst,
            Close::Open => CloseWord::Open,
        }
    }
}

impl MessagesRow {
    /// The counts by name; what has no name here is `unknown`.
    pub fn of(counts: &MessageCounts, code_points: &CodePoints) -> MessagesRow {
        let draft = |code_point| {
            let number = code_points.message_type_number(code_point);
            number.map_or(0, |number| counts.of(MessageType(number)))
        };
        let mut row = MessagesRow {
            total: counts.total(),
            initiation: counts.of(MessageType::INITIATION),
            termination: counts.of(MessageType::TERMINATION),
            peer_up: counts.of(MessageType::PEER_UP),
            peer_down: counts.of(MessageType::PEER_DOWN),
            route_monitoring: counts.of(MessageType::ROUTE_MONITORING),
            statistics_report: counts.of(MessageType::STATISTICS_REPORT),
            route_mirroring: counts.of(MessageType::ROUTE_MIRRORING),
            rpki_config: draft(CodePoint::RpkiConfig),
            rpki_validation: draft(CodePoint::RpkiValidation),
            rpki_impact: draft(CodePoint::RpkiImpact),
            unknown: 0,
        };
        row.unknown = row.total - row.named();
        row
    }

    fn named(&self) -> u64 {
        self.initiation
            + self.termination
            + self.peer_up
            + self.peer_down
            + self.route_monitoring
            + self.statistics_report
            + self.route_mirroring
            + self.rpki_config
            + self.rpki_validation
            + self.rpki_impact
    }
}

impl PeerTotals {
    fn of(peers: &[Peer]) -> PeerTotals {
        let count = |state| peers.iter().filter(|peer| peer.state == state).count() as u64;
        PeerTotals {
            total: peers.len() as u64,
            up: count(PeerState::Up),
            down: count(PeerState::Down),
            unknown: count(PeerState::Unknown),
        }
    }
}

impl RoutesRow {
    /// The shape of route counts.
    pub fn of(counts: RouteCounts) -> RoutesRow {
        let RouteCounts {
            announced,
            withdrawn,
            end_of_rib,
        } = counts;
        RoutesRow {
            announced,
            withdrawn,
            end_of_rib,
        }
    }
}

impl ExtentRow {
    /// The shape of an extent.
    pub fn of(extent: Extent) -> ExtentRow {
        ExtentRow {
            count: extent.count,
            bytes: extent.bytes,
        }
    }
}

/// A Peer Type's word, or `unknown-<number>`.
pub fn peer_type_word(peer_type: PeerType) -> String {
    peer_type
        .word()
        .map_or_else(|| format!("unknown-{}", peer_type.0), str::to_owned)
}

/// Which peer of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PeerName {
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
}

impl PeerName {
    /// As its peer is named.
    pub fn of(peer: &Peer) -> PeerName {
        PeerName {
            peer_type: peer_type_word(peer.peer_type),
            distinguisher: (!peer.distinguisher.is_zero()).then(|| peer.distinguisher.to_string()),
            address: peer.address,
            asn: peer.asn,
            bgp_id: peer.bgp_id,
            table_name: peer.table_name.clone(),
        }
    }

    /// As tables name it: `192.0.2.7`, with the VRF it is in `192.0.2.7 rd 64500:1 (red)`. A Loc-RIB has no
    /// address, its router's BGP ID stands for it: `loc-rib 10.0.0.1 rd 64500:1 (red)`.
    pub fn text(&self) -> String {
        let mut text = self.address_text();
        if let Some(distinguisher) = &self.distinguisher {
            let word = match self.peer_type.as_str() {
                "global" | "rd" | "loc-rib" => "rd",
                // Its distinguisher has no form that others would know (RFC 7854 4.2).
                other => other,
            };
            text.push_str(&format!(" {word} {distinguisher}"));
        }
        if let Some(name) = self.table_name.as_ref().filter(|name| *name != GLOBAL) {
            text.push_str(&format!(" ({name})"));
        }
        text
    }

    /// Its address alone; a Loc-RIB has none: `loc-rib 10.0.0.1`.
    pub fn address_text(&self) -> String {
        match self.address {
            Some(address) => address.to_string(),
            None => format!("{} {}", self.peer_type, self.bgp_id),
        }
    }
}

/// The VRF/Table Name of the default table (RFC 9069 5.2.1), which goes without saying.
const GLOBAL: &str = "global";
