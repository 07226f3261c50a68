//! What reassembly promises, by subject.

mod adversary;
mod lifetime;
mod order;
mod parked;
mod property;
mod start;
mod unsigned;
