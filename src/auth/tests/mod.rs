//! The conformance set of TCP-AO, RFC 9235, through the same way as captures: segment in, verdict
//! out. Then what the vectors do not have.

mod key_file;
mod rfc_9235;
mod signed;
mod vectors;
mod watched;
