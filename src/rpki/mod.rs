//! The RPKI: validated payloads, local exceptions, and the validation of routes by them. Knows nothing
//! of BMP and of files: octets come in, states go out.
//!
//! | File | Subject |
//! |---|---|
//! | `payload` | VRPs and ASPAs as validators hand them out, and where they come from |
//! | `read` | the formats of validators: JSON and CSV |
//! | `slurm` | local exceptions (RFC 8416) |
//! | `table` | VRPs by prefix, and those that cover a route |
//! | `origin` | origin validation (RFC 6811) |
//! | `aspa` | path verification (draft-ietf-sidrops-aspa-verification) |

pub mod aspa;
pub mod origin;
pub mod payload;
pub mod read;
pub mod slurm;
pub mod table;

pub use aspa::{AspaTable, Direction, Path, PathReason, PathState};
pub use origin::{Explanation, Origin, OriginState, Reason};
pub use payload::{Aspa, Payload, Source, Vrp, VrpRecord};
pub use read::{Problem, ReadError};
pub use slurm::Slurm;
pub use table::VrpTable;
