//! What protects a connection: TCP-AO (RFC 5925, 5926, 9187), TCP-MD5 (RFC 2385), TLS, ESP and AH, and
//! whether signatures are those of given keys. Knows no BMP.
//!
//! | File | Subject |
//! |---|---|
//! | `option` | the signature options of a segment |
//! | `algorithm`, `input`, `sequence`, `epoch` | what a MAC is made of |
//! | `keys`, `key_file` | keys, and the file that they come from |
//! | `verify` | segment in, verdict out |
//! | `watch` | what the segments of each connection show, collected while captures are walked |

mod algorithm;
mod epoch;
mod input;
mod key_file;
mod keys;
mod option;
mod sequence;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod verify;
pub mod watch;

pub use crate::secret::Secret;
pub use algorithm::Algorithm;
pub use key_file::Lookup;
pub use keys::{Key, Keys, KnownConnection, Options, Pattern, Signer};
pub use option::{Authentication, Signature};
pub use sequence::{Extended, Extension};
pub use verify::{Proof, Reason, Verdict, Verifier};
