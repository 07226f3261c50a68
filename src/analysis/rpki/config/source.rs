//! One data source of a router.

use super::told::ConfigPeer;
use crate::bgp::Hex;
use crate::bmp::rpki::{
    AsRole, HashAspect, RecordKind, RpkiTlv, RpkiTlvs, RpkiValue, RtrPreference, SlurmErrorKind,
    SlurmKind, SourceStatus, SourceType, Transport,
};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

/// A data source. What was not told is null or empty.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SourceRow {
    /// Its number on the router.
    pub id: Option<u16>,
    /// What kind of a source it is.
    #[serde(rename = "type")]
    pub source_type: Option<SourceType>,
    /// The peer whose configuration names it; null: the router's own.
    pub peer: Option<ConfigPeer>,
    /// Whether it is in use.
    pub status: Option<SourceStatus>,
    /// Its records by kind.
    pub records: Vec<RecordsRow>,
    /// When it was synchronized last.
    pub last_sync: Option<Timestamp>,
    /// Seconds from then to the last message of the session in the capture.
    pub last_sync_age: Option<f64>,
    /// Errors so far.
    pub errors: Option<u64>,
    /// SHA-256 of its data, by aspect (draft-ietf-sidrops-rpki-ccr).
    pub ccr_hashes: Vec<HashRow>,
    /// What only an RTR cache has; null where none of it was told.
    pub rtr: Option<Rtr>,
    /// Where it is.
    pub endpoint: Option<SourceEndpoint>,
    /// The AS of the eBGP peer that it is.
    pub peer_as: Option<u32>,
    /// The role of that peer towards the router (RFC 9234).
    pub as_relationship: Option<AsRole>,
    /// When a static or SLURM source was modified last.
    pub last_modified: Option<Timestamp>,
    /// What only SLURM has; null where none of it was told.
    pub slurm: Option<SourceSlurm>,
    /// Fields that are not known, or cannot be read.
    pub other: Vec<OtherTlv>,
    /// When the message that told this was captured.
    pub time: Option<Timestamp>,
    /// Another session of the router than its last told it, and that one did not.
    pub other_session: bool,
    /// The message gives its number to another source, too: it says nothing.
    #[serde(skip)]
    pub(super) is_id_shared: bool,
}

/// Records of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RecordsRow {
    /// What is counted.
    pub kind: RecordKind,
    /// How many.
    pub count: u64,
}

/// The hash of an aspect of the data.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HashRow {
    /// What it is about.
    pub aspect: HashAspect,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// What only an RTR cache has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Rtr {
    /// What it is to the router.
    pub preference: Option<RtrPreference>,
    /// Which cache is tried first: the lower.
    pub order: Option<u32>,
    /// The version of RTR.
    pub version: Option<u8>,
    /// What carries it.
    pub transport: Option<Transport>,
}

/// Where a source is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SourceEndpoint {
    /// Its address.
    pub address: IpAddr,
    /// Its TCP port.
    pub port: Option<u16>,
}

/// What only SLURM has (RFC 8416).
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct SourceSlurm {
    /// Local exceptions by kind.
    pub exceptions: Vec<ExceptionsRow>,
    /// Errors by kind.
    pub errors: Vec<ErrorsRow>,
}

/// Local exceptions of a kind.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExceptionsRow {
    /// What they are.
    pub kind: SlurmKind,
    /// How many.
    pub count: u32,
}

/// Errors of a SLURM file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ErrorsRow {
    /// What failed.
    pub kind: SlurmErrorKind,
    /// How often.
    pub count: u32,
    /// The router's own words; may be empty.
    pub text: String,
}

/// A TLV that is not known, or cannot be read.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OtherTlv {
    /// Its type; with `enterprise`, the 15 bits behind the E bit.
    pub code: u16,
    /// The Private Enterprise Number whose type it is.
    pub enterprise: Option<u32>,
    /// Its octets in hex.
    pub hex: String,
    /// What is wrong with it; null: it is not known.
    pub error: Option<String>,
}

impl OtherTlv {
    pub(super) fn of(tlv: &RpkiTlv<'_>) -> OtherTlv {
        let code = tlv.tlv_type();
        OtherTlv {
            code: if tlv.enterprise().is_some() {
                code & 0x7fff
            } else {
                code
            },
            enterprise: tlv.enterprise(),
            hex: Hex(tlv.octets()).to_string(),
            error: tlv.read().err().map(|error| error.to_string()),
        }
    }
}

/// Sets the count of a kind; of two for one kind the later one counts.
fn put<T>(rows: &mut Vec<T>, row: T, is_same: impl Fn(&T, &T) -> bool) {
    match rows.iter_mut().find(|own| is_same(own, &row)) {
        Some(own) => *own = row,
        None => rows.push(row),
    }
}

impl SourceRow {
    /// The source that these fields describe.
    pub(super) fn of(fields: RpkiTlvs<'_>) -> SourceRow {
        let mut row = SourceRow::default();
        for tlv in fields.flatten() {
            match tlv.read() {
                Ok(RpkiValue::Unknown(_)) | Err(_) => row.other.push(OtherTlv::of(&tlv)),
                Ok(value) => row.field(&value),
            }
        }
        row
    }

    fn field(&mut self, value: &RpkiValue<'_>) {
        match value {
            RpkiValue::SourceId(id) => self.id = Some(*id),
            RpkiValue::SourceType(one) => self.source_type = Some(*one),
            RpkiValue::SourceStatus(status) => self.status = Some(*status),
            RpkiValue::RecordCount(kind, count) => {
                let row = RecordsRow {
                    kind: *kind,
                    count: *count,
                };
                put(&mut self.records, row, |own, row| own.kind == row.kind);
            }
            RpkiValue::LastSync(time) => self.last_sync = *time,
            RpkiValue::ErrorCount(count) => self.errors = Some(*count),
            RpkiValue::CcrHash(aspect, hash) => {
                let row = HashRow {
                    aspect: *aspect,
                    sha256: Hex(*hash).to_string(),
                };
                put(&mut self.ccr_hashes, row, |own, row| {
                    own.aspect == row.aspect
                });
            }
            RpkiValue::Endpoint(address, port) => {
                self.endpoint = Some(SourceEndpoint {
                    address: *address,
                    port: *port,
                });
            }
            RpkiValue::PeerAs(asn) => self.peer_as = Some(*asn),
            RpkiValue::AsRelationship(role) => self.as_relationship = Some(*role),
            RpkiValue::LastModified(time) => self.last_modified = *time,
            _ => self.own_field(value),
        }
    }

    /// Fields that only one type of source has.
    fn own_field(&mut self, value: &RpkiValue<'_>) {
        match value {
            RpkiValue::RtrPreference(preference, order) => {
                let rtr = self.rtr.get_or_insert_default();
                (rtr.preference, rtr.order) = (Some(*preference), Some(*order));
            }
            RpkiValue::RtrVersion(version) => {
                self.rtr.get_or_insert_default().version = Some(*version);
            }
            RpkiValue::Transport(transport) => {
                self.rtr.get_or_insert_default().transport = Some(*transport);
            }
            RpkiValue::SlurmExceptions(kind, count) => {
                let row = ExceptionsRow {
                    kind: *kind,
                    count: *count,
                };
                let slurm = self.slurm.get_or_insert_default();
                put(&mut slurm.exceptions, row, |own, row| own.kind == row.kind);
            }
            RpkiValue::SlurmError(kind, count, text) => {
                self.slurm.get_or_insert_default().errors.push(ErrorsRow {
                    kind: *kind,
                    count: *count,
                    text: text.clone().into_owned(),
                });
            }
            _ => {}
        }
    }

    /// It is the same source, as far as its number tells, or else its kind and place.
    pub(super) fn is_same(&self, other: &SourceRow) -> bool {
        let place = |row: &SourceRow| (row.source_type, row.endpoint.clone(), row.peer_as);
        let is_shared = self.is_id_shared || other.is_id_shared;
        let is_same = match (self.id, other.id) {
            (None, None) => place(self) == place(other),
            (one, another) => one == another && (!is_shared || place(self) == place(other)),
        };
        is_same && self.peer == other.peer
    }

    /// Says how old its data was at this moment.
    pub(super) fn age_until(&mut self, moment: Option<Timestamp>) {
        let age = moment.zip(self.last_sync);
        self.last_sync_age = age.map(|(moment, sync)| moment.seconds_since(sync));
    }

    /// How old its data was when the router told of it, in seconds: what became of it since is not known.
    pub(super) fn age_when_told(&self) -> Option<f64> {
        let both = self.time.zip(self.last_sync);
        both.map(|(told, sync)| told.seconds_since(sync))
    }

    /// The source as people call it: `rtr 192.0.2.1`.
    pub fn name(&self) -> String {
        let mut name = match self.source_type {
            Some(source_type) => source_type.to_string(),
            None => "source".to_owned(),
        };
        if let Some(endpoint) = &self.endpoint {
            name.push(' ');
            name.push_str(&endpoint.text());
        } else if let Some(id) = self.id {
            name.push_str(&format!(" {id}"));
        }
        name
    }
}

impl SourceEndpoint {
    /// `192.0.2.1:323`, or the address alone.
    pub fn text(&self) -> String {
        match self.port {
            Some(port) => crate::net::Endpoint {
                address: self.address,
                port,
            }
            .to_string(),
            None => self.address.to_string(),
        }
    }
}
