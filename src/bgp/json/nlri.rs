//! Routes as JSON.

use super::{ErrorText, Sequence, text};
use crate::bgp::family_fields::{Afi, Safi};
use crate::bgp::nlri::{Destination, Kind, Labels, Nlri};
use crate::bgp::text::Hex;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::fmt::Write;

impl Serialize for Nlri<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Nlri", 6)?;
        fields.serialize_field("afi", &Afi(self.family.afi))?;
        fields.serialize_field("safi", &Safi(self.family.safi))?;
        match self.destination {
            Destination::Prefix(prefix) => {
                fields.serialize_field("prefix", &text(|out| out.push_prefix(prefix)))?;
            }
            Destination::Raw(octets) | Destination::Opaque(octets) => {
                fields.serialize_field("raw", &Hex(octets))?;
            }
        }
        fields.serialize_field("path_id", &self.path_id)?;
        if let Some(rd) = self.rd {
            fields.serialize_field("rd", &text(|out| write!(out, "{rd}").unwrap_or(())))?;
        }
        if !self.labels.is_empty() {
            fields.serialize_field("labels", &self.labels)?;
        }
        match self.kind() {
            Some(Ok(kind)) => kind_field(&kind, &mut fields)?,
            Some(Err(error)) => fields.serialize_field("error", &ErrorText(error))?,
            None => {}
        }
        fields.end()
    }
}

/// A route without a prefix under the key of its kind.
fn kind_field<F: SerializeStruct>(kind: &Kind<'_>, fields: &mut F) -> Result<(), F::Error> {
    match kind {
        Kind::Evpn(route) => fields.serialize_field("evpn", route),
        Kind::FlowSpec(rule) => fields.serialize_field("flowspec", rule),
        Kind::RouteTarget(route) => fields.serialize_field("route_target", route),
        Kind::SrPolicy(policy) => fields.serialize_field("sr_policy", policy),
        Kind::Vpls(route) => fields.serialize_field("vpls", route),
        Kind::Mvpn(route) => fields.serialize_field("mvpn", route),
        Kind::Mdt(route) => fields.serialize_field("mdt", route),
        Kind::LinkState(route) => fields.serialize_field("bgp_ls", route),
    }
}

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Sequence(|| self.iter().map(|label| label.value())).serialize(serializer)
    }
}
