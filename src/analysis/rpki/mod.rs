//! What routers report of the RPKI.

pub mod config;
