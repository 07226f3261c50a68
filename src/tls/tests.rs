//! The key schedule and records of RFC 8448.
