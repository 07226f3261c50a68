//! To be replaced by a bench of each layer.

fn main() {}
