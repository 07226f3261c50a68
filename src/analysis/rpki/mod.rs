//! What routers report of the RPKI, and what is true of the routes they show.
//!
//! | File | Subject |
//! |---|---|
//! | `config` | data sources and policies as routers report them |
//! | `path_state` | the state of a route's path by ASPAs |
//! | `relation` | what a neighbour is to the router |
//! | `routes` | the routes of every RIB view as they stand at the end |
//! | `validation` | the state of each, as reported and as computed |
//! | `vrp_rows` | VRPs as routes show them |
//! | `rows` | its shape in JSON |

pub mod config;
pub mod path_state;
pub mod relation;
pub mod routes;
pub mod rows;
pub mod validation;
pub mod vrp_rows;
