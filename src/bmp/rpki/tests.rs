//! Messages of the profile, octet by octet.
