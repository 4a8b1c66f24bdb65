//! The lexicon as it is written: the names under which credentials travel, and the words around.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// `rules/lexicon.yaml`: the names under which credentials travel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct LexiconWritten {
    /// Nearly always a secret.
    pub secret: Vec<String>,
    /// A secret when its value looks like one.
    pub by_shape: Vec<String>,
    /// A secret when its value is long and looks like one: the name alone says little.
    pub by_long_shape: Vec<String>,
    /// A password.
    pub password: Vec<String>,
    /// A session id.
    pub session: Vec<String>,
    /// A header that carries a credential.
    pub header: Vec<String>,
    /// A user name beside a password.
    pub identity: Vec<String>,
    /// Looks secret and is not.
    pub never: Vec<String>,
    /// Last words that make an unknown name a secret by shape (`upload_token`).
    pub by_shape_suffix: Vec<String>,
    /// The same for a long value.
    pub by_long_shape_suffix: Vec<String>,
    /// Last words that make an unknown name a password (`db_password`).
    pub password_suffix: Vec<String>,
    /// Last words that make an unknown name harmless (`token_count`).
    pub never_suffix: Vec<String>,
    /// First words that make an unknown name harmless (`csrf_token`, `public_key`).
    pub never_prefix: Vec<String>,
    /// Words which stand for a value in documentation; a value made of these alone is a placeholder.
    pub placeholder_word: Vec<String>,
    /// Whole values that are samples everywhere.
    pub sample: Vec<String>,
    /// Beginnings of values that are public by their nature: public keys, certificates.
    pub public_prefix: Vec<String>,
    /// Words by which an expression speaks of a secret (`apiKey`, `session.accessToken`).
    pub secret_word: Vec<String>,
    /// Words for things whose `key` is a secret (`api.key`).
    pub key_owner: Vec<String>,
    /// Two words at the end of a name that together are none (`firstPass`).
    pub never_end: Vec<String>,
    /// Names that mean a credential in a call alone.
    pub only_in_call: Vec<String>,
    /// Names of hosts that stand for one.
    pub sample_host: Vec<String>,
    /// What texts are called that describe something.
    pub description_name: Vec<String>,
    /// Verbs with which commands of PowerShell begin.
    pub cmdlet_verb: Vec<String>,
    /// What comments say of a value that is a sample.
    pub sample_phrase: Vec<String>,
    /// Openers of a query whose text can as well be sent as a body.
    pub query_or_body_opener: Vec<String>,
    /// Words that make a `key` in an expression one of something else (`blobKey`).
    pub key_of_something: Vec<String>,
    /// Words which ask the reader to fill something in (`your-token`).
    pub asking_word: Vec<String>,
    /// Words behind which brackets hold the parameters of a query.
    pub query_opener: Vec<String>,
    /// The same, but only in code and recorded calls: in data they name anything.
    pub query_opener_in_code: Vec<String>,
    /// Words behind which brackets hold request headers.
    pub header_opener: Vec<String>,
    /// Words behind which brackets hold a form or a message body.
    pub body_opener: Vec<String>,
    /// Words that say nothing themselves: what stands before them decides.
    pub transparent_word: Vec<String>,
    /// Methods which put a pair into whatever they are called on.
    pub pair_putter: Vec<String>,
    /// Calls that send the object behind an address as its query.
    pub getting_call: Vec<String>,
    /// What makes a query builder, for receivers that do not say so by their name.
    pub query_maker: Vec<String>,
    /// What stands in a call when a program put nothing into it (`null`, `undefined`).
    pub nothing_word: Vec<String>,
    /// Parameters that are a user and a password together, and nothing alone.
    pub password_pair: BTreeMap<String, String>,
    /// Words of a path by which a call does something even when it only reads.
    pub acting_word: Vec<String>,
    /// What a comment beside a token says when it will not last, with the life it then has.
    pub temporary_phrase: BTreeMap<String, String>,
}
