//! `rpki`: what routers report of the RPKI, what is true, and what it changes. One report for each of
//! its commands.

mod collect;
pub mod config;
mod data;
mod evidence;
pub mod impact;
mod missing;
mod paths;
mod relation;
mod reported_impact;
pub mod stats;
pub(super) mod told;
pub mod validation;

use super::Group;

/// The reports about the RPKI.
pub const GROUP: Group = Group {
    name: "rpki",
    about: "RPKI: what routers report, what is true, what it changes",
    details: "Tells what routers say of their RPKI data and of the routes they validated, and \
              computes the same from VRPs and ASPAs.",
};
