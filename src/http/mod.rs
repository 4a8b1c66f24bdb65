//! HTTP as text: addresses with the spans of their parts, and recorded messages.

pub mod message;
pub mod uri;
