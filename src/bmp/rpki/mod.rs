//! The three messages of draft-wang-grow-bmp-rpki-mon-reqs-03: what RPKI data and policy a router
//! has, how it validated a route, and what that changed. The draft assigns no numbers and no
//! layouts: the numbers are those of [`CodePoints`](crate::wire::CodePoints), the layouts are those
//! of this module's files. Versions 3 and 4 of the common header are read alike.
//!
//! | File | Subject |
//! |---|---|
//! | `config` | RPKI_CONFIG: global or of a peer, plain TLVs |
//! | `route` | RPKI_VALIDATION and RPKI_IMPACT: indexed TLVs around an UPDATE |
//! | `tlv` | TLVs of both forms, by the code points in use |
//! | `value` | what each TLV says |
//! | `condition`, `rule`, `shared` | values with a structure of their own |
//! | `words` | enumerations |
//! | `problem` | what is odd in a message |

mod condition;
mod config;
mod problem;
mod route;
mod rule;
mod shared;
#[cfg(test)]
mod tests;
mod tlv;
mod value;
mod words;

pub use condition::Condition;
pub use config::{ConfigScope, RpkiConfig};
pub use problem::{Problem, ProblemKind};
pub use route::RpkiRoute;
pub use rule::{Rule, RuleBody};
pub use shared::{Action, ActionArgument, AsNumbers, StateAction};
pub use tlv::{RpkiTlv, RpkiTlvs};
pub use value::{PrefixFilter, RpkiValue};
pub use words::{
    ActionCode, AsRole, HashAspect, ImpactDirection, RecordKind, RouteState, RtrPreference,
    RuleKind, SlurmErrorKind, SlurmKind, SourceStatus, SourceType, Transport, ValidationType,
    ValidationTypes,
};
