//! HTTP as the standards have it: addresses with spans, messages, challenges.

pub mod uri;
