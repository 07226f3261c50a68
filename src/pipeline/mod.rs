//! Captures in, sessions and messages out: windows are walked serially and cheaply, and decoded in
//! parallel while the next one is walked. Results merge in order, so the answer is the same at any
//! number of threads and any window size.

mod batch;
mod count;
mod reading;
pub mod request;
mod run;
mod seen;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod walk;

pub use batch::{Chunk, Gap, GapKind, Item, Located, Mark, PeerView, SessionView};
pub use count::Count;
pub use reading::Readable;
pub use request::{PeerFilter, Progress, Request, RouterFilter};
pub use run::{Look, Query, Run, run};
pub use seen::{Seen, TcpContent};
