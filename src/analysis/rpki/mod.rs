//! What routers report of the RPKI, and what is true of the routes they show.
//!
//! | File | Subject |
//! |---|---|
//! | `config` | data sources and policies as routers report them |
//! | `freshness` | whether the data is of the time of the capture |
//! | `history` | what routes were at earlier moments |
//! | `stats` | how many there are of each state, over time |
//! | `impact` | what the RPKI changes in routing |
//! | `path` | AS paths and next hops as answers show them |
//! | `path_state` | the state of a route's path by ASPAs |
//! | `relation` | what a neighbour is to the router |
//! | `routes` | the routes of every RIB view as they stand at the end |
//! | `validation` | the state of each, as reported and as computed |
//! | `rows` | its shape in JSON |
//! | `told` | what messages tell of single routes |
//! | `reported` | that as evidence of a state |
//! | `reported_impact` | what validation changed, as routers report it |
//! | `disagreement` | where it differs from what was computed, and why |
//! | `violations` | where that contradicts itself or the draft |

pub mod config;
mod disagreement;
pub mod freshness;
pub mod history;
pub mod impact;
pub mod path;
pub mod path_state;
pub mod relation;
pub mod reported;
pub mod reported_impact;
pub mod routes;
pub mod rows;
pub mod stats;
pub mod told;
pub mod validation;
pub mod violations;
