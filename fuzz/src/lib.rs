//! What is fuzzed: one function per layer that takes any octets and holds what must be true of the
//! layer whatever they are. The fuzz targets call these, and so does `tests/fuzz_smoke.rs`.

mod entries;

pub use entries::{bgp_update, bmp_message, capture, frame, packet, stream, whole};
