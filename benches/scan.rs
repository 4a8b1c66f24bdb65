//! Benchmarks of the scan.

fn main() {}
