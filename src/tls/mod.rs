//! TLS: what a handshake tells in clear, and, with the secrets of key logs, the plaintext of TLS 1.2
//! (RFC 5246) and TLS 1.3 (RFC 8446) as if it were the TCP stream. Knows no BMP.
//!
//! - The hellos tell the client random, by which a key log names secrets, and the cipher suite. Where
//!   one of them was not captured, the first protected record tells what it would have said, except
//!   for TLS 1.2 without the server's, whose keys depend on it. Without both nothing is decrypted.
//! - AES-GCM and ChaCha20-Poly1305 are read; other suites are named.
//! - After a gap the next record is looked for: where a header could stand, with the sequence numbers
//!   that the octets between allow. A record that authenticates is the right one. How many octets of
//!   plaintext were lost follows from the sequence number.
//! - What a direction cannot be read for is told: as a gap, as a problem, or as the connection's
//!   outcome.
//!
//! Held are, for a direction, less than a record and what waits for the other direction's hello; the
//! work of searching is bounded in proportion to the octets captured.
//!
//! | File | Subject |
//! |---|---|
//! | `clear`, `hello`, `certificate` | what a handshake tells in clear |
//! | `key_log` | secrets by client random |
//! | `suite` | cipher suites |
//! | `schedule`, `aead`, `cipher` | from secrets to keys to content |
//! | `record`, `messages` | the record layer, and handshake messages out of it |
//! | `choice` | the ciphers of which one is right |
//! | `keys` | the keys of a direction, one after the other, and the search after a gap |
//! | `guess` | which keys, where one hello was not captured |
//! | `side`, `connection` | a direction; both together |
//! | `probe` | the first octets of a direction |
//! | `decryption` | all connections: which are TLS, and how much is held |
//! | `outcome` | what became of a connection |

mod aead;
mod certificate;
mod choice;
mod cipher;
mod clear;
mod connection;
mod decryption;
mod guess;
mod hello;
mod key_log;
mod keys;
mod messages;
mod outcome;
mod probe;
mod record;
mod schedule;
mod side;
mod suite;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use clear::{TlsFacts, TlsReader, version_name};
pub use decryption::{Closed, Decryption, Lost, Output};
pub use key_log::{KeyLog, KeyLogFile, Random};
pub use outcome::{Outcome, Problem, Problems};
pub use side::Why;
pub use suite::CipherSuite;
