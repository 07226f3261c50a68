//! The BGP Monitoring Protocol (RFC 7854): from octets of a stream to messages.

pub mod frame;
