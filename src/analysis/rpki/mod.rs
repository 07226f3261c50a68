//! What routers report of the RPKI, and what is true of the routes they show.
//!
//! | File | Subject |
//! |---|---|
//! | `config` | data sources and policies as routers report them |
//! | `freshness` | whether the data is of the time of the capture |
//! | `history` | what routes were at earlier moments |
//! | `stats` | how many there are of each state, over time |
//! | `impact` | what the RPKI changes in routing |
//! | `path_state` | the state of a route's path by ASPAs |
//! | `relation` | what a neighbour is to the router |
//! | `routes` | the routes of every RIB view as they stand at the end |
//! | `validation` | the state of each, as reported and as computed |
//! | `vrp_rows` | VRPs as routes show them |
//! | `rows` | its shape in JSON |

pub mod config;
pub mod freshness;
pub mod history;
pub mod impact;
pub mod path_state;
pub mod relation;
pub mod routes;
pub mod rows;
pub mod stats;
pub mod validation;
pub mod vrp_rows;
