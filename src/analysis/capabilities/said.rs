//! A list of capabilities taken apart: one entry for each code and family.

use crate::bgp::Hex;
use crate::bgp::capability::{
    Capability, CapabilityCode, CapabilityValue, FamilyDirection, Orf, RoleValue, SendReceive,
};
use crate::net::Family;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A capability, and the family that it is about where it is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which capability.
    pub code: CapabilityCode,
    /// Address family.
    pub afi: Option<u16>,
    /// Subsequent address family.
    pub safi: Option<u8>,
}

impl Key {
    /// A capability as a whole.
    pub const fn whole(code: CapabilityCode) -> Key {
        Key {
            code,
            afi: None,
            safi: None,
        }
    }

    /// A capability in a family.
    pub const fn family(code: CapabilityCode, family: Family) -> Key {
        Key {
            code,
            afi: Some(family.afi),
            safi: Some(family.safi),
        }
    }

    /// The AFI's word.
    pub fn afi_word(self) -> Option<String> {
        self.afi.map(|afi| Family::new(afi, 0).afi_word())
    }

    /// The SAFI's word.
    pub fn safi_word(self) -> Option<String> {
        self.safi.map(|safi| Family::new(0, safi).safi_word())
    }
}

/// `graceful-restart ipv4 unicast`.
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        for word in [self.afi_word(), self.safi_word()].into_iter().flatten() {
            write!(f, " {word}")?;
        }
        Ok(())
    }
}

/// What is said of a capability, in a family where it has one. Only what it has is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Said {
    /// Who sends and who receives, as the sender of the capability sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_receive: Option<SendReceive>,
    /// Outbound route filters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub filters: Vec<Orf>,
    /// AFIs of next hops.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub next_hop_afis: Vec<String>,
    /// At most so many labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<u8>,
    /// At most so many paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<u16>,
    /// The sender's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleValue>,
    /// The sender's AS number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// The sender has restarted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarting: Option<bool>,
    /// NOTIFICATION keeps routes too (RFC 8538 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification: Option<bool>,
    /// Seconds until the session should be up again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_time: Option<u16>,
    /// Forwarding went on through the restart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarding_preserved: Option<bool>,
    /// Seconds for which stale routes are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_time: Option<u32>,
    /// Version of BGPsec, or of the sender's software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Host name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Domain name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Capabilities that may change, or that tell sessions apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub capabilities: Vec<CapabilityCode>,
    /// The octets in hex, where nothing here can read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// Why they cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Capabilities by code and family.
pub type SaidSet = BTreeMap<Key, Said>;

/// Takes a list apart. Of two instances of one, the later one counts.
pub fn said(capabilities: &[Capability]) -> SaidSet {
    let mut set = SaidSet::new();
    for capability in capabilities {
        add(capability, &mut set);
    }
    set
}

fn add(capability: &Capability, set: &mut SaidSet) {
    use CapabilityValue as Value;
    let code = capability.code;
    match &capability.value {
        Value::Multiprotocol(value) => families(code, set, [(value.family, Said::default())]),
        Value::AddPath(value) | Value::RoutingPolicyDistribution(value) => {
            directions(code, &value.families, set);
        }
        Value::OutboundRouteFiltering(value) => {
            let rows = value.families.iter().map(|one| {
                let filters = one.filters.clone();
                (
                    one.family,
                    Said {
                        filters,
                        ..Said::default()
                    },
                )
            });
            families(code, set, rows);
        }
        Value::ExtendedNextHop(value) => next_hops(code, value, set),
        Value::MultipleLabels(value) => {
            let rows = value.families.iter().map(|one| {
                let labels = Some(one.count);
                (
                    one.family,
                    Said {
                        labels,
                        ..Said::default()
                    },
                )
            });
            families(code, set, rows);
        }
        Value::PathsLimit(value) => {
            let rows = value.families.iter().map(|one| {
                let paths = Some(one.limit);
                (
                    one.family,
                    Said {
                        paths,
                        ..Said::default()
                    },
                )
            });
            families(code, set, rows);
        }
        Value::GracefulRestart(value) => graceful_restart(code, value, set),
        Value::LongLivedGracefulRestart(value) => {
            let rows = value.families.iter().map(|one| {
                let said = Said {
                    forwarding_preserved: Some(one.forwarding_preserved),
                    stale_time: Some(one.stale_time),
                    ..Said::default()
                };
                (one.family, said)
            });
            families(code, set, rows);
        }
        Value::Bgpsec(value) => bgpsec(code, value, set),
        _ => {
            set.insert(Key::whole(code), whole(capability));
        }
    }
}

/// A row for each family; one for the capability where it names none.
fn families(
    code: CapabilityCode,
    set: &mut SaidSet,
    rows: impl IntoIterator<Item = (Family, Said)>,
) {
    let mut is_empty = true;
    for (family, said) in rows {
        set.insert(Key::family(code, family), said);
        is_empty = false;
    }
    if is_empty {
        set.entry(Key::whole(code)).or_default();
    }
}

/// "If any other value is received, then the capability SHOULD be treated as not understood and
/// ignored" (RFC 7911 4): it does not undo an earlier one.
fn directions(code: CapabilityCode, rows: &[FamilyDirection], set: &mut SaidSet) {
    let known = |set: &SaidSet, row: &FamilyDirection| {
        let earlier = set.get(&Key::family(code, row.family));
        row.send_receive.word().is_none() && earlier.is_some()
    };
    let kept: Vec<_> = rows.iter().filter(|row| !known(set, row)).collect();
    if kept.is_empty() && !rows.is_empty() {
        return;
    }
    let rows = kept.into_iter().map(|row| {
        let send_receive = Some(row.send_receive);
        (
            row.family,
            Said {
                send_receive,
                ..Said::default()
            },
        )
    });
    families(code, set, rows);
}

fn next_hops(
    code: CapabilityCode,
    value: &crate::bgp::capability::ExtendedNextHop,
    set: &mut SaidSet,
) {
    let mut by_family: BTreeMap<Family, Vec<String>> = BTreeMap::new();
    for one in &value.families {
        let afi = Family::new(one.next_hop_afi, 0).afi_word();
        by_family.entry(one.family).or_default().push(afi);
    }
    let rows = by_family.into_iter().map(|(family, next_hop_afis)| {
        (
            family,
            Said {
                next_hop_afis,
                ..Said::default()
            },
        )
    });
    families(code, set, rows);
}

/// The capability has times of its own, and families in which forwarding may go on.
fn graceful_restart(
    code: CapabilityCode,
    value: &crate::bgp::capability::GracefulRestart,
    set: &mut SaidSet,
) {
    let own = Said {
        restarting: Some(value.restarting),
        notification: Some(value.notification),
        restart_time: Some(value.restart_time),
        ..Said::default()
    };
    // All but the last instance are ignored, with their families (RFC 4724 3).
    set.retain(|key, _| key.code != code);
    set.insert(Key::whole(code), own);
    for one in &value.families {
        let forwarding_preserved = Some(one.forwarding_preserved);
        let said = Said {
            forwarding_preserved,
            ..Said::default()
        };
        set.insert(Key::family(code, one.family), said);
    }
}

/// A capability for each direction and AFI (RFC 8205 2.1).
fn bgpsec(code: CapabilityCode, value: &crate::bgp::capability::Bgpsec, set: &mut SaidSet) {
    let key = Key {
        code,
        afi: Some(value.afi),
        safi: None,
    };
    let said = set.entry(key).or_default();
    said.version = Some(value.version.to_string());
    said.send_receive = match said.send_receive {
        Some(other) if other != value.direction => Some(SendReceive::BOTH),
        _ => Some(value.direction),
    };
}

fn whole(capability: &Capability) -> Said {
    use CapabilityValue as Value;
    let raw = || Some(Hex(&capability.raw).to_string());
    let mut said = Said::default();
    match &capability.value {
        Value::Role(value) => said.role = Some(value.role),
        Value::FourOctetAs(value) => said.asn = Some(value.asn),
        Value::DynamicCapability(value) => said.capabilities.clone_from(&value.capabilities),
        Value::Multisession(value) => said.capabilities.clone_from(&value.session_identifiers),
        Value::Fqdn(value) => {
            said.host = Some(value.host.clone());
            said.domain = Some(value.domain.clone());
        }
        Value::SoftwareVersion(value) => said.version = Some(value.version.clone()),
        Value::Unknown => said.raw = raw(),
        Value::Malformed(error) => {
            said.raw = raw();
            said.error = Some(error.to_string());
        }
        _ => {}
    }
    said
}
