//! authward finds credentials where they leak or die, and says why a call was refused.
//!
//! The map of the house, from the ground up; a floor uses only what lies below it (the tests hold
//! the list of allowed imports):
//!
//! - ground: [`text`], [`name`], [`shape`], [`secret`], [`veil`], [`time`]
//! - words: [`artifact`], [`finding`], [`fact`], [`exchange`]
//! - protocol: [`http`], [`token`]
//! - reading: [`rule`], [`value`], [`carrier`], [`mod@format`]
//! - engines: [`scan`]
//! - edges: [`source`], [`sink`], [`adopt`], [`report`]
//! - shell: [`config`], [`selftest`], [`cli`]
//!
//! The Rust interface is internal: the command line, its exit codes and its JSON are what scripts
//! may rely on.

pub mod adopt;
pub mod artifact;
pub mod carrier;
pub mod cli;
pub mod config;
pub mod diagnose;
pub mod exchange;
pub mod fact;
pub mod finding;
pub mod format;
pub mod http;
pub mod log_format;
pub mod name;
pub mod panic;
#[cfg(feature = "replay")]
pub mod replay;
pub mod report;
pub mod rule;
pub mod scan;
pub mod secret;
pub mod selftest;
pub mod shape;
pub mod sink;
pub mod source;
pub mod text;
pub mod time;
pub mod token;
pub mod value;
pub mod veil;
