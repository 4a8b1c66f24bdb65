//! HTTP as text: addresses with the spans of their parts, recorded messages, challenges and bodies.

pub mod body;
pub mod challenge;
pub mod message;
pub mod uri;
