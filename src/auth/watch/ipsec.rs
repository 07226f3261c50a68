//! IPsec beside TCP: ESP, whatever it carries, and the key exchange that goes before it.

use super::tally::Tally;
use crate::packet::{IpsecUdp, Other};
use crate::stream::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What IPsec traffic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IpsecKind {
    /// Encapsulating Security Payload, RFC 4303.
    Esp,
    /// The same in UDP, RFC 3948.
    EspInUdp,
    /// Internet Key Exchange, RFC 7296.
    Ike,
    /// What keeps a NAT's mapping alive for ESP in UDP, RFC 3948 2.3.
    NatKeepalive,
    /// UDP port 4500, and the capture ends before it is known whether that is ESP.
    Unknown,
}

impl IpsecKind {
    /// The stable word with hyphens.
    pub fn word(self) -> &'static str {
        match self {
            IpsecKind::Esp => "esp",
            IpsecKind::EspInUdp => "esp-in-udp",
            IpsecKind::Ike => IpsecUdp::Ike.word(),
            IpsecKind::NatKeepalive => IpsecUdp::NatKeepalive.word(),
            IpsecKind::Unknown => IpsecUdp::Unknown.word(),
        }
    }

    /// Whether it carries data, encrypted.
    pub fn is_esp(self) -> bool {
        matches!(self, IpsecKind::Esp | IpsecKind::EspInUdp)
    }

    fn in_udp(carries: IpsecUdp) -> IpsecKind {
        match carries {
            IpsecUdp::Ike => IpsecKind::Ike,
            IpsecUdp::NatKeepalive => IpsecKind::NatKeepalive,
            IpsecUdp::Unknown => IpsecKind::Unknown,
        }
    }
}

/// Packets from one address to another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpsecFacts {
    /// How many, and when.
    pub packets: Tally,
    /// Security Parameters Indexes, the first few.
    pub spis: BTreeSet<u32>,
}

/// IPsec traffic by kind, source and destination.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ipsec {
    /// The rows.
    pub rows: BTreeMap<(IpsecKind, IpAddr, IpAddr), IpsecFacts>,
    /// Packets that found no row.
    pub others: u64,
}

/// Rows, and indexes of a row.
const ROWS: usize = 1024;
const SPIS: usize = 16;

impl Ipsec {
    pub(super) fn add(&mut self, other: &Other, moment: Moment) {
        let (key, index) = match *other {
            Other::Esp {
                source,
                destination,
                spi,
                in_udp,
            } => {
                let kind = if in_udp {
                    IpsecKind::EspInUdp
                } else {
                    IpsecKind::Esp
                };
                ((kind, source, destination), Some(spi))
            }
            Other::IpsecUdp {
                source,
                destination,
                carries,
            } => {
                let kind = IpsecKind::in_udp(carries);
                ((kind, source.address, destination.address), None)
            }
            _ => return,
        };
        if self.rows.len() >= ROWS && !self.rows.contains_key(&key) {
            self.others += 1;
            return;
        }
        let row = self.rows.entry(key).or_default();
        row.packets.add(moment);
        if let Some(index) = index.filter(|_| row.spis.len() < SPIS) {
            row.spis.insert(index);
        }
    }

    /// Whether ESP goes between two addresses.
    pub fn has_esp_between(&self, one: IpAddr, other: IpAddr) -> bool {
        self.rows.keys().any(|(kind, source, destination)| {
            let is_between =
                (*source, *destination) == (one, other) || (*source, *destination) == (other, one);
            kind.is_esp() && is_between
        })
    }
}
