//! What the RPKI changes in routing, inferred from the views of a capture: what policies do to invalid
//! routes, which route is best with and without them, and what is left of a prefix that loses its own.
//!
//! | File | Subject |
//! |---|---|
//! | `attributes` | what selection and policy look at of a route's attributes |
//! | `verdict` | the state of a route |
//! | `table` | the views of a routing table, put together |
//! | `policy` | what an inbound policy does to routes by state |
//! | `selection` | which of several routes is the best |
//! | `outcome` | what becomes of a prefix |
//! | `inferred` | all prefixes of all tables |
//! | `rows` | the shape in JSON |

pub mod attributes;
mod inferred;
mod outcome;
mod policy;
pub mod rows;
mod selection;
mod table;
#[cfg(test)]
mod tests;
mod verdict;

pub use inferred::inferred;
pub use outcome::{Class, Scenario};
pub use policy::Treatment;
pub use selection::{Step, Unknown};
