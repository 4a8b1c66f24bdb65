//! The integration tests: one binary, linked once.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test may fail loudly, and it reads and writes files of its own"
)]

mod archives;
mod ceiling;
mod cli;
mod edges;
mod fixtures;
mod hostile;
mod mistakes;
mod outputs;
mod readme;
mod replay;
mod rules;
mod support;
mod tidy;
mod walk;
