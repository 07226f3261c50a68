//! BGP messages: the header, OPEN with its capabilities, UPDATE with its attributes and NLRI,
//! NOTIFICATION, ROUTE-REFRESH, and what two OPENs agree on. Knows no BMP.
//!
//! Decoding never judges: an unknown code is a value, a bad length is an error with its place, and
//! neither costs its neighbours. What traffic repeats is borrowed; what is kept is owned.

pub mod attribute;
pub mod capability;
pub mod context;
mod family_fields;
pub mod header;
pub mod json;
pub mod negotiate;
pub mod nlri;
pub mod notification;
pub mod open;
pub mod parameter;
pub mod route_refresh;
mod text;
pub mod tlv;
pub mod update;

pub use capability::{Capability, CapabilityCode, CapabilityValue};
pub use context::{AddPath, Context};
pub use header::{MessageHeader, MessageType};
pub use negotiate::{add_path, add_path_named, four_octet_as};
pub use nlri::Nlri;
pub use notification::Notification;
pub use open::Open;
pub use parameter::{Parameter, ParameterType, Parameters};
pub use route_refresh::{RefreshSubtype, RouteRefresh};
pub use text::Hex;
pub use update::signs;
pub use update::{RouteCounts, Update};

#[cfg(test)]
mod test_bytes;
