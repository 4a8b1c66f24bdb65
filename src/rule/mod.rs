//! The rule book: knowledge written in YAML, compiled into what the engines ask.
//!
//! [`schema`] is the written form, the rest is the meant form. Built-in rules were checked by the
//! build script; a user's rules are checked here, with file, line and column.

pub mod book;
mod complaint;
pub mod credential;
pub mod import;
pub mod lexicon;
pub mod load;
pub mod names;
pub mod pattern;
pub mod prefix;
mod probe;
pub mod schema;
pub mod when;

pub use book::RuleBook;
pub use lexicon::Lexicon;
