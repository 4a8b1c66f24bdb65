//! The lexicon: the names under which credentials travel, and the words that stand for a value.
//!
//! Names are compared without case, `-`, `_`, `.` and percent-encoding. An unknown name is judged
//! by its last or first word, so that `uploadToken` and `db_password` need no entry of their own.

use std::collections::{HashMap, HashSet};

use super::schema::{LexiconWritten, Tier};
use crate::name::{NAME_MAX, fold, words};

/// The words around a pair that say what it is written inside of; all folded.
#[derive(Debug, Clone, Default)]
pub struct Openers {
    /// Parameters of a query.
    pub query: HashSet<Box<str>>,
    /// The same, but only in code and recorded calls.
    pub query_in_code: HashSet<Box<str>>,
    /// Request headers.
    pub headers: HashSet<Box<str>>,
    /// A form or a message body.
    pub body: HashSet<Box<str>>,
    /// Say nothing themselves.
    pub transparent: HashSet<Box<str>>,
    /// Put a pair into whatever they are called on.
    pub putters: HashSet<Box<str>>,
    /// Send what stands behind the address as its query.
    pub getters: HashSet<Box<str>>,
    /// Make a query builder.
    pub makers: Vec<Box<str>>,
    /// Make text that is a query or a body, as it is used.
    pub query_or_body: HashSet<Box<str>>,
}

/// Names and words, ready for look-ups.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    names: HashMap<Box<str>, Tier>,
    shape_suffix: Vec<Box<str>>,
    long_shape_suffix: Vec<Box<str>>,
    password_suffix: Vec<Box<str>>,
    never_suffix: HashSet<Box<str>>,
    never_prefix: HashSet<Box<str>>,
    placeholder_words: HashSet<Box<str>>,
    samples: HashSet<Box<str>>,
    /// Every suffix, by its last byte.
    suffixes: Vec<Vec<Box<str>>>,
    public_prefixes: Vec<String>,
    secret_words: HashSet<Box<str>>,
    openers: Openers,
    asking_words: HashSet<Box<str>>,
    keys_of_something: HashSet<Box<str>>,
    key_owners: HashSet<Box<str>>,
    never_end: Vec<String>,
    only_in_call: HashSet<Box<str>>,
    sample_phrases: Vec<Box<str>>,
    sample_hosts: HashSet<Box<str>>,
    description_names: HashSet<Box<str>>,
    cmdlet_verbs: HashSet<Box<str>>,
    temporary_phrases: Vec<(String, i64)>,
    nothing_words: HashSet<Box<str>>,
    acting_words: HashSet<Box<str>>,
    password_pairs: Vec<(String, String)>,
}

impl Lexicon {
    /// Compiles the written form.
    pub fn new(written: &LexiconWritten) -> Self {
        let mut names = HashMap::new();
        // Later tiers win, so that "never" overrides whatever a user's list added by mistake.
        for (tier, list) in [
            (Tier::Identity, &written.identity),
            (Tier::Header, &written.header),
            (Tier::ByLongShape, &written.by_long_shape),
            (Tier::ByShape, &written.by_shape),
            (Tier::Session, &written.session),
            (Tier::Password, &written.password),
            (Tier::Secret, &written.secret),
            (Tier::Never, &written.never),
        ] {
            for name in list {
                names.insert(fold(name.as_bytes()).into(), tier);
            }
        }
        let set = |list: &[String]| list.iter().map(|w| w.to_lowercase().into()).collect();
        let list = |list: &[String]| list.iter().map(|w| w.to_lowercase().into()).collect();
        Self {
            names,
            suffixes: by_last_byte(written),
            shape_suffix: list(&written.by_shape_suffix),
            long_shape_suffix: list(&written.by_long_shape_suffix),
            password_suffix: list(&written.password_suffix),
            never_suffix: set(&written.never_suffix),
            never_prefix: set(&written.never_prefix),
            placeholder_words: set(&written.placeholder_word),
            samples: set(&written.sample),
            public_prefixes: written.public_prefix.clone(),
            secret_words: set(&written.secret_word),
            openers: Openers {
                query: set(&written.query_opener),
                query_in_code: set(&written.query_opener_in_code),
                headers: set(&written.header_opener),
                body: set(&written.body_opener),
                transparent: set(&written.transparent_word),
                putters: set(&written.pair_putter),
                getters: set(&written.getting_call),
                makers: list(&written.query_maker),
                query_or_body: set(&written.query_or_body_opener),
            },
            asking_words: set(&written.asking_word),
            keys_of_something: set(&written.key_of_something),
            key_owners: set(&written.key_owner),
            never_end: written.never_end.iter().map(|end| fold(end.as_bytes())).collect(),
            only_in_call: set(&written.only_in_call),
            sample_phrases: list(&written.sample_phrase),
            sample_hosts: set(&written.sample_host),
            description_names: set(&written.description_name),
            cmdlet_verbs: set(&written.cmdlet_verb),
            nothing_words: set(&written.nothing_word),
            acting_words: set(&written.acting_word),
            password_pairs: written.password_pair.clone().into_iter().collect(),
            temporary_phrases: written
                .temporary_phrase
                .iter()
                .filter_map(|(phrase, life)| {
                    Some((phrase.to_lowercase(), crate::time::parse_duration(life)?))
                })
                .collect(),
        }
    }

    /// The tier of a name, if it has one.
    pub fn tier(&self, name: &[u8]) -> Option<Tier> {
        if name.is_empty() || name.len() > NAME_MAX {
            return None;
        }
        let folded = fold(name);
        if let Some(tier) = self.names.get(folded.as_str()) {
            return Some(*tier);
        }
        // `token_1`, `apiKey2`: one of several.
        let folded = folded.trim_end_matches(|c: char| c.is_ascii_digit());
        if let Some(tier) = self.names.get(folded) {
            return Some(*tier);
        }
        let text = crate::text::lossless(name);
        let mut words = words(&text);
        while words.len() > 1 && words.last().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()))
        {
            words.pop();
        }
        let (first, last) = (words.first()?, words.last()?);
        // `REACT_APP_API_SECRET`: what is public never calls itself a secret or a password.
        let says_secret = last == "secret" || self.password_suffix.iter().any(|s| last == &**s);
        if words.len() > 1
            && (self.never_prefix.contains(first.as_str()) && !says_secret
                || self.never_suffix.contains(last.as_str())
                || self.never_end.iter().any(|end| folded.ends_with(end.as_str())))
        {
            return Some(Tier::Never);
        }
        // `DOTENV_PUBLIC_KEY`, `usersPageToken`: the last two words are a name that carries nothing.
        if let [.., before, last] = words.as_slice()
            && words.len() > 2
            && self.names.get(format!("{before}{last}").as_str()) == Some(&Tier::Never)
        {
            return Some(Tier::Never);
        }
        // A short word counts only as a word of its own (`monkey` is no key); a long one also as the
        // end of a run (`mytoken`).
        let ends = |suffix: &str| last == suffix || (suffix.len() >= 5 && folded.ends_with(suffix));
        if self.password_suffix.iter().any(|s| ends(s)) {
            Some(Tier::Password)
        } else if self.shape_suffix.iter().any(|s| ends(s)) {
            Some(Tier::ByShape)
        } else if self.long_shape_suffix.iter().any(|s| ends(s)) {
            Some(Tier::ByLongShape)
        } else {
            None
        }
    }

    /// Whether a folded name could have a tier by its last word. A name that has none is of no use,
    /// and this says so at the price of a few comparisons.
    pub fn ends_like_a_name(&self, folded: &[u8]) -> bool {
        let Some(last) = folded.last() else { return false };
        self.suffixes
            .get(usize::from(*last))
            .is_some_and(|list| list.iter().any(|suffix| folded.ends_with(suffix.as_bytes())))
    }

    /// Every name that has a tier in which a credential can travel, folded.
    pub fn carrying_names(&self) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .filter(|(_, tier)| !matches!(tier, Tier::Never | Tier::Identity))
            .map(|(name, _)| name.as_ref())
    }

    /// Whether a lower-case word stands for a value in documentation.
    pub fn is_placeholder_word(&self, word: &str) -> bool {
        // `mypass`, `yourkey`
        let owned = word.strip_prefix("my").or_else(|| word.strip_prefix("your"));
        self.placeholder_words.contains(word)
            || owned.is_some_and(|of| of.len() >= 3 && self.placeholder_words.contains(of))
    }

    /// Whether a lower-case word asks the reader to do something: `your`, `insert`.
    pub fn asks(&self, word: &str) -> bool {
        self.asking_words.contains(word)
    }

    /// Whether a value is public by its nature: a public key, a certificate.
    pub fn is_public(&self, raw: &[u8]) -> bool {
        self.public_prefixes.iter().any(|prefix| raw.starts_with(prefix.as_bytes()))
    }

    /// Whether a variable under this name is a secret one: a name that says little needs an
    /// expression that says more, or that says the same (`ticket=${ticket}`).
    pub fn is_secret_variable(&self, tier: Option<Tier>, name: &[u8], expression: &[u8]) -> bool {
        let weak = matches!(tier, Some(Tier::ByShape | Tier::ByLongShape | Tier::Session));
        // `reload-token=$(POD_NAME)`
        let names_other = tier == Some(Tier::ByShape)
            && !self.sounds_secret(expression)
            && words(&crate::text::lossless(expression))
                .last()
                .is_some_and(|w| self.never_suffix.contains(w.as_str()));
        if names_other {
            return false;
        }
        if !weak || self.sounds_secret(name) && tier == Some(Tier::ByShape) {
            return true;
        }
        let said = words(&crate::text::lossless(expression));
        let own = words(&crate::text::lossless(name));
        let wordless = said.iter().all(|w| w.len() < 2 || w.bytes().all(|b| b.is_ascii_digit()));
        // A session may as well be a thing that is looked at: `sessionId=${sessionId}`.
        let vague = tier == Some(Tier::ByLongShape) || fold(name) == "sessionid";
        let same = !vague && own.iter().all(|w| said.contains(w));
        self.sounds_secret(expression) || (tier == Some(Tier::ByShape) && wordless) || same
    }

    /// Whether the name of a host says that one is to stand there.
    pub fn is_sample_host(&self, host: &str) -> bool {
        self.sample_hosts.contains(host)
    }

    /// Whether commands of PowerShell begin with this word.
    pub fn is_cmdlet_verb(&self, word: &str) -> bool {
        self.cmdlet_verbs.contains(word)
    }

    /// Whether a text under a name that ends in this word describes something.
    pub fn names_description(&self, word: &str) -> bool {
        self.description_names.contains(word)
    }

    /// Whether a comment says that what stands below it is a sample.
    pub fn says_sample(&self, comment: &[u8]) -> bool {
        let lower = crate::text::lossless(comment).to_lowercase();
        self.sample_phrases.iter().any(|phrase| lower.contains(&**phrase))
    }

    /// Whether a word of a path means that calling it does something (`logout`, `build`).
    pub fn acts(&self, path: &[u8]) -> bool {
        let text = crate::text::lossless(path);
        text.split('/')
            .any(|part| words(part).iter().any(|word| self.acting_words.contains(word.as_str())))
    }

    /// Names of parameters that are a user and a password together (`u` and `p`).
    pub fn password_pairs(&self) -> &[(String, String)] {
        &self.password_pairs
    }

    /// Whether a value is what a program writes when it had nothing to write.
    pub fn is_nothing(&self, raw: &[u8]) -> bool {
        let lower = crate::text::lossless(raw).to_lowercase();
        self.nothing_words.contains(lower.as_str())
    }

    /// Whether a folded name means a credential in a call alone.
    pub fn is_only_in_call(&self, folded: &str) -> bool {
        self.only_in_call.contains(folded)
    }

    /// Whether an expression speaks of a secret: `apiKey`, `session.accessToken`.
    pub fn sounds_secret(&self, expression: &[u8]) -> bool {
        let words = words(&crate::text::lossless(expression));
        if self.is_key_of_a_thing(expression, &words) {
            return false;
        }
        words.iter().enumerate().any(|(i, word)| {
            // `blobKey`: what stands right before it says what it opens.
            let before = i.checked_sub(1).and_then(|i| words.get(i));
            let other = before.is_some_and(|w| self.keys_of_something.contains(w.as_str()));
            (self.secret_words.contains(word.as_str()) && !(other && word == "key"))
                || self.secret_words.iter().any(|end| end.len() >= 5 && word.ends_with(&**end))
        })
    }

    /// `stream.key`, `self.key`: the key of a thing, unless the thing is one that has secrets.
    fn is_key_of_a_thing(&self, expression: &[u8], words: &[String]) -> bool {
        let close = |b: &u8| matches!(b, b'}' | b')' | b' ');
        let len = expression.len() - expression.iter().rev().take_while(|b| close(b)).count();
        let expression = expression.get(..len).unwrap_or_default();
        [b".key".as_slice(), b">key", b"'key']", b"\"key\"]"]
            .iter()
            .any(|m| expression.ends_with(m))
            && words.iter().all(|w| w == "key" || !self.secret_words.contains(w.as_str()))
            && !words.iter().any(|w| self.key_owners.contains(w.as_str()))
    }

    /// The words around a pair.
    pub fn openers(&self) -> &Openers {
        &self.openers
    }

    /// Whether a whole value is a sample that everybody uses.
    pub fn is_sample(&self, raw: &[u8]) -> bool {
        raw.len() <= 64 && self.samples.contains(crate::text::lossless(raw).to_lowercase().as_str())
    }

    /// What comments say of tokens that will not last, with their life in seconds.
    pub fn temporary_phrases(&self) -> &[(String, i64)] {
        &self.temporary_phrases
    }

    /// The last two characters of every name that could be looked up: a filter for the search.
    pub fn endings(&self) -> impl Iterator<Item = &str> {
        self.carrying_names()
            .chain(self.shape_suffix.iter().map(AsRef::as_ref))
            .chain(self.long_shape_suffix.iter().map(AsRef::as_ref))
            .chain(self.password_suffix.iter().map(AsRef::as_ref))
    }

    /// The built-in lexicon, for unit tests of what lies above it.
    #[cfg(test)]
    pub(crate) fn builtin_for_tests() -> Self {
        let text = include_str!("../../rules/lexicon.yaml");
        Self::new(&serde_yaml::from_str(text).unwrap())
    }
}

/// Every suffix of a name, by its last byte.
fn by_last_byte(written: &LexiconWritten) -> Vec<Vec<Box<str>>> {
    let mut suffixes = vec![Vec::new(); 256];
    for suffix in
        [&written.by_shape_suffix, &written.by_long_shape_suffix, &written.password_suffix]
            .into_iter()
            .flatten()
    {
        let last = suffix.bytes().last().map(usize::from);
        if let Some(list) = last.and_then(|last| suffixes.get_mut(last)) {
            list.push(suffix.to_lowercase().into_boxed_str());
        }
    }
    suffixes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_tiers() {
        let lexicon = Lexicon::builtin_for_tests();
        for (name, tier) in [
            ("fmetoken", Some(Tier::Secret)),
            ("X-Api-Key", Some(Tier::Header)),
            ("api%5Fkey", Some(Tier::Secret)),
            ("uploadToken", Some(Tier::ByShape)),
            ("monkey", None),
            ("sortKey", Some(Tier::Never)),
            ("nextPageToken", Some(Tier::Never)),
            ("csrf_token", Some(Tier::Never)),
            ("DOTENV_PUBLIC_KEY", Some(Tier::Never)),
            ("REACT_APP_MAPS_KEY", Some(Tier::Never)),
            ("NEXT_PUBLIC_API_SECRET", Some(Tier::ByShape)),
            ("REACT_APP_PASSWORD", Some(Tier::Password)),
            ("total_tokens", None),
            ("db_password", Some(Tier::Password)),
            ("PublicKeyToken", Some(Tier::Never)),
            ("scaleFilterFirstPass", Some(Tier::Never)),
            ("db_pass", Some(Tier::Password)),
            ("passwd", Some(Tier::Password)),
            ("q", None),
        ] {
            assert_eq!(lexicon.tier(name.as_bytes()), tier, "{name}");
        }
    }
}
