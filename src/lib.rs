//! Offline analysis of the BGP Monitoring Protocol.
//!
//! Two columns meet once. *Transport* ([`capture`], [`packet`], [`stream`], [`tls`]) turns files into
//! in-order bytes and knows nothing of BMP. *Protocol* ([`bgp`], [`bmp`]) turns bytes into messages
//! and knows nothing of files. [`session`] and [`pipeline`] join them; [`analysis`] answers
//! questions about the sessions, [`report`] and [`output`] show the answers, [`cli`] talks to the
//! person. `tests/layers.rs` holds which module may use which.

// First: it holds the macro that defines tables of code points.
#[macro_use]
pub mod wire;

pub mod analysis;
pub mod auth;
pub mod bgp;
pub mod bmp;
pub mod capture;
pub mod cli;
pub mod finding;
pub mod net;
pub mod output;
pub mod packet;
pub mod pipeline;
pub mod report;
pub mod rpki;
pub mod secret;
pub mod session;
pub mod sheet;
pub mod stream;
pub mod time;
pub mod tls;
