//! Offline analysis of the BGP Monitoring Protocol.
//!
//! Two columns meet once. *Transport* ([`capture`], [`packet`], [`stream`]) turns files into
//! in-order bytes and knows nothing of BMP. *Protocol* ([`bgp`], [`bmp`]) turns bytes into messages
//! and knows nothing of files. [`session`] and [`pipeline`] join them; [`analysis`] answers
//! questions about the sessions, [`report`] and [`output`] show the answers, [`cli`] talks to the
//! person. `tests/layers.rs` holds which module may use which.

pub mod bmp;
pub mod finding;
pub mod net;
pub mod time;
pub mod wire;
