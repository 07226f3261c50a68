//! What is known of both ends of a peering: what an end supports, and how that is known. The far end may
//! be a router that speaks BMP itself, in another session of the same captures.

use super::row::{Reported, is_real};
use super::said::{Key, SaidSet, said};
use crate::analysis::identify::{self, Identity};
use crate::bgp::Open;
use crate::bgp::capability::CapabilityCode;
use crate::session::Session;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// How it is known that an end supports a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Its Initiation says so.
    Reported,
    /// It sent it in an OPEN, to this peer or to another.
    Advertised,
    /// Its vendor's software is known to be able to.
    Vendor,
}

/// What is known of one BGP speaker.
#[derive(Debug, Default)]
pub(super) struct End {
    reported: Reported,
    /// What it sent to anyone.
    sent: SaidSet,
    identity: Option<Identity>,
}

/// The routers of all sessions, and who they are in BGP.
#[derive(Debug)]
pub(super) struct Ends {
    /// In the order of the sessions.
    routers: Vec<End>,
    /// By BGP ID and AS number of the OPENs that they sent; the last session of a router counts.
    by_name: BTreeMap<(Ipv4Addr, u32), usize>,
}

impl Ends {
    pub(super) fn of(sessions: &[Session]) -> Ends {
        let mut ends = Ends {
            routers: sessions.iter().map(End::of).collect(),
            by_name: BTreeMap::new(),
        };
        for (index, session) in sessions.iter().enumerate() {
            // Some collectors pass on OPENs without a BGP ID.
            for (sent, _) in opens(session).filter(|opens| !opens.0.bgp_id.is_unspecified()) {
                ends.by_name.insert((sent.bgp_id, sent.asn()), index);
            }
        }
        ends
    }

    /// The router of a session.
    pub(super) fn router(&self, session: usize) -> Option<&End> {
        self.routers.get(session)
    }

    /// The speaker behind an OPEN, if it speaks BMP too; its BGP ID tells, unless it is the router's own.
    pub(super) fn monitored(&self, sent: &Open, received: &Open) -> Option<&End> {
        let name = (received.bgp_id, received.asn());
        let is_own = name == (sent.bgp_id, sent.asn());
        let index = self.by_name.get(&name).filter(|_| !is_own)?;
        self.routers.get(*index)
    }
}

fn opens(session: &Session) -> impl Iterator<Item = &(Open, Open)> {
    let peers = session.peers.iter().filter(|peer| is_real(peer));
    peers.filter_map(|peer| peer.opens.as_deref())
}

impl End {
    fn of(session: &Session) -> End {
        let sent = opens(session).map(|(sent, _)| said(sent.capabilities()));
        End {
            reported: Reported::of(session),
            sent: sent.flatten().collect(),
            identity: identify::identify(session),
        }
    }

    /// A speaker of which no more than an OPEN is known.
    pub(super) fn of_open(open: &Open) -> End {
        End {
            reported: Reported::default(),
            sent: said(open.capabilities()),
            identity: identify::of_open(open),
        }
    }

    /// Whether it is known to support a capability, and how. None: not known, or known not to.
    pub(super) fn supports(&self, code: CapabilityCode) -> Option<Evidence> {
        let has = |set: &SaidSet| set.keys().any(|key| key.code == code);
        if let Some(supported) = &self.reported.supported {
            return has(supported).then_some(Evidence::Reported);
        }
        if self.reported.enabled.as_ref().is_some_and(has) {
            return Some(Evidence::Reported);
        }
        if has(&self.sent) {
            return Some(Evidence::Advertised);
        }
        let identity = self.identity.as_ref()?;
        let mut rows = VENDORS.iter().filter(|row| row.os == identity.os);
        rows.any(|row| row.codes.contains(&code.0))
            .then_some(Evidence::Vendor)
    }

    /// Whether it reports that it supports a capability in a family.
    pub(super) fn reports(&self, key: Key) -> bool {
        self.reported.supports(key) == Some(true)
    }

    /// What its Initiation says that it supports.
    pub(super) fn reported_keys(&self) -> impl Iterator<Item = Key> {
        self.reported
            .supported
            .iter()
            .flat_map(|set| set.keys().copied())
    }

    /// What it is, in words.
    pub(super) fn os(&self) -> Option<&'static str> {
        self.identity.as_ref().map(|identity| identity.os)
    }
}

/// What the software of a vendor is known to support, enabled or not.
struct Vendor {
    os: &'static str,
    codes: &'static [u8],
}

/// Of software that is documented, or that was captured. Capabilities of which that is not certain are
/// left out.
const VENDORS: &[Vendor] = &[
    // Cisco-IOS-XR-ipv4-bgp-cfg YANG; captures of 7.4 to 25.1.
    Vendor {
        os: "ios-xr",
        codes: &[1, 2, 5, 64, 65, 69, 128],
    },
    // Captures of MX204 and vMX.
    Vendor {
        os: "junos",
        codes: &[1, 2, 5, 64, 65, 69, 71, 128],
    },
    // nokia-conf YANG: graceful-restart and long-lived are presence containers.
    Vendor {
        os: "sros",
        codes: &[1, 64, 65, 71],
    },
    // SR Linux documentation: "Cap Sent".
    Vendor {
        os: "srlinux",
        codes: &[1, 2, 64, 65],
    },
    // huawei-bgp YANG; captures of NE40E.
    Vendor {
        os: "vrp",
        codes: &[1, 2, 9, 64, 65, 69],
    },
    // FRR bgpd/bgp_open.c; captures of 8.4 and 10.7.
    Vendor {
        os: "frr",
        codes: &[1, 2, 5, 6, 9, 64, 65, 69, 70, 71, 73],
    },
    // BIRD proto/bgp/packets.c; captures of 2.19 and 3.2.
    Vendor {
        os: "bird",
        codes: &[1, 2, 5, 6, 9, 64, 65, 69, 70, 71, 73],
    },
    // GoBGP pkg/server/fsm.go; captures of 3.10.
    Vendor {
        os: "gobgp",
        codes: &[1, 2, 5, 64, 65, 69, 71, 73],
    },
    // bgpd.conf(5) of OpenBGPD; captures of 7.7.
    Vendor {
        os: "openbgpd",
        codes: &[1, 2, 9, 64, 65, 69, 70],
    },
    // ExaBGP capability.py; captures of 4.2.
    Vendor {
        os: "exabgp",
        codes: &[1, 2, 6, 64, 65, 69, 70],
    },
];
