//! Living with findings: ignore comments in the text, values that the config allows.

pub mod allow;
mod comment;
pub mod ignores;
