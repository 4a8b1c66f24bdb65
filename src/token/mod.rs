//! Tokens that can be looked into without asking anybody: one file each, all ending in a
//! [`crate::time::Lifetime`].

mod comment;
pub mod jwt;
pub mod neighbour;
pub mod signed_url;
mod written_date;

/// Whether a query parameter (folded) says something about the lifetime of what stands beside it.
pub fn tells_lifetime(folded: &str) -> bool {
    matches!(
        folded,
        "se" | "st"
            | "sp"
            | "ske"
            | "skt"
            | "xamzdate"
            | "xamzexpires"
            | "xgoogdate"
            | "xgoogexpires"
            | "expires"
            | "policy"
            | "exp"
            | "expiration"
            | "timeunit"
            | "expiresat"
            | "expiresin"
            | "validuntil"
            | "expiry"
            | "xamzcredential"
    )
}
