//! Living with findings: ignore comments in the text, values that the config allows.

pub mod allow;
pub mod ignores;
