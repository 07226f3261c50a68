//! Pure questions: sessions in, a typed answer out. One file per question; no input or output, no
//! text for people, every list in a stable order.

pub mod findings;
pub mod peers;
pub mod quality;
pub mod rpki;
pub mod shape;
pub mod stats;
pub mod summary;
