//! The RPKI: validated payloads, local exceptions, and the validation of routes by them. Knows nothing
//! of BMP.
