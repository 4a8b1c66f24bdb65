//! The probes that rules about causes may name, in words.

use super::schema::ProbeWord;

impl ProbeWord {
    /// Every probe.
    pub const ALL: [Self; 9] = [
        Self::AsItWas,
        Self::Anonymous,
        Self::InHeader,
        Self::Cleaned,
        Self::Identity,
        Self::Garbage,
        Self::Parent,
        Self::Sibling,
        Self::NextHop,
    ];

    /// Its word in rules and outputs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AsItWas => "as-it-was",
            Self::Anonymous => "anonymous",
            Self::InHeader => "in-header",
            Self::Cleaned => "cleaned",
            Self::Identity => "identity",
            Self::Garbage => "garbage",
            Self::Parent => "parent",
            Self::Sibling => "sibling",
            Self::NextHop => "next-hop",
        }
    }

    /// What it tells.
    pub fn tells(self) -> &'static str {
        match self {
            Self::AsItWas => "whether it is still refused",
            Self::Anonymous => "whether the credential makes any difference",
            Self::InHeader => "whether the place was the cause",
            Self::Cleaned => "whether the damage was the cause",
            Self::Identity => "whether the credential is good at all",
            Self::Garbage => "whether the server looks at the credential",
            Self::Parent => "whether the whole branch is closed",
            Self::Sibling => "whether everything here is closed",
            Self::NextHop => "what stands behind the redirect",
        }
    }

    /// Whether it mends the call: an answer of 200 then proves the cause.
    pub fn is_repair(self) -> bool {
        matches!(self, Self::InHeader | Self::Cleaned)
    }
}
