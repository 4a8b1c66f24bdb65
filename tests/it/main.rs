//! The integration tests: one binary, linked once.

mod cli;
mod fixtures;
mod hostile;
mod outputs;
mod readme;
mod rules;
mod support;
mod tidy;
