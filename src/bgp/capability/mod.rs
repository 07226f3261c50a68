//! Capabilities (RFC 5492): what a speaker says in its OPEN that it is able to do. One row per code
//! in one table; a new capability is a row, a value and a reader.
//!
//! ```text
//! +------------------------------+
//! | Capability Code (1 octet)    |
//! | Capability Length (1 octet)  |
//! | Capability Value (variable)  |
//! +------------------------------+
//! ```

mod json;
mod read;
mod value;

pub use value::*;

use crate::wire::{Cursor, DecodeError};
use read::Reader;

/// A capability as sent: code and octets, and what the octets say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capability {
    /// Which capability.
    pub code: CapabilityCode,
    /// What it says.
    pub value: CapabilityValue,
    /// The octets behind its length.
    pub raw: Vec<u8>,
}

impl Capability {
    /// Reads one code, length and value. Fails only where the length leaves the container; then the
    /// rest of the container is lost to reading, see [`Capability::decode_all`].
    fn decode(cursor: &mut Cursor<'_>) -> Result<Capability, DecodeError> {
        let code = CapabilityCode(cursor.u8("Capability Code")?);
        let length = usize::from(cursor.u8("Capability Length")?);
        let octets = cursor.take("Capability Value", length)?;
        Ok(Capability {
            code,
            value: read_value(code, octets),
            raw: octets.rest().to_vec(),
        })
    }

    /// Appends every capability of one Capabilities parameter, in order. One whose length leaves the
    /// parameter is the last: it is malformed and keeps what is there.
    pub(crate) fn decode_all(mut cursor: Cursor<'_>, into: &mut Vec<Capability>) {
        while let Some((code, behind)) = cursor.rest().split_first() {
            match Capability::decode(&mut cursor) {
                Ok(capability) => into.push(capability),
                Err(error) => {
                    let raw = behind.get(1..).unwrap_or_default().to_vec();
                    into.push(Capability {
                        code: CapabilityCode(*code),
                        value: CapabilityValue::Malformed(error),
                        raw,
                    });
                    return;
                }
            }
        }
    }
}

fn read_value(code: CapabilityCode, mut octets: Cursor<'_>) -> CapabilityValue {
    let Some(row) = code.row() else {
        return CapabilityValue::Unknown;
    };
    match (row.reader)(&mut octets) {
        Ok(_) if !octets.is_empty() => {
            let error = octets.malformed("Capability Value", "is longer than its code allows");
            CapabilityValue::Malformed(error)
        }
        Ok(value) => value,
        Err(error) => CapabilityValue::Malformed(error),
    }
}

/// The number of a capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CapabilityCode(pub u8);

impl CapabilityCode {
    /// Multiprotocol Extensions, RFC 4760 8.
    pub const MULTIPROTOCOL: CapabilityCode = CapabilityCode(1);
    /// Route Refresh, RFC 2918 2.
    pub const ROUTE_REFRESH: CapabilityCode = CapabilityCode(2);
    /// Extended Next Hop Encoding, RFC 8950 4.
    pub const EXTENDED_NEXT_HOP: CapabilityCode = CapabilityCode(5);
    /// Extended Message, RFC 8654 3.
    pub const EXTENDED_MESSAGE: CapabilityCode = CapabilityCode(6);
    /// Multiple Labels, RFC 8277 2.1.
    pub const MULTIPLE_LABELS: CapabilityCode = CapabilityCode(8);
    /// BGP Role, RFC 9234 4.1.
    pub const ROLE: CapabilityCode = CapabilityCode(9);
    /// Graceful Restart, RFC 4724 3.
    pub const GRACEFUL_RESTART: CapabilityCode = CapabilityCode(64);
    /// Support for 4-octet AS numbers, RFC 6793 3.
    pub const FOUR_OCTET_AS: CapabilityCode = CapabilityCode(65);
    /// ADD-PATH, RFC 7911 4.
    pub const ADD_PATH: CapabilityCode = CapabilityCode(69);
    /// Long-Lived Graceful Restart, RFC 9494 3.1.
    pub const LONG_LIVED_GRACEFUL_RESTART: CapabilityCode = CapabilityCode(71);

    /// The name as JSON shows it, or none where the code is not known.
    pub fn word(self) -> Option<&'static str> {
        self.row().map(|row| row.word)
    }

    /// The row of the table.
    pub fn row(self) -> Option<&'static CapabilityRow> {
        CAPABILITIES.iter().find(|row| row.code == self.0)
    }
}

code_point_text!(CapabilityCode, CAPABILITIES.iter().map(|row| row.word));

/// What is known of a capability code.
#[derive(Debug)]
pub struct CapabilityRow {
    /// The number.
    pub code: u8,
    /// The name as JSON shows it.
    pub word: &'static str,
    /// The text that defines it.
    pub source: &'static str,
    reader: Reader,
}

const fn row(code: u8, word: &'static str, source: &'static str, reader: Reader) -> CapabilityRow {
    CapabilityRow {
        code,
        word,
        source,
        reader,
    }
}

/// Capability Codes, IANA registry, snapshot 2026-04-03.
#[rustfmt::skip]
pub const CAPABILITIES: &[CapabilityRow] = &[
    row(1, "multiprotocol", "RFC 4760 8", read::multiprotocol),
    row(2, "route-refresh", "RFC 2918 2", read::empty),
    row(3, "outbound-route-filtering", "RFC 5291 5", read::outbound_route_filtering),
    row(4, "multiple-routes", "RFC 3107 5, deprecated by RFC 8277", read::empty),
    row(5, "extended-next-hop", "RFC 8950 4", read::extended_next_hop),
    row(6, "extended-message", "RFC 8654 3", read::empty),
    row(7, "bgpsec", "RFC 8205 2.1", read::bgpsec),
    row(8, "multiple-labels", "RFC 8277 2.1", read::multiple_labels),
    row(9, "role", "RFC 9234 4.1", read::role),
    row(64, "graceful-restart", "RFC 4724 3", read::graceful_restart),
    row(65, "four-octet-as", "RFC 6793 3", read::four_octet_as),
    row(67, "dynamic-capability", "draft-ietf-idr-dynamic-cap-13", read::dynamic_capability),
    row(68, "multisession", "draft-ietf-idr-bgp-multisession-07", read::multisession),
    row(69, "add-path", "RFC 7911 4", read::add_path),
    row(70, "enhanced-route-refresh", "RFC 7313 3.1", read::empty),
    row(71, "long-lived-graceful-restart", "RFC 9494 3.1", read::long_lived_graceful_restart),
    row(72, "routing-policy-distribution", "draft-ietf-idr-rpd-04", read::routing_policy_distribution),
    row(73, "fqdn", "draft-walton-bgp-hostname-capability-02", read::fqdn),
    row(74, "bfd-strict-mode", "draft-ietf-idr-bgp-bfd-strict-mode-13", read::empty),
    row(75, "software-version", "draft-abraitis-bgp-version-capability-11", read::software_version),
    row(76, "paths-limit", "draft-abraitis-idr-addpath-paths-limit-00", read::paths_limit),
    row(77, "link-local-next-hop", "draft-white-linklocal-capability-04", read::empty),
    // The draft's layout is not looked up yet: the octets stay raw.
    row(78, "edge-metadata", "draft-ietf-idr-5g-edge-service-metadata", read::unknown),
    row(128, "route-refresh-cisco", "RFC 8810 3", read::empty),
    // Two vendors used 129 for different things (RFC 8810 3), so that it cannot be read.
    row(129, "outbound-route-filtering-prestandard", "RFC 8810 3", read::unknown),
    row(130, "outbound-route-filtering-cisco", "RFC 8810 3", read::outbound_route_filtering),
    row(131, "multisession-cisco", "RFC 8810 3", read::multisession),
    row(184, "fqdn-prestandard", "RFC 8810 3", read::fqdn),
    row(185, "operational-prestandard", "RFC 8810 3", read::unknown),
];

#[cfg(test)]
mod tests;
