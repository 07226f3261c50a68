//! What one BMP connection has told us: the router, its peers, what their OPENs negotiated, which
//! RIB views they show, and counts. State changes in one match, in `apply`; everything else reads.

mod apply;
mod conduct;
mod counts;
mod facts;
mod gaps;
mod history;
mod peer;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use apply::{Observed, Scope};
pub use conduct::{Breach, BreachKind, Breaches, Conduct, Spot};
pub use counts::{Extent, MessageCounts, RouteCounts, RouteTally};
pub use facts::{Protection, Renumbered, Router, Session, Timeline};
pub use gaps::{GapKind, GapTally};
pub use history::{Event, History, Up};
pub use peer::{Assumed, Contexts, Down, Peer, PeerKey, PeerState, RibSet};
