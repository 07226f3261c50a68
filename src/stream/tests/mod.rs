//! What reassembly promises, by subject.

mod adversary;
mod lifetime;
mod order;
mod property;
mod start;
