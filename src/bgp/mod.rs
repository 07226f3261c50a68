//! BGP messages: the header, OPEN with its capabilities, UPDATE with its attributes and NLRI,
//! NOTIFICATION, and what two OPENs agree on. Knows no BMP.
//!
//! Decoding never judges: an unknown code is a value, a bad length is an error with its place, and
//! neither costs its neighbours. What traffic repeats is borrowed; what is kept is owned.

#[macro_use]
mod code_point;

pub mod header;

pub use header::{MessageHeader, MessageType};

#[cfg(test)]
mod test_bytes;
