//! What messages tell of single routes: RPKI_VALIDATION, RPKI_IMPACT and Route Events.
//!
//! | File | Subject |
//! |---|---|
//! | `state` | a state as a message says it |
//! | `part` | what the TLVs of one message say of the same routes |
//! | `rule` | a validation rule that a route hit, and its shape in JSON |
//! | `saying` | all that one message says of one route |
//! | `collected` | the last that was said of each route of a run |

mod collected;
mod part;
mod rule;
mod saying;
mod state;

pub use collected::{SourceTypes, Told};
pub use part::{Alternate, Part, PartImpact, Parts, SaidAction};
pub use rule::{RuleRow, SaidBody, SaidRule};
pub use saying::{Attributes, Saying, SayingKind, Words};
pub use state::SaidState;
