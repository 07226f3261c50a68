//! Framing, told as sentences.
