//! The shapes of the answer.

use crate::analysis::shape::ProtectionWord;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How each BMP session is protected, and whether its signatures hold.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Auth {
    /// What every session has to be protected with; null where nothing was asked.
    pub require: Option<Require>,
    /// Every session meets it; null where nothing was asked.
    pub met: Option<bool>,
    /// BMP sessions, then connections to the same ends or ports that cannot be read as BMP.
    pub sessions: Vec<AuthRow>,
    /// Further connections that are signed or encrypted. Nothing says that they carry BMP.
    pub other: Vec<AuthRow>,
    /// ESP and the Internet Key Exchange, by addresses.
    pub ipsec: Vec<IpsecRow>,
}

/// What `--require` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Require {
    /// TCP-AO (RFC 5925).
    TcpAo,
    /// TLS.
    Tls,
    /// TCP-AO, TLS, ESP or AH; TCP-MD5 does not count.
    Any,
}

impl Require {
    /// The words of `--require`.
    pub const WORDS: &'static [&'static str] = &["tcp-ao", "tls", "any"];

    /// What a word asks for.
    pub fn from_word(word: &str) -> Option<Require> {
        match word {
            "tcp-ao" => Some(Require::TcpAo),
            "tls" => Some(Require::Tls),
            "any" => Some(Require::Any),
            _ => None,
        }
    }

    /// Whether a protection is what is asked for.
    pub fn is_met_by(self, protection: ProtectionWord) -> bool {
        use ProtectionWord::{IpsecAh, IpsecEsp, TcpAo, Tls};
        match self {
            Require::TcpAo => protection == TcpAo,
            Require::Tls => protection == Tls,
            Require::Any => matches!(protection, TcpAo | Tls | IpsecEsp | IpsecAh),
        }
    }
}

/// A session, or a connection that cannot be read as one.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuthRow {
    /// The session's number; null where it cannot be read as BMP.
    pub id: Option<u32>,
    /// Who sends BMP, or would.
    pub router: AuthRouter,
    /// Who receives it; null for a bare stream.
    pub station: Option<AuthEnd>,
    /// Capture time of the first segment.
    pub first_time: Option<Timestamp>,
    /// Capture time of the last segment.
    pub last_time: Option<Timestamp>,
    /// What it carries, as far as that can be read.
    pub carries: Carries,
    /// What protects it; null where there is no TCP to look at.
    pub protection: Option<ProtectionWord>,
    /// What protects every segment of it, each by itself.
    #[serde(skip)]
    pub whole: Vec<ProtectionWord>,
    /// Whether it meets `require`; null where nothing was asked, and where no connection came about.
    pub meets: Option<bool>,
    /// How much of the handshake was captured.
    pub handshake: Option<Handshake>,
    /// What the router sent.
    pub router_to_station: Option<DirectionRow>,
    /// What the station sent.
    pub station_to_router: Option<DirectionRow>,
    /// Changes of key (RFC 5925 6.1).
    pub rollovers: Vec<RolloverRow>,
    /// What should not be.
    pub violations: Vec<ViolationRow>,
    /// Whether the connection lives; null where there is no TCP to look at.
    pub liveness: Option<LivenessRow>,
    /// What a TLS handshake tells in clear.
    pub tls: Option<TlsRow>,
    /// What follows from it, a line each, with the text that says so.
    pub advice: Vec<String>,
}

/// The router's end.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuthRouter {
    /// Its address; null for a bare stream.
    pub address: Option<IpAddr>,
    /// Its TCP port.
    pub port: Option<u16>,
    /// sysName of its Initiation message.
    pub sys_name: Option<String>,
}

/// An end.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AuthEnd {
    /// Its address.
    pub address: IpAddr,
    /// Its TCP port; null where that is encrypted.
    pub port: Option<u16>,
}

/// What a connection carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Carries {
    /// BMP.
    Bmp,
    /// TLS, with anything in it.
    Tls,
    /// BGP.
    Bgp,
    /// No data.
    Nothing,
    /// ESP, with anything in it.
    Esp,
    /// Data, of which nothing was captured.
    NotCaptured,
    /// Something else.
    Unknown,
}

/// How much of a handshake was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    /// SYN and SYN-ACK.
    Complete,
    /// The SYN-ACK, which tells as much as both.
    SynAckOnly,
    /// The SYN; the answer was not captured.
    SynOnly,
    /// The SYN, and nothing ever answered it.
    Unanswered,
    /// The SYN, which a RST answered.
    Refused,
    /// Neither.
    NotCaptured,
}

/// One direction of a connection.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DirectionRow {
    /// Segments.
    pub segments: u64,
    /// Octets of data, copies included.
    pub bytes: u64,
    /// Segments with a signature option.
    pub signed: u64,
    /// Segments without one.
    pub unsigned: u64,
    /// Segments whose TCP options were not captured (snaplen), so that nobody can tell: they are among
    /// those not verifiable.
    pub options_not_captured: u64,
    /// Segments with TCP-AO.
    pub tcp_ao: u64,
    /// Segments with TCP-MD5.
    pub tcp_md5: u64,
    /// Segments behind an IP Authentication Header.
    pub ah: u64,
    /// TCP-AO segments by the keys that they name.
    pub key_ids: Vec<KeyIdRow>,
    /// The same over time, as stretches; the first 256.
    pub key_id_runs: Vec<KeyRunRow>,
    /// Octets of the TCP-AO MAC; null where there is none or several lengths occur.
    pub mac_length: Option<u64>,
    /// The algorithm, where a key verified segments, or where it is TCP-MD5 by its option.
    pub algorithm: Option<String>,
    /// Whether other TCP options are covered; null where no verified segment tells.
    pub options_covered: Option<bool>,
    /// Signed segments whose signature is that of a key.
    pub verified: u64,
    /// Signed segments whose signature is not that of the keys that they name.
    pub failed: u64,
    /// Segments of which it cannot be known.
    pub not_verifiable: u64,
    /// Why, by reason: no-key, no-handshake, snaplen, mac-length, malformed-option, several-options.
    pub reasons: BTreeMap<String, u64>,
    /// Verdicts by kind of segment: syn, syn-ack, data, ack, fin, rst.
    pub by_class: BTreeMap<String, VerdictRow>,
    /// The keys that verified segments, by their names.
    pub keys: BTreeMap<String, u64>,
    /// The first segments that failed.
    pub failures: Vec<PlaceRow>,
}

/// Segments by the keys that they name.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KeyIdRow {
    /// KeyID: the key that signed.
    pub key_id: u8,
    /// RNextKeyID: the key that its sender would like to receive.
    pub rnext_key_id: u8,
    /// Segments.
    pub segments: u64,
    /// Octets of the MAC; null if segments differ.
    pub mac_length: Option<u64>,
    /// The algorithm of the key that verified them; null where none did, or several that differ.
    pub algorithm: Option<String>,
}

/// A stretch of segments that name the same keys.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct KeyRunRow {
    /// KeyID.
    pub key_id: u8,
    /// RNextKeyID.
    pub rnext_key_id: u8,
    /// Segments.
    pub segments: u64,
    /// Octets of the MAC; null if segments differ.
    pub mac_length: Option<u64>,
    /// The algorithm of the key that verified them; null where none did, or several that differ.
    pub algorithm: Option<String>,
    /// Its first segment.
    pub first: PlaceRow,
    /// Its last segment.
    pub last: PlaceRow,
}

/// Verdicts on segments.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct VerdictRow {
    /// Verified.
    pub verified: u64,
    /// Failed.
    pub failed: u64,
    /// Not verifiable.
    pub not_verifiable: u64,
}

/// A segment's place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PlaceRow {
    /// The file.
    pub file: Option<String>,
    /// The packet's number in it.
    pub packet: Option<u64>,
    /// Its time.
    pub time: Option<Timestamp>,
}

/// An end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// The router.
    Router,
    /// The station.
    Station,
}

/// A change of key.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RolloverRow {
    /// Who changed the key with which it signs.
    pub by: Who,
    /// The KeyID before.
    pub from: u8,
    /// The KeyID asked for, or taken.
    pub to: u8,
    /// Where the other end asked for it, with RNextKeyID; null: nobody asked.
    pub asked: Option<PlaceRow>,
    /// Where the other end asked for another key before this one was followed; null: it did not.
    pub withdrawn: Option<PlaceRow>,
    /// The first segment with the new KeyID; null: it was never followed.
    pub followed: Option<PlaceRow>,
    /// Segments with the old KeyID in between.
    pub segments_between: u64,
}

/// Something that should not be.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ViolationRow {
    /// What, as a stable word.
    pub kind: String,
    /// Who did it; null where that cannot be said.
    pub by: Option<Who>,
    /// How often.
    pub count: u64,
    /// Unsigned segments that the other end acknowledged; null where that is no question.
    pub accepted: Option<u64>,
    /// Unsigned segments without which it went on.
    pub not_accepted: Option<u64>,
    /// In words.
    pub message: String,
    /// The text that says so.
    pub reference: String,
    /// Where first.
    pub first: Option<PlaceRow>,
}

/// Whether a connection lives (draft-ietf-grow-bmp-tcp-ao 3).
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LivenessRow {
    /// What the router did.
    pub router: SideLivenessRow,
    /// What the station did.
    pub station: SideLivenessRow,
    /// The longest silence, in seconds; null where there are no times.
    pub longest_idle: Option<f64>,
    /// When it began.
    pub idle_from: Option<Timestamp>,
    /// Seconds from the last segment to the end of the capture.
    pub silent_at_end: Option<f64>,
    /// How it ended.
    pub close: crate::analysis::shape::CloseWord,
    /// Who closed it first, with FIN or RST; null where that was not captured.
    pub closed_by: Option<Who>,
    /// When.
    pub closed_time: Option<Timestamp>,
}

/// What one end did to keep a connection alive.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct SideLivenessRow {
    /// Keepalive probes sent.
    pub probes: u64,
    /// Those that were answered.
    pub answered: u64,
    /// Probes of the other end's closed window.
    pub window_probes: u64,
    /// Times at which it closed its own window.
    pub zero_windows: u64,
    /// The longest time for which its window was closed, in seconds.
    pub longest_zero_window: f64,
    /// Its window was closed to the end.
    pub is_window_closed: bool,
}

/// What a TLS handshake tells in clear.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TlsRow {
    /// The version agreed on; null where the handshake was not captured.
    pub version: Option<String>,
    /// The highest version offered.
    pub offered: Option<String>,
    /// The cipher suite's number, in hex.
    pub cipher_suite: Option<String>,
    /// The cipher suite's name, if it is known here.
    pub cipher_suite_name: Option<&'static str>,
    /// What came of decrypting it: `decrypted`, `no-secret`, `no-handshake`, `suite-not-read`,
    /// `version-not-read`, `not-authentic`, `too-much-held`, `snaplen` or `data-missing` (no record with
    /// application data is whole); null where there was no key log.
    pub decryption: Option<&'static str>,
    /// Why it is not decrypted, for a person; null where it is, or where there was no key log.
    pub not_decrypted_because: Option<&'static str>,
    /// Server Name Indication.
    pub server_name: Option<String>,
    /// Application protocols that the client offers.
    pub alpn: Vec<String>,
    /// Names in the server's certificate; empty from TLS 1.3 on, which encrypts it.
    pub server_names: Vec<String>,
    /// Names in the client's certificate.
    pub client_names: Vec<String>,
    /// Who sent the ClientHello.
    pub client: Option<Who>,
}

/// IPsec traffic from one address to another.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct IpsecRow {
    /// `esp`, `esp-in-udp`, `ike`, `nat-keepalive`, or `ipsec-nat-t`: UDP port 4500, cut before it is
    /// known which.
    pub kind: String,
    /// From.
    pub source: IpAddr,
    /// To.
    pub destination: IpAddr,
    /// One of the two is a BMP station.
    pub is_station: bool,
    /// Packets.
    pub packets: u64,
    /// Security Parameters Indexes, in hex; the first 16.
    pub spis: Vec<String>,
    /// The first packet's time.
    pub first_time: Option<Timestamp>,
    /// The last packet's time.
    pub last_time: Option<Timestamp>,
}
