//! What the tests share: captures and where they are, readers and writers of capture files, a TCP
//! packet builder, encoders of BMP and BGP, a plain counting walker, and the program's own runs.
//!
//! Nothing here uses the library: what a test expects must not come from the code under test.
#![allow(
    dead_code,
    reason = "each test crate compiles the whole of it and uses a part"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a panic is how a test says no; a skipped test says so on stderr"
)]

pub(crate) mod bgp;
pub(crate) mod bgp_wire;
pub(crate) mod bmp;
pub(crate) mod capture_file;
pub(crate) mod carriage;
pub(crate) mod extract;
pub(crate) mod feeds;
pub(crate) mod measure;
pub(crate) mod parameters;
pub(crate) mod places;
pub(crate) mod program;
pub(crate) mod rib;
pub(crate) mod rpki_messages;
pub(crate) mod rust_tokens;
pub(crate) mod sample;
pub(crate) mod speaker;
pub(crate) mod tcp;
pub(crate) mod walker;
